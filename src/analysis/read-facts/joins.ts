import type { Named, To, ToMany } from '../facts';
import { Evaluated, identityOf, mayHold, Reference, Resource, Template, World } from '../resources';
import { all, chained, known, mapped, unknown, Value } from '../value';
import { items, listAt, text, undecided, whyNot } from './properties';

/** What the caller tells of the account and of what is imported. */
export interface ReadOptions {
  readonly accountSettings?: {
    readonly awsvpcTrunking?: 'enabled' | 'disabled';
    readonly dualStackIPv6?: 'enabled' | 'disabled';
  };
  /** What is known of imported subnets, by their ids. */
  readonly importedSubnets?: Readonly<Record<string, ImportedSubnet>>;
  /** What is known of imported VPCs, by their ids. */
  readonly importedVpcs?: Readonly<Record<string, ImportedVpc>>;
}

export interface ImportedSubnet {
  readonly cidr?: string;
  readonly zone?: string;
  readonly vpcId?: string;
  /** Whether it is of another account than the stacks that use it. */
  readonly shared?: boolean;
}

export interface ImportedVpc {
  /** Its primary IPv4 block. */
  readonly cidr?: string;
}

/** What all readers of facts share. */
export interface Reading {
  readonly world: World;
  readonly options: ReadOptions;
  /** An identity of a resource: equal for no two. */
  keyOf(resource: Resource): string;
  /**
   * Whether something that is not seen may refer to a resource: it is exported or passed on, or its template has parts that are not
   * analysed and may make resources.
   */
  leaves(resource: Resource): boolean;
}

export function readingOf(world: World, options: ReadOptions): Reading {
  const numbers = new Map<Template, number>();
  const numberOf = (template: Template) => {
    const number = numbers.get(template) ?? numbers.size;
    numbers.set(template, number);
    return number;
  };
  const unread = new Set(world.unread.filter(makesResources).map(({ template }) => template));
  return {
    world,
    options,
    keyOf: (resource) => `${resource.logicalId} of template ${numberOf(resource.template)}`,
    leaves: (resource) => unread.has(resource.template) || world.leaves(resource),
  };
}

/**
 * Facts of one kind, found by what refers to them: `Ref` or `Fn::GetAtt`, an ARN with such a reference in it, or the name that a resource
 * is given, as literal or as the same expression.
 */
export class Joins<T extends Named> {
  private readonly byResource = new Map<Resource, T>();
  private readonly byName = new Map<string, T[]>();
  /** Names are evaluated when something is looked for by its name: most things are found by `Ref`. */
  private unnamed: Array<readonly [fact: T, name: () => Evaluated | undefined]> = [];
  private readonly keys = new Map<T, string>();

  constructor(private readonly reading: Reading) {}

  /** Adds the fact of a resource, and what gives its physical name if it is given one. */
  add(resource: Resource, fact: T, name?: () => Evaluated | undefined): T {
    this.byResource.set(resource, fact);
    this.keys.set(fact, this.reading.keyOf(resource));
    if (name) {
      this.unnamed.push([fact, name]);
    }
    return fact;
  }

  /** Adds what is not of what is given, under the identity of what refers to it. */
  addImported(identity: string, fact: T): T {
    this.keys.set(fact, identity);
    this.addIdentity(identity, fact);
    return fact;
  }

  private addIdentity(identity: string, fact: T): void {
    this.evaluateNames();
    listAt(this.byName, identity).push(fact);
  }

  private evaluateNames(): void {
    const { unnamed } = this;
    this.unnamed = [];
    for (const [fact, read] of unnamed) {
      const name = read();
      if (name && name.kind !== 'entries' && name.kind !== 'list') {
        listAt(this.byName, identityOf(name)).push(fact);
      }
    }
  }

  all(): T[] {
    return [...this.keys.keys()];
  }

  of(resource: Resource): T | undefined {
    return this.byResource.get(resource);
  }

  /** The reference to a fact that is of what is given. */
  to(fact: T): To<T> {
    return { target: fact, identity: this.keys.get(fact)! };
  }

  /** What an expression refers to. `from` is where it stands: of several with one name the one of the same template is meant. */
  find(evaluated: Evaluated, from: Resource): To<T> {
    const reference = this.referenceIn(evaluated);
    const fact = reference ? this.byResource.get(reference.resource) : this.named(evaluated, from);
    if (fact) {
      return this.to(fact);
    }
    const literal = text(evaluated)!;
    return literal.known
      ? { identity: identityOf(evaluated), literal: literal.value, why: `${literal.value} is not of what is given` }
      : { identity: identityOf(evaluated), why: whyNot(evaluated) };
  }

  /** The same for a list, each of its members once. */
  findMany(evaluated: Evaluated | undefined, from: Resource): ToMany<T> {
    return mapped(chained(items(evaluated), (list) => all(list.map(splitAtCommas))), (lists) => (
      eachOnce(lists.flat().map((item) => this.find(item, from)))));
  }

