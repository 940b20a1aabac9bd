import { imageSource } from '../../endpoints/container-image';
import { Facts, HostGroup, isGiven, same, Service, Subnet, VpcEndpoint } from '../facts';
import { Guard, guardsOf } from '../guards';
import { serviceAsPeer } from '../peers';
import { admission, both, Peer } from '../reachability';
import { wayOut } from '../routes-out';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { append } from '../templates';
import { every, some, union, unknown, Unknown, Value, Verdict } from '../value';

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
  summary: 'Tasks and instances reach what they need to start: registries, logs, secrets, and ECS itself.',
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
    const endpoints = endpointsByVpc(facts);
    for (const service of facts.services) {
      const { launch, awsvpc, mode } = service;
      if (mode.known && mode.value === 'awsvpc' && awsvpc && launch.known) {
        yield* launch.value.kind === 'fargate' ? onFargate(service, endpoints) : onInstances(service, endpoints);
      }
    }
    for (const group of facts.hostGroups) {
      if (group.kind !== 'managed-instances') {
        yield* ofInstances(group, endpoints);
      }
    }
  },
};

type Endpoints = ReadonlyMap<string, readonly VpcEndpoint[]>;

function endpointsByVpc({ endpoints }: Facts): Endpoints {
  const found = new Map<string, VpcEndpoint[]>();
  for (const endpoint of endpoints) {
    append(found, endpoint.vpc.identity, endpoint);
  }
  return found;
}

/** Something that a task needs to start, and what brings it where there is no way out. */
interface Need {
  /** As the end of a sentence: `its image in ECR cannot be pulled`. */
  readonly consequence: string;
  /** Endpoints of which all are needed; none helps where there are none. */
  readonly endpoints: readonly string[];
}

/** [E02, E03, E04, E06] */
function needsOf({ taskDefinition }: Service): { readonly needs: readonly Need[]; readonly why?: string } {
  const containers = taskDefinition?.containers;
  if (!containers?.known) {
    return { needs: [], why: containers ? containers.why : 'its task definition is not of what is given' };
  }
  const needs = new Map<string, Need>();
  let why: string | undefined;
  const add = (consequence: string, ...endpoints: string[]) => needs.set(consequence, { consequence, endpoints });
  for (const { imageText, logDriver, secrets, environmentFiles } of containers.value) {
    const source = imageSource(imageText);
    if (source.from === 'ecr') {
      add('its image in ECR cannot be pulled', 'ecr.api', 'ecr.dkr', 's3');
    } else if (source.from === 'internet') {
      add(`its image from ${source.registry} cannot be pulled`);
    } else {
      why ??= `where image ${imageText} comes from is not known: ${source.why}`;
    }
    if (logDriver?.known && logDriver.value === 'awslogs') {
      add('its logs cannot be sent', 'logs');
    }
    for (const { source: store } of secrets) {
      if (store === 'unknown') {
        why ??= 'where a secret is kept is not known';
      } else {
        add('its secrets cannot be read', store);
      }
    }
    if (environmentFiles) {
      add('its environment files cannot be read', 's3');
    }
  }
  return { needs: [...needs.values()], ...why === undefined ? {} : { why } };
}

/** What becomes of a service's tasks in a subnet. */
interface InSubnet {
  readonly subnet: Subnet;
  readonly because: string;
  readonly missing: readonly Need[];
  readonly open?: string;
}

