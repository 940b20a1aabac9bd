import { ENDPOINTS_OF_USES } from '../../endpoints/endpoints-of-uses';
import { HostGroup, isGiven, Service, Subnet, VpcEndpoint } from '../facts';
import { guardsOf, namesOf } from '../guards';
import { publicIpIn } from '../internet';
import { AGENT_ENDPOINTS, laterNeedsOf, Need, needsOf, Needs, together } from '../needs';
import { serviceAsPeer } from '../peers';
import type { Peer } from '../reachability';
import { closed, Condition, EndpointsIn, endpointsIn, hasEndpoint, OwnAddresses, serves, wayOut } from '../routes-out';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { assumesOf, every, some, union, unknown, Verdict, verdictOf } from '../value';
import { isModeSound } from './mode-faults';

const fragment = (AssignPublicIp: string) => ({
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' } },
  Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: { Ref: 'Vpc' } } },
  Gateway: { Type: 'AWS::EC2::InternetGateway' },
  Route: { Type: 'AWS::EC2::Route', Properties: { RouteTableId: { Ref: 'Table' }, DestinationCidrBlock: '0.0.0.0/0', GatewayId: { Ref: 'Gateway' } } },
  Association: { Type: 'AWS::EC2::SubnetRouteTableAssociation', Properties: { SubnetId: { Ref: 'Subnet' }, RouteTableId: { Ref: 'Table' } } },
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      NetworkMode: 'awsvpc', Cpu: '256', Memory: '512',
      ContainerDefinitions: [{ Name: 'app', Image: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1' }],
    },
  },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'FARGATE',
      TaskDefinition: { Ref: 'Tasks' },
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }], AssignPublicIp } },
    },
  },
});

export const noRouteOut: Rule = {
  id: 'no-route-out',
  family: 'coherence',
  summary: 'Tasks and instances reach what they need: registries, logs, secrets, ECS itself, and what ECS Exec and Service Connect call.',
  why: 'A task whose image cannot be pulled never starts, and the deployment fails after long waiting; instances that do not reach ECS never register. An '
    + 'internet gateway takes no packet of an interface without a public address, and awsvpc tasks on instances never have one.',
  fix: 'Put them into subnets with a route to a NAT gateway, give Fargate tasks in public subnets public addresses, or make the VPC endpoints that are needed '
    + '(TaskEndpoints tells and makes them).',
  acknowledge: 'Where tasks on instances need nothing outside of the VPC, or a proxy does for them what no template tells.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html [M14], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html [M15], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html [E01, E02, E04], '
    + 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html [E03, E05, E06]',
  bad: fragment('DISABLED'),
  good: fragment('ENABLED'),
  *judge(facts) {
    const endpoints = endpointsIn(facts);
    const islands = new Map<HostGroup, readonly Island[]>();
    for (const group of facts.hostGroups) {
      const found = waysOfInstances(group, endpoints);
      islands.set(group, found.flatMap(({ island }) => island ?? []));
      yield* ofInstances(group, found);
    }
    for (const service of facts.services.filter(isModeSound)) {
      yield* ofService(service, endpoints, islands);
    }
  },
};

function* ofService(service: Service, endpoints: EndpointsIn, islands: ReadonlyMap<HostGroup, readonly Island[]>): Iterable<Judgement> {
  const { launch, awsvpc, mode } = service;
  const isAwsvpc = mode.known && mode.value === 'awsvpc' && awsvpc !== undefined;
  if (!launch.known) {
    return;
  }
  if (launch.value.kind === 'fargate') {
    yield* isAwsvpc ? onFargate(service, endpoints) : [];
    return;
  }
  yield* isAwsvpc ? onInstances(service, endpoints) : [];
  yield* onIslands(service, launch.value.hostGroups.flatMap((group) => islands.get(group) ?? []), endpoints);
}

/** A need that endpoints do not answer. */
interface Unserved extends Need {
  /** Those of its endpoints that do not, or of those of ECR where none helps otherwise. */
  readonly lacking: readonly Lacking[];
}

/** What endpoints do not answer for a service of AWS. */
interface Lacking {
  readonly name: string;
  /** What makes the endpoint answer that is there; empty where there is none. */
  readonly repairs: readonly string[];
}

/** What becomes of a service's tasks in a subnet. */
interface InSubnet {
  readonly subnet: Subnet;
  readonly because: string;
  readonly missing: readonly Unserved[];
  readonly open?: string;
}

