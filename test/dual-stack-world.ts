import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { DualStack } from '../src';
import { testApp } from './app';
import { templateOf, testVpc, type World } from './fixtures';
import { pathsOf } from './security-group-rules';

/** As `world()`, with IPv6: enabled in place, or there from the start by `ipProtocol`. */
export function dualStackWorld(fromTheStart = false): World {
  const app = testApp();
  const stack = new Stack(app, 'Test');
  const vpc = testVpc(stack, fromTheStart ? { ipProtocol: ec2.IpProtocol.DUAL_STACK } : {});
  if (!fromTheStart) {
    DualStack.enable(vpc);
  }
  return { app, stack, vpc, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }) };
}

/** A public Application Load Balancer, `Lb`. */
export function alb({ stack, vpc }: World, props: Partial<elbv2.ApplicationLoadBalancerProps> = {}): elbv2.ApplicationLoadBalancer {
  return new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc, internetFacing: true, ...props });
}

/** Puts a target behind port 80 of an `alb`, open to everyone unless said otherwise. */
export function behindAlb(
  w: World, target: elbv2.IApplicationLoadBalancerTarget, open = true, props: Partial<elbv2.ApplicationLoadBalancerProps> = {},
): elbv2.ApplicationTargetGroup {
  return alb(w, props).addListener('Http', { port: 80, open })
    .addTargets('Web', { port: 8080, protocol: elbv2.ApplicationProtocol.HTTP, targets: [target] });
}

/** An internal Network Load Balancer, `Lb`, with a group `LbGroup` or without groups. */
export function nlb(
  { stack, vpc }: World, withGroup: boolean, props: Partial<elbv2.NetworkLoadBalancerProps> = {},
): elbv2.NetworkLoadBalancer {
  return new elbv2.NetworkLoadBalancer(stack, 'Lb', {
    vpc,
    ...withGroup
      ? { securityGroups: [new ec2.SecurityGroup(stack, 'LbGroup', { vpc, allowAllOutbound: false })] }
      : { disableSecurityGroups: true },
    ...props,
  });
}

/** Puts a target behind port 80 of an `nlb`. */
export function behindNlb(
  w: World, target: elbv2.INetworkLoadBalancerTarget, withGroup: boolean, props: Partial<elbv2.AddNetworkTargetsProps> = {},
): elbv2.NetworkTargetGroup {
  return nlb(w, withGroup).addListener('Tcp', { port: 80, protocol: props.protocol }).addTargets('Web', { port: 8080, targets: [target], ...props });
}

/** The address types of load balancers and then of target groups, by their logical ids; unset is IPv4. */
export function addressTypesIn(stack: Stack): (string | undefined)[] {
  const template = templateOf(stack);
  return ['LoadBalancer', 'TargetGroup'].flatMap((type) => Object.values(template.findResources(`AWS::ElasticLoadBalancingV2::${type}`))
    .map(({ Properties: { IpAddressType } }) => IpAddressType));
}

/** Which addresses are let in to the load balancer. */
export function clientsIn({ app }: World): string[] {
  return pathsOf(app).filter((path) => /^Lb\w* < (\d|::|\{|pl-|[0-9a-f]+:)/.test(path));
}
