/**
 * Puts the compiled analysis, lib/analysis and lib/limits, into one file, lib/analysis.bundle.js, of which the modules that others ask for
 * are views: an app that is judged reads one file in place of a hundred.
 *
 *     npx tsx tools/bundle-analysis.ts
 *
 * A function is compiled when it is first called, and is read for that a second time, unless it stands in parentheses: V8 takes such a one
 * for one that is called at once, https://v8.dev/blog/preparser#pife. Judging an app calls most of them: where it takes 130 ms without this,
 * it takes some 17 less, and loading the file 6 more. Methods of classes, and lib/checks, which hands apps to the analysis: some 4 less.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { Script } from 'node:vm';
import { build, transform } from 'esbuild';
import ts from 'typescript';

const OUT = 'analysis.bundle.js';
const BUNDLED = ['analysis', 'limits'];
/** They read what is judged. jsii has put into them by what it knows the classes that the package exports, so they stay as it made them. */
const BESIDE = 'checks';
/** Bundles themselves, or not in the package. */
const OTHER_BUNDLES = ['bin', 'cli'];

const TARGET = 'node20';
/** Arrow functions would be read twice in parentheses all the same. */
const SUPPORTED = { arrow: false };

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

/**
 * The same program with its functions in parentheses, and those that are declared before everything else, as they are found there.
 *
 * @throws SyntaxError if it is none any more: esbuild leaves `super` in what was an arrow function
 */
function compiledAtOnce(program: string): string {
  const file = ts.createSourceFile(OUT, program, ts.ScriptTarget.ES2022, true);
  const printer = ts.createPrinter();
  const [functions, rest] = [true, false].map((declared) => file.statements.filter((one) => ts.isFunctionDeclaration(one) === declared));
  const statements = [...functions, ...rest].flatMap(inParentheses);
  const compiled = ['"use strict";', ...statements.map((one) => printer.printNode(ts.EmitHint.Unspecified, one, file))].join('\n');
  new Script(compiled);
  return compiled;
}

type Function = ts.FunctionDeclaration | ts.FunctionExpression | ts.MethodDeclaration | ts.GetAccessorDeclaration;

/**
 * `var judge = (function judge(facts) { … });` for a function, and for a class itself without its methods and, after it,
 * `Reader.prototype.read = (function() { … });`: a method in its class is compiled when it is called, whatever is around it.
 */
function inParentheses(statement: ts.Statement): ts.Statement[] {
  if (ts.isFunctionDeclaration(statement)) {
    return [variable(statement.name!, asExpression(statement, statement.name))];
  }
  const [declared] = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [];
  const [name, type] = ts.isClassDeclaration(statement) ? [statement.name!, statement] : [declared?.name, declared?.initializer];
  // What the package exports has static members, by which jsii knows it: that stays as it is.
  if (!name || !ts.isIdentifier(name) || !type || !ts.isClassLike(type) || type.members.some(isStatic)) {
    return [within(statement) as ts.Statement];
  }
  const others = type.members.filter((one) => !canStandApart(one)).map((one) => within(one) as ts.ClassElement);
  const rest = ts.factory.createClassExpression(undefined, undefined, undefined, type.heritageClauses, others);
  const apart = type.members.filter(canStandApart).map((member) => ts.factory.createExpressionStatement(onPrototype(name, member)));
  return [variable(name, rest), ...apart];
}

function isStatic(member: ts.ClassElement): boolean {
  return ts.isClassStaticBlockDeclaration(member)
    || (ts.canHaveModifiers(member) && (member.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword));
}

function canStandApart(member: ts.ClassElement): member is ts.MethodDeclaration | ts.GetAccessorDeclaration {
  return (ts.isMethodDeclaration(member) || ts.isGetAccessor(member)) && !member.modifiers && ts.isIdentifier(member.name)
    && !holds(member, ({ kind }) => kind === ts.SyntaxKind.SuperKeyword);
}

