import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, BridgeService, Ec2Capacity, PortRange } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';
import { NGINX } from '../forwarding-nginx';

/**
 * A web application in bridge mode with dynamic ports behind an Application Load Balancer.
 *
 * Shows: several tasks per instance whatever its network interfaces; host ports from 40000-40999 instead of the kernel's 28,000, one
 * value for the agent and for the only rule, from the load balancer; an image that follows the instance type (here Arm); tasks scaled
 * by load and instances by tasks.
 *
 * Costs: two to six EC2 instances with their volumes, an Application Load Balancer (by the hour and by capacity units) with its public
 * addresses, a NAT gateway (by the hour and by the GB) with its public address, CloudWatch logs.
 *
 * Not for services that must be kept apart from each other's clients on one capacity: the rule covers every dynamic port of the
 * instances. See awsvpc-ec2.
 */
export class BridgeWebStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc });
    const capacity = new Ec2Capacity(this, 'Capacity', {
      cluster,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.C7G, ec2.InstanceSize.LARGE),
      minInstances: 2,
      maxInstances: 6,
      dynamicPorts: PortRange.of(40000, 40999),
    });

    const web = new BridgeService(this, 'Web', {
      cluster,
      capacity,
      container: { ...NGINX, cpu: 256, memoryReservationMiB: 256 },
      ports: [BridgePort.dynamic(8080)],
    });

    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', { vpc, internetFacing: true });
    // HTTP, because a certificate needs a domain of yours; `open` because this page is for everyone.
    const listener = loadBalancer.addListener('Http', { port: 80, open: true });
    const targetGroup = listener.addTargets('Web', { port: 80, targets: [web], deregistrationDelay: Duration.seconds(30) });

    const scaling = web.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 12 });
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
    scaling.scaleOnRequestCount('Requests', { targetGroup, requestsPerTarget: 1000 });
  }
}
