import { check } from '../../../src/analysis/check';
import { hostPortReserved as rule } from '../../../src/analysis/rules/host-port-reserved';
import { given } from '../given';

const Parameters = {
  Port: { Type: 'Number' }, Family: { Type: 'String' }, Setting: { Type: 'String' }, Preset: { Type: 'Number', Default: 22 },
};
const judge = (Resources: Readonly<Record<string, unknown>>) => check([given({ Parameters, Resources })], [rule]);
const ref = (Ref: string) => ({ Ref });

interface Case {
  readonly mode?: unknown;
  readonly launchType?: unknown;
  readonly system?: unknown;
  /** Lines of user data; the instances are in the template where it is given. */
  readonly userData?: unknown;
  readonly service?: string;
}

function app(mappings: unknown, { mode = 'bridge', launchType = 'EC2', system, userData, service = 'Web' }: Case = {}): Record<string, unknown> {
  return {
    [service]: { Type: 'AWS::ECS::Service', Properties: { Cluster: ref('Cluster'), LaunchType: launchType, TaskDefinition: ref(`${service}Task`) } },
    [`${service}Task`]: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        NetworkMode: mode,
        ...system === undefined ? {} : { RuntimePlatform: { OperatingSystemFamily: system } },
        ContainerDefinitions: [{ Name: 'app', Image: 'nginx', PortMappings: mappings }],
      },
    },
    Cluster: { Type: 'AWS::ECS::Cluster' },
    ...userData === undefined ? {} : {
      Nodes: { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: { MinSize: 1, MaxSize: 1, LaunchConfigurationName: ref('Launch') } },
      Launch: {
        Type: 'AWS::AutoScaling::LaunchConfiguration',
        Properties: {
          InstanceType: 'm5.large',
          UserData: { 'Fn::Base64': { 'Fn::Join': ['', ['#!/bin/bash\necho ECS_CLUSTER=', ref('Cluster'), ' >> /etc/ecs/ecs.config\n', userData]] } },
        },
      },
    },
  };
}

const setting = (line: string) => `echo '${line}' >> /etc/ecs/ecs.config\n`;
const fixed = (HostPort: unknown, Protocol = 'tcp') => [{ ContainerPort: 80, HostPort, Protocol }];
/** Mappings of that many fixed ports, from 2000 on. */
const many = (count: number, from = 2000) => Array.from({ length: count }, (_, i) => ({ ContainerPort: from + i, HostPort: from + i }));

test('the bad fragment has one problem, the good one none', () => {
  const { findings } = judge(rule.bad);
  expect(findings.map(({ message }) => message)).toEqual(['service Sftp wants tcp 22 on its instances; the agent reserves it for ssh']);
  expect(findings[0].fix).toBe('HostPort 1024, or ECS_RESERVED_PORTS without 22 in the user data where its holder is off');
  expect(judge(rule.good)).toMatchObject({ findings: [], undecided: [] });
});

test('on Bottlerocket the fix is another port alone, as its user data sets no list of those that are reserved', () => {
  const { Launch, ...others } = app(fixed(22), { userData: '' });
  const UserData = { 'Fn::Base64': { 'Fn::Join': ['', ['[settings.ecs]\ncluster = "', ref('Cluster'), '"']] } };
  const Rocket = { ...Launch as object, Properties: { InstanceType: 'm5.large', UserData } };
  expect(judge({ ...others, Launch: Rocket }).findings.map(({ fix }) => fix)).toEqual(['HostPort 1024']);
});

test.each<[string, unknown, Case, string, string]>([
  ...[22, 2375, 2376, 51678, 51679].map((port): [string, unknown, Case, string, string] =>
    [`${port} on Linux`, fixed(port), {}, 'error', `wants tcp ${port} on its instances; the agent reserves it for`]),
  ...[53, 135, 139, 445, 2375, 2376, 3389, 5985, 5986, 51678, 51679].map((port): [string, unknown, Case, string, string] =>
    [`${port} on Windows`, fixed(port), { mode: 'default', system: 'WINDOWS_SERVER_2022_CORE' }, 'error', `wants tcp ${port} `]),
  ['a container port in host mode', [{ ContainerPort: 22 }], { mode: 'host' }, 'error', 'wants tcp 22 '],
  ['instances outside of AWS', fixed(22), { launchType: 'EXTERNAL' }, 'error', 'wants tcp 22 '],
  ['a port of both lists on an unknown system', fixed(2375), { system: ref('Family') }, 'error', 'wants tcp 2375 '],
  ['what ECS_RESERVED_PORTS names', fixed(81), { userData: setting('ECS_RESERVED_PORTS=[22, 81]') }, 'error', 'reserves it for ECS_RESERVED_PORTS'],
  ['the default with user data of other things', fixed(22), { userData: setting('ECS_LOGLEVEL=info') }, 'error', 'wants tcp 22 '],
  ['the start of the dynamic range', fixed(32768), {}, 'warning', 'in the range of dynamic ports, 32768-60999'],
  ['its end', fixed(60999), {}, 'warning', 'in the range of dynamic ports'],
  ['udp in it', fixed(40000, 'udp'), {}, 'warning', 'wants udp 40000'],
  ['that of Windows', fixed(65535), { mode: 'default', system: 'WINDOWS_SERVER_2022_CORE' }, 'warning', '49152-65535'],
  ['a range that is set', fixed(10005), { userData: setting('ECS_DYNAMIC_HOST_PORT_RANGE=10000-10010') }, 'warning', '10000-10010'],
  ['96 host ports', many(96), {}, 'error', 'wants 96 host ports per task; an instance has 95 left of the 100'],
  ['96 host ports in any order', [...many(48, 3000), ...many(48)], {}, 'error', 'wants 96 host ports'],
  ['95 host ports on tcp and one of them on udp', [...many(95), ...fixed(2000, 'udp')], {}, 'error', 'wants 96 host ports'],
  ['96 host ports of instances', many(96), { userData: '' }, 'error', 'wants 96 host ports'],
  ['a range in host mode', [{ ContainerPortRange: '2000-2095' }], { mode: 'host' }, 'error', 'wants 96 host ports'],
])('finds %s', (_, mappings, more, severity, message) => {
  const { findings } = judge(app(mappings, more));
  expect(findings).toEqual([expect.objectContaining({ resource: 'Web', severity, message: expect.stringContaining(message) })]);
});

