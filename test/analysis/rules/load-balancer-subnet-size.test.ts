import { check } from '../../../src/analysis/check';
import { loadBalancerSubnetSize as rule } from '../../../src/analysis/rules/load-balancer-subnet-size';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';

itsExamplesHold(rule);

const refs = (names: readonly string[]) => names.map((Ref) => ({ Ref }));
const subnet = (CidrBlock: unknown, zone = 'a') =>
  resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock, AvailabilityZone: `eu-west-1${zone}` });
const balancer = (Type: unknown = 'application', Subnets: unknown = refs(['Public1'])) =>
  resourceOf('AWS::ElasticLoadBalancingV2::LoadBalancer', { Type, Subnets });
const NAT = resourceOf('AWS::EC2::NatGateway', { SubnetId: { Ref: 'Public1' } });
const times = (count: number, resource: unknown) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`Nat${index}`, resource]));
const endpoint = resourceOf('AWS::EC2::VPCEndpoint', {
  VpcId: { Ref: 'Vpc' }, VpcEndpointType: 'Interface', ServiceName: 'com.amazonaws.eu-west-1.logs', SubnetIds: refs(['Public1']), SecurityGroupIds: ['sg-1'],
});
const world = (prefix: number, more: object = {}) => ({
  Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }), Public1: subnet(`10.0.0.0/${prefix}`), Web: balancer(), ...more,
});
const fixesOf = (Resources: Readonly<Record<string, unknown>>) => check([given({ Resources })], [rule]).findings.map(({ fix }) => fix);
const api = (subnets: readonly string[], DesiredCount: number) => ({
  Cluster: CLUSTER,
  Tasks: tasksOf('awsvpc'),
  Api: serviceOf({ LaunchType: 'FARGATE', DesiredCount, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: refs(subnets), SecurityGroups: ['sg-1'] } } }),
});

const CROWDED = { Nat: NAT, One: endpoint, Two: endpoint, Three: endpoint };

test('a /28 with a NAT gateway and three endpoints has neither the size nor the room', () => {
  expect(said(rule, world(28, CROWDED))).toEqual([
    'warning Web: subnet Public1 is a /28 and leaves 7 of 11 addresses; load balancer Web needs 8 free and a /27',
  ]);
  expect(fixesOf(world(28, CROWDED))).toEqual(['a /27 for Public1']);
});

test('a /27 with the same has both', () => {
  expect(said(rule, world(27, CROWDED))).toEqual([]);
});

test.each([[3, 'is a /28; load balancer Web needs a /27'], [4, 'is a /28 and leaves 7 of 11 addresses; load balancer Web needs 8 free and a /27']])(
  'a /28 with %i others', (count, text) => {
    expect(said(rule, world(28, times(count, NAT)))).toEqual([`warning Web: subnet Public1 ${text}`]);
  });

test('a /27 needs 8 of its 27 addresses', () => {
  expect(said(rule, world(27, times(19, NAT)))).toEqual([]);
  const crowded = world(27, times(20, NAT));
  expect(said(rule, crowded)).toEqual(['warning Web: subnet Public1 leaves 7 of 27 addresses; load balancer Web needs 8 free']);
  expect(fixesOf(crowded)).toEqual(['a /26 for Public1']);
});

test('more than there are leave none', () => {
  expect(said(rule, world(27, times(30, NAT)))).toEqual([expect.stringContaining('leaves 0 of 27 addresses')]);
});

test('every subnet that is too small is told of, in one finding', () => {
  const resources = world(28, { Public2: subnet('10.0.1.0/28', 'b'), Public3: subnet('10.0.2.0/27', 'c'), Web: balancer('application', refs(['Public1', 'Public2', 'Public3'])) });
  expect(said(rule, resources)).toEqual(['warning Web: subnet Public1 is a /28, subnet Public2 is a /28; load balancer Web needs a /27']);
  expect(fixesOf(resources)).toEqual(['a /27 for Public1, a /27 for Public2']);
});

test('what is missing is told once, whichever of the subnets misses it', () => {
  const resources = world(28, { ...times(20, { ...NAT, Properties: { SubnetId: { Ref: 'Public2' } } }), Public2: subnet('10.0.1.0/27', 'b'), Web: balancer('application', refs(['Public1', 'Public2'])) });
  expect(said(rule, resources)).toEqual([
    'warning Web: subnet Public1 is a /28, subnet Public2 leaves 7 of 27 addresses; load balancer Web needs 8 free and a /27',
  ]);
  expect(fixesOf(resources)).toEqual(['a /27 for Public1, a /26 for Public2']);
});

