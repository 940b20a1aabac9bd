import { check } from '../../../src/analysis/check';
import { securityGroupMissingPath as missingPath } from '../../../src/analysis/rules/security-group-missing-path';
import { securityGroupPortRange as rule } from '../../../src/analysis/rules/security-group-port-range';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { AWSVPC, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';
import { balancer, cidr, from, group, groupId, NETWORK, NODES, onFargate, onNodes, onProviders, REGISTERED, rule as allow } from './group-fragments';

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
/** Container ports of one service, each with a protocol and more if they are given. */
const listening = (...mappings: ReadonlyArray<number | object>): Resources => (
  { Tasks: tasksOf('awsvpc', {}, mappings.map((one) => typeof one === 'number' ? { ContainerPort: one } : one)) });
/** A second service on Fargate with the same group. */
const SECOND = { Second: serviceOf({
  LaunchType: 'FARGATE', NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'B' }], SecurityGroups: [groupId('TaskGroup')] } },
}) };
/** Other instances of the same cluster with a group of their own. */
const others = (userData = ''): Resources => ({
  OtherGroup: group(),
  Others: resourceOf('AWS::EC2::Instance', {
    ...NODES.Nodes.Properties, SecurityGroupIds: [groupId('OtherGroup')],
    UserData: { 'Fn::Base64': { 'Fn::Sub': `#!/bin/bash\necho ECS_CLUSTER=\${Cluster} >> /etc/ecs/ecs.config\n${userData}` } },
  }),
});
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

test('of what a default group comes with the fix is another group, as no template takes it from there', () => {
  const service = { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }] } } };
  const { findings } = check([given({ Resources: onFargate(service) })], [rule]);
  expect(findings).toEqual([expect.objectContaining({
    resource: 'Vpc',
    message: 'default group of Vpc lets default group of Vpc reach all ports of all protocols; service Web listens on tcp 80 only',
    fix: 'a security group of its own, with a rule for tcp 80',
  })]);
});

test('of a rule that is added to a default group the fix is a smaller one', () => {
  const service = { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }] } } };
  const wide = resourceOf('AWS::EC2::SecurityGroupIngress', { GroupId: { 'Fn::GetAtt': ['Vpc', 'DefaultSecurityGroup'] }, ...allow(VPC, [0, 65535]) });
  const { findings } = check([given({ Resources: { ...onFargate(service), Wide: wide } })], [rule]);
  expect(findings).toEqual([expect.objectContaining({ resource: 'Wide', fix: 'a rule for tcp 80' })]);
});

test('a range of its own is no fix on Bottlerocket, which has no setting for it', () => {
  const fixOn = (more: object) => {
    const { Nodes, ...others } = nodes([allow(VPC, [1024, 60999])]) as { readonly Nodes: { readonly Properties: object } };
    const resources = { ...others, Nodes: { ...Nodes, Properties: { ...Nodes.Properties, ...more } } };
    return check([given({ Resources: resources })], [rule]).findings.map(({ fix }) => fix);
  };
  expect(fixOn({})).toEqual([expect.stringMatching(/^a rule for tcp 32768-60999; or a range of their own such as ECS_DYNAMIC_HOST_PORT_RANGE=/)]);
  const ROCKET = { UserData: { 'Fn::Base64': { 'Fn::Sub': '[settings.ecs]\ncluster = "${Cluster}"' } } };
  expect(fixOn(ROCKET)).toEqual(['a rule for tcp 32768-60999']);
  const one = nodes([allow(VPC, [1024, 60999])]);
  const two = { ...one, Rocket: resourceOf('AWS::EC2::Instance', { ...NODES.Nodes.Properties, ...ROCKET }) };
  expect(check([given({ Resources: two })], [rule]).findings.map(({ fix }) => fix)).toEqual(['a rule for tcp 32768-60999']);
});

test('a rule for tasks on a provider that is drained is not too much: they go on until they are stopped', () => {
  const ingress = [allow(VPC, [32768, 60999])];
  expect(found(onProviders({ New: { Weight: 1 }, Old: { Weight: 0 } }, {}, { Old: ingress, New: ingress }))).toEqual([]);
});

