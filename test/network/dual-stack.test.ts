import { Aws, CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DualStack, DualStackOptions } from '../../src';
import { testApp } from '../app';
import { awsvpcService, synth, templateOf, testVpc, World, world } from '../fixtures';
import { expectRefusal } from '../refusal';
import { ANYWHERE, waysOut } from '../security-group-rules';
import { dependenciesOf, idOf, idsOf } from '../template-graph';

const SUBNET = 'AWS::EC2::Subnet';
const ROUTE = 'AWS::EC2::Route';
const BLOCK = 'AWS::EC2::VPCCidrBlock';
const EGRESS_ONLY = 'AWS::EC2::EgressOnlyInternetGateway';
const { PUBLIC, PRIVATE_WITH_EGRESS, PRIVATE_ISOLATED } = ec2.SubnetType;

/** What languages without TypeScript's types can pass. */
type Anything = never;

function stackWithVpc(props: ec2.VpcProps = {}) {
  const app = testApp();
  const stack = new Stack(app, 'Test');
  return { app, stack, vpc: testVpc(stack, props) };
}

/** The properties of a resource by the path of its construct below the VPC. */
function resourceAt(vpc: ec2.Vpc, template: Template, path: string) {
  const construct = path.split('/').reduce((at, id) => at.node.findChild(id), vpc as ec2.Vpc['node']['scope'] & object);
  return template.toJSON().Resources[Stack.of(vpc).resolve((construct as ec2.CfnSubnet).logicalId)];
}

/** Which /64 of the VPC's block each subnet has, by its id. */
function slots(template: Template): Record<string, number> {
  return Object.fromEntries(Object.entries(template.findResources(SUBNET))
    .map(([id, { Properties }]) => [id, Properties.Ipv6CidrBlock['Fn::Select'][0]]));
}

/** Where the IPv6 routes of a VPC go, by the subnet. */
function routes(template: Template): string[] {
  return Object.entries(template.findResources(ROUTE)).filter(([, { Properties }]) => Properties.DestinationIpv6CidrBlock !== undefined)
    .map(([id, { Properties: { DestinationIpv6CidrBlock, ...target } }]) => {
      const [gateway] = Object.keys(target).filter((key) => key !== 'RouteTableId');
      return `${id.replace(/^Vpc|DefaultRoute6.*$|Nat64.*$/g, '')} ${DestinationIpv6CidrBlock} ${gateway}`;
    }).sort();
}

describe('the block', () => {
  test("is Amazon's, and every subnet has a /64 of it by group and zone, given to interfaces unasked", () => {
    const { stack, vpc } = stackWithVpc({
      subnetConfiguration: [
        { name: 'Public', subnetType: PUBLIC },
        { name: 'Private', subnetType: PRIVATE_WITH_EGRESS },
        { name: 'Isolated', subnetType: PRIVATE_ISOLATED },
      ],
    });
    const dualStack = DualStack.enable(vpc);
    const template = templateOf(stack);
    template.hasResourceProperties(BLOCK, { VpcId: stack.resolve(vpc.vpcId), AmazonProvidedIpv6CidrBlock: true });
    expect(dualStack.vpc).toBe(vpc);
    expect(stack.resolve(dualStack.cidrBlock.logicalId)).toBe(idOf(template, BLOCK));
    const numbers = {
      PublicSubnet1: 0, PublicSubnet2: 1, PrivateSubnet1: 16, PrivateSubnet2: 17, IsolatedSubnet1: 32, IsolatedSubnet2: 33,
    };
    for (const [id, slot] of Object.entries(numbers)) {
      expect(resourceAt(vpc, template, `${id}/Subnet`).Properties).toMatchObject({
        AssignIpv6AddressOnCreation: true,
        Ipv6CidrBlock: {
          'Fn::Select': [slot, { 'Fn::Cidr': [{ 'Fn::Select': [0, { 'Fn::GetAtt': [idOf(template, 'AWS::EC2::VPC'), 'Ipv6CidrBlocks'] }] }, 256, '64'] }],
        },
      });
    }
  });

  test.each<[string, DualStackOptions, object]>([
    ['of the usual size', { ipamPoolId: 'ipam-pool-1' }, { Ipv6IpamPoolId: 'ipam-pool-1', Ipv6NetmaskLength: 56 }],
    ['of a size that is asked for', { ipamPoolId: 'ipam-pool-1', netmaskLength: 48 }, { Ipv6IpamPoolId: 'ipam-pool-1', Ipv6NetmaskLength: 48 }],
  ])('comes from a pool, %s', (_, options, properties) => {
    const { stack, vpc } = stackWithVpc();
    DualStack.enable(vpc, options);
    const [{ Properties }] = Object.values(templateOf(stack).findResources(BLOCK));
    expect(Properties).toEqual({ VpcId: stack.resolve(vpc.vpcId), ...properties });
  });

  test('may have a size known only at deployment', () => {
    const { stack, vpc } = stackWithVpc();
    DualStack.enable(vpc, { ipamPoolId: 'ipam-pool-1', netmaskLength: new CfnParameter(stack, 'Size', { type: 'Number' }).valueAsNumber });
    templateOf(stack).hasResourceProperties(BLOCK, { Ipv6NetmaskLength: { Ref: 'Size' } });
  });

  test('is there before any subnet has a part of it, and goes after them', () => {
    const { stack, vpc } = stackWithVpc();
    DualStack.enable(vpc);
    const template = templateOf(stack);
    expect(idsOf(template, SUBNET)).toHaveLength(4);
    for (const subnet of idsOf(template, SUBNET)) {
      expect(dependenciesOf(template, subnet)).toContain(idOf(template, BLOCK));
    }
  });
});

