/** The templates and cloud assemblies that the paths of a command line lead to. */
import { isUtf8 } from 'node:buffer';
import { Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, sep } from 'node:path';
import { isBody, isTemplate, own, TemplateError } from '../analysis/templates';
import type { RepeatedKey } from '../checks/repeated-keys';
import { MAX_CHARACTERS, parseTemplate, SecondDocumentError } from '../checks/template-text';

/** A template, read. */
export interface TemplateFile {
  /** The path as it was given; of one that was found, the folder's and its own in it. */
  readonly name: string;
  /** The real path. */
  readonly file: string;
  readonly body: unknown;
  /** Whether it was given itself, rather than found in a folder. */
  readonly named: boolean;
  /** What to tell of a key that is there twice. */
  readonly repeated?: string;
}

/** A cloud assembly: a `cdk.out`. */
export interface AssemblyFolder {
  readonly name: string;
  readonly folder: string;
}

/** A path that leads to nothing that can be judged. */
export interface Failure {
  readonly path: string;
  readonly problem: string;
}

export interface Found {
  readonly templates: readonly TemplateFile[];
  readonly assemblies: readonly AssemblyFolder[];
  readonly failures: readonly Failure[];
}

const MANIFEST = 'manifest.json';
const SKIPPED_FOLDERS = ['node_modules', '.git'];
const EXTENSIONS = ['.json', '.yaml', '.yml', '.template'];

const NO_UTF8 = 'it is no text in UTF-8';

/** Characters of UTF-8 have up to four bytes. What is longer is not even read. */
const MAX_BYTES = 4 * MAX_CHARACTERS;

/**
 * Goes through the paths, and through folders with all that is in them. What is in a folder and is no template is passed over; what was
 * named must be one.
 */
export function findTemplates(paths: readonly string[]): Found {
  const search = new Search();
  paths.forEach((path) => search.give(path));
  const { assemblies, failures } = search;
  const templates = [...search.files].flatMap(([file, { name, named }]) => (
    (named ? readNamed(file, name, failures) : readFound(file, name, failures)) ?? []));
  const judgeable = new Set([...templates.map(({ file }) => file), ...assemblies.map(({ folder }) => folder)]);
  for (const { name, led } of search.folders) {
    if (!led.some((path) => judgeable.has(path)) && !failures.some(({ path }) => isIn(name, path))) {
      failures.push(...search.brokenAmong(led, name));
    }
  }
  return { templates, assemblies, failures };
}

/** Whether a path that was found leads into a folder. Those in the folder `.` do not begin with it. */
function isIn(folder: string, path: string): boolean {
  const start = join(folder, sep);
  return start === `.${sep}` ? !isAbsolute(path) && path.split(sep)[0] !== '..' : path.startsWith(start);
}

/** Reads a file that must be a template. */
export function readNamed(file: string, name: string, failures: Failure[]): TemplateFile | undefined {
  let repeated: string | undefined;
  const body = attempt(name, failures, () => parseTemplate(textOf(file, name), name, (problem) => { repeated = problem; }));
  if (body && !isTemplate(body.value)) {
    failures.push({ path: name, problem: 'it is no CloudFormation template: no resource in it has a type' });
    return undefined;
  }
  return body && { name, file, body: body.value, named: true, repeated };
}

