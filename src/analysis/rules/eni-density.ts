import { smallestTrunkingType } from '../../limits/larger-types';
import { bindingCause, largestWorkableMinimumPercent } from '../../limits/rolling-update';
import type { HostGroup, Service } from '../facts';
import { sizesToRaise } from '../instance-counts';
import { ZonesInCommon, zonesOf } from '../instances-in-zones';
import type { InterfaceDemand } from '../interface-demand';
import {
  capacityOf, GroupSupply, instancesOf, interfacePools, isUpdateJudged, product, Shortage, Shortages, shortagesOf, tasksOn,
  tasksWithOneLost, Unit, wantedBy,
} from '../interface-shortage';
import { interfacesOf } from '../interface-slots';
import { listed } from '../listed';
import { Judgement, notDecidable, problem, Rule, SEVERITIES } from '../rule';
import { hasTwoSets, minimumText, percentsOf, tasksText } from '../stuck-updates';
import { Range, sum, union } from '../value';

const fragment = (instances: number) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Nodes: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      MinSize: String(instances),
      MaxSize: String(instances),
      LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
      VPCZoneIdentifier: ['subnet-1'],
    },
  },
  Template: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        ImageId: '{{resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id}}',
        InstanceType: 'c5.large',
        UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
      },
    },
  },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode: 'awsvpc', ContainerDefinitions: [{ Name: 'api', Image: 'nginx', Memory: 128 }] },
  },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'EC2',
      TaskDefinition: { Ref: 'Tasks' },
      DesiredCount: 24,
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'] } },
    },
  },
});

/** Instances with fewer network interfaces than the awsvpc tasks on them need. */
export const eniDensity: Rule = {
  id: 'eni-density',
  family: 'eni-density',
  summary: 'Instances have a network interface for each awsvpc task: steadily, at the peak, while deploying, and with one instance lost.',
  why: 'In awsvpc mode each task takes a network interface of its instance, and instance types have few. Tasks that find none stay in PROVISIONING or are '
    + 'not placed (`RESOURCE:ENI`). Where all interfaces are taken, no new task can start beside the old ones either, and updates hang.',
  fix: 'More instances (`maxInstances`, MaxSize), ENI trunking (`EniTrunking.forInstanceRole()`, account setting `awsvpcTrunking`), a larger instance '
    + 'type, or bridge mode with dynamic host ports, in which tasks take no interface (`BridgeService`).',
  acknowledge: 'Where fewer tasks will do for the time being. Where the account has trunking on already, say so instead (`EniTrunking.alreadyOn()`, '
    + '`--account-setting awsvpcTrunking=enabled`).',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/eni-trunking-supported-instance-types.html [T01, T02], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html [M12, M17, M18, M19], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html [D04]. That blue/green, linear and canary deployments run two full '
    + 'sets is inferred [D05].',
  bad: fragment(2),
  good: fragment(13),
  *judge(facts) {
    for (const { mode, launch, resource, name } of facts.services) {
      if (!launch.known && mode.known && mode.value === 'awsvpc') {
        yield notDecidable({ resource, name }, launch.why);
      }
    }
    for (const pool of interfacePools(facts)) {
      const found = shortagesOf(pool);
      if (found.shortages.length > 0) {
        yield judged(found);
      } else if (found.undecided !== undefined) {
        yield notDecidable(subjectOf(found.whole), found.undecided);
      }
    }
  },
};

const ORDER: ReadonlyArray<Shortage['scenario']> = ['daemons', 'steady', 'deploying', 'peak', 'lost'];
const UNITS: ReadonlyArray<Unit['of']> = ['pool', 'service', 'provider'];

type Deploying = Extract<Shortage, { readonly scenario: 'deploying' }>;

/**
 * Those of one unit, that with the severest: of several that in the earliest scenario, and of these the widest. What is short while
 * deploying is told in any case, but for services that are not even created.
 */
