/** The program itself, from its sources: what no test within this process shows. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { folderOf, taskOn } from './command-line';

const ROOT = join(__dirname, '../..');
/** As in the package, whose version it reads. */
const PROGRAM = join(folderOf({ 'package.json': readFileSync(join(ROOT, 'package.json')) }), 'lib/bin/ecs-network-modes.js');

// Compiled once: tsx would compile it again for each test.
beforeAll(() => {
  buildSync({ entryPoints: [join(ROOT, 'src/cli/main.ts')], bundle: true, platform: 'node', outfile: PROGRAM });
});

/** Findings of so many templates are more than a pipe takes at once. */
const many = () => folderOf(Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`${index}.json`, taskOn(70000)])));

test('ends with the exit code, after everything is written', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'check', '.', '--format', 'json'], { cwd: many(), encoding: 'utf-8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  expect(stdout.length).toBeGreaterThan(200_000);
  expect((JSON.parse(stdout) as { findings: object[] }).findings).toHaveLength(400);
});

test('takes it calmly when its reader has seen enough', async () => {
  const program = spawn(process.execPath, [PROGRAM, 'check', '.'], { cwd: many(), stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  program.stderr.on('data', (data) => errors += data);
  program.stdout.once('data', () => program.stdout.destroy());
  const [status, signal] = await new Promise<[number | null, string | null]>((resolve) => program.on('close', (...ended) => resolve(ended)));
  expect({ status, signal, errors }).toEqual({ status: 1, signal: null, errors: '' });
});

describe('where nothing can be written any more', () => {
  /** Runs it with one of its outputs on a device that is always full. */
  const full = (stream: 'stdout' | 'stderr', path: string) => {
    const device = openSync('/dev/full', 'w');
    try {
      const stdio = ['ignore', stream === 'stdout' ? device : 'pipe', stream === 'stderr' ? device : 'pipe'] as const;
      const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'check', path, '--format', 'json'], {
        cwd: folderOf({ 'fine.json': taskOn(8080), 'wrong.json': taskOn(70000) }), encoding: 'utf-8', stdio: [...stdio],
      });
      return { status, stdout, stderr };
    } finally {
      closeSync(device);
    }
  };
  // Linux has such a device.
  const testWithDevice = existsSync('/dev/full') ? test : test.skip;

  testWithDevice.each(['fine.json', 'wrong.json'])('it ends with 2 and a line that says so, not with what 1 stands for: %s', (path) => {
    expect(full('stdout', path)).toEqual({
      status: 2, stdout: null, stderr: 'error: standard output cannot be written: ENOSPC: no space left on device, write\n',
    });
  });

  test.each(['fine.json', 'wrong.json'])('it ends with 2 where only a part of it is written: %s', (path) => {
    // Ten blocks of 512 bytes are what a file may have, and all but 30 bytes of them are there already.
    const folder = folderOf({ 'fine.json': taskOn(8080), 'wrong.json': taskOn(70000), 'out': ' '.repeat(5090) });
    const { status, stderr } = spawnSync('sh', ['-c', 'ulimit -f 10; exec "$@" >> out', 'sh', process.execPath, PROGRAM, 'check', path], {
      cwd: folder, encoding: 'utf-8',
    });
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'error: standard output cannot be written: EFBIG: file too large, write\n' });
    expect(readFileSync(join(folder, 'out'))).toHaveLength(5120);
  });

  testWithDevice('it ends with 2 where that is the place for such lines', () => {
    expect(full('stderr', 'nowhere')).toMatchObject({ status: 2, stderr: null });
  });
});

test('ends with 2 for what it cannot use', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'check', 'nowhere'], { cwd: ROOT, encoding: 'utf-8' });
  expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: 'error: nowhere: there is nothing at this path\n' });
});
