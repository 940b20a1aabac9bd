import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, CfnCondition, CfnParameter, type CfnResource, CfnStack, Fn, type IPolicyValidationContext, NestedStack, type PolicyViolation, Stack, Stage, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import * as check from '../../src/analysis/check';
import { RULES } from '../../src/analysis/rules';
import { AccountSetting, NetworkModeChecks } from '../../src/index';
import { testApp } from '../app';
import { clusterIn, hostService, RESERVED_PORT, twoServices, wantUnknownPort } from './reserved-port';

afterEach(() => jest.restoreAllMocks());

function newApp(): App {
  return testApp({ outdir: mkdtempSync(join(realpathSync(tmpdir()), 'plugin-')) });
}

/** What the plugin says of the stacks of an app, or of a stage, as every version of the framework calls it. */
function validate(app: App, plugin = new NetworkModeChecks(), of: Stage = app, more: object = {}) {
  const assembly = app.synth();
  const stacks = of === app ? assembly.stacksRecursively : assembly.getNestedAssembly(of.artifactId).stacksRecursively;
  return plugin.validate({ templatePaths: stacks.map(({ templateFullPath }) => templateFullPath), ...more } as IPolicyValidationContext);
}

function reserved(violations: readonly PolicyViolation[]): string[] {
  return violations.filter(({ ruleName }) => ruleName === RESERVED_PORT)
    .flatMap(({ severity, violatingResources }) => violatingResources.map(({ constructPath }) => `${severity} ${constructPath}`));
}

test('its name is what findings are acknowledged with, and it tells its rules', () => {
  expect(new NetworkModeChecks().name).toBe('EcsNetworkModes');
  expect(new NetworkModeChecks().ruleIds).toEqual(RULES.map(({ id }) => id));
});

