import { check } from '../../../src/analysis/check';
import { dualStackLoadBalancer as rule } from '../../../src/analysis/rules/dual-stack-load-balancer';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';
import { balancer, cidr, group, groupId, NETWORK, NODES, REGISTERED, rule as allow } from './group-fragments';

itsExamplesHold(rule);

type Resources = Record<string, unknown>;
const subnet = (properties: object) => resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, ...properties });
const V4 = subnet({ CidrBlock: '10.0.1.0/24' });
const DUAL = subnet({ CidrBlock: '10.0.1.0/24', Ipv6CidrBlock: '2001:db8:0:1::/64' });
const V6 = subnet({ Ipv6Native: true, Ipv6CidrBlock: '2001:db8:0:1::/64' });
const DUALSTACK = { IpAddressType: 'dualstack', Scheme: 'internal', SecurityGroups: [groupId('BalancerGroup')] };

/** A load balancer in A and B, which are dual stack, before a target group. */
function front(properties: object = DUALSTACK, target: object = {}, listener: object = {}, more: Resources = {}): Resources {
  return {
    ...NETWORK, A: DUAL, B: DUAL, ...balancer({ TargetType: 'ip', ...target }, properties, listener), BalancerGroup: group([allow(cidr('10.0.0.0/8'), 80)]), ...more,
  };
}

/** A service on Fargate behind it, in C. */
const behind = (C: object, more: Resources = {}): Resources => ({
  C,
  Cluster: CLUSTER,
  Tasks: tasksOf('awsvpc'),
  Api: serviceOf({ LaunchType: 'FARGATE', ...REGISTERED, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }] } } }),
  ...more,
});
/** The same in subnets that are to be given. */
const inSubnets = (...Subnets: unknown[]): Resources => behind(V4, { D: DUAL, Unknown: subnet({ CidrBlock: '10.0.3.0/24', Ipv6Native: OPEN }), Api: serviceOf({
  LaunchType: 'FARGATE', ...REGISTERED, NetworkConfiguration: { AwsvpcConfiguration: { Subnets } },
}) });
const [C, D, UNKNOWN] = ['C', 'D', 'Unknown'].map((id) => ({ Ref: id }));
const IPV6 = { IpAddressType: 'ipv6' };
const found = (resources: Resources) => said(rule, resources).map((one) => one.replace(/ \[.*\]$/, ''));

test('a load balancer that is not of what is given may be ipv4, of an ipv6 target group', () => {
  const of = (target: object) => found({ ...front(DUALSTACK, target, { LoadBalancerArn: { 'Fn::ImportValue': 'alb' } }), ...behind(DUAL) });
  expect(of(IPV6)).toEqual([expect.stringMatching(/^undecided Targets: export alb is of none of the given templates/)]);
  expect(of({})).toEqual([]);
});

test('the finding reads as it should', () => {
  expect(check([given({ Resources: rule.bad })], [rule]).findings).toEqual([expect.objectContaining({
    severity: 'error',
    resource: 'Api',
    message: 'target group Api is ipv6 but load balancer Web is ipv4',
    fix: 'IpAddressType dualstack in Web, in subnets with IPv6; or ipv4 in Api, which replaces it',
  })]);
});

