import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { buildSync } from 'esbuild';
import { trunkingVerdict } from '../../src/limits/task-density';
import { formatCsv, parseCsv } from '../../tools/instance-limits/csv';
import { Ec2InstanceType, instanceTypesIn, refreshed } from '../../tools/instance-limits/ec2-instance-types';
import { COLUMNS, limitsOf, OVERRIDE_COLUMNS, problemsOf, Row } from '../../tools/instance-limits/table';

const answerFile = join(__dirname, 'describe-instance-types.json');
const answer = readFileSync(answerFile, 'utf-8');
const table: Row[] = parseCsv([
  COLUMNS.join(),
  'a1.large,2,4096,3,3,1,10,true,9,supported,2,guide,10,guide,karpenter 2026-08; ecs-guide 2026,',
  'c5.large,2,4096,3,3,1,10,true,9,supported,2,guide,10,guide,ec2-api(moto 5.2.5); ecs-guide 2026,',
  't3.medium,,,3,3,1,6,,0,no,2,computed,,,karpenter 2026-08,',
  '',
].join('\n'), COLUMNS);

const rowsAfter = (types: readonly Ec2InstanceType[], before = table) => refreshed(before, types, '2026-11-23').rows;
const c5 = instanceTypesIn(answer, 'the answer')[0];
const network = (change: Ec2InstanceType['NetworkInfo']): Ec2InstanceType => ({ ...c5, NetworkInfo: { ...c5.NetworkInfo, ...change } });