test.each(['network', 'gateway'])('a load balancer of type %s has no such minimum', (type) => {
  expect(said(rule, world(28, { Web: balancer(type), ...CROWDED }))).toEqual([]);
});

test('another Application Load Balancer takes one address at least', () => {
  expect(said(rule, world(27, { ...times(18, NAT), Other: balancer() }))).toEqual([]);
  expect(said(rule, world(27, { ...times(19, NAT), Other: balancer() }))).toHaveLength(2);
});

test.each([[19, 0], [20, 1]])('%i tasks in that subnet alone: %i findings', (tasks, count) => {
  expect(said(rule, world(27, api(['Public1'], tasks)))).toHaveLength(count);
});

test.each<[string, object[], number]>([
  ['of each of twenty instances', [], 1], ['that a constraint may keep off them', [{ Type: 'memberOf', Expression: 'attribute:x == y' }], 0],
])('the tasks of a daemon %s', (_, PlacementConstraints, count) => {
  const nodes = {
    Private: subnet('10.0.1.0/24'),
    Nodes: resourceOf('AWS::AutoScaling::AutoScalingGroup', {
      MinSize: 20, MaxSize: 20, VPCZoneIdentifier: refs(['Private']), LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
    }),
    Template: resourceOf('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: { UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } } },
    }),
  };
  const { Api, ...around } = api(['Public1'], 1);
  const Agent = serviceOf({ ...Api.Properties, LaunchType: 'EC2', DesiredCount: undefined, SchedulingStrategy: 'DAEMON', PlacementConstraints });
  expect(said(rule, world(27, { ...nodes, ...around, Agent }))).toHaveLength(count);
});

test.each([[38, 0], [39, 1]])('%i tasks spread over two zones: %i findings', (tasks, count) => {
  expect(said(rule, world(27, { Public2: subnet('10.0.1.0/24', 'b'), ...api(['Public1', 'Public2'], tasks) }))).toHaveLength(count);
});

test.each([[38, 0], [39, 1]])('%i services of one task each, spread over two zones: %i findings', (count, findings) => {
  const { Api, ...around } = api(['Public1', 'Public2'], 1);
  const services = Object.fromEntries(Array.from({ length: count }, (_, index) => [`Api${index}`, Api]));
  const resources = world(27, { Public2: subnet('10.0.1.0/24', 'b'), ...around, ...services });
  expect(said(rule, resources)).toEqual(Array(findings).fill(expect.stringContaining('subnet Public1 leaves 7 of 27 addresses')));
});

test('tasks of a subnet of a zone that is not known are in it, those of two may be in the other', () => {
  const open = { Public1: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/27', AvailabilityZone: OPEN }) };
  expect(said(rule, world(27, { ...open, ...api(['Public1'], 20) }))).toHaveLength(1);
  expect(said(rule, world(27, { ...open, Public2: subnet('10.0.1.0/24', 'b'), ...api(['Public1', 'Public2'], 100) }))).toEqual([]);
});

test('tasks of two subnets of one zone may all be in the other', () => {
  expect(said(rule, world(27, { Public2: subnet('10.0.1.0/24', 'a'), ...api(['Public1', 'Public2'], 100) }))).toEqual([]);
});

test.each<[string, object]>([
  ['the block', { Public1: subnet(OPEN) }],
  ['the block of a second subnet', { Public2: subnet(OPEN, 'b'), Web: balancer('application', refs(['Public1', 'Public2'])) }],
  ['the type', { Web: balancer(OPEN) }],
  ['the subnets', { Web: balancer('application', OPEN) }],
  ['one subnet', { Web: balancer('application', [{ Ref: 'Public1' }, OPEN]) }],
])('%s may not be known: undecided', (_, more) => {
  expect(said(rule, world(27, more))).toEqual([expect.stringMatching(/^undecided Web: .*Open/)]);
});

test('a subnet that is known for too small speaks before one that is not known', () => {
  expect(said(rule, world(28, { Web: balancer('application', [{ Ref: 'Public1' }, OPEN]) }))).toEqual([expect.stringMatching(/^warning/)]);
});

test('what is assumed is told', () => {
  const resources = world(28, { Public1: subnet({ Ref: 'Block' }) });
  expect(said(rule, resources, { Parameters: { Block: { Type: 'String', Default: '10.0.0.0/28' } } })).toEqual([expect.stringMatching(/needs a \/27 \[.*Block/)]);
});
