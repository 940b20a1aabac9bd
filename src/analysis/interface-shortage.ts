/** Where instances have fewer interfaces than the awsvpc tasks on them need: steadily, at the peak, while deploying, with one lost. */
import { isDaemonStuck, minimumHealthyTasks } from '../limits/rolling-update';
import type { Facts, HostGroup, Service } from './facts';
import { countsOfGroups, InstanceCounts } from './instance-counts';
import { partInZones, Places, placesOf, whyPartOf, ZonesInCommon, zonesInCommon } from './instances-in-zones';
import { InterfaceDemand, interfaceDemands } from './interface-demand';
import { interfaceSlotsOfGroup, InterfaceSlotsOfGroup } from './interface-slots';
import { once } from './once';
import { Pool, poolsOf } from './pools';
import type { Severity } from './rule';
import { hasTwoSets, percentsOf, stuckIn, stuckUpdate, StuckUpdate, supplyOf } from './stuck-updates';
import { taskShares } from './task-shares';
import { append } from './templates';
import { exactly, Range, sum } from './value';

/** The interfaces of one host group's instances. */
export interface GroupSupply {
  readonly group: HostGroup;
  readonly slots: InterfaceSlotsOfGroup;
  /** Instances there can ever be. */
  readonly cap: Range;
  /** Instances there are, or to which they grow for the tasks of the pool. */
  readonly reach: Range;
  /** How many of its zones surely are those of the services. */
  readonly zones: ZonesInCommon;
  /** Those of the lower end that are surely in a zone of the services. */
  readonly surelyInZones: number;
  readonly daemons: Daemons;
  readonly why?: string;
}

/** How many services take an interface of every instance of a group. */
export interface Daemons extends Range {
  /** Those that surely do. */
  readonly services: readonly Service[];
  /** Why others may be on some instances only, as these may be in other zones. */
  readonly why?: string;
}

/**
 * `best`: with all instances there can ever be, and trunking that the account may have on. `grown`: with all of them, and trunking as it is
 * to be reckoned with. `reached`: the same with those that there are or that tasks make launch. `surely`: what there is at least.
 */
export type Level = 'best' | 'grown' | 'reached' | 'surely';

export interface UnitDemand {
  readonly demand: InterfaceDemand;
  readonly steady: Range;
  readonly peak: Range;
}

/** Tasks that have no other instances, and these. */
export interface Unit {
  /** The whole pool, one service of it alone, or what strategies give one of its providers. */
  readonly of: 'pool' | 'service' | 'provider';
  readonly demands: readonly UnitDemand[];
  readonly supplies: readonly GroupSupply[];
  /** Whether there are no other instances. */
  readonly complete: boolean;
  /** Why ends of shares are apart. */
  readonly why?: string;
}

export type Shortage =
  | { readonly scenario: 'steady' | 'peak' | 'lost' | 'daemons'; readonly severity: Severity; readonly unit: Unit }
  | { readonly scenario: 'deploying'; readonly severity: Severity; readonly unit: Unit; readonly updates: readonly InterfaceUpdate[] };

export interface InterfaceUpdate extends StuckUpdate {
  readonly service: Service;
}

/** What is short in a pool, and why it cannot be told whether more is. */
export interface Shortages {
  readonly shortages: readonly Shortage[];
  readonly whole: Unit;
  /** Steady tasks of others that surely are on a service's instances. */
  readonly beside: (member: InterfaceDemand) => number;
  readonly undecided?: string;
}

/** The services that compete for interfaces. */
export const interfacePools = once((facts: Facts): ReadonlyArray<Pool<InterfaceDemand>> => poolsOf(interfaceDemands(facts)));

