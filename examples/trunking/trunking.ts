import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, Ec2Capacity, EniTrunking, TaskPort } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';
import { NGINX } from '../forwarding-nginx';

/**
 * Eight awsvpc tasks on two c5.large, which without ENI trunking would hold four.
 *
 * Shows: the account setting turned on for the role of these instances and nobody else, before the first of them is launched;
 * room for all eight tasks twice over, which is what a rolling update at 100/200 may want; what to set because a trunked instance and
 * its tasks start later.
 *
 * Interfaces: a c5.large has three, one for itself, so it runs two awsvpc tasks; with a trunk ten. Two instances hold 20, and an update
 * may run 16. Addresses: two for each instance and one for each task, from the same private subnets.
 *
 * Costs: two to four EC2 instances with their volumes, an Application Load Balancer, a NAT gateway (by the hour and by the GB), both with
 * public addresses, CloudWatch logs. The function that makes the call runs at deployments only.
 *
 * Not for instance types that cannot trunk, such as t3 (refused), nor for scaling within seconds: bridge-web starts tasks without an
 * interface of their own. Instances that were launched before the setting was on do not get a trunk: replace them.
 */
export class TrunkingStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc });
    const capacity = new Ec2Capacity(this, 'Capacity', {
      cluster,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.C5, ec2.InstanceSize.LARGE),
      minInstances: 2,
      maxInstances: 4,
      trunking: EniTrunking.forInstanceRole(),
      // A new instance registers once its trunk is there. A fifth of the room kept free is where tasks go meanwhile.
      targetCapacityPercent: 80,
      instanceWarmup: Duration.minutes(5),
    });

    const web = new AwsvpcService(this, 'Web', {
      cluster,
      capacity,
      desiredCount: 8,
      container: { ...NGINX, cpu: 128, memoryReservationMiB: 128 },
      ports: [TaskPort.tcp(8080)],
      // A task waits for its branch interface before its container starts.
      healthCheckGracePeriod: Duration.minutes(2),
    });

    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', { vpc, internetFacing: true });
    // HTTP, because a certificate needs a domain of yours; `open` because this page is for everyone.
    loadBalancer.addListener('Http', { port: 80, open: true }).addTargets('Web', { port: 8080, protocol: elbv2.ApplicationProtocol.HTTP, targets: [web] });

    new CfnOutput(this, 'Url', { value: `http://${loadBalancer.loadBalancerDnsName}` });
    new CfnOutput(this, 'TasksPerInstance', { value: String(capacity.awsvpcTasksPerInstance!.withTrunking!.fewest) });
  }
}
