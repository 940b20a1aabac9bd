import { Annotations, Fn, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct, IConstruct, RootConstruct } from 'constructs';
import { invalid, requireBoolean, requireInteger, shown } from '../invalid';
import { AMAZON_IPV6_PREFIX, ipv6SubnetCount } from '../limits/cidr';
import { hasIpv6, ipv6BlocksOf } from './ipv6';
import { TaskSubnets } from './task-subnets';

/** Tiers of subnets, and zones within each: 16 × 16 are the /64s of Amazon's /56, and what `Fn::Cidr` gives at once. */
const TIERS = 16;
const ZONES = 16;
const SLOTS = TIERS * ZONES;
/** Bits of an address within a /64, as `Fn::Cidr` counts. */
const INTERFACE_BITS = '64';

const ANY_IPV6 = '::/0';
const IPV6_ROUTE = 'DefaultRoute6';
/** The addresses that stand for IPv4 ones (fact X01): https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html */
const NAT64_PREFIX = '64:ff9b::/96';

/** Regions that the ECS guide's list for IPv6-only subnets lacks (fact I06), of those that were looked for. */
const WITHOUT_IPV6_ONLY_TASKS = ['eu-central-2', 'eu-north-1', 'eu-west-1'];

const ID = 'DualStack';

/**
 * What `DualStack.enable` takes.
 */
export interface DualStackOptions {
  /**
   * The IPAM pool the VPC's IPv6 block comes from.
   *
   * @default - a block that Amazon provides, a /56
   */
  readonly ipamPoolId?: string;

  /**
   * The size of the block from the pool: 44, 48, 52 or 56.
   *
   * @default 56
   * @see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
   */
  readonly netmaskLength?: number;
}

/**
 * Where in the VPC's IPv6 block subnets are that were not there from the start.
 */
export interface DualStackTierOptions {
  /**
   * Which sixteenth of the block the subnets are numbered in, 0 to 15. Never change it: another number is another range. Give it where
   * what is added before might be removed, for the number would move up.
   *
   * @default - the highest that is free, in the order of the calls: 15, 14, …
   */
  readonly tier?: number;
}

/**
 * What `DualStack.addIpv6OnlySubnets` takes.
 */
export interface Ipv6OnlySubnetsOptions extends DualStackTierOptions {
  /**
   * Reach IPv4 destinations through the NAT gateways of the VPC: names without an IPv6 address get one that stands for the IPv4 address
   * (DNS64), and the NAT gateway translates (NAT64). It charges by the GB, as for IPv4.
   *
   * @default - where the VPC has NAT gateways in its public subnets. Without, tasks reach IPv6 destinations only
   * @see https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
   */
  readonly nat64?: boolean;
}

/** A subnet of the VPC and where its /64 is. */
interface NumberedSubnet {
  readonly subnet: ec2.ISubnet;
  readonly tier: number;
  readonly zone: number;
}

/**
 * IPv6 for a VPC that has been IPv4 only, in place: a block, a /64 of it for each subnet, routes to the internet (public subnets) or out
 * to it (private subnets, through an egress-only internet gateway). Isolated subnets get addresses and no route.
 *
 * Services of this library follow, whether they are declared before or after: see docs/dual-stack.md for what changes with them, and
 * how to leave one out. On a VPC with services that are already deployed, read there first what is replaced.
 *
 * The /64s are numbered by subnet group and zone and not one after the other, so adding a zone, or a group at the end, changes no
 * subnet there is. Public subnets keep giving public IPv4 addresses, which `ipProtocol: DUAL_STACK` would end.
 *
 * Not against a shortage of IPv4 addresses: every interface in these subnets keeps its IPv4 address. `TaskSubnets` adds some (with IPv6,
 * by `addTaskSubnets`), and `addIpv6OnlySubnets` does without. Not for a VPC with `ipProtocol: DUAL_STACK`, which has IPv6 already, and
 * not for an imported VPC.
 */
