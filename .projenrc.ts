import { readdirSync } from 'node:fs';
import { awscdk, cdk, github, javascript, JsonFile, typescript } from 'projen';

/** The oldest aws-cdk-lib the library supports, and the one it is built and tested with. */
const CDK_VERSION = '2.257.0';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-ecs-network-modes',
  description: 'Amazon ECS services per network mode: wired, checked, and unable to take an illegal shape',
  keywords: ['aws', 'cdk', 'ecs', 'network-mode', 'awsvpc', 'bridge', 'host', 'fargate', 'security-groups'],
  author: 'cdk-ecs-network-modes maintainers',
  authorAddress: 'https://github.com/cdk-ecs-network-modes',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk-ecs-network-modes/cdk-ecs-network-modes.git',
  license: 'Apache-2.0',
  copyrightOwner: 'cdk-ecs-network-modes maintainers',
  copyrightPeriod: '2026',
  defaultReleaseBranch: 'main',
  stability: 'experimental',

  cdkVersion: CDK_VERSION,
  constructsVersion: '10.5.0',
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.0',
  minNodeVersion: '20.0.0',
  packageManager: javascript.NodePackageManager.NPM,
  // The address arithmetic of src/limits/cidr.ts; bundled, so that nothing but the peers is installed with the library.
  bundledDeps: ['ip-address@^10'],
  bin: { 'ecs-network-modes': 'lib/bin/ecs-network-modes.js' },
  devDeps: [
    // Later majors cannot read today's cloud assemblies.
    'aws-cdk@2.1148.1',
    'eslint@^9',
    '@eslint/js@^9',
    'typescript-eslint',
    'eslint-plugin-import',
    '@stylistic/eslint-plugin',
    'fast-check@^4',
    // Later majors are not for Node 20.
    '@stryker-mutator/core@^9',
    '@stryker-mutator/vitest-runner@^9',
    'vitest@^4',
    // Of Vitest: the next major wants a package for Windows that not every registry has.
    'vite@^7',
    // Of the command line, which esbuild bundles with these; nothing that index.ts reaches needs them. Later commanders need Node 22.
    'esbuild@^0.28',
    'commander@^14',
    'picocolors@^1.1',
    'yaml@^2.9',
    '@types/sarif@^2.1',
    // Only for the schema of SARIF that it holds: its matcher asks for a package it does not name. This ajv reads draft 4.
    '@microsoft/jest-sarif@1.0.0-beta.0',
    'ajv@^6.12',
    // Versions that read the assemblies of the floor; later runners are built for later frameworks.
    '@aws-cdk/integ-runner@2.197.10',
    '@aws-cdk/integ-tests-alpha@2.245.0-alpha.0',
  ],

  publishToPypi: { distName: 'cdk-ecs-network-modes', module: 'cdk_ecs_network_modes' },
  publishToMaven: {
    javaPackage: 'io.github.cdkecsnetworkmodes',
    mavenGroupId: 'io.github.cdkecsnetworkmodes',
    mavenArtifactId: 'cdk-ecs-network-modes',
  },
  publishToNuget: { dotNetNamespace: 'CdkEcsNetworkModes', packageId: 'CdkEcsNetworkModes' },
  publishToGo: { moduleName: 'github.com/cdk-ecs-network-modes/cdk-ecs-network-modes-go', packageName: 'cdkecsnetworkmodes' },

  // `minimal` because the stricter rule sets refuse stripInternal, which keeps `@internal _members` out of the typings.
  validateTsconfig: cdk.ValidateTsconfig.MINIMAL,
  tsconfig: {
    compilerOptions: {
      target: 'ES2022',
      lib: ['es2022'],
      module: 'node20',
      stripInternal: true,
      noEmitOnError: true,
      skipLibCheck: true,
      types: ['node'],
      // Inlined sources would double the size of the published package.
      inlineSourceMap: false,
      inlineSources: false,
    },
  },
  tsconfigDevFile: 'tsconfig.dev.json',
  tsconfigDev: {
    compilerOptions: {
      isolatedModules: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      types: ['node', 'jest'],
      // Examples import the package by its name, as users do; nothing has to be built first.
      paths: { 'cdk-ecs-network-modes': ['./src/index.ts'] },
    },
  },
  runner: typescript.TypeScriptRunner.tsx(),
  projenrcTs: true,
  sampleCode: false,

  jestOptions: {
    // jest 30 brings a native resolver whose lock entries for other platforms are easily lost; see tools/complete-lock.ts.
    jestVersion: '^29.4.0',
    // A test run never writes a snapshot: `npx jest -u` is a decision.
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    junitReporting: false,
    configFilePath: 'jest.config.json',
    passWithNoTests: false,
    jestConfig: {
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/newest/'],
      moduleNameMapper: { '^cdk-ecs-network-modes$': '<rootDir>/src/index.ts' },
      modulePathIgnorePatterns: ['<rootDir>/test/newest/', '<rootDir>/lib/', '<rootDir>/dist/', '<rootDir>/.stryker-tmp/'],
      clearMocks: true,
      collectCoverage: false,
      maxWorkers: '100%',
      // Jest looks up globals in a sandbox each time they are used: loops over millions of numbers spend half their time on `Math`.
      sandboxInjectedGlobals: ['Array', 'Error', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Set', 'String', 'Symbol'],
    },
  },
  typecheckTests: true,
  // projen's own ESLint set-up is the eslintrc format and brings the native resolver: see eslint.config.mjs.
  eslint: false,

  lambdaAutoDiscover: false,
  edgeLambdaAutoDiscover: false,
  singletonLambdaAutoDiscover: false,
  lambdaExtensionAutoDiscover: false,
  integrationTestAutoDiscover: false,

  release: false,
  buildWorkflow: false,
  depsUpgrade: false,
  stale: false,
  pullRequestTemplate: false,
  githubOptions: { mergify: false, pullRequestLint: false, workflows: true },

  // `files` below says what is published: a list of what is in cannot forget what is out.
  npmignoreEnabled: false,
  gitignore: [
    '.jsii',
    '.jsii.tabl.json*',
    '.warnings.jsii.js',
    'cdk.out/',
    'cdk.context.json',
    'tsconfig.tsbuildinfo',
    '*.tgz',
    '__pycache__/',
    // Of a snapshot the templates count; the assertions' own Lambda bundles are the test library's.
    'integ/*.snapshot/asset.*',
    'integ/*.snapshot/tree.json',
    'cdk-integ.out*',
    'reports/',
    '.stryker-tmp/',
    '.venv/',
  ],
});

