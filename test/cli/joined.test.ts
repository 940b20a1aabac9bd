/** Which templates `check` judges together. */
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, commandLine, folderOf, found, inFolder, taskDefinition, taskOn } from './command-line';

const stack = (TemplateURL: unknown, Parameters = {}) => ({ Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL, Parameters } });
const parent = (...children: ReadonlyArray<readonly [url: unknown, port?: number]>) => ({
  Resources: Object.fromEntries(children.map(([url, port], index) => [`Child${index + 1}`, stack(url, port ? { Port: port } : {})])),
});
/** Right by itself, and as wrong as the parameter it is given. */
const child = taskOn({ Ref: 'Port' }, { Parameters: { Port: { Type: 'Number', Default: 8080 } } });

const FINDING = 'port-mapping-invalid';
const judged = (files: Parameters<typeof check>[0], ...argv: string[]) => {
  const ran = check(files, [...argv, '--format', 'json']);
  return [...found(ran), ...ran.err.split('\n').filter((line) => line !== '')];
};

describe('nested stacks with a local TemplateURL', () => {
  test('get what their parent passes, whether they are given, found or neither', () => {
    const files = { 'main.json': parent(['./parts/task.json', 70000]), 'parts/task.json': child };
    const wrong = [`parts/task.json Task ${FINDING}`];
    expect(judged(files, 'main.json')).toEqual(wrong);
    expect(judged(files, 'parts/task.json', 'main.json')).toEqual(wrong);
    expect(judged(files, '.')).toEqual(wrong);
    expect(judged(files, 'parts/task.json')).toEqual([]);
  });

  test('may nest others, and are looked for beside what nests them', () => {
    const middle = { Parameters: { Port: { Type: 'Number' } }, Resources: { Inner: stack('../inner.json', { Port: { Ref: 'Port' } }) } };
    expect(judged({ 'main.json': parent(['a/middle.json', 70000]), 'a/middle.json': middle, 'inner.json': child }, 'main.json'))
      .toEqual([`inner.json Task ${FINDING}`]);
  });

  test('are told of by a path that leads to them, and with the line', () => {
    const folder = folderOf({ 'a/task.json': JSON.stringify(child, undefined, 1), 'main.json': {} });
    const shown = (url: string, path = 'main.json') => {
      writeFileSync(join(folder, 'main.json'), JSON.stringify(parent([url, 70000])));
      return inFolder(folder, () => commandLine(['check', path]).out).split('\n').slice(0, 2);
    };
    const at = expect.stringMatching(/ Task at line \d+$/);
    expect(shown('./a/task.json')).toEqual(['a/task.json', at]);
    expect(shown('a/../a/task.json')).toEqual(['a/task.json', at]);
    expect(shown(join(folder, 'a/task.json'))).toEqual([join(folder, 'a/task.json'), at]);
    expect(shown('a/task.json', join(folder, 'main.json'))).toEqual([join(folder, 'a/task.json'), at]);
    mkdirSync(join(folder, 'b'));
    symlinkSync('../main.json', join(folder, 'b/link.json'));
    expect(shown('a/task.json', 'b/link.json')).toEqual([realpathSync(join(folder, 'a/task.json')), at]);
  });

  test('may be nested more than once, and a problem of any is reported once', () => {
    expect(judged({ 'main.json': parent(['task.json', 8080], ['task.json', 70000], ['task.json', 70001]), 'task.json': child }, '.'))
      .toEqual([`task.json Task ${FINDING}`]);
    expect(judged({ 'a.json': parent(['task.json', 70000]), 'b.json': parent(['task.json', 70000]), 'task.json': child }, 'a.json', 'b.json'))
      .toEqual([`task.json Task ${FINDING}`]);
  });

  test('are named in what is said of what is in them, from the outermost', () => {
    const middle = { Parameters: { Port: { Type: 'Number' } }, Resources: { Inner: stack('inner.json', { Port: { Ref: 'Port' } }) } };
    const files = { 'main.json': { Resources: { Shop: stack('middle.json', { Port: 70000 }) } }, 'middle.json': middle, 'inner.json': child };
    const { findings } = JSON.parse(check(files, ['.', '--format', 'json']).out) as { findings: ReadonlyArray<{ message: string }> };
    expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('Shop/Inner/Task')]);
  });

  test('that are nested more than once keep their own nested stacks', () => {
    const middle = { Parameters: { Port: { Type: 'Number' } }, Resources: { Inner: stack('inner.json', { Port: { Ref: 'Port' } }) } };
    const files = { 'main.json': parent(['middle.json', 8080], ['middle.json', 70000]), 'middle.json': middle, 'inner.json': child };
    expect(judged(files, '.')).toEqual([`inner.json Task ${FINDING}`]);
  });

  test.each<[string, unknown]>([
    ['are elsewhere', 'https://s3.amazonaws.com/bucket/task.json'],
    ['are in a bucket', 's3://bucket/task.json'],
    ['are named by an expression', { 'Fn::Sub': 'https://${Bucket}/task.json' }],
    ['are not there', './nothing.json'],
    ['are a folder', '.'],
  ])('that %s are left out', (_, url) => {
    expect(judged({ 'main.json': parent([url, 70000]), 'task.json': child }, '.')).toEqual([]);
  });

  test('that are left out are told of, each once, and those that are judged are not', () => {
    const url = 'https://example.com/task.json';
    const files = { 'main.json': parent([url], ['task.json'], ['none.json'], [{ 'Fn::Sub': '${Bucket}/x' }]), 'task.json': parent([url], ['inner.json']), 'inner.json': child };
    const { exitCode, out, err } = check(files, ['.', '--format', 'json']);
    const { undecided } = JSON.parse(out) as { undecided: object[] };
    const left = (template: string, resource: string, which: string) => (
      { rule: '*', template, resource, why: `its template${which} is not given: what is in it is not judged` });
    expect({ exitCode, err, undecided }).toEqual({ exitCode: 0, err: '', undecided: [
      left('main.json', 'Child1', ` ${url}`), left('main.json', 'Child3', ' none.json'), left('main.json', 'Child4', ''), left('task.json', 'Child1', ` ${url}`),
    ] });
  });

  test('that are broken are told of, and the rest is judged', () => {
    const main = { Resources: { ...parent(['broken.yaml'], ['other.json']).Resources, Task: taskDefinition(70000) } };
    expect(judged({ 'main.json': main, 'broken.yaml': 'a: [', 'other.json': {} }, 'main.json')).toEqual([
      `main.json Task ${FINDING}`,
      expect.stringMatching(/^error: broken\.yaml: line 1, /),
      'error: other.json: it is no CloudFormation template: no resource in it has a type',
    ]);
  });

  test('that cannot be analysed are told of, and what they nest goes with them', () => {
    const middle = { Resources: { Inner: stack('inner.json', { Port: 70000 }), Wrong: 5 } };
    const main = { Resources: { ...parent(['middle.json']).Resources, Task: taskDefinition(70000) } };
    expect(judged({ 'main.json': main, 'middle.json': middle, 'inner.json': child }, '.')).toEqual([
      `main.json Task ${FINDING}`,
      'error: middle.json: Resources.Wrong is a number, must be an object',
    ]);
  });

  test('in themselves are a mistake', () => {
    const nests = 'it is nested in itself';
    expect(judged({ 'a.json': parent(['a.json']) }, '.')).toEqual([`error: a.json: ${nests}`]);
    expect(judged({ 'a.json': parent(['b.json']), 'b.json': parent(['a.json']) }, 'a.json')).toEqual([`error: a.json: ${nests}`, `error: b.json: ${nests}`]);
    expect(judged({ 'main.json': parent(['a.json']), 'a.json': parent(['b.json']), 'b.json': parent(['a.json']) }, '.')).toEqual([`error: a.json: ${nests}`]);
  });

  test('that would be more than can be are a mistake, at once', () => {
    const levels = Object.fromEntries(Array.from({ length: 30 }, (_, level) => [`${level}.json`, parent([`${level + 1}.json`], [`${level + 1}.json`])]));
    expect(judged({ ...levels, '30.json': child }, '0.json')).toEqual(['error: 0.json: more than 1,000 stacks are nested in it']);
  });
});

