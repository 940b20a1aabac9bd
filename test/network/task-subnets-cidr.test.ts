import { Annotations as Messages, App, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { TaskSubnetRouting, TaskSubnets, type TaskSubnetsProps } from '../../src';
import { testApp } from '../app';
import { synth, templateOf, testVpc, warningsOf } from '../fixtures';
import { expectRefusal } from '../refusal';
import { dependenciesOf, idsOf } from '../template-graph';
import { found, lookingUp, TWO_ZONES } from './looked-up-vpc';

/** A stack `Test` with a VPC of this block. */
function vpcOf(cidr = '10.0.0.0/16') {
  const stack = new Stack(testApp(), 'Test');
  return { stack, vpc: testVpc(stack, { ipAddresses: ec2.IpAddresses.cidr(cidr) }) };
}

const taskSubnets = ({ stack, vpc }: { stack: Stack; vpc: ec2.IVpc }, cidr = '100.64.0.0/16', props: Partial<TaskSubnetsProps> = {}, id = 'Tasks') =>
  new TaskSubnets(stack, id, { vpc, cidr, ...props });

/** The message that synthesis refuses a stack with. */
function synthesisError(stack: Stack): string {
  try {
    synth(stack.node.root as App);
  } catch (error) {
    return (error as Error).message;
  }
  return 'none';
}

const routeFrom = ({ stack, vpc }: { stack: Stack; vpc: ec2.IVpc }, destinationCidrBlock: string, id = 'Route') => new ec2.CfnRoute(stack, id, {
  routeTableId: vpc.privateSubnets[0].routeTable.routeTableId, destinationCidrBlock, transitGatewayId: 'tgw-1',
});

describe('beside the first block of a VPC of this app', () => {
  test.each([
    ['10.1.0.0/16', '10.2.0.0/16'],
    ['10.1.0.0/16', '100.64.0.0/16'],
    ['172.31.0.0/16', '100.64.0.0/16'],
    ['172.31.0.0/16', '172.20.0.0/16'],
    ['100.64.0.0/16', '100.65.0.0/16'],
  ])('%s may get %s', (primary, cidr) => {
    const given = vpcOf(primary);
    taskSubnets(given, cidr);
    templateOf(given.stack).hasResourceProperties('AWS::EC2::VPCCidrBlock', { CidrBlock: cidr });
  });

  // Facts V04 and V07 to V11 are covered one by one in test/limits/cidr.test.ts; here that they reach the user.
  test.each([
    ['10.1.0.0/16', '172.16.0.0/16', 'lies in 172.16.0.0/12, which EC2 refuses in a VPC that has 10.1.0.0/16 (its first block)'],
    ['10.1.0.0/16', '10.0.0.0/16', 'lies in 10.0.0.0/16, which EC2 refuses in a VPC that has a block of 10.0.0.0/15, here 10.1.0.0/16'],
    ['172.16.0.0/16', '172.31.0.0/16', 'lies in 172.31.0.0/16, which EC2 refuses in a VPC that has 172.16.0.0/16'],
    ['100.64.0.0/16', '10.0.0.0/16', 'lies in 10.0.0.0/8, which EC2 refuses in a VPC that has 100.64.0.0/16'],
    ['10.1.0.0/16', '127.0.0.0/16', 'lies in 127.0.0.0/8, which no VPC takes'],
    ['10.1.0.0/16', '198.19.0.0/24', 'lies in 198.19.0.0/16, which EC2 refuses'],
    ['10.1.0.0/16', '10.1.128.0/17', 'overlaps 10.1.0.0/16, which the VPC has (its first block)'],
  ])('%s may not get %s', (primary, cidr, reason) => {
    expectRefusal(() => taskSubnets(vpcOf(primary), cidr), 'Test/Tasks', `'cidr' ${cidr} ${reason}`, `. Free is, for one, 100.6${primary.startsWith('100') ? 5 : 4}.0.0`);
  });
});

describe('beside other blocks of this app', () => {
  const associate = ({ stack, vpc }: { stack: Stack; vpc: ec2.IVpc }, cidrBlock: string, id = 'Other') =>
    new ec2.CfnVPCCidrBlock(stack, id, { vpcId: vpc.vpcId, cidrBlock });

  test('one that overlaps is refused, with a free one and the other way', () => {
    const given = vpcOf();
    associate(given, '100.64.0.0/16');
    expectRefusal(() => taskSubnets(given, '100.64.128.0/17'), 'Test/Tasks', "'cidr' 100.64.128.0/17 overlaps 100.64.0.0/16, which the VPC has (Test/Other)",
      'Free is, for one, 100.65.0.0/17', "'associate: false'");
  });

  test('one that holds it is no place to take subnets from', () => {
    const given = vpcOf();
    associate(given, '100.64.128.0/17');
    expect(() => taskSubnets(given)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('associate: false') }));
  });

  test('is looked at again at synthesis', () => {
    const given = vpcOf();
    taskSubnets(given);
    associate(given, '100.64.128.0/17');
    expect(synthesisError(given.stack)).toContain("[Test/Tasks] 'cidr' 100.64.0.0/16 overlaps 100.64.128.0/17, which the VPC has (Test/Other)");
  });

  test('that of other task subnets counts, and their own does not', () => {
    const given = vpcOf();
    taskSubnets(given, '100.64.0.0/16');
    taskSubnets(given, '100.65.0.0/16', {}, 'More');
    expectRefusal(() => taskSubnets(given, '100.64.0.0/17', {}, 'Again'), 'Test/Again', 'overlaps 100.64.0.0/16, which the VPC has (Test/Tasks/Association)',
      'Free is, for one, 100.66.0.0/17');
  });

  test('that of another VPC does not count', () => {
    const given = vpcOf();
    taskSubnets({ stack: given.stack, vpc: new ec2.Vpc(given.stack, 'Elsewhere', { maxAzs: 1 }) });
    associate({ stack: given.stack, vpc: new ec2.Vpc(given.stack, 'Third', { maxAzs: 1 }) }, '100.64.0.0/16');
    taskSubnets(given, '100.64.0.0/16', {}, 'More');
    expect(synthesisError(given.stack)).toBe('none');
  });

  test('that of a VPC declared as a resource counts, by whichever reference', () => {
    const stack = new Stack(testApp(), 'Test');
    const resource = new ec2.CfnVPC(stack, 'Vpc', { cidrBlock: '192.168.0.0/16' });
    const imported = ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
      vpcId: resource.attrVpcId, availabilityZones: ['zone-a'], privateSubnetIds: ['subnet-a'], privateSubnetRouteTableIds: ['rtb-a'],
    });
    expectRefusal(() => taskSubnets({ stack, vpc: imported }, '10.0.0.0/16'), 'Test/Tasks', 'in a VPC that has 192.168.0.0/16 (its first block)');
    new ec2.CfnVPCCidrBlock(stack, 'Other', { vpcId: resource.ref, cidrBlock: '100.64.0.0/16' });
    expectRefusal(() => taskSubnets({ stack, vpc: imported }, '100.64.0.0/16', {}, 'More'), 'Test/More', '(Test/Other)');
    taskSubnets({ stack, vpc: imported }, '100.65.0.0/16', {}, 'Fits');
    expect(Annotations.fromStack(stack).findInfo('/Test/Fits', Match.anyValue())).toEqual([]);
  });

  test('one known only at deployment is not guessed at, and said to be unknown', () => {
    const given = vpcOf();
    associate(given, new CfnParameter(given.stack, 'Block').valueAsString, 'FromParameter');
    new ec2.CfnVPCCidrBlock(given.stack, 'FromPool', { vpcId: given.vpc.vpcId, ipv4IpamPoolId: 'ipam-pool-1', ipv4NetmaskLength: 20 });
    taskSubnets(given);
    Annotations.fromStack(given.stack).hasInfo('/Test/Tasks', '100.64.0.0/16 is checked against what this app knows of the VPC. '
      + 'Not known: the block of Test/FromParameter; the block of Test/FromPool');
  });

  test('where everything is known there is nothing to say', () => {
    const given = vpcOf();
    taskSubnets(given);
    expect(Annotations.fromStack(given.stack).findInfo('*', Match.stringLikeRegexp('checked'))).toEqual([]);
  });

  test('an IPv6 block is none of them', () => {
    const given = vpcOf();
    new ec2.CfnVPCCidrBlock(given.stack, 'Ipv6', { vpcId: given.vpc.vpcId, amazonProvidedIpv6CidrBlock: true });
    taskSubnets(given);
    expect(Annotations.fromStack(given.stack).findInfo('*', Match.stringLikeRegexp('checked'))).toEqual([]);
    expect(synthesisError(given.stack)).toBe('none');
  });
});