// projen adds patterns of its own to these lists; here each names exactly what it covers.
project.jest!.config.testMatch = ['<rootDir>/test/**/*.test.ts'];
// Types are checked once for everything by `tsc`, the first step of `npm test`, and ts-jest is slow at the rest.
project.jest!.config.transform = { '^.+\\.ts$': '<rootDir>/tools/jest-transform.mjs' };
project.tsconfigDev.file.addOverride('include', [
  '.projenrc.ts',
  ...['src', 'test', 'examples', 'integ', 'benchmark', 'tools'].map((folder) => `${folder}/**/*.ts`),
]);
// test/newest has a tsconfig of its own: its aws-cdk-lib is another one, and not always installed.
project.tsconfigDev.file.addOverride('exclude', ['node_modules', 'test/newest']);

// One tsconfig for everything that is only type-checked: .projenrc.ts needs no folder of its own.
project.tryRemoveFile('projenrc/tsconfig.json');
project.defaultTask!.reset('tsx --tsconfig tsconfig.dev.json .projenrc.ts');

project.addFields({
  exports: {
    '.': {
      // `tsx --conditions=source` runs examples straight from the sources.
      source: './src/index.ts',
      types: './lib/index.d.ts',
      default: './lib/index.js',
    },
    './package.json': './package.json',
    './.jsii': './.jsii',
    './.warnings.jsii.js': './.warnings.jsii.js',
  },
  // The sources are in the package because the `source` condition names them. Of the command line there is the bundle.
  files: ['lib', '!lib/cli', 'src', '!src/cli', '.jsii', '.warnings.jsii.js', 'API.md', 'CHANGELOG.md', 'docs', '!**/*.tsbuildinfo'],
});

