import { InstanceLimits, instanceLimits } from '../../src/limits/instance-limits';
import {
  addressesPerInstance, awsvpcTasksWithoutTrunking, awsvpcTasksWithTrunking, interfaceSlots, interfaceSlotsOfMix, interfacesPerTask,
  tasksByHostPorts, trunkingVerdict, unionOf,
} from '../../src/limits/task-density';

const ends = (fewest: number, most: number) => ({ fewest, most });
const exactly = (tasks: number) => ends(tasks, tasks);
const limits = (type: string) => instanceLimits(type)!;

/** A type as EC2's API alone would tell of it: nobody knows whether it can trunk. */
const unheardOf: InstanceLimits = {
  instanceType: 'c99.large',
  maxEnis: 3,
  defaultCardEnis: 3,
  networkCards: 1,
  trunking: 'unlisted',
  tasksWithoutTrunking: 2,
  withoutSource: 'computed',
  sources: ['ec2-api(2026-08-07)'],
  notes: [],
};

describe('awsvpc tasks per instance', () => {
  // The last three columns of https://docs.aws.amazon.com/AmazonECS/latest/developerguide/eni-trunking-supported-instance-types.html, and
  // what of them is uncertain: docs/limits.md.
  test.each([
    ['c5.large', 'plain', exactly(2), exactly(10)],
    ['c5.xlarge', 'plain', exactly(3), exactly(20)],
    ['m5.large', 'plain', exactly(2), exactly(10)],
    ['t8i.nano', 'of a family T that can trunk [T14]', exactly(1), exactly(2)],
    ['t3.medium', 'that cannot trunk', exactly(2), undefined],
    ['a1.metal', 'that the guide excludes', exactly(7), undefined],
    ['c7g-flex.large', 'that the guide does not list', exactly(2), undefined],
    ['g7e.2xlarge', 'whose table and arithmetic differ', exactly(3), ends(122, 242)],
    ['i4i.32xlarge', 'whose table and arithmetic differ', exactly(14), ends(133, 498)],
    ['c6in.32xlarge', 'with two network cards', ends(7, 15), ends(7, 120)],
    ['p5.48xlarge', 'with 32 network cards, of which the text of the guide says 1 [M19]', ends(1, 63), ends(1, 242)],
    ['g7e.24xlarge', 'with two network cards, whose table and arithmetic differ', ends(9, 19), ends(9, 242)],
    ['hpc6id.32xlarge', 'with one interface on its first card', ends(0, 1), ends(0, 120)],
    ['hpc8a.96xlarge', 'of which the guide has a negative number with trunking', ends(1, 3), undefined],
    ['r5b.16xlarge', 'that the guide both lists and excludes [T13]', exactly(14), ends(14, 120)],
    ['u-6tb1.56xlarge', 'that the guide lists and excludes, and the VPC cannot trunk', exactly(14), ends(12, 14)],
    ['u-18tb1.metal', 'that holds fewer with trunking', exactly(14), exactly(12)],
    ['p6e-gb200.36xlarge', 'of which only the guide knows', exactly(38), exactly(120)],
  ])('%s, %s', (type, _, without, withTrunking) => {
    expect(awsvpcTasksWithoutTrunking(limits(type))).toEqual(without);
    expect(awsvpcTasksWithTrunking(limits(type))).toEqual(withTrunking);
  });

  test('are not known where nothing is', () => {
    const unknown: InstanceLimits = { instanceType: 'c99.large', trunking: 'unlisted', sources: ['a list of names'], notes: [] };
    expect(awsvpcTasksWithoutTrunking(unknown)).toBeUndefined();
    expect(awsvpcTasksWithTrunking(unknown)).toBeUndefined();
    expect(interfaceSlots(unknown, 'off')).toBeUndefined();
  });

  test('are what an override says, whatever else is said of the type', () => {
    const counted: InstanceLimits = {
      ...limits('p5.48xlarge'), tasksWithoutTrunking: 1, withoutSource: 'override', tasksWithTrunking: 120, withSource: 'override',
    };
    expect(awsvpcTasksWithoutTrunking(counted)).toEqual(exactly(1));
    expect(awsvpcTasksWithTrunking(counted)).toEqual(exactly(120));
    expect(trunkingVerdict(counted)).toEqual({ kind: 'helps', why: 'it holds 120 awsvpc tasks with trunking and 1 awsvpc task without' });
  });

  test('carry both ends where table and arithmetic differ without trunking', () => {
    expect(awsvpcTasksWithoutTrunking({ ...limits('c5.large'), maxEnis: 4 })).toEqual(ends(2, 3));
  });
});

