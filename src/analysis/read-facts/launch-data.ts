/**
 * What instances are launched with, in one form: a launch template's data, a launch configuration, or an instance's own properties, which
 * count before those of its launch template.
 */
import { instanceLimits, instanceTypesInTable } from '../../limits/instance-limits';
import type { HostGroup, LaunchTemplate, MetadataOptions, Named, Subnet, To, ToMany } from '../facts';
import { Evaluated, Resource } from '../resources';
import { Parts, readUserData, TextsRead, unknownUserData, UserData } from '../user-data';
import { all, known, mapped, unknown, Value } from '../value';
import { ElasticAddressOf, readElasticAddresses } from './elastic-addresses';
import { Joins, nameOf, Reading } from './joins';
import { at, Draft, items, itemsAsKnown, number, shownText, text, truth } from './properties';

export interface LaunchData {
  /** Where it is written, if that is not the host group itself. */
  readonly template?: Draft<LaunchTemplate>;
  /** A property by its name in a launch template; names that others have for it are tried as well. */
  property(name: string, ...others: readonly string[]): Evaluated | undefined;
  /** The primary network interface, as far as it is described. */
  readonly primaryInterface: Evaluated | undefined;
  /** One that there is already, which takes the place of the primary interface. */
  readonly attached?: To<Named>;
  readonly extraInterfaces: number;
  readonly userData: UserData;
  readonly instanceRole?: To<Named>;
  readonly metadata: MetadataOptions;
  /** Why nothing is known of it: it is not of what is given. */
  readonly missing?: string;
}

/** Launch templates, launch configurations and what they refer to. */
export interface LaunchSources {
  readonly templates: Joins<Draft<LaunchTemplate>>;
  readonly configurations: Joins<Draft<LaunchTemplate>>;
  readonly roles: Joins<Named>;
  /** The role of each instance profile. */
  readonly profiles: Joins<Profile>;
  readonly interfaces: Joins<Named>;
  readonly elasticAddressOf: ElasticAddressOf;
  /** The user data that was read. */
  readonly textsRead: TextsRead;
}

interface Profile extends Named {
  readonly role?: To<Named>;
}

export function readLaunchSources(reading: Reading): LaunchSources {
  const { world } = reading;
  const joined = (type: string, name: string) => {
    const joins = new Joins<Named>(reading);
    world.resourcesOf(type).forEach((resource) => joins.add(resource, { name: nameOf(resource), resource }, () => resource.property(name)));
    return joins;
  };
  const templates = (type: string, name: string, ...path: string[]) => {
    const joins = new Joins<Draft<LaunchTemplate>>(reading);
    for (const resource of world.resourcesOf(type)) {
      const metadata = metadataOptions(resource.property(...path, 'MetadataOptions'));
      joins.add(resource, { name: nameOf(resource), resource, metadata, hostGroups: [] }, () => resource.property(name));
    }
    return joins;
  };
  const roles = joined('AWS::IAM::Role', 'RoleName');
  const profiles = new Joins<Profile>(reading);
  for (const resource of world.resourcesOf('AWS::IAM::InstanceProfile')) {
    const [role] = itemsAsKnown(resource.property('Roles'));
    profiles.add(resource, { name: nameOf(resource), resource, role: role && roles.find(role, resource) }, () => resource.property('InstanceProfileName'));
  }
  return {
    templates: templates('AWS::EC2::LaunchTemplate', 'LaunchTemplateName', 'LaunchTemplateData'),
    configurations: templates('AWS::AutoScaling::LaunchConfiguration', 'LaunchConfigurationName'),
    roles,
    profiles,
    interfaces: joined('AWS::EC2::NetworkInterface', 'Id'),
    elasticAddressOf: readElasticAddresses(world),
    textsRead: new Map(),
  };
}

/** The launch data of an Auto Scaling group. */
export function launchDataOfGroup(group: Resource, sources: LaunchSources): LaunchData {
  const mixed = group.property('MixedInstancesPolicy', 'LaunchTemplate', 'LaunchTemplateSpecification');
  const specification = mixed ?? group.property('LaunchTemplate');
  if (specification) {
    return ofSpecification(specification, group, sources);
  }
  const name = group.property('LaunchConfigurationName');
  if (!name) {
    return missingData(`${nameOf(group)} names neither a launch template nor a launch configuration`);
  }
  const { target, why } = sources.configurations.find(name, group);
  return target
    ? launchData(target, [target.resource, group], (property) => target.resource.property(property), sources)
    : missingData(`the launch configuration of ${nameOf(group)} is not known: ${why}`);
}

