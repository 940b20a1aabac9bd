import { assumesOf, Evaluated, identityOf } from '../../src/analysis/resources';
import { evaluated, given, plain, resource, world } from './given';

/** What the expressions below refer to. */
const TEMPLATE = {
  Parameters: {
    Name: { Type: 'String', Default: 'web' },
    Empty: { Type: 'String', Default: '' },
    Count: { Type: 'Number', Default: 3 },
    Open: { Type: 'String' },
    Group: { Type: 'AWS::EC2::SecurityGroup::Id' },
    Zones: { Type: 'CommaDelimitedList', Default: 'a, b ,c' },
    NoZones: { Type: 'CommaDelimitedList', Default: '' },
    Subnets: { Type: 'List<AWS::EC2::Subnet::Id>' },
    Image: { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id' },
    Unnamed: { Type: 'AWS::SSM::Parameter::Value<String>' },
    Looked: { Type: 'AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>', Default: '/net/subnets' },
  },
  Mappings: {
    Sizes: { small: { count: 1, zones: ['x', 'y'] }, web: { count: '2' } },
    Regions: { 'eu-west-1': { cidr: '10.1.0.0/16' } },
    Broken: 'text',
  },
  Conditions: { Yes: { 'Fn::Equals': ['a', 'a'] }, No: { 'Fn::Equals': ['a', 'b'] }, Web: { 'Fn::Equals': [{ Ref: 'Name' }, 'web'] } },
  Resources: {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
    OpenVpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: { Ref: 'Open' } } },
    Absent: { Type: 'AWS::ECS::Cluster', Condition: 'No' },
    Present: { Type: 'AWS::ECS::Cluster', Condition: 'Yes' },
    Child: { Type: 'AWS::CloudFormation::Stack', Properties: {} },
    Lookup: { Type: 'Custom::Lookup' },
    Kept: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'StringList' } },
  },
};

const value = (expression: unknown, more = {}) => evaluated(expression, TEMPLATE, more);
const why = (text: string | RegExp) => ({ why: typeof text === 'string' ? expect.stringContaining(text) as unknown : expect.stringMatching(text) as unknown });
const att = (path: string) => ({ 'Fn::GetAtt': path.split('.') });
const split = (delimiter: string, index: unknown, text: unknown) => ({ 'Fn::Select': [index, { 'Fn::Split': [delimiter, text] }] });
const cidrOf = (...parts: unknown[]) => ({ 'Fn::Cidr': parts });

