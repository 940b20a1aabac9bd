import { firstFreeBlock, Ipv4Block, printBlock, readBlock, SHARED_ADDRESS_SPACE, smallestPrefixFor, usableAddresses } from '../../limits/cidr';
import { largestMaximumPercent, tasksInFullestZone } from '../../limits/subnet-addresses';
import { addressesOf, AddressTaker, addressTakers, FixedAddresses, fixedAddresses, whySubnetsAreOpen } from '../address-demand';
import { End, isAmple, Scenario, Shortage, shortagesOf, SubnetGroup, subnetGroups, usableOf } from '../address-shortage';
import type { Service, Subnet } from '../facts';
import { listed } from '../listed';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { exactly, known, union } from '../value';

const fragment = (desired: number) => ({
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  TaskA: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, AvailabilityZone: 'eu-west-1a', CidrBlock: '10.0.0.0/26' } },
  TaskB: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, AvailabilityZone: 'eu-west-1b', CidrBlock: '10.0.0.64/26' } },
  Balancer: {
    Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    Properties: { Type: 'application', Subnets: [{ Ref: 'TaskA' }, { Ref: 'TaskB' }] },
  },
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      NetworkMode: 'awsvpc',
      RequiresCompatibilities: ['FARGATE'],
      Cpu: '256',
      Memory: '512',
      ContainerDefinitions: [{ Name: 'api', Image: 'nginx' }],
    },
  },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'FARGATE',
      TaskDefinition: { Ref: 'Tasks' },
      DesiredCount: desired,
      DeploymentConfiguration: { MinimumHealthyPercent: 100, MaximumPercent: 200 },
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'TaskA' }, { Ref: 'TaskB' }] } },
    },
  },
});

/** Subnets with too few addresses for tasks, their instances and what else stands there. */
export const subnetIpCapacity: Rule = {
  id: 'subnet-ip-capacity',
  family: 'addresses',
  summary: 'Subnets hold the addresses of their tasks, at the peak, while deploying and with one zone lost, too.',
  why: 'In awsvpc mode every task takes an address of its subnet. ECS starts the tasks of a deployment without a look at free addresses: those that find none '
    + 'fail, count as failures, and the deployment is rolled back or hangs.',
  fix: 'Larger subnets, subnets in another zone or on a secondary CIDR (`TaskSubnets`, AWS::EC2::VPCCidrBlock), or a lower `MaximumPercent` '
    + '(`maxHealthyPercent`).',
  acknowledge: 'Where fewer tasks in a deployment or after the loss of a zone will do.',
  source: 'https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html [V01], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html [M12, M17], '
    + 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html [L01], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html [D02]. That blue/green, linear and canary deployments '
    + 'run two full sets is inferred [D05].',
  bad: fragment(60),
  good: fragment(50),
  *judge(facts) {
    const fixed = fixedAddresses(facts);
    for (const service of facts.services) {
      yield* open(service);
    }
    for (const group of subnetGroups(addressTakers(facts)).filter((one) => !isAmple(one, fixed))) {
      const shortages = takes(group, 'lo') ? shortagesOf(group, fixed, 'lo') : [];
      if (shortages.length > 0) {
        yield found(group, fixed, shortages);
      } else if (takes(group, 'hi') && shortagesOf(group, fixed, 'hi').length > 0) {
        const why = whyOf(group);
        const subject = largest(group.takers.filter(isOfTasks)).subject;
        yield* why === undefined ? [] : [notDecidable(subject, why)];
      }
    }
  },
};

function isOfTasks({ kind }: AddressTaker): boolean {
  return kind !== 'databases';
}

/** Whether tasks or their instances take anything: what databases alone are short of is no matter of this rule. */
function takes({ takers }: SubnetGroup, end: End): boolean {
  return takers.some((taker) => isOfTasks(taker) && (taker.peak[end] > 0 || taker.steady[end] > 0));
}

function* open(service: Service): Iterable<Judgement> {
  const why = whySubnetsAreOpen(service);
  if (why !== undefined) {
    yield notDecidable(service, why);
  }
}

