import { check } from '../../../src/analysis/check';
import type { ReadOptions } from '../../../src/analysis/read-facts';
import { eniTrunkingIneffective as rule } from '../../../src/analysis/rules/eni-trunking-ineffective';
import { given, GivenBody } from '../given';
import { itsExamplesHold } from './ecs-fragments';
import { AROUND, awsvpc, nodes } from './eni-fragments';

type Resources = Readonly<Record<string, unknown>>;

const Parameters = { Open: { Type: 'String' }, Type: { Type: 'String', Default: 't3.medium' } };
const OPEN = { Ref: 'Open' };

const ROLES = {
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' } },
  NodesRole: { Type: 'AWS::IAM::Role' },
  Other: { Type: 'AWS::IAM::Role' },
  Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [{ Ref: 'NodesRole' }] } },
};
const call = (action: string, role?: string, value = 'enabled') => {
  const [before, after] = JSON.stringify({ action, parameters: { name: 'awsvpcTrunking', value }, ...role ? { assumedRoleArn: '|' } : {} }).split('|');
  return { Type: 'Custom::AWS', Properties: { Create: role ? { 'Fn::Join': ['', [before, { 'Fn::GetAtt': [role, 'Arn'] }, after]] } : before } };
};
const OWN = { Trunking: call('putAccountSetting', 'NodesRole') };
const ACCOUNT = { Trunking: call('putAccountSettingDefault') };
const AFTER = { DependsOn: 'Trunking' };
/** A function that makes the call for the account, and what calls it. */
const CALLED = {
  Function: { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: 'ecs.putAccountSettingDefault({ name: "awsvpcTrunking", value: "enabled" })' } } },
  Trunking: { Type: 'Custom::Trunking', Properties: { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] } } },
};

/** Instances that have the role, and an awsvpc service on them. */
const app = (data: Resources = {}, more: Resources = AFTER, its: Resources = {}) => ({
  ...AROUND, ...ROLES, Api: awsvpc(1),
  ...nodes(2, {
    InstanceType: 'm5.large',
    IamInstanceProfile: { Arn: { 'Fn::GetAtt': ['Profile', 'Arn'] } },
    PrivateDnsNameOptions: { EnableResourceNameDnsARecord: false },
    ...data,
  }, { VPCZoneIdentifier: [{ Ref: 'Subnet' }], ...its }, 'Nodes', more),
});
const judge = (resources: Resources, options: ReadOptions = {}, ...others: GivenBody[]) =>
  check([given({ Parameters, Resources: resources }), ...others.map((body, i) => given(body, { name: `other${i}.yaml` }))], [rule], options);
const said = (...its: Parameters<typeof judge>): string[] => {
  const { findings, undecided } = judge(...its);
  return [
    ...findings.map(({ severity, resource, message }) => `${severity} ${resource}: ${message}`),
    ...undecided.map(({ resource, why }) => `undecided ${resource}: ${why}`),
  ];
};
const ON: ReadOptions = { accountSettings: { awsvpcTrunking: 'enabled' } };
const mixed = (...types: string[]) => ({
  LaunchTemplate: undefined,
  MixedInstancesPolicy: {
    LaunchTemplate: {
      LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'NodesTemplate' }, Version: '1' },
      Overrides: types.map((InstanceType) => ({ InstanceType })),
    },
  },
});

const WINDOWS = '{{resolve:ssm:/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-ECS_Optimized/image_id}}';

itsExamplesHold(rule);

test('a type that cannot trunk stays as it is', () => {
  expect(judge({ ...app({ InstanceType: 't3.medium' }), ...OWN }).findings).toEqual([expect.objectContaining({
    severity: 'warning',
    resource: 'Nodes',
    message: 'trunking is enabled for role NodesRole, but t3.medium cannot trunk and stays at 2 tasks per instance',
    fix: 't8i.medium in place of t3.medium, which holds 4 with trunking (InstanceType, instanceType)',
    assumes: [],
  })]);
});

