import { Aspects, IAspect, Stack } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  CONTAINER, CONTAINER_PORT, CPU_TARGET, DESIRED_COUNT, DYNAMIC_PORTS, FIRST_FIXED_PORT, INSTANCE_TYPE, MAX_INSTANCES, MIN_INSTANCES, Place,
  SCALING, SCRAPER, SERVICES, ServiceSpec, USER,
} from './services';

/**
 * The services with plain L2s, by somebody who knows every trap of them and writes what works once, in functions: not a line here is
 * there for generality. Constructs have the ids they have in this library, so that the two templates can be compared as they are.
 */
export function buildByHand(place: Place): void {
  const instances = makeInstances(place);
  const services = SERVICES.map((spec) => addService(place, instances, spec));
  dependOnAssociation(place.cluster, services);
}

interface Instances {
  readonly securityGroup: ec2.SecurityGroup;
  readonly strategies: ecs.CapacityProviderStrategy[];
  readonly taskSubnets: ec2.SelectedSubnets;
}

function makeInstances(place: Place): Instances {
  const scope = new Construct(place, 'Capacity');
  const role = makeInstanceRole(scope, place.cluster);
  const securityGroup = makeSecurityGroup(scope, place.vpc, 'Container instances');
  const userData = ec2.UserData.forLinux();
  const launchTemplate = new ec2.LaunchTemplate(scope, 'LaunchTemplate', {
    instanceType: INSTANCE_TYPE,
    machineImage: ecs.EcsOptimizedImage.amazonLinux2023(),
    userData,
    // The cluster would grant the role every log stream, and more.
    role: role.withoutPolicyUpdates(),
    securityGroup,
    requireImdsv2: true,
    httpPutResponseHopLimit: 1,
  });
  const subnets = place.vpc.selectSubnets({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS });
  const autoScalingGroup = new autoscaling.AutoScalingGroup(scope, 'AutoScalingGroup', {
    vpc: place.vpc,
    vpcSubnets: subnets,
    launchTemplate,
    minCapacity: MIN_INSTANCES,
    maxCapacity: MAX_INSTANCES,
  });
  autoScalingGroup.node.addDependency(subnets.internetConnectivityEstablished, role);
  const provider = new ecs.AsgCapacityProvider(scope, 'CapacityProvider', {
    autoScalingGroup,
    enableManagedDraining: true,
    enableManagedTerminationProtection: false,
  });
  place.cluster.addAsgCapacityProvider(provider);
  userData.addCommands("echo 'ECS_AWSVPC_BLOCK_IMDS=true' >> /etc/ecs/ecs.config");
  userData.addCommands(`echo 'ECS_DYNAMIC_HOST_PORT_RANGE=${DYNAMIC_PORTS.first}-${DYNAMIC_PORTS.last}' >> /etc/ecs/ecs.config`);
  // One rule for every bridge service: the L2 service has no group of the instances to write it to.
  securityGroup.connections.allowFrom(place.applicationLoadBalancer, ec2.Port.tcpRange(DYNAMIC_PORTS.first, DYNAMIC_PORTS.last),
    'Load balancer to target');
  return { securityGroup, strategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }], taskSubnets: subnets };
}

function makeInstanceRole(scope: Construct, cluster: ecs.Cluster): iam.Role {
  const role = new iam.Role(scope, 'InstanceRole', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    description: 'Container instances: what the ECS agent needs',
  });
  role.addToPolicy(new iam.PolicyStatement({
    actions: [
      'ecs:DeregisterContainerInstance', 'ecs:RegisterContainerInstance', 'ecs:SubmitAttachmentStateChanges', 'ecs:SubmitContainerStateChange',
      'ecs:SubmitTaskStateChange',
    ],
    resources: [cluster.clusterArn],
  }));
  role.addToPolicy(new iam.PolicyStatement({
    actions: ['ecs:Poll', 'ecs:StartTelemetrySession'],
    resources: [Stack.of(scope).formatArn({ service: 'ecs', resource: 'container-instance', resourceName: `${cluster.clusterName}/*` })],
    conditions: { ArnEquals: { 'ecs:cluster': cluster.clusterArn } },
  }));
  role.addToPolicy(new iam.PolicyStatement({ actions: ['ecs:DiscoverPollEndpoint'], resources: ['*'] }));
  return role;
}

function makeSecurityGroup(scope: Construct, vpc: ec2.IVpc, guarded: string): ec2.SecurityGroup {
  const groupDescription = `${guarded} of ${scope.node.path}`;
  const group = new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, description: groupDescription, disableInlineRules: true });
  // Rules that let in are resources, the one that lets out is not: CloudFormation would take it from the group with the next (fact V28).
  const out = group.node.children.find((child) => child instanceof ec2.CfnSecurityGroupEgress)!;
  group.node.tryRemoveChild(out.node.id);
  const { ipProtocol, cidrIp, description } = out;
  (group.node.defaultChild as ec2.CfnSecurityGroup).securityGroupEgress = [{ ipProtocol, cidrIp, description }];
  return group;
}

