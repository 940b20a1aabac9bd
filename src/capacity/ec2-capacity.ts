import { Annotations, Duration, Stack, Token } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { invalid, requireBoolean, requireInteger, shown } from '../invalid';
import { DEFAULT_DYNAMIC_PORTS } from '../limits/ports';
import { EniTrunking } from '../network/eni-trunking';
import { respectImported } from '../network/imported-security-group';
import { ownSecurityGroup, wayOutOf } from '../network/own-security-group';
import { subnetsWithEgress } from '../network/subnets-with-egress';
import { AsgCapacityProviderAttributes, AwsvpcTasksPerInstance, IEc2Capacity } from './capacity';
import { PortRange } from './port-range';
import { agentSettings, bottlerocketSettings, requireAgentConfiguration } from './private/agent-settings';
import { awsvpcTasksPerInstance } from './private/awsvpc-tasks';
import { rememberDynamicPorts, requireDynamicPorts } from './private/dynamic-ports';
import { InstanceRole } from './private/instance-role';
import { ProvidedEc2Capacity } from './private/provided-ec2-capacity';

/**
 * The operating system of container instances.
 */
export enum HostOperatingSystem {
  /** ECS-optimized Amazon Linux 2023. */
  AMAZON_LINUX_2023 = 'AMAZON_LINUX_2023',
  /** ECS-optimized Amazon Linux 2. */
  AMAZON_LINUX_2 = 'AMAZON_LINUX_2',
  /** Bottlerocket for ECS. Has no setting for the dynamic port range, and takes agent settings in its own user data only. */
  BOTTLEROCKET = 'BOTTLEROCKET',
}

/**
 * Properties of `Ec2Capacity`.
 */
export interface Ec2CapacityProps {
  /** The cluster the instances join. Must be of the same stack: its capacity provider association refers to this capacity and back. */
  readonly cluster: ecs.Cluster;

  /** The instance type. Decides the architecture of the image. */
  readonly instanceType: ec2.InstanceType;

  /**
   * Further instance types the Auto Scaling group may launch, all of the same architecture.
   *
   * @default - only `instanceType`
   */
  readonly furtherInstanceTypes?: ec2.InstanceType[];

  /**
   * The architecture of the instances. Needed only where `instanceType` is a value known at deployment, or has a name from which the
   * framework cannot tell it, such as u-18tb1.metal.
   *
   * @default - that of `instanceType`
   */
  readonly architecture?: ec2.InstanceArchitecture;

  /**
   * The fewest instances.
   *
   * @default 1
   */
  readonly minInstances?: number;

  /** The most instances. The capacity provider scales up to it as tasks need, and it bounds the copies of a service with a fixed port. */
  readonly maxInstances: number;

  /**
   * The operating system.
   *
   * @default HostOperatingSystem.AMAZON_LINUX_2023
   */
  readonly operatingSystem?: HostOperatingSystem;

  /**
   * The image, in place of the ECS-optimized one. Must hold an ECS agent and be of the kind `operatingSystem` says.
   *
   * @default - the recommended ECS-optimized image for the operating system and architecture, read at deployment
   */
  readonly machineImage?: ec2.IMachineImage;

  /**
   * Run on Spot Instances. Instances told to go drain themselves.
   *
   * @default - on demand, unless `instancesDistribution` says otherwise
   */
  readonly spot?: boolean;

  /**
   * How instances are spread over on-demand and Spot, and over the instance types. Not together with `spot`.
   *
   * @default - all on demand; with `spot`, all Spot by price and capacity
   */
  readonly instancesDistribution?: autoscaling.InstancesDistribution;

  /**
   * The host ports that dynamic port mappings get. Written to the agent as `ECS_DYNAMIC_HOST_PORT_RANGE` (agent 1.70.0 or later)
   * and used by every security-group rule. A range should hold twice the dynamic ports an instance runs at its peak: when it is used
   * up, tasks fail. Not for Bottlerocket, which has no such setting.
   *
   * Changing it changes the rules at once and the agents only with their instances: until those are replaced (an instance refresh, or
   * `updatePolicy`), load balancers cannot reach the tasks on them.
   *
   * @default - the kernel's range, 32768-60999; nothing is written
   */
  readonly dynamicPorts?: PortRange;

  /**
   * Settings of the ECS agent, such as `ECS_ENABLE_CONTAINER_METADATA: 'true'`, written to `/etc/ecs/ecs.config`. Not for Bottlerocket.
   *
   * @default - the agent's defaults, and what other props write
   */
  readonly agentConfiguration?: { readonly [name: string]: string };

