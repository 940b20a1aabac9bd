import { CfnParameter, Token } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, BridgePort, BridgeService, Ec2Capacity, FixedBridgePortOptions, HostModeService, HostPort, PortRange, TaskPort } from '../../src';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, plainCapacity, plainTask, synth, templateOf, world } from '../fixtures';
import { found } from '../found';
import { expectRefusal } from '../refusal';

const through = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const fixed = (hostPort: number, props: Partial<FixedBridgePortOptions> = {}) =>
  BridgePort.fixed({ hostPort, containerPort: 8080, ...props });

/** A world with EC2 capacity, and makers of services on it. */
function onInstances(capacityProps: Parameters<typeof ec2Capacity>[2] = {}) {
  const { app, stack, cluster } = world();
  const capacity = ec2Capacity(cluster, 'Capacity', capacityProps);
  return {
    app,
    stack,
    cluster,
    capacity,
    bridge: (ports: BridgePort[], id = 'Web') => new BridgeService(stack, id, { cluster, capacity, container: CONTAINER, ports }),
    host: (ports: HostPort[], id = 'Web') => new HostModeService(stack, id, { cluster, capacity, container: HOST_CONTAINER, ports }),
    awsvpc: (ports: TaskPort[], id = 'Web') => new AwsvpcService(stack, id, { cluster, capacity, container: CONTAINER, ports }),
  };
}

describe('each is synthesised by plain aws-ecs and refused by ours', () => {
  test.each<[string, ecs.NetworkMode, ecs.PortMapping[], (ours: ReturnType<typeof onInstances>) => unknown, string[], string, RegExp]>([
    ['the same host port twice in one task', ecs.NetworkMode.BRIDGE, [{ containerPort: 8080, hostPort: 80 }, { containerPort: 8081, hostPort: 80 }],
      ({ bridge }) => bridge([fixed(80), fixed(80, { containerPort: 8081 })]), ['host port 8080/tcp and 8081/tcp of one task overlap'],
      'host-port-clash', /^error Task.* tcp 80 /],
    ['a port the docker daemon holds', ecs.NetworkMode.BRIDGE, [{ containerPort: 8080, hostPort: 2375 }],
      ({ bridge }) => bridge([fixed(2375)]), ['host port 2375/tcp is held by docker daemon'],
      'host-port-reserved', /^error Web.* tcp 2375 /],
    ['a fixed port inside the dynamic range', ecs.NetworkMode.BRIDGE, [{ containerPort: 8080, hostPort: 40000 }],
      ({ bridge }) => bridge([fixed(40000)]), ['fixed host port 40000/tcp', "dynamic range 32768-60999 ('dynamicPorts')"],
      'host-port-reserved', /^warning Web.* tcp 40000/],
    ['96 fixed ports', ecs.NetworkMode.HOST, through(9000, 9095).map((containerPort) => ({ containerPort })),
      ({ host }) => host(through(9000, 9095).map((port) => HostPort.tcp(port))), ['take 96 fixed host ports', 'at most 95'],
      'host-port-reserved', /^error Web.* 96 /],
  ])('P3: %s', (_what, networkMode, mappings, ours, parts, rule, finding) => {
    const plain = world();
    plainCapacity(plain.cluster);
    new ecs.Ec2Service(plain.stack, 'Web', { cluster: plain.cluster, taskDefinition: plainTask(plain.stack, 'Task', networkMode, ...mappings) });
    templateOf(plain.stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [{
        PortMappings: mappings.map(({ containerPort, hostPort }) =>
          Match.objectLike({ ContainerPort: containerPort, ...hostPort ? { HostPort: hostPort } : {} })),
      }],
    });
    expect(found(plain.app, rule)).toEqual([expect.stringMatching(finding)]);
    expectRefusal(() => ours(onInstances()), 'Test/Web', ...parts);
  });

  // Ports are values and have no path in the tree: their errors name the argument.
  test.each<[string, ecs.PortMapping, () => unknown, string]>([
    ['port 70000', { containerPort: 8080, hostPort: 70000 }, () => fixed(70000), "'hostPort' must be an integer from 1 to 65535, got 70000"],
    ['container range 9000-8000', { containerPort: 0, containerPortRange: '9000-8000' }, () => PortRange.of(9000, 8000),
      "'first' of a port range must be below 'last', got 9000 and 8000"],
  ])('P3: %s', (_what, mapping, ours, message) => {
    const plain = world();
    plainCapacity(plain.cluster);
    new ecs.Ec2Service(plain.stack, 'Web', {
      cluster: plain.cluster, taskDefinition: plainTask(plain.stack, 'Task', ecs.NetworkMode.BRIDGE, mapping),
    });
    const { hostPort, containerPortRange } = mapping;
    const rendered = hostPort ? { HostPort: hostPort } : { ContainerPortRange: containerPortRange };
    templateOf(plain.stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [{ PortMappings: [Match.objectLike(rendered)] }],
    });
    expect(found(plain.app, 'port-mapping-invalid')).toEqual([expect.stringMatching(/^error Task.* (70000|"9000-8000")/)]);
    expect(ours).toThrow(message);
  });
});

