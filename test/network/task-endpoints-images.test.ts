import { runInNewContext } from 'node:vm';
import { CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { EndpointFeature, ManagedInstancesCapacity, TaskSubnetRouting, TaskSubnets } from '../../src';
import { imageSource } from '../../src/endpoints/container-image';
import { ec2Capacity, synth, templateOf, testVpc, warningsOf, World, world } from '../fixtures';
import { endpointsIn, ISOLATED, isolatedService, isolatedWorld, messagesOf, plainFargate, S3, taskEndpoints } from './task-endpoints-world';

const NGINX = ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29');

describe('where an image comes from', () => {
  test.each<[string, string]>([
    ['nginx', 'Docker Hub'],
    ['nginx:1.29', 'Docker Hub'],
    ['nginx@sha256:0000', 'Docker Hub'],
    ['grafana/grafana:12', 'Docker Hub'],
    ['docker.io/library/nginx', 'Docker Hub'],
    ['registry-1.docker.io/library/nginx', 'Docker Hub'],
    ['nginx:${Tag}', 'Docker Hub'],
    ['grafana/${Name}:${Tag}', 'Docker Hub'],
    ['public.ecr.aws/nginx/nginx', 'Amazon ECR Public'],
    ['ecr-public.aws.com/nginx/nginx', 'Amazon ECR Public'],
    ['quay.io/prometheus/prometheus:v3', 'Quay'],
    ['ghcr.io/team/app@sha256:0000', 'GitHub'],
    ['registry.gitlab.com/team/app', 'GitLab'],
    ['gcr.io/distroless/static', 'Google'],
    ['eu.gcr.io/team/app', 'Google'],
    ['europe-docker.pkg.dev/team/app', 'Google'],
    ['registry.k8s.io/pause', 'Kubernetes'],
    ['mcr.microsoft.com/dotnet/aspnet', 'Microsoft'],
    ['nvcr.io/nvidia/cuda', 'NVIDIA'],
    ['docker.elastic.co/beats/filebeat', 'Elastic'],
    ['registry.access.redhat.com/ubi9', 'Red Hat'],
    ['registry.redhat.io/ubi9', 'Red Hat'],
  ])('%s: the internet (%s)', (name, registry) => {
    expect(imageSource(name)).toEqual({ from: 'internet', registry });
  });

  test.each<[string, string | undefined]>([
    ['111111111111.dkr.ecr.eu-west-1.amazonaws.com/app', 'eu-west-1'],
    ['111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/app:1', 'cn-north-1'],
    ['${Account}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/app@sha256:0000', undefined],
  ])('%s: private ECR', (name, region) => {
    expect(imageSource(name)).toEqual({ from: 'ecr', ...region ? { region } : {} });
  });

  test.each<[string, RegExp]>([
    ['${Image}', /only at deployment/],
    ['${Registry}/app', /only at deployment/],
    ['${Prefix}.example.com/app', /only at deployment/],
    ['my${Suffix}', /only at deployment/],
    ['registry.example.com/app', /nothing is known of the registry registry.example.com/],
    ['localhost:5000/app', /nothing is known of the registry localhost:5000/],
    ['localhost/app', /nothing is known of the registry localhost/],
    ['notquay.io/app', /nothing is known/],
    ['111111111111.dkr-ecr.eu-west-1.on.aws/app', /not documented/],
    ['111111111111.dkr.ecr-fips.us-east-1.amazonaws.com/app', /not documented/],
  ])('%s: not decidable', (name, why) => {
    expect(imageSource(name)).toEqual({ from: 'unknown', why: expect.stringMatching(why) });
  });
});

test('a name of a megabyte with parts that do not end is read once, for more would take hours', () => {
  const name = `team/${'${'.repeat(2 ** 19)}`;
  expect(runInNewContext('read()', { read: () => imageSource(name) }, { timeout: 60_000 })).toEqual({ from: 'internet', registry: 'Docker Hub' });
}, 120_000);

describe('an image that no endpoint brings', () => {
  test('fails the synthesis on Fargate in subnets known to have no way out, named with its container', () => {
    const w = isolatedWorld();
    const service = plainFargate(w);
    service.taskDefinition.addContainer('proxy', { image: NGINX });
    service.taskDefinition.addContainer('cache', { image: ecs.ContainerImage.fromRegistry('redis:8') });
    taskEndpoints(w).serve(service);
    const message = messageOf(() => synth(w.app));
    expect(message).toMatch(/Test\/Plain: image 'public.ecr.aws\/nginx\/nginx:1.29' of container 'proxy' is from Amazon ECR Public/);
    expect(message).toMatch(/image 'redis:8' of container 'cache' is from Docker Hub, which no VPC endpoint reaches: copy it to a private Amazon ECR repository/);
    expect(message).toMatch(/cannot start/);
    expect(message).not.toMatch(/container 'app'/);
  });

  test('is named once, however often the service is served', () => {
    const w = isolatedWorld();
    const service = plainFargate(w, { image: NGINX });
    const endpoints = taskEndpoints(w);
    endpoints.serve(service);
    endpoints.serve(service);
    expect(messageOf(() => synth(w.app)).match(/container 'app'/g)).toHaveLength(1);
  });

  test('fails it in public subnets without a public address, and not with one', () => {
    const publicly = (assignPublicIp: boolean) => {
      const { app, stack, vpc, cluster } = world();
      const vpcSubnets = { subnetType: ec2.SubnetType.PUBLIC };
      taskEndpoints({ stack, vpc }).serve(plainFargate({ stack, cluster }, { image: NGINX }, { vpcSubnets, assignPublicIp }));
      return { app, stack };
    };
    expect(() => synth(publicly(false).app)).toThrow(/no way to the internet/);
    const { stack } = publicly(true);
    expect(warningsOf(stack)).toEqual([]);
    expect(messagesOf(stack, 'info')).toEqual([expect.stringMatching(/container 'app' is from Amazon ECR Public/)]);
  });

  test('is only told where subnets have a NAT gateway', () => {
    const { stack, vpc, cluster } = world();
    taskEndpoints({ stack, vpc }).serve(plainFargate({ stack, cluster }, { image: NGINX }, { vpcSubnets: {} }));
    expect(warningsOf(stack)).toEqual([]);
    expect(messagesOf(stack, 'info')).toEqual([expect.stringMatching(/container 'app' is from Amazon ECR Public/)]);
  });

  test.each<[string, (w: World) => void]>([
    ['subnets are imported', (w) => serveNginx(inImportedVpc(w), ISOLATED)],
    ['the app adds a route to imported subnets, which may have others', (w) => {
      new ec2.CfnRoute(w.stack, 'Route', { routeTableId: ROUTE_TABLE, destinationCidrBlock: '10.1.0.0/16', vpcPeeringConnectionId: 'pcx-0123456789abcdef0' });
      serveNginx(inImportedVpc(w), ISOLATED);
    }],
    ['a route leads to what is known only at deployment', (w) => {
      w.vpc.isolatedSubnets.forEach((subnet, index) => new ec2.CfnRoute(w.stack, `Route${index}`, {
        routeTableId: subnet.routeTable.routeTableId, destinationPrefixListId: 'pl-0123456789abcdef0', transitGatewayId: 'tgw-0123456789abcdef0',
      }));
      serveNginx(w, ISOLATED);
    }],
    ['a route leads to a block known only at deployment', (w) => {
      const destinationCidrBlock = new CfnParameter(w.stack, 'Destination').valueAsString;
      w.vpc.isolatedSubnets.forEach((subnet, index) => new ec2.CfnRoute(w.stack, `Route${index}`, {
        routeTableId: subnet.routeTable.routeTableId, destinationCidrBlock, transitGatewayId: 'tgw-0123456789abcdef0',
      }));
      serveNginx(w, ISOLATED);
    }],
    ['routes are propagated', (w) => {
      new ec2.CfnVPNGatewayRoutePropagation(w.stack, 'Propagation', {
        routeTableIds: w.vpc.isolatedSubnets.map(({ routeTable }) => routeTable.routeTableId), vpnGatewayId: 'vgw-0123456789abcdef0',
      });
      serveNginx(w, ISOLATED);
    }],
    ['there is only a way over IPv6', (w) => {
      w.vpc.isolatedSubnets.forEach((subnet, index) => new ec2.CfnRoute(w.stack, `Route${index}`, {
        routeTableId: subnet.routeTable.routeTableId, destinationIpv6CidrBlock: '::/0', egressOnlyInternetGatewayId: 'eigw-0123456789abcdef0',
      }));
      serveNginx(w, ISOLATED);
    }],
    ['only some subnets have a way out', (w) => {
      new ec2.CfnRoute(w.stack, 'Route', {
        routeTableId: w.vpc.isolatedSubnets[0].routeTable.routeTableId, destinationCidrBlock: '0.0.0.0/0', transitGatewayId: 'tgw-0123456789abcdef0',
      });
      serveNginx(w, ISOLATED);
    }],
    ['tasks run on instances, which may have it in theirs', (w) => {
      const capacity = ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: ISOLATED });
      const endpoints = taskEndpoints(w);
      endpoints.serveInstances(capacity);
      endpoints.serve(isolatedService(w, { capacity, container: { image: NGINX, memoryReservationMiB: 128 } }).service);
    }],
  ])('is warned about where %s', (_, serve) => {
    const w = isolatedWorld();
    serve(w);
    expect(warningsOf(w.stack)).toEqual(['image-without-endpoint']);
    expect(messagesOf(w.stack, 'warning').join()).toMatch(/image 'public.ecr.aws\/nginx\/nginx:1.29' of container 'app'/);
  });

  test('is an error still where a route leads elsewhere only', () => {
    const w = isolatedWorld();
    w.vpc.isolatedSubnets.forEach((subnet, index) => new ec2.CfnRoute(w.stack, `Route${index}`, {
      routeTableId: subnet.routeTable.routeTableId, destinationCidrBlock: '10.1.0.0/16', vpcPeeringConnectionId: 'pcx-0123456789abcdef0',
    }));
    serveNginx(w, ISOLATED);
    expect(() => synth(w.app)).toThrow(/no way to the internet/);
  });

  test('is only told where the app leads the route table of imported subnets to a NAT gateway', () => {
    const w = isolatedWorld();
    new ec2.CfnRoute(w.stack, 'Route', { routeTableId: ROUTE_TABLE, destinationCidrBlock: '0.0.0.0/0', natGatewayId: 'nat-0123456789abcdef0' });
    serveNginx(inImportedVpc(w), ISOLATED);
    expect(warningsOf(w.stack)).toEqual([]);
    expect(messagesOf(w.stack, 'info')).toHaveLength(1);
  });

  test('is only told where there is a way out besides routes that cannot be seen', () => {
    const w = world();
    w.vpc.privateSubnets.forEach(({ routeTable }, index) => new ec2.CfnVPNGatewayRoutePropagation(w.stack, `Propagation${index}`, {
      routeTableIds: [routeTable.routeTableId], vpnGatewayId: 'vgw-0123456789abcdef0',
    }));
    serveNginx(w, {});
    expect(warningsOf(w.stack)).toEqual([]);
    expect(messagesOf(w.stack, 'info')).toHaveLength(1);
  });

  test('is only told on instances in subnets with a NAT gateway', () => {
    const w = world();
    const capacity = ec2Capacity(w.cluster);
    const endpoints = taskEndpoints(w);
    endpoints.serveInstances(capacity);
    const container = { image: NGINX, memoryReservationMiB: 128 };
    endpoints.serve(isolatedService(w, { capacity, vpcSubnets: undefined, container }).service);
    expect(warningsOf(w.stack)).toEqual([]);
    expect(messagesOf(w.stack, 'info')).toHaveLength(1);
  });

  test('is pulled by the instances: their subnets count, not those of awsvpc tasks', () => {
    const w = world();
    const own = new TaskSubnets(w.stack, 'Own', { vpc: w.vpc, cidr: '100.64.0.0/16', routing: TaskSubnetRouting.isolated() });
    const capacity = ec2Capacity(w.cluster);
    const endpoints = taskEndpoints(w);
    endpoints.serveInstances(capacity);
    const container = { image: NGINX, memoryReservationMiB: 128 };
    endpoints.serve(isolatedService(w, { capacity, vpcSubnets: own.selection, container }).service);
    expect(warningsOf(w.stack)).toEqual([]);
  });

  test('is warned about where it is not known which instances pull it', () => {
    const w = world();
    const container = { image: NGINX, memoryReservationMiB: 128 };
    taskEndpoints(w).serve(isolatedService(w, { capacity: ec2Capacity(w.cluster), vpcSubnets: undefined, container }).service);
    expect(warningsOf(w.stack)).toEqual(['image-without-endpoint', 'instances-without-endpoints']);
  });

  test.each([
    [ecs.Compatibility.FARGATE, ['error']],
    [ecs.Compatibility.EC2_AND_FARGATE, ['error']],
    [ecs.Compatibility.MANAGED_INSTANCES, ['image-without-endpoint', 'instances-without-endpoints']],
    // Such a task may run on either, and nobody can tell which.
    [ecs.Compatibility.FARGATE_AND_MANAGED_INSTANCES, ['image-without-endpoint']],
  ])('is judged by where a task of compatibility %s runs', (compatibility, findings) => {
    const w = isolatedWorld();
    const networkMode = ecs.NetworkMode.AWS_VPC;
    const taskDefinition = new ecs.TaskDefinition(w.stack, 'Task', { compatibility, networkMode, cpu: '256', memoryMiB: '512' });
    taskDefinition.addContainer('app', { image: NGINX });
    const quiet = { minHealthyPercent: 100, circuitBreaker: { enable: true } };
    taskEndpoints(w).serve(new ecs.FargateService(w.stack, 'Plain', { cluster: w.cluster, taskDefinition, vpcSubnets: ISOLATED, ...quiet }));
    if (findings.includes('error')) {
      expect(() => synth(w.app)).toThrow(/no way to the internet/);
    } else {
      expect(warningsOf(w.stack)).toEqual(findings);
    }
  });

  test('is warned about where the subnets are known only at deployment', () => {
    const w = isolatedWorld();
    const service = plainFargate(w, { image: NGINX });
    (service.node.defaultChild as ecs.CfnService).networkConfiguration = {
      awsvpcConfiguration: { subnets: Fn.split(',', Fn.importValue('Subnets')) },
    };
    taskEndpoints(w).serve(service);
    expect(warningsOf(w.stack)).toEqual(['image-without-endpoint']);
  });

  test('counts where it is added after the service was served', () => {
    const w = isolatedWorld();
    const service = plainFargate(w);
    taskEndpoints(w).serve(service);
    service.taskDefinition.addContainer('late', { image: NGINX });
    expect(() => synth(w.app)).toThrow(/container 'late'/);
  });

  const ROUTE_TABLE = 'rtb-0123456789abcdef0';

  function inImportedVpc(w: World): World {
    const vpc = ec2.Vpc.fromVpcAttributes(w.stack, 'Imported', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-west-1a'],
      isolatedSubnetIds: ['subnet-0123456789abcde01'],
      isolatedSubnetRouteTableIds: [ROUTE_TABLE],
    });
    return { ...w, vpc: vpc as ec2.Vpc, cluster: new ecs.Cluster(w.stack, 'InImported', { vpc }) };
  }

  function serveNginx(w: World, vpcSubnets: ec2.SubnetSelection): void {
    taskEndpoints(w).serve(plainFargate(w, { image: NGINX }, { vpcSubnets }));
  }
});

