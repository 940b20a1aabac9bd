import type { Service, ServiceConnect, ServiceConnectOffer } from '../facts';
import { type Judgement, notDecidable, problem, type Rule } from '../rule';
import { append } from '../templates';
import { all, union, Value } from '../value';
import { isModeSound } from './mode-faults';

const fragment = (NetworkMode: string) => ({
  Cluster: { Type: 'AWS::ECS::Cluster', Properties: { ServiceConnectDefaults: { Namespace: 'shop' } } },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode, Memory: '512', ContainerDefinitions: [{ Name: 'app', Image: 'app', PortMappings: [{ Name: 'http', ContainerPort: 80 }] }] },
  },
  Node: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      TaskDefinition: { Ref: 'Tasks' },
      LaunchType: 'EC2',
      ServiceConnectConfiguration: { Enabled: true, Services: [{ PortName: 'http', ClientAliases: [{ Port: 80 }] }] },
    },
  },
});

export const serviceConnectMismatch: Rule = {
  id: 'service-connect-mismatch',
  family: 'coherence',
  summary: 'Service Connect is used where it works, and offers ports that are there under names that are free',
  why: 'ECS refuses the service, or its tasks start and do not find the services they call.',
  fix: 'Use awsvpc (AwsvpcService), or bridge without TLS, on Linux with the ECS controller; name port mappings; set a namespace and a memory limit of the task; '
    + 'let clients depend on the services that they call.',
  acknowledge: 'A client that is deployed again after the services that it calls, or that calls none of this template.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/interconnecting-services.html, '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html [S04, S05, S06], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html: each name and port, and each discovery name, is unique in a namespace',
  bad: fragment('host'),
  good: fragment('bridge'),
  *judge(facts) {
    const users = facts.services.filter(isModeSound)
      .flatMap((service) => service.serviceConnect ? [{ service, connect: service.serviceConnect }] : []);
    const servers = new Map<string, Service[]>();
    const taken = new Map<string, Service>();
    for (const { service, connect } of users) {
      if (!connect.enabled.known) {
        yield notDecidable(service, connect.enabled.why);
      } else if (connect.enabled.value) {
        yield* judged(service, connect);
        const key = namespaceOf(connect);
        if (key !== undefined && connect.services.known && connect.services.value.length > 0) {
          yield* aliasesOf(service, connect.services.value, key, taken);
          append(servers, key, service);
        }
      }
    }
    for (const { service, connect } of users) {
      const clientOnly = connect.enabled.known && connect.enabled.value && connect.services.known && connect.services.value.length === 0;
      const called = (clientOnly ? servers.get(namespaceOf(connect) ?? '') ?? [] : []).filter(({ resource }) => resource.template === service.resource.template);
      if (called.length > 0 && !called.some((server) => facts.dependsOn(service, server))) {
        yield waitsForNone(service, called);
      }
    }
  },
};

/** Its tasks resolve the names of what was there when they started; of a client in another template the order is not seen here. */
function waitsForNone(subject: Service, called: readonly Service[]): Judgement {
  const names = called.map(({ name }) => name).join(', ');
  return problem({
    subject,
    severity: 'warning',
    message: `service ${subject.name} is a client of Service Connect and waits for none of its namespace's services (${names}): `
      + 'tasks resolve names of services that were there before them only',
    fix: `DependsOn of ${subject.name} on the services that it calls`,
  });
}

function* judged(service: Service, connect: ServiceConnect): Iterable<Judgement> {
  const { mode, name, launch, operatingSystem, deployment: { controller }, taskDefinition } = service;
  const is = <T>(value: Value<T>, ...refused: readonly T[]) => value.known && refused.includes(value.value);
  if (!mode.known) {
    yield notDecidable(service, mode.why);
  } else if (is(mode, 'host', 'none')) {
    yield error(service, `service ${name} is ${mode.value} mode; Service Connect works in bridge and awsvpc only`, 'NetworkMode awsvpc or bridge', mode.assumes);
  }
  if (launch.known && launch.value.kind === 'external') {
    yield error(service, `service ${name} runs on external instances, where Service Connect does not work`, 'instances of EC2 or Fargate', launch.assumes);
  }
  if (operatingSystem.known && is(operatingSystem, 'windows')) {
    yield error(service, `service ${name} runs Windows containers, for which there is no Service Connect`, 'Linux containers', operatingSystem.assumes);
  }
  if (controller.known && is(controller, 'CODE_DEPLOY', 'EXTERNAL')) {
    yield error(service, `service ${name} has deployment controller ${controller.value}; Service Connect needs ECS`, 'DeploymentController ECS', controller.assumes);
  }
  if (!connect.namespace.known) {
    yield notDecidable(service, connect.namespace.why);
  } else if (connect.namespace.value === 'none') {
    yield error(service, `service ${name} uses Service Connect, and neither it nor its cluster names a namespace`,
      'Namespace in ServiceConnectConfiguration, or ServiceConnectDefaults of the cluster');
  }
  if (taskDefinition && !taskDefinition.hasTaskMemory) {
    yield problem({
      subject: service,
      severity: 'warning',
      message: `service ${name} uses Service Connect, and task definition ${taskDefinition.name} has no memory limit of the task`,
      fix: `Memory in ${taskDefinition.name}`,
    });
  }
  if (!connect.services.known) {
    yield notDecidable(service, connect.services.why);
    return;
  }
  for (const offer of connect.services.value) {
    if (offer.tls && mode.known && mode.value === 'bridge') {
      yield error(service, `service ${name} is bridge and offers TLS by Service Connect, which works in awsvpc only`, 'NetworkMode awsvpc, or no Tls', mode.assumes);
    }
    const judgement = offered(service, offer);
    if (judgement) {
      yield judgement;
    }
  }
}

