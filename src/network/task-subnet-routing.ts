import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { invalid, shown } from '../invalid';
import { RoutedSubnets, ZoneRoutes } from './private/routed-subnets';
import { isPendingLookup } from './private/vpc-addresses';
import { isOfListToken, shownZone, zoneKey, zoneOfSubnet } from './private/zones';

/** How traffic leaves the subnets of `TaskSubnets`. */
export abstract class TaskSubnetRouting {
  /**
   * Each subnet uses the route table of the private subnet in its zone, and so has whatever that one has: NAT gateways, transit gateways,
   * gateway endpoints, now and later.
   *
   * @param privateSubnets whose tables; the first subnet of each zone counts. Not public ones: the interface of a task on an instance
   * never gets a public address, so an internet gateway is no way out for it. Left out, it is the private subnets with a route out.
   */
  public static sharedRouteTables(privateSubnets?: ec2.SubnetSelection): TaskSubnetRouting {
    return new SharedRouteTables(privateSubnets);
  }

  /**
   * Each subnet has a route table of its own with a default route to a NAT gateway: for when the tasks' way out must differ from that
   * of the VPC's private subnets. `TaskSubnets.addRoute` adds further routes.
   *
   * @param natGatewayIds one for all zones, or one for each zone in the order of the zones. Left out, the NAT gateways of this app in the
   * VPC's public subnets: the one of the zone, else the first (traffic between zones costs extra, and fails with that zone)
   */
  public static natGateways(natGatewayIds?: string[]): TaskSubnetRouting {
    return new NatGatewayRoutes(natGatewayIds);
  }

  /**
   * Each subnet has a route table of its own without any route out of the VPC. Tasks need VPC endpoints then, for images, logs and
   * whatever else they call, or the routes that `TaskSubnets.addRoute` adds.
   */
  public static isolated(): TaskSubnetRouting {
    return new NoRoutes();
  }

  /**
   * The zones that can be routed, in an order that does not change.
   *
   * @internal
   */
  public abstract _zones(subnets: RoutedSubnets): string[];

  /**
   * The routes of a zone.
   *
   * @param zone where the resources of this zone go
   * @param index of the zone among all, which are `count`
   * @internal
   */
  public abstract _connect(subnets: RoutedSubnets, zone: IConstruct, availabilityZone: string, index: number, count: number): ZoneRoutes;
}

class SharedRouteTables extends TaskSubnetRouting {
  constructor(private readonly selection?: ec2.SubnetSelection) {
    super();
  }

  public _zones(subnets: RoutedSubnets): string[] {
    return distinctZones(subnets.scope, this.sharing(subnets));
  }

  public _connect(subnets: RoutedSubnets, _zone: IConstruct, availabilityZone: string): ZoneRoutes {
    const { scope, vpc } = subnets;
    const sharing = this.sharing(subnets);
    const key = zoneKey(scope, availabilityZone);
    const subnet = sharing.find((one) => zoneKey(scope, requireZone(scope, one)) === key)
      // The stand-ins for a VPC not yet looked up are in zones of no Region.
      ?? (isPendingLookup(vpc) ? sharing[0] : undefined);
    if (!subnet) {
      const zones = distinctZones(scope, sharing).filter((zone) => !Token.isUnresolved(zone));
      throw invalid(scope, `'availabilityZones' must have a private subnet each, whose route table is shared; ${shownZone(availabilityZone)} has none`
        + `${zones.length ? ` (${zones.join(', ')} have)` : ''}. Other 'routing' gives subnets route tables of their own`);
    }
    const { routeTableId } = subnet.routeTable;
    if (!routeTableId || isOfListToken(routeTableId)) {
      throw invalid(scope, `'vpc' must tell the route table of ${subnet.node.path}, which is to be shared: give 'privateSubnetRouteTableIds' (or those `
        + "of the subnets chosen), each known one by one, to Vpc.fromVpcAttributes, or 'routeTableId' to Subnet.fromSubnetAttributes; other 'routing' does without");
    }
    return { routeTableId, established: [subnet.internetConnectivityEstablished] };
  }

  /** The subnets whose route tables are shared. */
  private sharing({ scope, vpc, isOurs }: RoutedSubnets): ec2.ISubnet[] {
    if (!this.selection && vpc.privateSubnets.length === 0) {
      throw invalid(scope, "'routing' must be given: the VPC has no private subnets with a route out, whose route tables could be shared");
    }
    const selected = vpc.selectSubnets(this.selection ?? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS });
    if (selected.hasPublic) {
      throw invalid(scope, "'routing' must not share route tables of public subnets: the interface of a task on an instance never gets a public address, "
        + 'so the way to the internet gateway leads nowhere');
    }
    const sharing = selected.subnets.filter((subnet) => !isOurs(subnet));
    if (sharing.length === 0) {
      throw invalid(scope, "'routing' must select at least one subnet whose route table is shared, got none");
    }
    return sharing;
  }
}

