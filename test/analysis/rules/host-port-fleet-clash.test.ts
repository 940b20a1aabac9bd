import { check } from '../../../src/analysis/check';
import { deploymentDeadlock } from '../../../src/analysis/rules/deployment-deadlock';
import { hostPortFleetClash as rule } from '../../../src/analysis/rules/host-port-fleet-clash';
import { given } from '../given';
import { itsExamplesHold } from './ecs-fragments';
import { by, nodes, scaling } from './eni-fragments';

type Resources = Readonly<Record<string, unknown>>;

const Parameters = {
  Open: { Type: 'Number' }, Two: { Type: 'Number', Default: 2 }, Distinct: { Type: 'String', Default: 'distinctInstance' },
};
const OPEN = { Ref: 'Open' };
const AROUND = { Cluster: { Type: 'AWS::ECS::Cluster' } };

/** A service and its task definition, which maps ports of instances: numbers, or `PortMappings` as they are. */
function on(name: string, ports: ReadonlyArray<number | object>, DesiredCount: unknown = 1, properties: Resources = {}, NetworkMode = 'bridge') {
  return {
    [name]: {
      Type: 'AWS::ECS::Service',
      Properties: { Cluster: { Ref: 'Cluster' }, LaunchType: 'EC2', TaskDefinition: { Ref: `${name}Tasks` }, DesiredCount, ...properties },
    },
    [`${name}Tasks`]: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        NetworkMode,
        ContainerDefinitions: [{
          Name: 'app', Image: 'app', Memory: 8,
          PortMappings: ports.map((port) => typeof port === 'number' ? { ContainerPort: NetworkMode === 'host' ? port : 8080, HostPort: port } : port),
        }],
      },
    },
  };
}

const daemon = (name: string, port: number, properties: Resources = {}) =>
  on(name, [port], undefined, { SchedulingStrategy: 'DAEMON', DesiredCount: undefined, ...properties });
const judge = (resources: Resources, rules = [rule]) => check([given({ Parameters, Resources: { ...AROUND, ...resources } })], rules);
const said = (resources: Resources): string[] => {
  const { findings, undecided } = judge(resources);
  return [
    ...findings.map(({ severity, resource, message }) => `${severity} ${resource}: ${message}`),
    ...undecided.map(({ resource, why }) => `undecided ${resource}: ${why}`),
  ];
};
const fixOf = (resources: Resources) => judge(resources).findings[0].fix;
const NARROWED = { PlacementConstraints: [{ Type: 'memberOf', Expression: 'attribute:x == y' }] };

itsExamplesHold(rule);

test('four tasks that want one port do not fit on three instances', () => {
  expect(judge({ ...nodes(3), ...on('Web', [80], 3), ...on('Admin', [80], 1) }).findings).toEqual([expect.objectContaining({
    severity: 'error',
    resource: 'Web',
    message: 'services Web and Admin need tcp 80 on 4 instances (3 + 1); Nodes has 3',
    fix: 'at least 4 instances: MinSize and MaxSize (minInstances, maxInstances); or another host port (HostPort); or HostPort 0, which is dynamic, behind a load balancer (BridgePort.dynamic)',
    assumes: ['no other instances join cluster Cluster'],
  })]);
});

test('three tasks on three instances leave none to spare, which is worth knowing', () => {
  const resources = { ...nodes(3), ...on('Web', [80], 2), ...on('Admin', [80], 1) };
  expect(said(resources)).toEqual(['info Web: services Web and Admin need tcp 80 on 3 instances (2 + 1), and Nodes has 3: none is to spare']);
  expect(fixOf(resources)).toBe('at least 4 instances: MinSize and MaxSize (minInstances, maxInstances); or HostPort 0, which is dynamic, behind a load balancer (BridgePort.dynamic)');
});

