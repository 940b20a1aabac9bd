import { check } from '../../../src/analysis/check';
import { deploymentDeadlock as rule } from '../../../src/analysis/rules/deployment-deadlock';
import { given } from '../given';

interface Case {
  readonly desired?: unknown;
  readonly instances?: unknown;
  readonly maxInstances?: unknown;
  /** `none`: the cluster is imported. */
  readonly scaling?: 'policy' | 'managed' | 'status-absent' | 'none';
  readonly port?: unknown;
  readonly distinct?: boolean;
  readonly mode?: string;
  readonly percents?: readonly [unknown, unknown];
  readonly fargate?: boolean;
  readonly service?: object;
  readonly strategy?: string;
  readonly cpu?: number;
  readonly memory?: number;
  readonly range?: readonly [number, number];
}

const ref = (Ref: string) => ({ Ref });
const DAEMON = { SchedulingStrategy: 'DAEMON' };
const NARROWED = { PlacementConstraints: [{ Type: 'memberOf', Expression: 'attribute:x == y' }] };
const Parameters = { Open: { Type: 'Number' }, Word: { Type: 'String' }, Count: { Type: 'Number', Default: 1 } };
const judge = (Resources: Readonly<Record<string, unknown>>) => check([given({ Parameters, Resources })], [rule]);

const said = (resources: Readonly<Record<string, unknown>>) => {
  const { findings, undecided } = judge(resources);
  return [...findings.map(({ severity, message }) => `${severity}: ${message}`), ...undecided.map(({ why }) => `undecided: ${why}`)];
};

function app(its: Case): Record<string, unknown> {
  const { instances = 1, maxInstances = instances, scaling, port, distinct, percents, fargate, strategy, cpu, memory, range, mode = 'bridge' } = its;
  const managed = scaling === 'managed' || scaling === 'status-absent';
  return {
    ...scaling === 'none' ? {} : {
      Cluster: { Type: 'AWS::ECS::Cluster' },
      Nodes: {
        Type: 'AWS::AutoScaling::AutoScalingGroup',
        Properties: { MinSize: 0, DesiredCapacity: instances, MaxSize: maxInstances, LaunchConfigurationName: ref('Launch') },
      },
      Launch: {
        Type: 'AWS::AutoScaling::LaunchConfiguration',
        Properties: {
          InstanceType: 'c5.large',
          UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
        },
      },
    },
    ...scaling === 'policy' ? { Policy: { Type: 'AWS::AutoScaling::ScalingPolicy', Properties: { AutoScalingGroupName: ref('Nodes') } } } : {},
    ...managed ? {
      Provider: {
        Type: 'AWS::ECS::CapacityProvider',
        Properties: {
          AutoScalingGroupProvider: { AutoScalingGroupArn: ref('Nodes'), ManagedScaling: scaling === 'managed' ? { Status: 'ENABLED' } : { TargetCapacity: 100 } },
        },
      },
    } : {},
    ...range ? {
      Target: {
        Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
        Properties: {
          MinCapacity: range[0],
          MaxCapacity: range[1],
          ScalableDimension: 'ecs:service:DesiredCount',
          ResourceId: { 'Fn::Sub': 'service/${Cluster}/${Web.Name}' },
        },
      },
    } : {},
    Web: {
      Type: 'AWS::ECS::Service',
      Properties: {
        Cluster: scaling === 'none' ? 'imported' : ref('Cluster'),
        ...managed ? { CapacityProviderStrategy: [{ CapacityProvider: ref('Provider'), Weight: 1 }] } : { LaunchType: fargate ? 'FARGATE' : 'EC2' },
        TaskDefinition: ref('Task'),
        ...its.desired === undefined ? {} : { DesiredCount: its.desired },
        ...percents || strategy ? {
          DeploymentConfiguration: {
            ...percents && { MinimumHealthyPercent: percents[0], MaximumPercent: percents[1] },
            ...strategy && { Strategy: strategy },
          },
        } : {},
        ...distinct ? { PlacementConstraints: [{ Type: 'distinctInstance' }] } : {},
        ...its.service,
      },
    },
    Task: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        NetworkMode: fargate ? 'awsvpc' : mode,
        ...cpu === undefined ? {} : { Cpu: String(cpu) },
        ...memory === undefined ? {} : { Memory: String(memory) },
        ContainerDefinitions: [{ Name: 'web', Image: 'nginx', PortMappings: port === undefined ? [] : [{ ContainerPort: 80, HostPort: port }] }],
      },
    },
  };
}

