/** Security groups and peers made by hand, for the tests of what gets through them. */
import type { SecurityGroup, SecurityGroupRule, Subnet, To, ToMany, Vpc } from '../../src/analysis/facts';
import type { Peer, Traffic } from '../../src/analysis/reachability';
import { known, unknown, Value } from '../../src/analysis/value';
import { readBlock } from '../../src/limits/cidr';

export type RulePeer = SecurityGroupRule['peer'];

/** A rule for tcp and a port or a range, unless more is said. */
export function ruleOf(
  peer: RulePeer, ports: number | readonly [number, number], more: Partial<SecurityGroupRule> = {},
): SecurityGroupRule {
  const [first, last] = typeof ports === 'number' ? [ports, ports] : ports;
  return { peer, protocol: known('tcp'), ports: known({ first, last }), ...more } as SecurityGroupRule;
}

/** A group of what is given, with these rules for both directions. */
export function groupOf(name: string, rules: readonly SecurityGroupRule[] = [], more: Partial<SecurityGroup> = {}): SecurityGroup {
  return { name, resource: {}, imported: false, ingress: rules, egress: rules, ...more } as SecurityGroup;
}

export function toGroup(target: SecurityGroup): To<SecurityGroup> {
  return { target, identity: target.name };
}

export function groups(...members: ReadonlyArray<SecurityGroup | To<SecurityGroup>>): ToMany<SecurityGroup> {
  return known(members.map((one) => 'identity' in one ? one : toGroup(one)));
}

export const cidr = (block: string): RulePeer => ({ kind: block.includes(':') ? 'cidr-ipv6' : 'cidr', cidr: known(block) });
export const fromGroup = (group: SecurityGroup | To<SecurityGroup>): RulePeer => (
  { kind: 'group', group: 'identity' in group ? group : toGroup(group) });
export const fromList = (...entries: readonly string[]): RulePeer => (
  { kind: 'prefix-list', entries: known(entries), maxEntries: known(entries.length), addressFamily: known('IPv4') });
/** A source that cannot be told. */
export const somebody = (why = 'who it is, is not known'): RulePeer => ({ kind: 'unknown', why });

export function subnets(...blocks: ReadonlyArray<string | undefined>): ToMany<Subnet> {
  return known(blocks.map((block, index): To<Subnet> => {
    const read = block === undefined ? undefined : readBlock(block)!;
    return { identity: `Subnet${index}`, target: { name: `Subnet${index}`, block: read && known(read), derivedFrom: [] as Subnet['derivedFrom'] } as Subnet };
  }));
}

/** A VPC with these IPv4 blocks, the primary one first. */
export function vpcOf(...blocks: ReadonlyArray<string | Value<string>>): To<Vpc> {
  const all = blocks.map((one, index) => ({ primary: index === 0, ipv6: false, cidr: typeof one === 'string' ? known(one) : one }));
  return { identity: 'Vpc', target: { blocks: all } as unknown as Vpc };
}

/** A peer in 10.0.0.0/24, without groups unless more is said. */
export function peerOf(more: Partial<Peer> = {}): Peer {
  return { family: 'ipv4', addresses: { subnets: subnets('10.0.0.0/24') }, ...more };
}

export function traffic(ports: number | readonly [number, number], protocol: Traffic['protocol'] = 'tcp'): Traffic {
  const [first, last] = typeof ports === 'number' ? [ports, ports] : ports;
  return { protocol, ports: { first, last } };
}

export const open = (why = 'it is not known') => unknown(why);
