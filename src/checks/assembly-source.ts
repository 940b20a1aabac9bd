/**
 * Reads a cloud assembly, the `cdk.out` of an app, with what was acknowledged in it. It needs no aws-cdk-lib.
 *
 * Stages are assemblies within it. A nested stack's template is an asset of its parent: the parent's `TemplateURL` ends with the asset's
 * hash, and the parent's list of assets has the file. What was acknowledged is in the metadata of a stack; an app and its stages have none
 * in an assembly, so that acknowledgements made on those are not seen here.
 */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { UndecidedFinding } from '../analysis/check';
import { Body, isBody, kindOf, own, TemplateError, TemplateInput } from '../analysis/templates';
import { ACKNOWLEDGED_RULES, RecordedAcknowledgement, recordedIn } from './acknowledgements';

export interface Assembly {
  /** Its templates, each after what it is nested in. */
  readonly templates: readonly TemplateInput[];
  readonly acknowledgements: readonly RecordedAcknowledgement[];
  /** The nested stacks that are left out because nothing was given that reads their templates. */
  readonly unread: readonly UndecidedFinding[];
}

/** Far more than any app has: what is bigger is no manifest, and is not read. */
const MAX_BYTES = 128 * 1024 * 1024;

/** Stages in stages, and stacks nested in one. */
const MAX_LEVELS = 100;
const MAX_NESTED = 1000;

/** Reads the text of a template that has a name, for errors. */
export type ParseTemplate = (text: string, name: string) => unknown;

export interface AssemblyReading {
  /** Reads nested templates that are no `.json` files, which assets may be; without it they are left out, and told of. */
  readonly parse?: ParseTemplate;
  /** Takes what is wrong with a file, and the rest is read without it; without it the first thing that is wrong is thrown. */
  readonly failed?: (error: TemplateError) => void;
}

/**
 * Reads an assembly.
 *
 * @param folder where it is
 * @param name how findings and errors call it; their paths begin with it
 * @throws TemplateError that names the file in which something is wrong; where that may fail, of the app's own manifest
 */
export function readAssembly(folder: string, name: string = folder, reading: AssemblyReading = {}): Assembly {
  const reader = new AssemblyReader(folder, name, reading);
  reader.readStage('', 0);
  return reader;
}

class AssemblyReader implements Assembly {
  public readonly templates: TemplateInput[] = [];
  public readonly unread: UndecidedFinding[] = [];
  private readonly metadata: Recorded[] = [];
  private readonly root: string;
  private readonly uses = new Map<string, number>();

  constructor(folder: string, private readonly name: string, private readonly reading: AssemblyReading) {
    this.root = attempt(name, () => realpathSync.native(folder));
  }

  public get acknowledgements(): RecordedAcknowledgement[] {
    return this.metadata.filter((recorded) => recorded.acknowledges()).flatMap((recorded) => recorded.all())
      .flatMap(([path, entries]) => entries.flatMap((entry) => recordedIn(own(entry, 'type'), own(entry, 'data'), path)));
  }

  /** The stacks of the app or of a stage, whose folder is given in relation to the app's. */
  public readStage(stage: string, level: number): void {
    const file = join(stage, 'manifest.json');
    // Without the app's own nothing is read.
    const manifest = level === 0 ? this.json(file) : this.ifItCan(() => this.json(file)) ?? {};
    const artifacts = own(manifest, 'artifacts') ?? {};
    if (!isBody(artifacts)) {
      throw this.error(file, `artifacts is ${kindOf(artifacts)}, must be an object`);
    }
    const stacks = new Map<string, Body>();
    for (const [id, artifact] of Object.entries(artifacts)) {
      if (!isBody(artifact)) {
        throw this.error(file, `artifacts.${id} is ${kindOf(artifact)}, must be an object`);
      }
      if (own(artifact, 'type') === 'aws:cloudformation:stack') {
        stacks.set(id, artifact);
      } else if (own(artifact, 'type') === 'cdk:cloud-assembly') {
        const directory = text(properties(artifact), 'directoryName');
        if (directory === undefined) {
          throw this.error(file, `artifacts.${id} names no directory`);
        }
        if (level === MAX_LEVELS) {
          throw this.error(file, `more than ${MAX_LEVELS} stages stand in each other: does artifacts.${id} hold itself?`);
        }
        this.readStage(join(stage, directory), level + 1);
      }
    }
    const files = new Map([...stacks].map(([id, artifact]) => {
      const templateFile = text(properties(artifact), 'templateFile');
      if (templateFile === undefined) {
        throw this.error(file, `artifacts.${id} names no template`);
      }
      return [id, join(stage, templateFile)];
    }));
    stacks.forEach((artifact, id) => this.ifItCan(() => this.readStack(stage, id, artifact, files, artifacts)));
  }

