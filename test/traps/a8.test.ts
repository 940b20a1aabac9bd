import { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import { AwsvpcService, BridgePort, BridgeService, DualStack, HostModeService, HostPort, NetworkModeServiceProps, TaskPort } from '../../src';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, plainCapacity, plainTask, templateOf, world } from '../fixtures';
import { found } from '../found';
import { expectRefusal } from '../refusal';

const { A, AAAA, A_AAAA, SRV, CNAME } = cloudmap.DnsRecordType;

function withNamespace() {
  const made = world();
  const namespace = made.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
  return { ...made, namespace: namespace as cloudmap.PrivateDnsNamespace };
}

type Made = ReturnType<typeof withNamespace>;
type Props = Partial<NetworkModeServiceProps>;

const MODES = {
  host: ({ stack, cluster }: Made, props: Props = {}) => new HostModeService(stack, 'Web', {
    cluster, capacity: ec2Capacity(cluster), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)], ...props,
  }),
  bridge: ({ stack, cluster }: Made, props: Props = {}) => new BridgeService(stack, 'Web', {
    cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [BridgePort.dynamic(9100)], ...props,
  }),
  awsvpc: ({ stack, cluster }: Made, props: Props = {}) => new AwsvpcService(stack, 'Web', {
    cluster, container: CONTAINER, ports: [TaskPort.tcp(9100)], ...props,
  }),
};

const aRecord = ({ stack, namespace }: Made, dnsRecordType = A) => new cloudmap.Service(stack, 'Registered', { namespace, dnsRecordType });

/** The registry entry of the service and the types of its records. */
function registryOf(stack: Stack, template = templateOf(stack)) {
  const [{ Properties }] = Object.values(template.findResources('AWS::ECS::Service'));
  const [{ Properties: registered }] = Object.values(template.findResources('AWS::ServiceDiscovery::Service'));
  const [{ RegistryArn, ...entry }] = Properties.ServiceRegistries;
  expect(RegistryArn).toBeDefined();
  return { entry, records: registered.DnsConfig.DnsRecords.map(({ Type }: { Type: string }) => Type) };
}

test.each([
  ['bridge', ecs.NetworkMode.BRIDGE],
  ['host', ecs.NetworkMode.HOST],
] as const)('A8: A records for a %s service lose its container and port; ours refuses them and registers SRV', (mode, networkMode) => {
  const plain = withNamespace();
  plainCapacity(plain.cluster);
  const service = new ecs.Ec2Service(plain.stack, 'Web', {
    cluster: plain.cluster, taskDefinition: plainTask(plain.stack, 'Task', networkMode, { containerPort: 9100 }),
  });
  service.associateCloudMapService({ service: aRecord(plain), containerPort: 9100 });
  // An address that says nothing of the port, and no container to be found by.
  expect(registryOf(plain.stack, templateOf(plain.stack))).toEqual({ entry: {}, records: ['A'] });
  expect(found(plain.app, 'service-registry-mismatch')).toEqual([expect.stringMatching(new RegExp(`^error Web.* is ${mode}; registry .* has A records`))]);

  const made = withNamespace();
  const ours = MODES[mode](made);
  expectRefusal(() => ours.associateCloudMapService(aRecord(made)), 'Test/Web',
    `the Cloud Map service's 'dnsRecordType' must be SRV in ${mode} mode, got A`, 'only SRV records hold');
  made.stack.node.tryRemoveChild('Registered');
  ours.enableCloudMap();
  expect(registryOf(made.stack)).toEqual({ entry: { ContainerName: 'app', ContainerPort: 9100 }, records: ['SRV'] });
  expect(found(made.app, 'service-registry-mismatch')).toEqual([]);
});

test("A8: SRV records of another container name the default container's port; ours name its own", () => {
  const plain = withNamespace();
  plainCapacity(plain.cluster);
  const taskDefinition = plainTask(plain.stack, 'Task', ecs.NetworkMode.BRIDGE, { containerPort: 9100 });
  const container = taskDefinition.addContainer('metrics', { ...CONTAINER, portMappings: [{ containerPort: 9200 }] });
  new ecs.Ec2Service(plain.stack, 'Web', { cluster: plain.cluster, taskDefinition }).enableCloudMap({ container });
  expect(registryOf(plain.stack, templateOf(plain.stack)).entry).toEqual({ ContainerName: 'metrics', ContainerPort: 9100 });
  expect(found(plain.app, 'service-registry-mismatch')).toEqual([expect.stringMatching(/^error Web.* registers with .* port 9100 of container metrics, which maps 9200/)]);

  const made = withNamespace();
  const ours = MODES.bridge(made);
  const metrics = BridgePort.dynamic(9200);
  ours.addContainer('metrics', { ...CONTAINER, ports: [metrics] });
  ours.enableCloudMap({}, metrics);
  expect(registryOf(made.stack).entry).toEqual({ ContainerName: 'metrics', ContainerPort: 9200 });
});

