/** Whether updates of services get stuck, on the instances that they have. */
import { DeploymentPercents, isBlueGreenStuck, isStuck, maximumTasks, minimumHealthyTasks } from '../limits/rolling-update';
import type { HostGroup, Launch, Service } from './facts';
import { countsOfGroups, InstanceCounts, instanceCounts, InstancesAlike, instancesAlike, whyNarrowed } from './instance-counts';
import { partInZones, placesOf, whyPartOf, zonesInCommon } from './instances-in-zones';
import { TaskRoom, taskRoom, tasksPerInstance } from './task-room';
import type { TasksOnPorts } from './tasks-on-ports';
import { Range, sum, Value } from './value';

const NOTHING: TaskRoom = { perInstance: Infinity, by: 'nothing', others: 0, assumes: [] };
const ANY_NUMBER: Range = { lo: 0, hi: Infinity };

/** Tasks that there is room for; absent where that is no limit. */
export interface Rooms {
  /** On all instances that there can ever be. */
  readonly most?: number;
  /** On those that there are, or to which they grow. */
  readonly reached?: number;
}

/** Instances that may be of the same types, and how many tasks of a service one of them holds. */
export interface InstancesWithRoom extends InstancesAlike {
  readonly each: Range;
}

/** The room of a service's instances for its tasks, besides by their interfaces. */
export interface Supply {
  readonly counts: InstanceCounts;
  readonly room: TaskRoom;
  /** Those of what is given. */
  readonly instances: readonly InstancesWithRoom[];
  /** What each holds, added up: the largest alone does not tell what the others do. */
  readonly rooms: Rooms;
  /** Tasks that there surely is room for. */
  readonly surely: number;
  /** Whether its launch has instances in other zones as well. */
  readonly isInZones: boolean;
  /** Why there may be less room. */
  readonly why?: string;
}

/** On some of the instances of its launch: those in the zones of its subnets, where it is in awsvpc mode [M17]. */
export function supplyOf(service: Service, hostGroups: readonly HostGroup[], onPorts?: TasksOnPorts): Supply {
  const { launch } = service;
  if (!launch.known) {
    const counts = { steady: ANY_NUMBER, reach: ANY_NUMBER, cap: ANY_NUMBER, assumes: [] };
    const room = taskRoom(service, []);
    const isOpen = room.by !== 'nothing' || room.why !== undefined;
    return { counts, room, instances: [], rooms: {}, surely: 0, isInZones: false, ...isOpen ? { why: launch.why } : {} };
  }
  const counts = instanceCounts(launch.value, hostGroups);
  if (launch.value.kind === 'fargate' || launch.value.kind === 'managed-instances') {
    return { counts, room: NOTHING, instances: [], rooms: {}, surely: Infinity, isInZones: false };
  }
  const room = taskRoom(service, hostGroups, onPorts);
  const instances = instancesAlike(launch.value, hostGroups)
    .map((alike): InstancesWithRoom => ({ ...alike, each: tasksPerInstance(service, alike.hostGroups[0].instanceTypes) }));
  const inZones = room.by === 'nothing' ? { instances } : surelyInZones(service, launch.value, instances);
  const why = room.why ?? (room.by === 'nothing' ? undefined : counts.why ?? whyNarrowed(service) ?? whyUnscaled(counts) ?? whyMixed(instances) ?? inZones.why);
  return {
    counts,
    room,
    instances,
    rooms: room.by !== 'nothing' && launch.value.complete ? roomsOn(instances, room) : {},
    // How many of them a port or a constraint that is not known leaves, cannot be told.
    surely: service.memberOf.length > 0 || room.why !== undefined ? 0 : surelyOn(inZones.instances, room),
    isInZones: hostGroups.length < launch.value.hostGroups.length,
    ...why === undefined ? {} : { why },
  };
}

function surelyOn(instances: readonly InstancesWithRoom[], { others }: TaskRoom): number {
  return Math.max(0, tasksOn(instances, ({ reach, each }) => [reach.lo, each.lo]) - others);
}

/** The same instances, at least so many of which are in zones of the service: a group may be in other zones, too. */
function surelyInZones(
  service: Service, launch: Launch, instances: readonly InstancesWithRoom[],
): { readonly instances: readonly InstancesWithRoom[]; readonly why?: string } {
  const { awsvpc, mode } = service;
  if (!awsvpc || (mode.known && mode.value !== 'awsvpc')) {
    return { instances };
  }
  const places = [placesOf([service])];
  const counts = countsOfGroups([{ launch, hostGroups: launch.hostGroups }]);
  let why: string | undefined;
  const those = instances.map((alike) => ({
    ...alike,
    reach: sum(alike.hostGroups.map((group) => {
      const { reach } = counts.get(group)!;
      const zones = zonesInCommon(group, places);
      why ??= reach.hi > 0 ? whyPartOf(group, zones, 'its subnets') : undefined;
      return partInZones(reach, zones);
    })),
  }));
  return { instances: those, ...why === undefined ? {} : { why } };
}

function whyUnscaled({ reach }: InstanceCounts): string | undefined {
  return reach.lo < reach.hi ? 'how far its instances scale is not known: ManagedScaling.Status is not' : undefined;
}

function whyMixed(instances: readonly InstancesWithRoom[]): string | undefined {
  const mixed = instances.find(({ reach, each }) => reach.hi > 0 && each.lo < each.hi);
  return mixed && `of which of their types the instances of ${mixed.hostGroups[0].name} are, is not known`;
}