export class DualStack extends Construct {
  /**
   * Gives a VPC of this app IPv6. A second call gives back what the first one made.
   *
   * @throws if the VPC is imported, has IPv6 already, or has more than 16 subnet groups or zones
   */
  public static enable(vpc: ec2.Vpc, options: DualStackOptions = {}): DualStack {
    if (!(vpc instanceof ec2.Vpc)) {
      const imported = Construct.isConstruct(vpc) ? vpc as IConstruct : undefined;
      const got = imported ? 'another' : shown(vpc);
      throw invalid(imported ?? new RootConstruct(), `'vpc' must be a VPC that this app creates (ec2.Vpc), got ${got}: the range of a block added to a VPC of elsewhere is `
        + 'not known before the deployment, nor can its subnets be changed. Give it IPv6 where it is created');
    }
    const earlier = vpc.node.tryFindChild(ID);
    if (!(earlier instanceof DualStack)) {
      return new DualStack(vpc, options);
    }
    if (Object.values(options).some((option) => option !== undefined)) {
      throw invalid(earlier, `'${Object.keys(options).join("', '")}' must be given to the first call of DualStack.enable for this VPC`);
    }
    return earlier;
  }

  /** The VPC. */
  public readonly vpc: ec2.Vpc;

  /** The VPC's IPv6 block. What uses `vpc.vpcIpv6CidrBlocks` must wait for it. */
  public readonly cidrBlock: ec2.CfnVPCCidrBlock;

  private readonly numbered: readonly NumberedSubnet[];
  /** Who has which tier. */
  private readonly tiers: Map<number, string>;

  private constructor(vpc: ec2.Vpc, options: DualStackOptions) {
    if (hasIpv6(vpc) || ipv6BlocksOf(vpc).length > 0) {
      throw invalid(vpc, "'vpc' must be IPv4 only, and this one has IPv6 already ('ipProtocol' DUAL_STACK, or a block or subnets of your own): leave DualStack.enable out, "
        + 'services follow the VPC as it is');
    }
    const { groups, numbered } = numberedSubnets(vpc);
    requireBlock(vpc, options);
    super(vpc, ID);
    this.vpc = vpc;
    this.numbered = numbered;
    this.tiers = new Map(groups.map((group, tier) => [tier, `subnet group '${group}'`]));
    this.cidrBlock = new ec2.CfnVPCCidrBlock(this, 'Ipv6', {
      vpcId: vpc.vpcId,
      ...options.ipamPoolId === undefined
        ? { amazonProvidedIpv6CidrBlock: true }
        : { ipv6IpamPoolId: options.ipamPoolId, ipv6NetmaskLength: options.netmaskLength ?? AMAZON_IPV6_PREFIX },
    });
    numbered.forEach(({ subnet, tier, zone }) => this.give(subnet.node.defaultChild as ec2.CfnSubnet, tier, zone));
    this.routePublicSubnets();
    vpc.privateSubnets.forEach((subnet) => this.routeOut(subnet as ec2.Subnet));
    this.node.addValidation({
      validate: () => ipv6BlocksOf(vpc).filter((block) => block !== this.cidrBlock)
        .map((block) => `${block.node.path} is a second IPv6 block of the VPC, and which of them the subnets are numbered in would not be decidable: remove it`),
    });
  }

  /** The gateway through which private subnets reach the internet by IPv6, and are not reached; unset where there are none. */
  public get egressOnlyInternetGateway(): ec2.CfnEgressOnlyInternetGateway | undefined {
    return this.node.tryFindChild('EgressOnlyInternetGateway') as ec2.CfnEgressOnlyInternetGateway | undefined;
  }

