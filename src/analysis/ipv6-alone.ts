/** What the internet reaches over IPv6 of services that have no public IPv4 address: one rule tells of it, and others leave it to that. */
import type { AccountSettings, Service } from './facts';
import { allListening, Guard, Listening } from './guards';
import { exposureOfInstances, exposureOfTasks } from './internet';
import { admitsSome } from './reachability';

export interface OverIpv6Alone {
  /** On what it is surely reached. */
  readonly reached: readonly Listening[];
  /** Why it cannot be told, where nothing surely is and something may be. */
  readonly why?: string;
}

export const EVERYBODY_ON_IPV6 = { family: 'ipv6', addresses: 'anywhere' } as const;

const NOTHING: OverIpv6Alone = { reached: [] };

/** What of a service is reached at one of its guards. */
export function overIpv6Alone(service: Service, guard: Guard, settings: AccountSettings): OverIpv6Alone {
  const { operatingSystem } = service;
  const { ipv4, ipv6 } = guard.hostGroup ? exposureOfInstances(guard.hostGroup) : exposureOfTasks(service, settings);
  if (ipv6 === 'no' || ipv4 === 'yes' || (operatingSystem.known && operatingSystem.value === 'windows')) {
    return NOTHING;
  }
  const { listening, why } = allListening(service, guard);
  const admitted = listening.map((its) => ({ its, verdict: admitsSome(guard.groups, 'ingress', EVERYBODY_ON_IPV6, its) }));
  const open = admitted.flatMap(({ its, verdict }) => verdict === 'yes' ? [its] : []);
  if (open.length > 0 && ipv6 === 'yes' && ipv4 === 'no') {
    return { reached: open };
  }
  const unclear = admitted.flatMap(({ verdict }) => typeof verdict === 'string' ? [] : [verdict]);
  const [missing] = [ipv6, ipv4, ...unclear].flatMap((one) => typeof one === 'string' ? [] : one.why);
  return open.length + unclear.length > 0 || why !== undefined ? { reached: [], why: missing ?? why } : NOTHING;
}
