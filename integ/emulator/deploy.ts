/**
 * Deploys examples to an emulator and queries what was stored: `npm run deploy:emulator -- bridge-web`, or `-- --all`. README.md beside
 * this file says what that proves and what not.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { changedAssembly, changeImages } from './changed-assembly';
import { Emulator } from './emulator';

const EXAMPLES = join(__dirname, '..', '..', 'examples');

async function main(args: string[]) {
  const all = args.includes('--all');
  // Those of examples/all.ts: one of the folders is wrong on purpose.
  const examples = all ? readdirSync(EXAMPLES).filter((name) => name !== 'what-goes-wrong' && existsSync(join(EXAMPLES, name, 'app.ts'))) : args;
  if (examples.length === 0) throw new Error('usage: npm run deploy:emulator -- EXAMPLE..., or --all');
  for (const example of examples) {
    if (!existsSync(join(EXAMPLES, example, 'app.ts'))) throw new Error(`there is no example '${example}' in ${EXAMPLES}`);
  }

  const emulator = await Emulator.start();
  try {
    timed('bootstrap', () => emulator.cdk('bootstrap', 'aws://123456789012/us-east-1'));
    const apps = all ? [join(EXAMPLES, 'all.ts')] : examples.map((example) => join(EXAMPLES, example, 'app.ts'));
    const results = apps.map((app, index) => lifeOf(emulator, app, all ? examples : [examples[index]], join(emulator.folder, `assembly-${index}`)));
    if (!results.every(Boolean)) throw new Error('what was stored is not what the examples promise: see the lines above that start with NOT');
  } finally {
    emulator.stop();
  }
}

/** Deployed, queried, deployed again without and with a change, and destroyed. Whether all assertions hold. */
function lifeOf(emulator: Emulator, app: string, examples: string[], assembly: string): boolean {
  timed('synthesise', () => emulator.cdk('synth', '--quiet', '--app', `${process.execPath} --import tsx --conditions=source ${app}`, '--output', assembly));
  const deploy = (folder: string) => emulator.cdk('deploy', '--all', '--app', folder, '--require-approval', 'never');
  const record = join(emulator.folder, 'record.json');
  const held: boolean[] = [];

  timed('deploy', () => deploy(assembly));
  held.push(timed('query', () => emulator.query('promises', ...examples)));
  emulator.query('record', record);

  timed('deploy again', () => deploy(assembly));
  held.push(emulator.query('unchanged', record));

  const changed = `${assembly}-changed`;
  changedAssembly(assembly, changed, changeImages);
  timed('deploy other images', () => deploy(changed));
  held.push(emulator.query('only-images-changed', record));

  timed('destroy', () => emulator.cdk('destroy', '--all', '--force', '--app', changed));
  held.push(emulator.query('nothing-left'));
  return held.every(Boolean);
}

function timed<T>(step: string, action: () => T): T {
  const start = performance.now();
  const result = action();
  process.stdout.write(`--- ${step}: ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
  return result;
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