describe('a target group', () => {
  test.each<[string, Resources, string[]]>([
    ['of IPv6 behind a load balancer that says nothing', front({ Scheme: 'internal', SecurityGroups: [groupId('BalancerGroup')] }, IPV6), [
      'error Targets: target group Targets is ipv6 but load balancer Balancer is ipv4']],
    ['of IPv6 behind a dualstack one', front(DUALSTACK, IPV6), []],
    ['of IPv6 behind one without public IPv4', front({ ...DUALSTACK, IpAddressType: 'dualstack-without-public-ipv4' }, IPV6), []],
    ['of IPv4 behind a dualstack one', front(), []],
    ['of IPv6 for a service without IPv6', front(DUALSTACK, IPV6, {}, behind(V4)), ['error Targets: target group Targets is ipv6, and service Api runs in subnets without IPv6']],
    ['of IPv6 for a service with IPv6', front(DUALSTACK, IPV6, {}, behind(DUAL)), []],
    ['of IPv6 for a service with IPv6 only', front(DUALSTACK, IPV6, {}, behind(V6)), []],
    ['of IPv4 for a service with IPv6 only', front(DUALSTACK, {}, {}, behind(V6)), ['error Targets: target group Targets is ipv4, and service Api runs in subnets with IPv6 only']],
    ['of IPv6 for a service with IPv6 in one of its subnets', front(DUALSTACK, IPV6, {}, inSubnets(C, D)), []],
    ['of IPv6 for a service with IPv6 in one of its subnets, and may be in another', front(DUALSTACK, IPV6, {}, inSubnets(UNKNOWN, D)), []],
    ['of IPv6 for a service that may have IPv6 in one of its subnets', front(DUALSTACK, IPV6, {}, inSubnets(C, UNKNOWN)), [
      expect.stringMatching(/^undecided Targets: parameter Open/)]],
    ['of IPv6 for a service in a subnet of elsewhere', front(DUALSTACK, IPV6, {}, inSubnets('subnet-1')), ['undecided Targets: subnet-1 is not of what is given']],
    ['of IPv4 for a service that may have IPv6 only', front(DUALSTACK, {}, {}, inSubnets(UNKNOWN)), []],
    ['of IPv4 for a service in subnets that are not known', front(DUALSTACK, {}, {}, behind(V4, {
      Api: serviceOf({ LaunchType: 'FARGATE', ...REGISTERED, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: OPEN } } }),
    })), []],
    ['of IPv6 for a service without subnets, which others tell', front(DUALSTACK, IPV6, {}, inSubnets()), []],
    ['of IPv6 and of addresses for a service in bridge mode, which another rule tells', front(DUALSTACK, IPV6, {}, behind(V4, { Tasks: tasksOf('bridge'), Api: serviceOf(REGISTERED) })), []],
    ['of IPv6 without a load balancer', { ...NETWORK, Targets: front(DUALSTACK, IPV6).Targets }, []],
  ])('%s', (_, resources, expected) => {
    expect(found(resources)).toEqual(expected);
  });

  const onInstances = (primary: object): Resources => front(DUALSTACK, { ...IPV6, TargetType: 'instance' }, {}, {
    Cluster: CLUSTER,
    NodesGroup: group(),
    Nodes: resourceOf('AWS::EC2::Instance', { ...NODES.Nodes.Properties, SubnetId: undefined, SecurityGroupIds: undefined, NetworkInterfaces: [
      { DeviceIndex: '0', SubnetId: { Ref: 'A' }, GroupSet: [groupId('NodesGroup')], ...primary },
    ] }),
    Tasks: tasksOf('bridge'),
    Api: serviceOf(REGISTERED),
  });

  const withInterface = (NetworkInterfaceId: unknown) => resourceOf('AWS::EC2::Instance', {
    ...NODES.Nodes.Properties, SubnetId: undefined, SecurityGroupIds: undefined, NetworkInterfaces: [{ DeviceIndex: '0', NetworkInterfaceId }],
  });
  const eni = (properties: object) => (
    resourceOf('AWS::EC2::NetworkInterface', { SubnetId: { Ref: 'A' }, GroupSet: [groupId('NodesGroup')], Ipv6AddressCount: 1, ...properties }));

  test('of IPv6 for a service whose tasks get no IPv6 addresses, as the account has it turned off', () => {
    const of = (C: object, dualStackIPv6: 'enabled' | 'disabled', target: object = IPV6) => {
      const inputs = [given({ Resources: front(DUALSTACK, target, {}, behind(C)) })];
      const { findings, undecided } = check(inputs, [rule], { accountSettings: { dualStackIPv6 } });
      return [...findings.map(({ severity, message, assumes }) => `${severity}: ${message} [${assumes.join('; ')}]`), ...undecided.map(({ why }) => `undecided: ${why}`)];
    };
    expect(of(DUAL, 'disabled')).toEqual([
      expect.stringMatching(/^error: target group Targets is ipv6, and tasks of service Api get no IPv6 addresses \[.*the account has dualStackIPv6 disabled, as is stated\]$/)]);
    expect(of(V6, 'disabled')).toEqual(['undecided: whether tasks get IPv6 addresses in subnets with IPv6 only while dualStackIPv6 is disabled is not documented']);
    expect(of(V4, 'disabled')).toEqual([expect.stringMatching(/^error: .* runs in subnets without IPv6/)]);
    expect(of(DUAL, 'enabled')).toEqual([]);
    expect(of(DUAL, 'disabled', {})).toEqual([]);
    const either = check([given({ Resources: front(DUALSTACK, IPV6, {}, inSubnets(C, D)) })], [rule], { accountSettings: { dualStackIPv6: 'disabled' } });
    expect(either.findings).toEqual([expect.objectContaining({
      message: 'target group Targets is ipv6, and tasks of service Api get no IPv6 addresses',
      fix: 'the account setting dualStackIPv6 enabled, or IpAddressType ipv4 in Targets',
    })]);
  });

  test('of IPv6 for instances that are not known, or not all, is undecided', () => {
    expect(found({ ...onInstances({}), Nodes: resourceOf('AWS::EC2::InternetGateway') })).toEqual(['undecided Targets: no instances of cluster Cluster are in what is given']);
    expect(found({ ...onInstances({}), Api: serviceOf({ ...REGISTERED, LaunchType: OPEN }) })).toEqual([expect.stringMatching(/^undecided Targets: parameter Open/)]);
    expect(found({ ...onInstances({ PrimaryIpv6: true, Ipv6AddressCount: 1 }) })).toEqual([]);
    expect(found({ ...onInstances({ PrimaryIpv6: OPEN, Ipv6AddressCount: 1 }) })).toEqual([expect.stringMatching(/^undecided Targets: parameter Open/)]);
    expect(found({ ...onInstances({ PrimaryIpv6: true, Ipv6AddressCount: 1 }), Cluster: { ...CLUSTER, Properties: { CapacityProviders: ['Elsewhere'] } } }))
      .toEqual([expect.stringMatching(/^undecided Targets: /)]);
    expect(found({ ...onInstances({}), Cluster: { ...CLUSTER, Properties: { CapacityProviders: ['Elsewhere'] } } })).toEqual([expect.stringMatching(/^error Targets: /)]);
  });

  test('of IPv6 for instances wants a primary IPv6 address', () => {
    expect(found(onInstances({}))).toEqual(['error Targets: target group Targets is ipv6, and instances of Nodes, where service Api runs, have no primary IPv6 address']);
  });

  test.each<[string, object, string[]]>([
    ['has one', { Eni: eni({ EnablePrimaryIpv6: true }) }, []],
    ['has none', { Eni: eni({}) }, ['error Targets: target group Targets is ipv6, and instances of Nodes, where service Api runs, have no primary IPv6 address']],
    ['may have one', { Eni: eni({ EnablePrimaryIpv6: OPEN }) }, ['undecided Targets: parameter Open has no default']],
    ['is not of what is given', { Nodes: withInterface('eni-1') }, ['undecided Targets: eni-1 is not of what is given']],
  ])('of IPv6 for an instance whose interface %s', (_, more, expected) => {
    expect(found({ ...onInstances({}), Nodes: withInterface({ Ref: 'Eni' }), ...more })).toEqual(expected);
  });

  test('has fixes of its kind', () => {
    const fixOf = (Resources: Resources) => check([given({ Resources })], [rule]).findings.map(({ fix }) => fix);
    expect(fixOf(onInstances({}))).toEqual(['PrimaryIpv6 true in the network interface of the launch template, or IpAddressType ipv4 in Targets']);
    expect(fixOf(front(DUALSTACK, IPV6, {}, behind(V4)))).toEqual(['subnets with an Ipv6CidrBlock, or IpAddressType ipv4 in Targets']);
    expect(fixOf(front(DUALSTACK, {}, {}, behind(V6)))).toEqual(['IpAddressType ipv6 in Targets, and a dualstack load balancer']);
  });
});

