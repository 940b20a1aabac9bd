/**
 * The form in which sources give templates, and what is read of it once for all worlds: sections, nested stacks, and what joins templates.
 *
 * A body comes from a file, so nothing about it is certain. What is so wrong that nothing can be said of a template throws here, before
 * anything is evaluated, and names the template; whatever is wrong with one expression makes that expression undecided.
 */
import { once } from './once';
import type { Template } from './resources';

/** A template to analyse. */
export interface TemplateInput {
  /** How findings name it: the path as it was given, or the file in the assembly. */
  readonly name: string;
  /** The template, parsed. */
  readonly body: unknown;
  /** The stack's name or construct path, for findings. */
  readonly stack?: string;
  /** The name the stack is deployed with, for `AWS::StackName` and `Fn::GetStackOutput`. CloudFormation makes up those of nested stacks. */
  readonly stackName?: string;
  /** The Region and account it is deployed to. A nested stack has its parent's. */
  readonly region?: string;
  readonly account?: string;
  /** Values of parameters, stated by the caller. Those of a nested stack come from its parent. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What parameters that are read from Systems Manager come to, stated by the caller: `parameters` are what they are called there. */
  readonly resolved?: Readonly<Record<string, string>>;
  /** Parameters that are taken to have no default, to see what rests on it. */
  readonly withoutDefaults?: ReadonlySet<string>;
  /** The stack resource of another given template that deploys this one. */
  readonly nestedIn?: { readonly template: string; readonly logicalId: string };
  /** Names of given templates that are deployed before this one, beyond what its imports tell. */
  readonly deployedAfter?: readonly string[];
  /** The construct paths of resources by their logical ids, where the template itself does not tell them. */
  readonly paths?: Pick<ReadonlyMap<string, string>, 'get'>;
  /**
   * What gives the whole of a resource, for those of which the body has no more than `Type`, `Condition` and `DependsOn`: a construct tree
   * has many of which nothing else is ever asked, and to make them out is most of its work.
   */
  readonly later?: ReadonlyMap<string, () => unknown>;
}

/** A template, or a set of them, that cannot be analysed at all. */
export class TemplateError extends Error {
  public readonly template: string;

  constructor(template: string, problem: string) {
    super(`template ${template}: ${problem}`);
    this.name = 'TemplateError';
    this.template = template;
  }
}

/**
 * A reference to another template's resource, which sources that see constructs give for a `Ref`: `[template, id, attribute]`. It is named
 * as functions are, for L1 constructs take those in the place of a text.
 */
export const TREE_REFERENCE = 'Fn::EcsNetworkModes::Ref';

/**
 * Levels of nesting. Evaluation follows the nesting of a template, so it must end before the stack does; what people and tools write has
 * some 30 levels, and parsers of JSON commonly stop at a few hundred.
 */
export const MAX_DEPTH = 200;

/** Values in one template. CloudFormation takes a megabyte, which is far fewer; anchors in YAML can stand for any number. */
export const MAX_VALUES = 10_000_000;

/** How many conditions may lean on each other, and how many stacks be nested in each other. */
export const MAX_CHAIN = 100;

/** Something of a template that is not analysed. */
export interface Unread {
  readonly template: Template;
  /** Where it is: `Resources.Fn::ForEach::Subnets`. */
  readonly path: string;
  readonly why: string;
}

export interface ResourceModel {
  readonly model: TemplateModel;
  readonly logicalId: string;
  readonly type: string;
  /** What stands in the template's Resources. */
  readonly section: Body;
  /** The whole of it: the same, unless that is made out later. */
  readonly body: Body;
  readonly condition?: string;
  readonly dependsOn: readonly string[];
}

export interface OutputModel {
  readonly model: TemplateModel;
  readonly name: string;
  readonly condition?: string;
  readonly value: unknown;
  readonly exportName?: unknown;
}

