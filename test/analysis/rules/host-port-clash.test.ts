import { check } from '../../../src/analysis/check';
import { hostPortClash as rule } from '../../../src/analysis/rules/host-port-clash';
import { given } from '../given';

interface Mapping {
  readonly ContainerPort?: unknown;
  readonly HostPort?: unknown;
  readonly ContainerPortRange?: unknown;
  readonly Protocol?: unknown;
  readonly Name?: string;
}

const task = (NetworkMode: unknown, app: unknown, admin: unknown = [], more: object = {}) => ({
  Web: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      NetworkMode,
      ContainerDefinitions: [
        { Name: 'app', Image: 'nginx', PortMappings: app },
        { Name: 'admin', Image: 'nginx', PortMappings: admin, ...more },
      ],
    },
  },
});
const Parameters = {
  Port: { Type: 'Number' }, Other: { Type: 'Number' }, Mode: { Type: 'String' }, Given: { Type: 'CommaDelimitedList' },
  Preset: { Type: 'Number', Default: 80 },
};
const judge = (Resources: Readonly<Record<string, unknown>>) => check([given({ Parameters, Resources })], [rule]);
const ref = (Ref: string) => ({ Ref });

test('the bad fragment has one problem, the good one none', () => {
  const { findings } = judge(rule.bad);
  expect(findings.map(({ message }) => message)).toEqual(['containers app and admin of task Web both take tcp 8080 on the host']);
  expect(findings[0].fix).toBe('HostPort 8081 for one of them, or HostPort 0, which is dynamic (BridgePort.dynamic)');
  expect(judge(rule.good)).toMatchObject({ findings: [], undecided: [] });
});

test.each<[string, string | undefined, Mapping[], Mapping[], string, string]>([
  ['host ports in bridge mode', 'bridge', [{ ContainerPort: 80, HostPort: 80 }], [{ ContainerPort: 81, HostPort: 80 }], 'both take tcp 80 on the host', 'error'],
  ['without a mode, which is bridge', undefined, [{ ContainerPort: 80, HostPort: 80 }], [{ ContainerPort: 81, HostPort: 80 }], 'both take tcp 80', 'error'],
  ['container ports in host mode', 'host', [{ ContainerPort: 80 }], [{ ContainerPort: 80 }], 'both take tcp 80 on the host', 'error'],
  ['one of them written as a host port', 'host', [{ ContainerPort: 80 }], [{ ContainerPort: 81, HostPort: 80 }], 'both take tcp 80 on the host', 'error'],
  ['a host port of 0 in host mode', 'host', [{ ContainerPort: 80, HostPort: 0 }], [{ ContainerPort: 80 }], 'both take tcp 80 on the host', 'error'],
  ['container ports in awsvpc mode', 'awsvpc', [{ ContainerPort: 80 }], [{ ContainerPort: 80 }], "both take tcp 80 on the task's interface", 'error'],
  ['tcp, said or not', 'host', [{ ContainerPort: 80, Protocol: 'tcp' }], [{ ContainerPort: 80 }], 'both take tcp 80', 'error'],
  ['udp', 'host', [{ ContainerPort: 53, Protocol: 'udp' }], [{ ContainerPort: 53, Protocol: 'udp' }], 'both take udp 53', 'error'],
  ['a port in a range', 'awsvpc', [{ ContainerPortRange: '8000-8010' }], [{ ContainerPort: 8010 }], 'both take tcp 8010', 'error'],
  ['two ranges', 'awsvpc', [{ ContainerPortRange: '8000-8010' }], [{ ContainerPortRange: '8005-8020' }], 'both take tcp 8005-8010', 'error'],
  ['a port under two names', 'awsvpc', [{ ContainerPort: 80, Name: 'a' }], [{ ContainerPort: 80, Name: 'b' }], 'both take tcp 80', 'error'],
  ['a mapping twice in one container', 'bridge', [{ ContainerPort: 80, HostPort: 80 }, { ContainerPort: 80, HostPort: 80 }], [], 'container app of task Web takes tcp 80 twice on the host', 'error'],
  ['the same in awsvpc mode', 'awsvpc', [{ ContainerPort: 80 }, { ContainerPort: 80 }], [], "container app of task Web takes tcp 80 twice on the task's interface", 'warning'],
  ['one expression in awsvpc mode', 'awsvpc', [{ ContainerPort: ref('Port') }], [{ ContainerPort: ref('Port') }], 'both take the same port, whichever it is, on the', 'error'],
])('finds %s', (_, mode, app, admin, message, severity) => {
  const { findings, undecided } = judge(task(mode, app, admin));
  expect(findings).toEqual([expect.objectContaining({ resource: 'Web', severity, message: expect.stringContaining(message) })]);
  expect(undecided).toEqual([]);
});

