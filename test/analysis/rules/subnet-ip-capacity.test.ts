import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as fc from 'fast-check';
import { AwsvpcService, TaskSubnets } from '../../../src';
import { check } from '../../../src/analysis/check';
import { subnetIpCapacity as rule } from '../../../src/analysis/rules/subnet-ip-capacity';
import { testApp } from '../../app';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';

itsExamplesHold(rule);

type Resources = Record<string, unknown>;

const subnet = (CidrBlock: unknown, zone: unknown = 'a', more: object = {}) => resourceOf('AWS::EC2::Subnet', {
  VpcId: { Ref: 'Vpc' }, CidrBlock, AvailabilityZone: typeof zone === 'string' ? `eu-west-1${zone}` : zone, ...more,
});
const refs = (names: readonly string[]) => names.map((Ref) => ({ Ref }));
const service = (subnets: readonly string[] | unknown, properties: object = {}) => serviceOf({
  LaunchType: 'FARGATE',
  DesiredCount: 10,
  DeploymentConfiguration: { MinimumHealthyPercent: 100, MaximumPercent: 100 },
  NetworkConfiguration: { AwsvpcConfiguration: { Subnets: Array.isArray(subnets) ? refs(subnets) : subnets, SecurityGroups: ['sg-1'] } },
  ...properties,
});
const percents = (MaximumPercent: unknown) => ({ DeploymentConfiguration: { MinimumHealthyPercent: 100, MaximumPercent } });
const balancer = (subnets: readonly string[], Type = 'application') =>
  resourceOf('AWS::ElasticLoadBalancingV2::LoadBalancer', { Type, Subnets: refs(subnets) });
const scaling = (MinCapacity: unknown, MaxCapacity: unknown) => resourceOf('AWS::ApplicationAutoScaling::ScalableTarget', {
  ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount', MinCapacity, MaxCapacity,
  ResourceId: { 'Fn::Sub': 'service/${Cluster}/${Api.Name}' },
});
const onEc2 = (properties: object = {}) => ({ LaunchType: 'EC2', ...properties });
const nodes = (subnets: readonly string[], properties: object = {}, InstanceType = 'm5.large') => ({
  Nodes: resourceOf('AWS::AutoScaling::AutoScalingGroup', {
    MinSize: '2', MaxSize: '2', VPCZoneIdentifier: refs(subnets), LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' }, ...properties,
  }),
  Template: resourceOf('AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: { InstanceType, UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } } },
  }),
});

/** Two /28 subnets, 11 addresses each, in two zones. */
const world = (more: Resources, prefix: number | string = 28): Resources => ({
  Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
  A: subnet(`10.0.0.0/${prefix}`, 'a'),
  B: subnet(`10.0.1.0/${prefix}`, 'b'),
  Cluster: CLUSTER,
  Tasks: tasksOf('awsvpc'),
  ...more,
});
const fixesOf = (resources: object) => check([given({ Resources: resources as Resources })], [rule]).findings.map(({ fix }) => fix);

describe('60 Fargate tasks at 200% in two /26 subnets beside a load balancer', () => {
  test('fit until they are deployed, or a zone is lost', () => {
    expect(said(rule, rule.bad)).toEqual([
      'warning Api: subnets TaskA and TaskB hold 59 addresses each; service Api takes 60 in each while deploying (60 tasks × 200%, over 2 zones) '
      + 'beside 8 for the load balancer; the same 68 with one zone lost',
    ]);
  });

  test('fit with any of four ways out, each computed', () => {
    expect(fixesOf(rule.bad)).toEqual([
      'subnets of /25 (123 addresses); or MaximumPercent (maxHealthyPercent) 171: 102 tasks, which does not help a lost zone; '
      + 'or a third zone (48 in each while deploying); or task subnets on a secondary CIDR such as 100.64.0.0/16 in /19s (TaskSubnets, AWS::EC2::VPCCidrBlock)',
    ]);
  });

  const withPercent = (DesiredCount: number, MaximumPercent: number) => {
    const { Api, ...rest } = rule.bad as Record<string, { Properties: object }>;
    return { ...rest, Api: { ...Api, Properties: { ...Api.Properties, DesiredCount, ...percents(MaximumPercent) } } };
  };

  test.each([[51, 200, 0], [52, 200, 1], [51, 201, 0], [50, 205, 0], [50, 206, 1]])('%i tasks at %i%%: %i findings', (tasks, percent, count) => {
    expect(said(rule, withPercent(tasks, percent))).toHaveLength(count);
  });

  test('are short with a zone lost even at the percent that serves the deployment', () => {
    expect(said(rule, withPercent(60, 171))).toEqual([
      'warning Api: subnets TaskA and TaskB hold 59 addresses each; service Api takes 60 in each with one zone lost beside 8 for the load balancer',
    ]);
  });
});

describe('steadily', () => {
  test.each([[22, 0], [23, 1]])('%i tasks in 22 addresses: %i errors', (DesiredCount, count) => {
    expect(said(rule, world({ Api: service(['A', 'B'], { DesiredCount }) })).filter((text) => text.startsWith('error'))).toHaveLength(count);
  });

  test('300 tasks in two /28 subnets are an error that lists what else is short', () => {
    expect(said(rule, world({ Api: service(['A', 'B'], { DesiredCount: 300, ...percents(200) }) }))).toEqual([
      'error Api: subnets A and B hold 22 addresses together; service Api takes 300 of them; 300 of 11 while deploying; 300 of 11 with one zone lost',
    ]);
  });

  test('an uneven pair of subnets holds all tasks, but not by an even spread', () => {
    const uneven = { ...world({ Api: service(['A', 'B'], { DesiredCount: 24 }) }), B: subnet('10.0.1.0/26', 'b') };
    expect(said(rule, uneven)[0]).toMatch(/^warning Api: subnet A holds 11 addresses; service Api takes 12 of it \(24 tasks, over 2 zones\); 24 of 11 with one zone lost$/);
  });

  test('tasks of a subnet of their own count in a set that holds it', () => {
    const sets = { Api: service(['A'], { DesiredCount: 11 }), Web: service(['A', 'B'], { DesiredCount: 12 }) };
    expect(said(rule, world(sets))[0]).toMatch(/^error Web: subnets A and B hold 22 addresses together; service Web takes 12 of them beside 11 for other tasks and instances/);
  });

  test('sets that overlap are counted as a whole', () => {
    const sets = {
      C: subnet('10.0.2.0/28', 'c'), Api: service(['A', 'B'], { DesiredCount: 17 }), Web: service(['B', 'C'], { DesiredCount: 17 }),
    };
    expect(said(rule, world(sets))).toEqual([expect.stringMatching(/^error Api: subnets A, B and C hold 33 addresses together; service Api takes 17 of them beside 17 /)]);
  });

  test('subnets that share nothing have findings of their own', () => {
    const apart = { Api: service(['A'], { DesiredCount: 12 }), Web: service(['B'], { DesiredCount: 13 }) };
    expect(said(rule, world(apart))).toEqual([
      'error Api: subnet A holds 11 addresses; service Api takes 12 of it', 'error Web: subnet B holds 11 addresses; service Web takes 13 of it',
    ]);
  });
});

