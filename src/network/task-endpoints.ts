import { Annotations, Aspects, AspectPriority } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct, Dependable, IConstruct, IDependable } from 'constructs';
import { invalid, shown } from '../invalid';
import { EndpointFeature } from './endpoint-feature';
import { ownSecurityGroup } from './own-security-group';
import { Admissions, Client, HTTPS, letsAllOut, originOf } from './private/admission';
import { subnetName, subnetsWithoutS3, Unreachable, unreachableBy } from './private/endpoint-findings';
import { ENDPOINT_NAMES, ENDPOINTS_OF, S3 } from './private/endpoint-services';
import { EndpointSet } from './private/endpoint-set';
import { otherVpc, sameVpc } from './private/existing-endpoints';
import { Launcher, launchersIn } from './private/launchers';
import { groupsOf, hostOf, subnetsOf } from './private/service-network';
import { SubnetRoutes } from './private/subnet-routes';
import { needsOf } from './private/task-needs';
import { zoneKey, zoneOfSubnet } from './private/zones';
import { TaskSubnets } from './task-subnets';

export * from './endpoint-feature';

/**
 * Properties of `TaskEndpoints`.
 */
export interface TaskEndpointsProps {
  /** The VPC. Private DNS of endpoints needs its DNS support and DNS host names, both of which a VPC of the CDK has by default. */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets the interface endpoints are in. Of several in a zone one is used, for an endpoint takes no more
   * (https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html). Each takes an address per endpoint, and the
   * whole VPC can use it.
   *
   * @default - one private or isolated subnet in each zone
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Further subnets whose route tables lead to S3. Needed for those that are not among the VPC's own and have tables of their own; those
   * that share the table of a private subnet are covered by it.
   *
   * @default - only the private and isolated subnets of the VPC
   */
  readonly gatewaySubnets?: ec2.SubnetSelection[];

  /**
   * What takes endpoints besides what can be read from the services served: what applications call by themselves, and what is known
   * only at deployment. With all features here, and in a stack of its own, the endpoints do not change with the services.
   *
   * @default - only what services and instances need as far as it can be read
   */
  readonly features?: EndpointFeature[];

  /**
   * The endpoints that the VPC has from outside this app, by the last part of their names: `ecr.dkr`, `logs`, `s3`. They are not made
   * again, for a second one fails at deployment, and they are not changed: their groups must let the tasks in, the S3 gateway must be
   * in the route tables of the tasks.
   *
   * @default - none; those of this app are found
   */
  readonly existingEndpoints?: string[];
}

/**
 * The VPC endpoints that tasks and container instances need in subnets without a way to the internet: each as far as something needs it,
 * behind one security group that admits who is served, on tcp 443, and nobody else.
 *
 * `serve` reads what a service's tasks need from its task definition; whatever is added to it later counts too. `serveInstances` is for
 * the instances of services on EC2 or Managed Instances: there they pull the images and ship the logs, also for awsvpc tasks. What is
 * served waits for the endpoints, and is deleted before them.
 *
 * Endpoints are private by DNS: with them, all of the VPC resolves the services to addresses that let in only who is served, or who is
 * let in by `connections`. So others that call the same services, such as Lambda functions in the VPC, must be let in or lose them.
 *
 * An image from a public registry cannot be brought by any endpoint. It is an error for tasks that surely have no way out, and a warning
 * where that is not known. Copy such images to private ECR repositories. The first pull through a pull-through cache needs a way out too.
 *
 * Costs: each interface endpoint by the hour in each zone it is in, and by the GB (https://aws.amazon.com/privatelink/pricing/); the
 * gateway endpoint nothing (https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html).
 *
 * Not where tasks have a NAT gateway anyway and little traffic: endpoints may then cost more than they save. Not for IPv6-only tasks: the
 * endpoints have IPv4 addresses only, for AWS's pages disagree on dual-stack endpoints of ECR. One per VPC.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
 */
export class TaskEndpoints extends Construct implements ec2.IConnectable {
  /** The VPC the endpoints are in. */
  public readonly vpc: ec2.IVpc;

  /** The security group of the interface endpoints. */
  public readonly securityGroup: ec2.ISecurityGroup;

  /** Network connections of the interface endpoints, to let others in than services and instances: `connections.allowDefaultPortFrom`. */
  public readonly connections: ec2.Connections;

