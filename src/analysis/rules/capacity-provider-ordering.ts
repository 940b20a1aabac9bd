import { Association, CapacityProvider, Facts, ProviderName, same, Service } from '../facts';
import { type Judgement, notDecidable, problem, type Rule } from '../rule';
import { append } from '../templates';
import { union } from '../value';

const fragment = (DependsOn?: string) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Nodes: { Type: 'AWS::ECS::CapacityProvider', Properties: { AutoScalingGroupProvider: { AutoScalingGroupArn: 'arn:aws:autoscaling:nodes' } } },
  Association: {
    Type: 'AWS::ECS::ClusterCapacityProviderAssociations',
    Properties: { Cluster: { Ref: 'Cluster' }, CapacityProviders: [{ Ref: 'Nodes' }], DefaultCapacityProviderStrategy: [] },
  },
  Tasks: { Type: 'AWS::ECS::TaskDefinition', Properties: { ContainerDefinitions: [{ Name: 'app', Image: 'app' }] } },
  Api: {
    Type: 'AWS::ECS::Service',
    ...DependsOn ? { DependsOn } : {},
    Properties: {
      Cluster: { Ref: 'Cluster' },
      TaskDefinition: { Ref: 'Tasks' },
      CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Nodes' }, Weight: 1 }],
    },
  },
});

export const capacityProviderOrdering: Rule = {
  id: 'capacity-provider-ordering',
  family: 'coherence',
  summary: 'A service waits for the association of its capacity providers with the cluster',
  why: 'CloudFormation may make the service first, and ECS refuses it as the provider is not associated; or take the association away first, which ECS '
    + 'refuses as it is in use. A reference to the provider does not help: the association is another resource.',
  fix: 'Give the service a DependsOn on the AWS::ECS::ClusterCapacityProviderAssociations. Our services on a capacity have it.',
  acknowledge: 'Where the association is there already and is not replaced, so that the order no longer matters.',
  source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecs-clustercapacityproviderassociations.html, '
    + 'https://github.com/aws/containers-roadmap/issues/631 and https://github.com/pahud/cdk-fargate-patterns/issues/71 for both errors',
  bad: fragment(),
  good: fragment('Association'),
  *judge(facts) {
    const ofCluster = new Map<string, Association[]>();
    for (const association of facts.associations) {
      const { identity } = association.cluster;
      append(ofCluster, identity, association);
    }
    for (const service of facts.services) {
      yield* judged(facts, service, ofCluster.get(service.cluster.identity) ?? []);
    }
  },
};

function* judged(facts: Facts, service: Service, associations: readonly Association[]): Iterable<Judgement> {
  const { launch, cluster, name, deployment } = service;
  if (!launch.known) {
    yield notDecidable(service, launch.why);
    return;
  }
  if (deployment.controller.known && deployment.controller.value === 'EXTERNAL') {
    if (launch.value.strategy.length > 0) {
      yield notDecidable(service, 'its task set, not the service, uses the provider');
    }
    return;
  }
  for (const { provider } of launch.value.strategy) {
    const first = [...associations, ...provider.target ? [provider.target] : []]
      .find((one) => !isWaitedFor(facts, service, one) && facts.dependsOn(one, service));
    if (first) {
      yield problem({
        subject: service,
        severity: 'error',
        message: `service ${name} uses provider ${nameOf(provider)}, and ${first.name} waits for the service: neither can be made or deleted in this order`,
        fix: `no dependency of ${first.name} on ${name}; DependsOn of ${name} on the association in its place`,
        assumes: launch.assumes,
      });
      continue;
    }
    const named = cluster.target?.capacityProviders;
    const judgement = named?.known && isAmong(named.value, provider) ? undefined : awaited(facts, service, provider, associations);
    if (judgement) {
      yield judgement;
    }
  }
}

/**
 * Whether the service waits for something of its own template. What waits for the service as well need not be looked for then, which takes
 * long: a circle within a template CloudFormation refuses by itself, before it makes anything.
 */
function isWaitedFor(facts: Facts, service: Service, one: Association | CapacityProvider): boolean {
  return one.resource.template === service.resource.template && facts.dependsOn(service, one);
}

/** Whether the service waits for the association that names one of its providers. */
function awaited(facts: Facts, service: Service, provider: ProviderName, associations: readonly Association[]): Judgement | undefined {
  const naming = associations.filter(({ providers }) => !providers.known || isAmong(providers.value, provider));
  const missed = naming.find((association) => !facts.dependsOn(service, association));
  if (!missed) {
    // A provider of Managed Instances names its cluster itself, so that waiting for the provider is enough.
    const managed = provider.target?.kind === 'managed-instances' ? provider.target : undefined;
    return naming.length > 0 || (managed && facts.dependsOn(service, managed))
      ? undefined
      : notDecidable(service, `no association of provider ${nameOf(provider)} with its cluster is in what is given`);
  }
  const own = service.cluster.target?.capacityProviders;
  if (!missed.providers.known || own?.known === false) {
    return notDecidable(service, [missed.providers, own].flatMap((value) => value?.known === false ? value.why : [])[0]);
  }
  if (missed.resource.template !== service.resource.template) {
    return notDecidable(service, `whether the stack of ${missed.name} is deployed before that of ${service.name} is not known`);
  }
  return problem({
    subject: service,
    severity: 'warning',
    message: `service ${service.name} uses provider ${nameOf(provider)} but does not wait for its association with the cluster`,
    fix: `DependsOn: ${missed.resource.logicalId} in ${service.name}`,
    assumes: union(service.launch.known ? service.launch.assumes : [], missed.providers.assumes),
  });
}

function isAmong(providers: readonly ProviderName[], provider: ProviderName): boolean {
  return providers.some((one) => same(one, provider) === 'yes');
}

function nameOf({ target, literal, identity }: ProviderName): string {
  return target?.name ?? literal ?? identity;
}
