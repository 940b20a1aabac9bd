import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { EniTrunking } from '../network/eni-trunking';
import { PortRange } from './port-range';

/**
 * Where tasks of a service run. Tasks in awsvpc mode run on any capacity.
 *
 * `Ec2Capacity`, `FargateCapacity` and `ManagedInstancesCapacity` are the implementations.
 */
export interface ICapacity {
  /** The cluster the capacity belongs to. */
  readonly cluster: ecs.ICluster;

  /** The capacity providers a service names to run here; empty for the launch type `FARGATE`. */
  readonly capacityProviderStrategies: ecs.CapacityProviderStrategy[];

  /** What a task definition must be compatible with to run here. */
  readonly compatibility: ecs.Compatibility;
}

/**
 * Capacity made of instances whose ports a task can use directly: host mode runs here.
 */
export interface IInstanceCapacity extends ICapacity {
  /** The security groups on the instances' own interface: in host and bridge mode these guard the tasks. */
  readonly hostSecurityGroups: ec2.ISecurityGroup[];
}

/**
 * Capacity made of container instances in an Auto Scaling group: every network mode runs here, and only here does bridge mode.
 */
export interface IEc2Capacity extends IInstanceCapacity {
  /** The Auto Scaling group of the container instances. */
  readonly autoScalingGroup: autoscaling.AutoScalingGroup;

  /** The capacity provider over the Auto Scaling group. */
  readonly capacityProvider: ecs.AsgCapacityProvider;

  /** The host ports that dynamic port mappings get: what the agent uses and what security-group rules open. */
  readonly dynamicPorts: PortRange;

  /**
   * The fewest instances.
   *
   * @default - not known
   */
  readonly minInstances?: number;

  /**
   * The most instances. Bounds how many tasks can hold the same fixed host port at once.
   *
   * @default - not known
   */
  readonly maxInstances?: number;

  /**
   * How ENI trunking was asked for.
   *
   * @default - not asked for: the account's setting decides
   */
  readonly trunking?: EniTrunking;

  /**
   * How many awsvpc tasks fit on an instance, by its network interfaces.
   *
   * @default - not known
   */
  readonly awsvpcTasksPerInstance?: AwsvpcTasksPerInstance;
}

/**
 * How many awsvpc tasks fit on one instance, by its network interfaces; its CPU and memory may hold fewer.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/eni-trunking-supported-instance-types.html
 */
export interface AwsvpcTasksPerInstance {
  /** Without ENI trunking: the interfaces but the instance's own. A c5.large has 2. */
  readonly withoutTrunking: TaskCount;

  /**
   * With ENI trunking, where it is on when the instance is launched. A c5.large has 10.
   *
   * @default - no instance type can trunk, or it is not known
   */
  readonly withTrunking?: TaskCount;
}

/**
 * A number of tasks. The two ends differ where instance types are mixed, where an instance has several network cards, and where AWS's
 * own sources differ.
 */
export interface TaskCount {
  /** The lower end: what fits for sure. */
  readonly fewest: number;

  /** The upper end: more than this cannot fit. */
  readonly most: number;
}

/**
 * What `Ec2Capacity.fromAsgCapacityProvider` takes.
 */
export interface AsgCapacityProviderAttributes {
  /** The cluster the provider belongs to. It is associated with it if it is not yet. */
  readonly cluster: ecs.Cluster;

  /** The capacity provider. Its Auto Scaling group must have been created by this app, in the cluster's stack. */
  readonly provider: ecs.AsgCapacityProvider;

  /**
   * The host ports that dynamic port mappings get, appended to the group's user data as `ECS_DYNAMIC_HOST_PORT_RANGE`. Instances that
   * already run keep their own range until they are replaced, and the rules do not fit them until then.
   *
   * @default - the kernel's range, 32768-60999; nothing is written
   */
  readonly dynamicPorts?: PortRange;

  /**
   * Keep awsvpc tasks from the instance's metadata, and with it from the credentials of the instance role: appends
   * `ECS_AWSVPC_BLOCK_IMDS=true` to the group's user data. Bridge tasks are kept from it by `httpPutResponseHopLimit: 1` and
   * `requireImdsv2: true` in the launch template. Not for Bottlerocket, whose `[settings.ecs]` takes `awsvpc-block-imds = true`.
   *
   * @default - what the user data says already
   */
  readonly blockInstanceMetadata?: boolean;

  /**
   * Whether security groups of the Auto Scaling group that are imported may get the rules that services here need.
   *
   * @default false
   */
  readonly editImportedSecurityGroups?: boolean;
}
