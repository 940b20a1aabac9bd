import type { SecurityGroupRule, To, SecurityGroup } from '../../src/analysis/facts';
import { admission, admitsSome, admitsSomebody, both, isEverywhere, matches, Peer } from '../../src/analysis/reachability';
import { known, unknown } from '../../src/analysis/value';
import {
  cidr, fromGroup, fromList, groupOf, groups, open, peerOf, ruleOf, RulePeer, somebody, subnets, toGroup, traffic, vpcOf,
} from './reachability-groups';

const ALL = cidr('0.0.0.0/0');
const WEB = groupOf('Web');
const OTHER = groupOf('Other');
const EXPRESSION: To<SecurityGroup> = { identity: '{"Fn::ImportValue":"group"}', why: 'the export is not known' };
const LITERAL: To<SecurityGroup> = { identity: 'sg-1', literal: 'sg-1', why: 'sg-1 is not of what is given' };
const UNKNOWN = (why: string) => expect.objectContaining({ known: false, why: expect.stringContaining(why) });

describe('a rule and a group', () => {
  const having = (...members: ReadonlyArray<SecurityGroup | To<SecurityGroup>>) => peerOf({ groups: groups(...members) });

  test.each<[string, RulePeer, Peer, unknown]>([
    ['that the peer has', fromGroup(WEB), having(WEB), 'yes'],
    ['that the peer has beside others', fromGroup(WEB), having(OTHER, WEB), 'yes'],
    ['that the peer has not', fromGroup(WEB), having(OTHER), 'no'],
    ['while the peer has none', fromGroup(WEB), peerOf(), 'no'],
    ['while the peer has an empty list', fromGroup(WEB), having(), 'no'],
    ['by the same expression', fromGroup(EXPRESSION), having(EXPRESSION), 'yes'],
    ['by the same id', fromGroup(LITERAL), having(LITERAL), 'yes'],
    ['by another id', fromGroup(LITERAL), having({ ...LITERAL, identity: 'sg-2', literal: 'sg-2' }), 'no'],
    ['by an expression, while the peer has one of what is given', fromGroup(EXPRESSION), having(WEB), UNKNOWN('the export')],
    ['while a group of the peer is an expression', fromGroup(WEB), having(OTHER, EXPRESSION), UNKNOWN('the export')],
    ['that the peer has, whatever else it has', fromGroup(WEB), having(EXPRESSION, WEB), 'yes'],
    ['while the list of the peer is not known', fromGroup(WEB), peerOf({ groups: open('the list is open') }), UNKNOWN('the list is open')],
  ])('%s', (_, rule, peer, verdict) => {
    expect(matches(rule, peer)).toEqual(verdict);
  });
});

