import { check } from '../../../src/analysis/check';
import { securityGroupMissingPath as rule } from '../../../src/analysis/rules/security-group-missing-path';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';
import { balancer, cidr, from, group, groupId, NETWORK, NODES, onFargate, onNodes, onProviders, REGISTERED, rule as allow, to } from './group-fragments';

itsExamplesHold(rule);

type Resources = Readonly<Record<string, unknown>>;

/** Everybody may come to the load balancer, which may go anywhere unless said otherwise. */
const balancerGroup = (egress?: readonly object[]) => ({ BalancerGroup: group([allow(cidr('0.0.0.0/0'), 80)], egress) });
const DYNAMIC: readonly [number, number] = [32768, 60999];
const bridge = (ingress: readonly object[], egress?: readonly object[], mapping: object = {}): Resources => ({
  ...onNodes(mapping), ...balancer(), ...balancerGroup(egress), NodesGroup: group(ingress),
});
const fargate = (ingress: readonly object[], egress?: readonly object[], target: object = {}): Resources => ({
  ...onFargate(), ...balancer({ TargetType: 'ip', ...target }), ...balancerGroup(egress), TaskGroup: group(ingress),
});
/** A Network Load Balancer, without groups unless some are given. */
const network = (ingress: readonly object[], target: object = {}, groups: object = {}): Resources => ({
  ...onNodes(),
  ...balancer({ Protocol: 'TCP', ...target }, { Type: 'network', ...groups }, { Protocol: 'TCP' }),
  ...balancerGroup(),
  NodesGroup: group(ingress),
});
/** Tasks whose container port is not known, and instances whose dynamic ports are not. */
const PORT_OPEN = tasksOf('awsvpc', {}, [{ ContainerPort: OPEN }]);
const RANGE_OPEN = resourceOf('AWS::EC2::Instance', {
  ...NODES.Nodes.Properties,
  UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config\necho ECS_DYNAMIC_HOST_PORT_RANGE=${Open} >> /etc/ecs/ecs.config' } },
});
const NOTHING = 'error Web: load balancer Balancer cannot reach service Web: ';

describe('a load balancer that does not reach a service', () => {
  test('reads as it should, with the ways out', () => {
    const { findings } = check([given({ Resources: bridge([], [allow(to('Other'), 443)]) })], [rule]);
    expect(findings).toEqual([expect.objectContaining({
      severity: 'error',
      resource: 'Web',
      message: 'load balancer Balancer cannot reach service Web: group NodesGroup does not admit it on tcp 32768-60999 (dynamic host ports), and the load '
        + "balancer's own group BalancerGroup lets nothing out there",
      fix: 'an inbound rule of NodesGroup: tcp 32768-60999 from BalancerGroup; and an outbound rule of BalancerGroup: tcp 32768-60999 to NodesGroup',
    })]);
  });

  test.each<[string, Resources, string]>([
    ['without a rule', fargate([]), `${NOTHING}group TaskGroup does not admit it on tcp 80`],
    ['with a rule for another port', fargate([allow(from('BalancerGroup'), 8080)]), `${NOTHING}group TaskGroup does not admit it on tcp 80`],
    ['with a rule for another protocol', fargate([allow(from('BalancerGroup'), 80, 'udp')]), `${NOTHING}group TaskGroup does not admit it on tcp 80`],
    ['with a rule for another group', { ...fargate([allow(from('Other'), 80)]), Other: group() }, `${NOTHING}group TaskGroup does not admit it on tcp 80`],
    ['with a rule for other subnets', fargate([allow(cidr('10.0.2.0/24'), 80)]), `${NOTHING}group TaskGroup does not admit it on tcp 80`],
    ['with a rule for IPv6 only', fargate([allow({ CidrIpv6: '::/0' }, 80)]), `${NOTHING}group TaskGroup does not admit it on tcp 80`],
    ['that is not let out', fargate([allow(from('BalancerGroup'), 80)], [allow(cidr('10.0.2.0/24'), 8080)]),
      `${NOTHING}the load balancer's own group BalancerGroup lets nothing out there`],
    ['on its fixed host port', bridge([allow(from('BalancerGroup'), 80)], undefined, { HostPort: 8080 }), `${NOTHING}group NodesGroup does not admit it on tcp 8080`],
    ['on the port of its health checks', fargate([allow(from('BalancerGroup'), 80)], undefined, { HealthCheckPort: '9000' }),
      `${NOTHING}group TaskGroup does not admit it on tcp 9000 (health checks)`],
    ['with several groups, of which none does', {
      ...fargate([]),
      ...onFargate({ ...REGISTERED, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }], SecurityGroups: [groupId('TaskGroup'), groupId('Second')] } } }),
      Second: group([allow(from('BalancerGroup'), 81)]),
    }, `${NOTHING}none of the groups TaskGroup, Second admits it on tcp 80`],
  ])('%s', (_, resources, finding) => {
    const [one, ...others] = said(rule, resources);
    expect(one.replace(/ \[.*\]$/, '')).toBe(finding);
    expect(others).toEqual([]);
  });

  test('on a part of the dynamic ports is a warning', () => {
    const [one] = said(rule, bridge([allow(from('BalancerGroup'), [49153, 65535])]));
    expect(one).toMatch(/^warning Web: load balancer Balancer cannot reach all tasks of service Web: group NodesGroup does not admit it on all of tcp 32768-60999 \(dynamic host ports\)/);
  });

  test('where the load balancer is let out to a part of them, too', () => {
    const [one] = said(rule, bridge([allow(from('BalancerGroup'), DYNAMIC)], [allow(to('NodesGroup'), [32768, 40000])]));
    expect(one).toMatch(/^warning Web: .*the load balancer's own group BalancerGroup lets out a part of that only/);
  });

  test('is told once, with how many more paths are closed', () => {
    expect(said(rule, fargate([], undefined, { HealthCheckPort: '9000' }))[0]).toContain('; one more path is closed');
  });

  test('counts several more, and tells one that is closed before one that is closed in part', () => {
    const many = said(rule, {
      ...onFargate(), Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: 80 }, { ContainerPort: 80, Protocol: 'udp' }]),
      ...balancer({ TargetType: 'ip', Protocol: 'TCP_UDP', HealthCheckPort: '9000' }, undefined, { Protocol: 'TCP_UDP' }),
      BalancerGroup: group([{ IpProtocol: '-1', ...cidr('0.0.0.0/0') }]), TaskGroup: group(),
    });
    expect(many).toEqual([expect.stringMatching(/^error Web: .* on tcp 80; 2 more paths are closed/)]);
    const partly = { ...bridge([allow(from('BalancerGroup'), [40000, 50000])]), ...balancer({ HealthCheckPort: '9000' }) };
    expect(said(rule, partly)).toEqual([expect.stringMatching(/^error Web: load balancer Balancer cannot reach service Web: .* on tcp 9000 \(health checks\); one more path is closed/)]);
  });

  test('has a fix for the side that is closed, from whom packets come', () => {
    const fixOf = (Resources: Resources) => check([given({ Resources })], [rule]).findings.map(({ fix }) => fix);
    expect(fixOf(fargate([allow(from('BalancerGroup'), 80)], [allow(to('TaskGroup'), 443)]))).toEqual(['an outbound rule of BalancerGroup: tcp 80 to TaskGroup']);
    expect(fixOf(network([]))).toEqual(['an inbound rule of NodesGroup: tcp 32768-60999 from its clients and from the subnets of Balancer']);
    expect(fixOf(network([], { HealthCheckPort: '9000' }))).toEqual(['an inbound rule of NodesGroup: tcp 32768-60999 from its clients']);
    // Health checks on the first or the last of the ports alone are about another rule.
    expect(fixOf(network([], { HealthCheckPort: '32768' }))).toEqual(['an inbound rule of NodesGroup: tcp 32768-60999 from its clients']);
    expect(fixOf(network([], { HealthCheckPort: '60999' }))).toEqual(['an inbound rule of NodesGroup: tcp 32768-60999 from its clients']);
    expect(fixOf(network([allow(cidr('192.0.2.0/24'), DYNAMIC)]))).toEqual(['an inbound rule of NodesGroup: tcp 32768-60999 from the subnets of Balancer']);
    expect(fixOf(network([allow(cidr('0.0.0.0/0'), DYNAMIC)], { HealthCheckPort: '9000' }))).toEqual(['an inbound rule of NodesGroup: tcp 9000 from the subnets of Balancer']);
    expect(fixOf(network([], { TargetGroupAttributes: [{ Key: 'preserve_client_ip.enabled', Value: 'false' }] })))
      .toEqual(['an inbound rule of NodesGroup: tcp 32768-60999 from the subnets of Balancer']);
  });

  test('has a fix for UDP, of which health checks over TCP are no part', () => {
    const { findings } = check([given({ Resources: {
      ...onFargate(REGISTERED, { Protocol: 'udp' }), ...balancer({ TargetType: 'ip', Protocol: 'UDP' }, { Type: 'network' }, { Protocol: 'UDP' }), TaskGroup: group(),
    } })], [rule]);
    expect(findings.map(({ fix }) => fix)).toEqual(['an inbound rule of TaskGroup: udp 80 from its clients']);
  });

  test('is less severe where something else may add rules to the groups', () => {
    const exported = { Outputs: { Group: { Value: groupId('TaskGroup'), Export: { Name: 'group' } } } };
    expect(said(rule, fargate([]), exported)).toEqual([expect.stringMatching(/^warning Web: /)]);
  });

  describe('is less severe where something else may add the rules that are missing', () => {
    const exporting = (...names: readonly string[]) => (
      { Outputs: Object.fromEntries(names.map((name) => [name, { Value: groupId(name), Export: { Name: name } }])) });
    const notIn = fargate([]);
    const notOut = fargate([allow(from('BalancerGroup'), 80)], [allow(to('TaskGroup'), 443)]);
    const neither = fargate([], [allow(to('TaskGroup'), 443)]);
    const partly = bridge([allow(from('BalancerGroup'), [40000, 50000])]);
    const onTwo: Resources = {
      ...onProviders({ New: { Weight: 1 }, Old: { Weight: 1 } }, REGISTERED), ...balancer(), ...balancerGroup(),
    };

    test.each<[string, Resources, readonly string[], RegExp]>([
      ['to the group of the tasks, which lacks them', notIn, ['TaskGroup'], /^warning Web: /],
      ['not to that of the load balancer, where the tasks lack them', notIn, ['BalancerGroup'], /^error Web: /],
      ['to the group of the load balancer, which lacks them', notOut, ['BalancerGroup'], /^warning Web: /],
      ['not to that of the tasks, where the load balancer lacks them', notOut, ['TaskGroup'], /^error Web: /],
      ['not to one of both, where both lack them', neither, ['TaskGroup'], /^error Web: /],
      ['not to the other of both, where both lack them', neither, ['BalancerGroup'], /^error Web: /],
      ['to both, where both lack them', neither, ['TaskGroup', 'BalancerGroup'], /^warning Web: /],
      ['of which a part is missing', partly, ['NodesGroup'], /^info Web: load balancer Balancer cannot reach all tasks of /],
      ['of which a part is missing, not to another', partly, ['BalancerGroup'], /^warning Web: load balancer Balancer cannot reach all tasks of /],
      ['not to one group of instances, where another lacks them', onTwo, ['NewGroup'], /^error Web: .*group OldGroup does not admit it .*; one more path is closed/],
      ['to each group of instances', onTwo, ['NewGroup', 'OldGroup'], /^warning Web: load balancer Balancer cannot reach service Web: group NewGroup .*; one more path is closed/],
    ])('%s', (_, resources, names, expected) => {
      expect(said(rule, resources, exporting(...names))).toEqual([expect.stringMatching(expected)]);
    });
  });

  test('of the alternate target group is one, too', () => {
    const AdvancedConfiguration = { AlternateTargetGroupArn: { Ref: 'Green' } };
    const alternate = { LoadBalancers: [{ ...REGISTERED.LoadBalancers[0], TargetGroupArn: 'arn:blue', AdvancedConfiguration }] };
    const { Targets: Green, ...rest } = balancer({ TargetType: 'ip' }, undefined, { DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: 'Green' } }] });
    expect(said(rule, { ...onFargate(alternate), ...rest, Green, ...balancerGroup(), TaskGroup: group([]) })).toEqual([expect.stringMatching(/^error Web/)]);
  });
});

