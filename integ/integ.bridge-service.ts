import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, BridgeService, Ec2Capacity, PortRange } from 'cdk-ecs-network-modes';

/** Tasks on dynamic ports answer through an Application Load Balancer: the agent's range and the rule are one. */
const app = new App();
const stack = new Stack(app, 'IntegBridgeService');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
const capacity = new Ec2Capacity(stack, 'Capacity', {
  cluster,
  instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
  maxInstances: 2,
  dynamicPorts: PortRange.of(40000, 40099),
});
const service = new BridgeService(stack, 'Web', {
  cluster,
  capacity,
  desiredCount: 3, // more than instances: what a fixed port could not do
  container: {
    image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.29.1-alpine3.22'),
    user: '101',
    memoryReservationMiB: 128,
  },
  ports: [BridgePort.dynamic(8080)],
});
const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
loadBalancer.addListener('Http', { port: 80, open: true }).addTargets('Web', { port: 80, targets: [service] });

const test = new IntegTest(app, 'BridgeService', { testCases: [stack] });
test.assertions.httpApiCall(`http://${loadBalancer.loadBalancerDnsName}`)
  .expect(ExpectedResult.objectLike({ status: 200 }))
  .waitForAssertions({ totalTimeout: Duration.minutes(5) });
