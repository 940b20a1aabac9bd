/** Which services need interfaces of which instances, for how many tasks. */
import type { Facts, HostGroup, Launch, Service, Subnet, ToMany } from './facts';
import { whyNarrowed } from './instance-counts';
import type { Placed } from './pools';
import { exactly, Range, union, Value } from './value';

/** A service in awsvpc mode on instances of its own account: each task takes an interface. */
export interface InterfaceDemand extends Placed {
  readonly launch: Launch;
  /** Those of its launch with a subnet in the zones of its own subnets [M17]. Services with the same ones share one list. */
  readonly hostGroups: readonly HostGroup[];
  /** The tasks wanted; none for DAEMON, which takes one of every instance. */
  readonly steady: Range;
  /** Those that autoscaling may want. */
  readonly peak: Range;
  /** Whether it takes one interface of every one of its instances: surely, at most, or not at all. */
  readonly daemon: 'surely' | 'maybe' | 'no';
  /** What of this is not known. */
  readonly why?: string;
  readonly assumes: readonly string[];
}

/**
 * Those of all services. Bridge, host and `none` mode take no interface; Fargate and Managed Instances see to theirs themselves. What is
 * started without a service is not seen, so that there may be more.
 */
export function interfaceDemands({ services }: Facts): InterfaceDemand[] {
  const inZonesOf = zoneFilter();
  return services.flatMap((service): InterfaceDemand[] => {
    const { mode, launch, desired, scaling, scheduling } = service;
    if (!launch.known || launch.value.kind !== 'ec2' || (mode.known && mode.value !== 'awsvpc')) {
      return [];
    }
    const replicas = scheduling === 'REPLICA';
    const steady = replicas ? countOf(desired, scaling) : exactly(0);
    const max = scaling?.max;
    const peak = replicas && max ? { lo: atLeast(max, steady.lo), hi: max.known ? max.value : Infinity } : steady;
    const values: ReadonlyArray<Value<unknown>> = [mode, ...replicas ? [desired, ...scaling ? [scaling.max] : []] : []];
    const missing = values.find((value) => !value.known);
    const hostGroups = inZonesOf(service, launch.value.hostGroups);
    const whole = hostGroups.length === launch.value.hostGroups.length;
    const narrowed = whyNarrowed(service);
    const why = missing?.known === false ? missing.why
      : scheduling === 'unknown' ? 'the scheduling strategy is not known'
        : scheduling === 'DAEMON' ? narrowed : undefined;
    const certain = mode.known;
    return [{
      service,
      launch: launch.value,
      hostGroups,
      steady: certain ? steady : { lo: 0, hi: steady.hi },
      peak: certain ? peak : { lo: 0, hi: peak.hi },
      daemon: replicas ? 'no' : certain && scheduling === 'DAEMON' && narrowed === undefined && whole ? 'surely' : 'maybe',
      ...why === undefined ? {} : { why },
      assumes: union(launch.assumes, ...values.map((value) => value.known ? value.assumes : [])),
    }];
  });
}

function countOf(desired: Value<number>, scaling: Service['scaling']): Range {
  return desired.known ? exactly(desired.value) : {
    lo: scaling?.min.known ? scaling.min.value : 0,
    hi: scaling?.max.known ? scaling.max.value : Infinity,
  };
}

function atLeast(value: Value<number>, least: number): number {
  return value.known ? Math.max(value.value, least) : least;
}

/** The zones of subnets, where all are known; within a VPC they can be compared. */
export function zonesOf(subnets: ToMany<Subnet>): ReadonlySet<string> | undefined {
  if (!subnets.known || subnets.value.length === 0) {
    return undefined;
  }
  const zones = subnets.value.map(({ target }) => target?.zone.known ? target.zone.value : undefined);
  return zones.includes(undefined) ? undefined : new Set(zones as string[]);
}

type InZones = (service: Service, hostGroups: readonly HostGroup[]) => readonly HostGroup[];

/** Leaves out groups that surely have no instance in a zone of a service. Works each list out once for the zones that are asked for. */
function zoneFilter(): InZones {
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
