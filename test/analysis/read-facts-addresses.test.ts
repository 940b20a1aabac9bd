import { Named } from '../../src/analysis/facts';
import { readFacts } from '../../src/analysis/read-facts';
import { factsOf, nameOf, named, namesOf, resourceOf, valueOf } from './facts-of';
import { given, world } from './given';

type Properties = Readonly<Record<string, unknown>>;
const REST = { Parameters: { Open: { Type: 'String' } } };
const NETWORK = {
  Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
  A: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' }),
  B: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.1.0/24' }),
};
const SUBNETS = [{ Ref: 'A' }, { Ref: 'B' }];
const facts = (resources: Properties) => factsOf({ ...NETWORK, ...resources }, REST);

describe('an endpoint', () => {
  const endpoint = (properties: Properties) => (
    facts({ Endpoint: resourceOf('AWS::EC2::VPCEndpoint', { VpcId: { Ref: 'Vpc' }, ...properties }) }).endpoints[0]);

  test.each<[unknown, string]>([
    ['com.amazonaws.eu-west-1.ecr.dkr', 'ecr.dkr'],
    [{ 'Fn::Sub': 'com.amazonaws.${AWS::Region}.ecr.api' }, 'ecr.api'],
    [{ 'Fn::Join': ['', ['com.amazonaws.', { Ref: 'AWS::Region' }, '.s3']] }, 's3'],
    ['cn.com.amazonaws.cn-north-1.ecs-agent', 'ecs-agent'],
    ['com.amazonaws.vpce.eu-west-1.vpce-svc-0123', 'com.amazonaws.vpce.eu-west-1.vpce-svc-0123'],
    ['aws.sagemaker.eu-west-1.notebook', 'aws.sagemaker.eu-west-1.notebook'],
    [{ 'Fn::Sub': 'com.amazonaws.${AWS::Region}.${Open}' }, '? the Region is not known'],
    [{ Ref: 'Open' }, '? parameter Open has no default'],
    [undefined, '? the endpoint names no service'],
  ])('for %j', (ServiceName, expected) => {
    expect(valueOf(endpoint({ ServiceName }).service)).toBe(expected);
  });

  test('rests on what its name rests on', () => {
    const rest = { Parameters: { Name: { Type: 'String', Default: 'logs' } } };
    const of = (ServiceName: unknown) => factsOf({ Endpoint: resourceOf('AWS::EC2::VPCEndpoint', { ServiceName }) }, rest).endpoints[0].service;
    expect(of({ 'Fn::Sub': 'com.amazonaws.eu-west-1.${Name}' })).toEqual({ known: true, value: 'logs', assumes: ['parameter Name keeps its default logs'] });
    expect(of({ 'Fn::Sub': 'com.amazonaws.${AWS::Region}.${Name}' })).toMatchObject({ value: 'logs', assumes: ['parameter Name keeps its default logs'] });
  });

  test('is a gateway by default, without groups', () => {
    const its = endpoint({ ServiceName: 'com.amazonaws.eu-west-1.s3', RouteTableIds: ['rtb-1'] });
    expect([valueOf(its.type), valueOf(its.privateDns), nameOf(its.vpc)]).toEqual(['Gateway', false, 'Vpc']);
    expect([its.securityGroups, its.subnets, its.routeTables].map((one) => namesOf<Named>(one))).toEqual([[], [], ['? rtb-1 is not of what is given']]);
  });

  test('of an interface has subnets, groups and names', () => {
    const its = endpoint({ VpcEndpointType: 'Interface', SubnetIds: SUBNETS, SecurityGroupIds: ['sg-1'], PrivateDnsEnabled: 'true' });
    expect([valueOf(its.type), namesOf(its.subnets), namesOf(its.securityGroups), valueOf(its.privateDns)])
      .toEqual(['Interface', ['A', 'B'], ['? sg-1 is not of what is given'], true]);
    expect(namesOf(endpoint({ VpcEndpointType: 'Interface' }).securityGroups)).toEqual(['default group of Vpc']);
  });

  test('has route tables that are given', () => {
    const { endpoints: [its] } = facts({
      Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }),
      Endpoint: resourceOf('AWS::EC2::VPCEndpoint', { VpcId: { Ref: 'Vpc' }, RouteTableIds: [{ Ref: 'Table' }] }),
    });
    expect(namesOf(its.routeTables)).toEqual(['Table']);
  });
});