describe('what stands in the one subnet of 10 tasks, of 11 addresses', () => {
  const lambda = (groups: unknown[]) => resourceOf('AWS::Lambda::Function', { VpcConfig: { SubnetIds: refs(['A']), SecurityGroupIds: groups } });
  const endpoint = (VpcEndpointType: string) => resourceOf('AWS::EC2::VPCEndpoint', {
    VpcId: { Ref: 'Vpc' }, VpcEndpointType, ServiceName: 'com.amazonaws.eu-west-1.s3', SubnetIds: refs(['A']), SecurityGroupIds: ['sg-1'],
  });
  const nat = resourceOf('AWS::EC2::NatGateway', { SubnetId: { Ref: 'A' } });
  test.each<[string, Resources, boolean]>([
    ['nothing', {}, false],
    ['a NAT gateway', { Nat: nat }, false],
    ['two NAT gateways', { Nat: nat, Nat2: nat }, true],
    ['a NAT gateway and a Network Load Balancer', { Nat: nat, Balancer: balancer(['A'], 'network') }, true],
    ['a NAT gateway and an interface endpoint', { Nat: nat, Endpoint: endpoint('Interface') }, true],
    ['a NAT gateway and a gateway endpoint', { Nat: nat, Endpoint: endpoint('Gateway') }, false],
    ['a NAT gateway and a mount target', { Nat: nat, Target: resourceOf('AWS::EFS::MountTarget', { SubnetId: { Ref: 'A' } }) }, true],
    ['a NAT gateway and an interface', { Nat: nat, Eni: resourceOf('AWS::EC2::NetworkInterface', { SubnetId: { Ref: 'A' } }) }, true],
    ['two functions with the same groups', { One: lambda(['sg-1']), Two: lambda(['sg-1']) }, false],
    ['two functions with different groups', { One: lambda(['sg-1']), Two: lambda(['sg-2']) }, true],
    ['another subnet\'s two NAT gateways', { Nat: { ...nat, Properties: { SubnetId: { Ref: 'B' } } }, Nat2: nat }, false],
  ])('%s', (_, more, short) => {
    expect(said(rule, world({ Api: service(['A']), ...more })).map((text) => text.split(' ')[0])).toEqual(short ? ['error'] : []);
  });

  test.each([[3, []], [4, ['warning']], [10, ['warning']], [11, ['error']]])('an Application Load Balancer beside %i tasks', (DesiredCount, severities) => {
    const resources = world({ Api: service(['A'], { DesiredCount }), Balancer: balancer(['A']) });
    expect(said(rule, resources).map((text) => text.split(' ')[0])).toEqual(severities);
  });
});

describe('at its peak', () => {
  test.each([[22, 0], [23, 1]])('a service that scales to %i: %i findings', (most, count) => {
    const resources = { ...world({ Api: service(['A', 'B'], { DesiredCount: 4 }), Scaling: scaling(2, most) }) };
    expect(said(rule, resources)).toHaveLength(count);
    expect(said(rule, resources).every((text) => text.includes('subnets A and B hold 11 addresses each; service Api takes 12 in each at its peak (23 tasks, over 2 zones)'))).toBe(true);
  });
});

test('at its peak a service may take too many that steadily takes none', () => {
  expect(said(rule, world({ Api: service(['A'], { DesiredCount: 0 }), Scaling: scaling(0, 11) }))).toEqual([]);
  expect(said(rule, world({ Api: service(['A'], { DesiredCount: 0 }), Scaling: scaling(0, 12) }))).toEqual([
    'warning Api: subnet A holds 11 addresses; service Api takes 12 of it at its peak',
  ]);
});

