import { Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, Dependable, IDependable } from 'constructs';
import { ICapacity } from '../../capacity/capacity';
import { invalid, requireInteger, shown } from '../../invalid';
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
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-taskdefinition-ephemeralstorage.html
  requireInteger(scope, 'task.ephemeralStorageGiB', options.ephemeralStorageGiB, 21, 200);
  const { cpu, memoryMiB } = taskSize(capacity, options);
  return new ecs.TaskDefinition(scope, 'TaskDefinition', {
    ...options,
    compatibility: capacity.compatibility,
    networkMode,
    cpu: cpu === undefined ? undefined : Tokenization.stringifyNumber(cpu),
    memoryMiB: memoryMiB === undefined ? undefined : Tokenization.stringifyNumber(memoryMiB),
  });
}

/** CPU units and memory of a whole task. Fargate and Managed Instances need both. */
export function taskSize(capacity: ICapacity, { cpu, memoryMiB }: TaskOptions = {}): Pick<TaskOptions, 'cpu' | 'memoryMiB'> {
  return capacity.compatibility === ecs.Compatibility.EC2 ? { cpu, memoryMiB } : { cpu: cpu ?? 256, memoryMiB: memoryMiB ?? 512 };
}

/** A container to be, and the task it is added to. */
export interface NewContainer {
  readonly options: ecs.ContainerDefinitionOptions;
  readonly ports: readonly PortUse[];
  readonly taskDefinition: ecs.TaskDefinition;
  /** What the whole task has, where that is limited. */
  readonly size: Pick<TaskOptions, 'cpu' | 'memoryMiB'>;
  /** The ports the task has already. */
  readonly takenPorts: readonly PlacedPort[];
}

/** Adds a container with its ports to a task, after checking the ports against those the task has. */
export function addContainer(scope: Construct, id: string, container: NewContainer): ecs.ContainerDefinition {
  const { options, ports, taskDefinition, size, takenPorts } = container;
  if (options.portMappings?.length) {
    throw invalid(scope, `'portMappings' of container '${id}' must be left out: 'ports' says them, in the kind the network mode has`);
  }
  const name = options.containerName ?? id;
  if (!Token.isUnresolved(name) && taskDefinition.findContainer(name)) {
    throw invalid(scope, `'containerName' of container '${id}' must be one that no other container of the task has, got ${shown(name)}`);
  }
  if (taskDefinition.compatibility === ecs.Compatibility.EC2
    && [size.memoryMiB, options.memoryLimitMiB, options.memoryReservationMiB].every((memory) => memory === undefined)) {
    throw invalid(scope, `container '${id}' needs 'memoryReservationMiB' or 'memoryLimitMiB' on EC2, or the task 'task.memoryMiB': ECS places tasks by it`);
  }
  requireWithin(scope, id, options, 'memoryLimitMiB', 'memoryMiB', size.memoryMiB);
  requireWithin(scope, id, options, 'memoryReservationMiB', 'memoryMiB', size.memoryMiB);
  requireWithin(scope, id, options, 'cpu', 'cpu', size.cpu);
  checkPorts(scope, taskDefinition.networkMode, ports, takenPorts);
  return taskDefinition.addContainer(id, {
    ...options,
    // As `Ec2TaskDefinition` has it: with an interface of its own a task cannot ask the instance.
    environment: taskDefinition.networkMode === ecs.NetworkMode.AWS_VPC && taskDefinition.compatibility === ecs.Compatibility.EC2
      ? { AWS_REGION: Stack.of(scope).region, ...options.environment }
      : options.environment,
    logging: options.logging ?? ecs.LogDrivers.awsLogs({ streamPrefix: scope.node.id, logRetention: logs.RetentionDays.ONE_MONTH }),
    portMappings: ports.map(({ mapping }) => mapping),
  });
}

/** ECS refuses a container that asks for more than its task has. */
function requireWithin(
  scope: Construct, id: string, options: ecs.ContainerDefinitionOptions, prop: 'memoryLimitMiB' | 'memoryReservationMiB' | 'cpu', taskProp: string, most?: number,
): void {
  const asked = options[prop];
  if (asked !== undefined && most !== undefined && !Token.isUnresolved(asked) && !Token.isUnresolved(most) && asked > most) {
    throw invalid(scope, `'${prop}' of container '${id}' must be at most what the task has, ${most} ('task.${taskProp}'), got ${asked}`);
  }
}

function checkPorts(scope: Construct, networkMode: ecs.NetworkMode, newPorts: readonly PortUse[], ports: readonly PlacedPort[]): void {
  const ranges = newPorts.filter(({ mapping }) => mapping.containerPortRange);
  if (ranges.length > MAX_PORT_RANGES_PER_CONTAINER) {
    throw invalid(scope, `a container has at most ${MAX_PORT_RANGES_PER_CONTAINER} port ranges, got ${ranges.length}`);
  }
  newPorts.forEach((port) => requireFree(scope, port));
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

/** @throws if a host port is one that something holds on every instance */
export function requireFree(scope: Construct, { hostPorts, protocol }: Pick<PortUse, 'hostPorts' | 'protocol'>): void {
  const held = hostPorts && protocol === 'tcp' ? reservedTcpPort(hostPorts) : undefined;
  if (held) {
    throw invalid(scope, `host port ${held.port}/tcp is held by ${held.holder} on every instance: no task that wants it is ever placed`);
  }
}

/** Whether a port is the one the agent takes only where its Prometheus metrics are on. */
export function takesMetricsPort({ hostPorts, protocol }: Pick<PortUse, 'hostPorts' | 'protocol'>): boolean {
  return protocol === 'tcp' && hostPorts !== undefined && overlaps(hostPorts, { first: METRICS_PORT, last: METRICS_PORT });
}
