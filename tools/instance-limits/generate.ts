/**
 * Writes src/limits/instance-limits.generated.ts from instance-limits.csv and overrides.csv, and fails when one of them is wrong or an
 * override is stale. With `--check` it writes nothing, and fails as well when the module is not up to date.
 *
 *     npx tsx tools/instance-limits/generate.ts [--check] [--csv <folder of the two files>] [--module <file to write>]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { generated } from './table';

function textOfModule(folder: string): string {
  const [table, overrides] = ['instance-limits.csv', 'overrides.csv'].map((name) => readFileSync(join(folder, name), 'utf-8'));
  const result = generated(table, overrides, new Date().toISOString().slice(0, 10));
  if ('problems' in result) {
    throw new Error(result.problems.join('\n'));
  }
  return result.module;
}

try {
  const { values: { check, csv, module } } = parseArgs({
    options: {
      check: { type: 'boolean' },
      csv: { type: 'string', default: __dirname },
      module: { type: 'string', default: join(__dirname, '../../src/limits/instance-limits.generated.ts') },
    },
  });
  const text = textOfModule(csv);
  const name = relative(process.cwd(), module);
  if (existsSync(module) && readFileSync(module, 'utf-8') === text) {
    console.log(`${name} is up to date`);
  } else if (check) {
    throw new Error(`${name} is stale: run 'npx tsx tools/instance-limits/generate.ts'`);
  } else {
    writeFileSync(module, text);
    console.log(`wrote ${name}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
