import { overlaps } from '../../limits/ports';
import { HostGroup, Named, same, SecurityGroup, SecurityGroupRule, Service, To } from '../facts';
import { allListening, Listening } from '../guards';
import { portsText } from '../host-ports';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { chained, known, mapped, some, Unknown, unknown, Value, Verdict } from '../value';

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
      const { securityGroups } = hostGroup;
      if (securityGroups.known) {
        yield* judged(hostGroup, securityGroups.value.flatMap(({ target }) => target ?? []));
      }
    }
  },
};

interface Tenant {
  readonly service: Service;
  readonly listening: readonly Listening[];
  /** The security groups of its load balancers. */
  readonly balancers: ReadonlyArray<To<SecurityGroup>>;
  /** Why it may have other load balancers. */
  readonly why?: string;
  /** The Service Connect namespace whose services are meant to come to it. */
  readonly offeredIn: Value<To<Named> | undefined>;
}

/** A rule that lets the peer of one service to another. */
interface Exposed {
  readonly rule: SecurityGroupRule;
  readonly peer: SecurityGroup;
  readonly victims: readonly Service[];
  /** Whom the rule is for; empty where none of these instances' services has the peer. */
  readonly meant: readonly Service[];
  readonly severity: 'warning' | 'info';
}

function* judged(hostGroup: HostGroup, groups: readonly SecurityGroup[]): Iterable<Judgement> {
  const sharing = hostGroup.services.filter(({ mode }) => mode.known && mode.value !== 'awsvpc' && mode.value !== 'none');
  const guard = { hostGroup, groups: hostGroup.securityGroups };
  const missing: string[] = [];
  const tenants = sharing.map((service): Tenant => {
    const { listening, why } = allListening(service, guard);
    missing.push(...why === undefined ? [] : [why]);
    return { service, listening, ...balancersOf(service), offeredIn: namespaceOf(service, true) };
  });
  const rules = groups.flatMap(({ ingress }) => ingress);
  const exposed: Exposed[] = [];
  const open: string[] = [];
  for (const rule of rules) {
    const found = exposedBy(rule, tenants);
    if (typeof found === 'string') {
      open.push(found);
    } else if (found) {
      exposed.push(found);
    }
  }
  if (exposed.length > 0) {
    yield told(hostGroup, exposed);
  } else if (missing.length > 0 && tenants.length > 1 && rules.some(({ peer }) => peer.kind === 'group')) {
    yield notDecidable(hostGroup, missing[0]);
  } else if (open.length > 0) {
    yield notDecidable(hostGroup, open[0]);
  }
}

/** What a rule exposes; why that cannot be told; or nothing. */
function exposedBy(rule: SecurityGroupRule, tenants: readonly Tenant[]): Exposed | string | undefined {
  const { peer, ports, protocol } = rule;
  if (peer.kind !== 'group' || !peer.group.target || !ports.known || !protocol.known) {
    return undefined;
  }
  const { carriers } = peer.group.target;
  const namespaces = distinct(carriers.services.map((client) => namespaceOf(client, false)));
  const candidates = tenants.map((tenant) => ({ tenant, meant: isMeant(tenant, peer.group, namespaces) }));
  const meant = candidates.filter((one) => one.meant === 'yes').map(({ tenant }) => tenant.service);
  // Nobody here has it: only a load balancer is surely meant for another place, as others have reasons that no template tells.
  if (meant.length === 0 && carriers.loadBalancers.length === 0) {
    return undefined;
  }
  const isOpened = (its: Listening) => (protocol.value === 'all' || protocol.value === its.protocol) && overlaps(its.ports, ports.value);
  const opened = candidates.filter(({ tenant, meant: its }) => its !== 'yes' && tenant.listening.some(isOpened));
  const victims = opened.filter((one) => one.meant === 'no').map(({ tenant }) => tenant.service);
  const unclear = (meant.length === 0 ? candidates : opened).flatMap((one) => typeof one.meant === 'string' ? [] : [one.meant.why]);
  if (victims.length === 0 || (meant.length === 0 && unclear.length > 0)) {
    return opened.length > 0 ? unclear[0] : undefined;
  }
  const open = carriers.loadBalancers.some(({ scheme }) => scheme.known && scheme.value === 'internet-facing');
  const alone = victims.some(({ loadBalancers }) => loadBalancers.known && loadBalancers.value.length === 0);
  return { rule, peer: peer.group.target, victims, meant, severity: open || alone ? 'warning' : 'info' };
}

