import { check } from '../../../src/analysis/check';
import { secondaryCidrAssociation as rule } from '../../../src/analysis/rules/secondary-cidr-association';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { itsExamplesHold, OPEN, said } from './ecs-fragments';

itsExamplesHold(rule);

const vpc = (CidrBlock: unknown = '10.0.0.0/16') => resourceOf('AWS::EC2::VPC', { CidrBlock });
const more = (properties: unknown, others: Readonly<Record<string, unknown>> = {}) => resourceOf('AWS::EC2::VPCCidrBlock', {
  VpcId: { Ref: 'Vpc' }, ...typeof properties === 'string' || 'Ref' in (properties as object) ? { CidrBlock: properties } : properties as object,
}, others);
const subnet = (properties: object, others: Readonly<Record<string, unknown>> = {}) => resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, ...properties }, others);
const fragment = (block: unknown, primary: unknown = '10.0.0.0/16', others: object = {}) => ({ Vpc: vpc(primary), More: more(block), ...others });

test('the finding reads as it should', () => {
  const { findings } = check([given({ Resources: rule.bad })], [rule]);
  expect(findings).toEqual([expect.objectContaining({
    severity: 'error',
    resource: 'More',
    message: 'block 172.16.0.0/16 cannot be added to VPC Vpc: it lies in 172.16.0.0/12, which EC2 refuses in a VPC that has 10.0.0.0/16',
    fix: "100.64.0.0/16, which every VPC takes; or a block of the VPC's own range such as 10.1.0.0/16",
  })]);
});

describe('a block that the VPC does not take', () => {
  test.each<[string, object, RegExp]>([
    ['larger than a /16', fragment('100.64.0.0/15'), /^error More: block 100\.64\.0\.0\/15 .* larger than a \/16/],
    ['smaller than a /28', fragment('100.64.0.0/29'), /^error More: .* smaller than a \/28/],
    ['that overlaps the primary one', fragment('10.0.128.0/17'), /^error More: .* overlaps 10\.0\.0\.0\/16, which the VPC has/],
    ['that no VPC takes', fragment('169.254.0.0/24'), /^error More: .* lies in 169\.254\.0\.0\/16, which no VPC takes/],
    ['of 10.0.0.0/8 beside 172.16.0.0/12', fragment('10.1.0.0/16', '172.16.0.0/16'), /^error More: .* lies in 10\.0\.0\.0\/8/],
    ['of 192.168.0.0/16 beside a public one', fragment('192.168.0.0/20', '8.8.0.0/16'), /^error More: .* lies in 192\.168\.0\.0\/16/],
    ['of the VPC itself', { Vpc: vpc('10.0.0.0/15') }, /^error Vpc: block 10\.0\.0\.0\/15 of VPC Vpc is larger than a \/16/],
    ['of the VPC itself in a range that none takes', { Vpc: vpc('127.0.0.0/16') }, /^error Vpc: block 127\.0\.0\.0\/16 of VPC Vpc lies in 127\.0\.0\.0\/8/],
    ['that a route leads into', fragment('100.64.0.0/16', '10.0.0.0/16', {
      Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }),
      Peer: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, DestinationCidrBlock: '100.64.4.0/24', VpcPeeringConnectionId: 'pcx-1' }),
    }), /^error More: block 100\.64\.0\.0\/16 cannot be added to VPC Vpc: route Peer leads to 100\.64\.4\.0\/24, which lies in it/],
  ])('%s', (_, resources, message) => {
    const [one, ...others] = said(rule, resources as Record<string, unknown>);
    expect(one).toMatch(message);
    expect(others).toEqual([]);
  });

  test('of two that overlap each other the later is told', () => {
    expect(said(rule, { ...fragment('100.64.0.0/16'), Again: more('100.64.0.0/17') })).toEqual([expect.stringMatching(/^error Again: .* overlaps 100\.64\.0\.0\/16/)]);
  });

  test('has a fix without the own range where that is full or not allowed', () => {
    const fixes = (Resources: Readonly<Record<string, unknown>>) => check([given({ Resources })], [rule]).findings.map(({ fix }) => fix);
    expect(fixes(fragment('10.1.0.0/16', '100.64.0.0/16'))).toEqual(['100.65.0.0/16, which every VPC takes']);
    expect(fixes(fragment('10.1.0.0/16', '172.16.0.0/16')))
      .toEqual(["100.64.0.0/16, which every VPC takes; or a block of the VPC's own range such as 172.17.0.0/16"]);
    expect(fixes(fragment('10.1.0.0/16', '192.168.0.0/16'))).toEqual(['100.64.0.0/16, which every VPC takes']);
    expect(fixes({ Vpc: vpc('10.0.0.0/8') })).toEqual(['a block from /16 to /28 such as 10.0.0.0/16']);
  });

  test("names a parameter's default as an assumption", () => {
    const [one] = said(rule, fragment({ Ref: 'Block' }), { Parameters: { Block: { Type: 'String', Default: '172.16.0.0/16' } } });
    expect(one).toMatch(/\[parameter Block/);
    const [beside] = said(rule, fragment('172.16.0.0/16', { Ref: 'Block' }), { Parameters: { Block: { Type: 'String', Default: '10.0.0.0/16' } } });
    expect(beside).toMatch(/^error More: .*\[parameter Block/);
  });

  test('that a route leads into is not, where another route waits for it', () => {
    const route = (VpcPeeringConnectionId: string, more_: Record<string, unknown> = {}) => (
      resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, DestinationCidrBlock: '100.64.4.0/24', VpcPeeringConnectionId }, more_));
    expect(said(rule, fragment('100.64.0.0/16', '10.0.0.0/16', {
      Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }), After: route('pcx-1', { DependsOn: 'More' }), Before: route('pcx-2'),
    }))).toEqual([expect.stringMatching(/^error More: .*: route Before leads to/)]);
  });

  test('that a route leads into has a fix beside the route', () => {
    const { findings } = check([given({ Resources: fragment('100.64.0.0/16', '10.0.0.0/16', {
      Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }),
      Peer: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, DestinationCidrBlock: '100.64.4.0/24', VpcPeeringConnectionId: 'pcx-1' }),
    }) })], [rule]);
    expect(findings.map(({ fix }) => fix)).toEqual(['a block that holds no destination of a route, such as 100.65.0.0/16']);
  });
});

