import { check } from '../../../src/analysis/check';
import { serviceConnectMismatch as rule } from '../../../src/analysis/rules/service-connect-mismatch';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { AWSVPC, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';

itsExamplesHold(rule);

const MAPPINGS = [{ Name: 'http', ContainerPort: 80 }, { Name: 'admin', ContainerPort: 9000 }];
const connect = (offer: object | undefined = {}, more: object = {}) => ({
  ServiceConnectConfiguration: { Enabled: true, Services: [{ PortName: 'http', ClientAliases: [{ Port: 80 }], ...offer }], ...more },
});
const CLIENT = { ServiceConnectConfiguration: { Enabled: true } };
const cluster = (Namespace?: unknown) => resourceOf('AWS::ECS::Cluster', Namespace === undefined ? {} : { ServiceConnectDefaults: { Namespace } });
const fragment = (mode: unknown, service: object = connect(), more: object = {}, mappings: unknown = MAPPINGS, tasks: object = {}) => ({
  Cluster: cluster('shop'), Tasks: tasksOf(mode, tasks, mappings), Node: serviceOf({ ...mode === 'awsvpc' ? AWSVPC : {}, ...service }), ...more,
});
const WINDOWS = { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } };

test('the finding reads as it should', () => {
  expect(said(rule, fragment('host'))).toEqual(['error Node: service Node is host mode; Service Connect works in bridge and awsvpc only']);
});

test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
  ['none', fragment('none', CLIENT, {}, []), /none mode/],
  ['a client in host mode', fragment('host', CLIENT), /host mode/],
  ['external instances', fragment('bridge', { ...connect(), LaunchType: 'EXTERNAL' }), /external instances/],
  ['Windows', fragment('awsvpc', connect(), {}, MAPPINGS, WINDOWS), /Windows/],
  ['CodeDeploy', fragment('bridge', { ...connect(), DeploymentController: { Type: 'CODE_DEPLOY' } }), /CODE_DEPLOY/],
  ['TLS in bridge mode', fragment('bridge', connect({ Tls: {} })), /TLS/],
  ['a port that is not named', fragment('bridge', connect({ PortName: 'web' })), /offers port web .* names http, admin/],
  ['a port where none is named', fragment('bridge', connect(), {}, [{ ContainerPort: 80 }]), /offers port http .* names none/],
  ['no namespace', fragment('bridge', connect(), { Cluster: cluster() }), /neither it nor its cluster names a namespace/],
  ['one alias twice', fragment('bridge', connect({ ClientAliases: [{ Port: 80, DnsName: 'a' }, { Port: 80, DnsName: 'a' }] })), /a:80 .*already/],
  ['an ingress port that another mapping has', fragment('awsvpc', connect({ IngressPortOverride: 9000 })), /listen on port 9000/],
])('%s is an error', (_, resources, message) => {
  const [one, ...more] = said(rule, resources);
  expect(one).toMatch(/^error Node/);
  expect(one).toMatch(message);
  expect(more).toEqual([]);
});

test('an alias of another service in the namespace is an error', () => {
  expect(said(rule, fragment('bridge', connect(), { Other: serviceOf(connect()) })))
    .toEqual([expect.stringMatching(/^error Other: .*http:80 .*service Node offers, too/)]);
});

test('services that name no namespace have none in common', () => {
  const none = 'uses Service Connect, and neither it nor its cluster names a namespace';
  const two = (Namespace?: unknown) => said(rule, fragment('bridge', connect(), { Cluster: cluster(Namespace), Other: serviceOf(connect()) }));
  expect(two()).toEqual([`error Node: service Node ${none}`, `error Other: service Other ${none}`]);
  const unnamed = { 'Fn::ImportValue': 'first' };
  expect(said(rule, fragment('bridge', { ...connect(), Cluster: OPEN }, { Other: serviceOf({ ...connect(), Cluster: unnamed }) })).filter((one) => one.startsWith('error'))).toEqual([]);
});