function whyOf({ subnets, takers }: SubnetGroup): string | undefined {
  const block = subnets.map((subnet) => subnet.block).find((one) => one?.known === false);
  return block?.known === false ? block.why : takers.find(({ why }) => why !== undefined)?.why;
}

function largest(takers: readonly AddressTaker[]): AddressTaker {
  return takers.reduce((most, one) => one.steady.lo > most.steady.lo ? one : most);
}

const ORDER: readonly Scenario[] = ['steady', 'deploying', 'peak', 'zone-lost'];

/**
 * The worst of each scenario: steadily the proof; else where most is lacking of what is there, and of equals zone by zone, which says more.
 * What a set lacks on the average, one of its zones lacks as well, so that a set is told of only where its zones have others, too.
 */
function severestFirst(shortages: readonly Shortage[]): Shortage[][] {
  return ORDER.flatMap((scenario) => {
    const those = shortages.filter((one) => one.scenario === scenario);
    const isWorse = (a: Shortage, b: Shortage) => {
      const [isMore, isAsMuch] = [a.need / a.holds > b.need / b.holds, a.need / a.holds === b.need / b.holds];
      return scenario === 'steady' && a.proven !== b.proven ? a.proven : isMore || (isAsMuch && b.proven && !a.proven);
    };
    const worst = those.reduce<Shortage | undefined>((most, one) => !most || isWorse(one, most) ? one : most, undefined);
    return worst ? [worst.proven ? [worst] : those.filter(({ proven, need, holds, lead }) =>
      !proven && need === worst.need && holds === worst.holds && lead === worst.lead)] : [];
  });
}

type Fixed = ReadonlyMap<Subnet, FixedAddresses>;

function found(group: SubnetGroup, fixed: Fixed, all: readonly Shortage[]): Judgement {
  const shortages = severestFirst(all);
  const [[first]] = shortages;
  const places = distinct(shortages[0]);
  const texts = shortages.slice(1).map((those) => {
    const [{ need, holds, scenario }] = those;
    const amount = need === first.need && holds === first.holds ? `the same ${need}` : `${need} of ${holds}`;
    return `${amount}${elsewhere(those, places)}${WHEN[scenario]}`;
  });
  const deployed = shortages.flat().filter(({ scenario }) => scenario === 'deploying');
  return problem({
    subject: first.lead.kind === 'databases' ? largest(group.takers.filter(isOfTasks)).subject : first.lead.subject,
    severity: first.scenario === 'steady' && first.proven ? 'error' : 'warning',
    message: [`${holding(places)}; ${taking(places)}${beside(first)}`, ...texts].join('; '),
    fix: fixOf(group, fixed, places, all),
    assumes: union(...group.takers.map(({ assumes }) => assumes), ...deployed.map(({ lead }) => lead.assumesOfDeploying),
      ...group.subnets.map(({ block }) => block?.known ? block.assumes : [])),
  });
}

const WHEN: Readonly<Record<Scenario, string>> = {
  'steady': '', 'deploying': ' while deploying', 'peak': ' at its peak', 'zone-lost': ' with one zone lost',
};

/** The same subnets may be short with this zone lost and with that. */
function distinct(shortages: readonly Shortage[]): Shortage[] {
  return shortages.filter(({ subnets }, index) => shortages.findIndex((one) => one.subnets[0] === subnets[0]) === index);
}

function subnetsOf(shortages: readonly Shortage[]): Subnet[] {
  return [...new Set(shortages.flatMap(({ subnets }) => subnets))];
}

/** Where that is, if not in the subnets that are told of. */
function elsewhere(shortages: readonly Shortage[], told: readonly Shortage[]): string {
  const [those, before] = [subnetsOf(shortages), new Set(subnetsOf(told))];
  return those.length === before.size && those.every((subnet) => before.has(subnet)) ? '' : ` in ${namesOf(those)}`;
}

function namesOf(subnets: readonly Subnet[]): string {
  return `${subnets.length === 1 ? 'subnet' : 'subnets'} ${listed(subnets.map(({ name }) => name))}`;
}

