import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, BridgePort, BridgeService, Ec2Capacity, PortRange } from 'cdk-ecs-network-modes';
import { IMAGE, keptFromMetadata, opens, staysClosed, USER, Verdicts } from './probe';
import { expectAnswer, expectHealthy, expectSteady, integTest } from './probe-reports';

/**
 * Tasks on dynamic ports answer through an Application Load Balancer: the agent's range and the rule are one. Nobody else gets to the
 * range, and bridge tasks do not get to the instance's credentials.
 */
const app = new App();
const stack = new Stack(app, 'IntegBridgeService');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'bridge-service.internal' } });
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
  container: { image: ecs.ContainerImage.fromRegistry(IMAGE), user: USER, memoryReservationMiB: 128 },
  ports: [BridgePort.dynamic(8080)],
});
service.enableCloudMap({ name: 'web' });
const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
const targetGroup = loadBalancer.addListener('Http', { port: 80, open: true }).addTargets('Web', { port: 80, targets: [service] });

const verdicts = new Verdicts(stack, 'Verdicts');
const throughLoadBalancer = `http://${loadBalancer.loadBalancerDnsName}`;
const hostPort = 'http://$(srv web.bridge-service.internal)';
const friend = new AwsvpcService(stack, 'Friend', { // on Fargate: in bridge mode it would share the instances' group
  cluster,
  desiredCount: 1,
  container: verdicts.probe('friend', [opens('friend-to-host-port', hostPort)]),
});
service.connections.allowDefaultPortFrom(friend);
const stranger = new AwsvpcService(stack, 'Stranger', {
  cluster,
  desiredCount: 1,
  container: verdicts.probe('stranger', [
    opens('stranger-to-load-balancer', throughLoadBalancer),
    staysClosed('stranger-to-host-port', hostPort),
  ]),
});
const neighbour = new BridgeService(stack, 'Neighbour', {
  cluster,
  capacity,
  desiredCount: 1,
  container: verdicts.probe('neighbour', [
    opens('bridge-to-load-balancer', throughLoadBalancer),
    keptFromMetadata('bridge-kept-from-metadata'),
  ]),
});
for (const probe of [friend, stranger, neighbour]) {
  probe.service.node.addDependency(service, loadBalancer, capacity);
}

const test = integTest(app, 'BridgeService', stack);
expectSteady(test, service.service, 3);
expectHealthy(test, targetGroup, 3);
expectAnswer(test, loadBalancer);
verdicts.expectAll(test);
