import { shareOfAll } from '../../limits/cidr';
import { AccountSettings, isGiven, LoadBalancer, PrefixListPeer, SecurityGroup, SecurityGroupRule, Service, ServiceLoadBalancer, Subject, TargetGroup } from '../facts';
import { groupTitle, guardsOf, Listening, listeningOn, openedText } from '../guards';
import { Exposure, exposureOfInstances, exposureOfTasks } from '../internet';
import { overIpv6Alone } from '../ipv6-alone';
import { loadBalancerAsSender, transportsOf } from '../peers';
import { assumptionsOfRule, everywhereBy, isEverywhere, spanOf } from '../reachability';
import { Judgement, notDecidable, problem, Rule, Severity } from '../rule';
import { assumesOf, union, Unknown } from '../value';
import { mappingsAt } from './container-ports';

const fragment = (CidrIp: string) => ({
  Group: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: { GroupDescription: 'Tasks', VpcId: 'vpc-1', SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, CidrIp }] },
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
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'], SecurityGroups: [{ 'Fn::GetAtt': ['Group', 'GroupId'] }] } },
    },
  },
});

export const securityGroupOpenToWorld: Rule = {
  id: 'security-group-open-to-world',
  family: 'security-groups',
  summary: 'A group of tasks or instances lets everybody in.',
  why: 'What is meant for a load balancer is open to all who have a route: past the load balancer, its rules, its certificates and its logs. On instances it is '
    + 'open on every service that shares them.',
  fix: 'Take the load balancer\'s security group as the source, or the VPC\'s block, and the one port that is needed. Our services write such rules for the listeners '
    + 'they are given to, and no others.',
  acknowledge: 'Where the tasks are meant to be reached by everybody directly.',
  source: 'https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html, '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-network.html. A Network Load Balancer without groups that keeps client addresses needs such '
    + 'rules: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html',
  bad: fragment('0.0.0.0/0'),
  good: fragment('10.0.0.0/16'),
  *judge({ securityGroups, accountSettings }) {
    for (const group of securityGroups) {
      if (group.carriers.services.length + group.carriers.hostGroups.length > 0) {
        yield* judged(group, accountSettings);
      }
    }
  },
};

const EVERYBODY = ['0.0.0.0/0', '::/0'] as const;

/** A rule that lets everybody of a family in. */
interface Open {
  readonly rule: SecurityGroupRule;
  readonly source: typeof EVERYBODY[number];
  readonly assumes: readonly string[];
}

function* judged(group: SecurityGroup, settings: AccountSettings): Iterable<Judgement> {
  const { carriers } = group;
  const exposures = [...carriers.services.map((one) => exposureOfTasks(one, settings)), ...carriers.hostGroups.map(exposureOfInstances)];
  const services = servicesBehind(group);
  // What is reached over IPv6 alone is another rule's.
  const told = services.flatMap((service) => toldElsewhere(service, group, settings));
  const open = openIn(group.ingress).filter(({ source, rule }) => !(source === '::/0' && told.some((its) => isOpenedBy(rule, its))));
  // A default group is no resource of its own, and an imported one none of what is given: its rules are.
  const own = isGiven(group) && !group.isDefault ? group : undefined;
  const subject: Subject | undefined = own ?? (open[0] && { ...group, resource: open[0].rule.resource });
  if (!subject) {
    return;
  }
  if (open.length === 0) {
    const missing = group.ingress.map(({ peer }) => isEverywhere(peer)).find((one): one is Unknown => !one.known);
    if (missing) {
      yield notDecidable(subject, missing.why);
    }
    return;
  }
  const severities = open.map(({ rule }) => severityOf(rule, services));
  const severity = severities.includes('warning') ? 'warning' : 'info';
  const shown = open.filter((_, index) => severities[index] === severity);
  yield problem({
    subject,
    severity,
    message: `${groupTitle(group)} lets ${[...new Set(shown.map(({ source }) => source))].join(' and ')} reach `
      + `${[...new Set(shown.map(({ rule }) => openedText(rule)))].join(', ')} of ${whoText(group, services)}, ${fromWhere(exposures, shown)}`,
    fix: fixOf(group, services, shown),
    assumes: union(...shown.map(({ assumes }) => assumes)),
  });
}

function openIn(rules: readonly SecurityGroupRule[]): Open[] {
  return rules.flatMap((rule): Open[] => {
    if (rule.peer.kind === 'prefix-list') {
      return openByList(rule, rule.peer);
    }
    const parts = everywhereBy(rule, rules);
    return parts.length > 0 ? [{ rule, source: rule.peer.kind === 'cidr-ipv6' ? '::/0' : '0.0.0.0/0', assumes: union(...parts.map(assumptionsOfRule)) }] : [];
  });
}

/** By which entries of a prefix list everybody gets in. Of lists that are not of what is given these are not known. */
function openByList(rule: SecurityGroupRule, { entries }: PrefixListPeer): Open[] {
  const blocks = entries.known ? entries.value : [];
  return EVERYBODY.filter((source) => holdAll(blocks.filter((block) => block.includes(':') === source.includes(':'))))
    .map((source) => ({ rule, source, assumes: union(assumesOf(entries), assumptionsOfRule(rule)) }));
}