test.each<[string, unknown, Case]>([
  ['container port 22 with a dynamic host port', [{ ContainerPort: 22, HostPort: 0 }], {}],
  ['container port 22 with another host port', [{ ContainerPort: 22, HostPort: 2222 }], {}],
  ['udp, of which none is reserved', fixed(22, 'udp'), {}],
  ['awsvpc mode', [{ ContainerPort: 22 }], { mode: 'awsvpc' }],
  ['Fargate', [{ ContainerPort: 22 }], { mode: 'awsvpc', launchType: 'FARGATE' }],
  ['port 22 on Windows', fixed(22), { mode: 'default', system: 'WINDOWS_SERVER_2022_CORE' }],
  ['port 53 on Linux', fixed(53), {}],
  ['a port that ECS_RESERVED_PORTS leaves out', fixed(22), { userData: setting('ECS_RESERVED_PORTS=[2375]') }],
  ['the neighbours of the dynamic range', [...fixed(32767), { ContainerPort: 81, HostPort: 61000 }], {}],
  ['a port outside of the range that is set', fixed(40000), { userData: setting('ECS_DYNAMIC_HOST_PORT_RANGE=10000-10010') }],
  ['95 host ports', many(95), {}],
  ['96 host ports where fewer are reserved', many(96), { userData: setting('ECS_RESERVED_PORTS=[2375]') }],
  ['bridge mode on Fargate, of which another rule speaks', fixed(22), { launchType: 'FARGATE' }],
  ['a dynamic port of an unknown launch type', [{ ContainerPort: 22, HostPort: 0 }], { launchType: ref('Family') }],
  ['udp at the port of the metrics', fixed(51680, 'udp'), { userData: setting('ECS_DYNAMIC_HOST_PORT_RANGE=10000-10010') }],
])('has nothing against %s', (_, mappings, more) => {
  expect(judge(app(mappings, more))).toMatchObject({ findings: [], undecided: [] });
});

test('the port of the metrics is worth knowing where it is outside of the dynamic range', () => {
  const { findings } = judge(app(fixed(51680), { userData: setting('ECS_DYNAMIC_HOST_PORT_RANGE=10000-10010') }));
  expect(findings).toEqual([expect.objectContaining({ severity: 'info', message: expect.stringContaining('wants tcp 51680') })]);
});

test.each<[string, unknown, Case]>([
  ['an unknown host port', fixed(ref('Port')), {}],
  ['an unknown mode', fixed(81), { mode: ref('Family') }],
  ['an unknown launch type', fixed(22), { launchType: ref('Family') }],
  ['port 22 on an unknown system', fixed(22), { system: ref('Family') }],
  ['unknown reserved ports', fixed(22), { userData: { 'Fn::Join': ['', ['echo ECS_RESERVED_PORTS=', ref('Setting'), ' >> /etc/ecs/ecs.config\n']] } }],
  ['reserved ports that are no list', fixed(22), { userData: setting('ECS_RESERVED_PORTS=many') }],
  ['a dynamic range that is none', fixed(40000), { userData: setting('ECS_DYNAMIC_HOST_PORT_RANGE=many') }],
])('does not decide %s', (_, mappings, more) => {
  expect(judge(app(mappings, more))).toMatchObject({ findings: [], undecided: [{ resource: 'Web' }] });
});

