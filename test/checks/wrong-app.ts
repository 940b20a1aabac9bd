/** An app with an error and more, for a process of its own: `wrong-app.js [rule that is acknowledged]…`. */
import { App, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { NetworkModeChecks } from '../../src';

const app = new App();
const stack = new Stack(app, 'Shop');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
cluster.addCapacity('Nodes', { instanceType: new ec2.InstanceType('c5.large'), minCapacity: 2 });
const taskDefinition = new ecs.Ec2TaskDefinition(stack, 'Task', { networkMode: ecs.NetworkMode.HOST });
taskDefinition.addContainer('main', {
  image: ecs.ContainerImage.fromRegistry('nginx'), memoryReservationMiB: 64, portMappings: [{ containerPort: 51678 }],
});
new ecs.Ec2Service(stack, 'Api', { cluster, taskDefinition, desiredCount: 1, minHealthyPercent: 0, maxHealthyPercent: 100 });
process.argv.slice(2).forEach((rule) => Validations.of(app).acknowledge({ id: `EcsNetworkModes::${rule}`, reason: 'a test' }));
Validations.of(app).addPlugins(new NetworkModeChecks());
