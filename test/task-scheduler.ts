/**
 * A rolling update as the ECS guide tells of it, task by task and instance by instance: an independent judge of what the library says in
 * closed form. It knows none of the library's formulas.
 *
 * The guide: the scheduler starts new tasks as long as no more than the maximum are there, and stops old ones as long as the minimum keeps
 * running and healthy; https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html [D01, D02, D04]. A task becomes
 * healthy some time after it runs, 40 s without a health check [D09], and one that stops holds its place until it is gone.
 */

export interface Update {
  readonly desired: number;
  readonly minHealthyPercent: number;
  readonly maxHealthyPercent: number;
  /** Tasks of the service that each instance has room for; `Infinity` in a single place is Fargate. */
  readonly instances: readonly number[];
  /** Whether there is one task on each instance, as of a daemon; then `desired` is the number of instances. */
  readonly daemon?: boolean;
  /** Whether tasks that are stopping count toward the maximum: the guide says so, the API's reference does not [D03]. */
  readonly countsStopping?: boolean;
  /** Which of several is taken; the guide says of no order that it is kept. */
  readonly pick?: (count: number) => number;
}

export interface Outcome {
  readonly finished: boolean;
  /** What the scheduler does before anything has changed its state. */
  readonly first: { readonly started: number; readonly stopped: number };
  /** The fewest healthy tasks and the most tasks that there were. */
  readonly fewestHealthy: number;
  readonly most: number;
}

type State = 'pending' | 'running' | 'healthy' | 'stopping';

interface Task {
  readonly isNew: boolean;
  readonly instance: number;
  state: State | 'gone';
  /** Ticks in its state. */
  age: number;
}

/** Ticks that a task stays in each state; that they differ is all that matters. */
const TICKS: Readonly<Record<'pending' | 'running' | 'stopping', number>> = { pending: 2, running: 3, stopping: 2 };
const NEXT = { pending: 'running', running: 'healthy', stopping: 'gone' } as const;

/** Updates a service all of whose old tasks are healthy. Undefined if these do not fit on the instances. */
export function update(given: Update): Outcome | undefined {
  const pick = given.pick ?? (() => 0);
  const chosen = <T>(list: readonly T[]): T => list[pick(list.length) % list.length];
  let tasks: Task[] = [];
  const on = (instance: number) => tasks.filter((task) => task.instance === instance);
  const free = () => given.instances.flatMap((room, instance) => on(instance).length < room ? [instance] : []);

  for (let count = 0; count < given.desired; count++) {
    const places = given.daemon ? free().filter((instance) => on(instance).length === 0) : free();
    if (places.length === 0) {
      return undefined;
    }
    tasks.push({ isNew: false, instance: chosen(places), state: 'healthy', age: 0 });
  }

  const isLive = ({ state }: Task) => state !== 'stopping';
  const healthy = () => tasks.filter(({ state }) => state === 'healthy').length;
  const startOne = (): boolean => {
    const counted = given.countsStopping ? tasks : tasks.filter(isLive);
    const wanted = tasks.filter(({ isNew }) => isNew).length < given.desired;
    // The maximum is rounded down: one more task is within it if its share of the desired ones is.
    const within = (counted.length + 1) * 100 <= given.desired * given.maxHealthyPercent;
    const places = free().filter((instance) => !given.daemon || !on(instance).some(({ isNew }) => isNew));
    if (!wanted || !within || places.length === 0) {
      return false;
    }
    tasks.push({ isNew: true, instance: chosen(places), state: 'pending', age: 0 });
    return true;
  };
  const stopOne = (): boolean => {
    const old = tasks.filter((task) => !task.isNew && isLive(task));
    // The minimum is rounded up: what is left must be at least its share of the desired ones.
    if (old.length === 0 || (healthy() - 1) * 100 < given.desired * given.minHealthyPercent) {
      return false;
    }
    const task = chosen(old);
    task.state = 'stopping';
    task.age = 0;
    return true;
  };
  const repeat = (step: () => boolean): number => {
    let count = 0;
    while (step()) {
      count++;
    }
    return count;
  };
  /** Whether a task is on its way to another state. */
  const tick = (): boolean => {
    let moves = false;
    for (const task of tasks) {
      if (task.state === 'healthy' || task.state === 'gone') {
        continue;
      }
      moves = true;
      if (++task.age === TICKS[task.state]) {
        task.state = NEXT[task.state];
        task.age = 0;
      }
    }
    tasks = tasks.filter(({ state }) => state !== 'gone');
    return moves;
  };

  let first: Outcome['first'] | undefined;
  let [fewestHealthy, most] = [healthy(), tasks.length];
  for (;;) {
    const started = repeat(startOne);
    most = Math.max(most, (given.countsStopping ? tasks : tasks.filter(isLive)).length);
    const stopped = repeat(stopOne);
    first ??= { started, stopped };
    fewestHealthy = Math.min(fewestHealthy, healthy());
    if (!tick() && started + stopped === 0) {
      const finished = tasks.every(({ isNew }) => isNew) && tasks.length === given.desired;
      return { finished, first, fewestHealthy, most };
    }
  }
}
