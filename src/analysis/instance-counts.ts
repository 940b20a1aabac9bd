/** How many instances there are for the tasks of a service, steadily and at most. */
import type { CapacityProvider, HostGroup, Launch, Service } from './facts';
import { once } from './once';
import { append } from './templates';
import { hull, Range, sum } from './value';

export interface InstanceCounts {
  /** While nothing grows: `DesiredCapacity`, else the minimum. */
  readonly steady: Range;
  /** What they grow to for tasks that do not fit. */
  readonly reach: Range;
  /** The most that there can ever be; `Infinity` at the upper end where it is not known. */
  readonly cap: Range;
  /** Whether they are all known, the sizes of the groups included. */
  readonly why?: string;
  readonly assumes: readonly string[];
}

/**
 * The instances of all host groups of a launch. A group grows by a strategy on a provider with managed scaling, or by policies of its own;
 * tasks with an explicit launch type never make managed scaling launch instances:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html.
 */
export function instanceCounts(launch: Launch, hostGroups = launch.hostGroups): InstanceCounts {
  return countsIn(launch)(hostGroups);
}

const countsIn = once((launch: Launch) => once((hostGroups: readonly HostGroup[]): InstanceCounts => {
  const groups = [...new Set(hostGroups)];
  const missing = groups.flatMap(({ steadySize, maxSize }) => [steadySize, maxSize]).find((size) => !size.known);
  const why = launch.complete ? missing && !missing.known ? missing.why : undefined : launch.incompleteBecause;
  const others: Range[] = launch.complete ? [] : [{ lo: 0, hi: Infinity }];
  return {
    steady: sum([...groups.map(steadyOf), ...others]),
    reach: sum([...groups.map((group) => reachOf(group, launch)), ...others]),
    cap: sum([...groups.map(capOf), ...others]),
    ...why === undefined ? {} : { why },
    assumes: groups.flatMap(({ steadySize, maxSize }) => [steadySize, maxSize]).flatMap((size) => size.known ? size.assumes : []),
  };
}));

/** Instances that may be of the same types. */
export interface InstancesAlike extends Pick<InstanceCounts, 'reach' | 'cap'> {
  readonly hostGroups: readonly HostGroup[];
}

/** Those of some of a launch's host groups by their types: clusters of many groups have few. */
export function instancesAlike(launch: Launch, hostGroups: readonly HostGroup[]): readonly InstancesAlike[] {
  return alikeIn(launch)(hostGroups);
}

const alikeIn = once((launch: Launch) => once((hostGroups: readonly HostGroup[]): readonly InstancesAlike[] => {
  const found = new Map<string, HostGroup[]>();
  for (const group of new Set(hostGroups)) {
    const { instanceTypes } = group;
    append(found, instanceTypes.known ? [...instanceTypes.value].sort().join() : '', group);
  }
  return [...found.values()].map((groups) => ({
    hostGroups: groups, reach: sum(groups.map((group) => reachOf(group, launch))), cap: sum(groups.map(capOf)),
  }));
}));

/**
 * Why a service may have only some of its instances, or none: which of them a `memberOf` constraint matches is not reckoned with, nor which
 * have the CPU architecture of its tasks, where others of their services name another.
 */
export function whyNarrowed(service: Service, which = 'its instances'): string | undefined {
  const [constraint] = service.memberOf;
  if (constraint !== undefined) {
    return `the placement constraint ${constraint} narrows ${which}`;
  }
  const { launch, taskDefinition } = service;
  const architecture = taskDefinition?.cpuArchitecture;
  return architecture?.known && launch.known && launch.value.hostGroups.some((group) => architecturesOn(group).size > 1)
    ? `the CPU architecture ${architecture.value} narrows ${which}`
    : undefined;
}

/** Those that services on a group name. */
const architecturesOn = once(({ services }: HostGroup): ReadonlySet<string> => new Set(services.flatMap(({ taskDefinition }) => {
  const architecture = taskDefinition?.cpuArchitecture;
  return architecture?.known ? [architecture.value] : [];
})));

/** The instances of each host group of several launches: those to which it grows for the one and for the other are the ends. */
export function countsOfGroups(
  placed: ReadonlyArray<{ readonly launch: Launch; readonly hostGroups: readonly HostGroup[] }>,
): ReadonlyMap<HostGroup, Pick<InstanceCounts, 'reach' | 'cap'>> {
  const found = new Map<HostGroup, Pick<InstanceCounts, 'reach' | 'cap'>>();
  const seen = new Map<Launch, Set<readonly HostGroup[]>>();
  for (const { launch, hostGroups } of placed) {
    const lists = seen.get(launch) ?? new Set();
    if (lists.has(hostGroups)) {
      continue;
    }
    seen.set(launch, lists.add(hostGroups));
    for (const group of hostGroups) {
      const reach = reachOf(group, launch);
      found.set(group, { reach: hull([reach, found.get(group)?.reach ?? reach]), cap: capOf(group) });
    }
  }
  return found;
}

/** The sizes to raise for so many instances: the maximum alone where they grow to it. */
export function sizesToRaise(instances: number, hostGroups: readonly HostGroup[], launches: readonly Launch[]): string {
  const groups = [...new Set(hostGroups)];
  if (groups.length > 0 && groups.every(({ kind }) => kind === 'instance')) {
    return 'more of AWS::EC2::Instance';
  }
  if (groups.some((group) => launches.some((launch) => growsFor(group, launch)))) {
    return 'MaxSize (maxInstances)';
  }
  const isCapped = instances > sum(groups.map(capOf)).hi;
  return groups.some(({ namesDesiredCapacity }) => namesDesiredCapacity)
    ? `DesiredCapacity${isCapped ? ' and MaxSize' : ''}`
    : isCapped ? 'MinSize and MaxSize (minInstances, maxInstances)' : 'MinSize (minInstances)';
}

/** The instances of a group while nothing grows. */
export function steadyOf({ steadySize, minSize, maxSize }: HostGroup): Range {
  return steadySize.known
    ? { lo: steadySize.value, hi: steadySize.value }
    : { lo: minSize.known ? minSize.value : 0, hi: maxSize.known ? maxSize.value : Infinity };
}

function capOf({ maxSize, steadySize }: HostGroup): Range {
  return maxSize.known ? { lo: maxSize.value, hi: maxSize.value } : { lo: steadySize.known ? steadySize.value : 0, hi: Infinity };
}

function reachOf(group: HostGroup, launch: Launch): Range {
  const [steady, cap] = [steadyOf(group), capOf(group)];
  if (growsFor(group, launch)) {
    return cap;
  }
  const provider = providerOf(group, launch);
  // What a Status that is left out means is not documented.
  const isOpen = provider !== undefined && !provider.managedScaling?.known;
  return isOpen ? { lo: steady.lo, hi: Math.max(steady.hi, cap.hi) } : steady;
}

/** Whether a group gets more instances for tasks; only those that a strategy places make managed scaling launch any. */
export function growsFor(group: HostGroup, launch: Launch): boolean {
  const provider = providerOf(group, launch);
  return group.scalesItself || (provider?.managedScaling?.known === true && provider.managedScaling.value);
}

/** Of a group for tasks with a strategy. */
function providerOf(group: HostGroup, { by, strategy }: Launch): CapacityProvider | undefined {
  const byStrategy = by === 'strategy' || by === 'cluster-default';
  return byStrategy ? strategy.find((item) => item.provider.target?.hostGroup === group)?.provider.target : undefined;
}
