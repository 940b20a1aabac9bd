import { check } from '../../../src/analysis/check';
import { dualStackEgress as rule } from '../../../src/analysis/rules/dual-stack-egress';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';
import { cidr, group, groupId, rule as allow } from './group-fragments';
import { around, DUAL, EGRESS_ONLY, INTERNET_IPV6, IPV6_ONLY, NAT, onFargate, onNodes } from './ipv6-fragments';

itsExamplesHold(rule);

type Resources = Record<string, unknown>;
const OUT4 = { IpProtocol: '-1', CidrIp: '0.0.0.0/0' };
const OUT6 = { IpProtocol: '-1', CidrIpv6: '::/0' };
const BOTH_OUT = [OUT4, OUT6];
const found = (resources: Resources) => said(rule, resources).map((one) => one.replace(/ \[.*\]$/, ''));
const NO_ROUTE = 'warning Api: service Api has IPv6 addresses in subnet A, which has a default route for IPv4 and none for IPv6: connections to names with AAAA records stall';
const NO_RULE = 'warning Api: service Api has IPv6 addresses in subnet A, but its group lets out IPv4 only; connections to names with AAAA records stall';
const WORLD4 = cidr('0.0.0.0/0');
const WORLD6 = { CidrIpv6: '::/0' };
const HTTPS4 = allow(WORLD4, 443);
const HTTPS6 = allow(WORLD6, 443);
const OUT4_TCP = allow(WORLD4, [0, 65535]);
const out = (egress: readonly object[]): Resources => ({ ...around(DUAL, [NAT, EGRESS_ONLY], [], egress), ...onFargate() });
const over = (what: string) => NO_RULE.replace('IPv4 only', `${what} over IPv4 only`);

test('the finding reads as it should', () => {
  expect(check([given({ Resources: rule.bad })], [rule]).findings).toEqual([expect.objectContaining({
    severity: 'warning',
    resource: 'Api',
    message: 'service Api has IPv6 addresses in subnet Subnet, but its group lets out IPv4 only; connections to names with AAAA records stall',
    fix: 'an outbound rule to ::/0 as there is to 0.0.0.0/0 (allowAllIpv6Outbound)',
  })]);
});

/** A prefix list `List`, and a rule that lets everything out to it. */
const list = (...entries: readonly string[]) => ({
  List: resourceOf('AWS::EC2::PrefixList', { AddressFamily: entries[0].includes(':') ? 'IPv6' : 'IPv4', MaxEntries: 2, Entries: entries.map((Cidr) => ({ Cidr })) }),
});
const TO_LIST = { IpProtocol: '-1', DestinationPrefixListId: { Ref: 'List' } };
/** The service with its own interfaces, launched in another way. */
const launched = (LaunchType: unknown, network: object = {}): Resources => ({ ...onFargate(), Api: serviceOf({
  LaunchType, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'A' }], SecurityGroups: [groupId('Group')], ...network } },
}) });

const NOTHING_PULLED = 'error Api: service Api has IPv6 addresses in subnet A, which has IPv6 only and no route for ::/0: nothing can be pulled';
const NAT64 = { DestinationIpv6CidrBlock: '64:ff9b::/96', TransitGatewayId: 'tgw-1' };
const imageOf = (Image: unknown) => ({ ContainerDefinitions: [{ Name: 'app', Image }] });
const FROM_ECR = imageOf('111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1');
const OTHER = resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.1.0/24' });
/** Endpoints of what images in ECR take, which let in the VPC. */
const ENDPOINTS: Resources = {
  EndpointGroup: group([allow(cidr('10.0.0.0/16'), 443)]),
  ...Object.fromEntries(['ecr.api', 'ecr.dkr', 's3'].map((service, index) => [`Endpoint${index}`, resourceOf('AWS::EC2::VPCEndpoint', {
    VpcId: { Ref: 'Vpc' }, ServiceName: `com.amazonaws.eu-west-1.${service}`, VpcEndpointType: 'Interface', PrivateDnsEnabled: true, SecurityGroupIds: [groupId('EndpointGroup')],
  })])),
};

