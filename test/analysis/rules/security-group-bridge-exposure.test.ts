import { check } from '../../../src/analysis/check';
import { securityGroupBridgeExposure as rule } from '../../../src/analysis/rules/security-group-bridge-exposure';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';
import { balancer, cidr, from, group, groupId, NETWORK, NODES, rule as allow } from './group-fragments';

itsExamplesHold(rule);

type Resources = Record<string, unknown>;
const DYNAMIC: readonly [number, number] = [32768, 60999];

/** A load balancer with a group of its own, a target group `<id>Targets`, and a listener. */
function frontOf(id: string, Scheme = 'internal'): Resources {
  const { Balancer, Listener, Targets } = balancer({}, { SecurityGroups: [groupId(`${id}Group`)], Scheme }, {
    LoadBalancerArn: { Ref: id }, DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: `${id}Targets` } }],
  });
  return { [id]: Balancer, [`${id}Listener`]: Listener, [`${id}Targets`]: Targets, [`${id}Group`]: group() };
}

/** A service on the instances, behind a load balancer where one is named. */
function tenant(id: string, front?: string, mapping: object = {}, more: object = {}, mode: unknown = 'bridge'): Resources {
  return {
    [`${id}Tasks`]: tasksOf(mode, {}, [{ ContainerPort: 80, ...mapping }]),
    [id]: serviceOf({
      TaskDefinition: { Ref: `${id}Tasks` },
      ...front === undefined ? {} : { LoadBalancers: [{ TargetGroupArn: { Ref: `${front}Targets` }, ContainerName: 'app', ContainerPort: 80 }] },
      ...more,
    }),
  };
}

const onNodes = (ingress: readonly object[], ...more: Resources[]): Resources => (
  Object.assign({ ...NETWORK, Cluster: CLUSTER, ...NODES, NodesGroup: group(ingress) }, ...more) as Resources);
const PUBLIC = frontOf('Public', 'internet-facing');

test('the finding reads as it should', () => {
  expect(check([given({ Resources: rule.bad })], [rule]).findings).toEqual([expect.objectContaining({
    severity: 'warning',
    resource: 'Node',
    message: 'load balancer Public may reach tcp 32768-60999 on Node, where Admin listens beside Web',
    fix: 'instances of its own for Web (an Ec2Capacity); or awsvpc mode; or fixed ports (HostPort) with a rule each',
  })]);
});

