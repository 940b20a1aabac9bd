import { Annotations, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct, Dependable, DependencyGroup, IDependable } from 'constructs';
import { invalid, requireBoolean, requireInteger, shown } from '../invalid';
import {
  addressesIn, blockSizeRefusal, contains, DEFAULT_MAX_IPV4_BLOCKS, equals, firstFreeBlock, indexOfSubnet, Ipv4Block, isBlockedByRoute,
  MAX_IPV4_BLOCKS, overlaps, parseBlock, printBlock, RESERVED_ADDRESSES_PER_SUBNET, secondaryBlockRefusal, SHARED_ADDRESS_SPACE,
  SMALLEST_BLOCK_PREFIX, subnetAt, subnetCount, usableAddresses,
} from '../limits/cidr';
import { RoutedSubnets } from './private/routed-subnets';
import { addressesOf, associationsHolding, blockOfSubnet, isImported, isPendingLookup, KnownSubnet, VpcAddresses } from './private/vpc-addresses';
import { isOfListToken, shownZone, zoneKey } from './private/zones';
import { TaskSubnetRouting } from './task-subnet-routing';

/** How many zones there is room for when `subnetMask` is left out: the framework's VPCs have at most three by default, and one can come. */
const DEFAULT_ZONES = 4;

/** The id, in the construct of a zone, of what puts the route table on the subnet. */
const TABLE_ASSOCIATION = 'RouteTableAssociation';

/** Props of `TaskSubnets`. */
export interface TaskSubnetsProps {
  /** The VPC that gets the subnets: of this app, looked up, or imported. */
  readonly vpc: ec2.IVpc;

  /**
   * The block of addresses the subnets share, such as `100.64.0.0/16`: /16 to /28, literal. Addresses of 100.64.0.0/10 go with every VPC
   * and are rarely routed elsewhere; which other ranges EC2 allows depends on those the VPC has
   * (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions).
   *
   * Neither it nor `subnetMask` can be changed once deployed: make a second `TaskSubnets` beside this one, let services use it, and
   * remove this one.
   */
  readonly cidr: string;

  /**
   * The size of each subnet, 16 to 28: `19` gives 8,187 addresses, `20` gives 4,091
   * (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html).
   *
   * @default - a quarter of `cidr`, but not smaller than /28, so that there is room for four zones
   */
  readonly subnetMask?: number;

  /**
   * The zones, one subnet each. The first zone has the first part of `cidr`, and so on: add further zones at the end, and remove none but
   * the last. Instances must be in these zones to run the tasks.
   *
   * Give it for a VPC that is looked up, whose zones are in alphabetical order: a new one would come between the others.
   *
   * @default - the zones of the private subnets with a route out, or of those whose route tables `routing` shares
   */
  readonly availabilityZones?: string[];

  /**
   * How traffic leaves the subnets.
   *
   * @default TaskSubnetRouting.sharedRouteTables()
   */
  readonly routing?: TaskSubnetRouting;

  /**
   * Whether to add `cidr` to the VPC. `false` takes the subnets from addresses that the VPC has already: a block of its own that another
   * team added, or a free part of one.
   *
   * @default true
   */
  readonly associate?: boolean;
}

/**
 * How many addresses there are for tasks. Every awsvpc task takes one of them, also while it starts and stops; a rolling update at 200
 * percent takes twice as many as there are tasks. Load balancers and endpoints in the same subnets take some as well.
 */
export interface TaskAddressBudget {
  /** How many subnets there are: one for each zone. */
  readonly subnetCount: number;

  /** How many addresses network interfaces can have in each subnet. */
  readonly usableAddressesPerSubnet: number;

  /** The same in all subnets. */
  readonly usableAddresses: number;

  /** The same in all subnets but one: what is left when a zone is lost. */
  readonly usableAddressesWithOneZoneLost: number;

  /** The arithmetic in a sentence. */
  readonly summary: string;
}

/**
 * Subnets for awsvpc tasks on a secondary block of addresses, so that tasks no longer use up those of the VPC.
 *
 * Adds the block to the VPC, and to each zone a subnet of it that by default shares the route table of the zone's private subnet. Pass
 * `selection` wherever a `SubnetSelection` is taken. What uses the subnets waits for their routes, and the block goes last when the stack
 * is deleted. Instances stay where they are: a task's subnet may differ from that of its instance.
 *
 * Not for reaching these tasks from outside the VPC by address: neither peered VPCs nor a transit gateway nor your own network know
 * 100.64.0.0/10 unless its routes are propagated there, and it must not be in use there. Replies to what the tasks call there take
 * the same way: where there is no route back, send those destinations through a private NAT gateway in the VPC's first block.
 *
 * Rules written for the VPC's first block do not cover these subnets: neither `Peer.ipv4(vpc.vpcCidrBlock)` nor the default of the
 * framework's interface endpoints, which admits that block. Name security groups instead.
 *
 * Not a matter of IPv6 either: dual-stack tasks take an IPv4 address each, as before.
 *
 * A later `Vpc.fromLookup` lists these subnets among the isolated ones, whatever their routes, so that nothing else gets into them by
 * default. They are the group named like this construct: select them there by `subnetGroupName`.
 */
