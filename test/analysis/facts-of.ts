/** Facts of fragments of templates, for the tests of what is read. */
import { Facts, Named, To, ToMany } from '../../src/analysis/facts';
import { readFacts, ReadOptions } from '../../src/analysis/read-facts';
import { Value } from '../../src/analysis/value';
import { world } from './given';

/** The facts of one template's resources. */
export function factsOf(
  Resources: Readonly<Record<string, unknown>>, rest: Readonly<Record<string, unknown>> = {}, options: ReadOptions = {},
): Facts {
  return readFacts(world({ ...rest, Resources }), options);
}

/** A resource of a template. */
export function resourceOf(Type: string, Properties: Readonly<Record<string, unknown>> = {}, more: Readonly<Record<string, unknown>> = {}) {
  return { Type, Properties, ...more };
}

/** The fact with this name, which must be there once. */
export function named<T extends Named>(facts: readonly T[], name: string): T {
  const found = facts.filter((fact) => fact.name === name);
  if (found.length !== 1) {
    throw new Error(`${found.length} facts are called ${name}: there are ${facts.map((fact) => fact.name).join(', ')}`);
  }
  return found[0];
}

/** A value, or `? ` and why it is not known. */
export function valueOf<T>(value: Value<T> | undefined): T | string | undefined {
  return value && (value.known ? value.value : `? ${value.why}`);
}

/** The names of what is referred to, `? ` and why for what is not of what is given. */
export function namesOf<T extends Named>(references: ToMany<T>): readonly string[] | string {
  return references.known ? references.value.map(nameOf) : `? ${references.why}`;
}

export function nameOf<T extends Named>(to: To<T> | undefined): string {
  return to?.target?.name ?? `? ${to?.why}`;
}
