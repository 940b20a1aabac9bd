/** How many tasks of other services take a host port of the same instances. */
import type { Ports } from '../limits/ports';
import type { HostGroup, Service } from './facts';
import { hostPortUses, PortUse } from './host-ports';

/** The steady tasks of others, of which each surely takes one of the instances of a service, and its port there. */
export type TasksOnPorts = (service: Service, use: PortUse) => number;

/** Services that are placed on the same groups. */
interface Neighbours {
  readonly groups: ReadonlySet<HostGroup>;
  readonly services: Service[];
}

/** The tasks on each port from `ports[i]` to the one before `ports[i + 1]`. */
interface Steps {
  readonly ports: readonly number[];
  readonly tasks: readonly number[];
}

/** Reads each service once, and not once for each of the others. */
export function tasksOnPorts(services: readonly Service[]): TasksOnPorts {
  const keyOf = groupKeys();
  const neighbours = new Map<string, Neighbours>();
  const on = new Map<HostGroup, Neighbours[]>();
  for (const service of services.filter(isCounted)) {
    const groups = groupsOf(service);
    const key = keyOf(groups);
    const those = neighbours.get(key) ?? { groups: new Set(groups), services: [] };
    if (those.services.length === 0) {
      neighbours.set(key, those);
      those.groups.forEach((group) => on.get(group)?.push(those) ?? on.set(group, [those]));
    }
    those.services.push(service);
  }
  const steps = new Map<string, Steps>();
  return (service, use) => {
    const groups = groupsOf(service);
    const key = `${use.protocol} ${keyOf(groups)}`;
    const its = steps.get(key) ?? stepsOf(within(groups, on), use.protocol);
    steps.set(key, its);
    return mostOn(its, use.ports) - (isCounted(service) ? tasksOf(service) : 0);
  };
}

/** One that may be elsewhere, or of which it is not known how many tasks it has, surely takes nothing. */
function isCounted({ scheduling, launch, desired }: Service): boolean {
  return scheduling === 'REPLICA' && launch.known && launch.value.complete && launch.value.hostGroups.length > 0 && desired.known;
}

function groupsOf({ launch }: Service): readonly HostGroup[] {
  return launch.known ? launch.value.hostGroups : [];
}

function tasksOf({ desired }: Service): number {
  return desired.known ? desired.value : 0;
}

/** Equal for the same groups in any order. Works each list out once, as the services of a cluster share one. */
function groupKeys(): (groups: readonly HostGroup[]) => string {
  const numbers = new Map<HostGroup, number>();
  const keys = new Map<readonly HostGroup[], string>();
  return (groups) => {
    const key = keys.get(groups) ?? [...new Set(groups)].map((group) => {
      const number = numbers.get(group) ?? numbers.size;
      numbers.set(group, number);
      return number;
    }).sort((a, b) => a - b).join();
    keys.set(groups, key);
    return key;
  };
}

function within(groups: readonly HostGroup[], on: ReadonlyMap<HostGroup, readonly Neighbours[]>): Service[] {
  const all = new Set(groups);
  const those = new Set(groups.flatMap((group) => on.get(group) ?? []));
  return [...those].filter((one) => [...one.groups].every((group) => all.has(group))).flatMap((one) => one.services);
}

function stepsOf(services: readonly Service[], protocol: PortUse['protocol']): Steps {
  const changes = new Map<number, number>();
  const change = (port: number, by: number) => changes.set(port, (changes.get(port) ?? 0) + by);
  for (const service of services) {
    for (const { first, last } of merged(hostPortUses(service).uses.filter((use) => use.protocol === protocol).map(({ ports }) => ports))) {
      change(first, tasksOf(service));
      change(last + 1, -tasksOf(service));
    }
  }
  const ports = [...changes.keys()].sort((a, b) => a - b);
  let tasks = 0;
  return { ports, tasks: ports.map((port) => tasks += changes.get(port)!) };
}

/** A port that containers of one task both want still counts once for the task. */
function merged(all: readonly Ports[]): Ports[] {
  const found: Ports[] = [];
  for (const ports of [...all].sort((a, b) => a.first - b.first)) {
    const before = found[found.length - 1];
    if (before && ports.first <= before.last) {
      found[found.length - 1] = { first: before.first, last: Math.max(before.last, ports.last) };
    } else {
      found.push(ports);
    }
  }
  return found;
}

/** On the port of a range on which there are most: those on two ports of it may share an instance. */
function mostOn({ ports, tasks }: Steps, { first, last }: Ports): number {
  let [low, high] = [0, ports.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    [low, high] = ports[middle] <= first ? [middle + 1, high] : [low, middle];
  }
  let most = low > 0 ? tasks[low - 1] : 0;
  for (let next = low; next < ports.length && ports[next] <= last; next++) {
    most = Math.max(most, tasks[next]);
  }
  return most;
}