test.each<[string, { readonly resources: Resources; readonly options?: ReadOptions }]>([
  ['a type that can, a setting for the role, and a group that waits for it', { resources: { ...app(), ...OWN } }],
  ['the account\'s default, which has no principal', { resources: { ...app(), ...ACCOUNT } }],
  ['a custom resource that a group waits for, whose function makes the call', { resources: { ...app(), ...CALLED } }],
  ['what is stated', { resources: app({}, {}), options: ON }],
  ['what metadata says', { resources: app({}, { Metadata: { EcsNetworkModes: { awsvpcTrunking: 'alreadyOn' } } }) }],
  ['a function that may turn it on for others, which instances need not wait for', { resources: {
    ...app(), ...OWN, Function: { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: 'ecs.putAccountSetting({ name: "awsvpcTrunking", value: "enabled" })' } } },
  } }],
  ['another call that may be for others, which instances need not wait for', { resources: {
    ...app(), ...OWN, Second: { Type: 'Custom::AWS', Properties: { Create: { 'Fn::Join': ['', [
      '{"action":"putAccountSetting","parameters":{"name":"awsvpcTrunking","value":"enabled"},"assumedRoleArn":"', OPEN, '"}',
    ]] } } },
  } }],
  ['trunking that nobody asks for', {
    resources: app({ InstanceType: 't3.medium', PrivateDnsNameOptions: { EnableResourceNameDnsARecord: true } }, {}),
  }],
  ['trunking that is turned off', {
    resources: { ...app({ InstanceType: 't3.medium' }, {}), Trunking: call('putAccountSetting', 'NodesRole', 'disabled') },
  }],
  ['trunking that is turned off for others', { resources: { ...app(), ...OWN, Off: call('putAccountSetting', 'Other', 'disabled') } }],
  ['trunking that is stated to be off', {
    resources: app({ InstanceType: 't3.medium' }, {}), options: { accountSettings: { awsvpcTrunking: 'disabled' } },
  }],
  ['a template that waits, where the group waits for that', {
    resources: { ...app({}, {}), ...OWN, NodesTemplate: { ...(app() as Record<string, object>).NodesTemplate, DependsOn: 'Trunking' } },
  }],
])('has nothing against %s', (_, { resources, options }) => {
  expect(said(resources, options)).toEqual([]);
});

