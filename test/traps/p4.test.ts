import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { AwsvpcService, BridgePort, BridgeService, HostModeService, HostPort, NetworkModeServiceProps, TaskPort } from '../../src';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, managedInstances, plainCapacity, plainTask, templateOf, world } from '../fixtures';
import { found } from '../found';
import { expectRefusal } from '../refusal';
import { walkFrom } from '../rolling-update-walk';

type Props = Partial<NetworkModeServiceProps>;

const onFargate = (props: Props = {}) => {
  const { stack, cluster } = world();
  return new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, ports: [TaskPort.tcp(8080)], ...props });
};

/** One task per instance, of which there are up to four unless said otherwise. */
const onFixedPort = (props: Props = {}, maxInstances = 4) => {
  const { stack, cluster } = world();
  const capacity = ec2Capacity(cluster, 'Capacity', { maxInstances });
  return new BridgeService(stack, 'Web', {
    cluster, capacity, container: CONTAINER, ports: [BridgePort.fixed({ hostPort: 80, containerPort: 8080 })], ...props,
  });
};

const percents = (minHealthyPercent: number | undefined, maxHealthyPercent: number | undefined, desiredCount?: number) =>
  ({ minHealthyPercent, maxHealthyPercent, desiredCount });

const percentsOf = (service: AwsvpcService | BridgeService | HostModeService) => {
  const [{ Properties }] = Object.values(templateOf(Stack.of(service)).findResources('AWS::ECS::Service'));
  return [Properties.DeploymentConfiguration.MinimumHealthyPercent, Properties.DeploymentConfiguration.MaximumPercent];
};

test.each([
  [100, 100, 2],
  [100, 125, 3], // 3.75 tasks round down to 3
  [67, 100, 3], // 2.01 tasks round up to 3
])('P4: %d/%d with %d tasks synthesises on Fargate and can never be updated; ours refuses it', (minHealthyPercent, maxHealthyPercent, desiredCount) => {
  const plain = world();
  const taskDefinition = new ecs.FargateTaskDefinition(plain.stack, 'Task');
  taskDefinition.addContainer('web', CONTAINER);
  new ecs.FargateService(plain.stack, 'Web', { cluster: plain.cluster, taskDefinition, desiredCount, minHealthyPercent, maxHealthyPercent });
  templateOf(plain.stack).hasResourceProperties('AWS::ECS::Service', {
    DesiredCount: desiredCount, DeploymentConfiguration: { MinimumHealthyPercent: minHealthyPercent, MaximumPercent: maxHealthyPercent },
  });
  const [least, most] = [Math.ceil((desiredCount * minHealthyPercent) / 100), Math.floor((desiredCount * maxHealthyPercent) / 100)];
  expect(walkFrom(desiredCount, least, most)).toBeUndefined();
  expect(found(plain.app, 'deployment-deadlock')).toEqual([expect.stringMatching(new RegExp(
    `^error WebService\\w+: service \\w+ cannot be updated: ${minHealthyPercent}% of ${desiredCount} tasks .* ${maxHealthyPercent}% of ${desiredCount} `,
  ))]);

  expectRefusal(() => onFargate(percents(minHealthyPercent, maxHealthyPercent, desiredCount)), 'Test/Web',
    `with ${desiredCount} tasks no update could ever finish: 'minHealthyPercent' ${minHealthyPercent} of ${desiredCount} tasks rounds up to ${least}`,
    `'maxHealthyPercent' ${maxHealthyPercent} rounds down to ${most}`);
});

test('P4: percents that round to no movement synthesise on instances; ours refuses them', () => {
  const plain = world();
  plainCapacity(plain.cluster);
  new ecs.Ec2Service(plain.stack, 'Web', {
    cluster: plain.cluster, taskDefinition: plainTask(plain.stack, 'Task', ecs.NetworkMode.BRIDGE, { containerPort: 80 }), ...percents(75, 100, 2),
  });
  templateOf(plain.stack).hasResourceProperties('AWS::ECS::Service', { DeploymentConfiguration: { MinimumHealthyPercent: 75, MaximumPercent: 100 } });
  expect(walkFrom(2, Math.ceil(1.5), 2)).toBeUndefined();
  expect(found(plain.app, 'deployment-deadlock')).toEqual([expect.stringMatching(/^error Web.*75% of 2 tasks rounds up to 2/)]);

  expectRefusal(() => onFixedPort(percents(75, 100, 2)), 'Test/Web', "'minHealthyPercent' 75 of 2 tasks rounds up to 2", "'maxHealthyPercent' 100 rounds down to 2");
});

