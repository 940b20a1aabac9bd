import { Aspects, Stack, Validations } from 'aws-cdk-lib';
import { NetworkModeAspect, NetworkModeChecks } from '../../src';
import { annotated, clusterIn, hostService, twoServices, validatedApp } from '../checks/reserved-port';

const given = process.env.CDK_VALIDATION;
afterEach(() => {
  if (given === undefined) {
    delete process.env.CDK_VALIDATION;
  } else {
    process.env.CDK_VALIDATION = given;
  }
  jest.restoreAllMocks();
});

test('V4: CDK_VALIDATION=false switches plugin and aspects off', () => {
  process.env.CDK_VALIDATION = 'false';
  const app = validatedApp();
  twoServices(app, 'Stack');
  Aspects.of(app).add(new NetworkModeAspect());
  expect(annotated(app)).toEqual([]);

  const judged = validatedApp();
  twoServices(judged, 'Stack');
  Validations.of(judged).addPlugins(new NetworkModeChecks());
  jest.spyOn(console, 'error').mockReturnValue();
  const before = process.exitCode;
  expect(() => judged.synth()).not.toThrow();
  expect(process.exitCode).toBe(before);
});

test('V4: what only may go wrong does not fail the synthesis', () => {
  const app = validatedApp();
  const stack = new Stack(app, 'Stack');
  // Whether the port is taken depends on whether the agent uses it, so it is a warning.
  hostService(stack, 'Api', clusterIn(stack), 51680);
  Validations.of(app).addPlugins(new NetworkModeChecks());
  jest.spyOn(console, 'error').mockReturnValue();
  const before = process.exitCode;
  expect(() => app.synth()).not.toThrow();
  expect(process.exitCode).toBe(before);
});
