import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, BridgePort, BridgeService, HostModeService, HostPort, PortRange, TaskPort } from '../../src';
import {
  awsvpcService, bridgeService, CONTAINER, ec2Capacity, hostModeService, managedInstances, networkLoadBalancer, synth, templateOf,
  warningsOf, World, world,
} from '../fixtures';
import { pathsOf } from '../security-group-rules';

type Service = AwsvpcService | BridgeService | HostModeService;
type Transport = 'tcp' | 'udp';

const { TCP, UDP, TCP_UDP } = elbv2.Protocol;
const DYNAMIC = PortRange.of(40000, 40999);

/** One kind of service and what is to come of it behind a load balancer. */
interface Kind {
  /** A service with one port of the given protocol and, for UDP, the same port over TCP for health checks. */
  readonly make: (w: World, transport: Transport) => Service;
  /** The group that guards the port. */
  readonly group: string;
  /** The ports that rules open. */
  readonly opened: string;
  readonly containerPort: number;
  readonly targetType: 'instance' | 'ip';
  /** What the target group says of the health check's port. */
  readonly healthCheckPort?: string;
  readonly transports: readonly Transport[];
}

const taskPorts = (transport: Transport) => transport === 'tcp' ? [TaskPort.tcp(8080)] : [TaskPort.udp(8080), TaskPort.tcp(8080)];
const hostPorts = (transport: Transport) => transport === 'tcp' ? [HostPort.tcp(8080)] : [HostPort.udp(8080), HostPort.tcp(8080)];
const fixedPorts = (transport: Transport) => (transport === 'tcp' ? [ecs.Protocol.TCP] : [ecs.Protocol.UDP, ecs.Protocol.TCP])
  .map((protocol) => BridgePort.fixed({ hostPort: 8080, containerPort: 80, protocol }));
const dynamicCapacity = ({ cluster }: World) => ec2Capacity(cluster, 'Capacity', { dynamicPorts: DYNAMIC });

const BOTH = ['tcp', 'udp'] as const;
const KINDS: Record<string, Kind> = {
  'HostModeService': {
    make: (w, transport) => hostModeService(w, { ports: hostPorts(transport) }),
    group: 'Capacity', opened: '8080', containerPort: 8080, targetType: 'instance', transports: BOTH,
  },
  'HostModeService on Managed Instances': {
    make: (w, transport) => hostModeService(w, { capacity: managedInstances(w.cluster), ports: hostPorts(transport) }),
    group: 'Managed', opened: '8080', containerPort: 8080, targetType: 'instance', transports: BOTH,
  },
  'BridgeService with a fixed port': {
    make: (w, transport) => bridgeService(w, { ports: fixedPorts(transport) }),
    group: 'Capacity', opened: '8080', containerPort: 80, targetType: 'instance', transports: BOTH,
  },
  'BridgeService with a dynamic port': {
    make: (w) => bridgeService(w, { capacity: dynamicCapacity(w), ports: [BridgePort.dynamic(80)] }),
    group: 'Capacity', opened: '40000-40999', containerPort: 80, targetType: 'instance', healthCheckPort: 'traffic-port', transports: ['tcp'],
  },
  'AwsvpcService on Fargate': {
    make: (w, transport) => awsvpcService(w, { ports: taskPorts(transport) }),
    group: 'Web', opened: '8080', containerPort: 8080, targetType: 'ip', transports: BOTH,
  },
  'AwsvpcService on EC2': {
    make: (w, transport) => awsvpcService(w, { capacity: ec2Capacity(w.cluster), ports: taskPorts(transport) }),
    group: 'Web', opened: '8080', containerPort: 8080, targetType: 'ip', transports: BOTH,
  },
  'AwsvpcService on Managed Instances': {
    make: (w, transport) => awsvpcService(w, { capacity: managedInstances(w.cluster), ports: taskPorts(transport) }),
    group: 'Web', opened: '8080', containerPort: 8080, targetType: 'ip', transports: BOTH,
  },
};
const ALL = Object.entries(KINDS);
const WITH_UDP = ALL.filter(([, { transports }]) => transports.includes('udp'));

/** An ALB, `Lb`, that opens nothing to its own clients. */
const albListener = ({ stack, vpc }: World) =>
  new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc }).addListener('Listener', { port: 80, open: false });
const nlbListener = (w: World, withGroup: boolean, protocol = TCP) =>
  networkLoadBalancer(w, withGroup).addListener('Listener', { port: 80, protocol });

/** Rules between a load balancer with a group and what it sends to. */
const between = (group: string, ...ports: string[]) =>
  ports.flatMap((port) => [`${group} < Lb ${port}`, `Lb > ${group} ${port}`]).sort();
/** Rules for the addresses of the two subnets of an NLB without groups. */
const fromSubnets = (group: string, ...ports: string[]) =>
  ports.flatMap((port) => [`${group} < 10.0.128.0/18 ${port}`, `${group} < 10.0.192.0/18 ${port}`]).sort();

const idOf = (group: elbv2.TargetGroupBase) => Stack.of(group).getLogicalId(group.node.defaultChild as elbv2.CfnTargetGroup);

/** What the only ECS service of a stack says. */
function serviceIn(stack: Stack): { readonly Properties: Record<string, unknown>; readonly DependsOn: string[] } {
  const [service, ...others] = Object.values(templateOf(stack).findResources('AWS::ECS::Service'));
  expect(others).toEqual([]);
  return service as ReturnType<typeof serviceIn>;
}

