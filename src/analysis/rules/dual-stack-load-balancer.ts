import { Facts, LoadBalancer, Service, Subnet, TargetGroup } from '../facts';
import { useText } from '../host-ports';
import { transportsOf } from '../peers';
import { admission, assumptionsOfClosed } from '../reachability';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { assumesOf, chained, known, mapped, union, unknown, Unknown, Value } from '../value';

const fragment = (IpAddressType: string) => ({
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: '2001:db8::/64' } },
  Group: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: { GroupDescription: 'Load balancer', VpcId: { Ref: 'Vpc' }, SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '10.0.0.0/8' }] },
  },
  Web: {
    Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    Properties: { IpAddressType, Scheme: 'internal', Subnets: [{ Ref: 'Subnet' }], SecurityGroups: [{ 'Fn::GetAtt': ['Group', 'GroupId'] }] },
  },
  Listener: {
    Type: 'AWS::ElasticLoadBalancingV2::Listener',
    Properties: { LoadBalancerArn: { Ref: 'Web' }, Port: 80, Protocol: 'HTTP', DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: 'Api' } }] },
  },
  Api: {
    Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    Properties: { VpcId: { Ref: 'Vpc' }, TargetType: 'ip', IpAddressType: 'ipv6', Protocol: 'HTTP', Port: 80 },
  },
});

export const dualStackLoadBalancer: Rule = {
  id: 'dual-stack-load-balancer',
  family: 'ipv6',
  summary: 'Load balancers, target groups and subnets have the address families that they need of each other.',
  why: 'Elastic Load Balancing refuses the combination, or registers targets by an address that they do not have; or clients with IPv6 addresses get no answer '
    + 'from a load balancer that has told them one.',
  fix: 'Set IpAddressType dualstack on the load balancer, in subnets with IPv6, or ipv4 on the target group (`ipAddressType` of both). Admit ::/0 where 0.0.0.0/0 is '
    + 'admitted.',
  acknowledge: 'Where IPv6 clients are kept out on purpose.',
  source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html, '
    + 'https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html, '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html [I04, I05]',
  bad: fragment('ipv4'),
  good: fragment('dualstack'),
  *judge(facts) {
    for (const targetGroup of facts.targetGroups) {
      yield* ofTargetGroup(facts, targetGroup);
    }
    for (const loadBalancer of facts.loadBalancers) {
      yield* ofLoadBalancer(loadBalancer);
    }
    yield* tasksOverIpv4(facts);
  },
};

function* ofTargetGroup({ accountSettings }: Facts, targetGroup: TargetGroup): Iterable<Judgement> {
  const { name, addressType, targetType, loadBalancers, unseen, services } = targetGroup;
  if (!addressType.known) {
    yield notDecidable(targetGroup, addressType.why);
    return;
  }
  const isIpv6 = addressType.value === 'ipv6';
  const open: Unknown[] = isIpv6 && unseen !== undefined ? [unknown(unseen)] : [];
  for (const loadBalancer of isIpv6 ? loadBalancers : []) {
    const { addressType: its } = loadBalancer;
    if (!its.known) {
      open.push(its);
    } else if (!its.value.startsWith('dualstack')) {
      yield problem({
        subject: targetGroup,
        severity: 'error',
        message: `target group ${name} is ipv6 but load balancer ${loadBalancer.name} is ${its.value}`,
        fix: `IpAddressType dualstack in ${loadBalancer.name}, in subnets with IPv6; or ipv4 in ${name}, which replaces it`,
        assumes: union(addressType.assumes, its.assumes),
      });
    }
  }
  if (!targetType.known) {
    open.push(targetType);
  }
  for (const service of targetType.known ? services : []) {
    yield* targetType.known && targetType.value === 'instance'
      ? ofInstances(targetGroup, service, isIpv6, open)
      : ofAddresses(targetGroup, service, isIpv6, accountSettings.dualStackIPv6 === 'disabled', open);
  }
  if (open.length > 0) {
    yield notDecidable(targetGroup, open[0].why);
  }
}

const TURNED_OFF = 'the account has dualStackIPv6 disabled, as is stated';

