import { Annotations, Resource, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { requireBoolean } from '../invalid';
import { viewIn } from './security-group-view';

const readOnly = new WeakSet<ec2.ISecurityGroup>();

/** Whether rules written to a group are dropped, because it is imported and nobody asked for it to be edited. */
export function isReadOnly(group: ec2.ISecurityGroup): boolean {
  return readOnly.has(group);
}

/**
 * Groups as they may be used: those of this app as they are, imported ones as read-only unless `edit` says otherwise. An imported group
 * belongs to somebody else, and the rules a stack writes into it are edits nobody asked for (aws-cdk #5824, #14359).
 *
 * @param prop the prop that allows the edit, for the warning
 */
export function respectImported(
  scope: Construct, groups: readonly ec2.ISecurityGroup[], edit: boolean | undefined, prop: string,
): ec2.ISecurityGroup[] {
  requireBoolean(scope, prop, edit);
  return groups.map((group) => {
    if (edit || Resource.isOwnedResource(group)) {
      return group;
    }
    const view = viewIn(Stack.of(scope), group, false);
    readOnly.add(view);
    Annotations.of(scope).addWarningV2('cdk-ecs-network-modes:imported-security-group',
      `${group.node.path} is imported and stays as it is: rules for load balancers and clients must be added where it lives, or here with '${prop}: true'`);
    return view;
  });
}
