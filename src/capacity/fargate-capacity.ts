import * as ecs from 'aws-cdk-lib/aws-ecs';
import { invalid, requireInteger } from '../invalid';
import { ICapacity } from './capacity';

/**
 * How a service is spread over Fargate and Fargate Spot.
 */
export interface FargateMixOptions {
  /**
   * How many tasks run on demand before the weights count.
   *
   * @default 0
   */
  readonly onDemandBase?: number;

  /**
   * Share of the further tasks that run on demand.
   *
   * @default 1
   */
  readonly onDemandWeight?: number;

  /**
   * Share of the further tasks that run on Fargate Spot.
   *
   * @default 1
   */
  readonly spotWeight?: number;
}

/**
 * AWS Fargate: tasks in awsvpc mode, without instances of your own.
 *
 * The cluster may be an imported one. For Spot and mixes an imported cluster must already have the providers `FARGATE` and
 * `FARGATE_SPOT` associated; on a cluster of this app they are enabled here.
 *
 * Not for services that need a host port, a privileged container or an instance type: use `Ec2Capacity`.
 */
export class FargateCapacity implements ICapacity {
  /** Every task on demand (launch type `FARGATE`): the default of `AwsvpcService`. */
  public static onDemand(cluster: ecs.ICluster): FargateCapacity {
    return new FargateCapacity(cluster, []);
  }

  /** Every task on Fargate Spot: cheaper, and stopped with two minutes' notice when AWS needs the capacity. */
  public static spot(cluster: ecs.ICluster): FargateCapacity {
    return new FargateCapacity(cluster, [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }]);
  }

  /**
   * A base of tasks on demand, the others spread by weight.
   *
   * @throws if a base or weight is not an integer ECS takes (base 0 to 100,000, weight 0 to 1,000), or both weights are 0
   */
  public static mixed(cluster: ecs.ICluster, options: FargateMixOptions = {}): FargateCapacity {
    const { onDemandBase = 0, onDemandWeight = 1, spotWeight = 1 } = options;
    // Bounds: ECS API reference, CapacityProviderStrategyItem.
    requireInteger(cluster, 'onDemandBase', onDemandBase, 0, 100_000);
    requireInteger(cluster, 'onDemandWeight', onDemandWeight, 0, 1_000);
    requireInteger(cluster, 'spotWeight', spotWeight, 0, 1_000);
    if (onDemandWeight === 0 && spotWeight === 0) {
      throw invalid(cluster, "'onDemandWeight' and 'spotWeight' are both 0: at least one must be above 0, or no task can be placed");
    }
    return new FargateCapacity(cluster, [
      { capacityProvider: 'FARGATE', base: onDemandBase, weight: onDemandWeight },
      { capacityProvider: 'FARGATE_SPOT', weight: spotWeight },
    ]);
  }

  public readonly compatibility = ecs.Compatibility.FARGATE;

  private constructor(
    public readonly cluster: ecs.ICluster,
    public readonly capacityProviderStrategies: ecs.CapacityProviderStrategy[],
  ) {
    if (capacityProviderStrategies.length > 0 && ecs.Cluster.isCluster(cluster)) {
      cluster.enableFargateCapacityProviders();
    }
  }
}
