import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { instanceLimits } from '../../limits/instance-limits';
import { interfaceSlotsOfMix, trunkingVerdict } from '../../limits/task-density';
import { AwsvpcTasksPerInstance } from '../capacity';

/**
 * How many awsvpc tasks fit on an instance of one of these types; `undefined` where the table of limits lacks one, for that may hold any
 * number.
 */
export function awsvpcTasksPerInstance(types: readonly ec2.InstanceType[]): AwsvpcTasksPerInstance | undefined {
  const names = types.map(String);
  const without = interfaceSlotsOfMix(names, 'off');
  const someTrunk = names.some((name) => trunkingVerdict(instanceLimits(name)).kind !== 'cannot');
  return without && {
    withoutTrunking: without.effective,
    withTrunking: someTrunk ? interfaceSlotsOfMix(names, 'on')?.effective : undefined,
  };
}
