import { CfnParameter, ContextProvider, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as cr from 'aws-cdk-lib/custom-resources';
import { AwsvpcService, Ec2Capacity, type Ec2CapacityProps, EniTrunking, HostOperatingSystem } from '../../src';
import { testApp } from '../app';
import { CONTAINER, ec2Capacity, templateOf, warningsOf, world, type World } from '../fixtures';
import { expectRefusal } from '../refusal';
import { dependenciesOf, idOf, idsOf } from '../template-graph';

const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const TEMPLATE = 'AWS::EC2::LaunchTemplate';
const SETTING = 'Custom::AWS';

const C5_LARGE = new ec2.InstanceType('c5.large');
const T3_MEDIUM = new ec2.InstanceType('t3.medium');

const trunked = (at: World, props: Partial<Ec2CapacityProps> = {}, id = 'Capacity') =>
  ec2Capacity(at.cluster, id, { instanceType: C5_LARGE, trunking: EniTrunking.forInstanceRole(), ...props });

function templateWith(props: Partial<Ec2CapacityProps> = {}): Template {
  const at = world();
  trunked(at, props);
  return templateOf(at.stack);
}

/** What a call is made of, with references by the beginning of their logical ids. */
function callOf(template: Template, on: 'Create' | 'Update' | 'Delete' = 'Create'): Record<string, unknown> | undefined {
  const [{ Properties }] = Object.values(template.findResources(SETTING));
  const text = JSON.stringify(Properties[on]);
  if (text === undefined) {
    return undefined;
  }
  const parts = Properties[on]['Fn::Join']?.[1] ?? [Properties[on]];
  return JSON.parse(parts.map((part: string | { Ref?: string; 'Fn::GetAtt'?: string[] }) =>
    typeof part === 'string' ? part : `<${(part.Ref ?? part['Fn::GetAtt']![0]).replace(/[0-9A-F]{8}$/, '')}>`).join(''));
}

function statementsFor(template: Template, action: string): { policy: string; statement: Record<string, unknown> }[] {
  return Object.entries(template.findResources('AWS::IAM::Policy')).flatMap(([policy, { Properties }]) =>
    Properties.PolicyDocument.Statement
      .filter((statement: { Action: string | string[] }) => [statement.Action].flat().includes(action))
      .map((statement: Record<string, unknown>) => ({ policy, statement })));
}

/** A VPC looked up in an account that may be another's, with one private subnet. */
function lookedUpVpc(stack: Stack, ownerAccountId?: string): ec2.IVpc {
  jest.spyOn(ContextProvider, 'getValue').mockReturnValueOnce({
    value: {
      vpcId: 'vpc-1',
      vpcCidrBlock: '10.0.0.0/16',
      ownerAccountId,
      availabilityZones: [],
      subnetGroups: [{
        name: 'Private',
        type: 'Private',
        subnets: [{ subnetId: 'subnet-1', cidr: '10.0.0.0/24', availabilityZone: 'eu-central-1a', routeTableId: 'rtb-1' }],
      }],
    },
  });
  return ec2.Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-1', ownerAccountId });
}

afterEach(() => jest.restoreAllMocks());

describe('for the role of the instances', () => {
  test('the role itself makes the call, in its Region, and again where it is replaced', () => {
    const template = templateWith();
    const call = {
      service: 'ECS',
      action: 'putAccountSetting',
      parameters: { name: 'awsvpcTrunking', value: 'enabled' },
      assumedRoleArn: '<CapacityInstanceRole>',
      physicalResourceId: { id: 'awsvpcTrunking <AWS::Region> <CapacityInstanceRole>' },
    };
    expect(callOf(template)).toMatchObject(call);
    expect(callOf(template, 'Update')).toMatchObject(call);
  });

  test('nothing is undone when the stack is deleted, and nothing is downloaded when it is created', () => {
    const template = templateWith();
    expect(callOf(template, 'Delete')).toBeUndefined();
    template.hasResourceProperties(SETTING, { InstallLatestAwsSdk: false });
  });

  test('the setting is made after the role may ask for it and before the first instance is launched; deleted after the last is gone', () => {
    const template = templateWith();
    const [{ policy }] = statementsFor(template, 'ecs:PutAccountSetting');
    const [mayAssume] = statementsFor(template, 'sts:AssumeRole');
    const setting = idOf(template, SETTING);
    expect([...dependenciesOf(template, setting)]).toEqual(expect.arrayContaining([policy, mayAssume.policy]));
    expect(dependenciesOf(template, idOf(template, GROUP))).toContain(setting);
  });

  test('a service waits for the setting through its instances', () => {
    const at = world();
    new AwsvpcService(at.stack, 'Api', { cluster: at.cluster, capacity: trunked(at), container: CONTAINER });
    const template = templateOf(at.stack);
    expect(dependenciesOf(template, idOf(template, 'AWS::ECS::Service'))).toContain(idOf(template, SETTING));
  });

  test('the role may change this setting only, in a policy to which nobody else adds', () => {
    const template = templateWith();
    const asked = statementsFor(template, 'ecs:PutAccountSetting');
    expect(asked).toHaveLength(1);
    expect(asked[0].statement).toEqual({
      Effect: 'Allow',
      Action: 'ecs:PutAccountSetting',
      Resource: '*',
      Condition: { StringEquals: { 'ecs:account-setting': 'awsvpcTrunking' } },
    });
    template.resourceCountIs('AWS::IAM::Policy', 3); // of the role, of this, of the function
  });

  test('the role trusts the function by its ARN, which a role made again has again', () => {
    const template = templateWith();
    const [functionRole] = idsOf(template, 'AWS::IAM::Role').filter((id) => id.startsWith('AWS679f53'));
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({ Principal: { Service: 'ec2.amazonaws.com' } }),
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { AWS: Match.anyValue() },
            Condition: { ArnEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [functionRole, 'Arn'] } } },
          },
        ],
      },
    });
  });

  test('two capacities have a setting each, one function and one log group, which goes with the stack', () => {
    const at = world();
    trunked(at, {}, 'A');
    trunked(at, {}, 'B');
    const template = templateOf(at.stack);
    template.resourceCountIs(SETTING, 2);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    const logGroups = Object.entries(template.findResources('AWS::Logs::LogGroup')).filter(([id]) => id.startsWith('EniTrunkingLogs'));
    expect(logGroups).toHaveLength(1);
    expect(logGroups[0][1]).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete', Properties: { RetentionInDays: 30 } });
    template.hasResourceProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: { Ref: logGroups[0][0] } } });
  });

  test('a function that a custom resource of the stack has already made keeps the logs it has', () => {
    const at = world();
    new cr.AwsCustomResource(at.stack, 'Mine', {
      onUpdate: { service: 'ECS', action: 'listClusters', physicalResourceId: cr.PhysicalResourceId.of('mine') },
      policy: cr.AwsCustomResourcePolicy.fromSdkCalls({ resources: ['*'] }),
      installLatestAwsSdk: false,
    });
    trunked(at);
    expect(idsOf(templateOf(at.stack), 'AWS::Logs::LogGroup').filter((id) => id.startsWith('EniTrunkingLogs'))).toEqual([]);
  });
});