describe('tasks with interfaces of their own', () => {
  test.each<[string, Resources, string[]]>([
    ['without a route for IPv6', { ...around(DUAL, [NAT]), ...onFargate() }, [NO_ROUTE]],
    ['with a narrower route for IPv6', { ...around(DUAL, [NAT, { ...EGRESS_ONLY, DestinationIpv6CidrBlock: '2000::/3' }]), ...onFargate() }, [NO_ROUTE]],
    ['with a route for IPv6', { ...around(DUAL, [NAT, EGRESS_ONLY]), ...onFargate() }, []],
    ['with routes for both halves of IPv6', { ...around(DUAL, [NAT, ...['::/1', '8000::/1'].map((half) => ({ ...EGRESS_ONLY, DestinationIpv6CidrBlock: half }))]), ...onFargate() }, []],
    ['with routes for both halves of IPv4 and none for IPv6', { ...around(DUAL, ['0.0.0.0/1', '128.0.0.0/1'].map((half) => ({ ...NAT, DestinationCidrBlock: half }))), ...onFargate() }, [NO_ROUTE]],
    ['with a route for all of IPv6 that a prefix list has', { ...around(DUAL, [NAT, { DestinationPrefixListId: { Ref: 'List' }, TransitGatewayId: 'tgw-1' }]), ...onFargate(), ...list('::/0') }, []],
    ['with a route to an internet gateway', { ...around(DUAL, [NAT, INTERNET_IPV6]), ...onFargate() }, []],
    ['with a route for IPv6 of a table that is not known', { ...around(DUAL, [NAT]), ...onFargate(), Added: resourceOf('AWS::EC2::Route', { ...EGRESS_ONLY, RouteTableId: OPEN }) },
      ['undecided Api: which route table Added is for is not known: parameter Open has no default']],
    ['with a route for IPv4 of a table that is not known', { ...around(DUAL, []), ...onFargate(), Added: resourceOf('AWS::EC2::Route', { ...NAT, RouteTableId: OPEN }) }, []],
    ['in an isolated subnet', { ...around(DUAL, []), ...onFargate() }, []],
    ['with a route for IPv6 alone', { ...around(DUAL, [EGRESS_ONLY]), ...onFargate() }, []],
    ['whose group lets out IPv4', { ...around(DUAL, [NAT, EGRESS_ONLY], [], [OUT4]), ...onFargate() }, [NO_RULE]],
    ['whose group lets out one port of IPv4 to all', out([HTTPS4]), [over('tcp 443')]],
    ['whose group lets out one port of both', out([HTTPS4, HTTPS6]), []],
    ['whose group lets out one port of IPv4 and more of IPv6', out([HTTPS4, OUT6]), []],
    ['whose group lets out one port of IPv6 and more of IPv4', out([OUT4_TCP, HTTPS6]), []],
    ['whose group lets out one port of each, and not the same', out([HTTPS4, allow(WORLD6, 80)]), [over('tcp 443')]],
    ['whose group lets out one port of each, and not by the same protocol', out([HTTPS4, allow(WORLD6, 443, 'udp')]), [over('tcp 443')]],
    ['whose group lets out two ports of IPv4 and one of IPv6', out([HTTPS4, allow(WORLD4, 5432), HTTPS6]), [over('tcp 5432')]],
    ['whose group lets out everything of IPv4 and one protocol of IPv6', out([OUT4, allow(WORLD6, [0, 65535], 'udp')]), [over('tcp 0-65535')]],
    ['whose group lets out ICMP of IPv4 alone', out([{ IpProtocol: 'icmp', FromPort: 8, ToPort: -1, ...WORLD4 }]), []],
    ['whose group lets out everything of IPv4 and ICMP of IPv6', out([OUT4, { IpProtocol: 'icmpv6', FromPort: -1, ToPort: -1, ...WORLD6 }]), [NO_RULE]],
    ['whose group lets out both, one in halves', out([OUT4, { IpProtocol: '-1', CidrIpv6: '::/1' }, { IpProtocol: '-1', CidrIpv6: '8000::/1' }]), []],
    ['whose group lets out IPv4 in halves', out([{ IpProtocol: '-1', CidrIp: '0.0.0.0/1' }, { IpProtocol: '-1', CidrIp: '128.0.0.0/1' }]), [NO_RULE]],
    ['whose group lets out half of IPv6', out([OUT4, { IpProtocol: '-1', CidrIpv6: '::/1' }]), [NO_RULE]],
    ['whose group lets out both', { ...around(DUAL, [NAT, EGRESS_ONLY], [], BOTH_OUT), ...onFargate() }, []],
    ['whose group lets out to a part of IPv4', { ...around(DUAL, [NAT, EGRESS_ONLY], [], [{ IpProtocol: '-1', CidrIp: '10.0.0.0/8' }]), ...onFargate() }, []],
    ['whose group lets out a prefix list of everything', {
      ...around(DUAL, [NAT, EGRESS_ONLY], [], [OUT4, { IpProtocol: '-1', DestinationPrefixListId: { Ref: 'List' } }]), ...onFargate(),
      List: resourceOf('AWS::EC2::PrefixList', { AddressFamily: 'IPv6', MaxEntries: 1, Entries: [{ Cidr: '::/0' }] }),
    }, []],
    ['whose group lets out a prefix list of a part', {
      ...around(DUAL, [NAT, EGRESS_ONLY], [], [OUT4, { IpProtocol: '-1', DestinationPrefixListId: { Ref: 'List' } }]), ...onFargate(),
      List: resourceOf('AWS::EC2::PrefixList', { AddressFamily: 'IPv6', MaxEntries: 1, Entries: [{ Cidr: '2001:db8::/32' }] }),
    }, [NO_RULE]],
    ['whose group lets out a prefix list of all IPv4', { ...out([TO_LIST]), ...list('0.0.0.0/0') }, [NO_RULE]],
    ['whose group lets out a prefix list of IPv4 and no IPv6', { ...out([OUT4, TO_LIST]), ...list('0.0.0.0/0') }, [NO_RULE]],
    ['whose group lets out a prefix list of everything and of a part', { ...out([OUT4, TO_LIST]), ...list('::/0', '2001:db8::/32') }, []],
    ['whose group lets out a port of each protocol of IPv4', out([HTTPS4, allow(WORLD4, 53, 'udp')]), [over('tcp 443')]],
    ['on instances, without a route for IPv6', { ...around(DUAL, [NAT]), ...launched('EC2') }, [NO_ROUTE]],
    ['on instances, with IPv6 only and no route', { ...around(IPV6_ONLY, []), ...launched('EC2') }, []],
    ['on instances, with IPv6 only and a route that is not known', { ...around(IPV6_ONLY, [{ ...EGRESS_ONLY, DestinationIpv6CidrBlock: OPEN }]), ...launched('EC2') }, []],
    ['on what is not known, with IPv6 only and no route', { ...around(IPV6_ONLY, []), ...launched(OPEN) }, []],
    ['in a subnet of elsewhere and one without a route for IPv6', { ...around(DUAL, [NAT]), ...onFargate({ Subnets: ['subnet-1', { Ref: 'A' }] }) }, [NO_ROUTE]],
    ['with a route that is not known in a subnet that is isolated', { ...around(DUAL, [{ ...EGRESS_ONLY, DestinationIpv6CidrBlock: OPEN }]), ...onFargate() }, []],
    ['with a route for IPv6 beside one that is not known', { ...around(DUAL, [EGRESS_ONLY, { ...NAT, DestinationCidrBlock: OPEN }]), ...onFargate() }, []],
    ['in a subnet without IPv6', { ...around({ CidrBlock: '10.0.0.0/24' }, [NAT], [], [OUT4]), ...onFargate() }, []],
    ['with IPv6 only and no route', { ...around(IPV6_ONLY, []), ...onFargate() },
      ['error Api: service Api has IPv6 addresses in subnet A, which has IPv6 only and no route for ::/0: nothing can be pulled']],
    ['with IPv6 only and NAT64', { ...around({ ...IPV6_ONLY, EnableDns64: true }, [NAT64]), ...onFargate() }, []],
    ['with IPv6 only and NAT64 to which no name leads', { ...around(IPV6_ONLY, [NAT64]), ...onFargate() }, [NOTHING_PULLED]],
    ['with IPv6 only and NAT64 to which it is not known whether names lead', { ...around({ ...IPV6_ONLY, EnableDns64: OPEN }, [NAT64]), ...onFargate() }, ['undecided Api: parameter Open has no default']],
    ['with IPv6 only and the endpoints of its image', { ...around(IPV6_ONLY, []), ...onFargate({}, FROM_ECR), ...ENDPOINTS }, []],
    ['with IPv6 only and the endpoints of another image', { ...around(IPV6_ONLY, []), ...onFargate(), ...ENDPOINTS }, [NOTHING_PULLED]],
    ['with IPv6 only and a part of the endpoints of its image', { ...around(IPV6_ONLY, []), ...onFargate({}, FROM_ECR), ...ENDPOINTS, Endpoint2: OTHER }, [NOTHING_PULLED]],
    ['with IPv6 only and endpoints, and an image that is not known', { ...around(IPV6_ONLY, []), ...onFargate({}, imageOf(OPEN)), ...ENDPOINTS }, [
      expect.stringMatching(/^undecided Api: where image … comes from is not known/)]],
    ['with IPv6 only, no endpoints, and an image that is not known', { ...around(IPV6_ONLY, []), ...onFargate({}, imageOf(OPEN)) }, [NOTHING_PULLED]],
    ['with IPv6 only and endpoints, and a task definition that is not known', {
      ...around(IPV6_ONLY, []), ...ENDPOINTS, ...launched('FARGATE'), Api: serviceOf({ LaunchType: 'FARGATE', TaskDefinition: 'tasks:1', NetworkConfiguration: {
        AwsvpcConfiguration: { Subnets: [{ Ref: 'A' }], SecurityGroups: [groupId('Group')] } } }),
    }, ['undecided Api: its task definition is not of what is given']],
    ['with IPv6 only and no route in one of two subnets', { ...around(IPV6_ONLY, []), ...onFargate({ Subnets: [{ Ref: 'A' }, { Ref: 'B' }] }), B: OTHER }, [
      `${NOTHING_PULLED.replace('error', 'warning')}, and tasks in it fail`]],
    ['with IPv6 only and no route in one of two subnets, the other of which has IPv4 as well and no route for IPv6', {
      ...around(IPV6_ONLY, []), ...onFargate({ Subnets: [{ Ref: 'A' }, { Ref: 'B' }] }), B: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, ...DUAL, Ipv6CidrBlock: '2001:db8:0:1::/64' }),
      OfB: resourceOf('AWS::EC2::SubnetRouteTableAssociation', { SubnetId: { Ref: 'B' }, RouteTableId: { Ref: 'TableOfB' } }),
      TableOfB: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }),
      RouteOfB: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'TableOfB' }, ...NAT }),
    }, [`${NOTHING_PULLED.replace('error', 'warning')}, and tasks in it fail`]],
    ['with IPv6 only and no route in one of two subnets, the other of which is not known', { ...around(IPV6_ONLY, []), ...onFargate({ Subnets: ['subnet-1', { Ref: 'A' }] }) }, [
      `${NOTHING_PULLED.replace('error', 'warning')}, and tasks in it fail`]],
    ['with IPv6 only and no route in both of two subnets, which is said of the first', { ...around(IPV6_ONLY, []), ...onFargate({ Subnets: [{ Ref: 'A' }, { Ref: 'B' }] }), B: resourceOf('AWS::EC2::Subnet', {
      VpcId: { Ref: 'Vpc' }, ...IPV6_ONLY, Ipv6CidrBlock: '2001:db8:0:1::/64' }) }, [NOTHING_PULLED]],
    ['with IPv6 only and a route', { ...around(IPV6_ONLY, [EGRESS_ONLY]), ...onFargate() }, []],
    ['on Windows', { ...around(DUAL, [NAT], [], [OUT4]), ...onFargate({}, { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }) }, []],
  ])('%s', (_, resources, expected) => {
    expect(found(resources)).toEqual(expected);
  });

  test('have none where the account has it turned off', () => {
    const inputs = [given({ Resources: { ...around(DUAL, [NAT]), ...onFargate() } })];
    expect(check(inputs, [rule], { accountSettings: { dualStackIPv6: 'disabled' } }).findings).toEqual([]);
    expect(check(inputs, [rule], { accountSettings: { dualStackIPv6: 'enabled' } }).findings.map(({ fix }) => fix))
      .toEqual(['a route for ::/0 to an egress-only internet gateway (DualStack.enable)']);
  });
});

