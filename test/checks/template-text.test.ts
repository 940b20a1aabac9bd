import { TemplateError } from '../../src/analysis/templates';
import { MAX_CHARACTERS, parseTemplate, TemplateTextError } from '../../src/checks/template-text';

const parsed = (text: string) => parseTemplate(text, 'web.yaml');

/** Why a text is refused; every refusal names the template. */
function refusal(text: string): string {
  try {
    parsed(text);
  } catch (error) {
    expect(error).toBeInstanceOf(TemplateError);
    expect((error as Error).message).toMatch(/^template web\.yaml: /);
    return (error as Error).message.slice('template web.yaml: '.length);
  }
  throw new Error('it was taken');
}

describe('JSON', () => {
  test.each([
    ['an object', '{"a": [1, "b", true, null, {"c": 1.5}]}', { a: [1, 'b', true, null, { c: 1.5 }] }],
    ['after white space and a byte order mark', '\uFEFF\n  {"a": 1}', { a: 1 }],
    ['with escapes and braces in texts', '{"a\\"{": "}\\\\", "b": ",\\"b\\":"}', { 'a"{': '}\\', 'b': ',"b":' }],
    ['with one key in two objects', '[{"a": 1}, {"a": 2}]', [{ a: 1 }, { a: 2 }]],
    ['with a text like a key', '{"a": "a", "b": ["a", "a"]}', { a: 'a', b: ['a', 'a'] }],
    ['that only YAML takes: a comma too many', '{"a": 1,}', { a: 1 }],
    ['that only YAML takes: a comment', '{"a": 1, # one\n"b": yes}', { a: 1, b: true }],
  ])('%s', (_, text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  test('keeps texts that YAML would take for something else', () => {
    expect(parsed('{"a": "yes", "b": "2010-09-09", "c": "022"}')).toEqual({ a: 'yes', b: '2010-09-09', c: '022' });
  });

  test.each([
    ['{"a": 1', 'line 1, column 8: Flow map must end with a }'],
    ['{"a": [1, 2}', 'line 1, column 12: '],
  ])('%j is refused', (text, problem) => {
    expect(refusal(text)).toContain(problem);
  });
});

describe('short forms', () => {
  test.each<[string, unknown]>([
    ['!Ref Vpc', { Ref: 'Vpc' }],
    ['!Ref 5', { Ref: '5' }],
    ['!Condition Prod', { Condition: 'Prod' }],
    ['!GetAtt Vpc.CidrBlock', { 'Fn::GetAtt': 'Vpc.CidrBlock' }],
    ['!GetAtt [Vpc, CidrBlock]', { 'Fn::GetAtt': ['Vpc', 'CidrBlock'] }],
    ['!Sub "${Vpc}-x"', { 'Fn::Sub': '${Vpc}-x' }],
    ['!Sub ["${X}", {X: !Ref Vpc}]', { 'Fn::Sub': ['${X}', { X: { Ref: 'Vpc' } }] }],
    ['!Join ["", [a, !Ref b]]', { 'Fn::Join': ['', ['a', { Ref: 'b' }]] }],
    ['!Select [0, !GetAZs ""]', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }],
    ['!GetAZs', { 'Fn::GetAZs': '' }],
    ['!GetAZs {Ref: "AWS::Region"}', { 'Fn::GetAZs': { Ref: 'AWS::Region' } }],
    ['!Split [",", "a,b"]', { 'Fn::Split': [',', 'a,b'] }],
    ['!FindInMap [M, !Ref K, x]', { 'Fn::FindInMap': ['M', { Ref: 'K' }, 'x'] }],
    ['!If [Prod, 1, !Ref "AWS::NoValue"]', { 'Fn::If': ['Prod', 1, { Ref: 'AWS::NoValue' }] }],
    ['!Equals [!Ref Env, prod]', { 'Fn::Equals': [{ Ref: 'Env' }, 'prod'] }],
    ['!And [!Condition A, !Not [!Condition B]]', { 'Fn::And': [{ Condition: 'A' }, { 'Fn::Not': [{ Condition: 'B' }] }] }],
    ['!Or [!Condition A]', { 'Fn::Or': [{ Condition: 'A' }] }],
    ['!Base64 {"Fn::Sub": x}', { 'Fn::Base64': { 'Fn::Sub': 'x' } }],
    ['!Cidr ["10.0.0.0/16", 2, 8]', { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] }],
    ['!ImportValue net-vpc', { 'Fn::ImportValue': 'net-vpc' }],
    ['!GetStackOutput {StackName: Net, OutputName: Vpc}', { 'Fn::GetStackOutput': { StackName: 'Net', OutputName: 'Vpc' } }],
    ['!Transform {Name: AWS::Include}', { 'Fn::Transform': { Name: 'AWS::Include' } }],
    ['!Length [a]', { 'Fn::Length': ['a'] }],
    ['!ToJsonString {a: 1}', { 'Fn::ToJsonString': { a: 1 } }],
    ['!ToBeInvented x', { 'Fn::ToBeInvented': 'x' }],
    ['!!str 5', '5'],
    ['! 5', '5'],
  ])('%s', (text, expected) => {
    expect(parsed(`a: ${text}`)).toEqual({ a: expected });
  });

  test('over several lines, with text as it is written', () => {
    expect(parsed('UserData:\n  Fn::Base64: !Sub |\n    #!/bin/bash\n    echo ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config\n')).toEqual({
      UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config\n' } },
    });
  });
});

