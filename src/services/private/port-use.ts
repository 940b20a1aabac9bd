import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { invalid, shown } from '../../invalid';
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
  /** The port as the user made it: two containers may have equal ones. */
  readonly of: object;
}

/** A port on the container that has it. */
export interface PlacedPort extends PortUse {
  readonly container: ecs.ContainerDefinition;
}

/**
 * Refuses ports of another mode, which no compiler keeps other languages from passing.
 *
 * @returns the ports, or none where none are given
 */
export function requirePorts<T>(
  scope: IConstruct,
  prop: string,
  ports: readonly T[] | undefined,
  kind: { readonly name: string; [Symbol.hasInstance](value: unknown): boolean },
): readonly T[] {
  const given = ports ?? [];
  const wrong = Array.isArray(given) ? given.find((port) => !(port instanceof kind)) : given;
  if (wrong !== undefined) {
    throw invalid(scope, `'${prop}' must be made with ${kind.name}, the ports this network mode has; got ${shown(wrong)}`);
  }
  return given;
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
