import { CfnParameter, Duration, NestedStack, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Ec2Capacity, Ec2CapacityProps, HostOperatingSystem, PortRange } from '../../src';
import { testApp } from '../app';
import { ec2Capacity, INSTANCE_TYPE, testVpc, warningsOf, world } from '../fixtures';
import { expectRefusal } from '../refusal';
import { ANYWHERE, waysOut } from '../security-group-rules';

const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const TEMPLATE = 'AWS::EC2::LaunchTemplate';
const PROVIDER = 'AWS::ECS::CapacityProvider';

/** The template of a stack with one capacity, made with the given props. */
function templateWith(props: Partial<Ec2CapacityProps> = {}): Template {
  const { stack, cluster } = world();
  ec2Capacity(cluster, 'Capacity', props);
  return Template.fromStack(stack);
}

/** The user data of the one launch template, with references by their logical ids' beginnings. */
function userDataOf(template: Template): string[] {
  const [{ Properties }] = Object.values(template.findResources(TEMPLATE));
  const { 'Fn::Join': [, parts] } = Properties.LaunchTemplateData.UserData['Fn::Base64'];
  return parts.map((part: string | { Ref: string }) => typeof part === 'string' ? part : `<${part.Ref.slice(0, -8)}>`).join('').split('\n');
}

const refused = (props: Partial<Ec2CapacityProps>, ...parts: string[]) =>
  expectRefusal(() => ec2Capacity(world().cluster, 'Capacity', props), 'Test/Capacity', ...parts);

