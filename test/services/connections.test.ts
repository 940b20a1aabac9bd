import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, BridgePort, BridgeService, HostModeService, HostPort, PortRange, TaskPort } from '../../src';
import {
  awsvpcService, bridgeService, CONTAINER, ec2Capacity, HOST_CONTAINER, hostModeService, managedInstances, templateOf, World, world,
} from '../fixtures';
import { pathsOf } from '../security-group-rules';

const clients = ({ stack, vpc }: World) => new ec2.SecurityGroup(stack, 'Clients', { vpc });
const { UDP } = ecs.Protocol;

type Service = AwsvpcService | BridgeService | HostModeService;

describe('the default port of connections is the first port', () => {
  const cases: ReadonlyArray<readonly [string, (w: World) => Service, string]> = [
    ['a host-mode port', (w) => hostModeService(w, { ports: [HostPort.tcp(9100), HostPort.tcp(9200)] }), 'Capacity < Clients tcp 9100'],
    ['a host-mode UDP port', (w) => hostModeService(w, { ports: [HostPort.udp(53)] }), 'Capacity < Clients udp 53'],
    ['a host-mode port on Managed Instances',
      (w) => hostModeService(w, { capacity: managedInstances(w.cluster), ports: [HostPort.tcp(9100)] }), 'Managed < Clients tcp 9100'],
    ['a fixed bridge port, on the host', (w) => bridgeService(w, { ports: [BridgePort.fixed({ hostPort: 80, containerPort: 8080 })] }), 'Capacity < Clients tcp 80'],
    ['a fixed bridge UDP port', (w) => bridgeService(w, { ports: [BridgePort.fixed({ hostPort: 53, containerPort: 5353, protocol: UDP })] }), 'Capacity < Clients udp 53'],
    ['a dynamic bridge port', (w) => bridgeService(w, { ports: [BridgePort.dynamic(8080)] }), 'Capacity < Clients tcp 32768-60999'],
    ['a dynamic bridge UDP port', (w) => bridgeService(w, { ports: [BridgePort.dynamic(53, { protocol: UDP })] }), 'Capacity < Clients udp 32768-60999'],
    ['a range of bridge ports', (w) => bridgeService(w, { ports: [BridgePort.dynamicRange(PortRange.of(7000, 7010))] }), 'Capacity < Clients tcp 32768-60999'],
    ['a task port', (w) => awsvpcService(w, { ports: [TaskPort.tcp(8080), TaskPort.tcp(9090)] }), 'Web < Clients tcp 8080'],
    ['a task UDP port', (w) => awsvpcService(w, { ports: [TaskPort.udp(53)] }), 'Web < Clients udp 53'],
    ['a range of task ports', (w) => awsvpcService(w, { ports: [TaskPort.tcpRange(PortRange.of(7000, 7010))] }), 'Web < Clients tcp 7000-7010'],
    ['a range of task UDP ports', (w) => awsvpcService(w, { ports: [TaskPort.udpRange(PortRange.of(7000, 7010))] }), 'Web < Clients udp 7000-7010'],
  ];

  test.each(cases)('%s', (_, make, path) => {
    const w = world();
    make(w).connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual([path]);
  });

  test('and stays so when a sidecar has ports, too', () => {
    const w = world();
    const service = hostModeService(w, { ports: [HostPort.tcp(9100)] });
    service.addContainer('proxy', { ...HOST_CONTAINER, ports: [HostPort.tcp(9999)] });
    service.connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual(['Capacity < Clients tcp 9100']);
  });

  test('and is missing where there are no ports', () => {
    const w = world();
    expect(awsvpcService(w, {}).connections.defaultPort).toBeUndefined();
  });
});

