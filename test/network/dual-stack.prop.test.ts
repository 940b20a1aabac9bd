import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as fc from 'fast-check';
import { DualStack } from '../../src';
import { testApp } from '../app';

const { PUBLIC, PRIVATE_WITH_EGRESS, PRIVATE_ISOLATED } = ec2.SubnetType;

/** Subnet groups of a VPC with a public one, so that any other kind is allowed. */
const groups = fc.array(
  fc.record({ subnetType: fc.constantFrom(PUBLIC, PRIVATE_WITH_EGRESS, PRIVATE_ISOLATED), reserved: fc.boolean() }), { maxLength: 4 },
).map((others) => [{ subnetType: PUBLIC, reserved: false }, ...others].map((group, index) => ({ name: `Group${index}`, cidrMask: 24, ...group })));

/** The number of every subnet by the path of its construct. */
function numbersOf(subnetConfiguration: ec2.SubnetConfiguration[], zones: number): Map<string, number> {
  const stack = new Stack(testApp(), 'Test');
  const availabilityZones = ['a', 'b', 'c', 'd'].slice(0, zones);
  const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones, natGateways: 0, subnetConfiguration });
  DualStack.enable(vpc);
  return new Map([...vpc.publicSubnets, ...vpc.privateSubnets, ...vpc.isolatedSubnets]
    .map(({ node }) => [node.path, stack.resolve((node.defaultChild as ec2.CfnSubnet).ipv6CidrBlock)['Fn::Select'][0]]));
}

test('no two subnets have one number, and every number is one of the block', () => {
  fc.assert(fc.property(groups, fc.integer({ min: 1, max: 4 }), (configuration, zones) => {
    const numbers = [...numbersOf(configuration, zones).values()];
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.every((number) => Number.isInteger(number) && number >= 0 && number < 256)).toBe(true);
  }), { numRuns: 20 });
});

test('a subnet keeps its number whatever is added: zones, groups at the end, groups that were reserved', () => {
  const zoneCounts = [fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 1 })] as const;
  fc.assert(fc.property(groups, groups, ...zoneCounts, (configuration, further, zones, added) => {
    const before = numbersOf(configuration, zones);
    const made = configuration.map((group) => ({ ...group, reserved: false }));
    const grown = [...made, ...further.map((group) => ({ ...group, name: `New${group.name}` }))];
    const after = numbersOf(grown, zones + added);
    for (const [path, number] of before) {
      expect(after.get(path)).toBe(number);
    }
  }), { numRuns: 20 });
});