/** Whether what has a group is to come to a service: as its load balancer, or as a client of Service Connect. */
function isMeant({ balancers, why, offeredIn }: Tenant, group: To<SecurityGroup>, namespaces: ReadonlyArray<Value<To<Named>>>): Verdict {
  return some([
    ...balancers.map((one) => same(one, group)),
    ...why === undefined ? [] : [unknown(why)],
    ...namespaces.map((its) => isSame(its, offeredIn)),
  ]);
}

function isSame(ofClient: Value<To<Named>>, offeredIn: Value<To<Named> | undefined>): Verdict {
  if (offeredIn.known && !offeredIn.value) {
    return 'no';
  }
  if (!ofClient.known || !offeredIn.known) {
    return ofClient.known ? offeredIn as Unknown : ofClient;
  }
  return same(ofClient.value, offeredIn.value!);
}

function balancersOf({ loadBalancers }: Service): Pick<Tenant, 'balancers' | 'why'> {
  if (!loadBalancers.known) {
    return { balancers: [], why: loadBalancers.why };
  }
  const targetGroups = loadBalancers.value.flatMap((entry) => [entry.targetGroup, entry.alternateTargetGroup]);
  const classic = loadBalancers.value.flatMap((entry) => entry.classic ?? []);
  const given = [...targetGroups.flatMap((to) => to?.target?.loadBalancers ?? []), ...classic.flatMap(({ target }) => target ?? [])];
  const groups = given.flatMap(({ securityGroups }) => securityGroups ?? []);
  const missing = [...targetGroups, ...classic].find((to) => to && !to.target);
  return {
    balancers: groups.flatMap((list) => list.known ? list.value : []),
    why: missing ? missing.why ?? `what ${missing.identity} is, is not known` : groups.find((list): list is Unknown => !list.known)?.why,
  };
}

/** The Service Connect namespace that a service is in; with `offering` only if it offers something there. */
function namespaceOf({ serviceConnect }: Service, offering: boolean): Value<To<Named> | undefined> {
  if (!serviceConnect) {
    return known(undefined);
  }
  const { enabled, namespace, services } = serviceConnect;
  const inIt = chained(enabled, (on) => on ? mapped(namespace, (to) => to === 'none' ? undefined : to) : known(undefined));
  return offering ? chained(services, ({ length }) => length > 0 ? inIt : known(undefined)) : inIt;
}

/** Each namespace once, and of those that are not known one. */
function distinct(namespaces: ReadonlyArray<Value<To<Named> | undefined>>): Array<Value<To<Named>>> {
  const named = new Map(namespaces.flatMap((one) => one.known && one.value ? [[one.value.identity, known(one.value)]] : []));
  return [...named.values(), ...namespaces.filter((one): one is Unknown => !one.known).slice(0, 1)];
}

function told(hostGroup: HostGroup, exposed: readonly Exposed[]): Judgement {
  const severity = exposed.some((one) => one.severity === 'warning') ? 'warning' : 'info';
  const [{ rule, peer, victims, meant }] = exposed.filter((one) => one.severity === severity);
  const [loadBalancer] = peer.carriers.loadBalancers;
  const who = loadBalancer ? `load balancer ${loadBalancer.name}` : `group ${peer.name}`;
  const ports = `${rule.protocol.known ? rule.protocol.value : ''} ${rule.ports.known ? portsText(rule.ports.value) : ''}`;
  const others = exposed.length - 1;
  return problem({
    subject: hostGroup,
    severity,
    message: `${who} may reach ${ports} on ${hostGroup.name}, where ${named(victims)} ${victims.length === 1 ? 'listens' : 'listen'}`
      + (meant.length > 0 ? ` beside ${named(meant)}` : `; ${victims.length === 1 ? 'it is' : 'they are'} not behind it, and nothing there is`)
      + (others > 0 ? `; ${others} more rule${others === 1 ? ' opens' : 's open'} one to the peer of another` : ''),
    fix: meant.length > 0
      ? `instances of its own for ${named(meant)} (an Ec2Capacity); or awsvpc mode; or fixed ports (HostPort) with a rule each`
      : `no rule for ${peer.name} on ${hostGroup.name}`,
  });
}

function named(services: readonly Service[]): string {
  const names = services.map(({ name }) => name);
  return names.length <= 3 ? names.join(' and ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}
