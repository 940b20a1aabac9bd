import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { PortRange } from '../capacity/port-range';
import { shown } from '../invalid';
import { isPort, MAX_PORT, MIN_PORT, TransportProtocol } from '../limits/ports';
import { toldApart } from '../network/private/told-apart';
import { PortUse } from './private/port-use';

/**
 * What else can be said of a port.
 */
export interface PortOptions {
  /**
   * The name by which Service Connect finds the port.
   *
   * @default - the port has no name, and Service Connect cannot offer it
   */
  readonly name?: string;

  /**
   * What Service Connect's proxy speaks on the port. Needs `name`.
   *
   * @default - TCP
   */
  readonly appProtocol?: ecs.AppProtocol;
}

/**
 * What can be said of a bridge-mode port.
 */
export interface BridgePortOptions extends PortOptions {
  /**
   * The protocol.
   *
   * @default ecs.Protocol.TCP
   */
  readonly protocol?: ecs.Protocol;
}

/**
 * A port of the instance and the container port behind it.
 */
export interface FixedBridgePortOptions extends BridgePortOptions {
  /** The port on the instance: one task per instance can have it. */
  readonly hostPort: number;

  /** The port in the container. */
  readonly containerPort: number;
}

/**
 * A port of a host-mode task. There is no second number: the container's ports are the instance's.
 */
export class HostPort {
  /** @throws if `port` is not a port; a service also refuses those that the agent, docker and ssh hold on every instance */
  public static tcp(port: number): HostPort {
    return new HostPort(port, 'tcp');
  }

  /** @throws if `port` is not a port */
  public static udp(port: number): HostPort {
    return new HostPort(port, 'udp');
  }

  private constructor(private readonly port: number, private readonly protocol: TransportProtocol) {
    requirePort('port', port);
  }

  /** @internal */
  public _use(scope: IConstruct): PortUse {
    return {
      of: this,
      mapping: mapping(this.protocol, { containerPort: this.port, hostPort: this.port }),
      protocol: this.protocol,
      containerPorts: single(this.port),
      hostPorts: single(this.port),
      fixed: true,
      dynamic: false,
      guarded: guarded(scope, this.protocol, this.port),
    };
  }
}

/**
 * A port of a bridge-mode task: fixed, with one task per instance, or dynamic, with any number.
 */
export class BridgePort {
  /**
   * A port that ECS maps to a free port of the capacity's `dynamicPorts`. Any number of tasks fit on an instance, and clients go
   * through a load balancer, Service Connect or SRV records.
   */
  public static dynamic(containerPort: number, options: BridgePortOptions = {}): BridgePort {
    requirePort('containerPort', containerPort);
    return new BridgePort({ containerPort, hostPort: 0 }, options);
  }

  /**
   * A range of container ports that ECS maps to an equally long free range of the capacity's `dynamicPorts`.
   *
   * @throws if an end is known only at deployment
   */
  public static dynamicRange(containerPorts: PortRange, options: BridgePortOptions = {}): BridgePort {
    requireKnown('containerPorts', containerPorts);
    return new BridgePort({
      containerPort: ecs.ContainerDefinition.CONTAINER_PORT_USE_RANGE,
      containerPortRange: containerPorts.toString(),
    }, options, containerPorts);
  }

  /** A port of the instance. One task per instance can have it, and a rolling update must stop a task before it can start one. */
  public static fixed(options: FixedBridgePortOptions): BridgePort {
    requirePort('hostPort', options.hostPort);
    requirePort('containerPort', options.containerPort);
    return new BridgePort({ containerPort: options.containerPort, hostPort: options.hostPort }, options);
  }

  private constructor(
    private readonly numbers: Pick<ecs.PortMapping, 'containerPort' | 'hostPort' | 'containerPortRange'>,
    private readonly options: BridgePortOptions,
    private readonly range?: PortRange,
  ) {
    requireName(options);
  }