export interface TemplateModel {
  readonly template: Template;
  readonly input: TemplateInput;
  /** Tells the templates of a set apart, in identities. */
  readonly key: string;
  readonly resources: ReadonlyMap<string, ResourceModel>;
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly mappings: ReadonlyMap<string, unknown>;
  readonly conditions: ReadonlyMap<string, unknown>;
  readonly outputs: ReadonlyMap<string, OutputModel>;
  /** The expressions that lead to other templates, wherever they stand: asking for them has every resource made out. */
  readonly imports: readonly Body[];
  /** The first of these, as far as resources are made out. */
  readonly importsSoFar: readonly Body[];
  readonly treeReferences: readonly Body[];
  readonly parent?: ResourceModel;
  readonly children: ReadonlyMap<string, TemplateModel>;
  /** The template of the stack that this one is part of; itself if it is not nested. */
  readonly root: TemplateModel;
}

/** An object of a template. Only its own properties count: a template may well hold a key called `constructor`. */
export type Body = Readonly<Record<string, unknown>>;

export function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A property of an object of a template; `undefined` if it has none of its own. */
export function own(body: Body, key: string): unknown {
  return Object.hasOwn(body, key) ? body[key] : undefined;
}

/** What a value is, for messages. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) {
    return 'nothing';
  }
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

/** Whether a parsed file is a template, rather than some other JSON or YAML: it has resources with types, or something that makes them. */
export function isTemplate(body: unknown): boolean {
  const resources = isBody(body) ? own(body, 'Resources') : undefined;
  return isBody(resources) && Object.entries(resources).some(([id, resource]) => (
    generates(id) !== undefined || (isBody(resource) && typeof own(resource, 'Type') === 'string')));
}

/** Templates that are analysed together. */
export class TemplateSet {
  public readonly unread: readonly Unread[];
  private readonly byName = new Map<string, TemplateModel[]>();
  private readonly byType = new Map<string, ResourceModel[]>();
  private readonly customTypes = new Map<string, readonly string[]>();
  private readonly shortened = new Map<string, string>();

  constructor(public readonly models: readonly TemplateModel[], unread: readonly Unread[]) {
    const templates = new Set(models.map(({ template }) => template));
    this.unread = unread.filter(({ template }) => templates.has(template));
    for (const model of models) {
      append(this.byName, model.input.name, model);
      model.resources.forEach((resource) => append(this.byType, resource.type, resource));
    }
  }

  /** The resources of a type, whether they exist or not. */
  public resourcesOf(type: string): readonly ResourceModel[] {
    return this.byType.get(type) ?? [];
  }

  /** See `World.customTypesWith`. */
  public customTypesWith(text: string): readonly string[] {
    let types = this.customTypes.get(text);
    if (!types) {
      const isGiven = once((model: TemplateModel): boolean => (
        isIn(givenTo(model), text) || (model.parent !== undefined && isGiven(model.parent.model))));
      types = [...this.byType]
        .filter(([type, resources]) => isCustom(type) && resources.some(({ model, body }) => isGiven(model) || isIn(own(body, 'Properties'), text)))
        .map(([type]) => type);
      this.customTypes.set(text, types);
    }
    return types;
  }

  /** The template of this name; `undefined` if there is none, or more than one. */
  public named(name: string): TemplateModel | undefined {
    const found = this.byName.get(name) ?? [];
    return found.length === 1 ? found[0] : undefined;
  }

  /**
   * An identity: what it is of, and the identities it is made of. Long ones are given a number, the same for the same, so that an
   * identity takes no more room than the expression it stands for.
   */
  public identity(...parts: readonly string[]): string {
    const text = `[${parts.join(',')}]`;
    if (text.length <= MAX_IDENTITY) {
      return text;
    }
    const short = this.shortened.get(text) ?? `[#${this.shortened.size}]`;
    this.shortened.set(text, short);
    return short;
  }
}

const MAX_IDENTITY = 300;

/** Custom resources, which a function or a topic makes. */
function isCustom(type: string): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
}

/** Whether a text is in one of the texts, or keys, of what a template holds. */
function isIn(raw: unknown, text: string): boolean {
  return typeof raw === 'object' && raw !== null
    ? Object.entries(raw).some(([key, value]) => key.includes(text) || isIn(value, text))
    : typeof raw === 'string' && raw.includes(text);
}

