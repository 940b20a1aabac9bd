import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { BridgePort, BridgeService, Ec2Capacity, IEc2Capacity, PortRange } from '../../src';
import { CONTAINER, INSTANCE_TYPE, plainCapacity, world } from '../fixtures';
import { expectRefusal } from '../refusal';

const RANGE = PortRange.of(40000, 40999);

interface Given {
  readonly bottlerocket?: boolean;
  readonly securityGroup?: ec2.ISecurityGroup;
  readonly sizes?: Pick<autoscaling.AutoScalingGroupProps, 'minCapacity' | 'maxCapacity'>;
}

/** A capacity provider that no cluster knows of yet. */
function provider(stack: Stack, vpc: ec2.IVpc, { bottlerocket, securityGroup, sizes }: Given = {}): ecs.AsgCapacityProvider {
  const autoScalingGroup = new autoscaling.AutoScalingGroup(stack, 'Asg', {
    vpc,
    launchTemplate: new ec2.LaunchTemplate(stack, 'Template', {
      instanceType: INSTANCE_TYPE,
      machineImage: bottlerocket ? new ecs.BottleRocketImage() : ecs.EcsOptimizedImage.amazonLinux2023(),
      userData: bottlerocket ? ec2.UserData.custom('') : ec2.UserData.forLinux(),
      role: new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }),
      securityGroup: securityGroup ?? new ec2.SecurityGroup(stack, 'Instances', { vpc }),
    }),
    ...sizes,
  });
  return new ecs.AsgCapacityProvider(stack, 'Provider', {
    autoScalingGroup, machineImageType: bottlerocket ? ecs.MachineImageType.BOTTLEROCKET : undefined,
  });
}

const bridge = (stack: Stack, capacity: IEc2Capacity) =>
  new BridgeService(stack, 'Web', { cluster: capacity.cluster, capacity, container: CONTAINER, ports: [BridgePort.dynamic(80)] });

const userDataOf = (template: Template) => JSON.stringify(Object.values(template.findResources('AWS::EC2::LaunchTemplate')));
const times = (text: string, part: string) => text.split(part).length - 1;

test('the order of calls makes no difference, nor who puts the provider on the cluster', () => {
  const templates = ['before', 'after', 'not at all'].map((when) => {
    const { stack, vpc, cluster } = world();
    const given = provider(stack, vpc);
    if (when === 'before') {
      cluster.addAsgCapacityProvider(given);
    }
    bridge(stack, Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: given, dynamicPorts: RANGE }));
    if (when === 'after') {
      cluster.addAsgCapacityProvider(given);
    }
    return Template.fromStack(stack);
  });
  const [template, ...others] = templates;
  others.forEach((other) => expect(other.toJSON()).toEqual(template.toJSON()));
  template.hasResourceProperties('AWS::ECS::ClusterCapacityProviderAssociations', { CapacityProviders: [{ Ref: Match.stringLikeRegexp('^Provider') }] });
  expect(times(userDataOf(template), 'ECS_CLUSTER=')).toBe(1);
  expect(times(userDataOf(template), "echo 'ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999' >> /etc/ecs/ecs.config")).toBe(1);
});

test('services name the provider and are guarded by the groups of its instances', () => {
  const { stack, vpc, cluster } = world();
  const securityGroup = new ec2.SecurityGroup(stack, 'Group', { vpc });
  const given = provider(stack, vpc, { securityGroup });
  const capacity = Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: given });
  expect(capacity.hostSecurityGroups).toEqual([securityGroup]);
  expect(capacity.autoScalingGroup).toBe(given.autoScalingGroup);
  expect(capacity.capacityProvider).toBe(given);
  bridge(stack, capacity);
  Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', {
    CapacityProviderStrategy: [{ CapacityProvider: { Ref: Match.stringLikeRegexp('^Provider') }, Weight: 1 }],
  });
});

test('without dynamicPorts nothing is written, and the range is the default', () => {
  const { stack, cluster } = world();
  const capacity = Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: plainCapacity(cluster) });
  expect(capacity.dynamicPorts.toString()).toBe('32768-60999');
  expect(userDataOf(Template.fromStack(stack))).not.toContain('ECS_DYNAMIC_HOST_PORT_RANGE');
});

