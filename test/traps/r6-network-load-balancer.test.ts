import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, HostPort, TaskPort } from '../../src';
import { awsvpcService, bridgeService, CONTAINER, hostModeService, networkLoadBalancer, plainCapacity, plainEc2Service, World, world } from '../fixtures';
import { found } from '../found';
import { pathsOf } from '../security-group-rules';

const { TCP, UDP, TCP_UDP } = elbv2.Protocol;

/** Puts a target behind an NLB whose group, if it has one, is `Lb`, and which is in two subnets. */
function behindNlb(w: World, target: elbv2.INetworkLoadBalancerTarget, protocol: elbv2.Protocol, groups: 'groups' | 'no groups'): string[] {
  networkLoadBalancer(w, groups === 'groups').addListener('Listener', { port: 80, protocol })
    .addTargets('Web', { port: 80, protocol, targets: [target] });
  return pathsOf(w.app);
}

/** What an NLB with a group opens. */
const fromGroup = (group: string, ...ports: string[]) =>
  [...ports.map((port) => `Lb > ${group} ${port}`), ...ports.map((port) => `${group} < Lb ${port}`)].sort();
/** What an NLB without groups opens: its two subnets. */
const fromSubnets = (group: string, ...ports: string[]) =>
  ports.flatMap((port) => [`${group} < 10.0.128.0/18 ${port}`, `${group} < 10.0.192.0/18 ${port}`]).sort();

describe('plain aws-ecs', () => {
  const plain: Record<string, (w: World) => elbv2.INetworkLoadBalancerTarget> = {
    bridge: (w) => plainEc2Service(w.cluster, plainCapacity(w.cluster), ecs.NetworkMode.BRIDGE, { containerPort: 8080 }),
    host: (w) => plainEc2Service(w.cluster, plainCapacity(w.cluster), ecs.NetworkMode.HOST, { containerPort: 8080 }),
    awsvpc: ({ stack, cluster }) => {
      const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
      taskDefinition.addContainer('web', { ...CONTAINER, portMappings: [{ containerPort: 8080 }] });
      return new ecs.FargateService(stack, 'Plain', { cluster, taskDefinition });
    },
  };

  test.each(Object.keys(plain).flatMap((mode) => [[mode, 'groups'], [mode, 'no groups']] as const))(
    'R6: an NLB with %2$s opens nothing on a plain %1$s service', (mode, groups) => {
      const w = world();
      expect(behindNlb(w, plain[mode](w), TCP, groups)).toEqual([]);
      expect(found(w.app, 'security-group-missing-path')).toContainEqual(expect.stringMatching(/^error Plain\w+: load balancer \w+ cannot reach service/));
    });
});

describe('ours', () => {
  const ours = {
    'host': (w: World, protocol: elbv2.Protocol) =>
      hostModeService(w, { ports: protocol === TCP ? [HostPort.tcp(8080)] : [HostPort.udp(8080), HostPort.tcp(8080)] }),
    'bridge, fixed port': (w: World, protocol: elbv2.Protocol) => {
      const tcp = BridgePort.fixed({ hostPort: 8080, containerPort: 80 });
      const udp = BridgePort.fixed({ hostPort: 8080, containerPort: 80, protocol: ecs.Protocol.UDP });
      return bridgeService(w, { ports: protocol === TCP ? [tcp] : [udp, tcp] });
    },
    'bridge, dynamic port': (w: World) => bridgeService(w, { ports: [BridgePort.dynamic(8080)] }),
    'awsvpc': (w: World, protocol: elbv2.Protocol) =>
      awsvpcService(w, { ports: protocol === TCP ? [TaskPort.tcp(8080)] : [TaskPort.udp(8080), TaskPort.tcp(8080)] }),
  };
  type Kind = keyof typeof ours;
  const guard = (kind: Kind) => kind === 'awsvpc' ? 'Web' : 'Capacity';
  const all = Object.keys(ours) as Kind[];
  const fixed = all.filter((kind) => kind !== 'bridge, dynamic port');

  test.each(all)('R6: an NLB with a group gets to our service over TCP (%s)', (kind) => {
    const w = world();
    const port = kind === 'bridge, dynamic port' ? 'tcp 32768-60999' : 'tcp 8080';
    expect(behindNlb(w, ours[kind](w, TCP), TCP, 'groups')).toEqual(fromGroup(guard(kind), port));
    expect(found(w.app, 'security-group-missing-path').filter((one) => one.startsWith('error'))).toEqual([]);
  });

  test.each(all)('R6: an NLB without groups gets to our service over TCP from its subnets (%s)', (kind) => {
    const w = world();
    const port = kind === 'bridge, dynamic port' ? 'tcp 32768-60999' : 'tcp 8080';
    expect(behindNlb(w, ours[kind](w, TCP), TCP, 'no groups')).toEqual(fromSubnets(guard(kind), port));
    expect(found(w.app, 'security-group-missing-path')).toEqual([]);
  });

  test.each(fixed)('R6: an NLB with a group gets to our service over UDP, and its health checks over TCP (%s)', (kind) => {
    const w = world();
    expect(behindNlb(w, ours[kind](w, UDP), UDP, 'groups')).toEqual(fromGroup(guard(kind), 'tcp 8080', 'udp 8080'));
  });

  test.each(fixed)('R6: an NLB without groups gets its health checks of a UDP port through, and clients are for the user to name (%s)', (kind) => {
    const w = world();
    expect(behindNlb(w, ours[kind](w, UDP), UDP, 'no groups')).toEqual(fromSubnets(guard(kind), 'tcp 8080'));
  });

  test.each(fixed)('R6: an NLB with a group gets to our service over TCP and UDP on one port (%s)', (kind) => {
    const w = world();
    expect(behindNlb(w, ours[kind](w, TCP_UDP), TCP_UDP, 'groups')).toEqual(fromGroup(guard(kind), 'tcp 8080', 'udp 8080'));
  });

  test('R6: clients of an NLB without groups are let in where they are named', () => {
    const w = world();
    const port = HostPort.tcp(8080);
    const target = hostModeService(w, { ports: [port] }).loadBalancerTarget(port, { clients: [ec2.Peer.ipv4('192.0.2.0/24')] });
    expect(behindNlb(w, target, TCP, 'no groups')).toEqual([...fromSubnets('Capacity', 'tcp 8080'), 'Capacity < 192.0.2.0/24 tcp 8080']);
  });
});
