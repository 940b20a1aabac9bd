/** How the benchmarks time two things side by side and print the ratio with its spread. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';

/** Milliseconds of one phase. */
export interface Duration {
  /** User and system: other processes blur it least. */
  readonly cpu: number;
  readonly wall: number;
}

export function timed<T>(action: () => T): { readonly result: T; readonly took: Duration } {
  global.gc?.(); // there with --expose-gc: so that nobody clears up after the run before
  const cpuBefore = process.cpuUsage();
  const wallBefore = process.hrtime.bigint();
  const result = action();
  const wall = Number(process.hrtime.bigint() - wallBefore) / 1e6;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { result, took: { cpu: (user + system) / 1e3, wall } };
}

/** Runs two things in turn, the first of the two alternating: what one run leaves behind for the next to clear up is left to both alike. */
export function inTurn<A, B>(pairs: number, one: () => A, other: () => B): Array<{ readonly one: A; readonly other: B }> {
  return Array.from({ length: pairs }, (_, index) => {
    if (index % 2 === 0) {
      const first = one();
      return { one: first, other: other() };
    }
    const first = other();
    return { other: first, one: one() };
  });
}

/** What a benchmark prints as JSON, in the last line, when it is run with `--sample` in a process of its own. */
export function inProcess<T>(benchmark: string, ...args: readonly string[]): T {
  const { stdout, status, stderr } = spawnSync(process.execPath, [...process.execArgv, benchmark, '--sample', ...args], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}

/**
 * Two processes of the same, in which the one or the other goes first, for one ratio of their sums: what goes first also clears up what
 * was there before, and makes warm what both use.
 */
export function inBothOrders<K extends string>(sample: (firstFirst: boolean) => Readonly<Record<K, Duration>>): Record<K, Duration> {
  const [one, other] = [sample(true), sample(false)];
  const both = (Object.keys(one) as K[]).map((key) => [key, { cpu: one[key].cpu + other[key].cpu, wall: one[key].wall + other[key].wall }]);
  return Object.fromEntries(both) as Record<K, Duration>;
}

function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at % 1);
}

export function spreadOf(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, q1, median, q3, max] = [0, 0.25, 0.5, 0.75, 1].map((q) => quantile(sorted, q));
  return { min, q1, median, q3, max };
}

export function printHead(title: string): void {
  console.log(`\n${title}`.padEnd(33) + ['min', 'quartile', 'median', 'quartile', 'max'].map((s) => s.padStart(10)).join(''));
}

export function printRow(name: string, values: readonly number[], digits: number): void {
  const { min, q1, median, q3, max } = spreadOf(values);
  console.log(name.padEnd(32) + [min, q1, median, q3, max].map((value) => value.toFixed(digits).padStart(10)).join(''));
}

/**
 * Says whether ratios keep below a limit, and has the process exit with 1 if they are above it beyond doubt: the lower quartile is.
 */
export function judge(what: string, ratios: readonly number[], limit: number): void {
  const { q1, median, q3 } = spreadOf(ratios);
  const above = q1 > limit;
  const verdict = above ? `above ${limit}` : q3 <= limit ? `within ${limit}` : `cannot tell (the spread includes ${limit})`;
  console.log(`${what} = ${median.toFixed(3)} (quartiles ${q1.toFixed(3)}–${q3.toFixed(3)}): ${verdict}`);
  if (above) {
    process.exitCode = 1;
  }
}
