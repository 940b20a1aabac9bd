/** Whether an interface in a subnet gets out to the internet, and if not, how far it gets. */
import type { Route, Subnet } from './facts';
import { routesToInternetGateway } from './internet';
import { every, some, unknown, Verdict } from './value';

export interface WayOut {
  readonly verdict: Verdict;
  /** What the default routes come to, as the rest of a sentence about the subnet, where there is no way out. */
  readonly because: string;
}

/**
 * @param publicAddress whether the interface has a public IPv4 address, without which an internet gateway takes no packet of it
 */
export function wayOut(subnet: Subnet, publicAddress: Verdict): WayOut {
  const { routes, ipv6Only } = subnet;
  if (!routes.known) {
    return { verdict: unknown(routes.why), because: '' };
  }
  const family = ipv6Only.known && ipv6Only.value ? 'ipv6' : 'ipv4';
  const defaults = routes.value.filter((route) => isDefault(route, family) !== 'no');
  const verdict = some(defaults.map((route) => every([isDefault(route, family), through(route, family, publicAddress)])));
  return { verdict, because: defaults.some(({ target }) => target === 'internet-gateway') ? 'whose only way out is an internet gateway'
    : defaults.some(({ target }) => target === 'nat-gateway') ? 'whose NAT gateway has no way out itself' : 'which has no default route' };
}

function isDefault({ family, destination }: Route, of: 'ipv4' | 'ipv6'): Verdict {
  if (family === 'unknown') {
    // Routes that a VPN propagates may be any.
    return unknown(destination.known ? 'a route of an unknown family' : destination.why);
  }
  if (family !== of) {
    return 'no';
  }
  return destination.known ? destination.value === (of === 'ipv4' ? '0.0.0.0/0' : '::/0') ? 'yes' : 'no' : unknown(destination.why);
}

function through({ target, natGateway, resource }: Route, family: 'ipv4' | 'ipv6', publicAddress: Verdict): Verdict {
  switch (target) {
    case 'internet-gateway':
      return family === 'ipv6' ? 'yes' : publicAddress;
    case 'nat-gateway':
      return throughNat(natGateway);
    case 'egress-only-gateway':
    case 'other':
      // Where another network leads is its own matter: it is counted as a way out.
      return 'yes';
    case 'unknown':
      return unknown(`where route ${resource.logicalId} leads is not known`);
  }
}

function throughNat(natGateway: Route['natGateway']): Verdict {
  const gateway = natGateway?.target;
  if (!gateway) {
    return unknown(natGateway?.why ?? 'a NAT gateway is not known');
  }
  // A regional one has routes of its own; a private one leads to other networks, by what its subnet says.
  if (!gateway.subnet) {
    return 'yes';
  }
  if (!gateway.publicConnectivity.known || !gateway.publicConnectivity.value) {
    return unknown(`where the private NAT gateway ${gateway.name} leads is not known`);
  }
  return gateway.subnet.target ? routesToInternetGateway(gateway.subnet.target, 'ipv4') : unknown(gateway.subnet.why ?? 'the subnet of a NAT gateway is not known');
}
