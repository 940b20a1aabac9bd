import { identityOf } from '../../src/analysis/resources';
import { isTemplate, MAX_CHAIN, MAX_DEPTH, TemplateError, TemplateInput } from '../../src/analysis/templates';
import { groupsOf, worldsOf } from '../../src/analysis/worlds';
import { given, GivenBody, plain, world } from './given';

const RESOURCES = { S: { Type: 'T' }, Stack: { Type: 'AWS::CloudFormation::Stack' } };

/** Why templates are refused: at once, before a world is asked for. */
function refusal(...inputs: TemplateInput[]): string {
  for (const read of [worldsOf, groupsOf]) {
    expect(() => read(inputs)).toThrow(TemplateError);
  }
  try {
    worldsOf(inputs);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

const body = (value: unknown) => ({ name: 'web.yaml', body: value });

describe('a template is refused that', () => {
  const circle: Record<string, unknown> = { Resources: RESOURCES };
  circle.Metadata = { deep: [circle] };

  test.each<[string, unknown, string]>([
    ['is a list', [], 'it is a list, not an object with Resources'],
    ['is a text', 'Resources', 'it is a text, not an object with Resources'],
    ['is a number', 5, 'it is a number, not'],
    ['is nothing', null, 'it is nothing, not'],
    ['has no resources', { Description: 'x' }, 'it has no Resources'],
    ['has only what prototypes have', Object.create({ Resources: {} }), 'it has no Resources'],
    ['has a list of resources', { Resources: [] }, 'Resources is a list, must be an object'],
    ['has a text for resources', { Resources: 'A' }, 'Resources is a text, must be an object'],
    ['has a resource that is a text', { Resources: { A: 'x' } }, 'Resources.A is a text, must be an object'],
    ['has a resource that is nothing', { Resources: { A: null } }, 'Resources.A is nothing, must be an object'],
    ['has a list of parameters', { Resources: {}, Parameters: [] }, 'Parameters is a list, must be an object'],
    ['has a text for outputs', { Resources: {}, Outputs: 'x' }, 'Outputs is a text, must be an object'],
    ['has a number for conditions', { Resources: {}, Conditions: 5 }, 'Conditions is a number, must be an object'],
    ['has a list of mappings', { Resources: {}, Mappings: [] }, 'Mappings is a list, must be an object'],
    ['holds a function', { Resources: { A: { Type: 'T', Properties: { F: () => 1 } } } }, 'Resources.A.Properties.F is a function, which no template holds'],
    ['holds a big integer', { Resources: { A: { Type: 'T', Properties: { F: [1n] } } } }, 'Resources.A.Properties.F.0 is a bigint'],
    ['holds itself', circle, 'it holds itself'],
    ['has a condition that leans on itself', { Resources: {}, Conditions: { A: { 'Fn::Not': [{ Condition: 'A' }] } } }, 'condition A leans on itself: A -> A'],
    ['has conditions in a circle', { Resources: {}, Conditions: { A: { 'Fn::And': [{ Condition: 'B' }] }, B: { 'Fn::Or': [{ Condition: 'C' }] }, C: { 'Fn::Equals': [{ 'Fn::If': ['A', 1, 2] }, 1] } } }, 'condition A leans on itself: A -> B -> C -> A'],
  ])('%s', (_, value, problem) => {
    expect(refusal(body(value))).toContain(`template web.yaml: ${problem}`);
  });

  test('nests deeper than it can be followed', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 100_000; level++) {
      deep = level % 2 ? [deep] : { 'Fn::Base64': deep };
    }
    expect(refusal(body({ Resources: { A: { Type: 'T', Properties: { P: deep } } } }))).toContain(`nests more than ${MAX_DEPTH} levels deep, at Resources.A.Properties.P`);
  });

  test('holds itself somewhere within', () => {
    const list: unknown[] = [];
    list.push({ 'Fn::Join': ['', list] });
    expect(refusal(body({ Resources: { A: { Type: 'T', Properties: { P: list } } } }))).toContain('Resources.A.Properties.P holds itself');
  });

  test('has few values that stand for each other over and over', () => {
    let many: unknown = 'lol';
    for (let level = 0; level < 60; level++) {
      many = Array(9).fill(many);
    }
    expect(() => worldsOf([body({ Resources: { A: { Type: 'T', Properties: { P: many } } } })])).toThrow('more than 10,000,000 values');
  });

  test('has conditions that lean on each other a thousandfold', () => {
    const Conditions = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`C${index}`, { 'Fn::Not': [{ Condition: `C${index + 1}` }] }]));
    expect(refusal(body({ Resources: {}, Conditions }))).toContain(`condition C0 leans on more than ${MAX_CHAIN} others`);
    const backwards = Object.fromEntries(Object.entries(Conditions).reverse());
    expect(refusal(body({ Resources: {}, Conditions: backwards }))).toContain(`leans on more than ${MAX_CHAIN} others`);
  });
});

