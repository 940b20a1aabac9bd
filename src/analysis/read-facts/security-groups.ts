/** Security groups with their rules, wherever these are written. */
import type { Named, RulePeer, SecurityGroup, SecurityGroupRule, To, ToMany, Vpc } from '../facts';
import { Evaluated, identityOf, Resource } from '../resources';
import { all, chained, known, mapped, unknown, Value } from '../value';
import { eachOnce, Joins, nameOf, Reading } from './joins';
import { cidrOf, Network, reference } from './network';
import type { PrefixList } from './prefix-lists';
import { at, Draft, isUnknown, items, number, text } from './properties';

/** Finds groups by what refers to them. */
export interface Groups {
  readonly all: readonly SecurityGroup[];
  find(evaluated: Evaluated, from: Resource): To<SecurityGroup>;
  /** The groups that a property names, or the default group of the VPC where it names none. */
  orDefault(evaluated: Evaluated | undefined, from: Resource, vpc: To<Vpc> | undefined): ToMany<SecurityGroup>;
}

/** The groups of a set, first only the default ones, which are made while VPCs are read. */
export class GroupReader implements Groups {
  private readonly groups: Joins<Draft<SecurityGroup>>;
  private network?: Network;

  constructor(private readonly reading: Reading, private readonly prefixLists: Joins<PrefixList>) {
    this.groups = new Joins(reading);
  }

  get all(): readonly SecurityGroup[] {
    return this.groups.all();
  }

  /**
   * The default group of a VPC: lets in what comes from itself, and everything out [M13],
   * https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html.
   */
  defaultGroupOf(vpc: Named, to: To<Vpc>): SecurityGroup {
    const group = this.groups.addImported(`default group of ${to.identity}`, {
      ...emptyGroup({ name: `default group of ${vpc.name}`, resource: vpc.resource }),
      imported: vpc.resource === undefined,
      isDefault: true,
      vpc: to,
    });
    const { resource } = vpc;
    if (resource) {
      const everything = { resource, protocol: known('all'), ports: known(ALL_PORTS) };
      group.ingress.push({ ...everything, peer: { kind: 'group', group: this.groups.to(group) } });
      group.egress.push(...everythingOut(resource));
    }
    return group;
  }

  /** Reads the groups and all rules. */
  read(network: Network): Groups {
    this.network = network;
    const { reading } = this;
    const { world } = reading;
    for (const resource of world.resourcesOf('AWS::EC2::SecurityGroup')) {
      this.groups.add(resource, {
        ...emptyGroup({ name: nameOf(resource), resource }),
        vpc: resource.property('VpcId') ? reference(network.vpcs, resource, 'VpcId') : undefined,
        // Where it is exported, what imports it may have to be made out.
        leaves: () => reading.leaves(resource),
      }, () => resource.property('GroupName'));
    }
    this.emptyRestrictedGroups();
    for (const resource of world.resourcesOf('AWS::EC2::SecurityGroup')) {
      const group = this.groups.of(resource)!;
      group.ingress.push(...this.rulesIn(resource, 'SecurityGroupIngress', 'Source'));
      this.declareEgress(group, this.rulesIn(resource, 'SecurityGroupEgress', 'Destination'), hasItems(resource.property('SecurityGroupEgress')));
    }
    for (const resource of world.resourcesOf('AWS::EC2::SecurityGroupIngress')) {
      this.groupOf(resource)?.ingress.push(...this.ruleOf(resource, (name) => resource.property(name), 'Source'));
    }
    for (const resource of world.resourcesOf('AWS::EC2::SecurityGroupEgress')) {
      const group = this.groupOf(resource);
      if (group) {
        this.declareEgress(group, this.ruleOf(resource, (name) => resource.property(name), 'Destination'), true);
      }
    }
    for (const group of this.groups.all()) {
      if (group.resource && !group.egressDeclared && !group.isDefault) {
        // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html, SecurityGroupEgress
        group.egress.push(...everythingOut(group.resource));
      }
    }
    return this;
  }

