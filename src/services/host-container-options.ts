import * as ecs from 'aws-cdk-lib/aws-ecs';

/**
 * A container that shares the instance's network.
 *
 * `user` is required, and not root, unless `runAsRoot` says why.
 */
export interface HostContainerOptions extends ecs.ContainerDefinitionOptions {
  /**
   * Why the container must run as root. The reason is kept in the cloud assembly.
   *
   * @default - it does not: `user` says as whom it runs
   */
  readonly runAsRoot?: string;

  /**
   * Why the container must be `privileged`. The reason is kept in the cloud assembly.
   *
   * @default - it is not
   */
  readonly privilegedReason?: string;

  /**
   * Leave the container the capability NET_RAW, with which it can forge packets from the instance's address.
   *
   * @default false
   */
  readonly allowNetRaw?: boolean;
}
