import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { invalid, shown } from '../../invalid';
import { PortRange } from '../port-range';

/** What the agents of a capacity's instances are told. */
export interface AgentSettings {
  readonly spot: boolean;
  readonly tasksReachInstanceMetadata?: boolean;
  readonly warmPool?: object;
  readonly dynamicPorts?: PortRange;
  readonly agentConfiguration?: { readonly [name: string]: string };
}

/** Settings that a prop writes, and so `agentConfiguration` must not. */
const PROP_OF: Record<string, string> = {
  ECS_AWSVPC_BLOCK_IMDS: 'tasksReachInstanceMetadata',
  ECS_CLUSTER: 'cluster',
  ECS_DYNAMIC_HOST_PORT_RANGE: 'dynamicPorts',
  ECS_WARM_POOLS_CHECK: 'warmPool',
};

/** The user data of Amazon Linux, after the line that the cluster writes. */
export function agentSettings({ spot, tasksReachInstanceMetadata, warmPool, dynamicPorts, agentConfiguration }: AgentSettings): string[] {
  const settings = {
    ...tasksReachInstanceMetadata ? {} : { ECS_AWSVPC_BLOCK_IMDS: 'true' },
    ...spot ? { ECS_ENABLE_SPOT_INSTANCE_DRAINING: 'true' } : {},
    ...warmPool ? { ECS_WARM_POOLS_CHECK: 'true' } : {},
    ...dynamicPorts ? { ECS_DYNAMIC_HOST_PORT_RANGE: dynamicPorts.toString() } : {},
    ...agentConfiguration,
  };
  return Object.entries(settings).map(([name, value]) => agentSetting(name, value));
}

/** One setting, for the user data of Amazon Linux. */
export function agentSetting(name: string, value: string): string {
  return `echo '${name}=${value}' >> /etc/ecs/ecs.config`;
}

/** Keys of the `[settings.ecs]` table, which the cluster has just opened, last in the user data: further keys of it must follow at once. */
export function bottlerocketSettings({ spot, tasksReachInstanceMetadata }: AgentSettings): string[] {
  return [
    ...tasksReachInstanceMetadata ? [] : ['awsvpc-block-imds = true'],
    ...spot ? ['enable-spot-instance-draining = true'] : [],
  ];
}

/** Refuses names and values that could not be written as they are, and those that a prop writes. */
export function requireAgentConfiguration(scope: Construct, agentConfiguration: AgentSettings['agentConfiguration'] = {}): void {
  if (typeof agentConfiguration !== 'object' || agentConfiguration === null) {
    throw invalid(scope, `'agentConfiguration' must be settings by their names, got ${shown(agentConfiguration)}`);
  }
  for (const [name, value] of Object.entries(agentConfiguration)) {
    if (Object.hasOwn(PROP_OF, name)) {
      throw invalid(scope, `'agentConfiguration' must not hold ${name}: '${PROP_OF[name]}' sets it`);
    }
    if (!/^[A-Z][A-Z0-9_]*$/.test(name)) {
      throw invalid(scope, `'agentConfiguration' names must be upper-case settings such as ECS_LOGLEVEL, got ${shown(name)}`);
    }
    if (!Token.isUnresolved(value) && /['\r\n]/.test(value)) {
      throw invalid(scope, `'agentConfiguration' value of ${name} must hold no quote and no line break, got ${shown(value)}`);
    }
  }
}
