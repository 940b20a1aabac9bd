import { Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as ecsPatterns from 'aws-cdk-lib/aws-ecs-patterns';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as cr from 'aws-cdk-lib/custom-resources';
import { threeStacks } from '../../examples/three-stacks/three-stacks';
import { EniTrunking } from '../../src';
import { Facts, HostGroup, Route, Subnet } from '../../src/analysis/facts';
import { readFacts, ReadOptions } from '../../src/analysis/read-facts';
import { testApp } from '../app';
import { ec2Capacity, managedInstances, testVpc, World } from '../fixtures';
import { nameOf, named, namesOf, valueOf } from './facts-of';
import { given, GivenBody, world } from './given';

/** The facts of what stacks synthesise to. */
function factsOfStacks(stacks: readonly Stack[], options: ReadOptions = {}): Facts {
  return readFacts(world(...stacks.map((stack) => (
    given(Template.fromStack(stack).toJSON() as GivenBody, {
      name: `${stack.node.path}.template.json`, stack: stack.node.path, stackName: stack.stackName,
    })))), options);
}

/** As the command line sets it: templates tell the paths of constructs. */
const WITH_PATHS = { context: { 'aws:cdk:enable-path-metadata': true } };

function cdkWorld(props: StackProps = {}): World {
  const app = testApp(WITH_PATHS);
  const stack = new Stack(app, 'Test', props);
  const vpc = testVpc(stack);
  return { app, stack, vpc, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }) };
}

const TYPE = new ec2.InstanceType('c5.large');
const image = () => ecs.ContainerImage.fromRegistry('nginx');

function ec2Task(stack: Stack, id: string, networkMode: ecs.NetworkMode): ecs.Ec2TaskDefinition {
  const task = new ecs.Ec2TaskDefinition(stack, id, { networkMode });
  task.addContainer('web', { image: image(), memoryReservationMiB: 128, portMappings: [{ containerPort: 80 }] });
  return task;
}

describe('a VPC of the CDK', () => {
  test('has subnets with blocks, zones and routes', () => {
    const { stack } = cdkWorld();
    const { subnets, vpcs: [vpc], natGateways } = factsOfStacks([stack]);
    const shape = ({ name, zone, cidr, mapPublicIp, vpc: its }: Subnet) => (
      [name, valueOf(zone), valueOf(cidr), valueOf(mapPublicIp), nameOf(its)]);
    expect(subnets.map(shape)).toEqual([
      ['Vpc/PublicSubnet1', 'zone 1 of the Region', '10.0.0.0/18', true, 'Vpc'], ['Vpc/PublicSubnet2', 'zone 2 of the Region', '10.0.64.0/18', true, 'Vpc'],
      ['Vpc/PrivateSubnet1', 'zone 1 of the Region', '10.0.128.0/18', false, 'Vpc'], ['Vpc/PrivateSubnet2', 'zone 2 of the Region', '10.0.192.0/18', false, 'Vpc'],
    ]);
    const route = ({ destination, target }: Route) => [valueOf(destination), target];
    expect(subnets.map(({ routes }) => routes.known && routes.value.map(route))).toEqual([
      [['0.0.0.0/0', 'internet-gateway']], [['0.0.0.0/0', 'internet-gateway']], [['0.0.0.0/0', 'nat-gateway']], [['0.0.0.0/0', 'nat-gateway']],
    ]);
    expect([valueOf(vpc.hasIpv6), natGateways.map(({ subnet }) => nameOf(subnet))]).toEqual([false, ['Vpc/PublicSubnet1']]);
  });

  test('has IPv6 in its subnets, of its associated block', () => {
    const stack = new Stack(testApp(WITH_PATHS), 'Test');
    new ec2.Vpc(stack, 'Vpc', { ipProtocol: ec2.IpProtocol.DUAL_STACK, natGateways: 1, maxAzs: 1 });
    const { subnets, vpcs: [vpc] } = factsOfStacks([stack]);
    expect(valueOf(vpc.hasIpv6)).toBe(true);
    expect(subnets.map(({ name, ipv6, derivedFrom }) => [name, valueOf(ipv6), derivedFrom.map(({ block }) => block.ipv6)])).toEqual([
      ['Vpc/PublicSubnet1', true, [true]], ['Vpc/PrivateSubnet1', true, [true]],
    ]);
    expect(subnets.map(({ routes }) => routes.known && routes.value.map(({ family, target }) => `${family} ${target}`))).toEqual([
      ['ipv4 internet-gateway', 'ipv6 internet-gateway'], ['ipv4 nat-gateway', 'ipv6 egress-only-gateway'],
    ]);
  });

  test('has zones by name where the environment is known', () => {
    const { stack } = cdkWorld({ env: { account: '111111111111', region: 'eu-west-1' } });
    expect(new Set(factsOfStacks([stack]).subnets.map(({ zone }) => valueOf(zone))).size).toBe(2);
  });

  test('that is imported is known as the caller describes it', () => {
    const stack = new Stack(testApp(WITH_PATHS), 'Test', { env: { account: '111111111111', region: 'eu-west-1' } });
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    });
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc });
    const task = new ecs.FargateTaskDefinition(stack, 'Task');
    task.addContainer('web', { image: image() });
    new ecs.FargateService(stack, 'Service', { cluster, taskDefinition: task });
    const described = { cidr: '10.0.0.0/24', zone: 'eu-west-1a', vpcId: vpc.vpcId };
    const importedSubnets = Object.fromEntries(vpc.privateSubnets.map(({ subnetId }) => [subnetId, described]));
    const { services: [service] } = factsOfStacks([stack], { importedSubnets, importedVpcs: { [vpc.vpcId]: { cidr: '10.0.0.0/16' } } });
    const [subnet] = service.awsvpc!.subnets.known ? service.awsvpc!.subnets.value : [];
    expect([valueOf(subnet.target!.cidr), nameOf(service.vpc)]).toEqual(['10.0.0.0/24', vpc.vpcId]);
  });
});

