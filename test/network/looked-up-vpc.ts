import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { VpcContextResponse } from 'aws-cdk-lib/cx-api';
import { testApp } from '../app';

const env = { account: '111111111111', region: 'eu-west-1' };

/** A subnet as the look-up of a VPC finds it. */
export interface FoundSubnet {
  readonly zone: string;
  readonly cidr?: string;
  readonly routeTableId?: string;
}

/** A VPC as a look-up finds it: `vpc-1` with 10.0.0.0/16 and these subnets, by the name of their group. */
export function found(groups: Record<string, FoundSubnet[]>, vpcCidrBlock = '10.0.0.0/16'): VpcContextResponse {
  return {
    vpcId: 'vpc-1',
    vpcCidrBlock,
    availabilityZones: [],
    subnetGroups: Object.entries(groups).map(([name, subnets]) => ({
      name,
      type: name as never,
      subnets: subnets.map(({ zone, cidr, routeTableId }) => ({
        subnetId: `subnet-${name}-${zone}${cidr ? `-${cidr}` : ''}`, availabilityZone: zone, cidr, routeTableId: routeTableId ?? `rtb-${name}-${zone}`,
      })),
    })),
  };
}

/** Two zones with a public and a private subnet each. */
export const TWO_ZONES = {
  Public: [{ zone: 'eu-west-1a', cidr: '10.0.0.0/24' }, { zone: 'eu-west-1b', cidr: '10.0.1.0/24' }],
  Private: [{ zone: 'eu-west-1a', cidr: '10.0.64.0/18' }, { zone: 'eu-west-1b', cidr: '10.0.128.0/18' }],
};

/**
 * A stack `Test` that looks a VPC up.
 *
 * @param context what the look-up has found; left out, it is still to be made, and the framework gives a stand-in
 */
export function lookingUp(context?: VpcContextResponse): { readonly stack: Stack; readonly vpc: ec2.IVpc } {
  const options = { vpcId: 'vpc-1' };
  const stack = new Stack(testApp(), 'Test', { env });
  if (context) {
    // The key under which a version of the framework keeps the answer is its own affair: so it is asked for.
    const asking = new Stack(testApp(), 'Test', { env });
    ec2.Vpc.fromLookup(asking, 'Vpc', options);
    const [{ key }] = (asking.node.root as ReturnType<typeof testApp>).synth().manifest.missing!;
    stack.node.setContext(key, context);
  }
  return { stack, vpc: ec2.Vpc.fromLookup(stack, 'Vpc', options) };
}
