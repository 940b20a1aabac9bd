import { check } from '../../../src/analysis/check';
import { publicIpOnInstanceTask as rule } from '../../../src/analysis/rules/public-ip-on-instance-task';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';

itsExamplesHold(rule);

const asking = (AssignPublicIp: unknown) => ({ NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'], AssignPublicIp } } });
const provider = (CapacityProvider: unknown) => ({ LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider }] });
const fragment = (service: object, tasks: object = tasksOf('awsvpc'), more = {}) => ({
  Cluster: CLUSTER,
  Nodes: resourceOf('AWS::ECS::CapacityProvider', { AutoScalingGroupProvider: { AutoScalingGroupArn: 'arn:x' } }),
  Managed: resourceOf('AWS::ECS::CapacityProvider', { ManagedInstancesProvider: {} }),
  Api: service,
  Tasks: tasks,
  ...more,
});

test('the finding reads as it should', () => {
  expect(said(rule, fragment(serviceOf({ ...asking('ENABLED'), ...provider({ Ref: 'Nodes' }) }))))
    .toEqual(['error Api: service Api runs on instances and asks for a public address; only Fargate tasks can have one']);
});

test('the way out', () => {
  const { findings } = check([given({ Resources: fragment(serviceOf(asking('ENABLED'))) })], [rule]);
  expect(findings.map(({ fix }) => fix)).toEqual(['AssignPublicIp DISABLED in Api, and subnets with a route to a NAT gateway or VPC endpoints']);
});

test.each<[string, object, RegExp]>([
  ['launch type EC2', {}, /runs on instances/],
  ['no launch type', { LaunchType: undefined }, /runs on instances/],
  ['a provider over an Auto Scaling group', provider({ Ref: 'Nodes' }), /runs on instances/],
  ['Managed Instances', provider({ Ref: 'Managed' }), /runs on Managed Instances/],
])('a public address is asked for with %s', (_, properties, message) => {
  expect(said(rule, fragment(serviceOf({ ...asking('ENABLED'), ...properties })))).toEqual([expect.stringMatching(message)]);
});

test('by the default strategy of the cluster', () => {
  const cluster = resourceOf('AWS::ECS::Cluster', { DefaultCapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Nodes' } }] });
  const resources = fragment(serviceOf({ ...asking('ENABLED'), LaunchType: undefined }), tasksOf('awsvpc'), { Cluster: cluster });
  expect(said(rule, resources)).toEqual([expect.stringMatching(/^error Api: /)]);
});

test('by a task set of an externally controlled service', () => {
  const service = serviceOf({ LaunchType: undefined, TaskDefinition: undefined, DeploymentController: { Type: 'EXTERNAL' } });
  const taskSet = resourceOf('AWS::ECS::TaskSet', {
    Cluster: { Ref: 'Cluster' }, Service: { Ref: 'Api' }, TaskDefinition: { Ref: 'Tasks' }, LaunchType: 'EC2', ...asking('ENABLED'),
  });
  expect(said(rule, fragment(service, tasksOf('awsvpc'), { TaskSet: taskSet }))).toEqual([expect.stringMatching(/^error Api: /)]);
});

test('the way out is in the task sets, where they ask', () => {
  const service = serviceOf({ LaunchType: undefined, TaskDefinition: undefined, DeploymentController: { Type: 'EXTERNAL' } });
  const taskSet = resourceOf('AWS::ECS::TaskSet', {
    Cluster: { Ref: 'Cluster' }, Service: { Ref: 'Api' }, TaskDefinition: { Ref: 'Tasks' }, LaunchType: 'EC2', ...asking('ENABLED'),
  });
  const fixOf = (taskSets: object) => check([given({ Resources: fragment(service, tasksOf('awsvpc'), taskSets) })], [rule]).findings.map(({ fix }) => fix);
  expect(fixOf({ Blue: taskSet })).toEqual([expect.stringMatching(/^AssignPublicIp DISABLED in Blue, and subnets/)]);
  expect(fixOf({ Blue: taskSet, Green: taskSet })).toEqual([expect.stringMatching(/^AssignPublicIp DISABLED in Blue and Green, and subnets/)]);
});

test('the default of a parameter is named', () => {
  const rest = { Parameters: { Public: { Type: 'String', Default: 'ENABLED' } } };
  expect(said(rule, fragment(serviceOf(asking({ Ref: 'Public' }))), rest)).toEqual([expect.stringMatching(/^error Api: .*\[.*Public/)]);
});

test.each<[string, object, object?]>([
  ['Fargate', { ...asking('ENABLED'), LaunchType: 'FARGATE' }],
  ['Fargate, whether it asks or not', { ...asking(OPEN), LaunchType: 'FARGATE' }],
  ['Fargate Spot', { ...asking('ENABLED'), ...provider('FARGATE_SPOT') }],
  ['Fargate with a task definition that instances could run, too', { ...asking('ENABLED'), LaunchType: 'FARGATE' },
    tasksOf('awsvpc', { RequiresCompatibilities: ['EC2', 'FARGATE'] })],
  ['instances without asking', asking('DISABLED')],
  ['instances without saying', asking(undefined)],
  ['no network configuration', {}],
  ['wherever it runs without asking', { ...asking('DISABLED'), LaunchType: OPEN }],
  ['bridge, where the network configuration is what is wrong', asking('ENABLED'), tasksOf('bridge')],
])('nothing is said of %s', (_, properties, tasks = tasksOf('awsvpc')) => {
  expect(said(rule, fragment(serviceOf(properties), tasks))).toEqual([]);
});

test('what decides is where the service runs, not what its task definition requires', () => {
  const resources = fragment(serviceOf(asking('ENABLED')), tasksOf('awsvpc', { RequiresCompatibilities: ['FARGATE'] }));
  expect(said(rule, resources)).toEqual([expect.stringMatching(/^error Api: /)]);
});

test.each<[string, object, RegExp]>([
  ['the provider', { ...asking('ENABLED'), ...provider(OPEN) }, /^undecided Api: .*Open/],
  ['the default strategy of the cluster', { ...asking('ENABLED'), LaunchType: undefined, Cluster: OPEN }, /^undecided Api: .*default strategy/],
  ['whether it asks', asking(OPEN), /^undecided Api: .*Open/],
])('%s cannot be told', (_, properties, why) => {
  expect(said(rule, fragment(serviceOf(properties)))).toEqual([expect.stringMatching(why)]);
});
