/**
 * Reads the construct tree: what its stacks will deploy, overrides included, each construct resolved once, if anything asks for it.
 *
 * Before the tree is prepared a reference into another stack has no import yet; it is kept as a reference to the resource there. What
 * constructs depend on is in their resources' `DependsOn` once the tree is prepared, as it is when constructs are validated.
 */
import {
  CfnElement, CfnResource, CfnRule, DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Reference, Stack, Stage, Token,
  Tokenization,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { ReadOptions } from '../analysis/read-facts';
import { Body, isBody, MAX_DEPTH, own, TemplateInput, TREE_REFERENCE } from '../analysis/templates';
import { RecordedAcknowledgement, recordedOn } from './acknowledgements';
import { ImportedNetworks } from './imported-networks';

export interface ConstructTree {
  readonly templates: readonly TemplateInput[];
  /** What imported VPCs and subnets say of themselves. */
  readonly imported: Pick<ReadOptions, 'importedSubnets' | 'importedVpcs'>;
  readonly acknowledgements: readonly RecordedAcknowledgement[];
  /** The construct of a resource. */
  constructOf(template: string, logicalId: string): CfnResource | undefined;
}

/** Reads an app, or what is below any construct. Stages in it are read as well if it is asked for. */
export function readTree(root: IConstruct, options: { readonly stages?: boolean } = {}): ConstructTree {
  const reader = new TreeReader(options.stages ?? true);
  reader.read(root);
  return reader;
}

class TreeReader implements ConstructTree {
  public readonly acknowledgements: RecordedAcknowledgement[] = [];
  public readonly imported = new ImportedNetworks();
  private readonly stacks = new Map<Stack, StackReader>();
  private byTemplate?: ReadonlyMap<string, StackReader>;

  constructor(private readonly stages: boolean) {}

  public get templates(): TemplateInput[] {
    return [...this.stacks.values()].map((stack) => stack.input);
  }

  public constructOf(template: string, logicalId: string): CfnResource | undefined {
    this.byTemplate ??= new Map([...this.stacks].map(([{ templateFile }, stack]) => [templateFile, stack]));
    return this.byTemplate.get(template)?.constructs.get(logicalId);
  }

  public read(root: IConstruct): void {
    this.acknowledgements.push(...root.node.scopes.slice(0, -1).flatMap(recordedOn));
    const pending: Array<readonly [IConstruct, StackReader | undefined]> = [[root, undefined]];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const [construct, above] = next;
      const stack = Stack.isStack(construct) ? this.readStack(construct) : above;
      this.acknowledgements.push(...recordedOn(construct));
      if (stack && CfnElement.isCfnElement(construct)) {
        stack.add(construct);
      } else {
        this.imported.add(construct);
      }
      const { children } = construct.node;
      for (let index = children.length - 1; index >= 0; index--) {
        if (this.stages || !Stage.isStage(children[index])) {
          pending.push([children[index], stack]);
        }
      }
    }
  }

  private readStack(stack: Stack): StackReader {
    const reader = new StackReader(stack);
    this.stacks.set(stack, reader);
    return reader;
  }
}

/** The sections of a template that elements write to. */
const SECTIONS = ['Parameters', 'Mappings', 'Conditions', 'Resources', 'Outputs'] as const;

/** What of a resource is asked for as soon as there is one. */
const TOLD_AT_ONCE = ['Type', 'Condition', 'DependsOn'] as const;

/** How the framework renders elements, and what it keeps for that. Where it is otherwise, elements are resolved at once. */
interface Rendered {
  _toCloudFormation(): object;
  shouldSynthesize(): boolean;
  readonly cfnProperties: unknown;
  renderProperties(properties: unknown): unknown;
  readonly rawOverrides?: unknown;
  readonly dependsOn?: ReadonlySet<CfnResource>;
}

const RENDERED_AS_USUAL = (CfnResource.prototype as unknown as Rendered)._toCloudFormation;

class StackReader {
  public readonly constructs = new Map<string, CfnResource>();
  private readonly body: Record<string, Record<string, unknown>> = { Resources: {} };
  private readonly later = new Map<string, () => unknown>();
  private readonly ids = new Map<CfnElement, string>();
  private readonly texts = new Map<string, unknown>();
  private readonly resolver = new KeepingTargets();
  private readonly dataResolver: KeepingTargets;

  constructor(private readonly stack: Stack) {
    this.dataResolver = new KeepingTargets(this.resolver, (produced) => this.resolved(produced));
  }

  public add(element: CfnElement): void {
    // Nothing asks for rules, of which the framework gives one to each stack.
    if (element instanceof CfnRule || (CfnResource.isCfnResource(element) && this.addForLater(element))) {
      return;
    }
    const fragment = this.whole(element);
    for (const section of SECTIONS) {
      const entries = own(fragment, section);
      if (isBody(entries)) {
        Object.assign(this.body[section] ??= {}, entries);
      }
    }
    if (CfnResource.isCfnResource(element)) {
      Object.keys(own(fragment, 'Resources') ?? {}).forEach((logicalId) => this.constructs.set(logicalId, element));
    }
  }

