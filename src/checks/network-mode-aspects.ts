import type { IAspect } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Family } from '../analysis/rule';
import { RULES } from '../analysis/rules';
import { EcsAccountSettings, settingsOf } from './account-settings';
import { Judging, note } from './annotations';

/** What the aspects take. */
export interface NetworkModeAspectProps {
  /**
   * The ECS account settings of the accounts the app is deployed to.
   *
   * @default - not known
   */
  readonly accountSettings?: EcsAccountSettings;
}

/**
 * All rules about network modes as annotations on the constructs below the one it is added to. They are judged with the facts of the whole
 * app, or of the whole stage.
 *
 * The annotations are made when constructs are validated, after every aspect, whatever the priorities. Aspects do not reach into stages:
 * add it to each. Where `NetworkModeChecks` judges the same app the aspect says nothing, nor with `CDK_VALIDATION=false`.
 *
 * @example
 * Aspects.of(stack).add(new NetworkModeAspect(), { priority: AspectPriority.READONLY });
 */
export class NetworkModeAspect implements IAspect {
  private readonly judging: Judging;

  constructor(props: NetworkModeAspectProps = {}) {
    this.judging = judgingBy(undefined, props);
  }

  /** Called by the framework for each construct. */
  public visit(node: IConstruct): void {
    note(node, this.judging);
  }
}

/** The rules about network interfaces of instances, as `NetworkModeAspect` has all of them: whether tasks fit on their instances. */
export class EniDensityAspect implements IAspect {
  private readonly judging: Judging;

  constructor(props: NetworkModeAspectProps = {}) {
    this.judging = judgingBy('eni-density', props);
  }

  /** Called by the framework for each construct. */
  public visit(node: IConstruct): void {
    note(node, this.judging);
  }
}

/** The rules about addresses, as `NetworkModeAspect` has all of them: whether subnets have enough, and whether blocks fit together. */
export class SubnetIpCapacityAspect implements IAspect {
  private readonly judging: Judging;

  constructor(props: NetworkModeAspectProps = {}) {
    this.judging = judgingBy('addresses', props);
  }

  /** Called by the framework for each construct. */
  public visit(node: IConstruct): void {
    note(node, this.judging);
  }
}

/** The rules about security groups, as `NetworkModeAspect` has all of them: whether they are too open, or closed where a path is meant. */
export class SecurityGroupScopeAspect implements IAspect {
  private readonly judging: Judging;

  constructor(props: NetworkModeAspectProps = {}) {
    this.judging = judgingBy('security-groups', props);
  }

  /** Called by the framework for each construct. */
  public visit(node: IConstruct): void {
    note(node, this.judging);
  }
}

function judgingBy(family: Family | undefined, { accountSettings }: NetworkModeAspectProps): Judging {
  return {
    rules: new Set(RULES.filter((rule) => family === undefined || rule.family === family)),
    settings: settingsOf(accountSettings),
  };
}
