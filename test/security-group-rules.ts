import { App, CfnResource, Reference, Stack, Tokenization } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { synth } from './fixtures';

/** One security-group rule of an app, whichever stack wrote it. */
export interface Rule {
  readonly direction: 'in' | 'out';
  /** The group that has the rule: its path in its stack, or its id where it is imported. */
  readonly group: string;
  /** A group, a CIDR block or a prefix list. */
  readonly peer: string;
  /** `tcp 80`, `udp 40000-40999`, `all`. */
  readonly ports: string;
  /** The stack (or nested stack) whose template has the rule. */
  readonly stack: string;
  /** Whether it is written into the group rather than a resource of its own. */
  readonly inline: boolean;
}

type Written = Partial<Record<'ipProtocol' | 'cidrIp' | 'cidrIpv6' | 'sourceSecurityGroupId' | 'destinationSecurityGroupId' | 'sourcePrefixListId', string>>
  & { readonly fromPort?: number; readonly toPort?: number };

/**
 * Every rule of every group of an app, after synthesis. Left out: the free way out that groups have by default, and its opposite, the
 * unreachable address CDK writes for "nothing".
 *
 * Read from the construct tree, where a reference into another stack still knows its target, which in a template it no longer does.
 */
export function rulesOf(app: App): Rule[] {
  synth(app);
  return app.node.findAll().flatMap(rulesAt).filter(({ direction, peer, ports }) =>
    !(direction === 'out' && ports === 'all' && ['0.0.0.0/0', '::/0'].includes(peer)) && peer !== '255.255.255.255/32');
}

/**
 * The rules of an app, one a line and sorted: `Web < Lb tcp 80` lets in, `Lb > Web tcp 80` lets out. To be compared as a whole, since
 * what stays closed matters as much as what is open.
 */
export function pathsOf(app: App): string[] {
  return rulesOf(app).map(({ direction, group, peer, ports }) => `${group} ${direction === 'in' ? '<' : '>'} ${peer} ${ports}`).sort();
}

/** What `waysOut` says of a group that lets everything out by both families. */
export const ANYWHERE = '-1 0.0.0.0/0, -1 ::/0';

/**
 * What the groups of a template let out, each in a line, as long as all of it is part of the groups: the first outbound rule that
 * CloudFormation makes as a resource takes from its group what lets out all of IPv4 (fact V28).
 *
 * @param part of the ids of those in question
 */
export function waysOut(template: Template, part = ''): string[] {
  const groups = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).filter(([id]) => id.includes(part));
  const elsewhere = Object.values(template.findResources('AWS::EC2::SecurityGroupEgress')).map(({ Properties }) => JSON.stringify(Properties.GroupId));
  return groups.map(([id, { Properties }]) => elsewhere.includes(JSON.stringify({ 'Fn::GetAtt': [id, 'GroupId'] }))
    ? `${id} has rules elsewhere`
    : (Properties.SecurityGroupEgress as Record<string, string>[])
      .map(({ IpProtocol, FromPort, CidrIp, CidrIpv6 }) => [IpProtocol, FromPort, CidrIp ?? CidrIpv6].filter((given) => given !== undefined).join(' ')).join(', '));
}

function rulesAt(node: IConstruct): Rule[] {
  if (node instanceof ec2.CfnSecurityGroup) {
    const written = (list: unknown) => (Stack.of(node).resolve(list) ?? []) as Written[];
    return [
      ...written(node.securityGroupIngress).map((rule) => ruleOf(node, 'in', nameOf(node), rule, true)),
      ...written(node.securityGroupEgress).map((rule) => ruleOf(node, 'out', nameOf(node), rule, true)),
    ];
  }
  if (node instanceof ec2.CfnSecurityGroupIngress || node instanceof ec2.CfnSecurityGroupEgress) {
    return [ruleOf(node, node instanceof ec2.CfnSecurityGroupIngress ? 'in' : 'out', groupName(node.groupId!), node, false)];
  }
  return [];
}

function ruleOf(at: CfnResource, direction: 'in' | 'out', group: string, rule: Written, inline: boolean): Rule {
  const { ipProtocol, fromPort, toPort } = rule;
  const numbers = fromPort === undefined ? '' : fromPort === toPort ? ` ${fromPort}` : ` ${fromPort}-${toPort}`;
  const peer = rule.sourceSecurityGroupId ?? rule.destinationSecurityGroupId;
  return {
    direction,
    group,
    peer: peer === undefined ? JSON.stringify(at.stack.resolve(rule.cidrIp ?? rule.cidrIpv6 ?? rule.sourcePrefixListId)).replaceAll('"', '') : groupName(peer),
    ports: ipProtocol === '-1' ? 'all' : `${ipProtocol}${numbers}`,
    stack: at.stack.node.path,
    inline,
  };
}

/** The name of the group behind an id, followed across stacks. */
function groupName(id: string): string {
  const [reference] = Tokenization.reverseString(id).tokens;
  return reference === undefined ? id : nameOf((reference as Reference).target);
}

/** The path of a group in its stack, without the ids that every group has. */
function nameOf(group: IConstruct): string {
  const path = group.node.scopes.filter((scope) => !Stack.isStack(scope) && !App.isApp(scope)).map(({ node }) => node.id);
  return path.filter((id) => !['Resource', 'SecurityGroup'].includes(id)).join('/');
}
