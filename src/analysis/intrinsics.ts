/**
 * Intrinsic functions, evaluated as far as templates tell: to literals, to references to resources that are given, or to something
 * undecided that still has an identity.
 *
 * Whatever stands in a template, nothing here throws: a function with arguments it does not take is undecided.
 */
import { printBlock, readBlock, subnetAt, subnetCount } from '../limits/cidr';
import { Choices, Comparison, Term, Words } from './conditions';
import { assumesOf, Entries, Evaluated, identityOf, List, numberOf, Reference, Resource, Scalar, Text, textOf, Undecided } from './resources';
import { Body, isBody, OutputModel, own, ResourceModel, TemplateModel, TemplateSet, TREE_REFERENCE } from './templates';
import { union } from './value';

/** Where a condition stands: decided, with what that rests on, or open. */
export interface Decision {
  readonly value?: boolean;
  readonly assumes: readonly string[];
}

/** Levels of evaluation: of expressions in each other, and of what they lead to. More is undecided. */
const MAX_LEVELS = 300;

/** How much of a text messages show. */
const SHOWN = 60;

const NOTHING: readonly string[] = [];
const OPEN: Decision = { assumes: NOTHING };

const EVALUATING = Symbol('evaluating');
const ABSENT = Symbol('absent');
type Memo = Evaluated | typeof EVALUATING | typeof ABSENT;

/** What one world evaluates to. */
export class Evaluator {
  private readonly memos = new Map<TemplateModel, Map<object, Memo>>();
  private readonly parameters = new Map<TemplateModel, Map<string, Evaluated>>();
  private readonly decisions = new Map<TemplateModel, Map<string, Decision & { readonly version: number }>>();
  private readonly existing = new Map<ResourceModel, Decision>();
  /** Lists whose items were joined, by the identity of the result: splitting it gives them back. */
  private readonly joined = new Map<string, { readonly delimiter: string; readonly list: Evaluated }>();
  /** Undecided texts that surely have no delimiter of lists in them, such as the name of a zone. */
  private readonly words = new Set<string>();
  /** What a parameter can come to, by its identity. */
  private readonly allowed = new Map<string, readonly string[]>();
  private exported?: Map<string, OutputModel[]>;
  private levels = 0;

  constructor(
    public readonly set: TemplateSet,
    public readonly choices: Choices,
    private readonly resourceOf: (model: ResourceModel) => Resource,
  ) {}

  /** What an expression of a template comes to; `undefined` for `AWS::NoValue`. */
  public evaluate(model: TemplateModel, raw: unknown): Evaluated | undefined {
    if (typeof raw !== 'object' || raw === null) {
      return this.literal(model, raw);
    }
    let memo = this.memos.get(model);
    if (!memo) {
      this.memos.set(model, memo = new Map());
    }
    const seen = memo.get(raw);
    if (seen === EVALUATING) {
      return this.malformed(model, raw, 'it refers to itself');
    }
    if (seen !== undefined) {
      return seen === ABSENT ? undefined : seen as Evaluated;
    }
    if (this.levels >= MAX_LEVELS) {
      return this.malformed(model, raw, `it leads through more than ${MAX_LEVELS} expressions`);
    }
    memo.set(raw, EVALUATING);
    this.levels++;
    const evaluated = Array.isArray(raw) ? this.list(model, raw) : this.object(model, raw as Body);
    this.levels--;
    memo.set(raw, evaluated ?? ABSENT);
    return evaluated;
  }

  /** Whether a resource exists, and what that rests on. */
  public existence(resource: ResourceModel, choose = true): Decision {
    const seen = this.existing.get(resource);
    if (seen) {
      return seen;
    }
    const { parent } = resource.model;
    const outer = parent ? this.existence(parent, choose) : { value: true, assumes: NOTHING };
    const decision = outer.value !== true || resource.condition === undefined
      ? outer
      : both(outer, this.condition(resource.model, resource.condition, choose));
    if (decision.value !== undefined) {
      this.existing.set(resource, decision);
    }
    return decision;
  }

  /**
   * Whether a condition holds.
   *
   * @param choose whether to choose what nothing decides; else it stays open
   */
  public condition(model: TemplateModel, name: string, choose: boolean): Decision {
    let memo = this.decisions.get(model);
    if (!memo) {
      this.decisions.set(model, memo = new Map());
    }
    const seen = memo.get(name);
    const { version } = this.choices;
    if (seen && (seen.value !== undefined || (!choose && seen.version === version))) {
      return seen;
    }
    const raw = model.conditions.has(name) ? model.conditions.get(name) : { Condition: name };
    const decision = this.expression(model, raw, choose, { name, positive: true });
    memo.set(name, { ...decision, version: this.choices.version });
    return decision;
  }

  /** The output that an `Fn::ImportValue` or `Fn::GetStackOutput` leads to, if its template is given. */
  public imported(model: TemplateModel, raw: Body): OutputModel | undefined {
    const { found } = Object.hasOwn(raw, 'Fn::ImportValue')
      ? this.exportsOf(model, own(raw, 'Fn::ImportValue'))
      : this.stackOutputsOf(model, own(raw, 'Fn::GetStackOutput'));
    return found.length === 1 ? found[0] : undefined;
  }

  private literal(model: TemplateModel, raw: unknown): Evaluated | undefined {
    if (isScalar(raw)) {
      return typeof raw === 'string' && raw.includes('{{resolve:')
        ? this.dynamic(model, raw, NOTHING)
        : { kind: 'scalar', value: raw, assumes: NOTHING };
    }
    return raw === undefined ? undefined : this.undecided('null is no value in a template', this.set.identity('null'));
  }

  private list(model: TemplateModel, raw: readonly unknown[]): List {
    return this.listOf(raw.flatMap((item) => this.evaluate(model, item) ?? []));
  }