describe('as the default of the account', () => {
  test('is set without acting as any role, before the first launch, and never undone', () => {
    const template = templateWith({ trunking: EniTrunking.setAccountDefault() });
    expect(callOf(template)).toMatchObject({
      action: 'putAccountSettingDefault',
      parameters: { name: 'awsvpcTrunking', value: 'enabled' },
      physicalResourceId: { id: 'awsvpcTrunking <AWS::Region> <AWS::AccountId>' },
    });
    expect(callOf(template)).not.toHaveProperty('assumedRoleArn');
    expect(callOf(template, 'Delete')).toBeUndefined();
    expect(dependenciesOf(template, idOf(template, GROUP))).toContain(idOf(template, SETTING));
    expect(statementsFor(template, 'ecs:PutAccountSettingDefault').map(({ statement }) => statement)).toEqual([
      expect.objectContaining({ Condition: { StringEquals: { 'ecs:account-setting': 'awsvpcTrunking' } } }),
    ]);
    expect(statementsFor(template, 'ecs:PutAccountSetting')).toEqual([]);
    expect(statementsFor(template, 'sts:AssumeRole')).toEqual([]);
  });
});

describe('already on', () => {
  test('makes no resource and says it in the metadata of the group', () => {
    const template = templateWith({ trunking: EniTrunking.alreadyOn() });
    template.resourceCountIs(SETTING, 0);
    template.resourceCountIs('AWS::Lambda::Function', 0);
    template.hasResource(GROUP, { Metadata: { EcsNetworkModes: { awsvpcTrunking: 'alreadyOn' } } });
  });

  test('is a warning where no instance type can trunk, for the setting may be on for others', () => {
    const at = world();
    trunked(at, { trunking: EniTrunking.alreadyOn(), instanceType: T3_MEDIUM });
    expect(warningsOf(at.stack)).toEqual(['trunking-ineffective']);
  });
});

test.each([
  ['forInstanceRole', EniTrunking.forInstanceRole()], ['setAccountDefault', EniTrunking.setAccountDefault()], ['alreadyOn', EniTrunking.alreadyOn()],
])('%s switches resource-name A records off, with which an instance gets no trunk', (_name, trunking) => {
  templateWith({ trunking }).hasResourceProperties(TEMPLATE, {
    LaunchTemplateData: { PrivateDnsNameOptions: { EnableResourceNameDnsARecord: false } },
  });
});

