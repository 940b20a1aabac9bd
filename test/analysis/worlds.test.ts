import { World } from '../../src/analysis/resources';
import { TemplateInput, TREE_REFERENCE } from '../../src/analysis/templates';
import { groupsOf, worldsOf } from '../../src/analysis/worlds';
import { given, GivenBody, plain, resource, world, worlds } from './given';

const eq = (parameter: string, literal: string) => ({ 'Fn::Equals': [{ Ref: parameter }, literal] });
const not = (condition: unknown) => ({ 'Fn::Not': [condition] });
const condition = (name: string) => ({ Condition: name });
const choice = (name: string, yes: unknown = true, no: unknown = false) => ({ 'Fn::If': [name, yes, no] });

/** A template with one resource `S` of type `T`. */
function template(properties: unknown, rest: Record<string, unknown> = {}): GivenBody {
  return { ...rest, Resources: { S: { Type: 'T', Properties: properties } } };
}

/** The values of properties of `S` in each world, with what was chosen. */
function outcomes(body: GivenBody, ...properties: string[]): unknown[] {
  return worlds([given(body)], (one) => properties.map((property) => plain(one.resourcesOf('T')[0]?.property(property))))
    .map(({ world: { chosen }, answer }) => [chosen, ...answer]);
}

describe('conditions', () => {
  const Parameters = { Env: { Type: 'String' }, Kept: { Type: 'String', Default: 'dev' }, Size: { Type: 'String', AllowedValues: ['s', 'm', 'l'] }, Other: { Type: 'String' } };

  test('one that a default decides makes one world', () => {
    expect(outcomes(template({ A: choice('C', 1, 2) }, { Parameters, Conditions: { C: eq('Kept', 'prod') } }), 'A')).toEqual([[[], 2]]);
  });

  test('one that a stated parameter, or a stated Region, decides makes one world', () => {
    const body = template({ A: choice('C', 1, 2), B: choice('D', 1, 2) }, { Parameters, Conditions: { C: eq('Env', 'prod'), D: eq('AWS::Region', 'eu-west-1') } });
    const found = worlds([given(body, { parameters: { Env: 'prod' }, region: 'us-east-1' })], (one) => ['A', 'B'].map((key) => plain(one.resourcesOf('T')[0].property(key))));
    expect(found.map(({ answer }) => answer)).toEqual([[1, 2]]);
  });

  test('an open one makes two worlds, and stays together everywhere in them', () => {
    const body = template({ A: choice('C', 1, 2), B: { X: [choice('C', 1, 2)] }, D: choice('N', 1, 2) }, { Parameters, Conditions: { C: eq('Env', 'prod'), N: not(condition('C')) } });
    expect(outcomes(body, 'A', 'B', 'D')).toEqual([
      [['C is true'], 1, { X: [1] }, 2],
      [['C is false'], 2, { X: [2] }, 1],
    ]);
  });

  test('one that nothing asks for makes none', () => {
    const body = template({ A: choice('C', 1, 2), B: choice('D', 1, 2) }, { Parameters, Conditions: { C: eq('Env', 'prod'), D: eq('Other', 'x') } });
    expect(outcomes(body, 'B')).toHaveLength(2);
    expect(outcomes(body)).toEqual([[[]]]);
  });

  test('comparisons of one parameter exclude each other', () => {
    const body = template({ A: choice('P', 1, 0), B: choice('Q', 1, 0) }, { Parameters, Conditions: { P: eq('Env', 'prod'), Q: eq('Env', 'qa') } });
    expect(outcomes(body, 'A', 'B')).toEqual([
      [['P is true'], 1, 0],
      [['P is false', 'Q is true'], 0, 1],
      [['P is false', 'Q is false'], 0, 0],
    ]);
  });

  test.each<[string, object]>([
    ['a number', { Type: 'Number' }], ['an id', { Type: 'AWS::EC2::VPC::Id' }], ['a text that must have characters', { Type: 'String', MinLength: '1' }],
  ])('a parameter that is %s is not empty', (_, Its) => {
    const body = template({ A: choice('C', 1, 2) }, { Parameters: { Its }, Conditions: { C: eq('Its', '') } });
    expect(outcomes(body, 'A')).toEqual([[[], 2]]);
  });

  test('a parameter that may be empty is, or is not', () => {
    expect(outcomes(template({ A: choice('C', 1, 2) }, { Parameters, Conditions: { C: eq('Env', '') } }), 'A')).toHaveLength(2);
    expect(outcomes(template({ A: choice('C', 1, 2) }, { Parameters: { Its: { Type: 'String', MinLength: 0 } }, Conditions: { C: eq('Its', '') } }), 'A')).toHaveLength(2);
  });

  test('a text that is put together is compared part by part', () => {
    const text = (literal: string, of = 'x-${Env}-y') => ({ 'Fn::Equals': [{ 'Fn::Sub': of }, literal] });
    const of = (Conditions: Record<string, unknown>) => outcomes(template(
      Object.fromEntries(Object.keys(Conditions).map((name) => [name, choice(name, 1, 0)])), { Parameters, Conditions },
    ), ...Object.keys(Conditions));
    expect(of({ T: text('') })).toEqual([[[], 0]]);
    expect(of({ T: text('x-') })).toEqual([[[], 0]]);
    expect(of({ T: text('a-prod-y') })).toEqual([[[], 0]]);
    expect(of({ T: text('x-prod-z') })).toEqual([[[], 0]]);
    expect(of({ T: text('x-prod-y'), P: eq('Env', 'prod') })).toEqual([[['T is true'], 1, 1], [['T is false'], 0, 0]]);
    // Where two parts are open, each may be much.
    expect(of({ T: text('x-prod-y', 'x-${Env}${Size}-y'), P: eq('Env', 'prod') })).toHaveLength(4);
    expect(of({ T: text('x--y', 'x-${Env}-y-${Size}') })).toEqual([[[], 0]]);
  });

  test('a parameter is one of its allowed values', () => {
    const body = template({ A: choice('S', 1, 0), B: choice('M', 1, 0), C: choice('L', 1, 0), D: choice('X', 1, 0) },
      { Parameters, Conditions: { S: eq('Size', 's'), M: eq('Size', 'm'), L: eq('Size', 'l'), X: eq('Size', 'x') } });
    expect(outcomes(body, 'A', 'B', 'C', 'D')).toEqual([
      [['S is true'], 1, 0, 0, 0],
      [['S is false', 'M is true'], 0, 1, 0, 0],
      [['S is false', 'M is false'], 0, 0, 1, 0],
    ]);
  });

  test('equality of two parameters goes on to what they are compared with', () => {
    const body = template({ A: choice('Same', 1, 0), B: choice('P', 1, 0), C: choice('Q', 1, 0) },
      { Parameters, Conditions: { Same: { 'Fn::Equals': [{ Ref: 'Env' }, { Ref: 'Other' }] }, P: eq('Env', 'prod'), Q: eq('Other', 'prod') } });
    expect(outcomes(body, 'A', 'B', 'C').map((row) => (row as unknown[]).slice(1))).toEqual([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]);
  });

  test('an operand that is decided spares the choice of the others', () => {
    const body = template({ A: choice('And', 1, 2), B: choice('Or', 1, 2) }, {
      Parameters,
      Conditions: { And: { 'Fn::And': [eq('Env', 'prod'), eq('Kept', 'prod')] }, Or: { 'Fn::Or': [eq('Env', 'prod'), eq('Kept', 'dev')] } },
    });
    expect(outcomes(body, 'A', 'B')).toEqual([[[], 2, 1]]);
  });

  test('and, or and not over open comparisons come to every consistent outcome', () => {
    const body = template({ A: choice('And', 1, 0), O: choice('Or', 1, 0) }, {
      Parameters,
      Conditions: {
        P: eq('Env', 'prod'),
        X: eq('Other', 'x'),
        And: { 'Fn::And': [condition('P'), condition('X')] },
        Or: { 'Fn::Or': [condition('P'), condition('X')] },
      },
    });
    expect(outcomes(body, 'A', 'O')).toEqual([
      [['P is true', 'X is true'], 1, 1],
      [['P is true', 'X is false'], 0, 1],
      [['P is false', 'X is true'], 0, 1],
      [['P is false', 'X is false'], 0, 0],
    ]);
  });

  test('a comparison without a name of its own is told in its own words', () => {
    const body = template({ A: choice('C', 1, 0) }, { Parameters, Conditions: { C: { 'Fn::Or': [eq('Env', 'prod'), eq('Env', '')] } } });
    expect(outcomes(body, 'A').map((row) => (row as unknown[])[0])).toEqual([
      ['Env equals prod is true'],
      ['Env equals prod is false', 'Env equals (empty) is true'],
      ['Env equals prod is false', 'Env equals (empty) is false'],
    ]);
  });

  test.each([
    ['is not there', undefined],
    ['has one operand', { 'Fn::Equals': ['a'] }],
    ['is a text', 'true'],
    ['is nothing', null],
    ['is a macro', { 'Fn::Transform': { Name: 'M' } }],
    ['has operands that are no list', { 'Fn::And': 'C' }],
    ['names another that is not there', { Condition: 'Nobody' }],
  ])('one that %s holds or does not, everywhere alike', (_, raw) => {
    const body = template({ A: choice('C', 1, 0), B: choice('C', 1, 0) }, { Conditions: raw === undefined ? {} : { C: raw } });
    expect(outcomes(body, 'A', 'B').map((row) => (row as unknown[]).slice(1))).toEqual([[1, 1], [0, 0]]);
  });

  test('lists are compared as a whole', () => {
    const body = template({ A: choice('C', 1, 0), B: choice('D', 1, 0) }, {
      Parameters: { L: { Type: 'CommaDelimitedList', Default: 'a,b' }, M: { Type: 'CommaDelimitedList' } },
      Conditions: {
        C: { 'Fn::Equals': [{ 'Fn::Join': ['', { Ref: 'L' }] }, 'ab'] },
        D: { 'Fn::Equals': [{ 'Fn::Join': ['', { Ref: 'M' }] }, ''] },
      },
    });
    expect(outcomes(body, 'A', 'B').map((row) => (row as unknown[]).slice(1))).toEqual([[1, 1], [1, 0]]);
  });

  test('what rests on a default says so', () => {
    const one = world(template({ A: choice('C', 1, 2) }, { Parameters, Conditions: { C: not(eq('Kept', 'prod')) } }));
    expect(one.resourcesOf('T')[0].property('A')).toMatchObject({ assumes: ['parameter Kept keeps its default dev'] });
  });

  test('what is chosen between an open parameter and a default rests on the default, too', () => {
    const body = template({ A: choice('C', 1, 2) }, { Parameters, Conditions: { C: { 'Fn::Equals': [{ Ref: 'Env' }, { Ref: 'Kept' }] } } });
    worlds([given(body)], (one) => one.resourcesOf('T')[0].property('A'))
      .forEach(({ answer }) => expect(answer).toMatchObject({ assumes: ['parameter Kept keeps its default dev'] }));
  });

  test('two templates with a condition of the same name keep theirs apart', () => {
    const body = template({ A: choice('C', 1, 0) }, { Parameters, Conditions: { C: eq('Env', 'prod') } });
    const found = worlds([given(body, { name: 'a' }), given(body, { name: 'b' })], (one) => one.resourcesOf('T').map((each) => plain(each.property('A'))));
    expect(found.map(({ world: { chosen }, answer }) => [chosen, answer])).toEqual([
      [['C is true in a', 'C is true in b'], [1, 1]],
      [['C is true in a', 'C is false in b'], [1, 0]],
      [['C is false in a', 'C is true in b'], [0, 1]],
      [['C is false in a', 'C is false in b'], [0, 0]],
    ]);
  });

  test('templates that nobody places have one Region, so what compares it goes together', () => {
    const body = template({ A: choice('C', 1, 0) }, { Conditions: { C: eq('AWS::Region', 'us-east-1') } });
    const found = worlds([given(body, { name: 'a' }), given(body, { name: 'b' })], (one) => one.resourcesOf('T').map((each) => plain(each.property('A'))));
    expect(found.map(({ answer }) => answer)).toEqual([[1, 1], [0, 0]]);
  });
});