  /** Adds a resource that is resolved when anything asks for it; `false` if what everything asks for is not to be told before. */
  private addForLater(resource: CfnResource): boolean {
    const rendered = resource as unknown as Rendered;
    const { rawOverrides, dependsOn = new Set() } = rendered;
    const isAsUsual = rendered._toCloudFormation === RENDERED_AS_USUAL && 'dependsOn' in resource && dependsOn instanceof Set;
    if (!isAsUsual || !isBody(rawOverrides) || TOLD_AT_ONCE.some((key) => key in rawOverrides)) {
      return false;
    }
    if (rendered.shouldSynthesize()) {
      const logicalId = this.idOf(resource);
      const { cfnResourceType, cfnOptions: { condition } } = resource;
      const head = {
        Type: cfnResourceType,
        ...condition && { Condition: this.idOf(condition) },
        ...dependsOn.size > 0 && { DependsOn: [...dependsOn].map((other) => this.idOf(other)) },
      };
      this.body.Resources[logicalId] = head;
      const isOverridden = Object.keys(rawOverrides).length > 0;
      const whole = () => own(own(this.whole(resource), 'Resources') as Body, logicalId);
      this.later.set(logicalId, () => (isOverridden ? undefined : this.withoutPolicies(resource, head)) ?? whole());
      this.constructs.set(logicalId, resource);
    }
    return true;
  }

  /**
   * A resource without its policies of creation, update and deletion: nothing here asks for them, and they take the framework almost as
   * long as all else. `undefined` where its properties are wrong; the framework says so in its own words.
   */
  private withoutPolicies(resource: CfnResource, head: Body): Body | undefined {
    const rendered = resource as unknown as Rendered;
    try {
      const properties = rendered.renderProperties(this.resolved(rendered.cfnProperties) ?? {});
      const metadata = this.resolved(resource.cfnOptions.metadata);
      return { ...head, ...hasValues(properties) && { Properties: properties }, Metadata: metadata };
    } catch {
      return undefined;
    }
  }

  private idOf(element: CfnElement): string {
    const known = this.ids.get(element);
    if (known !== undefined) {
      return known;
    }
    const token = Tokenization.reverseString(element.logicalId).firstToken;
    const id = token ? this.resolver.idFor(token, this.stack) : element.logicalId;
    this.ids.set(element, id);
    return id;
  }

  /** What an element adds to the template. */
  private whole(element: CfnElement): Body {
    const fragment = this.resolvedByFramework((element as unknown as Rendered)._toCloudFormation(), this.resolver);
    return isBody(fragment) ? fragment : {};
  }

  /** The same as the framework makes of a value, to which only tokens are given: it takes far longer for what has none. */
  private resolved(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') {
      return Token.isUnresolved(value) ? this.resolvedText(value) : value;
    }
    // A token that stands for a number is below all numbers there are.
    if (typeof value === 'boolean' || value === undefined || value === null || typeof value === 'number' && value >= 0) {
      return value;
    }
    if (depth > MAX_DEPTH) {
      return this.resolvedByFramework(value);
    }
    if (Array.isArray(value) && !Token.isUnresolved(value)) {
      return value.map((item) => this.resolved(item, depth + 1)).filter((item) => item !== undefined);
    }
    const keys = isPlain(value) ? Object.keys(value) : undefined;
    if (!keys || keys.some((key) => Token.isUnresolved(key))) {
      return this.resolvedByFramework(value);
    }
    const result: Record<string, unknown> = {};
    for (const key of keys) {
      const entry = this.resolved((value as Body)[key], depth + 1);
      if (entry !== undefined) {
        result[key] = entry;
      }
    }
    return result;
  }

  /** A text with tokens, of which many hold the same: the name of the cluster, the VPC. */
  private resolvedText(text: string): unknown {
    const known = this.texts.get(text);
    if (known !== undefined) {
      return known;
    }
    const { length, firstToken } = Tokenization.reverseString(text);
    // Most are one reference and nothing else, of which the framework's own way is a long one.
    const resolved = length === 1 && Reference.isReference(firstToken)
      ? this.resolver.referenceIn(this.stack, firstToken, (value) => this.resolved(value))
      : this.resolvedByFramework(text);
    this.texts.set(text, resolved);
    return resolved;
  }

  private resolvedByFramework(value: unknown, resolver = this.dataResolver): unknown {
    return Tokenization.resolve(value, { scope: this.stack, resolver, preparing: false });
  }

  public get input(): TemplateInput {
    const { stack } = this;
    const { templateFile: name, templateOptions: { transforms }, nestedStackParent, nestedStackResource } = stack;
    const body = { ...this.body, ...transforms && { Transform: transforms } };
    const paths = { get: (logicalId: string) => this.constructs.get(logicalId)?.node.path };
    const common = { name, body, stack: stack.node.path, paths, later: this.later };
    if (nestedStackParent && nestedStackResource) {
      const logicalId = stack.resolve((nestedStackResource as CfnResource).logicalId) as string;
      return { ...common, nestedIn: { template: nestedStackParent.templateFile, logicalId } };
    }
    return {
      ...common,
      stackName: literal(stack.stackName),
      region: literal(stack.region),
      account: literal(stack.account),
      deployedAfter: stack.dependencies.map(({ templateFile }) => templateFile),
    };
  }
}

