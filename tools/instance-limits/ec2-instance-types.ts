/**
 * What EC2's DescribeInstanceTypes answers, put into rows of the table.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html
 */
import { COLUMNS, NumberColumn, Row, withFiguresFollowed } from './table';

/** The part of an instance type that is asked for. Anything may be absent, as for types of other virtualization or new fields. */
export interface Ec2InstanceType {
  readonly InstanceType: string;
  readonly VCpuInfo?: { readonly DefaultVCpus?: number };
  readonly MemoryInfo?: { readonly SizeInMiB?: number };
  readonly NetworkInfo?: {
    readonly MaximumNetworkInterfaces?: number;
    readonly DefaultNetworkCardIndex?: number;
    readonly NetworkCards?: ReadonlyArray<{ readonly NetworkCardIndex?: number; readonly MaximumNetworkInterfaces?: number }>;
    readonly Ipv4AddressesPerInterface?: number;
    readonly Ipv6Supported?: boolean;
  };
}

/** The types of an answer in JSON; `from` names where it is from in the message of an error. */
export function instanceTypesIn(json: string, from: string): Ec2InstanceType[] {
  let answer: { InstanceTypes?: unknown; NextToken?: unknown };
  try {
    answer = JSON.parse(json);
  } catch (error) {
    throw new Error(`${from}: not JSON: ${(error as Error).message}`);
  }
  const types: unknown = answer?.InstanceTypes;
  if (!Array.isArray(types) || types.length === 0 || types.some((type) => typeof type?.InstanceType !== 'string')) {
    throw new Error(`${from}: expected {"InstanceTypes": [{"InstanceType": "c5.large", …}, …]} with at least one type, as 'aws ec2 describe-instance-types --output json' answers`);
  }
  if (answer.NextToken) {
    throw new Error(`${from}: the answer goes on (it has a NextToken): ask without --max-items and --no-paginate`);
  }
  return types;
}

export interface Refreshed {
  readonly rows: Row[];
  /** What changed of the types that the table had, but the date: each cell as a line. */
  readonly changes: string[];
  /** The types that the table did not have. */
  readonly added: string[];
  /** How many types of the table the answer does not have. */
  readonly absent: number;
}

/** The table with what the answer tells, and its `date`, like 2026-08-07, in the sources of every type it tells of. */
export function refreshed(rows: readonly Row[], types: readonly Ec2InstanceType[], date: string): Refreshed {
  const answered = new Map(types.map((type) => [type.InstanceType, type]));
  const known = new Set(rows.map(({ instance_type }) => instance_type));
  const changes: string[] = [];
  const before = rows.map((row) => {
    const type = answered.get(row.instance_type);
    if (!type) return row;
    const after = withFiguresFollowed({ ...row, ...figuresOf(type), sources: sourcesWith(row.sources, date) });
    for (const column of COLUMNS.filter((each) => each !== 'sources' && after[each] !== row[each])) {
      changes.push(`${row.instance_type}: ${column} ${row[column] || '(empty)'} -> ${after[column] || '(empty)'}`);
    }
    return after;
  });
  const added = [...answered.keys()].filter((type) => !known.has(type)).sort();
  return {
    rows: [...before, ...added.map((type) => newRow(answered.get(type)!, date))].sort((a, b) => a.instance_type < b.instance_type ? -1 : 1),
    changes,
    added,
    absent: rows.filter(({ instance_type }) => !answered.has(instance_type)).length,
  };
}

/** A type that only the API has: whether it can trunk is not known. */
function newRow(type: Ec2InstanceType, date: string): Row {
  const figures = figuresOf(type);
  return withFiguresFollowed({
    vcpus: '',
    memory_mib: '',
    max_enis: '',
    default_card_enis: '',
    network_cards: '',
    ipv4_per_eni: '',
    ipv6_supported: '',
    branch_enis: '',
    ecs_tasks_without_trunking: '',
    ecs_tasks_with_trunking: '',
    with_source: '',
    note: '',
    ...figures,
    instance_type: type.InstanceType,
    ecs_trunking: 'unlisted',
    without_source: figures.max_enis ? 'computed' : '',
    sources: sourcesWith('', date),
  });
}

/** The cells that an answer gives. */
function figuresOf(type: Ec2InstanceType): Partial<Record<NumberColumn | 'ipv6_supported', string>> {
  const { InstanceType, VCpuInfo, MemoryInfo, NetworkInfo } = type;
  const figures = {
    vcpus: VCpuInfo?.DefaultVCpus,
    memory_mib: MemoryInfo?.SizeInMiB,
    ...interfacesOf(InstanceType, NetworkInfo),
    ipv4_per_eni: NetworkInfo?.Ipv4AddressesPerInterface,
    ipv6_supported: NetworkInfo?.Ipv6Supported,
  };
  return Object.fromEntries(Object.entries(figures).flatMap(([column, value]) => value === undefined ? [] : [[column, `${value}`]]));
}

function interfacesOf(name: string, info: Ec2InstanceType['NetworkInfo']): Partial<Record<NumberColumn, number>> {
  const cards = info?.NetworkCards;
  const onDefault = cards?.find((card) => card.NetworkCardIndex === (info?.DefaultNetworkCardIndex ?? 0))?.MaximumNetworkInterfaces;
  if (!cards || onDefault === undefined) {
    // One without the other two would not be a row.
    return {};
  }
  const sum = cards.reduce((total, { MaximumNetworkInterfaces }) => total + (MaximumNetworkInterfaces ?? NaN), 0);
  if (sum !== info?.MaximumNetworkInterfaces) {
    throw new Error(`${name}: the answer has ${info?.MaximumNetworkInterfaces} network interfaces, and ${sum} over its ${cards.length} network cards: one of them is not what the table takes it for`);
  }
  return { max_enis: sum, default_card_enis: onDefault, network_cards: cards.length };
}

const API = 'ec2-api';

/** The sources with the API's latest date instead of an older one. */
function sourcesWith(sources: string, date: string): string {
  return [`${API}(${date})`, ...sources.split('; ').filter((source) => source !== '' && !source.startsWith(API))].join('; ');
}
