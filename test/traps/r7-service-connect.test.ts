import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { AwsvpcService, BridgePort, BridgeService, PortRange, TaskPort } from '../../src';
import { awsvpcService, bridgeService, CONTAINER, ec2Capacity, plainCapacity, plainTask, templateOf, World, world } from '../fixtures';
import { found } from '../found';
import { pathsOf, rulesOf } from '../security-group-rules';

const offering = (...services: ecs.ServiceConnectService[]): ecs.ServiceConnectProps => ({ namespace: 'test', services });
const CLIENT: ecs.ServiceConnectProps = { namespace: 'test' };
const HTTP = { portMappingName: 'http' };

function awsvpcServer(w: World, service: Partial<ecs.ServiceConnectService> = {}): AwsvpcService {
  const ports = [TaskPort.tcp(8080, { name: 'http' })];
  return awsvpcService(w, { ports, serviceConnectConfiguration: offering({ ...HTTP, ...service }) }, 'Server');
}

function bridgeServer(w: World, service: Partial<ecs.ServiceConnectService> = {}): BridgeService {
  return bridgeService(w, {
    capacity: ec2Capacity(w.cluster, 'Servers', { dynamicPorts: PortRange.of(40000, 40999) }),
    ports: [BridgePort.dynamic(8080, { name: 'http' })],
    serviceConnectConfiguration: offering({ ...HTTP, ...service }),
  }, 'Server');
}

const client = (w: World) => awsvpcService(w, { serviceConnectConfiguration: CLIENT }, 'Client');

/** Whether the ECS service in one construct is created after the one in another, both in one stack. */
function waits(waiting: IConstruct, server: IConstruct): boolean {
  const id = (within: IConstruct) => Stack.of(within).getLogicalId(within.node.findAll().find((node) => node instanceof ecs.CfnService)!);
  const { DependsOn = [] } = templateOf(Stack.of(waiting)).findResources('AWS::ECS::Service')[id(waiting)];
  return DependsOn.includes(id(server));
}

describe('plain aws-ecs', () => {
  test('R7: Service Connect opens nothing between plain awsvpc services, and the client does not wait', () => {
    const { app, stack, cluster } = world();
    const [server, user] = ['Server', 'Client'].map((id) => {
      const taskDefinition = new ecs.FargateTaskDefinition(stack, `${id}Task`);
      taskDefinition.addContainer('web', { ...CONTAINER, portMappings: [{ containerPort: 8080, name: 'http' }] });
      return new ecs.FargateService(stack, id, { cluster, taskDefinition, serviceConnectConfiguration: id === 'Server' ? offering(HTTP) : CLIENT });
    });
    expect(pathsOf(app)).toEqual([]);
    expect(waits(user, server)).toBe(false);
    expect(found(app, 'security-group-missing-path')).toEqual([
      expect.stringMatching(/^warning Server\w+: no client in its Service Connect namespace \(1 service\) reaches service \w+: group \w+ admits none of them on tcp 8080/),
    ]);
  });

  test('R7: nor between plain bridge services', () => {
    const { app, stack, cluster } = world();
    const capacityProviderStrategies = [{ capacityProvider: plainCapacity(cluster).capacityProviderName, weight: 1 }];
    const [server, user] = ['Server', 'Client'].map((id) => new ecs.Ec2Service(stack, id, {
      cluster,
      capacityProviderStrategies,
      taskDefinition: plainTask(stack, `${id}Task`, ecs.NetworkMode.BRIDGE, { containerPort: 8080, name: 'http' }),
      serviceConnectConfiguration: id === 'Server' ? offering(HTTP) : CLIENT,
    }));
    expect(pathsOf(app)).toEqual([]);
    expect(waits(user, server)).toBe(false);
    expect(found(app, 'security-group-missing-path')).toEqual([
      expect.stringMatching(/^warning Server\w+: no client .* admits none of them on tcp 32768-60999 \(where its proxy listens\)/),
    ]);
  });
});

