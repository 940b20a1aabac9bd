import { CfnParameter } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, BridgePort, BridgeService, HostModeService, HostPort, PortRange, TaskPort } from '../../src';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, world } from '../fixtures';

const { TCP, UDP } = ecs.Protocol;
const { http, grpc } = ecs.AppProtocol;

// Ports are values: they are made outside of any construct, so that their errors have no path.
const NONE = [0, -1, 65536, 70000, 1.5, NaN, Infinity];

describe.each<[string, string, (port: number) => unknown]>([
  ['HostPort.tcp', 'port', HostPort.tcp],
  ['HostPort.udp', 'port', HostPort.udp],
  ['TaskPort.tcp', 'port', (port) => TaskPort.tcp(port)],
  ['TaskPort.udp', 'port', (port) => TaskPort.udp(port)],
  ['BridgePort.dynamic', 'containerPort', (port) => BridgePort.dynamic(port)],
  ['BridgePort.fixed (host)', 'hostPort', (hostPort) => BridgePort.fixed({ hostPort, containerPort: 80 })],
  ['BridgePort.fixed (container)', 'containerPort', (containerPort) => BridgePort.fixed({ hostPort: 80, containerPort })],
  ['PortRange.of (first)', 'first', (first) => PortRange.of(first, 65535)],
  ['PortRange.of (last)', 'last', (last) => PortRange.of(1, last)],
])('%s', (_name, prop, make) => {
  test.each(NONE)('refuses %d', (port) => {
    expect(() => make(port)).toThrow(`'${prop}'`);
    expect(() => make(port)).toThrow('must be an integer from 1 to 65535, got');
    expect(() => make(port)).toThrow(Number.isFinite(port) ? `got ${port}` : 'got');
  });

  test('takes the first and the last port', () => {
    [2, 65534].forEach(make);
    (prop === 'first' ? [1] : prop === 'last' ? [65535] : [1, 65535]).forEach(make);
  });

  test('takes a number known only at deployment', () => {
    make(new CfnParameter(world().stack, 'Port', { type: 'Number' }).valueAsNumber);
  });
});

describe('PortRange', () => {
  test('known only at deployment is written as what it will be, to the agent and to the rules', () => {
    const { stack, cluster } = world();
    const last = new CfnParameter(stack, 'Last', { type: 'Number' }).valueAsNumber;
    const capacity = ec2Capacity(cluster, 'Capacity', { dynamicPorts: PortRange.of(40000, last) });
    const service = new BridgeService(stack, 'Web', { cluster, capacity, container: CONTAINER, ports: [BridgePort.dynamic(80)] });
    service.connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.0.0.0/8'));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 40000, ToPort: { Ref: 'Last' } });
    expect(JSON.stringify(template.findResources('AWS::EC2::LaunchTemplate'))).toContain('ECS_DYNAMIC_HOST_PORT_RANGE=40000-",{"Ref":"Last"}');
  });

  test.each([[9000, 8000], [80, 80]])('refuses %d to %d', (first, last) => {
    expect(() => PortRange.of(first, last)).toThrow(`'first' of a port range must be below 'last', got ${first} and ${last}`);
  });

  test('is written as the agent and container definitions write it', () => {
    const range = PortRange.of(40000, 40999);
    expect(`${range}`).toBe('40000-40999');
    expect([range.first, range.last]).toEqual([40000, 40999]);
  });
});

describe.each<[string, string, (range: PortRange) => unknown]>([
  ['BridgePort.dynamicRange', 'containerPorts', (range) => BridgePort.dynamicRange(range)],
  ['TaskPort.tcpRange', 'ports', TaskPort.tcpRange],
  ['TaskPort.udpRange', 'ports', TaskPort.udpRange],
])('%s', (_name, prop, make) => {
  test.each([[undefined, 9000], [8000, undefined], [undefined, undefined]])('refuses %p to %p, an end known only at deployment', (first, last) => {
    const { stack } = world();
    const parameter = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    expect(() => make(PortRange.of(first ?? parameter('First'), last ?? parameter('Last'))))
      .toThrow(`'${prop}' must be a range of ports known when the app is synthesised, got a value known only at deployment`);
  });
});

