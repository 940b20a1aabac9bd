import { ENDPOINTS_OF_USES } from '../../endpoints/endpoints-of-uses';
import { shareOfAll } from '../../limits/cidr';
import { MAX_PORT, Ports, TransportProtocol } from '../../limits/ports';
import { Facts, HostGroup, SecurityGroup, SecurityGroupRule, Service, Subject, Subnet, ToMany } from '../facts';
import { guardsOf } from '../guards';
import { useText } from '../host-ports';
import { routesDo, routesMayDo } from '../internet';
import { hasImagesInEcr } from '../needs';
import { serviceAsPeer } from '../peers';
import { assumptionsOfClosed, everywhereBy, spanOf, Traffic, whyHidden } from '../reachability';
import { EndpointsIn, endpointsIn, serves, translated } from '../routes-out';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { assumesOf, every, mapped, some, union, unknown, Value, Verdict, verdictOf } from '../value';

const fragment = (egress: object[]) => ({
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: '2001:db8::/64' } },
  Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: { Ref: 'Vpc' } } },
  Association: { Type: 'AWS::EC2::SubnetRouteTableAssociation', Properties: { SubnetId: { Ref: 'Subnet' }, RouteTableId: { Ref: 'Table' } } },
  Route: { Type: 'AWS::EC2::Route', Properties: { RouteTableId: { Ref: 'Table' }, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1' } },
  Ipv6Route: {
    Type: 'AWS::EC2::Route', Properties: { RouteTableId: { Ref: 'Table' }, DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: 'eigw-1' },
  },
  Group: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: { GroupDescription: 'Tasks', VpcId: { Ref: 'Vpc' }, SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }, ...egress] },
  },
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode: 'awsvpc', Cpu: '256', Memory: '512', ContainerDefinitions: [{ Name: 'app', Image: 'nginx' }] },
  },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'FARGATE',
      TaskDefinition: { Ref: 'Tasks' },
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }], SecurityGroups: [{ 'Fn::GetAtt': ['Group', 'GroupId'] }] } },
    },
  },
});

export const dualStackEgress: Rule = {
  id: 'dual-stack-egress',
  family: 'ipv6',
  summary: 'What has IPv6 addresses gets out over IPv6 as it does over IPv4.',
  why: 'Programs try the IPv6 address of a name first. Where no route or no rule lets that out, each connection waits for a time-out before it falls back, or fails.',
  fix: 'Route ::/0 to an egress-only internet gateway, and let ::/0 out of the group where 0.0.0.0/0 is let out. DualStack.enable does both, and our services follow; '
    + 'for a group of your own it is `allowAllIpv6Outbound`.',
  acknowledge: 'Where tasks call only names without IPv6 addresses.',
  source: 'https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html, '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html [I01, I02, I03]',
  bad: fragment([]),
  good: fragment([{ IpProtocol: '-1', CidrIpv6: '::/0' }]),
  *judge(facts) {
    for (const service of facts.services) {
      yield* ofService(facts, service);
    }
  },
};

/** Interfaces with IPv6 addresses, and what stands around them. */
interface Side {
  readonly who: string;
  readonly subnets: ToMany<Subnet>;
  readonly groups: ToMany<SecurityGroup>;
  readonly hasIpv6: (subnet: Subnet) => Verdict;
  /** Whether tasks in a subnet with IPv6 only and no way out over it are without their images; absent where these are pulled for them. */
  readonly isStuck?: (subnet: Subnet) => Verdict;
  readonly assumes: readonly string[];
}

function* ofService(facts: Facts, service: Service): Iterable<Judgement> {
  const { mode, operatingSystem, awsvpc, launch, name } = service;
  if (!mode.known || (operatingSystem.known && operatingSystem.value === 'windows')) {
    return;
  }
  if (mode.value === 'awsvpc') {
    // With the setting off no task gets an IPv6 address. [I03]
    if (awsvpc && facts.accountSettings.dualStackIPv6 !== 'disabled') {
      const isFargate = launch.known && launch.value.kind === 'fargate';
      yield* judged(service, {
        who: `service ${name} has IPv6 addresses`,
        subnets: awsvpc.subnets,
        groups: awsvpc.securityGroups,
        hasIpv6: ({ ipv6 }) => verdictOf(ipv6),
        ...isFargate ? { isStuck: (subnet) => isStuck(service, subnet, endpointsIn(facts)) } : {},
        assumes: assumesOf(mode, ...isFargate ? [launch] : []),
      });
    }
  } else if (mode.value === 'bridge' || mode.value === 'host') {
    for (const hostGroup of launch.known ? launch.value.hostGroups : []) {
      yield* judged(service, onInstances(service, hostGroup));
    }
  }
}

