/**
 * Judges templates by rules: the one engine behind the plugin, the aspects and the command line.
 */
import type { Facts, Subject } from './facts';
import { readFacts, ReadOptions } from './read-facts';
import { makesResources } from './read-facts/joins';
import type { World } from './resources';
import type { Judgement, NotDecidable, Problem, Rule, Severity } from './rule';
import type { TemplateInput } from './templates';
import { union } from './value';
import { groupsOf, worldsOf } from './worlds';

/** What a rule found, in the form in which it is reported everywhere. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  /** The template as it was given. */
  readonly template: string;
  readonly stack?: string;
  /** The logical id. */
  readonly resource: string;
  /** The construct path, where it is known. */
  readonly path?: string;
  readonly message: string;
  readonly fix: string;
  /** What it rests on that could be otherwise; a choice of conditions is one. */
  readonly assumes: readonly string[];
  /** How to acknowledge it. */
  readonly acknowledgement: string;
  readonly source: string;
}

/** What a rule could not decide of a resource. */
export interface UndecidedFinding {
  /** `*` for what no rule sees: a part of a template of which a loop or a macro makes resources. */
  readonly rule: string;
  readonly template: string;
  readonly stack?: string;
  readonly resource: string;
  readonly path?: string;
  readonly why: string;
}

export interface Report {
  readonly findings: readonly Finding[];
  readonly undecided: readonly UndecidedFinding[];
  /** How many services there are to judge. */
  readonly services: number;
}

/** The name under which findings are acknowledged: `EcsNetworkModes::eni-density`. */
export const PLUGIN_NAME = 'EcsNetworkModes';

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'error'];

/**
 * Judges templates together: references between them are followed.
 *
 * A problem that is one in every world is reported as it is, at its mildest; one that depends on conditions which nothing decides names
 * those under which it is one. What is undecided in a world where another has a problem is not reported beside it.
 *
 * @throws TemplateError for what is no template
 */
export function check(inputs: readonly TemplateInput[], rules: readonly Rule[], options: ReadOptions = {}): Report {
  const judge = (worlds: Iterable<World>) => judgedWorlds(worlds, rules, options);
  // Where more conditions are open in all of them than are explored, templates that have nothing to do with each other are judged apart.
  const together = judge(worldsOf(inputs));
  const parts = together ? [together] : groupsOf(inputs).map((worlds) => judge(worlds) ?? judgedWorlds(worlds, rules, options, true)!);
  const merged = rules.flatMap((rule) => parts.flatMap(({ worlds }) => mergedOver(rule, worlds)));
  return {
    findings: merged.filter((one): one is Finding => 'severity' in one),
    undecided: [...merged.filter((one): one is UndecidedFinding => 'why' in one), ...parts.flatMap(({ unread }) => unread.filter(makesResources).map(unreadPart))],
    services: parts.reduce((total, { services }) => total + services, 0),
  };
}

interface Judged {
  readonly worlds: readonly JudgedWorld[];
  readonly services: number;
  readonly unread: World['unread'];
}

/** What is said in each world; `undefined`, unless it is wanted `anyway`, where more conditions are open than are explored. */
function judgedWorlds(explored: Iterable<World>, rules: readonly Rule[], options: ReadOptions, anyway = false): Judged | undefined {
  const worlds: JudgedWorld[] = [];
  let services = 0;
  let unread: World['unread'] = [];
  for (const world of explored) {
    const facts = readFacts(world, options);
    services = Math.max(services, facts.services.length);
    // Before the next world: what is asked now decides which others there are.
    const judgements = new Map(rules.map((rule) => [rule, judged(rule, facts)]));
    if (world.open.length > 0 && !anyway) {
      return undefined;
    }
    worlds.push({ world, judgements });
    unread = world.unread;
  }
  return { worlds, services, unread };
}

function unreadPart({ template, path, why }: World['unread'][number]): UndecidedFinding {
  return { rule: '*', template: template.name, stack: template.stack, resource: path.replace(/^Resources\./, ''), path: undefined, why };
}

interface JudgedWorld {
  readonly world: World;
  readonly judgements: ReadonlyMap<Rule, ReadonlyMap<string, Judgement>>;
}

/** What a rule says of each resource: one thing, the severest of its problems, and a problem before what is not decidable. */
function judged(rule: Rule, facts: Facts): Map<string, Judgement> {
  const byResource = new Map<string, Judgement>();
  for (const judgement of rule.judge(facts)) {
    const key = keyOf(judgement.subject);
    const earlier = byResource.get(key);
    if (!earlier || weightOf(judgement) > weightOf(earlier)) {
      byResource.set(key, judgement);
    }
  }
  return byResource;
}

function weightOf(judgement: Judgement): number {
  return judgement.kind === 'problem' ? 1 + SEVERITIES.indexOf(judgement.severity) : 0;
}

function keyOf({ resource }: Subject): string {
  return `${resource.template.name}\n${resource.logicalId}`;
}

/** One finding per rule and resource over all worlds. */
function mergedOver(rule: Rule, worlds: readonly JudgedWorld[]): Array<Finding | UndecidedFinding> {
  const keys = new Set(worlds.flatMap(({ judgements }) => [...judgements.get(rule)!.keys()]));
  return [...keys].map((key) => {
    const said = worlds.flatMap(({ world, judgements }) => {
      const judgement = judgements.get(rule)!.get(key);
      return judgement ? [{ world, judgement }] : [];
    });
    const problems = said.filter((one): one is { world: World; judgement: Judgement & { kind: 'problem' } } => one.judgement.kind === 'problem');
    if (problems.length === 0) {
      return undecided(rule, said[0].judgement as NotDecidable);
    }
    const mildest = problems.reduce((a, b) => weightOf(b.judgement) < weightOf(a.judgement) ? b : a);
    return problems.length === worlds.length
      ? finding(rule, mildest.judgement, [])
      : finding(rule, problems[0].judgement, sharedChoices(problems.map(({ world }) => world)));
  });
}

/** What some worlds have chosen alike; where that is nothing, what the first has chosen. */
function sharedChoices([first, ...others]: readonly World[]): readonly string[] {
  const shared = first.chosen.filter((choice) => others.every(({ chosen }) => chosen.includes(choice)));
  return shared.length > 0 ? shared : first.chosen;
}

function finding(rule: Rule, { subject, severity, message, fix, assumes = [] }: Problem, chosen: readonly string[]): Finding {
  return {
    rule: rule.id,
    severity,
    ...placeOf(subject),
    message,
    fix,
    assumes: union(chosen, assumes),
    acknowledgement: `Validations.of(construct).acknowledge({ id: '${PLUGIN_NAME}::${rule.id}', reason: '…' })`,
    source: rule.source,
  };
}

function undecided(rule: Rule, { subject, why }: NotDecidable): UndecidedFinding {
  return { rule: rule.id, ...placeOf(subject), why };
}

function placeOf({ resource }: Subject): Pick<Finding, 'template' | 'stack' | 'resource' | 'path'> {
  const { template, logicalId, path } = resource;
  return { template: template.name, stack: template.stack, resource: logicalId, path };
}
