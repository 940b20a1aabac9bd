import { CfnParameter, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { DualStack, TaskSubnetRouting, TaskSubnets, type TaskSubnetsProps } from '../../src';
import { testApp } from '../app';
import { awsvpcService, synth, templateOf, testVpc, warningsOf, type World } from '../fixtures';
import { expectRefusal } from '../refusal';
import { dependenciesOf, idOf, idsOf } from '../template-graph';

const SUBNET = 'AWS::EC2::Subnet';
const ROUTE = 'AWS::EC2::Route';
const BLOCK = 'AWS::EC2::VPCCidrBlock';
const { PUBLIC, PRIVATE_WITH_EGRESS, PRIVATE_ISOLATED } = ec2.SubnetType;

/** What languages without TypeScript's types can pass. */
type Anything = never;

function dualStackWorld(vpcProps: ec2.VpcProps = {}, props: StackProps = {}): World & { readonly dualStack: DualStack } {
  const app = testApp();
  const stack = new Stack(app, 'Test', props);
  const vpc = testVpc(stack, vpcProps);
  return { app, stack, vpc, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }), dualStack: DualStack.enable(vpc) };
}

/** The resources of subnets, as deployed. */
function deployed(stack: Stack, subnets: readonly ec2.ISubnet[]) {
  const resources = templateOf(stack).findResources(SUBNET);
  return subnets.map((subnet) => resources[stack.resolve(subnet.subnetId).Ref].Properties);
}

function slotsOf(stack: Stack, subnets: readonly ec2.ISubnet[]): number[] {
  return deployed(stack, subnets).map(({ Ipv6CidrBlock }) => Ipv6CidrBlock['Fn::Select'][0]);
}

/** The routes of a subnet's table: `::/0 EgressOnlyInternetGatewayId <logical id>`. */
function routesOf(stack: Stack, { routeTable }: ec2.ISubnet): string[] {
  return Object.values(templateOf(stack).findResources(ROUTE))
    .filter(({ Properties }) => JSON.stringify(Properties.RouteTableId) === JSON.stringify(stack.resolve(routeTable.routeTableId)))
    .map(({ Properties: { RouteTableId: _, DestinationCidrBlock, DestinationIpv6CidrBlock, ...target } }) => {
      const [[kind, gateway]] = Object.entries<{ Ref: string }>(target);
      return `${DestinationCidrBlock ?? DestinationIpv6CidrBlock} ${kind} ${gateway.Ref}`;
    }).sort();
}