describe('tasks that share the interface of their instance', () => {
  test.each<[string, Resources, string[]]>([
    ['which has an IPv6 address', { ...around(DUAL, [NAT], [], BOTH_OUT), ...onNodes({ Ipv6AddressCount: 1 }) }, [
      'warning Api: service Api runs on instances of Nodes, which have IPv6 addresses in subnet A, which has a default route for IPv4 and none for IPv6: '
      + 'connections to names with AAAA records stall',
    ]],
    ['whose group lets out IPv4', { ...around(DUAL, [NAT, EGRESS_ONLY], [], [OUT4]), ...onNodes({ Ipv6AddressCount: 1 }) }, [expect.stringContaining('but its group lets out IPv4 only')]],
    ['in bridge mode', { ...around(DUAL, [NAT], [], BOTH_OUT), ...onNodes({ Ipv6AddressCount: 1 }), Tasks: tasksOf('bridge') }, [
      expect.stringMatching(/^warning Api: service Api runs on instances of Nodes, .* none for IPv6/)]],
    ['but use none of it', { ...around(DUAL, [NAT], [], BOTH_OUT), ...onNodes({ Ipv6AddressCount: 1 }), Tasks: tasksOf('none') }, []],
    ['or may do', { ...around(DUAL, [NAT], [], BOTH_OUT), ...onNodes({ Ipv6AddressCount: 1 }), Api: serviceOf({ LaunchType: OPEN }) }, []],
    ['which has IPv6 only', { ...around(IPV6_ONLY, [], [], BOTH_OUT), ...onNodes({ Ipv6AddressCount: 1 }) }, []],
  ])('%s', (_, resources, expected) => {
    expect(found(resources)).toEqual(expected);
  });

  test('none where the instance has no IPv6 address', () => {
    const resources = { ...around({ ...DUAL, AssignIpv6AddressOnCreation: false }, [NAT], [], [OUT4]), ...onNodes() };
    expect(found(resources)).toEqual([]);
  });
});

