import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as cr from 'aws-cdk-lib/custom-resources';
import { EniTrunking } from '../../src';
import { ec2Capacity, plainCapacity, templateOf, world } from '../fixtures';
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

  const { stack, cluster } = world();
  ec2Capacity(cluster, 'Capacity', { instanceType: new ec2.InstanceType('c5.large'), trunking: EniTrunking.forInstanceRole() });
  const right = templateOf(stack);
  const [{ Properties: profile }] = Object.values(right.findResources('AWS::IAM::InstanceProfile'));
  expect(profile.Roles).toEqual([{ Ref: askedAs(right) }]);
  expect(dependenciesOf(right, idOf(right, GROUP))).toContain(idOf(right, SETTING));
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
