/** Where subnets have too few addresses: together, which is proof, or zone by zone where what takes them is spread evenly. */
import { usableAddresses } from '../limits/cidr';
import { tasksInFullestZone } from '../limits/subnet-addresses';
import { addressesOf, AddressTaker, FixedAddresses, NONE } from './address-demand';
import type { Subnet } from './facts';

export type Scenario = 'steady' | 'deploying' | 'peak' | 'zone-lost';

export interface Shortage {
  readonly scenario: Scenario;
  /** Whether no way to place the tasks can help; else it is so where they are spread evenly. */
  readonly proven: boolean;
  /** The subnets that are counted as one. */
  readonly subnets: readonly Subnet[];
  readonly holds: number;
  readonly need: number;
  /** What stands there anyway. */
  readonly fixed: number;
  readonly loadBalancers: number;
  /** Who takes most, while deploying who is deployed; with what it takes there, and of how many zones that is one. */
  readonly lead: AddressTaker;
  readonly leadTakes: number;
  readonly leadTotal: number;
  readonly zones: number;
  /** What others have that are spread over the same zones: of it all and what the lead has, a zone's part is rounded up. */
  readonly besideLead: number;
}

/** Subnets that share something that takes addresses of them, with all that does. */
export interface SubnetGroup {
  readonly subnets: readonly Subnet[];
  readonly takers: readonly AddressTaker[];
}

/** The favourable or the unfavourable end of everything. */
export type End = 'lo' | 'hi';

/** Subnets by who takes addresses of them: those of one taker are in one group. */
export function subnetGroups(takers: readonly AddressTaker[]): SubnetGroup[] {
  const sets = new DisjointSets<Subnet>();
  for (const { subnets } of takers) {
    subnets.forEach((subnet) => sets.join(subnets[0], subnet));
  }
  const groups = new Map<Subnet, { readonly subnets: Subnet[]; readonly takers: AddressTaker[] }>();
  for (const subnet of sets.members()) {
    const root = sets.rootOf(subnet);
    groups.set(root, groups.get(root) ?? { subnets: [], takers: [] });
    groups.get(root)!.subnets.push(subnet);
  }
  takers.forEach((taker) => groups.get(sets.rootOf(taker.subnets[0]))!.takers.push(taker));
  return [...groups.values()];
}

/** All that is short in a group, in every scenario. */
export function shortagesOf(group: SubnetGroup, fixed: ReadonlyMap<Subnet, FixedAddresses>, end: End): Shortage[] {
  return [...shortTogether(group, fixed, end), ...shortByZone(group, fixed, end)];
}

/** Whether the smallest subnet alone holds all that the group ever takes, so that nothing can be short: as in most groups. */
export function isAmple({ subnets, takers }: SubnetGroup, fixed: ReadonlyMap<Subnet, FixedAddresses>): boolean {
  const most = total(takers.map(({ steady, peak, deploying }) => Math.max(steady.hi, peak.hi, deploying.hi)));
  const need = most + total(subnets.map((subnet) => addressesOf(fixed.get(subnet) ?? NONE, 'plan')));
  return subnets.every((subnet) => need <= usableOf(subnet, 'hi'));
}

export function usableOf({ block }: Subnet, end: End): number {
  return block?.known ? usableAddresses(block.value.prefix) : end === 'lo' ? Infinity : 0;
}

/** The subnets of each taker, and all of the group, against whoever has no others. */
function shortTogether(group: SubnetGroup, fixed: ReadonlyMap<Subnet, FixedAddresses>, end: End): Shortage[] {
  const sets = new Map<string, AddressTaker[]>();
  const ids = new Map(group.subnets.map((subnet, index) => [subnet, index]));
  const keyOf = ({ subnets }: AddressTaker) => subnets.map((subnet) => ids.get(subnet)!).sort((a, b) => a - b).join();
  for (const taker of group.takers) {
    const key = keyOf(taker);
    sets.set(key, sets.get(key) ?? []);
    sets.get(key)!.push(taker);
  }
  const together = [...sets.values()];
  // A set is looked for at that one of its subnets which the fewest sets have, so that few are looked at.
  const shared = new Map<Subnet, number>();
  together.forEach(([{ subnets }]) => subnets.forEach((subnet) => shared.set(subnet, (shared.get(subnet) ?? 0) + 1)));
  const at = new Map<Subnet, AddressTaker[][]>();
  for (const takers of together) {
    const rarest = takers[0].subnets.reduce((least, subnet) => shared.get(subnet)! < shared.get(least)! ? subnet : least);
    at.set(rarest, at.get(rarest) ?? []);
    at.get(rarest)!.push(takers);
  }
  const found = together.flatMap(([{ subnets }]) => {
    const inside = new Set(subnets);
    const near = subnets.flatMap((subnet) => at.get(subnet) ?? []);
    const takers = near.filter(([one]) => one.subnets.every((subnet) => inside.has(subnet))).flat();
    return shortIn({ subnets, takers }, fixed, end);
  });
  return together.length > 1 ? [...found, ...shortIn(group, fixed, end)] : found;
}

