import { App } from 'aws-cdk-lib';
import { threeStacks } from './three-stacks';

threeStacks(new App());
