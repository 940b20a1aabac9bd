import { Size, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { respectImported } from '../network/imported-security-group';
import { ownSecurityGroup, wayOutOf } from '../network/own-security-group';
import { subnetsWithEgress } from '../network/subnets-with-egress';
import { IInstanceCapacity } from './capacity';

/**
 * Properties of `ManagedInstancesCapacity`.
 */
export interface ManagedInstancesCapacityProps {
  /** The cluster the instances join; may be an imported one. */
  readonly cluster: ecs.ICluster;

  /**
   * The subnets of the instances. Tasks in awsvpc mode name their own, of the same VPC.
   *
   * @default - the private subnets with a route out
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security group of the instances. It guards host-mode tasks.
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
   * What instances ECS may choose.
   *
   * @default - whatever fits the tasks
   */
  readonly instanceRequirements?: ec2.InstanceRequirementsConfig;

  /**
   * On demand or Spot.
   *
   * @default - on demand
   */
  readonly capacityOptionType?: ecs.CapacityOptionType;

  /**
   * How often the instances report to CloudWatch.
   *
   * @default - basic monitoring
   */
  readonly monitoring?: ecs.InstanceMonitoring;

  /**
   * Storage for the tasks of an instance.
   *
   * @default - ECS's own default
   */
  readonly taskVolumeStorage?: Size;

  /**
   * Whether instances get the capacity provider's tags.
   *
   * @default - no
   */
  readonly propagateTags?: ecs.PropagateManagedInstancesTags;
}

/**
 * Amazon ECS Managed Instances: instances in your account that ECS chooses, starts, patches and ends. Awsvpc and host mode, Linux only.
 *
 * Not for daemons, bridge mode, a fixed set of instances or agent settings: ECS offers none of them here, nor a metadata hop limit.
 * Use `Ec2Capacity`.
 */
export class ManagedInstancesCapacity extends Construct implements IInstanceCapacity, ec2.IConnectable {
  public readonly cluster: ecs.ICluster;
  public readonly compatibility = ecs.Compatibility.MANAGED_INSTANCES;
  public readonly capacityProviderStrategies: ecs.CapacityProviderStrategy[];
  public readonly hostSecurityGroups: ec2.ISecurityGroup[];

  /** The capacity provider. */
  public readonly capacityProvider: ecs.ManagedInstancesCapacityProvider;

  /** The role of the instances: what the agent needs. Grants to tasks belong on the task role, not here. */
  public readonly instanceRole: iam.Role;

  /** The role with which ECS starts and ends instances. */
  public readonly infrastructureRole: iam.Role;

  /** The security group of the instances. */
  public readonly securityGroup: ec2.ISecurityGroup;

  /** Network connections of the instances. To open a port of one service use the service's own `connections`. */
  public readonly connections: ec2.Connections;

  constructor(scope: Construct, id: string, props: ManagedInstancesCapacityProps) {
    super(scope, id);
    this.cluster = props.cluster;
    const vpc = props.cluster.vpc;
    const subnets = subnetsWithEgress(this, vpc, props.vpcSubnets);
    this.hostSecurityGroups = props.securityGroup
      ? respectImported(this, [props.securityGroup], props.editImportedSecurityGroups, 'editImportedSecurityGroups')
      : [ownSecurityGroup(this, vpc, 'Managed instances')];
    [this.securityGroup] = this.hostSecurityGroups;
    this.connections = new ec2.Connections({ securityGroups: this.hostSecurityGroups });

    this.instanceRole = this.makeInstanceRole();
    // The managed policy lets ECS pass roles named ecsInstanceRole* only. A fixed name is what makes the L2 clash with itself in a second
    // Region, so the role here has none, and passing it is granted by name of the resource.
    this.infrastructureRole = new iam.Role(this, 'InfrastructureRole', {
      assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com'),
      description: 'ECS: starts and ends managed instances',
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonECSInfrastructureRolePolicyForManagedInstances')],
    });
    this.infrastructureRole.addToPolicy(new iam.PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [this.instanceRole.roleArn],
      conditions: { StringLike: { 'iam:PassedToService': 'ec2.*' } },
    }));

    this.capacityProvider = new ecs.ManagedInstancesCapacityProvider(this, 'CapacityProvider', {
      infrastructureRole: this.infrastructureRole,
      ec2InstanceProfile: new iam.InstanceProfile(this, 'InstanceProfile', { role: this.instanceRole }),
      subnets: subnets.subnets,
      securityGroups: [this.securityGroup],
      instanceRequirements: props.instanceRequirements,
      capacityOptionType: props.capacityOptionType,
      monitoring: props.monitoring,
      taskVolumeStorage: props.taskVolumeStorage,
      propagateTags: props.propagateTags,
    });
    this.capacityProvider.node.addDependency(
      this.infrastructureRole, this.instanceRole, subnets.internetConnectivityEstablished, wayOutOf(this.securityGroup),
    );
    this.capacityProviderStrategies = [{ capacityProvider: this.capacityProvider.capacityProviderName, weight: 1 }];
    if (ecs.Cluster.isCluster(props.cluster)) {
      props.cluster.addManagedInstancesCapacityProvider(this.capacityProvider);
    } else {
      this.capacityProvider.bind(props.cluster);
    }
  }

  private makeInstanceRole(): iam.Role {
    const role = new iam.Role(this, 'InstanceRole', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      description: 'Managed instances: what the ECS agent needs',
    });
    const instances = Stack.of(this).formatArn({ service: 'ecs', resource: 'container-instance', resourceName: `${this.cluster.clusterName}/*` });
    role.addToPolicy(new iam.PolicyStatement({
      actions: ['ecs:RegisterContainerInstance', 'ecs:SubmitAttachmentStateChanges', 'ecs:SubmitTaskStateChange'],
      resources: [this.cluster.clusterArn],
    }));
    role.addToPolicy(new iam.PolicyStatement({
      actions: ['ecs:Poll', 'ecs:PutSystemLogEvents', 'ecs:StartTelemetrySession'],
      resources: [instances],
    }));
    role.addToPolicy(new iam.PolicyStatement({
      actions: ['ecs:DiscoverPollEndpoint'], // takes no resource
      resources: ['*'],
    }));
    return role;
  }
}