describe('user data', () => {
  test('joins the cluster and keeps awsvpc tasks from instance metadata, and no more', () => {
    expect(userDataOf(templateWith())).toEqual([
      '#!/bin/bash',
      'echo ECS_CLUSTER=<Cluster> >> /etc/ecs/ecs.config',
      "echo 'ECS_AWSVPC_BLOCK_IMDS=true' >> /etc/ecs/ecs.config",
    ]);
  });

  test.each([HostOperatingSystem.AMAZON_LINUX_2023, HostOperatingSystem.AMAZON_LINUX_2])('says to the agent of %s all that is asked for', (operatingSystem) => {
    expect(userDataOf(templateWith({
      operatingSystem,
      spot: true,
      dynamicPorts: PortRange.of(40000, 40999),
      agentConfiguration: { ECS_LOGLEVEL: 'debug', ECS_RESERVED_MEMORY: '256' },
    }))).toEqual([
      '#!/bin/bash',
      'echo ECS_CLUSTER=<Cluster> >> /etc/ecs/ecs.config',
      "echo 'ECS_AWSVPC_BLOCK_IMDS=true' >> /etc/ecs/ecs.config",
      "echo 'ECS_ENABLE_SPOT_INSTANCE_DRAINING=true' >> /etc/ecs/ecs.config",
      "echo 'ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999' >> /etc/ecs/ecs.config",
      "echo 'ECS_LOGLEVEL=debug' >> /etc/ecs/ecs.config",
      "echo 'ECS_RESERVED_MEMORY=256' >> /etc/ecs/ecs.config",
    ]);
  });

  test('of Bottlerocket is one table', () => {
    expect(userDataOf(templateWith({ operatingSystem: HostOperatingSystem.BOTTLEROCKET }))).toEqual([
      '', '[settings.ecs]', 'cluster = "<Cluster>"', 'awsvpc-block-imds = true',
    ]);
  });

  test('of Bottlerocket on Spot has its key in the open table, and what a user adds after it', () => {
    const { stack, cluster } = world();
    const capacity = ec2Capacity(cluster, 'Capacity', { operatingSystem: HostOperatingSystem.BOTTLEROCKET, spot: true });
    capacity.autoScalingGroup.addUserData('[settings.kernel]', 'lockdown = "integrity"');
    expect(userDataOf(Template.fromStack(stack))).toEqual([
      '', '[settings.ecs]', 'cluster = "<Cluster>"', 'awsvpc-block-imds = true', 'enable-spot-instance-draining = true', '[settings.kernel]', 'lockdown = "integrity"',
    ]);
  });

  test('a setting may be a value known only at deployment', () => {
    const { stack, cluster } = world();
    ec2Capacity(cluster, 'Capacity', { agentConfiguration: { ECS_LOGLEVEL: new CfnParameter(stack, 'Levelxxxxxxxx').valueAsString } });
    expect(userDataOf(Template.fromStack(stack))).toContain("echo 'ECS_LOGLEVEL=<Level>' >> /etc/ecs/ecs.config");
  });

  test.each([
    [{ ECS_CLUSTER: 'other' }, ["'agentConfiguration' must not hold ECS_CLUSTER", "'cluster' sets it"]],
    [{ ECS_AWSVPC_BLOCK_IMDS: 'false' }, ["'agentConfiguration' must not hold ECS_AWSVPC_BLOCK_IMDS", "'tasksReachInstanceMetadata' sets it"]],
    [{ ECS_WARM_POOLS_CHECK: 'true' }, ["'agentConfiguration' must not hold ECS_WARM_POOLS_CHECK", "'warmPool' sets it"]],
    [{ toString: 'debug' }, ["'agentConfiguration' names must be upper-case settings", 'got "toString"']],
    [{ ECS_DYNAMIC_HOST_PORT_RANGE: '1-2' }, ["'agentConfiguration' must not hold ECS_DYNAMIC_HOST_PORT_RANGE", "'dynamicPorts' sets it"]],
    [{ ecs_loglevel: 'debug' }, ["'agentConfiguration' names must be upper-case settings", 'got "ecs_loglevel"']],
    [{ 'ECS LOGLEVEL': 'debug' }, ["'agentConfiguration' names must be upper-case settings", 'got "ECS LOGLEVEL"']],
    [{ '': 'debug' }, ['got ""']],
    [{ ECS_LOGLEVEL: "debug' ; reboot '" }, ["'agentConfiguration' value of ECS_LOGLEVEL must hold no quote and no line break"]],
    [{ ECS_LOGLEVEL: 'debug\nreboot' }, ["'agentConfiguration' value of ECS_LOGLEVEL must hold no quote and no line break", 'got "debug\\nreboot"']],
  ])('refuses the agent configuration %p', (agentConfiguration, parts) => {
    refused({ agentConfiguration: agentConfiguration as unknown as Record<string, string> }, ...parts);
  });

  test('has a range of ports only from what prints as one', () => {
    refused({ dynamicPorts: { first: 40000, last: 40999 } }, "'dynamicPorts' must come from PortRange.of", 'got Object');
  });

  test('of Bottlerocket has neither a port range nor agent settings', () => {
    const operatingSystem = HostOperatingSystem.BOTTLEROCKET;
    refused({ operatingSystem, dynamicPorts: PortRange.of(40000, 40999) }, "'dynamicPorts' (40000-40999) cannot be set on Bottlerocket", '32768-60999');
    refused({ operatingSystem, agentConfiguration: { ECS_LOGLEVEL: 'debug' } }, "'agentConfiguration' is for Amazon Linux", '[settings.ecs]');
  });
});

test.each<[string, unknown, string[]]>([
  ['operatingSystem', 'UBUNTU', ["'operatingSystem' must be of HostOperatingSystem (AMAZON_LINUX_2023, ", 'got "UBUNTU"']],
  ['furtherInstanceTypes', null, ["'furtherInstanceTypes' must be a list of instance types, got null"]],
  ['furtherInstanceTypes', 'c5.large', ["'furtherInstanceTypes' must be a list of instance types, got \"c5.large\""]],
  ['instanceWarmup', 300, ["'instanceWarmup' must be a Duration, got 300"]],
  ['agentConfiguration', null, ["'agentConfiguration' must be settings by their names, got null"]],
])('refuses %s %p in words', (prop, value, parts) => refused({ [prop]: value }, ...parts));

