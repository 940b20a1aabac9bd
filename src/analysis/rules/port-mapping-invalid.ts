import { isPort, MAX_PORT, MAX_PORT_RANGES_PER_CONTAINER, MIN_PORT } from '../../limits/ports';
import type { Container, PortMapping } from '../facts';
import { containerName, portsOfRange } from '../host-ports';
import { notDecidable, problem, Rule } from '../rule';
import { Value } from '../value';

const fragment = (containerPort: number) => ({
  Web: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { ContainerDefinitions: [{ Name: 'app', Image: 'nginx', Memory: 128, PortMappings: [{ ContainerPort: containerPort }] }] },
  },
});

/** Port mappings that ECS refuses. */
export const portMappingInvalid: Rule = {
  id: 'port-mapping-invalid',
  family: 'ports-and-deployments',
  summary: 'A port mapping names a port or a range that there is not.',
  why: 'ECS refuses the task definition, and the deployment fails.',
  fix: 'Give container ports from 1 to 65535, host ports from 0 (dynamic) to 65535, ranges as `first-last` (`ContainerPort`, `HostPort`, `ContainerPortRange`; `TaskPort`, `HostPort`, `BridgePort`).',
  acknowledge: 'Never: it does not deploy.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html [P11], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html [P08]',
  bad: fragment(70000),
  good: fragment(8080),
  *judge({ taskDefinitions }) {
    for (const subject of taskDefinitions) {
      if (!subject.containers.known) {
        yield notDecidable(subject, subject.containers.why);
        continue;
      }
      for (const container of subject.containers.value) {
        const { wrong, open, assumes } = judged(container);
        if (wrong) {
          const message = `container ${containerName(container)} of task ${subject.name} ${wrong.message}`;
          yield problem({ subject, severity: 'error', message, fix: wrong.fix, assumes });
        } else if (open !== undefined) {
          yield notDecidable(subject, open);
        }
      }
    }
  },
};

interface Wrong {
  readonly message: string;
  readonly fix: string;
}

interface Judged {
  readonly wrong?: Wrong;
  /** What is not known, where nothing else is wrong. */
  readonly open?: string;
  readonly assumes?: readonly string[];
}

function judged({ ports }: Container): Judged {
  if (!ports.known) {
    return { open: ports.why };
  }
  const ranges = ports.value.filter(({ range }) => range !== undefined).length;
  if (ranges > MAX_PORT_RANGES_PER_CONTAINER) {
    const fix = `ContainerPortRange in at most ${MAX_PORT_RANGES_PER_CONTAINER} of PortMappings: join neighbouring ranges`;
    return { wrong: { message: `has ${ranges} port ranges; a container can have ${MAX_PORT_RANGES_PER_CONTAINER}`, fix }, assumes: ports.assumes };
  }
  const each = ports.value.flatMap(partsOf);
  return each.find(({ wrong }) => wrong) ?? each.find(({ open }) => open !== undefined) ?? {};
}

function partsOf({ containerPort, hostPort, range }: PortMapping): Judged[] {
  return [
    part(containerPort, (port) => isPort(port) ? undefined : wrongPort('container', port, MIN_PORT)),
    part(hostPort, (port) => isPort(port) || port === 0 ? undefined : wrongPort('host', port, 0)),
    part(range, (written) => portsOfRange(written) ? undefined : {
      message: `maps port range ${JSON.stringify(written)}, which is not first-last with first below last, both from ${MIN_PORT} to ${MAX_PORT}`,
      fix: `ContainerPortRange as first-last, such as 8000-8010${/^\d+$/.test(written) ? `; for a single port ContainerPort ${written}` : ''}`,
    }),
  ];
}

function part<T>(value: Value<T> | undefined, wrong: (value: T) => Wrong | undefined): Judged {
  if (!value) {
    return {};
  }
  return value.known ? { wrong: wrong(value.value), assumes: value.assumes } : { open: value.why };
}

function wrongPort(side: 'container' | 'host', port: number, lowest: number): Wrong {
  const limit = !Number.isInteger(port) ? 'ports are integers' : port > MAX_PORT ? `ports end at ${MAX_PORT}` : `${side} ports start at ${lowest}`;
  const property = side === 'host' ? 'HostPort' : 'ContainerPort';
  return { message: `maps ${side} port ${port}; ${limit}`, fix: `${property} from ${lowest} to ${MAX_PORT}${side === 'host' ? ', 0 for a dynamic one' : ''}` };
}