describe('more open conditions than are explored', () => {
  const names = Array.from({ length: 9 }, (_, index) => `C${index}`);
  const body = template(Object.fromEntries(names.map((name) => [name, choice(name, 1, 0)])), {
    Parameters: Object.fromEntries(names.map((name) => [`P${name}`, { Type: 'String' }])),
    Conditions: Object.fromEntries(names.map((name) => [name, eq(`P${name}`, 'x')])),
  });

  test('six are chosen, in 64 different worlds', () => {
    const rows = outcomes(body, ...names.slice(0, 6));
    expect(rows).toHaveLength(64);
    expect(new Set(rows.map((row) => JSON.stringify((row as unknown[]).slice(1)))).size).toBe(64);
  });

  test('the rest is undecided, and the world says what it left open', () => {
    const found = worlds([given(body)], (one) => names.map((name) => plain(one.resourcesOf('T')[0].property(name))));
    expect(found).toHaveLength(64);
    for (const { world: one, answer } of found) {
      expect(answer.slice(6)).toEqual(Array(3).fill({ why: 'more than 6 conditions are open' }));
      expect(one.open).toEqual(['C6 is true', 'C7 is true', 'C8 is true']);
    }
  });

  test('a world that met no more than six left nothing open', () => {
    worlds([given(body)], (one) => names.slice(0, 6).map((name) => plain(one.resourcesOf('T')[0].property(name))))
      .forEach(({ world: one }) => expect(one.open).toEqual([]));
  });

  test('conditions that lean on each other many times over are evaluated in no time', () => {
    const deep = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`D${index}`, {
      'Fn::And': index ? [condition(`D${index - 1}`), condition(`D${index - 1}`)] : names.map((name) => eq(`P${name}`, 'x')),
    }]));
    const one = template({ A: choice('D59', 1, 0) }, { Parameters: body.Parameters, Conditions: deep });
    expect(worlds([given(one)], (each) => plain(each.resourcesOf('T')[0].property('A'))).map(({ answer }) => answer))
      .toEqual([{ why: 'more than 6 conditions are open' }, 0, 0, 0, 0, 0, 0]);
  });
});

