/**
 * Intrinsic functions, evaluated as far as templates tell: to literals, to references to resources that are given, or to something
 * undecided that still has an identity.
 *
 * Whatever stands in a template, nothing here throws: a function with arguments it does not take is undecided.
 */
import type { Choices } from './conditions';
import { cidr, findInMap, length, select, toJsonString, zones } from './intrinsics/lists';
import { getAtt, ref, sub, treeReference } from './intrinsics/names';
import { Parameters } from './intrinsics/parameters';
import { EvaluatedEntries, EvaluatedList, isScalar, malformed, NOTHING_ASSUMED, scalar, undecided } from './intrinsics/results';
import { Exports, getStackOutput, importValue } from './intrinsics/stacks';
import { base64, dynamicReferences, join, split, Texts } from './intrinsics/texts';
import { choice, Conditions, Decision, HOLDS } from './intrinsics/truth';
import type { Evaluated, Resource } from './resources';
import { Body, OutputModel, ResourceModel, TemplateModel, TemplateSet, TREE_REFERENCE } from './templates';
import { union } from './value';

/** A function with its argument, as it stands in a template. */
export interface Call {
  readonly evaluator: Evaluator;
  readonly model: TemplateModel;
  readonly argument: unknown;
  /** The whole expression, function and argument. */
  readonly raw: Body;
}

/** What each function comes to; `undefined` for `AWS::NoValue`. */
const FUNCTIONS: ReadonlyMap<string, (call: Call) => Evaluated | undefined> = new Map(Object.entries({
  'Ref': ref,
  'Fn::Base64': base64,
  'Fn::Cidr': cidr,
  'Fn::FindInMap': findInMap,
  'Fn::GetAtt': getAtt,
  'Fn::GetAZs': zones,
  'Fn::GetStackOutput': getStackOutput,
  'Fn::If': choice,
  'Fn::ImportValue': importValue,
  'Fn::Join': join,
  'Fn::Length': length,
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::Sub': sub,
  'Fn::ToJsonString': toJsonString,
  [TREE_REFERENCE]: treeReference,
}));

/** Levels of evaluation: of expressions in each other, and of what they lead to. More is undecided, before the stack ends. */
const MAX_LEVELS = 300;

/** How a dynamic reference begins, in whatever text. */
const DYNAMIC = '{{resolve:';

const ABSENT = Symbol('absent');

/**
 * Templates as one world has them.
 *
 * An expression is kept where it is read: entries keep theirs, and what several expressions lead to (parameters, outputs, maps, conditions)
 * is kept here. One table of all expressions would be slower the larger the templates are.
 */
export class Evaluator {
  public readonly conditions = new Conditions(this);
  public readonly parameters = new Parameters(this);
  public readonly exports = new Exports(this);
  public readonly texts = new Texts();
  private readonly shared = new Map<TemplateModel, Map<object, Evaluated | typeof ABSENT>>();
  private readonly evaluating = new Map<TemplateModel, Set<object>>();
  private readonly existences = new Map<ResourceModel, Decision>();
  private levels = 0;

  constructor(
    public readonly set: TemplateSet,
    public readonly choices: Choices,
    public readonly resourceOf: (model: ResourceModel) => Resource,
  ) {}

  /** What an expression of a template comes to; `undefined` for `AWS::NoValue`. */
  public evaluate(model: TemplateModel, raw: unknown): Evaluated | undefined {
    if (typeof raw === 'string' && !raw.includes(DYNAMIC)) {
      return { kind: 'scalar', value: raw, assumes: NOTHING_ASSUMED };
    }
    if (typeof raw !== 'object' || raw === null) {
      return this.literal(model, raw);
    }
    if (this.levels >= MAX_LEVELS) {
      return malformed(this.set, model, raw, `it leads through more than ${MAX_LEVELS} expressions`);
    }
    this.levels++;
    const value = Array.isArray(raw)
      ? new EvaluatedList(this.set, raw.flatMap((item) => this.evaluate(model, item) ?? []))
      : this.object(model, raw as Body);
    this.levels--;
    return value;
  }

