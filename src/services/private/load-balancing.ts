import { Annotations, Aspects, AspectPriority, Fn, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, Dependable, IConstruct } from 'constructs';
import { invalid } from '../../invalid';
import { isPort, MAX_PORT, MIN_PORT } from '../../limits/ports';
import { subnetWithId } from '../../network/ipv6';
import { toldApart } from '../../network/private/told-apart';
import { addressProblemOf, followTasks } from './address-family';
import { AppLoadBalancing, loadBalancingAround, subnetIdsOf } from './app-load-balancing';
import { PlacedPort, printed } from './port-use';
import { keepsClientAddresses, protocolOf, resourceOf, takesIpv6 } from './target-group';

/** Target groups per service (fact L06): https://docs.aws.amazon.com/general/latest/gr/ecs-service.html */
const MAX_TARGET_GROUPS = 5;

/** How tasks register, by network mode (facts L03, L04). */
function targetTypeOf(service: ecs.BaseService): elbv2.TargetType {
  return service.taskDefinition.networkMode === ecs.NetworkMode.AWS_VPC ? elbv2.TargetType.IP : elbv2.TargetType.INSTANCE;
}

/** What one port of a service is to one target group. */
export interface AttachOptions {
  /** Where native blue/green, linear and canary deployments send traffic next. */
  readonly alternateTarget?: ecs.IAlternateTarget;
  /** Who connects through a Network Load Balancer that keeps client addresses and has no security groups. */
  readonly clients?: ec2.IPeer[];
}

interface Attachment extends AttachOptions {
  readonly port: PlacedPort;
  readonly targetGroup: elbv2.ITargetGroup;
}

/**
 * Wires the ports of a service to load balancers: registration, start order and security-group rules.
 *
 * An Application Load Balancer tells its targets about itself; a Network Load Balancer does not, and a health check can be configured
 * at any time. So what depends on them is done at synthesis, when everything that will be attached is.
 */
export class LoadBalancing {
  private readonly attachments: Attachment[] = [];

  constructor(
    private readonly scope: Construct,
    private readonly service: ecs.BaseService,
    private readonly connections: ec2.Connections,
    private readonly ports: () => readonly PlacedPort[],
  ) {
    // On a construct without children: an aspect costs something for each construct under the one it is on.
    Aspects.of(service.node.defaultChild!).add({
      visit: () => this.wireAll(),
    }, { priority: AspectPriority.MUTATING });
    scope.node.addValidation({ validate: () => this.allProblems() });
  }

  /** Registers a port with a target group of an Application Load Balancer. */
  public attachToApplication(
    targetGroup: elbv2.IApplicationTargetGroup, port: PlacedPort, options: AttachOptions,
  ): elbv2.LoadBalancerTargetProps {
    if (port.protocol === 'udp') {
      throw invalid(this.scope, `port ${printed(port)} cannot be behind an Application Load Balancer, which speaks HTTP; use a Network Load Balancer`);
    }
    targetGroup.registerConnectable({ connections: this.connections }, port.guarded);
    return this.attach(targetGroup, port, options);
  }

  /** Registers a port with a target group of a Network Load Balancer. */
  public attachToNetwork(targetGroup: elbv2.INetworkTargetGroup, port: PlacedPort, options: AttachOptions): elbv2.LoadBalancerTargetProps {
    return this.attach(targetGroup, port, options);
  }

  private attach(targetGroup: elbv2.ITargetGroup, port: PlacedPort, options: AttachOptions): elbv2.LoadBalancerTargetProps {
    if (port.mapping.containerPortRange) {
      throw invalid(this.scope, `port range ${printed(port)} cannot be a load balancer target: a target is one port`);
    }
    if (this.service.loadBalancers.length >= MAX_TARGET_GROUPS) {
      throw invalid(this.scope, `a service has at most ${MAX_TARGET_GROUPS} target groups, and ${targetGroup.node.path} would be one more`);
    }
    this.attachments.push({ targetGroup, port, ...options });
    this.service.loadBalancers = [...this.service.loadBalancers, {
      targetGroupArn: targetGroup.targetGroupArn,
      containerName: port.container.containerName,
      containerPort: port.mapping.containerPort,
      advancedConfiguration: options.alternateTarget?.bind(this.service),
    }];
    // ECS refuses a service whose target group no load balancer uses yet.
    this.service.node.defaultChild!.node.addDependency(targetGroup.loadBalancerAttached);
    return { targetType: targetTypeOf(this.service) };
  }

