import { Lazy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct, Dependable, IDependable } from 'constructs';
import { givesIpv6, hasIpv6 } from './ipv6';

/** As the framework writes it. */
const ALL_IPV4: ec2.CfnSecurityGroup.EgressProperty = {
  ipProtocol: '-1', cidrIp: '0.0.0.0/0', description: 'Allow all outbound traffic by default',
};
/** `allowAllOutbound` covers IPv4 only (aws-cdk #7094), so that connections to names with an AAAA record would hang. */
const ALL_IPV6: ec2.CfnSecurityGroup.EgressProperty = {
  ipProtocol: '-1', cidrIpv6: '::/0', description: 'All IPv6 out, as for IPv4',
};

/**
 * A security group that lets nothing in and everything out.
 *
 * What lets in is resources of their own, so that other stacks can add rules without changing this one.
 *
 * What lets out is part of the group: CloudFormation takes the rule for all of IPv4 for the one that EC2 gives each group, and removes it
 * when it makes any outbound rule as a resource of its own, be it for IPv6 (fact V28).
 */
class OwnSecurityGroup extends ec2.SecurityGroup {
  /** By what they would be called as resources, for EC2 takes a rule once. */
  private readonly ipv6Rules = new Map<string, ec2.CfnSecurityGroup.EgressProperty>();

  /** @param letsOutIpv6 asked at synthesis, for the VPC may get its IPv6 block later than the group is made */
  constructor(scope: Construct, vpc: ec2.IVpc, description: string, letsOutIpv6: () => boolean) {
    super(scope, 'SecurityGroup', { vpc, description, disableInlineRules: true });
    for (const rule of this.node.children.filter((child) => child instanceof ec2.CfnSecurityGroupEgress)) {
      this.node.tryRemoveChild(rule.node.id);
    }
    // Uncached: whoever asks early must not decide.
    (this.node.defaultChild as ec2.CfnSecurityGroup).securityGroupEgress = Lazy.uncachedAny({
      produce: () => [ALL_IPV4, ...letsOutIpv6() ? [ALL_IPV6] : this.ipv6Rules.values()],
    });
  }

  /** Keeps a rule for IPv6 for the group. Any other would add nothing, and the framework ignores it. */
  public override addEgressRule(peer: ec2.IPeer, connection: ec2.Port, description?: string, remoteRule?: boolean): void {
    const to: { readonly cidrIpv6?: string } = peer.toEgressRuleConfig();
    if (to.cidrIpv6 === undefined) {
      super.addEgressRule(peer, connection, description, remoteRule);
      return;
    }
    const rule = `to ${peer.uniqueId}:${connection}`;
    if (!this.ipv6Rules.has(rule)) {
      this.ipv6Rules.set(rule, { ...to, ...connection.toRuleJson(), description: description ?? rule });
    }
  }
}

/**
 * A security group that lets nothing in and everything out, by IPv6 too where the VPC has it.
 *
 * @param subnets those in question, which tell of IPv6 where an imported VPC does not
 */
export function ownSecurityGroup(
  scope: Construct, vpc: ec2.IVpc, guarded: string, subnets: readonly ec2.ISubnet[] = [],
): ec2.SecurityGroup {
  return new OwnSecurityGroup(scope, vpc, `${guarded} of ${scope.node.path}`, () => hasIpv6(vpc) === true || subnets.some(givesIpv6));
}

/**
 * The rules that let a group out and are not part of it, as a group that was given may have them. Whatever uses the group waits for them,
 * and so keeps them until it is deleted itself: an agent that is cut off first cannot report its tasks stopped, and its service would never
 * be gone.
 *
 * Only these: the rules that name other groups come with the services that need them, later.
 */
export function wayOutOf(group: ec2.ISecurityGroup): IDependable {
  const rules: IDependable = {};
  Dependable.implement(rules, {
    get dependencyRoots() {
      return group.node.children
        .filter((child) => child instanceof ec2.CfnSecurityGroupEgress && (child.cidrIp ?? child.cidrIpv6) !== undefined);
    },
  });
  return rules;
}
