import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as cr from 'aws-cdk-lib/custom-resources';
import { EniTrunking } from '../../src';
import { ec2Capacity, plainCapacity, templateOf, world } from '../fixtures';
import { found } from '../found';
import { expectRefusal } from '../refusal';
import { dependenciesOf, idOf } from '../template-graph';

const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const SETTING = 'Custom::AWS';

/** As whom the account setting is asked for; `undefined` for the role of the function that asks. */
function askedAs(template: Template): string | undefined {
  const [{ Properties }] = Object.values(template.findResources(SETTING));
  const text = JSON.stringify(Properties.Create);
  return /assumedRoleArn[^{]*{"Fn::GetAtt":\["(\w+)","Arn"\]}/.exec(text)?.[1];
}

test('A1: a call written by hand turns trunking on for the wrong principal and maybe after the first launch; ours for the instances, before it', () => {
  const plain = world();
  plainCapacity(plain.cluster);
  new cr.AwsCustomResource(plain.stack, 'Trunking', {
    onUpdate: {
      service: 'ECS',
      action: 'putAccountSetting',
      parameters: { name: 'awsvpcTrunking', value: 'enabled' },
      physicalResourceId: cr.PhysicalResourceId.of('trunking'),
    },
    policy: cr.AwsCustomResourcePolicy.fromSdkCalls({ resources: ['*'] }),
    installLatestAwsSdk: false,
  });
  const wrong = templateOf(plain.stack);
  expect(askedAs(wrong)).toBeUndefined();
  expect(dependenciesOf(wrong, idOf(wrong, GROUP))).not.toContain(idOf(wrong, SETTING));
  wrong.hasResourceProperties('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { InstanceType: 't3.medium' } }); // which cannot trunk: nobody says so
  expect(found(plain.app, 'eni-trunking-ineffective')).toEqual([
    expect.stringMatching(/^warning Trunking\w+: setting Trunking\w+ turns trunking on for role AWS679f53fac002430cb0da5b7982bd2287ServiceRole\w+, which no instances have; those of Asg\w+ go without$/),
  ]);

  const { app, stack, cluster } = world();
  ec2Capacity(cluster, 'Capacity', { instanceType: new ec2.InstanceType('c5.large'), trunking: EniTrunking.forInstanceRole() });
  const right = templateOf(stack);
  const [{ Properties: profile }] = Object.values(right.findResources('AWS::IAM::InstanceProfile'));
  expect(profile.Roles).toEqual([{ Ref: askedAs(right) }]);
  expect(dependenciesOf(right, idOf(right, GROUP))).toContain(idOf(right, SETTING));
  expect(found(app, 'eni-trunking-ineffective')).toEqual([]);
});

test('A1: an instance type on which trunking does nothing is refused', () => {
  expectRefusal(() => ec2Capacity(world().cluster, 'Capacity', { trunking: EniTrunking.forInstanceRole() }),
    'Test/Capacity', "'trunking' does nothing for t3.medium");
});

test('A1: resource-name A records, with which an instance gets no trunk, are off whatever the subnet says', () => {
  const { stack, vpc, cluster } = world();
  vpc.privateSubnets.forEach(({ node }) =>
    (node.defaultChild as ec2.CfnSubnet).privateDnsNameOptionsOnLaunch = { EnableResourceNameDnsARecord: true });
  ec2Capacity(cluster, 'Capacity', { instanceType: new ec2.InstanceType('c5.large'), trunking: EniTrunking.forInstanceRole() });
  templateOf(stack).hasResourceProperties('AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: { PrivateDnsNameOptions: { EnableResourceNameDnsARecord: false } },
  });
});

test('A1: deleting the stack takes nothing from instances that run', () => {
  const { stack, cluster } = world();
  ec2Capacity(cluster, 'Capacity', { instanceType: new ec2.InstanceType('c5.large'), trunking: EniTrunking.forInstanceRole() });
  const [{ Properties }] = Object.values(templateOf(stack).findResources(SETTING));
  expect(Properties).not.toHaveProperty('Delete');
});

/** A plain group whose role gets the setting by a call of the role itself, and that waits for the call or not. */
function trunked(waits: boolean): { readonly app: App; readonly vpc: ec2.Vpc; readonly template: ec2.CfnLaunchTemplate } {
  const plain = world();
  const group = plainCapacity(plain.cluster).autoScalingGroup;
  const setting = new cr.AwsCustomResource(plain.stack, 'Trunking', {
    onUpdate: {
      service: 'ECS',
      action: 'putAccountSetting',
      parameters: { name: 'awsvpcTrunking', value: 'enabled' },
      assumedRoleArn: group.role.roleArn,
      physicalResourceId: cr.PhysicalResourceId.of('trunking'),
    },
    policy: cr.AwsCustomResourcePolicy.fromSdkCalls({ resources: ['*'] }),
    installLatestAwsSdk: false,
  });
  if (waits) {
    group.node.addDependency(setting);
  }
  const template = plain.stack.node.findChild('AsgTemplate').node.defaultChild as ec2.CfnLaunchTemplate;
  template.addPropertyOverride('LaunchTemplateData.InstanceType', 'c5.large');
  return { app: plain.app, vpc: plain.vpc, template };
}

test.each<[string, boolean, (its: ReturnType<typeof trunked>) => void, RegExp]>([
  ['an instance launched before', false, () => {}, /does not wait for Trunking\w+: instances launched before it stay at 2 tasks$/],
  ['a type that cannot trunk', true, ({ template }) => template.addPropertyOverride('LaunchTemplateData.InstanceType', 't3.medium'),
    /but t3\.medium cannot trunk and stays at 2 tasks per instance$/],
  ['resource-name A records', true, ({ vpc }) => vpc.privateSubnets.forEach(({ node }) => {
    (node.defaultChild as ec2.CfnSubnet).privateDnsNameOptionsOnLaunch = { EnableResourceNameDnsARecord: true };
  }), /but its instances have resource-name A records, with which they get no trunk$/],
  ['Windows', true, ({ template }) => template.addPropertyOverride('LaunchTemplateData.ImageId',
    '{{resolve:ssm:/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-ECS_Optimized/image_id}}'), /but its instances run Windows, which does not trunk/],
])('A1: the rule finds %s', (_, waits, spoil, expected) => {
  const fine = trunked(true);
  expect(found(fine.app, 'eni-trunking-ineffective')).toEqual([]);
  const its = trunked(waits);
  spoil(its);
  expect(found(its.app, 'eni-trunking-ineffective')).toEqual([expect.stringMatching(expected)]);
});