describe('a rule and a block', () => {
  const at = (...blocks: ReadonlyArray<string | undefined>) => peerOf({ addresses: { subnets: subnets(...blocks) } });
  const inVpc = (vpc: ReturnType<typeof vpcOf>, list = open('the subnets are open') as ReturnType<typeof subnets>) => (
    peerOf({ addresses: { subnets: list, vpc } }));

  test.each<[string, RulePeer, Peer, unknown]>([
    ['of everything', ALL, peerOf({ addresses: { subnets: open() } }), 'yes'],
    ['of everything, for clients of whom nothing is known', ALL, peerOf({ addresses: 'anywhere' }), 'yes'],
    ['of something, for clients of whom nothing is known', cidr('10.0.0.0/8'), peerOf({ addresses: 'anywhere' }), UNKNOWN('its clients')],
    ['of everything in IPv6, for IPv4', cidr('::/0'), peerOf(), 'no'],
    ['of everything in IPv6, for IPv6', cidr('::/0'), peerOf({ family: 'ipv6' }), 'yes'],
    ['of everything in IPv6, written in full, for IPv6', cidr('0:0:0:0:0:0:0:0/0'), peerOf({ family: 'ipv6' }), 'yes'],
    ['of something in IPv6, for IPv6', cidr('2001:db8::/32'), peerOf({ family: 'ipv6' }), UNKNOWN('only at deployment')],
    ['in IPv6 that is not known', { kind: 'cidr-ipv6', cidr: open('it is open') }, peerOf({ family: 'ipv6' }), UNKNOWN('it is open')],
    ['in IPv6 that is not known, for IPv4', { kind: 'cidr-ipv6', cidr: open('it is open') }, peerOf(), 'no'],
    ['of everything in IPv4, for IPv6', ALL, peerOf({ family: 'ipv6' }), 'no'],
    ['that holds the subnet exactly', cidr('10.0.0.0/24'), at('10.0.0.0/24'), 'yes'],
    ['that holds both subnets', cidr('10.0.0.0/23'), at('10.0.0.0/24', '10.0.1.0/24'), 'yes'],
    ['that holds one subnet of two', cidr('10.0.0.0/24'), at('10.0.0.0/24', '10.0.1.0/24'), UNKNOWN('a part of the addresses')],
    ['that holds half of the subnet', cidr('10.0.0.0/25'), at('10.0.0.0/24'), UNKNOWN('a part of the addresses')],
    ['beside the subnets', cidr('10.0.2.0/24'), at('10.0.0.0/24', '10.0.1.0/24'), 'no'],
    ['while a subnet has no IPv4', cidr('10.0.0.0/24'), at('10.0.0.0/24', undefined), UNKNOWN('a subnet has no IPv4')],
    ['while a subnet is not known', cidr('10.0.0.0/24'), peerOf({ addresses: { subnets: known([{ identity: 'x', why: 'it is imported' }]) } }), UNKNOWN('it is imported')],
    ['that is not known', { kind: 'cidr', cidr: open('it is open') }, at('10.0.0.0/24'), UNKNOWN('it is open')],
    ['that is none', cidr('10.0.0.0/33'), at('10.0.0.0/24'), UNKNOWN('"10.0.0.0/33" is no block')],
    ['of the VPC, by the same expression', { kind: 'cidr', cidr: unknown('open', 'Vpc.CidrBlock') }, inVpc(vpcOf(unknown('open', 'Vpc.CidrBlock'))), 'yes'],
    ['of another VPC, by its expression', { kind: 'cidr', cidr: unknown('open', 'Other.CidrBlock') }, inVpc(vpcOf(unknown('open', 'Vpc.CidrBlock'))), UNKNOWN('open')],
    ['by an expression without an identity', { kind: 'cidr', cidr: unknown('open') }, inVpc(vpcOf(unknown('open'))), UNKNOWN('open')],
    ['of the VPC, by its value', cidr('10.0.0.0/16'), inVpc(vpcOf('10.0.0.0/16')), 'yes'],
    ['of the VPC, one of whose blocks it is', cidr('10.0.0.0/16'), inVpc(vpcOf('10.0.0.0/16', '100.64.0.0/16')), UNKNOWN('the subnets are open')],
    ['of the VPC, which holds the subnets', cidr('10.0.0.0/16'), inVpc(vpcOf('10.0.0.0/16', '100.64.0.0/16'), subnets('10.0.0.0/24')), 'yes'],
    ['of the VPC, where the subnets are of another', cidr('10.0.0.0/16'), inVpc(vpcOf('10.0.0.0/16', '100.64.0.0/16'), subnets('100.64.0.0/20')), 'no'],
    ...([
      ['where the subnets are of another', ['100.64.0.0/20'], 'no'],
      ['where the subnets are of none of the others', ['10.0.0.0/24'], 'yes'],
      ['where some of the subnets are', ['10.0.0.0/24', '100.64.0.0/20'], UNKNOWN('the block holds a part of the addresses only')],
      ['where a subnet has no block', [undefined], UNKNOWN('of which block of its VPC Subnet0 is, is not known')],
    ] as const).map(([name, list, verdict]): [string, RulePeer, ReturnType<typeof inVpc>, unknown] => [
      `of the VPC, by the same expression, ${name}`, { kind: 'cidr', cidr: unknown('open', 'Vpc.CidrBlock') },
      inVpc(vpcOf(unknown('open', 'Vpc.CidrBlock'), '100.64.0.0/16'), subnets(...list)), verdict,
    ]),
    ['of the VPC, by the same expression, where another is not known', { kind: 'cidr', cidr: unknown('open', 'Vpc.CidrBlock') },
      inVpc(vpcOf(unknown('open', 'Vpc.CidrBlock'), unknown('pool')), subnets('10.0.0.0/24')), UNKNOWN('of which block of its VPC Subnet0 is, is not known')],
    ['that holds the VPC\'s one block, whatever the subnets', cidr('10.0.0.0/8'), inVpc(vpcOf('10.0.0.0/16')), 'yes'],
    ['beside the VPC\'s one block, whatever the subnets', cidr('10.1.0.0/16'), inVpc(vpcOf('10.0.0.0/16')), 'no'],
    ['within the VPC\'s one block', cidr('10.0.0.0/17'), inVpc(vpcOf('10.0.0.0/16')), UNKNOWN('the subnets are open')],
    ['within the VPC\'s one block, that holds the subnets', cidr('10.0.0.0/17'), inVpc(vpcOf('10.0.0.0/16'), subnets('10.0.0.0/24')), 'yes'],
    ['that holds one of the VPC\'s two blocks', cidr('10.0.0.0/8'), inVpc(vpcOf('10.0.0.0/16', '100.64.0.0/16')), UNKNOWN('the subnets are open')],
  ])('%s', (_, rule, peer, verdict) => {
    expect(matches(rule, peer)).toEqual(verdict);
  });
});

