import { Lazy, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { invalid, requireInteger } from '../../invalid';
import {
  bindingCause, fixedPortPercents, isBlueGreenStuck, isDaemonStuck, largestWorkableMinimumPercent, maximumTasks, minimumHealthyTasks,
  smallestWorkableMaximumPercent, stuckCountsIn,
} from '../../limits/rolling-update';
import { NetworkModeServiceProps } from '../network-mode-service-props';

/** What limits the copies of a service per instance. */
export interface Room {
  /** One task per instance, and why; unset where any number fits. */
  readonly oneTaskPerInstance?: string;
  /** The fewest and most instances, where known. */
  readonly minInstances?: number;
  readonly maxInstances?: number;
}

/** Desired counts a service can have, both ends included. */
interface Counts {
  readonly min: number;
  readonly max: number;
}

/**
 * How a service is deployed: percents by mode with which a rolling update can move at every desired count, and a refusal, with the
 * arithmetic, of given ones with which it cannot.
 *
 * Autoscaling and sidecars with fixed ports come after the service, so the percents are checked again whenever something changes.
 */
export class Deployment {
  private scaling?: { readonly minCapacity?: number; readonly maxCapacity: number };
  private readonly ecsController: boolean;
  private readonly rolling: boolean;
  /** Old and new tasks side by side: native blue/green, linear and canary, and CodeDeploy's (fact D05). */
  private readonly sideBySide: boolean;

  constructor(
    private readonly scope: Construct,
    private readonly props: NetworkModeServiceProps,
    private readonly room: () => Room,
  ) {
    const controller = props.deploymentController?.type ?? ecs.DeploymentControllerType.ECS;
    this.ecsController = controller === ecs.DeploymentControllerType.ECS;
    this.rolling = this.ecsController && (props.deploymentStrategy ?? ecs.DeploymentStrategy.ROLLING) === ecs.DeploymentStrategy.ROLLING;
    this.sideBySide = controller === ecs.DeploymentControllerType.CODE_DEPLOY || (this.ecsController && !this.rolling);
    requireInteger(scope, 'desiredCount', props.desiredCount, 0);
    requireInteger(scope, 'minHealthyPercent', props.minHealthyPercent, 0, 100);
    requireInteger(scope, 'maxHealthyPercent', props.maxHealthyPercent, 1);
    if (props.daemon) {
      if (props.desiredCount !== undefined) {
        throw invalid(scope, `'desiredCount' must be left out of a daemon, which runs one task on every instance; got ${props.desiredCount}`);
      }
      if (props.maxHealthyPercent !== undefined && props.maxHealthyPercent !== 100 && !Token.isUnresolved(props.maxHealthyPercent)) {
        throw invalid(scope, `'maxHealthyPercent' of a daemon must be 100, got ${props.maxHealthyPercent}`);
      }
    }
    scope.node.addValidation({
      validate: () => {
        const problem = this.problem(true);
        return problem ? [problem] : [];
      },
    });
  }

  /** The options of the inner service. */
  public options() {
    // Not lazy: Ec2Service compares it with the minimum as a number. In place of one known only at deployment, which `settle` sets, goes
    // one that it takes beside every minimum.
    const maxHealthyPercent = this.maxHealthyPercent();
    const unknown = Token.isUnresolved(maxHealthyPercent);
    return {
      minHealthyPercent: (unknown ? undefined : this.props.minHealthyPercent) ?? Lazy.number({ produce: () => this.minHealthyPercent() }),
      maxHealthyPercent: !unknown ? maxHealthyPercent : this.props.daemon ? 100 : 200,
      circuitBreaker: this.props.circuitBreaker ?? (this.ecsController ? { enable: true, rollback: true } : undefined),
      availabilityZoneRebalancing: Lazy.string({ produce: () => this.availabilityZoneRebalancing() }) as ecs.AvailabilityZoneRebalancing,
    };
  }

  /** Sets on a new service what its `options` could not. */
  public settle(service: ecs.BaseService): void {
    if (Token.isUnresolved(this.maxHealthyPercent())) {
      this.setMaximum(service);
    }
  }

  /** Sets what a sidecar's fixed port changes on a service that was made without one. */
  public update(service: ecs.BaseService): void {
    this.check();
    this.setMaximum(service);
  }

  private setMaximum(service: ecs.BaseService): void {
    (service.node.defaultChild as ecs.CfnService).addPropertyOverride('DeploymentConfiguration.MaximumPercent', this.maxHealthyPercent());
  }

  /** Takes note of the counts between which the service is scaled. */
  public scale(minCapacity: number | undefined, maxCapacity: number): void {
    if (this.props.daemon) {
      throw invalid(this.scope, "'autoScaleTaskCount' is not for a daemon, which runs one task on every instance");
    }
    requireInteger(this.scope, 'minCapacity', minCapacity, 0);
    requireInteger(this.scope, 'maxCapacity', maxCapacity, 0);
    this.scaling = { minCapacity, maxCapacity };
    this.check(true);
  }

  /**
   * @param settled whether autoscaling can no longer change a count that was not given
   * @throws if a deployment could not move
   */
  public check(settled = false): void {
    const problem = this.problem(settled);
    if (problem) {
      throw invalid(this.scope, problem);
    }
  }

  private problem(settled: boolean): string | undefined {
    const { props } = this;
    const { oneTaskPerInstance, minInstances } = this.room();
    const max = this.maxHealthyPercent();
    const min = this.minHealthyPercent();
    if (props.availabilityZoneRebalancing === ecs.AvailabilityZoneRebalancing.ENABLED && this.keepsWithin100()) {
      const here = props.daemon ? 'this is a daemon' : `here it is ${max}${oneTaskPerInstance ? `, because ${oneTaskPerInstance}` : ''}`;
      return "'availabilityZoneRebalancing' ENABLED starts a task elsewhere before it stops one, so it needs 'maxHealthyPercent' above 100 and no "
        + `daemon; ${here}`;
    }
    const percentsKnown = !Token.isUnresolved(min) && !Token.isUnresolved(max);
    if (props.daemon) {
      return this.rolling && percentsKnown ? this.daemonProblem(min, max, minInstances ?? 1) : undefined;
    }
    const counts = this.counts(settled);
    if (!counts) {
      return undefined;
    }
    const room = this.roomForTasks();
    if (room !== undefined && counts.max > room) {
      return `${counts.max} tasks do not fit: ${oneTaskPerInstance}, so each needs an instance of its own, and 'maxInstances' is ${room}`;
    }
    if (this.sideBySide && isBlueGreenStuck({ desired: counts.max, room })) {
      const given = this.ecsController ? `'deploymentStrategy' ${props.deploymentStrategy}` : "'deploymentController' CODE_DEPLOY";
      return `${given} runs old and new tasks side by side: 2 × ${counts.max} tasks, and ${oneTaskPerInstance}, so it needs `
        + `${2 * counts.max} instances; 'maxInstances' is ${room}. Raise it, or use a dynamic port`;
    }
    return this.rolling && percentsKnown ? this.rollingProblem(counts, min, max, room, oneTaskPerInstance) : undefined;
  }

  private rollingProblem(
    counts: Counts, minHealthyPercent: number, maxHealthyPercent: number, room: number | undefined, why: string | undefined,
  ): string | undefined {
    const desired = stuckCountsIn(counts, { minHealthyPercent, maxHealthyPercent, room });
    if (desired === undefined) {
      return undefined;
    }
    const tasks = (n: number) => `${n} ${n === 1 ? 'task' : 'tasks'}`;
    const least = minimumHealthyTasks(desired, minHealthyPercent);
    const most = maximumTasks(desired, maxHealthyPercent);
    const cause = bindingCause({ desired, minHealthyPercent, maxHealthyPercent, room }) === 'room'
      ? `'minHealthyPercent' ${minHealthyPercent} of ${tasks(desired)} rounds up to ${least}, so no old task may stop, and no new one can start: ${why}, and 'maxInstances' is ${room}`
      : most < desired
        ? `'maxHealthyPercent' ${maxHealthyPercent} rounds down to ${most}, so the last new task may never start`
        : `'minHealthyPercent' ${minHealthyPercent} of ${tasks(desired)} rounds up to ${least} and 'maxHealthyPercent' ${maxHealthyPercent} rounds down to ${most}, so no task may stop and none may start`;
    const larger = room === undefined || room > desired;
    return `with ${tasks(desired)} no update could ever finish: ${cause}. `
      + `Use 'minHealthyPercent' ${atMost(largestWorkableMinimumPercent(desired))} with 'maxHealthyPercent' 100`
      + (larger ? `, or 'maxHealthyPercent' ${smallestWorkableMaximumPercent(desired)} or more` : `, or 'maxInstances' ${desired + 1} or more`);
  }

  private daemonProblem(minHealthyPercent: number, maxHealthyPercent: number, minInstances: number): string | undefined {
    const fewest = Token.isUnresolved(minInstances) ? 1 : Math.max(1, minInstances);
    return isDaemonStuck({ instances: fewest, minHealthyPercent, maxHealthyPercent })
      ? `with ${fewest} ${fewest === 1 ? 'instance' : 'instances'} no update of the daemon could ever finish: 'minHealthyPercent' ${minHealthyPercent} rounds `
        + `up to ${minimumHealthyTasks(fewest, minHealthyPercent)}, so no old task may stop, and every instance holds one. Use `
        + atMost(largestWorkableMinimumPercent(fewest))
      : undefined;
  }

  /** How many tasks the instances can hold at most where each needs one of its own; unset where more fit, or it is not known. */
  private roomForTasks(): number | undefined {
    const { oneTaskPerInstance, maxInstances } = this.room();
    return oneTaskPerInstance && !Token.isUnresolved(maxInstances) ? maxInstances : undefined;
  }

  /** The counts to judge; undefined while or where they are not known. */
  private counts(settled: boolean): Counts | undefined {
    const { desiredCount } = this.props;
    const numbers = this.scaling
      ? [this.scaling.minCapacity ?? 1, this.scaling.maxCapacity]
      : desiredCount === undefined && !settled ? [] : [desiredCount ?? 1]; // ECS creates one task where no count is given
    const known = numbers.filter((n) => !Token.isUnresolved(n));
    return known.length === 0 || known.length < numbers.length ? undefined : { min: Math.min(...known), max: Math.max(...known) };
  }

  private maxHealthyPercent(): number {
    // A new task on a fixed port needs the instance of an old one, so the old one must stop before it can start.
    return this.props.maxHealthyPercent ?? (this.props.daemon || (this.rolling && this.room().oneTaskPerInstance) ? 100 : 200);
  }

  private minHealthyPercent(): number {
    if (this.props.minHealthyPercent !== undefined) {
      return this.props.minHealthyPercent;
    }
    if (this.props.daemon) {
      return 0;
    }
    const counts = this.counts(true);
    return !this.rolling || this.canStartFirst(counts) ? 100 : fixedPortPercents(counts?.min).minHealthyPercent;
  }

  /** Whether a new task can always start beside all the old ones. */
  private canStartFirst(counts: Counts | undefined): boolean {
    const maxHealthyPercent = this.maxHealthyPercent();
    const oneTaskPerInstance = this.room().oneTaskPerInstance !== undefined;
    const room = this.roomForTasks();
    if (Token.isUnresolved(maxHealthyPercent) || (oneTaskPerInstance && room === undefined)) {
      return !oneTaskPerInstance;
    }
    // Nothing is stuck at 0 tasks, but a service scaled up from there by hand must not be either.
    const range = counts && { min: Math.max(1, counts.min), max: Math.max(1, counts.max) };
    return range ? stuckCountsIn(range, { minHealthyPercent: 100, maxHealthyPercent, room }) === undefined : maxHealthyPercent >= 200;
  }

  private keepsWithin100(): boolean {
    const max = this.maxHealthyPercent();
    return this.props.daemon === true || (!Token.isUnresolved(max) && max <= 100);
  }

  /** ECS turns rebalancing on for new services where it is unset, and refuses it at 100. */
  private availabilityZoneRebalancing(): ecs.AvailabilityZoneRebalancing | undefined {
    return this.keepsWithin100() ? ecs.AvailabilityZoneRebalancing.DISABLED : this.props.availabilityZoneRebalancing;
  }
}

function atMost(percent: number): string {
  return percent === 0 ? '0' : `${percent} or less`;
}
