import { App, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, TaskSubnetRouting, TaskSubnets, type TaskSubnetsProps } from '../../src';
import { testApp } from '../app';
import { CONTAINER, ec2Capacity, synth, templateOf } from '../fixtures';
import { expectRefusal } from '../refusal';
import { dependenciesOf, idOf, idsOf } from '../template-graph';
import { found, lookingUp, TWO_ZONES } from './looked-up-vpc';

interface Given {
  readonly stack: Stack;
  readonly vpc: ec2.IVpc;
}

const taskSubnets = ({ stack, vpc }: Given, props: Partial<TaskSubnetsProps> = {}) => new TaskSubnets(stack, 'Tasks', { vpc, cidr: '100.64.0.0/16', ...props });

/** Zone, block and route table of the task subnets in a template. */
function subnetsIn(template: Template) {
  const tables = Object.fromEntries(Object.values(template.findResources('AWS::EC2::SubnetRouteTableAssociation'))
    .map(({ Properties }) => [Properties.SubnetId.Ref, Properties.RouteTableId]));
  return Object.entries(template.findResources('AWS::EC2::Subnet')).map(([id, { Properties }]) => [Properties.AvailabilityZone, Properties.CidrBlock, tables[id]]);
}

/** A stack with an imported VPC of two zones. */
function imported(attributes: Partial<ec2.VpcAttributes> = {}): Given {
  const stack = new Stack(testApp(), 'Test');
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1',
    availabilityZones: ['zone-a', 'zone-b'],
    privateSubnetIds: ['subnet-a', 'subnet-b'],
    privateSubnetRouteTableIds: ['rtb-a', 'rtb-b'],
    ...attributes,
  });
  return { stack, vpc };
}

