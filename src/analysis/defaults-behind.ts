/** Which defaults of parameters findings rest on. */
import type { ParameterDefault } from './resources';
import { SEVERITIES, Severity } from './rule';
import type { TemplateInput } from './templates';
import { union } from './value';

/** What this needs of a finding. */
interface Found {
  readonly rule: string;
  readonly template: string;
  readonly resource: string;
  readonly severity: Severity;
  readonly assumes: readonly string[];
}

/**
 * What is found where some parameters have no default, at least of the rules of some findings. Not exactly: what is found whatever
 * conditions lead to. Exactly: what is found in every world. `undefined` where that takes too much.
 */
export type Rejudge<T> = (without: readonly ParameterDefault[], findings: readonly T[], exactly: boolean) => readonly T[] | undefined;

/**
 * The findings, each with the defaults without which it would not be there, would be milder or would rest on more. Rules say of the values
 * that they read what these rest on; that there is a resource or a property at all, or none, rests on defaults as well.
 *
 * Most defaults matter to no finding: halves of them are left out together, and only where that matters each half's halves.
 */
export function withDefaultsBehind<T extends Found>(
  findings: readonly T[], defaults: readonly ParameterDefault[], rejudge: Rejudge<T>,
): readonly T[] {
  const behind = new Map<T, ParameterDefault[]>(findings.map((finding) => [finding, []]));
  const search = (some: readonly ParameterDefault[], among: readonly T[]): void => {
    if (some.length === 0 || among.length === 0) {
      return;
    }
    const left = rejudge(some, among, some.length <= 2);
    const stays = new Map(left?.map((one) => [placeKey(one), one]));
    const gone = among.filter((finding) => !isStill(finding, stays.get(placeKey(finding))));
    if (some.length === 1) {
      (left ? gone : []).forEach((finding) => behind.get(finding)!.push(some[0]));
      return;
    }
    const before = new Map(gone.map((finding) => [finding, behind.get(finding)!.length]));
    const middle = Math.ceil(some.length / 2);
    search(some.slice(0, middle), gone);
    search(some.slice(middle), gone);
    // Where either may be left out, but not both, both are named.
    if (left && some.length === 2) {
      const unnamed = gone.filter((finding) => behind.get(finding)!.length === before.get(finding));
      unnamed.forEach((finding) => behind.get(finding)!.push(...some));
    }
  };
  search(defaults, findings);
  const assumptionsOf = (finding: T) => behind.get(finding)!.map(({ assumption }) => assumption);
  return findings.map((finding) => ({ ...finding, assumes: union(finding.assumes, assumptionsOf(finding)) }));
}

/** Templates in which some parameters have no default. */
export function withoutDefaults(inputs: readonly TemplateInput[], without: readonly ParameterDefault[]): readonly TemplateInput[] {
  const of = (name: string) => without.filter(({ template }) => template === name).map(({ parameter }) => parameter);
  return inputs.map((input) => ({ ...input, withoutDefaults: new Set(of(input.name)) }));
}

/** What there is one finding of. */
export function placeKey({ rule, template, resource }: Pick<Found, 'rule' | 'template' | 'resource'>): string {
  return JSON.stringify([rule, template, resource]);
}

function isStill(finding: Found, other: Found | undefined): boolean {
  return other !== undefined && SEVERITIES.indexOf(other.severity) <= SEVERITIES.indexOf(finding.severity)
    && other.assumes.every((one) => finding.assumes.includes(one));
}
