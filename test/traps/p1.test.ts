import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, BridgePort, BridgeService, HostModeService, HostPort, TaskPort } from '../../src';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, managedInstances, plainCapacity, plainTask, templateOf, world } from '../fixtures';
import { found } from '../found';
import { expectRefusal } from '../refusal';
import { walkFrom } from '../rolling-update-walk';

/** The numbers of the template's one service that decide a rolling update. */
function deploymentOf(template: Template) {
  const [service] = Object.values(template.findResources('AWS::ECS::Service'));
  const { DeploymentConfiguration, AvailabilityZoneRebalancing } = service.Properties;
  return {
    min: DeploymentConfiguration.MinimumHealthyPercent as number,
    max: DeploymentConfiguration.MaximumPercent as number,
    rebalancing: AvailabilityZoneRebalancing as string | undefined,
  };
}

/** Whether an update of `desired` tasks gets to its end on instances that hold `room` of them, by the (old, new) loop. */
function moves({ min, max }: { min: number; max: number }, desired: number, room = Infinity): boolean {
  return walkFrom(desired, Math.ceil((desired * min) / 100), Math.min(Math.floor((desired * max) / 100), room)) !== undefined;
}

const through = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

type Make = (
  stack: Stack, props: { cluster: ecs.Cluster; maxInstances?: number } & Partial<ecs.Ec2ServiceProps>,
) => HostModeService | BridgeService;

const ONE_TASK_PER_INSTANCE: [string, Make][] = [
  ['host port', (stack, { maxInstances = 4, ...props }) => new HostModeService(stack, 'Web', {
    capacity: ec2Capacity(props.cluster, 'Capacity', { maxInstances }), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)], ...props,
  })],
  ['fixed bridge port', (stack, { maxInstances = 4, ...props }) => new BridgeService(stack, 'Web', {
    capacity: ec2Capacity(props.cluster, 'Capacity', { maxInstances }),
    container: CONTAINER,
    ports: [BridgePort.dynamic(3000), BridgePort.fixed({ hostPort: 80, containerPort: 8080 })],
    ...props,
  })],
  ['fixed bridge port of a sidecar', (stack, { maxInstances = 4, ...props }) => {
    const service = new BridgeService(stack, 'Web', {
      capacity: ec2Capacity(props.cluster, 'Capacity', { maxInstances }), container: CONTAINER, ports: [BridgePort.dynamic(3000)], ...props,
    });
    service.addContainer('proxy', { ...CONTAINER, ports: [BridgePort.fixed({ hostPort: 80, containerPort: 8080 })] });
    return service;
  }],
  ['distinctInstance constraint', (stack, { maxInstances = 4, ...props }) => new BridgeService(stack, 'Web', {
    capacity: ec2Capacity(props.cluster, 'Capacity', { maxInstances }),
    container: CONTAINER,
    ports: [BridgePort.dynamic(3000)],
    placementConstraints: [ecs.PlacementConstraint.distinctInstances()],
    ...props,
  })],
  ['ingressPortOverride of Service Connect', (stack, { maxInstances = 4, ...props }) => {
    props.cluster.addDefaultCloudMapNamespace({ name: 'test', useForServiceConnect: true });
    return new BridgeService(stack, 'Web', {
      capacity: ec2Capacity(props.cluster, 'Capacity', { maxInstances }),
      container: CONTAINER,
      ports: [BridgePort.dynamic(3000, { name: 'web' })],
      task: { memoryMiB: 512 },
      serviceConnectConfiguration: { services: [{ portMappingName: 'web', ingressPortOverride: 8080 }] },
      ...props,
    });
  }],
];

const daemon = (stack: Stack, cluster: ecs.Cluster, props: Partial<ecs.Ec2ServiceProps> = {}, minInstances = 1) => new HostModeService(stack, 'Agent', {
  cluster, capacity: ec2Capacity(cluster, 'Capacity', { minInstances }), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)], daemon: true, ...props,
});