export class TaskSubnets extends Construct {
  /** The VPC of the subnets. */
  public readonly vpc: ec2.IVpc;

  /** The block of addresses the subnets share. */
  public readonly cidr: string;

  /** The zones, in the order of the subnets. */
  public readonly availabilityZones: string[];

  /** The subnets, one for each zone. */
  public readonly subnets: ec2.ISubnet[];

  /** All subnets, for props such as `vpcSubnets`. */
  public readonly selection: ec2.SubnetSelection;

  /** Route tables of its own, one for each zone; none where those of other subnets are shared. */
  public readonly routeTables: ec2.CfnRouteTable[];

  /** The resource that adds `cidr` to the VPC; none with `associate: false`. */
  public readonly cidrBlockAssociation?: ec2.CfnVPCCidrBlock;

  /**
   * What there must be before tasks have a way out. This library's services and capacities wait for it by themselves; other constructs are
   * made to by `construct.node.addDependency(tasks.internetConnectivityEstablished)`.
   */
  public readonly internetConnectivityEstablished: IDependable;

  /** How many addresses there are. */
  public readonly addressBudget: TaskAddressBudget;

  /**
   * The resources of `subnets`. The index of a zone never changes.
   *
   * @internal
   */
  public readonly _cfnSubnets: ec2.CfnSubnet[];

  /**
   * Whether a subnet is one of these, found by a look-up of the VPC after they were deployed.
   *
   * @internal
   */
  public readonly _findsAgain: (subnet: ec2.ISubnet) => boolean;

  private readonly block: Ipv4Block;
  private readonly subnetBlocks: Ipv4Block[];
  private readonly blockThere: IDependable;
  private readonly waysOut: DependencyGroup[];

  /**
   * @throws if `cidr` is no block that can be added to the VPC beside what is known of it, if the zones do not fit in it, or if a zone
   * has no route table to share. What is declared later is looked at again at synthesis.
   */
  constructor(scope: Construct, id: string, props: TaskSubnetsProps) {
    super(scope, id);
    const { vpc, associate = true, routing = TaskSubnetRouting.sharedRouteTables() } = props;
    if (!Construct.isConstruct(vpc)) {
      throw invalid(this, `'vpc' must be given, got ${shown(vpc)}`);
    }
    requireBoolean(this, 'associate', associate);
    if (typeof routing?._connect !== 'function') {
      throw invalid(this, `'routing' must come from a method of TaskSubnetRouting, such as sharedRouteTables, got ${shown(routing)}`);
    }
    this.vpc = vpc;
    this.cidr = props.cidr;
    this.block = this.requireBlock(props.cidr);
    const prefix = this.requirePrefix(props.subnetMask);
    const pending = isPendingLookup(vpc);
    const routed: RoutedSubnets = {
      scope: this,
      vpc,
      isOurs: (subnet) => {
        const block = isImported(subnet) ? blockOfSubnet(subnet) : undefined;
        return block?.prefix === prefix && indexOfSubnet(this.block, block) !== undefined;
      },
    };
    this._findsAgain = (subnet) => !this.subnets.includes(subnet) && routed.isOurs(subnet);
    this.availabilityZones = this.requireZones(props.availabilityZones ?? routing._zones(routed), prefix, pending);
    this.subnetBlocks = this.availabilityZones.map((_, index) => subnetAt(this.block, prefix, index)!);
    if (!pending) {
      this.checkAgainstVpc(associate);
    }

    if (associate) {
      this.cidrBlockAssociation = new ec2.CfnVPCCidrBlock(this, 'Association', { vpcId: vpc.vpcId, cidrBlock: this.cidr });
    }
    this.blockThere = this.cidrBlockAssociation ?? dependableOn(() => associationsHolding(vpc, (block) => contains(block, this.block)));
    const zones = this.availabilityZones.map((zone, index) => this.addSubnet(routed, routing, zone, index));
    this.subnets = zones.map(({ subnet }) => subnet);
    this._cfnSubnets = zones.map(({ resource }) => resource);
    this.waysOut = zones.map(({ wayOut }) => wayOut);
    this.routeTables = zones.flatMap(({ ownTable }) => ownTable ?? []);
    this.selection = { subnets: this.subnets };
    this.internetConnectivityEstablished = new DependencyGroup(...this.waysOut);
    this.addressBudget = budgetOf(zones.length, prefix);
  }

