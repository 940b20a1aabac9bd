/** Fragments of templates with services in subnets that have IPv6. */
import { resourceOf } from '../facts-of';
import { CLUSTER, serviceOf, tasksOf } from './ecs-fragments';
import { group, groupId } from './group-fragments';

type Resources = Record<string, unknown>;

export const NAT = { DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1' };
export const INTERNET = { DestinationCidrBlock: '0.0.0.0/0', GatewayId: { Ref: 'Gateway' } };
export const EGRESS_ONLY = { DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: 'eigw-1' };
export const INTERNET_IPV6 = { DestinationIpv6CidrBlock: '::/0', GatewayId: { Ref: 'Gateway' } };

export const DUAL = { CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: '2001:db8::/64', AssignIpv6AddressOnCreation: true };
export const IPV6_ONLY = { Ipv6Native: true, Ipv6CidrBlock: '2001:db8::/64' };

/** A subnet `A` with these routes, and the group `Group` with these rules. */
export function around(subnet: object, routes: readonly object[], ingress: readonly object[] = [], egress?: readonly object[]): Resources {
  return {
    Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
    A: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, ...subnet }),
    Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }),
    Association: resourceOf('AWS::EC2::SubnetRouteTableAssociation', { SubnetId: { Ref: 'A' }, RouteTableId: { Ref: 'Table' } }),
    Gateway: resourceOf('AWS::EC2::InternetGateway'),
    ...Object.fromEntries(routes.map((route, index) => [`Route${index}`, resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, ...route })])),
    Group: group(ingress, egress),
    Cluster: CLUSTER,
  };
}

/** A service `Api` of container port 8080 on Fargate in it. */
export function onFargate(awsvpc: object = {}, tasks: object = {}): Resources {
  return {
    Tasks: tasksOf('awsvpc', tasks, [{ ContainerPort: 8080 }]),
    Api: serviceOf({
      LaunchType: 'FARGATE', NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'A' }], SecurityGroups: [groupId('Group')], ...awsvpc } },
    }),
  };
}

/** The same in host mode, on an instance in it. */
export function onNodes(networkInterface: object = {}): Resources {
  return {
    Tasks: tasksOf('host', {}, [{ ContainerPort: 8080 }]),
    Api: serviceOf(),
    Nodes: resourceOf('AWS::EC2::Instance', {
      NetworkInterfaces: [{ DeviceIndex: '0', SubnetId: { Ref: 'A' }, GroupSet: [groupId('Group')], ...networkInterface }],
      UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
    }),
  };
}
