/** Task sets: where and what a service with the EXTERNAL controller runs, and how much of it. */
import type { Named } from '../facts';
import { Evaluated, identityOf, Resource } from '../resources';
import { all, chained, known, mapped, unknown, Value } from '../value';
import { Joins, nameOf, Reading } from './joins';
import { reference } from './network';
import { at, eachItem, listAt, number, word } from './properties';

/** The task sets of each service. */
export function readTaskSets(reading: Reading, services: Joins<Named>): ReadonlyMap<Resource, readonly Resource[]> {
  const taskSets = new Map<Resource, Resource[]>();
  for (const taskSet of reading.world.resourcesOf('AWS::ECS::TaskSet')) {
    const service = reference(services, taskSet, 'Service').target?.resource;
    if (service) {
      listAt(taskSets, service).push(taskSet);
    }
  }
  return taskSets;
}

/** What tells where tasks go and what each takes. */
const PLACING = ['TaskDefinition', 'LaunchType', 'CapacityProviderStrategy', 'NetworkConfiguration'];

/** Why several task sets cannot be read as one; `undefined` where they can. */
export function differenceOf(taskSets: readonly Resource[]): string | undefined {
  const property = PLACING.find((name) => {
    const values = taskSets.map((taskSet) => taskSet.property(name));
    return new Set(values.map((value) => value && identityOf(value))).size > 1;
  });
  return property && `task sets ${taskSets.map(nameOf).join(' and ')} differ in ${property}`;
}

/** The items of a list in each of some resources; equal lists are read once. */
export function eachItemOf<T>(
  resources: readonly Resource[], property: string, read: (item: Evaluated, from: Resource) => T,
): Value<readonly T[]> {
  const lists = new Map(resources.flatMap((from) => {
    const list = from.property(property);
    return list ? [[identityOf(list), eachItem(list, (item) => read(item, from))] as const] : [];
  }));
  return mapped(all([...lists.values()]), (each) => each.flat());
}

/** How many tasks the task sets of a service run together where the service wants so many. */
export function tasksOfSets(taskSets: readonly Resource[], desired: Value<number>): Value<number> {
  if (taskSets.length === 0) {
    return desired;
  }
  const difference = differenceOf(taskSets);
  if (difference !== undefined) {
    return unknown(difference);
  }
  return chained(desired, (count) => mapped(all(taskSets.map((taskSet) => scaleOf(taskSet, taskSets.length > 1))), (scales) => (
    scales.reduce((sum, percent) => sum + roundedUp(count, percent), 0))));
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Scale.html: a percentage of 0 to 100. */
function scaleOf(taskSet: Resource, isOneOfSeveral: boolean): Value<number> {
  const scale = taskSet.property('Scale');
  if (!scale) {
    // No page says what is meant. A set that is alone runs what the service wants, or the service would have none of it.
    return isOneOfSeveral ? unknown(`${nameOf(taskSet)} has no Scale`) : known(100);
  }
  const value = number(at(scale, 'Value')) ?? unknown(`the Scale of ${nameOf(taskSet)} has no Value`);
  return chained(word(at(scale, 'Unit'), ['PERCENT'] as const) ?? known('PERCENT'), () => chained(value, (percent) => percent >= 0 && percent <= 100
    ? known(percent)
    : unknown(`the Scale of ${nameOf(taskSet)} is ${percent}, which is no percentage`)));
}

/**
 * `computedDesiredCount`, https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html. Percentages may have fractions, whose
 * products are off by a little that must not round up.
 */
function roundedUp(count: number, percent: number): number {
  return Math.ceil(Number((count * percent).toFixed(6)) / 100);
}
