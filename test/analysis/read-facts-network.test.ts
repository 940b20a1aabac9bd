import { readFacts } from '../../src/analysis/read-facts';
import { Ipv4Block, printBlock } from '../../src/limits/cidr';
import { factsOf, nameOf, named, resourceOf, valueOf } from './facts-of';
import { given, world } from './given';

const VPC = resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' });
const subnet = (properties: object, more: object = {}) => resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, ...properties }, more as Record<string, unknown>);
const subnetFact = (properties: object, others: object = {}, rest: object = {}) => named(
  factsOf({ Vpc: VPC, Subnet: subnet(properties), ...others }, rest as Record<string, unknown>).subnets, 'Subnet');
const block = (value: Ipv4Block | string | undefined) => typeof value === 'object' ? printBlock(value) : value;

describe('the block of a subnet', () => {
  test.each<[string, object, string | undefined]>([
    ['is the literal one', { CidrBlock: '10.0.1.0/24' }, '10.0.1.0/24'],
    ['is canonical where bits beyond the prefix are set, as EC2 takes it', { CidrBlock: '10.0.1.7/24' }, '10.0.1.0/24'],
    ['is selected of Fn::Cidr', { CidrBlock: { 'Fn::Select': [2, { 'Fn::Cidr': [{ 'Fn::GetAtt': ['Vpc', 'CidrBlock'] }, 4, 8] }] } }, '10.0.2.0/24'],
    ['is a parameter', { CidrBlock: { Ref: 'Block' } }, '10.0.3.0/24'],
    ['is unknown for a parameter without a default', { CidrBlock: { Ref: 'Open' } }, '? parameter Open has no default'],
    ['is unknown for what is no block', { CidrBlock: '10.0.1.0' }, '? "10.0.1.0" is no IPv4 block'],
    ['is unknown where IPAM gives it', { Ipv4IpamPoolId: 'ipam-1', Ipv4NetmaskLength: 24 }, '? the block of Subnet is allocated at deployment'],
    ['is absent where the subnet has IPv6 only', { Ipv6Native: true, Ipv6CidrBlock: 'fd00::/64' }, undefined],
    ['is absent where that is said as text', { Ipv6Native: 'true', Ipv6CidrBlock: 'fd00::/64' }, undefined],
  ])('%s', (_, properties, expected) => {
    const fact = subnetFact(properties, {}, { Parameters: { Block: { Type: 'String', Default: '10.0.3.0/24' }, Open: { Type: 'String' } } });
    expect(block(valueOf(fact.block))).toEqual(expected);
  });

  test('rests on the default of its parameter', () => {
    const fact = subnetFact({ CidrBlock: { Ref: 'Block' } }, {}, { Parameters: { Block: { Type: 'String', Default: '10.0.3.0/24' } } });
    expect(fact.block).toMatchObject({ known: true, assumes: ['parameter Block keeps its default 10.0.3.0/24'] });
  });
});

describe('IPv6 of a subnet', () => {
  const ipv6 = { 'Fn::Select': [0, { 'Fn::Cidr': [{ 'Fn::Select': [0, { 'Fn::GetAtt': ['Vpc', 'Ipv6CidrBlocks'] }] }, 256, '64'] }] };
  test.each<[string, object, object, boolean]>([
    ['is not there without a block', { CidrBlock: '10.0.1.0/24' }, {}, false],
    ['is there with one, whatever it is', { CidrBlock: '10.0.1.0/24', Ipv6CidrBlock: ipv6 }, {}, true],
    ['is there with one of a pool', { CidrBlock: '10.0.1.0/24', Ipv6IpamPoolId: 'ipam-1' }, {}, true],
    ['is there where it has nothing else', { Ipv6Native: true, Ipv6CidrBlock: ipv6 }, {}, true],
    ['is there by a block that is associated later', { CidrBlock: '10.0.1.0/24' },
      { More: resourceOf('AWS::EC2::SubnetCidrBlock', { SubnetId: { Ref: 'Subnet' }, Ipv6CidrBlock: ipv6 }) }, true],
  ])('%s', (_, properties, others, expected) => {
    expect(valueOf(subnetFact(properties, others).ipv6)).toBe(expected);
  });
});