describe('templates are refused that', () => {
  const of = (name: string, more: Partial<TemplateInput> = {}) => given({ Resources: RESOURCES }, { name, ...more });
  const nested = (name: string, template: string, logicalId = 'Stack') => of(name, { nestedIn: { template, logicalId } });

  test.each<[string, TemplateInput[], string]>([
    ['are given twice', [of('a'), of('a')], 'template a: it was given twice'],
    ['are nested in what is not given', [nested('b', 'a')], 'template b: it is nested in a, which was not given'],
    ['are nested in what several are called', [of('a'), nested('a', 'b'), of('b'), nested('c', 'a')], 'template c: it is nested in a, which is the name of several templates'],
    ['are nested in no stack', [of('a'), nested('b', 'a', 'S')], 'template b: it is nested in a as S, which is no stack there'],
    ['are nested in nothing', [of('a'), nested('b', 'a', 'toString')], 'template b: it is nested in a as toString, which is no stack there'],
    ['are nested where another is', [of('a'), nested('b', 'a'), nested('c', 'a')], 'template c: it is nested in a as Stack, and so is another'],
    ['are nested in themselves', [nested('a', 'a')], `template a: it is nested in itself, or more than ${MAX_CHAIN} levels deep`],
    ['are nested in each other', [nested('a', 'b'), nested('b', 'a')], 'template a: it is nested in itself'],
  ])('%s', (_, inputs, problem) => {
    expect(refusal(...inputs)).toContain(problem);
  });
});

describe('a template is taken that', () => {
  test.each<[string, GivenBody]>([
    ['has empty sections', { Resources: {}, Parameters: null, Mappings: null, Conditions: null, Outputs: null, Transform: null } as never],
    ['has parameters, maps and outputs that are no objects', { Resources: {}, Parameters: { P: 'x' }, Mappings: { M: [] }, Outputs: { O: 'x' } }],
    ['has names that prototypes have', { Resources: { constructor: { Type: 'T' }, toString: { Type: 'T' } }, Conditions: { valueOf: true }, Outputs: { hasOwnProperty: {} } }],
  ])('%s', (_, value) => {
    expect(world(value).templates).toHaveLength(1);
  });

  test('has a parameter that is no object: then it is one without a default', () => {
    const one = world({ Parameters: { P: 'x' }, Resources: { S: { Type: 'T', Properties: { A: { Ref: 'P' } } } } });
    expect(plain(one.resourcesOf('T')[0].property('A'))).toEqual({ why: 'parameter P has no default' });
  });

  test('has a key that JSON reads as __proto__', () => {
    const one = world(JSON.parse('{"Resources": {"__proto__": {"Type": "T", "Properties": {"__proto__": {"polluted": 1}}}}}') as GivenBody);
    const [found] = one.resourcesOf('T');
    expect([found.logicalId, plain(found.property('__proto__', 'polluted')), ({} as { polluted?: unknown }).polluted]).toEqual(['__proto__', 1, undefined]);
  });
});

test('what leads through more expressions than can be followed is undecided', () => {
  // Each stack passes on what the one before imports: no template is deep, but the way through them is.
  const inputs = Array.from({ length: 2000 }, (_, index) => given({
    Resources: { S: { Type: 'T', Properties: { P: { 'Fn::ImportValue': `e${index}` } } } },
    Outputs: { O: { Value: index ? { 'Fn::ImportValue': `e${index - 1}` } : 'end', Export: { Name: `e${index}` } } },
  }, { name: `t${index}` }));
  const resources = world(...inputs).resourcesOf('T');
  expect(plain(resources[1999].property('P'))).toEqual({ why: 'it leads through more than 300 expressions' });
  expect(plain(world(...inputs).resourcesOf('T')[50].property('P'))).toBe('end');
});

