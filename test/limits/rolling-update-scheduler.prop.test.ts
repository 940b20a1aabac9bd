/** What the closed form says of updates, against a scheduler that moves task by task and knows none of its formulas. */
import * as fc from 'fast-check';
import { bindingCause, isDaemonStuck, isStuck, maximumTasks, minimumHealthyTasks } from '../../src/limits/rolling-update';
import { walkFrom } from '../rolling-update-walk';
import { update, Update } from '../task-scheduler';

const percents = {
  minHealthyPercent: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(0, 33, 34, 50, 66, 67, 75, 99, 100)),
  maxHealthyPercent: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(99, 100, 101, 125, 133, 134, 150, 200)),
  countsStopping: fc.boolean(),
  // Which task, which instance: whatever comes first.
  pick: fc.infiniteStream(fc.nat(100)).map((numbers) => () => numbers.next().value as number),
};
const replicas: fc.Arbitrary<Update> = fc.record({
  ...percents,
  desired: fc.integer({ min: 0, max: 8 }),
  instances: fc.oneof(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 }), fc.constant([Infinity])),
});
const daemons: fc.Arbitrary<Update> = fc.record({
  ...percents, rooms: fc.array(fc.constantFrom(1, 2), { minLength: 1, maxLength: 6 }), alone: fc.boolean(),
}).map(({ rooms, alone, ...rest }) => ({ ...rest, daemon: true, desired: rooms.length, instances: rooms.map(() => alone ? 1 : 2) }));

const roomOf = ({ instances }: Update) => instances.reduce((sum, room) => sum + room, 0);
const closedForm = (its: Update) => {
  const room = roomOf(its);
  const { desired, minHealthyPercent, maxHealthyPercent } = its;
  return { desired, minHealthyPercent, maxHealthyPercent, ...room === Infinity ? {} : { room } };
};

describe('the cases that the guide publishes [D04]', () => {
  test.each<[string, number, number, number, { started: number; stopped: number }]>([
    ['50% of 4 tasks: two stop before two start', 4, 50, 100, { started: 0, stopped: 2 }],
    ['75% of 2 tasks is 2: none stops', 2, 75, 100, { started: 0, stopped: 0 }],
    ['200% of 4 tasks: four start before four stop', 4, 100, 200, { started: 4, stopped: 0 }],
    ['125% of 3 tasks is 3: none starts', 3, 100, 125, { started: 0, stopped: 0 }],
  ])('%s', (_, desired, minHealthyPercent, maxHealthyPercent, first) => {
    const its = { desired, minHealthyPercent, maxHealthyPercent, instances: [Infinity] };
    const outcome = update(its)!;
    expect(outcome.first).toEqual(first);
    expect(outcome.finished).toBe(first.started + first.stopped > 0);
    expect(isStuck(its)).toBe(!outcome.finished);
    expect(desired - minimumHealthyTasks(desired, minHealthyPercent)).toBe(first.stopped);
    expect(Math.max(0, maximumTasks(desired, maxHealthyPercent) - desired)).toBe(first.started);
  });
});

// These return whether they hold: thousands of calls of `expect` take longer than the updates.
test('an update of replicas gets to its end where the closed form says so, whatever the scheduler picks and whether stopping tasks count', () => {
  fc.assert(fc.property(replicas, (its) => {
    const outcome = update(its);
    fc.pre(outcome !== undefined);
    return outcome.finished === !isStuck(closedForm(its));
  }), { numRuns: 5000 });
});

test('where it does not, the cause is what a scheduler with room for everything still meets, or no longer does', () => {
  fc.assert(fc.property(replicas, (its) => {
    const outcome = update(its);
    fc.pre(outcome !== undefined && !outcome.finished);
    const withRoom = update({ ...its, instances: [Infinity] })!;
    return bindingCause(closedForm(its)) === (withRoom.finished ? 'room' : 'percents');
  }), { numRuns: 3000 });
});

test('an update of a daemon does, with a host port of its own on each instance and without', () => {
  fc.assert(fc.property(daemons, (its) => {
    const { desired: instances, minHealthyPercent, maxHealthyPercent } = its;
    const alone = its.instances[0] === 1;
    const room = alone ? { room: instances } : {};
    return update(its)!.finished === !isDaemonStuck({ instances, minHealthyPercent, maxHealthyPercent, ...room });
  }), { numRuns: 3000 });
});

test('no update has fewer healthy tasks than the minimum, or more tasks than the maximum, than the closed form reckons with', () => {
  fc.assert(fc.property(replicas, (its) => {
    const outcome = update(its);
    fc.pre(outcome !== undefined);
    const { desired, minHealthyPercent, maxHealthyPercent } = its;
    return outcome.fewestHealthy >= Math.min(desired, minimumHealthyTasks(desired, minHealthyPercent))
      && outcome.most <= Math.max(desired, maximumTasks(desired, maxHealthyPercent));
  }), { numRuns: 3000 });
});

test('the walk that other tests compare with gets as far as the scheduler', () => {
  fc.assert(fc.property(replicas, (its) => {
    const outcome = update(its);
    fc.pre(outcome !== undefined);
    const { desired, minHealthyPercent, maxHealthyPercent } = its;
    const limit = Math.min(maximumTasks(desired, maxHealthyPercent), roomOf(its));
    return (walkFrom(desired, minimumHealthyTasks(desired, minHealthyPercent), limit) !== undefined) === outcome.finished;
  }), { numRuns: 3000 });
});
