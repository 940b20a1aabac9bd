import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { givesIpv6, propertyOf } from '../../network/ipv6';
import { AppLoadBalancing, attachmentsOf, loadBalancersOf, OwnLoadBalancer, subnetIdsOf } from './app-load-balancing';
import { AdmittingRule, admittingRules, isEveryone, isRange, shownRange } from './listener-admission';
import { keepsClientAddresses, resourceOf, takesIpv6 } from './target-group';
import { addressesOfTasks, isAwsvpcService, isDeployedByEcs, whyWithoutIpv6 } from './task-addresses';

const DUAL_STACK: unknown[] = [elbv2.IpAddressType.DUAL_STACK, elbv2.IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4];

/**
 * Protocols that a Network Load Balancer may have when it is made dual stack: UDP needs prefixes for source NAT as well, and QUIC is not to
 * be had. https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-ip-address-type.html
 */
const DUAL_STACK_PROTOCOLS: unknown[] = ['TCP', 'TLS'];

/** One service as far as addresses go. */
export interface AddressedService {
  /** The construct of this library. */
  readonly scope: IConstruct;
  readonly service: ecs.BaseService;
}

/**
 * Gives the target groups of a service, and the load balancers in front of them, the address type that goes with its tasks, where the
 * user has given none.
 *
 * Each decision rests on what is declared and not on other decisions, so services may be visited in any order.
 *
 * @param turns the target groups of one port: two where deployments alternate between them
 */
export function followTasks(app: AppLoadBalancing, scope: IConstruct, turns: readonly elbv2.TargetGroupBase[]): void {
  if (addressesOfTasks(scope) === 'ipv4') {
    return;
  }
  const together = ofOneType(app, turns);
  for (const loadBalancer of together.filter((group) => app.servicesOf(group).some(hasIpv6Tasks)).flatMap(loadBalancersOf)) {
    if (loadBalancer && isLeftOpen(loadBalancer) && !whyNotDualStack(app, loadBalancer)) {
      admitIpv6(app, loadBalancer);
      (loadBalancer.node.defaultChild as elbv2.CfnLoadBalancer).ipAddressType = elbv2.IpAddressType.DUAL_STACK;
    }
  }
  if (!together.every((group) => takesIpv6(group) || mayFollow(app, group, turns))) {
    return;
  }
  for (const group of turns.filter(isLeftOpen)) {
    resourceOf(group).ipAddressType = elbv2.TargetGroupIpAddressType.IPV6;
    Annotations.of(scope).addInfoV2('cdk-ecs-network-modes:ipv6-target-group',
      `Target group ${group.node.path} takes IPv6 addresses, as the tasks' subnets and its load balancers have them: containers must listen on IPv6 ('::'), and the account setting `
      + "dualStackIPv6 must be on. To keep IPv4 there set its 'ipAddressType' to IPV4");
  }
}

/** Why the address type of a target group would leave it without healthy targets (facts I01, I04; I05 for instances). */
export function addressProblemOf(
  app: AppLoadBalancing, { scope, service }: AddressedService, targetGroup: elbv2.TargetGroupBase,
): string | undefined {
  const only = addressesOfTasks(scope) === 'ipv6-only';
  const { networkMode } = service.taskDefinition;
  if (!takesIpv6(targetGroup)) {
    return !only ? undefined : (isLeftOpen(targetGroup) && ipv4LoadBalancer(app, targetGroup, 'must take the IPv6 addresses of the tasks'))
      || "takes IPv4 addresses, but tasks in IPv6-only subnets have none: set its 'ipAddressType' to IPV6";
  }
  if (networkMode !== ecs.NetworkMode.AWS_VPC) {
    return `takes IPv6 addresses, but ${networkMode} tasks register as instances, which have no primary IPv6 address here: use an IPv4 target group, or awsvpc`;
  }
  const without = whyWithoutIpv6(scope, service.cluster.vpc);
  return without ? `takes IPv6 addresses, but ${without}` : ipv4LoadBalancer(app, targetGroup, 'takes IPv6 addresses');
}

