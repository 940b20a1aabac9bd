/** Whether the internet can open connections to interfaces: by a public IPv4 address, or by IPv6 through an internet gateway. */
import { shareOfAll } from '../limits/cidr';
import type { AccountSettings, HostGroup, Route, Service, Subnet, ToMany } from './facts';
import { once } from './once';
import { every, known, mapped, some, unknown, Value, Verdict, verdictOf } from './value';

export interface Exposure {
  readonly ipv4: Verdict;
  readonly ipv6: Verdict;
}

/** Of the interfaces of awsvpc tasks. Only those on Fargate can have public IPv4 addresses [M14, M15]. */
export function exposureOfTasks({ awsvpc, launch, operatingSystem }: Service, { dualStackIPv6 }: AccountSettings): Exposure {
  if (!awsvpc) {
    return { ipv4: 'no', ipv6: 'no' };
  }
  const fargate: Verdict = launch.known ? launch.value.kind === 'fargate' ? 'yes' : 'no' : unknown(launch.why);
  return {
    ipv4: every([fargate, verdictOf(awsvpc.assignPublicIp), leadingIn(awsvpc.subnets, 'ipv4')]),
    // With the setting off no task gets an IPv6 address [I03], and on Windows none does [I07].
    ipv6: dualStackIPv6 === 'disabled' || (operatingSystem.known && operatingSystem.value === 'windows') ? 'no' : withIpv6(awsvpc.subnets),
  };
}

/** Of the interfaces of instances. */
export function exposureOfInstances({ publicIp, publicIpBySubnet, ipv6Address, subnets }: HostGroup): Exposure {
  return {
    ipv4: publicIpBySubnet
      ? inSome(subnets, (subnet) => every([verdictOf(subnet.mapPublicIp), routesToInternetGateway(subnet, 'ipv4')]))
      : every([verdictOf(publicIp), leadingIn(subnets, 'ipv4')]),
    ipv6: every([verdictOf(ipv6Address), leadingIn(subnets, 'ipv6')]),
  };
}

/** Whether instances of a group get public IPv4 addresses in a subnet. */
export function publicIpIn({ mapPublicIp }: Subnet, { publicIp, publicIpBySubnet }: HostGroup): Value<boolean> {
  return publicIpBySubnet ? mapPublicIp : publicIp;
}

/** Whether a route is for all addresses of a family, or for a half of them. */
export function isDefaultRoute(route: Route, family: 'ipv4' | 'ipv6'): Verdict {
  return some(HALVES.map((half) => isFor(half, route, family)));
}

/** The two parts of all addresses for which a route each is as good as one for all of them: some write these to keep the default route. */
const HALVES = ['lower half', 'upper half'] as const;

/** Whether a subnet's routes do something with all addresses of a family: narrower ones do it with some addresses only. */
export function routesDo(subnet: Subnet, family: 'ipv4' | 'ipv6', does: (route: Route) => Verdict): Verdict {
  return doneWith(subnet.routes, [], family, does);
}

/** The same with the routes that may be of its table, for what is a problem where nothing does it. */
export function routesMayDo(subnet: Subnet, family: 'ipv4' | 'ipv6', does: (route: Route) => Verdict): Verdict {
  return doneWith(subnet.routes, subnet.possibleRoutes, family, does);
}

function doneWith(
  routes: Subnet['routes'], possible: Subnet['possibleRoutes'], family: 'ipv4' | 'ipv6', does: (route: Route) => Verdict,
): Verdict {
  if (!routes.known) {
    return unknown(routes.why);
  }
  const asked = [
    ...routes.value.map((route) => ({ route, verdict: does(route) })),
    ...possible.map(({ route, why }) => ({ route, verdict: every([unknown(why), does(route)]) })),
  ];
  return every(HALVES.map((half) => some(asked.map(({ route, verdict }) => every([verdict, isFor(half, route, family)])))));
}

function isFor(half: typeof HALVES[number], route: Route, family: 'ipv4' | 'ipv6'): Verdict {
  const blocks = blocksOf(route, family);
  return verdictOf(mapped(blocks, (all) => all.some((block) => ['all', half].includes(shareOfAll(block) ?? ''))));
}

function blocksOf({ family, destination, entries }: Route, wanted: 'ipv4' | 'ipv6'): Value<readonly string[]> {
  switch (family) {
    case 'prefix-list':
      return mapped(entries!, (all) => all.filter((entry) => entry.includes(':') === (wanted === 'ipv6')));
    case 'unknown':
      // Routes that a VPN propagates may be any.
      return unknown(destination.known ? 'a route of an unknown family' : destination.why);
    case 'ipv4':
    case 'ipv6':
      return family === wanted ? mapped(destination, (block) => [block]) : known([]);
  }
}

/** Whether a subnet's default route leads to an internet gateway, which lets connections in as well as out. */
export function routesToInternetGateway(subnet: Subnet, family: 'ipv4' | 'ipv6'): Verdict {
  return ROUTES_TO_INTERNET_GATEWAY[family](subnet);
}

/** The same with the routes that may be of its table. */
export function mayRouteToInternetGateway(subnet: Subnet, family: 'ipv4' | 'ipv6'): Verdict {
  return routesMayDo(subnet, family, leadsToInternetGateway);
}

const leadingThere = (family: 'ipv4' | 'ipv6') => once((subnet: Subnet): Verdict => routesDo(subnet, family, leadsToInternetGateway));

function leadsToInternetGateway({ target }: Route): Verdict {
  return target === 'unknown' ? unknown('where a default route leads is not known') : target === 'internet-gateway' ? 'yes' : 'no';
}

const ROUTES_TO_INTERNET_GATEWAY = { ipv4: leadingThere('ipv4'), ipv6: leadingThere('ipv6') };

function withIpv6(subnets: ToMany<Subnet>): Verdict {
  return inSome(subnets, (subnet) => every([verdictOf(subnet.ipv6), routesToInternetGateway(subnet, 'ipv6')]));
}

function leadingIn(subnets: ToMany<Subnet>, family: 'ipv4' | 'ipv6'): Verdict {
  return inSome(subnets, (subnet) => routesToInternetGateway(subnet, family));
}

function inSome(subnets: ToMany<Subnet>, verdict: (subnet: Subnet) => Verdict): Verdict {
  return subnets.known ? some(subnets.value.map(({ target, why }) => target ? verdict(target) : unknown(why ?? 'a subnet is not known'))) : subnets;
}
