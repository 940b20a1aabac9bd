/** Which port mappings a container name and a container port mean: load balancers and registries name both. */
import type { PortMapping, Service } from '../facts';
import { all, known, unknown, Value } from '../value';

/** The mappings of a port, of which none is there: why, as the end of a sentence about the service. */
export type Mapped = { readonly mappings: readonly PortMapping[] } | { readonly missing: string };

/** What a service's task definition maps at a container's port. */
export function mappingsAt({ taskDefinition }: Service, containerName: Value<string>, containerPort: Value<number>): Value<Mapped> {
  if (!taskDefinition) {
    return unknown('its task definition is not of what is given');
  }
  const { containers } = taskDefinition;
  if (!containers.known || !containerName.known || !containerPort.known) {
    return unknown([containers, containerName, containerPort].flatMap((value) => value.known ? [] : value.why)[0]);
  }
  const assumes = [...containers.assumes, ...containerName.assumes, ...containerPort.assumes];
  const container = containers.value.find(({ name }) => name.known && name.value === containerName.value);
  if (!container) {
    const names = all(containers.value.map(({ name }) => name));
    return names.known
      ? known({ missing: `container ${containerName.value}, and task definition ${taskDefinition.name} has ${list(names.value)}` }, assumes)
      : names;
  }
  if (!container.ports.known) {
    return container.ports;
  }
  const mappings = container.ports.value
    .filter((mapping) => mapping.containerPort?.known && mapping.containerPort.value === containerPort.value);
  if (mappings.length > 0) {
    return known({ mappings }, assumes);
  }
  // A port of a range is no mapping by number; whether ECS takes it for one is not documented.
  const open = container.ports.value.find((mapping) => mayHold(mapping, containerPort.value));
  if (open) {
    return open.range?.known
      ? unknown(`port ${containerPort.value} is within the range ${open.range.value}, which is no mapping of that number`)
      : open.range ?? open.containerPort as Value<never>;
  }
  const ports = container.ports.value.map(({ range, containerPort: port }) => range ?? port).map((port) => port?.known ? port.value : '…');
  return known({
    missing: `port ${containerPort.value} of container ${containerName.value}, which maps ${list(ports)}`,
  }, [...assumes, ...container.ports.assumes]);
}

function mayHold({ range, containerPort }: PortMapping, port: number): boolean {
  if (!range) {
    return containerPort !== undefined && !containerPort.known;
  }
  const [first, last] = range.known ? range.value.split('-').map(Number) : [0, 65535];
  return first <= port && port <= last;
}

function list(things: readonly unknown[]): string {
  return things.length > 0 ? things.join(', ') : 'none';
}
