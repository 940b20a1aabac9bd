/** A rolling update that got to its end. */
export interface Walk {
  /** What happened first; unset if nothing had to. */
  readonly first?: 'start' | 'stop';
  readonly steps: number;
}

/**
 * The update as the scheduler walks it: start a new task if there are fewer tasks than the limit, else stop an old one if there are more
 * than the minimum, until neither applies. Undefined if that was before all tasks were new.
 *
 * @param minimum the tasks that must keep running
 * @param limit the tasks there may be at a time: the maximum, or the room for them where that is less
 */
export function walkFrom(desired: number, minimum: number, limit: number): Walk | undefined {
  let [oldTasks, newTasks, steps] = [desired, 0, 0];
  let first: Walk['first'];
  for (;;) {
    if (newTasks < desired && oldTasks + newTasks < limit) {
      newTasks++;
      first ??= 'start';
    } else if (oldTasks > 0 && oldTasks + newTasks > minimum) {
      oldTasks--;
      first ??= 'stop';
    } else {
      return oldTasks === 0 && newTasks === desired ? { first, steps } : undefined;
    }
    steps++;
  }
}
