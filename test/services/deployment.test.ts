import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, BridgePort, BridgeService, BridgeServiceProps, Ec2CapacityProps, NetworkModeServiceProps } from '../../src';
import { CONTAINER, ec2Capacity, world } from '../fixtures';
import { expectRefusal } from '../refusal';

// That percents can move is proven in test/traps/p1.test.ts, that others are refused in p4.test.ts.

const SERVICE = 'AWS::ECS::Service';
const FIXED = BridgePort.fixed({ hostPort: 80, containerPort: 8080 });
const DYNAMIC = BridgePort.dynamic(8080);
const { BLUE_GREEN, ROLLING } = ecs.DeploymentStrategy;
const { CODE_DEPLOY, ECS, EXTERNAL } = ecs.DeploymentControllerType;

const fargate = (props: Partial<NetworkModeServiceProps>) => {
  const { stack, cluster } = world();
  return new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, ...props });
};

const bridge = (port: BridgePort, props: Partial<BridgeServiceProps> = {}, capacity: Partial<Ec2CapacityProps> = {}) => {
  const { stack, cluster } = world();
  return new BridgeService(stack, 'Web', {
    cluster, capacity: ec2Capacity(cluster, 'Capacity', capacity), container: CONTAINER, ports: [port], ...props,
  });
};

const templateOf = (service: AwsvpcService | BridgeService) => Template.fromStack(Stack.of(service));

const percentsOf = (service: AwsvpcService | BridgeService) => {
  const [{ Properties: { DeploymentConfiguration } }] = Object.values(templateOf(service).findResources(SERVICE));
  return [DeploymentConfiguration.MinimumHealthyPercent, DeploymentConfiguration.MaximumPercent];
};

describe('circuit breaker', () => {
  const breaker = (props: Partial<NetworkModeServiceProps>) => {
    const [{ Properties }] = Object.values(templateOf(fargate(props)).findResources(SERVICE));
    return Properties.DeploymentConfiguration.DeploymentCircuitBreaker;
  };

  test('is on, with rollback', () => {
    const on = { Enable: true, Rollback: true };
    expect(breaker({})).toEqual(on);
    expect(breaker({ circuitBreaker: undefined })).toEqual(on);
    expect(breaker({ deploymentController: { type: ECS } })).toEqual(on);
    expect(breaker({ deploymentController: {} })).toEqual(on);
  });

  test('is what it is asked to be', () => {
    expect(breaker({ circuitBreaker: { enable: false } })).toMatchObject({ Enable: false });
    expect(breaker({ circuitBreaker: { rollback: false } })).toEqual({ Enable: true, Rollback: false });
  });

  test.each([CODE_DEPLOY, EXTERNAL])('is not there under %s', (type) => expect(breaker({ deploymentController: { type } })).toBeUndefined());
});

describe('percents', () => {
  test('are numbers in the template in every case, never left to ECS', () => {
    const services = [fargate({}), fargate({ minHealthyPercent: undefined, maxHealthyPercent: undefined }), bridge(DYNAMIC), bridge(FIXED)];
    services.forEach((service) => expect(percentsOf(service)).toEqual([expect.any(Number), expect.any(Number)]));
  });

  test('follow autoscaling that comes later', () => {
    const service = bridge(FIXED, { desiredCount: 4 });
    service.autoScaleTaskCount({ minCapacity: 3, maxCapacity: 4 });
    expect(percentsOf(service)).toEqual([66, 100]);
  });

  test('follow the smallest count, whatever is desired at first', () => {
    const service = bridge(FIXED, { desiredCount: 4 });
    service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 4 });
    expect(percentsOf(service)).toEqual([0, 100]);
  });

  test('of a service scaled between counts known only at deployment move at any', () => {
    const { stack, cluster } = world();
    const least = new CfnParameter(stack, 'Least', { type: 'Number' }).valueAsNumber;
    const service = new BridgeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [FIXED] });
    service.autoScaleTaskCount({ minCapacity: least, maxCapacity: 4 });
    expect(percentsOf(service)).toEqual([0, 100]);
  });

  test('of strategies that use none are the defaults, fixed port or not', () => {
    expect(percentsOf(bridge(FIXED, { deploymentStrategy: BLUE_GREEN, desiredCount: 2 }))).toEqual([100, 200]);
    expect(percentsOf(bridge(FIXED, { deploymentStrategy: ROLLING, desiredCount: 2 }))).toEqual([50, 100]);
    expect(percentsOf(bridge(FIXED, { deploymentController: { type: CODE_DEPLOY }, desiredCount: 2 }))).toEqual([100, 200]);
  });

  test('of CodeDeploy and external controllers are not judged', () => {
    const stuck = { minHealthyPercent: 100, maxHealthyPercent: 100, desiredCount: 3 };
    [CODE_DEPLOY, EXTERNAL].forEach((type) => fargate({ ...stuck, deploymentController: { type } }));
    expectRefusal(() => fargate({ ...stuck, deploymentController: { type: ECS } }), 'Test/Web',
      'with 3 tasks no update could ever finish');
  });
});