test('the bad fragment has one problem, the good one none', () => {
  const { findings } = judge(rule.bad);
  expect(findings).toEqual([expect.objectContaining({
    resource: 'Web',
    severity: 'error',
    message: 'service Web cannot be updated: 50% of 1 task rounds up to 1, so the old task stays, and tcp 80 is not free on the 1 instance; creating it works',
    fix: 'MinimumHealthyPercent (minHealthyPercent) at most 0, with MaximumPercent 100 and AvailabilityZoneRebalancing DISABLED (a gap while the task is '
      + 'replaced); or at least 2 instances: more of AWS::EC2::Instance; or HostPort 0, which is dynamic (BridgePort.dynamic)',
  })]);
  expect(judge(rule.good)).toMatchObject({ findings: [], undecided: [] });
});

test('instances are asked for by what fits on each', () => {
  // c5.large has 2,048 CPU units, so that three instances are needed for the five tasks of which one is new.
  const { findings } = judge(app({ desired: 4, instances: 2, cpu: 1024, percents: [100, 200] }));
  expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('the 2 instances have the CPU for 4')]);
  expect(findings[0].fix).toContain('at least 3 instances: DesiredCapacity and MaxSize');
});

const fixedPort = (desired: number, instances: number, ...percents: [number, number]): Case => ({ desired, instances, port: 80, percents });

/** The table of the rule's specification; `interfaces`: stuck by interfaces alone, of which eni-density speaks. */
test.each<[number, Case, string]>([
  [1, fixedPort(1, 1, 50, 200), 'error: tcp 80 is not free on the 1 instance'],
  [2, fixedPort(1, 1, 100, 200), 'error: tcp 80 is not free on the 1 instance'],
  [3, fixedPort(1, 1, 0, 100), ''],
  [4, fixedPort(1, 1, 0, 200), ''],
  [5, fixedPort(1, 2, 100, 200), ''],
  [6, fixedPort(1, 2, 50, 100), 'error: 100% of 1 is 1, so no new one may start'],
  [7, fixedPort(2, 2, 50, 100), ''],
  [8, fixedPort(2, 2, 75, 200), 'error: 75% of 2 tasks rounds up to 2, so no old task may stop, and tcp 80 is free on none of the 2 instances'],
  [9, fixedPort(2, 2, 100, 200), 'error: tcp 80 is free on none'],
  [10, fixedPort(2, 3, 100, 150), ''],
  [11, fixedPort(3, 3, 66, 100), ''],
  [12, fixedPort(3, 3, 67, 100), 'error: 100% of 3 is 3, so no new one may start'],
  [13, { desired: 3, fargate: true, percents: [100, 125] }, 'error: 125% of 3 rounds down to 3, so no new one may start'],
  [14, { desired: 3, fargate: true, percents: [100, 134] }, ''],
  [15, { desired: 4, mode: 'awsvpc', percents: [75, 100] }, ''],
  [16, { desired: 4, mode: 'awsvpc', percents: [76, 200] }, ''],
  [17, { desired: 1, mode: 'awsvpc', percents: [50, 200] }, ''],
  [18, { desired: 3, instances: 2, mode: 'awsvpc', percents: [100, 200] }, ''],
  [19, { desired: 10, instances: 11, distinct: true, percents: [100, 110] }, ''],
  [20, { desired: 10, instances: 10, distinct: true, percents: [91, 100] }, 'error: 100% of 10 is 10, so no new one may start'],
  [21, { desired: 10, fargate: true, percents: [90, 100] }, ''],
  [22, { ...fixedPort(2, 2, 100, 200), maxInstances: 4 }, 'warning: tcp 80 is free on none of the 2 instances'],
  [23, { ...fixedPort(2, 2, 100, 200), maxInstances: 4, scaling: 'managed' }, ''],
  [24, { instances: 3, percents: [0, 100], service: DAEMON }, ''],
  [25, { instances: 3, percents: [100, 100], service: DAEMON }, 'error: so no new one may start'],
  [26, { desired: 2, instances: 3, port: 80, strategy: 'BLUE_GREEN' }, 'error: a BLUE_GREEN deployment runs 4 tasks at a time, and the 3 instances have room for 3'],
  [27, { desired: 2, fargate: true, strategy: 'BLUE_GREEN' }, ''],
  [28, fixedPort(0, 1, 100, 200), ''],
  [29, { instances: 4, port: 80, percents: [50, 200], range: [1, 4] }, ''],
  [30, { ...fixedPort(1, 1, 100, 200), service: { DeploymentController: { Type: 'EXTERNAL' } } }, ''],
])('case %i of the table', (_, its, expected) => {
  const { findings, undecided } = judge(app(its));
  if (expected === '') {
    expect(findings).toEqual([]);
  } else {
    const [severity, ...message] = expected.split(': ');
    expect(findings).toEqual([expect.objectContaining({ resource: 'Web', severity, message: expect.stringContaining(message.join(': ')) })]);
  }
  expect(undecided).toEqual([]);
});