describe('a load balancer that reaches a service', () => {
  test.each<[string, Resources]>([
    ['by its group', fargate([allow(from('BalancerGroup'), 80)])],
    ['by its group, on all ports', fargate([allow(from('BalancerGroup'), [0, 65535])])],
    ['by its group, whatever the protocol', fargate([{ IpProtocol: '-1', ...from('BalancerGroup') }])],
    ['by the block of the VPC', fargate([allow(cidr({ 'Fn::GetAtt': ['Vpc', 'CidrBlock'] }), 80)])],
    ['by the blocks of its subnets', fargate([allow(cidr('10.0.0.0/23'), 80)])],
    ['by everywhere', fargate([allow(cidr('0.0.0.0/0'), 80)])],
    ['by a rule of its own', { ...fargate([]), Rule: resourceOf('AWS::EC2::SecurityGroupIngress', { GroupId: groupId('TaskGroup'), ...allow(from('BalancerGroup'), 80) }) }],
    ['by two rules together', bridge([allow(from('BalancerGroup'), [32768, 50000]), allow(from('BalancerGroup'), [50001, 65535])])],
    ['on the default range and the end that the guide gives', bridge([allow(from('BalancerGroup'), [32768, 61000])])],
    ['and is let out', fargate([allow(from('BalancerGroup'), 80)], [allow(to('TaskGroup'), 80)])],
    ['and is let out to its subnets', fargate([allow(from('BalancerGroup'), 80)], [allow(cidr('10.0.2.0/24'), [1, 100])])],
    ['on its fixed host port', bridge([allow(from('BalancerGroup'), 8080)], undefined, { HostPort: 8080 })],
    ['and whose health checks do', fargate([allow(from('BalancerGroup'), 80), allow(cidr('10.0.0.0/16'), 9000)], undefined, { HealthCheckPort: '9000' })],
    ['by a prefix list', {
      ...fargate([allow({ SourcePrefixListId: { Ref: 'List' } }, 80)]),
      List: resourceOf('AWS::EC2::PrefixList', { AddressFamily: 'IPv4', MaxEntries: 2, Entries: [{ Cidr: '10.0.0.0/16' }] }),
    }],
    ['by a rule for each of its subnets', fargate([allow(cidr('10.0.0.0/24'), 80), allow(cidr('10.0.1.0/24'), 80)])],
    ['by a rule for one of its subnets and a wider one for the other', fargate([allow(cidr('10.0.0.0/24'), 80), allow(cidr('10.0.1.0/24'), [1, 100])])],
    ['by a prefix list with each of its subnets', {
      ...fargate([allow({ SourcePrefixListId: { Ref: 'List' } }, 80)]),
      List: resourceOf('AWS::EC2::PrefixList', { AddressFamily: 'IPv4', MaxEntries: 2, Entries: [{ Cidr: '10.0.0.0/24' }, { Cidr: '10.0.1.0/24' }] }),
    }],
    ['by a prefix list with one of its subnets and a rule for the other', {
      ...fargate([allow({ SourcePrefixListId: { Ref: 'List' } }, 80), allow(cidr('10.0.1.0/24'), 80)]),
      List: resourceOf('AWS::EC2::PrefixList', { AddressFamily: 'IPv4', MaxEntries: 2, Entries: [{ Cidr: '10.0.0.0/24' }] }),
    }],
    ['without a listener, which sends nothing', { ...fargate([]), Listener: resourceOf('AWS::SNS::Topic') }],
    ['for which no container is named', { ...fargate([]), ...onFargate({ LoadBalancers: [{ TargetGroupArn: { Ref: 'Targets' }, ContainerPort: 80 }] }) }],
    ['for which no port is named', { ...fargate([]), ...onFargate({ LoadBalancers: [{ TargetGroupArn: { Ref: 'Targets' }, ContainerName: 'app' }] }) }],
    ['by TCP, whatever else the port is mapped for', {
      ...fargate([allow(from('BalancerGroup'), 80)]), Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: 80 }, { ContainerPort: 80, Protocol: 'udp' }]),
    }],
    ['by UDP at a port that is mapped for TCP, which another rule tells', {
      ...fargate([]), ...balancer({ TargetType: 'ip', Protocol: 'UDP' }, undefined, { Protocol: 'UDP' }), BalancerGroup: group([allow(cidr('0.0.0.0/0'), 80, 'udp')]),
    }],
    ['at a port that is not mapped, which another rule tells', { ...fargate([]), Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: 81 }]) }],
  ])('%s', (_, resources) => {
    expect(said(rule, resources)).toEqual([]);
  });
});