test.each<[string, unknown, Mapping[], Mapping[]]>([
  ['tcp and udp', 'host', [{ ContainerPort: 8301 }], [{ ContainerPort: 8301, Protocol: 'udp' }]],
  ['host ports of 0', 'bridge', [{ ContainerPort: 80, HostPort: 0 }], [{ ContainerPort: 80, HostPort: 0 }]],
  ['no host ports', 'bridge', [{ ContainerPort: 80 }], [{ ContainerPort: 80 }]],
  ['ranges in bridge mode, whose host ports are dynamic', 'bridge', [{ ContainerPortRange: '80-90' }], [{ ContainerPortRange: '80-90' }]],
  ['container ports behind host ports of their own', 'bridge', [{ ContainerPort: 80, HostPort: 80 }], [{ ContainerPort: 80, HostPort: 81 }]],
  ['host ports in awsvpc mode', 'awsvpc', [{ ContainerPort: 80, HostPort: 90 }], [{ ContainerPort: 81, HostPort: 90 }]],
  ['mode none', 'none', [{ ContainerPort: 80 }], [{ ContainerPort: 80 }]],
  ['numbers that are no ports', 'host', [{ ContainerPort: 70000 }], [{ ContainerPort: 70000 }]],
  ['ranges that are none', 'awsvpc', [{ ContainerPortRange: '9-1' }], [{ ContainerPortRange: '9-1' }]],
  ['neighbours', 'awsvpc', [{ ContainerPortRange: '80-89' }], [{ ContainerPort: 90 }, { ContainerPort: 79 }]],
  ['a lone unknown port', 'host', [{ ContainerPort: ref('Port') }], []],
  ['a lone port in an unknown mode', ref('Mode'), [{ ContainerPort: 80 }], []],
])('has nothing against %s', (_, mode, app, admin) => {
  expect(judge(task(mode, app, admin))).toMatchObject({ findings: [], undecided: [] });
});

test.each<[string, unknown, unknown, unknown]>([
  ['two unknown ports', 'host', [{ ContainerPort: ref('Port') }], [{ ContainerPort: ref('Other') }]],
  ['an unknown port beside a known one', 'awsvpc', [{ ContainerPort: ref('Port') }], [{ ContainerPort: 80 }]],
  ['one expression for host ports, which may be 0', 'bridge', [{ ContainerPort: 80, HostPort: ref('Port') }], [{ ContainerPort: 81, HostPort: ref('Port') }]],
  ['one expression for a port on tcp and one on udp', 'host', [{ ContainerPort: ref('Port') }], [{ ContainerPort: ref('Port'), Protocol: 'udp' }]],
  ['an unknown protocol', 'host', [{ ContainerPort: 80, Protocol: ref('Mode') }], [{ ContainerPort: 80 }]],
  ['an unknown mode', ref('Mode'), [{ ContainerPort: 80 }], [{ ContainerPort: 80 }]],
  ['unknown mappings', 'host', ref('Given'), [{ ContainerPort: 80 }]],
])('does not decide %s', (_, mode, app, admin) => {
  expect(judge(task(mode, app, admin))).toMatchObject({ findings: [], undecided: [{ resource: 'Web', why: expect.stringMatching(/Port|Mode|Given/) }] });
});

test('does not decide unknown containers', () => {
  const Web = { Type: 'AWS::ECS::TaskDefinition', Properties: { NetworkMode: 'host', ContainerDefinitions: ref('Given') } };
  expect(judge({ Web })).toMatchObject({ findings: [], undecided: [{ resource: 'Web', why: expect.stringContaining('Given') }] });
});

test('it says which default values it rests on', () => {
  const assumed = (port: unknown) => judge(task('host', [{ ContainerPort: port }], [{ ContainerPort: port }])).findings.map(({ assumes }) => assumes);
  expect(assumed(ref('Preset'))).toEqual([[expect.stringContaining('Preset')]]);
  expect(assumed(ref('Port'))).toEqual([[]]);
});