test('an image whose name is known only at deployment is told to be not decidable, and nothing more', () => {
  const w = isolatedWorld();
  const image = ecs.ContainerImage.fromRegistry(new CfnParameter(w.stack, 'Image').valueAsString);
  taskEndpoints(w).serve(plainFargate(w, { image }));
  expect(warningsOf(w.stack)).toEqual([]);
  expect(endpointsIn(templateOf(w.stack))).toEqual([]);
  expect(messagesOf(w.stack, 'info')).toEqual([expect.stringMatching(/Not decidable.*image '…' of container 'app' comes from, because its registry is known only at deployment/)]);
});

describe('what is in another Region', () => {
  const OTHER = ecs.ContainerImage.fromRegistry('111111111111.dkr.ecr.us-east-1.amazonaws.com/app');
  const inRegion = (container: (stack: Stack) => Partial<ecs.ContainerDefinitionOptions>) => {
    const w = isolatedWorld({ env: { region: 'eu-west-1' } });
    taskEndpoints(w).serve(plainFargate(w, container(w.stack)));
    return w.app;
  };

  test.each<[string, (stack: Stack) => Partial<ecs.ContainerDefinitionOptions>, RegExp]>([
    [
      'an image',
      () => ({ image: OTHER }),
      /image '111111111111.dkr.ecr.us-east-1.amazonaws.com\/app' of container 'app' is in us-east-1, and endpoints are for their own Region, eu-west-1/,
    ],
    [
      'a secret',
      (stack) => ({ secrets: { KEY: ecs.Secret.fromSecretsManager(
        secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', 'arn:aws:secretsmanager:us-east-1:111111111111:secret:key-abcdef')) } }),
      /secret 'KEY' of container 'app' is in us-east-1/,
    ],
    [
      'a log group',
      (stack) => ({ logging: ecs.LogDrivers.awsLogs({
        streamPrefix: 'app', logGroup: logs.LogGroup.fromLogGroupArn(stack, 'Log', 'arn:aws:logs:us-east-1:111111111111:log-group:app') }) }),
      /the log group of container 'app' is in us-east-1/,
    ],
  ])('fails the synthesis for %s, where the tasks have no way out', (_, container, message) => {
    expect(() => synth(inRegion(container))).toThrow(message);
  });

  test('is fine from another account of the Region', () => {
    expect(() => synth(inRegion(() => ({ image: ecs.ContainerImage.fromRegistry('222222222222.dkr.ecr.eu-west-1.amazonaws.com/app') })))).not.toThrow();
  });

  test('cannot be told where the Region of the stack is known only at deployment', () => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(plainFargate(w, { image: OTHER }));
    expect(warningsOf(w.stack)).toEqual([]);
  });
});

describe('layers from S3', () => {
  /** Subnets without a way out, with route tables of their own. */
  function ownTables(w: World): TaskSubnets {
    return new TaskSubnets(w.stack, 'Own', { vpc: w.vpc, cidr: '100.64.0.0/16', routing: TaskSubnetRouting.isolated() });
  }

  test('cannot come to isolated subnets with route tables of their own: refused, unless they are named', () => {
    const { app, ...w } = world();
    const own = ownTables({ app, ...w });
    taskEndpoints(w).serve(plainFargate(w, {}, { vpcSubnets: own.selection }));
    expect(() => synth(app)).toThrow(/no route table of Test\/Own\/Subnet1.*'gatewaySubnets'/);

    const named = world();
    const subnets = ownTables(named);
    taskEndpoints(named, { gatewaySubnets: [subnets.selection] }).serve(plainFargate(named, {}, { vpcSubnets: subnets.selection }));
    const endpoint = Object.values(templateOf(named.stack).findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Gateway' } }))[0];
    expect(endpoint.Properties.RouteTableIds).toHaveLength(4);
  });

  test('come to subnets that share the route table of a private subnet', () => {
    const w = world();
    const shared = new TaskSubnets(w.stack, 'Shared', { vpc: w.vpc, cidr: '100.64.0.0/16' });
    taskEndpoints(w).serve(plainFargate(w, {}, { vpcSubnets: shared.selection }));
    expect(() => synth(w.app)).not.toThrow();
  });

  test('are for the instances where tasks run on instances', () => {
    const w = world();
    const own = ownTables(w);
    const endpoints = taskEndpoints(w);
    endpoints.serveInstances(ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: own.selection }));
    expect(() => synth(w.app)).not.toThrow(); // no image is known to come from ECR
    endpoints.serve(plainFargate(w, {}, { vpcSubnets: {} }));
    expect(() => w.app.synth({ force: true })).toThrow(/no route table of Test\/Own\/Subnet1/);
  });

  test('cannot come to Managed Instances in such subnets either', () => {
    const w = world();
    const endpoints = taskEndpoints(w, { features: [EndpointFeature.ECR_IMAGES] });
    endpoints.serveInstances(new ManagedInstancesCapacity(w.stack, 'Managed', { cluster: w.cluster, vpcSubnets: ownTables(w).selection }));
    expect(() => synth(w.app)).toThrow(/no route table of Test\/Own\/Subnet1, Test\/Own\/Subnet2 leads there/);
  });

  test('are pulled by the instances, so the route tables of awsvpc tasks on them do not matter', () => {
    const w = world();
    const capacity = ec2Capacity(w.cluster);
    const endpoints = taskEndpoints(w);
    endpoints.serveInstances(capacity);
    endpoints.serve(isolatedService(w, { capacity, vpcSubnets: ownTables(w).selection }).service);
    expect(() => synth(w.app)).not.toThrow();
  });

  test('are not asked about where the VPC is said to have the way to S3', () => {
    const w = world();
    taskEndpoints(w, { existingEndpoints: ['s3'] }).serve(plainFargate(w, {}, { vpcSubnets: ownTables(w).selection }));
    expect(endpointsIn(templateOf(w.stack))).not.toContain(S3);
  });
});

test('tasks in IPv6-only subnets are warned that the endpoints have IPv4 addresses only', () => {
  const { stack } = world();
  const vpc = testVpc(new Stack(stack, 'DualStack'), { ipProtocol: ec2.IpProtocol.DUAL_STACK });
  const inner = Stack.of(vpc);
  vpc.privateSubnets.forEach((subnet) => {
    (subnet.node.defaultChild as ec2.CfnSubnet).ipv6Native = true;
  });
  const cluster = new ecs.Cluster(inner, 'Cluster', { vpc });
  taskEndpoints({ stack: inner, vpc }).serve(plainFargate({ stack: inner, cluster }, {}, { vpcSubnets: {} }));
  expect(warningsOf(inner)).toEqual(['ipv6-only-subnet']);
  expect(messagesOf(inner, 'warning').join()).toMatch(/Test\/DualStack\/Vpc\/PrivateSubnet1, Test\/DualStack\/Vpc\/PrivateSubnet2/);
});

function messageOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('Nothing was refused');
}