test.each<[string, Resources, ReadOptions, string]>([
  ['a type with a single interface besides', { ...app({ InstanceType: 't3.micro' }), ...OWN }, {},
    'warning Nodes: trunking is enabled for role NodesRole, but t3.micro cannot trunk and stays at 1 task per instance'],
  ['an excluded type', { ...app({ InstanceType: 'g4dn.xlarge' }), ...ACCOUNT }, {},
    'warning Nodes: trunking is enabled for the account, but g4dn.xlarge cannot trunk and stays at 2 tasks per instance'],
  ['one type of a mix', { ...app({}, AFTER, mixed('m5.large', 't3.medium')), ...OWN }, {},
    'warning Nodes: trunking is enabled for role NodesRole, but t3.medium cannot trunk and stays at 2 tasks per instance'],
  ['several types', { ...app({}, AFTER, mixed('t3.micro', 't3.medium')), ...OWN }, {},
    'warning Nodes: trunking is enabled for role NodesRole, but t3.micro and t3.medium cannot trunk and stay at 1 to 2 tasks per instance'],
  ['a type where the account has it on, as is stated', app({ InstanceType: 't3.medium' }, {}), ON,
    'warning Nodes: trunking is enabled for the account, as is stated, but t3.medium cannot trunk and stays at 2 tasks per instance'],
  ['a type where metadata says that it is on', app({ InstanceType: 't3.medium' }, { Metadata: { EcsNetworkModes: { awsvpcTrunking: 'alreadyOn' } } }), {},
    'warning Nodes: trunking is enabled for the instances of Nodes, as its metadata says, but t3.medium cannot trunk and stays at 2 tasks per instance'],
  ['Windows', { ...app({ ImageId: WINDOWS }), ...OWN }, {},
    'warning Nodes: trunking is enabled for role NodesRole, but its instances run Windows, which does not trunk, and stay at 2 tasks per instance'],
  ['Windows on a type that cannot trunk either', { ...app({ ImageId: WINDOWS, InstanceType: 't3.medium' }), ...OWN }, {},
    'warning Nodes: trunking is enabled for role NodesRole, but its instances run Windows, which does not trunk, and stay at 2 tasks per instance'],
  ['a type that holds as many without', { ...app({ InstanceType: 'c7g-flex.medium' }), ...OWN }, {},
    'warning Nodes: trunking is enabled for role NodesRole, but c7g-flex.medium gains nothing: it holds 1 awsvpc task with trunking and 1 awsvpc task without'],
  ['such a type beside one that cannot trunk', { ...app({}, AFTER, mixed('t3.medium', 'c7g-flex.medium')), ...OWN }, {},
    'warning Nodes: trunking is enabled for role NodesRole, but t3.medium cannot trunk and stays at 2 tasks per instance; '
    + 'c7g-flex.medium gains nothing: it holds 1 awsvpc task with trunking and 1 awsvpc task without'],
  ['resource-name A records', { ...app({ PrivateDnsNameOptions: { EnableResourceNameDnsARecord: true } }), ...OWN }, {},
    'warning Nodes: trunking is enabled for role NodesRole, but its instances have resource-name A records, with which they get no trunk'],
  ['instances that may be launched first', { ...app({}, {}), ...OWN }, {},
    'warning Nodes: trunking is enabled for role NodesRole, but Nodes does not wait for Trunking: instances launched before it stay at 2 tasks'],
  ['instances that wait for a function, and not for the custom resource that calls it', { ...app({}, { DependsOn: 'Function' }), ...CALLED }, {},
    'warning Nodes: trunking is enabled for the account, but Nodes does not wait for Trunking: instances launched before it stay at 2 tasks'],
  ['the account\'s default, which instances do not wait for', { ...app({}, {}), ...ACCOUNT }, {},
    'warning Nodes: trunking is enabled for the account, but Nodes does not wait for Trunking: instances launched before it stay at 2 tasks'],
])('finds %s', (_, resources, options, expected) => {
  expect(said(resources, options)).toEqual([expected]);
});

test('several causes are one finding', () => {
  const { findings } = judge({ ...app({ InstanceType: 't3.medium', PrivateDnsNameOptions: { EnableResourceNameDnsARecord: true } }, {}), ...OWN });
  expect(findings.map(({ message, fix }) => [message, fix])).toEqual([[
    'trunking is enabled for role NodesRole, but t3.medium cannot trunk and stays at 2 tasks per instance; its instances have resource-name A records, with which '
    + 'they get no trunk; Nodes does not wait for Trunking: instances launched before it stay at 2 tasks',
    't8i.medium in place of t3.medium, which holds 4 with trunking (InstanceType, instanceType); and PrivateDnsNameOptions.EnableResourceNameDnsARecord false in the '
    + 'launch template (EniTrunking does it); and DependsOn: Trunking on Nodes (node.addDependency), then replace the instances that run',
  ]]);
});

test('instances wait for the custom resource that calls a function', () => {
  expect(judge({ ...app({}, {}), ...CALLED }).findings.map(({ fix }) => fix)).toEqual([
    'DependsOn: Trunking on Nodes (node.addDependency), then replace the instances that run',
  ]);
});

test.each<[string, Resources, string]>([
  ['Windows', { ...app({ ImageId: WINDOWS }), ...OWN }, 'instances that run Amazon Linux (ImageId, machineImage)'],
  ['several types', { ...app({}, AFTER, mixed('t3.micro', 't3.medium')), ...OWN }, 'types that can trunk in place of t3.micro and t3.medium (InstanceType, instanceType)'],
  ['a type of another family', { ...app({ InstanceType: 'g4dn.xlarge' }), ...OWN }, 'g7.2xlarge in place of g4dn.xlarge, which holds 40 with trunking (InstanceType, instanceType)'],
])('the way out of %s', (_, resources, fix) => {
  expect(judge(resources).findings.map((finding) => finding.fix)).toEqual([fix]);
});

