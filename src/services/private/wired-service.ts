import { Annotations } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { ICapacity, IEc2Capacity } from '../../capacity/capacity';
import { associationOf } from '../../capacity/private/association';
import { claimHostPorts } from '../../capacity/private/fixed-host-ports';
import { isEc2Capacity } from '../../capacity/private/kinds';
import { invalid, requireBoolean, shown } from '../../invalid';
import { toldApart } from '../../network/private/told-apart';
import { NetworkModeServiceProps } from '../network-mode-service-props';
import { Deployment, Room } from './deployment';
import { enableCloudMap, ServiceConnectIngress, serviceConnectIngress } from './discovery';
import { AttachOptions, LoadBalancing } from './load-balancing';
import { PlacedPort, PortUse, printed, samePort } from './port-use';
import { ServiceConnections } from './service-connections';
import { addContainer, executionRoleOf, MAIN_CONTAINER, makeTaskDefinition, requireFree, taskSize, takesMetricsPort } from './task';

/** What a service construct says of itself to be made and wired. */
export interface Wiring<T extends ecs.BaseService> {
  readonly networkMode: ecs.NetworkMode;
  readonly capacity: ICapacity;
  readonly container: ecs.ContainerDefinitionOptions;
  readonly ports: readonly PortUse[];
  /** The groups that guard the tasks. */
  readonly securityGroups: ec2.ISecurityGroup[];
  /** Makes the inner service from the options every mode shares. */
  readonly make: (options: InnerServiceOptions) => T;
}

/** What goes into the inner service, whatever its mode. */
export type InnerServiceOptions = Omit<NetworkModeServiceProps, 'cloudMapOptions'> & { readonly taskDefinition: ecs.TaskDefinition };

/**
 * An inner L2 service with all that surrounds it: task definition, percents, ports, rules, load balancers, discovery.
 *
 * The three public services differ in what they pass here, not in how it is done.
 */
export class WiredService<T extends ecs.BaseService> {
  public readonly service: T;
  public readonly taskDefinition: ecs.TaskDefinition;
  public readonly containerDefinition: ecs.ContainerDefinition;
  public readonly connections: ec2.Connections;
  public readonly serviceConnectIngress: readonly ServiceConnectIngress[];
  private readonly deployment: Deployment;
  private readonly loadBalancing: LoadBalancing;
  private ports: readonly PlacedPort[] = [];

  constructor(private readonly scope: Construct, private readonly props: NetworkModeServiceProps, private readonly wiring: Wiring<T>) {
    const { capacity, networkMode } = wiring;
    refuse(scope, props, wiring);
    this.taskDefinition = makeTaskDefinition(scope, networkMode, capacity, props.task);
    this.deployment = new Deployment(scope, props, () => this.room());
    this.containerDefinition = this.addContainer(MAIN_CONTAINER, wiring.container, wiring.ports);

    const { dynamicPorts } = isEc2Capacity(capacity) ? capacity : { dynamicPorts: undefined };
    this.serviceConnectIngress = serviceConnectIngress(scope, networkMode, props.serviceConnectConfiguration, this.ports,
      dynamicPorts && toldApart(scope, ec2.Port.tcpRange(dynamicPorts.first, dynamicPorts.last)));
    const proxyPorts = this.serviceConnectIngress.flatMap(({ fixedHostPort }) => fixedHostPort === undefined
      ? [] : [{ hostPorts: { first: fixedHostPort, last: fixedHostPort }, protocol: 'tcp' as const }]);
    proxyPorts.forEach((port) => requireFree(scope, port));
    this.take(proxyPorts);
    this.deployment.check();
    if (props.serviceConnectConfiguration && capacity.compatibility === ecs.Compatibility.EC2 && props.task?.memoryMiB === undefined) {
      // fact S06: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
      Annotations.of(scope).addWarningV2('cdk-ecs-network-modes:service-connect-memory',
        "Service Connect adds a proxy to the task, which needs a memory limit for the whole task: set 'task.memoryMiB', with 64 MiB for the proxy");
    }

    const { cloudMapOptions, ...native } = props;
    const { capacityProviderStrategies } = capacity;
    this.service = wiring.make({
      ...native, // options that later versions of the framework add come along
      ...this.deployment.options(),
      taskDefinition: this.taskDefinition,
      // An empty list would take the service's launch type away.
      capacityProviderStrategies: capacityProviderStrategies.length > 0 ? capacityProviderStrategies : undefined,
    });
    this.deployment.settle(this.service);
    this.connections = new ServiceConnections(scope, wiring.securityGroups, this.ports[0]?.guarded);
    this.loadBalancing = new LoadBalancing(scope, this.service, this.connections, () => this.ports);
    this.service.node.addDependency(associationOf(capacity.cluster), executionRoleOf(this.taskDefinition));
    if (cloudMapOptions) {
      const { container, containerPort, ...registration } = cloudMapOptions;
      const port = this.ports.find((p) => (!container || p.container === container)
        && (containerPort === undefined || p.mapping.containerPort === containerPort));
      if (!port && (container || containerPort !== undefined)) {
        throw invalid(scope, `'cloudMapOptions' names container port ${containerPort ?? ''} ${container ? `of ${container.containerName}` : ''}, which is not among 'ports'`);
      }
      enableCloudMap(scope, this.service, capacity.cluster, port, registration);
    }
  }