test.each<[string, Case, string]>([
  ['percents alone where the count is not known', { desired: ref('Open'), fargate: true, percents: [100, 100] }, 'error: so no new one may start'],
  ['percents alone in an imported cluster', { desired: 1, scaling: 'none', percents: [50, 100] }, 'error: so no new one may start'],
  ['a maximum that is not known, with no room', { desired: 2, instances: 2, port: 80, percents: [100, ref('Open')] }, 'error: tcp 80 is free on none'],
  ['a maximum below what is wanted', { desired: 4, fargate: true, percents: [0, 90] }, 'error: so not all of them may start'],
  ['the default percents on a fixed port', { desired: 1, port: 80 }, 'error: 100% of 1 task is 1'],
  ['a single count of the range', { instances: 4, port: 80, percents: [80, 200], range: [1, 4] }, 'warning: at 4 tasks: 80% of 4 tasks rounds up to 4'],
  ['host mode without a host port', { desired: 1, mode: 'host', port: ref('AWS::NoValue') }, 'error: tcp 80 is not free on the 1 instance'],
  ['distinctInstance', { desired: 2, instances: 2, distinct: true }, 'error: the 2 instances may run one each'],
  ['CPU for all tasks and no more', { desired: 2, cpu: 1024 }, 'error: the 1 instance has the CPU for 2'],
  ['CodeDeploy', { desired: 1, port: 80, service: { DeploymentController: { Type: 'CODE_DEPLOY' } } }, 'error: a CODE_DEPLOY deployment runs 2 tasks'],
  ['a daemon on one instance', { percents: [50, 100], service: DAEMON }, 'warning: 50% of 1 task rounds up to 1'],
  ['a daemon on several instances', { instances: 2, percents: [66, 100], service: DAEMON }, 'warning: 66% of 2 tasks rounds up to 2'],
  ['a daemon on up to four instances', { maxInstances: 4, scaling: 'status-absent', percents: [76, 100], service: DAEMON },
    'warning: 76% of 4 tasks rounds up to 4'],
  ['a daemon on a fixed port', { instances: 3, port: 80, percents: [100, 200], service: DAEMON }, 'error: tcp 80 is free on none'],
  ['a daemon on instances that are not known', { scaling: 'none', percents: [100, 100], service: DAEMON }, 'error: so no new one'],
  ['rebalancing of zones with a maximum of 100', { desired: 2, fargate: true, percents: [50, 100], service: { AvailabilityZoneRebalancing: 'ENABLED' } }, 'warning: Availability Zone rebalancing'],
])('finds %s', (_, its, expected) => {
  const { findings } = judge(app(its));
  const [severity, ...message] = expected.split(': ');
  expect(findings).toEqual([expect.objectContaining({ resource: 'Web', severity, message: expect.stringContaining(message.join(': ')) })]);
});

test.each<[string, Case]>([
  ['a dynamic host port', { desired: 1, port: 0 }],
  ['a host port in awsvpc mode', { desired: 1, port: 80, mode: 'awsvpc' }],
  ['more tasks than there is room for, which is of other rules', { desired: 3, instances: 2, port: 80 }],
  ['a group with a policy of its own', { desired: 2, instances: 2, maxInstances: 4, port: 80, scaling: 'policy' }],
  ['CPU for one more', { desired: 1, cpu: 1024 }],
  ['a daemon on several instances', { instances: 2, percents: [50, 100], service: DAEMON }],
  ['a daemon on no instance', { instances: 0, percents: [50, 100], service: DAEMON }],
  ['a daemon on a dynamic port', { instances: 3, port: 0, percents: [100, 200], service: DAEMON }],
  ['an unknown minimum where there is room for one more', { desired: 1, fargate: true, percents: [ref('Open'), 200] }],
  ['an unknown minimum where a constraint narrows instances that hold any number', { desired: 1, port: 0, percents: [ref('Open'), 200], service: NARROWED }],
  ['managed scaling without a status where there is room at least', { desired: 1, instances: 2, maxInstances: 4, port: 80, scaling: 'status-absent' }],
  ['rebalancing that is off', { desired: 2, fargate: true, percents: [50, 100], service: { AvailabilityZoneRebalancing: 'DISABLED' } }],
  ['rebalancing with a maximum above 100', { desired: 2, fargate: true, percents: [50, 200], service: { AvailabilityZoneRebalancing: 'ENABLED' } }],
  ['rebalancing of no task', { desired: 0, fargate: true, percents: [50, 100], service: { AvailabilityZoneRebalancing: 'ENABLED' } }],
])('has nothing against %s', (_, its) => {
  expect(judge(app(its))).toMatchObject({ findings: [], undecided: [] });
});

