/** Which port mappings a container name and a container port mean: load balancers and registries name both. */
import type { PortMapping, Service } from '../facts';
import { all, assumesOf, chained, equal, known, union, unknown, Unknown, Value } from '../value';

/** The mappings of a port, and others that may be of it; or of which none is there: why, as the end of a sentence about the service. */
export type Mapped =
  | { readonly mappings: readonly PortMapping[]; readonly possible: readonly PossibleMapping[] }
  | { readonly missing: string };

/** A mapping whose port is not known, or of a range with the port in it. */
export interface PossibleMapping {
  readonly mapping: PortMapping;
  readonly open: Unknown;
}

/** What a service's task definition maps at a container's port. */
export function mappingsAt({ taskDefinition }: Service, containerName: Value<string>, containerPort: Value<number>): Value<Mapped> {
  if (!taskDefinition) {
    return unknown('its task definition is not of what is given');
  }
  const { containers } = taskDefinition;
  if (!containers.known) {
    return containers;
  }
  const assumes = union(containers.assumes, assumesOf(containerName, containerPort));
  const container = containers.value.find(({ name }) => equal(name, containerName) === 'yes');
  if (!container) {
    const wanted = all([containerName, ...containers.value.map(({ name }) => name)]);
    return chained(wanted, ([name, ...names]) => (
      known({ missing: `container ${name}, and task definition ${taskDefinition.name} has ${list(names)}` }, assumes)));
  }
  if (!container.ports.known) {
    return container.ports;
  }
  const mappings = container.ports.value.filter(({ containerPort: port }) => port && equal(port, containerPort) === 'yes');
  if (!containerPort.known && mappings.length === 0) {
    return containerPort;
  }
  const possible = container.ports.value.flatMap((mapping) => {
    const open = mappings.includes(mapping) ? undefined : whetherOf(mapping, containerPort);
    return open ? [{ mapping, open }] : [];
  });
  if (mappings.length > 0) {
    return known({ mappings, possible }, assumes);
  }
  if (possible.length > 0) {
    return possible[0].open;
  }
  const ports = container.ports.value.map(({ range, containerPort: port }) => range ?? port).map((port) => port ? textOf(port) : '…');
  return known({
    missing: `port ${textOf(containerPort)} of container ${textOf(containerName)}, which maps ${list(ports)}`,
  }, union(assumes, container.ports.assumes));
}

/** Why it is not known whether a mapping is of a port; `undefined` where it surely is, or is not. */
function whetherOf({ range, containerPort }: PortMapping, wanted: Value<number>): Unknown | undefined {
  const parts = range ? [range, wanted] : [containerPort, wanted];
  const missing = parts.find((value) => value?.known === false);
  if (missing?.known === false) {
    return missing;
  }
  if (!range?.known || !wanted.known) {
    return undefined;
  }
  const [first, last] = range.value.split('-').map(Number);
  const port = wanted.value;
  // A port of a range is no mapping by number; whether ECS takes it for one is not documented.
  return first <= port && port <= last ? unknown(`port ${port} is within the range ${range.value}, which is no mapping of that number`) : undefined;
}

/** Why it is not known whether one of some protocols is mapped, of mappings that may be of the port; `undefined` where it surely is not. */
export function openFor(protocols: ReadonlyArray<'tcp' | 'udp'>, possible: readonly PossibleMapping[]): Unknown | undefined {
  return possible.find(({ mapping: { protocol } }) => !protocol.known || protocols.includes(protocol.value))?.open;
}

function textOf(value: Value<unknown>): string {
  return value.known ? String(value.value) : '…';
}

function list(things: readonly unknown[]): string {
  return things.length > 0 ? things.join(', ') : 'none';
}