  private listOf(items: readonly Evaluated[], assumes: readonly string[] = NOTHING): List {
    return new EvaluatedList(this.set, items, assumes);
  }

  private object(model: TemplateModel, raw: Body): Evaluated | undefined {
    const keys = Object.keys(raw);
    if (keys.length === 1) {
      const [key] = keys;
      const handler = FUNCTIONS.get(key);
      if (handler) {
        return handler.call(this, model, raw[key], raw);
      }
      if (key.startsWith('Fn::')) {
        return this.malformed(model, raw, key.startsWith('Fn::ForEach')
          ? 'Fn::ForEach is not expanded'
          : `${key} is not a function that gives a value here`);
      }
    } else {
      const macro = keys.find((key) => key.startsWith('Fn::ForEach') || key === 'Fn::Transform');
      if (macro) {
        return this.malformed(model, raw, `${macro} is not expanded`);
      }
    }
    return new EvaluatedEntries(this, this.set, model, raw, NOTHING);
  }

  // ---- Ref and Fn::GetAtt

  private ref(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const name = this.text(model, argument);
    return name === undefined ? this.malformed(model, raw, 'Ref takes the name of a parameter or a resource') : this.refTo(model, name);
  }

  private refTo(model: TemplateModel, name: string): Evaluated | undefined {
    if (name.startsWith('AWS::')) {
      return name === 'AWS::NoValue' ? undefined : this.pseudo(model, name);
    }
    if (model.parameters.has(name)) {
      return this.parameter(model, name);
    }
    return this.reference(model, name);
  }

  private reference(model: TemplateModel, logicalId: string, attribute?: string): Evaluated {
    const resource = model.resources.get(logicalId);
    const identity = attribute === undefined
      ? this.set.identity('"ref"', model.key, JSON.stringify(logicalId))
      : this.set.identity('"att"', model.key, JSON.stringify(logicalId), JSON.stringify(attribute));
    if (!resource) {
      return this.undecided(`nothing in template ${model.template.name} is called ${shown(logicalId)}`, identity);
    }
    const { value, assumes } = this.existence(resource);
    return value === false
      ? this.undecided(`${logicalId} does not exist where ${resource.condition ?? 'its stack\'s condition'} is false`, identity)
      : { kind: 'reference', resource: this.resourceOf(resource), attribute, assumes, identity };
  }

  private getAtt(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const parts = Array.isArray(argument) ? argument.map((part) => this.text(model, part)) : this.text(model, argument)?.split('.') ?? [];
    if (parts.length < 2 || parts.includes(undefined)) {
      return this.malformed(model, raw, 'Fn::GetAtt takes a resource and an attribute');
    }
    return this.attribute(model, parts[0]!, parts.slice(1).join('.'));
  }

  private attribute(model: TemplateModel, logicalId: string, attribute: string): Evaluated | undefined {
    const nested = model.children.get(logicalId);
    const reference = this.reference(model, logicalId, attribute);
    if (!nested || reference.kind !== 'reference' || !attribute.startsWith('Outputs.')) {
      return reference;
    }
    const name = attribute.slice('Outputs.'.length);
    const output = nested.outputs.get(name);
    return output
      ? this.output(output, reference.assumes)
      : this.undecided(`template ${nested.template.name} has no output ${shown(name)}`, reference.identity);
  }

  private output(output: OutputModel, assumes: readonly string[]): Evaluated | undefined {
    const exists = this.outputExists(output);
    return exists.value === false
      ? this.undecided(`output ${output.name} does not exist where ${output.condition} is false`,
        this.set.identity('"output"', output.model.key, JSON.stringify(output.name)))
      : this.assuming(this.evaluate(output.model, output.value), [...assumes, ...exists.assumes]);
  }

  private outputExists({ model, condition }: OutputModel): Decision {
    const outer = model.parent ? this.existence(model.parent) : { value: true, assumes: NOTHING };
    return condition === undefined || outer.value !== true ? outer : both(outer, this.condition(model, condition, true));
  }

  /** `[template, logical id, attribute]`, of a construct tree. */
  private treeReference(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const target = treeTarget(this.set, argument);
    if (!target) {
      return this.malformed(model, raw, 'it is of a template that is not given');
    }
    return target.attribute === undefined
      ? this.refTo(target.model, target.logicalId)
      : this.attribute(target.model, target.logicalId, target.attribute);
  }

