import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, BridgeService, Ec2Capacity } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';
import { NGINX } from '../forwarding-nginx';

/**
 * A gateway on a fixed port in bridge mode behind an internal Network Load Balancer.
 *
 * Shows: port 80 of the instance in front of a container that is not root and listens on 8080; the rule for exactly that port, from the
 * load balancer's group; client addresses kept; percents with which the deployment can move although no instance has room for two
 * tasks: one of the two old tasks stops before a new one starts.
 *
 * Costs: two to three EC2 instances with their volumes, a Network Load Balancer (by the hour and by capacity units, and data between
 * zones), a NAT gateway (by the hour and by the GB) with its public address, CloudWatch logs.
 *
 * Not for more tasks than instances, nor for one task that must not pause: at a desired count of 1 a fixed port means a gap at every
 * deployment. Dynamic ports have neither limit: see bridge-web.
 */
export class BridgeFixedNlbStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc });
    const capacity = new Ec2Capacity(this, 'Capacity', {
      cluster,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.SMALL),
      minInstances: 2,
      maxInstances: 3, // one to spare: a lost instance is replaced by a task on the third
    });

    const gateway = new BridgeService(this, 'Gateway', {
      cluster,
      capacity,
      desiredCount: 2,
      container: { ...NGINX, memoryReservationMiB: 256 },
      ports: [BridgePort.fixed({ hostPort: 80, containerPort: 8080 })],
    });

    const clients = new ec2.SecurityGroup(this, 'LoadBalancerGroup', {
      vpc,
      description: 'Who may use the gateway',
      allowAllOutbound: false, // the service adds what leads to its port
    });
    clients.addIngressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcp(80), 'Clients in this VPC');
    const loadBalancer = new elbv2.NetworkLoadBalancer(this, 'LoadBalancer', {
      vpc,
      internetFacing: false,
      crossZoneEnabled: true, // both tasks may be in one zone while a deployment runs
      securityGroups: [clients],
    });
    const listener = loadBalancer.addListener('Tcp', { port: 80 });
    listener.addTargets('Gateway', { port: 80, targets: [gateway], deregistrationDelay: Duration.seconds(30) });
  }
}