function judged(all: Shortages): Judgement {
  const { shortages } = all;
  const rank = (one: Shortage) => [SEVERITIES.indexOf(one.severity), ORDER.indexOf(one.scenario), UNITS.indexOf(one.unit.of)];
  const sorted = [...shortages].sort((a, b) => compared(rank(a), rank(b)));
  const [{ unit, severity }] = sorted;
  const told = sorted.flatMap((one) => one.unit === unit ? one : one.scenario === 'deploying' ? ofOthers(one, unit) : []);
  return problem({
    subject: subjectOf(unit),
    severity,
    message: messageOf(unit, told),
    fix: fixOf(unit, all, told, sorted.filter((one): one is Deploying => one.scenario === 'deploying')),
    assumes: assumptionsOf(unit, told),
  });
}

function ofOthers(deploying: Deploying, { demands }: Unit): Deploying[] {
  const updates = deploying.updates.filter(({ service }) => !demands.some(({ demand }) => demand.service === service));
  return updates.length === 0 ? [] : [{ ...deploying, updates }];
}

function compared(a: readonly number[], b: readonly number[]): number {
  return a.map((one, index) => one - b[index]).find((difference) => difference !== 0) ?? 0;
}

/** The service that wants most. */
function subjectOf({ demands }: Unit): Service {
  return demands.reduce((most, one) => one.steady.lo > most.steady.lo ? one : most).demand.service;
}

function assumptionsOf({ demands, supplies }: Unit, told: readonly Shortage[]): readonly string[] {
  const updates = told.flatMap((one) => one.scenario === 'deploying' ? one.updates : []);
  return union(
    ...demands.map(({ demand }) => demand.assumes),
    ...supplies.map(({ slots }) => slots.assumes),
    ...supplies.flatMap(({ group: { steadySize, maxSize } }) => [steadySize, maxSize]).map((size) => size.known ? size.assumes : []),
    ...updates.filter(({ service }) => !hasTwoSets(service)).map(({ service: { deployment: { minHealthyPercent } } }) =>
      minHealthyPercent.known ? minHealthyPercent.assumes : []),
  );
}

// What it says.

function messageOf(unit: Unit, told: readonly Shortage[]): string {
  if (unit.supplies.length === 0) {
    return zonesText(unit);
  }
  const [first] = told;
  const level = first.severity === 'error' && first.scenario !== 'deploying' ? 'best' : levelOf(unit);
  return [frame(unit, level), ...told.flatMap((one) => clauseOf(one))].join('; ');
}

/** Of no instances it is told what those hold that there can be. */
function levelOf(unit: Unit): 'best' | 'reached' {
  return instancesOf(unit) > 0 ? 'reached' : 'best';
}

function zonesText({ demands: [{ demand: { service, steady, launch } }] }: Unit): string {
  const listOf = (zones: ReadonlySet<string> | undefined) => listed([...zones ?? []].sort());
  const its = launch.hostGroups.flatMap((group) => [...zonesOf(group.subnets) ?? []]);
  return `service ${service.name} may place ${tasksText(steady.lo)} in ${listOf(zonesOf(service.awsvpc!.subnets))}, and its instances are in `
    + listOf(new Set(its));
}

function frame(unit: Unit, level: 'best' | 'reached'): string {
  const one = instancesOf(unit, level) === 1;
  return `${whoPlaces(unit)} on ${instancesText(unit, level)}, which ${one ? 'holds' : 'hold'} ${holdingText(unit, level)}`;
}

