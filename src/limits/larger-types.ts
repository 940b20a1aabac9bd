/** Which instance type holds more awsvpc tasks than the one that is too small for them. */
import { InstanceLimits, instanceLimits, instanceTypesInTable } from './instance-limits';
import { awsvpcTasksWithTrunking, trunkingVerdict } from './task-density';

/** An instance type, and the awsvpc tasks that it surely holds with trunking. */
export interface LargerType {
  readonly instanceType: string;
  readonly tasksWithTrunking: number;
}

/**
 * The smallest type that trunks and then holds so many awsvpc tasks, with no fewer vCPUs and no less memory than another: of the same
 * family, else of the newest generation that goes by the same letter and has the same architecture. That other type itself is one too.
 * Undefined if there is none, and for a type of which too little is known.
 */
export function smallestTrunkingType(than: string, tasks: number): LargerType | undefined {
  const [name, limits] = [readName(than), instanceLimits(than)];
  const { vcpus, memoryMiB } = limits ?? {};
  if (!name || vcpus === undefined || memoryMiB === undefined) {
    return undefined;
  }
  const fit = trunkingTypes().filter((type) => type.tasksWithTrunking >= tasks && type.vcpus >= vcpus && type.memoryMiB >= memoryMiB
    && type.name.letters === name.letters && type.name.arm === name.arm && type.name.metal === name.metal);
  const [best] = fit.sort((a, b) => Number(b.name.family === name.family) - Number(a.name.family === name.family)
    || b.name.generation - a.name.generation || a.vcpus - b.vcpus || a.memoryMiB - b.memoryMiB
    || a.name.options.length - b.name.options.length || a.instanceType.localeCompare(b.instanceType));
  return best && { instanceType: best.instanceType, tasksWithTrunking: best.tasksWithTrunking };
}

interface TypeName {
  readonly family: string;
  readonly letters: string;
  readonly generation: number;
  readonly options: string;
  readonly arm: boolean;
  readonly metal: boolean;
}

/**
 * The parts of a name such as `im4gn.large`; a `g` behind the generation is Graviton:
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html.
 */
function readName(instanceType: string): TypeName | undefined {
  const [, letters, generation, options, size] = /^([a-z]+)(\d+)([a-z]*)\.(.+)$/.exec(instanceType) ?? [];
  return letters === undefined ? undefined : {
    family: `${letters}${generation}${options}`,
    letters,
    generation: Number(generation),
    options,
    arm: options.includes('g') || letters === 'a',
    metal: size.startsWith('metal'),
  };
}

interface TrunkingType extends LargerType {
  readonly name: TypeName;
  readonly vcpus: number;
  readonly memoryMiB: number;
}

/** Worked out when first asked for. */
let types: readonly TrunkingType[] | undefined;

function trunkingTypes(): readonly TrunkingType[] {
  return types ??= instanceTypesInTable().flatMap((instanceType) => trunkingType(instanceLimits(instanceType)!));
}

function trunkingType(limits: InstanceLimits): TrunkingType[] {
  const { instanceType, vcpus, memoryMiB } = limits;
  const [name, tasks] = [readName(instanceType), awsvpcTasksWithTrunking(limits)];
  return name && tasks && vcpus !== undefined && memoryMiB !== undefined && trunkingVerdict(limits).kind === 'helps'
    ? [{ instanceType, tasksWithTrunking: tasks.fewest, name, vcpus, memoryMiB }]
    : [];
}
