/**
 * What the rules judge: who runs what where, in the words of ECS and not of CloudFormation. read-facts.ts makes it of resources and is
 * the only place that knows property names.
 *
 * Everything that may not be known is a `Value`. A member that is left out is absent from the template, which is not the same as unknown;
 * where AWS documents a default for that, the reader gives the default with an assumption.
 *
 * Facts refer to each other in both directions, so a rule never searches: a group knows who carries it, a host group its services.
 */
import type { Ipv4Block } from '../limits/cidr';
import type { TrunkingState } from '../limits/task-density';
import type { Resource } from './resources';
import type { UserData } from './user-data';
import { Range, unknown, Value, Verdict } from './value';

export interface Facts {
  readonly clusters: readonly Cluster[];
  readonly capacityProviders: readonly CapacityProvider[];
  /** Associations of capacity providers with clusters. */
  readonly associations: readonly Association[];
  readonly services: readonly Service[];
  readonly taskDefinitions: readonly TaskDefinition[];
  readonly hostGroups: readonly HostGroup[];
  /** Launch templates and launch configurations of host groups. */
  readonly launchTemplates: readonly LaunchTemplate[];
  /** Those of what is given, and imported ones that the caller described. */
  readonly vpcs: readonly Vpc[];
  /** Blocks of all VPCs, of ones that are not of what is given, too. */
  readonly vpcBlocks: readonly VpcBlock[];
  /** Those of what is given, and imported ones that the caller described. */
  readonly subnets: readonly Subnet[];
  /** Those of what is given, VPCs' default groups, and imported ones to which what is given adds rules. */
  readonly securityGroups: readonly SecurityGroup[];
  readonly loadBalancers: readonly LoadBalancer[];
  readonly targetGroups: readonly TargetGroup[];
  readonly endpoints: readonly VpcEndpoint[];
  readonly natGateways: readonly NatGateway[];
  /** Other users of addresses in subnets, such as functions, databases and single interfaces. */
  readonly addressUsers: readonly AddressUser[];
  /** Calls that set ENI trunking. */
  readonly trunkingSettings: readonly TrunkingSetting[];
  /** What the caller says of the account. */
  readonly accountSettings: AccountSettings;
  /** Whether one resource waits for another, directly or through others. */
  dependsOn(subject: Subject, other: Subject): boolean;
}

/** Account settings as the caller states them: no template shows them. */
export interface AccountSettings {
  readonly awsvpcTrunking?: 'enabled' | 'disabled';
  readonly dualStackIPv6?: 'enabled' | 'disabled';
}

/** Something with a name. Without a resource it is not of what is given, only referred to. */
export interface Named {
  /** How a finding names it: its construct's path in the stack, else the logical id, or the id of what is imported. */
  readonly name: string;
  readonly resource?: Resource;
}

/** Something that findings are tied to. */
export interface Subject extends Named {
  readonly resource: Resource;
}

/** Whether findings can be tied to it, as it is of what is given. */
export function isGiven<T extends Named>(thing: T): thing is T & Subject {
  return thing.resource !== undefined;
}

/** Whether the user data of instances is that of Bottlerocket: it runs nothing, writes no files, and has few of the agent's settings. */
export function isBottlerocket({ operatingSystem }: Pick<HostGroup, 'operatingSystem'>): boolean {
  return operatingSystem.known && operatingSystem.value === 'bottlerocket';
}

/**
 * A reference to something: of what is given (`target`), or known only by the expression. Two with the same identity are the same thing;
 * for others ask `same`.
 */
export interface To<T> {
  readonly target?: T;
  readonly identity: string;
  /** The id, ARN or name, where it is literal. */
  readonly literal?: string;
  /** What is not known of it, as a clause; absent where there is a target. */
  readonly why?: string;
}

/**
 * A list of references. As a whole it may be an unknown, with an identity of its own; each member may be of something not given. Repeated
 * members are in it once.
 */
export type ToMany<T> = Value<ReadonlyArray<To<T>>>;

