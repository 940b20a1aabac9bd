import { Aspects, CfnResource, Stack } from 'aws-cdk-lib';
import { NetworkModeAspect } from '../../src';
import * as check from '../../src/analysis/check';
import { annotated, clusterIn, hostService, validatedApp } from '../checks/reserved-port';

test('V3: however many aspects and constructs, each construct is resolved once and the app is judged once', () => {
  const judged = jest.spyOn(check, 'check');
  const app = validatedApp();
  for (const id of ['One', 'Two', 'Three']) {
    const stack = new Stack(app, id);
    const cluster = clusterIn(stack);
    ['A', 'B', 'C'].forEach((service, index) => Aspects.of(hostService(stack, service, cluster, 8080 + index)).add(new NetworkModeAspect()));
  }
  [app, ...app.node.children].forEach((scope) => Aspects.of(scope).add(new NetworkModeAspect()));
  const resources = app.node.findAll().filter(CfnResource.isCfnResource);
  const counts = new Map<CfnResource, number>();
  for (const resource of resources) {
    const internal = resource as unknown as { _toCloudFormation(): object };
    const original = internal._toCloudFormation.bind(resource);
    internal._toCloudFormation = () => {
      counts.set(resource, (counts.get(resource) ?? 0) + 1);
      return original();
    };
  }
  annotated(app);
  const withAspects = [...counts.values()];
  expect(judged).toHaveBeenCalledTimes(1);

  counts.clear();
  process.env.CDK_VALIDATION = 'false';
  try {
    app.synth({ force: true });
  } finally {
    delete process.env.CDK_VALIDATION;
  }
  expect(withAspects).toEqual([...counts.values()].map((count) => count + 1));
});
