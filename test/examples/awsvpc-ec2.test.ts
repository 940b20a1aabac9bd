import { found } from '../found';
import { pathsOf } from '../security-group-rules';
import { built, find, registeredNames, theOnly, userDataOf, type Built } from './built';

/** Awsvpc tasks on a c5.large without ENI trunking (ECS developer guide, supported instance types): three interfaces, one for the host. */
const TASKS_PER_C5_LARGE = 2;

let example: Built;
beforeAll(() => {
  example = built('awsvpc-ec2');
});

test('the only path is from orders to payments', () => {
  expect(pathsOf(example.app)).toEqual(['Payments < Orders tcp 8080']);
});

test('both run on the same instances, each with a group of its own', () => {
  const services = find(example, 'AWS::ECS::Service').map(({ properties }) => properties);
  expect(services).toHaveLength(2);
  expect(services[0].CapacityProviderStrategy).toEqual(services[1].CapacityProviderStrategy);
  expect(find(example, 'AWS::ECS::CapacityProvider')).toHaveLength(1);
  const [a, b] = services.map(({ NetworkConfiguration }) => NetworkConfiguration.AwsvpcConfiguration.SecurityGroups);
  expect([a, b]).toEqual([[expect.anything()], [expect.anything()]]);
  expect(a).not.toEqual(b);
});

test('the instances that are always there have an interface for every task and for one more while a service is deployed', () => {
  const { MinSize, MaxSize } = theOnly(example, 'AWS::AutoScaling::AutoScalingGroup').properties;
  expect(theOnly(example, 'AWS::EC2::LaunchTemplate').properties.LaunchTemplateData.InstanceType).toBe('c5.large');
  const tasks = find(example, 'AWS::ECS::Service').reduce((sum, { properties }) => sum + properties.DesiredCount, 0);
  expect(Number(MinSize) * TASKS_PER_C5_LARGE).toBeGreaterThanOrEqual(tasks + 1);
  expect(Number(MaxSize)).toBeGreaterThan(Number(MinSize)); // a lost instance can be replaced before it is missed
});

test.each(['eni-density', 'eni-trunking-ineffective', 'host-port-fleet-clash', 'deployment-deadlock'])('%s has nothing to say', (rule) => {
  expect(found(example.app, rule)).toEqual([]);
});

test('tasks cannot take the instance\'s credentials', () => {
  expect(userDataOf(example)).toContain('ECS_AWSVPC_BLOCK_IMDS=true');
});

test('orders look for payments under the name they are registered with', () => {
  expect(registeredNames(example)).toEqual(['orders.shop.internal A', 'payments.shop.internal A']);
  const { properties: { ContainerDefinitions: [orders] } } = theOnly(example, 'AWS::ECS::TaskDefinition', 'Orders');
  expect(orders.Command.join(' ')).toContain('http://payments.shop.internal:8080');
});