describe('expressions as deep as they can be, in a hundred templates that lead to each other, are followed without an end of the stack', () => {
  const WRAPPED: Record<string, (inner: unknown) => unknown> = {
    'Fn::Select': (inner) => ({ 'Fn::Select': [0, [inner]] }),
    'Fn::Join': (inner) => ({ 'Fn::Join': ['', [inner, 'a']] }),
    'Fn::Join of objects': (inner) => ({ 'Fn::Join': ['', [{ a: { b: inner } }]] }),
    'Fn::Sub': (inner) => ({ 'Fn::Sub': ['${A}', { A: inner }] }),
    'Fn::If': (inner) => ({ 'Fn::If': ['Yes', inner, 1] }),
    'Fn::Cidr': (inner) => ({ 'Fn::Cidr': [inner, 1, 2] }),
    'Fn::GetStackOutput': (inner) => ({ 'Fn::GetStackOutput': { StackName: inner, OutputName: 'a' } }),
    'Fn::ToJsonString': (inner) => ({ 'Fn::ToJsonString': { a: { b: inner } } }),
    'Fn::Transform': (inner) => ({ 'Fn::Transform': inner }),
    'lists': (inner) => [inner],
    'objects': (inner) => ({ a: inner }),
  };
  test.each(Object.entries(WRAPPED))('%s', (_, wrap) => {
    const deep = (bottom: unknown) => Array.from({ length: 30 }).reduce<unknown>((inner) => wrap(inner), bottom);
    const inputs = Array.from({ length: 100 }, (_one, index) => {
      const led = deep({ 'Fn::ImportValue': `e${index - 1}` });
      return given({
        Conditions: { Yes: { 'Fn::Equals': [1, 1] }, Deep: { 'Fn::Equals': [1, led] }, Not: { 'Fn::Not': [{ Condition: 'Deep' }] } },
        Resources: { S: { Type: 'T', Properties: { P: led, Q: { 'Fn::If': ['Not', 1, 2] } } } },
        Outputs: { O: { Value: led, Condition: 'Not', Export: { Name: `e${index}` } } },
      }, { name: `t${index}` });
    });
    const one = world(...inputs);
    const last = one.resourcesOf('T')[99];
    expect(['P', 'Q'].map((key) => identityOf(last.property(key)!))).toEqual([expect.any(String), expect.any(String)]);
    expect([one.leaves(last), one.dependsOn(last, one.resourcesOf('T')[0])]).toEqual([false, true]);
  });
});

describe('objects that go from place to place are undecided', () => {
  test.each([
    ['by a map', { Mappings: { M: { a: { b: { x: 1 } } } } }, { 'Fn::FindInMap': ['M', 'a', 'b'] }],
    ['by a list in a map', { Mappings: { M: { a: { b: [['x']] } } } }, { 'Fn::FindInMap': ['M', 'a', 'b'] }],
    ['by an output', { Outputs: { O: { Value: { x: 1 }, Export: { Name: 'o' } } } }, { 'Fn::ImportValue': 'o' }],
  ])('%s', (_, rest, expression) => {
    const one = world({ ...rest, Resources: { S: { Type: 'T', Properties: { P: expression } } } });
    expect(plain(one.resourcesOf('T')[0].property('P'))).toEqual({ why: expect.stringMatching(/^(an object|a list) stands where/) as unknown });
  });

  test('by a parameter', () => {
    const parent = { Resources: { Stack: { Type: 'AWS::CloudFormation::Stack', Properties: { Parameters: { P: { x: 1 } } } } } };
    const child = { Parameters: { P: { Type: 'String' } }, Resources: { S: { Type: 'T', Properties: { P: { Ref: 'P' } } } } };
    const one = world(given(parent, { name: 'a' }), given(child, { name: 'b', nestedIn: { template: 'a', logicalId: 'Stack' } }));
    expect(plain(one.resourcesOf('T')[0].property('P'))).toEqual({ why: 'an object stands where something else belongs' });
  });

  test('so that a way through thousands of them ends', () => {
    const nested = (bottom: unknown) => {
      let deep = bottom;
      for (let level = 0; level < 80; level++) {
        deep = { x: deep };
      }
      return deep;
    };
    const entries = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, {
      v: nested(index ? { 'Fn::FindInMap': ['M', `k${index - 1}`, 'v'] } : 'end'),
    }]));
    const properties = Object.fromEntries(Object.keys(entries).map((key) => [key, { 'Fn::FindInMap': ['M', key, 'v'] }]));
    const [subject] = world({ Mappings: { M: entries }, Resources: { S: { Type: 'T', Properties: properties } } }).resourcesOf('T');
    Object.keys(entries).forEach((key) => expect(identityOf(subject.property(key)!)).toBeDefined());
  });
});

test.each<[unknown, boolean]>([
  [{ Resources: RESOURCES }, true],
  [{ Resources: { 'Fn::ForEach::X': [], 'A': { Type: 'T' } } }, true],
  [{ Resources: { 'Fn::ForEach::X': [] } }, true],
  [{ Resources: { 'Fn::Transform': { Name: 'AWS::Include' } } }, true],
  [{ Resources: { 'Fn::Sub': 'A' } }, false],
  [{ Resources: {} }, false],
  [{ Resources: { A: { type: 'T' } } }, false],
  [{ Resources: [] }, false],
  [{ AWSTemplateFormatVersion: '2010-09-09' }, false],
  [null, false],
  ['Resources', false],
])('whether %j is a template: %s', (value, expected) => {
  expect(isTemplate(value)).toBe(expected);
});