describe('instance metadata', () => {
  test.each(['false', null])('is let in for by true only, not by %j', (tasksReachInstanceMetadata) => {
    refused({ tasksReachInstanceMetadata: tasksReachInstanceMetadata as never }, "'tasksReachInstanceMetadata' must be true or false", `got ${JSON.stringify(tasksReachInstanceMetadata)}`);
  });

  test('is for tasks only where they are let in: two hops, and nothing said to the agent', () => {
    const template = templateWith({ tasksReachInstanceMetadata: true });
    template.hasResourceProperties(TEMPLATE, { LaunchTemplateData: { MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 } } });
    expect(userDataOf(template).join()).not.toContain('IMDS');
    expect(userDataOf(templateWith({ tasksReachInstanceMetadata: true, operatingSystem: HostOperatingSystem.BOTTLEROCKET })).join()).not.toContain('imds');
  });
});

describe('warm pool', () => {
  const POOL = 'AWS::AutoScaling::WarmPool';

  test('is made as asked, and the agent waits until its instance leaves it', () => {
    const template = templateWith({ warmPool: { minSize: 2, poolState: autoscaling.PoolState.STOPPED } });
    template.hasResourceProperties(POOL, { AutoScalingGroupName: Match.anyValue(), MinSize: 2, PoolState: 'Stopped' });
    expect(userDataOf(template)).toContain("echo 'ECS_WARM_POOLS_CHECK=true' >> /etc/ecs/ecs.config");
  });

  test('is not there unless asked for', () => {
    const template = templateWith();
    template.resourceCountIs(POOL, 0);
    expect(userDataOf(template).join()).not.toContain('WARM');
  });

  test.each<[Partial<Ec2CapacityProps>, string[]]>([
    [{ warmPool: {}, spot: true }, ["'warmPool' cannot be had with Spot Instances"]],
    [{ warmPool: {}, instancesDistribution: { onDemandPercentageAboveBaseCapacity: 50 } }, ["'warmPool' cannot be had with Spot Instances"]],
    [{ warmPool: {}, operatingSystem: HostOperatingSystem.BOTTLEROCKET }, ["'warmPool' is for Amazon Linux"]],
    [{ warmPool: { reuseOnScaleIn: true } }, ["'warmPool.reuseOnScaleIn' must be left out"]],
    [{ warmPool: { minSize: -1 } }, ["'warmPool.minSize' must be an integer of at least 0, got -1"]],
    [{ warmPool: { maxGroupPreparedCapacity: 1.5 } }, ["'warmPool.maxGroupPreparedCapacity' must be an integer of at least 0, got 1.5"]],
  ])('%p is refused', (props, parts) => refused(props, ...parts));

  test.each<[Partial<Ec2CapacityProps>]>([
    [{ furtherInstanceTypes: [new ec2.InstanceType('t3.large')] }],
    [{ instancesDistribution: { onDemandBaseCapacity: 1 } }],
  ])('with %p it is said that sources differ', (props) => {
    const { stack, cluster } = world();
    ec2Capacity(cluster, 'Capacity', { warmPool: {}, ...props });
    expect(warningsOf(stack)).toEqual(['warm-pool-mixed-instances']);
  });
});

