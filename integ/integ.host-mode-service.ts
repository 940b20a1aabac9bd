import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Ec2Capacity, HostModeService, HostPort } from 'cdk-ecs-network-modes';

/** A daemon in host mode runs once on every instance. */
const app = new App();
const stack = new Stack(app, 'IntegHostModeService');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
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
  container: { image: ecs.ContainerImage.fromRegistry('quay.io/prometheus/node-exporter:v1.9.1'), user: '65534', memoryReservationMiB: 64 },
  ports: [HostPort.tcp(9100)],
});

const test = new IntegTest(app, 'HostModeService', { testCases: [stack] });
test.assertions.awsApiCall('ECS', 'describeServices', { cluster: cluster.clusterName, services: [agent.service.serviceName] })
  .expect(ExpectedResult.objectLike({ services: [{ runningCount: 2, pendingCount: 0 }] }))
  .waitForAssertions({ totalTimeout: Duration.minutes(10) });