describe('resources that may not exist', () => {
  const body = {
    Parameters: { Env: { Type: 'String' }, Kept: { Type: 'String', Default: 'x' } },
    Conditions: { Prod: eq('Env', 'prod'), Kept: eq('Kept', 'x') },
    Resources: {
      Always: { Type: 'T', Properties: { Of: { 'Fn::If': ['Prod', { Ref: 'Sometimes' }, { Ref: 'AWS::NoValue' }] } } },
      Sometimes: { Type: 'U', Condition: 'Prod' },
      Assumed: { Type: 'V', Condition: 'Kept' },
      Odd: { Type: 'W', Condition: { 'Fn::Equals': ['a', 'b'] } },
    },
  };

  test('exist where their condition holds', () => {
    const found = worlds([given(body)], (one) => one.resourcesOf('U').map(({ logicalId }) => logicalId));
    expect(found.map(({ world: { chosen }, answer }) => [chosen, answer])).toEqual([[['Prod is true'], ['Sometimes']], [['Prod is false'], []]]);
  });

  test('are referred to only where they exist', () => {
    expect(worlds([given(body)], (one) => plain(one.resourcesOf('T')[0].property('Of'))).map(({ answer }) => answer)).toEqual([{ ref: 'Sometimes' }, undefined]);
  });

  test('tell the defaults that their conditions ask for', () => {
    const one = world(body);
    expect(one.resourcesOf('T')).toHaveLength(1);
    expect(one.defaults).toEqual([]);
    expect(one.resourcesOf('V')).toHaveLength(1);
    expect(one.defaults).toEqual([{ template: 'template.yaml', parameter: 'Kept', assumption: 'parameter Kept keeps its default x' }]);
  });

  test('tell no default that is the name of a parameter in Systems Manager', () => {
    const one = world({ Parameters: { Image: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/image' } }, Resources: { S: { Type: 'T', Properties: { A: { Ref: 'Image' } } } } });
    expect(plain(one.resourcesOf('T')[0].property('A'))).toEqual({ why: expect.stringContaining('/image') });
    expect(one.defaults).toEqual([]);
  });

  test('have no default where it is left out', () => {
    const found = worlds([given(body, { withoutDefaults: new Set(['Kept']) })], (one) => one.resourcesOf('V').length);
    expect(found.map(({ answer }) => answer)).toEqual([1, 0]);
  });

  test('a condition that is no name is none', () => {
    expect(world(body).resourcesOf('W')).toHaveLength(1);
  });
});

test('a resource is itself, wherever it comes from', () => {
  const one = world({ Resources: { A: { Type: 'T', Properties: { B: { Ref: 'B' } }, Metadata: { 'aws:cdk:path': 'Stack/A' } }, B: { Type: 'U', Metadata: 'text' } } });
  const [a] = one.resourcesOf('T');
  const [b] = one.resourcesOf('U');
  expect(a.property('B')).toMatchObject({ kind: 'reference' });
  expect((a.property('B') as { resource?: unknown }).resource).toBe(b);
  expect(one.resourcesOf('T')[0]).toBe(a);
  expect([a.path, b.path, b.metadata]).toEqual(['Stack/A', undefined, {}]);
  expect(one.resourcesOf('constructor')).toEqual([]);
});

test('the path that a template tells of a resource goes before the one that the source tells', () => {
  const body = { Resources: { A: { Type: 'T', Metadata: { 'aws:cdk:path': 'Stack/A' } }, B: { Type: 'T' }, C: { Type: 'T' } } };
  const one = world(given(body, { paths: new Map([['A', 'Other/A'], ['B', 'Stack/B']]) }));
  expect(one.resourcesOf('T').map(({ path }) => path)).toEqual(['Stack/A', 'Stack/B', undefined]);
});

describe('imports', () => {
  const producer = (more: Partial<TemplateInput> = {}, exported: Record<string, unknown> = {}) => given({
    Conditions: { Open: eq('AWS::AccountId', '1') },
    Resources: { Vpc: { Type: 'AWS::EC2::VPC' } },
    Outputs: {
      VpcId: { Value: { Ref: 'Vpc' }, Export: { Name: 'net-vpc' }, ...exported },
      Zones: { Value: 'a,b', Export: { Name: { 'Fn::Sub': '${AWS::StackName}-zones' } } },
    },
  }, { name: 'net', ...more });
  const consumer = (expression: unknown, more: Partial<TemplateInput> = {}) => given(template({ Value: expression }), { name: 'app', ...more });
  const valueIn = (...inputs: TemplateInput[]) => plain(world(...inputs).resourcesOf('T')[0].property('Value'));
  const ambiguous = { why: 'export net-vpc is of more than one of the given templates' };
  const missing = { why: 'export net-vpc is of none of the given templates' };

  test('lead to the resource of the stack that exports it', () => {
    const both = world(producer(), consumer({ 'Fn::ImportValue': 'net-vpc' }));
    const found = both.resourcesOf('T')[0].property('Value');
    expect(found?.kind === 'reference' && found.resource).toBe(both.resourcesOf('AWS::EC2::VPC')[0]);
  });

  test('by a name made of the stack\'s', () => {
    expect(valueIn(producer({ stackName: 'Net' }), consumer({ 'Fn::Split': [',', { 'Fn::ImportValue': 'Net-zones' }] }))).toEqual(['a', 'b']);
    expect(valueIn(producer({ stackName: 'Net' }), consumer({ 'Fn::ImportValue': { 'Fn::Sub': '${AWS::StackName}-zones' } })))
      .toEqual({ why: 'the name of the stack is not known' });
  });

  test('of a name that several export are undecided', () => {
    expect(valueIn(producer(), producer({ name: 'net2' }), consumer({ 'Fn::ImportValue': 'net-vpc' }))).toEqual(ambiguous);
  });

  test('are of the same Region and account, where those are known', () => {
    const elsewhere = producer({ name: 'net2', region: 'us-east-1', account: '1' });
    const here = { region: 'eu-west-1', account: '1' };
    const imported = consumer({ 'Fn::ImportValue': 'net-vpc' }, here);
    expect(valueIn(producer(here), elsewhere, imported)).toEqual({ ref: 'Vpc' });
    expect(valueIn(elsewhere, imported)).toEqual(missing);
    expect(valueIn(producer({ ...here, account: '2' }), imported)).toEqual(missing);
  });

  test('follow the condition of the output', () => {
    const found = worlds([producer({}, { Condition: 'Open' }), consumer({ 'Fn::ImportValue': 'net-vpc' })], (one) => plain(one.resourcesOf('T')[0].property('Value')));
    expect(found.map(({ answer }) => answer)).toEqual([{ ref: 'Vpc' }, { why: 'output VpcId does not exist where Open is false' }]);
  });

  test('two of one name, of which one exists, are no question', () => {
    const twice = given({
      Resources: { A: { Type: 'U' }, B: { Type: 'U' } },
      Conditions: { No: { 'Fn::Equals': [1, 2] } },
      Outputs: { A: { Value: { Ref: 'A' }, Export: { Name: 'net-vpc' } }, B: { Condition: 'No', Value: { Ref: 'B' }, Export: { Name: 'net-vpc' } } },
    }, { name: 'twice' });
    expect(valueIn(twice, consumer({ 'Fn::ImportValue': 'net-vpc' }))).toEqual({ ref: 'A' });
  });

  test('go on through stacks that import what they export', () => {
    const middle = given({ Resources: { X: { Type: 'X' } }, Outputs: { O: { Value: { 'Fn::ImportValue': 'net-vpc' }, Export: { Name: 'again' } } } }, { name: 'middle' });
    expect(valueIn(producer(), middle, consumer({ 'Fn::ImportValue': 'again' }))).toEqual({ ref: 'Vpc' });
  });

  test('of nothing are nothing, each time', () => {
    const nothing = producer({}, { Value: { Ref: 'AWS::NoValue' } });
    expect(valueIn(nothing, consumer([{ 'Fn::ImportValue': 'net-vpc' }, 'x', { 'Fn::ImportValue': 'net-vpc' }]))).toEqual(['x']);
  });

  test('that lead back to themselves are undecided', () => {
    const circle = (name: string, from: string, to: string) => given(
      { Resources: { X: { Type: 'X' } }, Outputs: { O: { Value: { 'Fn::ImportValue': from }, Export: { Name: to } } } }, { name });
    expect(valueIn(circle('a', 'x', 'y'), circle('b', 'y', 'x'), consumer({ 'Fn::ImportValue': 'x' }))).toEqual({ why: 'it refers to itself' });
  });

  test('Fn::GetStackOutput joins by the name of the stack', () => {
    const output = (more = {}) => ({ 'Fn::GetStackOutput': { StackName: 'Net', OutputName: 'VpcId', ...more } });
    const net = producer({ stackName: 'Net', region: 'eu-west-1', account: '1' });
    expect(valueIn(net, consumer(output()))).toEqual({ ref: 'Vpc' });
    expect(valueIn(net, consumer(output({ Region: 'eu-west-1' }), { region: 'us-east-1' }))).toEqual({ ref: 'Vpc' });
    expect(valueIn(net, consumer(output(), { region: 'us-east-1' }))).toEqual({ why: 'output Net.VpcId is of none of the given templates' });
    expect(valueIn(net, consumer(output(), { account: '2' }))).toEqual({ why: 'output Net.VpcId is of none of the given templates' });
    expect(valueIn(net, consumer(output({ RoleArn: 'arn' }), { account: '2' }))).toEqual({ ref: 'Vpc' });
    expect(valueIn(net, producer({ stackName: 'Net', name: 'net2', region: 'us-east-1' }), consumer(output())))
      .toEqual({ why: 'output Net.VpcId is of more than one of the given templates' });
    expect(valueIn(net, consumer(output({ OutputName: 'constructor' })))).toEqual({ why: 'output Net.constructor is of none of the given templates' });
  });

  test('two identical unresolved ones are equal, also across templates', () => {
    const both = world(consumer({ 'Fn::ImportValue': 'x' }), consumer({ 'Fn::ImportValue': 'x' }, { name: 'app2' }), consumer({ 'Fn::ImportValue': 'x' }, { name: 'app3', region: 'eu-west-1' }));
    const [one, other, elsewhere] = both.resourcesOf('T').map((each) => each.property('Value'));
    expect(one).toMatchObject({ kind: 'undecided', identity: (other as { identity?: string }).identity });
    expect(elsewhere).not.toMatchObject({ identity: (other as { identity?: string }).identity });
  });
});

describe('nested stacks', () => {
  const parent = (parameters: unknown, rest: Record<string, unknown> = {}) => given({
    Parameters: { Env: { Type: 'String' } },
    Conditions: { Prod: eq('Env', 'prod') },
    ...rest,
    Resources: {
      Vpc: { Type: 'AWS::EC2::VPC' },
      Net: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'net.yaml', Parameters: parameters }, ...rest.Net as object },
      S: { Type: 'T', Properties: { Value: { 'Fn::GetAtt': ['Net', 'Outputs.SubnetId'] }, Missing: { 'Fn::GetAtt': 'Net.Outputs.Nothing' }, Text: { 'Fn::Sub': '${Net.Outputs.Mode}' } } },
    },
  }, { name: 'parent' });
  const child = given({
    Parameters: { VpcId: { Type: 'String' }, Groups: { Type: 'CommaDelimitedList' }, Mode: { Type: 'String', Default: 'plain' }, Image: { Type: 'AWS::SSM::Parameter::Value<String>' } },
    Resources: { Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'VpcId' }, Groups: { Ref: 'Groups' }, Mode: { Ref: 'Mode' }, Image: { Ref: 'Image' } } } },
    Outputs: { SubnetId: { Value: { Ref: 'Subnet' } }, Mode: { Value: { Ref: 'Mode' } } },
  }, { name: 'net.yaml', nestedIn: { template: 'parent', logicalId: 'Net' } });

  test('take their parameters from the parent, and lists divided', () => {
    const one = world(parent({ VpcId: { Ref: 'Vpc' }, Groups: { 'Fn::Join': [',', [{ Ref: 'Vpc' }, 'sg-1']] }, Image: '/a' }), child);
    const subnet = resource(one, 'Subnet', 'AWS::EC2::Subnet');
    expect(['VpcId', 'Groups', 'Mode', 'Image'].map((key) => plain(subnet.property(key)))).toEqual([
      { ref: 'Vpc' }, [{ ref: 'Vpc' }, 'sg-1'], 'plain', { why: 'it is the value of SSM parameter /a' },
    ]);
    expect(subnet.property('Mode')).toMatchObject({ assumes: ['parameter Mode keeps its default plain'] });
  });

  test('take what the parent passes before what is stated', () => {
    const stated = { ...child, parameters: { Mode: 'stated' } };
    const mode = (parameters: unknown) => plain(resource(world(parent(parameters), stated), 'Subnet', 'AWS::EC2::Subnet').property('Mode'));
    expect([mode({ Mode: 'passed' }), mode({})]).toEqual(['passed', 'stated']);
  });

  test('give their outputs to the parent', () => {
    const one = world(parent({ Mode: 'given' }), child);
    const [subject] = one.resourcesOf('T');
    expect(['Value', 'Missing', 'Text'].map((key) => plain(subject.property(key)))).toEqual([{ ref: 'Subnet' }, { why: 'template net.yaml has no output Nothing' }, 'given']);
    expect((subject.property('Value') as { resource?: unknown }).resource).toBe(one.resourcesOf('AWS::EC2::Subnet')[0]);
  });

  test('have a list that the parent has not decided either', () => {
    const one = world(parent({ Groups: { 'Fn::Join': [',', { Ref: 'Ids' }] } }, { Parameters: { Ids: { Type: 'List<AWS::EC2::SecurityGroup::Id>' }, Env: { Type: 'String' } } }), child);
    expect(plain(resource(one, 'Subnet', 'AWS::EC2::Subnet').property('Groups'))).toEqual({ why: 'parameter Ids has no default' });
  });

  test('evaluate in the world of the parent', () => {
    const found = worlds([parent({ Mode: choice('Prod', 'big', { Ref: 'AWS::NoValue' }) }), child], (one) => plain(resource(one, 'Subnet', 'AWS::EC2::Subnet').property('Mode')));
    expect(found.map(({ world: { chosen }, answer }) => [chosen, answer])).toEqual([[['Prod is true in parent'], 'big'], [['Prod is false in parent'], 'plain']]);
  });

  test('exist with their stack resource', () => {
    const found = worlds([parent({}, { Net: { Condition: 'Prod' } }), child], (one) => [one.resourcesOf('AWS::EC2::Subnet').length, plain(one.resourcesOf('T')[0].property('Value'))]);
    expect(found.map(({ answer }) => answer)).toEqual([[1, { ref: 'Subnet' }], [0, { why: 'Net does not exist where Prod is false' }]]);
  });

  test('rest on what their stack resource and their own condition rest on', () => {
    const Parameters = { Kept: { Type: 'String', Default: 'x' } };
    const inner = { ...child, body: { Parameters: { Own: { Type: 'String', Default: 'y' } }, Conditions: { C: eq('Own', 'y') }, Resources: { Subnet: { Type: 'AWS::EC2::Subnet', Condition: 'C' } } } };
    const withOutput = { ...inner, body: { ...inner.body, Outputs: { SubnetId: { Value: 'text', Condition: 'C' } } } };
    const one = world(parent({}, { Parameters, Conditions: { Prod: eq('Kept', 'x') }, Net: { Condition: 'Prod' } }), withOutput);
    const both = ['parameter Kept keeps its default x', 'parameter Own keeps its default y'];
    expect(one.resourcesOf('AWS::EC2::Subnet')).toHaveLength(1);
    expect(one.defaults.map(({ assumption }) => assumption)).toEqual(both);
    // And so does what it puts out.
    expect(new Set((one.resourcesOf('T')[0].property('Value') as { assumes?: string[] }).assumes)).toEqual(new Set(both));
    const unconditional = { ...inner, body: { ...inner.body, Outputs: { SubnetId: { Value: 'text' } } } };
    const other = world(parent({}, { Parameters, Conditions: { Prod: eq('Kept', 'x') }, Net: { Condition: 'Prod' } }), unconditional);
    expect(other.resourcesOf('T')[0].property('Value')).toMatchObject({ assumes: both.slice(0, 1) });
  });

  test('that do not exist have no conditions to choose', () => {
    const inner = { ...child, body: { Conditions: { C: eq('AWS::Region', 'x') }, Resources: { Subnet: { Type: 'AWS::EC2::Subnet', Condition: 'C' } } } };
    const found = worlds([parent({}, { Net: { Condition: 'Prod' } }), inner], (one) => one.resourcesOf('AWS::EC2::Subnet').length);
    expect(found.map(({ world: { chosen }, answer }) => [chosen, answer])).toEqual([
      [['Prod is true in parent', 'C is true in net.yaml'], 1], [['Prod is true in parent', 'C is false in net.yaml'], 0], [['Prod is false in parent'], 0],
    ]);
  });

  test('have the Region and account of the parent', () => {
    const one = world({ ...parent({}), region: 'eu-west-1', account: '1' }, child);
    expect(one.templates.map(({ name, region, account }) => [name, region, account])).toEqual([['parent', 'eu-west-1', '1'], ['net.yaml', 'eu-west-1', '1']]);
  });

  test('whose parameters cannot be read are undecided', () => {
    const one = world(parent({ 'Fn::Transform': { Name: 'M' } }), child);
    expect(plain(resource(one, 'Subnet', 'AWS::EC2::Subnet').property('Mode'))).toEqual({ why: 'Fn::Transform is not expanded' });
  });

  test('that pass a parameter round in a circle are undecided', () => {
    const one = world(parent({ Mode: { 'Fn::GetAtt': ['Net', 'Outputs.Mode'] } }), child);
    expect(plain(resource(one, 'Subnet', 'AWS::EC2::Subnet').property('Mode'))).toEqual({ why: expect.stringContaining('refers to itself') as unknown });
  });

  test('of one template twice are told apart', () => {
    const twice = given({ Resources: { A: { Type: 'AWS::CloudFormation::Stack', Properties: { Parameters: { Mode: 'a' } } }, B: { Type: 'AWS::CloudFormation::Stack', Properties: { Parameters: { Mode: 'b' } } } } }, { name: 'parent' });
    const one = world(twice, { ...child, nestedIn: { template: 'parent', logicalId: 'A' } }, { ...child, nestedIn: { template: 'parent', logicalId: 'B' } });
    expect(one.resourcesOf('AWS::EC2::Subnet').map((subnet) => plain(subnet.property('Mode')))).toEqual(['a', 'b']);
  });
});

