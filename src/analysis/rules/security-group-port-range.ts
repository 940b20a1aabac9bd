import type { Ports, TransportProtocol } from '../../limits/ports';
import { isBottlerocket, isGiven, SecurityGroup, SecurityGroupRule, Service, Subject } from '../facts';
import { allListening, groupTitle, Guard, guardsOfAll, Listening, openedText } from '../guards';
import { portsText } from '../host-ports';
import { Judgement, notDecidable, problem, Rule, Severity } from '../rule';
import { namespaceOf } from '../service-connect';
import { proxyOf } from '../service-connect-paths';
import { mapped, union, unknown, Unknown, Value } from '../value';
import { rulesTooSmall } from './load-balancer-paths';

const fragment = (FromPort: number, ToPort: number) => ({
  TaskGroup: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: { GroupDescription: 'Tasks', VpcId: 'vpc-1', SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort, ToPort, CidrIp: '10.0.0.0/16' }] },
  },
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode: 'awsvpc', Cpu: '256', Memory: '512', ContainerDefinitions: [{ Name: 'app', Image: 'nginx', PortMappings: [{ ContainerPort: 8080 }] }] },
  },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'FARGATE',
      TaskDefinition: { Ref: 'Tasks' },
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'], SecurityGroups: [{ 'Fn::GetAtt': ['TaskGroup', 'GroupId'] }] } },
    },
  },
});

/** As many ports beyond those in use are let pass: a rule for a range of container ports need not be one port exactly. */
const TOLERATED = 1024;

/** A rule with as many ports is for all of them, whatever the services behind it have. */
const ALMOST_ALL = 60_000;

export const securityGroupPortRange: Rule = {
  id: 'security-group-port-range',
  family: 'security-groups',
  summary: 'A rule opens many more ports than the services behind it have.',
  why: 'Whatever else listens there, now or later, is open as well: a debugger, a metrics port, another service on the same instance.',
  fix: 'Open the ports that are used. For dynamic host ports set ECS_DYNAMIC_HOST_PORT_RANGE in the user data and open just that: `dynamicPorts` of Ec2Capacity makes '
    + 'both from one value.',
  acknowledge: 'Where the rule is for more than the services of the template.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html [P01, P02, P09], '
    + 'https://github.com/aws/amazon-ecs-agent/blob/v1.105.0/README.md [P04]',
  bad: fragment(0, 65535),
  good: fragment(8080, 8080),
  *judge({ securityGroups }) {
    for (const group of securityGroups) {
      const { services, hostGroups, loadBalancers } = group.carriers;
      if (services.length + hostGroups.length > 0) {
        yield* ofServices(group);
      } else if (loadBalancers.length > 0) {
        yield* ofLoadBalancers(group);
      }
    }
  },
};

interface Needed {
  readonly listening: readonly Listening[];
  /** The same by their first ports. */
  readonly byPort: readonly Listening[];
  readonly services: readonly Service[];
  /** Whether a literal range of dynamic ports is set, so that a rule can be just that. */
  readonly range?: Ports;
  /** Whether there is a setting for that on all of the instances. */
  readonly canBeSet: boolean;
  readonly why?: string;
  readonly assumes: readonly string[];
}

function* ofServices(group: SecurityGroup): Iterable<Judgement> {
  const needed = neededBehind(group);
  const wide = group.ingress.flatMap((rule) => {
    const excess = excessOf(rule, needed);
    return excess === undefined || isTooSmall(rule, needed) ? [] : [{ rule, excess, severity: severityOf(rule) }];
  });
  const [worst] = [...wide].sort((a, b) => Number(b.severity === 'warning') - Number(a.severity === 'warning') || b.excess - a.excess);
  const subject: Subject | undefined = isGiven(group) && !group.isDefault ? group : worst && { ...group, resource: worst.rule.resource };
  if (worst && subject) {
    const others = wide.length - 1;
    yield problem({
      subject,
      severity: worst.severity,
      message: `${groupTitle(group)} lets ${sourceText(worst.rule)} reach ${openedText(worst.rule)}; ${listensText(needed)}`
        + (others > 0 ? `; ${others} more rule${others === 1 ? ' is' : 's are'} as wide` : ''),
      // No template takes from a default group the rule that it comes with.
      fix: group.isDefault && worst.rule.resource === group.resource ? `a security group of its own, with ${fixOf(needed)}` : fixOf(needed),
      assumes: union(needed.assumes, worst.rule.ports.known ? worst.rule.ports.assumes : []),
    });
  } else if (subject && needed.why !== undefined && group.ingress.some((rule) => countOf(rule) > TOLERATED && !isTooSmall(rule, needed))) {
    yield notDecidable(subject, needed.why);
  }
}