  private pseudo(model: TemplateModel, name: string): Evaluated {
    const { region, account, stackName } = model.root.input;
    const values: Record<string, string | undefined> = {
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::Partition': region && PARTITIONS.find(({ regions }) => regions.test(region))?.partition,
      'AWS::URLSuffix': region && PARTITIONS.find(({ regions }) => regions.test(region))?.urlSuffix,
      'AWS::StackName': model.parent ? undefined : stackName,
    };
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) {
      return { kind: 'scalar', value, assumes: NOTHING };
    }
    const why = WHY_PSEUDO[name] ?? `${shown(name)} is known when it is deployed`;
    // Templates whose Region or account nobody states go to the same ones, as the CDK takes it for stacks without an environment.
    const identity = SHARED_PSEUDO.includes(name)
      ? this.set.identity('"pseudo"', JSON.stringify(name), region === undefined ? 'null' : JSON.stringify(region))
      : this.set.identity('"pseudo"', JSON.stringify(name), model.key);
    return name === 'AWS::NotificationARNs' ? this.undecided(why, identity) : this.word(why, identity);
  }

  private parameter(model: TemplateModel, name: string): Evaluated {
    let memo = this.parameters.get(model);
    if (!memo) {
      this.parameters.set(model, memo = new Map());
    }
    const seen = memo.get(name);
    if (seen) {
      return seen;
    }
    const identity = this.set.identity('"parameter"', model.key, JSON.stringify(name));
    memo.set(name, this.undecided(`parameter ${name} refers to itself`, identity));
    const declared = model.parameters.get(name);
    const evaluated = this.given(model, name, isBody(declared) ? declared : {}, identity);
    memo.set(name, evaluated);
    return evaluated;
  }

  private given(model: TemplateModel, name: string, declared: Body, identity: string): Evaluated {
    const type = String(own(declared, 'Type') ?? 'String');
    const stated = this.passed(model, name) ?? this.stated(model, name);
    const fallback = own(declared, 'Default');
    let value = stated;
    if (!value && isScalar(fallback)) {
      const text = String(fallback);
      value = {
        kind: 'scalar',
        value: fallback,
        assumes: [`parameter ${name} keeps its default ${text === '' ? '(empty)' : shown(text)}`],
      };
    }
    if (type.startsWith('AWS::SSM::Parameter::Value')) {
      // Its value, and also its default, is the name of a parameter in Systems Manager.
      const ssm = value?.kind === 'scalar' ? String(value.value) : undefined;
      return ssm === undefined ? this.undecided(`parameter ${name} is read from Systems Manager`, identity) : this.ssm(model, ssm);
    }
    const isList = type === 'CommaDelimitedList' || type.startsWith('List<');
    if (value) {
      return isList ? this.splitting(value, ',', true) : value;
    }
    const allowed = own(declared, 'AllowedValues');
    if (!isList && Array.isArray(allowed) && allowed.every(isScalar)) {
      this.allowed.set(identity, allowed.map(String));
    }
    const why = `parameter ${name} has no default`;
    return isList || type === 'String' ? this.undecided(why, identity) : this.word(why, identity);
  }

  /** What the parent passes to a nested stack. */
  private passed(model: TemplateModel, name: string): Evaluated | undefined {
    const { parent } = model;
    const properties = parent && this.evaluate(parent.model, own(parent.body, 'Properties'));
    const parameters = properties && entryOf(properties, 'Parameters');
    return parameters && (parameters.kind === 'entries' ? parameters.entry(name) : this.within(parameters, name));
  }

  private stated(model: TemplateModel, name: string): Evaluated | undefined {
    const value = model.input.parameters && own(model.input.parameters, name);
    return value === undefined ? undefined : { kind: 'scalar', value: String(value), assumes: NOTHING };
  }

  private ssm(model: TemplateModel, name: string): Undecided {
    const [region, account] = ['AWS::Region', 'AWS::AccountId'].map((pseudo) => identityOf(this.pseudo(model, pseudo)));
    const identity = this.set.identity('"ssm"', region, account, JSON.stringify(name));
    return { kind: 'undecided', why: `it is the value of SSM parameter ${shown(name)}`, identity, ssmParameter: name };
  }

  /** A literal text with dynamic references in it: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html. */
  private dynamic(model: TemplateModel, text: string, assumes: readonly string[]): Evaluated {
    const parts = text.split(/(\{\{resolve:[^{}]*\}\})/).filter((part) => part !== '');
    const evaluated = parts.map((part): Evaluated => {
      const [, service, name] = /^\{\{resolve:([a-z-]+):(.*)\}\}$/s.exec(part) ?? [];
      if (service === undefined) {
        return { kind: 'scalar', value: part, assumes: NOTHING };
      }
      if (service === 'ssm' && !name.includes(':')) {
        return this.ssm(model, name);
      }
      const [region, account] = ['AWS::Region', 'AWS::AccountId'].map((pseudo) => identityOf(this.pseudo(model, pseudo)));
      const why = `it is read from ${service === 'secretsmanager' ? 'Secrets Manager' : 'Systems Manager'} when it is deployed`;
      const undecided = this.undecided(why, this.set.identity('"resolve"', region, account, JSON.stringify(part)));
      return service === 'ssm' ? { ...undecided, ssmParameter: name.slice(0, name.lastIndexOf(':')) } : undecided;
    });
    return this.texts(model, evaluated, assumes, false);
  }

  // ---- texts

  /** Texts one after the other. */
  private texts(model: TemplateModel, evaluated: readonly Evaluated[], assumed: readonly string[], dynamic = true): Evaluated {
    const assumes = union(assumed, ...evaluated.map(assumesOf));
    const parts: Array<string | Reference | Undecided> = [];
    const add = (part: string | Reference | Undecided) => {
      const last = parts.at(-1);
      if (typeof part === 'string' && typeof last === 'string') {
        parts[parts.length - 1] = last + part;
      } else if (part !== '') {
        parts.push(part);
      }
    };
    for (const one of evaluated) {
      switch (one.kind) {
        case 'scalar': add(String(one.value)); break;
        case 'text': one.parts.forEach(add); break;
        case 'reference': case 'undecided': add(one); break;
        case 'list': case 'entries': add(this.undecided(misplaced(one), one.identity)); break;
      }
    }
    const [only = ''] = parts;
    if (parts.length < 2) {
      return typeof only !== 'string'
        ? this.assuming(only, assumes)!
        : dynamic && only.includes('{{resolve:')
          ? this.dynamic(model, only, assumes)
          : { kind: 'scalar', value: only, assumes };
    }
    return this.textOfParts(parts, assumes);
  }

  private textOfParts(parts: Text['parts'], assumes: readonly string[]): Text {
    const identity = this.set.identity('"text"', ...parts.map((part) => typeof part === 'string' ? JSON.stringify(part) : part.identity));
    return { kind: 'text', parts, assumes, identity };
  }

  private sub(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const [template, variables] = Array.isArray(argument) ? argument as unknown[] : [argument, {}];
    if (typeof template !== 'string' || !isBody(variables) || (Array.isArray(argument) && argument.length !== 2)) {
      return this.malformed(model, raw, 'Fn::Sub takes a text, or a list of a text and an object');
    }
    const parts = subParts(template).map((part): Evaluated => {
      if (part.literal !== undefined) {
        return { kind: 'scalar', value: part.literal, assumes: NOTHING };
      }
      const name = part.variable;
      const dot = name.indexOf('.');
      const value = Object.hasOwn(variables, name)
        ? this.evaluate(model, variables[name])
        : dot > 0 ? this.attribute(model, name.slice(0, dot), name.slice(dot + 1)) : this.refTo(model, name);
      return value ?? this.malformed(model, raw, `${shown(name)} has no value`);
    });
    return this.texts(model, parts, NOTHING);
  }

  private join(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const [delimiter, items] = Array.isArray(argument) && argument.length === 2 ? argument as unknown[] : [];
    const list = items === undefined ? undefined : this.evaluate(model, items);
    if (typeof delimiter !== 'string' || !list) {
      return this.malformed(model, raw, 'Fn::Join takes a text and a list');
    }
    if (list.kind === 'list') {
      const between: Scalar = { kind: 'scalar', value: delimiter, assumes: NOTHING };
      return this.texts(model, list.items.flatMap((item, index) => index ? [between, item] : [item]), list.assumes);
    }
    if (list.kind !== 'reference' && list.kind !== 'undecided') {
      return this.malformed(model, raw, 'Fn::Join takes a text and a list');
    }
    const identity = this.set.identity('"join"', JSON.stringify(delimiter), list.identity);
    this.joined.set(identity, { delimiter, list });
    return this.undecided(whyOf(list), identity);
  }

  private split(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const [delimiter, source] = Array.isArray(argument) && argument.length === 2 ? argument as unknown[] : [];
    const text = source === undefined ? undefined : this.evaluate(model, source);
    return typeof delimiter !== 'string' || delimiter === '' || !text
      ? this.malformed(model, raw, 'Fn::Split takes a delimiter and a text')
      : this.splitting(text, delimiter);
  }

  /** @param trimmed whether it is a parameter with a list, whose items are trimmed and which may be empty */
  private splitting(text: Evaluated, delimiter: string, trimmed = false): Evaluated {
    const identity = () => this.set.identity('"split"', JSON.stringify(delimiter), identityOf(text));
    const parts = text.kind === 'scalar' ? [String(text.value)] : text.kind === 'text' ? text.parts : [text];
    const joined = parts.length === 1 && typeof parts[0] !== 'string' ? this.joined.get(identityOf(parts[0])) : undefined;
    if (joined?.delimiter === delimiter) {
      return joined.list;
    }
    const divisible = parts.find((part) => typeof part !== 'string' && !this.isWord(part, delimiter));
    if (divisible !== undefined) {
      if (text.kind === 'list' || text.kind === 'entries') {
        return trimmed && text.kind === 'list' ? text : this.undecided(misplaced(text), identity());
      }
      return this.undecided(typeof divisible === 'string' ? 'it is split' : whyOf(divisible), identity());
    }
    const items: Array<Array<string | Reference | Undecided>> = [[]];
    for (const part of parts as ReadonlyArray<string | Reference | Undecided>) {
      if (typeof part !== 'string') {
        items.at(-1)!.push(part);
        continue;
      }
      part.split(delimiter).forEach((piece, index) => {
        if (index) {
          items.push([]);
        }
        const trim = trimmed ? piece.trim() : piece;
        if (trim !== '') {
          items.at(-1)!.push(trim);
        }
      });
    }
    const assumes = assumesOf(text);
    return this.listOf(trimmed && items.length === 1 && !items[0].length ? [] : items.map((item): Evaluated => {
      const [only = ''] = item;
      return item.length > 1 ? this.textOfParts(item, NOTHING) : typeof only === 'string' ? { kind: 'scalar', value: only, assumes: NOTHING } : only;
    }), assumes);
  }

  /** Whether it surely holds no such delimiter. Ids, names and ARNs of resources hold no comma, space, semicolon or bar. */
  private isWord(part: Evaluated, delimiter: string): boolean {
    return /^[,;| ]$/.test(delimiter) && (part.kind === 'reference' || (part.kind === 'undecided' && this.words.has(part.identity)));
  }

  private base64(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    // User data is read in the clear, however it is encoded on the way.
    return this.evaluate(model, argument) ?? this.malformed(model, raw, 'Fn::Base64 takes a text');
  }

  // ---- lists

  private select(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const [which, from] = Array.isArray(argument) && argument.length === 2 ? argument as unknown[] : [];
    const position = which === undefined ? undefined : this.evaluate(model, which);
    const list = from === undefined ? undefined : this.evaluate(model, from);
    if (!position || !list || list.kind === 'scalar' || list.kind === 'text' || list.kind === 'entries') {
      return this.malformed(model, raw, 'Fn::Select takes a number and a list');
    }
    const index = numberOf(position);
    if (!index.known) {
      return this.undecided(index.why, this.set.identity('"select"', identityOf(position), list.identity));
    }
    if (!Number.isInteger(index.value) || index.value < 0) {
      return this.malformed(model, raw, `Fn::Select takes a number from 0, not ${index.value}`);
    }
    if (list.kind === 'list') {
      return index.value < list.items.length
        ? this.assuming(list.items[index.value], union(list.assumes, index.assumes))
        : this.malformed(model, raw, `the list has ${list.items.length} items and none with number ${index.value}`);
    }
    return this.word(whyOf(list), this.set.identity('"select"', String(index.value), list.identity));
  }

  private cidr(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const parts = Array.isArray(argument) ? argument.map((part) => this.evaluate(model, part)) : [];
    const [of, count, bits] = parts;
    if (!of || !count || parts.length > 3 || (parts.length === 3 && !bits)) {
      return this.malformed(model, raw, 'Fn::Cidr takes a block, a number of blocks and their bits');
    }
    const from = this.blockBehind(of);
    const [text, howMany, size] = [textOf(from), numberOf(count), bits && numberOf(bits)];
    const identity = this.set.identity('"cidr"', identityOf(from), identityOf(count), bits ? identityOf(bits) : 'null');
    if (!text.known || !howMany.known || !size?.known) {
      const why = !text.known ? text.why : !howMany.known ? howMany.why : size?.known === false ? size.why : 'Fn::Cidr has no bits';
      return this.undecided(why, identity);
    }
    const block = readBlock(text.value);
    const prefix = 32 - size.value;
    const isCount = Number.isInteger(howMany.value) && howMany.value >= 1 && howMany.value <= MAX_BLOCKS;
    if (!block || !isCount || !Number.isInteger(prefix) || prefix > 32) {
      return this.undecided(`Fn::Cidr gives no IPv4 blocks of ${shown(text.value)}, ${howMany.value} and ${size.value}`, identity);
    }
    if (subnetCount(block, prefix) < howMany.value) {
      return this.undecided(`${printBlock(block)} has fewer than ${howMany.value} blocks with /${prefix}`, identity);
    }
    const blocks = Array.from({ length: howMany.value }, (_, index): Scalar => (
      { kind: 'scalar', value: printBlock(subnetAt(block, prefix, index)!), assumes: NOTHING }));
    return this.listOf(blocks, union(text.assumes, howMany.assumes, size.assumes));
  }

  /** A VPC's block is what it was given, when that is known. */
  private blockBehind(of: Evaluated): Evaluated {
    const block = of.kind === 'reference' && of.attribute === 'CidrBlock' && ['AWS::EC2::VPC', 'AWS::EC2::Subnet'].includes(of.resource.type)
      ? of.resource.property('CidrBlock')
      : undefined;
    return block?.kind === 'scalar' ? this.assuming(block, assumesOf(of))! : of;
  }

  private zones(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const given = this.evaluate(model, argument);
    if (!given) {
      return this.malformed(model, raw, 'Fn::GetAZs takes a Region');
    }
    const region = given.kind === 'scalar' && given.value === '' ? this.pseudo(model, 'AWS::Region') : given;
    return this.undecided('the zones of a Region are not in a template', this.set.identity('"zones"', identityOf(region)));
  }

  private findInMap(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const [name, ...rest] = Array.isArray(argument) ? argument as unknown[] : [];
    const options = isBody(rest[2]) ? rest[2] : {};
    const [mapName, first, second] = [name, rest[0], rest[1]].map((part) => part === undefined ? undefined : this.evaluate(model, part));
    if (!mapName || !first || !second) {
      return this.malformed(model, raw, 'Fn::FindInMap takes a map and two keys');
    }
    const keys = [mapName, first, second].map((part) => textOf(part));
    const unknownKey = keys.find((key) => !key.known);
    if (unknownKey && !unknownKey.known) {
      const fallback = Object.hasOwn(options, 'DefaultValue') ? rawIdentity(this.set, model, options) : 'null';
      return this.undecided(unknownKey.why, this.set.identity('"map"', model.key, ...[mapName, first, second].map(identityOf), fallback));
    }
    const [map, top, key] = keys.map((one) => one.known ? one.value : '');
    const assumes = union(...keys.map((one) => one.known ? one.assumes : NOTHING));
    const entries = model.mappings.get(map);
    const inner = isBody(entries) ? own(entries, top) : undefined;
    const value = isBody(inner) ? own(inner, key) : undefined;
    if (value !== undefined) {
      return this.assuming(this.evaluate(model, value), assumes);
    }
    return Object.hasOwn(options, 'DefaultValue')
      ? this.assuming(this.evaluate(model, options.DefaultValue), assumes)
      : this.malformed(model, raw, `map ${shown(map)} has no ${shown(top)}.${shown(key)}`);
  }

  private length(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const list = this.evaluate(model, argument);
    if (list?.kind === 'list') {
      return { kind: 'scalar', value: list.items.length, assumes: list.assumes };
    }
    return list?.kind === 'undecided' || list?.kind === 'reference'
      ? this.undecided(whyOf(list), this.set.identity('"length"', list.identity))
      : this.malformed(model, raw, 'Fn::Length takes a list');
  }

  private toJsonString(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const value = this.evaluate(model, argument);
    if (value?.kind !== 'list' && value?.kind !== 'entries') {
      return this.malformed(model, raw, 'Fn::ToJsonString takes an object or a list');
    }
    const assumes = new Set<string>();
    const missing: Evaluated[] = [];
    const plain = (one: Evaluated): unknown => {
      assumesOf(one).forEach((assumed) => assumes.add(assumed));
      switch (one.kind) {
        case 'scalar': return one.value;
        case 'list': return one.items.map(plain);
        case 'entries': return Object.fromEntries(one.keys.map((key) => [key, plain(one.entry(key)!)]));
        case 'text': case 'reference': case 'undecided': missing.push(one); return null;
      }
    };
    const text = JSON.stringify(plain(value));
    return missing.length
      ? this.undecided(whyOf(missing[0]), this.set.identity('"json"', value.identity))
      : { kind: 'scalar', value: text, assumes: [...assumes] };
  }

  // ---- other stacks

  private importValue(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const { name, found } = this.exportsOf(model, argument);
    return name ? this.joinedOutput(model, 'export', name, found) : this.malformed(model, raw, 'Fn::ImportValue takes the name of an export');
  }

  private getStackOutput(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    const { name, found } = this.stackOutputsOf(model, argument);
    return name ? this.joinedOutput(model, 'output', name, found) : this.malformed(model, raw, 'Fn::GetStackOutput takes StackName and OutputName');
  }

  private joinedOutput(model: TemplateModel, what: 'export' | 'output', name: Evaluated, found: readonly OutputModel[]): Evaluated | undefined {
    if (found.length === 1) {
      return this.assuming(this.output(found[0], NOTHING), assumesOf(name));
    }
    const [region, account] = ['AWS::Region', 'AWS::AccountId'].map((pseudo) => identityOf(this.pseudo(model, pseudo)));
    const text = name.kind === 'scalar' ? shown(String(name.value)) : undefined;
    const why = text === undefined ? whyOf(name) : `${what} ${text} is of ${found.length ? 'more than one' : 'none'} of the given templates`;
    return this.undecided(why, this.set.identity(`"${what}"`, region, account, identityOf(name)));
  }

  private exportsOf(model: TemplateModel, argument: unknown): { readonly name?: Evaluated; readonly found: readonly OutputModel[] } {
    const name = this.evaluate(model, argument);
    if (!name) {
      return { found: [] };
    }
    if (!this.exported) {
      // Set before it is filled: the name of an export may itself be imported.
      this.exported = new Map();
      for (const exporter of this.set.models) {
        for (const output of exporter.outputs.values()) {
          const exportName = output.exportName === undefined ? undefined : this.evaluate(exporter, output.exportName);
          const identity = exportName && identityOf(exportName);
          if (identity !== undefined) {
            this.exported.set(identity, [...this.exported.get(identity) ?? [], output]);
          }
        }
      }
    }
    const named = (this.exported.get(identityOf(name)) ?? []).filter((output) => samePlace(model, output.model));
    return { name, found: named.length > 1 ? named.filter((output) => this.outputExists(output).value !== false) : named };
  }

  private stackOutputsOf(model: TemplateModel, argument: unknown): { readonly name?: Evaluated; readonly found: readonly OutputModel[] } {
    const evaluated = isBody(argument) ? this.evaluate(model, argument) : undefined;
    const [stack, output, region, role] = ['StackName', 'OutputName', 'Region', 'RoleArn'].map((key) => evaluated && entryOf(evaluated, key));
    if (!stack || !output) {
      return { found: [] };
    }
    const name = this.texts(model, [stack, { kind: 'scalar', value: '.', assumes: NOTHING }, output], NOTHING);
    if (stack.kind !== 'scalar' || output.kind !== 'scalar') {
      return { name, found: [] };
    }
    const place = region ?? this.pseudo(model, 'AWS::Region');
    const found = this.set.models.filter((other) => other.input.stackName === String(stack.value) && !other.parent
      && (place.kind !== 'scalar' || other.template.region === undefined || other.template.region === String(place.value))
      // With a role, the stack may be of any account.
      && (role || samePlace({ account: model.template.account }, { account: other.template.account })));
    return { name, found: found.flatMap((other) => other.outputs.get(String(output.value)) ?? []) };
  }

  // ---- conditions

  private choice(model: TemplateModel, argument: unknown, raw: object): Evaluated | undefined {
    if (!Array.isArray(argument) || argument.length !== 3 || typeof argument[0] !== 'string') {
      return this.malformed(model, raw, 'Fn::If takes a condition and two values');
    }
    const { value, assumes } = this.condition(model, argument[0], true);
    return value === undefined
      ? this.malformed(model, raw, TOO_MANY_OPEN)
      : this.assuming(this.evaluate(model, argument[value ? 1 : 2]), assumes);
  }

  private expression(model: TemplateModel, raw: unknown, choose: boolean, naming?: Naming): Decision {
    if (this.levels >= MAX_LEVELS) {
      return OPEN;
    }
    this.levels++;
    const decision = this.operation(model, raw, choose, naming);
    this.levels--;
    return decision;
  }

  private operation(model: TemplateModel, raw: unknown, choose: boolean, naming?: Naming): Decision {
    const [key, argument] = isBody(raw) && Object.keys(raw).length === 1 ? Object.entries(raw)[0] : [];
    if (key === 'Condition' && typeof argument === 'string' && model.conditions.has(argument)) {
      return this.condition(model, argument, choose);
    }
    if (key === 'Fn::Not' && Array.isArray(argument) && argument.length === 1) {
      const { value, assumes } = this.expression(model, argument[0], choose, naming && { ...naming, positive: !naming.positive });
      return { value: value === undefined ? undefined : !value, assumes };
    }
    if ((key === 'Fn::And' || key === 'Fn::Or') && Array.isArray(argument)) {
      return this.several(model, argument, key === 'Fn::Or', choose);
    }
    if (key === 'Fn::Equals' && Array.isArray(argument) && argument.length === 2) {
      return this.equality(model, argument, choose, naming);
    }
    // Whatever else it is, it holds or does not, and does so wherever it stands.
    const term: Term = { identity: rawIdentity(this.set, model, raw), allowed: ['true', 'false'] };
    return this.decide({ left: term, right: { literal: 'true' } }, choose, this.inWords(model, naming, 'a condition that cannot be read'));
  }

  /** @param settles the value of one operand that settles it: true for or, false for and */
  private several(model: TemplateModel, operands: readonly unknown[], settles: boolean, choose: boolean): Decision {
    const decisions = operands.map((operand) => this.expression(model, operand, false));
    const settling = decisions.find(({ value }) => value === settles);
    if (settling) {
      return settling;
    }
    for (const [index, operand] of operands.entries()) {
      if (decisions[index].value === undefined && choose) {
        decisions[index] = this.expression(model, operand, true);
        if (decisions[index].value === settles) {
          return decisions[index];
        }
      }
    }
    return decisions.some(({ value }) => value === undefined)
      ? OPEN
      : { value: !settles, assumes: union(...decisions.map(({ assumes }) => assumes)) };
  }

  private equality(model: TemplateModel, operands: readonly unknown[], choose: boolean, naming?: Naming): Decision {
    const [left, right] = operands.map((operand) => this.evaluate(model, operand) ?? this.malformed(model, operands, 'it has no value'));
    const assumes = union(assumesOf(left), assumesOf(right));
    const same = identityOf(left) === identityOf(right);
    if (same || (isGround(left) && isGround(right))) {
      return { value: same, assumes };
    }
    const term = (side: Evaluated): Term => isGround(side)
      ? { literal: side.kind === 'scalar' ? String(side.value) : identityOf(side) }
      : { identity: identityOf(side), allowed: this.allowed.get(identityOf(side)) };
    // The order of the sides is no part of what is compared.
    const [a, b] = [term(left), term(right)].sort((one, other) => Number(one.literal !== undefined) - Number(other.literal !== undefined));
    const words = this.inWords(model, naming, `${describe(operands[0])} equals ${describe(operands[1])}`);
    const decision = this.decide({ left: a, right: b }, choose, words);
    return { value: decision.value, assumes };
  }

  private decide(comparison: Comparison, choose: boolean, words: Words): Decision {
    return { value: choose ? this.choices.choose(comparison, words) : this.choices.settled(comparison), assumes: NOTHING };
  }

  private inWords(model: TemplateModel, naming: Naming | undefined, otherwise: string): Words {
    const where = this.set.models.length > 1 ? ` in ${model.template.name}` : '';
    const text = (equal: boolean) => naming
      ? `${naming.name} is ${equal === naming.positive}${where}`
      : `${otherwise} is ${equal}${where}`;
    return { equal: text(true), different: text(false) };
  }

  // ---- results

  /** The literal text of an argument that must be one. */
  private text(model: TemplateModel, argument: unknown): string | undefined {
    const evaluated = typeof argument === 'string' ? undefined : this.evaluate(model, argument);
    return typeof argument === 'string' ? argument : evaluated?.kind === 'scalar' ? String(evaluated.value) : undefined;
  }

  /** An entry of something that turned out to have none. */
  public within(evaluated: Evaluated, key: string | number): Undecided {
    const why = evaluated.kind === 'undecided' ? evaluated.why : `${misplaced(evaluated)}: it has no ${shown(String(key))}`;
    return this.undecided(why, this.set.identity('"of"', identityOf(evaluated), JSON.stringify(String(key))));
  }

  private undecided(why: string, identity: string): Undecided {
    return { kind: 'undecided', why, identity };
  }

  /** Something undecided that is one word. */
  private word(why: string, identity: string): Undecided {
    this.words.add(identity);
    return this.undecided(why, identity);
  }

  private malformed(model: TemplateModel, raw: object, why: string): Undecided {
    return this.undecided(why, rawIdentity(this.set, model, raw));
  }

  /** A value that rests on more than itself. */
  public assuming(evaluated: Evaluated | undefined, assumed: readonly string[]): Evaluated | undefined {
    if (!assumed.length || !evaluated || evaluated.kind === 'undecided') {
      return evaluated;
    }
    const assumes = union(evaluated.assumes, assumed);
    if (assumes.length === evaluated.assumes.length) {
      return evaluated;
    }
    switch (evaluated.kind) {
      case 'list': return this.listOf(evaluated.items, assumes);
      case 'entries': return (evaluated as EvaluatedEntries).assuming(assumes);
      case 'scalar': case 'text': case 'reference': return { ...evaluated, assumes };
    }
  }
}

