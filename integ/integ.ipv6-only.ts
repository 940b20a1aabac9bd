import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, DualStack, TaskPort } from 'cdk-ecs-network-modes';
import { LISTENING_ON_BOTH, opens, Verdicts } from './probe';
import { expectAnswer, expectHealthy, expectSteady, expectTaskInterface, integTest } from './probe-reports';

/**
 * Tasks without an IPv4 address: a load balancer answers IPv4 clients for them, and they reach what has IPv6 by IPv6 and what has IPv4 only
 * through NAT64. Not in every Region: see docs/dual-stack.md.
 */
const app = new App();
const stack = new Stack(app, 'IntegIpv6Only');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const ipv6Only = DualStack.enable(vpc).addIpv6OnlySubnets('Tasks');
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'ipv6-only.internal' } });
const service = new AwsvpcService(stack, 'Web', {
  cluster,
  vpcSubnets: ipv6Only.selection,
  desiredCount: 1,
  container: LISTENING_ON_BOTH,
  ports: [TaskPort.tcp(8080)],
});
service.enableCloudMap({ name: 'web' });
const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
const targetGroup = loadBalancer.addListener('Http', { port: 80, open: true }).addTargets('Web', { port: 80, targets: [service] });

const verdicts = new Verdicts(stack, 'Verdicts');
const friend = new AwsvpcService(stack, 'Friend', {
  cluster,
  vpcSubnets: ipv6Only.selection,
  desiredCount: 1,
  container: verdicts.probe('friend', [
    opens('friend-to-task', 'http://web.ipv6-only.internal:8080'),
    opens('task-to-internet-by-ipv6', `https://s3.dualstack.${stack.region}.${stack.urlSuffix}`),
    opens('task-to-internet-by-nat64', `https://s3.${stack.region}.${stack.urlSuffix}`), // has IPv4 addresses only
  ]),
});
service.connections.allowDefaultPortFrom(friend);
friend.service.node.addDependency(service, loadBalancer);

const test = integTest(app, 'Ipv6Only', stack);
expectSteady(test, service.service, 1);
expectHealthy(test, targetGroup, 1);
expectAnswer(test, loadBalancer);
expectTaskInterface(test, service.service, 'ipv6Address', ':');
verdicts.expectAll(test);