describe('instances', () => {
  test.each<[number, string[]]>([
    [2, []],
    [3, ['info Web: service Web needs tcp 80 on 3 instances, and Nodes has 3: none is to spare']],
    [4, ['error Web: service Web needs tcp 80 on 4 instances; Nodes has 3']],
  ])('three hold %i tasks or not', (desired, expected) => {
    expect(said({ ...nodes(3), ...on('Web', [80], desired) })).toEqual(expected);
  });

  test('are as many as there can be for an error, and as many as there are for a warning', () => {
    const of = (desired: number) => said({ ...nodes({ MinSize: 2, MaxSize: 4 }), ...on('Web', [80], desired) });
    expect(of(5)).toEqual(['error Web: service Web needs tcp 80 on 5 instances; Nodes has at most 4']);
    expect(of(4)).toEqual(['warning Web: service Web needs tcp 80 on 4 instances; Nodes has 2, and nothing makes them the 4 that MaxSize allows']);
    expect(of(2)).toEqual([]);
    expect(fixOf({ ...nodes({ MinSize: 2, MaxSize: 4 }), ...on('Web', [80], 4) })).toMatch(/^at least 4 instances: MinSize \(minInstances\);/);
    expect(fixOf({ ...nodes({ MinSize: 2, MaxSize: 4 }), ...on('Web', [80], 5) })).toMatch(/^at least 5 instances: MinSize and MaxSize \(minInstances, maxInstances\);/);
  });

  const ONE = { Nodes: { Type: 'AWS::EC2::Instance', Properties: { InstanceType: 'c5.large' } } };
  test.each<[string, Resources, string]>([
    ['the maximum where they grow to it', { ...nodes({ MinSize: 0, MaxSize: 3 }), ...on('Web', [80], 4, by({ Nodes: [0, 1] })) }, 'MaxSize (maxInstances)'],
    ['both sizes where nothing makes them grow', { ...nodes(3), ...on('Web', [80], 4) }, 'MinSize and MaxSize (minInstances, maxInstances)'],
    ['the desired capacity where that is named', { ...nodes({ MinSize: 1, DesiredCapacity: 3, MaxSize: 4 }), ...on('Web', [80], 4) }, 'DesiredCapacity'],
    ['the maximum with it', { ...nodes({ MinSize: 1, DesiredCapacity: 3, MaxSize: 3 }), ...on('Web', [80], 4) }, 'DesiredCapacity and MaxSize'],
    ['others where it is one by itself', { ...ONE, ...on('Web', [80], 4) }, 'more of AWS::EC2::Instance'],
  ])('are made more by %s', (_, resources, sizes) => {
    expect(fixOf(resources).split('; or ')[0]).toBe(`at least 4 instances: ${sizes}`);
  });

  test('are launched by managed scaling', () => {
    const of = (desired: number) => said({ ...nodes({ MinSize: 0, MaxSize: 4 }), ...on('Web', [80], desired, by({ Nodes: [0, 1] })) });
    expect(of(3)).toEqual([]);
    expect(of(5)).toEqual(['error Web: service Web needs tcp 80 on 5 instances; Nodes has 4']);
  });

  test('that are not there at all are not short of ports', () => {
    expect(said({ ...nodes({ MinSize: 0, MaxSize: 4 }), ...on('Web', [80], 2) })).toEqual([]);
  });

  test('of all groups of a cluster count for the launch type', () => {
    const both = { ...nodes(2), ...nodes(3, {}, {}, 'Other') };
    expect(said({ ...both, ...on('Web', [80], 4) })).toEqual([]);
    expect(said({ ...both, ...on('Web', [80], 6) })).toEqual(['error Web: service Web needs tcp 80 on 6 instances; Nodes and Other have 5']);
  });

  test('of several providers get their shares', () => {
    const both = { ...nodes(2), ...nodes(9, {}, {}, 'Other') };
    expect(said({ ...both, ...on('Web', [80], 6, by({ Nodes: [0, 1], Other: [0, 1] })) })).toEqual([
      'error Web: service Web needs tcp 80 on 3 instances; Nodes has 2',
    ]);
    expect(said({ ...both, ...on('Web', [80], 5, by({ Nodes: [0, 1], Other: [0, 1] })) })).toEqual([]);
    expect(said({ ...both, ...on('Web', [80], 2, by({ Nodes: [0, 1] })), ...on('Admin', [80], 3, by({ Other: [0, 1] })) })).toEqual([
      'info Web: service Web needs tcp 80 on 2 instances, and Nodes has 2: none is to spare',
    ]);
  });

  test('of several providers are judged one by one, the worst first', () => {
    const both = { ...nodes(2), ...nodes(9, {}, {}, 'Other') };
    const half = by({ Nodes: [0, 1], Other: [0, 1] });
    expect(said({ ...both, ...on('Web', [80], 4, half), ...on('Admin', [80], 2, half) })).toEqual([
      'error Web: services Web and Admin need tcp 80 on 3 instances (2 + 1); Nodes has 2',
    ]);
    expect(said({ ...both, ...on('Web', [80], 3, by({ Nodes: [0, 1] })), ...on('Admin', [80], 1, by({ Nodes: [0, 0], Other: [0, 1] })) })).toEqual([
      'error Web: service Web needs tcp 80 on 3 instances; Nodes has 2',
    ]);
    expect(said({ ...nodes(4), ...nodes(1, {}, {}, 'Other'), ...on('Web', [80], 4, half), ...scaling('Web', 1, 10) })).toEqual([
      'error Web: service Web needs tcp 80 on 2 instances; Other has 1',
    ]);
  });

  test('of a provider that is known may be too few, whatever the others are', () => {
    const strategy = [{ CapacityProvider: { Ref: 'NodesProvider' }, Base: 5, Weight: 1 }, { CapacityProvider: OPEN, Weight: 1 }];
    expect(said({ ...nodes(2), ...on('Web', [80], 9, { LaunchType: undefined, CapacityProviderStrategy: strategy }) })).toEqual([
      'error Web: service Web needs tcp 80 on 7 instances; Nodes has 2',
    ]);
  });

  test('of which nothing limits the number are as many as there are, where nothing scales them', () => {
    expect(said({ ...nodes({ MinSize: 2, MaxSize: OPEN }), ...on('Web', [80], 3) })).toEqual(['warning Web: service Web needs tcp 80 on 3 instances; Nodes has 2']);
  });

  test('of another cluster do not count', () => {
    const Second = { Type: 'AWS::ECS::Cluster' };
    const userData = { UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Second} >> /etc/ecs/ecs.config' } } };
    expect(said({ ...nodes(2), Second, ...nodes(2, userData, {}, 'Others'), ...on('Web', [80], 1), ...on('Admin', [80], 1, { Cluster: { Ref: 'Second' } }) })).toEqual([]);
  });
});

