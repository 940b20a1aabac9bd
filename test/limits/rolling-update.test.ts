import {
  bindingCause, fixedPortPercents, isBlueGreenStuck, isDaemonStuck, isStuck, largestWorkableMinimumPercent, maximumTasks,
  minimumHealthyTasks, smallestWorkableMaximumPercent, stuckCountsIn,
} from '../../src/limits/rolling-update';

const FARGATE = undefined;

describe('a rolling update', () => {
  // The numbers are those of the table of 'deployment-deadlock' in the rule specification.
  test.each([
    ['1', 'one task on one instance, fixed port, 50/200', 1, 1, 50, 200, 1, 2, 'room'],
    ['2', 'one task on one instance, fixed port, 100/200', 1, 1, 100, 200, 1, 2, 'room'],
    ['3', 'one task on one instance, fixed port, 0/100: stops first', 1, 1, 0, 100, 0, 1, undefined],
    ['4', 'one task on one instance, fixed port, 0/200', 1, 1, 0, 200, 0, 2, undefined],
    ['5', 'one task on two instances, fixed port, 100/200: starts first', 1, 2, 100, 200, 1, 2, undefined],
    ['6', 'one task on two instances, fixed port, 50/100', 1, 2, 50, 100, 1, 1, 'percents'],
    ['7', 'two tasks on two instances, fixed port, 50/100', 2, 2, 50, 100, 1, 2, undefined],
    ['8', 'two tasks on two instances, fixed port, 75/200', 2, 2, 75, 200, 2, 4, 'room'],
    ['9', 'two tasks on two instances, fixed port, 100/200', 2, 2, 100, 200, 2, 4, 'room'],
    ['10', 'two tasks on three instances, fixed port, 100/150', 2, 3, 100, 150, 2, 3, undefined],
    ['11', 'three tasks on three instances, fixed port, 66/100', 3, 3, 66, 100, 2, 3, undefined],
    ['12', 'three tasks on three instances, fixed port, 67/100', 3, 3, 67, 100, 3, 3, 'percents'],
    ['13', 'three tasks on Fargate, 100/125', 3, FARGATE, 100, 125, 3, 3, 'percents'],
    ['14', 'three tasks on Fargate, 100/134', 3, FARGATE, 100, 134, 3, 4, undefined],
    ['15', 'four tasks in four interface slots, 75/100', 4, 4, 75, 100, 3, 4, undefined],
    ['16', 'four tasks in four interface slots, 76/200', 4, 4, 76, 200, 4, 8, 'room'],
    ['17', 'one task in one interface slot, 50/200', 1, 1, 50, 200, 1, 2, 'room'],
    ['18', 'three tasks in four interface slots, 100/200: one at a time', 3, 4, 100, 200, 3, 6, undefined],
    ['19', 'ten tasks on eleven instances, distinct, 100/110', 10, 11, 100, 110, 10, 11, undefined],
    ['20', 'ten tasks on ten instances, distinct, 91/100', 10, 10, 91, 100, 10, 10, 'percents'],
    ['21', 'ten tasks on Fargate, 90/100', 10, FARGATE, 90, 100, 9, 10, undefined],
    ['22a', 'two tasks on the two instances a group starts with, fixed port, 100/200', 2, 2, 100, 200, 2, 4, 'room'],
    ['22b', 'two tasks once the group has three instances, fixed port, 100/200', 2, 3, 100, 200, 2, 4, undefined],
    ['23', 'two tasks on a group that scales to four instances, fixed port, 100/200', 2, 4, 100, 200, 2, 4, undefined],
    ['28', 'no tasks, 100/200', 0, 1, 100, 200, 0, 0, undefined],
  ] as const)('%s: %s', (_number, _what, desired, room, minHealthyPercent, maxHealthyPercent, minimum, maximum, cause) => {
    const update = { desired, room, minHealthyPercent, maxHealthyPercent };
    expect(minimumHealthyTasks(desired, minHealthyPercent)).toBe(minimum);
    expect(maximumTasks(desired, maxHealthyPercent)).toBe(maximum);
    expect(bindingCause(update)).toBe(cause);
    expect(isStuck(update)).toBe(cause !== undefined);
  });

  test.each([
    ['75% of 2', 2, 75, 100],
    ['125% of 3', 3, 100, 125],
  ])('the AWS guide says so: %s cannot move', (_what, desired, minHealthyPercent, maxHealthyPercent) => {
    expect(bindingCause({ desired, minHealthyPercent, maxHealthyPercent })).toBe('percents');
  });

  test('a maximum below the desired count is stuck whatever the minimum', () => {
    expect(bindingCause({ desired: 4, minHealthyPercent: 0, maxHealthyPercent: 99 })).toBe('percents');
  });

  test('no desired tasks are never stuck, even with percents that stick any task', () => {
    expect(isStuck({ desired: 0, minHealthyPercent: 100, maxHealthyPercent: 100, room: 0 })).toBe(false);
  });

  test('room that does not hold the desired tasks is stuck for want of room', () => {
    expect(bindingCause({ desired: 4, minHealthyPercent: 0, maxHealthyPercent: 100, room: 3 })).toBe('room');
  });
});