/** What the services behind a group have open there, health checks and proxies included. */
function neededBehind({ carriers }: SecurityGroup): Needed {
  const onInstances = carriers.hostGroups.flatMap(({ services }) => services.filter(({ mode }) => !(mode.known && mode.value === 'awsvpc')));
  const services = [...new Set([...carriers.services, ...onInstances])];
  const listening: Listening[] = [];
  const missing: string[] = carriers.hostGroups.flatMap(({ cluster }) => cluster.known
    ? cluster.value.target ? [] : [`which services run in cluster ${cluster.value.literal ?? cluster.value.identity} is not known: ${cluster.value.why}`]
    : [cluster.why]);
  let range: Ports | undefined;
  for (const service of services) {
    const { guards, why } = guardsOfAll(service);
    for (const guard of guards) {
      if (guard.hostGroup ? !carriers.hostGroups.includes(guard.hostGroup) : !carriers.services.includes(service)) {
        continue;
      }
      const its = allListening(service, guard);
      const others = [...healthChecks(service), ...proxies(service, guard)];
      listening.push(...its.listening, ...others.flatMap((one) => one.known ? one.value ?? [] : []));
      missing.push(...its.why === undefined ? [] : [its.why], ...others.flatMap((one) => one.known ? [] : one.why));
      const set = guard.hostGroup?.userData.agentSetting('ECS_DYNAMIC_HOST_PORT_RANGE');
      range ??= set?.known ? its.listening.find(({ dynamic }) => dynamic)?.ports : undefined;
    }
    missing.push(...guards.length === 0 && why !== undefined ? [why] : []);
  }
  const assumes = union(...services.map(({ mode }) => mode.known ? mode.assumes : []));
  const byPort = [...listening].sort((a, b) => a.ports.first - b.ports.first);
  return { listening, byPort, services, range, canBeSet: !carriers.hostGroups.some(isBottlerocket), why: missing[0], assumes };
}

/** The ports of health checks that are ports of their own. */
function healthChecks({ loadBalancers }: Service): Array<Value<Listening | undefined>> {
  if (!loadBalancers.known) {
    return [loadBalancers];
  }
  const groups = loadBalancers.value.flatMap((entry) => [entry.targetGroup, entry.alternateTargetGroup]);
  return groups.flatMap((to) => to
    ? to.target ? mapped(to.target.healthCheckPort, checkedAt) : unknown(to.why ?? `what ${to.identity} is, is not known`)
    : []);
}

/** None for `traffic-port`. */
function checkedAt(written: string): Listening | undefined {
  const port = Number(written);
  return Number.isInteger(port) ? { protocol: 'tcp', ports: { first: port, last: port }, dynamic: false } : undefined;
}

function proxies(service: Service, guard: Guard): Array<Value<Listening | undefined>> {
  const namespace = namespaceOf(service);
  const offers = service.serviceConnect?.services;
  if (!namespace || !offers) {
    return [];
  }
  // Where Service Connect may be off, so may be what it listens on.
  const isOn = service.serviceConnect!.enabled;
  return isOn.known && offers.known
    ? offers.value.map((offer) => proxyOf(service, offer, guard))
    : [isOn.known ? offers as Unknown : isOn];
}

/** How many ports of a rule nothing needs; `undefined` where that is tolerable, or not known. */
function excessOf(rule: SecurityGroupRule, needed: Needed): number | undefined {
  const { protocol, ports } = rule;
  if (!protocol.known || !ports.known || !['all', 'tcp', 'udp'].includes(protocol.value)) {
    return undefined;
  }
  if (protocol.value === 'all') {
    return 2 * 65_536;
  }
  if (needed.why !== undefined) {
    return countOf(rule) >= ALMOST_ALL ? countOf(rule) : undefined;
  }
  const used = countIn(ports.value, needed.byPort.filter((one) => one.protocol === protocol.value as TransportProtocol));
  const excess = countOf(rule) - used;
  const { range } = needed;
  const beyondRange = range !== undefined && ports.value.first <= range.first && range.last <= ports.value.last && excess > 0;
  return excess > TOLERATED || beyondRange ? excess : undefined;
}