function* onFargate(service: Service, endpoints: Endpoints): Iterable<Judgement> {
  const { awsvpc, name, launch } = service;
  const { subnets, assignPublicIp } = awsvpc!;
  if (!subnets.known) {
    yield notDecidable(service, subnets.why);
    return;
  }
  const { needs, why } = needsOf(service);
  const address: Verdict = assignPublicIp.known ? assignPublicIp.value ? 'yes' : 'no' : unknown(assignPublicIp.why);
  const [guard] = guardsOf(service).guards;
  const there = subnets.value.map(({ target, why: missing }) => (
    target ? inSubnet(target, service, guard, address, needs, why, endpoints) : missing ?? 'a subnet is not known'));
  const known = there.filter((one): one is InSubnet => typeof one !== 'string');
  const stuck = known.filter(({ missing }) => missing.length > 0);
  const open = there.find((one) => typeof one === 'string') as string | undefined ?? known.find((one) => one.open !== undefined)?.open;
  if (stuck.length > 0) {
    const [first] = stuck;
    const everywhere = stuck.length === subnets.value.length;
    const names = union(...stuck.map(({ missing }) => missing.flatMap((need) => need.endpoints)));
    const byEndpoints = stuck.every(({ missing }) => missing.every((need) => need.endpoints.length > 0));
    yield problem({
      subject: service,
      severity: everywhere ? 'error' : 'warning',
      message: `service ${name} (Fargate, ${assignPublicIp.known && assignPublicIp.value ? 'with a' : 'no'} public address) sits in `
        + `subnet ${first.subnet.name}${stuck.length > 1 ? ` and ${stuck.length - 1} more` : ''}, ${first.because}: `
        + first.missing.map(({ consequence }) => consequence).join(', ')
        + (everywhere ? '' : `; tasks in ${stuck.length === 1 ? 'it' : 'these'} fail, those in the other subnets start`),
      fix: [
        ...first.because.includes('internet gateway') && address === 'no' ? ['AssignPublicIp ENABLED (assignPublicIp)'] : [],
        'subnets with a route to a NAT gateway',
        ...byEndpoints ? [`VPC endpoints for ${names.join(', ')} (TaskEndpoints)`] : [],
      ].join('; or '),
      assumes: union(launch.known ? launch.assumes : [], assignPublicIp.known ? assignPublicIp.assumes : []),
    });
  } else if (open !== undefined) {
    yield notDecidable(service, open);
  }
}

function inSubnet(
  subnet: Subnet, service: Service, guard: Guard, address: Verdict, needs: readonly Need[], why: string | undefined, endpoints: Endpoints,
): InSubnet {
  const { verdict, because } = wayOut(subnet, address);
  if (verdict === 'yes') {
    return { subnet, because, missing: [] };
  }
  const peer = serviceAsPeer(service, guard);
  const served = needs.map((need) => ({ need, has: need.endpoints.length === 0 ? 'no' as const
    : every(need.endpoints.map((name) => serves(name, subnet, peer, endpoints))) }));
  const lacking = served.filter(({ has }) => has === 'no').map(({ need }) => need);
  const open = served.find((one): one is typeof one & { has: Unknown } => typeof one.has !== 'string')?.has.why ?? why;
  if (verdict !== 'no') {
    return { subnet, because, missing: [], ...lacking.length > 0 || open !== undefined ? { open: verdict.why } : {} };
  }
  return { subnet, because, missing: lacking, ...open === undefined ? {} : { open } };
}

/** Whether an endpoint of a service answers interfaces of a subnet: a gateway in its route table, or an interface that lets them in. */
function serves(name: string, subnet: Subnet, peer: Peer | undefined, endpoints: Endpoints): Verdict {
  return some((endpoints.get(subnet.vpc.identity) ?? []).map((endpoint): Verdict => {
    const { service, type, routeTables, privateDns, securityGroups, subnets, vpc } = endpoint;
    if (!service.known || !type.known) {
      return unknown(service.known ? (type as Unknown).why : service.why);
    }
    if (service.value !== name) {
      return 'no';
    }
    if (type.value === 'Gateway') {
      return routeTables.known ? some(routeTables.value.map((table) => subnet.routeTable ? same(table, subnet.routeTable) : 'no')) : routeTables;
    }
    if (!privateDns.known || !privateDns.value) {
      // The names that ECS and its agent use then lead to the public addresses.
      return privateDns.known ? 'no' : privateDns;
    }
    const traffic = { protocol: 'tcp' as const, ports: { first: 443, last: 443 } };
    const admitted = both(
      peer ? admission(securityGroups, 'ingress', peer, traffic) : 'yes',
      peer?.groups ? admission(peer.groups, 'egress', { groups: securityGroups, family: 'ipv4', addresses: { subnets, vpc } }, traffic) : 'yes',
    );
    return admitted === 'partly' ? 'no' : admitted;
  }));
}

