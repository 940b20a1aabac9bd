import { Stack, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { masked } from './known-text';
import { assignsPublicIp, hostOf, subnetsOf } from './service-network';
import { SubnetRoutes } from './subnet-routes';
import { needsOf } from './task-needs';

/** What no endpoint brings to the tasks of a service. */
export interface Unreachable {
  readonly message: string;
  /** `error` where the tasks surely cannot have it, `info` where they surely can by another way. */
  readonly severity: 'error' | 'warning' | 'info';
}

/**
 * The images, logs and secrets that no endpoint brings: of public registries (fact E06), and of other Regions, for endpoints take no
 * requests across Regions (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html).
 *
 * @param instanceSubnets the subnets of the instances, which pull the images of the tasks on them
 */
export function unreachableBy(
  endpoints: IConstruct, service: ecs.BaseService, routes: SubnetRoutes, instanceSubnets: readonly string[],
): Unreachable | undefined {
  const { images, regions } = needsOf(service);
  const { region: own } = Stack.of(endpoints);
  const reasons = [
    ...images.flatMap(({ container, image, source }) => source.from === 'internet'
      ? [`image '${image}' of container '${container}' is from ${source.registry}, which no VPC endpoint reaches: copy it to a private Amazon ECR repository`] : []),
    ...regions.flatMap(({ what, region }) => region === own || Token.isUnresolved(own)
      ? [] : [`${what} is in ${region}, and endpoints are for their own Region, ${own}: keep it there as well`]),
  ];
  if (reasons.length === 0) {
    return undefined;
  }
  const onFargate = hostOf(service) === 'fargate';
  const publicAddress = onFargate && assignsPublicIp(service);
  const ways = (onFargate ? subnetsOf(service) : instanceSubnets).map((subnet) => routes.wayOut(subnet, publicAddress));
  const all = (way: string) => ways.length > 0 && ways.every((one) => one === way);
  // Instances may have an image from theirs, so that none is pulled.
  const never = onFargate && all('none');
  return {
    message: `${service.node.path}: ${reasons.join('; ')}${never ? '. Its subnets have no way to the internet, so its tasks cannot start' : ''}`,
    severity: never ? 'error' : all('some') ? 'info' : 'warning',
  };
}

/** The subnets without a way out in which layers of images cannot come from S3 either. */
export function subnetsWithoutS3(
  services: readonly ecs.BaseService[], instanceSubnets: readonly string[], routes: SubnetRoutes, tablesWithS3: ReadonlySet<string>,
): string[] {
  const pulling = new Set([...services.filter((service) => hostOf(service) === 'fargate').flatMap(subnetsOf), ...instanceSubnets]);
  return [...pulling]
    .filter((subnet) => routes.wayOut(subnet, false) === 'none' && !routes.tablesOf(subnet).some((table) => tablesWithS3.has(table)))
    .map(subnetName);
}

/** The path of a subnet of the app, the id of another. */
export function subnetName(subnet: string): string {
  return /^\$\{\S+ of (.*?)(\/Subnet|\/Resource)?\}$/.exec(subnet)?.[1] ?? masked(subnet);
}
