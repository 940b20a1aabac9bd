import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Ports, TransportProtocol } from '../../limits/ports';

/** What the three kinds of port have in common for the task definition, the security group and the load balancer. */
export interface PortUse {
  readonly mapping: ecs.PortMapping;
  readonly protocol: TransportProtocol;
  /** Unset where the number is known only at deployment. */
  readonly containerPorts?: Ports;
  /** The ports of the instance that every task takes; unset where there are none, and where they are known only at deployment. */
  readonly hostPorts?: Ports;
  /** Every task takes the same port of its instance, so that an instance holds one task. */
  readonly fixed: boolean;
  /** Mapped to any free port of the instance's dynamic range. */
  readonly dynamic: boolean;
  /** What a client connects to, at the group that guards the port. */
  readonly guarded: ec2.Port;
}

/** A port on the container that has it. */
export interface PlacedPort extends PortUse {
  readonly container: ecs.ContainerDefinition;
}

/** As people write it: `8080/tcp`. */
export function printed(port: PortUse): string {
  const { mapping, protocol } = port;
  const number = mapping.containerPortRange ?? (port.containerPorts ? mapping.containerPort : 'known only at deployment');
  return `${number}/${protocol}`;
}

/** The same port of a task: what `loadBalancerTarget` and others are asked for is looked up by this. */
export function samePort(a: PortUse, b: PortUse): boolean {
  return a.protocol === b.protocol
    && a.mapping.containerPort === b.mapping.containerPort
    && a.mapping.containerPortRange === b.mapping.containerPortRange
    && a.mapping.hostPort === b.mapping.hostPort;
}
