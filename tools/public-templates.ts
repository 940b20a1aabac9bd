/** Compares docs/public-templates.md with what the rules say of clones of the repositories that it names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, type Report } from '../src/analysis/check';
import { RULES } from '../src/analysis/rules';
import { parseTemplate } from '../src/checks/template-text';

const PAGE = join(__dirname, '..', 'docs', 'public-templates.md');

function reportOn(file: string): Report {
  return check([{ name: file, body: parseTemplate(readFileSync(file, 'utf-8'), file) }], RULES);
}

/** What is wrong with each row: nothing, that a finding is not found, or that a silence is not one. */
function* compared(folder: string, page: string): Iterable<string | undefined> {
  const [findings, silences] = page.split('## Findings\n')[1].split('## Silences\n');
  for (const [section, isFinding] of [[findings, true], [silences, false]] as const) {
    for (const [, repository, path, rows] of section.matchAll(/^(\S+\/\S+), `(.+)`\n\n\| Rule .*\n.*\n((?:\|.*\n?)+)/gm)) {
      const report = reportOn(join(folder, repository.replace('/', '+'), path));
      for (const [, rule, resource] of rows.matchAll(/^\| (\S+) \| (\S+) \|/gm)) {
        const has = (list: Report['findings'] | Report['undecided']) => list.some((one) => one.rule === rule && one.resource === resource);
        const holds = isFinding ? has(report.findings) : !has(report.findings) && !has(report.undecided);
        yield holds ? undefined : `${repository} ${path}: ${rule} ${isFinding ? 'does not speak' : 'speaks'} of ${resource}`;
      }
    }
  }
}

const folder = process.argv[2];
if (folder === undefined) {
  console.error('usage: npx tsx --conditions=source tools/public-templates.ts <folder of clones, named owner+name>');
  process.exitCode = 2;
} else {
  const rows = [...compared(folder, readFileSync(PAGE, 'utf-8'))];
  const wrong = rows.filter((row) => row !== undefined);
  console.log([...wrong, `${wrong.length} of ${rows.length} rows differ`].join('\n'));
  process.exitCode = wrong.length > 0 || rows.length === 0 ? 1 : 0;
}
