/**
 * What EC2 and ECS allow per instance type: network interfaces, addresses, and awsvpc tasks without and with ENI trunking.
 *
 * The figures are those of tools/instance-limits/instance-limits.csv and of the overrides beside it. docs/limits.md has the columns, the
 * sources and where they differ; task-density.ts judges the rows where they do.
 */
import { NOTES, ROWS, SOURCES } from './instance-limits.generated';

/**
 * Whether an instance type takes ENI trunking:
 *
 * - `supported`: the ECS guide lists it.
 * - `excluded`: the ECS guide excludes it, whether or not the VPC could.
 * - `unlisted`: the ECS guide's table lacks it, and the VPC could or, without `branchEnis`, that is not known either. Not decidable.
 * - `no`: it cannot.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/eni-trunking-supported-instance-types.html.
 */
export type TrunkingSupport = 'supported' | 'excluded' | 'unlisted' | 'no';

/** Where a number of tasks comes from: printed in the ECS guide's table, computed from the interfaces, or set by hand with a reason. */
export type FigureSource = 'guide' | 'computed' | 'override';

/** The limits of one instance type. What is left out is not known, which is not the same as zero. */
export interface InstanceLimits {
  readonly instanceType: string;
  readonly vcpus?: number;
  readonly memoryMiB?: number;
  /** Network interfaces over all network cards. */
  readonly maxEnis?: number;
  /** Network interfaces on the default card, where the primary one is. */
  readonly defaultCardEnis?: number;
  readonly networkCards?: number;
  /** Private IPv4 addresses that one interface may hold. */
  readonly ipv4PerEni?: number;
  /** Whether interfaces take IPv6 addresses. */
  readonly ipv6Supported?: boolean;
  /** Branch interfaces of a trunk. */
  readonly branchEnis?: number;
  readonly trunking: TrunkingSupport;
  /** Tasks in awsvpc mode without trunking, over all network cards. For what is certain: `awsvpcTasksWithoutTrunking`. */
  readonly tasksWithoutTrunking?: number;
  readonly withoutSource?: FigureSource;
  /** Tasks in awsvpc mode with trunking, over all network cards. For what is certain: `awsvpcTasksWithTrunking`. */
  readonly tasksWithTrunking?: number;
  readonly withSource?: FigureSource;
  /** Where the figures come from. Never empty. */
  readonly sources: readonly string[];
  /** Where sources differ, and what was set by hand. */
  readonly notes: readonly string[];
}

/** The note of a type that the guide's table lists, and whose family or itself the text of the same page excludes [T13]. */
export const LISTED_THOUGH_EXCLUDED = 'listed in the docs table although the page text excludes the type or family';

const TRUNKING: Record<string, TrunkingSupport> = { s: 'supported', e: 'excluded', u: 'unlisted', n: 'no' };
const FIGURE_SOURCE: Record<string, FigureSource> = { g: 'guide', c: 'computed', o: 'override' };

/** The types that were asked for: a check asks for the same few again and again. */
const limitsByType = new Map<string, InstanceLimits>();

/** The limits of an instance type such as `c5.large`. Undefined if the table does not have it: then nothing is known of it. */
export function instanceLimits(instanceType: string): InstanceLimits | undefined {
  const before = limitsByType.get(instanceType);
  // Looked for in the text: to take all of it apart takes longer than a check has use for.
  const at = before || /\s/.test(instanceType) ? -1 : ROWS.indexOf(`\n${instanceType} `);
  if (at < 0) {
    return before;
  }
  const start = at + instanceType.length + 2;
  const limits = parsed(instanceType, ROWS.slice(start, ROWS.indexOf('\n', start)));
  limitsByType.set(instanceType, limits);
  return limits;
}

/** Every instance type of the table, sorted. */
export function instanceTypesInTable(): readonly string[] {
  return ROWS.trim().split('\n').map((line) => line.slice(0, line.indexOf(' ')));
}

/** What a line of the generated table has behind its type; tools/instance-limits/generate.ts writes it. */
function parsed(instanceType: string, line: string): InstanceLimits {
  const [
    vcpus, memoryMiB, maxEnis, defaultCardEnis, networkCards, ipv4PerEni, ipv6Supported, branchEnis, trunking,
    tasksWithoutTrunking, withoutSource, tasksWithTrunking, withSource, sources, notes,
  ] = line.split(',');
  return {
    instanceType,
    vcpus: numberOf(vcpus),
    memoryMiB: numberOf(memoryMiB),
    maxEnis: numberOf(maxEnis),
    defaultCardEnis: numberOf(defaultCardEnis),
    networkCards: numberOf(networkCards),
    ipv4PerEni: numberOf(ipv4PerEni),
    ipv6Supported: ipv6Supported === '' ? undefined : ipv6Supported === '1',
    branchEnis: numberOf(branchEnis),
    trunking: TRUNKING[trunking],
    tasksWithoutTrunking: numberOf(tasksWithoutTrunking),
    withoutSource: FIGURE_SOURCE[withoutSource],
    tasksWithTrunking: numberOf(tasksWithTrunking),
    withSource: FIGURE_SOURCE[withSource],
    sources: SOURCES[Number(sources)],
    notes: notes === '' ? [] : NOTES[Number(notes)],
  };
}

function numberOf(value: string): number | undefined {
  return value === '' ? undefined : Number(value);
}
