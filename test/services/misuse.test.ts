import { CfnParameter } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, BridgePort, BridgeService, Ec2Capacity, FargateCapacity, HostModeService, HostPort, PortRange, TaskPort } from '../../src';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, INSTANCE_TYPE, world } from '../fixtures';
import { expectRefusal } from '../refusal';

/** What languages without TypeScript's types can pass. */
type Anything = never;

describe('ports of another mode are refused in plain words', () => {
  const all = { HostPort: HostPort.tcp(8080), BridgePort: BridgePort.dynamic(8080), TaskPort: TaskPort.tcp(8080), number: 8080 };
  const { cluster, stack } = world();
  const capacity = ec2Capacity(cluster);
  const modes = {
    HostPort: (ports: unknown[]) => new HostModeService(stack, 'HostPort', { cluster, capacity, container: HOST_CONTAINER, ports: ports as Anything }),
    BridgePort: (ports: unknown[]) => new BridgeService(stack, 'BridgePort', { cluster, capacity, container: CONTAINER, ports: ports as Anything }),
    TaskPort: (ports: unknown[]) => new AwsvpcService(stack, 'TaskPort', { cluster, container: CONTAINER, ports: ports as Anything }),
  };
  test.each(Object.keys(modes).flatMap((mode) => Object.keys(all).filter((kind) => kind !== mode).map((kind) => [mode, kind] as const)))(
    'where %s is meant, %s is not taken', (mode, kind) => {
      stack.node.tryRemoveChild(mode);
      expectRefusal(() => modes[mode as keyof typeof modes]([all[kind as keyof typeof all]]), `Test/${mode}`, `'ports' must be made with ${mode}`);
    });

  test('as a load balancer target, of a sidecar and in Cloud Map too', () => {
    const service = new BridgeService(stack, 'Web', { cluster, capacity, container: CONTAINER, ports: [BridgePort.dynamic(80)] });
    const wrong = TaskPort.tcp(80) as Anything;
    expectRefusal(() => service.loadBalancerTarget(wrong), 'Test/Web', "'port' must be made with BridgePort");
    expectRefusal(() => service.addContainer('side', { ...CONTAINER, ports: [wrong] }), 'Test/Web', "'ports' must be made with BridgePort");
    expectRefusal(() => service.enableCloudMap({}, wrong), 'Test/Web', "'port' must be made with BridgePort");
  });
});

describe('what is missing is named', () => {
  test.each<[string, object, string]>([
    ['no container', { container: undefined }, "'container' must be given with its 'image'"],
    ['no image', { container: {} }, "'container' must be given with its 'image'"],
    ['a capacity that is none', { capacity: 'FARGATE' }, "'capacity' must be an Ec2Capacity, FargateCapacity or ManagedInstancesCapacity, got \"FARGATE\""],
  ])('%s', (_, props, words) => {
    const { stack, cluster } = world();
    expectRefusal(() => new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, ...props } as Anything), 'Test/Web', words);
  });

  test('instances of no type or no number, or of an imported cluster', () => {
    const { stack, vpc, cluster } = world();
    const imported = ecs.Cluster.fromClusterAttributes(stack, 'Imported', { clusterName: 'theirs', vpc });
    expectRefusal(() => new Ec2Capacity(stack, 'A', { cluster, instanceType: INSTANCE_TYPE } as Anything), 'Test/A', "'maxInstances' must be given");
    expectRefusal(() => new Ec2Capacity(stack, 'B', { cluster, maxInstances: 1 } as Anything), 'Test/B', "'instanceType' and 'maxInstances' must be given");
    expectRefusal(() => new Ec2Capacity(stack, 'C', { cluster: imported, instanceType: INSTANCE_TYPE, maxInstances: 1 } as Anything), 'Test/C',
      "'cluster' must be a cluster of this app");
  });
});