test('services that want more than 95 together are a warning on their instances', () => {
  const together = (second: number) => judge({ ...app(many(50), { userData: '' }), ...app(many(second, 3000), { userData: '', service: 'Other' }) });
  expect(together(46).findings).toEqual([expect.objectContaining({ resource: 'Nodes', severity: 'warning', message: expect.stringContaining('want 96 host ports') })]);
  expect(together(45).findings).toEqual([]);
  const alone = judge({ ...app(many(96), { userData: '' }), ...app([], { userData: '', service: 'Other' }) });
  expect(alone.findings.map(({ resource }) => resource)).toEqual(['Web']);
  const shared = judge({ ...app(many(95), { userData: '' }), ...app(many(95), { userData: '', service: 'Other' }) });
  expect(shared.findings).toEqual([]);
  const modes = judge({ ...app(many(50), { userData: '' }), ...app(many(46, 3000), { userData: '', service: 'Other', mode: 'host' }) });
  expect(modes.findings.map(({ fix }) => fix)).toEqual([expect.stringMatching(/^HostPort 0 \(dynamic/)]);
});

test('services on Managed Instances are not counted together, as ECS launches instances for what they need', () => {
  const Provider = { Type: 'AWS::ECS::CapacityProvider', Properties: { ClusterName: ref('Cluster'), ManagedInstancesProvider: {} } };
  const managed = (service: string, from: number) => {
    const resources = app(many(50, from), { mode: 'host', service }) as Record<string, { readonly Properties: object }>;
    const launch = { LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: ref('Provider'), Weight: 1 }] };
    return { ...resources, [service]: { ...resources[service], Properties: { ...resources[service].Properties, ...launch } } };
  };
  expect(judge({ Provider, ...managed('Web', 2000), ...managed('Other', 3000) }).findings).toEqual([]);
});

describe('with two groups of instances', () => {
  /** Instances beside those of `app`. */
  const others = (userData: string) => {
    const { Nodes, Launch } = app([], { userData }) as Record<string, { Properties: object }>;
    return { Others: { ...Nodes, Properties: { ...Nodes.Properties, LaunchConfigurationName: ref('OthersLaunch') } }, OthersLaunch: Launch };
  };
  const without = setting('ECS_RESERVED_PORTS=[2375]');

  test.each([
    ['the first', { ...app(fixed(22), { userData: '' }), ...others(without) }, 'Nodes'],
    ['the second', { ...app(fixed(22), { userData: without }), ...others('') }, 'Others'],
  ])('a port that is reserved on %s is a warning that names it', (_, resources, name) => {
    expect(judge(resources).findings).toEqual([expect.objectContaining({
      resource: 'Web', severity: 'warning', message: `service Web wants tcp 22 on the instances of ${name}; the agent reserves it for ssh`,
    })]);
  });

  test('as many host ports are left as on the one with most', () => {
    expect(judge({ ...app(many(96), { userData: '' }), ...others(without) }).findings).toEqual([]);
  });
});

test.each<[string, Record<string, unknown>, string, string, readonly string[]]>([
  ['a dynamic port', app(fixed(32768), { userData: '' }),
    'service Web wants tcp 32768 on its instances, in the range of dynamic ports, 32768-60999: another task or an outgoing connection may hold it', 'HostPort 1024', []],
  ['too many', app(many(98), { userData: '' }), 'service Web wants 98 host ports per task; an instance has 95 left of the 100 that can be reserved',
    'HostPort 0 (dynamic, which does not count) for 3 of them', []],
  ['too many together', { ...app(many(95), { userData: '' }), ...app([{ ContainerPort: 80, HostPort: ref('Preset') }], { userData: setting('ECS_RESERVED_PORTS=[1, 2, 3, 4, 5]'), service: 'Other' }) },
    'the services on Nodes want 96 host ports; an instance has 95 left of the 100 that can be reserved',
    'HostPort 0 (dynamic, which does not count) for 1 of them, or instances of their own for some services', ['parameter Preset keeps its default 22']],
  ['too many with one that is preset', app([...many(95), ...fixed(ref('Preset'))], { userData: setting('ECS_RESERVED_PORTS=[1, 2, 3, 4, 5]') }),
    'service Web wants 96 host ports per task; an instance has 95 left of the 100 that can be reserved', 'HostPort 0 (dynamic, which does not count) for 1 of them',
    ['parameter Preset keeps its default 22']],
])('what is said of %s', (_, resources, message, fix, assumes) => {
  expect(judge(resources).findings).toEqual([expect.objectContaining({ message, fix, assumes })]);
});

test('the port to take is not in use and not dynamic', () => {
  const fixOf = (mappings: unknown, userData: string) => judge(app(mappings, { userData })).findings[0].fix;
  expect(fixOf([...fixed(22), ...many(2, 1024)], '')).toContain('HostPort 1026,');
  expect(fixOf(fixed(22), setting('ECS_DYNAMIC_HOST_PORT_RANGE=1024-2000'))).toContain('HostPort 2001,');
});

test('in host mode it is the port of the container, and none is dynamic', () => {
  const fixOf = (mappings: unknown) => judge(app(mappings, { mode: 'host' })).findings[0].fix;
  expect(fixOf([{ ContainerPort: 40000 }])).toBe('ContainerPort 1024');
  expect(fixOf([{ ContainerPort: 22, HostPort: 22 }])).toBe('ContainerPort 1024, or ECS_RESERVED_PORTS without 22 in the user data where its holder is off');
  expect(fixOf(many(96))).toBe('bridge mode and HostPort 0 (dynamic, which does not count) for 1 of them');
});