describe('how many blocks', () => {
  /** A VPC that has `others` blocks beside its own first one. */
  const withBlocks = (others: number) => {
    const given = vpcOf();
    taskSubnets(given);
    for (let n = 1; n < others; n++) {
      new ec2.CfnVPCCidrBlock(given.stack, `Block${n}`, { vpcId: given.vpc.vpcId, cidrBlock: `100.${64 + n}.0.0/16` });
    }
    return given;
  };

  test('five are the quota, and nothing is said', () => expect(warningsOf(withBlocks(4).stack)).toEqual([]));

  test('the sixth is warned about, once, on the VPC', () => {
    const { stack, vpc } = withBlocks(5);
    taskSubnets({ stack, vpc }, '100.99.0.0/16', {}, 'More');
    expect(warningsOf(stack)).toEqual(['vpc-block-quota']);
    Annotations.fromStack(stack).hasWarning('/Test/Vpc', Match.stringLikeRegexp('This app gives the VPC 7 IPv4 blocks. The quota is 5 unless it has been raised, to 50 at most'));
  });

  test('a raised quota can be acknowledged', () => {
    const { stack } = withBlocks(5);

    Messages.of(stack).acknowledgeWarning('cdk-ecs-network-modes:vpc-block-quota', 'Raised to 20');
    expect(warningsOf(stack)).toEqual([]);
  });

  test('fifty are the most there can be', () => {
    expect(synthesisError(withBlocks(49).stack)).toBe('none');
    expect(synthesisError(withBlocks(50).stack)).toContain("'cidr' 100.64.0.0/16 is one IPv4 block too many: a VPC has 50 at most, and this one has 50 without it");
  });
});

