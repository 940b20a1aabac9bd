/**
 * Mutation tests of the limits and of the rules: `npm run mutation`, or of some files
 * `npm run mutation -- --mutate src/limits/cidr.ts,src/analysis/rules/host-port-clash.ts`.
 * Results are kept from run to run, so that only what changed is tried again. docs/mutation-testing.md tells what came out.
 */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'tools/mutation/vitest.config.mjs' },
  // Types are not checked by these tests, and a comment that says so would change files that tests compare.
  disableTypeChecks: false,
  coverageAnalysis: 'perTest',
  mutate: [
    'src/limits/**/*.ts',
    '!src/limits/instance-limits.generated.ts', // a table, checked against its source by the generator's tests
    'src/analysis/rules/**/*.ts',
    '!src/analysis/rules/index.ts', // a list, held to the folder by the consistency test
  ],
  plugins: ['@stryker-mutator/vitest-runner', './tools/mutation/rule-texts.mjs'],
  ignorers: ['rule-texts'],
  concurrency: 2,
  timeoutMS: 20_000,
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: 'reports/mutation/mutation.json' },
  clearTextReporter: { logTests: false, allowColor: false },
  ignorePatterns: ['/cdk.out', '/dist', '/lib', '/reports', '/integ', '/test/newest/node_modules', '*.tgz'],
  thresholds: { high: 90, low: 85, break: 85 },
  tempDirName: '.stryker-tmp',
};
