import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import { BridgePort, DualStack, HostPort, PortRange, TaskPort } from '../../src';
import { awsvpcService, bridgeService, CONTAINER, HOST_CONTAINER, hostModeService, managedInstances, templateOf, World, world } from '../fixtures';
import { pathsOf } from '../security-group-rules';

const { A, AAAA, A_AAAA, SRV } = cloudmap.DnsRecordType;

/** A world whose cluster has the namespace `test.local`. */
function withNamespace(): World {
  const w = world();
  w.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
  return w;
}

/** The DNS records of the only Cloud Map service, and the registry of the only ECS service, without its ARN. */
function registered({ stack }: World): { readonly records: string[]; readonly registry: Record<string, unknown> } {
  const [{ Properties: { DnsConfig } }, ...otherMaps] = Object.values(templateOf(stack).findResources('AWS::ServiceDiscovery::Service'));
  const [{ Properties: { ServiceRegistries } }] = Object.values(templateOf(stack).findResources('AWS::ECS::Service'));
  const [{ RegistryArn, ...registry }, ...others] = ServiceRegistries;
  expect(RegistryArn).toBeDefined();
  expect([...otherMaps, ...others]).toEqual([]);
  return { records: DnsConfig.DnsRecords.map(({ Type }: { Type: string }) => Type), registry };
}

const HOST = [HostPort.tcp(9100), HostPort.tcp(9200)];
const BRIDGE = [BridgePort.dynamic(8080), BridgePort.fixed({ hostPort: 9000, containerPort: 90 })];
const TASK = [TaskPort.tcp(8080), TaskPort.tcp(9090)];

describe('Cloud Map by mode', () => {
  test.each([
    ['host mode', (w: World) => hostModeService(w, { ports: HOST }), 9100],
    ['host mode on Managed Instances', (w: World) => hostModeService(w, { ports: HOST, capacity: managedInstances(w.cluster) }), 9100],
    ['bridge mode', (w: World) => bridgeService(w, { ports: BRIDGE }), 8080],
  ])('%s has SRV records of the first port by default', (_, make, containerPort) => {
    const w = withNamespace();
    make(w).enableCloudMap();
    expect(registered(w)).toEqual({ records: ['SRV'], registry: { ContainerName: 'app', ContainerPort: containerPort } });
  });

  test('awsvpc mode has A records by default, with no port in the registry', () => {
    const w = withNamespace();
    awsvpcService(w, { ports: TASK }).enableCloudMap();
    expect(registered(w)).toEqual({ records: ['A'], registry: {} });
  });

  test.each([[AAAA, ['AAAA']], [A_AAAA, ['A', 'AAAA']], [A, ['A']]])('awsvpc mode has %s records where asked, in a dual-stack VPC', (dnsRecordType, records) => {
    const w = withNamespace();
    DualStack.enable(w.vpc);
    awsvpcService(w, { ports: TASK }).enableCloudMap({ dnsRecordType });
    expect(registered(w)).toEqual({ records, registry: {} });
  });

  test('awsvpc mode has SRV records where asked, of the first port', () => {
    const w = withNamespace();
    awsvpcService(w, { ports: TASK }).enableCloudMap({ dnsRecordType: SRV });
    expect(registered(w)).toEqual({ records: ['SRV'], registry: { ContainerName: 'app', ContainerPort: 8080 } });
  });

  test('awsvpc mode needs no port for A records', () => {
    const w = withNamespace();
    awsvpcService(w, {}).enableCloudMap();
    expect(registered(w)).toEqual({ records: ['A'], registry: {} });
  });

  test('what is said of the registration is passed on', () => {
    const w = world();
    const cloudMapNamespace = new cloudmap.PrivateDnsNamespace(w.stack, 'Other', { vpc: w.vpc, name: 'other.local' });
    awsvpcService(w, { ports: TASK }).enableCloudMap({ name: 'web', cloudMapNamespace, failureThreshold: 3 });
    templateOf(w.stack).hasResourceProperties('AWS::ServiceDiscovery::Service', {
      Name: 'web',
      HealthCheckCustomConfig: { FailureThreshold: 3 },
      NamespaceId: w.stack.resolve(cloudMapNamespace.namespaceId),
      DnsConfig: { DnsRecords: [{ TTL: 60, Type: 'A' }] },
    });
  });

  test('registration opens nothing', () => {
    const w = withNamespace();
    bridgeService(w, { ports: BRIDGE }).enableCloudMap();
    expect(pathsOf(w.app)).toEqual([]);
  });
});

