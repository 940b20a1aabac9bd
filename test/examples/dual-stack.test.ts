import { Template } from 'aws-cdk-lib/assertions';
import { pathsOf } from '../security-group-rules';
import { dependenciesOf } from '../template-graph';
import { built, find, registeredNames, theOnly, type Built, type Resource } from './built';

let example: Built;
beforeAll(() => {
  example = built('dual-stack');
});

const subnets = (kind: string): Resource[] => find(example, 'AWS::EC2::Subnet', kind);
const refs = (resources: Resource[]) => resources.map(({ logicalId }) => ({ Ref: logicalId }));

/** The routes of the subnets of a kind: destinations and what they lead to. */
function routesOf(kind: string): string[] {
  const tables = find(example, 'AWS::EC2::RouteTable', kind).map(({ logicalId }) => logicalId);
  expect(tables).toHaveLength(2);
  return [...new Set(find(example, 'AWS::EC2::Route').filter(({ properties }) => tables.includes(properties.RouteTableId.Ref))
    .map(({ properties: { RouteTableId: _, DestinationCidrBlock, DestinationIpv6CidrBlock, ...target } }) =>
      `${DestinationCidrBlock ?? DestinationIpv6CidrBlock} ${Object.keys(target)}`))].sort();
}

test('one line gives the VPC IPv6: a block, a part of it for every subnet, and routes', () => {
  expect(theOnly(example, 'AWS::EC2::VPCCidrBlock').properties.AmazonProvidedIpv6CidrBlock).toBe(true);
  expect(subnets('/Vpc/').map(({ properties }) => properties.Ipv6CidrBlock['Fn::Select'][0])).toEqual([0, 1, 16, 17, 240, 241]);
  expect(routesOf('/PublicSubnet')).toEqual(['0.0.0.0/0 GatewayId', '::/0 GatewayId']);
  expect(routesOf('/PrivateSubnet')).toEqual(['0.0.0.0/0 NatGatewayId', '::/0 EgressOnlyInternetGatewayId']);
});

test('public subnets keep their public addresses', () => {
  expect(subnets('/PublicSubnet').map(({ properties }) => properties.MapPublicIpOnLaunch)).toEqual([true, true]);
});

test('the paths are clients to load balancer, by both kinds of address, to web, to API, and no other', () => {
  expect(pathsOf(example.app)).toEqual([
    'Api < Web tcp 8080',
    'LoadBalancer < 0.0.0.0/0 tcp 80',
    'LoadBalancer < ::/0 tcp 80',
    'LoadBalancer > Web tcp 8080',
    'Web < LoadBalancer tcp 8080',
  ]);
});

test('the load balancer is dual stack, in the public subnets, and its target group takes IPv6 addresses', () => {
  const { IpAddressType, Scheme, Subnets } = theOnly(example, 'AWS::ElasticLoadBalancingV2::LoadBalancer').properties;
  expect({ IpAddressType, Scheme }).toEqual({ IpAddressType: 'dualstack', Scheme: 'internet-facing' });
  expect(Subnets).toEqual(refs(subnets('/PublicSubnet')));
  const { properties } = theOnly(example, 'AWS::ElasticLoadBalancingV2::TargetGroup');
  expect([properties.IpAddressType, properties.TargetType]).toEqual(['ipv6', 'ip']);
});

test('tasks get out by IPv6', () => {
  const out = find(example, 'AWS::EC2::SecurityGroup').filter(({ properties }) =>
    (properties.SecurityGroupEgress as Record<string, unknown>[] | undefined)?.some(({ CidrIpv6, IpProtocol }) => CidrIpv6 === '::/0' && IpProtocol === '-1'));
  expect(out.map(({ path }) => path.split('/')[1]).sort()).toEqual(['Api', 'Web']);
});

test('tasks of the API have no IPv4 address, and reach IPv4 destinations through the NAT gateway', () => {
  const ipv6Only = subnets('/Ipv6Only/');
  ipv6Only.forEach(({ properties }) => {
    expect(properties).toMatchObject({ Ipv6Native: true, AssignIpv6AddressOnCreation: true, EnableDns64: true });
    expect(properties.CidrBlock).toBeUndefined();
  });
  expect(theOnly(example, 'AWS::ECS::Service', 'Api').properties.NetworkConfiguration.AwsvpcConfiguration.Subnets).toEqual(refs(ipv6Only));
  expect(theOnly(example, 'AWS::ECS::Service', 'Web').properties.NetworkConfiguration.AwsvpcConfiguration.Subnets).toEqual(refs(subnets('/PrivateSubnet')));
  expect(routesOf('/Ipv6Only/')).toEqual(['64:ff9b::/96 NatGatewayId', '::/0 EgressOnlyInternetGatewayId']);
});

test('web looks for the API under the name it is registered with, by IPv6 address alone', () => {
  expect(registeredNames(example)).toEqual(['api.shop.internal AAAA']);
  const { properties: { ContainerDefinitions: [web] } } = theOnly(example, 'AWS::ECS::TaskDefinition', 'Web');
  expect(web.Command.join(' ')).toContain('http://api.shop.internal:8080');
});

test('containers listen on IPv6, and on IPv4', () => {
  for (const { properties: { ContainerDefinitions: [{ Command }] } } of find(example, 'AWS::ECS::TaskDefinition')) {
    expect(Command.join(' ')).toContain('listen 8080; listen [::]:8080;');
  }
});

test('the block is there before the subnets, and the routes before the services', () => {
  const template = Template.fromStack(example.stacks[0]);
  const { logicalId: block } = theOnly(example, 'AWS::EC2::VPCCidrBlock');
  subnets('/Vpc/').forEach(({ dependsOn }) => expect(dependsOn).toContain(block));
  for (const [service, kind] of [['Web', '/PrivateSubnet'], ['Api', '/Ipv6Only/']]) {
    const awaited = dependenciesOf(template, theOnly(example, 'AWS::ECS::Service', service).logicalId);
    const ways = find(example, 'AWS::EC2::Route', kind);
    expect(ways).toHaveLength(4);
    ways.forEach(({ logicalId }) => expect(awaited).toContain(logicalId));
  }
});

test('what costs nothing is the egress-only gateway; there is one NAT gateway, and four tasks', () => {
  theOnly(example, 'AWS::EC2::EgressOnlyInternetGateway');
  theOnly(example, 'AWS::EC2::NatGateway');
  expect(find(example, 'AWS::ECS::Service').map(({ properties }) => properties.DesiredCount)).toEqual([2, 2]);
});
