import { CfnResource, Stack } from 'aws-cdk-lib';
import { testApp } from '../app';
import { EXAMPLES } from '../examples/examples';
import { findingsOf, TEMPLATE_VALIDATION } from './validation-report';

/** Has errors stay errors: without this flag, which is among the recommended ones, the framework reports them as warnings. */
const ERRORS_ARE_ERRORS = { '@aws-cdk/core:validateAgainstDefaultRules': true };

test('the validation runs: it fails a resource that is wrong', () => {
  const app = testApp({ context: ERRORS_ARE_ERRORS });
  new CfnResource(new Stack(app, 'Bad'), 'Rule', { type: 'AWS::EC2::SecurityGroupIngress', properties: { IpProtocol: 'tcp', FromPort: 'none' } });
  expect(findingsOf(app, TEMPLATE_VALIDATION, true)).toContainEqual(expect.objectContaining({ severity: 'error', construct: 'Bad/Rule' }));
});

test.each(Object.keys(EXAMPLES))('examples/%s has neither an error nor a warning', (name) => {
  const app = testApp({ context: ERRORS_ARE_ERRORS });
  EXAMPLES[name](app);
  expect(findingsOf(app, TEMPLATE_VALIDATION, false)).toEqual([]);
});
