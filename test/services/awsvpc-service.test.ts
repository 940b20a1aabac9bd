import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, AwsvpcServiceProps, ICapacity, TaskPort } from '../../src';
import { CONTAINER, ec2Capacity, managedInstances, world } from '../fixtures';
import { expectRefusal } from '../refusal';
import { ANYWHERE, waysOut } from '../security-group-rules';

const TASK = 'AWS::ECS::TaskDefinition';
const SERVICE = 'AWS::ECS::Service';

function made(props: Partial<AwsvpcServiceProps> = {}, capacityOf?: (cluster: ecs.Cluster) => ICapacity) {
  const { stack, cluster } = world();
  return new AwsvpcService(stack, 'Api', { cluster, capacity: capacityOf?.(cluster), container: CONTAINER, ports: [TaskPort.tcp(8080)], ...props });
}

const templateOf = (service: AwsvpcService) => Template.fromStack(Stack.of(service));

test.each<[string, ((cluster: ecs.Cluster) => ICapacity) | undefined, string, object]>([
  ['Fargate by default', undefined, 'FARGATE', { LaunchType: 'FARGATE', CapacityProviderStrategy: Match.absent() }],
  ['EC2 instances', ec2Capacity, 'EC2', { LaunchType: Match.absent(), CapacityProviderStrategy: [Match.objectLike({ Weight: 1 })] }],
  ['Managed Instances', managedInstances, 'MANAGED_INSTANCES', { LaunchType: Match.absent(), CapacityProviderStrategy: [Match.objectLike({ Weight: 1 })] }],
])('runs in awsvpc mode on %s, with a group and private subnets', (_where, capacityOf, compatibility, placed) => {
  const template = templateOf(made({}, capacityOf));
  template.hasResourceProperties(TASK, { NetworkMode: 'awsvpc', RequiresCompatibilities: [compatibility] });
  template.hasResourceProperties(SERVICE, {
    ...placed,
    NetworkConfiguration: {
      AwsvpcConfiguration: {
        AssignPublicIp: 'DISABLED',
        SecurityGroups: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^ApiSecurityGroup'), 'GroupId'] }],
        Subnets: [{ Ref: Match.stringLikeRegexp('^VpcPrivateSubnet1') }, { Ref: Match.stringLikeRegexp('^VpcPrivateSubnet2') }],
      },
    },
  });
});

test('has the smallest task where one must be sized, and none where it must not', () => {
  templateOf(made()).hasResourceProperties(TASK, { Cpu: '256', Memory: '512' });
  templateOf(made({}, managedInstances)).hasResourceProperties(TASK, { Cpu: '256', Memory: '512' });
  templateOf(made({}, ec2Capacity)).hasResourceProperties(TASK, { Cpu: Match.absent(), Memory: Match.absent() });
});

test('has what only Fargate has', () => {
  const template = templateOf(made({
    platformVersion: ecs.FargatePlatformVersion.VERSION1_4,
    task: { cpu: 1024, memoryMiB: 2048, ephemeralStorageGiB: 50, runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64 } },
  }));
  template.hasResourceProperties(SERVICE, { PlatformVersion: '1.4.0' });
  template.hasResourceProperties(TASK, { Cpu: '1024', Memory: '2048', EphemeralStorage: { SizeInGiB: 50 }, RuntimePlatform: { CpuArchitecture: 'ARM64' } });
});

describe('refuses', () => {
  test.each<[string, Partial<AwsvpcServiceProps>, typeof ec2Capacity | typeof managedInstances | undefined, string]>([
    ['a platform version on EC2', { platformVersion: ecs.FargatePlatformVersion.LATEST }, ec2Capacity, "'platformVersion' is for Fargate, got LATEST"],
    ['a platform version on Managed Instances', { platformVersion: ecs.FargatePlatformVersion.LATEST }, managedInstances, "'platformVersion' is for Fargate"],
    ['ephemeral storage on EC2', { task: { ephemeralStorageGiB: 50 } }, ec2Capacity, "'task.ephemeralStorageGiB' is for Fargate"],
    ['ephemeral storage on Managed Instances', { task: { ephemeralStorageGiB: 50 } }, managedInstances, "'task.ephemeralStorageGiB' is for Fargate"],
    ['a platform on EC2', { task: { runtimePlatform: {} } }, ec2Capacity, "'task.runtimePlatform' is for Fargate and Managed Instances"],
    ['placement constraints on Fargate', { placementConstraints: [ecs.PlacementConstraint.distinctInstances()] }, undefined, "'placementConstraints' are for EC2 capacity"],
    ['placement strategies on Managed Instances', { placementStrategies: [ecs.PlacementStrategy.randomly()] }, managedInstances, "'placementStrategies' are for EC2 capacity"],
  ])('%s', (_what, props, capacityOf, part) => expectRefusal(() => made(props, capacityOf), 'Test/Api', part));
});

