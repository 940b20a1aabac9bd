/** Where the tasks of a service run. */
import type { Cluster, HostGroup, Launch, StrategyItem, To } from '../facts';
import { Evaluated, Resource } from '../resources';
import { placesOf } from '../task-shares';
import { chained, known, unknown, Value } from '../value';
import type { Clustering } from './clusters';
import type { Hosts } from './host-groups';
import { nameOf } from './joins';
import { items, text } from './properties';

/** The property of a service, or of the task set that says where it runs. */
export type Said = (property: string) => Evaluated | undefined;

/** Reads launches; what is the same for all services of a cluster is worked out once. */
export function launchReader(clustering: Clustering, hosts: Hosts): (from: Resource, said: Said, cluster: To<Cluster>) => Value<Launch> {
  const onInstances = new Map<string, Value<Launch>>();
  const ofCluster = (cluster: To<Cluster>, by: Launch['by']): Value<Launch> => {
    const key = `${by} ${cluster.identity}`;
    const launch = onInstances.get(key) ?? instancesOf(cluster, by, hosts);
    onInstances.set(key, launch);
    return launch;
  };
  const byDefault = new Map<string, Value<Launch>>();
  const defaultOf = (cluster: To<Cluster>): Value<Launch> => {
    const launch = byDefault.get(cluster.identity) ?? (cluster.target
      ? chained(cluster.target.defaultStrategy, (strategy) => strategy.length > 0
        ? strategyLaunch(strategy, 'cluster-default')
        : ofCluster(cluster, 'none'))
      : unknown(`the default strategy of the cluster is not known: ${cluster.why}`));
    byDefault.set(cluster.identity, launch);
    return launch;
  };
  return (from, said, cluster) => {
    const strategy = said('CapacityProviderStrategy');
    const listed = items(strategy);
    if (strategy && (!listed.known || listed.value.length > 0)) {
      return chained(clustering.strategyOf(strategy, from), (its) => strategyLaunch(its, 'strategy'));
    }
    const type = text(said('LaunchType'));
    return type ? chained(type, (name) => ofType(name, from, () => ofCluster(cluster, 'launch-type'))) : defaultOf(cluster);
  };
}

const NO_INSTANCES = { hostGroups: [], complete: true, strategy: [] } as const;

function ofType(type: string, from: Resource, onInstances: () => Value<Launch>): Value<Launch> {
  switch (type) {
    case 'EC2':
      return onInstances();
    case 'FARGATE':
      return known({ kind: 'fargate', by: 'launch-type', ...NO_INSTANCES });
    case 'EXTERNAL':
      return known({
        kind: 'external', by: 'launch-type', ...NO_INSTANCES, complete: false, incompleteBecause: 'instances outside of AWS are in no template',
      });
    default:
      return unknown(`${nameOf(from)} has launch type ${JSON.stringify(type)}, which is none`);
  }
}

/** With EC2, tasks are placed on any instance of the cluster but those that ECS manages. */
function instancesOf(cluster: To<Cluster>, by: Launch['by'], hosts: Hosts): Value<Launch> {
  const { target } = cluster;
  const hostGroups = target?.hostGroups.filter(({ kind }) => kind !== 'managed-instances') ?? [];
  const incompleteBecause = target ? othersIn(target, hostGroups, hosts) : `the cluster is not of what is given: ${cluster.why}`;
  const launch: Launch = { kind: 'ec2', by, hostGroups, complete: incompleteBecause === undefined, incompleteBecause, strategy: [] };
  const assumes = hostGroups.flatMap((group) => group.cluster.known ? group.cluster.assumes : []);
  return known(launch, incompleteBecause === undefined ? [...assumes, `no other instances join cluster ${target?.name}`] : assumes);
}

function othersIn(cluster: Cluster, hostGroups: readonly HostGroup[], hosts: Hosts): string | undefined {
  if (hostGroups.length === 0) {
    return hosts.others ?? `no instances of cluster ${cluster.name} are in what is given`;
  }
  const named = [cluster.capacityProviders, ...cluster.associations.map(({ providers }) => providers)];
  for (const providers of named) {
    if (!providers.known) {
      return `the capacity providers of cluster ${cluster.name} are not known: ${providers.why}`;
    }
    const other = providers.value.find(({ fargate, target }) => !fargate && (!target || (target.kind === 'auto-scaling-group' && !target.hostGroup)));
    if (other) {
      return other.target
        ? `the Auto Scaling group of capacity provider ${other.target.name} is not of what is given`
        : `a capacity provider of cluster ${cluster.name} is not known: ${other.why}`;
    }
  }
  return hosts.others;
}

function strategyLaunch(strategy: readonly StrategyItem[], by: Launch['by']): Value<Launch> {
  const kinds = new Set(strategy.flatMap(({ provider: { fargate, target } }): Launch['kind'][] => fargate
    ? ['fargate']
    : target ? [target.kind === 'managed-instances' ? 'managed-instances' : 'ec2'] : []));
  const [kind, ...more] = kinds;
  if (!kind) {
    const other = strategy.map(({ provider }) => provider).find(({ fargate, target }) => !fargate && !target?.hostGroup);
    return unknown(`a capacity provider is not known: ${other?.why ?? 'the strategy names none'}`);
  }
  if (more.length > 0) {
    return unknown('the strategy mixes providers of several kinds, which ECS refuses');
  }
  return known({ kind, by, ...placesOf(strategy), strategy });
}
