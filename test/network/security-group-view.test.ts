import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, BridgeService } from '../../src';
import { CONTAINER, ec2Capacity, world } from '../fixtures';

/** Two bridge services behind one load balancer, on one capacity of another stack. */
function twoServices(oneStack: boolean) {
  const { app, stack, vpc, cluster } = world();
  const capacity = ec2Capacity(cluster);
  const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc });
  const listener = loadBalancer.addListener('Http', { port: 80, defaultAction: elbv2.ListenerAction.fixedResponse(404) });
  const first = new Stack(app, 'First');
  const stacks = [first, oneStack ? first : new Stack(app, 'Second')];
  stacks.forEach((own, index) => {
    const service = new BridgeService(own, `Web${index}`, { cluster, capacity, container: CONTAINER, ports: [BridgePort.dynamic(8080 + index)] });
    new elbv2.ApplicationListenerRule(own, `Rule${index}`, {
      listener,
      priority: index + 1,
      conditions: [elbv2.ListenerCondition.pathPatterns([`/${index}`])],
      targetGroups: [new elbv2.ApplicationTargetGroup(own, `Group${index}`, { vpc, port: 80, targets: [service] })],
    });
  });
  return { app, first };
}

test('services of one stack that share a group of another write a rule once, for EC2 takes it once', () => {
  const template = Template.fromStack(twoServices(true).first);
  template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
  template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 1);
});

test('two stacks that would write the same rule into a shared group are refused, and both are named', () => {
  expect(() => twoServices(false).app.synth()).toThrow(/stack 'Second' would write a rule into Test\/Capacity\/SecurityGroup that stack 'First' writes as well/);
});