describe('a dualstack load balancer', () => {
  const PUBLIC = { ...DUALSTACK, Scheme: 'internet-facing' };
  const world = (...more: object[]) => ({ BalancerGroup: group([allow(cidr('0.0.0.0/0'), 80), ...more]) });
  const NLB = { ...DUALSTACK, Type: 'network' };

  test.each<[string, Resources, string[]]>([
    ['with a subnet without IPv6', front(DUALSTACK, {}, {}, { A: V4 }), ['error Balancer: load balancer Balancer is dualstack, and subnet A has no IPv6']],
    ['with two subnets without IPv6', front(DUALSTACK, {}, {}, { A: V4, B: V4 }), ['error Balancer: load balancer Balancer is dualstack, and subnet A has no IPv6, nor have 1 more']],
    ['with a subnet without IPv6, without public IPv4', front({ ...DUALSTACK, IpAddressType: 'dualstack-without-public-ipv4' }, {}, {}, { A: V4 }), [
      'error Balancer: load balancer Balancer is dualstack-without-public-ipv4, and subnet A has no IPv6']],
    ['with a subnet without IPv6 beside one that is not known', front({ ...DUALSTACK, Subnets: [OPEN, { Ref: 'A' }] }, {}, {}, { A: V4 }), [
      'error Balancer: load balancer Balancer is dualstack, and subnet A has no IPv6']],
    ['that is public and has no groups', front({ IpAddressType: 'dualstack', Scheme: 'internet-facing', Type: 'network' }, { Protocol: 'TCP' }, { Protocol: 'TCP' }), []],
    ['whose port is not known', front(PUBLIC, {}, { Port: OPEN }, world()), []],
    ['whose protocol is not known', front(PUBLIC, {}, { Protocol: OPEN }, world()), []],
    ['with UDP for targets of IPv4 beside others', front(NLB, { Protocol: 'UDP' }, { Protocol: 'UDP', DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups: [
      { TargetGroupArn: { Ref: 'Six' } }, { TargetGroupArn: 'arn:elsewhere' }, { TargetGroupArn: { Ref: 'Targets' } },
    ] } }] }, { Six: front(NLB, { Protocol: 'UDP', ...IPV6 }).Targets }), [expect.stringMatching(/^warning Balancer: .* listens on UDP for targets with IPv4/)]],
    ['with UDP for targets that are not known', front(NLB, {}, { Protocol: 'UDP', DefaultActions: [{ Type: 'forward', TargetGroupArn: 'arn:elsewhere' }] }), []],
    ['whose group admits IPv4 only', front(PUBLIC, {}, {}, world()), [
      'warning Balancer: load balancer Balancer is dualstack, and its group admits 0.0.0.0/0 but not ::/0 on tcp 80: clients that take its IPv6 address wait for nothing']],
    ['whose group admits IPv4 only, in subnets that are not known', front({ ...PUBLIC, Subnets: OPEN }, {}, {}, world()), [expect.stringMatching(/^warning Balancer.*not ::/)]],
    ['whose group admits two halves of IPv4 only', front(PUBLIC, {}, {}, { BalancerGroup: group([allow(cidr('0.0.0.0/1'), 80), allow(cidr('128.0.0.0/1'), 80)]) }), [
      expect.stringMatching(/^warning Balancer.*not ::/)]],
    ['whose group admits both, IPv6 written in full', front(PUBLIC, {}, {}, world(allow({ CidrIpv6: '0:0:0:0:0:0:0:0/0' }, 80))), []],
    ['whose group admits both, IPv6 in two halves', front(PUBLIC, {}, {}, world(allow({ CidrIpv6: '::/1' }, 80), allow({ CidrIpv6: '8000::/1' }, 80))), []],
    ['whose group admits both', front(PUBLIC, {}, {}, world(allow({ CidrIpv6: '::/0' }, 80))), []],
    ['whose group admits IPv6 elsewhere', front(PUBLIC, {}, {}, world(allow({ CidrIpv6: '::/0' }, 443))), [expect.stringMatching(/^warning Balancer/)]],
    ['that listens by TCP and UDP, whose group admits IPv6 by TCP only', front({ ...PUBLIC, Type: 'network' }, { Protocol: 'TCP_UDP', ...IPV6 }, { Protocol: 'TCP_UDP' }, {
      BalancerGroup: group([...['tcp', 'udp'].map((protocol) => allow(cidr('0.0.0.0/0'), 80, protocol)), allow({ CidrIpv6: '::/0' }, 80)]),
    }), [expect.stringMatching(/^warning Balancer.*not ::\/0 on udp 80/)]],
    ['that listens by TCP and UDP, whose group admits IPv6 by UDP only', front({ ...PUBLIC, Type: 'network' }, { Protocol: 'TCP_UDP', ...IPV6 }, { Protocol: 'TCP_UDP' }, {
      BalancerGroup: group([...['tcp', 'udp'].map((protocol) => allow(cidr('0.0.0.0/0'), 80, protocol)), allow({ CidrIpv6: '::/0' }, 80, 'udp')]),
    }), [expect.stringMatching(/^warning Balancer.*not ::\/0 on tcp 80/)]],
    ['that listens by QUIC, whose group admits IPv4 only', front({ ...PUBLIC, Type: 'network' }, { Protocol: 'QUIC', ...IPV6 }, { Protocol: 'QUIC' }, {
      BalancerGroup: group([allow(cidr('0.0.0.0/0'), 80, 'udp')]),
    }), [expect.stringMatching(/^warning Balancer.*not ::\/0 on udp 80/)]],
    ['that listens by TCP and QUIC, whose group admits both', front({ ...PUBLIC, Type: 'network' }, { Protocol: 'TCP_QUIC', ...IPV6 }, { Protocol: 'TCP_QUIC' }, {
      BalancerGroup: group([{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }, { IpProtocol: '-1', CidrIpv6: '::/0' }]),
    }), []],
    ['that is internal and admits IPv4 only', front(DUALSTACK, {}, {}, world()), []],
    ['that is public and admits a block only', front(PUBLIC), []],
    ['that is ipv4 and admits IPv4 only', front({ ...PUBLIC, IpAddressType: 'ipv4' }, {}, {}, world()), []],
    ['with UDP for targets of IPv4', front(NLB, { Protocol: 'UDP' }, { Protocol: 'UDP' }), [
      'warning Balancer: load balancer Balancer is dualstack and listens on UDP for targets with IPv4: it cannot pass on clients with IPv6 addresses there']],
    ['with TCP and UDP for targets of IPv4', front(NLB, { Protocol: 'TCP_UDP' }, { Protocol: 'TCP_UDP' }), [expect.stringMatching(/^warning Balancer/)]],
    ['with UDP for targets of IPv4, in subnets that are not known', front({ ...NLB, Subnets: OPEN }, { Protocol: 'UDP' }, { Protocol: 'UDP' }), [expect.stringMatching(/UDP/)]],
    ['with UDP for targets of IPv6', front(NLB, { Protocol: 'UDP', ...IPV6 }, { Protocol: 'UDP' }), []],
    ['with TCP for targets of IPv4', front(NLB, { Protocol: 'TCP' }, { Protocol: 'TCP' }), []],
  ])('%s', (_, resources, expected) => {
    expect(found(resources)).toEqual(expected);
  });

  test('has a fix for each of these', () => {
    const fixOf = (Resources: Resources) => check([given({ Resources })], [rule]).findings.map(({ fix }) => fix);
    expect(fixOf(front(DUALSTACK, {}, {}, { A: V4 }))).toEqual(['an Ipv6CidrBlock in every subnet of the load balancer (DualStack.enable), or IpAddressType ipv4']);
    expect(fixOf(front(PUBLIC, {}, {}, world()))).toEqual(['an inbound rule from ::/0 on tcp 80']);
    expect(fixOf(front(NLB, { Protocol: 'UDP' }, { Protocol: 'UDP' }))).toEqual(['a target group with IpAddressType ipv6 for the UDP listener, or IpAddressType ipv4 of the load balancer']);
  });
});

