import { pathsOf } from '../security-group-rules';
import { built, find, theOnly, userDataOf, type Built } from './built';

let example: Built;
beforeAll(() => {
  example = built('bridge-web');
});

test('the load balancer reaches the dynamic ports of the instances, and nothing else does', () => {
  expect(pathsOf(example.app)).toEqual([
    'Capacity < LoadBalancer tcp 40000-40999',
    'LoadBalancer < 0.0.0.0/0 tcp 80',
    'LoadBalancer > Capacity tcp 40000-40999',
  ]);
});

test('the agent hands out ports of the same range', () => {
  expect(userDataOf(example)).toContain('ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999');
  const { properties: { ContainerDefinitions: [web], NetworkMode } } = theOnly(example, 'AWS::ECS::TaskDefinition');
  expect(NetworkMode).toBe('bridge');
  expect(web.PortMappings).toEqual([{ ContainerPort: 8080, HostPort: 0, Protocol: 'tcp' }]);
});

test('health checks go where the traffic goes', () => {
  expect(theOnly(example, 'AWS::ElasticLoadBalancingV2::TargetGroup').properties)
    .toMatchObject({ TargetType: 'instance', HealthCheckPort: 'traffic-port' });
});

test('the image follows the instance type', () => {
  const { properties: { LaunchTemplateData: { ImageId, InstanceType } } } = theOnly(example, 'AWS::EC2::LaunchTemplate');
  expect(InstanceType).toBe('c7g.large');
  const [stack] = example.stacks;
  const { Parameters } = stack.resolve((stack as unknown as { _toCloudFormation(): object })._toCloudFormation());
  expect(Parameters[ImageId.Ref].Default).toContain('arm64');
});

test('tasks scale by load, and instances by tasks', () => {
  expect(theOnly(example, 'AWS::ApplicationAutoScaling::ScalableTarget').properties).toMatchObject({ MinCapacity: 2, MaxCapacity: 12 });
  expect(find(example, 'AWS::ApplicationAutoScaling::ScalingPolicy').map(({ properties }) =>
    properties.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType).sort())
    .toEqual(['ALBRequestCountPerTarget', 'ECSServiceAverageCPUUtilization']);
  expect(theOnly(example, 'AWS::ECS::CapacityProvider').properties.AutoScalingGroupProvider.ManagedScaling.Status).toBe('ENABLED');
});

test('the most tasks fit on the most instances by CPU and memory, with as many again while they are replaced', () => {
  const { MaxSize } = theOnly(example, 'AWS::AutoScaling::AutoScalingGroup').properties;
  const { MaxCapacity } = theOnly(example, 'AWS::ApplicationAutoScaling::ScalableTarget').properties;
  const { ContainerDefinitions: [web] } = theOnly(example, 'AWS::ECS::TaskDefinition').properties;
  const [cpu, memoryMiB] = [2 * 1024, 4096 - 512]; // a c7g.large; the system and the agent take some of the memory
  const perInstance = Math.min(Math.floor(cpu / web.Cpu), Math.floor(memoryMiB / web.MemoryReservation));
  expect(Number(MaxSize) * perInstance).toBeGreaterThanOrEqual(2 * MaxCapacity);
});
