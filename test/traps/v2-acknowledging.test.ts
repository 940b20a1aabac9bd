import { Aspects, Validations } from 'aws-cdk-lib';
import { NetworkModeAspect, NetworkModeChecks } from '../../src';
import { annotated, twoServices, validatedApp } from '../checks/reserved-port';
import { reportOn } from '../found';

test('V2: ids are short and static, and have no data in them', () => {
  for (const id of new NetworkModeChecks().ruleIds!) {
    expect(id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+){1,5}$/);
  }
});

test('V2: a rule finds one thing per resource, and says how to acknowledge it', () => {
  const app = validatedApp();
  twoServices(app, 'Stack');
  const { findings } = reportOn(app);
  expect(findings.length).toBeGreaterThan(0);
  expect(new Set(findings.map(({ rule, template, resource }) => `${rule} ${template} ${resource}`)).size).toBe(findings.length);
  for (const { rule, resource, acknowledgement } of findings) {
    expect(resource).not.toBe('');
    expect(acknowledgement).toContain(`id: 'EcsNetworkModes::${rule}'`);
  }
});

test('V2: one acknowledgement on a construct silences its rule there and nowhere else', () => {
  const app = validatedApp();
  const { api } = twoServices(app, 'Stack');
  Validations.of(api).acknowledge({ id: 'EcsNetworkModes::host-port-reserved', reason: 'its instances run no agent' });
  Aspects.of(app).add(new NetworkModeAspect());
  const reserved = annotated(app).filter((each) => each.endsWith('host-port-reserved'));
  expect(reserved).toEqual(['error Stack/Web/Service host-port-reserved']);
});

test('V2: one acknowledgement on the app silences a rule in all of it', () => {
  const app = validatedApp();
  twoServices(app, 'Stack');
  Validations.of(app).acknowledge({ id: 'EcsNetworkModes::host-port-reserved', reason: 'no instance runs the agent' });
  Aspects.of(app).add(new NetworkModeAspect());
  expect(annotated(app).filter((each) => each.endsWith('host-port-reserved'))).toEqual([]);
});
