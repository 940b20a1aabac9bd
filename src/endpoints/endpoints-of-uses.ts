/**
 * The VPC endpoints that each use of an AWS service takes, by the names of the services behind them. Constructs make endpoints by it, and
 * rules miss them by it.
 *
 * Rows E01 to E04 of docs/facts.md:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html,
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html,
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
 */
export const ENDPOINTS_OF_USES = {
  containerInstances: ['ecs-agent', 'ecs-telemetry', 'ecs'],
  ecrImages: ['ecr.api', 'ecr.dkr', 's3'],
  cloudWatchLogs: ['logs'],
  secretsManager: ['secretsmanager'],
  parameterStore: ['ssm'],
  kms: ['kms'],
  ecsExec: ['ssmmessages'],
  serviceConnect: ['ecs-agent'],
  s3: ['s3'],
} as const;
