import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';

/**
 * One port of a service as the target of a load balancer.
 */
export interface IServicePortTarget extends elbv2.IApplicationLoadBalancerTarget, elbv2.INetworkLoadBalancerTarget {
}

/**
 * What can be said of a port as a target.
 */
export interface ServicePortTargetOptions {
  /**
   * Where native blue/green, linear and canary deployments send traffic next: `new ecs.AlternateTarget(…)`.
   *
   * @default - none: rolling updates
   */
  readonly alternateTarget?: ecs.IAlternateTarget;

  /**
   * The clients of a Network Load Balancer that has no security groups and keeps client addresses, which nothing in the app names. Not
   * used for other load balancers.
   *
   * @default - only the load balancer's health checks are let in
   */
  readonly clients?: ec2.IPeer[];
}
