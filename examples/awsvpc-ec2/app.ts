import { App } from 'aws-cdk-lib';
import { AwsvpcEc2Stack } from './awsvpc-ec2';

new AwsvpcEc2Stack(new App(), 'AwsvpcEc2');
