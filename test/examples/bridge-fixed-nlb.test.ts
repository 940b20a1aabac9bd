import { pathsOf } from '../security-group-rules';
import { built, theOnly, type Built } from './built';

let example: Built;
beforeAll(() => {
  example = built('bridge-fixed-nlb');
});

test('the load balancer reaches the fixed port and nothing else, and clients of the VPC reach the load balancer', () => {
  const { logicalId: vpc } = theOnly(example, 'AWS::EC2::VPC');
  expect(pathsOf(example.app)).toEqual([
    'Capacity < LoadBalancerGroup tcp 80',
    `LoadBalancerGroup < {Fn::GetAtt:[${vpc},CidrBlock]} tcp 80`,
    'LoadBalancerGroup > Capacity tcp 80',
  ]);
});

test('port 80 of the instance leads to 8080 of a container that is not root', () => {
  const { properties: { ContainerDefinitions: [gateway], NetworkMode } } = theOnly(example, 'AWS::ECS::TaskDefinition');
  expect(NetworkMode).toBe('bridge');
  expect(gateway).toMatchObject({ User: '101', PortMappings: [{ ContainerPort: 8080, HostPort: 80, Protocol: 'tcp' }] });
});

test('the load balancer is internal, spreads over zones and keeps client addresses', () => {
  const { properties: loadBalancer } = theOnly(example, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
  expect(loadBalancer).toMatchObject({ Type: 'network', Scheme: 'internal' });
  expect(loadBalancer.LoadBalancerAttributes).toContainEqual({ Key: 'load_balancing.cross_zone.enabled', Value: 'true' });
  const { properties: targetGroup } = theOnly(example, 'AWS::ElasticLoadBalancingV2::TargetGroup');
  expect(targetGroup).toMatchObject({ TargetType: 'instance', Protocol: 'TCP' }); // which keeps them by default
  expect(targetGroup.TargetGroupAttributes.map(({ Key }: { Key: string }) => Key)).not.toContain('preserve_client_ip.enabled');
});

test('a deployment stops one of two tasks before it starts another, and an instance is to spare', () => {
  const { properties: service } = theOnly(example, 'AWS::ECS::Service');
  expect(service).toMatchObject({
    DesiredCount: 2,
    AvailabilityZoneRebalancing: 'DISABLED',
    DeploymentConfiguration: { MinimumHealthyPercent: 50, MaximumPercent: 100 },
  });
  expect(Number(theOnly(example, 'AWS::AutoScaling::AutoScalingGroup').properties.MaxSize)).toBeGreaterThan(service.DesiredCount);
});