  private wireAll(): void {
    if (this.attachments.length === 0) {
      return;
    }
    const app = loadBalancingAround(this.scope, 'wiring');
    for (const attachment of this.attachments) {
      const turns = [attachment.targetGroup, this.alternateOf(app, attachment)];
      // First: where a load balancer connects from depends on it.
      followTasks(app, this.scope, turns.filter((group) => group instanceof elbv2.TargetGroupBase));
      this.wire(attachment, turns);
    }
  }

  private wire(attachment: Attachment, turns: readonly (elbv2.ITargetGroup | undefined)[]): void {
    const { port, targetGroup } = attachment;
    for (const group of turns) {
      if (!(group instanceof elbv2.TargetGroupBase)) {
        if (group) {
          this.warn('imported-target-group', `Target group ${group.node.path} is imported: its load balancers and health check cannot be seen. Let them in with `
            + `'connections.allowFrom(…)' on ${port.guarded}`);
        }
        continue;
      }
      if (port.dynamic && group.healthCheck.port === undefined) {
        // What is meant, written out: cfn-lint E3049 asks for it where host ports are dynamic.
        group.configureHealthCheck({ ...group.healthCheck, port: 'traffic-port' });
      }
      // An alternate target group takes its turn at the listeners of the first, and may be on none of its own.
      for (const listening of new Set([group, targetGroup])) {
        if (listening instanceof elbv2.ApplicationTargetGroup) {
          healthCheckPorts(group, port).forEach((health) =>
            listening.registerConnectable({ connections: this.connections }, toldApart(this.scope, health)));
        } else if (listening instanceof elbv2.NetworkTargetGroup) {
          this.wireNetwork(attachment, group, this.networkLoadBalancersOf(listening));
        }
      }
    }
  }

  private wireNetwork(
    { port, clients }: Attachment, targetGroup: elbv2.TargetGroupBase, loadBalancers: readonly elbv2.INetworkLoadBalancer[],
  ): void {
    const trafficPorts = transports(targetGroup, port).map((p) => toldApart(this.scope, p));
    const health = healthCheckPorts(targetGroup, port).map((p) => toldApart(this.scope, p));
    for (const loadBalancer of loadBalancers) {
      if (loadBalancer.securityGroups?.length) {
        [...trafficPorts, ...health].forEach((p) => this.connections.allowFrom(loadBalancer, p, 'Network load balancer to target'));
        continue;
      }
      // Health checks come from the load balancer's own addresses, and so does traffic unless client addresses are kept.
      const keepsClients = keepsClientAddresses(targetGroup);
      const fromLoadBalancer = keepsClients ? [...health, ...healthChecksTraffic(targetGroup, port)] : [...health, ...trafficPorts];
      const peers = addressesOf(loadBalancer, takesIpv6(targetGroup));
      if (!peers) {
        this.warn('network-load-balancer-addresses', `The addresses of ${loadBalancer.node.path} are not known here and it has no security groups: let its health checks in `
          + `with 'connections.allowFrom(…)' on ${fromLoadBalancer.join(', ')}, or give it security groups`);
      }
      peers?.forEach((peer) => fromLoadBalancer.forEach((p) => this.connections.allowFrom(peer, p, 'Network load balancer to target')));
      if (keepsClients) {
        clients?.forEach((peer) => trafficPorts.forEach((p) => this.connections.allowFrom(peer, p, 'Clients of the network load balancer')));
        if (!clients) {
          this.warn('network-load-balancer-clients', `${loadBalancer.node.path} has no security groups and keeps client addresses, so only its health checks are let in. Name `
            + "the clients: 'loadBalancerTarget(port, { clients: [ec2.Peer.ipv4(…)] })', or give the load balancer security groups");
        }
      }
    }
  }

  private networkLoadBalancersOf(targetGroup: elbv2.TargetGroupBase): elbv2.INetworkLoadBalancer[] {
    const listeners = Dependable.of(targetGroup.loadBalancerAttached).dependencyRoots;
    for (const listener of listeners.filter((root) => !(root instanceof elbv2.NetworkListener))) {
      this.warn('network-listener', `The load balancer of ${listener.node.path} cannot be seen: let it in with 'connections.allowFrom(…)'`);
    }
    return [...new Set(listeners.flatMap((root) => root instanceof elbv2.NetworkListener ? [root.loadBalancer] : []))];
  }