test.each<[string, Case, string]>([
  ['an unknown minimum', { desired: 1, port: 80, percents: [ref('Open'), 200] }, 'parameter Open has no default'],
  ['an unknown maximum', { desired: 1, fargate: true, percents: [100, ref('Open')] }, 'parameter Open has no default'],
  ['an unknown count', { desired: ref('Open'), fargate: true, percents: [50, 100] }, 'parameter Open has no default'],
  ['an imported cluster', { desired: 1, port: 80, scaling: 'none' }, 'the cluster is not of what is given: imported is not of what is given'],
  ['an unknown host port', { desired: 1, port: ref('Open') }, 'parameter Open has no default'],
  ['an unknown host port where the memory is known', { desired: 1, port: ref('Open'), memory: 128 }, 'parameter Open has no default'],
  ['an unknown host port where the CPU is known', { desired: 1, port: ref('Open'), cpu: 128 }, 'parameter Open has no default'],
  ['an unknown host port of a blue/green deployment', { desired: 1, port: ref('Open'), memory: 128, strategy: 'BLUE_GREEN' }, 'parameter Open has no default'],
  ['an unknown host port beside distinctInstance', { desired: 1, instances: 2, port: ref('Open'), distinct: true }, 'parameter Open has no default'],
  ['a constraint of an unknown type where the memory is known',
    { desired: 1, memory: 128, service: { PlacementConstraints: [{ Type: ref('Word') }] } }, 'parameter Word has no default'],
  ['unknown constraints where the memory is known', { desired: 1, memory: 128, service: { PlacementConstraints: ref('Word') } }, 'parameter Word has no default'],
  ['managed scaling without a status', { desired: 2, instances: 2, maxInstances: 4, port: 80, scaling: 'status-absent' },
    'how far its instances scale is not known: ManagedScaling.Status is not'],
  ['a constraint that narrows the instances', { desired: 1, instances: 2, port: 80, service: NARROWED }, 'the placement constraint attribute:x == y narrows its instances'],
  ['an unknown controller', { desired: 1, port: 80, service: { DeploymentController: { Type: ref('Word') } } }, 'parameter Word has no default'],
  ['an unknown strategy', { desired: 1, port: 80, service: { DeploymentConfiguration: { Strategy: ref('Word') } } }, 'parameter Word has no default'],
  ['an unknown scheduling strategy', { desired: 1, port: 80, service: { SchedulingStrategy: ref('Word') } }, 'the scheduling strategy is not known'],
  ['an unknown scheduling strategy with percents', { desired: 1, port: 80, percents: [100, 200], service: { SchedulingStrategy: ref('Word') } },
    'the scheduling strategy is not known'],
  ["a daemon's unknown minimum", { instances: 3, percents: [ref('Open'), 100], service: DAEMON }, 'parameter Open has no default'],
  ["a daemon's unknown minimum on a fixed port", { instances: 3, port: 80, percents: [ref('Open'), 200], service: DAEMON }, 'parameter Open has no default'],
  ["a daemon's unknown host port", { instances: 3, port: ref('Open'), percents: [100, 200], service: DAEMON }, 'parameter Open has no default'],
  ["a daemon's unknown maximum", { instances: 3, percents: [100, ref('Open')], service: DAEMON }, 'parameter Open has no default'],
  ['a daemon in an imported cluster', { scaling: 'none', percents: [50, 100], service: DAEMON }, 'the cluster is not of what is given: imported is not of what is given'],
  ['a daemon on one instance at most', { instances: ref('Open'), maxInstances: 1, percents: [50, 100], service: DAEMON }, 'parameter Open has no default'],
  ['a daemon on one instance or several', { maxInstances: 4, scaling: 'status-absent', percents: [50, 100], service: DAEMON }, 'how many instances run it is not known'],
])('does not decide %s', (_, its, why) => {
  expect(judge(app(its))).toMatchObject({ findings: [], undecided: [{ resource: 'Web', why }] });
});

