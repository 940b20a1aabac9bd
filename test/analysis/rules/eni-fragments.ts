/** Fragments of templates with awsvpc services on instances, for the tests of what interfaces they have. */
type Properties = Readonly<Record<string, unknown>>;

const JOINS = { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } };
const AMI = '{{resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id}}';

/** An Auto Scaling group, its launch template and its capacity provider: `Nodes`, `NodesTemplate`, `NodesProvider`. */
export function nodes(size: Properties | number, data: Properties = {}, its: Properties = {}, name = 'Nodes', more: Properties = {}) {
  return {
    [name]: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: {
        ...typeof size === 'number' ? { MinSize: size, MaxSize: size } : size,
        LaunchTemplate: { LaunchTemplateId: { Ref: `${name}Template` }, Version: '1' },
        VPCZoneIdentifier: ['subnet-1'],
        ...its,
      },
      ...more,
    },
    [`${name}Template`]: {
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: { LaunchTemplateData: { ImageId: AMI, InstanceType: 'c5.large', UserData: JOINS, ...data } },
    },
    [`${name}Provider`]: {
      Type: 'AWS::ECS::CapacityProvider',
      Properties: { AutoScalingGroupProvider: { AutoScalingGroupArn: { Ref: name }, ManagedScaling: { Status: 'ENABLED' } } },
    },
  };
}

/** A cluster and a task definition in awsvpc mode, `Tasks`. */
export const AROUND = {
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      NetworkMode: 'awsvpc',
      ContainerDefinitions: [{ Name: 'app', Image: 'app', Memory: 8, PortMappings: [{ ContainerPort: 80, HostPort: 80 }] }],
    },
  },
};

/** A service in awsvpc mode of launch type EC2. */
export function awsvpc(DesiredCount: unknown, properties: Properties = {}) {
  return {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'EC2',
      TaskDefinition: { Ref: 'Tasks' },
      ...DesiredCount === undefined ? {} : { DesiredCount },
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'] } },
      ...properties,
    },
  };
}

/** The properties of a service that is placed by a strategy: base and weight of each provider. */
export function by(strategy: Readonly<Record<string, readonly [unknown, unknown]>>) {
  return {
    LaunchType: undefined,
    CapacityProviderStrategy: Object.entries(strategy).map(([provider, [Base, Weight]]) =>
      ({ CapacityProvider: { Ref: `${provider}Provider` }, Base, Weight })),
  };
}

/** The autoscaling of a service. */
export function scaling(service: string, MinCapacity: unknown, MaxCapacity: unknown) {
  return {
    [`${service}Scaling`]: {
      Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
      Properties: {
        MinCapacity, MaxCapacity, ScalableDimension: 'ecs:service:DesiredCount', ResourceId: { 'Fn::Sub': `service/\${Cluster}/\${${service}.Name}` },
      },
    },
  };
}