describe('references of a construct tree', () => {
  const tree = (...target: unknown[]) => ({ [TREE_REFERENCE]: target });
  const valueOf = (expression: unknown) => {
    const one = world(given({ Resources: { Vpc: { Type: 'AWS::EC2::VPC', Properties: {} } }, Parameters: { P: { Type: 'String', Default: 'x' } } }, { name: 'Net' }), given(template({ Value: expression }), { name: 'App' }));
    return plain(one.resourcesOf('T')[0].property('Value'));
  };
  test.each([
    [tree('Net', 'Vpc'), { ref: 'Vpc' }],
    [tree('Net', 'Vpc', null), { ref: 'Vpc' }],
    [tree('Net', 'Vpc', 'Ref'), { ref: 'Vpc' }],
    [tree('Net', 'Vpc', 'CidrBlock'), { att: 'Vpc.CidrBlock' }],
    [tree('Net', 'P'), 'x'],
    [tree('Net', 'Nobody'), { why: 'nothing in template Net is called Nobody' }],
    [tree('Gone', 'Vpc'), { why: 'it is of a template that is not given' }],
    [{ [TREE_REFERENCE]: 'Vpc' }, { why: 'it is of a template that is not given' }],
    [tree('Net', 5), { why: 'it is of a template that is not given' }],
    [{ 'Fn::Join': ['', ['x', tree('Net', 'Vpc')]] }, { text: ['x', { ref: 'Vpc' }] }],
  ])('%j', (expression, expected) => {
    expect(valueOf(expression)).toEqual(expected);
  });
});

