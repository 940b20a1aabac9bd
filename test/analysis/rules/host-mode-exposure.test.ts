import { check } from '../../../src/analysis/check';
import { hostModeExposure as rule } from '../../../src/analysis/rules/host-mode-exposure';
import { factsOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';
import { cidr, group, NETWORK, NODES, rule as allow } from './group-fragments';

itsExamplesHold(rule);

type Resources = Record<string, unknown>;

interface Given {
  readonly user?: unknown;
  readonly privileged?: unknown;
  readonly ports?: readonly unknown[];
  readonly ingress?: readonly object[];
  readonly neighbours?: readonly string[];
  readonly service?: object;
  readonly more?: Resources;
}

function proxy({ user, privileged, ports = [8080], ingress = [allow(cidr('10.0.0.0/16'), 8080)], neighbours = [], service = {}, more = {} }: Given): Resources {
  return {
    ...NETWORK,
    Cluster: CLUSTER,
    ...NODES,
    NodesGroup: group(ingress),
    ProxyTasks: tasksOf('host', { ContainerDefinitions: [{
      Name: 'app', Image: 'app', PortMappings: ports.map((ContainerPort) => ({ ContainerPort })),
      ...user === undefined ? {} : { User: user }, ...privileged === undefined ? {} : { Privileged: privileged },
    }] }),
    Proxy: serviceOf({ TaskDefinition: { Ref: 'ProxyTasks' }, ...service }),
    ...Object.fromEntries(neighbours.map((name) => [name, serviceOf({ TaskDefinition: { Ref: 'NeighbourTasks' } })])),
    ...neighbours.length > 0 ? { NeighbourTasks: tasksOf('bridge', {}, []) } : {},
    ...more,
  };
}

const found = (its: Given) => said(rule, proxy(its)).map((one) => one.replace(/ \[.*\]$/, ''));
const REST = ': it can take any free port that group NodesGroup opens (tcp 8080) and reach 127.0.0.1 of the instance';

test('the finding reads as it should', () => {
  expect(check([given({ Resources: rule.bad })], [rule]).findings).toEqual([expect.objectContaining({
    severity: 'warning',
    resource: 'Proxy',
    message: 'host-mode service Proxy runs as root (unless the image sets a user) beside Jobs on Nodes: it can take any free port that group NodesGroup opens '
      + '(tcp 8080) and reach 127.0.0.1 of the instance',
    fix: 'NetworkMode awsvpc; or instances of its own for Proxy (a capacity provider of its own); or a User other than root (container.user)',
    assumes: ['no other instances join cluster Cluster'],
  })]);
});

test.each<[string, Given, string[]]>([
  ['as root beside others, opened', { user: '0', neighbours: ['Jobs'] }, [`warning Proxy: host-mode service Proxy runs as root beside Jobs on Nodes${REST}`]],
  ['as root by name, with a group', { user: 'root:root', neighbours: ['Jobs'] }, [expect.stringMatching(/^warning Proxy: .* runs as root beside Jobs/)]],
  ['as root by number, with a group', { user: '0:0', neighbours: ['Jobs'] }, [expect.stringMatching(/^warning/)]],
  ['privileged, as another user', { user: '1000', privileged: true, neighbours: ['Jobs'] }, [expect.stringMatching(/^warning Proxy: .* runs as root beside Jobs/)]],
  ['without a user', { neighbours: ['Jobs'] }, [expect.stringMatching(/^warning Proxy: .* runs as root \(unless the image sets a user\) beside Jobs/)]],
  ['as root on instances that are not given', { user: '0', service: { Cluster: 'prod' } },
    ["info Proxy: host-mode service Proxy runs as root: it can take any free port that the instances' group opens and reach 127.0.0.1 of the instance"]],
  ['as root beside others, opened to nobody', { user: '0', neighbours: ['Jobs'], ingress: [] },
    ['info Proxy: host-mode service Proxy runs as root beside Jobs on Nodes: it can take any free port that group NodesGroup opens and reach 127.0.0.1 of the instance']],
  ['as root beside others, without ports', { user: '0', neighbours: ['Jobs'], ports: [] }, [expect.stringMatching(/^info/)]],
  ['as root, alone', { user: '0' }, [`info Proxy: host-mode service Proxy runs as root on Nodes${REST}`]],
  ['as another user beside others', { user: '1000', neighbours: ['Jobs'] }, [`info Proxy: host-mode service Proxy runs beside Jobs on Nodes${REST}`]],
  ['as another user, alone', { user: '1000' }, []],
  ['as a user whose name begins with root', { user: 'rootless' }, []],
  ['as a user whose number begins with 0', { user: '01' }, []],
  ['a daemon without ports beside others', { ports: [], neighbours: ['Jobs'], service: { SchedulingStrategy: 'DAEMON' } }, [expect.stringMatching(/^info/)]],
  ['beside three', { user: '1000', neighbours: ['A1', 'B1', 'C1'] }, [expect.stringContaining('runs beside A1 and B1 and C1 on')]],
  ['beside four', { user: '1000', neighbours: ['A1', 'B1', 'C1', 'D1'] }, [expect.stringContaining('runs beside A1, B1 and 2 more on')]],
])('%s', (_, its, expected) => {
  expect(found(its)).toEqual(expected);
});

test('others on several groups are named once', () => {
  const [one] = found({ user: '1000', neighbours: ['Jobs'], more: { More: NODES.Nodes } });
  expect(one).toMatch(/ runs beside Jobs on Nodes, More: /);
});

test('a range of ports of which some are opened is told of', () => {
  const ProxyTasks = tasksOf('host', {}, [{ ContainerPortRange: '8080-8090' }]);
  expect(found({ neighbours: ['Jobs'], more: { ProxyTasks } })).toEqual([expect.stringMatching(/^warning Proxy: .* opens \(tcp 8080-8090\)/)]);
});

test('each is told of what runs on its own instances', () => {
  const elsewhere = { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Second} >> /etc/ecs/ecs.config' } };
  const more = {
    Second: CLUSTER,
    Others: { ...NODES.Nodes, Properties: { ...NODES.Nodes.Properties, UserData: elsewhere } },
    Agent: serviceOf({ Cluster: { Ref: 'Second' }, TaskDefinition: { Ref: 'ProxyTasks' } }),
  };
  expect(found({ user: '0', neighbours: ['Jobs'], more })).toEqual([
    expect.stringMatching(/^warning Proxy: .* beside Jobs on Nodes: /), expect.stringMatching(/^info Agent: host-mode service Agent runs as root on Others: /),
  ]);
});

test('one container as root is enough, and the image sets the user of those that name none', () => {
  const containers = (...users: ReadonlyArray<string | undefined>) => ({ ProxyTasks: tasksOf('host', { ContainerDefinitions: users.map((User, index) => (
    { Name: `app${index}`, Image: 'app', ...User === undefined ? {} : { User } })) }) });
  expect(found({ more: containers('1000', ' root') })).toEqual([expect.stringMatching(/^info Proxy: host-mode service Proxy runs as root on Nodes/)]);
  expect(found({ more: containers('1000', undefined) })).toEqual([expect.stringMatching(/ runs as root \(unless the image sets a user\) on Nodes/)]);
  expect(found({ more: containers('0', '1000') })).toEqual([expect.stringMatching(/^info Proxy: host-mode service Proxy runs as root on Nodes/)]);
});

test('what runs on a group is put together once, however many host-mode services are on it', () => {
  const names = Array.from({ length: 20 }, (_, index) => `Agent${index}`);
  const facts = factsOf(proxy({ more: Object.fromEntries(names.map((name) => [name, serviceOf({ TaskDefinition: { Ref: 'ProxyTasks' } })])) }));
  const [nodes] = facts.hostGroups;
  const { services } = nodes;
  let reads = 0;
  Object.defineProperty(nodes, 'services', { get: () => {
    reads++;
    return services;
  } });
  expect([...rule.judge(facts)]).toHaveLength(21);
  expect(reads).toBe(1);
});

test('other modes are not judged', () => {
  expect(found({ neighbours: ['Jobs'], more: { ProxyTasks: tasksOf('bridge') } })).toEqual([]);
});

test('a mode that the place does not take is for another rule to report', () => {
  expect(found({ user: '0', service: { LaunchType: 'FARGATE' } })).toEqual([]);
});

test('the fix is for what is wrong', () => {
  const fixOf = (its: Given) => check([given({ Resources: proxy(its) })], [rule]).findings.map(({ fix }) => fix);
  expect(fixOf({ user: '0' })).toEqual(['NetworkMode awsvpc; or a User other than root (container.user)']);
  expect(fixOf({ user: '1000', neighbours: ['Jobs'] })).toEqual(['NetworkMode awsvpc; or instances of its own for Proxy (a capacity provider of its own)']);
});

test('groups that are not known are not named', () => {
  const Nodes = { ...NODES.Nodes, Properties: { ...NODES.Nodes.Properties, SecurityGroupIds: ['sg-1'] } };
  expect(found({ user: '0', neighbours: ['Jobs'], more: { Nodes } })).toEqual([
    "info Proxy: host-mode service Proxy runs as root beside Jobs on Nodes: it can take any free port that the instances' group opens and reach 127.0.0.1 of the instance",
  ]);
});

test.each<[string, Given]>([
  ['the user', { user: OPEN }],
  ['whether it is privileged', { user: '1000', privileged: OPEN }],
  ['the containers', { more: { ProxyTasks: tasksOf('host', { ContainerDefinitions: OPEN }) } }],
  ['where it runs', { service: { LaunchType: OPEN } }],
])('%s that is not known is undecided, alone', (_, its) => {
  expect(found(its)).toEqual([expect.stringMatching(/^undecided Proxy: parameter Open/)]);
});

test('a user that is not known makes no warning beside others', () => {
  expect(found({ user: OPEN, neighbours: ['Jobs'] })).toEqual([`info Proxy: host-mode service Proxy runs beside Jobs on Nodes${REST}`]);
});