describe('zones', () => {
  const position = (index: number | string, of: unknown = '') => ({ 'Fn::Select': [index, { 'Fn::GetAZs': of }] });
  const zonesOf = (...zones: object[]) => factsOf({
    Vpc: VPC,
    ...Object.fromEntries(zones.map((zone, index) => [`Subnet${index}`, subnet({ CidrBlock: `10.0.${index}.0/24`, ...zone })])),
  }).subnets.map(({ zone }) => valueOf(zone));

  test('are equal by equal positions in the list of the Region, however that is asked for', () => {
    const [a, b, c, other] = zonesOf(
      { AvailabilityZone: position(0) }, { AvailabilityZone: position('0', { Ref: 'AWS::Region' }) },
      { AvailabilityZone: { 'Fn::Select': [0, { 'Fn::GetAZs': { Ref: 'AWS::Region' } }] } }, { AvailabilityZone: position(1) });
    expect([a, b, c]).toEqual([a, a, a]);
    expect(a).not.toEqual(other);
    expect(a).toBe('zone 1 of the Region');
  });

  test('are names or ids', () => {
    expect(zonesOf({ AvailabilityZone: 'eu-west-1a' }, { AvailabilityZone: 'eu-west-1b' })).toEqual(['eu-west-1a', 'eu-west-1b']);
    expect(zonesOf({ AvailabilityZoneId: 'euw1-az1' })).toEqual(['euw1-az1']);
    expect(zonesOf({ AvailabilityZone: 'dummy1a' })).toEqual(['dummy1a']);
  });

  test('called in several ways in one VPC cannot be told apart', () => {
    expect(zonesOf({ AvailabilityZone: 'eu-west-1a' }, { AvailabilityZone: position(0) }, { AvailabilityZoneId: 'euw1-az1' })).toEqual([
      'eu-west-1a',
      '? whether zone 1 of the Region is a zone that other subnets of the VPC call otherwise is not known',
      '? whether euw1-az1 is a zone that other subnets of the VPC call otherwise is not known',
    ]);
  });

  describe('named by the Region and the rest of a name', () => {
    const sub = (rest: string) => ({ AvailabilityZone: { 'Fn::Sub': `\${AWS::Region}${rest}` } });
    const joined = (rest: string) => ({ AvailabilityZone: { 'Fn::Join': ['', [{ Ref: 'AWS::Region' }, rest]] } });
    const otherwise = (zone: string) => `? whether ${zone} is a zone that other subnets of the VPC call otherwise is not known`;

    test('are equal by an equal rest, whatever the Region is', () => {
      expect(zonesOf(sub('a'), sub('b'), joined('a'), sub('-lax-1a'))).toEqual([
        'zone a of the Region', 'zone b of the Region', 'zone a of the Region', 'zone -lax-1a of the Region',
      ]);
    });

    test('are names where the Region is known', () => {
      const Resources = { Vpc: VPC, A: subnet(sub('a')), B: subnet({ AvailabilityZone: 'eu-west-1a' }) };
      const { subnets } = readFacts(world(given({ Resources }, { region: 'eu-west-1' })));
      expect(subnets.map(({ zone }) => valueOf(zone))).toEqual(['eu-west-1a', 'eu-west-1a']);
    });

    test('cannot be told from what is called otherwise', () => {
      expect(zonesOf(sub('a'), { AvailabilityZone: 'eu-west-1a' })).toEqual([otherwise('zone a of the Region'), 'eu-west-1a']);
      expect(zonesOf(sub('a'), { AvailabilityZone: position(0) })).toEqual(['zone a of the Region', otherwise('zone 1 of the Region')]);
      expect(zonesOf({ AvailabilityZoneId: 'euw1-az1' }, sub('a'))).toEqual([otherwise('euw1-az1'), 'zone a of the Region']);
    });

    test.each<[string, unknown, string]>([
      ['a position', { 'Fn::Sub': '${AWS::Region}1' }, '? the Region is not known'],
      ['more that is not known', { 'Fn::Sub': '${AWS::Region}${Open}' }, '? the Region is not known'],
      ['the Region after it', { 'Fn::Sub': 'a${AWS::Region}' }, '? the Region is not known'],
      ['another text before it', { 'Fn::Sub': '${AWS::StackName}a' }, '? the name of the stack is not known'],
    ])('are not by %s', (_, AvailabilityZone, zone) => {
      expect(zonesOf({ AvailabilityZone })).toEqual([zone]);
    });
  });

  test('are unknown where none is named', () => {
    expect(zonesOf({})).toEqual(['? Subnet0 names no Availability Zone']);
  });
});

