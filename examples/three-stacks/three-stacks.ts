import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, BridgePort, BridgeService, Ec2Capacity, PortRange, TaskPort } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';
import { NGINX, nginxForwardingTo, OWN_HEALTH_PATH } from '../forwarding-nginx';

/**
 * Network, cluster and services in a stack each, as teams often have them, with web → api → data as the only paths.
 *
 * Shows: every rule in the services' stack, also those on the instances' group of the cluster's stack, so that the stacks depend on
 * each other in one direction only and a new path is a deployment of the services alone; bridge and awsvpc mode side by side: the
 * rules name web by its instances and the others by their tasks.
 *
 * Costs: two to four EC2 instances with their volumes, four Fargate tasks (by vCPU and GB of memory), an Application Load Balancer (by
 * the hour and by capacity units) with its public addresses, a NAT gateway (by the hour and by the GB) with its public address, a
 * private hosted zone and its queries, CloudWatch logs.
 *
 * Not for a single small application: one stack is less to deploy, as in the other examples.
 */
export function threeStacks(scope: Construct): void {
  const network = new NetworkStack(scope, 'ThreeStacksNetwork');
  const cluster = new ClusterStack(scope, 'ThreeStacksCluster', { vpc: network.vpc });
  new ServicesStack(scope, 'ThreeStacksServices', { cluster: cluster.cluster, capacity: cluster.capacity });
}

class NetworkStack extends Stack {
  public readonly vpc: ec2.Vpc;

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    this.vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
  }
}

interface ClusterStackProps extends StackProps {
  readonly vpc: ec2.IVpc;
}

class ClusterStack extends Stack {
  public readonly cluster: ecs.Cluster;
  /** In the cluster's stack: the cluster's association names it, and its instances name the cluster. */
  public readonly capacity: Ec2Capacity;

  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    super(scope, id, props);
    this.cluster = new ecs.Cluster(this, 'Cluster', { vpc: props.vpc, defaultCloudMapNamespace: { name: 'shop.internal' } });
    this.capacity = new Ec2Capacity(this, 'WebCapacity', {
      cluster: this.cluster,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.MEDIUM),
      minInstances: 2,
      maxInstances: 4,
      dynamicPorts: PortRange.of(40000, 40999),
    });
  }
}

interface ServicesStackProps extends StackProps {
  readonly cluster: ecs.Cluster;
  readonly capacity: Ec2Capacity;
}

class ServicesStack extends Stack {
  constructor(scope: Construct, id: string, props: ServicesStackProps) {
    super(scope, id, props);
    const { cluster, capacity } = props;
    const ports = [TaskPort.tcp(8080)];

    const data = new AwsvpcService(this, 'Data', { cluster, desiredCount: 2, container: NGINX, ports });
    data.enableCloudMap({ name: 'data', dnsTtl: Duration.seconds(10) });

    const api = new AwsvpcService(this, 'Api', {
      cluster,
      desiredCount: 2,
      container: nginxForwardingTo('http://data.shop.internal:8080'),
      ports,
    });
    api.enableCloudMap({ name: 'api', dnsTtl: Duration.seconds(10) });

    const web = new BridgeService(this, 'Web', {
      cluster,
      capacity, // its own: the rule below lets in whatever runs on these instances
      desiredCount: 4,
      container: { ...nginxForwardingTo('http://api.shop.internal:8080'), memoryReservationMiB: 256 },
      ports: [BridgePort.dynamic(8080)],
    });

    api.connections.allowDefaultPortFrom(web, 'Web calls the API');
    data.connections.allowDefaultPortFrom(api, 'The API calls data');

    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', { vpc: cluster.vpc, internetFacing: true });
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
