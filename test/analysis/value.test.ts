import { all, chained, equal, every, exactly, hull, known, mapped, otherwise, some, sum, union, unknown, Verdict } from '../../src/analysis/value';

const OPEN = unknown('it is open', 'open');

describe('values', () => {
  test('are mapped where they are known', () => {
    expect(mapped(known(2, ['a']), (value) => value * 2)).toEqual(known(4, ['a']));
    expect(mapped(OPEN, () => 1)).toBe(OPEN);
  });

  test('are chained with all that both assume', () => {
    expect(chained(known(2, ['a', 'b']), (value) => known(value + 1, ['b', 'c']))).toEqual(known(3, ['a', 'b', 'c']));
    expect(chained(known(2), () => OPEN)).toBe(OPEN);
    expect(chained(OPEN, () => known(1))).toBe(OPEN);
  });

  test('are known together where each is', () => {
    expect(all([known(1, ['a']), known(2, ['a', 'b'])])).toEqual(known([1, 2], ['a', 'b']));
    expect(all([known(1), OPEN, unknown('another')])).toBe(OPEN);
    expect(all([])).toEqual(known([]));
  });

  test('are replaced where they are not known', () => {
    expect([otherwise(known(1), 2), otherwise(OPEN, 2)]).toEqual([1, 2]);
  });

  test('are equal where they are known or the same expression, and else it cannot be told', () => {
    expect(equal(known('a'), known('a', ['x']))).toBe('yes');
    expect(equal(known('a'), known('b'))).toBe('no');
    expect(equal(OPEN, unknown('otherwise said', 'open'))).toBe('yes');
    expect(equal(OPEN, unknown('it is open', 'other'))).toBe(OPEN);
    expect(equal(known('a'), OPEN)).toBe(OPEN);
    expect(equal(OPEN, known('a'))).toBe(OPEN);
    const nameless = unknown('no identity');
    expect(equal(nameless, nameless)).toBe(nameless);
  });
});

test('assumptions are each there once', () => {
  expect(union(['a', 'b'], [], ['b', 'c'])).toEqual(['a', 'b', 'c']);
});

describe('verdicts', () => {
  test.each<[Verdict[], Verdict, Verdict]>([
    [[], 'yes', 'no'],
    [['yes', 'yes'], 'yes', 'yes'],
    [['no', 'no'], 'no', 'no'],
    [['yes', 'no'], 'no', 'yes'],
    [['yes', OPEN], OPEN, 'yes'],
    [['no', OPEN], 'no', OPEN],
    [[OPEN, unknown('another')], OPEN, OPEN],
  ])('of %j: all %j, some %j', (verdicts, ofAll, ofSome) => {
    expect([every(verdicts), some(verdicts)]).toEqual([ofAll, ofSome]);
  });
});

test('ranges are summed and held together end by end', () => {
  expect(sum([exactly(2), { lo: 1, hi: 5 }, { lo: 0, hi: Infinity }])).toEqual({ lo: 3, hi: Infinity });
  expect(sum([])).toEqual({ lo: 0, hi: 0 });
  expect(hull([{ lo: 3, hi: 4 }, exactly(1), { lo: 2, hi: 9 }])).toEqual({ lo: 1, hi: 9 });
});
