import * as fc from 'fast-check';
import { InstanceLimits, instanceLimits, instanceTypesInTable } from '../../src/limits/instance-limits';
import {
  awsvpcTasksWithoutTrunking, awsvpcTasksWithTrunking, HostPortUse, interfaceSlots, interfaceSlotsOfAnyType, interfaceSlotsOfMix, Interval,
  tasksByHostPorts, TrunkingState, trunkingVerdict, unionOf,
} from '../../src/limits/task-density';

const types = instanceTypesInTable();
const table = types.map((type) => instanceLimits(type)!);
const states: TrunkingState[] = ['off', 'on', 'account-default', 'unknown'];

/** The types of the table of which something does not hold. */
const exceptions = (isSo: (limits: InstanceLimits) => boolean) =>
  table.filter((limits) => !isSo(limits)).map(({ instanceType }) => instanceType);
const holds = ({ fewest, most }: Interval, tasks: number) => fewest <= tasks && tasks <= most;
const arePlain = ({ notes }: InstanceLimits) => !notes.some((note) => /differ|multi|excludes|no-trunk|no branch/.test(note));

describe('every row of the table', () => {
  test('is found under its own name', () => {
    expect(exceptions(({ instanceType }) => instanceLimits(instanceType)?.instanceType === instanceType)).toEqual([]);
    expect(new Set(types).size).toBe(types.length);
  });

  test('has as many tasks without trunking as interfaces but one [T01]', () => {
    expect(exceptions(({ tasksWithoutTrunking, maxEnis }) => maxEnis === undefined || tasksWithoutTrunking === maxEnis - 1)).toEqual([]);
  });

  test('has as many tasks with trunking as branches and interfaces but two [T02], or says that it does not', () => {
    const comparable = table.filter(({ tasksWithTrunking, branchEnis, maxEnis }) =>
      tasksWithTrunking !== undefined && branchEnis !== undefined && maxEnis !== undefined);
    const differing = comparable.filter(({ tasksWithTrunking, branchEnis, maxEnis }) => tasksWithTrunking !== branchEnis! + maxEnis! - 2);
    // 16 of 1,164: more of them, and the rule would be none.
    expect(differing.length / comparable.length).toBeLessThan(0.02);
    expect(differing.filter(({ notes }) => !notes.some((note) => /arithmetic differ|not trunking compatible/.test(note)))).toEqual([]);
  });

  test('has one number of tasks where nothing is noted of it', () => {
    const plain = table.filter(arePlain);
    expect(plain.length).toBeGreaterThan(1300);
    expect(plain.filter((limits) => {
      const [without, withTrunking] = [awsvpcTasksWithoutTrunking(limits)!, awsvpcTasksWithTrunking(limits)];
      return without.fewest !== without.most || withTrunking?.fewest !== withTrunking?.most;
    })).toEqual([]);
  });

  test('has ends in their order, none negative, that hold the number of the table and that of the arithmetic', () => {
    expect(exceptions((limits) => {
      const [without, withTrunking] = [awsvpcTasksWithoutTrunking(limits), awsvpcTasksWithTrunking(limits)];
      const { maxEnis, branchEnis, tasksWithoutTrunking, tasksWithTrunking } = limits;
      return without !== undefined && without.fewest >= 0 && without.fewest <= without.most && holds(without, tasksWithoutTrunking!)
        && (withTrunking === undefined) === (limits.trunking !== 'supported')
        && (withTrunking === undefined || (withTrunking.fewest >= 0 && withTrunking.fewest <= withTrunking.most
          && holds(withTrunking, tasksWithTrunking!)
          && (branchEnis === undefined || maxEnis === undefined || holds(withTrunking, branchEnis + maxEnis - 2))));
    })).toEqual([]);
  });

  test('has the default card as its lower end if it has several', () => {
    const multiCard = table.filter(({ networkCards }) => networkCards !== undefined && networkCards > 1);
    expect(multiCard.length).toBeGreaterThan(50);
    for (const limits of multiCard) {
      expect(awsvpcTasksWithoutTrunking(limits)).toEqual({ fewest: limits.defaultCardEnis! - 1, most: limits.maxEnis! - 1 });
    }
  });

  test('is helped by trunking if and only if the worst with it is better than the best without', () => {
    expect(exceptions((limits) => {
      const [without, withTrunking] = [awsvpcTasksWithoutTrunking(limits)!, awsvpcTasksWithTrunking(limits)];
      return (trunkingVerdict(limits).kind === 'helps') === (withTrunking !== undefined && withTrunking.fewest > without.most);
    })).toEqual([]);
  });

  test('cannot trunk if and only if it is said so, and has no tasks with trunking then', () => {
    expect(exceptions((limits) => {
      const cannot = trunkingVerdict(limits).kind === 'cannot';
      return cannot === ['no', 'excluded'].includes(limits.trunking) && !(cannot && awsvpcTasksWithTrunking(limits));
    })).toEqual([]);
  });

  test('is undecided if it is unlisted and trunking could help', () => {
    const unlisted = table.filter(({ trunking }) => trunking === 'unlisted');
    expect(unlisted.filter((limits) => trunkingVerdict(limits).kind === 'helps')).toEqual([]);
  });

  test('has at most as many slots as no setting can raise', () => {
    expect(exceptions((limits) => states.every((state) => {
      const slots = interfaceSlots(limits, state)!;
      return slots.effective.fewest <= slots.effective.most && slots.effective.most <= slots.most;
    }))).toEqual([]);
  });

  test('has no state but the unknown one that goes beyond what is known', () => {
    expect(exceptions((limits) => {
      const [off, on, account, unknown] = states.map((state) => interfaceSlots(limits, state)!);
      return account.effective.fewest === off.effective.fewest && account.effective.most === off.effective.most
        && account.most === Math.max(off.most, on.most)
        && unknown.effective.fewest === Math.min(off.effective.fewest, on.effective.fewest)
        && unknown.effective.most === Math.max(off.effective.most, on.effective.most);
    })).toEqual([]);
  });
});

