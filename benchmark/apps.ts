import type { App } from 'aws-cdk-lib';
import { EXAMPLES } from '../test/examples/examples';
import { buildWithOurs } from './ours';
import { Place } from './services';

function stacksOfFifty(app: App, count: number): void {
  for (let index = 0; index < count; index++) {
    buildWithOurs(new Place(app, `Benchmark${index}`));
  }
}

/**
 * What the benchmarks of the checks judge: an app of small stacks that are all different, one stack with about as many resources as
 * CloudFormation takes, and several of these.
 */
export const APPS = {
  'every example': (app: App) => Object.values(EXAMPLES).forEach((add) => add(app)),
  '50 services': (app: App) => stacksOfFifty(app, 1),
  '300 services': (app: App) => stacksOfFifty(app, 6),
};

export type AppName = keyof typeof APPS;
