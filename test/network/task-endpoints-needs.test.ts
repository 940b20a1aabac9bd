import { Aspects, CfnParameter, Fn, SecretValue, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecrAssets from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { EndpointFeature, FargateCapacity, TaskPort } from '../../src';
import { ec2Capacity, synth, templateOf, warningsOf, World } from '../fixtures';
import { ECR, endpointsIn, fromEcr, INSTANCES, ISOLATED, isolatedService, isolatedWorld, messagesOf, plainFargate, S3, taskEndpoints } from './task-endpoints-world';

/** What is not decidable, as it is told of a service. */
function undecidedOf(stack: Stack): string[] {
  return messagesOf(stack, 'info').filter((message) => message.includes('Not decidable'));
}

/** An image that takes no endpoint, so that a test sees only what it is about. */
const ELSEWHERE = ecs.ContainerImage.fromRegistry('registry.example.com/app:1');

describe('images of private repositories', () => {
  test.each<[string, (stack: Stack) => ecs.ContainerImage]>([
    ['imported by name', (stack) => fromEcr(stack)],
    ['of the stack', (stack) => ecs.ContainerImage.fromEcrRepository(new ecr.Repository(stack, 'Own'))],
    ['of another stack', (stack) => ecs.ContainerImage.fromEcrRepository(new ecr.Repository(new Stack(stack.node.root as never, 'Images'), 'Own'))],
    ['by digest', (stack) => ecs.ContainerImage.fromEcrRepository(new ecr.Repository(stack, 'Own'), `sha256:${'0'.repeat(64)}`)],
    ['by ARN', (stack) => ecs.ContainerImage.fromEcrRepository(
      ecr.Repository.fromRepositoryArn(stack, 'Own', 'arn:aws:ecr:eu-west-1:111111111111:repository/app'))],
    ['in words', () => ecs.ContainerImage.fromRegistry('111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/app:1')],
    ['in words with pseudo parameters', (stack) => ecs.ContainerImage.fromRegistry(`${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}/app`)],
    ['with a tag known only at deployment', (stack) => ecs.ContainerImage.fromEcrRepository(new ecr.Repository(stack, 'Own'), new CfnParameter(stack, 'Tag').valueAsString)],
    ['as an asset', (stack) => ecs.ContainerImage.fromDockerImageAsset(new ecrAssets.DockerImageAsset(stack, 'Asset', { directory: __dirname, file: 'task-endpoints-world.ts' }))],
  ])('%s take ECR and the way to S3', (_, image) => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(plainFargate(w, { image: image(w.stack) }));
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, S3]);
    expect(undecidedOf(w.stack)).toEqual([]);
  });
});

describe('logs', () => {
  test('by awslogs take logs', () => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(plainFargate(w, { image: ELSEWHERE, logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'app' }) }));
    expect(endpointsIn(templateOf(w.stack))).toEqual(['logs']);
  });

  test.each([
    ['awsfirelens', ecs.LogDrivers.firelens({ options: { Name: 'es' } })],
    ['splunk', ecs.LogDrivers.splunk({ url: 'https://splunk.example.com', secretToken: ecs.Secret.fromSsmParameter(parameter()) })],
  ])('by %s go where nobody can read, and that is told', (driver, logging) => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(plainFargate(w, { logging }));
    expect(undecidedOf(w.stack).join()).toMatch(new RegExp(`where the ${driver} log driver of container 'app' sends to`));
  });

  test.each([
    ['json-file', ecs.LogDrivers.jsonFile()],
    ['journald', ecs.LogDrivers.journald()],
  ])('by %s stay on the instance and take nothing', (_, logging) => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(plainFargate(w, { logging }));
    expect(undecidedOf(w.stack)).toEqual([]);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, S3]);
  });

  test('by FireLens without a router of its own take what the router takes that the framework adds', () => {
    const w = isolatedWorld();
    const service = plainFargate(w, { image: ELSEWHERE, logging: ecs.LogDrivers.firelens({}) });
    taskEndpoints(w).serve(service);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, 'logs', S3]);
  });

  test('by FireLens leave it to the task to add a router of its own later, and read its configuration in S3', () => {
    const w = isolatedWorld();
    const service = plainFargate(w, { image: ELSEWHERE, logging: ecs.LogDrivers.firelens({}) });
    taskEndpoints(w).serve(service);
    service.taskDefinition.addFirelensLogRouter('router', {
      image: ELSEWHERE,
      firelensConfig: { type: ecs.FirelensLogRouterType.FLUENTBIT, options: { configFileType: ecs.FirelensConfigFileType.S3, configFileValue: 'arn:aws:s3:::bucket/router.conf' } },
    });
    expect(endpointsIn(templateOf(w.stack))).toEqual([S3]);
  });

  test('have their secrets read too', () => {
    const w = isolatedWorld();
    const logging = ecs.LogDrivers.splunk({ url: 'https://splunk.example.com', secretToken: ecs.Secret.fromSecretsManager(secret(w.stack)) });
    taskEndpoints(w).serve(plainFargate(w, { image: ELSEWHERE, logging }));
    expect(endpointsIn(templateOf(w.stack))).toEqual(['secretsmanager']);
  });
});