function roomsOn(instances: readonly InstancesWithRoom[], { others }: TaskRoom): Rooms {
  const bounded = (tasks: number) => tasks === Infinity ? undefined : Math.max(0, tasks - others);
  return {
    most: bounded(tasksOn(instances, ({ cap, each }) => [cap.hi, each.hi])),
    reached: bounded(tasksOn(instances, ({ reach, each }) => [reach.hi, each.hi])),
  };
}

/** Of no instance it does not matter how many tasks it would hold, nor how many instances there are that hold none. */
export function tasksOn(
  instances: readonly InstancesWithRoom[], endsOf: (one: InstancesWithRoom) => readonly [count: number, each: number],
): number {
  return instances.map(endsOf).reduce((total, [count, each]) => total + (count === 0 || each === 0 ? 0 : count * each), 0);
}

/** The percents that an unknown one could be at best and at worst. */
export function percentsOf({ deployment }: Service): Readonly<Record<'best' | 'worst', DeploymentPercents>> {
  const { minHealthyPercent, maxHealthyPercent } = deployment;
  const or = (value: Value<number>, other: number) => value.known ? value.value : other;
  return {
    best: { minHealthyPercent: or(minHealthyPercent, 0), maxHealthyPercent: or(maxHealthyPercent, 1000) },
    worst: { minHealthyPercent: or(minHealthyPercent, 100), maxHealthyPercent: or(maxHealthyPercent, 0) },
  };
}

/** Whether it is deployed by two full sets of tasks at a time, and not by percents [D05]. */
export function hasTwoSets({ deployment: { controller, strategy } }: Service): boolean {
  return (controller.known && controller.value === 'CODE_DEPLOY') || (strategy.known && strategy.value !== 'ROLLING');
}

/** The counts of tasks that will be wanted. */
export interface Wanted extends Range {
  /** Why it could be others. */
  readonly why?: string;
}

export function wantedOf({ desired, scaling }: Service): Wanted {
  const ends: ReadonlyArray<Value<number>> = scaling ? [scaling.min, scaling.max] : [desired, desired];
  const [lo, hi] = ends;
  const missing = ends.find((end) => !end.known);
  return {
    lo: Math.max(1, lo.known ? lo.value : 1),
    hi: hi.known ? hi.value : Infinity,
    ...missing && !missing.known ? { why: missing.why } : {},
  };
}

/** Where the update is stuck of the counts that fit in the room; those that do not are for other rules. */
export function stuckIn(
  { lo, hi }: Range, room: number | undefined, isStuckAt: (desired: number) => boolean,
): { readonly all: boolean; readonly first?: number } {
  const last = Math.min(hi, room ?? Infinity);
  // From 100 tasks on each percent is at least one task, so that only the room can still change the verdict.
  const walked = Math.min(last, Math.max(lo, 100));
  const counts = Array.from({ length: Math.max(0, walked - lo + 1) }, (_, i) => lo + i);
  const all = [...counts, ...last > walked && last !== Infinity ? [last] : []];
  const stuck = all.filter(isStuckAt);
  return { all: stuck.length > 0 && stuck.length === all.length, ...stuck.length > 0 ? { first: stuck[0] } : {} };
}

export function isStuckAt(service: Service, percents: DeploymentPercents, room: number | undefined): (desired: number) => boolean {
  return (desired) => hasTwoSets(service) ? isBlueGreenStuck({ desired, room }) : isStuck({ desired, room, ...percents });
}

export interface StuckUpdate {
  /** `error` where it is stuck with any number of tasks that fits, on any number of instances. */
  readonly severity: 'error' | 'warning';
  /** The first number of tasks at which it is stuck. */
  readonly desired: number;
  /** Whether also with all instances that there can ever be. */
  readonly scaled: boolean;
}

/** How the update of a service with the REPLICA scheduler is surely stuck, with the most favourable percents; `undefined` if it is not. */
export function stuckUpdate(service: Service, { most, reached }: Rooms): StuckUpdate | undefined {
  const wanted = wantedOf(service);
  const { best } = percentsOf(service);
  const always = stuckIn(wanted, most, isStuckAt(service, best, most));
  if (always.all) {
    return { severity: 'error', desired: always.first!, scaled: true };
  }
  if (wanted.why !== undefined) {
    return undefined;
  }
  const unscaled = reached === most ? always : stuckIn(wanted, reached, isStuckAt(service, best, reached));
  const first = unscaled.first ?? always.first;
  return first === undefined ? undefined : { severity: 'warning', desired: first, scaled: unscaled.first === undefined };
}

export function tasksText(count: number): string {
  return `${count} task${count === 1 ? '' : 's'}`;
}

/** Why no old task may stop. */
export function minimumText(desired: number, { minHealthyPercent, maxHealthyPercent }: DeploymentPercents): string {
  const minimum = minimumHealthyTasks(desired, minHealthyPercent);
  if (minimum < desired && maximumTasks(desired, maxHealthyPercent) < desired) {
    return `${desired} new ones are wanted`;
  }
  const exact = desired * minHealthyPercent === minimum * 100;
  return `${minHealthyPercent}% of ${tasksText(desired)} ${exact ? 'is' : 'rounds up to'} ${minimum}, so ${desired === 1 ? 'the old task stays' : 'no old task may stop'}`;
}