function expectRegistered({ stack }: World, kind: Kind, targetGroup: elbv2.TargetGroupBase): void {
  expect(serviceIn(stack).Properties.LoadBalancers).toEqual([
    { ContainerName: 'app', ContainerPort: kind.containerPort, TargetGroupArn: { Ref: idOf(targetGroup) } },
  ]);
  const { Properties } = templateOf(stack).findResources('AWS::ElasticLoadBalancingV2::TargetGroup')[idOf(targetGroup)];
  expect(Properties.TargetType).toBe(kind.targetType);
  expect(Properties.HealthCheckPort).toBe(kind.healthCheckPort);
  expect(Properties.Targets).toBeUndefined();
}

describe('a service registers with a target group and opens what the load balancer needs', () => {
  test.each(ALL)('%s behind an ALB', (_, kind) => {
    const w = world();
    const group = albListener(w).addTargets('Group', { port: 80, targets: [kind.make(w, 'tcp')] });
    expect(pathsOf(w.app)).toEqual(between(kind.group, `tcp ${kind.opened}`));
    expectRegistered(w, kind, group);
    expect(warningsOf(w.stack)).toEqual([]);
  });

  test.each(ALL)('%s behind an NLB with a group, over TCP', (_, kind) => {
    const w = world();
    const group = nlbListener(w, true).addTargets('Group', { port: 80, targets: [kind.make(w, 'tcp')] });
    expect(pathsOf(w.app)).toEqual(between(kind.group, `tcp ${kind.opened}`));
    expectRegistered(w, kind, group);
    expect(warningsOf(w.stack)).toEqual([]);
  });

  test.each(ALL)('%s behind an NLB without groups, over TCP', (_, kind) => {
    const w = world();
    const group = nlbListener(w, false).addTargets('Group', { port: 80, targets: [kind.make(w, 'tcp')] });
    // To instances the client's address is kept, and clients are for the user to name; to addresses it is not.
    expect(pathsOf(w.app)).toEqual(fromSubnets(kind.group, `tcp ${kind.opened}`));
    expectRegistered(w, kind, group);
    expect(warningsOf(w.stack)).toEqual(kind.targetType === 'instance' ? ['network-load-balancer-clients'] : []);
  });

  test.each(WITH_UDP)('%s behind an NLB with a group, over UDP', (_, kind) => {
    const w = world();
    const group = nlbListener(w, true, UDP).addTargets('Group', { port: 80, protocol: UDP, targets: [kind.make(w, 'udp')] });
    expect(pathsOf(w.app)).toEqual(between(kind.group, `udp ${kind.opened}`, `tcp ${kind.opened}`));
    expectRegistered(w, kind, group);
    expect(warningsOf(w.stack)).toEqual([]);
  });

  test.each(WITH_UDP)('%s behind an NLB without groups, over UDP, which always keeps client addresses', (_, kind) => {
    const w = world();
    const group = nlbListener(w, false, UDP).addTargets('Group', { port: 80, protocol: UDP, targets: [kind.make(w, 'udp')] });
    expect(pathsOf(w.app)).toEqual(fromSubnets(kind.group, `tcp ${kind.opened}`));
    expectRegistered(w, kind, group);
    expect(warningsOf(w.stack)).toEqual(['network-load-balancer-clients']);
  });

  test.each(WITH_UDP)('%s behind an NLB with a group, over TCP and UDP', (_, kind) => {
    const w = world();
    const group = nlbListener(w, true, TCP_UDP).addTargets('Group', { port: 80, protocol: TCP_UDP, targets: [kind.make(w, 'udp')] });
    expect(pathsOf(w.app)).toEqual(between(kind.group, `udp ${kind.opened}`, `tcp ${kind.opened}`));
    expectRegistered(w, kind, group);
  });
});

