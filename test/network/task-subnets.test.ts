import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, Ec2Capacity, TaskSubnetRouting, TaskSubnets, type TaskSubnetsProps } from '../../src';
import { testApp } from '../app';
import { awsvpcService, CONTAINER, ec2Capacity, INSTANCE_TYPE, synth, templateOf, testVpc, type World, world } from '../fixtures';
import { expectRefusal } from '../refusal';
import { dependenciesOf, idOf, idsOf } from '../template-graph';

const ASSOCIATION = 'AWS::EC2::VPCCidrBlock';
const SERVICE = 'AWS::ECS::Service';

/** 100.64.0.0/16 in the VPC of a world, unless said otherwise. */
function taskSubnets({ stack, vpc }: Pick<World, 'stack' | 'vpc'>, props: Partial<TaskSubnetsProps> = {}, id = 'Tasks') {
  return new TaskSubnets(stack, id, { vpc, cidr: '100.64.0.0/16', ...props });
}

/** Zones of no Region in particular. */
const zones = (count: number) => Array.from({ length: count }, (_, i) => `zone-${'abcdefgh'[i]}`);

/** A world whose VPC is in these zones. */
function worldIn(...availabilityZones: string[]) {
  const app = testApp();
  const stack = new Stack(app, 'Test');
  const vpc = testVpc(stack, { maxAzs: undefined, availabilityZones });
  return { app, stack, vpc, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }) };
}

/** The task subnets of a template, in the order of their blocks. */
function subnetsIn(template: Template) {
  return Object.entries(template.findResources('AWS::EC2::Subnet'))
    .filter(([id]) => id.startsWith('Tasks'))
    .map(([id, { Properties }]) => ({ id, properties: Properties, cidr: String(Properties.CidrBlock), zone: Properties.AvailabilityZone }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

describe('the block and its parts', () => {
  test('are a secondary block of the VPC and one subnet for each zone, with literal blocks', () => {
    const { stack, vpc } = world();
    taskSubnets({ stack, vpc }, { subnetMask: 19 });
    const template = templateOf(stack);
    template.hasResource(ASSOCIATION, { Properties: { VpcId: stack.resolve(vpc.vpcId), CidrBlock: '100.64.0.0/16' } });
    expect(subnetsIn(template).map(({ cidr, zone }) => ({ cidr, zone }))).toEqual([
      { cidr: '100.64.0.0/19', zone: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] } },
      { cidr: '100.64.32.0/19', zone: { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] } },
    ]);
  });

  test('give tasks no public address', () => {
    const { stack, vpc } = world();
    taskSubnets({ stack, vpc });
    subnetsIn(templateOf(stack)).forEach(({ properties }) => expect(properties).not.toHaveProperty('MapPublicIpOnLaunch'));
  });

  test('have names, and are found by a look-up as a group of their own, not as private subnets like others', () => {
    const { stack, vpc } = world();
    taskSubnets({ stack, vpc });
    expect(subnetsIn(templateOf(stack)).map(({ properties }) => properties.Tags)).toEqual([1, 2].map((n) => [
      { Key: 'aws-cdk:subnet-name', Value: 'Tasks' }, { Key: 'aws-cdk:subnet-type', Value: 'Isolated' }, { Key: 'Name', Value: `Test/Tasks/Subnet${n}` },
    ]));
  });

  test.each([
    ['100.64.0.0/16', 2, ['100.64.0.0/18', '100.64.64.0/18']],
    ['100.64.0.0/16', 4, ['100.64.0.0/18', '100.64.64.0/18', '100.64.128.0/18', '100.64.192.0/18']],
    ['100.64.0.0/26', 2, ['100.64.0.0/28', '100.64.0.16/28']],
    ['100.64.0.0/27', 2, ['100.64.0.0/28', '100.64.0.16/28']],
    ['100.64.0.0/28', 1, ['100.64.0.0/28']],
  ])('%s in %d zones: a quarter each, and none smaller than /28', (cidr, count, expected) => {
    const { stack, vpc } = worldIn(...zones(count));
    taskSubnets({ stack, vpc }, { cidr });
    expect(subnetsIn(templateOf(stack)).map((subnet) => subnet.cidr)).toEqual(expected);
  });

  test('stay what they are when a zone is added at the end', () => {
    const templates = [2, 3, 4].map((count) => {
      const { stack, vpc } = worldIn(...zones(count));
      taskSubnets({ stack, vpc });
      return templateOf(stack);
    });
    const [two, three, four] = templates.map((template) => subnetsIn(template).map(({ id, properties }) => ({ id, properties })));
    expect(three.slice(0, 2)).toEqual(two);
    expect(four.slice(0, 3)).toEqual(three);
    expect(idsOf(templates[2], ASSOCIATION)).toEqual(idsOf(templates[0], ASSOCIATION));
  });

  test('keep their ids whatever the routing, so that it can be changed', () => {
    const [shared, own, isolated] = [undefined, TaskSubnetRouting.natGateways(), TaskSubnetRouting.isolated()].map((routing) => {
      const { stack, vpc } = world();
      taskSubnets({ stack, vpc }, { routing });
      const template = templateOf(stack);
      return { subnets: subnetsIn(template), associations: idsOf(template, 'AWS::EC2::SubnetRouteTableAssociation').filter((id) => id.startsWith('Tasks')) };
    });
    expect(own).toEqual(shared);
    expect(isolated).toEqual(shared);
  });

  test('are in the zones asked for, in that order', () => {
    const { stack, vpc } = worldIn(...zones(3));
    const tasks = taskSubnets({ stack, vpc }, { availabilityZones: ['zone-c', 'zone-a'] });
    expect(subnetsIn(templateOf(stack)).map(({ cidr, zone }) => [zone, cidr])).toEqual([['zone-c', '100.64.0.0/18'], ['zone-a', '100.64.64.0/18']]);
    expect(tasks.availabilityZones).toEqual(['zone-c', 'zone-a']);
  });

  test('are reachable as resources', () => {
    const { stack, vpc } = world();
    const tasks = taskSubnets({ stack, vpc });
    expect(tasks.subnets.map(({ node }) => node.defaultChild?.node.path)).toEqual(tasks._cfnSubnets.map(({ node }) => node.path));
    (tasks.subnets[0].node.defaultChild as ec2.CfnSubnet).enableDns64 = true;
    expect(subnetsIn(templateOf(stack)).map(({ properties }) => properties.EnableDns64)).toEqual([true, undefined]);
  });
});

