/** Service Connect: which services are in one namespace, as far as it can be told. */
import { Named, same, Service, To } from './facts';
import { chained, unknown, Unknown, Value, Verdict } from './value';

/** The namespace that a service is in, by its own configuration or its cluster's; absent where it is surely in none. */
export function namespaceOf({ serviceConnect }: Service): Value<To<Named>> | undefined {
  if (!serviceConnect) {
    return undefined;
  }
  const { enabled, namespace } = serviceConnect;
  const isOut = (enabled.known && !enabled.value) || (namespace.known && namespace.value === 'none');
  return isOut ? undefined : chained(enabled, () => namespace as Value<To<Named>>);
}

/** Whether two namespaces are the same. One may be given by its name and the other by its id or ARN, which do not tell each other. */
export function sameNamespace(a: To<Named>, b: To<Named>): Verdict {
  const [idOfA, idOfB] = [a, b].map(({ literal }) => /(?:^|\/)(ns-[a-z0-9]+)$/.exec(literal ?? '')?.[1]);
  if (idOfA !== undefined && idOfB !== undefined) {
    return idOfA === idOfB ? 'yes' : 'no';
  }
  const [name, id] = idOfA === undefined ? [a, b] : [b, a];
  return name.literal !== undefined && (idOfA ?? idOfB) !== undefined
    ? unknown(`whether Service Connect namespace ${name.literal} is ${id.literal} is not known`)
    : same(a, b);
}

/** The services that are in a namespace, or may be. */
export type Members = ReadonlyMap<Service, 'yes' | Unknown>;

/** Who is in which namespace; asked once for each namespace, so that many services in it cost no more than few. */
export function membersByNamespace(services: readonly Service[]): (namespace: Value<To<Named>>) => Members {
  const inOne = new Map<string, { readonly namespace: Value<To<Named>>; readonly services: Service[] }>();
  for (const service of services) {
    const namespace = namespaceOf(service);
    if (namespace) {
      const one = inOne.get(keyOf(namespace)) ?? { namespace, services: [] };
      one.services.push(service);
      inOne.set(keyOf(namespace), one);
    }
  }
  const found = new Map<string, Members>();
  return (namespace) => {
    const key = keyOf(namespace);
    const members = found.get(key) ?? new Map([...inOne.values()].flatMap((one) => {
      const verdict = isSame(namespace, one.namespace);
      return verdict === 'no' ? [] : one.services.map((service) => [service, verdict] as const);
    }));
    found.set(key, members);
    return members;
  };
}

function keyOf(namespace: Value<To<Named>>): string {
  return namespace.known ? `known ${namespace.value.identity}` : `unknown ${namespace.why}`;
}

function isSame(a: Value<To<Named>>, b: Value<To<Named>>): Verdict {
  if (a.known && b.known) {
    return sameNamespace(a.value, b.value);
  }
  return a.known ? b as Unknown : a as Unknown;
}