describe('ours', () => {
  test.each([
    ['an awsvpc server on its container port', awsvpcServer, {}, 'Server < Client tcp 8080'],
    ['an awsvpc server on the port its proxy is told', awsvpcServer, { ingressPortOverride: 15000 }, 'Server < Client tcp 15000'],
    ['a bridge server on the dynamic range, where its proxy listens', bridgeServer, {}, 'Servers < Client tcp 40000-40999'],
    ['a bridge server on the port its proxy is told', bridgeServer, { ingressPortOverride: 15000 }, 'Servers < Client tcp 15000'],
  ])('R7: the client gets to %s and nothing else, and waits for the server', (_, make, service, path) => {
    const w = world();
    const server = make(w, service);
    const user = client(w);
    server.allowServiceConnectFrom(user);
    expect(pathsOf(w.app)).toEqual([path]);
    expect(found(w.app, 'security-group-missing-path')).toEqual([]);
    expect(waits(user, server)).toBe(true);
    expect(waits(server, user)).toBe(false);
  });

  test('R7: until a client is named nothing is open', () => {
    const w = world();
    bridgeServer(w);
    client(w);
    expect(pathsOf(w.app)).toEqual([]);
  });

  test('R7: of two bridge services on one capacity the instances let themselves in', () => {
    const w = world();
    const server = bridgeServer(w);
    const user = bridgeService(w, { capacity: server.capacity, serviceConnectConfiguration: CLIENT }, 'Client');
    server.allowServiceConnectFrom(user);
    expect(pathsOf(w.app)).toEqual(['Servers < Servers tcp 40000-40999']);
    expect(waits(user, server)).toBe(true);
  });

  test('R7: a bridge client gets to an awsvpc server from its instances', () => {
    const w = world();
    const server = awsvpcServer(w);
    server.allowServiceConnectFrom(bridgeService(w, { serviceConnectConfiguration: CLIENT }, 'Client'));
    expect(pathsOf(w.app)).toEqual(['Server < Capacity tcp 8080']);
  });

  test('R7: a bridge client gets to a bridge server on another capacity', () => {
    const w = world();
    const server = bridgeServer(w);
    server.allowServiceConnectFrom(bridgeService(w, { serviceConnectConfiguration: CLIENT }, 'Client'));
    expect(pathsOf(w.app)).toEqual(['Servers < Capacity tcp 40000-40999']);
  });

  test('R7: every port that is offered is opened, once', () => {
    const w = world();
    const server = awsvpcService(w, {
      ports: [TaskPort.tcp(8080, { name: 'http' }), TaskPort.tcp(9090, { name: 'admin' }), TaskPort.tcp(7070, { name: 'kept' })],
      serviceConnectConfiguration: offering(HTTP, { portMappingName: 'admin' }),
    }, 'Server');
    const user = client(w);
    server.allowServiceConnectFrom(user);
    server.allowServiceConnectFrom(user);
    expect(pathsOf(w.app)).toEqual(['Server < Client tcp 8080', 'Server < Client tcp 9090']);
  });

  test.each([
    ['an awsvpc', awsvpcServer, 'Server < Client tcp 8080'],
    ['a bridge', bridgeServer, 'Servers < Client tcp 40000-40999'],
  ])('R7: a client in another stack waits for %s server by way of its stack, which has the rule', (_, make, path) => {
    const w = world();
    const other = new Stack(w.app, 'Other');
    const server = make(w);
    server.allowServiceConnectFrom(client({ ...w, stack: other }));
    expect(pathsOf(w.app)).toEqual([path]);
    expect(rulesOf(w.app).map(({ stack }) => stack)).toEqual(['Other']);
    expect(other.dependencies).toContain(w.stack);
    expect(w.stack.dependencies).not.toContain(other);
  });

  test('R7: two bridge services on one capacity may be in stacks of their own', () => {
    const w = world();
    const server = bridgeServer({ ...w, stack: new Stack(w.app, 'ServerStack') });
    const other = new Stack(w.app, 'Other');
    server.allowServiceConnectFrom(bridgeService({ ...w, stack: other }, { capacity: server.capacity, serviceConnectConfiguration: CLIENT }, 'Client'));
    expect(rulesOf(w.app)).toEqual([
      { direction: 'in', group: 'Servers', peer: 'Servers', ports: 'tcp 40000-40999', stack: 'Other', inline: false },
    ]);
    expect(other.dependencies).toContain(Stack.of(server));
  });

  test('R7: a plain service can be the client', () => {
    const w = world();
    const server = awsvpcServer(w);
    const taskDefinition = new ecs.FargateTaskDefinition(w.stack, 'Task');
    taskDefinition.addContainer('web', CONTAINER);
    const user = new ecs.FargateService(w.stack, 'Client', { cluster: w.cluster, taskDefinition, serviceConnectConfiguration: CLIENT });
    server.allowServiceConnectFrom(user);
    expect(pathsOf(w.app)).toEqual(['Server < Client tcp 8080']);
    expect(waits(user, server)).toBe(true);
  });

  test('R7: a group of the network stack as the client is let in and waits for nothing, for the server needs that stack', () => {
    const w = world();
    const group = new ec2.SecurityGroup(w.stack, 'Clients', { vpc: w.vpc });
    awsvpcServer({ ...w, stack: new Stack(w.app, 'ServerStack') }).allowServiceConnectFrom(group);
    expect(rulesOf(w.app)).toEqual([
      { direction: 'in', group: 'Server', peer: 'Clients', ports: 'tcp 8080', stack: 'ServerStack', inline: false },
    ]);
  });

  test('R7: instances as the client are let in and do not wait for a service that runs on them', () => {
    const w = world();
    const server = bridgeServer(w);
    server.allowServiceConnectFrom(server.capacity.autoScalingGroup);
    expect(pathsOf(w.app)).toEqual(['Servers < Servers tcp 40000-40999']);
    const [{ DependsOn }] = Object.values(templateOf(w.stack).findResources('AWS::AutoScaling::AutoScalingGroup'));
    expect(DependsOn.filter((id: string) => id.includes('Server') && id.includes('Service'))).toEqual([]);
  });

  test('R7: a service may be its own client', () => {
    const w = world();
    const server = awsvpcServer(w);
    server.allowServiceConnectFrom(server);
    expect(pathsOf(w.app)).toEqual(['Server < Server tcp 8080']);
    expect(waits(server, server)).toBe(false);
  });

  test('R7: services that would wait for each other, by way of others too, are refused; the way back is opened without waiting', () => {
    const w = world();
    const [a, b, c] = ['A', 'B', 'C'].map((id) => awsvpcService(w, {
      ports: [TaskPort.tcp(8080, { name: 'http' })], serviceConnectConfiguration: offering(HTTP),
    }, id));
    b.allowServiceConnectFrom(a);
    c.allowServiceConnectFrom(b);
    expect(() => a.allowServiceConnectFrom(c)).toThrow("'client' (Test/C/Service/Service) cannot wait for this service, which already waits for it: "
      + "neither could be created first. Open one of the two directions with 'connections.allowFrom(…)' [Test/A]");
    a.connections.allowDefaultPortFrom(c);
    expect(waits(a, b) && waits(b, c)).toBe(true);
  });
});
