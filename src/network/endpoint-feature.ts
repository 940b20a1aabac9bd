/**
 * What tasks or instances do that takes a VPC endpoint where they have no way to the internet.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
 */
export enum EndpointFeature {
  /** Being a container instance: `ecs-agent`, `ecs-telemetry` and `ecs`. Not needed on Fargate. */
  CONTAINER_INSTANCES = 'CONTAINER_INSTANCES',
  /** Pulling images from private Amazon ECR repositories: `ecr.api`, `ecr.dkr` and the S3 gateway endpoint, for layers come from S3. */
  ECR_IMAGES = 'ECR_IMAGES',
  /** Writing to CloudWatch Logs, as the `awslogs` log driver does: `logs`. */
  CLOUDWATCH_LOGS = 'CLOUDWATCH_LOGS',
  /** Reading secrets of Secrets Manager: `secretsmanager`. Their keys need no endpoint here: Secrets Manager itself calls KMS. */
  SECRETS_MANAGER = 'SECRETS_MANAGER',
  /** Reading parameters of Systems Manager Parameter Store: `ssm`. */
  PARAMETER_STORE = 'PARAMETER_STORE',
  /** Calling KMS, as ECS Exec does where the cluster gives it a key: `kms`. */
  KMS = 'KMS',
  /** ECS Exec: `ssmmessages`. */
  ECS_EXEC = 'ECS_EXEC',
  /** The proxies of Service Connect: `ecs-agent`. */
  SERVICE_CONNECT = 'SERVICE_CONNECT',
  /** Reading and writing S3, as environment files do: the S3 gateway endpoint. */
  S3 = 'S3',
}
