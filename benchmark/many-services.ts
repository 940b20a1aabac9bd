/** Templates with any number of services of every kind, for the benchmarks of the checks. */
import type { TemplateInput } from '../src/analysis/templates';

type Resources = Record<string, unknown>;

const ref = (id: string) => ({ Ref: id });
const att = (id: string, attribute: string) => ({ 'Fn::GetAtt': [id, attribute] });
const of = (Type: string, Properties: object = {}, more: object = {}) => ({ Type, Properties, ...more });

/** As many services stand in a stack with a cluster, instances and a load balancer of their own; a stack takes 500 resources. */
export const PER_STACK = 50;

const SUBNETS = ['A', 'B', 'C'];

/** The network they share. Its subnets are large enough for all of them. */
function network(): Resources {
  return {
    Vpc: of('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/8' }),
    Gateway: of('AWS::EC2::InternetGateway'),
    Attachment: of('AWS::EC2::VPCGatewayAttachment', { VpcId: ref('Vpc'), InternetGatewayId: ref('Gateway') }),
    PublicTable: of('AWS::EC2::RouteTable', { VpcId: ref('Vpc') }),
    PublicRoute: of('AWS::EC2::Route', { RouteTableId: ref('PublicTable'), DestinationCidrBlock: '0.0.0.0/0', GatewayId: ref('Gateway') }),
    PrivateTable: of('AWS::EC2::RouteTable', { VpcId: ref('Vpc') }),
    PrivateRoute: of('AWS::EC2::Route', { RouteTableId: ref('PrivateTable'), DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: ref('Nat') }),
    Nat: of('AWS::EC2::NatGateway', { SubnetId: ref('PublicA'), AllocationId: 'eipalloc-1' }),
    ...Object.fromEntries(SUBNETS.flatMap((zone, index) => (['Public', 'Private'] as const).flatMap((kind) => {
      const id = `${kind}${zone}`;
      return [
        [id, of('AWS::EC2::Subnet', {
          VpcId: ref('Vpc'),
          CidrBlock: `10.${(kind === 'Public' ? 0 : 64) + index * 8}.0.0/13`,
          AvailabilityZone: { 'Fn::Select': [index, { 'Fn::GetAZs': '' }] },
          MapPublicIpOnLaunch: kind === 'Public',
        })],
        [`${id}Association`, of('AWS::EC2::SubnetRouteTableAssociation', { SubnetId: ref(id), RouteTableId: ref(`${kind}Table`) })],
      ];
    }))),
  };
}

