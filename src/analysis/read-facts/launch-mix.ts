/** What instances have in common that are launched by several launch templates: what these differ in is not known of them. */
import type { HostGroup } from '../facts';
import { listed } from '../listed';
import { canonical, UNKNOWN_TEXT, UserData } from '../user-data';
import { assumesOf, equal, hull, known, mapped, unknown, Value, Verdict } from '../value';
import { toUnknown } from './joins';
import type { LaunchData } from './launch-data';

/** What a launch template says of the instances of a group. */
export type Launched = Pick<HostGroup, 'cluster' | 'launchTemplate' | 'operatingSystem' | 'ecsOptimized' | 'userData' | 'instanceRole' | 'extraInterfaces'
| 'resourceNameARecord' | 'metadata' | 'publicIp' | 'publicIpBySubnet' | 'ipv6Address' | 'primaryIpv6' | 'securityGroups'>;

/** The group that they are of is named in why something is not known. */
export function inCommon(group: string, data: readonly LaunchData[], launched: readonly Launched[]): Launched {
  const mix = new Mix(group, data);
  const metadata = launched.map((one) => one.metadata);
  const same = <T>(of: (one: Launched) => Value<T>, what: string, keyOf?: (value: T) => unknown) => (
    mix.same(launched.map(of), what, keyOf)!);
  const { clusterWhy, userData } = mix.userData(launched.map((one) => one.userData));
  return {
    cluster: clusterWhy === undefined ? launched[0].cluster : unknown(clusterWhy),
    launchTemplate: undefined,
    operatingSystem: same((one) => one.operatingSystem, 'operating system'),
    ecsOptimized: launched.every((one) => one.ecsOptimized),
    userData,
    instanceRole: mix.role(launched.map((one) => one.instanceRole)),
    extraInterfaces: hull(launched.map((one) => one.extraInterfaces)),
    resourceNameARecord: same((one) => one.resourceNameARecord, 'resource-name A records'),
    metadata: {
      httpTokens: mix.same(metadata.map(({ httpTokens }) => httpTokens), 'HttpTokens'),
      hopLimit: mix.same(metadata.map(({ hopLimit }) => hopLimit), 'HttpPutResponseHopLimit'),
      httpEndpoint: mix.same(metadata.map(({ httpEndpoint }) => httpEndpoint), 'HttpEndpoint'),
    },
    publicIp: same((one) => one.publicIp, 'public IPv4 addresses'),
    publicIpBySubnet: launched.every((one) => one.publicIpBySubnet),
    ipv6Address: same((one) => one.ipv6Address, 'IPv6 addresses'),
    primaryIpv6: same((one) => one.primaryIpv6, 'primary IPv6 addresses'),
    securityGroups: same((one) => one.securityGroups, 'security groups', (groups) => groups.map(({ identity }) => identity).sort().join('\n')),
  };
}

class Mix {
  /** Why nothing is known of one of them. */
  private readonly missing?: string;

  constructor(private readonly group: string, private readonly data: readonly LaunchData[]) {
    this.missing = data.find(({ missing }) => missing !== undefined)?.missing;
  }

  /** What all say; `undefined` where none says it. */
  public same<T>(
    values: ReadonlyArray<Value<T> | undefined>, what: string, keyOf: (value: T) => unknown = (value) => value,
  ): Value<T> | undefined {
    const [first] = values;
    const isFirst = (value: Value<T> | undefined) => value === first
      || (value !== undefined && first !== undefined && equal(mapped(value, keyOf), mapped(first, keyOf)) === 'yes');
    if (values.every(isFirst)) {
      return first?.known ? known(first.value, assumesOf(...values.flatMap((value) => value ?? []))) : first;
    }
    const open = values.find((value) => value?.known === false);
    return unknown(open?.known === false ? open.why : this.differ(what));
  }

  public role(roles: ReadonlyArray<HostGroup['instanceRole']>): HostGroup['instanceRole'] {
    const [first] = roles;
    if (this.missing === undefined && roles.every((role) => role?.identity === first?.identity)) {
      return first;
    }
    const why = this.missing ?? this.differ('instance role');
    return toUnknown(why, why);
  }

  /** What the user data of all sets, and why the cluster is not known where they do not all join one. */
  public userData(all: readonly UserData[]): { readonly userData: UserData; readonly clusterWhy?: string } {
    const [{ cluster, operatingSystem }] = all;
    const texts = all.map(({ text }) => text);
    const clusters = new Set(all.map((one) => one.cluster && canonical(one.cluster)));
    const drops = new Set<Verdict>(all.map(({ dropsMetadataRequests }) => dropsMetadataRequests));
    const [firstDrops] = drops;
    const openDrops = [...drops].find((verdict) => typeof verdict !== 'string');
    return {
      userData: {
        // What tells a container instance tells it of the group.
        text: texts.includes(UNKNOWN_TEXT) ? UNKNOWN_TEXT : [...new Set(texts)].join('\n'),
        operatingSystem: all.every((one) => one.operatingSystem === operatingSystem) ? operatingSystem : undefined,
        cluster: clusters.size === 1 ? cluster : undefined,
        agentSetting: (name) => this.same(all.map((one) => one.agentSetting(name)), name),
        dockerBip: this.same(all.map(({ dockerBip }) => dockerBip), "the address of Docker's bridge"),
        dockerAddressPools: this.same(all.map(({ dockerAddressPools }) => dockerAddressPools), "Docker's address pools", (pools) => pools.join('\n')),
        dropsMetadataRequests: drops.size === 1 ? firstDrops : openDrops ?? unknown(this.differ('whether they drop requests for instance metadata')),
        // Trunking is not known as soon as one does.
        callsForTrunking: all.some(({ callsForTrunking }) => callsForTrunking),
      },
      ...clusters.size === 1 ? {} : { clusterWhy: this.missing ?? this.differ('what user data says of the cluster') },
    };
  }

  private differ(what: string): string {
    return `the launch templates of ${this.group}, ${listed(this.data.flatMap(({ template }) => template?.name ?? []))}, differ in ${what}`;
  }
}