describe('services on the same instances', () => {
  const WEB = tenant('Web', 'Public');

  test.each<[string, Resources, string[]]>([
    ['of which one has a public load balancer', onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, WEB, frontOf('Inner'), tenant('Admin', 'Inner')),
      ['warning Nodes: load balancer Public may reach tcp 32768-60999 on Nodes, where Admin listens beside Web']],
    ['with internal load balancers', onNodes([allow(from('FirstGroup'), DYNAMIC)], frontOf('First'), tenant('Web', 'First'), frontOf('Inner'), tenant('Admin', 'Inner')),
      ['info Nodes: load balancer First may reach tcp 32768-60999 on Nodes, where Admin listens beside Web']],
    ['of which one has no load balancer', onNodes([allow(from('FirstGroup'), DYNAMIC)], frontOf('First'), tenant('Web', 'First'), tenant('Admin')),
      [expect.stringMatching(/^warning Nodes: .* where Admin listens beside Web$/)]],
    ['on all protocols', onNodes([{ IpProtocol: '-1', ...from('PublicGroup') }], PUBLIC, WEB, tenant('Admin')), [expect.stringMatching(/^warning Nodes: .* may reach all ports of all protocols on Nodes/)]],
    ['in host mode', onNodes([allow(from('PublicGroup'), [80, 90])], PUBLIC, tenant('Web', 'Public', {}, {}, 'host'), tenant('Admin', undefined, { ContainerPort: 90 }, {}, 'host')),
      [expect.stringMatching(/^warning Nodes: .* may reach tcp 80-90 on Nodes, where Admin listens beside Web/)]],
    ['each opened to the peer of the other', onNodes([allow(from('PublicGroup'), DYNAMIC), allow(from('InnerGroup'), DYNAMIC)], PUBLIC, WEB, frontOf('Inner'), tenant('Admin', 'Inner')),
      [expect.stringMatching(/^warning Nodes: load balancer Public .*; 1 more rule opens one to the peer of another$/)]],
    ['behind one load balancer', onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, WEB, tenant('Admin', 'Public')), []],
    ['with fixed ports and a rule each', onNodes([allow(from('PublicGroup'), 8080)], PUBLIC, tenant('Web', 'Public', { HostPort: 8080 }), tenant('Admin', undefined, { HostPort: 9090 })), []],
    ['with another protocol', onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, WEB, tenant('Admin', undefined, { Protocol: 'udp' })), []],
    ['in awsvpc mode', onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, WEB, tenant('Admin', undefined, {}, {
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'A' }], SecurityGroups: ['sg-1'] } },
    }, 'awsvpc')), []],
    ['in awsvpc mode, on a container port that is opened', onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, WEB, tenant('Admin', undefined, { ContainerPort: 40000 }, {
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'A' }], SecurityGroups: ['sg-1'] } },
    }, 'awsvpc')), []],
    ['without a network', onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, WEB, tenant('Admin', undefined, {}, {}, 'none')), []],
    ['with a range of dynamic ports that is not opened', onNodes([allow(from('PublicGroup'), [50000, 50100])], PUBLIC, WEB, tenant('Admin'), {
      Nodes: resourceOf('AWS::EC2::Instance', { ...NODES.Nodes.Properties, UserData: { 'Fn::Base64': {
        'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config\necho ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999 >> /etc/ecs/ecs.config',
      } } }),
    }), []],
    ['opened to two load balancers with one group, of which one is public', onNodes([allow(from('FirstGroup'), DYNAMIC)], frontOf('First'), tenant('Web', 'First'), {
      Second: resourceOf('AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: [{ Ref: 'A' }], SecurityGroups: [groupId('FirstGroup')], Scheme: 'internet-facing' }),
    }, frontOf('Inner'), tenant('Admin', 'Inner')), [expect.stringMatching(/^warning Nodes: /)]],
    ['of which one has no load balancer, beside one that has', onNodes([allow(from('FirstGroup'), DYNAMIC)], frontOf('First'), tenant('Web', 'First'), frontOf('Inner'),
      tenant('Admin', 'Inner'), tenant('Jobs')), [expect.stringMatching(/^warning Nodes: .* where Admin and Jobs listen beside Web$/)]],
    ['opened by two rules, of which one is for a public load balancer', onNodes([allow(from('InnerGroup'), DYNAMIC), allow(from('PublicGroup'), DYNAMIC)],
      PUBLIC, WEB, frontOf('Inner'), tenant('Admin', 'Inner')),
    ['warning Nodes: load balancer Public may reach tcp 32768-60999 on Nodes, where Admin listens beside Web; 1 more rule opens one to the peer of another']],
    ['opened by three rules', onNodes([allow(from('PublicGroup'), DYNAMIC), allow(from('PublicGroup'), [40000, 50000]), allow(from('InnerGroup'), DYNAMIC)],
      PUBLIC, WEB, frontOf('Inner'), tenant('Admin', 'Inner')), [expect.stringMatching(/; 2 more rules open one to the peer of another$/)]],
    ['opened to a load balancer of neither', onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, tenant('Jobs'), tenant('Admin')),
      ['warning Nodes: load balancer Public may reach tcp 32768-60999 on Nodes, where Jobs and Admin listen; they are not behind it, and nothing there is']],
    ['opened to a block', onNodes([allow(cidr('10.0.0.0/16'), DYNAMIC)], PUBLIC, WEB, tenant('Admin')), []],
    ['opened to a group of neither', onNodes([allow(from('Bastion'), DYNAMIC)], { Bastion: group() }, PUBLIC, WEB, tenant('Admin')), []],
    ['alone', onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, WEB), []],
  ])('%s', (_, resources, expected) => {
    expect(said(rule, resources).map((one) => one.replace(/ \[.*\]$/, ''))).toEqual(expected);
  });

  test('are named as far as they are few', () => {
    const of = (...ids: string[]) => said(rule, onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, WEB, ...ids.map((id) => tenant(id))))[0];
    expect(of('A1', 'B1', 'C1')).toContain('where A1 and B1 and C1 listen beside Web');
    expect(of('A1', 'B1', 'C1', 'D1')).toContain('where A1, B1 and 2 more listen beside Web');
  });

  test('opened to the clients of one, by Service Connect', () => {
    const connect = (Services?: object[]) => ({ ServiceConnectConfiguration: { Enabled: true, Namespace: 'shop', ...Services ? { Services } : {} } });
    const client = { ClientTasks: tasksOf('awsvpc', {}, []), Client: serviceOf({
      LaunchType: 'FARGATE', TaskDefinition: { Ref: 'ClientTasks' }, ...connect(),
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'A' }], SecurityGroups: [groupId('ClientGroup')] } },
    }), ClientGroup: group() };
    const server = tenant('Server', undefined, { Name: 'http' }, connect([{ PortName: 'http' }]));
    expect(said(rule, onNodes([allow(from('ClientGroup'), DYNAMIC)], client, server, tenant('Admin'))).map((one) => one.replace(/ \[.*\]$/, '')))
      .toEqual(['warning Nodes: group ClientGroup may reach tcp 32768-60999 on Nodes, where Admin listens beside Server']);
    expect(said(rule, onNodes([allow(from('ClientGroup'), DYNAMIC)], client, server))).toEqual([]);
    expect(said(rule, onNodes([allow(from('ClientGroup'), DYNAMIC)], client, server, frontOf('Inner'), tenant('Admin', 'Inner')))).toEqual([expect.stringMatching(/^info Nodes: /)]);
  });
});