  /**
   * ENI trunking: more awsvpc tasks per instance. Refused for instance types that cannot trunk.
   *
   * @default - none asked for: an instance has as many awsvpc tasks as interfaces but one, unless the account's setting is on
   */
  readonly trunking?: EniTrunking;

  /**
   * Let tasks reach the instance's metadata, and with it the credentials of the instance role. Only for a cluster whose tasks are all
   * trusted with that role: give tasks a task role instead.
   *
   * Otherwise awsvpc tasks are kept from it by the agent (`ECS_AWSVPC_BLOCK_IMDS`) and bridge tasks by a hop limit of 1 with tokens
   * required. Host-mode tasks cannot be kept from it: to instance metadata they are the instance.
   *
   * @default false
   */
  readonly tasksReachInstanceMetadata?: boolean;

  /**
   * The subnets of the instances.
   *
   * @default - the private subnets with a route out
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security group of the instances. It guards host and bridge tasks.
   *
   * @default - one of its own: nothing in, everything out
   */
  readonly securityGroup?: ec2.ISecurityGroup;

  /**
   * Whether an imported `securityGroup` may get the rules that services here need.
   *
   * @default false
   */
  readonly editImportedSecurityGroups?: boolean;

  /**
   * How full the capacity provider keeps the instances, in percent. Below 100 it keeps spare instances.
   *
   * @default 100
   */
  readonly targetCapacityPercent?: number;

  /**
   * How long a new instance takes before its figures count for scaling.
   *
   * @default - 300 seconds, ECS's own default
   */
  readonly instanceWarmup?: Duration;

  /**
   * Instances that are launched ahead and wait, stopped unless it says otherwise: they join in the time of a start, not of a launch with
   * all that a trunk adds. Their volumes are paid for. The agent is told of it (`ECS_WARM_POOLS_CHECK`, agent 1.59.0 or later). Not with
   * Spot, and not on Bottlerocket, whose settings have no such key.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-warm-pool.html
   */
  readonly warmPool?: autoscaling.WarmPoolOptions;

  /**
   * Keep scale-in from ending instances that run tasks. It also keeps CloudFormation from deleting the Auto Scaling group while
   * instances are protected, so a stack with it does not delete by itself.
   *
   * @default false
   */
  readonly managedTerminationProtection?: boolean;

  /**
   * The volumes of the instances.
   *
   * @default - those of the image
   */
  readonly blockDevices?: ec2.BlockDevice[];

  /**
   * How running instances follow a change of their type, image or settings.
   *
   * @default - they do not: instances launched from then on have it
   */
  readonly updatePolicy?: autoscaling.UpdatePolicy;

  /**
   * Where the Auto Scaling group reports its launches and terminations.
   *
   * @default - nowhere
   */
  readonly notifications?: autoscaling.NotificationConfiguration[];
}

/**
 * Container instances in an Auto Scaling group, with a capacity provider that scales them as tasks need.
 *
 * The instances have a security group of their own that lets nothing in; services add to it what they serve, each rule a resource of
 * its own. They take instance metadata requests with tokens only and one hop away, and the agent keeps awsvpc tasks from it, so that no
 * task but one in host mode has the instance role.
 *
 * Not for services that only ever need awsvpc and no instance type: `FargateCapacity` has no instances to patch.
 */
export class Ec2Capacity extends Construct implements IEc2Capacity, ec2.IConnectable, iam.IGrantable {
  /**
   * Capacity from an `AsgCapacityProvider` that already exists in the app.
   *
   * @throws if the Auto Scaling group is imported, or of another stack than the cluster
   */
  public static fromAsgCapacityProvider(scope: Construct, id: string, attributes: AsgCapacityProviderAttributes): IEc2Capacity {
    return new ProvidedEc2Capacity(scope, id, attributes);
  }

  public readonly cluster: ecs.ICluster;
  public readonly compatibility = ecs.Compatibility.EC2;
  public readonly capacityProviderStrategies: ecs.CapacityProviderStrategy[];
  public readonly hostSecurityGroups: ec2.ISecurityGroup[];
  public readonly dynamicPorts: PortRange;
  public readonly minInstances?: number;
  public readonly maxInstances?: number;
  public readonly trunking?: EniTrunking;
  public readonly awsvpcTasksPerInstance?: AwsvpcTasksPerInstance;
  public readonly autoScalingGroup: autoscaling.AutoScalingGroup;
  public readonly capacityProvider: ecs.AsgCapacityProvider;

  /** The launch template of the instances. */
  public readonly launchTemplate: ec2.LaunchTemplate;

