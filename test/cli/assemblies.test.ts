/** Cloud assemblies: what is judged of them, and what is acknowledged in them. */
import { copyFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnMapping, CfnOutput, CfnParameter, CfnResource, Fn, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Log } from 'sarif';
import { commandLine, folderOf, found, inFolder, taskDefinition, taskOn } from './command-line';

/** An app as `cdk synth` leaves it. */
function assembly(build: (app: App) => void): string {
  const folder = folderOf({ 'other/package.json': {} });
  const app = new App({ outdir: join(folder, 'cdk.out'), context: { 'aws:cdk:enable-path-metadata': true } });
  build(app);
  app.synth();
  return folder;
}

function task(scope: Construct, port: unknown): CfnResource {
  const { Type, Properties } = taskDefinition(port);
  return new CfnResource(scope, 'Task', { type: Type, properties: Properties });
}

const judged = (folder: string, ...argv: string[]) => inFolder(folder, () => commandLine(['check', ...argv]));
const findings = (folder: string, ...argv: string[]) => found(judged(folder, ...argv, '--format', 'json'));
const FINDING = 'Task port-mapping-invalid';

describe('an assembly', () => {
  const folder = assembly((app) => {
    task(new Stack(app, 'Web'), 70000);
    task(new Stack(new Stage(app, 'Test'), 'Web'), 70000);
    const network = new Stack(app, 'Network');
    new CfnOutput(network, 'Port', { value: '70000', exportName: 'port' });
    new CfnResource(network, 'Topic', { type: 'AWS::SNS::Topic' });
    task(new Stack(app, 'Importing'), Fn.importValue('port'));
  });

  test('has all of its stacks judged, those of stages too, and joined', () => {
    expect(findings(folder, 'cdk.out').map((text) => text.replace(/(?<=TestWeb)\w+/, '…')).sort()).toEqual([
      `cdk.out/Importing.template.json ${FINDING}`,
      `cdk.out/Web.template.json ${FINDING}`,
      `cdk.out/assembly-Test/TestWeb….template.json ${FINDING}`,
    ]);
  });

  test('is found in a folder, and by its manifest', () => {
    const all = findings(folder, 'cdk.out');
    expect(findings(folder, '.')).toEqual(all);
    expect(findings(folder, 'cdk.out/manifest.json')).toEqual(all);
    expect(findings(folder, 'cdk.out', 'cdk.out/manifest.json', '.')).toEqual(all);
  });

  test('is not what is judged where one of its templates is named', () => {
    expect(findings(folder, 'cdk.out/Web.template.json')).toEqual([`cdk.out/Web.template.json ${FINDING}`]);
    expect(findings(folder, 'cdk.out/Importing.template.json')).toEqual([]);
  });

  test('is judged once, whatever else of it is named', () => {
    const all = judged(folder, 'cdk.out');
    expect(all.out).toContain('4 templates');
    for (const argv of [
      ['cdk.out', 'cdk.out/Web.template.json'], ['./cdk.out/Web.template.json', 'cdk.out'], ['cdk.out', join(folder, 'cdk.out/Web.template.json')],
      ['cdk.out', 'cdk.out/assembly-Test'],
    ]) {
      expect([argv, judged(folder, ...argv)]).toEqual([argv, all]);
    }
    expect(findings(folder, 'cdk.out/assembly-Test', 'cdk.out')).toEqual(findings(folder, 'cdk.out'));
    expect(judged(folder, 'cdk.out/assembly-Test', 'cdk.out').out).toContain('4 templates');
  });

  test('is judged once where it has nothing but a stage, and beside copies', () => {
    const staged = assembly((app) => task(new Stack(new Stage(app, 'Test'), 'Web'), 70000));
    const all = judged(staged, 'cdk.out');
    expect(judged(staged, 'cdk.out', 'cdk.out/assembly-Test')).toEqual(all);
    expect(judged(staged, 'cdk.out/assembly-Test', 'cdk.out')).toEqual(all);
    symlinkSync(join(staged, 'cdk.out/assembly-Test'), join(staged, 'link'));
    expect(judged(staged, 'link/..', 'cdk.out/assembly-Test').out).toContain('in 1 template ');
    copyFileSync(join(folder, 'cdk.out/Web.template.json'), join(staged, 'copy.json'));
    expect(findings(staged, 'cdk.out', 'copy.json')).toEqual([...findings(staged, 'cdk.out'), `copy.json ${FINDING}`]);
  });

  test('tells stack, path and line', () => {
    const { out } = judged(folder, 'cdk.out', '--format', 'json');
    const [finding] = (JSON.parse(out) as { findings: Array<{ template: string }> }).findings.filter(({ template }) => template.includes('out/Web'));
    expect(finding).toMatchObject({ stack: 'Web', path: 'Web/Task', resource: 'Task' });
    expect(judged(folder, 'cdk.out').out).toContain('error port-mapping-invalid Task at line 3 (Web/Task)');
  });
});