/** What references in a template may come to without another resource. */
function givenTo({ input, parameters, mappings, parent }: TemplateModel): unknown {
  return [input.parameters, input.resolved, [...parameters.values()], [...mappings.values()], parent && own(parent.body, 'Properties')];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads templates, and puts nested ones in their places.
 *
 * @throws TemplateError for what is no template, or cannot be analysed at all
 */
export function templateSet(inputs: readonly TemplateInput[]): TemplateSet {
  const unread: Unread[] = [];
  const models: ReadonlyArray<Writable<TemplateModel>> = inputs.map((input) => readTemplate(input, unread));
  const byName = new Map<string, TemplateModel[]>();
  models.forEach((model) => append(byName, model.input.name, model));
  models.forEach((model) => nest(model, byName));
  const keys = new Set<string>();
  for (const model of models) {
    const path: string[] = [];
    let root: TemplateModel = model;
    while (root.parent) {
      if (path.length === MAX_CHAIN) {
        throw new TemplateError(model.input.name, `it is nested in itself, or more than ${MAX_CHAIN} levels deep`);
      }
      path.unshift(root.parent.logicalId);
      root = root.parent.model;
    }
    model.root = root;
    model.key = JSON.stringify([root.input.name, ...path]);
    Object.assign(model.template, { region: root.input.region, account: root.input.account, ...path.length > 0 && { nestedIn: path.join('/') } });
    if (keys.has(model.key)) {
      throw new TemplateError(model.input.name, 'it was given twice');
    }
    keys.add(model.key);
  }
  return new TemplateSet(models, unread);
}

function nest(model: Writable<TemplateModel>, byName: ReadonlyMap<string, readonly TemplateModel[]>): void {
  const { nestedIn, name } = model.input;
  if (!nestedIn) {
    return;
  }
  const { template, logicalId } = nestedIn;
  const [parent, another] = byName.get(template) ?? [];
  if (!parent || another) {
    throw new TemplateError(name, `it is nested in ${template}, which ${another ? 'is the name of several templates' : 'was not given'}`);
  }
  const resource = parent.resources.get(logicalId);
  if (resource?.type !== 'AWS::CloudFormation::Stack') {
    throw new TemplateError(name, `it is nested in ${template} as ${logicalId}, which is no stack there`);
  }
  if (parent.children.has(logicalId)) {
    throw new TemplateError(name, `it is nested in ${template} as ${logicalId}, and so is another`);
  }
  model.parent = resource;
  (parent.children as Map<string, TemplateModel>).set(logicalId, model);
}

/** Adds to one of several lists. */
export function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) {
    list.push(value);
  } else {
    lists.set(key, [value]);
  }
}

/** Names with which a key is not that of an object but of something that CloudFormation, or a macro, makes objects of. */
function generates(key: string): string | undefined {
  if (key.startsWith('Fn::ForEach')) {
    return 'loops are not expanded';
  }
  return key === 'Fn::Transform' ? 'what a macro makes of it is not known' : undefined;
}

/** The transforms that leave ECS and EC2 resources as they are. */
const HARMLESS_TRANSFORMS = [
  'AWS::LanguageExtensions', 'AWS::Serverless-2016-10-31', 'AWS::SecretsManager-2020-07-23', 'AWS::SecretsManager-2024-09-16',
  'AWS::CodeDeployBlueGreen',
];

