import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, FargateCapacity, TaskPort } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';
import { NGINX, nginxForwardingTo, OWN_HEALTH_PATH } from '../forwarding-nginx';

/**
 * Two services on AWS Fargate: a web front end behind an Application Load Balancer, and an API it finds through Cloud Map.
 *
 * Shows: no capacity to give, because Fargate is the default, and Fargate Spot for the part above a base; a security group for each
 * service; addresses (A records) for awsvpc tasks; two paths, load balancer → web and web → api, and no other.
 *
 * Costs: four Fargate tasks (by vCPU and GB of memory), an Application Load Balancer (by the hour and by capacity units) with its
 * public addresses, a NAT gateway (by the hour and by the GB) with its public address, a private hosted zone and its queries,
 * CloudWatch logs.
 *
 * Not for privileged containers, host ports, daemons or a particular instance type: Fargate has none of them. See bridge-web,
 * awsvpc-ec2 and host-agent.
 */
export class AwsvpcFargateStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'shop.internal' } });

    const api = new AwsvpcService(this, 'Api', {
      cluster,
      // Two tasks that stay; what comes on top may be stopped at two minutes' notice.
      capacity: FargateCapacity.mixed(cluster, { onDemandBase: 2, onDemandWeight: 0, spotWeight: 1 }),
      desiredCount: 2,
      container: NGINX,
      ports: [TaskPort.tcp(8080)],
    });
    api.enableCloudMap({ name: 'api', dnsTtl: Duration.seconds(10) });
    api.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 6 }).scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });

    const web = new AwsvpcService(this, 'Web', {
      cluster,
      desiredCount: 2,
      container: nginxForwardingTo('http://api.shop.internal:8080'),
      ports: [TaskPort.tcp(8080)],
    });
    api.connections.allowDefaultPortFrom(web, 'Web calls the API');

    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', { vpc, internetFacing: true });
    // HTTP, because a certificate needs a domain of yours; `open` because this page is for everyone.
    const listener = loadBalancer.addListener('Http', { port: 80, open: true });
    listener.addTargets('Web', {
      port: 80,
      targets: [web],
      healthCheck: { path: OWN_HEALTH_PATH, healthyHttpCodes: '204' },
      deregistrationDelay: Duration.seconds(30),
    });
  }
}