describe('plain constructs of the CDK on instances', () => {
  test('with addCapacity', () => {
    const { stack, cluster } = cdkWorld();
    cluster.addCapacity('Nodes', { instanceType: TYPE, minCapacity: 1, maxCapacity: 3 });
    const service = new ecs.Ec2Service(stack, 'Web', { cluster, taskDefinition: ec2Task(stack, 'Task', ecs.NetworkMode.BRIDGE), desiredCount: 2 });
    service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 10 });
    const { services: [web], hostGroups: [nodes] } = factsOfStacks([stack]);
    expect([web.name, valueOf(web.mode), valueOf(web.desired), web.scaling && valueOf(web.scaling.max)]).toEqual(['Web', 'bridge', 2, 10]);
    expect(web.launch.known && [web.launch.value.kind, web.launch.value.by, web.launch.value.hostGroups, web.launch.value.complete])
      .toEqual(['ec2', 'launch-type', [nodes], true]);
    expect([nodes.name, nodes.cluster.known && nameOf(nodes.cluster.value), valueOf(nodes.instanceTypes), valueOf(nodes.maxSize)])
      .toEqual(['Cluster/Nodes', 'Cluster', ['c5.large'], 3]);
    expect([valueOf(nodes.operatingSystem), nodes.ecsOptimized]).toEqual(['linux', true]);
    expect(namesOf(nodes.securityGroups)).toEqual(['Cluster/Nodes/InstanceSecurityGroup']);
    expect(nameOf(nodes.instanceRole)).toBe('Cluster/Nodes/InstanceRole');
  });

  test('with a capacity provider and a load balancer', () => {
    const { stack, vpc, cluster } = cdkWorld();
    const group = new autoscaling.AutoScalingGroup(stack, 'Nodes', {
      vpc, instanceType: TYPE, machineImage: ecs.EcsOptimizedImage.amazonLinux2023(), maxCapacity: 5,
    });
    const provider = new ecs.AsgCapacityProvider(stack, 'Provider', { autoScalingGroup: group });
    cluster.addAsgCapacityProvider(provider);
    const service = new ecs.Ec2Service(stack, 'Web', {
      cluster,
      taskDefinition: ec2Task(stack, 'Task', ecs.NetworkMode.BRIDGE),
      placementConstraints: [ecs.PlacementConstraint.distinctInstances()],
      placementStrategies: [ecs.PlacementStrategy.spreadAcrossInstances()],
      capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
    });
    const balancer = new elbv2.ApplicationLoadBalancer(stack, 'Balancer', { vpc, internetFacing: true });
    balancer.addListener('Http', { port: 80 }).addTargets('Web', { port: 80, targets: [service] });
    const facts = factsOfStacks([stack]);
    const { services: [web], hostGroups: [nodes], associations: [association], targetGroups: [targets], loadBalancers: [alb] } = facts;
    expect(web.launch.known && [web.launch.value.by, web.launch.value.hostGroups.map(({ name }) => name)]).toEqual(['strategy', ['Nodes']]);
    expect(valueOf(nodes.provider!.managedScaling)).toBe(true);
    expect(association.providers.known && association.providers.value.map((one) => nameOf(one))).toEqual([nodes.provider!.name]);
    expect(facts.dependsOn(web, association)).toBe(false);
    expect([targets.services, targets.loadBalancers, valueOf(targets.targetType), valueOf(alb.scheme)]).toEqual([[web], [alb], 'instance', 'internet-facing']);
    expect([valueOf(web.distinctInstance), valueOf(web.firstPlacementStrategy)]).toEqual([true, { type: 'spread', field: 'instanceId' }]);
    // What plain constructs leave out: nothing lets the load balancer in.
    expect(named(facts.securityGroups, 'Nodes/InstanceSecurityGroup').ingress).toEqual([]);
  });

  test('with mixed instances', () => {
    const { stack, vpc } = cdkWorld();
    const launchTemplate = new ec2.LaunchTemplate(stack, 'Template', { machineImage: ecs.EcsOptimizedImage.amazonLinux2023(), userData: ec2.UserData.forLinux() });
    new autoscaling.AutoScalingGroup(stack, 'Nodes', {
      vpc, mixedInstancesPolicy: { launchTemplate, launchTemplateOverrides: ['m5.large', 'm5a.large'].map((type) => ({ instanceType: new ec2.InstanceType(type) })) },
    });
    expect(valueOf(factsOfStacks([stack]).hostGroups[0].instanceTypes)).toEqual(['m5.large', 'm5a.large']);
  });

  test('with Windows and Bottlerocket', () => {
    const { stack, cluster } = cdkWorld();
    cluster.addCapacity('Windows', { instanceType: TYPE, machineImage: ecs.EcsOptimizedImage.windows(ecs.WindowsOptimizedVersion.SERVER_2022) });
    cluster.addCapacity('Rocket', { instanceType: TYPE, machineImage: new ecs.BottleRocketImage() });
    const { hostGroups } = factsOfStacks([stack]);
    const shape = ({ name, operatingSystem, ecsOptimized, cluster: its }: HostGroup) => (
      [name, valueOf(operatingSystem), ecsOptimized, its.known && nameOf(its.value)]);
    expect(hostGroups.map(shape)).toEqual([
      ['Cluster/Windows', 'windows', true, 'Cluster'], ['Cluster/Rocket', 'bottlerocket', true, 'Cluster'],
    ]);
  });
});