/** Places of one subnet each are told of as such; of larger ones the first. */
function isEach(places: readonly Shortage[]): boolean {
  return places.every(({ subnets }) => subnets.length === 1);
}

function holding(places: readonly Shortage[]): string {
  const [{ subnets, holds }] = places;
  const each = isEach(places);
  const named: readonly Subnet[] = each ? places.map((place) => place.subnets[0]) : subnets;
  return named.length === 1
    ? `${namesOf(named)} holds ${holds} addresses`
    : `${namesOf(named)} hold ${holds} addresses ${each ? 'each' : 'together'}`;
}

function taking(places: readonly Shortage[]): string {
  const [{ lead, leadTakes, leadTotal, scenario, zones }] = places;
  const where = !isEach(places) ? 'of them' : places.length === 1 ? 'of it' : 'in each';
  const over = zones > 1 ? `, over ${zones} zones` : '';
  const basis = `(${basisOf(places[0])}${over})`;
  const obvious = leadTakes === leadTotal && scenario !== 'deploying';
  const takes = lead.kind === 'tasks' ? `service ${lead.subject.name} takes` : lead.kind === 'instances'
    ? `the instances of ${lead.subject.name} take` : `${lead.subject.name} takes`;
  return `${takes} ${leadTakes} ${where}${WHEN[scenario]}${obvious ? '' : ` ${basis}`}`;
}

function basisOf({ lead, leadTotal, scenario }: Shortage): string {
  const percent = percentOf(lead);
  if (scenario === 'deploying' && lead.rolling && percent !== undefined) {
    return `${lead.steady.lo} tasks × ${percent}%`;
  }
  return scenario === 'deploying' && !lead.rolling ? `${lead.steady.lo} tasks, old and new` : `${leadTotal} ${lead.kind === 'tasks' ? 'tasks' : 'addresses'}`;
}

/** The maximum percent by which it has as many tasks as it has while it is deployed; not where its instances hold fewer. */
function percentOf(lead: AddressTaker): number | undefined {
  const percent = lead.maximumPercent;
  return percent !== undefined && Math.floor(lead.steady.lo * percent / 100) === lead.deploying.lo ? percent : undefined;
}