describe('dependencies', () => {
  /** Which of the resources wait for which, as `A>B`. */
  const pairs = (of: World) => {
    const all = of.resourcesOf('T');
    return all.flatMap((one) => all.flatMap((other) => of.dependsOn(one, other) ? [`${one.logicalId}>${other.logicalId}`] : [])).sort();
  };
  const T = (properties: unknown = {}, rest = {}) => ({ Type: 'T', Properties: properties, ...rest });

  test.each<[string, unknown, object?]>([
    ['DependsOn', {}, { DependsOn: 'B' }],
    ['DependsOn of several', {}, { DependsOn: ['X', 'B'] }],
    ['Ref', { P: { Ref: 'B' } }],
    ['Fn::GetAtt', { P: { 'Fn::GetAtt': ['B', 'Arn'] } }],
    ['Fn::GetAtt in one text', { P: [{ Q: { 'Fn::GetAtt': 'B.Arn' } }] }],
    ['Fn::Sub', { P: { 'Fn::Sub': 'x-${B}' } }],
    ['Fn::Sub of an attribute', { P: { 'Fn::Sub': ['${B.Arn}', {}] } }],
    ['a variable of Fn::Sub', { P: { 'Fn::Sub': ['${X}', { X: { Ref: 'B' } }] } }],
    ['a function within a function', { P: { 'Fn::Join': ['', [{ 'Fn::Select': [0, { 'Fn::GetAtt': ['B', 'List'] }] }]] } }],
    ['a branch that is taken', { P: { 'Fn::If': ['Yes', { Ref: 'B' }, 1] } }],
    ['metadata', {}, { Metadata: { Init: { Ref: 'B' } } }],
  ])('come of %s', (_, properties, rest = {}) => {
    expect(pairs(world({ Conditions: { Yes: { 'Fn::Equals': [1, 1] } }, Resources: { A: T(properties, rest), B: T() } }))).toEqual(['A>B']);
  });

  test.each<[string, unknown, object?]>([
    ['a literal', { P: 'B' }],
    ['an escaped variable', { P: { 'Fn::Sub': '${!B}' } }],
    ['a variable of its own name', { P: { 'Fn::Sub': ['${B}', { B: 'x' }] } }],
    ['a branch that is not taken', { P: { 'Fn::If': ['No', { Ref: 'B' }, 1] } }],
    ['a branch within such a branch', { P: { 'Fn::If': ['Yes', { 'Fn::If': ['No', { Ref: 'B' }, 1] }, 2] } }],
    ['a dependency that is no name', {}, { DependsOn: [{ Ref: 'B' }, 5] }],
    ['itself', { P: { Ref: 'A' } }],
  ])('do not come of %s', (_, properties, rest = {}) => {
    const Conditions = { Yes: { 'Fn::Equals': [1, 1] }, No: { 'Fn::Equals': [1, 2] } };
    expect(pairs(world({ Conditions, Resources: { A: T(properties, rest), B: T() } }))).toEqual([]);
  });

  test('go through others, and end where they come round', () => {
    const one = world({ Resources: { A: T({}, { DependsOn: 'B' }), B: T({ P: { Ref: 'C' } }), C: T({ P: { Ref: 'A' } }), D: T({}, { DependsOn: 'A' }) } });
    expect(pairs(one)).toEqual(['A>B', 'A>C', 'B>A', 'B>C', 'C>A', 'C>B', 'D>A', 'D>B', 'D>C']);
  });

  test('do not go through what does not exist', () => {
    const one = world({ Conditions: { No: { 'Fn::Equals': [1, 2] } }, Resources: { A: T({}, { DependsOn: 'B' }), B: T({}, { DependsOn: 'C', Condition: 'No' }), C: T() } });
    expect(pairs(one)).toEqual([]);
  });

  test('choose a condition only where the answer rests on it', () => {
    const body = {
      Parameters: { Env: { Type: 'String' } },
      Conditions: { Prod: eq('Env', 'prod') },
      Resources: {
        A: T({ P: choice('Prod', { Ref: 'B' }, 1), Q: { Ref: 'C' } }),
        B: T({}, { DependsOn: 'C' }),
        C: T(),
      },
    };
    const ask = (from: string, to: string) => worlds([given(body)], (one) => one.dependsOn(resource(one, from, 'T'), resource(one, to, 'T')))
      .map(({ world: { chosen }, answer }) => [chosen, answer]);
    expect(ask('A', 'C')).toEqual([[[], true]]);
    expect(ask('C', 'A')).toEqual([[[], false]]);
    expect(ask('A', 'B')).toEqual([[['Prod is true'], true], [['Prod is false'], false]]);
  });

  test('choose whether what is on the way exists', () => {
    const body = {
      Parameters: { Env: { Type: 'String' } },
      Conditions: { Prod: eq('Env', 'prod') },
      Resources: { A: { Type: 'V', DependsOn: 'B' }, B: T({}, { DependsOn: 'C', Condition: 'Prod' }), C: { Type: 'U' } },
    };
    const answers = worlds([given(body)], (one) => one.dependsOn(one.resourcesOf('V')[0], one.resourcesOf('U')[0]));
    expect(answers.map(({ world: { chosen }, answer }) => [chosen, answer])).toEqual([[['Prod is true'], true], [['Prod is false'], false]]);
  });

  test('a dependency that rests on more conditions than are explored is none', () => {
    const names = Array.from({ length: 7 }, (_, index) => `C${index}`);
    const nested = names.reduce<unknown>((inner, name) => choice(name, inner, 1), { Ref: 'B' });
    const body = {
      Parameters: Object.fromEntries(names.map((name) => [`P${name}`, { Type: 'String' }])),
      Conditions: Object.fromEntries(names.map((name) => [name, eq(`P${name}`, 'x')])),
      Resources: { A: T({ P: nested }), B: T() },
    };
    const found = worlds([given(body)], (one) => one.dependsOn(resource(one, 'A', 'T'), resource(one, 'B', 'T')));
    expect(found.some(({ answer }) => answer)).toBe(false);
    expect(found[0].world.open).toHaveLength(1);
  });

  test('go into nested stacks and out of them', () => {
    const parent = given({
      Resources: {
        Before: T(), Other: T(),
        Net: { Type: 'AWS::CloudFormation::Stack', Properties: { Parameters: { P: { Ref: 'Before' } } } },
        After: T({ P: { 'Fn::GetAtt': ['Net', 'Outputs.X'] } }),
      },
    }, { name: 'parent' });
    const child = given({ Resources: { Inner: T(), Deep: { Type: 'AWS::CloudFormation::Stack' } } }, { name: 'child', nestedIn: { template: 'parent', logicalId: 'Net' } });
    const grandchild = given({ Resources: { Innermost: T() } }, { name: 'grandchild', nestedIn: { template: 'child', logicalId: 'Deep' } });
    const one = world(parent, child, grandchild);
    expect(pairs(one)).toEqual(['After>Before', 'After>Inner', 'After>Innermost', 'Inner>Before', 'Innermost>Before']);
    const [net, deep] = one.resourcesOf('AWS::CloudFormation::Stack');
    const [inner] = one.resourcesOf('T').filter(({ logicalId }) => logicalId === 'Inner');
    const around = [[net, inner], [inner, net], [net, deep], [deep, net]].map(([from, to]) => one.dependsOn(from, to));
    expect(around).toEqual([false, false, false, false]);
  });

  test('go between nested stacks that a construct tree refers into', () => {
    const tree = (name: string, id: string) => ({ P: { [TREE_REFERENCE]: [name, id] } });
    const stack = { Type: 'AWS::CloudFormation::Stack' };
    const parent = given({ Resources: { Before: T(), One: stack, Two: stack, After: T(tree('one', 'InOne')) } }, { name: 'parent' });
    const nested = (name: string, logicalId: string, resources: Record<string, unknown>) => given({ Resources: resources }, { name, nestedIn: { template: 'parent', logicalId } });
    const one = world(parent, nested('one', 'One', { InOne: T(tree('parent', 'Before')) }), nested('two', 'Two', { InTwo: T(tree('one', 'InOne')) }));
    expect(pairs(one)).toEqual(['After>Before', 'After>InOne', 'InOne>Before', 'InTwo>Before', 'InTwo>InOne']);
  });

  test('go to every stack that is deployed before, by imports or as it is said', () => {
    const stack = (name: string, id: string, more: Partial<TemplateInput>, body: Record<string, unknown> = {}) => (
      given({ ...body, Resources: { [id]: T() } }, { name, ...more }));
    const one = world(
      stack('a', 'A', {}, { Outputs: { O: { Value: 1, Export: { Name: 'o' } } } }),
      stack('b', 'B', {}, { Outputs: { O: { Value: { 'Fn::ImportValue': 'o' } } } }),
      stack('c', 'C', { deployedAfter: ['b', 'gone'] }),
      stack('d', 'D', {}, { Metadata: { [TREE_REFERENCE]: ['c', 'C'] } }),
    );
    expect(pairs(one)).toEqual(['B>A', 'C>A', 'C>B', 'D>A', 'D>B', 'D>C']);
  });
});

