/** Fragments of templates with ECS services, and what a rule says of them. */
import { check } from '../../../src/analysis/check';
import type { Rule } from '../../../src/analysis/rule';
import { given } from '../given';

type Resources = Readonly<Record<string, unknown>>;

export const CLUSTER = { Type: 'AWS::ECS::Cluster' };

export function serviceOf(properties: object = {}, more: object = {}) {
  return {
    Type: 'AWS::ECS::Service',
    Properties: { Cluster: { Ref: 'Cluster' }, LaunchType: 'EC2', TaskDefinition: { Ref: 'Tasks' }, ...properties },
    ...more,
  };
}

/** One container, `app`, that maps port 80, unless more is said. */
export function tasksOf(NetworkMode: unknown, properties: object = {}, PortMappings: unknown = [{ ContainerPort: 80 }]) {
  return {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      ...NetworkMode === undefined ? {} : { NetworkMode },
      Memory: '512',
      ContainerDefinitions: [{ Name: 'app', Image: 'app', PortMappings }],
      ...properties,
    },
  };
}

/** A reference to a parameter without a default, and the section that declares it. */
export const OPEN = { Ref: 'Open' };
export const OPEN_PARAMETER = { Parameters: { Open: { Type: 'String' } } };

export const AWSVPC = { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'] } } };

/** What a rule says: `severity resource: message` of problems, `undecided resource: why` of the rest. Assumptions follow in brackets. */
export function said(rule: Rule, resources: Resources, rest: object = OPEN_PARAMETER): string[] {
  const { findings, undecided } = check([given({ ...rest, Resources: resources })], [rule]);
  return [
    ...findings.map(({ severity, resource, message, assumes }) => `${severity} ${resource}: ${message}${assumes.length ? ` [${assumes.join('; ')}]` : ''}`),
    ...undecided.map(({ resource, why }) => `undecided ${resource}: ${why}`),
  ];
}

/** That a rule's own fragments are what they are printed as: one problem in the bad one, nothing in the good one. */
export function itsExamplesHold(rule: Rule): void {
  test('its bad example has one problem and its good one none', () => {
    const of = (resources: Resources) => check([given({ Resources: resources })], [rule]);
    expect(of(rule.bad).findings).toHaveLength(1);
    expect(of(rule.bad).undecided).toEqual([]);
    expect(of(rule.good)).toMatchObject({ findings: [], undecided: [] });
  });
}
