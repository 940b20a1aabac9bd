import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, Ec2Capacity, TaskPort, TaskSubnets } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';
import { NGINX } from '../forwarding-nginx';

/**
 * Awsvpc tasks with addresses of their own: hosts stay in a private subnet of the VPC's block, 172.31.16.0/20, and tasks get
 * 100.64.0.0/19 of a secondary block, as in the ECS guide.
 *
 * Shows: a secondary block and a subnet of it in each zone; instances and their tasks in different subnets; tasks that leave by the NAT
 * gateway of the private subnets, whose route tables they share; a load balancer that reaches them as it would anywhere in the VPC.
 *
 * Addresses: EC2 keeps 5 of every subnet, so a /20 has 4,091 and a /19 has 8,187. The two zones hold 2 × 8,187 = 16,374 tasks, which is
 * enough to replace 8,187 tasks all at once, or to keep 8,187 when a zone is lost; the 2 × 4,091 = 8,182 addresses of the hosts, which
 * tasks would have shared, are left for hosts. The stack's output says the same.
 *
 * Interfaces are another matter: a c5.large runs two awsvpc tasks however many addresses there are. Three tasks, and three more while
 * they are replaced, fit on three instances. See trunking.
 *
 * Costs: three to six EC2 instances with their volumes, an Application Load Balancer (by the hour and by capacity units) with its public
 * addresses, a NAT gateway (by the hour and by the GB) with its public address, CloudWatch logs. The addresses cost nothing.
 *
 * Not for tasks that others must reach by address over peering, a transit gateway or a VPN: these do not know 100.64.0.0/10 unless it is
 * routed there. Nor where the VPC's own block has addresses left: awsvpc-ec2 does without.
 */
export class SecondaryCidrStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr('172.31.0.0/16'),
      maxAzs: 2,
      natGateways: 1,
      // Blocks are given out in this order, each at the next multiple of its size: 172.31.0.0/24 and 172.31.1.0/24 to the public subnets,
      // then 172.31.16.0/20 and 172.31.32.0/20 to the hosts.
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24 },
        { name: 'Hosts', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
      ],
    });
    const tasks = new TaskSubnets(this, 'Tasks', { vpc, cidr: '100.64.0.0/16', subnetMask: 19 });
    new CfnOutput(this, 'TaskAddresses', { value: tasks.addressBudget.summary });

    const cluster = new ecs.Cluster(this, 'Cluster', { vpc });
    const capacity = new Ec2Capacity(this, 'Capacity', {
      cluster,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.C5, ec2.InstanceSize.LARGE),
      minInstances: 3,
      maxInstances: 6,
    });
    const web = new AwsvpcService(this, 'Web', {
      cluster,
      capacity,
      vpcSubnets: tasks.selection,
      desiredCount: 3,
      container: { ...NGINX, cpu: 256, memoryReservationMiB: 256 },
      ports: [TaskPort.tcp(8080)],
    });

    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', { vpc, internetFacing: true });
    // HTTP, because a certificate needs a domain of yours; `open` because this page is for everyone.
    const listener = loadBalancer.addListener('Http', { port: 80, open: true });
    listener.addTargets('Web', { port: 80, targets: [web], deregistrationDelay: Duration.seconds(30) });
  }
}