/** Whether two references are to the same thing. What is imported by an expression may be anything but another literal id. */
export function same<T extends Named>(a: To<T>, b: To<T>): Verdict {
  if (a.identity === b.identity) {
    return 'yes';
  }
  const given = (to: To<T>) => to.target !== undefined && isGiven(to.target);
  if ((given(a) && given(b)) || (a.literal !== undefined && b.literal !== undefined)) {
    return 'no';
  }
  // An expression is less known than an id.
  const open = [a, b].find((to) => !given(to) && to.literal === undefined) ?? (given(a) ? b : a);
  return unknown(open.why ?? `what ${open.identity} is, is not known`);
}

export interface Cluster extends Subject {
  /** What services that name neither a launch type nor a strategy get; empty where the cluster has none. */
  readonly defaultStrategy: Value<readonly StrategyItem[]>;
  /** The providers that the cluster itself names: services need not wait for an association of these. */
  readonly capacityProviders: Value<readonly ProviderName[]>;
  /** What sessions of ECS Exec call besides: a key that encrypts them, and where their log goes. */
  readonly sessionUses: ReadonlyArray<'kms' | 'cloudWatchLogs' | 's3'>;
  readonly associations: readonly Association[];
  /** Its host groups, of what is given. */
  readonly hostGroups: readonly HostGroup[];
  readonly services: readonly Service[];
  /** Whether something that is not seen may run services in it, as with `leaves` of security groups. */
  leaves(): boolean;
}

export interface Association extends Subject {
  readonly cluster: To<Cluster>;
  readonly providers: Value<readonly ProviderName[]>;
}

/** A capacity provider over a host group, or of Managed Instances. */
export interface CapacityProvider extends Subject {
  readonly kind: 'auto-scaling-group' | 'managed-instances';
  /** Absent where it is not of what is given. */
  readonly hostGroup?: HostGroup;
  /**
   * `ManagedScaling.Status`: whether ECS scales the group for services with a strategy. Absent: it is left out, and what the default is, is
   * not documented.
   */
  readonly managedScaling?: Value<boolean>;
}

/** What a strategy or an association names: a provider, or Fargate. */
export interface ProviderName extends To<CapacityProvider> {
  /** Whether it is `FARGATE` or `FARGATE_SPOT`. */
  readonly fargate: boolean;
}

export interface StrategyItem {
  readonly provider: ProviderName;
  /** 0 where it is left out, as is documented. */
  readonly base: Value<number>;
  /** 0 where it is left out, as is documented; 1 for a lone provider, which gets everything. */
  readonly weight: Value<number>;
}

export type NetworkMode = 'awsvpc' | 'bridge' | 'host' | 'none' | 'default';

/** Where a service's tasks run. */
export interface Launch {
  readonly kind: 'fargate' | 'ec2' | 'managed-instances' | 'external';
  /** How it is said; `none` where nothing says it and EC2 is the default. */
  readonly by: 'launch-type' | 'strategy' | 'cluster-default' | 'none';
  /** The host groups its tasks may be placed on, of what is given; never any for Fargate. */
  readonly hostGroups: readonly HostGroup[];
  /** Whether those are all; else there may be any number of others. */
  readonly complete: boolean;
  /** Why they are not. */
  readonly incompleteBecause?: string;
  /** Empty unless by a strategy or the cluster's default. */
  readonly strategy: readonly StrategyItem[];
}