describe('trunkingVerdict', () => {
  test.each([
    ['c5.large', 'helps', 'it holds 10 awsvpc tasks with trunking and 2 awsvpc tasks without', undefined],
    ['g7e.2xlarge', 'helps', 'it holds 122 to 242 awsvpc tasks with trunking and 3 awsvpc tasks without', "with trunking the ECS guide's table gives 242 tasks, the interfaces 122"],
    ['t3.medium', 'cannot', 'its network interfaces cannot be trunks', undefined],
    ['hpc8a.96xlarge', 'cannot', 'its network interfaces cannot be trunks', "the ECS guide's table counts the interfaces of all 2 network cards, what its text says of p5.48xlarge those of the first only"],
    ['a1.metal', 'cannot', 'the ECS guide excludes it from trunking', undefined],
    ['g4dn.xlarge', 'cannot', 'the ECS guide excludes it from trunking', undefined],
    ['u-18tb1.metal', 'does-not-help', 'it holds 12 awsvpc tasks with trunking and 14 awsvpc tasks without', undefined],
    ['c7g-flex.medium', 'does-not-help', 'it holds 1 awsvpc task with trunking and 1 awsvpc task without', undefined],
    ['c7g-flex.large', 'not-decidable', "the VPC could trunk it, and the ECS guide's table does not list it", undefined],
    ['r5b.16xlarge', 'not-decidable', 'it holds 14 to 120 awsvpc tasks with trunking and 14 awsvpc tasks without: %s', "the ECS guide's table of types that can trunk lists it, the text of the same page excludes it"],
    ['u-18tb1.112xlarge', 'does-not-help', 'it holds 12 awsvpc tasks with trunking and 14 awsvpc tasks without', undefined],
    ['c6in.32xlarge', 'not-decidable', 'it holds 7 to 120 awsvpc tasks with trunking and 7 to 15 awsvpc tasks without: %s', "the ECS guide's table counts the interfaces of all 2 network cards, what its text says of p5.48xlarge those of the first only"],
  ])('of %s: %s', (type, kind, why, sourcesDiffer) => {
    const verdict = trunkingVerdict(limits(type));
    expect(verdict).toEqual({ kind, why: why.replace('%s', sourcesDiffer!), ...sourcesDiffer ? { sourcesDiffer } : {} });
  });

  test('names each way in which sources differ', () => {
    expect(trunkingVerdict(limits('u-6tb1.56xlarge'))).toMatchObject({
      kind: 'does-not-help',
      sourcesDiffer: "the ECS guide's table of types that can trunk lists it, the text of the same page excludes it; with trunking the ECS guide's table gives 12 tasks, the interfaces 13",
    });
    expect(trunkingVerdict({ ...limits('c5.large'), maxEnis: 4 })).toMatchObject({
      kind: 'helps',
      sourcesDiffer: "without trunking the ECS guide's table gives 2 tasks, the interfaces 3; with trunking the ECS guide's table gives 10 tasks, the interfaces 11",
    });
  });

  test('is undecided where the number with trunking lies between the two without', () => {
    expect(trunkingVerdict({ ...limits('c6in.32xlarge'), tasksWithTrunking: 10, withSource: 'override' })).toMatchObject({
      kind: 'not-decidable', why: expect.stringMatching(/^it holds 10 awsvpc tasks with trunking and 7 to 15 awsvpc tasks without: /),
    });
  });

  test('still names the network cards while an override has settled one of the two numbers', () => {
    const twoCards = limits('c6in.32xlarge');
    const differ = { sourcesDiffer: expect.stringMatching(/all 2 network cards/) };
    expect(trunkingVerdict({ ...twoCards, withoutSource: 'override' })).toMatchObject({ kind: 'not-decidable', ...differ });
    expect(trunkingVerdict({ ...twoCards, withSource: 'override' })).toMatchObject({ kind: 'helps', ...differ });
  });

  test('is decided for a type that is listed and excluded once an override says how many tasks it holds', () => {
    expect(trunkingVerdict({ ...limits('r5b.16xlarge'), withSource: 'override' }))
      .toEqual({ kind: 'helps', why: 'it holds 120 awsvpc tasks with trunking and 14 awsvpc tasks without' });
  });

  test('is none for a type that the table lacks, or of which nothing is known of trunking', () => {
    expect(trunkingVerdict(undefined)).toEqual({ kind: 'not-decidable', why: 'it is not in the table of instance limits' });
    expect(trunkingVerdict(unheardOf)).toEqual({ kind: 'not-decidable', why: "the ECS guide's table does not list it, and how many tasks it could hold is not known" });
  });
});

