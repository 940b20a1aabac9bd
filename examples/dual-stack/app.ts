import { App } from 'aws-cdk-lib';
import { DualStackStack } from './dual-stack';

new DualStackStack(new App(), 'DualStack');
