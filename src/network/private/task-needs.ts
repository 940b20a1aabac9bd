import * as ecs from 'aws-cdk-lib/aws-ecs';
import { imageSource, ImageSource } from '../../endpoints/container-image';
import { EndpointFeature } from '../endpoint-feature';
import { flat, known, masked } from './known-text';

/** An image of a container. */
export interface ContainerImage {
  readonly container: string;
  /** Its name, with `…` for what is known only at deployment. */
  readonly image: string;
  readonly source: ImageSource;
}

/** What the tasks of a service do that takes endpoints. */
export interface TaskNeeds {
  readonly features: ReadonlySet<EndpointFeature>;
  readonly images: readonly ContainerImage[];
  /** What cannot be told when the app is synthesised, each a sentence. */
  readonly undecided: readonly string[];
  /** What is said to be in a Region: endpoints are for their own Region only. */
  readonly regions: readonly { readonly what: string; readonly region: string }[];
}

/**
 * Reads a service and its task definition as they are now. Containers are read one by one and not as the task definition renders them,
 * for that adds a log router to a task with FireLens: too early while others may still add their own.
 */
export function needsOf(service: ecs.BaseService): TaskNeeds {
  const needs = new Reading();
  const containers = service.taskDefinition.node.children.filter((child) => child instanceof ecs.ContainerDefinition);
  containers.forEach((container) => readContainer(needs, container));
  if (containers.some(({ logDriverConfig }) => logDriverConfig?.logDriver === 'awsfirelens')
    && !containers.some((container) => container instanceof ecs.FirelensLogRouter)) {
    // The router that the framework adds at synthesis: an image of Amazon ECR, with the awslogs driver.
    needs.features.add(EndpointFeature.ECR_IMAGES).add(EndpointFeature.CLOUDWATCH_LOGS);
  }
  readExec(needs, service);
  readServiceConnect(needs, service);
  return needs;
}

class Reading implements TaskNeeds {
  public readonly features = new Set<EndpointFeature>();
  public readonly images: ContainerImage[] = [];
  public readonly undecided: string[] = [];
  public readonly regions: { readonly what: string; readonly region: string }[] = [];
}

function readContainer(needs: Reading, container: ecs.ContainerDefinition): void {
  const { image, logConfiguration, secrets, environmentFiles, repositoryCredentials, firelensConfiguration } =
    known(container, container.renderContainerDefinition()) as Partial<ecs.CfnTaskDefinition.ContainerDefinitionProperty>;
  const of = `container '${container.containerName}'`;
  readImage(needs, container.containerName, flat(image));
  readLogs(needs, of, logConfiguration as ecs.CfnTaskDefinition.LogConfigurationProperty | undefined);
  readSecrets(needs, of, secrets as ecs.CfnTaskDefinition.SecretProperty[] | undefined);
  if (repositoryCredentials) {
    needs.features.add(EndpointFeature.SECRETS_MANAGER);
  }
  const { options } = (firelensConfiguration ?? {}) as ecs.CfnTaskDefinition.FirelensConfigurationProperty;
  if (environmentFiles || (options as Record<string, string> | undefined)?.['config-file-type'] === 's3') {
    needs.features.add(EndpointFeature.S3);
  }
}

function readImage(needs: Reading, container: string, name: string): void {
  const image = masked(name);
  const source = imageSource(image);
  needs.images.push({ container, image, source });
  if (source.from === 'ecr') {
    needs.features.add(EndpointFeature.ECR_IMAGES);
    if (source.region) {
      needs.regions.push({ what: `image '${image}' of container '${container}'`, region: source.region });
    }
  } else if (source.from === 'unknown') {
    needs.undecided.push(`where image '${image}' of container '${container}' comes from, because ${source.why}`);
  }
}

/** Fact E04 for awslogs. Where FireLens and other drivers send logs to is theirs to say. */
function readLogs(needs: Reading, of: string, config: Pick<ecs.CfnTaskDefinition.LogConfigurationProperty, 'logDriver' | 'options' | 'secretOptions'> = { logDriver: '' }): void {
  readSecrets(needs, `the log driver of ${of}`, config.secretOptions as ecs.CfnTaskDefinition.SecretProperty[] | undefined);
  if (config.logDriver === 'awslogs') {
    needs.features.add(EndpointFeature.CLOUDWATCH_LOGS);
    readRegion(needs, `the log group of ${of}`, flat((config.options as Record<string, string> | undefined)?.['awslogs-region']));
  } else if (!['', 'none', 'json-file', 'journald', 'local'].includes(config.logDriver)) {
    needs.undecided.push(`where the ${masked(flat(config.logDriver))} log driver of ${of} sends to, because only the destination of awslogs is read`);
  }
}

/** Fact E04. A secret is given by its ARN, a parameter by its ARN or, in the same Region, its name. */
function readSecrets(needs: Reading, of: string, secrets: readonly ecs.CfnTaskDefinition.SecretProperty[] = []): void {
  for (const { name, valueFrom } of secrets) {
    const text = flat(valueFrom);
    const arn = /^arn:[^:]*:(secretsmanager|ssm):([^:]*):/.exec(masked(text));
    if (arn?.[1] === 'secretsmanager' || /^\$\{(AWS::SecretsManager::|[\w:]+\.[\w.]*Secret)/.test(text)) {
      needs.features.add(EndpointFeature.SECRETS_MANAGER);
    } else if (arn?.[1] === 'ssm' || text.startsWith('${AWS::SSM::Parameter.') || !/^arn:|\$\{/.test(text)) {
      needs.features.add(EndpointFeature.PARAMETER_STORE);
    } else {
      needs.undecided.push(`where secret '${name}' of ${of} is kept, because its ARN is known only at deployment`);
    }
    readRegion(needs, `secret '${name}' of ${of}`, arn?.[2] ?? '');
  }
}

function readRegion(needs: Reading, what: string, region: string): void {
  if (/^[a-z]+(-[a-z]+)+-\d+$/.test(region)) {
    needs.regions.push({ what, region });
  }
}

/** Fact E04; the key and the destinations of the session's log: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html */
function readExec(needs: Reading, service: ecs.BaseService): void {
  const { enableExecuteCommand } = service.node.defaultChild as ecs.CfnService;
  const enabled = known(service, enableExecuteCommand) as unknown;
  if (enabled === undefined || enabled === false) {
    return;
  }
  if (enabled !== true) {
    needs.undecided.push('whether ECS Exec is on, because that is known only at deployment');
    return;
  }
  const { kmsKey, logConfiguration } = service.cluster.executeCommandConfiguration ?? {};
  needs.features.add(EndpointFeature.ECS_EXEC);
  if (kmsKey) {
    needs.features.add(EndpointFeature.KMS);
  }
  if (logConfiguration?.cloudWatchLogGroup) {
    needs.features.add(EndpointFeature.CLOUDWATCH_LOGS);
  }
  if (logConfiguration?.s3Bucket) {
    needs.features.add(EndpointFeature.S3);
  }
}

function readServiceConnect(needs: Reading, service: ecs.BaseService): void {
  const { serviceConnectConfiguration } = service.node.defaultChild as ecs.CfnService;
  const config = known(service, serviceConnectConfiguration) as ecs.CfnService.ServiceConnectConfigurationProperty | undefined;
  if (config === undefined || (config.enabled as unknown) === false) {
    return;
  }
  needs.features.add(EndpointFeature.SERVICE_CONNECT);
  readLogs(needs, 'the Service Connect proxy', config.logConfiguration as ecs.CfnTaskDefinition.LogConfigurationProperty | undefined);
}
