/** Judges what paths lead to, part by part, so that what is broken spoils nothing else. */
import { check, Finding, UndecidedFinding } from '../analysis/check';
import type { ReadOptions } from '../analysis/read-facts';
import type { Rule, Severity } from '../analysis/rule';
import { isBody, own, TemplateInput } from '../analysis/templates';
import { Group, withoutBroken } from './broken-templates';
import { BadInput } from './io';
import { didYouMean } from './near-matches';
import { groupTemplates } from './nested-templates';
import { Failure, findTemplates } from './template-files';

export interface Judging {
  readonly rules: readonly Rule[];
  readonly options: ReadOptions;
  readonly region?: string;
  /** Values of parameters. */
  readonly assumed: ReadonlyMap<string, string>;
  /** Called after each part, with the number of templates judged so far and of all. */
  readonly progress: (done: number, total: number) => void;
}

export interface JudgedFinding extends Finding {
  /** The reason why it is acknowledged. */
  readonly acknowledged?: string;
}

export interface Judged {
  readonly findings: readonly JudgedFinding[];
  readonly undecided: readonly UndecidedFinding[];
  readonly failures: readonly Failure[];
  readonly templates: number;
  readonly services: number;
}

export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** @throws BadInput for an assumed parameter that no template has */
export function judge(paths: readonly string[], judging: Judging): Judged {
  const found = findTemplates(paths);
  const placed = { region: judging.region, parameters: Object.fromEntries(judging.assumed) };
  const grouped = groupTemplates(found.templates, placed);
  const failures = [...found.failures, ...grouped.failures];
  const groups = grouped.groups;
  refuseUnknown(judging.assumed, groups);

  const total = sum(groups.map(({ length }) => length));
  let done = 0;
  const reports = groups.flatMap((group) => {
    const report = withoutBroken(group, failures, (whole) => (
      { ...check(whole, judging.rules, judging.options), templates: whole.length }));
    judging.progress(done += group.length, total);
    return report ?? [];
  });
  const shown = (name: string) => grouped.shownNames.get(name) ?? name;
  const findings = once(inOrder(reports.flatMap((report) => report.findings).map((one) => ({ ...one, template: shown(one.template) }))));
  return {
    findings,
    undecided: once(reports.flatMap((report) => report.undecided).map((one) => ({ ...one, template: shown(one.template) })), findings),
    failures: [...new Map(failures.map(({ path, problem }) => [`${shown(path)}\n${problem}`, { path: shown(path), problem }])).values()],
    templates: sum(reports.map((report) => report.templates)),
    services: sum(reports.map((report) => report.services)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function refuseUnknown(assumed: ReadonlyMap<string, string>, groups: readonly Group[]): void {
  if (assumed.size === 0) {
    return;
  }
  const declared = new Set(groups.flat().flatMap(parametersOf));
  for (const name of assumed.keys()) {
    if (!declared.has(name)) {
      throw new BadInput(`no template has a parameter ${name}${didYouMean(name, declared)}`);
    }
  }
}

function parametersOf({ body }: TemplateInput): string[] {
  const parameters = isBody(body) ? own(body, 'Parameters') : undefined;
  return isBody(parameters) ? Object.keys(parameters) : [];
}

/** Template by template as they were given, the severest first. */
function inOrder<T extends Finding>(findings: readonly T[]): T[] {
  const templates = new Map([...new Set(findings.map(({ template }) => template))].map((template, index) => [template, index]));
  return [...findings].sort((a, b) => templates.get(a.template)! - templates.get(b.template)!
    || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

type Said = Pick<Finding, 'rule' | 'template' | 'resource'>;

/** One thing per rule and resource, the first, where a template is judged in several places; nothing of what is said already. */
function once<T extends Said>(all: readonly T[], already: readonly Said[] = []): T[] {
  const key = ({ rule, template, resource }: Said) => `${rule}\n${template}\n${resource}`;
  const seen = new Set(already.map(key));
  return all.filter((one) => seen.size < seen.add(key(one)).size);
}
