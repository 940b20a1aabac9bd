import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, EniTrunking } from '../../src';
import { CONTAINER, ec2Capacity, plainCapacity, plainTask, templateOf, world } from '../fixtures';
import { found } from '../found';

const C5_LARGE = new ec2.InstanceType('c5.large');

test('A2: 24 awsvpc tasks on two c5.large synthesise without a word; our capacity says how many an instance holds', () => {
  const plain = world();
  const provider = plainCapacity(plain.cluster);
  const group = provider.autoScalingGroup;
  (group.node.defaultChild as { maxSize?: string }).maxSize = '2';
  new ecs.Ec2Service(plain.stack, 'Api', {
    cluster: plain.cluster,
    desiredCount: 24,
    taskDefinition: plainTask(plain.stack, 'Task', ecs.NetworkMode.AWS_VPC),
    capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
  });
  templateOf(plain.stack).hasResourceProperties('AWS::ECS::Service', { DesiredCount: 24 });
  expect(found(plain.app, 'eni-density')).toEqual([expect.stringMatching(
    /^error ApiService\w+: service ApiService\w+ may place 24 tasks on 2 × t3\.medium, which hold 4 \(3 interfaces each, 1 for the host; t3\.medium cannot trunk\)$/)]);

  const { cluster } = world();
  const capacity = ec2Capacity(cluster, 'Capacity', { instanceType: C5_LARGE, maxInstances: 2 });
  const { withoutTrunking, withTrunking } = capacity.awsvpcTasksPerInstance!;
  expect(capacity.maxInstances! * withoutTrunking.most).toBe(4);
  expect(capacity.maxInstances! * withTrunking!.fewest).toBe(20);
  expect(Math.ceil(24 / withoutTrunking.fewest)).toBe(12);
  expect(Math.ceil(24 / withTrunking!.fewest)).toBe(3);
});

test('A2: the numbers can be used to size the capacity', () => {
  const { app, stack, cluster } = world();
  const desiredCount = 24;
  const perInstance = ec2Capacity(cluster, 'Probe', { instanceType: C5_LARGE }).awsvpcTasksPerInstance!.withTrunking!.fewest;
  const capacity = ec2Capacity(cluster, 'Sized', {
    instanceType: C5_LARGE, trunking: EniTrunking.forInstanceRole(), maxInstances: Math.ceil(2 * desiredCount / perInstance),
  });
  new AwsvpcService(stack, 'Api', { cluster, capacity, desiredCount, container: CONTAINER });
  templateOf(stack).hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { MaxSize: '5' });
  expect(found(app, 'eni-density')).toEqual([]);
  expect(found(app, 'eni-trunking-ineffective')).toEqual([]);
});

test('A2: all interfaces taken, the first update hangs, and the rule says so', () => {
  const { app, stack, cluster } = world();
  const capacity = ec2Capacity(cluster, 'Capacity', { minInstances: 2, maxInstances: 2 });
  new AwsvpcService(stack, 'Api', { cluster, capacity, desiredCount: 4, container: CONTAINER, minHealthyPercent: 100, maxHealthyPercent: 200 });
  expect(found(app, 'eni-density')).toEqual([expect.stringContaining('can finish: 100% of 4 tasks is 4, so no old task may stop, and no interface is free')]);
  expect(found(app, 'deployment-deadlock')).toEqual([]);
});