test('the sizes are those of the group, where they are known', () => {
  const sizesOf = (sizes: Given['sizes']) => {
    const { stack, vpc, cluster } = world();
    const { minInstances, maxInstances } = Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: provider(stack, vpc, { sizes }) });
    return [minInstances, maxInstances];
  };
  expect(sizesOf({ minCapacity: 2, maxCapacity: 5 })).toEqual([2, 5]);
  expect(sizesOf(undefined)).toEqual([1, 1]);
  const number = new CfnParameter(world().stack, 'Number', { type: 'Number' }).valueAsNumber;
  expect(sizesOf({ minCapacity: 2, maxCapacity: number })).toEqual([2, undefined]);
});

test('an imported Auto Scaling group is refused', () => {
  const { stack, cluster } = world();
  const autoScalingGroup = autoscaling.AutoScalingGroup.fromAutoScalingGroupName(stack, 'Imported', 'asg');
  const imported = new ecs.AsgCapacityProvider(stack, 'Provider', { autoScalingGroup, enableManagedTerminationProtection: false });
  expectRefusal(() => Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: imported }), 'Test/Given',
    "'provider' must have an Auto Scaling group created by this app, got an imported one");
});

test("an Auto Scaling group of another stack than the cluster's is refused", () => {
  const { app, vpc, cluster } = world();
  const other = new Stack(app, 'Other');
  expectRefusal(() => Ec2Capacity.fromAsgCapacityProvider(other, 'Given', { cluster, provider: provider(other, vpc) }), 'Other/Given',
    "'provider', its Auto Scaling group and 'cluster' must be of one stack", "got 'Other', 'Test'");
});

test("capacity in another stack than the provider's and the cluster's is taken, and adds nothing there", () => {
  const { app, stack, vpc, cluster } = world();
  const other = new Stack(app, 'Other');
  bridge(other, Ec2Capacity.fromAsgCapacityProvider(other, 'Given', { cluster, provider: provider(stack, vpc), dynamicPorts: RANGE }));
  expect(userDataOf(Template.fromStack(stack))).toContain('ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999');
  Template.fromStack(other).resourceCountIs('AWS::ECS::Service', 1);
  expect(stack.dependencies).toEqual([]);
});

test('a port range on Bottlerocket, which has no setting for it, is refused; without one it is taken', () => {
  const { stack, vpc, cluster } = world();
  const given = provider(stack, vpc, { bottlerocket: true });
  expectRefusal(() => Ec2Capacity.fromAsgCapacityProvider(stack, 'Refused', { cluster, provider: given, dynamicPorts: RANGE }), 'Test/Refused',
    "'dynamicPorts' (40000-40999) cannot be set on Bottlerocket");
  Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: given });
  expect(userDataOf(Template.fromStack(stack))).not.toContain('ECS_DYNAMIC_HOST_PORT_RANGE');
});

test('imported groups on the instances stay as they are, unless they may be edited', () => {
  const make = (editImportedSecurityGroups?: boolean) => {
    const { stack, vpc, cluster } = world();
    const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Imported', 'sg-1');
    const given = provider(stack, vpc, { securityGroup });
    const capacity = Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: given, editImportedSecurityGroups });
    bridge(stack, capacity).connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.0.0.0/8'));
    return { stack, template: Template.fromStack(stack) };
  };
  const kept = make();
  kept.template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  Annotations.fromStack(kept.stack).hasWarning('/Test/Given', Match.stringLikeRegexp("Imported is imported.*'editImportedSecurityGroups: true'"));
  const edited = make(true);
  edited.template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-1', CidrIp: '10.0.0.0/8', FromPort: 32768, ToPort: 60999 });
  Annotations.fromStack(edited.stack).hasNoWarning('/Test/Given', Match.anyValue());
});

describe('instance metadata', () => {
  test('is kept from awsvpc tasks where that is asked for, and the user data left alone where it is not', () => {
    const { stack, vpc, cluster } = world();
    Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: provider(stack, vpc), blockInstanceMetadata: true });
    expect(times(userDataOf(Template.fromStack(stack)), "echo 'ECS_AWSVPC_BLOCK_IMDS=true' >> /etc/ecs/ecs.config")).toBe(1);

    const other = world();
    Ec2Capacity.fromAsgCapacityProvider(other.stack, 'Given', { cluster: other.cluster, provider: provider(other.stack, other.vpc) });
    expect(userDataOf(Template.fromStack(other.stack))).not.toContain('IMDS');
  });

  test('on Bottlerocket is a key of a table that only its author can open', () => {
    const { stack, vpc, cluster } = world();
    expectRefusal(() => Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', {
      cluster, provider: provider(stack, vpc, { bottlerocket: true }), blockInstanceMetadata: true,
    }), 'Test/Given', "'blockInstanceMetadata' is for Amazon Linux", 'awsvpc-block-imds = true');
  });
});
