/**
 * The table of instance limits: how its rows must be, what overrides do to them, and the module that is generated from both.
 * docs/limits.md explains the columns.
 */
import { FigureSource, InstanceLimits, LISTED_THOUGH_EXCLUDED, TrunkingSupport } from '../../src/limits/instance-limits';
import { CsvRow, parseCsv } from './csv';

export const COLUMNS = [
  'instance_type', 'vcpus', 'memory_mib', 'max_enis', 'default_card_enis', 'network_cards', 'ipv4_per_eni', 'ipv6_supported',
  'branch_enis', 'ecs_trunking', 'ecs_tasks_without_trunking', 'without_source', 'ecs_tasks_with_trunking', 'with_source', 'sources', 'note',
] as const;
export type Column = typeof COLUMNS[number];
export type Row = CsvRow<Column>;

export const OVERRIDE_COLUMNS = ['instance_type', 'column', 'value', 'why', 'source', 'until'] as const;
export type Override = CsvRow<typeof OVERRIDE_COLUMNS[number]>;

/** Columns whose cells are integers of at least the given number, or empty. */
const LEAST = {
  vcpus: 1, memory_mib: 1, max_enis: 1, default_card_enis: 1, network_cards: 1, ipv4_per_eni: 1, branch_enis: 0,
  ecs_tasks_without_trunking: 0, ecs_tasks_with_trunking: 0,
};
export type NumberColumn = keyof typeof LEAST;

const INSTANCE_TYPE = /^[a-z0-9-]+\.[a-z0-9-]+$/;
const TRUNKING: readonly string[] = ['supported', 'excluded', 'unlisted', 'no'] satisfies TrunkingSupport[];

/** What an override may set. Where figures come from and what is noted of them follows by itself. */
const OVERRIDABLE: readonly string[] = [...Object.keys(LEAST), 'ipv6_supported', 'ecs_trunking'];

export function numberIn(row: Row, column: NumberColumn): number | undefined {
  return row[column] === '' ? undefined : Number(row[column]);
}

// The two rules of the ECS guide: facts T01 and T02, docs/limits.md.

export function tasksByInterfaces(row: Row): number | undefined {
  const max = numberIn(row, 'max_enis');
  return max === undefined ? undefined : max - 1;
}

export function tasksByBranches(row: Row): number | undefined {
  const [max, branches] = [numberIn(row, 'max_enis'), numberIn(row, 'branch_enis')];
  return max === undefined || branches === undefined ? undefined : branches + max - 2;
}

const MULTI_CARD = 'multi network card; guide counts all cards';
const NO_BRANCH_DATA = 'trunk value taken from docs table (no branch data)';
const NO_ENI_SOURCE = 'no-trunk value taken from docs table (no ENI source)';
const NOT_RAISED = 'trunking does not raise the limit';
const EXCLUDED = 'VPC supports trunking, ECS docs exclude it';
const UNLISTED = 'VPC supports trunking, absent from the ECS docs table';
/** Of a type that `refresh.ts` added: EC2's API says nothing of trunks. */
const TRUNKING_NOT_KNOWN = "trunking not known: only EC2's API has the type";

/** Notes that follow from a row's figures: it must have exactly these of them, so none goes stale when a figure changes. */
const DERIVED_NOTES: ReadonlyArray<{ readonly isOne: RegExp; readonly of: (row: Row) => string | undefined }> = [
  {
    isOne: /^ECS guide table and ENI arithmetic differ without trunking: /,
    of: (row) => difference('ECS guide table and ENI arithmetic differ without trunking', row, 'ecs_tasks_without_trunking', tasksByInterfaces(row)),
  },
  {
    isOne: /^ECS guide table and ENI arithmetic differ: /,
    of: (row) => row.branch_enis === '0'
      ? undefined
      : difference('ECS guide table and ENI arithmetic differ', row, 'ecs_tasks_with_trunking', tasksByBranches(row)),
  },
  {
    isOne: /^ECS guide table: list /,
    of: (row) => row.branch_enis === '0' && row.with_source === 'guide'
      ? `ECS guide table: list ${row.ecs_tasks_with_trunking} with trunking, VPC limits say not trunking compatible`
      : undefined,
  },
  { isOne: exactly(NO_ENI_SOURCE), of: (row) => row.max_enis === '' && row.without_source === 'guide' ? NO_ENI_SOURCE : undefined },
  { isOne: exactly(NO_BRANCH_DATA), of: (row) => row.branch_enis === '' && row.with_source === 'guide' ? NO_BRANCH_DATA : undefined },
  { isOne: exactly(NOT_RAISED), of: (row) => isRaised(row) || row.branch_enis === '0' ? undefined : NOT_RAISED },
  { isOne: exactly(MULTI_CARD), of: (row) => Number(row.network_cards) > 1 ? MULTI_CARD : undefined },
  { isOne: exactly(EXCLUDED), of: (row) => row.ecs_trunking === 'excluded' && Number(row.branch_enis) > 0 ? EXCLUDED : undefined },
  { isOne: exactly(UNLISTED), of: (row) => row.ecs_trunking === 'unlisted' && row.branch_enis !== '' ? UNLISTED : undefined },
  { isOne: exactly(TRUNKING_NOT_KNOWN), of: (row) => row.ecs_trunking === 'unlisted' && row.branch_enis === '' ? TRUNKING_NOT_KNOWN : undefined },
];