  /** The role of the instances: what the agent needs. Grants to tasks belong on the task role, not here. */
  public readonly instanceRole: iam.Role;

  /** The security group of the instances. */
  public readonly securityGroup: ec2.ISecurityGroup;

  /** Network connections of the instances. To open a port of one service use the service's own `connections`. */
  public readonly connections: ec2.Connections;

  public readonly grantPrincipal: iam.IPrincipal;

  constructor(scope: Construct, id: string, props: Ec2CapacityProps) {
    super(scope, id);
    if (!ecs.Cluster.isCluster(props.cluster)) {
      throw invalid(this, `'cluster' must be a cluster of this app (ecs.Cluster), which owns the association with its capacity providers; got ${shown(props.cluster)}`);
    }
    if (Stack.of(this) !== Stack.of(props.cluster)) {
      throw invalid(this, "'cluster' must be of the capacity's own stack: the cluster's association names the capacity provider, and the instances "
        + `name the cluster, so two stacks would depend on each other; got stacks '${Stack.of(this).node.path}' and '${Stack.of(props.cluster).node.path}'`);
    }
    const operatingSystem = props.operatingSystem ?? HostOperatingSystem.AMAZON_LINUX_2023;
    this.cluster = props.cluster;
    this.minInstances = props.minInstances ?? 1;
    this.maxInstances = props.maxInstances;
    this.dynamicPorts = props.dynamicPorts ?? PortRange.of(DEFAULT_DYNAMIC_PORTS.first, DEFAULT_DYNAMIC_PORTS.last);
    this.trunking = props.trunking;
    this.validate(props, operatingSystem);
    const instanceTypes = [props.instanceType, ...props.furtherInstanceTypes ?? []];
    this.awsvpcTasksPerInstance = awsvpcTasksPerInstance(instanceTypes);

    const spot = props.spot === true || (props.instancesDistribution !== undefined && !isOnDemandOnly(props.instancesDistribution));
    const instanceRole = new InstanceRole(this, 'InstanceRole', props.cluster, { spot });
    this.instanceRole = instanceRole;
    this.grantPrincipal = instanceRole;
    this.hostSecurityGroups = props.securityGroup
      ? respectImported(this, [props.securityGroup], props.editImportedSecurityGroups, 'editImportedSecurityGroups')
      : [ownSecurityGroup(this, props.cluster.vpc, 'Container instances')];
    [this.securityGroup] = this.hostSecurityGroups;

    const bottlerocket = operatingSystem === HostOperatingSystem.BOTTLEROCKET;
    this.launchTemplate = new ec2.LaunchTemplate(this, 'LaunchTemplate', {
      instanceType: props.instanceType,
      machineImage: props.machineImage ?? ecsOptimizedImage(operatingSystem, props.architecture ?? props.instanceType.architecture),
      userData: bottlerocket ? ec2.UserData.custom('') : ec2.UserData.forLinux(),
      role: instanceRole,
      securityGroup: this.securityGroup,
      blockDevices: props.blockDevices,
      requireImdsv2: true,
      // One hop: the agent and host-mode tasks reach instance metadata, bridge tasks (one hop further) do not.
      httpPutResponseHopLimit: props.tasksReachInstanceMetadata ? 2 : 1,
    });
    if (this.launchTemplate.osType === ec2.OperatingSystemType.WINDOWS) {
      throw invalid(this, "'machineImage' must be a Linux image: Windows has neither host nor bridge mode");
    }
    const subnets = subnetsWithEgress(this, props.cluster.vpc, props.vpcSubnets);
    this.autoScalingGroup = new autoscaling.AutoScalingGroup(this, 'AutoScalingGroup', {
      vpc: props.cluster.vpc,
      vpcSubnets: { subnets: subnets.subnets },
      ...launchOf(this.launchTemplate, props),
      minCapacity: this.minInstances,
      maxCapacity: this.maxInstances,
      updatePolicy: props.updatePolicy,
      notifications: props.notifications,
    });
    this.connections = this.autoScalingGroup.connections;
    rememberDynamicPorts(this.autoScalingGroup, this.dynamicPorts);
    // An instance without a way out or without its rights registers late or never.
    this.autoScalingGroup.node.addDependency(subnets.internetConnectivityEstablished, wayOutOf(this.securityGroup), instanceRole);

    const machineImageType = bottlerocket ? ecs.MachineImageType.BOTTLEROCKET : ecs.MachineImageType.AMAZON_LINUX_2;
    this.capacityProvider = new ecs.AsgCapacityProvider(this, 'CapacityProvider', {
      autoScalingGroup: this.autoScalingGroup,
      machineImageType,
      enableManagedScaling: true,
      enableManagedDraining: true,
      enableManagedTerminationProtection: props.managedTerminationProtection ?? false,
      targetCapacityPercent: props.targetCapacityPercent,
      instanceWarmupPeriod: props.instanceWarmup?.toSeconds(),
    });
    this.capacityProviderStrategies = [{ capacityProvider: this.capacityProvider.capacityProviderName, weight: 1 }];
    instanceRole.decliningGrants(() => props.cluster.addAsgCapacityProvider(this.capacityProvider));

    const told = { ...props, spot };
    this.autoScalingGroup.addUserData(...bottlerocket ? bottlerocketSettings(told) : agentSettings(told));
    if (props.warmPool) {
      this.autoScalingGroup.addWarmPool(props.warmPool);
    }
    this.trunking?._turnOn(this, {
      role: instanceRole,
      autoScalingGroup: this.autoScalingGroup,
      launchTemplate: this.launchTemplate,
      instanceTypes,
      vpc: props.cluster.vpc,
      unlistedOperatingSystem: bottlerocket ? 'Bottlerocket' : undefined,
    });
  }

