import {
  bindingCause, DeploymentPercents, isDaemonStuck, isStuck, largestWorkableMinimumPercent, maximumTasks, smallestWorkableMaximumPercent,
} from '../../limits/rolling-update';
import type { HostGroup, Service } from '../facts';
import { useText } from '../host-ports';
import { sizesToRaise } from '../instance-counts';
import { InZones, zoneFilter } from '../instances-in-zones';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import {
  hasTwoSets, isStuckAt, minimumText, percentsOf, stuckIn, stuckUpdate, Supply, supplyOf, tasksOn, tasksText as tasks, wantedOf,
} from '../stuck-updates';
import { tasksOnPorts } from '../tasks-on-ports';
import { assumesOf, exactly, Range, union } from '../value';

const fragment = (minimum: number, maximum: number) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Node: {
    Type: 'AWS::EC2::Instance',
    Properties: {
      InstanceType: 'm5.large',
      UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
    },
  },
  Web: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'EC2',
      DesiredCount: 1,
      TaskDefinition: { Ref: 'Task' },
      DeploymentConfiguration: { MinimumHealthyPercent: minimum, MaximumPercent: maximum },
    },
  },
  Task: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      NetworkMode: 'bridge',
      ContainerDefinitions: [{ Name: 'web', Image: 'nginx', Memory: 128, PortMappings: [{ ContainerPort: 80, HostPort: 80 }] }],
    },
  },
});

/** Services of which no update can ever finish. Where interfaces alone are short, eni-density speaks. */
export const deploymentDeadlock: Rule = {
  id: 'deployment-deadlock',
  family: 'ports-and-deployments',
  summary: 'An update of a service can neither stop an old task nor start a new one.',
  why: 'The minimum of healthy tasks is rounded up and the maximum of tasks is rounded down. Where no old task may stop and none can start, the update '
    + 'hangs until CloudFormation gives up. The service is created without trouble, so that it shows on its first update.',
  fix: 'Lower `MinimumHealthyPercent`, or raise `MaximumPercent` where there is room for one more task, or make room: another instance, a dynamic host port '
    + '(`minHealthyPercent`, `maxHealthyPercent`, `minInstances`, `BridgePort.dynamic`).',
  acknowledge: 'Where the service is never updated in place, or instances are added by hand for each deployment.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html [D04], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html [D01, D02], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html [D07]. That blue/green, linear and canary deployments run two full sets '
    + 'is inferred [D05].',
  bad: fragment(50, 200),
  good: fragment(0, 100),
  *judge({ services }) {
    const onPorts = tasksOnPorts(services);
    const inZonesOf = zoneFilter();
    for (const service of services) {
      const { controller, strategy } = service.deployment;
      if (controller.known && controller.value === 'EXTERNAL') {
        continue;
      }
      const missing = [controller, strategy].find((value) => !value.known);
      if (missing && !missing.known) {
        yield notDecidable(service, missing.why);
      } else if (service.scheduling === 'unknown') {
        yield notDecidable(service, 'the scheduling strategy is not known');
      } else {
        const supply = supplyOf(service, eligible(service, inZonesOf), onPorts);
        yield* service.scheduling === 'DAEMON' ? judgedDaemon(service, supply) : judgedReplicas(service, supply);
      }
    }
  },
};

/** An instance for a task in awsvpc mode is in a zone of one of its subnets [M17]. */
function eligible(service: Service, inZonesOf: InZones): readonly HostGroup[] {
  const { launch, mode } = service;
  const hostGroups = launch.known ? launch.value.hostGroups : [];
  return mode.known && mode.value === 'awsvpc' ? inZonesOf(service, hostGroups) : hostGroups;
}

function* judgedReplicas(service: Service, supply: Supply): Iterable<Judgement> {
  const { counts, rooms } = supply;
  const percents = percentsOf(service);
  const wanted = wantedOf(service);
  const update = stuckUpdate(service, rooms);
  if (update) {
    const instances = update.scaled ? counts.cap.hi : counts.reach.hi;
    const atMost = counts.reach.lo < instances && instances <= counts.reach.hi;
    const on = { instances, atMost, room: update.scaled ? rooms.most : rooms.reached };
    yield stuck(service, update.severity, update.desired, on, supply, percents.best, wanted);
  } else {
    const { minHealthyPercent, maxHealthyPercent } = service.deployment;
    const missing = hasTwoSets(service) ? undefined : [minHealthyPercent, maxHealthyPercent].find((value) => !value.known);
    const why = (missing && !missing.known ? missing.why : undefined) ?? wanted.why ?? supply.why;
    const fewest = (desired: number) => supply.why === undefined ? rooms.reached : Math.max(desired, supply.surely);
    const isOpenAt = (desired: number) => isStuckAt(service, percents.worst, fewest(desired))(desired);
    if (why !== undefined && stuckIn(wanted, rooms.reached, isOpenAt).first !== undefined) {
      yield notDecidable(service, why);
    }
    yield* rebalancing(service);
  }
}

