import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, HostPort } from '../../src';
import { bridgeService, ec2Capacity, hostModeService, INSTANCE_TYPE, plainCapacity, plainTask, world } from '../fixtures';
import { found } from '../found';
import { pathsOf } from '../security-group-rules';

test('R4: a plain service opens every group of instances of the cluster to its load balancer, also those it does not run on', () => {
  const { app, stack, vpc, cluster } = world();
  cluster.addCapacity('Here', { instanceType: INSTANCE_TYPE });
  cluster.addCapacity('There', { instanceType: INSTANCE_TYPE });
  const service = new ecs.Ec2Service(stack, 'Plain', {
    cluster, taskDefinition: plainTask(stack, 'Task', ecs.NetworkMode.BRIDGE, { containerPort: 8080 }),
  });
  new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc }).addListener('Http', { port: 80, open: false })
    .addTargets('Web', { port: 80, targets: [service] });
  expect(pathsOf(app).filter((path) => path.includes('<')).map((path) => path.split(' < ')[0])).toEqual([
    'Cluster/Here/InstanceSecurityGroup', 'Cluster/There/InstanceSecurityGroup',
  ]);
});

test('R4: a load balancer that is let in to instances of another capacity is found', () => {
  const { app, stack, vpc, cluster } = world();
  const [here, there] = ['Here', 'There'].map((id) => plainCapacity(cluster, id));
  cluster.connections.addSecurityGroup(...[here, there].flatMap(({ autoScalingGroup }) => autoScalingGroup.connections.securityGroups));
  const on = (id: string, { capacityProviderName }: ecs.AsgCapacityProvider) => new ecs.Ec2Service(stack, id, {
    cluster,
    taskDefinition: plainTask(stack, `${id}Task`, ecs.NetworkMode.BRIDGE, { containerPort: 8080 }),
    capacityProviderStrategies: [{ capacityProvider: capacityProviderName, weight: 1 }],
  });
  on('Other', there);
  new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc }).addListener('Http', { port: 80 }).addTargets('Web', { port: 80, targets: [on('Web', here)] });
  expect(found(app, 'security-group-bridge-exposure')).toEqual([
    expect.stringMatching(/^warning ThereASG\w+: load balancer Lb\w+ may reach tcp 32768-65535 on \w+, where Other\w+ listens; it is not behind it, and nothing there is/),
  ]);
});

test('R4: each of ours opens only the instances it runs on', () => {
  const w = world();
  const { app, stack, vpc, cluster } = w;
  const here = ec2Capacity(cluster, 'Here');
  const there = ec2Capacity(cluster, 'There');
  const listener = new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc }).addListener('Http', { port: 80, open: false });
  const web = bridgeService(w, { capacity: here, ports: [BridgePort.dynamic(8080)] });
  const agent = hostModeService(w, { capacity: there, ports: [HostPort.tcp(9100)] }, 'Agent');
  listener.addTargets('Web', { port: 80, targets: [web] });
  listener.addTargets('Agent', { port: 80, targets: [agent], priority: 1, conditions: [elbv2.ListenerCondition.pathPatterns(['/agent'])] });
  expect(pathsOf(app)).toEqual([
    'Here < Lb tcp 32768-60999',
    'Lb > Here tcp 32768-60999',
    'Lb > There tcp 9100',
    'There < Lb tcp 9100',
  ]);
  expect(found(app, 'security-group-bridge-exposure')).toEqual([]);
});

test('R4: a capacity that a service does not run on is not among its connections', () => {
  const w = world();
  const { cluster } = w;
  const here = ec2Capacity(cluster, 'Here');
  ec2Capacity(cluster, 'There');
  const web = bridgeService(w, { capacity: here, ports: [BridgePort.dynamic(8080)] });
  expect(web.connections.securityGroups).toEqual([here.securityGroup]);
  expect(web.service.connections.securityGroups).toEqual([here.securityGroup]);
});