/** Notes that somebody has read somewhere, and the rows they may be on. */
const READ_NOTES: ReadonlyArray<{ readonly isOne: RegExp; readonly fits: (row: Row) => boolean }> = [
  { isOne: exactly(LISTED_THOUGH_EXCLUDED), fits: (row) => row.ecs_trunking === 'supported' },
  { isOne: /^guide trunk limit is negative \(-\d+\): trunking not usable$/, fits: (row) => row.ecs_trunking === 'no' },
  { isOne: /^ECS docs: in awsvpc mode at most 1 task on /, fits: (row) => row.note.endsWith(` ${row.instance_type}`) },
];

function exactly(note: string): RegExp {
  return new RegExp(`^${note.replace(/[()]/g, '\\$&')}$`);
}

function difference(what: string, row: Row, column: NumberColumn, rule: number | undefined): string | undefined {
  const source = column === 'ecs_tasks_with_trunking' ? row.with_source : row.without_source;
  const guide = numberIn(row, column);
  return source === 'guide' && rule !== undefined && guide !== rule ? `${what}: guide ${guide}, rule ${rule}` : undefined;
}

function isRaised(row: Row): boolean {
  return row.with_source !== 'guide' || Number(row.ecs_tasks_with_trunking) > Number(row.ecs_tasks_without_trunking);
}

/** The notes of a cell. They are set apart by semicolons, and one of them has a semicolon of its own. */
export function notesIn(row: Row): string[] {
  return row.note === '' ? [] : row.note.replace(MULTI_CARD, MULTI_CARD.replace('; ', '\0')).split('; ').map((note) => note.replace('\0', '; '));
}

/** The row with `computed` figures and the notes on its figures as they must be after one of them changed. */
export function withFiguresFollowed(row: Row): Row {
  const computed = row.without_source === 'computed' ? tasksByInterfaces(row) : undefined;
  const followed = { ...row, ecs_tasks_without_trunking: computed === undefined ? row.ecs_tasks_without_trunking : `${computed}` };
  const derived = derivedNotes(followed);
  const kept = notesIn(row).filter((note) => derived.includes(note) || !DERIVED_NOTES.some(({ isOne }) => isOne.test(note)));
  return { ...followed, note: [...kept, ...derived.filter((note) => !kept.includes(note))].join('; ') };
}

function derivedNotes(row: Row): string[] {
  return DERIVED_NOTES.flatMap(({ of }) => of(row) ?? []);
}

/** What is wrong with the table. */
export function problemsOf(rows: readonly Row[]): string[] {
  const problems = rows.flatMap((row) => problemsOfRow(row).map((problem) => `${row.instance_type}: ${problem}`));
  for (let i = 1; i < rows.length; i++) {
    if (rows[i - 1].instance_type >= rows[i].instance_type) {
      problems.push(`${rows[i].instance_type}: must come once, and after ${rows[i - 1].instance_type}: rows are sorted`);
    }
  }
  return problems;
}

function problemsOfRow(row: Row): string[] {
  const cells = problemsOfCells(row);
  // The rest reckons with numbers.
  return cells.length > 0 ? cells : [...problemsOfFigures(row), ...problemsOfNotes(row)];
}

function problemsOfCells(row: Row): string[] {
  const problems = OVERRIDABLE.flatMap((column) => problemOfCell(column, row[column as Column]) ?? []);
  if (!INSTANCE_TYPE.test(row.instance_type)) {
    problems.push('instance_type must be like c5.large');
  }
  if (row.sources.split('; ').some((source) => source.trim() === '')) {
    problems.push(`sources must say where the figures come from, got "${row.sources}"`);
  }
  return problems;
}

function problemOfCell(column: string, value: string): string | undefined {
  if (column in LEAST) {
    const least = LEAST[column as NumberColumn];
    return value === '' || (/^(0|[1-9]\d*)$/.test(value) && Number(value) >= least) ? undefined : `${column} must be an integer of at least ${least}, or empty, got "${value}"`;
  }
  const allowed = column === 'ecs_trunking' ? TRUNKING : ['true', 'false', ''];
  return allowed.includes(value) ? undefined : `${column} must be one of ${allowed.filter(Boolean).join(', ')}, got "${value}"`;
}

