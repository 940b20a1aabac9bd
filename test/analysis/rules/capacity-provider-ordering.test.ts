import { check } from '../../../src/analysis/check';
import { capacityProviderOrdering as rule } from '../../../src/analysis/rules/capacity-provider-ordering';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';

itsExamplesHold(rule);

const NODES = { Ref: 'Nodes' };
const PROVIDER = resourceOf('AWS::ECS::CapacityProvider', { AutoScalingGroupProvider: { AutoScalingGroupArn: 'arn:x' } });
const using = (...providers: unknown[]) => ({
  LaunchType: undefined, CapacityProviderStrategy: providers.map((CapacityProvider) => ({ CapacityProvider, Weight: 1 })),
});
const associationOf = (CapacityProviders: unknown, more: Readonly<Record<string, unknown>> = {}, strategy: unknown[] = []) => resourceOf(
  'AWS::ECS::ClusterCapacityProviderAssociations',
  { Cluster: { Ref: 'Cluster' }, CapacityProviders, DefaultCapacityProviderStrategy: strategy },
  more,
);
const BY_DEFAULT = { LaunchType: undefined };
const fragment = (service: object, more: object = {}, association: object = associationOf([NODES])) => ({
  Cluster: CLUSTER, Nodes: PROVIDER, Association: association, Tasks: tasksOf('bridge'), Api: service, ...more,
});
const WAITING = { DependsOn: ['Association'] };

test('the finding reads as it should', () => {
  expect(said(rule, fragment(serviceOf(using(NODES)))))
    .toEqual(['warning Api: service Api uses provider Nodes but does not wait for its association with the cluster']);
});

describe('who does not wait', () => {
  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['a strategy with Fargate', fragment(serviceOf(using('FARGATE')), {}, associationOf(['FARGATE'])), /uses provider FARGATE but/],
    ['a strategy with Fargate Spot', fragment(serviceOf(using('FARGATE_SPOT')), {}, associationOf(['FARGATE_SPOT'])), /uses provider FARGATE_SPOT but/],
    ['the default strategy of the cluster', fragment(serviceOf(BY_DEFAULT), {}, associationOf([NODES], {}, [{ CapacityProvider: NODES }])), /uses provider Nodes but/],
    ['a name in place of a reference', fragment(serviceOf(using('nodes')), {
      Nodes: resourceOf('AWS::ECS::CapacityProvider', { Name: 'nodes', AutoScalingGroupProvider: { AutoScalingGroupArn: 'arn:x' } }),
    }), /uses provider Nodes but/],
    ['who waits for the provider alone', fragment(serviceOf(using(NODES), { DependsOn: ['Nodes', 'Cluster'] })), /uses provider Nodes but/],
    ['a cluster that names another provider itself', fragment(serviceOf(using(NODES)), {
      Cluster: resourceOf('AWS::ECS::Cluster', { CapacityProviders: ['FARGATE'] }),
    }), /uses provider Nodes but/],
  ])('%s', (_, resources, message) => {
    const [one, ...more] = said(rule, resources);
    expect(one).toMatch(/^warning Api/);
    expect(one).toMatch(message);
    expect(more).toEqual([]);
  });
});

describe('who waits, or need not', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['by DependsOn', fragment(serviceOf(using(NODES), WAITING))],
    ['by a reference', fragment(serviceOf({ ...using(NODES), ServiceName: { 'Fn::Sub': 'api-${Association}' } }))],
    ['through another resource', fragment(serviceOf(using(NODES), { DependsOn: 'Between' }), {
      Between: resourceOf('AWS::SNS::Topic', {}, { DependsOn: 'Association' }),
    })],
    ['for Fargate', fragment(serviceOf(using('FARGATE'), WAITING), {}, associationOf(['FARGATE']))],
    ['with launch type EC2', fragment(serviceOf())],
    ['with launch type FARGATE', fragment(serviceOf({ LaunchType: 'FARGATE' }), {}, associationOf(['FARGATE']))],
    ['with launch type EC2 of a task set', fragment(serviceOf({ LaunchType: undefined, TaskDefinition: undefined, DeploymentController: { Type: 'EXTERNAL' } }), {
      TaskSet: resourceOf('AWS::ECS::TaskSet', { Cluster: { Ref: 'Cluster' }, Service: { Ref: 'Api' }, TaskDefinition: { Ref: 'Tasks' }, LaunchType: 'EC2' }),
    })],
    ['with nothing, in a cluster without a default strategy', fragment(serviceOf(BY_DEFAULT))],
    ['a provider that the cluster itself names', fragment(serviceOf(using('FARGATE')), {
      Cluster: resourceOf('AWS::ECS::Cluster', { CapacityProviders: ['FARGATE'] }),
    })],
    ['an association whose providers are not known', fragment(serviceOf(using(NODES), WAITING), {}, associationOf(OPEN))],
  ])('%s', (_, resources) => {
    expect(said(rule, resources)).toEqual([]);
  });

  test('an association of another cluster is none of it', () => {
    const more = { Other: CLUSTER, Associated: associationOf([NODES], { DependsOn: 'Api' }) };
    const resources = fragment(serviceOf(using(NODES), WAITING), more);
    (more.Associated.Properties as Record<string, unknown>).Cluster = { Ref: 'Other' };
    expect(said(rule, resources)).toEqual([]);
  });
});

