import { isGiven, same, SecurityGroup, SecurityGroupRule } from '../../src/analysis/facts';
import { factsOf, nameOf, named, namesOf, resourceOf, valueOf } from './facts-of';

const VPC = resourceOf('AWS::EC2::VPC', { CidrBlock: { Ref: 'Block' } });
const REST = { Parameters: { Block: { Type: 'String', Default: '10.0.0.0/16' }, Open: { Type: 'String' }, Id: { Type: 'AWS::EC2::SecurityGroup::Id' } } };
const group = (properties: object = {}) => resourceOf('AWS::EC2::SecurityGroup', { GroupDescription: 'x', VpcId: { Ref: 'Vpc' }, ...properties });
const groupFact = (properties: object, others: object = {}): SecurityGroup => named(
  factsOf({ Vpc: VPC, Other: group(), Group: group(properties), ...others }, REST).securityGroups, 'Group');

/** A rule in a line: who, what protocol, which ports. */
function shown({ peer, protocol, ports }: SecurityGroupRule): string {
  const range = ports.known ? `${ports.value.first}-${ports.value.last}` : `? ${ports.why}`;
  return `${peerOf(peer)} ${valueOf(protocol)} ${range}`;
}

function peerOf(peer: SecurityGroupRule['peer']): string {
  switch (peer.kind) {
    case 'cidr':
    case 'cidr-ipv6':
      return `${peer.kind} ${valueOf(peer.cidr)}`;
    case 'group':
      return `group ${nameOf(peer.group)}`;
    case 'prefix-list':
      return `list ${JSON.stringify(valueOf(peer.entries))} ${valueOf(peer.maxEntries)} ${valueOf(peer.addressFamily)}`;
    case 'unknown':
      return `? ${peer.why}`;
  }
}

const EVERYTHING_OUT = ['cidr 0.0.0.0/0 all 0-65535', 'cidr-ipv6 ::/0 all 0-65535'];

