import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct, IConstruct } from 'constructs';
import { invalid } from '../../invalid';
import { INTERFACE_ENDPOINTS, S3 } from './endpoint-services';
import { ExistingEndpoints } from './existing-endpoints';
import { identity, knownText } from './known-text';

/** Where endpoints go, and what guards them. */
export interface Placement {
  readonly vpc: ec2.IVpc;
  /** The subnets of the interface endpoints, one a zone. */
  readonly subnets: readonly ec2.ISubnet[];
  /** The subnets whose route tables are to lead to S3. */
  readonly gatewaySubnets: () => readonly ec2.ISubnet[];
  readonly securityGroup: ec2.ISecurityGroup;
}

/** The endpoints of a VPC: those made here, and those it has elsewhere in the app. */
export class EndpointSet {
  public readonly interfaces = new Map<string, ec2.InterfaceVpcEndpoint>();
  public gateway?: ec2.GatewayVpcEndpoint;
  private existing: ExistingEndpoints;
  private needed: readonly string[] = [];

  constructor(private readonly scope: Construct, private readonly placement: Placement) {
    this.existing = new ExistingEndpoints(scope, placement.vpc);
  }

  /** The names of what was asked for until now. */
  public get provided(): readonly string[] {
    return this.needed;
  }

  /**
   * Makes what is needed and not there, and gives up what the VPC has got elsewhere since: which of the two came first must not matter.
   */
  public provide(needed: readonly string[]): void {
    this.needed = needed;
    this.existing = new ExistingEndpoints(this.scope, this.placement.vpc);
    for (const [name, { id, service }] of Object.entries(INTERFACE_ENDPOINTS)) {
      const wanted = needed.includes(name) && !this.existing.interfaceFor(name);
      if (wanted && !this.interfaces.has(name)) {
        this.interfaces.set(name, this.makeInterface(id, service));
      } else if (!wanted && this.interfaces.delete(name)) {
        this.scope.node.tryRemoveChild(id);
      }
    }
    this.provideS3(needed.includes(S3));
  }

  /** What is to wait for: every endpoint that is needed, wherever it is made. */
  public all(): IConstruct[] {
    return [
      ...this.interfaces.values(),
      ...this.gateway ? [this.gateway] : [],
      ...this.found(),
      ...this.needed.includes(S3) ? this.existing.s3Gateways() : [],
    ];
  }

  /** The groups to let somebody in by. */
  public guards(): ec2.ISecurityGroup[] {
    return [this.placement.securityGroup, ...this.found().flatMap(groupsOf)];
  }

  /** The route tables that lead to S3. */
  public tablesWithS3(): ReadonlySet<string> {
    const resource = this.gateway?.node.defaultChild as ec2.CfnVPCEndpoint | undefined;
    const own = (resource?.routeTableIds ?? []).map((table) => identity(this.scope, table));
    return new Set([...this.existing.tablesWithS3(), ...own]);
  }

  /** Whether route tables that cannot be seen may lead to S3. */
  public get s3Unknown(): boolean {
    return this.existing.s3Unknown;
  }

  /** What is wrong with the endpoints in the end, for what is needed then. */
  public problems(needed: readonly string[]): string[] {
    const late = needed.filter((name) => !this.needed.includes(name));
    const now = new ExistingEndpoints(this.scope, this.placement.vpc);
    const twice = [...this.interfaces.keys()].filter((name) => now.interfaceFor(name));
    return [
      ...late.length > 0 ? [`an aspect has added to the tasks what needs endpoints for ${late.join(', ')}, after the endpoints were made: name it in 'features'`] : [],
      ...twice.length > 0 ? [`an aspect has added endpoints for ${twice.join(', ')} to the VPC, which has them here already, and the second fails at deployment`] : [],
    ];
  }

  private found(): ec2.CfnVPCEndpoint[] {
    return this.needed.flatMap((name) => this.existing.interfaceFor(name) ?? []);
  }

  private makeInterface(id: string, service: ec2.IInterfaceVpcEndpointService): ec2.InterfaceVpcEndpoint {
    const { vpc, subnets, securityGroup } = this.placement;
    return new ec2.InterfaceVpcEndpoint(this.scope, id, {
      vpc,
      subnets: { subnets: [...subnets] },
      service,
      securityGroups: [securityGroup],
      open: false,
      privateDnsEnabled: true,
    });
  }

  /** A route table takes one route to S3, so those that have it are left out. */
  private provideS3(needed: boolean): void {
    const { vpc, gatewaySubnets } = this.placement;
    const covered = this.existing.tablesWithS3();
    const subnets = needed && !this.existing.s3Unknown ? [...new Map(gatewaySubnets().map((subnet) => [this.tableOf(subnet), subnet]))]
      .flatMap(([table, subnet]) => covered.has(table) ? [] : [subnet]) : [];
    if (needed && subnets.length === 0 && !this.existing.s3Unknown && covered.size === 0) {
      throw invalid(this.scope, "'gatewaySubnets' must be given: image layers come from S3 by way of route tables, and the VPC has no private or isolated subnets whose tables could lead there");
    }
    if (!this.gateway && subnets.length > 0) {
      this.gateway = new ec2.GatewayVpcEndpoint(this.scope, 'S3', { vpc, service: ec2.GatewayVpcEndpointAwsService.S3, subnets: [{ subnets }] });
    } else if (this.gateway && subnets.length > 0) {
      (this.gateway.node.defaultChild as ec2.CfnVPCEndpoint).routeTableIds = subnets.map(({ routeTable }) => routeTable.routeTableId);
    } else if (this.gateway) {
      this.scope.node.tryRemoveChild(this.gateway.node.id);
      this.gateway = undefined;
    }
  }

  private tableOf({ subnetId, routeTable }: ec2.ISubnet): string {
    if (routeTable.routeTableId === undefined) {
      throw invalid(this.scope, `'vpc' must say the route table of subnet ${knownText(this.scope, subnetId)}, which is to lead to S3: import it with 'privateSubnetRouteTableIds' and `
        + `'isolatedSubnetRouteTableIds' (a single subnet with 'routeTableId'), or name '${S3}' in 'existingEndpoints' where it leads there already`);
    }
    return identity(this.scope, routeTable.routeTableId);
  }
}

/** The groups of an endpoint of the app that may be given rules: of an imported group nobody here decides. */
function groupsOf(endpoint: ec2.CfnVPCEndpoint): ec2.ISecurityGroup[] {
  const construct = endpoint.node.scope;
  return construct instanceof ec2.InterfaceVpcEndpoint
    ? construct.connections.securityGroups.filter((group) => group.node.defaultChild instanceof ec2.CfnSecurityGroup) : [];
}
