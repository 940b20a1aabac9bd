/** `check`: what it judges, how it ends, and what it takes. */
import { Files, check, commandLine, folderOf, found, inFolder, taskDefinition, taskOn } from './command-line';

const FINE = taskOn(8080);
const WRONG = taskOn(70000);

/** A warning on `Web` and nothing else. */
const WARNING = {
  Resources: {
    Task: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        NetworkMode: 'bridge',
        ContainerDefinitions: [{ Name: 'app', Image: 'nginx', Memory: 128, PortMappings: [{ ContainerPort: 80, HostPort: 40000 }] }],
      },
    },
    Web: { Type: 'AWS::ECS::Service', Properties: { TaskDefinition: { Ref: 'Task' }, LaunchType: 'EC2', Cluster: 'main' } },
  },
};

describe('it ends', () => {
  test.each<[string, Files, string[], number]>([
    ['with 0 where nothing is found', { 'a.json': FINE }, [], 0],
    ['with 1 for an error', { 'a.json': WRONG }, [], 1],
    ['with 0 for a warning', { 'a.json': WARNING }, [], 0],
    ['with 0 for a warning that shall not fail', { 'a.json': WARNING }, ['--fail-on', 'error'], 0],
    ['with 1 for a warning that shall', { 'a.json': WARNING }, ['--fail-on', 'warning'], 1],
    ['with 1 for an error where warnings shall', { 'a.json': WRONG }, ['--fail-on', 'warning'], 1],
    ['with 2 for a broken file, whatever else is found', { 'a.json': WRONG, 'b.yaml': 'Resources: {A: {Type: AWS::A::B}' }, [], 2],
  ])('%s', (_, files, options, exitCode) => {
    expect(check(files, ['.', ...options, '--rule', 'port-mapping-invalid', '--rule', 'host-port-reserved']).exitCode).toBe(exitCode);
  });
});

test('it judges by the last of two keys, and warns of them in what it is given, finds and reads for others', () => {
  const twice = (text: string) => text.replace('"Type"', '"Type": "AWS::Other::Thing", "Type"');
  const nesting = JSON.stringify({ Resources: { Inner: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'inner/c.json' } } } });
  const files = { 'a.json': twice(JSON.stringify(WRONG)), 'b/b.json': nesting, 'b/inner/c.json': twice(JSON.stringify(WRONG)), 'd/d.json': twice(JSON.stringify(FINE)) };
  const ran = check(files, ['a.json', 'b/b.json', 'd', '--format', 'json']);
  expect(found(ran)).toEqual(['a.json Task port-mapping-invalid', 'b/inner/c.json Task port-mapping-invalid']);
  const warning = /warning: (.*): line 1, column \d+: key Type is there twice, of which CloudFormation takes the last\n/g;
  expect([...ran.err.matchAll(warning)].map(([, path]) => path)).toEqual(['a.json', 'd/d.json', 'b/inner/c.json']);
  expect(ran.err.replace(warning, '')).toBe('');
});

