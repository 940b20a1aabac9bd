import { check } from '../../../src/analysis/check';
import type { ReadOptions } from '../../../src/analysis/read-facts';
import { deploymentDeadlock } from '../../../src/analysis/rules/deployment-deadlock';
import { eniDensity as rule } from '../../../src/analysis/rules/eni-density';
import { given } from '../given';
import { itsExamplesHold } from './ecs-fragments';
import { AROUND, awsvpc, by, nodes, scaling } from './eni-fragments';

type Resources = Readonly<Record<string, unknown>>;

const Parameters = {
  Open: { Type: 'String' }, Count: { Type: 'Number', Default: 24 }, Wanted: { Type: 'Number' }, Two: { Type: 'Number', Default: 2 },
};
const OPEN = { Ref: 'Open' };
const judge = (resources: Resources, options: ReadOptions = {}, rules = [rule]) =>
  check([given({ Parameters, Resources: { ...AROUND, ...resources } })], rules, options);
const said = (resources: Resources, options: ReadOptions = {}): string[] => {
  const { findings, undecided } = judge(resources, options);
  return [
    ...findings.map(({ severity, resource, message }) => `${severity} ${resource}: ${message}`),
    ...undecided.map(({ resource, why }) => `undecided ${resource}: ${why}`),
  ];
};
const fixOf = (resources: Resources, options: ReadOptions = {}) => judge(resources, options).findings[0].fix;

const XLARGE = { InstanceType: 'c5.xlarge' };
/** Two tasks each, whatever the account. */
const MEDIUM = { InstanceType: 't3.medium' };
const HOLDS = (tasks: number) => `which hold ${tasks} (3 interfaces each, 1 for the host; t3.medium cannot trunk)`;
const DAEMON = { SchedulingStrategy: 'DAEMON' };
const percents = (MinimumHealthyPercent: unknown, MaximumPercent: unknown) => (
  { DeploymentConfiguration: { MinimumHealthyPercent, MaximumPercent } });
const STUCK = 'so no old task may stop, and no interface is free for a new one; creating it works';
const NO_RECORDS = { PrivateDnsNameOptions: { EnableResourceNameDnsARecord: false } };
const ELSEWHERE = 'or bridge mode with dynamic host ports, which takes no interfaces (BridgeService, NetworkMode); or Fargate';
const mixed = (...types: string[]) => ({
  LaunchTemplate: undefined,
  MixedInstancesPolicy: {
    LaunchTemplate: {
      LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'NodesTemplate' }, Version: '1' },
      Overrides: types.map((InstanceType) => ({ InstanceType })),
    },
  },
});

itsExamplesHold(rule);

describe('the examples that were worked out', () => {
  test('24 tasks do not fit on 2 × c5.large, with or without trunking', () => {
    expect(judge({ ...nodes(2), Api: awsvpc(24) }).findings).toEqual([expect.objectContaining({
      severity: 'error',
      resource: 'Api',
      message: 'service Api may place 24 tasks on 2 × c5.large, which hold 4 without trunking (3 interfaces each, 1 for the host) and 20 with it',
      fix: '13 instances without trunking or 3 with it: MinSize and MaxSize (minInstances, maxInstances); or c5.xlarge with trunking, of which 2 hold 40 (InstanceType, instanceType); '
        + ELSEWHERE,
      assumes: ['no other instances join cluster Cluster'],
    })]);
  });

  test('6 tasks fit on 2 × c5.xlarge, and no update of them', () => {
    expect(judge({ ...nodes(2, XLARGE), Api: awsvpc(6, percents(100, 200)) }).findings).toEqual([expect.objectContaining({
      severity: 'warning',
      resource: 'Api',
      message: 'service Api may place 6 tasks on 2 × c5.xlarge, which hold 6 without trunking (4 interfaces each, 1 for the host) and 40 with it; '
        + `no update of service Api can finish: 100% of 6 tasks is 6, ${STUCK}; with one instance lost they hold 3`,
      fix: '3 instances without trunking: MinSize and MaxSize (minInstances, maxInstances); or ENI trunking, with which they hold 40 (EniTrunking.forInstanceRole(), account setting '
        + `awsvpcTrunking); or MinimumHealthyPercent (minHealthyPercent) at most 83; ${ELSEWHERE}`,
    })]);
  });

  test('6 tasks fit on 3 × c5.xlarge, and an update of them', () => {
    expect(said({ ...nodes(3, XLARGE), Api: awsvpc(6, percents(100, 200)) })).toEqual([]);
  });
});

describe('the limit', () => {
  test('is what the instances hold', () => {
    const of = (desired: number) => said({ ...nodes({ MinSize: 2, MaxSize: 2 }, MEDIUM), Api: awsvpc(desired, percents(0, 100)) });
    expect(of(2)).toEqual([]);
    expect(of(4)).toEqual([expect.stringMatching(/^info /)]);
    expect(of(5)).toEqual([`error Api: service Api may place 5 tasks on 2 × t3.medium, ${HOLDS(4)}`]);
  });

  test('is an error just above what trunking would hold, and a warning up to it', () => {
    const severityOf = (desired: number, minimum = 0) =>
      judge({ ...nodes(2), Api: awsvpc(desired, percents(minimum, 200)) }).findings.map(({ severity }) => severity);
    expect([severityOf(21), severityOf(20), severityOf(5)]).toEqual([['error'], ['warning'], ['warning']]);
    expect(severityOf(2)).toEqual([]);
    // With trunking all interfaces are taken, and without it there are not enough: no update finishes either way.
    expect([severityOf(20, 100), severityOf(19, 100)]).toEqual([['error'], ['warning']]);
  });

  test('is an error above what fits on all instances that there can be, and a warning up to it where nothing scales them', () => {
    const of = (desired: number) => said({ ...nodes({ MinSize: 2, MaxSize: 4 }, MEDIUM), Api: awsvpc(desired, percents(0, 100)) });
    expect(of(9)).toEqual([`error Api: service Api may place 9 tasks on 4 × t3.medium, ${HOLDS(8)}`]);
    expect(of(8)).toEqual([`warning Api: service Api may place 8 tasks on 2 × t3.medium, ${HOLDS(4)}; nothing makes them the 4 that MaxSize allows`]);
    expect(of(4)).toEqual([]);
  });

  test('is that of the instances that managed scaling launches', () => {
    const of = (desired: number) =>
      said({ ...nodes({ MinSize: 0, MaxSize: 4 }, MEDIUM), Api: awsvpc(desired, { ...by({ Nodes: [0, 1] }), ...percents(0, 100) }) });
    expect(of(8)).toEqual([]);
    expect(of(9)).toEqual([`error Api: service Api may place 9 tasks on 4 × t3.medium, ${HOLDS(8)}`]);
  });

  test('is not short where there are no instances at all', () => {
    expect(said({ ...nodes({ MinSize: 0, MaxSize: 4 }, MEDIUM), Api: awsvpc(4) })).toEqual([]);
    expect(said({ ...nodes({ MinSize: 0, MaxSize: 0 }, MEDIUM), Api: awsvpc(0), ...scaling('Api', 0, 4) })).toEqual([]);
  });

  test('is short where not even all instances that there may be hold it', () => {
    const none = (desired: number, most = desired) =>
      ({ ...nodes({ MinSize: 0, MaxSize: 4 }), Api: awsvpc(desired, percents(0, 100)), ...scaling('Api', desired, most) });
    const frame = (tasks: number) =>
      `service Api may place ${tasks} tasks on 4 × c5.large, which hold 8 without trunking (3 interfaces each, 1 for the host) and 40 with it`;
    expect(said(none(8))).toEqual([]);
    expect(said(none(9))).toEqual([`warning Api: ${frame(9)}`]);
    expect(said(none(40))).toEqual([`warning Api: ${frame(40)}`]);
    expect(said(none(41))).toEqual([`error Api: ${frame(41)}`]);
    expect(said(none(8, 9))).toEqual([`warning Api: ${frame(8)}; at the peak 9 tasks`]);
    expect(fixOf(none(9))).toMatch(/^5 instances without trunking: MinSize and MaxSize [^;]*; or ENI trunking, with which they hold 40 /);
  });

  test('has interfaces that the launch template adds taken off', () => {
    const data = { ...MEDIUM, NetworkInterfaces: [{ DeviceIndex: 0 }, { DeviceIndex: 1 }] };
    expect(said({ ...nodes(3, data), Api: awsvpc(4) })).toEqual([
      'error Api: service Api may place 4 tasks on 3 × t3.medium, which hold 3 (3 interfaces each, 1 for the host and 1 of the launch template; t3.medium cannot trunk)',
    ]);
  });

  test('has interfaces taken off that one of several launch templates adds, where that matters', () => {
    const { MixedInstancesPolicy: { LaunchTemplate: policy } } = mixed('t3.medium');
    const Overrides = [...policy.Overrides, { LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'OtherTemplate' }, Version: '1' } }];
    const { OtherTemplate } = nodes(1, { ...MEDIUM, NetworkInterfaces: [{ DeviceIndex: 0 }, { DeviceIndex: 1 }] }, {}, 'Other');
    const both = (desired: number) => ({
      ...nodes(3, MEDIUM, { ...mixed(), MixedInstancesPolicy: { LaunchTemplate: { ...policy, Overrides } } }),
      OtherTemplate,
      Api: awsvpc(desired, percents(0, 100)),
    });
    expect(said(both(3))).toEqual([]);
    expect(said(both(4))).toEqual(['undecided Api: the launch templates of Nodes add 0 to 1 interfaces, so that its instances hold 1 to 2 awsvpc tasks']);
    expect(said(both(7))).toEqual(['error Api: service Api may place 7 tasks on 3 × t3.medium, which hold 3 to 6 (1 to 2 each; t3.medium cannot trunk)']);
  });
});

