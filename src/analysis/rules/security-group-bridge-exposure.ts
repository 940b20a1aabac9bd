import {
  HostGroup, LoadBalancer, Named, Registration, same, SecurityGroup, SecurityGroupRule, Service, ServiceLoadBalancer, To,
} from '../facts';
import { allListening, Listening, openedText } from '../guards';
import { assumptionsOfRule, spanOf, whyHidden } from '../reachability';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { namespaceOf, sameNamespace } from '../service-connect';
import { assumesOf, mapped, some, union, Unknown, unknown, Value, Verdict, verdictOf } from '../value';

const groupId = (group: string) => ({ 'Fn::GetAtt': [group, 'GroupId'] });
const loadBalancer = (group: string, Scheme: string) => ({
  Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Subnets: ['subnet-1', 'subnet-2'], SecurityGroups: [groupId(group)], Scheme },
});
const listener = (to: string, TargetGroupArn: string) => ({
  Type: 'AWS::ElasticLoadBalancingV2::Listener',
  Properties: { LoadBalancerArn: { Ref: to }, Port: 80, Protocol: 'HTTP', DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: TargetGroupArn } }] },
});
const behind = (target: string) => ({
  Type: 'AWS::ECS::Service',
  Properties: {
    Cluster: { Ref: 'Cluster' },
    LaunchType: 'EC2',
    TaskDefinition: { Ref: `${target}Tasks` },
    LoadBalancers: [{ TargetGroupArn: { Ref: `${target}Targets` }, ContainerName: 'app', ContainerPort: 80 }],
  },
});
const tasks = (HostPort: number) => ({
  Type: 'AWS::ECS::TaskDefinition',
  Properties: { NetworkMode: 'bridge', ContainerDefinitions: [{ Name: 'app', Image: 'nginx', Memory: 128, PortMappings: [{ ContainerPort: 80, HostPort }] }] },
});
const TARGETS = { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: { Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' } };
const GROUP = { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'Load balancer', VpcId: 'vpc-1' } };
const fragment = (webPort: number, adminPort: number, first: number, last: number) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Node: {
    Type: 'AWS::EC2::Instance',
    Properties: {
      SecurityGroupIds: [groupId('NodeGroup')],
      UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
    },
  },
  NodeGroup: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupDescription: 'Instances',
      VpcId: 'vpc-1',
      SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: first, ToPort: last, SourceSecurityGroupId: groupId('PublicGroup') }],
    },
  },
  PublicGroup: GROUP,
  Public: loadBalancer('PublicGroup', 'internet-facing'),
  Listener: listener('Public', 'WebTargets'),
  WebTargets: TARGETS,
  WebTasks: tasks(webPort),
  Web: behind('Web'),
  AdminTasks: tasks(adminPort),
  Admin: { Type: 'AWS::ECS::Service', Properties: { Cluster: { Ref: 'Cluster' }, LaunchType: 'EC2', TaskDefinition: { Ref: 'AdminTasks' } } },
});

export const securityGroupBridgeExposure: Rule = {
  id: 'security-group-bridge-exposure',
  family: 'security-groups',
  summary: 'A rule for one service on shared instances opens another one to its peer.',
  why: 'Bridge and host tasks share the instance\'s security group. What lets a public load balancer reach one service on dynamic ports lets it reach every '
    + 'service there: an admin page beside a shop is one wrong target away from the internet.',
  fix: 'Run them on host groups of their own (an Ec2Capacity for each), give them fixed ports with a rule each, or use awsvpc mode, where each task has its own group.',
  acknowledge: 'Where the services are one trust boundary.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-networkmode-bridge.html, '
    + 'awsdocs/amazon-ecs-bestpractices-guide doc_source/networking-networkmode.md [P09]',
  bad: fragment(0, 0, 32768, 60999),
  good: fragment(8080, 9090, 8080, 8080),
  *judge({ hostGroups }) {
    for (const hostGroup of hostGroups) {
      yield* judged(hostGroup);
    }
  },
};

