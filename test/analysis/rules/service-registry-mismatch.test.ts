import { check } from '../../../src/analysis/check';
import { serviceRegistryMismatch as rule } from '../../../src/analysis/rules/service-registry-mismatch';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { AWSVPC, CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';

itsExamplesHold(rule);

const registryOf = (...types: unknown[]) => resourceOf('AWS::ServiceDiscovery::Service', {
  DnsConfig: { DnsRecords: types.map((Type) => ({ Type, TTL: 60 })) },
});
const HTTP = resourceOf('AWS::ServiceDiscovery::Service', { NamespaceId: 'ns-1' });
const NAMED = { ContainerName: 'app', ContainerPort: 80 };
const fragment = (mode: unknown, registry: object, entry: object = {}, service: object = {}, more: object = {}, mappings?: unknown) => ({
  Cluster: CLUSTER,
  Registry: registry,
  Tasks: tasksOf(mode, {}, mappings),
  Web: serviceOf({
    ...mode === 'awsvpc' ? AWSVPC : {}, ServiceRegistries: [{ RegistryArn: { 'Fn::GetAtt': ['Registry', 'Arn'] }, ...entry }], ...service,
  }),
  ...more,
});
const SUBNETS = {
  NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }] } },
};
const subnet = (properties: Readonly<Record<string, unknown>>) => ({ Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: 'vpc-1', ...properties }) });
const V4 = subnet({ CidrBlock: '10.0.0.0/24' });
const DUAL = subnet({ CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: '2001:db8::/64' });
const V6 = subnet({ Ipv6Native: true, Ipv6CidrBlock: '2001:db8::/64' });
const BOTH = { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }, { Ref: 'More' }] } } };
const MORE_V4 = { More: V4.Subnet };

test('the finding reads as it should', () => {
  expect(said(rule, fragment('bridge', registryOf('A'), NAMED)))
    .toEqual(['error Web: service Web is bridge; registry Registry has A records, bridge needs SRV with a container port']);
});