describe('what the task has bounds what its containers ask for', () => {
  test.each([
    [{ memoryLimitMiB: 1024 }, "'memoryLimitMiB' of container 'app' must be at most what the task has, 512 ('task.memoryMiB'), got 1024"],
    [{ memoryReservationMiB: 513 }, "'memoryReservationMiB' of container 'app' must be at most what the task has, 512 ('task.memoryMiB'), got 513"],
    [{ cpu: 512 }, "'cpu' of container 'app' must be at most what the task has, 256 ('task.cpu'), got 512"],
  ])('%j is more than the default', (asked, words) => {
    const { stack, cluster } = world();
    expectRefusal(() => new AwsvpcService(stack, 'Web', { cluster, container: { image: CONTAINER.image, ...asked } }), 'Test/Web', words);
  });

  test('numbers known at deployment only pass', () => {
    const { stack, cluster } = world();
    const size = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    new AwsvpcService(stack, 'Web', { cluster, container: { image: CONTAINER.image, cpu: 128 }, task: { cpu: size('Cpu'), memoryMiB: size('Memory') } });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', { Cpu: { Ref: 'Cpu' }, Memory: { Ref: 'Memory' } });
  });
});

describe('the ingress port of a Service Connect proxy in bridge mode is a host port like any other', () => {
  const offering = (override: number, props: object = {}) => {
    const { stack, cluster } = world();
    cluster.addDefaultCloudMapNamespace({ name: 'mesh' });
    return new BridgeService(stack, 'Web', {
      cluster,
      capacity: ec2Capacity(cluster),
      container: CONTAINER,
      task: { memoryMiB: 512 },
      ports: [BridgePort.dynamic(8080, { name: 'http' })],
      serviceConnectConfiguration: { services: [{ portMappingName: 'http', ingressPortOverride: override }] },
      ...props,
    });
  };

  test('one that the agent holds is refused', () => {
    expectRefusal(() => offering(51678), 'Test/Web', 'host port 51678/tcp is held by');
  });

  test('one known at deployment only is refused, for its rule and its clashes are not known', () => {
    const { stack } = world();
    expectRefusal(() => offering(new CfnParameter(stack, 'P', { type: 'Number' }).valueAsNumber), 'Test/Web',
      "'ingressPortOverride' of port 'http' must be known when the app is synthesised");
  });

  test('two services with one are refused', () => {
    const twice = ['http', 'http'].map((portMappingName) => ({ portMappingName, ingressPortOverride: 9000 }));
    expectRefusal(() => offering(1, { serviceConnectConfiguration: { services: twice } }), 'Test/Web', "'ingressPortOverride' 9000 is given to two services");
  });
});

describe('blue/green target groups', () => {
  function alternate(options: { targetType?: elbv2.TargetType; same?: boolean; strategy?: ecs.DeploymentStrategy }) {
    const { stack, vpc, cluster } = world();
    const listener = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc }).addListener('Http', {
      port: 80, defaultAction: elbv2.ListenerAction.fixedResponse(404),
    });
    const port = TaskPort.tcp(8080);
    const service = new AwsvpcService(stack, 'Web', {
      cluster, container: CONTAINER, ports: [port], deploymentStrategy: options.strategy ?? ecs.DeploymentStrategy.BLUE_GREEN,
    });
    const group = (id: string, targetType?: elbv2.TargetType) => new elbv2.ApplicationTargetGroup(stack, id, { vpc, port: 80, targetType });
    const blue = group('Blue', elbv2.TargetType.IP);
    const green = options.same ? blue : group('Green', options.targetType);
    const rule = new elbv2.ApplicationListenerRule(stack, 'Rule', {
      listener, priority: 1, conditions: [elbv2.ListenerCondition.pathPatterns(['/'])], action: elbv2.ListenerAction.forward([blue]),
    });
    blue.addTarget(service.loadBalancerTarget(port, {
      alternateTarget: new ecs.AlternateTarget('Green', {
        alternateTargetGroup: green, productionListener: ecs.ListenerRuleConfiguration.applicationListenerRule(rule),
      }),
    }));
    return () => Template.fromStack(stack);
  }

  test('of the right type, and two of them, are taken', () => {
    expect(alternate({ targetType: elbv2.TargetType.IP })).not.toThrow();
  });

  test('an alternate one of another type is refused', () => {
    expect(alternate({ targetType: elbv2.TargetType.INSTANCE })).toThrow("target group Test/Green must have 'targetType' ip");
    expect(alternate({})).toThrow("target group Test/Green must have 'targetType' ip");
  });

  test('an alternate one that is the same is refused', () => {
    expect(alternate({ same: true })).toThrow("'alternateTarget' must be another target group than Test/Blue");
  });

  test('an alternate one under rolling updates is refused', () => {
    expect(alternate({ targetType: elbv2.TargetType.IP, strategy: ecs.DeploymentStrategy.ROLLING }))
      .toThrow("'alternateTarget' of Test/Blue needs 'deploymentStrategy' BLUE_GREEN, LINEAR or CANARY");
  });
});

