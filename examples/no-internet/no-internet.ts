import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AwsvpcService, Ec2Capacity, TaskEndpoints, TaskPort } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';
import { nginxForwardingTo, NGINX } from '../forwarding-nginx';

/**
 * The private repository the image is in, under the tag the other examples have. It must be there before the stack: no endpoint brings
 * an image from a public registry. From a machine that has the internet, with REGISTRY=<account>.dkr.ecr.<Region>.amazonaws.com:
 *
 *     aws ecr create-repository --repository-name nginx-unprivileged
 *     docker pull public.ecr.aws/nginx/nginx-unprivileged:1.29.1-alpine3.22
 *     docker tag public.ecr.aws/nginx/nginx-unprivileged:1.29.1-alpine3.22 $REGISTRY/nginx-unprivileged:1.29.1-alpine3.22
 *     docker push $REGISTRY/nginx-unprivileged:1.29.1-alpine3.22
 */
const REPOSITORY = 'nginx-unprivileged';
const TAG = '1.29.1-alpine3.22';

/**
 * A web service on instances and an API on Fargate in a VPC that has no way to the internet: isolated subnets, and neither an internet
 * gateway nor a NAT gateway.
 *
 * Shows: the VPC endpoints that these services and instances need and no others: for the ECS agent of the instances, images, logs and a
 * secret; a security group that lets in the two services and the instances, on tcp 443, and nobody else; services and instances that
 * wait for the endpoints, and are deleted before them; web calling the API by name, for private DNS needs no internet either.
 *
 * Costs: seven interface endpoints in two zones (each by the hour and zone, and by the GB), one to two EC2 instances with their volumes,
 * one Fargate task, a secret, a private hosted zone and its queries, CloudWatch logs. The way to S3 is free.
 *
 * Not for tasks that call anything but AWS services: they need a NAT gateway, as in awsvpc-ec2, and may then have all of this without
 * endpoints. Nor for looking at it from outside: there is no load balancer, and the way in would be a VPN or a peered VPC.
 */
export class NoInternetStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const isolated: ec2.SubnetSelection = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
    const vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'shop.internal' } });
    const image = ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(this, 'Images', REPOSITORY), TAG);
    const key = new secretsmanager.Secret(this, 'ApiKey', { description: 'A secret the API is started with' });

    const api = new AwsvpcService(this, 'Api', {
      cluster, // on Fargate
      desiredCount: 1,
      container: { ...NGINX, image, secrets: { API_KEY: ecs.Secret.fromSecretsManager(key) } },
      ports: [TaskPort.tcp(8080)],
      vpcSubnets: isolated,
    });
    api.enableCloudMap({ name: 'api', dnsTtl: Duration.seconds(10) });

    const capacity = new Ec2Capacity(this, 'Capacity', {
      cluster,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.SMALL),
      maxInstances: 2,
      vpcSubnets: isolated,
    });
    const web = new AwsvpcService(this, 'Web', {
      cluster,
      capacity,
      desiredCount: 1,
      container: { ...nginxForwardingTo('http://api.shop.internal:8080'), image, memoryReservationMiB: 256 },
      ports: [TaskPort.tcp(8080)],
      vpcSubnets: isolated,
    });
    web.enableCloudMap({ name: 'web', dnsTtl: Duration.seconds(10) });
    api.connections.allowDefaultPortFrom(web, 'Web calls the API');

    const endpoints = new TaskEndpoints(this, 'Endpoints', { vpc });
    endpoints.serveInstances(capacity);
    endpoints.serve(api.service);
    endpoints.serve(web.service);
  }
}