  /** @internal */
  public _use(scope: IConstruct, dynamicPorts: PortRange): PortUse {
    const protocol = transport(this.options.protocol);
    const hostPort = this.numbers.hostPort || undefined;
    return {
      of: this,
      mapping: mapping(protocol, this.numbers, this.options),
      protocol,
      containerPorts: this.range ?? single(this.numbers.containerPort),
      hostPorts: hostPort === undefined ? undefined : single(hostPort),
      fixed: hostPort !== undefined,
      dynamic: hostPort === undefined,
      guarded: guarded(scope, protocol, hostPort ?? dynamicPorts),
    };
  }
}

/**
 * A port of an awsvpc-mode task, on the task's own network interface.
 */
export class TaskPort {
  public static tcp(port: number, options: PortOptions = {}): TaskPort {
    requirePort('port', port);
    return new TaskPort('tcp', port, options);
  }

  public static udp(port: number, options: PortOptions = {}): TaskPort {
    requirePort('port', port);
    return new TaskPort('udp', port, options);
  }

  /** @throws if an end is known only at deployment */
  public static tcpRange(ports: PortRange): TaskPort {
    requireKnown('ports', ports);
    return new TaskPort('tcp', ports);
  }

  /** @throws if an end is known only at deployment */
  public static udpRange(ports: PortRange): TaskPort {
    requireKnown('ports', ports);
    return new TaskPort('udp', ports);
  }

  private constructor(
    private readonly protocol: TransportProtocol,
    private readonly ports: number | PortRange,
    private readonly options: PortOptions = {},
  ) {
    requireName(options);
  }

  /** @internal */
  public _use(scope: IConstruct): PortUse {
    const numbers = typeof this.ports === 'number'
      ? { containerPort: this.ports }
      : { containerPort: ecs.ContainerDefinition.CONTAINER_PORT_USE_RANGE, containerPortRange: this.ports.toString() };
    return {
      of: this,
      mapping: mapping(this.protocol, numbers, this.options),
      protocol: this.protocol,
      containerPorts: typeof this.ports === 'number' ? single(this.ports) : this.ports,
      fixed: false,
      dynamic: false,
      guarded: guarded(scope, this.protocol, this.ports),
    };
  }
}

function mapping(protocol: TransportProtocol, numbers: Partial<ecs.PortMapping>, { name, appProtocol }: PortOptions = {}): ecs.PortMapping {
  return { protocol: protocol === 'tcp' ? ecs.Protocol.TCP : ecs.Protocol.UDP, name, appProtocol, ...numbers } as ecs.PortMapping;
}

function transport(protocol: ecs.Protocol | undefined): TransportProtocol {
  return protocol === ecs.Protocol.UDP ? 'udp' : 'tcp';
}

function single(port: number) {
  return Token.isUnresolved(port) ? undefined : { first: port, last: port };
}

function guarded(scope: IConstruct, protocol: TransportProtocol, ports: number | PortRange): ec2.Port {
  return toldApart(scope, portOf(protocol, ports));
}

function portOf(protocol: TransportProtocol, ports: number | PortRange): ec2.Port {
  if (typeof ports === 'number') {
    return protocol === 'tcp' ? ec2.Port.tcp(ports) : ec2.Port.udp(ports);
  }
  return protocol === 'tcp' ? ec2.Port.tcpRange(ports.first, ports.last) : ec2.Port.udpRange(ports.first, ports.last);
}

function requirePort(prop: string, port: number): void {
  if (!Token.isUnresolved(port) && !isPort(port)) {
    throw new Error(`'${prop}' must be an integer from ${MIN_PORT} to ${MAX_PORT}, got ${shown(port)}`);
  }
}

/** The framework takes a container's range as a text without tokens. */
function requireKnown(prop: string, { first, last }: PortRange): void {
  const unknown = [first, last].find((port) => Token.isUnresolved(port));
  if (unknown !== undefined) {
    throw new Error(`'${prop}' must be a range of ports known when the app is synthesised, got ${shown(unknown)}`);
  }
}

function requireName({ name, appProtocol }: PortOptions): void {
  if (appProtocol && !name) {
    throw new Error(`'appProtocol' (${appProtocol.value}) needs 'name': only Service Connect reads it, and it finds ports by name`);
  }
}