/** The launch template that a specification names. */
export function ofSpecification(specification: Evaluated, from: Resource, sources: LaunchSources): LaunchData {
  const named = at(specification, 'LaunchTemplateId') ?? at(specification, 'LaunchTemplateName');
  const { target, why } = named
    ? sources.templates.find(named, from)
    : { target: undefined, why: `${nameOf(from)} names no launch template` };
  return target
    ? launchData(target, [target.resource, from], (property) => target.resource.property('LaunchTemplateData', property), sources)
    : missingData(`the launch template of ${nameOf(from)} is not known: ${why}`);
}

/** What an override of a mixed instances policy launches; without one, what the group does. */
export interface Launching {
  readonly data: LaunchData;
  readonly override?: Evaluated;
}

/** What a group launches: by each override with its own launch template, if it names one. */
export function launchesOf(
  own: LaunchData, overrides: Evaluated | undefined, from: Resource, sources: LaunchSources,
): Value<readonly Launching[]> {
  return mapped(items(overrides), (list) => list.length === 0 ? [{ data: own }] : list.map((override) => {
    const specification = at(override, 'LaunchTemplateSpecification');
    return { override, data: specification ? ofSpecification(specification, from, sources) : own };
  }));
}

/** The launch data in use, each once: the group's own is not where every override names another. */
export function launchDataOf(launches: Value<readonly Launching[]>, own: LaunchData): readonly LaunchData[] {
  const used = launches.known ? launches.value.map(({ data }) => data) : [own];
  const ownFirst = used.includes(own) ? [own, ...used] : used;
  return [...new Map(ownFirst.map((data) => [data.template ?? data, data])).values()];
}

/** The launch data of a single instance. */
export function launchDataOfInstance(instance: Resource, sources: LaunchSources): LaunchData {
  const specification = instance.property('LaunchTemplate');
  const under = specification ? ofSpecification(specification, instance, sources) : undefined;
  const own = (property: string) => instance.property(property) ?? under?.property(property);
  const data = launchData(under?.template, [instance, ...under?.template ? [under.template.resource] : []], own, sources);
  return under?.missing === undefined ? data : { ...data, userData: instance.property('UserData') ? data.userData : under.userData };
}

function missingData(why: string): LaunchData {
  return {
    property: () => ({ kind: 'undecided', why, identity: why }),
    primaryInterface: undefined,
    extraInterfaces: 0,
    userData: unknownUserData(why),
    metadata: {},
    missing: why,
  };
}

function launchData(
  template: Draft<LaunchTemplate> | undefined,
  resources: readonly Resource[],
  property: (name: string) => Evaluated | undefined,
  sources: LaunchSources,
): LaunchData {
  const interfaces = itemsAsKnown(property('NetworkInterfaces'));
  const isPrimary = (one: Evaluated) => [at(one, 'DeviceIndex'), at(one, 'NetworkCardIndex')].every((index) => {
    const value = number(index);
    return value === undefined || !value.known || value.value === 0;
  });
  const [resource] = resources;
  const primaryInterface = interfaces.find(isPrimary);
  const attached = at(primaryInterface, 'NetworkInterfaceId');
  const profile = property('IamInstanceProfile');
  const byProfile = profile?.kind === 'entries' ? at(profile, 'Arn') ?? at(profile, 'Name') : profile;
  return {
    template,
    property: (name, ...others) => [name, ...others].reduce<Evaluated | undefined>((found, one) => found ?? property(one), undefined),
    primaryInterface,
    attached: attached && sources.interfaces.find(attached, resource),
    // Each takes the place of a task: ECS does not count interfaces that it did not attach [M18].
    extraInterfaces: interfaces.filter((one) => !isPrimary(one)).length,
    userData: userDataOf(property('UserData'), resources, sources),
    instanceRole: byProfile && roleOf(byProfile, resource, sources),
    metadata: metadataOptions(property('MetadataOptions')),
  };
}

export function roleOf(profile: Evaluated, from: Resource, { profiles }: LaunchSources): To<Named> | undefined {
  const { target, why, identity } = profiles.find(profile, from);
  return target ? target.role : { identity: `role of ${identity}`, why: `the role of the instance profile is not known: ${why}` };
}

export function metadataOptions(options: Evaluated | undefined): MetadataOptions {
  return {
    httpTokens: text(at(options, 'HttpTokens')),
    hopLimit: number(at(options, 'HttpPutResponseHopLimit')),
    httpEndpoint: text(at(options, 'HttpEndpoint')),
  };
}

