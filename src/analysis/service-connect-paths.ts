/** Whether the clients of a Service Connect namespace get through security groups to what a service offers there. */
import type { Facts, PortMapping, SecurityGroup, Service, ServiceConnectOffer } from './facts';
import { admitting, Guard, guardsOf, Listening, listeningOn, lowered, namesOf } from './guards';
import { useText } from './host-ports';
import { serviceAsPeer } from './peers';
import { admission, assumptionsOfClosed, both, Traffic, whyHidden } from './reachability';
import { Judgement, notDecidable, problem } from './rule';
import { Members, membersByNamespace, namespaceOf } from './service-connect';
import { assumesOf, chained, equal, every, Known, known, some, union, unknown, Unknown, Value, Verdict } from './value';

/** Services that no client of Service Connect gets to. */
export function* unreachedOffers({ services }: Facts): Iterable<Judgement> {
  const membersOf = membersByNamespace(services);
  for (const service of services) {
    const offers = service.serviceConnect?.services;
    const namespace = namespaceOf(service);
    if (!offers || !namespace) {
      continue;
    }
    const members = membersOf(namespace);
    if (!offers.known && [...members.keys()].some((one) => one !== service)) {
      yield notDecidable(service, offers.why);
    }
    for (const offer of offers.known ? offers.value : []) {
      yield* offered(service, offer, members);
    }
  }
}

/** Whether one service is a client of another's offer: who has an alias of its own on the port is taken for its sibling. */
type IsClient = (service: Service) => Verdict;

function* offered(service: Service, offer: ServiceConnectOffer, members: Members): Iterable<Judgement> {
  const isClient: IsClient = (one) => one === service ? 'no' : every([members.get(one) ?? 'no', hasNoAlias(one, offer)]);
  const clients = { isClient, members };
  if (!someMember(members, (one) => isClient(one) !== 'no')) {
    return;
  }
  const { guards, why } = guardsOf(service);
  for (const guard of guards) {
    const listening = proxyOf(service, offer, guard);
    if (!listening.known) {
      yield notDecidable(service, listening.why);
    } else if (listening.value) {
      yield* reached(service, guard, { ...listening, value: listening.value }, clients);
    }
  }
  const mapping = mappingOf(service, offer);
  if (why !== undefined && (!mapping.known || mapping.value)) {
    yield notDecidable(service, mapping.known ? why : mapping.why);
  }
}

function* reached(service: Service, guard: Guard, listening: Known<Listening>, clients: Clients): Iterable<Judgement> {
  const { isClient, members } = clients;
  const verdict = reachedBySome(service, guard, listening.value, clients);
  if (verdict !== 'yes') {
    const sure = [...members.keys()].filter((one) => isClient(one) === 'yes');
    yield verdict === 'no' && sure.length > 0
      ? unreached(service, guard, listening, sure)
      : notDecidable(service, verdict === 'no' ? firstUnknown(members, isClient) : verdict.why);
  }
}

function unreached(service: Service, guard: Guard, listening: Known<Listening>, clients: readonly Service[]): Judgement {
  const { groups } = guard;
  const what = useText(listening.value);
  // Where the service lets clients in, it is their own groups that let nothing out.
  const kept = clients.flatMap((client) => guardsOf(client).guards
    .filter((its) => admission(groups, 'ingress', serviceAsPeer(client, its), listening.value) !== 'no').map((its) => its.groups));
  return problem({
    subject: service,
    severity: lowered('warning', [groups]),
    message: `no client in its Service Connect namespace (${clients.length} service${clients.length === 1 ? '' : 's'}) reaches service ${service.name}: `
      + `${admitting(groups)} none of them on ${what}${listening.value.dynamic ? ' (where its proxy listens)' : ''}`,
    fix: `an inbound rule of ${namesOf(groups)}: ${what} from the clients' groups (server.allowServiceConnectFrom(client))`,
    assumes: union(
      assumesOf(listening, service.mode), assumptionsOfClosed(groups, 'ingress'), ...kept.map((its) => assumptionsOfClosed(its, 'egress')),
    ),
  });
}