describe('rules for some of several subnets', () => {
  const TWO = peerOf({ addresses: { subnets: subnets('10.0.0.0/24', '10.0.1.0/24') } });
  const [FIRST, SECOND, HALF] = ['10.0.0.0/24', '10.0.1.0/24', '10.0.1.0/25'];
  const PARTLY = UNKNOWN('a part of the addresses');

  test.each<[string, readonly SecurityGroupRule[], unknown, unknown]>([
    ['that are each of a rule', [ruleOf(cidr(FIRST), 80), ruleOf(cidr(SECOND), 80)], 'yes', 'yes'],
    ['that are each of an entry', [ruleOf(fromList(FIRST, SECOND), 80)], 'yes', 'yes'],
    ['of which one is of a rule', [ruleOf(cidr(FIRST), 80)], PARTLY, PARTLY],
    ['of which one is of a rule in part', [ruleOf(cidr(FIRST), 80), ruleOf(cidr(HALF), 80)], PARTLY, PARTLY],
    ['of which one is of a rule for some of the ports', [ruleOf(cidr(FIRST), [80, 90]), ruleOf(cidr(SECOND), 80)], PARTLY, 'yes'],
    ['of which one is of a rule that may be', [ruleOf(cidr(FIRST), 80), ruleOf({ kind: 'cidr', cidr: open('it is open') }, 80)], PARTLY, PARTLY],
  ])('%s', (_, rules, all, some) => {
    const wanted = traffic(rules.some(({ ports }) => ports.known && ports.value.last === 90) ? [80, 90] : 80);
    expect(admission(groups(groupOf('A', rules)), 'ingress', TWO, wanted)).toEqual(all);
    expect(admitsSome(groups(groupOf('A', rules)), 'ingress', TWO, wanted)).toEqual(some);
  });

  test('while not all subnets are known', () => {
    const rules = [ruleOf(cidr(FIRST), 80), ruleOf(cidr(SECOND), 80)];
    const of = (addresses: Peer['addresses']) => admission(groups(groupOf('A', rules)), 'ingress', peerOf({ addresses }), traffic(80));
    expect(of({ subnets: open('the subnets are open') })).toEqual(UNKNOWN('the subnets are open'));
    expect(of('anywhere')).toEqual(UNKNOWN('its clients'));
  });
});

describe('a rule and a prefix list', () => {
  test.each<[string, RulePeer, Peer, unknown]>([
    ['of which one entry holds the subnets', fromList('192.0.2.0/24', '10.0.0.0/16'), peerOf(), 'yes'],
    ['of which none does', fromList('192.0.2.0/24', '2001:db8::/32'), peerOf(), 'no'],
    ['of nothing', fromList(), peerOf(), 'no'],
    ['with everything in IPv6', fromList('192.0.2.0/24', '::/0'), peerOf({ family: 'ipv6' }), 'yes'],
    ['of which one entry holds a part', fromList('192.0.2.0/24', '10.0.0.0/25'), peerOf(), UNKNOWN('a part of the addresses')],
    ['that is not known', { kind: 'prefix-list', entries: open('pl-1 is open'), maxEntries: open(), addressFamily: open() }, peerOf(), UNKNOWN('pl-1 is open')],
  ])('%s', (_, rule, peer, verdict) => {
    expect(matches(rule, peer)).toEqual(verdict);
  });

  test('and somebody cannot be told', () => {
    expect(matches(somebody('it is written by a macro'), peerOf())).toEqual(UNKNOWN('it is written by a macro'));
  });
});

