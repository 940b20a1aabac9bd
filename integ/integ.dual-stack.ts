import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, DualStack, TaskPort } from 'cdk-ecs-network-modes';
import { LISTENING_ON_BOTH, opens, staysClosed, Verdicts } from './probe';
import { describeTask, expectAnswer, expectHealthy, expectSteady, expectTaskInterface, integTest } from './probe-reports';

/**
 * Tasks with both kinds of address: they get out by IPv6, the load balancer reaches them by it, and nobody gets in from outside, although
 * their group lets in all of IPv6: it is the egress-only gateway that keeps them out. A second dual-stack VPC is the outside.
 */
const app = new App();
const stack = new Stack(app, 'IntegDualStack');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
DualStack.enable(vpc);
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'dual-stack.internal' } });
const service = new AwsvpcService(stack, 'Web', {
  cluster,
  desiredCount: 1,
  container: LISTENING_ON_BOTH,
  ports: [TaskPort.tcp(8080)],
});
service.enableCloudMap({ name: 'web' });
service.connections.allowDefaultPortFrom(ec2.Peer.anyIpv6(), 'So that the group is not what keeps others out');
const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
const targetGroup = loadBalancer.addListener('Http', { port: 80, open: true }).addTargets('Web', { port: 80, targets: [service] });

const verdicts = new Verdicts(stack, 'Verdicts');
const inside = new AwsvpcService(stack, 'Inside', {
  cluster,
  desiredCount: 1,
  container: verdicts.probe('inside', [
    opens('inside-to-task-by-ipv6', 'http://web.dual-stack.internal:8080', '-6'),
    opens('task-to-internet-by-ipv6', `https://s3.dualstack.${stack.region}.${stack.urlSuffix}`, '-6'),
  ]),
});
inside.service.node.addDependency(service, loadBalancer);

const elsewhere = new ec2.Vpc(stack, 'Elsewhere', {
  maxAzs: 1,
  natGateways: 0,
  subnetConfiguration: [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC }],
});
DualStack.enable(elsewhere);
const outsider = new ecs.FargateTaskDefinition(stack, 'Outsider');
outsider.addContainer('probe', verdicts.probe('outsider', [
  opens('outside-to-load-balancer-by-ipv6', `http://${loadBalancer.loadBalancerDnsName}`, '-6'),
  staysClosed('outside-to-task-by-ipv6', 'http://[$TASK]:8080', '-6'),
], { ends: true }));
const outsiders = new ec2.SecurityGroup(stack, 'Outsiders', { vpc: elsewhere, allowAllIpv6Outbound: true });

const test = integTest(app, 'DualStack', stack);
expectSteady(test, service.service, 1);
expectHealthy(test, targetGroup, 1);
expectAnswer(test, loadBalancer);
expectTaskInterface(test, service.service, 'ipv6Address', ':');
// Run when the stack is there, for the address of the task is known only then.
const run = test.assertions.awsApiCall('ECS', 'runTask', {
  cluster: cluster.clusterName,
  taskDefinition: outsider.taskDefinitionArn,
  launchType: 'FARGATE',
  networkConfiguration: {
    awsvpcConfiguration: {
      subnets: [elsewhere.publicSubnets[0].subnetId],
      securityGroups: [outsiders.securityGroupId],
      assignPublicIp: 'ENABLED',
    },
  },
  overrides: {
    containerOverrides: [{
      name: 'probe',
      environment: [{
        name: 'TASK',
        value: describeTask(test, service.service).getAttString('tasks.0.containers.0.networkInterfaces.0.ipv6Address'),
      }],
    }],
  },
}, ['tasks.0.lastStatus', 'failures.0.reason']);
run.provider.addToRolePolicy({
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: [outsider.taskRole.roleArn, outsider.obtainExecutionRole().roleArn],
});
verdicts.expectAll(test);
