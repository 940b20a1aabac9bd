import { Aspects, Stack } from 'aws-cdk-lib';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import { NetworkModeAspect } from '../../src';
import { annotated, clusterIn, hostService, twoServices, validatedApp } from '../checks/reserved-port';
import { found } from '../found';

const PORT = 'ContainerDefinitions.0.PortMappings.0';

function definitionOf({ taskDefinition }: ecs.Ec2Service): ecs.CfnTaskDefinition {
  return taskDefinition.node.defaultChild as ecs.CfnTaskDefinition;
}

test('V5: what an override mends is not found', () => {
  const app = validatedApp();
  const { api } = twoServices(app, 'Stack');
  definitionOf(api).addPropertyOverride(PORT, { ContainerPort: 8080, HostPort: 8080 });
  Aspects.of(app).add(new NetworkModeAspect());
  expect(annotated(app).filter((each) => each.endsWith('host-port-reserved'))).toEqual(['error Stack/Web/Service host-port-reserved']);
});

test('V5: what an override breaks is found, by every front end', () => {
  const broken = () => {
    const app = validatedApp();
    const stack = new Stack(app, 'Stack');
    const api = hostService(stack, 'Api', clusterIn(stack), 8080);
    definitionOf(api).addPropertyOverride(PORT, { ContainerPort: 51678, HostPort: 51678 });
    return app;
  };
  const app = broken();
  Aspects.of(app).add(new NetworkModeAspect());
  expect(annotated(app)).toContain('error Stack/Api/Service host-port-reserved');
  expect(found(broken(), 'host-port-reserved')).toEqual([expect.stringMatching(/^error .* wants tcp 51678/)]);
});

test('V5: a resource of another type, by an override, is what it is deployed as', () => {
  const app = validatedApp();
  const stack = new Stack(app, 'Stack');
  const api = hostService(stack, 'Api', clusterIn(stack));
  (api.node.findChild('Service') as ecs.CfnService).addOverride('Type', 'AWS::CloudFormation::WaitConditionHandle');
  Aspects.of(app).add(new NetworkModeAspect());
  expect(annotated(app).filter((each) => each.startsWith('error Stack/Api'))).toEqual([]);
});