test('a load balancer that is let in though nothing there is behind it', () => {
  const { findings } = check([given({ Resources: onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, tenant('Admin')) })], [rule]);
  expect(findings).toEqual([expect.objectContaining({
    severity: 'warning',
    message: 'load balancer Public may reach tcp 32768-60999 on Nodes, where Admin listens; it is not behind it, and nothing there is',
    fix: 'no rule for PublicGroup on Nodes',
  })]);
});

describe('a load balancer is let in, and nothing there is behind it', () => {
  const { InstanceType, SecurityGroupIds, UserData } = NODES.Nodes.Properties;
  /** The instances in an Auto Scaling group. */
  const grouped = (properties: object): Resources => ({
    Template: resourceOf('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { InstanceType, SecurityGroupIds, UserData } }),
    Nodes: resourceOf('AWS::AutoScaling::AutoScalingGroup', {
      MinSize: '1', MaxSize: '1', VPCZoneIdentifier: [{ Ref: 'C' }], LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' }, ...properties,
    }),
  });
  const classic = (properties: object = {}): Resources => ({ Classic: resourceOf('AWS::ElasticLoadBalancing::LoadBalancer', {
    Subnets: [{ Ref: 'A' }], SecurityGroups: [groupId('PublicGroup')], Listeners: [{ LoadBalancerPort: '80', InstancePort: '8080', Protocol: 'HTTP' }], ...properties,
  }) });
  const CLASSIC = { ...classic(), PublicGroup: group() };
  const targets = (Targets: unknown, more: object = {}): Resources => (
    { PublicTargets: resourceOf('AWS::ElasticLoadBalancingV2::TargetGroup', { VpcId: { Ref: 'Vpc' }, Port: 80, Protocol: 'HTTP', Targets, ...more }) });
  const ADMIN = tenant('Admin');
  const rules = [allow(from('PublicGroup'), DYNAMIC)];
  const of = (more: readonly Resources[], rest?: object) => said(rule, onNodes(rules, ADMIN, ...more), rest).map((one) => one.replace(/ \[.*\]$/, ''));
  const FOUND = [expect.stringMatching(/^warning Nodes: load balancer (Public|Classic) may reach tcp 32768-60999 on Nodes, where Admin listens; it is not behind it/)];
  const OPENED = ['undecided Nodes: parameter Open has no default'];
  const TO_ELSEWHERE = resourceOf('AWS::ElasticLoadBalancingV2::Listener', {
    LoadBalancerArn: { Ref: 'Public' }, Port: 80, Protocol: 'HTTP', DefaultActions: [{ Type: 'forward', TargetGroupArn: 'arn:elsewhere' }],
  });
  const source = (Identifier: unknown, Type?: string) => grouped({ TrafficSources: [{ Identifier, Type }] });

  test.each<[string, Resources[], unknown[]]>([
    ['nor are the instances', [PUBLIC, grouped({})], FOUND],
    ['but the instances register with it', [PUBLIC, grouped({ TargetGroupARNs: [{ Ref: 'PublicTargets' }] })], []],
    ['but the instances register with it, as a source of traffic', [PUBLIC, source({ Ref: 'PublicTargets' }, 'elbv2')], []],
    ['but the instances register with it, as a source of traffic of a kind that is left out', [PUBLIC, source({ Ref: 'PublicTargets' })], []],
    ['but the instances register with it, a classic one', [CLASSIC, grouped({ LoadBalancerNames: [{ Ref: 'Classic' }] })], []],
    ['but the instances register with it, a classic one as a source of traffic', [CLASSIC, source({ Ref: 'Classic' }, 'elb')], []],
    ['but it has the instance for a target', [PUBLIC, targets([{ Id: 'i-1' }, { Id: { Ref: 'Nodes' }, Port: 8080 }])], []],
    ['but it has the instance, as a classic one', [CLASSIC, classic({ Instances: [{ Ref: 'Nodes' }] })], []],
    ['and the instances register with another', [PUBLIC, frontOf('Inner'), grouped({ TargetGroupARNs: [{ Ref: 'InnerTargets' }] })], FOUND],
    ['and the instances register with a service network', [PUBLIC, source('arn:aws:vpc-lattice:x', 'vpc-lattice')], FOUND],
    ['and it has another instance for a target', [PUBLIC, targets([{ Id: { Ref: 'Other' } }]), { Other: resourceOf('AWS::EC2::Instance') }], FOUND],
    ['and what the instances register with is not known', [PUBLIC, grouped({ TargetGroupARNs: OPEN })], OPENED],
    ['and one of what the instances register with is not known', [PUBLIC, grouped({ TargetGroupARNs: [OPEN] })], OPENED],
    ['and a source of traffic is not known', [PUBLIC, source(OPEN)], OPENED],
    ['and a source of traffic is not told', [PUBLIC, source(undefined)], ['undecided Nodes: a source of traffic has no Identifier']],
    ['and the classic ones that the instances register with are not known', [PUBLIC, grouped({ LoadBalancerNames: OPEN })], OPENED],
    ['and what the instances register with is elsewhere', [PUBLIC, grouped({ TargetGroupARNs: ['arn:elsewhere'] })], ['undecided Nodes: arn:elsewhere is not of what is given']],
    ['and what it sends to is elsewhere', [PUBLIC, { PublicListener: TO_ELSEWHERE }], ['undecided Nodes: arn:elsewhere is not of what is given']],
    ['and a part of what it sends to is elsewhere', [PUBLIC, { SecondListener: TO_ELSEWHERE }], ['undecided Nodes: arn:elsewhere is not of what is given']],
  ])('%s', (_, more, expected) => {
    expect(of(more)).toEqual(expected);
  });

  test('that another service is behind, but the instances register with it', () => {
    expect(of([PUBLIC, tenant('Web', 'Public'), grouped({})])).toEqual([expect.stringMatching(/^warning Nodes: .* where Admin listens beside Web/)]);
    expect(of([PUBLIC, tenant('Web', 'Public'), grouped({ TargetGroupARNs: [{ Ref: 'PublicTargets' }] })])).toEqual([]);
    expect(of([PUBLIC, tenant('Web', 'Public'), grouped({ TargetGroupARNs: OPEN })])).toEqual(OPENED);
  });

  test('that another service is behind, as more may be elsewhere, which changes nothing', () => {
    expect(of([PUBLIC, tenant('Web', 'Public'), { SecondListener: TO_ELSEWHERE }])).toEqual([expect.stringMatching(/^warning Nodes: .* where Admin listens beside Web/)]);
  });

  const exported = (Ref: string) => ({ Outputs: { Its: { Value: { Ref }, Export: { Name: 'its' } } } });
  const ELSEWHERE = (what: string) => [`undecided Nodes: services elsewhere may be behind load balancer Public, as they may know of ${what}`];
  const apart: Resources = {
    Second: CLUSTER, WebTasks: tasksOf('bridge'), Web: serviceOf({
      Cluster: { Ref: 'Second' }, TaskDefinition: { Ref: 'WebTasks' }, LoadBalancers: [{ TargetGroupArn: { Ref: 'PublicTargets' }, ContainerName: 'app', ContainerPort: 80 }],
    }),
  };
  test.each<[string, string, Resources, unknown[]]>([
    ['but others may register with its target group', 'PublicTargets', {}, ELSEWHERE('target group PublicTargets')],
    ['but others may run in the cluster', 'Cluster', {}, ELSEWHERE('cluster Cluster')],
    ['but others may run in the cluster and be behind a listener of their own', 'Cluster', { PublicListener: group() }, ELSEWHERE('cluster Cluster')],
    ['and others may know of something else', 'Nodes', {}, FOUND],
    ['and others may register with its target group, of which a service is given', 'PublicTargets', apart, FOUND],
    ['and others may run in the cluster, while its target group is for a service that is given', 'Cluster', apart, FOUND],
    ['and others may register their addresses with its target group', 'PublicTargets', targets([], { TargetType: 'ip' }), FOUND],
  ])('%s', (_, output, more, expected) => {
    expect(of([PUBLIC, more], exported(output))).toEqual(expected);
    expect(of([PUBLIC, more], { Outputs: { Its: { Value: { Ref: output } } } })).toEqual(FOUND);
  });

  test('in a cluster that is elsewhere or not known, where others may run', () => {
    const byProvider = (Cluster: unknown) => [PUBLIC, grouped({}), {
      Provider: resourceOf('AWS::ECS::CapacityProvider', { AutoScalingGroupProvider: { AutoScalingGroupArn: { Ref: 'Nodes' } } }),
      Association: resourceOf('AWS::ECS::ClusterCapacityProviderAssociations', { Cluster, CapacityProviders: [{ Ref: 'Provider' }], DefaultCapacityProviderStrategy: [] }),
      Template: resourceOf('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { InstanceType, SecurityGroupIds } }),
      Admin: serviceOf({
        Cluster, LaunchType: undefined, TaskDefinition: { Ref: 'AdminTasks' }, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Provider' }, Weight: 1 }],
      }),
    }];
    expect(of(byProvider({ Ref: 'Cluster' }))).toEqual(FOUND);
    expect(of(byProvider('prod'))).toEqual(['undecided Nodes: prod is not of what is given']);
    expect(of(byProvider(OPEN))).toEqual(OPENED);
  });
});

test('ports that are not known are undecided where several share the instances and a group is let in', () => {
  const web = tenant('Web', 'Public');
  const open = tenant('Admin', undefined, { HostPort: OPEN });
  expect(said(rule, onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, web, open))).toEqual([expect.stringMatching(/^undecided Nodes: parameter Open/)]);
  expect(said(rule, onNodes([allow(cidr('10.0.0.0/16'), DYNAMIC), allow(from('PublicGroup'), DYNAMIC)], PUBLIC, web, open)))
    .toEqual([expect.stringMatching(/^undecided Nodes: parameter Open/)]);
  expect(said(rule, onNodes([allow(cidr('10.0.0.0/16'), DYNAMIC)], PUBLIC, web, open))).toEqual([]);
  expect(said(rule, onNodes([allow(from('PublicGroup'), DYNAMIC)], PUBLIC, tenant('Web', 'Public', { HostPort: OPEN })))).toEqual([]);
});

describe('what is not known of the instances\' groups and rules is undecided', () => {
  const WEB = tenant('Web', 'Public');
  const nodesWith = (...SecurityGroupIds: unknown[]) => ({ Nodes: resourceOf('AWS::EC2::Instance', { ...NODES.Nodes.Properties, SecurityGroupIds }) });
  const rules = [allow(from('PublicGroup'), [8080, 8080])];
  const of = (ingress: readonly object[], ...more: Resources[]) => said(rule, onNodes(ingress, PUBLIC, ...more)).map((one) => one.replace(/ \[.*\]$/, ''));
  const OPENED = [expect.stringMatching(/^undecided Nodes: parameter Open/)];
  const IMPORTED = ['undecided Nodes: sg-1 is not of what is given'];
  const ALL_OPEN = { Nodes: resourceOf('AWS::EC2::Instance', { ...NODES.Nodes.Properties, SecurityGroupIds: OPEN }) };

  test.each<[string, readonly object[], Resources[], unknown[]]>([
    ['the list of groups', rules, [WEB, tenant('Admin'), ALL_OPEN], OPENED],
    ['an imported group', rules, [WEB, tenant('Admin'), nodesWith('sg-1')], IMPORTED],
    ['an imported group beside another', rules, [WEB, tenant('Admin'), nodesWith(groupId('NodesGroup'), 'sg-1')], IMPORTED],
    ['the list of groups, where nobody shares the instances', rules, [WEB, ALL_OPEN], []],
    ['an imported group, where nobody shares the instances', rules, [WEB, nodesWith('sg-1')], []],
    ['an imported group, beside what is exposed', [allow(from('PublicGroup'), DYNAMIC)], [WEB, tenant('Admin'), nodesWith(groupId('NodesGroup'), 'sg-1')], [expect.stringMatching(/^warning/)]],
    ['a source', [allow({ SourceSecurityGroupId: OPEN }, DYNAMIC)], [WEB, tenant('Admin')], OPENED],
    ['an imported source', [allow({ SourceSecurityGroupId: 'sg-1' }, DYNAMIC)], [WEB, tenant('Admin')], IMPORTED],
    ['an imported source, where nothing has a peer', [allow({ SourceSecurityGroupId: 'sg-1' }, DYNAMIC)], [tenant('Jobs'), tenant('Admin')], []],
    ['an imported source, where it opens one alone', [allow({ SourceSecurityGroupId: 'sg-1' }, 8080)], [tenant('Web', 'Public', { HostPort: 8080 }), tenant('Admin')], []],
    ['an imported source, where nobody shares the instances', [allow({ SourceSecurityGroupId: 'sg-1' }, DYNAMIC)], [WEB], []],
    ['a rule of which no source is told', [allow({}, DYNAMIC)], [WEB, tenant('Admin')], ['undecided Nodes: the rule names no peer']],
    ['the ports of a rule', [allow(from('PublicGroup'), [OPEN as unknown as number, 60999])], [WEB, tenant('Admin')], OPENED],
    ['the protocol of a rule', [allow(from('PublicGroup'), DYNAMIC, OPEN as unknown as string)], [WEB, tenant('Admin')], OPENED],
    ['the ports of a rule for what all are meant for', [allow(from('PublicGroup'), [OPEN as unknown as number, 60999])], [WEB, tenant('Admin', 'Public')], []],
    ['the ports of a rule for nobody there', [allow(from('Bastion'), [OPEN as unknown as number, 60999])], [{ Bastion: group() }, WEB, tenant('Admin')], []],
  ])('%s', (_, ingress, more, expected) => {
    expect(of(ingress, ...more)).toEqual(expected);
  });

  test('but a source that is imported by the same id as the group of a load balancer is known', () => {
    const front = { ...PUBLIC, Public: resourceOf('AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: [{ Ref: 'A' }], SecurityGroups: ['sg-1'] }) };
    expect(of([allow({ SourceSecurityGroupId: 'sg-1' }, DYNAMIC)], front, WEB, tenant('Admin')))
      .toEqual(['warning Nodes: group sg-1 may reach tcp 32768-60999 on Nodes, where Admin listens beside Web']);
  });
});

describe('clients of Service Connect in bridge mode', () => {
  const connect = (Services?: object[]) => ({ ServiceConnectConfiguration: { Enabled: true, Namespace: 'shop', ...Services ? { Services } : {} } });
  const OTHERS = {
    Others: { ...NODES.Nodes, Properties: {
      ...NODES.Nodes.Properties,
      SecurityGroupIds: [groupId('OthersGroup')],
      UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Second} >> /etc/ecs/ecs.config' } },
    } },
    OthersGroup: group(),
    Second: CLUSTER,
  };
  const client = tenant('Client', undefined, {}, { Cluster: { Ref: 'Second' }, ...connect() });
  const server = tenant('Server', undefined, { Name: 'http' }, connect([{ PortName: 'http' }]));
  const of = (source: string, ...more: Resources[]) => (
    said(rule, onNodes([allow(from(source), DYNAMIC)], OTHERS, ...more)).map((one) => one.replace(/ \[.*\]$/, '')));

  test('are whom a rule for their instances is for', () => {
    expect(of('OthersGroup', client, server, tenant('Admin')))
      .toEqual(['warning Nodes: group OthersGroup may reach tcp 32768-60999 on Nodes, where Admin listens beside Server']);
    expect(of('OthersGroup', client, server)).toEqual([]);
    expect(of('OthersGroup', server, tenant('Admin'))).toEqual([]);
  });

  test('are none that have interfaces of their own, or no part in Service Connect', () => {
    const apart = tenant('Client', undefined, {}, {
      Cluster: { Ref: 'Second' }, ...connect(), NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'A' }], SecurityGroups: ['sg-1'] } },
    }, 'awsvpc');
    expect(of('OthersGroup', apart, server, tenant('Admin'))).toEqual([]);
    expect(of('OthersGroup', tenant('Plain', undefined, {}, { Cluster: { Ref: 'Second' } }), server, tenant('Admin'))).toEqual([]);
  });

  test('do not count on the same instances, where tasks reach each other anyway', () => {
    const beside = tenant('Client', undefined, {}, connect());
    expect(of('NodesGroup', beside, server, tenant('Admin'))).toEqual([]);
  });
});