test('a discovery name of another service in the namespace is an error, under whatever names clients know the two', () => {
  const named = (DnsName: string, more: object = {}) => connect({ ClientAliases: [{ Port: 80, DnsName }], ...more });
  const both = (more: object = {}) => said(rule, fragment('bridge', named('api'), { Other: serviceOf(named('shop', more)) }));
  expect(both()).toEqual(['error Other: service Other is discovered as http by Service Connect, as service Node is']);
  expect(both({ DiscoveryName: 'http' })).toEqual(both());
  expect(both({ DiscoveryName: 'shop' })).toEqual([]);
  const twice = { ServiceConnectConfiguration: { Enabled: true, Services: [{ PortName: 'http' }, { PortName: 'admin', DiscoveryName: 'http' }] } };
  expect(said(rule, fragment('bridge', twice))).toEqual(['error Node: service Node is discovered as http by Service Connect, twice']);
});

test('a task without a memory limit is warned of', () => {
  expect(said(rule, fragment('bridge', connect(), {}, MAPPINGS, { Memory: undefined }))).toEqual([expect.stringMatching(/^warning Node: .*no memory limit/)]);
});

test('a client that waits for no server is warned of', () => {
  expect(said(rule, fragment('bridge', connect(), { Client: serviceOf(CLIENT) }))).toEqual([expect.stringMatching(/^warning Client: .*\(Node\)/)]);
  const two = { Admin: serviceOf(connect({ PortName: 'admin' })) };
  expect(said(rule, fragment('bridge', connect(), { ...two, Client: serviceOf(CLIENT) }))).toEqual([
    "warning Client: service Client is a client of Service Connect and waits for none of its namespace's services (Node, Admin): "
    + 'tasks resolve names of services that were there before them only',
  ]);
  expect(said(rule, fragment('bridge', connect(), { ...two, Client: serviceOf(CLIENT, { DependsOn: 'Admin' }) }))).toEqual([]);
});

test('a client in another template is not warned of, as stacks have an order that no template tells', () => {
  const space = { Namespace: 'arn:aws:servicediscovery:eu-west-1:111111111111:namespace/ns-1' };
  const client = { Cluster: cluster(), Tasks: tasksOf('bridge'), Client: serviceOf({ ServiceConnectConfiguration: { Enabled: true, ...space } }) };
  const server = fragment('bridge', connect({}, space));
  expect(said(rule, { ...server, Client: client.Client })).toEqual([expect.stringMatching(/^warning Client: /)]);
  expect(check([given({ Resources: server }, { name: 'server' }), given({ Resources: client }, { name: 'client' })], [rule])).toMatchObject({ findings: [], undecided: [] });
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['host mode', fragment('host'), 'NetworkMode awsvpc or bridge'],
  ['external instances', fragment('bridge', { ...connect(), LaunchType: 'EXTERNAL' }), 'instances of EC2 or Fargate'],
  ['Windows', fragment('awsvpc', connect(), {}, MAPPINGS, WINDOWS), 'Linux containers'],
  ['CodeDeploy', fragment('bridge', { ...connect(), DeploymentController: { Type: 'CODE_DEPLOY' } }), 'DeploymentController ECS'],
  ['another controller', fragment('bridge', { ...connect(), DeploymentController: { Type: 'EXTERNAL' }, LaunchType: undefined, TaskDefinition: undefined }, {
    TaskSet: resourceOf('AWS::ECS::TaskSet', { Cluster: { Ref: 'Cluster' }, Service: { Ref: 'Node' }, TaskDefinition: { Ref: 'Tasks' }, LaunchType: 'EC2' }),
  }), 'DeploymentController ECS'],
  ['no namespace', fragment('bridge', connect(), { Cluster: cluster() }), 'Namespace in ServiceConnectConfiguration, or ServiceConnectDefaults of the cluster'],
  ['no memory limit', fragment('bridge', connect(), {}, MAPPINGS, { Memory: undefined }), 'Memory in Tasks'],
  ['TLS in bridge mode', fragment('bridge', connect({ Tls: {} })), 'NetworkMode awsvpc, or no Tls'],
  ['a port that is not named', fragment('bridge', connect({ PortName: 'web' })), 'PortName of a port mapping with that Name'],
  ['an ingress port that is taken', fragment('awsvpc', connect({ IngressPortOverride: 9000 })), 'another IngressPortOverride'],
  ['an alias that is taken', fragment('bridge', connect(), { Other: serviceOf(connect()) }), 'another DnsName or Port'],
  ['a client that does not wait', fragment('bridge', connect(), { Client: serviceOf(CLIENT) }), 'DependsOn of Client on the services that it calls'],
])('the way out of %s', (_, resources, fix) => {
  expect(check([given({ Resources: resources })], [rule]).findings.map((finding) => finding.fix)).toEqual([fix]);
});

