/**
 * Whether the checks cost the same for each service, however many there are: 10,000 services against ten times 1,000, all rules, in memory.
 *
 *     npm run benchmark:checks-scale [-- <samples>]
 *
 * The same work takes a quarter more or less from one time to the next, by what V8 has compiled by then and what it clears up. So a sample
 * is a process of its own, in which the two take turns, one first and then the other, and gives one ratio of the sums of their times. CPU
 * time has, besides, what V8 clears up in the background, of which a larger heap has more. Exits with 1 only if it is above the limit
 * beyond doubt.
 */
import { strict as assert } from 'node:assert';
import { check } from '../src/analysis/check';
import { RULES } from '../src/analysis/rules';
import type { TemplateInput } from '../src/analysis/templates';
import { inOneTemplate, inStacks } from './many-services';
import { Duration, inProcess, inTurn, judge, printHead, printRow, timed } from './ratios';

const LIMIT = 1.2;
const FEW = 1_000;
const TIMES = 10;
const SAMPLES = 8;
/** An even number: each goes first as often as the other. */
const TURNS = 4;
const WARM_UP_TURNS = 1;

const SHAPES = { 'stacks of 50 services': inStacks, 'one template': inOneTemplate };

type Shape = keyof typeof SHAPES;

type Sample = Readonly<Record<'once' | 'tenTimes', Duration>>;

function judgedOf(templates: readonly TemplateInput[]): number {
  return check(templates, RULES).services;
}

function sample(shape: Shape): Sample {
  const [few, many] = [FEW, FEW * TIMES].map((count) => SHAPES[shape](count));
  assert.equal(judgedOf(few), FEW);
  const run = (turns: number) => inTurn(
    turns,
    () => timed(() => assert.equal(judgedOf(many), FEW * TIMES)).took,
    () => timed(() => { for (let i = 0; i < TIMES; i++) { judgedOf(few); } }).took,
  );
  run(WARM_UP_TURNS);
  const runs = run(TURNS);
  const mean = (times: readonly number[]) => times.reduce((sum, time) => sum + time) / times.length;
  const meanOf = (each: readonly Duration[]) => ({ cpu: mean(each.map(({ cpu }) => cpu)), wall: mean(each.map(({ wall }) => wall)) });
  return { once: meanOf(runs.map(({ one }) => one)), tenTimes: meanOf(runs.map(({ other }) => other)) };
}

if (process.argv[2] === '--sample') {
  console.log(JSON.stringify(sample(process.argv[3] as Shape)));
} else {
  const samples = Number(process.argv[2] ?? SAMPLES);
  assert(Number.isInteger(samples) && samples > 0, `expected a number of samples, got ${process.argv[2]}`);
  for (const shape of Object.keys(SHAPES) as Shape[]) {
    const runs = Array.from({ length: samples }, () => inProcess<Sample>(__filename, shape));
    printHead(`${shape}, ms`);
    printRow(`once ${FEW * TIMES}`, runs.map(({ once }) => once.wall), 0);
    printRow(`${TIMES} times ${FEW}`, runs.map(({ tenTimes }) => tenTimes.wall), 0);
    printRow('once/ten times, CPU', runs.map(({ once, tenTimes }) => once.cpu / tenTimes.cpu), 3);
    judge('time of a service among 10,000 / among 1,000', runs.map(({ once, tenTimes }) => once.wall / tenTimes.wall), LIMIT);
  }
}
