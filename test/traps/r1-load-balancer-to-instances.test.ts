import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as patterns from 'aws-cdk-lib/aws-ecs-patterns';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, Ec2Capacity, HostPort, PortRange } from '../../src';
import { bridgeService, ec2Capacity, hostModeService, plainCapacity, plainEc2Service, plainTask, World, world } from '../fixtures';
import { found } from '../found';
import { pathsOf } from '../security-group-rules';

function behindAlb({ stack, vpc }: World, target: elbv2.IApplicationLoadBalancerTarget): void {
  new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc })
    .addListener('Http', { port: 80, open: false })
    .addTargets('Web', { port: 80, targets: [target] });
}

/** What the rule says: nothing is let in, and nobody can come to the load balancer of these tests. */
const UNREACHED = [
  expect.stringMatching(/^error P\w+: load balancer \w+ cannot reach service \w+: group AsgInstances\w+ does not admit it on tcp .*, and the load balancer's own group \w+ lets nothing out/),
  expect.stringMatching(/^warning \w+: load balancer \w+ listens on tcp 80, and its group \w+ admits nobody there/),
];

describe('plain aws-ecs on addAsgCapacityProvider', () => {
  test.each([
    ['bridge', ecs.NetworkMode.BRIDGE, { containerPort: 8080 }],
    ['bridge with a fixed port', ecs.NetworkMode.BRIDGE, { containerPort: 8080, hostPort: 80 }],
    ['host', ecs.NetworkMode.HOST, { containerPort: 8080 }],
  ])('R1: a plain %s service behind an ALB gets no rule at all', (_, mode, port) => {
    const w = world();
    behindAlb(w, plainEc2Service(w.cluster, plainCapacity(w.cluster), mode, port));
    expect(pathsOf(w.app)).toEqual([]);
    expect(found(w.app, 'security-group-missing-path')).toEqual(UNREACHED);
  });

  test('R1: nor does the plain ApplicationLoadBalancedEc2Service', () => {
    const { app, stack, cluster } = world();
    const provider = plainCapacity(cluster);
    new patterns.ApplicationLoadBalancedEc2Service(stack, 'Pattern', {
      cluster,
      openListener: false,
      taskDefinition: plainTask(stack, 'Task', ecs.NetworkMode.BRIDGE, { containerPort: 8080 }),
      capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
    });
    expect(pathsOf(app)).toEqual([]);
    expect(found(app, 'security-group-missing-path')).toEqual(UNREACHED);
  });
});

describe('ours', () => {
  const both = (ports: string) => [`Capacity < Lb ${ports}`, `Lb > Capacity ${ports}`];

  test('R1: our BridgeService lets the ALB in on the dynamic range of its instances, and nothing else', () => {
    const w = world();
    const capacity = ec2Capacity(w.cluster, 'Capacity', { dynamicPorts: PortRange.of(40000, 40999) });
    behindAlb(w, bridgeService(w, { capacity, ports: [BridgePort.dynamic(8080)] }));
    expect(pathsOf(w.app)).toEqual(both('tcp 40000-40999'));
  });

  test('R1: our BridgeService with a fixed port lets the ALB in on the host port alone', () => {
    const w = world();
    behindAlb(w, bridgeService(w, { ports: [BridgePort.fixed({ hostPort: 80, containerPort: 8080 })] }));
    expect(pathsOf(w.app)).toEqual(both('tcp 80'));
  });

  test('R1: our HostModeService lets the ALB in on its port alone', () => {
    const w = world();
    behindAlb(w, hostModeService(w, { ports: [HostPort.tcp(8080)] }));
    expect(pathsOf(w.app)).toEqual(both('tcp 8080'));
  });

  test('R1: our BridgeService does so on a capacity provider the app already has, too', () => {
    const w = world();
    const capacity = Ec2Capacity.fromAsgCapacityProvider(w.stack, 'Capacity', { cluster: w.cluster, provider: plainCapacity(w.cluster) });
    behindAlb(w, bridgeService(w, { capacity, ports: [BridgePort.dynamic(8080)] }));
    expect(pathsOf(w.app)).toEqual(['AsgInstances < Lb tcp 32768-60999', 'Lb > AsgInstances tcp 32768-60999']);
    expect(found(w.app, 'security-group-missing-path').filter((one) => one.startsWith('error'))).toEqual([]);
  });
});
