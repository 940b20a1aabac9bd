import type { AccountSettings } from '../analysis/facts';

/** Whether an ECS account setting is on. */
export enum AccountSetting {
  ENABLED = 'enabled',
  DISABLED = 'disabled',
}

/**
 * The ECS account settings that the checks judge by. No template tells them: they are set for an account, or for the role of the instances.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
 */
export interface EcsAccountSettings {
  /**
   * `awsvpcTrunking`: more awsvpc tasks per instance.
   *
   * @default - not known: what `EniTrunking` of a capacity says, else AWS's default, and then findings that rest on it are warnings
   */
  readonly awsvpcTrunking?: AccountSetting;

  /**
   * `dualStackIPv6`: awsvpc tasks in dual-stack subnets get IPv6 addresses.
   *
   * @default - not known: AWS's default, and then findings that rest on it are warnings
   */
  readonly dualStackIpv6?: AccountSetting;
}

/**
 * As the analysis takes them.
 *
 * @internal
 */
export function settingsOf({ awsvpcTrunking, dualStackIpv6 }: EcsAccountSettings = {}): AccountSettings {
  return { awsvpcTrunking, dualStackIPv6: dualStackIpv6 };
}