describe('the health check', () => {
  /** Kinds whose tasks can answer on another port. */
  const withHealthPort: Record<string, (w: World) => Service> = {
    'HostModeService': (w) => hostModeService(w, { ports: [HostPort.tcp(8080), HostPort.tcp(9000)] }),
    'BridgeService with a fixed port': (w) => bridgeService(w, {
      ports: [BridgePort.fixed({ hostPort: 8080, containerPort: 80 }), BridgePort.fixed({ hostPort: 9000, containerPort: 81 })],
    }),
    'AwsvpcService': (w) => awsvpcService(w, { ports: [TaskPort.tcp(8080)] }),
  };
  const guard = (service: Service) => service instanceof AwsvpcService ? 'Web' : 'Capacity';

  test.each(Object.entries(withHealthPort))('of %s on a port of its own opens that as well, behind an ALB', (_, make) => {
    const w = world();
    const service = make(w);
    albListener(w).addTargets('Group', { port: 80, targets: [service], healthCheck: { port: '9000' } });
    expect(pathsOf(w.app)).toEqual(between(guard(service), 'tcp 8080', 'tcp 9000'));
  });

  test.each(Object.entries(withHealthPort))('of %s on a port of its own opens that as well, behind an NLB, set last', (_, make) => {
    const w = world();
    const service = make(w);
    const group = nlbListener(w, true).addTargets('Group', { port: 80, targets: [service] });
    group.configureHealthCheck({ port: '9000' });
    expect(pathsOf(w.app)).toEqual(between(guard(service), 'tcp 8080', 'tcp 9000'));
  });

  test('on a port of its own is set last behind an ALB, too', () => {
    const w = world();
    const group = albListener(w).addTargets('Group', { port: 80, targets: [awsvpcService(w, { ports: [TaskPort.tcp(8080)] })] });
    group.configureHealthCheck({ path: '/health', port: '9000' });
    expect(pathsOf(w.app)).toEqual(between('Web', 'tcp 8080', 'tcp 9000'));
  });

  test('on a port of its own that comes from a sidecar', () => {
    const w = world();
    const service = bridgeService(w, { capacity: dynamicCapacity(w), ports: [BridgePort.dynamic(80)] });
    albListener(w).addTargets('Group', { port: 80, targets: [service], healthCheck: { port: '9000' } });
    service.addContainer('health', { ...CONTAINER, ports: [BridgePort.fixed({ hostPort: 9000, containerPort: 9000 })] });
    expect(pathsOf(w.app)).toEqual(between('Capacity', 'tcp 40000-40999', 'tcp 9000'));
  });

  test('of a UDP port on a port of its own opens TCP there, not on the UDP port', () => {
    const w = world();
    nlbListener(w, true, UDP).addTargets('Group', {
      port: 53, protocol: UDP, targets: [awsvpcService(w, { ports: [TaskPort.udp(5353)] })], healthCheck: { port: '8080' },
    });
    expect(pathsOf(w.app)).toEqual(between('Web', 'tcp 8080', 'udp 5353'));
  });

  test('of an NLB without groups that keeps client addresses is the only thing let in from its subnets', () => {
    const w = world();
    nlbListener(w, false).addTargets('Group', {
      port: 80, targets: [hostModeService(w, { ports: [HostPort.tcp(8080), HostPort.tcp(9000)] })], healthCheck: { port: '9000' },
    });
    expect(pathsOf(w.app)).toEqual(fromSubnets('Capacity', 'tcp 9000'));
  });

  test('of a dynamic port keeps what else is said of it when traffic-port is written out', () => {
    const w = world();
    albListener(w).addTargets('Group', {
      port: 80,
      targets: [bridgeService(w, { ports: [BridgePort.dynamic(80)] })],
      healthCheck: { path: '/health', interval: Duration.seconds(11) },
    });
    templateOf(w.stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/health', HealthCheckIntervalSeconds: 11, HealthCheckPort: 'traffic-port',
    });
  });

  test('on a port known only at deployment opens that port', () => {
    const w = world();
    const port = new CfnParameter(w.stack, 'HealthPort').valueAsString;
    albListener(w).addTargets('Group', { port: 80, targets: [awsvpcService(w, { ports: [TaskPort.tcp(8080)] })], healthCheck: { port } });
    synth(w.app);
    const rules = Object.values(templateOf(w.stack).findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties.FromPort);
    expect(rules).toEqual([8080, { Ref: 'HealthPort' }]);
  });

  test('that is off opens nothing of its own', () => {
    const w = world();
    const service = hostModeService(w, { ports: [HostPort.tcp(8080), HostPort.tcp(9000)] });
    const group = nlbListener(w, false).addTargets('Group', { port: 80, targets: [service] });
    group.configureHealthCheck({ enabled: false, port: '9000' });
    expect(pathsOf(w.app)).toEqual([]);
  });

  test.each(['http', '0', '70000', '80.5'])("on port '%s' is refused", (port) => {
    const w = world();
    albListener(w).addTargets('Group', { port: 80, targets: [hostModeService(w, { ports: [HostPort.tcp(8080)] })], healthCheck: { port } });
    expect(() => synth(w.app)).toThrow(`checks health on port '${port}', which must be 'traffic-port' or an integer from 1 to 65535`);
  });

  test('on a port that no fixed port of a bridge service maps is refused', () => {
    const w = world();
    const service = bridgeService(w, { ports: [BridgePort.dynamic(80), BridgePort.fixed({ hostPort: 9001, containerPort: 9000 })] });
    albListener(w).addTargets('Group', { port: 80, targets: [service], healthCheck: { port: '9000' } });
    expect(() => synth(w.app)).toThrow('target group Test/Lb/Listener/GroupGroup checks health on port 9000 of the instance, '
      + "which no fixed TCP port of the service maps: use 'traffic-port', or BridgePort.fixed");
  });
});