describe('what groups let through', () => {
  const through = (rules: readonly SecurityGroupRule[], wanted = traffic([10, 20])) => admission(groups(groupOf('A', rules)), 'ingress', peerOf(), wanted);

  test.each<[string, SecurityGroupRule[], unknown]>([
    ['nothing without rules', [], 'no'],
    ['exactly the ports', [ruleOf(ALL, [10, 20])], 'yes'],
    ['more than the ports', [ruleOf(ALL, [1, 65535])], 'yes'],
    ['all but the first', [ruleOf(ALL, [11, 20])], 'partly'],
    ['all but the last', [ruleOf(ALL, [10, 19])], 'partly'],
    ['all but one between', [ruleOf(ALL, [10, 14]), ruleOf(ALL, [16, 20])], 'partly'],
    ['the last alone', [ruleOf(ALL, [20, 30])], 'partly'],
    ['what lies beside them', [ruleOf(ALL, [1, 9]), ruleOf(ALL, [21, 30])], 'no'],
    ['by rules that meet', [ruleOf(ALL, [15, 20]), ruleOf(ALL, [10, 14])], 'yes'],
    ['by rules that overlap', [ruleOf(ALL, [10, 18]), ruleOf(ALL, [12, 13]), ruleOf(ALL, [14, 20])], 'yes'],
    ['another protocol', [ruleOf(ALL, [10, 20], { protocol: known('udp') })], 'no'],
    ['every protocol', [ruleOf(ALL, [10, 20], { protocol: known('all') })], 'yes'],
    ['ICMP', [ruleOf(ALL, [10, 20], { protocol: known('icmp') })], 'no'],
    ['a protocol that is not known', [ruleOf(ALL, [10, 20], { protocol: open('which protocol') })], UNKNOWN('which protocol')],
    ['ports that are not known', [ruleOf(ALL, 1, { ports: open('which ports') })], UNKNOWN('which ports')],
    ['ports that are not known, of another protocol', [ruleOf(ALL, 1, { protocol: known('udp'), ports: open() })], 'no'],
    ['ports that are not known, from elsewhere', [ruleOf(cidr('192.0.2.0/24'), 1, { ports: open() })], 'no'],
    ['somebody on all of them', [ruleOf(somebody('who it is'), [10, 20])], UNKNOWN('who it is')],
    ['somebody on a part, which is not enough in any case', [ruleOf(somebody(), [10, 19])], 'partly'],
    ['somebody on other ports', [ruleOf(somebody(), [21, 30])], 'no'],
    ['the peer on a part and somebody on the rest', [ruleOf(ALL, [10, 14]), ruleOf(somebody('who it is'), [15, 20])], UNKNOWN('who it is')],
    ['the peer on a part and somebody on too little of the rest', [ruleOf(ALL, [10, 14]), ruleOf(somebody(), [16, 20])], 'partly'],
    ['the peer on all, whoever else', [ruleOf(somebody(), [10, 20]), ruleOf(ALL, [10, 20])], 'yes'],
  ])('%s', (_, rules, verdict) => {
    expect(through(rules)).toEqual(verdict);
  });

  test('is what any of them does', () => {
    const [low, high] = [groupOf('Low', [ruleOf(ALL, [10, 14])]), groupOf('High', [ruleOf(ALL, [15, 20])])];
    const of = (...members: ReadonlyArray<SecurityGroup | To<SecurityGroup>>) => admission(groups(...members), 'ingress', peerOf(), traffic([10, 20]));
    expect(of(low, high)).toBe('yes');
    expect(of(low)).toBe('partly');
    expect(of()).toBe('no');
  });

  test('is all to everybody where two halves of all addresses are let in', () => {
    const [LOW, HIGH] = [cidr('::/1'), cidr('8000::/1')];
    const of = (...rules: readonly SecurityGroupRule[]) => (
      admission(groups(groupOf('A', rules)), 'ingress', peerOf({ family: 'ipv6', addresses: 'anywhere' }), traffic([10, 20])));
    expect(of(ruleOf(LOW, [10, 20]), ruleOf(HIGH, [1, 30]))).toBe('yes');
    expect(of(ruleOf(LOW, [10, 20]), ruleOf(cidr('::/0'), [10, 15]), ruleOf(HIGH, [16, 30]))).toBe('yes');
    expect(of(ruleOf(LOW, [10, 20]), ruleOf(HIGH, [11, 20]))).toEqual(UNKNOWN('IPv6'));
    expect(of(ruleOf(LOW, [10, 20]), ruleOf(LOW, [10, 20]))).toEqual(UNKNOWN('IPv6'));
    expect(of(ruleOf(LOW, [10, 20]), ruleOf(cidr('128.0.0.0/1'), [10, 20]))).toEqual(UNKNOWN('IPv6'));
    expect(admission(groups(groupOf('A', [ruleOf(cidr('0.0.0.0/1'), 80), ruleOf(cidr('128.0.0.0/1'), 80)])), 'ingress', peerOf({ addresses: 'anywhere' }), traffic(80)))
      .toBe('yes');
  });

  test('is told apart by direction', () => {
    const one = groupOf('A', [], { egress: [ruleOf(ALL, [10, 20])] });
    expect(admission(groups(one), 'ingress', peerOf(), traffic([10, 20]))).toBe('no');
    expect(admission(groups(one), 'egress', peerOf(), traffic([10, 20]))).toBe('yes');
  });

  test('is not known where the rules of one are not, unless what is known is enough', () => {
    const imported = groupOf('Shared', [], { imported: true });
    const of = (...members: ReadonlyArray<SecurityGroup | To<SecurityGroup>>) => admission(groups(...members), 'ingress', peerOf(), traffic([10, 20]));
    expect(of(imported)).toEqual(UNKNOWN('the rules of group Shared are not known'));
    expect(of(EXPRESSION)).toEqual(UNKNOWN('the export is not known'));
    expect(of(imported, groupOf('A', [ruleOf(ALL, [10, 19])]))).toEqual(UNKNOWN('the rules of group Shared'));
    expect(of(imported, groupOf('A', [ruleOf(ALL, [10, 20])]))).toBe('yes');
    expect(of(groupOf('Shared', [ruleOf(ALL, [10, 20])], { imported: true }))).toBe('yes');
    expect(of(groupOf('A', [ruleOf(somebody('who it is'), 10)]), imported)).toEqual(UNKNOWN('who it is'));
    expect(admission(open('the list is open'), 'ingress', peerOf(), traffic(1))).toEqual(UNKNOWN('the list is open'));
  });
});