/** Whether the port that is offered is one of the task's, and the port of the proxy none of them. */
function offered(service: Service, { portName, ingressPortOverride }: ServiceConnectOffer): Judgement | undefined {
  const { taskDefinition, mode, name } = service;
  if (!taskDefinition) {
    return notDecidable(service, 'its task definition is not of what is given');
  }
  const { containers } = taskDefinition;
  if (!portName.known || !containers.known) {
    return notDecidable(service, [portName, containers].flatMap((value) => value.known ? [] : value.why)[0]);
  }
  const lists = all(containers.value.map(({ ports }) => ports));
  if (!lists.known) {
    return notDecidable(service, lists.why);
  }
  const mappings = lists.value.flat();
  const own = mappings.find((mapping) => mapping.name?.known && mapping.name.value === portName.value);
  if (!own) {
    const names = all(mappings.flatMap((mapping) => mapping.name ?? []));
    return names.known
      ? error(service, `service ${name} offers port ${portName.value} by Service Connect; task definition ${taskDefinition.name} `
        + `names ${names.value.join(', ') || 'none'}`, 'PortName of a port mapping with that Name', union(portName.assumes, names.assumes))
      : notDecidable(service, names.why);
  }
  const port = ingressPortOverride;
  const other = port?.known && mappings.find((one) => one !== own && one.containerPort?.known && one.containerPort.value === port.value);
  return port?.known && other && mode.known && mode.value === 'awsvpc'
    ? error(service, `service ${name} has Service Connect listen on port ${port.value}, which another port mapping of the task has`,
      'another IngressPortOverride', port.assumes)
    : undefined;
}

/** Aliases that another has already in the namespace. */
function* aliasesOf(
  service: Service, offers: readonly ServiceConnectOffer[], namespace: string, taken: Map<string, Service>,
): Iterable<Judgement> {
  for (const { aliases, portName, discoveryName } of offers) {
    for (const { dnsName, port } of aliases) {
      const name = dnsName ?? discoveryName ?? portName;
      if (!name.known || !port.known) {
        continue;
      }
      const key = JSON.stringify([namespace, dnsName ? 'name' : 'discovery name', name.value, port.value]);
      const other = taken.get(key);
      if (other) {
        yield error(service, `service ${service.name} offers ${name.value}:${port.value} by Service Connect, which `
          + `${other === service ? 'it does already' : `service ${other.name} offers, too`}`, 'another DnsName or Port', union(name.assumes, port.assumes));
      }
      taken.set(key, service);
    }
    // Clients do not resolve it, but ECS makes a service of Cloud Map by this name.
    const discovered = discoveryName ?? portName;
    const key = JSON.stringify([namespace, 'discovered', discovered.known && discovered.value]);
    const other = discovered.known ? taken.get(key) : undefined;
    if (discovered.known && other) {
      yield error(service, `service ${service.name} is discovered as ${discovered.value} by Service Connect, `
        + `${other === service ? 'twice' : `as service ${other.name} is`}`, 'another DiscoveryName, which is PortName where it is left out', discovered.assumes);
    }
    if (discovered.known) {
      taken.set(key, service);
    }
  }
}

function namespaceOf({ namespace }: ServiceConnect): string | undefined {
  return namespace.known && namespace.value !== 'none' ? namespace.value.identity : undefined;
}

function error(subject: Service, message: string, fix: string, assumes: readonly string[] = []): Judgement {
  return problem({ subject, severity: 'error', message, fix, assumes });
}
