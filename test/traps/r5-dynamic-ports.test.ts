import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, Ec2Capacity, PortRange } from '../../src';
import { bridgeService, ec2Capacity, INSTANCE_TYPE, plainCapacity, plainTask, templateOf, World, world } from '../fixtures';
import { found } from '../found';
import { pathsOf } from '../security-group-rules';

/** Everything that the user data of a stack's launch templates writes about the dynamic range. */
function writtenRanges(stack: Stack): string[] {
  const templates = Object.values(templateOf(stack).findResources('AWS::EC2::LaunchTemplate'));
  return templates.flatMap(({ Properties }) => JSON.stringify(Properties.LaunchTemplateData.UserData).match(/ECS_DYNAMIC_HOST_PORT_RANGE=[\d-]+/g) ?? []);
}

const clients = ({ stack, vpc }: World) => new ec2.SecurityGroup(stack, 'Clients', { vpc });

describe('plain aws-ecs', () => {
  test.each([
    ['a TCP port', { containerPort: 8080 }],
    ['a UDP port', { containerPort: 8080, protocol: ecs.Protocol.UDP }],
  ])('R5: a plain service opens tcp 32768-65535 for %s, more than the agent uses, and nothing writes the range', (_, mapping) => {
    const { app, stack, vpc, cluster } = world();
    cluster.addCapacity('Asg', { instanceType: INSTANCE_TYPE });
    const service = new ecs.Ec2Service(stack, 'Plain', { cluster, taskDefinition: plainTask(stack, 'Task', ecs.NetworkMode.BRIDGE, mapping) });
    new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc }).addListener('Http', { port: 80, open: false }).addTargets('Web', {
      port: 80, targets: [service.loadBalancerTarget({ containerName: 'web', ...mapping })],
    });
    expect(pathsOf(app)).toEqual([
      'Cluster/Asg/InstanceSecurityGroup < Lb tcp 32768-65535',
      'Lb > Cluster/Asg/InstanceSecurityGroup tcp 32768-65535',
    ]);
    expect(JSON.stringify(templateOf(stack).toJSON())).not.toContain('ECS_DYNAMIC_HOST_PORT_RANGE');
    expect(found(app, 'security-group-port-range')).toEqual([
      expect.stringMatching(/^info ClusterAsgInstanceSecurityGroup\w+: .* reach tcp 32768-65535; service \w+ listens on (tcp|udp) 32768-60999 only/),
    ]);
  });
});

describe('ours', () => {
  const dynamicPorts = PortRange.of(40000, 40999);

  test('R5: what the agent is told and what the rule opens are one range', () => {
    const w = world();
    const capacity = ec2Capacity(w.cluster, 'Capacity', { dynamicPorts });
    bridgeService(w, { capacity, ports: [BridgePort.dynamic(8080)] }).connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual(['Capacity < Clients tcp 40000-40999']);
    expect(writtenRanges(w.stack)).toEqual(['ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999']);
    expect(found(w.app, 'security-group-port-range')).toEqual([]);
  });

  test('R5: so it is on a capacity provider the app already has', () => {
    const w = world();
    const capacity = Ec2Capacity.fromAsgCapacityProvider(w.stack, 'Capacity', { cluster: w.cluster, provider: plainCapacity(w.cluster), dynamicPorts });
    bridgeService(w, { capacity, ports: [BridgePort.dynamic(8080)] }).connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual(['AsgInstances < Clients tcp 40000-40999']);
    expect(writtenRanges(w.stack)).toEqual(['ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999']);
  });

  test('R5: two capacities of one cluster each have their own range', () => {
    const w = world();
    const [near, far] = [['Near', 40000], ['Far', 50000]].map(([id, first]) =>
      ec2Capacity(w.cluster, String(id), { dynamicPorts: PortRange.of(Number(first), Number(first) + 999) }));
    const group = clients(w);
    bridgeService(w, { capacity: near, ports: [BridgePort.dynamic(8080)] }, 'Web').connections.allowDefaultPortFrom(group);
    bridgeService(w, { capacity: far, ports: [BridgePort.dynamic(8080)] }, 'Api').connections.allowDefaultPortFrom(group);
    expect(pathsOf(w.app)).toEqual(['Far < Clients tcp 50000-50999', 'Near < Clients tcp 40000-40999']);
    expect(writtenRanges(w.stack).sort()).toEqual(['ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999', 'ECS_DYNAMIC_HOST_PORT_RANGE=50000-50999']);
  });

  test("R5: by default the range is the kernel's, 32768-60999, and nothing is written", () => {
    const w = world();
    bridgeService(w, { ports: [BridgePort.dynamic(8080)] }).connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual(['Capacity < Clients tcp 32768-60999']);
    expect(writtenRanges(w.stack)).toEqual([]);
  });

  test('R5: a UDP port opens UDP, not TCP', () => {
    const w = world();
    const capacity = ec2Capacity(w.cluster, 'Capacity', { dynamicPorts });
    const ports = [BridgePort.dynamic(8080, { protocol: ecs.Protocol.UDP })];
    bridgeService(w, { capacity, ports }).connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual(['Capacity < Clients udp 40000-40999']);
  });

  test('R5: a range of container ports opens the dynamic range, for its protocol', () => {
    const w = world();
    const capacity = ec2Capacity(w.cluster, 'Capacity', { dynamicPorts });
    const ports = [BridgePort.dynamicRange(PortRange.of(7000, 7010), { protocol: ecs.Protocol.UDP })];
    bridgeService(w, { capacity, ports }).connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual(['Capacity < Clients udp 40000-40999']);
  });
});
