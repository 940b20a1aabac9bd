import { check } from '../../../src/analysis/check';
import { dualStackInbound } from '../../../src/analysis/rules/dual-stack-inbound';
import { securityGroupOpenToWorld as rule } from '../../../src/analysis/rules/security-group-open-to-world';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { AWSVPC, CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';
import { balancer, cidr, from, group, groupId, NETWORK, NODES, onFargate, onNodes, REGISTERED, rule as allow } from './group-fragments';

itsExamplesHold(rule);

type Resources = Record<string, unknown>;
const WORLD = cidr('0.0.0.0/0');
const WORLD_IPV6 = { CidrIpv6: '::/0' };
const fargate = (ingress: readonly object[], more: Resources = {}): Resources => (
  { ...onFargate({}), TaskGroup: group(ingress), ...more });
const nodes = (ingress: readonly object[], more: Resources = {}): Resources => (
  { ...onNodes({}, {}), NodesGroup: group(ingress), ...more });

/** Subnet C with a default route to an internet gateway, and an IPv6 block and route where these are asked for. */
const internet = ({ ipv4 = true, ipv6 = false } = {}): Resources => ({
  Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }),
  OfC: resourceOf('AWS::EC2::SubnetRouteTableAssociation', { SubnetId: { Ref: 'C' }, RouteTableId: { Ref: 'Table' } }),
  Gateway: resourceOf('AWS::EC2::InternetGateway'),
  ...ipv4 ? { Route: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, DestinationCidrBlock: '0.0.0.0/0', GatewayId: { Ref: 'Gateway' } }) } : {},
  ...ipv6 ? {
    C: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.2.0/24', Ipv6CidrBlock: '2001:db8::/64', AssignIpv6AddressOnCreation: true }),
    Route6: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, DestinationIpv6CidrBlock: '::/0', GatewayId: { Ref: 'Gateway' } }),
  } : {},
});
const WITH_ADDRESS = {
  NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }], SecurityGroups: [groupId('TaskGroup')], AssignPublicIp: 'ENABLED' } },
};
const WITH_ADDRESS_MAYBE = {
  NetworkConfiguration: { AwsvpcConfiguration: { ...WITH_ADDRESS.NetworkConfiguration.AwsvpcConfiguration, AssignPublicIp: OPEN } },
};

test('the finding reads as it should', () => {
  const { findings } = check([given({ Resources: {
    ...fargate([allow(WORLD, 8080)]), ...onFargate({ ...REGISTERED }), ...balancer({ TargetType: 'ip' }), BalancerGroup: group(),
  } })], [rule]);
  expect(findings).toEqual([expect.objectContaining({
    severity: 'warning',
    resource: 'TaskGroup',
    message: 'group TaskGroup lets 0.0.0.0/0 reach tcp 8080 of service Web, from every network that is routed to the VPC',
    fix: 'SourceSecurityGroupId of BalancerGroup, or the block of the VPC, in place of everybody; and the ports that are needed',
  })]);
});

/** A second service on Fargate with the same group, in subnet B unless said otherwise. */
const SECOND = (awsvpc: object = {}, service: object = {}): Resources => ({ Second: serviceOf({
  LaunchType: 'FARGATE',
  NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'B' }], SecurityGroups: [groupId('TaskGroup')], ...awsvpc } },
  ...service,
}) });
/** The instances as a group in subnets A and C, of which one gives public addresses. */
const inTwo = (withAddresses: 'A' | 'C'): Resources => ({
  Nodes: resourceOf('AWS::AutoScaling::AutoScalingGroup', {
    MinSize: '1', MaxSize: '2', VPCZoneIdentifier: [{ Ref: 'A' }, { Ref: 'C' }], LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
  }),
  Template: resourceOf('AWS::EC2::LaunchTemplate', { LaunchTemplateData: {
    SecurityGroupIds: [groupId('NodesGroup')], UserData: NODES.Nodes.Properties.UserData,
  } }),
  [withAddresses]: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: withAddresses === 'A' ? '10.0.0.0/24' : '10.0.2.0/24', MapPublicIpOnLaunch: true }),
});
/** A Network Load Balancer without groups, which passes its clients on. */
const PASSES = balancer({ Protocol: 'TCP' }, { Type: 'network' }, { Protocol: 'TCP' });
/** The same, which does so to addresses. */
const PASSES_TO_ADDRESSES = balancer({
  Protocol: 'TCP', TargetType: 'ip', TargetGroupAttributes: [{ Key: 'preserve_client_ip.enabled', Value: 'true' }],
}, { Type: 'network' }, { Protocol: 'TCP' });