describe('trunking', () => {
  const at = (desired: number, options: ReadOptions = {}, more = {}) =>
    said({ ...nodes(2, NO_RECORDS, {}, 'Nodes', more), Api: awsvpc(desired, percents(0, 100)) }, options);

  test('that is stated to be on counts', () => {
    const on: ReadOptions = { accountSettings: { awsvpcTrunking: 'enabled' } };
    expect(at(10, on)).toEqual([]);
    expect(at(21, on)).toEqual(['error Api: service Api may place 21 tasks on 2 × c5.large, which hold 20 with trunking (10 each)']);
    expect(judge({ ...nodes(2, NO_RECORDS), Api: awsvpc(21) }, on).findings[0].assumes).toContain('the account has awsvpcTrunking enabled, as is stated');
    expect(fixOf({ ...nodes(2, NO_RECORDS), Api: awsvpc(21) }, on)).toMatch(/^3 instances: MinSize and MaxSize \(minInstances, maxInstances\); or c5\.xlarge with trunking, of which 2 hold 40/);
  });

  test('that is stated to be off makes an error of what the account might have bettered', () => {
    expect(at(5, { accountSettings: { awsvpcTrunking: 'disabled' } })).toEqual([
      'error Api: service Api may place 5 tasks on 2 × c5.large, which hold 4 (3 interfaces each, 1 for the host; the account has awsvpcTrunking disabled, as is stated)',
    ]);
  });

  test('that metadata says is on counts', () => {
    expect(at(10, {}, { Metadata: { EcsNetworkModes: { awsvpcTrunking: 'alreadyOn' } } })).toEqual([]);
  });

  test('of which it cannot be told whether it is on is not decided', () => {
    const Function = { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: 'ecs.putAccountSetting({ name: "awsvpcTrunking", value: process.env.VALUE })' } } };
    expect(said({ ...nodes(2, NO_RECORDS), Function, Api: awsvpc(5) })).toEqual([
      'undecided Api: whether Function sets it for these instances is not known',
    ]);
  });

  test.each<[string, Resources]>([
    ['of a type of its own', { Type: 'Custom::EcsAccountSetting', Properties: { Name: 'awsvpcTrunking', Value: 'enabled' } }],
    ['without a type', { Type: 'AWS::CloudFormation::CustomResource', Properties: { Settings: [{ awsvpcTrunking: 'enabled' }] } }],
  ])('that a custom resource %s sets is not decided', (_, Setting) => {
    expect(said({ ...nodes(2, NO_RECORDS, {}, 'Nodes', { DependsOn: 'Setting' }), Setting, Api: awsvpc(5) })).toEqual([
      'undecided Api: whether Setting sets it for these instances is not known',
    ]);
  });
});

