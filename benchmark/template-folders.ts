/** Folders of templates for the command line and cfn-lint: those of the examples, many times over, in JSON and in YAML. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, isMap, isScalar, type Node } from 'yaml';
import { app } from '../examples/all';

type Template = Readonly<Record<string, unknown>>;

const TEMPLATES = app.synth().stacks.map(({ stackName, template }) => ({ stackName, template: template as Template }));

/** Writes so many templates into a folder, no two alike. */
export function writeTemplates(folder: string, count: number, format: 'json' | 'yaml'): void {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index++) {
    const { stackName, template } = TEMPLATES[index % TEMPLATES.length];
    const body = { Description: `${stackName}, number ${index + 1}`, ...template };
    writeFileSync(join(folder, `${stackName}-${index + 1}.${format}`), format === 'json' ? JSON.stringify(body, undefined, 1) : yamlOf(body));
  }
}

/** As people write it: with the short forms of functions. */
function yamlOf(template: Template): string {
  const document = new Document(template, { aliasDuplicateObjects: false });
  shorten(document.contents);
  return document.toString({ lineWidth: 0 });
}

function shorten(node: unknown): void {
  const children = isMap(node) ? node.items.map(({ value }) => value) : (node as { items?: unknown[] } | null)?.items ?? [];
  if (isMap(node)) {
    for (const pair of node.items) {
      pair.value = shortForm(pair.value as Node) ?? pair.value;
    }
  } else if (node) {
    (node as { items?: unknown[] }).items?.forEach((item, index, items) => items[index] = shortForm(item as Node) ?? item);
  }
  children.forEach(shorten);
}

/** `!Ref X` for `{ Ref: X }`; nothing for what is no function, or one whose argument is a function itself. */
function shortForm(node: Node): Node | undefined {
  const [pair, ...others] = isMap(node) ? node.items : [];
  const name = pair && others.length === 0 && isScalar(pair.key) ? String(pair.key.value) : '';
  const argument = pair?.value as Node | undefined;
  if (!argument || (name !== 'Ref' && !name.startsWith('Fn::')) || isFunction(argument)) {
    return undefined;
  }
  argument.tag = `!${name.replace('Fn::', '')}`;
  return argument;
}

function isFunction(node: Node): boolean {
  return isMap(node) && node.items.length === 1 && /^(?:Ref|Fn::.*)$/.test(String(node.items[0].key));
}
