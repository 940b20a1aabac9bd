/** A plain L2 service with one thing wrong that no default decides: it wants a port that the agent has. */
import { type App, type AppProps, CfnParameter, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { testApp } from '../app';

export const RESERVED_PORT = 'host-port-reserved';

/** A cluster of two instances. */
export function clusterIn(scope: Construct): ecs.Cluster {
  const vpc = new ec2.Vpc(scope, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const cluster = new ecs.Cluster(scope, 'Cluster', { vpc });
  cluster.addCapacity('Nodes', { instanceType: new ec2.InstanceType('c5.large'), minCapacity: 2 });
  return cluster;
}

/** A service in host mode on this port; by default one that the ECS agent listens on. */
export function hostService(scope: Construct, id: string, cluster: ecs.ICluster, port = 51678): ecs.Ec2Service {
  const taskDefinition = new ecs.Ec2TaskDefinition(scope, `${id}Task`, { networkMode: ecs.NetworkMode.HOST });
  taskDefinition.addContainer('main', {
    image: ecs.ContainerImage.fromRegistry('nginx'), memoryReservationMiB: 64, portMappings: [{ containerPort: port }],
  });
  return new ecs.Ec2Service(scope, id, { cluster, taskDefinition, desiredCount: 1, minHealthyPercent: 0, maxHealthyPercent: 100 });
}

export interface TwoServices {
  readonly stack: Stack;
  readonly api: ecs.Ec2Service;
  readonly web: ecs.Ec2Service;
}

/** An app whose validation is that of its plugins only; newer versions of the framework have one that takes seconds a stack. */
export function validatedApp(props: AppProps = {}): App {
  return testApp({ ...props, ...{ builtinCloudFormationValidation: false } });
}

/** A stack with two services that want it, `Api` and `Web`. */
export function twoServices(scope: Construct, id: string): TwoServices {
  const stack = new Stack(scope, id);
  const cluster = clusterIn(stack);
  return { stack, api: hostService(stack, 'Api', cluster), web: hostService(stack, 'Web', cluster, 51679) };
}

/** Has a service want a port that nobody knows before it is deployed. */
export function wantUnknownPort(service: ecs.Ec2Service): void {
  const port = new CfnParameter(Stack.of(service), 'Port', { type: 'Number' });
  (service.taskDefinition.node.defaultChild as ecs.CfnTaskDefinition)
    .addPropertyOverride('ContainerDefinitions.0.PortMappings', [{ ContainerPort: port.valueAsNumber, Protocol: 'tcp' }]);
}

/**
 * The annotations that the checks made on the constructs of an app, as `error Stack/Api/Service host-port-reserved`. Newer versions of
 * the framework end a synthesis with an error annotation by a `ValidationFailed`, which the app's own caller is told.
 */
export function annotated(app: App): string[] {
  try {
    app.synth();
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ValidationFailed')) {
      throw error;
    }
  }
  return app.node.findAll().flatMap(({ node }) => node.metadata.flatMap(({ type, data }) => {
    const [, rule] = /EcsNetworkModes::([a-z-]+)[)\]]$/.exec(String(data)) ?? [];
    return rule === undefined ? [] : [`${type.replace('aws:cdk:', '')} ${node.path} ${rule}`];
  }));
}
