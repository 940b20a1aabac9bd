import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort } from '../../src';
import { bridgeService, ec2Capacity, INSTANCE_TYPE, plainCapacity, plainTask, World, world } from '../fixtures';
import { found } from '../found';
import { pathsOf } from '../security-group-rules';

function plainService({ stack, cluster }: World): ecs.Ec2Service {
  return new ecs.Ec2Service(stack, 'Plain', { cluster, taskDefinition: plainTask(stack, 'Task', ecs.NetworkMode.BRIDGE, { containerPort: 8080 }) });
}

function plainAlb({ stack, vpc }: World, service: ecs.Ec2Service): void {
  new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc }).addListener('Http', { port: 80, open: false })
    .addTargets('Web', { port: 80, targets: [service] });
}

const errorsOf = ({ app }: World) => found(app, 'security-group-missing-path').filter((one) => one.startsWith('error'));

describe('plain aws-ecs copies the groups of the cluster once, in the constructor of the service', () => {
  test('R3: a plain service gets rules for capacity that is added before it, and none for capacity added after it', () => {
    const addCapacity = (w: World) => w.cluster.addCapacity('Asg', { instanceType: INSTANCE_TYPE });
    const before = world();
    addCapacity(before);
    plainAlb(before, plainService(before));
    expect(pathsOf(before.app)).toHaveLength(2);
    expect(errorsOf(before)).toEqual([]);

    const after = world();
    const service = plainService(after);
    addCapacity(after);
    plainAlb(after, service);
    expect(pathsOf(after.app)).toEqual([]);
    expect(errorsOf(after)).toEqual([expect.stringMatching(/^error Plain\w+: load balancer Lb\w+ cannot reach service/)]);
  });

  test('R3: the known workaround, to add the instances to the connections of the cluster, works before a plain service and not after it', () => {
    const workaround = ({ cluster }: World) => {
      cluster.connections.addSecurityGroup(...plainCapacity(cluster).autoScalingGroup.connections.securityGroups);
    };
    const before = world();
    workaround(before);
    plainAlb(before, plainService(before));
    expect(pathsOf(before.app)).toHaveLength(2);

    const after = world();
    const service = plainService(after);
    workaround(after);
    plainAlb(after, service);
    expect(pathsOf(after.app)).toEqual([]);
    expect(errorsOf(after)).toHaveLength(1);
  });
});

/** The steps an app takes in any order that makes sense: a target group is told its targets, its listener, its health check. */
interface Steps {
  readonly target: () => void;
  readonly listen: () => void;
  readonly health: () => void;
  readonly otherCapacity: () => void;
}

const ORDERS: ReadonlyArray<readonly (keyof Steps)[]> = [
  ['target', 'listen', 'health', 'otherCapacity'],
  ['listen', 'target', 'health', 'otherCapacity'],
  ['health', 'listen', 'target', 'otherCapacity'],
  ['health', 'target', 'otherCapacity', 'listen'],
  ['otherCapacity', 'listen', 'health', 'target'],
];

const PORTS = [BridgePort.dynamic(8080), BridgePort.fixed({ hostPort: 9000, containerPort: 9000 })];

describe('ours', () => {
  const expected = ['Capacity < Lb tcp 32768-60999', 'Capacity < Lb tcp 9000', 'Lb > Capacity tcp 32768-60999', 'Lb > Capacity tcp 9000'];

  test.each(ORDERS)('R3: behind an ALB, %s, %s, %s, %s gives the same rules', (...order) => {
    const w = world();
    const service = bridgeService(w, { ports: PORTS });
    const group = new elbv2.ApplicationTargetGroup(w.stack, 'Group', { vpc: w.vpc, port: 80 });
    const steps: Steps = {
      target: () => group.addTarget(service),
      listen: () => void new elbv2.ApplicationLoadBalancer(w.stack, 'Lb', { vpc: w.vpc })
        .addListener('Http', { port: 80, open: false, defaultTargetGroups: [group] }),
      health: () => group.configureHealthCheck({ port: '9000' }),
      otherCapacity: () => void ec2Capacity(w.cluster, 'Other'),
    };
    order.forEach((step) => steps[step]());
    expect(pathsOf(w.app)).toEqual(expected);
  });

  test.each(ORDERS)('R3: behind an NLB, %s, %s, %s, %s gives the same rules', (...order) => {
    const w = world();
    const service = bridgeService(w, { ports: PORTS });
    const group = new elbv2.NetworkTargetGroup(w.stack, 'Group', { vpc: w.vpc, port: 80 });
    const securityGroup = new ec2.SecurityGroup(w.stack, 'Lb', { vpc: w.vpc, allowAllOutbound: false });
    const steps: Steps = {
      target: () => group.addTarget(service),
      listen: () => void new elbv2.NetworkLoadBalancer(w.stack, 'Network', { vpc: w.vpc, securityGroups: [securityGroup] })
        .addListener('Tcp', { port: 80, defaultTargetGroups: [group] }),
      health: () => group.configureHealthCheck({ port: '9000' }),
      otherCapacity: () => void ec2Capacity(w.cluster, 'Other'),
    };
    order.forEach((step) => steps[step]());
    expect(pathsOf(w.app)).toEqual(expected);
  });
});
