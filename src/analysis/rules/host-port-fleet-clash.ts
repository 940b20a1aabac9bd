import { contains, Ports, TransportProtocol } from '../../limits/ports';
import type { Facts, HostGroup, Launch, Service } from '../facts';
import { hostPortProperty, hostPortUses, portsText, PortUse } from '../host-ports';
import { countsOfGroups, InstanceCounts, sizesToRaise, whyNarrowed } from '../instance-counts';
import { InZones, partInZones, placesOf, whyPartOf, zoneFilter, zonesInCommon } from '../instances-in-zones';
import { listed } from '../listed';
import { Placed, Pool, poolsOf } from '../pools';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { taskShares } from '../task-shares';
import { assumesOf, exactly, Range, sum, union, Value } from '../value';

const fragment = (admins: number) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Nodes: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: { MinSize: '3', MaxSize: '3', LaunchConfigurationName: { Ref: 'Launch' } },
  },
  Launch: {
    Type: 'AWS::AutoScaling::LaunchConfiguration',
    Properties: {
      InstanceType: 'm5.large',
      UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
    },
  },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      NetworkMode: 'bridge',
      ContainerDefinitions: [{ Name: 'web', Image: 'nginx', Memory: 128, PortMappings: [{ ContainerPort: 8080, HostPort: 80 }] }],
    },
  },
  ...Object.fromEntries([['Web', 2], ['Admin', admins]].map(([name, DesiredCount]) => [name, {
    Type: 'AWS::ECS::Service',
    Properties: { Cluster: { Ref: 'Cluster' }, LaunchType: 'EC2', TaskDefinition: { Ref: 'Tasks' }, DesiredCount },
  }])),
});

/** More tasks that want a host port than there are instances. */
export const hostPortFleetClash: Rule = {
  id: 'host-port-fleet-clash',
  family: 'ports-and-deployments',
  summary: 'There is an instance for each task that takes a fixed host port.',
  why: 'A host port is free once per instance. Of services that take the same one, or of one with more tasks than instances, some tasks are never placed: '
    + '"is already using a port required by your task". A daemon takes its port on every instance.',
  fix: 'As many instances as there are tasks (`maxInstances`, MaxSize), another host port, or a dynamic one behind a load balancer (`BridgePort.dynamic`, '
    + 'HostPort 0).',
  acknowledge: 'Where fewer tasks than wanted will do, or instances are added by hand.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html [M08], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html, '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html for distinctInstance, '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html [M17]',
  bad: fragment(2),
  good: fragment(0),
  *judge(facts) {
    const inZonesOf = zoneFilter();
    const members = facts.services.flatMap((service) => memberOf(service, inZonesOf));
    yield* unknowns(facts, members);
    for (const { users, text } of pointsOf(members)) {
      for (const pool of poolsOf(users)) {
        yield* judged(pool, { text, byPort: true });
      }
    }
    for (const member of members) {
      const { service: { distinctInstance }, uses, hostGroups, launch } = member;
      const isDistinct = uses.length === 0 && distinctInstance.known && distinctInstance.value;
      // Of those that no instance is in a zone of, eni-density tells.
      if (isDistinct && (hostGroups.length > 0 || !launch.complete)) {
        yield* judged({ members: [member], hostGroups }, { text: 'distinctInstance', byPort: false });
      }
    }
  },
};

/** A service on instances, with what it takes of each of them. */
interface Member extends Placed {
  readonly launch: Launch;
  readonly kind: 'replicas' | 'daemon' | 'maybe-daemon';
  readonly uses: readonly PortUse[];
  readonly steady: Range;
  readonly peak: Range;
  /** What is not known of its number of tasks, or of its instances if it is a daemon. */
  readonly why?: string;
  readonly assumes: readonly string[];
}

