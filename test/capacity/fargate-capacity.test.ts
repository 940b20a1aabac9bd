import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, FargateCapacity, FargateMixOptions } from '../../src';
import { CONTAINER, world } from '../fixtures';
import { expectRefusal } from '../refusal';

const ASSOCIATION = 'AWS::ECS::ClusterCapacityProviderAssociations';

/** How one service on the capacity runs, in the template, and the providers associated with the cluster. */
function runs(capacityOf?: (cluster: ecs.ICluster) => FargateCapacity) {
  const { stack, cluster } = world();
  new AwsvpcService(stack, 'Web', { cluster, capacity: capacityOf?.(cluster), container: CONTAINER });
  const template = Template.fromStack(stack);
  const [{ Properties: { LaunchType, CapacityProviderStrategy } }] = Object.values(template.findResources('AWS::ECS::Service'));
  const [association] = Object.values(template.findResources(ASSOCIATION));
  return { launchType: LaunchType, strategy: CapacityProviderStrategy, associated: association?.Properties.CapacityProviders };
}

const BOTH = ['FARGATE', 'FARGATE_SPOT'];

test('on demand is the launch type, and the default', () => {
  const expected = { launchType: 'FARGATE', strategy: undefined, associated: undefined };
  expect(runs(FargateCapacity.onDemand)).toEqual(expected);
  expect(runs()).toEqual(expected);
});

test('spot is the one provider', () => {
  expect(runs(FargateCapacity.spot)).toEqual({ launchType: undefined, strategy: [{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }], associated: BOTH });
});

test.each<[FargateMixOptions | undefined, number, number, number]>([
  [undefined, 0, 1, 1],
  [{ onDemandBase: 2, spotWeight: 3 }, 2, 1, 3],
  [{ onDemandBase: 1, onDemandWeight: 0 }, 1, 0, 1],
  [{ onDemandBase: undefined, onDemandWeight: undefined, spotWeight: undefined }, 0, 1, 1],
  [{ onDemandBase: 100_000, onDemandWeight: 1_000, spotWeight: 1_000 }, 100_000, 1_000, 1_000],
])('a mix by %p', (options, base, onDemand, spot) => {
  expect(runs((cluster) => FargateCapacity.mixed(cluster, options))).toEqual({
    launchType: undefined,
    strategy: [{ CapacityProvider: 'FARGATE', Base: base, Weight: onDemand }, { CapacityProvider: 'FARGATE_SPOT', Weight: spot }],
    associated: BOTH,
  });
});

test.each<[FargateMixOptions, string]>([
  [{ onDemandBase: -1 }, "'onDemandBase' must be an integer from 0 to 100000, got -1"],
  [{ onDemandBase: 100_001 }, "'onDemandBase' must be an integer from 0 to 100000, got 100001"],
  [{ onDemandWeight: 1.5 }, "'onDemandWeight' must be an integer from 0 to 1000, got 1.5"],
  [{ onDemandWeight: 1_001 }, "'onDemandWeight' must be an integer from 0 to 1000, got 1001"],
  [{ spotWeight: -1 }, "'spotWeight' must be an integer from 0 to 1000, got -1"],
  [{ onDemandWeight: 0, spotWeight: 0 }, "'onDemandWeight' and 'spotWeight' are both 0"],
])('a mix by %p is refused', (options, part) => {
  expectRefusal(() => FargateCapacity.mixed(world().cluster, options), 'Test/Cluster', part);
});

test('an imported cluster is taken, and left as it is', () => {
  const { stack, vpc } = world();
  const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Imported', { clusterName: 'imported', vpc });
  const capacities = [FargateCapacity.onDemand(cluster), FargateCapacity.spot(cluster), FargateCapacity.mixed(cluster)];
  capacities.forEach((capacity, n) => new AwsvpcService(stack, `Web${n}`, { cluster, capacity, container: CONTAINER }));
  const template = Template.fromStack(stack);
  template.resourceCountIs(ASSOCIATION, 0);
  template.resourcePropertiesCountIs('AWS::ECS::Service', { Cluster: 'imported' }, 3);
});

test('a cluster of another stack has the providers in its own', () => {
  const { app, stack, cluster } = world();
  const services = new Stack(app, 'Services');
  new AwsvpcService(services, 'Web', { cluster, capacity: FargateCapacity.spot(cluster), container: CONTAINER });
  Template.fromStack(services).resourceCountIs(ASSOCIATION, 0);
  Template.fromStack(stack).hasResourceProperties(ASSOCIATION, { CapacityProviders: BOTH, Cluster: Match.anyValue() });
});