function readTemplate(input: TemplateInput, unread: Unread[]): TemplateModel {
  const { name, body, stack } = input;
  const fail = (problem: string) => new TemplateError(name, problem);
  if (!isBody(body)) {
    throw fail(`it is ${kindOf(body)}, not an object with Resources`);
  }
  const template: Template = { name, stack };
  const found = new Survey(fail);
  found.of(body, (path, why) => unread.push({ template, path, why }));
  const everything = () => {
    input.later?.forEach((_, logicalId) => resources.get(logicalId)?.body);
    return found;
  };

  const section = (key: string) => {
    const value = own(body, key) ?? {};
    if (!isBody(value)) {
      throw fail(`${key} is ${kindOf(value)}, must be an object`);
    }
    return Object.entries(value).filter(([id]) => !(id.startsWith('Fn::') && generates(id)));
  };
  const listed = own(body, 'Transform');
  for (const transform of Array.isArray(listed) ? listed : listed === undefined ? [] : [listed]) {
    const called = isBody(transform) ? own(transform, 'Name') : transform;
    if (!HARMLESS_TRANSFORMS.includes(String(called))) {
      unread.push({ template, path: 'Transform', why: `what the macro ${printed(called)} makes of it is not known` });
    }
  }
  if (own(body, 'Resources') === undefined) {
    throw fail('it has no Resources');
  }

  const resources = new Map<string, ResourceModel>();
  const outputs = new Map<string, OutputModel>();
  const model: TemplateModel = {
    template,
    input,
    key: '',
    resources,
    outputs,
    parameters: new Map(section('Parameters')),
    mappings: new Map(section('Mappings')),
    conditions: new Map(section('Conditions')),
    get imports() {
      return everything().imports;
    },
    importsSoFar: found.imports,
    get treeReferences() {
      return everything().treeReferences;
    },
    children: new Map(),
    root: undefined as unknown as TemplateModel,
  };
  for (const [logicalId, resource] of section('Resources')) {
    if (!isBody(resource)) {
      throw fail(`Resources.${logicalId} is ${kindOf(resource)}, must be an object`);
    }
    const type = own(resource, 'Type');
    if (typeof type !== 'string') {
      // CloudFormation takes none, but tools that make templates of templates do.
      unread.push({ template, path: `Resources.${logicalId}`, why: 'it has no Type' });
      continue;
    }
    const later = input.later?.get(logicalId);
    resources.set(logicalId, new ReadResource(model, logicalId, type, resource, later && (() => {
      const whole = later();
      if (!isBody(whole)) {
        throw fail(`Resources.${logicalId} is ${kindOf(whole)}, must be an object`);
      }
      found.of(whole);
      return whole;
    })));
  }
  for (const [key, output] of section('Outputs')) {
    if (isBody(output)) {
      const exported = own(output, 'Export');
      outputs.set(key, {
        model,
        name: key,
        condition: text(own(output, 'Condition')),
        value: own(output, 'Value'),
        exportName: isBody(exported) ? own(exported, 'Name') : undefined,
      });
    }
  }
  checkConditions(model.conditions, fail);
  return model;
}

function idsIn(dependsOn: unknown): readonly string[] {
  return dependsOn === undefined ? NONE : (Array.isArray(dependsOn) ? dependsOn : [dependsOn]).filter((id) => typeof id === 'string');
}

const NONE: readonly string[] = [];

/** A resource whose body may be made out when it is asked for, once. */
class ReadResource implements ResourceModel {
  public readonly condition?: string;
  public readonly dependsOn: readonly string[];
  private made?: Body;

  constructor(
    public readonly model: TemplateModel,
    public readonly logicalId: string,
    public readonly type: string,
    public readonly section: Body,
    private readonly makeOut?: () => Body,
  ) {
    this.condition = text(own(section, 'Condition'));
    this.dependsOn = idsIn(own(section, 'DependsOn'));
  }

