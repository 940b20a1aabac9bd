import { ICapacity, IEc2Capacity, IInstanceCapacity } from '../capacity';

/** For callers that no compiler keeps from passing another kind of capacity. */
export function isInstanceCapacity(capacity: ICapacity): capacity is IInstanceCapacity {
  return Array.isArray((capacity as IInstanceCapacity).hostSecurityGroups);
}

/** For callers that no compiler keeps from passing another kind of capacity. */
export function isEc2Capacity(capacity: ICapacity): capacity is IEc2Capacity {
  return isInstanceCapacity(capacity) && (capacity as IEc2Capacity).autoScalingGroup !== undefined;
}