function problemsOfFigures(row: Row): string[] {
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };
  const [max, onDefault, cards] = [numberIn(row, 'max_enis'), numberIn(row, 'default_card_enis'), numberIn(row, 'network_cards')];
  expect((max === undefined) === (onDefault === undefined) && (max === undefined) === (cards === undefined),
    'max_enis, default_card_enis and network_cards must all be known or none');
  if (max !== undefined && onDefault !== undefined && cards !== undefined) {
    // Every further card has at least one interface.
    expect(cards === 1 ? max === onDefault : max >= onDefault + cards - 1,
      `max_enis is ${max}, which does not fit ${onDefault} on the default card of ${cards}`);
  }
  for (const [column, source] of [['ecs_tasks_without_trunking', 'without_source'], ['ecs_tasks_with_trunking', 'with_source']] as const) {
    const sources: string[] = row[column] === '' ? [''] : ['guide', 'computed', 'override'] satisfies FigureSource[];
    expect(sources.includes(row[source]), `${source} must be ${sources.filter(Boolean).join(', ') || `empty, as ${column} is`}, got "${row[source]}"`);
  }
  expect((row.ecs_trunking === 'supported') === (row.ecs_tasks_with_trunking !== ''),
    'ecs_tasks_with_trunking must be there for a supported type, and for no other');
  expect(row.without_source !== 'computed' || tasksByInterfaces(row) === Number(row.ecs_tasks_without_trunking),
    `ecs_tasks_without_trunking is computed, so it must be max_enis - 1 (${tasksByInterfaces(row)}), got ${row.ecs_tasks_without_trunking}`);
  expect(row.with_source !== 'computed' || tasksByBranches(row) === Number(row.ecs_tasks_with_trunking),
    `ecs_tasks_with_trunking is computed, so it must be branch_enis + max_enis - 2 (${tasksByBranches(row)}), got ${row.ecs_tasks_with_trunking}`);
  expect(row.ecs_trunking !== 'no' || row.branch_enis === '' || row.branch_enis === '0',
    `branch_enis must be 0 or empty for a type that cannot trunk, got ${row.branch_enis}`);
  return problems;
}

function problemsOfNotes(row: Row): string[] {
  const notes = notesIn(row);
  const derived = derivedNotes(row);
  return [
    ...derived.filter((note) => !notes.includes(note)).map((note) => `the figures ask for the note "${note}"`),
    ...notes.flatMap((note) => {
      if (DERIVED_NOTES.some(({ isOne }) => isOne.test(note))) {
        return derived.includes(note) ? [] : [`the note "${note}" does not follow from the figures`];
      }
      const read = READ_NOTES.find(({ isOne }) => isOne.test(note));
      return read ? read.fits({ ...row, note }) ? [] : [`the note "${note}" does not fit the row`] : [`the note "${note}" is none that table.ts knows`];
    }),
  ];
}

/** What is wrong with the overrides of a table, and which of them have had their time. `today` is a date like 2026-08-07. */
export function problemsOfOverrides(overrides: readonly Override[], rows: readonly Row[], today: string): string[] {
  const seen = new Set<string>();
  return overrides.flatMap((override) => {
    const { instance_type, column, value, why, source, until } = override;
    const problems: string[] = [];
    const row = rows.find((each) => each.instance_type === instance_type);
    if (seen.has(`${instance_type} ${column}`)) {
      problems.push('is there twice');
    }
    seen.add(`${instance_type} ${column}`);
    if (!row) {
      problems.push('names a type that the table does not have: a new type is a row of instance-limits.csv');
    }
    if (!OVERRIDABLE.includes(column)) {
      problems.push(`column must be one of ${OVERRIDABLE.join(', ')}`);
    } else if (problemOfCell(column, value)) {
      problems.push(problemOfCell(column, value)!);
    } else if (row?.[column as Column] === value) {
      problems.push(`is stale: the table says ${value || 'nothing'} by itself now`);
    }
    if (!isDate(until)) {
      problems.push(`until must be a date like 2027-01-31, got "${until}"`);
    } else if (until < today) {
      problems.push(`is stale: it was to last until ${until}. Look again at its source, then remove it or give it a later date`);
    }
    if (why.trim() === '' || source.trim() === '') {
      problems.push('must say why, and its source');
    }
    return problems.map((problem) => `override of ${instance_type} ${column}: ${problem}`);
  });
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
}

/** An instance type as the library is to know it, with what somebody set by hand. */
export interface OverriddenRow {
  readonly row: Row;
  /** What was set by hand, why and until when. */
  readonly overrides: readonly string[];
}