export function shortagesOf(pool: Pool<InterfaceDemand>): Shortages {
  const supplies = suppliesOf(pool);
  const { whole, parts, loads } = unitsOf(pool);
  const updates = stuckUpdates(pool, whole, loads, supplies);
  const units = [whole, ...parts];
  const shortages = [
    ...units.flatMap((unit) => [...daemonShortage(unit), ...steadyShortage(unit), ...peakShortage(unit)]),
    ...updates.length === 0 ? [] : [{ scenario: 'deploying' as const, severity: severest(updates), unit: whole, updates }],
    ...lostShortage(whole),
  ];
  // Not to know whether they fit at all is worse than to know what an instance that is lost leaves.
  const undecided = shortages.some(({ severity }) => severity !== 'info') ? undefined : whyOpen(whole, parts);
  const beside = tasksBeside(pool, whole, loads);
  return { whole, beside: (member) => beside(member, 'lo'), ...undecided === undefined ? { shortages } : { shortages: [], undecided } };
}

/** Tasks that a group's instances have interfaces for, besides those of daemons. */
export function tasksOn(supply: GroupSupply, level: Level): number {
  const { slots: { best, effective }, cap, reach, surelyInZones, daemons } = supply;
  switch (level) {
    case 'best':
      return product(cap.hi, best - daemons.lo);
    case 'grown':
      return product(cap.hi, effective.most - daemons.lo);
    case 'reached':
      return product(reach.hi, effective.most - daemons.lo);
    case 'surely':
      return product(surelyInZones, effective.fewest - daemons.hi);
  }
}

/** Tasks on so many instances; none where there is no instance, or nothing is left of it. */
export function product(instances: number, tasks: number): number {
  return instances === 0 || tasks <= 0 ? 0 : instances * tasks;
}

export function capacityOf({ supplies, complete }: Unit, level: Level): number {
  return complete || level === 'surely' ? supplies.reduce((total, supply) => total + tasksOn(supply, level), 0) : Infinity;
}

export function wantedBy({ demands }: Unit, when: 'steady' | 'peak'): Range {
  return sum(demands.map((one) => one[when]));
}

const suppliesOf = once(({ members, hostGroups }: Pool<InterfaceDemand>): ReadonlyMap<HostGroup, GroupSupply> => {
  const counts = countsOfGroups(members);
  const daemons = daemonsOn(members.filter(({ daemon }) => daemon !== 'no'));
  const places = new Map<HostGroup, Places[]>();
  for (const [groups, those] of grouped(members, (member) => member.hostGroups)) {
    const place = placesOf(those.map(({ service }) => service));
    for (const group of groups) {
      append(places, group, place);
    }
  }
  return new Map(hostGroups.map((group) =>
    [group, supplyOn(group, counts.get(group)!, daemons.get(group) ?? NO_DAEMONS, places.get(group)!)]));
});

const NO_DAEMONS: Daemons = { ...exactly(0), services: [] };

/** A daemon is on the instances in the zones of its subnets only [M17]. Those with the same groups and subnets are looked at once. */
function daemonsOn(daemons: readonly InterfaceDemand[]): ReadonlyMap<HostGroup, Daemons> {
  const found = new Map<HostGroup, Daemons>();
  for (const [groups, those] of grouped(daemons, (member) => member.hostGroups)) {
    for (const [, alike] of grouped(those, ({ service }) => service.awsvpc?.subnets)) {
      const [{ service }] = alike;
      const place = [placesOf([service])];
      const surely = alike.filter(({ daemon }) => daemon === 'surely').map((one) => one.service);
      for (const group of groups) {
        const why = whyPartOf(group, zonesInCommon(group, place), `daemon ${service.name}`);
        const before = found.get(group) ?? NO_DAEMONS;
        const services = why === undefined ? [...before.services, ...surely] : before.services;
        found.set(group, { lo: services.length, hi: before.hi + alike.length, services, why: before.why ?? why });
      }
    }
  }
  return found;
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const found = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const those = found.get(key);
    if (those) {
      those.push(item);
    } else {
      found.set(key, [item]);
    }
  }
  return found;
}

function supplyOn(
  group: HostGroup, { reach, cap }: Pick<InstanceCounts, 'reach' | 'cap'>, daemons: Daemons, places: readonly Places[],
): GroupSupply {
  const slots = interfaceSlotsOfGroup(group);
  const zones = zonesInCommon(group, places);
  const missing = [group.steadySize, group.maxSize].find((size) => !size.known);
  const why = slots.why
    ?? (missing?.known === false ? missing.why : undefined)
    ?? (reach.lo < reach.hi ? `how far ${group.name} scales is not known: ${whyItScales(group)}` : undefined)
    ?? whyPartOf(group, zones, 'the services')
    ?? daemons.why;
  return {
    group,
    slots,
    cap,
    reach,
    zones,
    surelyInZones: partInZones(reach, zones).lo,
    daemons,
    ...why === undefined ? {} : { why },
  };
}

