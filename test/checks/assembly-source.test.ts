import { mkdtempSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnResource, NestedStack, Stack, type StackProps, Stage, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { TemplateError, type TemplateInput } from '../../src/analysis/templates';
import { Assembly, readAssembly } from '../../src/checks/assembly-source';
import { parseTemplate } from '../../src/checks/template-text';
import { testApp } from '../app';

const EMPTY_TYPE = 'Test::Resource';

class WithNested extends Stack {
  public readonly outer = new CfnResource(this, 'Outer', { type: EMPTY_TYPE });
  public readonly part = new NestedStack(this, 'Nested');
  public readonly inner = new NestedStack(this.part, 'Inner');

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    new CfnResource(this.part, 'Same', { type: EMPTY_TYPE });
    new CfnResource(this.inner, 'Same', { type: EMPTY_TYPE });
  }
}

function folder(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), 'assembly-'));
}

/** An app of two stacks, of which the second is deployed after the first, and a stage. */
function synthesised(acknowledge: (app: WithNested) => void = () => {}): { readonly outdir: string; readonly assembly: Assembly } {
  const outdir = folder();
  const app = testApp({ outdir });
  const first = new WithNested(app, 'First');
  const second = new Stack(app, 'Second', { env: { account: '111111111111', region: 'eu-west-1' } });
  new CfnResource(second, 'Resource', { type: EMPTY_TYPE });
  second.addDependency(first);
  new WithNested(new Stage(app, 'Prod', { env: { account: '222222222222', region: 'us-east-1' } }), 'Api', { stackName: 'prod-api' });
  acknowledge(first);
  app.synth();
  return { outdir, assembly: readAssembly(outdir, 'cdk.out') };
}

function byStack({ templates }: Assembly): Map<string | undefined, TemplateInput> {
  return new Map(templates.map((template) => [template.stack, template]));
}

test('stacks, nested ones and those of stages are there, with their paths', () => {
  const stacks = byStack(synthesised().assembly);
  expect([...stacks.keys()].sort()).toEqual([
    'First', 'First/Nested', 'First/Nested/Inner', 'Prod/Api', 'Prod/Api/Nested', 'Prod/Api/Nested/Inner', 'Second',
  ]);
  expect(stacks.get('First')).toMatchObject({ name: 'cdk.out/First.template.json', stackName: 'First' });
  expect(stacks.get('Prod/Api')).toMatchObject({
    name: expect.stringMatching(/^cdk\.out\/assembly-Prod\/.*\.template\.json$/),
    stackName: 'prod-api',
    account: '222222222222',
    region: 'us-east-1',
  });
});

test('what is open until deployment is left open', () => {
  const first = byStack(synthesised().assembly).get('First')!;
  expect([first.account, first.region]).toEqual([undefined, undefined]);
});

test('a nested stack says by which resource of which template it is deployed', () => {
  const stacks = byStack(synthesised().assembly);
  for (const parent of ['First', 'First/Nested', 'Prod/Api', 'Prod/Api/Nested']) {
    const child = stacks.get(parent === 'First' || parent === 'Prod/Api' ? `${parent}/Nested` : `${parent}/Inner`)!;
    expect(child.nestedIn!.template).toBe(stacks.get(parent)!.name);
    expect(stacks.get(parent)!.body).toHaveProperty(['Resources', child.nestedIn!.logicalId, 'Type'], 'AWS::CloudFormation::Stack');
  }
});

test('a stack that waits for another says so', () => {
  expect(byStack(synthesised().assembly).get('Second')!.deployedAfter).toEqual(['cdk.out/First.template.json']);
});

test('resources of one logical id in a stack and those nested in it have their own construct paths', () => {
  const stacks = byStack(synthesised().assembly);
  const pathIn = (stack: string) => {
    const { body, paths } = stacks.get(stack)!;
    return paths!.get(Object.keys((body as { Resources: object }).Resources).find((id) => /^(Same|Outer)/.test(id))!);
  };
  expect(['First', 'First/Nested', 'First/Nested/Inner'].map(pathIn)).toEqual(['First/Outer', 'First/Nested/Same', 'First/Nested/Inner/Same']);
});

test('what was acknowledged is read with the construct it was acknowledged on', () => {
  const { assembly } = synthesised(({ inner, outer }) => {
    Validations.of(inner).acknowledge({ id: 'EcsNetworkModes::no-route-out', reason: 'private' });
    Validations.of(outer).acknowledge({ id: 'EcsNetworkModes::eni-density', reason: 'one' }, { id: 'Other::rule', reason: 'two' });
  });
  const ids = ({ path, id, reason }: Assembly['acknowledgements'][number]) => `${path} ${id} ${reason}`;
  expect([...new Set(assembly.acknowledgements.map(ids))].filter((each) => !each.includes('CloudFormation-Validate')).sort()).toEqual([
    'First/Nested/Inner EcsNetworkModes::no-route-out private', 'First/Outer EcsNetworkModes::eni-density one', 'First/Outer Other::rule two',
  ]);
});