  private readonly features: readonly EndpointFeature[];
  private readonly outside: readonly string[];
  private readonly set: EndpointSet;
  private readonly admissions = new Admissions(this);
  private readonly services: ecs.BaseService[] = [];
  private readonly launchers: Launcher[] = [];

  /**
   * @throws if the VPC is known to lack DNS support or host names, has no subnets for what is needed, or has `TaskEndpoints` already; or
   * if a feature or a name of an endpoint is unknown
   */
  constructor(scope: Construct, id: string, props: TaskEndpointsProps) {
    super(scope, id);
    this.vpc = requireVpc(this, props.vpc);
    this.features = props.features ?? [];
    this.outside = props.existingEndpoints ?? [];
    this.validate();
    const subnets = endpointSubnets(this, this.vpc, props.vpcSubnets);
    const gatewaySubnets = [
      ...this.vpc.privateSubnets,
      ...this.vpc.isolatedSubnets,
      ...(props.gatewaySubnets ?? []).flatMap((selection) => this.vpc.selectSubnets(selection).subnets),
    ];
    const own = () => gatewaySubnets.filter((subnet) => !this.isFoundAgain(subnet));
    const securityGroup = ownSecurityGroup(this, this.vpc, 'VPC endpoints');
    this.securityGroup = securityGroup;
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: HTTPS });
    this.set = new EndpointSet(this, { vpc: this.vpc, subnets, gatewaySubnets: own, securityGroup });
    this.provide(this.features);

    const resource = securityGroup.node.defaultChild!;
    Aspects.of(resource).add({
      visit: (node) => {
        if (node === resource) {
          this.set.provide(this.needed());
          this.admissions.write(this.set.guards());
          this.annotate();
        }
      },
    }, { priority: AspectPriority.MUTATING });
    this.node.addValidation({ validate: () => this.problems() });
  }

  /**
   * The interface endpoints made here, by the last part of their names, such as `ecr.dkr`. More may come until the app is synthesised, and
   * one goes if the VPC is given another for the same service.
   */
  public get endpoints(): { [name: string]: ec2.InterfaceVpcEndpoint } {
    return Object.fromEntries(this.set.interfaces);
  }

  /** The S3 gateway endpoint made here, where something needs it and the VPC has none. */
  public get s3Endpoint(): ec2.GatewayVpcEndpoint | undefined {
    return this.set.gateway;
  }

  /**
   * Makes the endpoints that the tasks of a service need, lets the tasks in, and has the service wait for the endpoints.
   *
   * What they need is read from the service and its task definition until the app is synthesised: images of private ECR repositories,
   * logs by `awslogs`, secrets and parameters, environment files, ECS Exec with its key and the destinations of its log, Service
   * Connect. What cannot be read is told in an information message, to be named in `features`.
   *
   * @param service any ECS service in the VPC; of the services of this library, their `service`
   * @throws if it is not made in this app, runs outside AWS or in another VPC
   */
  public serve(service: ecs.BaseService): void {
    const resource = Construct.isConstruct(service) ? service.node.defaultChild : undefined;
    if (!(resource instanceof ecs.CfnService)) {
      throw invalid(this, "'service' must be an ECS service made in this app, such as an ecs.FargateService, or the 'service' of one of this library; "
        + `got ${shown(service)}`);
    }
    if (service.taskDefinition.isExternalCompatible) {
      throw invalid(this, `'service' (${service.node.path}) must run in the VPC, got one that runs outside AWS`);
    }
    if (otherVpc(this, service.cluster.vpc, this.vpc)) {
      throw invalid(this, `'service' (${service.node.path}) must run in the VPC of the endpoints (${this.vpc.node.path}), got one in ${service.cluster.vpc.node.path}`);
    }
    if (this.services.includes(service)) {
      return;
    }
    this.services.push(service);
    this.provide(needsOf(service).features);
    this.attend({ resource, groups: () => groupsOf(service), instances: false });
  }

  /**
   * Makes the endpoints that container instances need, lets the instances in, and has their Auto Scaling group or capacity provider wait
   * for the endpoints.
   *
   * @param instances an `Ec2Capacity`, a `ManagedInstancesCapacity` or an Auto Scaling group
   * @throws if there is neither an Auto Scaling group nor a capacity provider of Managed Instances in it, or it has no security group
   */
  public serveInstances(instances: ec2.IConnectable): void {
    const launchers = Construct.isConstruct(instances) ? launchersIn(instances) : [];
    if (launchers.length === 0) {
      throw invalid(this, "'instances' must be made in this app: an Ec2Capacity, a ManagedInstancesCapacity or an Auto Scaling group; "
        + `got ${shown(instances)}, in which there is neither an Auto Scaling group nor a capacity provider of Managed Instances`);
    }
    if (instances.connections.securityGroups.length === 0) {
      throw invalid(this, "'instances' must have a security group, by which they are let in; got none");
    }
    for (const launcher of launchers) {
      this.launchers.push(launcher);
      this.attend({ resource: launcher.resource, groups: () => instances.connections.securityGroups, instances: true });
    }
    this.provide([EndpointFeature.CONTAINER_INSTANCES]);
  }

  /**
   * Whether a subnet is one that this app makes, listed by a look-up since it was deployed: the table it has there is that of this app, by
   * another name. The subnets of this app count as they are selected here.
   */
  private isFoundAgain(subnet: ec2.ISubnet): boolean {
    return this.node.root.node.findAll()
      .some((node) => node instanceof TaskSubnets && sameVpc(this, node.vpc, this.vpc) && node._findsAgain(subnet));
  }

  private validate(): void {
    for (const [prop, given] of Object.entries({ features: this.features, existingEndpoints: this.outside })) {
      if (!Array.isArray(given)) {
        throw invalid(this, `'${prop}' must be a list, got ${shown(given)}`);
      }
    }
    const unknownFeature = this.features.find((feature) => !Object.hasOwn(ENDPOINTS_OF, feature));
    if (unknownFeature !== undefined) {
      throw invalid(this, `'features' must be of EndpointFeature (${Object.keys(ENDPOINTS_OF).join(', ')}), got ${shown(unknownFeature)}`);
    }
    const unknownName = this.outside.find((name) => !ENDPOINT_NAMES.includes(name));
    if (unknownName !== undefined) {
      throw invalid(this, `'existingEndpoints' must be the last parts of endpoint names (${ENDPOINT_NAMES.join(', ')}), got ${shown(unknownName)}`);
    }
    const other = this.node.root.node.findAll()
      .find((node) => node !== this && node instanceof TaskEndpoints && sameVpc(this, node.vpc, this.vpc));
    if (other) {
      throw invalid(this, `'vpc' must have one TaskEndpoints, for a second endpoint of a service fails at deployment; it has ${other.node.path}: serve from that`);
    }
  }

  /** The names of the endpoints that something needs now. */
  private needed(): string[] {
    return this.namesOf([
      ...this.features,
      ...this.launchers.length > 0 ? [EndpointFeature.CONTAINER_INSTANCES] : [],
      ...this.services.flatMap((service) => [...needsOf(service).features]),
    ]);
  }

  private namesOf(features: Iterable<EndpointFeature>): string[] {
    const names = new Set([...features].flatMap((feature) => ENDPOINTS_OF[feature]));
    return [...names].filter((name) => !this.outside.includes(name));
  }

  /** Makes endpoints besides those there are. */
  private provide(features: Iterable<EndpointFeature>): void {
    const further = this.namesOf(features).filter((name) => !this.set.provided.includes(name));
    if (further.length > 0) {
      this.set.provide([...this.set.provided, ...further]);
    }
  }

  /** Has the resource alone wait: what is around a service, such as its group, is named in the rules that are waited for. */
  private attend(client: Client): void {
    const endpoints: IDependable = {};
    const all = () => this.set.all();
    Dependable.implement(endpoints, {
      get dependencyRoots() {
        return all();
      },
    });
    client.resource.node.addDependency(endpoints, this.admissions.add(client));
  }

  private annotate(): void {
    const routes = new SubnetRoutes(this, this.vpc);
    for (const service of this.services) {
      const { undecided } = needsOf(service);
      if (undecided.length > 0) {
        Annotations.of(service).addInfo(`Not decidable, so name in 'features' of ${this.node.path} what it takes: ${undecided.join('; ')}`);
      }
      const unreachable = this.unreachable(service, routes);
      if (unreachable?.severity === 'info') {
        Annotations.of(service).addInfo(unreachable.message);
      } else if (unreachable?.severity === 'warning') {
        warn(service, 'image-without-endpoint', unreachable.message);
      }
      if (hostOf(service) === 'instances' && this.launchers.length === 0 && !this.features.includes(EndpointFeature.CONTAINER_INSTANCES)) {
        warn(service, 'instances-without-endpoints', 'The tasks run on instances, which register, pull the images and ship the logs, '
          + `and ${this.node.path} serves no instances: call its 'serveInstances' with the capacity`);
      }
      const ipv6Only = subnetsOf(service).filter((subnet) => routes.isIpv6Only(subnet));
      if (ipv6Only.length > 0) {
        // fact E07
        warn(service, 'ipv6-only-subnet', `The endpoints have IPv4 addresses only, and the subnets of these tasks have none: ${ipv6Only.map(subnetName).join(', ')}`);
      }
    }
    for (const group of this.admissions.groups()) {
      if (this.set.provided.includes(S3) && !letsAllOut(group)) {
        warn(originOf(group), 'closed-egress-to-s3', 'This group lets out only what it is told to. It is let out to the VPC endpoints, but image layers come '
          + 'from S3 by a route, which no rule here can name: let it out on tcp 443 to the prefix list of S3 in your Region');
      }
    }
  }

  /** What must not be deployed, read once more, since an aspect may have added to it. */
  private problems(): string[] {
    const routes = new SubnetRoutes(this, this.vpc);
    const needed = this.needed();
    const cut = needed.includes(S3) && !this.set.s3Unknown
      ? subnetsWithoutS3(this.services, this.instanceSubnets(), routes, this.set.tablesWithS3()) : [];
    return [
      ...this.set.problems(needed),
      ...this.admissions.problems(),
      ...this.services.flatMap((service) => {
        const unreachable = this.unreachable(service, routes);
        return unreachable?.severity === 'error' ? [unreachable.message] : [];
      }),
      ...cut.length > 0 ? [`image layers come from S3, and no route table of ${cut.join(', ')} leads there: select them in 'gatewaySubnets'`] : [],
    ];
  }

  private unreachable(service: ecs.BaseService, routes: SubnetRoutes): Unreachable | undefined {
    return unreachableBy(this, service, routes, this.instanceSubnets());
  }

  private instanceSubnets(): string[] {
    return this.launchers.flatMap(({ subnets }) => subnets);
  }
}

