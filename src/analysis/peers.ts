/** Load balancers and services as the other side of a connection sees them. */
import type { TransportProtocol } from '../limits/ports';
import type { LoadBalancer, Service, TargetGroup } from './facts';
import type { Guard } from './guards';
import type { Peer } from './reachability';
import { chained, known, Value } from './value';

/** A service's tasks behind one of its guards. */
export function serviceAsPeer({ awsvpc, vpc }: Service, { groups, hostGroup }: Guard, family: Peer['family'] = 'ipv4'): Peer {
  return hostGroup
    ? { groups, family, addresses: { subnets: hostGroup.subnets, vpc: hostGroup.vpc } }
    : { groups, family, addresses: { subnets: awsvpc!.subnets, vpc } };
}

/** A load balancer as its targets see it: where its requests come from, and its health checks, which are always its own. */
export interface Sender {
  readonly requests: Peer;
  readonly healthChecks: Peer;
  /** Whether requests keep the address of the client, of whom nothing is known. */
  readonly keepsClients: boolean;
}

export function loadBalancerAsSender(loadBalancer: LoadBalancer, targetGroup?: TargetGroup): Value<Sender> {
  const { securityGroups: groups, subnets, vpc } = loadBalancer;
  const addressType: Value<string> = targetGroup?.addressType ?? known('ipv4');
  return chained(addressType, (type) => chained(keepsClients(loadBalancer, targetGroup), (keeps) => {
    const own: Peer = { groups, family: type === 'ipv6' ? 'ipv6' : 'ipv4', addresses: { subnets, vpc } };
    return known({ requests: keeps ? { ...own, addresses: 'anywhere' as const } : own, healthChecks: own, keepsClients: keeps });
  }));
}

/** What a listener or a target group of a protocol carries; both where it is a pair. */
export function transportsOf(protocol: string): readonly TransportProtocol[] {
  return TRANSPORTS[protocol] ?? ['tcp'];
}

/** Those that are not tcp alone: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html. */
const TRANSPORTS: Readonly<Record<string, readonly TransportProtocol[]>> = { UDP: ['udp'], QUIC: ['udp'], TCP_UDP: ['tcp', 'udp'], TCP_QUIC: ['tcp', 'udp'] };

const ALWAYS_KEPT: ReadonlySet<string> = new Set(Object.keys(TRANSPORTS));

/**
 * Whether a Network Load Balancer passes the client's address on: to instances, unless that is turned off, and always with UDP and QUIC.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
 */
function keepsClients({ type }: LoadBalancer, targetGroup: TargetGroup | undefined): Value<boolean> {
  return chained(type, (kind): Value<boolean> => {
    if (kind !== 'network' || !targetGroup) {
      return known(false);
    }
    const { protocol, targetType, preserveClientIp } = targetGroup;
    return chained(protocol, (name) => ALWAYS_KEPT.has(name)
      ? known(true)
      : preserveClientIp ?? chained(targetType, (its) => known(its === 'instance')));
  });
}