describe('what is said', () => {
  const STOP = (most: number) => `MinimumHealthyPercent (minHealthyPercent) at most ${most}, with MaximumPercent 100 and AvailabilityZoneRebalancing DISABLED`;
  const STOP_DAEMON = 'MinimumHealthyPercent (minHealthyPercent) at most 0, with MaximumPercent 100';
  const GAP = ' (a gap while the task is replaced)';
  const MORE = (instances: number, sizes = 'DesiredCapacity and MaxSize') => `; or at least ${instances} instances: ${sizes}`;
  const DYNAMIC = '; or HostPort 0, which is dynamic (BridgePort.dynamic)';
  const JOINS = 'no other instances join cluster Cluster';

  test.each<[string, Case, string, string, string[]]>([
    ['of a daemon that the percents hold', { instances: 3, percents: [100, 100], service: DAEMON },
      'error: 100% of 3 tasks is 3, so no old task may stop, and 100% of 3 is 3, so no new one may start', STOP_DAEMON, []],
    ['of a daemon that the percents hold, on any number of instances', { scaling: 'none', percents: [100, 100], service: DAEMON },
      'error: 100% of 1 task is 1, so the old task stays, and 100% of 1 is 1, so no new one may start', STOP_DAEMON, []],
    ['of a daemon on one instance', { percents: [50, 100], service: DAEMON },
      'warning: 50% of 1 task rounds up to 1, so the old task stays, and 100% of 1 is 1, so no new one may start', STOP_DAEMON, []],
    ['of a daemon on a fixed port', { instances: 3, port: 80, percents: [100, 200], service: DAEMON },
      'error: 100% of 3 tasks is 3, so no old task may stop, and tcp 80 is free on none of the 3 instances', STOP_DAEMON + DYNAMIC, [JOINS]],
    ['of a daemon on a fixed port of any number of instances', { scaling: 'none', port: 80, percents: [100, 200], service: DAEMON },
      'error: 100% of 1 task is 1, so the old task stays, and tcp 80 is free on none of its instances', STOP_DAEMON + DYNAMIC, []],
    ['of a daemon on a fixed port of a number of instances that is not known', { instances: ref('Open'), maxInstances: 4, port: 80, percents: [100, 200], service: DAEMON },
      'error: 100% of 1 task is 1, so the old task stays, and tcp 80 is free on none of its instances', STOP_DAEMON + DYNAMIC, [JOINS]],
    ['of a daemon with distinctInstance on any number of instances', { scaling: 'none', distinct: true, percents: [100, 200], service: DAEMON },
      'error: 100% of 1 task is 1, so the old task stays, and its instances may run one each (distinctInstance)', STOP_DAEMON, []],
    ['of each number of a range', { percents: [100, 100], fargate: true, range: [1, 4] },
      'error: 100% of 1 task is 1, so the old task stays, and 100% of 1 is 1, so no new one may start', `${STOP(0)}${GAP}; or MaximumPercent (maxHealthyPercent) at least 200`, []],
    ['of a number that not all instances hold', { instances: 4, port: 80, percents: [80, 200], range: [4, 10] },
      'error: 80% of 4 tasks rounds up to 4, so no old task may stop, and tcp 80 is free on none of the 4 instances', STOP(75) + MORE(11) + DYNAMIC, [JOINS]],
    ['of two sets', { desired: 1, port: 80, service: { DeploymentController: { Type: 'CODE_DEPLOY' } } },
      'error: a CODE_DEPLOY deployment runs 2 tasks at a time, and the 1 instance has room for 1', MORE(2).slice('; or '.length) + DYNAMIC, [JOINS]],
    ['of two sets on several instances', { desired: 2, instances: 3, port: 80, strategy: 'BLUE_GREEN' },
      'error: a BLUE_GREEN deployment runs 4 tasks at a time, and the 3 instances have room for 3', MORE(4).slice('; or '.length) + DYNAMIC, [JOINS]],
    ['of CPU', { desired: 2, cpu: 1024, percents: [100, 200] },
      'error: 100% of 2 tasks is 2, so no old task may stop, and the 1 instance has the CPU for 2', STOP(50) + MORE(2), [JOINS]],
    ['of memory', { desired: 4, memory: 1024, percents: [100, 200] },
      'error: 100% of 4 tasks is 4, so no old task may stop, and the 1 instance has the memory for 4', STOP(75) + MORE(2), [JOINS]],
    ['of host mode, which has no dynamic ports', { desired: 1, mode: 'host', port: ref('AWS::NoValue'), percents: [100, 200] },
      'error: 100% of 1 task is 1, so the old task stays, and tcp 80 is not free on the 1 instance', STOP(0) + GAP + MORE(2), [JOINS]],
    ['of instances of a provider', { desired: 2, instances: 2, scaling: 'managed', port: 80 },
      'error: 100% of 2 tasks is 2, so no old task may stop, and tcp 80 is free on none of the 2 instances', STOP(50) + MORE(3, 'MaxSize (maxInstances)') + DYNAMIC,
      ['MinimumHealthyPercent is left out, which means 100', 'MaximumPercent is left out, which means 200']],
  ])('%s', (_, its, said, fix, assumes) => {
    const [severity, cause] = said.split(': ');
    expect(judge(app(its)).findings).toEqual([expect.objectContaining({
      severity, message: `service Web cannot be updated: ${cause}; creating it works`, fix, assumes,
    })]);
  });

  test('of rebalancing', () => {
    const { findings } = judge(app({ desired: 2, fargate: true, percents: [50, 100], service: { AvailabilityZoneRebalancing: 'ENABLED' } }));
    expect(findings.map(({ fix }) => fix)).toEqual(['AvailabilityZoneRebalancing DISABLED, or MaximumPercent (maxHealthyPercent) above 100']);
  });
});

