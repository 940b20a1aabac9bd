/** Which instances have the operating system of tasks: on others they never run. */
import type { Launch, TaskDefinition } from '../facts';
import { once } from '../once';
import { chained, known, unknown, Value } from '../value';

/** The launch without the host groups of another system than the task definition's. Where it leaves that out, they may run on any. */
export function onItsSystem(launch: Value<Launch>, definition: TaskDefinition | undefined): Value<Launch> {
  const system = definition?.operatingSystem;
  if (!system?.known || !launch.known || launch.value.kind !== 'ec2') {
    return launch;
  }
  const narrowed = narrowedTo[system.value](launch.value);
  return narrowed === launch.value ? launch : chained(launch, () => narrowed
    ? known(narrowed, system.assumes)
    : unknown(`none of its instances runs ${system.value === 'windows' ? 'Windows' : 'Linux'}, as its tasks do`));
}

/** Services of a cluster share one launch, and rules tell by it that they share its host groups. */
const narrowedTo = { linux: once((launch: Launch) => narrow(launch, false)), windows: once((launch: Launch) => narrow(launch, true)) };

/** The same launch where all may have the system; `undefined` where surely none has, and there are no others. */
function narrow(launch: Launch, windows: boolean): Launch | undefined {
  const hostGroups = launch.hostGroups.filter(({ operatingSystem }) => !operatingSystem.known || (operatingSystem.value === 'windows') === windows);
  if (hostGroups.length === launch.hostGroups.length) {
    return launch;
  }
  return hostGroups.length > 0 || !launch.complete ? { ...launch, hostGroups } : undefined;
}
