import { check } from '../../src/analysis/check';
import { notDecidable, problem, type Rule } from '../../src/analysis/rule';
import { worldsOf } from '../../src/analysis/worlds';
import { given } from './given';

const service = (properties: object = {}) => ({ Type: 'AWS::ECS::Service', Properties: properties });

/** A rule that has something against services which want no task, and cannot tell where the number is not known. */
function rule(severities: readonly ('info' | 'warning' | 'error')[] = ['warning']): Rule {
  return {
    id: 'no-tasks',
    family: 'coherence',
    summary: '',
    why: '',
    fix: '',
    acknowledge: '',
    source: 'https://example.com',
    bad: {},
    good: {},
    *judge(facts) {
      for (const subject of facts.services) {
        const { desired } = subject;
        if (!desired.known) {
          yield notDecidable(subject, desired.why);
        } else if (desired.value === 0) {
          for (const severity of severities) {
            yield problem({ subject, severity, message: `service ${subject.name} wants 0 tasks`, fix: 'DesiredCount 1', assumes: desired.assumes });
          }
        }
      }
    },
  };
}

const open = (test: string) => ({ 'Fn::If': [test, 0, 1] });
const CONDITIONS = { Prod: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } };
const PARAMETERS = { Stage: { Type: 'String' } };

test('a finding says where it is, what rests on what, and how to acknowledge it', () => {
  const { findings, undecided, services } = check([given({
    Parameters: { Count: { Type: 'Number', Default: 0 } },
    Resources: { Api: service({ DesiredCount: { Ref: 'Count' } }), Web: service({ DesiredCount: 2 }) },
  }, { stack: 'Shop' })], [rule()]);
  expect(findings).toEqual([{
    rule: 'no-tasks',
    severity: 'warning',
    template: 'template.yaml',
    stack: 'Shop',
    resource: 'Api',
    path: undefined,
    message: 'service Api wants 0 tasks',
    fix: 'DesiredCount 1',
    assumes: [expect.stringContaining('Count')],
    acknowledgement: expect.stringContaining("'EcsNetworkModes::no-tasks'"),
    source: 'https://example.com',
  }]);
  expect(undecided).toEqual([]);
  expect(services).toBe(2);
});

test('what is not known is undecided, and no finding', () => {
  const { findings, undecided } = check([given({
    Parameters: { Count: { Type: 'Number' } }, Resources: { Api: service({ DesiredCount: { Ref: 'Count' } }) },
  })], [rule()]);
  expect(findings).toEqual([]);
  expect(undecided).toEqual([expect.objectContaining({ rule: 'no-tasks', resource: 'Api', why: expect.stringContaining('Count') })]);
});

test('of several problems of one resource the severest speaks', () => {
  const { findings } = check([given({ Resources: { Api: service({ DesiredCount: 0 }) } })], [rule(['info', 'error', 'warning'])]);
  expect(findings.map(({ severity }) => severity)).toEqual(['error']);
});

test('a problem under an open condition names it', () => {
  const { findings } = check([given({
    Parameters: PARAMETERS, Conditions: CONDITIONS, Resources: { Api: service({ DesiredCount: open('Prod') }) },
  })], [rule()]);
  expect(findings).toHaveLength(1);
  expect(findings[0].assumes.join()).toBe('Prod is true');
});

test('a problem under an open condition does not name others', () => {
  const { findings } = check([given({
    Parameters: { ...PARAMETERS, Size: { Type: 'String' } },
    Conditions: { ...CONDITIONS, Large: { 'Fn::Equals': [{ Ref: 'Size' }, 'l'] } },
    Resources: { Web: service({ DesiredCount: { 'Fn::If': ['Large', 0, 1] } }), Api: service({ DesiredCount: open('Prod') }) },
  })], [rule()]);
  expect(Object.fromEntries(findings.map(({ resource, assumes }) => [resource, assumes.join()])))
    .toEqual({ Web: 'Large is true', Api: 'Prod is true' });
});

test('a problem whatever an open condition is names none', () => {
  const { findings } = check([given({
    Parameters: PARAMETERS,
    Conditions: CONDITIONS,
    Resources: { Api: service({ DesiredCount: { 'Fn::If': ['Prod', 0, '0'] } }) },
  })], [rule()]);
  expect(findings.map(({ assumes }) => assumes)).toEqual([[]]);
});

