/** How many awsvpc tasks the instances of a host group have interfaces for. */
import { instanceLimits } from '../limits/instance-limits';
import { InterfaceSlots, Interval, interfaceSlotsOfAnyType, interfaceSlotsOfMix, TrunkingState } from '../limits/task-density';
import type { HostGroup } from './facts';
import { Range, union } from './value';

export interface InterfaceSlotsOfGroup {
  /** With trunking as it is, or as no setting of the account can better it: more tasks than this surely do not fit. */
  readonly best: number;
  /** With trunking as it is to be reckoned with; the two ends where types are mixed, and where something is not known. */
  readonly effective: Interval;
  /** Whatever the setting; absent where types are not known. */
  readonly without?: Interval;
  readonly with?: Interval;
  /** What keeps the ends of `effective` apart. */
  readonly why?: string;
  readonly assumes: readonly string[];
}

/** A type that the table lacks may hold any number, and an unknown one what the largest of the table holds. */
export function interfaceSlotsOfGroup(group: HostGroup): InterfaceSlotsOfGroup {
  const { instanceTypes, trunking, extraInterfaces } = group;
  if (!instanceTypes.known) {
    const { effective, most } = interfaceSlotsOfAnyType(trunking.state, extraInterfaces.lo);
    return { best: most, effective: { ...effective, fewest: 0 }, why: instanceTypes.why, assumes: trunking.assumes };
  }
  const types = instanceTypes.value;
  const assumes = union(instanceTypes.assumes, trunking.assumes);
  const slotsIf = (state: TrunkingState) => besides(extraInterfaces, (extra) => interfaceSlotsOfMix(types, state, extra));
  const slots = slotsIf(trunking.state);
  if (!slots) {
    const missing = types.find((type) => interfaceSlotsOfMix([type], trunking.state) === undefined);
    const why = missing === undefined ? `${group.name} names no instance type` : `how many interfaces ${missing} has is not known`;
    return { best: Infinity, effective: { fewest: 0, most: Infinity }, why, assumes };
  }
  const { effective, most } = slots;
  return {
    best: most,
    effective,
    without: slotsIf('off')?.effective,
    with: slotsIf('on')?.effective,
    ...effective.fewest === effective.most ? {} : { why: whyApart(group, types, effective) },
    assumes,
  };
}

/** What is left besides the fewest and the most interfaces that launch templates add. */
function besides({ lo, hi }: Range, slotsWith: (extra: number) => InterfaceSlots | undefined): InterfaceSlots | undefined {
  const slots = slotsWith(lo);
  if (lo === hi) {
    return slots;
  }
  const fewest = slotsWith(hi);
  return slots && fewest && { effective: { fewest: fewest.effective.fewest, most: slots.effective.most }, most: slots.most };
}

function whyApart({ name, trunking, extraInterfaces }: HostGroup, types: readonly string[], { fewest, most }: Interval): string {
  if (trunking.state === 'unknown') {
    return trunking.why;
  }
  const { lo, hi } = extraInterfaces;
  if (lo !== hi) {
    return `the launch templates of ${name} add ${lo} to ${hi} interfaces, so that its instances hold ${fewest} to ${most} awsvpc tasks`;
  }
  return types.length > 1
    ? `the instances of ${name} may be of ${types.length} types, which hold ${fewest} to ${most} awsvpc tasks`
    : `AWS's sources differ on how many awsvpc tasks ${types[0]} holds: ${fewest} to ${most}`;
}

/** Interfaces of an instance, where all of its types have as many. */
export function interfacesOf(types: readonly string[]): number | undefined {
  const numbers = new Set(types.map((type) => instanceLimits(type)?.maxEnis));
  const [only] = numbers;
  return numbers.size === 1 ? only : undefined;
}