test.each<[string, ecs.NetworkMode, ecs.PortMapping, Make]>([
  ['host', ecs.NetworkMode.HOST, { containerPort: 9100 }, ONE_TASK_PER_INSTANCE[0][1]],
  ['bridge', ecs.NetworkMode.BRIDGE, { containerPort: 8080, hostPort: 80 }, ONE_TASK_PER_INSTANCE[1][1]],
])('P1: one task with a fixed port in %s mode can never be updated on one instance, for 50%% of it rounds up to 1; ours can', (_mode, networkMode, port, make) => {
  const plain = world();
  plainCapacity(plain.cluster);
  new ecs.Ec2Service(plain.stack, 'Web', { cluster: plain.cluster, taskDefinition: plainTask(plain.stack, 'Task', networkMode, port), desiredCount: 1 });
  const template = templateOf(plain.stack);
  const deployment = deploymentOf(template);
  expect(deployment).toMatchObject({ min: 50, max: 200 });
  expect(moves(deployment, 1, 1)).toBe(false);
  expect(moves(deployment, 1, 2)).toBe(true); // the walk is not stuck on everything
  // And nothing ends that deployment, so it hangs until CloudFormation gives up.
  template.hasResourceProperties('AWS::ECS::Service', { DeploymentConfiguration: { DeploymentCircuitBreaker: Match.absent() } });
  expect(found(plain.app, 'deployment-deadlock')).toEqual([
    expect.stringMatching(/^error WebService\w+: service WebService\w+ cannot be updated: 50% of 1 task rounds up to 1, so the old task stays, and tcp \d+ is not free on the 1 instance/),
  ]);

  const { app, stack, cluster } = world();
  make(stack, { cluster, desiredCount: 1, maxInstances: 1 });
  expect(found(app, 'deployment-deadlock')).toEqual([]);
  expect(moves(deploymentOf(templateOf(stack)), 1, 1)).toBe(true);
});

test('P1: 100/200 does not help as many tasks as there are instances; ours refuses it', () => {
  const percents = { desiredCount: 3, minHealthyPercent: 100, maxHealthyPercent: 200 };
  const plain = world();
  plainCapacity(plain.cluster);
  new ecs.Ec2Service(plain.stack, 'Web', {
    cluster: plain.cluster, taskDefinition: plainTask(plain.stack, 'Task', ecs.NetworkMode.HOST, { containerPort: 9100 }), ...percents,
  });
  const deployment = deploymentOf(templateOf(plain.stack));
  expect(deployment).toMatchObject({ min: 100, max: 200 });
  expect(moves(deployment, 3, 3)).toBe(false);

  const { stack, cluster } = world();
  const [, make] = ONE_TASK_PER_INSTANCE[0];
  expectRefusal(() => make(stack, { cluster, maxInstances: 3, ...percents }), 'Test/Web', "'minHealthyPercent' 100 of 3 tasks rounds up to 3", "'maxInstances' is 3");
});

test('P1: a daemon with a minimum of 100 can never be updated; ours refuses it', () => {
  const plain = world();
  plainCapacity(plain.cluster);
  new ecs.Ec2Service(plain.stack, 'Web', {
    cluster: plain.cluster,
    taskDefinition: plainTask(plain.stack, 'Task', ecs.NetworkMode.HOST, { containerPort: 9100 }),
    daemon: true,
    minHealthyPercent: 100,
  });
  const deployment = deploymentOf(templateOf(plain.stack));
  expect(through(1, 10).filter((instances) => moves(deployment, instances, instances))).toEqual([]);

  const { stack, cluster } = world();
  expectRefusal(() => daemon(stack, cluster, { minHealthyPercent: 100 }), 'Test/Agent',
    'with 1 instance no update of the daemon could ever finish', "'minHealthyPercent' 100 rounds up to 1", 'Use 0');
});

describe.each(ONE_TASK_PER_INSTANCE)('ours, one task per instance by a %s', (_what, make) => {
  test.each([
    [undefined, 0],
    [0, 0],
    [1, 0],
    [2, 50],
    [3, 66],
  ])('P1: %p desired tasks get a minimum of %d and a maximum of 100, and can be updated without a spare instance', (desiredCount, min) => {
    const { stack, cluster } = world();
    const tasks = desiredCount ?? 1; // ECS creates one where no count is given
    make(stack, { cluster, desiredCount, maxInstances: Math.max(1, tasks) });
    const deployment = deploymentOf(templateOf(stack));
    expect(deployment).toEqual({ min, max: 100, rebalancing: 'DISABLED' });
    expect(through(tasks, tasks + 3).filter((room) => !moves(deployment, tasks, room))).toEqual([]);
  });

  test.each([
    [1, 4, 0],
    [0, 3, 0],
    [2, 4, 50],
    [undefined, 4, 0],
  ])('P1: scaled from %p to %d tasks it can be updated at every count', (minCapacity, maxCapacity, min) => {
    const { stack, cluster } = world();
    make(stack, { cluster, desiredCount: 2, maxInstances: maxCapacity }).autoScaleTaskCount({ minCapacity, maxCapacity });
    const deployment = deploymentOf(templateOf(stack));
    expect(deployment).toEqual({ min, max: 100, rebalancing: 'DISABLED' });
    for (const desired of through(minCapacity ?? 1, maxCapacity)) {
      expect([desired, through(desired, maxCapacity).filter((room) => !moves(deployment, desired, room))]).toEqual([desired, []]);
    }
  });

  test('P1: a count known only at deployment can be updated whatever it is', () => {
    const { stack, cluster } = world();
    make(stack, { cluster, desiredCount: new CfnParameter(stack, 'Count', { type: 'Number', default: 1 }).valueAsNumber });
    const deployment = deploymentOf(templateOf(stack));
    expect(deployment).toEqual({ min: 0, max: 100, rebalancing: 'DISABLED' });
    expect(through(0, 50).filter((desired) => !moves(deployment, desired, desired))).toEqual([]);
  });

  test('P1: a deployment that cannot work ends and is rolled back', () => {
    const { stack, cluster } = world();
    make(stack, { cluster });
    templateOf(stack).hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: { DeploymentCircuitBreaker: { Enable: true, Rollback: true } },
    });
  });

  test('P1: rebalancing, which ECS refuses at a maximum of 100, is refused with the reason', () => {
    const { stack, cluster } = world();
    expectRefusal(() => make(stack, { cluster, availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED }), 'Test/Web',
      "'availabilityZoneRebalancing' ENABLED", "'maxHealthyPercent' above 100", 'here it is 100');
  });
});

