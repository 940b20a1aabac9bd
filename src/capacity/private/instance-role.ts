import { Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/**
 * The role of container instances, with what the ECS agent needs and no more.
 *
 * `Cluster.addAsgCapacityProvider` grants every instance role the right to write any log stream and to log in to ECR. The tasks' own
 * execution roles do both, so those grants are declined here. Afterwards the role takes what a user adds, like any other.
 */
export class InstanceRole extends iam.Role {
  private declining = false;

  constructor(scope: Construct, id: string, cluster: ecs.ICluster, options: { readonly spot: boolean }) {
    super(scope, id, {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      description: 'Container instances: what the ECS agent needs',
    });
    const instances = Stack.of(this).formatArn({ service: 'ecs', resource: 'container-instance', resourceName: `${cluster.clusterName}/*` });
    const ofThisCluster = { ArnEquals: { 'ecs:cluster': cluster.clusterArn } };
    // The calls of the agent, per the service authorization reference for Amazon ECS: some take a cluster, some an instance of it.
    this.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: [
        'ecs:DeregisterContainerInstance',
        'ecs:RegisterContainerInstance',
        'ecs:SubmitAttachmentStateChanges',
        'ecs:SubmitContainerStateChange',
        'ecs:SubmitTaskStateChange',
      ],
      resources: [cluster.clusterArn],
    }));
    this.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: [
        'ecs:Poll',
        'ecs:StartTelemetrySession',
        // An agent told that its Spot instance goes drains itself (ECS_ENABLE_SPOT_INSTANCE_DRAINING).
        ...options.spot ? ['ecs:UpdateContainerInstancesState'] : [],
      ],
      resources: [instances],
      conditions: ofThisCluster,
    }));
    this.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['ecs:DiscoverPollEndpoint'], // takes no resource
      resources: ['*'],
    }));
  }

  /** Runs something that would grant this role more than it needs. */
  public decliningGrants(action: () => void): void {
    this.declining = true;
    try {
      action();
    } finally {
      this.declining = false;
    }
  }

  public addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    return this.declining ? { statementAdded: true, policyDependable: this } : super.addToPrincipalPolicy(statement);
  }

  public addManagedPolicy(policy: iam.IManagedPolicy): void {
    if (!this.declining) {
      super.addManagedPolicy(policy);
    }
  }
}