/** Whether something is an object as it is written, which is no token. */
function isPlain(value: unknown): value is Body {
  return isBody(value) && Object.getPrototypeOf(value) === Object.prototype && typeof value.resolve !== 'function';
}

function hasValues(properties: unknown): boolean {
  return isBody(properties) && Object.values(properties).some((value) => value !== undefined);
}

function literal(value: string): string | undefined {
  return Token.isUnresolved(value) ? undefined : value;
}

/** Puts texts together as the framework does when it writes templates. */
const CONCAT: ConstructorParameters<typeof DefaultTokenResolver>[0] = {
  join(left: unknown, right: unknown): unknown {
    if (left === undefined || right === undefined) {
      return left ?? right ?? '';
    }
    if (isLiteral(left) && isLiteral(right)) {
      return `${left}${right}`;
    }
    // A copy: the parts may be those of a token that is resolved once for all who use it.
    const parts = [...partsOf(left)];
    for (const part of partsOf(right)) {
      const last = parts.at(-1);
      if (isLiteral(last) && isLiteral(part)) {
        parts[parts.length - 1] = `${last}${part}`;
      } else {
        parts.push(part);
      }
    }
    return { 'Fn::Join': ['', parts] };
  },
};

function isLiteral(part: unknown): part is string | number {
  return typeof part === 'string' || typeof part === 'number';
}

function partsOf(part: unknown): readonly unknown[] {
  const join = isBody(part) ? own(part, 'Fn::Join') : undefined;
  return Array.isArray(join) && join[0] === '' && Array.isArray(join[1]) ? join[1] as unknown[] : [part];
}

/** Resolves the tokens of one stack as the framework does, but keeps the target of a reference into another that has no import yet. */
class KeepingTargets extends DefaultTokenResolver {
  /** References and logical ids. The framework works out a logical id, with a hash, each time; most are referred to many times. */
  private readonly resolved: Map<IResolvable, unknown>;

  /**
   * @param other shares what it has resolved
   * @param data resolves what tokens produce, in place of the framework
   */
  constructor(other?: KeepingTargets, private readonly data?: (produced: unknown) => unknown) {
    super(CONCAT);
    this.resolved = other?.resolved ?? new Map();
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    const known = this.resolved.get(token);
    if (known !== undefined) {
      return known;
    }
    if (!Reference.isReference(token)) {
      return this.data
        ? postProcessor.postProcess(this.data(token.resolve(context)), context)
        : super.resolveToken(token, context, postProcessor);
    }
    const target = targetKept(token, Stack.of(context.scope));
    const resolved = target ? postProcessor.postProcess(target, context) : super.resolveToken(token, context, postProcessor);
    this.resolved.set(token, resolved);
    return resolved;
  }

  /** What a reference of a stack comes to, whose value is resolved as that one does. */
  public referenceIn(stack: Stack, reference: Reference, resolve: (value: unknown) => unknown): unknown {
    const resolved = this.resolved.get(reference) ?? targetKept(reference, stack) ?? resolve(reference.resolve(contextIn(stack)));
    this.resolved.set(reference, resolved);
    return resolved;
  }

  /** What the token of a logical id comes to, which is a text without tokens; kept for those that refer to it. */
  public idFor(token: IResolvable, scope: Stack): string {
    const id = token.resolve(contextIn(scope)) as string;
    this.resolved.set(token, id);
    return id;
  }
}

/** What stands for a reference into another stack that has no import yet; `undefined` for every other. */
function targetKept(reference: Reference, consumer: Stack): Body | undefined {
  const { target, displayName: attribute } = reference;
  if (!CfnElement.isCfnElement(target) || target.stack === consumer || hasImport(reference, consumer)) {
    return undefined;
  }
  const logicalId: unknown = target.stack.resolve(target.logicalId);
  return { [TREE_REFERENCE]: [target.stack.templateFile, logicalId, attribute] };
}

/** In which a token that is asked says what it stands for, itself still to be resolved. */
function contextIn(scope: Stack): IResolveContext {
  return { scope, preparing: false, documentPath: [], resolve: (value: unknown) => value, registerPostProcessor: () => undefined };
}

/** Names and ARNs of L2s are references that need none: they say what they stand for in a stack, by the account and the Region of it. */
function hasImport(reference: Reference, consumer: Stack): boolean {
  return (reference as { hasValueForStack?(stack: Stack): boolean }).hasValueForStack?.(consumer) ?? true;
}
