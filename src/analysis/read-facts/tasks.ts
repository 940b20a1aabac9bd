/** Task definitions and their containers. */
import type { Container, PortMapping, TaskDefinition } from '../facts';
import { Evaluated, Reference, Resource, Undecided } from '../resources';
import { all, chained, known, mapped, unknown, Value } from '../value';
import { Joins, nameOf, Reading } from './joins';
import { at, byDefault, Draft, eachItem, isUnknown, items, mappedText, number, shownText, text, truth } from './properties';

export function readTaskDefinitions(reading: Reading): Joins<Draft<TaskDefinition>> {
  const definitions = new Joins<Draft<TaskDefinition>>(reading);
  for (const resource of reading.world.resourcesOf('AWS::ECS::TaskDefinition')) {
    definitions.add(resource, definitionOf(resource), () => resource.property('Family'));
  }
  return definitions;
}

function definitionOf(resource: Resource): Draft<TaskDefinition> {
  const mode = resource.property('NetworkMode');
  const family = resource.property('RuntimePlatform', 'OperatingSystemFamily');
  const system: TaskDefinition['operatingSystem'] = family && mappedText(family, (name) => /^WINDOWS/i.test(name) ? 'windows' : 'linux');
  const definitions = resource.property('ContainerDefinitions');
  const each = items(definitions);
  const sumOf = (read: (container: Evaluated) => Value<number> | undefined) => isUnknown(each) ? each : sum(each.value.map(read));
  const cpu = resource.property('Cpu');
  const memory = resource.property('Memory');
  return {
    name: nameOf(resource),
    resource,
    mode: mode ? modeOf(mode) : byDefault('NetworkMode', system?.known && system.value === 'windows' ? 'default' : 'bridge'),
    modeDeclared: mode !== undefined,
    operatingSystem: system,
    cpuArchitecture: text(resource.property('RuntimePlatform', 'CpuArchitecture')),
    requiresCompatibilities: chained(items(resource.property('RequiresCompatibilities')), (list) => all(list.map((one) => text(one)!))),
    cpu: cpu ? sized(cpu, 'vCPU') : sumOf((container) => number(at(container, 'Cpu'))),
    memoryMiB: memory ? sized(memory, 'GB') : sumOf((container) => number(at(container, 'MemoryReservation') ?? at(container, 'Memory'))),
    hasTaskMemory: memory !== undefined,
    containers: eachItem(definitions, containerOf),
    services: [],
  };
}

const MODES = ['awsvpc', 'bridge', 'host', 'none', 'default'] as const;

function modeOf(mode: Evaluated): TaskDefinition['mode'] {
  return chained(text(mode)!, (name): TaskDefinition['mode'] => {
    const found = MODES.find((one) => one === name);
    return found ? known(found) : unknown(`${JSON.stringify(name)} is no network mode`);
  });
}

/**
 * CPU units or MiB, also written as `1 vCPU` or `2 GB`:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size.
 */
function sized(evaluated: Evaluated, unit: 'vCPU' | 'GB'): Value<number> {
  return chained(text(evaluated)!, (written) => {
    const [, amount, itsUnit] = /^(\d+(?:\.\d+)?|\.\d+)\s*(vcpu|gb)?$/i.exec(written.trim()) ?? [];
    return amount === undefined || (itsUnit !== undefined && itsUnit.toLowerCase() !== unit.toLowerCase())
      ? unknown(`${JSON.stringify(written)} is no number of ${unit === 'GB' ? 'MiB' : 'CPU units'}`)
      : known(itsUnit === undefined ? Number(amount) : Math.round(Number(amount) * 1024));
  });
}

/** The sum of what is given; nothing if none is. */
function sum(values: ReadonlyArray<Value<number> | undefined>): Value<number> | undefined {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? undefined : mapped(all(given), (numbers) => numbers.reduce((total, one) => total + one, 0));
}

function containerOf(container: Evaluated): Container {
  const image = at(container, 'Image');
  return {
    name: text(at(container, 'Name')) ?? unknown('a container has no name'),
    image: text(image) ?? unknown('a container has no image'),
    imageText: imageText(image),
    essential: truth(at(container, 'Essential')) ?? known(true),
    user: text(at(container, 'User')),
    privileged: truth(at(container, 'Privileged')) ?? known(false),
    ports: eachItem(at(container, 'PortMappings'), portMappingOf),
    logDriver: text(at(container, 'LogConfiguration', 'LogDriver')),
    secrets: secretsOf(container),
    environmentFiles: mapped(items(at(container, 'EnvironmentFiles')), (files) => files.length > 0),
  };
}

/** What stands for the registry of a repository of what is given. */
const ECR_REPOSITORY = '….dkr.ecr.….amazonaws.com/…';

function imageText(image: Evaluated | undefined): string {
  const shown = (part: string | Reference | Undecided) => typeof part === 'string'
    ? part
    : part.kind === 'reference' && part.resource.type === 'AWS::ECR::Repository' && part.attribute === 'RepositoryUri' ? ECR_REPOSITORY : '…';
  if (image?.kind === 'text') {
    return image.parts.map(shown).join('');
  }
  return image?.kind === 'reference' || image?.kind === 'undecided' ? shown(image) : shownText(image);
}

function portMappingOf(mapping: Evaluated): PortMapping {
  const range = text(at(mapping, 'ContainerPortRange'));
  return {
    // Beside a range, 0 is how the absence of a port is written.
    range,
    containerPort: range ? undefined : number(at(mapping, 'ContainerPort')),
    hostPort: number(at(mapping, 'HostPort')),
    protocol: protocolOf(at(mapping, 'Protocol')),
    name: text(at(mapping, 'Name')),
  };
}

function protocolOf(protocol: Evaluated | undefined): PortMapping['protocol'] {
  return protocol
    ? chained(text(protocol)!, (name): PortMapping['protocol'] => {
      const lower = name.toLowerCase();
      return lower === 'tcp' || lower === 'udp' ? known(lower) : unknown(`${JSON.stringify(name)} is neither tcp nor udp`);
    })
    : known('tcp');
}

function secretsOf(container: Evaluated): Container['secrets'] {
  const listed = [at(container, 'Secrets'), at(container, 'LogConfiguration', 'SecretOptions')].flatMap((list): Container['secrets'] => {
    const secrets = items(list);
    return secrets.known ? secrets.value.map((secret) => ({ source: secretSource(at(secret, 'ValueFrom')) })) : [{ source: 'unknown' }];
  });
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RepositoryCredentials.html
  return [...listed, ...at(container, 'RepositoryCredentials') ? [{ source: 'secretsmanager' } as const] : []];
}

const SECRET_SERVICES: ReadonlyArray<readonly [type: RegExp, arn: string, source: 'secretsmanager' | 'ssm']> = [
  [/^AWS::SecretsManager::/, ':secretsmanager:', 'secretsmanager'],
  [/^AWS::SSM::Parameter$/, ':ssm:', 'ssm'],
];

/** Secrets are ARNs of either service; what is no ARN is the name of a parameter in the same Region. */
function secretSource(from: Evaluated | undefined): 'secretsmanager' | 'ssm' | 'unknown' {
  const parts = from?.kind === 'text' ? from.parts : from?.kind === 'reference' ? [from] : [];
  const written = shownText(from);
  const found = SECRET_SERVICES.find(([type, arn]) => written.includes(arn)
    || parts.some((part) => typeof part !== 'string' && part.kind === 'reference' && type.test(part.resource.type)));
  if (found) {
    return found[2];
  }
  return written !== '' && !written.startsWith('arn:') && !written.startsWith('…') ? 'ssm' : 'unknown';
}
