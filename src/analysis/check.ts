/**
 * Judges templates by rules: the one engine behind the plugin, the aspects and the command line.
 */
import { MAX_CHOICES } from './conditions';
import { placeKey, Rejudge, withDefaultsBehind, withoutDefaults } from './defaults-behind';
import type { Facts, Subject } from './facts';
import { shown } from './intrinsics/results';
import { TOO_MANY_OPEN } from './intrinsics/truth';
import { readFacts, ReadOptions } from './read-facts';
import { makesResources } from './read-facts/joins';
import type { ParameterDefault, World } from './resources';
import { Judgement, NotDecidable, Problem, Rule, SEVERITIES, Severity } from './rule';
import { isBody, own, TemplateInput } from './templates';
import { union } from './value';
import { Exploration, groupsOf, worldsOf } from './worlds';

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
  /** `*` for what no rule sees: a part of a template of which a loop or a macro makes resources, or a stack whose template is not given. */
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

/**
 * Judges templates together: references between them are followed.
 *
 * Of the problems that a resource has in different worlds the severest is reported; it names the conditions that lead to it, if nothing
 * decides them and it is not the same in every world. What is undecided in a world where another has a problem is not reported beside it.
 *
 * @throws TemplateError for what is no template
 */
export function check(inputs: readonly TemplateInput[], rules: readonly Rule[], options: ReadOptions = {}): Report {
  const { findings, undecided, services, defaults, choices } = judgedTogether(inputs, rules, options);
  let worldsLeft = MOST_REJUDGED / inputs.reduce((total, { body }) => total + resourcesIn(body), 0);
  const rejudge: Rejudge<Finding> = (without, among, exactly) => {
    const concerned = rules.filter(({ id }) => among.some(({ rule }) => rule === id));
    const others = withoutDefaults(inputs, without);
    const judge = (exploration: Exploration, anyway: boolean) => {
      const judged = worldsLeft < 0 ? undefined : judgedWorlds(worldsOf(others, exploration), concerned, options, anyway);
      worldsLeft -= judged?.worlds.length ?? 1;
      return judged;
    };
    const most = judge(exactly ? { most: Math.min(choices + CHOICES_OF_DEFAULTS, MAX_CHOICES) } : { most: 0 }, !exactly);
    const found = most && merged(concerned, most);
    if (!found || most.worlds.every(({ world }) => world.open.length === 0)) {
      return found?.findings;
    }
    const least = judge({ most: 0, openExist: false }, true);
    return least && inBoth(found, merged(concerned, least)).findings;
  };
  return { findings: withDefaultsBehind(findings, defaults, rejudge), undecided, services };
}

/** How many conditions may hang on one or two parameters for their defaults to be judged: eight times as many worlds. */
const CHOICES_OF_DEFAULTS = 3;

/**
 * How many resources are judged again, in every world, to see what rests on defaults: a second or two. In a set that is so large, or has so
 * many defaults that matter, some are not named.
 */
const MOST_REJUDGED = 30_000;

function resourcesIn(body: unknown): number {
  const resources = isBody(body) ? own(body, 'Resources') : undefined;
  return isBody(resources) ? Object.keys(resources).length : 0;
}

/** What is found, and which defaults of parameters were asked for. */
interface Found extends Report {
  readonly defaults: readonly ParameterDefault[];
  /** How many conditions were chosen. */
  readonly choices: number;
}

function judgedTogether(inputs: readonly TemplateInput[], rules: readonly Rule[], options: ReadOptions): Found {
  const judge = (worlds: Iterable<World>, anyway = false) => judgedWorlds(worlds, rules, options, anyway);
  // Where more conditions are open in all of them than are explored, templates that have nothing to do with each other are judged apart.
  const together = judge(worldsOf(inputs));
  const parts = together ? [merged(rules, together)] : groupsOf(inputs).map((group) => {
    const apart = judge(group.worlds());
    const anyway = (openExist: boolean) => merged(rules, judge(group.worlds({ openExist }), true)!);
    return apart ? merged(rules, apart) : inBoth(anyway(true), anyway(false));
  });
  return {
    findings: parts.flatMap(({ findings }) => findings),
    undecided: parts.flatMap(({ undecided }) => undecided),
    services: parts.reduce((total, { services }) => total + services, 0),
    defaults: eachDefault(parts.flatMap(({ defaults }) => defaults)),
    choices: Math.max(0, ...parts.map(({ choices }) => choices)),
  };
}

function eachDefault(defaults: readonly ParameterDefault[]): readonly ParameterDefault[] {
  return [...new Map(defaults.map((one) => [JSON.stringify([one.template, one.parameter]), one])).values()];
}

/**
 * What holds though more conditions are open than are explored: what is found whether resources exist whose condition stays open, or not.
 * All else is undecided.
 */
function inBoth(most: Found, least: Found): Found {
  const keyOfFinding = (one: Finding) => JSON.stringify([placeKey(one), one.severity, one.message]);
  const [there, others] = [most, least].map((report) => new Map(report.findings.map((one) => [keyOfFinding(one), one])));
  const isThere = (key: string) => there.has(key) && others.has(key);
  const open = [...there, ...others].filter(([key]) => !isThere(key)).map(([, one]) => undecidedOf(one, TOO_MANY_OPEN));
  const findings = [...there].filter(([key]) => others.has(key)).map(([, one]) => one);
  const seen = new Set(findings.map(placeKey));
  const undecided = [...open, ...most.undecided].filter((one) => {
    const key = placeKey(one);
    return !seen.has(key) && seen.add(key);
  });
  return { ...most, findings, undecided };
}

