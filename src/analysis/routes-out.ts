/** Whether an interface in a subnet gets out to the internet, and if not, which VPC endpoints answer it. */
import { contains, privateRangeOf, readBlock, SHARED_ADDRESS_SPACE } from '../limits/cidr';
import { Facts, isGiven, Named, Route, same, SecurityGroupRule, Subnet, To, ToMany, Vpc, VpcEndpoint } from './facts';
import { isDefaultRoute, mayRouteToInternetGateway, routesDo, routesMayDo } from './internet';
import { once } from './once';
import { Admission, admission, Peer, spanOf, Traffic, whyHidden } from './reachability';
import { append } from './templates';
import { equal, every, mapped, some, unknown, Unknown, Value, Verdict, verdictOf } from './value';

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
  const verdict = along(subnet, family, publicIpv4);
  const inPart = verdict === 'no' ? wayOutInPart(subnet, ipv6Only.value, ipv6) : 'no';
  return inPart === 'no' ? { verdict, because: whatDefaultsComeTo(subnet, routes.value, family) } : { verdict: inPart, because: '' };
}

/** What there is in place of a way out over the usual family. A registry may answer over the other one or not, as may what is called. */
function wayOutInPart(subnet: Subnet, ipv6Only: boolean, ipv6: Verdict): Verdict {
  const verdict = ipv6Only ? translated(subnet) : every([ipv6, some([along(subnet, 'ipv6', 'no'), translated(subnet)])]);
  const which = ipv6Only ? 'to IPv4 addresses only, by NAT64' : 'over IPv6 only';
  return verdict === 'yes' ? unknown(`subnet ${subnet.name} has a way out ${which}, and what answers there is not known`) : verdict;
}

/**
 * Whether names without an IPv6 address lead to ones that are translated on the way (NAT64 and DNS64) [X01]:
 * https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
 */
export const translated = once((subnet: Subnet): Verdict => {
  const { routes, possibleRoutes, dns64 } = subnet;
  return every([verdictOf(dns64), !routes.known ? routes : some([
    ...routes.value.map(translates),
    ...possibleRoutes.map(({ route, why }) => every([unknown(why), translates(route)])),
  ])]);
});

/** However `64:ff9b::/96` is written: after that come zeros only. */
const TRANSLATED = /^0{0,2}64:ff9b:[0:]*\/96$/i;

function translates(route: Route): Verdict {
  const blocks: Value<readonly string[]> = route.entries ?? mapped(route.destination, (block) => [block]);
  const isFor = verdictOf(mapped(blocks, (all) => all.some((block) => TRANSLATED.test(block))));
  // What is translated is IPv4 from there on, and an egress-only gateway takes none of it.
  return isFor === 'no' || route.target === 'egress-only-gateway' ? 'no' : every([isFor, through(route, 'ipv4', 'no')]);
}

function whatDefaultsComeTo(subnet: Subnet, routes: readonly Route[], family: 'ipv4' | 'ipv6'): string {
  if (routesDo(subnet, family, () => 'yes') === 'no') {
    return 'which has no default route';
  }
  return routes.some((route) => route.target === 'internet-gateway' && isDefaultRoute(route, family) !== 'no')
    ? 'whose only way out is an internet gateway' : 'whose NAT gateway has no way out itself';
}

function along(subnet: Subnet, family: 'ipv4' | 'ipv6', publicIpv4: Verdict): Verdict {
  return routesMayDo(subnet, family, (route) => through(route, family, publicIpv4));
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
  return gateway.subnet.target ? mayRouteToInternetGateway(gateway.subnet.target, 'ipv4') : unknown(gateway.subnet.why ?? 'the subnet of a NAT gateway is not known');
}

/** An endpoint that is in a VPC or may be. */
interface EndpointThere {
  readonly endpoint: VpcEndpoint;
  readonly isThere: Verdict;
}

/** The endpoints that are in a VPC or may be. */
export type EndpointsIn = (vpc: To<Vpc>) => readonly EndpointThere[];

export const endpointsIn = once(({ endpoints }: Facts): EndpointsIn => {
  const byVpc = new Map<string, VpcEndpoint[]>();
  endpoints.forEach((endpoint) => append(byVpc, endpoint.vpc.identity, endpoint));
  const open = endpoints.filter(({ vpc }) => !isInGiven(vpc));
  const found = new Map<string, readonly EndpointThere[]>();
  return (vpc) => {
    const before = found.get(vpc.identity);
    if (before) {
      return before;
    }
    // One of a VPC that is given is in no other that is given, so that most need not be looked at.
    const others = isInGiven(vpc) ? open : endpoints;
    const there = [
      ...(byVpc.get(vpc.identity) ?? []).map((endpoint): EndpointThere => ({ endpoint, isThere: 'yes' })),
      ...others.filter((endpoint) => endpoint.vpc.identity !== vpc.identity)
        .map((endpoint) => ({ endpoint, isThere: isIn(endpoint, vpc) })).filter(({ isThere }) => isThere !== 'no'),
    ];
    found.set(vpc.identity, there);
    return there;
  };
});

function isInGiven({ target }: To<Vpc>): boolean {
  return target !== undefined && isGiven(target);
}

function isIn({ vpc: its, name, resource }: VpcEndpoint, vpc: To<Vpc>): Verdict {
  // A template that makes a VPC does not know its id: one that is written out there is that of another.
  const isOther = its.literal !== undefined && vpc.target?.resource?.template === resource.template;
  const verdict = isOther ? 'no' : same(its, vpc);
  return typeof verdict === 'string' ? verdict : unknown(`which VPC ${name} is in is not known: ${verdict.why}`);
}

