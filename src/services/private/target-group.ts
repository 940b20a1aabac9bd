import { Stack } from 'aws-cdk-lib';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { propertyOf } from '../../network/ipv6';

export function resourceOf(targetGroup: elbv2.TargetGroupBase): elbv2.CfnTargetGroup {
  return targetGroup.node.defaultChild as elbv2.CfnTargetGroup;
}

export function protocolOf(targetGroup: elbv2.TargetGroupBase): string {
  return resourceOf(targetGroup).protocol ?? 'TCP';
}

/** Whether a target group has IPv6 targets. */
export function takesIpv6(targetGroup: elbv2.TargetGroupBase): boolean {
  return propertyOf(resourceOf(targetGroup), 'IpAddressType') === elbv2.TargetGroupIpAddressType.IPV6;
}

/** ELB user guide, client IP preservation: always for UDP; for TCP by default with instance targets and not with IP targets. */
export function keepsClientAddresses(targetGroup: elbv2.TargetGroupBase): boolean {
  if (protocolOf(targetGroup).includes('UDP')) {
    return true;
  }
  const { targetGroupAttributes, targetType } = resourceOf(targetGroup);
  const { attributes = [], type }: { attributes?: { key: string; value: string }[]; type?: string } = Stack.of(targetGroup)
    .resolve({ attributes: targetGroupAttributes, type: targetType });
  const given = attributes.find(({ key }) => key === 'preserve_client_ip.enabled')?.value;
  return given === undefined ? (type ?? elbv2.TargetType.INSTANCE) === elbv2.TargetType.INSTANCE : given === 'true';
}