  find(evaluated: Evaluated, from: Resource): To<SecurityGroup> {
    const vpc = evaluated.kind === 'reference' && evaluated.attribute === 'DefaultSecurityGroup' ? this.network?.vpcs.of(evaluated.resource) : undefined;
    return vpc ? this.groups.to(vpc.defaultGroup as Draft<SecurityGroup>) : this.groups.find(evaluated, from);
  }

  orDefault(evaluated: Evaluated | undefined, from: Resource, vpc: To<Vpc> | undefined): ToMany<SecurityGroup> {
    const list = items(evaluated);
    if (isUnknown(list)) {
      return list;
    }
    if (list.value.length > 0) {
      return known(eachOnce(list.value.map((item) => this.find(item, from))), list.assumes);
    }
    if (vpc?.target) {
      return known([this.groups.to(vpc.target.defaultGroup as Draft<SecurityGroup>)]);
    }
    return vpc
      ? known([{ identity: `default group of ${vpc.identity}`, why: `${nameOf(from)} names no security group, and its VPC is not of what is given` }])
      : unknown(`${nameOf(from)} names no security group, and its VPC is not known`);
  }

  /** The CDK has a custom resource that takes all rules from default groups. */
  private emptyRestrictedGroups(): void {
    for (const resource of this.reading.world.resourcesOf('Custom::VpcRestrictDefaultSG')) {
      const id = resource.property('DefaultSecurityGroupId');
      const target = id && this.find(id, resource).target as Draft<SecurityGroup> | undefined;
      if (target?.isDefault) {
        target.ingress = [];
        target.egress = [];
        target.egressDeclared = true;
      }
    }
  }

  /** A rule resource's group; one that is not of what is given gets a fact of its own, to hold the rules that are known of it. */
  private groupOf(resource: Resource): Draft<SecurityGroup> | undefined {
    const id = resource.property('GroupId') ?? resource.property('GroupName');
    if (!id) {
      return undefined;
    }
    const to = this.find(id, resource);
    return (to.target as Draft<SecurityGroup> | undefined)
      ?? this.groups.addImported(identityOf(id), { ...emptyGroup({ name: to.literal ?? 'an imported security group' }), imported: true });
  }

  private declareEgress(group: Draft<SecurityGroup>, rules: readonly SecurityGroupRule[], declared: boolean): void {
    group.egress.push(...rules);
    group.egressDeclared ||= declared;
  }

  private rulesIn(resource: Resource, property: string, side: 'Source' | 'Destination'): SecurityGroupRule[] {
    const rules = items(resource.property(property));
    return rules.known
      ? rules.value.flatMap((rule) => rule.kind === 'undecided' ? [unknownRules(resource, rule.why, 1)] : this.ruleOf(resource, (name) => at(rule, name), side))
      : [unknownRules(resource, rules.why, Infinity)];
  }

  private ruleOf(resource: Resource, property: (name: string) => Evaluated | undefined, side: 'Source' | 'Destination'): SecurityGroupRule[] {
    const peer = this.peerOf(resource, property, side);
    const protocol = mapped(text(property('IpProtocol')) ?? unknown('the rule names no protocol'), protocolName);
    const isNothing = (peer.kind === 'cidr' || peer.kind === 'cidr-ipv6') && peer.cidr.known && NOBODY.has(peer.cidr.value);
    return isNothing ? [] : [{ resource, protocol, ports: portsOf(protocol, property('FromPort'), property('ToPort')), peer }];
  }