function whoPlaces(unit: Unit): string {
  const text = ({ lo, hi }: Range) => `${lo === hi ? '' : 'at least '}${tasksText(lo)}`;
  const those = unit.demands.filter(({ steady }) => steady.lo > 0).sort((a, b) => b.steady.lo - a.steady.lo);
  if (those.length === 0) {
    const names = unit.demands.map(({ demand }) => demand.service.name);
    return names.length === 1 ? `service ${names[0]} runs` : `services ${listed(names)} run`;
  }
  const [only, ...others] = those;
  if (others.length > 0) {
    const names = those.map(({ demand, steady }) => `${demand.service.name} (${steady.lo})`);
    return `services ${listed(names)} ${unit.of === 'provider' ? 'must' : 'may'} place ${text(wantedBy(unit, 'steady'))}`;
  }
  const { service, steady } = only.demand;
  return only.steady.lo < steady.lo
    ? `service ${service.name} must place ${only.steady.lo} of its ${tasksText(steady.lo)}`
    : `service ${service.name} may place ${text(only.steady)}`;
}

function instancesText(unit: Unit, level: 'best' | 'reached'): string {
  const counts = new Map<string, number>();
  for (const { group, cap, reach } of unit.supplies) {
    const types = typesText(group);
    counts.set(types, (counts.get(types) ?? 0) + (level === 'best' ? cap.hi : reach.hi));
  }
  const all = [...counts].map(([types, count]) => `${count === Infinity ? 'any number of' : `${count} ×`} ${types}`);
  return all.length > 3 ? `${instancesOf(unit, level)} instances of ${unit.supplies.length} groups` : listed(all);
}

function typesText({ instanceTypes, name }: HostGroup): string {
  if (!instanceTypes.known) {
    return `instances of ${name}`;
  }
  const types = [...new Set(instanceTypes.value)];
  return types.length > 3 ? `one of ${types.length} types` : types.join(' or ');
}

/** Where the account may have trunking on, what they hold with it as well, if that is more. */
function holdingText(unit: Unit, level: 'best' | 'reached'): string {
  const states = new Set(unit.supplies.map(({ group }) => group.trunking.state));
  const [without, withIt] = [holding(unit, level, 'without'), holding(unit, level, 'with')];
  if (!without || !withIt) {
    return `at most ${capacityOf(unit, level)}`;
  }
  if (withIt.hi > without.hi) {
    return `${rangeText(without)} without trunking${breakdown(unit)} and ${rangeText(withIt)} with it`;
  }
  return states.size === 1 && states.has('on')
    ? `${rangeText(withIt)} with trunking${eachText(unit, 'with')}`
    : `${rangeText(without)}${breakdown(unit)}`;
}

