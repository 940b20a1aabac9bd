import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { instanceLimits } from '../../limits/instance-limits';
import { awsvpcTasksWithoutTrunking, awsvpcTasksWithTrunking, unionOf } from '../../limits/task-density';
import { AwsvpcTasksPerInstance } from '../capacity';

/**
 * How many awsvpc tasks fit on an instance of one of these types; `undefined` where the table of limits lacks one, for that may hold any
 * number.
 */
export function awsvpcTasksPerInstance(types: readonly ec2.InstanceType[]): AwsvpcTasksPerInstance | undefined {
  const perType = types.map((type) => {
    const limits = instanceLimits(type.toString());
    return { without: limits && awsvpcTasksWithoutTrunking(limits), trunked: limits && awsvpcTasksWithTrunking(limits) };
  });
  const withoutTrunking = unionOf(perType.map(({ without }) => without));
  return withoutTrunking && {
    withoutTrunking,
    // A type that cannot trunk stays at what it has without.
    withTrunking: perType.some(({ trunked }) => trunked) ? unionOf(perType.map(({ without, trunked }) => trunked ?? without)) : undefined,
  };
}
