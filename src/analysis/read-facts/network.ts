/** VPCs with their blocks, routes, NAT gateways, and subnets with their zones. */
import { contains, Ipv4Block, readBlock } from '../../limits/cidr';
import type { Named, NatGateway, Route, SecurityGroup, Subnet, SubnetOrigin, To, ToMany, Vpc, VpcBlock } from '../facts';
import { Evaluated, identityOf, Resource } from '../resources';
import { chained, known, unknown, Value } from '../value';
import { ImportedSubnet, Joins, nameOf, Reading, toUnknown } from './joins';
import { OpenAssociation, OpenRoute, possibleRoutesReader } from './possible-routes';
import type { PrefixList } from './prefix-lists';
import { Draft, isUnknown, listAt, text, truth } from './properties';

export interface Network {
  readonly vpcs: Joins<Vpc>;
  readonly subnets: Joins<Subnet>;
  readonly natGateways: Joins<NatGateway>;
  readonly routeTables: Joins<Named>;
  readonly vpcBlocks: readonly VpcBlock[];
}

/** What the reader of security groups gives for a VPC: its default group. */
export type DefaultGroupOf = (vpc: Named, to: To<Vpc>) => SecurityGroup;

export function readNetwork(reading: Reading, prefixLists: Joins<PrefixList>, defaultGroupOf: DefaultGroupOf): Network {
  const vpcs = readVpcs(reading, defaultGroupOf);
  const vpcBlocks = readBlocks(reading, vpcs);
  const natGateways = new Joins<Draft<NatGateway>>(reading);
  for (const resource of reading.world.resourcesOf('AWS::EC2::NatGateway')) {
    const kind = text(resource.property('ConnectivityType')) ?? known('public');
    natGateways.add(resource, {
      name: nameOf(resource),
      resource,
      publicConnectivity: kind.known ? known(kind.value.toLowerCase() !== 'private', kind.assumes) : kind,
    });
  }
  const routing = readRoutes(reading, vpcs, natGateways, prefixLists);
  const subnets = readSubnets(reading, vpcs, vpcBlocks, routing);
  for (const gateway of natGateways.all()) {
    const subnet = gateway.resource.property('SubnetId');
    if (subnet) {
      gateway.subnet = subnets.find(subnet, gateway.resource);
    }
  }
  return { vpcs, subnets, natGateways, routeTables: routing.tables, vpcBlocks };
}

/** A block by value: the attribute `CidrBlock` of a VPC or a subnet of what is given has that one's. */
export function cidrOf({ vpcs, subnets }: Pick<Network, 'vpcs' | 'subnets'>, evaluated: Evaluated): Value<string> {
  if (evaluated.kind === 'reference' && evaluated.attribute === 'CidrBlock') {
    const [primary] = vpcs.of(evaluated.resource)?.blocks ?? [];
    const own = primary?.cidr ?? subnets.of(evaluated.resource)?.cidr;
    if (own) {
      return own;
    }
  }
  return text(evaluated)!;
}

/** The VPC that subnets are in, as the first that is known tells. */
export function vpcOf(subnets: ToMany<Subnet>): To<Vpc> | undefined {
  return subnets.known ? subnets.value.find(({ target }) => target)?.target?.vpc : undefined;
}

function readVpcs(reading: Reading, defaultGroupOf: DefaultGroupOf): Joins<Draft<Vpc>> {
  const vpcs = new Joins<Draft<Vpc>>(reading);
  const complete = (fact: Named, cidr: Value<string>, hasIpv6: Value<boolean>, add: (vpc: Draft<Vpc>) => void) => {
    const vpc = { ...fact, blocks: [], hasIpv6, routes: [] } as unknown as Draft<Vpc>;
    add(vpc);
    const to = vpcs.to(vpc);
    vpc.blocks.push({ ...fact, vpc: to, primary: true, ipv6: false, cidr });
    vpc.defaultGroup = defaultGroupOf(fact, to);
  };
  for (const resource of reading.world.resourcesOf('AWS::EC2::VPC')) {
    const cidr = text(resource.property('CidrBlock')) ?? unknown(`the block of ${nameOf(resource)} is allocated at deployment`, `block of ${reading.keyOf(resource)}`);
    complete({ name: nameOf(resource), resource }, cidr, known(false), (vpc) => vpcs.add(resource, vpc));
  }
  for (const [id, { cidr }] of Object.entries(reading.options.importedVpcs ?? {})) {
    const block = cidr === undefined ? unknown(`the block of ${id} is not known`, `block of ${id}`) : known(cidr);
    complete({ name: id }, block, unknown(`whether ${id} has IPv6 is not known`), (vpc) => vpcs.addImported(JSON.stringify(id), vpc));
  }
  return vpcs;
}

