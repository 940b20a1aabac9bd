/** `check`: judges what is given and reports it. */
import { readFileSync } from 'node:fs';
import type { ReadOptions } from '../analysis/read-facts';
import { SEVERITIES } from '../analysis/rule';
import { RULES } from '../analysis/rules';
import { json } from './formats/json';
import { sarif } from './formats/sarif';
import { text } from './formats/text';
import { BadInput, Io } from './io';
import { judge, Judged } from './judging';
import { ResourceLines, resourceLines } from './resource-lines';
import { ruleNamed } from './rules-named';
import type { ExitCode, Pair } from './run';
import { coloursFor, printable, Progress } from './terminal';

export interface CheckOptions {
  readonly format: 'text' | 'json' | 'sarif';
  readonly failOn: 'error' | 'warning';
  readonly rule?: readonly string[];
  readonly assume?: readonly Pair[];
  readonly accountSetting?: readonly Pair[];
  readonly region?: string;
}

export function checkCommand(paths: readonly string[], options: CheckOptions, io: Io): ExitCode {
  const asked = new Set(options.rule?.map(ruleNamed));
  const rules = RULES.filter((rule) => asked.size === 0 || asked.has(rule));
  const accountSettings = settingsOf(options.accountSetting);
  const progress = new Progress(io.stderr);
  const judged = judge(paths, {
    rules,
    options: { accountSettings },
    region: regionOf(options.region),
    assumed: new Map(options.assume),
    progress: (done, total) => progress.tell(done, total),
  });
  progress.end();

  for (const { path, problem } of judged.failures) {
    io.stderr.write(`error: ${printable(`${path}: ${problem}`)}\n`);
  }
  judged.warnings.forEach((warning) => io.stderr.write(`warning: ${printable(warning)}\n`));
  const reported = { ...judged, linesOf: linesReader() };
  switch (options.format) {
    case 'text': io.stdout.write(text(reported, coloursFor(io.stdout, io.env))); break;
    case 'json': io.stdout.write(json(reported)); break;
    case 'sarif': io.stdout.write(sarif(reported, rules)); break;
  }
  return exitCodeOf(judged, options.failOn);
}

function exitCodeOf({ findings, failures }: Judged, failOn: CheckOptions['failOn']): ExitCode {
  if (failures.length > 0) {
    return 2;
  }
  const failing = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  return findings.some(({ severity, acknowledged }) => acknowledged === undefined && failing.includes(severity)) ? 1 : 0;
}

const SETTINGS: ReadonlyArray<keyof NonNullable<ReadOptions['accountSettings']>> = ['awsvpcTrunking', 'dualStackIPv6'];

function settingsOf(pairs: readonly Pair[] = []): ReadOptions['accountSettings'] {
  return Object.fromEntries(pairs.map(([given, value]) => {
    const name = SETTINGS.find((each) => each === given);
    if (!name) {
      throw new BadInput(`there is no account setting ${given} here; it can be ${SETTINGS.join(' or ')}`);
    }
    if (value !== 'enabled' && value !== 'disabled') {
      throw new BadInput(`account setting ${name} must be enabled or disabled, got ${value}`);
    }
    return [name, value];
  }));
}

/** New Regions come often, so what has their form may be one: `eu-west-1`, `us-gov-east-1`, `eusc-de-east-1`. */
function regionOf(region: string | undefined): string | undefined {
  if (region !== undefined && !/^[a-z]+(-[a-z]+)+-\d+$/.test(region)) {
    throw new BadInput(`--region must be the name of a Region such as eu-west-1, got ${region}`);
  }
  return region;
}

/** Reads the lines of a template when they are first asked for. A template that is gone by now has none. */
function linesReader(): (template: string) => ResourceLines {
  const known = new Map<string, ResourceLines>();
  return (template) => {
    let lines = known.get(template);
    if (!lines) {
      try {
        lines = resourceLines(readFileSync(template, 'utf-8'));
      } catch {
        lines = new Map();
      }
      known.set(template, lines);
    }
    return lines;
  };
}