describe('what leaves', () => {
  const body = {
    Resources: {
      Kept: { Type: 'T' }, Exported: { Type: 'T' }, Listed: { Type: 'T' }, Passed: { Type: 'T' }, Shown: { Type: 'T' }, Within: { Type: 'T' },
      Out: { Type: 'AWS::CloudFormation::Stack', Properties: { Parameters: { P: { Ref: 'Passed' } } } },
      In: { Type: 'AWS::CloudFormation::Stack', Properties: { Parameters: { P: { Ref: 'Within' } } } },
    },
    Outputs: {
      A: { Value: { Ref: 'Exported' }, Export: { Name: 'a' } },
      B: { Value: { 'Fn::Join': [',', [{ Ref: 'Listed' }, 'x']] }, Export: { Name: 'b' } },
      C: { Value: { Ref: 'Shown' } },
      D: { Value: 'text', Export: { Name: 'd' } },
    },
  };
  const inner = given({ Resources: { X: { Type: 'X' } } }, { name: 'in', nestedIn: { template: 'template.yaml', logicalId: 'In' } });
  const leaving = (...inputs: TemplateInput[]) => {
    const one = world(given(body), inner, ...inputs);
    return one.resourcesOf('T').filter((each) => one.leaves(each)).map(({ logicalId }) => logicalId);
  };

  test('is exported, or passed to a nested stack that is not given', () => {
    expect(leaving()).toEqual(['Exported', 'Listed', 'Passed']);
  });

  test('is not what a given template imports', () => {
    expect(leaving(given({ Resources: { Y: { Type: 'Y', Properties: { P: { 'Fn::ImportValue': 'a' } } } } }, { name: 'importer' })))
      .toEqual(['Listed', 'Passed']);
  });
});