describe('a service on several providers', () => {
  const on = (old: object, ingress: Readonly<Record<string, readonly object[]>>): Resources => (
    { ...onProviders({ New: { Weight: 1 }, Old: old }, REGISTERED, ingress), ...balancer(), ...balancerGroup() });
  const LET_IN = [allow(from('BalancerGroup'), DYNAMIC)];

  test.each<[string, Resources, unknown[]]>([
    ['is to be reached on each', on({ Weight: 1 }, { New: LET_IN }), [expect.stringMatching(/^error Web: .*group OldGroup does not admit it/)]],
    ['is not to be reached where it places nothing, as where an old one is drained', on({ Weight: 0 }, { New: LET_IN }), []],
    ['is to be reached where it places tasks', on({ Weight: 0 }, { Old: LET_IN }), [expect.stringMatching(/^error Web: .*group NewGroup does not admit it/)]],
    ['is to be reached where it has a base', on({ Weight: 0, Base: 1 }, { New: LET_IN }), [expect.stringMatching(/^error Web: .*group OldGroup does not admit it/)]],
  ])('%s', (_, resources, expected) => {
    expect(said(rule, resources)).toEqual(expected);
  });
});

describe('a rule for the block of the VPC', () => {
  const OWN = { 'Fn::GetAtt': ['Vpc', 'CidrBlock'] };
  const within = (block: unknown) => ({ 'Fn::Select': [0, { 'Fn::Cidr': [block, 4, 8] }] });
  /** Tasks in C, whose group admits the VPC's primary block, and a VPC with a block besides. */
  const vpcWith = (primary: unknown, ofTasks: unknown): Resources => ({
    ...fargate([allow(cidr(OWN), 80)]),
    Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: primary }),
    More: resourceOf('AWS::EC2::VPCCidrBlock', { VpcId: { Ref: 'Vpc' }, CidrBlock: '100.64.0.0/16' }),
    ...Object.fromEntries(['A', 'B'].map((id) => [id, resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: ofTasks, AvailabilityZone: `eu-west-1${id.toLowerCase()}` })])),
  });

  test.each<[string, Resources, unknown[]]>([
    ['admits a load balancer in it', vpcWith('10.0.0.0/16', '10.0.0.0/24'), []],
    ['does not admit one in a block that was added', vpcWith('10.0.0.0/16', '100.64.0.0/20'), [expect.stringMatching(/^error Web: /)]],
    ['admits a load balancer in it, whatever it is', vpcWith(OPEN, within(OPEN)), []],
    ['does not admit one in a block that was added, whatever it is', vpcWith(OPEN, '100.64.0.0/20'), [expect.stringMatching(/^error Web: /)]],
  ])('%s', (_, resources, expected) => {
    expect(said(rule, resources)).toEqual(expected);
  });
});