describe('a group that lets everybody in', () => {
  test.each<[string, Resources, string]>([
    ['to tasks', fargate([allow(WORLD, 8080)]), 'warning TaskGroup: group TaskGroup lets 0.0.0.0/0 reach tcp 8080 of service Web, from every network that is routed to the VPC'],
    ['to tasks with public addresses', { ...fargate([allow(WORLD, 8080)], internet()), ...onFargate(WITH_ADDRESS) },
      'warning TaskGroup: group TaskGroup lets 0.0.0.0/0 reach tcp 8080 of service Web, from the internet'],
    ['to tasks with public addresses that are reached by two halves', {
      ...fargate([allow(WORLD, 8080)], internet({ ipv4: false })), ...onFargate(WITH_ADDRESS), ...Object.fromEntries(['0.0.0.0/1', '128.0.0.0/1'].map((half, index) => [
        `Half${index}`, resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, DestinationCidrBlock: half, GatewayId: { Ref: 'Gateway' } })])),
    }, 'warning TaskGroup: group TaskGroup lets 0.0.0.0/0 reach tcp 8080 of service Web, from the internet'],
    ['to tasks in a public subnet without addresses', fargate([allow(WORLD, 8080)], internet()), 'warning TaskGroup: .* from every network that is routed to the VPC'],
    ['to instances', nodes([allow(WORLD, [32768, 65535])]),
      'warning NodesGroup: group NodesGroup lets 0.0.0.0/0 reach tcp 32768-65535 of service Web on its instances, from every network that is routed to the VPC'],
    ['to instances with public addresses', nodes([allow(WORLD, 22)], {
      ...internet(), Nodes: { ...NODES.Nodes, Properties: { ...NODES.Nodes.Properties, SubnetId: undefined, NetworkInterfaces: [
        { DeviceIndex: '0', SubnetId: { Ref: 'C' }, GroupSet: [groupId('NodesGroup')], AssociatePublicIpAddress: true },
      ] } },
    }), 'warning NodesGroup: .* tcp 22 of service Web on its instances, from the internet'],
    ['to an instance with an Elastic IP address', nodes([allow(WORLD, 22)], {
      ...internet(), Nodes: { ...NODES.Nodes, Properties: { ...NODES.Nodes.Properties, SubnetId: { Ref: 'C' } } },
      Address: resourceOf('AWS::EC2::EIP', { InstanceId: { Ref: 'Nodes' } }),
    }), 'warning NodesGroup: .* tcp 22 of service Web on its instances, from the internet'],
    ['to instances that get public addresses in one of their subnets', nodes([allow(WORLD, 22)], { ...internet(), ...inTwo('C') }),
      'warning NodesGroup: .* tcp 22 of service Web on its instances, from the internet'],
    ['to instances that get public addresses in another subnet than the one that the internet is routed to', nodes([allow(WORLD, 22)], { ...internet(), ...inTwo('A') }),
      'warning NodesGroup: .* tcp 22 of service Web on its instances, from every network that is routed to the VPC'],
    ['to instances without services', { ...NETWORK, Cluster: CLUSTER, ...NODES, NodesGroup: group([allow(WORLD, 22)]) }, 'warning NodesGroup: .* of 0 services on its instances'],
    ['by all protocols', fargate([{ IpProtocol: '-1', ...WORLD }]), 'warning TaskGroup: .* reach all ports of all protocols of service Web'],
    ['by several rules', fargate([allow(WORLD, 80), allow(WORLD, 443), allow(WORLD, 53, 'udp')]), 'warning TaskGroup: .* reach tcp 80, tcp 443, udp 53 of'],
    ['of both families', fargate([allow(WORLD, 80), allow(WORLD_IPV6, 80)]), 'warning TaskGroup: group TaskGroup lets 0.0.0.0/0 and ::/0 reach tcp 80 of'],
    ['of IPv6', fargate([allow(WORLD_IPV6, 80)]), 'warning TaskGroup: group TaskGroup lets ::/0 reach tcp 80'],
    ['of IPv6 beside a public address', { ...fargate([allow(WORLD_IPV6, 80)], internet({ ipv6: true })), ...onFargate(WITH_ADDRESS), C: internet({ ipv6: true }).C },
      'warning TaskGroup: .*, from the internet'],
    ['in two halves', fargate([allow(cidr('0.0.0.0/1'), 80), allow(cidr('128.0.0.0/1'), 80)]), 'warning TaskGroup: group TaskGroup lets 0.0.0.0/0 reach tcp 80'],
    ['in two halves of IPv6', fargate([allow({ CidrIpv6: '::/1' }, 80), allow({ CidrIpv6: '8000::/1' }, 80)]), 'warning TaskGroup: group TaskGroup lets ::/0 reach tcp 80'],
    ['of IPv6, written in full', fargate([allow({ CidrIpv6: '0:0:0:0:0:0:0:0/0' }, 80)]), 'warning TaskGroup: group TaskGroup lets ::/0 reach tcp 80'],
    ['by a rule of its own', fargate([], { Rule: resourceOf('AWS::EC2::SecurityGroupIngress', { GroupId: groupId('TaskGroup'), ...allow(WORLD, 80) }) }), 'warning TaskGroup: '],
    ['though a load balancer has it, too', fargate([allow(WORLD, 80)], balancer({}, { SecurityGroups: [groupId('TaskGroup')] })), 'warning TaskGroup: '],
    ['by ICMP alone', fargate([{ IpProtocol: 'icmp', FromPort: -1, ToPort: -1, ...WORLD }]), 'info TaskGroup: .* reach icmp of service Web'],
    ['for clients of a load balancer that passes them on', {
      ...onNodes(), ...balancer({ Protocol: 'TCP' }, { Type: 'network' }, { Protocol: 'TCP' }), NodesGroup: group([allow(WORLD, [32768, 60999])]),
    }, 'info NodesGroup: group NodesGroup lets 0.0.0.0/0 reach tcp 32768-60999 of service Web on its instances'],
    ['for more than the clients of a load balancer need', {
      ...onNodes(), ...balancer({ Protocol: 'TCP' }, { Type: 'network' }, { Protocol: 'TCP' }), NodesGroup: group([allow(WORLD, [32768, 65535])]),
    }, 'warning NodesGroup: '],
    ['for clients of a load balancer with groups', {
      ...onNodes(), ...balancer({ Protocol: 'TCP' }, { Type: 'network', SecurityGroups: [groupId('BalancerGroup')] }, { Protocol: 'TCP' }), BalancerGroup: group(),
      NodesGroup: group([allow(WORLD, [32768, 60999])]),
    }, 'warning NodesGroup: '],
    ['for clients of a load balancer, where the tasks listen on another port as well', {
      ...onNodes(), ...PASSES, Tasks: tasksOf('bridge', {}, [{ ContainerPort: 80 }, { ContainerPort: 81, HostPort: 81 }]),
      NodesGroup: group([allow(WORLD, [32768, 60999])]),
    }, 'info NodesGroup: '],
    ['for clients of a load balancer, on instances of which others have another range and a group of their own', {
      ...onNodes(), ...PASSES, NodesGroup: group([allow(WORLD, [32768, 60999])]), OtherGroup: group(),
      Others: resourceOf('AWS::EC2::Instance', { ...NODES.Nodes.Properties, SecurityGroupIds: [groupId('OtherGroup')], UserData: {
        'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config\necho ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999 >> /etc/ecs/ecs.config' },
      } }),
    }, 'info NodesGroup: '],
    ['for clients of a load balancer, and on another port of the tasks', {
      ...onFargate(), ...PASSES_TO_ADDRESSES, Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: 80 }, { ContainerPort: 9090 }]),
      TaskGroup: group([allow(WORLD, 80), allow(WORLD, 9090)]),
    }, 'warning TaskGroup: group TaskGroup lets 0.0.0.0/0 reach tcp 9090 of service Web, from'],
    ['for clients of a load balancer, in awsvpc mode', { ...onFargate(), ...PASSES_TO_ADDRESSES, TaskGroup: group([allow(WORLD, 80)]) },
      'info TaskGroup: group TaskGroup lets 0.0.0.0/0 reach tcp 80 of service Web, from'],
    ['for clients of a load balancer, and on another port of the instances', {
      ...onNodes(), ...PASSES, Tasks: tasksOf('bridge', {}, [{ ContainerPort: 80, HostPort: 8080 }, { ContainerPort: 81, HostPort: 81 }]),
      NodesGroup: group([allow(WORLD, 8080), allow(WORLD, 81)]),
    }, 'warning NodesGroup: group NodesGroup lets 0.0.0.0/0 reach tcp 81 of service Web'],
    ['for clients of a load balancer, on a fixed port of the instances', {
      ...onNodes({ HostPort: 8080 }), ...PASSES, NodesGroup: group([allow(WORLD, 8080)]),
    }, 'info NodesGroup: group NodesGroup lets 0.0.0.0/0 reach tcp 8080 of service Web'],
    ['to the port of another container than that of the clients of a load balancer', {
      ...onFargate({ LoadBalancers: [{ ...REGISTERED.LoadBalancers[0], ContainerName: 'proxy' }] }), ...PASSES_TO_ADDRESSES,
      TaskGroup: group([allow(WORLD, 80)]),
      Tasks: tasksOf('awsvpc', { ContainerDefinitions: [
        { Name: 'app', Image: 'app', PortMappings: [{ ContainerPort: 80 }] }, { Name: 'proxy', Image: 'app', PortMappings: [{ ContainerPort: 8080 }] },
      ] }),
    }, 'warning TaskGroup: '],
    ['for clients of a load balancer, of which the port is not known', {
      ...onFargate({ LoadBalancers: [{ ...REGISTERED.LoadBalancers[0], ContainerPort: OPEN }] }), ...PASSES_TO_ADDRESSES,
      TaskGroup: group([allow(WORLD, 80)]),
    }, 'warning TaskGroup: '],
    ['for clients of a load balancer, of which no container is told', {
      ...onFargate({ LoadBalancers: [{ TargetGroupArn: { Ref: 'Targets' } }] }), ...PASSES_TO_ADDRESSES, TaskGroup: group([allow(WORLD, 80)]),
    }, 'warning TaskGroup: '],
    ['for clients of a load balancer, of which no port is told', {
      ...onFargate({ LoadBalancers: [{ TargetGroupArn: { Ref: 'Targets' }, ContainerName: 'app' }] }), ...PASSES_TO_ADDRESSES, TaskGroup: group([allow(WORLD, 80)]),
    }, 'warning TaskGroup: '],
    ['to the port of the clients of a load balancer, by a protocol that it does not pass on', {
      ...onFargate(), ...PASSES_TO_ADDRESSES, Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: 80 }, { ContainerPort: 80, Protocol: 'udp' }]),
      TaskGroup: group([allow(WORLD, 80), allow(WORLD, 80, 'udp')]),
    }, 'warning TaskGroup: group TaskGroup lets 0.0.0.0/0 reach udp 80 of service Web, from'],
    ['by another protocol than that of the clients of a load balancer', { ...onNodes(), ...PASSES, NodesGroup: group([allow(WORLD, [32768, 60999], 'udp')]) },
      'warning NodesGroup: .* udp 32768-60999'],
    ['from an earlier port than the clients of a load balancer need', { ...onNodes(), ...PASSES, NodesGroup: group([allow(WORLD, [22, 60999])]) },
      'warning NodesGroup: .* tcp 22-60999'],
    ['to ports that are not known, though clients of a load balancer need some', {
      ...onNodes(), ...PASSES, NodesGroup: group([{ IpProtocol: 'tcp', FromPort: OPEN, ToPort: OPEN, ...WORLD }]),
    }, 'warning NodesGroup: .* reach tcp ports that are not known of service Web'],
    ['by a protocol that is not known', fargate([{ IpProtocol: OPEN, FromPort: 80, ToPort: 80, ...WORLD }]),
      'warning TaskGroup: .* reach a protocol that is not known of service Web'],
    ['for the port of a target group that no load balancer forwards to', { ...onNodes(), Targets: PASSES.Targets, NodesGroup: group([allow(WORLD, [32768, 60999])]) },
      'warning NodesGroup: '],
    ['by ICMP beside a port, of which the port is told', fargate([{ IpProtocol: 'icmp', FromPort: -1, ToPort: -1, ...WORLD }, allow(WORLD, 80)]),
      'warning TaskGroup: group TaskGroup lets 0.0.0.0/0 reach tcp 80 of service Web'],
    ['to two services', fargate([allow(WORLD, 80)], SECOND()), 'warning TaskGroup: .* reach tcp 80 of 2 services,'],
    ['to two services, of which one has public addresses', { ...fargate([allow(WORLD, 80)], { ...internet(), ...SECOND() }), ...onFargate(WITH_ADDRESS), ...NETWORK },
      'warning TaskGroup: .* of 2 services, from the internet'],
    ['of both families, where tasks have public addresses of IPv4 only', { ...fargate([allow(WORLD, 80), allow(WORLD_IPV6, 80)], internet()), ...onFargate(WITH_ADDRESS) },
      'warning TaskGroup: .*0.0.0.0/0 and ::/0 .*, from the internet'],
    ['of IPv6, where tasks have public addresses of IPv4 only', { ...fargate([allow(WORLD_IPV6, 80)], internet()), ...onFargate(WITH_ADDRESS) },
      'warning TaskGroup: .*, from every network that is routed to the VPC'],
    ['of both families, where another rule tells of IPv6', fargate([allow(WORLD, 80), allow(WORLD_IPV6, 80)], internet({ ipv6: true })),
      'warning TaskGroup: group TaskGroup lets 0.0.0.0/0 reach tcp 80 of service Web, from every network that is routed to the VPC'],
    ['of IPv6 to a port on which nothing listens, of which no other rule tells', fargate([allow(WORLD_IPV6, 80), allow(WORLD_IPV6, 22)], internet({ ipv6: true })),
      'warning TaskGroup: group TaskGroup lets ::/0 reach tcp 22 of service Web, from the internet'],
    ['of IPv6 to one port of two, of which another rule tells', fargate([allow(WORLD_IPV6, 80), allow(WORLD_IPV6, 22)], {
      ...internet({ ipv6: true }), Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: 80 }, { ContainerPort: 443 }]),
    }), 'warning TaskGroup: group TaskGroup lets ::/0 reach tcp 22 of service Web, from the internet'],
    ['of IPv6 to the port of one service of two, of which another rule tells', fargate([allow(WORLD_IPV6, 80), allow(WORLD_IPV6, 22)], {
      ...internet({ ipv6: true }), ...SECOND({}, { TaskDefinition: { Ref: 'OtherTasks' } }), OtherTasks: tasksOf('awsvpc', {}, [{ ContainerPort: 443 }]),
    }), 'warning TaskGroup: group TaskGroup lets ::/0 reach tcp 22 of 2 services, from the internet'],
    ['to instances, where a service in awsvpc mode has interfaces of its own', nodes([allow(WORLD, 80)], { Tasks: tasksOf('awsvpc'), Web: serviceOf(AWSVPC) }),
      'warning NodesGroup: .* of 0 services on its instances'],
    ['of IPv6, where it is not known whether tasks have public addresses, so that no other rule tells', {
      ...fargate([allow(WORLD_IPV6, 80)]), ...onFargate(WITH_ADDRESS_MAYBE), ...internet({ ipv6: true }),
    }, 'warning TaskGroup: group TaskGroup lets ::/0 reach tcp 80 of service Web, from the internet'],
    ['of IPv6, where it is not known whether one service of two has public addresses, and another rule tells of the other on its own port', {
      ...fargate([allow(WORLD_IPV6, 80), allow(WORLD_IPV6, 443)], SECOND({ Subnets: [{ Ref: 'C' }] }, { TaskDefinition: { Ref: 'OtherTasks' } })),
      ...onFargate(WITH_ADDRESS_MAYBE), ...internet({ ipv6: true }), OtherTasks: tasksOf('awsvpc', {}, [{ ContainerPort: 443 }]),
    }, 'warning TaskGroup: group TaskGroup lets ::/0 reach tcp 80 of 2 services, from the internet'],
    ['of IPv6 to tasks on Windows, of which no other rule tells', fargate([allow(WORLD_IPV6, 80)], {
      ...internet({ ipv6: true }), Tasks: tasksOf('awsvpc', { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }),
    }), 'warning TaskGroup: group TaskGroup lets ::/0 reach tcp 80 of service Web, from every network that is routed to the VPC'],
    ['of IPv6 to instances, where another rule tells of other instances of their service', {
      ...onNodes({}, {}), ...internet({ ipv6: true }), NodesGroup: group([allow(WORLD_IPV6, [32768, 60999])]),
      OtherGroup: group([allow(WORLD_IPV6, [32768, 60999])]),
      Others: resourceOf('AWS::EC2::Instance', { ...NODES.Nodes.Properties, SubnetId: { Ref: 'A' }, SecurityGroupIds: [groupId('OtherGroup')] }),
    }, 'warning OtherGroup: group OtherGroup lets ::/0 reach tcp 32768-60999 of service Web on its instances, from every network that is routed to the VPC'],
    ...['host', 'default', OPEN].map((mode): [string, Resources, string] => [
      `to instances, where a service is in ${mode === OPEN ? 'a mode that is not known' : `${mode as string} mode`}`, nodes([allow(WORLD, 80)], { Tasks: tasksOf(mode) }),
      'warning NodesGroup: .* of service Web on its instances']),
  ])('%s', (_, resources, expected) => {
    const [one, ...others] = said(rule, resources);
    expect(one).toMatch(new RegExp(`^${expected.replace(/[/]/g, '\\/')}`));
    expect(others).toEqual([]);
  });

  test('that is imported is told of its rule', () => {
    const imported = onFargate({ NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }], SecurityGroups: ['sg-1'] } } });
    const Rule = resourceOf('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-1', ...allow(WORLD, 80) });
    expect(said(rule, { ...imported, Rule })).toEqual([expect.stringMatching(/^warning Rule: group sg-1 lets 0\.0\.0\.0\/0 reach tcp 80/)]);
  });

  test("by a parameter's default says so", () => {
    const Parameters = { Who: { Type: 'String', Default: '0.0.0.0/0' } };
    expect(said(rule, fargate([allow(cidr({ Ref: 'Who' }), 80)]), { Parameters })).toEqual([expect.stringMatching(/^warning TaskGroup: .*\[parameter Who/)]);
    const Half = { Half: { Type: 'String', Default: '8000::/1' } };
    expect(said(rule, fargate([allow({ CidrIpv6: '::/1' }, 80), allow({ CidrIpv6: { Ref: 'Half' } }, 80)]), { Parameters: Half }))
      .toEqual([expect.stringMatching(/^warning TaskGroup: .*\[parameter Half/)]);
  });
});