describe('IPv6-only subnets', () => {
  test('are one for each zone, without IPv4, in the highest tier', () => {
    const { stack, dualStack, vpc } = dualStackWorld();
    const tasks = dualStack.addIpv6OnlySubnets('Tasks');
    expect(tasks.selection).toEqual({ subnets: tasks.subnets });
    expect(tasks.subnets.map(({ availabilityZone }) => stack.resolve(availabilityZone))).toEqual(stack.resolve(vpc.availabilityZones));
    expect(slotsOf(stack, tasks.subnets)).toEqual([240, 241]);
    for (const properties of deployed(stack, tasks.subnets)) {
      expect(properties).toMatchObject({ Ipv6Native: true, AssignIpv6AddressOnCreation: true, EnableDns64: true });
      expect(properties.VpcId).toEqual(stack.resolve(vpc.vpcId));
      expect(properties).not.toHaveProperty('CidrBlock');
      expect(properties).not.toHaveProperty('MapPublicIpOnLaunch', true);
    }
  });

  test('are found by a look-up as a group of their own, not as private subnets like others', () => {
    const { stack, dualStack } = dualStackWorld();
    const [{ Tags }] = deployed(stack, dualStack.addIpv6OnlySubnets('Tasks').subnets);
    expect(Tags).toEqual(expect.arrayContaining([
      { Key: 'aws-cdk:subnet-name', Value: 'Tasks' }, { Key: 'aws-cdk:subnet-type', Value: 'Isolated' },
    ]));
  });

  test('reach the internet through the egress-only gateway, and IPv4 through the one NAT gateway there is', () => {
    const { stack, dualStack } = dualStackWorld({ natGateways: 1 });
    const tasks = dualStack.addIpv6OnlySubnets('Tasks');
    const template = templateOf(stack);
    const nat = idOf(template, 'AWS::EC2::NatGateway');
    const out = idOf(template, 'AWS::EC2::EgressOnlyInternetGateway');
    for (const subnet of tasks.subnets) {
      expect(routesOf(stack, subnet)).toEqual([`64:ff9b::/96 NatGatewayId ${nat}`, `::/0 EgressOnlyInternetGatewayId ${out}`]);
    }
  });

  test('use the NAT gateway of their zone', () => {
    const { stack, dualStack, vpc } = dualStackWorld({ natGateways: 2 });
    const tasks = dualStack.addIpv6OnlySubnets('Tasks');
    const gateways = vpc.publicSubnets.map(({ node }) => stack.resolve((node.findChild('NATGateway') as ec2.CfnNatGateway).ref).Ref);
    expect(gateways[0]).not.toBe(gateways[1]);
    expect(tasks.subnets.map((subnet) => routesOf(stack, subnet)[0])).toEqual(gateways.map((id) => `64:ff9b::/96 NatGatewayId ${id}`));
  });

  test('use the NAT gateway of their zone where not every zone has one, and else another', () => {
    const { stack, dualStack, vpc } = dualStackWorld({ natGateways: 0, maxAzs: undefined, availabilityZones: ['a', 'b', 'c'] });
    const [first, , third] = vpc.publicSubnets;
    const gateways = [first, third].map((subnet) => new ec2.CfnNatGateway(subnet, 'Own', { subnetId: subnet.subnetId }));
    const tasks = dualStack.addIpv6OnlySubnets('Tasks');
    const [ofFirst, ofThird] = gateways.map((gateway) => `64:ff9b::/96 NatGatewayId ${stack.resolve(gateway.ref).Ref}`);
    expect(tasks.subnets.map((subnet) => routesOf(stack, subnet)[0])).toEqual([ofFirst, ofThird, ofThird]);
  });

  const WITHOUT_NAT: ec2.VpcProps = {
    natGateways: 0,
    subnetConfiguration: [{ name: 'Public', subnetType: PUBLIC }, { name: 'Isolated', subnetType: PRIVATE_ISOLATED }],
  };
  test.each<[string, ec2.VpcProps, boolean | undefined]>([
    ['there is no NAT gateway', WITHOUT_NAT, undefined],
    ['it is not wanted', {}, false],
  ])('have neither NAT64 nor DNS64 where %s: a name with an IPv4 address only had better not resolve', (_, props, nat64) => {
    const { stack, dualStack } = dualStackWorld(props);
    const tasks = dualStack.addIpv6OnlySubnets('Tasks', { nat64 });
    expect(routesOf(stack, tasks.subnets[0])).toEqual([
      `::/0 EgressOnlyInternetGatewayId ${idOf(templateOf(stack), 'AWS::EC2::EgressOnlyInternetGateway')}`,
    ]);
    expect(deployed(stack, tasks.subnets)[0]).not.toHaveProperty('EnableDns64');
  });

  test('with NAT64 are refused where there is no NAT gateway, and no tier is lost by that', () => {
    const { stack, dualStack, vpc } = dualStackWorld(WITHOUT_NAT);
    new ec2.CfnNatGateway(vpc.publicSubnets[0], 'Private', { subnetId: vpc.publicSubnets[0].subnetId, connectivityType: 'private' });
    expectRefusal(() => dualStack.addIpv6OnlySubnets('Tasks', { nat64: true }), 'Test/Vpc/DualStack', "'nat64' of 'Tasks' needs a NAT gateway in a public subnet");
    expect(slotsOf(stack, dualStack.addIpv6OnlySubnets('Tasks').subnets)).toEqual([240, 241]);
  });

  test('are there before what uses them, with their routes, and go after it', () => {
    const w = dualStackWorld();
    const tasks = w.dualStack.addIpv6OnlySubnets('Tasks');
    awsvpcService(w, { vpcSubnets: tasks.selection });
    const template = templateOf(w.stack);
    const waitsFor = dependenciesOf(template, idOf(template, 'AWS::ECS::Service'));
    const routes = idsOf(template, ROUTE).filter((id) => id.startsWith('VpcDualStackTasks'));
    expect(routes).toHaveLength(4);
    expect([...waitsFor]).toEqual(expect.arrayContaining([...routes, idOf(template, BLOCK)]));
    for (const subnet of tasks.subnets) {
      expect(dependenciesOf(template, w.stack.resolve(subnet.subnetId).Ref)).toContain(idOf(template, BLOCK));
    }
  });

  test('keep their numbers and zones when zones and further groups are added', () => {
    const of = (zones: number) => {
      const { stack, dualStack } = dualStackWorld({ maxAzs: undefined, availabilityZones: ['a', 'b', 'c'].slice(0, zones) });
      const tasks = dualStack.addIpv6OnlySubnets('Tasks');
      const slots = slotsOf(stack, tasks.subnets);
      return Object.fromEntries(tasks.subnets.map(({ node, availabilityZone }, index) => [node.path, [availabilityZone, slots[index]]]));
    };
    expect(of(2)).toEqual({ 'Test/Vpc/DualStack/Tasks/Subnet1': ['a', 240], 'Test/Vpc/DualStack/Tasks/Subnet2': ['b', 241] });
    expect(of(3)).toMatchObject(of(2));
  });

  test.each([
    ['eu-north-1', ['ipv6-only-region']],
    ['us-east-1', []],
    [undefined, []],
  ])('in Region %s warn %j', (region, warnings) => {
    const { stack, dualStack } = dualStackWorld({ maxAzs: undefined, availabilityZones: [`${region}a`] }, { env: { region } });
    dualStack.addIpv6OnlySubnets('Tasks');
    expect(warningsOf(stack)).toEqual(warnings);
  });
});