function memberOf(service: Service, inZonesOf: InZones): Member[] {
  const { mode, launch, desired, scaling, scheduling, distinctInstance } = service;
  if (!launch.known || launch.value.kind !== 'ec2') {
    return [];
  }
  const { uses } = hostPortUses(service);
  if (uses.length === 0 && !(distinctInstance.known && distinctInstance.value)) {
    return [];
  }
  const values: ReadonlyArray<Value<unknown>> = scheduling === 'DAEMON' ? [] : [desired, ...scaling ? [scaling.max] : []];
  const missing = values.find((value) => !value.known);
  const narrowed = scheduling === 'DAEMON' ? whyNarrowed(service, `the instances of daemon ${service.name}`) : undefined;
  const why = missing?.known === false ? missing.why : narrowed;
  const steady = scheduling === 'REPLICA' ? tasksOf(desired, scaling) : { lo: 0, hi: Infinity };
  return [{
    service,
    launch: launch.value,
    // [M17]
    hostGroups: mode.known && mode.value === 'awsvpc' ? inZonesOf(service, launch.value.hostGroups) : launch.value.hostGroups,
    kind: scheduling === 'REPLICA' ? 'replicas' : scheduling === 'DAEMON' && narrowed === undefined ? 'daemon' : 'maybe-daemon',
    uses,
    steady,
    peak: !scaling || scheduling !== 'REPLICA' ? steady : scaling.max.known ? exactly(scaling.max.value) : { lo: steady.lo, hi: Infinity },
    ...why === undefined ? {} : { why },
    assumes: union(launch.assumes, ...values.map((value) => value.known ? value.assumes : [])),
  }];
}

function tasksOf(desired: Value<number>, scaling: Service['scaling']): Range {
  return desired.known ? exactly(desired.value) : {
    lo: scaling?.min.known ? scaling.min.value : 0,
    hi: scaling?.max.known ? scaling.max.value : Infinity,
  };
}

/** Services whose host ports or instances are not known, where these matter. */
function* unknowns({ services }: Facts, members: readonly Member[]): Iterable<Judgement> {
  const taken = new Map<HostGroup, Set<Service>>();
  for (const { service, hostGroups, uses } of members) {
    for (const group of uses.length > 0 ? hostGroups : []) {
      taken.set(group, (taken.get(group) ?? new Set()).add(service));
    }
  }
  for (const service of services) {
    const { launch, desired, scheduling } = service;
    const { uses, why } = hostPortUses(service);
    if (!launch.known) {
      yield* uses.length > 0 ? [notDecidable(service, launch.why)] : [];
      continue;
    }
    if (why === undefined || launch.value.kind !== 'ec2') {
      continue;
    }
    const { hostGroups, complete } = launch.value;
    const surely = [...countsOfGroups([{ launch: launch.value, hostGroups }]).values()].reduce((total, { reach }) => total + reach.lo, 0);
    const wanted = desired.known ? desired.value : scheduling === 'DAEMON' ? 0 : Infinity;
    const isShared = hostGroups.some((group) => [...taken.get(group) ?? []].some((other) => other !== service));
    if (isShared || !complete || wanted > surely) {
      yield notDecidable(service, why);
    }
  }
}

/** A port, and the services that take it. */
interface Point {
  readonly users: readonly Member[];
  readonly text: string;
}

interface Claim {
  readonly member: Member;
  readonly ports: Ports;
}

/** Where the first port of one of the services' ranges is; in between no other services join. */
function* pointsOf(members: readonly Member[]): Iterable<Point> {
  const protocols: readonly TransportProtocol[] = ['tcp', 'udp'];
  for (const protocol of protocols) {
    const claims = members
      .flatMap((member) => member.uses.filter((use) => use.protocol === protocol).map(({ ports }): Claim => ({ member, ports })))
      .sort((a, b) => a.ports.first - b.ports.first);
    let active: Claim[] = [];
    for (let next = 0; next < claims.length;) {
      const { first } = claims[next].ports;
      active = active.filter(({ ports }) => ports.last >= first);
      for (; next < claims.length && claims[next].ports.first === first; next++) {
        active.push(claims[next]);
      }
      yield { users: [...new Set(active.map(({ member }) => member))], text: `${protocol} ${portsText(common(active, first))}` };
    }
  }
}

function common(claims: readonly Claim[], first: number): Ports {
  const last = Math.min(...claims.map(({ ports }) => ports.last));
  const all = { first, last };
  return claims.every(({ ports }) => contains(all, ports)) ? all : { first, last: first };
}

