/** Who takes the addresses of subnets, and how many: tasks, container instances, and what has addresses of its own there. */
import { maximumTasks } from '../limits/rolling-update';
import { APPLICATION_LOAD_BALANCER } from '../limits/subnet-addresses';
import { addressesPerInstance } from '../limits/task-density';
import type { Facts, HostGroup, Launch, Service, Subject, Subnet, ToMany } from './facts';
import { growsFor, instanceCounts, steadyOf, whyNarrowed } from './instance-counts';
import { InZones, partInZones, placesOf, whyPartOf, zoneFilter, zonesInCommon } from './instances-in-zones';
import { InterfaceRoom, interfaceRooms } from './interface-shortage';
import { once } from './once';
import { hasTwoSets } from './stuck-updates';
import { taskRoom } from './task-room';
import { assumesOf, exactly, Range, sum, union, Value } from './value';

/** Something that takes addresses of several subnets, in which of them is not known: the tasks of a service, the instances of a group. */
export interface AddressTaker {
  readonly kind: 'tasks' | 'instances' | 'databases';
  readonly subject: Subject;
  /** Each once, at least one. */
  readonly subnets: readonly Subnet[];
  /** The zones it is spread over evenly; absent where it is not, or where a zone is not known. */
  readonly zones?: ReadonlySet<string>;
  readonly steady: Range;
  readonly peak: Range;
  /** While a service is deployed: its old and new tasks together. */
  readonly deploying: Range;
  /** Of a service: whether the deployment is one whose maximum percent counts. */
  readonly rolling: boolean;
  /** That percent, where it is known. */
  readonly maximumPercent?: number;
  /** What is not known of it. */
  readonly why?: string;
  readonly assumes: readonly string[];
  /** The same of the tasks while it is deployed alone. */
  readonly assumesOfDeploying: readonly string[];
}

/** What surely stands in one subnet. */
export interface FixedAddresses {
  readonly applicationLoadBalancers: number;
  /** Network Load Balancers, NAT gateways, endpoints, functions, mount targets and single interfaces. */
  readonly others: number;
}

export const NONE: FixedAddresses = { applicationLoadBalancers: 0, others: 0 };

/** The addresses of what stands in a subnet: at least, or as AWS asks to leave free for it [L01]. */
export function addressesOf({ applicationLoadBalancers, others }: FixedAddresses, as: 'proof' | 'plan'): number {
  const { fewestAddresses, freeAddresses } = APPLICATION_LOAD_BALANCER;
  return applicationLoadBalancers * (as === 'proof' ? fewestAddresses : freeAddresses) + others;
}

/** What stands in each subnet, by itself and not by tasks or their instances. */
export function fixedAddresses(facts: Facts): ReadonlyMap<Subnet, FixedAddresses> {
  const found = new Map<Subnet, FixedAddresses>();
  const add = (subnets: readonly Subnet[], key: keyof FixedAddresses) => {
    for (const subnet of subnets) {
      const before = found.get(subnet) ?? NONE;
      found.set(subnet, { ...before, [key]: before[key] + 1 });
    }
  };
  for (const { type, subnets } of facts.loadBalancers) {
    if (type.known && (type.value === 'application' || type.value === 'network')) {
      add(knownOf(subnets), type.value === 'application' ? 'applicationLoadBalancers' : 'others');
    }
  }
  for (const { type, subnets } of facts.endpoints) {
    add(type.known && type.value !== 'Gateway' ? knownOf(subnets) : [], 'others');
  }
  for (const { subnet } of facts.natGateways) {
    add(subnet?.target ? [subnet.target] : [], 'others');
  }
  // Functions with the same groups share an interface in a subnet [L07].
  const functions = new Map<Subnet, Set<string>>();
  for (const { kind, subnets, securityGroups } of facts.addressUsers) {
    const those = knownOf(subnets);
    if (kind !== 'function') {
      add(kind === 'database' ? [] : those, 'others');
      continue;
    }
    const groups = securityGroups?.known ? securityGroups.value.map(({ identity }) => identity).sort().join() : '';
    for (const subnet of those) {
      const seen = functions.get(subnet) ?? new Set();
      add(seen.has(groups) || (seen.size > 0 && groups === '') ? [] : [subnet], 'others');
      functions.set(subnet, seen.add(groups));
    }
  }
  return found;
}

/** Everything that takes addresses somewhere in several subnets, where all of these are known. */
export function addressTakers(facts: Facts): AddressTaker[] {
  const rooms = interfaceRooms(facts);
  const inZonesOf = zoneFilter();
  return [
    ...facts.services.flatMap((service) => takerOfService(service, inZonesOf, rooms.get(service))),
    ...facts.hostGroups.flatMap(takerOfInstances),
    ...facts.addressUsers.filter(({ kind }) => kind === 'database').flatMap((user): AddressTaker[] => {
      const subnets = wholeOf(user.subnets);
      const count = exactly(user.count.known ? user.count.value : 1);
      return subnets.length === 0 ? [] : [{
        kind: 'databases', subject: user, subnets, steady: count, peak: count, deploying: count, rolling: false, assumes: [], assumesOfDeploying: [],
      }];
    }),
  ];
}

