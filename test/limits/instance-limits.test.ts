import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instanceLimits, instanceTypesInTable } from '../../src/limits/instance-limits';
import { parseCsv } from '../../tools/instance-limits/csv';
import { COLUMNS, generated, limitsOf, OVERRIDE_COLUMNS, overridden } from '../../tools/instance-limits/table';

const folder = join(__dirname, '../../tools/instance-limits');
const tableCsv = readFileSync(join(folder, 'instance-limits.csv'), 'utf-8');
const overridesCsv = readFileSync(join(folder, 'overrides.csv'), 'utf-8');
const table = overridden(parseCsv(tableCsv, COLUMNS), parseCsv(overridesCsv, OVERRIDE_COLUMNS)).map(limitsOf);

describe('instanceLimits', () => {
  test('gives what is known of a type, and where it comes from', () => {
    expect(instanceLimits('c5.large')).toEqual({
      instanceType: 'c5.large',
      vcpus: 2,
      memoryMiB: 4096,
      maxEnis: 3,
      defaultCardEnis: 3,
      networkCards: 1,
      ipv4PerEni: 10,
      ipv6Supported: true,
      branchEnis: 9,
      trunking: 'supported',
      tasksWithoutTrunking: 2,
      withoutSource: 'guide',
      tasksWithTrunking: 10,
      withSource: 'guide',
      sources: expect.arrayContaining(['karpenter 2026-08', 'ecs-guide 2026']),
      notes: [],
    });
  });

  test('leaves out what is not known, and keeps zero and false', () => {
    const graceBlackwell = instanceLimits('p6e-gb200.36xlarge')!;
    expect(graceBlackwell).toMatchObject({ trunking: 'supported', tasksWithoutTrunking: 38 });
    expect(Object.entries(graceBlackwell).flatMap(([name, value]) => value === undefined ? [name] : []))
      .toEqual(['vcpus', 'memoryMiB', 'maxEnis', 'defaultCardEnis', 'networkCards', 'ipv4PerEni', 'ipv6Supported', 'branchEnis']);
    const old = instanceLimits('m1.small')!;
    expect(old).toMatchObject({ ipv6Supported: false, branchEnis: 0, trunking: 'no' });
    expect([old.tasksWithTrunking, old.withSource]).toEqual([undefined, undefined]);
  });

  test.each([
    'c5', 'c5.enormous', '', 'C5.LARGE', ' c5.large', 'c5.large ', 'c5.large 2', 'c5.large\n', 'constructor', '${Token[TOKEN.1]}',
  ])('does not know %j: it is not zero of anything', (name) => {
    expect(instanceLimits(name)).toBeUndefined();
  });
});

describe('the table', () => {
  test('has every row of the CSV file with its overrides, figure by figure', () => {
    expect(table.length).toBeGreaterThan(1400);
    expect(instanceTypesInTable()).toEqual(table.map(({ instanceType }) => instanceType));
    for (const limits of table) {
      expect(instanceLimits(limits.instanceType)).toEqual(limits);
    }
  });

  test('says of every row where it comes from', () => {
    const silent = instanceTypesInTable().map((type) => instanceLimits(type)!).filter((limits) =>
      limits.sources.length === 0
      || limits.sources.some((source) => source.trim() === '')
      || (limits.tasksWithoutTrunking !== undefined && limits.withoutSource === undefined)
      || (limits.tasksWithTrunking !== undefined && limits.withSource === undefined));
    expect(silent).toEqual([]);
  });

  test('is generated from the CSV files as they are: otherwise run tools/instance-limits/generate.ts', () => {
    // Whether an override has had its time is for the generator to say, not for a test that passed yesterday.
    const result = generated(tableCsv, overridesCsv, '2026-08-07');
    expect(result).not.toHaveProperty('problems');
    expect('module' in result && result.module).toBe(readFileSync(join(__dirname, '../../src/limits/instance-limits.generated.ts'), 'utf-8'));
  });
});
