/**
 * Puts the compiled analysis, lib/analysis and lib/limits, into one file, lib/analysis.bundle.js, of which the modules that others ask for
 * are views: an app that is judged reads one file in place of a hundred.
 *
 *     npx tsx tools/bundle-analysis.ts
 *
 * A function is compiled when it is first called, and is read for that a second time, unless it stands in parentheses: V8 takes such a one
 * for one that is called at once, https://v8.dev/blog/preparser#pife. Judging an app calls most of them: where it takes 130 ms without this, it
 * takes some 17 less, and loading the file 6 more.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';

const OUT = 'analysis.bundle.js';
const BUNDLED = ['analysis', 'limits'];
/** Bundles themselves, or not in the package. */
const OTHER_BUNDLES = ['bin', 'cli'];

function modulesIn(folder: string): string[] {
  return readdirSync(join('lib', folder), { recursive: true, encoding: 'utf-8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => posix.join(folder, file.replaceAll('\\', '/').replace(/\.js$/, '')));
}

/** What the other folders ask for. */
function entriesOf(modules: readonly string[]): string[] {
  const folders = readdirSync('lib', { withFileTypes: true }).filter((one) => one.isDirectory()).map(({ name }) => name);
  const others = folders.filter((name) => ![...BUNDLED, ...OTHER_BUNDLES].includes(name)).flatMap(modulesIn);
  const asked = ['index', ...others].flatMap((module) => [...readFileSync(join('lib', `${module}.js`), 'utf-8').matchAll(/require\("(\.[^"]+)"\)/g)]
    .map(([, path]) => posix.join(dirname(module), path))
    .map((path) => modules.find((one) => one === path || one === `${path}/index`)));
  return [...new Set(asked.filter((one) => one !== undefined))].sort();
}

/** The same program with its functions in parentheses, and those that are declared before everything else, as they are found there. */
function compiledAtOnce(program: string): string {
  const file = ts.createSourceFile(OUT, program, ts.ScriptTarget.ES2022, true);
  const [functions, rest] = [true, false].map((declared) => file.statements.filter((one) => ts.isFunctionDeclaration(one) === declared));
  return ['"use strict";', ...[...functions, ...rest].map((statement) => inParentheses(statement, file))].join('\n');
}

/** `(function(one) { … })` for each function in a statement, and `judge: (function(facts) { … })` for `judge(facts) { … }` in objects. */
function inParentheses(statement: ts.Statement, file: ts.SourceFile): string {
  let text = '';
  let done = statement.getStart(file);
  const copyTo = (end: number, then = ''): void => {
    text += file.text.slice(done, end) + then;
    done = end;
  };
  const visit = (node: ts.Node): void => {
    const isMethod = ts.isMethodDeclaration(node) && !node.modifiers && node.parent.kind === ts.SyntaxKind.ObjectLiteralExpression;
    const isDeclared = node === statement && ts.isFunctionDeclaration(node);
    if (isMethod) {
      copyTo(node.getStart(file), `${node.name.getText(file)}: (function${node.asteriskToken ? '*' : ''}`);
      done = node.parameters.pos - 1;
    } else if (isDeclared || ts.isFunctionExpression(node)) {
      copyTo(node.getStart(file), isDeclared ? `var ${node.name!.text} = (` : '(');
    }
    ts.forEachChild(node, visit);
    if (isMethod || isDeclared || ts.isFunctionExpression(node)) {
      copyTo(node.end, isDeclared ? ');' : ')');
    }
  };
  visit(statement);
  copyTo(statement.end);
  return text;
}

async function main(): Promise<void> {
  const modules = BUNDLED.flatMap(modulesIn);
  const entries = entriesOf(modules);
  const { outputFiles: [{ text }] } = await build({
    stdin: { contents: entries.map((entry, index) => `export * as m${index} from './${entry}';`).join('\n'), resolveDir: 'src' },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    // In parentheses they would be read twice all the same.
    supported: { arrow: false },
    packages: 'external',
    legalComments: 'inline',
    logLevel: 'warning',
  });
  writeFileSync(join('lib', OUT), compiledAtOnce(text));
  modules.forEach((module) => rmSync(join('lib', `${module}.js`)));
  for (const [index, entry] of entries.entries()) {
    writeFileSync(join('lib', `${entry}.js`), `module.exports = require('${posix.relative(dirname(entry), OUT)}').m${index};\n`);
  }
  console.log(`lib/${OUT}: ${modules.length} modules, ${entries.length} of which others ask for, ${Math.round(text.length / 1024)} KiB`);
}

void main();
