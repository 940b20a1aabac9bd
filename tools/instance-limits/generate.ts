/**
 * Writes src/limits/instance-limits.generated.ts from instance-limits.csv and overrides.csv, and fails when one of them is wrong or an
 * override is stale. With `--check` it writes nothing, and fails as well when the module is not up to date.
 *
 *     npx tsx tools/instance-limits/generate.ts [--check]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { generated } from './table';

const MODULE = join(__dirname, '../../src/limits/instance-limits.generated.ts');

const [table, overrides] = ['instance-limits.csv', 'overrides.csv'].map((name) => readFileSync(join(__dirname, name), 'utf-8'));
const result = generated(table, overrides, new Date().toISOString().slice(0, 10));
if ('problems' in result) {
  for (const problem of result.problems) console.error(problem);
  process.exit(1);
}
const name = relative(process.cwd(), MODULE);
if (existsSync(MODULE) && readFileSync(MODULE, 'utf-8') === result.module) {
  console.log(`${name} is up to date`);
} else if (process.argv.includes('--check')) {
  console.error(`${name} is stale: run 'npx tsx tools/instance-limits/generate.ts'`);
  process.exit(1);
} else {
  writeFileSync(MODULE, result.module);
  console.log(`wrote ${name}`);
}
