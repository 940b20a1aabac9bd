import { NestedStack, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import {
  AwsvpcService, BridgePort, BridgeService, Ec2Capacity, FargateCapacity, HostModeService, HostPort, ManagedInstancesCapacity, TaskPort,
} from '../../src';
import { testApp } from '../app';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, INSTANCE_TYPE, managedInstances, plainCapacity, plainTask, templateOf, testVpc, world } from '../fixtures';
import { found } from '../found';
import { dependenciesOf, idOf, idsOf } from '../template-graph';

const ASSOCIATION = 'AWS::ECS::ClusterCapacityProviderAssociations';
const SERVICE = 'AWS::ECS::Service';

const spot = (capacityProvider: string) => [{ capacityProvider, weight: 1 }];

test('P5: plain services may be created before their capacity provider is associated and deleted after; ours never', () => {
  const plain = world();
  const provider = plainCapacity(plain.cluster);
  new ecs.Ec2Service(plain.stack, 'Web', {
    cluster: plain.cluster,
    taskDefinition: plainTask(plain.stack, 'Task', ecs.NetworkMode.BRIDGE, { containerPort: 80 }),
    capacityProviderStrategies: spot(provider.capacityProviderName),
  });
  const wrong = templateOf(plain.stack);
  expect(dependenciesOf(wrong, idOf(wrong, SERVICE))).not.toContain(idOf(wrong, ASSOCIATION));
  expect(found(plain.app, 'capacity-provider-ordering')).toEqual([expect.stringMatching(/^warning Web.* uses provider AsgProvider\w* but does not wait/)]);

  const { app, stack, cluster } = world();
  new BridgeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [BridgePort.dynamic(80)] });
  const right = templateOf(stack);
  expect(found(app, 'capacity-provider-ordering')).toEqual([]);
  expect(dependenciesOf(right, idOf(right, SERVICE))).toContain(idOf(right, ASSOCIATION));
});

test('P5: plain services on Fargate Spot do not wait for the association either; ours do', () => {
  const plain = world();
  plain.cluster.enableFargateCapacityProviders();
  const taskDefinition = new ecs.FargateTaskDefinition(plain.stack, 'Task');
  taskDefinition.addContainer('web', CONTAINER);
  new ecs.FargateService(plain.stack, 'Web', { cluster: plain.cluster, taskDefinition, capacityProviderStrategies: spot('FARGATE_SPOT') });
  const wrong = templateOf(plain.stack);
  expect(dependenciesOf(wrong, idOf(wrong, SERVICE))).not.toContain(idOf(wrong, ASSOCIATION));
  expect(found(plain.app, 'capacity-provider-ordering')).toEqual([expect.stringMatching(/^warning Web.* uses provider FARGATE_SPOT but does not wait/)]);

  const { stack, cluster } = world();
  new AwsvpcService(stack, 'Web', { cluster, capacity: FargateCapacity.spot(cluster), container: CONTAINER });
  const right = templateOf(stack);
  expect(dependenciesOf(right, idOf(right, SERVICE))).toContain(idOf(right, ASSOCIATION));
});

const ON_INSTANCES: [string, (scope: Construct, capacity: Ec2Capacity) => unknown][] = [
  ['HostModeService', (scope, capacity) => new HostModeService(scope, 'Web', {
    cluster: capacity.cluster, capacity, container: HOST_CONTAINER, ports: [HostPort.tcp(9100)],
  })],
  ['BridgeService', (scope, capacity) => new BridgeService(scope, 'Web', {
    cluster: capacity.cluster, capacity, container: CONTAINER, ports: [BridgePort.dynamic(80)],
  })],
  ['AwsvpcService', (scope, capacity) => new AwsvpcService(scope, 'Web', {
    cluster: capacity.cluster, capacity, container: CONTAINER, ports: [TaskPort.tcp(80)],
  })],
];

