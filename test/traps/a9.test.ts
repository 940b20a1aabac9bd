import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, BridgePort, BridgeService, HostModeService, HostPort, TaskPort } from '../../src';
import { testApp } from '../app';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, plainCapacity, plainEc2Service, templateOf, testVpc } from '../fixtures';
import { found } from '../found';
import { expectRefusal } from '../refusal';

const { DUAL_STACK, IPV4 } = elbv2.IpAddressType;
const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const { IPV6 } = elbv2.TargetGroupIpAddressType;
const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';

/** A cluster in a VPC with or without IPv6. */
function world(ipProtocol = ec2.IpProtocol.DUAL_STACK) {
  const app = testApp();
  const stack = new Stack(app, 'Test');
  const vpc = testVpc(stack, { ipProtocol });
  return { app, stack, vpc, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }) };
}

type World = ReturnType<typeof world>;

/** Puts a service behind an Application Load Balancer, by way of an IPv6 target group. */
function behindAlb(
  { stack, vpc }: World, target: elbv2.IApplicationLoadBalancerTarget, ipAddressType?: elbv2.IpAddressType, byRule = false,
): void {
  const group = new elbv2.ApplicationTargetGroup(stack, 'Group', {
    vpc, port: 8080, protocol: elbv2.ApplicationProtocol.HTTP, ipAddressType: IPV6, targets: [target],
  });
  const alb = new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc, ipAddressType });
  const listener = alb.addListener('Http', { port: 80, open: false, defaultAction: byRule ? elbv2.ListenerAction.fixedResponse(404) : undefined });
  const rule = byRule ? { priority: 1, conditions: [elbv2.ListenerCondition.pathPatterns(['/web'])] } : {};
  listener.addTargetGroups('Web', { targetGroups: [group], ...rule });
}

function behindNlb({ stack, vpc }: World, target: elbv2.INetworkLoadBalancerTarget, ipAddressType?: elbv2.IpAddressType): void {
  const group = new elbv2.NetworkTargetGroup(stack, 'Group', { vpc, port: 8080, ipAddressType: IPV6, targets: [target] });
  new elbv2.NetworkLoadBalancer(stack, 'Lb', { vpc, ipAddressType }).addListener('Tcp', { port: 80, defaultTargetGroups: [group] });
}

const awsvpc = ({ stack, cluster }: World) => new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, ports: [TaskPort.tcp(8080)] });
const bridge = ({ stack, cluster }: World) =>
  new BridgeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [BridgePort.dynamic(8080)] });
const host = ({ stack, cluster }: World) =>
  new HostModeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: HOST_CONTAINER, ports: [HostPort.tcp(8080)] });

test('A9: an IPv6 target group with instance targets synthesises, and no target is ever healthy; ours refuses it', () => {
  const plain = world();
  const service = plainEc2Service(plain.cluster, plainCapacity(plain.cluster), ecs.NetworkMode.BRIDGE, { containerPort: 8080 });
  behindAlb(plain, service, DUAL_STACK);
  templateOf(plain.stack).hasResourceProperties(GROUP, { IpAddressType: 'ipv6', TargetType: 'instance' });
  expect(found(plain.app, 'dual-stack-load-balancer')).toEqual([expect.stringMatching(/^error Group\w+: target group \w+ is ipv6, and instances of \w+, where service \w+ runs, have no primary IPv6/)]);

  const ours = world();
  behindAlb(ours, bridge(ours), DUAL_STACK);
  expectRefusal(() => templateOf(ours.stack), 'Test/Web',
    'target group Test/Group takes IPv6 addresses, but bridge tasks register as instances', 'use an IPv4 target group, or awsvpc');
});

