import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, TaskSubnetRouting, TaskSubnets, type TaskSubnetsProps } from '../../src';
import { testApp } from '../app';
import { awsvpcService, CONTAINER, templateOf, testVpc, world } from '../fixtures';
import { expectRefusal } from '../refusal';
import { dependenciesOf, idOf, idsOf } from '../template-graph';

const ASSOCIATION = 'AWS::EC2::SubnetRouteTableAssociation';
const ROUTE = 'AWS::EC2::Route';

/** A stack with a VPC of two zones, `zone-a` and `zone-b`. */
function vpcWith(props: ec2.VpcProps = {}) {
  const stack = new Stack(testApp(), 'Test');
  return { stack, vpc: testVpc(stack, { maxAzs: undefined, availabilityZones: ['zone-a', 'zone-b'], ...props }) };
}

const taskSubnets = ({ stack, vpc }: { stack: Stack; vpc: ec2.IVpc }, routing?: TaskSubnetRouting, props: Partial<TaskSubnetsProps> = {}) =>
  new TaskSubnets(stack, 'Tasks', { vpc, cidr: '100.64.0.0/16', routing, ...props });

/** The logical id of the route table that each task subnet has, in the order of the zones. */
function tablesOf(template: Template): string[] {
  const found = template.findResources(ASSOCIATION);
  return Object.keys(found).filter((id) => id.startsWith('Tasks')).sort().map((id) => found[id].Properties.RouteTableId.Ref);
}

/** The logical ids of the route tables that the private subnets of a VPC have. */
function privateTables(stack: Stack, { privateSubnets }: ec2.IVpc): string[] {
  return privateSubnets.map(({ routeTable }) => stack.resolve(routeTable.routeTableId).Ref);
}