describe('the refusal says what would do', () => {
  test.each<[string, () => unknown, string[]]>([
    ['one task at 50/100', () => onFargate(percents(50, 100, 1)),
      ["with 1 task no update could ever finish: 'minHealthyPercent' 50 of 1 task rounds up to 1 and 'maxHealthyPercent' 100 rounds down to 1", "Use 'minHealthyPercent' 0", "'maxHealthyPercent' 200 or more"]],
    ['three tasks at 100/125', () => onFargate(percents(100, 125, 3)), ["Use 'minHealthyPercent' 66 or less with 'maxHealthyPercent' 100", "or 'maxHealthyPercent' 134 or more"]],
    ['a maximum below 100', () => onFargate(percents(0, 75, 4)), ["'maxHealthyPercent' 75 rounds down to 3, so the last new task may never start", "'maxHealthyPercent' 125 or more"]],
    ['a minimum of 100 alone, on a fixed port', () => onFixedPort(percents(100, undefined, 2), 2), ["'minHealthyPercent' 100 of 2 tasks rounds up to 2", "Use 'minHealthyPercent' 50 or less"]],
    ['a fixed port on no spare instance', () => onFixedPort(percents(100, 200, 2), 2),
      ['no old task may stop, and no new one can start: host port 80/tcp is free once per instance', "'maxInstances' is 2", "Use 'minHealthyPercent' 50 or less", "or 'maxInstances' 3 or more"]],
    ['a count of a scaled service', () => onFargate(percents(67, 100)).autoScaleTaskCount({ minCapacity: 2, maxCapacity: 6 }), ['with 2 tasks no update']],
    ['a count of a service scaled from one', () => onFargate(percents(50, 100)).autoScaleTaskCount({ maxCapacity: 6 }), ['with 1 task no update']],
    ['the highest count of a scaled service', () => onFixedPort(percents(100, 200)).autoScaleTaskCount({ minCapacity: 1, maxCapacity: 4 }), ['with 4 tasks no update', "'maxInstances' is 4"]],
    ['percents known to fail without a count', () => templateOf(Stack.of(onFargate(percents(50, 100)))), ['with 1 task no update']],
    ['a sidecar whose fixed port comes later', () => {
      const { stack, cluster } = world();
      new BridgeService(stack, 'Web', {
        cluster, capacity: ec2Capacity(cluster, 'Capacity', { maxInstances: 2 }), container: CONTAINER, ports: [BridgePort.dynamic(80)], ...percents(100, 200, 2),
      }).addContainer('proxy', { ...CONTAINER, ports: [BridgePort.fixed({ hostPort: 80, containerPort: 80 })] });
    }, ['with 2 tasks no update', 'host port 80/tcp is free once per instance']],
  ])('P4: %s', (_what, make, parts) => expectRefusal(make, 'Test/Web', ...parts));

  test.each([
    ['minHealthyPercent', -1, 'an integer from 0 to 100'],
    ['minHealthyPercent', 101, 'an integer from 0 to 100'],
    ['minHealthyPercent', 50.5, 'an integer from 0 to 100'],
    ['maxHealthyPercent', 0, 'an integer of at least 1'],
    ['maxHealthyPercent', 150.5, 'an integer of at least 1'],
    ['desiredCount', -1, 'an integer of at least 0'],
    ['desiredCount', 1.5, 'an integer of at least 0'],
  ])('P4: %s %d is none', (prop, value, allowed) => {
    expectRefusal(() => onFargate({ [prop]: value }), 'Test/Web', `'${prop}' must be ${allowed}, got ${value}`);
    expectRefusal(() => onFixedPort({ [prop]: value }), 'Test/Web', `'${prop}' must be ${allowed}, got ${value}`);
  });
});

