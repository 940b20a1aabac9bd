import { Launch, Service, StrategyItem, TaskDefinition } from '../../src/analysis/facts';
import { factsOf, nameOf, named, namesOf, resourceOf, valueOf } from './facts-of';

type Properties = Readonly<Record<string, unknown>>;
const REST = { Parameters: { Open: { Type: 'String' }, Count: { Type: 'Number', Default: 3 } } };
const NETWORK = {
  Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
  Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' }),
  Cluster: resourceOf('AWS::ECS::Cluster', { ClusterName: 'prod' }),
};
const facts = (resources: Properties) => factsOf({ ...NETWORK, ...resources }, REST);
const service = (properties: Properties = {}) => resourceOf('AWS::ECS::Service', { Cluster: { Ref: 'Cluster' }, ...properties });
const serviceFact = (properties: Properties, others: Properties = {}): Service => named(facts({ Service: service(properties), ...others }).services, 'Service');
const instance = (properties: Properties = {}) => resourceOf('AWS::EC2::Instance', {
  SubnetId: { Ref: 'Subnet' }, UserData: { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' }, ...properties,
});
const windows = () => instance({ UserData: { 'Fn::Sub': '<powershell>\nInitialize-ECSAgent -Cluster ${Cluster}\n</powershell>' } });
const provider = (group: unknown) => resourceOf('AWS::ECS::CapacityProvider', { AutoScalingGroupProvider: { AutoScalingGroupArn: group } });
const scalingGroup = () => resourceOf('AWS::AutoScaling::AutoScalingGroup', { MinSize: 1, MaxSize: 1, VPCZoneIdentifier: [{ Ref: 'Subnet' }] });
const MANAGED = resourceOf('AWS::ECS::CapacityProvider', { ManagedInstancesProvider: { InstanceLaunchTemplate: { NetworkConfiguration: { Subnets: [{ Ref: 'Subnet' }] } } } });

describe('where a service runs', () => {
  const shown = ({ kind, by, hostGroups, complete, incompleteBecause }: Launch) => [kind, by, hostGroups.map(({ name }) => name).join(), complete ? 'all' : incompleteBecause];
  const launchOf = (properties: Properties, others: Properties = {}) => {
    const { launch } = serviceFact(properties, others);
    return launch.known ? shown(launch.value) : [`? ${launch.why}`];
  };
  const itemsOf = (names: readonly unknown[]) => names.map((CapacityProvider) => ({ CapacityProvider, Weight: 1 }));
  const strategy = (...names: unknown[]) => ({ CapacityProviderStrategy: itemsOf(names) });
  const defaults = (...names: unknown[]) => resourceOf('AWS::ECS::Cluster', { ClusterName: 'prod', DefaultCapacityProviderStrategy: strategy(...names).CapacityProviderStrategy });
  const GROUP = { Group: scalingGroup(), Provider: provider({ Ref: 'Group' }) };

  test.each<[string, Properties, Properties, readonly (string | undefined)[]]>([
    ['is Fargate by launch type', { LaunchType: 'FARGATE' }, {}, ['fargate', 'launch-type', '', 'all']],
    ['is Fargate by strategy', strategy('FARGATE', 'FARGATE_SPOT'), {}, ['fargate', 'strategy', '', 'all']],
    ['is outside by launch type', { LaunchType: 'EXTERNAL' }, {}, ['external', 'launch-type', '', 'instances outside of AWS are in no template']],
    ['is all instances of the cluster by launch type', { LaunchType: 'EC2' }, { One: instance(), Two: instance() }, ['ec2', 'launch-type', 'One,Two', 'all']],
    ['is all instances of the cluster by nothing', {}, { One: instance() }, ['ec2', 'none', 'One', 'all']],
    ['is all instances of the cluster where the strategy is empty', { CapacityProviderStrategy: [] }, { One: instance() }, ['ec2', 'none', 'One', 'all']],
    ['is all instances of the cluster that ECS does not manage', { LaunchType: 'EC2' }, {
      One: instance(), Provider: { ...MANAGED, Properties: { ...MANAGED.Properties, ClusterName: { Ref: 'Cluster' } } },
    }, ['ec2', 'launch-type', 'One', 'all']],
    ['is the group of the provider by strategy', strategy({ Ref: 'Provider' }), { ...GROUP, One: instance() }, ['ec2', 'strategy', 'Group', 'all']],
    ['is the groups of several providers', strategy({ Ref: 'Provider' }, { Ref: 'Second' }), { ...GROUP, Other: scalingGroup(), Second: provider({ Ref: 'Other' }) },
      ['ec2', 'strategy', 'Group,Other', 'all']],
    ['is Managed Instances by strategy', strategy({ Ref: 'Provider' }), { Provider: MANAGED }, ['managed-instances', 'strategy', 'Provider', 'all']],
    ['is that of the cluster by default', {}, { ...GROUP, Cluster: defaults({ Ref: 'Provider' }), One: instance() }, ['ec2', 'cluster-default', 'Group', 'all']],
    ['is that of the cluster by the default of its association', {}, {
      ...GROUP,
      Association: resourceOf('AWS::ECS::ClusterCapacityProviderAssociations', {
        Cluster: { Ref: 'Cluster' }, CapacityProviders: ['FARGATE'], DefaultCapacityProviderStrategy: strategy('FARGATE').CapacityProviderStrategy,
      }),
    }, ['fargate', 'cluster-default', '', 'all']],
    ['is not that of the cluster with a launch type', { LaunchType: 'EC2' }, { One: instance(), Cluster: defaults('FARGATE') }, ['ec2', 'launch-type', 'One', 'all']],
    ['is a provider without its group', strategy({ Ref: 'Provider' }), { Provider: provider('imported') },
      ['ec2', 'strategy', '', 'the Auto Scaling group of Provider is not of what is given']],
    ['is a provider and another', strategy({ Ref: 'Provider' }, 'imported'), GROUP, ['ec2', 'strategy', 'Group', 'imported is not of what is given']],
    ['is unknown for a provider that is', strategy({ Ref: 'Open' }), {}, ['? a capacity provider is not known: parameter Open has no default']],
    ['is unknown for a strategy that is', { CapacityProviderStrategy: { Ref: 'Open' } }, {}, ['? parameter Open has no default']],
    ['is unknown for a strategy that mixes kinds', strategy('FARGATE', { Ref: 'Provider' }), GROUP, ['? the strategy mixes providers of several kinds, which ECS refuses']],
    ['is unknown for a strategy with nothing in it', { CapacityProviderStrategy: [{}] }, {}, ['? the strategy of Service has an item without CapacityProvider']],
    ['is unknown for a launch type that is', { LaunchType: { Ref: 'Open' } }, {}, ['? parameter Open has no default']],
    ['is unknown for a launch type that is none', { LaunchType: 'ec2' }, {}, ['? Service has launch type "ec2", which is none']],
    ['is unknown by the default of a cluster that is not given', { Cluster: 'other' }, {}, ['? the default strategy of the cluster is not known: other is not of what is given']],
    ['is unknown by the default of the default cluster', { Cluster: undefined }, {}, ['? the default strategy of the cluster is not known: default is not of what is given']],
    ['is instances of a cluster that is not given', { LaunchType: 'EC2', Cluster: 'other' }, {}, ['ec2', 'launch-type', '', 'the cluster is not of what is given: other is not of what is given']],
    ['is no instances that are given', { LaunchType: 'EC2' }, {}, ['ec2', 'launch-type', '', 'no instances of cluster Cluster are in what is given']],
    ['is all instances of a cluster that has Fargate as well', { LaunchType: 'EC2' }, {
      ...GROUP, One: instance(), Cluster: resourceOf('AWS::ECS::Cluster', { ClusterName: 'prod', CapacityProviders: ['FARGATE', { Ref: 'Provider' }] }),
    }, ['ec2', 'launch-type', 'Group,One', 'all']],
    ['may be instances of a provider that is not given', { LaunchType: 'EC2' },
      { One: instance(), Cluster: resourceOf('AWS::ECS::Cluster', { CapacityProviders: ['imported', 'FARGATE'] }) },
      ['ec2', 'launch-type', 'One', 'a capacity provider of cluster Cluster is not known: imported is not of what is given']],
    ['may be instances of providers that are unknown', { LaunchType: 'EC2' }, {
      One: instance(), Association: resourceOf('AWS::ECS::ClusterCapacityProviderAssociations', { Cluster: 'prod', CapacityProviders: { Ref: 'Open' } }),
    }, ['ec2', 'launch-type', 'One', 'the capacity providers of cluster Cluster are not known: parameter Open has no default']],
    ['may be instances of a provider whose group is not given', { LaunchType: 'EC2' },
      { One: instance(), Provider: provider('imported'), Cluster: resourceOf('AWS::ECS::Cluster', { CapacityProviders: [{ Ref: 'Provider' }] }) },
      ['ec2', 'launch-type', 'One', 'the Auto Scaling group of capacity provider Provider is not of what is given']],
    ['may be instances that join a cluster nobody knows', { LaunchType: 'EC2' }, { One: instance(), Two: instance({ UserData: 'echo ECS_X=1 >> /etc/ecs/ecs.config' }), Second: resourceOf('AWS::ECS::Cluster') },
      ['ec2', 'launch-type', 'One', 'which cluster the instances of Two join is not known']],
    ['may be instances of a fleet', { LaunchType: 'EC2' }, { One: instance(), Fleet: resourceOf('AWS::EC2::SpotFleet') },
      ['ec2', 'launch-type', 'One', 'the instances of Fleet may join the cluster']],
    ['may be instances of nothing but a fleet', { LaunchType: 'EC2' }, { Fleet: resourceOf('AWS::EC2::SpotFleet') },
      ['ec2', 'launch-type', '', 'the instances of Fleet may join the cluster']],
    ['may be instances of a loop', { LaunchType: 'EC2' }, { One: instance(), 'Fn::ForEach::Nodes': ['X', ['1'], {}] },
      ['ec2', 'launch-type', 'One', 'instances may come of Resources.Fn::ForEach::Nodes of template.yaml: loops are not expanded']],
  ])('%s', (_, properties, others, expected) => {
    expect(launchOf(properties, others)).toEqual(expected);
  });

  describe('with an operating system of its tasks', () => {
    const of = (OperatingSystemFamily: unknown) => ({ Task: resourceOf('AWS::ECS::TaskDefinition', { RuntimePlatform: { OperatingSystemFamily } }) });
    const ON = { LaunchType: 'EC2', TaskDefinition: { Ref: 'Task' } };
    const SERVER = 'WINDOWS_SERVER_2022_CORE';
    const BOTH = { One: instance(), Two: windows() };
    const rocket = () => instance({ UserData: { 'Fn::Sub': '[settings.ecs]\ncluster = "${Cluster}"' } });
    const BY_STRATEGY = { ...strategy({ Ref: 'Provider' }), LaunchType: undefined };
    const NONE = (system: string) => [`? none of its instances runs ${system}, as its tasks do`];

    test.each<[string, Properties, Properties, readonly (string | undefined)[]]>([
      ['is the instances with Linux', ON, { ...BOTH, ...of('LINUX') }, ['ec2', 'launch-type', 'One', 'all']],
      ['is the instances with Windows', ON, { ...BOTH, ...of(SERVER) }, ['ec2', 'launch-type', 'Two', 'all']],
      ['is Bottlerocket for Linux', ON, { One: rocket(), Two: windows(), ...of('LINUX') }, ['ec2', 'launch-type', 'One', 'all']],
      ['is not Bottlerocket for Windows', ON, { One: rocket(), Two: windows(), ...of(SERVER) }, ['ec2', 'launch-type', 'Two', 'all']],
      ['may be an instance of which it is not known', ON, { One: instance(), Two: windows(), ...of({ Ref: 'Open' }) }, ['ec2', 'launch-type', 'One,Two', 'all']],
      ['may be any instance where the task definition leaves it out', ON, { ...BOTH, Task: resourceOf('AWS::ECS::TaskDefinition') }, ['ec2', 'launch-type', 'One,Two', 'all']],
      ['may be the group of a provider whose system is not known', { ...ON, ...BY_STRATEGY }, { ...GROUP, ...of(SERVER) }, ['ec2', 'strategy', 'Group', 'all']],
      ['is unknown where no instance has Windows', ON, { One: instance(), ...of(SERVER) }, NONE('Windows')],
      ['is unknown where no instance has Linux', ON, { Two: windows(), ...of('LINUX') }, NONE('Linux')],
      ['may be instances that are not given', { ...ON, ...strategy({ Ref: 'Provider' }, 'imported'), LaunchType: undefined }, {
        ...GROUP, Group: { ...GROUP.Group, Properties: { ...GROUP.Group.Properties, LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' } } },
        Template: resourceOf('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { UserData: '<powershell>\n</powershell>' } }), ...of('LINUX'),
      }, ['ec2', 'strategy', '', 'imported is not of what is given']],
    ])('%s', (_, properties, others, expected) => {
      expect(launchOf(properties, others)).toEqual(expected);
    });

    test('is told to these host groups only', () => {
      const { hostGroups } = facts({ ...BOTH, ...of('LINUX'), Service: service(ON) });
      expect(hostGroups.map(({ name, services }) => [name, services.length])).toEqual([['One', 1], ['Two', 0]]);
    });
  });

  test('rests on nothing else joining the cluster, and on those that are taken to', () => {
    const assumes = (others: Properties) => {
      const { launch } = serviceFact({ LaunchType: 'EC2' }, others);
      return launch.known && launch.assumes;
    };
    expect(assumes({ One: instance() })).toEqual(['no other instances join cluster Cluster']);
    expect(assumes({ One: instance({ UserData: 'ECS_X=1' }) })).toEqual(['the instances of One join cluster Cluster', 'no other instances join cluster Cluster']);
    expect(assumes({})).toEqual([]);
  });

  test('has bases and weights', () => {
    const items = (list: unknown) => {
      const { launch } = serviceFact({ CapacityProviderStrategy: list });
      const shape = ({ base, weight, provider: its }: StrategyItem) => [its.literal, its.fargate, valueOf(base), valueOf(weight)];
      return launch.known && launch.value.strategy.map(shape);
    };
    expect(items([{ CapacityProvider: 'FARGATE', Base: '1', Weight: 2 }, { CapacityProvider: 'FARGATE_SPOT', Weight: { Ref: 'Open' } }]))
      .toEqual([['FARGATE', true, 1, 2], ['FARGATE_SPOT', true, 0, '? parameter Open has no default']]);
    expect(items([{ CapacityProvider: 'FARGATE' }, { CapacityProvider: 'FARGATE_SPOT' }])).toEqual([['FARGATE', true, 0, 0], ['FARGATE_SPOT', true, 0, 0]]);
    expect(items([{ CapacityProvider: 'FARGATE' }])).toEqual([['FARGATE', true, 0, 1]]);
  });

  test('is told to the host groups and the cluster', () => {
    const { hostGroups, clusters } = facts({ ...GROUP, One: instance(), A: service({ LaunchType: 'EC2' }), B: service(strategy({ Ref: 'Provider' })), C: service({ LaunchType: 'FARGATE' }) });
    expect(hostGroups.map(({ name, services }) => [name, services.map((one) => one.name)])).toEqual([['One', ['A']], ['Group', ['B']]]);
    expect(clusters[0].services.map(({ name }) => name)).toEqual(['A', 'B', 'C']);
  });

  test.each<[string, unknown]>([
    ['by Ref', { Ref: 'Cluster' }], ['by ARN', { 'Fn::GetAtt': ['Cluster', 'Arn'] }], ['by name', 'prod'], ['by a literal ARN', 'arn:aws:ecs:eu-west-1:111111111111:cluster/prod'],
    ['by an ARN that is put together', { 'Fn::Sub': 'arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:cluster/prod' }],
  ])('is in a cluster %s', (_, Cluster) => {
    expect(nameOf(serviceFact({ Cluster }).cluster)).toBe('Cluster');
  });
});

describe('the network mode of a service', () => {
  const definition = (properties: Properties) => ({ Task: resourceOf('AWS::ECS::TaskDefinition', properties) });
  const TASK = { TaskDefinition: { Ref: 'Task' } };
  const WINDOWS = { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } };
  const NETWORK_CONFIGURATION = { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }] } } };
  test.each<[string, Properties, Properties, string, string]>([
    ['is what the task definition says', TASK, definition({ NetworkMode: 'host' }), 'host', 'linux'],
    ['is bridge on Linux where it says nothing', TASK, definition({}), 'bridge', 'linux'],
    ['is default on Windows where it says nothing', TASK, definition(WINDOWS), 'default', 'windows'],
    ['is default on instances with Windows', { ...TASK, LaunchType: 'EC2' }, { ...definition({}), One: windows() }, 'default', 'windows'],
    ['is bridge on instances of both kinds', { ...TASK, LaunchType: 'EC2' }, { ...definition({}), One: windows(), Two: instance() }, 'bridge', 'linux'],
    ['is not known for Managed Instances where it says nothing', { ...TASK, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Provider' } }] },
      { ...definition({}), Provider: MANAGED }, "? Task names no network mode, and AWS's pages differ on the default of Managed Instances", 'linux'],
    ['is what it says for Managed Instances', { ...TASK, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Provider' } }] },
      { ...definition({ NetworkMode: 'awsvpc' }), Provider: MANAGED }, 'awsvpc', 'linux'],
    ['is unknown for a parameter', TASK, definition({ NetworkMode: { Ref: 'Open' } }), '? parameter Open has no default', 'linux'],
    ['is unknown for what is none', TASK, definition({ NetworkMode: 'vpc' }), '? "vpc" is no network mode', 'linux'],
    ['is awsvpc where only the network configuration is in sight', { TaskDefinition: 'web', ...NETWORK_CONFIGURATION }, {}, 'awsvpc', 'linux'],
    ['is unknown where nothing is in sight', { TaskDefinition: 'web' }, {}, '? its task definition is not of what is given', 'linux'],
    ['is unknown without a task definition', {}, {}, '? it names no task definition', 'linux'],
    ['is unknown where the network configuration is', { TaskDefinition: 'web', NetworkConfiguration: { 'Fn::Transform': { Name: 'X' } } }, {},
      '? its task definition is not of what is given', 'linux'],
  ])('%s', (_, properties, others, mode, system) => {
    const fact = serviceFact(properties, others);
    expect([valueOf(fact.mode), valueOf(fact.operatingSystem)]).toEqual([mode, system]);
  });

  test('rests on a default, unless the instances or Fargate tell the operating system', () => {
    const assumes = (properties: Properties, others: Properties = {}) => {
      const { operatingSystem, mode } = serviceFact({ ...TASK, ...properties }, { ...definition({}), ...others });
      return [operatingSystem.known && operatingSystem.assumes, mode.known && mode.assumes];
    };
    const [SYSTEM, MODE] = [['OperatingSystemFamily is left out, which means linux'], ['NetworkMode is left out, which means bridge']];
    expect(assumes({ LaunchType: 'EC2' })).toEqual([SYSTEM, MODE]);
    expect(assumes({ LaunchType: 'EC2' }, { One: instance() })).toEqual([[], MODE]);
    expect(assumes({ LaunchType: 'FARGATE' })).toEqual([[], MODE]);
  });

  test.each<[string, unknown, string | undefined]>([
    ['by Ref', { Ref: 'Task' }, 'Task'], ['by family', 'web', 'Task'], ['not by the revision of a family', 'web:3', undefined], ['not by another family', 'api', undefined],
  ])('is that of a task definition %s', (_, TaskDefinition, expected) => {
    expect(serviceFact({ TaskDefinition }, definition({ Family: 'web' })).taskDefinition?.name).toBe(expected);
  });

  test('is known to the task definition', () => {
    const { taskDefinitions: [task] } = facts({ ...definition({}), A: service(TASK), B: service(TASK), C: service() });
    expect(task.services.map(({ name }) => name)).toEqual(['A', 'B']);
  });
});

describe('the network configuration', () => {
  const awsvpc = (configuration: unknown) => serviceFact({ NetworkConfiguration: configuration }).awsvpc;
  test('has subnets, groups and a public address', () => {
    const its = awsvpc({ AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }], SecurityGroups: ['sg-1'], AssignPublicIp: 'ENABLED' } })!;
    expect([its.certain, namesOf(its.subnets), namesOf(its.securityGroups), its.usesDefaultGroup, valueOf(its.assignPublicIp)])
      .toEqual([true, ['Subnet'], ['? sg-1 is not of what is given'], false, true]);
  });

  test.each<[unknown, boolean | string]>([
    [undefined, false], ['DISABLED', false], ['ENABLED', true], ['yes', '? "yes" is none of ENABLED, DISABLED'], [{ Ref: 'Open' }, '? parameter Open has no default'],
  ])('with AssignPublicIp %j', (AssignPublicIp, expected) => {
    expect(valueOf(awsvpc({ AwsvpcConfiguration: { Subnets: ['subnet-1'], AssignPublicIp } })!.assignPublicIp)).toBe(expected);
  });

  test('is absent, or not certain', () => {
    expect([awsvpc(undefined), awsvpc({})]).toEqual([undefined, undefined]);
    const its = awsvpc({ 'Fn::Transform': { Name: 'X' } })!;
    expect([its.certain, its.subnets.known, its.assignPublicIp.known]).toEqual([false, false, false]);
  });

  test('tells the VPC, or else the instances do', () => {
    expect(nameOf(serviceFact({ NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1', { Ref: 'Subnet' }] } } }).vpc)).toBe('Vpc');
    expect(nameOf(serviceFact({ LaunchType: 'EC2' }, { One: instance() }).vpc)).toBe('Vpc');
    expect(serviceFact({ LaunchType: 'EC2' }).vpc).toBeUndefined();
  });
});

describe('how many tasks a service wants', () => {
  const target = (ResourceId: unknown, properties: Properties = {}) => ({
    Target: resourceOf('AWS::ApplicationAutoScaling::ScalableTarget', {
      ResourceId, MinCapacity: '2', MaxCapacity: 8, ScalableDimension: 'ecs:service:DesiredCount', ServiceNamespace: 'ecs', ...properties,
    }),
  });
  const wanted = (properties: Properties, others: Properties = {}) => {
    const { desired, scaling } = serviceFact({ ServiceName: 'web', ...properties }, others);
    return [valueOf(desired), scaling && [valueOf(scaling.min), valueOf(scaling.max)]];
  };
  const BY_JOIN = { 'Fn::Join': ['', ['service/', { Ref: 'Cluster' }, '/', { 'Fn::GetAtt': ['Service', 'Name'] }]] };
  const piece = (delimiter: string, index: number, arn: unknown = { Ref: 'Service' }) => ({ 'Fn::Select': [index, { 'Fn::Split': [delimiter, arn] }] });
  const inSlashes = (name: unknown) => ({ 'Fn::Join': ['/', ['service', { Ref: 'Cluster' }, name]] });
  const maybe = (why: string) => [why, [why, why]].map((one) => JSON.parse(JSON.stringify(one).replaceAll(why, `? whether Target scales Service is not known: ${why}`)) as unknown);

  test.each<[string, Properties, Properties, readonly unknown[]]>([
    ['is what it says', { DesiredCount: '4' }, {}, [4, undefined]],
    ['is a parameter', { DesiredCount: { Ref: 'Count' } }, {}, [3, undefined]],
    ['is 1 where it says nothing', {}, {}, [1, undefined]],
    ['is unknown for a parameter without a default', { DesiredCount: { Ref: 'Open' } }, {}, ['? parameter Open has no default', undefined]],
    ['is unknown for what is no number', { DesiredCount: 'many' }, {}, ['? it is no number here', undefined]],
    ['is at least the minimum', { DesiredCount: 0 }, target(BY_JOIN), [2, [2, 8]]],
    ['is at most the maximum', { DesiredCount: 9 }, target(BY_JOIN), [8, [2, 8]]],
    ['is between the two', { DesiredCount: 5 }, target(BY_JOIN), [5, [2, 8]]],
    ['is the minimum where it says nothing', {}, target(BY_JOIN), [2, [2, 8]]],
    ['is 1 where it says nothing and the minimum is 0', {}, target(BY_JOIN, { MinCapacity: 0 }), [1, [0, 8]]],
    ['is unknown where the minimum is', { DesiredCount: 5 }, target(BY_JOIN, { MinCapacity: { Ref: 'Open' } }), ['? parameter Open has no default', ['? parameter Open has no default', 8]]],
    ['is unknown where an end is left out', { DesiredCount: 5 }, target(BY_JOIN, { MaxCapacity: undefined }), ['? Target has no MaxCapacity', [2, '? Target has no MaxCapacity']]],
    ['is scaled by Sub', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/${Cluster}/${Service.Name}' }), [5, [2, 8]]],
    ['is scaled by literal names', { DesiredCount: 5 }, target('service/prod/web'), [5, [2, 8]]],
    ['is scaled by a reference and a name', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/${Cluster}/web' }), [5, [2, 8]]],
    ['is scaled by one expression', { DesiredCount: 5, ServiceName: { Ref: 'Open' } }, target({ 'Fn::Sub': 'service/${Cluster}/${Open}' }), [5, [2, 8]]],
    ['is not scaled in another cluster', { DesiredCount: 5 }, target('service/test/web'), [5, undefined]],
    ['is not scaled by another name', { DesiredCount: 5 }, target('service/prod/api'), [5, undefined]],
    ['is not scaled by what is none', { DesiredCount: 5 }, target('web'), [5, undefined]],
    ['is not scaled by a longer id', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/${Cluster}/web/${Open}' }), [5, undefined]],
    ['is not scaled by what is no id of a service', { DesiredCount: 5 }, target({ 'Fn::Sub': 'table/${Open}' }), [5, undefined]],
    ['is scaled by a piece of its ARN', { DesiredCount: 5 }, target(inSlashes(piece('/', 2))), [5, [2, 8]]],
    ['is scaled by a piece of its ARN as it was', { DesiredCount: 5 }, target(inSlashes(piece('/', 1))), [5, [2, 8]]],
    ['is scaled by a piece of its ARN by attribute', { DesiredCount: 5 }, target(inSlashes(piece('/', 2, { 'Fn::GetAtt': ['Service', 'ServiceArn'] }))), [5, [2, 8]]],
    ['is scaled by the end of its ARN', { DesiredCount: 5 }, target(piece(':', 5)), [5, [2, 8]]],
    ['is unknown with another piece of its ARN', { DesiredCount: 5 }, target(inSlashes(piece('/', 3))), maybe('the id of Service is known when it is deployed')],
    ['is scaled by a name that is put together', { DesiredCount: 5, ServiceName: { 'Fn::Sub': 'web-${Open}' } }, target({ 'Fn::Sub': 'service/${Cluster}/web-${Open}' }), [5, [2, 8]]],
    ['is unknown where a parameter may mean it', { DesiredCount: 5 }, target({ Ref: 'Open' }), maybe('parameter Open has no default')],
    ['is unknown where a name may be its own', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/${Cluster}/${Open}' }), maybe('parameter Open has no default')],
    ['is unknown where a cluster may be its own', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/${Open}/web' }), maybe('parameter Open has no default')],
    ['is unknown where both may be', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/${Open}' }), maybe('parameter Open has no default')],
    ['is unknown where its name may be given', { DesiredCount: 5, ServiceName: { Ref: 'Open' } }, target('service/prod/web'), maybe('parameter Open has no default')],
    ['is unknown where its name may have a part', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/${Cluster}/w${Open}b' }), maybe('parameter Open has no default')],
    ['is unknown where its name is made up', { DesiredCount: 5, ServiceName: undefined }, target({ 'Fn::Sub': 'service/${Cluster}/${Open}' }), maybe('parameter Open has no default')],
    ['is unknown where its cluster may be given', { DesiredCount: 5, Cluster: { Ref: 'Open' } }, target('service/prod/web'), maybe('parameter Open has no default')],
    ['is what it says where its name is made up and another given', { DesiredCount: 5, ServiceName: undefined }, target({ 'Fn::Sub': 'service/${Open}/web' }), [5, undefined]],
    ['is what it says where the name is surely another', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/${Open}/api' }), [5, undefined]],
    ['is what it says where the name surely begins otherwise', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/${Cluster}/api-${Open}' }), [5, undefined]],
    ['is what it says where the name surely ends otherwise', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/${Cluster}/${Open}-api' }), [5, undefined]],
    ['is what it says where the name is surely longer', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/${Cluster}/we${Open}eb' }), [5, undefined]],
    ['is what it says where the last name is surely another', { DesiredCount: 5 }, target({ 'Fn::Sub': '${Open}/api' }), [5, undefined]],
    ['is what it says where the cluster is surely another', { DesiredCount: 5 }, target({ 'Fn::Sub': 'service/test/${Open}' }), [5, undefined]],
    ['is what it says where the cluster is another that is given', { DesiredCount: 5 },
      { ...target({ 'Fn::Sub': 'service/${Other}/${Open}' }), Other: resourceOf('AWS::ECS::Cluster', { ClusterName: { Ref: 'Open' } }) }, [5, undefined]],
    ['is what it says where a parameter means something else', { DesiredCount: 5 }, target({ Ref: 'Open' }, { ServiceNamespace: 'dynamodb', ScalableDimension: { Ref: 'Open' } }), [5, undefined]],
    ['is that of the target that is surely for it', { DesiredCount: 5 }, { ...target(BY_JOIN), Second: target({ Ref: 'Open' }).Target }, [5, [2, 8]]],
    ['is scaled by the ARN of its cluster', { DesiredCount: 5, Cluster: 'arn:aws:ecs:eu-west-1:111111111111:cluster/test' }, target('service/test/web'), [5, [2, 8]]],
    ['is not scaled in another dimension', { DesiredCount: 5 }, target(BY_JOIN, { ScalableDimension: 'ecs:service:Other' }), [5, undefined]],
    ['is one per instance for a daemon', { SchedulingStrategy: 'DAEMON' }, target(BY_JOIN), ['? a DAEMON service has one task per instance', undefined]],
    ['is unknown where the scheduling is', { SchedulingStrategy: { Ref: 'Open' } }, {}, ['? the scheduling strategy is not known', undefined]],
  ])('%s', (_, properties, others, expected) => {
    expect(wanted(properties, others)).toEqual(expected);
  });

  test('is unknown for none but those that a target may mean', () => {
    const { services } = facts({
      ...target({ 'Fn::Sub': 'service/${Cluster}/web-${Open}' }), Second: target({ 'Fn::Sub': 'service/${Cluster}/${Scaled.Name}' }).Target,
      ...Object.fromEntries(['web-1', 'api', 'web-2'].map((ServiceName, index) => [`S${index}`, service({ ServiceName, DesiredCount: 5 })])),
      Scaled: service({ ServiceName: 'web-3', DesiredCount: 5 }),
    });
    expect(services.map(({ name, desired }) => [name, desired.known])).toEqual([['S0', false], ['S1', true], ['S2', false], ['Scaled', true]]);
  });

  test('rests on the default where it says nothing', () => {
    expect(serviceFact({}).desired).toMatchObject({ assumes: ['DesiredCount is left out, which means 1'] });
    expect(serviceFact({}, target(BY_JOIN)).desired).toMatchObject({ assumes: [] });
  });
});

describe('the deployments of a service', () => {
  const shown = (properties: Properties) => {
    const { deployment: { controller, strategy, minHealthyPercent, maxHealthyPercent }, scheduling } = serviceFact(properties);
    return [controller, strategy, minHealthyPercent, maxHealthyPercent].map((one) => valueOf<unknown>(one)).concat(scheduling);
  };
  test.each<[string, Properties, readonly unknown[]]>([
    ['are rolling, from 100 to 200 percent', {}, ['ECS', 'ROLLING', 100, 200, 'REPLICA']],
    ['are those of a daemon, from 0 to 100 percent', { SchedulingStrategy: 'DAEMON' }, ['ECS', 'ROLLING', 0, 100, 'DAEMON']],
    ['are what it says', {
      DeploymentController: { Type: 'CODE_DEPLOY' }, DeploymentConfiguration: { Strategy: 'BLUE_GREEN', MinimumHealthyPercent: '50', MaximumPercent: 150 },
    }, ['CODE_DEPLOY', 'BLUE_GREEN', 50, 150, 'REPLICA']],
    ['are unknown for parameters', {
      DeploymentController: { Type: { Ref: 'Open' } }, DeploymentConfiguration: { MinimumHealthyPercent: { Ref: 'Open' } },
    }, ['? parameter Open has no default', 'ROLLING', '? parameter Open has no default', 200, 'REPLICA']],
    ['are unknown where the scheduling is', { SchedulingStrategy: { Ref: 'Open' } },
      ['ECS', 'ROLLING', '? the scheduling strategy is not known', '? the scheduling strategy is not known', 'unknown']],
    ['are unknown for what there is not', { DeploymentController: { Type: 'ecs' } }, ['? "ecs" is none of ECS, CODE_DEPLOY, EXTERNAL', 'ROLLING', 100, 200, 'REPLICA']],
  ])('%s', (_, properties, expected) => {
    expect(shown(properties)).toEqual(expected);
  });

  test('rest on documented defaults', () => {
    const { deployment } = serviceFact({});
    expect([deployment.minHealthyPercent, deployment.maxHealthyPercent]).toMatchObject([
      { assumes: ['MinimumHealthyPercent is left out, which means 100'] }, { assumes: ['MaximumPercent is left out, which means 200'] },
    ]);
  });
});

describe('a service with the EXTERNAL controller', () => {
  const EXTERNAL = { DeploymentController: { Type: 'EXTERNAL' }, DesiredCount: 2 };
  const taskSet = (properties: Properties = {}) => resourceOf('AWS::ECS::TaskSet', {
    Service: { 'Fn::GetAtt': ['Service', 'ServiceArn'] }, Cluster: { Ref: 'Cluster' }, TaskDefinition: { Ref: 'Task' }, LaunchType: 'FARGATE',
    NetworkConfiguration: { AwsVpcConfiguration: { Subnets: [{ Ref: 'Subnet' }] } },
    LoadBalancers: [{ TargetGroupArn: { Ref: 'Targets' }, ContainerName: 'web', ContainerPort: 80 }],
    ServiceRegistries: [{ RegistryArn: 'arn:x', Port: 80 }],
    ...properties,
  });
  const OTHERS = { Task: resourceOf('AWS::ECS::TaskDefinition', { NetworkMode: 'awsvpc' }), Targets: resourceOf('AWS::ElasticLoadBalancingV2::TargetGroup') };

  test('is what its task set says', () => {
    const fact = serviceFact(EXTERNAL, { ...OTHERS, Set: taskSet() });
    expect([fact.launch.known && fact.launch.value.kind, valueOf(fact.mode), fact.taskDefinition?.name, valueOf(fact.desired)])
      .toEqual(['fargate', 'awsvpc', 'Task', 2]);
    expect(namesOf(fact.awsvpc!.subnets)).toEqual(['Subnet']);
    const lengths = [fact.loadBalancers, fact.registries].map((list) => list.known && list.value.length);
    expect(lengths).toEqual([1, 1]);
  });

  const percent = (Value: unknown) => ({ Scale: { Unit: 'PERCENT', Value } });
  test.each<[string, number, Properties, number | string]>([
    ['a half', 4, percent(50), 2],
    ['a half as text', 4, percent('50'), 2],
    ['a half without a unit', 4, { Scale: { Value: 50 } }, 2],
    ['what rounds up', 3, percent(50), 2],
    ['a little', 4, percent(1), 1],
    ['what does not round up by fractions of computers', 1000, percent(1.1), 11],
    ['none', 4, percent(0), 0],
    ['all', 4, percent(100), 4],
    ['all without a scale', 4, {}, 4],
    ['what nobody knows', 4, percent({ Ref: 'Open' }), '? parameter Open has no default'],
    ['what nobody knows as a whole', 4, { Scale: { Ref: 'Open' } }, '? parameter Open has no default'],
    ['what has no value', 4, { Scale: { Unit: 'PERCENT' } }, '? the Scale of Set has no Value'],
    ['what is no percentage', 4, percent(150), '? the Scale of Set is 150, which is no percentage'],
    ['another unit', 4, { Scale: { Unit: 'COUNT', Value: 2 } }, '? "COUNT" is none of PERCENT'],
  ])('runs as many tasks as its task set says: %s', (_, DesiredCount, scale, expected) => {
    expect(valueOf(serviceFact({ ...EXTERNAL, DesiredCount }, { ...OTHERS, Set: taskSet(scale) }).desired)).toBe(expected);
  });

  test('is scaled as its task set says', () => {
    const { desired, scaling } = serviceFact(EXTERNAL, {
      ...OTHERS, Set: taskSet(percent(50)), Target: resourceOf('AWS::ApplicationAutoScaling::ScalableTarget', {
        ResourceId: { 'Fn::Sub': 'service/${Cluster}/${Service.Name}' }, MinCapacity: 3, MaxCapacity: 8,
      }),
    });
    expect([desired, scaling?.min, scaling?.max].map(valueOf)).toEqual([2, 2, 4]);
  });

  describe('with two task sets', () => {
    const two = (first: Properties, second: Properties) => (
      serviceFact({ ...EXTERNAL, DesiredCount: 4 }, { ...OTHERS, Blue: taskSet(first), Green: taskSet(second) }));
    const targetsOf = ({ loadBalancers }: Service) => loadBalancers.known
      ? loadBalancers.value.map(({ targetGroup }) => targetGroup?.target?.name ?? targetGroup?.literal)
      : [];
    const OTHER_TARGETS = { LoadBalancers: [{ TargetGroupArn: 'arn:green', ContainerName: 'web', ContainerPort: 80 }] };

    test('runs the tasks of both where they differ in their scales', () => {
      const fact = two(percent(30), percent(70));
      expect([valueOf(fact.desired), fact.launch.known && fact.launch.value.kind, targetsOf(fact)]).toEqual([5, 'fargate', ['Targets']]);
    });

    test('registers with the targets of both', () => {
      expect(targetsOf(two(percent(30), { ...percent(70), ...OTHER_TARGETS }))).toEqual(['Targets', 'arn:green']);
    });

    test('runs nobody knows how many where one has no scale', () => {
      expect(valueOf(two(percent(30), {}).desired)).toBe('? Green has no Scale');
    });

    test.each<[string, Properties]>([
      ['TaskDefinition', { TaskDefinition: 'other' }], ['LaunchType', { LaunchType: 'EC2' }], ['NetworkConfiguration', { NetworkConfiguration: undefined }],
      ['CapacityProviderStrategy', { CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE' }] }],
    ])('runs nobody knows what where they differ in %s', (property, properties) => {
      const fact = two(percent(30), { ...percent(70), ...OTHER_TARGETS, ...properties });
      const why = `? task sets Blue and Green differ in ${property}`;
      expect([valueOf(fact.desired), valueOf(fact.launch), targetsOf(fact)]).toEqual([why, why, ['Targets']]);
    });
  });

  test('is found by its name', () => {
    expect(serviceFact({ ...EXTERNAL, ServiceName: 'web' }, { ...OTHERS, Set: taskSet({ Service: 'web' }) }).taskDefinition?.name).toBe('Task');
  });

  test('runs nobody knows where without a task set', () => {
    const fact = serviceFact(EXTERNAL, OTHERS);
    expect([valueOf(fact.launch), valueOf(fact.mode)]).toEqual(['? no task set of Service is in what is given', '? it names no task definition']);
  });

  test('is the only one that task sets are for', () => {
    expect(serviceFact({ LaunchType: 'EC2' }, { ...OTHERS, Set: taskSet() }).taskDefinition).toBeUndefined();
  });
});

describe('the placement of tasks', () => {
  const constraint = (Type: unknown, Expression?: unknown) => ({ Type, Expression });
  test.each<[string, Properties, boolean | string, readonly string[]]>([
    ['is free', {}, false, []],
    ['is one per instance', { PlacementConstraints: [constraint('distinctInstance')] }, true, []],
    ['is narrowed by the service and the task', { PlacementConstraints: [constraint('memberOf', 'attribute:a == b')], TaskDefinition: { Ref: 'Task' } }, false,
      ['attribute:a == b', 'attribute:c == …']],
    ['is unknown', { PlacementConstraints: { Ref: 'Open' } }, '? parameter Open has no default', []],
    ['is unknown in part', { PlacementConstraints: [constraint({ Ref: 'Open' })] }, '? parameter Open has no default', []],
    ['is said by nothing', { PlacementConstraints: [{}] }, '? a placement constraint has no type', []],
  ])('%s', (_, properties, distinct, memberOf) => {
    const fact = serviceFact(properties, { Task: resourceOf('AWS::ECS::TaskDefinition', { PlacementConstraints: [constraint('memberOf', { 'Fn::Sub': 'attribute:c == ${Open}' })] }) });
    expect([valueOf(fact.distinctInstance), fact.memberOf]).toEqual([distinct, memberOf]);
  });

  test.each<[unknown, unknown]>([
    [undefined, undefined],
    [[], undefined],
    [[{ Type: 'spread', Field: 'attribute:ecs.availability-zone' }, { Type: 'binpack', Field: 'cpu' }], { type: 'spread', field: 'attribute:ecs.availability-zone' }],
    [[{ Type: 'random' }], { type: 'random', field: '' }],
    [[{ Type: { Ref: 'Open' } }], '? parameter Open has no default'],
    [[{ Type: 'spread', Field: { Ref: 'Open' } }], '? parameter Open has no default'],
    [{ Ref: 'Open' }, '? parameter Open has no default'],
    [[{}], '? a placement strategy has no type'],
  ])('has the first strategy of %j', (PlacementStrategies, expected) => {
    expect(valueOf(serviceFact({ PlacementStrategies }).firstPlacementStrategy)).toEqual(expected);
  });
});

describe('registries', () => {
  const registry = (properties: Properties) => {
    const { registries } = serviceFact({ ServiceRegistries: [{ RegistryArn: { 'Fn::GetAtt': ['Registry', 'Arn'] }, ContainerName: 'web', ContainerPort: '80', Port: 81 }] },
      { Registry: resourceOf('AWS::ServiceDiscovery::Service', properties) });
    return registries.known ? registries.value[0] : undefined;
  };
  test('have their records', () => {
    const { recordTypes, containerName, containerPort, port, registry: its } = registry({ DnsConfig: { DnsRecords: [{ Type: 'A', TTL: 60 }, { Type: 'SRV', TTL: 60 }] } })!;
    expect([valueOf(recordTypes), valueOf(containerName), valueOf(containerPort), valueOf(port), nameOf(its)]).toEqual([['A', 'SRV'], 'web', 80, 81, 'Registry']);
  });

  test.each<[string, Properties, unknown]>([
    ['none of an HTTP namespace', { NamespaceId: 'ns-1' }, []],
    ['unknown ones', { DnsConfig: { DnsRecords: [{ Type: { Ref: 'Open' } }] } }, '? parameter Open has no default'],
    ['an unknown list', { DnsConfig: { DnsRecords: { Ref: 'Open' } } }, '? parameter Open has no default'],
    ['ones without a type', { DnsConfig: { DnsRecords: [{ TTL: 60 }] } }, '? a DNS record has no type'],
  ])('may have %s', (_, properties, expected) => {
    expect(valueOf(registry(properties)!.recordTypes)).toEqual(expected);
  });

  test('may be imported, or not named', () => {
    const { registries } = serviceFact({ ServiceRegistries: [{ RegistryArn: 'arn:x' }, {}] });
    expect(registries.known && registries.value.map(({ recordTypes }) => valueOf(recordTypes))).toEqual([
      '? the records of the registry are not known: arn:x is not of what is given', '? the records of the registry are not known: a service registry has no RegistryArn',
    ]);
    expect(valueOf(serviceFact({ ServiceRegistries: { Ref: 'Open' } }).registries)).toBe('? parameter Open has no default');
  });
});

describe('Service Connect', () => {
  const NAMESPACE = { Space: resourceOf('AWS::ServiceDiscovery::HttpNamespace', { Name: 'local' }) };
  const connect = (configuration: Properties, cluster: Properties = {}, more: Properties = {}) => serviceFact(
    { ServiceConnectConfiguration: { Enabled: true, ...configuration }, ...more },
    { ...NAMESPACE, Cluster: resourceOf('AWS::ECS::Cluster', { ClusterName: 'prod', ...cluster }) }).serviceConnect!;
  const namespaceOf = (...of: Parameters<typeof connect>) => {
    const { namespace } = connect(...of);
    return namespace.known ? namespace.value === 'none' ? 'none' : namespace.value.target?.name ?? namespace.value.literal : `? ${namespace.why}`;
  };

  test.each<[string, Parameters<typeof connect>, string]>([
    ['its own by ARN', [{ Namespace: { 'Fn::GetAtt': ['Space', 'Arn'] } }], 'Space'],
    ['its own by name', [{ Namespace: 'local' }], 'Space'],
    ['its own before the default', [{ Namespace: 'local' }, { ServiceConnectDefaults: { Namespace: 'other' } }], 'Space'],
    ['one that is not given', [{ Namespace: 'other' }], 'other'],
    ['the default of the cluster', [{}, { ServiceConnectDefaults: { Namespace: 'local' } }], 'Space'],
    ['none', [{}], 'none'],
    ['the default of a cluster that is not given', [{}, {}, { Cluster: 'other' }], '? the default namespace of the cluster is not known: other is not of what is given'],
  ])('is in the namespace: %s', (_, of, expected) => {
    expect(namespaceOf(...of)).toBe(expected);
  });

  test('offers ports under names', () => {
    const { enabled, services } = connect({
      Enabled: 'true',
      Services: [
        { PortName: 'http', DiscoveryName: 'web', IngressPortOverride: '15000', Tls: { IssuerCertificateAuthority: {} }, ClientAliases: [{ DnsName: 'web', Port: '80' }, { Port: 81 }, {}] },
        {},
      ],
    });
    const [first, second] = services.known ? services.value : [];
    expect([valueOf(enabled), valueOf(first.portName), valueOf(first.discoveryName), valueOf(first.ingressPortOverride), first.tls]).toEqual([true, 'http', 'web', 15000, true]);
    expect(first.aliases.map(({ dnsName, port }) => [valueOf(dnsName), valueOf(port)])).toEqual([['web', 80], [undefined, 81], [undefined, '? a client alias has no port']]);
    expect([valueOf(second.portName), second.discoveryName, second.ingressPortOverride, second.tls, second.aliases])
      .toEqual(['? a Service Connect service has no PortName', undefined, undefined, false, []]);
  });

  test('may only take part, be off, or be unknown', () => {
    expect(valueOf(connect({}).services)).toEqual([]);
    expect(valueOf(connect({ Enabled: false }).enabled)).toBe(false);
    expect(valueOf(connect({ Enabled: undefined }).enabled)).toBe('? Enabled is left out of ServiceConnectConfiguration');
    expect(valueOf(connect({ Services: { Ref: 'Open' } }).services)).toBe('? parameter Open has no default');
    expect(serviceFact({}).serviceConnect).toBeUndefined();
  });
});

test('other properties are there where they are given', () => {
  const { zoneRebalancing, executeCommand } = serviceFact({ AvailabilityZoneRebalancing: 'ENABLED', EnableExecuteCommand: 'true' });
  expect([valueOf(zoneRebalancing), valueOf(executeCommand)]).toEqual(['ENABLED', true]);
  const none = serviceFact({});
  expect([none.zoneRebalancing, valueOf(none.executeCommand), valueOf(none.loadBalancers)]).toEqual([undefined, false, []]);
});

describe('a task definition', () => {
  const definition = (properties: Properties): TaskDefinition => facts({ Task: resourceOf('AWS::ECS::TaskDefinition', properties) }).taskDefinitions[0];
  const sizes = (properties: Properties) => {
    const { cpu, memoryMiB, hasTaskMemory } = definition(properties);
    return [valueOf(cpu), valueOf(memoryMiB), hasTaskMemory];
  };
  test.each<[string, Properties, readonly unknown[]]>([
    ['is its own', { Cpu: '256', Memory: 512, ContainerDefinitions: [{ Cpu: 999, Memory: 999 }] }, [256, 512, true]],
    ['is its own in other units', { Cpu: '.5 vCPU', Memory: '1.5 GB' }, [512, 1536, true]],
    ['is its own in other units without a space', { Cpu: '1vCPU', Memory: '2gb' }, [1024, 2048, true]],
    ['is its own with blanks around it', { Cpu: ' 256 ', Memory: ' 1.5  GB ' }, [256, 1536, true]],
    ['is unknown in no units', { Cpu: '1 GB', Memory: 'big' }, ['? "1 GB" is no number of CPU units', '? "big" is no number of MiB', true]],
    ['is the sum of its containers, what they reserve before what they may have',
      { ContainerDefinitions: [{ Cpu: 10, MemoryReservation: 100, Memory: 300 }, { Cpu: '20', Memory: '200' }, {}] }, [30, 300, false]],
    ['is none', { ContainerDefinitions: [{}] }, [undefined, undefined, false]],
    ['is unknown where a part of it is', { ContainerDefinitions: [{ Cpu: 10 }, { Cpu: { Ref: 'Open' } }] }, ['? parameter Open has no default', undefined, false]],
    ['is unknown where its containers are', { ContainerDefinitions: { Ref: 'Open' } }, ['? parameter Open has no default', '? parameter Open has no default', false]],
  ])('has a size that %s', (_, properties, expected) => {
    expect(sizes(properties)).toEqual(expected);
  });

  test('says what it runs on', () => {
    const { operatingSystem, requiresCompatibilities, modeDeclared } = definition({
      NetworkMode: 'awsvpc', RequiresCompatibilities: ['EC2', 'FARGATE'], RuntimePlatform: { OperatingSystemFamily: 'LINUX', CpuArchitecture: 'ARM64' },
    });
    expect([valueOf(operatingSystem), valueOf(requiresCompatibilities), modeDeclared]).toEqual(['linux', ['EC2', 'FARGATE'], true]);
    const none = definition({});
    expect([none.operatingSystem, valueOf(none.requiresCompatibilities), none.modeDeclared]).toEqual([undefined, [], false]);
    expect(valueOf(definition({ RequiresCompatibilities: [{ Ref: 'Open' }] }).requiresCompatibilities)).toBe('? parameter Open has no default');
  });

  const container = (properties: Properties) => {
    const { containers } = definition({ ContainerDefinitions: [{ Name: 'web', Image: 'nginx', ...properties }] });
    return containers.known ? containers.value[0] : undefined!;
  };

  test('has containers with documented defaults', () => {
    const { name, image, essential, user, privileged, ports, logDriver, secrets, environmentFiles } = container({});
    expect([name, image, essential, user, privileged, ports, logDriver].map((one) => valueOf<unknown>(one))).toEqual(['web', 'nginx', true, undefined, false, [], undefined]);
    expect([secrets, valueOf(environmentFiles)]).toEqual([[], false]);
  });

  test('has containers that are what they say', () => {
    const { essential, user, privileged, logDriver, environmentFiles } = container({
      Essential: 'false', User: 1000, Privileged: true, LogConfiguration: { LogDriver: 'awslogs' }, EnvironmentFiles: [{ Type: 's3', Value: 'x' }],
    });
    expect([essential, user, privileged, logDriver, environmentFiles].map((one) => valueOf<unknown>(one))).toEqual([false, '1000', true, 'awslogs', true]);
  });

  test('has containers without name and image', () => {
    const { name, image, imageText } = container({ Name: undefined, Image: undefined });
    expect([valueOf(name), valueOf(image), imageText]).toEqual(['? a container has no name', '? a container has no image', '']);
  });

  test.each<[unknown, string]>([
    ['nginx:1', 'nginx:1'],
    [{ 'Fn::Sub': '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/app:1' }, '….dkr.ecr.….…/app:1'],
    [{ 'Fn::GetAtt': ['Repository', 'RepositoryUri'] }, '….dkr.ecr.….amazonaws.com/…'],
    [{ 'Fn::Sub': '${Repository.RepositoryUri}:latest' }, '….dkr.ecr.….amazonaws.com/…:latest'],
    [{ Ref: 'Open' }, '…'],
    [{ 'Fn::Sub': '${Open}/app' }, '…/app'],
  ])('has containers of image %j', (Image, expected) => {
    const { taskDefinitions: [{ containers }] } = facts({
      Repository: resourceOf('AWS::ECR::Repository'), Task: resourceOf('AWS::ECS::TaskDefinition', { ContainerDefinitions: [{ Name: 'web', Image }] }),
    });
    expect(containers.known && containers.value[0].imageText).toBe(expected);
  });

  const mapping = (properties: Properties) => {
    const { ports } = container({ PortMappings: [properties] });
    const { containerPort, hostPort, range, protocol, name } = ports.known ? ports.value[0] : undefined!;
    return [containerPort, hostPort, range, protocol, name].map((one) => valueOf<unknown>(one));
  };
  test.each<[string, Properties, readonly unknown[]]>([
    ['a port', { ContainerPort: '80' }, [80, undefined, undefined, 'tcp', undefined]],
    ['a host port', { ContainerPort: 80, HostPort: 0, Protocol: 'udp', Name: 'dns' }, [80, 0, undefined, 'udp', 'dns']],
    ['a range', { ContainerPortRange: '9000-9010', ContainerPort: 0 }, [undefined, undefined, '9000-9010', 'tcp', undefined]],
    ['a protocol in capitals', { ContainerPort: 80, Protocol: 'TCP' }, [80, undefined, undefined, 'tcp', undefined]],
    ['another protocol', { ContainerPort: 80, Protocol: 'sctp' }, [80, undefined, undefined, '? "sctp" is neither tcp nor udp', undefined]],
    ['an unknown port', { ContainerPort: { Ref: 'Open' }, HostPort: { Ref: 'Open' } }, ['? parameter Open has no default', '? parameter Open has no default', undefined, 'tcp', undefined]],
    ['nothing', {}, [undefined, undefined, undefined, 'tcp', undefined]],
  ])('has containers that map %s', (_, properties, expected) => {
    expect(mapping(properties)).toEqual(expected);
  });

  test('has containers that map what is unknown', () => {
    expect(valueOf(container({ PortMappings: { Ref: 'Open' } }).ports)).toBe('? parameter Open has no default');
    expect(valueOf(definition({ ContainerDefinitions: [{ 'Fn::Transform': {} }] }).containers)).toMatch(/^\? .*Fn::Transform/);
  });

  test.each<[string, unknown, string]>([
    ['a secret', { Ref: 'Secret' }, 'secretsmanager'],
    ['a field of a secret', { 'Fn::Join': ['', [{ Ref: 'Secret' }, ':password::']] }, 'secretsmanager'],
    ['the ARN of a secret', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:x', 'secretsmanager'],
    ['an ARN of a secret that is put together', { 'Fn::Sub': 'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:x' }, 'secretsmanager'],
    ['a parameter', { Ref: 'Parameter' }, 'ssm'],
    ['the ARN of a parameter', { 'Fn::Sub': 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/x' }, 'ssm'],
    ['the name of a parameter', '/app/password', 'ssm'],
    ['what a template parameter says', { Ref: 'Open' }, 'unknown'],
    ['an ARN of neither', 'arn:aws:s3:::x', 'unknown'],
    ['nothing', undefined, 'unknown'],
  ])('has containers with secrets: %s', (_, ValueFrom, expected) => {
    const { taskDefinitions: [{ containers }] } = facts({
      Secret: resourceOf('AWS::SecretsManager::Secret'),
      Parameter: resourceOf('AWS::SSM::Parameter'),
      Task: resourceOf('AWS::ECS::TaskDefinition', { ContainerDefinitions: [{ Name: 'web', Secrets: [{ Name: 'X', ValueFrom }] }] }),
    });
    expect(containers.known && containers.value[0].secrets).toEqual([{ source: expected }]);
  });

  test('has containers with secrets for logs and registries, and unknown ones', () => {
    expect(container({ LogConfiguration: { LogDriver: 'splunk', SecretOptions: [{ Name: 'x', ValueFrom: '/x' }] }, RepositoryCredentials: { CredentialsParameter: 'arn:x' } }).secrets)
      .toEqual([{ source: 'ssm' }, { source: 'secretsmanager' }]);
    expect(container({ Secrets: { Ref: 'Open' } }).secrets).toEqual([{ source: 'unknown' }]);
    expect(valueOf(container({ EnvironmentFiles: { Ref: 'Open' } }).environmentFiles)).toBe('? parameter Open has no default');
  });
});