describe('props', () => {
  test.each<[string, Partial<TaskSubnetsProps>, string[]]>([
    ['no block', { cidr: 'all' }, ["'cidr' must be a block of addresses", '"all" is no IPv4 block']],
    ['no prefix', { cidr: '100.64.0.0' }, ["'cidr' must be a block of addresses", 'such as 100.64.0.0/16']],
    ['bits beyond the prefix', { cidr: '100.64.1.0/16' }, ["'cidr'", '100.64.1.0/16 has bits set beyond its prefix: the block is 100.64.0.0/16']],
    ['too large', { cidr: '100.64.0.0/10' }, ["'cidr' must be a block of /16 to /28", 'is larger than a /16']],
    ['too small', { cidr: '100.64.0.0/29' }, ["'cidr' must be a block of /16 to /28", 'is smaller than a /28']],
    ['a mask larger than the block', { subnetMask: 15 }, ["'subnetMask' must be an integer from 16 to 28, got 15"]],
    ['a mask smaller than a subnet may be', { subnetMask: 29 }, ["'subnetMask' must be an integer from 16 to 28, got 29"]],
    ['a broken mask', { subnetMask: 19.5 }, ["'subnetMask'", 'got 19.5']],
    ['one part for two zones', { subnetMask: 16 }, ["'cidr' 100.64.0.0/16 splits into 1 × /16, too few for 2 zones", "a 'subnetMask' of at least 17"]],
    ['a block too small for two zones', { cidr: '100.64.0.0/28' }, ['splits into 1 × /28, too few for 2 zones', "a larger 'cidr' makes room"]],
    ['no zone', { availabilityZones: [] }, ["'availabilityZones' must be at least one zone", 'got none']],
    ['a routing of no known kind', { routing: { shared: true } as unknown as TaskSubnetRouting }, ["'routing' must come from a method of TaskSubnetRouting", 'got Object']],
    ['no routing', { routing: null as never }, ["'routing' must come from a method of TaskSubnetRouting", 'got null']],
    ['a VPC left out', { vpc: undefined }, ["'vpc' must be given, got undefined"]],
    ['the id of a VPC', { vpc: 'vpc-1' as never }, ["'vpc' must be given, got \"vpc-1\""]],
    ['a zone that is no list', { availabilityZones: 'zone-a' as never }, ["'availabilityZones' must be at least one zone", 'got "zone-a"']],
    ['a text for yes or no, as context has it', { associate: 'false' as never }, ["'associate' must be true or false, got \"false\""]],
  ])('%s is refused', (_, props, parts) => {
    const { stack, vpc } = world();
    expectRefusal(() => taskSubnets({ stack, vpc }, props), 'Test/Tasks', ...parts);
  });

  test('values known only at deployment are refused: the blocks of the subnets are computed from them', () => {
    const { stack, vpc } = world();
    const text = new CfnParameter(stack, 'Text');
    const number = new CfnParameter(stack, 'Number', { type: 'Number' });
    const list = new CfnParameter(stack, 'List', { type: 'CommaDelimitedList' });
    expectRefusal(() => taskSubnets({ stack, vpc }, { cidr: text.valueAsString }), 'Test/Tasks', "'cidr' must be literal", 'got a value known only at deployment');
    expectRefusal(() => taskSubnets({ stack, vpc }, { subnetMask: number.valueAsNumber }, 'Mask'), 'Test/Mask', "'subnetMask' must be literal");
    expectRefusal(() => taskSubnets({ stack, vpc }, { availabilityZones: list.valueAsList }, 'Zones'), 'Test/Zones',
      "'availabilityZones' must be at least one zone, each known one by one, got a list known only at deployment");
  });

  test('a zone twice is refused, also where it is known only at deployment', () => {
    const { stack, vpc } = world();
    expectRefusal(() => taskSubnets({ stack, vpc }, { availabilityZones: [stack.availabilityZones[0], stack.availabilityZones[0]] }), 'Test/Tasks',
      "'availabilityZones' must be different zones, got a zone known only at deployment twice");
    const named = worldIn(...zones(2));
    expectRefusal(() => taskSubnets(named, { availabilityZones: ['zone-a', 'zone-a'] }), 'Test/Tasks', 'got zone-a twice');
  });

  test('a zone of no private subnet is refused, with those there are', () => {
    const { stack, vpc } = worldIn(...zones(2));
    expectRefusal(() => taskSubnets({ stack, vpc }, { availabilityZones: ['zone-a', 'zone-d'] }), 'Test/Tasks',
      "'availabilityZones' must have a private subnet each", 'zone-d has none', 'zone-a, zone-b have', "'routing'");
  });

  test('more zones than a quarter each has room for need a mask', () => {
    const { stack, vpc } = worldIn(...zones(6));
    expectRefusal(() => taskSubnets({ stack, vpc }), 'Test/Tasks', 'splits into 4 × /18, too few for 6 zones', "a 'subnetMask' of at least 19");
    expect(taskSubnets({ stack, vpc }, { subnetMask: 19 }, 'Tasks6').subnets).toHaveLength(6);
  });
});

