/** What instances are registered with themselves, whatever tasks run on them. */
import type { HostGroup, Registration } from '../facts';
import { Evaluated, Resource } from '../resources';
import { all, known, mapped, Value } from '../value';
import { toUnknown } from './joins';
import type { LoadBalancing } from './load-balancing';
import { at, Draft, eachItem, itemsAsKnown, listAt, text } from './properties';

/** Tells every group of instances what it is registered with. */
export function tellRegistrations(hostGroups: readonly Draft<HostGroup>[], balancing: LoadBalancing): void {
  const ofInstances = registrationsOfInstances(balancing);
  for (const group of hostGroups) {
    group.registeredWith = group.kind === 'auto-scaling-group'
      ? registrationsOfGroup(group.resource, balancing)
      : known(ofInstances.get(group.resource) ?? []);
  }
}

/** Single instances are listed by what they are registered with. */
function registrationsOfInstances({ targetGroups, loadBalancers }: LoadBalancing): ReadonlyMap<Resource, Registration[]> {
  const found = new Map<Resource, Registration[]>();
  const add = (instance: Evaluated | undefined, registration: Registration) => {
    if (instance?.kind === 'reference') {
      listAt(found, instance.resource).push(registration);
    }
  };
  for (const targetGroup of targetGroups.all()) {
    for (const target of itemsAsKnown(targetGroup.resource.property('Targets'))) {
      add(at(target, 'Id'), { targetGroup: targetGroups.to(targetGroup) });
    }
  }
  for (const loadBalancer of loadBalancers.all()) {
    for (const instance of itemsAsKnown(loadBalancer.resource.property('Instances'))) {
      add(instance, { classic: loadBalancers.to(loadBalancer) });
    }
  }
  return found;
}

function registrationsOfGroup(resource: Resource, { targetGroups, loadBalancers }: LoadBalancing): Value<readonly Registration[]> {
  return mapped(all<readonly Registration[]>([
    mapped(targetGroups.findMany(resource.property('TargetGroupARNs'), resource), (list) => list.map((targetGroup) => ({ targetGroup }))),
    mapped(loadBalancers.findMany(resource.property('LoadBalancerNames'), resource), (list) => list.map((classic) => ({ classic }))),
    mapped(eachItem(resource.property('TrafficSources'), (item) => ofSource(item, resource, { targetGroups, loadBalancers })), (lists) => lists.flat()),
  ]), (lists) => lists.flat());
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TrafficSourceIdentifier.html: the type may be left out of a target group. */
function ofSource(item: Evaluated, from: Resource, { targetGroups, loadBalancers }: LoadBalancing): Registration[] {
  const type = text(at(item, 'Type'));
  const id = at(item, 'Identifier');
  if (type?.known && type.value === 'vpc-lattice') {
    return [];
  }
  if (!id) {
    return [{ targetGroup: toUnknown('a source of traffic has no Identifier', 'no source') }];
  }
  return type?.known && type.value === 'elb' ? [{ classic: loadBalancers.find(id, from) }] : [{ targetGroup: targetGroups.find(id, from) }];
}
