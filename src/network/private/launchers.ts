import { CfnResource } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { identities, known } from './known-text';

/** What launches instances, and the subnets it launches them in. */
export interface Launcher {
  readonly resource: CfnResource;
  readonly subnets: readonly string[];
}

/** The Auto Scaling groups and the capacity providers of Managed Instances in a construct. */
export function launchersIn(construct: IConstruct): Launcher[] {
  return construct.node.findAll().flatMap((resource): Launcher[] => {
    if (resource instanceof autoscaling.CfnAutoScalingGroup) {
      return [{ resource, subnets: identities(resource, resource.vpcZoneIdentifier) }];
    }
    if (resource instanceof ecs.CfnCapacityProvider && resource.managedInstancesProvider) {
      const provider = known(resource, resource.managedInstancesProvider) as ecs.CfnCapacityProvider.ManagedInstancesProviderProperty;
      const { instanceLaunchTemplate } = provider;
      const { networkConfiguration } = instanceLaunchTemplate as ecs.CfnCapacityProvider.InstanceLaunchTemplateProperty;
      const network = networkConfiguration as ecs.CfnCapacityProvider.ManagedInstancesNetworkConfigurationProperty | undefined;
      return [{ resource, subnets: identities(resource, network?.subnets) }];
    }
    return [];
  });
}
