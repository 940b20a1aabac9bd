import { App } from 'aws-cdk-lib';
import { ServiceConnectStack } from './service-connect';

new ServiceConnectStack(new App(), 'ServiceConnect');