  /** The target group that blue/green, linear and canary deployments alternate with. An `IAlternateTarget` tells its ARN only. */
  private alternateOf(app: AppLoadBalancing, { targetGroup, alternateTarget }: Attachment): elbv2.ITargetGroup | undefined {
    const arn = alternateTarget && this.service.loadBalancers
      .find((entry) => entry.targetGroupArn === targetGroup.targetGroupArn)?.advancedConfiguration;
    const alternateArn = (arn as ecs.CfnService.AdvancedConfigurationProperty | undefined)?.alternateTargetGroupArn;
    return alternateArn === undefined ? undefined : app.targetGroup(alternateArn);
  }

  private takesTurns(): boolean {
    const { strategy } = Stack.of(this.service).resolve((this.service.node.defaultChild as ecs.CfnService).deploymentConfiguration) ?? {};
    return strategy !== undefined && strategy !== ecs.DeploymentStrategy.ROLLING;
  }

  private allProblems(): string[] {
    if (this.attachments.length === 0) {
      return [];
    }
    const app = loadBalancingAround(this.scope, 'checking');
    return this.attachments.flatMap((attachment) => this.problems(app, attachment));
  }

  private problems(app: AppLoadBalancing, attachment: Attachment): string[] {
    const { port, targetGroup } = attachment;
    const alternate = this.alternateOf(app, attachment);
    if (attachment.alternateTarget && !this.takesTurns()) {
      return [`'alternateTarget' of ${targetGroup.node.path} needs 'deploymentStrategy' BLUE_GREEN, LINEAR or CANARY: rolling updates have one target group`];
    }
    if (alternate === targetGroup) {
      return [`'alternateTarget' must be another target group than ${targetGroup.node.path}, with which it takes turns`];
    }
    return [targetGroup, alternate]
      .flatMap((group) => group instanceof elbv2.TargetGroupBase ? this.problemsOf(app, port, group) : []);
  }

  private problemsOf(app: AppLoadBalancing, port: PlacedPort, targetGroup: elbv2.TargetGroupBase): string[] {
    const name = `target group ${targetGroup.node.path}`;
    const type = Stack.of(targetGroup).resolve(resourceOf(targetGroup).targetType) ?? elbv2.TargetType.INSTANCE;
    if (type !== targetTypeOf(this.service)) {
      return [`${name} must have 'targetType' ${targetTypeOf(this.service)}, as ${this.service.taskDefinition.networkMode} tasks register, got ${type}`];
    }
    const wanted = protocolOf(targetGroup);
    const bridge = this.service.taskDefinition.networkMode === ecs.NetworkMode.BRIDGE;
    if (wanted === 'TCP_UDP' && port.dynamic) {
      return [`${name} takes TCP and UDP on one port, but dynamic port ${printed(port)} is a different host port for each; use a fixed port`];
    }
    const { first } = port.hostPorts ?? {};
    if (wanted === 'TCP_UDP' && bridge && first !== undefined && this.ports().filter(({ hostPorts }) => hostPorts?.first === first).length < 2) {
      return [`${name} sends TCP and UDP to host port ${first}, which is mapped for ${port.protocol.toUpperCase()} only: add it to 'ports' for both`];
    }
    if ((wanted === 'UDP') !== (port.protocol === 'udp') && wanted !== 'TCP_UDP') {
      return [`${name} speaks ${wanted}, but the port it is given is ${printed(port)}`];
    }
    const addresses = addressProblemOf(app, { scope: this.scope, service: this.service }, targetGroup);
    if (addresses) {
      return [`${name} ${addresses}`];
    }
    const { port: health = 'traffic-port', enabled } = targetGroup.healthCheck;
    if (enabled === false || Token.isUnresolved(health)) {
      return [];
    }
    const tcp = this.ports().filter((other) => other.protocol === 'tcp');
    if (health === 'traffic-port') {
      if (port.protocol === 'udp' && port.dynamic) {
        return [`${name} cannot check the health of dynamic port ${printed(port)}: health checks are TCP, and no one knows the host port of another port. `
          + "Map a fixed TCP port as well and name it in 'healthCheck.port', or use awsvpc"];
      }
      if (port.protocol === 'udp' && port.fixed && port.hostPorts && !tcp.some((other) => other.hostPorts?.first === port.hostPorts!.first)) {
        return [`${name} checks health by TCP on port ${port.hostPorts.first}, which no port of the service answers: map it for TCP too, or name another in 'healthCheck.port'`];
      }
      return [];
    }
    if (!isPort(Number(health))) {
      return [`${name} checks health on port '${health}', which must be 'traffic-port' or an integer from ${MIN_PORT} to ${MAX_PORT}`];
    }
    if (bridge && !tcp.some(({ fixed, hostPorts }) => fixed && (hostPorts === undefined || String(hostPorts.first) === health))) {
      return [`${name} checks health on port ${health} of the instance, which no fixed TCP port of the service maps: use 'traffic-port', or BridgePort.fixed`];
    }
    return [];
  }

