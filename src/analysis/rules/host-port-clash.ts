import { firstClash, isPort, MAX_PORT } from '../../limits/ports';
import type { Container, Service, TaskDefinition } from '../facts';
import { containerName, PortClaim, PortUse, portUses, PortUses, useText } from '../host-ports';
import { listed } from '../listed';
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
        const holders = holdersOfFirst(clash, taken.uses);
        const all = holders.map(({ ports }) => ports);
        const ports = { first: Math.max(...all.map(({ first }) => first)), last: Math.min(...all.map(({ last }) => last)) };
        yield clashOf(definition, holders, useText({ ...clash[0], ports }), taken, union(...holders.map(({ assumes }) => assumes)));
      } else if (alike) {
        yield clashOf(definition, alike, 'the same port, whichever it is,', taken, []);
      } else if (taken.why !== undefined && mayClash(definition, taken)) {
        yield notDecidable(definition, taken.why);
      }
      yield* onBothProtocols(definition);
    }
  },
};

/** All that take the first port that two take. */
function holdersOfFirst([a, b]: readonly [PortUse, PortUse], uses: readonly PortUse[]): readonly PortUse[] {
  const first = Math.max(a.ports.first, b.ports.first);
  return uses.filter(({ protocol, ports }) => protocol === a.protocol && ports.first <= first && first <= ports.last);
}

type Claimant = Pick<PortClaim, 'container'>;

function clashOf(
  definition: TaskDefinition, claimants: readonly Claimant[], what: string, { uses }: PortUses, assumes: readonly string[],
): Judgement {
  const mode = definition.mode.known ? definition.mode.value : 'bridge';
  const interfaceOfTask = mode === 'awsvpc';
  const containers = [...new Set(claimants.map(({ container }) => container))];
  const essential = containers.filter((container) => container.essential.known && container.essential.value);
  const property = mode === 'bridge' || mode === 'default' ? 'HostPort' : 'ContainerPort';
  const free = nextFree(claimants, uses);
  return problem({
    subject: definition,
    severity: interfaceOfTask && essential.length < 2 ? 'warning' : 'error',
    message: `${whoTakes(containers, definition, what)} on the ${interfaceOfTask ? "task's interface" : 'host'}`,
    fix: `${property} ${listed(free.map(String))} for ${free.length === 1 ? 'one of them' : 'all but one of them'}`
      + (property === 'HostPort' ? ', or HostPort 0, which is dynamic (BridgePort.dynamic)' : ''),
    assumes,
  });
}

function whoTakes(containers: readonly Container[], { name }: TaskDefinition, what: string): string {
  return containers.length === 1
    ? `container ${containerName(containers[0])} of task ${name} takes ${what} twice`
    : `containers ${listed(containers.map(containerName))} of task ${name} ${containers.length === 2 ? 'both' : 'all'} take ${what}`;
}

function isUse(claim: object): claim is PortUse {
  return 'assumes' in claim;
}

/** Ports for all claimants but one, that nothing in the task takes with either protocol. */
function nextFree(claimants: readonly Claimant[], uses: readonly PortUse[]): readonly number[] {
  const found: number[] = [];
  for (const claimant of claimants.slice(1)) {
    const before = found[found.length - 1] ?? (isUse(claimant) ? claimant.ports.last : MAX_PORT);
    found.push(freeFrom(before + 1, uses));
  }
  return found;
}

function freeFrom(from: number, uses: readonly PortUse[]): number {
  let port = isPort(from) ? from : 1024;
  for (let blocked = holderOf(port, uses); blocked; blocked = holderOf(port, uses)) {
    port = blocked.ports.last < MAX_PORT ? blocked.ports.last + 1 : 1024;
  }
  return port;
}

function holderOf(port: number, uses: readonly PortUse[]): PortUse | undefined {
  return uses.find(({ ports }) => ports.first <= port && port <= ports.last);
}

/** Unknown ports that are the same expression. */
function firstAlike(open: readonly PortClaim[]): readonly PortClaim[] | undefined {
  const isAlike = (a: PortClaim, b: PortClaim) => equal(a.protocol, b.protocol) === 'yes' && equal(a.ports, b.ports) === 'yes';
  const second = open.find((b, position) => open.slice(0, position).some((a) => isAlike(a, b)));
  return second && open.filter((one) => isAlike(one, second));
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