/** Whether images of a service on Fargate come to a subnet with IPv6 only neither by endpoints nor over translated addresses. */
function isStuck(service: Service, subnet: Subnet, endpoints: EndpointsIn): Verdict {
  const peer = serviceAsPeer(service, guardsOf(service).guards[0]);
  const served = () => every([
    ...ENDPOINTS_OF_USES.ecrImages.map((name) => serves(name, subnet, peer, endpoints)), hasImagesInEcr(service.taskDefinition),
  ]);
  const comes = some([translated(subnet), served()]);
  return comes === 'yes' ? 'no' : comes === 'no' ? 'yes' : comes;
}

function onInstances({ name, mode }: Service, { name: where, cluster, subnets, securityGroups, ipv6Address }: HostGroup): Side {
  return {
    who: `service ${name} runs on instances of ${where}, which have IPv6 addresses`,
    subnets,
    groups: securityGroups,
    hasIpv6: ({ ipv6 }) => every([verdictOf(ipv6Address), verdictOf(ipv6)]),
    assumes: assumesOf(mode, cluster, ipv6Address),
  };
}

function* judged(subject: Subject, side: Side): Iterable<Judgement> {
  const { who, subnets, groups, hasIpv6, assumes } = side;
  if (!subnets.known) {
    return;
  }
  const given = subnets.value.flatMap(({ target }) => target ?? []);
  const withIpv6 = given.filter((subnet) => hasIpv6(subnet) === 'yes');
  const cutOff = withIpv6.map((subnet) => ({ subnet, verdict: isCutOff(subnet, side) }));
  let why = whyOf(...cutOff.map(({ verdict }) => verdict));
  yield* ofRoutes(subject, side, cutOff.flatMap(({ subnet, verdict }) => verdict === 'yes' ? [subnet] : []));
  if (withIpv6.length > 0) {
    const { closed, missing } = overIpv4Alone(groups);
    if (closed.length > 0) {
      yield problem({
        subject,
        severity: 'warning',
        message: `${who} in subnet ${withIpv6[0].name}, but its group lets out ${closedText(closed)} only; connections to names with AAAA records stall`,
        fix: 'an outbound rule to ::/0 as there is to 0.0.0.0/0 (allowAllIpv6Outbound)',
        assumes: union(assumes, assumesOf(subnets, withIpv6[0].ipv6), assumptionsOfClosed(groups, 'egress')),
      });
    }
    why ??= missing;
  }
  const open = given.map(hasIpv6).find((verdict) => typeof verdict !== 'string');
  why ??= typeof open === 'object' ? open.why : undefined;
  if (why !== undefined) {
    yield notDecidable(subject, why);
  }
}

/** Whether a subnet has no way out over IPv6, and needs one: a subnet that is isolated in IPv4 as well is meant to be. */
function isCutOff(subnet: Subnet, { isStuck: isStuckIn }: Side): Verdict {
  const ipv6 = routesMayDo(subnet, 'ipv6', () => 'yes');
  if (ipv6 === 'yes') {
    return 'no';
  }
  const isNeeded = isIpv6Only(subnet) ? isStuckIn?.(subnet) ?? 'no' : routesDo(subnet, 'ipv4', () => 'yes');
  return isNeeded === 'no' || ipv6 === 'no' ? isNeeded : ipv6;
}

function isIpv6Only({ ipv6Only }: Subnet): boolean {
  return ipv6Only.known && ipv6Only.value;
}

/** On subnets that are cut off. */
function* ofRoutes(subject: Subject, { who, subnets, assumes }: Side, cutOff: readonly Subnet[]): Iterable<Judgement> {
  const everywhere = subnets.known && cutOff.filter(isIpv6Only).length === subnets.value.length;
  for (const subnet of cutOff) {
    const ipv6Only = isIpv6Only(subnet);
    yield problem({
      subject,
      severity: ipv6Only && everywhere ? 'error' : 'warning',
      message: ipv6Only
        ? `${who} in subnet ${subnet.name}, which has IPv6 only and no route for ::/0: nothing can be pulled${everywhere ? '' : ', and tasks in it fail'}`
        : `${who} in subnet ${subnet.name}, which has a default route for IPv4 and none for IPv6: connections to names with AAAA records stall`,
      fix: 'a route for ::/0 to an egress-only internet gateway (DualStack.enable)',
      assumes: union(assumes, assumesOf(subnets, subnet.ipv6, subnet.ipv6Only, subnet.routes, ...destinationsIn(subnet))),
    });
  }
}