  /**
   * Adds a subnet in each zone whose interfaces have IPv6 addresses only, so that tasks in it need no IPv4 address at all.
   *
   * @throws if the tier is taken, or NAT64 is asked for and the VPC has no NAT gateway
   */
  public addIpv6OnlySubnets(id: string, options: Ipv6OnlySubnetsOptions = {}): Ipv6OnlySubnets {
    const gateways = zonalNatGateways(this.numbered);
    requireBoolean(this, 'nat64', options.nat64);
    if (options.nat64 && gateways.length === 0) {
      throw invalid(this, `'nat64' of '${id}' needs a NAT gateway in a public subnet of the VPC, which has none`);
    }
    const tier = this.takeTier(`${this.node.path}/${id}`, options);
    const subnets = Ipv6OnlySubnets._in(this, id);
    const zones = [...new Map(this.numbered.map(({ zone, subnet }) => [zone, subnet.availabilityZone]))];
    for (const [zone, availabilityZone] of zones.sort(([a], [b]) => a - b)) {
      const gateway = gateways.find((one) => one.zone === zone) ?? gateways[zone % gateways.length];
      const natGatewayId = (options.nat64 ?? true) ? gateway?.natGatewayId : undefined;
      const subnet = subnets._add(zone, availabilityZone, this.vpc.vpcId, this.slot(tier, zone), natGatewayId);
      subnet.node.defaultChild!.node.addDependency(this.cidrBlock);
      this.routeOut(subnet);
    }
    return subnets;
  }

  /**
   * Gives the subnets of a `TaskSubnets` IPv6 too. Those that share the route tables of private subnets have their way out by IPv6 from
   * there; those with NAT gateways of their own get it through the egress-only gateway; isolated ones get none.
   *
   * @throws if the subnets are of another VPC, in more than 16 zones, or have IPv6 already, or if the tier is taken
   */
  public addTaskSubnets(tasks: TaskSubnets, options: DualStackTierOptions = {}): void {
    if (!(tasks instanceof TaskSubnets)) {
      throw invalid(this, `'tasks' must be a TaskSubnets, got ${shown(tasks)}`);
    }
    const subnets = tasks._cfnSubnets;
    if (tasks.vpc !== this.vpc) {
      throw invalid(this, `'tasks' (${tasks.node.path}) must be of this VPC, whose IPv6 block it would get a part of; it is of ${tasks.vpc.node.path}`);
    }
    if (subnets.some(({ ipv6CidrBlock }) => ipv6CidrBlock !== undefined)) {
      throw invalid(this, `'tasks' (${tasks.node.path}) must be IPv4 only, and has IPv6 already`);
    }
    if (subnets.length > ZONES) {
      throw invalid(this, `'tasks' (${tasks.node.path}) must be in at most ${ZONES} zones, got ${subnets.length}`);
    }
    const tier = this.takeTier(tasks.node.path, options);
    subnets.forEach((subnet, zone) => this.give(subnet, tier, zone));
    const leavesVpc = tasks.routeTables.some(({ node }) => node.scope!.node.children
      .some((child) => child instanceof ec2.CfnRoute && child.destinationCidrBlock === '0.0.0.0/0'));
    if (leavesVpc) {
      tasks.addRoute(IPV6_ROUTE, {
        routerType: ec2.RouterType.EGRESS_ONLY_INTERNET_GATEWAY, routerId: this.gatewayOut().ref, destinationIpv6CidrBlock: ANY_IPV6,
      });
    }
  }

  /** Keeps a tier for subnets that are added. */
  private takeTier(path: string, { tier }: DualStackTierOptions): number {
    if (tier === undefined) {
      const free = Array.from({ length: TIERS }, (_, index) => TIERS - 1 - index).find((one) => !this.tiers.has(one));
      if (free === undefined) {
        throw invalid(this, `no tier is left for ${path}: the VPC's IPv6 block has ${TIERS}, and each subnet group takes one`);
      }
      return this.takeTier(path, { tier: free });
    }
    if (Token.isUnresolved(tier)) {
      throw invalid(this, `'tier' must be literal, for subnets are numbered by it; got ${shown(tier)}`);
    }
    requireInteger(this, 'tier', tier, 0, TIERS - 1);
    const holder = this.tiers.get(tier);
    if (holder) {
      throw invalid(this, `'tier' ${tier} must be free, and ${holder} has it`);
    }
    this.tiers.set(tier, path);
    return tier;
  }

  private give(subnet: ec2.CfnSubnet, tier: number, zone: number): void {
    subnet.ipv6CidrBlock = this.slot(tier, zone);
    subnet.assignIpv6AddressOnCreation = true;
    subnet.node.addDependency(this.cidrBlock);
  }

