/** The ways from load balancers to the tasks of a service, and how far security groups let traffic get on them. */
import type { TransportProtocol } from '../../limits/ports';
import type { LoadBalancer, SecurityGroupRule, Service, ServiceLoadBalancer, TargetGroup } from '../facts';
import { Guard, guardsOf, Listening, listeningOn } from '../guards';
import { once } from '../once';
import { loadBalancerAsSender, Sender, serviceAsPeer, transportsOf } from '../peers';
import { Admission, admission, admitsSomebody, both, Peer, rulesAbout, Traffic } from '../reachability';
import { known, union, Unknown, Value } from '../value';
import { mappingsAt, openFor } from './container-ports';

/** A way that traffic must take, and how far it gets. */
export interface Path {
  readonly guard: Guard;
  readonly traffic: Traffic;
  readonly dynamic: boolean;
  /** Who is to be let in; absent where whose addresses these are is not known. */
  readonly from?: Peer;
  readonly inbound: Admission;
  readonly outbound: Admission;
  readonly health: boolean;
  /** What the port rests on. */
  readonly assumes: readonly string[];
}

/** What of a service is behind a load balancer. */
export type ContainerAt = Pick<ServiceLoadBalancer, 'containerName' | 'containerPort'>;

/** A load balancer that sends to a service: by a target group, or a classic one itself. */
export interface Behind {
  readonly at: ContainerAt;
  readonly loadBalancer: LoadBalancer;
  readonly targetGroup?: TargetGroup;
}

/** Those of an entry of a service. */
export function sendingTo(entry: ServiceLoadBalancer): readonly Behind[] {
  const { classic, targetGroup, alternateTargetGroup } = entry;
  return [
    ...classic?.target ? [{ at: entry, loadBalancer: classic.target }] : [],
    ...[targetGroup?.target, alternateTargetGroup?.target].flatMap((group) => (
      group?.loadBalancers.map((loadBalancer) => ({ at: entry, loadBalancer, targetGroup: group })) ?? [])),
  ];
}

export interface Ways {
  readonly sender: Sender;
  readonly paths: readonly Path[];
  /** Why there may be others. */
  readonly open: readonly string[];
}

export function waysOf(service: Service, { at, loadBalancer, targetGroup }: Behind): Value<Ways> {
  const sender = loadBalancerAsSender(loadBalancer, targetGroup);
  if (!sender.known) {
    return sender;
  }
  const { guards, why } = guardsOf(service);
  const paths: Path[] = [];
  const open: string[] = why === undefined ? [] : [why];
  for (const guard of guards) {
    const taken = targetGroup ? ofTargetGroup(service, at, targetGroup, guard, sender.value) : ofClassic(loadBalancer);
    for (const value of taken) {
      if (value.known) {
        paths.push(pathOf(service, loadBalancer, sender.value, guard, value.value, union(sender.assumes, value.assumes)));
        continue;
      }
      // Where the port is not known, rules for all of them decide, and so do none at all.
      const whatever = onAnyPort(targetGroup).map((needed) => pathOf(service, loadBalancer, sender.value, guard, needed, sender.assumes));
      const ends = new Set(whatever.map(({ inbound, outbound }) => both(inbound, outbound)));
      if (ends.size === 1 && ends.has('no')) {
        paths.push(surely(whatever[0]));
      } else if (ends.size !== 1 || !ends.has('yes')) {
        open.push(value.why);
      }
    }
  }
  return known({ sender: sender.value, paths, open });
}

/**
 * The rules that let a load balancer to a part of the ports of a service's tasks, and that no others complete. Of these
 * security-group-missing-path tells.
 */
export const rulesTooSmall = once((service: Service): ReadonlySet<SecurityGroupRule> => {
  const { loadBalancers } = service;
  const ways = (loadBalancers.known ? loadBalancers.value : []).flatMap(sendingTo).map((behind) => waysOf(service, behind));
  const partly = ways.flatMap((one) => one.known ? one.value.paths : []).filter(({ inbound }) => inbound === 'partly');
  return new Set(partly.flatMap(({ guard, traffic, from }) => rulesAbout(guard.groups, traffic, from)));
});

export interface Needed extends Listening {
  readonly health: boolean;
}

export const ANY_PORT = { first: 1, last: 65_535 };