  private warn(id: string, message: string): void {
    Annotations.of(this.scope).addWarningV2(`cdk-ecs-network-modes:${id}`, message);
  }
}

/** The ports a target group sends traffic to. */
function transports(targetGroup: elbv2.TargetGroupBase, port: PlacedPort): ec2.Port[] {
  return protocolOf(targetGroup) === 'TCP_UDP' ? [ec2.Port.tcp(listeningOn(port)), ec2.Port.udp(listeningOn(port))] : [port.guarded];
}

/** The port number a target registers with, where it is not dynamic. */
function listeningOn({ fixed, mapping }: PlacedPort): number {
  return fixed ? mapping.hostPort! : mapping.containerPort;
}

/** Ports of the health check that are not among those of the traffic. Health checks are always TCP. */
function healthCheckPorts(targetGroup: elbv2.TargetGroupBase, port: PlacedPort): ec2.Port[] {
  const { port: health = 'traffic-port', enabled } = targetGroup.healthCheck;
  if (enabled === false) {
    return [];
  }
  if (health === 'traffic-port') {
    return port.protocol === 'udp' && !port.dynamic && protocolOf(targetGroup) !== 'TCP_UDP' ? [ec2.Port.tcp(listeningOn(port))] : [];
  }
  return [ec2.Port.tcp(Token.isUnresolved(health) ? Token.asNumber(health) : Number(health))];
}

/** The traffic port where health checks go to it. */
function healthChecksTraffic(targetGroup: elbv2.TargetGroupBase, port: PlacedPort): ec2.Port[] {
  const { port: health = 'traffic-port', enabled } = targetGroup.healthCheck;
  return enabled !== false && health === 'traffic-port' && port.protocol === 'tcp' ? [port.guarded] : [];
}

/**
 * Where a Network Load Balancer without security groups connects from: its subnets, else its VPC; unset where neither is known. To IPv6
 * targets it connects from its IPv6 addresses.
 */
function addressesOf(loadBalancer: elbv2.INetworkLoadBalancer, ipv6: boolean): ec2.IPeer[] | undefined {
  const { vpc } = loadBalancer;
  if (!vpc) {
    return undefined;
  }
  try {
    if (ipv6) {
      const made = subnetIdsOf(loadBalancer)?.map(subnetWithId);
      return made?.every((subnet) => subnet !== undefined)
        ? made.map(({ attrIpv6CidrBlocks }) => ec2.Peer.ipv6(Fn.select(0, attrIpv6CidrBlocks))) : undefined;
    }
    const subnets = subnetsOf(loadBalancer, vpc);
    return subnets.length > 0 ? subnets.map((subnet) => ec2.Peer.ipv4(subnet.ipv4CidrBlock)) : [ec2.Peer.ipv4(vpc.vpcCidrBlock)];
  } catch {
    return undefined; // an imported VPC or subnet without its CIDR throws on reading it
  }
}

function subnetsOf(loadBalancer: IConstruct, vpc: ec2.IVpc): ec2.ISubnet[] {
  const ids = subnetIdsOf(loadBalancer);
  const subnets = [...vpc.publicSubnets, ...vpc.privateSubnets, ...vpc.isolatedSubnets].filter((subnet) => ids?.includes(subnet.subnetId));
  return subnets.length === ids?.length ? subnets : [];
}
