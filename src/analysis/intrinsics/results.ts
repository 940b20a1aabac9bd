/** What functions give: the kinds of `Evaluated`, and words about them. */
import type { Evaluator } from '../intrinsics';
import { assumesOf, Entries, Evaluated, identityOf, List, Reference, Scalar, Undecided } from '../resources';
import { Body, TemplateModel, TemplateSet } from '../templates';
import { union } from '../value';

export const NOTHING_ASSUMED: readonly string[] = [];

/** How much of a text messages show. */
const SHOWN = 60;

export function shown(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

export function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

export function scalar(value: string | number | boolean, assumes = NOTHING_ASSUMED): Scalar {
  return { kind: 'scalar', value, assumes };
}

export function undecided(why: string, identity: string): Undecided {
  return { kind: 'undecided', why, identity };
}

/** Undecided, because it is written as no function takes it. */
export function malformed(set: TemplateSet, model: TemplateModel, raw: unknown, why: string): Undecided {
  return undecided(why, rawIdentity(set, model, raw));
}

/** An expression as it stands, whatever the order of its keys, in its template. */
export function rawIdentity(set: TemplateSet, model: TemplateModel, raw: unknown): string {
  const visit = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) {
      return JSON.stringify(value) ?? 'null';
    }
    return Array.isArray(value)
      ? set.identity('"array"', ...value.map(visit))
      : set.identity('"object"', ...Object.keys(value).sort().map((key) => `[${JSON.stringify(key)},${visit((value as Body)[key])}]`));
  };
  return set.identity('"raw"', model.key, visit(raw));
}

/** An entry or item of something that turned out to have none. */
export function within(set: TemplateSet, evaluated: Evaluated, key: string | number): Undecided {
  const why = evaluated.kind === 'undecided' ? evaluated.why : `${misplaced(evaluated)}: it has no ${shown(String(key))}`;
  return undecided(why, set.identity('"of"', identityOf(evaluated), JSON.stringify(String(key))));
}

export function misplaced({ kind }: Evaluated): string {
  const what = { scalar: 'a text', text: 'a text', list: 'a list', entries: 'an object', reference: 'a reference', undecided: 'something' };
  return `${what[kind]} stands where something else belongs`;
}

/** Why something is not known that depends on this. */
export function whyOf(evaluated: Evaluated): string {
  switch (evaluated.kind) {
    case 'undecided': return evaluated.why;
    case 'reference': return `${evaluated.attribute ?? 'the id'} of ${evaluated.resource.logicalId} is known when it is deployed`;
    case 'text': return whyOf(evaluated.parts.find((part): part is Reference | Undecided => typeof part !== 'string')!);
    case 'scalar': case 'list': case 'entries': return misplaced(evaluated);
  }
}

/** Whether nothing about it is undecided. */
export function isGround(evaluated: Evaluated): boolean {
  return evaluated.kind === 'scalar' || (evaluated.kind === 'list' && evaluated.items.every(isGround));
}

/**
 * A value as it goes from one place of the templates to another, by a parameter, an output or a map: a text or a list of texts. Objects go
 * nowhere, so that what an expression comes to is never nested deeper than the template it stands in.
 */
export function passedOn(evaluated: Evaluated): Evaluated {
  const wrong = [evaluated, ...evaluated.kind === 'list' ? evaluated.items : []].find(({ kind }, index) => (
    kind === 'entries' || (kind === 'list' && index > 0)));
  return wrong ? undecided(misplaced(wrong), identityOf(evaluated)) : evaluated;
}

/** A value that rests on more than itself. */
export function assuming(evaluated: Evaluated, assumed: readonly string[]): Evaluated {
  const assumes = assumed.length && evaluated.kind !== 'undecided' ? union(evaluated.assumes, assumed) : NOTHING_ASSUMED;
  if (assumes.length <= assumesOf(evaluated).length) {
    return evaluated;
  }
  switch (evaluated.kind) {
    case 'list': case 'entries': return (evaluated as EvaluatedList | EvaluatedEntries).assuming(assumes);
    case 'scalar': case 'text': case 'reference': return { ...evaluated, assumes };
    case 'undecided': return evaluated;
  }
}

/** A list whose items are evaluated. */
export class EvaluatedList implements List {
  public readonly kind = 'list';
  private text?: string;

  constructor(private readonly set: TemplateSet, public readonly items: readonly Evaluated[], public readonly assumes = NOTHING_ASSUMED) {}

  public get identity(): string {
    return this.text ??= this.set.identity('"list"', ...this.items.map(identityOf));
  }

  public assuming(assumes: readonly string[]): EvaluatedList {
    return new EvaluatedList(this.set, this.items, assumes);
  }
}

/** An object whose entries are evaluated when they are asked for, once. */
export class EvaluatedEntries implements Entries {
  public readonly kind = 'entries';
  private evaluated?: Map<string, Evaluated | undefined>;
  private text?: string;

  /** @param original the same entries, assuming less: it keeps what is evaluated */
  constructor(
    private readonly evaluator: Evaluator,
    private readonly model: TemplateModel,
    private readonly raw: Body,
    public readonly assumes = NOTHING_ASSUMED,
    private readonly original?: EvaluatedEntries,
  ) {}

  public get keys(): readonly string[] {
    return Object.keys(this.raw).filter((key) => this.entry(key) !== undefined);
  }

  public entry(key: string): Evaluated | undefined {
    // Most of what is asked for is not there, or a text.
    const raw = Object.hasOwn(this.raw, key) ? this.raw[key] : undefined;
    if (raw === undefined) {
      return undefined;
    }
    const entry = this.original ? this.original.entry(key)
      : typeof raw === 'object' ? this.kept(key, raw) : this.evaluator.evaluate(this.model, raw);
    return entry && this.assumes.length > 0 ? assuming(entry, this.assumes) : entry;
  }

  private kept(key: string, raw: unknown): Evaluated | undefined {
    let entry = this.evaluated?.get(key);
    if (entry === undefined && !this.evaluated?.has(key)) {
      entry = this.evaluator.evaluate(this.model, raw);
      (this.evaluated ??= new Map()).set(key, entry);
    }
    return entry;
  }

  public get identity(): string {
    const { evaluator: { set }, model, raw } = this;
    // Entries are evaluated only now, and what they hold may lead on to others.
    return this.text ??= this.evaluator.deeper(() => set.identity('"entries"', ...Object.keys(raw).sort().flatMap((key) => {
      const entry = this.entry(key);
      return entry ? [`[${JSON.stringify(key)},${identityOf(entry)}]`] : [];
    }))) ?? rawIdentity(set, model, raw);
  }

  public assuming(assumes: readonly string[]): EvaluatedEntries {
    return new EvaluatedEntries(this.evaluator, this.model, this.raw, assumes, this.original ?? this);
  }
}
