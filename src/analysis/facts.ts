/**
 * What the rules judge: who runs what where, in the words of ECS and not of CloudFormation. read-facts.ts makes it of resources and is
 * the only place that knows property names.
 *
 * Everything that may not be known is a `Value`. A member that is left out is absent from the template, which is not the same as unknown;
 * where AWS documents a default for that, the reader gives the default with an assumption.
 */
import type { Ipv4Block } from '../limits/cidr';
import type { TrunkingState } from '../limits/task-density';
import type { Resource } from './resources';
import type { Value, Verdict } from './value';

export interface Facts {
  readonly clusters: readonly Cluster[];
  readonly services: readonly Service[];
  readonly taskDefinitions: readonly TaskDefinition[];
  readonly hostGroups: readonly HostGroup[];
  readonly launchTemplates: readonly LaunchTemplate[];
  readonly vpcs: readonly Vpc[];
  readonly subnets: readonly Subnet[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly loadBalancers: readonly LoadBalancer[];
  readonly targetGroups: readonly TargetGroup[];
  readonly endpoints: readonly VpcEndpoint[];
  readonly natGateways: readonly NatGateway[];
  /** Other users of addresses in subnets, such as functions, databases and single interfaces. */
  readonly addressUsers: readonly AddressUser[];
  /** Calls that turn ENI trunking on. */
  readonly trunkingSettings: readonly TrunkingSetting[];
  /** Associations of capacity providers with clusters. */
  readonly associations: readonly Association[];
  /** Whether one resource waits for another, directly or through others. */
  dependsOn(subject: Subject, other: Subject): boolean;
}

/** Something that findings are tied to. */
export interface Subject {
  readonly resource: Resource;
  /** How a finding names it: the construct's id, else the logical id. */
  readonly name: string;
}

/**
 * A reference to something: of what is given (`target`), or known only by the expression. Two with the same identity are the same thing;
 * two different ones may be, unless both are of what is given or both literal ids.
 */
export interface To<T> {
  readonly target?: T;
  readonly identity: string;
  /** The id, where it is literal. */
  readonly literal?: string;
}

/** A list of references. As a whole it may be an unknown, with an identity of its own; each member may be of something not given. */
export type ToMany<T> = Value<ReadonlyArray<To<T>>>;

export interface Cluster extends Subject {
  /** What services that name neither a launch type nor a strategy get; empty where the cluster has none. */
  readonly defaultStrategy: Value<readonly StrategyItem[]>;
  /** The default namespace of Service Connect. */
  readonly serviceConnectNamespace?: Value<string>;
}

export interface Association extends Subject {
  readonly cluster: To<Cluster>;
  /** Names of `FARGATE`, `FARGATE_SPOT`, and of providers by the identity of the expression. */
  readonly providers: Value<ReadonlyArray<To<CapacityProvider>>>;
}

/** A capacity provider over a host group, or of Managed Instances. */
export interface CapacityProvider extends Subject {
  readonly hostGroup?: HostGroup;
  /** `ManagedScaling.Status`: whether ECS scales the group. Absent: what the default is, is not known. */
  readonly managedScaling?: Value<boolean>;
}

export interface StrategyItem {
  /** `fargate` for `FARGATE` and `FARGATE_SPOT`. */
  readonly provider: To<CapacityProvider> | 'fargate';
  readonly base: Value<number>;
  readonly weight: Value<number>;
}

export type NetworkMode = 'awsvpc' | 'bridge' | 'host' | 'none' | 'default';

/** Where a service's tasks run. */
export interface Launch {
  readonly kind: 'fargate' | 'ec2' | 'managed-instances' | 'external';
  /** How it is said; `none` where nothing says it and EC2 is the default. */
  readonly by: 'launch-type' | 'strategy' | 'cluster-default' | 'none';
  /** The host groups its tasks may be placed on, of what is given. */
  readonly hostGroups: readonly HostGroup[];
  /** Whether those are all; else there may be any number of others. */
  readonly complete: boolean;
  /** Why they are not. */
  readonly incompleteBecause?: string;
  readonly strategy: readonly StrategyItem[];
}

export interface Service extends Subject {
  readonly cluster: To<Cluster>;
  readonly launch: Value<Launch>;
  readonly mode: Value<NetworkMode>;
  readonly taskDefinition?: TaskDefinition;
  readonly scheduling: 'REPLICA' | 'DAEMON';
  /** Tasks wanted, clipped into the scaling's ends; 1 is assumed where nothing is said. */
  readonly desired: Value<number>;
  /** The ends of its autoscaling. */
  readonly scaling?: { readonly min: Value<number>; readonly max: Value<number> };
  readonly deployment: Deployment;
  readonly distinctInstance: boolean;
  /** `memberOf` expressions narrow the instances by something that is not reckoned with. */
  readonly memberOf: readonly string[];
  /** The field of the first placement strategy, `attribute:ecs.availability-zone` for a spread over zones; `undefined` for none. */
  readonly firstPlacementStrategy?: string;
  /** Network configuration of awsvpc mode. */
  readonly awsvpc?: AwsvpcConfiguration;
  readonly loadBalancers: readonly ServiceLoadBalancer[];
  readonly registries: readonly ServiceRegistry[];
  readonly serviceConnect?: ServiceConnect;
  /** `AvailabilityZoneRebalancing`, where it is given. */
  readonly zoneRebalancing?: Value<string>;
  readonly executeCommand: Value<boolean>;
}

export interface AwsvpcConfiguration {
  readonly subnets: ToMany<Subnet>;
  /** Absent: the VPC's default group. */
  readonly securityGroups?: ToMany<SecurityGroup>;
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
  readonly operatingSystem: Value<'linux' | 'windows'>;
  readonly requiresCompatibilities: Value<readonly string[]>;
  /** CPU units: the task's own, else the sum of its containers'. Absent: none is reserved. */
  readonly cpu?: Value<number>;
  /** MiB: the task's own, else the sum of what its containers reserve. */
  readonly memoryMiB?: Value<number>;
  /** Whether the task itself has a memory limit. */
  readonly hasTaskMemory: boolean;
  readonly containers: Value<readonly Container[]>;
}

export interface Container {
  readonly name: Value<string>;
  readonly image: Value<string>;
  /** The image's name with `…` for what is not known: enough to tell `….dkr.ecr.….amazonaws.com/app`. */
  readonly imageText: string;
  readonly essential: Value<boolean>;
  readonly user?: Value<string>;
  readonly privileged: Value<boolean>;
  readonly ports: readonly PortMapping[];
  readonly logDriver?: Value<string>;
  readonly secrets: ReadonlyArray<{ readonly from: 'secretsmanager' | 'ssm' | 'unknown' }>;
}

export interface PortMapping {
  /** Absent where a range is given. */
  readonly containerPort?: Value<number>;
  readonly hostPort?: Value<number>;
  readonly range?: Value<string>;
  readonly protocol: Value<'tcp' | 'udp'>;
  readonly name?: Value<string>;
}

export interface ServiceLoadBalancer {
  readonly targetGroup?: To<TargetGroup>;
  /** A Classic Load Balancer's name, where that is given in place of a target group. */
  readonly classic?: Value<string>;
  readonly containerName?: Value<string>;
  readonly containerPort?: Value<number>;
  /** The other target group of blue/green, linear and canary deployments. */
  readonly alternateTargetGroup?: To<TargetGroup>;
}

export interface ServiceRegistry {
  /** DNS records of the registry, where it is of what is given and in a DNS namespace; `[]` for an HTTP namespace. */
  readonly recordTypes: Value<readonly string[]>;
  readonly containerName?: Value<string>;
  readonly containerPort?: Value<number>;
  readonly port?: Value<number>;
}

export interface ServiceConnect {
  readonly enabled: Value<boolean>;
  /** The service's own namespace; absent: the cluster's. */
  readonly namespace?: Value<string>;
  readonly services: readonly ServiceConnectOffer[];
}

export interface ServiceConnectOffer {
  readonly portName: Value<string>;
  readonly ingressPortOverride?: Value<number>;
  readonly tls: boolean;
  readonly aliases: ReadonlyArray<{ readonly dnsName?: Value<string>; readonly port: Value<number> }>;
}

/** Instances that tasks are placed on: an Auto Scaling group, a single instance, or a Managed Instances provider. */
export interface HostGroup extends Subject {
  readonly kind: 'auto-scaling-group' | 'instance' | 'managed-instances';
  readonly provider?: CapacityProvider;
  /** Every type it may launch, its mixed instances policy's included. */
  readonly instanceTypes: Value<readonly string[]>;
  readonly minSize: Value<number>;
  readonly maxSize: Value<number>;
  /** `DesiredCapacity`, else the minimum; an instance is 1. */
  readonly steadySize: Value<number>;
  /** Whether a scaling policy of its own or ECS's managed scaling raises it; unknown where the status is left out. */
  readonly scales: Verdict;
  readonly subnets: ToMany<Subnet>;
  readonly securityGroups: ToMany<SecurityGroup>;
  readonly launchTemplate?: LaunchTemplate;
  readonly operatingSystem: Value<'linux' | 'windows' | 'bottlerocket'>;
  /** The settings of the agent, `ECS_…`, where the user data that writes them is literal. */
  readonly agentSettings: Value<ReadonlyMap<string, string>>;
  /** The user data, `…` for what is not known in it: where nothing of that could be a setting, what it lacks is surely lacking. */
  readonly userData: Value<string>;
  readonly instanceRole?: To<Subject>;
  /** Interfaces the launch template adds to the primary one. */
  readonly extraInterfaces: number;
  /** Whether resource-name A records are on, by the launch template or the subnets. */
  readonly resourceNameARecord: Value<boolean>;
  readonly trunking: TrunkingState;
  readonly metadata: MetadataOptions;
  /** Whether instances get public IPv4 addresses. */
  readonly publicIp: Value<boolean>;
  readonly primaryIpv6: Value<boolean>;
}

export interface LaunchTemplate extends Subject {
  readonly metadata: MetadataOptions;
}

export interface MetadataOptions {
  readonly httpTokens?: Value<string>;
  readonly hopLimit?: Value<number>;
  readonly httpEndpoint?: Value<string>;
}

export interface TrunkingSetting extends Subject {
  /** `account` for the default of the account. */
  readonly principal: 'account' | To<Subject>;
}

export interface Vpc extends Subject {
  readonly blocks: readonly VpcBlock[];
  readonly hasIpv6: Value<boolean>;
}

/** An IPv4 or IPv6 block of a VPC. */
export interface VpcBlock extends Subject {
  readonly vpc: To<Vpc>;
  readonly primary: boolean;
  readonly ipv6: boolean;
  /** The block as it is written; canonical or not. */
  readonly cidr: Value<string>;
}

export interface Subnet extends Subject {
  readonly vpc: To<Vpc>;
  /** Absent for IPv6-only subnets. */
  readonly block?: Value<Ipv4Block>;
  /** The expression of the block as it is written: for what is derived from an association. */
  readonly cidr?: Value<string>;
  readonly ipv6: Value<boolean>;
  readonly ipv6Only: Value<boolean>;
  /** Zones are compared by identity: `Fn::Select` of `Fn::GetAZs` with equal indexes is the same zone, whichever it is. */
  readonly zone: Value<string>;
  readonly mapPublicIp: Value<boolean>;
  /** Owned by another account, where that is known. */
  readonly shared: Value<boolean>;
  /**
   * The routes of its table. Unknown where the table or its routes are not of what is given; the main table of a VPC of what is given is
   * local only.
   */
  readonly routes: Value<readonly Route[]>;
  readonly routeTable?: To<Subject>;
}

export interface Route {
  readonly resource: Resource;
  readonly destination: Value<string>;
  readonly target: 'internet-gateway' | 'egress-only-gateway' | 'nat-gateway' | 'other';
  readonly natGateway?: To<NatGateway>;
}

export interface NatGateway extends Subject {
  readonly subnet?: To<Subnet>;
}

export interface SecurityGroup extends Subject {
  readonly vpc?: To<Vpc>;
  readonly ingress: readonly SecurityGroupRule[];
  /** Where the group declares none and no resource does, everything is let out. */
  readonly egress: readonly SecurityGroupRule[];
  readonly egressDeclared: boolean;
  /** Whether another stack may add rules: it is exported, or given to a nested stack that is not of what is given. */
  readonly leaves: boolean;
}

export interface SecurityGroupRule {
  readonly resource: Resource;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, another number as text, or `all` for `-1`. */
  readonly protocol: Value<string>;
  /** Absent ports of tcp and udp are all ports. */
  readonly ports: Value<{ readonly first: number; readonly last: number }>;
  readonly peer: RulePeer;
}

export type RulePeer =
  | { readonly kind: 'cidr'; readonly cidr: Value<string> }
  | { readonly kind: 'cidr-ipv6'; readonly cidr: Value<string> }
  | { readonly kind: 'group'; readonly group: To<SecurityGroup> }
  | { readonly kind: 'prefix-list'; readonly entries: Value<readonly string[]>; readonly maxEntries: Value<number> }
  | { readonly kind: 'unknown'; readonly why: string };

export interface LoadBalancer extends Subject {
  readonly type: Value<'application' | 'network' | 'gateway' | 'classic'>;
  readonly scheme: Value<'internet-facing' | 'internal'>;
  readonly addressType: Value<string>;
  readonly subnets: ToMany<Subnet>;
  /** Absent for a Network Load Balancer without groups. */
  readonly securityGroups?: ToMany<SecurityGroup>;
  readonly listeners: readonly Listener[];
  /** A Classic Load Balancer's name, by which services refer to it. */
  readonly classicName?: Value<string>;
}

export interface Listener extends Subject {
  readonly port: Value<number>;
  readonly protocol: Value<string>;
  /** Of its default action and of its rules. */
  readonly targetGroups: ReadonlyArray<To<TargetGroup>>;
}

export interface TargetGroup extends Subject {
  /** `instance` where it is left out, as is documented. */
  readonly targetType: Value<string>;
  readonly protocol: Value<string>;
  readonly port?: Value<number>;
  readonly vpc?: To<Vpc>;
  readonly addressType: Value<string>;
  /** `traffic-port` where it is left out. */
  readonly healthCheckPort: Value<string>;
  readonly preserveClientIp?: Value<boolean>;
  /** The listeners that send to it. */
  readonly listeners: readonly Listener[];
  /** Their load balancers. */
  readonly loadBalancers: readonly LoadBalancer[];
}

export interface VpcEndpoint extends Subject {
  readonly vpc: To<Vpc>;
  readonly type: Value<'Interface' | 'Gateway' | 'GatewayLoadBalancer'>;
  /** Such as `ecr.dkr`: the service's name without its domain and Region. */
  readonly service: Value<string>;
  readonly subnets: ToMany<Subnet>;
  readonly securityGroups: ToMany<SecurityGroup>;
  readonly routeTables: ToMany<Subject>;
  readonly privateDns: Value<boolean>;
}

export interface AddressUser extends Subject {
  readonly kind: 'function' | 'instance' | 'network-interface' | 'mount-target' | 'database';
  readonly subnets: ToMany<Subnet>;
  /** Functions with the same groups in a subnet share an interface. */
  readonly securityGroups?: ToMany<SecurityGroup>;
}
