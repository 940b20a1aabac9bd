import { App, Stack, Stage, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  AwsvpcService, type AwsvpcServiceProps, BridgeService, type BridgeServiceProps, Ec2Capacity, type Ec2CapacityProps, HostModeService,
  type HostModeServiceProps, ManagedInstancesCapacity,
} from '../src';
import { testApp } from './app';

export const INSTANCE_TYPE = new ec2.InstanceType('t3.medium');

/** A container that every kind of service takes; host mode wants `HOST_CONTAINER`. */
export const CONTAINER: ecs.ContainerDefinitionOptions = {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:stable'),
  memoryReservationMiB: 128,
};

/** A container of host mode, which must say as whom it runs. */
export const HOST_CONTAINER = { ...CONTAINER, user: '1000' };

/** Where most tests begin. */
export interface World {
  readonly app: App;
  /** Where services go. */
  readonly stack: Stack;
  readonly vpc: ec2.Vpc;
  readonly cluster: ecs.Cluster;
}

/** An app with one stack `Test` that has a VPC (10.0.0.0/16, two zones, one NAT gateway) and a cluster without capacity. */
export function world(props: StackProps = {}): World {
  const app = testApp();
  const stack = new Stack(app, 'Test', props);
  const vpc = testVpc(stack);
  return { app, stack, vpc, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }) };
}

export function testVpc(scope: Construct, props: ec2.VpcProps = {}): ec2.Vpc {
  return new ec2.Vpc(scope, 'Vpc', { maxAzs: 2, natGateways: 1, ...props });
}

/** Our EC2 capacity in the cluster's stack. */
export function ec2Capacity(cluster: ecs.Cluster, id = 'Capacity', props: Partial<Ec2CapacityProps> = {}): Ec2Capacity {
  return new Ec2Capacity(Stack.of(cluster), id, { cluster, instanceType: INSTANCE_TYPE, maxInstances: 4, ...props });
}

/** Our Managed Instances in the cluster's stack. */
export function managedInstances(cluster: ecs.Cluster, id = 'Managed'): ManagedInstancesCapacity {
  return new ManagedInstancesCapacity(Stack.of(cluster), id, { cluster });
}

/** Our service in host mode, by default on EC2 capacity of its own, `Capacity`. */
export function hostModeService({ stack, cluster }: World, props: Partial<HostModeServiceProps>, id = 'Web'): HostModeService {
  return new HostModeService(stack, id, { cluster, capacity: props.capacity ?? ec2Capacity(cluster), container: HOST_CONTAINER, ...props });
}

/** Our service in bridge mode, by default on EC2 capacity of its own, `Capacity`. */
export function bridgeService({ stack, cluster }: World, props: Partial<BridgeServiceProps>, id = 'Web'): BridgeService {
  return new BridgeService(stack, id, { cluster, capacity: props.capacity ?? ec2Capacity(cluster), container: CONTAINER, ...props });
}

/** Our service in awsvpc mode, by default on Fargate. */
export function awsvpcService({ stack, cluster }: World, props: Partial<AwsvpcServiceProps>, id = 'Web'): AwsvpcService {
  return new AwsvpcService(stack, id, { cluster, container: CONTAINER, ...props });
}

/** An internal Network Load Balancer in the private subnets (10.0.128.0/18, 10.0.192.0/18), with a group called `Lb` or without groups. */
export function networkLoadBalancer({ stack, vpc }: World, withGroup: boolean): elbv2.NetworkLoadBalancer {
  return new elbv2.NetworkLoadBalancer(stack, 'Network', {
    vpc,
    // Said both ways, for a feature flag decides what it is by default.
    ...withGroup
      ? { securityGroups: [new ec2.SecurityGroup(stack, 'Lb', { vpc, allowAllOutbound: false })] }
      : { disableSecurityGroups: true },
  });
}

/** The capacity of a plain app, put on the cluster the way the AWS docs recommend: what `Ec2Capacity` replaces. */
export function plainCapacity(cluster: ecs.Cluster, id = 'Asg', stack = Stack.of(cluster)): ecs.AsgCapacityProvider {
  const autoScalingGroup = new autoscaling.AutoScalingGroup(stack, id, {
    vpc: cluster.vpc,
    launchTemplate: new ec2.LaunchTemplate(stack, `${id}Template`, {
      instanceType: INSTANCE_TYPE,
      machineImage: ecs.EcsOptimizedImage.amazonLinux2023(),
      userData: ec2.UserData.forLinux(),
      role: new iam.Role(stack, `${id}Role`, { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }),
      securityGroup: new ec2.SecurityGroup(stack, `${id}Instances`, { vpc: cluster.vpc }),
    }),
  });
  const provider = new ecs.AsgCapacityProvider(stack, `${id}Provider`, { autoScalingGroup });
  cluster.addAsgCapacityProvider(provider);
  return provider;
}

/** A plain task definition with one container, `web`, that has the given ports. */
export function plainTask(
  scope: Construct, id: string, networkMode: ecs.NetworkMode, ...portMappings: ecs.PortMapping[]
): ecs.Ec2TaskDefinition {
  const task = new ecs.Ec2TaskDefinition(scope, id, { networkMode });
  task.addContainer('web', { ...CONTAINER, portMappings });
  return task;
}

/** A plain service on a plain capacity. */
export function plainEc2Service(
  cluster: ecs.Cluster, provider: ecs.AsgCapacityProvider, networkMode: ecs.NetworkMode, ...portMappings: ecs.PortMapping[]
): ecs.Ec2Service {
  const stack = Stack.of(cluster);
  return new ecs.Ec2Service(stack, 'Plain', {
    cluster,
    taskDefinition: plainTask(stack, 'PlainTask', networkMode, ...portMappings),
    capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
  });
}

/**
 * Synthesises, without the template validation that newer versions of the framework run on every synthesis: it takes seconds a stack,
 * throws on the plain stacks that are wrong on purpose, and is checked on the examples. `CDK_VALIDATION=true` runs it all the same.
 */
export function synth(app: App): void {
  const given = process.env.CDK_VALIDATION;
  process.env.CDK_VALIDATION = given ?? 'false';
  try {
    app.synth();
  } finally {
    if (given === undefined) {
      delete process.env.CDK_VALIDATION;
    }
  }
}

/** The template of a stack or nested stack, see `synth`. */
export function templateOf(stack: Stack): Template {
  synth(Stage.of(stack) as App);
  return Template.fromStack(stack);
}

/** The ids of the warnings this library gives in a stack, without the common prefix. */
export function warningsOf(stack: Stack): string[] {
  synth(Stage.of(stack) as App);
  return stack.node.findAll().flatMap(({ node }) => node.metadata.filter(({ type }) => type === 'aws:cdk:warning'))
    .flatMap(({ data }) => /cdk-ecs-network-modes:([\w-]+)/.exec(String(data))?.[1] ?? []).sort();
}
