import { type App, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, AwsvpcServiceProps, FargateCapacity } from '../../src';
import { testApp } from '../app';
import { CONTAINER, ec2Capacity, managedInstances, plainCapacity, plainTask, templateOf, testVpc, world } from '../fixtures';
import { found } from '../found';
import { expectRefusal } from '../refusal';

const { PUBLIC, PRIVATE_ISOLATED } = ec2.SubnetType;

/** A cluster in a VPC with public and isolated subnets and no NAT gateway, or with isolated ones only. */
function withoutNat(...kinds: ec2.SubnetType[]) {
  const stack = new Stack(testApp(), 'Test');
  const vpc = testVpc(stack, { natGateways: 0, subnetConfiguration: kinds.map((subnetType) => ({ name: subnetType, subnetType })) });
  return { stack, vpc, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }) };
}

const service = (stack: Stack, props: Omit<AwsvpcServiceProps, 'container'>) => new AwsvpcService(stack, 'Web', { container: CONTAINER, ...props });

/** The network configuration in the template, with subnets by their logical ids. */
function networkOf(stack: Stack, template = templateOf(stack)) {
  const [{ Properties }] = Object.values(template.findResources('AWS::ECS::Service'));
  const { AssignPublicIp, Subnets } = Properties.NetworkConfiguration.AwsvpcConfiguration;
  return { address: AssignPublicIp as string, subnets: (Subnets as { Ref: string }[]).map(({ Ref }) => Ref) };
}

const idsOf = (stack: Stack, subnets: ec2.ISubnet[]) => subnets.map(({ node }) => stack.getLogicalId(node.defaultChild as ec2.CfnSubnet));

test('A3: assignPublicIp on instances synthesises ENABLED, which ECS refuses; ours refuses it', () => {
  const plain = world();
  plainCapacity(plain.cluster);
  new ecs.Ec2Service(plain.stack, 'Web', {
    cluster: plain.cluster, taskDefinition: plainTask(plain.stack, 'Task', ecs.NetworkMode.AWS_VPC), assignPublicIp: true,
  });
  expect(networkOf(plain.stack, templateOf(plain.stack)).address).toBe('ENABLED');
  expect(found(plain.app, 'public-ip-on-instance-task')).toEqual([expect.stringMatching(/^error Web.* runs on instances and asks for a public address/)]);

  const { stack, cluster } = world();
  expectRefusal(() => service(stack, { cluster, capacity: ec2Capacity(cluster), assignPublicIp: true }), 'Test/Web', "'assignPublicIp' is for Fargate", 'ECS refuses');
});

test('A3: in a VPC without NAT plain tasks land in isolated subnets and have no way out; ours refuses to choose them', () => {
  const plain = withoutNat(PUBLIC, PRIVATE_ISOLATED);
  const taskDefinition = new ecs.FargateTaskDefinition(plain.stack, 'Task');
  taskDefinition.addContainer('web', CONTAINER);
  new ecs.FargateService(plain.stack, 'Web', { cluster: plain.cluster, taskDefinition });
  expect(networkOf(plain.stack, templateOf(plain.stack)).subnets).toEqual(idsOf(plain.stack, plain.vpc.isolatedSubnets));
  expect(found(Stage.of(plain.stack) as App, 'no-route-out')).toEqual([
    expect.stringMatching(/^error Web.* \(Fargate, no public address\) sits in subnet .*, which has no default route: its image from Amazon ECR Public cannot be pulled/),
  ]);

  const { stack, cluster } = withoutNat(PUBLIC, PRIVATE_ISOLATED);
  expectRefusal(() => service(stack, { cluster }), 'Test/Web',
    "'vpcSubnets' must be given: the VPC has no private subnets with a route out", 'VPC endpoints');
});