describe('a rule for more than is used', () => {
  test.each<[string, Resources, string[]]>([
    ['by as many ports as are let pass', fargate([allow(VPC, [80, 1104])]), []],
    ['by one more', fargate([allow(VPC, [80, 1105])]), ['warning TaskGroup: group TaskGroup lets 10.0.0.0/16 reach tcp 80-1105; service Web listens on tcp 80 only']],
    ['of all protocols beside all ports of one', fargate([allow(VPC, [0, 65535], 'udp'), { IpProtocol: '-1', ...VPC }]),
      [expect.stringMatching(/^warning TaskGroup: .* reach all ports of all protocols; .*; 1 more rule is as wide$/)]],
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
    ['for the middle of the range that is set, and less', nodes([allow(VPC, [39000, 40500])], RANGE), []],
    ['for the range that is set and a port before it', nodes([allow(VPC, [39999, 40999])], RANGE), [expect.stringMatching(/reach tcp 39999-40999; .* tcp 40000-40999 only$/)]],
    ['for a range that is set, though ports are fixed', nodes([allow(VPC, [40000, 40999])], RANGE, {}, { HostPort: 8080 }), []],
    ['for the dynamic ports, of another protocol', nodes([allow(VPC, [32768, 60999], 'udp')]), [expect.stringMatching(/^warning NodesGroup: .* reach udp 32768-60999; /)]],
    ['for the dynamic ports, where this group is on instances with a range of their own', nodes([allow(VPC, [32768, 60999])], RANGE, others()),
      [expect.stringMatching(/^warning NodesGroup: .* service Web listens on tcp 40000-40999 only$/)]],
    ['for the dynamic ports, where other instances have a range of their own', nodes([allow(VPC, [32768, 60999])], '', others(RANGE)), []],
    ['for more, where the service may be on instances of which nothing is known, too', nodes([allow(VPC, [1024, 60999])], '', { Fleet: resourceOf('AWS::EC2::SpotFleet') }),
      [expect.stringMatching(/^warning NodesGroup: .* service Web listens on tcp 32768-60999 only$/)]],
    ['from the lower of two ports, of which the upper comes first', fargate([allow(VPC, [80, 1105])], listening(1105, 80)), []],
    ['by as many ports as are let pass, and one that two services have', fargate([allow(VPC, [80, 1105])], SECOND),
      ['warning TaskGroup: group TaskGroup lets 10.0.0.0/16 reach tcp 80-1105; its 2 services listen on tcp 80 only']],
    ['where nothing listens', fargate([allow(VPC, [80, 9000])], listening()), ['warning TaskGroup: group TaskGroup lets 10.0.0.0/16 reach tcp 80-9000; service Web listens on nothing']],
    ['where six ports are used', fargate([allow(VPC, [1, 9000])], listening(1, 3, 5, 7, 9, 11)), [expect.stringMatching(/listens on tcp 1, tcp 3, tcp 5, tcp 7, tcp 9, tcp 11 only$/)]],
    ['for a block of IPv6', fargate([allow({ CidrIpv6: '2001:db8::/64' }, [0, 65535])]), [expect.stringMatching(/^warning TaskGroup: group TaskGroup lets 2001:db8::\/64 reach tcp 0-65535; /)]],
    ['for a group that is not known', fargate([allow({ SourceSecurityGroupId: OPEN }, [0, 65535])]), [expect.stringMatching(/^info TaskGroup: .* lets a group that is not known reach/)]],
    ['for nobody that is named', fargate([allow({}, [0, 65535])]), [expect.stringMatching(/^warning TaskGroup: .* lets somebody reach/)]],
    ['for a group of a service and of instances', fargate([allow(from('NodesGroup'), [0, 65535])], { ...NODES, NodesGroup: group(), Caller: serviceOf({
      LaunchType: 'FARGATE', NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'B' }], SecurityGroups: [groupId('NodesGroup')] } },
    }) }), [expect.stringMatching(/^warning TaskGroup: /)]],
    ['for a group of a load balancer and of an endpoint', fargate([allow(from('BalancerGroup'), [0, 65535])], {
      ...balancer(), BalancerGroup: group(), Endpoint: resourceOf('AWS::EC2::VPCEndpoint', {
        VpcId: { Ref: 'Vpc' }, VpcEndpointType: 'Interface', ServiceName: 'com.amazonaws.eu-west-1.logs', SubnetIds: [{ Ref: 'A' }], SecurityGroupIds: [groupId('BalancerGroup')],
      }),
    }), [expect.stringMatching(/^warning TaskGroup: /)]],
    ['for a group of a load balancer and of a database', fargate([allow(from('BalancerGroup'), [0, 65535])], {
      ...balancer(), BalancerGroup: group(), Subnets: resourceOf('AWS::RDS::DBSubnetGroup', { DBSubnetGroupDescription: 'x', SubnetIds: [{ Ref: 'A' }, { Ref: 'B' }] }),
      Database: resourceOf('AWS::RDS::DBInstance', { DBSubnetGroupName: { Ref: 'Subnets' }, VPCSecurityGroups: [groupId('BalancerGroup')] }),
    }), [expect.stringMatching(/^warning TaskGroup: /)]],
    ['on instances without services', { ...NETWORK, Cluster: resourceOf('AWS::ECS::Cluster'), ...NODES, NodesGroup: group([allow(VPC, [0, 65535])]) },
      [expect.stringMatching(/^warning NodesGroup: .*; no service is behind it$/)]],
    ['of instances whose services are in awsvpc mode', nodes([allow(VPC, [0, 65535])], '', { Tasks: tasksOf('awsvpc'), Web: serviceOf() }), [expect.stringMatching(/no service is behind it/)]],
  ])('%s', (_, resources, expected) => {
    expect(found(resources)).toEqual(expected);
  });

  describe('beside others that are too wide is told before', () => {
    const IPV6 = { CidrIpv6: '2001:db8::/64' };
    test.each<[string, readonly [first: object, second: object]]>([
      ['one with fewer ports', [allow(VPC, [1, 5000]), allow(IPV6, [1, 2000])]],
      ['one with more ports for a single load balancer', [allow(VPC, [1, 5000]), allow(from('BalancerGroup'), [0, 65535])]],
      ['one with as many ports for a single load balancer', [allow(VPC, [1, 5000]), allow(from('BalancerGroup'), [1, 5000])]],
      ['one for all ports of a protocol, if it is for all protocols', [{ IpProtocol: '-1', ...VPC }, allow(IPV6, [0, 65535])]],
    ])('%s', (_, [first, second]) => {
      for (const ingress of [[first, second], [second, first]]) {
        expect(found(fargate(ingress, { ...balancer(), BalancerGroup: group() })))
          .toEqual([expect.stringMatching(/^warning TaskGroup: group TaskGroup lets 10\.0\.0\.0\/16 reach .*; 1 more rule is as wide$/)]);
      }
    });
  });

  test('of a load balancer is worth a word only for everything', () => {
    const of = (ingress: object) => found({ ...NETWORK, ...balancer(), BalancerGroup: group([ingress]) });
    expect(of({ IpProtocol: '-1', ...VPC }))
      .toEqual(['info BalancerGroup: group BalancerGroup lets 10.0.0.0/16 reach all ports of all protocols; load balancer Balancer listens on 80']);
    expect(of(allow(VPC, [0, 65535]))).toEqual([]);
    const second = resourceOf('AWS::ElasticLoadBalancingV2::Listener', { ...balancer().Listener.Properties, Port: 443 });
    const two = { ...NETWORK, ...balancer(), Second: second, BalancerGroup: group([{ IpProtocol: '-1', ...VPC }]) };
    expect(check([given({ Resources: two })], [rule]).findings).toEqual([expect.objectContaining({
      message: 'group BalancerGroup lets 10.0.0.0/16 reach all ports of all protocols; load balancer Balancer listens on 80, 443',
      fix: 'a rule for each port that it listens on',
    })]);
    const gateway = resourceOf('AWS::EC2::InternetGateway');
    expect(found({ ...two, Listener: gateway, Second: gateway })).toEqual([expect.stringMatching(/; load balancer Balancer listens on none$/)]);
  });

  test('of a group that nobody has is not judged', () => {
    expect(found({ Lonely: group([allow(VPC, [0, 65535])]) })).toEqual([]);
    expect(found({ Lonely: group([{ IpProtocol: '-1', ...VPC }]) })).toEqual([]);
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
    expect(fixOf(fargate([allow(VPC, [1, 65535])], listening(80, { ContainerPort: 53, Protocol: 'udp' })))).toEqual(['a rule for tcp 80, udp 53']);
    expect(fixOf({ ...fargate([allow(VPC, [1, 65535])]), ...onFargate(REGISTERED), ...balancer({ HealthCheckPort: '9000', TargetType: 'ip' }), BalancerGroup: group() }))
      .toEqual(['a rule for tcp 80, tcp 9000']);
    expect(check([given({ Parameters: { Open: { Type: 'String' } }, Resources: fargate([allow(VPC, [1, 65535])], {}, { ContainerPort: OPEN }) })], [rule]).findings)
      .toEqual([expect.objectContaining({ fix: 'rules for the ports that are used' })]);
  });
});

