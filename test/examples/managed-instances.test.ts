import { pathsOf } from '../security-group-rules';
import { built, find, theOnly, type Built } from './built';

let example: Built;
beforeAll(() => {
  example = built('managed-instances');
});

test('the load balancer reaches the tasks, not the instances', () => {
  const { logicalId: vpc } = theOnly(example, 'AWS::EC2::VPC');
  expect(pathsOf(example.app)).toEqual([
    `LoadBalancer < {Fn::GetAtt:[${vpc},CidrBlock]} tcp 80`,
    'LoadBalancer > Web tcp 8080',
    'Web < LoadBalancer tcp 8080',
  ]);
});

test('ECS chooses the instances by requirements', () => {
  const { properties: provider } = theOnly(example, 'AWS::ECS::CapacityProvider');
  expect(provider.ManagedInstancesProvider.InstanceLaunchTemplate.InstanceRequirements).toMatchObject({
    VCpuCount: { Min: 2, Max: 8 },
    MemoryMiB: { Min: 4096 },
    BurstablePerformance: 'excluded',
  });
  expect(find(example, 'AWS::AutoScaling::AutoScalingGroup')).toEqual([]);
});

test('the service runs in awsvpc mode on that capacity', () => {
  const { logicalId: provider } = theOnly(example, 'AWS::ECS::CapacityProvider');
  const { properties: service } = theOnly(example, 'AWS::ECS::Service');
  expect(service.CapacityProviderStrategy).toEqual([{ CapacityProvider: { Ref: provider }, Weight: 1 }]);
  expect(service.LaunchType).toBeUndefined();
  expect(theOnly(example, 'AWS::ECS::TaskDefinition').properties)
    .toMatchObject({ NetworkMode: 'awsvpc', RequiresCompatibilities: ['MANAGED_INSTANCES'] });
  expect(theOnly(example, 'AWS::ElasticLoadBalancingV2::TargetGroup').properties.TargetType).toBe('ip');
});

test('ECS may hand the instances their role, which has no fixed name', () => {
  const { logicalId, properties: role } = theOnly(example, 'AWS::IAM::Role', 'Capacity/InstanceRole');
  expect(role.RoleName).toBeUndefined();
  const { properties: policy } = theOnly(example, 'AWS::IAM::Policy', 'Capacity/InfrastructureRole');
  expect(policy.PolicyDocument.Statement).toContainEqual(expect.objectContaining({
    Action: 'iam:PassRole',
    Resource: { 'Fn::GetAtt': [logicalId, 'Arn'] },
  }));
});
