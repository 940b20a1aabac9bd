/** How many tasks of one service fit on an instance, besides by interfaces. */
import { instanceLimits } from '../limits/instance-limits';
import type { HostGroup, Service } from './facts';
import { hostPortUses, PortUse } from './host-ports';
import type { TasksOnPorts } from './tasks-on-ports';

export interface TaskRoom {
  /** `Infinity` where nothing limits it, as far as it is known. An upper end: instances register less memory than they have. */
  readonly perInstance: number;
  readonly by: 'port' | 'distinct-instance' | 'cpu' | 'memory' | 'nothing';
  /** The fixed host port, where it is one that limits it: of several that which others take most. */
  readonly use?: PortUse;
  /** Tasks of other services that take it on these instances. */
  readonly others: number;
  /** Why there may be less; the fixed port or the constraint is not known. */
  readonly why?: string;
  readonly assumes: readonly string[];
}

/**
 * One task per instance with a fixed host port [M08] or with `distinctInstance`, else what CPU and memory hold on the largest type. Those
 * that are not known limit nothing. `onPorts` matters to services with host ports only.
 */
export function taskRoom(service: Service, hostGroups: readonly HostGroup[], onPorts: TasksOnPorts = () => 0): TaskRoom {
  const { uses, why } = hostPortUses(service);
  const { distinctInstance } = service;
  const open = why === undefined ? {} : { why };
  if (uses.length > 0) {
    const { use, others } = uses.map((one) => ({ use: one, others: onPorts(service, one) }))
      .reduce((most, one) => one.others > most.others ? one : most);
    return { perInstance: 1, by: 'port', use, others, ...open, assumes: use.assumes };
  }
  if (distinctInstance.known && distinctInstance.value) {
    return { perInstance: 1, by: 'distinct-instance', others: 0, ...open, assumes: distinctInstance.assumes };
  }
  const byCpu = bySize(hostGroups, service.taskDefinition?.cpu, (vcpus) => vcpus * 1024, 'vcpus');
  const byMemory = bySize(hostGroups, service.taskDefinition?.memoryMiB, (memoryMiB) => memoryMiB, 'memoryMiB');
  const perInstance = Math.min(byCpu, byMemory);
  const by = perInstance === Infinity ? 'nothing' : byCpu === perInstance ? 'cpu' : 'memory';
  return { perInstance, by, others: 0, ...distinctInstance.known ? open : { why: distinctInstance.why, ...open }, assumes: [] };
}

function bySize(
  hostGroups: readonly HostGroup[],
  perTask: { readonly known: boolean; readonly value?: number } | undefined,
  offered: (figure: number) => number,
  figure: 'vcpus' | 'memoryMiB',
): number {
  if (!perTask?.known || !perTask.value || hostGroups.length === 0) {
    return Infinity;
  }
  const { value } = perTask;
  return Math.max(...hostGroups.flatMap(({ instanceTypes }) => instanceTypes.known && instanceTypes.value.length > 0
    ? instanceTypes.value.map((type) => {
      const has = instanceLimits(type)?.[figure];
      return has === undefined ? Infinity : Math.floor(offered(has) / value);
    })
    : [Infinity]));
}
