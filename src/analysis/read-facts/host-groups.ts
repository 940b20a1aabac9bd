/** Instances that tasks are placed on: which there are, what they are, and which cluster they join. */
import type {
  CapacityProvider, Cluster, HostGroup, LaunchTemplate, Named, SecurityGroup, Subnet, To, ToMany, Trunking, TrunkingSetting,
} from '../facts';
import { Evaluated, identityOf, Resource } from '../resources';
import { canonical, Parts, readUserData, UNKNOWN_TEXT } from '../user-data';
import { exactly, known, unknown, Value } from '../value';
import type { Clustering } from './clusters';
import { Joins, makesResources, nameOf, Reading } from './joins';
import {
  instanceTypesOf, ipv6AddressOf, LaunchData, launchDataOf, launchDataOfGroup, launchDataOfInstance, launchesOf, LaunchSources,
  operatingSystemOf, partsOf, primaryIpv6Of, publicIpOf, resourceNameARecordOf, roleOf, typesOfRequirements,
} from './launch-data';
import { inCommon } from './launch-mix';
import { Network, reference, vpcOf } from './network';
import { at, Draft, items, itemsAsKnown, number } from './properties';
import type { Groups } from './security-groups';
import { readTrunkingSettings, trunkingOf } from './trunking';

export interface Hosts {
  readonly hostGroups: readonly Draft<HostGroup>[];
  readonly launchTemplates: readonly LaunchTemplate[];
  readonly trunkingSettings: readonly TrunkingSetting[];
  /** Why instances besides those that are known may be in a cluster; `undefined` where there are surely none. */
  readonly others: string | undefined;
}

export function readHosts(reading: Reading, network: Network, groups: Groups, clustering: Clustering, sources: LaunchSources): Hosts {
  const { world } = reading;
  const trunkingSettings = readTrunkingSettings(reading, sources.roles);
  const candidates = [
    ...readGroups(reading, network, groups, sources),
    ...world.resourcesOf('AWS::EC2::Instance').map((resource) => instanceOf(resource, network, groups, sources)),
  ];
  const clusterOf = clustersByProvider(clustering);
  const managed = linkProviders(candidates, clustering,
    (provider) => managedInstances(provider, clusterOf, network, groups, clustering, sources));
  const linked = linkClusters(reading, candidates, clustering, clusterOf);
  const hostGroups = [...linked.hostGroups, ...managed];
  for (const group of hostGroups) {
    group.trunking = trunkingOf(group, trunkingSettings, reading);
    (group.launchTemplate as Draft<LaunchTemplate> | undefined)?.hostGroups.push(group);
    if (group.cluster.known) {
      (group.cluster.value.target as Draft<Cluster> | undefined)?.hostGroups.push(group);
    }
  }
  const launchTemplates = [...sources.templates.all(), ...sources.configurations.all()].filter((one) => one.hostGroups.length > 0);
  return { hostGroups, launchTemplates, trunkingSettings, others: linked.others };
}

const CLUSTER_UNKNOWN = unknown('its cluster is not known');
const NOT_YET = { state: 'unknown', why: '', assumes: [], certain: false, requested: false, settings: [], ordered: true } as const satisfies Trunking;

function common(data: LaunchData, subnets: ToMany<Subnet>) {
  return {
    cluster: CLUSTER_UNKNOWN,
    registeredWith: known([]),
    services: [],
    subnets,
    vpc: vpcOf(subnets),
    launchTemplate: data.template,
    ...operatingSystemOf(data),
    userData: data.userData,
    instanceRole: data.instanceRole,
    extraInterfaces: exactly(data.extraInterfaces),
    resourceNameARecord: resourceNameARecordOf(data, subnets),
    trunking: NOT_YET,
    metadata: data.metadata,
    ...publicIpOf(data, subnets),
    ipv6Address: ipv6AddressOf(data, subnets),
    primaryIpv6: primaryIpv6Of(data),
  };
}

/** The names that the groups of instances go by in launch templates, launch configurations and instances. */
function groupsOf(data: LaunchData, from: Resource, subnets: ToMany<Subnet>, groups: Groups): ToMany<SecurityGroup> {
  if (data.missing !== undefined) {
    return unknown(data.missing);
  }
  const named = at(data.primaryInterface, 'Groups') ?? at(data.primaryInterface, 'GroupSet') ?? data.property('SecurityGroupIds', 'SecurityGroups');
  return groups.orDefault(named, from, vpcOf(subnets));
}