test.each([0, -1, 65536, 70000, 1.5, NaN])('P3: %d is no port, of whatever kind', (port) => {
  for (const make of [HostPort.tcp, HostPort.udp, TaskPort.tcp, TaskPort.udp, BridgePort.dynamic, fixed]) {
    expect(() => make(port)).toThrow(/'(port|hostPort|containerPort)' must be an integer from 1 to 65535, got/);
  }
});

describe('reserved ports', () => {
  test.each([[22, 'ssh'], [2375, 'docker daemon'], [2376, 'docker daemon'], [51678, 'agent introspection'], [51679, 'task credentials endpoint']])(
    'P3: host port %d/tcp is refused, which %s holds', (port, holder) => {
      const parts = [`host port ${port}/tcp is held by ${holder} on every instance`];
      expectRefusal(() => onInstances().bridge([fixed(port)]), 'Test/Web', ...parts);
      expectRefusal(() => onInstances().host([HostPort.tcp(port)]), 'Test/Web', ...parts);
      expectRefusal(() => onInstances().bridge([BridgePort.dynamic(80)]).addContainer('sidecar', { ...CONTAINER, ports: [fixed(port)] }), 'Test/Web', ...parts);
    });

  test('P3: on udp, where nothing holds them, they are accepted', () => {
    const ports = [22, 2375, 2376, 51678, 51679];
    const { stack, host, bridge } = onInstances({ dynamicPorts: PortRange.of(40000, 40999) });
    host(ports.slice(1).map((port) => HostPort.udp(port)));
    bridge([fixed(22, { protocol: ecs.Protocol.UDP })], 'Bridge');
    templateOf(stack).resourceCountIs('AWS::ECS::Service', 2);
  });

  test('P3: behind a dynamic host port and on an interface of its own they are accepted', () => {
    const { stack, bridge, awsvpc } = onInstances();
    bridge([BridgePort.dynamic(22), BridgePort.dynamic(51678)], 'Bridge');
    awsvpc([TaskPort.tcp(22), TaskPort.tcp(51679)], 'Awsvpc');
    templateOf(stack).resourceCountIs('AWS::ECS::Service', 2);
  });

  test('P3: 51680/tcp, which the agent takes only with its metrics on, is warned about; other ports and udp are not', () => {
    const { app, stack, host, bridge } = onInstances({ dynamicPorts: PortRange.of(40000, 40999) });
    host([HostPort.tcp(51680)], 'Tcp');
    host([HostPort.udp(51680), HostPort.tcp(51681)], 'Other');
    bridge([BridgePort.dynamic(51680)], 'Dynamic');
    synth(app);
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('51680'));
    expect(warnings.map(({ id }) => id)).toEqual(['/Test/Tcp']);
    expect(warnings[0].entry.data).toMatch(/^Host port 51680\/tcp is taken by the ECS agent where its Prometheus metrics are on.*metrics-port\]$/);
  });
});

