import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { invalid } from '../../invalid';
import { isReadOnly } from '../../network/imported-security-group';
import { toldApart } from '../../network/private/told-apart';
import { firstImport, viewIn } from '../../network/security-group-view';

/**
 * The connections of a service: the groups that guard its tasks, and no others. A group that is added later would not be on the
 * tasks, so rules written to it would do nothing (aws-cdk #17269).
 */
export class ServiceConnections extends ec2.Connections {
  constructor(private readonly scope: Construct, securityGroups: ec2.ISecurityGroup[], defaultPort?: ec2.Port) {
    super({ securityGroups, defaultPort });
  }

  public allowFrom(other: ec2.IConnectable, portRange: ec2.Port, description?: string): void {
    super.allowFrom(other, toldApart(this.scope, portRange), description);
  }

  public allowTo(other: ec2.IConnectable, portRange: ec2.Port, description?: string): void {
    super.allowTo(other, toldApart(this.scope, portRange), description);
  }

  public allowInternally(portRange: ec2.Port, description?: string): void {
    super.allowInternally(toldApart(this.scope, portRange), description);
  }

  public addSecurityGroup(...securityGroups: ec2.ISecurityGroup[]): void {
    const ids = securityGroups.map((group) => group.node.path).join(', ');
    throw invalid(this.scope, `'connections.addSecurityGroup' cannot put ${ids} on the tasks: name groups in 'securityGroups' (awsvpc), or on the capacity (host, bridge)`);
  }
}

/**
 * Groups as a service sees them: those of another stack as a reference in its own, so that every rule lands in the service's stack
 * and no stack comes to depend on the service's.
 */
export function asSeenFrom(scope: Construct, groups: readonly ec2.ISecurityGroup[]): ec2.ISecurityGroup[] {
  const stack = Stack.of(scope);
  return groups.map((group) => firstImport(stack, group))
    .map((group) => Stack.of(group) === stack ? group : viewIn(stack, group, !isReadOnly(group)));
}