describe('ports', () => {
  test.each<[string, Resources]>([
    ['other ones', { ...on('Web', [80], 1), ...on('Admin', [81], 1) }],
    ['those of the other protocol', { ...on('Web', [80], 1), ...on('Admin', [{ ContainerPort: 80, HostPort: 80, Protocol: 'udp' }], 1) }],
    ['dynamic ones', { ...on('Web', [0], 9), ...on('Admin', [80], 1) }],
    ['those of Fargate', { ...on('Web', [80], 9, { LaunchType: 'FARGATE' }, 'awsvpc'), ...on('Admin', [80], 1) }],
    ['those of awsvpc mode', { ...on('Web', [80], 9, {}, 'awsvpc'), ...on('Admin', [80], 1) }],
    ['those of services that want no task', { ...on('Web', [80], 0), ...on('Admin', [80], 1) }],
    ['those of external instances', { ...on('Web', [80], 9, { LaunchType: 'EXTERNAL' }), ...on('Admin', [80], 1) }],
    ['those of no task on no instance', { ...nodes(0), ...on('Web', [80], 0) }],
  ])('have no clash: %s', (_, resources) => {
    expect(said({ ...nodes(2), ...resources })).toEqual([]);
  });

  test('of ranges clash where they overlap', () => {
    const range = (ContainerPortRange: string) => [{ ContainerPortRange }];
    const both = (a: string, b: string) => said({ ...nodes(1), ...on('Web', range(a), 1, {}, 'host'), ...on('Admin', range(b), 1, {}, 'host') })
      .filter((text) => text.startsWith('error'));
    expect(both('8000-8010', '8010-8020')).toEqual(['error Web: services Web and Admin need tcp 8010 on 2 instances (1 + 1); Nodes has 1']);
    expect(both('8000-8010', '8000-8010')).toEqual(['error Web: services Web and Admin need tcp 8000-8010 on 2 instances (1 + 1); Nodes has 1']);
    expect(both('8010-8020', '8000-8010')).toEqual(['error Admin: services Admin and Web need tcp 8010 on 2 instances (1 + 1); Nodes has 1']);
    expect(both('8000-8010', '8003-8005')).toEqual(['error Web: services Web and Admin need tcp 8003 on 2 instances (1 + 1); Nodes has 1']);
    expect(both('8000-8010', '8000-8005')).toEqual(['error Web: services Web and Admin need tcp 8000 on 2 instances (1 + 1); Nodes has 1']);
    expect(both('8000-8010', '8011-8020')).toEqual([]);
  });

  test('that overlap in a chain are added up only where they do', () => {
    const range = (ContainerPortRange: string) => [{ ContainerPortRange }];
    const chain = { ...on('A', range('80-89'), 1, {}, 'host'), ...on('B', range('85-95'), 1, {}, 'host'), ...on('C', range('92-99'), 1, {}, 'host') };
    expect(said({ ...nodes(3), ...chain })).toEqual([]);
    expect(said({ ...nodes(1), ...chain }).filter((text) => text.startsWith('error'))).toEqual([
      'error A: services A and B need tcp 85 on 2 instances (1 + 1); Nodes has 1', 'error B: services B and C need tcp 92 on 2 instances (1 + 1); Nodes has 1',
    ]);
  });

  test('of host mode are those of the container', () => {
    const Web = on('Web', [{ ContainerPort: 9100 }], 3, {}, 'host');
    expect(said({ ...nodes(2), ...Web })).toEqual(['error Web: service Web needs tcp 9100 on 3 instances; Nodes has 2']);
    expect(fixOf({ ...nodes(2), ...Web })).toBe('at least 3 instances: MinSize and MaxSize (minInstances, maxInstances)');
    expect(fixOf({ ...nodes(3), ...Web, ...on('Admin', [{ ContainerPort: 9100 }], 1, {}, 'host') })).toBe(
      'at least 4 instances: MinSize and MaxSize (minInstances, maxInstances); or another host port (ContainerPort)');
  });

  test.each<[string, Resources, string[]]>([
    ['two that share it', { ...nodes(3), ...on('Web', [80], 3), ...on('Admin', [80], 1) }, ['another host port (HostPort)']],
    ['one alone', { ...nodes(3), ...on('Web', [80], 4) }, []],
    ['one beside another without tasks', { ...nodes(3), ...on('Web', [80], 4), ...on('Admin', [80], 0) }, []],
    ['one alone, where MaxSize allows more', { ...nodes({ MinSize: 2, MaxSize: 4 }), ...on('Web', [80], 4) }, []],
    ['one of two that is too large by itself', { ...nodes(3), ...on('Web', [80], 4), ...on('Admin', [80], 1) }, []],
    ['one of two that is too large at its peak', { ...nodes(3), ...on('Web', [80], 3), ...scaling('Web', 3, 4), ...on('Admin', [80], 1) }, []],
    ['one beside a daemon', { ...nodes(3), ...on('Web', [80], 1), ...daemon('Agent', 80) }, ['another host port (HostPort)']],
  ])('of %s are changed where that helps', (_, resources, expected) => {
    expect(fixOf(resources).split('; or ').filter((way) => way.startsWith('another host port'))).toEqual(expected);
  });

  test('of udp clash as those of tcp', () => {
    const udp = [{ ContainerPort: 53, HostPort: 53, Protocol: 'udp' }];
    expect(said({ ...nodes(1), ...on('Web', udp), ...on('Admin', udp) })).toEqual(['error Web: services Web and Admin need udp 53 on 2 instances (1 + 1); Nodes has 1']);
  });

  test('of bridge and host mode may be dynamic in one of them', () => {
    expect(fixOf({ ...nodes(1), ...on('Web', [80]), ...on('Admin', [80], 1, {}, 'host') })).toBe(
      'at least 2 instances: MinSize and MaxSize (minInstances, maxInstances); or another host port (HostPort); or HostPort 0, which is dynamic, behind a load balancer (BridgePort.dynamic)');
  });

  test('that a service takes twice count once', () => {
    expect(said({ ...nodes(3), ...on('Web', [80, 80], 2) })).toEqual([]);
  });

  test('of services are told with the one of most tasks first', () => {
    expect(said({ ...nodes(3), ...on('Web', [80], 1), ...on('Admin', [80], 3) })).toEqual([
      'error Admin: services Admin and Web need tcp 80 on 4 instances (3 + 1); Nodes has 3',
    ]);
    expect(said({ ...nodes(3), ...on('A', [80]), ...on('B', [80]), ...on('C', [80]), ...on('D', [80]) })).toEqual([
      'error A: services A, B, C and D need tcp 80 on 4 instances (1 + 1 + 1 + 1); Nodes has 3',
    ]);
    expect(said({ ...nodes(1), ...on('Web', [80]) })).toEqual(['info Web: service Web needs tcp 80 on 1 instance, and Nodes has 1: none is to spare']);
  });

  test('of more than four services are not added up in writing', () => {
    const five = ['A', 'B', 'C', 'D', 'E'].map((name) => on(name, [80]));
    expect(said({ ...nodes(3), ...Object.assign({}, ...five) as Resources })).toEqual([
      'error A: services A, B, C and 2 others need tcp 80 on 5 instances; Nodes has 3',
    ]);
  });
});