/** Function by function: an expression and what it comes to. */
const TABLE: Record<string, ReadonlyArray<readonly [expression: unknown, expected: unknown]>> = {
  'literals': [
    ['text', 'text'], [80, 80], [false, false], ['', ''],
    [null, why('null is no value')],
    [['a', 1, true], ['a', 1, true]],
    [{ a: { b: [1] } }, { a: { b: [1] } }],
    // No function: more than one key, or a name that only looks like one.
    [{ Ref: 'Vpc', Other: 1 }, { Ref: 'Vpc', Other: 1 }],
    [{ Condition: 'Yes' }, { Condition: 'Yes' }],
    [{ Refer: 'Vpc' }, { Refer: 'Vpc' }],
  ],
  'Ref': [
    [{ Ref: 'Vpc' }, { ref: 'Vpc' }],
    [{ Ref: 'Name' }, 'web'],
    [{ Ref: 'Count' }, 3],
    [{ Ref: 'Empty' }, ''],
    [{ Ref: 'Zones' }, ['a', 'b', 'c']],
    [{ Ref: 'NoZones' }, []],
    [{ Ref: 'Open' }, why('parameter Open has no default')],
    [{ Ref: 'Subnets' }, why('parameter Subnets has no default')],
    [{ Ref: 'Image' }, why('SSM parameter /aws/service/ecs/optimized-ami')],
    [{ Ref: 'Unnamed' }, why('parameter Unnamed is read from Systems Manager')],
    [{ Ref: 'Nobody' }, why('nothing in template template.yaml is called Nobody')],
    [{ Ref: 'constructor' }, why('called constructor')],
    [{ Ref: 'Absent' }, why('Absent does not exist where No is false')],
    [{ Ref: 'Present' }, { ref: 'Present' }],
    [{ Ref: 'AWS::NoValue' }, undefined],
    [{ Ref: 'AWS::Region' }, why('the Region is not known')],
    [{ Ref: 'AWS::AccountId' }, why('the account is not known')],
    [{ Ref: 'AWS::StackName' }, why('the name of the stack is not known')],
    [{ Ref: 'AWS::Nonsense' }, why('AWS::Nonsense is no pseudo parameter')],
    [{ Ref: ['Vpc'] }, why('Ref takes')],
    [{ Ref: { Ref: 'Open' } }, why('Ref takes')],
  ],
  'Fn::GetAtt': [
    [att('Vpc.CidrBlock'), { att: 'Vpc.CidrBlock' }],
    [{ 'Fn::GetAtt': 'Vpc.CidrBlock' }, { att: 'Vpc.CidrBlock' }],
    [{ 'Fn::GetAtt': ['Vpc', { Ref: 'Name' }] }, { att: 'Vpc.web' }],
    [att('Child.Outputs.Url'), { att: 'Child.Outputs.Url' }],
    [{ 'Fn::GetAtt': ['Child', 'Outputs.Url'] }, { att: 'Child.Outputs.Url' }],
    [{ 'Fn::GetAtt': 'Vpc' }, why('Fn::GetAtt takes a resource and an attribute')],
    [{ 'Fn::GetAtt': ['Vpc', { Ref: 'Open' }] }, why('Fn::GetAtt takes')],
    [{ 'Fn::GetAtt': 5 }, why('Fn::GetAtt takes')],
    [att('Absent.Arn'), why('Absent does not exist')],
    [att('Nobody.Arn'), why('called Nobody')],
  ],
  'Fn::Sub': [
    [{ 'Fn::Sub': 'plain' }, 'plain'],
    [{ 'Fn::Sub': '${Name}-${Count}' }, 'web-3'],
    [{ 'Fn::Sub': '${Vpc}' }, { ref: 'Vpc' }],
    [{ 'Fn::Sub': 'echo ECS_CLUSTER=${Vpc} ${Vpc.CidrBlock}' }, { text: ['echo ECS_CLUSTER=', { ref: 'Vpc' }, ' ', { att: 'Vpc.CidrBlock' }] }],
    [{ 'Fn::Sub': '${!Literal} ${Name}' }, '${Literal} web'],
    [{ 'Fn::Sub': ['${Name} ${Mine}', { Mine: { Ref: 'Count' }, Name: 'own' }] }, 'own 3'],
    [{ 'Fn::Sub': ['${Dotted.Name}', { 'Dotted.Name': 'x' }] }, 'x'],
    [{ 'Fn::Sub': '$Name $ ${' }, '$Name $ ${'],
    [{ 'Fn::Sub': '' }, ''],
    [{ 'Fn::Sub': '${Open}' }, why('parameter Open')],
    [{ 'Fn::Sub': 'a${SHELL_VARIABLE}' }, { text: ['a', why('called SHELL_VARIABLE')] }],
    [{ 'Fn::Sub': 'a${AWS::NoValue}' }, { text: ['a', why('AWS::NoValue has no value')] }],
    [{ 'Fn::Sub': 'a${Zones}' }, { text: ['a', why('a list stands where something else belongs')] }],
    [{ 'Fn::Sub': ['${A}'] }, why('Fn::Sub takes')],
    [{ 'Fn::Sub': ['${A}', ['A']] }, why('Fn::Sub takes')],
    [{ 'Fn::Sub': { Ref: 'Name' } }, why('Fn::Sub takes')],
  ],
  'Fn::Join': [
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Name' }, 3]] }, 'a-web-3'],
    [{ 'Fn::Join': ['', []] }, ''],
    [{ 'Fn::Join': [',', { Ref: 'Zones' }] }, 'a,b,c'],
    [{ 'Fn::Join': [',', ['a', { Ref: 'AWS::NoValue' }, 'b']] }, 'a,b'],
    [{ 'Fn::Join': ['', ['{"bip":"', { Ref: 'Vpc' }, '"}']] }, { text: ['{"bip":"', { ref: 'Vpc' }, '"}'] }],
    [{ 'Fn::Join': [',', { Ref: 'Subnets' }] }, why('parameter Subnets has no default')],
    [{ 'Fn::Join': [',', 'abc'] }, why('Fn::Join takes')],
    [{ 'Fn::Join': [{ Ref: 'Name' }, ['a']] }, why('Fn::Join takes')],
    [{ 'Fn::Join': ['a'] }, why('Fn::Join takes')],
    [{ 'Fn::Join': 'ab' }, why('Fn::Join takes')],
  ],
  'Fn::Split': [
    [{ 'Fn::Split': [',', 'a,b,,c'] }, ['a', 'b', '', 'c']],
    [{ 'Fn::Split': ['|', { 'Fn::Join': ['|', [{ Ref: 'Vpc' }, 'x']] }] }, [{ ref: 'Vpc' }, 'x']],
    [{ 'Fn::Split': [',', { 'Fn::Sub': 'a-${Vpc},${Group}' }] }, [{ text: ['a-', { ref: 'Vpc' }] }, why('parameter Group')]],
    // An undecided text may have the delimiter in it; so may an ARN, when it is a colon.
    [{ 'Fn::Split': [',', { 'Fn::Sub': 'a,${Open}' }] }, why('parameter Open')],
    [{ 'Fn::Split': [':', { Ref: 'Vpc' }] }, why('the id of Vpc is known when it is deployed')],
    // So may the attributes that hold any text, and the pieces of a text that was split at something else.
    [{ 'Fn::Split': [',', att('Child.Outputs.Ids')] }, why('Outputs.Ids of Child is known when it is deployed')],
    [{ 'Fn::Split': [',', { 'Fn::Sub': '${Child.Outputs.A},${Child.Outputs.B}' }] }, why('Outputs.A of Child is known when it is deployed')],
    [{ 'Fn::Split': [',', att('Lookup.Ids')] }, why('Ids of Lookup is known when it is deployed')],
    [{ 'Fn::Split': [',', att('Kept.Value')] }, why('Value of Kept is known when it is deployed')],
    [{ 'Fn::Split': [',', att('Vpc.Ipv6CidrBlocks')] }, why('Ipv6CidrBlocks of Vpc is known when it is deployed')],
    [{ 'Fn::Split': [',', { Ref: 'Child' }] }, [{ ref: 'Child' }]],
    [{ 'Fn::Split': [',', { 'Fn::Select': [0, { 'Fn::Split': [';', { 'Fn::ImportValue': 'x' }] }] }] }, why('export x')],
    [{ 'Fn::Split': [',', { 'Fn::Select': [0, { 'Fn::Split': [',', { 'Fn::ImportValue': 'x' }] }] }] }, [why('export x')]],
    [{ 'Fn::Split': [',', { 'Fn::Select': [0, { 'Fn::Split': ['||', { 'Fn::ImportValue': 'x' }] }] }] }, [why('export x')]],
    [{ 'Fn::Split': [',', { 'Fn::Join': [',', { Ref: 'Subnets' }] }] }, why('parameter Subnets')],
    [{ 'Fn::Split': ['', 'abc'] }, why('Fn::Split takes')],
    [{ 'Fn::Split': [',', ['a']] }, why('Fn::Split takes')],
    [{ 'Fn::Split': [',', { a: 1 }] }, why('Fn::Split takes')],
    [{ 'Fn::Split': [','] }, why('Fn::Split takes')],
  ],
  'Fn::Select': [
    [{ 'Fn::Select': [1, ['a', 'b']] }, 'b'],
    [{ 'Fn::Select': ['1', ['a', 'b']] }, 'b'],
    [{ 'Fn::Select': [0, { Ref: 'Zones' }] }, 'a'],
    [{ 'Fn::Select': [0, [{ Ref: 'AWS::NoValue' }, 'b']] }, 'b'],
    [{ 'Fn::Select': [{ Ref: 'Count' }, ['a', 'b', 'c', 'd']] }, 'd'],
    [{ 'Fn::Select': [0, { Ref: 'Subnets' }] }, why('parameter Subnets')],
    [{ 'Fn::Select': [2, ['a', 'b']] }, why('the list has 2 items, and none with number 2')],
    [{ 'Fn::Select': [-1, ['a']] }, why('takes a number from 0, not -1')],
    [{ 'Fn::Select': [0.5, ['a']] }, why('takes a number from 0, not 0.5')],
    [{ 'Fn::Select': [{ Ref: 'Open' }, ['a']] }, why('parameter Open')],
    [{ 'Fn::Select': [0, att('Vpc.Ipv6CidrBlocks')] }, why('Ipv6CidrBlocks of Vpc is known when it is deployed')],
    [{ 'Fn::Select': [0, 'abc'] }, why('Fn::Select takes')],
    [{ 'Fn::Select': [0] }, why('Fn::Select takes')],
    [{ 'Fn::Select': 0 }, why('Fn::Select takes')],
  ],
  'Fn::If': [
    [{ 'Fn::If': ['Yes', 'a', 'b'] }, 'a'],
    [{ 'Fn::If': ['No', 'a', 'b'] }, 'b'],
    [{ 'Fn::If': ['Web', { Ref: 'Vpc' }, 'b'] }, { ref: 'Vpc' }],
    [{ 'Fn::If': ['Yes', { Ref: 'AWS::NoValue' }, 'b'] }, undefined],
    [[{ 'Fn::If': ['No', 'a', { Ref: 'AWS::NoValue' }] }, 'b'], ['b']],
    [{ a: { 'Fn::If': ['No', 'a', { Ref: 'AWS::NoValue' }] }, b: 1 }, { b: 1 }],
    [{ 'Fn::If': ['Yes', 'a'] }, why('Fn::If takes a condition and two values')],
    [{ 'Fn::If': [{ Ref: 'Name' }, 'a', 'b'] }, why('Fn::If takes')],
    [{ 'Fn::If': 'Yes' }, why('Fn::If takes')],
  ],
  'Fn::FindInMap': [
    [{ 'Fn::FindInMap': ['Sizes', 'small', 'count'] }, 1],
    [{ 'Fn::FindInMap': ['Sizes', 'small', 'zones'] }, ['x', 'y']],
    [{ 'Fn::FindInMap': ['Sizes', { Ref: 'Name' }, 'count'] }, '2'],
    [{ 'Fn::FindInMap': ['Sizes', 'tiny', 'count'] }, why('map Sizes has no tiny.count')],
    [{ 'Fn::FindInMap': ['Sizes', 'tiny', 'count', { DefaultValue: 7 }] }, 7],
    [{ 'Fn::FindInMap': ['Sizes', 'small', 'count', { DefaultValue: 7 }] }, 1],
    [{ 'Fn::FindInMap': ['Sizes', 'tiny', 'count', { DefaultValue: { Ref: 'AWS::NoValue' } }] }, undefined],
    [{ 'Fn::FindInMap': ['Sizes', 'constructor', 'name'] }, why('map Sizes has no constructor.name')],
    [{ 'Fn::FindInMap': ['Sizes', '__proto__', 'constructor'] }, why('map Sizes has no')],
    [{ 'Fn::FindInMap': ['Broken', 'a', 'b'] }, why('map Broken has no')],
    [{ 'Fn::FindInMap': ['Missing', 'a', 'b'] }, why('map Missing has no')],
    [{ 'Fn::FindInMap': ['Regions', { Ref: 'AWS::Region' }, 'cidr'] }, why('the Region is not known')],
    [{ 'Fn::FindInMap': ['Sizes', { Ref: 'Open' }, 'count', { DefaultValue: 7 }] }, why('parameter Open')],
    [{ 'Fn::FindInMap': ['Sizes', 'small'] }, why('Fn::FindInMap takes')],
    [{ 'Fn::FindInMap': 'Sizes' }, why('Fn::FindInMap takes')],
  ],
  'Fn::Cidr': [
    [cidrOf('10.0.0.0/16', 3, 8), ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']],
    [cidrOf('192.168.0.0/24', '6', '5'), [0, 32, 64, 96, 128, 160].map((last) => `192.168.0.${last}/27`)],
    [cidrOf(att('Vpc.CidrBlock'), 1, 12), ['10.0.0.0/20']],
    [cidrOf('10.0.0.0/24', 2, 8), why('gives no 2 IPv4 blocks with 8 bits of 10.0.0.0/24')],
    [cidrOf('10.0.0.0/16', 257, 2), why('gives no 257')],
    [cidrOf('10.0.0.0/16', 0, 8), why('gives no 0')],
    [cidrOf('10.0.0.0/16', 1, 33), why('with 33 bits')],
    [cidrOf('10.0.0.0/16', 1, -1), why('with -1 bits')],
    [cidrOf('10.0.0.0/16', 1.5, 8), why('gives no 1.5')],
    [cidrOf('fd00::/56', 1, 64), why('of fd00::/56')],
    [cidrOf('text', 1, 8), why('of text')],
    [cidrOf('10.0.0.0/16', 'many', 8), why('takes numbers')],
    [cidrOf('10.0.0.0/16', 2), why('takes numbers')],
    [cidrOf(att('OpenVpc.CidrBlock'), 1, 8), why('CidrBlock of OpenVpc is known when it is deployed')],
    [cidrOf({ Ref: 'Open' }, 1, 8), why('parameter Open')],
    [cidrOf('10.0.0.0/16', { Ref: 'Open' }, 8), why('parameter Open')],
    [cidrOf('10.0.0.0/16'), why('Fn::Cidr takes')],
    [{ 'Fn::Cidr': '10.0.0.0/16' }, why('Fn::Cidr takes')],
  ],
  'Fn::GetAZs': [
    [{ 'Fn::GetAZs': '' }, why('the zones of a Region are not in a template')],
    [{ 'Fn::GetAZs': { Ref: 'AWS::NoValue' } }, why('Fn::GetAZs takes a Region')],
  ],
  'Fn::Base64': [
    [{ 'Fn::Base64': { 'Fn::Sub': 'echo ${Name}' } }, 'echo web'],
    [{ 'Fn::Base64': { Ref: 'AWS::NoValue' } }, why('Fn::Base64 takes a text')],
  ],
  'Fn::ImportValue and Fn::GetStackOutput of what is not given': [
    [{ 'Fn::ImportValue': 'shared-vpc' }, why('export shared-vpc is of none of the given templates')],
    [{ 'Fn::ImportValue': { 'Fn::Sub': '${Open}-vpc' } }, why('parameter Open')],
    [{ 'Fn::ImportValue': { Ref: 'AWS::NoValue' } }, why('Fn::ImportValue takes the name of an export')],
    [{ 'Fn::GetStackOutput': { StackName: 'Net', OutputName: 'Vpc' } }, why('output Net.Vpc is of none of the given templates')],
    [{ 'Fn::GetStackOutput': { StackName: { Ref: 'Open' }, OutputName: 'Vpc' } }, why('parameter Open')],
    [{ 'Fn::GetStackOutput': { StackName: 'Net' } }, why('Fn::GetStackOutput takes a stack and an output')],
    [{ 'Fn::GetStackOutput': 'Net' }, why('Fn::GetStackOutput takes')],
  ],
  'what AWS::LanguageExtensions adds': [
    [{ 'Fn::Length': ['a', 'b'] }, 2],
    [{ 'Fn::Length': { Ref: 'Zones' } }, 3],
    [{ 'Fn::Length': { Ref: 'Subnets' } }, why('parameter Subnets')],
    [{ 'Fn::Length': 'abc' }, why('Fn::Length takes a list')],
    [{ 'Fn::ToJsonString': { a: { Ref: 'Name' }, b: [1, { Ref: 'AWS::NoValue' }] } }, '{"a":"web","b":[1]}'],
    [{ 'Fn::ToJsonString': JSON.parse('{"b": 1, "__proto__": 2}') as unknown }, '{"__proto__":2,"b":1}'],
    [{ 'Fn::ToJsonString': { a: { Ref: 'Vpc' } } }, why('the id of Vpc')],
    [{ 'Fn::ToJsonString': { a: { 'Fn::Sub': '${Vpc}!' } } }, why('the id of Vpc')],
    [{ 'Fn::ToJsonString': 'abc' }, why('Fn::ToJsonString takes')],
    [{ 'Fn::ForEach::Each': ['X', ['a'], { '${X}': 1 }] }, why('Fn::ForEach::Each is not expanded')],
    [{ 'Fn::ForEach::Each': [], other: 1 }, why('Fn::ForEach::Each is not expanded')],
  ],
  'macros and functions of no value': [
    [{ 'Fn::Transform': { Name: 'AWS::Include' } }, why('Fn::Transform is not expanded')],
    [{ 'Fn::Transform': { Name: 'AWS::Include' }, 'other': 1 }, why('Fn::Transform is not expanded')],
    [{ 'Fn::Equals': ['a', 'a'] }, why('Fn::Equals gives no value here')],
    [{ 'Fn::Nonsense': 1 }, why('Fn::Nonsense gives no value here')],
  ],
  'dynamic references': [
    ['{{resolve:ssm:/net/vpc}}', why('SSM parameter /net/vpc')],
    ['{{resolve:ssm:/net/vpc:3}}', why('read from Systems Manager')],
    ['{{resolve:secretsmanager:db:SecretString:password}}', why('read from Secrets Manager')],
    ['x{{resolve:ssm:/a}}y', { text: ['x', why('SSM parameter /a'), 'y'] }],
    ['{{resolve:unfinished', '{{resolve:unfinished'],
    [{ 'Fn::Sub': '{{resolve:ssm:/${Name}/vpc}}' }, why('SSM parameter /web/vpc')],
    [{ 'Fn::Join': ['', ['{{resolve:ssm:', '/a', '}}']] }, why('SSM parameter /a')],
  ],
};

for (const [name, rows] of Object.entries(TABLE)) {
  describe(name, () => {
    test.each(rows.map(([expression, expected]) => [JSON.stringify(expression), expression, expected]))('%s', (_, expression, expected) => {
      expect(plain(value(expression))).toEqual(expected);
    });
  });
}

describe('where a template is deployed', () => {
  const REGIONS: ReadonlyArray<readonly [string, unknown, unknown]> = [
    ['eu-west-1', 'aws', 'amazonaws.com'],
    ['us-gov-west-1', 'aws-us-gov', 'amazonaws.com'],
    ['cn-north-1', 'aws-cn', 'amazonaws.com.cn'],
    ['us-iso-east-1', why('the Region is not known'), why('the Region is not known')],
  ];
  test.each(REGIONS)('in %s the partition is %s', (region, partition, suffix) => {
    expect(plain(value([{ Ref: 'AWS::Region' }, { Ref: 'AWS::Partition' }, { Ref: 'AWS::URLSuffix' }], { region }))).toEqual([region, partition, suffix]);
  });

  test('account, stack name and maps by Region are known when they are stated', () => {
    const more = { region: 'eu-west-1', account: '123456789012', stackName: 'Shop' };
    expect(plain(value({ 'Fn::Sub': '${AWS::StackName}/${AWS::AccountId}' }, more))).toBe('Shop/123456789012');
    expect(plain(value({ 'Fn::FindInMap': ['Regions', { Ref: 'AWS::Region' }, 'cidr'] }, more))).toBe('10.1.0.0/16');
  });
});

describe('parameters', () => {
  test('a stated value takes the place of the default and assumes nothing', () => {
    const stated = value({ Ref: 'Name' }, { parameters: { Name: 'api' } })!;
    expect([plain(stated), assumesOf(stated)]).toEqual(['api', []]);
  });

  test('a stated value of a list is divided at its commas', () => {
    expect(plain(value({ Ref: 'Subnets' }, { parameters: { Subnets: 'subnet-1,subnet-2' } }))).toEqual(['subnet-1', 'subnet-2']);
  });

  test('a stated value of an SSM type is the name that is looked up', () => {
    expect(value({ Ref: 'Image' }, { parameters: { Image: '/my/image' } })).toMatchObject({ kind: 'undecided', ssmParameter: '/my/image' });
  });

  test('what parameters of SSM types come to may be stated', () => {
    expect(plain(value({ Ref: 'Image' }, { resolved: { Image: 'ami-1' } }))).toBe('ami-1');
    expect(plain(value({ Ref: 'Looked' }, { resolved: { Looked: 'subnet-1, subnet-2' } }))).toEqual(['subnet-1', 'subnet-2']);
    expect(plain(value({ Ref: 'Name' }, { parameters: { Name: 'api' }, resolved: { Name: 'web' } }))).toBe('api');
  });

  test('the SSM parameter an image comes from is told', () => {
    expect(value({ Ref: 'Image' })).toMatchObject({ ssmParameter: '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id' });
    expect(value('{{resolve:ssm:/my/image:7}}')).toMatchObject({ ssmParameter: '/my/image' });
  });

  test('only parameters of its own count as stated', () => {
    expect(plain(evaluated({ Ref: 'toString' }, { Parameters: { toString: { Type: 'String' } } }, { parameters: {} })))
      .toEqual({ why: 'parameter toString has no default' });
  });
});

test('dynamic references in the default of a parameter, and in what is stated, are replaced when it is deployed', () => {
  const of = (declared: object, parameters?: Record<string, string>) => (
    plain(evaluated({ Ref: 'Dynamic' }, { Parameters: { Dynamic: { Type: 'String', ...declared } } }, { parameters })));
  expect(of({ Default: '{{resolve:ssm:/web/name:1}}' })).toEqual(why('read from Systems Manager'));
  expect(of({ Default: 'web' }, { Dynamic: '{{resolve:ssm:/web/name:1}}' })).toEqual(why('read from Systems Manager'));
  expect(of({ Default: 'x{{resolve:ssm:/a}}y' })).toEqual({ text: ['x', why('SSM parameter /a'), 'y'] });
});

describe('assumptions', () => {
  const NAME = 'parameter Name keeps its default web';
  const EXPRESSIONS: ReadonlyArray<readonly [unknown, readonly string[]]> = [
    [{ Ref: 'Name' }, [NAME]],
    [{ Ref: 'Empty' }, ['parameter Empty keeps its default (empty)']],
    [{ 'Fn::Sub': '${Name}-${Count}' }, [NAME, 'parameter Count keeps its default 3']],
    [{ 'Fn::Sub': '${Vpc}-${Name}' }, [NAME]],
    [{ 'Fn::Join': ['', [{ Ref: 'Name' }, { Ref: 'Name' }]] }, [NAME]],
    [{ 'Fn::Select': [{ Ref: 'Count' }, [1, 2, 3, 4]] }, ['parameter Count keeps its default 3']],
    [{ 'Fn::Select': [0, { Ref: 'Zones' }] }, ['parameter Zones keeps its default a, b ,c']],
    [{ 'Fn::FindInMap': ['Sizes', { Ref: 'Name' }, 'count'] }, [NAME]],
    [{ 'Fn::If': ['Web', 'a', 'b'] }, [NAME]],
    [{ 'Fn::If': ['Web', { Ref: 'Vpc' }, 'b'] }, [NAME]],
    [{ 'Fn::If': ['Web', { a: 1 }, 'b'] }, [NAME]],
    [{ 'Fn::If': ['Web', ['a'], 'b'] }, [NAME]],
    [{ 'Fn::Split': ['-', { 'Fn::Sub': '${Name}-x' }] }, [NAME]],
    [{ 'Fn::Length': { Ref: 'Zones' } }, ['parameter Zones keeps its default a, b ,c']],
    [{ 'Fn::ToJsonString': { a: { Ref: 'Name' } } }, [NAME]],
    [cidrOf('10.0.0.0/16', { Ref: 'Count' }, 8), ['parameter Count keeps its default 3']],
    [{ 'Fn::If': ['Yes', 'a', 'b'] }, []],
    ['a', []],
  ];
  test.each(EXPRESSIONS.map(([expression, assumes]) => [JSON.stringify(expression), expression, assumes]))('%s', (_, expression, assumes) => {
    expect(assumesOf(value(expression)!)).toEqual(assumes);
  });

  test('what an object assumes, its entries assume', () => {
    const entries = value({ 'Fn::If': ['Web', { a: { b: 1 } }, 'b'] });
    expect(entries?.kind === 'entries' && assumesOf(entries.entry('a')!)).toEqual([NAME]);
  });

  test('a property within what a condition chose assumes what the condition does', () => {
    const found = resource(world({ ...TEMPLATE, Resources: { Subject: { Type: 'T', Properties: { 'Fn::If': ['Web', { List: [{ A: 1 }] }, {}] } } } }), 'Subject', 'T');
    expect([plain(found.property('List', 0, 'A')), assumesOf(found.property('List', 0, 'A')!)]).toEqual([1, [NAME]]);
  });

  test('a long default is cut short in words', () => {
    const long = evaluated({ Ref: 'P' }, { Parameters: { P: { Type: 'String', Default: 'x'.repeat(500) } } })!;
    expect(assumesOf(long)[0].length).toBeLessThan(120);
  });
});

describe('identity', () => {
  const SAME: ReadonlyArray<readonly [string, unknown, unknown]> = [
    ['Sub and Join of the same parts', { 'Fn::Sub': 'a-${Vpc}' }, { 'Fn::Join': ['-', ['a', { Ref: 'Vpc' }]] }],
    ['Sub of one variable and Ref', { 'Fn::Sub': '${Open}' }, { Ref: 'Open' }],
    ['a reference and nothing behind it', { 'Fn::Sub': '${Vpc}${Empty}' }, { Ref: 'Vpc' }],
    ['both spellings of GetAtt', att('Vpc.Arn'), { 'Fn::GetAtt': 'Vpc.Arn' }],
    ['keys in another order', { 'Fn::Transform': { Name: 'M', Parameters: { a: 1, b: 2 } } }, { 'Fn::Transform': { Parameters: { b: 2, a: 1 }, Name: 'M' } }],
    ['objects with keys in another order', { a: { Ref: 'Open' }, b: 2 }, { b: 2, a: { Ref: 'Open' } }],
    ['a number and its text', 80, '80'],
    ['a truth value and its text', true, 'true'],
    ['the same zone', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, { 'Fn::Select': ['0', { 'Fn::GetAZs': { Ref: 'AWS::Region' } }] }],
    ['what was joined and is split again', { 'Fn::Split': [',', { 'Fn::Join': [',', { Ref: 'Subnets' }] }] }, { Ref: 'Subnets' }],
    ['a piece of a text that is not known', split(';', 0, att('Child.Outputs.Ids')), split(';', '0', { 'Fn::Sub': '${Child.Outputs.Ids}' })],
    ['an SSM parameter, by type and by dynamic reference', '{{resolve:ssm:/web}}', { 'Fn::Sub': '{{resolve:ssm:/${Name}}}' }],
    ['the same import', { 'Fn::ImportValue': 'a' }, { 'Fn::ImportValue': { 'Fn::Sub': 'a' } }],
    ['the same macro', { 'Fn::Transform': 1 }, { 'Fn::Transform': 1 }],
  ];
  test.each(SAME)('is the same for %s', (_, one, other) => {
    expect(identityOf(value(one)!)).toBe(identityOf(value(other)!));
  });

  const DIFFERENT: ReadonlyArray<readonly [string, unknown, unknown]> = [
    ['zones with different numbers', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] }],
    ['zones of different Regions', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, { 'Fn::Select': [0, { 'Fn::GetAZs': 'eu-west-1' }] }],
    ['an id and an attribute', { Ref: 'Vpc' }, att('Vpc.Arn')],
    ['two parameters', { Ref: 'Open' }, { Ref: 'Group' }],
    ['a parameter and its own name', { Ref: 'Open' }, 'Open'],
    ['one text and two', { 'Fn::Sub': '${Open}ab' }, { 'Fn::Join': ['', [{ Ref: 'Open' }, 'a', { Ref: 'Vpc' }]] }],
    ['a text and the list of it', ['a'], 'a'],
    ['an object and the list of its entries', { a: 1 }, [['a', 1]]],
    ['two imports', { 'Fn::ImportValue': 'a' }, { 'Fn::ImportValue': 'b' }],
    ['maps with different defaults', { 'Fn::FindInMap': ['Sizes', { Ref: 'Open' }, 'count', { DefaultValue: 1 }] }, { 'Fn::FindInMap': ['Sizes', { Ref: 'Open' }, 'count', { DefaultValue: 2 }] }],
    ['outputs of one stack in two Regions', { 'Fn::GetStackOutput': { StackName: 'N', OutputName: 'O', Region: 'a' } }, { 'Fn::GetStackOutput': { StackName: 'N', OutputName: 'O', Region: 'b' } }],
    ['what was joined by another delimiter', { 'Fn::Split': [',', { 'Fn::Join': [';', { Ref: 'Subnets' }] }] }, { Ref: 'Subnets' }],
    ['different delimiters', { 'Fn::Join': [',', { Ref: 'Subnets' }] }, { 'Fn::Join': [';', { Ref: 'Subnets' }] }],
    ['pieces of a text that is not known', split(',', 0, att('Child.Outputs.Ids')), split(',', 1, att('Child.Outputs.Ids'))],
    ['different secrets', '{{resolve:secretsmanager:a}}', '{{resolve:secretsmanager:b}}'],
    ['text with quotes and text without', 'a"b', 'ab'],
  ];
  test.each(DIFFERENT)('tells %s apart', (_, one, other) => {
    const body = { ...TEMPLATE, Resources: { ...TEMPLATE.Resources, Subject: { Type: 'T', Properties: { one, other } } } };
    const subject = resource(world(body), 'Subject', 'T');
    expect(identityOf(subject.property('one')!)).not.toBe(identityOf(subject.property('other')!));
  });

  test('a parameter is its template\'s own, a Region that nobody states is everybody\'s', () => {
    const body = { Parameters: { Open: { Type: 'String' } }, Resources: { S: { Type: 'T', Properties: { P: { Ref: 'Open' }, R: { Ref: 'AWS::Region' } } } } };
    const both = world(given(body, { name: 'a' }), given(body, { name: 'b' }));
    const [p, r] = ['P', 'R'].map((property) => both.resourcesOf('T').map((one) => identityOf(one.property(property)!)));
    expect(p[0]).not.toBe(p[1]);
    expect(r[0]).toBe(r[1]);
  });

  test('of maps, it is each template\'s own', () => {
    const body = { Mappings: { M: {} }, Resources: { S: { Type: 'T', Properties: { P: { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'x'] } } } } };
    const [one, other] = world(given(body, { name: 'a' }), given(body, { name: 'b' })).resourcesOf('T').map((each) => identityOf(each.property('P')!));
    expect(one).not.toBe(other);
  });

  test('an account that nobody states is the same in every Region, a Region in every account', () => {
    const body = { Resources: { S: { Type: 'T', Properties: { A: { Ref: 'AWS::AccountId' }, R: { Ref: 'AWS::Region' } } } } };
    const both = world(given(body, { name: 'a', region: 'eu-west-1' }), given(body, { name: 'b', region: 'us-east-1' }), given(body, { name: 'c', account: '1' }), given(body, { name: 'd', account: '2' }));
    const [a, r] = ['A', 'R'].map((property) => both.resourcesOf('T').map((one) => identityOf(one.property(property)!)));
    expect([a[0], r[2]]).toEqual([a[1], r[3]]);
    expect([a[2], a[3], r[0], r[1]]).toEqual(['"1"', '"2"', '"eu-west-1"', '"us-east-1"']);
  });

  test('a long one is short, and still the same for the same', () => {
    const long = (last: string) => ({ 'Fn::Join': ['', [{ Ref: 'Open' }, 'x'.repeat(100_000), last]] });
    const subject = resource(world({ ...TEMPLATE, Resources: { Subject: { Type: 'T', Properties: { a: long('1'), b: long('1'), c: long('2') } } } }), 'Subject', 'T');
    const [a, b, c] = ['a', 'b', 'c'].map((key) => identityOf(subject.property(key)!));
    expect(a).toBe(b);
    expect(a).not.toBe(c);
    expect(a.length).toBeLessThan(1000);
  });
});

