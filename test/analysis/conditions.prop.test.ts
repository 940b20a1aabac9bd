import fc from 'fast-check';
import { Choice, Choices, Comparison, MAX_CHOICES, nextChoices, Term } from '../../src/analysis/conditions';

const words = { equal: 'equal', different: 'different' };
const VALUES = ['a', 'b', 'c', 'other'];

/** Variables with and without values they are restricted to, and literals; `other` stands for whatever nobody compares with. */
const term: fc.Arbitrary<Term> = fc.oneof(
  fc.constantFrom('a', 'b', 'c').map((literal) => ({ literal })),
  fc.constantFrom<Term>({ identity: 'x' }, { identity: 'y' }, { identity: 'z', allowed: ['a', 'b'] }),
);
const comparison: fc.Arbitrary<Comparison> = fc.record({ left: term, right: term });

/** Every way to give the variables values. */
const assignments = VALUES.flatMap((x) => VALUES.flatMap((y) => ['a', 'b'].map((z) => new Map([['x', x], ['y', y], ['z', z]]))));

const holds = ({ left, right }: Comparison, values: ReadonlyMap<string, string>) => {
  const valueOf = ({ literal, identity }: Term) => literal ?? values.get(identity!);
  return valueOf(left) === valueOf(right);
};

/** What comparisons come to in each world, asked in this order. */
function explore(comparisons: readonly Comparison[], most = MAX_CHOICES): Array<Array<boolean | undefined>> {
  const found: Array<Array<boolean | undefined>> = [];
  let choices: readonly Choice[] | undefined = [];
  while (choices) {
    const world: Choices = new Choices(choices, most);
    found.push(comparisons.map((one) => world.choose(one, words)));
    choices = nextChoices(world.all);
  }
  return found;
}

describe('choices', () => {
  test('come to exactly the outcomes that some values of the variables have', () => {
    fc.assert(fc.property(fc.array(comparison, { maxLength: 5 }), (comparisons) => {
      const expected = new Set(assignments.map((values) => JSON.stringify(comparisons.map((one) => holds(one, values)))));
      const found = explore(comparisons).map((outcome) => JSON.stringify(outcome));
      expect(new Set(found)).toEqual(expected);
      expect(found).toHaveLength(expected.size);
    }));
  });

  test('do not depend on the sides of a comparison, nor on asking twice', () => {
    fc.assert(fc.property(fc.array(comparison, { maxLength: 5 }), (comparisons) => {
      const twice = comparisons.flatMap((one) => [one, { left: one.right, right: one.left }]);
      for (const outcome of explore(twice)) {
        outcome.forEach((value, index) => expect(value).toBe(outcome[index - index % 2]));
      }
    }));
  });

  test('are at most so many, and say what they leave open', () => {
    const open = Array.from({ length: 4 }, (_, index) => ({ left: { identity: `v${index}` }, right: { literal: 'a' } }));
    expect(explore(open, 2)).toEqual([
      [true, true, undefined, undefined], [true, false, undefined, undefined],
      [false, true, undefined, undefined], [false, false, undefined, undefined],
    ]);
    const none = new Choices([], 0);
    expect([none.choose(open[0], words), none.open, none.settled({ left: { literal: 'a' }, right: { literal: 'b' } })]).toEqual([undefined, ['equal'], false]);
  });
});
