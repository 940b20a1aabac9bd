/**
 * Brings instance-limits.csv up to what EC2's DescribeInstanceTypes tells: vCPUs, memory, network interfaces, network cards, addresses.
 * It leaves trunking alone, which that API does not know, and removes no type, as no Region has them all.
 *
 *     npx tsx tools/instance-limits/refresh.ts                    # asks with the AWS CLI: its credentials, its Region
 *     npx tsx tools/instance-limits/refresh.ts answer.json …      # reads answers of `aws ec2 describe-instance-types --output json`
 *     … | npx tsx tools/instance-limits/refresh.ts -              # reads one from standard input
 *
 * The credentials need `ec2:DescribeInstanceTypes`. Then run generate.ts. `--table <file>` refreshes another file than the one beside this.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatCsv, parseCsv } from './csv';
import { Ec2InstanceType, instanceTypesIn, refreshed } from './ec2-instance-types';
import { COLUMNS, problemsOf } from './table';

const ASK = ['ec2', 'describe-instance-types', '--output', 'json'];

function answers(files: readonly string[]): Ec2InstanceType[] {
  return files.length === 0
    ? instanceTypesIn(asked(), `aws ${ASK.join(' ')}`)
    : files.flatMap((file) => instanceTypesIn(readFileSync(file === '-' ? 0 : file, 'utf-8'), file === '-' ? 'standard input' : file));
}

function asked(): string {
  const { error, status, stdout, stderr } = spawnSync('aws', ASK, { encoding: 'utf-8', maxBuffer: 2 ** 28 });
  if (error && 'code' in error && error.code === 'ENOENT') {
    throw new Error(`there is no AWS CLI on the path: install it, or save what 'aws ${ASK.join(' ')}' answers elsewhere and give the file as an argument`);
  }
  if (error || status !== 0) {
    throw new Error(`'aws ${ASK.join(' ')}' failed: ${error?.message ?? stderr.trim()}`);
  }
  return stdout;
}

try {
  const { values: { table }, positionals: files } = parseArgs({
    allowPositionals: true,
    options: { table: { type: 'string', default: join(__dirname, 'instance-limits.csv') } },
  });
  const rows = parseCsv(readFileSync(table, 'utf-8'), COLUMNS);
  const { rows: after, changes, added, absent } = refreshed(rows, answers(files), new Date().toISOString().slice(0, 10));
  const problems = problemsOf(after);
  if (problems.length > 0) {
    throw new Error(`the answer does not make a table, nothing is written:\n${problems.join('\n')}`);
  }
  writeFileSync(table, formatCsv(after, COLUMNS));
  for (const change of changes) console.log(change);
  for (const type of added) console.log(`${type}: new. Whether it can trunk the API does not say: docs/limits.md tells where to look`);
  console.log(`${after.length - added.length - absent} types confirmed, ${changes.length} cells changed, ${added.length} types added, `
    + `${absent} not in the answer and left as they are`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