  /**
   * Adds a route to each of the subnets' own route tables. What uses the subnets waits for it.
   *
   * @throws if the subnets share the route tables of others: those get their routes where they are
   */
  public addRoute(id: string, options: ec2.AddRouteOptions): void {
    if (this.routeTables.length === 0) {
      throw invalid(this, "'addRoute' needs route tables of its own, by 'routing': the tables shared here belong to other subnets, which get the route");
    }
    const target = ROUTE_TARGETS[options.routerType];
    if (!target) {
      throw invalid(this, `'routerType' must be one of ${Object.keys(ROUTE_TARGETS).join(', ')}, got ${shown(options.routerType)}`);
    }
    const { destinationCidrBlock, destinationIpv6CidrBlock } = options;
    if (destinationCidrBlock && destinationIpv6CidrBlock) {
      throw invalid(this, "'destinationCidrBlock' and 'destinationIpv6CidrBlock' are two routes: add one after the other");
    }
    this.routeTables.forEach((table, index) => {
      const route = new ec2.CfnRoute(table.node.scope!, id, {
        routeTableId: table.ref,
        destinationCidrBlock: destinationCidrBlock ?? (destinationIpv6CidrBlock ? undefined : '0.0.0.0/0'),
        destinationIpv6CidrBlock,
        [target]: options.routerId,
      });
      // A route that leads into the block would keep it from being added (fact V13).
      route.node.addDependency(this.blockThere);
      table.node.scope!.node.findChild(TABLE_ASSOCIATION).node.addDependency(route);
      this.waysOut[index].add(route);
    });
  }

  private addSubnet(routed: RoutedSubnets, routing: TaskSubnetRouting, availabilityZone: string, index: number) {
    // Numbered by zone, and the same whatever the routing: a subnet that got another id would be replaced, and clash with itself.
    const zone = new Construct(this, `Subnet${index + 1}`);
    const ipv4CidrBlock = printBlock(this.subnetBlocks[index]);
    const resource = new ec2.CfnSubnet(zone, 'Resource', {
      vpcId: this.vpc.vpcId,
      availabilityZone,
      cidrBlock: ipv4CidrBlock,
      tags: [
        { key: 'Name', value: zone.node.path },
        // A look-up of the VPC goes by these. It would else take subnets with a route to a NAT gateway for private ones like others, and
        // instances and load balancers, which go into those by default, would move in with the next look-up.
        { key: 'aws-cdk:subnet-name', value: this.node.id },
        { key: 'aws-cdk:subnet-type', value: 'Isolated' },
      ],
    });
    resource.node.addDependency(this.blockThere);
    const { routeTableId, established, ownTable } = routing._connect(routed, zone, availabilityZone, index, this.availabilityZones.length);
    const tableAssociation = new ec2.CfnSubnetRouteTableAssociation(zone, TABLE_ASSOCIATION, { subnetId: resource.ref, routeTableId });
    if (ownTable) {
      // Where another table was shared before, running tasks would lose their way out until this one has its routes.
      tableAssociation.node.addDependency(...established);
    }

    const subnet = ec2.Subnet.fromSubnetAttributes(zone, 'Subnet', { subnetId: resource.ref, availabilityZone, ipv4CidrBlock, routeTableId });
    subnet.node.defaultChild = resource;
    const wayOut = new DependencyGroup(tableAssociation, ...established);
    // An imported subnet has nothing to wait for by itself.
    Dependable.implement(subnet.internetConnectivityEstablished, Dependable.of(wayOut));
    Dependable.implement(subnet, { dependencyRoots: [zone] });
    return { subnet, resource, wayOut, ownTable };
  }

  private requireBlock(cidr: string): Ipv4Block {
    if (Token.isUnresolved(cidr)) {
      throw invalid(this, "'cidr' must be literal, for the blocks of the subnets are computed from it; got a value known only at deployment");
    }
    const { block, problem } = parseBlock(cidr);
    if (!block) {
      throw invalid(this, `'cidr' must be a block of addresses: ${problem}`);
    }
    const size = blockSizeRefusal(block);
    if (size) {
      throw invalid(this, `'cidr' must be a block of /16 to /28; ${cidr} ${size.text}`);
    }
    return block;
  }