describe('of problems that differ from world to world', () => {
  /** Has an error against services that want no task, a warning against those that want one, and an info against all others. */
  const graded: Rule = {
    ...rule(),
    *judge(facts) {
      for (const subject of facts.services) {
        const desired = subject.desired.known ? subject.desired.value : 0;
        yield problem({ subject, severity: (['error', 'warning'] as const)[desired] ?? 'info', message: `service ${subject.name} wants ${desired}`, fix: 'more' });
      }
    },
  };
  const said = (DesiredCount: unknown) => check([given({
    Parameters: { ...PARAMETERS, Size: { Type: 'String' } },
    Conditions: { ...CONDITIONS, Large: { 'Fn::Equals': [{ Ref: 'Size' }, 'l'] } },
    Resources: { Api: service({ DesiredCount }) },
  })], [graded]).findings.map(({ severity, message, assumes }) => `${severity}: ${message} [${assumes.join(', ')}]`);

  test('the severest speaks, and names its condition', () => {
    expect(said({ 'Fn::If': ['Prod', 0, 1] })).toEqual(['error: service Api wants 0 [Prod is true]']);
    expect(said({ 'Fn::If': ['Prod', 1, 0] })).toEqual(['error: service Api wants 0 [Prod is false]']);
    expect(said({ 'Fn::If': ['Prod', 3, { 'Fn::If': ['Large', 1, 4] }] })).toEqual(['warning: service Api wants 1 [Prod is false, Large is true]']);
  });

  test('one of several that are as severe names its condition, as its words are of that', () => {
    expect(said({ 'Fn::If': ['Prod', 2, 3] })).toEqual(['info: service Api wants 2 [Prod is true]']);
  });

  test('it names conditions that lead to it whatever the others are, and none besides', () => {
    const either = { 'Fn::If': ['Large', 0, { 'Fn::If': ['Prod', 0, 5] }] };
    expect(said(either)).toEqual(['error: service Api wants 0 [Large is true]']);
    expect(said({ 'Fn::If': ['Prod', { 'Fn::If': ['Large', 0, 5] }, 5] })).toEqual(['error: service Api wants 0 [Prod is true, Large is true]']);
  });
});

describe('the defaults of parameters that a finding rests on are named', () => {
  const KEPT = (name: string) => `parameter ${name} keeps its default prod`;
  const found = (resource: object, more: object = {}, rules = [rule()]) => check([given({
    Parameters: Object.fromEntries(['Stage', 'Other', 'Third'].map((name) => [name, { Type: 'String', Default: 'prod' }])),
    Conditions: {
      ...Object.fromEntries([['Prod', 'Stage'], ['OtherProd', 'Other']].map(([name, of]) => [name, { 'Fn::Equals': [{ Ref: of }, 'prod'] }])),
      Either: { 'Fn::Or': [{ Condition: 'Prod' }, { Condition: 'OtherProd' }] },
      Never: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] },
    },
    Resources: { Api: resource, ...more },
  })], rules).findings.map(({ resource: of, assumes }) => [of, ...assumes]);

  test('where a resource exists by them', () => {
    expect(found({ ...service({ DesiredCount: 0 }), Condition: 'Prod' })).toEqual([['Api', KEPT('Stage')]]);
  });

  test('where a property has no value by them', () => {
    expect(found(service({ DesiredCount: 0, Tags: { 'Fn::If': ['Prod', { Ref: 'AWS::NoValue' }, []] } }))).toEqual([['Api']]);
    const one: Rule = {
      ...rule(),
      *judge({ services: [subject] }) {
        if (!subject.resource.property('Tags')) {
          yield problem({ subject, severity: 'info', message: 'no tags', fix: '' });
        }
      },
    };
    expect(found(service({ Tags: { 'Fn::If': ['Prod', { Ref: 'AWS::NoValue' }, ['x']] } }), {}, [one])).toEqual([['Api', KEPT('Stage')]]);
  });

  test('where another resource is absent by them', () => {
    const alone: Rule = {
      ...rule(),
      *judge({ services }) {
        if (services.length === 1) {
          yield problem({ subject: services[0], severity: 'info', message: 'alone', fix: '' });
        }
      },
    };
    expect(found(service({ ServiceName: { Ref: 'Third' } }), { Web: { ...service(), Condition: 'Never' } }, [alone])).toEqual([['Api', KEPT('Stage')]]);
  });

  test('and not where the finding stays without them', () => {
    expect(found(service({ DesiredCount: 0, ServiceName: { Ref: 'Third' } }))).toEqual([['Api']]);
  });

  test('as far as that takes no more than a second or two', () => {
    const topics = (many: number) => Object.fromEntries(Array.from({ length: many }, (_, index) => [`Topic${index}`, { Type: 'AWS::SNS::Topic' }]));
    const both = { ...service({ DesiredCount: 0 }), Condition: 'Prod', Properties: { DesiredCount: 0, ServiceName: { Ref: 'Third' } } };
    const api = (many: number) => found(both, { ...topics(many), Web: { ...service({ DesiredCount: 0, ServiceName: { Ref: 'Other' } }) } })
      .find(([of]) => of === 'Api');
    expect(api(10)).toEqual(['Api', KEPT('Stage')]);
    expect(api(40_000)).toEqual(['Api']);
  });

  test('all of them where one or the other is enough', () => {
    expect(found({ ...service({ DesiredCount: 0 }), Condition: 'Either' })).toEqual([['Api', KEPT('Stage'), KEPT('Other')]]);
  });
});

