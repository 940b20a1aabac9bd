/** Load balancers of all kinds, their listeners, and target groups. */
import type { Listener, LoadBalancer, TargetGroup, To } from '../facts';
import { Evaluated, Resource } from '../resources';
import { known, unknown, Value } from '../value';
import { Joins, nameOf, Reading, eachOnce } from './joins';
import { Network, reference, vpcOf } from './network';
import { at, byDefault, Draft, eachItem, isUnknown, itemsAsKnown, number, text, truth, word } from './properties';
import type { Groups } from './security-groups';

export interface LoadBalancing {
  readonly loadBalancers: Joins<LoadBalancer>;
  readonly targetGroups: Joins<TargetGroup>;
}

const V2 = 'AWS::ElasticLoadBalancingV2';
const CLASSIC = 'AWS::ElasticLoadBalancing::LoadBalancer';

export function readLoadBalancing(reading: Reading, network: Network, groups: Groups): LoadBalancing {
  const { world } = reading;
  const targetGroups = new Joins<Draft<TargetGroup>>(reading);
  for (const resource of world.resourcesOf(`${V2}::TargetGroup`)) {
    targetGroups.add(resource, targetGroupOf(resource, network, reading));
  }
  const loadBalancers = new Joins<Draft<LoadBalancer>>(reading);
  for (const resource of world.resourcesOf(`${V2}::LoadBalancer`)) {
    loadBalancers.add(resource, loadBalancerOf(resource, network, groups), () => resource.property('Name'));
  }
  for (const resource of world.resourcesOf(CLASSIC)) {
    loadBalancers.add(resource, classicOf(resource, network, groups), () => resource.property('LoadBalancerName'));
  }

  const listeners = new Joins<Draft<Listener>>(reading);
  const unseen = new Map<Draft<Listener>, string | undefined>();
  for (const resource of world.resourcesOf(`${V2}::Listener`)) {
    const listener: Draft<Listener> = {
      name: nameOf(resource),
      resource,
      port: number(resource.property('Port')) ?? unknown(`${nameOf(resource)} names no port`),
      protocol: text(resource.property('Protocol')) ?? unknown(`${nameOf(resource)} names no protocol`),
      targetGroups: forwardedTo(resource, 'DefaultActions', targetGroups),
    };
    listeners.add(resource, listener);
    const { target, why } = reference(loadBalancers, resource, 'LoadBalancerArn');
    target?.listeners.push(listener);
    unseen.set(listener, target ? undefined : why);
  }
  for (const resource of world.resourcesOf(`${V2}::ListenerRule`)) {
    const { target, why } = reference(listeners, resource, 'ListenerArn');
    const forwarded = forwardedTo(resource, 'Actions', targetGroups);
    target?.targetGroups.push(...forwarded);
    markUnseen(forwarded, target ? undefined : why);
  }
  for (const listener of listeners.all()) {
    listener.targetGroups = [...eachOnce(listener.targetGroups)];
    markUnseen(listener.targetGroups, unseen.get(listener));
  }
  for (const loadBalancer of loadBalancers.all()) {
    for (const listener of loadBalancer.listeners) {
      for (const { target } of listener.targetGroups) {
        const targetGroup = target as Draft<TargetGroup> | undefined;
        targetGroup?.listeners.push(listener);
        if (targetGroup && !targetGroup.loadBalancers.includes(loadBalancer)) {
          targetGroup.loadBalancers.push(loadBalancer);
        }
      }
    }
  }
  return { loadBalancers, targetGroups };
}

/** Notes that something sends to target groups of which it is not known what. */
function markUnseen(targetGroups: ReadonlyArray<To<TargetGroup>>, why: string | undefined): void {
  for (const { target } of why === undefined ? [] : targetGroups) {
    if (target) {
      (target as Draft<TargetGroup>).unseen ??= why;
    }
  }
}

function targetGroupOf(resource: Resource, { vpcs }: Network, reading: Reading): Draft<TargetGroup> {
  const preserve = attributeOf(resource, 'TargetGroupAttributes', 'preserve_client_ip.enabled');
  return {
    name: nameOf(resource),
    resource,
    targetType: text(resource.property('TargetType')) ?? byDefault('TargetType', 'instance'),
    protocol: text(resource.property('Protocol')) ?? unknown(`${nameOf(resource)} names no protocol`),
    port: number(resource.property('Port')),
    ...resource.property('VpcId') ? { vpc: reference(vpcs, resource, 'VpcId') } : {},
    addressType: text(resource.property('IpAddressType')) ?? known('ipv4'),
    healthCheckPort: text(resource.property('HealthCheckPort')) ?? known('traffic-port'),
    preserveClientIp: truth(preserve),
    listeners: [],
    loadBalancers: [],
    services: [],
    leaves: () => reading.leaves(resource),
  };
}