describe('nothing is said', () => {
  test.each<[string, Resources]>([
    ['of a block', fargate([allow(cidr('10.0.0.0/8'), 80)])],
    ['of half of all addresses', fargate([allow(cidr('0.0.0.0/1'), 80)])],
    ['of half of all addresses of IPv6', fargate([allow({ CidrIpv6: '::/1' }, 80)])],
    ['of a half of each family', fargate([allow(cidr('0.0.0.0/1'), 80), allow({ CidrIpv6: '8000::/1' }, 80)])],
    ['of the same half twice', fargate([allow({ CidrIpv6: '::/1' }, 80), allow({ CidrIpv6: '0:0:0:0:0:0:0:0/1' }, 80)])],
    ['of two halves on other ports', fargate([allow(cidr('0.0.0.0/1'), 80), allow(cidr('128.0.0.0/1'), 81)])],
    ['of a group as source', fargate([allow(from('Other'), 80)], { Other: group() })],
    ['of what is let out', { ...onFargate({}), TaskGroup: group([], [allow(WORLD, 443)]) }],
    ['of the group of a load balancer', fargate([], { ...balancer(), BalancerGroup: group([allow(WORLD, 443)]) })],
    ['of a group that nobody has', { Lonely: group([allow(WORLD, 22)]) }],
    ['of an imported group whose source is not known', {
      ...onFargate({ NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }], SecurityGroups: ['sg-1'] } } }),
      Rule: resourceOf('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-1', ...allow(cidr(OPEN), 80) }),
    }],
    ['of two services, of which one is on the internet over IPv6 alone', fargate([allow(WORLD_IPV6, 80)], { ...internet({ ipv6: true }), ...SECOND() })],
    ['of tasks with two groups that are on the internet over IPv6 alone, which another rule tells', {
      ...fargate([allow(WORLD_IPV6, 80)]), ...onFargate({ NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }], SecurityGroups: [groupId('TaskGroup'), groupId('Other')] } } }),
      ...internet({ ipv6: true }), Other: group(),
    }],
    ['of tasks that are on the internet over IPv6 alone, which another rule tells', fargate([allow(WORLD_IPV6, 80)], internet({ ipv6: true }))],
  ])('%s', (_, resources) => {
    expect(said(rule, resources)).toEqual([]);
  });
});

