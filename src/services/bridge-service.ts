import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { IEc2Capacity } from '../capacity/capacity';
import { isEc2Capacity } from '../capacity/private/kinds';
import { invalid, shown } from '../invalid';
import { IServicePortTarget, ServicePortTargetOptions } from './load-balancer-target';
import { NetworkModeServiceProps } from './network-mode-service-props';
import { BridgePort } from './ports';
import { viewOfCluster } from './private/cluster-view';
import { allowServiceConnect, associateCloudMapService, enableCloudMap } from './private/discovery';
import { PortUse, requirePorts } from './private/port-use';
import { asSeenFrom } from './private/service-connections';
import { WiredService } from './private/wired-service';
import { CloudMapRegistration } from './service-discovery';

/**
 * A container of a bridge-mode task.
 */
export interface BridgeContainerProps extends ecs.ContainerDefinitionOptions {
  /**
   * The ports it listens on.
   *
   * @default - none
   */
  readonly ports?: BridgePort[];
}

/**
 * Properties of `BridgeService`.
 */
export interface BridgeServiceProps extends NetworkModeServiceProps {
  /** The instances the tasks run on: only container instances have bridge mode. */
  readonly capacity: IEc2Capacity;

  /** The application's container. `portMappings` must be left out: `ports` says them. */
  readonly container: ecs.ContainerDefinitionOptions;

  /**
   * The ports the application listens on. The first is the default port of `connections` and of load balancers.
   *
   * @default - none: nothing can connect to the tasks
   */
  readonly ports?: BridgePort[];
}

/**
 * A service in bridge mode: tasks share their instance's interface, behind docker's bridge.
 *
 * With dynamic ports any number of tasks fit on an instance, whatever its interfaces; but a rule can only name all dynamic ports of the
 * instances, so services on one capacity cannot be kept apart from each other's clients. A fixed port has one task per instance, and
 * at a desired count of 1 a gap while the task is replaced.
 *
 * Not for services that must be told apart by security groups: use `AwsvpcService`, or a capacity for each.
 */
export class BridgeService extends Construct
  implements ec2.IConnectable, elbv2.IApplicationLoadBalancerTarget, elbv2.INetworkLoadBalancerTarget {

  /** The cluster. */
  public readonly cluster: ecs.ICluster;

  /** Where the tasks run. */
  public readonly capacity: IEc2Capacity;

  /**
   * The inner service. Its `cluster` is a view of the real one that has the security groups of this capacity only. Give load balancers
   * the construct itself as a target: the inner service would open every port from 32768 on.
   */
  public readonly service: ecs.Ec2Service;

  public readonly taskDefinition: ecs.TaskDefinition;

  /** The application's container. */
  public readonly containerDefinition: ecs.ContainerDefinition;

  /**
   * Network connections of the tasks, guarded by the security groups of the instances. The default port is the first of `ports`:
   * the fixed host port, or the capacity's whole dynamic range.
   */
  public readonly connections: ec2.Connections;

  private readonly wired: WiredService<ecs.Ec2Service>;

  /**
   * @throws if a prop, or a pair of them, is one that ECS refuses or that could never be deployed
   */
  constructor(scope: Construct, id: string, props: BridgeServiceProps) {
    super(scope, id);
    const { capacity, container, ports, ...shared } = props;
    if (!capacity || !isEc2Capacity(capacity)) {
      throw invalid(this, `'capacity' must be EC2 capacity (Ec2Capacity): only container instances have bridge mode; got ${shown(capacity)}`);
    }
    this.capacity = capacity;
    this.cluster = capacity.cluster;
    const securityGroups = asSeenFrom(this, capacity.hostSecurityGroups);
    this.wired = new WiredService<ecs.Ec2Service>(this, shared, {
      networkMode: ecs.NetworkMode.BRIDGE,
      capacity,
      container,
      ports: this.uses('ports', ports),
      securityGroups,
      make: (options) => new ecs.Ec2Service(this, 'Service', {
        ...options,
        cluster: viewOfCluster(this, capacity.cluster, securityGroups),
      }),
    });
    this.service = this.wired.service;
    this.taskDefinition = this.wired.taskDefinition;
    this.containerDefinition = this.wired.containerDefinition;
    this.connections = this.wired.connections;
  }

  /** Adds a sidecar to the task. */
  public addContainer(id: string, props: BridgeContainerProps): ecs.ContainerDefinition {
    const { ports, ...options } = props;
    return this.wired.addContainer(id, options, this.uses('ports', ports));
  }

  /**
   * One port as a load balancer target; `targets: [service]` takes the first.
   *
   * @param port a port of `ports`, or of a sidecar
   */
  public loadBalancerTarget(port: BridgePort, options: ServicePortTargetOptions = {}): IServicePortTarget {
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
   * Registers the tasks in Cloud Map, with SRV records: tasks differ in their port. Opens nothing: clients need `connections.allowFrom`.
   *
   * @param port the port that the records name, by default the first
   */
  public enableCloudMap(registration: CloudMapRegistration = {}, port?: BridgePort): cloudmap.IService {
    return enableCloudMap(this, this.service, this.cluster, this.wired.portForDiscovery(port && this.uses('port', [port])[0]), registration);
  }

  /**
   * Registers the tasks under a Cloud Map service that already exists, which must have SRV records.
   *
   * @param port the port that the records name, by default the first
   */
  public associateCloudMapService(service: cloudmap.IService, port?: BridgePort): void {
    associateCloudMapService(this, this.service, service, this.wired.portForDiscovery(port && this.uses('port', [port])[0]));
  }

  /**
   * Opens the ports that the Service Connect proxies of this service listen on to a client, and has the client's service wait for this one.
   * Without an `ingressPortOverride` that is the capacity's whole dynamic range.
   *
   * @throws if this service offers nothing through Service Connect
   */
  public allowServiceConnectFrom(client: ec2.IConnectable): void {
    allowServiceConnect(this, this.wired.serviceConnectIngress, this, client);
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

  private uses(prop: string, ports: readonly BridgePort[] | undefined): PortUse[] {
    return requirePorts(this, prop, ports, BridgePort).map((port) => port._use(this, this.capacity.dynamicPorts));
  }
}