/** Whether a VPC has an endpoint of a service, whomever that lets in. */
export function hasEndpoint(service: string, vpc: To<Vpc>, endpoints: EndpointsIn): Verdict {
  return some(endpoints(vpc).map(({ endpoint, isThere }) => every([isOf(endpoint, service), isThere])));
}

/** Whether an endpoint of a service answers interfaces of a subnet: a gateway in its route table, or an interface that lets them in. */
export function serves(service: string, subnet: Subnet, peer: Peer, endpoints: EndpointsIn): Verdict {
  return some(endpoints(subnet.vpc).map((there): Verdict => {
    const isOfService = isOf(there.endpoint, service);
    return isOfService === 'yes' ? every(Object.values(conditionsOf(there, subnet, peer))) : isOfService;
  }));
}

/** An endpoint that is there and does not answer. */
export interface Closed {
  readonly endpoint: VpcEndpoint;
  readonly failing: readonly Condition[];
}

/** The endpoint of a service that is there and lacks least to answer: AWS refuses a second one with private names in a VPC. */
export function closed(service: string, subnet: Subnet, peer: Peer, endpoints: EndpointsIn): Closed | undefined {
  return endpoints(subnet.vpc)
    .filter(({ endpoint, isThere }) => isThere === 'yes' && isOf(endpoint, service) === 'yes')
    .map((there): Closed => {
      const conditions = conditionsOf(there, subnet, peer);
      return { endpoint: there.endpoint, failing: CONDITIONS.filter((one) => conditions[one] === 'no') };
    })
    .sort((a, b) => a.failing.length - b.failing.length)[0];
}

function isOf({ service }: VpcEndpoint, name: string): Verdict {
  return service.known ? service.value === name ? 'yes' : 'no' : unknown(service.why);
}

/** What is called by names of AWS services. */
const HTTPS: Traffic = { protocol: 'tcp', ports: { first: 443, last: 443 } };

const CONDITIONS = ['routed', 'letOutToPublic', 'admitted', 'letOut', 'privateDns'] as const;
export type Condition = typeof CONDITIONS[number];

/** What must hold for an endpoint to answer: of a gateway other things than of an interface. */
function conditionsOf({ endpoint, isThere }: EndpointThere, subnet: Subnet, peer: Peer): Partial<Record<Condition | 'there', Verdict>> {
  const { type, routeTables, privateDns, securityGroups, subnets, vpc } = endpoint;
  if (!type.known) {
    return { there: unknown(type.why) };
  }
  if (type.value === 'Gateway') {
    return { routed: routesToGateway(routeTables, subnet), letOutToPublic: mayLetOutToPublic(peer, subnet) ? 'yes' : 'no' };
  }
  return {
    there: isThere,
    // Without private names those that ECS and its agent use lead to the public addresses.
    privateDns: verdictOf(privateDns),
    admitted: wholly(admission(securityGroups, 'ingress', peer, HTTPS)),
    letOut: peer.groups ? wholly(admission(peer.groups, 'egress', { groups: securityGroups, family: 'ipv4', addresses: { subnets, vpc } }, HTTPS)) : 'yes',
  };
}

function wholly(admitted: Admission): Verdict {
  return admitted === 'partly' ? 'no' : admitted;
}

function routesToGateway(routeTables: ToMany<Named>, subnet: Subnet): Verdict {
  return routeTables.known ? some(routeTables.value.map((table) => isTableOf(table, subnet))) : routeTables;
}

/**
 * Whether groups may let out to what is behind a gateway endpoint: that keeps its public addresses. Which these are is not known, so that
 * every block may have them that is not private or the VPC's own.
 */
function mayLetOutToPublic({ groups, addresses }: Peer, { ipv6 }: Subnet): boolean {
  if (!groups?.known) {
    return true;
  }
  const own = addresses === 'anywhere' ? [] : (addresses.vpc?.target?.blocks ?? []).map(({ cidr }) => cidr);
  const overIpv6 = !ipv6.known || ipv6.value;
  return groups.value.some((group) => whyHidden(group) !== undefined
    || group.target!.egress.some((rule) => mayBeAbout(HTTPS, rule) && mayBeToPublic(rule.peer, own, overIpv6)));
}

function mayBeAbout(traffic: Traffic, rule: SecurityGroupRule): boolean {
  const span = spanOf(rule, traffic);
  return !span.known || span.value !== undefined;
}

function mayBeToPublic(peer: SecurityGroupRule['peer'], own: ReadonlyArray<Value<string>>, overIpv6: boolean): boolean {
  switch (peer.kind) {
    case 'group':
      return false;
    case 'cidr':
      return !own.some((block) => equal(block, peer.cidr) === 'yes') && (!peer.cidr.known || hasPublic(peer.cidr.value));
    case 'cidr-ipv6':
      return overIpv6;
    case 'prefix-list':
      return !peer.entries.known || peer.entries.value.some((entry) => entry.includes(':') ? overIpv6 : hasPublic(entry));
    case 'unknown':
      return true;
  }
}

function hasPublic(text: string): boolean {
  const block = readBlock(text);
  return !block || !(privateRangeOf(block) || contains(SHARED_ADDRESS_SPACE, block));
}

function isTableOf(table: To<Named>, { routeTable }: Subnet): Verdict {
  if (routeTable) {
    return same(table, routeTable);
  }
  // What a template makes is no main table.
  return table.target ? 'no' : unknown(table.why ?? `what ${table.identity} is, is not known`);
}
