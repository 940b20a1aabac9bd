/** Whether an interface in a subnet gets out to the internet, and if not, which VPC endpoints answer it. */
import { Facts, Route, same, Subnet, VpcEndpoint } from './facts';
import { isDefaultRoute, routesToInternetGateway } from './internet';
import { admission, both, Peer } from './reachability';
import { append } from './templates';
import { every, some, unknown, Unknown, Verdict } from './value';

export interface WayOut {
  readonly verdict: Verdict;
  /** What the default routes come to, as the rest of a sentence about the subnet, where there is no way out. */
  readonly because: string;
}

/** Which addresses an interface has that routes out take. */
export interface OwnAddresses {
  /** A public IPv4 address, without which an internet gateway takes no IPv4 packet of it. */
  readonly publicIpv4: Verdict;
  readonly ipv6: Verdict;
}

export function wayOut(subnet: Subnet, { publicIpv4, ipv6 }: OwnAddresses): WayOut {
  const { routes, ipv6Only } = subnet;
  if (!routes.known || !ipv6Only.known) {
    return { verdict: unknown(routes.known ? (ipv6Only as Unknown).why : routes.why), because: '' };
  }
  const family = ipv6Only.value ? 'ipv6' : 'ipv4';
  const defaults = routes.value.filter((route) => isDefaultRoute(route, family) !== 'no');
  const verdict = along(routes.value, family, publicIpv4);
  // A registry may answer over IPv6 or not, and so may what is called.
  const byIpv6 = family === 'ipv4' && verdict === 'no' ? every([ipv6, along(routes.value, 'ipv6', 'no')]) : 'no';
  if (byIpv6 !== 'no') {
    return { verdict: byIpv6 === 'yes' ? unknown(`subnet ${subnet.name} has a way out over IPv6 only, and what answers there is not known`) : byIpv6, because: '' };
  }
  return { verdict, because: defaults.some(({ target }) => target === 'internet-gateway') ? 'whose only way out is an internet gateway'
    : defaults.some(({ target }) => target === 'nat-gateway') ? 'whose NAT gateway has no way out itself' : 'which has no default route' };
}

function along(routes: readonly Route[], family: 'ipv4' | 'ipv6', publicIpv4: Verdict): Verdict {
  return some(routes.map((route) => every([isDefaultRoute(route, family), through(route, family, publicIpv4)])));
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

export type EndpointsByVpc = ReadonlyMap<string, readonly VpcEndpoint[]>;

export function endpointsByVpc({ endpoints }: Facts): EndpointsByVpc {
  const found = new Map<string, VpcEndpoint[]>();
  for (const endpoint of endpoints) {
    append(found, endpoint.vpc.identity, endpoint);
  }
  return found;
}

/** Whether an endpoint of a service answers interfaces of a subnet: a gateway in its route table, or an interface that lets them in. */
export function serves(name: string, subnet: Subnet, peer: Peer, endpoints: EndpointsByVpc): Verdict {
  return some((endpoints.get(subnet.vpc.identity) ?? []).map((endpoint): Verdict => {
    const { service, type, routeTables, privateDns, securityGroups, subnets, vpc } = endpoint;
    if (!service.known || !type.known) {
      return unknown(service.known ? (type as Unknown).why : service.why);
    }
    if (service.value !== name) {
      return 'no';
    }
    if (type.value === 'Gateway') {
      return routeTables.known ? some(routeTables.value.map((table) => subnet.routeTable ? same(table, subnet.routeTable) : 'no')) : routeTables;
    }
    if (!privateDns.known || !privateDns.value) {
      // The names that ECS and its agent use then lead to the public addresses.
      return privateDns.known ? 'no' : privateDns;
    }
    const traffic = { protocol: 'tcp' as const, ports: { first: 443, last: 443 } };
    const admitted = both(
      admission(securityGroups, 'ingress', peer, traffic),
      peer.groups ? admission(peer.groups, 'egress', { groups: securityGroups, family: 'ipv4', addresses: { subnets, vpc } }, traffic) : 'yes',
    );
    return admitted === 'partly' ? 'no' : admitted;
  }));
}
