/**
 * Makes facts of resources: the only place, with the files of read-facts/, that knows what CloudFormation calls things.
 *
 * Every spelling of a thing becomes the same fact. What is not known stays unknown with its reason, nothing is guessed at, and nothing
 * throws, whatever stands in a template. Each resource is read once and found by maps, so that the time grows with their number only.
 */
import type { Facts, GroupCarriers, SecurityGroup, ToMany } from './facts';
import { readAddressUsers } from './read-facts/address-users';
import { readClusters } from './read-facts/clusters';
import { readEndpoints } from './read-facts/endpoints';
import { readHosts } from './read-facts/host-groups';
import { readingOf, ReadOptions } from './read-facts/joins';
import { readLaunchSources } from './read-facts/launch-data';
import { readLoadBalancing } from './read-facts/load-balancing';
import { readNetwork } from './read-facts/network';
import { readPrefixLists } from './read-facts/prefix-lists';
import { tellRegistrations } from './read-facts/registrations';
import { GroupReader } from './read-facts/security-groups';
import { readServices } from './read-facts/services';
import { readTaskDefinitions } from './read-facts/tasks';
import type { World } from './resources';

export type { ImportedSubnet, ImportedVpc, ReadOptions } from './read-facts/joins';

/** The facts of one world. */
export function readFacts(world: World, options: ReadOptions = {}): Facts {
  const reading = readingOf(world, options);
  const prefixLists = readPrefixLists(reading);
  const groupReader = new GroupReader(reading, prefixLists);
  const network = readNetwork(reading, prefixLists, (vpc, to) => groupReader.defaultGroupOf(vpc, to));
  const groups = groupReader.read(network);
  const balancing = readLoadBalancing(reading, network, groups);
  const clustering = readClusters(reading);
  const sources = readLaunchSources(reading);
  const hosts = readHosts(reading, network, groups, clustering, sources);
  tellRegistrations(hosts.hostGroups, balancing);
  const definitions = readTaskDefinitions(reading);
  const services = readServices(reading, { network, groups, clustering, hosts, balancing, definitions });
  const facts: Facts = {
    clusters: clustering.clusters.all(),
    capacityProviders: clustering.providers.all(),
    associations: clustering.associations,
    services,
    taskDefinitions: definitions.all(),
    hostGroups: hosts.hostGroups,
    launchTemplates: hosts.launchTemplates,
    vpcs: network.vpcs.all(),
    vpcBlocks: network.vpcBlocks,
    subnets: network.subnets.all(),
    securityGroups: groups.all,
    loadBalancers: balancing.loadBalancers.all(),
    targetGroups: balancing.targetGroups.all(),
    endpoints: readEndpoints(reading, network, groups),
    natGateways: network.natGateways.all(),
    addressUsers: readAddressUsers(reading, network, groups, hosts.hostGroups, sources),
    trunkingSettings: hosts.trunkingSettings,
    accountSettings: options.accountSettings ?? {},
    dependsOn: (subject, other) => world.dependsOn(subject.resource, other.resource),
  };
  tellCarriers(facts);
  return facts;
}

/** Tells every group who has it. */
function tellCarriers(facts: Facts): void {
  const tell = <K extends keyof GroupCarriers>(kind: K, carrier: GroupCarriers[K][number], groups: ToMany<SecurityGroup> | undefined) => {
    for (const { target } of groups?.known ? groups.value : []) {
      (target?.carriers[kind] as Array<GroupCarriers[K][number]> | undefined)?.push(carrier);
    }
  };
  for (const service of facts.services) {
    // A network configuration beside another mode is an error, which gives the group to nobody.
    if (service.awsvpc && (!service.mode.known || service.mode.value === 'awsvpc')) {
      tell('services', service, service.awsvpc.securityGroups);
    }
  }
  facts.hostGroups.forEach((group) => tell('hostGroups', group, group.securityGroups));
  facts.loadBalancers.forEach((loadBalancer) => tell('loadBalancers', loadBalancer, loadBalancer.securityGroups));
  facts.endpoints.forEach((endpoint) => tell('endpoints', endpoint, endpoint.securityGroups));
  facts.addressUsers.forEach((user) => tell('others', user, user.securityGroups));
}
