/**
 * What the validation plugin costs beside cdk-nag's AwsSolutions, on the same app: every example, and stacks of fifty services of
 * every mode.
 *
 *     npm run benchmark:plugin-nag [-- <samples>]
 *
 * An app is synthesised once and its process ends, so each sample is two processes: both plugins are of one app there, one or the other
 * first, and they give one ratio of the times of their `validate`. CPU time has, besides, what V8 clears up in the background after
 * whatever ran before. Exits with 1 only if the ratio is above the limit beyond doubt.
 */
import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type IPolicyValidationContext, type IPolicyValidationPlugin, type PolicyValidationPluginReport, Validations } from 'aws-cdk-lib';
import { version } from 'aws-cdk-lib/package.json';
import { NetworkModeChecks } from 'cdk-ecs-network-modes';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AppName, APPS } from '../../benchmark/apps';
import { Duration, inBothOrders, inProcess, judge, printHead, printRow, timed } from '../../benchmark/ratios';
import { AS_THE_COMMAND_LINE } from '../../benchmark/services';

const LIMIT = 0.2;
const SAMPLES = 10;

/** A plugin and the time it took. */
class Timed implements IPolicyValidationPlugin {
  public readonly name: string;
  public took: Duration = { wall: NaN, cpu: NaN };

  constructor(private readonly plugin: IPolicyValidationPlugin) {
    this.name = plugin.name;
  }

  public validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
    const { result, took } = timed(() => this.plugin.validate(context));
    this.took = took;
    assert(result.violations.length > 0 || this.plugin instanceof NetworkModeChecks, 'a plugin that finds nothing may not have looked');
    // What is found would fail the synthesis, and writing it down is the framework's work.
    return { ...result, success: true, violations: [] };
  }
}

type Sample = Readonly<Record<'ours' | 'nag', Duration>>;

/** One synthesis, in which the one or the other goes first: what it resolves may be left for the other to use. */
function sample(name: AppName, oursFirst: boolean): Sample {
  const outdir = mkdtempSync(join(tmpdir(), 'benchmark-'));
  try {
    const context = { ...AS_THE_COMMAND_LINE, '@aws-cdk/core:stackResourceLimit': 0 };
    // The framework's own template validation takes seconds.
    const app = new App({ outdir, context, builtinCloudFormationValidation: false } as object);
    APPS[name](app);
    const ours = new Timed(new NetworkModeChecks());
    const nag = new Timed(new AwsSolutionsChecks(app));
    Validations.of(app).addPlugins(...oursFirst ? [ours, nag] : [nag, ours]);
    app.synth();
    return { ours: ours.took, nag: nag.took };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

if (process.argv[2] === '--sample') {
  process.setSourceMapsEnabled(false);
  console.log(JSON.stringify(sample(process.argv[3] as AppName, process.argv[4] === 'true')));
} else {
  const samples = Number(process.argv[2] ?? SAMPLES);
  assert(Number.isInteger(samples) && samples > 0, `expected a number of samples, got ${process.argv[2]}`);
  console.log(`aws-cdk-lib ${version}`);
  for (const name of Object.keys(APPS) as AppName[]) {
    const runs = Array.from({ length: samples }, () => inBothOrders((oursFirst) => inProcess<Sample>(__filename, name, String(oursFirst))));
    printHead(`${name}, ms of both`);
    printRow('NetworkModeChecks', runs.map(({ ours }) => ours.wall), 1);
    printRow('AwsSolutionsChecks', runs.map(({ nag }) => nag.wall), 1);
    printRow('ours/cdk-nag, CPU', runs.map(({ ours, nag }) => ours.cpu / nag.cpu), 3);
    judge('time of validate: ours/cdk-nag', runs.map(({ ours, nag }) => ours.wall / nag.wall), LIMIT);
  }
}
