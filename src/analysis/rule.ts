import type { Facts, Subject } from './facts';

/**
 * How bad a problem is. `error`: it cannot deploy, place, or ever be updated. `warning`: it fails under a load, a deployment or a zone loss
 * that will come, or it is unsafe. `info`: worth knowing.
 */
export type Severity = 'error' | 'warning' | 'info';

/** From the severest to the mildest. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** What a rule says of a resource. */
export interface Problem {
  readonly severity: Severity;
  /** What it is about. One finding per rule and resource: of several problems of one resource the severest speaks. */
  readonly subject: Subject;
  /** The finding in a sentence, subject and numbers first, without a full stop. */
  readonly message: string;
  /** The ways out, computed for this case, by our prop and by CloudFormation property. */
  readonly fix: string;
  /** What it rests on that could be otherwise. */
  readonly assumes?: readonly string[];
}

/** What a rule could not decide of a resource. Never a problem, reported apart. */
export interface NotDecidable {
  readonly subject: Subject;
  /** The first thing that is not known, as a clause. */
  readonly why: string;
}

export type Judgement = ({ readonly kind: 'problem' } & Problem) | ({ readonly kind: 'not-decidable' } & NotDecidable);

/** One rule: its file is named by its id, and so are its test and the anchor in the docs. */
export interface Rule {
  /** Short, static, kebab-case. */
  readonly id: string;
  readonly family: Family;
  /** One line for a list of rules. */
  readonly summary: string;
  /** Why it matters: what happens when it is left as it is. */
  readonly why: string;
  /** How to mend it, by our prop and by CloudFormation property. */
  readonly fix: string;
  /** When it is right to acknowledge it. */
  readonly acknowledge: string;
  /** Where the limits and behaviours it rests on are documented. */
  readonly source: string;
  /** A template's `Resources` with one problem of this rule, and the same put right. Run by the tests, printed in docs/rules.md. */
  readonly bad: Readonly<Record<string, unknown>>;
  readonly good: Readonly<Record<string, unknown>>;
  judge(facts: Facts): Iterable<Judgement>;
}

export type Family = 'eni-density' | 'addresses' | 'security-groups' | 'ports-and-deployments' | 'coherence' | 'isolation' | 'ipv6';

export function problem(fields: Problem): Judgement {
  return { kind: 'problem', ...fields };
}

export function notDecidable(subject: Subject, why: string): Judgement {
  return { kind: 'not-decidable', subject, why };
}