describe('whatever the order and number of listeners', () => {
  test('a listener added after the service opens the same', () => {
    const w = world();
    const lb = networkLoadBalancer(w, true);
    const group = new elbv2.NetworkTargetGroup(w.stack, 'Group', { vpc: w.vpc, port: 80, targets: [KINDS.HostModeService.make(w, 'tcp')] });
    lb.addListener('Late', { port: 80, defaultTargetGroups: [group] });
    expect(pathsOf(w.app)).toEqual(between('Capacity', 'tcp 8080'));
  });

  test('a target group on two listeners of one load balancer opens one path and is one entry', () => {
    const w = world();
    const group = new elbv2.NetworkTargetGroup(w.stack, 'Group', { vpc: w.vpc, port: 80, targets: [KINDS.HostModeService.make(w, 'tcp')] });
    const lb = networkLoadBalancer(w, true);
    lb.addListener('One', { port: 80, defaultTargetGroups: [group] });
    lb.addListener('Two', { port: 8080, defaultTargetGroups: [group] });
    expect(pathsOf(w.app)).toEqual(between('Capacity', 'tcp 8080'));
    expectRegistered(w, KINDS.HostModeService, group);
  });

  test('a target group on two listeners of an ALB opens one path and is one entry', () => {
    const w = world();
    const group = new elbv2.ApplicationTargetGroup(w.stack, 'Group', { vpc: w.vpc, port: 80, targets: [KINDS.HostModeService.make(w, 'tcp')] });
    const lb = new elbv2.ApplicationLoadBalancer(w.stack, 'Lb', { vpc: w.vpc });
    lb.addListener('One', { port: 80, open: false, defaultTargetGroups: [group] });
    lb.addListener('Two', { port: 8080, protocol: elbv2.ApplicationProtocol.HTTP, open: false, defaultTargetGroups: [group] });
    expect(pathsOf(w.app)).toEqual(between('Capacity', 'tcp 8080'));
    expectRegistered(w, KINDS.HostModeService, group);
  });

  test('one service can be behind an ALB and an NLB', () => {
    const w = world();
    const service = KINDS['AwsvpcService on Fargate'].make(w, 'tcp');
    albListener(w).addTargets('Group', { port: 80, targets: [service] });
    nlbListener(w, false).addTargets('Group', { port: 80, targets: [service] });
    expect(pathsOf(w.app)).toEqual([...fromSubnets('Web', 'tcp 8080'), 'Web < Lb tcp 8080', 'Lb > Web tcp 8080'].sort());
    expect(serviceIn(w.stack).Properties.LoadBalancers).toHaveLength(2);
  });

  test('a service waits for every listener and rule that sends to it', () => {
    const w = world();
    const service = KINDS['AwsvpcService on Fargate'].make(w, 'tcp');
    const alb = albListener(w);
    alb.addAction('NotFound', { action: elbv2.ListenerAction.fixedResponse(404) });
    alb.addTargets('Group', { port: 80, targets: [service], priority: 1, conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])] });
    const nlb = nlbListener(w, false);
    nlb.addTargets('Group', { port: 80, targets: [service] });
    const rule = alb.node.findAll().find((node) => node instanceof elbv2.CfnListenerRule)!;
    expect(serviceIn(w.stack).DependsOn).toEqual(expect.arrayContaining([
      w.stack.getLogicalId(rule as elbv2.CfnListenerRule),
      w.stack.getLogicalId(nlb.node.defaultChild as elbv2.CfnListener),
    ]));
  });
});

