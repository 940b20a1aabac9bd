import { App } from 'aws-cdk-lib';
import { HostAgentStack } from './host-agent';

new HostAgentStack(new App(), 'HostAgent');
