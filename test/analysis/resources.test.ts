import { booleanOf, identityOf, itemsOf, numberOf, textOf } from '../../src/analysis/resources';
import { evaluated } from './given';

const REST = { Parameters: { Open: { Type: 'String' }, Kept: { Type: 'String', Default: '7' } }, Resources: { Vpc: { Type: 'V' } } };
const value = (expression: unknown) => evaluated(expression, REST)!;
const known = (of: unknown, ...assumes: string[]) => ({ known: true, value: of, assumes });
const KEPT = 'parameter Kept keeps its default 7';

describe('an evaluated expression read as', () => {
  test.each<[string, (of: ReturnType<typeof value>) => unknown, unknown, unknown]>([
    ['text', textOf, 'a', known('a')],
    ['text', textOf, 80, known('80')],
    ['text', textOf, true, known('true')],
    ['text', textOf, { Ref: 'Kept' }, known('7', KEPT)],
    ['number', numberOf, 80, known(80)],
    ['number', numberOf, '80', known(80)],
    ['number', numberOf, ' 8 ', known(8)],
    ['number', numberOf, '-1.5', known(-1.5)],
    ['number', numberOf, { Ref: 'Kept' }, known(7, KEPT)],
    ['truth value', booleanOf, true, known(true)],
    ['truth value', booleanOf, 'false', known(false)],
    ['truth value', booleanOf, 'True', known(true)],
  ])('%s: %p', (_, as, expression, expected) => {
    expect(as(value(expression))).toEqual(expected);
  });

  test.each<[string, (of: ReturnType<typeof value>) => unknown, unknown, string]>([
    ['a number', numberOf, '', 'it is no number here'],
    ['a number', numberOf, ' ', 'it is no number here'],
    ['a number', numberOf, 'many', 'it is no number here'],
    ['a number', numberOf, true, 'it is no number here'],
    ['a number', numberOf, [1], 'it is no number here'],
    ['a truth value', booleanOf, 'yes', 'it is no truth value here'],
    ['a truth value', booleanOf, 1, 'it is no truth value here'],
    ['literal text', textOf, { Ref: 'Vpc' }, 'it is no literal text here'],
    ['literal text', textOf, { 'Fn::Sub': 'a${Vpc}' }, 'it is no literal text here'],
    ['a list', itemsOf, 'a', 'it is no list here'],
    ['literal text', textOf, { Ref: 'Open' }, 'parameter Open has no default'],
    ['a list', itemsOf, { Ref: 'Open' }, 'parameter Open has no default'],
  ])('%s, which it is not: %p', (_, as, expression, why) => {
    expect(as(value(expression))).toEqual({ known: false, why, identity: identityOf(value(expression)) });
  });

  test('a list: its items', () => {
    const items = itemsOf(value(['a', { Ref: 'Vpc' }]));
    expect(items.known && items.value.map(({ kind }) => kind)).toEqual(['scalar', 'reference']);
  });
});