describe('properties', () => {
  const body = { Resources: { Subject: { Type: 'T', Properties: { List: [{ A: 1 }], Text: 'x', Ref: { Ref: 'Other' }, Open: { Ref: 'P' } } }, Other: { Type: 'O' } }, Parameters: { P: { Type: 'String' } } };
  const subject = () => resource(world(body), 'Subject', 'T');
  const PATHS: ReadonlyArray<readonly [ReadonlyArray<string | number>, unknown]> = [
    [['List', 0, 'A'], 1],
    [['List', 1, 'A'], undefined],
    [['Missing', 'A', 'B'], undefined],
    [['constructor'], undefined],
    [['__proto__'], undefined],
    [['List', 'length'], why('a list stands where something else belongs')],
    [['Text', 'A'], why('a text stands where something else belongs: it has no A')],
    [['Ref', 'A'], why('a reference stands')],
    [['Open', 'A'], why('parameter P has no default')],
  ];
  test.each(PATHS)('%j', (path, expected) => {
    expect(plain(subject().property(...path))).toEqual(expected);
  });

  test('properties that are no object are undecided, and absent ones absent', () => {
    const odd = world({ Resources: { Text: { Type: 'A', Properties: 'text' }, None: { Type: 'B' }, Null: { Type: 'C', Properties: null } } });
    const [text, none, nothing] = ['A', 'B', 'C'].map((type) => plain(odd.resourcesOf(type)[0].property('X')));
    expect([text, none, nothing]).toEqual([why('a text stands'), undefined, why('null is no value')]);
  });

  test('the same path of an undecided property has the same identity', () => {
    const one = identityOf(subject().property('Open', 'A')!);
    expect(one).toBe(identityOf(subject().property('Open', 'A')!));
    expect(one).not.toBe(identityOf(subject().property('Open', 'B')!));
  });
});

