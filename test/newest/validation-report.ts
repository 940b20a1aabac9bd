import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';

/** One finding of a validation plugin on one construct. */
export interface Finding {
  readonly severity: string;
  readonly rule: string;
  readonly construct: string;
}

/** The framework's own template validation among the plugins. */
export const TEMPLATE_VALIDATION = 'CloudFormation Validate';

interface Report {
  readonly pluginReports: {
    readonly pluginName: string;
    readonly violations: {
      readonly severity: string;
      readonly ruleName: string;
      readonly violatingConstructs: { readonly constructPath: string }[];
    }[];
  }[];
}

/**
 * Synthesises with validation and returns what one plugin found, acknowledged findings left out.
 *
 * @param refused whether the synthesis must fail for it, as it does on errors; an app that fails for another reason leaves no report
 */
export function findingsOf(app: App, plugin: string, refused: boolean): Finding[] {
  const given = process.env.CDK_VALIDATION;
  // The template validation takes seconds a stack, and 'false' leaves the other plugins on.
  process.env.CDK_VALIDATION = String(plugin === TEMPLATE_VALIDATION);
  try {
    if (refused) {
      expect(() => app.synth()).toThrow(plugin);
    } else {
      app.synth();
    }
  } finally {
    if (given === undefined) {
      delete process.env.CDK_VALIDATION;
    } else {
      process.env.CDK_VALIDATION = given;
    }
  }
  const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as Report;
  return pluginReports.filter(({ pluginName }) => pluginName === plugin).flatMap(({ violations }) => violations)
    .flatMap(({ severity, ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => ({ severity, rule: ruleName, construct: constructPath })));
}
