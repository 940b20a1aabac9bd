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
  const whole = (taker: AddressTaker, total: number): Share => ({ taker, takes: total, total, zones: 1 });
  const place = placeOf(subnets, fixed, end, true);
  const steady = takers.map((taker) => whole(taker, taker.steady[end]));
  const found = [
    ...short('steady', place, steady),
    ...grows(takers, end) ? short('peak', place, takers.map((taker) => whole(taker, taker.peak[end]))) : [],
    ...short('deploying', place, steady, surgeOf(steady, (taker) => whole(taker, taker.deploying[end]))),
  ];
  const zones = new Set(subnets.map(({ zone }) => zone.known ? zone.value : undefined));
  if (zones.size < 2 || zones.has(undefined)) {
    return found;
  }
  for (const lost of zones) {
    const isLeft = ({ zone }: Subnet) => !zone.known || zone.value !== lost;
    const left = placeOf(subnets.filter(isLeft), fixed, end, true);
    found.push(...short('zone-lost', left, steady.filter(({ taker }) => taker.subnets.some(isLeft))));
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
  const share = (taker: AddressTaker, total: number, zones = taker.zones!.size): Share =>
    ({ taker, takes: tasksInFullestZone(total, zones), total, zones });
  const place = placeOf(subnets, fixed, end, false);
  const steady = takers.map((taker) => share(taker, taker.steady[end]));
  const own = subnets[0].zone.known ? subnets[0].zone.value : undefined;
  const others = new Set(takers.flatMap(({ zones }) => [...zones!]).filter((zone) => zone !== own));
  return [
    ...short('steady', place, steady),
    ...grows(takers, end) ? short('peak', place, takers.map((taker) => share(taker, taker.peak[end]))) : [],
    ...short('deploying', place, steady, surgeOf(steady, (taker) => share(taker, taker.deploying[end]))),
    ...[...others].flatMap((lost) => short('zone-lost', place, takers.map((taker) =>
      share(taker, taker.steady[end], taker.zones!.size - (taker.zones!.has(lost) ? 1 : 0))))),
  ];
}

/** Whether there is a peak. */
function grows(takers: readonly AddressTaker[], end: End): boolean {
  return takers.some(({ steady, peak }) => peak[end] > steady[end]);
}

/** What one takes of some subnets. */
interface Share {
  readonly taker: AddressTaker;
  readonly takes: number;
  readonly total: number;
  readonly zones: number;
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

/** The one whose old and new tasks together take most more than its old ones: not all are deployed at a time. */
function surgeOf(steady: readonly Share[], deploying: (taker: AddressTaker) => Share): Surge | undefined {
  let largest: Surge | undefined;
  for (const { taker, takes } of steady) {
    const share = deploying(taker);
    const more = takes === share.takes ? 0 : share.takes - takes;
    largest = more > (largest?.more ?? 0) ? { share, more } : largest;
  }
  return largest;
}

interface Surge {
  readonly share: Share;
  readonly more: number;
}

function short(scenario: Scenario, place: Place, shares: readonly Share[], surge?: Surge): Shortage[] {
  if (shares.length === 0 || (scenario === 'deploying' && !surge)) {
    return [];
  }
  const need = place.fixed + total(shares.map(({ takes }) => takes)) + (surge?.more ?? 0);
  const lead = surge?.share ?? shares.reduce((most, one) => one.takes > most.takes ? one : most);
  const { taker, takes, total: leadTotal, zones } = lead;
  return need <= place.holds ? [] : [{ ...place, scenario, need, lead: taker, leadTakes: takes, leadTotal, zones }];
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
