/** What scales services: scalable targets, which say what they scale as `service/<cluster>/<service>`. */
import type { Cluster, Named, Service, To } from '../facts';
import { Evaluated, Resource } from '../resources';
import { canonical, Parts } from '../user-data';
import { unknown } from '../value';
import type { Clustering } from './clusters';
import { clusterByName } from './host-groups';
import { Joins, mayBeTogether, nameOf, Reading } from './joins';
import { partsOf } from './launch-data';
import { listAt, number, whyNot } from './properties';

type Scaling = NonNullable<Service['scaling']>;

/** A target that gives names, as far as they can be read. */
interface Target {
  readonly resource: Resource;
  readonly id: Evaluated;
  readonly cluster?: To<Cluster>;
  readonly name?: Parts;
}

/** What names a service besides its `Ref`. */
interface Names {
  readonly resource: Resource;
  readonly cluster: To<Cluster>;
  /** `undefined` where CloudFormation makes up a name. */
  readonly name?: Evaluated;
}

/** What scales each service that something scales, or may scale. */
export function readScaling(
  reading: Reading, { clusters }: Clustering, services: Joins<Named>, clusterOf: (service: Resource) => To<Cluster>,
): ReadonlyMap<Resource, Scaling> {
  const found = new Map<Resource, Scaling>();
  const named: Target[] = [];
  const clusterNamed = clusterByName(clusters);
  for (const resource of reading.world.resourcesOf('AWS::ApplicationAutoScaling::ScalableTarget')) {
    const id = resource.property('ResourceId');
    if (!id || !mayScaleServices(resource)) {
      continue;
    }
    const service = serviceIn(id, resource, services);
    const names = service ? undefined : namesIn(partsOf(id));
    if (service) {
      found.set(service, scalingBy(resource));
    } else if (names) {
      named.push({ resource, id, cluster: names.cluster && clusterNamed(names.cluster, resource), name: names.name });
    }
  }
  const others = services.all().flatMap(({ resource }): Names[] => resource && !found.has(resource)
    ? [{ resource, cluster: clusterOf(resource), name: resource.property('ServiceName') }]
    : []);
  joinByName(found, named, others);
  return found;
}

/** Whether nothing says that it scales something else. */
function mayScaleServices(target: Resource): boolean {
  return ([['ScalableDimension', 'ecs:service:DesiredCount'], ['ServiceNamespace', 'ecs']] as const).every(([property, ofServices]) => {
    const said = target.property(property);
    return said?.kind !== 'scalar' || said.value === ofServices;
  });
}

function scalingBy(target: Resource): Scaling {
  return {
    min: number(target.property('MinCapacity')) ?? unknown(`${nameOf(target)} has no MinCapacity`),
    max: number(target.property('MaxCapacity')) ?? unknown(`${nameOf(target)} has no MaxCapacity`),
  };
}

/** The service to which there is a reference in an id. */
function serviceIn(id: Evaluated, from: Resource, services: Joins<Named>): Resource | undefined {
  const referred = id.kind === 'text' || id.kind === 'reference' ? services.find(id, from).target?.resource : undefined;
  return referred ?? serviceOfArn(partsOf(id), services);
}

/**
 * The service whose name, or whole id, is a piece of its ARN: `arn:aws:ecs:region:account:service/cluster/name`, or without the cluster as
 * it was, https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids.
 */
function serviceOfArn(parts: Parts, services: Joins<Named>): Resource | undefined {
  const [last, before] = [...parts].reverse();
  const piece = typeof last === 'object' && last.kind === 'undecided' ? last.pieceOf : undefined;
  if (!piece || (piece.whole.attribute !== undefined && piece.whole.attribute !== 'ServiceArn')) {
    return undefined;
  }
  const isName = piece.delimiter === '/' && (piece.index === 1 || piece.index === 2) && typeof before === 'string' && before.endsWith('/');
  const isId = piece.delimiter === ':' && piece.index === 5 && before === undefined;
  return isName || isId ? services.of(piece.whole.resource)?.resource : undefined;
}

/** The names in an id, as far as it can be told which of its parts they are; `undefined` for what is no id of a service. */
function namesIn(id: Parts): { readonly cluster?: Parts; readonly name?: Parts } | undefined {
  const pieces = splitAtSlashes(id);
  const [kind, cluster, name] = pieces;
  const isOther = pieces.length > 1 && !mayEqual(kind, ['service']) && (isLiteral(kind) || pieces.length === 3);
  if (isOther || pieces.length > 3 || pieces.some((piece) => piece.length === 0) || (pieces.length < 3 && isLiteral(id))) {
    return undefined;
  }
  // With fewer slashes a part stands for several names: the last is seen only where nothing but text follows a slash.
  const last = pieces[pieces.length - 1];
  return pieces.length === 3 ? { cluster, name } : pieces.length === 2 && isLiteral(last) ? { name: last } : {};
}

