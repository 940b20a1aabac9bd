import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { ICapacity } from '../capacity/capacity';
import { FargateCapacity } from '../capacity/fargate-capacity';
import { invalid, shown } from '../invalid';
import { respectImported } from '../network/imported-security-group';
import { ownSecurityGroup, wayOutOf } from '../network/own-security-group';
import { IServicePortTarget, ServicePortTargetOptions } from './load-balancer-target';
import { NetworkModeServiceProps } from './network-mode-service-props';
import { TaskPort } from './ports';
import { allowServiceConnect, associateCloudMapService, enableCloudMap } from './private/discovery';
import { PortUse, requirePorts } from './private/port-use';
import { asSeenFrom } from './private/service-connections';
import { selectTaskGroups, selectTaskSubnets } from './private/subnets';
import { WiredService } from './private/wired-service';
import { CloudMapRegistration } from './service-discovery';

/**
 * A container of an awsvpc task.
 */
export interface AwsvpcContainerProps extends ecs.ContainerDefinitionOptions {
  /**
   * The ports it listens on, on the task's interface.
   *
   * @default - none
   */
  readonly ports?: TaskPort[];
}

/**
 * Properties of `AwsvpcService`.
 */
export interface AwsvpcServiceProps extends NetworkModeServiceProps {
  /**
   * Where the tasks run.
   *
   * @default - Fargate, on demand
   */
  readonly capacity?: ICapacity;

  /** The application's container. `portMappings` must be left out: `ports` says them. */
  readonly container: ecs.ContainerDefinitionOptions;

  /**
   * The ports the application listens on. The first is the default port of `connections` and of load balancers.
   *
   * @default - none: nothing can connect to the tasks
   */
  readonly ports?: TaskPort[];

  /**
   * The subnets the tasks' interfaces are in, at most 16. Where they have IPv6, load balancers, target groups and records whose address
   * type is left open follow: see docs/dual-stack.md.
   *
   * @default - the private subnets with a route out; with `assignPublicIp`, the public ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the tasks, at most 5, in place of one of its own.
   *
   * @default - one of its own: nothing in, everything out, IPv6 too where the VPC has it
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Whether imported `securityGroups` may get the rules this service needs.
   *
   * @default false
   */
  readonly editImportedSecurityGroups?: boolean;

  /**
   * Give each task a public address. Fargate only.
   *
   * @default false
   */
  readonly assignPublicIp?: boolean;

  /**
   * The Fargate platform version. Fargate only.
   *
   * @default ecs.FargatePlatformVersion.LATEST
   */
  readonly platformVersion?: ecs.FargatePlatformVersion;
}

/**
 * A service in awsvpc mode: each task has a network interface, an address and security groups of its own.
 *
 * Rules can name this one service, and its port is the same wherever a task runs. The price is an address per task and, on instances,
 * an interface per task, of which small instances have few.
 *
 * Not for many small tasks on few instances without ENI trunking, nor for agents that must see the instance's own network: use
 * `BridgeService` or `HostModeService`.
 */