/** Targets that are registered by the addresses of their tasks. */
function* ofAddresses(
  targetGroup: TargetGroup, { name, awsvpc }: Service, isIpv6: boolean, isOff: boolean, open: Unknown[],
): Iterable<Judgement> {
  const subnets = awsvpc?.subnets;
  if (!subnets?.known) {
    open.push(...isIpv6 && subnets ? [unknown(subnets.why)] : []);
    return;
  }
  const without = subnets.value.map(({ target, why }) => target
    ? isIpv6 ? negated(target.ipv6) : target.ipv6Only
    : unknown(why ?? 'a subnet is not known'));
  // With the setting off no task of a dual-stack subnet gets an IPv6 address. [I03]
  const lacking = isIpv6 && isOff
    ? subnets.value.map(({ target }, index) => target ? chained(target.ipv6Only, whileOff) : without[index])
    : without;
  if (lacking.length > 0 && lacking.every(isTrue)) {
    const bySubnets = without.every(isTrue);
    yield problem({
      subject: targetGroup,
      severity: 'error',
      message: `target group ${targetGroup.name} is ${isIpv6 ? 'ipv6' : 'ipv4'}, and `
        + (bySubnets ? `service ${name} runs in subnets ${isIpv6 ? 'without IPv6' : 'with IPv6 only'}` : `tasks of service ${name} get no IPv6 addresses`),
      fix: !isIpv6 ? `IpAddressType ipv6 in ${targetGroup.name}, and a dualstack load balancer`
        : `${bySubnets ? 'subnets with an Ipv6CidrBlock' : 'the account setting dualStackIPv6 enabled'}, or IpAddressType ipv4 in ${targetGroup.name}`,
      assumes: union(assumesOf(targetGroup.addressType, targetGroup.targetType, subnets, ...lacking), bySubnets ? [] : [TURNED_OFF]),
    });
  } else if (isIpv6 && !lacking.some((one) => one.known && !one.value)) {
    open.push(...lacking.filter((one): one is Unknown => !one.known).slice(0, 1));
  }
}

function whileOff(ipv6Only: boolean): Value<boolean> {
  return ipv6Only ? unknown('whether tasks get IPv6 addresses in subnets with IPv6 only while dualStackIPv6 is disabled is not documented') : known(true);
}

/** Instances register by a primary IPv6 address only. [I05] */
function* ofInstances(targetGroup: TargetGroup, { launch, name }: Service, isIpv6: boolean, open: Unknown[]): Iterable<Judgement> {
  if (isIpv6 && !(launch.known && launch.value.complete)) {
    open.push(unknown(launch.known ? launch.value.incompleteBecause ?? 'not all of its instances are known' : launch.why));
  }
  for (const hostGroup of isIpv6 && launch.known ? launch.value.hostGroups : []) {
    const { primaryIpv6 } = hostGroup;
    if (!primaryIpv6.known) {
      open.push(primaryIpv6);
    } else if (!primaryIpv6.value) {
      yield problem({
        subject: targetGroup,
        severity: 'error',
        message: `target group ${targetGroup.name} is ipv6, and instances of ${hostGroup.name}, where service ${name} runs, have no primary IPv6 address`,
        fix: `PrimaryIpv6 true in the network interface of the launch template, or IpAddressType ipv4 in ${targetGroup.name}`,
        assumes: assumesOf(targetGroup.addressType, targetGroup.targetType, launch, primaryIpv6),
      });
    }
  }
}

