import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct, IDependable } from 'constructs';

/** The subnets that a `TaskSubnetRouting` is asked to route. */
export interface RoutedSubnets {
  /** Whose routing it is. */
  readonly scope: IConstruct;
  readonly vpc: ec2.IVpc;
  /** Whether a subnet that the VPC lists is one of those to be routed, found by a look-up after they were deployed. */
  readonly isOurs: (subnet: ec2.ISubnet) => boolean;
}

/** The route table of the subnet of one zone. */
export interface ZoneRoutes {
  readonly routeTableId: string;
  /** What there must be before there is a way out. */
  readonly established: IDependable[];
  /** The table, if it was made for the subnet. */
  readonly ownTable?: ec2.CfnRouteTable;
}