describe('routes', () => {
  test.each(['100.64.0.0/16', '100.64.8.0/24'])('a route to %s keeps the block out', (destination) => {
    const given = vpcOf();
    routeFrom(given, destination);
    expectRefusal(() => taskSubnets(given), 'Test/Tasks', `'cidr' 100.64.0.0/16 must not contain ${destination}, where the route Test/Route leads`, 'Free is, for one, 100.65.0.0/16');
  });

  test.each(['100.64.0.0/10', '100.65.0.0/16', '0.0.0.0/0'])('a route to %s does not', (destination) => {
    const given = vpcOf();
    routeFrom(given, destination);
    taskSubnets(given);
    expect(synthesisError(given.stack)).toBe('none');
  });

  test('one declared later is found at synthesis', () => {
    const given = vpcOf();
    taskSubnets(given);
    routeFrom(given, '100.64.8.0/24');
    expect(synthesisError(given.stack)).toContain("[Test/Tasks] 'cidr' 100.64.0.0/16 must not contain 100.64.8.0/24, where the route Test/Route leads");
  });

  test.each<[string, (route: ec2.CfnRoute, tasks: TaskSubnets) => void]>([
    ['the construct', (route, tasks) => route.node.addDependency(tasks)],
    ['a resource of it', (route, tasks) => route.addDependency(tasks._cfnSubnets[0])],
  ])('one that waits for %s is no hindrance, for the block is there before it', (_, waitFor) => {
    const given = vpcOf();
    const tasks = taskSubnets(given);
    waitFor(routeFrom(given, '100.64.0.0/18'), tasks);
    expect(synthesisError(given.stack)).toBe('none');
  });

  test('one in a route table of its own counts', () => {
    const given = vpcOf();
    const tasks = taskSubnets(given, '100.64.0.0/16', { routing: TaskSubnetRouting.isolated() });
    new ec2.CfnRoute(given.stack, 'Route', { routeTableId: tasks.routeTables[0].ref, destinationCidrBlock: '100.64.8.0/24', transitGatewayId: 'tgw-1' });
    expect(synthesisError(given.stack)).toContain('where the route Test/Route leads');
  });

  test('those of another VPC, of unknown destinations, and of IPv6 do not count', () => {
    const given = vpcOf();
    routeFrom({ stack: given.stack, vpc: new ec2.Vpc(given.stack, 'Elsewhere', { maxAzs: 1 }) }, '100.64.8.0/24', 'OfAnother');
    routeFrom(given, new CfnParameter(given.stack, 'To').valueAsString, 'ToParameter');
    new ec2.CfnRoute(given.stack, 'Prefix', {
      routeTableId: given.vpc.privateSubnets[0].routeTable.routeTableId, destinationPrefixListId: 'pl-1', transitGatewayId: 'tgw-1',
    });
    taskSubnets(given);
    expect(synthesisError(given.stack)).toBe('none');
  });

  test('one in an imported route table of the VPC counts', () => {
    const given = lookingUp(found(TWO_ZONES));
    routeFrom(given, '100.64.8.0/24');
    expectRefusal(() => taskSubnets(given), 'Test/Tasks', 'where the route Test/Route leads');
  });
});

describe('subnets', () => {
  const subnet = ({ stack, vpc }: { stack: Stack; vpc: ec2.IVpc }, cidrBlock: string) => new ec2.CfnSubnet(stack, 'Other', { vpcId: vpc.vpcId, cidrBlock });

  test('one of this app that overlaps them is refused', () => {
    const given = vpcOf();
    taskSubnets(given, '100.64.0.0/16', { subnetMask: 19 });
    subnet(given, '100.64.32.0/20');
    expect(synthesisError(given.stack)).toContain("[Test/Tasks] 'cidr' 100.64.0.0/16 gives a subnet 100.64.32.0/19, which overlaps 100.64.32.0/20 of Test/Other");
  });

  test('one of this app beside them in the block is not', () => {
    const given = vpcOf();
    const tasks = taskSubnets(given, '100.64.0.0/16', { subnetMask: 19 });
    subnet(given, '100.64.224.0/19').node.addDependency(tasks);
    expect(synthesisError(given.stack)).toBe('none');
  });
});

