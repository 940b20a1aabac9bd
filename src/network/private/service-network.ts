import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { identity, identities, known } from './known-text';

/** Where a task runs: Fargate, instances, or not to be told. */
export type Host = 'fargate' | 'instances' | 'unknown';

export function hostOf(service: ecs.BaseService): Host {
  const { taskDefinition } = service;
  if (service instanceof ecs.Ec2Service) {
    return 'instances';
  }
  // Managed Instances run as Fargate services with a capacity provider strategy.
  if (!taskDefinition.isManagedInstancesCompatible) {
    return 'fargate';
  }
  return taskDefinition.isFargateCompatible ? 'unknown' : 'instances';
}

/** The subnets of awsvpc tasks. */
export function subnetsOf(service: ecs.BaseService): string[] {
  return identities(service, networkOf(service)?.subnets);
}

export function assignsPublicIp(service: ecs.BaseService): boolean {
  return networkOf(service)?.assignPublicIp === 'ENABLED';
}

/** The groups that are on the tasks: one that was only added to `connections` is not. */
export function groupsOf(service: ecs.BaseService): readonly ec2.ISecurityGroup[] {
  const onTasks = identities(service, networkOf(service)?.securityGroups);
  const groups = service.connections.securityGroups;
  return onTasks.length > 0 ? groups.filter(({ securityGroupId }) => onTasks.includes(identity(service, securityGroupId))) : groups;
}

function networkOf(service: ecs.BaseService): ecs.CfnService.AwsVpcConfigurationProperty | undefined {
  const { networkConfiguration } = service.node.defaultChild as ecs.CfnService;
  const network = known(service, networkConfiguration) as ecs.CfnService.NetworkConfigurationProperty | undefined;
  return network?.awsvpcConfiguration as ecs.CfnService.AwsVpcConfigurationProperty | undefined;
}
