import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, BridgePort, BridgeService, Ec2Capacity, HostModeService, HostPort } from '../../src';
import { testApp } from '../app';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, INSTANCE_TYPE, managedInstances, templateOf, testVpc, world } from '../fixtures';
import { dependenciesOf, idOf, idsOf } from '../template-graph';

const SERVICE = 'AWS::ECS::Service';

/** The default routes of the subnets of one kind, and their route table associations, sorted. */
function waysOut(template: Template, kind: 'Private' | 'Public'): string[] {
  const ids = ['AWS::EC2::Route', 'AWS::EC2::SubnetRouteTableAssociation'].flatMap((type) => idsOf(template, type));
  const found = ids.filter((id) => id.includes(`${kind}Subnet`)).sort();
  expect(found).toHaveLength(4); // two zones
  return found;
}

/** What of it a resource waits for. */
function awaited(template: Template, logicalId: string, ways: string[]): string[] {
  const dependencies = dependenciesOf(template, logicalId);
  return ways.filter((id) => dependencies.has(id));
}

test('P7: a plain Fargate service may start before its subnets have a route out; ours waits for the routes', () => {
  const plain = world();
  const taskDefinition = new ecs.FargateTaskDefinition(plain.stack, 'Task');
  taskDefinition.addContainer('web', CONTAINER);
  new ecs.FargateService(plain.stack, 'Web', { cluster: plain.cluster, taskDefinition, circuitBreaker: { enable: true, rollback: true } });
  const wrong = templateOf(plain.stack);
  expect(awaited(wrong, idOf(wrong, SERVICE), waysOut(wrong, 'Private'))).toEqual([]);

  const { stack, cluster } = world();
  new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER });
  const right = templateOf(stack);
  expect(awaited(right, idOf(right, SERVICE), waysOut(right, 'Private'))).toEqual(waysOut(right, 'Private'));
  // The routes lead to a NAT gateway, which is there by then too.
  idsOf(right, 'AWS::EC2::NatGateway').forEach((id) => expect(dependenciesOf(right, idOf(right, SERVICE))).toContain(id));
});

test('P7: a task with a public address waits for the routes of the public subnets', () => {
  const { stack, cluster } = world();
  new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, assignPublicIp: true });
  const template = templateOf(stack);
  expect(awaited(template, idOf(template, SERVICE), waysOut(template, 'Public'))).toEqual(waysOut(template, 'Public'));
  expect(awaited(template, idOf(template, SERVICE), waysOut(template, 'Private'))).toEqual([]);
});

test('P7: a service in chosen subnets waits for the routes of these', () => {
  const { stack, vpc, cluster } = world();
  const [subnet, other] = vpc.privateSubnets;
  new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, vpcSubnets: { subnets: [subnet] } });
  const template = templateOf(stack);
  const idOfSubnet = ({ node }: ec2.ISubnet) => stack.getLogicalId(node.defaultChild as ec2.CfnSubnet);
  expect(dependenciesOf(template, idOf(template, SERVICE))).toContain(idOfSubnet(subnet));
  expect(dependenciesOf(template, idOf(template, SERVICE))).not.toContain(idOfSubnet(other));
  expect(awaited(template, idOf(template, SERVICE), waysOut(template, 'Private'))).toHaveLength(2);
});

test.each<[string, (stack: Stack, cluster: ecs.Cluster) => unknown]>([
  ['host on instances', (stack, cluster) => new HostModeService(stack, 'Web', {
    cluster, capacity: ec2Capacity(cluster), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)],
  })],
  ['bridge on instances', (stack, cluster) => new BridgeService(stack, 'Web', {
    cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [BridgePort.dynamic(80)],
  })],
  ['awsvpc on instances', (stack, cluster) => new AwsvpcService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER })],
  ['host on Managed Instances', (stack, cluster) => new HostModeService(stack, 'Web', {
    cluster, capacity: managedInstances(cluster), container: HOST_CONTAINER,
  })],
  ['awsvpc on Managed Instances', (stack, cluster) => new AwsvpcService(stack, 'Web', {
    cluster, capacity: managedInstances(cluster), container: CONTAINER,
  })],
])('P7: a service and its capacity wait for the routes: %s', (_what, make) => {
  const { stack, cluster } = world();
  make(stack, cluster);
  const template = templateOf(stack);
  const routes = waysOut(template, 'Private');
  expect(awaited(template, idOf(template, SERVICE), routes)).toEqual(routes);
  expect(awaited(template, idOf(template, 'AWS::ECS::CapacityProvider'), routes)).toEqual(routes);
});

test('P7: instances in chosen subnets wait for the routes of these', () => {
  const { stack, cluster } = world();
  ec2Capacity(cluster, 'Capacity', { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } });
  const template = templateOf(stack);
  const group = idOf(template, 'AWS::AutoScaling::AutoScalingGroup');
  expect(awaited(template, group, waysOut(template, 'Public'))).toEqual(waysOut(template, 'Public'));
  expect(awaited(template, group, waysOut(template, 'Private'))).toEqual([]);
});

test('P7: a service in another stack than its network waits for that stack, and not the other way round', () => {
  const app = testApp();
  const network = new Stack(app, 'Network');
  const vpc = testVpc(network);
  const services = new Stack(app, 'Services');
  new AwsvpcService(services, 'Web', { cluster: new ecs.Cluster(services, 'Cluster', { vpc }), container: CONTAINER });
  app.synth();
  expect(services.dependencies).toEqual([network]);
  expect(network.dependencies).toEqual([]);
});

test('P7: capacity in another stack than its network waits for that stack, and not the other way round', () => {
  const app = testApp();
  const network = new Stack(app, 'Network');
  const vpc = testVpc(network);
  const platform = new Stack(app, 'Platform');
  new Ec2Capacity(platform, 'Capacity', { cluster: new ecs.Cluster(platform, 'Cluster', { vpc }), instanceType: INSTANCE_TYPE, maxInstances: 2 });
  app.synth();
  expect(platform.dependencies).toEqual([network]);
  expect(network.dependencies).toEqual([]);
});
