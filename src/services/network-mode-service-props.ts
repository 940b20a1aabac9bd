import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * The task that a service runs: what is not said of one container. The network mode is the service's.
 */
export interface TaskOptions {
  /**
   * CPU units of the whole task; 1024 are one vCPU.
   *
   * @default - 256 on Fargate and Managed Instances; on EC2 no limit but the containers' own
   */
  readonly cpu?: number;

  /**
   * Memory of the whole task in MiB.
   *
   * @default - 512 on Fargate and Managed Instances; on EC2 no limit but the containers' own
   */
  readonly memoryMiB?: number;

  /**
   * The role of the application.
   *
   * @default - a role without rights
   */
  readonly taskRole?: iam.IRole;

  /**
   * The role with which ECS pulls the images, reads secrets and writes logs.
   *
   * @default - a role with what the containers need
   */
  readonly executionRole?: iam.IRole;

  /**
   * The volumes containers can mount.
   *
   * @default - none
   */
  readonly volumes?: ecs.Volume[];

  /**
   * Operating system and architecture. Fargate and Managed Instances only: on EC2 the instances decide.
   *
   * @default - Linux on x86-64
   */
  readonly runtimePlatform?: ecs.RuntimePlatform;

  /**
   * Ephemeral storage in GiB. Fargate only.
   *
   * @default - Fargate's own default
   */
  readonly ephemeralStorageGiB?: number;

  /**
   * The family that revisions of the task definition belong to.
   *
   * @default - a generated name
   */
  readonly family?: string;
}

/**
 * What every service takes, whatever its network mode. Every option of the plain ECS services is here under its own name.
 *
 * Some mean more than there: `cluster` must be the capacity's own cluster, `capacityProviderStrategies` is refused because the capacity
 * decides, `circuitBreaker` is on with rollback unless said otherwise, and `cloudMapOptions` has record type, container and port by
 * mode, as `enableCloudMap` has. `minHealthyPercent` and `maxHealthyPercent` have
 * defaults by mode with which a rolling update can always move, and a pair with which it could not is refused.
 */
export interface NetworkModeServiceProps extends ecs.BaseServiceOptions {
  /**
   * What is said of the whole task.
   *
   * @default - see its properties
   */
  readonly task?: TaskOptions;

  /**
   * Whether ECS moves tasks to even them out over Availability Zones. Needs room above 100%: refused where a fixed port keeps it at 100.
   *
   * @default - ECS's own default, on for new services; off where `maxHealthyPercent` is 100 or the service is a daemon
   */
  readonly availabilityZoneRebalancing?: ecs.AvailabilityZoneRebalancing;

  /**
   * Run one task on every instance. EC2 capacity only.
   *
   * @default false
   */
  readonly daemon?: boolean;

  /**
   * On which instances tasks may run. EC2 capacity only.
   *
   * @default - any
   */
  readonly placementConstraints?: ecs.PlacementConstraint[];

  /**
   * How tasks are spread over instances. EC2 capacity only.
   *
   * @default - ECS's own default, evenly over Availability Zones
   */
  readonly placementStrategies?: ecs.PlacementStrategy[];
}