  private requirePrefix(subnetMask: number | undefined): number {
    if (subnetMask === undefined) {
      return Math.min(SMALLEST_BLOCK_PREFIX, this.block.prefix + Math.log2(DEFAULT_ZONES));
    }
    if (Token.isUnresolved(subnetMask)) {
      throw invalid(this, "'subnetMask' must be literal, for the blocks of the subnets are computed from it; got a value known only at deployment");
    }
    requireInteger(this, 'subnetMask', subnetMask, this.block.prefix, SMALLEST_BLOCK_PREFIX);
    return subnetMask;
  }

  /** The zones, where there is a part of the block for each. */
  private requireZones(zones: string[], prefix: number, pending: boolean): string[] {
    if (!Array.isArray(zones) || zones.length === 0 || zones.some(isOfListToken)) {
      const given = Array.isArray(zones) ? (zones.length ? 'a list known only at deployment' : 'none') : shown(zones);
      throw invalid(this, `'availabilityZones' must be at least one zone, each known one by one, got ${given}`);
    }
    const keys = zones.map((zone) => zoneKey(this, zone));
    const again = zones.find((_, index) => keys.indexOf(keys[index]) !== index);
    if (again) {
      throw invalid(this, `'availabilityZones' must be different zones, got ${shownZone(again)} twice`);
    }
    const room = subnetCount(this.block, prefix);
    if (zones.length > room) {
      if (pending) {
        return zones.slice(0, room); // The stand-in for a VPC not yet looked up has more zones than this one may have.
      }
      const needed = this.block.prefix + Math.ceil(Math.log2(zones.length));
      throw invalid(this, `'cidr' ${this.cidr} splits into ${room} × /${prefix}, too few for ${zones.length} zones: `
        + (needed <= SMALLEST_BLOCK_PREFIX ? `a 'subnetMask' of at least ${needed} makes room` : "a larger 'cidr' makes room"));
    }
    return zones;
  }

  /** Refuses what is known to clash, says what cannot be known, and looks again when everything is declared. */
  private checkAgainstVpc(associate: boolean): void {
    const known = addressesOf(this.vpc, this);
    const [problem] = this.problemsWith(known, associate);
    if (problem) {
      throw invalid(this, problem);
    }
    if (known.unread.length > 0) {
      Annotations.of(this).addInfo(`${this.cidr} is checked against what this app knows of the VPC. Not known: ${known.unread.join('; ')}`);
    }
    this.node.addValidation({
      validate: () => {
        const complete = addressesOf(this.vpc, this);
        const count = complete.blockCount + 1;
        if (associate && count > DEFAULT_MAX_IPV4_BLOCKS && count <= MAX_IPV4_BLOCKS) {
          // On the VPC, for it is one matter however many constructs add blocks.
          Annotations.of(this.vpc).addWarningV2('cdk-ecs-network-modes:vpc-block-quota',
            `This app gives the VPC ${count} IPv4 blocks. The quota is ${DEFAULT_MAX_IPV4_BLOCKS} unless it has been raised, to ${MAX_IPV4_BLOCKS} at most: acknowledge this if it has`);
        }
        return [...this.problemsWith(complete, associate), ...associate ? [] : this.problemsOfPlace(complete)];
      },
    });
  }

  /** What speaks against the block or a subnet, as far as it is known. */
  private problemsWith(known: VpcAddresses, associate: boolean): string[] {
    const subnets = known.subnets.filter((subnet) => !this.isDeployed(subnet));
    return [
      ...associate ? this.problemsOfBlock(known, subnets) : [],
      ...this.subnetBlocks.flatMap((own) => {
        const other = subnets.find(({ block }) => overlaps(block, own));
        return other && !(associate && other.imported)
          ? [`'cidr' ${this.cidr} gives a subnet ${printBlock(own)}, which overlaps ${printBlock(other.block)} of ${other.of}`]
          : [];
      }),
    ];
  }