describe('services on the same instances', () => {
  test('are added up, and the largest is spoken of', () => {
    expect(said({ ...nodes(2, MEDIUM), Jobs: awsvpc(2), Api: awsvpc(3) })).toEqual([
      `error Api: services Api (3) and Jobs (2) may place 5 tasks on 2 × t3.medium, ${HOLDS(4)}`,
    ]);
  });

  test('are named up to four', () => {
    const five = { A: awsvpc(1), B: awsvpc(2), C: awsvpc(3), D: awsvpc(4), E: awsvpc(5), None: awsvpc(0) };
    expect(said({ ...nodes(2, MEDIUM), ...five })).toEqual([
      `error E: services E (5), D (4), C (3) and 2 others may place 15 tasks on 2 × t3.medium, ${HOLDS(4)}`,
    ]);
  });

  test('need two of the smallest maximum together', () => {
    expect(said({ ...nodes(1, { InstanceType: 't3.micro' }), Api: awsvpc(1), Jobs: awsvpc(1) })).toEqual([
      'error Api: services Api (1) and Jobs (1) may place 2 tasks on 1 × t3.micro, which holds 1 (2 interfaces each, 1 for the host; t3.micro cannot trunk)',
    ]);
  });

  test('are apart on other providers', () => {
    const both = { ...nodes(2, MEDIUM), ...nodes(3, MEDIUM, {}, 'Other') };
    expect(said({ ...both, Api: awsvpc(5, by({ Nodes: [0, 1] })), Jobs: awsvpc(4, by({ Other: [0, 1] })) })).toEqual([
      `error Api: service Api may place 5 tasks on 2 × t3.medium, ${HOLDS(4)}`,
    ]);
  });

  test('of the launch type are on all instances of the cluster', () => {
    const both = { ...nodes(2, MEDIUM), ...nodes(3, XLARGE, {}, 'Other') };
    expect(said({ ...both, Api: awsvpc(11) })).toEqual([]);
    expect(said({ ...both, Api: awsvpc(12) })).toEqual([
      'info Api: service Api may place 12 tasks on 2 × t3.medium and 3 × c5.xlarge, which hold 13 without trunking and 64 with it; with one instance lost they hold 11',
    ]);
    expect(said({ ...both, Api: awsvpc(65) })).toEqual([
      'error Api: service Api may place 65 tasks on 2 × t3.medium and 3 × c5.xlarge, which hold 13 without trunking and 64 with it',
    ]);
  });

  test.each<[string, Resources]>([
    ['in bridge mode', { Tasks: { ...AROUND.Tasks, Properties: { ...AROUND.Tasks.Properties, NetworkMode: 'bridge' } }, Api: awsvpc(24, { NetworkConfiguration: undefined }) }],
    ['in host mode', { Tasks: { ...AROUND.Tasks, Properties: { ...AROUND.Tasks.Properties, NetworkMode: 'host' } }, Api: awsvpc(24, { NetworkConfiguration: undefined }) }],
    ['on Fargate', { Api: awsvpc(24, { LaunchType: 'FARGATE' }) }],
    ['on Fargate by a strategy', { Api: awsvpc(24, { LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE', Weight: 1 }] }) }],
    ['on Managed Instances', {
      Managed: { Type: 'AWS::ECS::CapacityProvider', Properties: { ClusterName: { Ref: 'Cluster' }, ManagedInstancesProvider: {} } },
      Api: awsvpc(24, { LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Managed' }, Weight: 1 }] }),
    }],
    ['of which none is wanted', { Api: awsvpc(0) }],
    ['in bridge mode, wherever they run', {
      Tasks: { ...AROUND.Tasks, Properties: { ...AROUND.Tasks.Properties, NetworkMode: 'bridge' } }, Api: awsvpc(24, { NetworkConfiguration: undefined, LaunchType: OPEN }),
    }],
  ])('take no interface %s', (_, resources) => {
    expect(said({ ...nodes(1, MEDIUM), ...resources })).toEqual([]);
  });
});

describe('daemons', () => {
  test('take an interface of every instance', () => {
    const of = (desired: number) => said({ ...nodes(3, MEDIUM), Agent: awsvpc(undefined, DAEMON), Api: awsvpc(desired, percents(0, 100)) });
    expect(of(2)).toEqual([]);
    expect(of(4)).toEqual([
      'error Api: service Api may place 4 tasks on 3 × t3.medium, which hold 3 (3 interfaces each, 1 for the host and 1 for daemon Agent; t3.medium cannot trunk)',
    ]);
  });

  test('are more than there are interfaces', () => {
    const daemons = { A: awsvpc(undefined, DAEMON), B: awsvpc(undefined, DAEMON) };
    expect(said({ ...nodes(2, MEDIUM), ...daemons })).toEqual([]);
    expect(said({ ...nodes(2, MEDIUM), ...daemons, C: awsvpc(undefined, DAEMON) })).toEqual([
      'error A: services A, B and C run on 2 × t3.medium, which hold 0 (3 interfaces each, 1 for the host and 3 for daemons; t3.medium cannot trunk); '
      + '3 daemons take an interface of every instance, which has fewer',
    ]);
  });

  describe('of which an update needs an interface beside the old task', () => {
    const NANO = { InstanceType: 't3.nano' };
    const agent = (min: unknown, max: unknown, more: Resources = {}) => ({
      Agent: awsvpc(undefined, { ...DAEMON, ...percents(min, max), ...more }),
    });
    const FULL = '(2 interfaces each, 1 for the host and 1 for daemon Agent; t3.nano cannot trunk)';
    const cannot = (why: string) => `no update of service Agent can finish: ${why}, and no interface is free for a new one; creating it works`;
    const narrow = { PlacementConstraints: [{ Type: 'memberOf', Expression: 'attribute:x == y' }] };
    const HUNDRED = '100% of 2 tasks is 2, so no old task may stop';
    const LOST = 'with one instance lost they hold 1';
    const api = (desired: number) => ({ Api: awsvpc(desired, percents(0, 100)) });
    const BESIDE = '2 × t3.medium, which hold 2 (3 interfaces each, 1 for the host and 1 for daemon Agent; t3.medium cannot trunk)';

    test.each<[string, Resources, string[]]>([
      ['hang where it has the only one', { ...nodes(2, NANO), ...agent(100, 200) }, [`error Agent: service Agent runs on 2 × t3.nano, which hold 0 ${FULL}; ${cannot(HUNDRED)}`]],
      ['finish where an old one may stop', { ...nodes(2, NANO), ...agent(50, 200) }, []],
      ['hang where the only one may not stop', { ...nodes(1, NANO), ...agent(50, 200) }, [
        `warning Agent: service Agent runs on 1 × t3.nano, which holds 0 ${FULL}; ${cannot('50% of 1 task rounds up to 1, so the old task stays')}`,
      ]],
      ['hang by the percents, which deployment-deadlock tells', { ...nodes(2, NANO), ...agent(100, 100) }, []],
      ['hang by distinctInstance, which deployment-deadlock tells', { ...nodes(2, NANO), ...agent(100, 200, { PlacementConstraints: [{ Type: 'distinctInstance' }] }) }, []],
      ['finish where another is free', { ...nodes(2, MEDIUM), ...agent(100, 200) }, []],
      ['hang where tasks have the others', { ...nodes(2, MEDIUM), ...agent(100, 200), ...api(2) }, [
        `error Api: service Api may place 2 tasks on ${BESIDE}; ${cannot(HUNDRED)}; ${LOST}`,
      ]],
      ['hang where a task has that of one instance', { ...nodes(2, MEDIUM), ...agent(100, 200), ...api(1) }, [
        `error Api: service Api may place 1 task on ${BESIDE}; ${cannot(HUNDRED)}`,
      ]],
      ['are no matter where not even the tasks fit', { ...nodes(2, MEDIUM), ...agent(100, 200), ...api(3) }, [`error Api: service Api may place 3 tasks on ${BESIDE}`]],
      ['are no matter where there are no instances', { ...nodes({ MinSize: 0, MaxSize: 2 }, NANO), ...agent(100, 200) }, []],
      ['may hang by a minimum that is not known', { ...nodes(2, NANO), ...agent(OPEN, 200) }, ['undecided Agent: parameter Open has no default']],
      ['may hang on instances that are not known', { ...nodes(2, { InstanceType: OPEN }), ...agent(100, 200) }, ['undecided Agent: parameter Open has no default']],
      ['may hang on those that a constraint leaves', { ...nodes(2, NANO), ...agent(100, 200, narrow) }, ['undecided Agent: the placement constraint attribute:x == y narrows its instances']],
      ['finish by percents, whatever is not known of the instances', { ...nodes({ MinSize: OPEN, MaxSize: OPEN }, { InstanceType: OPEN }), ...agent(0, 200) }, []],
      ['finish on any number of instances with another', { ...nodes({ MinSize: OPEN, MaxSize: OPEN }, MEDIUM), ...agent(100, 200) }, []],
      ['hang on any number of instances without another', { ...nodes({ MinSize: OPEN, MaxSize: OPEN }, NANO), ...agent(100, 200) }, [
        `error Agent: service Agent runs on any number of t3.nano, which hold 0 ${FULL}; ${cannot('100% of 1 task is 1, so the old task stays')}`,
      ]],
      ['may hang where it may be one instance', { ...nodes({ MinSize: OPEN, MaxSize: 4 }, NANO), ...agent(50, 200) }, ['undecided Agent: parameter Open has no default']],
    ])('%s', (_, resources, expected) => {
      expect(said(resources)).toEqual(expected);
    });

    test('hang on the smaller instances of two groups', () => {
      expect(said({ ...nodes(2, NANO), ...nodes(2, MEDIUM, {}, 'Other'), ...agent(100, 200) })).toEqual([expect.stringMatching(/^error Agent: .*; no update of service Agent can finish/)]);
    });

    test('hang without trunking, which the account may have on', () => {
      const both = { ...nodes(2, NO_RECORDS), ...agent(100, 200), Other: awsvpc(undefined, DAEMON) };
      expect(said(both)).toEqual([expect.stringMatching(/^warning Agent: .*; no update of service Agent can finish/)]);
      expect(said(both, { accountSettings: { awsvpcTrunking: 'enabled' } })).toEqual([]);
    });

    test('finish with a lower minimum, or more interfaces of each instance', () => {
      expect(fixOf({ ...nodes(2, NANO), ...agent(100, 200) })).toBe(
        `t8i.nano with trunking, of which 2 hold 2 (InstanceType, instanceType); or MinimumHealthyPercent (minHealthyPercent) at most 0; ${ELSEWHERE}`);
    });

    test('finish on no larger number of instances, on each of which the daemon has a task, too', () => {
      const larger = 't8i.medium with trunking, of which 2 hold 6 (InstanceType, instanceType); or ';
      expect(fixOf({ ...nodes(2, MEDIUM), ...agent(100, 200), ...api(2) })).toBe(
        `${larger}MinimumHealthyPercent (minHealthyPercent) of service Agent at most 0; ${ELSEWHERE}`);
      expect(fixOf({ ...nodes(2, MEDIUM), ...agent(100, 200), Api: awsvpc(2) })).toBe(`${larger}${ELSEWHERE.slice('or '.length)}`);
    });

    test('are told of once', () => {
      const { findings } = judge({ ...nodes(2, NANO), ...agent(100, 200) }, {}, [rule, deploymentDeadlock]);
      expect(findings.map((one) => one.rule)).toEqual(['eni-density']);
    });
  });

  test('of one CPU architecture may take none of instances on which tasks of another run', () => {
    const tasks = (CpuArchitecture: string) => ({
      ...AROUND.Tasks, Properties: { ...AROUND.Tasks.Properties, RuntimePlatform: { CpuArchitecture } },
    });
    const of = (architecture: string) => said({
      ...nodes(3, MEDIUM), Arm: tasks('ARM64'), Tasks: tasks(architecture), Agent: awsvpc(undefined, { ...DAEMON, TaskDefinition: { Ref: 'Arm' } }), Api: awsvpc(4),
    });
    expect(of('X86_64')).toEqual(['undecided Api: the CPU architecture ARM64 narrows its instances']);
    expect(of('ARM64')).toEqual([expect.stringMatching(/^error Api: .*1 for daemon Agent/)]);
  });

  test('that a constraint narrows may take none', () => {
    const Agent = awsvpc(undefined, { ...DAEMON, PlacementConstraints: [{ Type: 'memberOf', Expression: 'attribute:x == y' }] });
    expect(said({ ...nodes(3, MEDIUM), Agent, Api: awsvpc(4) })).toEqual([
      'undecided Api: the placement constraint attribute:x == y narrows its instances',
    ]);
  });
});

describe('a strategy over two providers', () => {
  const both = (first: number, second: number) => ({ ...nodes(first, MEDIUM), ...nodes(second, MEDIUM, {}, 'Other') });
  const api = (desired: unknown, strategy: Parameters<typeof by>[0]) => awsvpc(desired, { ...by(strategy), ...percents(0, 100) });

  test('gives each its base and its part of the rest, and a full one passes nothing on', () => {
    // 2 + 18 / 2 of 20.
    expect(said({ ...both(5, 20), Api: api(20, { Nodes: [2, 1], Other: [0, 1] }) })).toEqual([
      `error Api: service Api must place 11 of its 20 tasks on 5 × t3.medium, ${HOLDS(10)}`,
    ]);
    expect(said({ ...both(6, 20), Api: api(20, { Nodes: [2, 1], Other: [0, 1] }) })).toEqual([]);
  });

  test('of weight 0 has its base only', () => {
    expect(said({ ...both(2, 20), Api: api(30, { Nodes: [3, 0], Other: [0, 1] }) })).toEqual([]);
    expect(said({ ...both(2, 20), Api: api(30, { Nodes: [5, 0], Other: [0, 1] }) })).toEqual([
      `error Api: service Api must place 5 of its 30 tasks on 2 × t3.medium, ${HOLDS(4)}`,
    ]);
  });

  test('may be rounded either way', () => {
    // 9 / 2 is 4 or 5.
    expect(said({ ...both(2, 20), Api: api(9, { Nodes: [0, 1], Other: [0, 1] }) })).toEqual([
      'undecided Api: how ECS rounds the shares of a strategy is not documented',
    ]);
  });

  describe('that is too small on one of them and full as a whole', () => {
    // 2 + 5 of 12 tasks, and 5.
    const full = (second: number, properties: object = {}) =>
      ({ ...both(4, second), Api: awsvpc(12, { ...by({ Nodes: [2, 1], Other: [0, 1] }), ...properties }) });
    const TOO_SMALL = `error Api: service Api must place 5 of its 12 tasks on 2 × t3.medium, ${HOLDS(4)}`;

    test('is told as such, and nothing of updates, to which it does not come', () => {
      expect(said(full(2))).toEqual([TOO_SMALL]);
    });

    test('is told so of several services', () => {
      const strategy = (base: number) => by({ Nodes: [base, 1], Other: [0, 1] });
      expect(said({ ...both(4, 2), Api: awsvpc(8, strategy(2)), Jobs: awsvpc(4, strategy(0)) })).toEqual([
        `error Api: services Api (3) and Jobs (2) must place 5 tasks on 2 × t3.medium, ${HOLDS(4)}`,
      ]);
    });

    test('asks for instances of the one, with which updates move, too', () => {
      expect(fixOf(full(2))).toMatch(
        /^3 instances of Other: MaxSize \(maxInstances\); or t8i.medium with trunking for Other, of which 2 hold 8 [^;]*; or bridge mode [^;]*; or Fargate$/);
      expect(said(full(3))).toEqual([]);
    });

    test('asks for two full sets where these are deployed', () => {
      const BLUE_GREEN = { DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } };
      expect(said(full(2, BLUE_GREEN))).toEqual([TOO_SMALL]);
      expect(fixOf(full(2, BLUE_GREEN))).toMatch(/^8 instances of Other: /);
      expect(said(full(7, BLUE_GREEN))).toEqual([expect.stringContaining('its deployments run 24 tasks at a time')]);
      expect(said(full(8, BLUE_GREEN))).toEqual([]);
    });
  });

  test('of which one is not known still fills the other', () => {
    const strategy = [{ CapacityProvider: { Ref: 'NodesProvider' }, Base: 5, Weight: 1 }, { CapacityProvider: OPEN, Weight: 1 }];
    expect(said({ ...nodes(2, MEDIUM), Api: awsvpc(9, { LaunchType: undefined, CapacityProviderStrategy: strategy }) })).toEqual([
      `error Api: service Api must place 7 of its 9 tasks on 2 × t3.medium, ${HOLDS(4)}`,
    ]);
  });

  test('is too small as a whole', () => {
    expect(said({ ...both(2, 2), Api: api(9, { Nodes: [0, 1], Other: [0, 1] }) })).toEqual([
      'error Api: service Api may place 9 tasks on 4 × t3.medium, which hold 8',
    ]);
  });

  test('adds up what several services put on a provider', () => {
    const strategy = { Nodes: [0, 1], Other: [0, 1] } as const;
    expect(said({ ...both(2, 20), Api: api(6, strategy), Jobs: api(4, strategy) })).toEqual([
      `error Api: services Api (3) and Jobs (2) must place 5 tasks on 2 × t3.medium, ${HOLDS(4)}`,
    ]);
  });
});

describe('the peak', () => {
  const at = (min: unknown, max: unknown, size: Parameters<typeof nodes>[0] = 3) =>
    said({ ...nodes(size, MEDIUM), Api: awsvpc(2, percents(0, 100)), ...scaling('Api', min, max) });

  test('is what autoscaling may want', () => {
    expect(at(1, 6)).toEqual([]);
    expect(at(1, 7)).toEqual([`warning Api: service Api may place 2 tasks on 3 × t3.medium, ${HOLDS(6)}; at the peak 7 tasks`]);
  });

  test('counts on the instances that are there, where nothing scales them', () => {
    expect(at(1, 7, { MinSize: 3, MaxSize: 9 })).toEqual([expect.stringContaining('at the peak 7 tasks')]);
  });

  test('is told once, of the whole and not of a provider', () => {
    const strategy = { ...by({ Nodes: [0, 1], Other: [0, 1] }), ...percents(0, 100) };
    expect(said({ ...nodes(2, MEDIUM), ...nodes(2, MEDIUM, {}, 'Other'), Api: awsvpc(4, strategy), ...scaling('Api', 1, 10) })).toEqual([
      'warning Api: service Api may place 4 tasks on 4 × t3.medium, which hold 8; at the peak 10 tasks',
    ]);
  });

  test('has a minimum that the wanted number is raised to', () => {
    expect(said({ ...nodes(3, MEDIUM), Api: awsvpc(0), ...scaling('Api', 7, 7) })).toEqual([
      `error Api: service Api may place 7 tasks on 3 × t3.medium, ${HOLDS(6)}`,
    ]);
  });
});

/** As deployment-deadlock counts them: what fits is stuck or not by percents and room; here the room is that of interfaces. */
describe('while deploying', () => {
  const both = (desired: number, instances: number, minimum: number, maximum: number) => {
    const resources = { ...nodes(instances, MEDIUM), Api: awsvpc(desired, percents(minimum, maximum)) };
    const [density, deadlock] = [rule, deploymentDeadlock].map((one) => judge(resources, {}, [one]).findings
      .filter(({ severity }) => severity !== 'info').map(({ severity, message }) => `${severity}: ${message}`));
    return { density, deadlock };
  };

  test.each<[number, [number, number, number, number], string[]]>([
    [15, [4, 2, 75, 100], []],
    [16, [4, 2, 76, 200], [`; no update of service Api can finish: 76% of 4 tasks rounds up to 4, ${STUCK}`]],
    [18, [3, 2, 100, 200], []],
  ])('case %i of the table', (_, its, expected) => {
    expect(both(...its)).toEqual({ density: expected.map((text) => expect.stringMatching(new RegExp(`^error: .*${text}`))), deadlock: [] });
  });

  test('case 17 of the table: 50% of a single task rounds up to 1', () => {
    expect(said({ ...nodes(1, { InstanceType: 't3.micro' }), Api: awsvpc(1, percents(50, 200)) })).toEqual([
      'error Api: service Api may place 1 task on 1 × t3.micro, which holds 1 (2 interfaces each, 1 for the host; t3.micro cannot trunk); no update of service Api '
      + 'can finish: 50% of 1 task rounds up to 1, so the old task stays, and no interface is free for a new one; creating it works',
    ]);
  });

  test('percents that bind by themselves are for deployment-deadlock alone', () => {
    expect(both(4, 2, 100, 100)).toEqual({ density: [], deadlock: [expect.stringContaining('error: ')] });
  });

  test('CPU that binds before interfaces is for deployment-deadlock alone', () => {
    const Tasks = { ...AROUND.Tasks, Properties: { ...AROUND.Tasks.Properties, Cpu: '1024' } };
    const resources = { ...nodes(2, MEDIUM), Tasks, Api: awsvpc(4, percents(100, 200)) };
    expect(judge(resources).findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(judge(resources, {}, [deploymentDeadlock]).findings).toHaveLength(1);
  });

  test('distinctInstance that binds is for deployment-deadlock alone', () => {
    const resources = { ...nodes(2, MEDIUM), Api: awsvpc(2, { ...percents(100, 200), PlacementConstraints: [{ Type: 'distinctInstance' }] }) };
    expect(judge(resources).findings).toEqual([]);
    expect(judge(resources, {}, [deploymentDeadlock]).findings).toHaveLength(1);
  });

  test('steady tasks of other services take interfaces, and one stuck service is named', () => {
    expect(said({ ...nodes(2, MEDIUM), Api: awsvpc(3, percents(100, 200)), Jobs: awsvpc(1, percents(0, 100)) })).toEqual([
      `error Api: services Api (3) and Jobs (1) may place 4 tasks on 2 × t3.medium, ${HOLDS(4)}; no update of service Api can finish: 100% of 3 tasks is 3, ${STUCK}; `
      + 'with one instance lost they hold 2',
    ]);
  });

  test('several stuck services are one finding', () => {
    expect(said({ ...nodes(2, MEDIUM), Api: awsvpc(3), Jobs: awsvpc(1) })).toEqual([
      `error Api: services Api (3) and Jobs (1) may place 4 tasks on 2 × t3.medium, ${HOLDS(4)}; no update of services Api and Jobs can finish: no interface is free `
      + 'for a new task before an old one stops, and none may; creating them works; with one instance lost they hold 2',
    ]);
  });

  test('two full sets need twice the interfaces', () => {
    const api = (desired: number) => said({ ...nodes(3, MEDIUM), Api: awsvpc(desired, { DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } }) });
    expect(api(3)).toEqual([]);
    expect(api(4)).toEqual([
      `error Api: service Api may place 4 tasks on 3 × t3.medium, ${HOLDS(6)}; no update of service Api can finish: its deployments run 8 tasks at a time; creating it works`,
    ]);
    expect(fixOf({ ...nodes(3, MEDIUM), Api: awsvpc(4, { DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } }) })).toMatch(/^4 instances: MinSize and MaxSize/);
  });

  test('a number of the range of autoscaling is named', () => {
    expect(said({ ...nodes(3, MEDIUM), Api: awsvpc(2), ...scaling('Api', 1, 6) })).toEqual([
      `warning Api: service Api may place 2 tasks on 3 × t3.medium, ${HOLDS(6)}; no update of service Api at 6 tasks can finish: 100% of 6 tasks is 6, ${STUCK}`,
    ]);
  });

  test('instances that nothing launches make a warning', () => {
    expect(said({ ...nodes({ MinSize: 2, MaxSize: 3 }, MEDIUM), Api: awsvpc(4) })).toEqual([
      `warning Api: service Api may place 4 tasks on 2 × t3.medium, ${HOLDS(4)}; no update of service Api can finish: 100% of 4 tasks is 4, ${STUCK}`,
    ]);
    expect(fixOf({ ...nodes({ MinSize: 2, MaxSize: 3 }, MEDIUM), Api: awsvpc(4) })).toMatch(/^3 instances: MinSize \(minInstances\)/);
  });

  test('task sets of another controller are not judged', () => {
    const TaskSet = { Type: 'AWS::ECS::TaskSet', Properties: { ...awsvpc(4).Properties, Service: { Ref: 'Api' }, DesiredCount: undefined } };
    const Api = awsvpc(4, { DeploymentController: { Type: 'EXTERNAL' } });
    expect(said({ ...nodes(2, MEDIUM), Api, TaskSet }).join()).not.toContain('update');
  });

  test('what MinimumHealthyPercent would do is told where nothing else is short', () => {
    expect(fixOf({ ...nodes(2, MEDIUM), Api: awsvpc(4) })).toBe(
      '3 instances: MinSize and MaxSize (minInstances, maxInstances); or t8i.medium with trunking, of which 2 hold 8 (InstanceType, instanceType); '
      + `or MinimumHealthyPercent (minHealthyPercent) at most 75; ${ELSEWHERE}`);
    expect(fixOf({ ...nodes(2, MEDIUM), Api: awsvpc(5) })).not.toContain('MinimumHealthyPercent');
  });
});

describe('one instance lost', () => {
  const at = (desired: number, size: Parameters<typeof nodes>[0] = 3) =>
    said({ ...nodes(size, MEDIUM), Api: awsvpc(desired, percents(0, 100)) });

  test('is worth knowing where no other is launched beside the maximum', () => {
    expect(at(4)).toEqual([]);
    expect(at(5)).toEqual([`info Api: service Api may place 5 tasks on 3 × t3.medium, ${HOLDS(6)}; with one instance lost they hold 4`]);
    expect(fixOf({ ...nodes(3, MEDIUM), Api: awsvpc(5, percents(0, 100)) })).toMatch(/^4 instances: MinSize and MaxSize/);
  });

  test('is not counted where there is headroom, nor of a single instance', () => {
    expect(at(5, { MinSize: 3, MaxSize: 4 })).toEqual([]);
    expect(at(2, 1)).toEqual([]);
  });
});

describe('zones', () => {
  const subnet = (AvailabilityZone: unknown, n: number) => (
    { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, AvailabilityZone, CidrBlock: `10.0.${n}.0/24` } });
  const NETWORK = {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
    A: subnet('eu-west-1a', 0), B: subnet('eu-west-1b', 1), C: subnet('eu-west-1c', 2),
  };
  const ids = (names: string) => [...names].map((Ref) => ({ Ref }));
  const inZones = (desired: number, names: string) => awsvpc(desired, {
    ...percents(0, 100), NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ids(names) } },
  });
  const on = (instances: number, names: string, name = 'Nodes') => nodes(instances, MEDIUM, { VPCZoneIdentifier: ids(names) }, name);

  const OPEN_ZONES = 'undecided Api: how many instances of Nodes are in the zones of the services is not known';

  test('without an instance of theirs take no task', () => {
    const resources = { ...NETWORK, ...on(3, 'BA'), Api: inZones(2, 'C') };
    expect(said(resources)).toEqual(['error Api: service Api may place 2 tasks in eu-west-1c, and its instances are in eu-west-1a and eu-west-1b']);
    expect(fixOf(resources)).toBe(
      'subnets in the zones of the instances (AwsvpcConfiguration.Subnets, vpcSubnets); or instances in the zones of the subnets (VPCZoneIdentifier)');
  });

  test('named by the Region are told apart, whichever it is', () => {
    const of = (rest: string, n: number) => subnet({ 'Fn::Sub': `\${AWS::Region}${rest}` }, n);
    const named = { Vpc: NETWORK.Vpc, A: of('a', 0), B: of('b', 1), C: of('c', 2) };
    expect(said({ ...named, ...on(3, 'BA'), Api: inZones(2, 'C') })).toEqual([
      'error Api: service Api may place 2 tasks in zone c of the Region, and its instances are in zone a of the Region and zone b of the Region',
    ]);
    expect(said({ ...named, ...on(3, 'BA'), Api: inZones(2, 'AB') })).toEqual([]);
  });

  test('leave out groups in others', () => {
    const both = { ...NETWORK, ...on(2, 'A'), ...on(9, 'B', 'Other') };
    expect(said({ ...both, Api: inZones(5, 'A') })).toEqual([`error Api: service Api may place 5 tasks on 2 × t3.medium, ${HOLDS(4)}`]);
    expect(said({ ...both, Api: inZones(5, 'AB') })).toEqual([]);
  });

  test('that are some of those of a group have at least their part, rounded down', () => {
    expect(said({ ...NETWORK, ...on(5, 'AB'), Api: inZones(3, 'A') })).toEqual([]);
    expect(said({ ...NETWORK, ...on(5, 'AB'), Api: inZones(5, 'A') })).toEqual([OPEN_ZONES]);
  });

  test('that may hold too few come before an instance that may be lost', () => {
    expect(said({ ...NETWORK, ...on(2, 'AB'), Api: inZones(3, 'A') })).toEqual([OPEN_ZONES]);
    expect(said({ ...NETWORK, ...on(2, 'A'), Api: inZones(3, 'A') })).toEqual([expect.stringMatching(/^info Api: .* with one instance lost/)]);
  });

  describe('that are some of those of a group', () => {
    const short = { ...NETWORK, Api: inZones(5, 'A') };
    const PART = 'as only a part is in the zones of the services: MinSize and MaxSize (minInstances, maxInstances)';

    test('take more instances, so that enough are in them', () => {
      expect(fixOf({ ...short, ...on(2, 'AB') })).toBe(`6 instances, ${PART}; ${ELSEWHERE}`);
      expect(said({ ...short, ...on(6, 'AB') })).toEqual([]);
      expect(said({ ...short, ...on(5, 'AB') })).toEqual([OPEN_ZONES]);
    });

    test('take trunking, and a larger type, where those in them then hold all', () => {
      const of = (tasks: number) => fixOf({ ...NETWORK, ...nodes(3, {}, { VPCZoneIdentifier: ids('AB') }), Api: inZones(tasks, 'A') });
      const larger = (type: string, holds: number) => `${type} with trunking, of which 3 hold ${holds} (InstanceType, instanceType)`;
      expect(of(10)).toBe(`10 instances without trunking, ${PART}; or ENI trunking, with which they hold 30 `
        + `(EniTrunking.forInstanceRole(), account setting awsvpcTrunking); ${ELSEWHERE}`);
      expect(of(11)).toBe(`12 instances without trunking or 4 with it, ${PART}; or ${larger('c5.xlarge', 60)}; ${ELSEWHERE}`);
      expect(of(21)).toBe(`22 instances without trunking or 6 with it, ${PART}; or ${larger('c5.2xlarge', 120)}; ${ELSEWHERE}`);
    });

    test('take instances in them, where it is not known whether any is', () => {
      const open = awsvpc(5, { ...percents(0, 100), NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [OPEN] } } });
      expect(fixOf({ ...NETWORK, ...on(2, 'AB'), Api: open })).toBe(
        `3 instances in the zones of the services: MinSize and MaxSize (minInstances, maxInstances); ${ELSEWHERE}`);
    });
  });

  describe('of a daemon', () => {
    const agent = (names: string) => ({
      Agent: awsvpc(undefined, { ...DAEMON, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ids(names) } } }),
    });
    const FULL = (holds: number) => `error Api: service Api may place ${holds + 1} tasks on 3 × t3.medium, which hold ${holds} (3 interfaces each, `
      + '1 for the host and 1 for daemon Agent; t3.medium cannot trunk)';
    const other = (instances: number, names: string) => on(instances, names, 'Other');
    const AGENTS = 'how many instances of Nodes are in the zones of daemon Agent is not known';

    test.each<[string, Resources, string[]]>([
      ['with all instances: it is on each', { ...on(3, 'AB'), ...agent('AB'), Api: inZones(4, 'AB') }, [FULL(3)]],
      ['in which some instances are not: it may be on none', { ...on(3, 'AB'), ...agent('A'), Api: inZones(4, 'AB') }, [`undecided Api: ${AGENTS}`]],
      ['in which some instances are not, with room for it on all', { ...on(3, 'AB'), ...agent('A'), Api: inZones(2, 'AB') }, []],
      ['that are not known', { ...on(3, 'AB'), C: subnet(OPEN, 2), ...agent('AC'), Api: inZones(4, 'AB') }, [`undecided Api: ${AGENTS}: parameter Open has no default`]],
      ['with none of the instances of another group', { ...on(3, 'A'), ...other(1, 'B'), ...agent('A'), Api: inZones(4, 'A') }, [FULL(3)]],
    ])('%s', (_, resources, expected) => {
      expect(said({ ...NETWORK, ...resources })).toEqual(expected);
    });
  });

  test('are not compared between VPCs', () => {
    const Elsewhere = { ...NETWORK.A, Properties: { ...NETWORK.A.Properties, VpcId: 'vpc-1' } };
    expect(said({ ...NETWORK, Elsewhere, ...nodes(3, MEDIUM, { VPCZoneIdentifier: [{ Ref: 'Elsewhere' }] }), Api: inZones(2, 'C') })).toEqual([OPEN_ZONES]);
  });

  describe('that are not known', () => {
    const tasksIn = (Subnets: unknown, desired = 2) => ({
      Api: awsvpc(desired, { ...percents(0, 100), NetworkConfiguration: { AwsvpcConfiguration: { Subnets } } }),
    });
    const nodesIn = (VPCZoneIdentifier: unknown, instances = 3) => nodes(instances, MEDIUM, { VPCZoneIdentifier });
    const inOpen = (name: string, n: number) => ({ [name]: subnet(OPEN, n) });
    const WHY = `${OPEN_ZONES}: parameter Open has no default`;

    test.each<[string, Resources, string]>([
      ['of a subnet of the service', { ...on(3, 'AB'), ...tasksIn([OPEN]) }, WHY],
      ['of all subnets of the service', { ...on(3, 'AB'), ...tasksIn(OPEN) }, WHY],
      ['of a subnet of the instances', { ...nodesIn([OPEN]), ...tasksIn(ids('AB')) }, WHY],
      ['of all subnets of the instances', { ...nodesIn(OPEN), ...tasksIn(ids('AB')) }, WHY],
      ['by the zone of a subnet', { ...inOpen('D', 3), ...nodesIn(ids('D')), ...tasksIn(ids('A')) }, WHY],
      ['of instances that name no subnets', { ...nodesIn(undefined), ...tasksIn(ids('AB')) }, `${OPEN_ZONES}: Nodes names no subnets`],
      ['of one of the subnets of both', { ...nodesIn(['subnet-1', 'subnet-2']), ...tasksIn(['subnet-1'], 3) }, `${OPEN_ZONES}: subnet-2 is not of what is given`],
    ])('%s may have no instance in common', (_, resources, expected) => {
      expect(said({ ...NETWORK, ...resources })).toEqual([expected]);
    });

    test.each<[string, Resources]>([
      ['the same subnets', { ...nodesIn([OPEN]), ...tasksIn([OPEN]) }],
      ['the same list', { ...nodesIn(OPEN), ...tasksIn(OPEN) }],
      ['the subnets of the instances among others', { ...nodesIn(['subnet-1']), ...tasksIn(['subnet-1', OPEN]) }],
      ['the same expression for the zone', { ...inOpen('D', 3), ...inOpen('E', 4), ...nodesIn(ids('D')), ...tasksIn(ids('E')) }],
      ['a zone beside one that is not known', { ...on(3, 'A'), ...tasksIn([...ids('A'), OPEN]) }],
      ['enough instances in the half of the zones that is known', { ...nodesIn([...ids('A'), OPEN], 3), ...tasksIn(ids('A')) }],
      ['enough instances in one of the subnets of both', { ...nodesIn(['subnet-1', 'subnet-2', 'subnet-3'], 4), ...tasksIn(['subnet-1', 'subnet-2'], 4) }],
      ['nothing to place', { ...on(3, 'A'), ...tasksIn([OPEN], 0) }],
    ])('do not matter with %s', (_, resources) => {
      expect(said({ ...NETWORK, ...resources })).toEqual([]);
    });

    test('save nothing that fits nowhere', () => {
      expect(said({ ...NETWORK, ...on(3, 'AB'), ...tasksIn([OPEN], 7) })).toEqual([`error Api: service Api may place 7 tasks on 3 × t3.medium, ${HOLDS(6)}`]);
    });
  });
});