describe('Availability Zone rebalancing', () => {
  test.each<[string, () => AwsvpcService | BridgeService, unknown]>([
    ['is left to ECS above 100', () => fargate({}), Match.absent()],
    ['is off at a maximum of 100, which ECS would refuse it at', () => fargate({ maxHealthyPercent: 100 }), 'DISABLED'],
    ['is off on a fixed port', () => bridge(FIXED), 'DISABLED'],
    ['is off for a daemon', () => bridge(DYNAMIC, { daemon: true }), 'DISABLED'],
    ['is left to ECS on a fixed port that starts first', () => bridge(FIXED, { maxHealthyPercent: 200, minHealthyPercent: 100, desiredCount: 2 }), Match.absent()],
    ['is on where asked for', () => fargate({ availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED }), 'ENABLED'],
    ['is off where asked for', () => fargate({ availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.DISABLED }), 'DISABLED'],
  ])('%s', (_what, make, expected) => templateOf(make()).hasResourceProperties(SERVICE, { AvailabilityZoneRebalancing: expected }));

  test('asked for at a maximum of 100 is refused', () => {
    expectRefusal(() => fargate({ maxHealthyPercent: 100, availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED }), 'Test/Web',
      "'availabilityZoneRebalancing' ENABLED", "needs 'maxHealthyPercent' above 100", 'here it is 100');
  });
});

describe('what is known late is refused at synthesis, with the construct named', () => {
  test('percents without a count, which is 1 by then', () => {
    const service = fargate({ minHealthyPercent: 50, maxHealthyPercent: 150 });
    expectRefusal(() => templateOf(service), 'Test/Web', 'with 1 task no update could ever finish');
  });

  test('but not where autoscaling has said a count that moves', () => {
    const service = fargate({ minHealthyPercent: 50, maxHealthyPercent: 150 });
    service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 4 });
    expect(percentsOf(service)).toEqual([50, 150]);
  });
});

describe('a daemon', () => {
  test('counts the fewest instances there are', () => {
    expect(percentsOf(bridge(DYNAMIC, { daemon: true, minHealthyPercent: 50 }, { minInstances: 2 }))).toEqual([50, 100]);
    expectRefusal(() => bridge(DYNAMIC, { daemon: true, minHealthyPercent: 50 }, { minInstances: 1 }), 'Test/Web',
      "with 1 instance no update of the daemon could ever finish: 'minHealthyPercent' 50 rounds up to 1");
    expectRefusal(() => bridge(DYNAMIC, { daemon: true, minHealthyPercent: 1 }, { minInstances: 0 }), 'Test/Web', 'with 1 instance no update');
  });

  test.each([
    [{ deploymentController: { type: EXTERNAL } }, 'EXTERNAL'],
    [{ deploymentController: { type: ecs.DeploymentControllerType.CODE_DEPLOY } }, 'CODE_DEPLOY'],
    [{ deploymentStrategy: ecs.DeploymentStrategy.CANARY }, 'CANARY'],
  ])('needs rolling updates by the ECS controller, which %j is not', (props, named) => {
    expectRefusal(() => bridge(DYNAMIC, { daemon: true, ...props }), 'Test/Web', "'daemon' needs rolling updates by the ECS controller", named);
  });

  test('on Fargate is refused', () => {
    expectRefusal(() => fargate({ daemon: true }), 'Test/Web', "'daemon'", 'EC2 capacity');
  });

  test('in awsvpc mode on instances runs on each of them', () => {
    const { stack, cluster } = world();
    const service = new AwsvpcService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, daemon: true });
    templateOf(service).hasResourceProperties(SERVICE, { SchedulingStrategy: 'DAEMON', DesiredCount: Match.absent() });
    expect(percentsOf(service)).toEqual([0, 100]);
  });
});

describe('percents known only at deployment are no reason to refuse a service on instances', () => {
  test.each<[string, string[], Partial<BridgeServiceProps>]>([
    ['both, the minimum made first', ['Min', 'Max'], {}],
    ['both, the maximum made first', ['Max', 'Min'], {}],
    ['the maximum, beside a literal minimum', ['Max'], { minHealthyPercent: 100 }],
    ['the maximum alone', ['Max'], {}],
    ['the minimum, beside a literal maximum', ['Min'], { maxHealthyPercent: 150 }],
    ['the minimum alone', ['Min'], {}],
    ['both, of a daemon', ['Min', 'Max'], { daemon: true }],
    ['the maximum of a daemon, beside a literal minimum', ['Max'], { daemon: true, minHealthyPercent: 100 }],
  ])('%s', (_name, made, props) => {
    const { stack, cluster } = world();
    const [capacity, percents] = [ec2Capacity(cluster), new Map(made.map((id) => [id, new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber]))];
    const service = new BridgeService(stack, 'Web', {
      cluster, capacity, container: CONTAINER, minHealthyPercent: percents.get('Min'), maxHealthyPercent: percents.get('Max'), ...props,
    });
    const expected = { Min: props.minHealthyPercent ?? expect.any(Number), Max: props.maxHealthyPercent ?? expect.any(Number) };
    expect(percentsOf(service)).toEqual((['Min', 'Max'] as const).map((id) => made.includes(id) ? { Ref: id } : expected[id]));
  });
});

describe.each<[string, { minCapacity?: number; maxCapacity: number }, string]>([
  ['minCapacity', { minCapacity: 0.5, maxCapacity: 2 }, '0.5'],
  ['minCapacity', { minCapacity: -1, maxCapacity: 2 }, '-1'],
  ['maxCapacity', { minCapacity: 1, maxCapacity: 2.5 }, '2.5'],
  ['maxCapacity', { maxCapacity: NaN }, 'null'],
])('%s of autoscaling', (prop, props, shown) => {
  test(`is refused as ${shown}`, () => {
    expectRefusal(() => fargate({}).autoScaleTaskCount(props), 'Test/Web', `'${prop}' must be an integer of at least 0, got ${shown}`);
  });
});

test('autoscaling takes counts known only at deployment', () => {
  const service = fargate({});
  const [minCapacity, maxCapacity] = ['Min', 'Max'].map((id) => new CfnParameter(Stack.of(service), id, { type: 'Number' }).valueAsNumber);
  expect(() => service.autoScaleTaskCount({ minCapacity, maxCapacity })).not.toThrow();
});
