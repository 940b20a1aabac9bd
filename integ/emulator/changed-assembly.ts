import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Template {
  readonly Resources: Record<string, { readonly Type: string; readonly Properties?: Record<string, unknown> }>;
}

/** A copy of a cloud assembly with other templates, under other hashes: `cdk` uploads a template only where its hash is new. */
export function changedAssembly(from: string, to: string, change: (template: Template, stack: string) => void) {
  cpSync(from, to, { recursive: true });
  const manifest = join(to, 'manifest.json');
  for (const file of readdirSync(to).filter((name) => name.endsWith('.template.json'))) {
    const path = join(to, file);
    const stack = file.replace('.template.json', '');
    const template = JSON.parse(readFileSync(path, 'utf-8')) as Template;
    change(template, stack);
    const text = JSON.stringify(template, undefined, 1);
    writeFileSync(path, text);
    const assets = join(to, `${stack}.assets.json`);
    const before = templateHash(assets, file);
    for (const named of [assets, manifest]) replaceAll(named, before, createHash('sha256').update(text).digest('hex'));
  }
}

/** Another tag for every image of a template, as a new release of the applications would have. */
export function changeImages(template: Template) {
  const definitions = Object.values(template.Resources).filter((resource) => resource.Type === 'AWS::ECS::TaskDefinition');
  for (const container of definitions.flatMap((definition) => definition.Properties!.ContainerDefinitions as { Image: unknown }[])) {
    container.Image = { 'Fn::Join': ['', [container.Image, '-next']] };
  }
}

function templateHash(assets: string, file: string) {
  const { files } = JSON.parse(readFileSync(assets, 'utf-8')) as { files: Record<string, { source: { path: string } }> };
  return Object.keys(files).find((hash) => files[hash].source.path === file)!;
}

function replaceAll(path: string, before: string, after: string) {
  writeFileSync(path, readFileSync(path, 'utf-8').replaceAll(before, after));
}