/** The condition whose outcome a comparison is, or the opposite of it. */
interface Naming {
  readonly name: string;
  readonly positive: boolean;
}

/** Why something is undecided that depends on more conditions than are explored. */
export const TOO_MANY_OPEN = 'more than 6 conditions are open';

/** `Fn::Cidr` gives 256 blocks at most: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html. */
const MAX_BLOCKS = 256;

/**
 * What `AWS::Partition` and `AWS::URLSuffix` are by Region. Regions of other partitions are left unknown.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
 */
const PARTITIONS = [
  { regions: /^cn-/, partition: 'aws-cn', urlSuffix: 'amazonaws.com.cn' },
  { regions: /^us-gov-/, partition: 'aws-us-gov', urlSuffix: 'amazonaws.com' },
  { regions: /^(?!us-iso)(us|eu|ap|ca|sa|me|af|il|mx)-[a-z]+-\d+$/, partition: 'aws', urlSuffix: 'amazonaws.com' },
];

const SHARED_PSEUDO = ['AWS::Region', 'AWS::AccountId', 'AWS::Partition', 'AWS::URLSuffix'];

const WHY_PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Region': 'the Region is not known',
  'AWS::AccountId': 'the account is not known',
  'AWS::Partition': 'the Region is not known',
  'AWS::URLSuffix': 'the Region is not known',
  'AWS::StackName': 'the stack\'s name is not known',
};