describe('of a daemon on Managed Instances, of which there may be any number', () => {
  const managed = (...percents: [number, number]) => said({
    Provider: { Type: 'AWS::ECS::CapacityProvider', Properties: { ClusterName: ref('Cluster'), ManagedInstancesProvider: {} } },
    ...app({
      percents, mode: 'host', service: { ...DAEMON, LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: ref('Provider'), Weight: 1 }] },
    }),
  });

  test('the percents are told of one task', () => {
    expect(managed(100, 100)).toEqual(['error: service Web cannot be updated: 100% of 1 task is 1, so the old task stays, and 100% of 1 is 1, so no new one may start; creating it works']);
  });

  test('a minimum that holds a single task only is not decided', () => {
    expect(managed(50, 100)).toEqual(['undecided: how many instances run it is not known']);
  });
});

test('steady tasks of other services on the port take room', () => {
  const other = app({ desired: 1, port: 80, percents: [0, 100] });
  const both = { ...app({ desired: 2, instances: 3, port: 80 }), Other: other.Web };
  expect(judge(both).findings.map(({ resource, message }) => [resource, message])).toEqual([['Web', expect.stringContaining('other services take it')]]);
  expect(judge(both).findings[0].fix).toContain('at least 4 instances');
  const twice = { ...app({ desired: 1, instances: 3, port: 80 }), Other: app({ desired: 2, port: 80, percents: [0, 100] }).Web };
  expect(judge(twice).findings.map(({ message }) => message)).toEqual([expect.stringContaining('where other services take it 2 times;')]);
});

describe('of several fixed ports', () => {
  const PORTS = [80, 443].map((port) => ({ ContainerPort: port, HostPort: port }));
  const tasks = (mappings: object[]) => ({
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode: 'bridge', ContainerDefinitions: [{ Name: 'web', Image: 'nginx', PortMappings: mappings }] },
  });
  const OTHER = app({ desired: 1, port: 443, percents: [0, 100], service: { TaskDefinition: ref('OtherTask') } }).Web;
  const beside = (...mappings: object[]) =>
    ({ ...app({ desired: 1, instances: 2 }), Task: tasks(mappings), Other: OTHER, OtherTask: tasks([PORTS[1]]) });

  test.each<[string, object[]]>([
    ['first', [...PORTS].reverse()],
    ['last', PORTS],
  ])('the one that others take holds the update where it is the %s', (_, mappings) => {
    expect(judge(beside(...mappings)).findings).toEqual([expect.objectContaining({
      resource: 'Web',
      severity: 'error',
      message: expect.stringContaining('tcp 443 is free on none of the 2 instances, where other services take it once'),
      fix: expect.stringContaining('at least 3 instances'),
    })]);
  });

  test('one that is not known beside another is not decided', () => {
    const open = beside(PORTS[0], { ContainerPort: 443, HostPort: ref('Open') });
    expect(judge(open)).toMatchObject({ findings: [], undecided: [{ resource: 'Web', why: 'parameter Open has no default' }] });
  });

  test('those that others do not take hold nothing', () => {
    expect(judge(beside(PORTS[0], { ContainerPort: 8080, HostPort: 8080 }))).toMatchObject({ findings: [], undecided: [] });
  });
});

test("a parameter's default is named as an assumption", () => {
  const { findings } = judge(app({ desired: ref('Count'), port: 80 }));
  expect(findings.map(({ assumes }) => assumes.join())).toEqual([expect.stringContaining('Count')]);
  expect(judge(app({ desired: 1, port: ref('Count') })).findings.map(({ assumes }) => assumes.join())).toEqual([expect.stringContaining('Count')]);
});

test('the fix has only what makes it move', () => {
  const fixOf = (its: Case) => judge(app(its)).findings[0].fix;
  // A minimum of 75% lets one of four tasks stop, and none of one.
  expect(fixOf({ instances: 4, port: 80, percents: [80, 200], range: [1, 6] })).toMatch(/^at least 7 instances/);
  expect(fixOf({ instances: 4, port: 80, strategy: 'BLUE_GREEN', range: [3, 6] })).toMatch(/^at least 12 instances/);
  expect(fixOf({ desired: ref('Open'), port: 80, percents: [100, 200] })).not.toContain('instances');
  expect(fixOf(fixedPort(3, 3, 67, 100))).toMatch(/at most 66,[^;]*$/);
  expect(fixOf({ desired: 3, fargate: true, percents: [100, 125] })).toMatch(/at most 66,.*; or MaximumPercent .* at least 134$/);
  expect(fixOf({ desired: 2, instances: 3, port: 80, strategy: 'BLUE_GREEN' })).toMatch(/^at least 4 instances/);
});