test('an error fails the validation, and names its resource, template and construct', () => {
  const app = newApp();
  const { stack, api } = twoServices(app, 'Stack');
  const { success, violations } = validate(app);
  expect(success).toBe(false);
  expect(violations.find(({ ruleName }) => ruleName === RESERVED_PORT)).toEqual({
    ruleName: RESERVED_PORT,
    severity: 'error',
    description: expect.stringMatching(
      /^Service Api wants tcp 51678 .+\. To acknowledge it: Validations\.of\(construct\)\.acknowledge\(\{ id: 'EcsNetworkModes::host-port-reserved'/),
    fix: expect.stringContaining('ContainerPort'),
    ruleMetadata: { source: expect.stringContaining('https://') },
    violatingResources: [{
      resourceLogicalId: stack.resolve((api.node.findChild('Service') as unknown as { logicalId: string }).logicalId),
      constructPath: 'Stack/Api/Service',
      templatePath: join(app.outdir, stack.templateFile),
      locations: [],
    }],
  });
});

test('texts name templates by their files in the assembly', () => {
  const app = newApp();
  const files = [app, new Stage(app, 'Prod')].map((scope) => {
    const stack = new Stack(scope, 'Stack');
    const service = hostService(stack, 'Api', clusterIn(new Stack(scope, 'Cluster'))).node.findChild('Service') as CfnResource;
    const { valueAsString } = new CfnParameter(stack, 'Env');
    service.cfnOptions.condition = new CfnCondition(stack, 'K1', { expression: Fn.conditionEquals(valueAsString, 'prod') });
    return join(scope === app ? '' : 'assembly-Prod', stack.templateFile);
  });
  const { violations } = validate(app);
  const texts = violations.filter(({ ruleName }) => ruleName === RESERVED_PORT).map(({ description }) => /K1 is true in \S+/.exec(description)?.[0]);
  expect(texts.sort()).toEqual(files.map((file) => `K1 is true in ${file}.`));
  expect(violations.flatMap(({ violatingResources: [{ templatePath }] }) => templatePath ?? [])).toContain(join(app.outdir, files[1]));
  expect(JSON.stringify(violations.map(({ description, fix }) => [description, fix]))).not.toContain(app.outdir);
});

test('what a finding assumes stands in it', () => {
  const app = newApp();
  twoServices(app, 'Stack');
  jest.spyOn(check, 'check').mockReturnValue({
    services: 1, undecided: [],
    findings: [{
      rule: 'a-rule', severity: 'warning', template: 't', resource: 'R', message: 'service R fails', fix: 'mend it', source: 's',
      assumes: ['parameter A keeps its default', 'no other instances join'], acknowledgement: 'acknowledge()',
    }],
  });
  const { description } = validateAll(app).violations[0] ?? {};
  expect(description).toBe('Service R fails. It assumes that parameter A keeps its default, no other instances join. To acknowledge it: acknowledge().');
});

/** The same with every template of what `check` is said to have found. */
function validateAll(app: App) {
  const assembly = app.synth();
  const [{ templateFile, templateFullPath }] = assembly.stacks;
  const real = jest.mocked(check.check).getMockImplementation()!;
  jest.mocked(check.check).mockImplementation((...given) => {
    const report = real(...given);
    return { ...report, findings: report.findings.map((finding) => ({ ...finding, template: templateFile })) };
  });
  return new NetworkModeChecks().validate({ templatePaths: [templateFullPath] } as IPolicyValidationContext);
}

test.each(['warning', 'info'] as const)('%s fails nothing', (severity) => {
  const app = newApp();
  twoServices(app, 'Stack');
  jest.spyOn(check, 'check').mockReturnValue({
    services: 1, undecided: [],
    findings: [{ rule: 'a', severity, template: '', resource: 'R', message: 'm', fix: 'f', source: 's', assumes: [], acknowledgement: 'a' }],
  });
  const { success, violations } = validateAll(app);
  expect(success).toBe(true);
  expect(violations).toMatchObject([{ severity }]);
});

test('nested stacks, stages and stacks that take of others are judged', () => {
  const app = newApp();
  for (const scope of [app, new Stage(app, 'Prod')]) {
    const cluster = clusterIn(new Stack(scope, 'Cluster'));
    hostService(new NestedStack(new Stack(scope, 'Stack'), 'Nested'), 'Api', cluster);
  }
  expect(reserved(validate(app).violations).sort()).toEqual(['error Prod/Stack/Nested/Api/Service', 'error Stack/Nested/Api/Service']);
});

test('the plugin of a stage judges the stage only', () => {
  const app = newApp();
  twoServices(app, 'Stack');
  const stage = new Stage(app, 'Prod');
  twoServices(stage, 'Stack');
  expect(reserved(validate(app, undefined, stage).violations)).toEqual(['error Prod/Stack/Api/Service', 'error Prod/Stack/Web/Service']);
});

test('what cannot be decided is no violation: it is counted and listed', () => {
  const app = newApp();
  const { api } = twoServices(app, 'Stack');
  wantUnknownPort(api);
  const { violations, metadata } = validate(app);
  expect(reserved(violations)).toEqual(['error Stack/Web/Service']);
  expect(metadata!.judged).toMatch(/^EcsNetworkModes: 2 services judged, [1-9]\d* points? not decidable$/);
  expect(metadata!.notDecidable).toMatch(/^host-port-reserved of Stack\/Api\/Service: .*Port/m);
});

/** An app in which a stack nests a YAML template, as an asset. */
function nestingYaml(): App {
  const app = newApp();
  const stack = new Stack(app, 'Stack');
  const path = join(mkdtempSync(join(realpathSync(tmpdir()), 'asset-')), 'nested.yaml');
  writeFileSync(path, 'Resources: {}');
  new CfnStack(stack, 'Nested', { templateUrl: new Asset(stack, 'Template', { path }).httpUrl });
  return app;
}

test('a nested stack whose template is YAML is not decidable', () => {
  expect(validate(nestingYaml())).toMatchObject({
    success: true,
    metadata: {
      judged: 'EcsNetworkModes: 0 services judged, 1 point not decidable',
      notDecidable: expect.stringMatching(/^\* of Stack\/Nested: only the command line reads its template .*\.yaml, which is no \.json file$/),
    },
  });
});

test('an acknowledgement of a rule that there is not is a warning where it is made', () => {
  const app = newApp();
  const { api } = twoServices(app, 'Stack');
  Validations.of(api).acknowledge({ id: 'EcsNetworkModes::host-port-reserve', reason: 'a slip' });
  expect(validate(app).violations).toContainEqual({
    ruleName: 'unknown-acknowledgement',
    severity: 'warning',
    description: expect.stringMatching(/^EcsNetworkModes::host-port-reserve is acknowledged here, and there is no such rule/),
    violatingResources: [{ constructPath: 'Stack/Api', locations: [] }],
  });
});

test.each<[string, (app: App, stage: Stage) => Construct, string]>([
  ['the app', (app) => app, ''],
  ['a stage', (_, stage) => stage, 'Prod'],
  ['a stack in a stage', (_, stage) => stage.node.findChild('Stack'), 'Prod/Stack'],
])('of %s too, where the framework gives the constructs', (_, acknowledgedOn, constructPath) => {
  const app = newApp();
  const stage = new Stage(app, 'Prod');
  twoServices(stage, 'Stack');
  Validations.of(acknowledgedOn(app, stage)).acknowledge({ id: 'EcsNetworkModes::host-port-reserve', reason: 'a slip' });
  expect(validate(app, undefined, app, { appConstruct: app }).violations).toContainEqual(expect.objectContaining({
    ruleName: 'unknown-acknowledgement', violatingResources: [{ constructPath, locations: [] }],
  }));
});

test('the rules judge by what is said of the account', () => {
  const analysed = jest.spyOn(check, 'check');
  const app = newApp();
  twoServices(app, 'Stack');
  const accountSettings = { awsvpcTrunking: AccountSetting.DISABLED, dualStackIpv6: AccountSetting.ENABLED };
  validate(app, new NetworkModeChecks({ accountSettings }));
  expect(analysed.mock.calls[0][2]).toMatchObject({ accountSettings: { awsvpcTrunking: 'disabled', dualStackIPv6: 'enabled' } });
});

test('imported subnets are known by their constructs where the framework hands those over', () => {
  const analysed = jest.spyOn(check, 'check');
  const app = newApp();
  const { stack } = twoServices(app, 'Stack');
  ec2.Subnet.fromSubnetAttributes(stack, 'Imported', { subnetId: 'subnet-1', ipv4CidrBlock: '10.1.0.0/24', availabilityZone: 'eu-west-1a' });
  validate(app, undefined, undefined, { appConstruct: app });
  validate(app);
  expect(analysed.mock.calls.map(([, , options]) => options!.importedSubnets)).toEqual([
    { 'subnet-1': { cidr: '10.1.0.0/24', zone: 'eu-west-1a', vpcId: undefined } }, {},
  ]);
});

describe('in the environment', () => {
  const given = { ...process.env };
  afterEach(() => {
    process.env = { ...given };
  });

  test('CDK_VALIDATION=false switches it off', () => {
    const app = newApp();
    twoServices(app, 'Stack');
    process.env.CDK_VALIDATION = 'false';
    expect(validate(app)).toEqual({ success: true, violations: [] });
    process.env.CDK_VALIDATION = 'true';
    expect(reserved(validate(app).violations)).toHaveLength(2);
  });

  test.each([['cdk.out', 1], [undefined, 0]])('the CDK CLI, which sets an output folder (%s), gets the line of what was judged', (outdir, times) => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const app = newApp();
    twoServices(app, 'Stack');
    delete process.env.CDK_OUTDIR;
    if (outdir) {
      process.env.CDK_OUTDIR = outdir;
    }
    validate(app);
    expect(write).toHaveBeenCalledTimes(times);
    expect(write.mock.calls.flat().join('')).toMatch(times ? /^EcsNetworkModes: 2 services judged, \d+ points? not decidable\n$/ : /^$/);
  });

  test('an app without services gets no line', () => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    process.env.CDK_OUTDIR = 'cdk.out';
    const app = newApp();
    new ec2.Vpc(new Stack(app, 'Stack'), 'Vpc');
    validate(app);
    expect(write).not.toHaveBeenCalled();
  });

  test('a nested stack that is not judged gets a line that tells why, for nothing else does', () => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    process.env.CDK_OUTDIR = 'cdk.out';
    validate(nestingYaml());
    expect(write.mock.calls.flat().join('')).toMatch(
      /^EcsNetworkModes: 0 services judged, 1 point not decidable\n {2}\* of Stack\/Nested: only the command line reads its template .*\n$/);
  });
});

test('an app without stacks has nothing to judge', () => {
  const report = new NetworkModeChecks().validate({ templatePaths: [] } as unknown as IPolicyValidationContext);
  expect(report).toEqual({ success: true, violations: [] });
});