/** The routes of a route table: where to, and the target as it is in the template. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the properties of any route
function routesOf(template: Template, table: string): any[] {
  return Object.values(template.findResources(ROUTE, { Properties: { RouteTableId: { Ref: table } } })).map(({ Properties }) =>
    Object.fromEntries(Object.entries(Properties).filter(([name]) => name !== 'RouteTableId')));
}

describe('shared route tables', () => {
  test('are those of the private subnets of the same zone, so that their NAT gateways serve the tasks', () => {
    const { stack, vpc } = vpcWith({ natGateways: 2 });
    const tasks = taskSubnets({ stack, vpc });
    const template = templateOf(stack);
    expect(tablesOf(template)).toEqual(privateTables(stack, vpc));
    expect(tasks.routeTables).toEqual([]);
    expect(idsOf(template, 'AWS::EC2::RouteTable').filter((id) => id.startsWith('Tasks'))).toEqual([]);
    expect(idsOf(template, ROUTE).filter((id) => id.startsWith('Tasks'))).toEqual([]);
  });

  test('bring gateway endpoints along', () => {
    const { stack, vpc } = vpcWith();
    taskSubnets({ stack, vpc });
    vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 });
    const template = templateOf(stack);
    const [{ Properties }] = Object.values(template.findResources('AWS::EC2::VPCEndpoint'));
    const served = Properties.RouteTableIds.map(({ Ref }: { Ref: string }) => Ref);
    tablesOf(template).forEach((table) => expect(served).toContain(table));
  });

  test('can be those of chosen subnets, whose zones are then the default', () => {
    const { stack, vpc } = vpcWith();
    const tasks = taskSubnets({ stack, vpc }, TaskSubnetRouting.sharedRouteTables({ subnets: [vpc.privateSubnets[1]] }));
    expect(tasks.availabilityZones).toEqual(['zone-b']);
    expect(tablesOf(templateOf(stack))).toEqual([privateTables(stack, vpc)[1]]);
  });

  test.each<[string, ec2.SubnetSelection, string[]]>([
    ['public subnets', { subnetType: ec2.SubnetType.PUBLIC }, ["'routing' must not share route tables of public subnets", 'never gets a public address']],
    ['no subnets', { subnets: [] }, ["'routing' must select at least one subnet", 'got none']],
  ])('of %s are refused', (_, selection, parts) => {
    expectRefusal(() => taskSubnets(vpcWith(), TaskSubnetRouting.sharedRouteTables(selection)), 'Test/Tasks', ...parts);
  });

  test('take no routes here', () => {
    const tasks = taskSubnets(vpcWith());
    expectRefusal(() => tasks.addRoute('Out', { routerType: ec2.RouterType.TRANSIT_GATEWAY, routerId: 'tgw-1' }), 'Test/Tasks', "'addRoute' needs route tables of its own, by 'routing'");
  });

  test('of zones that two stacks read from the Region are found by zone all the same', () => {
    const { stack, vpc } = world();
    taskSubnets({ stack, vpc }, undefined, { availabilityZones: [...stack.availabilityZones].reverse().slice(-2) });
    const [first, second] = tablesOf(templateOf(stack));
    expect([second, first]).toEqual(privateTables(stack, vpc));
  });
});

describe('NAT gateways', () => {
  test('given one by one serve the zones in their order', () => {
    const { stack, vpc } = vpcWith();
    taskSubnets({ stack, vpc }, TaskSubnetRouting.natGateways(['nat-a', 'nat-b']));
    const template = templateOf(stack);
    expect(tablesOf(template).map((table) => routesOf(template, table))).toEqual([
      [{ DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-a' }], [{ DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-b' }],
    ]);
  });

  test('given as one serve all zones', () => {
    const { stack, vpc } = vpcWith();
    taskSubnets({ stack, vpc }, TaskSubnetRouting.natGateways(['nat-a']));
    const template = templateOf(stack);
    expect(tablesOf(template).flatMap((table) => routesOf(template, table)).map(({ NatGatewayId }) => NatGatewayId)).toEqual(['nat-a', 'nat-a']);
  });

  test.each([[[]], [['nat-a', 'nat-b', 'nat-c']]])('%j for two zones are refused', (ids) => {
    expectRefusal(() => taskSubnets(vpcWith(), TaskSubnetRouting.natGateways(ids)), 'Test/Tasks',
      "'natGatewayIds' must be one NAT gateway for all zones, or one for each of the 2 zones", `got ${ids.length}`);
  });

  test.each<[string, string[], string]>([
    ['one that is not set', ['nat-a', undefined as never], 'got undefined among them'],
    ['an empty one', [''], 'got "" among them'],
    ['no list', 'nat-a' as never, 'got "nat-a"'],
  ])('%s is refused, for the route would lead nowhere', (_, ids, got) => {
    expectRefusal(() => taskSubnets(vpcWith(), TaskSubnetRouting.natGateways(ids)), 'Test/Tasks', "'natGatewayIds' must be one NAT gateway", got);
  });

  const natsOf = (natGateways: number) => {
    const { stack, vpc } = vpcWith({ natGateways });
    const tasks = taskSubnets({ stack, vpc }, TaskSubnetRouting.natGateways());
    const template = templateOf(stack);
    expect(tasks.routeTables.map(({ ref }) => stack.resolve(ref).Ref)).toEqual(tablesOf(template));
    return tablesOf(template).map((table) => routesOf(template, table)[0].NatGatewayId.Ref);
  };

  test('of the VPC serve their own zone', () => {
    expect(natsOf(2)).toEqual([expect.stringContaining('PublicSubnet1NATGateway'), expect.stringContaining('PublicSubnet2NATGateway')]);
  });

  test('of the VPC, where there are fewer, serve the others too', () => {
    expect(natsOf(1)).toEqual([expect.stringContaining('PublicSubnet1NATGateway'), expect.stringContaining('PublicSubnet1NATGateway')]);
  });

  test('added by hand are found, private ones are not taken', () => {
    const { stack, vpc } = vpcWith({ natGateways: 0 });
    const [a, b] = vpc.publicSubnets.map(({ subnetId }) => subnetId);
    new ec2.CfnNatGateway(stack, 'Private', { subnetId: a, connectivityType: 'private' });
    new ec2.CfnNatGateway(stack, 'Nat', { subnetId: b, allocationId: 'eipalloc-1' });
    taskSubnets({ stack, vpc }, TaskSubnetRouting.natGateways());
    const template = templateOf(stack);
    expect(tablesOf(template).flatMap((table) => routesOf(template, table)).map(({ NatGatewayId }) => NatGatewayId)).toEqual([{ Ref: 'Nat' }, { Ref: 'Nat' }]);
  });

  test.each<[string, () => { stack: Stack; vpc: ec2.IVpc }]>([
    ['there are none', () => vpcWith({ natGateways: 0 })],
    ['they cannot be seen', () => {
      const stack = new Stack(testApp(), 'Test');
      return { stack, vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['zone-a'], publicSubnetIds: ['subnet-a'], publicSubnetRouteTableIds: ['rtb-a'] }) };
    }],
  ])('are asked for where %s', (_, make) => {
    expectRefusal(() => taskSubnets(make(), TaskSubnetRouting.natGateways()), 'Test/Tasks', "'natGatewayIds' must be given", 'imported VPC');
  });

  test('known as a list only at deployment are refused', () => {
    const given = vpcWith();
    const ids = new ec2.CfnVPCEndpoint(given.stack, 'Endpoint', { serviceName: 'x', vpcId: 'vpc-1' }).attrDnsEntries;
    expectRefusal(() => taskSubnets(given, TaskSubnetRouting.natGateways(ids)), 'Test/Tasks', "'natGatewayIds'", 'got a list known only at deployment');
  });
});

describe('isolated', () => {
  test('subnets have route tables of their own without any route', () => {
    const { stack, vpc } = vpcWith();
    const tasks = taskSubnets({ stack, vpc }, TaskSubnetRouting.isolated());
    const template = templateOf(stack);
    expect(tasks.routeTables).toHaveLength(2);
    expect(tablesOf(template)).toEqual(tasks.routeTables.map(({ ref }) => stack.resolve(ref).Ref));
    expect(tablesOf(template).flatMap((table) => routesOf(template, table))).toEqual([]);
  });

  test('subnets get gateway endpoints by their selection', () => {
    const { stack, vpc } = vpcWith();
    const tasks = taskSubnets({ stack, vpc }, TaskSubnetRouting.isolated());
    vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3, subnets: [tasks.selection] });
    const template = templateOf(stack);
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', { RouteTableIds: tablesOf(template).map((Ref) => ({ Ref })) });
  });

  test('subnets are in all zones of a VPC without private subnets', () => {
    const given = vpcWith({ natGateways: 0, subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }] });
    expect(taskSubnets(given, TaskSubnetRouting.isolated()).availabilityZones).toEqual(['zone-a', 'zone-b']);
  });
});

test.each([
  ['isolated', ec2.SubnetType.PRIVATE_ISOLATED], ['public', ec2.SubnetType.PUBLIC],
])('the zones of a VPC with %s subnets only do not include one that it reserves', (name, subnetType) => {
  const { stack } = world();
  const vpc = new ec2.Vpc(stack, 'Reserving', { maxAzs: 2, reservedAzs: 1, natGateways: 0, subnetConfiguration: [{ name, subnetType, cidrMask: 20 }] });
  expect(taskSubnets({ stack, vpc }, TaskSubnetRouting.isolated()).availabilityZones).toHaveLength(2);
});

describe('routes of their own', () => {
  test('go into every table, and services wait for them', () => {
    const { stack, vpc, cluster, app } = world();
    const tasks = taskSubnets({ stack, vpc }, TaskSubnetRouting.isolated());
    awsvpcService({ stack, vpc, cluster, app }, { vpcSubnets: tasks.selection });
    tasks.addRoute('ToOffice', { routerType: ec2.RouterType.TRANSIT_GATEWAY, routerId: 'tgw-1', destinationCidrBlock: '192.168.0.0/16' });
    tasks.addRoute('Out', { routerType: ec2.RouterType.VPC_ENDPOINT, routerId: 'vpce-1' });
    tasks.addRoute('Ipv6', { routerType: ec2.RouterType.EGRESS_ONLY_INTERNET_GATEWAY, routerId: 'eigw-1', destinationIpv6CidrBlock: '::/0' });
    const template = templateOf(stack);
    for (const table of tablesOf(template)) {
      expect(routesOf(template, table)).toEqual(expect.arrayContaining([
        { DestinationCidrBlock: '192.168.0.0/16', TransitGatewayId: 'tgw-1' },
        { DestinationCidrBlock: '0.0.0.0/0', VpcEndpointId: 'vpce-1' },
        { DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: 'eigw-1' },
      ]));
      expect(routesOf(template, table)).toHaveLength(3);
    }
    const added = idsOf(template, ROUTE).filter((id) => id.startsWith('Tasks'));
    expect(added).toHaveLength(6);
    const awaited = dependenciesOf(template, idOf(template, 'AWS::ECS::Service'));
    expect(added.filter((id) => !awaited.has(id))).toEqual([]);
    // None of them can keep the block from being added.
    added.forEach((id) => expect(dependenciesOf(template, id)).toContain(idOf(template, 'AWS::EC2::VPCCidrBlock')));
  });

  test('have a target for every type that the framework knows', () => {
    const { stack, vpc } = vpcWith();
    const tasks = taskSubnets({ stack, vpc }, TaskSubnetRouting.isolated());
    Object.values(ec2.RouterType).forEach((routerType, n) => tasks.addRoute(`Route${n}`, { routerType, routerId: `target-${n}`, destinationCidrBlock: `192.168.${n}.0/24` }));
    const template = templateOf(stack);
    const [table] = tablesOf(template);
    const plain = vpc.privateSubnets[0] as ec2.PrivateSubnet;
    expect(routesOf(template, table)).toHaveLength(Object.values(ec2.RouterType).length);
    // The framework's own subnets have the same routes.
    const other = new Stack(testApp(), 'Plain');
    const subnet = new ec2.Subnet(other, 'Subnet', { availabilityZone: plain.availabilityZone, cidrBlock: plain.ipv4CidrBlock, vpcId: 'vpc-1' });
    Object.values(ec2.RouterType).forEach((routerType, n) => subnet.addRoute(`Route${n}`, { routerType, routerId: `target-${n}`, destinationCidrBlock: `192.168.${n}.0/24` }));
    const expected = routesOf(templateOf(other), stack.resolve(other.resolve(subnet.routeTable.routeTableId)).Ref);
    const sorted = (routes: object[]) => routes.map((route) => JSON.stringify(Object.entries(route).sort())).sort();
    expect(sorted(routesOf(template, table))).toEqual(sorted(expected));
  });

  test.each<[string, ec2.AddRouteOptions, string[]]>([
    ['of an unknown type', { routerType: 'Teleporter' as ec2.RouterType, routerId: 'x' }, ["'routerType' must be one of", 'NatGateway', 'got "Teleporter"']],
    ['to two places', { routerType: ec2.RouterType.GATEWAY, routerId: 'x', destinationCidrBlock: '0.0.0.0/0', destinationIpv6CidrBlock: '::/0' },
      ["'destinationCidrBlock' and 'destinationIpv6CidrBlock' are two routes"]],
  ])('%s are refused', (_, options, parts) => {
    const tasks = taskSubnets(vpcWith(), TaskSubnetRouting.isolated());
    expectRefusal(() => tasks.addRoute('Route', options), 'Test/Tasks', ...parts);
  });
});

test('a table of its own is put on a subnet when its routes are there, so that changing the routing leaves running tasks their way out', () => {
  const { stack, vpc } = vpcWith();
  const tasks = taskSubnets({ stack, vpc }, TaskSubnetRouting.natGateways());
  tasks.addRoute('ToOffice', { routerType: ec2.RouterType.TRANSIT_GATEWAY, routerId: 'tgw-1', destinationCidrBlock: '192.168.0.0/16' });
  const template = templateOf(stack);
  const associations = idsOf(template, ASSOCIATION).filter((id) => id.startsWith('Tasks'));
  expect(associations).toHaveLength(2);
  for (const id of associations) {
    const zone = /^TasksSubnet\d/.exec(id)![0];
    const routes = idsOf(template, ROUTE).filter((route) => route.startsWith(zone));
    expect(routes).toHaveLength(2);
    routes.forEach((route) => expect(dependenciesOf(template, id)).toContain(route));
  }
});

test('changing the routing changes associations and routes, and replaces nothing', () => {
  const [before, after] = [undefined, TaskSubnetRouting.natGateways()].map((routing) => {
    const { stack, vpc } = vpcWith();
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
    new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, vpcSubnets: taskSubnets({ stack, vpc }, routing).selection });
    return templateOf(stack).toJSON().Resources as Record<string, object>;
  });
  const changed = Object.keys(before).filter((id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]));
  expect(changed.map((id) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual(['TasksSubnet1RouteTableAssociation', 'TasksSubnet2RouteTableAssociation', 'WebService']);
  // Of the service only what it waits for.
  const service = changed.find((id) => id.startsWith('WebService'))!;
  expect({ ...after[service], DependsOn: [] }).toEqual({ ...before[service], DependsOn: [] });
  const added = Object.keys(after).filter((id) => !(id in before)).map((id) => id.replace(/[0-9A-F]{8}$/, '')).sort();
  expect(added).toEqual(['TasksSubnet1DefaultRoute', 'TasksSubnet1RouteTable', 'TasksSubnet2DefaultRoute', 'TasksSubnet2RouteTable']);
});
