import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport, PolicyViolation } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { check, Finding, PLUGIN_NAME, Report } from '../analysis/check';
import type { ReadOptions } from '../analysis/read-facts';
import { RULES } from '../analysis/rules';
import type { TemplateInput } from '../analysis/templates';
import { EcsAccountSettings, settingsOf } from './account-settings';
import { Acknowledgements, recordedOn } from './acknowledgements';
import { readAssembly } from './assembly-source';
import { importedAmong } from './imported-networks';
import { tellAtExit } from './told-at-exit';
import { description, summary, switchedOff, unknownRule } from './wording';

/** What the checks take. */
export interface NetworkModeChecksProps {
  /**
   * The ECS account settings of the accounts the app is deployed to.
   *
   * @default - not known
   */
  readonly accountSettings?: EcsAccountSettings;
}

/**
 * All rules about network modes as a validation plugin: judges every stack of an app, nested ones and those of stages included, when it is
 * synthesised. An error fails the synthesis, a warning or an information does not. What cannot be decided is counted and never fails it.
 *
 * A finding is acknowledged with `Validations.of(construct).acknowledge({ id: 'EcsNetworkModes::<rule>', reason: '…' })`. The environment
 * variable `CDK_VALIDATION=false` switches the checks off.
 *
 * @example
 * Validations.of(app).addPlugins(new NetworkModeChecks());
 */
export class NetworkModeChecks implements IPolicyValidationPlugin {
  /** The prefix of the ids that findings are acknowledged with. */
  public readonly name: string = PLUGIN_NAME;
  /** The ids of all rules. */
  public readonly ruleIds?: string[] = RULES.map(({ id }) => id);
  private readonly settings: ReadOptions['accountSettings'];

  constructor(props: NetworkModeChecksProps = {}) {
    this.settings = settingsOf(props.accountSettings);
  }

  /** Called by the framework when the app has been synthesised. */
  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    if (switchedOff() || context.templatePaths.length === 0) {
      return { success: true, violations: [] };
    }
    const paths = context.templatePaths.map((path) => resolve(path));
    const folder = assemblyOf(paths[0]);
    // Texts name templates, and are the same wherever the app is synthesised.
    const assembly = readAssembly(folder, '.');
    const constructs = constructsOf(context);
    const options = { accountSettings: this.settings, ...importedAmong(constructs ?? []) };
    const judged = check(assembly.templates, RULES, options);
    const all = [...others(judged.undecided, assembly.unread), ...assembly.unread];
    const report = of({ ...judged, undecided: all }, assembly.templates, new Set(paths.map((path) => relative(folder, path))));
    const unread = report.undecided.filter((one) => assembly.unread.includes(one));
    const acknowledgements = constructs?.flatMap(recordedOn) ?? assembly.acknowledgements;
    // In tests of an app nobody reads it.
    if ((report.services > 0 || unread.length > 0) && process.env.CDK_OUTDIR !== undefined) {
      // The command line decides these, so that its JSON does not tell of them, and the framework prints metadata beside findings only.
      process.stderr.write([summary(report), ...unread.map((one) => `  ${undecided(one)}`), ''].join('\n'));
    }
    if (!constructs && process.env.CDK_OUTDIR !== undefined) {
      tellAtExit(folder);
    }
    return {
      success: !report.findings.some(({ severity }) => severity === 'error'),
      violations: [
        ...report.findings.map((finding) => violation(finding, folder)),
        ...new Acknowledgements(acknowledgements).unknown(RULES).map(unknownAcknowledgement),
      ],
      metadata: {
        judged: summary(report),
        ...report.undecided.length > 0 && { notDecidable: report.undecided.map(undecided).join('\n') },
      },
    };
  }
}

/** The folder of the app that a template is of: a stage has a folder in it. */
function assemblyOf(template: string): string {
  let folder = dirname(template);
  while (basename(folder).startsWith('assembly-') && existsSync(join(dirname(folder), 'manifest.json'))) {
    folder = dirname(folder);
  }
  return folder;
}

/** The app and all that is in it. Before aws-cdk-lib 2.258 plugins do not get it. */
function constructsOf(context: IPolicyValidationContext): readonly IConstruct[] | undefined {
  return (context as { readonly appConstruct?: IConstruct }).appConstruct?.node.findAll();
}

/** The part of a report that is about some stacks and what is nested in them: a plugin of a stage judges it with all of the app. */
function of(report: Report, templates: readonly TemplateInput[], stacks: ReadonlySet<string>): Report {
  const reported = new Set<string>();
  for (const { name, nestedIn } of templates) {
    // What is nested comes after what it is nested in.
    if (stacks.has(name) || (nestedIn && reported.has(nestedIn.template))) {
      reported.add(name);
    }
  }
  const isReported = ({ template }: { readonly template: string }) => reported.has(template);
  return { ...report, findings: report.findings.filter(isReported), undecided: report.undecided.filter(isReported) };
}

/** What is not of the stacks of which something is said already. */
function others(all: Report['undecided'], said: Report['undecided']): Report['undecided'] {
  return all.filter((one) => !said.some(({ rule, template, resource }) => (
    rule === one.rule && template === one.template && resource === one.resource)));
}

function violation(finding: Finding, folder: string): PolicyViolation {
  return {
    ruleName: finding.rule,
    severity: finding.severity,
    description: description(finding),
    fix: finding.fix,
    ruleMetadata: { source: finding.source },
    violatingResources: [{
      resourceLogicalId: finding.resource, constructPath: finding.path, templatePath: join(folder, finding.template), locations: [],
    }],
  };
}

function unknownAcknowledgement({ id, paths }: { readonly id: string; readonly paths: readonly string[] }): PolicyViolation {
  return {
    ruleName: 'unknown-acknowledgement',
    severity: 'warning',
    description: unknownRule(id),
    violatingResources: paths.map((constructPath) => ({ constructPath, locations: [] })),
  };
}

function undecided({ rule, stack, resource, path, why }: Report['undecided'][number]): string {
  return `${rule} of ${path ?? `${stack} ${resource}`}: ${why}`;
}
