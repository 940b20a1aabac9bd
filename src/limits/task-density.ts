/**
 * How many tasks fit on one container instance by its network alone: interfaces in awsvpc mode, ports in host and bridge mode. CPU and
 * memory may hold fewer.
 *
 * `[T01]` and the like are rows of the project's fact table; docs/limits.md has the formulas with their sources. The figures of awsvpc
 * mode are from https://docs.aws.amazon.com/AmazonECS/latest/developerguide/eni-trunking-supported-instance-types.html.
 */
import { FigureSource, InstanceLimits, instanceLimits, instanceTypesInTable, LISTED_THOUGH_EXCLUDED } from './instance-limits';
import { contains, DEFAULT_DYNAMIC_PORTS, Ports, RESERVED_TCP_PORTS, size } from './ports';

/** A number between two ends. They differ where instance types are mixed, where sources differ, and with several network cards. */
export interface Interval {
  /** The lower end: what fits for sure. */
  readonly fewest: number;
  /** The upper end: more than this cannot fit. */
  readonly most: number;
}

/**
 * The smallest interval that holds all the given ones, as for a mix of instance types. Undefined if one is not known, or if none is given:
 * then nothing is known of the mix.
 */
export function unionOf(intervals: ReadonlyArray<Interval | undefined>): Interval | undefined {
  const known = intervals.filter((interval) => interval !== undefined);
  return known.length === 0 || known.length < intervals.length ? undefined : {
    fewest: Math.min(...known.map(({ fewest }) => fewest)),
    most: Math.max(...known.map(({ most }) => most)),
  };
}

/**
 * The awsvpc tasks of an instance without trunking: its interfaces but the primary one [T01].
 *
 * With several network cards the two ends are those of the default card and of all cards: the guide's table counts all cards, and its text
 * says that a p5.48xlarge, which has 64 interfaces and 2 on the default card, runs one such task [M19]:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html.
 */
export function awsvpcTasksWithoutTrunking(limits: InstanceLimits): Interval | undefined {
  const { tasksWithoutTrunking, withoutSource, maxEnis } = limits;
  // An override is there to settle what the sources leave open.
  return between(withoutSource === 'override'
    ? [tasksWithoutTrunking]
    : [tasksWithoutTrunking, maxEnis === undefined ? undefined : maxEnis - 1, defaultCardTasks(limits)]);
}

/**
 * The awsvpc tasks of an instance with trunking: its branch interfaces and its other ones, but the primary one and the trunk [T02].
 * Undefined for a type that cannot trunk, that the ECS guide excludes, or of which it is not known.
 *
 * Where the guide's table and that arithmetic differ, they are the two ends, and with several network cards the default card's interfaces
 * without trunking are the lower one [M19]. A type that the guide's table lists and its text excludes [T13] may stay at what it has
 * without.
 * The number can be lower than without trunking: see `trunkingVerdict`.
 */
export function awsvpcTasksWithTrunking(limits: InstanceLimits): Interval | undefined {
  if (limits.trunking !== 'supported') {
    return undefined;
  }
  if (limits.withSource === 'override') {
    return between([limits.tasksWithTrunking]);
  }
  const excluded = limits.notes.includes(LISTED_THOUGH_EXCLUDED);
  return between([
    limits.tasksWithTrunking,
    trunkArithmetic(limits),
    defaultCardTasks(limits),
    ...excluded ? endsOf(awsvpcTasksWithoutTrunking(limits)) : [],
  ]);
}

/** What ENI trunking does for an instance type, and why: a clause to put behind the type's name. */
export interface TrunkingVerdict {
  /**
   * - `helps`: more tasks with it than without, whichever source is right.
   * - `cannot`: the instance never gets a trunk.
   * - `does-not-help`: it holds no more tasks with it than without, whichever source is right.
   * - `not-decidable`: not known, or the sources decide it differently.
   */
  readonly kind: 'helps' | 'cannot' | 'does-not-help' | 'not-decidable';
  readonly why: string;
  /** How AWS's sources differ on the type, if they do: then the numbers of tasks are uncertain, even where the verdict is not. */
  readonly sourcesDiffer?: string;
}

