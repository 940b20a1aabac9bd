import * as fc from 'fast-check';
import { Facts } from '../../src/analysis/facts';
import { readFacts } from '../../src/analysis/read-facts';
import { Resource } from '../../src/analysis/resources';
import { parseTemplate } from '../../src/checks/template-text';
import { named, nameOf, namesOf, valueOf } from './facts-of';
import { GivenBody, world, worlds, given } from './given';

/** As people have written it since container instances were set up by cfn-init and roles were made by hand. */
const HAND_WRITTEN = `
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  ClusterSize: { Type: Number, Default: 2 }
  InstanceType: { Type: String, Default: c4.large }
  EcsAmi: { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id }
  DesiredCount: { Type: Number }
  Environment: { Type: String, AllowedValues: [test, prod] }
Conditions:
  IsProd: !Equals [!Ref Environment, prod]
Resources:
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.180.0.0/16 } }
  SubnetA:
    Type: AWS::EC2::Subnet
    Properties: { VpcId: !Ref Vpc, CidrBlock: 10.180.8.0/21, AvailabilityZone: !Select [0, !GetAZs ''], MapPublicIpOnLaunch: true }
  SubnetB:
    Type: AWS::EC2::Subnet
    Properties: { VpcId: !Ref Vpc, CidrBlock: 10.180.16.0/21, AvailabilityZone: !Select [1, !GetAZs ''], MapPublicIpOnLaunch: true }
  Cluster: { Type: AWS::ECS::Cluster, Properties: { ClusterName: !Ref AWS::StackName } }
  BalancerGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: balancer
      SecurityGroupIngress: { CidrIp: 0.0.0.0/0, IpProtocol: -1 }
  NodeGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: nodes
      SecurityGroupIngress:
        - { SourceSecurityGroupId: !Ref BalancerGroup, IpProtocol: -1 }
        - Fn::If: [IsProd, !Ref AWS::NoValue, { CidrIp: 0.0.0.0/0, IpProtocol: tcp, FromPort: '22', ToPort: '22' }]
  Role:
    Type: AWS::IAM::Role
    Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role'] }
  Profile: { Type: AWS::IAM::InstanceProfile, Properties: { Roles: [!Ref Role] } }
  Nodes:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      VPCZoneIdentifier: [!Join [',', [!Ref SubnetA, !Ref SubnetB]]]
      LaunchConfigurationName: !Ref Launch
      MinSize: !Ref ClusterSize
      MaxSize: !Ref ClusterSize
      DesiredCapacity: !Ref ClusterSize
  Launch:
    Type: AWS::AutoScaling::LaunchConfiguration
    Metadata:
      AWS::CloudFormation::Init:
        config:
          commands:
            01_join: { command: !Sub 'echo ECS_CLUSTER=\${Cluster} >> /etc/ecs/ecs.config' }
    Properties:
      ImageId: !Ref EcsAmi
      InstanceType: !Ref InstanceType
      IamInstanceProfile: !Ref Profile
      SecurityGroups: [!Ref NodeGroup]
      UserData:
        Fn::Base64: !Sub |
          #!/bin/bash
          yum install -y aws-cfn-bootstrap
          /opt/aws/bin/cfn-init -v --region \${AWS::Region} --stack \${AWS::StackName} --resource Launch
          /opt/aws/bin/cfn-signal -e $? --region \${AWS::Region} --stack \${AWS::StackName} --resource Nodes
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: { Subnets: [!Ref SubnetA, !Ref SubnetB], SecurityGroups: [!Ref BalancerGroup] }
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Targets }]
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: { VpcId: !Ref Vpc, Port: 80, Protocol: HTTP }
  Service:
    Type: AWS::ECS::Service
    DependsOn: Listener
    Properties:
      Cluster: !Ref Cluster
      DesiredCount: !Ref DesiredCount
      TaskDefinition: !Ref Task
      DeploymentConfiguration: { MaximumPercent: 200, MinimumHealthyPercent: 50 }
      LoadBalancers: [{ ContainerName: web, ContainerPort: 5000, TargetGroupArn: !Ref Targets }]
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: web
      ContainerDefinitions:
        - Name: web
          Essential: true
          Image: !Sub '\${AWS::AccountId}.dkr.ecr.\${AWS::Region}.amazonaws.com/web'
          Memory: 128
          PortMappings: [{ ContainerPort: 5000 }]
          LogConfiguration: { LogDriver: awslogs, Options: { awslogs-group: !Ref AWS::StackName } }
  Scaling:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      MinCapacity: 2
      MaxCapacity: 10
      ResourceId: !Join ['/', [service, !Ref Cluster, !GetAtt Service.Name]]
      ScalableDimension: ecs:service:DesiredCount
      ServiceNamespace: ecs
`;
const BODY = parseTemplate(HAND_WRITTEN, 'web.yaml') as GivenBody;