describe('what else takes addresses', () => {
  const user = (resources: Properties, name = 'User') => {
    const { kind, subnets, count, securityGroups } = named(facts(resources).addressUsers, name);
    return [kind, namesOf(subnets), valueOf(count), securityGroups && namesOf(securityGroups)];
  };
  const DEFAULT = ['default group of Vpc'];
  const GROUP = ['? sg-1 is not of what is given'];
  const subnetGroup = (type: string) => ({ Subnets: resourceOf(type, { SubnetIds: SUBNETS }) });

  test.each<[string, Properties, readonly unknown[]]>([
    ['a function', { User: resourceOf('AWS::Lambda::Function', { VpcConfig: { SubnetIds: SUBNETS, SecurityGroupIds: ['sg-1'] } }) }, ['function', ['A', 'B'], 1, GROUP]],
    ['an instance', { User: resourceOf('AWS::EC2::Instance', { SubnetId: { Ref: 'A' }, SecurityGroupIds: ['sg-1'] }) }, ['instance', ['A'], 1, GROUP]],
    ['an instance by its interface', { User: resourceOf('AWS::EC2::Instance', { NetworkInterfaces: [{ DeviceIndex: '0', SubnetId: { Ref: 'A' } }] }) }, ['instance', ['A'], 1, DEFAULT]],
    ['an interface', { User: resourceOf('AWS::EC2::NetworkInterface', { SubnetId: { Ref: 'A' }, GroupSet: ['sg-1'] }) }, ['network-interface', ['A'], 1, GROUP]],
    ['a mount target', { User: resourceOf('AWS::EFS::MountTarget', { SubnetId: { Ref: 'A' }, SecurityGroups: ['sg-1'] }) }, ['mount-target', ['A'], 1, GROUP]],
    ['a database', {
      ...subnetGroup('AWS::RDS::DBSubnetGroup'), User: resourceOf('AWS::RDS::DBInstance', { DBSubnetGroupName: { Ref: 'Subnets' }, VPCSecurityGroups: ['sg-1'] }),
    }, ['database', ['A', 'B'], 1, GROUP]],
    ['a database of a cluster', {
      ...subnetGroup('AWS::RDS::DBSubnetGroup'),
      Cluster: resourceOf('AWS::RDS::DBCluster', { DBSubnetGroupName: { Ref: 'Subnets' }, VpcSecurityGroupIds: ['sg-1'] }),
      User: resourceOf('AWS::RDS::DBInstance', { DBClusterIdentifier: { Ref: 'Cluster' } }),
    }, ['database', ['A', 'B'], 1, GROUP]],
    ['a document database', {
      ...subnetGroup('AWS::DocDB::DBSubnetGroup'),
      Cluster: resourceOf('AWS::DocDB::DBCluster', { DBSubnetGroupName: { Ref: 'Subnets' } }),
      User: resourceOf('AWS::DocDB::DBInstance', { DBClusterIdentifier: { Ref: 'Cluster' } }),
    }, ['database', ['A', 'B'], 1, DEFAULT]],
    ['a graph database', {
      ...subnetGroup('AWS::Neptune::DBSubnetGroup'), User: resourceOf('AWS::Neptune::DBInstance', { DBSubnetGroupName: { Ref: 'Subnets' } }),
    }, ['database', ['A', 'B'], 1, DEFAULT]],
    ['a cache of several nodes', {
      ...subnetGroup('AWS::ElastiCache::SubnetGroup'),
      User: resourceOf('AWS::ElastiCache::CacheCluster', { CacheSubnetGroupName: { Ref: 'Subnets' }, NumCacheNodes: '3', VpcSecurityGroupIds: ['sg-1'] }),
    }, ['database', ['A', 'B'], 3, GROUP]],
    ['a replicated cache', {
      Subnets: resourceOf('AWS::ElastiCache::SubnetGroup', { CacheSubnetGroupName: 'caches', SubnetIds: SUBNETS }),
      User: resourceOf('AWS::ElastiCache::ReplicationGroup', { CacheSubnetGroupName: 'caches', NumCacheClusters: { Ref: 'Open' }, SecurityGroupIds: ['sg-1'] }),
    }, ['database', ['A', 'B'], '? parameter Open has no default', GROUP]],
    ['a warehouse', {
      ...subnetGroup('AWS::Redshift::ClusterSubnetGroup'), User: resourceOf('AWS::Redshift::Cluster', { ClusterSubnetGroupName: { Ref: 'Subnets' } }),
    }, ['database', ['A', 'B'], 1, DEFAULT]],
  ])('is %s', (_, resources, expected) => {
    expect(user(resources)).toEqual(expected);
  });

  test.each<[string, Properties]>([
    ['a function outside of the VPC', { User: resourceOf('AWS::Lambda::Function', {}) }],
    ['a function whose subnets are unknown', { User: resourceOf('AWS::Lambda::Function', { VpcConfig: { SubnetIds: { Ref: 'Open' } } }) }],
    ['an instance without a subnet', { User: resourceOf('AWS::EC2::Instance') }],
    ['a database in a group that is not given', { User: resourceOf('AWS::RDS::DBInstance', { DBSubnetGroupName: 'imported' }) }],
    ['a database in no group', { User: resourceOf('AWS::RDS::DBInstance') }],
    ['a container instance', { User: resourceOf('AWS::EC2::Instance', { SubnetId: { Ref: 'A' }, UserData: 'ECS_CLUSTER=prod' }) }],
  ])('is not %s', (_, resources) => {
    expect(facts(resources).addressUsers).toEqual([]);
  });

  test('is an instance with its interface, once', () => {
    const resources = {
      Interface: resourceOf('AWS::EC2::NetworkInterface', { SubnetId: { Ref: 'A' }, GroupSet: ['sg-1'] }),
      User: resourceOf('AWS::EC2::Instance', { NetworkInterfaces: [{ DeviceIndex: '0', NetworkInterfaceId: { Ref: 'Interface' } }] }),
    };
    expect(facts(resources).addressUsers.map(({ name, resource }) => [name, resource.logicalId])).toEqual([['User', 'User']]);
    expect(user(resources)).toEqual(['instance', ['A'], 1, GROUP]);
  });
});