export interface Service extends Subject {
  readonly cluster: To<Cluster>;
  readonly launch: Value<Launch>;
  /** Of its task definition; awsvpc where that is not in sight and the service has a network configuration. */
  readonly mode: Value<NetworkMode>;
  /** Absent where it is not in sight. With the EXTERNAL controller this and all below are of the service's task set. */
  readonly taskDefinition?: TaskDefinition;
  /** Of its task definition, else of its instances; Linux is assumed where neither says. */
  readonly operatingSystem: Value<'linux' | 'windows'>;
  readonly scheduling: 'REPLICA' | 'DAEMON' | 'unknown';
  /** Tasks wanted, clipped into the scaling's ends; 1 is assumed where nothing is said. Unknown for DAEMON: one per instance. */
  readonly desired: Value<number>;
  /** The ends of its autoscaling. */
  readonly scaling?: { readonly min: Value<number>; readonly max: Value<number> };
  readonly deployment: Deployment;
  readonly distinctInstance: Value<boolean>;
  /** `memberOf` expressions, of the task definition, too: they narrow the instances by something that is not reckoned with. */
  readonly memberOf: readonly string[];
  /** Absent: none is given, which ECS takes for a spread over zones. */
  readonly firstPlacementStrategy?: Value<PlacementStrategy>;
  /** Network configuration of awsvpc mode. */
  readonly awsvpc?: AwsvpcConfiguration;
  /** The VPC of its interfaces or else of its instances; absent where that cannot be told. */
  readonly vpc?: To<Vpc>;
  readonly loadBalancers: Value<readonly ServiceLoadBalancer[]>;
  readonly registries: Value<readonly ServiceRegistry[]>;
  readonly serviceConnect?: ServiceConnect;
  /** `AvailabilityZoneRebalancing`, where it is given. */
  readonly zoneRebalancing?: Value<string>;
  readonly executeCommand: Value<boolean>;
}

export interface PlacementStrategy {
  readonly type: 'random' | 'spread' | 'binpack';
  /** Such as `attribute:ecs.availability-zone`; empty for random. */
  readonly field: string;
}

export interface AwsvpcConfiguration {
  /** The names of what has it: of the service, or of its task sets. */
  readonly owners: readonly string[];
  /** False where it cannot be told whether the service has a network configuration: then all of it is unknown. */
  readonly certain: boolean;
  readonly subnets: ToMany<Subnet>;
  /** Where none is named: the VPC's default group. */
  readonly securityGroups: ToMany<SecurityGroup>;
  /** None is named, so that the default group guards the tasks [M13]. */
  readonly usesDefaultGroup: boolean;
  readonly assignPublicIp: Value<boolean>;
}

export interface Deployment {
  readonly controller: Value<'ECS' | 'CODE_DEPLOY' | 'EXTERNAL'>;
  readonly strategy: Value<'ROLLING' | 'BLUE_GREEN' | 'LINEAR' | 'CANARY'>;
  /** With the documented defaults where they are absent. */
  readonly minHealthyPercent: Value<number>;
  readonly maxHealthyPercent: Value<number>;
}

export interface TaskDefinition extends Subject {
  readonly mode: Value<NetworkMode>;
  /** Whether it says a mode; the default is assumed where it does not. */
  readonly modeDeclared: boolean;
  /** Absent where it does not say. */
  readonly operatingSystem?: Value<'linux' | 'windows'>;
  /** Such as `ARM64`; absent where it does not say. */
  readonly cpuArchitecture?: Value<string>;
  readonly requiresCompatibilities: Value<readonly string[]>;
  /** CPU units: the task's own, else the sum of its containers'. Absent: none is reserved. */
  readonly cpu?: Value<number>;
  /** MiB: the task's own, else the sum of what its containers reserve. Absent: none is reserved. */
  readonly memoryMiB?: Value<number>;
  /** Whether the task itself has a memory limit. */
  readonly hasTaskMemory: boolean;
  readonly containers: Value<readonly Container[]>;
  /** The services that run it, of what is given. */
  readonly services: readonly Service[];
}

export interface Container {
  readonly name: Value<string>;
  readonly image: Value<string>;
  /** The image's name with `…` for what is not known: enough to tell `….dkr.ecr.….amazonaws.com/app`. */
  readonly imageText: string;
  readonly essential: Value<boolean>;
  /** Absent: the image's own, else root. */
  readonly user?: Value<string>;
  readonly privileged: Value<boolean>;
  readonly ports: Value<readonly PortMapping[]>;
  readonly logDriver?: Value<string>;
  /** Secrets, those of its log driver and of its private registry included. */
  readonly secrets: ReadonlyArray<{ readonly source: 'secretsmanager' | 'ssm' | 'unknown' }>;
  /** Whether it reads environment files, which are in S3. */
  readonly environmentFiles: Value<boolean>;
}

