import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Dependable, IConstruct, IDependable } from 'constructs';

/**
 * The association between a cluster and its capacity providers. A service must be created after it and deleted before it, or ECS
 * answers "capacity provider not associated" or "in use" (aws-cdk #18179, #14732).
 *
 * The cluster makes the association in an aspect, after every constructor has run: so it is looked for when dependencies are read.
 */
export function associationOf(cluster: IConstruct): IDependable {
  const association: IDependable = {};
  Dependable.implement(association, {
    get dependencyRoots() {
      return cluster.node.children.filter((child) => child instanceof ecs.CfnClusterCapacityProviderAssociations);
    },
  });
  return association;
}
