import { check } from '../../../src/analysis/check';
import { securityGroupShared as rule } from '../../../src/analysis/rules/security-group-shared';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';
import { balancer, cidr, from, group, groupId, NETWORK, NODES, rule as allow } from './group-fragments';

itsExamplesHold(rule);

type Resources = Record<string, unknown>;

/** Awsvpc services, each with its ports and its groups, which are `Shared` unless said otherwise. */
function services(ports: Readonly<Record<string, readonly unknown[]>>, groups: Readonly<Record<string, unknown>> = {}): Resources {
  return {
    ...NETWORK,
    Cluster: CLUSTER,
    ...Object.fromEntries(Object.entries(ports).flatMap(([name, its]) => [
      [`${name}Tasks`, tasksOf('awsvpc', {}, its.map((ContainerPort) => ({ ContainerPort })))],
      [name, serviceOf({
        LaunchType: 'FARGATE',
        TaskDefinition: { Ref: `${name}Tasks` },
        NetworkConfiguration: {
          AwsvpcConfiguration: { Subnets: [{ Ref: 'A' }], SecurityGroups: name in groups ? groups[name] : [groupId('Shared')] },
        },
      })],
    ])),
  };
}

const FROM_VPC = cidr('10.0.0.0/16');

test('the finding reads as it should', () => {
  const Resources = { ...services({ Api: [8080], Jobs: [], Admin: [9000] }), Shared: group([allow(FROM_VPC, 8080)]) };
  const { findings } = check([given({ Resources })], [rule]);
  expect(findings).toEqual([expect.objectContaining({
    severity: 'warning',
    resource: 'Shared',
    message: "group Shared guards 3 services (Api, Jobs, Admin): the rule for Api's 8080 opens 8080 on Jobs, Admin too",
    fix: 'a security group for each of them, and 3 rules by source group in place of one',
  })]);
});