class NatGatewayRoutes extends TaskSubnetRouting {
  constructor(private readonly natGatewayIds?: string[]) {
    super();
  }

  public _zones(subnets: RoutedSubnets): string[] {
    return zonesOfVpc(subnets);
  }

  public _connect(subnets: RoutedSubnets, zone: IConstruct, availabilityZone: string, index: number, count: number): ZoneRoutes {
    const natGatewayId = this.natGatewayIds ? this.givenId(subnets.scope, index, count) : foundId(subnets, availabilityZone);
    const ownTable = ownRouteTable(subnets, zone);
    const route = new ec2.CfnRoute(zone, 'DefaultRoute', { routeTableId: ownTable.ref, destinationCidrBlock: '0.0.0.0/0', natGatewayId });
    return { routeTableId: ownTable.ref, established: [route], ownTable };
  }

  private givenId(scope: IConstruct, index: number, count: number): string {
    const ids = this.natGatewayIds!;
    const refused = (given: unknown) => invalid(scope,
      `'natGatewayIds' must be one NAT gateway for all zones, or one for each of the ${count} zones, each known one by one; got ${given}`);
    if (!Array.isArray(ids) || ids.length !== 1 && ids.length !== count) {
      throw refused(Array.isArray(ids) ? ids.length : shown(ids));
    }
    if (ids.some(isOfListToken)) {
      throw refused('a list known only at deployment');
    }
    const id = ids[ids.length === 1 ? 0 : index];
    if (!id) {
      throw refused(`${shown(id)} among them`); // as from an environment variable that is not set: a route to nowhere
    }
    return id;
  }
}

class NoRoutes extends TaskSubnetRouting {
  public _zones(subnets: RoutedSubnets): string[] {
    return zonesOfVpc(subnets);
  }

  public _connect(subnets: RoutedSubnets, zone: IConstruct): ZoneRoutes {
    const ownTable = ownRouteTable(subnets, zone);
    return { routeTableId: ownTable.ref, established: [], ownTable };
  }
}

function ownRouteTable({ scope, vpc }: RoutedSubnets, zone: IConstruct): ec2.CfnRouteTable {
  return new ec2.CfnRouteTable(zone, 'RouteTable', { vpcId: vpc.vpcId, tags: [{ key: 'Name', value: `${scope.node.path}/${zone.node.id}` }] });
}

/** The zones of the private subnets, as with shared route tables; else those of any subnets; else all. */
function zonesOfVpc({ scope, vpc, isOurs }: RoutedSubnets): string[] {
  // The zones that a VPC lists include those it reserves blocks for, which are none yet: so they come last.
  return [vpc.privateSubnets, vpc.isolatedSubnets, vpc.publicSubnets]
    .map((subnets) => distinctZones(scope, subnets.filter((subnet) => !isOurs(subnet))))
    .find((zones) => zones.length > 0) ?? vpc.availabilityZones;
}

function distinctZones(scope: IConstruct, subnets: ec2.ISubnet[]): string[] {
  const zones = subnets.map((subnet) => requireZone(scope, subnet));
  const keys = zones.map((zone) => zoneKey(scope, zone));
  return zones.filter((_, index) => keys.indexOf(keys[index]) === index);
}

function requireZone(scope: IConstruct, subnet: ec2.ISubnet): string {
  const zone = zoneOfSubnet(subnet);
  if (zone === undefined) {
    throw invalid(scope, `'routing' must select subnets whose zone is known, so that each zone gets the right route table: give 'availabilityZone' for ${subnet.node.path}`);
  }
  return zone;
}

/** A NAT gateway that this app has in a public subnet of the VPC: the one of the zone, else the first. */
function foundId({ scope, vpc }: RoutedSubnets, availabilityZone: string): string {
  const key = zoneKey(scope, availabilityZone);
  const all = vpc.node.root.node.findAll()
    .filter((one): one is ec2.CfnNatGateway => one instanceof ec2.CfnNatGateway && one.connectivityType !== 'private');
  const gateways = vpc.publicSubnets.flatMap((subnet) =>
    all.filter(({ subnetId }) => subnetId === subnet.subnetId).map(({ ref }) => ({ ref, zone: zoneOfSubnet(subnet) })));
  const gateway = gateways.find(({ zone }) => zone !== undefined && zoneKey(scope, zone) === key) ?? gateways[0];
  if (!gateway) {
    throw invalid(scope, "'natGatewayIds' must be given: this app has no NAT gateway in a public subnet of the VPC. Those of an imported VPC, and NAT instances, "
      + 'cannot be found; sharing the route tables of the private subnets needs no ids');
  }
  return gateway.ref;
}
