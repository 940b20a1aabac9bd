/** How many tasks of one service fit on an instance, besides by interfaces. */
import { instanceLimits } from '../limits/instance-limits';
import type { HostGroup, Service } from './facts';
import { hostPortUses, PortUse } from './host-ports';
import type { TasksOnPorts } from './tasks-on-ports';
import { assumesOf, exactly, Range, Value } from './value';

export interface TaskRoom {
  /**
   * On an instance that holds most; `Infinity` where nothing limits it, as far as it is known. An upper end: instances register less memory
   * than they have.
   */
  readonly perInstance: number;
  readonly by: 'port' | 'distinct-instance' | Size | 'nothing';
  /** The fixed host port, where it is one that limits it: of several that which others take most. */
  readonly use?: PortUse;
  /** Tasks of other services that take it on these instances. */
  readonly others: number;
  /** Why there may be less; the fixed port or the constraint is not known. */
  readonly why?: string;
  readonly assumes: readonly string[];
}

/** What of an instance is used up; of several types it may be the one here and the other there. */
export type Size = 'cpu' | 'memory' | 'cpu-or-memory';

/**
 * What CPU and memory hold of an instance, but one task at most with a fixed host port [M08] or with `distinctInstance`. Those that are not
 * known limit nothing. `onPorts` matters to services with host ports only.
 */
export function taskRoom(service: Service, hostGroups: readonly HostGroup[], onPorts: TasksOnPorts = () => 0): TaskRoom {
  const { uses, why } = hostPortUses(service);
  const { distinctInstance } = service;
  const open = why === undefined ? {} : { why };
  const bySize = sizeRoom(service, hostGroups);
  const perInstance = Math.min(mostByRule(service), bySize.perInstance);
  const by = perInstance === 0 ? { by: bySize.by } : {};
  if (uses.length > 0) {
    const { use, others } = uses.map((one) => ({ use: one, others: onPorts(service, one) }))
      .reduce((most, one) => one.others > most.others ? one : most);
    return { perInstance, by: 'port', use, others, ...open, assumes: use.assumes, ...by };
  }
  if (distinctInstance.known && distinctInstance.value) {
    return { perInstance, by: 'distinct-instance', others: 0, ...open, assumes: distinctInstance.assumes, ...by };
  }
  return { ...bySize, others: 0, ...distinctInstance.known ? open : { why: distinctInstance.why, ...open } };
}

/** The tasks that one instance of these types holds; two ends where types differ. */
export function tasksPerInstance(service: Service, instanceTypes: Value<readonly string[]>): Range {
  const most = mostByRule(service);
  const tasks = sizesOf(instanceTypes).map((type) => Math.min(most, onType(service, type).tasks));
  return tasks.length === 0 ? exactly(most) : { lo: Math.min(...tasks), hi: Math.max(...tasks) };
}

/** One with a fixed host port or `distinctInstance`, whatever the instance. */
function mostByRule(service: Service): number {
  const { distinctInstance } = service;
  return hostPortUses(service).uses.length > 0 || (distinctInstance.known && distinctInstance.value) ? 1 : Infinity;
}

function sizesOf(instanceTypes: Value<readonly string[]>): readonly string[] {
  return instanceTypes.known ? instanceTypes.value : [];
}

interface SizeRoom extends Pick<TaskRoom, 'perInstance' | 'assumes'> {
  readonly by: Size | 'nothing';
}

function sizeRoom(service: Service, hostGroups: readonly HostGroup[]): SizeRoom {
  const types = new Set(hostGroups.flatMap(({ instanceTypes }) => sizesOf(instanceTypes)));
  const rooms = [...types].map((type) => onType(service, type));
  const isOpen = hostGroups.some(({ instanceTypes }) => sizesOf(instanceTypes).length === 0);
  const perInstance = isOpen || rooms.length === 0 ? Infinity : Math.max(...rooms.map(({ tasks }) => tasks));
  const sizes = new Set(rooms.flatMap(({ tasks, by }) => tasks === Infinity ? [] : [by]));
  const [size] = sizes;
  const { cpu, memoryMiB } = service.taskDefinition ?? {};
  const rests = [...hostGroups.map(({ instanceTypes }) => instanceTypes), ...cpu ? [cpu] : [], ...memoryMiB ? [memoryMiB] : []];
  return size === undefined
    ? { perInstance, by: 'nothing', assumes: [] }
    : { perInstance, by: sizes.size > 1 ? 'cpu-or-memory' : size, assumes: assumesOf(...rests) };
}

/** CPU and memory of one type together: the one may be short where the other is not. */
function onType({ taskDefinition }: Service, type: string): { readonly tasks: number; readonly by: 'cpu' | 'memory' } {
  const { vcpus, memoryMiB } = instanceLimits(type) ?? {};
  const byCpu = timesIn(vcpus === undefined ? undefined : vcpus * 1024, taskDefinition?.cpu);
  const byMemory = timesIn(memoryMiB, taskDefinition?.memoryMiB);
  return byCpu <= byMemory ? { tasks: byCpu, by: 'cpu' } : { tasks: byMemory, by: 'memory' };
}

function timesIn(has: number | undefined, perTask: Value<number> | undefined): number {
  return has === undefined || !perTask?.known || !perTask.value ? Infinity : Math.floor(has / perTask.value);
}