describe('a block that the VPC takes', () => {
  test.each<[string, object]>([
    ['of the shared address space', fragment('100.64.0.0/16')],
    ['of the own range', fragment('10.1.0.0/16', '10.2.0.0/16')],
    ['as large as can be', fragment('100.64.0.0/16', '10.0.0.0/16')],
    ['as small as can be', fragment('100.64.0.0/28')],
    ['the only one', { Vpc: vpc() }],
    ['a VPC whose block is allocated', { Vpc: resourceOf('AWS::EC2::VPC', { Ipv4IpamPoolId: 'ipam-1' }) }],
    ['with a route to a larger range', fragment('100.64.0.0/16', '10.0.0.0/16', {
      Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }),
      Route: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, DestinationCidrBlock: '100.64.0.0/10', TransitGatewayId: 'tgw-1' }),
      World: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, DestinationIpv6CidrBlock: '::/0', GatewayId: 'igw-1' }),
    })],
    ['with a route of which it is not known where it leads', fragment('100.64.0.0/16', '10.0.0.0/16', {
      Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }),
      Route: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, DestinationCidrBlock: OPEN, TransitGatewayId: 'tgw-1' }),
    })],
    ['behind an IPv6 block', { Vpc: vpc(), Six: more({ AmazonProvidedIpv6CidrBlock: true }), More: more('100.64.0.0/16') }],
    ['beside an IPv6 block', fragment('100.64.0.0/16', '10.0.0.0/16', { Six: more({ AmazonProvidedIpv6CidrBlock: true }) })],
  ])('%s', (_, resources) => {
    expect(said(rule, resources as Record<string, unknown>)).toEqual([]);
  });
});

