import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import {
  AwsvpcService, BridgePort, BridgeService, Ec2Capacity, FargateCapacity, HostModeService, HostPort, ManagedInstancesCapacity, TaskPort,
} from '../../src';
import { testApp } from '../app';
import { CONTAINER, HOST_CONTAINER, INSTANCE_TYPE, plainCapacity } from '../fixtures';

/**
 * The logical ids of what the constructs make, at the oldest aws-cdk-lib supported.
 *
 * Changing one is a breaking change: CloudFormation would replace the resource, and a replaced service, capacity provider or security
 * group takes running tasks with it. Adding one is not.
 */
const CLUSTER = 'ClusterEB0386A7 AWS::ECS::Cluster';
const ASSOCIATION = 'Cluster3DA9CCBA AWS::ECS::ClusterCapacityProviderAssociations';

const SECURITY_GROUP_OF_CAPACITY = 'CapacitySecurityGroupA01ACC39 AWS::EC2::SecurityGroup';

const EC2_CAPACITY = [
  ASSOCIATION,
  'CapacityAutoScalingGroupASG0AD8679D AWS::AutoScaling::AutoScalingGroup',
  'CapacityCapacityProvider106E26D7 AWS::ECS::CapacityProvider',
  'CapacityInstanceRoleDefaultPolicy3A96AAEE AWS::IAM::Policy',
  'CapacityInstanceRoleEA0E78B8 AWS::IAM::Role',
  'CapacityLaunchTemplate6452D284 AWS::EC2::LaunchTemplate',
  'CapacityLaunchTemplateProfile9CBD3DA4 AWS::IAM::InstanceProfile',
  SECURITY_GROUP_OF_CAPACITY,
];

const MANAGED_INSTANCES = [
  'CapacityCapacityProvider106E26D7 AWS::ECS::CapacityProvider',
  'CapacityInfrastructureRole273F2D43 AWS::IAM::Role',
  'CapacityInfrastructureRoleDefaultPolicyF69D55D7 AWS::IAM::Policy',
  'CapacityInstanceProfileA9FDA5E8 AWS::IAM::InstanceProfile',
  'CapacityInstanceRoleDefaultPolicy3A96AAEE AWS::IAM::Policy',
  'CapacityInstanceRoleEA0E78B8 AWS::IAM::Role',
  SECURITY_GROUP_OF_CAPACITY,
];

const SERVICE = [
  'WebServiceD04B5F3E AWS::ECS::Service',
  'WebTaskDefinitionD1709B1C AWS::ECS::TaskDefinition',
  'WebTaskDefinitionExecutionRole9B66D88D AWS::IAM::Role',
  'WebTaskDefinitionExecutionRoleDefaultPolicy79D98D92 AWS::IAM::Policy',
  'WebTaskDefinitionTaskRole96791EDD AWS::IAM::Role',
  'WebTaskDefinitionappLogGroupEC508643 AWS::Logs::LogGroup',
];

const SECURITY_GROUP_OF_TASKS = 'WebSecurityGroupF444D504 AWS::EC2::SecurityGroup';

/** What `wired` adds besides rules; all but two are the test's own. */
const WIRED = [
  'Alb16C2F182 AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AlbHttp7966E42E AWS::ElasticLoadBalancingV2::Listener',
  'AlbHttpWebGroupFB8A8200 AWS::ElasticLoadBalancingV2::TargetGroup',
  'AlbSecurityGroup580F65A6 AWS::EC2::SecurityGroup',
  'ClusterDefaultServiceDiscoveryNamespaceC336F9B4 AWS::ServiceDiscovery::PrivateDnsNamespace',
  'WebCloudMapService1D4623A4 AWS::ServiceDiscovery::Service',
  'WebServiceTaskCountTargetF7BAB0BC AWS::ApplicationAutoScaling::ScalableTarget',
];

/** A stack with a cluster in an imported VPC, so that the VPC's own resources are out of the way. */
function world() {
  const app = testApp();
  const stack = new Stack(app, 'Test');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['a', 'b'],
    privateSubnetIds: ['subnet-1', 'subnet-2'],
    privateSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
  });
  return { app, stack, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }) };
}

function idsIn(stack: Stack): string[] {
  const resources: Record<string, { Type: string }> = Template.fromStack(stack).toJSON().Resources;
  return Object.entries(resources).map(([id, { Type }]) => `${id} ${Type}`).sort();
}

const ec2Capacity = (stack: Stack, cluster: ecs.Cluster) =>
  new Ec2Capacity(stack, 'Capacity', { cluster, instanceType: INSTANCE_TYPE, maxInstances: 2 });

/** Gives a service what it can be given: a load balancer, discovery, scaling. */
function wired(stack: Stack, cluster: ecs.Cluster, service: HostModeService | BridgeService | AwsvpcService): void {
  new elbv2.ApplicationLoadBalancer(stack, 'Alb', { vpc: cluster.vpc, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } })
    .addListener('Http', { port: 80, open: false }).addTargets('Web', { port: 80, targets: [service] });
  service.enableCloudMap({ cloudMapNamespace: cluster.addDefaultCloudMapNamespace({ name: 'test' }) });
  service.autoScaleTaskCount({ maxCapacity: 2 });
}