describe('daemons', () => {
  test('do not clash with themselves', () => {
    expect(said({ ...nodes(2), ...daemon('Agent', 9100) })).toEqual([]);
  });

  test('clash with each other', () => {
    const both = { ...nodes(2), ...daemon('Agent', 9100), ...daemon('Other', 9100) };
    expect(said(both)).toEqual(['error Other: daemons Agent and Other both take tcp 9100 on every instance of Nodes']);
    expect(fixOf(both)).toBe('another host port for one of them (HostPort, HostPort.tcp)');
    expect(said({ ...nodes(2), ...daemon('Agent', 9100), ...daemon('Other', 9101) })).toEqual([]);
    expect(said({ ...nodes(0), ...daemon('Agent', 9100), ...daemon('Other', 9100) })).toEqual([]);
  });

  test('take the port on every instance', () => {
    const both = { ...nodes(2), ...daemon('Agent', 9100), ...on('Web', [9100]) };
    expect(said(both)).toEqual(['error Web: daemon Agent takes tcp 9100 on every instance of Nodes, where service Web cannot be placed beside it']);
    expect(fixOf(both)).toBe('another host port (HostPort); or HostPort 0, which is dynamic, behind a load balancer (BridgePort.dynamic)');
  });

  test('leave the instances that they do not run on', () => {
    const both = (desired: number) => said({
      ...nodes(2), ...nodes(2, {}, {}, 'Other'), ...daemon('Agent', 9100, by({ Nodes: [0, 1] })), ...on('Web', [9100], desired),
    });
    expect(both(1)).toEqual([]);
    expect(both(3)).toEqual([
      'error Web: service Web needs tcp 9100 on 3 instances; Other has 2, besides those on which daemon Agent takes it',
    ]);
  });

  test('leave none of the instances of a provider on which a strategy places tasks', () => {
    expect(said({
      ...nodes(2), ...nodes(9, {}, {}, 'Other'), ...daemon('Agent', 9100, by({ Nodes: [0, 1] })), ...on('Web', [9100], 3, by({ Nodes: [1, 1], Other: [0, 1] })),
    })).toEqual(['error Web: daemon Agent takes tcp 9100 on every instance of Nodes, where service Web cannot be placed beside it']);
  });

  test('leave instances of which there are none yet', () => {
    const resources = { ...nodes(2), ...nodes({ MinSize: 0, MaxSize: 3 }, {}, {}, 'Other'), ...daemon('Agent', 9100, by({ Nodes: [0, 1] })), ...on('Web', [9100], 2) };
    expect(said(resources)).toEqual([
      'warning Web: service Web needs tcp 9100 on 2 instances; Other has 0, and nothing makes them the 3 that MaxSize allows, besides those on which daemon Agent takes it',
    ]);
  });

  test('that a constraint narrows are enough alone', () => {
    expect(said({ ...nodes(2), ...daemon('Agent', 9100, NARROWED) })).toEqual([]);
  });

  test('that a constraint narrows may leave some', () => {
    expect(said({ ...nodes(2), ...daemon('Agent', 9100, NARROWED), ...on('Web', [9100]) })).toEqual([
      'undecided Web: the placement constraint attribute:x == y narrows the instances of daemon Agent',
    ]);
    expect(said({ ...nodes(2), ...daemon('Agent', 9100, NARROWED), ...daemon('Other', 9100) })).toEqual([
      'undecided Agent: the placement constraint attribute:x == y narrows the instances of daemon Agent',
    ]);
  });
});