describe('a VPC that is looked up', () => {
  test('gets the block, and a subnet in each zone with the route table of the private one', () => {
    const given = lookingUp(found(TWO_ZONES));
    taskSubnets(given);
    const template = templateOf(given.stack);
    template.hasResourceProperties('AWS::EC2::VPCCidrBlock', { VpcId: 'vpc-1', CidrBlock: '100.64.0.0/16' });
    expect(subnetsIn(template)).toEqual([
      ['eu-west-1a', '100.64.0.0/18', 'rtb-Private-eu-west-1a'],
      ['eu-west-1b', '100.64.64.0/18', 'rtb-Private-eu-west-1b'],
    ]);
  });

  test('is waited for: the block, then subnets and their associations, then the service', () => {
    const given = lookingUp(found(TWO_ZONES));
    const cluster = new ecs.Cluster(given.stack, 'Cluster', { vpc: given.vpc });
    new AwsvpcService(given.stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, vpcSubnets: taskSubnets(given).selection });
    const template = templateOf(given.stack);
    const awaited = dependenciesOf(template, idOf(template, 'AWS::ECS::Service'));
    for (const type of ['AWS::EC2::VPCCidrBlock', 'AWS::EC2::Subnet', 'AWS::EC2::SubnetRouteTableAssociation']) {
      idsOf(template, type).forEach((id) => expect(awaited).toContain(id));
    }
    idsOf(template, 'AWS::EC2::Subnet').forEach((id) => expect(dependenciesOf(template, id)).toContain(idOf(template, 'AWS::EC2::VPCCidrBlock')));
  });

  test('is judged by its first block', () => {
    expectRefusal(() => taskSubnets(lookingUp(found(TWO_ZONES)), { cidr: '172.16.0.0/16' }), 'Test/Tasks', 'in a VPC that has 10.0.0.0/16 (its first block)');
    expectRefusal(() => taskSubnets(lookingUp(found(TWO_ZONES)), { cidr: '10.0.0.0/24' }), 'Test/Tasks', 'overlaps 10.0.0.0/16, which the VPC has', "'associate: false'");
  });

  test('says what could not be checked', () => {
    const given = lookingUp(found(TWO_ZONES));
    taskSubnets(given);
    Annotations.fromStack(given.stack).hasInfo('/Test/Tasks',
      '100.64.0.0/16 is checked against what this app knows of the VPC. Not known: blocks, subnets and routes that the VPC has outside this app');
  });

  const withPods = { ...TWO_ZONES, Private: [...TWO_ZONES.Private, { zone: 'eu-west-1a', cidr: '100.64.0.0/20' }] };

  test('has blocks that only its subnets give away', () => {
    expectRefusal(() => taskSubnets(lookingUp(found(withPods))), 'Test/Tasks',
      "'cidr' 100.64.0.0/16 overlaps a block that the VPC has: subnet-Private-eu-west-1a-100.64.0.0/20 is 100.64.0.0/20", 'Free is, for one, 100.65.0.0/16', "'associate: false'");
  });

  test('can give a part of such a block where no subnet is', () => {
    expectRefusal(() => taskSubnets(lookingUp(found(withPods)), { associate: false }), 'Test/Tasks',
      'gives a subnet 100.64.0.0/18, which overlaps 100.64.0.0/20 of subnet-Private-eu-west-1a-100.64.0.0/20');
    const given = lookingUp(found(withPods));
    taskSubnets(given, { cidr: '100.64.128.0/17', associate: false });
    templateOf(given.stack).resourceCountIs('AWS::EC2::VPCCidrBlock', 0);
    // The subnets already there are private too, but the first one of a zone has the say.
    expect(subnetsIn(templateOf(given.stack))).toEqual([
      ['eu-west-1a', '100.64.128.0/19', 'rtb-Private-eu-west-1a'], ['eu-west-1b', '100.64.160.0/19', 'rtb-Private-eu-west-1b'],
    ]);
  });

  describe('again, after these subnets were deployed', () => {
    const own = [{ zone: 'eu-west-1a', cidr: '100.64.0.0/18', routeTableId: 'rtb-own' }, { zone: 'eu-west-1b', cidr: '100.64.64.0/18', routeTableId: 'rtb-own' }];
    const before = () => lookingUp(found(TWO_ZONES));
    /** As a look-up lists them: among the private subnets, in an order that cannot be relied on. */
    const after = () => lookingUp(found({ ...TWO_ZONES, Private: [...own, ...TWO_ZONES.Private] }));

    test.each<[string, Partial<TaskSubnetsProps>]>([
      ['shared route tables', {}],
      ['route tables of its own', { routing: TaskSubnetRouting.natGateways(['nat-1']) }],
      ['no association', { associate: false }],
    ])('the same template comes out, with %s', (_, props) => {
      const [first, second] = [before(), after()].map((given) => {
        taskSubnets(given, props);
        return templateOf(given.stack).toJSON();
      });
      expect(second).toEqual(first);
    });

    test('instances stay where they are: the look-up has these subnets among the isolated ones, as their tags say', () => {
      const [first, second] = [before(), lookingUp(found({ ...TWO_ZONES, Isolated: own }))].map((given) => {
        const cluster = new ecs.Cluster(given.stack, 'Cluster', { vpc: given.vpc });
        new AwsvpcService(given.stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, vpcSubnets: taskSubnets(given).selection });
        return templateOf(given.stack).toJSON();
      });
      expect(second).toEqual(first);
    });

    test('renumbering them is refused: the same block in another zone would replace the subnet', () => {
      expectRefusal(() => taskSubnets(after(), { availabilityZones: ['eu-west-1b', 'eu-west-1a'] }), 'Test/Tasks', 'overlaps a block that the VPC has: subnet-Private-eu-west-1a');
    });

    test('resizing them is refused', () => {
      expectRefusal(() => taskSubnets(after(), { subnetMask: 19 }), 'Test/Tasks', 'is 100.64.0.0/18');
    });
  });

  test('with isolated subnets only needs to be told what to do', () => {
    const isolated = { Isolated: TWO_ZONES.Private };
    expectRefusal(() => taskSubnets(lookingUp(found(isolated))), 'Test/Tasks', "'routing' must be given: the VPC has no private subnets with a route out");
    const sharing = lookingUp(found(isolated));
    taskSubnets(sharing, { routing: TaskSubnetRouting.sharedRouteTables({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }) });
    expect(subnetsIn(templateOf(sharing.stack)).map(([, , table]) => table)).toEqual(['rtb-Isolated-eu-west-1a', 'rtb-Isolated-eu-west-1b']);
    const own = lookingUp(found(isolated));
    taskSubnets(own, { routing: TaskSubnetRouting.isolated() });
    expect(subnetsIn(templateOf(own.stack)).map(([zone]) => zone)).toEqual(['eu-west-1a', 'eu-west-1b']);
  });
});

describe('a VPC whose look-up is still to be made', () => {
  test.each<[string, Partial<TaskSubnetsProps>]>([
    ['everything by default', {}],
    ['zones that the stand-in does not have', { availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] }],
    ['one zone less than the stand-in has', { cidr: '100.64.0.0/28' }],
    ['a block that overlaps that of the stand-in', { cidr: '1.2.0.0/16' }],
    ['a block of it', { cidr: '1.2.0.0/16', associate: false }],
    ['route tables of its own', { routing: TaskSubnetRouting.natGateways(['nat-1']) }],
  ])('is not judged: %s', (_, props) => {
    const given = lookingUp();
    taskSubnets(given, props);
    const { manifest } = (given.stack.node.root as App).synth({ validateOnSynthesis: false });
    expect(manifest.missing).toHaveLength(1);
    expect(Annotations.fromStack(given.stack).findInfo('/Test/Tasks', Match.anyValue())).toEqual([]);
  });
});