describe('plain values', () => {
  test.each<[string, unknown]>([
    ['2010-09-09', '2010-09-09'],
    ['2010-09-09T10:00:00Z', '2010-09-09T10:00:00Z'],
    ['yes', true], ['No', false], ['on', true], ['OFF', false], ['true', true], ['False', false],
    ['y', 'y'], ['N', 'N'], ['yEs', 'yEs'],
    ['"yes"', 'yes'],
    ['~', null], ['null', null], ['', null],
    ['80', 80], ['-1', -1], ['+1', 1], ['0', 0], ['1.5', 1.5], ['-.5', -0.5], ['1.5e+2', 150], ['0x10', 16], ['-0b11', -3], ['1_000', 1000],
    ['1e3', '1e3'], ['1.2.3', '1.2.3'], ['.', '.'], ['1.', 1],
    // YAML 1.1: octal by a 0 in front, and numbers that count in sixties.
    ['022', 18], ['-022', -18], ['08', '08'], ['0o22', '0o22'], ['22:22', 1342], ['1:30:00', 5400], ['8080:80', '8080:80'],
    // Account ids: no octal number has an 8 or a 9, and none is read that a double cannot hold.
    ['012345678901', '012345678901'], ['123456789012', 123456789012], ['123456789012345678901', '123456789012345678901'],
    ['.inf', '.inf'], ['.nan', '.nan'], ['9'.repeat(400), '9'.repeat(400)], ['!!int 5', 5], ['!!float 1.5', 1.5], ['!!bool yes', true],
    ['10.0.0.0/16', '10.0.0.0/16'], ['fd00::1', 'fd00::1'], ['a: b'.replace(': ', ':'), 'a:b'],
    ['=', '='], ['AWS::ECS::Service', 'AWS::ECS::Service'],
    ['!!timestamp 2020-01-01', '2020-01-01'], ['!!binary aGk=', 'aGk='], ['!!set {a: 1}', { a: 1 }],
  ])('%s', (text, expected) => {
    expect(parsed(`a: ${text}`)).toEqual({ a: expected });
  });

  test('keys stay as they are written', () => {
    expect(Object.keys(parsed('80: a\nyes: b\n012: c\n"x": d\n2010-09-09: e\n') as object)).toEqual(['80', 'yes', '012', 'x', '2010-09-09']);
  });

  test('a directive of another version changes nothing', () => {
    expect(parsed('%YAML 1.2\n---\na: yes\n')).toEqual({ a: true });
  });

  test('a byte order mark, a start and an end of the document are no part of it', () => {
    expect(parsed('\uFEFF---\r\na: 1\r\n...\r\n')).toEqual({ a: 1 });
  });

  test('a key called __proto__ is one like any other', () => {
    const value = parsed('a: &a {__proto__: {x: 1}}\nb: {<<: *a}\n') as { a: object; b: object };
    expect([Object.keys(value.a), Object.keys(value.b), Object.getPrototypeOf(value.a), ({} as { x?: unknown }).x])
      .toEqual([['__proto__'], ['__proto__'], Object.prototype, undefined]);
  });
});

describe('anchors', () => {
  test('stand for the same value', () => {
    const value = parsed('a: &x {k: !Ref V}\nb: *x\nc: [*x]\n') as Record<string, unknown>;
    expect(value).toEqual({ a: { k: { Ref: 'V' } }, b: { k: { Ref: 'V' } }, c: [{ k: { Ref: 'V' } }] });
  });

  test('can be set anew, and be keys', () => {
    expect(parsed('a: &x 1\nb: *x\nc: &x y\n*x : *x\n')).toEqual({ a: 1, b: 1, c: 'y', y: 'y' });
  });

  test('are merged under the keys of an object, the first before the next', () => {
    expect(parsed('a: &a {k: 1, l: 1}\nb: &b {k: 2, m: 2}\nc: {<<: [*a, *b], l: 3}\nd:\n  m: 4\n  <<: *b\n')).toMatchObject({
      c: { k: 1, l: 3, m: 2 }, d: { k: 2, m: 4 },
    });
  });

  test('are not merged by a quoted key', () => {
    expect(parsed('{"<<": 1}')).toEqual({ '<<': 1 });
    expect(parsed('"<<": {a: 1}')).toEqual({ '<<': { a: 1 } });
  });
});