describe('the peak of instances', () => {
  const provider = (Status: string) => ({
    Provider: resourceOf('AWS::ECS::CapacityProvider', { AutoScalingGroupProvider: { AutoScalingGroupArn: { Ref: 'Nodes' }, ManagedScaling: { Status } } }),
    Association: resourceOf('AWS::ECS::ClusterCapacityProviderAssociations', {
      Cluster: { Ref: 'Cluster' }, CapacityProviders: [{ Ref: 'Provider' }], DefaultCapacityProviderStrategy: [],
    }),
    Api: service(['C'], {
      LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Provider' }, Weight: 1 }], DesiredCount: 1,
    }),
    C: subnet('10.0.2.0/24', 'a'),
  });

  const agent = (...subnets: string[]) => ({
    Agent: service(subnets, {
      LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Provider' }, Weight: 1 }],
      DesiredCount: undefined, SchedulingStrategy: 'DAEMON', DeploymentConfiguration: undefined,
    }),
  });
  const grown = (status: string, MaxSize: unknown) => world({ ...nodes(['A'], { MaxSize }), ...provider(status), ...agent('A') });

  test.each([['ENABLED', '5', 0], ['ENABLED', '6', 1], ['DISABLED', '6', 0]])(
    'is that of a daemon\'s tasks, too: with managed scaling %s and at most %s %i findings', (status, MaxSize, count) => {
      expect(said(rule, grown(status, MaxSize))).toEqual(Array(count).fill(expect.stringMatching(
        /^warning Agent: subnet A holds 11 addresses; service Agent takes 6 of it at its peak beside 6 for other tasks and instances$/)));
    });

  test('of a daemon\'s tasks elsewhere rests on what the size of the group rests on', () => {
    const resources = { ...world({ ...nodes(['C'], { MaxSize: { Ref: 'Most' } }), ...provider('ENABLED'), ...agent('A') }) };
    expect(said(rule, resources, { Parameters: { Most: { Type: 'Number', Default: 12 } } })).toEqual([
      expect.stringMatching(/^warning Agent: subnet A .* takes 12 of it at its peak \[.*parameter Most keeps its default 12/),
    ]);
  });

  test.each([['ENABLED', '11', 0], ['ENABLED', '12', 1], ['DISABLED', '12', 0]])('with managed scaling %s and at most %s: %i findings', (status, MaxSize, count) => {
    const found = said(rule, world({ ...nodes(['A'], { MaxSize }), ...provider(status) }));
    expect(found).toHaveLength(count);
    expect(found.every((text) => text.startsWith('warning Nodes: subnet A holds 11 addresses; the instances of Nodes take 12 of it at its peak'))).toBe(true);
  });
});

describe('a daemon', () => {
  const onlyHere = { PlacementConstraints: [{ Type: 'memberOf', Expression: 'attribute:team == ops' }] };
  const daemon = (more: object = {}) => service(['A'], onEc2({ DesiredCount: undefined, SchedulingStrategy: 'DAEMON', DeploymentConfiguration: undefined, ...more }));
  const on = (size: number, more: object = {}) => world({
    ...nodes(['C'], { MinSize: `${size}`, MaxSize: `${size}` }), C: subnet('10.0.2.0/24', 'a'), Agent: daemon(more),
  });
  const NARROWED = 'undecided Agent: the placement constraint attribute:team == ops narrows the instances of Agent';

  test.each<[string, Resources, unknown[]]>([
    ['takes an address for each instance, as many as there are', on(11), []],
    ['takes an address for each instance, one more than there are', on(12), [expect.stringMatching(/^error Agent: subnet A holds 11 addresses; service Agent takes 12 of it/)]],
    ['on some instances only may take fewer', on(12, onlyHere), [NARROWED]],
    ['on some instances only, by its task definition', { ...on(12), Tasks: tasksOf('awsvpc', onlyHere) }, [NARROWED]],
    ['on some instances only, which fits on all of them', on(11, onlyHere), []],
    ['on some instances only, which fits on all of them in two subnets together', {
      ...on(12), B: subnet('10.0.1.0/28', 'a'),
      Agent: service(['A', 'B'], onEc2({ DesiredCount: undefined, SchedulingStrategy: 'DAEMON', DeploymentConfiguration: undefined, ...onlyHere })),
    }, []],
    ['on some instances only proves nothing beside tasks that fit', { ...on(11, onlyHere), Api: service(['A'], { DesiredCount: 1 }) }, [
      'undecided Api: the placement constraint attribute:team == ops narrows the instances of Agent',
    ]],
    ['on some instances only, beside tasks that do not fit', { ...on(11, onlyHere), Api: service(['A'], { DesiredCount: 12 }) }, [expect.stringMatching(/^error Api: .* service Api takes 12 of it/)]],
  ])('%s', (_, resources, expected) => {
    expect(said(rule, resources)).toEqual(expected);
  });

  const OPEN_ZONES = 'undecided Agent: how many instances of Nodes are in the zones of daemon Agent is not known';
  const wide = { D: subnet('10.0.3.0/24', 'b') };
  const over = (size: number) => ({ ...on(size), ...wide, ...nodes(['C', 'D'], { MinSize: `${size}`, MaxSize: `${size}` }) });
  const { Nodes } = nodes(['D'], { MinSize: '20', MaxSize: '20' });

  test.each<[string, Resources, unknown[]]>([
    ['in one of two zones, which all instances would fit in', over(11), []],
    ['in one of two zones, which half of them do fit in, and all would not', over(23), [OPEN_ZONES]],
    ['in one of two zones, which half of them do not fit in', over(24), [expect.stringMatching(/^error Agent: subnet A holds 11 addresses; service Agent takes 12 of it/)]],
    ['with a group in another zone besides', { ...on(11), ...wide, Other: Nodes }, []],
    ['with a group in a zone that is not known', { ...on(12), C: subnet('10.0.2.0/24', OPEN) }, [`${OPEN_ZONES}: parameter Open has no default`]],
  ])('has tasks where its subnets are only: %s', (_, resources, expected) => {
    expect(said(rule, resources)).toEqual(expected);
  });

  test('has tasks where its subnets are only at the peak, too', () => {
    const scaled = (MaxSize: string) => said(rule, {
      ...over(2), ...nodes(['C', 'D'], { MaxSize }), Policy: resourceOf('AWS::AutoScaling::ScalingPolicy', { AutoScalingGroupName: { Ref: 'Nodes' } }),
    });
    expect(scaled('11')).toEqual([]);
    expect(scaled('12')).toEqual([OPEN_ZONES]);
    expect(scaled('24')).toEqual([expect.stringMatching(/^warning Agent: .* takes 12 of it at its peak/)]);
  });

  test('on some instances only may be on none of those that are launched at the peak', () => {
    const scaled = (MaxSize: string, more: object) => said(rule, {
      ...on(2, more), ...nodes(['C'], { MaxSize }), Policy: resourceOf('AWS::AutoScaling::ScalingPolicy', { AutoScalingGroupName: { Ref: 'Nodes' } }),
    });
    expect(scaled('12', {})).toEqual([expect.stringMatching(/^warning Agent: .* takes 12 of it at its peak/)]);
    expect(scaled('12', onlyHere)).toEqual([NARROWED]);
    expect(scaled('11', onlyHere)).toEqual([]);
  });
});

describe('databases', () => {
  const database = (subnets: readonly string[]) => ({
    Group: resourceOf('AWS::RDS::DBSubnetGroup', { SubnetIds: refs(subnets) }),
    Database: resourceOf('AWS::RDS::DBInstance', { DBSubnetGroupName: { Ref: 'Group' }, VPCSecurityGroups: ['sg-1'] }),
  });

  test.each([[21, 0], [22, 1]])('take an address of all of their subnets together, beside %i tasks: %i errors', (DesiredCount, count) => {
    const found = said(rule, world({ ...database(['A', 'B']), Api: service(['A', 'B'], { DesiredCount }) }));
    expect(found.filter((text) => text.startsWith('error Api'))).toHaveLength(count);
  });

  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`Database${index}`, database(['A']).Database]));

  test('alone are no matter of this rule', () => {
    expect(said(rule, world({ ...database(['A']), ...many }))).toEqual([]);
  });

  test('alone are no matter of this rule, either, where a service is that wants no task', () => {
    const beside = (DesiredCount: number) => said(rule, world({ ...database(['A']), ...many, Api: service(['A'], { DesiredCount }) }));
    expect(beside(0)).toEqual([]);
    expect(beside(1)).toEqual([expect.stringMatching(/^error Api: /)]);
  });
});

