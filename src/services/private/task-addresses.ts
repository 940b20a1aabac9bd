import { Annotations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ICapacity } from '../../capacity/capacity';
import { isEc2Capacity } from '../../capacity/private/kinds';
import { invalid } from '../../invalid';
import { AddressFamily, addressFamilyOf, assignsIpv6, getIpv6Elsewhere, hasIpv6, ipv6BlocksOf } from '../../network/ipv6';
import { TaskOptions } from '../network-mode-service-props';

/** What decides which addresses awsvpc tasks have. */
export interface TaskNetwork {
  readonly capacity: ICapacity;
  readonly subnets: readonly ec2.ISubnet[];
  readonly assignPublicIp?: boolean;
  readonly platformVersion?: ecs.FargatePlatformVersion;
  readonly enableExecuteCommand?: boolean;
  readonly deploymentController?: ecs.DeploymentController;
  readonly task?: TaskOptions;
}

/** By the construct that is the service. Host and bridge services are not here: their tasks have their instance's addresses. */
const networks = new WeakMap<IConstruct, TaskNetwork>();

/** Platform versions of Fargate without IPv6 (facts I02, I04). */
const BEFORE_1_4 = [
  ecs.FargatePlatformVersion.VERSION1_0, ecs.FargatePlatformVersion.VERSION1_1, ecs.FargatePlatformVersion.VERSION1_2,
  ecs.FargatePlatformVersion.VERSION1_3,
];

/**
 * Keeps what decides on the addresses of a service's tasks, for when load balancers and records are there to follow it.
 *
 * @throws if subnets are IPv6-only and the tasks could not run in them
 */
export function rememberTaskNetwork(scope: IConstruct, network: TaskNetwork): void {
  const families = network.subnets.map(addressFamilyOf);
  if (families.includes('ipv6-only')) {
    refuseWithIpv6Only(scope, network, families.every((family) => family === 'ipv6-only'));
  }
  networks.set(scope, network);
}

/**
 * Which addresses the tasks of a service surely have; `ipv4` as well where IPv6 is not sure. Asked at synthesis, for subnets may get
 * their IPv6 block after the service is declared.
 */
export function addressesOfTasks(scope: IConstruct): AddressFamily {
  const network = networks.get(scope);
  if (!network) {
    return 'ipv4';
  }
  if (network.subnets.every((subnet) => addressFamilyOf(subnet) === 'ipv6-only')) {
    return 'ipv6-only';
  }
  return runsWithIpv6(network) && tasksSurelyGetIpv6(network.capacity, network.subnets) ? 'dual-stack' : 'ipv4';
}

/** Whether a construct is a service in awsvpc mode of this library. */
export function isAwsvpcService(scope: IConstruct): boolean {
  return networks.has(scope);
}

/** Whether ECS itself rolls out the service, and so can move it to another target group. */
export function isDeployedByEcs(scope: IConstruct): boolean {
  const type = networks.get(scope)?.deploymentController?.type ?? ecs.DeploymentControllerType.ECS;
  return type === ecs.DeploymentControllerType.ECS;
}

/** Why tasks surely have no IPv6 address, where that is so. Asked before a refusal: it may walk the app. */
export function whyWithoutIpv6(scope: IConstruct, vpc: ec2.IVpc): string | undefined {
  const subnets = networks.get(scope)?.subnets ?? [];
  const inIpv4 = subnets.length > 0 && subnets.every((subnet) => addressFamilyOf(subnet) === 'ipv4');
  const noneSeen = hasIpv6(vpc) === false;
  if (!(inIpv4 || noneSeen) || getIpv6Elsewhere(subnets)) {
    return undefined;
  }
  return noneSeen && ipv6BlocksOf(vpc).length === 0 ? "the tasks' VPC has none" : inIpv4 ? "the tasks' subnets have none" : undefined;
}

/**
 * Whether every task in these subnets gets an IPv6 address, but for the account setting `dualStackIPv6`, which nothing here can see
 * (fact I03). On EC2 with trunking it is not stated (fact T16), so it is not sure there.
 */
function tasksSurelyGetIpv6(capacity: ICapacity, subnets: readonly ec2.ISubnet[]): boolean {
  const trunking = isEc2Capacity(capacity) && Boolean((capacity as { readonly trunking?: unknown }).trunking);
  return !trunking && subnets.length > 0 && subnets.every(assignsIpv6);
}

/** Fargate 1.4.0 or later (fact I02), and not Windows (fact I07). */
function runsWithIpv6({ platformVersion, task }: TaskNetwork): boolean {
  return !(platformVersion && BEFORE_1_4.includes(platformVersion)) && !task?.runtimePlatform?.operatingSystemFamily?.isWindows();
}

/** facts I04, I05: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html */
function refuseWithIpv6Only(scope: IConstruct, network: TaskNetwork, all: boolean): void {
  if (!all) {
    throw invalid(scope, "'vpcSubnets' must be IPv6-only all or none: a task would have an IPv4 address or not, depending on where it starts");
  }
  if (network.enableExecuteCommand) {
    throw invalid(scope, "'enableExecuteCommand' must be off in IPv6-only subnets: ECS Exec does not work there");
  }
  if (network.assignPublicIp) {
    throw invalid(scope, "'assignPublicIp' must be off in IPv6-only subnets: the public address would be an IPv4 one");
  }
  if (!runsWithIpv6(network)) {
    throw invalid(scope, "'vpcSubnets' must not be IPv6-only for Windows tasks, nor with a 'platformVersion' of Fargate before 1.4.0");
  }
  if (isEc2Capacity(network.capacity)) {
    Annotations.of(scope).addWarningV2('cdk-ecs-network-modes:ipv6-only-on-instances',
      'Tasks in IPv6-only subnets need ECS agent 1.99.1 or later on the instances, which pull the images and are in subnets of their own; with ENI trunking '
      + 'it is not stated that it works. See https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html and acknowledge this');
  }
}