describe('a rule', () => {
  const TCP = { IpProtocol: 'tcp', FromPort: 80, ToPort: 81 };
  test.each<[string, object, string]>([
    ['from a block', { ...TCP, CidrIp: '10.0.0.0/8' }, 'cidr 10.0.0.0/8 tcp 80-81'],
    ['from an IPv6 block', { ...TCP, CidrIpv6: '::/0' }, 'cidr-ipv6 ::/0 tcp 80-81'],
    ['from the block of the VPC', { ...TCP, CidrIp: { 'Fn::GetAtt': ['Vpc', 'CidrBlock'] } }, 'cidr 10.0.0.0/16 tcp 80-81'],
    ['from an unknown block', { ...TCP, CidrIp: { Ref: 'Open' } }, 'cidr ? parameter Open has no default tcp 80-81'],
    ['from a block of which a part is unknown', { ...TCP, CidrIp: { 'Fn::Sub': '${Open}/32' } }, 'cidr ? parameter Open has no default tcp 80-81'],
    ['from a group', { ...TCP, SourceSecurityGroupId: { 'Fn::GetAtt': ['Other', 'GroupId'] } }, 'group Other tcp 80-81'],
    ['from a group by Ref', { ...TCP, SourceSecurityGroupId: { Ref: 'Other' } }, 'group Other tcp 80-81'],
    ['from a group by its name', { ...TCP, SourceSecurityGroupName: { Ref: 'Other' } }, 'group Other tcp 80-81'],
    ['from an imported group', { ...TCP, SourceSecurityGroupId: 'sg-1' }, 'group ? sg-1 is not of what is given tcp 80-81'],
    ['from an unknown group', { ...TCP, SourceSecurityGroupId: { Ref: 'Id' } }, 'group ? parameter Id has no default tcp 80-81'],
    ['from the default group', { ...TCP, SourceSecurityGroupId: { 'Fn::GetAtt': ['Vpc', 'DefaultSecurityGroup'] } }, 'group default group of Vpc tcp 80-81'],
    ['from a prefix list', { ...TCP, SourcePrefixListId: { Ref: 'List' } }, 'list ["10.1.0.0/16","10.2.0.0/16"] 10 IPv4 tcp 80-81'],
    ['from a prefix list that says little', { ...TCP, SourcePrefixListId: { Ref: 'Bare' } }, 'list [] ? MaxEntries is left out ? AddressFamily is left out tcp 80-81'],
    ['from an imported prefix list', { ...TCP, SourcePrefixListId: 'pl-1' },
      'list "? the entries of a prefix list are not known: pl-1 is not of what is given" '
      + '? the entries of a prefix list are not known: pl-1 is not of what is given '
      + '? the entries of a prefix list are not known: pl-1 is not of what is given tcp 80-81'],
    ['from nobody', TCP, '? the rule names no peer tcp 80-81'],
    ['with ports as text', { IpProtocol: 'tcp', FromPort: '80', ToPort: '81', CidrIp: '10.0.0.0/8' }, 'cidr 10.0.0.0/8 tcp 80-81'],
    ['with a protocol by its number', { ...TCP, IpProtocol: 17, CidrIp: '10.0.0.0/8' }, 'cidr 10.0.0.0/8 udp 80-81'],
    ['with a protocol in capitals', { ...TCP, IpProtocol: 'TCP', CidrIp: '10.0.0.0/8' }, 'cidr 10.0.0.0/8 tcp 80-81'],
    ['for every protocol', { IpProtocol: '-1', CidrIp: '10.0.0.0/8' }, 'cidr 10.0.0.0/8 all 0-65535'],
    ['for every protocol, as a number and with ports that count for nothing', { IpProtocol: -1, FromPort: 80, ToPort: 80, CidrIp: '10.0.0.0/8' },
      'cidr 10.0.0.0/8 all 0-65535'],
    ['for all ports, left out', { IpProtocol: 'tcp', CidrIp: '10.0.0.0/8' }, 'cidr 10.0.0.0/8 tcp 0-65535'],
    ['for all ports, as -1', { IpProtocol: 'tcp', FromPort: -1, ToPort: -1, CidrIp: '10.0.0.0/8' }, 'cidr 10.0.0.0/8 tcp 0-65535'],
    ['with one port left out', { IpProtocol: 'tcp', FromPort: 80, CidrIp: '10.0.0.0/8' }, 'cidr 10.0.0.0/8 tcp ? ToPort is left out'],
    ['with an unknown port', { IpProtocol: 'tcp', FromPort: { Ref: 'Open' }, ToPort: 80, CidrIp: '10.0.0.0/8' },
      'cidr 10.0.0.0/8 tcp ? parameter Open has no default'],
    ['without a protocol', { FromPort: 80, ToPort: 80, CidrIp: '10.0.0.0/8' }, 'cidr 10.0.0.0/8 ? the rule names no protocol 80-80'],
  ])('%s', (_, rule, expected) => {
    const List = resourceOf('AWS::EC2::PrefixList', { AddressFamily: 'IPv4', MaxEntries: 10, Entries: [{ Cidr: '10.1.0.0/16' }, { Cidr: '10.2.0.0/16' }] });
    const lists = { List, Bare: resourceOf('AWS::EC2::PrefixList') };
    const inline = groupFact({ SecurityGroupIngress: [rule] }, lists);
    const alone = groupFact({}, { ...lists, Rule: resourceOf('AWS::EC2::SecurityGroupIngress', { GroupId: { Ref: 'Group' }, ...rule }) });
    expect([inline.ingress.map(shown), alone.ingress.map(shown)]).toEqual([[expected], [expected]]);
  });

  test.each(['255.255.255.255/32', '::1/128'])('to %s is none, and keeps the default one away', (nobody) => {
    const rule = { IpProtocol: 'icmp', FromPort: 252, ToPort: 86, [nobody.includes(':') ? 'CidrIpv6' : 'CidrIp']: nobody };
    expect(groupFact({ SecurityGroupEgress: [rule] })).toMatchObject({ egress: [], egressDeclared: true });
  });

  test('that is not in a list counts, and one that cannot be told is unknown', () => {
    expect(groupFact({ SecurityGroupIngress: { ...TCP, CidrIp: '10.0.0.0/8' } }).ingress.map(shown)).toEqual(['cidr 10.0.0.0/8 tcp 80-81']);
    const macro = { 'Fn::Transform': { Name: 'Rules' } };
    expect(groupFact({ SecurityGroupIngress: macro }).ingress.map(shown)).toEqual([expect.stringMatching(/^\? .*Fn::Transform/)]);
    expect(groupFact({ SecurityGroupIngress: [macro] }).ingress.map(shown)).toEqual([expect.stringMatching(/^\? .*Fn::Transform/)]);
  });

  test('has the resource that it is written in', () => {
    const { ingress } = groupFact({ SecurityGroupIngress: [{ ...TCP, CidrIp: '10.0.0.0/8' }] },
      { Rule: resourceOf('AWS::EC2::SecurityGroupIngress', { GroupId: { Ref: 'Group' }, ...TCP, CidrIp: '10.0.0.0/8' }) });
    expect(ingress.map(({ resource }) => resource.logicalId)).toEqual(['Group', 'Rule']);
  });
});

