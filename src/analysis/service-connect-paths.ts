/** Whether the clients of a Service Connect namespace get through security groups to what a service offers there. */
import type { Facts, PortMapping, SecurityGroup, Service, ServiceConnectOffer, ToMany } from './facts';
import { admitting, Guard, guardsOf, Listening, listeningOn, lowered, namesOf } from './guards';
import { useText } from './host-ports';
import { serviceAsPeer } from './peers';
import { admitsSome, assumptionsOfClosed, Traffic, whyHidden } from './reachability';
import { Judgement, notDecidable, problem } from './rule';
import { Members, membersByNamespace, namespaceOf } from './service-connect';
import { assumesOf, chained, equal, every, Known, known, some, union, unknown, Unknown, Value, Verdict } from './value';

/** Services that no client of Service Connect gets to. */
export function* unreachedOffers({ services }: Pick<Facts, 'services'>): Iterable<Judgement> {
  const membersOf = membersByNamespace(services);
  const clientsOf = clientsByOffer();
  for (const service of services) {
    const { mode } = service;
    const offers = service.serviceConnect?.services;
    const namespace = namespaceOf(service);
    // In host mode it is refused, which another rule tells: there is no proxy to get to.
    if (!offers || !namespace || (mode.known && mode.value === 'host')) {
      continue;
    }
    const members = membersOf(namespace);
    if (!offers.known && hasOthers(members, service)) {
      yield notDecidable(service, offers.why);
    }
    for (const offer of offers.known ? offers.value : []) {
      const clients = clientsOf(members, offer);
      yield* hasOthers(clients, service) ? offered(service, offer, clients) : [];
    }
  }
}

/** Those of a namespace who are clients of an offer, or may be. A service is no client of itself, though it may be among them. */
type Clients = Members;

/** Who has an alias of its own on an offer's port is taken for its sibling. Asked once for each port, as many services offer the same. */
function clientsByOffer(): (members: Members, offer: ServiceConnectOffer) => Clients {
  const found = new Map<Members, Map<string, Clients>>();
  return (members, offer) => {
    const byPorts = found.get(members) ?? new Map<string, Clients>();
    const key = JSON.stringify(offer.aliases.map(({ port }) => port.known ? port.value : [port.why, port.identity]));
    const clients = byPorts.get(key) ?? new Map([...members].flatMap(([one, isMember]) => {
      const verdict = every([isMember, hasNoAlias(one, offer)]);
      return verdict === 'no' ? [] : [[one, verdict] as const];
    }));
    found.set(members, byPorts.set(key, clients));
    return clients;
  };
}

function hasOthers(members: Members, service: Service): boolean {
  return members.size > (members.has(service) ? 1 : 0);
}

function* offered(service: Service, offer: ServiceConnectOffer, clients: Clients): Iterable<Judgement> {
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
  const { verdict, kept } = reachedBySome(service, guard, listening.value, clients);
  if (verdict === 'yes') {
    return;
  }
  const others = [...clients].filter(([one]) => one !== service).map(([, isClient]) => isClient);
  const sure = others.filter((isClient) => isClient === 'yes').length;
  yield verdict === 'no' && sure > 0
    ? unreached(service, guard, listening, sure, kept)
    : notDecidable(service, verdict === 'no' ? (others[0] as Unknown).why : verdict.why);
}

function unreached(
  service: Service, { groups }: Guard, listening: Known<Listening>, clients: number, kept: ReadonlyArray<ToMany<SecurityGroup>>,
): Judgement {
  const what = useText(listening.value);
  const where = listening.value.dynamic ? ' (where its proxy listens)' : '';
  // Clients that are let in, but not out to it, need no rule of the service.
  const own = [...new Set(kept.map(namesOf))];
  const [cause, fix] = own.length > 0
    ? [
      `${own.length > 1 ? 'their groups' : 'group'} ${own.join(', ')} ${own.length > 1 ? 'let' : 'lets'} nothing out to it on ${what}`,
      `an outbound rule of ${own.join(', ')}: ${what} to ${namesOf(groups)}`,
    ] : [
      `${admitting(groups)} none of them on ${what}`,
      `an inbound rule of ${namesOf(groups)}: ${what} from the clients' groups`,
    ];
  return problem({
    subject: service,
    severity: lowered('warning', [groups, ...kept]),
    message: `no client in its Service Connect namespace (${clients} service${clients === 1 ? '' : 's'}) reaches service ${service.name}: `
      + `${cause}${where}`,
    fix: `${fix} (server.allowServiceConnectFrom(client))`,
    assumes: union(
      assumesOf(listening, service.mode), assumptionsOfClosed(groups, 'ingress'), ...kept.map((its) => assumptionsOfClosed(its, 'egress')),
    ),
  });
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

/** How far clients get. */
interface Reach {
  readonly verdict: Verdict;
  /** The groups of clients that the service lets in, and that let nothing out to it. */
  readonly kept: ReadonlyArray<ToMany<SecurityGroup>>;
}

/** Whether one of the clients gets through; each is asked only where a rule may be about it, so that many cost no more than few. */
function reachedBySome(service: Service, guard: Guard, traffic: Traffic, clients: Clients): Reach {
  if (!guard.groups.known) {
    return { verdict: unknown(guard.groups.why), kept: [] };
  }
  const kept: Array<ToMany<SecurityGroup>> = [];
  let open: Unknown | undefined;
  for (const to of guard.groups.value) {
    const hidden = whyHidden(to);
    open ??= hidden === undefined ? undefined : unknown(hidden);
    for (const { peer } of to.target?.ingress ?? []) {
      const asked = peer.kind === 'group' && peer.group.target ? carriersOf(peer.group.target) : clients.keys();
      for (const client of asked) {
        const isClient = client === service ? undefined : clients.get(client);
        for (const its of isClient ? guardsOf(client).guards : []) {
          const inbound = admitsSome(guard.groups, 'ingress', serviceAsPeer(client, its), traffic);
          const doesReach = every([inbound, admitsSome(its.groups, 'egress', serviceAsPeer(service, guard), traffic), isClient!]);
          if (doesReach === 'yes') {
            return { verdict: 'yes', kept: [] };
          }
          open ??= doesReach === 'no' ? undefined : doesReach;
          if (inbound !== 'no') {
            kept.push(its.groups);
          }
        }
      }
    }
  }
  return { verdict: open ?? 'no', kept };
}

function carriersOf({ carriers }: SecurityGroup): readonly Service[] {
  return [...carriers.services, ...carriers.hostGroups.flatMap(({ services }) => services)];
}