describe('secrets', () => {
  const MANAGER = ['secretsmanager'];
  const STORE = ['ssm'];

  test.each<[string, string[], (stack: Stack) => ecs.Secret]>([
    ['of the stack', MANAGER, (stack) => ecs.Secret.fromSecretsManager(secret(stack))],
    ['of the stack, a field', MANAGER, (stack) => ecs.Secret.fromSecretsManager(secret(stack), 'password')],
    ['of the stack, a version', MANAGER, (stack) => ecs.Secret.fromSecretsManagerVersion(secret(stack), { versionStage: 'AWSPREVIOUS' }, 'password')],
    ['of another stack', MANAGER, (stack) => ecs.Secret.fromSecretsManager(secret(new Stack(stack.node.root as never, 'Secrets')))],
    ['imported by name', MANAGER, (stack) => ecs.Secret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'app'))],
    ['imported by ARN', MANAGER, (stack) => ecs.Secret.fromSecretsManager(secretsmanager.Secret.fromSecretCompleteArn(
      stack, 'Secret', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:app-abcdef'))],
    ['with a key of their own, for Secrets Manager calls KMS itself', MANAGER, (stack) => ecs.Secret.fromSecretsManager(
      new secretsmanager.Secret(stack, 'Secret', { encryptionKey: new kms.Key(stack, 'Key') }))],
    ['that are parameters', STORE, (stack) => ecs.Secret.fromSsmParameter(parameter(stack))],
    ['that are parameters of the stack', STORE, (stack) => ecs.Secret.fromSsmParameter(new ssm.StringParameter(stack, 'Own', { stringValue: 'value' }))],
    ['that are secure parameters', STORE, (stack) => ecs.Secret.fromSsmParameter(
      ssm.StringParameter.fromSecureStringParameterAttributes(stack, 'Secure', { parameterName: '/app/key', version: 1 }))],
    ['that a database manages', MANAGER, (stack) => ecs.Secret.fromSecretsManager(secretsmanager.Secret.fromSecretCompleteArn(
      stack, 'Secret', new rds.CfnDBCluster(stack, 'Database', { manageMasterUserPassword: true }).attrMasterUserSecretSecretArn))],
    ['that are parameters by name, as ECS takes them', STORE, () => new ByName('key')],
    ['that are parameters of the stack by name', STORE, (stack) => new ByName(new ssm.CfnParameter(stack, 'Own', { type: 'String', value: 'value' }).ref)],
  ])('%s', (_, endpoints, secretOf) => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(plainFargate(w, { image: ELSEWHERE, secrets: { KEY: secretOf(w.stack) } }));
    expect(endpointsIn(templateOf(w.stack))).toEqual(endpoints);
    expect(undecidedOf(w.stack)).toHaveLength(1); // of the image alone
    expect(undecidedOf(w.stack)[0]).not.toMatch(/secret/);
  });

  test('whose ARN is known only at deployment are told, by container and name', () => {
    const w = isolatedWorld();
    const imported = secretsmanager.Secret.fromSecretCompleteArn(w.stack, 'Secret', Fn.importValue('SecretArn'));
    taskEndpoints(w).serve(plainFargate(w, { secrets: { KEY: ecs.Secret.fromSecretsManager(imported) } }));
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, S3]);
    expect(undecidedOf(w.stack)).toEqual([expect.stringMatching(/'features' of Test\/Endpoints .*secret 'KEY' of container 'app'.* known only at deployment/)]);
  });

  test('that open a private registry are of Secrets Manager', () => {
    const w = isolatedWorld();
    const image = ecs.ContainerImage.fromRegistry('registry.example.com/app', { credentials: secret(w.stack) });
    taskEndpoints(w).serve(plainFargate(w, { image }));
    expect(endpointsIn(templateOf(w.stack))).toEqual(MANAGER);
  });
});

test('environment files take the way to S3', () => {
  const w = isolatedWorld();
  const environmentFiles = [ecs.EnvironmentFile.fromBucket(s3.Bucket.fromBucketName(w.stack, 'Bucket', 'bucket'), 'app.env')];
  taskEndpoints(w).serve(plainFargate(w, { image: ELSEWHERE, environmentFiles }));
  expect(endpointsIn(templateOf(w.stack))).toEqual([S3]);
});

