import { IConstruct } from 'constructs';
import { invalid } from '../../invalid';
import { contains, firstClash, MAX_FIXED_PORTS_PER_INSTANCE, overlaps, Ports, size, TransportProtocol } from '../../limits/ports';
import { IEc2Capacity } from '../capacity';
import { printedRange, surelyIn } from './dynamic-ports';

/** A port of the instance that a service takes on every instance it runs on. */
export interface FixedHostPort {
  readonly ports: Ports;
  readonly protocol: TransportProtocol;
}

interface Claim extends FixedHostPort {
  readonly service: IConstruct;
}

/** By Auto Scaling group, not by capacity object: two capacities over one group share its instances' ports. */
const claims = new WeakMap<object, Claim[]>();

/**
 * Notes the fixed host ports a service takes on the instances of a capacity.
 *
 * @throws if another service there already has one of them, one lies in the capacity's dynamic range, or they become too many
 */
export function claimHostPorts(capacity: IEc2Capacity, service: IConstruct, wanted: readonly FixedHostPort[]): void {
  const taken = claims.get(capacity.autoScalingGroup) ?? [];
  const all = [...taken, ...wanted.map((port) => ({ ...port, service }))];
  const dynamic = surelyIn(capacity.dynamicPorts);
  for (const { ports, protocol } of wanted) {
    if (dynamic && overlaps(ports, dynamic)) {
      throw invalid(service, `fixed host port ${printed(ports)}/${protocol} lies in the capacity's dynamic range ${printedRange(capacity.dynamicPorts)} `
        + "('dynamicPorts'): a dynamic task may hold it. Choose a port outside it, or move 'dynamicPorts'");
    }
  }
  const clash = firstClash(all);
  if (clash) {
    const [a, b] = clash;
    const ports = contains(a.ports, b.ports) ? b.ports : a.ports;
    throw invalid(service, a.service === b.service
      ? `host port ${printed(ports)}/${a.protocol} is taken twice by this service`
      : `host port ${printed(ports)}/${a.protocol} is wanted by '${b.service.node.path}' and already taken by '${a.service.node.path}' on the `
        + 'same instances. Choose another port, a dynamic port, or a capacity of its own for one of them');
  }
  const count = all.reduce((sum, claim) => sum + size(claim.ports), 0);
  if (count > MAX_FIXED_PORTS_PER_INSTANCE) {
    throw invalid(service, `the services on this capacity take ${count} fixed host ports; an instance has at most `
      + `${MAX_FIXED_PORTS_PER_INSTANCE} beside those the agent reserves`);
  }
  claims.set(capacity.autoScalingGroup, all);
}

function printed(ports: Ports): string {
  return ports.first === ports.last ? `${ports.first}` : `${ports.first}-${ports.last}`;
}
