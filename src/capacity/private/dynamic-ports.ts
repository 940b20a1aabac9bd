import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { invalid, shown } from '../../invalid';
import { Ports, reservedTcpPort } from '../../limits/ports';
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
  const sure = range && surelyIn(range);
  const held = sure && reservedTcpPort(sure);
  if (held && held.port < 32768) {
    throw invalid(scope, `'dynamicPorts' ${printedRange(range!)} must not hold port ${held.port}, on which ${held.holder} listens: the rules for the range would open it`);
  }
}

/** The ports that are in a range whatever is known only at deployment: of one of which only an end is known, that end. */
export function surelyIn({ first, last }: PortRange): Ports | undefined {
  const [lowest, highest] = [first, last].filter((port) => !Token.isUnresolved(port));
  return lowest === undefined ? undefined : { first: lowest, last: highest ?? lowest };
}

/** A range as an error shows it: `40000-…` where the last port is known only at deployment. */
export function printedRange({ first, last }: PortRange): string {
  return [first, last].map((port) => Token.isUnresolved(port) ? '…' : port).join('-');
}