/** The load balancers of a service, or of instances. */
interface Balancers {
  /** Their security groups. */
  readonly balancers: ReadonlyArray<To<SecurityGroup>>;
  /** Why there may be others. */
  readonly why?: string;
}

interface Tenant extends Balancers {
  readonly service: Service;
  readonly listening: readonly Listening[];
  /** The Service Connect namespace whose services are meant to come to it. */
  readonly offeredIn?: Value<To<Named>>;
}

interface SharedInstances {
  readonly hostGroup: HostGroup;
  readonly tenants: readonly Tenant[];
  /** What the instances are registered with themselves. */
  readonly own: Balancers;
}

/** A rule that lets the peer of one service to another. */
interface Exposed {
  readonly rule: SecurityGroupRule;
  readonly peer: To<SecurityGroup>;
  readonly victims: readonly Service[];
  /** Whom the rule is for; empty where none of these instances' services has the peer. */
  readonly meant: readonly Service[];
  readonly severity: 'warning' | 'info';
}

function* judged(hostGroup: HostGroup): Iterable<Judgement> {
  const { securityGroups } = hostGroup;
  const sharing = hostGroup.services.filter(({ mode }) => mode.known && mode.value !== 'awsvpc' && mode.value !== 'none');
  const guard = { hostGroup, groups: securityGroups };
  const missing: string[] = [];
  const tenants = sharing.map((service): Tenant => {
    const { listening, why } = allListening(service, guard);
    missing.push(...why === undefined ? [] : [why]);
    return { service, listening, ...balancersOf(service.loadBalancers), offeredIn: offeredIn(service) };
  });
  const own = balancersOf(hostGroup.registeredWith);
  const groups = securityGroups.known ? securityGroups.value : [];
  const rules = groups.flatMap(({ target }) => target?.ingress ?? []);
  const exposed: Exposed[] = [];
  const open: string[] = [];
  for (const rule of rules) {
    const found = exposedBy(rule, { hostGroup, tenants, own });
    if (typeof found === 'string') {
      open.push(found);
    } else if (found) {
      exposed.push(found);
    }
  }
  // What rules there are besides matters only where they may be for one of several.
  const hidden = securityGroups.known ? groups.map(whyHidden).find((why) => why !== undefined) : securityGroups.why;
  const why = tenants.length > 1 && rules.some(({ peer }) => peer.kind === 'group') ? missing[0] : undefined;
  const undecided = why ?? open[0] ?? (tenants.length > 1 ? hidden : undefined);
  if (exposed.length > 0) {
    yield told(hostGroup, exposed);
  } else if (undecided !== undefined) {
    yield notDecidable(hostGroup, undecided);
  }
}

