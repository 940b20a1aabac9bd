/** Clusters, capacity providers and what joins the two. */
import type { Association, CapacityProvider, Cluster, ProviderName, StrategyItem } from '../facts';
import { Evaluated, identityOf, Resource } from '../resources';
import { all, known, unknown, Value } from '../value';
import { Joins, nameOf, Reading } from './joins';
import { reference } from './network';
import { at, Draft, eachItem, isUnknown, items, mappedText, number } from './properties';

export interface Clustering {
  readonly clusters: Joins<Draft<Cluster>>;
  readonly providers: Joins<Draft<CapacityProvider>>;
  readonly associations: readonly Association[];
  /** The items of a capacity provider strategy. */
  strategyOf(evaluated: Evaluated, from: Resource): Value<readonly StrategyItem[]>;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html */
const SESSION_USES = [
  ['kms', 'KmsKeyId'], ['cloudWatchLogs', 'LogConfiguration', 'CloudWatchLogGroupName'], ['s3', 'LogConfiguration', 'S3BucketName'],
] as const;

export function readClusters(reading: Reading): Clustering {
  const { world } = reading;
  const providers = new Joins<Draft<CapacityProvider>>(reading);
  for (const resource of world.resourcesOf('AWS::ECS::CapacityProvider')) {
    const managed = resource.property('ManagedInstancesProvider') !== undefined;
    const status = resource.property('AutoScalingGroupProvider', 'ManagedScaling', 'Status');
    providers.add(resource, {
      name: nameOf(resource),
      resource,
      kind: managed ? 'managed-instances' : 'auto-scaling-group',
      managedScaling: status && mappedText(status, (text) => text.toUpperCase() === 'ENABLED'),
    }, () => resource.property('Name'));
  }
  const nameIn = (evaluated: Evaluated, from: Resource) => providerName(evaluated, from, providers);
  const strategyOf = (evaluated: Evaluated, from: Resource) => strategyIn(evaluated, from, nameIn);

  const clusters = new Joins<Draft<Cluster>>(reading);
  for (const resource of world.resourcesOf('AWS::ECS::Cluster')) {
    const strategy = resource.property('DefaultCapacityProviderStrategy');
    clusters.add(resource, {
      name: nameOf(resource),
      resource,
      defaultStrategy: strategy ? strategyOf(strategy, resource) : known([]),
      capacityProviders: eachItem(resource.property('CapacityProviders'), (item) => nameIn(item, resource)),
      sessionUses: SESSION_USES.flatMap(([use, ...path]) => resource.property('Configuration', 'ExecuteCommandConfiguration', ...path) ? [use] : []),
      associations: [],
      hostGroups: [],
      services: [],
      leaves: () => reading.leaves(resource),
    }, () => resource.property('ClusterName'));
  }
  const associations = world.resourcesOf('AWS::ECS::ClusterCapacityProviderAssociations').map((resource): Association => {
    const cluster = reference(clusters, resource, 'Cluster');
    const association: Association = {
      name: nameOf(resource),
      resource,
      cluster,
      providers: eachItem(resource.property('CapacityProviders'), (item) => nameIn(item, resource)),
    };
    const strategy = resource.property('DefaultCapacityProviderStrategy');
    const target = cluster.target as Draft<Cluster> | undefined;
    target?.associations.push(association);
    if (target && strategy && target.defaultStrategy.known && target.defaultStrategy.value.length === 0) {
      target.defaultStrategy = strategyOf(strategy, resource);
    }
    return association;
  });
  return { clusters, providers, associations, strategyOf };
}

function providerName(evaluated: Evaluated, from: Resource, providers: Joins<CapacityProvider>): ProviderName {
  const fargate = evaluated.kind === 'scalar' && /^FARGATE(_SPOT)?$/.test(String(evaluated.value));
  return fargate
    ? { identity: identityOf(evaluated), literal: String(evaluated.value), fargate }
    : { fargate, ...providers.find(evaluated, from) };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html has the defaults. */
function strategyIn(
  evaluated: Evaluated,
  from: Resource,
  nameIn: (evaluated: Evaluated, from: Resource) => ProviderName,
): Value<readonly StrategyItem[]> {
  const list = items(evaluated);
  if (isUnknown(list)) {
    return list;
  }
  const alone = list.value.length === 1;
  return all(list.value.map((item): Value<StrategyItem> => {
    if (item.kind === 'undecided') {
      return unknown(item.why, item.identity);
    }
    const provider = at(item, 'CapacityProvider');
    return provider
      ? known({
        provider: nameIn(provider, from),
        base: number(at(item, 'Base')) ?? known(0),
        weight: number(at(item, 'Weight')) ?? known(alone ? 1 : 0),
      })
      : unknown(`the strategy of ${nameOf(from)} has an item without CapacityProvider`);
  }));
}