describe('what is not known', () => {
  test.each<[string, Resources, string]>([
    ['an imported cluster', { Api: awsvpc(24, { Cluster: 'prod' }) }, 'the cluster is not of what is given: prod is not of what is given'],
    ['a cluster without instances', { Api: awsvpc(24) }, 'no instances of cluster Cluster are in what is given'],
    ['the number of tasks', { ...nodes(2, MEDIUM), Api: awsvpc({ Ref: 'Wanted' }) }, 'parameter Wanted has no default'],
    ['the largest number of instances', { ...nodes({ MinSize: 3, MaxSize: OPEN }, MEDIUM), Api: awsvpc(20, by({ Nodes: [0, 1] })) }, 'parameter Open has no default'],
    ['an instance type', { ...nodes(2, { InstanceType: OPEN }), Api: awsvpc(24) }, 'parameter Open has no default'],
    ['a type that the table lacks', { ...nodes(2, { InstanceType: 'zz9.large' }), Api: awsvpc(24) }, 'how many interfaces zz9.large has is not known'],
    ['a type of which sources differ', { ...nodes(2, { InstanceType: 'p5.48xlarge' }), Api: awsvpc(40) },
      "AWS's sources differ on how many awsvpc tasks p5.48xlarge holds: 1 to 63"],
    ['which of several types it is', { ...nodes({ MinSize: 2, MaxSize: 3 }, {}, mixed('c5.large', 'c5.xlarge')), Api: awsvpc(5, percents(0, 100)) },
      'the instances of Nodes may be of 2 types, which hold 2 to 3 awsvpc tasks'],
    ['requirements that allow any type', {
      ...nodes(2, { InstanceType: undefined, InstanceRequirements: { VCpuCount: { Min: 2 }, MemoryMiB: { Min: 1 } } }), Api: awsvpc(24),
    }, 'instance requirements without AllowedInstanceTypes may choose any type'],
    ['the percents that an update is stuck with', { ...nodes({ MinSize: 2, MaxSize: 3 }, MEDIUM), Api: awsvpc(4, percents(OPEN, 200)) }, 'parameter Open has no default'],
    ['where it runs', { ...nodes(2, MEDIUM), Api: awsvpc(24, { LaunchType: OPEN }) }, 'parameter Open has no default'],
    ['its mode', {
      ...nodes(2, MEDIUM), Tasks: { ...AROUND.Tasks, Properties: { ...AROUND.Tasks.Properties, NetworkMode: OPEN } }, Api: awsvpc(24),
    }, 'parameter Open has no default'],
  ])('%s', (_, resources, why) => {
    expect(said(resources)).toEqual([`undecided Api: ${why}`]);
  });

  describe('how far instances scale', () => {
    const provider = (ManagedScaling: object) => ({
      NodesProvider: {
        Type: 'AWS::ECS::CapacityProvider', Properties: { AutoScalingGroupProvider: { AutoScalingGroupArn: { Ref: 'Nodes' }, ManagedScaling } },
      },
    });
    const four = { ...nodes({ MinSize: 1, MaxSize: 4 }, MEDIUM), Api: awsvpc(4, { ...by({ Nodes: [0, 1] }), ...percents(0, 100) }) };

    test.each<[string, Resources, string]>([
      ['where the status is left out', provider({ TargetCapacity: 100 }), 'ManagedScaling.Status is left out'],
      ['where the status is not known', provider({ Status: OPEN }), 'parameter Open has no default'],
      ['where some tasks have a strategy and some have none', { Jobs: awsvpc(2, percents(0, 100)) },
        'tasks without a strategy make ECS launch no instances, those with one do'],
    ])('%s', (_, more, why) => {
      expect(said({ ...four, ...more })).toEqual([`undecided Api: how far Nodes scales is not known: ${why}`]);
    });
  });

  test('does not matter where it changes nothing', () => {
    expect(said({ ...nodes({ MinSize: 3, MaxSize: OPEN }, MEDIUM), Api: awsvpc(4) })).toEqual([]);
    expect(said({ ...nodes(2, { InstanceType: OPEN }), Api: awsvpc(0) })).toEqual([]);
    expect(said({ ...nodes(2, {}, mixed('c5.large', 'c5.xlarge')), Api: awsvpc(2) })).toEqual([]);
  });

  test('does not save what no type could hold', () => {
    expect(said({ ...nodes(1, { InstanceType: OPEN }), Api: awsvpc(5000) })).toEqual([
      expect.stringMatching(/^error Api: service Api may place 5000 tasks on 1 × instances of Nodes, which holds at most \d+$/),
    ]);
  });
});

