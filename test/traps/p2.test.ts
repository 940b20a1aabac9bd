import { CfnParameter, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { BridgePort, BridgeService, Ec2Capacity, HostModeService, HostPort, IEc2Capacity, NetworkModeServiceProps } from '../../src';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, managedInstances, plainCapacity, plainTask, templateOf, world } from '../fixtures';
import { found } from '../found';
import { expectRefusal } from '../refusal';

const bridge = (stack: Stack, id: string, capacity: IEc2Capacity, port: BridgePort, props: Partial<NetworkModeServiceProps> = {}) =>
  new BridgeService(stack, id, { cluster: capacity.cluster, capacity, container: CONTAINER, ports: [port], ...props });

const host = (stack: Stack, id: string, capacity: IEc2Capacity, port: HostPort, props: Partial<NetworkModeServiceProps> = {}) =>
  new HostModeService(stack, id, { cluster: capacity.cluster, capacity, container: HOST_CONTAINER, ports: [port], ...props });

const on80 = BridgePort.fixed({ hostPort: 80, containerPort: 8080 });

test('P2: two services that want one port of the same instances synthesise; ours refuses the second and names both', () => {
  const plain = world();
  plainCapacity(plain.cluster);
  for (const id of ['Web', 'Admin']) {
    new ecs.Ec2Service(plain.stack, id, {
      cluster: plain.cluster, taskDefinition: plainTask(plain.stack, `${id}Task`, ecs.NetworkMode.BRIDGE, { containerPort: 8080, hostPort: 80 }),
    });
  }
  const tasks = Object.values(templateOf(plain.stack).findResources('AWS::ECS::TaskDefinition'));
  expect(tasks.map(({ Properties }) => Properties.ContainerDefinitions[0].PortMappings[0].HostPort)).toEqual([80, 80]);
  expect(found(plain.app, 'host-port-fleet-clash')).toEqual([
    expect.stringMatching(/^error WebService\w+: services WebService\w+ and AdminService\w+ need tcp 80 on 2 instances \(1 \+ 1\); Asg\w+ has 1$/),
  ]);

  const { stack, cluster } = world();
  const capacity = ec2Capacity(cluster);
  bridge(stack, 'Web', capacity, on80);
  expectRefusal(() => bridge(stack, 'Admin', capacity, on80), 'Test/Admin',
    "host port 80/tcp is wanted by 'Test/Admin' and already taken by 'Test/Web'", 'Choose another port, a dynamic port, or a capacity of its own');
});

test('P2: more copies than instances synthesise and are never all placed; ours refuses them', () => {
  const plain = world();
  plainCapacity(plain.cluster); // at most one instance
  new ecs.Ec2Service(plain.stack, 'Web', {
    cluster: plain.cluster, taskDefinition: plainTask(plain.stack, 'Task', ecs.NetworkMode.HOST, { containerPort: 9100 }), desiredCount: 5,
  });
  const template = templateOf(plain.stack);
  template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { MaxSize: '1' });
  template.hasResourceProperties('AWS::ECS::Service', { DesiredCount: 5 });
  expect(found(plain.app, 'host-port-fleet-clash')).toEqual([
    expect.stringMatching(/^error WebService\w+: service WebService\w+ needs tcp 9100 on 5 instances; Asg\w+ has 1$/),
  ]);

  const { stack, cluster } = world();
  expectRefusal(() => host(stack, 'Web', ec2Capacity(cluster, 'Capacity', { maxInstances: 4 }), HostPort.tcp(9100), { desiredCount: 5 }), 'Test/Web',
    '5 tasks do not fit', 'host port 9100/tcp is free once per instance', "'maxInstances' is 4");
});