describe('what is not analysed', () => {
  const unread = (body: GivenBody) => world(body).unread.map(({ path, why }) => [path, why]);

  test('is listed: loops, macros within, and macros over all', () => {
    expect(unread({
      Transform: ['AWS::LanguageExtensions', 'MyMacro', { Name: 'AWS::Include', Parameters: {} }],
      Resources: {
        'Fn::ForEach::Subnets': ['X', ['a'], {}],
        'A': { Type: 'T', Properties: { 'Fn::Transform': { Name: 'M' } } },
        'B': { Module: 'network' },
        'C': { Type: {} },
      },
      Outputs: { 'Fn::ForEach::All': [] },
    })).toEqual([
      ['Resources.Fn::ForEach::Subnets', 'loops are not expanded'],
      ['Resources.A.Properties.Fn::Transform', 'what a macro makes of it is not known'],
      ['Outputs.Fn::ForEach::All', 'loops are not expanded'],
      ['Transform', 'what the macro MyMacro makes of it is not known'],
      ['Transform', 'what the macro AWS::Include makes of it is not known'],
      ['Resources.B', 'it has no Type'],
      ['Resources.C', 'it has no Type'],
    ]);
  });

  test('is nothing where the transforms are those of CloudFormation that leave ECS as it is', () => {
    expect(unread({ Transform: 'AWS::Serverless-2016-10-31', Resources: { A: { Type: 'T' } } })).toEqual([]);
  });
});

describe('groups', () => {
  const stack = (name: string, body: Record<string, unknown> = {}, more: Partial<TemplateInput> = {}) => (
    given({ ...body, Resources: { [name]: { Type: 'T' }, ...body.Resources as object } }, { name, ...more }));
  const names = (inputs: TemplateInput[]) => groupsOf(inputs).map(({ templates }) => templates);

  test('are of templates that have to do with each other', () => {
    expect(names([
      stack('a', { Outputs: { O: { Value: 1, Export: { Name: 'o' } } } }),
      stack('alone'),
      stack('b', { Outputs: { O: { Value: { 'Fn::ImportValue': 'o' } } }, Resources: { Nested: { Type: 'AWS::CloudFormation::Stack' } } }),
      stack('c', {}, { nestedIn: { template: 'b', logicalId: 'Nested' } }),
      stack('d', { Metadata: { X: { [TREE_REFERENCE]: ['c', 'c'] } } }),
      stack('alone too', { Outputs: { O: { Value: { 'Fn::ImportValue': 'unknown' } } } }),
      stack('e', {}, { deployedAfter: ['d'] }),
    ])).toEqual([['a', 'b', 'c', 'd', 'e'], ['alone'], ['alone too']]);
  });

  test('hold together what either outcome of an open condition joins', () => {
    const Parameters = { P: { Type: 'String' } };
    const exporter = (name: string) => stack(name, { Parameters, Conditions: { C: eq('P', name) }, Outputs: { O: { Condition: 'C', Value: 1, Export: { Name: 'o' } } } });
    expect(names([exporter('a'), exporter('b'), stack('c', { Outputs: { O: { Value: { 'Fn::ImportValue': 'o' } } } })])).toEqual([['a', 'b', 'c']]);
  });

  test('hold together what either outcome of an open condition calls an export or an import', () => {
    const Parameters = { P: { Type: 'String' } };
    const Conditions = { C: eq('P', 'x') };
    const exporter = stack('a', { Parameters, Conditions, Outputs: { O: { Value: 1, Export: { Name: choice('C', 'net-x', 'net-y') } } } });
    const importer = (name: string, of: unknown) => stack(name, { Parameters, Conditions, Outputs: { O: { Value: { 'Fn::ImportValue': of } } } });
    expect(names([exporter, importer('b', 'net-y'), importer('c', choice('C', 'net-x', 'other')), importer('d', 'net-z')])).toEqual([['a', 'b', 'c'], ['d']]);
  });

  test('keep their open conditions to themselves, and what is not analysed', () => {
    const body = (name: string) => stack(name, {
      Parameters: { P: { Type: 'String' } }, Conditions: { C: eq('P', 'x') },
      Resources: { Maybe: { Type: 'U', Condition: 'C' }, 'Fn::ForEach::X': [] },
    });
    const counts = groupsOf(Array.from({ length: 10 }, (_, index) => body(`t${index}`))).map((group) => {
      let count = 0;
      for (const one of group.worlds()) {
        count += one.resourcesOf('U').length;
        expect(one.unread).toHaveLength(1);
      }
      return count;
    });
    expect(counts).toEqual(Array(10).fill(1));
  });
});

