import { App } from 'aws-cdk-lib';
import { BridgeFixedNlbStack } from './bridge-fixed-nlb';

new BridgeFixedNlbStack(new App(), 'BridgeFixedNlb');
