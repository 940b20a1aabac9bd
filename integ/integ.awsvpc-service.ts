import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, TaskPort } from 'cdk-ecs-network-modes';

/** A Fargate service behind an Application Load Balancer answers: the rules, the targets and the routes are right. */
const app = new App();
const stack = new Stack(app, 'IntegAwsvpcService');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
const service = new AwsvpcService(stack, 'Web', {
  cluster,
  desiredCount: 2,
  container: { image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.29.1-alpine3.22'), user: '101' },
  ports: [TaskPort.tcp(8080)],
});
const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
loadBalancer.addListener('Http', { port: 80, open: true }).addTargets('Web', { port: 80, targets: [service] });

const test = new IntegTest(app, 'AwsvpcService', { testCases: [stack] });
test.assertions.httpApiCall(`http://${loadBalancer.loadBalancerDnsName}`)
  .expect(ExpectedResult.objectLike({ status: 200 }))
  .waitForAssertions({ totalTimeout: Duration.minutes(5) });