describe('a daemon', () => {
  test('24: on three instances, 0/100, moves', () => {
    expect(isDaemonStuck({ instances: 3, minHealthyPercent: 0, maxHealthyPercent: 100 })).toBe(false);
  });

  test.each([1, 2, 3, 50, 5000])('25: 100/100 is stuck on %d instances', (instances) => {
    expect(isDaemonStuck({ instances, minHealthyPercent: 100, maxHealthyPercent: 100 })).toBe(true);
  });

  test.each([1, 50, 99])('a minimum of %d is stuck on exactly one instance, for it rounds up to 1', (minHealthyPercent) => {
    expect(isDaemonStuck({ instances: 1, minHealthyPercent, maxHealthyPercent: 100 })).toBe(true);
  });

  test('the minimum of 50 the console sets moves on two instances', () => {
    expect(isDaemonStuck({ instances: 2, minHealthyPercent: 50, maxHealthyPercent: 100 })).toBe(false);
  });

  test('a maximum above 100 helps only where an instance holds two of its tasks', () => {
    const update = { instances: 3, minHealthyPercent: 100, maxHealthyPercent: 200 };
    expect(isDaemonStuck(update)).toBe(false);
    expect(isDaemonStuck({ ...update, room: 3 })).toBe(true);
  });
});

describe('a blue/green deployment', () => {
  test('26: two tasks on three instances, fixed port, are stuck: they need four', () => {
    expect(isBlueGreenStuck({ desired: 2, room: 3 })).toBe(true);
  });

  test('two tasks on four instances, fixed port, are not', () => expect(isBlueGreenStuck({ desired: 2, room: 4 })).toBe(false));

  test('27: two tasks on Fargate are not', () => expect(isBlueGreenStuck({ desired: 2, room: FARGATE })).toBe(false));

  test('no tasks are not', () => expect(isBlueGreenStuck({ desired: 0, room: 0 })).toBe(false));
});

describe('percents that work', () => {
  test.each([[0, 0], [1, 0], [2, 50], [3, 66], [4, 75], [10, 90], [5000, 99]])('%d tasks move with a minimum of %d at most', (desired, percent) => {
    expect(largestWorkableMinimumPercent(desired)).toBe(percent);
  });

  test.each([[0, 100], [1, 200], [2, 150], [3, 134], [4, 125], [10, 110], [5000, 101]])('%d tasks start first with a maximum of %d at least', (desired, percent) => {
    expect(smallestWorkableMaximumPercent(desired)).toBe(percent);
  });

  test.each([
    [undefined, 0],
    [0, 0],
    [1, 0],
    [2, 50],
    [3, 66],
    [4, 75],
  ])('a fixed port and a smallest desired count of %p get a minimum of %d and a maximum of 100', (smallest, minHealthyPercent) => {
    expect(fixedPortPercents(smallest)).toEqual({ minHealthyPercent, maxHealthyPercent: 100 });
  });
});

describe('a range of desired counts', () => {
  test('29: one to four tasks on four instances, fixed port, 50/200, are stuck at none', () => {
    expect(stuckCountsIn({ min: 1, max: 4 }, { minHealthyPercent: 50, maxHealthyPercent: 200, room: 4 })).toBeUndefined();
  });

  test('the smallest stuck count is named', () => {
    expect(stuckCountsIn({ min: 2, max: 9 }, { minHealthyPercent: 75, maxHealthyPercent: 100 })).toBe(2);
    expect(stuckCountsIn({ min: 4, max: 9 }, { minHealthyPercent: 76, maxHealthyPercent: 100 })).toBe(4);
    expect(stuckCountsIn({ min: 1, max: 9 }, { minHealthyPercent: 100, maxHealthyPercent: 200, room: 6 })).toBe(6);
  });

  test('both ends belong to the range', () => {
    expect(stuckCountsIn({ min: 1, max: 6 }, { minHealthyPercent: 100, maxHealthyPercent: 200, room: 6 })).toBe(6);
    expect(stuckCountsIn({ min: 1, max: 5 }, { minHealthyPercent: 100, maxHealthyPercent: 200, room: 6 })).toBeUndefined();
    expect(stuckCountsIn({ min: 1, max: 1 }, { minHealthyPercent: 50, maxHealthyPercent: 100 })).toBe(1);
    expect(stuckCountsIn({ min: 2, max: 2 }, { minHealthyPercent: 50, maxHealthyPercent: 100 })).toBeUndefined();
  });

  test('a count above the room is stuck, unless the caller ends the range at the room', () => {
    const update = { minHealthyPercent: 0, maxHealthyPercent: 100, room: 3 };
    expect(stuckCountsIn({ min: 1, max: 10 }, update)).toBe(4);
    expect(stuckCountsIn({ min: 1, max: update.room }, update)).toBeUndefined();
  });

  test('beyond 100 tasks, too, both ends belong to the range', () => {
    const toTheRoom = { minHealthyPercent: 100, maxHealthyPercent: 200, room: 150 };
    const beyondIt = { ...toTheRoom, minHealthyPercent: 50 };
    expect(stuckCountsIn({ min: 1, max: 149 }, toTheRoom)).toBeUndefined();
    expect(stuckCountsIn({ min: 1, max: 150 }, toTheRoom)).toBe(150);
    expect(stuckCountsIn({ min: 1, max: 150 }, beyondIt)).toBeUndefined();
    expect(stuckCountsIn({ min: 1, max: 151 }, beyondIt)).toBe(151);
  });

  test('counts from 0 skip the 0, which is never stuck', () => {
    expect(stuckCountsIn({ min: 0, max: 3 }, { minHealthyPercent: 100, maxHealthyPercent: 100 })).toBe(1);
  });

  test('an empty range has no stuck count', () => {
    expect(stuckCountsIn({ min: 3, max: 2 }, { minHealthyPercent: 100, maxHealthyPercent: 100 })).toBeUndefined();
    expect(stuckCountsIn({ min: 3, max: 2 }, { minHealthyPercent: 100, maxHealthyPercent: 200, room: 2 })).toBeUndefined();
  });
});