describe('while deploying', () => {
  const severities = (resources: Resources) => said(rule, resources).map((text) => text.split(':')[0]);

  test('one service at a time, the one that takes most', () => {
    const both = (DesiredCount: number) => world({
      Api: service(['A'], { DesiredCount, ...percents(200) }), Web: service(['A'], { DesiredCount: 3, ...percents(200) }),
    });
    expect(severities(both(4))).toEqual([]);
    expect(said(rule, both(5))).toEqual([
      'warning Api: subnet A holds 11 addresses; service Api takes 10 of it while deploying (5 tasks × 200%) beside 3 for other tasks and instances',
    ]);
  });

  test.each<[string, object]>([
    ['blue/green', { DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } }],
    ['linear', { DeploymentConfiguration: { Strategy: 'LINEAR' } }],
    ['canary', { DeploymentConfiguration: { Strategy: 'CANARY' } }],
    ['CodeDeploy', { DeploymentController: { Type: 'CODE_DEPLOY' } }],
  ])('%s takes two full sets', (_, more) => {
    expect(said(rule, world({ Api: service(['A'], { DesiredCount: 5, ...more }) }))).toEqual([]);
    expect(said(rule, world({ Api: service(['A'], { DesiredCount: 6, ...more }) }))).toEqual([
      'warning Api: subnet A holds 11 addresses; service Api takes 12 of it while deploying (6 tasks, old and new)',
    ]);
  });

  test('two full sets have no percent to lower', () => {
    const [fix] = fixesOf(world({ Api: service(['A'], { DesiredCount: 6, DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } }) }));
    expect(fix).not.toContain('MaximumPercent');
  });

  test('on EC2 only as many as its instances hold', () => {
    const on = (DesiredCount: number, size: number) => world({
      ...nodes(['B'], { MinSize: `${size}`, MaxSize: `${size}` }, 'm5.large'),
      B: subnet('10.0.1.0/24', 'a'),
      Api: service(['A'], onEc2({ DesiredCount, ...percents(200) })),
    });
    // An m5.large holds 2 without trunking.
    expect(severities(on(8, 5))).toEqual([]);
    expect(said(rule, on(8, 6))).toEqual(['warning Api: subnet A holds 11 addresses; service Api takes 12 of it while deploying (12 tasks) [no other instances join cluster Cluster]']);
  });

  test('on EC2, where a constraint narrows the instances, perhaps only as many as run already', () => {
    const on = (DesiredCount: number) => said(rule, world({
      ...nodes(['B'], { MinSize: '6', MaxSize: '6' }),
      B: subnet('10.0.1.0/24', 'a'),
      Api: service(['A'], onEc2({ DesiredCount, ...percents(200), PlacementConstraints: [{ Type: 'memberOf', Expression: 'attribute:team == ops' }] })),
    }));
    expect(on(5)).toEqual([]);
    expect(on(6)).toEqual(['undecided Api: the placement constraint attribute:team == ops narrows the instances of Api']);
    expect(on(12)).toEqual([expect.stringMatching(/^error Api: subnet A holds 11 addresses; service Api takes 12 of it/)]);
  });

  describe('on EC2 only as many as its instances hold beside', () => {
    // An m5.large holds 2 without trunking; 12 tasks are more than the 11 addresses of A.
    const on = (size: number, beside: object) => world({
      ...nodes(['B'], { MinSize: `${size}`, MaxSize: `${size}` }, 'm5.large'),
      B: subnet('10.0.1.0/24', 'a'),
      Api: service(['A'], onEc2({ DesiredCount: 6, ...percents(200) })),
      Beside: service(['B'], onEc2(beside)),
    });
    const TWELVE = expect.stringMatching(/^warning Api: subnet A holds 11 addresses; service Api takes 12 of it while deploying /);

    test.each<[string, object, number]>([
      ['a daemon', { DesiredCount: undefined, SchedulingStrategy: 'DAEMON' }, 12],
      ['tasks of another service', { DesiredCount: 6 }, 9],
      ['an odd number of them', { DesiredCount: 7 }, 10],
    ])('%s', (_, beside, size) => {
      expect(said(rule, on(size - 1, beside))).toEqual([]);
      expect(said(rule, on(size, beside))).toEqual([TWELVE]);
    });

    test('another service whose tasks are not known: undecided', () => {
      expect(said(rule, on(100, { DesiredCount: OPEN }))).toContain('undecided Api: parameter Open has no default');
    });
  });
});

