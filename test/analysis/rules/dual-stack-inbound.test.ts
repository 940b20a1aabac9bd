import { check } from '../../../src/analysis/check';
import { dualStackInbound as rule } from '../../../src/analysis/rules/dual-stack-inbound';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { itsExamplesHold, OPEN, said, tasksOf } from './ecs-fragments';
import { group, groupId, rule as allow } from './group-fragments';
import { around, DUAL, EGRESS_ONLY, INTERNET, INTERNET_IPV6, NAT, onFargate, onNodes } from './ipv6-fragments';

itsExamplesHold(rule);

type Resources = Record<string, unknown>;
const WORLD = [allow({ CidrIpv6: '::/0' }, 8080)];
const PUBLIC = { AssignPublicIp: 'ENABLED' };
const found = (resources: Resources) => said(rule, resources).map((one) => one.replace(/ \[.*\]$/, ''));
const REACHED = 'warning Api: service Api has no public IPv4 but is reachable on tcp 8080 from the internet over IPv6 (subnet A routes ::/0 to an internet gateway, '
  + 'group Group admits ::/0)';

test('the finding reads as it should', () => {
  expect(check([given({ Resources: rule.bad })], [rule]).findings).toEqual([expect.objectContaining({
    severity: 'warning',
    resource: 'Api',
    message: 'service Api has no public IPv4 but is reachable on tcp 8080 from the internet over IPv6 (subnet Subnet routes ::/0 to an internet gateway, group '
      + 'Group admits ::/0)',
    fix: "a route for ::/0 to an egress-only internet gateway; or the load balancer's group as the source in place of ::/0",
  })]);
});

/** A second subnet, B, whose route for IPv6 leads out only. */
const SECOND: Resources = {
  B: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, ...DUAL, CidrBlock: '10.0.1.0/24', Ipv6CidrBlock: '2001:db8:0:1::/64' }),
  OtherTable: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }),
  OfB: resourceOf('AWS::EC2::SubnetRouteTableAssociation', { SubnetId: { Ref: 'B' }, RouteTableId: { Ref: 'OtherTable' } }),
  RouteOfB: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'OtherTable' }, ...EGRESS_ONLY }),
};
const PORT_OPEN = { Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: OPEN }]) };

test.each<[string, Resources, string[]]>([
  ['a task that is thought private', { ...around(DUAL, [NAT, INTERNET_IPV6], WORLD), ...onFargate() }, [REACHED]],
  ['a task in a public subnet without an address', { ...around(DUAL, [INTERNET, INTERNET_IPV6], WORLD), ...onFargate() }, [REACHED]],
  ['a task behind a route that is written in full', { ...around(DUAL, [NAT, { ...INTERNET_IPV6, DestinationIpv6CidrBlock: '0:0:0:0:0:0:0:0/0' }], WORLD), ...onFargate() }, [REACHED]],
  ['a task whose rule is written in full', { ...around(DUAL, [NAT, INTERNET_IPV6], [allow({ CidrIpv6: '0:0:0:0:0:0:0:0/0' }, 8080)]), ...onFargate() }, [REACHED]],
  ['a task whose rules are for two halves', {
    ...around(DUAL, [NAT, INTERNET_IPV6], [allow({ CidrIpv6: '::/1' }, 8080), allow({ CidrIpv6: '8000::/1' }, 8080)]), ...onFargate(),
  }, [REACHED]],
  ['a task with a public address', { ...around(DUAL, [INTERNET, INTERNET_IPV6], WORLD), ...onFargate(PUBLIC) }, []],
  ['a task with an address that leads nowhere', { ...around(DUAL, [NAT, INTERNET_IPV6], WORLD), ...onFargate(PUBLIC) }, [REACHED]],
  ['a task behind an egress-only gateway', { ...around(DUAL, [NAT, EGRESS_ONLY], WORLD), ...onFargate() }, []],
  ['a task with a narrower route', { ...around(DUAL, [NAT, { ...INTERNET_IPV6, DestinationIpv6CidrBlock: '2000::/3' }], WORLD), ...onFargate() }, []],
  ['a task without IPv6', { ...around({ CidrBlock: '10.0.0.0/24' }, [NAT, INTERNET_IPV6], WORLD), ...onFargate() }, []],
  ['a task whose group admits IPv4', { ...around(DUAL, [NAT, INTERNET_IPV6], [allow({ CidrIp: '0.0.0.0/0' }, 8080)]), ...onFargate() }, []],
  ['a task whose group admits a block', { ...around(DUAL, [NAT, INTERNET_IPV6], [allow({ CidrIpv6: '2001:db8::/32' }, 9090)]), ...onFargate() }, []],
  ['a task whose group admits a block on one port of a range', {
    ...around(DUAL, [NAT, INTERNET_IPV6], [allow({ CidrIpv6: '2001:db8::/32' }, 8000)]), ...onFargate(), Tasks: tasksOf('awsvpc', {}, [{ ContainerPortRange: '8000-8010' }]),
  }, ['undecided Api: which IPv6 addresses it has is known only at deployment']],
  ['a task with two groups, one of which admits everybody', {
    ...around(DUAL, [NAT, INTERNET_IPV6], WORLD), ...onFargate({ SecurityGroups: [groupId('Other'), groupId('Group')] }),
    Other: resourceOf('AWS::EC2::SecurityGroup', { GroupDescription: 'x', VpcId: { Ref: 'Vpc' } }),
  }, [REACHED]],
  ['a task whose group admits another port', { ...around(DUAL, [NAT, INTERNET_IPV6], [allow({ CidrIpv6: '::/0' }, 9090)]), ...onFargate() }, []],
  ['a task on Windows', { ...around(DUAL, [NAT, INTERNET_IPV6], WORLD), ...onFargate({}, { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }) }, []],
  ['an instance with an IPv6 address', { ...around(DUAL, [NAT, INTERNET_IPV6], WORLD), ...onNodes({ Ipv6AddressCount: 1 }) }, [REACHED]],
  ['an instance with a public address', { ...around(DUAL, [INTERNET, INTERNET_IPV6], WORLD), ...onNodes({ Ipv6AddressCount: 1, AssociatePublicIpAddress: true }) }, []],
  ['a task in a subnet of elsewhere, too', { ...around(DUAL, [NAT, INTERNET_IPV6], WORLD), ...onFargate({ Subnets: ['subnet-1', { Ref: 'A' }] }) }, [REACHED]],
  ['a task in a private subnet, too', { ...around(DUAL, [NAT, INTERNET_IPV6], WORLD), ...SECOND, ...onFargate({ Subnets: [{ Ref: 'B' }, { Ref: 'A' }] }) }, [REACHED]],
  ['a task that has a group of elsewhere, too', { ...around(DUAL, [NAT, INTERNET_IPV6], WORLD), ...onFargate({ SecurityGroups: ['sg-1', groupId('Group')] }) }, [REACHED]],
  ['a task without IPv6 whose ports are not known', { ...around({ CidrBlock: '10.0.0.0/24' }, [NAT, INTERNET_IPV6], WORLD), ...onFargate(), ...PORT_OPEN }, []],
  ['a task with a public address whose ports are not known', { ...around(DUAL, [INTERNET, INTERNET_IPV6], WORLD), ...onFargate(PUBLIC), ...PORT_OPEN }, []],
  ['a task that may have IPv6, and admits nobody', { ...around({ CidrBlock: '10.0.0.0/24', Ipv6Native: OPEN }, [NAT, INTERNET_IPV6]), ...onFargate() }, []],
  ['an instance, on some of the ports that Docker picks from', {
    ...around(DUAL, [NAT, INTERNET_IPV6], [allow({ CidrIpv6: '::/0' }, [40000, 50000])]), ...onNodes({ Ipv6AddressCount: 1 }), Tasks: tasksOf('bridge'),
  }, [expect.stringMatching(/^warning Api: .* is reachable on tcp 32768-60999 from the internet over IPv6/)]],
  ['an instance without an IPv6 address', { ...around({ ...DUAL, AssignIpv6AddressOnCreation: false }, [NAT, INTERNET_IPV6], WORLD), ...onNodes() }, []],
])('%s', (_, resources, expected) => {
  expect(found(resources)).toEqual(expected);
});