describe('a Network Load Balancer', () => {
  const ITS_GROUPS = { SecurityGroups: [groupId('BalancerGroup')] };
  const PORTS = DYNAMIC;

  test.each<[string, Resources, string[]]>([
    ['without groups passes on clients, of whom somebody must get in', network([]), [
      expect.stringMatching(/^error Web: .* group NodesGroup does not admit it on tcp 32768-60999 \(dynamic host ports\)/),
    ]],
    ['without groups and with a rule for clients alone', network([allow(cidr('10.0.0.0/16'), PORTS)]), []],
    ['without groups and with a rule for its subnets', network([allow(cidr('10.0.0.0/23'), PORTS)]), []],
    ['without groups and with its own health check port', network([allow(cidr('0.0.0.0/0'), [9000, 60999])], { HealthCheckPort: '9000' }), []],
    ['without groups, whose health checks come from its subnets', network([allow(cidr('192.0.2.0/24'), [9000, 60999])], { HealthCheckPort: '9000' }), [
      expect.stringMatching(/^error Web: .* does not admit it on tcp 9000 \(health checks\)/),
    ]],
    ['without groups, whose health checks come from its subnets to the port of the tasks, too', network([allow(cidr('192.0.2.0/24'), PORTS)]), [
      expect.stringMatching(/^error Web: .* group NodesGroup does not admit it on tcp 32768-60999 \(dynamic host ports, health checks\) \[/),
    ]],
    ['with groups is let in by these', network([allow(from('BalancerGroup'), PORTS)], {}, ITS_GROUPS), []],
    ['with groups is not let in by others', { ...network([allow(from('Other'), PORTS)], {}, ITS_GROUPS), Other: group() }, [expect.stringMatching(/^error Web/)]],
    ['with groups and clients of somewhere, of whom it is not known where they are', network([
      allow(cidr('192.0.2.0/24'), PORTS), allow(cidr('10.0.0.0/23'), 9000),
    ], { HealthCheckPort: '9000' }, ITS_GROUPS), [expect.stringMatching(/^undecided Web: which addresses its clients have/)]],
    ['with groups and clients of somewhere, whose health checks do not get in', network([allow(cidr('192.0.2.0/24'), PORTS)], {}, ITS_GROUPS), [
      expect.stringMatching(/^error Web: .*\(dynamic host ports, health checks\)/),
    ]],
    ['that does not pass on clients sends from its subnets', network([allow(cidr('192.0.2.0/24'), PORTS)], {
      TargetGroupAttributes: [{ Key: 'preserve_client_ip.enabled', Value: 'false' }],
    }), [expect.stringMatching(/^error Web/)]],
  ])('%s', (_, resources, expected) => {
    expect(said(rule, resources)).toEqual(expected);
  });

  test.each(['UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'])('of addresses with %s passes clients on, even where that is turned off', (Protocol) => {
    const TargetGroupAttributes = [{ Key: 'preserve_client_ip.enabled', Value: 'false' }];
    expect(said(rule, {
      ...onFargate(REGISTERED, { Protocol: 'udp' }),
      ...balancer({ TargetType: 'ip', Protocol, TargetGroupAttributes }, { Type: 'network' }, { Protocol }),
      TaskGroup: group([allow(cidr('192.0.2.0/24'), 80, 'udp'), allow(cidr('10.0.0.0/16'), 80)]),
    })).toEqual([]);
  });

  test('checks the TCP port of TCP and UDP, whichever is mapped first', () => {
    const both = network([allow(cidr('192.0.2.0/24'), 5000, 'udp'), allow(cidr('0.0.0.0/0'), 8080)], { Protocol: 'TCP_UDP' });
    const Tasks = tasksOf('bridge', {}, [{ ContainerPort: 80, Protocol: 'udp', HostPort: 5000 }, { ContainerPort: 80, HostPort: 8080 }]);
    expect(said(rule, { ...both, Tasks })).toEqual([]);
  });

  test('of addresses sends from its subnets, and UDP passes clients on', () => {
    const of = (Protocol: string, mapping: object, ingress: readonly object[]) => said(rule, {
      ...onFargate(REGISTERED, mapping), ...balancer({ TargetType: 'ip', Protocol }, { Type: 'network' }, { Protocol }), TaskGroup: group(ingress),
    });
    expect(of('TCP', {}, [allow(cidr('192.0.2.0/24'), 80)])).toEqual([expect.stringMatching(/^error Web/)]);
    expect(of('TCP', {}, [allow(cidr('10.0.0.0/16'), 80)])).toEqual([]);
    const udp = allow(cidr('192.0.2.0/24'), 80, 'udp');
    expect(of('UDP', { Protocol: 'udp' }, [udp])).toEqual([expect.stringMatching(/^error Web: .* on tcp 80 \(health checks\)/)]);
    expect(of('UDP', { Protocol: 'udp' }, [udp, allow(cidr('10.0.0.0/16'), 80)])).toEqual([]);
  });
});

describe('a load balancer that is not of what is given', () => {
  const BY_LISTENER: Resources = {
    ...balancer({ TargetType: 'ip' }, undefined, { LoadBalancerArn: { 'Fn::ImportValue': 'alb' } }), Balancer: resourceOf('AWS::SNS::Topic'),
  };
  const BY_RULE: Resources = {
    Targets: BY_LISTENER.Targets,
    Rule: resourceOf('AWS::ElasticLoadBalancingV2::ListenerRule', {
      ListenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/shared/1/2', Actions: [{ Type: 'forward', TargetGroupArn: { Ref: 'Targets' } }],
    }),
  };
  const of = (sending: Resources, ingress: readonly object[], mapping: object = {}) => (
    said(rule, { ...onFargate(REGISTERED, mapping), ...sending, TaskGroup: group(ingress) }));

  test.each<[string, Resources]>([['which its listener names', BY_LISTENER], ['whose listener a rule names', BY_RULE]])('%s, may get in where anybody does', (_, sending) => {
    expect(of(sending, [allow(cidr('10.0.0.0/8'), 80)])).toEqual([expect.stringMatching(/^undecided Web: .*is (of none of|not of what) /)]);
    expect(of(sending, [{ IpProtocol: 'tcp', FromPort: OPEN, ToPort: OPEN, ...cidr('10.0.0.0/8') }])).toEqual([expect.stringMatching(/^undecided Web: /)]);
    expect(of(sending, [], { ContainerPort: OPEN })).toEqual([expect.stringMatching(/^undecided Web: /)]);
  });

  test.each<[string, Resources]>([['which its listener names', BY_LISTENER], ['whose listener a rule names', BY_RULE]])('%s, does not get in where nobody does', (_, sending) => {
    const Resources = { ...onFargate(REGISTERED), ...sending, TaskGroup: group([allow(cidr('10.0.0.0/8'), 443)]) };
    expect(check([given({ Resources })], [rule]).findings).toEqual([expect.objectContaining({
      severity: 'error',
      resource: 'Web',
      message: 'the load balancer of target group Targets cannot reach service Web: group TaskGroup admits nobody on tcp 80',
      fix: 'an inbound rule of TaskGroup: tcp 80 from the load balancer',
      assumes: ['nothing else adds rules to group TaskGroup'],
    })]);
  });
});

describe('a Classic Load Balancer', () => {
  const classic = (ingress: readonly object[]): Resources => ({
    ...onNodes({ HostPort: 8080 }, { LoadBalancers: [{ LoadBalancerName: { Ref: 'Classic' }, ContainerName: 'app', ContainerPort: 80 }] }),
    Classic: resourceOf('AWS::ElasticLoadBalancing::LoadBalancer', {
      Subnets: [{ Ref: 'A' }], SecurityGroups: [groupId('BalancerGroup')], HealthCheck: { Target: 'HTTP:9000/' },
      Listeners: [{ LoadBalancerPort: '80', InstancePort: '8080', Protocol: 'HTTP' }],
    }),
    ...balancerGroup(),
    NodesGroup: group(ingress),
  });

  test('is let in on the port of instances and on that of its checks', () => {
    expect(said(rule, classic([]))).toEqual([expect.stringMatching(/^error Web: load balancer Classic cannot reach service Web: group NodesGroup does not admit it on tcp 8080; one more/)]);
    expect(said(rule, classic([allow(from('BalancerGroup'), 8080)]))).toEqual([expect.stringMatching(/^error Web: .* tcp 9000 \(health checks\)/)]);
    expect(said(rule, classic([allow(from('BalancerGroup'), [8080, 9000])]))).toEqual([]);
  });
});

describe('a port that is not known', () => {
  const everywhere = allow(from('BalancerGroup'), [0, 65535]);

  test.each<[string, Resources]>([
    ['of a mapping', { ...fargate([everywhere]), Tasks: PORT_OPEN }],
    ['of health checks', fargate([everywhere], undefined, { HealthCheckPort: OPEN })],
    ['of a mapping, by a rule of all protocols', { ...fargate([{ IpProtocol: '-1', ...from('BalancerGroup') }]), Tasks: PORT_OPEN }],
    ['in a range of the instances', { ...bridge([everywhere]), Nodes: RANGE_OPEN }],
    ['of health checks, by everybody', network([allow(cidr('0.0.0.0/0'), [0, 65535])], { HealthCheckPort: OPEN })],
    ['of a protocol that is not known', fargate([everywhere, allow(from('BalancerGroup'), [0, 65535], 'udp')], undefined, { Protocol: OPEN })],
  ])('%s is reached where all are', (_, resources) => {
    expect(said(rule, resources)).toEqual([]);
  });

  test('is not reached where none is, which is an error that speaks only of what is sure', () => {
    const { findings, undecided } = check([given({ Parameters: { Open: { Type: 'String' } }, Resources: { ...fargate([], [allow(to('TaskGroup'), 443)]), Tasks: PORT_OPEN } })], [rule]);
    expect(undecided).toEqual([]);
    expect(findings).toEqual([expect.objectContaining({
      severity: 'error',
      message: 'load balancer Balancer cannot reach service Web: group TaskGroup does not admit it on tcp, whatever the port',
      fix: "an inbound rule of TaskGroup: the tasks' tcp port from BalancerGroup",
      assumes: ['nothing else adds rules to group TaskGroup'],
    })]);
  });

  test('is not reached where the load balancer is not let out, whichever ports are let in', () => {
    const { findings } = check([given({ Parameters: { Open: { Type: 'String' } }, Resources: {
      ...fargate([allow(from('BalancerGroup'), [1, 100])], [allow(to('Other'), 443)]), Tasks: PORT_OPEN, Other: group(),
    } })], [rule]);
    expect(findings).toEqual([expect.objectContaining({
      severity: 'error',
      message: "load balancer Balancer cannot reach service Web: the load balancer's own group BalancerGroup lets nothing out there",
      fix: "an outbound rule of BalancerGroup: the tasks' tcp port to TaskGroup",
    })]);
  });

  test('in a range of the instances is not reached where none is, and may be where one is', () => {
    expect(said(rule, { ...bridge([]), Nodes: RANGE_OPEN })).toEqual([expect.stringMatching(/^error Web: .* does not admit it on tcp, whatever the port/)]);
    expect(said(rule, { ...bridge([allow(from('BalancerGroup'), 40000)]), Nodes: RANGE_OPEN })).toEqual([expect.stringMatching(/^undecided Web: .*parameter Open/)]);
  });

  test('of clients that are passed on needs the health checks of the load balancer, too', () => {
    const tasks = tasksOf('bridge', {}, [{ ContainerPort: 80, HostPort: OPEN }]);
    const passing = (block: string) => said(rule, { ...network([allow(cidr(block), [0, 65535])]), Tasks: tasks });
    expect(passing('192.0.2.0/24')).toEqual([expect.stringMatching(/^undecided Web: parameter Open/)]);
    expect(passing('10.0.0.0/16')).toEqual([]);
  });

  test('of health checks of clients that are passed on is not reached where the load balancer is not', () => {
    const from9000 = (block: string) => network([allow(cidr(block), DYNAMIC)], { HealthCheckPort: OPEN });
    expect(said(rule, from9000('10.0.0.0/16'))).toEqual([expect.stringMatching(/^undecided Web: parameter Open/)]);
  });

  test('of UDP needs its health checks over TCP, too', () => {
    const udp = (...ingress: readonly object[]) => said(rule, {
      ...onFargate(REGISTERED), Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: OPEN, Protocol: 'udp' }]),
      ...balancer({ TargetType: 'ip', Protocol: 'UDP' }, { Type: 'network', SecurityGroups: [groupId('BalancerGroup')] }, { Protocol: 'UDP' }),
      BalancerGroup: group([allow(cidr('0.0.0.0/0'), 80, 'udp')]),
      TaskGroup: group(ingress),
    });
    const all = (protocol: string) => allow(from('BalancerGroup'), [1, 65535], protocol);
    expect(udp(all('udp'), all('tcp'))).toEqual([]);
    expect(udp(all('udp'))).toEqual([expect.stringMatching(/^undecided Web: /)]);
    expect(udp()).toEqual([expect.stringMatching(/^error Web: .* does not admit it on udp, whatever the port( \[.*\])?$/)]);
  });

  test('may be mapped beside the same port of another protocol', () => {
    const both = (Protocol: string, ...ingress: readonly object[]) => said(rule, {
      ...onFargate(REGISTERED), Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: 80 }, { ContainerPort: OPEN, Protocol: 'udp' }]),
      ...balancer({ TargetType: 'ip', Protocol }, { Type: 'network', SecurityGroups: [groupId('BalancerGroup')] }, { Protocol }),
      BalancerGroup: group([{ IpProtocol: '-1', ...cidr('0.0.0.0/0') }]),
      TaskGroup: group(ingress),
    });
    const [tcp, udp] = ['tcp', 'udp'].map((protocol) => allow(from('BalancerGroup'), 80, protocol));
    const everything = { IpProtocol: '-1', ...from('BalancerGroup') };
    const undecided = ['undecided Web: parameter Open has no default'];
    expect([both('UDP', tcp, udp), both('UDP', everything)]).toEqual([undecided, []]);
    expect([both('TCP_UDP', tcp, udp), both('TCP_UDP', everything)]).toEqual([undecided, []]);
    expect(both('TCP_UDP', udp)).toEqual([expect.stringMatching(/^error Web: .* does not admit it on tcp 80/)]);
    expect(both('TCP', tcp)).toEqual([]);
  });

  test('may be mapped beside the same port of the same protocol, which is the one', () => {
    expect(said(rule, { ...fargate([allow(from('BalancerGroup'), 80)]), Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: 80 }, { ContainerPort: OPEN }]) })).toEqual([]);
  });

  test('of instances behind a Classic Load Balancer is one of TCP', () => {
    const classic = (ingress: readonly object[]) => said(rule, {
      ...onNodes({ HostPort: 8080 }, { LoadBalancers: [{ LoadBalancerName: { Ref: 'Classic' }, ContainerName: 'app', ContainerPort: 80 }] }),
      Classic: resourceOf('AWS::ElasticLoadBalancing::LoadBalancer', {
        Subnets: [{ Ref: 'A' }], SecurityGroups: [groupId('BalancerGroup')], Listeners: [{ LoadBalancerPort: '80', InstancePort: OPEN, Protocol: 'HTTP' }],
      }),
      ...balancerGroup(),
      NodesGroup: group(ingress),
    });
    expect(classic([everywhere])).toEqual([]);
    expect(classic([])).toEqual([expect.stringMatching(/^error Web: .* does not admit it on tcp, whatever the port( \[.*\])?$/)]);
    expect(classic([allow(from('BalancerGroup'), 8080)])).toEqual([expect.stringMatching(/^undecided Web: /)]);
  });
});