describe('what grows without end', () => {
  const doubled = (times: number, part: unknown) => {
    let value: unknown = part;
    for (let level = 0; level < times; level++) {
      value = { 'Fn::Sub': ['${A}${A}', { A: value }] };
    }
    return value;
  };

  test.each([['text', 'x'], ['references', { Ref: 'Vpc' }]])('is undecided when it is longer than a template: %s', (_, part) => {
    expect(plain(value(doubled(60, part)))).toEqual(why('the text is longer than a template can be'));
  });

  test('is read as far as that', () => {
    expect(plain(value(doubled(10, 'x')))).toBe('x'.repeat(1024));
  });

  test('a map whose values lead to each other many times over is read once', () => {
    const M = { k: Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`v${index}`, index
      ? { 'Fn::Select': [0, [{ 'Fn::FindInMap': ['M', 'k', `v${index - 1}`] }, { 'Fn::FindInMap': ['M', 'k', `v${index - 1}`] }]] }
      : 'end'])) };
    expect(plain(evaluated({ 'Fn::FindInMap': ['M', 'k', 'v59'] }, { Mappings: { M } }))).toBe('end');
  });

  test('outputs that lead to each other many times over are read once', () => {
    const Outputs = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`O${index}`, {
      Export: { Name: `e${index}` },
      Value: index ? { 'Fn::Select': [0, [{ 'Fn::ImportValue': `e${index - 1}` }, { 'Fn::ImportValue': `e${index - 1}` }]] } : 'end',
    }]));
    expect(plain(evaluated({ 'Fn::ImportValue': 'e59' }, { Outputs }))).toBe('end');
  });

  test('a map that leads back to itself is undecided', () => {
    expect(plain(evaluated({ 'Fn::FindInMap': ['M', 'a', 'b'] }, { Mappings: { M: { a: { b: { 'Fn::FindInMap': ['M', 'a', 'b'] } } } } })))
      .toEqual(why('it refers to itself'));
  });
});

test('every expression is evaluated once', () => {
  let reads = 0;
  const counted = new Proxy({ 'Fn::Join': ['-', ['a', 'b']] }, { get: (target, key, receiver) => { reads++; return Reflect.get(target, key, receiver) as unknown; } });
  const subject = resource(world({ Resources: { Subject: { Type: 'T', Properties: { Value: counted } } } }), 'Subject', 'T');
  const first = subject.property('Value');
  const after = reads;
  const again: Evaluated | undefined = subject.property('Value');
  expect(again).toBe(first);
  expect(reads).toBe(after);
});