  // On the class, so that all resources have one shape: V8 keeps objects with accessors of their own as dictionaries.
  public get body(): Body {
    return this.made ??= this.makeOut?.() ?? this.section;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function printed(value: unknown): string {
  return typeof value === 'string' ? value : kindOf(value);
}

/**
 * Goes through bodies once: that they end, and where they lead to other templates. An object, not functions within one that each body has
 * of its own: those V8 would know nothing of each time.
 */
class Survey {
  public readonly imports: Body[] = [];
  public readonly treeReferences: Body[] = [];
  private body: Body = {};
  private unread?: (path: string, why: string) => void;
  private path: string[] = [];
  private values = 0;

  constructor(private readonly fail: (problem: string) => TemplateError) {}

  public of(body: Body, unread?: (path: string, why: string) => void): void {
    this.body = body;
    this.unread = unread;
    this.path = [];
    this.values = 0;
    this.visit(body);
  }

  // A large app has some hundred thousand values, most of them texts: those cost no call.
  private visit(value: object): void {
    const { path } = this;
    if (path.length === MAX_DEPTH) {
      throw this.tooDeep();
    }
    if (this.values > MAX_VALUES) {
      throw this.fail(`it has more than ${MAX_VALUES.toLocaleString('en')} values: do its anchors stand for each other?`);
    }
    if (Array.isArray(value)) {
      this.values += value.length;
      for (let index = 0; index < value.length; index++) {
        const inner: unknown = value[index];
        if (typeof inner === 'object' && inner !== null) {
          path.push(String(index));
          this.visit(inner);
          path.pop();
        } else if (typeof inner !== 'string') {
          this.checkData(String(index), inner);
        }
      }
      return;
    }
    // What is parsed inherits no keys that are counted here, and asking for a list of them costs more than all else.
    for (const key in value) {
      if (key.startsWith('Fn::')) {
        this.leads(value as Body, key);
      }
      this.values++;
      const inner = (value as Body)[key];
      if (typeof inner === 'object' && inner !== null) {
        path.push(key);
        this.visit(inner);
        path.pop();
      } else if (typeof inner !== 'string') {
        this.checkData(key, inner);
      }
    }
  }

  private tooDeep(): TemplateError {
    const { body, path } = this;
    const above: unknown[] = [body];
    path.slice(0, -1).forEach((key) => above.push((above.at(-1) as Body)[key]));
    const again = above.findIndex((one, index) => above.indexOf(one) < index);
    return this.fail(again < 0
      ? `it nests more than ${MAX_DEPTH} levels deep, at ${path.slice(0, 5).join('.')}`
      : `${path.slice(0, above.indexOf(above[again])).join('.') || 'it'} holds itself`);
  }

  private checkData(key: string, value: unknown): void {
    if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
      throw this.fail(`${[...this.path, key].join('.')} is ${kindOf(value)}, which no template holds`);
    }
  }

  private leads(value: Body, key: string): void {
    if (key === 'Fn::ImportValue' || key === 'Fn::GetStackOutput') {
      this.imports.push(value);
    } else if (key === TREE_REFERENCE) {
      this.treeReferences.push(value);
    } else {
      const why = generates(key);
      if (why) {
        this.unread?.([...this.path, key].join('.'), why);
      }
    }
  }
}

/** That no condition leans on itself, and none on so many that evaluating them would not end. */
function checkConditions(conditions: ReadonlyMap<string, unknown>, fail: (problem: string) => TemplateError): void {
  const done = new Map<string, number>();
  const current: string[] = [];

  const height = (name: string): number => {
    const known = done.get(name);
    if (known !== undefined || !conditions.has(name)) {
      return known ?? 0;
    }
    if (current.includes(name)) {
      throw fail(`condition ${name} leans on itself: ${[...current.slice(current.indexOf(name)), name].join(' -> ')}`);
    }
    current.push(name);
    let own = 1;
    for (const other of current.length > MAX_CHAIN ? [] : namesIn(conditions.get(name))) {
      own = Math.max(own, 1 + height(other));
    }
    if (own > MAX_CHAIN) {
      throw fail(`condition ${current[0]} leans on more than ${MAX_CHAIN} others, one upon the other`);
    }
    current.pop();
    done.set(name, own);
    return own;
  };
  [...conditions.keys()].forEach(height);
}

/** The conditions that an expression of a condition names. */
function namesIn(expression: unknown): Set<string> {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (isBody(value)) {
      const named = own(value, 'Condition');
      if (typeof named === 'string') {
        names.add(named);
      }
      const choice = own(value, 'Fn::If');
      if (Array.isArray(choice) && typeof choice[0] === 'string') {
        names.add(choice[0]);
      }
      Object.values(value).forEach(visit);
    }
  };
  visit(expression);
  return names;
}