describe('what cannot be told', () => {
  test.each<[string, Resources, RegExp]>([
    ['an imported group', onFargateWith(['sg-1']), /sg-1/],
    ['a group that is not known', onFargateWith([OPEN]), /parameter Open/],
    ['a list of groups', onFargateWith(OPEN), /parameter Open/],
    ['the source of a rule', fargate([allow(cidr(OPEN), 80)]), /parameter Open/],
    ['a prefix list', fargate([allow({ SourcePrefixListId: 'pl-1' }, 80)]), /prefix list/],
    ['a part of the addresses', fargate([allow(cidr('10.0.0.0/24'), 80)]), /a part of the addresses/],
    ['whom a load balancer is let out to', fargate([allow(from('BalancerGroup'), 80)], [allow(cidr(OPEN), 80)]), /parameter Open/],
    ['the kind of a load balancer', { ...fargate([]), ...balancer({ TargetType: 'ip' }, { Type: OPEN, SecurityGroups: [groupId('BalancerGroup')] }) }, /parameter Open/],
    ['the addresses of a target group', fargate([], undefined, { IpAddressType: OPEN }), /parameter Open/],
    ['the protocol of a target group, where only TCP gets in', fargate([allow(from('BalancerGroup'), [0, 65535])], undefined, { Protocol: OPEN }), /parameter Open/],
    ['the ports of a rule', fargate([{ IpProtocol: 'tcp', FromPort: OPEN, ToPort: OPEN, ...from('BalancerGroup') }]), /parameter Open/],
    ['the port of a mapping', { ...fargate([allow(from('BalancerGroup'), 80)]), Tasks: PORT_OPEN }, /parameter Open/],
    ['the port of a mapping, where only some are closed', { ...fargate([allow(from('BalancerGroup'), [2, 65535])]), Tasks: PORT_OPEN }, /parameter Open/],
    ['the port of health checks', fargate([allow(from('BalancerGroup'), 80)], undefined, { HealthCheckPort: OPEN }), /parameter Open/],
    ['the load balancers', { ...fargate([]), ...onFargate({ LoadBalancers: OPEN }) }, /parameter Open/],
    ['an imported target group', { ...fargate([]), ...onFargate({ LoadBalancers: [{ ...REGISTERED.LoadBalancers[0], TargetGroupArn: OPEN }] }) }, /parameter Open/],
    ['the instances of an imported cluster', { ...bridge([allow(from('BalancerGroup'), DYNAMIC)]), ...onNodes({}, { ...REGISTERED, Cluster: OPEN }) }, /Open|instances/],
  ])('%s', (_, resources, why) => {
    const [one, ...others] = said(rule, resources);
    expect(one).toMatch(/^undecided Web: /);
    expect(one).toMatch(why);
    expect(others).toEqual([]);
  });

  function onFargateWith(SecurityGroups: unknown): Resources {
    return { ...fargate([]), ...onFargate({ ...REGISTERED, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }], SecurityGroups } } }) };
  }
});

