/** Templates for the tests of the analysis and of its rules. */
import type { Evaluated, Resource, World } from '../../src/analysis/resources';
import { TemplateInput } from '../../src/analysis/templates';
import { worldsOf } from '../../src/analysis/worlds';

/** The body of a template; only `Resources` must be there. */
export interface GivenBody {
  readonly Resources: Readonly<Record<string, unknown>>;
  readonly [section: string]: unknown;
}

/** A template called `template.yaml`, unless more is said of it. */
export function given(body: GivenBody, more: Partial<TemplateInput> = {}): TemplateInput {
  return { name: 'template.yaml', body, ...more };
}

/** A world, and what was asked of it. */
export interface Asked<T> {
  readonly world: World;
  readonly answer: T;
}

/**
 * Every world of some templates. `ask` is what is asked of each: conditions are chosen when they are met, so that asking nothing finds one
 * world only.
 */
export function worlds<T>(inputs: readonly TemplateInput[], ask: (world: World) => T): ReadonlyArray<Asked<T>> {
  const found: Asked<T>[] = [];
  for (const one of worldsOf(inputs)) {
    found.push({ world: one, answer: ask(one) });
  }
  return found;
}

/** The one world of templates without open conditions; of others, the first. */
export function world(...inputs: ReadonlyArray<TemplateInput | GivenBody>): World {
  for (const first of worldsOf(inputs.map((input) => ('body' in input ? input as TemplateInput : given(input as GivenBody))))) {
    return first;
  }
  throw new Error('there is always a world');
}

/** The resource with a logical id, which must exist; `template` where several have it. */
export function resource(of: World, logicalId: string, type: string, template?: string): Resource {
  const found = of.resourcesOf(type).filter((one) => one.logicalId === logicalId && (!template || one.template.name === template));
  if (found.length !== 1) {
    throw new Error(`${found.length} resources are called ${logicalId}`);
  }
  return found[0];
}

/** An expression's value, written as property `Value` of a resource beside the rest of a template. */
export function evaluated(
  expression: unknown, rest: Readonly<Record<string, unknown>> = {}, more: Partial<TemplateInput> = {},
): Evaluated | undefined {
  const body = { ...rest, Resources: { ...rest.Resources as object, Subject: { Type: 'Test::Subject', Properties: { Value: expression } } } };
  return resource(world(given(body, more)), 'Subject', 'Test::Subject').property('Value');
}

/** An evaluated expression in few words, for comparisons: literals as they are, `{ ref }`, `{ att }`, `{ text }`, `{ why }`. */
export function plain(value: Evaluated | undefined): unknown {
  switch (value?.kind) {
    case undefined: return undefined;
    case 'scalar': return value.value;
    case 'list': return value.items.map(plain);
    case 'entries': return Object.fromEntries(value.keys.map((key) => [key, plain(value.entry(key))]));
    case 'text': return { text: value.parts.map((part) => typeof part === 'string' ? part : plain(part)) };
    case 'reference': return value.attribute === undefined
      ? { ref: value.resource.logicalId }
      : { att: `${value.resource.logicalId}.${value.attribute}` };
    case 'undecided': return { why: value.why };
  }
}