describe('a rule that lets a load balancer to a part of the ports only is security-group-missing-path\'s, and beyond them, too', () => {
  const FROM_BALANCER = from('BalancerGroup');
  const behind = (ingress: readonly object[], more: Resources = {}, target: object = {}, balancerOf?: object): Resources => (
    { ...onNodes(), ...balancer(target, balancerOf), BalancerGroup: group(CLIENTS), NodesGroup: group(ingress), ...more });
  const NETWORK_BALANCER = { Type: 'network' };
  const CLIENTS = [allow(cidr('0.0.0.0/0'), 80)];
  const TOO_SMALL = 'security-group-missing-path warning Web';
  const CLOSED = 'security-group-missing-path error Web';
  const TOO_BIG = 'security-group-port-range';
  const both = (resources: Resources) => {
    const { findings, undecided } = check([given({ Parameters: { Open: { Type: 'String' } }, Resources: resources })], [missingPath, rule]);
    return [...findings.map((one) => `${one.rule} ${one.severity} ${one.resource}`), ...undecided.map((one) => `${one.rule} undecided ${one.resource}`)];
  };

  test.each<[string, Resources, string[]]>([
    ['from its group', behind([allow(FROM_BALANCER, [49153, 65535])]), [TOO_SMALL]],
    ['from before them', behind([allow(FROM_BALANCER, [1024, 40000])]), [TOO_SMALL]],
    ['from the block that it is in', behind([allow(VPC, [49153, 65535])]), [TOO_SMALL]],
    ['from somebody who may be it', behind([allow({ SourceSecurityGroupId: OPEN }, [49153, 65535])]), [TOO_SMALL]],
    ['from clients whose addresses it passes on', behind([allow(VPC, [49153, 65535])], {}, { Protocol: 'TCP' }, NETWORK_BALANCER), [TOO_SMALL]],
    ['unless another lets it to the rest', behind([allow(FROM_BALANCER, [49153, 65535]), allow(FROM_BALANCER, [32768, 49152])]), [`${TOO_BIG} info NodesGroup`]],
    ['unless it is from somebody else', behind([allow(cidr('192.168.0.0/16'), [49153, 65535])]), [CLOSED, `${TOO_BIG} warning NodesGroup`]],
    ['unless it is from somebody who may be it, beside one that is', behind([allow(FROM_BALANCER, [32768, 40000]), allow({ SourceSecurityGroupId: OPEN }, [49153, 65535])]),
      [TOO_SMALL, `${TOO_BIG} info NodesGroup`]],
    ['unless it is of another protocol', behind([allow(FROM_BALANCER, [32768, 40000]), allow(FROM_BALANCER, [49153, 65535], 'udp')]), [TOO_SMALL, `${TOO_BIG} info NodesGroup`]],
    ['unless only the way out is too small', behind([allow(FROM_BALANCER, [32768, 65535])], {
      BalancerGroup: group(CLIENTS, [allow({ DestinationSecurityGroupId: groupId('NodesGroup') }, [32768, 40000])]),
    }), [TOO_SMALL, `${TOO_BIG} info NodesGroup`]],
    ['unless no load balancer is there', nodes([allow(VPC, [49153, 65535])]), [`${TOO_BIG} warning NodesGroup`]],
    ['though what else is behind it is not known', behind([allow(FROM_BALANCER, [49153, 65535])], {
      OpenTasks: tasksOf('bridge', {}, [{ ContainerPort: 80, HostPort: OPEN }]), Second: serviceOf({ TaskDefinition: { Ref: 'OpenTasks' } }),
    }), [TOO_SMALL]],
  ])('%s', (_, resources, expected) => {
    expect(both(resources).sort()).toEqual([...expected].sort());
  });

  test('and others that are too wide are told without it', () => {
    expect(found(behind([allow(FROM_BALANCER, [49153, 65535]), allow(VPC, [1, 5000])])))
      .toEqual(['warning NodesGroup: group NodesGroup lets 10.0.0.0/16 reach tcp 1-5000; service Web listens on tcp 32768-60999 only']);
  });
});

