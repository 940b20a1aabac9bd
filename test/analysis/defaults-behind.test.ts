import { withDefaultsBehind } from '../../src/analysis/defaults-behind';

const defaults = (...names: string[]) => names.map((parameter) => ({ template: 't', parameter, assumption: `${parameter} is kept` }));
const finding = (severity: 'info' | 'warning' | 'error' = 'error', assumes: readonly string[] = ['something']) => (
  { rule: 'r', template: 't', resource: 'R', severity, assumes });
type Answer = ReturnType<typeof finding> | 'gone' | 'too much';

/** What the finding assumes in the end, where judging without some defaults gives this; and how often it was judged. */
function assumed(names: readonly string[], without: (left: readonly string[], exactly: boolean) => Answer) {
  let judged = 0;
  const [{ assumes }] = withDefaultsBehind([finding()], defaults(...names), (left, _, exactly) => {
    judged++;
    const answer = without(left.map(({ parameter }) => parameter), exactly);
    return answer === 'too much' ? undefined : answer === 'gone' ? [] : [answer];
  });
  return { assumes, judged };
}

const MANY = Array.from({ length: 64 }, (_, index) => `P${index}`);

test.each<[string, Answer, boolean]>([
  ['is not there', 'gone', true],
  ['is milder', finding('warning'), true],
  ['rests on a condition', finding('error', ['something', 'Prod is true']), true],
  ['is the same', finding(), false],
  ['rests on less', finding('error', []), false],
])('a default without which it %s', (_, answer, isNamed) => {
  expect(assumed(['A', 'B', 'C'], (left) => left.includes('B') ? answer : finding()).assumes).toEqual(['something', ...isNamed ? ['B is kept'] : []]);
});

test('one of many is found by halves', () => {
  const { assumes, judged } = assumed(MANY, (left) => left.includes('P37') ? 'gone' : finding());
  expect(assumes).toEqual(['something', 'P37 is kept']);
  expect(judged).toBeLessThan(16);
});

test('none of many is judged once', () => {
  expect(assumed(MANY, () => finding())).toEqual({ assumes: ['something'], judged: 1 });
});

test('two of which either is enough are both named', () => {
  expect(assumed(['A', 'B'], (left) => left.length === 2 ? 'gone' : finding()).assumes).toEqual(['something', 'A is kept', 'B is kept']);
});

test('what is said without exactness only narrows the search', () => {
  expect(assumed(MANY, (_, exactly) => exactly ? finding() : 'gone').assumes).toEqual(['something']);
});

test('what would take too much is not named', () => {
  expect(assumed(MANY, () => 'too much').assumes).toEqual(['something']);
  expect(assumed(['A', 'B'], (left) => left.length === 2 ? 'too much' : left[0] === 'A' ? 'gone' : finding()).assumes).toEqual(['something', 'A is kept']);
});