/** One group of services. `shared` refers to what the network has, by reference or by import. */
function group(prefix: string, count: number, shared: (id: string) => unknown): Resources {
  const id = (name: string) => `${prefix}${name}`;
  const subnets = (kind: string) => SUBNETS.map((zone) => shared(`${kind}${zone}`));
  const rule = (name: string, from: unknown, first: number, last: number) => of('AWS::EC2::SecurityGroupIngress', {
    GroupId: att(name, 'GroupId'), SourceSecurityGroupId: from, IpProtocol: 'tcp', FromPort: first, ToPort: last,
  });
  const securityGroup = () => of('AWS::EC2::SecurityGroup', { GroupDescription: 'x', VpcId: shared('Vpc') });
  const balancerGroup = att(id('BalancerGroup'), 'GroupId');
  const resources: Resources = {
    [id('Cluster')]: of('AWS::ECS::Cluster'),
    [id('BalancerGroup')]: of('AWS::EC2::SecurityGroup', {
      GroupDescription: 'x', VpcId: shared('Vpc'), SecurityGroupIngress: [{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 80, ToPort: 80 }],
    }),
    [id('Balancer')]: of('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Subnets: subnets('Public'), SecurityGroups: [balancerGroup], Scheme: 'internet-facing',
    }),
    [id('Listener')]: of('AWS::ElasticLoadBalancingV2::Listener', {
      LoadBalancerArn: ref(id('Balancer')), Port: 80, Protocol: 'HTTP', DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    }),
    [id('NodesGroup')]: securityGroup(),
    [id('NodesIngress')]: rule(id('NodesGroup'), balancerGroup, 32768, 60999),
    [id('NodesTemplate')]: of('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        InstanceType: 'm5.4xlarge',
        SecurityGroupIds: [att(id('NodesGroup'), 'GroupId')],
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        UserData: { 'Fn::Base64': { 'Fn::Sub': `#!/bin/bash\necho ECS_CLUSTER=\${${id('Cluster')}} >> /etc/ecs/ecs.config\necho ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config` } },
      },
    }),
    [id('Nodes')]: of('AWS::AutoScaling::AutoScalingGroup', {
      MinSize: '3', MaxSize: '60', VPCZoneIdentifier: subnets('Private'),
      LaunchTemplate: { LaunchTemplateId: ref(id('NodesTemplate')), Version: att(id('NodesTemplate'), 'LatestVersionNumber') },
    }),
    [id('Provider')]: of('AWS::ECS::CapacityProvider', {
      AutoScalingGroupProvider: { AutoScalingGroupArn: ref(id('Nodes')), ManagedScaling: { Status: 'ENABLED', TargetCapacity: 100 } },
    }),
    [id('Association')]: of('AWS::ECS::ClusterCapacityProviderAssociations', {
      Cluster: ref(id('Cluster')), CapacityProviders: [ref(id('Provider')), 'FARGATE'], DefaultCapacityProviderStrategy: [],
    }),
  };
  for (let number = 0; number < count; number++) {
    const mode = ['awsvpc', 'bridge', 'awsvpc', 'host', 'bridge'][number % 5];
    const fargate = number % 10 === 0;
    const name = (what: string) => id(`${what}${number}`);
    const port = mode === 'host' ? 9000 + number : 8080;
    resources[name('Task')] = of('AWS::ECS::TaskDefinition', {
      NetworkMode: mode, Cpu: '256', Memory: '512', ...fargate ? { RequiresCompatibilities: ['FARGATE'] } : {},
      ContainerDefinitions: [{ Name: 'app', Image: 'public.ecr.aws/docker/library/httpd:2.4', User: '65534', PortMappings: [{ ContainerPort: port }] }],
    });
    resources[name('Target')] = of('AWS::ElasticLoadBalancingV2::TargetGroup', {
      VpcId: shared('Vpc'), Port: 80, Protocol: 'HTTP', TargetType: mode === 'awsvpc' ? 'ip' : 'instance',
    });
    resources[name('Rule')] = of('AWS::ElasticLoadBalancingV2::ListenerRule', {
      ListenerArn: ref(id('Listener')), Priority: number + 1, Conditions: [{ Field: 'path-pattern', Values: [`/${number}/*`] }],
      Actions: [{ Type: 'forward', TargetGroupArn: ref(name('Target')) }],
    });
    if (mode === 'awsvpc') {
      resources[name('Group')] = securityGroup();
      resources[name('Ingress')] = rule(name('Group'), balancerGroup, port, port);
    } else if (mode === 'host') {
      resources[name('Ingress')] = rule(id('NodesGroup'), balancerGroup, port, port);
    }
    resources[name('Service')] = of('AWS::ECS::Service', {
      Cluster: ref(id('Cluster')),
      TaskDefinition: ref(name('Task')),
      DesiredCount: 2,
      ...fargate ? { LaunchType: 'FARGATE' } : { CapacityProviderStrategy: [{ CapacityProvider: ref(id('Provider')), Weight: 1 }] },
      DeploymentConfiguration: mode === 'host' ? { MinimumHealthyPercent: 50, MaximumPercent: 100 } : { MinimumHealthyPercent: 100, MaximumPercent: 200 },
      LoadBalancers: [{ TargetGroupArn: ref(name('Target')), ContainerName: 'app', ContainerPort: port }],
      ...mode === 'awsvpc'
        ? { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: subnets('Private'), SecurityGroups: [att(name('Group'), 'GroupId')] } } }
        : {},
    }, { DependsOn: [id('Association'), name('Rule')] });
  }
  return resources;
}

/** A network stack, and stacks of fifty services that import what they need of it. */
export function inStacks(services: number): TemplateInput[] {
  const shared = network();
  const Outputs = Object.fromEntries(['Vpc', ...SUBNETS.flatMap((zone) => [`Public${zone}`, `Private${zone}`])]
    .map((id) => [id, { Value: ref(id), Export: { Name: `network-${id}` } }]));
  return [
    { name: 'network.json', stack: 'Network', body: { Resources: shared, Outputs } },
    ...Array.from({ length: Math.ceil(services / PER_STACK) }, (_, index) => ({
      name: `services-${index}.json`,
      stack: `Services${index}`,
      body: { Resources: group('', Math.min(PER_STACK, services - index * PER_STACK), (id) => ({ 'Fn::ImportValue': `network-${id}` })) },
    })),
  ];
}

/** The same in a single template, which no stack could hold. */
export function inOneTemplate(services: number): TemplateInput[] {
  const groups = Array.from({ length: Math.ceil(services / PER_STACK) }, (_, index) =>
    group(`G${index}x`, Math.min(PER_STACK, services - index * PER_STACK), ref));
  return [{ name: 'all.json', stack: 'All', body: { Resources: Object.assign(network(), ...groups) as Resources } }];
}
