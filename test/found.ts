/** What the rules say of an app, for tests that begin with constructs. */
import { type App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { check, type Report } from '../src/analysis/check';
import type { AccountSettings } from '../src/analysis/facts';
import { RULES } from '../src/analysis/rules';
import type { GivenBody } from './analysis/given';
import { synth } from './fixtures';

/** Every rule's report on the stacks of an app that are not nested. */
export function reportOn(app: App, accountSettings: AccountSettings = {}): Report {
  synth(app);
  const stacks = app.node.findAll().filter((construct): construct is Stack => Stack.isStack(construct) && !construct.nested);
  return check(stacks.map((stack) => ({
    name: stack.templateFile,
    body: Template.fromStack(stack).toJSON() as GivenBody,
    stack: stack.node.path,
    stackName: stack.stackName,
    deployedAfter: stack.dependencies.map(({ templateFile }) => templateFile),
  })), RULES, { accountSettings });
}

/** What one rule finds, as `error Web: service Web …`; the name is the logical id, for tests do not write paths into templates. */
export function found(app: App, rule: string, accountSettings: AccountSettings = {}): string[] {
  if (!RULES.some(({ id }) => id === rule)) {
    throw new Error(`there is no rule ${rule}`);
  }
  return reportOn(app, accountSettings).findings.filter((one) => one.rule === rule)
    .map(({ severity, resource, message }) => `${severity} ${resource}: ${message}`);
}
