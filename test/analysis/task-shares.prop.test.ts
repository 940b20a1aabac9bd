import * as fc from 'fast-check';
import type { HostGroup, Launch, StrategyItem } from '../../src/analysis/facts';
import { taskShares } from '../../src/analysis/task-shares';
import { exactly, known, Range, unknown, Value } from '../../src/analysis/value';

const GROUPS = [0, 1, 2].map((number) => ({ name: `group ${number}` } as unknown as HostGroup));

function item(hostGroup: HostGroup, base: Value<number>, weight: Value<number>): StrategyItem {
  return { provider: { identity: hostGroup.name, fargate: false, target: { hostGroup } as never }, base, weight };
}

function shares(strategy: readonly StrategyItem[], desired: Range, complete = true) {
  const hostGroups = GROUPS.slice(0, strategy.length);
  const launch: Launch = { kind: 'ec2', by: 'strategy', hostGroups, complete, strategy };
  return taskShares(launch, hostGroups, desired);
}

const ends = (strategy: ReadonlyArray<readonly [number, number]>, desired: Range) => {
  const items = strategy.map(([base, weight], i) => item(GROUPS[i], known(base), known(weight)));
  return [...shares(items, desired).of.values()].map(({ lo, hi }) => [lo, hi]);
};

test('the base comes first and the rest goes by weight, rounded either way', () => {
  expect(ends([[2, 1], [0, 1]], exactly(20))).toEqual([[11, 11], [9, 9]]);
  expect(ends([[0, 1], [0, 3]], exactly(10))).toEqual([[2, 3], [7, 8]]);
  expect(ends([[5, 0], [0, 1]], exactly(3))).toEqual([[3, 3], [0, 0]]);
  expect(ends([[5, 0], [0, 1]], exactly(9))).toEqual([[5, 5], [4, 4]]);
  expect(ends([[0, 1], [0, 1]], { lo: 2, hi: Infinity })).toEqual([[0, Infinity], [0, Infinity]]);
});

test('a single provider has all, unless there are others that are not known', () => {
  const alone = [item(GROUPS[0], known(0), known(1))];
  expect(shares(alone, exactly(7)).of.get(GROUPS[0])).toEqual({ lo: 7, hi: 7 });
  expect(shares(alone, exactly(7), false).of.get(GROUPS[0])).toEqual({ lo: 0, hi: 7 });
});

test('an unknown weight leaves the base, an unknown base nothing', () => {
  const strategy = [item(GROUPS[0], known(2), unknown('one')), item(GROUPS[1], unknown('two'), known(1))];
  const { of, why } = shares(strategy, exactly(9));
  expect([...of.values()]).toEqual([{ lo: 2, hi: 9 }, { lo: 0, hi: 9 }]);
  expect(why).toBe('one');
});

test('shares add up to what is wanted, within their ends', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 2, maxLength: 3 }).filter((all) => Math.max(...all) > 0);
  fc.assert(fc.property(weights, fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 500 }), (all, base, desired) => {
    const its = ends(all.map((weight, i) => [i === 0 ? base : 0, weight] as const), exactly(desired));
    const total = (end: 0 | 1) => its.reduce((sum, one) => sum + one[end], 0);
    return total(0) <= desired && total(1) >= desired && its.every(([lo, hi]) => hi - lo <= 1);
  }));
});
