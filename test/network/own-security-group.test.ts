import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, DualStack, ManagedInstancesCapacity } from '../../src';
import { testApp } from '../app';
import { CONTAINER, ec2Capacity, templateOf, testVpc, world } from '../fixtures';
import { ANYWHERE, waysOut } from '../security-group-rules';
import { dependenciesOf, idOf } from '../template-graph';

const VPC6 = { ipProtocol: ec2.IpProtocol.DUAL_STACK, maxAzs: 1 };
const HTTPS = ec2.Port.tcp(443);

function serviceIn(vpcOf: (stack: Stack) => ec2.IVpc): AwsvpcService {
  const stack = new Stack(testApp(), 'Test');
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: vpcOf(stack) });
  return new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER });
}

test('in a dual-stack VPC both ways out are part of the group: a resource for one would take the other away', () => {
  const template = templateOf(Stack.of(serviceIn((stack) => new ec2.Vpc(stack, 'Vpc', VPC6))));
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupEgress: [
      { IpProtocol: '-1', CidrIp: '0.0.0.0/0', Description: 'Allow all outbound traffic by default' },
      { IpProtocol: '-1', CidrIpv6: '::/0', Description: 'All IPv6 out, as for IPv4' },
    ],
    SecurityGroupIngress: Match.absent(),
  });
  template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
});

test.each<[string, (stack: Stack) => ec2.IVpc, string]>([
  ['without IPv6 are part of the group', (stack) => testVpc(stack), '-1 0.0.0.0/0, tcp 443 2001:db8::/32, tcp 443 ::/0'],
  ['imported, as well', (stack) => ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'], publicSubnetIds: ['subnet-2'],
  }), '-1 0.0.0.0/0, tcp 443 2001:db8::/32, tcp 443 ::/0'],
  ['with IPv6 are within what is let out anyway', (stack) => new ec2.Vpc(stack, 'Vpc', VPC6), ANYWHERE],
])('rules for IPv6 that are added in a VPC %s', (_, vpcOf, ways) => {
  const service = serviceIn(vpcOf);
  service.connections.allowTo(ec2.Peer.ipv6('2001:db8::/32'), HTTPS);
  service.connections.allowTo(ec2.Peer.anyIpv6(), HTTPS, 'Any');
  service.connections.allowTo(ec2.Peer.anyIpv6(), HTTPS, 'Once more');
  expect(waysOut(templateOf(Stack.of(service)))).toEqual([ways]);
});

test('a rule for IPv6 says what it is for, or whom it lets out to', () => {
  const service = serviceIn(testVpc);
  service.connections.allowTo(ec2.Peer.ipv6('2001:db8::/32'), HTTPS);
  service.connections.allowTo(ec2.Peer.anyIpv6(), HTTPS, 'Any');
  templateOf(Stack.of(service)).hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupEgress: [{ CidrIp: '0.0.0.0/0' }, { Description: 'to 2001:db8::/32:443' }, { Description: 'Any' }].map((rule) => Match.objectLike(rule)),
  });
});

test('rules for IPv4 and for groups are within what is let out anyway', () => {
  const service = serviceIn(testVpc);
  service.connections.allowTo(ec2.Peer.ipv4('192.0.2.0/24'), HTTPS);
  service.connections.allowTo(new ec2.SecurityGroup(Stack.of(service), 'Other', { vpc: service.cluster.vpc }), HTTPS);
  expect(waysOut(templateOf(Stack.of(service)), 'Web')).toEqual(['-1 0.0.0.0/0']);
});

test('whoever asks for the rules before there is IPv6 does not decide', () => {
  const service = serviceIn(testVpc);
  Stack.of(service).resolve((service.securityGroup.node.defaultChild as ec2.CfnSecurityGroup).securityGroupEgress);
  DualStack.enable(service.cluster.vpc as ec2.Vpc);
  expect(waysOut(templateOf(Stack.of(service)))).toEqual([ANYWHERE]);
});

test.each<[string, string, (given: ec2.SecurityGroup, cluster: ecs.Cluster) => unknown]>([
  ['the Auto Scaling group', 'AWS::AutoScaling::AutoScalingGroup', (securityGroup, cluster) => ec2Capacity(cluster, 'Capacity', { securityGroup })],
  ['the Managed Instances', 'AWS::ECS::CapacityProvider', (securityGroup, cluster) =>
    new ManagedInstancesCapacity(Stack.of(cluster), 'Managed', { cluster, securityGroup })],
  ['an awsvpc service', 'AWS::ECS::Service', (given, cluster) =>
    new AwsvpcService(Stack.of(cluster), 'Web', { cluster, container: CONTAINER, securityGroups: [given] })],
])('%s waits for the way out of a group that has it elsewhere, and so keeps it until it is deleted itself', (_, type, make) => {
  const { stack, vpc, cluster } = world();
  make(new ec2.SecurityGroup(stack, 'Given', { vpc, disableInlineRules: true }), cluster);
  const template = Template.fromStack(stack);
  expect(dependenciesOf(template, idOf(template, type))).toContain(idOf(template, 'AWS::EC2::SecurityGroupEgress'));
});

test.each<[string, (vpc: ec2.Vpc) => unknown, string]>([
  ['a block alone', (vpc) => new ec2.CfnVPCCidrBlock(vpc, 'Ipv6', { vpcId: vpc.vpcId, amazonProvidedIpv6CidrBlock: true }), ANYWHERE],
  ['subnets of a block that is elsewhere', (vpc) => {
    (vpc.publicSubnets[0].node.defaultChild as ec2.CfnSubnet).ipv6CidrBlock = '2001:db8::/64';
  }, ANYWHERE],
  ['a second block of IPv4', (vpc) => new ec2.CfnVPCCidrBlock(vpc, 'Second', { vpcId: vpc.vpcId, cidrBlock: '100.64.0.0/16' }), '-1 0.0.0.0/0'],
])('with %s in the VPC a group lets out by IPv6, or not', (_, add, ways) => {
  const { stack, vpc, cluster } = world();
  new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER });
  add(vpc);
  expect(waysOut(Template.fromStack(stack))).toEqual([ways]);
});

test('an app with a dual-stack VPC can be synthesised again', () => {
  const { app, stack } = world();
  const vpc = new ec2.Vpc(stack, 'DualStack', VPC6);
  new AwsvpcService(stack, 'Web', { cluster: new ecs.Cluster(stack, 'InDualStack', { vpc }), container: CONTAINER });
  app.synth();
  expect(() => app.synth({ force: true })).not.toThrow();
});