  private validate(props: Ec2CapacityProps, operatingSystem: HostOperatingSystem): void {
    requireInteger(this, 'minInstances', props.minInstances, 0);
    requireInteger(this, 'maxInstances', props.maxInstances, 1);
    if (props.maxInstances === undefined || !props.instanceType) {
      throw invalid(this, `'instanceType' and 'maxInstances' must be given, got ${shown(props.instanceType)} and ${shown(props.maxInstances)}`);
    }
    if (!Object.values(HostOperatingSystem).includes(operatingSystem)) {
      throw invalid(this, `'operatingSystem' must be of HostOperatingSystem (${Object.values(HostOperatingSystem).join(', ')}), got ${shown(operatingSystem)}`);
    }
    if (props.furtherInstanceTypes !== undefined && !Array.isArray(props.furtherInstanceTypes)) {
      throw invalid(this, `'furtherInstanceTypes' must be a list of instance types, got ${shown(props.furtherInstanceTypes)}`);
    }
    if (props.instanceWarmup !== undefined && !(props.instanceWarmup instanceof Duration)) {
      throw invalid(this, `'instanceWarmup' must be a Duration, got ${shown(props.instanceWarmup)}`);
    }
    requireDynamicPorts(this, props.dynamicPorts);
    for (const prop of ['spot', 'tasksReachInstanceMetadata', 'managedTerminationProtection'] as const) {
      requireBoolean(this, prop, props[prop]);
    }
    if (![props.minInstances, props.maxInstances].some((n) => Token.isUnresolved(n)) && this.minInstances! > props.maxInstances) {
      throw invalid(this, `'maxInstances' must be at least 'minInstances' (${this.minInstances}), got ${props.maxInstances}`);
    }
    requireInteger(this, 'targetCapacityPercent', props.targetCapacityPercent, 1, 100);
    if (props.spot && props.instancesDistribution) {
      throw invalid(this, "'spot' and 'instancesDistribution' both say how much runs on Spot: give one of them");
    }
    if (operatingSystem === HostOperatingSystem.BOTTLEROCKET) {
      if (props.dynamicPorts) {
        throw invalid(this, `'dynamicPorts' (${props.dynamicPorts}) cannot be set on Bottlerocket, which has no setting for the agent's port range; `
          + 'use Amazon Linux, or leave it out and have 32768-60999');
      }
      if (props.agentConfiguration) {
        throw invalid(this, "'agentConfiguration' is for Amazon Linux; Bottlerocket takes [settings.ecs] keys: 'autoScalingGroup.addUserData(…)' right after this construct");
      }
    }
    requireAgentConfiguration(this, props.agentConfiguration);
    if (props.trunking !== undefined && typeof props.trunking?._turnOn !== 'function') {
      throw invalid(this, `'trunking' must be EniTrunking.forInstanceRole(), .setAccountDefault() or .alreadyOn(), got ${shown(props.trunking)}`);
    }
    this.validateWarmPool(props, operatingSystem);
    this.validateTypes(props);
  }

