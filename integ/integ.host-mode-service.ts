import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, Ec2Capacity, HostModeService, HostPort } from 'cdk-ecs-network-modes';
import { IMAGE, opens, opensMetadata, staysClosed, USER, Verdicts } from './probe';
import { expectAnswer, expectHealthy, expectSteady, integTest } from './probe-reports';

/**
 * A daemon in host mode runs once on every instance, and answers on the instance's port who is allowed and nobody else. A host-mode task
 * does get to the instance's metadata, as is said of it; so the metadata service, which other tests find out of reach, is there.
 */
const app = new App();
const stack = new Stack(app, 'IntegHostModeService');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'host-mode-service.internal' } });
const capacity = new Ec2Capacity(stack, 'Capacity', {
  cluster,
  instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
  minInstances: 2,
  maxInstances: 2,
});
const agent = new HostModeService(stack, 'Agent', {
  cluster,
  capacity,
  daemon: true,
  container: { image: ecs.ContainerImage.fromRegistry(IMAGE), user: USER, memoryReservationMiB: 64 },
  ports: [HostPort.tcp(8080)],
});
agent.enableCloudMap({ name: 'agent' });
const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
const targetGroup = loadBalancer.addListener('Http', { port: 80, open: true }).addTargets('Agent', { port: 80, targets: [agent] });

const verdicts = new Verdicts(stack, 'Verdicts');
const hostPort = 'http://$(srv agent.host-mode-service.internal)';
const friend = new AwsvpcService(stack, 'Friend', {
  cluster,
  desiredCount: 1,
  container: verdicts.probe('friend', [opens('friend-to-host-port', hostPort)]),
});
agent.connections.allowDefaultPortFrom(friend);
const stranger = new AwsvpcService(stack, 'Stranger', {
  cluster,
  desiredCount: 1,
  container: verdicts.probe('stranger', [
    opens('stranger-to-load-balancer', `http://${loadBalancer.loadBalancerDnsName}`),
    staysClosed('stranger-to-host-port', hostPort),
  ]),
});
const neighbour = new HostModeService(stack, 'Neighbour', {
  cluster,
  capacity,
  desiredCount: 1,
  container: verdicts.probe('neighbour', [opensMetadata('host-to-metadata')]),
});
for (const probe of [friend, stranger, neighbour]) {
  probe.service.node.addDependency(agent, loadBalancer, capacity);
}

const test = integTest(app, 'HostModeService', stack);
expectSteady(test, agent.service, 2);
expectHealthy(test, targetGroup, 2);
expectAnswer(test, loadBalancer);
verdicts.expectAll(test);