describe('daemons of CPU architectures', () => {
  const of = (name: string, CpuArchitecture: unknown, its = daemon(name, 9100)): Resources => {
    const tasks = its[`${name}Tasks`];
    return { ...its, [`${name}Tasks`]: { ...tasks, Properties: { ...tasks.Properties, RuntimePlatform: { CpuArchitecture } } } };
  };
  const WHY = 'the CPU architecture ARM64 narrows the instances of daemon Agent';

  test.each<[string, Resources, string[]]>([
    ['that differ may be on no instance of the other', { ...of('Agent', 'ARM64'), ...of('Other', 'X86_64') }, [`undecided Agent: ${WHY}`]],
    ['that are the same clash', { ...of('Agent', 'ARM64'), ...of('Other', 'ARM64') }, ['error Other: daemons Agent and Other both take tcp 9100 on every instance of Nodes']],
    ['of which one is not known clash', { ...of('Agent', 'ARM64'), ...of('Other', OPEN) }, ['error Other: daemons Agent and Other both take tcp 9100 on every instance of Nodes']],
    ['that tasks beside them do not have may leave them some', { ...of('Agent', 'ARM64'), ...of('Web', 'X86_64', on('Web', [9100])) }, [`undecided Web: ${WHY}`]],
  ])('%s', (_, resources, expected) => {
    expect(said({ ...nodes(2), ...resources })).toEqual(expected);
  });
});

