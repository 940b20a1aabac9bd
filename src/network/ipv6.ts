import { CfnResource, Reference, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';

/** Which addresses network interfaces in a subnet have. */
export type AddressFamily = 'ipv4' | 'dual-stack' | 'ipv6-only';

/**
 * Whether a VPC of this app has IPv6; `undefined` for an imported VPC, whose blocks cannot be seen.
 *
 * Asked for every service, so it looks at the VPC and its subnets only: a block that is written elsewhere is known by the subnets that
 * have a part of it.
 */
export function hasIpv6(vpc: ec2.IVpc): boolean | undefined {
  if (!CfnResource.isCfnResource(vpc.node.defaultChild)) {
    return undefined;
  }
  return vpc.node.children.some(isIpv6Block)
    || [...vpc.publicSubnets, ...vpc.privateSubnets, ...vpc.isolatedSubnets].some(givesIpv6);
}

/** Which addresses a subnet gives; `undefined` for one that this app does not make. */
export function addressFamilyOf(subnet: Pick<ec2.ISubnet, 'subnetId'>): AddressFamily | undefined {
  const resource = subnetWithId(subnet.subnetId);
  if (!resource) {
    return undefined;
  }
  if (propertyOf(resource, 'Ipv6Native') === true) {
    return 'ipv6-only';
  }
  return ['Ipv6CidrBlock', 'Ipv6IpamPoolId'].some((property) => propertyOf(resource, property) !== undefined) ? 'dual-stack' : 'ipv4';
}

/** Whether a subnet of this app has IPv6. */
export function givesIpv6(subnet: Pick<ec2.ISubnet, 'subnetId'>): boolean {
  const family = addressFamilyOf(subnet);
  return family === 'dual-stack' || family === 'ipv6-only';
}

/** Whether every interface in a subnet gets an IPv6 address unasked: Fargate tasks need that (fact I02). */
export function assignsIpv6(subnet: ec2.ISubnet): boolean {
  const resource = subnetWithId(subnet.subnetId);
  return resource !== undefined && givesIpv6(subnet) && propertyOf(resource, 'AssignIpv6AddressOnCreation') === true;
}

/**
 * Whether the app gives IPv6 to one of some subnets by a resource of its own, which `addressFamilyOf` does not see. Walks the whole app, so
 * only ask before something would be refused.
 */
export function getIpv6Elsewhere(subnets: readonly ec2.ISubnet[]): boolean {
  const ids = subnets.map(({ subnetId }) => subnetId);
  return subnets.length > 0
    && subnets[0].node.root.node.findAll().some((node) => node instanceof ec2.CfnSubnetCidrBlock && ids.includes(node.subnetId));
}

/** The IPv6 blocks that the app gives a VPC, wherever they are written. Walks the whole app as well. */
export function ipv6BlocksOf(vpc: ec2.IVpc): ec2.CfnVPCCidrBlock[] {
  return vpc.node.root.node.findAll().filter(isIpv6Block).filter(({ vpcId }) => vpcId === vpc.vpcId);
}

/** The resource behind a subnet's id, however the subnet came to be known here; `undefined` where the app does not make it. */
export function subnetWithId(subnetId: string): ec2.CfnSubnet | undefined {
  const { tokens, firstToken } = Tokenization.reverseString(subnetId);
  const target = tokens.length === 1 && Reference.isReference(firstToken) ? firstToken.target : undefined;
  return target instanceof ec2.CfnSubnet ? target : undefined;
}

/**
 * What a resource will be deployed with: a property of its own, or what an escape hatch has put in its place.
 *
 * @param name as CloudFormation spells it
 */
export function propertyOf(resource: CfnResource, name: string): unknown {
  const { rawOverrides } = resource as unknown as { readonly rawOverrides?: { readonly Properties?: Record<string, unknown> } };
  const overrides = rawOverrides?.Properties ?? {};
  return name in overrides
    ? overrides[name]
    : (resource as unknown as Record<string, unknown>)[name.charAt(0).toLowerCase() + name.slice(1)];
}

function isIpv6Block(node: IConstruct): node is ec2.CfnVPCCidrBlock {
  return node instanceof ec2.CfnVPCCidrBlock
    && [node.amazonProvidedIpv6CidrBlock, node.ipv6CidrBlock, node.ipv6IpamPoolId].some((given) => given !== undefined);
}