type Handler = (this: Evaluator, model: TemplateModel, argument: unknown, raw: Body) => Evaluated | undefined;

const FUNCTIONS: ReadonlyMap<string, Handler> = new Map(Object.entries({
  'Ref': Evaluator.prototype['ref'],
  'Fn::GetAtt': Evaluator.prototype['getAtt'],
  'Fn::Sub': Evaluator.prototype['sub'],
  'Fn::Join': Evaluator.prototype['join'],
  'Fn::Split': Evaluator.prototype['split'],
  'Fn::Select': Evaluator.prototype['select'],
  'Fn::Base64': Evaluator.prototype['base64'],
  'Fn::Cidr': Evaluator.prototype['cidr'],
  'Fn::GetAZs': Evaluator.prototype['zones'],
  'Fn::FindInMap': Evaluator.prototype['findInMap'],
  'Fn::If': Evaluator.prototype['choice'],
  'Fn::ImportValue': Evaluator.prototype['importValue'],
  'Fn::GetStackOutput': Evaluator.prototype['getStackOutput'],
  'Fn::Length': Evaluator.prototype['length'],
  'Fn::ToJsonString': Evaluator.prototype['toJsonString'],
  [TREE_REFERENCE]: Evaluator.prototype['treeReference'],
} as Record<string, Handler>));

