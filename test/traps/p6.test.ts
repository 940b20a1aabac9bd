import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  AwsvpcService, BridgePort, BridgeService, Ec2Capacity, FargateCapacity, HostModeService, HostOperatingSystem, HostPort, TaskPort,
} from '../../src';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, managedInstances, plainCapacity, templateOf, world } from '../fixtures';

/** Names that identify nothing in the account: the inline policy of a role, and the revisions of a task definition. */
const HARMLESS = ['AWS::IAM::Policy PolicyName', 'AWS::ApplicationAutoScaling::ScalingPolicy PolicyName'];

/**
 * The properties of a template that fix the name of a resource, be it by a text or by one put together: `<type> <property>`. A name that
 * refers to another resource is none.
 */
function fixedNames(template: Template): string[] {
  const resources: { Type: string; Properties?: Record<string, unknown> }[] = Object.values(template.toJSON().Resources);
  return resources.flatMap(({ Type, Properties = {} }) => Object.entries(Properties)
    .filter(([name, value]) => /^(Name|.*Name)$/.test(name) && !(typeof value === 'object' && value !== null && ('Ref' in value || 'Fn::GetAtt' in value)))
    .map(([name]) => `${Type} ${name}`))
    .filter((found) => !HARMLESS.includes(found));
}

test('P6: the plain Managed Instances provider fixes the name of a role, so that replacing it fails; ours fixes none', () => {
  const plain = world();
  plain.cluster.addManagedInstancesCapacityProvider(new ecs.ManagedInstancesCapacityProvider(plain.stack, 'Managed', {
    subnets: plain.vpc.privateSubnets,
    securityGroups: [new ec2.SecurityGroup(plain.stack, 'Group', { vpc: plain.vpc })],
    infrastructureRole: new iam.Role(plain.stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') }),
  }));
  expect(fixedNames(templateOf(plain.stack))).toContain('AWS::IAM::Role RoleName');

  const { stack, cluster } = world();
  managedInstances(cluster);
  expect(fixedNames(templateOf(stack))).toEqual([]);
});

test.each<[string, (stack: Stack, cluster: ecs.Cluster) => unknown]>([
  ['Ec2Capacity', (_stack, cluster) => ec2Capacity(cluster)],
  ['Ec2Capacity with everything on', (_stack, cluster) => ec2Capacity(cluster, 'Capacity', {
    spot: true, operatingSystem: HostOperatingSystem.BOTTLEROCKET, managedTerminationProtection: true,
  })],
  ['Ec2Capacity.fromAsgCapacityProvider', (stack, cluster) =>
    Ec2Capacity.fromAsgCapacityProvider(stack, 'Given', { cluster, provider: plainCapacity(cluster) })],
  ['FargateCapacity', (_stack, cluster) => FargateCapacity.spot(cluster)],
  ['ManagedInstancesCapacity', (_stack, cluster) => managedInstances(cluster)],
  ['HostModeService', (stack, cluster) => new HostModeService(stack, 'Web', {
    cluster, capacity: ec2Capacity(cluster), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)],
  })],
  ['HostModeService on Managed Instances', (stack, cluster) => new HostModeService(stack, 'Web', {
    cluster, capacity: managedInstances(cluster), container: HOST_CONTAINER,
  })],
  ['BridgeService with load balancer, discovery and scaling', (stack, cluster) => {
    cluster.addDefaultCloudMapNamespace({ name: 'test' });
    const service = new BridgeService(stack, 'Web', { cluster, capacity: ec2Capacity(cluster), container: CONTAINER, ports: [BridgePort.dynamic(80)] });
    new elbv2.ApplicationLoadBalancer(stack, 'Alb', { vpc: cluster.vpc }).addListener('Http', { port: 80 }).addTargets('Web', { port: 80, targets: [service] });
    service.enableCloudMap();
    service.autoScaleTaskCount({ maxCapacity: 4 }).scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 50 });
  }],
  ['AwsvpcService with load balancer, discovery and scaling', (stack, cluster) => {
    cluster.addDefaultCloudMapNamespace({ name: 'test' });
    const service = new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, ports: [TaskPort.tcp(80)], cloudMapOptions: {} });
    new elbv2.NetworkLoadBalancer(stack, 'Nlb', { vpc: cluster.vpc }).addListener('Tcp', { port: 80 }).addTargets('Web', { port: 80, targets: [service] });
    service.autoScaleTaskCount({ maxCapacity: 4 }).scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 50 });
  }],
])('P6: %s fixes no physical name', (_what, make) => {
  const { stack, cluster } = world();
  make(stack, cluster);
  const named = fixedNames(templateOf(stack)).filter((found) => found !== 'AWS::ServiceDiscovery::PrivateDnsNamespace Name'); // the test's own
  expect(named).toEqual([]);
});

test('P6: a name that is asked for is given', () => {
  const { stack, cluster } = world();
  new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, serviceName: 'web', task: { family: 'web' } });
  const template = templateOf(stack);
  expect(fixedNames(template)).toEqual(['AWS::ECS::Service ServiceName']);
  template.hasResourceProperties('AWS::ECS::TaskDefinition', { Family: 'web' });
});