/** What a rule exposes; why that cannot be told; or nothing. */
function exposedBy(rule: SecurityGroupRule, { hostGroup, tenants, own }: SharedInstances): Exposed | string | undefined {
  const { peer } = rule;
  if (peer.kind !== 'group' && peer.kind !== 'unknown') {
    return undefined;
  }
  const source = peer.kind === 'group' ? peer.group : undefined;
  const balancers = source?.target?.carriers.loadBalancers ?? [];
  const namespaces = source ? clientNamespaces(source, hostGroup) : [];
  const candidates = tenants.map((tenant) => ({
    tenant,
    meant: source ? isMeant(tenant, source, namespaces) : unknown(peer.kind === 'unknown' ? peer.why : ''),
    opened: some(tenant.listening.map((its) => verdictOf(mapped(spanOf(rule, its), (span) => span !== undefined)))),
  }));
  const meant = candidates.filter((one) => one.meant === 'yes').map(({ tenant }) => tenant.service);
  const reached = candidates.filter((one) => one.meant !== 'yes' && one.opened !== 'no');
  // Nobody here has it: only a load balancer is surely meant for another place, as others have reasons that no template tells.
  if (meant.length === 0 && balancers.length === 0 && (candidates.every((one) => one.meant === 'no') || reached.length < 2)) {
    return undefined;
  }
  const victims = reached.filter((one) => one.meant === 'no' && one.opened === 'yes').map(({ tenant }) => tenant.service);
  const unclear = [
    ...(meant.length === 0 ? candidates : reached).map((one) => one.meant), ...reached.map((one) => one.opened),
  ].flatMap((verdict) => typeof verdict === 'string' ? [] : [verdict.why]);
  if (!source || victims.length === 0 || (meant.length === 0 && unclear.length > 0)) {
    return reached.length > 0 ? unclear[0] : undefined;
  }
  // Where instances are registered themselves, the load balancer is for whatever runs there.
  const forInstances = isBalancer(source, own);
  if (forInstances !== 'no') {
    return forInstances === 'yes' ? undefined : forInstances.why;
  }
  const elsewhere = meant.length === 0 ? whyElsewhere(balancers, hostGroup) : undefined;
  if (elsewhere !== undefined) {
    return elsewhere;
  }
  const open = balancers.some(({ scheme }) => scheme.known && scheme.value === 'internet-facing');
  const alone = victims.some(({ loadBalancers }) => loadBalancers.known && loadBalancers.value.length === 0);
  return { rule, peer: source, victims, meant, severity: open || alone ? 'warning' : 'info' };
}

/** Why a service that is not of what is given may be behind load balancers on these instances, where none that is given is. */
function whyElsewhere(balancers: readonly LoadBalancer[], { cluster }: HostGroup): string | undefined {
  const targetGroups = balancers.flatMap(({ listeners }) => listeners).flatMap((listener) => listener.targetGroups);
  // Instances have no part in those that take addresses.
  const idle = targetGroups.flatMap(({ target }) => target ?? [])
    .filter(({ services, targetType }) => services.length === 0 && !(targetType.known && targetType.value !== 'instance'));
  const hidden = targetGroups.find(({ target }) => !target);
  if (hidden || (targetGroups.length > 0 && idle.length === 0)) {
    return hidden?.why;
  }
  if (!cluster.known || !cluster.value.target) {
    return cluster.known ? cluster.value.why : cluster.why;
  }
  const left = idle.find((group) => group.leaves());
  const what = left ? `target group ${left.name}` : cluster.value.target.leaves() ? `cluster ${cluster.value.target.name}` : undefined;
  return what && `services elsewhere may be behind load balancer ${balancers[0].name}, as they may know of ${what}`;
}

/** The Service Connect namespaces of what has a group; not known of an imported one. */
function clientNamespaces({ target, why, identity }: To<SecurityGroup>, hostGroup: HostGroup): Array<Value<To<Named>>> {
  if (!target) {
    return [unknown(why ?? `what ${identity} is, is not known`)];
  }
  // Tasks on the same instances reach each other anyway.
  const others = target.carriers.hostGroups.filter((one) => one !== hostGroup);
  const onInstances = others.flatMap(({ services }) => services).filter(({ mode }) => !mode.known || mode.value === 'bridge');
  return distinct([...target.carriers.services, ...onInstances].flatMap((client) => namespaceOf(client) ?? []));
}

/** Whether what has a group is to come to a service: as its load balancer, or as a client of Service Connect. */
function isMeant(
  { balancers, why, offeredIn: offered }: Tenant, group: To<SecurityGroup>, namespaces: ReadonlyArray<Value<To<Named>>>,
): Verdict {
  return some([
    isBalancer(group, { balancers, why }),
    ...offered ? namespaces.map((its) => isSame(its, offered)) : [],
  ]);
}

/** Whether a group is one of load balancers. */
function isBalancer(group: To<SecurityGroup>, { balancers, why }: Balancers): Verdict {
  return some([...balancers.map((one) => same(one, group)), ...why === undefined ? [] : [unknown(why)]]);
}