describe('it takes', () => {
  test('a rule, or several, and judges by no other', () => {
    const both = { 'a.json': { Resources: { ...WARNING.Resources, Bad: taskDefinition(0) } } };
    const rulesOf = (...options: string[]) => found(check(both, ['a.json', '--format', 'json', ...options])).map((text) => text.split(' ')[2]);
    expect(rulesOf('--rule', 'host-port-reserved')).toEqual(['host-port-reserved']);
    expect(rulesOf('--rule', 'host-port-reserved', '--rule', 'port-mapping-invalid')).toEqual(['port-mapping-invalid', 'host-port-reserved']);
  });

  test('values of parameters', () => {
    const template = taskOn({ Ref: 'Port' }, { Parameters: { Port: { Type: 'Number', Default: 8080 }, Name: { Type: 'String' } } });
    expect(check({ 'a.json': template }, ['a.json']).exitCode).toBe(0);
    expect(check({ 'a.json': template }, ['a.json', '--assume', 'Port=70000', '--assume', 'Name=a=b']).exitCode).toBe(1);
  });

  test('values that parameters allow, and of those of Systems Manager what they come to', () => {
    const codeOf = (Port: object, value: string, shown: unknown = { Ref: 'Port' }) => (
      check({ 'a.json': taskOn(shown, { Parameters: { Port } }) }, ['a.json', '--assume', `Port=${value}`]).exitCode);
    expect(codeOf({ Type: 'Number', AllowedValues: [8080, '7e4'] }, '70000')).toBe(1);
    expect(codeOf({ AllowedValues: [8080, '70000'] }, '70000')).toBe(1);
    expect(codeOf({ Type: 'List<Number>' }, '80, 70000', { 'Fn::Select': [1, { Ref: 'Port' }] })).toBe(1);
    expect(codeOf({ Type: 'CommaDelimitedList', AllowedValues: [80, 70000] }, '80,70000', { 'Fn::Select': [1, { Ref: 'Port' }] })).toBe(1);
    expect(codeOf({ Type: 'CommaDelimitedList', AllowedValues: [80] }, '')).toBe(0);
    expect(codeOf({ Type: 'String', AllowedValues: { Ref: 'X' } }, '70000')).toBe(1);
    const fromSsm = { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/web/port', AllowedValues: ['/web/port'] };
    expect(codeOf(fromSsm, '70000')).toBe(1);
    expect(codeOf(fromSsm, '8080')).toBe(0);
    expect(codeOf(fromSsm, '/web/other')).toBe(0);
    expect(codeOf({ Type: 'AWS::SSM::Parameter::Value<List<String>>' }, '80,70000', { 'Fn::Select': [1, { Ref: 'Port' }] })).toBe(1);
  });

  test.each<[string, object, string, string]>([
    ['no number', { Type: 'Number' }, 'abc', 'parameter Port must be a number, got abc'],
    ['an empty text for a number', { Type: 'Number' }, '', 'parameter Port must be a number, got (empty)'],
    ['numbers for one', { Type: 'Number' }, '1,2', 'parameter Port must be a number, got 1,2'],
    ['no number among several', { Type: 'List<Number>' }, '1,b', 'parameter Port must be numbers with commas between them, got 1,b'],
    ['none of the values allowed', { AllowedValues: ['80', 81, '82'] }, '83', 'parameter Port must be one of 80, 81 and 82, got 83'],
    ['none of the values allowed among several', { Type: 'CommaDelimitedList', AllowedValues: [80, 81] }, '80,83', 'parameter Port must be of 80 and 81, got 80,83'],
  ])('not %s', (_, Port, value, problem) => {
    const files = { 'a.json': taskOn({ Ref: 'Port' }, { Parameters: { Port } }) };
    expect(check(files, ['a.json', '--assume', `Port=${value}`])).toEqual({ exitCode: 2, out: '', err: `error: ${problem}\n` });
  });

  test('a value that only some of the templates allow, in those', () => {
    const of = (Port: object) => taskOn({ Ref: 'Port' }, { Parameters: { Port } });
    const files = {
      'a.json': of({ Type: 'Number', AllowedValues: [80] }),
      'b.json': of({ Type: 'Number', Default: 70000 }),
      'c.json': of({ Type: 'Number', Default: 70000, AllowedValues: [80, 70000] }),
    };
    const ran = check(files, ['a.json', 'b.json', 'c.json', '--assume', 'Port=1', '--format', 'json']);
    expect(found(ran)).toEqual(['c.json Task port-mapping-invalid']);
    expect([ran.exitCode, ran.err]).toEqual([1, 'warning: a.json: parameter Port must be one of 80, got 1; it is not assumed there\n'
      + 'warning: c.json: parameter Port must be one of 80 and 70000, got 1; it is not assumed there\n']);
    const broken = check({ ...files, 'd.json': '{' }, ['a.json', 'd.json', '--assume', 'Port=1', '--format', 'json']);
    expect(broken.err).toMatch(/^error: d\.json: .*\nwarning: a\.json: parameter Port must be one of 80, got 1; it is not assumed there\n$/);
  });

  test('a Region for templates that do not tell theirs', () => {
    const template = taskOn(
      { 'Fn::FindInMap': ['Ports', { Ref: 'AWS::Region' }, 'Port'] },
      { Mappings: { Ports: { 'eu-west-1': { Port: 8080 }, 'eu-west-2': { Port: 70000 } } } },
    );
    expect(check({ 'a.json': template }, ['a.json', '--region', 'eu-west-1']).exitCode).toBe(0);
    expect(check({ 'a.json': template }, ['a.json', '--region', 'eu-west-2']).exitCode).toBe(1);
  });

  test('account settings', () => {
    const options = ['--account-setting', 'awsvpcTrunking=enabled', '--account-setting', 'dualStackIPv6=disabled'];
    expect(check({ 'a.json': FINE }, ['a.json', ...options])).toMatchObject({ exitCode: 0, err: '' });
  });

  test.each<[string, string[], string]>([
    ['an unknown rule', ['--rule', 'port-maping-invalid'], 'there is no rule port-maping-invalid; did you mean port-mapping-invalid?'],
    ['a rule like no other', ['--rule', 'x'.repeat(40)], 'explain without a rule lists them all'],
    ['a parameter that no template has', ['--assume', 'Prot=80'], 'no template has a parameter Prot; did you mean Port?'],
    ['a parameter without a value', ['--assume', 'Port'], 'It must be a name and a value, as in Name=value.'],
    ['a parameter without a name', ['--assume', '=80'], 'It must be a name and a value'],
    ['two values of one parameter', ['--assume', 'Port=80', '--assume', 'Port=81'], 'Port is given twice, as 80 and as 81'],
    ['a Region that is none', ['--region', 'mars'], '--region must be the name of a Region such as eu-west-1, got mars'],
    ['an availability zone for a Region', ['--region', 'eu-west-1a'], 'got eu-west-1a'],
    ['an unknown account setting', ['--account-setting', 'vpc=enabled'], 'no account setting vpc here; it can be awsvpcTrunking or dualStackIPv6'],
    ['a state of a setting that there is not', ['--account-setting', 'awsvpcTrunking=on'], 'awsvpcTrunking must be enabled or disabled, got on'],
    ['an unknown format', ['--format', 'xml'], 'Allowed choices are text, json, sarif'],
    ['an unknown severity', ['--fail-on', 'info'], 'Allowed choices are error, warning'],
    ['an unknown option', ['--strict'], "unknown option '--strict'"],
  ])('not %s', (_, options, problem) => {
    const ran = check({ 'a.json': taskOn({ Ref: 'Port' }, { Parameters: { Port: { Type: 'Number' } } }) }, ['a.json', ...options]);
    expect(ran).toMatchObject({ exitCode: 2, out: '' });
    expect(ran.err).toMatch(/^error: /);
    expect(ran.err).toContain(problem);
  });

  test('a parameter that no template has where one cannot be read, which may have it', () => {
    const files = { 'a.yaml': 'Parameters:\n  Prot: {Type: String}\nResources: [', 'b.json': taskOn(70000, { Parameters: { Port: { Type: 'Number' } } }) };
    const ran = check(files, ['a.yaml', 'b.json', '--assume', 'Prot=80', '--format', 'json']);
    expect(ran.exitCode).toBe(2);
    expect(found(ran)).toEqual(['b.json Task port-mapping-invalid']);
    expect(ran.err).toMatch(/^error: a\.yaml: .*\nwarning: no template that could be read has a parameter Prot; did you mean Port\?\n$/);
    expect(check(files, ['a.yaml', '--assume', 'Prot=80']).err).toMatch(/^error: a\.yaml: .*\nwarning: no template that could be read has a parameter Prot\n$/);
  });

  test('at least one path', () => {
    expect(commandLine(['check'])).toMatchObject({ exitCode: 2, err: expect.stringContaining("missing required argument 'path'") });
  });
});

describe('a loop or macro', () => {
  test('is told as undecided', () => {
    const template = { Resources: { ...FINE.Resources, 'Fn::ForEach::Nodes': ['X', ['A'], { 'Node${X}': { Type: 'AWS::EC2::Instance' } }] } };
    const { undecided } = JSON.parse(check({ 'a.json': template }, ['a.json', '--format', 'json']).out) as { undecided: object[] };
    expect(undecided).toEqual([{ rule: '*', template: 'a.json', resource: 'Fn::ForEach::Nodes', why: 'loops are not expanded' }]);
  });

  test.each([
    ['Fn::ForEach::Nodes', ['X', ['A'], { 'Node${X}': { Type: 'AWS::EC2::Instance' } }], 'loops are not expanded'],
    ['Fn::Transform', { Name: 'AWS::Include', Parameters: { Location: 's3://b/nodes.yaml' } }, 'what a macro makes of it is not known'],
  ])('%s is told as undecided where it is all there is, in a file that is named and in one that is found', (resource, value, why) => {
    for (const path of ['a.json', '.']) {
      const { exitCode, out } = check({ 'a.json': { Resources: { [resource]: value } } }, [path, '--format', 'json']);
      expect(exitCode).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ undecided: [{ rule: '*', template: 'a.json', resource, why }] });
    }
  });
});

describe('help', () => {
  test.each([[['--help']], [['check', '--help']], [['explain', '--help']], [['limits', '--help']]])('%j', (argv) => {
    expect(commandLine(argv)).toMatchObject({ exitCode: 0, err: '', out: expect.stringMatching(/^Usage: ecs-network-modes/) });
  });

  test('is pointed at where nothing, or no command, is asked for', () => {
    expect(commandLine([])).toMatchObject({ exitCode: 2, err: expect.stringContaining('Usage: ecs-network-modes') });
    expect(commandLine(['chek', 'a.json'])).toMatchObject({ exitCode: 2, err: expect.stringContaining("unknown command 'chek'\n(Did you mean check?)") });
  });

  test('tells the version of the package', () => {
    expect(commandLine(['--version'])).toEqual({ exitCode: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
  });
});

test('a mistake of the program itself is no bad input', () => {
  const folder = folderOf({ 'a.json': FINE });
  const write = () => {
    throw new Error('a mistake');
  };
  expect(() => inFolder(folder, () => {
    const { run } = jest.requireActual<typeof import('../../src/cli/run')>('../../src/cli/run');
    run(['check', 'a.json'], { stdout: { write }, stderr: { write }, env: {} });
  })).toThrow('a mistake');
});
