import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { BridgePort, HostPort, TaskPort } from '../../src';
import { awsvpcService, bridgeService, ec2Capacity, hostModeService, plainCapacity, plainEc2Service, World, world } from '../fixtures';
import { found } from '../found';
import { pathsOf } from '../security-group-rules';

const clients = ({ stack, vpc }: World) => new ec2.SecurityGroup(stack, 'Clients', { vpc });

test.each([
  ['bridge', ecs.NetworkMode.BRIDGE],
  ['host', ecs.NetworkMode.HOST],
])('R2: connections.allowFrom of a plain %s service silently does nothing', (_, mode) => {
  const w = world();
  const service = plainEc2Service(w.cluster, plainCapacity(w.cluster), mode, { containerPort: 8080 });
  service.connections.allowFrom(clients(w), ec2.Port.tcp(8080));
  // That there are clients shows where they look the service up.
  w.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
  service.enableCloudMap({});
  expect(pathsOf(w.app)).toEqual([]);
  expect(found(w.app, 'security-group-missing-path')).toEqual([
    expect.stringMatching(/^info Plain\w+: service \w+ is registered in Cloud Map, and group AsgInstances\w+ admits nobody on tcp /),
  ]);
});

describe('connections of ours resolve to the group that guards the port, with the right default port', () => {
  test('R2: a dynamic bridge port is the dynamic range at the instances', () => {
    const w = world();
    bridgeService(w, { ports: [BridgePort.dynamic(8080)] })
      .connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual(['Capacity < Clients tcp 32768-60999']);
  });

  test('R2: a fixed bridge port is the host port at the instances', () => {
    const w = world();
    bridgeService(w, { ports: [BridgePort.fixed({ hostPort: 80, containerPort: 8080 })] }).connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual(['Capacity < Clients tcp 80']);
  });

  test('R2: a host-mode port is itself at the instances', () => {
    const w = world();
    hostModeService(w, { ports: [HostPort.udp(53)] })
      .connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual(['Capacity < Clients udp 53']);
  });

  test('R2: an awsvpc port is itself at the tasks, not at the instances', () => {
    const w = world();
    awsvpcService(w, { capacity: ec2Capacity(w.cluster), ports: [TaskPort.tcp(8080)] })
      .connections.allowDefaultPortFrom(clients(w));
    expect(pathsOf(w.app)).toEqual(['Web < Clients tcp 8080']);
  });

  test('R2: allowFrom with a port opens that port', () => {
    const w = world();
    bridgeService(w, { ports: [BridgePort.dynamic(8080)] })
      .connections.allowFrom(clients(w), ec2.Port.tcp(9000));
    expect(pathsOf(w.app)).toEqual(['Capacity < Clients tcp 9000']);
  });

  test("R2: the inner service's own connections are right as well", () => {
    const w = world();
    bridgeService(w, { ports: [BridgePort.dynamic(8080)] })
      .service.connections.allowFrom(clients(w), ec2.Port.tcp(9000));
    expect(pathsOf(w.app)).toEqual(['Capacity < Clients tcp 9000']);
  });
});
