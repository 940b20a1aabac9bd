import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService } from '../../src';
import { CONTAINER, ec2Capacity, managedInstances, world } from '../fixtures';
import { dependenciesOf, idOf, idsOf } from '../template-graph';

test.each([
  ['the Auto Scaling group', 'AWS::AutoScaling::AutoScalingGroup'],
  ['the Managed Instances', 'AWS::ECS::CapacityProvider'],
  ['an awsvpc service', 'AWS::ECS::Service'],
])('%s waits for its way out, and so keeps it until it is deleted itself', (_, type) => {
  const { stack, cluster } = world();
  if (type === 'AWS::AutoScaling::AutoScalingGroup') {
    ec2Capacity(cluster);
  } else if (type === 'AWS::ECS::CapacityProvider') {
    managedInstances(cluster);
  } else {
    new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER });
  }
  const template = Template.fromStack(stack);
  const [wayOut] = idsOf(template, 'AWS::EC2::SecurityGroupEgress');
  expect(wayOut).toBeDefined();
  expect(dependenciesOf(template, idOf(template, type))).toContain(wayOut);
});

test.each<[string, (vpc: ec2.Vpc) => unknown, number]>([
  ['a block alone', (vpc) => new ec2.CfnVPCCidrBlock(vpc, 'Ipv6', { vpcId: vpc.vpcId, amazonProvidedIpv6CidrBlock: true }), 1],
  ['subnets of a block that is elsewhere', (vpc) => {
    (vpc.publicSubnets[0].node.defaultChild as ec2.CfnSubnet).ipv6CidrBlock = '2001:db8::/64';
  }, 1],
  ['a second block of IPv4', (vpc) => new ec2.CfnVPCCidrBlock(vpc, 'Second', { vpcId: vpc.vpcId, cidrBlock: '100.64.0.0/16' }), 0],
])('with %s in the VPC a group lets out by IPv6, or not', (_, add, count) => {
  const { stack, vpc, cluster } = world();
  new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER });
  add(vpc);
  const rules = Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupEgress', { Properties: { CidrIpv6: '::/0' } });
  expect(Object.keys(rules)).toHaveLength(count);
});

test('an app with a dual-stack VPC can be synthesised again', () => {
  const { app, stack } = world();
  const vpc = new ec2.Vpc(stack, 'DualStack', { ipProtocol: ec2.IpProtocol.DUAL_STACK, maxAzs: 1 });
  new AwsvpcService(stack, 'Web', { cluster: new ecs.Cluster(stack, 'InDualStack', { vpc }), container: CONTAINER });
  app.synth();
  expect(() => app.synth({ force: true })).not.toThrow();
});
