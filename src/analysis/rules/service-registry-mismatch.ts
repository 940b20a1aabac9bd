import type { Service, ServiceRegistry } from '../facts';
import { type Judgement, notDecidable, problem, type Rule } from '../rule';
import { unknown } from '../value';
import { mappingsAt } from './container-ports';
import { isModeSound } from './mode-faults';

const fragment = (Type: string) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode: 'bridge', ContainerDefinitions: [{ Name: 'web', Image: 'web', PortMappings: [{ ContainerPort: 3000 }] }] },
  },
  Registry: { Type: 'AWS::ServiceDiscovery::Service', Properties: { DnsConfig: { DnsRecords: [{ Type, TTL: 60 }] } } },
  Web: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      TaskDefinition: { Ref: 'Tasks' },
      LaunchType: 'EC2',
      ServiceRegistries: [{ RegistryArn: { 'Fn::GetAtt': ['Registry', 'Arn'] }, ContainerName: 'web', ContainerPort: 3000 }],
    },
  },
});

export const serviceRegistryMismatch: Rule = {
  id: 'service-registry-mismatch',
  family: 'coherence',
  summary: 'The DNS records of a service registry are such as the network mode has an address and port for',
  why: 'ECS refuses the service, or registers no task, so that its name does not resolve.',
  fix: 'For bridge and host mode use SRV records with ContainerName and ContainerPort of a mapping; for awsvpc A (AAAA with IPv6) without a port, or SRV with one. '
    + 'cloudMapOptions of our services sets them by mode.',
  acknowledge: 'Where something else than ECS registers instances with the registry.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html [S01, S02, S03], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-anywhere.html [M04]. '
    + 'That A records take no port is how ECS refuses one, as quoted in https://github.com/umotif-public/terraform-aws-ecs-fargate/issues/25',
  bad: fragment('A'),
  good: fragment('SRV'),
  *judge({ services }) {
    for (const service of services) {
      if (isModeSound(service)) {
        yield* judged(service);
      }
    }
  },
};

function* judged(service: Service): Iterable<Judgement> {
  const { registries, launch, mode, name } = service;
  if (!registries.known) {
    yield notDecidable(service, registries.why);
    return;
  }
  for (const registry of registries.value) {
    const { recordTypes } = registry;
    if (launch.known && launch.value.kind === 'external') {
      yield error(service, `service ${name} runs on external instances and has registry ${nameOf(registry)}; they have no service discovery`,
        `no ServiceRegistries in ${name}`, launch.assumes);
    } else if (!recordTypes.known) {
      yield notDecidable(service, recordTypes.why);
    } else if (recordTypes.value.length > 0) {
      if (!mode.known) {
        yield notDecidable(service, mode.why);
      } else {
        const judgement = (mode.value === 'awsvpc' ? withAddress : withPort)(service, registry, recordTypes.value);
        if (judgement) {
          yield judgement;
        }
      }
    }
  }
}

const ADDRESS_RECORDS = ['A', 'AAAA'];

/** [S01] */
function withAddress(service: Service, registry: ServiceRegistry, types: readonly string[]): Judgement | undefined {
  const { name } = service;
  const other = types.find((type) => type !== 'SRV' && !ADDRESS_RECORDS.includes(type));
  if (other !== undefined) {
    return error(service, `service ${name} is awsvpc; registry ${nameOf(registry)} has ${other} records, awsvpc takes A, AAAA and SRV`,
      `A, AAAA or SRV records in ${nameOf(registry)}`);
  }
  const { containerName, containerPort, port } = registry;
  if (types.includes('SRV')) {
    if (!port && !(containerName && containerPort)) {
      return error(service, `service ${name} is awsvpc; registry ${nameOf(registry)} has SRV records, which need a port, and the service names none`,
        `Port, or ContainerName and ContainerPort, in the ServiceRegistries of ${name}`);
    }
  } else if (containerPort || port) {
    // A container's name alone is accepted, as public templates show that are deployed; a port is refused.
    return error(service, `service ${name} is awsvpc; registry ${nameOf(registry)} has ${types.join(' and ')} records, which take no port, and the service names one`,
      `RegistryArn alone in the ServiceRegistries of ${name}, or SRV records in ${nameOf(registry)}`);
  }
  return withSubnets(service, registry, types) ?? (containerName && containerPort ? mapped(service, registry) : undefined);
}

/**
 * Whether the subnets have the addresses that the records are of. A subnet of which nothing is known is taken to have IPv4, as nearly
 * all do.
 */
function withSubnets(service: Service, registry: ServiceRegistry, types: readonly string[]): Judgement | undefined {
  const subnets = service.awsvpc?.subnets;
  if (!subnets?.known || subnets.value.length === 0) {
    return subnets && !subnets.known && types.includes('AAAA') ? notDecidable(service, subnets.why) : undefined;
  }
  const ipv6 = subnets.value.map(({ target, why }) => target?.ipv6 ?? unknown(why ?? 'a subnet is not known'));
  const ipv6Only = subnets.value.map(({ target }) => target?.ipv6Only);
  if (types.includes('A') && ipv6Only.every((one) => one?.known && one.value)) {
    return error(service, `service ${service.name} runs in subnets with IPv6 only; registry ${nameOf(registry)} has A records`,
      `AAAA records in ${nameOf(registry)}`);
  }
  if (!types.includes('AAAA') || ipv6.some((one) => one.known && one.value)) {
    return undefined;
  }
  const open = ipv6.find((one) => !one.known);
  return open && !open.known
    ? notDecidable(service, open.why)
    : error(service, `service ${service.name} runs in subnets without IPv6; registry ${nameOf(registry)} has AAAA records`,
      `A records in ${nameOf(registry)}, or subnets with an Ipv6CidrBlock`);
}

/** [S02] */
function withPort(service: Service, registry: ServiceRegistry, types: readonly string[]): Judgement | undefined {
  const { name, mode } = service;
  const is = `service ${name} is ${mode.known ? mode.value : '…'}; registry ${nameOf(registry)} has`;
  const others = types.filter((type) => type !== 'SRV');
  if (others.length > 0) {
    return error(service, `${is} ${others.join(' and ')} records, ${mode.known ? mode.value : '…'} needs SRV with a container port`,
      `SRV records in ${nameOf(registry)}, with a short TTL, or NetworkMode awsvpc`, mode.known ? mode.assumes : []);
  }
  return registry.containerName && registry.containerPort
    ? mapped(service, registry)
    : error(service, `${is} SRV records, which need a container name and a container port, and the service does not name both`,
      `ContainerName and ContainerPort in the ServiceRegistries of ${name}`, mode.known ? mode.assumes : []);
}

/** Whether the container maps the port; in host mode as well, where another container's port is that of another task. */
function mapped(service: Service, registry: ServiceRegistry): Judgement | undefined {
  const found = mappingsAt(service, registry.containerName!, registry.containerPort!);
  if (!found.known) {
    return notDecidable(service, found.why);
  }
  return 'missing' in found.value
    ? error(service, `service ${service.name} registers with ${nameOf(registry)} ${found.value.missing}`,
      'ContainerName and ContainerPort of a port mapping', found.assumes)
    : undefined;
}

function error(subject: Service, message: string, fix: string, assumes: readonly string[] = []): Judgement {
  return problem({ subject, severity: 'error', message, fix, assumes });
}

function nameOf({ registry }: ServiceRegistry): string {
  return registry.target?.name ?? registry.literal ?? registry.identity;
}