function* onFargate(service: Service, endpoints: EndpointsIn): Iterable<Judgement> {
  const { awsvpc, name, launch } = service;
  const { subnets, assignPublicIp } = awsvpc!;
  if (!subnets.known) {
    yield notDecidable(service, subnets.why);
    return;
  }
  const needs = together(needsOf(service.taskDefinition), laterNeedsOf(service));
  const publicIpv4 = verdictOf(assignPublicIp);
  const peer = serviceAsPeer(service, guardsOf(service).guards[0]);
  const there = subnets.value.map(({ target, why }) => target
    ? inSubnet(target, { publicIpv4, ipv6: verdictOf(target.ipv6) }, needs, peer, endpoints) : why ?? 'a subnet is not known');
  const known = there.filter((one): one is InSubnet => typeof one !== 'string');
  const stuck = known.filter(({ missing }) => missing.length > 0);
  const open = there.find((one) => typeof one === 'string') as string | undefined ?? known.find((one) => one.open !== undefined)?.open;
  if (stuck.length > 0) {
    const failing = stuck.filter(({ missing }) => missing.some(({ later }) => !later));
    const told = failing.length > 0 ? failing : stuck;
    const [first] = told;
    const everywhere = told.length === subnets.value.length;
    const elsewhere = failing.length > 0 ? `tasks in ${failing.length === 1 ? 'it' : 'these'} fail, those in the other subnets start` : 'that is so there alone';
    yield problem({
      subject: service,
      severity: everywhere && failing.length > 0 ? 'error' : 'warning',
      message: `service ${name} (Fargate, ${assignPublicIp.known && assignPublicIp.value ? 'with a' : 'no'} public address) sits in `
        + `${placeOf(told)}: ${consequencesOf(first.missing)}${everywhere ? '' : `; ${elsewhere}`}`,
      fix: [
        ...first.because.includes('internet gateway') && publicIpv4 === 'no' ? ['AssignPublicIp ENABLED (assignPublicIp)'] : [],
        ...fixesOf(stuck),
      ].join('; or '),
      assumes: union(launch.known ? launch.assumes : [], assignPublicIp.known ? assignPublicIp.assumes : []),
    });
  } else if (open !== undefined) {
    yield notDecidable(service, open);
  }
}

function inSubnet(subnet: Subnet, own: OwnAddresses, needs: Needs, peer: Peer, endpoints: EndpointsIn): InSubnet {
  const { verdict, because } = wayOut(subnet, own);
  if (verdict === 'yes') {
    return { subnet, because, missing: [] };
  }
  const found = unserved(subnet, needs, peer, endpoints);
  if (verdict !== 'no') {
    return { subnet, because, missing: [], ...found.missing.length > 0 || found.open !== undefined ? { open: verdict.why } : {} };
  }
  return { subnet, because, ...found };
}

/** What no endpoint answers in a subnet, and why there may be more. */
function unserved(subnet: Subnet, { needs, why }: Needs, peer: Peer, endpoints: EndpointsIn): Pick<InSubnet, 'missing' | 'open'> {
  const missing: Unserved[] = [];
  let open = why;
  const answer = (name: string) => serves(name, subnet, peer, endpoints);
  for (const need of needs) {
    const served = need.endpoints.length === 0 ? 'no' : every(need.endpoints.map(answer));
    if (served === 'no') {
      const wanted = need.endpoints.length === 0 ? ENDPOINTS_OF_USES.ecrImages : need.endpoints;
      missing.push({ ...need, lacking: lackingOf(wanted, subnet, peer, endpoints) });
    } else if (served !== 'yes') {
      open ??= served.why;
    }
  }
  return { missing, ...open === undefined ? {} : { open } };
}

function lackingOf(names: readonly string[], subnet: Subnet, peer: Peer, endpoints: EndpointsIn): Lacking[] {
  return names.filter((name) => serves(name, subnet, peer, endpoints) === 'no').map((name) => {
    const there = closed(name, subnet, peer, endpoints);
    return { name, repairs: there?.failing.map((condition) => REPAIRS[condition](there.endpoint, subnet, peer)) ?? [] };
  });
}

const REPAIRS: Readonly<Record<Condition, (endpoint: VpcEndpoint, subnet: Subnet, peer: Peer) => string>> = {
  routed: ({ name }, { routeTable, name: subnet }) => (
    `${routeTable?.target ? `route table ${routeTable.target.name}` : `the route table of subnet ${subnet}`} among RouteTableIds of ${name}`),
  // The only gateway that is needed.
  letOutToPublic: (_, __, { groups }) => `an outbound rule of ${namesOf(groups)}: tcp 443 to the prefix list of S3`,
  admitted: ({ securityGroups }, _, { groups }) => `an inbound rule of ${namesOf(securityGroups)}: tcp 443 from ${namesOf(groups)}`,
  letOut: ({ securityGroups }, _, { groups }) => `an outbound rule of ${namesOf(groups)}: tcp 443 to ${namesOf(securityGroups)}`,
  privateDns: ({ name }) => `PrivateDnsEnabled true of ${name}`,
};

