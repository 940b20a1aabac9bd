import { App } from 'aws-cdk-lib';
import { ManagedInstancesStack } from './managed-instances';

new ManagedInstancesStack(new App(), 'ManagedInstances');
