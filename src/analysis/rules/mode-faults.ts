/**
 * What is wrong with a network mode where it is used. A rule of its own reports it; others that read a service's mode are silent then, as
 * everything else follows from that one cause.
 */
import type { Launch, NetworkMode, Service, TaskDefinition } from '../facts';
import { listed } from '../listed';
import { once } from '../once';
import type { Severity } from '../rule';
import { union, unknown, Unknown, Value } from '../value';

export interface ModeFault {
  readonly severity: Severity;
  readonly message: string;
  readonly fix: string;
  readonly assumes: readonly string[];
}

/** Whether nothing is known to be wrong with a service's network mode. Where this is false, rules that read the mode stay silent. */
export const isModeSound = once((service: Service): boolean =>
  !isFault(faultOfService(service)) && !(service.taskDefinition && isFault(faultOfTaskDefinition(service.taskDefinition))));

export function isFault(fault: ModeFault | Unknown | undefined): fault is ModeFault {
  return fault !== undefined && 'severity' in fault;
}

type Place = Exclude<Launch['kind'], 'ec2'> | 'linux' | 'windows';

/**
 * [M04, M05]; Fargate: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html; EC2:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html#network_mode.
 */
const MODES: Readonly<Record<Place, { readonly where: string; readonly modes: readonly NetworkMode[] }>> = {
  'fargate': { where: 'Fargate', modes: ['awsvpc'] },
  'managed-instances': { where: 'Managed Instances', modes: ['awsvpc', 'host'] },
  'external': { where: 'external instances', modes: ['bridge', 'host', 'none'] },
  'linux': { where: 'Linux instances', modes: ['awsvpc', 'bridge', 'host', 'none'] },
  'windows': { where: 'Windows instances', modes: ['awsvpc', 'default'] },
};

/** What is wrong with the mode of a service's tasks, given where they run and what the service asks for. */
export function faultOfService(service: Service): ModeFault | Unknown | undefined {
  const { launch, mode, taskDefinition } = service;
  if (launch.known && launch.value.kind === 'managed-instances' && taskDefinition?.modeDeclared === false) {
    return {
      severity: 'warning',
      // [M06]
      message: `service ${service.name} runs on Managed Instances and task definition ${taskDefinition.name} names no network mode: `
        + 'AWS documents both that it is awsvpc then and that such tasks cannot run',
      fix: `NetworkMode awsvpc or host in ${taskDefinition.name}`,
      assumes: launch.assumes,
    };
  }
  if (!mode.known) {
    return mode;
  }
  const misplaced = faultOfPlace(service, mode.value, mode.assumes);
  return isFault(misplaced) ? misplaced : faultOfRequest(service, mode.value, mode.assumes) ?? misplaced;
}

function faultOfPlace(service: Service, mode: NetworkMode, assumes: readonly string[]): ModeFault | Unknown | undefined {
  const { launch, taskDefinition } = service;
  const place = placeOf(service, mode);
  if (!place.known || MODES[place.value].modes.includes(mode)) {
    return place.known ? undefined : place;
  }
  const { where, modes } = MODES[place.value];
  if (place.value === 'managed-instances' && mode === 'none') {
    return unknown("AWS's pages differ on whether Managed Instances take network mode none");
  }
  const says = taskDefinition?.modeDeclared === false ? `names none, which is ${mode}` : `says ${mode}`;
  return {
    severity: 'error',
    message: `service ${service.name} runs on ${where}, which ${modes.length === 1 ? `takes ${modes[0]} only` : `take ${or(modes)} only`}; `
      + (taskDefinition ? `its task definition ${says}` : `its tasks are ${mode}`),
    fix: `NetworkMode ${or(modes)} in ${taskDefinition?.name ?? 'the task definition'}, or another launch type or capacity provider`,
    assumes: union(assumes, launch.known ? launch.assumes : [], place.assumes),
  };
}

function placeOf({ launch, operatingSystem }: Service, mode: NetworkMode): Value<Place> {
  if (!launch.known) {
    return launch;
  }
  if (launch.value.kind !== 'ec2') {
    return { known: true, value: launch.value.kind, assumes: [] };
  }
  // awsvpc is a mode of both; and `default`, of Windows alone, speaks against the assumption that it is Linux.
  if (mode === 'default' && operatingSystem.known && operatingSystem.assumes.length > 0) {
    return unknown('whether its instances run Windows is not known');
  }
  return mode === 'awsvpc' ? { known: true, value: 'linux', assumes: [] } : operatingSystem;
}

/** A network configuration, load balancer or registry that the mode has no use for. */
function faultOfRequest(service: Service, mode: NetworkMode, assumes: readonly string[]): ModeFault | Unknown | undefined {
  const { awsvpc, loadBalancers, registries, name } = service;
  if (awsvpc && mode !== 'awsvpc') {
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html, networkConfiguration
    return awsvpc.certain ? {
      severity: 'error',
      message: `service ${name} has an AwsvpcConfiguration, and its tasks are ${mode}: ECS takes one with awsvpc only`,
      fix: `no NetworkConfiguration in ${listed(awsvpc.owners)}, or NetworkMode awsvpc in its task definition`,
      assumes,
    } : awsvpc.subnets as Unknown;
  }
  if (mode !== 'none') {
    return undefined;
  }
  for (const [what, list] of [['load balancer', loadBalancers], ['service registry', registries]] as const) {
    if (!list.known) {
      return list;
    }
    if (list.value.length > 0) {
      // [S03]
      return {
        severity: 'error',
        message: `service ${name} has a ${what}, and its tasks are none: without a network nothing reaches them`,
        fix: `no ${what} in ${name}, or another NetworkMode in its task definition`,
        assumes: union(assumes, list.assumes),
      };
    }
  }
  return undefined;
}

/** What is wrong with the mode of a task definition whatever runs it: ECS does not register it. */
export function faultOfTaskDefinition(definition: TaskDefinition): ModeFault | Unknown | undefined {
  const { mode, requiresCompatibilities: required, name } = definition;
  if (!mode.known) {
    return required.known && required.value.includes('FARGATE') ? mode : undefined;
  }
  if (mode.value === 'awsvpc') {
    return undefined;
  }
  if (required.known && required.value.includes('FARGATE')) {
    return {
      severity: 'error',
      message: `task definition ${name} requires FARGATE, which takes awsvpc only, and ${definition.modeDeclared ? 'says' : 'names none, which is'} ${mode.value}`,
      fix: `NetworkMode awsvpc in ${name}, or no FARGATE in its RequiresCompatibilities`,
      assumes: union(mode.assumes, required.assumes),
    };
  }
  return (mode.value === 'none' ? faultOfMappings(definition) : undefined) ?? (required.known ? undefined : required);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html, networkMode: none takes no port mappings. */
function faultOfMappings({ name, mode, containers }: TaskDefinition): ModeFault | Unknown | undefined {
  if (!containers.known) {
    return containers;
  }
  const mapping = containers.value.find(({ ports }) => ports.known && ports.value.length > 0);
  return mapping
    ? {
      severity: 'error',
      message: `task definition ${name} says none, and container ${mapping.name.known ? mapping.name.value : '…'} has port mappings`,
      fix: `no PortMappings in ${name}, or another NetworkMode`,
      assumes: union(mode.known ? mode.assumes : [], containers.assumes, mapping.ports.known ? mapping.ports.assumes : []),
    }
    : containers.value.map(({ ports }) => ports).find((ports) => !ports.known) as Unknown | undefined;
}

function or(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}