describe('nothing there is moves', () => {
  const GROUPS = [{ name: 'Public', subnetType: PUBLIC }, { name: 'Private', subnetType: PRIVATE_WITH_EGRESS }];
  function slotsOf(zones: number, subnetConfiguration: ec2.SubnetConfiguration[]) {
    const { stack, vpc } = stackWithVpc({ maxAzs: undefined, availabilityZones: ['a', 'b', 'c', 'd'].slice(0, zones), subnetConfiguration });
    DualStack.enable(vpc);
    return slots(templateOf(stack));
  }

  test('when a zone is added', () => {
    const [two, three] = [slotsOf(2, GROUPS), slotsOf(3, GROUPS)];
    expect(Object.values(two).sort()).toEqual([0, 1, 16, 17]);
    expect(three).toMatchObject(two);
    expect(Object.values(three).sort((a, b) => a - b)).toEqual([0, 1, 2, 16, 17, 18]);
  });

  test('when a group is added at the end', () => {
    const two = slotsOf(2, GROUPS);
    expect(slotsOf(2, [...GROUPS, { name: 'Data', subnetType: PRIVATE_ISOLATED }])).toMatchObject(two);
  });

  test('when a group that was reserved is made', () => {
    const data = { name: 'Data', subnetType: PRIVATE_ISOLATED };
    const reserved = slotsOf(2, [GROUPS[0], { ...data, reserved: true }, GROUPS[1]]);
    expect(Object.values(reserved).sort((a, b) => a - b)).toEqual([0, 1, 32, 33]);
    expect(slotsOf(2, [GROUPS[0], data, GROUPS[1]])).toMatchObject(reserved);
  });

  test('when it is turned on: no resource and no other property of the IPv4 network changes', () => {
    const [before, after] = [false, true].map((enabled) => {
      const { stack, vpc } = stackWithVpc();
      if (enabled) {
        DualStack.enable(vpc);
      }
      type Resources = Record<string, { Type: string; Properties?: Record<string, unknown>; DependsOn?: string[] }>;
      return templateOf(stack).toJSON().Resources as Resources;
    });
    for (const [id, { Type, Properties, DependsOn }] of Object.entries(before)) {
      const { Ipv6CidrBlock, AssignIpv6AddressOnCreation, ...others } = after[id].Properties ?? {};
      expect(others).toEqual(Properties ?? {});
      expect([Ipv6CidrBlock !== undefined, AssignIpv6AddressOnCreation === true]).toEqual([Type === SUBNET, Type === SUBNET]);
      expect(after[id].DependsOn ?? []).toEqual(expect.arrayContaining([DependsOn ?? []].flat()));
    }
    const added = Object.keys(after).filter((id) => !(id in before)).map((id) => after[id].Type).sort();
    expect(added).toEqual([EGRESS_ONLY, ...Array(4).fill(ROUTE), BLOCK]);
  });
});