  /** Adds a container with its ports, and sees to what a new fixed port changes. */
  public addContainer(id: string, options: ecs.ContainerDefinitionOptions, ports: readonly PortUse[] = []): ecs.ContainerDefinition {
    const container = addContainer(this.scope, id, {
      options, ports, taskDefinition: this.taskDefinition, size: taskSize(this.wiring.capacity, this.props.task), takenPorts: this.ports,
    });
    this.ports = [...this.ports, ...ports.map((port) => ({ ...port, container }))];
    this.take(ports);
    if (this.service) {
      this.deployment.update(this.service);
    }
    return container;
  }

  /**
   * A port of the service as it sits on its container; the first one of a fitting protocol where none is asked for.
   *
   * @throws if the service has no such port
   */
  public port(wanted?: PortUse, udp = false): PlacedPort {
    const equal = wanted ? this.ports.filter((port) => samePort(port, wanted)) : [];
    if (wanted && equal.length > 1 && !equal.some((port) => port.of === wanted.of)) {
      throw invalid(this.scope, `port ${printed(wanted)} is in containers ${equal.map(({ container }) => container.containerName).join(' and ')}: `
        + 'pass the very port object that was given to one of them');
    }
    const found = wanted
      ? equal.find((port) => port.of === wanted.of) ?? equal[0]
      : this.ports.find((port) => port.protocol === (udp ? 'udp' : 'tcp')) ?? this.ports[0];
    if (!found) {
      throw invalid(this.scope, wanted
        ? `port ${printed(wanted)} is not among the service's 'ports' (${this.ports.map(printed).join(', ') || 'none'})`
        : "'ports' is empty, so there is nothing to connect to");
    }
    return found;
  }

  /** The port for SRV records, where the service has any. */
  public portForDiscovery(wanted?: PortUse): PlacedPort | undefined {
    return wanted || this.ports.length > 0 ? this.port(wanted) : undefined;
  }

  public attachToApplicationTargetGroup(
    targetGroup: elbv2.IApplicationTargetGroup, wanted?: PortUse, options: AttachOptions = {},
  ): elbv2.LoadBalancerTargetProps {
    return this.loadBalancing.attachToApplication(targetGroup, this.port(wanted), options);
  }

  public attachToNetworkTargetGroup(
    targetGroup: elbv2.INetworkTargetGroup, wanted?: PortUse, options: AttachOptions = {},
  ): elbv2.LoadBalancerTargetProps {
    const { protocol } = (targetGroup.node.defaultChild ?? {}) as Partial<elbv2.CfnTargetGroup>;
    return this.loadBalancing.attachToNetwork(targetGroup, this.port(wanted, protocol === 'UDP'), options);
  }