test('IPv6 that tasks do not get, as the account has it turned off, is not on the internet, and no other rule tells of it', () => {
  const inputs = [given({ Resources: fargate([allow(WORLD_IPV6, 80)], internet({ ipv6: true })) })];
  const of = (dualStackIPv6: 'enabled' | 'disabled') => (
    check(inputs, [rule, dualStackInbound], { accountSettings: { dualStackIPv6 } }).findings.map(({ rule: id, message }) => `${id}: ${message}`));
  expect(of('disabled'))
    .toEqual(['security-group-open-to-world: group TaskGroup lets ::/0 reach tcp 80 of service Web, from every network that is routed to the VPC']);
  expect(of('enabled')).toEqual([expect.stringMatching(/^dual-stack-inbound: /)]);
});

describe('a prefix list', () => {
  const of = (blocks: readonly unknown[], rest: object = {}, more: Resources = {}) => said(rule, fargate([allow({ SourcePrefixListId: { Ref: 'List' } }, 80)], {
    List: resourceOf('AWS::EC2::PrefixList', { AddressFamily: 'IPv4', MaxEntries: 4, Entries: blocks.map((Cidr) => ({ Cidr })) }), ...more,
  }), rest);
  const LETS = 'warning TaskGroup: group TaskGroup lets';
  const REACH = 'reach tcp 80 of service Web, from every network that is routed to the VPC';

  test.each<[string, readonly unknown[], string[]]>([
    ['with everybody', ['10.0.0.0/8', '0.0.0.0/0'], [`${LETS} 0.0.0.0/0 ${REACH}`]],
    ['with everybody in IPv6', ['::/0'], [`${LETS} ::/0 ${REACH}`]],
    ['with both', ['0.0.0.0/0', '::/0'], [`${LETS} 0.0.0.0/0 and ::/0 ${REACH}`]],
    ['with two halves', ['128.0.0.0/1', '0.0.0.0/1'], [`${LETS} 0.0.0.0/0 ${REACH}`]],
    ['with the lower half', ['0.0.0.0/1', '10.0.0.0/8'], []],
    ['with the upper half', ['128.0.0.0/1'], []],
    ['with a half of each family', ['0.0.0.0/1', '8000::/1'], []],
    ['with a few', ['10.0.0.0/8', '2001:db8::/32'], []],
    ['with nobody', [], []],
    ['with what is not known', [OPEN, '0.0.0.0/0'], []],
  ])('%s', (_, blocks, expected) => {
    expect(of(blocks, { Parameters: { Open: { Type: 'String' } } })).toEqual(expected);
  });

  test("with everybody by a parameter's default says so", () => {
    expect(of([{ Ref: 'Who' }], { Parameters: { Who: { Type: 'String', Default: '0.0.0.0/0' } } })).toEqual([expect.stringMatching(/^warning TaskGroup: .*\[parameter Who/)]);
  });

  test('that is of elsewhere is passed over', () => {
    expect(said(rule, fargate([allow({ SourcePrefixListId: 'pl-1' }, 80)]))).toEqual([]);
  });

  test('with everybody in IPv6, which another rule tells of tasks that are on the internet by it alone', () => {
    expect(of(['::/0'], {}, internet({ ipv6: true }))).toEqual([]);
    expect(of(['0.0.0.0/0', '::/0'], {}, internet({ ipv6: true }))).toEqual([expect.stringMatching(/^warning TaskGroup: group TaskGroup lets 0\.0\.0\.0\/0 reach/)]);
  });
});

describe('a source that is the block of a network, which is not known, is not everybody', () => {
  const VPC_IPV6 = { 'Fn::Select': [0, { 'Fn::GetAtt': ['Vpc', 'Ipv6CidrBlocks'] }] };
  const networks: Resources = {
    Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: OPEN }),
    C: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: { 'Fn::Select': [0, { 'Fn::Cidr': [{ 'Fn::GetAtt': ['Vpc', 'CidrBlock'] }, 4, 8] }] } }),
    Pooled: resourceOf('AWS::EC2::VPC', { Ipv4IpamPoolId: OPEN }),
    Custom: resourceOf('Custom::Networks'),
  };
  const of = (source: object) => said(rule, fargate([allow(source, 80)], networks));

  test.each<[string, object]>([
    ['of a VPC', cidr({ 'Fn::GetAtt': ['Vpc', 'CidrBlock'] })],
    ['of a VPC, by the short form', cidr({ 'Fn::Sub': '${Vpc.CidrBlock}' })],
    ['of a VPC whose block a pool gives', cidr({ 'Fn::GetAtt': ['Pooled', 'CidrBlock'] })],
    ['of a subnet', cidr({ 'Fn::GetAtt': ['C', 'CidrBlock'] })],
    ['of a VPC, in IPv6', { CidrIpv6: VPC_IPV6 }],
    ['of a subnet, in IPv6', { CidrIpv6: { 'Fn::Select': ['0', { 'Fn::GetAtt': ['C', 'Ipv6CidrBlocks'] }] } }],
  ])('%s', (_, source) => {
    expect(of(source)).toEqual([]);
  });

  test.each<[string, object]>([
    ['of something else', cidr({ 'Fn::GetAtt': ['Custom', 'CidrBlock'] })],
    ['of a list of something else', { CidrIpv6: { 'Fn::Select': [0, { 'Fn::GetAtt': ['Custom', 'Ipv6CidrBlocks'] }] } }],
    ['of another attribute', cidr({ 'Fn::GetAtt': ['Vpc', 'DefaultNetworkAcl'] })],
  ])('and may be everybody, where it is %s', (_, source) => {
    expect(of(source)).toEqual([expect.stringMatching(/^undecided TaskGroup: /)]);
  });
});