function beside({ need, leadTakes, fixed, loadBalancers, proven }: Shortage): string {
  const balancers = addressesOf({ applicationLoadBalancers: loadBalancers, others: 0 }, proven ? 'proof' : 'plan');
  const parts = [
    [need - leadTakes - fixed, 'other tasks and instances'],
    [balancers, loadBalancers === 1 ? 'the load balancer' : 'load balancers'],
    [fixed - balancers, 'other interfaces'],
  ] as const;
  const texts = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} for ${what}`);
  return texts.length === 0 ? '' : ` beside ${listed(texts)}`;
}

function fixOf(group: SubnetGroup, fixed: Fixed, places: readonly Shortage[], all: readonly Shortage[]): string {
  return [
    larger(group, places, all),
    ...percentFix(group, fixed, places[0], all),
    ...zoneFix(group, fixed, places[0]),
    `task subnets on a secondary CIDR such as ${freeBlock(group.subnets)} in /19s (TaskSubnets, AWS::EC2::VPCCidrBlock)`,
  ].join('; or ');
}

/** The subnets that are told of, or all that are too small, where others are short still when these are larger. */
function larger(group: SubnetGroup, places: readonly Shortage[], all: readonly Shortage[]): string {
  const prefix = smallestPrefixFor(Math.max(...all.map(({ need, subnets }) => Math.ceil(need / subnets.length))));
  const usable = usableAddresses(prefix);
  const told = new Set(subnetsOf(places));
  const holdsThen = (subnets: readonly Subnet[]) =>
    subnets.reduce((sum, subnet) => sum + (told.has(subnet) ? Math.max(usable, usableOf(subnet, 'lo')) : usableOf(subnet, 'lo')), 0);
  const short = new Set(subnetsOf(all));
  const small = group.subnets.filter((subnet) => short.has(subnet) && usableOf(subnet, 'lo') < usable);
  const isEnough = all.every(({ need, subnets }) => need <= holdsThen(subnets));
  return `subnets of /${prefix} (${usable} addresses)${isEnough ? '' : ` for ${listed(small.map(({ name }) => name))}`}`;
}

/** What of a place is left for the lead and those that are spread over the same zones. */
function leftFor({ need, holds, leadTotal, besideLead, zones }: Shortage): number {
  return holds - need + tasksInFullestZone(leadTotal + besideLead, zones);
}

/** What is short still when a service takes something else. */
function shortThen({ subnets, takers }: SubnetGroup, fixed: Fixed, lead: AddressTaker, then: Partial<AddressTaker>): Shortage[] {
  const changed = { ...lead, ...then };
  return shortagesOf({
    subnets: [...new Set([...subnets, ...changed.subnets])], takers: takers.map((taker) => taker === lead ? changed : taker),
  }, fixed, 'lo');
}

function noHelp(still: readonly Shortage[]): string {
  const deployed = still.filter(({ scenario }) => scenario === 'deploying').map(({ lead }) => lead.subject.name);
  const has = (scenario: Scenario) => still.some((one) => one.scenario === scenario);
  const what = [
    ...deployed.length > 0 ? [`deployments of ${listed([...new Set(deployed)])}`] : [],
    ...has('peak') ? ['the peak'] : [],
    ...has('zone-lost') ? ['a lost zone'] : [],
  ];
  return what.length === 0 ? '' : `, which does not help ${listed(what)}`;
}

/** The most tasks that fit wherever the lead is what is short while it is deployed. */
function percentFix(group: SubnetGroup, fixed: Fixed, { scenario, lead }: Shortage, all: readonly Shortage[]): string[] {
  const its = all.filter((one) => one.scenario === 'deploying' && one.lead === lead);
  const most = Math.min(...its.map((one) => leftFor(one) * one.zones - one.besideLead));
  const desired = lead.steady.lo;
  return scenario !== 'deploying' || !lead.rolling || most <= desired
    ? []
    : [`MaximumPercent (maxHealthyPercent) ${largestMaximumPercent(desired, most)}: ${most} tasks${noHelp(shortThen(group, fixed, lead, { deploying: exactly(most) }))}`];
}

const ORDINALS: readonly string[] = ['', 'a second', 'a third', 'a fourth', 'a fifth', 'a sixth'];

/** Another zone for the lead alone, with subnets as large as those that are too small. */
function zoneFix(group: SubnetGroup, fixed: Fixed, first: Shortage): string[] {
  const { zones, proven, scenario, lead } = first;
  if (proven || scenario === 'zone-lost' || !ORDINALS[zones]) {
    return [];
  }
  const others = first.subnets.map((subnet) => ({ ...subnet, zone: known(ORDINALS[zones]) }));
  const still = shortThen(group, fixed, lead, {
    subnets: [...lead.subnets, ...others], zones: new Set([...lead.zones ?? [], ORDINALS[zones]]),
  });
  return still.some((one) => one.scenario === scenario) ? [] : [`${ORDINALS[zones]} zone (${withAnotherZone(first)} in each${WHEN[scenario]})${noHelp(still)}`];
}

function withAnotherZone(shortage: Shortage): number {
  const { holds, leadTotal, besideLead, zones } = shortage;
  return holds - leftFor(shortage) + tasksInFullestZone(leadTotal, zones + 1) + tasksInFullestZone(besideLead, zones);
}

function freeBlock(subnets: readonly Subnet[]): string {
  const taken = (subnets[0].vpc.target?.blocks ?? []).flatMap(({ cidr }): Ipv4Block[] => {
    const block = cidr.known ? readBlock(cidr.value) : undefined;
    return block ? [block] : [];
  });
  return printBlock(firstFreeBlock(SHARED_ADDRESS_SPACE, 16, taken) ?? SHARED_ADDRESS_SPACE);
}
