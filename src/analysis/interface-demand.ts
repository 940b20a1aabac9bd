/** Which services need interfaces of which instances, for how many tasks. */
import type { Facts, HostGroup, Launch, Service } from './facts';
import { whyNarrowed } from './instance-counts';
import { zoneFilter } from './instances-in-zones';
import type { Placed } from './pools';
import { exactly, Range, union, Value } from './value';

/** A service in awsvpc mode on instances of its own account: each task takes an interface. */
export interface InterfaceDemand extends Placed {
  readonly launch: Launch;
  /** Those of its launch with a subnet in the zones of its own subnets [M17]. Services with the same ones share one list. */
  readonly hostGroups: readonly HostGroup[];
  /** The tasks wanted; none for DAEMON, which takes one of every instance in its zones. */
  readonly steady: Range;
  /** Those that autoscaling may want. */
  readonly peak: Range;
  /** Whether it takes one interface of every instance in its zones: surely, at most, or not at all. */
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
      daemon: replicas ? 'no' : certain && scheduling === 'DAEMON' && narrowed === undefined ? 'surely' : 'maybe',
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