test('a resource that exists under a condition is judged where it does', () => {
  const { findings } = check([given({
    Parameters: PARAMETERS, Conditions: CONDITIONS, Resources: { Api: { ...service({ DesiredCount: 0 }), Condition: 'Prod' } },
  })], [rule()]);
  expect(findings).toHaveLength(1);
  expect(findings[0].assumes.join()).toBe('Prod is true');
});

test('one resource of each template is one of its own', () => {
  const body = { Resources: { Api: service({ DesiredCount: 0 }) } };
  const { findings } = check([given(body, { name: 'a.json' }), given(body, { name: 'b.json' })], [rule()]);
  expect(findings.map(({ template }) => template)).toEqual(['a.json', 'b.json']);
});

test('what loops and macros may make is undecided for every rule', () => {
  const { findings, undecided } = check([given({
    Transform: 'AWS::LanguageExtensions',
    Resources: {
      'Fn::ForEach::Apis': ['Name', ['A', 'B'], { 'Api${Name}': service({ DesiredCount: 0 }) }],
      // What is within a resource makes the properties undecided that it gives, for the rules that ask.
      'Web': service({ Tags: { 'Fn::Transform': { Name: 'Tags' } } }),
    },
  }, { stack: 'Shop' })], [rule()]);
  expect(findings).toEqual([]);
  expect(undecided).toEqual([
    { rule: '*', template: 'template.yaml', stack: 'Shop', resource: 'Fn::ForEach::Apis', path: undefined, why: 'loops are not expanded' },
  ]);
});

test('what is in a stack whose template is not given is undecided for every rule, unless the stack does not exist', () => {
  const stack = (Condition?: string, TemplateURL: unknown = 'https://example.com/net.yaml') => (
    { Type: 'AWS::CloudFormation::Stack', Condition, Properties: { TemplateURL } });
  const { undecided } = check([given({
    Parameters: { Stage: { Type: 'String' } },
    Conditions: { Never: { 'Fn::Equals': ['a', 'b'] }, Prod: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } },
    Resources: {
      None: stack('Never'), Maybe: stack('Prod'), Here: stack(), Other: stack(undefined, { 'Fn::If': ['Prod', 'a', 'b'] }),
      Web: service({ DesiredCount: { 'Fn::If': ['Prod', 1, 2] } }),
    },
  }, { stack: 'Shop' }), given({ Resources: { Web: service() } }, { name: 'here.yaml', nestedIn: { template: 'template.yaml', logicalId: 'Here' } })], [rule()]);
  const left = (resource: string, its: string) => ({
    rule: '*', template: 'template.yaml', stack: 'Shop', resource, path: undefined, why: `${its} is not given: what is in it is not judged`,
  });
  expect(undecided.filter((one) => one.rule === '*'))
    .toEqual([left('Maybe', 'its template https://example.com/net.yaml'), left('Other', 'its template')]);
});

