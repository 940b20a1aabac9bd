import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, BridgeService, TaskPort } from '../../src';
import { awsvpcService, bridgeService, CONTAINER, ec2Capacity, world } from '../fixtures';

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

describe('one group imported twice', () => {
  /** Two services, each with an import of its own. */
  function rulesOf(ids: string[], options: ec2.SecurityGroupImportOptions = {}, importedIn?: (stack: Stack) => Stack) {
    const here = world();
    const holding = importedIn?.(here.stack) ?? here.stack;
    ids.forEach((id, index) => awsvpcService(here, {
      ports: [TaskPort.tcp(80)],
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(holding, `Import${index}`, id, index === 0 ? options : {})],
      editImportedSecurityGroups: true,
    }, `Web${index}`).connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.0.0.0/8')));
    return Object.keys(Template.fromStack(here.stack).findResources('AWS::EC2::SecurityGroupIngress'));
  }

  test('gets a rule once', () => {
    expect(rulesOf(['sg-0123456789abcdef0', 'sg-0123456789abcdef0'])).toHaveLength(1);
    expect(rulesOf(['sg-0123456789abcdef0', 'sg-0123456789abcdef0'], {}, (stack) => new Stack(stack.node.scope!, 'Network'))).toHaveLength(1);
  });

  test('is not another group', () => {
    expect(rulesOf(['sg-0123456789abcdef0', 'sg-0123456789abcdef1'])).toHaveLength(2);
  });

  test('gets its rule where the other import takes none', () => {
    expect(rulesOf(['sg-0123456789abcdef0', 'sg-0123456789abcdef0'], { mutable: false })).toHaveLength(1);
  });

  test('on two capacities gets a rule once', () => {
    const here = world();
    for (const id of ['One', 'Two']) {
      const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(here.stack, `Import${id}`, 'sg-0123456789abcdef0');
      const capacity = ec2Capacity(here.cluster, `Capacity${id}`, { securityGroup, editImportedSecurityGroups: true });
      bridgeService(here, { capacity, ports: [BridgePort.dynamic(80)] }, id).connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.0.0.0/8'));
    }
    Template.fromStack(here.stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
  });
});
