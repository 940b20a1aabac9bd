import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ManagedInstancesCapacity } from '../../src';
import { awsvpcService, ec2Capacity, type World, world } from '../fixtures';
import { expectRefusal } from '../refusal';

describe.each<[string, (here: World, vpcSubnets: ec2.SubnetSelection) => unknown]>([
  ['AwsvpcService', (here, vpcSubnets) => awsvpcService(here, { vpcSubnets }, 'It')],
  ['AwsvpcService on EC2', (here, vpcSubnets) => awsvpcService(here, { vpcSubnets, capacity: ec2Capacity(here.cluster) }, 'It')],
  ['Ec2Capacity', ({ cluster }, vpcSubnets) => ec2Capacity(cluster, 'It', { vpcSubnets })],
  ['ManagedInstancesCapacity', ({ stack, cluster }, vpcSubnets) => new ManagedInstancesCapacity(stack, 'It', { cluster, vpcSubnets })],
])('%s', (name, make) => {
  test.each<[string, ec2.SubnetSelection]>([
    ['a list without any', { subnets: [] }],
    ['a filter that none passes', { subnetFilters: [ec2.SubnetFilter.byIds(['subnet-0123'])] }],
    ['zones that the VPC is not in', { availabilityZones: ['nowhere-1a'] }],
  ])('refuses %s', (_what, selection) => {
    expectRefusal(() => make(world(), selection), 'Test/It', "'vpcSubnets' must select at least one subnet, got none");
  });

  if (name !== 'ManagedInstancesCapacity') { // of which the framework itself wants a subnet even then
    test('takes a selection of a VPC whose look-up is pending', () => {
      const here = world();
      jest.spyOn(here.vpc, 'selectSubnets').mockReturnValue({ ...here.vpc.selectSubnets({ subnets: [] }), isPendingLookup: true });
      expect(() => make(here, { subnets: [] })).not.toThrow();
    });
  }
});
