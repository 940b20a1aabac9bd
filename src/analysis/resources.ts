import { Unknown, Value } from './value';

/**
 * The normal form in which every source gives its resources: templates in files, a cloud assembly, a construct tree.
 *
 * Properties are read through `Resource.property`, where intrinsic functions have been evaluated as far as they can be. All of it is seen
 * in one *world*: one consistent choice of the conditions that nothing decides (see worlds.ts).
 */
export interface World {
  readonly templates: readonly Template[];
  /** The resources of a type that exist in this world, in the order of their templates. */
  resourcesOf(type: string): readonly Resource[];
  /**
   * The types of custom resources of which one may have a text in its properties: as it is written there, or as what the template is given.
   * It tells whose conditions are worth meeting, and has met none.
   */
  customTypesWith(text: string): readonly string[];
  /**
   * Whether one resource waits for another: by `DependsOn`, `Ref`, `Fn::GetAtt` or `Fn::Sub`, through others, and across stacks by what the
   * one's stack imports from the other's. Dependencies that lead through something that is not given are not seen.
   */
  dependsOn(resource: Resource, other: Resource): boolean;
  /**
   * Whether something that is not given may have hold of a resource: it is exported and none of what is given imports it, or passed to a
   * nested stack whose template is not given.
   */
  leaves(resource: Resource): boolean;
  /**
   * The undecided conditions this world chose, as `Prod is true`; empty where nothing was undecided. Conditions are chosen when they are
   * met, so this is complete when the rules have run.
   */
  readonly chosen: readonly string[];
  /** The other outcomes of the same conditions: `Prod is false`. */
  readonly ruledOut: readonly string[];
  /**
   * Conditions that were met when this world had chosen as many as are explored. Where it is not empty when the rules have run, what they
   * say of this world is undecided: `more than 6 conditions are open`.
   */
  readonly open: readonly string[];
  /** The defaults of parameters that were asked for; complete when the rules have run. */
  readonly defaults: readonly ParameterDefault[];
  /** Parts of the templates that are not analysed, such as loops and macros: resources may come of them that are not seen here. */
  readonly unread: ReadonlyArray<{ readonly template: Template; readonly path: string; readonly why: string }>;
  /** Nested stacks whose templates are not given: what is in them is not seen. No condition is chosen for them, and none met. */
  readonly stacksNotGiven: ReadonlyArray<{ readonly resource: Resource; readonly url?: string }>;
}

/** The default of a parameter, and the words for that it is kept. */
export interface ParameterDefault {
  /** The template's name. */
  readonly template: string;
  readonly parameter: string;
  readonly assumption: string;
}

/** One template. */
export interface Template {
  /** The path as it was given, or the template's file in the assembly. */
  readonly name: string;
  /** The stack's name or construct path, where it is known. */
  readonly stack?: string;
  /** The logical ids of the stacks that it is nested in, from the outermost: `Shop/Api`. */
  readonly nestedIn?: string;
  /** The Region and account it is deployed to, where they are known. */
  readonly region?: string;
  readonly account?: string;
}

/** One resource of a template. */
export interface Resource {
  readonly template: Template;
  readonly logicalId: string;
  readonly type: string;
  /** The construct path, where the template or the tree tells it. */
  readonly path?: string;
  /** The `Metadata` of the resource, as it stands. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** A property, evaluated; `undefined` if it is absent or `AWS::NoValue`. */
  property(...path: readonly (string | number)[]): Evaluated | undefined;
  /** Something in the resource's `Metadata`, evaluated: `cfn-init` reads it at deployment. */
  evaluatedMetadata(...path: readonly (string | number)[]): Evaluated | undefined;
  /** The resource's own `DependsOn`, within its template. */
  readonly dependsOn: readonly string[];
}

/** What an expression comes to. */
export type Evaluated = Scalar | Text | List | Entries | Reference | Undecided;

/** A literal, or an expression that evaluates to one. */
export interface Scalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean;
  readonly assumes: readonly string[];
}

/** A text of which some parts are not literal, such as user data that names the cluster. */
export interface Text {
  readonly kind: 'text';
  readonly parts: ReadonlyArray<string | Reference | Undecided>;
  readonly assumes: readonly string[];
  readonly identity: string;
}

export interface List {
  readonly kind: 'list';
  readonly items: readonly Evaluated[];
  readonly assumes: readonly string[];
  readonly identity: string;
}

export interface Entries {
  readonly kind: 'entries';
  readonly keys: readonly string[];
  /** An entry; `undefined` if it is absent or `AWS::NoValue`. What it assumes includes what the entries as a whole do. */
  entry(key: string): Evaluated | undefined;
  readonly assumes: readonly string[];
  readonly identity: string;
}

