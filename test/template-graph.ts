import { Template } from 'aws-cdk-lib/assertions';

interface Resource {
  readonly Type: string;
  readonly DependsOn?: string | string[];
}

/**
 * The resources a resource waits for when its stack is created, directly and through others: by `DependsOn`, `Ref`, `Fn::GetAtt` and
 * `Fn::Sub`. Stacks are deleted the other way round, so it is gone before any of these is deleted.
 */
export function dependenciesOf(template: Template, logicalId: string): ReadonlySet<string> {
  const resources: Record<string, Resource> = template.toJSON().Resources;
  const found = new Set<string>();
  const open = [logicalId];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const direct = [resources[id].DependsOn ?? [], ...namesIn(resources[id])].flat();
    const fresh = direct.filter((name) => name in resources && !found.has(name));
    fresh.forEach((name) => found.add(name));
    open.push(...fresh);
  }
  return found;
}

/** The logical ids of all resources of a type. */
export function idsOf(template: Template, type: string): string[] {
  return Object.keys(template.findResources(type));
}

/** The logical id of the one resource of a type. */
export function idOf(template: Template, type: string): string {
  const ids = idsOf(template, type);
  expect(ids).toHaveLength(1);
  return ids[0];
}

/** Everything a value names by intrinsic function. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.flatMap(namesIn);
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]): string[] => {
    switch (key) {
      case 'Ref': return [inner];
      case 'Fn::GetAtt': return [Array.isArray(inner) ? inner[0] : String(inner).split('.')[0]];
      case 'Fn::Sub': return [...namesInText(Array.isArray(inner) ? inner[0] : inner), ...namesIn(Array.isArray(inner) ? inner[1] : undefined)];
      default: return namesIn(inner);
    }
  });
}

/** What `Fn::Sub` puts in: `${Name}` and `${Name.Attribute}`; `${!Name}` is text. */
function namesInText(text: string): string[] {
  return [...text.matchAll(/\$\{([^!][^}.]*)[^}]*\}/g)].map(([, name]) => name.trim());
}