const IPV6_BLOCK = ['Ipv6CidrBlock', 'Ipv6IpamPoolId', 'Ipv6Pool'];

/** The primary blocks, which the VPCs have already, and those that are associated with them. */
function readBlocks(reading: Reading, vpcs: Joins<Draft<Vpc>>): VpcBlock[] {
  const associated = reading.world.resourcesOf('AWS::EC2::VPCCidrBlock').map((resource): VpcBlock => {
    const provided = truth(resource.property('AmazonProvidedIpv6CidrBlock'));
    const ipv6 = IPV6_BLOCK.some((property) => resource.property(property) !== undefined)
      || (provided !== undefined && (!provided.known || provided.value));
    const cidr = text(resource.property(ipv6 ? 'Ipv6CidrBlock' : 'CidrBlock'))
      ?? unknown(`the block of ${nameOf(resource)} is allocated at deployment`, `block of ${reading.keyOf(resource)}`);
    return { name: nameOf(resource), resource, vpc: reference(vpcs, resource, 'VpcId'), primary: false, ipv6, cidr };
  });
  const all = [...vpcs.all().flatMap(({ blocks }) => blocks), ...associated];
  for (const block of associated) {
    const vpc = block.vpc.target as Draft<Vpc> | undefined;
    vpc?.blocks.push(block);
    if (vpc && block.ipv6) {
      vpc.hasIpv6 = known(true);
    }
  }
  return all;
}

interface Routing {
  readonly tables: Joins<Named>;
  /** The routes of each table. */
  readonly routes: ReadonlyMap<Named, readonly Route[]>;
  /** Those of tables that are not known. */
  readonly open: readonly OpenRoute[];
}

function readRoutes(
  reading: Reading, vpcs: Joins<Draft<Vpc>>, natGateways: Joins<NatGateway>, prefixLists: Joins<PrefixList>,
): Routing {
  const { world } = reading;
  const tables = new Joins<Named>(reading);
  const routes = new Map<Named, Route[]>();
  for (const resource of world.resourcesOf('AWS::EC2::RouteTable')) {
    routes.set(tables.add(resource, { name: nameOf(resource), resource }), []);
  }
  const open: OpenRoute[] = [];
  const add = (table: To<Named>, route: Route) => {
    if (table.target) {
      routes.get(table.target)!.push(route);
    } else {
      open.push({ table, route });
    }
  };
  for (const resource of world.resourcesOf('AWS::EC2::Route')) {
    add(reference(tables, resource, 'RouteTableId'), routeOf(resource, natGateways, prefixLists));
  }
  for (const resource of world.resourcesOf('AWS::EC2::VPNGatewayRoutePropagation')) {
    const destination = unknown(`${nameOf(resource)} propagates the routes of a VPN`);
    const its = tables.findMany(resource.property('RouteTableIds'), resource);
    for (const table of its.known ? its.value : [toUnknown<Named>(its.why, `tables of ${reading.keyOf(resource)}`)]) {
      add(table, { resource, family: 'unknown', destination, target: 'other' });
    }
  }
  for (const [table, its] of routes) {
    reference(vpcs, table.resource!, 'VpcId').target?.routes.push(...its);
  }
  return { tables, routes, open };
}

const DESTINATIONS = [['DestinationCidrBlock', 'ipv4'], ['DestinationIpv6CidrBlock', 'ipv6'], ['DestinationPrefixListId', 'prefix-list']] as const;

