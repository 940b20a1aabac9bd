import { check } from '../../../src/analysis/check';
import { securityGroupPortRange as rule } from '../../../src/analysis/rules/security-group-port-range';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';
import { balancer, cidr, from, group, groupId, NETWORK, NODES, onFargate, onNodes, REGISTERED, rule as allow } from './group-fragments';

itsExamplesHold(rule);

type Resources = Record<string, unknown>;
const VPC = cidr('10.0.0.0/16');
const fargate = (ingress: readonly object[], more: Resources = {}, mapping: object = {}): Resources => (
  { ...onFargate({}, mapping), TaskGroup: group(ingress), ...more });
const nodes = (ingress: readonly object[], userData = '', more: Resources = {}, mapping: object = {}): Resources => ({
  ...onNodes(mapping, {}),
  Nodes: {
    ...NODES.Nodes,
    Properties: {
      ...NODES.Nodes.Properties, UserData: { 'Fn::Base64': { 'Fn::Sub': `#!/bin/bash\necho ECS_CLUSTER=\${Cluster} >> /etc/ecs/ecs.config\n${userData}` } },
    },
  },
  NodesGroup: group(ingress),
  ...more,
});
const RANGE = 'echo ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999 >> /etc/ecs/ecs.config';
/** Assumptions are for other tests. */
const found = (resources: Resources, rest?: object) => said(rule, resources, rest).map((one) => one.replace(/ \[.*\]$/, ''));

test('the finding reads as it should', () => {
  expect(check([given({ Resources: rule.bad })], [rule]).findings).toEqual([expect.objectContaining({
    severity: 'warning',
    resource: 'TaskGroup',
    message: 'group TaskGroup lets 10.0.0.0/16 reach tcp 0-65535; service Api listens on tcp 8080 only',
    fix: 'a rule for tcp 8080',
  })]);
});