/** Whether trunking helps on an instance type; `undefined` for the limits of a type that is not in the table. */
export function trunkingVerdict(limits: InstanceLimits | undefined): TrunkingVerdict {
  if (limits === undefined) {
    return { kind: 'not-decidable', why: 'it is not in the table of instance limits' };
  }
  const sourcesDiffer = differenceOfSources(limits);
  const without = awsvpcTasksWithoutTrunking(limits);
  const possible = tasksIfTrunked(limits);
  const verdict = (kind: TrunkingVerdict['kind'], why: string) => ({ kind, why, ...sourcesDiffer ? { sourcesDiffer } : {} });
  switch (limits.trunking) {
    case 'no':
      return verdict('cannot', 'its network interfaces cannot be trunks');
    case 'excluded':
      return verdict('cannot', 'the ECS guide excludes it from trunking');
    case 'unlisted':
    case 'supported':
      break;
  }
  if (without === undefined || possible === undefined) {
    return verdict('not-decidable', "the ECS guide's table does not list it, and how many tasks it could hold is not known");
  }
  const numbers = `it holds ${shown(possible)} with trunking and ${shown(without)} without`;
  if (possible.most <= without.fewest) {
    return verdict('does-not-help', numbers);
  }
  if (limits.trunking === 'unlisted') {
    return verdict('not-decidable', "the VPC could trunk it, and the ECS guide's table does not list it");
  }
  if (possible.fewest <= without.most) {
    return verdict('not-decidable', sourcesDiffer ? `${numbers}: ${sourcesDiffer}` : numbers);
  }
  return verdict('helps', numbers);
}

/**
 * Addresses an instance takes from its own subnet besides those of its tasks: one, and with trunking another for the trunk [T09].
 *
 * From an archived guide, awsdocs/amazon-ecs-bestpractices-guide, doc_source/networking-networkmode.md; today's page says only that
 * there is an additional interface: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-eni.html.
 */
export function addressesPerInstance(trunking: boolean): number {
  return trunking ? 2 : 1;
}

/**
 * What is known of the setting `awsvpcTrunking` for the instances of a group:
 *
 * - `on`, `off`: known.
 * - `account-default`: nobody says; off by default, but the account may have it on.
 * - `unknown`: something sets it, and it cannot be told whether for these instances.
 */
export type TrunkingState = 'on' | 'off' | 'account-default' | 'unknown';

/** The awsvpc tasks an instance has interfaces for. */
export interface InterfaceSlots {
  /** What to reckon with. */
  readonly effective: Interval;
  /** What no setting of the account can raise: only more tasks than this prove that they do not fit. `Infinity` where it is not known. */
  readonly most: number;
}

/**
 * The awsvpc tasks an instance has interfaces for, in a state of trunking. Undefined if it is not known.
 *
 * A type that cannot trunk stays at what it has without, whatever the setting. `extraInterfaces` are those that the launch template adds to
 * the primary one, EFA ones included: ECS does not count them and each takes the place of a task [M18],
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html.
 */
export function interfaceSlots(limits: InstanceLimits, state: TrunkingState, extraInterfaces = 0): InterfaceSlots | undefined {
  const off = awsvpcTasksWithoutTrunking(limits);
  const on = tasksWithSettingOn(limits);
  const either = unionOf([off, on]);
  const effective = { 'on': on, 'off': off, 'account-default': off, 'unknown': either }[state];
  const most = state === 'account-default' ? either?.most ?? Infinity : effective?.most;
  const left = (tasks: number) => Math.max(0, tasks - extraInterfaces);
  return effective && { effective: { fewest: left(effective.fewest), most: left(effective.most) }, most: left(most!) };
}

/** The same over several instance types, as of a mix: the widest ends. Undefined if one of them, or none, is known. */
export function interfaceSlotsOfMix(
  instanceTypes: readonly string[], state: TrunkingState, extraInterfaces = 0,
): InterfaceSlots | undefined {
  const slots = instanceTypes.map((instanceType) => {
    const limits = instanceLimits(instanceType);
    return limits && interfaceSlots(limits, state, extraInterfaces);
  });
  const effective = unionOf(slots.map((each) => each?.effective));
  return effective && { effective, most: Math.max(...slots.map((each) => each!.most)) };
}

/** The same for an instance of which no type is known: the smallest and the largest value of the table. */
export function interfaceSlotsOfAnyType(state: TrunkingState, extraInterfaces = 0): InterfaceSlots {
  return interfaceSlotsOfMix(instanceTypesInTable(), state, extraInterfaces)!;
}

/** The host ports that one task takes on its instance: host or bridge mode. */
export interface HostPortUse {
  /** Host ports that are given as a number. In host mode every port is one. */
  readonly fixed: number;
  /** Host ports that are left to Docker, in bridge mode. */
  readonly dynamicTcp?: number;
  readonly dynamicUdp?: number;
}