describe('the dynamic range', () => {
  test.each([
    ['the default', undefined, [32768, 51000, 60999], [32767, 61000]],
    ['a given one', PortRange.of(40000, 40999), [40000, 40999], [39999, 41000, 32768]],
  ])('P3: fixed ports in %s are refused on either protocol, those around it accepted', (_what, dynamicPorts, inside, outside) => {
    for (const port of inside) {
      const parts = [`dynamic range ${dynamicPorts ?? '32768-60999'} ('dynamicPorts')`, "move 'dynamicPorts'"];
      expectRefusal(() => onInstances({ dynamicPorts }).host([HostPort.tcp(port)]), 'Test/Web', `fixed host port ${port}/tcp`, ...parts);
      expectRefusal(() => onInstances({ dynamicPorts }).bridge([fixed(port, { protocol: ecs.Protocol.UDP })]), 'Test/Web', `fixed host port ${port}/udp`, ...parts);
    }
    const { stack, host } = onInstances({ dynamicPorts });
    host(outside.map((port) => HostPort.tcp(port)));
    templateOf(stack).resourceCountIs('AWS::ECS::Service', 1);
  });

  test('P3: a sidecar is held to it', () => {
    expectRefusal(() => onInstances().bridge([BridgePort.dynamic(80)]).addContainer('sidecar', { ...CONTAINER, ports: [fixed(40000)] }),
      'Test/Web', 'fixed host port 40000/tcp', "'dynamicPorts'");
  });

  test('P3: a given Auto Scaling group is held to it', () => {
    const { stack, cluster } = world();
    const capacity = Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: plainCapacity(cluster), dynamicPorts: PortRange.of(20000, 20999) });
    expectRefusal(() => new BridgeService(stack, 'Web', { cluster, capacity, container: CONTAINER, ports: [fixed(20500)] }),
      'Test/Web', 'fixed host port 20500/tcp', "20000-20999 ('dynamicPorts')");
    new BridgeService(stack, 'Other', { cluster, capacity, container: CONTAINER, ports: [fixed(40000)] });
  });

  test('P3: container ports and interfaces of their own have nothing to do with it', () => {
    const { stack, bridge, awsvpc } = onInstances();
    bridge([BridgePort.dynamic(40000)], 'Bridge');
    awsvpc([TaskPort.tcp(40000)], 'Awsvpc');
    templateOf(stack).resourceCountIs('AWS::ECS::Service', 2);
  });
});

describe('how many', () => {
  const tcp = (from: number, to: number) => through(from, to).map((port) => HostPort.tcp(port));

  test('P3: 95 fixed ports are accepted and one more is refused, of one service', () => {
    onInstances().host(tcp(9001, 9095));
    expectRefusal(() => onInstances().host(tcp(9001, 9096)), 'Test/Web', 'the services on this capacity take 96 fixed host ports', 'at most 95');
  });

  test('P3: 95 fixed ports are accepted and one more is refused, over several services, protocols and modes', () => {
    const { host, bridge } = onInstances();
    host(tcp(9001, 9060), 'One');
    host(through(9001, 9030).map((port) => HostPort.udp(port)), 'Two');
    bridge(through(8001, 8005).map((port) => fixed(port, { containerPort: port })), 'Three');
    bridge([BridgePort.dynamic(80)], 'Dynamic');
    expectRefusal(() => bridge([fixed(80)], 'Four'), 'Test/Four', 'take 96 fixed host ports', 'at most 95');
  });

  test('P3: they count per capacity', () => {
    const { stack, cluster, host } = onInstances();
    host(tcp(9001, 9095));
    new HostModeService(stack, 'Apart', { cluster, capacity: ec2Capacity(cluster, 'Second'), container: HOST_CONTAINER, ports: tcp(9001, 9095) });
  });

  test('P3: 100 port ranges of a container are accepted, 101 refused', () => {
    const ranges = (count: number) => through(1, count).map((n) => BridgePort.dynamicRange(PortRange.of(n * 10, n * 10 + 5)));
    onInstances().bridge(ranges(100));
    expectRefusal(() => onInstances().bridge(ranges(101)), 'Test/Web', 'a container has at most 100 port ranges, got 101');
  });
});