/** Private DNS needs both: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html */
function requireVpc(scope: Construct, vpc: ec2.IVpc): ec2.IVpc {
  if (!Construct.isConstruct(vpc)) {
    throw invalid(scope, `'vpc' must be given, got ${shown(vpc)}`);
  }
  const resource = vpc.node.defaultChild;
  if (resource instanceof ec2.CfnVPC) {
    for (const setting of ['enableDnsSupport', 'enableDnsHostnames'] as const) {
      if (resource[setting] === false) {
        throw invalid(scope, `'vpc' must have '${setting}' on, got ${vpc.node.path} with it off: by private DNS the tasks find the endpoints, and that needs 'enableDnsSupport' and 'enableDnsHostnames'`);
      }
    }
  }
  return vpc;
}

/** One subnet a zone (fact V26): https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html */
function endpointSubnets(scope: Construct, vpc: ec2.IVpc, asked?: ec2.SubnetSelection): ec2.ISubnet[] {
  const { subnets, isPendingLookup } = vpc.selectSubnets(asked ?? { subnets: [...vpc.privateSubnets, ...vpc.isolatedSubnets] });
  if (subnets.length === 0 && !isPendingLookup) {
    throw invalid(scope, asked
      ? "'vpcSubnets' must select at least one subnet for the interface endpoints, got none"
      : "'vpcSubnets' must be given: the VPC has no private or isolated subnets for the interface endpoints");
  }
  const zones = new Set<string>();
  return subnets.filter((subnet) => {
    const zone = zoneOfSubnet(subnet);
    if (zone === undefined) {
      return true; // of an imported subnet it may not be known
    }
    const key = zoneKey(scope, zone);
    const first = !zones.has(key);
    zones.add(key);
    return first;
  });
}

/** The framework says the same of the same construct once, however often an app is synthesised. */
function warn(where: IConstruct, id: string, message: string): void {
  Annotations.of(where).addWarningV2(`cdk-ecs-network-modes:${id}`, message);
}