describe('the address budget', () => {
  test('counts what EC2 leaves, in each subnet, in all, and with one zone lost', () => {
    const { stack, vpc } = worldIn(...zones(3));
    expect(taskSubnets({ stack, vpc }, { subnetMask: 20 }).addressBudget).toEqual({
      subnetCount: 3,
      usableAddressesPerSubnet: 4091,
      usableAddresses: 12273,
      usableAddressesWithOneZoneLost: 8182,
      summary: 'Each /20 has 4,096 addresses, of which EC2 keeps 5: 3 × 4,091 = 12,273 for tasks, 8,182 with one zone lost',
    });
  });

  test('of one zone has nothing left when that is lost', () => {
    const { stack, vpc } = worldIn(...zones(1));
    expect(taskSubnets({ stack, vpc }, { cidr: '100.64.0.0/28' }).addressBudget).toMatchObject({ usableAddresses: 11, usableAddressesWithOneZoneLost: 0 });
  });
});

describe('the order of resources', () => {
  /** What a service in the task subnets must find: their associations and routes, and everything these need. */
  function waysOut(template: Template, routes = /^VpcPrivateSubnet/) {
    const found = [
      ...idsOf(template, ASSOCIATION),
      ...idsOf(template, 'AWS::EC2::Subnet').filter((id) => id.startsWith('Tasks')),
      ...idsOf(template, 'AWS::EC2::SubnetRouteTableAssociation').filter((id) => id.startsWith('Tasks')),
      ...idsOf(template, 'AWS::EC2::Route').filter((id) => routes.test(id)),
    ].sort();
    expect(found).toHaveLength(7); // the block, and of two zones the subnet, the association and the default route
    return found;
  }

  const inTaskSubnets = ({ stack, vpc, cluster }: World, routing?: TaskSubnetRouting) => {
    const tasks = taskSubnets({ stack, vpc }, { routing });
    return { stack, cluster, tasks, vpcSubnets: tasks.selection };
  };

  test.each<[string, TaskSubnetRouting | undefined, RegExp]>([
    ['shared route tables', undefined, /^VpcPrivateSubnet/], ['route tables of its own', TaskSubnetRouting.natGateways(), /^Tasks/],
  ])('the block comes first, then the subnets, their routes, and the services, with %s', (_, routing, routes) => {
    const given = world();
    const { stack, vpcSubnets } = inTaskSubnets(given, routing);
    awsvpcService(given, { vpcSubnets });
    const template = templateOf(stack);
    for (const { id } of subnetsIn(template)) {
      expect(template.toJSON().Resources[id].DependsOn).toContain(idOf(template, ASSOCIATION));
    }
    const service = dependenciesOf(template, idOf(template, SERVICE));
    expect(waysOut(template, routes).filter((id) => !service.has(id))).toEqual([]);
    // Deleted the other way round: nothing may go while something stands on it.
    expect([...dependenciesOf(template, idOf(template, ASSOCIATION))].filter((id) => /^(Tasks|Web)/.test(id))).toEqual([]);
  });

  test.each<[string, string, (given: World, vpcSubnets: ec2.SubnetSelection, tasks: TaskSubnets) => unknown]>([
    ['awsvpc tasks on instances elsewhere', SERVICE,
      (given, vpcSubnets) => awsvpcService(given, { capacity: ec2Capacity(given.cluster), vpcSubnets })],
    ['instances', 'AWS::AutoScaling::AutoScalingGroup', ({ cluster }, vpcSubnets) => ec2Capacity(cluster, 'Capacity', { vpcSubnets })],
    ['a plain service that is told to', SERVICE, ({ stack, cluster }, vpcSubnets, tasks) => {
      const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
      taskDefinition.addContainer('web', CONTAINER);
      new ecs.FargateService(stack, 'Web', { cluster, taskDefinition, vpcSubnets }).node.addDependency(tasks.internetConnectivityEstablished);
    }],
    ['an internet-facing load balancer, which waits by itself', 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      ({ stack, vpc }, vpcSubnets) => new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc, vpcSubnets, internetFacing: true })],
  ])('%s', (_, type, make) => {
    const given = world();
    const { stack, vpcSubnets, tasks } = inTaskSubnets(given);
    make(given, vpcSubnets, tasks);
    const template = templateOf(stack);
    const awaited = dependenciesOf(template, idOf(template, type));
    expect(waysOut(template).filter((id) => !awaited.has(id))).toEqual([]);
  });

  test('what waits for one of the subnets waits for its resources', () => {
    const { stack, vpc } = world();
    const tasks = taskSubnets({ stack, vpc });
    const marker = new ec2.CfnEIP(stack, 'Marker');
    marker.node.addDependency(tasks.subnets[0]);
    const template = templateOf(stack);
    expect([...dependenciesOf(template, 'Marker')]).toEqual(expect.arrayContaining([subnetsIn(template)[0].id, idOf(template, ASSOCIATION)]));
    expect([...dependenciesOf(template, 'Marker')]).not.toContain(subnetsIn(template)[1].id);
  });

  test('routes added to the private subnet later are waited for as well', () => {
    const given = world();
    const { stack, vpcSubnets } = inTaskSubnets(given);
    awsvpcService(given, { vpcSubnets });
    given.vpc.privateSubnets.forEach((subnet) => (subnet as ec2.PrivateSubnet).addRoute('ToOffice', {
      routerType: ec2.RouterType.TRANSIT_GATEWAY, routerId: 'tgw-1', destinationCidrBlock: '10.200.0.0/16', enablesInternetConnectivity: true,
    }));
    const template = templateOf(stack);
    const office = idsOf(template, 'AWS::EC2::Route').filter((id) => id.includes('ToOffice'));
    expect(office).toHaveLength(2);
    const awaited = dependenciesOf(template, idOf(template, SERVICE));
    expect(office.filter((id) => !awaited.has(id))).toEqual([]);
  });
});