  private readStack(stage: string, id: string, artifact: Body, files: ReadonlyMap<string, string>, artifacts: Body): void {
    const metadata = this.metadataOf(stage, artifact);
    this.metadata.push(metadata);
    const dependencies = texts(own(artifact, 'dependencies'));
    const lists = dependencies.flatMap((other) => {
      const list = own(artifacts, other);
      return isBody(list) && own(list, 'type') === 'cdk:asset-manifest' ? text(properties(list), 'file') ?? [] : [];
    });
    const file = files.get(id)!;
    let assets: ReadonlyMap<string, string> | undefined;
    const stack: StackInAssembly = {
      stage,
      assets: () => assets ??= new Map(lists.flatMap((list) => this.ifItCan(() => this.assetsIn(join(stage, list))) ?? [])),
      paths: new ConstructPaths(metadata.all),
    };
    this.addWithNested(stack, file, undefined, {
      name: this.nameOf(file),
      body: this.template(file),
      stack: text(artifact, 'displayName') ?? id,
      stackName: text(properties(artifact), 'stackName') ?? id,
      ...environmentOf(artifact),
      parameters: textsByName(own(properties(artifact), 'parameters')),
      deployedAfter: dependencies.flatMap((other) => files.get(other) ?? []).map((other) => this.nameOf(other)),
    });
  }

  /** `above` are the files that this one is nested in, `nestedPath` is the path of its construct. */
  private addWithNested(
    of: StackInAssembly, file: string, nestedPath: string | undefined, input: TemplateInput, above: readonly string[] = [],
  ): void {
    const resources = Object.entries(own(input.body as Body, 'Resources') as Body);
    // Most templates tell all paths themselves, and the metadata of constructs is as long as they are.
    const paths = resources.every(([, resource]) => pathIn(resource) !== undefined) ? undefined : of.paths.in(nestedPath);
    this.templates.push({ ...input, paths });
    for (const [logicalId, resource] of resources) {
      if (isBody(resource) && own(resource, 'Type') === 'AWS::CloudFormation::Stack') {
        this.ifItCan(() => this.addNested(of, { file, above, input, paths }, logicalId, resource));
      }
    }
  }

  private addNested(of: StackInAssembly, { file, above, input, paths }: NestingTemplate, logicalId: string, resource: Body): void {
    const child = this.nestedFile(of, resource);
    if (child === undefined) {
      return;
    }
    const constructPath = pathIn(resource) ?? paths?.get(logicalId);
    if (!isJson(child) && !this.reading.parse) {
      const why = `only the command line reads its template ${this.nameOf(child)}, which is no .json file`;
      this.unread.push({ rule: '*', template: input.name, stack: input.stack, resource: logicalId, path: constructPath, why });
      return;
    }
    if (child === file || above.includes(child)) {
      throw this.error(file, `${logicalId} nests ${this.nameOf(child)}, in which it is nested itself`);
    }
    const nested = (of.nested ?? 0) + 1;
    if (nested > MAX_NESTED) {
      throw this.error(file, `more than ${MAX_NESTED.toLocaleString('en')} stacks are nested in its stack`);
    }
    of.nested = nested;
    const path = nestedStackOf(constructPath);
    this.addWithNested(of, child, path, {
      name: this.unusedName(child),
      body: this.template(child),
      stack: path ?? `${input.stack}/${logicalId}`,
      nestedIn: { template: input.name, logicalId },
    }, [...above, file]);
  }

