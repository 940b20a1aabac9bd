import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, HostModeService, HostPort, ManagedInstancesCapacity, TaskPort } from 'cdk-ecs-network-modes';
import { IMAGE, opens, staysClosed, USER, Verdicts } from './probe';
import { expectAnswer, expectHealthy, expectSteady, integTest } from './probe-reports';

/** Managed Instances run awsvpc and host-mode tasks; each answers who is allowed and nobody else. */
const app = new App();
const stack = new Stack(app, 'IntegManagedInstances');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'managed-instances.internal' } });
const capacity = new ManagedInstancesCapacity(stack, 'Capacity', { cluster });
const container = { image: ecs.ContainerImage.fromRegistry(IMAGE), user: USER };
const service = new AwsvpcService(stack, 'Web', { cluster, capacity, desiredCount: 1, container, ports: [TaskPort.tcp(8080)] });
service.enableCloudMap({ name: 'web' });
const agent = new HostModeService(stack, 'Agent', {
  cluster,
  capacity,
  desiredCount: 1,
  container: { ...container, command: ['/bin/sh', '-c', "sed -i 's/8080/8081/' /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'"] },
  ports: [HostPort.tcp(8081)],
});
agent.enableCloudMap({ name: 'agent' });
const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
const targetGroup = loadBalancer.addListener('Http', { port: 80, open: true }).addTargets('Web', { port: 80, targets: [service] });

const verdicts = new Verdicts(stack, 'Verdicts');
const task = 'http://web.managed-instances.internal:8080';
const hostPort = 'http://$(srv agent.managed-instances.internal)';
const friend = new AwsvpcService(stack, 'Friend', {
  cluster,
  desiredCount: 1,
  container: verdicts.probe('friend', [opens('friend-to-task', task), opens('friend-to-host-port', hostPort)]),
});
service.connections.allowDefaultPortFrom(friend);
agent.connections.allowDefaultPortFrom(friend);
const stranger = new AwsvpcService(stack, 'Stranger', {
  cluster,
  desiredCount: 1,
  container: verdicts.probe('stranger', [
    opens('stranger-to-load-balancer', `http://${loadBalancer.loadBalancerDnsName}`),
    staysClosed('stranger-to-task', task),
    staysClosed('stranger-to-host-port', hostPort),
  ]),
});
for (const probe of [friend, stranger]) {
  probe.service.node.addDependency(service, agent, loadBalancer, capacity);
}

const test = integTest(app, 'ManagedInstances', stack);
expectSteady(test, service.service, 1);
expectSteady(test, agent.service, 1);
expectHealthy(test, targetGroup, 1);
expectAnswer(test, loadBalancer);
verdicts.expectAll(test);