describe('plain constructs of the CDK on Fargate', () => {
  test('with the pattern', () => {
    const { stack, cluster } = cdkWorld();
    new ecsPatterns.ApplicationLoadBalancedFargateService(stack, 'Api', { cluster, taskImageOptions: { image: image() }, assignPublicIp: true });
    const { services: [api], loadBalancers: [balancer], targetGroups: [targets], securityGroups } = factsOfStacks([stack]);
    expect([valueOf(api.mode), api.launch.known && api.launch.value.kind, valueOf(api.awsvpc!.assignPublicIp), nameOf(api.vpc)]).toEqual(['awsvpc', 'fargate', true, 'Vpc']);
    expect([valueOf(targets.targetType), targets.services, targets.loadBalancers]).toEqual(['ip', [api], [balancer]]);
    const [group] = api.awsvpc!.securityGroups.known ? api.awsvpc!.securityGroups.value : [];
    const [rule] = group.target!.ingress;
    expect([rule.peer.kind === 'group' && rule.peer.group.target, valueOf(rule.ports), valueOf(rule.protocol)])
      .toEqual([balancer.securityGroups!.known && balancer.securityGroups!.value[0].target, { first: 80, last: 80 }, 'tcp']);
    expect(group.target!.carriers.services).toEqual([api]);
    expect(balancer.securityGroups!.known && balancer.securityGroups!.value[0].target!.egressDeclared).toBe(true);
    expect(securityGroups.filter(({ isDefault }) => isDefault)).toHaveLength(1);
  });

  test('with capacity providers, Cloud Map and Service Connect', () => {
    const { stack, cluster } = cdkWorld();
    cluster.enableFargateCapacityProviders();
    cluster.addDefaultCloudMapNamespace({ name: 'local', useForServiceConnect: true });
    const task = new ecs.FargateTaskDefinition(stack, 'Task');
    task.addContainer('web', { image: image(), portMappings: [{ name: 'http', containerPort: 8080 }] });
    const service = new ecs.FargateService(stack, 'Web', {
      cluster, taskDefinition: task, cloudMapOptions: { name: 'web' }, capacityProviderStrategies: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    });
    service.enableServiceConnect({ services: [{ portMappingName: 'http', dnsName: 'web', port: 80 }] });
    const { services: [web] } = factsOfStacks([stack]);
    const [registry] = web.registries.known ? web.registries.value : [];
    expect([web.launch.known && [web.launch.value.kind, web.launch.value.by], valueOf(registry.recordTypes)]).toEqual([['fargate', 'strategy'], ['A']]);
    const { namespace, services } = web.serviceConnect!;
    expect(namespace.known && namespace.value !== 'none' && namespace.value.target?.resource?.type).toBe('AWS::ServiceDiscovery::PrivateDnsNamespace');
    expect(services.known && services.value.map(({ portName, aliases }) => [valueOf(portName), valueOf(aliases[0].dnsName), valueOf(aliases[0].port)])).toEqual([['http', 'web', 80]]);
  });

  test('beside a database', () => {
    const { stack, vpc } = cdkWorld();
    new rds.DatabaseInstance(stack, 'Database', { vpc, engine: rds.DatabaseInstanceEngine.POSTGRES });
    new rds.DatabaseCluster(stack, 'Aurora', { vpc, engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_4 }), writer: rds.ClusterInstance.serverlessV2('writer') });
    const users = factsOfStacks([stack]).addressUsers.filter(({ kind }) => kind === 'database');
    expect(users.map(({ subnets }) => namesOf(subnets))).toEqual([['Vpc/PrivateSubnet1', 'Vpc/PrivateSubnet2'], ['Vpc/PrivateSubnet1', 'Vpc/PrivateSubnet2']]);
    expect(users.map(({ securityGroups }) => namesOf(securityGroups!))).toEqual([['Database'], ['Aurora']]);
  });
});

