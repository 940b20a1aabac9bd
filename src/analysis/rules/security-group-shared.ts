import { Cluster, Facts, HostGroup, isGiven, SecurityGroup, SecurityGroupRule, Service, Subject, To } from '../facts';
import { allListening, groupTitle, openedText } from '../guards';
import { portsText } from '../host-ports';
import { Judgement, problem, Rule } from '../rule';

const service = (group: string, taskDefinition: string) => ({
  Type: 'AWS::ECS::Service',
  Properties: {
    Cluster: { Ref: 'Cluster' },
    LaunchType: 'FARGATE',
    TaskDefinition: { Ref: taskDefinition },
    NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'], SecurityGroups: [{ 'Fn::GetAtt': [group, 'GroupId'] }] } },
  },
});
const tasks = (PortMappings: object[]) => ({
  Type: 'AWS::ECS::TaskDefinition',
  Properties: { NetworkMode: 'awsvpc', Cpu: '256', Memory: '512', ContainerDefinitions: [{ Name: 'app', Image: 'nginx', PortMappings }] },
});
const fragment = (groupOfJobs: string) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  App: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupDescription: 'App', VpcId: 'vpc-1', SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, CidrIp: '10.0.0.0/16' }],
    },
  },
  Work: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'Jobs', VpcId: 'vpc-1' } },
  ApiTasks: tasks([{ ContainerPort: 8080 }]),
  JobTasks: tasks([]),
  Api: service('App', 'ApiTasks'),
  Jobs: service(groupOfJobs, 'JobTasks'),
});

export const securityGroupShared: Rule = {
  id: 'security-group-shared',
  family: 'security-groups',
  summary: 'Services that need different rules share a security group.',
  why: 'A rule for one of them is a rule for all, and where a group admits itself each reaches on the others what that rule opens, up to every port: '
    + 'nothing that one service has open there can be kept from the next.',
  fix: 'Give each service a group of its own, and write rules by source group. AwsvpcService makes one for each service unless it is given others.',
  acknowledge: 'Where the services are one trust boundary.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-network.html, '
    + 'https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html [M13]',
  bad: fragment('App'),
  good: fragment('Work'),
  *judge(facts) {
    for (const shared of sharedByServices(facts)) {
      yield* betweenServices(shared);
    }
    for (const group of facts.securityGroups) {
      yield* withLoadBalancers(group);
      yield* acrossClusters(group);
    }
  },
};

interface Shared {
  readonly services: readonly Service[];
  readonly name: string;
  /** Absent for a list of groups that is known only at deployment. */
  readonly group?: SecurityGroup;
}

/** The groups of two services or more; whole lists that are the same expression, where their members are not known. */
function sharedByServices({ services }: Facts): Shared[] {
  const users = new Map<string, { readonly services: Service[]; readonly name: string; readonly group?: SecurityGroup }>();
  const add = (key: string, service: Service, name: string, group?: SecurityGroup) => {
    const entry = users.get(key);
    if (entry) {
      entry.services.push(service);
    } else {
      users.set(key, { services: [service], name, group });
    }
  };
  for (const one of services) {
    const groups = one.mode.known && one.mode.value === 'awsvpc' ? one.awsvpc?.securityGroups : undefined;
    for (const to of groups?.known ? groups.value : []) {
      add(to.identity, one, nameOf(to), to.target);
    }
    if (groups && !groups.known && groups.identity !== undefined) {
      add(`list ${groups.identity}`, one, 'a list of groups that is known only at deployment');
    }
  }
  return [...users.values()].filter((entry) => entry.services.length > 1);
}