/** What each instance has once. */
interface Single {
  readonly text: string;
  readonly byPort: boolean;
}

/** The instances of a group, and why it is not known how many of them tasks can be placed on. */
interface Counts extends Pick<InstanceCounts, 'reach' | 'cap' | 'why'> {}

/** Only tasks in awsvpc mode, which take no host port, are bound to the zones of their subnets [M17]. */
function countsOf({ members, hostGroups }: Pool<Member>): ReadonlyMap<HostGroup, Counts> {
  const counts = countsOfGroups(members);
  const [{ service }] = members;
  if (!service.awsvpc || (service.mode.known && service.mode.value !== 'awsvpc')) {
    return counts;
  }
  const place = [placesOf([service])];
  return new Map(hostGroups.map((group) => {
    const { reach, cap } = counts.get(group)!;
    const zones = zonesInCommon(group, place);
    const why = whyPartOf(group, zones, `service ${service.name}`);
    return [group, { reach: partInZones(reach, zones), cap: partInZones(cap, zones), ...why === undefined ? {} : { why } }];
  }));
}

function* judged(pool: Pool<Member>, single: Single): Iterable<Judgement> {
  const counts = countsOf(pool);
  const daemons = pool.members.filter(({ kind }) => kind === 'daemon');
  const replicas = pool.members.filter(({ kind }) => kind === 'replicas');
  const takers = new Map<HostGroup, Member>();
  for (const daemon of daemons) {
    for (const group of daemon.hostGroups.filter((one) => counts.get(one)!.cap.hi > 0)) {
      const other = takers.get(group);
      if (other) {
        yield daemonsClash(other, daemon, group, single);
        return;
      }
      takers.set(group, daemon);
    }
  }
  if (replicas.length === 0) {
    yield* pool.members.length > 1 ? open(pool.members) : [];
    return;
  }
  const unitOf = (demands: readonly Demand[], hostGroups: readonly HostGroup[], complete: boolean): Unit => {
    const free = hostGroups.filter((group) => !takers.has(group));
    const total = (of: 'cap' | 'reach') => sum(free.map((group) => counts.get(group)![of]));
    const [cap, reach] = [total('cap'), total('reach')];
    const unbounded = complete ? {} : { hi: Infinity };
    const taken = hostGroups.filter((group) => takers.has(group));
    const why = free.map((group) => counts.get(group)!.why).find((one) => one !== undefined);
    const ends = { cap: { ...cap, ...unbounded }, reach: { ...reach, ...unbounded } };
    return { demands, hostGroups: free, taken, ...ends, ...why === undefined ? {} : { why } };
  };
  const complete = replicas.every(({ launch }) => launch.complete);
  const whole = unitOf(replicas.map((member) => ({ member, steady: member.steady, peak: member.peak })), groupsOf(replicas), complete);
  const parts = whole.hostGroups.length + whole.taken.length > 1 || !complete
    ? [...sharesOf(replicas)].map(([group, demands]) => unitOf(demands, [group], true))
    : [];
  const found = [whole, ...parts].flatMap((unit) => shortageOf(unit) ?? []);
  const worst = found.find(({ severity }) => severity === 'error') ?? found[0];
  if (worst) {
    yield short(worst, takers, single);
  } else if (pool.members.some(({ kind }) => kind === 'maybe-daemon') || wanted(whole, 'peak').hi > whole.reach.lo) {
    yield* open(pool.members, whole);
  } else if (whole.reach.hi > 0 && wanted(whole, 'steady').lo === whole.reach.hi && whole.cap.hi === whole.reach.hi) {
    yield spare(whole, single);
  }
}

function groupsOf(members: readonly Member[]): readonly HostGroup[] {
  return [...new Set(members.flatMap(({ hostGroups }) => hostGroups))];
}

interface Demand {
  readonly member: Member;
  readonly steady: Range;
  readonly peak: Range;
}

/** Tasks that want one of the instances each. */
interface Unit {
  readonly demands: readonly Demand[];
  /** Those without a daemon on the port. */
  readonly hostGroups: readonly HostGroup[];
  readonly taken: readonly HostGroup[];
  readonly cap: Range;
  readonly reach: Range;
  /** Why it may have fewer. */
  readonly why?: string;
}

