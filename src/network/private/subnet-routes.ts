import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { identity, knownText } from './known-text';

/** Whether something in a subnet gets to the internet over IPv4: surely not, surely, or not to be known from the app. */
export type WayOut = 'none' | 'some' | 'unknown';

type Route = WayOut | 'with public address';

/**
 * The route tables and routes of the subnets of an app, read from its resources. What is made elsewhere is not seen, so about an
 * imported subnet only its route table is known, where its VPC says that.
 */
export class SubnetRoutes {
  private readonly subnets = new Map<string, ec2.CfnSubnet>();
  private readonly tables = new Map<string, Set<string>>();
  private readonly routes = new Map<string, Route[]>();
  /** The tables made in the app: others may have routes that cannot be seen. */
  private readonly made = new Set<string>();

  constructor(scope: IConstruct, vpc: ec2.IVpc) {
    for (const node of scope.node.root.node.findAll()) {
      if (node instanceof ec2.CfnSubnet) {
        this.subnets.set(identity(node, node.ref), node);
      } else if (node instanceof ec2.CfnRouteTable) {
        this.made.add(identity(node, node.ref));
      } else if (node instanceof ec2.CfnSubnetRouteTableAssociation) {
        this.associate(identity(node, node.subnetId), identity(node, node.routeTableId));
      } else if (node instanceof ec2.CfnRoute) {
        this.addRoute(identity(node, node.routeTableId), routeOf(node));
      } else if (node instanceof ec2.CfnVPNGatewayRoutePropagation) {
        node.routeTableIds.forEach((table) => this.addRoute(identity(node, table), 'unknown'));
      }
    }
    for (const { subnetId, routeTable } of [...vpc.publicSubnets, ...vpc.privateSubnets, ...vpc.isolatedSubnets]) {
      if (routeTable.routeTableId !== undefined) {
        this.associate(identity(scope, subnetId), identity(scope, routeTable.routeTableId));
      }
    }
  }

  /** The route tables of a subnet; none where it has the VPC's main table or is of elsewhere. */
  public tablesOf(subnet: string): readonly string[] {
    return [...this.tables.get(subnet) ?? []];
  }

  /**
   * @param publicAddress whether it has one: a route to an internet gateway is of no use without
   */
  public wayOut(subnet: string, publicAddress: boolean): WayOut {
    const tables = this.tablesOf(subnet);
    const seen = tables.length > 0 && tables.every((table) => this.made.has(table));
    const ways = tables.flatMap((table) => this.routes.get(table) ?? [])
      .map((route) => route === 'with public address' ? (publicAddress ? 'some' : 'none') : route);
    return (['some', 'unknown'] as const).find((way) => ways.includes(way)) ?? (seen ? 'none' : 'unknown');
  }

  public isIpv6Only(subnet: string): boolean {
    return this.subnets.get(subnet)?.ipv6Native === true;
  }

  private associate(subnet: string, table: string): void {
    this.tables.set(subnet, (this.tables.get(subnet) ?? new Set()).add(table));
  }

  private addRoute(table: string, route: Route): void {
    this.routes.set(table, [...this.routes.get(table) ?? [], route]);
  }
}

/** What a route adds. Whether a registry answers over IPv6 is its own affair, so a route for IPv6 tells nothing. */
function routeOf(route: ec2.CfnRoute): Route {
  const destination = knownText(route, route.destinationCidrBlock);
  if (destination === '0.0.0.0/0') {
    return /^\$\{AWS::EC2::InternetGateway|^igw-/.test(knownText(route, route.gatewayId)) ? 'with public address' : 'some';
  }
  return destination === '' || destination.includes('${') ? 'unknown' : 'none';
}