function destinationsIn({ routes }: Subnet): Value<unknown>[] {
  return routes.known ? routes.value.map(({ destination, entries }) => entries ?? destination) : [];
}

/** What a rule lets out to all of IPv4, and nothing to all of IPv6. */
interface Closed extends Traffic {
  readonly rule: SecurityGroupRule;
}

const TRANSPORTS: readonly TransportProtocol[] = ['tcp', 'udp'];
const ANY_PORT: Ports = { first: 0, last: MAX_PORT };

/** What groups let out over IPv4 alone, protocol by protocol and port by port; and why there may be more of it. */
function overIpv4Alone(groups: ToMany<SecurityGroup>): { readonly closed: readonly Closed[]; readonly missing?: string } {
  if (!groups.known) {
    return { closed: [], missing: groups.why };
  }
  const hidden = groups.value.map(whyHidden).find((why) => why !== undefined);
  const rules = rulesOf(groups);
  const [toIpv4, toIpv6] = (['cidr', 'cidr-ipv6'] as const).map((family) => (
    rules.map((rule) => ({ rule, everywhere: isEverywhere(rule, rules, family) })).filter(({ everywhere }) => everywhere !== 'no')));
  const overIpv6 = (traffic: Traffic) => some([
    ...hidden === undefined ? [] : [unknown(hidden)],
    ...toIpv6.map(({ rule, everywhere }) => every([everywhere, isAbout(spanOf(rule, traffic))])),
  ]);
  const closed: Closed[] = [];
  // Rules that are not seen may be for anything.
  let missing = hidden !== undefined && TRANSPORTS.some((protocol) => overIpv6({ protocol, ports: ANY_PORT }) !== 'yes') ? hidden : undefined;
  for (const protocol of TRANSPORTS) {
    for (const { rule, everywhere } of toIpv4) {
      const span = spanOf(rule, { protocol, ports: ANY_PORT });
      const ipv4 = every([everywhere, isAbout(span)]);
      const traffic = { protocol, ports: span.known && span.value ? span.value : ANY_PORT };
      const ipv6 = ipv4 === 'no' ? 'yes' : overIpv6(traffic);
      if (ipv4 === 'yes' && ipv6 === 'no') {
        closed.push({ ...traffic, rule });
      } else if (ipv6 !== 'yes') {
        missing ??= whyOf(ipv6, ipv4);
      }
    }
  }
  return { closed, missing };
}

function rulesOf(groups: ToMany<SecurityGroup>): readonly SecurityGroupRule[] {
  return groups.known ? groups.value.flatMap(({ target }) => target?.egress ?? []) : [];
}

function isAbout(span: Value<Ports | undefined>): Verdict {
  return verdictOf(mapped(span, (ports) => ports !== undefined));
}

function closedText([{ protocol, ports, rule }, ...others]: readonly Closed[]): string {
  // A rule of both protocols is there for each.
  const isOfBoth = others.some((one) => one.rule === rule);
  return isOfBoth ? 'IPv4' : `${useText({ protocol, ports })} over IPv4`;
}

/** Whether a rule is for all addresses of a family. */
function isEverywhere(rule: SecurityGroupRule, rules: readonly SecurityGroupRule[], family: 'cidr' | 'cidr-ipv6'): Verdict {
  const { peer } = rule;
  if (peer.kind === 'unknown') {
    return unknown(peer.why);
  }
  if (peer.kind === 'prefix-list') {
    const ofFamily = (entry: string) => entry.includes(':') === (family === 'cidr-ipv6');
    return verdictOf(mapped(peer.entries, (entries) => entries.some((entry) => ofFamily(entry) && shareOfAll(entry) === 'all')));
  }
  if (peer.kind !== family) {
    return 'no';
  }
  return peer.cidr.known ? everywhereBy(rule, rules).length > 0 ? 'yes' : 'no' : unknown(peer.cidr.why);
}

function whyOf(...verdicts: readonly Verdict[]): string | undefined {
  return verdicts.flatMap((verdict) => typeof verdict === 'string' ? [] : verdict.why)[0];
}
