import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';

/** One of the services that both builders make. */
export interface ServiceSpec {
  readonly kind: 'bridge' | 'bridge-fixed' | 'host' | 'daemon' | 'fargate' | 'awsvpc-ec2';
  readonly id: string;
  /** Differs from service to service: fixed ports, listener ports and priorities are made from it. */
  readonly number: number;
}

const MIX: Record<ServiceSpec['kind'], number> = { 'bridge': 20, 'bridge-fixed': 6, 'host': 4, 'daemon': 2, 'fargate': 10, 'awsvpc-ec2': 8 };

/** Fifty services of every kind, in an order that mixes them as an app does. */
export const SERVICES: readonly ServiceSpec[] = (Object.keys(MIX) as ServiceSpec['kind'][])
  .flatMap((kind) => Array.from({ length: MIX[kind] }, (_, index) => ({ kind, id: `${kind}-${index + 1}`, place: (index + 0.5) / MIX[kind] })))
  .sort((a, b) => a.place - b.place)
  .map(({ kind, id }, number) => ({ kind, id, number }));

/** What the services have in common, so that the builders differ in how they say it and in nothing else. */
export const CONTAINER = { image: ecs.ContainerImage.fromRegistry('public.ecr.aws/docker/library/httpd:2.4'), memoryReservationMiB: 128 };
export const CONTAINER_PORT = 8080;
export const FIRST_FIXED_PORT = 9000;
export const USER = '65534';
export const DESIRED_COUNT = 2;
export const SCALING = { minCapacity: 2, maxCapacity: 10 };
export const CPU_TARGET = { targetUtilizationPercent: 60 };
export const INSTANCE_TYPE = ec2.InstanceType.of(ec2.InstanceClass.M5, ec2.InstanceSize.LARGE);
export const MIN_INSTANCES = 2;
export const MAX_INSTANCES = 6;
export const DYNAMIC_PORTS = { first: 40000, last: 40999 };
export const SCRAPER = { peer: ec2.Peer.ipv4('10.99.0.0/16'), description: 'Scraper' };

/** Where the services are put: the part of the app that is the same code for both builders, and that is not timed. */
export class Place extends Stack {
  public readonly vpc: ec2.Vpc;
  public readonly cluster: ecs.Cluster;
  public readonly applicationLoadBalancer: elbv2.ApplicationLoadBalancer;
  public readonly networkLoadBalancer: elbv2.NetworkLoadBalancer;
  private readonly listener: elbv2.ApplicationListener;

  constructor(app: App, id = 'Benchmark') {
    super(app, id);
    this.vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    this.cluster = new ecs.Cluster(this, 'Cluster', { vpc: this.vpc });
    this.applicationLoadBalancer = new elbv2.ApplicationLoadBalancer(this, 'Alb', { vpc: this.vpc, internetFacing: true });
    this.listener = this.applicationLoadBalancer.addListener('Http', {
      port: 80,
      protocol: elbv2.ApplicationProtocol.HTTP,
      defaultAction: elbv2.ListenerAction.fixedResponse(404),
    });
    this.networkLoadBalancer = new elbv2.NetworkLoadBalancer(this, 'Nlb', {
      vpc: this.vpc,
      securityGroups: [new ec2.SecurityGroup(this, 'NlbSecurityGroup', { vpc: this.vpc })],
    });
  }

  /** Puts a target behind a rule of the one Application Load Balancer. */
  public addWebTarget(spec: ServiceSpec, target: elbv2.IApplicationLoadBalancerTarget, healthCheck: elbv2.HealthCheck = {}): void {
    const { id, number } = spec;
    this.listener.addTargets(id, {
      port: 80,
      protocol: elbv2.ApplicationProtocol.HTTP,
      priority: number + 1,
      conditions: [elbv2.ListenerCondition.pathPatterns([`/${id}/*`])],
      targets: [target],
      healthCheck: { path: '/', ...healthCheck },
    });
  }

  /** Puts a target behind a listener of its own of the one Network Load Balancer. */
  public addNetworkTarget({ id, number }: ServiceSpec, target: elbv2.INetworkLoadBalancerTarget): void {
    const port = FIRST_FIXED_PORT + number;
    this.networkLoadBalancer.addListener(id, { port }).addTargets('Target', { port, targets: [target] });
  }
}

/** What `cdk synth` tells apps, so that templates tell the paths of constructs, as users' templates do. */
export const AS_THE_COMMAND_LINE = { 'aws:cdk:enable-path-metadata': true };
