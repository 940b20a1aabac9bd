import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import { AwsvpcService, TaskPort } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';
import { NGINX, nginxForwardingToServiceConnect, OWN_HEALTH_PATH } from '../forwarding-nginx';

/**
 * A client and a server that find each other through Service Connect: retries, timeouts and metrics by a proxy in each task.
 *
 * Shows: a named port; `allowServiceConnectFrom`, which opens the port the server's proxy really uses, which the plain service leaves
 * closed, and has the client wait for the server, because a task only knows the names that were there when it started; CPU and memory
 * with room for the proxy, which needs a memory limit on the task.
 *
 * Costs: four Fargate tasks (by vCPU and GB of memory, a share of it for the proxies), an internal Application Load Balancer (by the
 * hour and by capacity units), a NAT gateway (by the hour and by the GB) with its public address, CloudWatch logs. The proxies and
 * the HTTP namespace are not billed by themselves.
 *
 * Not for clients outside ECS services, such as Lambda functions or single tasks: they have no proxy. Cloud Map records serve them,
 * as in awsvpc-fargate. Nor for host mode, which has no Service Connect.
 */
export class ServiceConnectStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const cluster = new ecs.Cluster(this, 'Cluster', {
      vpc,
      defaultCloudMapNamespace: {
        name: this.stackName, // HTTP namespaces share one list of names per account and Region, as stacks do
        type: cloudmap.NamespaceType.HTTP,
        useForServiceConnect: true,
      },
    });
    // 256 CPU units and 64 MiB on top of the application's are AWS's advice for the proxy.
    const task = { cpu: 512, memoryMiB: 1024 };

    const server = new AwsvpcService(this, 'Greeter', {
      cluster,
      desiredCount: 2,
      container: NGINX,
      ports: [TaskPort.tcp(8080, { name: 'http', appProtocol: ecs.AppProtocol.http })],
      task,
      serviceConnectConfiguration: { services: [{ portMappingName: 'http', dnsName: 'greeter' }] },
    });

    const client = new AwsvpcService(this, 'Web', {
      cluster,
      desiredCount: 2,
      container: nginxForwardingToServiceConnect('http://greeter:8080'),
      ports: [TaskPort.tcp(8080)],
      task,
      serviceConnectConfiguration: {}, // calls others, offers nothing
    });
    server.allowServiceConnectFrom(client);

    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', { vpc, internetFacing: false });
    const listener = loadBalancer.addListener('Http', { port: 80, open: false });
    listener.connections.allowDefaultPortFrom(ec2.Peer.ipv4(vpc.vpcCidrBlock), 'Clients in this VPC');
    listener.addTargets('Web', {
      port: 80,
      targets: [client],
      healthCheck: { path: OWN_HEALTH_PATH, healthyHttpCodes: '204' },
      deregistrationDelay: Duration.seconds(30),
    });
  }
}
