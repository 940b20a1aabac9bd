/**
 * The ports that the containers of a task take: of the instance in host and bridge mode, of the task's own interface in awsvpc mode.
 *
 * Numbers that are no ports are left out, as port-mapping-invalid speaks of these.
 */
import { isPort, Ports, TransportProtocol } from '../limits/ports';
import type { Container, NetworkMode, PortMapping, Service, TaskDefinition } from './facts';
import { once } from './once';
import { all, chained, known, mapped, union, unknown, Value } from './value';

/** A port mapping's ports, as far as they are known. A host port that is left to Docker is no claim. */
export interface PortClaim {
  readonly container: Container;
  readonly protocol: Value<TransportProtocol>;
  /** Two unknown ones with the same identity are the same ports. */
  readonly ports: Value<Ports>;
}

/** A claim of which all is known. */
export interface PortUse {
  readonly container: Container;
  readonly protocol: TransportProtocol;
  readonly ports: Ports;
  readonly assumes: readonly string[];
}

export interface PortUses {
  readonly uses: readonly PortUse[];
  /** Of which something is not known. */
  readonly open: readonly PortClaim[];
  /** The first thing that is not known; absent where `uses` is all. */
  readonly why?: string;
}

/** The ends of a `ContainerPortRange`; `undefined` for what is none: `first-last`, first below last, both ports [P11]. */
export function portsOfRange(written: string): Ports | undefined {
  const [, first, last] = /^\s*(\d+)\s*-\s*(\d+)\s*$/.exec(written) ?? [];
  const ports = { first: Number(first), last: Number(last) };
  return isPort(ports.first) && isPort(ports.last) && ports.first < ports.last ? ports : undefined;
}

/** What the containers of a task take of the space of ports that they share in a network mode. */
export function portUses(definition: TaskDefinition, mode: Value<NetworkMode>): PortUses {
  const missing = (why: string): PortUses => ({ uses: [], open: [], why });
  if (!mode.known) {
    return missing(mode.why);
  }
  if (!definition.containers.known) {
    return missing(definition.containers.why);
  }
  const uses: PortUse[] = [];
  const open: PortClaim[] = [];
  let why: string | undefined;
  for (const container of definition.containers.value) {
    const mappings = container.ports;
    if (!mappings.known) {
      why ??= mappings.why;
      continue;
    }
    for (const mapping of mappings.value) {
      const ports = claimed(mapping, mode.value);
      const { protocol } = mapping;
      const both = ports && all<unknown>([protocol, ports]);
      if (ports?.known && protocol.known) {
        const assumes = union(mode.assumes, definition.containers.assumes, mappings.assumes, protocol.assumes, ports.assumes);
        uses.push({ container, protocol: protocol.value, ports: ports.value, assumes });
      } else if (ports && both && !both.known) {
        open.push({ container, protocol, ports });
        why ??= both.why;
      }
    }
  }
  const isTaken = ({ ports }: { readonly ports: Ports }) => isPort(ports.first) && isPort(ports.last);
  return { uses: uses.filter(isTaken), open, ...why === undefined ? {} : { why } };
}

/** Those that a service's tasks take of their instances; none in awsvpc mode. */
export const hostPortUses = once((service: Service): PortUses => {
  const { mode, taskDefinition } = service;
  if (mode.known && (mode.value === 'awsvpc' || mode.value === 'none')) {
    return { uses: [], open: [] };
  }
  return taskDefinition ? portUses(taskDefinition, mode) : { uses: [], open: [], why: mode.known ? 'its task definition is not of what is given' : mode.why };
});

/** How a container is named in a finding. */
export function containerName({ name }: Container): string {
  return name.known ? name.value : 'without a known name';
}

export function isInHostMode({ mode }: Pick<Service, 'mode'>): boolean {
  return mode.known && mode.value === 'host';
}

/** The property that sets the host port of some services: in host mode it is the container's, or ECS refuses it [M08]. */
export function hostPortProperty(services: readonly Service[]): string {
  return services.every(isInHostMode) ? 'ContainerPort' : 'HostPort';
}

export function portsText({ first, last }: Ports): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** `tcp 80`, `udp 8000-8010`. */
export function useText({ protocol, ports }: Pick<PortUse, 'protocol' | 'ports'>): string {
  return `${protocol} ${portsText(ports)}`;
}

function claimed({ containerPort, hostPort, range }: PortMapping, mode: NetworkMode): Value<Ports> | undefined {
  const ofContainer = range
    ? chained(range, (written) => known(portsOfRange(written) ?? single(0)))
    : containerPort && mapped(containerPort, single);
  switch (mode) {
    case 'none':
      return undefined;
    case 'awsvpc':
      return ofContainer;
    case 'host':
      // 0 asks for a port of Docker's choice, and in host mode Docker chooses none.
      return range || !hostPort || (hostPort.known && hostPort.value === 0) ? ofContainer : mapped(hostPort, single);
    case 'bridge':
    case 'default':
      if (range || !hostPort || (hostPort.known && hostPort.value === 0)) {
        return undefined;
      }
      // It may be 0, so that two equal ones need not clash.
      return hostPort.known ? mapped(hostPort, single) : unknown(hostPort.why);
  }
}

function single(port: number): Ports {
  return { first: port, last: port };
}