describe('a rule for more than is used', () => {
  test.each<[string, Resources, string[]]>([
    ['by as many ports as are let pass', fargate([allow(VPC, [80, 1104])]), []],
    ['by one more', fargate([allow(VPC, [80, 1105])]), ['warning TaskGroup: group TaskGroup lets 10.0.0.0/16 reach tcp 80-1105; service Web listens on tcp 80 only']],
    ['of another protocol', fargate([allow(VPC, [1, 2000], 'udp')]), [expect.stringMatching(/^warning TaskGroup: .* reach udp 1-2000; service Web listens on tcp 80 only/)]],
    ['of all protocols', fargate([{ IpProtocol: '-1', ...VPC }]), [expect.stringMatching(/^warning TaskGroup: .* reach all ports of all protocols; /)]],
    ['of ICMP', fargate([{ IpProtocol: 'icmp', FromPort: -1, ToPort: -1, ...VPC }]), []],
    ['for the group of one load balancer', fargate([allow(from('BalancerGroup'), [0, 65535])], { ...balancer(), BalancerGroup: group() }),
      ['info TaskGroup: group TaskGroup lets group BalancerGroup reach tcp 0-65535; service Web listens on tcp 80 only']],
    ['for a group of two', fargate([allow(from('BalancerGroup'), [0, 65535])], {
      ...balancer(), BalancerGroup: group(), Second: balancer().Balancer,
    }), [expect.stringMatching(/^warning TaskGroup/)]],
    ['for the group itself, of one service', fargate([allow(from('TaskGroup'), [0, 65535])]), [expect.stringMatching(/^info TaskGroup/)]],
    ['for an imported group', fargate([allow({ SourceSecurityGroupId: 'sg-1' }, [0, 65535])]), [expect.stringMatching(/^info TaskGroup: .* lets group sg-1 reach/)]],
    ['for a prefix list', fargate([allow({ SourcePrefixListId: 'pl-1' }, [0, 65535])]), [expect.stringMatching(/^warning TaskGroup: .* lets a prefix list reach/)]],
    ['in several rules', fargate([allow(VPC, [0, 65535]), allow(cidr('10.1.0.0/16'), [0, 65535]), allow(cidr('10.2.0.0/16'), [0, 65535])]),
      [expect.stringMatching(/; 2 more rules are as wide$/)]],
    ['for the dynamic ports and the end that agents no longer use', nodes([allow(VPC, [32768, 65535])]),
      ['warning NodesGroup: group NodesGroup lets 10.0.0.0/16 reach tcp 32768-65535; service Web listens on tcp 32768-60999 only']],
    ['for the dynamic ports', nodes([allow(VPC, [32768, 60999])]), []],
    ['for the dynamic ports and one more', nodes([allow(VPC, [32768, 61000])]), []],
    ['for more than the range that is set', nodes([allow(VPC, [40000, 41000])], RANGE), [expect.stringMatching(/reach tcp 40000-41000; service Web listens on tcp 40000-40999 only/)]],
    ['for the range that is set', nodes([allow(VPC, [40000, 40999])], RANGE), []],
    ['for a part of the range that is set', nodes([allow(VPC, [40500, 41100])], RANGE), []],
    ['on instances without services', { ...NETWORK, Cluster: resourceOf('AWS::ECS::Cluster'), ...NODES, NodesGroup: group([allow(VPC, [0, 65535])]) },
      [expect.stringMatching(/^warning NodesGroup: .*; no service is behind it$/)]],
    ['of instances whose services are in awsvpc mode', nodes([allow(VPC, [0, 65535])], '', { Tasks: tasksOf('awsvpc'), Web: serviceOf() }), [expect.stringMatching(/no service is behind it/)]],
  ])('%s', (_, resources, expected) => {
    expect(found(resources)).toEqual(expected);
  });

  test('of a load balancer is worth a word only for everything', () => {
    const of = (ingress: object) => found({ ...NETWORK, ...balancer(), BalancerGroup: group([ingress]) });
    expect(of({ IpProtocol: '-1', ...VPC }))
      .toEqual(['info BalancerGroup: group BalancerGroup lets 10.0.0.0/16 reach all ports of all protocols; load balancer Balancer listens on 80']);
    expect(of(allow(VPC, [0, 65535]))).toEqual([]);
  });

  test('of a group that nobody has is not judged', () => {
    expect(found({ Lonely: group([allow(VPC, [0, 65535])]) })).toEqual([]);
  });

  test('is measured against everything behind the group', () => {
    const ports = [1000, 2000, 3000, 4000, 5000, 6000, 7000];
    const many = Object.fromEntries(ports.map((ContainerPort) => [`Tasks${ContainerPort}`, tasksOf('awsvpc', {}, [{ ContainerPort }])]));
    const services = Object.fromEntries(Object.keys(many).map((id) => [`S${id}`, serviceOf({
      LaunchType: 'FARGATE', TaskDefinition: { Ref: id },
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }], SecurityGroups: [groupId('TaskGroup')] } },
    })]));
    const [one] = found({ ...NETWORK, Cluster: resourceOf('AWS::ECS::Cluster'), ...many, ...services, TaskGroup: group([allow(VPC, [1000, 7000])]) });
    expect(one).toContain('its 7 services listen on tcp 1000, tcp 2000, tcp 3000, tcp 4000, tcp 5000, 2 more only');
  });

  test('counts ports of health checks and of proxies as used', () => {
    const target = { HealthCheckPort: '1105', TargetType: 'ip' };
    const behind = fargate([allow(VPC, [80, 1105])], { ...onFargate(REGISTERED), ...balancer(target), BalancerGroup: group() });
    expect(found({ ...behind, TaskGroup: group([allow(VPC, [80, 1105])]) })).toEqual([]);
    const connect = { ServiceConnectConfiguration: { Enabled: true, Namespace: 'x', Services: [{ PortName: 'http', IngressPortOverride: 1105 }] } };
    expect(found({ ...fargate([allow(VPC, [80, 1105])]), ...onFargate(connect, { Name: 'http' }) })).toEqual([]);
  });

  test('counts the proxy of Service Connect in bridge mode, which takes a dynamic port beside a fixed one', () => {
    const connect = (Enabled: boolean) => ({ ServiceConnectConfiguration: { Enabled, Namespace: 'x', Services: [{ PortName: 'http' }] } });
    const of = (Enabled: boolean) => found({ ...onNodes({ HostPort: 8080, Name: 'http' }, connect(Enabled)), NodesGroup: group([allow(VPC, [32768, 60999])]) });
    expect(of(true)).toEqual([]);
    expect(of(false)).toEqual([expect.stringMatching(/^warning NodesGroup: .* service Web listens on tcp 8080 only$/)]);
  });

  test('has a fix with what is used, and with a range where ports are dynamic', () => {
    const fixOf = (Resources: Resources) => check([given({ Resources })], [rule]).findings.map(({ fix }) => fix);
    expect(fixOf(nodes([allow(VPC, [1, 65535])]))).toEqual([
      'a rule for tcp 32768-60999; or a range of their own such as ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999 (dynamicPorts), and a rule for just that',
    ]);
    expect(fixOf(nodes([allow(VPC, [1, 65535])], RANGE))).toEqual(['a rule for tcp 40000-40999']);
    expect(fixOf({ ...fargate([allow(VPC, [1, 65535])]), Tasks: tasksOf('awsvpc', {}, []) })).toEqual(['no rule, as nothing listens there']);
  });
});