describe('the way out', () => {
  const none = percents(0, 100);
  const Agent = awsvpc(undefined, DAEMON);
  const on = { Metadata: { EcsNetworkModes: { awsvpcTrunking: 'alreadyOn' } } };
  const ENABLED: ReadOptions = { accountSettings: { awsvpcTrunking: 'enabled' } };
  const DISABLED: ReadOptions = { accountSettings: { awsvpcTrunking: 'disabled' } };
  const windows = { ImageId: '{{resolve:ssm:/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-ECS_Optimized/image_id}}' };
  const launching = (n: number) => ({ NetworkInterfaces: Array.from({ length: n }, (_, DeviceIndex) => ({ DeviceIndex })) });
  const daemons = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`Agent${i}`, Agent]));
  const MAX = 'MinSize and MaxSize (minInstances, maxInstances)';
  /** Where they grow to it. */
  const GROWN = 'MaxSize (maxInstances)';
  const LARGER = (type: string, holds: string) => `${type} with trunking, of which ${holds} (InstanceType, instanceType); `;

  test.each<[string, Resources, string, ReadOptions?]>([
    ['has room for daemons, too', { ...nodes(3, MEDIUM), Agent, Api: awsvpc(4, none) }, `4 instances: ${MAX}; or ${LARGER('t8i.medium', '3 hold 9')}`],
    ['has room for interfaces of the launch template and daemons on larger instances',
      { ...nodes(2, { ...XLARGE, ...launching(2) }), Agent, Api: awsvpc(41, none) },
      `41 instances without trunking or 3 with it: ${MAX}; or ${LARGER('c5.2xlarge', '2 hold 76')}`],
    ['counts on the fewest interfaces of several groups, and names no larger type',
      { ...nodes(2, MEDIUM), ...nodes(3, XLARGE, {}, 'Other'), Api: awsvpc(65, none) },
      `33 instances of Nodes and Other together: ${MAX}; `],
    ['names no larger type for several types', { ...nodes(2, {}, mixed('c5.large', 'c5.xlarge')), Api: awsvpc(41, none) },
      `21 instances without trunking or 5 with it: ${MAX}; `],
    ['names no larger type for Windows, which does not trunk', { ...nodes(2, windows), Api: awsvpc(24, none) }, `12 instances: ${MAX}; `],
    ['names neither for a type that is not known', { ...nodes(1, { InstanceType: OPEN }), Api: awsvpc(5000, none) }, ''],
    ['of a single instance', { ...nodes(1, MEDIUM), Api: awsvpc(3, none) }, `2 instances: ${MAX}; or ${LARGER('t8i.medium', '1 holds 4')}`],
    ['of no instance', { ...nodes(0, MEDIUM), Api: awsvpc(4, none) }, `2 instances: ${MAX}; or 1 instance of t8i.medium with trunking, which holds 4 (MaxSize, maxInstances; InstanceType, instanceType); `],
    ['of no instance where there may be one', { ...nodes({ MinSize: 0, MaxSize: 1 }, MEDIUM), Api: awsvpc(4, none) },
      `2 instances: ${MAX}; or 1 instance of t8i.medium with trunking, which holds 4 (InstanceType, instanceType); `],
    ['of one task on no instance', { ...nodes(0, MEDIUM), Api: awsvpc(1, none) }, `1 instance: ${MAX}; `],
    ['of as many tasks on no instance as one holds', { ...nodes(0, MEDIUM), Api: awsvpc(2, none) }, `1 instance: ${MAX}; `],
    ['of as many tasks on no instance as one holds without a daemon', { ...nodes(0, MEDIUM), Agent, Api: awsvpc(2, none) },
      `2 instances: ${MAX}; or 1 instance of t8i.medium with trunking, which holds 3 (MaxSize, maxInstances; InstanceType, instanceType); `],
    ['is the maximum above what all instances hold', { ...nodes({ MinSize: 2, MaxSize: 4 }, MEDIUM), Api: awsvpc(9, none) }, `5 instances: ${MAX}; `],
    ['is no number of instances where daemons leave nothing of them', { ...nodes(2, MEDIUM), ...daemons(2), Api: awsvpc(1, none) }, LARGER('t8i.medium', '2 hold 4')],
    ['is trunking where daemons leave nothing without it', { ...nodes(2), ...daemons(2), Api: awsvpc(17, none) },
      `3 instances with trunking: ${MAX}; or ${LARGER('c5.xlarge', '2 hold 36')}`],
    ['is not trunking where that is off', { ...nodes(2), ...daemons(2), Api: awsvpc(1, none) }, '', DISABLED],
    ['is more instances where trunking is off', { ...nodes(2), Api: awsvpc(5, none) }, `3 instances: ${MAX}; `, DISABLED],
    ['is no type that holds only the daemons', { ...nodes(2, MEDIUM), ...daemons(4) }, ''],
    ['is not trunking where that does not hold all daemons', { ...nodes(2), ...daemons(11) }, LARGER('c5.xlarge', '2 hold 18')],
    ['is a larger type where daemons leave nothing with trunking', { ...nodes(2, NO_RECORDS), ...daemons(10), Api: awsvpc(1, none) }, LARGER('c5.xlarge', '2 hold 20'), ENABLED],
    ['counts without trunking where only some have it',
      { ...nodes(2, NO_RECORDS, {}, 'Nodes', on), ...nodes(2, NO_RECORDS, {}, 'Other'), Api: awsvpc(41, none) }, `21 instances of Nodes and Other together: ${MAX}; `],
    ['is trunking up to what it holds', { ...nodes(2), Api: awsvpc(20, none) },
      `10 instances without trunking: ${MAX}; or ENI trunking, with which they hold 20 (EniTrunking.forInstanceRole(), account setting awsvpcTrunking); `],
    ['is not trunking where some types cannot', { ...nodes(2), ...nodes(2, MEDIUM, {}, 'Other'), Api: awsvpc(9, none) }, `5 instances of Nodes and Other together: ${MAX}; `],
    ['is more instances where trunking may better nothing', { ...nodes(2, { InstanceType: 'p5.48xlarge' }), Api: awsvpc(400, none) }, `400 instances: ${MAX}; `],
    ['is not trunking for types that cannot', { ...nodes(3, MEDIUM), Api: awsvpc(5, none) }, `4 instances: ${MAX}; or ${LARGER('t8i.medium', '3 hold 12')}`],
    ['has room with one instance lost, where an update is stuck, too', { ...nodes(2, MEDIUM), ...nodes(3, XLARGE, {}, 'Other'), Api: awsvpc(13) },
      `8 instances of Nodes and Other together: ${MAX}; or MinimumHealthyPercent (minHealthyPercent) at most 92; `],
    ['has room for the peak', { ...nodes(3, MEDIUM), Api: awsvpc(2, none), ...scaling('Api', 1, 9) }, `5 instances: ${MAX}; or ${LARGER('t8i.medium', '3 hold 12')}`],
    ['is no lower minimum where the peak does not fit either', { ...nodes(3, MEDIUM), Api: awsvpc(2), ...scaling('Api', 1, 9) },
      `5 instances: ${MAX}; or ${LARGER('t8i.medium', '3 hold 12')}`],
    ['is no lower minimum for several services', { ...nodes(2, MEDIUM), Api: awsvpc(3), Jobs: awsvpc(1) }, `3 instances: ${MAX}; or ${LARGER('t8i.medium', '2 hold 8')}`],
    ['has room for one more task of the service that is stuck', { ...nodes(2, MEDIUM), Jobs: awsvpc(1, none), Api: awsvpc(3) },
      `3 instances: ${MAX}; or ${LARGER('t8i.medium', '2 hold 8')}or MinimumHealthyPercent (minHealthyPercent) at most 66; `],
    ['names the service that is stuck where the finding is of another', { ...nodes(2, MEDIUM), Api: awsvpc(3, none), Jobs: awsvpc(1) },
      `3 instances: ${MAX}; or ${LARGER('t8i.medium', '2 hold 8')}or MinimumHealthyPercent (minHealthyPercent) of service Jobs at most 0; `],
  ])('%s', (_, resources, ways, ...[options]) => {
    expect(fixOf(resources, options)).toBe(ways + (ways === '' ? ELSEWHERE.slice('or '.length) : ELSEWHERE));
  });

  describe('lets updates finish, too', () => {
    const on = (count: number) => nodes(count, { ...MEDIUM, ...launching(2) });
    const TWO_SETS = { DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } };

    test.each<[string, Resources, number]>([
      ['which need a task more', { Api: awsvpc(2) }, 3],
      ['which stop a task first', { Api: awsvpc(2, percents(50, 200)) }, 2],
      ['which may stop a task first, as the minimum is not known', { Api: awsvpc(2, percents(OPEN, 200)) }, 2],
      ['which the percents keep from finishing anyway', { Api: awsvpc(2, percents(100, 100)) }, 2],
      ['of two full sets', { Api: awsvpc(2, TWO_SETS) }, 4],
      ['beside tasks of others', { Api: awsvpc(2), Jobs: awsvpc(3, none) }, 6],
      ['of the largest of two full sets', { Api: awsvpc(2, TWO_SETS), Jobs: awsvpc(3, TWO_SETS) }, 8],
      ['at the peak', { Api: awsvpc(2), ...scaling('Api', 1, 5) }, 6],
      ['at the peak, beside others that are not at theirs', { Api: awsvpc(2), Jobs: awsvpc(2), ...scaling('Api', 1, 5), ...scaling('Jobs', 1, 5) }, 10],
      ['whose controller is not known', { Api: awsvpc(2, { DeploymentController: { Type: OPEN } }) }, 2],
    ])('%s', (_, services, count) => {
      expect(fixOf({ ...on(1), ...services })).toMatch(new RegExp(`^${count} instances: `));
      const isShort = (instances: number) => judge({ ...on(instances), ...services }).findings.some(({ severity }) => severity !== 'info');
      expect([isShort(count), isShort(count - 1)]).toEqual([false, true]);
    });

    test('on instances that others do not have', () => {
      const both = (count: number) => ({ ...nodes(count, MEDIUM), ...nodes(20, MEDIUM, {}, 'Other'),
        Api: awsvpc(6, by({ Nodes: [0, 1] })), Jobs: awsvpc(8, { ...by({ Nodes: [0, 0], Other: [0, 1] }), ...none }) });
      expect(fixOf(both(2))).toMatch(/^4 instances of Nodes: /);
      expect(said(both(4))).toEqual([]);
      expect(said(both(3))).toHaveLength(1);
    });
  });

  describe('names the group that it is for where a service may run on others', () => {
    const OTHER = nodes(90, MEDIUM, {}, 'Other');
    const TRUNKING = '(EniTrunking.forInstanceRole(), account setting awsvpcTrunking)';
    const half = (desired: number) => awsvpc(desired, { ...none, ...by({ Nodes: [0, 1], Other: [0, 1] }) });
    const subnet = (n: number) => ({ Type: 'AWS::EC2::Subnet', Properties: { VpcId: 'vpc-1', AvailabilityZone: `zone-${n}`, CidrBlock: `10.0.${n}.0/24` } });
    const zoned = (n: number) => ({ VPCZoneIdentifier: [{ Ref: `Subnet${n}` }] });

    test.each<[string, Resources, string, ReadOptions?]>([
      ['of instances', { ...nodes(2), ...OTHER, Api: half(24) }, `6 instances of Nodes without trunking: ${GROWN}; or ENI trunking for Nodes, with which they hold 20 ${TRUNKING}; `],
      ['of more instances than there are', { ...nodes(2), ...OTHER, Api: half(48) },
        `12 instances of Nodes without trunking or 3 with it: ${GROWN}; or ${LARGER('c5.xlarge', '2 hold 40').replace(',', ' for Nodes,')}`],
      ['that trunks', { ...nodes(2, NO_RECORDS), ...OTHER, Api: half(48) }, `3 instances of Nodes: ${GROWN}; or ${LARGER('c5.xlarge', '2 hold 40').replace(',', ' for Nodes,')}`, ENABLED],
      ['that daemons fill without trunking', { ...nodes(2), ...OTHER, ...Object.fromEntries([1, 2].map((n) => [`Agent${n}`, awsvpc(undefined, { ...DAEMON, ...by({ Nodes: [0, 1] }) })])),
        Api: half(34) }, `3 instances of Nodes with trunking: ${GROWN}; or ${LARGER('c5.xlarge', '2 hold 36').replace(',', ' for Nodes,')}`],
      ['of several', { ...nodes(2), ...nodes(2, {}, {}, 'Other'), Api: awsvpc(40, none) },
        `20 instances of Nodes and Other together without trunking: ${MAX}; or ENI trunking for Nodes and Other, with which they hold 40 ${TRUNKING}; `],
      ['of which one is not known', { ...nodes(2, MEDIUM), Api: awsvpc(9, {
        LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'NodesProvider' }, Base: 5, Weight: 1 }, { CapacityProvider: OPEN, Weight: 1 }], ...none,
      }) }, `4 instances of Nodes: ${GROWN}; or ${LARGER('t8i.medium', '2 hold 8').replace(',', ' for Nodes,')}`],
      ['of which the others are in other zones', {
        Subnet1: subnet(1), Subnet2: subnet(2), ...nodes(2, MEDIUM, zoned(1)), ...nodes(9, MEDIUM, zoned(2), 'Other'),
        Api: awsvpc(5, { ...none, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet1' }] } } }),
      }, `3 instances of Nodes: ${MAX}; or ${LARGER('t8i.medium', '2 hold 8').replace(',', ' for Nodes,')}`],
      ['of a cluster with others, where its strategy names only one', { ...nodes(2, MEDIUM), ...OTHER, Api: awsvpc(5, { ...none, ...by({ Nodes: [0, 1] }) }) },
        `3 instances: ${GROWN}; or ${LARGER('t8i.medium', '2 hold 8')}`],
    ])('%s', (_, resources, ways, ...[options]) => {
      expect(fixOf(resources, options)).toBe(ways + ELSEWHERE);
    });
  });

  test('names no larger type for any number of instances', () => {
    const everywhere = awsvpc(undefined, { ...DAEMON, ...by({ Nodes: [0, 1] }) });
    const resources = { ...nodes({ MinSize: 1, MaxSize: OPEN }, MEDIUM), A: everywhere, B: everywhere, C: everywhere };
    expect(said(resources)).toEqual([expect.stringMatching(/^error A: services A, B and C run on any number of t3\.medium, which hold 0 /)]);
    expect(fixOf(resources)).toBe(ELSEWHERE.slice('or '.length));
  });
});