describe('what cannot be told', () => {
  test('are ports beside those of a service that is not known', () => {
    expect(found(fargate([allow(VPC, [80, 9000])], {}, { ContainerPort: OPEN }))).toEqual([expect.stringMatching(/^undecided TaskGroup: parameter Open/)]);
    expect(found(fargate([allow(VPC, [80, 1103])], {}, { ContainerPort: OPEN }))).toEqual([]);
  });

  test('are ports beside those of a service that is not known, whatever other rules and services there are', () => {
    expect(found(fargate([allow(VPC, 443), allow(VPC, [80, 9000])], {}, { ContainerPort: OPEN }))).toEqual([expect.stringMatching(/^undecided TaskGroup: parameter Open/)]);
    const two = {
      Unknown: tasksOf('awsvpc', {}, [{ ContainerPort: OPEN }]),
      Second: { ...SECOND.Second, Properties: { ...SECOND.Second.Properties, TaskDefinition: { Ref: 'Unknown' } } },
    };
    expect(found(fargate([allow(VPC, [80, 9000])], two))).toEqual([expect.stringMatching(/^undecided TaskGroup: parameter Open/)]);
  });

  test('are ports beside those of a service without a network', () => {
    const OpenTasks = tasksOf('bridge', {}, [{ ContainerPort: 80, HostPort: OPEN }]);
    const more = { Tasks: tasksOf('none'), OpenTasks, ZOpen: serviceOf({ TaskDefinition: { Ref: 'OpenTasks' } }) };
    expect(found(nodes([allow(VPC, [80, 9000])], '', more))).toEqual([expect.stringMatching(/^undecided NodesGroup: parameter Open/)]);
  });

  test('are ports of instances whose cluster is not known, and of services whose mode is not', () => {
    const elsewhere = nodes([allow(VPC, [80, 9000])], '', {
      Nodes: resourceOf('AWS::EC2::Instance', { ...NODES.Nodes.Properties, UserData: OPEN }), OtherCluster: resourceOf('AWS::ECS::Cluster'),
    });
    expect(found(elsewhere)).toEqual(['undecided NodesGroup: which cluster the instances of Nodes join is not known']);
    const imported = (ports: readonly [number, number]) => nodes([allow(VPC, ports)], '', {
      Nodes: resourceOf('AWS::EC2::Instance', {
        ...NODES.Nodes.Properties, UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Open} >> /etc/ecs/ecs.config' } },
      }),
    });
    expect(found(imported([32768, 60999]))).toEqual([expect.stringMatching(/^undecided NodesGroup: /)]);
    const { InstanceType, SecurityGroupIds, SubnetId } = NODES.Nodes.Properties;
    const UserData = { 'Fn::Base64': '#!/bin/bash\necho ECS_CLUSTER=prod >> /etc/ecs/ecs.config' };
    expect(found(nodes([allow(VPC, [32768, 60999])], '', { Nodes: resourceOf('AWS::EC2::Instance', { InstanceType, SecurityGroupIds, SubnetId, UserData }) })))
      .toEqual(['undecided NodesGroup: which services run in cluster prod is not known: prod is not of what is given']);
    expect(found(imported([0, 65535]))).toEqual([expect.stringMatching(/^warning NodesGroup: .*; which services are behind it is not known$/)]);
    const either = (ports: readonly [number, number]) => said(rule, nodes([allow(VPC, ports)], '', { Tasks: tasksOf(OPEN), Web: serviceOf(AWSVPC) }));
    expect(either([80, 9000])).toEqual([expect.stringMatching(/^undecided NodesGroup: parameter Open/)]);
    expect(either([0, 65535])).toEqual([expect.stringMatching(/^warning NodesGroup: .*; not all of what service Web listens on is known$/)]);
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
      ['health checks of a second target group', behind({}, { LoadBalancers: [...REGISTERED.LoadBalancers, { ...REGISTERED.LoadBalancers[0], TargetGroupArn: OPEN }] }), /parameter Open/],
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
