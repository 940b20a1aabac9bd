/**
 * Packs the package, and judges an app with it where it is installed beside its peers; then runs its command line in an empty folder, with
 * nothing installed, as whoever downloads it would. Needs the compiled package (`npm run compile`).
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const TASK = `
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: app
          Image: nginx
          Memory: 128
          PortMappings:
            - ContainerPort: !Ref Port`;
const YAML = `Parameters: {Port: {Type: Number, Default: 8080}}\nResources:${TASK}\n`;
const JSON_TEMPLATE = {
  Resources: {
    Task: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: { ContainerDefinitions: [{ Name: 'app', Image: 'nginx', Memory: 128, PortMappings: [{ ContainerPort: 70000 }] }] },
    },
  },
};

/** A service of ours, which is in order, and a task definition that is not; with `aspect` it is told what was annotated. */
const APP = `
const { App, Aspects, Stack, Validations } = require('aws-cdk-lib');
const ecs = require('aws-cdk-lib/aws-ecs');
const { AwsvpcService, NetworkModeAspect, NetworkModeChecks, TaskPort } = require('cdk-ecs-network-modes');
const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'Shop');
const container = { image: ecs.ContainerImage.fromRegistry('nginx') };
new AwsvpcService(stack, 'Web', { cluster: new ecs.Cluster(stack, 'Cluster'), container, ports: [TaskPort.tcp(80)] });
new ecs.CfnTaskDefinition(stack, 'Bad', {
  containerDefinitions: [{ name: 'app', image: 'nginx', memory: 128, portMappings: [{ containerPort: 70000 }] }],
});
if (process.argv[2] === 'aspect') {
  Aspects.of(app).add(new NetworkModeAspect());
} else {
  Validations.of(app).addPlugins(new NetworkModeChecks());
}
console.log(app.synth().getStackByName('Shop').messages.map(({ level, id, entry }) => [level, id, entry.data].join(' ')).join('\\n'));
`;

function judgesAnApp(unpacked: string): void {
  const folder = join(unpacked, '..', 'app');
  const installed = join(folder, 'node_modules');
  mkdirSync(installed, { recursive: true });
  cpSync(unpacked, join(installed, 'cdk-ecs-network-modes'), { recursive: true });
  for (const peer of ['aws-cdk-lib', 'constructs']) {
    symlinkSync(resolve('node_modules', peer), join(installed, peer), 'junction');
  }
  writeFileSync(join(folder, 'app.js'), APP);
  for (const [front, finding] of [['plugin', /port-mapping-invalid/], ['aspect', /error \/Shop\/Bad .*EcsNetworkModes::port-mapping-invalid/]] as const) {
    const { stdout, stderr } = spawnSync(process.execPath, ['app.js', front], { cwd: folder, encoding: 'utf-8' });
    assert.match(stdout + stderr, finding, `the ${front} of the packed library finds what is wrong`);
  }
  console.log('the packed library judges an app');
}

/** Milliseconds, far above what it takes: a machine under load is no mistake of the program, loading the CDK would be. */
const START_UP_LIMIT = 1000;

const folder = mkdtempSync(join(tmpdir(), 'check-cli-'));
try {
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync('sh', ['-c', 'tar xzf *.tgz && rm *.tgz'], { cwd: folder });
  const unpacked = join(folder, 'package');
  judgesAnApp(unpacked);
  const { bin } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf-8')) as { bin: Record<string, string> };
  // What the package bundles for the constructs would be found as well.
  rmSync(join(unpacked, 'node_modules'), { recursive: true, force: true });
  const program = join(unpacked, bin['ecs-network-modes']);
  assert(statSync(program).mode & 0o100, `${program} must be executable`);

  const work = join(folder, 'work');
  mkdirSync(work);
  writeFileSync(join(work, 'web.yaml'), YAML);
  writeFileSync(join(work, 'web.json'), JSON.stringify(JSON_TEMPLATE));
  const run = (...args: string[]) => spawnSync(program, args, { cwd: work, encoding: 'utf-8' });
  const expect = (args: string[], status: number, output: RegExp) => {
    const ran = run(...args);
    assert.equal(ran.status, status, `${args.join(' ')} ended with ${ran.status}\n${ran.stdout}${ran.stderr}`);
    assert.match(ran.stdout + ran.stderr, output);
  };
  expect(['check', 'web.yaml'], 0, /^no findings in 1 template/);
  expect(['check', 'web.yaml', '--assume', 'Port=70000'], 1, /error port-mapping-invalid Task at line 3/);
  expect(['check', '.', '--format', 'json'], 1, /"template": "web.json"/);
  expect(['check', 'nothing.yaml'], 2, /^error: nothing.yaml: there is nothing at this path/);
  expect(['explain', 'port-mapping-invalid'], 0, /ContainerPort: 70000/);
  expect(['limits', 'c5.large'], 0, /awsvpc tasks with trunking +10/);
  expect(['--version'], 0, /^\d+\.\d+\.\d+\n$/);
  expect(['--help'], 0, /^Usage: ecs-network-modes/);

  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    run('--help');
    return performance.now() - start;
  }).sort((a, b) => a - b);
  console.log(`the packed command line runs without its package's dependencies; --help takes ${Math.round(times[2])} ms`);
  assert(times[2] < START_UP_LIMIT, `--help must take less than ${START_UP_LIMIT} ms`);
} finally {
  rmSync(folder, { recursive: true });
}