describe('what cannot be told', () => {
  test.each<[string, object, RegExp]>([
    ['a block that is not known', fragment(OPEN), /^undecided More: parameter Open/],
    ['a block that is allocated', { Vpc: vpc(), More: more({ Ipv4IpamPoolId: 'ipam-1' }) }, /^undecided More: the block of More is allocated/],
    ['a block beside one that is not known', fragment('100.64.0.0/16', OPEN), /^undecided More: parameter Open/],
    ['a block of an imported VPC', { More: resourceOf('AWS::EC2::VPCCidrBlock', { VpcId: 'vpc-1', CidrBlock: '100.64.0.0/16' }) }, /^undecided More: vpc-1 is not of what is given/],
    ['a block that a route leads into which waits for it', fragment('100.64.0.0/16', '10.0.0.0/16', {
      Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }),
      Route: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, DestinationCidrBlock: '100.64.4.0/24', NetworkInterfaceId: 'eni-1' }, { DependsOn: 'More' }),
    }), /^undecided More: route Route is made after it and leads to 100\.64\.4\.0\/24, which lies in it: whether EC2 takes that depends on its target$/],
    ['what is no block', fragment('all of it'), /^undecided More: "all of it" is no IPv4 block/],
  ])('%s', (_, resources, why) => {
    const [one, ...others] = said(rule, resources as Record<string, unknown>);
    expect(one).toMatch(why);
    expect(others).toEqual([]);
  });

  test('but not what is refused whatever the rest is', () => {
    expect(said(rule, fragment('169.254.0.0/24', OPEN))).toEqual([expect.stringMatching(/^error More: .* no VPC takes/)]);
  });
});

describe('how many blocks', () => {
  const blocks = (count: number, of: (index: number) => unknown, first: object = { Vpc: vpc() }) => ({
    ...first, ...Object.fromEntries(Array.from({ length: count }, (_, index) => [`More${index}`, of(index)])),
  });
  const ipv4 = (index: number) => more(`100.${64 + index}.0.0/16`);
  const ipv6 = () => more({ AmazonProvidedIpv6CidrBlock: true });

  test.each<[string, object, RegExp[]]>([
    ['five of IPv4', blocks(4, ipv4), []],
    ['six of IPv4', blocks(5, ipv4), [/^warning Vpc: VPC Vpc has 6 IPv4 blocks; 5 are taken, or as many as the quota was raised to, at most 50$/]],
    ['fifty of IPv4', blocks(49, ipv4), [/^warning Vpc: VPC Vpc has 50 IPv4 blocks/]],
    ['fifty-one of IPv4', blocks(50, ipv4), [/^error Vpc: VPC Vpc has 51 IPv4 blocks/]],
    ['five of IPv6', blocks(5, ipv6), []],
    ['six of IPv6', blocks(6, ipv6), [/^warning Vpc: VPC Vpc has 6 IPv6 blocks/]],
    ['fifty-one of IPv6', blocks(51, ipv6), [/^error Vpc: VPC Vpc has 51 IPv6 blocks/]],
  ])('%s', (_, resources, expected) => {
    expect(said(rule, resources as Record<string, unknown>)).toEqual(expected.map((one) => expect.stringMatching(one)));
  });

  test('too many have fixes', () => {
    const fixes = (Resources: Readonly<Record<string, unknown>>) => check([given({ Resources })], [rule]).findings.map(({ fix }) => fix);
    expect(fixes(blocks(5, ipv4))).toEqual(['fewer and larger blocks, or the quota "IPv4 CIDR blocks per VPC" raised']);
    expect(fixes(blocks(49, ipv4))).toEqual(['fewer and larger blocks, or the quota "IPv4 CIDR blocks per VPC" raised']);
    expect(fixes(blocks(6, ipv6))).toEqual(['fewer and larger blocks, or the quota "IPv6 CIDR blocks per VPC" raised']);
    expect(fixes(blocks(50, ipv4))).toEqual(['at most 50 blocks, fewer and larger ones']);
  });

  test('of an imported VPC are told of the last', () => {
    const of = (VpcId: unknown) => (index: number) => resourceOf('AWS::EC2::VPCCidrBlock', { VpcId, CidrBlock: `100.${64 + index}.0.0/16` });
    const warnings = (VpcId: unknown) => said(rule, blocks(6, of(VpcId), {})).filter((one) => one.startsWith('warning'));
    expect(warnings('vpc-1')).toEqual([expect.stringMatching(/^warning More5: VPC vpc-1 has 6 IPv4 blocks/)]);
    expect(warnings(OPEN)).toEqual([expect.stringMatching(/^warning More5: the VPC of More0 has 6 IPv4 blocks/)]);
  });
});