describe('blocks of a VPC', () => {
  const more = (properties: object) => resourceOf('AWS::EC2::VPCCidrBlock', { VpcId: { Ref: 'Vpc' }, ...properties });

  test('are the primary one first, then those that are associated', () => {
    const { vpcs: [vpc], vpcBlocks } = factsOf({
      More: more({ CidrBlock: '100.64.0.0/16' }),
      Six: more({ AmazonProvidedIpv6CidrBlock: 'true' }),
      Vpc: VPC,
    });
    expect(vpc.blocks.map(({ name, cidr, primary, ipv6 }) => [name, valueOf(cidr), primary, ipv6])).toEqual([
      ['Vpc', '10.0.0.0/16', true, false],
      ['More', '100.64.0.0/16', false, false],
      ['Six', '? the block of Six is allocated at deployment', false, true],
    ]);
    expect(vpcBlocks).toEqual(vpc.blocks);
    expect(valueOf(vpc.hasIpv6)).toBe(true);
  });

  test('are known of a VPC that is not given, too', () => {
    const { vpcs, vpcBlocks } = factsOf({ More: resourceOf('AWS::EC2::VPCCidrBlock', { VpcId: 'vpc-1', CidrBlock: '100.64.0.0/16' }) });
    expect(vpcs).toEqual([]);
    expect(vpcBlocks.map(({ vpc, cidr }) => [vpc.literal, valueOf(cidr)])).toEqual([['vpc-1', '100.64.0.0/16']]);
  });

  test('of IPv4 alone give the VPC no IPv6', () => {
    expect(valueOf(factsOf({ Vpc: VPC, More: more({ CidrBlock: '10.1.0.0/16' }) }).vpcs[0].hasIpv6)).toBe(false);
  });

  test('of IPv6 may be provided or not', () => {
    expect(factsOf({ Vpc: VPC, More: more({ CidrBlock: '10.1.0.0/16', AmazonProvidedIpv6CidrBlock: false }) }).vpcBlocks.map(({ ipv6 }) => ipv6)).toEqual([false, false]);
  });

  test('have subnets that are of them by value, by the same expression, or computed from it', () => {
    const { subnets } = factsOf({
      Vpc: VPC,
      Literal: more({ CidrBlock: '100.64.0.0/16' }),
      Open: more({ CidrBlock: { Ref: 'Block' } }),
      Six: more({ AmazonProvidedIpv6CidrBlock: true }),
      ByValue: subnet({ CidrBlock: '100.64.16.0/20' }),
      Same: subnet({ CidrBlock: { Ref: 'Block' } }),
      Computed: subnet({ CidrBlock: { 'Fn::Select': [0, { 'Fn::Cidr': [{ Ref: 'Block' }, 4, 8] }] } }),
      DualStack: subnet({ CidrBlock: '10.0.1.0/24', Ipv6CidrBlock: { 'Fn::Select': [0, { 'Fn::GetAtt': ['Vpc', 'Ipv6CidrBlocks'] }] } }),
      OfPrimary: subnet({ CidrBlock: '10.0.2.0/24' }),
      Elsewhere: subnet({ CidrBlock: { Ref: 'Other' } }),
    }, { Parameters: { Block: { Type: 'String' }, Other: { Type: 'String' } } });
    expect(Object.fromEntries(subnets.map(({ name, derivedFrom }) => [name, derivedFrom.map(({ block }) => block.name)]))).toEqual({
      ByValue: ['Literal'], Same: ['Open'], Computed: ['Open'], DualStack: ['Six'], OfPrimary: [], Elsewhere: [],
    });
  });

  test('may be taken by the IPv6 block of a subnet, a resource of its own', () => {
    const Ipv6CidrBlock = { 'Fn::Select': [0, { 'Fn::GetAtt': ['Vpc', 'Ipv6CidrBlocks'] }] };
    const { subnets: [{ derivedFrom }] } = factsOf({
      Vpc: VPC,
      Six: more({ AmazonProvidedIpv6CidrBlock: true }),
      Subnet: subnet({ CidrBlock: '10.0.1.0/24' }),
      Added: resourceOf('AWS::EC2::SubnetCidrBlock', { SubnetId: { Ref: 'Subnet' }, Ipv6CidrBlock }),
    });
    expect(derivedFrom.map(({ block, takenBy }) => [block.name, takenBy.logicalId])).toEqual([['Six', 'Added']]);
  });
});

