import { Aspects, AspectPriority } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { hasIpv6 } from './ipv6';

/**
 * A security group that lets nothing in and everything out, each rule a resource of its own, so that other stacks can add rules
 * without changing this one.
 *
 * `allowAllOutbound` covers IPv4 only (aws-cdk #7094), so that connections to names with an AAAA record would hang: where the VPC has
 * IPv6, a rule for it is added. That is decided at synthesis, for the VPC may get its IPv6 block later than the group is made.
 */
export function ownSecurityGroup(scope: Construct, vpc: ec2.IVpc, guarded: string): ec2.SecurityGroup {
  const group = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description: `${guarded} of ${scope.node.path}`,
    disableInlineRules: true,
  });
  // On the resource and not on the group: there an aspect would be considered for each of its rules, which are many on instances.
  const resource = group.node.defaultChild!;
  Aspects.of(resource).add({
    visit: (node) => {
      if (node === resource && hasIpv6(vpc)) {
        new ec2.CfnSecurityGroupEgress(scope, 'EgressIpv6', {
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