describe('a subnet of an added block', () => {
  const IPV6 = { 'Fn::Select': [0, { 'Fn::Cidr': [{ 'Fn::Select': [0, { 'Fn::GetAtt': ['Vpc', 'Ipv6CidrBlocks'] }] }, 4, 64] }] };

  test.each<[string, object, RegExp]>([
    ['by its value', fragment('100.64.0.0/16', '10.0.0.0/16', { Tasks: subnet({ CidrBlock: '100.64.0.0/19' }) }),
      /^error Tasks: subnet Tasks lies in block 100\.64\.0\.0\/16 that More adds to the VPC, and does not wait for it: it fails where it is made first/],
    ['of IPv6', { Vpc: vpc(), Six: more({ AmazonProvidedIpv6CidrBlock: true }), Tasks: subnet({ CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: IPV6 }) },
      /^error Tasks: subnet Tasks lies in the IPv6 block that Six adds/],
    ['of IPv6, added to it', {
      Vpc: vpc(),
      Six: more({ AmazonProvidedIpv6CidrBlock: true }),
      Tasks: subnet({ CidrBlock: '10.0.0.0/24' }, { DependsOn: 'Six' }),
      Added: resourceOf('AWS::EC2::SubnetCidrBlock', { SubnetId: 'subnet-1', Ipv6CidrBlock: IPV6 }),
      Given: resourceOf('AWS::EC2::SubnetCidrBlock', { SubnetId: { 'Fn::GetAtt': ['Other', 'SubnetId'] }, Ipv6CidrBlock: IPV6 }),
      Other: subnet({ CidrBlock: '10.0.1.0/24' }),
    }, /^error Other: subnet Other lies in the IPv6 block/],
  ])('%s does not wait', (_, resources, message) => {
    const [one, ...others] = said(rule, resources as Record<string, unknown>);
    expect(one).toMatch(message);
    expect(others).toEqual([]);
  });

  describe('of a VPC that is not given', () => {
    const Parameters = {
      Given: { Type: 'AWS::EC2::VPC::Id', Default: 'vpc-1' }, Asked: { Type: 'AWS::EC2::VPC::Id' }, Other: { Type: 'AWS::EC2::VPC::Id' }, Six: { Type: 'String' },
    };
    const of = (VpcId: unknown, properties: object = {}, others: object = {}, added: object = { CidrBlock: '100.64.0.0/16' }) => said(rule, {
      More: resourceOf('AWS::EC2::VPCCidrBlock', { VpcId, ...added }),
      Tasks: resourceOf('AWS::EC2::Subnet', { VpcId, CidrBlock: '100.64.0.0/24', ...properties }, others as Record<string, unknown>),
    }, { Parameters });
    const IDS: Array<[string, unknown]> = [
      ['a literal id', 'vpc-1'], ['an import', { 'Fn::ImportValue': 'net-VpcId' }], ['a parameter', { Ref: 'Asked' }], ['a default', { Ref: 'Given' }],
    ];

    test.each(IDS)('but by %s does not wait', (_, id) => {
      expect(of(id)).toEqual([
        'error Tasks: subnet Tasks lies in block 100.64.0.0/16 that More adds to the VPC, and does not wait for it: it fails where it is made first',
        expect.stringMatching(/^undecided More: /),
      ]);
    });

    test.each(IDS)('but by %s waits, or is of another block', (_, id) => {
      const others = [expect.stringMatching(/^undecided More: /)];
      expect(of(id, {}, { DependsOn: 'More' })).toEqual(others);
      expect(of(id, { CidrBlock: '10.0.0.0/24' })).toEqual(others);
      expect(of(id, { VpcId: { Ref: 'Other' } })).toEqual(others);
    });

    test('may have had its IPv6 block before, unless that is the same expression', () => {
      const six = (added: object, Ipv6CidrBlock: unknown) => of('vpc-1', { CidrBlock: '10.0.0.0/24', Ipv6CidrBlock }, {}, added);
      expect(six({ AmazonProvidedIpv6CidrBlock: true }, { Ref: 'Six' })).toEqual([]);
      expect(six({ Ipv6CidrBlock: { Ref: 'Six' }, Ipv6Pool: 'pool-1' }, { 'Fn::Select': [0, { 'Fn::Cidr': [{ Ref: 'Six' }, 4, 64] }] }))
        .toEqual([expect.stringMatching(/^error Tasks: subnet Tasks lies in the IPv6 block that More adds/)]);
    });

    test('is called by its id, or by what adds to it', () => {
      const refused = (id: unknown) => of(id, {}, {}, { CidrBlock: '169.254.0.0/16' });
      expect(IDS.map(([, id]) => refused(id)[0].replace(/: it .*/, ''))).toEqual([
        'error More: block 169.254.0.0/16 cannot be added to VPC vpc-1',
        'error More: block 169.254.0.0/16 cannot be added to the VPC of More',
        'error More: block 169.254.0.0/16 cannot be added to the VPC of More',
        'error More: block 169.254.0.0/16 cannot be added to VPC vpc-1',
      ]);
    });
  });

  test('by an expression that nothing decides does not wait either', () => {
    const of = (DependsOn?: string) => said(rule, {
      ...fragment(OPEN), Tasks: subnet({ CidrBlock: { 'Fn::Select': [0, { 'Fn::Cidr': [OPEN, 4, 8] }] } }, DependsOn === undefined ? {} : { DependsOn }),
    });
    expect(of()).toEqual([expect.stringMatching(/^error Tasks: subnet Tasks lies in the block that More adds/), expect.stringMatching(/^undecided More/)]);
    expect(of('More')).toEqual([expect.stringMatching(/^undecided More/)]);
  });

  test.each<[string, object]>([
    ['by DependsOn', { Tasks: subnet({ CidrBlock: '100.64.0.0/19' }, { DependsOn: 'More' }) }],
    ['by a reference', { Tasks: subnet({ CidrBlock: '100.64.0.0/19', Tags: [{ Key: 'block', Value: { Ref: 'More' } }] }) }],
    ['through another resource', {
      Tasks: subnet({ CidrBlock: '100.64.0.0/19' }, { DependsOn: 'Between' }), Between: resourceOf('AWS::SNS::Topic', {}, { DependsOn: ['More'] }),
    }],
    ['need not, being of the primary block', { Tasks: subnet({ CidrBlock: '10.0.0.0/24' }) }],
  ])('waits %s', (_, others) => {
    expect(said(rule, { Vpc: vpc(), More: more('100.64.0.0/16'), ...others })).toEqual([]);
  });

  test('has a fix that names what must wait', () => {
    const { findings } = check([given({ Resources: fragment('100.64.0.0/16', '10.0.0.0/16', { Tasks: subnet({ CidrBlock: '100.64.0.0/19' }) }) })], [rule]);
    expect(findings.map(({ fix }) => fix)).toEqual(['DependsOn: More in Tasks']);
  });

  test('in another stack is undecided, unless that stack imports something or is deployed after it', () => {
    const base = (VpcId: unknown) => ({
      Resources: { Vpc: vpc(), More: resourceOf('AWS::EC2::VPCCidrBlock', { VpcId, CidrBlock: '100.64.0.0/16' }) },
      Outputs: { Vpc: { Value: { Ref: 'Vpc' }, Export: { Name: 'vpc' } } },
    });
    const tasks = (VpcId: unknown) => ({ Resources: { Tasks: resourceOf('AWS::EC2::Subnet', { VpcId, CidrBlock: '100.64.0.0/19' }) } });
    const of = (ofBlock: unknown, ofSubnet: unknown, after: readonly string[] = []) => {
      const { findings, undecided } = check([given(base(ofBlock), { name: 'base' }), given(tasks(ofSubnet), { name: 'tasks', deployedAfter: after })], [rule]);
      return [...findings.map(({ resource, message }) => `${resource}: ${message}`), ...undecided.map(({ resource, why }) => `${resource}: ${why}`)]
        .filter((text) => text.startsWith('Tasks'));
    };
    expect(of({ Ref: 'Vpc' }, { 'Fn::ImportValue': 'vpc' })).toEqual([]);
    expect(of('vpc-1', 'vpc-1')).toEqual(['Tasks: whether the stack of More is deployed before that of Tasks is not known']);
    expect(of('vpc-1', 'vpc-1', ['base'])).toEqual([]);
  });
});
