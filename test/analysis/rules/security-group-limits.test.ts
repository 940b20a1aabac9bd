import { check } from '../../../src/analysis/check';
import { securityGroupLimits as rule } from '../../../src/analysis/rules/security-group-limits';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';

itsExamplesHold(rule);

const times = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));
const ids = (count: number, prefix = 'sg') => times(count, (index) => `${prefix}-${index}`);
const service = (SecurityGroups: unknown, Subnets: unknown = ['subnet-1'], mode: unknown = 'awsvpc') => ({
  Cluster: CLUSTER,
  Tasks: tasksOf(mode),
  Api: serviceOf({ LaunchType: 'FARGATE', NetworkConfiguration: { AwsvpcConfiguration: { Subnets, SecurityGroups } } }),
});
const instance = (SecurityGroupIds: unknown) => ({
  Cluster: CLUSTER,
  Node: resourceOf('AWS::EC2::Instance', {
    SecurityGroupIds, UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
  }),
});
const loadBalancer = (SecurityGroups: unknown) => ({ Web: resourceOf('AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: ['subnet-1'], SecurityGroups }) });

describe('lists', () => {
  test.each<[string, object, string[]]>([
    ['five groups of a service', service(ids(5)), []],
    ['six groups of a service', service(ids(6)), ['error Api: service Api lists 6 security groups; an awsvpc service takes 5']],
    ['one group six times', service(times(6, () => 'sg-1')), []],
    ['sixteen subnets', service(['sg-1'], ids(16, 'subnet')), []],
    ['seventeen subnets', service(['sg-1'], ids(17, 'subnet')), ['error Api: service Api lists 17 subnets; an awsvpc service takes 16']],
    ['six groups of a service in another mode, which another rule tells', service(ids(6), ['subnet-1'], 'bridge'), []],
    ['six groups of what is given', { ...service(times(6, (index) => ({ Ref: `Group${index}` }))), ...Object.fromEntries(times(6, (index) => (
      [`Group${index}`, resourceOf('AWS::EC2::SecurityGroup', { GroupDescription: 'x', VpcId: 'vpc-1' })]))) },
    ['error Api: service Api lists 6 security groups; an awsvpc service takes 5']],
    ['five groups of an instance', instance(ids(5)), []],
    ['six groups of an instance', instance(ids(6)), [
      'warning Node: an instance of Node has 6 security groups; an interface takes 5, or as many as the quota was raised to, at most 16',
    ]],
    ['sixteen groups of an instance', instance(ids(16)), [expect.stringMatching(/^warning Node: .* has 16 /)]],
    ['seventeen groups of an instance', instance(ids(17)), [expect.stringMatching(/^error Node: .* has 17 /)]],
    ['five groups of a load balancer', loadBalancer(ids(5)), []],
    ['no groups of a load balancer', { Web: resourceOf('AWS::ElasticLoadBalancingV2::LoadBalancer', { Type: 'network', Subnets: ['subnet-1'] }) }, []],
    ['six groups of a load balancer', loadBalancer(ids(6)), [expect.stringMatching(/^warning Web: load balancer Web has 6 security groups/)]],
    ['seventeen groups of a load balancer', loadBalancer(ids(17)), [expect.stringMatching(/^error Web: load balancer Web has 17 /)]],
  ])('%s', (_, resources, expected) => {
    expect(said(rule, resources as Record<string, unknown>)).toEqual(expected);
  });

  test('have a fix of their kind', () => {
    const fixOf = (Resources: Readonly<Record<string, unknown>>) => check([given({ Resources })], [rule]).findings.map(({ fix }) => fix);
    expect(fixOf(service(ids(6)))).toEqual(['at most 5 security groups: merge those that have the same members']);
    expect(fixOf(service(['sg-1'], ids(17, 'subnet')))).toEqual(['at most 16 subnets']);
    expect(fixOf(instance(ids(6))))
      .toEqual(['fewer groups: merge those that have the same members; or the quota "Security groups per network interface" raised']);
    expect(fixOf(instance(ids(17)))).toEqual(['fewer groups: merge those that have the same members']);
  });

  test('a member under a false condition does not count', () => {
    const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
    expect(said(rule, service([...ids(5), { 'Fn::If': ['Never', 'sg-9', { Ref: 'AWS::NoValue' }] }]), { Conditions })).toEqual([]);
  });

  test("a parameter's default is named as an assumption", () => {
    const Parameters = { Groups: { Type: 'CommaDelimitedList', Default: ids(6).join() } };
    expect(said(rule, service({ Ref: 'Groups' }), { Parameters })).toEqual([expect.stringMatching(/^error Api: .*\[parameter Groups/)]);
  });
});

describe('what cannot be told', () => {
  const Parameters = { Open: { Type: 'String' }, Other: { Type: 'String' } };

  test.each<[string, object, string]>([
    ['a list that is not known', service(OPEN), 'Api'],
    ['subnets that are not known', service(['sg-1'], OPEN), 'Api'],
    ['the groups of a load balancer', loadBalancer(OPEN), 'Web'],
    ['the groups of an instance', instance(OPEN), 'Node'],
    ['a sixth member that may be one of the others', service([...ids(5), OPEN]), 'Api'],
    ['a sixth member, beside one that is given', {
      ...service([{ Ref: 'Group' }, ...ids(4), OPEN]), Group: resourceOf('AWS::EC2::SecurityGroup', { GroupDescription: 'x', VpcId: 'vpc-1' }),
    }, 'Api'],
    ['a sixth member of an interface', instance([...ids(5), OPEN]), 'Node'],
  ])('%s', (_, resources, subject) => {
    expect(said(rule, resources as Record<string, unknown>, { Parameters })).toEqual([expect.stringMatching(new RegExp(`^undecided ${subject}: parameter Open`))]);
  });

  test('but more literal members than are taken are too many, whatever the others are', () => {
    expect(said(rule, service([...ids(6), OPEN]), { Parameters })).toEqual([expect.stringMatching(/^error Api: service Api lists 6 /)]);
  });

  test('nor a list that is short enough with members that are not known', () => {
    expect(said(rule, service([...ids(4), OPEN]), { Parameters })).toEqual([]);
  });
});

describe('rules', () => {
  const cidrs = (count: number, more: object = {}) => times(count, (index) => ({
    IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: `10.0.${Math.floor(index / 250)}.${index % 250}/32`, ...more,
  }));
  const group = (properties: object) => resourceOf('AWS::EC2::SecurityGroup', { GroupDescription: 'x', VpcId: 'vpc-1', ...properties });
  const six = (count: number) => cidrs(count, { CidrIp: undefined }).map((rule_, index) => ({ ...rule_, CidrIpv6: `2001:db8::${index}/128` }));
  const fromGroups = (count: number) => times(count, (index) => ({ IpProtocol: 'tcp', FromPort: index, ToPort: index, SourceSecurityGroupId: `sg-${index}` }));
  const listed = (id: unknown, side = 'Source') => ({ IpProtocol: 'tcp', FromPort: 1, ToPort: 1, [`${side}PrefixListId`]: id });
  const list = (properties: object) => resourceOf('AWS::EC2::PrefixList', { AddressFamily: 'IPv4', MaxEntries: 60, PrefixListName: 'x', Entries: [], ...properties });
  const LISTS = {
    List: list({}),
    Six: list({ AddressFamily: 'IPv6' }),
    Endless: list({ MaxEntries: OPEN }),
    Either: list({ AddressFamily: OPEN, MaxEntries: 40 }),
    Untold: list({ AddressFamily: undefined, MaxEntries: 40 }),
  };
  const UNLISTED = 'undecided Group: the entries of a prefix list are not known: pl-1 is not of what is given';

  const UNKNOWN = 'undecided Group: parameter Open has no default';

  test.each<[string, object, string[]]>([
    ['sixty inbound', { SecurityGroupIngress: cidrs(60) }, []],
    ['sixty-one inbound', { SecurityGroupIngress: cidrs(61) },
      ['warning Group: group Group has 61 inbound rules for IPv4; a group takes 60, or as many as the quota was raised to']],
    ['sixty-one outbound', { SecurityGroupEgress: cidrs(61) }, [expect.stringMatching(/^warning Group: .* has 61 outbound rules for IPv4/)]],
    ['sixty in each direction', { SecurityGroupIngress: cidrs(60), SecurityGroupEgress: cidrs(60) }, []],
    ['sixty of each family', { SecurityGroupIngress: [...cidrs(60), ...six(60)] }, []],
    ['sixty-one of IPv6', { SecurityGroupIngress: six(61) }, [expect.stringMatching(/^warning Group: .* has 61 inbound rules for IPv6/)]],
    ['sixty-one outbound of IPv6', { SecurityGroupEgress: six(61) }, [expect.stringMatching(/^warning Group: .* has 61 outbound rules for IPv6/)]],
    ['sixty-one inbound and one that names nobody', { SecurityGroupIngress: [...cidrs(61), { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 }] },
      [expect.stringMatching(/has 61 inbound rules for IPv4/)]],
    ['groups count in each family', { SecurityGroupIngress: [...cidrs(30), ...fromGroups(31)] }, [expect.stringMatching(/has 61 inbound rules for IPv4/)]],
    ['as many in each family, of which the first is told', { SecurityGroupIngress: fromGroups(61) }, [expect.stringMatching(/has 61 inbound rules for IPv4/)]],
    ['a prefix list counts what it may hold', { SecurityGroupIngress: [...cidrs(1), listed({ Ref: 'List' })] }, [expect.stringMatching(/has 61 inbound rules for IPv4/)]],
    ['a prefix list counts in its own family only', { SecurityGroupIngress: [...six(60), listed({ Ref: 'List' })] }, []],
    ['prefix lists of both families', { SecurityGroupIngress: [listed({ Ref: 'List' }), listed({ Ref: 'Six' })] }, []],
    ['a prefix list of IPv6 counts what it may hold', { SecurityGroupIngress: [...six(1), listed({ Ref: 'Six' })] }, [expect.stringMatching(/has 61 inbound rules for IPv6/)]],
    ['a prefix list that is not known is as long as may be', { SecurityGroupIngress: [...cidrs(20), listed('pl-1')] }, [UNLISTED]],
    ['one outbound, too', { SecurityGroupEgress: [listed('pl-1', 'Destination')] }, [UNLISTED]],
    ['two that are not known, in both directions', {
      SecurityGroupIngress: [listed('pl-1'), listed('pl-2')], SecurityGroupEgress: [listed('pl-1', 'Destination')],
    }, [UNLISTED]],
    ['a prefix list that is not known may be of the other family', { SecurityGroupIngress: [...cidrs(60), listed('pl-1')] }, [UNLISTED]],
    ['too many beside a prefix list that is not known', { SecurityGroupIngress: [...cidrs(61), listed('pl-1')] },
      [expect.stringMatching(/^warning Group: group Group has at least 61 inbound rules for IPv4;/)]],
    ['a prefix list that may hold any number has one entry at least', { SecurityGroupIngress: [...cidrs(60), listed({ Ref: 'Endless' })] },
      [expect.stringMatching(/^warning Group: group Group has at least 61 inbound rules for IPv4;/)]],
    ['a prefix list that may hold any number', { SecurityGroupIngress: [...cidrs(59), listed({ Ref: 'Endless' })] }, ['undecided Group: parameter Open has no default']],
    ['a prefix list that may hold any number of the other family', { SecurityGroupIngress: [...six(61), listed({ Ref: 'Endless' })] },
      [expect.stringMatching(/has 61 inbound rules for IPv6/)]],
    ['a prefix list of either family that is short enough', { SecurityGroupIngress: [...cidrs(20), ...six(20), listed({ Ref: 'Either' })] }, []],
    ['a prefix list of either family that may be too long', { SecurityGroupIngress: [...six(21), listed({ Ref: 'Either' })] }, ['undecided Group: parameter Open has no default']],
    ['a prefix list of a family that is not told', { SecurityGroupIngress: [...six(21), listed({ Ref: 'Untold' })] }, ['undecided Group: AddressFamily is left out']],
    ['a list that is not known is as long as may be', { SecurityGroupIngress: OPEN }, [UNKNOWN]],
    ['an outbound list, too', { SecurityGroupEgress: OPEN }, [UNKNOWN]],
    ['sixty-one inbound beside an outbound list that is not known', { SecurityGroupIngress: cidrs(61), SecurityGroupEgress: OPEN },
      [expect.stringMatching(/^warning Group: group Group has 61 inbound rules for IPv4;/)]],
    ['one that is not known among as many as leave room for it', { SecurityGroupIngress: [...cidrs(59), OPEN] }, []],
    ['one that is not known, of either family, and may be none', { SecurityGroupIngress: [...six(60), OPEN] }, [UNKNOWN]],
    ['two that are not known, where there is room for one', { SecurityGroupIngress: [...cidrs(59), OPEN, OPEN] }, [UNKNOWN]],
    ['too many beside one that is not known', { SecurityGroupIngress: [...cidrs(61), OPEN] },
      [expect.stringMatching(/^warning Group: group Group has at least 61 inbound rules for IPv4;/)]],
    ['sixty and one that names nobody, which is none', { SecurityGroupIngress: [...cidrs(60), { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 }] }, []],
    ['sixty, one that is not known, and one that names nobody', { SecurityGroupIngress: [...cidrs(60), OPEN, { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 }] }, [UNKNOWN]],
    ['sixty and one that is left out', { SecurityGroupIngress: [...cidrs(60), { Ref: 'AWS::NoValue' }] }, []],
    ['a list that is left out', { SecurityGroupIngress: { Ref: 'AWS::NoValue' } }, []],
  ])('%s', (_, properties, expected) => {
    expect(said(rule, { Group: group(properties), ...LISTS })).toEqual(expected);
  });

  test('that may be too many are told of the group alone, whoever has it', () => {
    const having = (groups: readonly unknown[]) => ({ ...service(groups), ...loadBalancer(groups), ...instance(groups) });
    const Group = group({ SecurityGroupIngress: [listed('pl-1')] });
    expect(said(rule, { Group, ...having([{ Ref: 'Group' }]) })).toEqual([UNLISTED]);
    expect(said(rule, { Group, Other: group({ SecurityGroupIngress: cidrs(60) }), ...having([{ Ref: 'Other' }, { Ref: 'Group' }]) })).toEqual([UNLISTED]);
  });

  test('that are added to a list that is not known may be too many together', () => {
    const added = resourceOf('AWS::EC2::SecurityGroupIngress', { GroupId: { 'Fn::GetAtt': ['Group', 'GroupId'] }, ...cidrs(1)[0] });
    expect(said(rule, { Group: group({ SecurityGroupIngress: OPEN }), Added: added })).toEqual([UNKNOWN]);
  });

  test('rest on what a prefix list rests on', () => {
    const Parameters = { Its: { Type: 'String', Default: '61' }, Family: { Type: 'String', Default: 'IPv4' } };
    const List = list({ MaxEntries: { Ref: 'Its' }, AddressFamily: { Ref: 'Family' } });
    expect(said(rule, { Group: group({ SecurityGroupIngress: [listed({ Ref: 'List' })] }), List }, { Parameters }))
      .toEqual([expect.stringMatching(/^warning Group: .* \[.*parameter Its.*parameter Family/)]);
    const outbound = said(rule, { Group: group({ SecurityGroupIngress: cidrs(61), SecurityGroupEgress: [listed({ Ref: 'List' }, 'Destination')] }), List }, {
      Parameters: { ...Parameters, Its: { Type: 'String', Default: '5' } },
    });
    expect(outbound).toEqual([expect.stringMatching(/^warning Group: [^[]*$/)]);
  });

  test('of their own resources count as well, for an imported group, too', () => {
    const rules = (GroupId: unknown) => Object.fromEntries(cidrs(61).map((properties, index) => [
      `Rule${index}`, resourceOf('AWS::EC2::SecurityGroupIngress', { GroupId, ...properties }),
    ]));
    const own = said(rule, { Group: group({}), ...rules({ 'Fn::GetAtt': ['Group', 'GroupId'] }) });
    expect(own).toEqual([expect.stringMatching(/^warning Group: .* has 61 /)]);
    expect(said(rule, rules('sg-1'))).toEqual([expect.stringMatching(/^warning Rule60: group sg-1 has 61 /)]);
  });

  test('have a fix with the number of groups', () => {
    const of = (count: number) => given({ Resources: { Group: group({ SecurityGroupIngress: cidrs(count) }) } });
    const fixOf = (count: number) => check([of(count)], [rule]).findings[0].fix;
    expect(fixOf(120))
      .toBe('a prefix list or a security group in place of addresses; or 2 groups; or the quota "Inbound or outbound rules per security group" raised');
    expect(fixOf(121)).toContain('; or 3 groups;');
    const more = given({ Resources: { Group: group({ SecurityGroupIngress: [...cidrs(61), listed('pl-1')] }) } });
    expect(check([more], [rule]).findings[0].fix).toContain('; or at least 2 groups;');
  });

  const together = (count: number, carrier: (groups: unknown[]) => object) => ({
    ...Object.fromEntries(times(5, (index) => [`Group${index}`, group({ SecurityGroupIngress: cidrs(index === 0 ? count - 800 : 200) })])),
    ...carrier(times(5, (index) => ({ Ref: `Group${index}` }))),
  });

  test.each<[string, (groups: unknown[]) => object, string]>([
    ['of a service', (groups) => service(groups), 'Api'], ['of an instance', instance, 'Node'], ['of a load balancer', loadBalancer, 'Web'],
  ])('of all groups %s are at most a thousand', (_, carrier, name) => {
    const of = (count: number) => said(rule, together(count, carrier) as Record<string, unknown>).filter((one) => one.startsWith('error'));
    expect(of(1000)).toEqual([]);
    expect(of(1001)).toEqual([`error ${name}: the groups of ${name} have 1001 inbound rules for IPv4 together; an interface takes 1000`]);
  });

  test('of all groups count by direction and family', () => {
    const five = (properties: (index: number) => object) => {
      const groups = Object.fromEntries(times(5, (index) => [`Group${index}`, group(properties(index))]));
      const { findings } = check([given({ Resources: { ...groups, ...service(Object.keys(groups).map((Ref) => ({ Ref }))) } })], [rule]);
      return findings.filter(({ severity }) => severity === 'error');
    };
    expect(five((index) => ({ SecurityGroupIngress: cidrs(index === 0 ? 201 : 200), SecurityGroupEgress: cidrs(1) }))).toHaveLength(1);
    const mixed = [...cidrs(150), ...six(150)];
    expect(five(() => ({ SecurityGroupIngress: mixed, SecurityGroupEgress: mixed }))).toEqual([]);
    expect(five((index) => ({ SecurityGroupEgress: six(index === 0 ? 201 : 200) }))).toEqual([expect.objectContaining({
      message: 'the groups of Api have 1001 outbound rules for IPv6 together; an interface takes 1000',
      fix: 'prefix lists or security groups in place of addresses, or fewer groups',
    })]);
  });
});