test('what a finding rests on is said', () => {
  const Parameters = { Its: { Type: 'String', Default: '32768' } };
  const resources = onNodes([allow(from('PublicGroup'), [{ Ref: 'Its' } as unknown as number, 60999])], PUBLIC, tenant('Web', 'Public'), tenant('Admin'));
  expect(said(rule, resources, { Parameters })).toEqual([expect.stringMatching(/^warning Nodes: .* \[.*parameter Its/)]);
  const Mode = { Its: { Type: 'String', Default: 'bridge' } };
  const [web, admin] = ['Public', undefined].map((front) => tenant(front ? 'Web' : 'Admin', front, {}, {}, { Ref: 'Its' }));
  const rules = [allow(from('PublicGroup'), DYNAMIC)];
  expect(said(rule, onNodes(rules, PUBLIC, web, tenant('Admin')), { Parameters: Mode })).toEqual([expect.stringMatching(/^warning Nodes: .* \[.*parameter Its/)]);
  expect(said(rule, onNodes(rules, PUBLIC, tenant('Web', 'Public'), admin), { Parameters: Mode })).toEqual([expect.stringMatching(/^warning Nodes: .* \[.*parameter Its/)]);
});

describe('whom a service is meant for is not known', () => {
  const WEB = tenant('Web', 'Public');
  const rules = [allow(from('PublicGroup'), DYNAMIC)];
  const undecided = [expect.stringMatching(/^undecided Nodes: parameter Open/)];
  const ADMIN_ENTRY = { ContainerName: 'app', ContainerPort: 80 };
  const behind = (entry: object) => tenant('Admin', undefined, {}, { LoadBalancers: [{ ...ADMIN_ENTRY, ...entry }] });
  /** A load balancer `Inner` with groups that are to be given. */
  const inner = (SecurityGroups: unknown): Resources => {
    const front = frontOf('Inner');
    return { ...front, Inner: resourceOf('AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: [{ Ref: 'A' }], SecurityGroups }) };
  };

  test.each<[string, Resources[]]>([
    ['as its load balancers are not', [WEB, tenant('Admin', undefined, {}, { LoadBalancers: OPEN })]],
    ['as its target group is not', [WEB, behind({ TargetGroupArn: OPEN })]],
    ['as the other target group is not', [WEB, frontOf('Inner'), behind({
      TargetGroupArn: { Ref: 'InnerTargets' }, AdvancedConfiguration: { AlternateTargetGroupArn: OPEN },
    })]],
    ['as what sends to the other target group is not', [WEB, frontOf('Inner'), {
      Green: resourceOf('AWS::ElasticLoadBalancingV2::TargetGroup', { VpcId: { Ref: 'Vpc' }, Port: 80, Protocol: 'HTTP' }),
      Rule: resourceOf('AWS::ElasticLoadBalancingV2::ListenerRule', { ListenerArn: OPEN, Actions: [{ Type: 'forward', TargetGroupArn: { Ref: 'Green' } }] }),
    }, behind({ TargetGroupArn: { Ref: 'InnerTargets' }, AdvancedConfiguration: { AlternateTargetGroupArn: { Ref: 'Green' } } })]],
    ['as its Classic Load Balancer is not', [WEB, behind({ LoadBalancerName: OPEN })]],
    ['as the groups of its load balancer are not', [WEB, inner(OPEN), tenant('Admin', 'Inner')]],
    ['as a group of its load balancer is not', [WEB, inner([groupId('InnerGroup'), OPEN]), tenant('Admin', 'Inner')]],
    ['so that the rule may be for it alone', [tenant('Admin', undefined, {}, { LoadBalancers: OPEN })]],
    ['so that the rule may be for it, though it listens elsewhere', [tenant('Other'), tenant('Admin', undefined, { HostPort: 9090 }, { LoadBalancers: OPEN })]],
    ['so that the rule may be for it, beside another', [tenant('Other'), tenant('Admin', undefined, {}, { LoadBalancers: OPEN })]],
  ])('%s', (_, tenants) => {
    expect(said(rule, onNodes(rules, PUBLIC, ...tenants))).toEqual(undecided);
  });

  test.each<[string, Resources[], string[]]>([
    ['but another is exposed', [WEB, tenant('Jobs'), tenant('Admin', undefined, {}, { LoadBalancers: OPEN })],
      [expect.stringMatching(/^warning Nodes: load balancer Public may reach tcp 32768-60999 on Nodes, where Jobs listens beside Web/)]],
    ['but it does not listen there', [WEB, tenant('Admin', undefined, { HostPort: 9090 }, { LoadBalancers: OPEN })], []],
    ['but it does not listen there, as another does of which it is not known either', [
      WEB, tenant('Admin', undefined, { HostPort: 9090 }, { LoadBalancers: OPEN }), tenant('Jobs', undefined, {}, { LoadBalancers: [{ ...ADMIN_ENTRY, TargetGroupArn: 'arn:elsewhere' }] }),
    ], ['undecided Nodes: arn:elsewhere is not of what is given']],
    ['but it is behind the load balancer, too', [WEB, tenant('Admin', undefined, {}, {
      LoadBalancers: [{ ...ADMIN_ENTRY, TargetGroupArn: { Ref: 'PublicTargets' } }, { ...ADMIN_ENTRY, TargetGroupArn: OPEN }],
    })], []],
    ['and nothing listens where a load balancer is let in', [tenant('Admin', undefined, { HostPort: 9090 }, { LoadBalancers: OPEN })], []],
  ])('%s', (_, tenants, expected) => {
    expect(said(rule, onNodes(rules, PUBLIC, ...tenants))).toEqual(expected);
  });

  test('as a namespace of Service Connect is not, of the service or of a client', () => {
    const connect = (Namespace: unknown, Services?: object[]) => (
      { ServiceConnectConfiguration: { Enabled: true, Namespace, ...Services ? { Services } : {} } });
    const client = (Namespace: unknown) => ({ ClientTasks: tasksOf('awsvpc', {}, []), ClientGroup: group(), Client: serviceOf({
      LaunchType: 'FARGATE', TaskDefinition: { Ref: 'ClientTasks' }, ...connect(Namespace),
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'A' }], SecurityGroups: [groupId('ClientGroup')] } },
    }) });
    const offering = (id: string, Namespace: unknown) => tenant(id, undefined, { Name: 'http' }, connect(Namespace, [{ PortName: 'http' }]));
    const opened = [allow(from('ClientGroup'), DYNAMIC)];
    const of = (...resources: Resources[]) => said(rule, onNodes(opened, ...resources)).map((one) => one.replace(/ \[.*\]$/, ''));
    const problem = [expect.stringMatching(/^warning Nodes: group ClientGroup may reach tcp 32768-60999 on Nodes, where Admin listens beside Server$/)];
    expect(of(client('shop'), offering('Server', 'shop'), offering('Admin', OPEN))).toEqual(undecided);
    expect(of(client('shop'), offering('Server', 'shop'), offering('Admin', 'other'))).toEqual(problem);
    expect(of(client('shop'), offering('Server', 'shop'), tenant('Admin', undefined, {}, connect(OPEN)))).toEqual(problem);
    expect(of(client(OPEN), offering('Server', 'shop'), offering('Admin', 'other'))).toEqual(undecided);
    expect(of(client('ns-abcdefgh12345678'), offering('Server', 'shop'), tenant('Admin')))
      .toEqual(['undecided Nodes: whether Service Connect namespace shop is ns-abcdefgh12345678 is not known']);
    const unnamed = 'undecided Nodes: the default namespace of the cluster is not known: parameter Open has no default';
    const { Client, ...rest } = client('other');
    const nameless = serviceOf({ ...Client.Properties, Cluster: OPEN, ServiceConnectConfiguration: { Enabled: true } });
    expect(of(rest, { Client: nameless }, offering('Server', 'shop'), tenant('Admin'))).toEqual([unnamed]);
    expect(of(client('other'), { Second: nameless }, offering('Server', 'shop'), tenant('Admin'))).toEqual([unnamed]);
    const offersOpen = tenant('Server', undefined, { Name: 'http' }, { ServiceConnectConfiguration: { Enabled: true, Namespace: 'shop', Services: OPEN } });
    expect(of(client('shop'), offersOpen, tenant('Admin'))).toEqual(undecided);
    const imported = onNodes([allow({ SourceSecurityGroupId: 'sg-1' }, DYNAMIC)], offering('Server', 'shop'), tenant('Admin'));
    expect(said(rule, imported)).toEqual(['undecided Nodes: sg-1 is not of what is given']);
    // The same parameter is the same namespace, whatever it is.
    expect(of(client(OPEN), offering('Server', OPEN), offering('Admin', 'other'))).toEqual(undecided);
    expect(of(client(OPEN), offering('Server', OPEN), tenant('Admin'))).toEqual(problem);
  });
});
