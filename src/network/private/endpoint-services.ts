import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { ENDPOINTS_OF_USES } from '../../endpoints/endpoints-of-uses';
import { EndpointFeature } from '../endpoint-feature';

/** The S3 gateway endpoint, by the name it has among the others. */
export const S3 = 's3';

const { InterfaceVpcEndpointAwsService: Aws } = ec2;

/** An interface endpoint that may be made: the construct id and the service behind it. */
export interface InterfaceEndpointService {
  readonly id: string;
  readonly service: ec2.InterfaceVpcEndpointAwsService;
}

/** Every interface endpoint this library makes, by the name of its service. */
export const INTERFACE_ENDPOINTS: Readonly<Record<string, InterfaceEndpointService>> = {
  'ecs-agent': { id: 'EcsAgent', service: Aws.ECS_AGENT },
  'ecs-telemetry': { id: 'EcsTelemetry', service: Aws.ECS_TELEMETRY },
  'ecs': { id: 'Ecs', service: Aws.ECS },
  'ecr.api': { id: 'EcrApi', service: Aws.ECR },
  'ecr.dkr': { id: 'EcrDkr', service: Aws.ECR_DOCKER },
  'logs': { id: 'Logs', service: Aws.CLOUDWATCH_LOGS },
  'secretsmanager': { id: 'SecretsManager', service: Aws.SECRETS_MANAGER },
  'ssm': { id: 'Ssm', service: Aws.SSM },
  'kms': { id: 'Kms', service: Aws.KMS },
  'ssmmessages': { id: 'SsmMessages', service: Aws.SSM_MESSAGES },
};

/** The names that may be said of endpoints that exist already. */
export const ENDPOINT_NAMES: readonly string[] = [...Object.keys(INTERFACE_ENDPOINTS), S3];

/** The endpoints each feature takes. */
export const ENDPOINTS_OF: Readonly<Record<EndpointFeature, readonly string[]>> = {
  [EndpointFeature.CONTAINER_INSTANCES]: ENDPOINTS_OF_USES.containerInstances,
  [EndpointFeature.ECR_IMAGES]: ENDPOINTS_OF_USES.ecrImages,
  [EndpointFeature.CLOUDWATCH_LOGS]: ENDPOINTS_OF_USES.cloudWatchLogs,
  [EndpointFeature.SECRETS_MANAGER]: ENDPOINTS_OF_USES.secretsManager,
  [EndpointFeature.PARAMETER_STORE]: ENDPOINTS_OF_USES.parameterStore,
  [EndpointFeature.KMS]: ENDPOINTS_OF_USES.kms,
  [EndpointFeature.ECS_EXEC]: ENDPOINTS_OF_USES.ecsExec,
  [EndpointFeature.SERVICE_CONNECT]: ENDPOINTS_OF_USES.serviceConnect,
  [EndpointFeature.S3]: ENDPOINTS_OF_USES.s3,
};