test('a group is of the VPC that it names', () => {
  const [, of, without] = factsOf({ Vpc: VPC, Group: group(), Bare: group({ VpcId: undefined }) }, REST).securityGroups;
  expect([nameOf(of.vpc), without.vpc]).toEqual(['Vpc', undefined]);
});

test('what is known only at deployment is said with its attribute', () => {
  const rule = (CidrIp: unknown) => groupFact({ SecurityGroupIngress: [{ IpProtocol: '-1', CidrIp }] }).ingress.map(shown);
  expect(rule({ 'Fn::GetAtt': ['Other', 'VpcId'] })).toEqual(['cidr ? Other.VpcId is known only at deployment all 0-65535']);
  expect(rule({ Ref: 'Other' })).toEqual(['cidr ? Other is known only at deployment all 0-65535']);
  expect(rule(['10.0.0.0/8'])).toEqual(['cidr ? it is a list all 0-65535']);
  expect(rule({ a: 1 })).toEqual(['cidr ? it is an object all 0-65535']);
});

describe('what a group lets out', () => {
  const OUT = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '10.0.0.0/8' };
  test.each<[string, object, object, boolean, readonly string[]]>([
    ['is everything where it says nothing', {}, {}, false, EVERYTHING_OUT],
    ['is everything where its list is empty', { SecurityGroupEgress: [] }, {}, false, EVERYTHING_OUT],
    ['is what it says', { SecurityGroupEgress: [OUT] }, {}, true, ['cidr 10.0.0.0/8 tcp 443-443']],
    ['is what a resource of its own says', {}, { Rule: resourceOf('AWS::EC2::SecurityGroupEgress', { GroupId: { 'Fn::GetAtt': 'Group.GroupId' }, ...OUT }) }, true,
      ['cidr 10.0.0.0/8 tcp 443-443']],
    ['is everything where a resource speaks of another', {}, { Rule: resourceOf('AWS::EC2::SecurityGroupEgress', { GroupId: { Ref: 'Other' }, ...OUT }) }, false,
      EVERYTHING_OUT],
    ['is to a group', { SecurityGroupEgress: [{ ...OUT, CidrIp: undefined, DestinationSecurityGroupId: { Ref: 'Other' } }] }, {}, true, ['group Other tcp 443-443']],
  ])('%s', (_, properties, others, declared, expected) => {
    const { egress, egressDeclared } = groupFact(properties, others);
    expect([egressDeclared, egress.map(shown)]).toEqual([declared, expected]);
  });
});

