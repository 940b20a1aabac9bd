import { App, NestedStack, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, Ec2Capacity, HostPort, TaskPort } from '../../src';
import { testApp } from '../app';
import {
  awsvpcService, bridgeService, CONTAINER, ec2Capacity, hostModeService, INSTANCE_TYPE, managedInstances, networkLoadBalancer,
  plainCapacity, synth, templateOf, testVpc, World,
} from '../fixtures';
import { pathsOf, rulesOf } from '../security-group-rules';

/** Network, cluster and service stacks; `stack` is the last, where services go. */
interface Stacks extends World {
  readonly net: Stack;
  readonly clu: Stack;
}

function stacks(): Stacks {
  const app = testApp();
  return inStacks(app, new Stack(app, 'Net'), new Stack(app, 'Clu'), new Stack(app, 'Svc'));
}

/** The same as nested stacks of one. */
function nestedStacks(): Stacks {
  const app = testApp();
  const parent = new Stack(app, 'Parent');
  return inStacks(app, new NestedStack(parent, 'Net'), new NestedStack(parent, 'Clu'), new NestedStack(parent, 'Svc'));
}

function inStacks(app: App, net: Stack, clu: Stack, stack: Stack): Stacks {
  const vpc = testVpc(net);
  return { app, net, clu, stack, vpc, cluster: new ecs.Cluster(clu, 'Cluster', { vpc }) };
}

const PORT = BridgePort.dynamic(8080);

function alb(scope: Stack, vpc: ec2.IVpc): elbv2.ApplicationListener {
  return new elbv2.ApplicationLoadBalancer(scope, 'Lb', { vpc }).addListener('Http', { port: 80, open: false });
}

/** What lets something in, in the template of a stack: rules of their own, and groups with rules written into them. */
function openingsIn(stack: Stack): string[] {
  const template = templateOf(stack);
  const inline = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).filter(([, { Properties }]) => Properties.SecurityGroupIngress);
  return [...Object.keys(template.findResources('AWS::EC2::SecurityGroupIngress')), ...inline.map(([id]) => id)];
}

/** Everything is in the service's stack, as resources of their own, and nothing in the other two. */
function expectOnlyInServiceStack({ app, net, clu, stack }: Stacks, ...paths: string[]): void {
  expect(pathsOf(app)).toEqual(paths);
  expect(rulesOf(app).filter((rule) => rule.inline || rule.stack !== stack.node.path)).toEqual([]);
  expect(openingsIn(net)).toEqual([]);
  expect(openingsIn(clu)).toEqual([]);
}

describe('plain aws-ecs', () => {
  function plainFargate({ stack, cluster }: Stacks, group: ec2.ISecurityGroup): ecs.FargateService {
    const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
    taskDefinition.addContainer('web', { ...CONTAINER, portMappings: [{ containerPort: 8080 }] });
    return new ecs.FargateService(stack, 'Plain', { cluster, taskDefinition, securityGroups: [group] });
  }

  test('R9: a plain service with a group of the network stack cannot let in a client of its own stack: the stacks form a cycle', () => {
    const w = stacks();
    const service = plainFargate(w, new ec2.SecurityGroup(w.net, 'Tasks', { vpc: w.vpc }));
    service.connections.allowFrom(new ec2.SecurityGroup(w.stack, 'Clients', { vpc: w.vpc }), ec2.Port.tcp(8080));
    expect(() => synth(w.app)).toThrow(/cyclic reference/);
  });

  test('R9: and its rules for addresses are written into the group, in the template of the network stack', () => {
    const w = stacks();
    plainFargate(w, new ec2.SecurityGroup(w.net, 'Tasks', { vpc: w.vpc }))
      .connections.allowFrom(ec2.Peer.ipv4('192.0.2.0/24'), ec2.Port.tcp(8080));
    expect(rulesOf(w.app)).toEqual([
      { direction: 'in', group: 'Tasks', peer: '192.0.2.0/24', ports: 'tcp 8080', stack: 'Net', inline: true },
    ]);
  });

  test('R9: a plain capacity provider of another stack than its cluster is a cycle as well', () => {
    const w = stacks();
    plainCapacity(w.cluster, 'Asg', w.stack);
    expect(() => synth(w.app)).toThrow(/cyclic reference/);
  });
});

