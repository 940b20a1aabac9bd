import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { HostOperatingSystem } from '../../src';
import { ec2Capacity, templateOf, world } from '../fixtures';

const { AMAZON_LINUX_2, AMAZON_LINUX_2023, BOTTLEROCKET } = HostOperatingSystem;
const ARM = new ec2.InstanceType('c7g.large');
const X86 = new ec2.InstanceType('c7i.large');

/** The public parameter that the one launch template's image is read from. */
function imageParameter(template: Template): string {
  const [{ Properties }] = Object.values(template.findResources('AWS::EC2::LaunchTemplate'));
  return template.toJSON().Parameters[Properties.LaunchTemplateData.ImageId.Ref].Default;
}

function ours(stack: Stack): string {
  return imageParameter(templateOf(stack));
}

test('A10: plain aws-ecs boots an arm64 instance from the x86 image; ours from the arm64 one', () => {
  const plain = world();
  new ec2.LaunchTemplate(plain.stack, 'Template', { instanceType: ARM, machineImage: ecs.EcsOptimizedImage.amazonLinux2023() });
  expect(imageParameter(templateOf(plain.stack))).toBe('/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id');

  const { stack, cluster } = world();
  ec2Capacity(cluster, 'Capacity', { instanceType: ARM });
  expect(ours(stack)).toBe('/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id');
});

test.each([
  [AMAZON_LINUX_2023, 'arm64', ARM, '/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id'],
  [AMAZON_LINUX_2023, 'x86', X86, '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id'],
  [AMAZON_LINUX_2, 'arm64', ARM, '/aws/service/ecs/optimized-ami/amazon-linux-2/arm64/recommended/image_id'],
  [AMAZON_LINUX_2, 'x86', X86, '/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id'],
  [BOTTLEROCKET, 'arm64', ARM, '/aws/service/bottlerocket/aws-ecs-2/arm64/latest/image_id'],
  [BOTTLEROCKET, 'x86', X86, '/aws/service/bottlerocket/aws-ecs-2/x86_64/latest/image_id'],
])('A10: %s on %s', (operatingSystem, _architecture, instanceType, parameter) => {
  const { stack, cluster } = world();
  ec2Capacity(cluster, 'Capacity', { instanceType, operatingSystem });
  expect(ours(stack)).toBe(parameter);
});

test.each([['c7g.large'], ['t4g.small'], ['m8g.xlarge'], ['r6gd.large'], ['c6gn.large'], ['a1.large']])('A10: %s is arm64', (name) => {
  const { stack, cluster } = world();
  ec2Capacity(cluster, 'Capacity', { instanceType: new ec2.InstanceType(name) });
  expect(ours(stack)).toContain('/arm64/');
});