/** That a load balancer of a target group cannot reach IPv6 targets, where that is so. */
function ipv4LoadBalancer(app: AppLoadBalancing, targetGroup: elbv2.TargetGroupBase, does: string): string | undefined {
  const ipv4 = loadBalancersOf(targetGroup).find((loadBalancer) => loadBalancer && !isDualStack(loadBalancer));
  if (!ipv4) {
    return undefined;
  }
  const why = isLeftOpen(ipv4) ? whyNotDualStack(app, ipv4) : undefined;
  return `${does}, but load balancer ${ipv4.node.path} has IPv4 only: set its 'ipAddressType' to DUAL_STACK`
    + (why ? `, which it does not become by itself because ${why}` : '');
}

/** Why a load balancer is not made dual stack unasked. */
function whyNotDualStack(app: AppLoadBalancing, loadBalancer: OwnLoadBalancer): string | undefined {
  if (!subnetIdsOf(loadBalancer)?.every((subnetId) => givesIpv6({ subnetId }))) {
    return 'not all of its subnets are known to have IPv6';
  }
  const { securityGroups } = loadBalancer.connections;
  const foreign = securityGroups.find((group) => !(group instanceof ec2.SecurityGroup));
  if (foreign) {
    return `the rules of ${foreign.node.path} cannot be seen`;
  }
  const listeners = app.listenersOf(loadBalancer);
  if (loadBalancer instanceof elbv2.NetworkLoadBalancer) {
    const other = listeners.find(({ protocol }) => !DUAL_STACK_PROTOCOLS.includes(protocol));
    if (other) {
      return `its listener ${other.node.path} is for ${other.protocol}`;
    }
    // Without groups it is the targets that let clients in; they are not to come from addresses that no rule of theirs names.
    const kept = securityGroups.length > 0 ? undefined
      : app.targetGroupsOn(loadBalancer).find((group) => keepsClientAddresses(group) || !areOurs(app.servicesOf(group)));
    if (kept) {
      return `it has no security groups, and ${kept.node.path} may let clients in by their addresses`;
    }
  }
  for (const listener of listeners) {
    const rules = securityGroups.flatMap((group) => admittingRules(app, group, listener));
    const range = rules.find(isRange);
    if (range && !rules.some((rule) => isEveryone(rule) || rule.cidrIpv6 !== undefined)) {
      return `it lets in ${shownRange(range)} at ${listener.node.path}, and who that is with IPv6 is not known`;
    }
  }
  return undefined;
}

/**
 * Clients will find an IPv6 address: where everyone with IPv4 is let in to a listener, everyone is meant (aws-cdk #9946), unless it is said
 * already who is let in with IPv6.
 */
function admitIpv6(app: AppLoadBalancing, loadBalancer: OwnLoadBalancer): void {
  const { securityGroups } = loadBalancer.connections;
  for (const listener of app.listenersOf(loadBalancer)) {
    const admitting = securityGroups.map((group) => ({ group, rules: admittingRules(app, group, listener) }));
    if (admitting.some(({ rules }) => rules.some(({ cidrIpv6 }) => cidrIpv6 !== undefined))) {
      continue;
    }
    for (const { group, rules } of admitting) {
      rules.filter(isEveryone).forEach((rule) => group.addIngressRule(ec2.Peer.anyIpv6(), portOf(rule), rule.description));
    }
  }
}

function portOf({ ipProtocol, fromPort, toPort }: AdmittingRule): ec2.Port {
  if (ipProtocol === '-1') {
    return ec2.Port.allTraffic();
  }
  return JSON.stringify(fromPort) === JSON.stringify(toPort) ? ec2.Port.tcp(Token.asNumber(fromPort))
    : ec2.Port.tcpRange(Token.asNumber(fromPort), Token.asNumber(toPort));
}