function whyItScales({ provider }: HostGroup): string {
  const status = provider?.managedScaling;
  if (!status) {
    return 'ManagedScaling.Status is left out';
  }
  return status.known ? 'tasks without a strategy make ECS launch no instances, those with one do' : status.why;
}

/** What surely is placed on each group by strategies, or for want of another. */
type Loads = ReadonlyMap<HostGroup, ReadonlyArray<UnitDemand & { readonly why?: string }>>;

const unitsOf = once((pool: Pool<InterfaceDemand>): { readonly whole: Unit; readonly parts: readonly Unit[]; readonly loads: Loads } => {
  const { members, hostGroups } = pool;
  const supplies = suppliesOf(pool);
  const loads = loadsOf(members);
  const whole: Unit = {
    of: 'pool',
    demands: members.map((demand) => ({ demand, steady: demand.steady, peak: demand.peak })),
    supplies: [...supplies.values()],
    complete: members.every(({ launch }) => launch.complete),
  };
  if (hostGroups.length < 2 && whole.complete) {
    return { whole, parts: [], loads };
  }
  const single = members.filter((member) => member.launch.complete && member.hostGroups.length > 0
    && (!whole.complete || (member.hostGroups.length > 1 && member.hostGroups.length < hostGroups.length)));
  const parts = [
    ...single.map((demand): Unit => ({
      of: 'service',
      demands: [{ demand, steady: demand.steady, peak: demand.peak }],
      supplies: demand.hostGroups.map((group) => supplies.get(group)!),
      complete: true,
    })),
    ...hostGroups.flatMap((group): Unit[] => {
      const demands = loads.get(group) ?? [];
      const why = demands.find((one) => one.why !== undefined)?.why;
      return demands.length === 0
        ? []
        : [{ of: 'provider', demands, supplies: [supplies.get(group)!], complete: true, ...why === undefined ? {} : { why } }];
    }),
  ];
  return { whole, parts, loads };
});

function loadsOf(members: readonly InterfaceDemand[]): Loads {
  const loads = new Map<HostGroup, Array<UnitDemand & { readonly why?: string }>>();
  for (const demand of members) {
    const { launch, hostGroups } = demand;
    if (isAnywhere(demand)) {
      continue;
    }
    const steady = taskShares(launch, hostGroups, demand.steady);
    const peak = taskShares(launch, hostGroups, demand.peak).of;
    for (const [group, share] of steady.of) {
      const load = { demand, steady: share, peak: peak.get(group)!, ...steady.why === undefined ? {} : { why: steady.why } };
      const those = loads.get(group);
      if (those) {
        those.push(load);
      } else {
        loads.set(group, [load]);
      }
    }
  }
  return loads;
}

/** Of several groups without a strategy any may get all. */
function isAnywhere({ launch, hostGroups }: InterfaceDemand): boolean {
  return launch.strategy.length < 2 && hostGroups.length > 1;
}

function sharesOf(demand: InterfaceDemand): ReadonlyMap<HostGroup, Range> {
  return isAnywhere(demand) ? new Map() : taskShares(demand.launch, demand.hostGroups, demand.steady).of;
}

/** More daemons than interfaces. */
function daemonShortage(unit: Unit): Shortage[] {
  const over = (of: (slots: InterfaceSlotsOfGroup) => number) =>
    unit.supplies.some(({ slots, daemons, cap }) => cap.hi > 0 && daemons.lo > of(slots));
  return unit.of !== 'pool' || !over(({ effective }) => effective.most)
    ? []
    : [{ scenario: 'daemons', severity: over(({ best }) => best) ? 'error' : 'warning', unit }];
}