describe('security group', () => {
  test('of its own lets nothing in and everything out', () => {
    const template = templateOf(made());
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Tasks of Test/Api', SecurityGroupIngress: Match.absent(),
    });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    expect(waysOut(template)).toEqual(['-1 0.0.0.0/0']);
  });

  test('of its own lets IPv6 out where the VPC has it, also later', () => {
    const { stack, vpc, cluster } = world();
    const service = new AwsvpcService(stack, 'Api', { cluster, container: CONTAINER });
    new ec2.CfnVPCCidrBlock(vpc, 'Ipv6', { vpcId: vpc.vpcId, amazonProvidedIpv6CidrBlock: true });
    expect(waysOut(templateOf(service))).toEqual([ANYWHERE]);
  });

  test('differs from service to service on the same instances', () => {
    const { stack, cluster } = world();
    const capacity = ec2Capacity(cluster);
    const [one, two] = ['One', 'Two'].map((id) => new AwsvpcService(stack, id, { cluster, capacity, container: CONTAINER }));
    expect(one.securityGroup).not.toBe(two.securityGroup);
    expect(one.connections.securityGroups).toEqual([one.securityGroup]);
    expect(capacity.connections.securityGroups).not.toContain(one.securityGroup);
  });

  test('may be given, several too; the first is exposed', () => {
    const { stack, vpc, cluster } = world();
    const securityGroups = ['One', 'Two'].map((id) => new ec2.SecurityGroup(stack, id, { vpc }));
    const service = new AwsvpcService(stack, 'Api', { cluster, container: CONTAINER, securityGroups });
    expect(service.securityGroup).toBe(securityGroups[0]);
    expect(service.connections.securityGroups).toEqual(securityGroups);
    templateOf(service).resourceCountIs('AWS::EC2::SecurityGroup', 2);
  });

  test('that is imported stays as it is and warns, unless it may be edited', () => {
    const open = (editImportedSecurityGroups?: boolean) => {
      const { stack, cluster } = world();
      const securityGroups = [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Imported', 'sg-1')];
      const service = new AwsvpcService(stack, 'Api', { cluster, container: CONTAINER, ports: [TaskPort.tcp(8080)], securityGroups, editImportedSecurityGroups });
      service.connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.0.0.0/8'));
      const template = templateOf(service);
      template.hasResourceProperties(SERVICE, { NetworkConfiguration: { AwsvpcConfiguration: { SecurityGroups: ['sg-1'] } } });
      return {
        rules: Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).length,
        warnings: Annotations.fromStack(stack).findWarning('/Test/Api', Match.stringLikeRegexp("'editImportedSecurityGroups: true'")).length,
      };
    };
    expect(open()).toEqual({ rules: 0, warnings: 1 });
    expect(open(true)).toEqual({ rules: 1, warnings: 0 });
  });
});

test('a sidecar has ports of its own', () => {
  const service = made();
  service.addContainer('proxy', { ...CONTAINER, ports: [TaskPort.tcp(9901)] });
  templateOf(service).hasResourceProperties(TASK, {
    ContainerDefinitions: [
      Match.objectLike({ Name: 'app', PortMappings: [{ ContainerPort: 8080, Protocol: 'tcp' }] }),
      Match.objectLike({ Name: 'proxy', PortMappings: [{ ContainerPort: 9901, Protocol: 'tcp' }] }),
    ],
  });
});

test('an imported cluster is taken, with Fargate', () => {
  const { stack, vpc } = world();
  const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Imported', { clusterName: 'imported', vpc });
  const service = new AwsvpcService(stack, 'Api', { cluster, container: CONTAINER });
  templateOf(service).hasResourceProperties(SERVICE, { Cluster: 'imported', LaunchType: 'FARGATE' });
});
