/**
 * Tells what the plugin found where nobody else would.
 *
 * A newer command line, such as aws-cdk 2.1148.1, has the framework neither print findings nor fail, as it does both itself, from a report
 * of another name than that which aws-cdk-lib before 2.258 writes: an app with errors would pass, and nothing would be said.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLUGIN_NAME } from '../analysis/check';

/** Written by aws-cdk-lib before 2.258, without what is acknowledged. */
const REPORT = 'policy-validation-report.json';

/** Set to false by command lines that print findings and fail themselves. */
const LEFT_TO_COMMAND_LINE = '@aws-cdk/core:failSynthOnValidationErrors';

interface PluginReport {
  readonly summary: { readonly pluginName: string; readonly status: 'success' | 'failure' };
  readonly violations: ReadonlyArray<{
    readonly ruleName: string;
    readonly description: string;
    readonly severity?: string;
    readonly fix?: string;
    readonly violatingResources: ReadonlyArray<{ readonly constructPath?: string; readonly resourceLogicalId?: string }>;
  }>;
}

/** The folders whose report is waited for: an app may have the plugin several times, of which there is one report. */
const AWAITED = new Set<string>();

/** Waits for the framework's report in the folder of an app, which has what is not acknowledged: tells it, and fails if it does. */
export function tellAtExit(folder: string): void {
  if (!AWAITED.has(folder) && isLeftToCommandLine()) {
    AWAITED.add(folder);
    process.once('exit', () => tell(join(folder, REPORT)));
  }
}

function isLeftToCommandLine(): boolean {
  const { CDK_CONTEXT_JSON: given, CONTEXT_OVERFLOW_LOCATION_ENV: overflow } = process.env;
  const texts = [...given === undefined ? [] : [given], ...overflow !== undefined && existsSync(overflow) ? [readFileSync(overflow, 'utf-8')] : []];
  return texts.some((text) => (JSON.parse(text) as Record<string, unknown>)[LEFT_TO_COMMAND_LINE] === false);
}

function tell(path: string): void {
  const reports = ourReports(path);
  // What is only worth knowing stands in the report.
  const violations = reports.flatMap((one) => one.violations).filter(({ severity }) => severity !== 'info');
  for (const { ruleName, description, severity, fix, violatingResources } of violations) {
    const where = violatingResources.map(({ constructPath, resourceLogicalId }) => constructPath ?? resourceLogicalId).join(', ');
    process.stderr.write(`[${severity ?? 'error'} at ${where}] ${description}${fix === undefined ? '' : ` To mend it: ${fix}`} (${PLUGIN_NAME}::${ruleName})\n`);
  }
  if (reports.some(({ summary }) => summary.status === 'failure')) {
    process.exitCode ||= 1;
  }
}

function ourReports(path: string): readonly PluginReport[] {
  return existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf-8')) as { readonly pluginReports: readonly PluginReport[] }).pluginReports
      .filter(({ summary }) => summary.pluginName === PLUGIN_NAME)
    : [];
}