describe('two services on the same instances', () => {
  test.each<[string, (stack: Stack, capacity: Ec2Capacity) => unknown, string]>([
    ['host after bridge mode', (stack, capacity) => host(stack, 'Second', capacity, HostPort.tcp(80)), 'Test/Second'],
    ['a daemon', (stack, capacity) => new HostModeService(stack, 'Second', {
      cluster: capacity.cluster, capacity, container: HOST_CONTAINER, ports: [HostPort.tcp(80)], daemon: true,
    }), 'Test/Second'],
    ['a sidecar', (stack, capacity) => bridge(stack, 'Second', capacity, BridgePort.dynamic(80)).addContainer('proxy', { ...CONTAINER, ports: [on80] }), 'Test/Second'],
  ])('P2: the second is refused: %s', (_what, second, path) => {
    const { stack, cluster } = world();
    const capacity = ec2Capacity(cluster);
    bridge(stack, 'Web', capacity, on80);
    expectRefusal(() => second(stack, capacity), path, `host port 80/tcp is wanted by '${path}'`, "taken by 'Test/Web'");
  });

  test("P2: the second is refused: Service Connect's proxy on a fixed port", () => {
    const { stack, cluster } = world();
    cluster.addDefaultCloudMapNamespace({ name: 'test', useForServiceConnect: true });
    const capacity = ec2Capacity(cluster);
    bridge(stack, 'Web', capacity, on80);
    expectRefusal(() => bridge(stack, 'Second', capacity, BridgePort.dynamic(3000, { name: 'second' }), {
      task: { memoryMiB: 512 },
      serviceConnectConfiguration: { services: [{ portMappingName: 'second', ingressPortOverride: 80 }] },
    }), 'Test/Second', "host port 80/tcp is wanted by 'Test/Second'", "taken by 'Test/Web'");
  });

  test('P2: the port counts per Auto Scaling group, whatever object stands for it', () => {
    const { stack, cluster } = world();
    const provider = plainCapacity(cluster);
    bridge(stack, 'Web', Ec2Capacity.fromAsgCapacityProvider(stack, 'One', { cluster, provider }), on80);
    expectRefusal(() => bridge(stack, 'Second', Ec2Capacity.fromAsgCapacityProvider(stack, 'Two', { cluster, provider }), on80),
      'Test/Second', "host port 80/tcp is wanted by 'Test/Second'");
  });

  test('P2: the other protocol, another port, dynamic ports and another capacity are no clash', () => {
    const { stack, cluster } = world();
    const capacity = ec2Capacity(cluster);
    bridge(stack, 'Web', capacity, on80);
    bridge(stack, 'Udp', capacity, BridgePort.fixed({ hostPort: 80, containerPort: 8080, protocol: ecs.Protocol.UDP }));
    bridge(stack, 'Other', capacity, BridgePort.fixed({ hostPort: 81, containerPort: 8080 }));
    bridge(stack, 'Dynamic', capacity, BridgePort.dynamic(80));
    bridge(stack, 'Apart', ec2Capacity(cluster, 'Second'), on80);
    templateOf(stack).resourceCountIs('AWS::ECS::Service', 5);
  });

  test('P2: a service that was refused takes no port', () => {
    const { stack, cluster } = world();
    const capacity = ec2Capacity(cluster);
    bridge(stack, 'Web', capacity, on80);
    expect(() => new BridgeService(stack, 'Second', {
      cluster, capacity, container: CONTAINER, ports: [BridgePort.fixed({ hostPort: 81, containerPort: 81 }), on80],
    })).toThrow('host port 80/tcp');
    bridge(stack, 'Third', capacity, BridgePort.fixed({ hostPort: 81, containerPort: 81 }));
  });
});

describe('copies of one service', () => {
  const fixed = (props: Partial<NetworkModeServiceProps>, maxInstances = 4) => {
    const { stack, cluster } = world();
    return host(stack, 'Web', ec2Capacity(cluster, 'Capacity', { maxInstances }), HostPort.tcp(9100), props);
  };

  test('P2: one on every instance is accepted', () => {
    templateOf(Stack.of(fixed({ desiredCount: 4 }))).hasResourceProperties('AWS::ECS::Service', { DesiredCount: 4 });
  });

  test('P2: one more than instances is refused', () => {
    expectRefusal(() => fixed({ desiredCount: 5 }), 'Test/Web', '5 tasks do not fit', "'maxInstances' is 4");
  });

  test('P2: scaling beyond the instances is refused, up to them accepted', () => {
    expectRefusal(() => fixed({}).autoScaleTaskCount({ maxCapacity: 5 }), 'Test/Web', '5 tasks do not fit', "'maxInstances' is 4");
    fixed({}).autoScaleTaskCount({ maxCapacity: 4 });
  });

  test('P2: a sidecar with a fixed port bounds them too', () => {
    const { stack, cluster } = world();
    const service = bridge(stack, 'Web', ec2Capacity(cluster), BridgePort.dynamic(3000), { desiredCount: 5 });
    expectRefusal(() => service.addContainer('proxy', { ...CONTAINER, ports: [on80] }), 'Test/Web',
      '5 tasks do not fit', 'host port 80/tcp is free once per instance', "'maxInstances' is 4");
  });

  test('P2: a constraint to distinct instances bounds them too', () => {
    const { stack, cluster } = world();
    expectRefusal(() => bridge(stack, 'Web', ec2Capacity(cluster), BridgePort.dynamic(3000), {
      desiredCount: 5, placementConstraints: [ecs.PlacementConstraint.distinctInstances()],
    }), 'Test/Web', '5 tasks do not fit', "'placementConstraints' allow one task per instance");
  });

  test('P2: the size of a given Auto Scaling group bounds them', () => {
    const { stack, cluster } = world();
    const capacity = Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: plainCapacity(cluster) });
    expect(capacity.maxInstances).toBe(1);
    expectRefusal(() => host(stack, 'Web', capacity, HostPort.tcp(9100), { desiredCount: 2 }), 'Test/Web', '2 tasks do not fit', "'maxInstances' is 1");
  });

  test('P2: any number fits with dynamic ports, and on Managed Instances', () => {
    const { stack, cluster } = world();
    bridge(stack, 'Web', ec2Capacity(cluster, 'Capacity', { maxInstances: 1 }), BridgePort.dynamic(3000), { desiredCount: 50 });
    new HostModeService(stack, 'Host', {
      cluster, capacity: managedInstances(cluster), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)], desiredCount: 50,
    });
    templateOf(stack).resourceCountIs('AWS::ECS::Service', 2);
  });

  test('P2: counts known only at deployment are not judged', () => {
    const { stack, cluster } = world();
    const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
    host(stack, 'Web', ec2Capacity(cluster, 'Capacity', { maxInstances: 1 }), HostPort.tcp(9100), { desiredCount: number });
    host(stack, 'Other', ec2Capacity(cluster, 'Elastic', { maxInstances: number }), HostPort.tcp(9100), { desiredCount: 50 });
    templateOf(stack).resourceCountIs('AWS::ECS::Service', 2);
  });
});
