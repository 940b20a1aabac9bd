/** Which files `check` judges, and what it says of those it cannot. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemOf } from '../../src/cli/template-files';
import { check, commandLine, Files, folderOf, found, inFolder, taskOn } from './command-line';

const WRONG = taskOn(70000);
const YAML = `Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions: [{Name: app, Image: nginx, Memory: 128, PortMappings: [{ContainerPort: 70000}]}]
`;

const templatesIn = (folder: string, ...paths: string[]) => (
  inFolder(folder, () => found(commandLine(['check', ...paths, '--format', 'json'])).map((text) => text.split(' ')[0])));

describe('a folder', () => {
  test('gives the templates in it and in its folders, by their paths in it, in order', () => {
    const folder = folderOf({ 'b.json': WRONG, 'a/x.yaml': YAML, 'a/y.yml': YAML, 'c/d/e.template': YAML, 'c/F.JSON': WRONG });
    expect(templatesIn(folder, '.')).toEqual(['a/x.yaml', 'a/y.yml', 'b.json', 'c/F.JSON', 'c/d/e.template']);
    expect(templatesIn(folder, './a/')).toEqual(['a/x.yaml', 'a/y.yml']);
    expect(templatesIn(folder, 'a', 'c/d')).toEqual(['a/x.yaml', 'a/y.yml', 'c/d/e.template']);
  });

  test('may hold anything else', () => {
    const others: Files = {
      'package.json': { name: 'x' },
      'broken.json': '{"a": ',
      'chart/templates/pod.yaml': '{{- if .Values.Resources: }}\nkind: Pod\n',
      'two.yaml': 'a: 1\n---\nResources: {}\n',
      'map.yaml': `kind: ConfigMap\ndata:\n  web.yaml: |\n${YAML.replace(/^/gm, '    ')}\n---\nkind: Service\n`,
      'empty.yaml': '',
      'list.json': [1],
      'names.yaml': 'Resources:\n  a: 1\n',
      'image.json': new Uint8Array([0, 255, 1]),
      'big.json': `{"Resources": "${'x'.repeat(9 * 1024 * 1024)}"}`,
      'template.txt': YAML,
      'node_modules/x/template.json': WRONG,
      '.git/template.json': WRONG,
    };
    const ran = check({ ...others, 'web.yaml': YAML }, ['.', '--format', 'json']);
    expect(ran).toMatchObject({ exitCode: 1, err: '' });
    expect(found(ran)).toEqual(['web.yaml Task port-mapping-invalid']);
  });

  test('with a broken template in it has the others judged', () => {
    const ran = check({ 'a.yaml': `${YAML}  Web: {`, 'b.json': WRONG, 'c.json': { Resources: { A: { Type: 'X' }, B: 5 } } }, ['.', '--format', 'json']);
    expect(ran.exitCode).toBe(2);
    expect(found(ran)).toEqual(['b.json Task port-mapping-invalid']);
    expect(ran.err).toMatch(/^error: a\.yaml: line 6, column \d+: .*\nerror: c\.json: Resources\.B is a number, must be an object\n$/);
  });

  test('with a template in it behind which a second document starts has that told', () => {
    const { exitCode, err } = check({ 'a.yaml': `${YAML}---\n${YAML}`, 'b.json': WRONG }, ['.']);
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: 'error: a.yaml: line 6, column 1: a second document starts here; a template is one\n' });
  });

  test('with a template in UTF-16 in it has that told', () => {
    const { exitCode, err } = check({ 'a.yaml': Buffer.from(`\ufeff${YAML}`, 'utf16le'), 'b.json': WRONG }, ['.']);
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: 'error: a.yaml: it is no text in UTF-8\n' });
  });

  test('without templates is a mistake', () => {
    expect(check({ 'a/package.json': {} }, ['a'])).toEqual({ exitCode: 2, out: '', err: 'error: a: there is no template in this folder\n' });
    expect(check({ 'a/package.json': {}, 'b.yaml': YAML }, ['b.yaml', 'a'])).toMatchObject({ exitCode: 2, out: expect.stringContaining('1 error') });
  });

  test('with nothing but a broken template is told of once', () => {
    expect(check({ 'a/b.yaml': 'Resources: {A: {Type: AWS::A::B}' }, ['a']).err).toMatch(/^error: a\/b\.yaml: line .*\n$/);
  });

  test.each(['.', './', '../folder', '../folder/.'])('with nothing but a broken template is told of once, too, where it is called %s', (path) => {
    const folder = folderOf({ 'folder/a/b.yaml': 'Resources: {A: {Type: AWS::A::B}' });
    const { exitCode, err } = inFolder(join(folder, 'folder'), () => commandLine(['check', path]));
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringMatching(/^error: (\.\.\/folder\/)?a\/b\.yaml: line .*\n$/) as unknown });
  });

  test('without templates beside a broken one that is named is a mistake of its own', () => {
    const folder = folderOf({ 'a/package.json': {}, 'b.yaml': 'Resources: [' });
    expect(inFolder(join(folder, 'a'), () => commandLine(['check', '../b.yaml', '.']).err))
      .toMatch(/^error: \.\.\/b\.yaml: .*\nerror: \.: there is no template in this folder\n$/);
  });

  const SAYS_SO = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n';
  test.each<[string, string | Uint8Array, string]>([
    ['has no resources', SAYS_SO, 'it is no CloudFormation template: no resource in it has a type'],
    ['lacks a colon', '{\n "AWSTemplateFormatVersion": "2010-09-09", "Resources" {', 'line 2, column '],
    ['is in UTF-16', Buffer.from(`\ufeff${SAYS_SO}  A: {Type: X}`, 'utf16le'), 'it is no text in UTF-8'],
  ])('with nothing but what says that it is a template and %s has that told', (_, content, problem) => {
    const { exitCode, err } = check({ 'a/b.yaml': content, 'a/c.yaml': 'x: 1' }, ['a']);
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: expect.stringContaining(`error: a/b.yaml: ${problem}`) as unknown });
    expect(err.split('\n')).toHaveLength(2);
  });

  test('may lead to itself by symbolic links, and nowhere', () => {
    const folder = folderOf({ 'a/x.yaml': YAML });
    symlinkSync(folder, join(folder, 'a/loop'));
    symlinkSync('a', join(folder, 'again'));
    symlinkSync('nowhere', join(folder, 'dangling.json'));
    symlinkSync('itself.json', join(folder, 'itself.json'));
    expect(templatesIn(folder, '.')).toEqual(['a/x.yaml']);
    expect(templatesIn(folder, 'again', 'a', 'again/x.yaml')).toEqual(['again/x.yaml']);
  });
});

describe('what has a name that is no text in UTF-8', () => {
  const folder = folderOf({ 'web.yaml': YAML });
  /** What is called so in Latin-1. */
  const inLatin1 = (name: string) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);
  /** Whether the file system takes such names: some do not. */
  const isTaken = () => {
    try {
      writeFileSync(inLatin1('é.yaml'), YAML);
      writeFileSync(inLatin1('é.txt'), YAML);
      mkdirSync(inLatin1('ê'));
      symlinkSync('web.yaml', inLatin1('ë-link'));
      return true;
    } catch {
      return false;
    }
  };

  (isTaken() ? test : test.skip)('is told of, and the rest judged', () => {
    const ran = inFolder(folder, () => commandLine(['check', '.', '--format', 'json']));
    expect(found(ran)).toEqual(['web.yaml Task port-mapping-invalid']);
    expect({ exitCode: ran.exitCode, err: ran.err.split('\n').sort() }).toEqual({
      exitCode: 2, err: ['', ...['\uFFFD-link', '\uFFFD.yaml', '\uFFFD'].map((name) => `error: ${name}: its name is no text in UTF-8`)],
    });
  });

  test('may be called so in earnest', () => {
    expect(found(check({ '\uFFFD.yaml': YAML }, ['.', '--format', 'json']))).toEqual(['\uFFFD.yaml Task port-mapping-invalid']);
  });
});

