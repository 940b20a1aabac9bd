import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, Dependable, IDependable } from 'constructs';
import { ICapacity } from '../../capacity/capacity';
import { invalid, requireInteger } from '../../invalid';
import { firstClash, MAX_PORT_RANGES_PER_CONTAINER, METRICS_PORT, overlaps, reservedTcpPort } from '../../limits/ports';
import { TaskOptions } from '../network-mode-service-props';
import { PlacedPort, PortUse, printed } from './port-use';

/** The construct id of a service's own container, and its name where none is given. */
export const MAIN_CONTAINER = 'app';

export function makeTaskDefinition(
  scope: Construct, networkMode: ecs.NetworkMode, capacity: ICapacity, options: TaskOptions = {},
): ecs.TaskDefinition {
  requireInteger(scope, 'task.cpu', options.cpu, 1);
  requireInteger(scope, 'task.memoryMiB', options.memoryMiB, 1);
  const sized = capacity.compatibility !== ecs.Compatibility.EC2;
  if (options.runtimePlatform && !sized) {
    throw invalid(scope, "'task.runtimePlatform' is for Fargate and Managed Instances; on EC2 the instances decide ('instanceType' of the capacity)");
  }
  if (options.ephemeralStorageGiB !== undefined && capacity.compatibility !== ecs.Compatibility.FARGATE) {
    throw invalid(scope, "'task.ephemeralStorageGiB' is for Fargate; elsewhere tasks have the instance's volumes");
  }
  const { cpu = sized ? 256 : undefined, memoryMiB = sized ? 512 : undefined, ...rest } = options;
  return new ecs.TaskDefinition(scope, 'TaskDefinition', {
    ...rest,
    compatibility: capacity.compatibility,
    networkMode,
    cpu: cpu?.toString(),
    memoryMiB: memoryMiB?.toString(),
  });
}

/** A container to be, and the task it is added to. */
export interface NewContainer {
  readonly options: ecs.ContainerDefinitionOptions;
  readonly ports: readonly PortUse[];
  readonly taskDefinition: ecs.TaskDefinition;
  readonly taskMemoryMiB?: number;
  /** The ports the task has already. */
  readonly takenPorts: readonly PlacedPort[];
}

/** Adds a container with its ports to a task, after checking the ports against those the task has. */
export function addContainer(scope: Construct, id: string, container: NewContainer): ecs.ContainerDefinition {
  const { options, ports, taskDefinition, taskMemoryMiB, takenPorts } = container;
  if (options.portMappings?.length) {
    throw invalid(scope, `'portMappings' of container '${id}' must be left out: 'ports' says them, in the kind the network mode has`);
  }
  if (taskDefinition.compatibility === ecs.Compatibility.EC2
    && [taskMemoryMiB, options.memoryLimitMiB, options.memoryReservationMiB].every((memory) => memory === undefined)) {
    throw invalid(scope, `container '${id}' needs 'memoryReservationMiB' or 'memoryLimitMiB' on EC2, or the task 'task.memoryMiB': ECS places tasks by it`);
  }
  checkPorts(scope, taskDefinition.networkMode, ports, takenPorts);
  return taskDefinition.addContainer(id, {
    ...options,
    logging: options.logging ?? ecs.LogDrivers.awsLogs({ streamPrefix: scope.node.id, logRetention: logs.RetentionDays.ONE_MONTH }),
    portMappings: ports.map(({ mapping }) => mapping),
  });
}

function checkPorts(scope: Construct, networkMode: ecs.NetworkMode, newPorts: readonly PortUse[], ports: readonly PlacedPort[]): void {
  const ranges = newPorts.filter(({ mapping }) => mapping.containerPortRange);
  if (ranges.length > MAX_PORT_RANGES_PER_CONTAINER) {
    throw invalid(scope, `a container has at most ${MAX_PORT_RANGES_PER_CONTAINER} port ranges, got ${ranges.length}`);
  }
  for (const port of newPorts) {
    const held = port.hostPorts && port.protocol === 'tcp' ? reservedTcpPort(port.hostPorts) : undefined;
    if (held) {
      throw invalid(scope, `host port ${held.port}/tcp is held by ${held.holder} on every instance: no task that wants it is ever placed`);
    }
  }
  // On an instance tasks compete for host ports; within an awsvpc task containers compete for the task's own.
  const field = networkMode === ecs.NetworkMode.AWS_VPC ? 'containerPorts' : 'hostPorts';
  const clash = firstClash([...ports, ...newPorts]
    .flatMap((port) => port[field] ? [{ port, ports: port[field], protocol: port.protocol }] : []));
  if (clash) {
    throw invalid(scope, `${field === 'hostPorts' ? 'host' : 'container'} port ${printed(clash[0].port)} and ${printed(clash[1].port)} of one task overlap: `
      + 'its containers share them, so only one could listen');
  }
  const dynamic = newPorts.filter((port) => port.dynamic && port.containerPorts);
  const twice = firstClash(dynamic.map((port) => ({ port, ports: port.containerPorts!, protocol: port.protocol })));
  if (twice) {
    throw invalid(scope, `container ports ${printed(twice[0].port)} and ${printed(twice[1].port)} of one container overlap`);
  }
}

/**
 * The role that pulls images and writes logs, with its policies. A task started before it has them fails, and the circuit breaker
 * counts that. Looked for when dependencies are read: a sidecar may be the first to need the role.
 */
export function executionRoleOf(taskDefinition: ecs.TaskDefinition): IDependable {
  const role: IDependable = {};
  Dependable.implement(role, {
    get dependencyRoots() {
      return taskDefinition.executionRole ? [taskDefinition.executionRole] : [];
    },
  });
  return role;
}

/** Whether a port is the one the agent takes only where its Prometheus metrics are on. */
export function takesMetricsPort({ hostPorts, protocol }: PortUse): boolean {
  return protocol === 'tcp' && hostPorts !== undefined && overlaps(hostPorts, { first: METRICS_PORT, last: METRICS_PORT });
}