/** The target groups that actions forward to, each once. */
function forwardedTo(resource: Resource, property: string, targetGroups: Joins<TargetGroup>): To<TargetGroup>[] {
  const arns = itemsAsKnown(resource.property(property)).flatMap((action) => [
    at(action, 'TargetGroupArn'),
    ...itemsAsKnown(at(action, 'ForwardConfig', 'TargetGroups')).map((one) => at(one, 'TargetGroupArn')),
  ]);
  return [...eachOnce(arns.flatMap((arn) => arn === undefined || isHidden(arn) ? [] : [targetGroups.find(arn, resource)]))];
}

/** An action that is itself not known names no target group that could be found. */
function isHidden(arn: Evaluated): boolean {
  return arn.kind === 'list' || arn.kind === 'entries';
}

function loadBalancerOf(resource: Resource, network: Network, groups: Groups): Draft<LoadBalancer> {
  const type = word(resource.property('Type'), ['application', 'network', 'gateway'] as const) ?? known('application' as const);
  const mapped = itemsAsKnown(resource.property('SubnetMappings'));
  const subnets = mapped.length > 0
    ? known(eachOnce(mapped.map((mapping) => {
      const subnet = at(mapping, 'SubnetId');
      return subnet ? network.subnets.find(subnet, resource) : { identity: 'a subnet mapping', why: 'a subnet mapping names no subnet' };
    })))
    : network.subnets.findMany(resource.property('Subnets') ?? resource.property('SubnetMappings'), resource);
  const vpc = vpcOf(subnets);
  const named = resource.property('SecurityGroups');
  const hasGroups = named !== undefined || (type.known && type.value === 'application');
  return {
    name: nameOf(resource),
    resource,
    type,
    scheme: schemeOf(resource),
    addressType: text(resource.property('IpAddressType')) ?? known('ipv4'),
    subnets,
    vpc,
    ...hasGroups ? { securityGroups: groups.orDefault(named, resource, vpc) } : {},
    rulesOnPrivateLink: word(resource.property('EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic'), ['on', 'off'] as const),
    listeners: [],
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-loadbalancer.html, and the same of classic ones */
function schemeOf(resource: Resource): LoadBalancer['scheme'] {
  return word(resource.property('Scheme'), ['internet-facing', 'internal'] as const) ?? known('internet-facing');
}

function classicOf(resource: Resource, network: Network, groups: Groups): Draft<LoadBalancer> {
  const subnets = network.subnets.findMany(resource.property('Subnets'), resource);
  const vpc = vpcOf(subnets);
  const listeners = eachItem(resource.property('Listeners'), (item): Listener => ({
    name: nameOf(resource),
    resource,
    port: number(at(item, 'LoadBalancerPort')) ?? unknown('a listener names no LoadBalancerPort'),
    protocol: text(at(item, 'Protocol')) ?? unknown('a listener names no Protocol'),
    targetGroups: [],
    instancePort: number(at(item, 'InstancePort')) ?? unknown('a listener names no InstancePort'),
  }));
  return {
    name: nameOf(resource),
    resource,
    type: known('classic'),
    scheme: schemeOf(resource),
    addressType: known('ipv4'),
    subnets,
    vpc,
    securityGroups: groups.orDefault(resource.property('SecurityGroups'), resource, vpc),
    listeners: listeners.known ? [...listeners.value] : [],
    healthCheckPort: checkedPort(resource.property('HealthCheck', 'Target')),
  };
}

/** The port of a target such as `HTTP:8080/health`. */
function checkedPort(target: Evaluated | undefined): Value<number> | undefined {
  const written = text(target);
  if (!written || isUnknown(written)) {
    return written;
  }
  const port = /^[A-Za-z]+:(\d+)/.exec(written.value)?.[1];
  return port === undefined ? unknown(`${JSON.stringify(written.value)} is no health check target`) : known(Number(port), written.assumes);
}

/** An attribute of a list of keys and values. */
function attributeOf(resource: Resource, property: string, key: string): Evaluated | undefined {
  const found = itemsAsKnown(resource.property(property)).find((item) => {
    const name = text(at(item, 'Key'));
    return name?.known && name.value === key;
  });
  return found && at(found, 'Value');
}
