import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, Ec2Capacity, TaskPort } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';
import { NGINX, nginxForwardingTo } from '../forwarding-nginx';

/**
 * Two services in awsvpc mode on the same instances, one refusing the other: orders may call payments, payments may not call orders.
 *
 * Shows: a network interface and a security group for each task even where they share an instance, and so a single rule, which host
 * and bridge mode could not express; instances enough for the interfaces; tasks cut off from the instance's credentials.
 *
 * Interfaces: a c5.large has three, one for itself, so it runs two awsvpc tasks. Four tasks and one more while one of the services is
 * deployed are five; the three instances hold six. ENI trunking would raise it to ten each: see trunking.
 *
 * Costs: three to six EC2 instances with their volumes, a NAT gateway (by the hour and by the GB) with its public address, a private
 * hosted zone and its queries, CloudWatch logs.
 *
 * Not for many small tasks on few instances without trunking: bridge-web needs no interface per task. Where nothing ties you to
 * instances, awsvpc-fargate has the same isolation and nothing to patch.
 */
export class AwsvpcEc2Stack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'shop.internal' } });
    const capacity = new Ec2Capacity(this, 'Capacity', {
      cluster,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.C5, ec2.InstanceSize.LARGE),
      minInstances: 3,
      maxInstances: 6,
    });

    const payments = new AwsvpcService(this, 'Payments', {
      cluster,
      capacity,
      desiredCount: 2,
      container: { ...NGINX, cpu: 256, memoryReservationMiB: 256 },
      ports: [TaskPort.tcp(8080)],
    });
    payments.enableCloudMap({ name: 'payments', dnsTtl: Duration.seconds(10) });

    const orders = new AwsvpcService(this, 'Orders', {
      cluster,
      capacity,
      desiredCount: 2,
      container: { ...nginxForwardingTo('http://payments.shop.internal:8080'), cpu: 256, memoryReservationMiB: 256 },
      ports: [TaskPort.tcp(8080)],
    });
    orders.enableCloudMap({ name: 'orders', dnsTtl: Duration.seconds(10) });

    // The one path. Nothing is said of the other direction, so it stays closed.
    payments.connections.allowDefaultPortFrom(orders, 'Orders call payments');
  }
}
