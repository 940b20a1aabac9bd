import { smallestTrunkingType } from '../../src/limits/larger-types';

test.each<[string, number, string | undefined, number | undefined]>([
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/eni-trunking-supported-instance-types.html
  ['c5.large', 10, 'c5.large', 10],
  ['c5.large', 11, 'c5.xlarge', 20],
  ['c5.large', 20, 'c5.xlarge', 20],
  ['c5.large', 21, 'c5.2xlarge', 40],
  ['c5.xlarge', 1, 'c5.xlarge', 20],
  ['c5.large', 120, 'c5.18xlarge', 120],
  ['m6g.large', 11, 'm6g.xlarge', 20],
  // Graviton without a g in its name; bare metal for bare metal.
  ['a1.large', 11, 'a1.xlarge', 20],
  ['c6g.metal', 1, 'c6g.metal', 120],
  ['c5.metal', 1, 'c8a.metal-24xl', 120],
  // The table has no vCPUs of it.
  ['c5a.metal', 1, undefined, undefined],
  // Names that are read otherwise: of no family by letters and generation alone.
  ['c7i-flex.12xlarge', 1, undefined, undefined],
  ['mac-m3ultra.metal', 1, undefined, undefined],
  // More than one letter.
  ['dl2q.24xlarge', 1, 'dl2q.24xlarge', 120],
  // Not c8a.medium, which has fewer vCPUs; of as many vCPUs the one with the least memory.
  ['c1.medium', 1, 'c8a.large', 10],
  ['t1.micro', 1, 't8i.micro', 2],
  // On the list, and nobody can tell whether a trunk helps it.
  ['c6in.32xlarge', 1, 'c8i.32xlarge', 120],
  // Another generation of the letter, of the same architecture.
  ['t3.medium', 3, 't8i.medium', 4],
  ['t4g.medium', 3, undefined, undefined],
  ['c5.large', 100000, undefined, undefined],
  ['zz9.large', 3, undefined, undefined],
  ['bmn-sf1.metal', 3, undefined, undefined],
])('next to %s the smallest type with trunks for %i tasks is %s', (than, tasks, instanceType, tasksWithTrunking) => {
  expect(smallestTrunkingType(than, tasks)).toEqual(instanceType && { instanceType, tasksWithTrunking });
});