test('a source that is not known is undecided, unless another is open', () => {
  expect(said(rule, fargate([allow(cidr(OPEN), 80)]))).toEqual([expect.stringMatching(/^undecided TaskGroup: parameter Open/)]);
  expect(said(rule, fargate([allow({ CidrIpv6: OPEN }, 80)]))).toEqual([expect.stringMatching(/^undecided TaskGroup/)]);
  expect(said(rule, fargate([allow(cidr('10.0.0.0/8'), 80), allow(cidr(OPEN), 81)]))).toEqual([expect.stringMatching(/^undecided TaskGroup: parameter Open/)]);
  expect(said(rule, fargate([allow(cidr(OPEN), 80), allow(WORLD, 81)]))).toEqual([expect.stringMatching(/^warning TaskGroup: .* reach tcp 81 /)]);
});

describe('the fix names as source', () => {
  const CLASSIC = (SecurityGroups: readonly unknown[]): Resources => ({
    Classic: resourceOf('AWS::ElasticLoadBalancing::LoadBalancer', {
      Subnets: [{ Ref: 'A' }], SecurityGroups, Listeners: [{ LoadBalancerPort: '80', InstancePort: '8080', Protocol: 'HTTP' }],
    }),
    Web: serviceOf({ LoadBalancers: [{ LoadBalancerName: { Ref: 'Classic' }, ContainerName: 'app', ContainerPort: 80 }] }),
  });
  const BEHIND = { ...onFargate(), TaskGroup: group([allow(WORLD, 80)]) };

  test.each<[string, Resources, RegExp]>([
    ['no group where there is no load balancer', fargate([allow(WORLD, 80)]), /^SourceSecurityGroupId of who calls it, or the block/],
    ['no group where the target group is not known', { ...onFargate({ LoadBalancers: [{ ...REGISTERED.LoadBalancers[0], TargetGroupArn: OPEN }] }), TaskGroup: BEHIND.TaskGroup },
      /^SourceSecurityGroupId of who calls it,/],
    ['no group where that of the load balancer is not known', { ...BEHIND, ...balancer({ TargetType: 'ip' }, { SecurityGroups: [OPEN] }) },
      /^SourceSecurityGroupId of who calls it,/],
    ['the group of a Classic Load Balancer', nodes([allow(WORLD, 8080)], { ...CLASSIC([groupId('BalancerGroup')]), BalancerGroup: group() }),
      /^SourceSecurityGroupId of BalancerGroup,/],
    ['each group of a load balancer', { ...BEHIND, ...balancer({ TargetType: 'ip' }, { SecurityGroups: [groupId('One'), groupId('Two')] }), One: group(), Two: group() },
      /^SourceSecurityGroupId of One or Two,/],
  ])('%s', (_, Resources, fix) => {
    const { findings } = check([given({ Resources, Parameters: { Open: { Type: 'String' } } })], [rule]);
    expect(findings.map((one) => one.fix)).toEqual([expect.stringMatching(fix)]);
  });
});

