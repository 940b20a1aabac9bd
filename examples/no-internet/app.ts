import { App } from 'aws-cdk-lib';
import { NoInternetStack } from './no-internet';

new NoInternetStack(new App(), 'NoInternet');
