/** Services, with their task sets, scaling and what registers their tasks. */
import type {
  AwsvpcConfiguration, Cluster, Deployment, Launch, LoadBalancer, Named, PlacementStrategy, Service, ServiceConnectOffer,
  ServiceLoadBalancer, ServiceRegistry, TargetGroup, TaskDefinition, To,
} from '../facts';
import { Evaluated, Resource } from '../resources';
import { all, chained, known, unknown, Value } from '../value';
import type { Clustering } from './clusters';
import type { Hosts } from './host-groups';
import { Joins, nameOf, Reading, toUnknown } from './joins';
import { launchReader, Said } from './launch';
import type { LoadBalancing } from './load-balancing';
import { Network, vpcOf } from './network';
import { onItsSystem } from './operating-systems';
import { at, byDefault, Draft, eachItem, items, itemsAsKnown, number, shownText, text, truth, word } from './properties';
import { readScaling } from './scaling';
import type { Groups } from './security-groups';
import { differenceOf, eachItemOf, readTaskSets, tasksOfSets } from './task-sets';

/** What services refer to, read before them. */
export interface Around {
  readonly network: Network;
  readonly groups: Groups;
  readonly clustering: Clustering;
  readonly hosts: Hosts;
  readonly balancing: LoadBalancing;
  readonly definitions: Joins<Draft<TaskDefinition>>;
}

export function readServices(reading: Reading, around: Around): Service[] {
  const { world } = reading;
  const { clustering, hosts, definitions } = around;
  const named = new Joins<Named>(reading);
  const resources = world.resourcesOf('AWS::ECS::Service');
  resources.forEach((resource) => named.add(resource, { name: nameOf(resource), resource }, () => resource.property('ServiceName')));
  const taskSets = readTaskSets(reading, named);
  const launchOf = launchReader(clustering, hosts);
  const scalings = readScaling(reading, clustering, named, (resource) => clusterOf(resource, clustering));
  const discovery = readDiscovery(reading);

  return resources.map((resource) => {
    const controller = controllerOf(resource);
    const external = controller.known && controller.value === 'EXTERNAL';
    const sets = external ? taskSets.get(resource) ?? [] : [];
    const difference = sets.length > 1 ? differenceOf(sets) : undefined;
    const sources = external && sets.length > 0 ? sets.slice(0, difference === undefined ? undefined : 1) : [resource];
    const [source] = sources;
    const said: Said = (property) => source.property(property);
    const cluster = clusterOf(resource, clustering);
    const missing = external && sets.length === 0 ? `no task set of ${nameOf(resource)} is in what is given` : difference;
    const anywhere = missing === undefined ? launchOf(source, said, cluster) : unknown(missing);
    const definition = said('TaskDefinition');
    const taskDefinition = definition && definitions.find(definition, source).target;
    const launch = onItsSystem(anywhere, taskDefinition);
    const scaling = scalings.get(resource);
    const counted = (wanted: Value<number>) => tasksOfSets(sets, wanted);
    const service = serviceOf(resource, sources, { controller, cluster, launch, taskDefinition, scaling, counted }, around, discovery);
    tie(service, around.balancing);
    return service;
  });
}

interface Basis {
  readonly controller: Deployment['controller'];
  readonly cluster: To<Cluster>;
  readonly launch: Value<Launch>;
  readonly taskDefinition?: TaskDefinition;
  readonly scaling?: Service['scaling'];
  /** How many tasks run where the service wants so many. */
  counted(wanted: Value<number>): Value<number>;
}