test('what is acknowledged in an assembly fails nothing, and is told apart in every format', () => {
  const folder = assembly((app) => {
    Validations.of(task(new Stack(app, 'Web'), 70000)).acknowledge({ id: 'EcsNetworkModes::port-mapping-invalid', reason: 'On purpose' });
  });
  expect(judged(folder, 'cdk.out')).toEqual({
    exitCode: 0, out: 'no findings in 1 template with 0 services; 1 acknowledged\n', err: '',
  });
  expect(findings(folder, 'cdk.out')).toEqual([]);
  const { exitCode, out } = judged(folder, 'cdk.out', '--format', 'sarif');
  expect(exitCode).toBe(0);
  expect((JSON.parse(out) as Log).runs[0].results!.map(({ ruleId, suppressions }) => [ruleId, suppressions])).toEqual([
    ['port-mapping-invalid', [{ kind: 'inSource', justification: 'On purpose' }]],
  ]);
});

test('what acknowledges no rule is warned of', () => {
  const folder = assembly((app) => {
    Validations.of(task(new Stack(app, 'Web'), 8080)).acknowledge({ id: 'EcsNetworkModes::port-mapping', reason: 'x' });
  });
  expect(judged(folder, 'cdk.out')).toMatchObject({
    exitCode: 0, err: 'warning: EcsNetworkModes::port-mapping is acknowledged, and there is no such rule: Web/Task\n',
  });
});

test('nested stacks of an assembly get what their parent passes', () => {
  const folder = assembly((app) => {
    const nested = new NestedStack(new Stack(app, 'Web'), 'Nested', { parameters: { Port: '70000' } });
    new CfnParameter(nested, 'Port', { type: 'Number', default: 8080 });
    task(nested, { Ref: 'Port' });
  });
  expect(findings(folder, 'cdk.out')).toEqual([expect.stringMatching(/^cdk\.out\/WebNested\w+\.nested\.template\.json Task port-mapping-invalid$/)]);
});

/** A stack that nests the template of a file, which is an asset as those that people write are. */
function nestingAsset(file: string): string {
  const hash = 'a'.repeat(64);
  return folderOf({
    'cdk.out/manifest.json': {
      version: '1',
      artifacts: {
        'Web': { type: 'aws:cloudformation:stack', properties: { templateFile: 'Web.template.json' }, dependencies: ['Web.assets'] },
        'Web.assets': { type: 'cdk:asset-manifest', properties: { file: 'Web.assets.json' } },
      },
    },
    'cdk.out/Web.assets.json': { files: { [hash]: { source: { path: file } } } },
    'cdk.out/Web.template.json': { Resources: { Nested: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: `s3://b/${hash}` } } } },
    [`cdk.out/${file}`]: `{Resources: ${JSON.stringify({ Task: taskDefinition(70000) })}}`,
  });
}

test.each(['a.yaml', 'a.yml', 'a.template', 'a'])('a nested stack whose template is YAML is judged, in %s', (file) => {
  expect(findings(nestingAsset(file), 'cdk.out')).toEqual([`cdk.out/${file} ${FINDING}`]);
});

test('the templates of an assembly that are JSON are read as nothing else', () => {
  const { exitCode, err } = judged(nestingAsset('a.json'), 'cdk.out');
  expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringMatching(/^error: cdk\.out\/a\.json: it is no JSON: /) });
});

