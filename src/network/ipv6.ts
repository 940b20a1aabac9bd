import { CfnResource } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** Whether a VPC of this app has an IPv6 block; `undefined` for an imported VPC, whose blocks cannot be seen. */
export function hasIpv6(vpc: ec2.IVpc): boolean | undefined {
  if (!CfnResource.isCfnResource(vpc.node.defaultChild)) {
    return undefined;
  }
  return vpc.node.children.some((child) => child instanceof ec2.CfnVPCCidrBlock
    && [child.amazonProvidedIpv6CidrBlock, child.ipv6CidrBlock, child.ipv6IpamPoolId].some((given) => given !== undefined));
}