describe('the listener of a load balancer', () => {
  test('that nobody gets to is a warning', () => {
    expect(said(rule, { ...fargate([allow(from('BalancerGroup'), 80)]), BalancerGroup: group([allow(cidr('0.0.0.0/0'), 443)]) })).toEqual([
      'warning Balancer: load balancer Balancer listens on tcp 80, and its group BalancerGroup admits nobody there [nothing else adds rules to group BalancerGroup]',
    ]);
  });

  test('has a fix, and is an information where something else may add rules', () => {
    const Resources = { ...fargate([allow(from('BalancerGroup'), 80)]), BalancerGroup: group() };
    expect(check([given({ Resources })], [rule]).findings).toEqual([expect.objectContaining({ severity: 'warning', fix: 'an inbound rule of BalancerGroup: tcp 80 from the clients' })]);
    const exported = { Outputs: { Group: { Value: groupId('BalancerGroup'), Export: { Name: 'group' } } } };
    expect(said(rule, Resources, exported)).toEqual([expect.stringMatching(/^info Balancer: /)]);
  });

  test('is judged where one of its target groups leads to a service', () => {
    const TargetGroups = [{ TargetGroupArn: { Ref: 'Unused' }, Weight: 1 }, { TargetGroupArn: { Ref: 'Targets' }, Weight: 1 }];
    const either = balancer({ TargetType: 'ip' }, undefined, { DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }] });
    expect(said(rule, { ...onFargate(), ...either, Unused: either.Targets, BalancerGroup: group(), TaskGroup: group([allow(from('BalancerGroup'), 80)]) }))
      .toEqual([expect.stringMatching(/^warning Balancer: /)]);
  });

  test('is not judged where its load balancer leads to no service', () => {
    expect(said(rule, { ...NETWORK, ...balancer(), BalancerGroup: group() })).toEqual([]);
  });

  test('is judged where it redirects to another, which leads to a service', () => {
    const Plain = balancer({}, undefined, { Port: 8080, DefaultActions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Port: '80' } }] }).Listener;
    expect(said(rule, { ...fargate([allow(from('BalancerGroup'), 80)]), Plain, BalancerGroup: group([allow(cidr('0.0.0.0/0'), 80)]) })).toEqual([
      expect.stringMatching(/^warning Balancer: load balancer Balancer listens on tcp 8080, and its group BalancerGroup admits nobody there/),
    ]);
  });

  describe.each(['Port', 'Protocol'])('of which the %s is not known', (property) => {
    const saidWith = (ingress: readonly object[], loadBalancer?: object) => said(rule, {
      ...onFargate(),
      ...balancer({ TargetType: 'ip' }, loadBalancer, { [property]: OPEN }),
      BalancerGroup: group(ingress),
      TaskGroup: group([allow(cidr('0.0.0.0/0'), [0, 65535])]),
    });

    test('may be one that nobody gets to', () => {
      expect(saidWith([])).toEqual([expect.stringMatching(/^undecided Balancer: .*parameter Open/)]);
      expect(saidWith([allow(cidr('0.0.0.0/0'), 443)])).toEqual([expect.stringMatching(/^undecided Balancer: .*parameter Open/)]);
    });

    test('is one that somebody gets to where all ports are open', () => {
      expect(saidWith([{ IpProtocol: '-1', ...cidr('0.0.0.0/0') }])).toEqual([]);
    });

    test('needs TCP only, of an Application Load Balancer', () => {
      const tcp = [allow(cidr('0.0.0.0/0'), [0, 65535])];
      expect(saidWith(tcp)).toEqual([]);
      const ofNetwork = saidWith(tcp, { Type: 'network', SecurityGroups: [groupId('BalancerGroup')] });
      expect(ofNetwork.filter((text) => text.startsWith('undecided Balancer'))).toHaveLength(property === 'Port' ? 0 : 1);
    });

    test('may need UDP, of a Network Load Balancer, and TCP, too', () => {
      const network = { Type: 'network', SecurityGroups: [groupId('BalancerGroup')] };
      const [tcp, udp] = ['tcp', 'udp'].map((protocol) => allow(cidr('0.0.0.0/0'), [0, 65535], protocol));
      expect(saidWith([udp], network)).toContainEqual(expect.stringMatching(/^undecided Balancer: /));
      expect(saidWith([tcp, udp], network)).toEqual([]);
    });
  });
});

describe('Cloud Map', () => {
  const NAMESPACE = resourceOf('AWS::ServiceDiscovery::PrivateDnsNamespace', { Name: 'x', Vpc: { Ref: 'Vpc' } });
  const REGISTRY = resourceOf('AWS::ServiceDiscovery::Service', { NamespaceId: { Ref: 'Namespace' }, DnsConfig: { DnsRecords: [{ Type: 'A', TTL: 10 }] } });
  const inCloudMap = (ingress: readonly object[], mappings: readonly object[] = [{ ContainerPort: 80 }]): Resources => ({
    ...onFargate({ ServiceRegistries: [{ RegistryArn: { 'Fn::GetAtt': ['Registry', 'Arn'] } }] }), Tasks: tasksOf('awsvpc', {}, mappings),
    TaskGroup: group(ingress), Namespace: NAMESPACE, Registry: REGISTRY,
  });

  test('names a service that lets nobody in: an information', () => {
    expect(said(rule, inCloudMap([])))
      .toEqual(['info Web: service Web is registered in Cloud Map, and group TaskGroup admits nobody on tcp 80 [nothing else adds rules to group TaskGroup]']);
    expect(check([given({ Resources: inCloudMap([]) })], [rule]).findings).toEqual([expect.objectContaining({ fix: 'an inbound rule of TaskGroup: tcp 80 from who looks it up' })]);
    expect(said(rule, inCloudMap([allow(cidr('10.0.0.0/16'), 80)]))).toEqual([]);
  });

  test.each<[string, Resources]>([
    ['one of whose ports lets somebody in', inCloudMap([allow(cidr('10.0.0.0/16'), 81)], [{ ContainerPort: 80 }, { ContainerPort: 81 }])],
    ['one of whose ports is not known', inCloudMap([], [{ ContainerPort: 80 }, { ContainerPort: OPEN }])],
    ['which listens on nothing', inCloudMap([], [])],
  ])('says nothing of a service %s', (_, resources) => {
    expect(said(rule, resources)).toEqual([]);
  });
});

