import { App } from 'aws-cdk-lib';
import { BridgeWebStack } from './bridge-web';

new BridgeWebStack(new App(), 'BridgeWeb');
