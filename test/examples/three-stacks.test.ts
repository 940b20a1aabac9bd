import { pathsOf, rulesOf } from '../security-group-rules';
import { built, find, registeredNames, theOnly, type Built } from './built';

let example: Built;
beforeAll(() => {
  example = built('three-stacks');
});

test('the paths are load balancer to web, web to API and API to data, and no other', () => {
  expect(pathsOf(example.app)).toEqual([
    'Api < WebCapacity tcp 8080',
    'Data < Api tcp 8080',
    'LoadBalancer < 0.0.0.0/0 tcp 80',
    'LoadBalancer > WebCapacity tcp 40000-40999',
    'WebCapacity < LoadBalancer tcp 40000-40999',
  ]);
});

test('web alone runs on the instances that the rules name', () => {
  const onInstances = find(example, 'AWS::ECS::TaskDefinition').filter(({ properties }) => properties.RequiresCompatibilities.includes('EC2'));
  expect(onInstances.map(({ path, properties }) => `${path} ${properties.NetworkMode}`))
    .toEqual(['ThreeStacksServices/Web/TaskDefinition/Resource bridge']);
});

test('every rule is in the stack of the services', () => {
  expect(new Set(rulesOf(example.app).map(({ stack }) => stack))).toEqual(new Set(['ThreeStacksServices']));
});

test('the stacks depend on each other in one direction', () => {
  const dependencies = Object.fromEntries(example.stacks
    .map((stack) => [stack.node.id, stack.dependencies.map(({ node }) => node.id).sort()]));
  expect(dependencies).toEqual({
    ThreeStacksNetwork: [],
    ThreeStacksCluster: ['ThreeStacksNetwork'],
    ThreeStacksServices: ['ThreeStacksCluster', 'ThreeStacksNetwork'],
  });
});

test('each service looks for the next under the name it is registered with', () => {
  expect(registeredNames(example)).toEqual(['api.shop.internal A', 'data.shop.internal A']);
  const command = (path: string) => theOnly(example, 'AWS::ECS::TaskDefinition', path).properties.ContainerDefinitions[0].Command?.join(' ');
  expect(command('Web')).toContain('http://api.shop.internal:8080');
  expect(command('Api')).toContain('http://data.shop.internal:8080');
  expect(command('Data')).toBeUndefined();
});