describe('instances', () => {
  test('take addresses of their group\'s subnets', () => {
    expect(said(rule, world({ ...nodes(['A'], { MinSize: '11', MaxSize: '11' }) }))).toEqual([]);
    expect(said(rule, world({ ...nodes(['A'], { MinSize: '12', MaxSize: '12' }) }))).toEqual([
      'error Nodes: subnet A holds 11 addresses; the instances of Nodes take 12 of it',
    ]);
  });

  test.each([[5, 0], [6, 1]])('with trunking take two addresses each: %i, %i findings', (size, count) => {
    const { Nodes, Template: template } = nodes(['A'], { MinSize: `${size}`, MaxSize: `${size}` });
    const trunked = { ...Nodes, Metadata: { EcsNetworkModes: { awsvpcTrunking: 'alreadyOn' } } };
    expect(said(rule, world({ Nodes: trunked, Template: template }))).toHaveLength(count);
  });

  test('bound the zones of awsvpc tasks to theirs', () => {
    const api = service(['A', 'B'], onEc2({ DesiredCount: 10, ...percents(100) }));
    expect(said(rule, world({ ...nodes(['A']), Api: api }))).toEqual([
      'error Api: subnet A holds 11 addresses; service Api takes 10 of it beside 2 for other tasks and instances [no other instances join cluster Cluster]',
    ]);
  });

  test.each([['bridge'], ['host']])('alone count for tasks in %s mode', (mode) => {
    const resources = { ...world({ ...nodes(['A']), Api: serviceOf({ DesiredCount: 100 }) }), Tasks: tasksOf(mode) };
    expect(said(rule, resources)).toEqual([]);
  });

  test('without a zone spread are not counted zone by zone', () => {
    const on = (PlacementStrategies?: unknown[]) => said(rule, {
      ...world({
        ...nodes(['C', 'D'], {}), Api: service(['A', 'B'], onEc2({ DesiredCount: 24, ...percents(100), ...PlacementStrategies ? { PlacementStrategies } : {} })),
      }), B: subnet('10.0.1.0/26', 'b'), C: subnet('10.0.2.0/24', 'a'), D: subnet('10.0.3.0/24', 'b'),
    });
    expect(on()[0]).toContain('takes 12 of it (24 tasks, over 2 zones)');
    expect(on([{ Type: 'spread', Field: 'attribute:ecs.availability-zone' }])[0]).toContain('(24 tasks, over 2 zones)');
    expect(on([{ Type: 'binpack', Field: 'cpu' }])[0]).toMatch(/subnet A holds 11 addresses; service Api takes 24 of it with one zone lost \[/);
  });
});

describe('zones', () => {
  test('a zone with two subnets of a service has the addresses of both', () => {
    const two = (DesiredCount: number) => ({ ...world({ Api: service(['A', 'B'], { DesiredCount }) }), B: subnet('10.0.1.0/28', 'a') });
    expect(said(rule, two(22))).toEqual([]);
    expect(said(rule, two(23))).toHaveLength(1);
  });

  test.each([[11, 0], [12, 1]])('the loss of one of two leaves %i tasks to the other: %i findings', (DesiredCount, count) => {
    expect(said(rule, world({ Api: service(['A', 'B'], { DesiredCount }) }))).toHaveLength(count);
  });

  test('that are not known are counted together only', () => {
    const open = (DesiredCount: number) => ({ ...world({ Api: service(['A', 'B'], { DesiredCount }) }), B: subnet('10.0.1.0/28', OPEN) });
    expect(said(rule, open(22))).toEqual([]);
    expect(said(rule, open(23))[0]).toMatch(/^error/);
  });
});

describe('of several places', () => {
  test('the one is told that is short by most', () => {
    const uneven = { ...world({ Api: service(['A', 'B'], { DesiredCount: 60, ...percents(200) }) }), A: subnet('10.0.0.0/27', 'a') };
    expect(said(rule, uneven)).toEqual([
      'error Api: subnets A and B hold 38 addresses together; service Api takes 60 of them; 60 of 11 in subnet B while deploying; '
        + '60 of 11 in subnet B with one zone lost',
    ]);
    expect(said(rule, world({ Api: service(['A', 'B'], { DesiredCount: 20, ...percents(200) }), Web: service(['B'], { DesiredCount: 3 }) }))).toEqual([
      'error Api: subnets A and B hold 22 addresses together; service Api takes 20 of them beside 3 for other tasks and instances; 23 of 11 in subnet B '
        + 'while deploying; 23 of 11 in subnet B with one zone lost',
    ]);
    const both = { Api: service(['A', 'B'], { DesiredCount: 52, ...percents(200) }), Web: service(['B'], { DesiredCount: 1 }), Balancer: balancer(['A', 'B']) };
    expect(said(rule, world(both, 26))).toEqual([
      'warning Api: subnet B holds 59 addresses; service Api takes 52 of it while deploying (52 tasks × 200%, over 2 zones) beside 1 for other tasks and instances '
        + 'and 8 for the load balancer; the same 61 with one zone lost',
    ]);
  });

  describe('in one zone', () => {
    const inOneZone = (a: number, DesiredCount: number, percent = 200) => ({
      ...world({ Web: service(['A'], { DesiredCount, ...percents(percent) }), Jobs: service(['A', 'B']) }, 26),
      A: subnet(`10.0.0.0/${a}`, 'a'), B: subnet('10.0.1.0/26', 'a'),
    });

    test('the set of one service is told before the zone that others share, where it lacks more of what it holds', () => {
      expect(said(rule, inOneZone(26, 55))).toEqual(['warning Web: subnet A holds 59 addresses; service Web takes 110 of it while deploying (55 tasks × 200%)']);
    });

    test('the percent that is offered is one with which nothing is short', () => {
      expect(fixesOf(inOneZone(26, 55))).toEqual([expect.stringMatching(/^subnets of \/25 \(123 addresses\); or MaximumPercent \(maxHealthyPercent\) 109: 59 tasks; or task subnets /)]);
      expect(said(rule, inOneZone(26, 55, 109))).toEqual([]);
      expect(said(rule, inOneZone(26, 55, 110))).toHaveLength(1);
    });

    test('what is short elsewhere than what is told first is told with its subnets', () => {
      const peak = { ...inOneZone(27, 12, 400), Scaling: { ...scaling(1, 90), Properties: { ...scaling(1, 90).Properties, ResourceId: { 'Fn::Sub': 'service/${Cluster}/${Jobs.Name}' } } } };
      expect(said(rule, peak)).toEqual([
        'warning Web: subnet A holds 27 addresses; service Web takes 48 of it while deploying (12 tasks × 400%); 102 of 86 in subnets A and B at its peak',
      ]);
      expect(fixesOf(peak)).toEqual([expect.stringMatching(
        /^subnets of \/26 \(59 addresses\); or MaximumPercent \(maxHealthyPercent\) 233: 27 tasks, which does not help the peak; or task subnets /)]);
    });
  });

  test('named by the Region are lost, too, whichever it is', () => {
    const named = (rest: string) => ({ 'Fn::Sub': `\${AWS::Region}${rest}` });
    const two = { A: subnet('10.0.0.0/28', named('a')), B: subnet('10.0.1.0/28', named('b')) };
    expect(said(rule, world({ ...two, Api: service(['A', 'B'], { DesiredCount: 20 }) }))).toEqual([
      'warning Api: subnets A and B hold 11 addresses each; service Api takes 20 in each with one zone lost',
    ]);
  });

  test('each is told once, whichever zone is lost', () => {
    const three = { ...world({ Api: service(['A', 'B', 'C'], { DesiredCount: 30 }) }), C: subnet('10.0.2.0/28', 'c') };
    expect(said(rule, three)).toEqual(['warning Api: subnets A, B and C hold 11 addresses each; service Api takes 15 in each with one zone lost (30 tasks, over 2 zones)']);
  });

  test('those are told apart where another service takes most', () => {
    const resources = {
      ...world({
        Both: service(['A', 'B', 'C'], { DesiredCount: 6 }), Api: service(['A'], { DesiredCount: 10 }), Web: service(['B'], { DesiredCount: 10 }),
      }), C: subnet('10.0.2.0/24', 'c'),
    };
    expect(said(rule, resources)).toEqual([
      'warning Api: subnet A holds 11 addresses; service Api takes 10 of it beside 2 for other tasks and instances; 13 of 11 with one zone lost',
    ]);
  });

  test('addresses of instances are told as such', () => {
    const uneven = { ...world(nodes(['A', 'B'], { MinSize: '24', MaxSize: '24' })), B: subnet('10.0.1.0/26', 'b') };
    expect(said(rule, uneven)).toEqual([
      'warning Nodes: subnet A holds 11 addresses; the instances of Nodes take 12 of it (24 addresses, over 2 zones); 24 of 11 with one zone lost',
    ]);
  });

  test('a deployment that does not fit, however it is spread, is a warning', () => {
    const open = { ...world({ Api: service(['A', 'B'], { DesiredCount: 12, ...percents(200) }) }), B: subnet('10.0.1.0/28', OPEN) };
    expect(said(rule, open)).toEqual(['warning Api: subnets A and B hold 22 addresses together; service Api takes 24 of them while deploying (12 tasks × 200%)']);
  });

  test('a load balancer that is there has two addresses at least', () => {
    expect(said(rule, world({ Api: service(['A'], { DesiredCount: 11 }), Balancer: balancer(['A']) }))).toEqual([
      'error Api: subnet A holds 11 addresses; service Api takes 11 of it beside 1 for the load balancer',
    ]);
  });

  test('where databases take most, the service that takes most is the one to change', () => {
    const cache = {
      Group: resourceOf('AWS::ElastiCache::SubnetGroup', { SubnetIds: refs(['A']) }),
      Cache: resourceOf('AWS::ElastiCache::CacheCluster', { CacheSubnetGroupName: { Ref: 'Group' }, NumCacheNodes: 10, VpcSecurityGroupIds: ['sg-1'] }),
    };
    const two = (api: number, web: number) => said(rule, world({ ...cache, Api: service(['A'], { DesiredCount: api }), Web: service(['A'], { DesiredCount: web }) }));
    expect(two(2, 3)).toEqual(['error Web: subnet A holds 11 addresses; Cache takes 10 of it beside 5 for other tasks and instances']);
    expect(two(3, 2)).toEqual(['error Api: subnet A holds 11 addresses; Cache takes 10 of it beside 5 for other tasks and instances']);
  });
});

describe('services over the same zones are counted together before a zone\'s part is rounded up', () => {
  const many = (count: number, properties: object = {}) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`Api${index}`, service(['A', 'B'], { DesiredCount: 1, ...properties })]));
  const balanced = (more: Resources) => world({ ...more, Balancer: balancer(['A', 'B']) }, 27);

  test('steadily', () => {
    // 8 of 27 are of the load balancer, so that 38 tasks fit in two zones, and 19 with one lost.
    expect(said(rule, balanced(many(19)))).toEqual([]);
    expect(said(rule, balanced(many(39)))).toEqual([
      'warning Api0: subnets A and B hold 27 addresses each; service Api0 takes 1 in each beside 19 for other tasks and instances and 8 for the load balancer; '
      + '47 of 27 with one zone lost',
    ]);
  });

  test('while one of them is deployed', () => {
    const both = (DesiredCount: number) => balanced({ ...many(11), Web: service(['A', 'B'], { DesiredCount, ...percents(400) }) });
    // 11 and 27 are as many as fit, of which Web alone would take 14 of each zone and the others 11.
    expect(said(rule, balanced({ ...many(11), Web: service(['A', 'B'], { DesiredCount: 6, ...percents(450) }) }))).toEqual([]);
    expect(said(rule, both(7))).toEqual([
      'warning Web: subnets A and B hold 27 addresses each; service Web takes 14 in each while deploying (7 tasks × 400%, over 2 zones) '
      + 'beside 6 for other tasks and instances and 8 for the load balancer',
    ]);
    expect(fixesOf(both(7))).toEqual([expect.stringContaining('MaximumPercent (maxHealthyPercent) 399: 27 tasks; or a third zone (24 in each while deploying)')]);
    expect(said(rule, balanced({ ...many(11), Web: service(['A', 'B'], { DesiredCount: 7, ...percents(399) }) }))).toEqual([]);
  });

  test('at the peak', () => {
    const peak = (most: number) => balanced({ ...many(7), Api: service(['A', 'B'], { DesiredCount: 4 }), Scaling: scaling(2, most) });
    expect(said(rule, peak(31))).toEqual([]);
    expect(said(rule, peak(32))).toEqual([expect.stringContaining('takes 16 in each at its peak (32 tasks, over 2 zones) beside 4 for other')]);
  });

  test('those of more zones by what is left of them when one is lost', () => {
    const three = (web: number) => world({
      Api: service(['A', 'B'], { DesiredCount: 9 }),
      Web: service(['A', 'B', 'C'], { DesiredCount: web }),
      Jobs: service(['A', 'C'], { DesiredCount: 48 }),
      C: subnet('10.0.2.0/26', 'c'),
    }, 26);
    // With zone c lost Api and Web have the same two zones, and A has all 48 of Jobs and half of theirs.
    expect(said(rule, three(13))).toEqual([]);
    expect(said(rule, three(14))).toHaveLength(1);
  });
});

