import { CfnResource, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { AssociatedBlock, Ipv4Block, readBlock } from '../../limits/cidr';
import { supplied, zoneOfSubnet } from './zones';

/** A block, and what has it, for use in a message. */
export interface NamedBlock {
  readonly block: Ipv4Block;
  readonly of: string;
}

/** A block of a subnet that exists already or is made by this app. */
export interface KnownSubnet extends NamedBlock {
  readonly availabilityZone?: string;
  /** Whether it is there before this app is deployed. */
  readonly imported: boolean;
}

/** The destination of a route. */
export interface KnownRoute extends NamedBlock {
  readonly resource: ec2.CfnRoute;
}

/** What can be told of a VPC's IPv4 addresses at synthesis. */
export interface VpcAddresses {
  /** The blocks that can be read. */
  readonly associated: ReadonlyArray<AssociatedBlock & NamedBlock>;
  /** How many blocks the VPC has at least, whether they can be read or not. */
  readonly blockCount: number;
  readonly subnets: readonly KnownSubnet[];
  readonly routes: readonly KnownRoute[];
  /** What else there is, or may be, and cannot be read. */
  readonly unread: readonly string[];
}

/**
 * What this app and the context of a look-up tell of a VPC's IPv4 addresses.
 *
 * @param without a construct whose own blocks, subnets and routes do not count
 */
export function addressesOf(vpc: ec2.IVpc, without: IConstruct): VpcAddresses {
  const associated: Array<AssociatedBlock & NamedBlock> = [];
  const unread: string[] = [];
  const subnets: KnownSubnet[] = importedSubnets(vpc);
  const routes: KnownRoute[] = [];

  const resources = vpc.node.root.node.findAll().filter(CfnResource.isCfnResource);
  const own = resources.find((one): one is ec2.CfnVPC => one instanceof ec2.CfnVPC && [one.ref, one.attrVpcId].includes(vpc.vpcId));
  const vpcIds = own ? [own.ref, own.attrVpcId] : [vpc.vpcId];
  const routeTableIds = new Set(subnetsOf(vpc).map(({ routeTable }) => routeTable.routeTableId));

  const primary = own ? own.cidrBlock : suppliedBlock(vpc);
  const primaryBlock = literalBlock(primary);
  if (primaryBlock) {
    associated.push({ block: primaryBlock, primary: true, of: 'its first block' });
  } else {
    unread.push(primary === undefined && !own ? 'the first block of the VPC, which was not given when it was imported' : 'the first block of the VPC');
  }
  if (!own) {
    unread.push('blocks, subnets and routes that the VPC has outside this app');
  }

  resources.forEach((one) => {
    if (one instanceof ec2.CfnRouteTable && vpcIds.includes(one.vpcId)) {
      routeTableIds.add(one.ref).add(one.attrRouteTableId);
    }
  });
  let secondary = 0;
  for (const one of resources.filter(({ node }) => !node.scopes.includes(without))) {
    const of = one.node.path;
    if (one instanceof ec2.CfnVPCCidrBlock && vpcIds.includes(one.vpcId) && isIpv4(one)) {
      secondary++;
      const block = literalBlock(one.cidrBlock);
      if (block) {
        associated.push({ block, of });
      } else {
        unread.push(`the block of ${of}`);
      }
    } else if (one instanceof ec2.CfnSubnet && vpcIds.includes(one.vpcId)) {
      const block = literalBlock(one.cidrBlock);
      if (block) {
        subnets.push({ block, availabilityZone: one.availabilityZone, imported: false, of });
      }
    } else if (one instanceof ec2.CfnRoute) {
      const block = literalBlock(one.destinationCidrBlock);
      if (block && routeTableIds.has(one.routeTableId)) {
        routes.push({ block, resource: one, of });
      }
    }
  }
  return { associated, blockCount: 1 + secondary, subnets, routes, unread };
}

/**
 * The resources of this app that add a block to a VPC, or may add it: those that hold `block`, and those whose own block is known only at
 * deployment.
 */
export function associationsHolding(vpc: ec2.IVpc, holds: (block: Ipv4Block) => boolean): ec2.CfnVPCCidrBlock[] {
  return vpc.node.root.node.findAll()
    .filter((one): one is ec2.CfnVPCCidrBlock => one instanceof ec2.CfnVPCCidrBlock && one.vpcId === vpc.vpcId && isIpv4(one))
    .filter(({ cidrBlock }) => {
      const block = literalBlock(cidrBlock);
      return block === undefined || holds(block);
    });
}

/** Whether what is known of a VPC is only a stand-in, until the look-up of the next synthesis. */
export function isPendingLookup(vpc: ec2.IVpc): boolean {
  return vpc.selectSubnets({ subnets: [] }).isPendingLookup === true;
}

/** Every subnet that a VPC lists. */
export function subnetsOf(vpc: ec2.IVpc): ec2.ISubnet[] {
  return [...vpc.publicSubnets, ...vpc.privateSubnets, ...vpc.isolatedSubnets];
}

/** The block of a subnet, where it can be read. */
export function blockOfSubnet(subnet: ec2.ISubnet): Ipv4Block | undefined {
  return literalBlock(supplied(() => subnet.ipv4CidrBlock));
}

/** Whether a subnet is there before this app is deployed. */
export function isImported({ node }: ec2.ISubnet): boolean {
  return !CfnResource.isCfnResource(node.defaultChild);
}

function importedSubnets(vpc: ec2.IVpc): KnownSubnet[] {
  return subnetsOf(vpc).filter(isImported).flatMap((subnet) => {
    const block = blockOfSubnet(subnet);
    return block ? [{ block, availabilityZone: zoneOfSubnet(subnet), imported: true, of: subnet.subnetId }] : [];
  });
}

function isIpv4(block: ec2.CfnVPCCidrBlock): boolean {
  return block.cidrBlock !== undefined || block.ipv4IpamPoolId !== undefined;
}

function suppliedBlock(vpc: ec2.IVpc): string | undefined {
  return supplied(() => vpc.vpcCidrBlock);
}

function literalBlock(value: string | undefined): Ipv4Block | undefined {
  return value === undefined || Token.isUnresolved(value) ? undefined : readBlock(value);
}