describe.each(ON_INSTANCES)('%s on instances', (_name, make) => {
  test('P5: is created after the association, the provider and the instances, and so deleted before them', () => {
    const { stack, cluster } = world();
    make(stack, ec2Capacity(cluster));
    const template = templateOf(stack);
    const created = dependenciesOf(template, idOf(template, SERVICE));
    for (const type of [ASSOCIATION, 'AWS::ECS::CapacityProvider', 'AWS::AutoScaling::AutoScalingGroup', 'AWS::EC2::LaunchTemplate']) {
      expect(created).toContain(idOf(template, type));
    }
    // Instances start with their rights, and keep them until they are gone.
    const beforeInstances = dependenciesOf(template, idOf(template, 'AWS::AutoScaling::AutoScalingGroup'));
    expect(idsOf(template, 'AWS::IAM::Policy').filter((id) => id.startsWith('Capacity'))).toEqual([expect.stringMatching('InstanceRoleDefaultPolicy')]);
    idsOf(template, 'AWS::IAM::Policy').filter((id) => id.startsWith('Capacity')).forEach((id) => expect(beforeInstances).toContain(id));
    // Tasks start with theirs.
    idsOf(template, 'AWS::IAM::Policy').filter((id) => id.startsWith('Web')).forEach((id) => expect(created).toContain(id));
    expect(idsOf(template, 'AWS::IAM::Policy').filter((id) => id.startsWith('Web'))).not.toEqual([]);
  });

  test('P5: waits for the association whatever comes after it', () => {
    const { stack, cluster } = world();
    make(stack, ec2Capacity(cluster));
    ec2Capacity(cluster, 'Later');
    cluster.enableFargateCapacityProviders();
    const template = templateOf(stack);
    expect(dependenciesOf(template, idOf(template, SERVICE))).toContain(idOf(template, ASSOCIATION));
  });

  test('P5: waits for the stack of its cluster, which does not wait for it', () => {
    const app = testApp();
    const platform = new Stack(app, 'Platform');
    const capacity = new Ec2Capacity(platform, 'Capacity', {
      cluster: new ecs.Cluster(platform, 'Cluster', { vpc: testVpc(platform) }), instanceType: INSTANCE_TYPE, maxInstances: 4,
    });
    const services = new Stack(app, 'Services');
    make(services, capacity);
    app.synth();
    expect(services.dependencies).toEqual([platform]);
    expect(platform.dependencies).toEqual([]);
    expect(idsOf(templateOf(platform), ASSOCIATION)).toHaveLength(1);
    expect(idsOf(templateOf(services), ASSOCIATION)).toEqual([]);
  });

  test('P5: in a nested stack waits for the association through the stack it is nested in', () => {
    const { stack, cluster } = world();
    make(new NestedStack(stack, 'Nested'), ec2Capacity(cluster));
    const template = templateOf(stack);
    expect(dependenciesOf(template, idOf(template, 'AWS::CloudFormation::Stack'))).toContain(idOf(template, ASSOCIATION));
  });
});

test('P5: a service on a given Auto Scaling group waits for its association', () => {
  const { stack, cluster } = world();
  const capacity = Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: plainCapacity(cluster) });
  new BridgeService(stack, 'Web', { cluster, capacity, container: CONTAINER, ports: [BridgePort.dynamic(80)] });
  const template = templateOf(stack);
  expect(dependenciesOf(template, idOf(template, SERVICE))).toContain(idOf(template, ASSOCIATION));
});

test('P5: a service on Managed Instances, which need no association, waits for the provider and the provider for its roles', () => {
  const { stack, cluster } = world();
  const capacity = managedInstances(cluster);
  new HostModeService(stack, 'Host', { cluster, capacity, container: HOST_CONTAINER, ports: [HostPort.tcp(9100)] });
  new AwsvpcService(stack, 'Awsvpc', { cluster, capacity, container: CONTAINER });
  const template = templateOf(stack);
  const provider = idOf(template, 'AWS::ECS::CapacityProvider');
  for (const service of idsOf(template, SERVICE)) {
    expect(dependenciesOf(template, service)).toContain(provider);
  }
  const policies = idsOf(template, 'AWS::IAM::Policy').filter((id) => id.startsWith('Managed'));
  expect(policies).toHaveLength(2);
  policies.forEach((id) => expect(dependenciesOf(template, provider)).toContain(id));
});

test('P5: Managed Instances and services in other stacks than the cluster wait for it, in one direction', () => {
  const app = testApp();
  const [platform, capacities, services] = ['Platform', 'Capacities', 'Services'].map((id) => new Stack(app, id));
  const cluster = new ecs.Cluster(platform, 'Cluster', { vpc: testVpc(platform) });
  const capacity = new ManagedInstancesCapacity(capacities, 'Managed', { cluster });
  new HostModeService(services, 'Web', { cluster, capacity, container: HOST_CONTAINER });
  app.synth();
  expect(platform.dependencies).toEqual([]);
  expect(capacities.dependencies).toEqual([platform]);
  expect(new Set(services.dependencies)).toEqual(new Set([platform, capacities]));
});

test('P5: Fargate on demand, which is no capacity provider, has nothing to wait for', () => {
  const { stack, cluster } = world();
  new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER });
  expect(idsOf(templateOf(stack), ASSOCIATION)).toEqual([]);
});

test('P5: what is made first and last can be made and removed in order: the graph has no circle', () => {
  const { stack, cluster } = world();
  const capacity = ec2Capacity(cluster);
  ON_INSTANCES.forEach(([name, make]) => make(new Construct(stack, name), capacity));
  const template = templateOf(stack);
  const circular = Object.keys(template.toJSON().Resources).filter((id) => dependenciesOf(template, id).has(id));
  expect(circular).toEqual([]);
});
