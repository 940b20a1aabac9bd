import { Aspects, AspectPriority } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct, Dependable, IDependable } from 'constructs';
import { givesIpv6, hasIpv6 } from './ipv6';

/**
 * A security group that lets nothing in and everything out, each rule a resource of its own, so that other stacks can add rules
 * without changing this one.
 *
 * `allowAllOutbound` covers IPv4 only (aws-cdk #7094), so that connections to names with an AAAA record would hang: where the VPC has
 * IPv6, a rule for it is added. That is decided at synthesis, for the VPC may get its IPv6 block later than the group is made.
 *
 * @param subnets those in question, which tell of IPv6 where an imported VPC does not
 */
export function ownSecurityGroup(
  scope: Construct, vpc: ec2.IVpc, guarded: string, subnets: readonly ec2.ISubnet[] = [],
): ec2.SecurityGroup {
  const group = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: `${guarded} of ${scope.node.path}`,
    disableInlineRules: true,
  });
  // On the resource and not on the group: there an aspect would be considered for each of its rules, which are many on instances.
  const resource = group.node.defaultChild!;
  Aspects.of(resource).add({
    visit: (node) => {
      if (node === resource && (hasIpv6(vpc) || subnets.some(givesIpv6)) && !group.node.tryFindChild('Ipv6')) {
        new ec2.CfnSecurityGroupEgress(group, 'Ipv6', {
          groupId: group.securityGroupId,
          cidrIpv6: '::/0',
          ipProtocol: '-1',
          description: 'All IPv6 out, as for IPv4',
        });
      }
    },
  }, { priority: AspectPriority.MUTATING });
  return group;
}

/**
 * The rules that let a group out. Whatever uses the group waits for them, and so keeps them until it is deleted itself: an agent that is
 * cut off first cannot report its tasks stopped, and its service would never be gone.
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
