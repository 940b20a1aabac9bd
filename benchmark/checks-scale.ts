/**
 * Whether the checks cost the same for each service, however many there are: 10,000 services against ten times 1,000, all rules, in memory.
 *
 *     npm run benchmark:checks-scale [-- <pairs>]
 *
 * The two take turns, and each pair gives one ratio of CPU times. Exits with 1 only if it is above the limit beyond doubt.
 */
import { strict as assert } from 'node:assert';
import { check } from '../src/analysis/check';
import { RULES } from '../src/analysis/rules';
import type { TemplateInput } from '../src/analysis/templates';
import { inOneTemplate, inStacks } from './many-services';
import { inTurn, judge, printHead, printRow, timed } from './ratios';

const LIMIT = 1.2;
const FEW = 1_000;
const TIMES = 10;
const PAIRS = 10;
const WARM_UP_PAIRS = 1;

const pairs = Number(process.argv[2] ?? PAIRS);
assert(Number.isInteger(pairs) && pairs > 0, `expected a number of pairs, got ${process.argv[2]}`);

function judgedOf(templates: readonly TemplateInput[]): number {
  return check(templates, RULES).services;
}

for (const [shape, build] of [['stacks of 50 services', inStacks], ['one template', inOneTemplate]] as const) {
  const [few, many] = [build(FEW), build(FEW * TIMES)];
  assert.equal(judgedOf(few), FEW);
  const run = () => inTurn(
    pairs,
    () => timed(() => assert.equal(judgedOf(many), FEW * TIMES)).took.cpu,
    () => timed(() => { for (let i = 0; i < TIMES; i++) { judgedOf(few); } }).took.cpu,
  );
  inTurn(WARM_UP_PAIRS, () => judgedOf(many), () => judgedOf(few));
  const runs = run();
  printHead(`${shape}, ${pairs} pairs, CPU ms`);
  printRow(`once ${FEW * TIMES}`, runs.map(({ one }) => one), 0);
  printRow(`${TIMES} times ${FEW}`, runs.map(({ other }) => other), 0);
  judge('cost of a service among 10,000 / among 1,000', runs.map(({ one, other }) => one / other), LIMIT);
}