function routeOf(resource: Resource, natGateways: Joins<NatGateway>, prefixLists: Joins<PrefixList>): Route {
  const [property, family] = DESTINATIONS.find(([name]) => resource.property(name) !== undefined) ?? ['', 'unknown'] as const;
  const destination = property === '' ? unknown('the route names no destination') : text(resource.property(property))!;
  const to = { resource, family, destination, ...family === 'prefix-list' ? { entries: entriesOf(resource, property, prefixLists) } : {} };
  const nat = resource.property('NatGatewayId');
  if (nat) {
    return { ...to, target: 'nat-gateway', natGateway: natGateways.find(nat, resource) };
  }
  return { ...to, target: resource.property('EgressOnlyInternetGatewayId') ? 'egress-only-gateway' : gatewayOf(resource) };
}

function entriesOf(resource: Resource, property: string, prefixLists: Joins<PrefixList>): Value<readonly string[]> {
  const { target, why } = reference(prefixLists, resource, property);
  return target?.entries ?? unknown(`the entries of a prefix list are not known: ${why}`);
}

const OTHER_TARGETS = ['TransitGatewayId', 'VpcPeeringConnectionId', 'VpcEndpointId', 'InstanceId', 'NetworkInterfaceId', 'CarrierGatewayId',
  'LocalGatewayId', 'CoreNetworkArn', 'OdbNetworkArn'];

function gatewayOf(resource: Resource): Route['target'] {
  const gateway = resource.property('GatewayId');
  if (!gateway) {
    return OTHER_TARGETS.some((property) => resource.property(property) !== undefined) ? 'other' : 'unknown';
  }
  const kind = gateway.kind === 'reference' ? gateway.resource.type : gateway.kind === 'scalar' ? String(gateway.value) : '';
  if (kind === 'AWS::EC2::InternetGateway' || kind.startsWith('igw-')) {
    return 'internet-gateway';
  }
  // The attachment has the gateway's id in its own: those who refer to it mean the gateway.
  return kind === 'AWS::EC2::VPNGateway' || kind.startsWith('vgw-') || kind.startsWith('vpce-') || kind === 'local' ? 'other' : 'unknown';
}

function readSubnets(
  reading: Reading, vpcs: Joins<Draft<Vpc>>, vpcBlocks: readonly VpcBlock[], { tables, routes, open }: Routing,
): Joins<Draft<Subnet>> {
  const { world } = reading;
  const subnets = new Joins<Draft<Subnet>>(reading);
  const added = addedBlocks(vpcBlocks);
  for (const resource of world.resourcesOf('AWS::EC2::Subnet')) {
    const subnet = subnets.add(resource, subnetOf(resource, reference(vpcs, resource, 'VpcId')));
    const blocks = added(subnet);
    subnet.derivedFrom.push(...derivedFromIpv4(subnet, blocks, resource), ...derivedFromIpv6(subnet, blocks, resource.property('Ipv6CidrBlock'), resource));
  }
  for (const [id, imported] of Object.entries(reading.options.importedSubnets ?? {})) {
    subnets.addImported(JSON.stringify(id), importedSubnet(id, imported, vpcs));
  }
  for (const resource of world.resourcesOf('AWS::EC2::SubnetCidrBlock')) {
    const subnet = reference(subnets, resource, 'SubnetId').target;
    if (subnet && (resource.property('Ipv6CidrBlock') ?? resource.property('Ipv6IpamPoolId'))) {
      subnet.ipv6 = known(true);
      subnet.derivedFrom.push(...derivedFromIpv6(subnet, added(subnet), resource.property('Ipv6CidrBlock'), resource));
    }
  }
  const associated = new Map<Subnet, To<Named>>();
  const openAssociations: OpenAssociation[] = [];
  for (const resource of world.resourcesOf('AWS::EC2::SubnetRouteTableAssociation')) {
    const subnet = reference(subnets, resource, 'SubnetId');
    const table = reference(tables, resource, 'RouteTableId');
    if (subnet.target) {
      associated.set(subnet.target, table);
    } else {
      openAssociations.push({ resource, subnet, table, routes: table.target ? routes.get(table.target) : undefined });
    }
  }
  for (const subnet of subnets.all()) {
    const table = associated.get(subnet);
    if (table) {
      subnet.routeTable = table;
      subnet.routes = table.target ? known(routes.get(table.target)!) : unknown(`the route table of ${subnet.name} is not known: ${table.why}`);
    } else if (subnet.resource && subnet.vpc.target?.resource) {
      // https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html: the main table of a new VPC has its local routes only.
      subnet.routes = known([]);
    }
  }
  const possibleRoutesOf = possibleRoutesReader(open, openAssociations, (table) => reference(vpcs, table, 'VpcId'));
  for (const subnet of subnets.all()) {
    subnet.possibleRoutes.push(...possibleRoutesOf(subnet));
  }
  const perVpc = new Map<string, Draft<Subnet>[]>();
  subnets.all().forEach((subnet) => listAt(perVpc, subnet.vpc.identity).push(subnet));
  perVpc.forEach(makeZonesComparable);
  return subnets;
}

