import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { invalid, requireBoolean } from '../../invalid';
import { DEFAULT_DYNAMIC_PORTS } from '../../limits/ports';
import { respectImported } from '../../network/imported-security-group';
import { AsgCapacityProviderAttributes, IEc2Capacity } from '../capacity';
import { PortRange } from '../port-range';
import { agentSetting } from './agent-settings';
import { knownDynamicPorts, rememberDynamicPorts, requireDynamicPorts } from './dynamic-ports';

/** Capacity over an `AsgCapacityProvider` that a user already has. */
export class ProvidedEc2Capacity extends Construct implements IEc2Capacity {
  public readonly cluster: ecs.ICluster;
  public readonly compatibility = ecs.Compatibility.EC2;
  public readonly capacityProviderStrategies: ecs.CapacityProviderStrategy[];
  public readonly hostSecurityGroups: ec2.ISecurityGroup[];
  public readonly dynamicPorts: PortRange;
  public readonly autoScalingGroup: autoscaling.AutoScalingGroup;
  public readonly capacityProvider: ecs.AsgCapacityProvider;
  public readonly minInstances?: number;
  public readonly maxInstances?: number;

  constructor(scope: Construct, id: string, attributes: AsgCapacityProviderAttributes) {
    super(scope, id);
    const { cluster, provider, dynamicPorts } = attributes;
    const group = provider.autoScalingGroup;
    const resource = group.node.defaultChild;
    if (!CfnResource.isCfnResource(resource)) {
      throw invalid(this, "'provider' must have an Auto Scaling group created by this app, got an imported one: its security groups and user data cannot be seen");
    }
    const stacks = new Set([group, provider, cluster].map((construct) => Stack.of(construct).node.path));
    if (stacks.size > 1) {
      throw invalid(this, `'provider', its Auto Scaling group and 'cluster' must be of one stack, or stacks depend on each other; got '${[...stacks].join("', '")}'`);
    }
    if (group.osType === ec2.OperatingSystemType.WINDOWS) {
      throw invalid(this, "'provider' must have Linux instances: Windows has neither host nor bridge mode");
    }
    requireBoolean(this, 'blockInstanceMetadata', attributes.blockInstanceMetadata);
    if (provider.machineImageType === ecs.MachineImageType.BOTTLEROCKET) {
      if (dynamicPorts) {
        throw invalid(this, `'dynamicPorts' (${dynamicPorts}) cannot be set on Bottlerocket, which has no setting for the agent's port range`);
      }
      if (attributes.blockInstanceMetadata) {
        throw invalid(this, "'blockInstanceMetadata' is for Amazon Linux; on Bottlerocket add 'awsvpc-block-imds = true' to the [settings.ecs] table of the group's user data");
      }
    }
    this.cluster = cluster;
    this.autoScalingGroup = group;
    this.capacityProvider = provider;
    this.capacityProviderStrategies = [{ capacityProvider: provider.capacityProviderName, weight: 1 }];
    this.hostSecurityGroups = respectImported(this, group.connections.securityGroups,
      attributes.editImportedSecurityGroups, 'editImportedSecurityGroups');
    requireDynamicPorts(this, dynamicPorts);
    const known = knownDynamicPorts(group);
    if (known && dynamicPorts && (known.first !== dynamicPorts.first || known.last !== dynamicPorts.last)) {
      throw invalid(this, `'dynamicPorts' of one Auto Scaling group must be one range, which its agents have: it is ${known} already, got ${dynamicPorts}`);
    }
    this.dynamicPorts = dynamicPorts ?? known ?? PortRange.of(DEFAULT_DYNAMIC_PORTS.first, DEFAULT_DYNAMIC_PORTS.last);
    rememberDynamicPorts(group, this.dynamicPorts);
    const { minSize, maxSize } = resource as autoscaling.CfnAutoScalingGroup;
    this.minInstances = literalCount(minSize);
    this.maxInstances = literalCount(maxSize);
    cluster.addAsgCapacityProvider(provider);
    // Which subnets the group is in cannot be read, so it waits for the routes of all: an instance without a way out never registers.
    const subnets = [...cluster.vpc.publicSubnets, ...cluster.vpc.privateSubnets];
    group.node.addDependency(...subnets.map((subnet) => subnet.internetConnectivityEstablished));
    if (dynamicPorts && !known) {
      group.addUserData(agentSetting('ECS_DYNAMIC_HOST_PORT_RANGE', dynamicPorts.toString()));
    }
    if (attributes.blockInstanceMetadata) {
      group.addUserData(agentSetting('ECS_AWSVPC_BLOCK_IMDS', 'true'));
    }
  }
}

function literalCount(size: string): number | undefined {
  return Token.isUnresolved(size) ? undefined : Number(size);
}
