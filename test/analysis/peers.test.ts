import { guardsOf } from '../../src/analysis/guards';
import { loadBalancerAsSender, serviceAsPeer } from '../../src/analysis/peers';
import { factsOf, named, namesOf, resourceOf } from './facts-of';
import { OPEN, OPEN_PARAMETER } from './rules/ecs-fragments';
import { balancer, group, groupId, NETWORK, onFargate, onNodes } from './rules/group-fragments';

type Resources = Readonly<Record<string, unknown>>;

describe('the other side of a connection', () => {
  const addressesOf = ({ addresses }: ReturnType<typeof serviceAsPeer>) => addresses === 'anywhere' ? addresses : namesOf(addresses.subnets);

  test('is a service\'s tasks where they have interfaces, else its instances', () => {
    const peer = (resources: Resources, family?: 'ipv6') => {
      const service = named(factsOf(resources).services, 'Web');
      const its = serviceAsPeer(service, guardsOf(service).guards[0], family);
      return [its.groups && namesOf(its.groups), addressesOf(its), its.family];
    };
    expect(peer({ ...onFargate(), TaskGroup: group() })).toEqual([['TaskGroup'], ['C'], 'ipv4']);
    expect(peer({ ...onFargate(), TaskGroup: group() }, 'ipv6')).toEqual([['TaskGroup'], ['C'], 'ipv6']);
    expect(peer({ ...onNodes({}, {}), NodesGroup: group() })).toEqual([['NodesGroup'], ['C'], 'ipv4']);
  });

  const GROUPS = { SecurityGroups: [groupId('BalancerGroup')] };

  test.each<[string, object, object, string]>([
    ['an Application Load Balancer', { Protocol: 'HTTP' }, GROUPS, 'BalancerGroup A,B / A,B ipv4'],
    ['one to IPv6 targets', { Protocol: 'HTTP', IpAddressType: 'ipv6', TargetType: 'ip' }, GROUPS, 'BalancerGroup A,B / A,B ipv6'],
    ['a Network Load Balancer to instances', { Protocol: 'TCP' }, { Type: 'network' }, 'none anywhere / A,B ipv4 clients'],
    ['one with groups', { Protocol: 'TCP' }, { Type: 'network', ...GROUPS }, 'BalancerGroup anywhere / A,B ipv4 clients'],
    ['one that hides clients', {
      Protocol: 'TCP', TargetGroupAttributes: [{ Key: 'preserve_client_ip.enabled', Value: 'false' }],
    }, { Type: 'network' }, 'none A,B / A,B ipv4'],
    ['one to addresses', { Protocol: 'TCP', TargetType: 'ip' }, { Type: 'network' }, 'none A,B / A,B ipv4'],
    ['one to addresses that keeps clients', {
      Protocol: 'TLS', TargetType: 'ip', TargetGroupAttributes: [{ Key: 'preserve_client_ip.enabled', Value: 'true' }],
    }, { Type: 'network' }, 'none anywhere / A,B ipv4 clients'],
    ['one to addresses over UDP', { Protocol: 'UDP', TargetType: 'ip' }, { Type: 'network' }, 'none anywhere / A,B ipv4 clients'],
    ['one to addresses over TCP and UDP', { Protocol: 'TCP_UDP', TargetType: 'ip' }, { Type: 'network' }, 'none anywhere / A,B ipv4 clients'],
    ['one whose targets are not known', { Protocol: 'TCP', TargetType: OPEN }, { Type: 'network' }, '? parameter Open has no default'],
    ['one whose targets\' family is not known', { Protocol: 'TCP', IpAddressType: OPEN }, { Type: 'network' }, '? parameter Open has no default'],
    ['a load balancer of a type that is not known', { Protocol: 'TCP' }, { Type: OPEN }, '? parameter Open has no default'],
  ])('is %s, by its requests and its health checks', (_, target, properties, expected) => {
    const resources = { ...NETWORK, ...balancer(target, properties), BalancerGroup: group() };
    const { loadBalancers, targetGroups } = factsOf(resources, OPEN_PARAMETER);
    const sender = loadBalancerAsSender(named(loadBalancers, 'Balancer'), named(targetGroups, 'Targets'));
    const text = sender.known && [
      sender.value.requests.groups ? namesOf(sender.value.requests.groups) : 'none', addressesOf(sender.value.requests), '/',
      addressesOf(sender.value.healthChecks), sender.value.requests.family, ...sender.value.keepsClients ? ['clients'] : [],
    ].join(' ');
    expect(sender.known ? text : `? ${sender.why}`).toBe(expected);
  });

  test('is a Classic Load Balancer by its own addresses', () => {
    const Classic = resourceOf('AWS::ElasticLoadBalancing::LoadBalancer', {
      Subnets: [{ Ref: 'A' }], ...GROUPS, Listeners: [{ LoadBalancerPort: '80', InstancePort: '8080', Protocol: 'HTTP' }],
    });
    const { loadBalancers } = factsOf({ ...NETWORK, Classic, BalancerGroup: group() });
    const sender = loadBalancerAsSender(named(loadBalancers, 'Classic'));
    expect(sender.known && [addressesOf(sender.value.requests), sender.value.keepsClients]).toEqual([['A'], false]);
  });
});