function subnetOf(resource: Resource, vpc: To<Vpc>): Draft<Subnet> {
  const name = nameOf(resource);
  const cidr = text(resource.property('CidrBlock'));
  const ipv6Only = truth(resource.property('Ipv6Native')) ?? known(false);
  const hasIpv6 = IPV6_BLOCK.some((property) => resource.property(property) !== undefined);
  const allocated = unknown(`the block of ${name} is allocated at deployment`);
  return {
    name,
    resource,
    vpc,
    ...ipv6Only.known && ipv6Only.value ? {} : { cidr: cidr ?? allocated, block: blockOf(cidr ?? allocated) },
    derivedFrom: [],
    ipv6: hasIpv6 ? known(true) : ipv6Only,
    ipv6Only,
    // It is to be enabled [X01]: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
    dns64: truth(resource.property('EnableDns64')) ?? known(false),
    zone: zoneOf(resource),
    mapPublicIp: truth(resource.property('MapPublicIpOnLaunch')) ?? known(false),
    shared: known(false),
    routes: unknown(`the route table of ${name} is not known: its VPC is not of what is given`),
    possibleRoutes: [],
  };
}

function importedSubnet(id: string, { cidr, zone, vpcId, shared }: ImportedSubnet, vpcs: Joins<Vpc>): Draft<Subnet> {
  const missing = (what: string) => unknown(`${what} of imported subnet ${id} is not known`);
  const text: Value<string> = cidr === undefined ? missing('the block') : known(cidr);
  const vpc = vpcId === undefined ? undefined : vpcs.all().find(({ resource, name }) => !resource && name === vpcId);
  return {
    name: id,
    vpc: vpc ? vpcs.to(vpc) : vpcId === undefined
      ? toUnknown(`the VPC of ${id} is not known`, `VPC of ${id}`)
      : { identity: JSON.stringify(vpcId), literal: vpcId, why: `${vpcId} is not of what is given` },
    cidr: text,
    block: blockOf(text),
    derivedFrom: [],
    ipv6: missing('whether there is IPv6'),
    ipv6Only: known(false),
    dns64: missing('whether DNS64 is on'),
    zone: zone === undefined ? missing('the zone') : known(zone),
    mapPublicIp: missing('whether there are public addresses'),
    shared: shared === undefined ? missing('the owner') : known(shared),
    routes: missing('the route table'),
    possibleRoutes: [],
  };
}

function blockOf(cidr: Value<string>): Value<Ipv4Block> {
  return chained(cidr, (written): Value<Ipv4Block> => {
    const block = readBlock(written);
    return block ? known(block) : unknown(`${JSON.stringify(written)} is no IPv4 block`);
  });
}

/** The associated blocks of a subnet's VPC, which may be known only by the expression that both have for it. */
function addedBlocks(vpcBlocks: readonly VpcBlock[]): (subnet: Subnet) => readonly VpcBlock[] {
  const ofVpc = new Map<string, VpcBlock[]>();
  vpcBlocks.filter(({ primary }) => !primary).forEach((block) => listAt(ofVpc, block.vpc.identity).push(block));
  return ({ vpc }) => ofVpc.get(vpc.identity) ?? [];
}