test('while deploying, the service is spoken of that is deployed, whichever takes more', () => {
  const both = { Api: service(['A'], { DesiredCount: 5, ...percents(200) }), Web: service(['A'], { DesiredCount: 6 }) };
  expect(said(rule, world(both))).toEqual([
    'warning Api: subnet A holds 11 addresses; service Api takes 10 of it while deploying (5 tasks × 200%) beside 6 for other tasks and instances',
  ]);
});

describe('ways out', () => {
  const SECONDARY = (block = '100.64.0.0/16') => `task subnets on a secondary CIDR such as ${block} in /19s (TaskSubnets, AWS::EC2::VPCCidrBlock)`;
  const c = { C: subnet('10.0.2.0/28', 'c') };

  test.each<[string, Resources, string]>([
    ['of a deployment', world({ Api: service(['A'], { DesiredCount: 6, ...percents(200) }) }),
      'subnets of /27 (27 addresses); or MaximumPercent (maxHealthyPercent) 199: 11 tasks; or a second zone (6 in each while deploying)'],
    ['of a deployment of as many tasks as there are addresses', world({ Api: service(['A'], { DesiredCount: 11, ...percents(200) }) }),
      'subnets of /27 (27 addresses); or a second zone (11 in each while deploying)'],
    ['of a deployment in three zones', { ...world({ Api: service(['A', 'B', 'C'], { DesiredCount: 18, ...percents(200) }) }), ...c },
      'subnets of /27 (27 addresses); or MaximumPercent (maxHealthyPercent) 188: 33 tasks; or a fourth zone (9 in each while deploying)'],
    ['of a peak, which no percent lowers', world({ Api: service(['A', 'B'], { DesiredCount: 4 }), Scaling: scaling(2, 23) }),
      'subnets of /27 (27 addresses); or a third zone (8 in each at its peak)'],
    ['of a zone that is lost', world({ Api: service(['A', 'B'], { DesiredCount: 12 }) }), 'subnets of /27 (27 addresses)'],
    ['of a deployment, and of a zone that is lost, in which another has just the room', world({ Api: service(['A', 'B'], { DesiredCount: 22, ...percents(130) }) }),
      'subnets of /27 (27 addresses); or a third zone (10 in each while deploying)'],
    // With a third zone 8 tasks are in each, and 12 again with one of the three lost.
    ['of an even spread', { ...world({ Api: service(['A', 'B'], { DesiredCount: 24 }) }), B: subnet('10.0.1.0/26', 'b') },
      'subnets of /27 (27 addresses); or a third zone (8 in each), which does not help a lost zone'],
    ['of an even spread over too few zones', { ...world({ Api: service(['A', 'B'], { DesiredCount: 40 }) }), B: subnet('10.0.1.0/26', 'b') }, 'subnets of /26 (59 addresses)'],
    ['of more tasks than addresses', world({ Api: service(['A', 'B'], { DesiredCount: 300, ...percents(200) }) }), 'subnets of /23 (507 addresses)'],
  ])('%s', (_, resources, fix) => {
    expect(fixesOf(resources)).toEqual([`${fix}; or ${SECONDARY()}`]);
  });

  test.each<[string, Resources, string]>([
    ['a percent does not help a peak', world({ Api: service(['A'], { DesiredCount: 6, ...percents(200) }), Scaling: scaling(1, 30) }),
      'subnets of /26 (59 addresses); or MaximumPercent (maxHealthyPercent) 199: 11 tasks, which does not help the peak; '
      + 'or a second zone (6 in each while deploying), which does not help the peak'],
    ['another zone does not help what stays too much', world({ Api: service(['A', 'B'], { DesiredCount: 24, ...percents(450) }), B: subnet('10.0.1.0/26', 'b') }),
      'subnets of /26 (59 addresses); or a third zone (8 in each), which does not help deployments of Api and a lost zone'],
    ['a percent does not help deployments of another service',
      world({ Api: service(['A'], { DesiredCount: 4, ...percents(300) }), Web: service(['A'], { DesiredCount: 4, ...percents(200) }) }),
      'subnets of /27 (27 addresses); or MaximumPercent (maxHealthyPercent) 199: 7 tasks, which does not help deployments of Web; '
      + 'or a second zone (10 in each while deploying)'],
    ['subnets that are told of may not be all that are to be larger',
      { ...world({ Api: service(['A', 'B', 'C'], { DesiredCount: 40 }) }), B: subnet('10.0.1.0/28', 'a'), C: subnet('10.0.2.0/27', 'b') },
      'subnets of /26 (59 addresses) for A, B and C'],
  ])('%s', (_, resources, fix) => {
    expect(fixesOf(resources)).toEqual([`${fix}; or ${SECONDARY()}`]);
  });

  test('name a block that the VPC does not have', () => {
    const Block = resourceOf('AWS::EC2::VPCCidrBlock', { VpcId: { Ref: 'Vpc' }, CidrBlock: '100.64.0.0/16' });
    expect(fixesOf(world({ Api: service(['A'], { DesiredCount: 12 }), Block }))).toEqual([`subnets of /27 (27 addresses); or ${SECONDARY('100.65.0.0/16')}`]);
  });

  test('name a block for a VPC that is not given, too', () => {
    const imported = { ...world({ Api: service(['A'], { DesiredCount: 12 }) }), A: subnet('10.0.0.0/28', 'a', { VpcId: 'vpc-1' }) };
    expect(fixesOf(imported)).toEqual([`subnets of /27 (27 addresses); or ${SECONDARY()}`]);
  });
});

