import { Aspects, AspectPriority, Duration, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { invalid, requireInteger, shown } from '../../invalid';
import { contains, MAX_PORT } from '../../limits/ports';
import { toldApart } from '../../network/private/told-apart';
import { CloudMapRegistration } from '../service-discovery';
import { PlacedPort, printed } from './port-use';
import { addressesOfTasks, whyWithoutIpv6 } from './task-addresses';

const { A, AAAA, A_AAAA, SRV } = cloudmap.DnsRecordType;

/**
 * Record types by network mode and by what addresses tasks have (facts S01, S02), the default first:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html
 */
function recordTypesOf(scope: Construct, service: ecs.BaseService): readonly cloudmap.DnsRecordType[] {
  if (service.taskDefinition.networkMode !== ecs.NetworkMode.AWS_VPC) {
    return [SRV];
  }
  return addressesOfTasks(scope) === 'ipv6-only' ? [AAAA, SRV] : [A, AAAA, A_AAAA, SRV];
}

/**
 * Registers a service in Cloud Map under a new Cloud Map service.
 *
 * @param port the port that SRV records name; the service's first where none is given
 */
export function enableCloudMap(
  scope: Construct, service: ecs.BaseService, cluster: ecs.ICluster, port: PlacedPort | undefined, options: CloudMapRegistration,
): cloudmap.IService {
  if (scope.node.tryFindChild('CloudMapService')) {
    throw invalid(scope, "'cloudMapOptions' or 'enableCloudMap' has registered the service already, and a service has one registry");
  }
  const namespace = options.cloudMapNamespace ?? cluster.defaultCloudMapNamespace;
  if (!namespace) {
    throw invalid(scope, "'cloudMapNamespace' must be given where the cluster has no default Cloud Map namespace ('defaultCloudMapNamespace')");
  }
  if (namespace.type === cloudmap.NamespaceType.HTTP) {
    throw invalid(scope, "'cloudMapNamespace' must be a DNS namespace, got an HTTP one, which has no records; use Service Connect with it");
  }
  const [byDefault] = recordTypesOf(scope, service);
  const dnsRecordType = options.dnsRecordType ?? byDefault;
  requireRecordType(scope, service, "'dnsRecordType'", dnsRecordType);
  const registered = new cloudmap.Service(scope, 'CloudMapService', {
    namespace,
    name: options.name,
    dnsRecordType,
    dnsTtl: options.dnsTtl,
    customHealthCheck: { failureThreshold: options.failureThreshold ?? 1 },
  });
  if (options.dnsRecordType === undefined) {
    followTasks(scope, registered, options.dnsTtl);
  }
  register(scope, service, registered, port);
  return registered;
}

/** Adds AAAA records where tasks have both kinds of address. At synthesis, for their VPC may get IPv6 after they are registered. */
function followTasks(scope: Construct, registered: cloudmap.Service, ttl = Duration.minutes(1)): void {
  const resource = registered.node.defaultChild as cloudmap.CfnService;
  Aspects.of(resource).add({
    visit: () => {
      if (registered.dnsRecordType === A && addressesOfTasks(scope) === 'dual-stack') {
        // As an override: the namespace, beside the records, may be a reference into another stack, which must stay one.
        resource.addPropertyOverride('DnsConfig.DnsRecords', ['A', 'AAAA'].map((type) => ({ TTL: ttl.toSeconds(), Type: type })));
      }
    },
  }, { priority: AspectPriority.MUTATING });
}

/** Registers a service under a Cloud Map service that already exists. */
export function associateCloudMapService(
  scope: Construct, service: ecs.BaseService, target: cloudmap.IService, port: PlacedPort | undefined,
): void {
  requireRecordType(scope, service, "the Cloud Map service's 'dnsRecordType'", target.dnsRecordType);
  register(scope, service, target, port);
}

function register(scope: Construct, service: ecs.BaseService, target: cloudmap.IService, port: PlacedPort | undefined): void {
  const srv = target.dnsRecordType === SRV;
  if (srv && !port) {
    throw invalid(scope, "SRV records name a port, and the service has none in 'ports'");
  }
  if (srv && port?.mapping.containerPortRange) {
    throw invalid(scope, `port range ${printed(port)} cannot be in an SRV record, which names one port`);
  }
  service.associateCloudMapService({
    service: target,
    container: srv ? port!.container : undefined,
    containerPort: srv ? port!.mapping.containerPort : undefined,
  });
}

function requireRecordType(scope: Construct, service: ecs.BaseService, prop: string, given: cloudmap.DnsRecordType): void {
  const allowed = recordTypesOf(scope, service);
  if (!allowed.includes(given)) {
    const { networkMode } = service.taskDefinition;
    const why = allowed.length === 1 ? ": tasks share their instance's address and differ in the port, which only SRV records hold"
      : allowed.includes(A) ? '' : ': tasks in IPv6-only subnets have no other address';
    const names = allowed.map(nameOf).join(', ').replace(/, (\w+)$/, ' or $1');
    throw invalid(scope, `${prop} must be ${names} in ${networkMode} mode, got ${nameOf(given)}${why}`);
  }
  if (given === AAAA || given === A_AAAA) {
    // Later, for the VPC may get its IPv6 block after this.
    scope.node.addValidation({
      validate: () => {
        const without = whyWithoutIpv6(scope, service.cluster.vpc);
        return without ? [`${prop} ${nameOf(given)} needs tasks with IPv6 addresses, but ${without}`] : [];
      },
    });
  }
}

/** A type of record by its name in the API: the value of the one for both addresses looks like two. */
function nameOf(type: cloudmap.DnsRecordType): string {
  return type === A_AAAA ? 'A_AAAA' : type;
}

/** A port on which a Service Connect proxy takes in what it passes on to the service. */
export interface ServiceConnectIngress {
  readonly port: ec2.Port;
  /** The fixed host port a user made of it in bridge mode. */
  readonly fixedHostPort?: number;
}

/**
 * The ports the proxies of a Service Connect server really use (ECS API reference, ServiceConnectService.ingressPortOverride): the
 * container port in awsvpc mode, a port of the dynamic range in bridge mode, the override in both.
 */
export function serviceConnectIngress(
  scope: Construct,
  networkMode: ecs.NetworkMode,
  config: ecs.ServiceConnectProps | undefined,
  ports: readonly PlacedPort[],
  dynamicPorts?: ec2.Port,
): ServiceConnectIngress[] {
  const overrides = (config?.services ?? []).flatMap(({ ingressPortOverride }) => ingressPortOverride ?? []);
  const twice = overrides.find((port, index) => overrides.indexOf(port) !== index);
  if (twice !== undefined) {
    throw invalid(scope, `'ingressPortOverride' ${twice} is given to two services of 'serviceConnectConfiguration', and one port takes in one of them`);
  }
  return (config?.services ?? []).map(({ portMappingName, ingressPortOverride, tls }) => {
    if (Token.isUnresolved(ingressPortOverride)) {
      throw invalid(scope, `'ingressPortOverride' of port '${portMappingName}' must be known when the app is synthesised, got ${shown(ingressPortOverride)}`);
    }
    const port = ports.find(({ mapping }) => mapping.name === portMappingName);
    if (!port) {
      const names = ports.flatMap(({ mapping }) => mapping.name ?? []);
      throw invalid(scope, `'serviceConnectConfiguration' offers port '${portMappingName}', but ${names.length ? `the named ports are ${names.join(', ')}` : "no port has a 'name'"}`);
    }
    requireInteger(scope, 'ingressPortOverride', ingressPortOverride, 1, MAX_PORT);
    if (networkMode === ecs.NetworkMode.BRIDGE) {
      if (tls) {
        throw invalid(scope, `'serviceConnectConfiguration' must have no 'tls' in bridge mode (port '${portMappingName}'): Service Connect encrypts in awsvpc mode only`);
      }
      return ingressPortOverride === undefined
        ? { port: dynamicPorts! }
        : { port: ec2.Port.tcp(ingressPortOverride), fixedHostPort: ingressPortOverride };
    }
    const taken = ingressPortOverride === undefined ? undefined : ports.find(({ protocol, containerPorts }) =>
      protocol === 'tcp' && containerPorts && contains(containerPorts, { first: ingressPortOverride, last: ingressPortOverride }));
    if (taken) {
      throw invalid(scope, `'ingressPortOverride' ${ingressPortOverride} of port '${portMappingName}' must be free in the task: ${printed(taken)} is in 'ports'`);
    }
    return { port: toldApart(scope, ec2.Port.tcp(ingressPortOverride ?? port.mapping.containerPort)) };
  });
}

/** Opens a server's proxy ports to a client, and has the client wait: names resolve only for tasks started after the server's service. */
export function allowServiceConnect(
  scope: Construct, ingress: readonly ServiceConnectIngress[], server: ec2.IConnectable, client: ec2.IConnectable,
): void {
  if (ingress.length === 0) {
    throw invalid(scope, "'serviceConnectConfiguration' of this service offers no 'services': there is no port to open");
  }
  if (client.connections.securityGroups.length === 0) {
    throw invalid(scope, "'client' must have security groups, such as another service; got a peer without any");
  }
  const waiting = servicesIn(client);
  for (const { port } of ingress) {
    if (waiting.length === 0) {
      // From the server's side: the group of no service may live in a stack that the server's depends on, such as the network's.
      server.connections.allowFrom(client, port, 'Service Connect');
      continue;
    }
    for (const group of client.connections.securityGroups) {
      // From the client's side: the rules land in its stack, which depends on the server's and never the other way round. Only as a peer
      // where the group lets everything out, since it would warn that a rule to let this out changes nothing.
      new ec2.Connections(group.allowAllOutbound ? { peer: group } : { securityGroups: [group] }).allowTo(server, port, 'Service Connect');
    }
  }
  // The services only: the rule names the client's group, so a group that waited for all of the server would wait for itself.
  for (const service of servicesIn(server)) {
    for (const other of waiting.filter((one) => one !== service)) {
      if (waitsFor(service, other)) {
        throw invalid(scope, `'client' (${other.node.path}) cannot wait for this service, which already waits for it: neither could be created first. `
          + "Open one of the two directions with 'connections.allowFrom(…)'");
      }
      other.node.addDependency(service);
    }
  }
}

function servicesIn(connectable: ec2.IConnectable): ecs.CfnService[] {
  return Construct.isConstruct(connectable) ? connectable.node.findAll().filter((node) => node instanceof ecs.CfnService) : [];
}

function waitsFor(service: ecs.CfnService, other: ecs.CfnService): boolean {
  return service.node.dependencies.some((dependency) => dependency === other
    || (dependency instanceof ecs.CfnService && waitsFor(dependency, other)));
}