function splitAtSlashes(parts: Parts): Parts[] {
  const pieces: Array<Parts[number][]> = [[]];
  for (const part of parts) {
    const [first, ...others] = typeof part === 'string' ? part.split('/') : [part];
    pieces[pieces.length - 1].push(first);
    pieces.push(...others.map((one) => [one]));
  }
  return pieces.map((piece) => piece.filter((part) => part !== ''));
}

/**
 * Ties targets to the services that have the names they give. Those that no service surely has may still be of each that no other target is
 * for, and that may have them: how many tasks that one wants is not known.
 */
function joinByName(found: Map<Resource, Scaling>, targets: readonly Target[], services: readonly Names[]): void {
  const byKey = new Map<string, Target[]>();
  for (const target of targets) {
    if (target.cluster && target.name) {
      listAt(byKey, keyOf(target.cluster, target.name)).push(target);
    }
  }
  const open = new Set(targets);
  for (const { resource, cluster, name } of services) {
    const target = name && byKey.get(keyOf(cluster, partsOf(name)))?.find((one) => mayBeTogether(one.resource, resource));
    if (target) {
      found.set(resource, scalingBy(target.resource));
      open.delete(target);
    }
  }
  for (const service of services.filter(({ resource }) => !found.has(resource))) {
    const target = [...open].find((one) => mayScale(one, service));
    if (target) {
      const why = unknown(`whether ${nameOf(target.resource)} scales ${nameOf(service.resource)} is not known: ${firstOpen(target, service)}`);
      found.set(service.resource, { min: why, max: why });
    }
  }
}

/** Names in ARNs are those after the last slash. */
function keyOf({ identity, literal }: To<Cluster>, name: Parts): string {
  return `${literal === undefined ? identity : JSON.stringify(literal.slice(literal.lastIndexOf('/') + 1))} ${canonical(name)}`;
}

function mayScale(target: Target, { resource, cluster, name }: Names): boolean {
  return mayBeTogether(target.resource, resource)
    && (!target.cluster || mayBeSame(target.cluster, cluster))
    // A name that is made up is no name that somebody can have written.
    && (!target.name || (name ? mayEqual(target.name, partsOf(name)) : !isLiteral(target.name)));
}

function mayBeSame(one: To<Cluster>, other: To<Cluster>): boolean {
  const isFixed = ({ target, literal }: To<Cluster>) => {
    const name = target?.resource.property('ClusterName');
    return literal !== undefined || (target !== undefined && (!name || name.kind === 'scalar'));
  };
  return keyOf(one, []) === keyOf(other, []) || !((one.target && other.target) || (isFixed(one) && isFixed(other)));
}

function isLiteral(parts: Parts): boolean {
  return parts.every((part) => typeof part === 'string');
}

/** Whether two texts may be equal: how they begin and end tells, as far as that is literal. */
function mayEqual(one: Parts, other: Parts): boolean {
  const [start, otherStart] = [one, other].map((parts) => typeof parts[0] === 'string' ? parts[0] : '');
  const [end, otherEnd] = [one, other].map((parts) => [...parts].pop()).map((part) => typeof part === 'string' ? part : '');
  if (isLiteral(one) && isLiteral(other)) {
    return start === otherStart;
  }
  const fits = (text: string, parts: Parts, from: string, to: string) => !isLiteral(parts) || text.length >= from.length + to.length;
  return (start.startsWith(otherStart) || otherStart.startsWith(start)) && (end.endsWith(otherEnd) || otherEnd.endsWith(end))
    && fits(start, one, otherStart, otherEnd) && fits(otherStart, other, start, end);
}

/** What is not known where a target may scale a service. */
function firstOpen({ id, cluster }: Target, service: Names): string {
  const parts = [id, service.name, service.cluster.target?.resource.property('ClusterName')].flatMap(partsOf);
  const open = parts.find((part) => typeof part !== 'string' && part.kind === 'undecided') ?? parts.find((part) => typeof part !== 'string');
  return typeof open === 'object' ? whyNot(open) : service.cluster.why ?? cluster?.why ?? 'it gives other names';
}
