import { pathsOf } from '../security-group-rules';
import { built, registeredNames, theOnly, type Built } from './built';

let example: Built;
beforeAll(() => {
  example = built('awsvpc-fargate');
});

test('the paths are load balancer to web and web to API, and no other', () => {
  expect(pathsOf(example.app)).toEqual([
    'Api < Web tcp 8080',
    'LoadBalancer < 0.0.0.0/0 tcp 80',
    'LoadBalancer > Web tcp 8080',
    'Web < LoadBalancer tcp 8080',
  ]);
});

test('web looks for the API under the name it is registered with', () => {
  expect(registeredNames(example)).toEqual(['api.shop.internal A']);
  const { properties: { ContainerDefinitions: [web] } } = theOnly(example, 'AWS::ECS::TaskDefinition', 'Web');
  expect(web.Command.join(' ')).toContain('http://api.shop.internal:8080');
});

test('web runs on Fargate, and what the API has above two tasks on Fargate Spot', () => {
  expect(theOnly(example, 'AWS::ECS::Service', 'Web').properties.LaunchType).toBe('FARGATE');
  expect(theOnly(example, 'AWS::ECS::Service', 'Api').properties.CapacityProviderStrategy).toEqual([
    { CapacityProvider: 'FARGATE', Base: 2, Weight: 0 },
    { CapacityProvider: 'FARGATE_SPOT', Weight: 1 },
  ]);
  expect(theOnly(example, 'AWS::ApplicationAutoScaling::ScalableTarget').properties).toMatchObject({ MinCapacity: 2, MaxCapacity: 6 });
});

test('tasks are registered by address and have none that is public', () => {
  expect(theOnly(example, 'AWS::ElasticLoadBalancingV2::TargetGroup').properties.TargetType).toBe('ip');
  for (const name of ['Web', 'Api']) {
    const { properties } = theOnly(example, 'AWS::ECS::Service', name);
    expect(properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
  }
});
