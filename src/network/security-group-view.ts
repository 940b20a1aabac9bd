import { Names, Resource, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { identity } from './private/known-text';

/** The views of each group, one per stack, in the order they were made. */
const views = new WeakMap<ec2.ISecurityGroup, ec2.ISecurityGroup[]>();

/** The first import of each group that a stack's services were given. */
const imports = new WeakMap<Stack, Map<string, ec2.ISecurityGroup>>();

/**
 * Of the imports of one group the first that was used in a stack: each would write a rule of its own, and EC2 takes a rule once. Imports
 * that take no rules, and groups of this app, are left as they are.
 */
export function firstImport(stack: Stack, group: ec2.ISecurityGroup): ec2.ISecurityGroup {
  // An import that takes no rules has a method of its own, which does nothing.
  if (Resource.isOwnedResource(group) || Object.prototype.hasOwnProperty.call(Object.getPrototypeOf(group), 'addIngressRule')) {
    return group;
  }
  const known = imports.get(stack) ?? new Map<string, ec2.ISecurityGroup>();
  imports.set(stack, known);
  const key = `${identity(stack, group.securityGroupId)} ${group.allowAllOutbound}`; // which decides whether it takes rules that let out
  const first = known.get(key) ?? group;
  known.set(key, first);
  return first;
}

/**
 * A group of another stack, or an imported one, as a stack sees it: rules written to it land in that stack.
 *
 * One per stack and group, and of the stack rather than of a service: EC2 takes a rule once, so services that share a group must find each
 * other's rules, and removing one service must not move the rules of another.
 */
export function viewIn(stack: Stack, group: ec2.ISecurityGroup, mutable: boolean): ec2.ISecurityGroup {
  const id = `${Names.nodeUniqueId(group.node)}${mutable ? '' : 'ReadOnly'}`;
  const existing = stack.node.tryFindChild(id);
  if (existing) {
    return existing as unknown as ec2.ISecurityGroup;
  }
  const { securityGroupId, allowAllOutbound } = group;
  const view = ec2.SecurityGroup.fromSecurityGroupId(stack, id, securityGroupId, { allowAllOutbound, mutable });
  const earlier = views.get(group) ?? [];
  views.set(group, [...earlier, view]);
  view.node.addValidation({ validate: () => earlier.flatMap((other) => rulesInBoth(group, other, view)) });
  return view;
}

/** Two stacks that write one rule: the second to be deployed fails, or either takes the rule away when it goes. */
function rulesInBoth(group: ec2.ISecurityGroup, a: ec2.ISecurityGroup, b: ec2.ISecurityGroup): string[] {
  const ofA = new Set(ingressOf(a).map(keyOf));
  return ingressOf(b).filter((rule) => ofA.has(keyOf(rule))).map((rule) =>
    `stack '${Stack.of(b).node.path}' would write a rule into ${group.node.path} that stack '${Stack.of(a).node.path}' writes as well (${rule.ipProtocol} `
    + `${rule.fromPort}-${rule.toPort}), and EC2 takes a rule once: put services that share instances and clients in one stack, or give each a capacity of its own`);
}

function ingressOf(group: ec2.ISecurityGroup): ec2.CfnSecurityGroupIngress[] {
  return group.node.children.filter((child) => child instanceof ec2.CfnSecurityGroupIngress);
}

function keyOf(rule: ec2.CfnSecurityGroupIngress): string {
  const { ipProtocol, fromPort, toPort, cidrIp, cidrIpv6, sourceSecurityGroupId, sourcePrefixListId } = rule;
  const peer = { cidrIp, cidrIpv6, sourceSecurityGroupId, sourcePrefixListId };
  return JSON.stringify(Stack.of(rule).resolve({ ipProtocol, fromPort, toPort, ...peer }));
}