export function overridden(rows: readonly Row[], overrides: readonly Override[]): OverriddenRow[] {
  return rows.map((row) => {
    const own = overrides.filter(({ instance_type }) => instance_type === row.instance_type);
    if (own.length === 0) {
      return { row, overrides: [] };
    }
    let changed = row;
    for (const { column, value } of own) {
      changed = { ...changed, [column]: value };
      if (column === 'ecs_tasks_without_trunking') changed = { ...changed, without_source: value && 'override' };
      if (column === 'ecs_tasks_with_trunking') changed = { ...changed, with_source: value && 'override' };
    }
    const sources = own.map(({ source }) => `override: ${source}`).filter((source, i, all) => all.indexOf(source) === i);
    return {
      row: withFiguresFollowed({ ...changed, sources: [changed.sources, ...sources].join('; ') }),
      overrides: own.map(({ column, value, why, until }) =>
        `override until ${until}: ${column} is ${value || 'not known'} instead of ${row[column as Column] || 'not known'}: ${why}`),
    };
  });
}

/** The limits as the library gives them out. */
export function limitsOf({ row, overrides }: OverriddenRow): InstanceLimits {
  const number = (column: NumberColumn) => numberIn(row, column);
  return {
    instanceType: row.instance_type,
    vcpus: number('vcpus'),
    memoryMiB: number('memory_mib'),
    maxEnis: number('max_enis'),
    defaultCardEnis: number('default_card_enis'),
    networkCards: number('network_cards'),
    ipv4PerEni: number('ipv4_per_eni'),
    ipv6Supported: row.ipv6_supported === '' ? undefined : row.ipv6_supported === 'true',
    branchEnis: number('branch_enis'),
    trunking: row.ecs_trunking as TrunkingSupport,
    tasksWithoutTrunking: number('ecs_tasks_without_trunking'),
    withoutSource: (row.without_source || undefined) as FigureSource | undefined,
    tasksWithTrunking: number('ecs_tasks_with_trunking'),
    withSource: (row.with_source || undefined) as FigureSource | undefined,
    sources: row.sources.split('; '),
    notes: [...notesIn(row), ...overrides],
  };
}

/** The generated module, or what keeps it from being generated. */
export type Generated = { readonly module: string } | { readonly problems: readonly string[] };

/** The module that src/limits/instance-limits.ts reads, from the text of the table and that of the overrides. */
export function generated(tableCsv: string, overridesCsv: string, today: string): Generated {
  const rows = parseCsv(tableCsv, COLUMNS);
  const overrides = parseCsv(overridesCsv, OVERRIDE_COLUMNS);
  const problems = [...problemsOf(rows), ...problemsOfOverrides(overrides, rows, today)];
  if (problems.length > 0) {
    return { problems };
  }
  const result = overridden(rows, overrides);
  const afterwards = problemsOf(result.map(({ row }) => row)).map((problem) => `with its overrides, ${problem}`);
  return afterwards.length > 0 ? { problems: afterwards } : { module: moduleOf(result.map(limitsOf)) };
}

function moduleOf(table: readonly InstanceLimits[]): string {
  const sources = new Numbered();
  const notes = new Numbered();
  const lines = table.map((limits) => [
    limits.vcpus, limits.memoryMiB, limits.maxEnis, limits.defaultCardEnis, limits.networkCards, limits.ipv4PerEni,
    limits.ipv6Supported === undefined ? '' : Number(limits.ipv6Supported), limits.branchEnis, limits.trunking[0],
    limits.tasksWithoutTrunking, limits.withoutSource?.[0], limits.tasksWithTrunking, limits.withSource?.[0],
    sources.numberOf(limits.sources), limits.notes.length > 0 ? notes.numberOf(limits.notes) : '',
  ].join()).map((values, i) => `${table[i].instanceType} ${values}\n`);
  return `// Generated by tools/instance-limits/generate.ts from the CSV files beside it. Do not edit.

/**
 * Line by line: the instance type, a blank, then the fields of \`InstanceLimits\` from \`vcpus\` on in their order, words by their first
 * letter, sources and notes by their index. One text, since a module that holds text loads faster than one that makes an object per type.
 */
export const ROWS = \`
${lines.join('')}\`;

export const SOURCES: ReadonlyArray<readonly string[]> = [
${sources.lines()}];

export const NOTES: ReadonlyArray<readonly string[]> = [
${notes.lines()}];
`;
}

/** Lists of texts that many rows share, numbered in the order in which they come. */
class Numbered {
  private readonly numbers = new Map<string, number>();

  public numberOf(texts: readonly string[]): number {
    const key = texts.map((text) => `'${text.replace(/['\\]/g, '\\$&')}'`).join(', ');
    const number = this.numbers.get(key) ?? this.numbers.size;
    this.numbers.set(key, number);
    return number;
  }

  public lines(): string {
    return [...this.numbers.keys()].map((key) => `  [${key}],\n`).join('');
  }
}