function steadyShortage(unit: Unit): Shortage[] {
  const { lo } = wantedBy(unit, 'steady');
  const severity = lo > capacityOf(unit, 'best') ? 'error' : isShort(unit, lo) ? 'warning' : undefined;
  return severity ? [{ scenario: 'steady', severity, unit }] : [];
}

function peakShortage(unit: Unit): Shortage[] {
  const peak = wantedBy(unit, 'peak').lo;
  return peak > wantedBy(unit, 'steady').lo && isShort(unit, peak) ? [{ scenario: 'peak', severity: 'warning', unit }] : [];
}

/** Where there are no instances, interfaces are not what is short, unless not even all that there can be have enough. */
function isShort(unit: Unit, tasks: number): boolean {
  return unit.supplies.some(({ cap }) => cap.hi > 0) && tasks > capacityOf(unit, instancesOf(unit) > 0 ? 'reached' : 'grown');
}

/** Only where no other is launched in its place beyond the maximum; of a mix the one with the fewest interfaces is lost. */
function lostShortage(unit: Unit): Shortage[] {
  const { lo } = wantedBy(unit, 'steady');
  const fits = capacityOf(unit, 'reached');
  const isFixed = unit.complete && unit.supplies.every(isSteady) && instancesOf(unit) >= 2;
  return isFixed && lo <= fits && lo > tasksWithOneLost(unit) ? [{ scenario: 'lost', severity: 'info', unit }] : [];
}

export function tasksWithOneLost(unit: Unit): number {
  return capacityOf(unit, 'reached') - Math.min(...unit.supplies.filter(({ reach }) => reach.hi > 0).map(tasksEach));
}

function isSteady({ group: { steadySize, maxSize } }: GroupSupply): boolean {
  return steadySize.known && maxSize.known && steadySize.value === maxSize.value;
}

export function instancesOf({ supplies }: Unit, level: 'best' | 'reached' = 'reached'): number {
  return supplies.reduce((total, { cap, reach }) => total + (level === 'best' ? cap.hi : reach.hi), 0);
}

/** Tasks that one instance of a group has interfaces for, besides those of daemons. */
export function tasksEach({ slots: { effective }, daemons }: GroupSupply): number {
  return Math.max(0, effective.most - daemons.lo);
}

/** The steady tasks of others on a service's instances, at least or at most. */
type TasksBeside = (member: InterfaceDemand, end: keyof Range) => number;

function tasksBeside({ members, hostGroups }: Pool<InterfaceDemand>, whole: Unit, loads: Loads): TasksBeside {
  const steady = wantedBy(whole, 'steady');
  const loadOn = new Map([...loads].map(([group, those]) => [group, sum(those.map((one) => one.steady))]));
  const anywhere = sum(members.filter(isAnywhere).map((member) => member.steady)).hi;
  return (member, end) => {
    if (member.hostGroups.length === hostGroups.length && whole.complete) {
      return without(steady[end], member.steady[end]);
    }
    const load = sum(member.hostGroups.map((group) => loadOn.get(group) ?? exactly(0)))[end];
    return without(load, sum([...sharesOf(member).values()])[end])
      + (end === 'lo' ? 0 : without(anywhere, isAnywhere(member) ? member.steady.hi : 0));
  };
}

/** What a service's instances have interfaces for, beside daemons and the steady tasks of others. */
type RoomBeside = (member: InterfaceDemand, level: Exclude<Level, 'grown'>) => number;

function roomBeside(
  pool: Pool<InterfaceDemand>, whole: Unit, loads: Loads, supplies: ReadonlyMap<HostGroup, GroupSupply>,
): RoomBeside {
  const total = { best: capacityOf(whole, 'best'), reached: capacityOf(whole, 'reached'), surely: capacityOf(whole, 'surely') };
  const beside = tasksBeside(pool, whole, loads);
  return (member, level) => {
    const everywhere = member.hostGroups.length === pool.hostGroups.length && whole.complete;
    const all = everywhere ? total[level] : member.hostGroups.reduce((tasks, group) => tasks + tasksOn(supplies.get(group)!, level), 0);
    return Math.max(0, all - beside(member, level === 'surely' ? 'hi' : 'lo'));
  };
}

/** What is left of a sum, which one that is not bounded leaves unbounded. */
function without(all: number, one: number): number {
  return all === Infinity ? Infinity : all - one;
}