function readGroups(reading: Reading, network: Network, groups: Groups, sources: LaunchSources): Draft<HostGroup>[] {
  const { world } = reading;
  const found = new Joins<Draft<HostGroup>>(reading);
  for (const resource of world.resourcesOf('AWS::AutoScaling::AutoScalingGroup')) {
    found.add(resource, groupOf(resource, network, groups, sources), () => resource.property('AutoScalingGroupName'));
  }
  for (const resource of world.resourcesOf('AWS::AutoScaling::ScalingPolicy')) {
    const target = reference(found, resource, 'AutoScalingGroupName').target;
    if (target) {
      target.scalesItself = true;
    }
  }
  for (const resource of world.resourcesOf('AWS::AutoScaling::ScheduledAction')) {
    const target = reference(found, resource, 'AutoScalingGroupName').target;
    if (target) {
      target.scalesItself = true;
      target.maxSize = extreme(Math.max, target.maxSize, number(resource.property('MaxSize')));
      target.minSize = extreme(Math.min, target.minSize, number(resource.property('MinSize')));
    }
  }
  return found.all();
}

function extreme(of: (a: number, b: number) => number, a: Value<number>, b: Value<number> | undefined): Value<number> {
  if (!b || !a.known) {
    return a;
  }
  return b.known ? known(of(a.value, b.value), [...a.assumes, ...b.assumes]) : b;
}

function groupOf(resource: Resource, network: Network, groups: Groups, sources: LaunchSources): Draft<HostGroup> {
  const name = nameOf(resource);
  const own = launchDataOfGroup(resource, sources);
  const overrides = resource.property('MixedInstancesPolicy', 'LaunchTemplate', 'Overrides');
  const zones = resource.property('VPCZoneIdentifier');
  const subnets: ToMany<Subnet> = zones ? network.subnets.findMany(zones, resource) : unknown(`${name} names no subnets`);
  const minSize = number(resource.property('MinSize')) ?? unknown(`${name} has no MinSize`);
  const units = unitsOf(resource, overrides);
  const launches = launchesOf(own, overrides, resource, sources);
  const data = launchDataOf(launches, own);
  const launched = data.map((one) => ({ ...common(one, subnets), securityGroups: groupsOf(one, resource, subnets, groups) }));
  return {
    name,
    resource,
    kind: 'auto-scaling-group',
    ...launched[0],
    ...launched.length > 1 && inCommon(name, data, launched),
    instanceTypes: instanceTypesOf(launches),
    minSize: units ?? minSize,
    maxSize: number(resource.property('MaxSize')) ?? unknown(`${name} has no MaxSize`),
    steadySize: units ?? number(resource.property('DesiredCapacity')) ?? minSize,
    namesDesiredCapacity: resource.property('DesiredCapacity') !== undefined,
    scalesItself: false,
  };
}

/** Sizes may count vCPUs, memory or weights in place of instances, of which there are then no more than those units. */
function unitsOf(resource: Resource, overrides: Evaluated | undefined): Value<number> | undefined {
  const type = resource.property('DesiredCapacityType');
  if (type && !(type.kind === 'scalar' && type.value === 'units')) {
    return unknown(`the capacity of ${nameOf(resource)} does not count instances`);
  }
  const weights = itemsAsKnown(overrides).map((override) => number(at(override, 'WeightedCapacity')));
  return weights.some((weight) => weight !== undefined && !(weight.known && weight.value === 1))
    ? unknown(`the capacity of ${nameOf(resource)} is weighted`)
    : undefined;
}

function instanceOf(resource: Resource, network: Network, groups: Groups, sources: LaunchSources): Draft<HostGroup> {
  const data = launchDataOfInstance(resource, sources);
  const attached = data.attached?.target?.resource;
  const subnet = at(data.primaryInterface, 'SubnetId') ?? resource.property('SubnetId') ?? attached?.property('SubnetId');
  const subnets: ToMany<Subnet> = subnet ? known([network.subnets.find(subnet, resource)]) : unknown(`${nameOf(resource)} names no subnet`);
  const launched = common(data, subnets);
  return {
    name: nameOf(resource),
    resource,
    kind: 'instance',
    ...launched,
    // Its one subnet has been asked, and does not know of an Elastic IP address.
    publicIp: withElasticAddress(launched.publicIp, sources.elasticAddressOf(resource, attached)),
    publicIpBySubnet: false,
    instanceTypes: instanceTypesOf(known([{ data }])),
    minSize: known(1),
    maxSize: known(1),
    steadySize: known(1),
    namesDesiredCapacity: false,
    scalesItself: false,
    securityGroups: attached
      ? groups.orDefault(attached.property('GroupSet'), attached, vpcOf(subnets))
      : groupsOf(data, resource, subnets, groups),
  };
}