describe('SRV records name the port that is asked for', () => {
  test('of host mode', () => {
    const w = withNamespace();
    hostModeService(w, { ports: HOST }).enableCloudMap({}, HOST[1]);
    expect(registered(w).registry).toEqual({ ContainerName: 'app', ContainerPort: 9200 });
  });

  test('of bridge mode', () => {
    const w = withNamespace();
    bridgeService(w, { ports: BRIDGE }).enableCloudMap({}, BRIDGE[1]);
    expect(registered(w).registry).toEqual({ ContainerName: 'app', ContainerPort: 90 });
  });

  test('of awsvpc mode', () => {
    const w = withNamespace();
    awsvpcService(w, { ports: TASK }).enableCloudMap({ dnsRecordType: SRV }, TASK[1]);
    expect(registered(w).registry).toEqual({ ContainerName: 'app', ContainerPort: 9090 });
  });

  test('of a sidecar, with the sidecar as the container', () => {
    const w = withNamespace();
    const service = bridgeService(w, { ports: BRIDGE });
    const port = BridgePort.dynamic(7070);
    service.addContainer('proxy', { ...CONTAINER, ports: [port] });
    service.enableCloudMap({}, port);
    expect(registered(w).registry).toEqual({ ContainerName: 'proxy', ContainerPort: 7070 });
  });
});

describe('a Cloud Map service that already exists', () => {
  const existing = ({ stack, cluster }: World, dnsRecordType: cloudmap.DnsRecordType) =>
    new cloudmap.Service(stack, 'Existing', { namespace: cluster.defaultCloudMapNamespace!, dnsRecordType });

  test('with SRV records is associated with container and port, in every mode', () => {
    for (const [make, containerPort] of [
      [(w: World) => hostModeService(w, { ports: HOST }), 9100],
      [(w: World) => bridgeService(w, { ports: BRIDGE }), 8080],
      [(w: World) => awsvpcService(w, { ports: TASK }), 8080],
    ] as const) {
      const w = withNamespace();
      make(w).associateCloudMapService(existing(w, SRV));
      expect(registered(w)).toEqual({ records: ['SRV'], registry: { ContainerName: 'app', ContainerPort: containerPort } });
    }
  });

  test('with SRV records takes the port of a sidecar, with the sidecar as the container', () => {
    const w = withNamespace();
    const service = hostModeService(w, { ports: HOST });
    const port = HostPort.tcp(7070);
    service.addContainer('proxy', { ...HOST_CONTAINER, ports: [port] });
    service.associateCloudMapService(existing(w, SRV), port);
    expect(registered(w).registry).toEqual({ ContainerName: 'proxy', ContainerPort: 7070 });
  });

  test('with A records is associated in awsvpc mode, without a port', () => {
    const w = withNamespace();
    awsvpcService(w, { ports: TASK }).associateCloudMapService(existing(w, A));
    expect(registered(w)).toEqual({ records: ['A'], registry: {} });
  });

  test.each([
    ['host', (w: World) => hostModeService(w, { ports: HOST })],
    ['bridge', (w: World) => bridgeService(w, { ports: BRIDGE })],
  ])('with A records is refused in %s mode', (mode, make) => {
    const w = withNamespace();
    expect(() => make(w).associateCloudMapService(existing(w, A))).toThrow(`the Cloud Map service's 'dnsRecordType' must be SRV in ${mode} mode, got A: `
      + "tasks share their instance's address and differ in the port, which only SRV records hold [Test/Web]");
  });
});