  public autoScaleTaskCount(props: appscaling.EnableScalingProps): ecs.ScalableTaskCount {
    this.deployment.scale(props.minCapacity, props.maxCapacity);
    return this.service.autoScaleTaskCount(props);
  }

  /** Takes the fixed ones among some ports on every instance the service runs on. */
  private take(ports: readonly Pick<PortUse, 'hostPorts' | 'protocol'>[]): void {
    if (ports.some(takesMetricsPort)) {
      Annotations.of(this.scope).addWarningV2('cdk-ecs-network-modes:metrics-port',
        'Host port 51680/tcp is taken by the ECS agent where its Prometheus metrics are on: no task that wants it is placed there');
    }
    const wanted = ports.flatMap(({ hostPorts, protocol }) => hostPorts ? [{ ports: hostPorts, protocol }] : []);
    if (wanted.length > 0 && isEc2Capacity(this.wiring.capacity)) {
      claimHostPorts(this.wiring.capacity, this.scope, wanted);
    }
  }

  private room(): Room {
    const { capacity } = this.wiring;
    const { minInstances, maxInstances }: Partial<IEc2Capacity> = isEc2Capacity(capacity) ? capacity : {};
    return { minInstances, maxInstances, oneTaskPerInstance: isEc2Capacity(capacity) ? this.oneTaskPerInstance() : undefined };
  }

  private oneTaskPerInstance(): string | undefined {
    const fixed = this.ports.find((port) => port.fixed);
    if (fixed) {
      return `host port ${fixed.hostPorts?.first ?? 'known only at deployment'}/${fixed.protocol} is free once per instance`;
    }
    const override = this.serviceConnectIngress?.find(({ fixedHostPort }) => fixedHostPort !== undefined);
    if (override) {
      return `Service Connect's 'ingressPortOverride' ${override.fixedHostPort} is a host port, free once per instance`;
    }
    const distinct = this.props.placementConstraints?.some((constraint) => constraint.toJson().some(({ type }) => type === 'distinctInstance'));
    return distinct ? "'placementConstraints' allow one task per instance" : undefined;
  }
}

/** Refuses what the type of the props cannot. */
function refuse(scope: Construct, props: NetworkModeServiceProps, { capacity, container }: Wiring<ecs.BaseService>): void {
  if (!container?.image) {
    throw invalid(scope, `'container' must be given with its 'image', got ${shown(container)}`);
  }
  requireBoolean(scope, 'daemon', props.daemon);
  requireBoolean(scope, 'enableExecuteCommand', props.enableExecuteCommand);
  if (props.capacityProviderStrategies !== undefined) {
    throw invalid(scope, "'capacityProviderStrategies' must be left out: 'capacity' decides where tasks run");
  }
  if (props.cluster !== capacity.cluster) {
    throw invalid(scope, `'cluster' must be the capacity's own cluster (${capacity.cluster.node.path}), got ${props.cluster?.node.path}`);
  }
  const controller = props.deploymentController?.type ?? ecs.DeploymentControllerType.ECS;
  const strategy = props.deploymentStrategy ?? ecs.DeploymentStrategy.ROLLING;
  if (props.daemon && (controller !== ecs.DeploymentControllerType.ECS || strategy !== ecs.DeploymentStrategy.ROLLING)) {
    throw invalid(scope, `'daemon' needs rolling updates by the ECS controller, got 'deploymentController' ${controller} and 'deploymentStrategy' ${strategy}`);
  }
  if (capacity.compatibility !== ecs.Compatibility.EC2) {
    if (props.daemon) {
      throw invalid(scope, "'daemon' is for EC2 capacity: Fargate has no instances, and Managed Instances have no daemon services");
    }
    for (const prop of ['placementConstraints', 'placementStrategies'] as const) {
      if (props[prop]?.length) {
        throw invalid(scope, `'${prop}' are for EC2 capacity; Fargate and Managed Instances place tasks themselves`);
      }
    }
  }
}