export interface PortMapping {
  /** Absent where a range is given. */
  readonly containerPort?: Value<number>;
  readonly hostPort?: Value<number>;
  readonly range?: Value<string>;
  /** `tcp` where it is left out, as is documented. */
  readonly protocol: Value<'tcp' | 'udp'>;
  readonly name?: Value<string>;
}

/** What a service's tasks, or instances themselves, are registered with. */
export interface Registration {
  readonly targetGroup?: To<TargetGroup>;
  /** A Classic Load Balancer, in place of a target group. */
  readonly classic?: To<LoadBalancer>;
}

export interface ServiceLoadBalancer extends Registration {
  readonly containerName?: Value<string>;
  readonly containerPort?: Value<number>;
  /** The other target group of blue/green, linear and canary deployments. */
  readonly alternateTargetGroup?: To<TargetGroup>;
}

export interface ServiceRegistry {
  /** The `AWS::ServiceDiscovery::Service`. */
  readonly registry: To<Named>;
  /** DNS records of the registry; `[]` where it has none, as in an HTTP namespace. Unknown where it is not of what is given. */
  readonly recordTypes: Value<readonly string[]>;
  readonly containerName?: Value<string>;
  readonly containerPort?: Value<number>;
  readonly port?: Value<number>;
}

export interface ServiceConnect {
  readonly enabled: Value<boolean>;
  /** The service's own namespace, else its cluster's default. */
  readonly namespace: Value<To<Named> | 'none'>;
  readonly services: Value<readonly ServiceConnectOffer[]>;
}

export interface ServiceConnectOffer {
  readonly portName: Value<string>;
  /** Absent: the port's name. */
  readonly discoveryName?: Value<string>;
  readonly ingressPortOverride?: Value<number>;
  readonly tls: boolean;
  /** An alias without a name is `discoveryName.namespace`. */
  readonly aliases: ReadonlyArray<{ readonly dnsName?: Value<string>; readonly port: Value<number> }>;
}

/** Instances that tasks are placed on: an Auto Scaling group, a single instance, or a Managed Instances provider. */
export interface HostGroup extends Subject {
  readonly kind: 'auto-scaling-group' | 'instance' | 'managed-instances';
  /** The cluster its instances join. */
  readonly cluster: Value<To<Cluster>>;
  readonly provider?: CapacityProvider;
  /** What its instances are registered with themselves, whatever tasks run on them. */
  readonly registeredWith: Value<readonly Registration[]>;
  /** The services whose tasks may be placed on it, as far as it is known. */
  readonly services: readonly Service[];
  /** Every type it may launch, its mixed instances policy's included; unknown where it may be any. */
  readonly instanceTypes: Value<readonly string[]>;
  /** 1 for Managed Instances. */
  readonly minSize: Value<number>;
  /** With what scheduled actions raise it to. `Infinity` for Managed Instances. An upper end where capacity is weighted. */
  readonly maxSize: Value<number>;
  /** `DesiredCapacity`, else the minimum; 1 for an instance and for Managed Instances. */
  readonly steadySize: Value<number>;
  /** Whether it names a `DesiredCapacity`, beside which a larger minimum alone is refused. */
  readonly namesDesiredCapacity: boolean;
  /** Whether it has scaling policies or scheduled actions of its own, apart from ECS's managed scaling (`provider.managedScaling`). */
  readonly scalesItself: boolean;
  readonly subnets: ToMany<Subnet>;
  readonly vpc?: To<Vpc>;
  /** Where none is named: the VPC's default group. */
  readonly securityGroups: ToMany<SecurityGroup>;
  /** The launch template or launch configuration, where it is of what is given and the only one. */
  readonly launchTemplate?: LaunchTemplate;
  readonly operatingSystem: Value<'linux' | 'windows' | 'bottlerocket'>;
  /** Whether the image is known for an ECS-optimized one: fetched by its public parameter of Systems Manager. */
  readonly ecsOptimized: boolean;
  readonly userData: UserData;
  readonly instanceRole?: To<Named>;
  /** Interfaces the launch template adds to the primary one, EFA ones included; the two ends where there are several templates. */
  readonly extraInterfaces: Range;
  /** Whether resource-name A records are on, by the launch template or the subnets. */
  readonly resourceNameARecord: Value<boolean>;
  readonly trunking: Trunking;
  readonly metadata: MetadataOptions;
  /** Whether instances get public IPv4 addresses. */
  readonly publicIp: Value<boolean>;
  /** Whether that is left to each subnet (`mapPublicIp`), of which `publicIp` is what all have in common. */
  readonly publicIpBySubnet: boolean;
  /** Whether the primary interface gets an IPv6 address. */
  readonly ipv6Address: Value<boolean>;
  /** Whether that is a primary IPv6 address, which target groups can register. */
  readonly primaryIpv6: Value<boolean>;
}