function addService(place: Place, instances: Instances, spec: ServiceSpec): ecs.BaseService {
  const scope = new Construct(place, spec.id);
  const fixedPort = FIRST_FIXED_PORT + spec.number;
  switch (spec.kind) {
    case 'bridge': {
      const service = makeEc2Service(place, instances, scope, ecs.NetworkMode.BRIDGE, { containerPort: CONTAINER_PORT, hostPort: 0 });
      place.addWebTarget(spec, service, { port: 'traffic-port' });
      return service;
    }
    case 'bridge-fixed': {
      const port = { containerPort: CONTAINER_PORT, hostPort: fixedPort };
      const service = makeEc2Service(place, instances, scope, ecs.NetworkMode.BRIDGE, port, STOP_FIRST);
      place.addNetworkTarget(spec, service);
      instances.securityGroup.connections.allowFrom(place.networkLoadBalancer, ec2.Port.tcp(fixedPort), 'Network load balancer to target');
      return service;
    }
    case 'host':
    case 'daemon': {
      const service = makeEc2Service(place, instances, scope, ecs.NetworkMode.HOST, { containerPort: fixedPort, hostPort: fixedPort },
        spec.kind === 'daemon' ? DAEMON : STOP_FIRST);
      instances.securityGroup.addIngressRule(SCRAPER.peer, ec2.Port.tcp(fixedPort), SCRAPER.description);
      return service;
    }
    case 'fargate': {
      const service = makeFargateService(place, instances, scope);
      service.autoScaleTaskCount(SCALING).scaleOnCpuUtilization('Cpu', CPU_TARGET);
      place.addWebTarget(spec, service);
      return service;
    }
    case 'awsvpc-ec2': {
      const service = makeEc2Service(place, instances, scope, ecs.NetworkMode.AWS_VPC, { containerPort: CONTAINER_PORT });
      place.addWebTarget(spec, service);
      return service;
    }
  }
}

const START_FIRST = { minHealthyPercent: 100, maxHealthyPercent: 200, desiredCount: DESIRED_COUNT };
/** With a fixed port one of the two tasks has to go before its successor can come. */
const STOP_FIRST = {
  minHealthyPercent: 50,
  maxHealthyPercent: 100,
  desiredCount: DESIRED_COUNT,
  availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.DISABLED,
};
const DAEMON = {
  minHealthyPercent: 0,
  maxHealthyPercent: 100,
  daemon: true,
  availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.DISABLED,
};

function makeEc2Service(
  place: Place, { strategies, taskSubnets }: Instances, scope: Construct, networkMode: ecs.NetworkMode, port: ecs.PortMapping,
  deployment: Partial<ecs.Ec2ServiceProps> = START_FIRST,
): ecs.Ec2Service {
  const taskDefinition = new ecs.Ec2TaskDefinition(scope, 'TaskDefinition', { networkMode });
  addContainer(scope, taskDefinition, port);
  const awsvpc = networkMode === ecs.NetworkMode.AWS_VPC;
  const service = new ecs.Ec2Service(scope, 'Service', {
    cluster: place.cluster,
    taskDefinition,
    capacityProviderStrategies: strategies,
    circuitBreaker: { enable: true, rollback: true },
    ...deployment,
    ...awsvpc ? { vpcSubnets: taskSubnets, securityGroups: [makeSecurityGroup(scope, place.vpc, 'Tasks')] } : {},
  });
  if (awsvpc) {
    service.node.addDependency(taskSubnets.internetConnectivityEstablished);
  }
  dependOnExecutionRole(service);
  return service;
}

function makeFargateService(place: Place, { taskSubnets }: Instances, scope: Construct): ecs.FargateService {
  const taskDefinition = new ecs.FargateTaskDefinition(scope, 'TaskDefinition', { cpu: 256, memoryLimitMiB: 512 });
  addContainer(scope, taskDefinition, { containerPort: CONTAINER_PORT });
  const service = new ecs.FargateService(scope, 'Service', {
    cluster: place.cluster,
    taskDefinition,
    circuitBreaker: { enable: true, rollback: true },
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    vpcSubnets: taskSubnets,
    securityGroups: [makeSecurityGroup(scope, place.vpc, 'Tasks')],
  });
  service.node.addDependency(taskSubnets.internetConnectivityEstablished);
  dependOnExecutionRole(service);
  return service;
}

function addContainer(scope: Construct, taskDefinition: ecs.TaskDefinition, port: ecs.PortMapping): void {
  const host = taskDefinition.networkMode === ecs.NetworkMode.HOST;
  const linuxParameters = host ? new ecs.LinuxParameters(scope, 'LinuxParameters') : undefined;
  linuxParameters?.dropCapabilities(ecs.Capability.NET_RAW);
  taskDefinition.addContainer('app', {
    ...CONTAINER,
    user: host ? USER : undefined,
    linuxParameters,
    portMappings: [port],
    logging: ecs.LogDrivers.awsLogs({ streamPrefix: scope.node.id, logRetention: logs.RetentionDays.ONE_MONTH }),
  });
}

/** Tasks that start before the role has its policy cannot write logs, and the circuit breaker counts them. */
function dependOnExecutionRole(service: ecs.BaseService): void {
  service.node.addDependency(service.taskDefinition.executionRole!);
}

/** The cluster makes the association with its capacity providers in an aspect: before that there is nothing to depend on. */
function dependOnAssociation(cluster: ecs.Cluster, services: readonly ecs.BaseService[]): void {
  const aspect: IAspect = {
    visit: (node) => {
      if (node instanceof ecs.CfnClusterCapacityProviderAssociations) {
        services.forEach((service) => service.node.addDependency(node));
      }
    },
  };
  Aspects.of(cluster).add(aspect);
}