describe("the plain services' prop cloudMapOptions", () => {
  test('registers as enableCloudMap does, by mode', () => {
    const w = withNamespace();
    bridgeService(w, { ports: BRIDGE, cloudMapOptions: { name: 'web' } });
    expect(registered(w)).toEqual({ records: ['SRV'], registry: { ContainerName: 'app', ContainerPort: 8080 } });
    templateOf(w.stack).hasResourceProperties('AWS::ServiceDiscovery::Service', { Name: 'web' });
  });

  test('names one of the ports by its number', () => {
    const w = withNamespace();
    bridgeService(w, { ports: BRIDGE, cloudMapOptions: { containerPort: 90 } });
    expect(registered(w).registry).toEqual({ ContainerName: 'app', ContainerPort: 90 });
  });

  test('may say nothing in awsvpc mode without ports', () => {
    const w = withNamespace();
    awsvpcService(w, { cloudMapOptions: {} });
    expect(registered(w)).toEqual({ records: ['A'], registry: {} });
  });

  test('is refused where it names a port the service does not have', () => {
    const w = withNamespace();
    expect(() => bridgeService(w, { ports: BRIDGE, cloudMapOptions: { containerPort: 91 } }))
      .toThrow(/^'cloudMapOptions' names container port 91.*which is not among 'ports' \[Test\/Web\]$/);
  });

  test('is refused beside enableCloudMap: a service has one registry', () => {
    const w = withNamespace();
    expect(() => bridgeService(w, { ports: BRIDGE, cloudMapOptions: {} }).enableCloudMap())
      .toThrow("'cloudMapOptions' or 'enableCloudMap' has registered the service already, and a service has one registry [Test/Web]");
  });
});

describe('Cloud Map refuses', () => {
  test.each([
    ['host', (w: World) => hostModeService(w, { ports: HOST })],
    ['bridge', (w: World) => bridgeService(w, { ports: BRIDGE })],
  ])('A records in %s mode', (mode, make) => {
    const w = withNamespace();
    expect(() => make(w).enableCloudMap({ dnsRecordType: A })).toThrow(`'dnsRecordType' must be SRV in ${mode} mode, got A: `
      + "tasks share their instance's address and differ in the port, which only SRV records hold [Test/Web]");
  });

  test('CNAME records in awsvpc mode', () => {
    const w = withNamespace();
    expect(() => awsvpcService(w, { ports: TASK }).enableCloudMap({ dnsRecordType: cloudmap.DnsRecordType.CNAME }))
      .toThrow("'dnsRecordType' must be A, AAAA, A_AAAA or SRV in awsvpc mode, got CNAME [Test/Web]");
  });

  test('an HTTP namespace, which has no records', () => {
    const w = world();
    const cloudMapNamespace = new cloudmap.HttpNamespace(w.stack, 'Http', { name: 'test' });
    expect(() => awsvpcService(w, { ports: TASK }).enableCloudMap({ cloudMapNamespace })).toThrow(
      "'cloudMapNamespace' must be a DNS namespace, got an HTTP one, which has no records; use Service Connect with it [Test/Web]");
  });

  test('a cluster without a namespace, where none is given', () => {
    const w = world();
    expect(() => awsvpcService(w, { ports: TASK }).enableCloudMap()).toThrow(
      "'cloudMapNamespace' must be given where the cluster has no default Cloud Map namespace ('defaultCloudMapNamespace') [Test/Web]");
  });

  test('SRV records of a service without ports', () => {
    const w = withNamespace();
    expect(() => bridgeService(w, {}).enableCloudMap()).toThrow("SRV records name a port, and the service has none in 'ports' [Test/Web]");
  });

  test('SRV records of a range', () => {
    const w = withNamespace();
    const ports = [BridgePort.dynamicRange(PortRange.of(7000, 7010))];
    expect(() => bridgeService(w, { ports }).enableCloudMap()).toThrow('port range 7000-7010/tcp cannot be in an SRV record, which names one port [Test/Web]');
  });

  test('a port the service does not have', () => {
    const w = withNamespace();
    expect(() => hostModeService(w, { ports: HOST }).enableCloudMap({}, HostPort.tcp(1234)))
      .toThrow("port 1234/tcp is not among the service's 'ports' (9100/tcp, 9200/tcp) [Test/Web]");
  });
});