export interface Trunking {
  /** That of the setting, for the instances of the group. Types that cannot trunk stay at what they have without, in any state. */
  readonly state: TrunkingState;
  /** Why it is so, as a clause. */
  readonly why: string;
  /** What that rests on: a setting that the caller states, or that metadata states. */
  readonly assumes: readonly string[];
  /** Whether somebody asks for trunking for these instances: by a setting for them or for the account, or by a statement. */
  readonly requested: boolean;
  /** The settings of what is given that count for these instances, or may. */
  readonly settings: readonly TrunkingSetting[];
  /** Whether the group waits for each of these. */
  readonly ordered: boolean;
  /** Whether every instance surely gets a trunk, and with it a second address [T09]. */
  readonly certain: boolean;
}

export interface TrunkingSetting extends Subject {
  /** `account` for the default of the account. Unknown where the call cannot be read. */
  readonly principal: Value<'account' | To<Named>>;
  /** Whether it turns trunking on; else it turns it off. */
  readonly enabled: Value<boolean>;
}

export interface LaunchTemplate extends Subject {
  readonly metadata: MetadataOptions;
  readonly hostGroups: readonly HostGroup[];
}

/** Each absent where it is left out: then the image and the account decide. */
export interface MetadataOptions {
  readonly httpTokens?: Value<string>;
  readonly hopLimit?: Value<number>;
  readonly httpEndpoint?: Value<string>;
}

export interface Vpc extends Named {
  /** Its primary block first. Unknown of an imported one where nobody says. */
  readonly blocks: readonly VpcBlock[];
  readonly hasIpv6: Value<boolean>;
  /** The routes of all of its route tables that are of what is given. */
  readonly routes: readonly Route[];
  /** The group of those who name none. */
  readonly defaultGroup: SecurityGroup;
}

/** An IPv4 or IPv6 block of a VPC: the VPC itself for its primary one, else the `AWS::EC2::VPCCidrBlock`. */
export interface VpcBlock extends Named {
  readonly vpc: To<Vpc>;
  readonly primary: boolean;
  readonly ipv6: boolean;
  /** The block as it is written; canonical or not. */
  readonly cidr: Value<string>;
}

export interface Subnet extends Named {
  readonly vpc: To<Vpc>;
  /** Absent for IPv6-only subnets. */
  readonly block?: Value<Ipv4Block>;
  /** The block as it is written. */
  readonly cidr?: Value<string>;
  /**
   * The associated blocks, not the primary one, that its IPv4 or IPv6 block is surely of: by their values, or as it is the same expression
   * or computed from it.
   */
  readonly derivedFrom: readonly SubnetOrigin[];
  readonly ipv6: Value<boolean>;
  readonly ipv6Only: Value<boolean>;
  /** Whether the resolver makes up an IPv6 address for a name that has none (DNS64): only where that is enabled [X01]. */
  readonly dns64: Value<boolean>;
  /**
   * The Availability Zone. Within a VPC equal values are the same zone and different ones different zones. It is `zone 1 of the Region`
   * and the like for `Fn::Select` of `Fn::GetAZs`, `zone a of the Region` for `${AWS::Region}a` where the Region is not known.
   */
  readonly zone: Value<string>;
  readonly mapPublicIp: Value<boolean>;
  /** Owned by another account. */
  readonly shared: Value<boolean>;
  /**
   * The routes of its table, besides the local ones. Unknown where the table is not of what is given; the main table of a VPC of what is
   * given has none.
   */
  readonly routes: Value<readonly Route[]>;
  /**
   * Where the routes are known: others that may be of its table. They are not known to be, so they can keep a problem from being sure and
   * never make one.
   */
  readonly possibleRoutes: readonly PossibleRoute[];
  /** Absent: the main table. */
  readonly routeTable?: To<Named>;
}