/** One that is too small for a load balancer is told of once, by security-group-missing-path, whatever it opens beyond. */
function isTooSmall(rule: SecurityGroupRule, { services }: Needed): boolean {
  return services.some((service) => rulesTooSmall(service).has(rule));
}

function countOf({ ports }: SecurityGroupRule): number {
  return ports.known ? ports.value.last - ports.value.first + 1 : 0;
}

/** How many ports of a span are among some others, which are sorted. */
function countIn(span: Ports, listening: readonly Listening[]): number {
  let next = span.first;
  let count = 0;
  for (const { ports } of listening) {
    const first = Math.max(next, ports.first);
    const last = Math.min(span.last, ports.last);
    if (first <= last) {
      count += last - first + 1;
      next = last + 1;
    }
  }
  return count;
}

/** A rule for the group of one load balancer or service is narrow in who it lets in, if not in where. */
function severityOf({ peer }: SecurityGroupRule): Severity {
  const target = peer.kind === 'group' ? peer.group.target : undefined;
  if (!target || target.imported) {
    return peer.kind === 'group' && !target ? 'info' : 'warning';
  }
  const { services, hostGroups, loadBalancers, endpoints, others } = target.carriers;
  return services.length + hostGroups.length + loadBalancers.length + endpoints.length + others.length > 1 ? 'warning' : 'info';
}

/** A load balancer answers on its listeners only, so that there only a rule for everything is worth a word. */
function* ofLoadBalancers(group: SecurityGroup): Iterable<Judgement> {
  const everything = group.ingress.find(({ protocol }) => protocol.known && protocol.value === 'all');
  if (everything && isGiven(group) && !group.isDefault) {
    const [loadBalancer] = group.carriers.loadBalancers;
    const ports = loadBalancer.listeners.flatMap(({ port }) => port.known ? [port.value] : []);
    yield problem({
      subject: group,
      severity: 'info',
      message: `group ${group.name} lets ${sourceText(everything)} reach all ports of all protocols; load balancer ${loadBalancer.name} listens on ${ports.join(', ') || 'none'}`,
      fix: 'a rule for each port that it listens on',
    });
  }
}

function sourceText({ peer }: SecurityGroupRule): string {
  switch (peer.kind) {
    case 'cidr':
    case 'cidr-ipv6':
      return peer.cidr.known ? peer.cidr.value : 'a block that is known only at deployment';
    case 'group':
      return groupTitle({ name: peer.group.target?.name ?? peer.group.literal ?? 'a group that is not known' });
    case 'prefix-list':
      return 'a prefix list';
    case 'unknown':
      return 'somebody';
  }
}

function listensText({ services, listening, why }: Needed): string {
  const [first] = services;
  const spans = spansOf(listening);
  const who = services.length === 1 ? `service ${first.name}` : `its ${services.length} services`;
  if (services.length === 0) {
    return why === undefined ? 'no service is behind it' : 'which services are behind it is not known';
  }
  const verb = services.length === 1 ? 'listens' : 'listen';
  return why !== undefined ? `not all of what ${who} ${verb} on is known` : `${who} ${verb} on ${spans.length > 0 ? `${spans.join(', ')} only` : 'nothing'}`;
}

function spansOf(listening: readonly Listening[]): string[] {
  const names = listening.map(({ protocol, ports }) => `${protocol} ${portsText(ports)}`);
  const unique = [...new Set(names)];
  return unique.length <= 6 ? unique : [...unique.slice(0, 5), `${unique.length - 5} more`];
}

function fixOf({ listening, range, canBeSet, why }: Needed): string {
  const spans = spansOf(listening);
  const dynamic = range === undefined && canBeSet && listening.some((one) => one.dynamic);
  const exact = why !== undefined ? 'rules for the ports that are used' : spans.length === 0 ? 'no rule, as nothing listens there' : `a rule for ${spans.join(', ')}`;
  return dynamic ? `${exact}; or a range of their own such as ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999 (dynamicPorts), and a rule for just that` : exact;
}
