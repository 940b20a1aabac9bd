/**
 * Writes docs/rules.md from the rules. With `--check` it writes nothing, and fails when the page is not up to date.
 *
 *     npx tsx tools/rule-docs/generate.ts [--check]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { page } from './page';

const file = join(__dirname, '../../docs/rules.md');
const name = relative(process.cwd(), file);
const text = page();
if (existsSync(file) && readFileSync(file, 'utf-8') === text) {
  console.log(`${name} is up to date`);
} else if (process.argv.includes('--check')) {
  console.error(`${name} is stale: run 'npx tsx tools/rule-docs/generate.ts'`);
  process.exitCode = 1;
} else {
  writeFileSync(file, text);
  console.log(`wrote ${name}`);
}
