import { Template } from 'aws-cdk-lib/assertions';
import { pathsOf } from '../security-group-rules';
import { dependenciesOf } from '../template-graph';
import { built, find, registeredNames, theOnly, type Built } from './built';

let example: Built;
beforeAll(() => {
  example = built('no-internet');
});

const waitsOf = (logicalId: string) => dependenciesOf(Template.fromStack(example.stacks[0]), logicalId);

test('the VPC has no way to the internet', () => {
  for (const type of ['AWS::EC2::InternetGateway', 'AWS::EC2::NatGateway', 'AWS::EC2::EgressOnlyInternetGateway', 'AWS::EC2::Route']) {
    expect(find(example, type)).toEqual([]);
  }
  expect(find(example, 'AWS::EC2::Subnet').map(({ properties }) => properties.MapPublicIpOnLaunch)).toEqual([false, false]);
});

test('there are the endpoints that these services and instances need, in both zones, and no others', () => {
  const endpoints = find(example, 'AWS::EC2::VPCEndpoint').map(({ properties: { VpcEndpointType, ServiceName, SubnetIds, RouteTableIds } }) =>
    `${JSON.stringify(ServiceName).replace(/^.*[}"],"\.|"\]\].*$/g, '')} ${VpcEndpointType} ${(SubnetIds ?? RouteTableIds).length}`).sort();
  expect(endpoints).toEqual([
    'ecr.api Interface 2', 'ecr.dkr Interface 2', 'ecs Interface 2', 'ecs-agent Interface 2', 'ecs-telemetry Interface 2', 'logs Interface 2',
    's3 Gateway 2', 'secretsmanager Interface 2',
  ]);
});

test('the endpoints let in the two services and the instances on tcp 443, and the API lets in web', () => {
  expect(pathsOf(example.app)).toEqual([
    'Api < Web tcp 8080',
    'Endpoints < Api tcp 443',
    'Endpoints < Capacity tcp 443',
    'Endpoints < Web tcp 443',
  ]);
});

test('services and instances wait for every endpoint and for their own rule, and are deleted before', () => {
  const endpoints = find(example, 'AWS::EC2::VPCEndpoint').map(({ logicalId }) => logicalId);
  const ruleFor = (name: string) => theOnly(example, 'AWS::EC2::SecurityGroupIngress', `Endpoints/SecurityGroup/from NoInternet${name}SecurityGroup`).logicalId;
  const waiting = [
    [theOnly(example, 'AWS::ECS::Service', 'Api').logicalId, ruleFor('Api')],
    [theOnly(example, 'AWS::ECS::Service', 'Web').logicalId, ruleFor('Web')],
    [theOnly(example, 'AWS::AutoScaling::AutoScalingGroup').logicalId, ruleFor('Capacity')],
  ];
  for (const [resource, rule] of waiting) {
    expect([...waitsOf(resource)]).toEqual(expect.arrayContaining([...endpoints, rule]));
  }
});

test('everything is in the isolated subnets', () => {
  const subnets = find(example, 'AWS::EC2::Subnet').map(({ logicalId }) => ({ Ref: logicalId }));
  for (const { properties } of find(example, 'AWS::ECS::Service')) {
    expect(properties.NetworkConfiguration.AwsvpcConfiguration).toMatchObject({ Subnets: subnets, AssignPublicIp: expect.not.stringMatching('ENABLED') });
  }
  expect(theOnly(example, 'AWS::AutoScaling::AutoScalingGroup').properties.VPCZoneIdentifier).toEqual(subnets);
});

test('the API is started with the secret, on Fargate; web runs on the instances', () => {
  const { logicalId } = theOnly(example, 'AWS::SecretsManager::Secret');
  const { properties: api } = theOnly(example, 'AWS::ECS::TaskDefinition', 'Api');
  expect(api.RequiresCompatibilities).toEqual(['FARGATE']);
  expect(api.ContainerDefinitions[0].Secrets).toEqual([{ Name: 'API_KEY', ValueFrom: { Ref: logicalId } }]);
  expect(theOnly(example, 'AWS::ECS::TaskDefinition', 'Web').properties.RequiresCompatibilities).toEqual(['EC2']);
});

test('web looks for the API under the name it is registered with', () => {
  expect(registeredNames(example)).toEqual(['api.shop.internal A', 'web.shop.internal A']);
  const { properties: { ContainerDefinitions: [web] } } = theOnly(example, 'AWS::ECS::TaskDefinition', 'Web');
  expect(web.Command.join(' ')).toContain('http://api.shop.internal:8080');
});