test('instances without awsvpc tasks need no trunks: a type that cannot is only worth knowing', () => {
  const bridge = { Tasks: { ...AROUND.Tasks, Properties: { ...AROUND.Tasks.Properties, NetworkMode: 'bridge' } }, Api: awsvpc(1, { NetworkConfiguration: undefined }) };
  expect(said({ ...app({ InstanceType: 't3.medium' }), ...OWN, ...bridge })).toEqual([expect.stringMatching(/^info Nodes: /)]);
  const { Api, ...idle } = app({ InstanceType: 't3.medium' });
  expect(Api).toBeDefined();
  expect(said({ ...idle, ...OWN })).toEqual([expect.stringMatching(/^info Nodes: /)]);
  expect(said({ ...app({}, {}), ...OWN, ...bridge })).toEqual([expect.stringMatching(/^warning Nodes: /)]);
  expect(said({ ...app({ InstanceType: 't3.medium' }, {}), ...OWN, ...bridge })).toEqual([expect.stringMatching(/^warning Nodes: /)]);
});

test('instances in a shared subnet do not register', () => {
  const resources = { ...app({}, AFTER, { VPCZoneIdentifier: ['subnet-1'] }), ...OWN };
  const shared = (its?: boolean): ReadOptions => ({ importedSubnets: { 'subnet-1': { ...its === undefined ? {} : { shared: its } } } });
  expect(judge(resources, shared(true)).findings).toEqual([expect.objectContaining({
    severity: 'error',
    message: 'trunking is enabled for role NodesRole, but Nodes is in subnet subnet-1, which another account shares: instances with trunks cannot register there',
    fix: 'subnets of the own account (VPCZoneIdentifier, vpcSubnets)',
  })]);
  const several = { ...app({ InstanceType: 't3.medium' }, AFTER, { VPCZoneIdentifier: ['subnet-1'] }), ...OWN };
  expect(said(several, shared(true))).toEqual([expect.stringMatching(/^error Nodes: .* cannot register there; t3\.medium cannot trunk/)]);
  expect(said(resources, shared(false))).toEqual([]);
  expect(said(resources, shared())).toEqual(['undecided Nodes: whether subnet-1 is shared from another account is not known']);
  expect(said(resources)).toEqual(['undecided Nodes: whether one of its subnets is shared from another account is not known']);
});

describe('a setting that another one turns off', () => {
  const off = (DependsOn?: string, role: string | undefined = 'NodesRole') => ({ Off: { ...call('putAccountSetting', role, 'disabled'), DependsOn } });

  test('is not known to last, where nothing tells which is made last', () => {
    expect(said({ ...app(), ...OWN, ...off() }))
      .toEqual(['undecided Nodes: Trunking turns trunking on for its instances and Off turns it off: which of the two is last is not known']);
  });

  test('does not last where that is made after it', () => {
    const { findings } = judge({ ...app({}, { DependsOn: ['Trunking', 'Off'] }), ...OWN, ...off('Trunking') });
    expect(findings).toEqual([expect.objectContaining({
      severity: 'warning',
      resource: 'Nodes',
      message: 'trunking is enabled for role NodesRole, but Off turns it off again',
      fix: 'no call that turns it off, as Off does',
    })]);
  });

  test('is not known to last, where one of two is made before that and the other is not', () => {
    const nodes = app({}, { DependsOn: ['Trunking', 'Second', 'Off'] });
    expect(said({ ...nodes, ...OWN, Second: OWN.Trunking, ...off('Trunking') }))
      .toEqual(['undecided Nodes: Second turns trunking on for its instances and Off turns it off: which of the two is last is not known']);
  });

  test('is no matter where trunking is on, as is stated', () => {
    expect(said({ ...app({}, {}), ...off() }, ON)).toEqual([]);
  });

  test('lasts where it is made after that, and where that is for another role', () => {
    const trunking = { Trunking: { ...OWN.Trunking, DependsOn: 'Off' } };
    expect(said({ ...app(), ...trunking, ...off() })).toEqual([]);
    expect(said({ ...app(), ...OWN, ...off(undefined, 'Other') })).toEqual([]);
  });
});

