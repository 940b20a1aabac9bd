import { formatCsv, parseCsv } from '../../tools/instance-limits/csv';
import {
  COLUMNS, generated, limitsOf, Override, OVERRIDE_COLUMNS, overridden, problemsOf, problemsOfOverrides, Row, withFiguresFollowed,
} from '../../tools/instance-limits/table';

const c5: Row = {
  instance_type: 'c5.large',
  vcpus: '2',
  memory_mib: '4096',
  max_enis: '3',
  default_card_enis: '3',
  network_cards: '1',
  ipv4_per_eni: '10',
  ipv6_supported: 'true',
  branch_enis: '9',
  ecs_trunking: 'supported',
  ecs_tasks_without_trunking: '2',
  without_source: 'guide',
  ecs_tasks_with_trunking: '10',
  with_source: 'guide',
  sources: 'ec2-api(moto 5.2.5); ecs-guide 2026',
  note: '',
};
const t3: Row = {
  ...c5,
  instance_type: 't3.medium',
  branch_enis: '0',
  ecs_trunking: 'no',
  without_source: 'computed',
  ecs_tasks_with_trunking: '',
  with_source: '',
  sources: 'ec2-api(moto 5.2.5)',
};
const MULTI_CARD = 'multi network card; guide counts all cards';
const twoCards: Row = { ...c5, max_enis: '6', network_cards: '2', branch_enis: '6', ecs_tasks_without_trunking: '5', note: MULTI_CARD };

describe('CSV', () => {
  const columns = ['a', 'b'] as const;

  test.each([
    ['plain cells', 'a,b\n1,2\n', [{ a: '1', b: '2' }]],
    ['quoted ones, with commas, quotes and line breaks', 'a,b\n"1,1","2 ""two""\n"\n', [{ a: '1,1', b: '2 "two"\n' }]],
    ['empty ones', 'a,b\n,\n', [{ a: '', b: '' }]],
    ['no row', 'a,b\n', []],
  ])('reads and writes %s', (_, text, rows) => {
    expect(parseCsv(text, columns)).toEqual(rows);
    expect(formatCsv(rows, columns)).toBe(text);
  });

  test('reads lines that end as on Windows, and a last one that does not end', () => {
    expect(parseCsv('a,b\r\n1,2\r\n3,4', columns)).toEqual([{ a: '1', b: '2' }, { a: '3', b: '4' }]);
  });

  test.each([
    ['other columns', 'b,a\n', 'line 1: the columns must be a,b, got b,a'],
    ['no line', '', 'line 1: the columns must be a,b, got an empty file'],
    ['a cell too few', 'a,b\n1,2\n3\n', 'record 3: expected 2 cells, got 1: 3'],
    ['a quote that does not end', 'a,b\n1,"2\n', 'line 2: a quote that does not end, or in the middle of a cell'],
    ['a quote in the middle', 'a,b\n1,2"2"\n', 'line 2: a quote that does not end, or in the middle of a cell'],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseCsv(text, columns)).toThrow(message);
  });
});

