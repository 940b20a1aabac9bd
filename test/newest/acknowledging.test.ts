import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Validations } from 'aws-cdk-lib';
import { NetworkModeChecks } from '../../src';
import { RESERVED_PORT, twoServices, type TwoServices, validatedApp } from '../checks/reserved-port';

interface Report {
  readonly pluginReports: ReadonlyArray<{ readonly violations: readonly Violation[] }>;
}

interface Violation {
  readonly ruleName: string;
  readonly violatingConstructs: ReadonlyArray<{ readonly constructPath: string }>;
}

/** The constructs of which the plugin's finding is left, as the framework reports it. */
function reported(acknowledge: (services: TwoServices, app: App) => void): string[] {
  const app = validatedApp();
  const services = twoServices(app, 'Stack');
  acknowledge(services, app);
  Validations.of(app).addPlugins(new NetworkModeChecks());
  jest.spyOn(console, 'error').mockReturnValue();
  try {
    app.synth();
  } catch (error) {
    expect(String(error)).toMatch(/^ValidationFailed: /);
  }
  const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as Report;
  return pluginReports.flatMap(({ violations }) => violations).filter(({ ruleName }) => ruleName === RESERVED_PORT)
    .flatMap(({ violatingConstructs }) => violatingConstructs.map(({ constructPath }) => constructPath));
}

afterEach(() => jest.restoreAllMocks());

const ACKNOWLEDGEMENT = { id: `EcsNetworkModes::${RESERVED_PORT}`, reason: 'a test' };

test.each<[string, (services: TwoServices, app: App) => void, string[]]>([
  ['nothing', () => {}, ['Stack/Api/Service', 'Stack/Web/Service']],
  ['a construct', ({ api }) => Validations.of(api).acknowledge(ACKNOWLEDGEMENT), ['Stack/Web/Service']],
  ['a construct beside them', ({ api }) => Validations.of(api.taskDefinition).acknowledge(ACKNOWLEDGEMENT), ['Stack/Api/Service', 'Stack/Web/Service']],
  ['a stack', ({ stack }) => Validations.of(stack).acknowledge(ACKNOWLEDGEMENT), []],
  ['the app', (_, app) => Validations.of(app).acknowledge(ACKNOWLEDGEMENT), []],
])('V2: the framework silences the plugin where %s is acknowledged', (_, acknowledge, left) => {
  expect(reported(acknowledge)).toEqual(left);
});

test('V4: an error that nobody acknowledges fails the synthesis', () => {
  const app = validatedApp();
  twoServices(app, 'Stack');
  Validations.of(app).addPlugins(new NetworkModeChecks());
  jest.spyOn(console, 'error').mockReturnValue();
  expect(() => app.synth()).toThrow('wants tcp 51678');
});