function someMember(members: Members, is: (service: Service) => boolean): boolean {
  for (const service of members.keys()) {
    if (is(service)) {
      return true;
    }
  }
  return false;
}

function firstUnknown(members: Members, isClient: IsClient): string {
  return [...members.keys()].map(isClient).find((one): one is Unknown => typeof one !== 'string')!.why;
}

function hasNoAlias({ serviceConnect }: Service, { aliases }: ServiceConnectOffer): Verdict {
  const offers = serviceConnect!.services;
  if (!offers.known) {
    return unknown(offers.why);
  }
  const has = some(offers.value.flatMap((one) => one.aliases).flatMap(({ port }) => aliases.map((its) => equal(its.port, port))));
  return has === 'yes' ? 'no' : has === 'no' ? 'yes' : has;
}

/** The mapping that an offer names; none where it is surely not there, which another rule tells. */
function mappingOf({ taskDefinition }: Service, { portName }: ServiceConnectOffer): Value<PortMapping | undefined> {
  if (!taskDefinition || !taskDefinition.containers.known) {
    return unknown(taskDefinition && !taskDefinition.containers.known ? taskDefinition.containers.why : 'its task definition is not of what is given');
  }
  const lists = taskDefinition.containers.value.map(({ ports }) => ports);
  const mappings = lists.flatMap((list) => list.known ? list.value : []);
  const verdicts = mappings.map(({ name }) => name ? equal(name, portName) : 'no');
  const found = mappings.find((_, index) => verdicts[index] === 'yes');
  const missing = [...lists, portName].find((value): value is Unknown => !value.known) ?? verdicts.find((one): one is Unknown => typeof one !== 'string');
  return found || !missing ? known(found, assumesOf(portName, ...found?.name ? [found.name] : [])) : unknown(missing.why);
}

/** Where the proxy of an offer listens at a guard; nowhere where the offer names a mapping that is surely not there. */
export function proxyOf(service: Service, offer: ServiceConnectOffer, guard: Guard): Value<Listening | undefined> {
  return chained(mappingOf(service, offer), (mapping) => (
    mapping ? listeningOn(service, proxied(mapping, offer.ingressPortOverride), guard) : known(undefined)));
}

/** Where the proxy listens: in bridge mode on a dynamic port of its own, whatever the container's host port is, unless it is given one. */
function proxied(mapping: PortMapping, override: Value<number> | undefined): PortMapping {
  return override ? { ...mapping, range: undefined, containerPort: override, hostPort: override } : { ...mapping, hostPort: undefined };
}

interface Clients {
  readonly members: Members;
  readonly isClient: IsClient;
}

/** Whether one of the clients gets through; each is asked only where a rule may be about it, so that many cost no more than few. */
function reachedBySome(service: Service, guard: Guard, traffic: Traffic, { members, isClient }: Clients): Verdict {
  if (!guard.groups.known) {
    return unknown(guard.groups.why);
  }
  let open: Unknown | undefined;
  for (const to of guard.groups.value) {
    const hidden = whyHidden(to);
    open ??= hidden === undefined ? undefined : unknown(hidden);
    for (const { peer } of to.target?.ingress ?? []) {
      const asked = peer.kind === 'group' && peer.group.target ? carriersOf(peer.group.target) : members.keys();
      for (const client of asked) {
        const counts = isClient(client);
        for (const { groups, ...its } of counts === 'no' ? [] : guardsOf(client).guards) {
          const verdict = both(
            admission(guard.groups, 'ingress', serviceAsPeer(client, { groups, ...its }), traffic),
            admission(groups, 'egress', serviceAsPeer(service, guard), traffic),
          );
          const reached = every([verdict === 'partly' ? 'yes' : verdict, counts]);
          if (reached === 'yes') {
            return 'yes';
          }
          open ??= reached === 'no' ? undefined : reached;
        }
      }
    }
  }
  return open ?? 'no';
}

function carriersOf({ carriers }: SecurityGroup): readonly Service[] {
  return [...carriers.services, ...carriers.hostGroups.flatMap(({ services }) => services)];
}