function sharesOf(replicas: readonly Member[]): ReadonlyMap<HostGroup, readonly Demand[]> {
  const found = new Map<HostGroup, Demand[]>();
  for (const member of replicas) {
    const { launch, hostGroups } = member;
    // Of several groups without a strategy any may get all.
    if (launch.strategy.length < 2 && hostGroups.length > 1) {
      continue;
    }
    const steady = taskShares(launch, hostGroups, member.steady).of;
    const peak = taskShares(launch, hostGroups, member.peak).of;
    for (const [group, share] of steady) {
      const demand = { member, steady: share, peak: peak.get(group)! };
      const those = found.get(group);
      if (those) {
        those.push(demand);
      } else {
        found.set(group, [demand]);
      }
    }
  }
  return found;
}

function wanted({ demands }: Unit, when: 'steady' | 'peak'): Range {
  return sum(demands.map((demand) => demand[when]));
}

interface Short {
  readonly unit: Unit;
  readonly severity: 'error' | 'warning';
  readonly when: 'steady' | 'peak';
}

/** Where there are no instances at all, ports are not what is short. */
function shortageOf(unit: Unit): Short | undefined {
  const [steady, peak] = [wanted(unit, 'steady').lo, wanted(unit, 'peak').lo];
  if (steady > unit.cap.hi) {
    return { unit, severity: 'error', when: 'steady' };
  }
  const exists = unit.reach.hi > 0 || unit.taken.length > 0;
  return exists && steady > unit.reach.hi
    ? { unit, severity: 'warning', when: 'steady' }
    : exists && peak > unit.reach.hi ? { unit, severity: 'warning', when: 'peak' } : undefined;
}

function* open(members: readonly Member[], unit?: Unit): Iterable<Judgement> {
  const incomplete = members.find(({ launch }) => !launch.complete)?.launch.incompleteBecause;
  const sizes = (unit?.hostGroups ?? []).flatMap(({ steadySize, maxSize }) => [steadySize, maxSize]).find((size) => !size.known);
  const unscaled = unit && unit.reach.lo < unit.reach.hi ? 'how far its instances scale is not known: ManagedScaling.Status is not' : undefined;
  const whySizes = sizes?.known === false ? sizes.why : undefined;
  const why = members.find((member) => member.why !== undefined)?.why ?? incomplete ?? whySizes ?? unit?.why ?? unscaled;
  if (why !== undefined) {
    yield notDecidable(largest(members.map((member) => ({ member, steady: member.steady, peak: member.peak }))).service, why);
  }
}

function largest(demands: readonly Demand[]): Member {
  return demands.reduce((most, one) => one.steady.lo > most.steady.lo ? one : most).member;
}

// What it says.

function daemonsClash(one: Member, other: Member, group: HostGroup, { text }: Single): Judgement {
  return problem({
    subject: other.service,
    severity: 'error',
    message: `daemons ${one.service.name} and ${other.service.name} both take ${text} on every instance of ${group.name}`,
    fix: 'another host port for one of them (HostPort, HostPort.tcp)',
    assumes: union(one.assumes, other.assumes, assumptionsOf([group])),
  });
}

function short({ unit, severity, when }: Short, takers: ReadonlyMap<HostGroup, Member>, single: Single): Judgement {
  const { demands, taken, hostGroups } = unit;
  const need = Math.max(wanted(unit, when).lo, wanted(unit, 'peak').lo);
  const daemon = taken.length > 0 ? takers.get(taken[0])!.service.name : undefined;
  return problem({
    subject: largest(demands).service,
    severity,
    message: daemon !== undefined && hostGroups.length === 0
      ? `daemon ${daemon} takes ${single.text} on every instance of ${listed(taken.map(({ name }) => name))}, where ${who(unit, when)} `
        + 'cannot be placed beside it'
      : `${needText(unit, when, single)}; ${hasText(unit, severity)}${daemon === undefined ? '' : `, besides those on which daemon ${daemon} takes it`}`,
    fix: [
      ...daemon === undefined ? [`at least ${need} instances: ${sizesFor(need, unit)}`] : [],
      ...single.byPort ? [...otherPort(unit), ...dynamicPort(demands)] : ['fewer tasks (DesiredCount), or no distinctInstance'],
    ].join('; or '),
    assumes: union(
      ...demands.map(({ member }) => member.assumes), assumptionsOf([...hostGroups, ...taken]), ...portAssumptions(demands, single),
    ),
  });
}