function holds(node: ts.Node, wanted: (node: ts.Node) => boolean): boolean {
  return wanted(node) || (ts.forEachChild(node, (one) => holds(one, wanted) || undefined) ?? false);
}

function onPrototype(type: ts.Identifier, member: ts.MethodDeclaration | ts.GetAccessorDeclaration): ts.Expression {
  const { factory } = ts;
  const prototype = factory.createPropertyAccessExpression(type, 'prototype');
  const { text: name } = member.name as ts.Identifier;
  if (ts.isMethodDeclaration(member)) {
    return factory.createAssignment(factory.createPropertyAccessExpression(prototype, name), asExpression(member));
  }
  const descriptor = factory.createObjectLiteralExpression([
    factory.createPropertyAssignment('get', asExpression(member)),
    factory.createPropertyAssignment('configurable', factory.createTrue()),
  ]);
  return factory.createCallExpression(
    factory.createPropertyAccessExpression(factory.createIdentifier('Object'), 'defineProperty'),
    undefined,
    [prototype, factory.createStringLiteral(name), descriptor],
  );
}

function variable(name: ts.Identifier, value: ts.Expression): ts.Statement {
  return ts.factory.createVariableStatement(undefined, [ts.factory.createVariableDeclaration(name, undefined, undefined, value)]);
}

/** What is in a node, with the functions there in parentheses. */
function within(node: ts.Node): ts.Node {
  if (ts.isPropertyDeclaration(node) && holds(node, (one) => ts.isIdentifier(one) && one.text === '_this')) {
    throw new Error(`esbuild has no this for an arrow function where a class gives ${node.name.getText()} its value: do so in the constructor`);
  }
  return ts.visitEachChild(node, (one) => {
    if (ts.isMethodDeclaration(one) && !one.modifiers && ts.isObjectLiteralExpression(node)) {
      return ts.factory.createPropertyAssignment(one.name, asExpression(one));
    }
    return ts.isFunctionExpression(one) ? asExpression(one, one.name) : within(one);
  }, undefined);
}

function asExpression(one: Function, name?: ts.Identifier): ts.Expression {
  const { parameters, body } = within(one) as Function;
  const asterisk = ts.isGetAccessor(one) ? undefined : one.asteriskToken;
  return ts.factory.createParenthesizedExpression(
    ts.factory.createFunctionExpression(ts.getModifiers(one), asterisk, name, undefined, parameters, undefined, body!),
  );
}

/** Modules that are used where they stand. */
async function compileAtOnce(folder: string): Promise<void> {
  for (const module of modulesIn(folder)) {
    const path = join('lib', `${module}.js`);
    const { code } = await transform(readFileSync(path, 'utf-8'), { target: TARGET, supported: SUPPORTED });
    writeFileSync(path, compiledAtOnce(code));
  }
}

async function main(): Promise<void> {
  const modules = BUNDLED.flatMap(modulesIn);
  const entries = entriesOf(modules);
  const { outputFiles: [{ text }] } = await build({
    stdin: { contents: entries.map((entry, index) => `export * as m${index} from './${entry}';`).join('\n'), resolveDir: 'src' },
    bundle: true,
    write: false,
    platform: 'node',
    target: TARGET,
    supported: SUPPORTED,
    packages: 'external',
    legalComments: 'inline',
    logLevel: 'warning',
  });
  writeFileSync(join('lib', OUT), compiledAtOnce(text));
  modules.forEach((module) => rmSync(join('lib', `${module}.js`)));
  for (const [index, entry] of entries.entries()) {
    writeFileSync(join('lib', `${entry}.js`), `module.exports = require('${posix.relative(dirname(entry), OUT)}').m${index};\n`);
  }
  await compileAtOnce(BESIDE);
  console.log(`lib/${OUT}: ${modules.length} modules, ${entries.length} of which others ask for, ${Math.round(text.length / 1024)} KiB`);
}

void main();
