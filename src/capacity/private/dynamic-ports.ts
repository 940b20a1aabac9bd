import { Construct } from 'constructs';
import { invalid, shown } from '../../invalid';
import { reservedTcpPort } from '../../limits/ports';
import { PortRange } from '../port-range';

/** What the agents of an Auto Scaling group's instances were told: one range, however many capacities are made over the group. */
const ranges = new WeakMap<object, PortRange>();

export function rememberDynamicPorts(autoScalingGroup: object, range: PortRange): void {
  ranges.set(autoScalingGroup, range);
}

export function knownDynamicPorts(autoScalingGroup: object): PortRange | undefined {
  return ranges.get(autoScalingGroup);
}

/**
 * Refuses a range that opens what the instance itself listens on. The agent's own ports lie in the kernel's range too, so only those
 * below it count.
 */
export function requireDynamicPorts(scope: Construct, range: PortRange | undefined): void {
  if (range !== undefined && !(range instanceof PortRange)) {
    throw invalid(scope, `'dynamicPorts' must come from PortRange.of, got ${shown(range)}`); // what only looks like one prints as no range
  }
  const held = range && reservedTcpPort(range);
  if (held && held.port < 32768) {
    throw invalid(scope, `'dynamicPorts' ${range} must not hold port ${held.port}, on which ${held.holder} listens: the rules for the range would open it`);
  }
}