  private problemsOfBlock({ associated, blockCount, routes, subnets: all }: VpcAddresses, subnets: KnownSubnet[]): string[] {
    // A route to more than the block, as to everywhere, is no hindrance.
    const hindering = routes.filter(({ block }) => block.prefix >= this.block.prefix);
    const taken = [...associated, ...hindering, ...all].map(({ block }) => block);
    const free = firstFreeBlock(SHARED_ADDRESS_SPACE, this.block.prefix, taken);
    const instead = free ? `. Free is, for one, ${printBlock(free)}` : '';
    const useOfExisting = ". To take subnets from a block that the VPC has, say 'associate: false'";
    const problems: string[] = [];

    const refusal = secondaryBlockRefusal(this.block, associated);
    if (refusal) {
      const beside = associated.find(({ block }) => block === refusal.beside);
      problems.push(`'cidr' ${this.cidr} ${refusal.text}${beside ? ` (${beside.of})` : ''}${instead}`
        + (refusal.rule === 'overlap' && contains(refusal.beside!, this.block) ? useOfExisting : ''));
    }
    const inside = subnets.find(({ block, imported }) => imported && overlaps(block, this.block));
    if (inside) {
      problems.push(`'cidr' ${this.cidr} overlaps a block that the VPC has: ${inside.of} is ${printBlock(inside.block)}${instead}${useOfExisting}`);
    }
    for (const { block, of, resource } of hindering) {
      if (isBlockedByRoute(this.block, block) && !this.isAwaitedBy(resource)) {
        problems.push(`'cidr' ${this.cidr} must not contain ${printBlock(block)}, where the route ${of} leads: EC2 adds no block that equals or contains the destination `
          + `of a route${instead}. A route to what stands in front of these subnets must wait for them: route.node.addDependency(taskSubnets)`);
      }
    }
    if (blockCount + 1 > MAX_IPV4_BLOCKS) {
      problems.push(`'cidr' ${this.cidr} is one IPv4 block too many: a VPC has ${MAX_IPV4_BLOCKS} at most, and this one has ${blockCount} without it`);
    }
    return problems;
  }

  /** Once everything is declared: whether a block that is not added here is there at all. */
  private problemsOfPlace({ associated, unread }: VpcAddresses): string[] {
    return unread.length > 0 || associated.some(({ block }) => contains(block, this.block))
      ? []
      : [`'cidr' ${this.cidr} must lie in a block that the VPC has (${associated.map(({ block }) => printBlock(block)).join(', ')}) with 'associate: false'`];
  }

  /** Whether an existing subnet is one of these, found by a look-up after they were deployed. */
  private isDeployed({ imported, block, availabilityZone }: KnownSubnet): boolean {
    const index = this.subnetBlocks.findIndex((own) => equals(own, block));
    return imported && index >= 0
      && (availabilityZone === undefined || zoneKey(this, availabilityZone) === zoneKey(this, this.availabilityZones[index]));
  }

  private isAwaitedBy(route: ec2.CfnRoute): boolean {
    return [...route.node.dependencies, ...route.obtainDependencies()].some(({ node }) => node.scopes.includes(this));
  }
}

/** The property of a route that takes the id of each type of target. */
const ROUTE_TARGETS: { readonly [type in ec2.RouterType]: keyof ec2.CfnRouteProps } = {
  [ec2.RouterType.CARRIER_GATEWAY]: 'carrierGatewayId',
  [ec2.RouterType.CORE_NETWORK]: 'coreNetworkArn',
  [ec2.RouterType.EGRESS_ONLY_INTERNET_GATEWAY]: 'egressOnlyInternetGatewayId',
  [ec2.RouterType.GATEWAY]: 'gatewayId',
  [ec2.RouterType.INSTANCE]: 'instanceId',
  [ec2.RouterType.LOCAL_GATEWAY]: 'localGatewayId',
  [ec2.RouterType.NAT_GATEWAY]: 'natGatewayId',
  [ec2.RouterType.NETWORK_INTERFACE]: 'networkInterfaceId',
  [ec2.RouterType.TRANSIT_GATEWAY]: 'transitGatewayId',
  [ec2.RouterType.VPC_ENDPOINT]: 'vpcEndpointId',
  [ec2.RouterType.VPC_PEERING_CONNECTION]: 'vpcPeeringConnectionId',
};

function budgetOf(subnets: number, prefix: number): TaskAddressBudget {
  const usable = usableAddresses(prefix);
  const written = (n: number) => n.toLocaleString('en-US');
  return {
    subnetCount: subnets,
    usableAddressesPerSubnet: usable,
    usableAddresses: subnets * usable,
    usableAddressesWithOneZoneLost: (subnets - 1) * usable,
    summary: `Each /${prefix} has ${written(addressesIn(prefix))} addresses, of which EC2 keeps ${RESERVED_ADDRESSES_PER_SUBNET}: `
      + `${subnets} × ${written(usable)} = ${written(subnets * usable)} for tasks, ${written((subnets - 1) * usable)} with one zone lost`,
  };
}

/** Depends on constructs that are looked for when dependencies are read, after everything is declared. */
function dependableOn(find: () => Construct[]): IDependable {
  const dependable: IDependable = {};
  Dependable.implement(dependable, {
    get dependencyRoots() {
      return find();
    },
  });
  return dependable;
}
