/**
 * Whether a deployment of a service can move, and the percents with which it does.
 *
 * A rolling update replaces a service's tasks one by one: a new task starts while there are fewer tasks than the maximum and there is room
 * for it, an old one stops while more tasks are left than the minimum. Where neither can happen, the update hangs [D04]:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html.
 *
 * Counts, percents and room are integers of 0 or more, and `minHealthyPercent` is at most 100. `[D01]` and the like are rows of the
 * project's fact table. All arithmetic is on integers.
 */

/** The two percents of a service's `DeploymentConfiguration`. */
export interface DeploymentPercents {
  readonly minHealthyPercent: number;
  readonly maxHealthyPercent: number;
}

/** A rolling update of a service with the REPLICA scheduler. */
export interface RollingUpdate extends DeploymentPercents {
  /** The desired count. */
  readonly desired: number;
  /**
   * Tasks of this service, old and new together, that the instances can hold; unbounded when left out. With a fixed host port, which one
   * task holds per instance, it is the number of instances.
   */
  readonly room?: number;
}

/** A rolling update of a service with the DAEMON scheduler. */
export interface DaemonUpdate extends DeploymentPercents {
  /** The instances that run the daemon. */
  readonly instances: number;
  /** Tasks of the daemon, old and new together, that these instances can hold, as in `RollingUpdate`. */
  readonly room?: number;
}

/** What keeps an update from moving: the percents alone, or the room for tasks. */
export type BindingCause = 'percents' | 'room';

/**
 * The tasks that must keep running, rounded up [D01]:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html.
 */
export function minimumHealthyTasks(desired: number, percent: number): number {
  return dividedRoundingUp(desired * percent, 100);
}

/**
 * The tasks there may be at a time, rounded down [D02]:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html.
 */
export function maximumTasks(desired: number, percent: number): number {
  return dividedRoundingDown(desired * percent, 100);
}

/**
 * Whether the update never gets from `desired` old tasks to `desired` new ones.
 *
 * With D = desired, m the minimum, M the maximum and C the room: stuck if D >= 1, m >= D and min(M, C) <= D. A maximum below D (a
 * `maxHealthyPercent` below 100) is stuck whatever the minimum, as the last new task cannot start beside the others. So is room
 * below D, which not even the tasks before the update fit in: whoever reports that on its own asks for `desired <= room` first.
 * Nothing is stuck at a desired count of 0.
 */
export function isStuck(update: RollingUpdate): boolean {
  return bindingCause(update) !== undefined;
}

/** Why the update is stuck: `percents` if it would be so with any room, else `room`. Undefined if it is not stuck. */
export function bindingCause(update: RollingUpdate): BindingCause | undefined {
  const { desired, minHealthyPercent, maxHealthyPercent, room } = update;
  if (desired < 1) {
    return undefined;
  }
  const minimum = minimumHealthyTasks(desired, minHealthyPercent);
  const maximum = maximumTasks(desired, maxHealthyPercent);
  // With at most `limit` tasks at a time it moves if all new tasks can run in the end, and a first task can start or, failing that, stop.
  const moves = (limit: number) => desired <= limit && (desired < limit || minimum < desired);
  if (!moves(maximum)) {
    return 'percents';
  }
  return room === undefined || moves(room) ? undefined : 'room';
}

/**
 * Whether there is no room for the two full sets of tasks of a blue/green, linear or canary deployment. Percents play no part.
 *
 * That all three run a second full set is inferred, not documented [D05].
 */
export function isBlueGreenStuck(deployment: { readonly desired: number; readonly room?: number }): boolean {
  return deployment.room !== undefined && deployment.room < 2 * deployment.desired;
}

/**
 * Whether the update of a daemon never ends: a rolling update whose desired count is the number of instances.
 *
 * With a maximum of 100, the default [D02] and the only one the CDK takes, nothing starts before something stops: a minimum of 100 is
 * stuck for every number of instances, and one of 1 to 99 on a single instance. Where the number varies, give `stuckCountsIn` its range.
 */
export function isDaemonStuck(update: DaemonUpdate): boolean {
  const { instances, ...rest } = update;
  return isStuck({ desired: instances, ...rest });
}

/**
 * The largest `minHealthyPercent` that lets one of `desired` tasks stop first. It is 0 for a single task, which leaves a gap while the task
 * is replaced.
 */
export function largestWorkableMinimumPercent(desired: number): number {
  return desired <= 1 ? 0 : dividedRoundingDown((desired - 1) * 100, desired);
}

/** The smallest `maxHealthyPercent` that lets one more than `desired` tasks run, so that a new one can start first. 100 for no tasks. */
export function smallestWorkableMaximumPercent(desired: number): number {
  return desired < 1 ? 100 : dividedRoundingUp((desired + 1) * 100, desired);
}

/**
 * The percents with which a service on a fixed host port can move without a spare instance: a task stops before its successor starts.
 *
 * What lets one of the smallest desired count stop lets one of any larger count stop too. A smallest count that is not known gives 0.
 * With a maximum of 100, Availability Zone rebalancing must be off: it needs more than 100 [D07],
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html.
 */
export function fixedPortPercents(smallestDesired: number | undefined): DeploymentPercents {
  return { minHealthyPercent: largestWorkableMinimumPercent(smallestDesired ?? 1), maxHealthyPercent: 100 };
}

/**
 * The smallest desired count from `range.min` to `range.max` at which the update is stuck; undefined if there is none.
 *
 * Counts above `room` are stuck (see `isStuck`); a caller who leaves those to the steady state ends the range at `room`.
 */
export function stuckCountsIn(
  range: { readonly min: number; readonly max: number },
  update: Omit<RollingUpdate, 'desired'>,
): number | undefined {
  // From 100 tasks on each percent is at least one task, so only the room can still change the verdict, and ranges may be of any length.
  const walked = Math.min(range.max, Math.max(range.min, 100));
  for (let desired = range.min; desired <= walked; desired++) {
    if (isStuck({ ...update, desired })) {
      return desired;
    }
  }
  const { room } = update;
  return room === undefined
    ? undefined
    : [room, room + 1].find((desired) => desired > walked && desired <= range.max && isStuck({ ...update, desired }));
}

function dividedRoundingDown(dividend: number, divisor: number): number {
  return (dividend - (dividend % divisor)) / divisor;
}

function dividedRoundingUp(dividend: number, divisor: number): number {
  return dividedRoundingDown(dividend + divisor - 1, divisor);
}