/** Awsvpc tasks on instances: the instance pulls their images, but they themselves get nowhere. */
function* onInstances(service: Service, endpoints: Endpoints): Iterable<Judgement> {
  const { awsvpc, name, launch, vpc } = service;
  const { subnets } = awsvpc!;
  if (!subnets.known) {
    yield notDecidable(service, subnets.why);
    return;
  }
  // A VPC with endpoints for its instances is one that is meant to have no way out.
  if (vpc && (endpoints.get(vpc.identity) ?? []).some((endpoint) => endpoint.service.known && endpoint.service.value === 'ecs-agent')) {
    return;
  }
  const ways = subnets.value.map(({ target, why }) => (
    { target, way: target ? wayOut(target, 'no') : { verdict: unknown(why ?? 'a subnet is not known'), because: '' } }));
  const stuck = ways.filter(({ way }) => way.verdict === 'no');
  const open = ways.find(({ way }) => typeof way.verdict !== 'string');
  if (stuck.length > 0) {
    yield problem({
      subject: service,
      severity: 'warning',
      message: `service ${name} (awsvpc on instances, no public address) sits in subnet ${stuck[0].target!.name}`
        + `${stuck.length > 1 ? ` and ${stuck.length - 1} more` : ''}, ${stuck[0].way.because}: nothing that the task itself calls outside the VPC answers`,
      fix: 'subnets with a route to a NAT gateway, or VPC endpoints for what the task calls',
      assumes: launch.known ? launch.assumes : [],
    });
  } else if (open && typeof open.way.verdict !== 'string') {
    yield notDecidable(service, open.way.verdict.why);
  }
}

/** What the agent on an instance calls. [E01] */
const AGENT = ['ecs-agent', 'ecs-telemetry', 'ecs'];

function* ofInstances(group: HostGroup, endpoints: Endpoints): Iterable<Judgement> {
  const { subnets, publicIp, cluster, name } = group;
  if (!isGiven(group) || !cluster.known) {
    return;
  }
  if (!subnets.known || subnets.value.length === 0) {
    yield* subnets.known ? [] : [notDecidable(group, subnets.why)];
    return;
  }
  const peer: Peer = { groups: group.securityGroups, family: 'ipv4', addresses: { subnets, vpc: group.vpc } };
  const ways = subnets.value.map(({ target, why }) => {
    const way = target ? wayOut(target, verdictOf(publicIp)) : { verdict: unknown(why ?? 'a subnet is not known'), because: '' };
    const served = target && way.verdict !== 'yes' ? every(AGENT.map((endpoint) => serves(endpoint, target, peer, endpoints))) : 'no';
    return { target, because: way.because, verdict: some([way.verdict, served]) };
  });
  const stuck = ways.filter(({ verdict }) => verdict === 'no');
  const open = ways.find(({ verdict }) => typeof verdict !== 'string');
  if (stuck.length > 0) {
    const everywhere = stuck.length === ways.length;
    yield problem({
      subject: group,
      severity: everywhere ? 'error' : 'warning',
      message: `instances of ${name} sit in subnet ${stuck[0].target!.name}${stuck.length > 1 ? ` and ${stuck.length - 1} more` : ''}, ${stuck[0].because}, and reach `
        + `no ECS endpoints: ${everywhere ? 'they' : 'those there'} never register`,
      fix: `subnets with a route to a NAT gateway; or public addresses in a public subnet; or VPC endpoints for ${AGENT.join(', ')} and the images (TaskEndpoints)`,
      assumes: publicIp.known ? publicIp.assumes : [],
    });
  } else if (open && typeof open.verdict !== 'string') {
    yield notDecidable(group, open.verdict.why);
  }
}

function verdictOf(value: Value<boolean>): Verdict {
  return value.known ? value.value ? 'yes' : 'no' : value;
}