test.each<[string, Resources, RegExp]>([
  ['a destination', { ...around(DUAL, [NAT, { DestinationIpv6CidrBlock: OPEN, EgressOnlyInternetGatewayId: 'eigw-1' }]), ...onFargate() }, /parameter Open/],
  ['what the group lets out', { ...around(DUAL, [NAT, EGRESS_ONLY], [], [OUT4, { IpProtocol: '-1', CidrIpv6: OPEN }]), ...onFargate() }, /parameter Open/],
  ['a prefix list', { ...around(DUAL, [NAT, EGRESS_ONLY], [], [OUT4, { IpProtocol: '-1', DestinationPrefixListId: 'pl-1' }]), ...onFargate() }, /prefix list/],
  ['a route table', { ...around(DUAL, []), Association: resourceOf('AWS::EC2::SubnetRouteTableAssociation', { SubnetId: { Ref: 'A' }, RouteTableId: OPEN }), ...onFargate() }, /parameter Open/],
  ['the list of groups', { ...around(DUAL, [NAT, EGRESS_ONLY]), ...onFargate({ SecurityGroups: OPEN }) }, /parameter Open/],
  ['whom a rule lets out to', out([OUT4, { IpProtocol: '-1' }]), /the rule names no peer/],
  ['the rest of what is let out, beside one protocol of IPv6', { ...out([allow(WORLD6, [0, 65535])]), ...onFargate({ SecurityGroups: [groupId('Group'), 'sg-1'] }) }, /sg-1/],
  ['whether a second subnet has IPv6', {
    ...around({ CidrBlock: '10.0.0.0/24' }, [NAT]), B: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.1.0/24', Ipv6Native: OPEN }),
    ...onFargate({ Subnets: [{ Ref: 'A' }, { Ref: 'B' }] }),
  }, /parameter Open/],
  ['whether there is IPv6', { ...around({ CidrBlock: '10.0.0.0/24', Ipv6Native: OPEN }, [NAT]), ...onFargate() }, /parameter Open/],
  ['a protocol', out([{ IpProtocol: OPEN, ...WORLD4 }]), /parameter Open/],
  ['a port', out([allow(WORLD4, [OPEN as unknown as number, 443])]), /parameter Open/],
  ['a port of IPv6', out([HTTPS4, allow(WORLD6, [OPEN as unknown as number, 443])]), /parameter Open/],
  ['the rest of what is let out', { ...out([OUT4]), ...onFargate({ SecurityGroups: [groupId('Group'), 'sg-1'] }) }, /sg-1/],
  ['the rules of an imported group', { ...around(DUAL, [NAT, EGRESS_ONLY]), ...onFargate({ SecurityGroups: ['sg-1'] }) }, /sg-1/],
])('%s that is not known is undecided', (_, resources, why) => {
  expect(found(resources)).toEqual([expect.stringMatching(/^undecided Api: /)]);
  expect(found(resources)[0]).toMatch(why);
});