test('a constraint on the instances of tasks leaves them no more instances', () => {
  expect(said({ ...nodes(3), ...on('Web', [80], 3, NARROWED), ...on('Admin', [80], 1, NARROWED) })).toEqual([
    'error Web: services Web and Admin need tcp 80 on 4 instances (3 + 1); Nodes has 3',
  ]);
});

test.each<[string, Resources, string]>([
  ['too few for all that there may be', { ...nodes(2), ...on('Web', [80], 3), ...scaling('Web', 3, 6) }, 'at least 6 instances: MinSize and MaxSize (minInstances, maxInstances)'],
  ['too few where MaxSize allows more, but not so many',
    { ...nodes({ MinSize: 2, MaxSize: 4 }), ...on('Web', [80], 3), ...scaling('Web', 3, 6) }, 'at least 6 instances: MinSize and MaxSize (minInstances, maxInstances)'],
  ['too few at the peak only', { ...nodes(4), ...on('Web', [80], 3), ...scaling('Web', 3, 6) }, 'at least 6 instances: MinSize and MaxSize (minInstances, maxInstances)'],
])('of instances that are %s, as many are asked for as autoscaling may want', (_, resources, fix) => {
  expect(fixOf(resources).split('; or ')[0]).toBe(fix);
});

test('the peak of autoscaling is a warning', () => {
  const at = (max: number) => said({ ...nodes(4), ...on('Web', [80], 2), ...scaling('Web', 1, max) });
  expect(at(4)).toEqual([]);
  expect(at(5)).toEqual(['warning Web: service Web needs tcp 80 on 5 instances at the peak; Nodes has 4']);
  expect(fixOf({ ...nodes(4), ...on('Web', [80], 2), ...scaling('Web', 1, 5) })).toMatch(/^at least 5 instances: MinSize and MaxSize \(minInstances, maxInstances\);/);
});

describe('distinctInstance', () => {
  const DISTINCT = { PlacementConstraints: [{ Type: 'distinctInstance' }] };

  test('is like a port of its own', () => {
    expect(said({ ...nodes(3), ...on('Web', [0], 2, DISTINCT), ...on('Admin', [0], 2, DISTINCT) })).toEqual([]);
    expect(said({ ...nodes(3), ...on('Web', [0], 3, DISTINCT) })).toEqual([
      'info Web: service Web needs 3 instances (distinctInstance), and Nodes has 3: none is to spare',
    ]);
    expect(said({ ...nodes(3), ...on('Web', [0], 4, DISTINCT) })).toEqual([
      'error Web: service Web needs 4 instances (distinctInstance); Nodes has 3',
    ]);
    expect(fixOf({ ...nodes(3), ...on('Web', [0], 4, DISTINCT) })).toBe(
      'at least 4 instances: MinSize and MaxSize (minInstances, maxInstances); or fewer tasks (DesiredCount), or no distinctInstance');
  });

  describe('in awsvpc mode has instances where its subnets are', () => {
    const subnet = (AvailabilityZone: unknown, n: number) => (
      { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, AvailabilityZone, CidrBlock: `10.0.${n}.0/24` } });
    const NETWORK = {
      Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
      A: subnet('eu-west-1a', 0), B: subnet('eu-west-1b', 1), C: subnet(OPEN, 2),
    };
    const ids = (names: string) => [...names].map((Ref) => ({ Ref }));
    const inZones = (count: number, names: string, name = 'Nodes') => nodes(count, {}, { VPCZoneIdentifier: ids(names) }, name);
    const web = (desired: number, names: string, mode = 'awsvpc') =>
      on('Web', [0], desired, { ...DISTINCT, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ids(names) } } }, mode);
    const both = { ...inZones(1, 'A'), ...inZones(3, 'B', 'Other') };
    const OPEN_ZONES = 'undecided Web: how many instances of Nodes are in the zones of service Web is not known';

    test.each<[string, Resources, string[]]>([
      ['and in no other group', { ...both, ...web(2, 'A') }, ['error Web: service Web needs 2 instances (distinctInstance); Nodes has 1']],
      ['of all groups', { ...both, ...web(2, 'AB') }, []],
      ['and in a part of a group that is enough', { ...inZones(6, 'AB'), ...web(3, 'A') }, []],
      ['and in a part of a group that may not be enough', { ...inZones(5, 'AB'), ...web(3, 'A') }, [OPEN_ZONES]],
      ['and in a part of a group that all of it would just be', { ...inZones(3, 'AB'), ...web(3, 'A') }, [OPEN_ZONES]],
      ['and in a part of a group that all of it would not be', { ...inZones(3, 'AB'), ...web(4, 'A') }, ['error Web: service Web needs 4 instances (distinctInstance); Nodes has 3']],
      ['and in a part of the second of two groups that may not be enough', { ...inZones(1, 'A'), ...inZones(3, 'AB', 'Other'), ...web(3, 'A') }, [OPEN_ZONES.replace('Nodes', 'Other')]],
      ['which are not known', { ...inZones(3, 'A'), ...web(2, 'C') }, [`${OPEN_ZONES}: parameter Open has no default`]],
      ['and none at all, which eni-density tells', { ...inZones(3, 'B'), ...web(2, 'A') }, []],
      ['and maybe others that are not given', { ...inZones(3, 'B'), Fleet: { Type: 'AWS::EC2::SpotFleet' }, ...web(2, 'A') }, [
        'undecided Web: the instances of Fleet may join the cluster',
      ]],
      ['which other modes do not mind', { ...both, ...web(3, 'A', 'bridge') }, []],
    ])('%s', (_, resources, expected) => {
      expect(said({ ...NETWORK, ...resources })).toEqual(expected);
    });
  });

  test('is nothing that a daemon lacks', () => {
    expect(said({ ...nodes(2), ...daemon('Agent', 0, DISTINCT) })).toEqual([]);
  });

  test('is not counted beside a port', () => {
    expect(said({ ...nodes(3), ...on('Web', [80], 4, DISTINCT) })).toEqual(['error Web: service Web needs tcp 80 on 4 instances; Nodes has 3']);
  });
});