describe('tiers of subnets that are added', () => {
  test('go down from 15 in the order of the calls, past those that are taken', () => {
    const { stack, dualStack } = dualStackWorld();
    const slots = [dualStack.addIpv6OnlySubnets('A', { tier: 15 }), dualStack.addIpv6OnlySubnets('B', { tier: 13 }),
      dualStack.addIpv6OnlySubnets('C'), dualStack.addIpv6OnlySubnets('D')].map(({ subnets }) => slotsOf(stack, subnets)[0]);
    expect(slots).toEqual([240, 208, 224, 192]);
  });

  test.each([
    [0, "'tier' 0 must be free, and subnet group 'Public' has it"],
    [1, "'tier' 1 must be free, and subnet group 'Later' has it"],
    [16, "'tier' must be an integer from 0 to 15, got 16"],
    [-1, "'tier' must be an integer from 0 to 15, got -1"],
    [1.5, "'tier' must be an integer from 0 to 15, got 1.5"],
  ])('%d is refused', (tier, words) => {
    const { dualStack } = dualStackWorld({
      subnetConfiguration: [
        { name: 'Public', subnetType: PUBLIC },
        { name: 'Later', subnetType: PRIVATE_ISOLATED, reserved: true },
        { name: 'Private', subnetType: PRIVATE_WITH_EGRESS },
      ],
    });
    expectRefusal(() => dualStack.addIpv6OnlySubnets('Tasks', { tier }), 'Test/Vpc/DualStack', words);
  });

  test('are refused twice', () => {
    const { dualStack } = dualStackWorld();
    dualStack.addIpv6OnlySubnets('A', { tier: 7 });
    expectRefusal(() => dualStack.addIpv6OnlySubnets('B', { tier: 7 }), 'Test/Vpc/DualStack', "'tier' 7 must be free, and Test/Vpc/DualStack/A has it");
  });

  test('are refused as values known only at deployment', () => {
    const { stack, dualStack } = dualStackWorld();
    const tier = new CfnParameter(stack, 'Tier', { type: 'Number' }).valueAsNumber;
    expectRefusal(() => dualStack.addIpv6OnlySubnets('A', { tier }), 'Test/Vpc/DualStack', "'tier' must be literal", 'got a value known only at deployment');
  });

  test('run out', () => {
    const { dualStack } = dualStackWorld();
    for (let tier = 2; tier < 16; tier++) {
      dualStack.addIpv6OnlySubnets(`Tasks${tier}`);
    }
    expectRefusal(() => dualStack.addIpv6OnlySubnets('Last'), 'Test/Vpc/DualStack', "no tier is left for Test/Vpc/DualStack/Last: the VPC's IPv6 block has 16");
  });
});

