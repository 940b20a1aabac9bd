import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, TaskPort } from 'cdk-ecs-network-modes';
import { IMAGE, opens, staysClosed, USER, Verdicts } from './probe';
import { expectAnswer, expectHealthy, expectSteady, integTest } from './probe-reports';

/** A Fargate service behind an Application Load Balancer answers, and its tasks answer who is allowed and nobody else. */
const app = new App();
const stack = new Stack(app, 'IntegAwsvpcService');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'awsvpc-service.internal' } });
const service = new AwsvpcService(stack, 'Web', {
  cluster,
  desiredCount: 2,
  container: { image: ecs.ContainerImage.fromRegistry(IMAGE), user: USER },
  ports: [TaskPort.tcp(8080)],
});
service.enableCloudMap({ name: 'web' });
const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
const targetGroup = loadBalancer.addListener('Http', { port: 80, open: true }).addTargets('Web', { port: 80, targets: [service] });

const verdicts = new Verdicts(stack, 'Verdicts');
const task = 'http://web.awsvpc-service.internal:8080';
const friend = new AwsvpcService(stack, 'Friend', {
  cluster,
  desiredCount: 1,
  container: verdicts.probe('friend', [opens('friend-to-task', task)]),
});
service.connections.allowDefaultPortFrom(friend);
const stranger = new AwsvpcService(stack, 'Stranger', {
  cluster,
  desiredCount: 1,
  container: verdicts.probe('stranger', [
    opens('stranger-to-load-balancer', `http://${loadBalancer.loadBalancerDnsName}`),
    staysClosed('stranger-to-task', task),
  ]),
});
for (const probe of [friend, stranger]) {
  probe.service.node.addDependency(service, loadBalancer);
}

const test = integTest(app, 'AwsvpcService', stack);
expectSteady(test, service.service, 2);
expectHealthy(test, targetGroup, 2);
expectAnswer(test, loadBalancer);
verdicts.expectAll(test);