function* rebalancing(service: Service): Iterable<Judgement> {
  const { zoneRebalancing, deployment: { maxHealthyPercent }, desired } = service;
  if (!hasTwoSets(service) && zoneRebalancing?.known && zoneRebalancing.value === 'ENABLED' && maxHealthyPercent.known && maxHealthyPercent.value <= 100
    && !(desired.known && desired.value === 0)) {
    yield problem({
      subject: service,
      severity: 'warning',
      message: `service ${service.name} has a maximum of ${maxHealthyPercent.value}%, and Availability Zone rebalancing, which needs more than 100%`,
      fix: 'AvailabilityZoneRebalancing DISABLED, or MaximumPercent (maxHealthyPercent) above 100',
      assumes: maxHealthyPercent.assumes,
    });
  }
}

function* judgedDaemon(service: Service, supply: Supply): Iterable<Judgement> {
  const { counts: { reach }, room } = supply;
  const { best, worst } = percentsOf(service);
  const at = (its: DeploymentPercents, alone = room.perInstance === 1) => (instances: number) =>
    isDaemonStuck({ instances, ...alone ? { room: instances } : {}, ...its });
  // Of Managed Instances there may be any number.
  const known = service.launch.known && supply.counts.why === undefined && reach.hi !== Infinity;
  const wanted = { lo: 1, hi: Infinity };
  if (stuckIn(wanted, undefined, at(best)).all) {
    const desired = Math.max(1, known ? reach.hi : 1);
    yield stuck(service, 'error', desired, { instances: known ? reach.hi : Infinity }, supply, best, wanted);
  } else if (known && at(best)(reach.hi)) {
    // Percents that round to no movement of so many do so of fewer.
    yield stuck(service, 'warning', reach.hi, { instances: reach.hi }, supply, best, exactly(reach.hi));
  } else {
    const { minHealthyPercent, maxHealthyPercent } = service.deployment;
    const missing = [minHealthyPercent, maxHealthyPercent].find((value) => !value.known);
    const lo = Math.max(1, known ? reach.lo : 1);
    const why = (missing && !missing.known ? missing.why : undefined) ?? room.why ?? supply.counts.why ?? 'how many instances run it is not known';
    const atWorst = at(worst, room.perInstance === 1 || room.why !== undefined);
    if (stuckIn({ lo, hi: reach.hi }, undefined, atWorst).first !== undefined) {
      yield notDecidable(service, why);
    }
  }
}

/** The instances that an update is stuck on, or no more than those, and the tasks that they have room for, where that is a limit. */
interface Place {
  readonly instances: number;
  readonly atMost?: boolean;
  readonly room?: number;
}

function stuck(
  service: Service, severity: 'error' | 'warning', desired: number, on: Place, supply: Supply, percents: DeploymentPercents,
  wanted: Range,
): Judgement {
  const { room, counts } = supply;
  const byPercents = !hasTwoSets(service) && bindingCause({ desired, room: on.room, ...percents }) === 'percents';
  const isCreated = byPercents || service.scheduling === 'DAEMON' || supply.surely >= desired;
  const some = wanted.lo === wanted.hi || severity === 'error' ? '' : ` at ${tasks(desired)}`;
  const cause = hasTwoSets(service) ? twoSets(service, desired, on, supply)
    : `${minimumText(desired, percents)}, and ${byPercents ? maximumText(desired, percents) : roomText(on, supply, desired)}`;
  const { minHealthyPercent, maxHealthyPercent } = service.deployment;
  const percentages = hasTwoSets(service) ? [] : [minHealthyPercent, maxHealthyPercent];
  const rests = [service.desired, ...percentages, ...byPercents ? [] : [service.launch]];
  return problem({
    subject: service,
    severity,
    message: `service ${service.name} cannot be updated${some}: ${cause}${isCreated ? '; creating it works' : ''}`,
    fix: fixOf(service, desired, wanted, supply, percents, on.room, byPercents),
    assumes: union(assumesOf(...rests), ...byPercents ? [] : [counts.assumes, room.assumes]),
  });
}

function maximumText(desired: number, { maxHealthyPercent }: DeploymentPercents): string {
  const maximum = maximumTasks(desired, maxHealthyPercent);
  const exact = desired * maxHealthyPercent === maximum * 100;
  return `${maxHealthyPercent}% of ${desired} ${exact ? 'is' : 'rounds down to'} ${maximum}, so ${maximum < desired ? 'not all of them' : 'no new one'} may start`;
}