describe('a file that is named', () => {
  test('is called what it is given as, whatever its name, and judged once', () => {
    const folder = folderOf({ 'a/x.txt': YAML });
    expect(templatesIn(folder, './a/../a/x.txt', 'a/x.txt')).toEqual(['./a/../a/x.txt']);
    expect(templatesIn(folder, join(folder, 'a/x.txt'))).toEqual([join(folder, 'a/x.txt')]);
  });

  test.each<[string, string | Uint8Array | object, string]>([
    ['an empty file', '', 'it is empty'],
    ['white space', '  \n', 'line 1, column 1: there is nothing but white space and comments'],
    ['bytes', new Uint8Array([0x50, 0x4b, 0, 0xff, 0xfe]), 'it is no text in UTF-8'],
    ['a NUL', 'Resources: \0', 'it is no text in UTF-8'],
    ['other JSON', { name: 'x' }, 'it is no CloudFormation template: no resource in it has a type'],
    ['other YAML', 'just a text', 'it is no CloudFormation template: no resource in it has a type'],
    ['what is neither', '{"a": [}', 'line 1, column 8: '],
    ['deep nesting', `{"Resources": ${'['.repeat(100_000)}`, 'it nests more than 200 levels deep'],
    ['a template that nests deep', `{"Resources": {"A": {"Type": "X", "B": ${'['.repeat(300)}${']'.repeat(300)}}}}`, 'it nests more than 200 levels deep'],
    ['an alias in what it stands for', 'Resources:\n  A: &a\n    Type: X\n    B: *a\n', 'line 4, column 8: *a stands inside of what it stands for'],
    ['aliases of aliases', laughs(), 'it has more than 10,000,000 values'],
    ['Resources that are none', { Resources: { A: { Type: 'X' }, B: [] } }, 'Resources.B is a list, must be an object'],
  ])('cannot be %s', (_, content, problem) => {
    const ran = check({ 'a.json': content }, ['a.json']);
    expect(ran).toMatchObject({ exitCode: 2, out: '' });
    expect(ran.err.startsWith('error: a.json: ')).toBe(true);
    expect(ran.err).toContain(problem);
    expect(ran.err.split('\n')).toHaveLength(2);
  });

  test('is not read if it is large', () => {
    const folder = folderOf({ 'a.json': '' });
    truncateSync(join(folder, 'a.json'), 50 * 1024 * 1024);
    const ran = inFolder(folder, () => commandLine(['check', 'a.json']));
    expect(ran).toEqual({ exitCode: 2, out: '', err: 'error: a.json: it has 52,428,800 bytes; CloudFormation takes a megabyte\n' });
  });

  test('must be there, and be a file', () => {
    const folder = folderOf({ 'file': 'x' });
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync('itself', join(folder, 'itself'));
    const said = (path: string) => inFolder(folder, () => commandLine(['check', path]).err);
    expect(said('nowhere')).toBe('error: nowhere: there is nothing at this path\n');
    expect(said('file/x')).toBe('error: file/x: there is nothing at this path\n');
    expect(said('pipe')).toBe('error: pipe: it is neither a file nor a folder\n');
    expect(said('itself')).toBe('error: itself: its symbolic links lead in a circle\n');
  });
});

describe('what the system says', () => {
  const said = (code: string | undefined) => problemOf(Object.assign(new Error('in its own words'), { code }));

  test.each([
    ['ENOENT', 'there is nothing at this path'],
    ['ENOTDIR', 'there is nothing at this path'],
    ['EACCES', 'it may not be read'],
    ['EPERM', 'it may not be read'],
    ['EMFILE', 'in its own words'],
  ])('%s: %s', (code, problem) => {
    expect(said(code)).toBe(problem);
  });

  test('is not what a mistake of the program is', () => {
    expect(() => said(undefined)).toThrow('in its own words');
  });
});

/** Ten aliases of ten aliases, nine times: a text of a few lines, and a thousand million values. */
function laughs(): string {
  const levels = Array.from({ length: 9 }, (_, level) => `  L${level + 1}: &l${level + 1} [${Array(10).fill(level === 0 ? '1' : `*l${level}`).join(', ')}]`);
  return `Metadata:\n${levels.join('\n')}\n${YAML}`;
}
