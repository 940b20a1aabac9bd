import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, BridgeService, Ec2Capacity, TaskEndpoints, TaskPort } from 'cdk-ecs-network-modes';
import { keptFromMetadata, opens, staysClosed, USER, Verdicts } from './probe';
import { expectSteady, integTest } from './probe-reports';

/**
 * Tasks on Fargate and on instances in a VPC without a way to the internet: with the endpoints, and nothing else, instances register,
 * images are pulled and logs arrive. That there is a line of a probe at all says so.
 */
const app = new App();
const stack = new Stack(app, 'IntegTaskEndpoints');
const isolated: ec2.SubnetSelection = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
const vpc = new ec2.Vpc(stack, 'Vpc', {
  maxAzs: 1, // an endpoint is paid by the zone
  natGateways: 0,
  subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
});
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'task-endpoints.internal' } });
// Pushed to the account's own repository, for no endpoint brings an image of a public one.
const image = ecs.ContainerImage.fromAsset(join(__dirname, 'probe-image'), { platform: Platform.LINUX_AMD64 });
const service = new AwsvpcService(stack, 'Web', {
  cluster,
  vpcSubnets: isolated,
  desiredCount: 1,
  container: { image, user: USER },
  ports: [TaskPort.tcp(8080)],
});
service.enableCloudMap({ name: 'web' });
const capacity = new Ec2Capacity(stack, 'Capacity', {
  cluster,
  instanceType: ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.SMALL),
  minInstances: 1,
  maxInstances: 1,
  vpcSubnets: isolated,
});

const verdicts = new Verdicts(stack, 'Verdicts');
const internet = 'https://checkip.amazonaws.com';
const onFargate = new AwsvpcService(stack, 'OnFargate', {
  cluster,
  vpcSubnets: isolated,
  desiredCount: 1,
  container: verdicts.probe('on-fargate', [
    opens('fargate-to-task', 'http://web.task-endpoints.internal:8080'),
    staysClosed('fargate-to-internet', internet),
  ], { image }),
});
const onInstance = new BridgeService(stack, 'OnInstance', {
  cluster,
  capacity,
  desiredCount: 1,
  container: verdicts.probe('on-instance', [
    opens('bridge-to-task', 'http://web.task-endpoints.internal:8080'),
    staysClosed('bridge-to-internet', internet),
    keptFromMetadata('bridge-kept-from-metadata'),
  ], { image }),
});
for (const probe of [onFargate, onInstance]) {
  service.connections.allowDefaultPortFrom(probe);
  probe.service.node.addDependency(service);
}

const endpoints = new TaskEndpoints(stack, 'Endpoints', { vpc });
endpoints.serveInstances(capacity);
for (const served of [service, onFargate, onInstance]) {
  endpoints.serve(served.service);
}

const test = integTest(app, 'TaskEndpoints', stack);
expectSteady(test, service.service, 1);
expectSteady(test, onInstance.service, 1);
verdicts.expectAll(test);