describe('what a finding rests on is said', () => {
  const rests = (Resources: Resources, Default: string) => (
    check([given({ Parameters: { Its: { Type: 'String', Default } }, Resources })], [rule]).findings.flatMap(({ assumes }) => assumes));
  const PARAMETER = expect.stringContaining('parameter Its');
  const TASKS = 'nothing else adds rules to group TaskGroup';
  const BALANCER = 'nothing else adds rules to group BalancerGroup';

  test.each<[string, Resources, string, unknown[]]>([
    ['that nothing else adds rules', fargate([]), '', [TASKS]],
    ['the same of the load balancer, where that is what closes it', fargate([allow(from('BalancerGroup'), 80)], [allow(to('TaskGroup'), 443)]), '', [BALANCER]],
    ['the same of both', fargate([], [allow(to('TaskGroup'), 443)]), '', [TASKS, BALANCER]],
    ['the port of a mapping', {
      ...fargate([]), ...onFargate({ LoadBalancers: [{ ...REGISTERED.LoadBalancers[0], ContainerPort: { Ref: 'Its' } }] }), Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: { Ref: 'Its' } }]),
    }, '80', [PARAMETER, TASKS]],
    ['the port of health checks', fargate([allow(from('BalancerGroup'), 80)], undefined, { HealthCheckPort: { Ref: 'Its' } }), '9000', [PARAMETER, TASKS]],
    ['no operating system, where no port is a dynamic one that is known', {
      ...bridge([]), Nodes: RANGE_OPEN, Tasks: tasksOf('bridge', { RuntimePlatform: { OperatingSystemFamily: { Ref: 'Its' } } }),
    }, 'LINUX', ['no other instances join cluster Cluster', 'nothing else adds rules to group NodesGroup']],
    ['the port of a rule', fargate([{ IpProtocol: 'tcp', FromPort: { Ref: 'Its' }, ToPort: { Ref: 'Its' }, ...from('BalancerGroup') }]), '8080', [PARAMETER, TASKS]],
    ['the port of a listener', {
      ...onFargate(), ...balancer({ TargetType: 'ip' }, undefined, { Port: { Ref: 'Its' } }), BalancerGroup: group([allow(cidr('0.0.0.0/0'), 80)]), TaskGroup: group([allow(from('BalancerGroup'), 80)]),
    }, '443', [PARAMETER, BALANCER]],
  ])('%s', (_, resources, value, assumes) => {
    expect(rests(resources, value)).toEqual(assumes);
  });
});

describe('a service whose mode is a fault that another rule reports', () => {
  const AWSVPC_CONFIGURATION = { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }] } } };
  const CONNECT = { ServiceConnectConfiguration: { Enabled: true, Namespace: 'shop', Services: [{ PortName: 'web' }] } };
  const without = (service: object, mode: unknown, more: Resources = {}): Resources => ({
    ...onNodes({ Name: 'web' }, service, mode), ...balancer(), ...balancerGroup(), NodesGroup: group(), ...more,
  });
  const CLIENT = { Client: serviceOf({ ServiceConnectConfiguration: { Enabled: true, Namespace: 'shop' } }) };
  const REGISTRY = { ServiceRegistries: [{ RegistryArn: 'arn:registry' }] };

  test.each<[string, object, string]>([
    ['in bridge mode', REGISTERED, 'bridge'],
    ['in host mode', REGISTERED, 'host'],
    ['of Cloud Map', REGISTRY, 'bridge'],
    ['of Service Connect', CONNECT, 'bridge'],
  ])('%s with a network configuration is not judged', (_, service, mode) => {
    expect(said(rule, without(service, mode, CLIENT))).not.toEqual([]);
    expect(said(rule, without({ ...service, ...AWSVPC_CONFIGURATION }, mode, CLIENT))).toEqual([]);
  });

  test.each(['bridge', 'host', 'none'])('on Fargate in mode %s is not judged', (mode) => {
    expect(said(rule, without({ ...REGISTERED, LaunchType: 'FARGATE' }, mode))).toEqual([]);
  });

  test('is no client either', () => {
    const client = (more: object) => said(rule, without(CONNECT, 'bridge', { Client: serviceOf({ ...CLIENT.Client.Properties, ...more }) }));
    expect(client({})).toEqual([expect.stringMatching(/^warning Web: no client in its Service Connect namespace \(1 service\)/)]);
    expect(client(AWSVPC_CONFIGURATION)).toEqual([]);
  });
});

test('a listener of TCP and UDP is judged by both', () => {
  expect(said(rule, {
    ...onFargate(REGISTERED, { Protocol: 'udp' }),
    ...balancer({ TargetType: 'ip', Protocol: 'TCP_UDP' }, { Type: 'network', SecurityGroups: [groupId('BalancerGroup')] }, { Protocol: 'TCP_UDP' }),
    ...balancerGroup(), TaskGroup: group([{ IpProtocol: '-1', ...from('BalancerGroup') }]),
  })).toEqual(['warning Balancer: load balancer Balancer listens on udp 80, and its group BalancerGroup admits nobody there [nothing else adds rules to group BalancerGroup]']);
});

describe('a Network Load Balancer whose group admits nobody', () => {
  const saidWith = (EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: unknown) => said(rule, {
    ...onFargate(REGISTERED),
    ...balancer({ TargetType: 'ip', Protocol: 'TCP' }, {
      Type: 'network', SecurityGroups: [groupId('BalancerGroup')], EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic,
    }, { Protocol: 'TCP' }),
    BalancerGroup: group(), TaskGroup: group([allow(from('BalancerGroup'), 80)]),
  }, { Parameters: { Open: { Type: 'String' } } });

  test.each([[undefined], ['on']])('is closed where its rules hold for PrivateLink: %s', (enforced) => {
    expect(saidWith(enforced)).toEqual([expect.stringMatching(/^warning Balancer: load balancer Balancer listens on tcp 80, /)]);
  });

  test('is reached through PrivateLink where they do not', () => {
    expect(saidWith('off')).toEqual([]);
  });

  test('is undecided where that is not known', () => {
    expect(saidWith(OPEN)).toEqual([expect.stringMatching(/^undecided Balancer: parameter Open/)]);
  });
});