describe('ECS Exec', () => {
  function execWith(executeCommandConfiguration: ecs.ExecuteCommandConfiguration | ((stack: Stack) => ecs.ExecuteCommandConfiguration)) {
    const w = isolatedWorld();
    const configuration = typeof executeCommandConfiguration === 'function' ? executeCommandConfiguration(w.stack) : executeCommandConfiguration;
    const cluster = new ecs.Cluster(w.stack, 'Exec', { vpc: w.vpc, executeCommandConfiguration: configuration });
    taskEndpoints(w).serve(plainFargate({ ...w, cluster }, { image: ELSEWHERE }, { enableExecuteCommand: true }));
    return endpointsIn(templateOf(w.stack));
  }

  test('takes ssmmessages', () => {
    expect(execWith({})).toEqual(['ssmmessages']);
  });

  test('with a key takes kms', () => {
    expect(execWith((stack) => ({ kmsKey: new kms.Key(stack, 'Key') }))).toEqual(['kms', 'ssmmessages']);
  });

  test('with logs of its own takes where they go', () => {
    expect(execWith((stack) => ({
      logging: ecs.ExecuteCommandLogging.OVERRIDE,
      logConfiguration: { cloudWatchLogGroup: new logs.LogGroup(stack, 'Log') },
    }))).toEqual(['logs', 'ssmmessages']);
    expect(execWith((stack) => ({
      logging: ecs.ExecuteCommandLogging.OVERRIDE,
      logConfiguration: { s3Bucket: new s3.Bucket(stack, 'Log') },
    }))).toEqual([S3, 'ssmmessages']);
  });

  test('that is off takes nothing, whatever the cluster says', () => {
    const w = isolatedWorld();
    const cluster = new ecs.Cluster(w.stack, 'Exec', { vpc: w.vpc, executeCommandConfiguration: { kmsKey: new kms.Key(w.stack, 'Key') } });
    taskEndpoints(w).serve(plainFargate({ ...w, cluster }, { image: ELSEWHERE }, { enableExecuteCommand: false }));
    expect(endpointsIn(templateOf(w.stack))).toEqual([]);
  });

  test('that is decided at deployment is told', () => {
    const w = isolatedWorld();
    const service = plainFargate(w);
    taskEndpoints(w).serve(service);
    (service.node.defaultChild as ecs.CfnService).enableExecuteCommand = Fn.conditionEquals(new CfnParameter(w.stack, 'Exec').valueAsString, 'yes');
    expect(undecidedOf(w.stack)).toEqual([expect.stringMatching(/whether ECS Exec is on/)]);
  });

  test('of our services is read through the cluster they see', () => {
    const w = isolatedWorld();
    const cluster = new ecs.Cluster(w.stack, 'Exec', { vpc: w.vpc, executeCommandConfiguration: { kmsKey: new kms.Key(w.stack, 'Key') } });
    taskEndpoints(w).serve(isolatedService({ ...w, cluster }, { enableExecuteCommand: true }).service);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, 'kms', 'logs', S3, 'ssmmessages']);
  });
});

describe('Service Connect', () => {
  test('takes ecs-agent, also on Fargate, and logs for its proxy', () => {
    const w = isolatedWorld();
    w.cluster.addDefaultCloudMapNamespace({ name: 'app.internal', type: cloudmap.NamespaceType.HTTP });
    const endpoints = taskEndpoints(w);
    const service = plainFargate(w, { image: ELSEWHERE });
    endpoints.serve(service);
    service.enableServiceConnect({ logDriver: ecs.LogDrivers.awsLogs({ streamPrefix: 'proxy' }) });
    expect(endpointsIn(templateOf(w.stack))).toEqual(['ecs-agent', 'logs']);
  });

  test('of ours takes it as well', () => {
    const w = isolatedWorld();
    w.cluster.addDefaultCloudMapNamespace({ name: 'app.internal', type: cloudmap.NamespaceType.HTTP });
    const ports = [TaskPort.tcp(8080, { name: 'http' })];
    taskEndpoints(w).serve(isolatedService(w, { ports, serviceConnectConfiguration: { services: [{ portMappingName: 'http' }] } }).service);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, 'ecs-agent', 'logs', S3]);
  });

  test('that is switched off takes nothing', () => {
    const w = isolatedWorld();
    const service = plainFargate(w, { image: ELSEWHERE });
    (service.node.defaultChild as ecs.CfnService).serviceConnectConfiguration = { enabled: false };
    taskEndpoints(w).serve(service);
    expect(endpointsIn(templateOf(w.stack))).toEqual([]);
  });
});

