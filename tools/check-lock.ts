/**
 * Fails when a lock file would not do on another machine: an npm that saw only this machine's platform, or a registry that
 * lacks a package for another one, can leave optional binaries out, and `npm ci` elsewhere then refuses the lock.
 *
 *     npx tsx tools/check-lock.ts [lock file ...]
 */
import { readFileSync } from 'node:fs';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly link?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const FOLDER = 'node_modules/';

/** Where Node would find `name` from the package at `from`: in its own node_modules, or in one further up. */
function isLocked(packages: Record<string, LockedPackage>, from: string, name: string): boolean {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf(FOLDER) - 1, 0))) {
    if (packages[`${at ? `${at}/` : ''}${FOLDER}${name}`]) return true;
    if (!at) return false;
  }
}

function problemsOf(file: string): string[] {
  const { packages } = JSON.parse(readFileSync(file, 'utf-8')) as { packages: Record<string, LockedPackage> };
  return Object.entries(packages).flatMap(([path, pkg]) => {
    const missing = Object.keys({ ...pkg.dependencies, ...pkg.optionalDependencies }).filter((name) => !isLocked(packages, path, name));
    const problems = missing.map((name) => `${path || 'the project'} needs ${name}, which has no entry`);
    if (path && !pkg.link && !pkg.inBundle && !pkg.integrity) problems.push(`${path} has no integrity`);
    if (pkg.resolved && !pkg.resolved.startsWith('https://registry.npmjs.org/')) problems.push(`${path} names a registry of its own`);
    return problems;
  });
}

const files = process.argv.length > 2 ? process.argv.slice(2) : ['package-lock.json', 'test/newest/package-lock.json'];
const problems = files.flatMap((file) => problemsOf(file).map((problem) => `${file}: ${problem}`));
for (const problem of problems) console.error(problem);
if (problems.length) process.exit(1);
console.log(`${files.join(', ')}: complete for every platform`);