/** `Ref` or `Fn::GetAtt` of a resource of what is given, maybe of another template. */
export interface Reference {
  readonly kind: 'reference';
  readonly resource: Resource;
  /** The attribute; `undefined` for `Ref`. */
  readonly attribute?: string;
  readonly assumes: readonly string[];
  readonly identity: string;
}

export interface Undecided {
  readonly kind: 'undecided';
  readonly why: string;
  /** The expression in a canonical form, with templates where that matters: equal texts are equal values. */
  readonly identity: string;
  /** The name of the SSM parameter whose value it is, such as the one that holds the newest ECS-optimised image. */
  readonly ssmParameter?: string;
  /** The separators that it surely has none of: a zone's name, or the id of something, has none of `SEPARATORS`. */
  readonly without?: string;
  /** The delimiter, where it is a list joined to one text: of the list not even the length is known. */
  readonly joinedWith?: string;
  /** The attribute of a resource that it is an item of. */
  readonly itemOf?: Reference;
  /** What it is a piece of, and which one from 0, where what a reference stands for is split: a part of an ARN. */
  readonly pieceOf?: { readonly whole: Reference; readonly delimiter: string; readonly index: number };
}

/** What lists are divided by. Ids, names and ARNs of resources have none of these. */
export const SEPARATORS = ',;| ';

/** Types that others than AWS make, such as custom resources: their attributes hold anything. */
const OF_OTHERS = /^(?!AWS::)\w+::/;

/** Attributes of AWS's own types that hold any text. */
const ANY_TEXT: ReadonlyMap<string, RegExp> = new Map([
  ['AWS::CloudFormation::CustomResource', /^/],
  ['AWS::CloudFormation::Stack', /^Outputs\./],
  ['AWS::CloudFormation::WaitCondition', /^Data$/],
  ['AWS::SSM::Parameter', /^Value$/],
]);

/**
 * Whether a reference may stand for several texts: as a list, which attributes with a plural for a name are, or in one text, as an output
 * of a nested stack that is not given.
 */
export function maybeSeveral({ resource: { type }, attribute }: Reference): boolean {
  return OF_OTHERS.test(type) || ANY_TEXT.get(type)?.test(attribute ?? '') === true || /[^su]s$/.test(attribute ?? '');
}

/** Whether something that is not literal may have a separator in it. */
export function mayHold(part: Reference | Undecided, separator: string): boolean {
  return part.kind === 'reference'
    ? maybeSeveral(part) || !isSeparator(SEPARATORS, separator)
    : !isSeparator(part.without ?? '', separator);
}

function isSeparator(among: string, separator: string): boolean {
  return separator.length === 1 && among.includes(separator);
}

/** The identity of what an expression comes to: equal ones are equal values. */
export function identityOf(evaluated: Evaluated): string {
  return evaluated.kind === 'scalar' ? JSON.stringify(String(evaluated.value)) : evaluated.identity;
}

/** What an expression's value rests on that could be otherwise. */
export function assumesOf(evaluated: Evaluated): readonly string[] {
  return 'assumes' in evaluated ? evaluated.assumes : [];
}

function not(what: string, evaluated: Evaluated): Unknown {
  return {
    known: false,
    why: evaluated.kind === 'undecided' ? evaluated.why : `it is no ${what} here`,
    identity: identityOf(evaluated),
  };
}

/** The text an expression comes to. Numbers and truth values are texts, too: CloudFormation takes either. */
export function textOf(evaluated: Evaluated): Value<string> {
  return evaluated.kind === 'scalar'
    ? { known: true, value: String(evaluated.value), assumes: evaluated.assumes }
    : not('literal text', evaluated);
}

/** The number an expression comes to, written as a number or as text. */
export function numberOf(evaluated: Evaluated): Value<number> {
  const value = evaluated.kind === 'scalar' ? Number(evaluated.value) : NaN;
  return evaluated.kind === 'scalar' && typeof evaluated.value !== 'boolean' && String(evaluated.value).trim() !== '' && !Number.isNaN(value)
    ? { known: true, value, assumes: evaluated.assumes }
    : not('number', evaluated);
}

/** The truth value an expression comes to, written as one or as text. */
export function booleanOf(evaluated: Evaluated): Value<boolean> {
  const text = evaluated.kind === 'scalar' ? String(evaluated.value).toLowerCase() : undefined;
  return text === 'true' || text === 'false'
    ? { known: true, value: text === 'true', assumes: assumesOf(evaluated) }
    : not('truth value', evaluated);
}

/** The items of the list an expression comes to. */
export function itemsOf(evaluated: Evaluated): Value<readonly Evaluated[]> {
  return evaluated.kind === 'list' ? { known: true, value: evaluated.items, assumes: evaluated.assumes } : not('list', evaluated);
}