describe('ours', () => {
  test('R9: capacity of another stack than its cluster is refused, with the reason', () => {
    const { stack, cluster } = stacks();
    expect(() => new Ec2Capacity(stack, 'Capacity', { cluster, instanceType: INSTANCE_TYPE, maxInstances: 1 }))
      .toThrow(/'cluster' must be of the capacity's own stack.*got stacks 'Svc' and 'Clu'/);
  });

  test('R9: an awsvpc service with a group of the network stack lets in a client of its own stack', () => {
    const w = stacks();
    const group = new ec2.SecurityGroup(w.net, 'Tasks', { vpc: w.vpc });
    const service = awsvpcService(w, { ports: [TaskPort.tcp(8080)], securityGroups: [group] });
    service.connections.allowDefaultPortFrom(new ec2.SecurityGroup(w.stack, 'Clients', { vpc: w.vpc }));
    service.connections.allowDefaultPortFrom(ec2.Peer.ipv4('192.0.2.0/24'));
    expectOnlyInServiceStack(w, 'Tasks < 192.0.2.0/24 tcp 8080', 'Tasks < Clients tcp 8080');
  });

  describe.each([['stacks', stacks], ['nested stacks', nestedStacks]])('in %s', (kind, make) => {
    test(`R9: in ${kind}, a listener of the network stack takes a bridge service of the service stack`, () => {
      const w = make();
      alb(w.net, w.vpc).addTargets('Web', { port: 80, targets: [bridgeService(w, { ports: [PORT] })] });
      expectOnlyInServiceStack(w, 'Capacity < Lb tcp 32768-60999', 'Lb > Capacity tcp 32768-60999');
    });

    test(`R9: in ${kind}, a listener of the network stack takes a host-mode service on Managed Instances`, () => {
      const w = make();
      const service = hostModeService(w, { capacity: managedInstances(w.cluster), ports: [HostPort.tcp(8080)] });
      alb(w.net, w.vpc).addTargets('Web', { port: 80, targets: [service] });
      expectOnlyInServiceStack(w, 'Lb > Managed tcp 8080', 'Managed < Lb tcp 8080');
    });

    test(`R9: in ${kind}, a listener of the network stack takes an awsvpc service of the service stack`, () => {
      const w = make();
      alb(w.net, w.vpc).addTargets('Web', { port: 80, targets: [awsvpcService(w, { ports: [TaskPort.tcp(8080)] })] });
      expectOnlyInServiceStack(w, 'Lb > Web tcp 8080', 'Web < Lb tcp 8080');
    });

    test(`R9: in ${kind}, an NLB of the network stack takes a bridge service of the service stack`, () => {
      const w = make();
      networkLoadBalancer({ ...w, stack: w.net }, true).addListener('Tcp', { port: 80 })
        .addTargets('Web', { port: 80, targets: [bridgeService(w, { ports: [PORT] })] });
      expectOnlyInServiceStack(w, 'Capacity < Lb tcp 32768-60999', 'Lb > Capacity tcp 32768-60999');
    });

    test(`R9: in ${kind}, an NLB without groups of the network stack takes a bridge service of the service stack`, () => {
      const w = make();
      networkLoadBalancer({ ...w, stack: w.net }, false).addListener('Tcp', { port: 80 })
        .addTargets('Web', { port: 80, targets: [bridgeService(w, { ports: [PORT] }).loadBalancerTarget(PORT, { clients: [] })] });
      expectOnlyInServiceStack(w, 'Capacity < 10.0.128.0/18 tcp 32768-60999', 'Capacity < 10.0.192.0/18 tcp 32768-60999');
    });
  });

  test('R9: a load balancer of the service stack gets to instances of the cluster stack', () => {
    const w = stacks();
    alb(w.stack, w.vpc).addTargets('Web', { port: 80, targets: [bridgeService(w, { ports: [PORT] })] });
    expectOnlyInServiceStack(w, 'Capacity < Lb tcp 32768-60999', 'Lb > Capacity tcp 32768-60999');
  });

  test('R9: a rule of a listener is made in the service stack, where it forwards to a target group of that stack', () => {
    const w = stacks();
    const listener = alb(w.net, w.vpc);
    listener.addAction('NotFound', { action: elbv2.ListenerAction.fixedResponse(404) });
    const group = new elbv2.ApplicationTargetGroup(w.stack, 'Group', { vpc: w.vpc, port: 80, targets: [bridgeService(w, { ports: [PORT] })] });
    new elbv2.ApplicationListenerRule(w.stack, 'Rule', {
      listener, priority: 1, conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])], targetGroups: [group],
    });
    expectOnlyInServiceStack(w, 'Capacity < Lb tcp 32768-60999', 'Lb > Capacity tcp 32768-60999');
  });

  test('R9: rules for addresses are resources of the service stack as well, not part of the group', () => {
    const w = stacks();
    const ports = [HostPort.tcp(9100)];
    hostModeService(w, { ports }).connections.allowDefaultPortFrom(ec2.Peer.ipv4('192.0.2.0/24'));
    awsvpcService(w, { ports: [TaskPort.tcp(8080)] }, 'Api').connections.allowDefaultPortFrom(ec2.Peer.ipv4('192.0.2.0/24'));
    expectOnlyInServiceStack(w, 'Api < 192.0.2.0/24 tcp 8080', 'Capacity < 192.0.2.0/24 tcp 9100');
  });

  test('R9: in one stack, too, no rule that lets in is part of a group of ours', () => {
    const w = stacks();
    const one: World = { ...w, stack: w.clu };
    bridgeService(one, { ports: [PORT] }).connections.allowDefaultPortFrom(ec2.Peer.ipv4('192.0.2.0/24'));
    awsvpcService(one, { ports: [TaskPort.tcp(8080)] }, 'Api').connections.allowDefaultPortFrom(ec2.Peer.ipv4('192.0.2.0/24'));
    managedInstances(w.cluster);
    const groups = Object.values(templateOf(w.clu).findResources('AWS::EC2::SecurityGroup'));
    expect(groups).toHaveLength(3);
    expect(groups.filter(({ Properties }) => Properties.SecurityGroupIngress)).toEqual([]);
    expect(pathsOf(w.app)).toEqual(['Api < 192.0.2.0/24 tcp 8080', 'Capacity < 192.0.2.0/24 tcp 32768-60999']);
  });

  test('R9: web calls api calls data, each in a stack of its own, and only those paths are open', () => {
    const w = stacks();
    const [webStack, apiStack, dataStack] = ['WebStack', 'ApiStack', 'DataStack'].map((id) => new Stack(w.app, id));
    const data = awsvpcService({ ...w, stack: dataStack }, { ports: [TaskPort.tcp(5432)] }, 'Data');
    const api = bridgeService({ ...w, stack: apiStack }, { capacity: ec2Capacity(w.cluster), ports: [PORT] }, 'Api');
    const web = awsvpcService({ ...w, stack: webStack }, { ports: [TaskPort.tcp(8080)] }, 'Web');
    web.connections.allowToDefaultPort(api);
    api.connections.allowToDefaultPort(data);
    expect(pathsOf(w.app)).toEqual(['Capacity < Web tcp 32768-60999', 'Data < Capacity tcp 5432']);
    expect(rulesOf(w.app).map(({ group, stack }) => `${group}: ${stack}`).sort()).toEqual(['Capacity: WebStack', 'Data: ApiStack']);
    expect([w.net, w.clu, dataStack].flatMap(openingsIn)).toEqual([]);
  });
});
