import { serviceConnectMismatch as rule } from '../../../src/analysis/rules/service-connect-mismatch';
import { resourceOf } from '../facts-of';
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

test('a task without a memory limit is warned of', () => {
  expect(said(rule, fragment('bridge', connect(), {}, MAPPINGS, { Memory: undefined }))).toEqual([expect.stringMatching(/^warning Node: .*no memory limit/)]);
});

test('a client that waits for no server is warned of', () => {
  expect(said(rule, fragment('bridge', connect(), { Client: serviceOf(CLIENT) }))).toEqual([expect.stringMatching(/^warning Client: .*\(Node\)/)]);
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
