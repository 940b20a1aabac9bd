import { type App, CfnResource, Stack } from 'aws-cdk-lib';
import { testApp } from '../app';
import { synth } from '../fixtures';
import { EXAMPLES } from './examples';

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
