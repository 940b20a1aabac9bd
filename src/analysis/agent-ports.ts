/** The ports that the ECS agent of an instance keeps from tasks, and those that it takes for dynamic host ports. */
import { DEFAULT_DYNAMIC_PORTS, Ports, RESERVED_TCP_PORTS, ReservedPort } from '../limits/ports';
import type { HostGroup } from './facts';
import { portsOfRange } from './host-ports';
import { known, unknown, Value } from './value';

export type OperatingSystem = 'linux' | 'windows';

/** tcp ports that are reserved on Windows container instances [P06]: README.md of the agent, v1.105.0, `ECS_RESERVED_PORTS`. */
const RESERVED_ON_WINDOWS: readonly ReservedPort[] = [
  { port: 53, holder: 'dns' },
  { port: 135, holder: 'rpc' },
  { port: 139, holder: 'netbios' },
  { port: 445, holder: 'smb' },
  { port: 2375, holder: 'docker daemon' },
  { port: 2376, holder: 'docker daemon' },
  { port: 3389, holder: 'rdp' },
  { port: 5985, holder: 'winrm' },
  { port: 5986, holder: 'winrm' },
  { port: 51678, holder: 'agent introspection' },
  { port: 51679, holder: 'task credentials endpoint' },
];

/** Where dynamic host ports of Windows come from [P03]: agent v1.105.0, agent/utils/ephemeral_ports_windows.go. */
const DYNAMIC_ON_WINDOWS: Ports = { first: 49152, last: 65535 };

/** The tcp ports that are reserved unless something is said; where the system is not known, those that are reserved on both. */
export function reservedByDefault(system: Value<OperatingSystem>): readonly ReservedPort[] {
  if (!system.known) {
    return RESERVED_TCP_PORTS.filter(({ port }) => RESERVED_ON_WINDOWS.some((other) => other.port === port));
  }
  return system.value === 'windows' ? RESERVED_ON_WINDOWS : RESERVED_TCP_PORTS;
}

/** The same for the instances of a group: `ECS_RESERVED_PORTS` takes the place of the default, as in `[22, 2375]`. */
export function reservedOn(group: HostGroup, system: Value<OperatingSystem>): Value<readonly ReservedPort[]> {
  const set = group.userData.agentSetting('ECS_RESERVED_PORTS');
  if (!set) {
    return known(reservedByDefault(system));
  }
  if (!set.known) {
    return set;
  }
  const [, list] = /^\s*\[([\d\s,]*)\]\s*$/.exec(set.value) ?? [];
  return list === undefined
    ? unknown(`ECS_RESERVED_PORTS of ${group.name} is ${JSON.stringify(set.value)}`)
    : known((list.match(/\d+/g) ?? []).map((port) => holderOf(Number(port))), set.assumes);
}

/** Where dynamic host ports come from on the instances of a group, or where nothing is known of these. */
export function dynamicPortsOn(group: HostGroup | undefined, system: Value<OperatingSystem>): Value<Ports> {
  const set = group?.userData.agentSetting('ECS_DYNAMIC_HOST_PORT_RANGE');
  if (!set) {
    return system.known ? known(system.value === 'windows' ? DYNAMIC_ON_WINDOWS : DEFAULT_DYNAMIC_PORTS, system.assumes) : system;
  }
  if (!set.known) {
    return set;
  }
  const ports = portsOfRange(set.value);
  return ports ? known(ports, set.assumes) : unknown(`ECS_DYNAMIC_HOST_PORT_RANGE of ${group?.name} is ${JSON.stringify(set.value)}`);
}

function holderOf(port: number): ReservedPort {
  return [...RESERVED_TCP_PORTS, ...RESERVED_ON_WINDOWS].find((one) => one.port === port) ?? { port, holder: 'ECS_RESERVED_PORTS' };
}
