import { overlaps } from '../../limits/ports';
import type { HostGroup, LoadBalancer, SecurityGroup, SecurityGroupRule, Service } from '../facts';
import { allListening, Listening } from '../guards';
import { portsText } from '../host-ports';
import { Judgement, notDecidable, problem, Rule } from '../rule';

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
  /** The security groups of its load balancers, by identity. */
  readonly balancers: ReadonlySet<string>;
  /** The Service Connect namespace whose services are meant to come to it. */
  readonly offeredIn?: string;
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
    return { service, listening, balancers: balancersOf(service), offeredIn: namespaceOf(service, true) };
  });
  const rules = groups.flatMap(({ ingress }) => ingress);
  const exposed = rules.flatMap((rule) => exposedBy(rule, tenants) ?? []);
  if (exposed.length > 0) {
    yield told(hostGroup, exposed);
  } else if (missing.length > 0 && tenants.length > 1 && rules.some(({ peer }) => peer.kind === 'group')) {
    yield notDecidable(hostGroup, missing[0]);
  }
}

function exposedBy(rule: SecurityGroupRule, tenants: readonly Tenant[]): Exposed | undefined {
  const { peer, ports, protocol } = rule;
  if (peer.kind !== 'group' || !peer.group.target || !ports.known || !protocol.known) {
    return undefined;
  }
  const { identity, target } = peer.group;
  const namespaces = new Set(target.carriers.services.map((client) => namespaceOf(client, false)));
  const isMeant = ({ balancers, offeredIn }: Tenant) => balancers.has(identity) || (offeredIn !== undefined && namespaces.has(offeredIn));
  const meant = tenants.filter(isMeant).map(({ service }) => service);
  // Nobody here has it: only a load balancer is surely meant for another place, as others have reasons that no template tells.
  if (meant.length === 0 && target.carriers.loadBalancers.length === 0) {
    return undefined;
  }
  const isOpened = (its: Listening) => (protocol.value === 'all' || protocol.value === its.protocol) && overlaps(its.ports, ports.value);
  const victims = tenants.filter((tenant) => !isMeant(tenant) && tenant.listening.some(isOpened)).map(({ service }) => service);
  if (victims.length === 0) {
    return undefined;
  }
  const open = target.carriers.loadBalancers.some(({ scheme }) => scheme.known && scheme.value === 'internet-facing');
  const alone = victims.some(({ loadBalancers }) => loadBalancers.known && loadBalancers.value.length === 0);
  return { rule, peer: target, victims, meant, severity: open || alone ? 'warning' : 'info' };
}

function balancersOf({ loadBalancers }: Service): Set<string> {
  const balancers = (loadBalancers.known ? loadBalancers.value : []).flatMap((entry): LoadBalancer[] => [
    ...[entry.targetGroup, entry.alternateTargetGroup].flatMap((to) => to?.target?.loadBalancers ?? []),
    ...entry.classic?.target ? [entry.classic.target] : [],
  ]);
  return new Set(balancers.flatMap(({ securityGroups: groups }) => groups?.known ? groups.value.map(({ identity }) => identity) : []));
}

/** The Service Connect namespace that a service is in; with `offering` only if it offers something there. */
function namespaceOf({ serviceConnect }: Service, offering: boolean): string | undefined {
  const { enabled, namespace, services } = serviceConnect ?? {};
  if (!enabled?.known || !enabled.value || !namespace?.known || namespace.value === 'none') {
    return undefined;
  }
  return !offering || (services?.known && services.value.length > 0) ? namespace.value.identity : undefined;
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
