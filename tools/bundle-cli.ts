/**
 * Bundles the command line with what it needs into lib/bin/ecs-network-modes.js, so that installing the library installs nothing for it.
 *
 *     npx tsx tools/bundle-cli.ts
 */
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const OUT = 'lib/bin/ecs-network-modes.js';

/** The licences of what is bundled, which ask to be kept with it. */
function licences(inputs: readonly string[]): string {
  const packages = new Set(inputs.flatMap((input) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []));
  return [...packages].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf-8')) as { name: string; version: string };
    const file = readdirSync(folder).find((each) => /^licen[cs]e(\.|$)/i.test(each));
    if (!file) {
      throw new Error(`${name} has no licence to bundle with it`);
    }
    return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf-8').trim()}`;
  }).join('\n\n');
}

async function main(): Promise<void> {
  const options = {
    entryPoints: ['src/cli/main.ts'],
    outfile: OUT,
    bundle: true,
    platform: 'node' as const,
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    // The same code without a look at the environment for each token, which takes a fifth of the time of reading YAML.
    alias: { yaml: './node_modules/yaml/browser/index.js' },
    metafile: true as const,
    logLevel: 'warning' as const,
  };
  const { metafile: { inputs } } = await build({ ...options, write: false });
  const notices = licences(Object.keys(inputs)).replaceAll('*/', '* /');
  const { metafile: { outputs } } = await build({ ...options, footer: { js: `/*\nBundled with this program:\n\n${notices}\n*/` } });
  chmodSync(OUT, 0o755);
  console.log(`${OUT}: ${Math.round(outputs[OUT].bytes / 1024)} KiB`);
}

void main();
