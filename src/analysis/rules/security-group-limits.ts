import {
  DEFAULT_MAX_GROUPS_PER_INTERFACE, DEFAULT_MAX_RULES_PER_GROUP, MAX_GROUPS_PER_AWSVPC_SERVICE, MAX_GROUPS_PER_INTERFACE,
  MAX_RULES_PER_INTERFACE, MAX_SUBNETS_PER_AWSVPC_SERVICE,
} from '../../limits/security-groups';
import { Facts, isGiven, Named, PrefixListPeer, SecurityGroup, SecurityGroupRule, Service, Subject, To, ToMany } from '../facts';
import { groupTitle } from '../guards';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { assumesOf, exactly, Range, sum, union } from '../value';

const fragment = (groups: number) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode: 'awsvpc', Cpu: '256', Memory: '512', RequiresCompatibilities: ['FARGATE'], ContainerDefinitions: [{ Name: 'app', Image: 'nginx' }] },
  },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'FARGATE',
      TaskDefinition: { Ref: 'Tasks' },
      NetworkConfiguration: {
        AwsvpcConfiguration: { Subnets: ['subnet-1'], SecurityGroups: Array.from({ length: groups }, (_, index) => `sg-${index + 1}`) },
      },
    },
  },
});

export const securityGroupLimits: Rule = {
  id: 'security-group-limits',
  family: 'security-groups',
  summary: 'Interfaces have no more security groups, and groups no more rules, than they take.',
  why: 'ECS refuses a service with more groups or subnets than a network configuration takes, and EC2 a rule or a group that is one too many: the deployment '
    + 'fails, often on the day on which one more service is added.',
  fix: 'Merge groups that have the same members, name a prefix list or a group in place of many addresses, or have the quota raised where it can be.',
  acknowledge: 'Where the quota of the account was raised.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html [M11], '
    + 'https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html [V18, V19, V20]',
  bad: fragment(6),
  good: fragment(5),
  *judge(facts) {
    for (const service of facts.services) {
      if (service.awsvpc && !(service.mode.known && service.mode.value !== 'awsvpc')) {
        const { securityGroups, subnets } = service.awsvpc;
        yield* listed(service, 'security group', securityGroups, MAX_GROUPS_PER_AWSVPC_SERVICE);
        yield* listed(service, 'subnet', subnets, MAX_SUBNETS_PER_AWSVPC_SERVICE);
      }
    }
    for (const [kind, carriers] of [['an instance of', facts.hostGroups], ['load balancer', facts.loadBalancers]] as const) {
      for (const carrier of carriers) {
        if (carrier.securityGroups) {
          yield* onInterface(carrier, `${kind} ${carrier.name}`, carrier.securityGroups);
        }
      }
    }
    yield* tooManyRules(facts);
  },
};

/** How many there are at least, and at most: two of which only the expressions are known may be one. */
function lengthOf<T extends Named>(list: ReadonlyArray<To<T>>): Range {
  const sure = list.filter(({ target, literal }) => target !== undefined || literal !== undefined).length;
  return { lo: Math.max(sure, Math.min(list.length, 1)), hi: list.length };
}

/** A list that ECS takes up to a fixed length. [M11] */
function* listed<T extends Named>(service: Service, what: string, list: ToMany<T>, most: number): Iterable<Judgement> {
  const length = list.known ? lengthOf(list.value) : undefined;
  if (!list.known) {
    yield notDecidable(service, list.why);
  } else if (length!.lo > most) {
    yield problem({
      subject: service,
      severity: 'error',
      message: `service ${service.name} lists ${length!.lo} ${what}s; an awsvpc service takes ${most}`,
      fix: `at most ${most} ${what}s${what === 'subnet' ? '' : ': merge those that have the same members'}`,
      assumes: list.assumes,
    });
  } else if (length!.hi > most) {
    yield notDecidable(service, openOf(list.value));
  }
}

/** [V18] */
function* onInterface(subject: Subject, who: string, groups: ToMany<SecurityGroup>): Iterable<Judgement> {
  const length = groups.known ? lengthOf(groups.value) : undefined;
  if (!groups.known) {
    yield notDecidable(subject, groups.why);
  } else if (length!.lo > DEFAULT_MAX_GROUPS_PER_INTERFACE) {
    const never = length!.lo > MAX_GROUPS_PER_INTERFACE;
    yield problem({
      subject,
      severity: never ? 'error' : 'warning',
      message: `${who} has ${length!.lo} security groups; an interface takes ${DEFAULT_MAX_GROUPS_PER_INTERFACE}, or as many as the quota was raised to, `
        + `at most ${MAX_GROUPS_PER_INTERFACE}`,
      fix: `fewer groups: merge those that have the same members${never ? '' : '; or the quota "Security groups per network interface" raised'}`,
      assumes: groups.assumes,
    });
  } else if (length!.hi > DEFAULT_MAX_GROUPS_PER_INTERFACE) {
    yield notDecidable(subject, openOf(groups.value));
  }
}

function openOf<T extends Named>(list: ReadonlyArray<To<T>>): string {
  return list.find(({ target, literal }) => target === undefined && literal === undefined)?.why ?? 'a member of the list is not known';
}

type Direction = 'inbound' | 'outbound';
type Family = 'IPv4' | 'IPv6';

const DIRECTIONS_AND_FAMILIES: ReadonlyArray<readonly [Direction, Family]> = [
  ['inbound', 'IPv4'], ['inbound', 'IPv6'], ['outbound', 'IPv4'], ['outbound', 'IPv6'],
];