describe('what cannot be told', () => {
  test('are ports beside those of a service that is not known', () => {
    expect(found(fargate([allow(VPC, [80, 9000])], {}, { ContainerPort: OPEN }))).toEqual([expect.stringMatching(/^undecided TaskGroup: parameter Open/)]);
    expect(found(fargate([allow(VPC, [80, 1103])], {}, { ContainerPort: OPEN }))).toEqual([]);
  });

  describe('are those of', () => {
    const [WIDE, ALL] = [[allow(VPC, [80, 9000])], [allow(VPC, [0, 65535])]];
    const behind = (target: object, service: object = REGISTERED) => (ingress: readonly object[]): Resources => (
      { ...onFargate(service), ...balancer({ TargetType: 'ip', ...target }), BalancerGroup: group(), TaskGroup: group(ingress) });
    const connected = (Service: object, Enabled: unknown = true) => (ingress: readonly object[]): Resources => (
      fargate(ingress, onFargate({ ServiceConnectConfiguration: { Enabled, Namespace: 'x', Services: [Service] } }, { Name: 'http' })));

    test.each<[string, (ingress: readonly object[]) => Resources, RegExp]>([
      ['health checks', behind({ HealthCheckPort: OPEN }), /parameter Open/],
      ['health checks of an imported target group', behind({}, { LoadBalancers: [{ ...REGISTERED.LoadBalancers[0], TargetGroupArn: OPEN }] }), /parameter Open/],
      ['load balancers', behind({}, { LoadBalancers: OPEN }), /parameter Open/],
      ['a proxy', connected({ PortName: 'http', IngressPortOverride: OPEN }), /parameter Open/],
      ['a proxy that may be off', connected({ PortName: 'http', IngressPortOverride: 9000 }, OPEN), /parameter Open/],
      ['a proxy at a port that is not known', connected({ PortName: OPEN }), /parameter Open/],
    ])('%s', (_, resources, why) => {
      expect(found(resources(WIDE))).toEqual([expect.stringMatching(/^undecided TaskGroup: /)]);
      expect(found(resources(WIDE))[0]).toMatch(why);
      expect(found(resources(ALL))).toEqual([expect.stringMatching(/^warning TaskGroup: .*; not all of what service Web listens on is known$/)]);
    });
  });

  test('and a source that is known only at deployment, or a group without a name, are told as such', () => {
    const Rule = resourceOf('AWS::EC2::SecurityGroupIngress', { GroupId: OPEN, ...allow(cidr({ Ref: 'Who' }), [0, 65535]) });
    const imported = onFargate({ NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }], SecurityGroups: [OPEN] } } });
    expect(found({ ...imported, Rule }, { Parameters: { Open: { Type: 'String' }, Who: { Type: 'String' } } }))
      .toEqual([expect.stringMatching(/^warning Rule: an imported security group lets a block that is known only at deployment reach tcp 0-65535; service Web/)]);
  });

  test('but nobody needs all of them', () => {
    const of = (last: number) => found(fargate([allow(VPC, [1, last])], {}, { ContainerPort: OPEN }));
    expect(of(60_000)).toEqual([expect.stringMatching(/^warning TaskGroup: .*; not all of what service Web listens on is known$/)]);
    expect(of(59_999)).toEqual([expect.stringMatching(/^undecided TaskGroup/)]);
  });

  test('and nothing is said of a rule whose ports are not known', () => {
    expect(found(fargate([{ IpProtocol: 'tcp', FromPort: OPEN, ToPort: OPEN, ...VPC }]))).toEqual([]);
  });
});