test('A3: in a VPC with public subnets only plain tasks on instances land there and have no way out; ours refuses them', () => {
  const plain = withoutNat(PUBLIC);
  plainCapacity(plain.cluster);
  new ecs.Ec2Service(plain.stack, 'Web', {
    cluster: plain.cluster, taskDefinition: plainTask(plain.stack, 'Task', ecs.NetworkMode.AWS_VPC), vpcSubnets: { subnetType: PUBLIC },
  });
  expect(networkOf(plain.stack, templateOf(plain.stack))).toEqual({ address: 'DISABLED', subnets: idsOf(plain.stack, plain.vpc.publicSubnets) });
  expect(found(Stage.of(plain.stack) as App, 'no-route-out')).toContainEqual(
    expect.stringMatching(/^warning Web.* \(awsvpc on instances, no public address\) sits in subnet .*, whose only way out is an internet gateway: nothing/),
  );

  const { stack, cluster } = withoutNat(PUBLIC);
  const capacity = ec2Capacity(cluster, 'Capacity', { vpcSubnets: { subnetType: PUBLIC } });
  expectRefusal(() => service(stack, { cluster, capacity, vpcSubnets: { subnetType: PUBLIC } }), 'Test/Web', "'vpcSubnets' must not be public on instances", 'no way out');
});

test('A3: Managed Instances are instances', () => {
  const { stack, cluster } = world();
  const capacity = managedInstances(cluster);
  expectRefusal(() => service(stack, { cluster, capacity, assignPublicIp: true }), 'Test/Web', "'assignPublicIp' is for Fargate");
  expectRefusal(() => new AwsvpcService(stack, 'Public', { cluster, capacity, container: CONTAINER, vpcSubnets: { subnetType: PUBLIC } }),
    'Test/Public', "'vpcSubnets' must not be public on instances");
});

test('A3: the private subnets with a route out are the default, on Fargate and on instances', () => {
  for (const onInstances of [false, true]) {
    const { stack, vpc, cluster } = world();
    service(stack, { cluster, capacity: onInstances ? ec2Capacity(cluster) : undefined });
    expect(networkOf(stack)).toEqual({ address: 'DISABLED', subnets: idsOf(stack, vpc.privateSubnets) });
  }
});

test('A3: isolated subnets are there for those who choose them', () => {
  const { stack, vpc, cluster } = withoutNat(PRIVATE_ISOLATED);
  expectRefusal(() => new AwsvpcService(stack, 'Default', { cluster, container: CONTAINER }), 'Test/Default', "'vpcSubnets' must be given");
  service(stack, { cluster, vpcSubnets: { subnetType: PRIVATE_ISOLATED } });
  expect(networkOf(stack)).toEqual({ address: 'DISABLED', subnets: idsOf(stack, vpc.isolatedSubnets) });
});

test('A3: instances themselves are not put into isolated subnets by default', () => {
  const { cluster } = withoutNat(PRIVATE_ISOLATED);
  expectRefusal(() => ec2Capacity(cluster), 'Test/Capacity', "'vpcSubnets' must be given: the VPC has no private subnets with a route out");
  expectRefusal(() => managedInstances(cluster), 'Test/Managed', "'vpcSubnets' must be given");
  ec2Capacity(cluster, 'Chosen', { vpcSubnets: { subnetType: PRIVATE_ISOLATED } });
});

test('A3: with assignPublicIp Fargate tasks are in the public subnets, with an address', () => {
  for (const capacity of [FargateCapacity.onDemand, FargateCapacity.spot]) {
    const { stack, vpc, cluster } = world();
    service(stack, { cluster, capacity: capacity(cluster), assignPublicIp: true });
    expect(networkOf(stack)).toEqual({ address: 'ENABLED', subnets: idsOf(stack, vpc.publicSubnets) });
    expect(Annotations.fromStack(stack).findWarning('/Test/Web', Match.anyValue())).toEqual([]);
  }
});

test('A3: with assignPublicIp in a VPC without public subnets there is nothing to choose', () => {
  const { stack, cluster } = withoutNat(PRIVATE_ISOLATED);
  expectRefusal(() => service(stack, { cluster, assignPublicIp: true }), 'Test/Web', "'vpcSubnets' must be given: the VPC has no public subnets");
});

test('A3: Fargate tasks in public subnets without an address are warned about', () => {
  const { stack, vpc, cluster } = world();
  service(stack, { cluster, vpcSubnets: { subnetType: PUBLIC } });
  expect(networkOf(stack)).toEqual({ address: 'DISABLED', subnets: idsOf(stack, vpc.publicSubnets) });
  Annotations.fromStack(stack).hasWarning('/Test/Web', Match.stringLikeRegexp("'vpcSubnets' are public and the tasks have no public address.*public-subnet-without-address"));
});
