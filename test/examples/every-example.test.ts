import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynthesisMessageLevel } from 'aws-cdk-lib/cx-api';
import { app as all } from '../../examples/all';
import { rulesOf } from '../security-group-rules';
import { built, find, type Built } from './built';
import { EXAMPLES } from './examples';

const root = join(__dirname, '..', '..');
/** All but the one that is wrong on purpose, which has a test of its own. */
const folders = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  .filter((name) => name !== 'what-goes-wrong');

/**
 * Names that are no fixed physical names although they are literal: they are only unique within another resource of the same stack.
 */
const NAMES_WITHIN = [
  'AWS::IAM::Policy PolicyName', // within the role
  'AWS::ApplicationAutoScaling::ScalingPolicy PolicyName', // within the scalable target
  'AWS::ServiceDiscovery::PrivateDnsNamespace Name', // within the VPC
  'AWS::ServiceDiscovery::Service Name', // within the namespace
];

/** Newer versions of the framework advise every app with references between stacks on a feature flag: nothing an example should set. */
const FLAG_ADVICE = '@aws-cdk/core:crossStackReferencesDefaultStrong';

test('the tests know every example', () => {
  expect(Object.keys(EXAMPLES)).toEqual([...folders].sort());
});

describe.each(folders)('examples/%s', (name) => {
  let example: Built;
  beforeAll(() => {
    example = built(name);
  });

  test('is an app of its own, in the app of all, and in the README', () => {
    expect(existsSync(join(root, 'examples', name, `${name}.ts`))).toBe(true);
    expect(readFileSync(join(root, 'examples', name, 'app.ts'), 'utf8')).toContain(`from './${name}'`);
    expect(all.node.children.map(({ node }) => node.id)).toEqual(expect.arrayContaining(example.stacks.map(({ node }) => node.id)));
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`examples/${name}`);
  });

  test('says what it shows, what it costs and when not to use it', () => {
    const source = readFileSync(join(root, 'examples', name, `${name}.ts`), 'utf8');
    for (const heading of ['Shows: ', 'Costs: ', 'Not for ']) {
      expect(source).toContain(` * ${heading}`);
    }
    expect(source).toContain("from 'cdk-ecs-network-modes'");
  });

  test('gives no error and no warning', () => {
    const messages = example.app.synth().stacks.flatMap((stack) => stack.messages)
      .filter(({ level }) => level !== SynthesisMessageLevel.INFO)
      .map(({ id, entry }) => `${id}: ${entry.data}`);
    expect(messages.filter((text) => !text.includes(FLAG_ADVICE))).toEqual([]);
  });

  test('needs neither an account, a Region nor a look-up', () => {
    const assembly = example.app.synth();
    expect(assembly.manifest.missing).toBeUndefined();
    expect(assembly.stacks.map(({ environment }) => environment.name)).toEqual(example.stacks.map(() => 'aws://unknown-account/unknown-region'));
  });

  test('fixes no physical name, so that it can be deployed twice', () => {
    const names = example.resources.flatMap(({ type, properties, stack }) => Object.entries(properties)
      .filter(([key, value]) => /Name$/.test(key) && typeof value === 'string')
      .filter(([key, value]) => !NAMES_WITHIN.includes(`${type} ${key}`) && value !== stack.stackName)
      .map(([key, value]) => `${type} ${key} ${value}`));
    expect(names).toEqual([]);
  });

  test('lets the world in at load balancers only', () => {
    const open = rulesOf(example.app).filter(({ direction, peer }) => direction === 'in' && /^(0\.0\.0\.0|::)\//.test(peer));
    expect(open.map(({ group }) => group).filter((group) => group !== 'LoadBalancer')).toEqual([]);
  });

  test('deploys with explicit percents, and rolls back', () => {
    const services = find(example, 'AWS::ECS::Service');
    expect(services.length).toBeGreaterThan(0);
    for (const { properties: { DeploymentConfiguration } } of services) {
      expect(DeploymentConfiguration).toMatchObject({
        MinimumHealthyPercent: expect.any(Number),
        MaximumPercent: expect.any(Number),
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      });
    }
  });

  test('has services wait for the association of their capacity provider', () => {
    const services = find(example, 'AWS::ECS::Service').filter(({ properties }) => properties.CapacityProviderStrategy);
    const associations = find(example, 'AWS::ECS::ClusterCapacityProviderAssociations');
    // Managed Instances are not associated: the provider itself names the cluster, and the service the provider.
    const managed = find(example, 'AWS::ECS::CapacityProvider').some(({ properties }) => properties.ManagedInstancesProvider);
    expect(associations).toHaveLength(services.length > 0 && !managed ? 1 : 0);
    for (const association of associations) {
      for (const { dependsOn, stack } of services) {
        if (stack === association.stack) {
          expect(dependsOn).toContain(association.logicalId);
        } else {
          expect(stack.dependencies).toContain(association.stack);
        }
      }
    }
  });

  test('runs pinned images as users other than root, and logs for a month', () => {
    const containers = find(example, 'AWS::ECS::TaskDefinition').flatMap(({ properties }) => properties.ContainerDefinitions);
    for (const { Image, User, Privileged, LogConfiguration } of containers) {
      // A name of a private repository has the account and the Region in it, known only at deployment.
      expect(JSON.stringify(Image)).toMatch(/(^"(public\.ecr\.aws|quay\.io)\/|"\.dkr\.ecr\.").+:v?\d+\.\d+\.\d+/);
      expect(User).toMatch(/^[1-9]\d*$/);
      expect(Privileged ?? false).toBe(false);
      expect(LogConfiguration.LogDriver).toBe('awslogs');
    }
    const groups = find(example, 'AWS::Logs::LogGroup').filter(({ path }) => /\/LogGroup\/Resource$/.test(path));
    expect(groups.map(({ properties }) => properties.RetentionInDays)).toEqual(containers.map(() => 30));
  });

  test('cuts tasks off from the instance metadata service', () => {
    const awsvpc = find(example, 'AWS::ECS::TaskDefinition')
      .some(({ properties }) => properties.NetworkMode === 'awsvpc' && properties.RequiresCompatibilities.includes('EC2'));
    for (const { properties: { LaunchTemplateData } } of find(example, 'AWS::EC2::LaunchTemplate')) {
      expect(LaunchTemplateData.MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
      expect(!awsvpc || JSON.stringify(LaunchTemplateData.UserData).includes('ECS_AWSVPC_BLOCK_IMDS=true')).toBe(true);
    }
  });
});