describe('routes', () => {
  test('of public subnets go to the internet gateway, of private ones out only, of isolated ones nowhere', () => {
    const { stack, vpc } = stackWithVpc({
      subnetConfiguration: [
        { name: 'Public', subnetType: PUBLIC },
        { name: 'Private', subnetType: PRIVATE_WITH_EGRESS },
        { name: 'Isolated', subnetType: PRIVATE_ISOLATED },
      ],
    });
    const dualStack = DualStack.enable(vpc);
    expect(routes(templateOf(stack))).toEqual([
      'PrivateSubnet1 ::/0 EgressOnlyInternetGatewayId',
      'PrivateSubnet2 ::/0 EgressOnlyInternetGatewayId',
      'PublicSubnet1 ::/0 GatewayId',
      'PublicSubnet2 ::/0 GatewayId',
    ]);
    expect(stack.resolve(dualStack.egressOnlyInternetGateway!.ref)).toEqual({ Ref: idOf(templateOf(stack), EGRESS_ONLY) });
  });

  test('of private subnets go out only, without NAT gateways as well', () => {
    const { stack, vpc } = stackWithVpc({ natGateways: 0, subnetConfiguration: [{ name: 'Private', subnetType: PRIVATE_WITH_EGRESS }] });
    DualStack.enable(vpc);
    expect(routes(templateOf(stack))).toEqual(['PrivateSubnet1', 'PrivateSubnet2'].map((id) => `${id} ::/0 EgressOnlyInternetGatewayId`));
  });

  test('that go nowhere need no gateway', () => {
    const { stack, vpc } = stackWithVpc({ natGateways: 0, subnetConfiguration: [{ name: 'Isolated', subnetType: PRIVATE_ISOLATED }] });
    expect(DualStack.enable(vpc).egressOnlyInternetGateway).toBeUndefined();
    const template = templateOf(stack);
    template.resourceCountIs(EGRESS_ONLY, 0);
    expect(routes(template)).toEqual([]);
  });

  test('of public subnets are left to whoever makes the internet gateway', () => {
    const { stack, vpc } = stackWithVpc({ createInternetGateway: false, natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: PUBLIC }] });
    DualStack.enable(vpc);
    expect(routes(templateOf(stack))).toEqual([]);
    expect(Object.keys(slots(templateOf(stack)))).toHaveLength(2);
  });

  test('to the internet gateway wait until it is attached, and go before it is detached', () => {
    const { stack, vpc } = stackWithVpc();
    DualStack.enable(vpc);
    const template = templateOf(stack);
    const toGateway = idsOf(template, ROUTE).filter((id) => /PublicSubnet\dDefaultRoute6/.test(id));
    expect(toGateway).toHaveLength(2);
    for (const route of toGateway) {
      expect(dependenciesOf(template, route)).toContain(idOf(template, 'AWS::EC2::VPCGatewayAttachment'));
    }
  });

  test.each([['before', true], ['after', false]])('are there before a service that is declared %s, and go after it', (_, first) => {
    const w = world();
    if (!first) {
      DualStack.enable(w.vpc);
    }
    awsvpcService(w, {});
    if (first) {
      DualStack.enable(w.vpc);
    }
    const template = templateOf(w.stack);
    const waitsFor = dependenciesOf(template, idOf(template, 'AWS::ECS::Service'));
    const ways = idsOf(template, ROUTE).filter((id) => /PrivateSubnet\dDefaultRoute6/.test(id));
    expect(ways).toHaveLength(2);
    expect([...waitsFor]).toEqual(expect.arrayContaining([...ways, idOf(template, BLOCK), idOf(template, EGRESS_ONLY)]));
  });

  test('are there before a public load balancer', () => {
    const { stack, vpc } = stackWithVpc();
    DualStack.enable(vpc);
    const { internetConnectivityEstablished } = vpc.selectSubnets({ subnetType: PUBLIC });
    new ec2.CfnEIP(stack, 'Waits').node.addDependency(internetConnectivityEstablished);
    const template = templateOf(stack);
    const waiting = idsOf(template, 'AWS::EC2::EIP').find((id) => id.startsWith('Waits'))!;
    expect([...dependenciesOf(template, waiting)].filter((id) => id.includes('DefaultRoute6'))).toHaveLength(2);
  });
});