function shortIn({ subnets, takers }: SubnetGroup, fixed: ReadonlyMap<Subnet, FixedAddresses>, end: End): Shortage[] {
  const place = placeOf(subnets, fixed, end, true);
  const found = shortOf(place, [{ takers, zones: 1 }], end);
  const zones = new Set(subnets.map(({ zone }) => zone.known ? zone.value : undefined));
  if (zones.size < 2 || zones.has(undefined)) {
    return found;
  }
  for (const lost of zones) {
    const isLeft = ({ zone }: Subnet) => !zone.known || zone.value !== lost;
    const left = placeOf(subnets.filter(isLeft), fixed, end, true);
    const those = takers.filter((taker) => taker.subnets.some(isLeft));
    found.push(...short('zone-lost', left, wantedBy([{ takers: those, zones: 1 }], ({ steady }) => steady[end])));
  }
  return found;
}

/** The subnets of a zone that have a taker in common, each with its share of those that are spread over zones. */
function shortByZone({ takers }: SubnetGroup, fixed: ReadonlyMap<Subnet, FixedAddresses>, end: End): Shortage[] {
  const pools = new DisjointSets<Subnet>();
  const spread = takers.filter(({ zones }) => zones);
  const firsts = (taker: AddressTaker) => {
    const ofZone = new Map<string, Subnet>();
    for (const subnet of taker.subnets) {
      const zone = subnet.zone.known ? subnet.zone.value : '';
      ofZone.set(zone, ofZone.get(zone) ?? subnet);
      pools.join(ofZone.get(zone)!, subnet);
    }
    return [...ofZone.values()];
  };
  const ofTaker = spread.map((taker) => ({ taker, firsts: firsts(taker) }));
  const found = new Map<Subnet, { readonly subnets: Subnet[]; readonly takers: AddressTaker[] }>();
  for (const subnet of pools.members()) {
    const root = pools.rootOf(subnet);
    found.set(root, found.get(root) ?? { subnets: [], takers: [] });
    found.get(root)!.subnets.push(subnet);
  }
  ofTaker.forEach(({ taker, firsts: those }) => those.forEach((subnet) => found.get(pools.rootOf(subnet))!.takers.push(taker)));
  return [...found.values()].flatMap((pool) => shortInPool(pool, fixed, end));
}

function shortInPool({ subnets, takers }: SubnetGroup, fixed: ReadonlyMap<Subnet, FixedAddresses>, end: End): Shortage[] {
  const place = placeOf(subnets, fixed, end, false);
  const own = subnets[0].zone.known ? subnets[0].zone.value : undefined;
  const others = new Set(takers.flatMap(({ zones }) => [...zones!]).filter((zone) => zone !== own));
  return [
    ...shortOf(place, spreadsOf(takers), end),
    ...[...others].flatMap((lost) => short('zone-lost', place, wantedBy(spreadsOf(takers, lost), ({ steady }) => steady[end]))),
  ];
}

/** Takers that are spread over the same zones. */
export interface Spread {
  readonly takers: readonly AddressTaker[];
  readonly zones: number;
}

/** Takers by their zones, but for one that is lost. A lone subnet is a zone, whether it is known which or not. */
export function spreadsOf(takers: readonly AddressTaker[], lost?: string): Spread[] {
  const found = new Map<string, { readonly takers: AddressTaker[]; readonly zones: number }>();
  for (const taker of takers) {
    const left = [...taker.zones ?? []].filter((zone) => zone !== lost).sort();
    const key = JSON.stringify(left);
    const those = found.get(key) ?? { takers: [], zones: Math.max(1, left.length) };
    found.set(key, those);
    those.takers.push(taker);
  }
  return [...found.values()];
}

/** Whether there is a peak. */
function grows(takers: readonly AddressTaker[], end: End): boolean {
  return takers.some(({ steady, peak }) => peak[end] > steady[end]);
}

