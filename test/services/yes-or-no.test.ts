import { Lazy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DualStack, Ec2Capacity, ManagedInstancesCapacity } from '../../src';
import {
  awsvpcService, bridgeService, ec2Capacity, HOST_CONTAINER, hostModeService, plainCapacity, type World, world,
} from '../fixtures';
import { expectRefusal } from '../refusal';

const imported = ({ stack }: World) => ec2.SecurityGroup.fromSecurityGroupId(stack, 'Imported', 'sg-0123456789abcdef0');
const given = (here: World) => ({ cluster: here.cluster, provider: plainCapacity(here.cluster) });

describe.each<[string, (here: World, value: boolean) => unknown]>([
  ['assignPublicIp', (here, assignPublicIp) => awsvpcService(here, { assignPublicIp }, 'It')],
  ['enableExecuteCommand', (here, enableExecuteCommand) => awsvpcService(here, { enableExecuteCommand }, 'It')],
  ['daemon', (here, daemon) => bridgeService(here, { daemon, capacity: ec2Capacity(here.cluster) }, 'It')],
  ['editImportedSecurityGroups', (here, editImportedSecurityGroups) =>
    awsvpcService(here, { editImportedSecurityGroups, securityGroups: [imported(here)] }, 'It')],
  ['editImportedSecurityGroups', (here, editImportedSecurityGroups) =>
    ec2Capacity(here.cluster, 'It', { editImportedSecurityGroups, securityGroup: imported(here) })],
  ['editImportedSecurityGroups', (here, editImportedSecurityGroups) => new ManagedInstancesCapacity(here.stack, 'It', {
    cluster: here.cluster, editImportedSecurityGroups, securityGroup: imported(here),
  })],
  ['editImportedSecurityGroups', (here, editImportedSecurityGroups) =>
    Ec2Capacity.fromAsgCapacityProvider(here.stack, 'It', { ...given(here), editImportedSecurityGroups })],
  ['blockInstanceMetadata', (here, blockInstanceMetadata) =>
    Ec2Capacity.fromAsgCapacityProvider(here.stack, 'It', { ...given(here), blockInstanceMetadata })],
  ['spot', (here, spot) => ec2Capacity(here.cluster, 'It', { spot })],
  ['managedTerminationProtection', (here, managedTerminationProtection) => ec2Capacity(here.cluster, 'It', { managedTerminationProtection })],
  ['tasksReachInstanceMetadata', (here, tasksReachInstanceMetadata) => ec2Capacity(here.cluster, 'It', { tasksReachInstanceMetadata })],
  ['nat64', (here, nat64) => DualStack.enable(here.vpc).addIpv6OnlySubnets('It', { nat64 })],
  ['allowNetRaw', (here, allowNetRaw) => hostModeService(here, { container: { ...HOST_CONTAINER, allowNetRaw } }, 'It')],
])('%s', (prop, make) => {
  test.each<[unknown, string]>([
    ['false', '"false"'], ['true', '"true"'], [0, '0'], [null, 'null'], [Lazy.any({ produce: () => false }), 'a value known only at deployment'],
  ])('refuses %j', (value, shown) => {
    expect(() => make(world(), value as never)).toThrow(`'${prop}' must be true or false, got ${shown}`);
  });

  test('takes false and nothing', () => {
    [false, undefined].forEach((value) => expect(() => make(world(), value as never)).not.toThrow());
  });
});

test('the construct is named', () => {
  expectRefusal(() => awsvpcService(world(), { assignPublicIp: 'false' as never }), 'Test/Web', "'assignPublicIp' must be true or false", 'got "false"');
});
