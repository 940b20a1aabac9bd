import { ExpectedResult, Match } from '@aws-cdk/integ-tests-alpha';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, Ec2Capacity, EniTrunking, TaskPort } from 'cdk-ecs-network-modes';
import { IMAGE, keptFromMetadata, opens, staysClosed, USER, Verdicts } from './probe';
import { expectAnswer, expectHealthy, expectSteady, integTest } from './probe-reports';

/**
 * Six awsvpc tasks on one c5.large, which holds two without a trunk. They share the instance and yet answer who is allowed and nobody else,
 * and do not get to the instance's credentials.
 */
const app = new App();
const stack = new Stack(app, 'IntegEniTrunking');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'eni-trunking.internal' } });
const capacity = new Ec2Capacity(stack, 'Capacity', {
  cluster,
  instanceType: ec2.InstanceType.of(ec2.InstanceClass.C5, ec2.InstanceSize.LARGE),
  minInstances: 1,
  maxInstances: 1,
  trunking: EniTrunking.forInstanceRole(),
});
const service = new AwsvpcService(stack, 'Web', {
  cluster,
  capacity,
  desiredCount: 4,
  container: { image: ecs.ContainerImage.fromRegistry(IMAGE), user: USER, memoryReservationMiB: 64 },
  ports: [TaskPort.tcp(8080)],
});
service.enableCloudMap({ name: 'web' });
const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
const targetGroup = loadBalancer.addListener('Http', { port: 80, open: true }).addTargets('Web', { port: 80, targets: [service] });

const verdicts = new Verdicts(stack, 'Verdicts');
const task = 'http://web.eni-trunking.internal:8080';
const friend = new AwsvpcService(stack, 'Friend', {
  cluster,
  capacity,
  desiredCount: 1,
  container: verdicts.probe('friend', [opens('friend-to-task', task), keptFromMetadata('task-kept-from-metadata')]),
});
service.connections.allowDefaultPortFrom(friend);
const stranger = new AwsvpcService(stack, 'Stranger', {
  cluster,
  capacity,
  desiredCount: 1,
  container: verdicts.probe('stranger', [
    opens('stranger-to-load-balancer', `http://${loadBalancer.loadBalancerDnsName}`),
    staysClosed('stranger-to-task', task),
  ]),
});
for (const probe of [friend, stranger]) {
  probe.service.node.addDependency(service, loadBalancer);
}

const test = integTest(app, 'EniTrunking', stack);
expectSteady(test, service.service, 4);
expectHealthy(test, targetGroup, 4);
expectAnswer(test, loadBalancer);
test.assertions.awsApiCall('ECS', 'listAttributes', {
  cluster: cluster.clusterName,
  targetType: 'container-instance',
  attributeName: 'ecs.awsvpc-trunk-id',
}).expect(ExpectedResult.objectLike({ attributes: [{ name: 'ecs.awsvpc-trunk-id', value: Match.stringLikeRegexp('^eni-') }] }));
test.assertions.awsApiCall('ECS', 'describeClusters', { clusters: [cluster.clusterName] })
  .expect(ExpectedResult.objectLike({ clusters: [{ registeredContainerInstancesCount: 1, runningTasksCount: 6 }] }));
verdicts.expectAll(test);