test.each([
  ['bridge', 'HostPort 81 for one of them, or HostPort 0, which is dynamic (BridgePort.dynamic)'],
  ['default', 'HostPort 81 for one of them, or HostPort 0, which is dynamic (BridgePort.dynamic)'],
  ['host', 'ContainerPort 81 for one of them'],
  ['awsvpc', 'ContainerPort 81 for one of them'],
])('in mode %s the way out is %s', (mode, fix) => {
  const ports = [{ ContainerPort: 80, HostPort: 80 }];
  expect(judge(task(mode, ports, ports)).findings.map((finding) => finding.fix)).toEqual([fix]);
});

describe('of more than two that take a port', () => {
  const all = (NetworkMode: string, containers: Readonly<Record<string, Mapping[]>>, more: object = {}) => judge({
    Web: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        NetworkMode,
        ContainerDefinitions: Object.entries(containers).map(([Name, PortMappings], index) => ({ Name, Image: 'nginx', PortMappings, ...index < 2 ? more : {} })),
      },
    },
  }).findings;
  const ON_80 = [{ ContainerPort: 80, HostPort: 80 }];
  const DYNAMIC = ', or HostPort 0, which is dynamic (BridgePort.dynamic)';
  const PORT = [{ ContainerPort: ref('Port') }];

  test.each<[string, string, Readonly<Record<string, Mapping[]>>, string, string]>([
    ['containers', 'host', { a: ON_80, b: ON_80, c: ON_80 }, 'containers a, b and c of task Web all take tcp 80 on the host',
      'ContainerPort 81 and 82 for all but one of them'],
    ['containers beside others', 'bridge', { a: ON_80, b: [{ ContainerPort: 1, HostPort: 81 }], c: ON_80, d: ON_80 },
      'containers a, c and d of task Web all take tcp 80 on the host', `HostPort 82 and 83 for all but one of them${DYNAMIC}`],
    ['containers beside the same port on udp, and a lower one', 'host', { a: ON_80, b: [{ ContainerPort: 70 }], c: [{ ContainerPort: 80, Protocol: 'udp' }], d: ON_80 },
      'containers a and d of task Web both take tcp 80 on the host', 'ContainerPort 81 for one of them'],
    ['mappings of two containers', 'bridge', { a: [...ON_80, ...ON_80], b: ON_80 }, 'containers a and b of task Web both take tcp 80 on the host',
      `HostPort 81 and 82 for all but one of them${DYNAMIC}`],
    ['ranges', 'awsvpc', { a: [{ ContainerPortRange: '80-90' }], b: [{ ContainerPortRange: '85-95' }], c: [{ ContainerPortRange: '82-86' }], d: [{ ContainerPort: 84 }] },
      "containers a and c of task Web both take tcp 82-86 on the task's interface", 'ContainerPort 96 for one of them'],
    ['containers with an unknown port', 'host', { a: PORT, b: PORT, c: PORT }, 'containers a, b and c of task Web all take the same port, whichever it is, on the host',
      'ContainerPort 1024 and 1025 for all but one of them'],
    ['containers with an unknown port beside another unknown one', 'host', { a: PORT, b: [{ ContainerPort: ref('Other') }], c: PORT },
      'containers a and c of task Web both take the same port, whichever it is, on the host', 'ContainerPort 1024 for one of them'],
  ])('%s are all named', (_, mode, containers, message, fix) => {
    expect(all(mode, containers)).toEqual([expect.objectContaining({ severity: 'error', message, fix })]);
  });

  test('in awsvpc mode two essential ones are an error, whichever they are', () => {
    const severities = (more: object) => all('awsvpc', { a: ON_80, b: ON_80, c: ON_80, d: ON_80 }, more).map(({ severity }) => severity);
    expect(severities({ Essential: false })).toEqual(['error']);
  });
});

test('in awsvpc mode it is a warning unless both containers are surely essential', () => {
  const ports = [{ ContainerPort: 80 }];
  for (const Essential of [false, ref('Mode')]) {
    expect(judge(task('awsvpc', ports, ports, { Essential })).findings.map(({ severity }) => severity)).toEqual(['warning']);
    expect(judge(task('host', ports, ports, { Essential })).findings.map(({ severity }) => severity)).toEqual(['error']);
  }
});

test('the port to take is free with either protocol, at the end of ports, too', () => {
  const fixOf = (last: number, more: Mapping[]) => judge(task('host', [{ ContainerPort: last }], [{ ContainerPort: last }, ...more])).findings[0].fix;
  expect(fixOf(80, [{ ContainerPort: 81, Protocol: 'udp' }, { ContainerPort: 82 }])).toContain('ContainerPort 83 ');
  expect(fixOf(65535, [])).toContain('ContainerPort 1024 ');
  expect(fixOf(65534, [{ ContainerPort: 65535 }])).toContain('ContainerPort 1024 ');
});

