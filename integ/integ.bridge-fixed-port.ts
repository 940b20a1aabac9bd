import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, BridgeService, Ec2Capacity } from 'cdk-ecs-network-modes';
import { IMAGE, USER } from './probe';
import { expectAnswer, expectHealthy, expectSteady, integTest } from './probe-reports';

/** Port 80 of each instance, in front of a container that listens on 8080, answers through a Network Load Balancer with a group. */
const app = new App();
const stack = new Stack(app, 'IntegBridgeFixedPort');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
const capacity = new Ec2Capacity(stack, 'Capacity', {
  cluster,
  instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
  minInstances: 2,
  maxInstances: 2,
});
const service = new BridgeService(stack, 'Web', {
  cluster,
  capacity,
  desiredCount: 2,
  container: { image: ecs.ContainerImage.fromRegistry(IMAGE), user: USER, memoryReservationMiB: 128 },
  ports: [BridgePort.fixed({ hostPort: 80, containerPort: 8080 })],
});
const clients = new ec2.SecurityGroup(stack, 'LoadBalancerGroup', { vpc, allowAllOutbound: false });
clients.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(80));
const loadBalancer = new elbv2.NetworkLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true, securityGroups: [clients] });
const targetGroup = loadBalancer.addListener('Tcp', { port: 80 }).addTargets('Web', { port: 80, targets: [service] });

const test = integTest(app, 'BridgeFixedPort', stack);
expectSteady(test, service.service, 2);
expectHealthy(test, targetGroup, 2);
expectAnswer(test, loadBalancer);
