/** Files, index, ids, tests and docs of the rules belong together. Nothing is exempt. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rule } from '../../../src/analysis/rule';
import { RULES } from '../../../src/analysis/rules';
import { page } from '../../../tools/rule-docs/page';
import { itsExamplesHold } from './ecs-fragments';

const root = join(__dirname, '../../..');
const folder = join(root, 'src/analysis/rules');
const facts = readFileSync(join(root, 'docs/facts.md'), 'utf-8');

const isRule = (value: unknown): value is Rule => typeof value === 'object' && value !== null && 'judge' in value;

/** The rules that the modules of the folder export, whether they are listed or not. */
const exported = readdirSync(folder).filter((file) => file !== 'index.ts').flatMap((file) => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const module = require(join(folder, file)) as Record<string, unknown>;
  return Object.entries(module).flatMap(([name, value]) => isRule(value) ? [{ file, name, rule: value }] : []);
});

const camelCase = (id: string) => id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Ids of facts in brackets, as the code cites them: `[D04]`, `[L03, L04]`, `[V07–V12]`. */
const cited = (text: string) => [...text.matchAll(/\[([A-Z]\d\d(?:(?:, ?|–|-)[A-Z]\d\d)*)\]/g)].flatMap(([, ids]) => ids.match(/[A-Z]\d\d/g)!);

test('every rule of the folder is listed, once', () => {
  expect(exported.map(({ rule }) => rule.id).sort()).toEqual(RULES.map(({ id }) => id).sort());
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
});

test('the list goes family by family', () => {
  const families = RULES.map(({ family }) => family).filter((family, index, all) => family !== all[index - 1]);
  expect(families).toEqual([...new Set(families)]);
});

test('docs/rules.md is what the rules say', () => {
  expect(readFileSync(join(root, 'docs/rules.md'), 'utf-8')).toBe(page());
});

test('every fact that the code cites is in docs/facts.md', () => {
  const sources = (readdirSync(join(root, 'src'), { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'));
  const ids = sources.flatMap((file) => cited(readFileSync(join(root, 'src', file), 'utf-8')).map((id) => ({ file, id })));
  expect(ids.length).toBeGreaterThan(50);
  expect(ids.filter(({ id }) => !facts.includes(`<a id="${id.toLowerCase()}"></a>${id} |`))).toEqual([]);
});

describe.each(exported.map(({ file, name, rule }) => [rule.id, file, name, rule] as const))('%s', (id, file, name, rule) => {
  test('is named alike everywhere: kebab-case id, file, export, test, heading of the docs', () => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
    expect(file).toBe(`${id}.ts`);
    expect(name).toBe(camelCase(id));
    expect(existsSync(join(__dirname, `${id}.test.ts`))).toBe(true);
    expect(page().split('\n').filter((line) => line === `### ${id}`)).toHaveLength(1);
  });

  itsExamplesHold(rule);

  test('has a test of its own, of what it cannot decide, too', () => {
    const text = readFileSync(join(__dirname, `${id}.test.ts`), 'utf-8');
    expect(text).toContain(`rules/${id}'`);
    expect(text).toContain('undecided');
  });

  test('says in full what it is about, and where that is documented', () => {
    for (const text of [rule.summary, rule.why, rule.fix, rule.acknowledge, rule.source]) {
      expect(text.trim()).toBe(text);
      expect(text.length).toBeGreaterThan(20);
    }
    expect(rule.source).toMatch(/https:\/\/|\[[A-Z]\d\d/);
    expect(JSON.stringify(rule.bad)).not.toBe(JSON.stringify(rule.good));
  });
});