describe('a template written by hand', () => {
  const found = worlds([given(BODY, { name: 'web.yaml' })], (of) => readFacts(of));

  test('is read in every world of its conditions', () => {
    expect(found.map(({ world: { chosen }, answer }) => [chosen, named(answer.securityGroups, 'NodeGroup').ingress.length])).toEqual(
      expect.arrayContaining([[['IsProd is true'], 1], [['IsProd is false'], 2]]));
    expect(found).toHaveLength(2);
  });

  test('is told whole', () => {
    const [{ answer: facts }] = found;
    const { services: [service], hostGroups: [nodes], targetGroups: [targets], loadBalancers: [balancer] } = facts;
    expect([nodes.cluster.known && nameOf(nodes.cluster.value), nameOf(nodes.instanceRole)]).toEqual(['Cluster', 'Role']);
    expect([nodes.instanceTypes, nodes.steadySize, nodes.operatingSystem].map((one) => valueOf<unknown>(one))).toEqual([['c4.large'], 2, 'linux']);
    expect([namesOf(nodes.subnets), namesOf(nodes.securityGroups), valueOf(nodes.publicIp)]).toEqual([['SubnetA', 'SubnetB'], ['NodeGroup'], true]);
    expect(nodes.userData.agentSetting('ECS_AWSVPC_BLOCK_IMDS')).toBeUndefined();
    expect(valueOf(service.mode)).toBe('bridge');
    expect(service.launch).toMatchObject({ known: true, value: { kind: 'ec2', by: 'none', hostGroups: [nodes], complete: true } });
    expect([valueOf(service.desired), service.scaling && valueOf(service.scaling.max), valueOf(service.deployment.minHealthyPercent)])
      .toEqual(['? parameter DesiredCount has no default', 10, 50]);
    expect([targets.services, targets.loadBalancers]).toEqual([[service], [balancer]]);
    const [container] = service.taskDefinition!.containers.known ? service.taskDefinition!.containers.value : [];
    expect([container.imageText, valueOf(container.logDriver), valueOf(service.taskDefinition!.memoryMiB)]).toEqual(['….dkr.ecr.….amazonaws.com/web', 'awslogs', 128]);
    expect(nodes.steadySize).toMatchObject({ assumes: ['parameter ClusterSize keeps its default 2'] });
  });
});

/** Every fact and every list of facts, read. */
function touch(facts: Facts): number {
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) {
      return;
    }
    seen.add(value);
    Object.entries(value).forEach(([key, one]) => key !== 'resource' && visit(one));
  };
  visit(facts);
  for (const group of facts.hostGroups) {
    group.userData.agentSetting('ECS_CLUSTER');
  }
  return seen.size;
}

describe('whatever stands in a template', () => {
  /** Every place of the template, by its path. */
  const places: Array<ReadonlyArray<string | number>> = [];
  const survey = (value: unknown, path: ReadonlyArray<string | number>) => {
    if (path.length > 2) {
      places.push(path);
    }
    if (typeof value === 'object' && value !== null) {
      Object.entries(value).forEach(([key, one]) => survey(one, [...path, Array.isArray(value) ? Number(key) : key]));
    }
  };
  survey(BODY.Resources, []);
  const replaced = (value: unknown, [key, ...rest]: ReadonlyArray<string | number>, by: unknown): unknown => {
    if (key === undefined) {
      return by;
    }
    const copy = Array.isArray(value) ? [...value] as unknown[] : { ...value as Record<string, unknown> };
    (copy as Record<string | number, unknown>)[key] = replaced((value as Record<string | number, unknown>)[key], rest, by);
    return copy;
  };
  const oddities = fc.oneof(
    fc.constantFrom<unknown>(null, '', [], {}, 'x', -1, 1e21, true, [[]], [null], { Ref: 'Nothing' }, { Ref: 'Vpc' }, { 'Fn::GetAtt': ['Service', 'Arn'] },
      { 'Fn::If': ['IsProd', 'a', ['b']] }, { 'Fn::Split': [',', { Ref: 'Environment' }] }, { Ref: 'Environment' }, { 'Fn::Transform': {} }, { Ref: 'AWS::NoValue' },
      { 'Fn::Select': [9, { 'Fn::GetAZs': '' }] }, { 'Fn::Sub': 'arn:${Nodes}:${Cluster}' }, [{ Ref: 'Cluster' }, { Ref: 'Service' }]),
    fc.jsonValue());

  test('facts are read of it, in every world', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom(...places), oddities), { minLength: 1, maxLength: 4 }), (changes) => {
      const Resources = changes.reduce<unknown>((body, [path, by]) => {
        try {
          return replaced(body, path, by);
        } catch {
          return body; // a change before took the place away
        }
      }, BODY.Resources);
      for (const { answer } of worlds([given({ ...BODY, Resources } as GivenBody)], (of) => touch(readFacts(of)))) {
        expect(answer).toBeGreaterThan(0);
      }
    }), { numRuns: 400 });
  });
});

describe('the work', () => {
  const many = (services: number): GivenBody => {
    const copies = Object.entries(BODY.Resources).filter(([id]) => ['Service', 'Task', 'Targets', 'Scaling', 'NodeGroup', 'Nodes'].includes(id));
    const renamed = (value: unknown, index: number) => JSON.parse(
      JSON.stringify(value).replace(/"(Service|Task|Targets|Scaling|NodeGroup|Nodes)"/g, `"$1${index}"`)) as unknown;
    return {
      ...BODY,
      Resources: {
        ...BODY.Resources,
        ...Object.fromEntries(Array.from({ length: services }, (_, index) => copies.map(([id, value]) => [`${id}${index}`, renamed(value, index)] as const)).flat()),
      },
    };
  };

  test('grows with the number of services, and not faster', () => {
    const readsFor = (services: number) => {
      const of = world(many(services));
      const property = jest.spyOn(Object.getPrototypeOf(of.resourcesOf('AWS::ECS::Cluster')[0]) as Resource, 'property');
      const facts = readFacts(of);
      expect(facts.services).toHaveLength(services + 1);
      expect(facts.clusters[0].hostGroups).toHaveLength(services + 1);
      const reads = property.mock.calls.length;
      property.mockRestore();
      return reads;
    };
    const [few, more] = [readsFor(20), readsFor(200)];
    expect(more / few).toBeLessThan(10.5);
  });
});
