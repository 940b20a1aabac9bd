/** What an app with errors ends with, and says, where the command line is to print findings and fail. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = join(__dirname, '../..');
const LEFT = JSON.stringify({ '@aws-cdk/core:failSynthOnValidationErrors': false });
const ERROR = '[error at Shop/Api/Service] Service Api wants tcp 51678 on its instances';

// In the folder of the modules that it asks for.
const app = join(ROOT, 'node_modules/.cache/wrong-app.js');

beforeAll(() => {
  buildSync({ entryPoints: [join(__dirname, 'wrong-app.ts')], bundle: true, platform: 'node', packages: 'external', outfile: app, conditions: ['source'] });
});

function synthesised(environment: Record<string, string>, ...acknowledged: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'wrong-app-'));
  const { status, stderr } = spawnSync(process.execPath, [app, ...acknowledged], {
    encoding: 'utf-8', env: { PATH: process.env.PATH, CDK_OUTDIR: folder, ...environment },
  });
  const report = readFileSync(join(folder, 'policy-validation-report.json'), 'utf-8');
  return { status, said: stderr.split('\n').filter((line) => line.startsWith('[')), report };
}

test('it fails and says why, as nobody else does', () => {
  const { status, said, report } = synthesised({ CDK_CONTEXT_JSON: LEFT });
  expect(report).toContain('"info"');
  expect({ status, said }).toEqual({ status: 1, said: [expect.stringContaining(ERROR)] });
  expect(said[0]).toMatch(/To mend it: ContainerPort 1024.* \(EcsNetworkModes::host-port-reserved\)$/);
});

test('also where the context is too long for the environment', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'context-')), 'context.json');
  writeFileSync(path, LEFT);
  expect(synthesised({ CDK_CONTEXT_JSON: '{}', CONTEXT_OVERFLOW_LOCATION_ENV: path }).status).toBe(1);
});

test('of several plugins one after another that fails counts, too, and each finding is told once', () => {
  const { status, said, report } = synthesised({ CDK_CONTEXT_JSON: LEFT, PLUGIN_ON_STAGE: 'yes' });
  expect(report.match(/"pluginName": "EcsNetworkModes"/g)).toHaveLength(2);
  expect(report.indexOf('"success"')).toBeLessThan(report.indexOf('"failure"'));
  expect({ status, said }).toEqual({ status: 1, said: [expect.stringContaining(ERROR)] });
});

test('what is acknowledged does not fail it', () => {
  const { status, said } = synthesised({ CDK_CONTEXT_JSON: LEFT }, 'host-port-reserved');
  expect({ status, said }).toEqual({ status: 0, said: [] });
});

test('where the framework itself fails it says nothing once more', () => {
  const { status, said } = synthesised({});
  expect({ status, said }).toEqual({ status: 1, said: [] });
});