/** @param sources what says where and what it runs: the service itself, or its task sets */
function serviceOf(resource: Resource, sources: readonly Resource[], basis: Basis, around: Around, discovery: Discovery): Service {
  const { controller, cluster, launch, taskDefinition } = basis;
  const [source] = sources;
  const said: Said = (property) => source.property(property);
  const hostGroups = launch.known ? launch.value.hostGroups : [];
  const awsvpc = awsvpcOf(sources, around);
  const operatingSystem = operatingSystemOf(taskDefinition, launch);
  const scheduling = resource.property('SchedulingStrategy');
  const strategy = scheduling ? word(scheduling, ['REPLICA', 'DAEMON'] as const)! : known('REPLICA' as const);
  const kind = strategy.known ? strategy.value : 'unknown';
  const scaling = kind === 'REPLICA' ? basis.scaling : undefined;
  const constraints = [resource.property('PlacementConstraints'), taskDefinition?.resource.property('PlacementConstraints')];
  const vpc = (awsvpc && vpcOf(awsvpc.subnets)) ?? hostGroups.find((group) => group.vpc)?.vpc;
  const memberOf = constraints.flatMap(itemsAsKnown).filter((one) => isType(one, 'memberOf')).map((one) => shownText(at(one, 'Expression')));
  return {
    name: nameOf(resource),
    resource,
    cluster,
    launch,
    mode: modeOf(taskDefinition, awsvpc, launch, operatingSystem, said),
    taskDefinition,
    operatingSystem,
    scheduling: kind,
    desired: basis.counted(desiredOf(resource, kind, scaling)),
    scaling: scaling && { min: basis.counted(scaling.min), max: basis.counted(scaling.max) },
    deployment: deploymentOf(resource, controller, kind),
    distinctInstance: chained(items(constraints[0]), (list): Value<boolean> => {
      const types = all(list.map((one) => text(at(one, 'Type')) ?? unknown('a placement constraint has no type')));
      return types.known ? known(types.value.includes('distinctInstance'), types.assumes) : types;
    }),
    memberOf,
    firstPlacementStrategy: firstStrategy(resource.property('PlacementStrategies')),
    awsvpc,
    vpc,
    loadBalancers: eachItemOf(sources, 'LoadBalancers', (item, from) => loadBalancerOf(item, from, around.balancing)),
    registries: eachItemOf(sources, 'ServiceRegistries', (item, from) => registryOf(item, from, discovery)),
    serviceConnect: serviceConnectOf(resource, cluster, discovery),
    zoneRebalancing: text(resource.property('AvailabilityZoneRebalancing')),
    executeCommand: truth(resource.property('EnableExecuteCommand')) ?? known(false),
  };
}

/** Tells a service to what it runs on, runs and registers with. */
function tie(service: Service, { targetGroups }: LoadBalancing): void {
  const push = <T>(list: readonly T[], item: T) => (list as T[]).push(item);
  if (service.cluster.target) {
    push(service.cluster.target.services, service);
  }
  if (service.taskDefinition) {
    push(service.taskDefinition.services, service);
  }
  new Set(service.launch.known ? service.launch.value.hostGroups : []).forEach((group) => push(group.services, service));
  const registered = service.loadBalancers.known ? service.loadBalancers.value : [];
  const reached = registered.flatMap(({ targetGroup, alternateTargetGroup }) => [targetGroup?.target, alternateTargetGroup?.target]);
  for (const group of new Set(reached)) {
    if (group && targetGroups.of(group.resource)) {
      push(group.services, service);
    }
  }
}

function clusterOf(resource: Resource, { clusters }: Clustering): To<Cluster> {
  const cluster = resource.property('Cluster');
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html: without one it is the cluster called default.
  return clusters.find(cluster ?? { kind: 'scalar', value: 'default', assumes: [] }, resource);
}

function operatingSystemOf(definition: TaskDefinition | undefined, launch: Value<Launch>): Service['operatingSystem'] {
  if (definition?.operatingSystem) {
    return definition.operatingSystem;
  }
  const { kind, hostGroups } = launch.known ? launch.value : { kind: undefined, hostGroups: [] };
  const systems = new Set(hostGroups.map(({ operatingSystem }) => operatingSystem.known ? operatingSystem.value : undefined));
  const [only] = systems;
  return systems.size === 1 && only !== undefined
    ? known(only === 'windows' ? only : 'linux')
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#runtime-platform: Fargate's is LINUX
    : kind === 'fargate' ? known('linux') : byDefault('OperatingSystemFamily', 'linux');
}

