/** Which of its host groups tasks of a service are placed on, and how many on each. */
import type { HostGroup, Launch, Service, StrategyItem } from './facts';
import type { Range, Value } from './value';

/** The host groups of a strategy, and whether these are all of them; none for Fargate. */
export function placesOf(strategy: readonly StrategyItem[]): Pick<Launch, 'hostGroups' | 'complete' | 'incompleteBecause'> {
  const other = strategy.map(({ provider }) => provider).find(({ fargate, target }) => !fargate && !target?.hostGroup);
  return {
    hostGroups: strategy.flatMap(({ provider: { target } }) => target?.hostGroup ?? []),
    complete: other === undefined,
    ...other ? { incompleteBecause: other.target ? `the Auto Scaling group of ${other.target.name} is not of what is given` : other.why } : {},
  };
}

/** A launch without the host groups on which it places no tasks; the same one where it may place some on each. */
export function placing(launch: Launch): Launch {
  const { strategy } = launch;
  const used = strategy.filter((item) => mayPlace(item, strategy));
  return used.length === strategy.length ? launch : { ...launch, incompleteBecause: undefined, ...placesOf(used) };
}

/** Whether new tasks of a service may be placed on a host group of its launch. */
export function mayGetTasks({ launch }: Service, hostGroup: HostGroup): boolean {
  return !launch.known || launch.value.strategy.length < 2 || placing(launch.value).hostGroups.includes(hostGroup);
}

/**
 * A provider of weight 0 places no tasks beside one that has a weight, but for its base: so old ones are drained.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
 */
function mayPlace({ base, weight }: StrategyItem, strategy: readonly StrategyItem[]): boolean {
  return !isZero(base) || !isZero(weight) || !strategy.some((other) => other.weight.known && other.weight.value > 0);
}

function isZero(value: Value<number>): boolean {
  return value.known && value.value === 0;
}

export interface TaskShares {
  /** The tasks of each host group; of several groups without a strategy any may get all or none. */
  readonly of: ReadonlyMap<HostGroup, Range>;
  /** What keeps the ends of a strategy's shares apart. */
  readonly why?: string;
}

/**
 * A strategy gives each provider its base, then what is left by weights; a provider of weight 0 has its base only:
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html. A provider that is full does not pass
 * tasks on to another. How shares are rounded is not documented, so that they have two ends.
 */
export function taskShares(launch: Launch, hostGroups: readonly HostGroup[], desired: Range): TaskShares {
  const [only, ...others] = hostGroups;
  if (launch.strategy.length <= 1) {
    const lo = only && others.length === 0 && launch.complete ? desired.lo : 0;
    return { of: new Map(hostGroups.map((group) => [group, { lo, hi: desired.hi }])) };
  }
  const of = new Map<HostGroup, Range>();
  let why: string | undefined;
  for (const item of launch.strategy) {
    const group = item.provider.target?.hostGroup;
    if (group && hostGroups.includes(group)) {
      const before = of.get(group) ?? { lo: 0, hi: 0 };
      const share = shareOf(item, launch.strategy, desired);
      why ??= share.why;
      of.set(group, { lo: before.lo + share.lo, hi: Math.min(desired.hi, before.hi + share.hi) });
    }
  }
  return { of, ...why === undefined ? {} : { why } };
}

function shareOf({ base, weight }: StrategyItem, strategy: readonly StrategyItem[], { lo, hi }: Range): Range & { readonly why?: string } {
  const missing = strategy.flatMap((item) => [item.base, item.weight]).find((value) => !value.known);
  if (!base.known || !weight.known || (missing && !missing.known)) {
    return { lo: base.known ? Math.min(base.value, lo) : 0, hi, ...missing?.known === false ? { why: missing.why } : {} };
  }
  const total = (of: (item: StrategyItem) => number) => strategy.reduce((sum, item) => sum + of(item), 0);
  const weights = total((item) => item.weight.known ? item.weight.value : 0);
  const product = (desired: number) => {
    const bases = total((item) => item.base.known ? Math.min(item.base.value, desired) : 0);
    return Math.max(0, desired - bases) * weight.value;
  };
  if (hi === Infinity || weights === 0) {
    return { lo: Math.min(base.value, lo), hi: weight.value === 0 && weights > 0 ? base.value : hi };
  }
  const [low, high] = [product(lo), product(hi)];
  return {
    lo: Math.min(base.value, lo) + (low - (low % weights)) / weights,
    hi: Math.min(base.value, hi) + Math.ceil(high / weights),
    ...high % weights === 0 ? {} : { why: 'how ECS rounds the shares of a strategy is not documented' },
  };
}