describe('what cannot be told', () => {
  test.each<[string, Resources, RegExp]>([
    ['the block of a subnet', { A: subnet(OPEN) }, /Open/],
    ['the desired count', { Api: service(['A'], { DesiredCount: OPEN }) }, /Open/],
    ['the subnets', { Api: service(OPEN) }, /Open/],
    ['one subnet', { Api: service([{ Ref: 'A' }, OPEN].map((one) => (one as { Ref: string }).Ref)) }, /Open/],
    ['the maximum percent', { Api: service(['A'], percents(OPEN)) }, /Open/],
  ])('%s', (_, more, why) => {
    const [one, ...rest] = said(rule, world({ Api: service(['A']), ...more }));
    expect(one).toMatch(/^undecided Api/);
    expect(one).toMatch(why);
    expect(rest).toEqual([]);
  });

  test('is said of the service that takes most', () => {
    const two = (api: number, web: number) => said(rule, world({
      Api: service(['A'], { DesiredCount: api }), Web: service(['A'], { DesiredCount: web, ...percents(OPEN) }),
    }));
    expect(two(3, 5)).toEqual(['undecided Web: parameter Open has no default']);
    expect(two(5, 3)).toEqual(['undecided Api: parameter Open has no default']);
    expect(two(4, 4)).toEqual(['undecided Api: parameter Open has no default']);
  });

  test('is said of the service, whatever databases take', () => {
    expect(said(rule, world({
      Group: resourceOf('AWS::ElastiCache::SubnetGroup', { SubnetIds: refs(['A']) }),
      Cache: resourceOf('AWS::ElastiCache::CacheCluster', { CacheSubnetGroupName: { Ref: 'Group' }, NumCacheNodes: 8, VpcSecurityGroupIds: ['sg-1'] }),
      Api: service(['A'], { DesiredCount: 3, ...percents(OPEN) }),
    }))).toEqual(['undecided Api: parameter Open has no default']);
  });

  test('may be the block of another subnet', () => {
    const resources = { ...world({ Api: service(['A', 'B'], { DesiredCount: 3 }) }), B: subnet(OPEN, 'b') };
    expect(said(rule, resources)).toEqual(['undecided Api: parameter Open has no default']);
  });

  test('is no matter where the instances hold no more tasks than there are addresses', () => {
    expect(said(rule, world({ ...nodes(['A']), Api: service(['A'], onEc2({ DesiredCount: 2, ...percents(OPEN) })) }, 24))).toEqual([]);
  });

  test('is not what keeps nothing open', () => {
    const mixed = nodes(['A'], {
      LaunchTemplate: undefined,
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
          Overrides: [{ InstanceType: 'm5.large' }, { InstanceType: 'm5.xlarge' }],
        },
      },
    });
    const resources = (DesiredCount: unknown, percent: number) => world({
      ...mixed, Api: service(['A'], onEc2({ DesiredCount: 3, ...percents(percent) })), Web: service(['A'], { DesiredCount }),
    });
    // Two instances hold 4 to 6 tasks, and 11 addresses 2 of instances, 4 of Web and 5 of Api.
    expect(said(rule, resources(4, 200))).toEqual(['undecided Web: the instances of Nodes may be of 2 types, which hold 2 to 3 awsvpc tasks']);
    expect(said(rule, resources(OPEN, 100))).toEqual(['undecided Api: parameter Open has no default']);
  });

  test('is no problem where the least is short already', () => {
    const resources = world({ Api: service(['A'], { DesiredCount: 12 }), Web: service(['A'], { DesiredCount: OPEN }) });
    expect(said(rule, resources)).toEqual(['error Api: subnet A holds 11 addresses; service Api takes 12 of it']);
  });

  test('IPv6-only subnets have nothing to run out of', () => {
    const six = resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, Ipv6Native: true, Ipv6CidrBlock: '2600::/64' });
    expect(said(rule, world({ A: six, Api: service(['A'], { DesiredCount: 100 }) }))).toEqual([]);
  });
});

