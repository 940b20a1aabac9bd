import { check } from '../../../src/analysis/check';
import { securityGroupEgressOpen as rule } from '../../../src/analysis/rules/security-group-egress-open';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { itsExamplesHold, OPEN, said, tasksOf } from './ecs-fragments';
import { balancer, cidr, group, groupId, NODES, onFargate, onNodes, rule as allow, to } from './group-fragments';

itsExamplesHold(rule);

const ALL = { IpProtocol: '-1', CidrIp: '0.0.0.0/0' };
const tasks = (egress?: readonly object[], more: object = {}) => ({ ...onFargate({}), TaskGroup: group([], egress), ...more });
const having = (...SecurityGroups: unknown[]) => ({ NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'], SecurityGroups } } });
const egressOf = (GroupId: unknown, egress: object) => resourceOf('AWS::EC2::SecurityGroupEgress', { GroupId, ...egress });

test.each<[string, object, string[]]>([
  ['a group that declares none', tasks(), ['info TaskGroup: group TaskGroup lets everything out (no egress rule declared)']],
  ['a rule for everything', tasks([ALL]), ['info TaskGroup: group TaskGroup lets everything out']],
  ['a rule for everything in IPv6', tasks([{ IpProtocol: '-1', CidrIpv6: '::/0' }]), ['info TaskGroup: group TaskGroup lets everything out']],
  ['a rule for everything of its own', tasks([allow(cidr('10.0.0.0/8'), 443)], {
    Rule: resourceOf('AWS::EC2::SecurityGroupEgress', { GroupId: { 'Fn::GetAtt': ['TaskGroup', 'GroupId'] }, ...ALL }),
  }), ['info TaskGroup: group TaskGroup lets everything out']],
  ['the group of instances', { ...onNodes({}, {}), NodesGroup: group() }, [expect.stringMatching(/^info NodesGroup: /)]],
  ['one port to everywhere', tasks([allow(cidr('0.0.0.0/0'), 443)]), []],
  ['everything to some', tasks([{ IpProtocol: '-1', CidrIp: '10.0.0.0/8' }]), []],
  ['everything to a group', tasks([{ IpProtocol: '-1', ...to('TaskGroup') }]), []],
  ['nothing out', tasks([{ IpProtocol: 'icmp', FromPort: 252, ToPort: 86, CidrIp: '255.255.255.255/32' }]), []],
  ['a group of load balancers alone', { ...onFargate({}), TaskGroup: group([], [allow(cidr('0.0.0.0/0'), 443)]), ...balancer(), BalancerGroup: group() }, []],
  ['a group that nobody has', { Lonely: group() }, []],
  ['an imported group', onFargate(having('sg-1')), ['undecided Web: sg-1 is not of what is given']],
  ['an imported group that a rule is added to', { ...onFargate(having('sg-1')), Rule: egressOf('sg-1', allow(cidr('10.0.0.0/8'), 443)) },
    ['undecided Web: the rules of group sg-1 are not known']],
  ['a group by an export that a rule is added to', {
    ...onFargate(having({ 'Fn::ImportValue': 'x' })), Rule: egressOf({ 'Fn::ImportValue': 'x' }, allow(cidr('10.0.0.0/8'), 443)),
  }, ['undecided Web: the rules of an imported security group are not known']],
  ['an imported group that a rule for everything is added to', { ...onFargate(having('sg-1')), Rule: egressOf('sg-1', ALL) },
    ['info Rule: group sg-1 lets everything out']],
  ['an imported group beside one that lets everything out', { ...onFargate(having('sg-1', groupId('TaskGroup'))), TaskGroup: group() },
    ['info TaskGroup: group TaskGroup lets everything out (no egress rule declared)', 'undecided Web: sg-1 is not of what is given']],
  ['an imported group that a rule for everything and another are added to', {
    ...onFargate(having('sg-1')), Rule: egressOf('sg-1', ALL), Other: egressOf('sg-1', allow(cidr('10.0.0.0/8'), 443)),
  }, ['info Rule: group sg-1 lets everything out']],
  ['an imported group beside one that is seen', { ...onFargate(having(groupId('TaskGroup'), 'sg-1')), TaskGroup: group([], [allow(cidr('10.0.0.0/8'), 443)]) },
    ['undecided Web: sg-1 is not of what is given']],
  ['an imported group of a service that makes no use of it', { ...onFargate(having('sg-1')), Tasks: tasksOf('bridge') }, []],
  ['an imported group of a service whose mode is not known, which others tell', { ...onFargate(having('sg-1')), Tasks: tasksOf(OPEN) }, []],
  ['no network', { ...onFargate({ NetworkConfiguration: undefined }) }, []],
  ['an imported group of instances', { ...onNodes({}, {}), Nodes: resourceOf('AWS::EC2::Instance', { ...NODES.Nodes.Properties, SecurityGroupIds: ['sg-1'] }) },
    ['undecided Nodes: sg-1 is not of what is given']],
  ['groups that are not known', onFargate({ NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'], SecurityGroups: OPEN } } }),
    [expect.stringMatching(/^undecided Web: parameter Open/)]],
])('%s', (_, resources, expected) => {
  expect(said(rule, resources as Record<string, unknown>)).toEqual(expected);
});

test.each<[string, object]>([
  ['the protocol of a rule', { IpProtocol: OPEN, CidrIp: '0.0.0.0/0' }],
  ['where it leads', { IpProtocol: '-1', CidrIp: OPEN }],
])('%s that is not known is undecided', (_, egress) => {
  expect(said(rule, tasks([egress]))).toEqual([expect.stringMatching(/^undecided TaskGroup: parameter Open/)]);
});

test('what is not known does not matter beside what is open, or of a rule that is not', () => {
  expect(said(rule, tasks([{ IpProtocol: OPEN, CidrIp: '10.0.0.0/8' }, { IpProtocol: 'tcp', FromPort: 1, ToPort: 1, CidrIp: OPEN }]))).toEqual([]);
  expect(said(rule, tasks([{ IpProtocol: OPEN, CidrIp: '0.0.0.0/0' }, ALL]))).toEqual([expect.stringMatching(/^info/)]);
});

test('of a default group the fix is another one, as no template takes a rule from it', () => {
  const besides = { Rule: egressOf({ 'Fn::GetAtt': ['Vpc', 'DefaultSecurityGroup'] }, allow(cidr('10.0.0.0/8'), 443)) };
  const { findings } = check([given({ Resources: { ...onFargate({ NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }] } } }), ...besides } })], [rule]);
  expect(findings).toEqual([expect.objectContaining({
    resource: 'Vpc', message: 'default group of Vpc lets everything out', fix: expect.stringMatching(/^a security group of its own, with outbound rules for what is needed: /),
  })]);
});

test("the fix names what is needed, and a parameter's default is an assumption", () => {
  const { findings } = check([given({
    Parameters: { To: { Type: 'String', Default: '0.0.0.0/0' } }, Resources: tasks([{ IpProtocol: '-1', CidrIp: { Ref: 'To' } }]),
  })], [rule]);
  expect(findings).toEqual([expect.objectContaining({
    fix: 'outbound rules for what is needed: tcp 443 to endpoints, and the ports of the groups of databases and other services',
    assumes: [expect.stringContaining('To')],
  })]);
});
