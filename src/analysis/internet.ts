/** Whether the internet can open connections to interfaces: by a public IPv4 address, or by IPv6 through an internet gateway. */
import { shareOfAll } from '../limits/cidr';
import type { AccountSettings, HostGroup, Route, Service, Subnet, ToMany } from './facts';
import { once } from './once';
import { every, some, unknown, Verdict, verdictOf } from './value';

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
export function exposureOfInstances({ publicIp, ipv6Address, subnets }: HostGroup): Exposure {
  return {
    ipv4: every([verdictOf(publicIp), leadingIn(subnets, 'ipv4')]),
    ipv6: every([verdictOf(ipv6Address), leadingIn(subnets, 'ipv6')]),
  };
}

/** Whether a route is for all addresses of a family. A narrower one leads to some of them only. */
export function isDefaultRoute({ family, destination }: Route, of: 'ipv4' | 'ipv6'): Verdict {
  if (family === 'unknown') {
    // Routes that a VPN propagates may be any.
    return unknown(destination.known ? 'a route of an unknown family' : destination.why);
  }
  if (family !== of) {
    return 'no';
  }
  return destination.known ? shareOfAll(destination.value) === 'all' ? 'yes' : 'no' : unknown(destination.why);
}

/** Whether a subnet's default route leads to an internet gateway, which lets connections in as well as out. */
export function routesToInternetGateway(subnet: Subnet, family: 'ipv4' | 'ipv6'): Verdict {
  return ROUTES_TO_INTERNET_GATEWAY[family](subnet);
}

/** The same with the routes that may be of its table. */
export function mayRouteToInternetGateway(subnet: Subnet, family: 'ipv4' | 'ipv6'): Verdict {
  return some([
    routesToInternetGateway(subnet, family),
    ...subnet.possibleRoutes.map(({ route, why }) => every([unknown(why), leadsToInternetGateway(route, family)])),
  ]);
}

const leadingThere = (family: 'ipv4' | 'ipv6') => once(({ routes }: Subnet): Verdict => {
  if (!routes.known) {
    return unknown(routes.why);
  }
  return some(routes.value.filter((route) => route.family === family).map((route) => leadsToInternetGateway(route, family)));
});

function leadsToInternetGateway(route: Route, family: 'ipv4' | 'ipv6'): Verdict {
  return every([
    isDefaultRoute(route, family),
    route.target === 'unknown' ? unknown('where a default route leads is not known') : route.target === 'internet-gateway' ? 'yes' : 'no',
  ]);
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