interface Judged {
  readonly worlds: readonly JudgedWorld[];
  readonly services: number;
  readonly unread: readonly UndecidedFinding[];
  readonly defaults: readonly ParameterDefault[];
}

/** What is said in each world; `undefined`, unless it is wanted `anyway`, where more conditions are open than are explored. */
function judgedWorlds(explored: Iterable<World>, rules: readonly Rule[], options: ReadOptions, anyway = false): Judged | undefined {
  const worlds: JudgedWorld[] = [];
  let services = 0;
  const unread = new Map<string, UndecidedFinding>();
  const defaults: ParameterDefault[] = [];
  for (const world of explored) {
    const facts = readFacts(world, options);
    services = Math.max(services, facts.services.length);
    // Before the next world: what is asked now decides which others there are.
    const judgements = new Map(rules.map((rule) => [rule, judged(rule, facts)]));
    if (world.open.length > 0 && !anyway) {
      return undefined;
    }
    worlds.push({ world, judgements });
    defaults.push(...world.defaults);
    [...world.unread.filter(makesResources).map(unreadPart), ...world.stacksNotGiven.map(stackNotGiven)].forEach((one) => (
      unread.set(placeKey(one), one)));
  }
  return { worlds, services, unread: [...unread.values()], defaults };
}

function unreadPart({ template, path, why }: World['unread'][number]): UndecidedFinding {
  return { rule: '*', template: template.name, stack: template.stack, resource: path.replace(/^Resources\./, ''), path: undefined, why };
}

/** A nested stack whose template lies elsewhere, such as in a bucket. */
function stackNotGiven({ resource, url }: World['stacksNotGiven'][number]): UndecidedFinding {
  const its = url === undefined ? 'its template' : `its template ${shown(url)}`;
  return { rule: '*', ...placeOf({ resource }), why: `${its} is not given: what is in it is not judged` };
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
  return judgement.kind === 'problem' ? SEVERITIES.length - SEVERITIES.indexOf(judgement.severity) : 0;
}

function keyOf({ resource }: Subject): string {
  return `${resource.template.name}\n${resource.logicalId}`;
}

/** One finding per rule and resource over all worlds. */
function merged(rules: readonly Rule[], { worlds, services, unread, defaults }: Judged): Found {
  const each = rules.flatMap((rule) => mergedOver(rule, worlds));
  return {
    findings: each.filter((one): one is Finding => 'severity' in one),
    undecided: [...each.filter((one): one is UndecidedFinding => 'why' in one), ...unread],
    services,
    defaults,
    choices: Math.max(0, ...worlds.map(({ world }) => world.chosen.length)),
  };
}

function mergedOver(rule: Rule, worlds: readonly JudgedWorld[]): Array<Finding | UndecidedFinding> {
  const keys = new Set(worlds.flatMap(({ judgements }) => [...judgements.get(rule)!.keys()]));
  return [...keys].map((key) => {
    const said = worlds.flatMap(({ world, judgements }) => {
      const judgement = judgements.get(rule)!.get(key);
      return judgement ? [{ world, judgement }] : [];
    });
    const { judgement: worst } = said.reduce((a, b) => weightOf(b.judgement) > weightOf(a.judgement) ? b : a);
    if (worst.kind !== 'problem') {
      return undecided(rule, worst);
    }
    const isAlike = (one: Judgement) => one.kind === 'problem' && one.severity === worst.severity && one.message === worst.message;
    const where = said.filter(({ judgement }) => isAlike(judgement)).map(({ world }) => world);
    return finding(rule, worst, leadingTo(new Set(where), worlds.map(({ world }) => world)));
  });
}

/** As few outcomes of conditions as lead to some of the worlds and to no others; none where these are all there are. */
function leadingTo(wanted: ReadonlySet<World>, worlds: readonly World[]): readonly string[] {
  const [{ chosen }] = wanted;
  const suffices = (outcomes: readonly string[]) => (
    worlds.every((world) => wanted.has(world) || outcomes.some((one) => world.ruledOut.includes(one))));
  // The last ones first: what is asked first, such as whether there is a resource, says the most.
  return chosen.reduceRight((kept, outcome) => {
    const fewer = kept.filter((one) => one !== outcome);
    return suffices(fewer) ? fewer : kept;
  }, chosen);
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

function undecidedOf({ rule, template, stack, resource, path }: Finding, why: string): UndecidedFinding {
  return { rule, template, stack, resource, path, why };
}

function undecided(rule: Rule, { subject, why }: NotDecidable): UndecidedFinding {
  return { rule: rule.id, ...placeOf(subject), why };
}

function placeOf({ resource }: Pick<Subject, 'resource'>): Pick<Finding, 'template' | 'stack' | 'resource' | 'path'> {
  const { template, logicalId, path } = resource;
  return { template: template.name, stack: template.stack, resource: logicalId, path };
}
