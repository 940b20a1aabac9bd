import { check } from '../../../src/analysis/check';
import { networkModeCompatibility as rule } from '../../../src/analysis/rules/network-mode-compatibility';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { AWSVPC, CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';

itsExamplesHold(rule);

const NO_PORTS: unknown[] = [];
const WINDOWS = { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } };
const MANAGED = resourceOf('AWS::ECS::CapacityProvider', {
  ManagedInstancesProvider: { InstanceLaunchTemplate: { NetworkConfiguration: { Subnets: ['subnet-1'] } } },
});
const ON_MANAGED = { LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Managed' } }] };
const fragment = (Api: object, Tasks: object, more = {}) => ({ Cluster: CLUSTER, Managed: MANAGED, Api, Tasks, ...more });

describe('where tasks run and what they may be there', () => {
  const launches: Record<string, { service: object; tasks?: object; modes: readonly string[] }> = {
    'Fargate': { service: { LaunchType: 'FARGATE' }, modes: ['awsvpc'] },
    'Fargate Spot': { service: { LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT' }] }, modes: ['awsvpc'] },
    'Linux instances': { service: {}, modes: ['none', 'bridge', 'awsvpc', 'host'] },
    'Windows instances': { service: {}, tasks: WINDOWS, modes: ['default', 'awsvpc'] },
    'external instances': { service: { LaunchType: 'EXTERNAL' }, modes: ['none', 'bridge', 'host'] },
    'Managed Instances': { service: ON_MANAGED, modes: ['awsvpc', 'host'] },
  };
  const cases = Object.entries(launches).flatMap(([name, { service, tasks = {}, modes }]) => (
    ['awsvpc', 'bridge', 'host', 'none', 'default'].map((mode) => ({ name, service, tasks, mode, fits: modes.includes(mode) }))));
  const isOpen: Record<string, string> = { 'Managed Instances': 'none', 'Linux instances': 'default' };

  test.each(cases.filter(({ name, mode, fits }) => !fits && isOpen[name] !== mode))('$mode is refused on $name', ({ service, tasks, mode }) => {
    const [one, ...more] = said(rule, fragment(serviceOf(service), tasksOf(mode, tasks, NO_PORTS)));
    expect(one).toMatch(new RegExp(`^error Api: service Api runs on .* only; its task definition says ${mode}`));
    expect(more).toEqual([]);
  });

  test.each(cases.filter(({ fits }) => fits))('$mode is taken on $name', ({ service, tasks, mode }) => {
    expect(said(rule, fragment(serviceOf(service), tasksOf(mode, tasks, NO_PORTS)))).toEqual([]);
  });

  test('the finding reads as it should', () => {
    expect(said(rule, fragment(serviceOf({ LaunchType: 'FARGATE' }), tasksOf('bridge'))))
      .toEqual(['error Api: service Api runs on Fargate, which takes awsvpc only; its task definition says bridge']);
  });

  test('a mode that is left out is bridge, and the finding says that it assumes so', () => {
    expect(said(rule, fragment(serviceOf({ LaunchType: 'FARGATE' }), tasksOf(undefined))))
      .toEqual([expect.stringMatching(/names none, which is bridge \[NetworkMode is left out, which means bridge/)]);
  });

  test('default on Linux that is declared is refused', () => {
    const tasks = tasksOf('default', { RuntimePlatform: { OperatingSystemFamily: 'LINUX' } });
    expect(said(rule, fragment(serviceOf(), tasks))).toEqual([expect.stringMatching(/^error Api: service Api runs on Linux instances/)]);
  });

  test('Managed Instances without a mode are warned of', () => {
    expect(said(rule, fragment(serviceOf(ON_MANAGED), tasksOf(undefined)))).toEqual([expect.stringMatching(/^warning Api: .*names no network mode/)]);
  });

  test('a task set says where an externally controlled service runs', () => {
    const service = serviceOf({ LaunchType: undefined, TaskDefinition: undefined, DeploymentController: { Type: 'EXTERNAL' } });
    const taskSet = resourceOf('AWS::ECS::TaskSet', {
      Cluster: { Ref: 'Cluster' }, Service: { Ref: 'Api' }, TaskDefinition: { Ref: 'Tasks' }, LaunchType: 'FARGATE',
    });
    expect(said(rule, fragment(service, tasksOf('host'), { TaskSet: taskSet }))).toEqual([expect.stringMatching(/^error Api: .*Fargate/)]);
  });
});

describe('what else does not go with the mode', () => {
  const registry = { ServiceRegistries: [{ RegistryArn: 'arn:aws:servicediscovery:us-east-1:111111111111:service/srv-1' }] };
  const balanced = { LoadBalancers: [{ TargetGroupArn: 'arn:x', ContainerName: 'app', ContainerPort: 80 }] };
  test.each<[string, object, object, RegExp]>([
    ['a network configuration with bridge', serviceOf(AWSVPC), tasksOf('bridge'), /^error Api: .*AwsvpcConfiguration, and its tasks are bridge/],
    ['a network configuration with host', serviceOf(AWSVPC), tasksOf('host'), /^error Api: .*AwsvpcConfiguration, and its tasks are host/],
    ['a network configuration wherever it runs', serviceOf({ ...AWSVPC, LaunchType: OPEN }), tasksOf('host'), /^error Api: .*AwsvpcConfiguration/],
    ['none with a load balancer', serviceOf(balanced), tasksOf('none', {}, NO_PORTS), /^error Api: .*has a load balancer, and its tasks are none/],
    ['none with a registry', serviceOf(registry), tasksOf('none', {}, NO_PORTS), /^error Api: .*has a service registry, and its tasks are none/],
    ['none with port mappings', serviceOf(), tasksOf('none'), /^error Tasks: .*says none, and container app has port mappings/],
    ['a task definition for Fargate and bridge', serviceOf(), tasksOf('bridge', { RequiresCompatibilities: ['EC2', 'FARGATE'] }), /^error Tasks: .*requires FARGATE/],
  ])('%s is one error', (_, service, tasks, message) => {
    expect(said(rule, fragment(service, tasks))).toEqual([expect.stringMatching(message)]);
  });

  test('a task definition is judged without a service', () => {
    expect(said(rule, { Tasks: tasksOf(undefined, { RequiresCompatibilities: ['FARGATE'] }) })).toEqual([expect.stringMatching(/^error Tasks: .*names none, which is bridge/)]);
  });

  test('a task definition for Fargate whose service runs on Fargate is said once', () => {
    expect(said(rule, fragment(serviceOf({ LaunchType: 'FARGATE' }), tasksOf('host', { RequiresCompatibilities: ['FARGATE'] }))))
      .toEqual([expect.stringMatching(/^error Api: /)]);
  });

  test.each<[string, object, object]>([
    ['a task definition for both, on EC2', serviceOf(AWSVPC), tasksOf('awsvpc', { RequiresCompatibilities: ['EC2', 'FARGATE'] })],
    ['awsvpc without a network configuration, which the framework itself tells', serviceOf(), tasksOf('awsvpc')],
    ['bridge with port mappings, a load balancer and a registry', serviceOf({ ...balanced, ...registry }), tasksOf('bridge')],
    ['none with nothing', serviceOf(), tasksOf('none', {}, NO_PORTS)],
    ['a task definition of which it is not known what it requires, where a service runs it', serviceOf(), tasksOf('bridge', { RequiresCompatibilities: OPEN })],
    ['awsvpc, whatever the system', serviceOf(AWSVPC), tasksOf('awsvpc', { RuntimePlatform: { OperatingSystemFamily: OPEN } })],
  ])('%s is fine', (_, service, tasks) => {
    expect(said(rule, fragment(service, tasks))).toEqual([]);
  });
});

describe('what cannot be told', () => {
  test.each<[string, object, object, RegExp]>([
    ['the launch type', serviceOf({ LaunchType: OPEN }), tasksOf('bridge'), /^undecided Api: .*Open/],
    ['the mode', serviceOf(), tasksOf(OPEN), /^undecided Api: .*Open/],
    ['the task definition', serviceOf({ TaskDefinition: OPEN }), tasksOf('awsvpc'), /^undecided Api: its task definition is not of what is given/],
    ['the cluster', serviceOf({ Cluster: OPEN, LaunchType: undefined }), tasksOf('bridge'), /^undecided Api: .*cluster/],
    ['the task set', serviceOf({ DeploymentController: { Type: 'EXTERNAL' } }), tasksOf('bridge'), /^undecided Api: no task set/],
    ['none on Managed Instances', serviceOf(ON_MANAGED), tasksOf('none', {}, NO_PORTS), /^undecided Api: AWS's pages differ/],
    ['the system, with default', serviceOf(), tasksOf('default'), /^undecided Api: whether its instances run Windows/],
    ['the network configuration', serviceOf({ NetworkConfiguration: { 'Fn::Transform': 'x' } }), tasksOf('bridge'), /^undecided Api: /],
    ['load balancers, with none', serviceOf({ LoadBalancers: OPEN }), tasksOf('none', {}, NO_PORTS), /^undecided Api: .*Open/],
  ])('%s', (_, service, tasks, why) => {
    expect(said(rule, fragment(service, tasks))).toEqual([expect.stringMatching(why)]);
  });

  test.each<[string, object, RegExp]>([
    ['what a task definition requires', tasksOf('bridge', { RequiresCompatibilities: OPEN }), /^undecided Tasks: .*Open/],
    ['the mode of one for Fargate', tasksOf(OPEN, { RequiresCompatibilities: ['FARGATE'] }), /^undecided Tasks: .*Open/],
    ['port mappings, with none', tasksOf('none', {}, OPEN), /^undecided Tasks: .*Open/],
    ['containers, with none', tasksOf('none', { ContainerDefinitions: OPEN }), /^undecided Tasks: .*Open/],
  ])('%s, without a service', (_, tasks, why) => {
    expect(said(rule, { Tasks: tasks })).toEqual([expect.stringMatching(why)]);
  });
});

describe('what is said, and the way out', () => {
  const balanced = { LoadBalancers: [{ TargetGroupArn: 'arn:x', ContainerName: 'app', ContainerPort: 80 }] };
  test.each<[string, object, object, string, string]>([
    ['Fargate', serviceOf({ LaunchType: 'FARGATE' }), tasksOf('bridge'),
      'service Api runs on Fargate, which takes awsvpc only; its task definition says bridge',
      'NetworkMode awsvpc in Tasks, or another launch type or capacity provider'],
    ['external instances', serviceOf({ LaunchType: 'EXTERNAL' }), tasksOf('awsvpc'),
      'service Api runs on external instances, which take bridge, host or none only; its task definition says awsvpc',
      'NetworkMode bridge, host or none in Tasks, or another launch type or capacity provider'],
    ['Windows', serviceOf(), tasksOf('host', WINDOWS),
      'service Api runs on Windows instances, which take awsvpc or default only; its task definition says host',
      'NetworkMode awsvpc or default in Tasks, or another launch type or capacity provider'],
    ['Managed Instances', serviceOf(ON_MANAGED), tasksOf('bridge'),
      'service Api runs on Managed Instances, which take awsvpc or host only; its task definition says bridge',
      'NetworkMode awsvpc or host in Tasks, or another launch type or capacity provider'],
    ['Managed Instances without a mode', serviceOf(ON_MANAGED), tasksOf(undefined),
      'service Api runs on Managed Instances and task definition Tasks names no network mode: AWS documents both that it is awsvpc then and that such tasks cannot run',
      'NetworkMode awsvpc or host in Tasks'],
    ['a network configuration', serviceOf(AWSVPC), tasksOf('bridge'),
      'service Api has an AwsvpcConfiguration, and its tasks are bridge: ECS takes one with awsvpc only',
      'no NetworkConfiguration in Api, or NetworkMode awsvpc in its task definition'],
    ['a load balancer', serviceOf(balanced), tasksOf('none', {}, NO_PORTS),
      'service Api has a load balancer, and its tasks are none: without a network nothing reaches them',
      'no load balancer in Api, or another NetworkMode in its task definition'],
    ['a task definition for Fargate', serviceOf(), tasksOf('bridge', { RequiresCompatibilities: ['FARGATE'] }),
      'task definition Tasks requires FARGATE, which takes awsvpc only, and says bridge', 'NetworkMode awsvpc in Tasks, or no FARGATE in its RequiresCompatibilities'],
    ['port mappings', serviceOf(), tasksOf('none'),
      'task definition Tasks says none, and container app has port mappings', 'no PortMappings in Tasks, or another NetworkMode'],
  ])('of %s', (_, service, tasks, message, fix) => {
    expect(check([given({ Resources: fragment(service, tasks) })], [rule]).findings).toEqual([expect.objectContaining({ message, fix })]);
  });

  test('of a network configuration names the task set that has it', () => {
    const service = serviceOf({ LaunchType: undefined, TaskDefinition: undefined, DeploymentController: { Type: 'EXTERNAL' } });
    const taskSet = resourceOf('AWS::ECS::TaskSet', { Cluster: { Ref: 'Cluster' }, Service: { Ref: 'Api' }, TaskDefinition: { Ref: 'Tasks' }, LaunchType: 'EC2', ...AWSVPC });
    const { findings } = check([given({ Resources: fragment(service, tasksOf('bridge'), { TaskSet: taskSet }) })], [rule]);
    expect(findings.map(({ fix }) => fix)).toEqual(['no NetworkConfiguration in TaskSet, or NetworkMode awsvpc in its task definition']);
  });
});

test('a mode that is not known goes with anything but Fargate', () => {
  expect(said(rule, { Tasks: tasksOf(OPEN, { RequiresCompatibilities: ['EC2'] }) })).toEqual([]);
});

test('conditions on both sides go together', () => {
  const either = (yes: unknown, no: unknown) => ({ 'Fn::If': ['OnFargate', yes, no] });
  const rest = {
    Parameters: { Where: { Type: 'String' } }, Conditions: { OnFargate: { 'Fn::Equals': [{ Ref: 'Where' }, 'fargate'] } },
  };
  const service = serviceOf({ LaunchType: either('FARGATE', 'EC2') });
  expect(said(rule, fragment(service, tasksOf(either('awsvpc', 'bridge'))), rest)).toEqual([]);
  expect(said(rule, fragment(service, tasksOf(either('bridge', 'awsvpc'))), rest)).toEqual([expect.stringContaining('OnFargate is true')]);
});
