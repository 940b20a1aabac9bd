/** SARIF 2.1.0, which code hosts and editors read: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. */
import { isAbsolute, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Location, Log, Notification, ReportingDescriptor, Result } from 'sarif';
import type { UndecidedFinding } from '../../analysis/check';
import type { Rule, Severity } from '../../analysis/rule';
import type { JudgedFinding } from '../judging';
import type { Reported } from './report';

const REPOSITORY = 'https://github.com/cdk-ecs-network-modes/cdk-ecs-network-modes';

const LEVELS: Readonly<Record<Severity, Result.level>> = { error: 'error', warning: 'warning', info: 'note' };

export function sarif(reported: Reported, rules: readonly Rule[]): string {
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'ecs-network-modes', informationUri: REPOSITORY, rules: rules.map(descriptor) } },
      columnKind: 'utf16CodeUnits',
      results: reported.findings.map((found) => result(found, rules, reported)),
      invocations: [{
        executionSuccessful: reported.failures.length === 0,
        // What cannot be decided is no result: those who read SARIF would raise an alarm.
        toolExecutionNotifications: [
          ...reported.failures.map(({ path, problem }): Notification => ({
            level: 'error', message: { text: problem }, locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(path) } } }],
          })),
          ...reported.undecided.map((undecided) => notification(undecided, rules, reported)),
        ],
      }],
    }],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function descriptor({ id, family, summary, why, fix, acknowledge, source }: Rule): ReportingDescriptor {
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: why },
    help: { text: `${fix}\n\nAcknowledge: ${acknowledge}\n\nSource: ${source}` },
    helpUri: `${REPOSITORY}/blob/main/docs/rules.md#${id}`,
    properties: { tags: [family] },
  };
}

function result(found: JudgedFinding, rules: readonly Rule[], reported: Reported): Result {
  const { rule, severity, template, resource, message, fix, assumes, acknowledgement, acknowledged } = found;
  return {
    ruleId: rule,
    ruleIndex: rules.findIndex(({ id }) => id === rule),
    level: LEVELS[severity],
    message: { text: [`${message}.`, `Fix: ${fix}`, ...assumes.length > 0 ? [`Assumes: ${assumes.join('; ')}.`] : []].join('\n') },
    locations: [locationOf(found, reported)],
    // A finding stays the same one when lines move and numbers change.
    partialFingerprints: { 'ruleAndResource/v1': `${rule} ${template} ${resource}` },
    // An empty list says of results that can be suppressed that this one is not.
    suppressions: acknowledged === undefined ? [] : [{ kind: 'inSource', justification: acknowledged }],
    properties: { acknowledgement },
  };
}

function notification(undecided: UndecidedFinding, rules: readonly Rule[], reported: Reported): Notification {
  const index = rules.findIndex(({ id }) => id === undecided.rule);
  return {
    level: 'note',
    message: { text: `${undecided.resource} is undecided: ${undecided.why}` },
    locations: [locationOf(undecided, reported)],
    ...index < 0 ? {} : { associatedRule: { id: undecided.rule, index } },
  };
}

function locationOf({ template, stack, resource, path }: JudgedFinding | UndecidedFinding, reported: Reported): Location {
  const startLine = reported.linesOf(template).get(resource);
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(template) }, ...startLine === undefined ? {} : { region: { startLine } } },
    logicalLocations: [{ name: resource, fullyQualifiedName: path ?? (stack === undefined ? resource : `${stack}/${resource}`), kind: 'resource' }],
  };
}

function uriOf(path: string): string {
  return isAbsolute(path) ? pathToFileURL(path).href : path.split(sep).map(encodeURIComponent).join('/');
}