describe('a Network Load Balancer without groups', () => {
  const PORT = HostPort.tcp(8080);
  const CLIENTS = [ec2.Peer.ipv4('192.0.2.0/24'), ec2.Peer.ipv4('198.51.100.0/24')];

  test('that keeps client addresses lets in the clients that are named, and warns of nothing', () => {
    const w = world();
    const target = hostModeService(w, { ports: [PORT] }).loadBalancerTarget(PORT, { clients: CLIENTS });
    nlbListener(w, false).addTargets('Group', { port: 80, targets: [target] });
    expect(pathsOf(w.app)).toEqual([
      ...fromSubnets('Capacity', 'tcp 8080'), 'Capacity < 192.0.2.0/24 tcp 8080', 'Capacity < 198.51.100.0/24 tcp 8080',
    ]);
    expect(warningsOf(w.stack)).toEqual([]);
  });

  test('lets UDP clients in on UDP alone', () => {
    const w = world();
    const udp = TaskPort.udp(5353);
    const target = awsvpcService(w, { ports: [udp, TaskPort.tcp(5353)] }).loadBalancerTarget(udp, { clients: CLIENTS.slice(0, 1) });
    nlbListener(w, false, UDP).addTargets('Group', { port: 53, protocol: UDP, targets: [target] });
    expect(pathsOf(w.app)).toEqual([...fromSubnets('Web', 'tcp 5353'), 'Web < 192.0.2.0/24 udp 5353']);
  });

  test('lets TCP and UDP clients in on both', () => {
    const w = world();
    const target = hostModeService(w, { ports: [PORT] }).loadBalancerTarget(PORT, { clients: CLIENTS.slice(0, 1) });
    nlbListener(w, false, TCP_UDP).addTargets('Group', { port: 80, protocol: TCP_UDP, targets: [target] });
    expect(pathsOf(w.app)).toEqual([
      ...fromSubnets('Capacity', 'tcp 8080'), 'Capacity < 192.0.2.0/24 tcp 8080', 'Capacity < 192.0.2.0/24 udp 8080',
    ]);
  });

  test('that is told not to keep client addresses needs no clients named', () => {
    const w = world();
    nlbListener(w, false).addTargets('Group', { port: 80, preserveClientIp: false, targets: [hostModeService(w, { ports: [PORT] })] });
    expect(pathsOf(w.app)).toEqual(fromSubnets('Capacity', 'tcp 8080'));
    expect(warningsOf(w.stack)).toEqual([]);
  });

  test('that does not keep client addresses has no use for named clients and does not let them in', () => {
    const w = world();
    const target = hostModeService(w, { ports: [PORT] }).loadBalancerTarget(PORT, { clients: CLIENTS });
    nlbListener(w, false).addTargets('Group', { port: 80, preserveClientIp: false, targets: [target] });
    expect(pathsOf(w.app)).toEqual(fromSubnets('Capacity', 'tcp 8080'));
  });

  test('that is told to keep client addresses for addresses needs them named', () => {
    const w = world();
    nlbListener(w, false).addTargets('Group', { port: 80, preserveClientIp: true, targets: [awsvpcService(w, { ports: [TaskPort.tcp(8080)] })] });
    expect(warningsOf(w.stack)).toEqual(['network-load-balancer-clients']);
  });

  test('with a group has no use for named clients and does not let them in', () => {
    const w = world();
    const target = hostModeService(w, { ports: [PORT] }).loadBalancerTarget(PORT, { clients: CLIENTS });
    nlbListener(w, true).addTargets('Group', { port: 80, targets: [target] });
    expect(pathsOf(w.app)).toEqual(between('Capacity', 'tcp 8080'));
  });

  function dualStackNlb({ stack }: World, vpc: ec2.IVpc, target: elbv2.INetworkLoadBalancerTarget): void {
    const { IPV6: ipAddressType } = elbv2.TargetGroupIpAddressType;
    const group = new elbv2.NetworkTargetGroup(stack, 'Group', { vpc, port: 80, targets: [target], ipAddressType });
    new elbv2.NetworkLoadBalancer(stack, 'Network', { vpc, disableSecurityGroups: true, ipAddressType: elbv2.IpAddressType.DUAL_STACK })
      .addListener('Listener', { port: 80, defaultTargetGroups: [group] });
  }

  test('gets to IPv6 targets from the IPv6 addresses of its subnets', () => {
    const w = world();
    const vpc = new ec2.Vpc(w.stack, 'DualStack', { ipProtocol: ec2.IpProtocol.DUAL_STACK, maxAzs: 2, natGateways: 1 });
    const cluster = new ecs.Cluster(w.stack, 'There', { vpc });
    dualStackNlb(w, vpc, awsvpcService({ ...w, cluster }, { ports: [TaskPort.tcp(8080)] }));
    expect(pathsOf(w.app)).toEqual(vpc.privateSubnets.map((subnet) => {
      const id = w.stack.getLogicalId(subnet.node.defaultChild as ec2.CfnSubnet);
      return `Web < {Fn::Select:[0,{Fn::GetAtt:[${id},Ipv6CidrBlocks]}]} tcp 8080`;
    }));
    expect(warningsOf(w.stack)).toEqual([]);
  });

  describe('of an imported VPC', () => {
    const attributes = { vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['us-east-1a', 'us-east-1b'], privateSubnetIds: ['subnet-0a1b2c3d', 'subnet-1a2b3c4d'] };

    test('whose addresses are unknown warns and opens nothing', () => {
      const w = world();
      const vpc = ec2.Vpc.fromVpcAttributes(w.stack, 'Imported', attributes);
      const cluster = new ecs.Cluster(w.stack, 'There', { vpc });
      const service = awsvpcService({ ...w, cluster }, { ports: [TaskPort.tcp(8080)] });
      new elbv2.NetworkLoadBalancer(w.stack, 'Network', { vpc, disableSecurityGroups: true })
        .addListener('Listener', { port: 80 }).addTargets('Group', { port: 80, targets: [service] });
      expect(pathsOf(w.app)).toEqual([]);
      expect(warningsOf(w.stack)).toEqual(['network-load-balancer-addresses']);
    });

    test('warns of IPv6 targets, whose load balancer has unknown IPv6 addresses', () => {
      const w = world();
      const vpc = ec2.Vpc.fromVpcAttributes(w.stack, 'Imported', { ...attributes, privateSubnetIpv4CidrBlocks: ['10.1.0.0/24', '10.1.1.0/24'] });
      const cluster = new ecs.Cluster(w.stack, 'There', { vpc });
      dualStackNlb(w, vpc, awsvpcService({ ...w, cluster }, { ports: [TaskPort.tcp(8080)] }));
      expect(pathsOf(w.app)).toEqual([]);
      expect(warningsOf(w.stack)).toEqual(['network-load-balancer-addresses']);
    });

    test('lets its subnets in where their addresses are given', () => {
      const w = world();
      const vpc = ec2.Vpc.fromVpcAttributes(w.stack, 'Imported', { ...attributes, privateSubnetIpv4CidrBlocks: ['10.1.0.0/24', '10.1.1.0/24'] });
      const cluster = new ecs.Cluster(w.stack, 'There', { vpc });
      const service = awsvpcService({ ...w, cluster }, { ports: [TaskPort.tcp(8080)] });
      new elbv2.NetworkLoadBalancer(w.stack, 'Network', { vpc, disableSecurityGroups: true })
        .addListener('Listener', { port: 80 }).addTargets('Group', { port: 80, targets: [service] });
      expect(pathsOf(w.app)).toEqual(['Web < 10.1.0.0/24 tcp 8080', 'Web < 10.1.1.0/24 tcp 8080']);
      expect(warningsOf(w.stack)).toEqual([]);
    });
  });
});