/** An address that is associated later counts besides the one that the instance is launched with. */
function withElasticAddress(launched: Value<boolean>, elastic: Value<boolean> | undefined): Value<boolean> {
  const isPublic = launched.known && launched.value;
  return elastic === undefined || isPublic || (!elastic.known && !launched.known) ? launched : elastic;
}

/** Ties providers to their groups, and makes the host groups of Managed Instances, which are providers themselves. */
function linkProviders(
  candidates: readonly Draft<HostGroup>[], clustering: Clustering, managedInstancesOf: (provider: CapacityProvider) => Draft<HostGroup>,
): Draft<HostGroup>[] {
  const byResource = new Map(candidates.map((candidate) => [candidate.resource, candidate]));
  const byName = new Map(candidates.flatMap((candidate) => {
    const name = candidate.resource.property('AutoScalingGroupName');
    return name ? [[identityOf(name), candidate] as const] : [];
  }));
  const managed: Draft<HostGroup>[] = [];
  for (const provider of clustering.providers.all()) {
    if (provider.kind === 'managed-instances') {
      const group = managedInstancesOf(provider);
      provider.hostGroup = group;
      managed.push(group);
      continue;
    }
    const arn = provider.resource.property('AutoScalingGroupProvider', 'AutoScalingGroupArn');
    const [only, ...more] = arn === undefined ? [] : referencesIn(arn).flatMap((resource) => byResource.get(resource) ?? []);
    const group = more.length > 0 ? undefined : only ?? (arn && byName.get(identityOf(arn)));
    if (group) {
      provider.hostGroup = group;
      group.provider ??= provider;
    }
  }
  return managed;
}

function referencesIn(evaluated: Evaluated): Resource[] {
  return partsOf(evaluated).flatMap((part) => typeof part !== 'string' && part.kind === 'reference' ? [part.resource] : []);
}

function managedInstances(
  provider: CapacityProvider, clusterOf: ClusterOf, network: Network, groups: Groups, clustering: Clustering, sources: LaunchSources,
): Draft<HostGroup> {
  const { resource, name } = provider;
  const cluster = resource.property('ClusterName') ? reference(clustering.clusters, resource, 'ClusterName') : clusterOf.get(provider);
  const launch = resource.property('ManagedInstancesProvider', 'InstanceLaunchTemplate');
  const subnets = network.subnets.findMany(at(launch, 'NetworkConfiguration', 'Subnets'), resource);
  const profile = at(launch, 'Ec2InstanceProfileArn');
  const requirements = at(launch, 'InstanceRequirements');
  return {
    name,
    resource,
    kind: 'managed-instances',
    cluster: cluster ? known(cluster) : CLUSTER_UNKNOWN,
    provider,
    registeredWith: known([]),
    services: [],
    instanceTypes: requirements ? typesOfRequirements(requirements) : unknown('Managed Instances may be of any type'),
    minSize: known(1),
    maxSize: known(Infinity),
    steadySize: known(1),
    namesDesiredCapacity: false,
    scalesItself: false,
    subnets,
    vpc: vpcOf(subnets),
    securityGroups: groups.orDefault(at(launch, 'NetworkConfiguration', 'SecurityGroups'), resource, vpcOf(subnets)),
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-networking.html, Linux only [M05]
    operatingSystem: known('linux'),
    ecsOptimized: true,
    userData: readUserData([]),
    instanceRole: profile && roleOf(profile, resource, sources),
    extraInterfaces: exactly(0),
    resourceNameARecord: known(false),
    trunking: NOT_YET,
    metadata: {},
    // [M07]
    publicIp: unknown('ECS decides on public addresses of Managed Instances'),
    publicIpBySubnet: false,
    ipv6Address: unknown('ECS decides on IPv6 addresses of Managed Instances'),
    primaryIpv6: unknown('ECS decides on IPv6 addresses of Managed Instances'),
  };
}

/**
 * Finds the cluster of each candidate: by its user data, else by its provider. A cluster and instances that are each the only ones without
 * such a link are taken to belong together. What is left is no container instance, as far as it can be told.
 */