describe.each(['host', 'bridge'] as const)('%s mode', (mode) => {
  test.each([A, AAAA, A_AAAA, CNAME])('A8: %s records are refused however they are asked for', (dnsRecordType) => {
    const parts = [`must be SRV in ${mode} mode, got ${dnsRecordType === A_AAAA ? 'A_AAAA' : dnsRecordType}`];
    expectRefusal(() => MODES[mode](withNamespace()).enableCloudMap({ dnsRecordType }), 'Test/Web', "'dnsRecordType'", ...parts);
    expectRefusal(() => MODES[mode](withNamespace(), { cloudMapOptions: { dnsRecordType: dnsRecordType as typeof A } }), 'Test/Web', "'dnsRecordType'", ...parts);
  });

  test('A8: SRV records with container and port come from each way of asking', () => {
    const expected = { entry: { ContainerName: 'app', ContainerPort: 9100 }, records: ['SRV'] };
    const [first, second, third] = [withNamespace(), withNamespace(), withNamespace()];
    MODES[mode](first).enableCloudMap({ dnsRecordType: SRV });
    MODES[mode](second, { cloudMapOptions: {} });
    MODES[mode](third).associateCloudMapService(aRecord(third, SRV));
    [first, second, third].forEach(({ stack }) => expect(registryOf(stack)).toEqual(expected));
  });

  test('A8: without a port there is nothing for SRV records to name', () => {
    const made = withNamespace();
    const { stack, cluster } = made;
    const service = mode === 'host'
      ? new HostModeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: HOST_CONTAINER })
      : new BridgeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER });
    expectRefusal(() => service.enableCloudMap(), 'Test/Web', "SRV records name a port, and the service has none in 'ports'");
  });
});

test.each([A, AAAA, A_AAAA])('A8: in awsvpc mode %s records answer with the address of the task, without container and port', (dnsRecordType) => {
  const made = withNamespace();
  DualStack.enable(made.vpc);
  MODES.awsvpc(made).enableCloudMap({ dnsRecordType });
  expect(registryOf(made.stack)).toEqual({ entry: {}, records: dnsRecordType === A_AAAA ? ['A', 'AAAA'] : [dnsRecordType] });
});

test('A8: in awsvpc mode A is the default, and SRV has container and port', () => {
  const [first, second] = [withNamespace(), withNamespace()];
  MODES.awsvpc(first).enableCloudMap();
  expect(registryOf(first.stack)).toEqual({ entry: {}, records: ['A'] });
  MODES.awsvpc(second).enableCloudMap({ dnsRecordType: SRV });
  expect(registryOf(second.stack)).toEqual({ entry: { ContainerName: 'app', ContainerPort: 9100 }, records: ['SRV'] });
});

test('A8: cloudMapOptions that name a port are followed, and refused where the service has no such port', () => {
  const made = withNamespace();
  const { stack, cluster } = made;
  new BridgeService(stack, 'Web', {
    cluster,
    capacity: ec2Capacity(cluster),
    container: CONTAINER,
    ports: [BridgePort.dynamic(80), BridgePort.dynamic(9100)],
    cloudMapOptions: { containerPort: 9100 },
  });
  expect(registryOf(stack).entry).toEqual({ ContainerName: 'app', ContainerPort: 9100 });
  expectRefusal(() => MODES.bridge(withNamespace(), { cloudMapOptions: { containerPort: 81 } }), 'Test/Web',
    "'cloudMapOptions' names container port 81", "not among 'ports'");
});

test('A8: a namespace must be there, and have records', () => {
  expectRefusal(() => MODES.bridge(world() as Made).enableCloudMap(), 'Test/Web', "'cloudMapNamespace' must be given");
  const made = withNamespace();
  const http = new cloudmap.HttpNamespace(made.stack, 'Http', { name: 'http' });
  expectRefusal(() => MODES.bridge(made).enableCloudMap({ cloudMapNamespace: http }), 'Test/Web', "'cloudMapNamespace' must be a DNS namespace, got an HTTP one");
  templateOf(made.stack).hasResourceProperties('AWS::ECS::Service', { ServiceRegistries: Match.absent() });
});