test('two groups that admit a half of everybody each are both named', () => {
  const halves = ['::/1', '8000::/1'].map((CidrIpv6) => [allow({ CidrIpv6 }, 8080)]);
  expect(found({
    ...around(DUAL, [NAT, INTERNET_IPV6], halves[0]), ...onFargate({ SecurityGroups: [groupId('Group'), groupId('Other')] }), Other: group(halves[1]),
  })).toEqual([REACHED.replace('group Group', 'group Group, Other')]);
});

test('no task has one where the account has it turned off, but instances have', () => {
  const of = (resources: Resources) => check([given({ Resources: resources })], [rule], { accountSettings: { dualStackIPv6: 'disabled' } }).findings.length;
  expect(of({ ...around(DUAL, [NAT, INTERNET_IPV6], WORLD), ...onFargate() })).toBe(0);
  expect(of({ ...around(DUAL, [NAT, INTERNET_IPV6], WORLD), ...onNodes({ Ipv6AddressCount: 1 }) })).toBe(1);
});

test.each<[string, Resources, RegExp]>([
  ['where the route leads', { ...around(DUAL, [NAT, { DestinationIpv6CidrBlock: '::/0', GatewayId: OPEN }], WORLD), ...onFargate() }, /where a default route leads/],
  ['whether there is IPv6', { ...around({ CidrBlock: '10.0.0.0/24', Ipv6Native: OPEN }, [NAT, INTERNET_IPV6], WORLD), ...onFargate() }, /parameter Open/],
  ['whom the group admits', { ...around(DUAL, [NAT, INTERNET_IPV6], [allow({ CidrIpv6: OPEN }, 8080)]), ...onFargate() }, /parameter Open/],
  ['whom the group admits to one of several ports', {
    ...around(DUAL, [NAT, INTERNET_IPV6], [allow({ CidrIpv6: OPEN }, 9090)]), ...onFargate(), Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: 8080 }, { ContainerPort: 9090 }]),
  }, /parameter Open/],
  ['which ports there are', { ...around(DUAL, [NAT, INTERNET_IPV6], WORLD), ...onFargate(), ...PORT_OPEN }, /parameter Open/],
  ['whether it has a public address', { ...around(DUAL, [INTERNET, INTERNET_IPV6], WORLD), ...onFargate({ AssignPublicIp: OPEN }) }, /parameter Open/],
])('%s that is not known is undecided', (_, resources, why) => {
  expect(found(resources)).toEqual([expect.stringMatching(/^undecided Api: /)]);
  expect(found(resources)[0]).toMatch(why);
});