/** User data, and where it runs `cfn-init` the files and commands of that, which are metadata of one of the resources. */
function userDataOf(userData: Evaluated | undefined, resources: readonly Resource[], { textsRead }: LaunchSources): UserData {
  const parts = partsOf(userData);
  const runsInit = parts.some((part) => typeof part === 'string' && /\bcfn-init\b/.test(part));
  const init = runsInit ? resources.flatMap((resource) => textsIn(resource.evaluatedMetadata('AWS::CloudFormation::Init'))) : [];
  return readUserData([...parts, ...init.flatMap((one) => ['\n', ...one])], textsRead);
}

export function partsOf(evaluated: Evaluated | undefined): Parts {
  switch (evaluated?.kind) {
    case undefined:
    case 'list':
    case 'entries':
      return [];
    case 'scalar':
      return [String(evaluated.value)];
    case 'text':
      return evaluated.parts;
    case 'reference':
    case 'undecided':
      return [evaluated];
  }
}

/** Every text in a value, however deep: of what matters there the keys say nothing. */
function textsIn(evaluated: Evaluated | undefined): Parts[] {
  switch (evaluated?.kind) {
    case undefined:
      return [];
    case 'list':
      return evaluated.items.flatMap(textsIn);
    case 'entries':
      return evaluated.keys.flatMap((key) => textsIn(evaluated.entry(key)));
    case 'scalar':
    case 'text':
    case 'reference':
    case 'undecided':
      return [partsOf(evaluated)];
  }
}