describe('ours, any number of tasks per instance', () => {
  test.each<[string, (stack: Stack, cluster: ecs.Cluster) => unknown]>([
    ['dynamic bridge port', (stack, cluster) => new BridgeService(stack, 'Web', {
      cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [BridgePort.dynamic(3000)],
    })],
    ['task port on instances', (stack, cluster) => new AwsvpcService(stack, 'Web', {
      cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [TaskPort.tcp(3000)],
    })],
    ['task port on Fargate', (stack, cluster) => new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, ports: [TaskPort.tcp(3000)] })],
    ['host port on Managed Instances, of which more come', (stack, cluster) => new HostModeService(stack, 'Web', {
      cluster, capacity: managedInstances(cluster), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)],
    })],
    ['host mode without a port', (stack, cluster) => new HostModeService(stack, 'Web', {
      cluster, capacity: ec2Capacity(cluster), container: HOST_CONTAINER,
    })],
  ])('P1: %s starts a task before it stops one', (_what, make) => {
    const { stack, cluster } = world();
    make(stack, cluster);
    const deployment = deploymentOf(templateOf(stack));
    expect(deployment).toEqual({ min: 100, max: 200, rebalancing: undefined });
    expect(through(0, 50).filter((desired) => !moves(deployment, desired))).toEqual([]);
    expect(walkFrom(1, 1, 2)?.first).toBe('start');
  });
});

describe('ours, daemon', () => {
  test('P1: a daemon can be updated on any number of instances', () => {
    const { stack, cluster } = world();
    daemon(stack, cluster);
    const template = templateOf(stack);
    const deployment = deploymentOf(template);
    expect(deployment).toEqual({ min: 0, max: 100, rebalancing: 'DISABLED' });
    expect(through(1, 50).filter((instances) => !moves(deployment, instances, instances))).toEqual([]);
    template.hasResourceProperties('AWS::ECS::Service', { SchedulingStrategy: 'DAEMON', DesiredCount: Match.absent() });
  });

  test.each([[1, 1, false], [50, 1, false], [50, 2, true], [100, 2, false]])(
    'P1: a daemon with a minimum of %d on at least %d instances is accepted: %p', (minHealthyPercent, minInstances, accepted) => {
      const { stack, cluster } = world();
      const make = () => daemon(stack, cluster, { minHealthyPercent }, minInstances);
      if (accepted) {
        make();
        expect(moves(deploymentOf(templateOf(stack)), minInstances, minInstances)).toBe(true);
      } else {
        expectRefusal(make, 'Test/Agent', `'minHealthyPercent' ${minHealthyPercent} rounds up to`);
      }
    });

  test.each([
    [{ desiredCount: 2 }, ["'desiredCount' must be left out of a daemon", 'got 2']],
    [{ maxHealthyPercent: 150 }, ["'maxHealthyPercent' of a daemon must be 100", 'got 150']],
    [{ availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED }, ["'availabilityZoneRebalancing' ENABLED", 'no daemon', 'this is a daemon']],
  ])('P1: a daemon refuses %p', (props, parts) => {
    const { stack, cluster } = world();
    expectRefusal(() => daemon(stack, cluster, props), 'Test/Agent', ...parts);
  });

  test('P1: a daemon is not scaled', () => {
    const { stack, cluster } = world();
    expectRefusal(() => daemon(stack, cluster).autoScaleTaskCount({ maxCapacity: 3 }), 'Test/Agent', "'autoScaleTaskCount' is not for a daemon");
  });

  test('P1: Managed Instances, which have no daemons, refuse one', () => {
    const { stack, cluster } = world();
    expectRefusal(() => new HostModeService(stack, 'Agent', { cluster, capacity: managedInstances(cluster), container: HOST_CONTAINER, daemon: true }),
      'Test/Agent', "'daemon' is for EC2 capacity");
  });
});