describe('routes of a subnet', () => {
  const route = (properties: object) => resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, DestinationCidrBlock: '0.0.0.0/0', ...properties });
  const TABLE = resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } });
  const ASSOCIATION = resourceOf('AWS::EC2::SubnetRouteTableAssociation', { SubnetId: { Ref: 'Subnet' }, RouteTableId: { Ref: 'Table' } });
  const routesOf = (others: object) => {
    const { routes } = subnetFact({ CidrBlock: '10.0.1.0/24' }, { Table: TABLE, Association: ASSOCIATION, ...others });
    return routes.known ? routes.value : [];
  };

  test.each<[string, object, string]>([
    ['an internet gateway', { GatewayId: { Ref: 'Internet' } }, 'internet-gateway'],
    ['an internet gateway by its attribute', { GatewayId: { 'Fn::GetAtt': ['Internet', 'InternetGatewayId'] } }, 'internet-gateway'],
    ['an internet gateway by its id', { GatewayId: 'igw-0123' }, 'internet-gateway'],
    ['an egress-only gateway', { EgressOnlyInternetGatewayId: { Ref: 'EgressOnly' } }, 'egress-only-gateway'],
    ['a NAT gateway', { NatGatewayId: { Ref: 'Nat' } }, 'nat-gateway'],
    ['a VPN gateway', { GatewayId: { Ref: 'Vpn' } }, 'other'],
    ['a VPN gateway by its id', { GatewayId: 'vgw-0123' }, 'other'],
    ['a transit gateway', { TransitGatewayId: 'tgw-1' }, 'other'],
    ['a peering', { VpcPeeringConnectionId: 'pcx-1' }, 'other'],
    ['a NAT instance', { InstanceId: 'i-1' }, 'other'],
    ['a firewall', { VpcEndpointId: 'vpce-1' }, 'other'],
    ...['LocalGatewayId', 'CarrierGatewayId', 'CoreNetworkArn', 'NetworkInterfaceId', 'OdbNetworkArn'].map((property) => (
      [`what ${property} names`, { [property]: 'x-1' }, 'other'] as [string, object, string])),
    ['an endpoint in place of a gateway', { GatewayId: 'vpce-0123' }, 'other'],
    ['the VPC itself', { GatewayId: 'local' }, 'other'],
    ['an attribute of something else', { GatewayId: { 'Fn::GetAtt': ['Vpc', 'VpcId'] } }, 'unknown'],
    ['what a parameter names', { GatewayId: { Ref: 'Gateway' } }, 'unknown'],
    ['nothing', {}, 'unknown'],
  ])('lead to %s', (_, properties, expected) => {
    const { subnets } = factsOf({
      Vpc: VPC,
      Subnet: subnet({ CidrBlock: '10.0.1.0/24' }),
      Table: TABLE,
      Association: ASSOCIATION,
      Internet: resourceOf('AWS::EC2::InternetGateway'),
      EgressOnly: resourceOf('AWS::EC2::EgressOnlyInternetGateway'),
      Nat: resourceOf('AWS::EC2::NatGateway', { SubnetId: { Ref: 'Subnet' } }),
      Vpn: resourceOf('AWS::EC2::VPNGateway'),
      Route: route(properties),
    }, { Parameters: { Gateway: { Type: 'String' } } });
    const { routes } = subnets[0];
    expect(routes.known && routes.value.map(({ target }) => target)).toEqual([expected]);
  });

  test('say where they lead, and of which family', () => {
    const destinations = [
      { DestinationCidrBlock: '10.9.0.0/16' }, { DestinationCidrBlock: undefined, DestinationIpv6CidrBlock: '::/0' },
      { DestinationCidrBlock: undefined, DestinationPrefixListId: 'pl-1' }, { DestinationCidrBlock: undefined },
    ];
    const routes = routesOf(Object.fromEntries(destinations.map((one, index) => [`Route${index}`, route({ GatewayId: 'igw-1', ...one })])));
    expect(routes.map(({ family, destination }) => [family, valueOf(destination)])).toEqual([
      ['ipv4', '10.9.0.0/16'], ['ipv6', '::/0'], ['prefix-list', 'pl-1'], ['unknown', '? the route names no destination'],
    ]);
  });

  test('may be propagated by a VPN', () => {
    const routes = routesOf({ Vpn: resourceOf('AWS::EC2::VPNGatewayRoutePropagation', { RouteTableIds: [{ Ref: 'Table' }], VpnGatewayId: 'vgw-1' }) });
    expect(routes.map(({ family, target, destination }) => [family, target, valueOf(destination)])).toEqual([['unknown', 'other', '? Vpn propagates the routes of a VPN']]);
  });

  test('are all of the VPC, too', () => {
    const { vpcs: [vpc] } = factsOf({ Vpc: VPC, Table: TABLE, Route: route({ GatewayId: 'igw-1' }) });
    expect(vpc.routes.map(({ resource }) => resource.logicalId)).toEqual(['Route']);
  });

  test('are none of the main table of a VPC that is given', () => {
    expect(subnetFact({ CidrBlock: '10.0.1.0/24' }, { Table: TABLE, Route: route({ GatewayId: 'igw-1' }) }).routes).toMatchObject({ known: true, value: [] });
  });

  test.each<[string, object, ReadonlyArray<readonly [logicalId: string, why: string]>]>([
    ['a route of a table that is not known', { Table: TABLE, Association: ASSOCIATION, Route: route({ RouteTableId: { Ref: 'Open' } }) },
      [['Route', 'which route table Route is for is not known: parameter Open has no default']]],
    ['no route of another table', { Table: TABLE, Association: ASSOCIATION, Second: TABLE, Route: route({ RouteTableId: { Ref: 'Second' } }) }, []],
    ['no route of a table that its template names by its id', { Table: TABLE, Association: ASSOCIATION, Route: route({ RouteTableId: 'rtb-1' }) }, []],
    ['a route of a table that a subnet that is not known has', {
      Table: TABLE, Route: route({}), Association: { ...ASSOCIATION, Properties: { ...ASSOCIATION.Properties, SubnetId: { Ref: 'Open' } } },
    }, [['Route', 'which subnet Association is for is not known: parameter Open has no default']]],
    ['any route where neither is known', { Association: { ...ASSOCIATION, Properties: { SubnetId: { Ref: 'Open' }, RouteTableId: { Ref: 'Open' } } } },
      [['Association', 'which subnet Association is for is not known: parameter Open has no default']]],
    ['no route where its own table is not known', {
      Association: { ...ASSOCIATION, Properties: { ...ASSOCIATION.Properties, RouteTableId: 'rtb-1' } }, Route: route({ RouteTableId: { Ref: 'Open' } }),
    }, []],
  ])('that may be there besides: %s', (_, others, expected) => {
    const { possibleRoutes } = subnetFact({ CidrBlock: '10.0.1.0/24' }, others, { Parameters: { Open: { Type: 'String' } } });
    expect(possibleRoutes.map(({ route: { resource }, why }) => [resource.logicalId, why])).toEqual(expected);
  });

  test('are unknown of the main table of another VPC, and of a table that is not given', () => {
    const other = factsOf({ Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24' }) }).subnets[0];
    expect(valueOf(other.routes)).toBe('? the route table of Subnet is not known: its VPC is not of what is given');
    const given = subnetFact({ CidrBlock: '10.0.1.0/24' },
      { Association: resourceOf('AWS::EC2::SubnetRouteTableAssociation', { SubnetId: { Ref: 'Subnet' }, RouteTableId: 'rtb-1' }) });
    expect(valueOf(given.routes)).toBe('? the route table of Subnet is not known: rtb-1 is not of what is given');
    expect(given.routeTable?.literal).toBe('rtb-1');
  });
});

