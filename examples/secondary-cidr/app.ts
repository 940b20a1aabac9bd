import { App } from 'aws-cdk-lib';
import { SecondaryCidrStack } from './secondary-cidr';

new SecondaryCidrStack(new App(), 'SecondaryCidr');
