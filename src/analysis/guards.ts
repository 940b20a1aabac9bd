/**
 * Which security groups stand between a service's tasks and whoever talks to them, and on which ports the tasks listen behind these.
 *
 * In awsvpc mode that is the task's own interface with the container's ports; in bridge and host mode the instance's, with host ports.
 */
import type { Ports, TransportProtocol } from '../limits/ports';
import { dynamicPortsOn } from './agent-ports';
import type { HostGroup, PortMapping, SecurityGroup, SecurityGroupRule, Service, ToMany } from './facts';
import { portsOfRange, portsText } from './host-ports';
import { once } from './once';
import type { Severity } from './rule';
import { placing } from './task-shares';
import { chained, known, mapped, unknown, Value } from './value';

/** The groups on one kind of interface that a service's tasks may have. */
export interface Guard {
  readonly groups: ToMany<SecurityGroup>;
  /** The instances whose interface it is; absent where tasks have interfaces of their own. */
  readonly hostGroup?: HostGroup;
}

/** A group in a sentence: `group Nodes`, or what stands for the name of one that has none. */
export function groupTitle({ name }: Pick<SecurityGroup, 'name'>): string {
  return /^(an?|default group) /.test(name) ? name : `group ${name}`;
}

/** `group Nodes admits`, `groups Web, Nodes admit`. */
export function admitting(groups: ToMany<SecurityGroup>): string {
  return hasSeveral(groups) ? `groups ${namesOf(groups)} admit` : `group ${namesOf(groups)} admits`;
}

export function hasSeveral(groups: ToMany<SecurityGroup>): boolean {
  return groups.known && groups.value.length > 1;
}

export function namesOf(groups: ToMany<SecurityGroup> | undefined): string {
  return groups?.known ? groups.value.map(({ target, literal, identity }) => target?.name ?? literal ?? identity).join(', ') : '…';
}

/** What a rule opens, whoever for: `tcp 8080`. */
export function openedText({ protocol, ports }: SecurityGroupRule): string {
  const name = protocol.known ? protocol.value : 'a protocol that is not known';
  if (name === 'all') {
    return 'all ports of all protocols';
  }
  return name === 'tcp' || name === 'udp' ? `${name} ${ports.known ? portsText(ports.value) : 'ports that are not known'}` : name;
}

/** Whether something outside may add rules to one of some groups, as it has hold of it. */
export function mayGetRules(groups: ToMany<SecurityGroup> | undefined): boolean {
  return groups?.known === true && groups.value.some(({ target }) => target?.leaves());
}

/** How severe it is that rules are missing where any of these groups may get them from outside. */
export function lowered(severity: Severity, groups: ReadonlyArray<ToMany<SecurityGroup> | undefined>): Severity {
  return groups.some(mayGetRules) ? lower(severity) : severity;
}

export function lower(severity: Severity): Severity {
  return severity === 'error' ? 'warning' : 'info';
}

export interface Guards {
  readonly guards: readonly Guard[];
  /** Why there may be others: of instances that are not of what is given. */
  readonly why?: string;
}

/**
 * The guards of a service's tasks, also of those that ran before it was updated: on instances of a provider that it uses no more they go on
 * until they are stopped.
 */
export const guardsOfAll = once(guardsBy);

/**
 * The guards of the tasks that a service places. With several, any of them may stand before a task, so that what must get through must get
 * through each.
 */
export const guardsOf = once((service: Service): Guards => {
  const { awsvpc, launch, mode } = service;
  const its = launch.known ? placing(launch.value) : undefined;
  return !launch.known || its === launch.value ? guardsOfAll(service) : guardsBy({ awsvpc, mode, launch: { ...launch, value: its! } });
});

function guardsBy({ awsvpc, launch, mode }: Pick<Service, 'awsvpc' | 'launch' | 'mode'>): Guards {
  if (!mode.known) {
    return { guards: [], why: mode.why };
  }
  if (mode.value === 'awsvpc') {
    return awsvpc ? { guards: [{ groups: awsvpc.securityGroups }] } : { guards: [], why: 'it has no network configuration' };
  }
  if (mode.value === 'none') {
    return { guards: [] };
  }
  if (!launch.known) {
    return { guards: [], why: launch.why };
  }
  const { hostGroups, complete, incompleteBecause = 'not all of its instances are known' } = launch.value;
  const guards = hostGroups.map((hostGroup) => ({ hostGroup, groups: hostGroup.securityGroups }));
  return complete && guards.length > 0 ? { guards } : { guards, why: complete ? 'its instances are not of what is given' : incompleteBecause };
}

/** What a mapping has the tasks listen on, at a guard. */
export interface Listening {
  readonly protocol: TransportProtocol;
  readonly ports: Ports;
  /** Any one of the ports, which Docker picks anew for each task. */
  readonly dynamic: boolean;
}

/** The ports of a mapping at a guard: the container's in awsvpc mode, the host's else. */
export function listeningOn(service: Service, mapping: PortMapping, { hostGroup }: Guard): Value<Listening> {
  const { containerPort, hostPort, range, protocol } = mapping;
  const ofContainer = range ? rangeOf(range) : mapped(containerPort ?? unknown('a mapping names no port'), single);
  const ports: Value<Omit<Listening, 'protocol'>> = chained(service.mode, (its): Value<Omit<Listening, 'protocol'>> => {
    switch (its) {
      case 'awsvpc':
        return fixed(ofContainer);
      case 'host':
        return fixed(range || !hostPort ? ofContainer : chained(hostPort, (port) => port === 0 ? ofContainer : known(single(port))));
      case 'bridge':
      case 'default':
        return chained(range || !hostPort ? known(0) : hostPort, (port) => (
          port === 0
            ? mapped(dynamicPortsOn(hostGroup, service.operatingSystem), (its_) => ({ ports: its_, dynamic: true }))
            : fixed(known(single(port)))));
      case 'none':
        return unknown('tasks without a network listen on nothing');
    }
  });
  return chained(protocol, (name) => mapped(ports, (its) => ({ protocol: name, ...its })));
}

/** Everything a service's tasks listen on at a guard, as far as it is known, and what the first is that is not. */
export function allListening(service: Service, guard: Guard): { readonly listening: readonly Listening[]; readonly why?: string } {
  const { taskDefinition } = service;
  if (!taskDefinition) {
    return { listening: [], why: 'its task definition is not of what is given' };
  }
  const { containers } = taskDefinition;
  if (!containers.known) {
    return { listening: [], why: containers.why };
  }
  const lists = containers.value.map(({ ports }) => ports);
  const values = lists.flatMap((list) => list.known ? list.value : []).map((mapping) => listeningOn(service, mapping, guard));
  const missing = [...lists, ...values].find((value) => !value.known);
  return {
    listening: values.flatMap((value) => value.known ? [value.value] : []),
    ...missing?.known === false ? { why: missing.why } : {},
  };
}

function fixed(ports: Value<Ports>): Value<Omit<Listening, 'protocol'>> {
  return mapped(ports, (its) => ({ ports: its, dynamic: false }));
}

function rangeOf(range: Value<string>): Value<Ports> {
  return chained(range, (written) => {
    const ports = portsOfRange(written);
    return ports ? known(ports) : unknown(`${JSON.stringify(written)} is no range of ports`);
  });
}

function single(port: number): Ports {
  return { first: port, last: port };
}