  private peerOf(resource: Resource, property: (name: string) => Evaluated | undefined, side: 'Source' | 'Destination'): RulePeer {
    const cidr = property('CidrIp');
    if (cidr) {
      return { kind: 'cidr', cidr: cidrOf(this.network!, cidr), ...ofNetwork(cidr) };
    }
    const ipv6 = property('CidrIpv6');
    if (ipv6) {
      return { kind: 'cidr-ipv6', cidr: text(ipv6)!, ...ofNetwork(ipv6) };
    }
    const group = property(`${side}SecurityGroupId`) ?? property(`${side}SecurityGroupName`);
    if (group) {
      return { kind: 'group', group: this.find(group, resource) };
    }
    const list = property(`${side}PrefixListId`);
    if (list) {
      const { target, why } = this.prefixLists.find(list, resource);
      const missing = unknown(`the entries of a prefix list are not known: ${why}`, identityOf(list));
      const { entries, maxEntries, addressFamily } = target ?? { entries: missing, maxEntries: missing, addressFamily: missing };
      return { kind: 'prefix-list', entries, maxEntries, addressFamily };
    }
    return { kind: 'unknown', why: 'the rule names no peer' };
  }
}

const ALL_PORTS = { first: 0, last: 65535 };

/** Peers that nobody is: with such a rule the CDK keeps the default one away. */
const NOBODY = new Set(['255.255.255.255/32', '::1/128']);

function emptyGroup(named: Named): Draft<SecurityGroup> {
  return {
    imported: false,
    isDefault: false,
    ingress: [],
    egress: [],
    egressDeclared: false,
    leaves: () => false,
    carriers: { services: [], hostGroups: [], loadBalancers: [], endpoints: [], others: [] },
    ...named,
  };
}

function everythingOut(resource: Resource): SecurityGroupRule[] {
  const everything = { resource, protocol: known('all'), ports: known(ALL_PORTS) };
  return [
    { ...everything, peer: { kind: 'cidr', cidr: known('0.0.0.0/0') } },
    { ...everything, peer: { kind: 'cidr-ipv6', cidr: known('::/0') } },
  ];
}

/** The attributes of these that are their blocks. */
const WITH_BLOCKS: ReadonlySet<string> = new Set(['AWS::EC2::VPC', 'AWS::EC2::Subnet']);
const BLOCKS: ReadonlySet<string | undefined> = new Set(['CidrBlock', 'Ipv6CidrBlocks']);

/** Whether an expression is the block of a VPC [V03, V15] or of a subnet [V02], of which the largest have a prefix of 16, or 44 in IPv6. */
function ofNetwork(block: Evaluated): { readonly ofNetwork?: true } {
  const reference = block.kind === 'reference' ? block : block.kind === 'undecided' ? block.itemOf : undefined;
  return reference && WITH_BLOCKS.has(reference.resource.type) && BLOCKS.has(reference.attribute) ? { ofNetwork: true } : {};
}

/** What stands for rules of which there may be so many. */
function unknownRules(resource: Resource, why: string, standsFor: number): SecurityGroupRule {
  return { resource, protocol: unknown(why), ports: unknown(why), peer: { kind: 'unknown', why, standsFor } };
}

function hasItems(evaluated: Evaluated | undefined): boolean {
  const list = items(evaluated);
  return !list.known || list.value.length > 0;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html */
const PROTOCOLS: Record<string, string> = { '-1': 'all', 'all': 'all', '6': 'tcp', '17': 'udp', '1': 'icmp', '58': 'icmpv6' };

function protocolName(protocol: string): string {
  const lower = protocol.toLowerCase();
  return PROTOCOLS[lower] ?? lower;
}

function portsOf(protocol: Value<string>, fromPort: Evaluated | undefined, toPort: Evaluated | undefined): SecurityGroupRule['ports'] {
  if (protocol.known && protocol.value === 'all') {
    return known(ALL_PORTS, protocol.assumes);
  }
  const [first, last] = [number(fromPort), number(toPort)];
  if (!first && !last) {
    return known(ALL_PORTS);
  }
  // EC2 takes -1 for all of them, and one of the two does not go without the other.
  return chained(all([first ?? unknown('FromPort is left out'), last ?? unknown('ToPort is left out')]),
    ([from, to]) => known(from === -1 ? ALL_PORTS : { first: from, last: to }));
}