export interface InterfaceRoom extends Range {
  /** What keeps the ends apart. */
  readonly why?: string;
}

/** How many tasks of each service in awsvpc mode its instances have interfaces for, beside daemons and the steady tasks of others. */
export const interfaceRooms = once((facts: Facts): ReadonlyMap<Service, InterfaceRoom> => {
  const rooms = new Map<Service, InterfaceRoom>();
  for (const pool of interfacePools(facts)) {
    const supplies = suppliesOf(pool);
    const { whole, loads } = unitsOf(pool);
    const roomAt = roomBeside(pool, whole, loads, supplies);
    const why = whyCapacityIsOpen(whole);
    for (const member of pool.members) {
      const [lo, hi] = [roomAt(member, 'surely'), member.launch.complete ? roomAt(member, 'reached') : Infinity];
      rooms.set(member.service, { lo, hi, ...lo === hi || why === undefined ? {} : { why } });
    }
  }
  return rooms;
});

/** Updates that are stuck for want of an interface, and for nothing else: of the rest deployment-deadlock speaks. */
function stuckUpdates(
  pool: Pool<InterfaceDemand>, whole: Unit, loads: Loads, supplies: ReadonlyMap<HostGroup, GroupSupply>,
): InterfaceUpdate[] {
  const roomAt = roomBeside(pool, whole, loads, supplies);
  const exists = whole.supplies.some(({ reach }) => reach.hi > 0);
  return pool.members.flatMap((member): InterfaceUpdate[] => {
    const { service, daemon } = member;
    if (!isUpdateJudged(member)) {
      return [];
    }
    if (daemon === 'surely') {
      const isFull = (level: FullLevel) => isFullFor(member, whole, roomAt, supplies, level);
      return stuckDaemon(member, instancesOn(member, supplies, 'reached'), isFull).map((update) => ({ service, ...update }));
    }
    const { rooms } = supplyOf(service, member.hostGroups);
    if (stuckUpdate(service, rooms)) {
      return [];
    }
    const update = stuckUpdate(service, {
      most: smaller(rooms.most, roomAt(member, 'best')),
      reached: exists ? smaller(rooms.reached, roomAt(member, 'reached')) : rooms.reached,
    });
    return update ? [{ service, ...update }] : [];
  });
}

/** Whether it is known how it is deployed, and onto what. */
export function isUpdateJudged({ service, launch, daemon }: InterfaceDemand): boolean {
  const { controller, strategy } = service.deployment;
  return daemon !== 'maybe' && launch.complete && controller.known && controller.value !== 'EXTERNAL' && strategy.known && service.mode.known;
}

type FullLevel = 'best' | 'reached';

/**
 * Whether an instance of a daemon surely has no interface for a new task beside its old one: it has no other besides those of daemons, or
 * tasks have so many that less than one of each instance is left.
 */
function isFullFor(
  member: InterfaceDemand, whole: Unit, roomAt: RoomBeside, supplies: ReadonlyMap<HostGroup, GroupSupply>, level: FullLevel,
): boolean {
  const own = member.hostGroups.map((group) => supplies.get(group)!);
  const surely = own.filter((supply) => supply.daemons.services.includes(member.service) && instancesIn(supply, level) > 0);
  const fits = wantedBy(whole, 'steady').lo <= capacityOf(whole, level);
  return surely.some(({ slots: { best, effective }, daemons }) => (level === 'best' ? best : effective.most) === daemons.lo)
    || (fits && surely.length === own.length && roomAt(member, level) < instancesOn(member, supplies, level));
}

function instancesOn({ hostGroups }: InterfaceDemand, supplies: ReadonlyMap<HostGroup, GroupSupply>, level: FullLevel): number {
  return hostGroups.reduce((total, group) => total + instancesIn(supplies.get(group)!, level), 0);
}

function instancesIn({ cap, reach }: GroupSupply, level: FullLevel): number {
  return level === 'best' ? cap.hi : reach.hi;
}