/** Requests and health checks, on whatever port. */
function onAnyPort(targetGroup: TargetGroup | undefined): Needed[] {
  const protocols: readonly TransportProtocol[] = !targetGroup ? ['tcp'] : targetGroup.protocol.known ? transportsOf(targetGroup.protocol.value) : ['tcp', 'udp'];
  const needed = (protocol: TransportProtocol, health: boolean) => ({ protocol, ports: ANY_PORT, dynamic: false, health });
  return [...protocols.map((protocol) => needed(protocol, false)), needed('tcp', true)];
}

/** A path on any port, of which one side may let through the one that is meant: that is then not what closes it. */
function surely(path: Path): Path {
  return { ...path, inbound: path.inbound === 'no' ? 'no' : 'yes', outbound: path.outbound === 'no' ? 'no' : 'yes' };
}

/** What a target group sends to a guard: requests, and health checks where these have a port, a protocol or a source of their own. */
export function ofTargetGroup(
  service: Service, { containerName, containerPort }: ContainerAt, targetGroup: TargetGroup, guard: Guard, { keepsClients }: Pick<Sender, 'keepsClients'>,
): Value<Needed>[] {
  if (!containerName || !containerPort) {
    return [];
  }
  const found = mappingsAt(service, containerName, containerPort);
  const { protocol, healthCheckPort } = targetGroup;
  if (!found.known || !protocol.known) {
    return [found.known ? protocol as Unknown : found];
  }
  if ('missing' in found.value) {
    return [];
  }
  const wanted = transportsOf(protocol.value);
  const listening = found.value.mappings.map((mapping) => listeningOn(service, mapping, guard));
  const mapped = listening.flatMap((one): Value<Needed>[] => !one.known ? [one]
    : wanted.includes(one.value.protocol) ? [known({ health: false, ...one.value }, union(one.assumes, found.assumes))] : []);
  const unmapped = wanted.filter((one) => !mapped.some((its) => its.known && its.value.protocol === one));
  const open = openFor(unmapped, found.value.possible);
  const needed = open ? [...mapped, open] : mapped;
  const own = healthCheckPort.known ? Number(healthCheckPort.value) : NaN;
  if (!healthCheckPort.known) {
    return [...needed, healthCheckPort];
  }
  if (Number.isInteger(own)) {
    return [...needed, known({ protocol: 'tcp', ports: { first: own, last: own }, dynamic: false, health: true }, healthCheckPort.assumes)];
  }
  // Health checks are TCP or HTTP, whatever the traffic is, and come from the load balancer, whoever its clients are.
  const checked = needed.find((one) => one.known && one.value.protocol === 'tcp') ?? needed[0];
  return !checked?.known || (wanted.includes('tcp') && !keepsClients) ? needed
    : [...needed, { ...checked, value: { ...checked.value, protocol: 'tcp', health: true } }];
}

/** Ports of instances that a Classic Load Balancer sends to and checks. */
function ofClassic({ listeners: its, healthCheckPort }: LoadBalancer): Value<Needed>[] {
  const one = (port: Value<number>, health: boolean): Value<Needed> => port.known
    ? known({ protocol: 'tcp', ports: { first: port.value, last: port.value }, dynamic: false, health }, port.assumes)
    : port;
  return [
    ...its.flatMap(({ instancePort }) => instancePort ? [one(instancePort, false)] : []),
    ...healthCheckPort ? [one(healthCheckPort, true)] : [],
  ];
}

function pathOf(
  service: Service, { securityGroups }: LoadBalancer, sender: Sender, guard: Guard, needed: Needed, assumes: readonly string[],
): Path {
  const { health, dynamic, protocol, ports } = needed;
  const traffic = { protocol, ports };
  const peer = health ? sender.healthChecks : sender.requests;
  // Clients whose addresses are passed on are not known, but that nobody at all gets in is.
  const from = sender.keepsClients && !health && !securityGroups ? undefined : peer;
  return {
    guard,
    traffic,
    dynamic,
    health,
    assumes,
    from,
    inbound: from ? admission(guard.groups, 'ingress', from, traffic) : admitsSomebody(guard.groups, traffic),
    outbound: securityGroups ? admission(securityGroups, 'egress', serviceAsPeer(service, guard, peer.family), traffic) : 'yes',
  };
}

export function isBlocked(one: Admission): boolean {
  return one === 'no' || one === 'partly';
}