  private validateWarmPool(props: Ec2CapacityProps, operatingSystem: HostOperatingSystem): void {
    const { warmPool, instancesDistribution } = props;
    if (!warmPool) {
      return;
    }
    if (props.spot || (instancesDistribution && !isOnDemandOnly(instancesDistribution))) {
      // https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html
      throw invalid(this, "'warmPool' cannot be had with Spot Instances: EC2 Auto Scaling refuses it. Give one of 'warmPool' and 'spot' or 'instancesDistribution'");
    }
    if (operatingSystem === HostOperatingSystem.BOTTLEROCKET) {
      throw invalid(this, "'warmPool' is for Amazon Linux: Bottlerocket has no setting by which the agent waits until its instance leaves the pool");
    }
    if (warmPool.reuseOnScaleIn) {
      // fact W01
      throw invalid(this, "'warmPool.reuseOnScaleIn' must be left out: ECS does not take instances back into the pool");
    }
    requireInteger(this, 'warmPool.minSize', warmPool.minSize, 0);
    requireInteger(this, 'warmPool.maxGroupPreparedCapacity', warmPool.maxGroupPreparedCapacity, 0);
    if (instancesDistribution || props.furtherInstanceTypes?.length) {
      Annotations.of(this).addWarningV2('cdk-ecs-network-modes:warm-pool-mixed-instances',
        "'warmPool' with more than one instance type or an 'instancesDistribution' is not decidable: AWS's sources differ on whether a group with a mixed instances policy may have a warm pool");
    }
  }

  private validateTypes(props: Ec2CapacityProps): void {
    const types = [props.instanceType, ...props.furtherInstanceTypes ?? []];
    const untold = types.find((type) => !architectureOf(type));
    if (untold && !props.architecture) {
      throw invalid(this, "'architecture' must be given where 'instanceType' is known only at deployment, or has a name from which the framework cannot tell it: "
        + `the image follows it; got ${shown(untold.toString())}`);
    }
    const architecture = props.architecture ?? architectureOf(props.instanceType)!;
    const other = types.find((type) => (architectureOf(type) ?? architecture) !== architecture);
    if (other) {
      throw invalid(this, `'furtherInstanceTypes' and 'instanceType' must have one architecture (${architecture}), for they boot one image; `
        + `got ${other} (${other.architecture})`);
    }
    if (props.spot && types.length === 1 && !Token.isUnresolved(props.instanceType.toString())) {
      Annotations.of(this).addInfo(`Spot with ${props.instanceType} only: further instance types make interruptions less likely`);
    }
  }
}

/** `undefined` where the name is known only at deployment, or is one that the framework takes for malformed, such as u-18tb1.metal. */
function architectureOf(type: ec2.InstanceType): ec2.InstanceArchitecture | undefined {
  try {
    return Token.isUnresolved(type.toString()) ? undefined : type.architecture;
  } catch {
    return undefined;
  }
}

function ecsOptimizedImage(operatingSystem: HostOperatingSystem, architecture: ec2.InstanceArchitecture): ec2.IMachineImage {
  // The L2's default is the x86 image whatever the instance type.
  const hardware = architecture === ec2.InstanceArchitecture.ARM_64 ? ecs.AmiHardwareType.ARM : ecs.AmiHardwareType.STANDARD;
  switch (operatingSystem) {
    case HostOperatingSystem.AMAZON_LINUX_2023: return ecs.EcsOptimizedImage.amazonLinux2023(hardware);
    case HostOperatingSystem.AMAZON_LINUX_2: return ecs.EcsOptimizedImage.amazonLinux2(hardware);
    // The L2's default is the first variant, which Bottlerocket no longer supports.
    case HostOperatingSystem.BOTTLEROCKET:
      return new ecs.BottleRocketImage({ architecture, variant: ecs.BottlerocketEcsVariant.AWS_ECS_2 });
  }
}

function isOnDemandOnly(distribution: autoscaling.InstancesDistribution): boolean {
  // EC2 Auto Scaling's default above the base is 100% on demand.
  return (distribution.onDemandPercentageAboveBaseCapacity ?? 100) === 100;
}

/** A launch template alone, or a mixed instances policy where there is anything to mix. */
function launchOf(launchTemplate: ec2.LaunchTemplate, props: Ec2CapacityProps):
Pick<autoscaling.AutoScalingGroupProps, 'launchTemplate' | 'mixedInstancesPolicy'> {
  const { spot, instancesDistribution, furtherInstanceTypes = [] } = props;
  if (!spot && !instancesDistribution && furtherInstanceTypes.length === 0) {
    return { launchTemplate };
  }
  return {
    mixedInstancesPolicy: {
      launchTemplate,
      launchTemplateOverrides: [props.instanceType, ...furtherInstanceTypes].map((instanceType) => ({ instanceType })),
      instancesDistribution: spot ? {
        onDemandBaseCapacity: 0,
        onDemandPercentageAboveBaseCapacity: 0,
        spotAllocationStrategy: autoscaling.SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED,
      } : instancesDistribution,
    },
  };
}