/** Why it cannot be told which subnets the tasks of a service take addresses of; `undefined` where it can, and where they take none. */
export function whySubnetsAreOpen(service: Service): string | undefined {
  const { mode, awsvpc } = service;
  if (!mode.known) {
    return mode.why;
  }
  if (mode.value !== 'awsvpc' || !awsvpc) {
    return undefined;
  }
  return awsvpc.subnets.known ? awsvpc.subnets.value.find(({ target }) => !target)?.why : awsvpc.subnets.why;
}

function takerOfService(service: Service, inZonesOf: InZones, interfaces: InterfaceRoom = ANY_ROOM): AddressTaker[] {
  const { mode, awsvpc, launch, desired, scaling, deployment, firstPlacementStrategy } = service;
  if (!mode.known || mode.value !== 'awsvpc' || !awsvpc) {
    return [];
  }
  const where = launch.known ? launch.value : undefined;
  const subnets = reachable(wholeOf(awsvpc.subnets), where);
  if (subnets.length === 0) {
    return [];
  }
  const daemon = service.scheduling === 'DAEMON';
  const counts = where && instanceCounts(where);
  const instances = daemon ? instancesFor(service, where, inZonesOf) : undefined;
  const steady = instances ? onThese(service, instances.steady) : rangeOf(desired, scaling?.min);
  const deploying = daemon ? steady : deployingOf(service, steady, roomFor(service, where, interfaces));
  const spread = where && (where.kind !== 'ec2' || isSpreadOverZones(firstPlacementStrategy));
  const percent = deployment.maxHealthyPercent;
  const steadily: ReadonlyArray<Value<unknown>> = [...daemon ? [] : [desired], launch, ...scaling ? [scaling.max] : []];
  const deployed: ReadonlyArray<Value<unknown>> = [deployment.controller, deployment.strategy, ...hasTwoSets(service) ? [] : [percent]];
  const missing = [...steadily, ...deployed].find((value) => !value.known);
  const peak = instances ? onThese(service, instances.peak) : scaling ? rangeOf(scaling.max, desired) : steady;
  const isOpen = [steady, deploying, peak].some(({ lo, hi }) => lo < hi);
  const open = isOpen ? counts?.why ?? whyNarrowed(service, `the instances of ${service.name}`) ?? instances?.why ?? interfaces.why : undefined;
  const why = missing && !missing.known ? missing.why : open;
  return [{
    kind: 'tasks',
    subject: service,
    subnets,
    ...spread ? zonesOf(subnets) : {},
    steady,
    peak,
    deploying,
    rolling: !hasTwoSets(service),
    ...percent.known ? { maximumPercent: percent.value } : {},
    ...why === undefined ? {} : { why },
    assumes: union(assumesOf(...steadily), daemon && counts ? counts.assumes : []),
    assumesOfDeploying: assumesOf(...deployed),
  }];
}

/** The instances in the zones of a daemon, which alone run it [M17]. */
function instancesFor(daemon: Service, launch: Launch | undefined, inZonesOf: InZones): Pick<AddressTaker, 'steady' | 'peak' | 'why'> {
  const others: Range[] = launch?.complete ? [] : [{ lo: 0, hi: Infinity }];
  const place = [placesOf([daemon])];
  const parts = [...new Set(launch ? inZonesOf(daemon, launch.hostGroups) : [])].map((group) => {
    const zones = zonesInCommon(group, place);
    const steady = steadyOf(group);
    return {
      steady: partInZones(steady, zones),
      peak: partInZones(sum([steady, growthOf(group)]), zones),
      why: whyPartOf(group, zones, `daemon ${daemon.name}`),
    };
  });
  return {
    steady: sum([...parts.map(({ steady }) => steady), ...others]),
    peak: sum([...parts.map(({ peak }) => peak), ...others]),
    why: parts.map(({ why }) => why).find((why) => why !== undefined),
  };
}

/** The tasks of a service on so many instances, of which a constraint may leave it none. */
function onThese(service: Service, { lo, hi }: Range): Range {
  return { lo: whyNarrowed(service) === undefined ? lo : 0, hi };
}

/** Without a strategy ECS spreads tasks over zones. */
function isSpreadOverZones(first: Service['firstPlacementStrategy']): boolean {
  return !first || (first.known && first.value.type === 'spread' && first.value.field.endsWith('availability-zone'));
}

/** A count that is not known is at least another one, where that is known. */
function rangeOf(count: Value<number>, least: Value<number> | undefined): Range {
  return count.known ? exactly(count.value) : { lo: least?.known ? least.value : 0, hi: Infinity };
}

