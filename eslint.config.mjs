import js from '@eslint/js';
import stylistic from '@stylistic/eslint-plugin';
import importPlugin from 'eslint-plugin-import';
import tseslint from 'typescript-eslint';

/**
 * The folders of src/ and what each may import besides itself. Whatever is not listed is refused, so a new folder starts with
 * nothing. This is the picture of the dependencies in CONTRIBUTING.md. invalid.ts words the constructs' errors.
 */
const MAY_IMPORT = {
  'limits': [],
  'endpoints': [],
  'invalid.ts': [],
  'analysis': ['limits', 'endpoints'],
  'checks': ['analysis', 'limits'],
  'cli': ['checks', 'analysis', 'limits'],
  'network': ['limits', 'endpoints', 'invalid.ts'],
  'capacity': ['network', 'limits', 'invalid.ts'],
  'services': ['capacity', 'network', 'limits', 'invalid.ts'],
};

const zones = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  target: `./src/${folder}`,
  from: './src',
  except: [folder, ...allowed].map((name) => `./${name}`),
  message: `src/${folder} may import ${allowed.length ? allowed.map((name) => `src/${name}`).join(', ') : 'no other folder'}: see CONTRIBUTING.md`,
}));

/** Names that say nothing about what is inside, and so collect everything. */
const VAGUE_NAMES = ['utils', 'util', 'common', 'helpers', 'helper', 'types', 'base', 'manager'];

const vagueNames = {
  meta: { type: 'problem', messages: { vague: '"{{name}}" says nothing about what is inside: name the file or folder after its subject' } },
  create: (context) => ({
    Program(node) {
      const parts = context.filename.slice(context.cwd.length).split(/[\\/]/).flatMap((part) => part.replace(/\.(test\.)?[cm]?[jt]s$/, ''));
      const name = parts.find((part) => VAGUE_NAMES.includes(part.toLowerCase()));
      if (name) context.report({ node, messageId: 'vague', data: { name } });
    },
  }),
};

export default tseslint.config(
  { ignores: ['lib/', 'dist/', 'cdk.out/', 'coverage/', '**/node_modules/', '**/*.d.ts', '**/cdk.out/', '**/*.snapshot/', '.*/**', '!.projenrc.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,mjs,js}'],
    plugins: { 'import': importPlugin, '@stylistic': stylistic, 'local': { rules: { 'vague-names': vagueNames } } },
    settings: {
      // The plain node resolver is enough for relative imports and brings no native code.
      'import/resolver': { node: { extensions: ['.ts', '.js', '.json'] } },
      'import/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'local/vague-names': 'error',
      '@stylistic/indent': ['error', 2],
      '@stylistic/quotes': ['error', 'single', { avoidEscape: true }],
      '@stylistic/semi': ['error', 'always'],
      '@stylistic/comma-dangle': ['error', 'always-multiline'],
      '@stylistic/max-len': ['error', { code: 140, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      '@stylistic/object-curly-spacing': ['error', 'always'],
      '@stylistic/array-bracket-spacing': ['error', 'never'],
      '@stylistic/keyword-spacing': 'error',
      '@stylistic/space-before-blocks': 'error',
      '@stylistic/space-infix-ops': 'error',
      '@stylistic/comma-spacing': 'error',
      '@stylistic/brace-style': ['error', '1tbs', { allowSingleLine: true }],
      '@stylistic/no-trailing-spaces': 'error',
      '@stylistic/no-multiple-empty-lines': ['error', { max: 1, maxEOF: 0, maxBOF: 0 }],
      '@stylistic/eol-last': 'error',
      '@stylistic/member-delimiter-style': 'error',
      'prefer-const': 'error',
      'eqeqeq': ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'import/no-unresolved': 'off',
      'import/no-duplicates': 'error',
      'import/no-cycle': 'error',
      'import/order': ['error', { groups: ['builtin', 'external', 'internal', 'parent', 'sibling', 'index'], alphabetize: { order: 'asc', caseInsensitive: true } }],
      'import/no-restricted-paths': ['error', { zones }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { project: ['./tsconfig.dev.json', './test/newest/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      // The compiler's own noUnusedLocals says it too; this one allows a leading underscore.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-require-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // A construct's props interface may add nothing to the one it extends.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
    },
  },
  {
    // The library takes from outside only its peers (and, in limits/cidr.ts, what is bundled).
    files: ['src/**/*.ts'],
    rules: {
      'import/no-extraneous-dependencies': ['error', { devDependencies: false, peerDependencies: true, bundledDependencies: true }],
    },
  },
  {
    // The command line is bundled. What it does not always need it loads where it does.
    files: ['src/checks/template-text.ts', 'src/checks/yaml-text.ts', 'src/cli/**/*.ts'],
    rules: {
      '@typescript-eslint/no-require-imports': ['error', { allow: ['-command$', '/yaml-text$', '^yaml$'] }],
      'import/no-extraneous-dependencies': ['error', { devDependencies: true, peerDependencies: true, bundledDependencies: true }],
    },
  },
  {
    // Pure: they can be tested, bundled and reasoned about without the CDK and without a disk.
    files: ['src/limits/**/*.ts', 'src/endpoints/**/*.ts', 'src/analysis/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [{ regex: '^[^.]', message: 'limits/, endpoints/ and analysis/ import nothing from outside (only limits/cidr.ts may use its one library)' }],
      }],
    },
  },
  {
    files: ['src/limits/cidr.ts'],
    rules: {
      'no-restricted-imports': ['error', {
        patterns: [{ regex: '^(aws-cdk-lib|constructs|node:|fs$|path$)', message: 'limits/ knows neither the CDK nor the file system' }],
      }],
    },
  },
  {
    files: ['src/cli/**/*.ts', 'tools/**/*.ts', 'benchmark/**/*.ts', 'test/newest/*-benchmark.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    languageOptions: { globals: { jest: 'readonly' } },
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