  /** The same, kept: for what expressions of other places lead to. */
  public evaluateOnce(model: TemplateModel, raw: unknown): Evaluated | undefined {
    if (typeof raw !== 'object' || raw === null) {
      return this.evaluate(model, raw);
    }
    let shared = this.shared.get(model);
    if (!shared) {
      this.shared.set(model, shared = new Map());
    }
    const seen = shared.get(raw);
    if (seen !== undefined) {
      return seen === ABSENT ? undefined : seen;
    }
    const value = this.evaluate(model, raw);
    shared.set(raw, value ?? ABSENT);
    return value;
  }

  /** Goes one level deeper; `undefined` where that is too deep. */
  public deeper<T>(into: () => T): T | undefined {
    if (this.levels >= MAX_LEVELS) {
      return undefined;
    }
    this.levels++;
    const result = into();
    this.levels--;
    return result;
  }

  /** The literal text of an argument that must be one. */
  public literalText(model: TemplateModel, argument: unknown): string | undefined {
    if (typeof argument === 'string' && !argument.includes(DYNAMIC)) {
      return argument;
    }
    const evaluated = this.evaluate(model, argument);
    return evaluated?.kind === 'scalar' ? String(evaluated.value) : undefined;
  }

  /** Whether a resource exists, which its condition and those of the stacks around it decide. */
  public existence(resource: ResourceModel, choosing = true): Decision {
    let existence = this.existences.get(resource);
    if (!existence) {
      existence = this.conditional(resource, choosing);
      if (existence.value !== undefined) {
        this.existences.set(resource, existence);
      }
    }
    return existence;
  }

  /** The same of an output. */
  public outputExistence(output: OutputModel): Decision {
    return this.conditional(output, true);
  }

  private conditional({ model, condition }: ResourceModel | OutputModel, choosing: boolean): Decision {
    const stack = model.parent ? this.existence(model.parent, choosing) : HOLDS;
    if (condition === undefined || stack.value === false) {
      return stack;
    }
    const { value, assumes } = this.conditions.decision(model, condition, choosing);
    return { value: value === false ? false : value && stack.value, assumes: union(stack.assumes, assumes) };
  }

  private literal(model: TemplateModel, raw: unknown): Evaluated | undefined {
    if (isScalar(raw)) {
      return typeof raw === 'string' && raw.includes(DYNAMIC) ? dynamicReferences(this, model, raw, NOTHING_ASSUMED) : scalar(raw);
    }
    return raw === undefined ? undefined : undecided('null is no value in a template', this.set.identity('null'));
  }

  private object(model: TemplateModel, raw: Body): Evaluated | undefined {
    // The first two keys tell whether it is a function, and what asks for a list of all keys is slow.
    let only: string | undefined;
    for (const key in raw) {
      if (only !== undefined) {
        only = undefined;
        break;
      }
      only = key;
    }
    if (only !== undefined) {
      const call = FUNCTIONS.get(only);
      if (call) {
        return this.called(model, raw, only, call);
      }
      if (only.startsWith('Fn::') && !isMacro(only)) {
        return malformed(this.set, model, raw, `${only} gives no value here`);
      }
    }
    for (const key in raw) {
      if (key.startsWith('Fn::') && isMacro(key)) {
        return malformed(this.set, model, raw, `${key} is not expanded`);
      }
    }
    return new EvaluatedEntries(this, model, raw);
  }

  /** A function whose argument may lead back to it. */
  private called(model: TemplateModel, raw: Body, name: string, call: (call: Call) => Evaluated | undefined): Evaluated | undefined {
    let evaluating = this.evaluating.get(model);
    if (!evaluating) {
      this.evaluating.set(model, evaluating = new Set());
    }
    if (evaluating.has(raw)) {
      return malformed(this.set, model, raw, 'it refers to itself');
    }
    evaluating.add(raw);
    const value = call({ evaluator: this, model, argument: raw[name], raw });
    evaluating.delete(raw);
    return value;
  }
}

/** Keys that CloudFormation or a macro replaces, together with what stands beside them. */
function isMacro(key: string): boolean {
  return key.startsWith('Fn::ForEach') || key === 'Fn::Transform';
}