test('what is assumed is told', () => {
  const [text] = said(rule, world({ Api: service(['A'], { DesiredCount: 12, DeploymentConfiguration: undefined }) }));
  expect(text).toMatch(/\[.*MaximumPercent.*\]$/i);
});

test('of the percent that a deployment rests on only where that is short', () => {
  const assumed = (DesiredCount: number, Default: number) => check([given({
    Parameters: { Percent: { Type: 'Number', Default } }, Resources: world({ Api: service(['A', 'B'], { DesiredCount, ...percents({ Ref: 'Percent' }) }) }),
  })], [rule]).findings.map(({ assumes }) => assumes);
  expect(assumed(12, 100)).toEqual([[]]);
  expect(assumed(6, 400)).toEqual([['parameter Percent keeps its default 400']]);
});

describe('apps of the CDK', () => {
  const checked = (make: (stack: Stack, cluster: ecs.Cluster, vpc: ec2.Vpc) => void) => {
    const stack = new Stack(testApp(), 'Test');
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/24'),
      maxAzs: 2,
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 28 }, { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 28 },
      ],
    });
    make(stack, new ecs.Cluster(stack, 'Cluster', { vpc }), vpc);
    const { findings, undecided } = check([given(Template.fromStack(stack).toJSON() as { Resources: Resources })], [rule]);
    return [...findings.map(({ severity, message }) => `${severity}: ${message}`), ...undecided.map(({ why }) => why)];
  };

  test('300 tasks of a plain service in two /28 subnets are found', () => {
    expect(checked((stack, cluster) => {
      const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
      taskDefinition.addContainer('web', { image: ecs.ContainerImage.fromRegistry('nginx') });
      new ecs.FargateService(stack, 'Web', { cluster, taskDefinition, desiredCount: 300, minHealthyPercent: 100, maxHealthyPercent: 200 });
    })).toEqual([expect.stringMatching(
      /^error: subnets .*Private.* and .*Private.* hold 22 addresses together; service .*Web.* takes 300 of them; 300 of 11 while deploying; /)]);
  });

  test('in subnets of a secondary block they fit', () => {
    expect(checked((stack, cluster, vpc) => {
      const tasks = new TaskSubnets(stack, 'Tasks', { vpc, cidr: '100.64.0.0/16', subnetMask: 20 });
      new AwsvpcService(stack, 'Web', {
        cluster, container: { image: ecs.ContainerImage.fromRegistry('nginx') }, desiredCount: 300, vpcSubnets: tasks.selection,
      });
    })).toEqual([]);
  });
});

describe('laws', () => {
  const findings = (prefix: number, tasks: number, count: number) =>
    said(rule, world({
      Api: service(['A', 'B'].slice(0, count), { DesiredCount: tasks, ...percents(200) }), Balancer: balancer(['A', 'B']),
    }, prefix));

  test('a larger subnet never makes a problem, and more tasks never end one', () => {
    const between = (min: number, max: number) => fc.integer({ min, max });
    fc.assert(fc.property(between(23, 28), between(1, 400), between(1, 2), (prefix, tasks, count) => {
      const here = findings(prefix, tasks, count).length;
      expect(findings(prefix - 1, tasks, count).length).toBeLessThanOrEqual(here);
      expect(findings(prefix, tasks + 1, count).length).toBeGreaterThanOrEqual(here);
    }), { numRuns: 100 });
  });

  test('with a way out nothing is short but what it is said not to help', () => {
    const between = (min: number, max: number) => fc.integer({ min, max });
    const prefix = between(25, 28);
    const wanted = fc.record({ DesiredCount: between(1, 60), MaximumPercent: between(100, 400), others: fc.subarray(['B', 'C']), two: fc.boolean() });
    const cases = fc.record({
      prefixes: fc.tuple(prefix, prefix, prefix), zones: fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('b', 'c')), most: between(1, 90), Api: wanted, Web: wanted,
    });
    fc.assert(fc.property(cases, ({ prefixes, zones, most, Api, Web }) => {
      const findingOf = (its: readonly number[], percent: Readonly<Record<string, number>> = {}) => {
        // Both are in A, so that there is one finding at most.
        const made = ({ others, two, ...its }: typeof Api, name: string) => service(['A', ...others], {
          DesiredCount: its.DesiredCount, ...two ? { DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } } : percents(percent[name] ?? its.MaximumPercent),
        });
        return check([given({ Resources: {
          ...world({ Api: made(Api, 'Api'), Web: made(Web, 'Web'), Scaling: scaling(1, most) }),
          ...Object.fromEntries(its.map((one, index) => ['ABC'[index], subnet(`10.0.${index}.0/${one}`, ['a', ...zones][index])])),
        } })], [rule]).findings[0];
      };
      const found = findingOf(prefixes);
      const [, larger, which] = /^subnets of \/(\d+) [^;]*?(?: for ([^;]*))?;/.exec(found?.fix ?? '') ?? [];
      const names = which ?? /^subnets? (.*?) holds? /.exec(found?.message ?? '')?.[1] ?? '';
      expect(findingOf(prefixes.map((one, index) => names.includes('ABC'[index]) ? Math.min(one, Number(larger)) : one))).toBe(undefined);
      const [, percent, noHelp = ''] = /MaximumPercent \(maxHealthyPercent\) (\d+)[^;,]*([^;]*)/.exec(found?.fix ?? '') ?? [];
      const { message = '' } = percent === undefined ? {} : findingOf(prefixes, { [found.resource]: Number(percent) }) ?? {};
      expect(['while deploying', 'at its peak', 'zone lost'].map((text) => message.includes(text)))
        .toEqual(['deployments', 'the peak', 'a lost zone'].map((text) => noHelp.includes(text)));
    }), { numRuns: 100 });
  });
});