/** Images by what their public parameter of Systems Manager is called, https://docs.aws.amazon.com/AmazonECS/latest/developerguide/retrieve-ecs-optimized_AMI.html. */
const IMAGES: ReadonlyArray<readonly [path: RegExp, system: 'linux' | 'windows' | 'bottlerocket', ecs: boolean]> = [
  [/^\/aws\/service\/ecs\/optimized-ami\//, 'linux', true],
  [/^\/aws\/service\/ami-windows-latest\/.*ECS_Optimized/, 'windows', true],
  [/^\/aws\/service\/ami-windows-latest\//, 'windows', false],
  [/^\/aws\/service\/bottlerocket\/aws-ecs-/, 'bottlerocket', true],
  [/^\/aws\/service\/(?:ami-amazon-linux-latest|canonical|debian|suse|marketplace)\//, 'linux', false],
];

/** The operating system, as the image or else the user data tells. */
export function operatingSystemOf(data: LaunchData): Pick<HostGroup, 'operatingSystem' | 'ecsOptimized'> {
  const image = data.property('ImageId');
  const parameter = image?.kind === 'undecided' ? image.ssmParameter : /^resolve:ssm:(.*)$/.exec(shownText(image))?.[1];
  const found = parameter === undefined ? undefined : IMAGES.find(([path]) => path.test(parameter));
  if (found) {
    return { operatingSystem: known(found[1]), ecsOptimized: found[2] };
  }
  const told = data.userData.operatingSystem;
  return { operatingSystem: told ? known(told) : unknown(data.missing ?? 'the image is not one whose operating system is known'), ecsOptimized: false };
}

/** Every type that may be launched. */
export function instanceTypesOf(launches: Value<readonly Launching[]>): Value<readonly string[]> {
  if (!launches.known) {
    return launches;
  }
  const each = launches.value.map(({ data, override }) => (
    typesOf(at(override, 'InstanceType'), at(override, 'InstanceRequirements')) ?? typesIn(data)));
  return mapped(all(each), (types) => [...new Set(types.flat())]);
}

function typesIn(data: LaunchData): Value<readonly string[]> {
  return typesOf(data.property('InstanceType'), data.missing === undefined ? data.property('InstanceRequirements') : undefined)
    ?? unknown('no instance type is given');
}

function typesOf(type: Evaluated | undefined, requirements: Evaluated | undefined): Value<readonly string[]> | undefined {
  return type ? mapped(text(type)!, (one) => [one]) : requirements && typesOfRequirements(requirements);
}

/** The types of the table that requirements with literal types allow: what else they ask only narrows that. */
export function typesOfRequirements(requirements: Evaluated): Value<readonly string[]> {
  const patterns = at(requirements, 'AllowedInstanceTypes');
  if (!patterns) {
    return unknown(requirements.kind === 'undecided' ? requirements.why : 'instance requirements without AllowedInstanceTypes may choose any type');
  }
  const allowed = textsOf(patterns);
  const excluded = textsOf(at(requirements, 'ExcludedInstanceTypes'));
  if (!allowed.known) {
    return allowed;
  }
  const within = (property: string) => {
    const [min, max] = ['Min', 'Max'].map((end) => number(at(requirements, property, end)));
    return (value: number | undefined) => value === undefined
      || ((!min?.known || value >= min.value) && (!max?.known || value <= max.value));
  };
  const [vcpus, memory] = [within('VCpuCount'), within('MemoryMiB')];
  const types = instanceTypesInTable().filter((type) => allowed.value.some((pattern) => matches(pattern, type))
    && !(excluded.known && excluded.value.some((pattern) => matches(pattern, type)))
    && vcpus(instanceLimits(type)!.vcpus) && memory(instanceLimits(type)!.memoryMiB));
  // A type that the table lacks may be meant as well.
  const unlisted = allowed.value.filter((pattern) => !pattern.includes('*') && !instanceLimits(pattern));
  return types.length + unlisted.length > 0
    ? known([...types, ...unlisted], allowed.assumes)
    : unknown(`no type of the table matches ${allowed.value.join(', ')}`);
}

function textsOf(evaluated: Evaluated | undefined): Value<readonly string[]> {
  const list = items(evaluated);
  return list.known ? mapped(all(list.value.map((item) => text(item)!)), (texts) => texts) : list;
}

/** `c5*`, `m5a.*`: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRequirements.html. */
function matches(pattern: string, type: string): boolean {
  const [first, ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) {
    return pattern === type;
  }
  // Each part where it is found first: a regular expression tries all places, which are too many for many parts.
  let at = first.length;
  return type.startsWith(first) && others.every((part) => {
    const found = type.indexOf(part, at);
    at = found + part.length;
    return found >= 0;
  }) && type.length - last.length >= at && type.endsWith(last);
}

/** Whether resource-name A records are on: by the launch template, else by the subnets. */
export function resourceNameARecordOf(data: LaunchData, subnets: ToMany<Subnet>): Value<boolean> {
  if (data.missing !== undefined) {
    return unknown(data.missing);
  }
  return truth(at(data.property('PrivateDnsNameOptions'), 'EnableResourceNameDnsARecord'))
    ?? bySubnets(subnets, 'whether it has resource-name A records', ({ resource }) => resource
      && (truth(resource.property('PrivateDnsNameOptionsOnLaunch', 'EnableResourceNameDnsARecord')) ?? known(false)));
}

export function publicIpOf(data: LaunchData, subnets: ToMany<Subnet>): Pick<HostGroup, 'publicIp' | 'publicIpBySubnet'> {
  const said = data.missing === undefined
    ? truth(at(data.primaryInterface, 'AssociatePublicIpAddress') ?? data.property('AssociatePublicIpAddress')) : unknown(data.missing);
  return {
    publicIp: said ?? bySubnets(subnets, 'whether it gives public addresses', ({ mapPublicIp }) => mapPublicIp),
    publicIpBySubnet: said === undefined,
  };
}

export function ipv6AddressOf(data: LaunchData, subnets: ToMany<Subnet>): Value<boolean> {
  if (data.missing !== undefined) {
    return unknown(data.missing);
  }
  const { attached } = data;
  if (attached && !attached.target) {
    return unknown(attached.why!);
  }
  const said = (name: string) => attached?.target?.resource?.property(name) ?? at(data.primaryInterface, name) ?? data.property(name);
  const count = number(said('Ipv6AddressCount'));
  if (count) {
    return mapped(count, (addresses) => addresses > 0);
  }
  if (itemsAsKnown(said('Ipv6Addresses')).length > 0) {
    return known(true);
  }
  return bySubnets(subnets, 'whether it gives IPv6 addresses', ({ resource }) => resource
    && (truth(resource.property('AssignIpv6AddressOnCreation')) ?? truth(resource.property('Ipv6Native')) ?? known(false)));
}

/** Whether the IPv6 address is a primary one, which has another name for an interface of its own. */
export function primaryIpv6Of({ missing, attached, primaryInterface }: LaunchData): Value<boolean> {
  const why = missing ?? (attached?.target ? undefined : attached?.why);
  const said = attached?.target?.resource?.property('EnablePrimaryIpv6') ?? at(primaryInterface, 'PrimaryIpv6');
  return why === undefined ? truth(said) ?? known(false) : unknown(why);
}

/** What all subnets say of an instance's interface. */
function bySubnets(subnets: ToMany<Subnet>, what: string, of: (subnet: Subnet) => Value<boolean> | undefined): Value<boolean> {
  if (!subnets.known) {
    return subnets;
  }
  const missing = (why: string) => unknown(`${what} is not known: ${why}`);
  const values = all(subnets.value.map(({ target, why }) => (target && of(target)) ?? missing(why ?? `${target?.name} is imported`)));
  if (!values.known) {
    return values;
  }
  const [first = false] = values.value;
  return values.value.every((value) => value === first) ? known(first, values.assumes) : unknown(`${what} depends on the subnet`);
}