describe('what is not known', () => {
  const UNKNOWN = { ContainerPort: 80, HostPort: OPEN };
  const AS_DAEMON = { SchedulingStrategy: 'DAEMON', DesiredCount: undefined };

  test.each<[string, Resources, string]>([
    ['how many tasks', { ...nodes(2), ...on('Web', [80], OPEN) }, 'parameter Open has no default'],
    ['how many tasks at the peak', { ...nodes(4), ...on('Web', [80], 2), ...scaling('Web', 1, OPEN) }, 'parameter Open has no default'],
    ['the port of a daemon, where others take some', { ...nodes(2), ...on('Web', [UNKNOWN], undefined, AS_DAEMON), ...on('Admin', [80]) }, 'parameter Open has no default'],
    ['how many instances', { ...nodes({ MinSize: OPEN, MaxSize: 9 }), ...on('Web', [80], 3) }, 'parameter Open has no default'],
    ['how many instances, of which a constraint leaves some', { ...nodes({ MinSize: OPEN, MaxSize: 9 }), ...on('Web', [80], 3, NARROWED) }, 'parameter Open has no default'],
    ['how far it scales', {
      ...nodes({ MinSize: 1, MaxSize: 9 }), ...on('Web', [80], 3, by({ Nodes: [0, 1] })),
      NodesProvider: { Type: 'AWS::ECS::CapacityProvider', Properties: { AutoScalingGroupProvider: { AutoScalingGroupArn: { Ref: 'Nodes' } } } },
    }, 'how far its instances scale is not known: ManagedScaling.Status is not'],
    ['which instances', on('Web', [80], 3, { Cluster: 'prod' }), 'the cluster is not of what is given: prod is not of what is given'],
    ['where it runs', { ...nodes(2), ...on('Web', [80], 3, { LaunchType: OPEN }) }, 'parameter Open has no default'],
    ['the port, where there are too few instances for a fixed one', { ...nodes(2), ...on('Web', [UNKNOWN], 3) }, 'parameter Open has no default'],
    ['the port, and how many tasks', { ...nodes(2), ...on('Web', [UNKNOWN], OPEN) }, 'parameter Open has no default'],
    ['the port, where others take some', { ...nodes(2), ...on('Web', [UNKNOWN], 1), ...on('Admin', [80]) }, 'parameter Open has no default'],
    ['how many tasks of another', { ...nodes(2), ...on('Web', [80], 1), ...on('Admin', [80], OPEN) }, 'parameter Open has no default'],
    ['the port, where others take some on a part of the instances', { ...nodes(2), ...nodes(2, {}, {}, 'Other'), ...on('Web', [UNKNOWN], 1), ...on('Admin', [80], 1, by({ Nodes: [0, 1] })) },
      'parameter Open has no default'],
    ['the port, where the scheduling strategy is not known either', { ...nodes(2), ...on('Web', [UNKNOWN], 1, { SchedulingStrategy: OPEN }) }, 'parameter Open has no default'],
    ['what other providers a service has', {
      ...nodes(2), ...on('Admin', [80], 1, by({ Nodes: [0, 1] })),
      ...on('Web', [80], 2, { LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'NodesProvider' }, Weight: 1 }, { CapacityProvider: OPEN, Weight: 1 }] }),
    }, 'parameter Open has no default'],
    ['the scheduling strategy', { ...nodes(2), ...on('Web', [80], 1, { SchedulingStrategy: OPEN }), ...on('Admin', [80], 0) }, 'the scheduling strategy is not known'],
  ])('%s', (_, resources, why) => {
    expect(said(resources)).toEqual([`undecided Web: ${why}`]);
  });

  test('does not matter where it changes nothing', () => {
    expect(said({ ...nodes({ MinSize: 2, MaxSize: OPEN }), ...on('Web', [80], 1) })).toEqual([]);
    expect(said({ ...nodes(2), ...on('Web', [UNKNOWN], 2) })).toEqual([]);
    expect(said({ ...nodes(2), ...on('Web', [80, UNKNOWN], 1) })).toEqual([]);
    expect(said({ ...nodes(2), ...on('Web', [UNKNOWN], undefined, AS_DAEMON) })).toEqual([]);
    expect(said({ ...nodes(0), ...on('Web', [UNKNOWN], undefined, AS_DAEMON) })).toEqual([]);
    expect(said({ ...nodes(2), ...on('Web', [UNKNOWN], 9, { LaunchType: 'EXTERNAL' }) })).toEqual([]);
    expect(said({ ...nodes(2), ...on('Web', [UNKNOWN], 1), ...on('Admin', [0], 1, { PlacementConstraints: [{ Type: 'distinctInstance' }] }) })).toEqual([]);
    expect(said({ ...nodes(2), ...on('Web', [0], 3, { LaunchType: OPEN }) })).toEqual([]);
    expect(said({ ...nodes(2), ...on('Web', [80], 3), ...on('Admin', [80], OPEN) })).toEqual([
      'error Web: service Web needs tcp 80 on 3 instances; Nodes has 2',
    ]);
  });
});