describe('a service with IPv6', () => {
  const PLAIN = { Scheme: 'internal', SecurityGroups: [groupId('BalancerGroup')] };

  test('behind a load balancer of IPv4 is an information', () => {
    expect(found(front(PLAIN, {}, {}, behind(DUAL)))).toEqual(['info Api: service Api has IPv6 addresses, and load balancer Balancer is ipv4: clients come over IPv4 only']);
    expect(found(front(PLAIN, {}, {}, inSubnets(C, D)))).toEqual([expect.stringMatching(/^info Api: /)]);
    expect(check([given({ Resources: front(PLAIN, {}, {}, behind(DUAL)) })], [rule]).findings).toEqual([expect.objectContaining({
      fix: 'IpAddressType dualstack in Balancer, if IPv6 clients are to come',
    })]);
    expect(found(front(PLAIN, {}, {}, behind(V4)))).toEqual([]);
    expect(found(front(DUALSTACK, {}, {}, behind(DUAL)))).toEqual([]);
  });

  test('is none to speak of where its mode is another, or its mode, its network or its load balancers are not known', () => {
    const of = (service: object, more: Resources = {}) => found(front(PLAIN, {}, {}, behind(DUAL, { Api: serviceOf({ LaunchType: 'FARGATE', ...service }), ...more })));
    const NetworkConfiguration = { AwsvpcConfiguration: { Subnets: [C] } };
    const [entry] = REGISTERED.LoadBalancers;
    expect(of({ ...REGISTERED, NetworkConfiguration })).toEqual([expect.stringMatching(/^info Api: /)]);
    expect(of({ ...REGISTERED, NetworkConfiguration }, { Tasks: tasksOf(OPEN) })).toEqual([]);
    expect(of({ ...REGISTERED, NetworkConfiguration }, { Tasks: tasksOf('bridge') })).toEqual([]);
    expect(of(REGISTERED)).toEqual([]);
    expect(of({ LoadBalancers: [{ ...entry, TargetGroupArn: OPEN }], NetworkConfiguration })).toEqual([]);
    expect(of({ LoadBalancers: [{ ...entry, TargetGroupArn: undefined, LoadBalancerName: 'classic' }], NetworkConfiguration })).toEqual([]);
  });

  test('has no clients at all behind such a load balancer by a target group of IPv6, which is said once', () => {
    expect(found(front(PLAIN, IPV6, {}, behind(DUAL)))).toEqual(['error Targets: target group Targets is ipv6 but load balancer Balancer is ipv4']);
  });

  test('has none where the account has it turned off', () => {
    const inputs = [given({ Resources: front(PLAIN, {}, {}, behind(DUAL)) })];
    expect(check(inputs, [rule], { accountSettings: { dualStackIPv6: 'disabled' } }).findings).toEqual([]);
  });

  test('but not on Windows, where tasks have none', () => {
    const Tasks = tasksOf('awsvpc', { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } });
    expect(found(front(PLAIN, {}, {}, behind(DUAL, { Tasks })))).toEqual([]);
  });
});