const interval = fc.tuple(fc.nat(20), fc.nat(20)).map(([a, b]) => ({ fewest: Math.min(a, b), most: Math.max(a, b) }));
const mix = fc.array(fc.constantFrom(...types), { minLength: 1, maxLength: 5 });
const state = fc.constantFrom(...states);

describe('unionOf', () => {
  test('does not mind the order, nor what comes twice', () => {
    fc.assert(fc.property(fc.array(interval, { minLength: 1 }), (intervals) => {
      expect(unionOf([...intervals].reverse().concat(intervals))).toEqual(unionOf(intervals));
    }));
  });

  test('can be made one by one', () => {
    fc.assert(fc.property(fc.array(interval, { minLength: 1 }), interval, (intervals, last) => {
      expect(unionOf([...intervals, last])).toEqual(unionOf([unionOf(intervals), last]));
    }));
  });

  test('holds each interval, and has its ends from them', () => {
    fc.assert(fc.property(fc.array(interval, { minLength: 1 }), (intervals) => {
      const union = unionOf(intervals)!;
      return intervals.every(({ fewest, most }) => holds(union, fewest) && holds(union, most))
        && intervals.some(({ fewest }) => fewest === union.fewest) && intervals.some(({ most }) => most === union.most);
    }));
  });
});

describe('the slots of a mix', () => {
  test('are those of its type if it has one', () => {
    fc.assert(fc.property(fc.constantFrom(...types), state, fc.nat(3), (type, each, extra) => {
      expect(interfaceSlotsOfMix([type], each, extra)).toEqual(interfaceSlots(instanceLimits(type)!, each, extra));
    }));
  });

  test('get no closer with another type, and fewer with another interface', () => {
    fc.assert(fc.property(mix, fc.constantFrom(...types), state, fc.nat(3), (some, another, each, extra) => {
      const [slots, more] = [interfaceSlotsOfMix(some, each, extra)!, interfaceSlotsOfMix([...some, another], each, extra)!];
      const fewer = interfaceSlotsOfMix(some, each, extra + 1)!;
      return more.effective.fewest <= slots.effective.fewest && more.effective.most >= slots.effective.most && more.most >= slots.most
        && fewer.effective.fewest === Math.max(0, slots.effective.fewest - 1)
        && fewer.effective.most === Math.max(0, slots.effective.most - 1);
    }));
  });
});

test.each(states)('the slots of any type, with trunking %s, are from the smallest to the largest value of the table', (each) => {
  const slots = table.map((limits) => interfaceSlots(limits, each)!);
  expect(interfaceSlotsOfAnyType(each)).toEqual({
    effective: unionOf(slots.map(({ effective }) => effective)),
    most: Math.max(...slots.map(({ most }) => most)),
  });
});

describe('tasks by their host ports', () => {
  const range = fc.tuple(fc.integer({ min: 1, max: 65535 }), fc.nat(300))
    .map(([first, more]) => ({ first, last: Math.min(first + more, 65535) }));
  const dynamic = fc.record({ fixed: fc.constant(0), dynamicTcp: fc.nat(4), dynamicUdp: fc.nat(4) }) satisfies fc.Arbitrary<HostPortUse>;

  test('fit into the range, and one more does not', () => {
    fc.assert(fc.property(dynamic, range, (use, ports) => {
      const tasks = tasksByHostPorts(use, ports);
      const reserved = [22, 2375, 2376, 51678, 51679].filter((port) => ports.first <= port && port <= ports.last).length;
      const there = ports.last - ports.first + 1;
      const fit = (count: number) => count * use.dynamicTcp <= there - reserved && count * use.dynamicUdp <= there;
      return use.dynamicTcp + use.dynamicUdp === 0 ? tasks === Infinity : fit(tasks) && !fit(tasks + 1);
    }));
  });

  test('are one as soon as one port is fixed', () => {
    fc.assert(fc.property(dynamic, range, fc.integer({ min: 1, max: 100 }), (use, ports, fixed) =>
      tasksByHostPorts({ ...use, fixed }, ports) === 1));
  });
});
