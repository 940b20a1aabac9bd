/**
 * A value that is known or not, and then why not. Unknown is a value here: it is passed on and never guessed at.
 */
export type Value<T> = Known<T> | Unknown;

export interface Known<T> {
  readonly known: true;
  readonly value: T;
  /** What it rests on that could be otherwise, such as a parameter's default. */
  readonly assumes: readonly string[];
}

export interface Unknown {
  readonly known: false;
  /** The first thing that could not be found out, as a clause: `parameter Count has no default`. */
  readonly why: string;
  /** The expression in a canonical form: two unknowns with the same identity are equal, whatever they are. */
  readonly identity?: string;
}

export function known<T>(value: T, assumes: readonly string[] = []): Known<T> {
  return { known: true, value, assumes };
}

export function unknown(why: string, identity?: string): Unknown {
  return { known: false, why, identity };
}

/** Applies a function to a value where it is known. */
export function mapped<T, U>(value: Value<T>, to: (value: T) => U): Value<U> {
  return value.known ? known(to(value.value), value.assumes) : value;
}

/** The same for a function that may not be able to tell. */
export function chained<T, U>(value: Value<T>, to: (value: T) => Value<U>): Value<U> {
  if (!value.known) {
    return value;
  }
  const next = to(value.value);
  return next.known ? known(next.value, union(value.assumes, next.assumes)) : next;
}

/** All of some values, known where each of them is; else what is unknown about the first that is not. */
export function all<T>(values: readonly Value<T>[]): Value<T[]> {
  const missing = values.find((value) => !value.known);
  return missing && !missing.known
    ? missing
    : known(values.map((value) => (value as Known<T>).value), union(...values.map((value) => (value as Known<T>).assumes)));
}

/** The value where it is known, else another. */
export function otherwise<T, U>(value: Value<T>, other: U): T | U {
  return value.known ? value.value : other;
}

/** What some values rest on, as far as they are known. */
export function assumesOf(...values: ReadonlyArray<Value<unknown>>): readonly string[] {
  return union(...values.map((value) => value.known ? value.assumes : []));
}

/** Several lists of assumptions as one, each once. */
export function union(...lists: ReadonlyArray<readonly string[]>): readonly string[] {
  // Most values rest on nothing: this is asked of each, and almost never has anything to put together.
  let first = NONE;
  let several: Set<string> | undefined;
  for (let index = 0; index < lists.length; index++) {
    const list = lists[index];
    if (first.length === 0) {
      first = list;
    } else if (list.length > 0) {
      several ??= new Set(first);
      list.forEach((one) => several!.add(one));
    }
  }
  return several ? [...several] : first.length > 1 ? [...new Set(first)] : first;
}

const NONE: readonly string[] = [];

/** Yes, no, or that it cannot be told: then what the first unknown is. */
export type Verdict = 'yes' | 'no' | Unknown;

export function verdictOf(value: Value<boolean>): Verdict {
  return value.known ? value.value ? 'yes' : 'no' : value;
}

/** Whether all hold: `no` as soon as one does not, whatever is unknown of the others. */
export function every(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes('no') ? 'no' : verdicts.find((verdict) => verdict !== 'yes') ?? 'yes';
}

/** Whether one holds: `yes` as soon as one does, whatever is unknown of the others. */
export function some(verdicts: readonly Verdict[]): Verdict {
  return verdicts.includes('yes') ? 'yes' : verdicts.find((verdict) => verdict !== 'no') ?? 'no';
}

/** Whether two values are equal: unknown ones are if they are the same expression, and else it cannot be told. */
export function equal<T>(a: Value<T>, b: Value<T>): Verdict {
  if (a.known && b.known) {
    return a.value === b.value ? 'yes' : 'no';
  }
  if (!a.known && !b.known && a.identity !== undefined && a.identity === b.identity) {
    return 'yes';
  }
  return a.known ? b as Unknown : a;
}

/** A number between two ends, both possible. What is not known widens it; it is never replaced by a guess. */
export interface Range {
  readonly lo: number;
  /** `Infinity` where nothing bounds it. */
  readonly hi: number;
}

export function exactly(value: number): Range {
  return { lo: value, hi: value };
}

export function sum(ranges: readonly Range[]): Range {
  return ranges.reduce((total, { lo, hi }) => ({ lo: total.lo + lo, hi: total.hi + hi }), exactly(0));
}

/** The smallest range that holds all the given ones; at least one. */
export function hull(ranges: readonly Range[]): Range {
  return { lo: Math.min(...ranges.map(({ lo }) => lo)), hi: Math.max(...ranges.map(({ hi }) => hi)) };
}