  /** The template of a nested stack, if the assembly has it. */
  private nestedFile({ stage, assets }: StackInAssembly, resource: Body): string | undefined {
    const url = JSON.stringify(own(properties(resource, 'Properties'), 'TemplateURL') ?? '');
    const [file] = (url.match(/[0-9a-f]{64}/g) ?? []).flatMap((hash) => assets().get(hash) ?? []);
    return file === undefined ? undefined : join(stage, file);
  }

  /** Files by the hashes of assets. */
  private assetsIn(file: string): Array<readonly [string, string]> {
    const files = own(this.json(file), 'files');
    return Object.entries(isBody(files) ? files : {}).flatMap(([hash, asset]) => {
      const source = isBody(asset) ? own(asset, 'source') : undefined;
      const path = isBody(source) ? text(source, 'path') : undefined;
      return path === undefined ? [] : [[hash, path] as const];
    });
  }

  /** What is recorded of constructs: in the manifest itself, or in a file beside it, which is read if it is asked for. */
  private metadataOf(stage: string, artifact: Body): Recorded {
    const inManifest = own(artifact, 'metadata');
    const name = text(artifact, 'additionalMetadataFile');
    const file = name === undefined ? undefined : join(stage, name);
    let source: { readonly text?: string } | undefined;
    const inFile = () => (source ??= { text: file === undefined ? undefined : this.ifItCan(() => this.text(file)) }).text;
    const parsedFile = (written = inFile()) => written === undefined ? undefined : this.ifItCan(() => this.parsed(file!, written));
    let all: Metadata | undefined;
    return {
      acknowledges: () => inManifest !== undefined || inFile()?.includes(ACKNOWLEDGED_RULES) === true,
      all: () => all ??= [inManifest, parsedFile()].filter(isBody).flatMap(entriesByPath),
    };
  }

  private template(file: string): unknown {
    // JSON.parse takes a fraction of the time that the reader of anything else does.
    const { parse } = this.reading;
    const body = parse && !isJson(file) ? parse(this.text(file), this.nameOf(file)) : this.json(file);
    // CDK writes none for a stack without resources.
    const resources = isBody(body) ? own(body, 'Resources') ?? {} : undefined;
    if (!isBody(body) || !isBody(resources)) {
      throw this.error(file, 'it is no CloudFormation template: it has no resources');
    }
    return { ...body, Resources: resources };
  }

  private json(file: string): Body {
    return this.parsed(file, this.text(file));
  }

  private parsed(file: string, source: string): Body {
    let body: unknown;
    try {
      body = JSON.parse(source);
    } catch (error) {
      throw this.error(file, `it is no JSON: ${(error as Error).message}`);
    }
    if (!isBody(body)) {
      throw this.error(file, `it is ${kindOf(body)}, must be an object`);
    }
    return body;
  }

  private text(file: string): string {
    const name = this.nameOf(file);
    if (file.includes('\0')) {
      throw this.error(file, 'this is no path');
    }
    const path = attempt(name, () => realpathSync.native(join(this.root, file)));
    const inside = relative(this.root, path);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      throw this.error(file, 'it is not in the folder of the assembly');
    }
    const status = attempt(name, () => statSync(path));
    if (!status.isFile()) {
      throw this.error(file, 'it is no file');
    }
    if (status.size > MAX_BYTES) {
      throw this.error(file, `it has ${status.size.toLocaleString('en')} bytes; more than ${MAX_BYTES.toLocaleString('en')} are not read`);
    }
    return attempt(name, () => readFileSync(path, 'utf-8'));
  }

  /** Does what needs a file that may be broken. */
  private ifItCan<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (!this.reading.failed || !(error instanceof TemplateError)) {
        throw error;
      }
      this.reading.failed(error);
      return undefined;
    }
  }

  private nameOf(file: string): string {
    return join(this.name, file);
  }

  /** A nested stack's: two with the same template have the same file. */
  private unusedName(file: string): string {
    const name = this.nameOf(file);
    const uses = (this.uses.get(name) ?? 0) + 1;
    this.uses.set(name, uses);
    return uses === 1 ? name : `${name} (${uses})`;
  }

  private error(file: string, problem: string): TemplateError {
    return new TemplateError(this.nameOf(file), problem);
  }
}

