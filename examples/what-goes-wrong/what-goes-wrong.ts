import { App, Stack } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { NGINX } from '../forwarding-nginx';

/**
 * An app that is wrong on purpose: plain aws-ecs, with one mistake of each family of checks. It synthesises without a word from the
 * framework, and not one of these stacks would do what it is for.
 *
 * Not part of `npx cdk synth`, and nothing to deploy. docs/what-goes-wrong.md has what the checks say of it.
 */
export function whatGoesWrong(app: App): void {
  moreTasksThanInterfaces(new Stack(app, 'Density'));
  moreTasksThanAddresses(new Stack(app, 'Addresses'));
  noWayIn(new Stack(app, 'SecurityGroups'));
  noWayForward(new Stack(app, 'Deployments'));
  noWayOut(new Stack(app, 'Coherence'));
  credentialsForAll(new Stack(app, 'Isolation'));
  halfAnInternet(new Stack(app, 'Ipv6'));
}

/** 24 tasks with an interface each on two instances with two to spare each. */
function moreTasksThanInterfaces(stack: Stack): void {
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: vpcOf(stack) });
  const provider = instances(cluster, { maxInstances: 2 });
  serviceOn(cluster, provider, ecs.NetworkMode.AWS_VPC, 24);
}

/** A deployment of 60 tasks needs up to 120 addresses, and two /26 have 118. */
function moreTasksThanAddresses(stack: Stack): void {
  const vpc = vpcOf(stack, { subnetConfiguration: [
    { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24 },
    { name: 'Tasks', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 26 },
  ] });
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
  onFargate(cluster, 60);
}

/** No group lets the load balancer in: plain services on a capacity provider have no connections. */
function noWayIn(stack: Stack): void {
  const vpc = vpcOf(stack);
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
  const service = serviceOn(cluster, instances(cluster), ecs.NetworkMode.BRIDGE, 2, { containerPort: 8080 });
  new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc, internetFacing: true })
    .addListener('Http', { port: 80 })
    .addTargets('Web', { port: 80, targets: [service] });
}

/** 50% of one task rounds up to one, so that the old task keeps the port that the new one waits for. */
function noWayForward(stack: Stack): void {
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: vpcOf(stack) });
  const provider = instances(cluster, { maxInstances: 1 });
  serviceOn(cluster, provider, ecs.NetworkMode.BRIDGE, 1, { containerPort: 8080, hostPort: 8080 });
}

/** Tasks without a public address in a subnet whose one way out is an internet gateway. */
function noWayOut(stack: Stack): void {
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: vpcOf(stack) });
  onFargate(cluster, 2, { vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } });
}

/** Every task can ask the instance for the credentials of its role. */
function credentialsForAll(stack: Stack): void {
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: vpcOf(stack) });
  serviceOn(cluster, instances(cluster, { keepMetadata: false }), ecs.NetworkMode.AWS_VPC, 2);
}

/** Tasks get IPv6 addresses, and a group that lets out IPv4 only: connections to names with AAAA records stall. */
function halfAnInternet(stack: Stack): void {
  const vpc = vpcOf(stack, { ipProtocol: ec2.IpProtocol.DUAL_STACK });
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
  onFargate(cluster, 2);
}

function vpcOf(stack: Stack, props: ec2.VpcProps = {}): ec2.Vpc {
  return new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1, ...props });
}

function instances(cluster: ecs.Cluster, { maxInstances = 3, keepMetadata = true } = {}): ecs.AsgCapacityProvider {
  const stack = Stack.of(cluster);
  const userData = ec2.UserData.forLinux();
  if (keepMetadata) {
    userData.addCommands('echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config');
  }
  const autoScalingGroup = new autoscaling.AutoScalingGroup(stack, 'Instances', {
    vpc: cluster.vpc,
    minCapacity: 1,
    maxCapacity: maxInstances,
    launchTemplate: new ec2.LaunchTemplate(stack, 'LaunchTemplate', {
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.C5, ec2.InstanceSize.LARGE),
      machineImage: ecs.EcsOptimizedImage.amazonLinux2023(),
      userData,
      role: new iam.Role(stack, 'InstanceRole', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }),
      securityGroup: new ec2.SecurityGroup(stack, 'InstanceGroup', { vpc: cluster.vpc }),
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
    }),
  });
  const provider = new ecs.AsgCapacityProvider(stack, 'Provider', { autoScalingGroup });
  cluster.addAsgCapacityProvider(provider);
  return provider;
}

function serviceOn(
  cluster: ecs.Cluster, provider: ecs.AsgCapacityProvider, networkMode: ecs.NetworkMode, desiredCount: number,
  ...portMappings: ecs.PortMapping[]
): ecs.Ec2Service {
  const stack = Stack.of(cluster);
  const taskDefinition = new ecs.Ec2TaskDefinition(stack, 'Task', { networkMode });
  taskDefinition.addContainer('app', { ...NGINX, memoryReservationMiB: 64, portMappings });
  const service = new ecs.Ec2Service(stack, 'Api', {
    cluster,
    taskDefinition,
    desiredCount,
    capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
  });
  service.node.addDependency(cluster);
  return service;
}

function onFargate(cluster: ecs.Cluster, desiredCount: number, props: Partial<ecs.FargateServiceProps> = {}): ecs.FargateService {
  const stack = Stack.of(cluster);
  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('app', { ...NGINX, portMappings: [{ containerPort: 8080 }] });
  return new ecs.FargateService(stack, 'Api', {
    cluster, taskDefinition, desiredCount, minHealthyPercent: 100, maxHealthyPercent: 200, ...props,
  });
}