describe('the default group of a VPC', () => {
  const facts = (others: object) => factsOf({ Vpc: VPC, ...others }, REST);
  const fact = (others: object) => named(facts(others).securityGroups, 'default group of Vpc');

  test('lets in what comes from itself, and everything out', () => {
    const { ingress, egress, resource, isDefault } = fact({});
    expect([ingress.map(shown), egress.map(shown), resource?.logicalId, isDefault])
      .toEqual([['group default group of Vpc all 0-65535'], EVERYTHING_OUT, 'Vpc', true]);
  });

  test('lets nothing through where the CDK has it emptied, but for what is added', () => {
    const restricted = resourceOf('Custom::VpcRestrictDefaultSG', { DefaultSecurityGroupId: { 'Fn::GetAtt': ['Vpc', 'DefaultSecurityGroup'] } });
    const { ingress, egress, egressDeclared } = fact({ Restricted: restricted });
    expect([ingress, egress, egressDeclared]).toEqual([[], [], true]);
    const rule = resourceOf('AWS::EC2::SecurityGroupIngress', {
      GroupId: { 'Fn::GetAtt': ['Vpc', 'DefaultSecurityGroup'] }, IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '10.0.0.0/8',
    });
    expect(fact({ Restricted: restricted, Rule: rule }).ingress.map(shown)).toEqual(['cidr 10.0.0.0/8 tcp 80-80']);
    expect(fact({ Restricted: resourceOf('Custom::VpcRestrictDefaultSG') }).ingress).toHaveLength(1);
  });

  test('guards tasks that name none, and those that name it', () => {
    const service = (groups: object) => resourceOf('AWS::ECS::Service', {
      LaunchType: 'FARGATE', NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }], ...groups } },
    });
    const { services } = facts({
      Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' }),
      None: service({}),
      Empty: service({ SecurityGroups: [] }),
      Named: service({ SecurityGroups: [{ 'Fn::GetAtt': ['Vpc', 'DefaultSecurityGroup'] }] }),
    });
    expect(services.map(({ awsvpc }) => [namesOf(awsvpc!.securityGroups), awsvpc!.usesDefaultGroup])).toEqual([
      [['default group of Vpc'], true], [['default group of Vpc'], true], [['default group of Vpc'], false],
    ]);
    expect(fact({}).carriers.services).toEqual([]);
  });

  test('of an imported VPC is the same for those with subnets of it, and unknown where the VPC is', () => {
    const service = (subnets: readonly unknown[]) => resourceOf('AWS::ECS::Service', { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: subnets } } });
    const subnet = (VpcId: string) => resourceOf('AWS::EC2::Subnet', { VpcId, CidrBlock: '10.0.0.0/24' });
    const { services: [one, other, third] } = factsOf({
      A: subnet('vpc-1'), B: subnet('vpc-1'), One: service([{ Ref: 'A' }]), Other: service([{ Ref: 'B' }]), Third: service(['subnet-1']),
    });
    const [a, b] = [one, other].map(({ awsvpc }) => awsvpc!.securityGroups.known ? awsvpc!.securityGroups.value[0] : undefined);
    expect(same(a!, b!)).toBe('yes');
    expect(a!.target).toBeUndefined();
    expect(valueOf(third.awsvpc!.securityGroups)).toBe('? Third names no security group, and its VPC is not known');
  });
});

describe('a group that is not given', () => {
  test('has the rules that what is given adds, under its id or its expression', () => {
    const rule = (GroupId: unknown) => resourceOf('AWS::EC2::SecurityGroupIngress', { GroupId, IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '10.0.0.0/8' });
    const awsvpc = { Subnets: ['subnet-1'], SecurityGroups: ['sg-1', { Ref: 'Id' }, 'sg-2'] };
    const { securityGroups, services } = factsOf({
      One: rule('sg-1'),
      Two: rule('sg-1'),
      Open: rule({ Ref: 'Id' }),
      Nobody: rule(undefined),
      Service: resourceOf('AWS::ECS::Service', { NetworkConfiguration: { AwsvpcConfiguration: awsvpc } }),
    }, REST);
    const shape = ({ name, imported, ingress, egress, resource }: SecurityGroup) => [name, imported, ingress.length, egress, resource];
    expect(securityGroups.map(shape)).toEqual([
      ['sg-1', true, 2, [], undefined], ['an imported security group', true, 1, [], undefined],
    ]);
    expect(namesOf(services[0].awsvpc!.securityGroups)).toEqual(['sg-1', 'an imported security group', '? sg-2 is not of what is given']);
    expect(isGiven(securityGroups[0])).toBe(false);
  });
});