test('a stack whose template is not given makes no worlds of its condition', () => {
  const conditions = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`C${index}`, { 'Fn::Equals': [{ Ref: `P${index}` }, 'x'] }]));
  const stacks = Object.fromEntries(Object.keys(conditions).map((Condition) => [`In${Condition}`, { Type: 'AWS::CloudFormation::Stack', Condition }]));
  const [first, ...more] = worldsOf([given({ Conditions: conditions, Resources: stacks })]);
  expect([first.stacksNotGiven.length, first.chosen, first.open, more]).toEqual([8, [], [], []]);
});

describe('many templates with conditions of their own', () => {
  const template = (index: number, more: object = {}) => given({
    Parameters: { [`Stage${index}`]: { Type: 'String' } },
    Conditions: { Prod: { 'Fn::Equals': [{ Ref: `Stage${index}` }, 'prod'] } },
    Resources: { Api: service({ DesiredCount: open('Prod') }), ...more },
  }, { name: `${index}.json`, stack: `Stack${index}` });
  const templates = Array.from({ length: 8 }, (_, index) => template(index));

  test('are judged one by one: no condition of one is a choice for another', () => {
    const { findings, undecided, services } = check(templates, [rule()]);
    expect(findings.map(({ template: name, assumes }) => [name, assumes.join()])).toEqual(templates.map(({ name }) => [name, 'Prod is true']));
    expect(undecided).toEqual([]);
    expect(services).toBe(8);
  });

  test('stay together where one takes something of the other, and are then undecided', () => {
    const joined = templates.map(({ name, body }, index) => given({
      ...body as object, Outputs: { [`Out${index}`]: { Value: 'x', Export: { Name: `x${index}` } } },
      Resources: {
        ...(body as { Resources: object }).Resources,
        ...index > 0 ? { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: { 'Fn::ImportValue': `x${index - 1}` } } } } : {},
      },
    }, { name }));
    const { findings, undecided, services } = check(joined, [rule()]);
    expect(services).toBe(8);
    expect([...findings, ...undecided].map(({ template: name }) => name).sort()).toEqual(joined.map(({ name }) => name));
    expect(undecided.map(({ why }) => why)).toContainEqual(expect.stringContaining('more than 6 conditions are open'));
  });

  describe('in one template', () => {
    const numbers = Array.from({ length: 8 }, (_, index) => index);
    const conditional = (services: Record<string, object>) => given({
      Parameters: Object.fromEntries(numbers.map((index) => [`P${index}`, { Type: 'String' }])),
      Conditions: Object.fromEntries(numbers.map((index) => [`C${index}`, { 'Fn::Equals': [{ Ref: `P${index}` }, 'x'] }])),
      Resources: { ...Object.fromEntries(numbers.map((index) => [`Some${index}`, { ...service({ DesiredCount: 2 }), Condition: `C${index}` }])), ...services },
    });

    test('leave what has nothing to do with them decided', () => {
      const { findings, undecided } = check([conditional({ Api: service({ DesiredCount: 0 }) })], [rule()]);
      expect(findings.map(({ resource, assumes }) => [resource, ...assumes])).toEqual([['Api']]);
      expect(undecided).toEqual([]);
    });

    test('leave what only one of two exclusive resources would do undecided', () => {
      /** Has something against the first of two services. */
      const two: Rule = {
        ...rule(),
        *judge({ services }) {
          const [first, second] = services.filter(({ name }) => name.startsWith('Only'));
          if (second) {
            yield problem({ subject: first, severity: 'error', message: 'two', fix: '' });
          }
        },
      };
      const services = { Only: { ...service(), Condition: 'C7' }, OnlyElse: { ...service(), Condition: 'Not' } };
      const { body, ...input } = conditional(services);
      const { findings, undecided } = check([{
        ...input, body: { ...body as object, Conditions: { ...(body as { Conditions: object }).Conditions, Not: { 'Fn::Not': [{ Condition: 'C7' }] } } },
      }], [two]);
      expect(findings).toEqual([]);
      expect(undecided).toEqual([expect.objectContaining({ resource: 'Only', why: 'more than 6 conditions are open' })]);
    });
  });
});