describe('connections name the groups on the tasks', () => {
  test('every group of an awsvpc service', () => {
    const w = world();
    const securityGroups = ['One', 'Two'].map((id) => new ec2.SecurityGroup(w.stack, id, { vpc: w.vpc }));
    const service = awsvpcService(w, { ports: [TaskPort.tcp(8080)], securityGroups });
    service.connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual(['One < Clients tcp 8080', 'Two < Clients tcp 8080']);
    expect(service.securityGroup).toBe(securityGroups[0]);
    const ids = w.stack.resolve(securityGroups.map((group) => group.securityGroupId));
    templateOf(w.stack).hasResourceProperties('AWS::ECS::Service', {
      NetworkConfiguration: { AwsvpcConfiguration: { SecurityGroups: ids } },
    });
  });

  test('the group of an awsvpc service, which is on its tasks and on no other', () => {
    const w = world();
    const services = ['Web', 'Api'].map((id) => awsvpcService(w, { ports: [TaskPort.tcp(8080)] }, id));
    const template = templateOf(w.stack).findResources('AWS::ECS::Service');
    const onTasks = Object.values(template).map(({ Properties }) => Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups);
    expect(onTasks).toEqual(services.map(({ securityGroup }) => [w.stack.resolve(securityGroup.securityGroupId)]));
    expect(new Set(onTasks.map((groups) => JSON.stringify(groups))).size).toBe(2);
  });

  test('no group is made that nobody uses', () => {
    const w = world();
    hostModeService(w, { ports: [HostPort.tcp(9100)] }, 'Host');
    hostModeService(w, { capacity: managedInstances(w.cluster), ports: [HostPort.tcp(9100)] }, 'HostManaged');
    awsvpcService(w, { ports: [TaskPort.tcp(8080)] }, 'Fargate');
    templateOf(w.stack).resourceCountIs('AWS::EC2::SecurityGroup', 3); // of the instances, the managed instances, the Fargate tasks
  });
});

describe("services as each other's clients", () => {
  test('awsvpc services on the same instances are let in one by one', () => {
    const w = world();
    const capacity = ec2Capacity(w.cluster);
    const [web, api, batch] = ['Web', 'Api', 'Batch'].map((id) => awsvpcService(w, { capacity, ports: [TaskPort.tcp(8080)] }, id));
    api.connections.allowDefaultPortFrom(web);
    expect(batch.connections.securityGroups).not.toEqual(web.connections.securityGroups);
    expect(pathsOf(w.app)).toEqual(['Api < Web tcp 8080']);
  });

  test('a bridge service is its instances, as a client and as a server', () => {
    const w = world();
    const web = bridgeService(w, { ports: [BridgePort.dynamic(8080)] }, 'Web');
    const api = awsvpcService(w, { ports: [TaskPort.tcp(8080)] }, 'Api');
    api.connections.allowDefaultPortFrom(web);
    web.connections.allowDefaultPortFrom(api);
    expect(pathsOf(w.app)).toEqual(['Api < Capacity tcp 8080', 'Capacity < Api tcp 32768-60999']);
  });

  test('allowTo from ours is the same as allowFrom at the other', () => {
    const w = world();
    const web = hostModeService(w, { ports: [HostPort.tcp(8080)] }, 'Web');
    const api = awsvpcService(w, { ports: [TaskPort.tcp(9090)] }, 'Api');
    web.connections.allowToDefaultPort(api);
    expect(pathsOf(w.app)).toEqual(['Api < Capacity tcp 9090']);
  });

  test('allowInternally opens the port between the tasks of a service', () => {
    const w = world();
    awsvpcService(w, { ports: [TaskPort.tcp(8080)] }).connections.allowInternally(ec2.Port.tcp(7946));
    expect(pathsOf(w.app)).toEqual(['Web < Web tcp 7946']);
  });

  test('asking twice opens one path', () => {
    const w = world();
    const { connections } = bridgeService(w, { ports: [BridgePort.dynamic(8080)] });
    const group = clients(w);
    connections.allowDefaultPortFrom(group);
    connections.allowFrom(group, ec2.Port.tcpRange(32768, 60999));
    expect(pathsOf(w.app)).toEqual(['Capacity < Clients tcp 32768-60999']);
  });
});

describe('with other constructs', () => {
  test('a database lets our service in by its group', () => {
    const w = world();
    const database = new ec2.Connections({
      securityGroups: [new ec2.SecurityGroup(w.stack, 'Database', { vpc: w.vpc })], defaultPort: ec2.Port.tcp(5432),
    });
    database.allowDefaultPortFrom(bridgeService(w, { ports: [BridgePort.dynamic(8080)] }));
    expect(pathsOf(w.app)).toEqual(['Database < Capacity tcp 5432']);
  });

  test('a sidecar that listens is reached by naming its port', () => {
    const w = world();
    const service = awsvpcService(w, { ports: [TaskPort.tcp(8080)] });
    service.addContainer('metrics', { ...CONTAINER, ports: [TaskPort.tcp(9090)] });
    service.connections.allowFrom(clients(w), ec2.Port.tcp(9090));
    expect(pathsOf(w.app)).toEqual(['Web < Clients tcp 9090']);
  });
});