describe('P10 a port on tcp and on udp', () => {
  const both: Mapping[] = [{ ContainerPort: 53 }, { ContainerPort: 53, Protocol: 'udp' }];
  const service = (Properties: object) => ({ Dns: { Type: 'AWS::ECS::Service', Properties: { TaskDefinition: ref('Web'), ...Properties } } });
  const found = (Properties: object, ports = both) => judge({ ...task('awsvpc', ports), ...service(Properties) }).findings;
  const registered = { LoadBalancers: [{ ContainerName: 'app', ContainerPort: 53 }] };

  test('is worth knowing where it is registered', () => {
    expect(found(registered)).toEqual([expect.objectContaining({
      resource: 'Web',
      severity: 'info',
      message: 'container app of task Web maps port 53 on tcp and on udp, and service Dns registers it; '
        + 'the creation of such services has been reported to fail',
      fix: 'ContainerPort of a number of its own for each protocol, or another one for the load balancer or registry',
    })]);
  });

  test.each<[string, object]>([
    ['a registry', { ServiceRegistries: [{ RegistryArn: 'arn', ContainerName: 'app', ContainerPort: 53 }] }],
    ['a registry that names the port only', { ServiceRegistries: [{ RegistryArn: 'arn', ContainerPort: 53 }] }],
  ])('is so with %s', (_, properties) => {
    expect(found(properties).map(({ severity }) => severity)).toEqual(['info']);
  });

  test.each<[string, object, Mapping[]]>([
    ['another port is registered', { LoadBalancers: [{ ContainerName: 'app', ContainerPort: 54 }] }, both],
    ['another container is registered', { LoadBalancers: [{ ContainerName: 'admin', ContainerPort: 53 }] }, both],
    ['a registry names no port', { ServiceRegistries: [{ RegistryArn: 'arn' }] }, both],
    ['nothing is registered', {}, both],
    ['the registered port is on tcp only', registered, [{ ContainerPort: 53 }, { ContainerPort: 54, Protocol: 'udp' }]],
    ['the registered port is on udp only', registered, [{ ContainerPort: 54 }, { ContainerPort: 53, Protocol: 'udp' }]],
  ])('is nothing where %s', (_, properties, ports) => {
    expect(found(properties, ports)).toEqual([]);
  });

  const OPEN = ref('Port');
  const judged = (Properties: object) => judge({ ...task('awsvpc', both), ...service(Properties) });

  test.each<[string, object]>([
    ['the container', { LoadBalancers: [{ ContainerName: OPEN, ContainerPort: 53 }] }],
    ['the port', { LoadBalancers: [{ ContainerName: 'app', ContainerPort: OPEN }] }],
    ['the list of load balancers', { LoadBalancers: OPEN }],
    ['the list of registries', { ServiceRegistries: OPEN }],
    ['the container of a registry', { ServiceRegistries: [{ RegistryArn: 'arn', ContainerName: OPEN, ContainerPort: 53 }] }],
  ])('is undecided where %s is not known', (_, properties) => {
    const { findings, undecided } = judged(properties);
    expect(findings).toEqual([]);
    expect(undecided.map(({ why }) => why)).toEqual([expect.stringContaining('parameter Port')]);
  });

  test('is undecided where what one of several services registers is not known', () => {
    const two = { ...service({}), Other: { ...service({ LoadBalancers: OPEN }).Dns } };
    expect(judge({ ...task('awsvpc', both), ...two })).toMatchObject({ findings: [], undecided: [{ resource: 'Web', why: 'parameter Port has no default' }] });
  });

  test.each<[string, object, unknown[]]>([
    ['another entry that is', { LoadBalancers: [{ ContainerName: OPEN, ContainerPort: 53 }, ...registered.LoadBalancers] }, ['info']],
    ['another port that is not', { LoadBalancers: [{ ContainerName: OPEN, ContainerPort: 54 }] }, []],
    ['another container that is not', { LoadBalancers: [{ ContainerName: 'admin', ContainerPort: OPEN }] }, []],
  ])('does not ask what is not known beside %s', (_, properties, severities) => {
    const { findings, undecided } = judged(properties);
    expect(findings.map(({ severity }) => severity)).toEqual(severities);
    expect(undecided).toEqual([]);
  });
});