  private slot(tier: number, zone: number): string {
    const block = Fn.select(0, this.vpc.vpcIpv6CidrBlocks);
    return Fn.select(tier * ZONES + zone, Fn.cidr(block, SLOTS, INTERFACE_BITS));
  }

  private routePublicSubnets(): void {
    const { internetGatewayId, publicSubnets } = this.vpc;
    if (internetGatewayId === undefined) {
      return; // 'createInternetGateway' is off: public subnets are routed by whoever made the gateway
    }
    const attachments = this.vpc.node.children
      .filter((child) => child instanceof ec2.CfnVPCGatewayAttachment && child.internetGatewayId === internetGatewayId);
    for (const subnet of publicSubnets) {
      const route = addRoute(subnet as ec2.Subnet, ANY_IPV6, ec2.RouterType.GATEWAY, internetGatewayId);
      route.node.addDependency(...attachments);
    }
  }

  private routeOut(subnet: ec2.Subnet): void {
    addRoute(subnet, ANY_IPV6, ec2.RouterType.EGRESS_ONLY_INTERNET_GATEWAY, this.gatewayOut().ref);
  }

  private gatewayOut(): ec2.CfnEgressOnlyInternetGateway {
    return this.egressOnlyInternetGateway
      ?? new ec2.CfnEgressOnlyInternetGateway(this, 'EgressOnlyInternetGateway', { vpcId: this.vpc.vpcId });
  }
}

/**
 * Subnets for awsvpc tasks that have IPv6 addresses only, one for each zone, with route tables of their own: out to the internet
 * through the egress-only gateway, and to IPv4 destinations through NAT64 where the VPC has NAT gateways. Made by
 * `DualStack.addIpv6OnlySubnets`; pass `selection` wherever a `SubnetSelection` is taken.
 *
 * Not for Windows, and not with ECS Exec, nor in every Region. A load balancer in front must be dual stack, with IPv6 target groups, and
 * clients in the VPC need IPv6 themselves. See docs/dual-stack.md.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html
 */
export class Ipv6OnlySubnets extends Construct {
  /** @internal */
  public static _in(scope: Construct, id: string): Ipv6OnlySubnets {
    return new Ipv6OnlySubnets(scope, id);
  }

  /** The subnets, by zone. */
  public readonly subnets: ec2.ISubnet[] = [];

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    const { region } = Stack.of(this);
    if (!Token.isUnresolved(region) && WITHOUT_IPV6_ONLY_TASKS.includes(region)) {
      Annotations.of(this).addWarningV2('cdk-ecs-network-modes:ipv6-only-region',
        `The ECS guide's list of Regions with tasks in IPv6-only subnets lacks ${region}: see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html and acknowledge this if it has come`);
    }
  }

  /** The subnets, for whatever takes a `SubnetSelection`. What uses it waits for their routes. */
  public get selection(): ec2.SubnetSelection {
    return { subnets: this.subnets };
  }

  /** @internal */
  public _add(zone: number, availabilityZone: string, vpcId: string, ipv6CidrBlock: string, natGatewayId: string | undefined): ec2.Subnet {
    const subnet = new ec2.PrivateSubnet(this, `Subnet${zone + 1}`, {
      availabilityZone, vpcId, ipv6CidrBlock, assignIpv6AddressOnCreation: true, cidrBlock: '',
    });
    const resource = subnet.node.defaultChild as ec2.CfnSubnet;
    resource.cidrBlock = undefined; // the L2 has no subnets without IPv4
    resource.ipv6Native = true;
    // A look-up of the VPC goes by these, and would else take a subnet with a route to a NAT gateway for a private one like any other.
    resource.tags.setTag('aws-cdk:subnet-name', this.node.id);
    resource.tags.setTag('aws-cdk:subnet-type', 'Isolated');
    if (natGatewayId) {
      // Without the route, an address that stands for an IPv4 one leads nowhere, and a name that has no other had better not resolve.
      resource.enableDns64 = true;
      addRoute(subnet, NAT64_PREFIX, ec2.RouterType.NAT_GATEWAY, natGatewayId);
    }
    this.subnets.push(subnet);
    return subnet;
  }
}