interface Count {
  readonly direction: Direction;
  readonly family: Family;
  readonly rules: Range;
  /** Why there may be more. */
  readonly why?: string;
}

function* tooManyRules(facts: Facts): Iterable<Judgement> {
  const counts = new Map(facts.securityGroups.map((group) => [group, countsOf(group)]));
  for (const [group, its] of counts) {
    const worst = worstOf(its);
    const open = its.find(({ rules }) => rules.hi > DEFAULT_MAX_RULES_PER_GROUP);
    const subject = isGiven(group) ? group : lastRuleOf(group);
    if (!subject) {
      continue;
    }
    if (worst.rules.lo > DEFAULT_MAX_RULES_PER_GROUP) {
      yield problem({
        subject,
        severity: 'warning',
        message: `${groupTitle(group)} has ${orMore(worst)}${worst.rules.lo} ${worst.direction} rules for ${worst.family}; a group takes ${DEFAULT_MAX_RULES_PER_GROUP}, `
          + 'or as many as the quota was raised to',
        fix: `a prefix list or a security group in place of addresses; or ${orMore(worst)}${Math.ceil(worst.rules.lo / DEFAULT_MAX_RULES_PER_GROUP)} groups; `
          + 'or the quota "Inbound or outbound rules per security group" raised',
        assumes: assumptionsOfLists(rulesOf(group, worst.direction)),
      });
    } else if (open) {
      yield notDecidable(subject, open.why!);
    }
  }
  const listings: ReadonlyArray<readonly [Subject, ToMany<SecurityGroup> | undefined]> = [
    ...facts.services.map((service) => [service, service.awsvpc?.securityGroups] as const),
    ...facts.hostGroups.map((group) => [group, group.securityGroups] as const),
    ...facts.loadBalancers.map((loadBalancer) => [loadBalancer, loadBalancer.securityGroups] as const),
  ];
  for (const [subject, groups] of listings) {
    const having = groups?.known ? groups.value.flatMap(({ target }) => target ?? []) : [];
    const its = having.flatMap((group) => counts.get(group) ?? []);
    const worst = worstOf(DIRECTIONS_AND_FAMILIES.map(([direction, family]) => ({
      direction,
      family,
      rules: sum(its.filter((one) => one.direction === direction && one.family === family).map(({ rules }) => rules)),
    })));
    // Where there may be too many together, there may be in one of the groups, of which that is told.
    if (worst.rules.lo > MAX_RULES_PER_INTERFACE) {
      yield problem({
        subject,
        severity: 'error',
        message: `the groups of ${subject.name} have ${orMore(worst)}${worst.rules.lo} ${worst.direction} rules for ${worst.family} together; `
          + `an interface takes ${MAX_RULES_PER_INTERFACE}`,
        fix: 'prefix lists or security groups in place of addresses, or fewer groups',
        assumes: assumptionsOfLists(having.flatMap((group) => rulesOf(group, worst.direction))),
      });
    }
  }
}

/** The one of which there are surely the most. */
function worstOf(counts: readonly Count[]): Count {
  return counts.reduce((a, b) => b.rules.lo > a.rules.lo ? b : a);
}

function orMore({ rules }: Count): string {
  return rules.hi > rules.lo ? 'at least ' : '';
}

function rulesOf({ ingress, egress }: SecurityGroup, direction: Direction): readonly SecurityGroupRule[] {
  return direction === 'inbound' ? ingress : egress;
}

/**
 * A rule from a group counts once for each family; a prefix list counts as many entries as it may have, in its own:
 * https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html.
 */
function countsOf(group: SecurityGroup): Count[] {
  return DIRECTIONS_AND_FAMILIES.map(([direction, family]) => {
    const weights = rulesOf(group, direction).map((rule) => weightOf(rule, family));
    return { direction, family, rules: sum(weights), why: weights.find(({ why }) => why !== undefined)?.why };
  });
}

function weightOf({ peer }: SecurityGroupRule, family: Family): Range & Pick<Count, 'why'> {
  switch (peer.kind) {
    case 'cidr': return exactly(family === 'IPv4' ? 1 : 0);
    case 'cidr-ipv6': return exactly(family === 'IPv6' ? 1 : 0);
    case 'group': return exactly(1);
    case 'prefix-list': return weightOfList(peer, family);
    case 'unknown': return peer.standsFor === undefined ? exactly(0) : { lo: 0, hi: peer.standsFor, why: peer.why };
  }
}

function weightOfList({ maxEntries, addressFamily }: PrefixListPeer, family: Family): Range & Pick<Count, 'why'> {
  if (addressFamily.known && addressFamily.value !== family) {
    return exactly(0);
  }
  const entries = maxEntries.known ? exactly(maxEntries.value) : { lo: 1, hi: Infinity, why: maxEntries.why };
  return addressFamily.known ? entries : { why: addressFamily.why, ...entries, lo: 0 };
}

function assumptionsOfLists(rules: readonly SecurityGroupRule[]): readonly string[] {
  return union(...rules.map(({ peer }) => peer.kind === 'prefix-list' ? assumesOf(peer.maxEntries, peer.addressFamily) : []));
}

/** Of an imported group only its rules are of what is given. */
function lastRuleOf({ name, ingress, egress }: SecurityGroup): Subject | undefined {
  const last = [...ingress, ...egress].at(-1);
  return last && { name, resource: last.resource };
}