function isSame(ofClient: Value<To<Named>>, offered: Value<To<Named>>): Verdict {
  if (ofClient.known && offered.known) {
    return sameNamespace(ofClient.value, offered.value);
  }
  return ofClient.known ? offered as Unknown : ofClient as Unknown;
}

function balancersOf(registrations: Value<ReadonlyArray<Registration & Pick<ServiceLoadBalancer, 'alternateTargetGroup'>>>): Balancers {
  if (!registrations.known) {
    return { balancers: [], why: registrations.why };
  }
  const targetGroups = registrations.value.flatMap((entry) => [entry.targetGroup, entry.alternateTargetGroup]);
  const classic = registrations.value.flatMap((entry) => entry.classic ?? []);
  const given = [...targetGroups.flatMap((to) => to?.target?.loadBalancers ?? []), ...classic.flatMap(({ target }) => target ?? [])];
  const groups = given.flatMap(({ securityGroups }) => securityGroups ?? []);
  const missing = [...targetGroups, ...classic].find((to) => to && !to.target);
  const unseen = targetGroups.map((to) => to?.target?.unseen).find((why) => why !== undefined);
  return {
    balancers: groups.flatMap((list) => list.known ? list.value : []),
    why: missing ? missing.why ?? `what ${missing.identity} is, is not known` : unseen ?? groups.find((list): list is Unknown => !list.known)?.why,
  };
}

/** The Service Connect namespace in which a service offers something, or may. */
function offeredIn(service: Service): Value<To<Named>> | undefined {
  const services = service.serviceConnect?.services;
  if (!services || (services.known && services.value.length === 0)) {
    return undefined;
  }
  const namespace = namespaceOf(service);
  return services.known || !namespace ? namespace : services;
}

/** Each namespace once, and of those that are not known one. */
function distinct(namespaces: ReadonlyArray<Value<To<Named>>>): Array<Value<To<Named>>> {
  const named = new Map(namespaces.flatMap((one) => one.known ? [[one.value.identity, one]] : []));
  return [...named.values(), ...namespaces.filter((one) => !one.known).slice(0, 1)];
}

function told(hostGroup: HostGroup, exposed: readonly Exposed[]): Judgement {
  const severity = exposed.some((one) => one.severity === 'warning') ? 'warning' : 'info';
  const [{ rule, peer, victims, meant }] = exposed.filter((one) => one.severity === severity);
  const name = peer.target?.name ?? peer.literal ?? peer.identity;
  const [loadBalancer] = peer.target?.carriers.loadBalancers ?? [];
  const who = loadBalancer ? `load balancer ${loadBalancer.name}` : `group ${name}`;
  const others = exposed.length - 1;
  return problem({
    subject: hostGroup,
    severity,
    message: `${who} may reach ${openedText(rule)} on ${hostGroup.name}, where ${named(victims)} ${victims.length === 1 ? 'listens' : 'listen'}`
      + (meant.length > 0 ? ` beside ${named(meant)}` : `; ${victims.length === 1 ? 'it is' : 'they are'} not behind it, and nothing there is`)
      + (others > 0 ? `; ${others} more rule${others === 1 ? ' opens' : 's open'} one to the peer of another` : ''),
    fix: meant.length > 0
      ? `instances of its own for ${named(meant)} (an Ec2Capacity); or awsvpc mode; or fixed ports (HostPort) with a rule each`
      : `no rule for ${name} on ${hostGroup.name}`,
    assumes: union(assumesOf(hostGroup.cluster, ...[...victims, ...meant].map(({ mode }) => mode)), assumptionsOfRule(rule)),
  });
}

function named(services: readonly Service[]): string {
  const names = services.map(({ name }) => name);
  return names.length <= 3 ? names.join(' and ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}