function placeOf(stuck: ReadonlyArray<Pick<InSubnet, 'subnet' | 'because'>>): string {
  return `subnet ${stuck[0].subnet.name}${stuck.length > 1 ? ` and ${stuck.length - 1} more` : ''}, ${stuck[0].because}`;
}

function consequencesOf(missing: readonly Need[]): string {
  return union(missing.map(({ consequence }) => consequence)).join(', ');
}

/** Endpoints are no way where something comes from a registry that has none. */
function fixesOf(stuck: readonly InSubnet[]): string[] {
  const missing = stuck.flatMap((one) => one.missing);
  const ways = [
    ...missing.every(({ endpoints }) => endpoints.length > 0) ? [] : ['images in ECR'],
    ...endpointFixes(missing.flatMap(({ lacking }) => lacking)),
  ];
  return ['subnets with a route to a NAT gateway', ways.join(' and ')];
}

function endpointFixes(lacking: readonly Lacking[], besides = ''): string[] {
  const absent = union(lacking.filter(({ repairs }) => repairs.length === 0).map(({ name }) => name));
  return [
    ...absent.length > 0 ? [`VPC endpoints for ${absent.join(', ')}${besides} (TaskEndpoints)`] : [],
    ...union(...lacking.map(({ repairs }) => repairs)),
  ];
}

/** Awsvpc tasks on instances: the instance pulls their images, but they themselves get nowhere. */
function* onInstances(service: Service, endpoints: EndpointsIn): Iterable<Judgement> {
  const { awsvpc, name, launch, vpc } = service;
  const { subnets } = awsvpc!;
  if (!subnets.known) {
    yield notDecidable(service, subnets.why);
    return;
  }
  const ways = subnets.value.map(({ target, why }) => target
    ? { subnet: target, ...wayOut(target, { publicIpv4: 'no', ipv6: verdictOf(target.ipv6) }) } : why ?? 'a subnet is not known');
  const stuck = ways.flatMap((way) => typeof way !== 'string' && way.verdict === 'no' ? [way] : []);
  const open = ways.flatMap((way) => typeof way === 'string' ? [way] : typeof way.verdict === 'string' ? [] : [way.verdict.why])[0];
  // A VPC with endpoints for its instances is one that is meant to have no way out.
  const isMeant = vpc ? hasEndpoint('ecs-agent', vpc, endpoints) : 'no';
  if (isMeant === 'yes') {
    yield* lacking(service, stuck, endpoints);
  } else if (stuck.length > 0 && isMeant !== 'no') {
    yield notDecidable(service, isMeant.why);
  } else if (stuck.length > 0) {
    yield problem({
      subject: service,
      severity: 'warning',
      message: `service ${name} (awsvpc on instances, no public address) sits in ${placeOf(stuck)}: `
        + 'nothing that the task itself calls outside the VPC answers',
      fix: 'subnets with a route to a NAT gateway, or VPC endpoints for what the task calls',
      assumes: launch.known ? launch.assumes : [],
    });
  } else if (open !== undefined) {
    yield notDecidable(service, open);
  }
}

/** What is called from within awsvpc tasks on instances, where they get out by endpoints alone. */
function* lacking(service: Service, places: ReadonlyArray<Pick<InSubnet, 'subnet' | 'because'>>, endpoints: EndpointsIn): Iterable<Judgement> {
  const peer = serviceAsPeer(service, guardsOf(service).guards[0]);
  const there = places.map((place) => ({ ...place, ...unserved(place.subnet, laterNeedsOf(service), peer, endpoints) }));
  const stuck = there.filter(({ missing }) => missing.length > 0);
  const open = there.find((one) => one.open !== undefined)?.open;
  if (stuck.length > 0) {
    yield problem({
      subject: service,
      severity: 'warning',
      message: `service ${service.name} (awsvpc on instances, no public address) sits in ${placeOf(stuck)}: ${consequencesOf(stuck[0].missing)}`,
      fix: fixesOf(stuck).join('; or '),
      assumes: service.launch.known ? service.launch.assumes : [],
    });
  } else if (open !== undefined) {
    yield notDecidable(service, open);
  }
}

/** A subnet from which instances reach ECS by endpoints, and else nothing outside of the VPC. */
interface Island {
  readonly group: HostGroup;
  readonly subnet: Subnet;
  readonly because: string;
  readonly peer: Peer;
}