new JsonFile(project, 'cdk.json', {
  marker: false,
  obj: {
    app: 'npx tsx --conditions=source examples/all.ts',
    output: 'cdk.out',
    watch: { include: ['src/**', 'examples/**'] },
  },
});

const npmrc = new javascript.NpmConfig(project);
// The lock file names no registry, so that it serves whichever one a machine uses.
npmrc.addConfig('omit-lockfile-registry-resolved', 'true');

project.addTask('lint', { description: 'ESLint over everything', exec: 'eslint . --max-warnings 0', receiveArgs: true });
project.addTask('typecheck', { description: 'Check the types of all TypeScript', exec: 'tsc --noEmit -p tsconfig.dev.json' });
project.addTask('jest', { description: 'Run the tests without the type check', exec: 'jest --ci', receiveArgs: true });

project.addTask('test:newest', {
  description: 'Run the trap and example tests against the newest aws-cdk-lib, without and with all recommended feature flags',
  steps: [
    { exec: 'npm ci', cwd: 'test/newest' },
    { exec: 'tsc --noEmit -p test/newest/tsconfig.json' },
    { exec: 'jest --ci --config test/newest/jest.config.json', receiveArgs: true },
    { exec: 'CDK_FLAGS=recommended jest --ci --config test/newest/jest.config.json', receiveArgs: true },
  ],
});
// jsii-docgen reads every assembly below the project: the newest aws-cdk-lib would document options that the floor does not have.
project.tasks.tryFind('docgen')!.prependExec('node -e "fs.rmSync(\'test/newest/node_modules\', { recursive: true, force: true })"');

// Each integration app against its committed snapshot, offline. `npx projen integ --update-on-failed` deploys to the account of the shell,
// asserts and writes the snapshot; with `--dry-run` as well it only writes the snapshot. See docs/sandbox.md.
project.addTask('integ', {
  description: 'Verify the snapshots of the integration apps',
  // Few at a time: each is a process with the whole of aws-cdk-lib.
  exec: 'integ-runner --language typescript --directory integ --app "node --conditions=source --import tsx {filePath}" --max-workers 3',
  receiveArgs: true,
});

project.compileTask.exec('tsx tools/bundle-analysis.ts');
project.compileTask.exec('tsx tools/bundle-cli.ts');
project.addTask('check-cli', {
  description: 'Pack the package, run its command line where nothing is installed, and judge an app with it (needs `npm run compile`)',
  exec: 'tsx tools/check-cli.ts',
});
project.addTask('check-lock', {
  description: 'Check that the lock files serve every platform',
  exec: 'tsx tools/check-lock.ts',
});
project.addTask('check-snippets', {
  description: 'Compile the examples in README.md, docs/ and the doc comments (needs `npm run compile`)',
  exec: 'tsx tools/check-snippets.ts',
});
project.addTask('benchmark', {
  description: 'Compare the time to build and synthesise fifty services with that of the same services written with plain L2s',
  exec: 'tsx --expose-gc --conditions=source benchmark/synth.ts',
  receiveArgs: true,
});
project.addTask('mutation', {
  description: 'Mutation tests of src/limits and src/analysis/rules: the better part of an hour; name files with --mutate',
  exec: 'stryker run tools/mutation/stryker.config.mjs',
  receiveArgs: true,
});
project.addTask('benchmark:plugin-nag', {
  description: 'Compare the time of the validation plugin with that of cdk-nag on the same app, at the newest aws-cdk-lib (needs `npm run compile`)',
  steps: [
    { exec: 'npm ci', cwd: 'test/newest' },
    { exec: 'tsx --tsconfig test/newest/tsconfig.run.json test/newest/plugin-benchmark.ts', receiveArgs: true },
  ],
});
project.addTask('benchmark:aspect-resolve', {
  description: 'Compare the time of the aspect with that of resolving every L1 once (needs `npm run compile`)',
  exec: 'tsx benchmark/aspect-resolve.ts',
  receiveArgs: true,
});
project.addTask('benchmark:checks-scale', {
  description: 'Compare the cost of judging a service among 10,000 with that of one among 1,000',
  exec: 'tsx --expose-gc --conditions=source benchmark/checks-scale.ts',
  receiveArgs: true,
});
project.addTask('benchmark:cli-cfn-lint', {
  description: 'Compare the command line with cfn-lint over the same folders of templates (needs `npm run compile` and python3)',
  exec: 'tsx --conditions=source benchmark/cli-cfn-lint.ts',
  receiveArgs: true,
});
project.addTask('deploy:emulator', {
  description: 'Deploy an example, or all with --all, to an emulator, and query what was stored (needs python3)',
  exec: 'tsx --conditions=source integ/emulator/deploy.ts',
  receiveArgs: true,
});
project.addTask('deploy:emulator:broken', {
  description: 'Break examples on purpose, deploy them to the emulator, and fail where no query notices (needs python3)',
  exec: 'tsx --conditions=source integ/emulator/break.ts',
});
project.addTask('cfn-lint', {
  description: 'Lint the synthesised templates of the examples with cfn-lint (needs python3 and `npx cdk synth`)',
  exec: 'tools/cfn-lint.sh cdk.out',
});