test.each<[string, (stack: Stack, cluster: ecs.Cluster) => unknown, string[]]>([
  ['Ec2Capacity', ec2Capacity, EC2_CAPACITY],
  ['Ec2Capacity.fromAsgCapacityProvider', (stack, cluster) =>
    Ec2Capacity.fromAsgCapacityProvider(stack, 'Capacity', { cluster, provider: plainCapacity(cluster) }), [
    ASSOCIATION, // the others are the test's own
    'AsgASGD1D7B4E2 AWS::AutoScaling::AutoScalingGroup',
    'AsgInstances1E8D4DE7 AWS::EC2::SecurityGroup',
    'AsgProvider9ED39119 AWS::ECS::CapacityProvider',
    'AsgRole72D95731 AWS::IAM::Role',
    'AsgRoleDefaultPolicyF8CEEAD2 AWS::IAM::Policy',
    'AsgTemplateF7E988F3 AWS::EC2::LaunchTemplate',
    'AsgTemplateProfile4A8017FE AWS::IAM::InstanceProfile',
  ]],
  ['FargateCapacity', (_stack, cluster) => FargateCapacity.spot(cluster), [ASSOCIATION]],
  ['ManagedInstancesCapacity', (stack, cluster) => new ManagedInstancesCapacity(stack, 'Capacity', { cluster }), MANAGED_INSTANCES],
  ['HostModeService', (stack, cluster) => wired(stack, cluster, new HostModeService(stack, 'Web', {
    cluster, capacity: ec2Capacity(stack, cluster), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)],
  })), [
    ...EC2_CAPACITY, ...SERVICE, ...WIRED,
    'AlbSecurityGrouptoTestCapacitySecurityGroup4195DF739100CE84FA1E AWS::EC2::SecurityGroupEgress',
    'CapacitySecurityGroupfromTestAlbSecurityGroup9867015A9100AB828FC9 AWS::EC2::SecurityGroupIngress',
  ]],
  ['HostModeService on Managed Instances', (stack, cluster) => new HostModeService(stack, 'Web', {
    cluster, capacity: new ManagedInstancesCapacity(stack, 'Capacity', { cluster }), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)],
  }), [...MANAGED_INSTANCES, ...SERVICE]],
  ['BridgeService', (stack, cluster) => wired(stack, cluster, new BridgeService(stack, 'Web', {
    cluster, capacity: ec2Capacity(stack, cluster), container: CONTAINER, ports: [BridgePort.dynamic(8080)],
  })), [
    ...EC2_CAPACITY, ...SERVICE, ...WIRED,
    'AlbSecurityGrouptoTestCapacitySecurityGroup4195DF73327686099913011675 AWS::EC2::SecurityGroupEgress',
    'CapacitySecurityGroupfromTestAlbSecurityGroup9867015A32768609999B0430B4 AWS::EC2::SecurityGroupIngress',
  ]],
  ['AwsvpcService', (stack, cluster) => wired(stack, cluster, new AwsvpcService(stack, 'Web', {
    cluster, container: CONTAINER, ports: [TaskPort.tcp(8080)],
  })), [
    ...SERVICE, SECURITY_GROUP_OF_TASKS, ...WIRED,
    'AlbSecurityGrouptoTestWebSecurityGroup1A5E0F668080ED5481A4 AWS::EC2::SecurityGroupEgress',
    'WebSecurityGroupfromTestAlbSecurityGroup9867015A8080C2A3ED01 AWS::EC2::SecurityGroupIngress',
  ]],
  ['AwsvpcService on instances', (stack, cluster) => new AwsvpcService(stack, 'Web', {
    cluster, capacity: ec2Capacity(stack, cluster), container: CONTAINER, ports: [TaskPort.tcp(8080)],
  }), [...EC2_CAPACITY, ...SERVICE, SECURITY_GROUP_OF_TASKS]],
])('%s keeps its logical ids', (_name, make, ids) => {
  const { stack, cluster } = world();
  make(stack, cluster);
  expect(idsIn(stack)).toEqual([CLUSTER, ...ids].sort());
});

test('a service in a stack of its own keeps its logical ids, those of its rules on the group of another stack too', () => {
  const { app, stack, cluster } = world();
  const capacity = ec2Capacity(stack, cluster);
  const services = new Stack(app, 'Services');
  new BridgeService(services, 'Web', { cluster, capacity, container: CONTAINER, ports: [BridgePort.dynamic(8080)] })
    .connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.0.0.0/8'));
  expect(idsIn(services)).toEqual(['TestCapacitySecurityGroup4195DF73from100008327686099968D87A7D AWS::EC2::SecurityGroupIngress', ...SERVICE].sort());
});