describe('refreshed', () => {
  const result = refreshed(table, instanceTypesIn(answer, 'the answer'), '2026-11-23');
  const row = (type: string) => result.rows.find(({ instance_type }) => instance_type === type)!;

  test('takes what the API tells, and what follows from it', () => {
    expect(row('t3.medium')).toEqual({
      ...table[2],
      vcpus: '2',
      memory_mib: '4096',
      max_enis: '4',
      default_card_enis: '4',
      ipv6_supported: 'false',
      ecs_tasks_without_trunking: '3',
      sources: 'ec2-api(2026-11-23); karpenter 2026-08',
    });
  });

  test('notes the date of what is confirmed, in place of an older one', () => {
    expect(row('c5.large')).toEqual({ ...table[1], sources: 'ec2-api(2026-11-23); ecs-guide 2026' });
  });

  test('leaves types alone that the Region does not have', () => {
    expect(row('a1.large')).toBe(table[0]);
    expect(result.absent).toBe(1);
  });

  test('adds a new type in its place, of which it does not say whether it can trunk', () => {
    expect(result.added).toEqual(['x9z.48xlarge']);
    expect(result.rows.map(({ instance_type }) => instance_type)).toEqual(['a1.large', 'c5.large', 't3.medium', 'x9z.48xlarge']);
    expect(row('x9z.48xlarge')).toEqual({
      instance_type: 'x9z.48xlarge',
      vcpus: '192',
      memory_mib: '1572864',
      max_enis: '20',
      default_card_enis: '12',
      network_cards: '2',
      ipv4_per_eni: '50',
      ipv6_supported: 'true',
      branch_enis: '',
      ecs_trunking: 'unlisted',
      ecs_tasks_without_trunking: '19',
      without_source: 'computed',
      ecs_tasks_with_trunking: '',
      with_source: '',
      sources: 'ec2-api(2026-11-23)',
      note: "multi network card; guide counts all cards; trunking not known: only EC2's API has the type",
    });
    expect(trunkingVerdict(limitsOf({ row: row('x9z.48xlarge'), overrides: [] })).kind).toBe('not-decidable');
  });

  test('lists each cell that changed, and no date', () => {
    expect(result.changes).toEqual([
      't3.medium: vcpus (empty) -> 2',
      't3.medium: memory_mib (empty) -> 4096',
      't3.medium: max_enis 3 -> 4',
      't3.medium: default_card_enis 3 -> 4',
      't3.medium: ipv6_supported (empty) -> false',
      't3.medium: ecs_tasks_without_trunking 2 -> 3',
    ]);
  });

  test('makes a table that can be generated from, and changes nothing the second time', () => {
    expect(problemsOf(result.rows)).toEqual([]);
    expect(refreshed(result.rows, instanceTypesIn(answer, 'the answer'), '2026-11-23')).toEqual({ ...result, changes: [], added: [] });
  });

  test('keeps the figures of the guide, and notes that they differ now', () => {
    const four = { MaximumNetworkInterfaces: 4, NetworkCards: [{ NetworkCardIndex: 0, MaximumNetworkInterfaces: 4 }] };
    const [, changed] = rowsAfter([network(four)]);
    expect(changed).toMatchObject({
      max_enis: '4',
      ecs_tasks_without_trunking: '2',
      ecs_tasks_with_trunking: '10',
      note: 'ECS guide table and ENI arithmetic differ without trunking: guide 2, rule 3; ECS guide table and ENI arithmetic differ: guide 10, rule 11',
    });
    expect(problemsOf([changed])).toEqual([]);
  });

  test('keeps what the answer does not tell', () => {
    const [, row1] = rowsAfter([{ InstanceType: 'c5.large' }]);
    expect(row1).toEqual({ ...table[1], sources: 'ec2-api(2026-11-23); ecs-guide 2026' });
    expect(rowsAfter([network({ NetworkCards: undefined, MaximumNetworkInterfaces: 9 })])[1].max_enis).toBe('3');
    const [bare] = rowsAfter([{ InstanceType: 'new.large' }], []);
    expect(bare).toMatchObject({ max_enis: '', without_source: '', ecs_tasks_without_trunking: '', ecs_trunking: 'unlisted' });
    expect(problemsOf([bare])).toEqual([]);
  });

  test('refuses interfaces that are not the sum over the cards', () => {
    expect(() => rowsAfter([network({ MaximumNetworkInterfaces: 4 })])).toThrow(
      'c5.large: the answer has 4 network interfaces, and 3 over its 1 network cards: one of them is not what the table takes it for');
  });

  test.each([
    ['text that is no JSON', 'Unable to locate credentials', /^the answer: not JSON: /],
    ['another answer', '{"Reservations": []}', /^the answer: expected \{"InstanceTypes": /],
    ['no types', '{"InstanceTypes": []}', /^the answer: expected /],
    ['null', 'null', /^the answer: expected /],
    ['types without a name', '{"InstanceTypes": [{}]}', /^the answer: expected /],
    ['a type that is null', '{"InstanceTypes": [null]}', /^the answer: expected /],
    ['an answer of which more is to come', JSON.stringify({ InstanceTypes: [c5], NextToken: 'x' }), /^the answer: the answer goes on/],
  ])('refuses %s', (_, json, message) => {
    expect(() => instanceTypesIn(json, 'the answer')).toThrow(message);
  });
});

describe('the commands', () => {
  const root = join(__dirname, '../..');
  let commands: string;
  let folder: string;
  let csv: string;

  // Compiled once: tsx, by which one runs them, would compile them again for each test.
  beforeAll(() => {
    commands = mkdtempSync(join(tmpdir(), 'instance-limits-commands-'));
    buildSync({
      entryPoints: ['generate.ts', 'refresh.ts'].map((tool) => join(root, 'tools/instance-limits', tool)),
      bundle: true, platform: 'node', outdir: commands, outExtension: { '.js': '.cjs' },
    });
  });
  afterAll(() => rmSync(commands, { recursive: true }));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'instance-limits-'));
    csv = join(folder, 'table.csv');
    writeFileSync(csv, formatCsv(table, COLUMNS));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (tool: string, args: string[], options: { input?: string; path?: string } = {}) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath, [join(commands, tool.replace('.ts', '.cjs')), ...args],
      { cwd: root, encoding: 'utf-8', input: options.input, env: { ...process.env, ...options.path === undefined ? {} : { PATH: options.path } } });
    return { status, stdout, stderr };
  };
  const refresh = (args: string[], options?: { input?: string; path?: string }) => run('refresh.ts', ['--table', csv, ...args], options);
  const unchanged = () => expect(readFileSync(csv, 'utf-8')).toBe(formatCsv(table, COLUMNS));
  /** An `aws` that does as told, alone on the path with Node. */
  const fakeAws = (script: string) => {
    writeFileSync(join(folder, 'aws'), `#!${process.execPath}\n${script}`);
    chmodSync(join(folder, 'aws'), 0o755);
    return [folder, dirname(process.execPath)].join(delimiter);
  };
  const summary = '2 types confirmed, 6 cells changed, 1 types added, 1 not in the answer and left as they are\n';

  test('generate.ts writes a module, leaves one that is up to date, and with --check only tells', () => {
    const module = join(folder, 'module.ts');
    const name = relative(root, module);
    const generate = (...args: string[]) => run('generate.ts', ['--csv', folder, '--module', module, ...args]);
    writeFileSync(join(folder, 'instance-limits.csv'), formatCsv(table, COLUMNS));
    expect(generate()).toMatchObject({ status: 1, stderr: expect.stringContaining('overrides.csv') });

    writeFileSync(join(folder, 'overrides.csv'), formatCsv([], OVERRIDE_COLUMNS));
    const stale = { status: 1, stdout: '', stderr: `${name} is stale: run 'npx tsx tools/instance-limits/generate.ts'\n` };
    expect(generate('--check')).toEqual(stale);
    expect(existsSync(module)).toBe(false);
    expect(generate()).toEqual({ status: 0, stdout: `wrote ${name}\n`, stderr: '' });
    expect(readFileSync(module, 'utf-8')).toContain('\nc5.large 2,4096,3,3,1,10,1,9,s,2,g,10,g,');
    expect(generate('--check')).toEqual({ status: 0, stdout: `${name} is up to date\n`, stderr: '' });

    writeFileSync(module, 'older');
    expect(generate('--check')).toEqual(stale);
    expect(readFileSync(module, 'utf-8')).toBe('older');
  });

  test('generate.ts reports overrides whose time is over, and writes nothing', () => {
    const module = join(folder, 'module.ts');
    writeFileSync(join(folder, 'instance-limits.csv'), formatCsv(table, COLUMNS));
    writeFileSync(join(folder, 'overrides.csv'), `${OVERRIDE_COLUMNS.join()}\nc5.large,vcpus,4,counted,https://example.com,2020-01-31\n`);
    const { status, stderr } = run('generate.ts', ['--csv', folder, '--module', module]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^override of c5\.large vcpus: is stale: it was to last until 2020-01-31\. .*\n$/);
    expect(existsSync(module)).toBe(false);
  });

  test('refresh.ts reads answers from files and from standard input', () => {
    const fromFile = refresh([answerFile]);
    expect(fromFile).toMatchObject({ status: 0, stderr: '' });
    expect(fromFile.stdout).toMatch(/^t3\.medium: vcpus \(empty\) -> 2\n/);
    expect(fromFile.stdout).toContain('x9z.48xlarge: new. ');
    expect(fromFile.stdout.endsWith(summary)).toBe(true);
    const written = readFileSync(csv, 'utf-8');
    expect(parseCsv(written, COLUMNS).map(({ instance_type }) => instance_type)).toEqual(['a1.large', 'c5.large', 't3.medium', 'x9z.48xlarge']);

    writeFileSync(csv, formatCsv(table, COLUMNS));
    expect(refresh(['-'], { input: answer }).status).toBe(0);
    expect(readFileSync(csv, 'utf-8')).toBe(written);
  });

  test('refresh.ts asks the AWS CLI when no file is given', () => {
    const path = fakeAws(`
      if (process.argv.slice(2).join(' ') !== 'ec2 describe-instance-types --output json') process.exit(2);
      process.stdout.write(require('fs').readFileSync(${JSON.stringify(answerFile)}));
    `);
    const { status, stdout, stderr } = refresh([], { path });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.endsWith(summary)).toBe(true);
  });

  test('refresh.ts says so when there is no AWS CLI, and writes nothing', () => {
    const { status, stderr } = refresh([], { path: folder });
    expect(status).toBe(1);
    expect(stderr).toBe("there is no AWS CLI on the path: install it, or save what 'aws ec2 describe-instance-types --output json' answers elsewhere and give the file as an argument\n");
    unchanged();
  });

  test('refresh.ts passes on why the AWS CLI fails, and writes nothing', () => {
    const { status, stderr } = refresh([], { path: fakeAws("console.error('Unable to locate credentials'); process.exit(253);") });
    expect(status).toBe(1);
    expect(stderr).toBe("'aws ec2 describe-instance-types --output json' failed: Unable to locate credentials\n");
    unchanged();
  });

  test('refresh.ts writes nothing that would not be a table', () => {
    const { status, stderr } = refresh(['-'], { input: JSON.stringify({ InstanceTypes: [{ ...c5, VCpuInfo: { DefaultVCpus: 0 } }] }) });
    expect(status).toBe(1);
    expect(stderr).toBe('the answer does not make a table, nothing is written:\nc5.large: vcpus must be an integer of at least 1, or empty, got "0"\n');
    unchanged();
  });
});
