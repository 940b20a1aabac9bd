/** How many zones of a host group surely are zones of the services on it, which alone have instances for their tasks [M17]. */
import type { HostGroup, Service, Subnet, To, ToMany } from './facts';

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
