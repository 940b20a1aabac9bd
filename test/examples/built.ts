import { type App, CfnResource, Stack } from 'aws-cdk-lib';
import { AwsvpcEc2Stack } from '../../examples/awsvpc-ec2/awsvpc-ec2';
import { AwsvpcFargateStack } from '../../examples/awsvpc-fargate/awsvpc-fargate';
import { BridgeFixedNlbStack } from '../../examples/bridge-fixed-nlb/bridge-fixed-nlb';
import { BridgeWebStack } from '../../examples/bridge-web/bridge-web';
import { DualStackStack } from '../../examples/dual-stack/dual-stack';
import { HostAgentStack } from '../../examples/host-agent/host-agent';
import { ManagedInstancesStack } from '../../examples/managed-instances/managed-instances';
import { NoInternetStack } from '../../examples/no-internet/no-internet';
import { SecondaryCidrStack } from '../../examples/secondary-cidr/secondary-cidr';
import { ServiceConnectStack } from '../../examples/service-connect/service-connect';
import { threeStacks } from '../../examples/three-stacks/three-stacks';
import { TrunkingStack } from '../../examples/trunking/trunking';
import { testApp } from '../app';
import { synth } from '../fixtures';

/** Every example by the name of its folder, with the stack names of examples/all.ts. */
export const EXAMPLES: Record<string, (app: App) => void> = {
  'awsvpc-ec2': (app) => new AwsvpcEc2Stack(app, 'AwsvpcEc2'),
  'awsvpc-fargate': (app) => new AwsvpcFargateStack(app, 'AwsvpcFargate'),
  'bridge-fixed-nlb': (app) => new BridgeFixedNlbStack(app, 'BridgeFixedNlb'),
  'bridge-web': (app) => new BridgeWebStack(app, 'BridgeWeb'),
  'dual-stack': (app) => new DualStackStack(app, 'DualStack'),
  'host-agent': (app) => new HostAgentStack(app, 'HostAgent'),
  'managed-instances': (app) => new ManagedInstancesStack(app, 'ManagedInstances'),
  'no-internet': (app) => new NoInternetStack(app, 'NoInternet'),
  'secondary-cidr': (app) => new SecondaryCidrStack(app, 'SecondaryCidr'),
  'service-connect': (app) => new ServiceConnectStack(app, 'ServiceConnect'),
  'three-stacks': (app) => threeStacks(app),
  'trunking': (app) => new TrunkingStack(app, 'Trunking'),
};

/** A resource of a template, and where it comes from. */
export interface Resource {
  readonly stack: Stack;
  readonly logicalId: string;
  readonly path: string;
  readonly type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the properties of any CloudFormation resource
  readonly properties: any;
  readonly dependsOn: string[];
}

/** An example that has been synthesised, and what came out. */
export interface Built {
  readonly app: App;
  readonly stacks: Stack[];
  readonly resources: Resource[];
}

/** Synthesises an example. */
export function built(name: string): Built {
  const app = testApp();
  EXAMPLES[name](app);
  synth(app);
  const stacks = app.node.findAll().filter(Stack.isStack);
  return { app, stacks, resources: stacks.flatMap(resourcesOf) };
}

/** The resources of a type, by a part of their path where there may be several. */
export function find({ resources }: Built, type: string, pathPart = ''): Resource[] {
  return resources.filter((resource) => resource.type === type && resource.path.includes(pathPart));
}

/** The only resource of a type, or the only one whose path has a part. */
export function theOnly(example: Built, type: string, pathPart = ''): Resource {
  const found = find(example, type, pathPart);
  expect(found.map(({ path }) => path)).toHaveLength(1);
  return found[0];
}

/** The DNS names under which services of an example are registered in Cloud Map, with the types of their records. */
export function registeredNames(example: Built): string[] {
  const { Name: namespace } = theOnly(example, 'AWS::ServiceDiscovery::PrivateDnsNamespace').properties;
  return find(example, 'AWS::ServiceDiscovery::Service').map(({ properties }) =>
    `${properties.Name}.${namespace} ${properties.DnsConfig.DnsRecords.map(({ Type }: { Type: string }) => Type).join()}`).sort();
}

/** What the instances of an example run at boot, in one text. */
export function userDataOf(example: Built): string {
  return JSON.stringify(theOnly(example, 'AWS::EC2::LaunchTemplate').properties.LaunchTemplateData.UserData);
}

function resourcesOf(stack: Stack): Resource[] {
  const template = stack.resolve((stack as unknown as { _toCloudFormation(): object })._toCloudFormation());
  const paths = new Map(stack.node.findAll().filter(CfnResource.isCfnResource)
    .filter((resource) => Stack.of(resource) === stack)
    .map((resource) => [stack.resolve(resource.logicalId) as string, resource.node.path]));
  return Object.entries<{ Type: string; Properties?: object; DependsOn?: string | string[] }>(template.Resources ?? {})
    .map(([logicalId, { Type, Properties, DependsOn }]) => ({
      stack,
      logicalId,
      path: paths.get(logicalId) ?? logicalId,
      type: Type,
      properties: Properties ?? {},
      dependsOn: [DependsOn ?? []].flat(),
    }));
}