describe('TaskSubnets', () => {
  const CIDR = '100.64.0.0/16';
  const taskSubnets = ({ stack, vpc }: World, props: Partial<TaskSubnetsProps> = {}) => new TaskSubnets(stack, 'Tasks', { vpc, cidr: CIDR, ...props });

  test('get IPv6 beside their IPv4 addresses, and their way out by the tables they share', () => {
    const w = dualStackWorld();
    const tasks = taskSubnets(w);
    w.dualStack.addTaskSubnets(tasks);
    expect(slotsOf(w.stack, tasks.subnets)).toEqual([240, 241]);
    for (const properties of deployed(w.stack, tasks.subnets)) {
      expect(properties).toMatchObject({ AssignIpv6AddressOnCreation: true, CidrBlock: expect.stringMatching(/^100\.64\./) });
    }
    const out = idOf(templateOf(w.stack), 'AWS::EC2::EgressOnlyInternetGateway');
    expect(routesOf(w.stack, tasks.subnets[0])).toContain(`::/0 EgressOnlyInternetGatewayId ${out}`);
  });

  test('take a tier of their own where one is asked for', () => {
    const w = dualStackWorld();
    const tasks = taskSubnets(w);
    w.dualStack.addTaskSubnets(tasks, { tier: 5 });
    expect(slotsOf(w.stack, tasks.subnets)).toEqual([80, 81]);
  });

  test.each<[string, TaskSubnetRouting, string[]]>([
    ['with routes to NAT gateways get one out by IPv6', TaskSubnetRouting.natGateways(), ['0.0.0.0/0 NatGatewayId', '::/0 EgressOnlyInternetGatewayId']],
    ['that are isolated stay so', TaskSubnetRouting.isolated(), []],
  ])('%s', (_, routing, expected) => {
    const w = dualStackWorld();
    const tasks = taskSubnets(w, { routing });
    w.dualStack.addTaskSubnets(tasks);
    awsvpcService(w, { vpcSubnets: tasks.selection });
    expect(routesOf(w.stack, tasks.subnets[0]).map((route) => route.split(' ').slice(0, 2).join(' '))).toEqual(expected);
    const template = templateOf(w.stack);
    const routes = idsOf(template, ROUTE).filter((id) => id.startsWith('Tasks'));
    expect(routes).toHaveLength(2 * expected.length);
    expect([...dependenciesOf(template, idOf(template, 'AWS::ECS::Service'))]).toEqual(expect.arrayContaining(routes));
  });

  test('wait for the block they have a part of', () => {
    const w = dualStackWorld();
    w.dualStack.addTaskSubnets(taskSubnets(w));
    const template = templateOf(w.stack);
    const block = w.stack.resolve(w.dualStack.cidrBlock.logicalId);
    const subnets = idsOf(template, SUBNET).filter((id) => id.startsWith('Tasks'));
    expect(subnets).toHaveLength(2);
    subnets.forEach((subnet) => expect(dependenciesOf(template, subnet)).toContain(block));
  });

  test('of another stack get it too', () => {
    const w = dualStackWorld();
    const other = new Stack(w.app, 'Other');
    w.dualStack.addTaskSubnets(taskSubnets({ ...w, stack: other }));
    synth(w.app);
    const subnets = Object.values(Template.fromStack(other).findResources(SUBNET));
    expect(subnets.map(({ Properties }) => Properties.Ipv6CidrBlock['Fn::Select'][0])).toEqual([240, 241]);
    expect(other.dependencies).toContain(w.stack);
  });

  test('are refused twice, of another VPC, in too many zones, and as something else', () => {
    const w = dualStackWorld();
    const tasks = taskSubnets(w);
    w.dualStack.addTaskSubnets(tasks);
    expectRefusal(() => w.dualStack.addTaskSubnets(tasks), 'Test/Vpc/DualStack', "'tasks' (Test/Tasks) must be IPv4 only, and has IPv6 already");
    const vpc = new ec2.Vpc(w.stack, 'OtherVpc', { maxAzs: 1 });
    const theirs = new TaskSubnets(w.stack, 'Theirs', { vpc, cidr: CIDR });
    expectRefusal(() => w.dualStack.addTaskSubnets(theirs), 'Test/Vpc/DualStack', "'tasks' (Test/Theirs) must be of this VPC", 'it is of Test/OtherVpc');
    const many = new TaskSubnets(w.stack, 'Many', {
      vpc: w.vpc, cidr: '100.65.0.0/16', subnetMask: 24, routing: TaskSubnetRouting.isolated(),
      availabilityZones: Array.from({ length: 17 }, (_, index) => `zone-${index}`),
    });
    expectRefusal(() => w.dualStack.addTaskSubnets(many), 'Test/Vpc/DualStack', "'tasks' (Test/Many) must be in at most 16 zones, got 17");
    expectRefusal(() => w.dualStack.addTaskSubnets(w.vpc as Anything), 'Test/Vpc/DualStack', "'tasks' must be a TaskSubnets, got Vpc");
  });
});