test('without trunking there is no setting, and names are as the subnet has them', () => {
  const template = templateWith({ trunking: undefined });
  template.resourceCountIs(SETTING, 0);
  template.hasResourceProperties(TEMPLATE, { LaunchTemplateData: { PrivateDnsNameOptions: Match.absent() } });
});

describe('instance types', () => {
  test.each([
    ['t3.medium', []],
    ['c5n.large', []],
    ['t3.medium', ['t3a.large', 'm5.metal']],
  ])('%s with %p is refused, for none can trunk', (type, further) => {
    expectRefusal(() => trunked(world(), {
      instanceType: new ec2.InstanceType(type), furtherInstanceTypes: further.map((name) => new ec2.InstanceType(name)),
    }), 'Test/Capacity', "'trunking' does nothing for", ...[type, ...further].map((name) => `${name}: `), 'Choose instance types that can trunk');
  });

  test('of a mix, those that cannot trunk are named', () => {
    const at = world();
    trunked(at, { furtherInstanceTypes: [T3_MEDIUM, new ec2.InstanceType('m5.large')] });
    expect(warningsOf(at.stack)).toEqual(['trunking-ineffective']);
    Annotations.fromStack(at.stack).hasWarning('/Test/Capacity', Match.stringLikeRegexp("'trunking' does nothing for t3.medium: "));
  });

  test.each(['c99.large', 'c7i.32xlarge'])('%s is not known to trunk, and that is said', (type) => {
    const at = world();
    trunked(at, { instanceType: new ec2.InstanceType(type), architecture: ec2.InstanceArchitecture.X86_64 });
    expect(warningsOf(at.stack)).toEqual(['trunking-not-decidable']);
    Annotations.fromStack(at.stack).hasWarning('/Test/Capacity', Match.stringLikeRegexp(`not decidable for ${type}: `));
  });

  test('on whose numbers sources differ are taken, with a warning', () => {
    const at = world();
    trunked(at, { instanceType: new ec2.InstanceType('i4i.16xlarge') });
    expect(warningsOf(at.stack)).toEqual(['trunking-sources-differ']);
    Annotations.fromStack(at.stack).hasWarning('/Test/Capacity', Match.stringLikeRegexp('i4i.16xlarge: .*248.*133'));
  });

  test('that have fewer tasks with a trunk are refused', () => {
    expectRefusal(() => trunked(world(), { instanceType: new ec2.InstanceType('u-18tb1.metal'), architecture: ec2.InstanceArchitecture.X86_64 }),
      'Test/Capacity', "'trunking' does nothing for u-18tb1.metal: ", '12', '14');
  });

  test('known only at deployment are not decidable', () => {
    const at = world();
    const type = new ec2.InstanceType(new CfnParameter(at.stack, 'Type').valueAsString);
    trunked(at, { instanceType: type, architecture: ec2.InstanceArchitecture.X86_64 });
    expect(warningsOf(at.stack)).toEqual(['trunking-not-decidable']);
  });
});

describe('where it cannot be had', () => {
  test('subnets shared from another account are refused where the owner is known', () => {
    const app = testApp();
    const stack = new Stack(app, 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
    const vpc = lookedUpVpc(stack, '222222222222');
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
    expectRefusal(() => new Ec2Capacity(stack, 'Capacity', {
      cluster, instanceType: C5_LARGE, maxInstances: 2, trunking: EniTrunking.forInstanceRole(),
    }), 'Test/Capacity', "'trunking' cannot be had in subnets shared from another account", '222222222222', '111111111111');
  });

  test('a looked-up VPC of the same account is as good as any', () => {
    const app = testApp();
    const stack = new Stack(app, 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: lookedUpVpc(stack) });
    ec2Capacity(cluster, 'Capacity', { instanceType: C5_LARGE, trunking: EniTrunking.forInstanceRole() });
    expect(warningsOf(stack)).toEqual([]);
  });

  test('Bottlerocket is not decidable: the guide names Amazon Linux', () => {
    const at = world();
    trunked(at, { operatingSystem: HostOperatingSystem.BOTTLEROCKET });
    expect(warningsOf(at.stack)).toEqual(['trunking-operating-system']);
  });

  test.each([true, 'enabled', {}])('%p is refused in words', (trunking) => {
    expectRefusal(() => trunked(world(), { trunking: trunking as unknown as EniTrunking }), 'Test/Capacity',
      "'trunking' must be EniTrunking.forInstanceRole(), .setAccountDefault() or .alreadyOn(), got ");
  });
});

test('a role policy of the user does not become one of the setting', () => {
  const at = world();
  const capacity = trunked(at);
  capacity.instanceRole.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] }));
  const template = templateOf(at.stack);
  const [{ policy }] = statementsFor(template, 's3:GetObject');
  expect(dependenciesOf(template, idOf(template, SETTING))).not.toContain(policy);
});