function* ofLoadBalancer(loadBalancer: LoadBalancer): Iterable<Judgement> {
  const { addressType, subnets, name, type } = loadBalancer;
  if (!addressType.known) {
    yield notDecidable(loadBalancer, addressType.why);
    return;
  }
  if (!addressType.value.startsWith('dualstack')) {
    return;
  }
  const its = subnets.known ? subnets.value : [];
  const without = its.flatMap(({ target }): Subnet[] => target?.ipv6.known && !target.ipv6.value ? [target] : []);
  if (without.length > 0) {
    yield problem({
      subject: loadBalancer,
      severity: 'error',
      message: `load balancer ${name} is ${addressType.value}, and subnet ${without[0].name} has no IPv6${without.length > 1 ? `, nor have ${without.length - 1} more` : ''}`,
      fix: 'an Ipv6CidrBlock in every subnet of the load balancer (DualStack.enable), or IpAddressType ipv4',
      assumes: assumesOf(addressType, subnets, without[0].ipv6),
    });
  }
  yield* keptOut(loadBalancer);
  const udp = loadBalancer.listeners.find(({ protocol, targetGroups }) => protocol.known && /UDP/.test(protocol.value)
    && targetGroups.some(({ target }) => target?.addressType.known && target.addressType.value === 'ipv4'));
  if (udp && type.known && type.value === 'network') {
    yield problem({
      subject: loadBalancer,
      severity: 'warning',
      message: `load balancer ${name} is dualstack and listens on UDP for targets with IPv4: it cannot pass on clients with IPv6 addresses there`,
      fix: 'a target group with IpAddressType ipv6 for the UDP listener, or IpAddressType ipv4 of the load balancer',
      assumes: assumesOf(addressType, type, udp.protocol, ...udp.targetGroups.flatMap(({ target }) => target?.addressType ?? [])),
    });
  }
  const open = subnets.known ? its.map(({ target, why }) => target ? target.ipv6 : unknown(why ?? 'a subnet is not known')).find((one) => !one.known) : subnets;
  if (without.length === 0 && open?.known === false) {
    yield notDecidable(loadBalancer, open.why);
  }
}

/** Clients with IPv6 addresses that the group does not admit, where it admits everybody with an IPv4 one. */
function* keptOut({ resource, name, addressType, scheme, securityGroups, listeners }: LoadBalancer): Iterable<Judgement> {
  if (!securityGroups?.known || !scheme.known || scheme.value !== 'internet-facing') {
    return;
  }
  for (const { port, protocol } of listeners) {
    const ports = mapped(port, (number) => ({ first: number, last: number }));
    const traffics = ports.known && protocol.known
      ? transportsOf(protocol.value).map((transport) => ({ protocol: transport, ports: ports.value }))
      : [];
    const closed = traffics.find((traffic) => {
      const admits = (family: 'ipv4' | 'ipv6') => admission(securityGroups, 'ingress', { family, addresses: 'anywhere' }, traffic);
      return admits('ipv4') === 'yes' && admits('ipv6') === 'no';
    });
    if (closed) {
      yield problem({
        subject: { resource, name },
        severity: 'warning',
        message: `load balancer ${name} is dualstack, and its group admits 0.0.0.0/0 but not ::/0 on ${useText(closed)}: clients that take `
          + 'its IPv6 address wait for nothing',
        fix: `an inbound rule from ::/0 on ${useText(closed)}`,
        assumes: union(assumesOf(addressType, scheme, port, protocol), assumptionsOfClosed(securityGroups, 'ingress')),
      });
      return;
    }
  }
}

/** Services with IPv6 that are reached over IPv4 only: no fault, and worth knowing. */
function* tasksOverIpv4({ services, accountSettings }: Facts): Iterable<Judgement> {
  // With the setting off no task gets an IPv6 address. [I03]
  for (const service of accountSettings.dualStackIPv6 === 'disabled' ? [] : services) {
    const { awsvpc, mode, operatingSystem, loadBalancers, name } = service;
    const isAwsvpc = mode.known && mode.value === 'awsvpc' && !(operatingSystem.known && operatingSystem.value === 'windows');
    const ipv6 = isAwsvpc && awsvpc?.subnets.known && awsvpc.subnets.value.some(({ target }) => target && isTrue(target.ipv6));
    // To a target group of IPv6 an ipv4 load balancer sends nobody, which is said of that.
    const overIpv4 = (loadBalancers.known ? loadBalancers.value : []).flatMap(({ targetGroup }) => targetGroup?.target ?? [])
      .filter(({ addressType }) => addressType.known && addressType.value === 'ipv4');
    const over = overIpv4.flatMap((targetGroup) => targetGroup.loadBalancers)
      .find(({ addressType }) => addressType.known && addressType.value === 'ipv4');
    if (ipv6 && over) {
      yield problem({
        subject: service,
        severity: 'info',
        message: `service ${name} has IPv6 addresses, and load balancer ${over.name} is ipv4: clients come over IPv4 only`,
        fix: `IpAddressType dualstack in ${over.name}, if IPv6 clients are to come`,
      });
    }
  }
}

function negated(value: Value<boolean>): Value<boolean> {
  return value.known ? { ...value, value: !value.value } : value;
}

function isTrue(value: Value<boolean>): boolean {
  return value.known && value.value;
}
