import { contains, firstFreeBlock, Ipv4Block, overlaps, printBlock, readBlock, subnetAt } from '../../limits/cidr';
import { HostGroup, isBottlerocket, Service, VpcEndpoint } from '../facts';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { append } from '../templates';
import { assumesOf, union, unknown, Value } from '../value';

const fragment = (bip: string) => ({
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '172.16.0.0/16' } },
  Databases: { Type: 'AWS::EC2::VPCCidrBlock', Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '172.17.0.0/16' } },
  Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '172.16.1.0/24' } },
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Node: {
    Type: 'AWS::EC2::Instance',
    Properties: {
      SubnetId: { Ref: 'Subnet' },
      UserData: { 'Fn::Base64': { 'Fn::Sub': `#!/bin/bash\necho ECS_CLUSTER=\${Cluster} >> /etc/ecs/ecs.config${bip}` } },
    },
  },
  Tasks: { Type: 'AWS::ECS::TaskDefinition', Properties: { NetworkMode: 'bridge', ContainerDefinitions: [{ Name: 'web', Image: 'nginx', Memory: 128 }] } },
  Web: { Type: 'AWS::ECS::Service', Properties: { Cluster: { Ref: 'Cluster' }, LaunchType: 'EC2', TaskDefinition: { Ref: 'Tasks' } } },
});

export const dockerBridgeOverlap: Rule = {
  id: 'docker-bridge-overlap',
  family: 'addresses',
  summary: 'Docker takes no addresses on its instances that the network uses elsewhere',
  why: 'Docker gives its own bridge 172.17.0.0/16 on every instance. What has an address of that range elsewhere is not reached from there: packets of '
    + 'bridge and host tasks, and of the instance itself, go to the bridge.',
  fix: 'Set another bridge address in the user data, such as `{ "bip": "192.168.250.1/24" }` in /etc/docker/daemon.json before Docker starts; or run the tasks in '
    + 'awsvpc mode, where they have a network of their own.',
  acknowledge: 'Where nothing on these instances ever talks to that part of the network.',
  source: 'https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html [V14], https://docs.docker.com/engine/network/drivers/bridge/. That Docker takes '
    + 'another range where the instance itself has an address in this one is observed, not documented',
  bad: fragment(''),
  good: fragment('\necho \'{ "bip": "192.168.250.1/24" }\' > /etc/docker/daemon.json'),
  *judge(facts) {
    const endpoints = new Map<string, VpcEndpoint[]>();
    for (const endpoint of facts.endpoints) {
      append(endpoints, endpoint.vpc.identity, endpoint);
    }
    for (const group of facts.hostGroups) {
      const os = group.operatingSystem;
      if (group.kind !== 'managed-instances' && !(os.known && os.value === 'windows')) {
        yield* judged(group, endpoints.get(group.vpc?.identity ?? '') ?? []);
      }
    }
  },
};

/** What Docker takes unless it is told otherwise [V14], and what it goes on with where that is the instance's own. */
const DEFAULT_BRIDGE = readBlock('172.17.0.0/16')!;
const NEXT_BRIDGES = Array.from({ length: 14 }, (_, index) => subnetAt(readBlock('172.16.0.0/12')!, 16, index + 2)!);

/** Where a bridge can be put. */
const PRIVATE_RANGES = ['192.168.0.0/16', '172.16.0.0/12', '10.0.0.0/8'].map((range) => readBlock(range)!);

function* judged(group: HostGroup, endpoints: readonly VpcEndpoint[]): Iterable<Judgement> {
  const sharing = group.services.filter(({ mode }) => mode.known && (mode.value === 'bridge' || mode.value === 'host'));
  const open = group.services.find(({ mode }) => !mode.known);
  const within = endpointsIn(endpoints);
  if (sharing.length === 0 && open === undefined && within.length === 0) {
    return;
  }
  const { dockerBip: bip, dockerAddressPools: pools } = group.userData;
  const missing = [bip, pools].find((value) => value?.known === false);
  const network = networkOf(group);
  const isGiven = bip !== undefined || pools !== undefined;
  const undecided = (why: string) => sharing.length > 0 || open ? [notDecidable(group, why)] : [];
  const whyBridge = missing?.known === false ? missing.why : isGiven ? undefined : network.whyOwn;
  if (whyBridge !== undefined) {
    yield* undecided(whyBridge);
    return;
  }
  // A range that Docker is given stays, whatever the instance's addresses are.
  const given = bip?.known ? [bip.value] : pools?.known ? pools.value : [];
  const bridges = given.length > 0 ? given.flatMap((text) => readBlock(text) ?? []) : [bridgeBeside(network.own)];
  const moved = given.length === 0 && bridges[0] !== DEFAULT_BRIDGE;
  const taken = bridges.find((bridge) => network.remote.some(({ block }) => overlaps(block, bridge)));
  if (taken === undefined) {
    const why = network.whyOwn ?? network.whyRemote;
    if (why !== undefined) {
      yield* undecided(why);
    } else if (moved && sharing.length > 0) {
      yield moves(group, sharing, bridges[0], network);
    }
    return;
  }
  if (bip === undefined && pools !== undefined) {
    yield notDecidable(group, `which part of ${printBlock(taken)} Docker takes for its bridge is not known`);
  } else if (sharing.length > 0) {
    yield overlapping(group, sharing, taken, network);
  } else if (open && !open.mode.known) {
    yield notDecidable(group, open.mode.why);
  } else if (within.some((block) => overlaps(block, taken))) {
    yield problem({
      subject: group,
      severity: 'info',
      message: `instances of ${group.name} cannot reach the VPC endpoints in ${printBlock(taken)}: it is Docker's own bridge there`,
      fix: fixOf(group, network),
      assumes: network.assumes,
    });
  }
}

