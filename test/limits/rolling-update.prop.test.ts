import * as fc from 'fast-check';
import {
  bindingCause, fixedPortPercents, isBlueGreenStuck, isDaemonStuck, isStuck, largestWorkableMinimumPercent, maximumTasks,
  minimumHealthyTasks, RollingUpdate, smallestWorkableMaximumPercent, stuckCountsIn,
} from '../../src/limits/rolling-update';
import { Walk, walkFrom } from '../rolling-update-walk';

/** Walks by their three numbers: millions of updates below come down to some thousand walks. */
const walks = new Map<number, Walk | 'stuck'>();

function walk({ desired, minHealthyPercent, maxHealthyPercent, room = Infinity }: RollingUpdate): Walk | undefined {
  const minimum = Math.ceil((desired * minHealthyPercent) / 100);
  const limit = Math.min(Math.floor((desired * maxHealthyPercent) / 100), room);
  const key = (desired * 1000 + minimum) * 1000 + limit;
  let known = walks.get(key);
  if (known === undefined) {
    known = walkFrom(desired, minimum, limit) ?? 'stuck';
    walks.set(key, known);
  }
  return known === 'stuck' ? undefined : known;
}

const through = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Some of the updates of up to 12 tasks with the given rooms, minimum 0 to 100 and the given maxima that `wrong` holds of. */
function exceptions(
  rooms: (desired: number) => Array<number | undefined>,
  maxima: number[],
  wrong: (update: RollingUpdate) => boolean,
): RollingUpdate[] {
  const found: RollingUpdate[] = [];
  for (const desired of through(0, 12)) {
    for (const room of rooms(desired)) {
      for (const maxHealthyPercent of maxima) {
        for (let minHealthyPercent = 0; minHealthyPercent <= 100; minHealthyPercent++) {
          const update = { desired, room, minHealthyPercent, maxHealthyPercent };
          if (found.length < 5 && wrong(update)) {
            found.push(update);
          }
        }
      }
    }
  }
  return found;
}

const roomForTheDesired = (desired: number) => [...through(desired, 2 * desired + 2), undefined];
const tooLittleRoom = (desired: number) => through(0, desired - 1);
const walksToTheEnd = (update: RollingUpdate) => walk(update) !== undefined;

describe('the walk that the closed form is compared with', () => {
  test('stops first where nothing can start first, and takes two steps a task', () => {
    expect(walk({ desired: 1, room: 1, minHealthyPercent: 0, maxHealthyPercent: 100 })).toEqual({ first: 'stop', steps: 2 });
  });

  test('starts first where it can', () => {
    expect(walk({ desired: 1, room: 2, minHealthyPercent: 100, maxHealthyPercent: 200 })).toEqual({ first: 'start', steps: 2 });
  });

  test('ends early where neither can happen', () => {
    expect(walk({ desired: 2, room: 2, minHealthyPercent: 75, maxHealthyPercent: 200 })).toBeUndefined();
  });

  test('takes two steps a task wherever it gets to the end', () => {
    const stepsAreTwoATask = (u: RollingUpdate) => (walk(u)?.steps ?? 2 * u.desired) === 2 * u.desired;
    expect(exceptions(roomForTheDesired, [100, 117, 134, 150, 200, 300], (u) => !stepsAreTwoATask(u))).toEqual([]);
  });
});

describe('stuck, by the closed form, is what the walk finds', () => {
  test('for every update of up to 12 tasks that fit, minimum 0 to 100, maximum 100 to 300', () => {
    expect(exceptions(roomForTheDesired, through(100, 300), (u) => isStuck(u) === walksToTheEnd(u))).toEqual([]);
  });

  test('for a maximum below 100, where no number of tasks moves', () => {
    expect(exceptions(roomForTheDesired, through(0, 99), (u) =>
      walksToTheEnd(u) !== (u.desired === 0) || bindingCause(u) !== (u.desired === 0 ? undefined : 'percents'))).toEqual([]);
  });

  test('for room that does not hold the desired tasks', () => {
    expect(exceptions(tooLittleRoom, [90, 100, 110, 125, 134, 150, 175, 200, 220], (u) => isStuck(u) === walksToTheEnd(u))).toEqual([]);
  });

  test('for larger counts', () => {
    const update = fc.integer({ min: 13, max: 300 }).chain((desired) => fc.record({
      desired: fc.constant(desired),
      minHealthyPercent: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 95, max: 100 })),
      maxHealthyPercent: fc.oneof(fc.integer({ min: 100, max: 300 }), fc.integer({ min: 100, max: 105 })),
      room: fc.oneof(
        fc.constant(undefined),
        fc.integer({ min: desired, max: desired + 2 }),
        fc.integer({ min: desired, max: 2 * desired + 2 }),
      ),
    }));
    fc.assert(fc.property(update, (u) => isStuck(u) !== walksToTheEnd(u)), { numRuns: 1000 });
  });
});