/** Whether a target group without a type may be given IPv6 targets. */
function mayFollow(app: AppLoadBalancing, targetGroup: elbv2.TargetGroupBase, turns: readonly elbv2.TargetGroupBase[]): boolean {
  const services = app.servicesOf(targetGroup);
  const ownLoadBalancers = loadBalancersOf(targetGroup);
  // What takes its turn at the listeners of another may be on none of its own yet.
  const loadBalancers = ownLoadBalancers.length > 0 ? ownLoadBalancers : turns.flatMap(loadBalancersOf);
  const { targets } = resourceOf(targetGroup);
  return isLeftOpen(targetGroup)
    && services.length > 0 && services.every(hasIpv6Tasks)
    && !Stack.of(targetGroup).resolve(targets)?.length
    && loadBalancers.length > 0 && loadBalancers.every((loadBalancer) => loadBalancer && isDualStack(loadBalancer))
    // Nothing else can be meant where tasks have no IPv4 address. Elsewhere IPv4 works, so it stays where IPv6 might not.
    && (services.every(({ node }) => addressesOfTasks(node.scope!) === 'ipv6-only') || followsSafely(targetGroup, services, loadBalancers));
}

/**
 * Whether a target group with IPv4 targets could become one with IPv6 targets: CloudFormation replaces it for that.
 *
 * Not with a name, which the new one could not have beside the old one; nor in another stack than its services, for what a stack exports
 * cannot change while it is in use; nor where it is not ECS that moves the tasks. And not where clients are known by their addresses:
 * those with IPv4 would come from the load balancer's.
 */
function followsSafely(
  targetGroup: elbv2.TargetGroupBase, services: readonly ecs.BaseService[], loadBalancers: readonly (OwnLoadBalancer | undefined)[],
): boolean {
  const stack = Stack.of(targetGroup);
  return propertyOf(resourceOf(targetGroup), 'Name') === undefined
    && services.every((service) => Stack.of(service) === stack)
    && services.every(({ node }) => isDeployedByEcs(node.scope!))
    && !(keepsClientAddresses(targetGroup) && loadBalancers.some((loadBalancer) => loadBalancer instanceof elbv2.NetworkLoadBalancer));
}

/**
 * Target groups together with all that must have the same address type: those on one listener of a Network Load Balancer.
 * https://aws.amazon.com/blogs/networking-and-content-delivery/consolidate-dual-stack-architectures-with-listener-rules-for-network-load-balancer/
 */
function ofOneType(app: AppLoadBalancing, targetGroups: readonly elbv2.TargetGroupBase[]): elbv2.TargetGroupBase[] {
  const found = new Set(targetGroups);
  // A set that grows while it is walked is walked to its end.
  for (const group of found) {
    attachmentsOf(group).filter((attachment) => attachment instanceof elbv2.NetworkListener)
      .flatMap((listener) => app.targetGroupsAt(listener)).forEach((other) => found.add(other));
  }
  return [...found];
}

function hasIpv6Tasks({ node }: ecs.BaseService): boolean {
  return addressesOfTasks(node.scope!) !== 'ipv4';
}

function areOurs(services: readonly ecs.BaseService[]): boolean {
  return services.length > 0 && services.every(({ node }) => node.scope !== undefined && isAwsvpcService(node.scope));
}

/** Whether the user has left the address type open. */
function isLeftOpen(one: OwnLoadBalancer | elbv2.TargetGroupBase): boolean {
  return propertyOf(one.node.defaultChild as elbv2.CfnLoadBalancer, 'IpAddressType') === undefined;
}

function isDualStack(loadBalancer: OwnLoadBalancer): boolean {
  return DUAL_STACK.includes(propertyOf(loadBalancer.node.defaultChild as elbv2.CfnLoadBalancer, 'IpAddressType'));
}