describe('a table', () => {
  test('may have rows that are as they should be', () => {
    expect(problemsOf([twoCards, t3])).toEqual([]);
    expect(problemsOf([c5, t3])).toEqual([]);
  });

  test.each<[string, Partial<Row>, string]>([
    ['a number that is none', { vcpus: 'two' }, 'vcpus must be an integer of at least 1, or empty, got "two"'],
    ['a fraction', { ipv4_per_eni: '1.5' }, 'ipv4_per_eni must be an integer of at least 1, or empty, got "1.5"'],
    ['a negative number of tasks', { ecs_tasks_with_trunking: '-2' }, 'ecs_tasks_with_trunking must be an integer of at least 0, or empty, got "-2"'],
    ['no interface at all', { max_enis: '0' }, 'max_enis must be an integer of at least 1, or empty, got "0"'],
    ['another word for trunking', { ecs_trunking: 'yes' }, 'ecs_trunking must be one of supported, excluded, unlisted, no, got "yes"'],
    ['another word for a truth', { ipv6_supported: '1' }, 'ipv6_supported must be one of true, false, got "1"'],
    ['another name', { instance_type: 'c5 large' }, 'instance_type must be like c5.large'],
    ['no source', { sources: '' }, 'sources must say where the figures come from, got ""'],
    ['a source that is blank', { sources: 'ecs-guide 2026; ' }, 'sources must say where the figures come from, got "ecs-guide 2026; "'],
    ['interfaces of which one card is not known', { default_card_enis: '' }, 'max_enis, default_card_enis and network_cards must all be known or none'],
    ['one card without all interfaces', { default_card_enis: '2' }, 'max_enis is 3, which does not fit 2 on the default card of 1'],
    ['a second card without an interface', { network_cards: '2', note: MULTI_CARD }, 'max_enis is 3, which does not fit 3 on the default card of 2'],
    ['a figure without its source', { without_source: '' }, 'without_source must be guide, computed, override, got ""'],
    ['a source without its figure', { ecs_trunking: 'excluded', ecs_tasks_with_trunking: '' }, 'with_source must be empty, as ecs_tasks_with_trunking is, got "guide"'],
    ['a supported type without its tasks', { ecs_tasks_with_trunking: '', with_source: '' }, 'ecs_tasks_with_trunking must be there for a supported type, and for no other'],
    ['an excluded type with tasks', { ecs_trunking: 'excluded' }, 'ecs_tasks_with_trunking must be there for a supported type, and for no other'],
    ['branches of what cannot trunk', { ecs_trunking: 'no', ecs_tasks_with_trunking: '', with_source: '' }, 'branch_enis must be 0 or empty for a type that cannot trunk, got 9'],
    ['another computed figure without trunking', { ecs_tasks_without_trunking: '3', without_source: 'computed' }, 'ecs_tasks_without_trunking is computed, so it must be max_enis - 1 (2), got 3'],
    ['another computed figure with trunking', { ecs_tasks_with_trunking: '11', with_source: 'computed' }, 'ecs_tasks_with_trunking is computed, so it must be branch_enis + max_enis - 2 (10), got 11'],
    ["the guide's figure without trunking off the arithmetic", { ecs_tasks_without_trunking: '3' }, 'the figures ask for the note "ECS guide table and ENI arithmetic differ without trunking: guide 3, rule 2"'],
    ["the guide's figure with trunking off the arithmetic", { ecs_tasks_with_trunking: '12' }, 'the figures ask for the note "ECS guide table and ENI arithmetic differ: guide 12, rule 10"'],
    ['a difference that is none', { note: 'ECS guide table and ENI arithmetic differ: guide 10, rule 9' }, 'the note "ECS guide table and ENI arithmetic differ: guide 10, rule 9" does not follow from the figures'],
    ['a type that trunking does not help, without a word of it', { branch_enis: '1', ecs_tasks_with_trunking: '2' }, 'the figures ask for the note "trunking does not raise the limit"'],
    ['several cards without a word of it', { max_enis: '6', network_cards: '2', ecs_tasks_without_trunking: '5', ecs_tasks_with_trunking: '13' }, `the figures ask for the note "${MULTI_CARD}"`],
    ['one card that is said to be several', { note: MULTI_CARD }, `the note "${MULTI_CARD}" does not follow from the figures`],
    ['figures of the guide alone without a word of it', { max_enis: '', default_card_enis: '', network_cards: '' }, 'the figures ask for the note "no-trunk value taken from docs table (no ENI source)"'],
    ['no branches without a word of it', { branch_enis: '' }, 'the figures ask for the note "trunk value taken from docs table (no branch data)"'],
    ['an excluded type that could trunk, without a word of it', { ecs_trunking: 'excluded', ecs_tasks_with_trunking: '', with_source: '' }, 'the figures ask for the note "VPC supports trunking, ECS docs exclude it"'],
    ['an unlisted type without a word of it', { ecs_trunking: 'unlisted', ecs_tasks_with_trunking: '', with_source: '' }, 'the figures ask for the note "VPC supports trunking, absent from the ECS docs table"'],
    ['a note that nobody reads', { note: 'to be looked at' }, 'the note "to be looked at" is none that table.ts knows'],
    ["another type's note", { note: 'ECS docs: in awsvpc mode at most 1 task on p5.48xlarge' }, 'the note "ECS docs: in awsvpc mode at most 1 task on p5.48xlarge" does not fit the row'],
  ])('refuses %s', (_, change, problem) => {
    expect(problemsOf([{ ...c5, ...change }])).toContain(`${change.instance_type ?? 'c5.large'}: ${problem}`);
  });

  test('has each type once, sorted', () => {
    expect(problemsOf([c5, c5])).toEqual(['c5.large: must come once, and after c5.large: rows are sorted']);
    expect(problemsOf([t3, c5])).toEqual(['c5.large: must come once, and after t3.medium: rows are sorted']);
  });

  test('has notes that follow when a figure changes', () => {
    const changed = withFiguresFollowed({ ...twoCards, max_enis: '3', network_cards: '1', branch_enis: '' });
    expect(changed.note).toBe('ECS guide table and ENI arithmetic differ without trunking: guide 5, rule 2; trunk value taken from docs table (no branch data)');
    expect(problemsOf([changed])).toEqual([]);
  });

  test('has computed figures that follow when a figure changes, and keeps what was read', () => {
    expect(withFiguresFollowed({ ...t3, max_enis: '4' }).ecs_tasks_without_trunking).toBe('3');
    const note = 'guide trunk limit is negative (-2): trunking not usable';
    expect(withFiguresFollowed({ ...t3, note })).toEqual({ ...t3, note });
  });
});

