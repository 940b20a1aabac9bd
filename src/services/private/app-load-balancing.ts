import { Reference, Stage, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, Dependable, IConstruct } from 'constructs';

/** A load balancer that this app makes. */
export type OwnLoadBalancer = elbv2.ApplicationLoadBalancer | elbv2.NetworkLoadBalancer;

/** What listens, and so has a target group's load balancer. */
type Listening = { readonly loadBalancer?: unknown };

/**
 * What an app has of load balancing, by the ids that refer to it: a load balancer does not know its listeners, nor a target group its
 * services. Read in one walk of the app, which must not be repeated for each of its services.
 */
export class AppLoadBalancing {
  private readonly listeners = new Map<string, elbv2.CfnListener[]>();
  private readonly groups = new Map<string, elbv2.TargetGroupBase>();
  private readonly ingress = new Map<string, ec2.CfnSecurityGroupIngress[]>();
  private readonly services = new Map<string, ecs.BaseService[]>();
  private readonly sending = new Map<IConstruct, elbv2.TargetGroupBase[]>();

  constructor(root: IConstruct) {
    for (const node of root.node.findAll()) {
      if (node instanceof elbv2.CfnListener) {
        add(this.listeners, node.loadBalancerArn, node);
      } else if (node instanceof elbv2.TargetGroupBase) {
        this.groups.set(node.targetGroupArn, node);
        attachmentsOf(node).forEach((attachment) => add(this.sending, attachment, node));
      } else if (node instanceof ec2.CfnSecurityGroupIngress && node.groupId !== undefined) {
        add(this.ingress, node.groupId, node);
      } else if (node instanceof ecs.BaseService) {
        targetGroupsOf(node).forEach((arn) => add(this.services, arn, node));
      }
    }
  }

  public targetGroup(arn: string): elbv2.TargetGroupBase | undefined {
    return this.groups.get(arn);
  }

  /** The listeners of a load balancer. */
  public listenersOf(loadBalancer: OwnLoadBalancer): readonly elbv2.CfnListener[] {
    return this.listeners.get(loadBalancer.loadBalancerArn) ?? [];
  }

  /** The rules of a group that are resources of their own, wherever they are. */
  public rulesOf(group: ec2.ISecurityGroup): readonly ec2.CfnSecurityGroupIngress[] {
    return this.ingress.get(group.securityGroupId) ?? [];
  }

  /** The ECS services that register with a target group, by turns as well. */
  public servicesOf(targetGroup: elbv2.ITargetGroup): readonly ecs.BaseService[] {
    return this.services.get(targetGroup.targetGroupArn) ?? [];
  }

  /** The target groups that a load balancer sends to. */
  public targetGroupsOn(loadBalancer: OwnLoadBalancer): readonly elbv2.TargetGroupBase[] {
    return [...this.groups.values()].filter((group) => loadBalancersOf(group).includes(loadBalancer));
  }

  /** The target groups that a listener sends to. */
  public targetGroupsAt(listener: IConstruct): readonly elbv2.TargetGroupBase[] {
    return this.sending.get(listener) ?? [];
  }
}

type Phase = 'wiring' | 'checking';

const views: Record<Phase, WeakMap<IConstruct, AppLoadBalancing>> = { wiring: new WeakMap(), checking: new WeakMap() };

/**
 * What the app around a service has of load balancing: read once for all services that are wired, and once for all that are checked after
 * that. A synthesis does one after the other, so each phase ends the other's view: the app may have got more since.
 */
export function loadBalancingAround(scope: IConstruct, phase: Phase): AppLoadBalancing {
  const root = Stage.of(scope) ?? scope.node.root;
  views[phase === 'wiring' ? 'checking' : 'wiring'].delete(root);
  const view = views[phase].get(root) ?? new AppLoadBalancing(root);
  views[phase].set(root, view);
  return view;
}

/** What a target group is attached to: listeners, and rules of listeners. */
export function attachmentsOf(targetGroup: elbv2.TargetGroupBase): IConstruct[] {
  return Dependable.of(targetGroup.loadBalancerAttached).dependencyRoots;
}

/** The load balancers that use a target group; `undefined` among them where one is imported or cannot be seen. */
export function loadBalancersOf(targetGroup: elbv2.TargetGroupBase): (OwnLoadBalancer | undefined)[] {
  return [...new Set(attachmentsOf(targetGroup).map(loadBalancerBehind))];
}

/** The subnets a load balancer is in; `undefined` where the app does not make it. */
export function subnetIdsOf(loadBalancer: IConstruct): string[] | undefined {
  const resource = loadBalancer.node.defaultChild;
  if (!(resource instanceof elbv2.CfnLoadBalancer)) {
    return undefined;
  }
  const { subnets, subnetMappings } = resource;
  const mappings = Array.isArray(subnetMappings) ? subnetMappings as elbv2.CfnLoadBalancer.SubnetMappingProperty[] : undefined;
  return subnets ?? mappings?.map(({ subnetId }) => subnetId);
}

function loadBalancerBehind(attachment: IConstruct): OwnLoadBalancer | undefined {
  const { loadBalancer } = (attachment instanceof elbv2.ApplicationListenerRule ? listenerOfRule(attachment) : attachment) as Listening;
  const own = loadBalancer instanceof elbv2.ApplicationLoadBalancer || loadBalancer instanceof elbv2.NetworkLoadBalancer;
  return own ? loadBalancer : undefined;
}

/** A rule keeps its listener's ARN only. */
function listenerOfRule(rule: elbv2.ApplicationListenerRule): Listening {
  const { listenerArn } = rule.node.defaultChild as elbv2.CfnListenerRule;
  const reference = listenerArn === undefined ? undefined : Tokenization.reverseString(listenerArn).firstToken;
  return Reference.isReference(reference) && Construct.isConstruct(reference.target) ? reference.target.node.scope as Listening ?? {} : {};
}

function targetGroupsOf(service: ecs.BaseService): string[] {
  return service.loadBalancers.flatMap(({ targetGroupArn, advancedConfiguration }) => {
    const { alternateTargetGroupArn } = (advancedConfiguration ?? {}) as ecs.CfnService.AdvancedConfigurationProperty;
    return [targetGroupArn, alternateTargetGroupArn].filter((arn) => arn !== undefined);
  });
}

function add<K, T>(map: Map<K, T[]>, key: K, value: T): void {
  map.set(key, [...map.get(key) ?? [], value]);
}