test('two nested stacks with the same template are two', () => {
  const outdir = folder();
  const app = testApp({ outdir });
  const stack = new Stack(app, 'Stack');
  for (const id of ['One', 'Two']) {
    new CfnResource(new NestedStack(stack, id), 'Same', { type: EMPTY_TYPE });
  }
  app.synth();
  const { templates } = readAssembly(outdir);
  expect(templates.map((template) => template.stack)).toEqual(['Stack', 'Stack/One', 'Stack/Two']);
  expect(new Set(templates.map(({ name }) => name)).size).toBe(3);
});

describe('an assembly written by hand', () => {
  const STACK = { type: 'aws:cloudformation:stack', properties: { templateFile: 'a.json' } };

  function written(files: Record<string, unknown>): string {
    const outdir = folder();
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(outdir, name), typeof content === 'string' ? content : JSON.stringify(content));
    }
    return outdir;
  }

  function read(files: Record<string, unknown>): Assembly {
    return readAssembly(written(files), 'out');
  }

  test('metadata may stand in the manifest, as older frameworks write it', () => {
    const metadata = {
      '/Stack/A': [{ type: 'aws:cdk:logicalId', data: 'A' }, { type: 'aws:cdk:acknowledged-rules', data: { 'EcsNetworkModes::x': 'why' } }],
    };
    const assembly = read({ 'manifest.json': { artifacts: { S: { ...STACK, metadata } } }, 'a.json': { Resources: { A: { Type: 'T' } } } });
    expect(assembly.acknowledgements).toEqual([{ id: 'EcsNetworkModes::x', reason: 'why', path: 'Stack/A' }]);
    expect(assembly.templates[0].paths!.get('A')).toBe('Stack/A');
  });

  test('a stack without resources is one', () => {
    expect(read({ 'manifest.json': { artifacts: { S: STACK } }, 'a.json': {} }).templates[0]).toMatchObject({ stack: 'S', body: { Resources: {} } });
  });

  test('an asset that is not there leaves the nested stack open', () => {
    const url = `https://s3.amazonaws.com/b/${'a'.repeat(64)}.json`;
    const body = { Resources: { N: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: url } } } };
    expect(read({ 'manifest.json': { artifacts: { S: STACK } }, 'a.json': body }).templates).toHaveLength(1);
  });

  const HASH = 'b'.repeat(64);
  const NESTING = { Resources: { N: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: `s3://b/${HASH}.json` } } } };
  const WITH_ASSETS = {
    artifacts: { S: { ...STACK, dependencies: ['S.assets'] }, 'S.assets': { type: 'cdk:asset-manifest', properties: { file: 's.json' } } },
  };

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['no manifest', {}, /^template out\/manifest.json: it is not there$/],
    ['no JSON', { 'manifest.json': '{' }, /^template out\/manifest.json: it is no JSON: /],
    ['a list', { 'manifest.json': [] }, /^template out\/manifest.json: it is a list, must be an object$/],
    ['artifacts that are none', { 'manifest.json': { artifacts: 'x' } }, /^template out\/manifest.json: artifacts is a text, must be an object$/],
    ['an artifact that is none', { 'manifest.json': { artifacts: { A: 1 } } }, /manifest.json: artifacts.A is a number, must be an object$/],
    ['a stack without a template', { 'manifest.json': { artifacts: { A: { type: STACK.type } } } }, /manifest.json: artifacts.A names no template$/],
    ['a stage without a folder', { 'manifest.json': { artifacts: { A: { type: 'cdk:cloud-assembly' } } } }, /artifacts.A names no directory$/],
    ['a stage in itself', { 'manifest.json': { artifacts: { A: { type: 'cdk:cloud-assembly', properties: { directoryName: '.' } } } } },
      /more than 100 stages stand in each other: does artifacts.A hold itself\?$/],
    ['a template that is not there', { 'manifest.json': { artifacts: { S: STACK } } }, /^template out\/a.json: it is not there$/],
    ['a template that is none', { 'manifest.json': { artifacts: { S: STACK } }, 'a.json': [] }, /^template out\/a.json: it is a list, must be an object$/],
    ['a template without resources', { 'manifest.json': { artifacts: { S: STACK } }, 'a.json': { Resources: 1 } },
      /^template out\/a.json: it is no CloudFormation template: it has no resources$/],
    ['a broken template', { 'manifest.json': { artifacts: { S: STACK } }, 'a.json': '{"a": {' }, /^template out\/a.json: it is no JSON: /],
    ['a template elsewhere', { 'manifest.json': { artifacts: { S: { ...STACK, properties: { templateFile: '../../etc/passwd' } } } } },
      /it is not (there|in the folder of the assembly)$/],
    ['a name that is none', { 'manifest.json': { artifacts: { S: { ...STACK, properties: { templateFile: 'a\0b' } } } } }, /this is no path$/],
    ['a folder as template', { 'manifest.json': { artifacts: { S: { ...STACK, properties: { templateFile: '.' } } } } }, /it is no file$/],
    ['metadata that is not there', { 'manifest.json': { artifacts: { S: { ...STACK, additionalMetadataFile: 'm.json' } } }, 'a.json': {} },
      /^template out\/m.json: it is not there$/],
    ['a stack nested in itself', { 'manifest.json': WITH_ASSETS, 'a.json': NESTING, 's.json': { files: { [HASH]: { source: { path: 'a.json' } } } } },
      /^template out\/a.json: N nests out\/a.json, in which it is nested itself$/],
  ])('%s ends in a clear error', (_, files, message) => {
    expect(() => read(files).acknowledgements).toThrow(message);
    expect(() => read(files).acknowledgements).toThrow(TemplateError);
  });

  test('a link does not lead out of the assembly', () => {
    const outside = written({ 'secret.json': { Resources: {} } });
    const outdir = written({ 'manifest.json': { artifacts: { S: STACK } } });
    symlinkSync(join(outside, 'secret.json'), join(outdir, 'a.json'));
    expect(() => readAssembly(outdir, 'out')).toThrow('template out/a.json: it is not in the folder of the assembly');
  });

  test('nested stacks that are too many are refused', () => {
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`N${index}`, NESTING.Resources.N]));
    expect(() => read({
      'manifest.json': WITH_ASSETS,
      'a.json': { Resources: many },
      'b.json': { Resources: {} },
      's.json': { files: { [HASH]: { source: { path: 'b.json' } } } },
    })).toThrow('template out/a.json: more than 1,000 stacks are nested in its stack');
  });

  test('odd entries of metadata and assets are left alone', () => {
    const metadata = { '/A': 'text', '/B': [1, null, { type: 'aws:cdk:logicalId', data: 1 }, { type: 'aws:cdk:acknowledged-rules', data: null }] };
    const assembly = read({
      'manifest.json': { artifacts: { S: { ...WITH_ASSETS.artifacts.S, metadata }, 'S.assets': WITH_ASSETS.artifacts['S.assets'] } },
      'a.json': NESTING,
      's.json': { files: { [HASH]: { source: null } } },
    });
    expect(assembly.acknowledgements).toEqual([]);
    expect(assembly.templates).toHaveLength(1);
  });

  describe('a nested template that is YAML', () => {
    const outdir = () => written({
      'manifest.json': WITH_ASSETS, 'a.json': NESTING, 's.json': { files: { [HASH]: { source: { path: 'b.yaml' } } } }, 'b.yaml': 'Resources: {}',
    });

    test('is read where there is a reader for it', () => {
      const { templates, unread } = readAssembly(outdir(), 'out', { parse: parseTemplate });
      expect(templates.map(({ name }) => name)).toEqual(['out/a.json', 'out/b.yaml']);
      expect(unread).toEqual([]);
    });

    test('is told of as undecided where there is none', () => {
      const { templates, unread } = readAssembly(outdir(), 'out');
      expect(templates).toHaveLength(1);
      expect(unread).toEqual([{
        rule: '*', template: 'out/a.json', stack: 'S', resource: 'N', path: undefined, why: 'only the command line reads its template out/b.yaml, which is no .json file',
      }]);
    });
  });

  test('a reader of YAML is asked for nothing that is JSON', () => {
    const parse = jest.fn();
    readAssembly(written({ 'manifest.json': { artifacts: { S: STACK } }, 'a.json': {} }), 'out', { parse });
    expect(parse).not.toHaveBeenCalled();
  });

  test('the folder is called as it is given where no other name is', () => {
    const outdir = written({ 'manifest.json': { artifacts: { S: STACK } }, 'a.json': {} });
    expect(readAssembly(outdir).templates[0].name).toBe(join(outdir, 'a.json'));
    expect(readFileSync(readAssembly(outdir).templates[0].name, 'utf-8')).toBe('{}');
  });
});
