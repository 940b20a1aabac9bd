import { Aspects, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { EndpointFeature, TaskEndpoints } from '../../src';
import { synth, templateOf, world } from '../fixtures';
import { pathsOf } from '../security-group-rules';
import { dependenciesOf, idOf } from '../template-graph';
import { ECR, endpointIds, endpointsIn, isolatedService, isolatedWorld, plainFargate, S3, taskEndpoints } from './task-endpoints-world';

const { InterfaceVpcEndpointAwsService: Aws } = ec2;

describe('an interface endpoint the VPC has in the app', () => {
  test.each([
    ['before', true],
    ['after', false],
  ])('made %s the endpoints is not made again, lets the tasks in, and is waited for', (_, before) => {
    const w = isolatedWorld();
    const addLogs = () => w.vpc.addInterfaceEndpoint('Logs', { service: Aws.CLOUDWATCH_LOGS, open: false });
    if (before) {
      addLogs();
    }
    const endpoints = taskEndpoints(w);
    endpoints.serve(isolatedService(w).service);
    if (!before) {
      addLogs();
    }
    const template = templateOf(w.stack);
    expect(endpointsIn(template)).toEqual([...ECR, 'logs', S3]);
    expect(pathsOf(w.app)).toEqual(['Endpoints < Api tcp 443', 'Vpc/Logs < Api tcp 443']);
    const waits = dependenciesOf(template, idOf(template, 'AWS::ECS::Service'));
    endpointIds(template).forEach((id) => expect(waits).toContain(id));
    expect(Object.keys(endpoints.endpoints)).toEqual(ECR);
  });

  test('that nothing here needs is left alone', () => {
    const w = isolatedWorld();
    w.vpc.addInterfaceEndpoint('Queue', { service: Aws.SQS, open: false });
    w.vpc.addInterfaceEndpoint('Keys', { service: Aws.KMS, open: false });
    taskEndpoints(w).serve(isolatedService(w).service);
    expect(pathsOf(w.app)).toEqual(['Endpoints < Api tcp 443']);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, 'kms', 'logs', S3, 'sqs']);
  });

  test('without private DNS is of no use to tasks, so there is one with it beside', () => {
    const w = isolatedWorld();
    w.vpc.addInterfaceEndpoint('Logs', { service: Aws.CLOUDWATCH_LOGS, privateDnsEnabled: false, open: false });
    taskEndpoints(w).serve(isolatedService(w).service);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, 'logs', 'logs', S3]);
  });

  test('without a word on private DNS has none, as CloudFormation has it', () => {
    const w = isolatedWorld();
    new ec2.CfnVPCEndpoint(w.stack, 'Logs', {
      vpcId: w.vpc.vpcId, serviceName: `com.amazonaws.${w.stack.region}.logs`, vpcEndpointType: 'Interface',
    });
    taskEndpoints(w).serve(isolatedService(w).service);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, 'logs', 'logs', S3]);
  });

  test('with an imported group is not edited', () => {
    const w = isolatedWorld();
    const imported = ec2.SecurityGroup.fromSecurityGroupId(w.stack, 'Imported', 'sg-0123456789abcdef0');
    w.vpc.addInterfaceEndpoint('Logs', { service: Aws.CLOUDWATCH_LOGS, open: false, securityGroups: [imported] });
    taskEndpoints(w).serve(isolatedService(w).service);
    expect(pathsOf(w.app)).toEqual(['Endpoints < Api tcp 443']);
  });

  test('made with the L1 counts, in words as well', () => {
    const w = isolatedWorld({ env: { region: 'eu-west-1' } });
    new ec2.CfnVPCEndpoint(w.stack, 'Logs', {
      vpcId: (w.vpc.node.defaultChild as ec2.CfnVPC).attrVpcId,
      serviceName: 'com.amazonaws.eu-west-1.logs',
      vpcEndpointType: 'Interface',
      privateDnsEnabled: true,
    });
    taskEndpoints(w).serve(isolatedService(w).service);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, 'logs', S3]);
  });

  test('of another VPC does not count', () => {
    const w = isolatedWorld();
    world().vpc.addInterfaceEndpoint('Logs', { service: Aws.CLOUDWATCH_LOGS });
    new ec2.Vpc(w.stack, 'Other', { maxAzs: 1 }).addInterfaceEndpoint('Logs', { service: Aws.CLOUDWATCH_LOGS });
    taskEndpoints(w).serve(isolatedService(w).service);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, 'logs', 'logs', S3]);
  });

  test('in another stack is found, and let in to from the stack of the service', () => {
    const w = isolatedWorld();
    const services = new Stack(w.app, 'Services');
    w.vpc.addInterfaceEndpoint('Logs', { service: Aws.CLOUDWATCH_LOGS, open: false });
    taskEndpoints(w).serve(isolatedService({ ...w, stack: services }).service);
    expect(pathsOf(w.app)).toEqual(['Endpoints < Api tcp 443', 'Vpc/Logs < Api tcp 443']);
    expect(Object.keys(Template.fromStack(services).findResources('AWS::EC2::SecurityGroupIngress'))).toHaveLength(2);
    expect(endpointsIn(Template.fromStack(w.stack))).toEqual([...ECR, 'logs', S3]);
  });

  test('that an aspect adds too late to give way to it is refused', () => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(isolatedService(w).service);
    Aspects.of(w.stack.node.findChild('Api')).add({
      visit: (node) => {
        if (node === w.stack.node.findChild('Api') && !w.vpc.node.tryFindChild('Logs')) {
          w.vpc.addInterfaceEndpoint('Logs', { service: Aws.CLOUDWATCH_LOGS });
        }
      },
    }, { priority: 900 });
    expect(() => synth(w.app)).toThrow(/an aspect has added endpoints for logs to the VPC/);
  });
});