function modeOf(
  definition: TaskDefinition | undefined,
  awsvpc: AwsvpcConfiguration | undefined,
  launch: Value<Launch>,
  system: Service['operatingSystem'],
  said: Said,
): Service['mode'] {
  if (definition) {
    if (definition.modeDeclared) {
      return definition.mode;
    }
    if (launch.known && launch.value.kind === 'managed-instances') {
      // [M06]
      return unknown(`${definition.name} names no network mode, and AWS's pages differ on the default of Managed Instances`);
    }
    return system.known && system.value === 'windows' ? byDefault('NetworkMode', 'default') : definition.mode;
  }
  const named = said('TaskDefinition');
  return awsvpc?.certain
    ? known('awsvpc')
    : unknown(named ? 'its task definition is not of what is given' : 'it names no task definition');
}

function awsvpcOf(sources: readonly Resource[], { network, groups }: Around): AwsvpcConfiguration | undefined {
  const [source] = sources;
  const owners = sources.map(nameOf);
  const configuration = source.property('NetworkConfiguration', 'AwsvpcConfiguration') ?? source.property('NetworkConfiguration', 'AwsVpcConfiguration');
  if (!configuration) {
    return undefined;
  }
  if (configuration.kind === 'undecided') {
    const missing = unknown(configuration.why, configuration.identity);
    return { owners, certain: false, subnets: missing, securityGroups: missing, usesDefaultGroup: false, assignPublicIp: missing };
  }
  const subnets = network.subnets.findMany(at(configuration, 'Subnets'), source);
  const named = at(configuration, 'SecurityGroups');
  const list = items(named);
  const assign = at(configuration, 'AssignPublicIp');
  return {
    owners,
    certain: true,
    subnets,
    securityGroups: groups.orDefault(named, source, vpcOf(subnets)),
    usesDefaultGroup: list.known && list.value.length === 0,
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html: DISABLED by default
    assignPublicIp: assign ? chained(word(assign, ['ENABLED', 'DISABLED'] as const)!, (value) => known(value === 'ENABLED')) : known(false),
  };
}

function controllerOf(resource: Resource): Deployment['controller'] {
  return word(resource.property('DeploymentController', 'Type'), ['ECS', 'CODE_DEPLOY', 'EXTERNAL'] as const) ?? known('ECS');
}

function deploymentOf(resource: Resource, controller: Deployment['controller'], scheduling: Service['scheduling']): Deployment {
  const configured = (property: string) => resource.property('DeploymentConfiguration', property);
  const percent = (property: string, replica: number, daemon: number): Value<number> => number(configured(property))
    ?? (scheduling === 'unknown' ? unknown('the scheduling strategy is not known') : byDefault(property, scheduling === 'DAEMON' ? daemon : replica));
  return {
    controller,
    strategy: word(configured('Strategy'), ['ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY'] as const) ?? known('ROLLING'),
    // [D01, D02]
    minHealthyPercent: percent('MinimumHealthyPercent', 100, 0),
    maxHealthyPercent: percent('MaximumPercent', 200, 100),
  };
}

function desiredOf(resource: Resource, scheduling: Service['scheduling'], scaling: Service['scaling']): Value<number> {
  if (scheduling !== 'REPLICA') {
    return unknown(scheduling === 'DAEMON' ? 'a DAEMON service has one task per instance' : 'the scheduling strategy is not known');
  }
  const count = number(resource.property('DesiredCount'));
  if (!scaling) {
    return count ?? byDefault('DesiredCount', 1);
  }
  // Where it is left out it is 1, so at least the minimum, unless that is 0.
  return chained(all([scaling.min, scaling.max]), ([min, max]) => chained(count ?? (min > 0 ? known(min) : byDefault('DesiredCount', 1)),
    (wanted) => known(Math.min(Math.max(wanted, min), max))));
}

function isType(constraint: Evaluated, type: string): boolean {
  const given = text(at(constraint, 'Type'));
  return given?.known === true && given.value === type;
}

function firstStrategy(strategies: Evaluated | undefined): Value<PlacementStrategy> | undefined {
  const list = items(strategies);
  if (!list.known) {
    return list;
  }
  const [first] = list.value;
  return first && chained(word(at(first, 'Type'), ['random', 'spread', 'binpack'] as const) ?? unknown('a placement strategy has no type'), (type) => {
    const field = text(at(first, 'Field')) ?? known('');
    return field.known ? known({ type, field: field.value }, field.assumes) : field;
  });
}