describe('stacks', () => {
  const namesOf = (stacks: Stack[]) => stacks.map(({ node }) => node.id).sort();

  test('of their own, between those of the network and the services, make no cycle', () => {
    const app = testApp();
    const [network, addresses, services] = ['Network', 'Addresses', 'Services'].map((id) => new Stack(app, id));
    const vpc = testVpc(network);
    const tasks = new TaskSubnets(addresses, 'Tasks', { vpc, cidr: '100.64.0.0/16' });
    const cluster = new ecs.Cluster(services, 'Cluster', { vpc });
    const capacity = new Ec2Capacity(services, 'Capacity', { cluster, instanceType: INSTANCE_TYPE, maxInstances: 2 });
    new AwsvpcService(services, 'OnInstances', { cluster, capacity, container: CONTAINER, vpcSubnets: tasks.selection });
    new AwsvpcService(services, 'OnFargate', { cluster, container: CONTAINER, vpcSubnets: tasks.selection });
    synth(app);
    expect(namesOf(network.dependencies)).toEqual([]);
    expect(namesOf(addresses.dependencies)).toEqual(['Network']);
    expect(namesOf(services.dependencies)).toEqual(['Addresses', 'Network']);
    const template = Template.fromStack(addresses);
    template.resourceCountIs(ASSOCIATION, 1);
    template.resourceCountIs('AWS::EC2::SubnetRouteTableAssociation', 2);
    Template.fromStack(network).resourceCountIs(ASSOCIATION, 0);
  });

  test('in a stack with the services, beside that of the network', () => {
    const app = testApp();
    const network = new Stack(app, 'Network');
    const stack = new Stack(app, 'Services');
    const vpc = testVpc(network);
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
    const tasks = taskSubnets({ stack, vpc });
    new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, vpcSubnets: tasks.selection });
    const template = templateOf(stack);
    expect(dependenciesOf(template, idOf(template, SERVICE))).toContain(idOf(template, ASSOCIATION));
    expect(namesOf(network.dependencies)).toEqual([]);
  });

  test('an app can be synthesised again', () => {
    const { app, stack, vpc, cluster } = world();
    awsvpcService({ app, stack, vpc, cluster }, { vpcSubnets: taskSubnets({ stack, vpc }).selection });
    synth(app);
    expect(() => app.synth({ force: true })).not.toThrow();
  });
});