describe('trunking by a custom resource of the CDK', () => {
  const call = (stack: Stack, action: string, more: object = {}) => new cr.AwsCustomResource(stack, 'Setting', {
    onCreate: { service: 'ECS', action, parameters: { name: 'awsvpcTrunking', value: 'enabled' }, physicalResourceId: cr.PhysicalResourceId.of('x'), ...more },
    policy: cr.AwsCustomResourcePolicy.fromSdkCalls({ resources: ['*'] }),
  });
  test('for the account, waited for or not', () => {
    for (const waits of [true, false]) {
      const { stack, cluster } = cdkWorld();
      const nodes = cluster.addCapacity('Nodes', { instanceType: TYPE });
      const setting = call(stack, 'putAccountSettingDefault');
      if (waits) {
        nodes.node.addDependency(setting);
      }
      expect(factsOfStacks([stack]).hostGroups[0].trunking).toMatchObject({ state: waits ? 'on' : 'unknown', ordered: waits, requested: true });
    }
  });

  test('for the function itself, which is for nobody', () => {
    const { stack, cluster } = cdkWorld();
    cluster.addCapacity('Nodes', { instanceType: TYPE }).node.addDependency(call(stack, 'putAccountSetting'));
    const { hostGroups: [nodes], trunkingSettings: [setting] } = factsOfStacks([stack]);
    expect([nodes.trunking.state, nodes.trunking.settings]).toEqual(['account-default', []]);
    expect(setting.principal.known && setting.principal.value !== 'account' && setting.principal.value.target?.resource?.type).toBe('AWS::IAM::Role');
  });
});