describe('a setting for a role that no instances have', () => {
  test('is told of the setting, and of who goes without', () => {
    const { findings, undecided } = judge({ ...app({}, {}), Trunking: call('putAccountSetting', 'Other') });
    expect(findings).toEqual([expect.objectContaining({
      severity: 'warning',
      resource: 'Trunking',
      message: 'setting Trunking turns trunking on for role Other, which no instances have; those of Nodes go without',
      fix: 'the call made by the role of the instances itself (EniTrunking.forInstanceRole(), PutAccountSetting); or for the account '
        + '(EniTrunking.setAccountDefault(), PutAccountSettingDefault)',
      assumes: ['no instances besides those given have role Other'],
    })]);
    expect(undecided).toEqual([]);
  });

  test('is that of the function that makes the call, where no other is named', () => {
    const { Trunking } = { Trunking: call('putAccountSetting') };
    const own = { ...Trunking, Properties: { ...Trunking.Properties, ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] } } };
    const Function = { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['Other', 'Arn'] } } };
    expect(said({ ...app(), Trunking: own, Function })).toEqual([
      'warning Trunking: setting Trunking turns trunking on for role Other, which no instances have; those of Nodes go without',
    ]);
  });

  test('names up to three groups', () => {
    const Trunking = call('putAccountSetting', 'Other');
    const three = { ...app({}, {}), ...nodes(1, {}, {}, 'B'), ...nodes(1, {}, {}, 'C'), Trunking };
    expect(said(three)).toEqual([expect.stringMatching(/^warning Trunking: .*; those of Nodes, B, C go without$/)]);
    expect(said({ ...three, ...nodes(1, {}, {}, 'D') })).toEqual([expect.stringMatching(/^warning Trunking: .*; those of 4 groups go without$/)]);
  });

  test.each<[string, Resources]>([
    ['a launch template', app({ IamInstanceProfile: undefined }, {})],
    ['an instance', { ...AROUND, ...ROLES, Nodes: { Type: 'AWS::EC2::Instance', Properties: {
      InstanceType: 'm5.large', UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
    } } }],
  ])('is not that of %s without a profile', (_, resources) => {
    expect(said({ ...resources, Trunking: call('putAccountSetting', 'Other') })).toEqual([expect.stringMatching(/^warning Trunking: .*; those of Nodes go without$/)]);
  });

  test('is not one for the account, nor one that some instances have', () => {
    expect(said({ ...ROLES, ...ACCOUNT })).toEqual([]);
    const Managed = { Type: 'AWS::ECS::CapacityProvider', Properties: { ManagedInstancesProvider: { InstanceLaunchTemplate: { NetworkConfiguration: { Subnets: ['subnet-1'] } } } } };
    expect(said({ ...app(), Managed, ...OWN, More: call('putAccountSetting', 'Other') })).toEqual([]);
    expect(said({ ...app(), ...nodes(1, {}, {}, 'Others'), ...OWN })).toEqual([]);
  });

  test('does no harm where the instances have it otherwise', () => {
    expect(said({ ...app({}, {}), Trunking: call('putAccountSetting', 'Other') }, ON)).toEqual([]);
    expect(said({ ...app(), ...OWN, More: call('putAccountSetting', 'Other') })).toEqual([]);
  });

  test.each<[string, Resources, string]>([
    ['instances whose role is imported', { ...app({ IamInstanceProfile: { Name: 'imported' } }), Trunking: call('putAccountSetting', 'Other') },
      'imported is not of what is given'],
    ['instances whose launch template is imported', {
      ...app({}, {}, { LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '1' } }), Trunking: call('putAccountSetting', 'Other'),
    }, 'the role of the instances of Nodes is not known'],
    ['no instances at all', { ...ROLES, Trunking: call('putAccountSetting', 'Other') }, 'no container instances are in what is given'],
  ])('may be of %s', (_, resources, why) => {
    expect(said(resources)).toContainEqual(expect.stringMatching(new RegExp(`^undecided Trunking: .*${why}`)));
    expect(judge(resources).findings).toEqual([]);
  });
});