describe('on instances of several types', () => {
  const JOIN = { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } };
  const template = { LaunchTemplateId: ref('Launch'), Version: '1' };
  /** A group for each list of types, `A`, `B` and so on. */
  const group = (types: readonly string[], size: number, weight?: string) => ({
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      MinSize: size,
      MaxSize: size,
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: template,
          Overrides: types.map((InstanceType) => ({ InstanceType, ...weight && { WeightedCapacity: weight } })),
        },
      },
    },
  });
  const on = (its: Case, groups: ReadonlyArray<readonly [types: string, size: number]>) => {
    return judge({
      ...Object.fromEntries(Object.entries(app(its)).filter(([name]) => name !== 'Nodes')),
      Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { UserData: JOIN } } },
      ...Object.fromEntries(groups.map(([types, size], index) => ['ABC'[index], group(types.split(' '), size)])),
    });
  };

  test('of weighted capacity, which are no more than its units, may not be enough to create it', () => {
    const { findings: [{ message }] } = judge({
      ...app({ desired: 8, port: 80 }), Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { UserData: JOIN } } },
      Nodes: group(['m5.large', 'm5a.large'], 8, '4'),
    });
    expect(message).toBe('service Web cannot be updated: 100% of 8 tasks is 8, so no old task may stop, and tcp 80 is free on none of its instances (at most 8)');
  });

  // MiB: t3.nano 512, t3.micro 1,024, t3.medium 4,096, m5.large and c5.xlarge 8,192, r5.large 16,384; c5.xlarge has 4 vCPU, the others 2.
  test.each<[string, Case, ReadonlyArray<readonly [string, number]>, string, string]>([
    ['memory of each', { desired: 3, memory: 3000 }, [['m5.large', 1], ['t3.medium', 1]],
      'the 2 instances have the memory for 3', 'at least 1 more instance of A: MinSize and MaxSize (minInstances, maxInstances)'],
    ['what the smaller ones lack', { desired: 1, memory: 700 }, [['t3.nano', 1], ['t3.micro', 1]],
      'the 2 instances have the memory for 1', 'at least 1 more instance of B: MinSize and MaxSize (minInstances, maxInstances)'],
    ['CPU here and memory there', { desired: 4, cpu: 1024, memory: 4000 }, [['r5.large', 1], ['c5.xlarge', 1]],
      'the 2 instances have the CPU and memory for 4', 'at least 3 instances: MinSize and MaxSize (minInstances, maxInstances)'],
    ['a fixed port where not all have the memory', { desired: 1, port: 80, memory: 700 }, [['t3.nano', 2], ['t3.micro', 1]],
      'tcp 80 is not free on the 1 instance with the CPU and memory for a task', 'at least 1 more instance of B: MinSize and MaxSize (minInstances, maxInstances)'],
    ['a fixed port where all have it', { desired: 2, port: 80, memory: 700 }, [['m5.large', 1], ['t3.micro', 1]],
      'tcp 80 is free on none of the 2 instances', 'at least 3 instances: MinSize and MaxSize (minInstances, maxInstances)'],
    ['distinctInstance where not all have the memory', { desired: 1, distinct: true, memory: 700 }, [['t3.nano', 2], ['t3.micro', 1]],
      'the 1 instance with the CPU and memory for a task may run one each (distinctInstance)', 'at least 1 more instance of B: MinSize and MaxSize (minInstances, maxInstances)'],
    ['two sets', { desired: 2, memory: 3000, strategy: 'BLUE_GREEN' }, [['m5.large', 1], ['t3.medium', 1]],
      'a BLUE_GREEN deployment runs 4 tasks at a time, and the 2 instances have room for 3', 'at least 1 more instance of A: MinSize and MaxSize (minInstances, maxInstances)'],
    ['two sets, by more instances than one', { desired: 3, memory: 3000, strategy: 'BLUE_GREEN' }, [['m5.large', 1], ['t3.medium', 1]],
      'a BLUE_GREEN deployment runs 6 tasks at a time, and the 2 instances have room for 3', 'at least 2 more instances of A: MinSize and MaxSize (minInstances, maxInstances)'],
    ['memory of which two kinds have the most', { desired: 5, memory: 3000 }, [['t3.medium', 1], ['m5.large', 1], ['c5.xlarge', 1]],
      'the 3 instances have the memory for 5', 'at least 1 more instance of B: MinSize and MaxSize (minInstances, maxInstances)'],
    ['types of one group that hold as many', { desired: 2, memory: 3000 }, [['m5.large c5.xlarge', 1]],
      'the 1 instance has the memory for 2', 'at least 2 instances: MinSize and MaxSize (minInstances, maxInstances)'],
  ])('%s', (_, its, groups, message, fix) => {
    expect(on(its, groups)).toMatchObject({
      findings: [{ resource: 'Web', severity: 'error', message: expect.stringContaining(message), fix: expect.stringContaining(fix) }],
      undecided: [],
    });
  });

  test('more of them are no way out where they may hold none', () => {
    const { findings } = on({ desired: 2, memory: 3000 }, [['m5.large t3.nano', 1]]);
    expect(findings.map(({ message, fix }) => [message, fix])).toEqual([
      [expect.stringContaining('the 1 instance has the memory for 2'), 'MinimumHealthyPercent (minHealthyPercent) at most 50, with MaximumPercent 100 and AvailabilityZoneRebalancing DISABLED'],
    ]);
  });

  test.each<[string, Case, ReadonlyArray<readonly [string, number]>]>([
    ['more tasks than there is memory for, which is of other rules', { desired: 2, memory: 700 }, [['t3.nano', 1], ['t3.micro', 1]]],
    ['memory for one more', { desired: 2, memory: 3000 }, [['m5.large', 1], ['t3.medium', 1]]],
    ['a type that is not known beside others', { desired: 3, memory: 3000 }, [['m5.large', 1], ['zz9.large', 1]]],
    ['types of one group of which the smaller one has room', { desired: 1, memory: 2000 }, [['m5.large t3.medium', 1]]],
  ])('has nothing against %s', (_, its, groups) => {
    expect(on(its, groups)).toMatchObject({ findings: [], undecided: [] });
  });

  test('which of the types of one group it is, is not decided where that matters', () => {
    expect(on({ desired: 1, memory: 3000 }, [['m5.large t3.medium', 1]])).toMatchObject({
      findings: [], undecided: [{ resource: 'Web', why: 'of which of their types the instances of A are, is not known' }],
    });
  });
});

