import { Duration, Size, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, ManagedInstancesCapacity, TaskPort } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';
import { NGINX } from '../forwarding-nginx';

/**
 * A service in awsvpc mode on Amazon ECS Managed Instances: instances in your account that ECS chooses, starts, patches and ends.
 *
 * Shows: requirements instead of an instance type; the same service as on Fargate or EC2, with its own security group; an instance
 * profile without a fixed name, so that the stack can be deployed to two Regions of an account.
 *
 * Costs: the EC2 instances ECS starts with their volumes, a management fee for each of them by instance type, an internal Application
 * Load Balancer (by the hour and by capacity units), a NAT gateway (by the hour and by the GB) with its public address, CloudWatch
 * logs.
 *
 * Not for daemons, bridge mode or agent settings, which Managed Instances have not: see host-agent and bridge-web. For a few small
 * tasks awsvpc-fargate has less to pay for.
 */
export class ManagedInstancesStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc });
    const capacity = new ManagedInstancesCapacity(this, 'Capacity', {
      cluster,
      instanceRequirements: {
        vCpuCountMin: 2,
        vCpuCountMax: 8,
        memoryMin: Size.gibibytes(4),
        burstablePerformance: ec2.BurstablePerformance.EXCLUDED,
      },
    });

    const web = new AwsvpcService(this, 'Web', {
      cluster,
      capacity,
      desiredCount: 2,
      container: NGINX,
      ports: [TaskPort.tcp(8080)],
      task: { cpu: 1024, memoryMiB: 2048 },
    });

    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', { vpc, internetFacing: false });
    const listener = loadBalancer.addListener('Http', { port: 80, open: false });
    listener.connections.allowDefaultPortFrom(ec2.Peer.ipv4(vpc.vpcCidrBlock), 'Clients in this VPC');
    listener.addTargets('Web', { port: 80, targets: [web], deregistrationDelay: Duration.seconds(30) });
  }
}
