/** What deployment-deadlock and eni-density say of updates, against the walk of old and new tasks that the scheduler makes. */
import * as fc from 'fast-check';
import { check } from '../../../src/analysis/check';
import { deploymentDeadlock } from '../../../src/analysis/rules/deployment-deadlock';
import { eniDensity } from '../../../src/analysis/rules/eni-density';
import { hostPortFleetClash } from '../../../src/analysis/rules/host-port-fleet-clash';
import { walkFrom } from '../../rolling-update-walk';
import { given } from '../given';
import { nodes } from './eni-fragments';

/** A service on instances of two interfaces, or three: one of these is the instance's own. */
interface App {
  readonly desired: number;
  readonly instances: number;
  readonly minHealthyPercent: number;
  readonly maxHealthyPercent: number;
  /** How the tasks are on the network; `fixed` takes a host port, `dynamic` nothing that is scarce. */
  readonly by: 'fixed' | 'dynamic' | 'awsvpc';
  readonly interfaces: 2 | 3;
  /** Another service of the same kind, whose tasks are there and stay. */
  readonly others: number;
}

const app = fc.record<App>({
  desired: fc.integer({ min: 0, max: 8 }),
  instances: fc.integer({ min: 1, max: 8 }),
  minHealthyPercent: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(0, 50, 100)),
  maxHealthyPercent: fc.oneof(fc.integer({ min: 100, max: 300 }), fc.constantFrom(100, 200)),
  by: fc.constantFrom('fixed', 'dynamic', 'awsvpc'),
  interfaces: fc.constantFrom(2, 3),
  others: fc.integer({ min: 0, max: 3 }),
});

const service = (DesiredCount: number, MinimumHealthyPercent: number, MaximumPercent: number, by: App['by']) => ({
  Type: 'AWS::ECS::Service',
  Properties: {
    Cluster: { Ref: 'Cluster' },
    LaunchType: 'EC2',
    TaskDefinition: { Ref: 'Tasks' },
    DesiredCount,
    DeploymentConfiguration: { MinimumHealthyPercent, MaximumPercent },
    ...by === 'awsvpc' ? { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'] } } } : {},
  },
});

function resourcesOf({ desired, instances, minHealthyPercent, maxHealthyPercent, by, interfaces, others }: App) {
  return {
    Cluster: { Type: 'AWS::ECS::Cluster' },
    ...nodes(instances, { InstanceType: interfaces === 2 ? 't3.micro' : 't3.medium' }),
    Tasks: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        NetworkMode: by === 'awsvpc' ? 'awsvpc' : 'bridge',
        ContainerDefinitions: [{ Name: 'app', Image: 'app', Memory: 4, PortMappings: by === 'fixed' ? [{ ContainerPort: 80, HostPort: 80 }] : [] }],
      },
    },
    Web: service(desired, minHealthyPercent, maxHealthyPercent, by),
    // It can always stop first, so that nothing is said of its own updates.
    Other: service(others, 0, 100, by),
  };
}

/** Tasks of the service that fit, beside those of the other. */
function roomOf({ instances, by, interfaces, others }: App): number {
  switch (by) {
    case 'fixed':
      return instances - others;
    case 'awsvpc':
      return instances * (interfaces - 1) - others;
    case 'dynamic':
      return Infinity;
  }
}

function walks({ desired, minHealthyPercent, maxHealthyPercent }: App, room: number): boolean {
  const minimum = Math.ceil(desired * minHealthyPercent / 100);
  return walkFrom(desired, minimum, Math.min(Math.floor(desired * maxHealthyPercent / 100), room)) !== undefined;
}

/** Which rules say that no update of the service can finish. */
function saidOf(its: App): string[] {
  const { findings, undecided } = check([given({ Resources: resourcesOf(its) })], [deploymentDeadlock, eniDensity]);
  expect(undecided).toEqual([]);
  return findings.filter(({ severity, message }) => severity === 'error' && (/service Web cannot be updated/.test(message) || /no update of service Web /.test(message)))
    .map(({ rule }) => rule);
}

test('an update is said to be stuck just when the walk gets stuck, by one of the two rules', () => {
  fc.assert(fc.property(app.filter((its) => its.desired <= roomOf(its)), (its) => {
    const byPercents = !walks(its, Infinity);
    const stuck = !walks(its, roomOf(its));
    const speaks = its.by === 'awsvpc' && !byPercents ? 'eni-density' : 'deployment-deadlock';
    expect(saidOf(its)).toEqual(stuck ? [speaks] : []);
  }), { numRuns: 1500 });
});

test('what does not even fit is said by the rule of what is short, and nothing of its updates', () => {
  const tooMany = app.filter((its) => its.by !== 'dynamic' && its.desired > 0 && its.desired > roomOf(its) && walks(its, Infinity));
  fc.assert(fc.property(tooMany, (its) => {
    const { findings } = check([given({ Resources: resourcesOf(its) })], [eniDensity, hostPortFleetClash]);
    expect(findings.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual([its.by === 'fixed' ? 'error host-port-fleet-clash' : 'error eni-density']);
    expect(saidOf(its)).toEqual([]);
  }), { numRuns: 500 });
});