function loadBalancerOf(item: Evaluated, from: Resource, { targetGroups, loadBalancers }: LoadBalancing): ServiceLoadBalancer {
  const find = <T extends Named>(joins: Joins<T>, arn: Evaluated | undefined) => arn && joins.find(arn, from);
  return {
    targetGroup: find<TargetGroup>(targetGroups, at(item, 'TargetGroupArn')),
    classic: find<LoadBalancer>(loadBalancers, at(item, 'LoadBalancerName')),
    containerName: text(at(item, 'ContainerName')),
    containerPort: number(at(item, 'ContainerPort')),
    alternateTargetGroup: find<TargetGroup>(targetGroups, at(item, 'AdvancedConfiguration', 'AlternateTargetGroupArn')),
  };
}

/** Registries and namespaces of Cloud Map. */
interface Discovery {
  readonly registries: Joins<Registry>;
  readonly namespaces: Joins<Named>;
}

interface Registry extends Named {
  readonly recordTypes: Value<readonly string[]>;
}

const NAMESPACES = ['PrivateDnsNamespace', 'PublicDnsNamespace', 'HttpNamespace'];

function readDiscovery(reading: Reading): Discovery {
  const { world } = reading;
  const registries = new Joins<Registry>(reading);
  for (const resource of world.resourcesOf('AWS::ServiceDiscovery::Service')) {
    const records = items(resource.property('DnsConfig', 'DnsRecords'));
    const recordTypes = chained(records, (list) => all(list.map((record) => text(at(record, 'Type')) ?? unknown('a DNS record has no type'))));
    registries.add(resource, { name: nameOf(resource), resource, recordTypes });
  }
  const namespaces = new Joins<Named>(reading);
  for (const resource of NAMESPACES.flatMap((type) => world.resourcesOf(`AWS::ServiceDiscovery::${type}`))) {
    namespaces.add(resource, { name: nameOf(resource), resource }, () => resource.property('Name'));
  }
  return { registries, namespaces };
}

function registryOf(item: Evaluated, from: Resource, { registries }: Discovery): ServiceRegistry {
  const arn = at(item, 'RegistryArn');
  const registry = arn ? registries.find(arn, from) : toUnknown<Registry>('a service registry has no RegistryArn', 'no registry');
  return {
    registry,
    recordTypes: registry.target?.recordTypes ?? unknown(`the records of the registry are not known: ${registry.why}`),
    containerName: text(at(item, 'ContainerName')),
    containerPort: number(at(item, 'ContainerPort')),
    port: number(at(item, 'Port')),
  };
}

function serviceConnectOf(resource: Resource, cluster: To<Cluster>, { namespaces }: Discovery): Service['serviceConnect'] {
  const configuration = resource.property('ServiceConnectConfiguration');
  if (!configuration) {
    return undefined;
  }
  const own = at(configuration, 'Namespace');
  const owner = own ? resource : cluster.target?.resource;
  const namespace = own ?? owner?.property('ServiceConnectDefaults', 'Namespace');
  return {
    enabled: truth(at(configuration, 'Enabled')) ?? unknown('Enabled is left out of ServiceConnectConfiguration'),
    namespace: !owner
      ? unknown(`the default namespace of the cluster is not known: ${cluster.why}`)
      : known(namespace ? namespaces.find(namespace, owner) : 'none'),
    services: eachItem(at(configuration, 'Services'), (item): ServiceConnectOffer => ({
      portName: text(at(item, 'PortName')) ?? unknown('a Service Connect service has no PortName'),
      discoveryName: text(at(item, 'DiscoveryName')),
      ingressPortOverride: number(at(item, 'IngressPortOverride')),
      tls: at(item, 'Tls') !== undefined,
      aliases: itemsAsKnown(at(item, 'ClientAliases')).map((alias) => ({
        dnsName: text(at(alias, 'DnsName')),
        port: number(at(alias, 'Port')) ?? unknown('a client alias has no port'),
      })),
    })),
  };
}