/** The same of a file that may be anything. Without a look at its text, all JSON and YAML of a folder would have to be parsed. */
function readFound(file: string, name: string, failures: Failure[]): TemplateFile | undefined {
  const text = attempt(name, failures, () => statSync(file).size > MAX_BYTES ? '' : readFileSync(file, 'utf-8'))?.value ?? '';
  const bare = text.includes('\0') ? text.replaceAll('\0', '') : text;
  if (!/Resources["']?\s*:/.test(bare)) {
    return undefined;
  }
  if (bare !== text) {
    // Such as UTF-16, in which PowerShell writes.
    failures.push(...bare.includes('AWS::') ? [{ path: name, problem: NO_UTF8 }] : []);
    return undefined;
  }
  let repeated: string | undefined;
  const body = attempt(name, failures, () => parsedIfTemplate(text, name, (problem) => { repeated = problem; }))?.value;
  return isTemplate(body) ? { name, file, body, named: false, repeated } : undefined;
}

/**
 * What nobody can parse may be of another kind: without the types of resources, such as a chart of Helm, or of several documents, in
 * which a template may be a text, as in the maps of Kubernetes.
 */
function parsedIfTemplate(text: string, name: string, repeated: RepeatedKey): unknown {
  try {
    return parseTemplate(text, name, repeated);
  } catch (error) {
    const isAnother = !text.includes('AWS::') || (error instanceof SecondDocumentError && !/^\uFEFF?["']?Resources\b/m.test(text));
    if (isAnother && error instanceof TemplateError) {
      return undefined;
    }
    throw error;
  }
}

function textOf(file: string, name: string): string {
  const { size } = statSync(file);
  if (size > MAX_BYTES) {
    throw new TemplateError(name, `it has ${size.toLocaleString('en')} bytes; CloudFormation takes a megabyte`);
  }
  const bytes = readFileSync(file);
  if (bytes.length === 0) {
    throw new TemplateError(name, 'it is empty');
  }
  if (!isUtf8(bytes) || bytes.includes(0)) {
    throw new TemplateError(name, NO_UTF8);
  }
  return bytes.toString('utf-8');
}

function attempt<T>(path: string, failures: Failure[], action: () => T): { readonly value: T } | undefined {
  try {
    return { value: action() };
  } catch (error) {
    failures.push({ path, problem: problemOf(error) });
    return undefined;
  }
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is nothing at this path',
  ENOTDIR: 'there is nothing at this path',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  ELOOP: 'its symbolic links lead in a circle',
};

/** What is wrong, without the path, which stands before it. */
export function problemOf(error: unknown): string {
  if (error instanceof TemplateError) {
    return error.message.slice(`template ${error.template}: `.length);
  }
  const { code, message, path = '' } = error as NodeJS.ErrnoException;
  if (code === undefined) {
    throw error;
  }
  return code === 'ENOENT' && isGarbled(path) ? 'its name is no text in UTF-8' : SYSTEM_ERRORS[code] ?? message;
}

/** Whether bytes of a name may have been replaced, because they are none of UTF-8: what has that name is then not found by it. */
function isGarbled(name: string): boolean {
  return name.includes('\uFFFD');
}

class Search {
  public readonly files = new Map<string, { readonly name: string; readonly named: boolean }>();
  public readonly assemblies: AssemblyFolder[] = [];
  public readonly failures: Failure[] = [];
  /** The folders that were given, with the files and assemblies they led to. */
  public readonly folders: Array<{ readonly name: string; readonly led: string[] }> = [];
  private readonly visited = new Set<string>();
  private led: string[] = [];

  public give(path: string): void {
    this.led = [];
    const seen = attempt(path, this.failures, () => followed(path))?.value;
    if (seen?.status.isDirectory()) {
      this.giveFolder(seen.real, path);
    } else if (seen && basename(seen.real) === MANIFEST && isAssembly(dirname(seen.real))) {
      this.giveFolder(dirname(seen.real), dirname(path));
    } else if (seen?.status.isFile()) {
      this.addFile(seen.real, path, true);
    } else if (seen) {
      this.failures.push({ path, problem: 'it is neither a file nor a folder' });
    }
  }

  /** What is wrong with the files of a folder that say that they are templates; that there are none, where no file says so. */
  public brokenAmong(led: readonly string[], folder: string): readonly Failure[] {
    const broken: Failure[] = [];
    for (const file of led.filter(saysItIsTemplate)) {
      readNamed(file, this.files.get(file)?.name ?? file, broken);
    }
    return broken.length > 0 ? broken : [{ path: folder, problem: 'there is no template in this folder' }];
  }

  private giveFolder(real: string, name: string): void {
    if (!this.visited.has(real)) {
      this.folders.push({ name, led: this.led });
      this.visitFolder(real, name);
    }
  }

  private visitFolder(real: string, name: string): void {
    // Symbolic links may lead here again.
    if (this.visited.has(real)) {
      return;
    }
    this.visited.add(real);
    if (isAssembly(real)) {
      this.assemblies.push({ name, folder: real });
      this.led.push(real);
      return;
    }
    if (wasAssembly(real)) {
      this.failures.push({ path: join(name, MANIFEST), problem: 'it is no JSON, so that the templates beside it are judged each by itself' });
    }
    const entries = attempt(name, this.failures, () => readdirSync(real, { withFileTypes: true }))?.value ?? [];
    for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      this.visitEntry(entry, join(real, entry.name), join(name, entry.name));
    }
  }

  private visitEntry(entry: Dirent, path: string, name: string): void {
    if (SKIPPED_FOLDERS.includes(entry.name)) {
      return;
    }
    // A link that leads nowhere is nothing to judge; where one leads that cannot be followed, nobody knows.
    const lost = isGarbled(entry.name) ? this.failures : [];
    const link = entry.isSymbolicLink() ? attempt(name, lost, () => followed(path))?.value : undefined;
    const [kind, real] = [link?.status ?? entry, link?.real ?? path];
    if (kind.isDirectory()) {
      this.visitFolder(real, name);
    } else if (kind.isFile()) {
      this.addFile(real, name, false);
    }
  }

  private addFile(real: string, name: string, named: boolean): void {
    if (named || EXTENSIONS.includes(extname(name).toLowerCase())) {
      const before = this.files.get(real);
      this.files.set(real, { name: before?.name ?? name, named: named || (before?.named ?? false) });
      this.led.push(real);
    }
  }
}

/** Whether a file that is read as no template says that it is one, in whatever coding. */
function saysItIsTemplate(file: string): boolean {
  const text = attempt(file, [], () => statSync(file).size > MAX_BYTES ? '' : readFileSync(file, 'latin1'))?.value ?? '';
  return /(?:^|\{)[^\w\n]{0,9}AWSTemplateFormatVersion\b/m.test(text.replaceAll('\0', ''));
}

function followed(path: string) {
  return { status: statSync(path), real: realpathSync(path) };
}

/** Whether a folder is a cloud assembly: other tools, too, write a manifest.json. */
function isAssembly(folder: string): boolean {
  const manifest = manifestIn(folder)?.value;
  return isBody(manifest) && typeof own(manifest, 'version') === 'string' && isBody(own(manifest, 'artifacts'));
}

/** Whether a folder is an assembly of which the manifest is broken, as of a synthesis that was stopped. `cdk synth` writes both files. */
function wasAssembly(folder: string): boolean {
  const manifest = existsSync(join(folder, 'cdk.out')) ? manifestIn(folder) : undefined;
  return manifest !== undefined && manifest.value === undefined;
}

/** The manifest of a folder that has one; its value is `undefined` where it cannot be read. */
function manifestIn(folder: string): { readonly value: unknown } | undefined {
  const file = join(folder, MANIFEST);
  return existsSync(file) ? attempt(file, [], () => parsedJson(readFileSync(file, 'utf-8'))) ?? { value: undefined } : undefined;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
