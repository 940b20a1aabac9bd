/**
 * What the aspect costs: reading the construct tree, judging it and annotating, against resolving every L1 of the tree once.
 *
 *     npm run benchmark:aspect-resolve [-- <samples>]
 *
 * An app is synthesised once and its process ends, so each sample is two processes, with one or the other first, and gives one ratio of
 * times. It is about the compiled library, which is what users have: what runs TypeScript as it is makes calls between modules
 * slower. Exits with 1 only if it is above the limit beyond doubt.
 */
import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { NetworkModeAspect } from 'cdk-ecs-network-modes';
import { AppName, APPS } from './apps';
import { Duration, inBothOrders, inProcess, judge, printHead, printRow, timed } from './ratios';
import { AS_THE_COMMAND_LINE } from './services';

const LIMIT = 1.3;
const SAMPLES = 10;

type Sample = Readonly<Record<'aspect' | 'resolve', Duration>>;

function sample(name: AppName, aspectFirst: boolean): Sample {
  const outdir = mkdtempSync(join(tmpdir(), 'benchmark-'));
  try {
    const app = new App({ outdir, context: { ...AS_THE_COMMAND_LINE, '@aws-cdk/core:stackResourceLimit': 0 } });
    APPS[name](app);
    // As late as aspects judge: other aspects have made what they make.
    app.synth();
    const constructs = app.node.findAll();
    const resources = constructs.filter(CfnResource.isCfnResource);
    const resolve = () => timed(() => resources.forEach((resource) => Stack.of(resource).resolve(
      (resource as unknown as { _toCloudFormation(): object })._toCloudFormation(),
    ))).took;
    // What the framework does with an aspect: it visits every construct, and constructs are validated later.
    const aspect = () => timed(() => {
      const all = new NetworkModeAspect();
      constructs.forEach((construct) => all.visit(construct));
      assert.deepEqual(app.node.validate(), []);
    }).took;
    const took: Partial<Record<keyof Sample, Duration>> = {};
    for (const which of aspectFirst ? ['aspect', 'resolve'] as const : ['resolve', 'aspect'] as const) {
      took[which] = { aspect, resolve }[which]();
    }
    const said = constructs.flatMap(({ node }) => node.metadata).filter(({ type }) => type.startsWith('aws:cdk:') && type !== 'aws:cdk:logicalId');
    assert(said.some(({ data }) => String(data).includes('EcsNetworkModes::')), 'an aspect that says nothing may not have looked');
    return took as Sample;
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
  for (const name of Object.keys(APPS) as AppName[]) {
    const run = (aspectFirst: boolean) => inProcess<Sample>(__filename, name, String(aspectFirst));
    const runs = Array.from({ length: samples }, () => inBothOrders(run));
    printHead(`${name}, ms of both`);
    printRow('aspect', runs.map(({ aspect }) => aspect.wall), 0);
    printRow('resolving every L1', runs.map(({ resolve }) => resolve.wall), 0);
    printRow('aspect/resolving, CPU', runs.map(({ aspect, resolve }) => aspect.cpu / resolve.cpu), 3);
    judge('time: aspect/resolving', runs.map(({ aspect, resolve }) => aspect.wall / resolve.wall), LIMIT);
  }
}
