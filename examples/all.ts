import { App, Validations } from 'aws-cdk-lib';
import { NetworkModeChecks } from 'cdk-ecs-network-modes';
import { AwsvpcEc2Stack } from './awsvpc-ec2/awsvpc-ec2';
import { AwsvpcFargateStack } from './awsvpc-fargate/awsvpc-fargate';
import { BridgeFixedNlbStack } from './bridge-fixed-nlb/bridge-fixed-nlb';
import { BridgeWebStack } from './bridge-web/bridge-web';
import { DualStackStack } from './dual-stack/dual-stack';
import { HostAgentStack } from './host-agent/host-agent';
import { ManagedInstancesStack } from './managed-instances/managed-instances';
import { NoInternetStack } from './no-internet/no-internet';
import { SecondaryCidrStack } from './secondary-cidr/secondary-cidr';
import { ServiceConnectStack } from './service-connect/service-connect';
import { threeStacks } from './three-stacks/three-stacks';
import { TrunkingStack } from './trunking/trunking';

/**
 * Every example in one app: what `npx cdk synth` runs. Each folder's app.ts runs one of them alone.
 *
 * The checks judge all of it, and say in a line how much that was and what they could not decide.
 */
export const app = new App();
Validations.of(app).addPlugins(new NetworkModeChecks());

new HostAgentStack(app, 'HostAgent');
new BridgeWebStack(app, 'BridgeWeb');
new BridgeFixedNlbStack(app, 'BridgeFixedNlb');
new AwsvpcFargateStack(app, 'AwsvpcFargate');
new AwsvpcEc2Stack(app, 'AwsvpcEc2');
threeStacks(app);
new ServiceConnectStack(app, 'ServiceConnect');
new ManagedInstancesStack(app, 'ManagedInstances');
new TrunkingStack(app, 'Trunking');
new SecondaryCidrStack(app, 'SecondaryCidr');
new NoInternetStack(app, 'NoInternet');
new DualStackStack(app, 'DualStack');