describe('interfaceSlots', () => {
  test.each([
    ['c5.large', 'off', exactly(2), 2],
    ['c5.large', 'on', exactly(10), 10],
    ['c5.large', 'account-default', exactly(2), 10],
    ['c5.large', 'unknown', ends(2, 10), 10],
    ['t3.medium', 'on', exactly(2), 2],
    ['t3.medium', 'account-default', exactly(2), 2],
    ['a1.metal', 'on', exactly(7), 7],
    ['c7g-flex.large', 'on', ends(2, 4), 4],
    ['c7g-flex.large', 'account-default', exactly(2), 4],
    ['p5.48xlarge', 'on', ends(1, 242), 242],
    ['p5.48xlarge', 'account-default', ends(1, 63), 242],
    ['u-18tb1.metal', 'on', exactly(12), 12],
    ['u-18tb1.metal', 'account-default', exactly(14), 14],
    ['u-18tb1.metal', 'unknown', ends(12, 14), 14],
  ] as const)('%s with trunking %s', (type, state, effective, most) => {
    expect(interfaceSlots(limits(type), state)).toEqual({ effective, most });
  });

  test('lose one for each interface that the launch template adds, and never become fewer than none', () => {
    expect(interfaceSlots(limits('c6in.32xlarge'), 'account-default', 1)).toEqual({ effective: ends(6, 14), most: 119 });
    expect(interfaceSlots(limits('c5.large'), 'on', 2)).toEqual({ effective: exactly(8), most: 8 });
    expect(interfaceSlots(limits('c5.large'), 'off', 3)).toEqual({ effective: exactly(0), most: 0 });
  });

  test('are known without trunking where it is not known with it, and then nothing bounds them', () => {
    expect(interfaceSlots(unheardOf, 'off')).toEqual({ effective: exactly(2), most: 2 });
    expect(interfaceSlots(unheardOf, 'account-default')).toEqual({ effective: exactly(2), most: Infinity });
    expect(interfaceSlots(unheardOf, 'on')).toBeUndefined();
    expect(interfaceSlots(unheardOf, 'unknown')).toBeUndefined();
  });

  test('of several network cards are not known with trunking either, if the branches are not', () => {
    const twoCards = { ...unheardOf, maxEnis: 6, networkCards: 2, tasksWithoutTrunking: 5 };
    expect(trunkingVerdict(twoCards).kind).toBe('not-decidable');
    expect(interfaceSlots(twoCards, 'account-default')).toEqual({ effective: ends(2, 5), most: Infinity });
    expect(interfaceSlots(twoCards, 'on')).toBeUndefined();
  });

  test('of a mix go from the fewest of any type to the most of any', () => {
    expect(interfaceSlotsOfMix(['c5.large', 't3.micro', 'c5.xlarge'], 'on')).toEqual({ effective: ends(1, 20), most: 20 });
    expect(interfaceSlotsOfMix(['c5.large', 't3.micro', 'c5.xlarge'], 'account-default')).toEqual({ effective: ends(1, 3), most: 20 });
    expect(interfaceSlotsOfMix(['c5.large', 't3.micro'], 'on', 1)).toEqual({ effective: ends(0, 9), most: 9 });
  });

  test('of a mix with a type that the table lacks are not known, nor of no type', () => {
    expect(interfaceSlotsOfMix(['c5.large', 'c99.large'], 'off')).toBeUndefined();
    expect(interfaceSlotsOfMix([], 'off')).toBeUndefined();
  });
});

describe('unionOf', () => {
  test('holds every interval and no more', () => {
    expect(unionOf([ends(2, 3), ends(7, 9), exactly(1)])).toEqual(ends(1, 9));
  });

  test('is not known if one is not, or of none', () => {
    expect(unionOf([exactly(2), undefined])).toBeUndefined();
    expect(unionOf([])).toBeUndefined();
  });
});

describe('the other modes', () => {
  test('an instance takes one address, and one more for its trunk', () => {
    expect([addressesPerInstance(false), addressesPerInstance(true)]).toEqual([1, 2]);
  });

  test.each([['awsvpc', 1], ['bridge', 0], ['host', 0], ['none', 0]] as const)('a task in %s mode takes %i interfaces', (mode, interfaces) => {
    expect(interfacesPerTask(mode)).toBe(interfaces);
  });

  test.each([
    ['a fixed port', { fixed: 1 }, 1],
    ['two fixed ports', { fixed: 2 }, 1],
    ['a fixed and a dynamic port', { fixed: 1, dynamicTcp: 1 }, 1],
    ['no port', { fixed: 0 }, Infinity],
    // 32768 to 60999 are 28,232 ports; ECS reserves 51678 and 51679 of tcp.
    ['a dynamic tcp port', { fixed: 0, dynamicTcp: 1 }, 28230],
    ['three dynamic tcp ports', { fixed: 0, dynamicTcp: 3 }, 9410],
    ['a dynamic udp port', { fixed: 0, dynamicUdp: 1 }, 28232],
    ['a dynamic tcp and a udp port', { fixed: 0, dynamicTcp: 1, dynamicUdp: 1 }, 28230],
    ['a dynamic tcp and two udp ports', { fixed: 0, dynamicTcp: 1, dynamicUdp: 2 }, 14116],
  ])('%s', (_, use, tasks) => {
    expect(tasksByHostPorts(use)).toBe(tasks);
  });

  test('a range of its own bounds the tasks with dynamic ports', () => {
    expect(tasksByHostPorts({ fixed: 0, dynamicTcp: 2 }, { first: 100, last: 200 })).toBe(50);
    expect(tasksByHostPorts({ fixed: 0, dynamicTcp: 1 }, { first: 22, last: 22 })).toBe(0);
  });
});