describe('how it is told', () => {
  test.each<[string, Resources, string, ReadOptions?]>([
    ['with three types', { ...nodes(2, {}, mixed('c5.large', 'c5.xlarge', 'm5.large')), Api: awsvpc(61) },
      'error Api: service Api may place 61 tasks on 2 × c5.large or c5.xlarge or m5.large, which hold 4 to 6 without trunking (2 to 3 each) and 20 to 40 with it'],
    ['with a type of which sources differ', { ...nodes(2, { InstanceType: 'p5.48xlarge' }), Api: awsvpc(400, percents(0, 100)) },
      'warning Api: service Api may place 400 tasks on 2 × p5.48xlarge, which hold 2 to 126 without trunking (1 to 63 each) and 2 to 484 with it'],
    ['with three groups', { ...nodes(1, MEDIUM), ...nodes(1, XLARGE, {}, 'B'), ...nodes(1, { InstanceType: 'm5.large' }, {}, 'C'), Api: awsvpc(500) },
      'error Api: service Api may place 500 tasks on 1 × t3.medium, 1 × c5.xlarge and 1 × m5.large, which hold 7 without trunking and 32 with it'],
    ['with four groups', {
      ...nodes(1, MEDIUM), ...nodes(1, XLARGE, {}, 'B'), ...nodes(1, { InstanceType: 'm5.large' }, {}, 'C'), ...nodes(1, { InstanceType: 'm5.xlarge' }, {}, 'D'),
      Api: awsvpc(500),
    }, 'error Api: service Api may place 500 tasks on 4 instances of 4 groups, which hold 10 without trunking and 52 with it'],
    ['with trunking and a daemon', { ...nodes(2, NO_RECORDS), Agent: awsvpc(undefined, DAEMON), Api: awsvpc(21) },
      'error Api: service Api may place 21 tasks on 2 × c5.large, which hold 18 with trunking (10 each, 1 for daemon Agent)', { accountSettings: { awsvpcTrunking: 'enabled' } }],
    ['with trunking of two groups', { ...nodes(2, NO_RECORDS), ...nodes(2, NO_RECORDS, {}, 'Other'), Api: awsvpc(41) },
      'error Api: service Api may place 41 tasks on 4 × c5.large, which hold 40 with trunking', { accountSettings: { awsvpcTrunking: 'enabled' } }],
    ['with trunking of only some groups', { ...nodes(2, NO_RECORDS), ...nodes(2, MEDIUM, {}, 'Other'), Api: awsvpc(25) },
      'error Api: service Api may place 25 tasks on 2 × c5.large and 2 × t3.medium, which hold 24', { accountSettings: { awsvpcTrunking: 'enabled' } }],
    ['where another service may want more', { ...nodes(2, MEDIUM), Api: awsvpc(5), Jobs: awsvpc(3), Cron: awsvpc(OPEN) },
      `error Api: services Api (5) and Jobs (3) may place at least 8 tasks on 2 × t3.medium, ${HOLDS(4)}`],
    ['where only another service may want more', { ...nodes(2, MEDIUM), Api: awsvpc(5), Cron: awsvpc(OPEN) },
      `error Api: service Api may place 5 tasks on 2 × t3.medium, ${HOLDS(4)}`],
    ['where a strategy leaves other instances nothing', {
      ...nodes(2, MEDIUM), ...nodes(9, MEDIUM, {}, 'Other'), Api: awsvpc(5, { ...by({ Nodes: [0, 1], Other: [0, 0] }), ...percents(0, 100) }),
    }, `error Api: service Api may place 5 tasks on 2 × t3.medium, ${HOLDS(4)}`],
    ['where more daemons than interfaces leave nothing', {
      ...nodes(2, MEDIUM), A: awsvpc(undefined, DAEMON), B: awsvpc(undefined, DAEMON), C: awsvpc(undefined, DAEMON), Api: awsvpc(1),
    }, 'error Api: service Api may place 1 task on 2 × t3.medium, which hold 0 (3 interfaces each, 1 for the host and 3 for daemons; t3.medium cannot trunk); '
      + '3 daemons take an interface of every instance, which has fewer'],
    ['where nothing limits the number of instances and nothing scales them', { ...nodes({ MinSize: 2, MaxSize: OPEN }, MEDIUM), Api: awsvpc(5, percents(0, 100)) },
      `warning Api: service Api may place 5 tasks on 2 × t3.medium, ${HOLDS(4)}`],
    ['where the instances that MaxSize allows would not do without trunking', { ...nodes({ MinSize: 2, MaxSize: 4 }), Agent: awsvpc(undefined, DAEMON), Api: awsvpc(5, percents(0, 100)) },
      'warning Api: service Api may place 5 tasks on 2 × c5.large, which hold 2 without trunking (3 interfaces each, 1 for the host and 1 for daemon Agent) and 18 with it'],
    ['where an update is stuck on all instances that there can be', { ...nodes({ MinSize: 2, MaxSize: 3 }, MEDIUM), Api: awsvpc(6) },
      `error Api: service Api may place 6 tasks on 2 × t3.medium, ${HOLDS(4)}; no update of service Api can finish: 100% of 6 tasks is 6, ${STUCK}; `
      + 'nothing makes them the 3 that MaxSize allows'],
    ['with an update before the peak', { ...nodes(3, MEDIUM), Api: awsvpc(2), ...scaling('Api', 1, 9) },
      `warning Api: service Api may place 2 tasks on 3 × t3.medium, ${HOLDS(6)}; no update of service Api at 6 tasks can finish: 100% of 6 tasks is 6, ${STUCK}; `
      + 'at the peak 9 tasks'],
    ['where a type that is not known could not hold the peak', { ...nodes(1, { InstanceType: OPEN }), Api: awsvpc(1, percents(0, 100)), ...scaling('Api', 1, 5000) },
      expect.stringMatching(/^warning Api: service Api may place 1 task on 1 × instances of Nodes, which holds at most \d+; at the peak 5000 tasks$/) as string],
    ['of a daemon alone', { ...nodes(2, { InstanceType: 't3.micro', NetworkInterfaces: [{ DeviceIndex: 0 }, { DeviceIndex: 1 }] }), Agent: awsvpc(undefined, DAEMON) },
      expect.stringMatching(/^error Agent: service Agent runs on 2 × t3\.micro, which hold 0 .*; 1 daemon takes an interface of every instance/) as string],
  ])('%s', (_, resources, text, ...[options]) => {
    expect(said(resources, options)).toEqual([text]);
  });

  test('with the most daemons that an instance has', () => {
    const on = (name: string) => awsvpc(undefined, { ...DAEMON, ...by({ [name]: [0, 1] }) });
    const both = { ...nodes(2, MEDIUM), ...nodes(2, MEDIUM, {}, 'Other'), A: on('Nodes'), B: on('Nodes'), C: on('Nodes'), D: on('Other') };
    expect(said({ ...both, Api: awsvpc(1) })).toEqual([expect.stringMatching(/^error Api: .*; 3 daemons take an interface of every instance/)]);
  });

  test('with what is short on a provider, and updates that are stuck on others', () => {
    const three = { ...nodes(2, MEDIUM), ...nodes(2, MEDIUM, {}, 'Other'), ...nodes(9, MEDIUM, {}, 'Third') };
    const Api = awsvpc(6, { ...by({ Nodes: [5, 0], Other: [0, 0], Third: [0, 1] }), ...percents(0, 100) });
    const Jobs = awsvpc(4, by({ Other: [0, 1] }));
    const expected = [
      `error Api: service Api must place 5 of its 6 tasks on 2 × t3.medium, ${HOLDS(4)}; no update of service Jobs can finish: 100% of 4 tasks is 4, ${STUCK}`,
    ];
    expect(said({ ...three, Api, Jobs })).toEqual(expected);
    expect(said({ ...three, Api, Jobs, ...scaling('Jobs', 1, 4) })).toEqual(expected);
  });

  test('with what an update rests on, of which two full sets know no percent', () => {
    const assumes = (resources: Resources) => judge({ ...nodes({ MinSize: { Ref: 'Two' }, MaxSize: { Ref: 'Two' } }, MEDIUM), ...resources }).findings[0].assumes;
    const JOINS = 'no other instances join cluster Cluster';
    expect(assumes({ Api: awsvpc(4) })).toEqual([JOINS, 'parameter Two keeps its default 2', 'MinimumHealthyPercent is left out, which means 100']);
    expect(assumes({ Api: awsvpc(4, { DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } }) })).toEqual([JOINS, 'parameter Two keeps its default 2']);
    expect(assumes({ Api: awsvpc(5) })).toEqual([JOINS, 'parameter Two keeps its default 2']);
  });

  test('with several types', () => {
    expect(said({ ...nodes(2, {}, mixed('c5.large', 'c5.xlarge')), Api: awsvpc(41) })).toEqual([
      'error Api: service Api may place 41 tasks on 2 × c5.large or c5.xlarge, which hold 4 to 6 without trunking (2 to 3 each) and 20 to 40 with it',
    ]);
    expect(said({ ...nodes(2, {}, mixed('c5.large', 'c5.xlarge', 'm5.large', 'm5.xlarge')), Api: awsvpc(41) })).toEqual([
      expect.stringContaining('on 2 × one of 4 types, which hold'),
    ]);
  });

  test("with a parameter's default as an assumption", () => {
    expect(judge({ ...nodes(2), Api: awsvpc({ Ref: 'Count' }) }).findings[0].assumes.join()).toContain('Count');
    expect(judge({ ...nodes(2, MEDIUM), Api: awsvpc(undefined), Jobs: awsvpc(4) }).findings[0].assumes.join()).toContain('DesiredCount is left out');
  });
});
