/**
 * Port numbers on a container instance: which exist, which are taken, and when two uses clash.
 *
 * Numbers are those of Linux container instances; `[P01]` and the like are rows of the project's fact table.
 */

/** Valid ports are 1 to 65535: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html [P11]. */
export const MIN_PORT = 1;

/** See `MIN_PORT`. */
export const MAX_PORT = 65535;

/** The protocols of an ECS port mapping. The two have port spaces of their own. */
export type TransportProtocol = 'tcp' | 'udp';

/** The ports `first` to `last`, both included; `first` is at most `last`. A single port has `first` equal to `last`. */
export interface Ports {
  readonly first: number;
  readonly last: number;
}

/** A port that something on every container instance holds. */
export interface ReservedPort {
  readonly port: number;
  /** What holds it, for use in a message. */
  readonly holder: string;
}

/**
 * The tcp ports ECS reserves on every Linux container instance, lowest first [P05]:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html.
 * That page gives 51678-51680; the agent's own default list ends at 51679 and gains 51680 only with metrics on (`METRICS_PORT`).
 * No udp port is reserved by default.
 */
export const RESERVED_TCP_PORTS: readonly ReservedPort[] = [
  { port: 22, holder: 'ssh' },
  { port: 2375, holder: 'docker daemon' },
  { port: 2376, holder: 'docker daemon' },
  { port: 51678, holder: 'agent introspection' },
  { port: 51679, holder: 'task credentials endpoint' },
];

/** The tcp port the agent reserves as well when its Prometheus metrics are on: agent v1.105.0, agent/config/config_unix.go:169 [P05]. */
export const METRICS_PORT = 51680;

/**
 * Where a dynamic host port of the ECS-optimized AMIs comes from, unless `ECS_DYNAMIC_HOST_PORT_RANGE` says otherwise: the kernel's
 * `ip_local_port_range` [P01], https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html.
 * Sources differ on its end [P02]: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb.html says 61000, the agent's constants
 * (v1.105.0, agent/utils/ephemeral_ports.go) and the kernel's default say 60999. It is the kernel that is asked, so 60999.
 */
export const DEFAULT_DYNAMIC_PORTS: Ports = { first: 32768, last: 60999 };

/**
 * How many ports a container instance can have reserved, the default ones included, dynamic ones not [P07]:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html.
 */
export const MAX_RESERVED_PORTS_PER_INSTANCE = 100;

/** How many of them are left for the fixed host ports of tasks: 95, or one less where `METRICS_PORT` is reserved too [P07]. */
export const MAX_FIXED_PORTS_PER_INSTANCE = MAX_RESERVED_PORTS_PER_INSTANCE - RESERVED_TCP_PORTS.length;

/**
 * How many `containerPortRange`s a container can have [P08]:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html.
 */
export const MAX_PORT_RANGES_PER_CONTAINER = 100;

/** Whether `n` is a port number. 0, which asks for a dynamic host port, is none. */
export function isPort(n: number): boolean {
  return Number.isInteger(n) && n >= MIN_PORT && n <= MAX_PORT;
}

/** Whether some port is in both. */
export function overlaps(a: Ports, b: Ports): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Whether every port of `inner` is in `outer`. */
export function contains(outer: Ports, inner: Ports): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

/** How many ports there are in `ports`. */
export function size(ports: Ports): number {
  return ports.last - ports.first + 1;
}

/** The reserved tcp port that `ports` is or, the lowest if several, contains. */
export function reservedTcpPort(ports: number | Ports): ReservedPort | undefined {
  const range = typeof ports === 'number' ? { first: ports, last: ports } : ports;
  return RESERVED_TCP_PORTS.find(({ port }) => contains(range, { first: port, last: port }));
}

/**
 * Two uses of the same port with the same protocol, in the order given: those of the lowest port used twice, tcp before udp.
 *
 * Uses sorted by their first port are either apart, or two neighbours overlap, and the first neighbours that do share the lowest such port.
 */
export function firstClash<T extends { readonly ports: Ports; readonly protocol: TransportProtocol }>(
  uses: readonly T[],
): [T, T] | undefined {
  for (const protocol of ['tcp', 'udp'] as const) {
    const sorted = uses
      .map((use, position) => ({ use, position }))
      .filter(({ use }) => use.protocol === protocol)
      .sort((a, b) => a.use.ports.first - b.use.ports.first);
    for (let i = 1; i < sorted.length; i++) {
      const [a, b] = [sorted[i - 1], sorted[i]];
      if (overlaps(a.use.ports, b.use.ports)) {
        return a.position < b.position ? [a.use, b.use] : [b.use, a.use];
      }
    }
  }
  return undefined;
}