describe('how findings name a resource', () => {
  const nameAt = (path: string | undefined, type = 'AWS::ElasticLoadBalancingV2::LoadBalancer') => {
    const { loadBalancers, subnets } = factsOf({ Logical1: resourceOf(type, {}, { Metadata: { 'aws:cdk:path': path } }) });
    return [...loadBalancers, ...subnets][0].name;
  };
  test.each<[string | undefined, string]>([
    ['Stack/Web/Resource', 'Web'],
    ['Stack/Web/LoadBalancer/Resource', 'Web'],
    ['Stack/LoadBalancer/Resource', 'LoadBalancer'],
    ['Stack/Resource', 'Resource'],
    ['Stack/Shop/Web/Resource', 'Shop/Web'],
    [undefined, 'Logical1'],
  ])('at %j', (path, expected) => {
    expect(nameAt(path)).toBe(expected);
  });

  test.each<[string, string, string]>([
    ['Stage/Stack', 'Stage/Stack/Web/Resource', 'Web'],
    ['stack-name', 'Stack/Web/Resource', 'Web'],
    ['Stack', 'Stack/Nested/Web/Resource', 'Nested/Web'],
  ])('in stack %j at %j', (stack, path, expected) => {
    const body = { Resources: { Logical1: resourceOf('AWS::EC2::Subnet', {}, { Metadata: { 'aws:cdk:path': path } }) } };
    expect(readFacts(world(given(body, { stack }))).subnets[0].name).toBe(expected);
  });

  test('is not by its kind', () => {
    expect(nameAt('Stack/Vpc/PublicSubnet1/Subnet', 'AWS::EC2::Subnet')).toBe('Vpc/PublicSubnet1');
  });
});