/** Whether instances in a subnet register, and the island that they are on if they do so by endpoints only. */
interface InstancesInSubnet {
  readonly subnet?: Subnet;
  readonly because: string;
  readonly verdict: Verdict;
  /** What endpoints do not answer for the agent, where they are without a way out. */
  readonly lacking?: readonly Lacking[];
  readonly island?: Island;
}

function waysOfInstances(group: HostGroup, endpoints: EndpointsIn): InstancesInSubnet[] {
  const { subnets, ipv6Address, securityGroups, vpc } = group;
  if (!subnets.known) {
    return [];
  }
  const peer: Peer = { groups: securityGroups, family: 'ipv4', addresses: { subnets, vpc } };
  return subnets.value.map(({ target: subnet, why }): InstancesInSubnet => {
    if (!subnet) {
      return { verdict: unknown(why ?? 'a subnet is not known'), because: '' };
    }
    const { verdict, because } = wayOut(subnet, { publicIpv4: verdictOf(publicIpIn(subnet, group)), ipv6: verdictOf(ipv6Address) });
    const served = verdict === 'yes' ? 'no' : every(AGENT_ENDPOINTS.map((name) => serves(name, subnet, peer, endpoints)));
    const lacking = verdict === 'no' && served === 'no' ? lackingOf(AGENT_ENDPOINTS, subnet, peer, endpoints) : [];
    const island = verdict === 'no' && served === 'yes' ? { group, subnet, because, peer } : undefined;
    return { subnet, because, verdict: some([verdict, served]), lacking, island };
  });
}

function* ofInstances(group: HostGroup, ways: readonly InstancesInSubnet[]): Iterable<Judgement> {
  const { subnets, cluster, name } = group;
  if (!isGiven(group) || !cluster.known) {
    return;
  }
  if (!subnets.known) {
    yield notDecidable(group, subnets.why);
    return;
  }
  const stuck = ways.flatMap(({ subnet, because, verdict, lacking }) => subnet && verdict === 'no' ? [{ subnet, because, lacking: lacking! }] : []);
  const open = ways.find(({ verdict }) => typeof verdict !== 'string')?.verdict;
  if (stuck.length > 0) {
    const everywhere = stuck.length === ways.length;
    const [{ lacking }] = stuck;
    const reached = lacking.length === AGENT_ENDPOINTS.length ? 'reach no ECS endpoints' : `no endpoint for ${lacking.map((one) => one.name).join(', ')} answers them`;
    yield problem({
      subject: group,
      severity: everywhere ? 'error' : 'warning',
      message: `instances of ${name} sit in ${placeOf(stuck)}, and ${reached}: ${everywhere ? 'they' : 'those there'} never register`,
      // Whether Managed Instances have public addresses is for ECS to say [M07].
      fix: `subnets with a route to a NAT gateway; ${group.kind === 'managed-instances' ? '' : 'or public addresses in a public subnet; '}`
        + `or ${endpointFixes(stuck.flatMap((one) => one.lacking), ' and the images').join(' and ')}`,
      assumes: assumesOf(...stuck.map(({ subnet }) => publicIpIn(subnet, group))),
    });
  } else if (open && typeof open !== 'string') {
    yield notDecidable(group, open.why);
  }
}

/** Instances that register, and cannot pull or send for their tasks. A warning: an image may be on the disk of the instance already. */
function* onIslands(service: Service, islands: readonly Island[], endpoints: EndpointsIn): Iterable<Judgement> {
  if (islands.length === 0) {
    return;
  }
  // A task with an interface of its own calls by that.
  const isAwsvpc = service.mode.known && service.mode.value === 'awsvpc';
  const needs = isAwsvpc ? needsOf(service.taskDefinition) : together(needsOf(service.taskDefinition), laterNeedsOf(service));
  const there = islands.map((island) => ({ ...island, ...unserved(island.subnet, needs, island.peer, endpoints) }));
  const stuck = there.filter(({ missing }) => missing.length > 0);
  const open = there.find((one) => one.open !== undefined)?.open;
  if (stuck.length > 0) {
    yield problem({
      subject: service,
      severity: 'warning',
      message: `service ${service.name} runs on instances of ${stuck[0].group.name} in ${placeOf(stuck)}: ${consequencesOf(stuck[0].missing)}`,
      fix: fixesOf(stuck).join('; or '),
      assumes: service.launch.known ? service.launch.assumes : [],
    });
  } else if (open !== undefined) {
    yield notDecidable(service, open);
  }
}