describe('refused', () => {
  test('a sixth target group', () => {
    const w = world();
    const service = awsvpcService(w, { ports: [TaskPort.tcp(8080)] });
    const groups = [1, 2, 3, 4, 5, 6].map((n) => new elbv2.ApplicationTargetGroup(w.stack, `Group${n}`, { vpc: w.vpc, port: 80 }));
    groups.slice(0, 5).forEach((group) => group.addTarget(service));
    expect(() => groups[5].addTarget(service)).toThrow('a service has at most 5 target groups, and Test/Group6 would be one more [Test/Web]');
  });

  test.each([
    ['AwsvpcService', (w: World) => awsvpcService(w, { ports: [TaskPort.tcpRange(PortRange.of(8000, 8010))] })],
    ['BridgeService', (w: World) => bridgeService(w, { ports: [BridgePort.dynamicRange(PortRange.of(8000, 8010))] })],
  ])('a port range of %s', (_, make) => {
    const w = world();
    expect(() => albListener(w).addTargets('Group', { port: 80, targets: [make(w)] }))
      .toThrow('port range 8000-8010/tcp cannot be a load balancer target: a target is one port [Test/Web]');
  });

  test.each([
    ['HostModeService', (w: World) => hostModeService(w, { ports: [HostPort.udp(8080)] })],
    ['BridgeService', (w: World) => bridgeService(w, { ports: [BridgePort.dynamic(8080, { protocol: ecs.Protocol.UDP })] })],
    ['AwsvpcService', (w: World) => awsvpcService(w, { ports: [TaskPort.udp(8080)] })],
  ])('UDP of %s behind an ALB', (_, make) => {
    const w = world();
    expect(() => albListener(w).addTargets('Group', { port: 80, targets: [make(w)] }))
      .toThrow('port 8080/udp cannot be behind an Application Load Balancer, which speaks HTTP; use a Network Load Balancer [Test/Web]');
  });

  test('UDP on a dynamic port, whose health cannot be checked', () => {
    const w = world();
    const service = bridgeService(w, { ports: [BridgePort.dynamic(53, { protocol: ecs.Protocol.UDP })] });
    nlbListener(w, true, UDP).addTargets('Group', { port: 53, protocol: UDP, targets: [service] });
    expect(() => synth(w.app)).toThrow('target group Test/Network/Listener/GroupGroup cannot check the health of dynamic port 53/udp: health checks are TCP, and no one '
      + "knows the host port of another port. Map a fixed TCP port as well and name it in 'healthCheck.port', or use awsvpc");
  });

  test('UDP on a dynamic port is taken once a fixed TCP port is there to be checked', () => {
    const w = world();
    const service = bridgeService(w, {
      capacity: dynamicCapacity(w),
      ports: [BridgePort.dynamic(53, { protocol: ecs.Protocol.UDP }), BridgePort.fixed({ hostPort: 9000, containerPort: 9000 })],
    });
    nlbListener(w, true, UDP).addTargets('Group', { port: 53, protocol: UDP, targets: [service], healthCheck: { port: '9000' } });
    expect(pathsOf(w.app)).toEqual(between('Capacity', 'tcp 9000', 'udp 40000-40999'));
  });

  test('UDP on a fixed port, where nothing answers health checks over TCP', () => {
    const w = world();
    nlbListener(w, true, UDP).addTargets('Group', { port: 53, protocol: UDP, targets: [hostModeService(w, { ports: [HostPort.udp(5353)] })] });
    expect(() => synth(w.app)).toThrow('target group Test/Network/Listener/GroupGroup checks health by TCP on port 5353, which no port of the service answers: '
      + "map it for TCP too, or name another in 'healthCheck.port'");
  });

  test('TCP and UDP on one dynamic port', () => {
    const w = world();
    nlbListener(w, true, TCP_UDP).addTargets('Group', { port: 53, protocol: TCP_UDP, targets: [bridgeService(w, { ports: [BridgePort.dynamic(53)] })] });
    expect(() => synth(w.app)).toThrow('takes TCP and UDP on one port, but dynamic port 53/tcp is a different host port for each; use a fixed port');
  });

  test.each([['tcp', 'TCP'], ['udp', 'UDP']] as const)('TCP and UDP on a bridge port that is mapped for %s only', (transport, name) => {
    const w = world();
    const port = BridgePort.fixed({ hostPort: 8080, containerPort: 80, protocol: transport === 'tcp' ? ecs.Protocol.TCP : ecs.Protocol.UDP });
    nlbListener(w, true, TCP_UDP).addTargets('Group', { port: 53, protocol: TCP_UDP, targets: [bridgeService(w, { ports: [port] })] });
    expect(() => synth(w.app)).toThrow('target group Test/Network/Listener/GroupGroup sends TCP and UDP to host port 8080, '
      + `which is mapped for ${name} only: add it to 'ports' for both`);
  });

  test('a TCP target group for a UDP port', () => {
    const w = world();
    nlbListener(w, true).addTargets('Group', { port: 53, targets: [awsvpcService(w, { ports: [TaskPort.udp(5353)] })] });
    expect(() => synth(w.app)).toThrow('target group Test/Network/Listener/GroupGroup speaks TCP, but the port it is given is 5353/udp');
  });

  test('a UDP target group for a TCP port', () => {
    const w = world();
    nlbListener(w, true, UDP).addTargets('Group', { port: 53, protocol: UDP, targets: [awsvpcService(w, { ports: [TaskPort.tcp(5353)] })] });
    expect(() => synth(w.app)).toThrow('target group Test/Network/Listener/GroupGroup speaks UDP, but the port it is given is 5353/tcp');
  });

  test('a service without ports', () => {
    const w = world();
    expect(() => albListener(w).addTargets('Group', { port: 80, targets: [awsvpcService(w, {})] }))
      .toThrow("'ports' is empty, so there is nothing to connect to [Test/Web]");
  });

  test('a port the service does not have', () => {
    const w = world();
    const target = awsvpcService(w, { ports: [TaskPort.tcp(8080), TaskPort.udp(53)] }).loadBalancerTarget(TaskPort.tcp(53));
    expect(() => albListener(w).addTargets('Group', { port: 80, targets: [target] }))
      .toThrow("port 53/tcp is not among the service's 'ports' (8080/tcp, 53/udp) [Test/Web]");
  });
});