describe("parameters' defaults are assumptions", () => {
  const TWO = { Ref: 'Two' };
  const two = nodes({ MinSize: TWO, MaxSize: TWO });
  const distinct = { PlacementConstraints: [{ Type: { Ref: 'Distinct' } }] };
  test.each<[string, Resources, string]>([
    ['of the number of tasks', { ...nodes(1), ...on('Web', [80], TWO) }, 'parameter Two keeps its default 2'],
    ['of the number of tasks that are just enough', { ...nodes(2), ...on('Web', [80], TWO) }, 'parameter Two keeps its default 2'],
    ['of the number at the peak', { ...nodes(1), ...on('Web', [80], 1), ...scaling('Web', 1, TWO) }, 'parameter Two keeps its default 2'],
    ['of the port', { ...nodes(1), ...on('Web', [{ ContainerPort: 80, HostPort: TWO }], 3) }, 'parameter Two keeps its default 2'],
    ['of the number of instances', { ...two, ...on('Web', [80], 3) }, 'parameter Two keeps its default 2'],
    ['of instances with a daemon', { ...two, ...daemon('Agent', 9100), ...on('Web', [9100]) }, 'parameter Two keeps its default 2'],
    ['of instances with two daemons', { ...two, ...daemon('Agent', 9100), ...daemon('Other', 9100) }, 'parameter Two keeps its default 2'],
    ['of distinctInstance', { ...nodes(2), ...on('Web', [0], 3, distinct) }, 'parameter Distinct keeps its default distinctInstance'],
  ])('%s', (_, resources, assumed) => {
    expect(judge(resources).findings.map(({ assumes }) => assumes)).toEqual([['no other instances join cluster Cluster', assumed]]);
  });
});

test.each<[string, number, string[]]>([
  ['of too few instances this rule speaks', 3, ['host-port-fleet-clash error']],
  ['of an update that is stuck the other, and this one of the instance that is missing', 2, ['deployment-deadlock error', 'host-port-fleet-clash info']],
  ['of enough neither', 1, []],
])('deployment-deadlock and this rule: %s', (_, desired, expected) => {
  const { findings } = judge({ ...nodes(2), ...on('Web', [80], desired) }, [deploymentDeadlock, rule]);
  expect(findings.map((one) => `${one.rule} ${one.severity}`)).toEqual(expected);
});
