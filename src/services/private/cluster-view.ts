import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';

/**
 * The cluster as one service sees it: with the security groups of the instances it runs on, and no others.
 *
 * `Ec2Service` copies the cluster's groups once, in its constructor: with a capacity provider there are none, and with several
 * capacities there are too many (aws-cdk #22764, #5824). Adds no resource.
 */
export function viewOfCluster(scope: Construct, cluster: ecs.ICluster, securityGroups: ec2.ISecurityGroup[]): ecs.ICluster {
  return ecs.Cluster.fromClusterAttributes(scope, 'Cluster', {
    clusterName: cluster.clusterName,
    clusterArn: cluster.clusterArn,
    vpc: cluster.vpc,
    securityGroups,
    hasEc2Capacity: true,
    defaultCloudMapNamespace: cluster.defaultCloudMapNamespace,
    executeCommandConfiguration: cluster.executeCommandConfiguration,
  });
}