/** ECS starts tasks up to the maximum without looking at free addresses; two full sets otherwise [D05]. Instances hold only so many. */
function deployingOf(service: Service, { lo, hi }: Range, room: Range): Range {
  const { controller, strategy, maxHealthyPercent } = service.deployment;
  if (controller.known && controller.value === 'EXTERNAL') {
    return { lo, hi };
  }
  const open = !controller.known || !strategy.known;
  const at = (desired: number, maximum: number) => [desired, maximum].includes(Infinity)
    ? Infinity
    : Math.max(desired, maximumTasks(desired, maximum));
  const percent = maxHealthyPercent.known ? maxHealthyPercent.value : undefined;
  const surge: Range = hasTwoSets(service)
    ? { lo: 2 * lo, hi: 2 * hi }
    : { lo: open ? lo : at(lo, percent ?? 0), hi: open ? at(hi, Math.max(200, percent ?? Infinity)) : at(hi, percent ?? Infinity) };
  return { lo: Math.max(lo, Math.min(surge.lo, room.lo)), hi: Math.max(hi, Math.min(surge.hi, room.hi)) };
}

const ANY_ROOM: InterfaceRoom = { lo: 0, hi: Infinity };

/** The awsvpc tasks that the instances hold by their interfaces, CPU and memory. */
function roomFor(service: Service, launch: Launch | undefined, interfaces: InterfaceRoom): Range {
  if (launch?.kind === 'fargate' || launch?.kind === 'managed-instances') {
    return exactly(Infinity);
  }
  if (!launch || launch.kind === 'external' || launch.hostGroups.length === 0) {
    return ANY_ROOM;
  }
  const { reach } = instanceCounts(launch);
  const { perInstance } = taskRoom(service, launch.hostGroups);
  const on = (instances: number) => instances === 0 ? 0 : instances * perInstance;
  return onThese(service, { lo: Math.min(interfaces.lo, on(reach.lo)), hi: Math.min(interfaces.hi, on(reach.hi)) });
}

function takerOfInstances(group: HostGroup): AddressTaker[] {
  const { kind, steadySize, minSize, maxSize, trunking } = group;
  const subnets = wholeOf(group.subnets);
  if (subnets.length === 0) {
    return [];
  }
  const each = addressesPerInstance(kind !== 'managed-instances' && trunking.certain);
  const times = ({ lo, hi }: Range): Range => ({ lo: lo * each, hi: hi * each });
  const steady = kind === 'managed-instances' ? exactly(1) : rangeOf(steadySize, minSize);
  const growth = growthOf(group);
  return [{
    kind: 'instances',
    subject: group,
    subnets,
    ...zonesOf(subnets),
    steady: times(steady),
    peak: times(sum([steady, growth])),
    deploying: times(steady),
    rolling: false,
    ...steadySize.known ? {} : { why: steadySize.why },
    assumes: assumesOf(steadySize, ...growth.lo > 0 ? [maxSize] : []),
    assumesOfDeploying: [],
  }];
}

/** The instances that a group has more at the peak. */
const growthOf = once((group: HostGroup): Range => {
  const { kind, services, steadySize, maxSize } = group;
  const grows = kind === 'auto-scaling-group' && (group.scalesItself || services.some(({ launch }) => launch.known && growsFor(group, launch.value)));
  return exactly(grows && steadySize.known && maxSize.known ? Math.max(0, maxSize.value - steadySize.value) : 0);
});

/** The subnets in zones that also have instances [M17]. */
function reachable(subnets: readonly Subnet[], launch: Launch | undefined): readonly Subnet[] {
  if (!launch || launch.kind === 'fargate' || !launch.complete || launch.hostGroups.length === 0) {
    return subnets;
  }
  const zones = launch.hostGroups.map((group) => zonesOf(wholeOf(group.subnets)).zones);
  if (zones.some((one) => one === undefined) || zonesOf(subnets).zones === undefined) {
    return subnets;
  }
  const there = new Set(zones.flatMap((one) => [...one ?? []]));
  return subnets.filter(({ zone }) => zone.known && there.has(zone.value));
}

function zonesOf(subnets: readonly Subnet[]): { readonly zones?: ReadonlySet<string> } {
  const zones = new Set(subnets.flatMap(({ zone }) => zone.known ? [zone.value] : []));
  return subnets.length === 0 || subnets.some(({ zone }) => !zone.known) ? {} : { zones };
}

function knownOf(subnets: ToMany<Subnet>): Subnet[] {
  return subnets.known ? [...new Set(subnets.value.flatMap(({ target }) => target ? [target] : []))] : [];
}

/** All of them; none where one is not known or IPv6-only, as then the rest need not be what it takes addresses of. */
function wholeOf(subnets: ToMany<Subnet>): Subnet[] {
  return subnets.known && subnets.value.every(({ target }) => target?.block) ? knownOf(subnets) : [];
}