describe('who carries a group', () => {
  test('is told for every kind of carrier', () => {
    const awsvpc = (...groups: unknown[]) => ({ AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }], SecurityGroups: groups } });
    const { securityGroups } = factsOf({
      Vpc: VPC,
      Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' }),
      Group: group(),
      Task: resourceOf('AWS::ECS::TaskDefinition', { NetworkMode: 'awsvpc' }),
      Bridge: resourceOf('AWS::ECS::TaskDefinition', { NetworkMode: 'bridge' }),
      Service: resourceOf('AWS::ECS::Service', {
        TaskDefinition: { Ref: 'Task' }, NetworkConfiguration: awsvpc({ Ref: 'Group' }, { Ref: 'Group' }),
      }),
      Wrong: resourceOf('AWS::ECS::Service', { TaskDefinition: { Ref: 'Bridge' }, NetworkConfiguration: awsvpc({ Ref: 'Group' }) }),
      Host: resourceOf('AWS::EC2::Instance', { SubnetId: { Ref: 'Subnet' }, SecurityGroupIds: [{ Ref: 'Group' }], UserData: 'ECS_CLUSTER=prod' }),
      Bastion: resourceOf('AWS::EC2::Instance', { SubnetId: { Ref: 'Subnet' }, SecurityGroupIds: [{ Ref: 'Group' }] }),
      Balancer: resourceOf('AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: [{ Ref: 'Subnet' }], SecurityGroups: [{ Ref: 'Group' }] }),
      Endpoint: resourceOf('AWS::EC2::VPCEndpoint', {
        VpcId: { Ref: 'Vpc' }, VpcEndpointType: 'Interface', ServiceName: 'x', SecurityGroupIds: [{ Ref: 'Group' }],
      }),
    }, REST);
    const { carriers } = named(securityGroups, 'Group');
    const names = ([kind, list]: [string, ReadonlyArray<{ name: string }>]) => [kind, list.map(({ name }) => name)];
    expect(Object.fromEntries(Object.entries(carriers).map(names))).toEqual({
      services: ['Service'], hostGroups: ['Host'], loadBalancers: ['Balancer'], endpoints: ['Endpoint'], others: ['Bastion'],
    });
  });
});

test('a group leaves where it is exported', () => {
  const facts = factsOf({ Group: group(), Other: group() }, { Outputs: { Out: { Value: { 'Fn::GetAtt': ['Group', 'GroupId'] }, Export: { Name: 'group' } } } });
  expect(facts.securityGroups.map((one) => [one.name, one.leaves()])).toEqual([['Group', true], ['Other', false]]);
});

test('a group leaves where parts of its template that are not analysed may add rules', () => {
  const loop = { 'Fn::ForEach::Rules': ['Port', ['80'], {}] };
  expect(factsOf({ Group: group(), ...loop }).securityGroups[0].leaves()).toBe(true);
  expect(factsOf({ Group: group() }, { Transform: 'MyMacro' }).securityGroups[0].leaves()).toBe(true);
  expect(factsOf({ Group: group() }, { Transform: 'AWS::LanguageExtensions' }).securityGroups[0].leaves()).toBe(false);
  expect(factsOf({ Group: group({ Tags: { 'Fn::Transform': {} } }) }).securityGroups[0].leaves()).toBe(false);
});

describe('two references', () => {
  const groups = (list: readonly unknown[]) => {
    const { services: [{ awsvpc }] } = factsOf({
      Group: group(), Other: group(),
      Service: resourceOf('AWS::ECS::Service', { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'], SecurityGroups: list } } }),
    }, REST);
    return awsvpc!.securityGroups.known ? awsvpc!.securityGroups.value : [];
  };
  const sameOf = (a: unknown, b: unknown) => {
    const [one, other] = [groups([a])[0], groups([b])[0]];
    const verdict = same(one, other);
    return typeof verdict === 'string' ? verdict : verdict.why;
  };
  test.each<[string, unknown, unknown, string]>([
    ['to one resource are the same', { Ref: 'Group' }, { 'Fn::GetAtt': ['Group', 'GroupId'] }, 'yes'],
    ['to two resources are not', { Ref: 'Group' }, { Ref: 'Other' }, 'no'],
    ['by one id are the same', 'sg-1', 'sg-1', 'yes'],
    ['by two ids are not', 'sg-1', 'sg-2', 'no'],
    ['by one expression are the same', { Ref: 'Id' }, { 'Fn::Sub': '${Id}' }, 'yes'],
    ['by two expressions may be', { Ref: 'Id' }, { Ref: 'Open' }, 'parameter Id has no default'],
    ['by an id and by an expression may be', 'sg-1', { Ref: 'Open' }, 'parameter Open has no default'],
    ['to a resource and by an id may be', { Ref: 'Group' }, 'sg-1', 'sg-1 is not of what is given'],
    ['to a resource and by an expression may be', { Ref: 'Id' }, { Ref: 'Group' }, 'parameter Id has no default'],
  ])('%s', (_, a, b, expected) => {
    expect(sameOf(a, b)).toBe(expected);
  });

  test('repeated in a list are in it once', () => {
    expect(groups([{ Ref: 'Group' }, { 'Fn::GetAtt': ['Group', 'GroupId'] }, 'sg-1', 'sg-1']).map(({ identity }) => identity)).toHaveLength(2);
  });
});