/** See `Subnet.derivedFrom`. Blocks of a VPC do not overlap: what lies in an associated one is of no other, unless EC2 refuses that one. */
function derivedFromIpv4(subnet: Subnet, blocks: readonly VpcBlock[], takenBy: Resource): SubnetOrigin[] {
  const inside = (block: VpcBlock | undefined): boolean => {
    const [outer, inner] = [block && blockOf(block.cidr), subnet.block];
    return outer !== undefined && outer.known && inner !== undefined && inner.known && contains(outer.value, inner.value);
  };
  const primary = subnet.vpc.target?.blocks[0];
  return blocks.filter((block) => !block.ipv6 && ((inside(block) && !inside(primary)) || isComputedFrom(block, subnet.cidr)))
    .map((block) => ({ block, takenBy }));
}

/** A subnet's IPv6 block is of one of its VPC's: of the only one there is, but a VPC that is not of what is given may have others. */
function derivedFromIpv6(subnet: Subnet, blocks: readonly VpcBlock[], ipv6Block: Evaluated | undefined, takenBy: Resource): SubnetOrigin[] {
  const ipv6 = blocks.filter((block) => block.ipv6);
  const cidr = text(ipv6Block);
  const isOnly = ipv6.length === 1 && subnet.vpc.target?.resource !== undefined;
  return cidr ? ipv6.filter((block) => isOnly || isComputedFrom(block, cidr)).map((block) => ({ block, takenBy })) : [];
}

/** Whether a block that nothing decides is the same expression as that of a VPC, or one that has it in it. */
function isComputedFrom({ cidr }: VpcBlock, block: Value<string> | undefined): boolean {
  const written = block && isUnknown(block) ? block.identity : undefined;
  return isUnknown(cidr) && cidr.identity !== undefined && written?.includes(cidr.identity) === true;
}

/** The zone of a subnet, with what kind of name it is under. */
function zoneOf(resource: Resource): Value<string> {
  const zone = resource.property('AvailabilityZone') ?? resource.property('AvailabilityZoneId');
  if (!zone) {
    return unknown(`${nameOf(resource)} names no Availability Zone`);
  }
  const ofRegion = positionOf(zone) ?? restOf(zone);
  return ofRegion === undefined ? text(zone)! : known(`zone ${ofRegion} of the Region`);
}

/** The position at which an expression selects of the Region's zones. */
function positionOf(zone: Evaluated): number | undefined {
  const found = /^\["select",(\d+),\["zones",/.exec(identityOf(zone));
  return found ? Number(found[1]) + 1 : undefined;
}

/** The `a` of `${AWS::Region}a`, where the Region is not known: all zones of a VPC have its Region before it. */
function restOf(zone: Evaluated): string | undefined {
  const [region, rest, ...others] = zone.kind === 'text' ? zone.parts : [];
  const isOfRegion = typeof region === 'object' && region.identity.startsWith('["pseudo","AWS::Region",') && typeof rest === 'string';
  return isOfRegion && others.length === 0 && /^[a-z-]/.test(rest) ? rest : undefined;
}

/**
 * Names, names without their Region, ids and positions cannot be compared with each other: of several kinds in one VPC the one that comes
 * first counts. Names are what is of no other kind.
 */
const ZONE_KINDS = [/^zone [a-z-].* of the Region$/, /-az\d+$/, /^zone \d+ of the Region$/];

function zoneKind(zone: string): number {
  return ZONE_KINDS.findIndex((kind) => kind.test(zone));
}

function makeZonesComparable(subnets: readonly Draft<Subnet>[]): void {
  const kind = Math.min(...subnets.flatMap(({ zone }) => zone.known ? [zoneKind(zone.value)] : []));
  for (const subnet of subnets) {
    if (subnet.zone.known && zoneKind(subnet.zone.value) !== kind) {
      subnet.zone = unknown(`whether ${subnet.zone.value} is a zone that other subnets of the VPC call otherwise is not known`);
    }
  }
}

/** What a property refers to; unknown where it is left out. */
export function reference<T extends Named>(joins: Joins<T>, resource: Resource, ...path: readonly (string | number)[]): To<T> {
  const evaluated = resource.property(...path);
  return evaluated
    ? joins.find(evaluated, resource)
    : toUnknown(`${nameOf(resource)} has no ${path.join('.')}`, `${path.join('.')} of ${resource.logicalId} in ${resource.template.name}`);
}