describe('the cause', () => {
  test('is, where m >= D and min(M, C) <= D, the percents if M <= D, else the room; elsewhere there is none', () => {
    expect(exceptions(roomForTheDesired, through(100, 300), (u) => {
      const m = minimumHealthyTasks(u.desired, u.minHealthyPercent);
      const M = maximumTasks(u.desired, u.maxHealthyPercent);
      const stuck = u.desired >= 1 && m >= u.desired && Math.min(M, u.room ?? Infinity) <= u.desired;
      return bindingCause(u) !== (stuck ? (M <= u.desired ? 'percents' : 'room') : undefined);
    })).toEqual([]);
  });

  test('is the room just when the same update moves with unbounded room', () => {
    expect(exceptions((desired) => through(0, 2 * desired + 2), [99, 100, 125, 150, 200], (u) =>
      (bindingCause(u) === 'room') !== (!walksToTheEnd(u) && walksToTheEnd({ ...u, room: undefined })))).toEqual([]);
  });
});

describe('rounding', () => {
  const count = fc.integer({ min: 0, max: 1_000_000 });
  const percent = fc.integer({ min: 0, max: 300 });

  test('the minimum is the smallest count of at least the percentage', () => {
    fc.assert(fc.property(count, percent, (desired, p) => {
      const tasks = minimumHealthyTasks(desired, p);
      return Number.isInteger(tasks) && tasks * 100 >= desired * p && (tasks - 1) * 100 < desired * p;
    }));
  });

  test('the maximum is the largest count of at most the percentage', () => {
    fc.assert(fc.property(count, percent, (desired, p) => {
      const tasks = maximumTasks(desired, p);
      return Number.isInteger(tasks) && tasks * 100 <= desired * p && (tasks + 1) * 100 > desired * p;
    }));
  });
});

describe('percents that work', () => {
  // 5,000 tasks is the most a service can have (quota Q03 of the fact table).
  const counts = through(1, 5000);

  test('the largest workable minimum moves with a maximum of 100, and one more does not, for every count', () => {
    expect(counts.filter((desired) => {
      const minHealthyPercent = largestWorkableMinimumPercent(desired);
      return isStuck({ desired, minHealthyPercent, maxHealthyPercent: 100, room: desired })
        || !isStuck({ desired, minHealthyPercent: minHealthyPercent + 1, maxHealthyPercent: 100, room: desired });
    })).toEqual([]);
  });

  test('the smallest workable maximum moves with a minimum of 100 and room for one more, and one less does not, for every count', () => {
    expect(counts.filter((desired) => {
      const maxHealthyPercent = smallestWorkableMaximumPercent(desired);
      return isStuck({ desired, minHealthyPercent: 100, maxHealthyPercent, room: desired + 1 })
        || !isStuck({ desired, minHealthyPercent: 100, maxHealthyPercent: maxHealthyPercent - 1, room: desired + 1 });
    })).toEqual([]);
  });

  test('both are integers', () => {
    const percents = counts.flatMap((desired) => [largestWorkableMinimumPercent(desired), smallestWorkableMaximumPercent(desired)]);
    expect(percents.filter((percent) => !Number.isInteger(percent))).toEqual([]);
  });

  test('those of a fixed port move at the smallest desired count and at every larger one, without a spare instance', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 5000 }), (smallest, more) =>
      !isStuck({ desired: smallest + more, room: smallest + more, ...fixedPortPercents(smallest) })), { numRuns: 1000 });
    const stuckCounts = through(1, 60).map((smallest) => stuckCountsIn({ min: smallest, max: 1000 }, fixedPortPercents(smallest)));
    expect(stuckCounts.filter((count) => count !== undefined)).toEqual([]);
  });

  test('those of a fixed port keep as many tasks running as can be at the smallest count', () => {
    expect(counts.filter((desired) => {
      const { minHealthyPercent, maxHealthyPercent } = fixedPortPercents(desired);
      return !isStuck({ desired, minHealthyPercent: minHealthyPercent + 1, maxHealthyPercent });
    })).toEqual([]);
  });

  test('those of a fixed port with an unknown smallest count move at every count', () => {
    expect(stuckCountsIn({ min: 0, max: 5000 }, fixedPortPercents(undefined))).toBeUndefined();
  });

  test('100/200 moves at every count with room for one more', () => {
    expect(counts.filter((desired) => isStuck({ desired, minHealthyPercent: 100, maxHealthyPercent: 200, room: desired + 1 }))).toEqual([]);
  });
});