function overlapping(group: HostGroup, sharing: readonly Service[], bridge: Ipv4Block, network: Network): Judgement {
  const there = network.remote.filter(({ block }) => overlaps(block, bridge));
  const reached = there.map(({ block }) => contains(bridge, block) ? printBlock(block) : printBlock(bridge));
  return problem({
    subject: group,
    severity: 'warning',
    message: `${modesOf(sharing)} tasks on ${group.name} cannot reach ${[...new Set(reached)].join(' and ')}: it is Docker's own bridge on the instance`,
    fix: fixOf(group, network),
    assumes: union(network.assumes, ...there.map(({ assumes }) => assumes)),
  });
}

function moves(group: HostGroup, sharing: readonly Service[], bridge: Ipv4Block, network: Network): Judgement {
  return problem({
    subject: group,
    severity: 'info',
    message: `instances of ${group.name} have addresses in ${printBlock(DEFAULT_BRIDGE)}, so that Docker takes ${printBlock(bridge)} for its bridge under the `
      + `${modesOf(sharing)} tasks, or a later one`,
    fix: fixOf(group, network),
    assumes: network.assumes,
  });
}

function modesOf(services: readonly Service[]): string {
  return [...new Set(services.map(({ mode }) => mode.known ? mode.value : ''))].sort().join(' and ');
}

interface Remote {
  readonly block: Ipv4Block;
  readonly assumes: readonly string[];
}

interface Network {
  /** The instances' own subnets, and the resolver of their VPC: Docker sees them as taken. */
  readonly own: readonly Ipv4Block[];
  /** What the instances may want to reach: blocks of their VPC, and what its routes lead to. */
  readonly remote: readonly Remote[];
  readonly assumes: readonly string[];
  /** Why not all of either is known. */
  readonly whyOwn?: string;
  readonly whyRemote?: string;
}

function networkOf({ subnets, vpc, name }: HostGroup): Network {
  const blocks = (vpc?.target?.blocks ?? []).filter(({ ipv6 }) => !ipv6);
  const routes = (vpc?.target?.routes ?? []).filter(({ family, target }) => family === 'ipv4' && target === 'other');
  const own: ReadonlyArray<Value<Ipv4Block>> = subnets.known
    ? subnets.value.flatMap(({ target, why }) => target ? target.block ?? [] : unknown(why ?? 'a subnet is not known'))
    : [unknown(subnets.why)];
  const cidrs: ReadonlyArray<Value<string>> = [...blocks.map(({ cidr }) => cidr), ...routes.map(({ destination }) => destination)];
  const remote = cidrs.flatMap((cidr): Remote[] => {
    const block = cidr.known ? readBlock(cidr.value) : undefined;
    // A default route leads everywhere, and none goes there for want of a better one.
    return block && block.prefix > 0 && cidr.known ? [{ block, assumes: cidr.assumes }] : [];
  });
  const primary = blocks[0]?.cidr;
  const whole = vpc?.target ? undefined : vpc?.why ?? `the VPC of ${name} is not known`;
  const whyOwn = whole ?? whyOf([...own, ...primary ? [primary] : []]);
  const whyRemote = whole ?? whyOf(cidrs);
  const resolver = primary?.known ? readBlock(primary.value) : undefined;
  return {
    own: [
      ...own.flatMap((value) => value.known ? [value.value] : []),
      ...resolver ? [{ first: resolver.first + 2, prefix: 32 }] : [],
    ],
    remote,
    assumes: assumesOf(...own),
    ...whyOwn === undefined ? {} : { whyOwn },
    ...whyRemote === undefined ? {} : { whyRemote },
  };
}

function whyOf(values: ReadonlyArray<Value<unknown>>): string | undefined {
  const missing = values.find((value) => !value.known);
  return missing?.known === false ? missing.why : undefined;
}

/** The range that Docker takes by itself: the first in which the instance has nothing. */
function bridgeBeside(own: readonly Ipv4Block[]): Ipv4Block {
  return [DEFAULT_BRIDGE, ...NEXT_BRIDGES].find((bridge) => !own.some((block) => overlaps(block, bridge))) ?? DEFAULT_BRIDGE;
}

/** The blocks of the subnets that interface endpoints have addresses in. */
function endpointsIn(endpoints: readonly VpcEndpoint[]): Ipv4Block[] {
  return endpoints.filter(({ type }) => type.known && type.value === 'Interface')
    .flatMap(({ subnets }) => subnets.known ? subnets.value : [])
    .flatMap(({ target }) => target?.block?.known ? [target.block.value] : []);
}

function fixOf(group: HostGroup, { own, remote, whyRemote }: Network): string {
  if (isBottlerocket(group)) {
    return 'awsvpc mode';
  }
  const taken = [...own, ...remote.map(({ block }) => block), DEFAULT_BRIDGE];
  const free = PRIVATE_RANGES.flatMap((range) => firstFreeBlock(range, 24, taken) ?? [])[0];
  const address = free && printBlock({ first: free.first + 1, prefix: free.prefix });
  const ifFree = whyRemote === undefined ? '' : `, if nothing else is there (${whyRemote})`;
  return `${address ? `"bip": "${address}" in /etc/docker/daemon.json, written by the user data${ifFree}; or ` : ''}awsvpc mode`;
}