describe('Service Connect', () => {
  const offering = (service: Partial<ecs.ServiceConnectService> = {}): ecs.ServiceConnectProps =>
    ({ namespace: 'test', services: [{ portMappingName: 'http', ...service }] });

  test.each([
    ['bridge', (w: World) => bridgeService(w, { ports: [BridgePort.dynamic(8080, { name: 'http' })], serviceConnectConfiguration: offering() })],
    ['awsvpc', (w: World) => awsvpcService(w, { ports: [TaskPort.tcp(8080, { name: 'http' })], serviceConnectConfiguration: offering() })],
  ])('passes to a %s service', (_, make) => {
    const w = world();
    make(w);
    templateOf(w.stack).hasResourceProperties('AWS::ECS::Service', {
      ServiceConnectConfiguration: { Enabled: true, Namespace: 'test', Services: [{ PortName: 'http' }] },
    });
  });

  test('tells the proxy what the port speaks', () => {
    const w = world();
    awsvpcService(w, { ports: [TaskPort.tcp(8080, { name: 'http', appProtocol: ecs.AppProtocol.http2 })], serviceConnectConfiguration: offering() });
    templateOf(w.stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [{ PortMappings: [{ AppProtocol: 'http2', ContainerPort: 8080, Name: 'http' }] }],
    });
  });

  test('is refused in host mode', () => {
    const w = world();
    expect(() => hostModeService(w, { ports: HOST, serviceConnectConfiguration: { namespace: 'test' } })).toThrow(
      "'serviceConnectConfiguration' must be left out: Service Connect works in bridge and awsvpc mode, not in host mode [Test/Web]");
  });

  test('is refused with TLS in bridge mode, and taken in awsvpc mode', () => {
    const tls = { awsPcaAuthorityArn: 'arn:aws:acm-pca:us-east-1:111111111111:certificate-authority/11111111-1111-1111-1111-111111111111' };
    const w = world();
    expect(() => bridgeService(w, { ports: [BridgePort.dynamic(8080, { name: 'http' })], serviceConnectConfiguration: offering({ tls }) }))
      .toThrow("'serviceConnectConfiguration' must have no 'tls' in bridge mode (port 'http'): Service Connect encrypts in awsvpc mode only [Test/Web]");
    const other = world();
    awsvpcService(other, { ports: [TaskPort.tcp(8080, { name: 'http' })], serviceConnectConfiguration: offering({ tls }) });
    templateOf(other.stack).hasResourceProperties('AWS::ECS::Service', {
      ServiceConnectConfiguration: { Services: [{ Tls: { IssuerCertificateAuthority: { AwsPcaAuthorityArn: tls.awsPcaAuthorityArn } } }] },
    });
  });

  test.each([
    ['no port has a name', [TaskPort.tcp(8080)], "but no port has a 'name'"],
    ['ports have other names', [TaskPort.tcp(8080, { name: 'web' }), TaskPort.tcp(90, { name: 'admin' })], 'but the named ports are web, admin'],
  ])('is refused with a port that is not there: %s', (_, ports, words) => {
    const w = world();
    expect(() => awsvpcService(w, { ports, serviceConnectConfiguration: offering() }))
      .toThrow(`'serviceConnectConfiguration' offers port 'http', ${words} [Test/Web]`);
  });

  test.each([0, 65536, 80.5])('is refused with %d as the port of the proxy', (ingressPortOverride) => {
    const w = world();
    expect(() => awsvpcService(w, { ports: [TaskPort.tcp(8080, { name: 'http' })], serviceConnectConfiguration: offering({ ingressPortOverride }) }))
      .toThrow(`'ingressPortOverride' must be an integer from 1 to 65535, got ${ingressPortOverride} [Test/Web]`);
  });

  test('is refused with a port for the proxy that another service has on the instances', () => {
    const w = world();
    const { capacity } = bridgeService(w, { ports: [BridgePort.fixed({ hostPort: 9000, containerPort: 90 })] }, 'Other');
    expect(() => bridgeService(w, {
      capacity, ports: [BridgePort.dynamic(8080, { name: 'http' })], serviceConnectConfiguration: offering({ ingressPortOverride: 9000 }),
    })).toThrow(/^host port 9000\/tcp is wanted by 'Test\/Web' and already taken by 'Test\/Other'/);
  });

  test.each([
    ['bridge', (w: World) => bridgeService(w, { ports: BRIDGE, serviceConnectConfiguration: { namespace: 'test' } })],
    ['awsvpc', (w: World) => awsvpcService(w, { ports: TASK })],
  ])('has nothing to let a client in to, where a %s service offers no port', (_, make) => {
    const w = world();
    const service = make(w);
    expect(() => service.allowServiceConnectFrom(awsvpcService(w, {}, 'Client')))
      .toThrow("'serviceConnectConfiguration' of this service offers no 'services': there is no port to open [Test/Web]");
  });

  test('refuses addresses as a client: there is no service in them to wait', () => {
    const w = world();
    const service = awsvpcService(w, { ports: [TaskPort.tcp(8080, { name: 'http' })], serviceConnectConfiguration: offering() });
    expect(() => service.allowServiceConnectFrom(ec2.Peer.ipv4('192.0.2.0/24')))
      .toThrow("'client' must have security groups, such as another service; got a peer without any [Test/Web]");
  });
});