test('a template that is nested twice is told of by its file, and by each construct', () => {
  const folder = assembly((app) => {
    const stack = new Stack(app, 'Web');
    for (const id of ['One', 'Two']) {
      const nested = new NestedStack(stack, id);
      // Without paths in it the two templates are the same file.
      nested.node.setContext('aws:cdk:enable-path-metadata', false);
      const made = task(nested, 70000);
      if (id === 'One') {
        Validations.of(made).acknowledge({ id: 'EcsNetworkModes::port-mapping-invalid', reason: 'On purpose' });
      }
    }
  });
  const { out } = judged(folder, 'cdk.out', '--format', 'json');
  const told = (JSON.parse(out) as { findings: Array<{ template: string; path: string }> }).findings;
  expect(told.map(({ path }) => path)).toEqual(['Web/Two/Task']);
  expect(told[0].template).toMatch(/^cdk\.out\/Web\w+\.nested\.template\.json$/);
});

test('values of parameters and a Region count for an assembly, too', () => {
  const folder = assembly((app) => {
    const stack = new Stack(app, 'Web');
    new CfnParameter(stack, 'Name', { type: 'String', default: 'fine' });
    new CfnMapping(stack, 'Ports', { mapping: { 'eu-west-1': { fine: 8080, wrong: 70000 }, 'eu-west-2': { fine: 0, wrong: 0 } } });
    task(stack, { 'Fn::FindInMap': ['Ports', { Ref: 'AWS::Region' }, { Ref: 'Name' }] });
  });
  const wrong = [`cdk.out/Web.template.json ${FINDING}`];
  expect(findings(folder, 'cdk.out')).toEqual([]);
  expect(findings(folder, 'cdk.out', '--region', 'eu-west-1')).toEqual([]);
  expect(findings(folder, 'cdk.out', '--region', 'eu-west-1', '--assume', 'Name=wrong')).toEqual(wrong);
  expect(findings(folder, 'cdk.out', '--region', 'eu-west-2')).toEqual(wrong);
});

test('an assembly that tells its Region keeps it', () => {
  const folder = assembly((app) => {
    const stack = new Stack(app, 'Web', { env: { account: '111122223333', region: 'eu-west-1' } });
    new CfnMapping(stack, 'Ports', { mapping: { 'eu-west-1': { Port: 8080 }, 'eu-west-2': { Port: 0 } } });
    task(stack, { 'Fn::FindInMap': ['Ports', { Ref: 'AWS::Region' }, 'Port'] });
  });
  expect(findings(folder, 'cdk.out', '--region', 'eu-west-2')).toEqual([]);
});