test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
  ['bridge with A and AAAA', fragment('bridge', registryOf('A', 'AAAA'), NAMED), /has A and AAAA records, bridge needs SRV/],
  ['awsvpc with A and AAAA and a port', fragment('awsvpc', registryOf('A', 'AAAA'), { Port: 80 }), /has A and AAAA records, which take no port/],
  ['external instances with an imported registry', fragment('bridge', HTTP, { RegistryArn: 'arn:aws:x' }, { LaunchType: 'EXTERNAL' }), /has registry arn:aws:x; they have no/],
  ['host with A', fragment('host', registryOf('A'), NAMED), /Web is host; .* has A records/],
  ['bridge with A and SRV', fragment('bridge', registryOf('A', 'SRV'), NAMED), /has A records/],
  ['bridge with SRV and no port', fragment('bridge', registryOf('SRV')), /does not name both/],
  ['bridge with SRV and a port alone', fragment('bridge', registryOf('SRV'), { Port: 80 }), /does not name both/],
  ['bridge with SRV and a container alone', fragment('bridge', registryOf('SRV'), { ContainerName: 'app' }), /does not name both/],
  ['bridge with a port that is not mapped', fragment('bridge', registryOf('SRV'), { ...NAMED, ContainerPort: 81 }), /port 81 of container app, which maps 80/],
  ['host with a container that is not there', fragment('host', registryOf('SRV'), { ...NAMED, ContainerName: 'web' }), /container web, and/],
  ['awsvpc with SRV and no port', fragment('awsvpc', registryOf('SRV')), /SRV records, which need a port/],
  ['awsvpc with A and SRV and no port', fragment('awsvpc', registryOf('A', 'SRV')), /SRV records, which need a port/],
  ['awsvpc with SRV and a container alone', fragment('awsvpc', registryOf('SRV'), { ContainerName: 'app' }), /SRV records, which need a port/],
  ['awsvpc with A and a port', fragment('awsvpc', registryOf('A'), { Port: 80 }), /A records, which take no port/],
  ['awsvpc with A and a container port', fragment('awsvpc', registryOf('A'), NAMED), /A records, which take no port/],
  ['awsvpc with a port that is not mapped', fragment('awsvpc', registryOf('SRV'), { ...NAMED, ContainerPort: 81 }), /port 81 of container app/],
  ['awsvpc with CNAME', fragment('awsvpc', registryOf('CNAME')), /has CNAME records/],
  ['AAAA without IPv6', fragment('awsvpc', registryOf('AAAA'), {}, SUBNETS, V4), /subnets without IPv6; registry Registry has AAAA/],
  ['A with IPv6 alone', fragment('awsvpc', registryOf('A'), {}, SUBNETS, V6), /subnets with IPv6 only; registry Registry has A/],
  ['external instances', fragment('bridge', registryOf('SRV'), NAMED, { LaunchType: 'EXTERNAL' }), /no service discovery/],
])('%s is an error', (_, resources, message) => {
  const [one, ...more] = said(rule, resources);
  expect(one).toMatch(/^error Web/);
  expect(one).toMatch(message);
  expect(more).toEqual([]);
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['external instances', fragment('bridge', registryOf('SRV'), NAMED, { LaunchType: 'EXTERNAL' }), 'no ServiceRegistries in Web'],
  ['records that awsvpc does not take', fragment('awsvpc', registryOf('CNAME')), 'A, AAAA or SRV records in Registry'],
  ['SRV without a port', fragment('awsvpc', registryOf('SRV')), 'Port, or ContainerName and ContainerPort, in the ServiceRegistries of Web'],
  ['A with a port', fragment('awsvpc', registryOf('A'), { Port: 80 }), 'RegistryArn alone in the ServiceRegistries of Web, or SRV records in Registry'],
  ['A with IPv6 alone', fragment('awsvpc', registryOf('A'), {}, SUBNETS, V6), 'AAAA records in Registry'],
  ['AAAA without IPv6', fragment('awsvpc', registryOf('AAAA'), {}, SUBNETS, V4), 'A records in Registry, or subnets with an Ipv6CidrBlock'],
  ['A in bridge mode', fragment('bridge', registryOf('A'), NAMED), 'SRV records in Registry, with a short TTL, or NetworkMode awsvpc'],
  ['bridge without a container', fragment('bridge', registryOf('SRV')), 'ContainerName and ContainerPort in the ServiceRegistries of Web'],
  ['a port that is not mapped', fragment('bridge', registryOf('SRV'), { ...NAMED, ContainerPort: 81 }), 'ContainerName and ContainerPort of a port mapping'],
])('the way out of %s', (_, resources, fix) => {
  expect(check([given({ Resources: resources })], [rule]).findings.map((finding) => finding.fix)).toEqual([fix]);
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['A in subnets of which some have IPv6 only', fragment('awsvpc', registryOf('A'), {}, BOTH, { ...V6, ...MORE_V4 })],
  ['AAAA in subnets of which some have IPv6', fragment('awsvpc', registryOf('AAAA'), {}, BOTH, { ...DUAL, ...MORE_V4 })],
  ['A in subnets that are not known', fragment('awsvpc', registryOf('A'), {}, { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: OPEN } } })],
  ['A in no subnets', fragment('awsvpc', registryOf('A'), {}, { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [] } } })],
  ['A without a network configuration, which the framework itself tells', fragment('awsvpc', registryOf('A'), {}, { NetworkConfiguration: undefined })],
  ['bridge with SRV, container and port', fragment('bridge', registryOf('SRV'), NAMED)],
  ['host with SRV, container and port', fragment('host', registryOf('SRV'), NAMED)],
  ['awsvpc with A', fragment('awsvpc', registryOf('A'))],
  ['awsvpc with A and the name of a container', fragment('awsvpc', registryOf('A'), { ContainerName: 'app' })],
  ['awsvpc with A and AAAA in dual-stack subnets', fragment('awsvpc', registryOf('A', 'AAAA'), {}, SUBNETS, DUAL)],
  ['awsvpc with AAAA in IPv6-only subnets', fragment('awsvpc', registryOf('AAAA'), {}, SUBNETS, V6)],
  ['awsvpc with A and SRV and a port', fragment('awsvpc', registryOf('A', 'SRV'), { Port: 80 })],
  ['awsvpc with SRV, container and port', fragment('awsvpc', registryOf('SRV'), NAMED)],
  ['an HTTP namespace in bridge', fragment('bridge', HTTP)],
  ['an HTTP namespace in awsvpc with a port', fragment('awsvpc', HTTP, { Port: 80 })],
  ['no registry', fragment('bridge', HTTP, {}, { ServiceRegistries: undefined })],
  ['a mode that is wrong where it runs, which another rule tells', fragment('bridge', registryOf('A'), NAMED, { LaunchType: 'FARGATE' })],
  ['none, which another rule tells', fragment('none', registryOf('A'), {}, {}, {}, [])],
])('nothing is said of %s', (_, resources) => {
  expect(said(rule, resources)).toEqual([]);
});

test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
  ['a registry that is imported', fragment('bridge', HTTP, { RegistryArn: 'arn:aws:x' }), /arn:aws:x is not of what is given/],
  ['the type of a record', fragment('bridge', registryOf(OPEN), NAMED), /Open/],
  ['the registries', fragment('bridge', HTTP, {}, { ServiceRegistries: OPEN }), /Open/],
  ['the mode', fragment(OPEN, registryOf('A')), /Open/],
  ['the container port', fragment('bridge', registryOf('SRV'), { ...NAMED, ContainerPort: OPEN }), /Open/],
  ['whether a subnet has IPv6', fragment('awsvpc', registryOf('AAAA')), /subnet-1/],
  ['the subnets, with AAAA', fragment('awsvpc', registryOf('AAAA'), {}, { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: OPEN } } }), /Open/],
])('%s cannot be told', (_, resources, why) => {
  const [one, ...more] = said(rule, resources);
  expect(one).toMatch(/^undecided Web/);
  expect(one).toMatch(why);
  expect(more).toEqual([]);
});