/** A route of a table that is not known, or of a table that is associated with a subnet that is not known. */
export interface PossibleRoute {
  readonly route: Route;
  /** Why that is not known, as a clause. */
  readonly why: string;
}

/** An associated block of a VPC of which a subnet has its own. */
export interface SubnetOrigin {
  readonly block: VpcBlock;
  /** What takes a part of the block, so that it must wait for it: the subnet, or its `AWS::EC2::SubnetCidrBlock`. */
  readonly takenBy: Resource;
}

export interface Route {
  readonly resource: Resource;
  readonly family: 'ipv4' | 'ipv6' | 'prefix-list' | 'unknown';
  readonly destination: Value<string>;
  /** The blocks of a prefix list, of one family. */
  readonly entries?: Value<readonly string[]>;
  /** `other`: a transit gateway, peering, firewall or VPN endpoint, interface, instance or the like. */
  readonly target: 'internet-gateway' | 'egress-only-gateway' | 'nat-gateway' | 'other' | 'unknown';
  readonly natGateway?: To<NatGateway>;
}

export interface NatGateway extends Subject {
  /** Absent for a regional one, which has routes of its own. */
  readonly subnet?: To<Subnet>;
  /** Whether it leads to the internet: `ConnectivityType`, `public` where it is left out, as is documented. */
  readonly publicConnectivity: Value<boolean>;
}

export interface SecurityGroup extends Named {
  /** Not of what is given: its rules are unknown, but for those that what is given adds. */
  readonly imported: boolean;
  /** A VPC's default group; its resource is the VPC. */
  readonly isDefault: boolean;
  readonly vpc?: To<Vpc>;
  readonly ingress: readonly SecurityGroupRule[];
  /** Where the group declares none and no resource does, the rule that lets everything out. */
  readonly egress: readonly SecurityGroupRule[];
  readonly egressDeclared: boolean;
  /**
   * Whether something that is not seen may add rules: it is exported, or passed on to a stack that is not of what is given, or its template
   * has loops or macros that may make resources.
   */
  leaves(): boolean;
  readonly carriers: GroupCarriers;
}

/** Who has a group on its interfaces. */
export interface GroupCarriers {
  /** Services in awsvpc mode. */
  readonly services: readonly Service[];
  readonly hostGroups: readonly HostGroup[];
  readonly loadBalancers: readonly LoadBalancer[];
  readonly endpoints: readonly VpcEndpoint[];
  readonly others: readonly AddressUser[];
}

export interface SecurityGroupRule {
  /** Where it is written: the group or a resource of its own. */
  readonly resource: Resource;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, another number as text, or `all` for `-1`. */
  readonly protocol: Value<string>;
  /** All of them for `all`, and where ports are left out. Of no meaning for icmp. */
  readonly ports: Value<{ readonly first: number; readonly last: number }>;
  readonly peer: RulePeer;
}

/** The source of an inbound, the destination of an outbound rule. A rule to 255.255.255.255/32, which allows nothing, is left out. */
export type RulePeer =
  /**
   * A block that is the CIDR of a VPC of what is given, by reference, has the VPC's value, or its identity where that is unknown.
   * `ofNetwork`: it is that of some VPC or subnet, so that it is not all addresses, whatever it is.
   */
  | { readonly kind: 'cidr'; readonly cidr: Value<string>; readonly ofNetwork?: true }
  | { readonly kind: 'cidr-ipv6'; readonly cidr: Value<string>; readonly ofNetwork?: true }
  | { readonly kind: 'group'; readonly group: To<SecurityGroup> }
  | PrefixListPeer
  | UnknownPeer;