/** What constructs' paths lead to, in the order of the file. */
type Metadata = ReadonlyArray<readonly [path: string, entries: readonly Body[]]>;

interface Recorded {
  /** Whether acknowledgements may be among it. */
  acknowledges(): boolean;
  all(): Metadata;
}

function entriesByPath(metadata: Body): Metadata {
  return Object.entries(metadata).map(([path, entries]) => (
    [path.replace(/^\//, ''), Array.isArray(entries) ? entries.filter(isBody) : []] as const));
}

interface StackInAssembly {
  readonly stage: string;
  /** Files by the hashes of assets; their lists are read if it is asked for, and most stacks nest none. */
  assets(): ReadonlyMap<string, string>;
  readonly paths: ConstructPaths;
  /** How many stacks are nested in it. */
  nested?: number;
}

/** A template that may nest others, and the files that it is nested in itself. */
interface NestingTemplate {
  readonly file: string;
  readonly above: readonly string[];
  readonly input: TemplateInput;
  readonly paths: TemplateInput['paths'];
}

/**
 * The paths of the constructs of a stack's resources, told apart by the nested stacks they are in. A nested stack `X` has beside it
 * the resource that deploys it, `X.NestedStack/X.NestedStackResource`.
 */
class ConstructPaths {
  private byStack?: ReadonlyMap<string | undefined, ReadonlyMap<string, string>>;

  constructor(private readonly metadata: () => Metadata) {}

  /** By logical id; of the stack itself, or of one that is nested in it. */
  public in(nestedPath: string | undefined): ReadonlyMap<string, string> {
    this.byStack ??= this.read();
    return this.byStack.get(nestedPath) ?? new Map<string, string>();
  }

  private read(): ReadonlyMap<string | undefined, ReadonlyMap<string, string>> {
    const metadata = this.metadata();
    const byStack = new Map<string | undefined, Map<string, string>>();
    const nested = new Set(metadata.flatMap(([path]) => nestedStackOf(path) ?? []));
    for (const [path, entries] of metadata) {
      const logicalId = entries.find((entry) => own(entry, 'type') === 'aws:cdk:logicalId');
      const id = logicalId && text(logicalId, 'data');
      if (id !== undefined) {
        const stack = nearest(path, nested);
        const paths = byStack.get(stack) ?? new Map<string, string>();
        byStack.set(stack, paths.set(id, path));
      }
    }
    return byStack;
  }
}

function nearest(path: string, stacks: ReadonlySet<string>): string | undefined {
  for (let scope = path; scope !== ''; scope = scope.slice(0, Math.max(0, scope.lastIndexOf('/')))) {
    if (stacks.has(scope)) {
      return scope;
    }
  }
  return undefined;
}

function isJson(file: string): boolean {
  return file.endsWith('.json');
}

/** The path of the nested stack that the resource of this path deploys. */
function nestedStackOf(path: string | undefined): string | undefined {
  const [, scope, id] = /^(.*\/|)([^/]+)\.NestedStack\/\2\.NestedStackResource$/.exec(path ?? '') ?? [];
  return id === undefined ? undefined : `${scope}${id}`;
}

function pathIn(resource: unknown): string | undefined {
  return isBody(resource) ? text(properties(resource, 'Metadata'), 'aws:cdk:path') : undefined;
}

/** `aws://111111111111/eu-west-1`, with `unknown-account` and `unknown-region` for what is open until deployment. */
function environmentOf(artifact: Body): Pick<TemplateInput, 'account' | 'region'> {
  const [, account, region] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(text(artifact, 'environment') ?? '') ?? [];
  return {
    account: account === 'unknown-account' ? undefined : account,
    region: region === 'unknown-region' ? undefined : region,
  };
}

function properties(body: Body, key = 'properties'): Body {
  const value = own(body, key);
  return isBody(value) ? value : {};
}

function text(body: Body, key: string): string | undefined {
  const value = own(body, key);
  return typeof value === 'string' ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

function textsByName(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(isBody(value) ? value : {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function attempt<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new TemplateError(name, code === 'ENOENT' || code === 'ENOTDIR' ? 'it is not there' : message);
  }
}