describe('the types of custom resources with a text', () => {
  const of = (Properties: unknown, rest: Record<string, unknown> = {}, Type = 'Custom::Own') =>
    world({ ...rest, Resources: { S: { Type, Properties } } }).customTypesWith('wanted');

  test.each<[string, unknown, object?]>([
    ['a value', { A: ['all that is wanted'] }],
    ['a key', { A: { wanted: { Ref: 'Open' } } }],
    ['one outcome of a condition', { A: choice('Open', 'wanted', 'other') }],
    ['a parameter', { A: { Ref: 'P' } }, { Parameters: { P: { Type: 'String', Default: 'wanted' } } }],
    ['a mapping', { A: { 'Fn::FindInMap': ['M', 'x', 'y'] } }, { Mappings: { M: { x: { y: 'wanted' } } } }],
  ])('are those of which one may have it by %s', (_, properties, rest = {}) => {
    expect(of(properties, rest as Record<string, unknown>)).toEqual(['Custom::Own']);
    expect(of(properties, rest as Record<string, unknown>, 'AWS::CloudFormation::CustomResource')).toEqual(['AWS::CloudFormation::CustomResource']);
    expect(of(properties, rest as Record<string, unknown>, 'AWS::Lambda::Function')).toEqual([]);
    expect(of({ A: 'other' })).toEqual([]);
  });

  test('are those of nested stacks that are passed it', () => {
    const outer = given({ Parameters: { P: { Type: 'String', Default: 'wanted' } }, Resources: { Stack: { Type: 'AWS::CloudFormation::Stack', Properties: { Parameters: { Q: { Ref: 'P' } } } } } });
    const inner = given({ Parameters: { Q: { Type: 'String' } }, Resources: { S: { Type: 'Custom::Own', Properties: { A: { Ref: 'Q' } } } } },
      { name: 'inner', nestedIn: { template: 'template.yaml', logicalId: 'Stack' } });
    expect(world(outer, inner).customTypesWith('wanted')).toEqual(['Custom::Own']);
  });

  test('are found without choosing any condition', () => {
    const Resources = { S: { Type: 'Custom::Own', Condition: 'Open', Properties: { A: choice('Open', 'wanted', 'other') } } };
    const found = worlds([given({ Parameters: { P: { Type: 'String' } }, Conditions: { Open: eq('P', 'x') }, Resources })], (one) => one.customTypesWith('wanted'));
    expect(found.map(({ answer }) => answer)).toEqual([['Custom::Own']]);
  });
});

test('worlds are explored anew each time', () => {
  const each = worldsOf([given(template({ A: choice('C') }, { Conditions: { C: eq('AWS::Region', 'x') } }))]);
  const count = () => {
    let found = 0;
    for (const one of each) {
      one.resourcesOf('T')[0].property('A');
      found++;
    }
    return found;
  };
  expect([count(), count()]).toEqual([2, 2]);
});

describe('resources that are made out later', () => {
  /** The same template with its resources made out when they are asked for, and which of them were. */
  function late(body: GivenBody, more: Partial<TemplateInput> = {}) {
    const asked: string[] = [];
    const wholes = Object.entries((body as { Resources: Record<string, Record<string, unknown>> }).Resources);
    const heads = wholes.map(([logicalId, { Type, Condition, DependsOn }]) => [logicalId, { Type, Condition, DependsOn }]);
    const later = new Map(wholes.map(([logicalId, whole]) => [logicalId, () => {
      asked.push(logicalId);
      return whole;
    }]));
    return { asked, input: given({ ...body, Resources: Object.fromEntries(heads) as Record<string, unknown> }, { ...more, later }) };
  }

  const body = { Resources: { A: { Type: 'T', Properties: { B: { Ref: 'B' } } }, B: { Type: 'T', Properties: { C: 1 } }, C: { Type: 'U', DependsOn: 'A' } } };

  test('are made out once, and only where more is asked than what they are called and wait for', () => {
    const { asked, input } = late(body, { paths: new Map([['B', 'Stack/B']]) });
    const one = world(input);
    const [a, b] = one.resourcesOf('T');
    expect([b.path, b.type, one.resourcesOf('U')[0].dependsOn, one.leaves(a)]).toEqual(['Stack/B', 'T', ['A'], false]);
    expect(asked).toEqual([]);
    expect([plain(b.property('C')), plain(b.property('C')), b.metadata]).toEqual([1, 1, {}]);
    expect(asked).toEqual(['B']);
    expect(one.dependsOn(one.resourcesOf('U')[0], b)).toBe(true);
    expect(asked.sort()).toEqual(['A', 'B', 'C']);
  });

  test('count in what is imported, so that what a stack exports to them does not leave', () => {
    const exporting = given({
      Resources: { G: { Type: 'G' }, H: { Type: 'G' } },
      Outputs: { G: { Value: { Ref: 'G' }, Export: { Name: 'g' } }, H: { Value: { Ref: 'H' }, Export: { Name: 'h' } } },
    }, { name: 'net' });
    const { input } = late({ Resources: { A: { Type: 'T', Properties: { G: { 'Fn::ImportValue': 'g' } } } } }, { name: 'svc' });
    const one = world(exporting, input);
    expect(one.resourcesOf('G').map((each) => one.leaves(each))).toEqual([false, true]);
    expect(one.dependsOn(one.resourcesOf('T')[0], one.resourcesOf('G')[0])).toBe(true);
  });

  test('are not made out to know what is imported, where the source or what is made out already tells', () => {
    const exporting = given({ Resources: { G: { Type: 'G' } }, Outputs: { G: { Value: { Ref: 'G' }, Export: { Name: 'g' } } } }, { name: 'net' });
    const importing = { A: { Type: 'T', Properties: { G: { 'Fn::ImportValue': 'g' } } }, B: { Type: 'T', Properties: {} } };
    const { asked, input } = late({ Resources: importing }, { name: 'svc', deployedAfter: ['net'] });
    const one = world(exporting, input);
    const [[group], [a, b]] = [one.resourcesOf('G'), one.resourcesOf('T')];
    expect([one.dependsOn(a, group), one.dependsOn(b, group), asked]).toEqual([true, true, []]);
    a.property('G');
    expect([one.leaves(group), asked]).toEqual([false, ['A']]);
  });

  test('are looked at as everything is', () => {
    const input = given({ Resources: { A: { Type: 'T' }, B: { Type: 'T' } } }, {
      later: new Map<string, () => unknown>([['A', () => 'text'], ['B', () => ({ Type: 'T', Properties: { deep: JSON.parse('['.repeat(300) + ']'.repeat(300)) as unknown } })]]),
    });
    const [a, b] = world(input).resourcesOf('T');
    expect(() => a.property('C')).toThrow(/Resources.A is a text, must be an object/);
    expect(() => b.property('C')).toThrow(/nests more than 200 levels deep/);
  });
});
