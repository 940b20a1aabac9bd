/** What `check` writes: text for people, JSON for programs, SARIF for code hosts and editors. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import type { Log } from 'sarif';
import { RULES } from '../../src/analysis/rules';
import { check, commandLine, folderOf, taskOn } from './command-line';

const WEB = `Parameters:
  Port: {Type: Number, Default: 70000}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Metadata: {'aws:cdk:path': Shop/Task/Resource}
    Properties:
      NetworkMode: bridge
      ContainerDefinitions: [{Name: app, Image: nginx, Memory: 128, PortMappings: [{ContainerPort: !Ref Port, HostPort: 40000}]}]

  "Web":
    Type: AWS::ECS::Service
    Properties: {TaskDefinition: !Ref Task, LaunchType: EC2, Cluster: main}
  Open:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions: [{Name: app, Image: nginx, Memory: 128, PortMappings: [{ContainerPort: !ImportValue port}]}]
`;

/** Other rules may find more. */
const BOTH = ['--rule', 'port-mapping-invalid', '--rule', 'host-port-reserved'];

describe('text', () => {
  test('tells of each template what is found, the severest first, and sums up', () => {
    const ran = check({ 'b/web.yaml': WEB, 'a.json': taskOn(0), 'fine.json': taskOn(80) }, ['b/web.yaml', '.', ...BOTH]);
    expect(ran.err).toBe('');
    expect(ran.out).toBe(`b/web.yaml
  error port-mapping-invalid Task at line 4 (Shop/Task/Resource)
    container app of task Task maps container port 70000; ports end at 65535
    fix: ContainerPort from 1 to 65535
    assumes: parameter Port keeps its default 70000
    acknowledge: Validations.of(construct).acknowledge({ id: 'EcsNetworkModes::port-mapping-invalid', reason: '…' })

  warning host-port-reserved Web at line 11
    service Web wants tcp 40000 on its instances, in the range of dynamic ports, 32768-60999: another task or an outgoing connection may hold it
    fix: HostPort 1024
    assumes: OperatingSystemFamily is left out, which means linux
    acknowledge: Validations.of(construct).acknowledge({ id: 'EcsNetworkModes::host-port-reserved', reason: '…' })

a.json
  error port-mapping-invalid Task at line 1
    container app of task Task maps container port 0; container ports start at 1
    fix: ContainerPort from 1 to 65535
    acknowledge: Validations.of(construct).acknowledge({ id: 'EcsNetworkModes::port-mapping-invalid', reason: '…' })

2 errors, 1 warning in 3 templates with 1 service; 1 undecided (--format json lists them)
`);
  });

  test('shows what a template has of control characters, and does as none of them says', () => {
    const container = { Name: 'x\u001b[31mred\n::error::', Image: 'nginx', Memory: 128, PortMappings: [{ ContainerPort: 70000 }] };
    const wrong = { Resources: { 'A\nB': { Type: 'AWS::ECS::TaskDefinition', Properties: { ContainerDefinitions: [container] } } } };
    const { out } = check({ 'a.json': wrong }, ['a.json', '--rule', 'port-mapping-invalid']);
    expect(out).toContain('error port-mapping-invalid A\\u000aB at line');
    expect(out).toContain('x\\u001b[31mred\\u000a::error::');
    // eslint-disable-next-line no-control-regex
    expect(out).not.toMatch(/\u001b|^::/m);
    expect(check({}, ['no\n::file']).err).toBe('error: no\\u000a::file: there is nothing at this path\n');
  });

  test('of what is fine is one line', () => {
    expect(check({ 'a.json': taskOn(80) }, ['a.json'])).toEqual({ exitCode: 0, out: 'no findings in 1 template with 0 services\n', err: '' });
    const broken = check({ 'a.json': taskOn(80), 'b.json': '', 'c.json': '[' }, ['a.json', 'b.json', 'c.json']);
    expect(broken.out).toBe('no findings in 1 template with 0 services; 2 paths not judged\n');
  });

  test.each<[string, object, boolean]>([
    ['on a terminal', { outIsTTY: true }, true],
    ['in a pipe', {}, false],
    ['where only errors go to a terminal', { errIsTTY: true }, false],
    ['where NO_COLOR is set', { outIsTTY: true, env: { NO_COLOR: '1' } }, false],
    ['where NO_COLOR is empty', { outIsTTY: true, env: { NO_COLOR: '' } }, true],
    ['on a dumb terminal', { outIsTTY: true, env: { TERM: 'dumb' } }, false],
  ])('%s is coloured: %#', (_, surroundings, coloured) => {
    const { out } = check({ 'web.yaml': WEB }, ['web.yaml', ...BOTH], surroundings);
    expect(out.includes('\x1b[31merror\x1b[39m')).toBe(coloured);
    // eslint-disable-next-line no-control-regex
    expect(out.replace(/\x1b\[\d+m/g, '')).toBe(check({ 'web.yaml': WEB }, ['web.yaml', ...BOTH]).out);
  });
});

describe('JSON', () => {
  test('has every member of each finding and of what is undecided', () => {
    const ran = check({ 'web.yaml': WEB }, ['./web.yaml', '--format', 'json', ...BOTH], { outIsTTY: true });
    expect(JSON.parse(ran.out)).toEqual({
      version: 1,
      findings: [
        {
          rule: 'port-mapping-invalid',
          severity: 'error',
          template: './web.yaml',
          stack: null,
          resource: 'Task',
          path: 'Shop/Task/Resource',
          message: 'container app of task Task maps container port 70000; ports end at 65535',
          fix: 'ContainerPort from 1 to 65535',
          assumes: ['parameter Port keeps its default 70000'],
          acknowledgement: "Validations.of(construct).acknowledge({ id: 'EcsNetworkModes::port-mapping-invalid', reason: '…' })",
          source: RULES.find(({ id }) => id === 'port-mapping-invalid')!.source,
        },
        expect.objectContaining({ rule: 'host-port-reserved', resource: 'Web', path: null }),
      ],
      undecided: expect.arrayContaining([
        { rule: 'port-mapping-invalid', template: './web.yaml', resource: 'Open', why: 'export port is of none of the given templates' },
      ]),
    });
  });

  test('of nothing has empty lists', () => {
    expect(JSON.parse(check({ 'a.json': taskOn(80) }, ['a.json', '--format', 'json']).out)).toEqual({ version: 1, findings: [], undecided: [] });
  });
});

describe('SARIF', () => {
  const sarif = (...[files, argv]: Parameters<typeof check>) => JSON.parse(check(files, [...argv, '--format', 'sarif']).out) as Log;

  test('is valid, with and without findings', () => {
    const parsedFile = (file: string) => JSON.parse(readFileSync(require.resolve(file), 'utf-8')) as object;
    const ajv = new Ajv({ schemaId: 'auto' }).addMetaSchema(parsedFile('ajv/lib/refs/json-schema-draft-04.json'));
    const validate = ajv.compile(parsedFile('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'));
    const problemsOf = (log: object) => {
      void validate(log);
      return validate.errors?.map(({ dataPath, message }) => `${dataPath} ${message}`) ?? [];
    };
    expect(problemsOf(sarif({ 'web.yaml': WEB, 'broken.json': '' }, ['web.yaml', 'broken.json']))).toEqual([]);
    expect(problemsOf(sarif({ 'a.json': taskOn(80) }, ['a.json', '--rule', 'host-port-clash']))).toEqual([]);
    expect(problemsOf({ ...sarif({ 'web.yaml': WEB }, ['web.yaml']), version: '2' }))
      .toEqual(['.version should be equal to one of the allowed values']);
  });

  test('has findings as results, with their lines and rules', () => {
    const [{ results, tool: { driver } }] = sarif({ 'a b/wéb.yaml': WEB }, ['a b/wéb.yaml', ...BOTH]).runs;
    expect(driver.rules!.map(({ id }) => id)).toEqual(['port-mapping-invalid', 'host-port-reserved']);
    const told = results!.map(({ ruleId, ruleIndex, level, suppressions }) => [ruleId, driver.rules![ruleIndex!].id, level, suppressions]);
    expect(told).toEqual([
      ['port-mapping-invalid', 'port-mapping-invalid', 'error', []],
      ['host-port-reserved', 'host-port-reserved', 'warning', []],
    ]);
    expect(results!.map(({ locations }) => locations![0])).toEqual([
      {
        physicalLocation: { artifactLocation: { uri: 'a%20b/w%C3%A9b.yaml' }, region: { startLine: 4 } },
        logicalLocations: [{ name: 'Task', fullyQualifiedName: 'Shop/Task/Resource', kind: 'resource' }],
      },
      {
        physicalLocation: { artifactLocation: { uri: 'a%20b/w%C3%A9b.yaml' }, region: { startLine: 11 } },
        logicalLocations: [{ name: 'Web', fullyQualifiedName: 'Web', kind: 'resource' }],
      },
    ]);
    expect(results![0].message.text).toBe('container app of task Task maps container port 70000; ports end at 65535.\n'
      + 'Fix: ContainerPort from 1 to 65535\nAssumes: parameter Port keeps its default 70000.');
  });

  test('has an absolute path as an address', () => {
    const folder = folderOf({ 'a.json': taskOn(0) });
    const { out } = commandLine(['check', join(folder, 'a.json'), '--format', 'sarif']);
    expect((JSON.parse(out) as Log).runs[0].results![0].locations![0].physicalLocation!.artifactLocation!.uri).toBe(`file://${folder}/a.json`);
  });

  test('tells apart what is undecided and what is broken', () => {
    const [{ results, invocations }] = sarif({ 'web.yaml': WEB, 'broken.json': '' }, ['web.yaml', 'broken.json', '--rule', 'port-mapping-invalid']).runs;
    expect(results).toHaveLength(1);
    expect(invocations).toEqual([{
      executionSuccessful: false,
      toolExecutionNotifications: [
        expect.objectContaining({ level: 'error', message: { text: 'it is empty' } }),
        expect.objectContaining({
          level: 'note',
          message: { text: 'Open is undecided: export port is of none of the given templates' },
          associatedRule: { id: 'port-mapping-invalid', index: 0 },
        }),
      ],
    }]);
    expect(sarif({ 'a.json': taskOn(80) }, ['a.json', ...BOTH]).runs[0].invocations).toEqual([{ executionSuccessful: true, toolExecutionNotifications: [] }]);
  });

  test('describes every rule it has judged by', () => {
    expect(sarif({ 'a.json': taskOn(80) }, ['a.json']).runs[0].tool.driver.rules!.map(({ id }) => id)).toEqual(RULES.map(({ id }) => id));
  });

  test('names no rule for what none sees', () => {
    const template = { Resources: { ...taskOn(80).Resources, 'Fn::ForEach::X': ['X', ['A'], {}] } };
    const { toolExecutionNotifications: [notification] = [] } = sarif({ 'a.json': template }, ['a.json']).runs[0].invocations![0];
    expect(notification).not.toHaveProperty('associatedRule');
  });
});

describe('progress', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.json`, taskOn(80)]));

  test('is told on a terminal, of many templates, and wiped off again', () => {
    const { err } = check(many(50), ['.'], { errIsTTY: true });
    const [before, first, ...others] = err.split('\r\x1b[K');
    expect([before, first, others.at(-1)]).toEqual(['', 'judged 1 of 50 templates', '']);
    expect(others.slice(0, -1).filter((line) => !/^judged \d+ of 50 templates$/.test(line))).toEqual([]);
  });

  test('is not told elsewhere, or of few', () => {
    expect(check(many(60), ['.'], { outIsTTY: true }).err).toBe('');
    expect(check(many(49), ['.'], { errIsTTY: true }).err).toBe('');
  });
});
