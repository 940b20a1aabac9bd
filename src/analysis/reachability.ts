/**
 * Whether packets get from one thing to another through security groups. Groups are stateful, so only who opens a connection matters: what
 * lets it out on the one side, and in on the other.
 */
import { contains, Ipv4Block, overlaps, readBlock, shareOfAll } from '../limits/cidr';
import { overlaps as portsOverlap, Ports, TransportProtocol } from '../limits/ports';
import { same, SecurityGroup, SecurityGroupRule, Subnet, To, ToMany, Vpc, VpcBlock } from './facts';
import { groupTitle } from './guards';
import { all, assumesOf, chained, equal, every, known, some, union, unknown, Unknown, Value, Verdict } from './value';

/** One side of a connection, as the other side's rules see it. */
export interface Peer {
  /** Its security groups; absent where it has none, as a Network Load Balancer may. */
  readonly groups?: ToMany<SecurityGroup>;
  /** Where its addresses are. */
  readonly addresses: Addresses;
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * The subnets that something has its addresses in; `anywhere` where it passes on the addresses of its own clients, so that nothing is
 * known of them.
 */
export type Addresses = { readonly subnets: ToMany<Subnet>; readonly vpc?: To<Vpc> } | 'anywhere';

/** All of the ports get through, some of them, none, or it cannot be told. */
export type Admission = 'yes' | 'partly' | 'no' | Unknown;

/** What is to get through. */
export interface Traffic {
  readonly protocol: TransportProtocol;
  readonly ports: Ports;
}

/** Why a group may have other rules than those that are seen; `undefined` where it has none. */
export function whyHidden({ target, why, identity }: To<SecurityGroup>): string | undefined {
  return target && !target.imported ? undefined : why ?? `the rules of ${groupTitle({ name: target?.name ?? identity })} are not known`;
}

/** What the rules of some groups let through: surely, maybe, and from or to a half of all addresses. */
interface LetThrough {
  readonly surely: readonly Ports[];
  readonly maybe: readonly Ports[];
  /** Two halves are all addresses. */
  readonly halves: Readonly<Record<'lower half' | 'upper half', readonly Ports[]>>;
  /** Why a part is not known. */
  readonly why?: string;
  /** Why there may be other rules. */
  readonly hidden?: string;
}

function letThrough(groups: ReadonlyArray<To<SecurityGroup>>, direction: 'ingress' | 'egress', peer: Peer, traffic: Traffic): LetThrough {
  const surely: Ports[] = [];
  const maybe: Ports[] = [];
  const halves: Record<'lower half' | 'upper half', Ports[]> = { 'lower half': [], 'upper half': [] };
  let why: string | undefined;
  let hidden: string | undefined;
  for (const to of groups) {
    hidden ??= whyHidden(to);
    for (const rule of to.target?.[direction] ?? []) {
      // Ports first: comparing them costs least, and most rules are about others.
      const span = spanOf(rule, traffic);
      const verdict = span.known && !span.value ? 'no' : matches(rule.peer, peer);
      if (span.known && span.value && verdict === 'yes') {
        surely.push(span.value);
      } else if (verdict !== 'no') {
        const share = shareOf(rule.peer);
        if (span.known && share !== undefined && share !== 'all') {
          halves[share].push(span.value!);
        }
        maybe.push(span.known ? span.value! : traffic.ports);
        why ??= span.known ? (verdict as Unknown).why : span.why;
      }
    }
  }
  return { surely, maybe, halves, why, hidden };
}

/** What a list of groups lets through in one direction; one group that does is enough. `partly` may be nothing, but it is not all. */
export function admission(groups: ToMany<SecurityGroup>, direction: 'ingress' | 'egress', peer: Peer, traffic: Traffic): Admission {
  const one = admissionOf(groups, direction, peer, traffic);
  return typeof one !== 'string' && holdsInEach(peer, (its) => admissionOf(groups, direction, its, traffic) === 'yes') ? 'yes' : one;
}

/**
 * Whether something holds for a peer in each of several subnets. An address is in one of them, and each may have a rule, or an entry of a
 * prefix list, of its own.
 */
function holdsInEach({ addresses, ...rest }: Peer, holds: (one: Peer) => boolean): boolean {
  if (addresses === 'anywhere' || !addresses.subnets.known || addresses.subnets.value.length < 2) {
    return false;
  }
  const { subnets: { value, assumes }, vpc } = addresses;
  return value.every((subnet) => holds({ ...rest, addresses: { subnets: known([subnet], assumes), vpc } }));
}

function admissionOf(groups: ToMany<SecurityGroup>, direction: 'ingress' | 'egress', peer: Peer, traffic: Traffic): Admission {
  if (!groups.known) {
    return groups;
  }
  const { surely, maybe, halves, why, hidden } = letThrough(groups.value, direction, peer, traffic);
  if (Object.values(halves).every((half) => covers([...surely, ...half], traffic.ports))) {
    return 'yes';
  }
  if (hidden !== undefined || covers([...surely, ...maybe], traffic.ports)) {
    return unknown(why ?? hidden!);
  }
  return surely.length + maybe.length > 0 ? 'partly' : 'no';
}

/** Whether a list of groups lets any of the traffic through. */
export function admitsSome(groups: ToMany<SecurityGroup>, direction: 'ingress' | 'egress', peer: Peer, traffic: Traffic): Verdict {
  const one = admitsSomeOf(groups, direction, peer, traffic);
  return typeof one !== 'string' && holdsInEach(peer, (its) => admitsSomeOf(groups, direction, its, traffic) === 'yes') ? 'yes' : one;
}

function admitsSomeOf(groups: ToMany<SecurityGroup>, direction: 'ingress' | 'egress', peer: Peer, traffic: Traffic): Verdict {
  if (!groups.known) {
    return groups;
  }
  const { surely, halves, why, hidden } = letThrough(groups.value, direction, peer, traffic);
  if (surely.length > 0 || halves['lower half'].some((a) => halves['upper half'].some((b) => portsOverlap(a, b)))) {
    return 'yes';
  }
  return why === undefined && hidden === undefined ? 'no' : unknown(why ?? hidden!);
}

/** Whether any rule lets the traffic in, whoever it is from; for senders of whom nothing is known. */
export function admitsSomebody(groups: ToMany<SecurityGroup>, traffic: Traffic): Admission {
  if (!groups.known) {
    return groups;
  }
  const spans = groups.value.flatMap(({ target }) => target?.ingress ?? []).map((rule) => spanOf(rule, traffic));
  const hidden = groups.value.map(whyHidden).find((why) => why !== undefined);
  const through = spans.flatMap((span) => span.known && span.value ? [span.value] : []);
  const open = spans.find((span) => !span.known);
  if (covers(through, traffic.ports)) {
    return 'yes';
  }
  if (hidden !== undefined || open) {
    return unknown(open?.known === false ? open.why : hidden!);
  }
  return through.length > 0 ? 'partly' : 'no';
}

/**
 * The inbound rules by which a peer, or whoever it is where none is given, gets through with some of the traffic. Where no rule is surely
 * about the peer: those that may be.
 */
export function rulesAbout(groups: ToMany<SecurityGroup>, traffic: Traffic, peer?: Peer): readonly SecurityGroupRule[] {
  const rules = groups.known ? groups.value.flatMap(({ target }) => target?.ingress ?? []) : [];
  const possible = rules.filter((rule) => {
    const span = spanOf(rule, traffic);
    return !span.known || span.value;
  });
  const verdicts = new Map(possible.map((rule) => [rule, peer ? matches(rule.peer, peer) : 'yes']));
  const sure = possible.filter((rule) => verdicts.get(rule) === 'yes');
  return sure.length > 0 ? sure : possible.filter((rule) => verdicts.get(rule) !== 'no');
}

/** Admissions of two sides, of which both must let the traffic through. */
export function both(a: Admission, b: Admission): Admission {
  for (const worst of ['no', 'partly'] as const) {
    if (a === worst || b === worst) {
      return worst;
    }
  }
  return a === 'yes' ? b : a;
}

/** Whether a rule is about a peer. */
export function matches(rule: SecurityGroupRule['peer'], peer: Peer): Verdict {
  switch (rule.kind) {
    case 'group':
      return matchesGroup(rule.group, peer);
    case 'cidr':
      return matchesBlock(rule.cidr, peer);
    case 'cidr-ipv6':
      return matchesIpv6(rule.cidr, peer);
    case 'prefix-list':
      return rule.entries.known ? some(rule.entries.value.map((entry) => matchesEntry(entry, peer))) : rule.entries;
    case 'unknown':
      return unknown(rule.why);
  }
}

/** Whether a CIDR is all addresses of its family. */
export function isEverywhere(peer: SecurityGroupRule['peer']): Value<boolean> {
  if (peer.kind === 'cidr' || peer.kind === 'cidr-ipv6') {
    return peer.cidr.known ? known(shareOf(peer) === 'all', peer.cidr.assumes) : peer.ofNetwork ? known(false) : peer.cidr;
  }
  return known(false);
}

/** Which part of all addresses of its family a CIDR is, where it is known and all of them or a half. */
export function shareOf(peer: SecurityGroupRule['peer']): ReturnType<typeof shareOfAll> {
  return (peer.kind === 'cidr' || peer.kind === 'cidr-ipv6') && peer.cidr.known ? shareOfAll(peer.cidr.value) : undefined;
}

/** The rules by which one is for all addresses of its family: itself, or itself and one for the other half; none where it is for fewer. */
export function everywhereBy(rule: SecurityGroupRule, rules: readonly SecurityGroupRule[]): readonly SecurityGroupRule[] {
  const share = shareOf(rule.peer);
  if (share === undefined || share === 'all') {
    return share ? [rule] : [];
  }
  const wanted = share === 'lower half' ? 'upper half' : 'lower half';
  const other = rules.find((one) => one.peer.kind === rule.peer.kind && shareOf(one.peer) === wanted && isAlike(one, rule));
  return other ? [rule, other] : [];
}

function isAlike(a: SecurityGroupRule, b: SecurityGroupRule): boolean {
  return equal(a.protocol, b.protocol) === 'yes' && a.ports.known && b.ports.known
    && a.ports.value.first === b.ports.value.first && a.ports.value.last === b.ports.value.last;
}

/** What rests on groups letting nothing through but what is seen: on their rules, and on that there are no others. */
export function assumptionsOfClosed(groups: ToMany<SecurityGroup> | undefined, direction: 'ingress' | 'egress'): readonly string[] {
  const targets = groups?.known ? groups.value.flatMap(({ target }) => target ?? []) : [];
  return union(
    groups ? assumesOf(groups) : [],
    ...targets.flatMap((target) => target[direction]).map(assumptionsOfRule),
    targets.map((target) => `nothing else adds rules to ${groupTitle(target)}`),
  );
}

/** What a rule rests on. */
export function assumptionsOfRule({ protocol, ports, peer }: SecurityGroupRule): readonly string[] {
  return assumesOf(protocol, ports, ...peer.kind === 'cidr' || peer.kind === 'cidr-ipv6' ? [peer.cidr] : []);
}

function matchesGroup(group: To<SecurityGroup>, { groups }: Peer): Verdict {
  if (!groups) {
    return 'no';
  }
  return groups.known ? some(groups.value.map((one) => same(one, group))) : groups;
}

function matchesEntry(entry: string, peer: Peer): Verdict {
  return entry.includes(':') ? matchesIpv6(known(entry), peer) : matchesBlock(known(entry), peer);
}

function matchesBlock(cidr: Value<string>, { addresses, family }: Peer): Verdict {
  if (family === 'ipv6') {
    return 'no';
  }
  const block = cidr.known ? readBlock(cidr.value) : undefined;
  if (block?.prefix === 0) {
    return 'yes';
  }
  if (addresses === 'anywhere') {
    return unknown('which addresses its clients have is not known');
  }
  if (!cidr.known) {
    const ofVpc = addresses.vpc?.target?.blocks.find((one) => one.primary)?.cidr;
    return ofVpc && isSame(ofVpc, cidr) ? inPrimary(addresses, cidr.identity!) : cidr;
  }
  return block ? within(block, addresses) : unknown(`${JSON.stringify(cidr.value)} is no block`);
}

function matchesIpv6(cidr: Value<string>, { family }: Peer): Verdict {
  if (family === 'ipv4') {
    return 'no';
  }
  if (!cidr.known) {
    return cidr;
  }
  return shareOfAll(cidr.value) === 'all' ? 'yes' : unknown('which IPv6 addresses it has is known only at deployment');
}

function isSame(a: Value<string>, b: Unknown): boolean {
  return !a.known && a.identity !== undefined && a.identity === b.identity;
}

/** Whether some subnets are of the primary block of their VPC, the value of which is not known, but its expression is. */
function inPrimary({ subnets, vpc }: Exclude<Addresses, 'anywhere'>, primary: string): Verdict {
  const others = vpc!.target!.blocks.filter(({ primary, ipv6 }) => !primary && !ipv6);
  if (others.length === 0) {
    return 'yes';
  }
  if (!subnets.known) {
    return subnets;
  }
  const verdicts = subnets.value.map(({ target, why }) => target ? isOf(primary, others, target) : unknown(why!));
  return verdicts.includes('yes') && verdicts.includes('no') ? unknown(PARTLY) : every(verdicts);
}

function isOf(primary: string, others: readonly VpcBlock[], { name, cidr, block, derivedFrom }: Subnet): Verdict {
  if (cidr?.known === false && cidr.identity?.includes(primary)) {
    return 'yes';
  }
  if (derivedFrom.some((one) => others.includes(one.block))) {
    return 'no';
  }
  const blocks = all(others.map((other) => chained(other.cidr, (written) => known(readBlock(written)))));
  return !block?.known || !blocks.known ? unknown(`of which block of its VPC ${name} is, is not known`)
    : blocks.value.some((one) => one && overlaps(one, block.value)) ? 'no' : 'yes';
}

const PARTLY = 'the block holds a part of the addresses only';

/** Whether a block holds all addresses of some subnets, none, or it depends on which of them are used. */
function within(block: Ipv4Block, { subnets, vpc }: Exclude<Addresses, 'anywhere'>): Verdict {
  const primary = vpc?.target?.blocks.find((one) => one.primary)?.cidr;
  const ofVpc = primary?.known && vpc!.target!.blocks.filter(({ ipv6 }) => !ipv6).length === 1 ? readBlock(primary.value) : undefined;
  // Where the VPC's one block lies in it or beside it, the subnets' need not be known.
  if (ofVpc && (contains(block, ofVpc) || !overlaps(block, ofVpc))) {
    return contains(block, ofVpc) ? 'yes' : 'no';
  }
  if (!subnets.known) {
    return subnets;
  }
  const blocks = all(subnets.value.map(({ target, why }): Value<Ipv4Block> => target?.block ?? unknown(why ?? 'a subnet has no IPv4')));
  if (!blocks.known) {
    return blocks;
  }
  if (blocks.value.every((one) => contains(block, one))) {
    return 'yes';
  }
  return blocks.value.some((one) => overlaps(block, one)) ? unknown(PARTLY) : 'no';
}

/** The part of the traffic that a rule is about; `undefined` if none. */
export function spanOf({ protocol, ports }: SecurityGroupRule, traffic: Traffic): Value<Ports | undefined> {
  if (protocol.known && protocol.value !== 'all' && protocol.value !== traffic.protocol) {
    return NO_PORTS;
  }
  // A protocol that is not known may be all of them, and then the ports do not count.
  if (!protocol.known || !ports.known) {
    return protocol.known ? ports as Unknown : protocol;
  }
  const first = Math.max(ports.value.first, traffic.ports.first);
  const last = Math.min(ports.value.last, traffic.ports.last);
  return first <= last ? known({ first, last }) : NO_PORTS;
}

const NO_PORTS = known(undefined);

/** Whether some spans together are all of the ports. */
function covers(spans: readonly Ports[], { first, last }: Ports): boolean {
  let next = first;
  for (const span of [...spans].sort((a, b) => a.first - b.first)) {
    if (span.first <= next) {
      next = Math.max(next, span.last + 1);
    }
  }
  return next > last;
}