class EvaluatedList implements List {
  public readonly kind = 'list';
  private text?: string;

  constructor(private readonly set: TemplateSet, public readonly items: readonly Evaluated[], public readonly assumes: readonly string[]) {}

  public get identity(): string {
    return this.text ??= this.set.identity('"list"', ...this.items.map(identityOf));
  }
}

class EvaluatedEntries implements Entries {
  public readonly kind = 'entries';
  private text?: string;

  constructor(
    private readonly evaluator: Evaluator,
    private readonly set: TemplateSet,
    private readonly model: TemplateModel,
    private readonly raw: Body,
    public readonly assumes: readonly string[],
  ) {}

  public get keys(): readonly string[] {
    return Object.keys(this.raw).filter((key) => this.entry(key) !== undefined);
  }

  public entry(key: string): Evaluated | undefined {
    return this.evaluator.assuming(this.evaluator.evaluate(this.model, own(this.raw, key)), this.assumes);
  }

  public get identity(): string {
    return this.text ??= this.set.identity('"entries"', ...Object.keys(this.raw).sort().flatMap((key) => {
      const entry = this.entry(key);
      return entry ? [`[${JSON.stringify(key)},${identityOf(entry)}]`] : [];
    }));
  }

  public assuming(assumes: readonly string[]): Entries {
    return new EvaluatedEntries(this.evaluator, this.set, this.model, this.raw, assumes);
  }
}