describe('a second call', () => {
  test('gives back what the first made', () => {
    const { vpc } = stackWithVpc();
    const first = DualStack.enable(vpc);
    expect(DualStack.enable(vpc)).toBe(first);
    expect(DualStack.enable(vpc, { ipamPoolId: undefined })).toBe(first);
  });

  test('is refused with options of its own, which would do nothing', () => {
    const { vpc } = stackWithVpc();
    DualStack.enable(vpc);
    expectRefusal(() => DualStack.enable(vpc, { ipamPoolId: 'ipam-pool-1' }), 'Test/Vpc/DualStack', "'ipamPoolId' must be given to the first call");
  });
});

describe('refused', () => {
  test.each<[string, (stack: Stack) => ec2.IVpc]>([
    ['by attributes', (stack) => ec2.Vpc.fromVpcAttributes(stack, 'Theirs', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] })],
    ['by look-up', (stack) => ec2.Vpc.fromLookup(stack, 'Theirs', { vpcId: 'vpc-1' })],
  ])('is a VPC imported %s: the range of a new block is not known there', (_, vpc) => {
    const stack = new Stack(testApp(), 'Test', { env: { account: '111111111111', region: 'us-east-1' } });
    expectRefusal(() => DualStack.enable(vpc(stack) as Anything), 'Test/Theirs', "'vpc' must be a VPC that this app creates (ec2.Vpc), got another", 'is not known before the deployment');
  });

  test.each([undefined, 'vpc-1'])('is %p, which is no VPC', (vpc) => {
    expectRefusal(() => DualStack.enable(vpc as Anything), 'App', "'vpc' must be a VPC that this app creates");
  });

  const ADDED: [string, (vpc: ec2.Vpc, stack: Stack) => unknown][] = [
    ['a block of its own', (vpc) => new ec2.CfnVPCCidrBlock(vpc, 'Own', { vpcId: vpc.vpcId, amazonProvidedIpv6CidrBlock: true })],
    ['a block that is written elsewhere', (vpc, stack) => new ec2.CfnVPCCidrBlock(stack, 'Own', { vpcId: vpc.vpcId, ipv6CidrBlock: '2001:db8::/56', ipv6Pool: 'pool' })],
  ];
  test.each<[string, (vpc: ec2.Vpc, stack: Stack) => unknown]>([
    ...ADDED,
    ['subnets with IPv6', (vpc) => {
      (vpc.privateSubnets[0].node.defaultChild as ec2.CfnSubnet).ipv6CidrBlock = '2001:db8::/64';
    }],
    ['subnets with IPv6 by an override', (vpc) =>
      (vpc.privateSubnets[0].node.defaultChild as ec2.CfnSubnet).addPropertyOverride('Ipv6CidrBlock', '2001:db8::/64')],
  ])('is a VPC that has %s', (_, add) => {
    const { stack, vpc } = stackWithVpc();
    add(vpc, stack);
    expectRefusal(() => DualStack.enable(vpc), 'Test/Vpc', "'vpc' must be IPv4 only, and this one has IPv6 already");
  });

  test('is a VPC that is dual stack from the start', () => {
    const { vpc } = stackWithVpc({ ipProtocol: ec2.IpProtocol.DUAL_STACK });
    expectRefusal(() => DualStack.enable(vpc), 'Test/Vpc', "('ipProtocol' DUAL_STACK", 'leave DualStack.enable out, services follow the VPC as it is');
  });

  test.each(ADDED)('at synthesis is %s that is added later', (_, add) => {
    const { app, stack, vpc } = stackWithVpc();
    DualStack.enable(vpc);
    const { node } = add(vpc, stack) as ec2.CfnVPCCidrBlock;
    expectRefusal(() => synth(app), 'Test/Vpc/DualStack', `${node.path} is a second IPv6 block of the VPC`);
  });

  test('is not a second block of another kind, or of another VPC', () => {
    const { app, stack, vpc } = stackWithVpc();
    DualStack.enable(vpc);
    new ec2.CfnVPCCidrBlock(stack, 'Secondary', { vpcId: vpc.vpcId, cidrBlock: '100.64.0.0/16' });
    new ec2.Vpc(stack, 'Other', { maxAzs: 1, natGateways: 0, ipProtocol: ec2.IpProtocol.DUAL_STACK });
    expect(() => synth(app)).not.toThrow();
  });

  const zones = (count: number) => Array.from({ length: count }, (_, index) => `zone-${index}`);
  const groups = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ name: `Group${index}`, subnetType: PRIVATE_ISOLATED, cidrMask: 28 }));
  test.each([[17, 1], [1, 17]])('are %d groups in %d zones', (groupCount, zoneCount) => {
    const { vpc } = stackWithVpc({
      maxAzs: undefined, natGateways: 0, availabilityZones: zones(zoneCount), subnetConfiguration: groups(groupCount),
    });
    expectRefusal(() => DualStack.enable(vpc), 'Test/Vpc', 'at most 16 subnet groups in at most 16 zones', `got ${groupCount} in ${zoneCount}`);
    expect(vpc.node.tryFindChild('DualStack')).toBeUndefined();
  });

  test('are not 16 groups in 16 zones, and each subnet has another number', () => {
    const { stack, vpc } = stackWithVpc({
      maxAzs: undefined, natGateways: 0, availabilityZones: zones(16), subnetConfiguration: groups(16),
    });
    DualStack.enable(vpc);
    // Not by a template, which may not have that many resources.
    const numbers = vpc.isolatedSubnets.map((subnet) => stack.resolve((subnet.node.defaultChild as ec2.CfnSubnet).ipv6CidrBlock)['Fn::Select'][0]);
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 256 }, (_, index) => index));
  });

  test('is a VPC without subnets', () => {
    const { vpc } = stackWithVpc({ natGateways: 0, subnetConfiguration: [] });
    expectRefusal(() => DualStack.enable(vpc), 'Test/Vpc', "'vpc' must have subnets, got one without any");
  });

  test.each<[DualStackOptions, string]>([
    [{ netmaskLength: 56 }, "'netmaskLength' (56) is for blocks from an 'ipamPoolId'; Amazon provides a /56"],
    [{ ipamPoolId: 'pool', netmaskLength: 60 }, "'netmaskLength' must be 44, 48, 52 or 56, which hold the 256 subnets that are numbered in it, got 60"],
    [{ ipamPoolId: 'pool', netmaskLength: 50 }, 'got 50'],
    [{ ipamPoolId: 'pool', netmaskLength: 40 }, 'got 40'],
  ])('is %j', (options, words) => {
    const { vpc } = stackWithVpc();
    expectRefusal(() => DualStack.enable(vpc, options), 'Test/Vpc', words);
  });

  test('is a subnet with an IPv6 route of its own', () => {
    const { vpc } = stackWithVpc();
    (vpc.publicSubnets[0] as ec2.PublicSubnet).addIpv6DefaultInternetRoute('igw-1');
    expectRefusal(() => DualStack.enable(vpc), 'Test/Vpc/PublicSubnet1', "has a route 'DefaultRoute6' already");
  });
});

test('subnets that were put beside the VPC keep what they have', () => {
  const { stack, vpc } = stackWithVpc();
  new ec2.PrivateSubnet(vpc, 'OtherSubnet1', { vpcId: vpc.vpcId, availabilityZone: Aws.REGION, cidrBlock: '10.0.255.0/24' });
  DualStack.enable(vpc);
  expect(resourceAt(vpc, templateOf(stack), 'OtherSubnet1/Subnet').Properties.Ipv6CidrBlock).toBeUndefined();
});

test('works in a VPC of another stack than the services', () => {
  const w: World = world();
  const other = new Stack(w.app, 'Services');
  awsvpcService({ ...w, stack: other }, {});
  DualStack.enable(w.vpc);
  synth(w.app);
  expect(waysOut(Template.fromStack(other))).toEqual([ANYWHERE]);
});
