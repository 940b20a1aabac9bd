import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AppLoadBalancing } from './app-load-balancing';

const EVERYONE = '0.0.0.0/0';

/** A rule that lets clients in, as far as it can be read: what is known only at deployment is an intrinsic function here. */
export interface AdmittingRule {
  readonly ipProtocol?: unknown;
  readonly fromPort?: unknown;
  readonly toPort?: unknown;
  readonly cidrIp?: unknown;
  readonly cidrIpv6?: unknown;
  readonly sourcePrefixListId?: unknown;
  readonly description?: string;
}

/** The rules of a group of this app that may let clients in to a listener. */
export function admittingRules(app: AppLoadBalancing, group: ec2.ISecurityGroup, listener: elbv2.CfnListener): AdmittingRule[] {
  const inline: AdmittingRule[] = Stack.of(group).resolve((group.node.defaultChild as ec2.CfnSecurityGroup).securityGroupIngress) ?? [];
  const apart: AdmittingRule[] = app.rulesOf(group).map((rule) => {
    const { ipProtocol, fromPort, toPort, cidrIp, cidrIpv6, sourcePrefixListId, description } = rule;
    return Stack.of(rule).resolve({ ipProtocol, fromPort, toPort, cidrIp, cidrIpv6, sourcePrefixListId, description });
  });
  const port: unknown = Stack.of(listener).resolve(listener.port);
  return [...inline, ...apart].filter((rule) => mayCover(rule, port));
}

/** Whether a rule lets in all of IPv4. */
export function isEveryone({ cidrIp }: AdmittingRule): boolean {
  return cidrIp === EVERYONE;
}

/** Whether a rule lets in some addresses of IPv4 and not others. A prefix list may be of either family. */
export function isRange(rule: AdmittingRule): boolean {
  return (rule.cidrIp !== undefined && !isEveryone(rule)) || rule.sourcePrefixListId !== undefined;
}

/** A range of addresses as it is shown. */
export function shownRange({ cidrIp, sourcePrefixListId }: AdmittingRule): string {
  const range = cidrIp ?? sourcePrefixListId;
  return typeof range === 'string' ? range : 'a range known only at deployment';
}

/** Rules for other ports are none of a listener's, and those for ports known only at deployment may be. */
function mayCover({ ipProtocol, fromPort, toPort }: AdmittingRule, port: unknown): boolean {
  if (ipProtocol === '-1') {
    return true;
  }
  if (typeof ipProtocol === 'string' && !['tcp', '6'].includes(ipProtocol.toLowerCase())) {
    return false;
  }
  return [fromPort, toPort, port].some((given) => typeof given !== 'number')
    || ((fromPort as number) <= (port as number) && (port as number) <= (toPort as number));
}