describe('of a key that is there twice the last is taken, and where that is is told', () => {
  test.each<[string, unknown, string]>([
    ['{"a": 1, "b": {"c": 1,\n  "c": 2}}', { a: 1, b: { c: 2 } }, 'line 2, column 3: key c is there twice, of which CloudFormation takes the last'],
    ['{"a": {}, "b": [{"x": 1}],\n\n "a": 2}', { a: 2, b: [{ x: 1 }] }, 'line 3, column 2: key a is there twice'],
    ['{"a": 1, "\\u0061": 2}', { a: 2 }, 'line 1, column 10: key a is there twice'],
    ['a: 1\nb:\n  c: 1\n  c: 2\n', { a: 1, b: { c: 2 } }, 'line 4, column 3: key c is there twice, of which CloudFormation takes the last'],
    ['a: 1\n"a": 2\n', { a: 2 }, 'line 2, column 1: key a is there twice'],
    ['a: 1\na: 2\nb: 1\nb: 2\n', { a: 2, b: 2 }, 'line 2, column 1: key a is there twice'],
    ['x: &x {a: 1, b: 2}\ny:\n  a: 3\n  <<: *x\n  a: 4\n', { x: { a: 1, b: 2 }, y: { a: 4, b: 2 } }, 'line 5, column 3: key a is there twice'],
  ])('%j', (text, body, problem) => {
    const told: string[] = [];
    expect(parseTemplate(text, 'web.yaml', (one) => told.push(one))).toEqual(body);
    expect(told).toEqual([expect.stringContaining(problem)]);
  });
});

describe('a text is refused', () => {
  test.each([
    ['', 'line 1, column 1: there is nothing but white space and comments'],
    [' \n\t\n', 'there is nothing but'],
    ['# only\n# comments', 'there is nothing but'],
    ['---\n', 'there is nothing but'],
    ['a: 1\n---\nb: 2\n', 'line 2, column 1: a second document starts here; a template is one'],
    ['a: "x', 'line 1, column 6: Missing closing "quote'],
    ['a: b: c', 'line 1, column 4: Nested mappings are not allowed in compact mappings'],
    ['a:\n\t- b', 'line 2, column 1: Tabs are not allowed as indentation'],
    ['a: *x', 'line 1, column 4: nothing before it has the anchor &x'],
    ['a: &x [1, *x]', 'line 1, column 11: *x stands inside of what it stands for'],
    ['a: &x {<<: *x}', 'line 1, column 12: *x stands inside of what it stands for'],
    ['<<: 5', 'line 1, column 1: << takes an object or a list of objects'],
    ['<<: [{a: 1}, 5]', 'line 1, column 1: << takes an object or a list of objects'],
    ['? [a, b]\n: c', 'a key must be a text'],
    ['? {a: b}\n: c', 'a key must be a text'],
    [': c', 'line 1, column 1: a key must be a text'],
    ['? &x [a]\n: 1\n*x : 2', 'a key must be a text'],
  ])('%j', (text, problem) => {
    expect(refusal(text)).toContain(problem);
  });

  test('with its line and column', () => {
    try {
      parsed('a: 1\n\nb:\n  - [1\nc: 2\n');
    } catch (error) {
      expect(error).toBeInstanceOf(TemplateTextError);
      expect(error).toMatchObject({ line: 5, column: 1, template: 'web.yaml' });
      return;
    }
    throw new Error('it was taken');
  });

  test('of more than the characters that are read', () => {
    expect(refusal(' '.repeat(MAX_CHARACTERS + 1))).toBe('it has 2,097,153 characters; CloudFormation takes a megabyte, and more than 2,097,152 are not read');
    expect(parsed(`{"a": "${'x'.repeat(MAX_CHARACTERS - 10)}"}`)).toHaveProperty('a');
  });
});

describe('a hostile text ends in a refusal', () => {
  const tooDeep = 'it nests more than 200 levels deep';
  test.each<[string, string, string]>([
    ['brackets without end', '['.repeat(50_000), tooDeep],
    ['braces without end', '{"a":'.repeat(50_000), tooDeep],
    ['lists in lists', '- '.repeat(5_000), tooDeep],
    ['keys in keys', '? '.repeat(5_000), tooDeep],
    ['brackets that are closed', `a: ${'['.repeat(300)}${']'.repeat(300)}`, tooDeep],
    ['tags upon tags', `a: ${'!Sub '.repeat(50)}x`, 'A node can have at most one tag'],
    ['maps merged into maps', `a: &a\n${Array.from({ length: 2_000 }, (_, index) => `  k${index}: 1\n`).join('')}${
      Array.from({ length: 2_000 }, (_, index) => `b${index}: {<<: *a}\n`).join('')}`, '<< copies more than 100,000 keys'],
  ])('%s', (_, text, problem) => {
    expect(refusal(text)).toContain(problem);
  });

  test('or is read without unfolding it: anchors that stand for each other', () => {
    const lines = Array.from({ length: 60 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index},`.repeat(9)}]`);
    expect(Object.keys(parsed(['a0: &a0 [lol]', ...lines].join('\n')) as object)).toHaveLength(61);
  });

  test('or is read once: maps that are merged into each other', () => {
    const lines = Array.from({ length: 60 }, (_, index) => `a${index + 1}: &a${index + 1} {<<: [${`*a${index},`.repeat(9)}]}`);
    expect(parsed(['a0: &a0 {x: 1}', ...lines].join('\n'))).toMatchObject({ a60: { x: 1 } });
  });
});
