import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { IInstanceCapacity } from '../capacity/capacity';
import { isInstanceCapacity } from '../capacity/private/kinds';
import { invalid, shown } from '../invalid';
import { HostContainerOptions } from './host-container-options';
import { IServicePortTarget, ServicePortTargetOptions } from './load-balancer-target';
import { NetworkModeServiceProps } from './network-mode-service-props';
import { HostPort } from './ports';
import { viewOfCluster } from './private/cluster-view';
import { associateCloudMapService, enableCloudMap } from './private/discovery';
import { restrict } from './private/host-container';
import { PortUse, requirePorts } from './private/port-use';
import { asSeenFrom } from './private/service-connections';
import { MAIN_CONTAINER } from './private/task';
import { InnerServiceOptions, WiredService } from './private/wired-service';
import { CloudMapRegistration } from './service-discovery';

/**
 * A sidecar that shares the instance's network.
 */
export interface HostContainerProps extends HostContainerOptions {
  /**
   * The ports it listens on, on the instance.
   *
   * @default - none
   */
  readonly ports?: HostPort[];
}

/**
 * Properties of `HostModeService`.
 */
export interface HostModeServiceProps extends NetworkModeServiceProps {
  /** The instances the tasks run on: `Ec2Capacity` or `ManagedInstancesCapacity`. */
  readonly capacity: IInstanceCapacity;

  /** The application's container. `portMappings` must be left out: `ports` says them. */
  readonly container: HostContainerOptions;

  /**
   * The ports of the instance the application listens on. The first is the default port of `connections` and of load balancers.
   *
   * @default - none: nothing can connect to the tasks
   */
  readonly ports?: HostPort[];
}

/**
 * A service in host mode: tasks use their instance's network as it is. For agents that must see it, and for the least overhead.
 *
 * What that means: a task can listen on any free port of the instance, also one that a security-group rule opened for another service
 * (impersonation); it reaches whatever listens on the instance's loopback address, such as the ECS agent's introspection endpoint; and it
 * reaches the instance metadata service and so the instance role, which no setting can prevent in this mode. So its containers must say
 * as whom they run, and give reasons for being root or privileged. Keep it on a capacity of its own where other tasks must not trust it.
 *
 * One task per instance and port. At a desired count of 1 there is a gap while the task is replaced. Service Connect has no host mode.
 *
 * Not for applications that only want a port: use `BridgeService` or `AwsvpcService`.
 */