export interface UnknownPeer {
  readonly kind: 'unknown';
  readonly why: string;
  /**
   * How many rules there may be, where it stands for ones that are not known: any number (`Infinity`) for a list, one in a list. Absent
   * where a rule is known and names no peer, which EC2 does not take.
   */
  readonly standsFor?: number;
}

export interface PrefixListPeer {
  readonly kind: 'prefix-list';
  readonly entries: Value<readonly string[]>;
  /** How many rules it counts for, whatever is in it. */
  readonly maxEntries: Value<number>;
  readonly addressFamily: Value<'IPv4' | 'IPv6'>;
}

export interface LoadBalancer extends Subject {
  readonly type: Value<'application' | 'network' | 'gateway' | 'classic'>;
  readonly scheme: Value<'internet-facing' | 'internal'>;
  /** `ipv4` where it is left out, as is documented. */
  readonly addressType: Value<string>;
  readonly subnets: ToMany<Subnet>;
  readonly vpc?: To<Vpc>;
  /** Absent for a Network Load Balancer without groups. Where an application or classic one names none: the VPC's default group. */
  readonly securityGroups?: ToMany<SecurityGroup>;
  /** Whether inbound rules hold for what comes by PrivateLink, too, as they do where it is left out. */
  readonly rulesOnPrivateLink?: Value<'on' | 'off'>;
  readonly listeners: readonly Listener[];
  /** Of a Classic Load Balancer: the port on the instances that it checks. */
  readonly healthCheckPort?: Value<number>;
}

export interface Listener extends Subject {
  readonly port: Value<number>;
  readonly protocol: Value<string>;
  /** Of its default action and of its rules. */
  readonly targetGroups: ReadonlyArray<To<TargetGroup>>;
  /** Of a Classic Load Balancer. */
  readonly instancePort?: Value<number>;
}

export interface TargetGroup extends Subject {
  /** `instance` where it is left out, as is documented. */
  readonly targetType: Value<string>;
  readonly protocol: Value<string>;
  readonly port?: Value<number>;
  readonly vpc?: To<Vpc>;
  /** `ipv4` where it is left out, as is documented. */
  readonly addressType: Value<string>;
  /** `traffic-port` where it is left out. */
  readonly healthCheckPort: Value<string>;
  readonly preserveClientIp?: Value<boolean>;
  /** The listeners that send to it. */
  readonly listeners: readonly Listener[];
  /** Their load balancers, each once. */
  readonly loadBalancers: readonly LoadBalancer[];
  /** Why a load balancer that sends to it is not known: its listener's, or the listener itself, is not of what is given. */
  readonly unseen?: string;
  /** The services that register with it, by name or as the other one of blue/green deployments. */
  readonly services: readonly Service[];
  /** Whether something that is not seen may register with it, as with `leaves` of security groups. */
  leaves(): boolean;
}

export interface VpcEndpoint extends Subject {
  readonly vpc: To<Vpc>;
  readonly type: Value<'Interface' | 'Gateway' | 'GatewayLoadBalancer'>;
  /** Such as `ecr.dkr`: the service's name without domain and Region; the whole one for a service not of AWS, or of another Region. */
  readonly service: Value<string>;
  readonly subnets: ToMany<Subnet>;
  /** Of an interface endpoint. Where none is named: the VPC's default group. */
  readonly securityGroups: ToMany<SecurityGroup>;
  readonly routeTables: ToMany<Named>;
  readonly privateDns: Value<boolean>;
}

export interface AddressUser extends Subject {
  readonly kind: 'function' | 'instance' | 'network-interface' | 'mount-target' | 'database';
  /** Those that it takes addresses of: a function of each, the others of some. */
  readonly subnets: ToMany<Subnet>;
  /** How many addresses at least, over all of its subnets; for a function, in each of them. */
  readonly count: Value<number>;
  /** Functions with the same groups in a subnet share an interface. Absent where it cannot be told. */
  readonly securityGroups?: ToMany<SecurityGroup>;
}