function spare(unit: Unit, single: Single): Judgement {
  return problem({
    subject: largest(unit.demands).service,
    severity: 'info',
    message: `${needText(unit, 'steady', single)}, and ${hasText(unit, 'error')}: none is to spare`,
    fix: [`at least ${unit.reach.hi + 1} instances: ${sizesFor(unit.reach.hi + 1, unit)}`, ...single.byPort ? dynamicPort(unit.demands) : []].join('; or '),
    assumes: union(
      ...unit.demands.map(({ member }) => member.assumes), assumptionsOf(unit.hostGroups), ...portAssumptions(unit.demands, single),
    ),
  });
}

function sizesFor(instances: number, { hostGroups, demands }: Unit): string {
  return sizesToRaise(instances, hostGroups, demands.map(({ member }) => member.launch));
}

/** It helps those only that take the port from each other, and would have room for all their tasks alone. */
function otherPort(unit: Unit): string[] {
  const those = wanting(unit, 'peak');
  const isTaken = unit.taken.length > 0;
  const helps = isTaken || (those.length > 1 && those.every(({ peak }) => peak.lo <= unit.cap.hi));
  return helps ? [`another host port (${hostPortProperty(those.map(({ member }) => member.service))})`] : [];
}

function dynamicPort(demands: readonly Demand[]): string[] {
  return demands.some(({ member: { service: { mode } } }) => mode.known && mode.value === 'bridge')
    ? ['HostPort 0, which is dynamic, behind a load balancer (BridgePort.dynamic)']
    : [];
}

function assumptionsOf(groups: readonly HostGroup[]): readonly string[] {
  return assumesOf(...groups.flatMap(({ steadySize, maxSize }) => [steadySize, maxSize]));
}

function portAssumptions(demands: readonly Demand[], { byPort }: Single): Array<readonly string[]> {
  return demands.flatMap(({ member: { uses, service: { distinctInstance } } }) => byPort
    ? uses.map(({ assumes }) => assumes)
    : [distinctInstance.known ? distinctInstance.assumes : []]);
}

/** Those that want tasks, the largest first. */
function wanting({ demands }: Unit, when: 'steady' | 'peak'): readonly Demand[] {
  return demands.filter((one) => one[when].lo > 0).sort((a, b) => b[when].lo - a[when].lo);
}

function who(unit: Unit, when: 'steady' | 'peak'): string {
  const names = wanting(unit, when).map(({ member }) => member.service.name);
  return names.length === 1 ? `service ${names[0]}` : `services ${listed(names)}`;
}

function needText(unit: Unit, when: 'steady' | 'peak', { text, byPort }: Single): string {
  const those = wanting(unit, when);
  const need = those.reduce((total, one) => total + one[when].lo, 0);
  const parts = those.length > 1 && those.length <= 4 ? ` (${those.map((one) => one[when].lo).join(' + ')})` : '';
  const instances = `${need} instance${need === 1 ? '' : 's'}`;
  return `${who(unit, when)} ${those.length === 1 ? 'needs' : 'need'} ${byPort ? `${text} on ${instances}` : `${instances} (${text})`}${parts}`
    + `${when === 'peak' ? ' at the peak' : ''}`;
}

function hasText({ hostGroups, cap, reach }: Unit, severity: 'error' | 'warning'): string {
  const has = `${listed(hostGroups.map(({ name }) => name))} ${hostGroups.length === 1 ? 'has' : 'have'}`;
  if (cap.hi <= reach.hi || cap.hi === Infinity) {
    return `${has} ${reach.hi}`;
  }
  return severity === 'error' ? `${has} at most ${cap.hi}` : `${has} ${reach.hi}, and nothing makes them the ${cap.hi} that MaxSize allows`;
}