function* betweenServices({ services, name, group }: Shared): Iterable<Judgement> {
  if (group && admitsNobody(group)) {
    return;
  }
  const subject: Subject = group && isGiven(group) && !group.isDefault ? group : services[0];
  const all = `${name} guards ${services.length} services (${listed(services)})`;
  const fix = `a security group for each of them, and ${services.length} rules by source group in place of one`;
  const own = group ? rulesForItself(group) : [];
  if (own.length > 0) {
    yield problem({ subject, severity: 'warning', message: `${all} and admits itself: each reaches ${openedBy(own)} of the others`, fix });
    return;
  }
  const partial = group && partialRule(group, services);
  yield partial
    ? problem({ subject, severity: 'warning', message: `${all}: the rule for ${partial}`, fix })
    : problem({ subject, severity: 'info', message: `${all}: what is let in to one is let in to all`, fix });
}

/** A group that all carry to be let out: it lets nobody in, and nothing that is not seen may have it do so. */
function admitsNobody(group: SecurityGroup): boolean {
  return !group.imported && group.ingress.length === 0 && !group.leaves();
}

function rulesForItself(group: SecurityGroup): readonly SecurityGroupRule[] {
  return group.ingress.filter(({ peer }) => peer.kind === 'group' && peer.group.target === group);
}

function openedBy(rules: readonly SecurityGroupRule[]): string {
  return rules.some(({ protocol }) => protocol.known && protocol.value === 'all') ? 'every port' : [...new Set(rules.map(openedText))].join(', ');
}

/** A rule for ports that some of the services have and some have not, told in words. */
function partialRule(group: SecurityGroup, services: readonly Service[]): string | undefined {
  const ports = services.map((one) => ({ one, ...allListening(one, { groups: one.awsvpc!.securityGroups }) }));
  if (ports.some(({ why }) => why !== undefined)) {
    return undefined;
  }
  for (const { protocol, ports: span } of group.ingress) {
    if (!protocol.known || !span.known) {
      continue;
    }
    const meant = ports.flatMap(({ one, listening }) => {
      const use = listening.find((its) => (protocol.value === 'all' || protocol.value === its.protocol)
        && its.ports.first <= span.value.last && span.value.first <= its.ports.last);
      return use ? [{ one, use }] : [];
    });
    const others = services.filter((one) => !meant.some((its) => its.one === one));
    if (meant.length > 0 && others.length > 0) {
      const [{ one, use }] = meant;
      return `${one.name}'s ${portsText(use.ports)} opens ${protocol.value === 'all' ? 'every port' : portsText(span.value)} on ${listed(others)} too`;
    }
  }
  return undefined;
}

function* withLoadBalancers(group: SecurityGroup): Iterable<Judgement> {
  const { services, loadBalancers } = group.carriers;
  if (isGiven(group) && services.length > 0 && loadBalancers.length > 0 && !admitsNobody(group)) {
    yield problem({
      subject: group,
      severity: 'info',
      message: `group ${group.name} is on load balancer ${loadBalancers[0].name} and on service ${services[0].name}: who may come to the one may come to the other`,
      fix: `a security group of its own for ${services[0].name}, with a rule from that of the load balancer`,
    });
  }
}

function* acrossClusters(group: SecurityGroup): Iterable<Judgement> {
  const clusters = clustersOf(group.carriers.hostGroups);
  if (isGiven(group) && clusters.length > 1) {
    const admitsItself = rulesForItself(group).length > 0;
    yield problem({
      subject: group,
      severity: admitsItself ? 'warning' : 'info',
      message: `group ${group.name} is on instances of ${clusters.length} clusters (${listed(clusters)})${admitsItself ? ' and admits itself' : ''}`,
      fix: 'a security group for the instances of each cluster',
    });
  }
}

function clustersOf(hostGroups: readonly HostGroup[]): Cluster[] {
  return [...new Set(hostGroups.flatMap(({ cluster }) => cluster.known && cluster.value.target ? [cluster.value.target] : []))];
}

/** Names, with the number of those beyond the first few. */
function listed(things: ReadonlyArray<{ readonly name: string }>): string {
  const names = things.map(({ name }) => name);
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

function nameOf({ target, literal }: To<SecurityGroup>): string {
  const name = target?.name ?? literal;
  return groupTitle({ name: name ?? 'a group that is known only at deployment' });
}