test('more room never makes an update stuck', () => {
  expect(exceptions(roomForTheDesired, [100, 125, 150, 200], (u) =>
    !isStuck(u) && u.room !== undefined && isStuck({ ...u, room: u.room + 1 }))).toEqual([]);
});

test('the smallest stuck count of a range is the first that is stuck by itself', () => {
  const update = fc.record({
    minHealthyPercent: fc.integer({ min: 0, max: 100 }),
    maxHealthyPercent: fc.integer({ min: 90, max: 210 }),
    room: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
  });
  fc.assert(fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }), update, (min, more, u) => {
    expect(stuckCountsIn({ min, max: min + more }, u)).toBe(through(min, min + more).find((desired) => !walksToTheEnd({ ...u, desired })));
  }), { numRuns: 500 });
});

test('a range that goes on beyond 100 tasks is judged as if every count of it were looked at', () => {
  const update = fc.record({
    minHealthyPercent: fc.constantFrom(0, 50, 98, 99, 100),
    maxHealthyPercent: fc.constantFrom(99, 100, 101, 102, 200),
    room: fc.option(fc.integer({ min: 80, max: 260 }), { nil: undefined }),
  });
  fc.assert(fc.property(fc.integer({ min: 0, max: 220 }), fc.integer({ min: 0, max: 200 }), update, (min, more, u) => {
    expect(stuckCountsIn({ min, max: min + more }, u)).toBe(through(min, min + more).find((desired) => isStuck({ ...u, desired })));
  }), { numRuns: 1000 });
});

test('a range of any length is judged at once', () => {
  expect(stuckCountsIn({ min: 1, max: Number.MAX_SAFE_INTEGER }, { minHealthyPercent: 100, maxHealthyPercent: 200 })).toBeUndefined();
});

describe('a daemon', () => {
  const instances = fc.integer({ min: 1, max: 5000 });

  test('with a minimum of 0 and a maximum of 100 moves on any number of instances', () => {
    fc.assert(fc.property(instances, (n) => !isDaemonStuck({ instances: n, minHealthyPercent: 0, maxHealthyPercent: 100, room: n })));
  });

  test('with a minimum and a maximum of 100 moves on none', () => {
    fc.assert(fc.property(instances, (n) => isDaemonStuck({ instances: n, minHealthyPercent: 100, maxHealthyPercent: 100 })));
  });

  test('on one instance, with a maximum of 100, moves with a minimum of 0 only', () => {
    const moves = (minHealthyPercent: number) => !isDaemonStuck({ instances: 1, minHealthyPercent, maxHealthyPercent: 100 });
    expect(through(0, 100).filter(moves)).toEqual([0]);
  });

  test('whose instances hold one task each gains nothing by a maximum of 200', () => {
    fc.assert(fc.property(instances, fc.integer({ min: 0, max: 100 }), (n, minHealthyPercent) =>
      isDaemonStuck({ instances: n, minHealthyPercent, maxHealthyPercent: 200, room: n })
        === isDaemonStuck({ instances: n, minHealthyPercent, maxHealthyPercent: 100 })));
  });
});

test('a blue/green deployment that fits leaves room for a rolling update that starts first', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 250 }), (desired, room) =>
    isBlueGreenStuck({ desired, room }) || !isStuck({ desired, room, minHealthyPercent: 100, maxHealthyPercent: 200 })));
});