/**
 * How many tasks of one service fit on an instance by their host ports: one if there is a fixed one [M08], else as many as the dynamic
 * range has room for [P04]; without ports `Infinity`, as no interface and no address is taken [M12]. An upper end: other tasks and
 * processes take ports of that range, too.
 *
 * tcp and udp have ports of their own; of tcp those that ECS reserves in the range are not to be had [P05].
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html.
 */
export function tasksByHostPorts(use: HostPortUse, dynamicPorts: Ports = DEFAULT_DYNAMIC_PORTS): number {
  if (use.fixed > 0) {
    return 1;
  }
  const reserved = RESERVED_TCP_PORTS.filter(({ port }) => contains(dynamicPorts, { first: port, last: port })).length;
  const roomFor = (perTask: number | undefined, ports: number) => perTask ? Math.floor(ports / perTask) : Infinity;
  return Math.min(roomFor(use.dynamicTcp, size(dynamicPorts) - reserved), roomFor(use.dynamicUdp, size(dynamicPorts)));
}

/** Interfaces that a task takes on its instance: one in awsvpc mode, whatever its containers, none in the others [M12]. */
export function interfacesPerTask(networkMode: 'awsvpc' | 'bridge' | 'host' | 'none'): number {
  return networkMode === 'awsvpc' ? 1 : 0;
}

/** What is left when there is only the default card, of a type with several; undefined for one card, and where it is not known. */
function defaultCardTasks({ defaultCardEnis, networkCards }: InstanceLimits): number | undefined {
  return defaultCardEnis !== undefined && (networkCards ?? 1) > 1 ? defaultCardEnis - 1 : undefined;
}

function trunkArithmetic({ branchEnis, maxEnis }: InstanceLimits): number | undefined {
  return branchEnis === undefined || maxEnis === undefined ? undefined : branchEnis + maxEnis - 2;
}

/** The awsvpc tasks if the instance gets a trunk; undefined if it never does or they are not known. */
function tasksIfTrunked(limits: InstanceLimits): Interval | undefined {
  return limits.trunking === 'unlisted' ? between([trunkArithmetic(limits)]) : awsvpcTasksWithTrunking(limits);
}

/** The awsvpc tasks where the setting is on: those without a trunk for a type that never gets one. */
function tasksWithSettingOn(limits: InstanceLimits): Interval | undefined {
  const off = awsvpcTasksWithoutTrunking(limits);
  switch (limits.trunking) {
    case 'no':
    case 'excluded':
      return off;
    case 'unlisted':
      return unionOf([off, tasksIfTrunked(limits)]);
    case 'supported':
      return awsvpcTasksWithTrunking(limits);
  }
}

/** Whether and how the sources of a type's figures differ. What an override says is settled. */
function differenceOfSources(limits: InstanceLimits): string | undefined {
  const { tasksWithoutTrunking, withoutSource, tasksWithTrunking, withSource, maxEnis, networkCards } = limits;
  const differences: string[] = [];
  if (limits.notes.includes(LISTED_THOUGH_EXCLUDED) && withSource === 'guide') {
    differences.push("the ECS guide's table of types that can trunk lists it, the text of the same page excludes it");
  }
  const isOpen = withoutSource !== 'override' || (limits.trunking === 'supported' && withSource !== 'override');
  if ((networkCards ?? 1) > 1 && isOpen) {
    differences.push(`the ECS guide's table counts the interfaces of all ${networkCards} network cards, what its text says of p5.48xlarge those of the first only`);
  }
  const tellApart = (state: string, tasks: number | undefined, source: FigureSource | undefined, computed: number | undefined) => {
    if (source === 'guide' && computed !== undefined && tasks !== computed) {
      differences.push(`${state} trunking the ECS guide's table gives ${tasks} tasks, the interfaces ${computed}`);
    }
  };
  tellApart('without', tasksWithoutTrunking, withoutSource, maxEnis === undefined ? undefined : maxEnis - 1);
  tellApart('with', tasksWithTrunking, withSource, trunkArithmetic(limits));
  return differences.length > 0 ? differences.join('; ') : undefined;
}

function between(values: ReadonlyArray<number | undefined>): Interval | undefined {
  return unionOf(values.flatMap((value) => value === undefined ? [] : [{ fewest: value, most: value }]));
}

function endsOf(interval: Interval | undefined): number[] {
  return interval ? [interval.fewest, interval.most] : [];
}

function shown({ fewest, most }: Interval): string {
  return `${fewest === most ? '' : `${fewest} to `}${most} awsvpc task${most === 1 ? '' : 's'}`;
}