describe('percents that can move are accepted as given', () => {
  test.each<[string, () => AwsvpcService | BridgeService, number, number]>([
    ['100/134 with three tasks', () => onFargate(percents(100, 134, 3)), 100, 134],
    ['66/100 with three tasks', () => onFargate(percents(66, 100, 3)), 66, 100],
    ['100/200 on a fixed port with a spare instance', () => onFixedPort(percents(100, 200, 3)), 100, 200],
    ['0/100 on a fixed port', () => onFixedPort(percents(0, 100, 4)), 0, 100],
    ['0/200 on a fixed port', () => onFixedPort(percents(0, 200, 1), 1), 0, 200],
    ['100/100 with none', () => onFargate(percents(100, 100, 0)), 100, 100],
  ])('P4: %s', (_what, make, min, max) => expect(percentsOf(make())).toEqual([min, max]));

  test('P4: percents known only at deployment', () => {
    const { stack, cluster } = world();
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    const service = new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, ...percents(number, number, 3) });
    expect(percentsOf(service)).toEqual([{ Ref: 'Number' }, { Ref: 'Number' }]);
  });
});

describe('one percent alone gets another with which it can move', () => {
  test.each<[string, () => AwsvpcService | BridgeService, number, number]>([
    ['a maximum of 100', () => onFargate(percents(undefined, 100, 3)), 66, 100],
    ['a maximum of 100, one task', () => onFargate(percents(undefined, 100)), 0, 100],
    ['a maximum of 125 that moves', () => onFargate(percents(undefined, 125, 4)), 100, 125],
    ['a maximum of 125 that does not', () => onFargate(percents(undefined, 125, 3)), 66, 125],
    ['a minimum of 50', () => onFargate(percents(50, undefined, 2)), 50, 200],
    ['a minimum of 0 on a fixed port', () => onFixedPort(percents(0, undefined, 4)), 0, 100],
    ['a maximum of 200 on a fixed port', () => onFixedPort(percents(undefined, 200, 4)), 75, 200],
  ])('P4: %s', (_what, make, min, max) => {
    const service = make();
    expect(percentsOf(service)).toEqual([min, max]);
  });

  test('P4: at every count a service is scaled to', () => {
    const service = onFargate(percents(undefined, 125));
    service.autoScaleTaskCount({ minCapacity: 3, maxCapacity: 9 });
    expect(percentsOf(service)).toEqual([66, 125]);
  });
});

describe('old and new tasks side by side', () => {
  const STRATEGIES = [ecs.DeploymentStrategy.BLUE_GREEN, ecs.DeploymentStrategy.LINEAR, ecs.DeploymentStrategy.CANARY];

  test.each(STRATEGIES)('P4: %s on a fixed port needs twice the instances', (deploymentStrategy) => {
    expectRefusal(() => onFixedPort({ deploymentStrategy, desiredCount: 2 }, 3), 'Test/Web',
      `'deploymentStrategy' ${deploymentStrategy} runs old and new tasks side by side: 2 × 2 tasks`, 'host port 80/tcp is free once per instance',
      'needs 4 instances', "'maxInstances' is 3");
    expect(percentsOf(onFixedPort({ deploymentStrategy, desiredCount: 2 }, 4))).toEqual([100, 200]);
  });

  test('P4: a scaled service needs twice the instances of its highest count', () => {
    const blueGreen = (maxInstances: number) => onFixedPort({ deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN }, maxInstances);
    expectRefusal(() => blueGreen(7).autoScaleTaskCount({ maxCapacity: 4 }), 'Test/Web', '2 × 4 tasks', 'needs 8 instances', "'maxInstances' is 7");
    blueGreen(8).autoScaleTaskCount({ maxCapacity: 4 });
  });

  test('P4: a count that was not given is one', () => {
    const service = onFixedPort({ deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN }, 1);
    expectRefusal(() => templateOf(Stack.of(service)), 'Test/Web', '2 × 1 tasks', 'needs 2 instances');
  });

  test.each(STRATEGIES)('P4: %s elsewhere passes, with the strategy in the template', (deploymentStrategy) => {
    const service = onFargate({ deploymentStrategy, desiredCount: 50 });
    templateOf(Stack.of(service)).hasResourceProperties('AWS::ECS::Service', { DeploymentConfiguration: { Strategy: deploymentStrategy } });
  });

  test("P4: CodeDeploy's is held to the same room", () => {
    const codeDeploy = (maxInstances: number) =>
      onFixedPort({ deploymentController: { type: ecs.DeploymentControllerType.CODE_DEPLOY }, desiredCount: 2 }, maxInstances);
    expectRefusal(() => codeDeploy(3), 'Test/Web', "'deploymentController' CODE_DEPLOY runs old and new tasks side by side: 2 × 2 tasks", 'needs 4 instances');
    codeDeploy(4);
  });
});