describe('twice in one task', () => {
  test.each<[string, () => unknown, string]>([
    ['a host port, in host mode', () => onInstances().host([HostPort.tcp(9100), HostPort.tcp(9100)]), 'host port 9100/tcp and 9100/tcp of one task overlap'],
    ['a host port, with a sidecar in host mode', () =>
      onInstances().host([HostPort.tcp(9100)]).addContainer('sidecar', { ...HOST_CONTAINER, ports: [HostPort.tcp(9100)] }), 'host port 9100/tcp and 9100/tcp'],
    ['a host port, with a sidecar in bridge mode', () =>
      onInstances().bridge([fixed(80)]).addContainer('sidecar', { ...CONTAINER, ports: [fixed(80, { containerPort: 81 })] }), 'host port 8080/tcp and 81/tcp'],
    ['a port, in awsvpc mode', () => onInstances().awsvpc([TaskPort.tcp(80), TaskPort.tcp(80)]), 'container port 80/tcp and 80/tcp of one task overlap'],
    ['a port, with a sidecar in awsvpc mode', () =>
      onInstances().awsvpc([TaskPort.tcp(80)]).addContainer('sidecar', { ...CONTAINER, ports: [TaskPort.tcp(80)] }), 'container port 80/tcp and 80/tcp'],
    ['a port in a range, in awsvpc mode', () =>
      onInstances().awsvpc([TaskPort.tcpRange(PortRange.of(8000, 8010)), TaskPort.tcp(8005)]), 'container port 8000-8010/tcp and 8005/tcp'],
    ['a port of one container, in bridge mode', () => onInstances().bridge([BridgePort.dynamic(80), BridgePort.dynamic(80)]), 'container ports 80/tcp and 80/tcp of one container'],
    ['a port in a range of one container, in bridge mode', () =>
      onInstances().bridge([BridgePort.dynamicRange(PortRange.of(8000, 8010)), BridgePort.dynamic(8010)]), 'container ports 8000-8010/tcp and 8010/tcp of one container'],
  ])('P3: %s is refused', (_what, make, part) => expectRefusal(make, 'Test/Web', part));

  test('P3: with two protocols, or in the containers of a bridge-mode task, it is accepted', () => {
    const { stack, host, bridge, awsvpc } = onInstances();
    host([HostPort.tcp(8301), HostPort.udp(8301)], 'Host');
    awsvpc([TaskPort.tcp(80), TaskPort.udp(80)], 'Awsvpc').addContainer('sidecar', { ...CONTAINER, ports: [TaskPort.tcp(81)] });
    const web = bridge([BridgePort.dynamic(80), BridgePort.dynamic(80, { protocol: ecs.Protocol.UDP })], 'Bridge');
    web.addContainer('sidecar', { ...CONTAINER, ports: [BridgePort.dynamic(80)] });
    templateOf(stack).resourceCountIs('AWS::ECS::Service', 3);
  });
});

test('P3: numbers known only at deployment are accepted, in every kind of port', () => {
  const { stack, host, bridge, awsvpc } = onInstances();
  const port = new CfnParameter(stack, 'Port', { type: 'Number', default: 8080 }).valueAsNumber;
  host([HostPort.tcp(port), HostPort.udp(port)], 'Host');
  bridge([BridgePort.fixed({ hostPort: port, containerPort: Token.asNumber({ Ref: 'Other' }) })], 'Fixed');
  bridge([BridgePort.dynamic(port)], 'Dynamic');
  awsvpc([TaskPort.tcp(port), TaskPort.udp(port)], 'Awsvpc');
  new CfnParameter(stack, 'Other', { type: 'Number', default: 80 });

  const template = templateOf(stack);
  const given = { Ref: 'Port' };
  const mappings = Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(({ Properties }) => Properties.ContainerDefinitions[0].PortMappings);
  expect(mappings).toEqual([
    [{ ContainerPort: given, HostPort: given, Protocol: 'tcp' }, { ContainerPort: given, HostPort: given, Protocol: 'udp' }],
    [{ ContainerPort: { Ref: 'Other' }, HostPort: given, Protocol: 'tcp' }],
    [{ ContainerPort: given, HostPort: 0, Protocol: 'tcp' }],
    [{ ContainerPort: given, Protocol: 'tcp' }, { ContainerPort: given, Protocol: 'udp' }],
  ]);
});