describe('the wrong way round', () => {
  test('an association that waits for the service is an error', () => {
    expect(said(rule, fragment(serviceOf(using(NODES)), {}, associationOf([NODES], { DependsOn: 'Api' }))))
      .toEqual([expect.stringMatching(/^error Api: .*Association waits for the service/)]);
  });

  test('a provider that does, too', () => {
    const service = serviceOf(using('nodes'));
    const provider = resourceOf('AWS::ECS::CapacityProvider', { Name: 'nodes' }, { DependsOn: 'Api' });
    expect(said(rule, fragment(service, { Nodes: provider }, associationOf(['nodes'])))).toEqual([expect.stringMatching(/^error Api: .*Nodes waits for the service/)]);
  });
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['a service that does not wait', fragment(serviceOf(using(NODES))), 'DependsOn: Association in Api'],
  ['an association that waits for it', fragment(serviceOf(using(NODES)), {}, associationOf([NODES], { DependsOn: 'Api' })),
    'no dependency of Association on Api; DependsOn of Api on the association in its place'],
])('the way out of %s', (_, Resources, fix) => {
  expect(check([given({ Resources })], [rule]).findings.map((finding) => finding.fix)).toEqual([fix]);
});

describe('Managed Instances, whose provider names the cluster itself', () => {
  const managed = resourceOf('AWS::ECS::CapacityProvider', { Name: 'managed', ClusterName: { Ref: 'Cluster' }, ManagedInstancesProvider: {} });
  const alone = (service: object) => ({ Cluster: CLUSTER, Managed: managed, Tasks: tasksOf('awsvpc'), Api: service });

  test('need no association where the service waits for the provider', () => {
    expect(said(rule, alone(serviceOf(using({ Ref: 'Managed' }))))).toEqual([]);
    expect(said(rule, alone(serviceOf(using('managed'), { DependsOn: 'Managed' })))).toEqual([]);
  });

  test('are undecided where the service names the provider and does not wait for it', () => {
    expect(said(rule, alone(serviceOf(using('managed'))))).toEqual([expect.stringMatching(/^undecided Api: no association of provider Managed/)]);
  });

  test('are judged by an association that there is', () => {
    const association = associationOf([{ Ref: 'Managed' }]);
    expect(said(rule, { ...alone(serviceOf(using({ Ref: 'Managed' }))), Association: association })).toEqual([expect.stringMatching(/^warning Api/)]);
  });
});

describe('what cannot be told', () => {
  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['the provider', fragment(serviceOf(using(OPEN))), /Open/],
    ['the launch type', fragment(serviceOf({ LaunchType: OPEN })), /Open/],
    ['what the association names', fragment(serviceOf(using(NODES)), {}, associationOf(OPEN)), /Open/],
    ['whether there is an association', fragment(serviceOf(using(NODES)), {}, associationOf(['FARGATE'])), /no association of provider Nodes/],
    ['that of a cluster that is imported', fragment(serviceOf({ ...using(NODES), Cluster: OPEN })), /no association of provider Nodes/],
    ['what the cluster itself names', fragment(serviceOf(using(NODES)), { Cluster: resourceOf('AWS::ECS::Cluster', { CapacityProviders: OPEN }) }), /Open/],
    ['what a task set waits for', fragment(serviceOf({ DeploymentController: { Type: 'EXTERNAL' }, LaunchType: undefined }), {
      Set: resourceOf('AWS::ECS::TaskSet', { Cluster: { Ref: 'Cluster' }, Service: { Ref: 'Api' }, TaskDefinition: { Ref: 'Tasks' }, ...using(NODES) }),
    }), /its task set/],
  ])('%s', (_, resources, why) => {
    const [one, ...more] = said(rule, resources);
    expect(one).toMatch(/^undecided Api/);
    expect(one).toMatch(why);
    expect(more).toEqual([]);
  });
});

describe('an association in another stack', () => {
  const exported = (Value: unknown, name: string) => ({ Value, Export: { Name: name } });
  const imported = (name: string) => ({ 'Fn::ImportValue': name });
  const base = {
    Resources: { Cluster: CLUSTER, Nodes: PROVIDER, Association: associationOf([NODES]) },
    Outputs: { Cluster: exported({ Ref: 'Cluster' }, 'cluster'), Nodes: exported(NODES, 'nodes') },
  };
  const app = (Cluster: unknown, provider: unknown) => ({ Resources: { Tasks: tasksOf('bridge'), Api: serviceOf({ Cluster, ...using(provider) }) } });

  test('is waited for where something of that stack is imported', () => {
    const { findings, undecided } = check([given(base, { name: 'base' }), given(app(imported('cluster'), imported('nodes')), { name: 'app' })], [rule]);
    expect([...findings, ...undecided]).toEqual([]);
  });

  test('is undecided where nothing is', () => {
    const named = {
      Cluster: resourceOf('AWS::ECS::Cluster', { ClusterName: 'main' }),
      Nodes: resourceOf('AWS::ECS::CapacityProvider', { Name: 'nodes', AutoScalingGroupProvider: { AutoScalingGroupArn: 'arn:x' } }),
    };
    const { findings, undecided } = check([
      given({ Resources: { ...base.Resources, ...named } }, { name: 'base' }), given(app('main', 'nodes'), { name: 'app' }),
    ], [rule]);
    expect(findings).toEqual([]);
    expect(undecided).toEqual([expect.objectContaining({ resource: 'Api', why: expect.stringContaining('whether the stack of Association') })]);
  });
});