describe('an imported VPC', () => {
  test('gets subnets with the route tables it was given', () => {
    const given = imported({ vpcCidrBlock: '10.0.0.0/16' });
    taskSubnets(given);
    expect(subnetsIn(templateOf(given.stack))).toEqual([['zone-a', '100.64.0.0/18', 'rtb-a'], ['zone-b', '100.64.64.0/18', 'rtb-b']]);
    expectRefusal(() => new TaskSubnets(given.stack, 'Other', { vpc: given.vpc, cidr: '192.168.0.0/16' }), 'Test/Other', 'in a VPC that has 10.0.0.0/16');
  });

  test('without its block is not judged by it, and that is said', () => {
    const given = imported();
    taskSubnets(given, { cidr: '192.168.0.0/16' });
    Annotations.fromStack(given.stack).hasInfo('/Test/Tasks', Match.stringLikeRegexp('Not known: the first block of the VPC, which was not given when it was imported; blocks, subnets'));
    synth(given.stack.node.root as App);
  });

  test('with a block known only at deployment is not judged by it', () => {
    const given = imported({ vpcCidrBlock: Fn.importValue('Block') });
    taskSubnets(given, { cidr: '192.168.0.0/16' });
    Annotations.fromStack(given.stack).hasInfo('/Test/Tasks', Match.stringLikeRegexp('Not known: the first block of the VPC; blocks, subnets'));
  });

  test('without route tables is asked for them by name, or told what does without', () => {
    const given = imported({ privateSubnetRouteTableIds: undefined });
    expectRefusal(() => taskSubnets(given), 'Test/Tasks', "'vpc' must tell the route table of Test/Vpc/PrivateSubnet1", "'privateSubnetRouteTableIds'", "other 'routing' does without");
    const own = imported({ privateSubnetRouteTableIds: undefined });
    taskSubnets(own, { routing: TaskSubnetRouting.natGateways(['nat-1']) });
    const table = { Ref: expect.any(String) };
    expect(subnetsIn(templateOf(own.stack)).map(([, , ofSubnet]) => ofSubnet)).toEqual([table, table]);
  });

  test('with lists whose length is known only at deployment is refused', () => {
    const stack = new Stack(testApp(), 'Test');
    const lists = new CfnParameter(stack, 'List', { type: 'CommaDelimitedList' }).valueAsList;
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: lists, privateSubnetIds: lists, privateSubnetRouteTableIds: lists });
    expectRefusal(() => taskSubnets({ stack, vpc }), 'Test/Tasks', "'availabilityZones' must be at least one zone, each known one by one");
    const tables = imported({
      availabilityZones: ['zone-a'], privateSubnetIds: ['subnet-a'], privateSubnetRouteTableIds: Fn.split(',', Fn.importValue('Tables')),
    });
    expectRefusal(() => taskSubnets(tables), 'Test/Tasks', "'vpc' must tell the route table of", 'each known one by one');
  });

  test('with values known only at deployment, one by one, works', () => {
    const given = imported({
      vpcId: Fn.importValue('Vpc'),
      availabilityZones: [0, 1].map((n) => Fn.select(n, Fn.getAzs())),
      privateSubnetRouteTableIds: [0, 1].map((n) => Fn.importValue(`Table${n}`)),
    });
    taskSubnets(given);
    expect(subnetsIn(templateOf(given.stack))).toEqual([0, 1].map((n) => [
      { 'Fn::Select': [n, { 'Fn::GetAZs': '' }] }, `100.64.${64 * n}.0/18`, { 'Fn::ImportValue': `Table${n}` },
    ]));
  });

  test('with several private subnets a zone shares the table of the first, or of those chosen', () => {
    const two = {
      privateSubnetIds: ['app-a', 'app-b', 'db-a', 'db-b'],
      privateSubnetNames: ['App', 'Db'],
      privateSubnetRouteTableIds: ['app-rtb-a', 'app-rtb-b', 'db-rtb-a', 'db-rtb-b'],
    };
    const byDefault = imported(two);
    taskSubnets(byDefault);
    expect(subnetsIn(templateOf(byDefault.stack)).map(([, , table]) => table)).toEqual(['app-rtb-a', 'app-rtb-b']);
    const chosen = imported(two);
    taskSubnets(chosen, { routing: TaskSubnetRouting.sharedRouteTables({ subnetGroupName: 'Db' }) });
    expect(subnetsIn(templateOf(chosen.stack)).map(([, , table]) => table)).toEqual(['db-rtb-a', 'db-rtb-b']);
  });

  test('with a subnet of no known zone cannot share its route table', () => {
    const given = imported();
    const subnet = ec2.Subnet.fromSubnetAttributes(given.stack, 'Subnet', { subnetId: 'subnet-x', routeTableId: 'rtb-x' });
    expectRefusal(() => taskSubnets(given, { routing: TaskSubnetRouting.sharedRouteTables({ subnets: [subnet] }) }), 'Test/Tasks',
      "'routing' must select subnets whose zone is known", "give 'availabilityZone' for Test/Subnet");
  });

  test('without private subnets or a routing that does without is not guessed at', () => {
    const given = imported({ privateSubnetIds: undefined, privateSubnetRouteTableIds: undefined });
    expectRefusal(() => taskSubnets(given), 'Test/Tasks', "'routing' must be given: the VPC has no private subnets with a route out");
    taskSubnets({ ...given, stack: new Stack(given.stack.node.root, 'Isolated') }, { routing: TaskSubnetRouting.isolated() });
    synth(given.stack.node.root as App);
  });
});