  private referenceIn(evaluated: Evaluated): Reference | undefined {
    if (evaluated.kind === 'reference') {
      return this.byResource.has(evaluated.resource) ? evaluated : undefined;
    }
    if (evaluated.kind !== 'text') {
      return undefined;
    }
    const found = evaluated.parts.filter((part): part is Reference => typeof part !== 'string' && part.kind === 'reference'
      && this.byResource.has(part.resource));
    return found.length === 1 ? found[0] : undefined;
  }

  private named(evaluated: Evaluated, from: Resource): T | undefined {
    this.evaluateNames();
    const facts = this.byName.get(identityOf(evaluated)) ?? this.byName.get(nameInArn(evaluated) ?? '') ?? [];
    const here = facts.filter((fact) => fact.resource?.template === from.template);
    const [only, ...others] = here.length > 0 ? here : facts.filter((fact) => mayBeTogether(fact.resource, from));
    return others.length > 0 ? undefined : only;
  }
}

/**
 * The items of a list that are themselves lists with commas, as older templates write them; no id has a comma in it. How many there are is
 * not known of a text with commas that are not all seen, or in which ids are put together of several parts.
 */
function splitAtCommas(item: Evaluated): Value<readonly Evaluated[]> {
  if (item.kind === 'scalar') {
    return known(String(item.value).split(',').map((id) => ({ ...item, value: id.trim() })));
  }
  if (item.kind === 'undecided' && item.joinedWith === ',') {
    return unknown(item.why, item.identity);
  }
  if (item.kind !== 'text' || !item.parts.some((part) => typeof part === 'string' && part.includes(','))) {
    return known([item]);
  }
  const ids = item.parts.flatMap((part): Evaluated[] => typeof part !== 'string'
    ? [part]
    : part.split(',').map((id) => id.trim()).filter((id) => id !== '').map((value) => ({ kind: 'scalar', value, assumes: item.assumes })));
  const commas = item.parts.filter((part) => typeof part === 'string').join('').split(',').length - 1;
  const open = item.parts.some((part) => typeof part !== 'string' && mayHold(part, ','));
  return open || ids.length !== commas + 1 ? unknown(whyNot(item), item.identity) : known(ids);
}

/** The identity of `prod` in `arn:aws:ecs:us-east-1:111111111111:cluster/prod`; of its last part, where parts are not literal. */
function nameInArn(evaluated: Evaluated): string | undefined {
  const parts = evaluated.kind === 'scalar' ? [String(evaluated.value)] : evaluated.kind === 'text' ? evaluated.parts : [];
  const [first] = parts;
  if (typeof first !== 'string' || !first.startsWith('arn:')) {
    return undefined;
  }
  const last = parts[parts.length - 1];
  return typeof last === 'string' ? JSON.stringify(last.slice(last.lastIndexOf('/') + 1)) : last.identity;
}

/** Names are names within an account and a Region. */
export function mayBeTogether(resource: Resource | undefined, from: Resource): boolean {
  const differ = (a: string | undefined, b: string | undefined) => a !== undefined && b !== undefined && a !== b;
  return !resource || !(differ(resource.template.region, from.template.region) || differ(resource.template.account, from.template.account));
}

export function eachOnce<T>(references: ReadonlyArray<To<T>>): ReadonlyArray<To<T>> {
  return [...new Map(references.map((reference) => [reference.identity, reference])).values()];
}

/** Ids that constructs give to the resource that they stand for, besides the last word of its type. */
const OWN_IDS = ['Resource', 'Default', 'ASG'];

/**
 * How findings name a resource: the path of its construct in its stack, without ids that only say what it is: `Nodes` for
 * `Stack/Nodes/AutoScalingGroup/ASG`. Without a construct it is the logical id, behind those of the stacks that nest it: these often
 * have a `Service` each.
 */
export function nameOf({ path, logicalId, type, template: { stack, nestedIn } }: Resource): string {
  if (path === undefined) {
    return nestedIn === undefined ? logicalId : `${nestedIn}/${logicalId}`;
  }
  const start = stack !== undefined && path.startsWith(`${stack}/`) ? stack.length + 1 : path.indexOf('/') + 1;
  let end = path.length;
  for (let slash = path.lastIndexOf('/'); slash > start; slash = path.lastIndexOf('/', end - 1)) {
    const last = path.slice(slash + 1, end);
    if (!OWN_IDS.includes(last) && !type.endsWith(`:${last}`)) {
      break;
    }
    end = slash;
  }
  return path.slice(start, end);
}

/** Whether a part of a template that is not analysed may make resources: a macro, a loop, or what has no type. */
export function makesResources({ path }: World['unread'][number]): boolean {
  return path === 'Transform' || /^Resources\.[^.]+$/.test(path);
}

/** A reference to what only its expression tells. */
export function toUnknown<T>(why: string, identity: string): To<T> {
  return { identity: identityOf(undecided(why, identity)), why };
}
