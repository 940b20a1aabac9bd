import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { S3 } from './endpoint-services';
import { identity, knownText } from './known-text';
import { isPendingLookup } from './vpc-addresses';

/** Whether two VPCs are surely one. Two look-ups that are still to be done may be of any. */
export function sameVpc(scope: IConstruct, a: ec2.IVpc, b: ec2.IVpc): boolean {
  return a === b || ([a, b].every((vpc) => !isPendingLookup(vpc)) && identity(scope, a.vpcId) === identity(scope, b.vpcId));
}

/** Whether two VPCs are surely not one: each is made in the app, or has a literal id. */
export function otherVpc(scope: IConstruct, a: ec2.IVpc, b: ec2.IVpc): boolean {
  const [one, other] = [a, b].map((vpc) => isPendingLookup(vpc) ? '' : identity(scope, vpc.vpcId));
  return one !== other && [one, other].every((id) => /^(vpc-|\$\{AWS::EC2::VPC of )/.test(id));
}

/** The endpoints a VPC has in the app, apart from those made inside a construct. */
export class ExistingEndpoints {
  private readonly interfaces: ec2.CfnVPCEndpoint[] = [];
  private readonly gateways: ec2.CfnVPCEndpoint[] = [];

  constructor(apartFrom: IConstruct, vpc: ec2.IVpc) {
    if (isPendingLookup(vpc)) {
      return;
    }
    const id = identity(apartFrom, vpc.vpcId);
    const endpoints = apartFrom.node.root.node.findAll().filter((node) => node instanceof ec2.CfnVPCEndpoint);
    for (const endpoint of endpoints.filter(({ node }) => !node.scopes.includes(apartFrom))) {
      if (identity(endpoint, endpoint.vpcId) === id) {
        // CloudFormation's default is a gateway.
        (knownText(endpoint, endpoint.vpcEndpointType) === 'Interface' ? this.interfaces : this.gateways).push(endpoint);
      }
    }
  }

  /**
   * The interface endpoint for a service, where it answers by the service's own name (private DNS): one that does not is of no use to
   * tasks and does not clash with another.
   */
  public interfaceFor(name: string): ec2.CfnVPCEndpoint | undefined {
    return this.interfaces.find((endpoint) => serves(endpoint, name) && !['', 'false'].includes(knownText(endpoint, endpoint.privateDnsEnabled)));
  }

  /** The S3 gateway endpoints. */
  public s3Gateways(): readonly ec2.CfnVPCEndpoint[] {
    return this.gateways.filter((endpoint) => serves(endpoint, S3));
  }

  /** The route tables that lead to S3 already. */
  public tablesWithS3(): ReadonlySet<string> {
    return new Set(this.s3Gateways().flatMap((endpoint) => Token.isUnresolved(endpoint.routeTableIds)
      ? [] : (endpoint.routeTableIds ?? []).map((table) => identity(endpoint, table))));
  }

  /** Whether it is known only at deployment which tables lead to S3. */
  public get s3Unknown(): boolean {
    return this.s3Gateways().some(({ routeTableIds }) => Token.isUnresolved(routeTableIds));
  }
}

function serves(endpoint: ec2.CfnVPCEndpoint, name: string): boolean {
  return knownText(endpoint, endpoint.serviceName).endsWith(`.${name}`);
}
