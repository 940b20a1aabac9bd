/** Cloud assemblies: what is judged of them, and what is acknowledged in them. */
import { join } from 'node:path';
import { App, CfnMapping, CfnOutput, CfnParameter, CfnResource, Fn, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Log } from 'sarif';
import { commandLine, folderOf, found, inFolder, taskDefinition } from './command-line';

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

test('a manifest of something else is none of an assembly', () => {
  const folder = folderOf({ 'manifest.json': { name: 'A web app' }, 'web.json': { Resources: { Task: taskDefinition(70000) } } });
  expect(findings(folder, '.')).toEqual([`web.json ${FINDING}`]);
});
