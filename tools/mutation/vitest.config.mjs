/**
 * The tests that the mutation tests run. They are the suite's own, which Jest runs; Vitest runs those that a change can reach in one
 * process, in a tenth of the time.
 */
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const ROOT = resolve(import.meta.dirname, '../..');

export default defineConfig({
  root: ROOT,
  resolve: { alias: { 'cdk-ecs-network-modes': resolve(ROOT, 'src/index.ts') } },
  test: {
    globals: true,
    include: ['test/limits/**/*.test.ts', 'test/analysis/**/*.test.ts'],
    exclude: [
      '**/*.prop.test.ts', // draw at random: what they find differs from run to run
      'test/analysis/worlds-cost.test.ts', // counts how often large templates are read, for seconds
      'test/analysis/rules/consistency.test.ts', // compare files, which the mutation tests change
      'test/limits/instance-limits-docs.test.ts',
    ],
  },
});
