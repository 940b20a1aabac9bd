/** What takes addresses of subnets besides tasks, their instances and what brings traffic to them. */
import type { AddressUser, HostGroup, Named, Subnet, ToMany } from '../facts';
import { Resource } from '../resources';
import { known, unknown, Value } from '../value';
import { Joins, nameOf, Reading } from './joins';
import { launchDataOfInstance, LaunchSources } from './launch-data';
import { Network, reference, vpcOf } from './network';
import { at, itemsAsKnown, number } from './properties';
import type { Groups } from './security-groups';

export function readAddressUsers(
  reading: Reading, network: Network, groups: Groups, hostGroups: readonly HostGroup[], sources: LaunchSources,
): AddressUser[] {
  const { world } = reading;
  const user = (resource: Resource, kind: AddressUser['kind'], subnets: ToMany<Subnet>, groupsAt: readonly string[]): AddressUser => ({
    name: nameOf(resource),
    resource,
    kind,
    subnets,
    count: known(1),
    securityGroups: groups.orDefault(resource.property(...groupsAt), resource, vpcOf(subnets)),
  });
  const inSubnet = (resource: Resource): ToMany<Subnet> => known([reference(network.subnets, resource, 'SubnetId')]);

  // [L07]
  const functions = world.resourcesOf('AWS::Lambda::Function').flatMap((resource): AddressUser[] => {
    const subnets = resource.property('VpcConfig', 'SubnetIds');
    return itemsAsKnown(subnets).length > 0
      ? [user(resource, 'function', network.subnets.findMany(subnets, resource), ['VpcConfig', 'SecurityGroupIds'])]
      : [];
  });

  const hosts = new Set(hostGroups.map(({ resource }) => resource));
  const attached = new Set<Resource>();
  const instances = world.resourcesOf('AWS::EC2::Instance').flatMap((resource): AddressUser[] => {
    const data = launchDataOfInstance(resource, sources);
    const own = data.attached?.target?.resource;
    if (own) {
      attached.add(own);
    }
    const subnet = at(data.primaryInterface, 'SubnetId') ?? resource.property('SubnetId') ?? own?.property('SubnetId');
    return hosts.has(resource) || !subnet
      ? []
      : [user(own ?? resource, 'instance', known([network.subnets.find(subnet, resource)]), own ? ['GroupSet'] : ['SecurityGroupIds'])]
        .map((one) => ({ ...one, name: nameOf(resource), resource }));
  });
  const interfaces = world.resourcesOf('AWS::EC2::NetworkInterface')
    .filter((resource) => !attached.has(resource))
    .map((resource) => user(resource, 'network-interface', inSubnet(resource), ['GroupSet']));
  const mountTargets = world.resourcesOf('AWS::EFS::MountTarget')
    .map((resource) => user(resource, 'mount-target', inSubnet(resource), ['SecurityGroups']));
  const databases = DATABASES.flatMap((kind) => readDatabases(reading, network, groups, kind));
  return [...functions, ...instances, ...interfaces, ...mountTargets, ...databases];
}

/** A kind of database whose nodes stand in the subnets of a subnet group. */
interface DatabaseKind {
  readonly type: string;
  readonly subnetGroup: readonly [property: string, type: string, name: string, subnets: string];
  readonly securityGroups: string;
  /** The cluster that names the subnet group where the instance does not. */
  readonly cluster?: readonly [property: string, type: string, name: string];
  /** Where there may be several nodes to a resource: how many. */
  readonly nodes?: string;
}

/** Each takes one address per node [L08]; which others take is not documented in the same plainness, so they count nothing. */
const DATABASES: readonly DatabaseKind[] = [
  {
    type: 'AWS::RDS::DBInstance',
    subnetGroup: ['DBSubnetGroupName', 'AWS::RDS::DBSubnetGroup', 'DBSubnetGroupName', 'SubnetIds'],
    securityGroups: 'VPCSecurityGroups',
    cluster: ['DBClusterIdentifier', 'AWS::RDS::DBCluster', 'DBClusterIdentifier'],
  },
  {
    type: 'AWS::DocDB::DBInstance',
    subnetGroup: ['DBSubnetGroupName', 'AWS::DocDB::DBSubnetGroup', 'DBSubnetGroupName', 'SubnetIds'],
    securityGroups: 'VpcSecurityGroupIds',
    cluster: ['DBClusterIdentifier', 'AWS::DocDB::DBCluster', 'DBClusterIdentifier'],
  },
  {
    type: 'AWS::Neptune::DBInstance',
    subnetGroup: ['DBSubnetGroupName', 'AWS::Neptune::DBSubnetGroup', 'DBSubnetGroupName', 'SubnetIds'],
    securityGroups: 'VpcSecurityGroupIds',
    cluster: ['DBClusterIdentifier', 'AWS::Neptune::DBCluster', 'DBClusterIdentifier'],
  },
  {
    type: 'AWS::ElastiCache::CacheCluster',
    subnetGroup: ['CacheSubnetGroupName', 'AWS::ElastiCache::SubnetGroup', 'CacheSubnetGroupName', 'SubnetIds'],
    securityGroups: 'VpcSecurityGroupIds',
    nodes: 'NumCacheNodes',
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    subnetGroup: ['CacheSubnetGroupName', 'AWS::ElastiCache::SubnetGroup', 'CacheSubnetGroupName', 'SubnetIds'],
    securityGroups: 'SecurityGroupIds',
    nodes: 'NumCacheClusters',
  },
  {
    type: 'AWS::Redshift::Cluster',
    subnetGroup: ['ClusterSubnetGroupName', 'AWS::Redshift::ClusterSubnetGroup', 'ClusterSubnetGroupName', 'SubnetIds'],
    securityGroups: 'VpcSecurityGroupIds',
    nodes: 'NumberOfNodes',
  },
];

function readDatabases(reading: Reading, network: Network, groups: Groups, kind: DatabaseKind): AddressUser[] {
  const { world } = reading;
  const [property, groupType, groupName, subnetsIn] = kind.subnetGroup;
  const named = (type: string, name: string) => {
    const joins = new Joins<Named>(reading);
    world.resourcesOf(type).forEach((resource) => joins.add(resource, { name: nameOf(resource), resource }, () => resource.property(name)));
    return joins;
  };
  const subnetGroups = named(groupType, groupName);
  const clusters = kind.cluster && named(kind.cluster[1], kind.cluster[2]);
  return world.resourcesOf(kind.type).flatMap((resource): AddressUser[] => {
    const cluster = kind.cluster && clusters && reference(clusters, resource, kind.cluster[0]).target?.resource;
    const owner = resource.property(property) ? resource : cluster;
    const group = owner && reference(subnetGroups, owner, property).target?.resource;
    if (!group) {
      // In the default VPC, or in a group that is not of what is given: in no subnet that is known.
      return [];
    }
    const subnets = network.subnets.findMany(group.property(subnetsIn), group);
    const nodes: Value<number> = (kind.nodes === undefined ? undefined : number(resource.property(kind.nodes))) ?? known(1);
    const carrier = resource.property(kind.securityGroups) ? resource : cluster ?? resource;
    const groupsAt = carrier === resource ? kind.securityGroups : CLUSTER_GROUPS;
    return [{
      name: nameOf(resource),
      resource,
      kind: 'database',
      subnets,
      count: nodes.known ? nodes : unknown(nodes.why),
      securityGroups: groups.orDefault(carrier.property(groupsAt), carrier, vpcOf(subnets)),
    }];
  });
}

/** What clusters of databases call their security groups. */
const CLUSTER_GROUPS = 'VpcSecurityGroupIds';
