import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, AwsvpcServiceProps } from '../../src';
import { CONTAINER, ec2Capacity, managedInstances, templateOf, world } from '../fixtures';
import { found } from '../found';
import { expectRefusal } from '../refusal';

const through = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const groups = (stack: Stack, vpc: ec2.IVpc, count: number) => through(1, count).map((n) => new ec2.SecurityGroup(stack, `Group${n}`, { vpc }));
const subnets = (stack: Stack, count: number) => through(1, count).map((n) =>
  ec2.PrivateSubnet.fromPrivateSubnetAttributes(stack, `Subnet${n}`, { subnetId: `subnet-${n}`, availabilityZone: `dummy1${'abc'[n % 3]}` }));

/** A plain Fargate service, and how many subnets and groups its template names. */
function plain(props: (stack: Stack, vpc: ec2.IVpc) => Pick<ecs.FargateServiceProps, 'securityGroups' | 'vpcSubnets'>) {
  const { app, stack, vpc, cluster } = world();
  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('web', CONTAINER);
  new ecs.FargateService(stack, 'Web', { cluster, taskDefinition, ...props(stack, vpc) });
  return { ...countsOf(templateOf(stack)), found: found(app, 'security-group-limits') };
}

function ours(props: (stack: Stack, vpc: ec2.IVpc) => Pick<AwsvpcServiceProps, 'securityGroups' | 'vpcSubnets'>, capacity?: typeof ec2Capacity | typeof managedInstances) {
  const { stack, vpc, cluster } = world();
  return new AwsvpcService(stack, 'Web', { cluster, capacity: capacity?.(cluster), container: CONTAINER, ...props(stack, vpc) });
}

function countsOf(template: Template) {
  const [{ Properties }] = Object.values(template.findResources('AWS::ECS::Service'));
  const { Subnets, SecurityGroups } = Properties.NetworkConfiguration.AwsvpcConfiguration;
  return { subnets: Subnets.length, groups: SecurityGroups.length };
}

test('A5: six security groups synthesise, and ECS takes five; ours refuses the sixth', () => {
  const six = plain((stack, vpc) => ({ securityGroups: groups(stack, vpc, 6) }));
  expect(six.groups).toBe(6);
  expect(six.found).toEqual([expect.stringMatching(/^error Web\w+: service \w+ lists 6 security groups; an awsvpc service takes 5/)]);

  expectRefusal(() => ours((stack, vpc) => ({ securityGroups: groups(stack, vpc, 6) })), 'Test/Web', "'securityGroups' must hold at most 5 groups, got 6");
  const service = ours((stack, vpc) => ({ securityGroups: groups(stack, vpc, 5) }));
  expect(countsOf(templateOf(Stack.of(service))).groups).toBe(5);
});

test('A5: seventeen subnets synthesise, and ECS takes sixteen; ours refuses the seventeenth', () => {
  const seventeen = plain((stack) => ({ vpcSubnets: { subnets: subnets(stack, 17) } }));
  expect(seventeen.subnets).toBe(17);
  expect(seventeen.found).toEqual([expect.stringMatching(/^error Web\w+: service \w+ lists 17 subnets; an awsvpc service takes 16/)]);

  expectRefusal(() => ours((stack) => ({ vpcSubnets: { subnets: subnets(stack, 17) } })), 'Test/Web', "'vpcSubnets' must select at most 16 subnets, got 17");
  const service = ours((stack) => ({ vpcSubnets: { subnets: subnets(stack, 16) } }));
  expect(countsOf(templateOf(Stack.of(service))).subnets).toBe(16);
});

test.each([['EC2 instances', ec2Capacity], ['Managed Instances', managedInstances]])('A5: the limits hold on %s too', (_where, capacity) => {
  expectRefusal(() => ours((stack, vpc) => ({ securityGroups: groups(stack, vpc, 6) }), capacity), 'Test/Web', 'at most 5 groups, got 6');
  expectRefusal(() => ours((stack) => ({ vpcSubnets: { subnets: subnets(stack, 17) } }), capacity), 'Test/Web', 'at most 16 subnets, got 17');
});

test('A5: what is given twice counts once', () => {
  const service = ours((stack, vpc) => {
    const given = groups(stack, vpc, 5);
    const chosen = subnets(stack, 16);
    return { securityGroups: [...given, given[0]], vpcSubnets: { subnets: [...chosen, chosen[0]] } };
  });
  const counts = countsOf(templateOf(Stack.of(service)));
  expect(counts.groups).toBe(5);
  expect(counts.subnets).toBe(16);
});

test('A5: imported groups count too, by their ids', () => {
  const imported = (stack: Stack, ids: string[]) => ids.map((id, n) => ec2.SecurityGroup.fromSecurityGroupId(stack, `Imported${n}`, id));
  const ids = through(1, 6).map((n) => `sg-${n}`);
  expectRefusal(() => ours((stack) => ({ securityGroups: imported(stack, ids) })), 'Test/Web', 'at most 5 groups, got 6');
  ours((stack) => ({ securityGroups: imported(stack, [...ids.slice(0, 5), ids[0]]) }));
});

test("A5: no group at all, for which ECS takes the VPC's default group, is refused", () => {
  expectRefusal(() => ours(() => ({ securityGroups: [] })), 'Test/Web', "'securityGroups' must be left out or hold at least one group");
});