describe('awsvpc tasks per instance', () => {
  const of = (...types: string[]) => {
    const [first, ...further] = types.map((type) => new ec2.InstanceType(type));
    return ec2Capacity(world().cluster, 'Capacity', { instanceType: first, furtherInstanceTypes: further }).awsvpcTasksPerInstance;
  };

  test('of a c5.large are 2, and 10 with a trunk', () => {
    expect(of('c5.large')).toEqual({ withoutTrunking: { fewest: 2, most: 2 }, withTrunking: { fewest: 10, most: 10 } });
  });

  test('of a type that cannot trunk are those without', () => {
    expect(of('t3.medium')).toEqual({ withoutTrunking: { fewest: 2, most: 2 }, withTrunking: undefined });
  });

  test('of a mix reach from the smallest to the largest, and a type that cannot trunk stays at what it has', () => {
    expect(of('c5.large', 'm5.xlarge', 't3.medium')).toEqual({ withoutTrunking: { fewest: 2, most: 3 }, withTrunking: { fewest: 2, most: 20 } });
  });

  test('of a type of which it is not decidable whether it trunks have both ends', () => {
    expect(of('c7i.large', 'c7i.32xlarge')!.withTrunking).toEqual({ fewest: 10, most: 120 });
  });

  test('of several network cards have two ends', () => {
    expect(of('p5.48xlarge')!.withoutTrunking).toEqual({ fewest: 1, most: 63 });
  });

  test('are not known where one type is not', () => {
    expect(of('c99.large')).toBeUndefined();
    expect(of('c5.large', 'c99.large')).toBeUndefined();
  });

  test('are not known where the type is known only at deployment', () => {
    const { stack, cluster } = world();
    const instanceType = new ec2.InstanceType(new CfnParameter(stack, 'Type').valueAsString);
    expect(ec2Capacity(cluster, 'Capacity', { instanceType, architecture: ec2.InstanceArchitecture.X86_64 }).awsvpcTasksPerInstance).toBeUndefined();
  });
});

describe('launch template', () => {
  test('takes metadata requests with tokens only, one hop away', () => {
    templateWith().hasResourceProperties(TEMPLATE, { LaunchTemplateData: { MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 } } });
  });

  test('has the instance type, the volumes and the role', () => {
    const template = templateWith({ blockDevices: [{ deviceName: '/dev/xvda', volume: ec2.BlockDeviceVolume.ebs(50, { encrypted: true }) }] });
    template.hasResourceProperties(TEMPLATE, {
      LaunchTemplateData: {
        InstanceType: 't3.medium',
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 50, Encrypted: true } }],
        IamInstanceProfile: Match.anyValue(),
      },
    });
    template.hasResourceProperties('AWS::IAM::InstanceProfile', { Roles: [{ Ref: Match.stringLikeRegexp('^CapacityInstanceRole') }] });
  });

  test('takes another image', () => {
    templateWith({ machineImage: ecs.EcsOptimizedImage.amazonLinux2023(ecs.AmiHardwareType.NEURON) })
      .hasParameter('*', { Default: '/aws/service/ecs/optimized-ami/amazon-linux-2023/inf/recommended/image_id' });
  });

  test('refuses a Windows image, where neither host nor bridge mode is', () => {
    refused({ machineImage: ecs.EcsOptimizedImage.windows(ecs.WindowsOptimizedVersion.SERVER_2022) }, "'machineImage' must be a Linux image");
  });
});

describe('instance types', () => {
  const [X86, OTHER_X86, ARM] = ['t3.medium', 'm5.large', 'c7g.large'].map((name) => new ec2.InstanceType(name));

  test('one type is a launch template alone', () => {
    templateWith().hasResourceProperties(GROUP, { LaunchTemplate: Match.anyValue(), MixedInstancesPolicy: Match.absent() });
  });

  test('several are a mixed policy, on demand', () => {
    templateWith({ instanceType: X86, furtherInstanceTypes: [OTHER_X86] }).hasResourceProperties(GROUP, {
      LaunchTemplate: Match.absent(),
      MixedInstancesPolicy: {
        LaunchTemplate: { Overrides: [{ InstanceType: 't3.medium' }, { InstanceType: 'm5.large' }] },
        InstancesDistribution: Match.absent(),
      },
    });
  });

  test('must have one architecture', () => {
    refused({ instanceType: X86, furtherInstanceTypes: [OTHER_X86, ARM] },
      "'furtherInstanceTypes' and 'instanceType' must have one architecture (x86_64)", 'got c7g.large (arm64)');
    refused({ instanceType: ARM, architecture: ec2.InstanceArchitecture.X86_64 }, 'must have one architecture (x86_64)', 'got c7g.large (arm64)');
    templateWith({ instanceType: ARM, furtherInstanceTypes: [new ec2.InstanceType('m7g.large')] });
  });

  test('whose names the framework takes for malformed need an architecture', () => {
    const instanceType = new ec2.InstanceType('u-18tb1.metal');
    refused({ instanceType }, "'architecture' must be given", 'got "u-18tb1.metal"');
    templateWith({ instanceType, architecture: ec2.InstanceArchitecture.X86_64 })
      .hasResourceProperties(TEMPLATE, { LaunchTemplateData: { InstanceType: 'u-18tb1.metal' } });
  });

  test('known only at deployment need an architecture, which the image follows', () => {
    const { stack, cluster } = world();
    const instanceType = new ec2.InstanceType(new CfnParameter(stack, 'Type').valueAsString);
    expectRefusal(() => ec2Capacity(cluster, 'Capacity', { instanceType }), 'Test/Capacity', "'architecture' must be given where 'instanceType' is known only at deployment");
    ec2Capacity(cluster, 'Given', { instanceType, architecture: ec2.InstanceArchitecture.ARM_64 });
    expect(JSON.stringify(Template.fromStack(stack).toJSON().Parameters)).toContain('amazon-linux-2023/arm64');
  });

  test('among which one is known only at deployment, need an architecture too', () => {
    const { stack, cluster } = world();
    const furtherInstanceTypes = [new ec2.InstanceType(new CfnParameter(stack, 'Type').valueAsString)];
    expectRefusal(() => ec2Capacity(cluster, 'Capacity', { furtherInstanceTypes }), 'Test/Capacity', "'architecture' must be given");
  });
});

