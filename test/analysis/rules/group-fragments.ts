/** Fragments of templates with services behind security groups and load balancers. */
import { resourceOf } from '../facts-of';
import { CLUSTER, serviceOf, tasksOf } from './ecs-fragments';

export const groupId = (group: string) => ({ 'Fn::GetAtt': [group, 'GroupId'] });

export const group = (ingress: readonly object[] = [], egress?: readonly object[]) => resourceOf('AWS::EC2::SecurityGroup', {
  GroupDescription: 'x', VpcId: { Ref: 'Vpc' }, SecurityGroupIngress: ingress, ...egress ? { SecurityGroupEgress: egress } : {},
});

/** A rule for a port or a range, `tcp` unless said otherwise. */
export const rule = (peer: object, ports: number | readonly [number, number], protocol = 'tcp') => {
  const [FromPort, ToPort] = typeof ports === 'number' ? [ports, ports] : ports;
  return { IpProtocol: protocol, FromPort, ToPort, ...peer };
};
export const from = (name: string) => ({ SourceSecurityGroupId: groupId(name) });
export const to = (name: string) => ({ DestinationSecurityGroupId: groupId(name) });
export const cidr = (CidrIp: unknown) => ({ CidrIp });

/** A VPC with three subnets: A and B, and C for what is elsewhere. */
export const NETWORK = {
  Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
  ...Object.fromEntries(['A', 'B', 'C'].map((id, index) => [id, resourceOf('AWS::EC2::Subnet', {
    VpcId: { Ref: 'Vpc' }, CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: `eu-west-1${id.toLowerCase()}`,
  })])),
};

/** A load balancer `Balancer` in A and B with a listener on port 80 to target group `Targets`. */
export function balancer(target: object = {}, properties: object = { SecurityGroups: [groupId('BalancerGroup')] }, listener: object = {}) {
  return {
    Balancer: resourceOf('AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: [{ Ref: 'A' }, { Ref: 'B' }], ...properties }),
    Listener: resourceOf('AWS::ElasticLoadBalancingV2::Listener', {
      LoadBalancerArn: { Ref: 'Balancer' }, Port: 80, Protocol: 'HTTP', DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: 'Targets' } }], ...listener,
    }),
    Targets: resourceOf('AWS::ElasticLoadBalancingV2::TargetGroup', {
      VpcId: { Ref: 'Vpc' }, Port: 80, Protocol: 'HTTP', TargetType: 'instance', ...target,
    }),
  };
}

/** Instances `Nodes` in C with a group `NodesGroup`, which is to be given. */
export const NODES = {
  Nodes: resourceOf('AWS::EC2::Instance', {
    InstanceType: 'm5.large',
    SubnetId: { Ref: 'C' },
    SecurityGroupIds: [groupId('NodesGroup')],
    UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
  }),
};

export const REGISTERED = { LoadBalancers: [{ TargetGroupArn: { Ref: 'Targets' }, ContainerName: 'app', ContainerPort: 80 }] };

/** A service `Web` of container port 80 on instances, in bridge mode with a dynamic port unless said otherwise. */
export function onNodes(mapping: object = {}, service: object = REGISTERED, mode: unknown = 'bridge') {
  return {
    ...NETWORK, Cluster: CLUSTER, ...NODES, Tasks: tasksOf(mode, {}, [{ ContainerPort: 80, ...mapping }]), Web: serviceOf(service),
  };
}

/** A service `Web` of container port 80 on Fargate in C, with a group `TaskGroup`, which is to be given. */
export function onFargate(service: object = REGISTERED, mapping: object = {}) {
  return {
    ...NETWORK,
    Cluster: CLUSTER,
    Tasks: tasksOf('awsvpc', {}, [{ ContainerPort: 80, ...mapping }]),
    Web: serviceOf({
      LaunchType: 'FARGATE',
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }], SecurityGroups: [groupId('TaskGroup')] } },
      ...service,
    }),
  };
}

/**
 * A bridge service `Web` on capacity providers by what their items say besides: `Old` and `New` with instances behind `OldGroup` and
 * `NewGroup`, and `Elsewhere` with none of what is given.
 */
export function onProviders(
  items: Readonly<Record<string, object>>, service: object = {}, ingress: Readonly<Record<string, readonly object[]>> = {},
) {
  const provider = (AutoScalingGroupArn: unknown) => resourceOf('AWS::ECS::CapacityProvider', { AutoScalingGroupProvider: { AutoScalingGroupArn } });
  return {
    ...NETWORK,
    Cluster: CLUSTER,
    Tasks: tasksOf('bridge'),
    ...Object.fromEntries(['Old', 'New'].flatMap((name) => [
      [name, provider({ Ref: `${name}Nodes` })],
      [`${name}Nodes`, resourceOf('AWS::AutoScaling::AutoScalingGroup', {
        MinSize: '1', MaxSize: '2', VPCZoneIdentifier: [{ Ref: 'C' }], LaunchTemplate: { LaunchTemplateId: { Ref: `${name}Template` }, Version: '1' },
      })],
      [`${name}Template`, resourceOf('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { SecurityGroupIds: [groupId(`${name}Group`)] } })],
      [`${name}Group`, group(ingress[name])],
    ])),
    Association: resourceOf('AWS::ECS::ClusterCapacityProviderAssociations', {
      Cluster: { Ref: 'Cluster' }, CapacityProviders: [{ Ref: 'Old' }, { Ref: 'New' }], DefaultCapacityProviderStrategy: [],
    }),
    Elsewhere: provider('arn:aws:autoscaling:eu-west-1:111111111111:autoScalingGroup:1:autoScalingGroupName/nodes'),
    Web: serviceOf({
      LaunchType: undefined,
      CapacityProviderStrategy: Object.entries(items).map(([name, its]) => ({ CapacityProvider: { Ref: name }, ...its })),
      ...service,
    }),
  };
}