describe('what is not known', () => {
  test.each<[string, Resources, string]>([
    ['a type that the table of the ECS guide does not list', { ...app({ InstanceType: 'zz9.large' }), ...OWN }, 'zz9.large: it is not in the table of instance limits'],
    ['any type', { ...app({ InstanceType: OPEN }), ...OWN }, 'parameter Open has no default'],
    ['A records', { ...app({ PrivateDnsNameOptions: { EnableResourceNameDnsARecord: OPEN } }), ...OWN }, 'parameter Open has no default'],
    ['the image', { ...app({ ImageId: 'ami-1' }), ...OWN }, 'the image of Nodes is not known for an ECS-optimized one'],
    ['its system', { ...app({ ImageId: 'ami-1', UserData: { 'Fn::Base64': { 'Fn::Sub': 'ECS_CLUSTER=${Cluster}' } } }), ...OWN }, 'the image is not one whose operating system is known'],
    ['whom a function turns it on for', {
      ...app({}, {}), Function: { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: 'ecs.putAccountSetting({ name: "awsvpcTrunking", value: "enabled" })' } } },
    }, 'whether Function turns it on for these instances is not known'],
    ['whom a custom resource of another type turns it on for', { ...app(), Trunking: { Type: 'Custom::Setting', Properties: { Name: 'awsvpcTrunking', Value: 'enabled' } } },
      'whether Trunking turns it on for these instances is not known'],
    ['when a function turns it on that nothing is seen to call', { ...app({}, { DependsOn: 'Function' }), Function: CALLED.Function },
      'whether Function turns it on for these instances is not known'],
    ['whether it is turned on', {
      ...app(), Trunking: { Type: 'Custom::AWS', Properties: { Create: { action: 'putAccountSettingDefault', parameters: { name: 'awsvpcTrunking', value: OPEN } } } },
    }, 'the value that Trunking sets is not literal'],
  ])('%s', (_, resources, why) => {
    expect(said(resources)).toEqual([`undecided Nodes: ${why}`]);
  });

  test('the order of stacks that do not depend on each other', () => {
    const { Trunking } = OWN;
    const role = { NodesRole: { ...ROLES.NodesRole, Properties: { RoleName: 'nodes' } } };
    const elsewhere = { ...Trunking, Properties: { Create: JSON.stringify({ action: 'putAccountSettingDefault', parameters: { name: 'awsvpcTrunking', value: 'enabled' } }) } };
    expect(said({ ...app({}, {}), ...role }, {}, { Resources: { Trunking: elsewhere } })).toEqual([
      'undecided Nodes: whether the stack of Trunking is deployed before that of Nodes is not known',
    ]);
  });
});

test("a parameter's default is an assumption", () => {
  expect(judge({ ...app({ InstanceType: { Ref: 'Type' } }), ...OWN }).findings[0].assumes.join()).toContain('Type');
  expect(judge(app({ InstanceType: 't3.medium' }, {}), ON).findings[0].assumes).toEqual(['the account has awsvpcTrunking enabled, as is stated']);
  expect(judge(app({ InstanceType: 't3.medium' }, { Metadata: { EcsNetworkModes: { awsvpcTrunking: 'alreadyOn' } } })).findings[0].assumes)
    .toEqual(['ENI trunking is already on for the instances of Nodes, as its metadata says']);
});