describe('Spot', () => {
  test('is all Spot, by price and capacity, and instances told to go drain', () => {
    const template = templateWith({ spot: true, furtherInstanceTypes: [new ec2.InstanceType('m5.large')] });
    template.hasResourceProperties(GROUP, {
      MixedInstancesPolicy: {
        InstancesDistribution: { OnDemandBaseCapacity: 0, OnDemandPercentageAboveBaseCapacity: 0, SpotAllocationStrategy: 'price-capacity-optimized' },
        LaunchTemplate: { Overrides: [{ InstanceType: 't3.medium' }, { InstanceType: 'm5.large' }] },
      },
    });
    expect(userDataOf(template)).toContain("echo 'ECS_ENABLE_SPOT_INSTANCE_DRAINING=true' >> /etc/ecs/ecs.config");
    expect(actionsOf(template)).toContain('ecs:UpdateContainerInstancesState');
  });

  test('with one instance type is told of', () => {
    const { stack, cluster } = world();
    ec2Capacity(cluster, 'One', { spot: true });
    ec2Capacity(cluster, 'Two', { spot: true, furtherInstanceTypes: [new ec2.InstanceType('m5.large')] });
    ec2Capacity(cluster, 'OnDemand');
    expect(Annotations.fromStack(stack).findInfo('*', Match.anyValue()).map(({ id }) => id)).toEqual(['/Test/One']);
  });

  test.each([
    [{ onDemandPercentageAboveBaseCapacity: 50 }, true],
    [{ onDemandPercentageAboveBaseCapacity: 0 }, true],
    [{ onDemandPercentageAboveBaseCapacity: 100 }, false],
    [{ onDemandAllocationStrategy: autoscaling.OnDemandAllocationStrategy.LOWEST_PRICE }, false],
  ])('in part, by the distribution %p: draining is on: %p', (instancesDistribution, draining) => {
    const template = templateWith({ instancesDistribution });
    template.hasResourceProperties(GROUP, { MixedInstancesPolicy: { InstancesDistribution: Match.anyValue() } });
    expect(userDataOf(template).some((line) => line.includes('SPOT_INSTANCE_DRAINING'))).toBe(draining);
    expect(actionsOf(template).includes('ecs:UpdateContainerInstancesState')).toBe(draining);
  });

  test('is said once', () => {
    refused({ spot: true, instancesDistribution: {} }, "'spot' and 'instancesDistribution' both", 'give one of them');
  });
});

/** Every action the instance role is allowed. */
function actionsOf(template: Template): string[] {
  const [{ Properties }] = Object.values(template.findResources('AWS::IAM::Policy'));
  return Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action);
}