type SubPart = { readonly literal: string; readonly variable?: undefined } | { readonly literal?: undefined; readonly variable: string };

/** What a text of `Fn::Sub` is made of. */
export function subParts(text: string): readonly SubPart[] {
  return text.split(/(\$\{[^{}]*\})/).filter((part) => part !== '').map((part) => {
    if (!part.startsWith('${') || !part.endsWith('}')) {
      return { literal: part };
    }
    const name = part.slice(2, -1).trim();
    return name.startsWith('!') ? { literal: `\${${name.slice(1)}}` } : { variable: name };
  });
}

/** The resource a reference of a construct tree names, if its template is given. */
export function treeTarget(set: TemplateSet, argument: unknown):
{ readonly model: TemplateModel; readonly logicalId: string; readonly attribute?: string } | undefined {
  const [template, logicalId, attribute] = Array.isArray(argument) ? argument as unknown[] : [];
  const model = typeof template === 'string' ? set.named(template) : undefined;
  return model && typeof logicalId === 'string'
    ? { model, logicalId, attribute: typeof attribute === 'string' && attribute !== 'Ref' ? attribute : undefined }
    : undefined;
}

function entryOf(evaluated: Evaluated, key: string): Evaluated | undefined {
  return evaluated.kind === 'entries' ? evaluated.entry(key) : undefined;
}