const ci = new github.GithubWorkflow(project.github!, 'ci');
ci.on({ pullRequest: {}, push: { branches: ['main'] } });
ci.addJob('ci', {
  runsOn: ['ubuntu-latest'],
  permissions: { contents: github.workflows.JobPermission.READ },
  strategy: { matrix: { domain: { node: ['20', '24'] } } },
  steps: [
    { uses: 'actions/checkout@v4' },
    { uses: 'actions/setup-node@v4', with: { 'node-version': '${{ matrix.node }}', 'cache': 'npm' } },
    { uses: 'actions/setup-python@v5', with: { 'python-version': '3.12' } },
    { run: '.ci/run' },
  ],
});

// By hand, for it costs money: an integration app in the account whose role the environment `sandbox` names. See docs/sandbox.md.
const sandbox = new github.GithubWorkflow(project.github!, 'sandbox', {
  // One at a time, and none is cut off by the next: what it has deployed would stay.
  limitConcurrency: true,
  concurrencyOptions: { group: 'sandbox', cancelInProgress: false },
});
sandbox.on({
  workflowDispatch: {
    inputs: {
      test: {
        description: 'Integration app',
        type: 'choice',
        required: true,
        options: readdirSync('integ').flatMap((file) => /^integ\.(.+)\.ts$/.exec(file)?.[1] ?? []).sort(),
      },
      region: { description: 'Region, bootstrapped', type: 'string', required: true },
    },
  },
});
sandbox.addJob('integ', {
  runsOn: ['ubuntu-latest'],
  environment: 'sandbox',
  permissions: { contents: github.workflows.JobPermission.READ, idToken: github.workflows.JobPermission.WRITE },
  timeoutMinutes: 120,
  steps: [
    // By commit, unlike in the workflow above: these run beside the right to ask for credentials. v4.2.2, v4.4.0, v5.1.0.
    { uses: 'actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683', with: { 'persist-credentials': false } },
    { uses: 'actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020', with: { 'node-version': '24' } },
    // Before the credentials: installing needs none.
    { run: 'npm ci' },
    {
      uses: 'aws-actions/configure-aws-credentials@00943011d9042930efac3dcd3a170e4273319bc8',
      with: {
        'role-to-assume': '${{ vars.AWS_ROLE_ARN }}',
        'role-duration-seconds': 7200,
        'aws-region': '${{ inputs.region }}',
      },
    },
    {
      // As variables, for what is put into the text of a script is run.
      env: { TEST: '${{ inputs.test }}', REGION: '${{ inputs.region }}' },
      run: 'npx projen integ "integ.$TEST.ts" --strict --force --parallel-regions "$REGION" --verbose',
    },
  ],
});

project.synth();
