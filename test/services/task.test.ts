import { CfnParameter } from 'aws-cdk-lib';
import { ManagedInstancesCapacity } from '../../src';
import { awsvpcService, bridgeService, CONTAINER, HOST_CONTAINER, hostModeService, world } from '../fixtures';
import { expectRefusal } from '../refusal';

describe('ephemeral storage', () => {
  test.each([0, 20, 201, 21.5, NaN])('of %p GiB is refused', (ephemeralStorageGiB) => {
    expectRefusal(() => awsvpcService(world(), { task: { ephemeralStorageGiB } }), 'Test/Web',
      `'task.ephemeralStorageGiB' must be an integer from 21 to 200, got ${JSON.stringify(ephemeralStorageGiB)}`);
  });

  test.each([21, 200, undefined])('of %p GiB is taken', (ephemeralStorageGiB) => {
    expect(() => awsvpcService(world(), { task: { ephemeralStorageGiB } })).not.toThrow();
  });

  test('known only at deployment is taken', () => {
    const here = world();
    const ephemeralStorageGiB = new CfnParameter(here.stack, 'GiB', { type: 'Number' }).valueAsNumber;
    expect(() => awsvpcService(here, { task: { ephemeralStorageGiB } })).not.toThrow();
  });

  test('is refused elsewhere whatever its size', () => {
    const here = world();
    const capacity = new ManagedInstancesCapacity(here.stack, 'Managed', { cluster: here.cluster });
    expectRefusal(() => awsvpcService(here, { capacity, task: { ephemeralStorageGiB: 20 } }), 'Test/Web', "'task.ephemeralStorageGiB' is for Fargate");
  });
});

describe('the name of a sidecar', () => {
  test('must not be that of the application container', () => {
    expectRefusal(() => awsvpcService(world(), {}).addContainer('side', { ...CONTAINER, containerName: 'app' }), 'Test/Web',
      "'containerName' of container 'side' must be one that no other container of the task has, got \"app\"");
    expectRefusal(() => bridgeService(world(), { container: { ...CONTAINER, containerName: 'side' } }).addContainer('side', CONTAINER), 'Test/Web',
      "'containerName' of container 'side' must be");
    expectRefusal(() => hostModeService(world(), {}).addContainer('side', { ...HOST_CONTAINER, containerName: 'app' }), 'Test/Web',
      "'containerName' of container 'side' must be");
  });

  test('must not be that of another sidecar', () => {
    const service = awsvpcService(world(), {});
    service.addContainer('side', CONTAINER);
    expectRefusal(() => service.addContainer('other', { ...CONTAINER, containerName: 'side' }), 'Test/Web', "'containerName' of container 'other' must be");
  });

  test('may be another, or known only at deployment', () => {
    const here = world();
    const service = awsvpcService(here, {});
    const containerName = new CfnParameter(here.stack, 'Name').valueAsString;
    expect(() => ['one', 'two'].forEach((id) => service.addContainer(id, { ...CONTAINER, containerName }))).not.toThrow();
    expect(() => service.addContainer('three', CONTAINER)).not.toThrow();
  });
});