test('a selection of them is that of private subnets', () => {
  const { stack, vpc } = worldIn(...zones(3));
  const tasks = taskSubnets({ stack, vpc });
  const selected = vpc.selectSubnets(tasks.selection);
  expect(selected.subnets.map(({ node }) => node.path)).toEqual(tasks.subnets.map(({ node }) => node.path));
  expect(selected.availabilityZones).toEqual(zones(3));
  expect(selected.hasPublic).toBe(false);
});

test('instances and their tasks are in different subnets', () => {
  const given = world();
  const tasks = taskSubnets(given);
  awsvpcService(given, { capacity: ec2Capacity(given.cluster), vpcSubnets: tasks.selection });
  const template = templateOf(given.stack);
  const idsIn = (subnets: ec2.ISubnet[]) => given.stack.resolve(subnets.map(({ subnetId }) => subnetId));
  template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { VPCZoneIdentifier: idsIn(given.vpc.privateSubnets) });
  template.hasResourceProperties(SERVICE, {
    NetworkConfiguration: { AwsvpcConfiguration: Match.objectLike({ Subnets: idsIn(tasks.subnets) }) },
  });
});

test('a network ACL can be put on them', () => {
  const { stack, vpc } = world();
  const tasks = taskSubnets({ stack, vpc });
  new ec2.NetworkAcl(stack, 'Acl', { vpc, subnetSelection: tasks.selection });
  const template = templateOf(stack);
  const associated = Object.values(template.findResources('AWS::EC2::SubnetNetworkAclAssociation')).map(({ Properties }) => Properties.SubnetId.Ref);
  expect(associated.sort()).toEqual(subnetsIn(template).map(({ id }) => id));
});
