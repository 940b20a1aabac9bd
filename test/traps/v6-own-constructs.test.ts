import { Aspects } from 'aws-cdk-lib';
import { NetworkModeAspect } from '../../src';
import { annotated, twoServices, validatedApp } from '../checks/reserved-port';
import { EXAMPLES } from '../examples/examples';

/** cdk-nag's rules are asked in test/newest/nag.test.ts: it runs at newer versions of the framework only. */
test.each(Object.keys(EXAMPLES))('V6: our constructs raise nothing by our own rules: %s', (name) => {
  const app = validatedApp();
  EXAMPLES[name](app);
  Aspects.of(app).add(new NetworkModeAspect());
  expect(annotated(app).filter((each) => !each.startsWith('info '))).toEqual([]);
});

test('V6: an app of plain L2s beside them is found wrong by the same rules', () => {
  const app = validatedApp();
  twoServices(app, 'Stack');
  Aspects.of(app).add(new NetworkModeAspect());
  expect(annotated(app).length).toBeGreaterThan(0);
});