test.each<[string, Resources, string]>([
  ['the type of a target group', front(DUALSTACK, { IpAddressType: OPEN }), 'Targets'],
  ['what a target group registers', front(DUALSTACK, { TargetType: OPEN }, {}, behind(DUAL)), 'Targets'],
  ['the subnets of the tasks', front(DUALSTACK, IPV6, {}, behind(V4, {
    Api: serviceOf({ LaunchType: 'FARGATE', ...REGISTERED, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: OPEN } } }),
  })), 'Targets'],
  ['the subnets of a load balancer', front({ ...DUALSTACK, Subnets: OPEN }), 'Balancer'],
  ['a subnet of a load balancer', front({ ...DUALSTACK, Subnets: [OPEN] }), 'Balancer'],
])('%s that is not known is undecided', (_, resources, subject) => {
  expect(found(resources)).toEqual([expect.stringMatching(new RegExp(`^undecided ${subject}: parameter Open`))]);
});

test("what a finding rests on is said: parameters' defaults, and that nothing else adds rules", () => {
  const rests = (Resources: Resources, Default: string) => (
    check([given({ Parameters: { Its: { Type: 'String', Default } }, Resources })], [rule]).findings.map(({ assumes }) => assumes));
  const PARAMETER = expect.stringContaining('parameter Its');
  const PUBLIC = { ...DUALSTACK, Scheme: 'internet-facing' };
  expect(rests(front(DUALSTACK, { IpAddressType: { Ref: 'Its' } }, {}, behind(V4)), 'ipv6')).toEqual([[PARAMETER]]);
  expect(rests(front({ ...DUALSTACK, IpAddressType: { Ref: 'Its' } }, {}, {}, { A: V4 }), 'dualstack')).toEqual([[PARAMETER]]);
  expect(rests(front(PUBLIC, {}, { Port: { Ref: 'Its' } }, { BalancerGroup: group([allow(cidr('0.0.0.0/0'), 80)]) }), '80'))
    .toEqual([[PARAMETER, 'nothing else adds rules to group BalancerGroup']]);
  expect(rests(front(PUBLIC, {}, {}, { BalancerGroup: group([allow(cidr({ Ref: 'Its' }), 80)]) }), '0.0.0.0/0'))
    .toEqual([[PARAMETER, 'nothing else adds rules to group BalancerGroup']]);
  expect(rests(front({ ...DUALSTACK, Type: 'network' }, { Protocol: 'UDP', IpAddressType: { Ref: 'Its' } }, { Protocol: 'UDP' }), 'ipv4')).toEqual([[PARAMETER]]);
  expect(rests(front({ ...DUALSTACK, Type: 'network' }, { Protocol: 'UDP' }, { Protocol: { Ref: 'Its' } }), 'UDP'))
    .toEqual([expect.arrayContaining([PARAMETER])]);
});

test('a load balancer whose type is not known is undecided, and so is its target group of IPv6', () => {
  expect(found(front({ ...DUALSTACK, IpAddressType: OPEN }, IPV6))).toEqual([expect.stringMatching(/^undecided Targets/), expect.stringMatching(/^undecided Balancer/)]);
});
