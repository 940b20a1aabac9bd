import { Template } from 'aws-cdk-lib/assertions';
import { pathsOf } from '../security-group-rules';
import { dependenciesOf } from '../template-graph';
import { built, find, theOnly, type Built, type Resource } from './built';

/** Awsvpc tasks on a c5.large without ENI trunking (ECS developer guide, supported instance types): three interfaces, one for the host. */
const TASKS_PER_C5_LARGE = 2;
/** https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const KEPT_BY_EC2 = 5;

let example: Built;
beforeAll(() => {
  example = built('secondary-cidr');
});

const subnets = (kind: string): Resource[] => find(example, 'AWS::EC2::Subnet', kind);
const blocks = (kind: string): string[] => subnets(kind).map(({ properties }) => properties.CidrBlock);
const refs = (resources: Resource[]) => resources.map(({ logicalId }) => ({ Ref: logicalId }));
const tableOf = ({ logicalId }: Resource) => find(example, 'AWS::EC2::SubnetRouteTableAssociation')
  .find(({ properties }) => properties.SubnetId.Ref === logicalId)!.properties.RouteTableId.Ref as string;

test('hosts are in 172.31.16.0/20 and 172.31.32.0/20 of the VPC, 172.31.0.0/16', () => {
  expect(theOnly(example, 'AWS::EC2::VPC').properties.CidrBlock).toBe('172.31.0.0/16');
  expect(blocks('/Vpc/HostsSubnet')).toEqual(['172.31.16.0/20', '172.31.32.0/20']);
  expect(blocks('/Vpc/PublicSubnet')).toEqual(['172.31.0.0/24', '172.31.1.0/24']);
  expect(theOnly(example, 'AWS::AutoScaling::AutoScalingGroup').properties.VPCZoneIdentifier).toEqual(refs(subnets('/Vpc/HostsSubnet')));
});

test('tasks are in 100.64.0.0/19 and 100.64.32.0/19 of the secondary block, on these instances', () => {
  expect(theOnly(example, 'AWS::EC2::VPCCidrBlock').properties.CidrBlock).toBe('100.64.0.0/16');
  expect(blocks('/Tasks/')).toEqual(['100.64.0.0/19', '100.64.32.0/19']);
  const { NetworkConfiguration, CapacityProviderStrategy } = theOnly(example, 'AWS::ECS::Service').properties;
  expect(NetworkConfiguration.AwsvpcConfiguration.Subnets).toEqual(refs(subnets('/Tasks/')));
  expect(CapacityProviderStrategy).toEqual([{ CapacityProvider: { Ref: theOnly(example, 'AWS::ECS::CapacityProvider').logicalId }, Weight: 1 }]);
});

test('each zone with tasks has hosts', () => {
  const zones = (kind: string) => subnets(kind).map(({ properties }) => properties.AvailabilityZone);
  expect(zones('/Tasks/')).toEqual(zones('/Vpc/HostsSubnet'));
});

test('tasks share the route tables of the hosts, which lead to the one NAT gateway', () => {
  expect(subnets('/Tasks/').map(tableOf)).toEqual(subnets('/Vpc/HostsSubnet').map(tableOf));
  expect(new Set(subnets('/Tasks/').map(tableOf)).size).toBe(2);
  const { logicalId } = theOnly(example, 'AWS::EC2::NatGateway');
  subnets('/Tasks/').map(tableOf).forEach((table) => {
    const routes = find(example, 'AWS::EC2::Route').filter(({ properties }) => properties.RouteTableId.Ref === table);
    expect(routes.map(({ properties }) => [properties.DestinationCidrBlock, properties.NatGatewayId])).toEqual([['0.0.0.0/0', { Ref: logicalId }]]);
  });
});

test('the arithmetic of addresses is right, and the output says it', () => {
  const usable = (kind: string) => blocks(kind).map((block) => 2 ** (32 - Number(block.split('/')[1])) - KEPT_BY_EC2);
  expect(usable('/Vpc/HostsSubnet')).toEqual([4091, 4091]);
  expect(usable('/Tasks/')).toEqual([8187, 8187]);
  const { Outputs } = Template.fromStack(example.stacks[0]).toJSON();
  expect(Outputs.TaskAddresses.Value).toBe('Each /19 has 8,192 addresses, of which EC2 keeps 5: 2 × 8,187 = 16,374 for tasks, 8,187 with one zone lost');
  // At 200 percent a deployment has twice the tasks.
  const { MaximumPercent } = theOnly(example, 'AWS::ECS::Service').properties.DeploymentConfiguration;
  expect(Math.floor(16374 / (MaximumPercent / 100))).toBe(8187);
});

test('the block is there before the subnets, and these and their routes before the service', () => {
  const template = Template.fromStack(example.stacks[0]);
  const { logicalId: block } = theOnly(example, 'AWS::EC2::VPCCidrBlock');
  subnets('/Tasks/').forEach(({ dependsOn }) => expect(dependsOn).toContain(block));
  const awaited = dependenciesOf(template, theOnly(example, 'AWS::ECS::Service').logicalId);
  const ways = [
    ...subnets('/Tasks/'), ...find(example, 'AWS::EC2::SubnetRouteTableAssociation', '/Tasks/'), ...find(example, 'AWS::EC2::Route', '/Vpc/HostsSubnet'),
  ];
  expect(ways).toHaveLength(6);
  ways.forEach(({ logicalId }) => expect(awaited).toContain(logicalId));
});

test('the load balancer, in the public subnets, reaches the tasks, and nothing else does', () => {
  expect(pathsOf(example.app)).toEqual(['LoadBalancer < 0.0.0.0/0 tcp 80', 'LoadBalancer > Web tcp 8080', 'Web < LoadBalancer tcp 8080']);
  expect(theOnly(example, 'AWS::ElasticLoadBalancingV2::LoadBalancer').properties.Subnets).toEqual(refs(subnets('/Vpc/PublicSubnet')));
});

test('the instances that are always there have an interface for every task, and for as many again while they are replaced', () => {
  const { MinSize, MaxSize } = theOnly(example, 'AWS::AutoScaling::AutoScalingGroup').properties;
  expect(theOnly(example, 'AWS::EC2::LaunchTemplate').properties.LaunchTemplateData.InstanceType).toBe('c5.large');
  const { DesiredCount, DeploymentConfiguration: { MaximumPercent } } = theOnly(example, 'AWS::ECS::Service').properties;
  expect(Number(MinSize) * TASKS_PER_C5_LARGE).toBe(DesiredCount * MaximumPercent / 100);
  expect([MinSize, MaxSize]).toEqual(['3', '6']);
});
