/**
 * Compares the command line with cfn-lint over the same folders of templates, one of JSON and one of YAML, each as its users start it: the
 * start of the process is part of the time. Needs the bundle (`npm run compile`) and python3.
 *
 *     npm run benchmark:cli-cfn-lint -- [pairs of runs] [templates in a folder]
 *
 * cfn-lint checks every property of every resource, and these checks only what concerns networks: this is about what they cost where both
 * run on every change, not about which does more.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTurn, printHead, printRow, spreadOf } from './ratios';
import { writeTemplates } from './template-folders';

/** So many times faster it has to be. */
const FLOORS = { json: 50, yaml: 20 } as const;
const PAIRS = 3;
const TEMPLATES = 210;

const ROOT = join(__dirname, '..');
const PROGRAM = join(ROOT, 'lib/bin/ecs-network-modes.js');

/** On the clock: both may use all processors. */
function secondsOf(command: string, args: readonly string[], folder: string): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf-8', maxBuffer: 1024 ** 3 });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  assert.equal(status, 0, stderr);
  return seconds;
}

function main(): void {
  const [pairs = PAIRS, templates = TEMPLATES] = process.argv.slice(2).map(Number);
  assert(existsSync(PROGRAM), 'run npm run compile first');
  // The script of `npm run cfn-lint` makes the environment that is used here.
  const cfnLint = spawnSync(join(ROOT, 'tools/cfn-lint.sh'), ['--program'], { encoding: 'utf-8' }).stdout.trim();
  assert(existsSync(cfnLint), 'tools/cfn-lint.sh made no environment');

  const folder = mkdtempSync(join(tmpdir(), 'benchmark-'));
  try {
    for (const format of ['json', 'yaml'] as const) {
      writeTemplates(join(folder, format), templates, format);
      const files = readdirSync(join(folder, format));
      const runs = inTurn(
        pairs,
        () => secondsOf(process.execPath, [PROGRAM, 'check', '.'], join(folder, format)),
        () => secondsOf(cfnLint, ['--non-zero-exit-code', 'error', '--', ...files], join(folder, format)),
      );
      printHead(`${templates} ${format.toUpperCase()} templates, ms each`);
      printRow('ecs-network-modes check', runs.map(({ one }) => one * 1000 / templates), 2);
      printRow('cfn-lint', runs.map(({ other }) => other * 1000 / templates), 2);
      const ratios = runs.map(({ one, other }) => other / one);
      printRow('cfn-lint / ours', ratios, 1);
      judgeFloor(format, ratios);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function judgeFloor(format: keyof typeof FLOORS, ratios: readonly number[]): void {
  const floor = FLOORS[format];
  const { q1, median, q3 } = spreadOf(ratios);
  const below = q3 < floor;
  console.log(`${format.toUpperCase()}: ${median.toFixed(1)} times as fast (quartiles ${q1.toFixed(1)}–${q3.toFixed(1)}): ${
    below ? `less than ${floor}` : q1 >= floor ? `at least ${floor}` : `cannot tell (the spread includes ${floor})`}`);
  if (below) {
    process.exitCode = 1;
  }
}

main();