describe('services with one group', () => {
  test.each<[string, Resources, string[]]>([
    ['that admits itself', { ...services({ Api: [80], Jobs: [80] }), Shared: group([allow(from('Shared'), 80)]) },
      ['warning Shared: group Shared guards 2 services (Api, Jobs) and admits itself: each reaches tcp 80 of the others']],
    ['that admits itself by several rules', {
      ...services({ Api: [80], Jobs: [80] }),
      Shared: group([allow(from('Shared'), 80), allow(from('Shared'), 80), allow(from('Shared'), [8000, 8010], 'udp'), { IpProtocol: 'icmp', ...from('Shared') }]),
    }, ['warning Shared: group Shared guards 2 services (Api, Jobs) and admits itself: each reaches tcp 80, udp 8000-8010, icmp of the others']],
    ['that admits itself by a rule of all protocols', {
      ...services({ Api: [80], Jobs: [80] }), Shared: group([allow(from('Shared'), 80), { IpProtocol: '-1', ...from('Shared') }]),
    }, ['warning Shared: group Shared guards 2 services (Api, Jobs) and admits itself: each reaches every port of the others']],
    ['that admits itself on ports that are not known', {
      ...services({ Api: [80], Jobs: [80] }), Shared: group([{ IpProtocol: 'tcp', FromPort: OPEN, ToPort: OPEN, ...from('Shared') }]),
    }, ['warning Shared: group Shared guards 2 services (Api, Jobs) and admits itself: each reaches tcp ports that are not known of the others']],
    ['with a rule of all protocols', { ...services({ Api: [80], Jobs: [] }), Shared: group([{ IpProtocol: '-1', ...FROM_VPC }]) },
      ["warning Shared: group Shared guards 2 services (Api, Jobs): the rule for Api's 80 opens every port on Jobs too"]],
    ['with a rule for a port that all have', { ...services({ Api: [80], Jobs: [80] }), Shared: group([allow(FROM_VPC, 80)]) },
      ['info Shared: group Shared guards 2 services (Api, Jobs): what is let in to one is let in to all']],
    ['with a rule for a port that none has', { ...services({ Api: [80], Jobs: [80] }), Shared: group([allow(FROM_VPC, 443)]) }, [expect.stringMatching(/^info/)]],
    ['with a rule of another protocol', { ...services({ Api: [80], Jobs: [] }), Shared: group([allow(FROM_VPC, 80, 'udp')]) }, [expect.stringMatching(/^info/)]],
    ['with ports at the ends of a rule', { ...services({ Api: [80, 90], Jobs: [] }), Shared: group([allow(FROM_VPC, [90, 100])]) }, [expect.stringMatching(/^warning .*Api's 90 opens 90-100/)]],
    ['of which the ports of one are not known', { ...services({ Api: [80], Jobs: [OPEN] }), Shared: group([allow(FROM_VPC, 80)]) }, [expect.stringMatching(/^info/)]],
    ['that admits another', { ...services({ Api: [80], Jobs: [80] }), Shared: group([allow(from('Other'), 80)]), Other: group() }, [expect.stringMatching(/^info Shared: /)]],
    ['with a rule for ports that are not known', { ...services({ Api: [80], Jobs: [] }), Shared: group([{ IpProtocol: 'tcp', FromPort: OPEN, ToPort: OPEN, ...FROM_VPC }]) },
      [expect.stringMatching(/^info Shared: /)]],
    ['with a rule of a protocol that is not known', { ...services({ Api: [80], Jobs: [] }), Shared: group([{ IpProtocol: OPEN, FromPort: 80, ToPort: 80, ...FROM_VPC }]) },
      [expect.stringMatching(/^info Shared: /)]],
    ['of which one has no network', { ...services({ Api: [80] }), ApiTasks: tasksOf('awsvpc'), Api: serviceOf({ TaskDefinition: { Ref: 'ApiTasks' } }), Shared: group([allow(FROM_VPC, 80)]) }, []],
    ['without inbound rules', { ...services({ Api: [80], Jobs: [80] }), Shared: group() }, []],
    ['one of them', { ...services({ Api: [80] }), Shared: group([allow(FROM_VPC, 80)]) }, []],
    ['and another', { ...services({ Api: [80], Jobs: [80] }, { Jobs: [groupId('Other')] }), Shared: group([allow(FROM_VPC, 80)]), Other: group([allow(FROM_VPC, 80)]) }, []],
    ['and a second group of each', {
      ...services({ Api: [80], Jobs: [80] }, { Api: [groupId('Shared'), groupId('Other')], Jobs: [groupId('Shared')] }), Shared: group(), Other: group([allow(FROM_VPC, 80)]),
    }, []],
    ['that is imported', services({ Api: [80], Jobs: [80] }, { Api: ['sg-1'], Jobs: ['sg-1'] }),
      ['info Api: group sg-1 guards 2 services (Api, Jobs): what is let in to one is let in to all']],
    ['by an expression', services({ Api: [80], Jobs: [80] }, { Api: [OPEN], Jobs: [OPEN] }), [expect.stringMatching(/^info Api: a group that is known only at deployment guards 2 services/)]],
    ['by a list that is not known', services({ Api: [80], Jobs: [80] }, { Api: OPEN, Jobs: OPEN }), [expect.stringMatching(/^info Api: a list of groups that is known only at deployment guards 2 services/)]],
    ['by other lists that are not known', services({ Api: [80], Jobs: [80] }, { Api: OPEN, Jobs: { Ref: 'Other' } }), []],
    ['by default, that of the VPC', services({ Api: [80], Jobs: [80] }, { Api: undefined, Jobs: undefined }),
      ['warning Api: default group of Vpc guards 2 services (Api, Jobs) and admits itself: each reaches every port of the others']],
  ])('%s', (_, resources, expected) => {
    expect(said(rule, resources, { Parameters: { Open: { Type: 'String' }, Other: { Type: 'String' } } })).toEqual(expected);
  });

  test('are named as far as they are few', () => {
    const of = (...names: string[]) => said(rule, {
      ...services(Object.fromEntries(names.map((name) => [name, [80]]))), Shared: group([allow(FROM_VPC, 80)]),
    })[0];
    expect(of('A1', 'B1', 'C1', 'D1', 'E1')).toContain('guards 5 services (A1, B1, C1 and 2 more)');
    expect(of('A1', 'B1', 'C1', 'D1')).toContain('guards 4 services (A1, B1, C1, D1)');
  });

  test('that an exported group may still get rules of is told', () => {
    const Outputs = { Shared: { Value: groupId('Shared'), Export: { Name: 'shared' } } };
    expect(said(rule, { ...services({ Api: [80], Jobs: [80] }), Shared: group() }, { Outputs })).toEqual([expect.stringMatching(/^info Shared/)]);
  });

  test('in another mode have no group', () => {
    const resources = { ...services({ Api: [80], Jobs: [80] }), Shared: group([allow(FROM_VPC, 80)]), JobsTasks: tasksOf('bridge') };
    expect(said(rule, resources)).toEqual([]);
  });
});

test('a group of a load balancer and a service is an information', () => {
  const resources = { ...services({ Api: [80] }), ...balancer({}, { SecurityGroups: [groupId('Shared')] }), Shared: group([allow(FROM_VPC, 80)]) };
  expect(said(rule, resources)).toEqual([
    'info Shared: group Shared is on load balancer Balancer and on service Api: who may come to the one may come to the other',
  ]);
  expect(check([given({ Resources: resources })], [rule]).findings.map(({ fix }) => fix))
    .toEqual(['a security group of its own for Api, with a rule from that of the load balancer']);
  expect(said(rule, { ...services({}), ...balancer({}, { SecurityGroups: [groupId('Shared')] }), Shared: group([allow(FROM_VPC, 80)]) })).toEqual([]);
  expect(said(rule, { ...services({ Api: [80] }, { Api: ['sg-1'] }), ...balancer({}, { SecurityGroups: ['sg-1'] }) })).toEqual([]);
});

test('a group of a load balancer and a service that lets nobody in is not told, unless something else may add rules', () => {
  const resources = { ...services({ Api: [80] }), ...balancer({}, { SecurityGroups: [groupId('Shared')] }), Shared: group() };
  expect(said(rule, resources)).toEqual([]);
  const Outputs = { Shared: { Value: groupId('Shared'), Export: { Name: 'shared' } } };
  expect(said(rule, resources, { Outputs })).toEqual([expect.stringMatching(/^info Shared: group Shared is on load balancer Balancer/)]);
});

describe('a group of instances', () => {
  const nodes = (cluster: string) => ({
    ...NODES.Nodes, Properties: { ...NODES.Nodes.Properties, UserData: { 'Fn::Base64': { 'Fn::Sub': `#!/bin/bash\necho ECS_CLUSTER=\${${cluster}} >> /etc/ecs/ecs.config` } } },
  });
  const both = (second: string, ingress: readonly object[]): Resources => (
    { ...NETWORK, Cluster: CLUSTER, Second: CLUSTER, Nodes: nodes('Cluster'), More: nodes(second), NodesGroup: group(ingress) });
  const of = (second: string, ingress: readonly object[]): string[] => said(rule, both(second, ingress));

  test('of two clusters is an information, or a warning where it admits itself', () => {
    expect(of('Second', [allow(FROM_VPC, 80)])).toEqual(['info NodesGroup: group NodesGroup is on instances of 2 clusters (Cluster, Second)']);
    expect(of('Second', [allow(from('NodesGroup'), 80)])).toEqual(['warning NodesGroup: group NodesGroup is on instances of 2 clusters (Cluster, Second) and admits itself']);
  });

  test('admits itself by one rule of several, and not by one for another group', () => {
    expect(of('Second', [allow(FROM_VPC, 80), allow(from('NodesGroup'), 80)])).toEqual([expect.stringMatching(/^warning NodesGroup: .* and admits itself$/)]);
    expect(said(rule, { ...both('Second', [allow(from('Other'), 80)]), Other: group() })).toEqual([expect.stringMatching(/^info NodesGroup: /)]);
  });

  test('of two clusters has a fix, and one of a cluster that may be the same is not told', () => {
    expect(check([given({ Resources: both('Second', []) })], [rule]).findings.map(({ fix }) => fix)).toEqual(['a security group for the instances of each cluster']);
    expect(of('Open', [])).toEqual([]);
  });

  test('of one cluster is as it must be', () => {
    expect(of('Cluster', [allow(from('NodesGroup'), 80)])).toEqual([]);
  });
});

test('what is not known of a mode is undecided by others: nothing is said here', () => {
  const resources = { ...services({ Api: [80], Jobs: [80] }), Shared: group([allow(FROM_VPC, 80)]), JobsTasks: tasksOf(OPEN), More: resourceOf('AWS::SNS::Topic') };
  expect(said(rule, resources)).toEqual([]);
});
