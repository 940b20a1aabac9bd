import { Annotations, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ICapacity } from '../../capacity/capacity';
import { invalid } from '../../invalid';
import { subnetsWithEgress } from '../../network/subnets-with-egress';

/** Subnets and security groups of an awsvpc service (fact M11): https://docs.aws.amazon.com/general/latest/gr/ecs-service.html */
const MAX_SUBNETS = 16;
const MAX_SECURITY_GROUPS = 5;

/** The subnets awsvpc tasks get their interfaces in. */
export function selectTaskSubnets(
  scope: Construct,
  capacity: ICapacity,
  { vpcSubnets, assignPublicIp }: { readonly vpcSubnets?: ec2.SubnetSelection; readonly assignPublicIp?: boolean },
): ec2.SelectedSubnets {
  const { vpc } = capacity.cluster;
  const onFargate = capacity.compatibility === ecs.Compatibility.FARGATE;
  if (assignPublicIp && !onFargate) {
    // fact M14: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html
    throw invalid(scope, "'assignPublicIp' is for Fargate: a task's interface on an instance never gets a public address, and ECS refuses the setting");
  }
  const selected = subnetsWithEgress(scope, vpc, vpcSubnets, assignPublicIp ? ec2.SubnetType.PUBLIC : undefined);
  const ids = new Set(selected.subnetIds);
  if (ids.size > MAX_SUBNETS) {
    throw invalid(scope, `'vpcSubnets' must select at most ${MAX_SUBNETS} subnets, got ${ids.size}`);
  }
  if (selected.hasPublic && !onFargate) {
    throw invalid(scope, "'vpcSubnets' must not be public on instances: the tasks' interfaces get no public address, so they would have no way out");
  }
  if (selected.hasPublic && !assignPublicIp) {
    Annotations.of(scope).addWarningV2('cdk-ecs-network-modes:public-subnet-without-address',
      "'vpcSubnets' are public and the tasks have no public address: without VPC endpoints they cannot pull their images. Set 'assignPublicIp', or choose private subnets");
  }
  return selected;
}

/** @throws if there are more groups than an awsvpc service takes */
export function requireFewGroups(scope: Construct, groups: readonly ec2.ISecurityGroup[]): void {
  const distinct = new Set(groups.map((group) => Token.asString(group.securityGroupId))).size;
  if (groups.length === 0) {
    throw invalid(scope, "'securityGroups' must be left out or hold at least one group: without any, ECS takes the VPC's default group");
  }
  if (distinct > MAX_SECURITY_GROUPS) {
    throw invalid(scope, `'securityGroups' must hold at most ${MAX_SECURITY_GROUPS} groups, got ${distinct}`);
  }
}
