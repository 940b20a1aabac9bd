import { App } from 'aws-cdk-lib';
import { AwsvpcFargateStack } from './awsvpc-fargate';

new AwsvpcFargateStack(new App(), 'AwsvpcFargate');