/** What takers want that are spread over the same zones: all in all, and each. */
interface Wanted {
  readonly zones: number;
  readonly total: number;
  readonly shares: readonly Share[];
}

interface Share {
  readonly taker: AddressTaker;
  readonly total: number;
}

function wantedBy(spreads: readonly Spread[], of: (taker: AddressTaker) => number): Wanted[] {
  return spreads.map(({ takers, zones }) => {
    const shares = takers.map((taker) => ({ taker, total: of(taker) }));
    return { zones, total: total(shares.map((share) => share.total)), shares };
  });
}

interface Place extends Pick<Shortage, 'subnets' | 'holds' | 'fixed' | 'loadBalancers' | 'proven'> {}

function placeOf(subnets: readonly Subnet[], fixed: ReadonlyMap<Subnet, FixedAddresses>, end: End, proven: boolean): Place {
  const all = subnets.map((subnet) => fixed.get(subnet) ?? NONE);
  return {
    subnets,
    holds: total(subnets.map((subnet) => usableOf(subnet, end))),
    fixed: total(all.map((one) => addressesOf(one, proven ? 'proof' : 'plan'))),
    loadBalancers: total(all.map(({ applicationLoadBalancers }) => applicationLoadBalancers)),
    proven,
  };
}

/** What is short in a place while all of it is there. */
function shortOf(place: Place, spreads: readonly Spread[], end: End): Shortage[] {
  const steady = wantedBy(spreads, (taker) => taker.steady[end]);
  const surge = surgeOf(steady, (taker) => taker.deploying[end]);
  return [
    ...short('steady', place, steady),
    ...spreads.some(({ takers }) => grows(takers, end)) ? short('peak', place, wantedBy(spreads, (taker) => taker.peak[end])) : [],
    ...surge ? short('deploying', place, steady, surge) : [],
  ];
}

/** The one whose old and new tasks together take most more than its old ones: not all are deployed at a time. */
function surgeOf(steady: readonly Wanted[], deploying: (taker: AddressTaker) => number): Surge | undefined {
  let largest: Surge | undefined;
  for (const { zones, total: before, shares } of steady) {
    for (const { taker, total: its } of shares) {
      const besideLead = before - its;
      const after = deploying(taker);
      const more = before === Infinity ? 0 : tasksInFullestZone(besideLead + after, zones) - tasksInFullestZone(before, zones);
      largest = more > (largest?.more ?? 0) ? { lead: { taker, total: after, zones, besideLead }, more } : largest;
    }
  }
  return largest;
}

interface Lead extends Share {
  readonly zones: number;
  readonly besideLead: number;
}

interface Surge {
  readonly lead: Lead;
  readonly more: number;
}

function short(scenario: Scenario, place: Place, wanted: readonly Wanted[], surge?: Surge): Shortage[] {
  const need = place.fixed + total(wanted.map((one) => tasksInFullestZone(one.total, one.zones))) + (surge?.more ?? 0);
  const lead = surge?.lead ?? leadOf(wanted);
  if (!lead || need <= place.holds) {
    return [];
  }
  const { taker, total: leadTotal, zones, besideLead } = lead;
  return [{ ...place, scenario, need, lead: taker, leadTakes: tasksInFullestZone(leadTotal, zones), leadTotal, zones, besideLead }];
}

/** Who takes most of a zone. */
function leadOf(wanted: readonly Wanted[]): Lead | undefined {
  let most: Lead | undefined;
  for (const { zones, total: all, shares } of wanted) {
    for (const share of shares) {
      const isMore = !most || tasksInFullestZone(share.total, zones) > tasksInFullestZone(most.total, most.zones);
      most = isMore ? { ...share, zones, besideLead: all - share.total } : most;
    }
  }
  return most;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** Sets that grow together where members are joined. */
class DisjointSets<T> {
  private readonly parents = new Map<T, T>();

  public join(a: T, b: T): void {
    const [first, second] = [this.rootOf(a), this.rootOf(b)];
    this.parents.set(second, first);
  }

  public rootOf(member: T): T {
    let root = member;
    while (this.parents.has(root) && this.parents.get(root) !== root) {
      const parent = this.parents.get(root)!;
      // Halves the path, so that the next way is short.
      this.parents.set(root, this.parents.get(parent) ?? parent);
      root = parent;
    }
    if (!this.parents.has(root)) {
      this.parents.set(root, root);
    }
    return root;
  }

  public members(): T[] {
    return [...this.parents.keys()];
  }
}
