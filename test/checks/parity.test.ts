import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type App, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { check, type Report } from '../../src/analysis/check';
import { RULES } from '../../src/analysis/rules';
import type { TemplateInput } from '../../src/analysis/templates';
import { readAssembly } from '../../src/checks/assembly-source';
import { parseTemplate } from '../../src/checks/template-text';
import { readTree } from '../../src/checks/tree-source';
import { testApp } from '../app';
import { EXAMPLES } from '../examples/examples';

/** Plain L2s with something wrong in each part: a network, a cluster with a nested service, and a service of its own. */
function threePlainStacks(scope: Construct): void {
  const network = new Stack(scope, 'Net');
  const vpc = new ec2.Vpc(network, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const clusterStack = new Stack(scope, 'Clu');
  const cluster = new ecs.Cluster(clusterStack, 'Cluster', { vpc });
  const group = cluster.addCapacity('Nodes', { instanceType: new ec2.InstanceType('c5.large'), minCapacity: 2, maxCapacity: 2 });
  group.connections.allowFromAnyIpv4(ec2.Port.tcp(8080));
  service(new NestedStack(clusterStack, 'Nested'), 'Agent', cluster, ecs.NetworkMode.HOST, 51678);
  const services = new Stack(scope, 'Svc');
  const web = service(services, 'Web', cluster, ecs.NetworkMode.BRIDGE);
  const loadBalancer = new elbv2.ApplicationLoadBalancer(services, 'LoadBalancer', { vpc, internetFacing: true });
  loadBalancer.addListener('Http', { port: 80 }).addTargets('Web', { port: 80, targets: [web] });
  service(services, 'Job', cluster, ecs.NetworkMode.AWS_VPC);
}

function service(scope: Construct, id: string, cluster: ecs.ICluster, networkMode: ecs.NetworkMode, port = 8080): ecs.Ec2Service {
  const taskDefinition = new ecs.Ec2TaskDefinition(scope, `${id}Task`, { networkMode });
  taskDefinition.addContainer('main', {
    image: ecs.ContainerImage.fromRegistry('nginx'),
    memoryReservationMiB: 64,
    portMappings: [{ containerPort: port, hostPort: networkMode === ecs.NetworkMode.AWS_VPC ? undefined : port }],
  });
  return new ecs.Ec2Service(scope, id, { cluster, taskDefinition, desiredCount: 6, minHealthyPercent: 99, maxHealthyPercent: 100 });
}

const APPS: Readonly<Record<string, (app: App) => void>> = {
  ...EXAMPLES,
  'three stacks, one nested and a stage': (app) => {
    threePlainStacks(app);
    threePlainStacks(new Stage(app, 'Prod', { env: { account: '222222222222', region: 'us-east-1' } }));
  },
};

/** A report without how a source calls its templates. */
function plain({ findings, undecided, services }: Report): object {
  const said = <T extends { readonly template: string; readonly rule: string; readonly resource: string }>(all: readonly T[]) => (
    all.map((one) => ({ ...one, template: basename(one.template) }))
      .sort((a, b) => `${a.template} ${a.resource} ${a.rule}`.localeCompare(`${b.template} ${b.resource} ${b.rule}`)));
  return { findings: said(findings), undecided: said(undecided), services };
}

function judged(templates: readonly TemplateInput[]): Report {
  return check(templates, RULES);
}

test.each(Object.entries(APPS))('%s: the tree, the templates and the assembly give the same findings', (_, build) => {
  const outdir = mkdtempSync(join(realpathSync(tmpdir()), 'parity-'));
  const app = testApp({ outdir });
  build(app);
  app.synth();
  const assembly = readAssembly(outdir);
  const fromAssembly = judged(assembly.templates);
  expect(fromAssembly.services).toBeGreaterThan(0);
  expect(plain(judged(readTree(app).templates))).toEqual(plain(fromAssembly));
  const texts = assembly.templates.map((template) => ({ ...template, body: parseTemplate(JSON.stringify(template.body), template.name) }));
  expect(plain(judged(texts))).toEqual(plain(fromAssembly));
});

test('a tree that is not prepared gives the same findings: references into other stacks keep their targets', () => {
  const [prepared, fresh] = [testApp(), testApp()];
  [prepared, fresh].forEach(APPS['three stacks, one nested and a stage']);
  prepared.synth();
  expect(plain(judged(readTree(fresh).templates))).toEqual(plain(judged(readTree(prepared).templates)));
});

test('the app with three stacks has findings in each of its parts', () => {
  const app = testApp();
  APPS['three stacks, one nested and a stage'](app);
  app.synth();
  const { findings } = judged(readTree(app).templates);
  const stacks = new Set(findings.map(({ stack }) => stack));
  expect([...stacks]).toEqual(expect.arrayContaining(['Clu/Nested', 'Svc', 'Prod/Clu/Nested', 'Prod/Svc']));
});