describe('whether groups let in anybody at all', () => {
  const admits = (rules: readonly SecurityGroupRule[], more = {}) => admitsSomebody(groups(groupOf('A', rules, more)), traffic([10, 20]));

  test.each<[string, SecurityGroupRule[], unknown]>([
    ['nobody without rules', [], 'no'],
    ['whoever it is', [ruleOf(somebody(), [10, 20])], 'yes'],
    ['another group and a block, on a part each', [ruleOf(fromGroup(WEB), [10, 15]), ruleOf(cidr('192.0.2.0/24'), [16, 20])], 'yes'],
    ['on a part', [ruleOf(ALL, [10, 19])], 'partly'],
    ['on other ports', [ruleOf(ALL, 21)], 'no'],
    ['on another protocol', [ruleOf(ALL, [10, 20], { protocol: known('udp') })], 'no'],
    ['on ports that are not known', [ruleOf(ALL, 1, { ports: open('which ports') })], UNKNOWN('which ports')],
    ['on ports that are not known, and on all', [ruleOf(ALL, 1, { ports: open() }), ruleOf(ALL, [10, 20])], 'yes'],
  ])('%s', (_, rules, verdict) => {
    expect(admits(rules)).toEqual(verdict);
  });

  test('is not known of imported groups, unless of what is added to them', () => {
    expect(admits([], { imported: true })).toEqual(UNKNOWN('the rules of group A are not known'));
    expect(admits([ruleOf(ALL, [10, 20])], { imported: true })).toBe('yes');
    expect(admitsSomebody(groups(EXPRESSION), traffic(1))).toEqual(UNKNOWN('the export is not known'));
    expect(admitsSomebody(open('the list is open'), traffic(1))).toEqual(UNKNOWN('the list is open'));
  });

  test('asks inbound rules', () => {
    expect(admitsSomebody(groups(groupOf('A', [], { egress: [ruleOf(ALL, 1)] })), traffic(1))).toBe('no');
  });
});

test('both sides must let it through: the worse of the two, and what is not known only where neither is sure to stop it', () => {
  const why = unknown('one');
  const sides = ['yes', 'partly', 'no', why] as const;
  expect(sides.map((a) => sides.map((b) => both(a, b)))).toEqual([
    ['yes', 'partly', 'no', why],
    ['partly', 'partly', 'no', 'partly'],
    ['no', 'no', 'no', 'no'],
    [why, 'partly', 'no', why],
  ]);
});

test('everywhere is every address of a family', () => {
  const value = (peer: RulePeer) => {
    const its = isEverywhere(peer);
    return its.known ? its.value : its.why;
  };
  const of: Array<[RulePeer, boolean | string]> = [
    [ALL, true], [cidr('::/0'), true], [cidr('0:0:0:0:0:0:0:0/0'), true], [cidr('::/1'), false], [cidr('10.0.0.0/8'), false], [cidr('128.0.0.0/1'), false], [cidr('10.0.0.0/10'), false],
    [fromGroup(toGroup(WEB)), false], [fromList('0.0.0.0/0'), false], [{ kind: 'cidr', cidr: open('it is open') }, 'it is open'],
  ];
  expect(of.map(([peer]) => value(peer))).toEqual(of.map(([, expected]) => expected));
  expect(isEverywhere({ kind: 'cidr', cidr: known('0.0.0.0/0', ['parameter Who is 0.0.0.0/0']) })).toEqual(known(true, ['parameter Who is 0.0.0.0/0']));
});