test('what is not known does not matter beside what is known to be open, or of what is let out to nobody', () => {
  expect(found(out([OUT4, OUT6, { IpProtocol: OPEN, ...WORLD4 }]))).toEqual([]);
  expect(found(out([OUT4_TCP, allow(WORLD6, [0, 65535]), allow({ CidrIpv6: OPEN }, 53, 'udp')]))).toEqual([]);
  expect(found(out([allow(cidr('10.0.0.0/8'), [OPEN as unknown as number, 443])]))).toEqual([]);
  expect(found({ ...out([OUT4, OUT6]), ...onFargate({ SecurityGroups: [groupId('Group'), 'sg-1'] }) })).toEqual([]);
});

test("what a finding rests on is said: parameters' defaults, and that nothing else adds rules", () => {
  const withDefaults = (Default: Record<string, string>) => ({ Parameters: Object.fromEntries(Object.entries(Default).map(([name, its]) => [name, { Type: 'String', Default: its }])) });
  const rests = (resources: Resources, defaults: Record<string, string>) => (
    check([given({ ...withDefaults(defaults), Resources: resources })], [rule]).findings.flatMap(({ assumes }) => assumes));
  expect(rests({ ...around(DUAL, [NAT]), ...launched({ Ref: 'Its' }) }, { Its: 'FARGATE' })).toEqual([expect.stringContaining('parameter Its')]);
  expect(rests({ ...around(DUAL, [NAT]), ...launched('EC2') }, {})).toEqual([]);
  const NOTHING_ELSE = 'nothing else adds rules to group Group';
  expect(rests(out([{ IpProtocol: '-1', CidrIp: { Ref: 'To' } }]), { To: '0.0.0.0/0' })).toEqual([expect.stringContaining('parameter To'), NOTHING_ELSE]);
  expect(rests(out([OUT4, { IpProtocol: '-1', CidrIpv6: { Ref: 'To' } }]), { To: '2001:db8::/32' })).toEqual([expect.stringContaining('parameter To'), NOTHING_ELSE]);
  expect(rests(out([allow(WORLD4, [{ Ref: 'Port' } as unknown as number, 443])]), { Port: '443' })).toEqual([expect.stringContaining('parameter Port'), NOTHING_ELSE]);
  expect(rests({ ...around(DUAL, [{ ...NAT, DestinationCidrBlock: { Ref: 'To' } }]), ...onFargate() }, { To: '0.0.0.0/0' })).toEqual([expect.stringContaining('parameter To')]);
  expect(rests({ ...around(DUAL, [NAT, { ...EGRESS_ONLY, DestinationIpv6CidrBlock: { Ref: 'To' } }]), ...onFargate() }, { To: '2000::/3' }))
    .toEqual([expect.stringContaining('parameter To')]);
});

test('nothing is said of subnets or modes that others leave undecided', () => {
  expect(found({ ...around(DUAL, [NAT]), ...onFargate({ Subnets: OPEN }) })).toEqual([]);
  expect(found({ ...around(DUAL, [NAT]), Tasks: tasksOf(OPEN), Api: serviceOf({ NetworkConfiguration: { AwsvpcConfiguration: {
    Subnets: [{ Ref: 'A' }], SecurityGroups: [groupId('Group')] } } }) })).toEqual([]);
});