test('a broken assembly is told of, and the rest is judged', () => {
  const folder = folderOf({
    'cdk.out/manifest.json': { version: '1', artifacts: { Web: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Web.template.json' } } } },
    'web.json': { Resources: { Task: taskDefinition(70000) } },
  });
  const ran = judged(folder, '.', '--format', 'json');
  expect(ran.exitCode).toBe(2);
  expect(found(ran)).toEqual([`web.json ${FINDING}`]);
  expect(ran.err).toMatch(/^error: cdk\.out\/Web\.template\.json: .*\n$/);
});

describe('of an assembly in which something cannot be read the rest is judged:', () => {
  const HASHES = ['a', 'b'].map((letter) => letter.repeat(64));
  const nesting = (hash: string) => ({ Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: `s3://b/${hash}` } });
  const stackOf = (templateFile: string, more: object = {}) => ({
    type: 'aws:cloudformation:stack', properties: { templateFile }, dependencies: ['Assets'], ...more,
  });
  /** Two stacks and one in a stage, of which each has a finding; the first nests two, which have one each. */
  const files = () => ({
    'cdk.out/manifest.json': {
      version: '1',
      artifacts: {
        Assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
        Web: stackOf('web.json', { additionalMetadataFile: 'web.metadata.json' }),
        Api: stackOf('api.json'),
        Stage: { type: 'cdk:cloud-assembly', properties: { directoryName: 'stage' } },
      },
    },
    'cdk.out/assets.json': { files: Object.fromEntries(HASHES.map((hash, index) => [hash, { source: { path: `nested${index + 1}.yaml` } }])) },
    'cdk.out/web.metadata.json': {},
    'cdk.out/web.json': { Resources: { One: nesting(HASHES[0]), Two: nesting(HASHES[1]), Task: taskDefinition(70000) } },
    'cdk.out/nested1.yaml': taskOn(70000),
    'cdk.out/nested2.yaml': taskOn(70000),
    'cdk.out/api.json': taskOn(70000),
    'cdk.out/stage/manifest.json': { version: '1', artifacts: { Web: stackOf('web.json') } },
    'cdk.out/stage/web.json': taskOn(70000),
  });
  const ALL = ['api.json', 'nested1.yaml', 'nested2.yaml', 'stage/web.json', 'web.json'];

  function told(more: Record<string, string | object | undefined>) {
    const given = Object.entries({ ...files(), ...more }).filter((entry): entry is [string, string | object] => entry[1] !== undefined);
    const ran = judged(folderOf(Object.fromEntries(given)), 'cdk.out', '--format', 'json');
    return { exitCode: ran.exitCode, judged: found(ran).map((text) => /^cdk\.out\/(\S+)/.exec(text)![1]).sort(), err: ran.err };
  }

  test('nothing', () => {
    expect(told({})).toEqual({ exitCode: 1, judged: ALL, err: '' });
  });

  test.each<[string, Record<string, string | object | undefined>, string[], RegExp]>([
    ['a template that is not there', { 'cdk.out/api.json': undefined }, ['api.json'], /^error: cdk\.out\/api\.json: it is not there\n$/],
    ['a template that is no JSON', { 'cdk.out/web.json': '{' }, ['web.json', 'nested1.yaml', 'nested2.yaml'], /^error: cdk\.out\/web\.json: it is no JSON: .*\n$/],
    ['a nested template that is not there', { 'cdk.out/nested1.yaml': undefined }, ['nested1.yaml'], /^error: cdk\.out\/nested1\.yaml: it is not there\n$/],
    ['a nested template that is no YAML', { 'cdk.out/nested1.yaml': 'Resources: [' }, ['nested1.yaml'], /^error: cdk\.out\/nested1\.yaml: line 1, .*\n$/],
    ['a list of assets', { 'cdk.out/assets.json': '{' }, ['nested1.yaml', 'nested2.yaml'], /^error: cdk\.out\/assets\.json: it is no JSON: .*\n$/],
    ['a manifest of a stage', { 'cdk.out/stage/manifest.json': '{' }, ['stage/web.json'], /^error: cdk\.out\/stage\/manifest\.json: it is no JSON: .*\n$/],
    ['what is recorded of constructs', { 'cdk.out/web.metadata.json': undefined }, [], /^error: cdk\.out\/web\.metadata\.json: it is not there\n$/],
    ['what is recorded of constructs, which is no JSON', { 'cdk.out/web.metadata.json': '{' }, [], /^error: cdk\.out\/web\.metadata\.json: it is no JSON: .*\n$/],
  ])('%s', (_, broken, without, err) => {
    expect(told(broken)).toEqual({ exitCode: 2, judged: ALL.filter((file) => !without.includes(file)), err: expect.stringMatching(err) });
  });

  test('a stack that nests itself', () => {
    const itself = { 'cdk.out/assets.json': { files: { [HASHES[0]]: { source: { path: 'web.json' } }, [HASHES[1]]: { source: { path: 'nested2.yaml' } } } } };
    expect(told(itself)).toEqual({
      exitCode: 2, judged: ALL.filter((file) => file !== 'nested1.yaml'),
      err: 'error: cdk.out/web.json: One nests cdk.out/web.json, in which it is nested itself\n',
    });
  });
});

test.each(['', '{"version": "1", "artif'])('a manifest that is not whole is told of, as nothing joins the templates beside it: %j', (manifest) => {
  const files = { 'cdk.out/manifest.json': manifest, 'cdk.out/cdk.out': { version: '1' }, 'cdk.out/web.json': { Resources: { Task: taskDefinition(70000) } } };
  const { exitCode, err } = judged(folderOf(files), 'cdk.out', '--format', 'json');
  expect({ exitCode, err }).toEqual({
    exitCode: 2, err: 'error: cdk.out/manifest.json: it is no JSON, so that the templates beside it are judged each by itself\n',
  });
});

test('a manifest of something else is none of an assembly', () => {
  const folder = folderOf({ 'manifest.json': { name: 'A web app' }, 'web.json': { Resources: { Task: taskDefinition(70000) } } });
  expect(findings(folder, '.')).toEqual([`web.json ${FINDING}`]);
});
