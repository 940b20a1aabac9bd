import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import { AwsvpcService, BridgePort, BridgeService, Ec2Capacity, TaskPort } from 'cdk-ecs-network-modes';
import { IMAGE, opens, USER, Verdicts } from './probe';
import { expectSteady, integTest } from './probe-reports';

/** A client reaches servers in awsvpc and in bridge mode by their Service Connect names: the proxies' ports are the ones opened. */
const app = new App();
const stack = new Stack(app, 'IntegServiceConnect');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', {
  vpc,
  defaultCloudMapNamespace: { name: stack.stackName, type: cloudmap.NamespaceType.HTTP, useForServiceConnect: true },
});
const container = { image: ecs.ContainerImage.fromRegistry(IMAGE), user: USER };
const task = { cpu: 512, memoryMiB: 1024 }; // with room for the proxy
const web = new AwsvpcService(stack, 'Web', {
  cluster,
  desiredCount: 1,
  container,
  task,
  ports: [TaskPort.tcp(8080, { name: 'web', appProtocol: ecs.AppProtocol.http })],
  serviceConnectConfiguration: { services: [{ portMappingName: 'web', dnsName: 'web' }] },
});
const capacity = new Ec2Capacity(stack, 'Capacity', {
  cluster,
  instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
  minInstances: 1,
  maxInstances: 1,
});
const shop = new BridgeService(stack, 'Shop', {
  cluster,
  capacity,
  desiredCount: 1,
  container,
  task: { memoryMiB: 512 }, // twice in a t4g.small, for updates
  ports: [BridgePort.dynamic(8080, { name: 'shop', appProtocol: ecs.AppProtocol.http })],
  serviceConnectConfiguration: { services: [{ portMappingName: 'shop', dnsName: 'shop' }] },
});

const verdicts = new Verdicts(stack, 'Verdicts');
const client = new AwsvpcService(stack, 'Client', {
  cluster,
  desiredCount: 1,
  // -f, for it is the client's own proxy that answers: with an error status where the server cannot be reached.
  container: verdicts.probe('client', [opens('to-awsvpc', 'http://web:8080', '-f'), opens('to-bridge', 'http://shop:8080', '-f')]),
  task,
  serviceConnectConfiguration: {},
});
web.allowServiceConnectFrom(client);
shop.allowServiceConnectFrom(client);

const test = integTest(app, 'ServiceConnect', stack);
expectSteady(test, web.service, 1);
expectSteady(test, shop.service, 1);
expectSteady(test, client.service, 1);
verdicts.expectAll(test);
