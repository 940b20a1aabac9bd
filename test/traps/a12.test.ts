import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DualStack } from '../../src';
import { testApp } from '../app';
import { templateOf, testVpc } from '../fixtures';

const SUBNET = 'AWS::EC2::Subnet';

type Resources = Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>;

/** The resources of a stack with a VPC. */
function resourcesOf(props: ec2.VpcProps, then: (vpc: ec2.Vpc) => unknown = () => undefined): Resources {
  const stack = new Stack(testApp(), 'Test');
  then(testVpc(stack, props));
  return templateOf(stack).toJSON().Resources;
}

/** Whether public subnets give public IPv4 addresses. */
const givesPublicAddresses = (resources: Resources) => Object.entries(resources)
  .filter(([id, { Type }]) => Type === SUBNET && id.includes('PublicSubnet')).map(([, { Properties }]) => Properties.MapPublicIpOnLaunch);

test('A12: ipProtocol DUAL_STACK on a VPC that is there ends public addresses in public subnets; DualStack.enable keeps them', () => {
  const before = resourcesOf({});
  const plain = resourcesOf({ ipProtocol: ec2.IpProtocol.DUAL_STACK });
  const ours = resourcesOf({}, (vpc) => DualStack.enable(vpc));
  expect(givesPublicAddresses(before)).toEqual([true, true]);

  // In place: the same subnets, and so instances launched in them from then on have no public address.
  expect(Object.keys(plain)).toEqual(expect.arrayContaining(Object.keys(before)));
  expect(givesPublicAddresses(plain)).toEqual([false, false]);

  expect(givesPublicAddresses(ours)).toEqual([true, true]);
});

test('A12: DualStack.enable removes and renames no resource, and makes none be replaced', () => {
  const before = resourcesOf({});
  const ours = resourcesOf({}, (vpc) => DualStack.enable(vpc));
  expect(Object.keys(ours)).toEqual(expect.arrayContaining(Object.keys(before)));
  for (const [id, { Type, Properties }] of Object.entries(before)) {
    expect(ours[id].Type).toBe(Type);
    // What is added is an IPv6 block, and whether it is assigned: neither replaces a subnet that had none.
    const rest = Object.entries(ours[id].Properties ?? {}).filter(([name]) => !['Ipv6CidrBlock', 'AssignIpv6AddressOnCreation'].includes(name));
    expect(Object.fromEntries(rest)).toEqual(Properties ?? {});
  }
});