describe('the fix keeps those who are to get in', () => {
  const PLACE = 'or the block of the VPC, in place of everybody; and the ports that are needed';
  const first = (whose: string, name: string) => `first a group of their own for the ${whose}, as load balancer Balancer has ${name}, too; there `;
  const onShared = (name: string, target: object) => balancer(target, { SecurityGroups: [groupId(name)] });
  const ITS_CLIENTS = 'the blocks of the clients, where they are known, and of the subnets of Balancer, in place of everybody: it has no groups and passes the addresses of its clients on';

  test.each<[string, Resources, string]>([
    ['of a load balancer that has the group of the instances', { ...onNodes(), ...onShared('NodesGroup', {}), NodesGroup: group([allow(WORLD, 80)]) },
      `${first('instances', 'NodesGroup')}SourceSecurityGroupId of NodesGroup, ${PLACE}`],
    ['of a load balancer that has the group of the tasks', { ...onFargate(), ...onShared('TaskGroup', { TargetType: 'ip' }), TaskGroup: group([allow(WORLD, 80)]) },
      `${first('tasks', 'TaskGroup')}SourceSecurityGroupId of TaskGroup, ${PLACE}`],
    ['of a load balancer that has the group of both', {
      ...onFargate(), ...onShared('TaskGroup', { TargetType: 'ip' }), TaskGroup: group([allow(WORLD, 80)]),
      Nodes: { ...NODES.Nodes, Properties: { ...NODES.Nodes.Properties, SecurityGroupIds: [groupId('TaskGroup')] } },
    }, `${first('instances and tasks', 'TaskGroup')}SourceSecurityGroupId of TaskGroup, ${PLACE}`],
    ['of a load balancer that has the group and sends nothing to the tasks', fargate([allow(WORLD, 80)], onShared('TaskGroup', {})),
      `${first('tasks', 'TaskGroup')}SourceSecurityGroupId of who calls it, ${PLACE}`],
    ['of a load balancer without groups that passes them on', { ...onNodes(), ...PASSES, NodesGroup: group([allow(WORLD, [32768, 60999])]) }, ITS_CLIENTS],
    ['of a load balancer without groups, and not those on another port', {
      ...onFargate(), ...PASSES_TO_ADDRESSES, Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: 80 }, { ContainerPort: 9090 }]),
      TaskGroup: group([allow(WORLD, 80), allow(WORLD, 9090)]),
    }, `SourceSecurityGroupId of who calls it, ${PLACE}`],
    ['by ICMP, who may have groups', fargate([{ IpProtocol: 'icmp', FromPort: -1, ToPort: -1, ...WORLD }]), `SourceSecurityGroupId of who calls it, ${PLACE}`],
  ])('%s', (_, Resources, fix) => {
    expect(check([given({ Resources })], [rule]).findings.map((one) => one.fix)).toEqual([fix]);
  });
});