describe('without associating the block', () => {
  const existing = { associate: false };

  test('subnets wait for the resource of this app that adds the block, whenever it is declared', () => {
    const given = vpcOf();
    taskSubnets(given, '100.64.128.0/17', existing);
    new ec2.CfnVPCCidrBlock(given.stack, 'Block', { vpcId: given.vpc.vpcId, cidrBlock: '100.64.0.0/16' });
    new ec2.CfnVPCCidrBlock(given.stack, 'AnotherBlock', { vpcId: given.vpc.vpcId, cidrBlock: '100.65.0.0/16' });
    const template = templateOf(given.stack);
    template.resourceCountIs('AWS::EC2::VPCCidrBlock', 2);
    const own = idsOf(template, 'AWS::EC2::Subnet').filter((id) => id.startsWith('Tasks'));
    expect(own).toHaveLength(2);
    own.forEach((id) => {
      expect(dependenciesOf(template, id)).toContain('Block');
      expect(dependenciesOf(template, id)).not.toContain('AnotherBlock');
    });
  });

  test('two can share a block, and must be apart', () => {
    const given = vpcOf();
    const tasks = taskSubnets(given, '100.64.0.0/16', { subnetMask: 19 });
    taskSubnets(given, '100.64.128.0/17', { ...existing, subnetMask: 19 }, 'More');
    expectRefusal(() => taskSubnets(given, '100.64.32.0/19', { ...existing }, 'Third'), 'Test/Third', 'gives a subnet 100.64.32.0/21, which overlaps 100.64.32.0/19 of Test/Tasks/Subnet2/Resource');
    expect(tasks.cidrBlockAssociation).toBeDefined();
    expect(synthesisError(given.stack)).toBe('none');
  });

  test('a part of the first block will do, where no subnet is', () => {
    const given = vpcOf('10.0.0.0/16'); // two zones: 10.0.0.0/18 and 10.0.64.0/18 public, 10.0.128.0/18 and 10.0.192.0/18 private
    expectRefusal(() => taskSubnets(given, '10.0.192.0/20', existing), 'Test/Tasks', 'gives a subnet 10.0.192.0/22, which overlaps 10.0.192.0/18 of Test/Vpc/PrivateSubnet2/Subnet');
    const free = { stack: given.stack, vpc: testVpc(new Stack(given.stack.node.root, 'Small'), { subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24 },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
    ] }) };
    const tasks = taskSubnets(free, '10.0.128.0/17', existing, 'InFirst');
    expect(tasks.cidrBlockAssociation).toBeUndefined();
    expect(synthesisError(given.stack)).toBe('none');
  });

  test("parts that are the VPC's own private subnets are refused as such", () => {
    const given = vpcOf('10.0.0.0/16');
    expectRefusal(() => taskSubnets(given, '10.0.128.0/17', { ...existing, subnetMask: 18 }), 'Test/Tasks',
      'gives a subnet 10.0.128.0/18, which overlaps 10.0.128.0/18 of Test/Vpc/PrivateSubnet1/Subnet');
  });

  test('a block that the VPC does not have is refused at synthesis, when everything is declared', () => {
    const given = vpcOf();
    new ec2.CfnVPCCidrBlock(given.stack, 'Block', { vpcId: given.vpc.vpcId, cidrBlock: '100.65.0.0/16' });
    taskSubnets(given, '100.64.0.0/16', existing);
    expect(synthesisError(given.stack)).toContain("'cidr' 100.64.0.0/16 must lie in a block that the VPC has (10.0.0.0/16, 100.65.0.0/16) with 'associate: false'");
  });

  test('it is not judged where a block is known only at deployment', () => {
    const given = vpcOf();
    const block = new ec2.CfnVPCCidrBlock(given.stack, 'Block', { vpcId: given.vpc.vpcId, cidrBlock: Fn.importValue('Block') });
    taskSubnets(given, '100.64.0.0/16', existing);
    const template = templateOf(given.stack);
    idsOf(template, 'AWS::EC2::Subnet').filter((id) => id.startsWith('Tasks'))
      .forEach((id) => expect(dependenciesOf(template, id)).toContain(given.stack.resolve(block.logicalId)));
  });

  test('neither ranges, routes nor the number of blocks matter: the block is there', () => {
    const given = lookingUp(found(TWO_ZONES));
    routeFrom(given, '172.20.8.0/24');
    taskSubnets(given, '172.20.0.0/16', existing);
    expect(synthesisError(given.stack)).toBe('none');
  });
});