/** Whether some blocks are all addresses of their family: one is, or two halves are. */
function holdAll(blocks: readonly string[]): boolean {
  const shares = new Set(blocks.map(shareOfAll));
  return shares.has('all') || (shares.has('lower half') && shares.has('upper half'));
}

/** On what dual-stack-inbound tells that a service is reached behind a group. */
function toldElsewhere(service: Service, group: SecurityGroup, settings: AccountSettings): readonly Listening[] {
  return guardsOf(service).guards
    .filter(({ groups }) => groups.known && groups.value.some(({ target }) => target === group))
    .flatMap((guard) => overIpv6Alone(service, guard, settings).reached);
}

function isOpenedBy(rule: SecurityGroupRule, its: Listening): boolean {
  const span = spanOf(rule, its);
  return span.known && span.value !== undefined;
}

/** Those whose tasks are reached where the group lets in. */
function servicesBehind({ carriers }: SecurityGroup): Service[] {
  const onInstances = carriers.hostGroups.flatMap(({ services }) => services)
    .filter(({ mode }) => !mode.known || mode.value === 'bridge' || mode.value === 'host' || mode.value === 'default');
  return [...new Set([...carriers.services, ...onInstances])];
}

function severityOf(rule: SecurityGroupRule, services: readonly Service[]): Severity {
  const isIcmp = rule.protocol.known && /^icmp/.test(rule.protocol.value);
  return isIcmp || services.some((service) => openedFor(service, rule).length > 0) ? 'info' : 'warning';
}

/** The Network Load Balancers for whose clients a rule opens what is needed: they pass the addresses on and have no groups to tell by. */
function openedFor(service: Service, { protocol, ports }: SecurityGroupRule): LoadBalancer[] {
  const entries = service.loadBalancers.known ? service.loadBalancers.value : [];
  return entries.flatMap((entry) => {
    const target = entry.targetGroup?.target;
    const transports = target?.protocol.known ? transportsOf(target.protocol.value) : [];
    const isNeeded = protocol.known && ports.known && registeredPorts(service, entry).some((its) => its.protocol === protocol.value
      && transports.includes(its.protocol) && its.ports.first === ports.value.first && its.ports.last === ports.value.last);
    return isNeeded ? target!.loadBalancers.filter((loadBalancer) => passesClients(loadBalancer, target!)) : [];
  });
}

/** What a load balancer sends to, as far as it is known, at any of the service's guards. */
function registeredPorts(service: Service, { containerName, containerPort }: ServiceLoadBalancer): Listening[] {
  const found = containerName && containerPort && mappingsAt(service, containerName, containerPort);
  const mappings = found?.known && 'mappings' in found.value ? found.value.mappings : [];
  return guardsOf(service).guards.flatMap((guard) => mappings.map((mapping) => listeningOn(service, mapping, guard)))
    .flatMap((one) => one.known ? [one.value] : []);
}

function passesClients(loadBalancer: LoadBalancer, targetGroup: TargetGroup): boolean {
  const sender = loadBalancerAsSender(loadBalancer, targetGroup);
  return !loadBalancer.securityGroups && sender.known && sender.value.keepsClients;
}

function whoText({ carriers }: SecurityGroup, services: readonly Service[]): string {
  if (carriers.hostGroups.length > 0) {
    return services.length === 1 ? `service ${services[0].name} on its instances` : `${services.length} services on its instances`;
  }
  return services.length === 1 ? `service ${services[0].name}` : `${services.length} services`;
}

function fromWhere(exposures: readonly Exposure[], shown: readonly Open[]): string {
  const families = new Set(shown.map(({ source }) => source === '::/0' ? 'ipv6' as const : 'ipv4' as const));
  return exposures.some((exposure) => [...families].some((family) => exposure[family] === 'yes'))
    ? 'from the internet'
    : 'from every network that is routed to the VPC';
}

function fixOf({ name, carriers }: SecurityGroup, services: readonly Service[], shown: readonly Open[]): string {
  // The clients of a load balancer that has the same group would be shut out as well.
  const whose = [...carriers.hostGroups.length > 0 ? ['instances'] : [], ...carriers.services.length > 0 ? ['tasks'] : []].join(' and ');
  const first = carriers.loadBalancers.length > 0
    ? `first a group of their own for the ${whose}, as load balancer ${carriers.loadBalancers[0].name} has ${name}, too; there ` : '';
  const [passing] = shown.flatMap(({ rule }) => services.flatMap((service) => openedFor(service, rule)));
  return first + (passing
    ? `the blocks of the clients, where they are known, and of the subnets of ${passing.name}, in place of everybody: `
      + 'it has no groups and passes the addresses of its clients on'
    : `${sourceOf(services)}, or the block of the VPC, in place of everybody; and the ports that are needed`);
}

function sourceOf(services: readonly Service[]): string {
  const groups = services.flatMap(({ loadBalancers }) => loadBalancers.known ? loadBalancers.value : [])
    .flatMap(({ targetGroup, classic }) => [...targetGroup?.target?.loadBalancers ?? [], ...classic?.target ? [classic.target] : []])
    .flatMap(({ securityGroups }) => securityGroups?.known ? securityGroups.value : [])
    .flatMap(({ target }) => target?.name ?? []);
  return groups.length > 0 ? `SourceSecurityGroupId of ${[...new Set(groups)].join(' or ')}` : 'SourceSecurityGroupId of who calls it';
}