function roomText({ instances, atMost, room: tasksInAll }: Place, { room, isInZones }: Supply, desired: number): string {
  // One task each at most: those that have not the CPU or memory for one are no instances for it.
  const holders = instances === Infinity || tasksInAll === undefined ? instances : Math.min(instances, tasksInAll + room.others);
  const where = isInZones ? IN_ZONES : '';
  const which = `${instancesText(holders, atMost)}${where}${holders < instances ? ' with the CPU and memory for a task' : ''}`;
  switch (room.by) {
    case 'port':
      return `${useText(room.use!)} is ${holders === 1 && !atMost ? 'not free on' : 'free on none of'} ${which}`
        + (room.others > 0 ? `, where other services take it ${room.others === 1 ? 'once' : `${room.others} times`}` : '');
    case 'distinct-instance':
      return `${which} may run one each (distinctInstance)`;
    case 'cpu':
    case 'memory':
    case 'cpu-or-memory':
    case 'nothing':
      return `${instancesText(instances, atMost)}${where} ${instances === 1 && !atMost ? 'has' : 'have'} the ${SIZES[room.by]} for ${desired}`;
  }
}

const IN_ZONES = ' in the zones of its subnets';
const SIZES = { 'cpu': 'CPU', 'memory': 'memory', 'cpu-or-memory': 'CPU and memory', 'nothing': 'memory' };

function instancesText(instances: number, atMost = false): string {
  return instances === Infinity ? 'its instances'
    : atMost ? `its instances (at most ${instances})` : `the ${instances} instance${instances === 1 ? '' : 's'}`;
}

function twoSets(service: Service, desired: number, { instances, atMost, room }: Place, { isInZones }: Supply): string {
  const { controller, strategy } = service.deployment;
  const name = controller.known && controller.value === 'CODE_DEPLOY' ? 'CODE_DEPLOY' : strategy.known ? strategy.value : '';
  return `a ${name} deployment runs ${2 * desired} tasks at a time, and ${instancesText(instances, atMost)}${isInZones ? IN_ZONES : ''} `
    + `${instances === 1 && !atMost ? 'has' : 'have'} room for ${room}`;
}

/** Only what makes the update move. */
function fixOf(
  service: Service, desired: number, wanted: Range, supply: Supply, percents: DeploymentPercents,
  fits: number | undefined, byPercents: boolean,
): string {
  const { room } = supply;
  const daemon = service.scheduling === 'DAEMON';
  const moves = (its: DeploymentPercents) => stuckIn(wanted, fits, (count) => isStuck({ desired: count, room: fits, ...its }))
    .first === undefined;
  const options: string[] = [];
  if (!hasTwoSets(service)) {
    const stopFirst = { minHealthyPercent: daemon ? 0 : largestWorkableMinimumPercent(desired), maxHealthyPercent: 100 };
    const startFirst = { ...percents, maxHealthyPercent: smallestWorkableMaximumPercent(desired) };
    // With a minimum of 0 each old task of a daemon may stop.
    if (daemon || moves(stopFirst)) {
      // Zones are rebalanced for replicas only [D07].
      const more = daemon ? '' : ` and AvailabilityZoneRebalancing DISABLED${desired === 1 ? ' (a gap while the task is replaced)' : ''}`;
      options.push(`MinimumHealthyPercent (minHealthyPercent) at most ${stopFirst.minHealthyPercent}, with MaximumPercent 100${more}`);
    }
    if (byPercents && !daemon && moves(startFirst)) {
      options.push(`MaximumPercent (maxHealthyPercent) at least ${startFirst.maxHealthyPercent}`);
    }
  }
  // For all counts that may be wanted: room for one more than this only makes the next one stuck.
  const needed = hasTwoSets(service) ? 2 * wanted.hi : wanted.hi + 1;
  if (!byPercents && !daemon && needed !== Infinity) {
    options.push(...moreInstances(needed + room.others, supply, service));
  }
  if (!byPercents && room.by === 'port' && service.mode.known && service.mode.value !== 'host') {
    options.push('HostPort 0, which is dynamic (BridgePort.dynamic)');
  }
  return options.join('; or ');
}

/** Where not all instances hold as many tasks, how many are needed depends on which are added. */
function moreInstances(needed: number, { instances, isInZones }: Supply, { launch }: Service): string[] {
  const launches = launch.known ? [launch.value] : [];
  const [each, ...others] = new Set(instances.flatMap(({ each: { lo, hi } }) => [lo, hi]));
  if (!instances.some((one) => one.each.lo > 0)) {
    return [];
  }
  if (others.length === 0) {
    const count = Math.ceil(needed / each);
    const sizes = sizesToRaise(count, instances.flatMap(({ hostGroups }) => hostGroups), launches);
    return [`at least ${count} instances${isInZones ? IN_ZONES : ''}: ${sizes}`];
  }
  const largest = instances.reduce((most, one) => one.each.lo > most.each.lo ? one : most);
  const missing = needed - tasksOn(instances, ({ reach, each: { lo } }) => [reach.hi, lo]);
  const more = Math.ceil(missing / largest.each.lo);
  const sizes = sizesToRaise(largest.reach.hi + more, largest.hostGroups, launches);
  return [`at least ${more} more instance${more === 1 ? '' : 's'} of ${largest.hostGroups[0].name}: ${sizes}`];
}