describe('loadBalancerTarget names a port other than the first', () => {
  test('of the application', () => {
    const w = world();
    const admin = TaskPort.tcp(9090);
    const service = awsvpcService(w, { ports: [TaskPort.tcp(8080), admin] });
    const group = albListener(w).addTargets('Group', { port: 80, targets: [service.loadBalancerTarget(admin)] });
    expect(pathsOf(w.app)).toEqual(between('Web', 'tcp 9090'));
    expectRegistered(w, { ...KINDS['AwsvpcService on Fargate'], containerPort: 9090 }, group);
  });

  test('of a sidecar, also one that comes later', () => {
    const w = world();
    const service = bridgeService(w, { ports: [BridgePort.dynamic(80)] });
    const port = BridgePort.fixed({ hostPort: 9000, containerPort: 90 });
    service.addContainer('proxy', { ...CONTAINER, ports: [port] });
    const group = albListener(w).addTargets('Group', { port: 80, targets: [service.loadBalancerTarget(port)] });
    expect(pathsOf(w.app)).toEqual(between('Capacity', 'tcp 9000'));
    expect(serviceIn(w.stack).Properties.LoadBalancers).toEqual([
      { ContainerName: 'proxy', ContainerPort: 90, TargetGroupArn: { Ref: idOf(group) } },
    ]);
  });

  test('of two that differ in the protocol only', () => {
    const w = world();
    const [tcp, udp] = [TaskPort.tcp(53), TaskPort.udp(53)];
    const service = awsvpcService(w, { ports: [tcp, udp] });
    nlbListener(w, true, UDP).addTargets('Group', { port: 53, protocol: UDP, targets: [service.loadBalancerTarget(udp)] });
    expect(pathsOf(w.app)).toEqual(between('Web', 'tcp 53', 'udp 53'));
  });

  test('and a UDP target group takes the first UDP port unasked', () => {
    const w = world();
    const service = awsvpcService(w, { ports: [TaskPort.tcp(8080), TaskPort.udp(53)] });
    nlbListener(w, true, UDP).addTargets('Group', { port: 53, protocol: UDP, targets: [service], healthCheck: { port: '8080' } });
    expect(pathsOf(w.app)).toEqual(between('Web', 'tcp 8080', 'udp 53'));
  });
});

describe('an imported target group', () => {
  test('of an ALB is taken with a warning, since its load balancer cannot be seen', () => {
    const w = world();
    const targetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/imported/0123456789abcdef';
    elbv2.ApplicationTargetGroup.fromTargetGroupAttributes(w.stack, 'Group', { targetGroupArn }).addTarget(KINDS.HostModeService.make(w, 'tcp'));
    expect(pathsOf(w.app)).toEqual([]);
    expect(serviceIn(w.stack).Properties.LoadBalancers).toEqual([{ ContainerName: 'app', ContainerPort: 8080, TargetGroupArn: targetGroupArn }]);
    expect(warningsOf(w.stack)).toEqual(['imported-target-group']);
  });

  test('of an NLB, too', () => {
    const w = world();
    const targetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/imported/0123456789abcdef';
    elbv2.NetworkTargetGroup.fromTargetGroupAttributes(w.stack, 'Group', { targetGroupArn }).addTarget(KINDS.HostModeService.make(w, 'tcp'));
    expect(pathsOf(w.app)).toEqual([]);
    expect(warningsOf(w.stack)).toEqual(['imported-target-group']);
  });
});

describe('imported load balancers', () => {
  test('an NLB with groups is let in', () => {
    const w = world();
    const loadBalancer = elbv2.NetworkLoadBalancer.fromNetworkLoadBalancerAttributes(w.stack, 'Imported', {
      loadBalancerArn: 'arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/imported/0123456789abcdef',
      loadBalancerSecurityGroups: ['sg-0123456789abcdef0'],
    });
    const group = new elbv2.NetworkTargetGroup(w.stack, 'Group', { vpc: w.vpc, port: 80, targets: [KINDS.HostModeService.make(w, 'tcp')] });
    new elbv2.NetworkListener(w.stack, 'Listener', { loadBalancer, port: 80, defaultTargetGroups: [group] });
    expect(pathsOf(w.app)).toEqual(['Capacity < sg-0123456789abcdef0 tcp 8080']);
  });

  test('an NLB of which nothing is known gets a warning', () => {
    const w = world();
    const loadBalancer = elbv2.NetworkLoadBalancer.fromNetworkLoadBalancerAttributes(w.stack, 'Imported', {
      loadBalancerArn: 'arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/imported/0123456789abcdef',
    });
    const group = new elbv2.NetworkTargetGroup(w.stack, 'Group', {
      vpc: w.vpc, port: 80, preserveClientIp: false, targets: [KINDS.HostModeService.make(w, 'tcp')],
    });
    new elbv2.NetworkListener(w.stack, 'Listener', { loadBalancer, port: 80, defaultTargetGroups: [group] });
    expect(pathsOf(w.app)).toEqual([]);
    expect(warningsOf(w.stack)).toEqual(['network-load-balancer-addresses']);
  });

  test('an ALB is let in by the group of its imported listener', () => {
    const w = world();
    const group = new elbv2.ApplicationTargetGroup(w.stack, 'Group', { vpc: w.vpc, port: 80, targets: [KINDS.HostModeService.make(w, 'tcp')] });
    elbv2.ApplicationListener.fromApplicationListenerAttributes(w.stack, 'Listener', {
      listenerArn: 'arn:aws:elasticloadbalancing:us-east-1:111111111111:listener/app/imported/0123456789abcdef/0123456789abcdef',
      securityGroup: ec2.SecurityGroup.fromSecurityGroupId(w.stack, 'Imported', 'sg-0123456789abcdef0'),
    }).addTargetGroups('Web', { targetGroups: [group], priority: 1, conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])] });
    expect(pathsOf(w.app)).toEqual(['Capacity < sg-0123456789abcdef0 tcp 8080']);
  });
});