/** The tasks that they hold with or without trunking; where it is known which, only that. */
function holding({ supplies }: Unit, level: 'best' | 'reached', setting: 'with' | 'without'): Range | undefined {
  const ranges = supplies.map(({ slots, cap, reach, daemons, group: { trunking: { state } } }) => {
    const interval = slots[state === 'off' ? 'without' : state === 'on' ? 'with' : setting];
    const tasks = (each: number) => product(level === 'best' ? cap.hi : reach.hi, each - daemons.lo);
    return interval && { lo: tasks(interval.fewest), hi: tasks(interval.most) };
  });
  return ranges.includes(undefined) ? undefined : sum(ranges as Range[]);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function rangeText({ lo, hi }: Range): string {
  return lo === hi ? String(lo) : `${lo} to ${hi}`;
}

/** What becomes of the interfaces of an instance without trunking, where all are of one kind. */
function breakdown(unit: Unit): string {
  const [{ slots: { without }, group: { extraInterfaces, instanceTypes, trunking } }, ...others] = unit.supplies;
  const interfaces = instanceTypes.known ? interfacesOf(instanceTypes.value) : undefined;
  if (others.length > 0 || !without) {
    return '';
  }
  const cause = trunking.state === 'off' ? `; ${trunking.why}` : '';
  if (interfaces === undefined || without.fewest !== without.most || extraInterfaces.lo !== extraInterfaces.hi
    || without.most !== interfaces - 1 - extraInterfaces.lo) {
    return eachText(unit, 'without', cause);
  }
  const parts = ['1 for the host', ...extraInterfaces.lo > 0 ? [`${extraInterfaces.lo} of the launch template`] : [], ...daemonTexts(unit)];
  return ` (${interfaces} interfaces each, ${listed(parts)}${cause})`;
}

function eachText(unit: Unit, setting: 'with' | 'without', cause = ''): string {
  const [{ slots }, ...others] = unit.supplies;
  const interval = slots[setting];
  return others.length > 0 || !interval
    ? ''
    : ` (${[`${rangeText({ lo: interval.fewest, hi: interval.most })} each`, ...daemonTexts(unit)].join(', ')}${cause})`;
}

function daemonsText(count: number): string {
  return `${count === 1 ? '1 daemon takes' : `${count} daemons take`} an interface of every instance, which has fewer`;
}

function daemonTexts({ supplies: [{ daemons }], demands }: Unit): string[] {
  const names = demands.flatMap(({ demand: { service } }) => daemons.services.includes(service) ? [service.name] : []);
  return daemons.lo === 0 ? [] : [`${daemons.lo} for ${names.length === 1 ? `daemon ${names[0]}` : 'daemons'}`];
}

function clauseOf(shortage: Shortage): string[] {
  const { unit } = shortage;
  switch (shortage.scenario) {
    case 'steady': {
      const scaled = unit.supplies.map(({ cap, slots, daemons }) => product(cap.hi, slots.effective.most - daemons.lo));
      const most = instancesOf(unit, 'best');
      // Where even these would not do, as in what is an error, it is of no use.
      return most !== Infinity && total(scaled) >= wantedBy(unit, 'steady').lo
        ? [`nothing makes them the ${most} that MaxSize allows`]
        : [];
    }
    case 'daemons':
      return [daemonsText(Math.max(...unit.supplies.map(({ daemons }) => daemons.lo)))];
    case 'deploying':
      return [updateText(shortage.updates)];
    case 'peak':
      return [`at the peak ${tasksText(wantedBy(unit, 'peak').lo)}`];
    case 'lost':
      return [`with one instance lost they hold ${tasksWithOneLost(unit)}`];
  }
}

type Updates = Deploying['updates'];

function updateText(updates: Updates): string {
  const [{ service, desired }, ...others] = updates;
  const isAlways = isDaemon(service) || (service.desired.known && service.desired.value === desired);
  const at = isAlways ? '' : ` at ${tasksText(desired)}`;
  if (others.length > 0) {
    return `no update of services ${listed(updates.map((one) => one.service.name))} can finish: no interface is free for a new task before an old one stops, `
      + 'and none may; creating them works';
  }
  return `no update of service ${service.name}${at} can finish: ${hasTwoSets(service)
    ? `its deployments run ${tasksText(2 * desired)} at a time`
    : `${minimumText(desired, percentsOf(service).best)}, and no interface is free for a new one`}; creating it works`;
}

// The ways out.

function fixOf(unit: Unit, all: Shortages, told: readonly Shortage[], deploying: readonly Deploying[]): string {
  if (unit.supplies.length === 0) {
    return 'subnets in the zones of the instances (AwsvpcConfiguration.Subnets, vpcSubnets); or instances in the zones of the subnets (VPCZoneIdentifier)';
  }
  const updates = told.flatMap((one) => one.scenario === 'deploying' ? one.updates : []);
  const need = neededBy(unit, all, told, deploying);
  const groups = groupsToName(unit, all.whole);
  const forThese = groups.length > 0 ? ` for ${listed(groups)}` : '';
  return [
    ...moreInstances(unit, told, need, groups),
    ...trunking(unit, need, forThese),
    ...largerType(unit, need, forThese),
    ...lowerMinimum(unit, told, updates),
    'bridge mode with dynamic host ports, which takes no interfaces (BridgeService, NetworkMode)',
    'Fargate',
  ].join('; or ');
}

/** The groups that the ways out are about; none where the services may run on no others, as it then goes without saying. */
function groupsToName({ supplies }: Unit, whole: Unit): readonly string[] {
  const isOnly = whole.demands.every(({ demand: { launch } }) => launch.complete && new Set(launch.hostGroups).size < 2);
  return isOnly ? [] : supplies.map(({ group }) => group.name);
}

/** Tasks to make room for, all in all: those of updates as far as there is no room for them on other instances. */
function neededBy(unit: Unit, { whole, beside }: Shortages, told: readonly Shortage[], deploying: readonly Deploying[]): number {
  const stuck = new Map(deploying.flatMap(({ updates }) => updates.map(({ service, desired }) => [service, desired])));
  const own = new Set(unit.supplies.map(({ group }) => group));
  const others = new Map(whole.supplies.flatMap((supply) => own.has(supply.group) ? [] : [[supply.group, tasksOn(supply, 'reached')]]));
  const updates = whole.demands.filter(({ demand }) => demand.hostGroups.some((group) => own.has(group))).map(({ demand }) => {
    const those = isDaemon(demand.service) ? stuck.get(demand.service) ?? 0 : tasksWhileUpdated(demand);
    return those === 0 ? 0 : those + beside(demand) - total(demand.hostGroups.map((group) => others.get(group) ?? 0));
  });
  return Math.max(wantedBy(unit, 'steady').lo, ...updates, ...told.some(({ scenario }) => scenario === 'peak') ? [wantedBy(unit, 'peak').lo] : []);
}

/** Those with which an update finishes, where they are more than are wanted: at the peak, and so at any fewer, too. */
function tasksWhileUpdated(demand: InterfaceDemand): number {
  const { service, peak: { lo: desired } } = demand;
  if (!isUpdateJudged(demand) || desired === 0) {
    return 0;
  }
  const isStuck = bindingCause({ desired, room: desired, ...percentsOf(service).best }) === 'room';
  return hasTwoSets(service) ? 2 * desired : isStuck ? desired + 1 : 0;
}

function isDaemon({ scheduling }: Service): boolean {
  return scheduling === 'DAEMON';
}

function moreInstances(unit: Unit, told: readonly Shortage[], need: number, groups: readonly string[]): string[] {
  // A daemon has a task on each of these, too.
  if (told.some((one) => one.scenario === 'deploying' && one.updates.some(({ service }) => isDaemon(service)))) {
    return [];
  }
  const lost = told.some(({ scenario }) => scenario === 'lost');
  const steady = wantedBy(unit, 'steady').lo;
  const { common, all } = leastInCommon(unit);
  const where = common === all ? '' : common === 0 ? ' in the zones of the services' : ', as only a part is in the zones of the services';
  const instances = (setting: 'with' | 'without') => {
    const each = unit.supplies.map(({ slots, daemons }) => (slots[setting]?.fewest ?? 0) - daemons.lo);
    const fewest = Math.min(...each);
    const inZones = Math.max(Math.ceil(need / fewest), lost ? Math.ceil(steady / fewest) + 1 : 0);
    return fewest <= 0 ? undefined : common === 0 ? inZones : Math.ceil(inZones * all / common);
  };
  const states = new Set(unit.supplies.map(({ group }) => group.trunking.state));
  const [without, withIt] = [instances('without'), instances('with')];
  const ofThese = groups.length === 0 ? '' : ` of ${listed(groups)}${groups.length > 1 ? ' together' : ''}`;
  const hostGroups = unit.supplies.map(({ group }) => group);
  const property = `${where}: ${sizesToRaise(without ?? withIt ?? 0, hostGroups, unit.demands.map(({ demand }) => demand.launch))}`;
  if (states.size === 1 && states.has('on')) {
    return withIt === undefined ? [] : [`${countText(withIt)}${ofThese}${property}`];
  }
  if (without === undefined) {
    return withIt === undefined || states.has('off') ? [] : [`${countText(withIt)}${ofThese} with trunking${property}`];
  }
  if (states.has('off') || states.has('on') || withIt === undefined || withIt >= without) {
    return [`${countText(without)}${ofThese}${property}`];
  }
  // With no more than there are, trunking by itself is the way out.
  return [`${countText(without)}${ofThese} without trunking${withIt > instancesOf(unit, levelOf(unit)) ? ` or ${withIt} with it` : ''}${property}`];
}

/** The zones of the services among those of the group that surely has the smallest part of its instances in them. */
function leastInCommon({ supplies }: Unit): ZonesInCommon {
  return supplies.map(({ zones }) => zones).reduce((least, one) => one.common / one.all < least.common / least.all ? one : least);
}

function countText(instances: number): string {
  return `${instances} instance${instances === 1 ? '' : 's'}`;
}

/** Instances that surely are in the zones of the services; where all of the group are, as many as there can be. */
function instancesInZones({ zones: { common, all }, surelyInZones, cap, reach }: GroupSupply, level: 'best' | 'reached'): number {
  return common < all ? surelyInZones : level === 'best' ? cap.hi : reach.hi;
}

const TRUNKING = 'EniTrunking.forInstanceRole(), account setting awsvpcTrunking';

function trunking(unit: Unit, need: number, forThese: string): string[] {
  const withIt = holding(unit, levelOf(unit), 'with');
  const isOff = unit.supplies.every(({ group }) => group.trunking.state === 'account-default');
  const inZones = total(unit.supplies.map((supply) =>
    product(instancesInZones(supply, levelOf(unit)), (supply.slots.with?.fewest ?? 0) - supply.daemons.lo)));
  return isOff && withIt && inZones >= need && withIt.lo > capacityOf(unit, 'reached')
    ? [`ENI trunking${forThese}, with which they hold ${withIt.lo} (${TRUNKING})`]
    : [];
}

function largerType(unit: Unit, need: number, forThis: string): string[] {
  const [supply, ...others] = unit.supplies;
  const { group, daemons, slots, zones } = supply;
  const types = group.instanceTypes.known ? group.instanceTypes.value : [];
  const count = Math.max(1, instancesOf(unit));
  const inZones = Math.max(zones.common < zones.all ? 0 : 1, instancesInZones(supply, 'reached'));
  if (others.length > 0 || inZones === 0 || types.length !== 1 || count === Infinity || group.operatingSystem.known && group.operatingSystem.value === 'windows') {
    return [];
  }
  const taken = daemons.lo + group.extraInterfaces.hi;
  const found = smallestTrunkingType(types[0], Math.ceil(need / inZones) + taken);
  if (!found || found.instanceType === types[0] || found.tasksWithTrunking <= taken) {
    return [];
  }
  if (instancesOf(unit) === 0) {
    if (need <= slots.effective.fewest - daemons.lo) {
      return [];
    }
    const property = instancesOf(unit, 'best') === 0 ? 'MaxSize, maxInstances; ' : '';
    return [`1 instance of ${found.instanceType} with trunking${forThis}, which holds ${found.tasksWithTrunking - taken} (${property}InstanceType, instanceType)`];
  }
  return [
    `${found.instanceType} with trunking${forThis}, of which ${count} hold${count === 1 ? 's' : ''} ${count * (found.tasksWithTrunking - taken)} `
      + '(InstanceType, instanceType)',
  ];
}

/** Where nothing but an update is short, an old task may stop first. */
function lowerMinimum(unit: Unit, told: readonly Shortage[], updates: Updates): string[] {
  const [update, ...others] = updates;
  const only = told.every(({ scenario }) => scenario === 'deploying' || scenario === 'lost');
  if (!only || !update || others.length > 0 || hasTwoSets(update.service)) {
    return [];
  }
  const { service, desired } = update;
  const whose = service === subjectOf(unit) ? '' : ` of service ${service.name}`;
  return [`MinimumHealthyPercent (minHealthyPercent)${whose} at most ${isDaemon(service) ? 0 : largestWorkableMinimumPercent(desired)}`];
}
