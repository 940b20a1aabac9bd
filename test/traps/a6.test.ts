import { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsvpcService, BridgeService, HostModeService, HostPort, TaskPort } from '../../src';
import { CONTAINER, HOST_CONTAINER, managedInstances, templateOf, world } from '../fixtures';
import { found } from '../found';
import { expectRefusal } from '../refusal';
import { pathsOf } from '../security-group-rules';

const SERVICE = 'AWS::ECS::Service';
const GROUP = 'AWS::EC2::SecurityGroup';

const host = (stack: Stack, cluster: ecs.Cluster, id = 'Web') => new HostModeService(stack, id, {
  cluster, capacity: managedInstances(cluster, `${id}Instances`), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)],
});

test('A6: on Managed Instances plain host mode gets a network configuration and a group nobody uses; ours neither', () => {
  const plain = world();
  const provider = new ecs.ManagedInstancesCapacityProvider(plain.stack, 'Managed', {
    subnets: plain.vpc.privateSubnets,
    securityGroups: [new ec2.SecurityGroup(plain.stack, 'Instances', { vpc: plain.vpc })],
    infrastructureRole: new iam.Role(plain.stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') }),
  });
  plain.cluster.addManagedInstancesCapacityProvider(provider);
  const taskDefinition = new ecs.TaskDefinition(plain.stack, 'Task', {
    compatibility: ecs.Compatibility.MANAGED_INSTANCES, networkMode: ecs.NetworkMode.HOST, cpu: '256', memoryMiB: '512',
  });
  taskDefinition.addContainer('web', { ...CONTAINER, portMappings: [{ containerPort: 9100 }] });
  // Only FargateService takes them.
  new ecs.FargateService(plain.stack, 'Web', {
    cluster: plain.cluster, taskDefinition, capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
  });
  const wrong = templateOf(plain.stack);
  wrong.hasResourceProperties(SERVICE, { NetworkConfiguration: { AwsvpcConfiguration: Match.anyValue() } });
  wrong.resourceCountIs(GROUP, 2); // the instances', and one for tasks that have no interface
  expect(found(plain.app, 'network-mode-compatibility')).toEqual([expect.stringMatching(/^error Web/)]);

  const { app, stack, cluster } = world();
  host(stack, cluster);
  expect(found(app, 'network-mode-compatibility')).toEqual([]);
  const right = templateOf(stack);
  right.hasResourceProperties(SERVICE, {
    NetworkConfiguration: Match.absent(),
    LaunchType: Match.absent(),
    CapacityProviderStrategy: [{ CapacityProvider: { Ref: Match.stringLikeRegexp('CapacityProvider') }, Weight: 1 }],
  });
  right.hasResourceProperties('AWS::ECS::TaskDefinition', { NetworkMode: 'host', RequiresCompatibilities: ['MANAGED_INSTANCES'] });
  right.resourceCountIs(GROUP, 1);
});

test("A6: rules for a host-mode task are written to the group on the instances' interface", () => {
  const { app, stack, vpc, cluster } = world();
  const service = host(stack, cluster);
  const alb = new elbv2.ApplicationLoadBalancer(stack, 'Alb', { vpc });
  alb.addListener('Http', { port: 80, open: false }).addTargets('Web', { port: 80, targets: [service] });
  service.connections.allowFrom(ec2.Peer.ipv4('10.0.0.0/8'), ec2.Port.tcp(9200));
  expect(pathsOf(app)).toEqual(['Alb > WebInstances tcp 9100', 'WebInstances < 10.0.0.0/8 tcp 9200', 'WebInstances < Alb tcp 9100']);
  templateOf(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { TargetType: 'instance' });
});

test('A6: an awsvpc task has a network configuration and a group of its own', () => {
  const { stack, cluster } = world();
  new AwsvpcService(stack, 'Web', { cluster, capacity: managedInstances(cluster), container: CONTAINER, ports: [TaskPort.tcp(80)] });
  const template = templateOf(stack);
  template.hasResourceProperties(SERVICE, {
    NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'DISABLED', SecurityGroups: [Match.objectLike({ 'Fn::GetAtt': Match.anyValue() })] } },
    LaunchType: Match.absent(),
  });
  template.hasResourceProperties('AWS::ECS::TaskDefinition', { NetworkMode: 'awsvpc', RequiresCompatibilities: ['MANAGED_INSTANCES'] });
  template.resourceCountIs(GROUP, 2);
});

test('A6: bridge mode, which Managed Instances have not, is refused', () => {
  const { stack, cluster } = world();
  expectRefusal(() => new BridgeService(stack, 'Web', { cluster, capacity: managedInstances(cluster) as never, container: CONTAINER }), 'Test/Web',
    "'capacity' must be EC2 capacity (Ec2Capacity)", 'got ManagedInstancesCapacity');
});

test('A6: what the tasks need and the capacity decides is in the template without being said', () => {
  const { stack, cluster } = world();
  host(stack, cluster);
  templateOf(stack).hasResourceProperties('AWS::ECS::TaskDefinition', { Cpu: '256', Memory: '512' });
});