describe('names', () => {
  test.each<[string, () => unknown]>([
    ['TaskPort.tcp', () => TaskPort.tcp(80, { appProtocol: http })],
    ['TaskPort.udp', () => TaskPort.udp(80, { appProtocol: http })],
    ['BridgePort.dynamic', () => BridgePort.dynamic(80, { appProtocol: http })],
    ['BridgePort.dynamicRange', () => BridgePort.dynamicRange(PortRange.of(80, 90), { appProtocol: http })],
    ['BridgePort.fixed', () => BridgePort.fixed({ hostPort: 80, containerPort: 80, appProtocol: http })],
  ])('%s: an application protocol without a name is refused, for nothing would read it', (_name, make) => {
    expect(make).toThrow("'appProtocol' (http) needs 'name'");
  });
});

describe('in the task definition', () => {
  /** The port mappings of a task's first container. */
  const mappings = (template: Template) => Object.values(template.findResources('AWS::ECS::TaskDefinition'))[0].Properties.ContainerDefinitions[0].PortMappings;

  test('host ports have the same number twice', () => {
    const { stack, cluster } = world();
    new HostModeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: HOST_CONTAINER, ports: [HostPort.tcp(9100), HostPort.udp(8125)] });
    expect(mappings(Template.fromStack(stack))).toEqual([
      { ContainerPort: 9100, HostPort: 9100, Protocol: 'tcp' },
      { ContainerPort: 8125, HostPort: 8125, Protocol: 'udp' },
    ]);
  });

  test('bridge ports are dynamic, a dynamic range, or fixed', () => {
    const { stack, cluster } = world();
    new BridgeService(stack, 'Web', {
      cluster,
      capacity: ec2Capacity(cluster),
      container: CONTAINER,
      ports: [
        BridgePort.dynamic(3000, { name: 'web', appProtocol: http }),
        BridgePort.dynamic(3000, { protocol: UDP }),
        BridgePort.dynamicRange(PortRange.of(8000, 8010), { protocol: TCP }),
        BridgePort.fixed({ hostPort: 80, containerPort: 8080 }),
        BridgePort.fixed({ hostPort: 53, containerPort: 5353, protocol: UDP, name: 'dns' }),
      ],
    });
    expect(mappings(Template.fromStack(stack))).toEqual([
      { ContainerPort: 3000, HostPort: 0, Protocol: 'tcp', Name: 'web', AppProtocol: 'http' },
      { ContainerPort: 3000, HostPort: 0, Protocol: 'udp' },
      { ContainerPortRange: '8000-8010', Protocol: 'tcp' },
      { ContainerPort: 8080, HostPort: 80, Protocol: 'tcp' },
      { ContainerPort: 5353, HostPort: 53, Protocol: 'udp', Name: 'dns' },
    ]);
  });

  test('task ports have no host port', () => {
    const { stack, cluster } = world();
    new AwsvpcService(stack, 'Web', {
      cluster,
      container: CONTAINER,
      ports: [
        TaskPort.tcp(8080, { name: 'api', appProtocol: grpc }),
        TaskPort.udp(8125),
        TaskPort.tcpRange(PortRange.of(9000, 9010)),
        TaskPort.udpRange(PortRange.of(9000, 9010)),
      ],
    });
    expect(mappings(Template.fromStack(stack))).toEqual([
      { ContainerPort: 8080, Protocol: 'tcp', Name: 'api', AppProtocol: 'grpc' },
      { ContainerPort: 8125, Protocol: 'udp' },
      { ContainerPortRange: '9000-9010', Protocol: 'tcp' },
      { ContainerPortRange: '9000-9010', Protocol: 'udp' },
    ]);
  });

  test('a service without ports maps none', () => {
    const { stack, cluster } = world();
    new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER });
    expect(mappings(Template.fromStack(stack))).toBeUndefined();
  });
});