test('A9: an IPv6 target group behind a load balancer with IPv4 only synthesises; ours makes it dual stack, or refuses it', () => {
  const plain = world();
  const taskDefinition = new ecs.FargateTaskDefinition(plain.stack, 'Task');
  taskDefinition.addContainer('web', { ...CONTAINER, portMappings: [{ containerPort: 8080 }] });
  behindAlb(plain, new ecs.FargateService(plain.stack, 'Web', { cluster: plain.cluster, taskDefinition }));
  const template = templateOf(plain.stack);
  template.hasResourceProperties(GROUP, { IpAddressType: 'ipv6', TargetType: 'ip' });
  expect(Object.values(template.findResources(LOAD_BALANCER, { Properties: { IpAddressType: 'dualstack' } }))).toEqual([]);
  expect(found(plain.app, 'dual-stack-load-balancer')).toContainEqual(expect.stringMatching(/^error Group\w+: target group \w+ is ipv6 but load balancer \w+ is ipv4/));

  const left = world();
  behindAlb(left, awsvpc(left));
  templateOf(left.stack).hasResourceProperties(LOAD_BALANCER, { IpAddressType: 'dualstack' });

  const ours = world();
  behindAlb(ours, awsvpc(ours), IPV4);
  expectRefusal(() => templateOf(ours.stack), 'Test/Web',
    "target group Test/Group takes IPv6 addresses, but load balancer Test/Lb has IPv4 only: set its 'ipAddressType' to DUAL_STACK");
});

test.each<[string, (ours: World) => unknown, string[]]>([
  ['host mode behind an ALB', (ours) => behindAlb(ours, host(ours), DUAL_STACK), ['host tasks register as instances']],
  ['host mode behind an NLB', (ours) => behindNlb(ours, host(ours), DUAL_STACK), ['host tasks register as instances']],
  ['bridge mode behind an NLB', (ours) => behindNlb(ours, bridge(ours), DUAL_STACK), ['bridge tasks register as instances']],
  ['an ALB that says it has IPv4 only', (ours) => behindAlb(ours, awsvpc(ours), IPV4), ['load balancer Test/Lb has IPv4 only']],
  ['a rule of an ALB with IPv4 only', (ours) => behindAlb(ours, awsvpc(ours), IPV4, true), ['load balancer Test/Lb has IPv4 only']],
  ['an NLB with IPv4 only', (ours) => behindNlb(ours, awsvpc(ours), IPV4), ['load balancer Test/Lb has IPv4 only']],
])('A9: ours refuses %s', (_what, make, parts) => {
  const ours = world();
  make(ours);
  expectRefusal(() => templateOf(ours.stack), 'Test/Web', 'target group Test/Group takes IPv6 addresses', ...parts);
});

test('A9: ours refuses an IPv6 target group for tasks in a VPC without IPv6', () => {
  const ours = world(ec2.IpProtocol.IPV4_ONLY);
  behindAlb(ours, awsvpc(ours), DUAL_STACK);
  expectRefusal(() => templateOf(ours.stack), 'Test/Web', "target group Test/Group takes IPv6 addresses, but the tasks' VPC has none");
});

test.each<[string, (ours: World) => unknown]>([
  ['an ALB', (ours) => behindAlb(ours, awsvpc(ours), DUAL_STACK)],
  ['a rule of an ALB', (ours) => behindAlb(ours, awsvpc(ours), DUAL_STACK, true)],
  ['an NLB', (ours) => behindNlb(ours, awsvpc(ours), DUAL_STACK)],
])('A9: awsvpc tasks are taken with IPv6 behind %s that has both', (_what, make) => {
  const ours = world();
  make(ours);
  templateOf(ours.stack).hasResourceProperties(GROUP, { IpAddressType: 'ipv6', TargetType: 'ip' });
});

test('A9: an IPv4 target group is taken in every mode, behind a load balancer that has both', () => {
  for (const make of [awsvpc, bridge, host]) {
    const ours = world();
    const alb = new elbv2.ApplicationLoadBalancer(ours.stack, 'Lb', { vpc: ours.vpc, ipAddressType: DUAL_STACK });
    alb.addListener('Http', { port: 80, open: false }).addTargets('Web', { port: 8080, protocol: elbv2.ApplicationProtocol.HTTP, targets: [make(ours)] });
    templateOf(ours.stack).resourceCountIs(GROUP, 1);
  }
});