/** The update of a daemon on so many instances, where it hangs for want of an interface and would not without that. */
function stuckDaemon({ service, hostGroups }: InterfaceDemand, instances: number, isFull: (level: FullLevel) => boolean): StuckUpdate[] {
  const { best } = percentsOf(service);
  const isStuckOn = (count: number) => isDaemonStuck({ instances: count, room: count, ...best })
    && !isDaemonStuck({ instances: count, ...best });
  const always = isStuckOn(100) && stuckIn({ lo: 1, hi: Infinity }, undefined, isStuckOn).all;
  const isOpen = always || (instances === 1 && isStuckOn(1));
  if (instances === 0 || !isOpen || hasTwoSets(service) || supplyOf(service, hostGroups).room.perInstance === 1) {
    return [];
  }
  const desired = instances === Infinity ? 1 : instances;
  const scaled = isFull('best');
  return scaled || isFull('reached') ? [{ severity: scaled && always ? 'error' : 'warning', desired, scaled }] : [];
}

function smaller(room: number | undefined, interfaces: number): number | undefined {
  const least = Math.min(room ?? Infinity, interfaces);
  return least === Infinity ? undefined : least;
}

function severest(updates: readonly InterfaceUpdate[]): Severity {
  return updates.some(({ severity }) => severity === 'error') ? 'error' : 'warning';
}

/** The first thing that is not known, where at its worst the tasks, or an update of them, would not fit. */
function whyOpen(whole: Unit, parts: readonly Unit[]): string | undefined {
  const peak = wantedBy(whole, 'peak').hi;
  const surely = capacityOf(whole, 'surely');
  const isOpen = peak > surely || whole.demands.some(({ demand }) => (demand.daemon === 'no' ? mayBeStuck(demand, peak, surely) : mayDaemonBeStuck(demand, whole)));
  const part = parts.find((unit) => unit.why !== undefined && wantedBy(unit, 'peak').hi > capacityOf(unit, 'surely'));
  return (isOpen ? whyOf(whole) : undefined) ?? part?.why;
}

function whyOf(unit: Unit): string | undefined {
  return whyCapacityIsOpen(unit) ?? unit.demands.map(({ demand: { service } }) => whyDeploying(service)).find((why) => why !== undefined);
}

function whyCapacityIsOpen({ demands, supplies }: Unit): string | undefined {
  const incomplete = demands.find(({ demand: { launch } }) => !launch.complete)?.demand.launch;
  const open = demands.find(({ demand: { why } }) => why !== undefined)?.demand;
  return incomplete?.incompleteBecause ?? supplies.find(({ why }) => why !== undefined)?.why ?? open?.why;
}

function whyDeploying({ deployment: { controller, strategy, minHealthyPercent } }: Service): string | undefined {
  const missing = [controller, strategy, minHealthyPercent].find((value) => !value.known);
  return missing?.known === false ? missing.why : undefined;
}

/** On the fewest instances, where the minimum that is rounded up is most of all. */
function mayDaemonBeStuck({ service }: InterfaceDemand, whole: Unit): boolean {
  const { best: { maxHealthyPercent }, worst: { minHealthyPercent } } = percentsOf(service);
  const fewest = whole.supplies.reduce((total, { reach }) => total + reach.lo, 0);
  const instances = Math.max(1, fewest);
  // Up to 100 the percents decide alone, of which deployment-deadlock speaks.
  return maxHealthyPercent > 100 && isDaemonStuck({ instances, room: instances, minHealthyPercent, maxHealthyPercent })
    && (wantedBy(whole, 'peak').hi + fewest > capacityOf(whole, 'surely')
      || whole.supplies.some(({ reach, slots: { effective }, daemons }) => reach.hi > 0 && effective.fewest <= daemons.hi));
}

function mayBeStuck({ service, steady }: InterfaceDemand, all: number, surely: number): boolean {
  if (steady.hi === 0) {
    return false;
  }
  const { minHealthyPercent } = percentsOf(service).worst;
  const two = hasTwoSets(service) || !service.deployment.strategy.known;
  const stays = steady.hi === Infinity || minimumHealthyTasks(steady.hi, minHealthyPercent) >= steady.hi;
  return two ? all + steady.hi > surely : stays && all >= surely;
}
