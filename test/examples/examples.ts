import type { App } from 'aws-cdk-lib';
import { AwsvpcEc2Stack } from '../../examples/awsvpc-ec2/awsvpc-ec2';
import { AwsvpcFargateStack } from '../../examples/awsvpc-fargate/awsvpc-fargate';
import { BridgeFixedNlbStack } from '../../examples/bridge-fixed-nlb/bridge-fixed-nlb';
import { BridgeWebStack } from '../../examples/bridge-web/bridge-web';
import { DualStackStack } from '../../examples/dual-stack/dual-stack';
import { HostAgentStack } from '../../examples/host-agent/host-agent';
import { ManagedInstancesStack } from '../../examples/managed-instances/managed-instances';
import { NoInternetStack } from '../../examples/no-internet/no-internet';
import { SecondaryCidrStack } from '../../examples/secondary-cidr/secondary-cidr';
import { ServiceConnectStack } from '../../examples/service-connect/service-connect';
import { threeStacks } from '../../examples/three-stacks/three-stacks';
import { TrunkingStack } from '../../examples/trunking/trunking';

/** Every example by the name of its folder, with the stack names of examples/all.ts. */
export const EXAMPLES: Record<string, (app: App) => void> = {
  'awsvpc-ec2': (app) => new AwsvpcEc2Stack(app, 'AwsvpcEc2'),
  'awsvpc-fargate': (app) => new AwsvpcFargateStack(app, 'AwsvpcFargate'),
  'bridge-fixed-nlb': (app) => new BridgeFixedNlbStack(app, 'BridgeFixedNlb'),
  'bridge-web': (app) => new BridgeWebStack(app, 'BridgeWeb'),
  'dual-stack': (app) => new DualStackStack(app, 'DualStack'),
  'host-agent': (app) => new HostAgentStack(app, 'HostAgent'),
  'managed-instances': (app) => new ManagedInstancesStack(app, 'ManagedInstances'),
  'no-internet': (app) => new NoInternetStack(app, 'NoInternet'),
  'secondary-cidr': (app) => new SecondaryCidrStack(app, 'SecondaryCidr'),
  'service-connect': (app) => new ServiceConnectStack(app, 'ServiceConnect'),
  'three-stacks': (app) => threeStacks(app),
  'trunking': (app) => new TrunkingStack(app, 'Trunking'),
};