describe('of a task in awsvpc mode on instances in several zones', () => {
  const subnet = (zone: string, block: number) => ({
    Type: 'AWS::EC2::Subnet', Properties: { VpcId: ref('Vpc'), CidrBlock: `10.0.${block}.0/24`, AvailabilityZone: `eu-west-1${zone}` },
  });
  const inZones = (its: Case, sizes: Readonly<Record<string, readonly [size: number, ...subnets: string[]]>>) => {
    const { Nodes, ...rest } = app({
      mode: 'awsvpc', ...its, service: { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [ref('SubnetA')] } }, ...its.service },
    }) as Record<string, { readonly Properties: object }>;
    return judge({
      ...rest,
      Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
      SubnetA: subnet('a', 0),
      SubnetB: subnet('b', 1),
      ...Object.fromEntries(Object.entries(sizes).map(([name, [size, ...subnets]]) => [name, {
        ...Nodes, Properties: { ...Nodes.Properties, DesiredCapacity: size, MaxSize: size, VPCZoneIdentifier: subnets.map(ref) },
      }])),
    });
  };

  test.each<[string, Case, string, string]>([
    ['distinctInstance', { desired: 1, distinct: true }, 'the 1 instance in the zones of its subnets may run one each (distinctInstance)',
      'at least 2 instances in the zones of its subnets: DesiredCapacity and MaxSize'],
    ['memory', { desired: 2, memory: 2000 }, 'the 1 instance in the zones of its subnets has the memory for 2',
      'at least 2 instances in the zones of its subnets: DesiredCapacity and MaxSize'],
    ['two sets', { desired: 1, distinct: true, strategy: 'BLUE_GREEN' }, 'and the 1 instance in the zones of its subnets has room for 1',
      'at least 2 instances in the zones of its subnets: DesiredCapacity and MaxSize'],
  ])('those in the zones of its subnets hold it by %s', (_, its, message, fix) => {
    expect(inZones(its, { A: [1, 'SubnetA'], B: [3, 'SubnetB'] })).toMatchObject({
      findings: [{ resource: 'Web', severity: 'error', message: expect.stringContaining(message), fix: expect.stringContaining(fix) }],
      undecided: [],
    });
  });

  test.each<[string, Case, Readonly<Record<string, readonly [size: number, ...subnets: string[]]>>]>([
    ['enough instances in its zones', { desired: 1, distinct: true }, { A: [2, 'SubnetA'], B: [3, 'SubnetB'] }],
    ['tasks in all zones', { desired: 1, distinct: true, service: { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [ref('SubnetA'), ref('SubnetB')] } } } },
      { A: [1, 'SubnetA'], B: [3, 'SubnetB'] }],
    ['a group in several zones of which half is enough', { desired: 1, distinct: true }, { A: [4, 'SubnetA', 'SubnetB'] }],
    ['bridge mode, in which subnets are those of the instances', { desired: 1, distinct: true, mode: 'bridge' }, { A: [1, 'SubnetA'], B: [3, 'SubnetB'] }],
  ])('has nothing against %s', (_, its, sizes) => {
    expect(inZones(its, sizes)).toMatchObject({ findings: [], undecided: [] });
  });

  test('how many of a group in several zones are in its own is not decided where that matters', () => {
    expect(inZones({ desired: 2, distinct: true }, { A: [4, 'SubnetA', 'SubnetB'] })).toMatchObject({
      findings: [], undecided: [{ resource: 'Web', why: 'how many instances of A are in the zones of its subnets is not known' }],
    });
  });
});