describe('an S3 gateway the VPC has in the app', () => {
  test.each([
    ['before', true],
    ['after', false],
  ])('made %s the endpoints is not made again, and is waited for', (_, before) => {
    const w = isolatedWorld();
    const addS3 = () => w.vpc.addGatewayEndpoint('Store', { service: ec2.GatewayVpcEndpointAwsService.S3 });
    if (before) {
      addS3();
    }
    const endpoints = taskEndpoints(w);
    endpoints.serve(isolatedService(w).service);
    if (!before) {
      addS3();
    }
    const template = templateOf(w.stack);
    expect(endpointsIn(template)).toEqual([...ECR, 'logs', S3]);
    expect(endpoints.s3Endpoint).toBeUndefined();
    const waits = dependenciesOf(template, idOf(template, 'AWS::ECS::Service'));
    endpointIds(template).forEach((id) => expect(waits).toContain(id));
  });

  test.each([
    ['before', true],
    ['after', false],
  ])('made %s for some route tables leaves the others to one of ours', (_, before) => {
    const w = isolatedWorld();
    const [covered, open] = w.vpc.isolatedSubnets;
    const addS3 = () => w.vpc.addGatewayEndpoint('Store', { service: ec2.GatewayVpcEndpointAwsService.S3, subnets: [{ subnets: [covered] }] });
    if (before) {
      addS3();
    }
    const endpoints = taskEndpoints(w);
    endpoints.serve(plainFargate(w));
    if (!before) {
      addS3();
    }
    const template = templateOf(w.stack);
    expect(endpointsIn(template)).toEqual([...ECR, S3, S3]);
    const tables = (endpoints.s3Endpoint!.node.defaultChild as ec2.CfnVPCEndpoint).routeTableIds;
    expect(w.stack.resolve(tables)).toEqual([w.stack.resolve(open.routeTable.routeTableId)]);
  });

  test('for DynamoDB is another matter', () => {
    const w = isolatedWorld();
    w.vpc.addGatewayEndpoint('Table', { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB });
    taskEndpoints(w, { features: [EndpointFeature.S3] });
    expect(endpointsIn(templateOf(w.stack))).toEqual(['dynamodb (gateway)', S3]);
  });

  test('in route tables known only at deployment is taken to be in all', () => {
    const w = isolatedWorld();
    new ec2.CfnVPCEndpoint(w.stack, 'Store', {
      vpcId: w.vpc.vpcId,
      serviceName: `com.amazonaws.${w.stack.region}.s3`,
      routeTableIds: Fn.split(',', Fn.importValue('RouteTables')),
    });
    taskEndpoints(w).serve(plainFargate(w));
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, 's3']);
  });
});

test('endpoints from outside the app are neither made nor waited for where they are named', () => {
  const { stack } = world();
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
    vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-west-1a'], isolatedSubnetIds: ['subnet-0123456789abcde01'],
  });
  const features = [EndpointFeature.ECR_IMAGES, EndpointFeature.CLOUDWATCH_LOGS, EndpointFeature.KMS];
  new TaskEndpoints(stack, 'Endpoints', { vpc, features, existingEndpoints: ['ecr.dkr', 'logs', 's3'] });
  expect(endpointsIn(templateOf(stack))).toEqual(['ecr.api', 'kms']);
});

test('endpoints of an imported VPC that are made in the app are found by its id', () => {
  const { app, stack } = world();
  const attributes = { vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-west-1a'], isolatedSubnetIds: ['subnet-0123456789abcde01'], isolatedSubnetRouteTableIds: ['rtb-0123456789abcdef0'] };
  const [here, there] = [stack, new Stack(app, 'There')].map((scope) => ec2.Vpc.fromVpcAttributes(scope, 'Imported', attributes));
  new ec2.InterfaceVpcEndpoint(Stack.of(there), 'Logs', { vpc: there, service: Aws.CLOUDWATCH_LOGS, open: false });
  new TaskEndpoints(stack, 'Endpoints', { vpc: here, features: [EndpointFeature.CLOUDWATCH_LOGS, EndpointFeature.S3] });
  expect(endpointsIn(templateOf(stack))).toEqual([S3]);
});