describe('instance role', () => {
  const cluster = { 'Fn::GetAtt': ['ClusterEB0386A7', 'Arn'] };
  const statements = [
    {
      Effect: 'Allow',
      Action: [
        'ecs:DeregisterContainerInstance', 'ecs:RegisterContainerInstance', 'ecs:SubmitAttachmentStateChanges', 'ecs:SubmitContainerStateChange', 'ecs:SubmitTaskStateChange',
      ],
      Resource: cluster,
    },
    {
      Effect: 'Allow',
      Action: ['ecs:Poll', 'ecs:StartTelemetrySession'],
      Resource: {
        'Fn::Join': ['', [
          'arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':container-instance/', { Ref: 'ClusterEB0386A7' }, '/*',
        ]],
      },
      Condition: { ArnEquals: { 'ecs:cluster': cluster } },
    },
    { Effect: 'Allow', Action: 'ecs:DiscoverPollEndpoint', Resource: '*' },
  ];

  test('may what the agent needs, and nothing else', () => {
    const template = templateWith();
    const [{ Properties }] = Object.values(template.findResources('AWS::IAM::Policy'));
    expect(Properties.PolicyDocument.Statement).toEqual(statements);
    template.resourceCountIs('AWS::IAM::Policy', 1);
    template.hasResourceProperties('AWS::IAM::Role', {
      ManagedPolicyArns: Match.absent(),
      Policies: Match.absent(),
      AssumeRolePolicyDocument: { Statement: [{ Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } }] },
    });
  });

  test('may what a user grants later', () => {
    const { stack, cluster: ofUser } = world();
    const capacity = ec2Capacity(ofUser);
    new s3.Bucket(stack, 'Bucket').grantRead(capacity);
    capacity.instanceRole.addManagedPolicy(iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Ssm', 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'));
    const template = Template.fromStack(stack);
    expect(actionsOf(template)).toContain('s3:GetObject*');
    template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'] });
  });
});

describe('Auto Scaling group', () => {
  test('has from one instance to the most that were asked for', () => {
    templateWith({ maxInstances: 7 }).hasResourceProperties(GROUP, { MinSize: '1', MaxSize: '7', DesiredCapacity: Match.absent() });
    templateWith({ minInstances: 0, maxInstances: 1 }).hasResourceProperties(GROUP, { MinSize: '0', MaxSize: '1' });
  });

  test.each([
    [{ minInstances: -1 }, ["'minInstances' must be an integer of at least 0, got -1"]],
    [{ minInstances: 1.5 }, ["'minInstances' must be an integer of at least 0, got 1.5"]],
    [{ maxInstances: 0 }, ["'maxInstances' must be an integer of at least 1, got 0"]],
    [{ maxInstances: NaN }, ["'maxInstances' must be an integer of at least 1"]],
    [{ minInstances: 5, maxInstances: 4 }, ["'maxInstances' must be at least 'minInstances' (5), got 4"]],
    [{ targetCapacityPercent: 0 }, ["'targetCapacityPercent' must be an integer from 1 to 100, got 0"]],
    [{ targetCapacityPercent: 101 }, ["'targetCapacityPercent' must be an integer from 1 to 100, got 101"]],
  ])('refuses %p', (props, parts) => refused(props, ...parts));

  test('takes numbers known only at deployment', () => {
    const { stack, cluster } = world();
    const most = new CfnParameter(stack, 'Most', { type: 'Number' }).valueAsNumber;
    const capacity = ec2Capacity(cluster, 'Capacity', { minInstances: 5, maxInstances: most });
    expect(Token.isUnresolved(capacity.maxInstances)).toBe(true);
    Template.fromStack(stack).hasResourceProperties(GROUP, { MinSize: '5', MaxSize: { Ref: 'Most' } });
  });

  test('is in the private subnets with a route out, or where it is asked for', () => {
    const subnetsOf = (template: Template) => Object.values(template.findResources(GROUP))
      .flatMap(({ Properties }) => Properties.VPCZoneIdentifier.map(({ Ref }: { Ref: string }) => Ref));
    expect(subnetsOf(templateWith())).toEqual([expect.stringMatching('^VpcPrivateSubnet1'), expect.stringMatching('^VpcPrivateSubnet2')]);
    const inPublic = templateWith({ vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } });
    expect(subnetsOf(inPublic)).toEqual([expect.stringMatching('^VpcPublicSubnet1'), expect.stringMatching('^VpcPublicSubnet2')]);
  });

  test('replaces running instances if it is asked to', () => {
    const nothing = { AutoScalingRollingUpdate: Match.absent(), AutoScalingReplacingUpdate: Match.absent() };
    templateWith().hasResource(GROUP, { UpdatePolicy: nothing });
    templateWith({ updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({ maxBatchSize: 2 }) })
      .hasResource(GROUP, { UpdatePolicy: { AutoScalingRollingUpdate: { MaxBatchSize: 2 } } });
  });

  test('reports where it is asked to', () => {
    const { stack, cluster } = world();
    ec2Capacity(cluster, 'Capacity', { notifications: [{ topic: new sns.Topic(stack, 'Topic'), scalingEvents: autoscaling.ScalingEvents.ALL }] });
    Template.fromStack(stack).hasResourceProperties(GROUP, { NotificationConfigurations: [Match.objectLike({ TopicARN: { Ref: Match.stringLikeRegexp('^Topic') } })] });
  });
});

describe('capacity provider', () => {
  test('scales and drains, and protects nothing', () => {
    const template = templateWith();
    template.hasResourceProperties(PROVIDER, {
      AutoScalingGroupProvider: {
        ManagedScaling: { Status: 'ENABLED', TargetCapacity: 100, InstanceWarmupPeriod: Match.absent() },
        ManagedDraining: 'ENABLED',
        ManagedTerminationProtection: 'DISABLED',
      },
    });
    template.hasResourceProperties(GROUP, { NewInstancesProtectedFromScaleIn: Match.absent() });
    template.resourceCountIs('AWS::Lambda::Function', 0); // draining by ECS, not by a hook of the L2's
  });

  test('does as it is asked to', () => {
    const template = templateWith({ targetCapacityPercent: 80, instanceWarmup: Duration.minutes(2), managedTerminationProtection: true });
    template.hasResourceProperties(PROVIDER, {
      AutoScalingGroupProvider: { ManagedScaling: { TargetCapacity: 80, InstanceWarmupPeriod: 120 }, ManagedTerminationProtection: 'ENABLED' },
    });
    template.hasResourceProperties(GROUP, { NewInstancesProtectedFromScaleIn: true });
  });

  test('is associated with the cluster, beside others', () => {
    const { stack, cluster } = world();
    const [one, two] = [ec2Capacity(cluster, 'One'), ec2Capacity(cluster, 'Two')];
    expect([one, two].map(({ capacityProviderStrategies: [{ capacityProvider }] }) => stack.resolve(capacityProvider).Ref))
      .toEqual([expect.stringMatching('^OneCapacityProvider'), expect.stringMatching('^TwoCapacityProvider')]);
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::ClusterCapacityProviderAssociations', {
      CapacityProviders: [{ Ref: Match.stringLikeRegexp('^OneCapacityProvider') }, { Ref: Match.stringLikeRegexp('^TwoCapacityProvider') }],
      DefaultCapacityProviderStrategy: [],
    });
  });
});

describe('stacks', () => {
  test('refuses the cluster of another stack', () => {
    const { app, cluster } = world();
    const other = new Stack(app, 'Other');
    expectRefusal(() => new Ec2Capacity(other, 'Capacity', { cluster, instanceType: INSTANCE_TYPE, maxInstances: 1 }), 'Other/Capacity',
      "'cluster' must be of the capacity's own stack", "got stacks 'Other' and 'Test'");
  });

  test("refuses a nested stack of the cluster's", () => {
    const { stack, cluster } = world();
    const nested = new NestedStack(stack, 'Nested');
    expectRefusal(() => new Ec2Capacity(nested, 'Capacity', { cluster, instanceType: INSTANCE_TYPE, maxInstances: 1 }), 'Test/Nested/Capacity',
      "'cluster' must be of the capacity's own stack", "got stacks 'Test/Nested' and 'Test'");
  });

  test('takes a VPC of another stack', () => {
    const app = testApp();
    const vpc = testVpc(new Stack(app, 'Network'));
    const stack = new Stack(app, 'Platform');
    ec2Capacity(new ecs.Cluster(stack, 'Cluster', { vpc }));
    Template.fromStack(stack).resourceCountIs(GROUP, 1);
  });
});

describe('security group', () => {
  const RULE = 'AWS::EC2::SecurityGroupIngress';

  test('of its own lets nothing in and everything out', () => {
    const template = templateWith();
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Container instances of Test/Capacity', SecurityGroupIngress: Match.absent(),
    });
    template.resourceCountIs(RULE, 0);
    expect(waysOut(template)).toEqual(['-1 0.0.0.0/0']);
  });

  test.each([
    ['before', true],
    ['after', false],
  ])('of its own lets IPv6 out where the VPC has it, from %s the capacity', (_when, before) => {
    const { stack, vpc, cluster } = world();
    const dualStack = () => new ec2.CfnVPCCidrBlock(vpc, 'Ipv6', { vpcId: vpc.vpcId, amazonProvidedIpv6CidrBlock: true });
    if (before) {
      dualStack();
    }
    ec2Capacity(cluster);
    if (!before) {
      dualStack();
    }
    expect(waysOut(Template.fromStack(stack))).toEqual([ANYWHERE]);
  });

  test('of its own lets IPv6 out in a VPC that is dual stack by its own props', () => {
    const stack = new Stack(testApp(), 'Test');
    const vpc = testVpc(stack, { ipProtocol: ec2.IpProtocol.DUAL_STACK });
    ec2Capacity(new ecs.Cluster(stack, 'Cluster', { vpc }));
    expect(waysOut(Template.fromStack(stack))).toEqual([ANYWHERE]);
  });

  test('a second IPv4 block is no IPv6', () => {
    const { stack, vpc, cluster } = world();
    new ec2.CfnVPCCidrBlock(vpc, 'Secondary', { vpcId: vpc.vpcId, cidrBlock: '100.64.0.0/16' });
    ec2Capacity(cluster);
    expect(waysOut(Template.fromStack(stack))).toEqual(['-1 0.0.0.0/0']);
  });

  test('may be given', () => {
    const { stack, vpc, cluster } = world();
    const securityGroup = new ec2.SecurityGroup(stack, 'Given', { vpc });
    const capacity = ec2Capacity(cluster, 'Capacity', { securityGroup });
    expect(capacity.hostSecurityGroups).toEqual([securityGroup]);
    expect(capacity.connections.securityGroups).toEqual([securityGroup]);
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
    template.hasResourceProperties(TEMPLATE, { LaunchTemplateData: { SecurityGroupIds: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^Given'), 'GroupId'] }] } });
  });

  test('that is imported stays as it is and warns, unless it may be edited', () => {
    const { stack, cluster } = world();
    const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Imported', 'sg-1');
    const kept = ec2Capacity(cluster, 'Kept', { securityGroup });
    const edited = ec2Capacity(cluster, 'Edited', { securityGroup, editImportedSecurityGroups: true });
    [kept, edited].forEach(({ connections }, n) => connections.allowFrom(ec2.Peer.ipv4(`10.${n}.0.0/16`), ec2.Port.tcp(80)));
    const template = Template.fromStack(stack);
    template.resourceCountIs(RULE, 1);
    template.hasResourceProperties(RULE, { GroupId: 'sg-1', CidrIp: '10.1.0.0/16' });
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp("Imported is imported.*'editImportedSecurityGroups: true'")).map(({ id }) => id)).toEqual(['/Test/Kept']);
  });
});
