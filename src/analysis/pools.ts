/** Which services compete for the same instances. */
import type { HostGroup, Service } from './facts';

/** A service with the host groups that its tasks may be placed on. */
export interface Placed {
  readonly service: Service;
  readonly hostGroups: readonly HostGroup[];
}

/** Services and host groups that hang together: no other of these services is placed on these, nor these anywhere else. */
export interface Pool<T extends Placed> {
  readonly members: readonly T[];
  /** Each once. */
  readonly hostGroups: readonly HostGroup[];
}

/** In the order of their first services. One that is placed on nothing that is known is a pool by itself. */
export function poolsOf<T extends Placed>(placed: readonly T[]): ReadonlyArray<Pool<T>> {
  const parents = new Map<HostGroup, HostGroup>();
  const rootOf = (group: HostGroup): HostGroup => {
    let root = group;
    for (let parent = parents.get(root)!; parent !== root; parent = parents.get(root)!) {
      // Halves the way for the next who asks.
      parents.set(root, parents.get(parent)!);
      root = parent;
    }
    return root;
  };
  // Services of a cluster share one list.
  for (const hostGroups of new Set(placed.map((one) => one.hostGroups))) {
    hostGroups.forEach((group) => parents.set(group, parents.get(group) ?? group));
    hostGroups.slice(1).forEach((group) => parents.set(rootOf(group), rootOf(hostGroups[0])));
  }
  const groupsOf = new Map<HostGroup, HostGroup[]>();
  for (const group of parents.keys()) {
    const root = rootOf(group);
    const those = groupsOf.get(root);
    if (those) {
      those.push(group);
    } else {
      groupsOf.set(root, [group]);
    }
  }
  const members = new Map<HostGroup | T, T[]>();
  for (const one of placed) {
    const [first] = one.hostGroups;
    const key = first ? rootOf(first) : one;
    const those = members.get(key);
    if (those) {
      those.push(one);
    } else {
      members.set(key, [one]);
    }
  }
  return [...members].map(([key, those]) => ({ members: those, hostGroups: groupsOf.get(key as HostGroup) ?? [] }));
}
