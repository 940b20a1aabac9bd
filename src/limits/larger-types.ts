/** Which instance type holds more awsvpc tasks than the one that is too small for them. */
import { instanceLimits, instanceTypesInTable } from './instance-limits';
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
  const named = namesBy(name.letters).filter(({ arm, metal }) => arm === name.arm && metal === name.metal);
  const generations = [...new Set(named.map(({ generation }) => generation))].sort((a, b) => b - a);
  const alike: ReadonlyArray<(one: TypeName) => boolean> = [
    ({ family }) => family === name.family,
    ...generations.map((newest) => ({ generation }: TypeName) => generation === newest),
  ];
  // From the best on, so that the figures of few types are read.
  for (const isAlike of alike) {
    const [best] = named.filter(isAlike).flatMap(trunkingType)
      .filter((type) => type.tasksWithTrunking >= tasks && type.vcpus >= vcpus && type.memoryMiB >= memoryMiB)
      .sort((a, b) => a.vcpus - b.vcpus || a.memoryMiB - b.memoryMiB
        || a.name.options.length - b.name.options.length || a.name.instanceType.localeCompare(b.name.instanceType));
    if (best) {
      return { instanceType: best.name.instanceType, tasksWithTrunking: best.tasksWithTrunking };
    }
  }
  return undefined;
}

interface TypeName {
  readonly instanceType: string;
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
    instanceType,
    family: `${letters}${generation}${options}`,
    letters,
    generation: Number(generation),
    options,
    arm: options.includes('g') || letters === 'a',
    metal: size.startsWith('metal'),
  };
}

/** By letters, read when first asked for: of a thousand types, few go by the same. */
const NAMES = new Map<string, readonly TypeName[]>();

function namesBy(letters: string): readonly TypeName[] {
  const names = NAMES.get(letters) ?? instanceTypesInTable()
    .flatMap((instanceType) => instanceType.startsWith(letters) ? readName(instanceType) ?? [] : [])
    .filter((name) => name.letters === letters);
  NAMES.set(letters, names);
  return names;
}

interface TrunkingType {
  readonly name: TypeName;
  readonly tasksWithTrunking: number;
  readonly vcpus: number;
  readonly memoryMiB: number;
}

function trunkingType(name: TypeName): TrunkingType[] {
  const limits = instanceLimits(name.instanceType)!;
  const { vcpus, memoryMiB } = limits;
  const tasks = awsvpcTasksWithTrunking(limits);
  return tasks && vcpus !== undefined && memoryMiB !== undefined && trunkingVerdict(limits).kind === 'helps'
    ? [{ name, tasksWithTrunking: tasks.fewest, vcpus, memoryMiB }]
    : [];
}