describe('exports', () => {
  const exporting = (port: number) => ({ Outputs: { Port: { Value: port, Export: { Name: 'port' } } }, Resources: { Topic: { Type: 'AWS::SNS::Topic' } } });
  const importing = taskOn({ 'Fn::ImportValue': 'port' });
  const files = { 'network.json': exporting(70000), 'service.json': importing };

  test('of templates that are named are joined to their imports', () => {
    expect(judged(files, 'service.json', 'network.json')).toEqual([`service.json Task ${FINDING}`]);
  });

  test('of templates in a folder are not: it may hold several for several accounts', () => {
    expect(judged(files, '.')).toEqual([]);
    expect(judged(files, 'service.json', '.')).toEqual([]);
  });

  test('of the same name are nobody\'s', () => {
    expect(judged({ ...files, 'other.json': exporting(8080) }, 'service.json', 'network.json', 'other.json')).toEqual([]);
  });

  test('are joined beside a template that is broken', () => {
    expect(judged({ ...files, 'a.json': { Resources: { A: { Type: 'X' }, B: 5 } } }, 'a.json', 'service.json', 'network.json')).toEqual([
      `service.json Task ${FINDING}`,
      'error: a.json: Resources.B is a number, must be an object',
    ]);
  });
});

test('templates with open conditions of their own, however many, are each decided', () => {
  const conditional = (port: number) => ({
    Parameters: { On: { Type: 'String' } },
    Conditions: { IsOn: { 'Fn::Equals': [{ Ref: 'On' }, 'yes'] } },
    Resources: { Task: { ...taskDefinition({ 'Fn::If': ['IsOn', port, 8080] }) } },
  });
  const names = Array.from({ length: 40 }, (_, index) => `t${index + 10}.json`);
  const files = Object.fromEntries(names.map((name) => [name, conditional(70000)]));
  const expected = names.map((name) => `${name} Task ${FINDING}`);
  expect(judged(files, '.')).toEqual(expected);
  expect(judged(files, ...names)).toEqual(expected);
});