describe('an override', () => {
  const more: Override = { instance_type: 'c5.large', column: 'ecs_tasks_with_trunking', value: '11', why: 'counted', source: 'https://example.com/1', until: '2027-01-31' };
  const problems = (change: Partial<Override>, today = '2026-08-07') => problemsOfOverrides([{ ...more, ...change }], [c5, t3], today);

  test('sets a figure, and says so beside its sources and notes', () => {
    const [{ row, overrides }, untouched] = overridden([c5, t3], [more]);
    expect(limitsOf({ row, overrides })).toEqual({
      ...limitsOf({ row: c5, overrides: [] }),
      tasksWithTrunking: 11,
      withSource: 'override',
      sources: ['ec2-api(moto 5.2.5)', 'ecs-guide 2026', 'override: https://example.com/1'],
      notes: ['override until 2027-01-31: ecs_tasks_with_trunking is 11 instead of 10: counted'],
    });
    expect(untouched).toEqual({ row: t3, overrides: [] });
  });

  test('takes what is computed along', () => {
    const [{ row }] = overridden([t3], [
      { ...more, instance_type: 't3.medium', column: 'max_enis', value: '4' },
      { ...more, instance_type: 't3.medium', column: 'default_card_enis', value: '4' },
    ]);
    expect(row).toMatchObject({ ecs_tasks_without_trunking: '3', without_source: 'computed', sources: 'ec2-api(moto 5.2.5); override: https://example.com/1' });
    expect(problemsOf([row])).toEqual([]);
  });

  test('can take trunking away', () => {
    const [{ row }] = overridden([c5], [
      { ...more, column: 'ecs_trunking', value: 'excluded' },
      { ...more, column: 'ecs_tasks_with_trunking', value: '' },
    ]);
    expect(row).toMatchObject({ ecs_tasks_with_trunking: '', with_source: '', note: 'VPC supports trunking, ECS docs exclude it' });
    expect(problemsOf([row])).toEqual([]);
  });

  test('lasts to the end of its day', () => {
    expect(problems({}, '2027-01-31')).toEqual([]);
    expect(problems({}, '2027-02-01')).toEqual([
      'override of c5.large ecs_tasks_with_trunking: is stale: it was to last until 2027-01-31. Look again at its source, then remove it or give it a later date',
    ]);
  });

  test.each<[string, Partial<Override>, string]>([
    ['the table says the same', { value: '10' }, 'is stale: the table says 10 by itself now'],
    ['the table says nothing either', { instance_type: 't3.medium', value: '' }, 'is stale: the table says nothing by itself now'],
    ['the type is not in the table', { instance_type: 'c5.enormous' }, 'names a type that the table does not have: a new type is a row of instance-limits.csv'],
    ['the column is none', { column: 'enis' }, 'column must be one of vcpus, memory_mib, max_enis'],
    ['the column follows from others', { column: 'note' }, 'column must be one of vcpus, memory_mib, max_enis'],
    ['the value is none of the column', { value: 'many' }, 'ecs_tasks_with_trunking must be an integer of at least 0, or empty, got "many"'],
    ['the date is none', { until: 'soon' }, 'until must be a date like 2027-01-31, got "soon"'],
    ['the day does not exist', { until: '2027-02-30' }, 'until must be a date like 2027-01-31, got "2027-02-30"'],
    ['it does not say why', { why: ' ' }, 'must say why, and its source'],
    ['it has no source', { source: '' }, 'must say why, and its source'],
  ])('is refused when %s', (_, change, problem) => {
    const { instance_type, column } = { ...more, ...change };
    expect(problems(change)).toEqual([expect.stringContaining(`override of ${instance_type} ${column}: ${problem}`)]);
  });

  test('is refused when it is there twice', () => {
    expect(problemsOfOverrides([more, { ...more, value: '12' }], [c5], '2026-08-07')).toEqual(['override of c5.large ecs_tasks_with_trunking: is there twice']);
  });
});

describe('the generated module', () => {
  const table = formatCsv([c5, t3], COLUMNS);
  const overrides = (...rows: Override[]) => formatCsv(rows, OVERRIDE_COLUMNS);
  const wrong: Override = { instance_type: 'c5.large', column: 'max_enis', value: '4', why: "it's so", source: 'x', until: '2027-01-31' };

  test('is the same for the same files, on any day on which no override is stale', () => {
    const settled = overrides(wrong, { ...wrong, column: 'default_card_enis' });
    const first = generated(table, settled, '2026-08-07');
    expect(generated(table, settled, '2027-01-31')).toEqual(first);
    expect(first).toHaveProperty('module', expect.stringContaining("it\\'s so"));
  });

  test('does not come from a table or from overrides that are wrong', () => {
    expect(generated(formatCsv([t3, c5], COLUMNS), overrides(), '2026-08-07')).toEqual({ problems: [expect.stringContaining('rows are sorted')] });
    expect(generated(table, overrides(wrong), '2028-01-01')).toEqual({ problems: [expect.stringContaining('is stale')] });
  });

  test('does not come from overrides that do not fit together', () => {
    expect(generated(table, overrides(wrong), '2026-08-07')).toEqual({
      problems: ['with its overrides, c5.large: max_enis is 4, which does not fit 3 on the default card of 1'],
    });
  });
});