test('a NAT gateway is public unless it says private, and of a subnet unless it is regional', () => {
  const { natGateways } = factsOf({
    Vpc: VPC,
    Subnet: subnet({ CidrBlock: '10.0.1.0/24' }),
    Public: resourceOf('AWS::EC2::NatGateway', { SubnetId: { Ref: 'Subnet' }, AllocationId: 'eipalloc-1' }),
    Private: resourceOf('AWS::EC2::NatGateway', { SubnetId: { Ref: 'Subnet' }, ConnectivityType: 'private' }),
    Regional: resourceOf('AWS::EC2::NatGateway', { VpcId: { Ref: 'Vpc' }, AvailabilityMode: 'regional' }),
  });
  expect(natGateways.map(({ name, publicConnectivity, subnet: its }) => [name, valueOf(publicConnectivity), its && nameOf(its)])).toEqual([
    ['Public', true, 'Subnet'], ['Private', false, 'Subnet'], ['Regional', true, undefined],
  ]);
});

describe('what is imported', () => {
  const imported = {
    importedVpcs: { 'vpc-1': { cidr: '10.0.0.0/16' }, 'vpc-2': {} },
    importedSubnets: {
      'subnet-1': { cidr: '10.0.0.0/24', zone: 'eu-west-1a', vpcId: 'vpc-1', shared: true },
      'subnet-2': {},
      'subnet-3': { vpcId: 'vpc-9' },
    },
  };
  const service = resourceOf('AWS::ECS::Service', {
    LaunchType: 'FARGATE',
    NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1', 'subnet-2', 'subnet-4'] } },
  });
  const facts = factsOf({ Service: service }, {}, imported);

  test('is known as far as the caller describes it', () => {
    const [first, second, third] = facts.subnets;
    expect([first.resource, block(valueOf(first.block)), valueOf(first.zone), nameOf(first.vpc), valueOf(first.shared)])
      .toEqual([undefined, '10.0.0.0/24', 'eu-west-1a', 'vpc-1', true]);
    expect([valueOf(second.block), valueOf(second.zone), valueOf(second.shared), valueOf(second.routes)]).toEqual([
      '? the block of imported subnet subnet-2 is not known', '? the zone of imported subnet subnet-2 is not known',
      '? the owner of imported subnet subnet-2 is not known', '? the route table of imported subnet subnet-2 is not known',
    ]);
    expect([nameOf(second.vpc), nameOf(third.vpc)]).toEqual(['? the VPC of subnet-2 is not known', '? vpc-9 is not of what is given']);
    expect(facts.vpcs.map(({ name, blocks, hasIpv6 }) => [name, valueOf(blocks[0].cidr), valueOf(hasIpv6)])).toEqual([
      ['vpc-1', '10.0.0.0/16', '? whether vpc-1 has IPv6 is not known'], ['vpc-2', '? the block of vpc-2 is not known', '? whether vpc-2 has IPv6 is not known'],
    ]);
  });

  test('is found by its id', () => {
    const { awsvpc } = facts.services[0];
    expect(awsvpc?.subnets.known && awsvpc.subnets.value.map(({ target, literal, why }) => target?.name ?? [literal, why]))
      .toEqual(['subnet-1', 'subnet-2', ['subnet-4', 'subnet-4 is not of what is given']]);
  });

  test('has a default group of which nothing is known', () => {
    const [group] = facts.securityGroups.filter(({ name }) => name === 'default group of vpc-1');
    expect(group).toMatchObject({ imported: true, isDefault: true, ingress: [], egress: [] });
  });
});
