import { Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { HostModeService, HostPort, ManagedInstancesCapacity, ManagedInstancesCapacityProps } from '../../src';
import { HOST_CONTAINER, managedInstances, world } from '../fixtures';
import { expectRefusal } from '../refusal';
import { ANYWHERE, waysOut } from '../security-group-rules';

const PROVIDER = 'AWS::ECS::CapacityProvider';
const POLICY = 'AWS::IAM::Policy';

function templateWith(props: Partial<ManagedInstancesCapacityProps> = {}): Template {
  const { stack, cluster } = world();
  new ManagedInstancesCapacity(stack, 'Managed', { cluster, ...props });
  return Template.fromStack(stack);
}

const ref = (start: string, attribute?: string) => attribute
  ? { 'Fn::GetAtt': [expect.stringMatching(`^${start}`), attribute] }
  : { Ref: expect.stringMatching(`^${start}`) };

/** The statements of the policy of one role. */
function statementsOf(template: Template, role: string) {
  const policies = template.findResources(POLICY, { Properties: { Roles: [{ Ref: Match.stringLikeRegexp(`^Managed${role}`) }] } });
  expect(Object.keys(policies)).toHaveLength(1);
  return Object.values(policies)[0].Properties.PolicyDocument.Statement;
}

test('the provider is in the private subnets with a route out, with the profile and the group of this capacity', () => {
  const template = templateWith();
  const [{ Properties }] = Object.values(template.findResources(PROVIDER));
  expect(Properties).toEqual({
    ClusterName: ref('Cluster'),
    ManagedInstancesProvider: {
      InfrastructureRoleArn: ref('ManagedInfrastructureRole', 'Arn'),
      InstanceLaunchTemplate: {
        Ec2InstanceProfileArn: ref('ManagedInstanceProfile', 'Arn'),
        NetworkConfiguration: { SecurityGroups: [ref('ManagedSecurityGroup', 'GroupId')], Subnets: [ref('VpcPrivateSubnet1'), ref('VpcPrivateSubnet2')] },
      },
    },
  });
  template.resourceCountIs('AWS::ECS::ClusterCapacityProviderAssociations', 0);
});

test('the instance role may what the agent needs, and nothing else', () => {
  const template = templateWith();
  const cluster = { 'Fn::GetAtt': ['ClusterEB0386A7', 'Arn'] };
  expect(statementsOf(template, 'InstanceRole')).toEqual([
    { Effect: 'Allow', Action: ['ecs:RegisterContainerInstance', 'ecs:SubmitAttachmentStateChanges', 'ecs:SubmitTaskStateChange'], Resource: cluster },
    {
      Effect: 'Allow',
      Action: ['ecs:Poll', 'ecs:PutSystemLogEvents', 'ecs:StartTelemetrySession'],
      Resource: {
        'Fn::Join': ['', [
          'arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':container-instance/', { Ref: 'ClusterEB0386A7' }, '/*',
        ]],
      },
    },
    { Effect: 'Allow', Action: 'ecs:DiscoverPollEndpoint', Resource: '*' },
  ]);
  template.hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: { Statement: [{ Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } }] }, ManagedPolicyArns: Match.absent(),
  });
  template.hasResourceProperties('AWS::IAM::InstanceProfile', { Roles: [{ Ref: Match.stringLikeRegexp('^ManagedInstanceRole') }] });
});

test('the infrastructure role may pass this one role to EC2, beside the managed policy', () => {
  const template = templateWith();
  expect(statementsOf(template, 'InfrastructureRole')).toEqual([{
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: ref('ManagedInstanceRole', 'Arn'),
    Condition: { StringLike: { 'iam:PassedToService': 'ec2.*' } },
  }]);
  template.hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: { Statement: [{ Action: 'sts:AssumeRole', Principal: { Service: 'ecs.amazonaws.com' } }] },
    ManagedPolicyArns: [{ 'Fn::Join': ['', Match.arrayWith([':iam::aws:policy/AmazonECSInfrastructureRolePolicyForManagedInstances'])] }],
  });
  template.resourceCountIs('AWS::IAM::Role', 2);
});

test('every prop reaches the provider', () => {
  templateWith({
    vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC },
    instanceRequirements: { memoryMin: Size.gibibytes(4), vCpuCountMin: 2 },
    monitoring: ecs.InstanceMonitoring.DETAILED,
    capacityOptionType: ecs.CapacityOptionType.SPOT,
    taskVolumeStorage: Size.gibibytes(50),
    propagateTags: ecs.PropagateManagedInstancesTags.CAPACITY_PROVIDER,
  }).hasResourceProperties(PROVIDER, {
    ManagedInstancesProvider: {
      PropagateTags: 'CAPACITY_PROVIDER',
      InstanceLaunchTemplate: {
        CapacityOptionType: 'SPOT',
        InstanceRequirements: { MemoryMiB: { Min: 4096 }, VCpuCount: { Min: 2 } },
        Monitoring: 'DETAILED',
        StorageConfiguration: { StorageSizeGiB: 50 },
        NetworkConfiguration: { Subnets: [{ Ref: Match.stringLikeRegexp('^VpcPublicSubnet1') }, { Ref: Match.stringLikeRegexp('^VpcPublicSubnet2') }] },
      },
    },
  });
});

test('the group of its own lets nothing in and everything out', () => {
  const template = templateWith();
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupDescription: 'Managed instances of Test/Managed', SecurityGroupIngress: Match.absent(),
  });
  template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  expect(waysOut(template)).toEqual(['-1 0.0.0.0/0']);
});

test('the group of its own lets IPv6 out where the VPC has it, also later', () => {
  const { stack, vpc, cluster } = world();
  managedInstances(cluster);
  new ec2.CfnVPCCidrBlock(vpc, 'Ipv6', { vpcId: vpc.vpcId, amazonProvidedIpv6CidrBlock: true });
  expect(waysOut(Template.fromStack(stack))).toEqual([ANYWHERE]);
});

test('a given group takes its place; an imported one stays as it is, unless it may be edited', () => {
  const { stack, vpc, cluster } = world();
  const own = new ec2.SecurityGroup(stack, 'Own', { vpc });
  expect(new ManagedInstancesCapacity(stack, 'Given', { cluster, securityGroup: own }).hostSecurityGroups).toEqual([own]);
  const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Imported', 'sg-1');
  const kept = new ManagedInstancesCapacity(stack, 'Kept', { cluster, securityGroup });
  const edited = new ManagedInstancesCapacity(stack, 'Edited', { cluster, securityGroup, editImportedSecurityGroups: true });
  [kept, edited].forEach(({ connections }, n) => connections.allowFrom(ec2.Peer.ipv4(`10.${n}.0.0/16`), ec2.Port.tcp(80)));
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
  template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-1', CidrIp: '10.1.0.0/16' });
  const warned = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp("Imported is imported.*'editImportedSecurityGroups: true'"));
  expect(warned.map(({ id }) => id)).toEqual(['/Test/Kept']);
});

test('an imported cluster is taken', () => {
  const { stack, vpc } = world();
  const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Imported', { clusterName: 'imported', vpc });
  const capacity = new ManagedInstancesCapacity(stack, 'Managed', { cluster });
  new HostModeService(stack, 'Web', { cluster, capacity, container: HOST_CONTAINER, ports: [HostPort.tcp(9100)] });
  const template = Template.fromStack(stack);
  template.hasResourceProperties(PROVIDER, { ClusterName: 'imported' });
  template.hasResourceProperties('AWS::ECS::Service', { Cluster: 'imported', CapacityProviderStrategy: [{ CapacityProvider: { Ref: Match.stringLikeRegexp('^Managed') }, Weight: 1 }] });
});

test('a cluster of another stack is taken', () => {
  const { app, stack, cluster } = world();
  const other = new Stack(app, 'Other');
  new ManagedInstancesCapacity(other, 'Managed', { cluster });
  Template.fromStack(other).resourceCountIs(PROVIDER, 1);
  Template.fromStack(stack).resourceCountIs(PROVIDER, 0);
});

test('a VPC without private subnets needs to be told where', () => {
  const { stack } = world();
  const vpc = new ec2.Vpc(stack, 'Public', { natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC }] });
  const cluster = new ecs.Cluster(stack, 'InPublic', { vpc });
  expectRefusal(() => new ManagedInstancesCapacity(stack, 'Managed', { cluster }), 'Test/Managed', "'vpcSubnets' must be given");
  new ManagedInstancesCapacity(stack, 'Given', { cluster, vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC } });
});
