import { Annotations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ICapacity } from '../../capacity/capacity';
import { invalid, requireBoolean } from '../../invalid';
import { subnetsWithEgress } from '../../network/subnets-with-egress';
import { rememberTaskNetwork, TaskNetwork } from './task-addresses';

/** Subnets and security groups of an awsvpc service (fact M11): https://docs.aws.amazon.com/general/latest/gr/ecs-service.html */
const MAX_SUBNETS = 16;
const MAX_SECURITY_GROUPS = 5;

/** The subnets awsvpc tasks get their interfaces in, and what is said of the tasks there. */
export function selectTaskSubnets(
  scope: Construct,
  capacity: ICapacity,
  { vpcSubnets, ...props }: { readonly vpcSubnets?: ec2.SubnetSelection } & Omit<TaskNetwork, 'capacity' | 'subnets'>,
): Pick<ec2.SelectedSubnets, 'subnets' | 'internetConnectivityEstablished'> {
  const { assignPublicIp } = props;
  requireBoolean(scope, 'assignPublicIp', assignPublicIp);
  const { vpc } = capacity.cluster;
  const onFargate = capacity.compatibility === ecs.Compatibility.FARGATE;
  if (assignPublicIp && !onFargate) {
    // fact M14: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html
    throw invalid(scope, "'assignPublicIp' is for Fargate: a task's interface on an instance never gets a public address, and ECS refuses the setting");
  }
  const selected = subnetsWithEgress(scope, vpc, vpcSubnets, assignPublicIp ? ec2.SubnetType.PUBLIC : undefined);
  const subnets = eachOnce(selected.subnets, ({ subnetId }) => subnetId);
  if (subnets.length > MAX_SUBNETS) {
    throw invalid(scope, `'vpcSubnets' must select at most ${MAX_SUBNETS} subnets, got ${subnets.length}`);
  }
  if (selected.hasPublic && !onFargate) {
    throw invalid(scope, "'vpcSubnets' must not be public on instances: the tasks' interfaces get no public address, so they would have no way out");
  }
  if (selected.hasPublic && !assignPublicIp) {
    Annotations.of(scope).addWarningV2('cdk-ecs-network-modes:public-subnet-without-address',
      "'vpcSubnets' are public and the tasks have no public address: without VPC endpoints they cannot pull their images. Set 'assignPublicIp', or choose private subnets");
  }
  rememberTaskNetwork(scope, { ...props, capacity, subnets });
  return { subnets, internetConnectivityEstablished: selected.internetConnectivityEstablished };
}

/**
 * The security groups of awsvpc tasks, each once: ECS counts what it is given.
 *
 * @throws if there are none, or more than an awsvpc service takes
 */
export function selectTaskGroups(scope: Construct, given: readonly ec2.ISecurityGroup[]): ec2.ISecurityGroup[] {
  const groups = eachOnce(given, ({ securityGroupId }) => securityGroupId);
  if (groups.length === 0) {
    throw invalid(scope, "'securityGroups' must be left out or hold at least one group: without any, ECS takes the VPC's default group");
  }
  if (groups.length > MAX_SECURITY_GROUPS) {
    throw invalid(scope, `'securityGroups' must hold at most ${MAX_SECURITY_GROUPS} groups, got ${groups.length}`);
  }
  return groups;
}

/** What has the same id once. An id known only at deployment is always encoded the same, so it equals itself. */
function eachOnce<T>(given: readonly T[], idOf: (one: T) => string): T[] {
  const ids = given.map(idOf);
  return given.filter((_, index) => ids.indexOf(ids[index]) === index);
}
