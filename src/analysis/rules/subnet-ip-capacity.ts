import { firstFreeBlock, Ipv4Block, printBlock, readBlock, SHARED_ADDRESS_SPACE, smallestPrefixFor, usableAddresses } from '../../limits/cidr';
import { largestMaximumPercent, tasksInFullestZone } from '../../limits/subnet-addresses';
import { addressesOf, AddressTaker, addressTakers, fixedAddresses, whySubnetsAreOpen } from '../address-demand';
import { End, isAmple, Scenario, Shortage, shortagesOf, SubnetGroup, subnetGroups } from '../address-shortage';
import type { Service, Subnet } from '../facts';
import { listed } from '../listed';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { union } from '../value';

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
      const shortages = takes(group, 'lo') ? severestFirst(shortagesOf(group, fixed, 'lo')) : [];
      if (shortages.length > 0) {
        yield found(group, shortages);
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

/** The worst of each scenario: steadily the proof, else zone by zone, which says more; of several what is short by most. */
function severestFirst(shortages: readonly Shortage[]): Shortage[][] {
  return ORDER.flatMap((scenario) => {
    const those = shortages.filter((one) => one.scenario === scenario);
    const rank = (one: Shortage) => (one.proven === (scenario === 'steady') ? 2 ** 33 : 0) + one.need - one.holds;
    const worst = those.reduce<Shortage | undefined>((most, one) => !most || rank(one) > rank(most) ? one : most, undefined);
    return worst ? [worst.proven ? [worst] : those.filter(({ proven, need, holds, lead }) =>
      !proven && need === worst.need && holds === worst.holds && lead === worst.lead)] : [];
  });
}

function found(group: SubnetGroup, shortages: ReadonlyArray<readonly Shortage[]>): Judgement {
  const [[first]] = shortages;
  const texts = shortages.slice(1).map(([one]) => one.need === first.need && one.holds === first.holds
    ? `the same ${one.need}${WHEN[one.scenario]}`
    : `${one.need} of ${one.holds}${WHEN[one.scenario]}`);
  const places = distinct(shortages[0]);
  const deployed = shortages.flat().filter(({ scenario }) => scenario === 'deploying');
  return problem({
    subject: first.lead.kind === 'databases' ? largest(group.takers.filter(isOfTasks)).subject : first.lead.subject,
    severity: first.scenario === 'steady' && first.proven ? 'error' : 'warning',
    message: [`${holding(places)}; ${taking(places)}${beside(first)}`, ...texts].join('; '),
    fix: fixOf(group, shortages.map(([one]) => one)),
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

/** Places of one subnet each are told of as such; of larger ones the first. */
function isEach(places: readonly Shortage[]): boolean {
  return places.every(({ subnets }) => subnets.length === 1);
}

function holding(places: readonly Shortage[]): string {
  const [{ subnets, holds }] = places;
  const each = isEach(places);
  const named: readonly Subnet[] = each ? places.map((place) => place.subnets[0]) : subnets;
  return named.length === 1
    ? `subnet ${named[0].name} holds ${holds} addresses`
    : `subnets ${listed(named.map(({ name }) => name))} hold ${holds} addresses ${each ? 'each' : 'together'}`;
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

function fixOf({ subnets }: SubnetGroup, shortages: readonly Shortage[]): string {
  const [first] = shortages;
  const most = Math.max(...shortages.map(({ need, subnets: those }) => Math.ceil(need / those.length)));
  const prefix = smallestPrefixFor(most);
  return [
    `subnets of /${prefix} (${usableAddresses(prefix)} addresses)`,
    ...percentFix(first, shortages),
    ...zoneFix(first, shortages.find(({ scenario }) => scenario === 'zone-lost')),
    `task subnets on a secondary CIDR such as ${freeBlock(subnets)} in /19s (TaskSubnets, AWS::EC2::VPCCidrBlock)`,
  ].join('; or ');
}

/** What of a place is left for the lead and those that are spread over the same zones. */
function leftFor({ need, holds, leadTotal, besideLead, zones }: Shortage): number {
  return holds - need + tasksInFullestZone(leadTotal + besideLead, zones);
}

const NO_HELP = ', which does not help a lost zone';

function percentFix(first: Shortage, shortages: readonly Shortage[]): string[] {
  const { scenario, lead, besideLead, zones } = first;
  const most = leftFor(first) * zones - besideLead;
  const desired = lead.steady.lo;
  if (scenario !== 'deploying' || !lead.rolling || most <= desired) {
    return [];
  }
  const lost = shortages.some((one) => one.scenario === 'zone-lost') ? NO_HELP : '';
  return [`MaximumPercent (maxHealthyPercent) ${largestMaximumPercent(desired, most)}: ${most} tasks${lost}`];
}

const ORDINALS: readonly string[] = ['', 'a second', 'a third', 'a fourth', 'a fifth', 'a sixth'];

/** Another zone for the lead alone. */
function zoneFix(first: Shortage, zoneLost: Shortage | undefined): string[] {
  const { holds, zones, proven, scenario } = first;
  const then = withAnotherZone(first);
  const lost = zoneLost && (zoneLost.proven || withAnotherZone(zoneLost) > zoneLost.holds) ? NO_HELP : '';
  return proven || scenario === 'zone-lost' || then > holds || !ORDINALS[zones] ? [] : [`${ORDINALS[zones]} zone (${then} in each${WHEN[scenario]})${lost}`];
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