describe('features', () => {
  test.each<[EndpointFeature, string[]]>([
    [EndpointFeature.CONTAINER_INSTANCES, INSTANCES],
    [EndpointFeature.ECR_IMAGES, [...ECR, S3]],
    [EndpointFeature.CLOUDWATCH_LOGS, ['logs']],
    [EndpointFeature.SECRETS_MANAGER, ['secretsmanager']],
    [EndpointFeature.PARAMETER_STORE, ['ssm']],
    [EndpointFeature.KMS, ['kms']],
    [EndpointFeature.ECS_EXEC, ['ssmmessages']],
    [EndpointFeature.SERVICE_CONNECT, ['ecs-agent']],
    [EndpointFeature.S3, [S3]],
  ])('%s alone takes %j', (feature, endpoints) => {
    const w = isolatedWorld();
    taskEndpoints(w, { features: [feature] });
    expect(endpointsIn(templateOf(w.stack))).toEqual(endpoints);
  });

  test('all have a row above, and together make each endpoint once', () => {
    const w = isolatedWorld();
    taskEndpoints(w, { features: Object.values(EndpointFeature) });
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, ...INSTANCES, 'kms', 'logs', S3, 'secretsmanager', 'ssm', 'ssmmessages']);
    expect(Object.keys(EndpointFeature)).toHaveLength(9);
  });
});

test.each<[string, (w: World) => { service: ecs.BaseService }, string[]]>([
  ['Fargate', (w) => isolatedService(w), [...ECR, 'logs', S3]],
  ['Fargate Spot', (w) => isolatedService(w, { capacity: FargateCapacity.spot(w.cluster) }), [...ECR, 'logs', S3]],
  ['EC2', (w) => isolatedService(w, { capacity: ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: ISOLATED }) }), [...ECR, 'logs', S3]],
])('a task on %s takes the same for itself', (_, make, endpoints) => {
  const w = isolatedWorld();
  taskEndpoints(w).serve(make(w).service);
  expect(endpointsIn(templateOf(w.stack))).toEqual(endpoints);
});

describe('what an aspect adds', () => {
  test('before the endpoints are read counts', () => {
    const w = isolatedWorld();
    const { service, taskDefinition } = isolatedService(w);
    Aspects.of(w.stack).add({
      visit: (node) => {
        if (node === w.vpc && !taskDefinition.node.tryFindChild('agent')) {
          taskDefinition.addContainer('agent', { image: fromEcr(w.stack), memoryReservationMiB: 64, secrets: { KEY: ecs.Secret.fromSsmParameter(parameter(w.stack)) } });
        }
      },
    });
    taskEndpoints(w).serve(service);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, 'logs', S3, 'ssm']);
  });

  test('after that fails the synthesis, unless it is named', () => {
    const appWith = (...features: EndpointFeature[]) => {
      const w = isolatedWorld();
      const endpoints = taskEndpoints(w, { features });
      const { service, taskDefinition } = isolatedService(w);
      endpoints.serve(service);
      Aspects.of(taskDefinition).add({
        visit: (node) => {
          if (node === taskDefinition && !taskDefinition.node.tryFindChild('agent')) {
            taskDefinition.addContainer('agent', { image: fromEcr(w.stack), memoryReservationMiB: 64, secrets: { KEY: ecs.Secret.fromSsmParameter(parameter(w.stack)) } });
          }
        },
      }, { priority: 900 });
      return w.app;
    };
    expect(() => synth(appWith())).toThrow(/\[Test\/Endpoints\] an aspect has added to the tasks what needs endpoints for ssm.*'features'/);
    expect(() => synth(appWith(EndpointFeature.PARAMETER_STORE))).not.toThrow();
  });
});

test('what needs no endpoint adds none', () => {
  const w = isolatedWorld();
  taskEndpoints(w).serve(plainFargate(w, {
    image: ELSEWHERE, environment: { KEY: 'value', SECRET: SecretValue.unsafePlainText('arn:aws:secretsmanager:x').unsafeUnwrap() },
  }));
  expect(endpointsIn(templateOf(w.stack))).toEqual([]);
  expect(warningsOf(w.stack)).toEqual([]);
});

/** A secret as a user may write one. */
class ByName extends ecs.Secret {
  public readonly hasField = false;

  constructor(public readonly arn: string) {
    super();
  }

  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.drop(grantee, 'There is nothing to grant');
  }
}

function secret(stack: Stack): secretsmanager.Secret {
  return new secretsmanager.Secret(stack, 'Secret');
}

function parameter(stack = new Stack()): ssm.IStringParameter {
  return stack.node.tryFindChild('Parameter') as ssm.IStringParameter ?? ssm.StringParameter.fromStringParameterName(stack, 'Parameter', 'key');
}