function both(outer: Decision, inner: Decision): Decision {
  return { value: inner.value, assumes: union(outer.assumes, inner.assumes) };
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Whether nothing about it is undecided. */
function isGround(evaluated: Evaluated): boolean {
  return evaluated.kind === 'scalar' || (evaluated.kind === 'list' && evaluated.items.every(isGround));
}

function samePlace(
  a: { readonly region?: string; readonly account?: string } | TemplateModel,
  b: { readonly region?: string; readonly account?: string } | TemplateModel,
): boolean {
  const [one, other] = [a, b].map((place) => 'template' in place ? place.template : place);
  return (one.region === undefined || other.region === undefined || one.region === other.region)
    && (one.account === undefined || other.account === undefined || one.account === other.account);
}

function whyOf(evaluated: Evaluated): string {
  switch (evaluated.kind) {
    case 'undecided': return evaluated.why;
    case 'reference': return `${evaluated.attribute ?? 'the id'} of ${evaluated.resource.logicalId} is known when it is deployed`;
    case 'text': return whyOf(evaluated.parts.find((part): part is Reference | Undecided => typeof part !== 'string')!);
    case 'scalar': case 'list': case 'entries': return misplaced(evaluated);
  }
}

function misplaced({ kind }: Evaluated): string {
  return `${kind === 'entries' ? 'an object' : `a ${kind}`} stands where something else belongs`;
}

/** A side of a comparison in words. */
function describe(raw: unknown): string {
  if (isScalar(raw)) {
    return raw === '' ? '(empty)' : shown(String(raw));
  }
  const ref = isBody(raw) ? own(raw, 'Ref') : undefined;
  return typeof ref === 'string' ? ref : shown(JSON.stringify(raw) ?? '');
}

function shown(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** An expression as it stands, whatever the order of its keys, in its template. */
function rawIdentity(set: TemplateSet, model: TemplateModel, raw: unknown): string {
  const visit = (value: unknown): string => {
    if (Array.isArray(value)) {
      return set.identity('"array"', ...value.map(visit));
    }
    return isBody(value)
      ? set.identity('"object"', ...Object.keys(value).sort().map((key) => `[${JSON.stringify(key)},${visit(value[key])}]`))
      : JSON.stringify(value) ?? 'null';
  };
  return set.identity('"raw"', model.key, visit(raw));
}