describe('constructs of this library', () => {
  test.each<[string, EniTrunking | undefined, string, readonly string[]]>([
    ['nothing', undefined, 'account-default', []],
    ['the instance role', EniTrunking.forInstanceRole(), 'on', []],
    ['the account', EniTrunking.setAccountDefault(), 'on', []],
    ['who has it already', EniTrunking.alreadyOn(), 'on', ['ENI trunking is already on for the instances of Capacity, as its metadata says']],
  ])('set trunking for %s', (_, trunking, state, assumes) => {
    const { stack, cluster } = cdkWorld();
    ec2Capacity(cluster, 'Capacity', { instanceType: TYPE, trunking });
    const { hostGroups: [{ trunking: its }] } = factsOfStacks([stack]);
    expect([its.state, its.assumes, its.certain]).toEqual([state, assumes, state === 'on']);
  });

  test('are told by their settings', () => {
    const { stack, cluster } = cdkWorld();
    ec2Capacity(cluster, 'Capacity', { instanceType: TYPE });
    const { hostGroups: [{ userData, metadata, resourceNameARecord }] } = factsOfStacks([stack]);
    expect([valueOf(userData.agentSetting('ECS_AWSVPC_BLOCK_IMDS')), userData.agentSetting('ECS_RESERVED_PORTS'), valueOf(metadata.httpTokens), valueOf(metadata.hopLimit)])
      .toEqual(['true', undefined, 'required', 1]);
    expect(valueOf(resourceNameARecord)).toBe(false);
  });

  test('over several stacks', () => {
    const app = testApp(WITH_PATHS);
    threeStacks(app);
    const facts = factsOfStacks(app.node.children as Stack[]);
    const [web, api] = ['Web', 'Api'].map((name) => named(facts.services, name));
    expect([web.launch, api.launch].map((launch) => launch.known && [launch.value.kind, launch.value.hostGroups.map(({ name }) => name)]))
      .toEqual([['ec2', ['WebCapacity']], ['fargate', []]]);
    expect([nameOf(web.cluster), nameOf(api.cluster), nameOf(web.vpc), nameOf(api.vpc)]).toEqual(['Cluster', 'Cluster', 'Vpc', 'Vpc']);
    expect(namesOf(api.awsvpc!.subnets)).toEqual(['Vpc/PrivateSubnet1', 'Vpc/PrivateSubnet2']);
    const group = named(facts.securityGroups, 'Api');
    expect(group.ingress.map(({ peer }) => peer.kind === 'group' && nameOf(peer.group))).toEqual(['WebCapacity']);
    expect(group.leaves()).toBe(false);
  });

  test('on Managed Instances', () => {
    const { stack, cluster } = cdkWorld();
    managedInstances(cluster);
    const { hostGroups: [host] } = factsOfStacks([stack]);
    expect([host.kind, host.cluster.known && nameOf(host.cluster.value), nameOf(host.instanceRole)])
      .toEqual(['managed-instances', 'Cluster', 'Managed/InstanceRole']);
    expect([namesOf(host.securityGroups), namesOf(host.subnets)]).toEqual([['Managed'], ['Vpc/PrivateSubnet1', 'Vpc/PrivateSubnet2']]);
  });
});
