import { instanceLimits } from '../../src/limits/instance-limits';

describe('instanceLimits', () => {
  test('gives what is known of a type, and where it comes from', () => {
    expect(instanceLimits('c5.large')).toEqual({
      instanceType: 'c5.large',
      vcpus: 2,
      memoryMiB: 4096,
      maxEnis: 3,
      defaultCardEnis: 3,
      networkCards: 1,
      ipv4PerEni: 10,
      ipv6Supported: true,
      branchEnis: 9,
      trunking: 'supported',
      tasksWithoutTrunking: 2,
      withoutSource: 'guide',
      tasksWithTrunking: 10,
      withSource: 'guide',
      sources: ['ec2-api(moto 5.2.5)', 'karpenter 2026-08', 'vpc-cni 2026', 'eks-ami 2026', 'ecs-guide 2026'],
      notes: [],
    });
  });

  test.each(['c5', 'c5.enormous', '', 'C5.LARGE', ' c5.large', 'c5.large 2', 'c5.large\n', 'a1.xlarge 4,8192,4,4,1,15,1,18,s,3,g,20,g,0,\nc1.medium', '${Token[TOKEN.1]}'])(
    'does not know %j', (name) => {
      expect(instanceLimits(name)).toBeUndefined();
    });
});