describe('Service Connect', () => {
  const connect = (more: object = {}) => ({ ServiceConnectConfiguration: { Enabled: true, Namespace: 'shop', ...more } });
  const OFFER = { Services: [{ PortName: 'http', ClientAliases: [{ Port: 80 }] }] };
  const server = (ingress: readonly object[], more: Resources = {}, offer: object = OFFER, service: object = {}): Resources => ({
    ...onFargate({ ...connect(offer), ...service }, { Name: 'http' }), TaskGroup: group(ingress), ...more,
  });
  const client = (name = 'Client', egress?: readonly object[], connected: object = {}): Resources => ({
    [name]: {
      Type: 'AWS::ECS::Service',
      Properties: {
        Cluster: { Ref: 'Cluster' }, LaunchType: 'FARGATE', TaskDefinition: { Ref: `${name}Tasks` }, ...connect(connected),
        NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'A' }], SecurityGroups: [groupId(`${name}Group`)] } },
      },
    },
    [`${name}Tasks`]: tasksOf('awsvpc', {}, []),
    [`${name}Group`]: group([], egress),
  });

  test.each<[string, Resources, string[]]>([
    ['whose clients are not let in', server([], client()), [
      'warning Web: no client in its Service Connect namespace (1 service) reaches service Web: group TaskGroup admits none of them on tcp 80 [nothing else adds rules to group TaskGroup]',
    ]],
    ['whose clients are let in by another port', server([allow(from('ClientGroup'), 81)], client()), [expect.stringMatching(/^warning Web/)]],
    ['whose clients are not let out', server([allow(from('ClientGroup'), 80)], client('Client', [allow(to('TaskGroup'), 443)])), [expect.stringMatching(/^warning Web/)]],
    ['whose client is let in', server([allow(from('ClientGroup'), 80)], client()), []],
    ['of whose clients one is let in', server([allow(from('SecondGroup'), 80)], { ...client(), ...client('Second') }), []],
    ['whose client is let in by its subnet', server([allow(cidr('10.0.0.0/24'), 80)], client()), []],
    ['without clients', server([]), []],
    ['with another port for its proxy', server([allow(from('ClientGroup'), 80)], client(), { Services: [{ ...OFFER.Services[0], IngressPortOverride: 9000 }] }), [
      expect.stringMatching(/admits none of them on tcp 9000( \[|$)/),
    ]],
    ['whose group is imported', { ...server([], client()), Web: undefined, ...withGroup('sg-1') }, [expect.stringMatching(/^undecided Web: /)]],
  ])('a service %s', (_, resources, expected) => {
    expect(said(rule, Object.fromEntries(Object.entries(resources).filter(([, resource]) => resource !== undefined)))).toEqual(expected);
  });

  test('in bridge mode has its proxy on a dynamic port, whatever the host port is', () => {
    const of = (ports: number | readonly [number, number]) => said(rule, {
      ...onNodes({ Name: 'http', HostPort: 8080 }, connect(OFFER)), NodesGroup: group([allow(from('ClientGroup'), ports)]), ...client(),
    });
    expect(of(DYNAMIC)).toEqual([]);
    expect(of(8080)).toEqual([expect.stringMatching(/^warning Web: .* admits none of them on tcp 32768-60999 \(where its proxy listens\)/)]);
    expect(of([40000, 40100])).toEqual([]);
  });

  test('in host mode is left to another rule, as Service Connect is refused there', () => {
    expect(said(rule, { ...onNodes({ Name: 'http' }, connect(OFFER), 'host'), NodesGroup: group(), ...client() })).toEqual([]);
  });

  test('is not decidable where a part of the ports is let in from who is not known', () => {
    const NodesGroup = group([allow(cidr(OPEN), [40000, 40100])]);
    expect(said(rule, { ...onNodes({ Name: 'http' }, connect(OFFER)), NodesGroup, ...client() })).toEqual([expect.stringMatching(/^undecided Web: parameter Open/)]);
  });

  describe('whose clients', () => {
    const NAMESPACE = resourceOf('AWS::ServiceDiscovery::HttpNamespace', { Name: 'market' });
    const unreached = ['warning Web: no client in its Service Connect namespace (1 service) reaches service Web: group TaskGroup admits none of them on tcp 80 '
      + '[nothing else adds rules to group TaskGroup]'];
    const offering = (Port: unknown) => ({ Services: [{ PortName: 'client', ClientAliases: [{ Port }] }] });
    const clientWith = (more: object) => client('Client', undefined, more);
    const LET_IN = [allow(from('ClientGroup'), 80)];
    const ARN = 'arn:aws:servicediscovery:eu-west-1:111111111111:namespace/ns-abcdefgh12345678';

    test.each<[string, Resources, string[]]>([
      ['have an alias of their own on the port', server([], clientWith(offering(80))), []],
      ['have an alias of their own on another port', server([], clientWith(offering(81))), unreached],
      ['are one with such an alias and one without', server([], { ...clientWith(offering(80)), ...client('Second') }), unreached],
      ['have an alias of their own on a port that is not known', server([], clientWith(offering(OPEN))), [expect.stringMatching(/^undecided Web: parameter Open/)]],
      ['may have one, and are let in', server(LET_IN, clientWith(offering(OPEN))), [expect.stringMatching(/^undecided Web: parameter Open/)]],
      ['may have one, beside another that is let in', server([allow(from('SecondGroup'), 80)], { ...clientWith(offering(OPEN)), ...client('Second') }), []],
      ['are in another namespace', server([], clientWith({ Namespace: 'other' })), []],
      ['are in a namespace by its ARN', server([], clientWith({ Namespace: ARN })), [
        `undecided Web: whether Service Connect namespace shop is ${ARN} is not known`]],
      ['are in the same namespace by id and by ARN', server([], clientWith({ Namespace: ARN }), { ...OFFER, Namespace: 'ns-abcdefgh12345678' }), unreached],
      ['are in another namespace by id and by ARN', server([], clientWith({ Namespace: ARN }), { ...OFFER, Namespace: 'ns-1234567812345678' }), []],
      ['are in a namespace that is not known', server([], clientWith({ Namespace: OPEN })), [expect.stringMatching(/^undecided Web: parameter Open/)]],
      ['are in a namespace that is not known, beside one that is let in', server([allow(from('SecondGroup'), 80)], { ...clientWith({ Namespace: OPEN }), ...client('Second') }), []],
      ['are in a namespace that is not known, beside one that is not let in', server([], { ...clientWith({ Namespace: OPEN }), ...client('Second') }), unreached],
      ['are in a namespace that is not known and let in, beside one that is not', server(LET_IN, { ...clientWith({ Namespace: OPEN }), ...client('Second') }), [
        expect.stringMatching(/^undecided Web: parameter Open/)]],
      ['are in the default namespace of a cluster that is not known', server([], client(), { ...OFFER, Namespace: undefined }, { Cluster: OPEN }), [
        expect.stringMatching(/^undecided Web: the default namespace of the cluster is not known/)]],
      ['may have it turned off', server([], clientWith({ Enabled: OPEN })), [expect.stringMatching(/^undecided Web: parameter Open/)]],
      ['have it turned off', server([], clientWith({ Enabled: false })), []],
      ['are in a given namespace', server([], { ...clientWith({ Namespace: 'market' }), Namespace: NAMESPACE }, { ...OFFER, Namespace: { 'Fn::GetAtt': ['Namespace', 'Arn'] } }), unreached],
    ])('%s', (_, resources, expected) => {
      expect(said(rule, resources)).toEqual(expected);
    });

    test('are not let out, for which their own groups are blamed', () => {
      const of = (...names: string[]) => check([given({ Resources: server(
        names.map((name) => allow(from(`${name}Group`), 80)), Object.assign({}, ...names.map((name) => client(name, [allow(to('TaskGroup'), 443)]))) as Resources,
      ) })], [rule]).findings.map(({ message, fix }) => [message.replace(/^.*: /, ''), fix]);
      expect(of('Client')).toEqual([[
        'group ClientGroup lets nothing out to it on tcp 80', 'an outbound rule of ClientGroup: tcp 80 to TaskGroup (server.allowServiceConnectFrom(client))',
      ]]);
      expect(of('Client', 'Second')).toEqual([[
        'their groups ClientGroup, SecondGroup let nothing out to it on tcp 80',
        'an outbound rule of ClientGroup, SecondGroup: tcp 80 to TaskGroup (server.allowServiceConnectFrom(client))',
      ]]);
    });

    test('are not let out, which rests on their own groups, too', () => {
      expect(said(rule, server([allow(from('ClientGroup'), 80)], client('Client', [allow(to('TaskGroup'), 443)]))))
        .toEqual([expect.stringMatching(/ \[nothing else adds rules to group TaskGroup; nothing else adds rules to group ClientGroup\]$/)]);
    });

    test('are not known to be any, as nothing tells which port is offered', () => {
      const offer = (PortName: unknown) => ({ Services: [{ PortName, ClientAliases: [{ Port: 80 }] }] });
      expect(said(rule, server([], client(), offer(OPEN)))).toEqual([expect.stringMatching(/^undecided Web: parameter Open/)]);
      expect(said(rule, server([], client(), { Services: OPEN }))).toEqual([expect.stringMatching(/^undecided Web: parameter Open/)]);
      expect(said(rule, server([], {}, offer(OPEN)))).toEqual([]);
      expect(said(rule, server([], client(), offer('other')))).toEqual([]);
    });
  });

  function withGroup(id: string): Resources {
    return onFargate({
      ...connect(OFFER), NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }], SecurityGroups: [id] } },
    }, { Name: 'http' });
  }
});
