/** How many zones of a host group surely are zones of the services on it, which alone have instances for their tasks [M17]. */
import type { HostGroup, Service, Subnet, To, ToMany } from './facts';
import type { Range } from './value';

/** Where the tasks of services are placed. */
export interface Places {
  /** Marks of their subnets, each of which tells that another with it is in the same zone; absent where nothing bounds them. */
  readonly marks?: ReadonlySet<string>;
  /** The first thing that is not known of their zones. */
  readonly why?: string;
}

export interface ZonesInCommon {
  readonly common: number;
  /** Of so many in all, common ones included. */
  readonly all: number;
  /** Why there may be more in common. */
  readonly why?: string;
}

export function placesOf(services: readonly Service[]): Places {
  const lists = services.map(({ awsvpc }) => awsvpc?.subnets);
  if (lists.includes(undefined)) {
    return {};
  }
  const subnets = [...new Set(lists as ReadonlyArray<ToMany<Subnet>>)];
  const why = subnets.map(whyOpen).find((one) => one !== undefined);
  return { marks: new Set(subnets.flatMap(marksOf)), ...why === undefined ? {} : { why } };
}

/** At least so many: a subnet whose zone is not known is in the zone of any that is in common, and in none with any that is not. */
export function zonesInCommon({ subnets }: HostGroup, places: readonly Places[]): ZonesInCommon {
  const isIn = (marks: readonly string[]) => places.some((place) => !place.marks || marks.some((mark) => place.marks!.has(mark)));
  const each = subnets.known ? subnets.value : [];
  const others = each.filter((subnet) => !isIn(marksOfOne(subnet)));
  if (each.length === 0 ? isIn(marksOf(subnets)) : others.length === 0) {
    return { common: 1, all: 1 };
  }
  const shared = each.filter((subnet) => !others.includes(subnet));
  const common = new Set(shared.flatMap(zoneMarkOf)).size || Math.min(shared.length, 1);
  const apart = new Set(others.map((subnet) => zoneMarkOf(subnet)[0] ?? subnet.identity)).size;
  const why = (subnets.known ? others.map(whyZone).find((one) => one !== undefined) : subnets.why)
    ?? places.map((place) => place.why).find((one) => one !== undefined);
  return { common, all: common + Math.max(apart, 1), ...why === undefined ? {} : { why } };
}

/** Those of so many instances of a group that are in the common zones: as it spreads them evenly, at least their part; maybe all. */
export function partInZones({ lo, hi }: Range, { common, all }: ZonesInCommon): Range {
  return { lo: Math.floor(lo * common / all), hi };
}

/** Why it is not known how many these are; `undefined` where all are. */
export function whyPartOf({ name }: HostGroup, { common, all, why }: ZonesInCommon, whose: string): string | undefined {
  return common < all ? `how many instances of ${name} are in the zones of ${whose} is not known${why === undefined ? '' : `: ${why}`}` : undefined;
}

function marksOf(subnets: ToMany<Subnet>): readonly string[] {
  return subnets.known ? subnets.value.flatMap(marksOfOne) : subnets.identity === undefined ? [] : [`list ${subnets.identity}`];
}

function marksOfOne(subnet: To<Subnet>): readonly string[] {
  return [`subnet ${subnet.identity}`, ...zoneMarkOf(subnet)];
}

/** The zone, or the expression for it, within its VPC. */
function zoneMarkOf({ target }: To<Subnet>): readonly string[] {
  const zone = target && (target.zone.known ? `zone ${target.zone.value}` : target.zone.identity);
  return zone === undefined ? [] : [`${zone} of ${target!.vpc.identity}`];
}

function whyOpen(subnets: ToMany<Subnet>): string | undefined {
  return subnets.known ? subnets.value.map(whyZone).find((one) => one !== undefined) : subnets.why;
}

function whyZone({ target, why }: To<Subnet>): string | undefined {
  return target ? target.zone.known ? undefined : target.zone.why : why;
}

/** The zones of subnets, where all are known; within a VPC they can be compared. */
export function zonesOf(subnets: ToMany<Subnet>): ReadonlySet<string> | undefined {
  if (!subnets.known || subnets.value.length === 0) {
    return undefined;
  }
  const zones = subnets.value.map(({ target }) => target?.zone.known ? target.zone.value : undefined);
  return zones.includes(undefined) ? undefined : new Set(zones as string[]);
}

export type InZones = (service: Service, hostGroups: readonly HostGroup[]) => readonly HostGroup[];

/** Leaves out groups that surely have no instance in a zone of a service. Works each list out once for the zones that are asked for. */
export function zoneFilter(): InZones {
  const found = new Map<readonly HostGroup[], Map<string, readonly HostGroup[]>>();
  return ({ awsvpc, vpc }, hostGroups) => {
    const zones = awsvpc && zonesOf(awsvpc.subnets);
    if (!zones || !vpc) {
      return hostGroups;
    }
    const byZones = found.get(hostGroups) ?? new Map<string, readonly HostGroup[]>();
    found.set(hostGroups, byZones);
    const key = JSON.stringify([vpc.identity, ...[...zones].sort()]);
    const those = byZones.get(key) ?? filtered(hostGroups, (group) => {
      const its = group.vpc?.identity === vpc.identity ? zonesOf(group.subnets) : undefined;
      return !its || [...its].some((zone) => zones.has(zone));
    });
    byZones.set(key, those);
    return those;
  };
}

/** The same list where nothing is left out. */
function filtered<T>(list: readonly T[], keep: (item: T) => boolean): readonly T[] {
  const kept = list.filter(keep);
  return kept.length === list.length ? list : kept;
}
