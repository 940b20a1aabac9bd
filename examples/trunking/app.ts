import { App } from 'aws-cdk-lib';
import { TrunkingStack } from './trunking';

new TrunkingStack(new App(), 'Trunking');
