import { App } from 'aws-cdk-lib';
import { whatGoesWrong } from './what-goes-wrong';

whatGoesWrong(new App());