export class HostModeService extends Construct
  implements ec2.IConnectable, elbv2.IApplicationLoadBalancerTarget, elbv2.INetworkLoadBalancerTarget {

  /** The cluster. */
  public readonly cluster: ecs.ICluster;

  /** Where the tasks run. */
  public readonly capacity: IInstanceCapacity;

  /**
   * The inner service: `ecs.Ec2Service` on EC2 capacity, `ecs.FargateService` on Managed Instances. On EC2 its `cluster` is a view of the
   * real one that has the security groups of this capacity only.
   */
  public readonly service: ecs.BaseService;

  public readonly taskDefinition: ecs.TaskDefinition;

  /** The application's container. */
  public readonly containerDefinition: ecs.ContainerDefinition;

  /** Network connections of the tasks, guarded by the security groups of the instances. The default port is the first of `ports`. */
  public readonly connections: ec2.Connections;

  private readonly wired: WiredService<ecs.BaseService>;

  /**
   * @throws if a prop, or a pair of them, is one that ECS refuses or that could never be deployed
   */
  constructor(scope: Construct, id: string, props: HostModeServiceProps) {
    super(scope, id);
    const { capacity, container, ports, ...shared } = props;
    if (!capacity || !isInstanceCapacity(capacity)) {
      throw invalid(this, `'capacity' must be made of instances (Ec2Capacity or ManagedInstancesCapacity): host mode uses an instance's network; got ${shown(capacity)}`);
    }
    const onEc2 = capacity.compatibility === ecs.Compatibility.EC2;
    if (shared.serviceConnectConfiguration) {
      throw invalid(this, "'serviceConnectConfiguration' must be left out: Service Connect works in bridge and awsvpc mode, not in host mode");
    }
    this.capacity = capacity;
    this.cluster = capacity.cluster;
    const securityGroups = asSeenFrom(this, capacity.hostSecurityGroups);
    this.wired = new WiredService<ecs.BaseService>(this, shared, {
      networkMode: ecs.NetworkMode.HOST,
      capacity,
      container: restrict(this, MAIN_CONTAINER, container),
      ports: this.uses('ports', ports),
      securityGroups,
      make: (options) => onEc2
        ? new ecs.Ec2Service(this, 'Service', {
          ...options,
          cluster: viewOfCluster(this, capacity.cluster, securityGroups),
        })
        : this.onManagedInstances(options, securityGroups),
    });
    this.service = this.wired.service;
    this.taskDefinition = this.wired.taskDefinition;
    this.containerDefinition = this.wired.containerDefinition;
    this.connections = this.wired.connections;
  }

  /** Adds a sidecar to the task. */
  public addContainer(id: string, props: HostContainerProps): ecs.ContainerDefinition {
    const { ports, ...options } = props;
    return this.wired.addContainer(id, restrict(this, id, options), this.uses('ports', ports));
  }

  /**
   * One port as a load balancer target; `targets: [service]` takes the first.
   *
   * @param port a port of `ports`, or of a sidecar
   */
  public loadBalancerTarget(port: HostPort, options: ServicePortTargetOptions = {}): IServicePortTarget {
    const [use] = this.uses('port', [port]);
    return {
      attachToApplicationTargetGroup: (targetGroup) => this.wired.attachToApplicationTargetGroup(targetGroup, use, options),
      attachToNetworkTargetGroup: (targetGroup) => this.wired.attachToNetworkTargetGroup(targetGroup, use, options),
    };
  }

  public attachToApplicationTargetGroup(targetGroup: elbv2.IApplicationTargetGroup): elbv2.LoadBalancerTargetProps {
    return this.wired.attachToApplicationTargetGroup(targetGroup);
  }

  public attachToNetworkTargetGroup(targetGroup: elbv2.INetworkTargetGroup): elbv2.LoadBalancerTargetProps {
    return this.wired.attachToNetworkTargetGroup(targetGroup);
  }

  /** Scales the number of tasks. */
  public autoScaleTaskCount(props: appscaling.EnableScalingProps): ecs.ScalableTaskCount {
    return this.wired.autoScaleTaskCount(props);
  }

  /**
   * Registers the tasks in Cloud Map, with SRV records. Opens nothing: clients need `connections.allowFrom`.
   *
   * @param port the port that the records name, by default the first
   */
  public enableCloudMap(registration: CloudMapRegistration = {}, port?: HostPort): cloudmap.IService {
    return enableCloudMap(this, this.service, this.cluster, this.wired.portForDiscovery(port && this.uses('port', [port])[0]), registration);
  }

  /**
   * Registers the tasks under a Cloud Map service that already exists, which must have SRV records.
   *
   * @param port the port that the records name, by default the first
   */
  public associateCloudMapService(service: cloudmap.IService, port?: HostPort): void {
    associateCloudMapService(this, this.service, service, this.wired.portForDiscovery(port && this.uses('port', [port])[0]));
  }

  /** A metric of this service. */
  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metric(metricName, props);
  }

  /** The CPU this service uses, of what it reserves. */
  public metricCpuUtilization(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metricCpuUtilization(props);
  }

  /** The memory this service uses, of what it reserves. */
  public metricMemoryUtilization(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metricMemoryUtilization(props);
  }

  private uses(prop: string, ports: readonly HostPort[] | undefined): PortUse[] {
    return requirePorts(this, prop, ports, HostPort).map((port) => port._use(this));
  }

  /** Only `FargateService` takes Managed Instances, and it knows awsvpc only: it would make a group for tasks that have no interface. */
  private onManagedInstances(options: InnerServiceOptions, securityGroups: ec2.ISecurityGroup[]): ecs.FargateService {
    const service = new ecs.FargateService(this, 'Service', { ...options, securityGroups });
    (service.node.defaultChild as ecs.CfnService).addPropertyDeletionOverride('NetworkConfiguration');
    return service;
  }
}
