/** Judges what paths lead to, part by part, so that what is broken spoils nothing else. */
import { existsSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { check, Finding, UndecidedFinding } from '../analysis/check';
import type { ReadOptions } from '../analysis/read-facts';
import { Rule, SEVERITIES } from '../analysis/rule';
import { RULES } from '../analysis/rules';
import { TemplateError } from '../analysis/templates';
import { union } from '../analysis/value';
import { Acknowledgements } from '../checks/acknowledgements';
import { readAssembly } from '../checks/assembly-source';
import { parseTemplate } from '../checks/template-text';
import { Assumed, assumedIn, declaredIn, refusalsOf } from './assumed';
import { Group, withoutBroken } from './broken-templates';
import { BadInput } from './io';
import { didYouMean } from './near-matches';
import { groupTemplates, Placed } from './nested-templates';
import { AssemblyFolder, Failure, findTemplates, problemOf } from './template-files';

export interface Judging {
  readonly rules: readonly Rule[];
  readonly options: ReadOptions;
  readonly region?: string;
  /** Values of parameters. */
  readonly assumed: Assumed;
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
  /** What whoever runs it should know, beside what it finds. */
  readonly warnings: readonly string[];
  readonly templates: number;
  readonly services: number;
}

/** Templates to judge together, with what is acknowledged of them. */
interface Part {
  readonly group: Group;
  readonly acknowledgements?: Acknowledgements;
}

interface AssemblyPart extends Part, AssemblyFolder {}

/** @throws BadInput for an assumed parameter that no template has, or of which none takes the value, where all could be read */
export function judge(paths: readonly string[], judging: Judging): Judged {
  const found = findTemplates(paths);
  const ofAssembly: Failure[] = [];
  const assemblies = withoutInner(found.assemblies.flatMap((assembly) => assemblyPart(assembly, judging, ofAssembly) ?? []));
  const inAssemblies = new Set(found.templates.length > 0 ? assemblies.flatMap((part) => [...filesOf(part)]) : []);
  const grouped = groupTemplates(found.templates.filter(({ file }) => !inAssemblies.has(file)), placedBy(judging));
  const failures = [...found.failures, ...grouped.failures, ...ofAssembly];
  const parts: Part[] = [...assemblies, ...grouped.groups.map((group) => ({ group }))];
  const unknown = unknownOf(judging.assumed, parts);
  if (unknown.length > 0 && failures.length === 0) {
    throw new BadInput(`no template has ${unknown[0]}`);
  }
  const refusals = refusalsOf(judging.assumed, parts.flatMap(({ group }) => group));
  const refused = refusals.find(({ byAll }) => byAll);
  if (refused && failures.length === 0) {
    throw new BadInput(refused.problem);
  }

  const total = sum(parts.map(({ group }) => group.length));
  let done = 0;
  const reports = parts.flatMap((part) => {
    const report = reportOn(part, judging, failures);
    judging.progress(done += part.group.length, total);
    return report ?? [];
  });
  const ofAssemblies = parts.flatMap(({ group, acknowledgements }) => acknowledgements ? numbered(group) : []);
  const shownNames = new Map([...grouped.shownNames, ...ofAssemblies]);
  const shown = (name: string) => shownNames.get(name) ?? name;
  const findings = once(inOrder(reports.flatMap((report) => report.findings).map((one) => ({ ...one, template: shown(one.template) }))));
  return {
    findings,
    undecided: once(reports.flatMap((report) => report.undecided).map((one) => ({ ...one, template: shown(one.template) })), findings),
    failures: [...new Map(failures.map(({ path, problem }) => [`${shown(path)}\n${problem}`, { path: shown(path), problem }])).values()],
    warnings: [
      ...grouped.warnings,
      // What could not be read may have it.
      ...unknown.map((parameter) => `no template that could be read has ${parameter}`),
      ...union(refusals.map(({ template, problem }) => `${shown(template)}: ${problem}; it is not assumed there`)),
      ...parts.flatMap(({ acknowledgements }) => acknowledgements?.unknown(RULES) ?? [])
        .map(({ id, paths: places }) => `${id} is acknowledged, and there is no such rule: ${places.map((place) => place || 'the app').join(', ')}`),
    ],
    templates: sum(reports.map((report) => report.templates)),
    services: sum(reports.map((report) => report.services)),
  };
}

/** Without the stages that were given besides the assembly that they are of: there they are judged with all else of the app. */
function withoutInner(parts: readonly AssemblyPart[]): readonly AssemblyPart[] {
  return parts.filter((part) => !parts.some((other) => {
    const files = part.folder.startsWith(join(other.folder, sep)) ? filesOf(other) : undefined;
    return files && [...filesOf(part)].every((file) => files.has(file));
  }));
}

/** The real paths of the templates. */
function filesOf(part: AssemblyPart): ReadonlySet<string> {
  const files = new Map(numbered(part.group));
  return new Set(part.group.map(({ name }) => {
    // The name of a folder may lead through symbolic links, past which no path can be put together.
    const path = join(part.folder, relative(part.name, files.get(name) ?? name));
    return existsSync(path) ? realpathSync(path) : path;
  }));
}

/** The files of an assembly's templates that are nested more than once, by the names with a number that tell them apart. */
function numbered(group: Group): ReadonlyArray<readonly [string, string]> {
  const names = new Set(group.map(({ name }) => name));
  return group.flatMap(({ name }) => {
    const file = name.replace(/ \(\d+\)$/, '');
    return file !== name && names.has(file) ? [[name, file] as const] : [];
  });
}

function placedBy({ region, assumed }: Judging): Placed {
  return (body) => ({ region, ...assumedIn(body, assumed) });
}

/** The stacks of an assembly. What is assumed of parameters goes before what the app says of them. */
function assemblyPart({ folder, name }: AssemblyFolder, judging: Judging, failures: Failure[]): AssemblyPart | undefined {
  const placed = placedBy(judging);
  const failed = (error: TemplateError) => {
    failures.push({ path: error.template, problem: problemOf(error) });
  };
  try {
    const { templates, acknowledgements } = readAssembly(folder, name, { parse: parseTemplate, failed });
    return {
      folder,
      name,
      group: templates.map((input) => {
        const { region, parameters, resolved } = placed(input.body);
        return { ...input, region: input.region ?? region, parameters: { ...input.parameters, ...parameters }, resolved };
      }),
      acknowledgements: new Acknowledgements(acknowledgements),
    };
  } catch (error) {
    if (!(error instanceof TemplateError)) {
      throw error;
    }
    failed(error);
    return undefined;
  }
}

function reportOn({ group, acknowledgements }: Part, { rules, options }: Judging, failures: Failure[]) {
  return withoutBroken(group, failures, (whole) => {
    const report = check(whole, rules, options);
    return {
      ...report,
      findings: report.findings.map((finding): JudgedFinding => ({ ...finding, acknowledged: acknowledgements?.reasonFor(finding) })),
      templates: whole.length,
    };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** The assumed parameters that none of the templates has. */
function unknownOf(assumed: Assumed, parts: readonly Part[]): readonly string[] {
  if (assumed.size === 0) {
    return [];
  }
  const declared = new Set(parts.flatMap(({ group }) => group.flatMap(({ body }) => Object.keys(declaredIn(body)))));
  return [...assumed.keys()].filter((name) => !declared.has(name)).map((name) => `a parameter ${name}${didYouMean(name, declared)}`);
}

/** Template by template as they were given, the severest first. */
function inOrder<T extends Finding>(findings: readonly T[]): T[] {
  const templates = new Map([...new Set(findings.map(({ template }) => template))].map((template, index) => [template, index]));
  return [...findings].sort((a, b) => templates.get(a.template)! - templates.get(b.template)!
    || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

type Said = Pick<Finding, 'rule' | 'template' | 'resource' | 'path'>;

/** One thing per rule, resource and construct, the first, where a template is judged in several places; nothing of what is said already. */
function once<T extends Said>(all: readonly T[], already: readonly Said[] = []): T[] {
  const key = ({ rule, template, resource, path }: Said) => [rule, template, resource, path].join('\n');
  const seen = new Set(already.map(key));
  return all.filter((one) => seen.size < seen.add(key(one)).size);
}