/** Error annotations, read from the tree: newer versions of the framework throw them on synthesis. */
const errorsOf = (construct: Construct) => construct.node.findAll()
  .flatMap(({ node }) => node.metadata.filter(({ type }) => type === 'aws:cdk:error').map(({ data }) => data));

describe('other deployment controllers', () => {
  test('P4: a circuit breaker under CodeDeploy is an error; ours has none there by default', () => {
    const deploymentController = { type: ecs.DeploymentControllerType.CODE_DEPLOY };
    const plain = world();
    const taskDefinition = new ecs.FargateTaskDefinition(plain.stack, 'Task');
    taskDefinition.addContainer('web', CONTAINER);
    const service = new ecs.FargateService(plain.stack, 'Web', {
      cluster: plain.cluster, taskDefinition, deploymentController, circuitBreaker: { enable: true, rollback: true },
    });
    expect(errorsOf(service)).toEqual(['Deployment circuit breaker requires the ECS deployment controller.']);

    const { stack, cluster } = world();
    const ours = new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, deploymentController });
    templateOf(stack).hasResourceProperties('AWS::ECS::Service', {
      DeploymentController: { Type: 'CODE_DEPLOY' }, DeploymentConfiguration: { DeploymentCircuitBreaker: Match.absent() },
    });
    expect(errorsOf(ours)).toEqual([]);
  });

  test.each([ecs.DeploymentControllerType.CODE_DEPLOY, ecs.DeploymentControllerType.EXTERNAL])(
    'P4: percents are not judged under %s, which does not use them', (type) => {
      expect(() => onFargate({ deploymentController: { type }, ...percents(100, 100, 2) })).not.toThrow();
    });
});

describe('defaults by mode', () => {
  test.each<[string, () => AwsvpcService | BridgeService | HostModeService, number, number]>([
    ['awsvpc on Fargate', () => onFargate(), 100, 200],
    ['awsvpc on instances', () => {
      const { stack, cluster } = world();
      return new AwsvpcService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [TaskPort.tcp(80)] });
    }, 100, 200],
    ['bridge with a dynamic port', () => {
      const { stack, cluster } = world();
      return new BridgeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [BridgePort.dynamic(80)] });
    }, 100, 200],
    ['bridge with a fixed port', () => onFixedPort({ desiredCount: 4 }), 75, 100],
    ['host', () => {
      const { stack, cluster } = world();
      return new HostModeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: HOST_CONTAINER, ports: [HostPort.tcp(80)] });
    }, 0, 100],
    ['host as a daemon', () => {
      const { stack, cluster } = world();
      return new HostModeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: HOST_CONTAINER, daemon: true });
    }, 0, 100],
    ['host on Managed Instances', () => {
      const { stack, cluster } = world();
      return new HostModeService(stack, 'Web', { cluster, capacity: managedInstances(cluster), container: HOST_CONTAINER, ports: [HostPort.tcp(80)] });
    }, 100, 200],
  ])('P4: %s', (_what, make, min, max) => expect(percentsOf(make())).toEqual([min, max]));
});
