/**
 * Compiles every TypeScript snippet of README.md, docs/*.md and the doc comments with jsii-rosetta, as the documentation of
 * the other languages is made, and fails when one does not compile. Needs the compiled library (`npm run compile`).
 *
 * jsii-rosetta reads snippets from jsii assemblies only, so every file of docs/ becomes the readme of an assembly of its own.
 * Snippets without a fixture of their own (```ts fixture=name) are put into rosetta/default.ts-fixture.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const work = join('node_modules', '.cache', 'snippets');
const library = JSON.parse(readFileSync('.jsii', 'utf-8')) as { types?: object };

function assembly(source: string, content: { readme: { markdown: string }; types?: object }): string {
  const folder = join(work, source);
  mkdirSync(folder, { recursive: true });
  // The assembly's name is what jsii-rosetta prints as the place of a snippet that does not compile.
  writeFileSync(join(folder, '.jsii'), JSON.stringify({ ...library, types: {}, ...content, name: source }));
  cpSync('rosetta', join(folder, 'rosetta'), { recursive: true });
  return folder;
}

function readme(file: string): { readme: { markdown: string } } {
  return { readme: { markdown: readFileSync(file, 'utf-8') } };
}

rmSync(work, { recursive: true, force: true });
const docs = existsSync('docs') ? readdirSync('docs').filter((file) => file.endsWith('.md')).map((file) => join('docs', file)) : [];
const folders = [
  assembly('README.md', { ...readme('README.md'), types: library.types }),
  ...docs.map((file) => assembly(file, readme(file))),
];

// Compiling in this folder lets snippets import the library by its name, through its own package.json.
const { status } = spawnSync('npx', ['jsii-rosetta', 'extract', '--strict', '--batch', '--directory', '.', ...folders], { stdio: 'inherit' });
if (status !== 0) process.exit(1);
console.log(`the snippets of README.md, the doc comments and ${docs.length} files of docs/ compile`);
