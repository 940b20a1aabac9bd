/** `limits`: what instance types allow, in the numbers the rules judge by. */
import { InstanceLimits, instanceLimits, instanceTypesInTable } from '../limits/instance-limits';
import { awsvpcTasksWithoutTrunking, awsvpcTasksWithTrunking, Interval, trunkingVerdict } from '../limits/task-density';
import type { Io } from './io';
import { didYouMean } from './near-matches';
import type { ExitCode } from './run';
import { coloursFor } from './terminal';

export function limitsCommand(types: readonly string[], options: { readonly format: string }, io: Io): ExitCode {
  const given = [...new Set(types)].map((type) => ({ type, limits: instanceLimits(type) }));
  const known = given.flatMap(({ limits }) => limits ?? []).map(described);
  if (options.format === 'json') {
    io.stdout.write(`${JSON.stringify({ version: 1, types: known }, undefined, 2)}\n`);
  } else {
    io.stdout.write(known.map((type) => text(type, io)).join('\n'));
  }
  const unknown = given.filter(({ limits }) => !limits);
  for (const { type } of unknown) {
    io.stderr.write(`error: instance type ${type} is not in the table${didYouMean(type, instanceTypesInTable())}\n`);
  }
  return unknown.length > 0 ? 2 : 0;
}

type Described = ReturnType<typeof described>;

/** The figures of the table, and what the rules make of them. */
function described(limits: InstanceLimits) {
  return {
    ...limits,
    awsvpcTasks: { withoutTrunking: awsvpcTasksWithoutTrunking(limits), withTrunking: awsvpcTasksWithTrunking(limits) },
    trunkingVerdict: trunkingVerdict(limits),
  };
}

function text(type: Described, io: Io): string {
  const { awsvpcTasks: { withoutTrunking, withTrunking }, trunkingVerdict: { why, sourcesDiffer }, networkCards = 1 } = type;
  const cards = networkCards > 1 ? `, over ${networkCards} network cards (${number(type.defaultCardEnis)} on the first)` : '';
  const rows: ReadonlyArray<readonly [string, string]> = [
    ['vCPUs', number(type.vcpus)],
    ['memory', type.memoryMiB === undefined ? NOT_KNOWN : `${number(type.memoryMiB)} MiB`],
    ['network interfaces', `${number(type.maxEnis)}${cards}`],
    ['addresses per interface', `${number(type.ipv4PerEni)} IPv4${type.ipv6Supported ? ', IPv6 as well' : type.ipv6Supported === false ? ', no IPv6' : ''}`],
    ['awsvpc tasks without trunking', interval(withoutTrunking)],
    ['awsvpc tasks with trunking', withTrunking ? interval(withTrunking) : type.trunking === 'supported' ? NOT_KNOWN : 'none'],
    ['trunking', `${SUPPORT[type.trunking]}: ${why}`],
    ...sourcesDiffer && !why.includes(sourcesDiffer) ? [['sources differ', sourcesDiffer] as const] : [],
    ['sources', type.sources.join(', ')],
    ...type.notes.map((note) => ['note', note] as const),
  ];
  return `${coloursFor(io.stdout, io.env).bold(type.instanceType)}\n${rows.map(([name, value]) => `  ${name.padEnd(31)}${value}\n`).join('')}`;
}

const NOT_KNOWN = 'not known';

const SUPPORT: Readonly<Record<InstanceLimits['trunking'], string>> = {
  supported: 'supported', excluded: 'excluded', unlisted: 'not decidable', no: 'not supported',
};

function number(value: number | undefined): string {
  return value === undefined ? NOT_KNOWN : value.toLocaleString('en');
}

function interval(tasks: Interval | undefined): string {
  return tasks === undefined ? NOT_KNOWN : tasks.fewest === tasks.most ? number(tasks.most) : `${number(tasks.fewest)} to ${number(tasks.most)}`;
}
