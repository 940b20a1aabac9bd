/**
 * Properties as values: what is left out is `undefined`, what cannot be told is unknown, and a malformed template gives unknowns as well.
 */
import { booleanOf, Evaluated, identityOf, maybeSeveral, numberOf, Resource, textOf, Undecided } from '../resources';
import { chained, known, mapped, unknown, Unknown, Value } from '../value';

export type Path = readonly (string | number)[];

/** What is at a path below a value: `undefined` if nothing is there, the unknown that hides it if one does. */
export function at(evaluated: Evaluated | undefined, ...path: Path): Evaluated | undefined {
  let current = evaluated;
  for (const step of path) {
    if (current === undefined || current.kind === 'undecided') {
      return current;
    }
    if (current.kind === 'entries' && typeof step === 'string') {
      current = current.entry(step);
    } else if (current.kind === 'list' && typeof step === 'number') {
      current = current.items[step];
    } else {
      return undecided(`${JSON.stringify(step)} is looked for in what is no ${typeof step === 'number' ? 'list' : 'object'}`, identityOf(current));
    }
  }
  return current;
}

export function undecided(why: string, identity: string): Undecided {
  return { kind: 'undecided', why, identity };
}

/** The value of a property that is documented to be `value` where it is left out. */
export function byDefault<T>(property: string, value: T): Value<T> {
  return known(value, [`${property} is left out, which means ${value}`]);
}

export function text(evaluated: Evaluated | undefined): Value<string> | undefined {
  return evaluated && explained(textOf(evaluated), evaluated);
}

export function number(evaluated: Evaluated | undefined): Value<number> | undefined {
  return evaluated && explained(numberOf(evaluated), evaluated);
}

export function truth(evaluated: Evaluated | undefined): Value<boolean> | undefined {
  return evaluated && explained(booleanOf(evaluated), evaluated);
}

/** Says of a reference what it is to, and of what is malformed that it is. */
function explained<T>(value: Value<T>, evaluated: Evaluated): Value<T> {
  return value.known || evaluated.kind === 'scalar' ? value : unknown(whyNot(evaluated), identityOf(evaluated));
}

/** What a text says, read in some way. */
export function mappedText<T>(evaluated: Evaluated, to: (text: string) => T): Value<T> {
  return mapped(text(evaluated)!, to);
}

/** A text that must be one of some words; CloudFormation takes them in the case they are written in. */
export function word<W extends string>(evaluated: Evaluated | undefined, words: readonly W[]): Value<W> | undefined {
  return evaluated && chained(text(evaluated)!, (given) => {
    const found = words.find((one) => one === given);
    return found === undefined ? unknown(`${JSON.stringify(given)} is none of ${words.join(', ')}`) : known(found);
  });
}

/**
 * The items of a list; none where it is left out. A single value in place of a list is taken for a list of it, as CloudFormation does,
 * unless it is unknown, or may stand for several: then it may be any list.
 */
export function items(evaluated: Evaluated | undefined): Value<readonly Evaluated[]> {
  switch (evaluated?.kind) {
    case undefined:
      return known([]);
    case 'list':
      return known(evaluated.items, evaluated.assumes);
    case 'undecided':
      return unknown(evaluated.why, evaluated.identity);
    case 'reference':
      return maybeSeveral(evaluated) ? unknown(whyNot(evaluated), evaluated.identity) : known([evaluated]);
    case 'scalar':
    case 'text':
    case 'entries':
      return known([evaluated]);
  }
}

/** The items where they are known, for what is gathered as far as it can be. */
export function itemsAsKnown(evaluated: Evaluated | undefined): readonly Evaluated[] {
  const list = items(evaluated);
  return list.known ? list.value : [];
}

/** Every item made a fact; unknown as a whole if one of them is an unknown. */
export function eachItem<T>(evaluated: Evaluated | undefined, read: (item: Evaluated) => T): Value<readonly T[]> {
  return chained(items(evaluated), (list): Value<readonly T[]> => {
    const open = list.find((item) => item.kind === 'undecided');
    return open?.kind === 'undecided' ? unknown(open.why, open.identity) : known(list.map(read));
  });
}

/** Text with `…` for what is not known in it. */
export function shownText(evaluated: Evaluated | undefined): string {
  switch (evaluated?.kind) {
    case undefined:
      return '';
    case 'scalar':
      return String(evaluated.value);
    case 'text':
      return evaluated.parts.map((part) => typeof part === 'string' ? part : '…').join('');
    case 'reference':
    case 'undecided':
    case 'list':
    case 'entries':
      return '…';
  }
}

/** Why something is not known, for a value that is not. */
export function whyNot(evaluated: Evaluated): string {
  switch (evaluated.kind) {
    case 'undecided':
      return evaluated.why;
    case 'reference':
      return `${evaluated.resource.logicalId}${evaluated.attribute === undefined ? '' : `.${evaluated.attribute}`} is known only at deployment`;
    case 'text': {
      const open = evaluated.parts.find((part) => typeof part !== 'string');
      return open ? whyNot(open) : 'it is not literal';
    }
    case 'list':
      return 'it is a list';
    case 'entries':
      return 'it is an object';
    case 'scalar':
      return `it is ${JSON.stringify(evaluated.value)}`;
  }
}

export function isUnknown<T>(value: Value<T>): value is Unknown {
  return !value.known;
}

/** Facts under construction: the same members, to be filled in as others are read. */
export type Draft<T> = {
  -readonly [K in keyof T]: T[K] extends ReadonlyArray<infer Item> ? Item[] : T[K];
};

/** A list under its key, made when first asked for. */
export function listAt<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const list = lists.get(key);
  if (list) {
    return list;
  }
  const made: V[] = [];
  lists.set(key, made);
  return made;
}

/** Something in the metadata of a resource, which is as it was written. */
export function metadataAt(resource: Resource, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[key] : undefined, resource.metadata);
}
