import { firstClash, isPort, MAX_PORT } from '../../limits/ports';
import type { Container, Service, TaskDefinition } from '../facts';
import { containerName, PortClaim, PortUse, portUses, PortUses, useText } from '../host-ports';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { equal, every, known, some, union, Verdict } from '../value';

const fragment = (adminPort: number) => ({
  Web: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      NetworkMode: 'bridge',
      ContainerDefinitions: [
        { Name: 'app', Image: 'nginx', Memory: 128, PortMappings: [{ ContainerPort: 80, HostPort: 8080 }] },
        { Name: 'admin', Image: 'nginx', Memory: 128, PortMappings: [{ ContainerPort: 81, HostPort: adminPort }] },
      ],
    },
  },
});

/** Containers of one task that take the same port. */
export const hostPortClash: Rule = {
  id: 'host-port-clash',
  family: 'ports-and-deployments',
  summary: 'Two port mappings of a task take the same port.',
  why: 'A port has one holder per protocol: on the instance in host and bridge mode, on the interface that the containers of a task share in awsvpc mode. '
    + 'The task is refused, or its second container fails at its start.',
  fix: 'Give one of them another port, or in bridge mode a dynamic host port: `HostPort` 0 or none, `BridgePort.dynamic`.',
  acknowledge: 'In awsvpc mode, where one container only forwards to the other and does not open the port itself.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html, '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html',
  bad: fragment(8080),
  good: fragment(8081),
  *judge({ taskDefinitions }) {
    for (const definition of taskDefinitions) {
      const taken = portUses(definition, definition.mode);
      const clash = firstClash(taken.uses);
      const alike = clash ? undefined : firstAlike(taken.open);
      if (clash) {
        const ports = { first: Math.max(...clash.map((use) => use.ports.first)), last: Math.min(...clash.map((use) => use.ports.last)) };
        yield clashOf(definition, clash, useText({ ...clash[0], ports }), taken, union(...clash.map(({ assumes }) => assumes)));
      } else if (alike) {
        yield clashOf(definition, alike, 'the same port, whichever it is,', taken, []);
      } else if (taken.why !== undefined && mayClash(definition, taken)) {
        yield notDecidable(definition, taken.why);
      }
      yield* onBothProtocols(definition);
    }
  },
};

type Claimant = Pick<PortClaim, 'container'>;

function clashOf(
  definition: TaskDefinition, [a, b]: readonly [Claimant, Claimant], what: string, { uses }: PortUses, assumes: readonly string[],
): Judgement {
  const mode = definition.mode.known ? definition.mode.value : 'bridge';
  const interfaceOfTask = mode === 'awsvpc';
  const essential = [a, b].every(({ container }) => container.essential.known && container.essential.value);
  const property = mode === 'bridge' || mode === 'default' ? 'HostPort' : 'ContainerPort';
  const free = nextFree(isUse(b) ? b.ports.last + 1 : 1024, uses);
  const who = a.container === b.container
    ? `container ${containerName(a.container)} of task ${definition.name} takes ${what} twice`
    : `containers ${containerName(a.container)} and ${containerName(b.container)} of task ${definition.name} both take ${what}`;
  return problem({
    subject: definition,
    severity: interfaceOfTask && (!essential || a.container === b.container) ? 'warning' : 'error',
    message: `${who} on the ${interfaceOfTask ? "task's interface" : 'host'}`,
    fix: `${property} ${free} for one of them${property === 'HostPort' ? ', or HostPort 0, which is dynamic (BridgePort.dynamic)' : ''}`,
    assumes,
  });
}

function isUse(claim: object): claim is PortUse {
  return 'assumes' in claim;
}

/** A port that nothing in the task takes with either protocol. */
function nextFree(from: number, uses: readonly PortUse[]): number {
  let port = isPort(from) ? from : 1024;
  for (let blocked = holderOf(port, uses); blocked; blocked = holderOf(port, uses)) {
    port = blocked.ports.last < MAX_PORT ? blocked.ports.last + 1 : 1024;
  }
  return port;
}

function holderOf(port: number, uses: readonly PortUse[]): PortUse | undefined {
  return uses.find(({ ports }) => ports.first <= port && port <= ports.last);
}

/** Two unknown ports that are the same expression. */
function firstAlike(open: readonly PortClaim[]): readonly [PortClaim, PortClaim] | undefined {
  for (const [position, b] of open.entries()) {
    const a = open.slice(0, position).find((other) => equal(other.protocol, b.protocol) === 'yes' && equal(other.ports, b.ports) === 'yes');
    if (a) {
      return [a, b];
    }
  }
  return undefined;
}

/** Asked where something is not known. One mapping has nothing to clash with; of what is not known at all, there may be any number. */
function mayClash({ containers, mode }: TaskDefinition, { uses, open }: PortUses): boolean {
  if (!containers.known || containers.value.some(({ ports }) => !ports.known)) {
    return true;
  }
  return mode.known
    ? uses.length + open.length > 1
    : containers.value.reduce((total, { ports }) => total + (ports.known ? ports.value.length : 0), 0) > 1;
}

/** Creation of a service with a load balancer or registry on such a port has been reported to fail [P10]; sources differ. */
function* onBothProtocols(definition: TaskDefinition): Iterable<Judgement> {
  const { containers, services } = definition;
  for (const container of containers.known ? containers.value : []) {
    const mappings = container.ports.known ? container.ports.value : [];
    const portsOf = (protocol: string) => mappings.flatMap((mapping) => mapping.protocol.known && mapping.protocol.value === protocol
      && mapping.containerPort?.known ? [mapping.containerPort.value] : []);
    const udp = portsOf('udp');
    for (const port of portsOf('tcp').filter((one) => udp.includes(one))) {
      const verdicts = services.map((service) => registers(service, container, port));
      const service = services[verdicts.indexOf('yes')];
      const open = verdicts.find((verdict) => typeof verdict !== 'string');
      if (service) {
        yield problem({
          subject: definition,
          severity: 'info',
          message: `container ${containerName(container)} of task ${definition.name} maps port ${port} on tcp and on udp, and service ${service.name} registers it; `
            + 'the creation of such services has been reported to fail',
          fix: 'ContainerPort of a number of its own for each protocol, or another one for the load balancer or registry',
        });
      } else if (typeof open === 'object') {
        yield notDecidable(definition, open.why);
      }
    }
  }
}

/** Whether a service registers a port of a container with a load balancer or a registry. One without a container name means any. */
function registers({ loadBalancers, registries }: Service, container: Container, port: number): Verdict {
  return some([loadBalancers, registries].map((list): Verdict => list.known
    ? some(list.value.map(({ containerName: name, containerPort }) => every([
      containerPort ? equal(containerPort, known(port)) : 'no', name ? equal(name, container.name) : 'yes',
    ])))
    : list));
}