function linkClusters(
  reading: Reading, candidates: readonly Draft<HostGroup>[], clustering: Clustering, clusterOf: ClusterOf,
): { readonly hostGroups: Draft<HostGroup>[]; readonly others: string | undefined } {
  const clusterNamed = clusterByName(clustering.clusters);
  const open: Draft<HostGroup>[] = [];
  // Those of which user data names several are surely in no certain one, whatever else there is.
  const split = candidates.filter(({ cluster }) => cluster !== CLUSTER_UNKNOWN);
  const hostGroups: Draft<HostGroup>[] = [];
  for (const group of candidates.filter(({ cluster }) => cluster === CLUSTER_UNKNOWN)) {
    const named = group.userData.cluster && clusterNamed(group.userData.cluster, group.resource);
    const associated = group.provider && clusterOf.get(group.provider);
    const cluster = named?.target ? named : associated ?? named;
    if (cluster) {
      group.cluster = known(cluster);
      hostGroups.push(group);
    } else if (group.provider || isContainerInstance(group) || group.userData.text === UNKNOWN_TEXT) {
      open.push(group);
    }
  }
  const all = clustering.clusters.all();
  // Something that may well be a container instance, where there is nothing else that tasks could be placed on.
  if (hostGroups.length === 0 && open.length === 0 && candidates.length === 1 && all.length === 1 && hasInstanceServices(reading)) {
    open.push(candidates[0]);
  }
  const [only, ...more] = open;
  const isLikely = hostGroups.length === 0 || (only && isContainerInstance(only));
  if (only && more.length === 0 && all.length === 1 && isLikely) {
    only.cluster = known(clustering.clusters.to(all[0]), [`the instances of ${only.name} join cluster ${all[0].name}`]);
  } else {
    open.forEach((group) => {
      group.cluster = unknown(`which cluster the instances of ${group.name} join is not known`);
    });
  }
  const unlinked = [...open, ...split].find(({ cluster }) => !cluster.known);
  const others = unlinked && !unlinked.cluster.known ? unlinked.cluster.why : otherInstances(reading);
  return { hostGroups: [...hostGroups, ...open, ...split], others };
}

/** What may be instances of any cluster, and is read no further. */
function otherInstances({ world }: Reading): string | undefined {
  const [fleet] = ['AWS::EC2::SpotFleet', 'AWS::EC2::EC2Fleet'].flatMap((type) => world.resourcesOf(type));
  if (fleet) {
    return `the instances of ${nameOf(fleet)} may join the cluster`;
  }
  const unread = world.unread.find(makesResources);
  return unread && `instances may come of ${unread.path} of ${unread.template.name}: ${unread.why}`;
}

type ClusterOf = ReadonlyMap<CapacityProvider, To<Cluster>>;

/** The cluster that each provider is associated with, or that names it. */
function clustersByProvider({ clusters, associations }: Clustering): ClusterOf {
  const found = new Map<CapacityProvider, To<Cluster>>();
  const add = (list: Value<ReadonlyArray<To<CapacityProvider>>>, cluster: To<Cluster>) => {
    for (const { target } of list.known ? list.value : []) {
      if (target && !found.has(target)) {
        found.set(target, cluster);
      }
    }
  };
  associations.forEach(({ providers, cluster }) => add(providers, cluster));
  clusters.all().forEach((cluster) => add(cluster.capacityProviders, clusters.to(cluster)));
  return found;
}

/** Finds a cluster by what user data calls it: a reference, its name, or the same expression as its name. */
export function clusterByName(clusters: Joins<Draft<Cluster>>): (parts: Parts, from: Resource) => To<Cluster> {
  const byText = new Map(clusters.all().flatMap((cluster) => {
    const name = cluster.resource.property('ClusterName');
    return name?.kind === 'text' ? [[canonical(name.parts), cluster] as const] : [];
  }));
  return (parts, from) => {
    const [only] = parts;
    if (parts.length === 1) {
      return clusters.find(typeof only === 'string' ? { kind: 'scalar', value: only, assumes: [] } : only, from);
    }
    const written = canonical(parts);
    const found = byText.get(written);
    return found ? clusters.to(found) : { identity: written, why: 'the cluster that user data names is not of what is given' };
  };
}

/** What tells a container instance without naming its cluster: its image, its agent's settings, or what its role may do. */
function isContainerInstance({ ecsOptimized, userData, instanceRole }: HostGroup): boolean {
  return ecsOptimized || /\bECS_[A-Z_]+=|\/etc\/ecs\/|Initialize-ECSAgent|\[settings\.ecs\]/.test(userData.text)
    || isInstanceRole(instanceRole?.target);
}

function isInstanceRole(role: Named | undefined): boolean {
  return items(role?.resource?.property('ManagedPolicyArns')).known
    && itemsAsKnown(role?.resource?.property('ManagedPolicyArns')).some((arn) => partsOf(arn).some((part) => typeof part === 'string'
      && part.includes('AmazonEC2ContainerServiceforEC2Role')));
}

/** Whether a service may have to be placed on instances that no capacity provider brings. */
function hasInstanceServices({ world }: Reading): boolean {
  return world.resourcesOf('AWS::ECS::Service').some((service) => {
    const type = service.property('LaunchType');
    return type ? type.kind === 'scalar' && type.value === 'EC2' : !service.property('CapacityProviderStrategy');
  });
}
