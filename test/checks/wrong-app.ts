/** An app with an error and more, for a process of its own: `wrong-app.js [rule that is acknowledged]…`. */
import { App, Stack, Stage, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { NetworkModeChecks } from '../../src';
import { clusterIn, hostService } from './reserved-port';

function shop(scope: Construct, port?: number): void {
  const stack = new Stack(scope, 'Shop');
  hostService(stack, 'Api', clusterIn(stack), port);
}

const app = new App();
if (process.env.PLUGIN_ON_STAGE) {
  // Judged first, and nothing in it is an error.
  const stage = new Stage(app, 'Stage');
  shop(stage, 8080);
  Validations.of(stage).addPlugins(new NetworkModeChecks());
}
shop(app);
process.argv.slice(2).forEach((rule) => Validations.of(app).acknowledge({ id: `EcsNetworkModes::${rule}`, reason: 'a test' }));
Validations.of(app).addPlugins(new NetworkModeChecks());
