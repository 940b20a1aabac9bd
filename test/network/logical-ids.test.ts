import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import {
  AwsvpcService, DualStack, Ec2Capacity, EndpointFeature, EniTrunking, TaskEndpoints, TaskSubnetRouting, TaskSubnets,
} from '../../src';
import { testApp } from '../app';
import { CONTAINER, templateOf, testVpc } from '../fixtures';

/**
 * The logical ids of what the network constructs make, at the oldest aws-cdk-lib supported: changing one replaces a subnet, an endpoint or
 * a setting under running tasks. Adding one is not a breaking change. See test/services/logical-ids.test.ts.
 */
function idsIn(make: (stack: Stack, vpc: ec2.Vpc) => unknown, within: RegExp): string[] {
  const stack = new Stack(testApp(), 'Test');
  make(stack, testVpc(stack));
  const resources: Record<string, { Type: string }> = templateOf(stack).toJSON().Resources;
  return Object.entries(resources).map(([id, { Type }]) => `${id} ${Type}`).filter((id) => within.test(id)).sort();
}

test.each<[string, (stack: Stack, vpc: ec2.Vpc) => unknown, RegExp, string[]]>([
  ['EniTrunking.forInstanceRole', (stack, vpc) => new Ec2Capacity(stack, 'Capacity', {
    cluster: new ecs.Cluster(stack, 'Cluster', { vpc }),
    instanceType: new ec2.InstanceType('c5.large'),
    maxInstances: 2,
    trunking: EniTrunking.forInstanceRole(),
  }), /Trunking/, [
    'CapacityEniTrunking07014D79 Custom::AWS',
    'CapacityEniTrunkingCustomResourcePolicy1245D98C AWS::IAM::Policy',
    'CapacityEniTrunkingPolicy690024CC AWS::IAM::Policy',
    'EniTrunkingLogs87016487 AWS::Logs::LogGroup',
  ]],
  ['TaskSubnets', (stack, vpc) => new TaskSubnets(stack, 'Tasks', { vpc, cidr: '100.64.0.0/16' }), /^Tasks/, [
    'TasksAssociationDC998512 AWS::EC2::VPCCidrBlock',
    'TasksSubnet125894EC9 AWS::EC2::Subnet',
    'TasksSubnet1RouteTableAssociation5E84F8B8 AWS::EC2::SubnetRouteTableAssociation',
    'TasksSubnet242947456 AWS::EC2::Subnet',
    'TasksSubnet2RouteTableAssociationF08811A3 AWS::EC2::SubnetRouteTableAssociation',
  ]],
  ['TaskSubnets with NAT gateways', (stack, vpc) => new TaskSubnets(stack, 'Tasks', {
    vpc, cidr: '100.64.0.0/16', routing: TaskSubnetRouting.natGateways(),
  }), /^Tasks/, [
    'TasksAssociationDC998512 AWS::EC2::VPCCidrBlock',
    'TasksSubnet125894EC9 AWS::EC2::Subnet',
    'TasksSubnet1DefaultRoute82D7926B AWS::EC2::Route',
    'TasksSubnet1RouteTableAssociation5E84F8B8 AWS::EC2::SubnetRouteTableAssociation',
    'TasksSubnet1RouteTableDB38FE60 AWS::EC2::RouteTable',
    'TasksSubnet242947456 AWS::EC2::Subnet',
    'TasksSubnet2DefaultRouteF720297F AWS::EC2::Route',
    'TasksSubnet2RouteTable10ABFE73 AWS::EC2::RouteTable',
    'TasksSubnet2RouteTableAssociationF08811A3 AWS::EC2::SubnetRouteTableAssociation',
  ]],
  ['DualStack', (stack, vpc) => {
    const dualStack = DualStack.enable(vpc);
    dualStack.addIpv6OnlySubnets('Ipv6Only');
    dualStack.addTaskSubnets(new TaskSubnets(stack, 'Tasks', { vpc, cidr: '100.64.0.0/16', routing: TaskSubnetRouting.natGateways() }));
  }, /DualStack|Ipv6|Route6|Nat64/, [
    'TasksSubnet1DefaultRoute63151320C AWS::EC2::Route',
    'TasksSubnet2DefaultRoute6EE72B4C0 AWS::EC2::Route',
    'VpcDualStackEgressOnlyInternetGatewayD29CEB84 AWS::EC2::EgressOnlyInternetGateway',
    'VpcDualStackIpv67015B2B5 AWS::EC2::VPCCidrBlock',
    'VpcDualStackIpv6OnlySubnet1DefaultRoute63F9CB5E8 AWS::EC2::Route',
    'VpcDualStackIpv6OnlySubnet1Nat648039B833 AWS::EC2::Route',
    'VpcDualStackIpv6OnlySubnet1RouteTableAssociation0CA1B396 AWS::EC2::SubnetRouteTableAssociation',
    'VpcDualStackIpv6OnlySubnet1RouteTableF597AFE4 AWS::EC2::RouteTable',
    'VpcDualStackIpv6OnlySubnet1SubnetADC2B514 AWS::EC2::Subnet',
    'VpcDualStackIpv6OnlySubnet2DefaultRoute627B51DA2 AWS::EC2::Route',
    'VpcDualStackIpv6OnlySubnet2Nat6438CEC262 AWS::EC2::Route',
    'VpcDualStackIpv6OnlySubnet2RouteTable9E06875D AWS::EC2::RouteTable',
    'VpcDualStackIpv6OnlySubnet2RouteTableAssociationC023423A AWS::EC2::SubnetRouteTableAssociation',
    'VpcDualStackIpv6OnlySubnet2Subnet3B91D8BA AWS::EC2::Subnet',
    'VpcPrivateSubnet1DefaultRoute6B45CB740 AWS::EC2::Route',
    'VpcPrivateSubnet2DefaultRoute6DDF1236D AWS::EC2::Route',
    'VpcPublicSubnet1DefaultRoute6A21265FB AWS::EC2::Route',
    'VpcPublicSubnet2DefaultRoute63E63096C AWS::EC2::Route',
  ]],
  ['TaskEndpoints', (stack, vpc) => {
    const endpoints = new TaskEndpoints(stack, 'Endpoints', { vpc, features: Object.values(EndpointFeature) });
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
    endpoints.serve(new AwsvpcService(stack, 'Api', { cluster, container: CONTAINER }).service);
  }, /^Endpoints/, [
    'EndpointsEcrApiEA5E8197 AWS::EC2::VPCEndpoint',
    'EndpointsEcrDkr2489B205 AWS::EC2::VPCEndpoint',
    'EndpointsEcs94BD4DFF AWS::EC2::VPCEndpoint',
    'EndpointsEcsAgent8E0279A7 AWS::EC2::VPCEndpoint',
    'EndpointsEcsTelemetryDFE0484B AWS::EC2::VPCEndpoint',
    'EndpointsKmsFECDC555 AWS::EC2::VPCEndpoint',
    'EndpointsLogs925F157B AWS::EC2::VPCEndpoint',
    'EndpointsS332DF97CF AWS::EC2::VPCEndpoint',
    'EndpointsSecretsManager54961936 AWS::EC2::VPCEndpoint',
    'EndpointsSecurityGroup252B86E5 AWS::EC2::SecurityGroup',
    'EndpointsSecurityGroupfromTestApiSecurityGroup6FC269A5443FE4C6362 AWS::EC2::SecurityGroupIngress',
    'EndpointsSsm2608D0EC AWS::EC2::VPCEndpoint',
    'EndpointsSsmMessages3AA3236B AWS::EC2::VPCEndpoint',
  ]],
])('%s', (_name, make, within, ids) => {
  expect(idsIn(make, within)).toEqual(ids);
});