const OTHER_SPACE = { Other: serviceOf(connect({}, { Namespace: 'other' })) };
test.each<[string, Readonly<Record<string, unknown>>]>([
  ['bridge', fragment('bridge')],
  ['awsvpc with TLS', fragment('awsvpc', connect({ Tls: {} }))],
  ['an ingress port of its own', fragment('awsvpc', connect({ IngressPortOverride: 8080 }))],
  ['the ingress port of the mapping itself', fragment('awsvpc', connect({ IngressPortOverride: 80 }))],
  ['an ingress port that another mapping has, in bridge mode', fragment('bridge', connect({ IngressPortOverride: 9000 }))],
  ['a client in awsvpc', fragment('awsvpc', CLIENT)],
  ['a client in bridge', fragment('bridge', CLIENT)],
  ['a client that waits', fragment('bridge', connect(), { Client: serviceOf(CLIENT, { DependsOn: 'Node' }) })],
  ['a namespace of its own', fragment('bridge', connect({}, { Namespace: 'own' }), { Cluster: cluster() })],
  ['one alias in two namespaces', fragment('bridge', connect(), OTHER_SPACE)],
  ['a client of another namespace', fragment('bridge', CLIENT, OTHER_SPACE)],
  ['one name with two ports', fragment('bridge', connect({ ClientAliases: [{ Port: 80 }, { Port: 81 }] }))],
  ['a client that is not enabled', fragment('bridge', connect(), { Client: serviceOf({ ServiceConnectConfiguration: { Enabled: false } }) })],
  ['a mapping without a name', fragment('bridge', connect(), {}, [{ ContainerPort: 81 }, ...MAPPINGS])],
  ['an ingress port beside a range', fragment('awsvpc', connect({ IngressPortOverride: 9000 }), {}, [{ Name: 'http', ContainerPort: 80 }, { ContainerPortRange: '8000-8010' }])],
  ['aliases that are not known', fragment('bridge', connect({ ClientAliases: [{ Port: OPEN }] }), { Other: serviceOf(connect({ DiscoveryName: 'other', ClientAliases: [{ Port: OPEN }] })) })],
  ['aliases of one name with ports that are not known', fragment('bridge', connect({ ClientAliases: [{ Port: OPEN, DnsName: 'a' }] }), {
    Other: serviceOf(connect({ DiscoveryName: 'other', ClientAliases: [{ Port: { 'Fn::ImportValue': 'port' }, DnsName: 'a' }] })),
  })],
  ['a name that another has as its discovery name',
    fragment('bridge', connect(), { Other: serviceOf(connect({ DiscoveryName: 'other', ClientAliases: [{ Port: 80, DnsName: 'http' }] })) })],
  ['discovery names that are not known', fragment('bridge', connect({ DiscoveryName: OPEN }), { Other: serviceOf(connect({ DiscoveryName: OPEN, ClientAliases: [] })) })],
  ['what is not enabled', fragment('host', { ServiceConnectConfiguration: { Enabled: false } })],
  ['what has none', fragment('host', {})],
  ['a mode that is wrong where it runs, which another rule tells', fragment('host', { ...connect(), LaunchType: 'FARGATE' })],
])('nothing is said of %s', (_, resources) => {
  expect(said(rule, resources)).toEqual([]);
});

test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
  ['the default namespace of an imported cluster', fragment('bridge', { ...connect(), Cluster: OPEN }), /default namespace/],
  ['the mode', fragment(OPEN), /Open/],
  ['whether it is enabled', fragment('host', { ServiceConnectConfiguration: { Enabled: OPEN } }), /Open/],
  ['what is offered', fragment('bridge', connect(undefined, { Services: OPEN })), /Open/],
  ['the name of the port', fragment('bridge', connect({ PortName: OPEN })), /Open/],
  ['the names of mappings', fragment('bridge', connect(), {}, [{ Name: OPEN, ContainerPort: 80 }]), /Open/],
  ['mappings', fragment('bridge', connect(), {}, OPEN), /Open/],
  ['the task definition', fragment('awsvpc', { ...connect(), TaskDefinition: OPEN }), /task definition/],
])('%s cannot be told', (_, resources, why) => {
  const [one, ...more] = said(rule, resources);
  expect(one).toMatch(/^undecided Node/);
  expect(one).toMatch(why);
  expect(more).toEqual([]);
});
