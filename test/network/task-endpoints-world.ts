import { type App, Stack, Stage, type StackProps } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { AwsvpcService, type AwsvpcServiceProps, TaskEndpoints, type TaskEndpointsProps } from '../../src';
import { testApp } from '../app';
import { synth, World } from '../fixtures';

export const ISOLATED: ec2.SubnetSelection = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };

/** A VPC of two zones with isolated subnets only: no NAT gateway and no internet gateway. */
export function isolatedVpc(scope: Construct, id = 'Vpc', props: ec2.VpcProps = {}): ec2.Vpc {
  return new ec2.Vpc(scope, id, {
    maxAzs: 2,
    natGateways: 0,
    subnetConfiguration: [{ name: 'Tasks', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    ...props,
  });
}

export function isolatedWorld(props: StackProps = {}): World {
  const app = testApp();
  const stack = new Stack(app, 'Test', props);
  const vpc = isolatedVpc(stack);
  return { app, stack, vpc, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }) };
}

export function taskEndpoints({ stack, vpc }: Pick<World, 'stack' | 'vpc'>, props: Partial<TaskEndpointsProps> = {}): TaskEndpoints {
  return new TaskEndpoints(stack, 'Endpoints', { vpc, ...props });
}

/** An image of a private repository that is not of the app. */
export function fromEcr(scope: Construct, id = 'Images'): ecs.ContainerImage {
  const repository = scope.node.tryFindChild(id) as ecr.IRepository | undefined;
  return ecs.ContainerImage.fromEcrRepository(repository ?? ecr.Repository.fromRepositoryName(scope, id, 'app'), '1');
}

/** Our awsvpc service in the isolated subnets, on Fargate unless told otherwise, with an image of a private repository. */
export function isolatedService({ stack, cluster }: Pick<World, 'stack' | 'cluster'>, props: Partial<AwsvpcServiceProps> = {}, id = 'Api'): AwsvpcService {
  return new AwsvpcService(stack, id, {
    cluster,
    container: { image: fromEcr(stack), memoryReservationMiB: 128 },
    vpcSubnets: ISOLATED,
    ...props,
  });
}

/** The same with a plain L2. */
export function plainFargate(
  { stack, cluster }: Pick<World, 'stack' | 'cluster'>, container: Partial<ecs.ContainerDefinitionOptions> = {}, props: Partial<ecs.FargateServiceProps> = {},
): ecs.FargateService {
  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('app', { image: fromEcr(stack), ...container });
  // Percents and circuit breaker only keep the framework's advice on them out of the way.
  const quiet = { minHealthyPercent: 100, circuitBreaker: { enable: true } };
  return new ecs.FargateService(stack, 'Plain', { cluster, taskDefinition, vpcSubnets: ISOLATED, ...quiet, ...props });
}

/** The endpoints of a template, `logs` for an interface endpoint and `s3 (gateway)` for a gateway, sorted. */
export function endpointsIn(template: Template): string[] {
  return Object.values(template.findResources('AWS::EC2::VPCEndpoint')).map(({ Properties }) => {
    const name = JSON.stringify(Properties.ServiceName).replace(/^.*com\.amazonaws\.[^.]*\./, '').replace(/[^a-z0-9]+$/, '');
    return Properties.VpcEndpointType === 'Gateway' ? `${name} (gateway)` : name;
  }).sort();
}

/** The logical ids of endpoints. */
export function endpointIds(template: Template): string[] {
  return Object.keys(template.findResources('AWS::EC2::VPCEndpoint', Match.anyValue()));
}

/** What is told of the constructs of a stack, as `Stack/Construct: message`. */
export function messagesOf(stack: Stack, kind: 'info' | 'warning' | 'error'): string[] {
  synth(Stage.of(stack) as App);
  return stack.node.findAll().flatMap(({ node }) => node.metadata.filter(({ type }) => type === `aws:cdk:${kind}`)
    .map(({ data }) => `${node.path}: ${data}`));
}

export const ECR = ['ecr.api', 'ecr.dkr'];
export const S3 = 's3 (gateway)';
export const INSTANCES = ['ecs', 'ecs-agent', 'ecs-telemetry'];
