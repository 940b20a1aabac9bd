/**
 * Whether the constructs of this library cost more to build and synthesise than the same services written by hand with plain L2s.
 *
 *     npm run benchmark [-- <pairs>]
 *
 * Both make the same template, which is asserted first. Then they take turns in one process, so that whatever slows the machine down
 * slows both down, and each pair gives one ratio. The figure that counts is CPU time, user and system: other processes blur it least.
 * Exits with 1 only if ours is above the limit beyond doubt: the lower quartile of the ratios is above it.
 *
 * It measures `src/`. After `npm run compile`, `npx tsx --expose-gc benchmark/synth.ts` measures `lib/`, which is what users have.
 */
import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { buildByHand } from './by-hand';
import { buildWithOurs } from './ours';
import { Duration, inTurn, judge, printHead, printRow, timed } from './ratios';
import { Place, SERVICES } from './services';

/** Ours may take this many times as long. */
const LIMIT = 1.05;
const PAIRS = 20;
/** Enough for the optimising compiler to be done with both. */
const WARM_UP_PAIRS = 6;

type Builder = (place: Place) => void;

interface Run {
  readonly build: Duration;
  readonly synth: Duration;
  readonly sum: Duration;
}

/** Builds and synthesises once. What the builders share is made before the clock starts; `inspect` comes after it stops. */
function run(builder: Builder, inspect: (assembly: CloudAssembly) => void = () => {}): Run {
  const outdir = mkdtempSync(join(tmpdir(), 'benchmark-'));
  try {
    const app = new App({
      outdir,
      context: {
        'aws:cdk:enable-path-metadata': true, // as the command line has it
        '@aws-cdk/core:stackResourceLimit': 0, // nothing is deployed, and one large stack shows what grows faster than the services
      },
    });
    const place = new Place(app);
    const { took: build } = timed(() => builder(place));
    const { result, took: synth } = timed(() => app.synth());
    inspect(result);
    return { build, synth, sum: { cpu: build.cpu + synth.cpu, wall: build.wall + synth.wall } };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

interface Template {
  readonly Resources: Record<string, { readonly Type: string; readonly DependsOn?: string | string[] }>;
}

/** The template, but for the order of what has none in CloudFormation: resources and what they depend on. */
function templateOf(builder: Builder): Template {
  let template: Template | undefined;
  run(builder, (assembly) => {
    const { Resources, ...rest } = assembly.stacks[0].template as Template;
    template = {
      ...rest,
      Resources: Object.fromEntries(Object.entries(Resources).map(([id, resource]) => [id, {
        ...resource, DependsOn: [resource.DependsOn ?? []].flat().sort(),
      }])),
    };
  });
  return template!;
}

/** @throws if the two builders do not make the same template: then their times cannot be compared */
function assertSameTemplate(): void {
  const { Resources: ours, ...others } = templateOf(buildWithOurs);
  const { Resources: byHand, ...othersByHand } = templateOf(buildByHand);
  assert.deepEqual(Object.keys(ours).sort(), Object.keys(byHand).sort());
  for (const [id, resource] of Object.entries(ours)) { // one by one, or a difference would print both templates
    assert.deepEqual(resource, byHand[id]);
  }
  assert.deepEqual(others, othersByHand);
  const resources = Object.values(ours);
  const services = resources.filter(({ Type }) => Type === 'AWS::ECS::Service').length;
  assert.equal(services, SERVICES.length);
  console.log(`both make the same template: ${services} services, ${resources.length} resources`);
}

function measure(pairs: number): { readonly ours: Run; readonly byHand: Run }[] {
  return inTurn(pairs, () => run(buildWithOurs), () => run(buildByHand)).map(({ one, other }) => ({ ours: one, byHand: other }));
}

function main(): void {
  // aws-cdk-lib takes a stack trace per resource, and tsx has each frame mapped back to TypeScript: a cost of how this script is run.
  process.setSourceMapsEnabled(false);
  const pairs = Number(process.argv[2] ?? PAIRS);
  assert(Number.isInteger(pairs) && pairs > 0, `expected a number of pairs, got ${process.argv[2]}`);
  assertSameTemplate();
  measure(WARM_UP_PAIRS);
  const runs = measure(pairs);

  printHead(`${pairs} pairs, in milliseconds`);
  for (const clock of ['cpu', 'wall'] as const) {
    for (const phase of ['build', 'synth', 'sum'] as const) {
      printRow(`${clock} ${phase}, ours`, runs.map(({ ours }) => ours[phase][clock]), 0);
      printRow(`${clock} ${phase}, L2`, runs.map(({ byHand }) => byHand[phase][clock]), 0);
      printRow(`${clock} ${phase}, ours/L2`, runs.map(({ ours, byHand }) => ours[phase][clock] / byHand[phase][clock]), 3);
    }
  }

  judge('\nCPU time of build and synth: ours/L2', runs.map(({ ours, byHand }) => ours.sum.cpu / byHand.sum.cpu), LIMIT);
}

main();