test('a namespace that the cluster gets after the service is found', () => {
  const { stack, cluster } = world();
  const web = new BridgeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [BridgePort.dynamic(80)] });
  cluster.addDefaultCloudMapNamespace({ name: 'late' });
  expect(() => web.enableCloudMap()).not.toThrow();
});

test('of equal ports of two containers the very one that is given is the target, and another equal one is refused', () => {
  const { stack, vpc, cluster } = world();
  const ports = [BridgePort.dynamic(8080), BridgePort.dynamic(8080)];
  const web = new BridgeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [ports[0]] });
  web.addContainer('side', { ...CONTAINER, ports: [ports[1]] });
  const listener = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc }).addListener('Http', { port: 80 });
  listener.addTargets('Side', { port: 80, targets: [web.loadBalancerTarget(ports[1])] });
  expectRefusal(() => listener.addTargets('Unclear', {
    port: 80, priority: 1, conditions: [elbv2.ListenerCondition.pathPatterns(['/'])], targets: [web.loadBalancerTarget(BridgePort.dynamic(8080))],
  }), 'Test/Web', 'port 8080/tcp is in containers app and side');
});

test('the application container is the first, also where a sidecar is the essential one', () => {
  const { stack, cluster } = world();
  const web = new AwsvpcService(stack, 'Web', { cluster, container: { ...CONTAINER, essential: false } });
  web.addContainer('side', CONTAINER);
  expect(web.containerDefinition.containerName).toBe('app');
});

describe('capacities over one Auto Scaling group', () => {
  test('share the range its agents have', () => {
    const { stack, cluster } = world();
    const { capacityProvider: provider } = ec2Capacity(cluster, 'Capacity', { dynamicPorts: PortRange.of(40000, 40999) });
    expect(Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider }).dynamicPorts.toString()).toBe('40000-40999');
    expectRefusal(() => Ec2Capacity.fromAsgCapacityProvider(stack, 'Other', { cluster, provider, dynamicPorts: PortRange.of(50000, 50999) }), 'Test/Other',
      "'dynamicPorts' of one Auto Scaling group must be one range", '40000-40999', '50000-50999');
  });

  test("must not have a range that holds the instance's own ports", () => {
    const { cluster } = world();
    expectRefusal(() => ec2Capacity(cluster, 'Low', { dynamicPorts: PortRange.of(20, 2000) }), 'Test/Low', "'dynamicPorts' 20-2000 must not hold port 22");
  });
});

test('in awsvpc mode on instances a container knows its Region, which it cannot ask the instance', () => {
  const { stack, cluster } = world();
  new AwsvpcService(stack, 'OnInstances', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER });
  new AwsvpcService(stack, 'OnFargate', { cluster, capacity: FargateCapacity.onDemand(cluster), container: CONTAINER });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::ECS::TaskDefinition', {
    RequiresCompatibilities: ['EC2'], ContainerDefinitions: [Match.objectLike({ Environment: [{ Name: 'AWS_REGION', Value: { Ref: 'AWS::Region' } }] })],
  });
  template.hasResourceProperties('AWS::ECS::TaskDefinition', {
    RequiresCompatibilities: ['FARGATE'], ContainerDefinitions: [Match.objectLike({ Environment: Match.absent() })],
  });
});
