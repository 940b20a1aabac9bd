import fc from 'fast-check';
import { Evaluated, identityOf, World } from '../../src/analysis/resources';
import { TREE_REFERENCE } from '../../src/analysis/templates';
import { given, GivenBody, resource, world, worlds } from './given';

const name = fc.constantFrom('A', 'B', 'P', 'L', 'N', 'C', 'D', 'AWS::Region', 'AWS::NoValue', 'constructor', '__proto__', '');
const FUNCTIONS = [
  'Ref', 'Fn::GetAtt', 'Fn::Sub', 'Fn::Join', 'Fn::Split', 'Fn::Select', 'Fn::If', 'Fn::FindInMap', 'Fn::Cidr', 'Fn::GetAZs', 'Fn::Base64',
  'Fn::ImportValue', 'Fn::GetStackOutput', 'Fn::Length', 'Fn::ToJsonString', 'Fn::Equals', 'Fn::And', 'Fn::Or', 'Fn::Not', 'Fn::Transform',
  'Fn::ForEach::X', 'Condition', TREE_REFERENCE,
];

/** Values as they may stand in a template, sensible or not: every function with every kind of argument. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 5, withCrossShrink: true },
    fc.oneof(name, fc.integer({ min: -2, max: 5 }), fc.boolean(), fc.constant(null), fc.constantFrom('${A}-${N.X}', ',', '10.0.0.0/16', '{{resolve:ssm:/a}}', 'e', 'a,b')),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.tuple(fc.constantFrom(...FUNCTIONS), tie('value')).map(([key, argument]) => ({ [key]: argument })),
    fc.tuple(fc.constantFrom(...FUNCTIONS), fc.array(tie('value'), { minLength: 1, maxLength: 4 })).map(([key, argument]) => ({ [key]: argument })),
    fc.dictionary(fc.oneof(name, fc.constantFrom(...FUNCTIONS, 'StackName', 'OutputName', 'DefaultValue')), tie('value'), { maxKeys: 3 }),
  ),
}));

/** A template in which every section may hold anything. */
const template = fc.record({
  Parameters: fc.dictionary(name, value, { maxKeys: 2 }).map((rest) => ({
    P: { Type: 'String' }, L: { Type: 'CommaDelimitedList' }, N: { Type: 'Number', Default: 1 }, ...rest })),
  Mappings: fc.dictionary(name, value, { maxKeys: 2 }),
  Conditions: fc.record({ C: value, D: value }).filter((conditions) => !JSON.stringify(conditions).includes('Condition') && !JSON.stringify(conditions).includes('Fn::If')),
  Outputs: fc.record({ O: fc.record({ Value: value, Export: fc.constant({ Name: 'e' }) }), Q: value }),
  Resources: fc.record({
    A: fc.record({ Type: fc.constant('T'), Properties: value, Condition: fc.option(name), DependsOn: value, Metadata: value }),
    B: fc.record({ Type: fc.constant('AWS::CloudFormation::Stack'), Properties: value }),
  }),
});

function mustHold(holds: boolean, what: string, of: Evaluated): void {
  if (!holds) {
    throw new Error(`${what}: ${fc.stringify(of)}`);
  }
}

/** All there is of an evaluated expression, and what it says of itself. It throws by itself, for so many calls of `expect` take longer. */
function exhaust(evaluated: Evaluated | undefined): void {
  switch (evaluated?.kind) {
    case 'list': evaluated.items.forEach(exhaust); break;
    case 'entries': evaluated.keys.forEach((key) => exhaust(evaluated.entry(key))); break;
    case 'text': mustHold(evaluated.parts.length > 1, 'a text has several parts', evaluated); break;
    case 'undecided': mustHold(/\S/.test(evaluated.why), 'what is undecided says why', evaluated); break;
    case 'scalar': case 'reference': case undefined: break;
  }
  if (evaluated) {
    mustHold(/^(\[.*\]|".*")$/s.test(identityOf(evaluated)), 'an identity is JSON', evaluated);
  }
}

function ask(one: World): void {
  for (const type of ['T', 'AWS::CloudFormation::Stack', 'U']) {
    one.resourcesOf(type).forEach((each) => {
      exhaust(each.property());
      exhaust(each.property('Parameters', 'X', 0));
      exhaust(each.evaluatedMetadata());
      one.leaves(each);
      one.resourcesOf('T').forEach((other) => one.dependsOn(each, other));
    });
  }
}

describe('evaluation', () => {
  test('of anything ends, without an error, and says why it does not know', () => {
    fc.assert(fc.property(template, template, (one, other) => {
      const child = given(other as GivenBody, { name: 'child', nestedIn: { template: 'template.yaml', logicalId: 'B' } });
      const found = worlds([given(one as GivenBody), child], ask);
      expect(found.length).toBeLessThanOrEqual(64);
      // No two worlds are the same: each differs from each before in a choice.
      expect(new Set(found.map(({ world: { chosen } }) => JSON.stringify(chosen))).size).toBe(found.length);
    }), { numRuns: 400 });
  });

  test('gives the same identity to the same expression, whatever the order of its keys', () => {
    const reversed = (one: unknown): unknown => {
      if (typeof one !== 'object' || one === null) {
        return one;
      }
      return Array.isArray(one)
        ? one.map(reversed)
        : Object.fromEntries(Object.entries(one).reverse().map(([key, entry]) => [key, reversed(entry)]));
    };
    fc.assert(fc.property(template, value, (body, expression) => {
      const one = world({ ...body, Resources: { ...body.Resources, S: { Type: 'S', Properties: { a: expression, b: structuredClone(expression), c: reversed(expression) } } } });
      const subject = resource(one, 'S', 'S');
      const [a, b, c] = ['a', 'b', 'c'].map((key) => subject.property(key)).map((found) => found && identityOf(found));
      expect([b, c]).toEqual([a, a]);
    }), { numRuns: 400 });
  });

  test('of text that was joined and is split again gives the items', () => {
    const items = fc.array(fc.oneof(fc.constantFrom('a', 'b-c', ''), fc.constantFrom({ Ref: 'A' }, { 'Fn::GetAtt': ['A', 'Arn'] })), { minLength: 2, maxLength: 5 });
    fc.assert(fc.property(items, (list) => {
      const one = world({ Resources: { A: { Type: 'T' }, S: { Type: 'S', Properties: { a: list, b: { 'Fn::Split': ['|', { 'Fn::Join': ['|', list] }] } } } } });
      const [a, b] = ['a', 'b'].map((key) => identityOf(resource(one, 'S', 'S').property(key)!));
      expect(b).toBe(a);
    }));
  });
});
