import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { BridgePort, BridgeService, BridgeServiceProps, FargateCapacity } from '../../src';
import { CONTAINER, ec2Capacity, managedInstances, world } from '../fixtures';
import { expectRefusal } from '../refusal';

const TASK = 'AWS::ECS::TaskDefinition';
const SERVICE = 'AWS::ECS::Service';

function made(props: Partial<BridgeServiceProps> = {}) {
  const { stack, cluster } = world();
  return new BridgeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [BridgePort.dynamic(3000)], ...props });
}

const templateOf = (service: BridgeService) => Template.fromStack(Stack.of(service));

test('runs in bridge mode on its capacity, without a network configuration', () => {
  const template = templateOf(made());
  template.hasResourceProperties(TASK, { NetworkMode: 'bridge', RequiresCompatibilities: ['EC2'] });
  template.hasResourceProperties(SERVICE, {
    NetworkConfiguration: Match.absent(),
    LaunchType: Match.absent(),
    CapacityProviderStrategy: [{ CapacityProvider: { Ref: Match.stringLikeRegexp('^CapacityCapacityProvider') }, Weight: 1 }],
  });
});

test('is placed as asked for', () => {
  templateOf(made({
    placementConstraints: [ecs.PlacementConstraint.memberOf('attribute:ecs.instance-type =~ t3.*')],
    placementStrategies: [ecs.PlacementStrategy.packedByMemory()],
    availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.DISABLED,
  })).hasResourceProperties(SERVICE, {
    PlacementConstraints: [{ Type: 'memberOf', Expression: 'attribute:ecs.instance-type =~ t3.*' }],
    PlacementStrategies: [{ Type: 'binpack', Field: 'MEMORY' }],
    AvailabilityZoneRebalancing: 'DISABLED',
  });
});

test('rebalances where it is asked to and can', () => {
  templateOf(made({ availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED })).hasResourceProperties(SERVICE, { AvailabilityZoneRebalancing: 'ENABLED' });
});

test('runs on every instance as a daemon', () => {
  templateOf(made({ daemon: true })).hasResourceProperties(SERVICE, { SchedulingStrategy: 'DAEMON', DesiredCount: Match.absent() });
});

test('exposes what it is made of, and the real cluster', () => {
  const { stack, cluster } = world();
  const capacity = ec2Capacity(cluster);
  const service = new BridgeService(stack, 'Web', { cluster, capacity, container: CONTAINER });
  expect(service.cluster).toBe(cluster);
  expect(service.capacity).toBe(capacity);
  expect(service.service.taskDefinition).toBe(service.taskDefinition);
  expect(service.taskDefinition.defaultContainer).toBe(service.containerDefinition);
  expect(service.service.cluster.clusterName).toBe(cluster.clusterName);
});

describe('a sidecar', () => {
  test('has ports of its own', () => {
    const service = made();
    service.addContainer('proxy', { ...CONTAINER, essential: false, ports: [BridgePort.dynamic(9901)] });
    templateOf(service).hasResourceProperties(TASK, {
      ContainerDefinitions: [
        Match.objectLike({ Name: 'app', PortMappings: [{ ContainerPort: 3000, HostPort: 0, Protocol: 'tcp' }] }),
        Match.objectLike({ Name: 'proxy', Essential: false, PortMappings: [{ ContainerPort: 9901, HostPort: 0, Protocol: 'tcp' }] }),
      ],
    });
  });

  test('with a fixed port makes one task per instance of any number: percents and rebalancing change', () => {
    const service = made({ desiredCount: 2 });
    service.addContainer('proxy', { ...CONTAINER, ports: [BridgePort.fixed({ hostPort: 80, containerPort: 9901 })] });
    templateOf(service).hasResourceProperties(SERVICE, {
      DeploymentConfiguration: { MinimumHealthyPercent: 50, MaximumPercent: 100 }, AvailabilityZoneRebalancing: 'DISABLED',
    });
  });

  test('with a fixed port is refused where rebalancing was asked for, and where its percents were', () => {
    const proxy = { ...CONTAINER, ports: [BridgePort.fixed({ hostPort: 80, containerPort: 9901 })] };
    expectRefusal(() => made({ availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED }).addContainer('proxy', proxy), 'Test/Web',
      "'availabilityZoneRebalancing' ENABLED", 'host port 80/tcp is free once per instance');
    expectRefusal(() => made({ desiredCount: 4, minHealthyPercent: 100, maxHealthyPercent: 200 }).addContainer('proxy', proxy), 'Test/Web',
      'with 4 tasks no update could ever finish', "'maxInstances' is 4");
  });

  test('without ports changes nothing', () => {
    const service = made();
    service.addContainer('proxy', CONTAINER);
    templateOf(service).hasResourceProperties(SERVICE, {
      DeploymentConfiguration: { MinimumHealthyPercent: 100, MaximumPercent: 200 }, AvailabilityZoneRebalancing: Match.absent(),
    });
  });
});

describe('refuses', () => {
  test.each<[string, (cluster: ecs.Cluster) => unknown, string]>([
    ['Fargate', (cluster) => FargateCapacity.onDemand(cluster), 'got FargateCapacity'],
    ['Managed Instances', (cluster) => managedInstances(cluster), 'got ManagedInstancesCapacity'],
    ['nothing', () => undefined, 'got undefined'],
  ])('%s for its capacity, in plain words for languages without these types', (_what, capacityOf, part) => {
    const { stack, cluster } = world();
    expectRefusal(() => new BridgeService(stack, 'Web', { cluster, capacity: capacityOf(cluster) as never, container: CONTAINER }), 'Test/Web',
      "'capacity' must be EC2 capacity (Ec2Capacity): only container instances have bridge mode", part);
  });

  test('a container or sidecar without memory, by which tasks are placed', () => {
    const container = { image: CONTAINER.image };
    expectRefusal(() => made({ container }), 'Test/Web', "container 'app' needs 'memoryReservationMiB' or 'memoryLimitMiB' on EC2");
    expectRefusal(() => made().addContainer('proxy', container), 'Test/Web', "container 'proxy' needs 'memoryReservationMiB' or 'memoryLimitMiB' on EC2");
    made({ container: { ...container, memoryLimitMiB: 64 } });
    made({ container, task: { memoryMiB: 256 } }).addContainer('proxy', container);
  });

  test.each([
    [{ runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64 } }, "'task.runtimePlatform' is for Fargate and Managed Instances"],
    [{ ephemeralStorageGiB: 50 }, "'task.ephemeralStorageGiB' is for Fargate"],
  ])('the task %j', (task, part) => expectRefusal(() => made({ task }), 'Test/Web', part));
});