describe('blue/green with an alternate target group', () => {
  test.each([
    ['BridgeService with a dynamic port', 'instance', 'traffic-port'],
    ['AwsvpcService on Fargate', 'ip', undefined],
  ] as const)('of %s', (name, targetType, healthCheckPort) => {
    const w = world();
    const kind = KINDS[name];
    const deploymentStrategy = ecs.DeploymentStrategy.BLUE_GREEN;
    const service = name === 'AwsvpcService on Fargate'
      ? awsvpcService(w, { ports: [TaskPort.tcp(8080)], deploymentStrategy })
      : bridgeService(w, { capacity: dynamicCapacity(w), ports: [BridgePort.dynamic(80)], deploymentStrategy });
    const [blue, green] = ['Blue', 'Green'].map((id) => new elbv2.ApplicationTargetGroup(w.stack, id, {
      vpc: w.vpc, port: 80, targetType: targetType === 'ip' ? elbv2.TargetType.IP : elbv2.TargetType.INSTANCE,
    }));
    const listener = albListener(w);
    listener.addAction('NotFound', { action: elbv2.ListenerAction.fixedResponse(404) });
    const rule = new elbv2.ApplicationListenerRule(w.stack, 'Rule', {
      listener,
      priority: 1,
      conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])],
      action: elbv2.ListenerAction.weightedForward([{ targetGroup: blue, weight: 100 }, { targetGroup: green, weight: 0 }]),
    });
    const alternateTarget = new ecs.AlternateTarget('Green', {
      alternateTargetGroup: green, productionListener: ecs.ListenerRuleConfiguration.applicationListenerRule(rule),
    });
    blue.addTarget(service instanceof AwsvpcService
      ? service.loadBalancerTarget(TaskPort.tcp(8080), { alternateTarget })
      : service.loadBalancerTarget(BridgePort.dynamic(80), { alternateTarget }));

    expect(pathsOf(w.app)).toEqual(between(kind.group, `tcp ${kind.opened}`));
    const ruleId = w.stack.getLogicalId(rule.node.defaultChild as elbv2.CfnListenerRule);
    const { Properties, DependsOn } = serviceIn(w.stack);
    expect(Properties.LoadBalancers).toEqual([{
      ContainerName: 'app',
      ContainerPort: kind.containerPort,
      TargetGroupArn: { Ref: idOf(blue) },
      AdvancedConfiguration: {
        AlternateTargetGroupArn: { Ref: idOf(green) },
        ProductionListenerRule: { Ref: ruleId },
        RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/GreenRole/), 'Arn'] },
      },
    }]);
    expect(DependsOn).toContain(ruleId);
    const groups = templateOf(w.stack).findResources('AWS::ElasticLoadBalancingV2::TargetGroup');
    for (const group of [blue, green]) {
      expect(groups[idOf(group)].Properties.TargetType).toBe(targetType);
      expect(groups[idOf(group)].Properties.HealthCheckPort).toBe(healthCheckPort);
    }
  });

  describe('that is on no listener yet', () => {
    const PORT = TaskPort.tcp(8080);
    const attributes = (w: World) => ({ vpc: w.vpc, port: 80, targetType: elbv2.TargetType.IP, healthCheck: { port: '9000' } });
    const service = (w: World) => awsvpcService(w, { ports: [PORT], deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN });

    test("opens its own health check's port to the ALB of the first", () => {
      const w = world();
      const listener = albListener(w);
      listener.addAction('NotFound', { action: elbv2.ListenerAction.fixedResponse(404) });
      const blue = new elbv2.ApplicationTargetGroup(w.stack, 'Blue', { vpc: w.vpc, port: 80 });
      const rule = new elbv2.ApplicationListenerRule(w.stack, 'Rule', {
        listener, priority: 1, conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])], targetGroups: [blue],
      });
      blue.addTarget(service(w).loadBalancerTarget(PORT, {
        alternateTarget: new ecs.AlternateTarget('Green', {
          alternateTargetGroup: new elbv2.ApplicationTargetGroup(w.stack, 'Green', attributes(w)),
          productionListener: ecs.ListenerRuleConfiguration.applicationListenerRule(rule),
        }),
      }));
      expect(pathsOf(w.app)).toEqual(between('Web', 'tcp 8080', 'tcp 9000'));
    });

    test.each([[true], [false]])("opens its own health check's port to the NLB of the first (with a group: %s)", (withGroup) => {
      const w = world();
      const listener = nlbListener(w, withGroup);
      listener.addTargets('Blue', {
        port: 80,
        targets: [service(w).loadBalancerTarget(PORT, {
          alternateTarget: new ecs.AlternateTarget('Green', {
            alternateTargetGroup: new elbv2.NetworkTargetGroup(w.stack, 'Green', attributes(w)),
            productionListener: ecs.ListenerRuleConfiguration.networkListener(listener),
          }),
        })],
      });
      expect(pathsOf(w.app)).toEqual((withGroup ? between : fromSubnets)('Web', 'tcp 8080', 'tcp 9000'));
      expect(warningsOf(w.stack)).toEqual([]);
    });

    test('and warns once of clients that nobody names', () => {
      const w = world();
      const listener = nlbListener(w, false);
      const port = BridgePort.dynamic(80);
      const target = bridgeService(w, { ports: [port], deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN }).loadBalancerTarget(port, {
        alternateTarget: new ecs.AlternateTarget('Green', {
          alternateTargetGroup: new elbv2.NetworkTargetGroup(w.stack, 'Green', { vpc: w.vpc, port: 80, targetType: elbv2.TargetType.INSTANCE }),
          productionListener: ecs.ListenerRuleConfiguration.networkListener(listener),
        }),
      });
      listener.addTargets('Blue', { port: 80, targets: [target] });
      expect(pathsOf(w.app)).toEqual(fromSubnets('Capacity', 'tcp 32768-60999'));
      expect(warningsOf(w.stack)).toEqual(['network-load-balancer-clients']);
    });
  });
});
