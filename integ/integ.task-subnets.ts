import { ExpectedResult } from '@aws-cdk/integ-tests-alpha';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, Ec2Capacity, TaskPort, TaskSubnets } from 'cdk-ecs-network-modes';
import { IMAGE, keptFromMetadata, opens, USER, Verdicts } from './probe';
import { expectAnswer, expectHealthy, expectSteady, expectTaskInterface, integTest } from './probe-reports';

/**
 * Tasks in 100.64.0.0/19 on an instance in 172.31.16.0/20, the addresses of the ECS guide's example: the load balancer reaches them, and
 * they reach the internet by the instance's routes.
 */
const app = new App();
const stack = new Stack(app, 'IntegTaskSubnets');
const vpc = new ec2.Vpc(stack, 'Vpc', {
  ipAddresses: ec2.IpAddresses.cidr('172.31.0.0/16'),
  maxAzs: 2,
  natGateways: 1,
  subnetConfiguration: [
    { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24 },
    { name: 'Hosts', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
  ],
});
const [zone] = vpc.availabilityZones; // one, so that it is known in which of the subnets an address is
const taskSubnets = new TaskSubnets(stack, 'Tasks', { vpc, cidr: '100.64.0.0/16', subnetMask: 19, availabilityZones: [zone] });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
const capacity = new Ec2Capacity(stack, 'Capacity', {
  cluster,
  instanceType: ec2.InstanceType.of(ec2.InstanceClass.C5, ec2.InstanceSize.LARGE),
  minInstances: 1,
  maxInstances: 2, // an instance has interfaces for two tasks: these, or those of an update
  vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, availabilityZones: [zone] },
});
const service = new AwsvpcService(stack, 'Web', {
  cluster,
  capacity,
  vpcSubnets: taskSubnets.selection,
  desiredCount: 1,
  container: { image: ecs.ContainerImage.fromRegistry(IMAGE), user: USER, memoryReservationMiB: 64 },
  ports: [TaskPort.tcp(8080)],
});
const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true });
const targetGroup = loadBalancer.addListener('Http', { port: 80, open: true }).addTargets('Web', { port: 80, targets: [service] });

const verdicts = new Verdicts(stack, 'Verdicts');
const neighbour = new AwsvpcService(stack, 'Neighbour', {
  cluster,
  capacity,
  vpcSubnets: taskSubnets.selection,
  desiredCount: 1,
  container: verdicts.probe('neighbour', [
    opens('task-to-internet', `http://${loadBalancer.loadBalancerDnsName}`),
    keptFromMetadata('task-kept-from-metadata'),
  ]),
});
neighbour.service.node.addDependency(service, loadBalancer);

const test = integTest(app, 'TaskSubnets', stack);
expectSteady(test, service.service, 1);
expectHealthy(test, targetGroup, 1);
expectAnswer(test, loadBalancer);
expectTaskInterface(test, service.service, 'privateIpv4Address', '^100\\.64\\.([12]?[0-9]|3[01])\\.');
test.assertions.awsApiCall('EC2', 'describeInstances', {
  Filters: [
    { Name: 'tag:aws:autoscaling:groupName', Values: [capacity.autoScalingGroup.autoScalingGroupName] },
    { Name: 'instance-state-name', Values: ['running'] },
  ],
}).assertAtPath('Reservations.0.Instances.0.PrivateIpAddress', ExpectedResult.stringLikeRegexp('^172\\.31\\.(1[6-9]|2[0-9]|3[01])\\.'));
verdicts.expectAll(test);