export class AwsvpcService extends Construct
  implements ec2.IConnectable, elbv2.IApplicationLoadBalancerTarget, elbv2.INetworkLoadBalancerTarget {

  /** The cluster. */
  public readonly cluster: ecs.ICluster;

  /** Where the tasks run. */
  public readonly capacity: ICapacity;

  /** The inner service: `ecs.Ec2Service` on EC2 capacity, else `ecs.FargateService`. */
  public readonly service: ecs.BaseService;

  public readonly taskDefinition: ecs.TaskDefinition;

  /** The application's container. */
  public readonly containerDefinition: ecs.ContainerDefinition;

  /** The (first) security group of the tasks. */
  public readonly securityGroup: ec2.ISecurityGroup;

  /** Network connections of the tasks. The default port is that of the first of `ports`. */
  public readonly connections: ec2.Connections;

  private readonly wired: WiredService<ecs.BaseService>;

  /**
   * @throws if a prop, or a pair of them, is one that ECS refuses or that could never be deployed
   */
  constructor(scope: Construct, id: string, props: AwsvpcServiceProps) {
    super(scope, id);
    const {
      capacity = FargateCapacity.onDemand(props.cluster), container, ports, securityGroups, editImportedSecurityGroups, vpcSubnets,
      assignPublicIp, platformVersion, ...shared
    } = props;
    if (typeof capacity?.compatibility !== 'number') {
      throw invalid(this, `'capacity' must be an Ec2Capacity, FargateCapacity or ManagedInstancesCapacity, got ${shown(capacity)}`);
    }
    this.capacity = capacity;
    this.cluster = capacity.cluster;
    if (platformVersion !== undefined && capacity.compatibility !== ecs.Compatibility.FARGATE) {
      throw invalid(this, `'platformVersion' is for Fargate, got ${platformVersion} on another capacity`);
    }
    const subnets = selectTaskSubnets(this, capacity, { ...shared, vpcSubnets, assignPublicIp, platformVersion });
    const groups = securityGroups
      ? asSeenFrom(this, respectImported(this, selectTaskGroups(this, securityGroups), editImportedSecurityGroups, 'editImportedSecurityGroups'))
      : [ownSecurityGroup(this, this.cluster.vpc, 'Tasks', subnets.subnets)];
    const network = { vpcSubnets: { subnets: subnets.subnets }, securityGroups: groups };

    this.wired = new WiredService<ecs.BaseService>(this, shared, {
      networkMode: ecs.NetworkMode.AWS_VPC,
      capacity,
      container,
      ports: this.uses('ports', ports),
      securityGroups: groups,
      make: (options) => capacity.compatibility === ecs.Compatibility.EC2
        ? new ecs.Ec2Service(this, 'Service', { ...options, ...network })
        : new ecs.FargateService(this, 'Service', { ...options, ...network, assignPublicIp, platformVersion }),
    });
    this.service = this.wired.service;
    this.taskDefinition = this.wired.taskDefinition;
    this.containerDefinition = this.wired.containerDefinition;
    this.securityGroup = groups[0];
    this.connections = this.wired.connections;
    // A task started before its subnet has a route out cannot pull its image, and the circuit breaker counts it.
    this.service.node.addDependency(subnets.internetConnectivityEstablished, ...groups.map(wayOutOf));
  }

  /** Adds a sidecar to the task. */
  public addContainer(id: string, props: AwsvpcContainerProps): ecs.ContainerDefinition {
    const { ports, ...options } = props;
    return this.wired.addContainer(id, options, this.uses('ports', ports));
  }

  /**
   * One port as a load balancer target; `targets: [service]` takes the first.
   *
   * @param port a port of `ports`, or of a sidecar
   */
  public loadBalancerTarget(port: TaskPort, options: ServicePortTargetOptions = {}): IServicePortTarget {
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
   * Registers the tasks in Cloud Map. Opens nothing: clients need `connections.allowFrom`.
   *
   * @param port the port that SRV records name, by default the first
   */
  public enableCloudMap(registration: CloudMapRegistration = {}, port?: TaskPort): cloudmap.IService {
    return enableCloudMap(this, this.service, this.cluster, this.wired.portForDiscovery(port && this.uses('port', [port])[0]), registration);
  }

  /**
   * Registers the tasks under a Cloud Map service that already exists.
   *
   * @param port the port that SRV records name, by default the first
   */
  public associateCloudMapService(service: cloudmap.IService, port?: TaskPort): void {
    associateCloudMapService(this, this.service, service, this.wired.portForDiscovery(port && this.uses('port', [port])[0]));
  }

  /**
   * Opens the ports that the Service Connect proxies of this service listen on to a client, and has the client's service wait for this one.
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

  private uses(prop: string, ports: readonly TaskPort[] | undefined): PortUse[] {
    return requirePorts(this, prop, ports, TaskPort).map((port) => port._use(this));
  }
}