/** @throws if the block would not hold the /64s that subnets are numbered with */
function requireBlock(vpc: ec2.Vpc, { ipamPoolId, netmaskLength }: DualStackOptions): void {
  if (netmaskLength === undefined) {
    return;
  }
  if (ipamPoolId === undefined) {
    throw invalid(vpc, `'netmaskLength' (${shown(netmaskLength)}) is for blocks from an 'ipamPoolId'; Amazon provides a /${AMAZON_IPV6_PREFIX}`);
  }
  if (!Token.isUnresolved(netmaskLength) && (ipv6SubnetCount(netmaskLength) ?? 0) < SLOTS) {
    throw invalid(vpc, `'netmaskLength' must be 44, 48, 52 or 56, which hold the ${SLOTS} subnets that are numbered in it, got ${shown(netmaskLength)}`);
  }
}

/**
 * The subnets of a VPC by group and zone. The number of a group is its place in the VPC's configuration, where reserved groups count as
 * well; the number of a zone is the one the VPC gave the subnet's construct.
 */
function numberedSubnets(vpc: ec2.Vpc): { readonly groups: readonly string[]; readonly numbered: readonly NumberedSubnet[] } {
  const subnets = vpc.node.children.flatMap((subnet) => {
    const [, group, number] = subnet instanceof ec2.Subnet ? /^(.*)Subnet(\d+)$/.exec(subnet.node.id) ?? [] : [];
    const listed = [...vpc.publicSubnets, ...vpc.privateSubnets, ...vpc.isolatedSubnets].includes(subnet as ec2.Subnet);
    return listed && group !== undefined ? [{ subnet: subnet as ec2.Subnet, group, zone: Number(number) - 1 }] : [];
  });
  if (subnets.length === 0) {
    throw invalid(vpc, "'vpc' must have subnets, got one without any");
  }
  // Private to the L2, and the only place that tells of groups that are reserved for later.
  const configured: ec2.SubnetConfiguration[] = vpc['subnetConfiguration'] ?? [];
  const groups = [...new Set([...configured.map(({ name }) => name), ...subnets.map(({ group }) => group)])];
  const zones = Math.max(...subnets.map(({ zone }) => zone)) + 1;
  if (groups.length > TIERS || zones > ZONES) {
    throw invalid(vpc, `'vpc' must have at most ${TIERS} subnet groups in at most ${ZONES} zones, for ${SLOTS} subnets are numbered in its IPv6 block; got ${groups.length} in ${zones}`);
  }
  return { groups, numbered: subnets.map(({ subnet, group, zone }) => ({ subnet, zone, tier: groups.indexOf(group) })) };
}

/** A route that whatever waits for the subnet's connectivity waits for as well. */
function addRoute(subnet: ec2.Subnet, destinationIpv6CidrBlock: string, routerType: ec2.RouterType, routerId: string): IConstruct {
  const id = destinationIpv6CidrBlock === NAT64_PREFIX ? 'Nat64' : IPV6_ROUTE; // as the L2 names them
  if (subnet.node.tryFindChild(id)) {
    throw invalid(subnet, `the subnet has a route '${id}' already: remove it, it comes with DualStack.enable`);
  }
  subnet.addRoute(id, { routerType, routerId, destinationIpv6CidrBlock, enablesInternetConnectivity: true });
  return subnet.node.findChild(id);
}

/** The NAT gateways that a VPC has in its public subnets, by the number of their zone. */
function zonalNatGateways(subnets: readonly NumberedSubnet[]): { readonly zone: number; readonly natGatewayId: string }[] {
  return subnets.flatMap(({ subnet, zone }) => subnet.node.children
    .filter((child) => child instanceof ec2.CfnNatGateway && child.connectivityType !== 'private')
    .map((gateway) => ({ zone, natGatewayId: (gateway as ec2.CfnNatGateway).ref })));
}
