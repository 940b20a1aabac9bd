import { CfnParameter, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as targets from 'aws-cdk-lib/aws-elasticloadbalancingv2-targets';
import { type AwsvpcServiceProps, TaskPort } from '../../src';
import { addressTypesIn, alb, behindAlb, behindNlb, clientsIn, dualStackWorld, nlb } from '../dual-stack-world';
import { awsvpcService, CONTAINER, synth, templateOf, warningsOf, type World } from '../fixtures';
import { expectRefusal } from '../refusal';
import { pathsOf } from '../security-group-rules';

const { DUAL_STACK } = elbv2.IpAddressType;
const { TCP, UDP, TLS, TCP_UDP } = elbv2.Protocol;
const { HTTP } = elbv2.ApplicationProtocol;
const PORT = TaskPort.tcp(8080);
const WEB: Partial<AwsvpcServiceProps> = { ports: [PORT] };
const EVERYONE = ec2.Peer.anyIpv4();

/** A plain service behind the same things as ours. */
function plainService({ stack, cluster }: World): ecs.FargateService {
  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'PlainTask');
  taskDefinition.addContainer('web', { ...CONTAINER, portMappings: [{ containerPort: 8080 }] });
  return new ecs.FargateService(stack, 'Plain', { cluster, taskDefinition });
}

describe('clients of a load balancer that becomes dual stack', () => {
  /** An ALB whose listeners are closed, so that only what is done to its group lets anybody in. */
  function withGroup(rules: (group: ec2.SecurityGroup, w: World) => void, disableInlineRules = false, ports: number[] = [80]): World {
    const w = dualStackWorld();
    const securityGroup = new ec2.SecurityGroup(w.stack, 'LbGroup', { vpc: w.vpc, allowAllOutbound: false, disableInlineRules });
    const service = awsvpcService(w, WEB);
    const loadBalancer = alb(w, { securityGroup });
    const targetGroup = new elbv2.ApplicationTargetGroup(w.stack, 'Group', { vpc: w.vpc, port: 80, targets: [service] });
    ports.forEach((port) => loadBalancer.addListener(`On${port}`, { port, protocol: HTTP, open: false, defaultTargetGroups: [targetGroup] }));
    rules(securityGroup, w);
    return w;
  }

  test.each<[string, (group: ec2.SecurityGroup, w: World) => void, string[]]>([
    ['everyone on the port', (group) => group.addIngressRule(EVERYONE, ec2.Port.tcp(80)), ['0.0.0.0/0 tcp 80', '::/0 tcp 80']],
    ['everyone on a range with the port in it', (group) => group.addIngressRule(EVERYONE, ec2.Port.tcpRange(80, 90)), ['0.0.0.0/0 tcp 80-90', '::/0 tcp 80-90']],
    ['everyone on everything', (group) => group.addIngressRule(EVERYONE, ec2.Port.allTraffic()), ['0.0.0.0/0 all', '::/0 all']],
    ['everyone, and somebody more', (group) => [EVERYONE, ec2.Peer.ipv4('10.0.0.0/8')].forEach((peer) => group.addIngressRule(peer, ec2.Port.tcp(80))),
      ['0.0.0.0/0 tcp 80', '10.0.0.0/8 tcp 80', '::/0 tcp 80']],
    ['everyone with IPv4 and some with IPv6', (group) => [EVERYONE, ec2.Peer.ipv6('2001:db8::/32')].forEach((peer) => group.addIngressRule(peer, ec2.Port.tcp(80))),
      ['0.0.0.0/0 tcp 80', '2001:db8::/32 tcp 80']],
    ['some with IPv4 and some with IPv6', (group) => [ec2.Peer.ipv4('10.0.0.0/8'), ec2.Peer.ipv6('2001:db8::/32')].forEach((peer) => group.addIngressRule(peer, ec2.Port.tcp(80))),
      ['10.0.0.0/8 tcp 80', '2001:db8::/32 tcp 80']],
    ['nobody by address', (group, { stack, vpc }) => group.addIngressRule(new ec2.SecurityGroup(stack, 'Clients', { vpc }), ec2.Port.tcp(80)), []],
    ['nobody at all', () => undefined, []],
    ['everyone on other ports and protocols', (group) => [ec2.Port.tcp(22), ec2.Port.udp(80), ec2.Port.icmpPing(), ec2.Port.tcpRange(81, 90)].forEach((port) => group.addIngressRule(EVERYONE, port)),
      ['0.0.0.0/0 icmp 8--1', '0.0.0.0/0 tcp 22', '0.0.0.0/0 tcp 81-90', '0.0.0.0/0 udp 80']],
    ['somebody on another port', (group) => group.addIngressRule(ec2.Peer.ipv4('10.0.0.0/8'), ec2.Port.tcp(22)), ['10.0.0.0/8 tcp 22']],
  ])('where it lets in %s', (_, rules, expected) => {
    for (const disableInlineRules of [false, true]) {
      const w = withGroup(rules, disableInlineRules);
      expect(clientsIn(w)).toEqual(expected.map((rule) => `LbGroup < ${rule}`));
      expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
      expect(warningsOf(w.stack)).toEqual([]);
    }
  });

  test('are let in on each of its listeners as they were', () => {
    const w = withGroup((group) => {
      group.addIngressRule(EVERYONE, ec2.Port.tcp(80));
      group.addIngressRule(ec2.Peer.securityGroupId('sg-0123456789abcdef0'), ec2.Port.tcp(8443));
    }, false, [80, 8443]);
    expect(clientsIn(w)).toEqual(['LbGroup < 0.0.0.0/0 tcp 80', 'LbGroup < ::/0 tcp 80']);
  });

  test('may come to a port known only at deployment', () => {
    const w = dualStackWorld();
    const port = new CfnParameter(w.stack, 'Port', { type: 'Number' }).valueAsNumber;
    alb(w).addListener('Http', { port, protocol: HTTP }).addTargets('Web', { port: 8080, protocol: HTTP, targets: [awsvpcService(w, WEB)] });
    const rules = Object.values(templateOf(w.stack).findResources('AWS::EC2::SecurityGroupIngress'))
      .filter(({ Properties }) => Properties.SourceSecurityGroupId === undefined)
      .map(({ Properties: { Description: _, GroupId: __, ...rule } }) => rule);
    expect(rules).toEqual([
      { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: { Ref: 'Port' }, ToPort: { Ref: 'Port' } },
      { CidrIpv6: '::/0', IpProtocol: 'tcp', FromPort: { Ref: 'Port' }, ToPort: { Ref: 'Port' } },
    ]);
  });

  test.each<[string, (group: ec2.SecurityGroup, w: World) => void, string]>([
    ['a range', (group) => group.addIngressRule(ec2.Peer.ipv4('10.0.0.0/8'), ec2.Port.tcp(80)), '10.0.0.0/8'],
    ['a prefix list', (group) => group.addIngressRule(ec2.Peer.prefixList('pl-1'), ec2.Port.tcp(80)), 'pl-1'],
    ["the VPC's range", (group, { vpc }) => group.addIngressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcp(80)), 'a range known only at deployment'],
    ['a range by a rule that is written elsewhere', (group, { stack }) =>
      new ec2.CfnSecurityGroupIngress(stack, 'Rule', { groupId: group.securityGroupId, cidrIp: '10.0.0.0/8', ipProtocol: '-1' }), '10.0.0.0/8'],
    ['a range on a port known only at deployment', (group, { stack }) =>
      group.addIngressRule(ec2.Peer.ipv4('10.0.0.0/8'), ec2.Port.tcp(new CfnParameter(stack, 'Port', { type: 'Number' }).valueAsNumber)), '10.0.0.0/8'],
  ])('would be lost where it lets in %s, so it stays as it is', (_, rules, range) => {
    const w = withGroup(rules);
    const before = clientsIn(w).length;
    expect(addressTypesIn(w.stack)).toEqual([undefined, undefined]);
    expect(before).toBeLessThanOrEqual(1);

    const refused = withGroup((group, one) => {
      rules(group, one);
      (one.stack.node.findChild('Group').node.defaultChild as elbv2.CfnTargetGroup).ipAddressType = 'ipv6';
    });
    expectRefusal(() => synth(refused.app), 'Test/Web', 'target group Test/Group takes IPv6 addresses, but load balancer Test/Lb has IPv4 only: '
      + "set its 'ipAddressType' to DUAL_STACK, which it does not become by itself because it lets in", range, 'at Test/Lb/On80/Resource');
  });
});

describe('a load balancer stays as it is', () => {
  test('in subnets of which one has no IPv6', () => {
    const w = dualStackWorld();
    (w.vpc.publicSubnets[1].node.defaultChild as ec2.CfnSubnet).ipv6CidrBlock = undefined;
    behindAlb(w, awsvpcService(w, WEB));
    expect(addressTypesIn(w.stack)).toEqual([undefined, undefined]);
    expect(clientsIn(w)).toEqual(['Lb < 0.0.0.0/0 tcp 80']);
  });

  test('in subnets that are imported', () => {
    const w = dualStackWorld();
    const subnets = ['subnet-1', 'subnet-2'].map((id) => ec2.Subnet.fromSubnetId(w.stack, id, id));
    behindAlb(w, awsvpcService(w, WEB), true, { vpcSubnets: { subnets } });
    expect(addressTypesIn(w.stack)).toEqual([undefined, undefined]);
  });

  test('with a group that is imported, whose rules cannot be seen', () => {
    const w = dualStackWorld();
    behindAlb(w, awsvpcService(w, WEB), true, { securityGroup: ec2.SecurityGroup.fromSecurityGroupId(w.stack, 'Theirs', 'sg-1') });
    expect(addressTypesIn(w.stack)).toEqual([undefined, undefined]);
    expect(clientsIn(w)).toEqual([]);
    expect(pathsOf(w.app).filter((path) => path.includes('::/0'))).toEqual([]);
  });

  test('that is imported, and so does its target group', () => {
    const w = dualStackWorld();
    const targetGroup = new elbv2.ApplicationTargetGroup(w.stack, 'Group', { vpc: w.vpc, port: 80, targets: [awsvpcService(w, WEB)] });
    elbv2.ApplicationListener.fromApplicationListenerAttributes(w.stack, 'Listener', {
      listenerArn: 'arn:aws:elasticloadbalancing:us-east-1:111111111111:listener/app/imported/0123456789abcdef/0123456789abcdef',
      securityGroup: ec2.SecurityGroup.fromSecurityGroupId(w.stack, 'Imported', 'sg-0123456789abcdef0'),
    }).addTargetGroups('Web', { targetGroups: [targetGroup], priority: 1, conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])] });
    expect(addressTypesIn(w.stack)).toEqual([undefined]);
  });

  test('that serves others only', () => {
    const w = dualStackWorld();
    awsvpcService(w, WEB);
    behindAlb(w, plainService(w));
    expect(addressTypesIn(w.stack)).toEqual([undefined, undefined]);
  });

  test.each([UDP, TCP_UDP, 'QUIC'])('with a listener for %s, on another target group as well', (protocol) => {
    const w = dualStackWorld();
    const loadBalancer = nlb(w, true);
    loadBalancer.addListener('Tcp', { port: 80 }).addTargets('Web', { port: 8080, targets: [awsvpcService(w, WEB)] });
    const other = new elbv2.CfnTargetGroup(w.stack, 'Other', { vpcId: w.vpc.vpcId, port: 53, protocol, targetType: 'ip' });
    new elbv2.CfnListener(w.stack, 'OtherListener', {
      loadBalancerArn: loadBalancer.loadBalancerArn, port: 53, protocol, defaultActions: [{ type: 'forward', targetGroupArn: other.ref }],
    });
    expect(addressTypesIn(w.stack).slice(0, 2)).toEqual([undefined, undefined]);
  });

  test('but not with a listener for TLS', () => {
    const w = dualStackWorld();
    const certificates = [elbv2.ListenerCertificate.fromArn('arn:aws:acm:us-east-1:111111111111:certificate/1')];
    nlb(w, true).addListener('Tls', { port: 443, protocol: TLS, certificates }).addTargets('Web', { port: 8080, protocol: TCP, targets: [awsvpcService(w, WEB)] });
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
  });

  test.each<[string, (w: World) => void]>([
    ['of a target group that keeps them', (w) => behindNlb(w, awsvpcService(w, WEB).loadBalancerTarget(PORT, { clients: [ec2.Peer.ipv4('192.0.2.0/24')] }), false, { preserveClientIp: true })],
    ['of a plain service beside', (w) => {
      const loadBalancer = nlb(w, false);
      loadBalancer.addListener('Tcp', { port: 80 }).addTargets('Web', { port: 8080, targets: [awsvpcService(w, WEB)] });
      loadBalancer.addListener('Plain', { port: 81 }).addTargets('Plain', { port: 8080, targets: [plainService(w)] });
    }],
  ])('without groups, for the sake of clients known by their addresses: %s', (_, build) => {
    const w = dualStackWorld();
    build(w);
    expect(new Set(addressTypesIn(w.stack))).toEqual(new Set([undefined]));
  });

  test('that is dual stack without a service that follows is left alone with its target group', () => {
    const w = dualStackWorld();
    behindAlb(w, plainService(w), true, { ipAddressType: DUAL_STACK });
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', undefined]);
  });

  test('of subnet mappings follows as one of subnets', () => {
    const w = dualStackWorld();
    const subnetMappings = w.vpc.privateSubnets.map((subnet) => ({ subnet }));
    nlb(w, true, { subnetMappings }).addListener('Tcp', { port: 80 }).addTargets('Web', { port: 8080, targets: [awsvpcService(w, WEB)] });
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
  });
});

describe('a target group stays IPv4, behind a load balancer that becomes dual stack,', () => {
  test.each<[string, (w: World) => void]>([
    ['with a name, which its replacement could not have', (w) => {
      alb(w).addListener('Http', { port: 80 }).addTargets('Web', { port: 8080, protocol: HTTP, targetGroupName: 'web', targets: [awsvpcService(w, WEB)] });
    }],
    ['of a service that CodeDeploy rolls out, which could not change its target group', (w) => {
      behindAlb(w, awsvpcService(w, { ...WEB, deploymentController: { type: ecs.DeploymentControllerType.CODE_DEPLOY } }));
    }],
    ['with a plain service in it', (w) => {
      behindAlb(w, awsvpcService(w, WEB)).addTarget(plainService(w));
    }],
    ['with a service in IPv4 subnets in it', (w) => {
      const subnet = new ec2.PrivateSubnet(w.stack, 'Other', { vpcId: w.vpc.vpcId, availabilityZone: 'a', cidrBlock: '10.0.255.0/24' });
      behindAlb(w, awsvpcService(w, { ...WEB, vpcSubnets: { subnets: [subnet] } }, 'First')).addTarget(awsvpcService(w, WEB));
    }],
    ['with an address in it', (w) => {
      behindAlb(w, awsvpcService(w, WEB)).addTarget(new targets.IpTarget('10.0.0.5'));
    }],
  ])('%s', (_, build) => {
    const w = dualStackWorld();
    build(w);
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', undefined]);
  });

  test('in another stack than its service: what is exported cannot change while it is in use', () => {
    const w = dualStackWorld();
    const other = new Stack(w.app, 'Other');
    behindAlb(w, awsvpcService({ ...w, stack: other }, WEB));
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', undefined]);
  });

  test('for UDP, and for clients that keep their addresses', () => {
    for (const props of [{ protocol: UDP }, { preserveClientIp: true }]) {
      const w = dualStackWorld();
      const service = awsvpcService(w, { ports: [TaskPort.tcp(8080), TaskPort.udp(8080)] });
      const loadBalancer = nlb(w, true, { ipAddressType: DUAL_STACK, enablePrefixForIpv6SourceNat: true });
      loadBalancer.addListener('Any', { port: 80, protocol: props.protocol }).addTargets('Web', { port: 8080, targets: [service], ...props });
      expect(addressTypesIn(w.stack)).toEqual(['dualstack', undefined]);
    }
  });
});

describe('target groups that belong together follow together', () => {
  test('in the stack of a rule, whose listener is in another', () => {
    const w = dualStackWorld();
    const listener = alb(w).addListener('Http', { port: 80, defaultAction: elbv2.ListenerAction.fixedResponse(404) });
    const other = new Stack(w.app, 'Other');
    const targetGroup = new elbv2.ApplicationTargetGroup(other, 'Group', { vpc: w.vpc, port: 80, targets: [awsvpcService({ ...w, stack: other }, WEB)] });
    new elbv2.ApplicationListenerRule(other, 'Rule', { listener, priority: 1, conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])], targetGroups: [targetGroup] });
    expect(addressTypesIn(w.stack)).toEqual(['dualstack']);
    expect(addressTypesIn(other)).toEqual(['ipv6']);
    expect(clientsIn(w)).toEqual(['Lb < 0.0.0.0/0 tcp 80', 'Lb < ::/0 tcp 80']);
  });

  test('on two load balancers: not where one of them stays IPv4', () => {
    const w = dualStackWorld();
    const targetGroup = behindAlb(w, awsvpcService(w, WEB));
    new elbv2.ApplicationLoadBalancer(w.stack, 'Second', { vpc: w.vpc, ipAddressType: elbv2.IpAddressType.IPV4 })
      .addListener('Http', { port: 80, defaultTargetGroups: [targetGroup] });
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv4', undefined]);
  });

  test.each([[false, ['dualstack', 'ipv6', 'ipv6']], [true, ['dualstack', undefined, undefined]]])(
    'on one listener of a Network Load Balancer, which takes one kind only (one with a name: %s)', (named, expected) => {
      const w = dualStackWorld();
      const groups = ['First', 'Second'].map((id) => new elbv2.NetworkTargetGroup(w.stack, `${id}Group`, {
        vpc: w.vpc, port: 8080, targets: [awsvpcService(w, WEB, id)], targetGroupName: named && id === 'Second' ? 'second' : undefined,
      }));
      nlb(w, true).addListener('Tcp', {
        port: 80,
        defaultAction: elbv2.NetworkListenerAction.weightedForward(groups.map((targetGroup) => ({ targetGroup, weight: 1 }))),
      });
      expect(addressTypesIn(w.stack)).toEqual(expected);
    });

  test.each([['first', [0, 1, 2]], ['last', [2, 1, 0]]])('on listeners that are linked by a target group on two of them, the one with a name declared %s', (_, order) => {
    const w = dualStackWorld();
    const made = new Map(order.map((index) => [index, new elbv2.NetworkTargetGroup(w.stack, `Group${index}`, {
      vpc: w.vpc, port: 8080, targets: [awsvpcService(w, WEB, `Web${index}`)], targetGroupName: index === 0 ? 'named' : undefined,
    })]));
    const loadBalancer = nlb(w, true);
    const forward = (...indices: number[]) =>
      elbv2.NetworkListenerAction.weightedForward(indices.map((index) => ({ targetGroup: made.get(index)!, weight: 1 })));
    loadBalancer.addListener('One', { port: 80, defaultAction: forward(0, 1) });
    loadBalancer.addListener('Two', { port: 81, defaultAction: forward(1, 2) });
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', undefined, undefined, undefined]);
  });

  test.each([[0, 1], [1, 0]])('on one listener, where one of them is on another load balancer as well', (...order) => {
    const w = dualStackWorld();
    const made = new Map(order.map((index) => [index, new elbv2.NetworkTargetGroup(w.stack, `Group${index}`, {
      vpc: w.vpc, port: 8080, targets: [awsvpcService(w, WEB, `Web${index}`)],
    })]));
    const targetGroups = [made.get(0)!, made.get(1)!];
    nlb(w, true).addListener('Tcp', {
      port: 80, defaultAction: elbv2.NetworkListenerAction.weightedForward(targetGroups.map((targetGroup) => ({ targetGroup, weight: 1 }))),
    });
    new elbv2.NetworkLoadBalancer(w.stack, 'Second', { vpc: w.vpc, securityGroups: [new ec2.SecurityGroup(w.stack, 'SecondGroup', { vpc: w.vpc })] })
      .addListener('Tcp', { port: 80, defaultTargetGroups: [targetGroups[1]] });
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'dualstack', 'ipv6', 'ipv6']);
  });

  test('on one listener: a load balancer that only the plain one of them is on stays as it is', () => {
    const w = dualStackWorld();
    const followed = new elbv2.NetworkTargetGroup(w.stack, 'Followed', { vpc: w.vpc, port: 8080, targets: [awsvpcService(w, WEB)] });
    const plain = new elbv2.NetworkTargetGroup(w.stack, 'PlainGroup', { vpc: w.vpc, port: 8080, targets: [plainService(w)] });
    nlb(w, true).addListener('Tcp', {
      port: 80,
      defaultAction: elbv2.NetworkListenerAction.weightedForward([followed, plain].map((targetGroup) => ({ targetGroup, weight: 1 }))),
    });
    new elbv2.NetworkLoadBalancer(w.stack, 'Second', { vpc: w.vpc, securityGroups: [new ec2.SecurityGroup(w.stack, 'SecondGroup', { vpc: w.vpc })] })
      .addListener('Tcp', { port: 80, defaultTargetGroups: [plain] });
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', undefined, undefined, undefined]);
  });

  test('on one listener of a Network Load Balancer: not where one is empty, and so nobody says what it takes', () => {
    const w = dualStackWorld();
    const full = new elbv2.NetworkTargetGroup(w.stack, 'Full', { vpc: w.vpc, port: 8080, targets: [awsvpcService(w, WEB)] });
    const empty = new elbv2.NetworkTargetGroup(w.stack, 'Empty', { vpc: w.vpc, port: 8080, targetType: elbv2.TargetType.IP });
    nlb(w, true).addListener('Tcp', {
      port: 80,
      defaultAction: elbv2.NetworkListenerAction.weightedForward([full, empty].map((targetGroup) => ({ targetGroup, weight: 1 }))),
    });
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', undefined, undefined]);
  });

  test.each<[elbv2.TargetGroupIpAddressType | undefined, (string | undefined)[]]>([
    [undefined, ['dualstack', 'ipv6', 'ipv6']],
    [elbv2.TargetGroupIpAddressType.IPV4, ['dualstack', undefined, 'ipv4']],
    [elbv2.TargetGroupIpAddressType.IPV6, ['dualstack', 'ipv6', 'ipv6']],
  ])('by turns, with the second of type %s', (ipAddressType, expected) => {
    const w = dualStackWorld();
    const listener = alb(w).addListener('Http', { port: 80, defaultAction: elbv2.ListenerAction.fixedResponse(404) });
    const blue = new elbv2.ApplicationTargetGroup(w.stack, 'Blue', { vpc: w.vpc, port: 80 });
    const green = new elbv2.ApplicationTargetGroup(w.stack, 'Green', { vpc: w.vpc, port: 80, targetType: elbv2.TargetType.IP, ipAddressType });
    const rule = new elbv2.ApplicationListenerRule(w.stack, 'Rule', {
      listener, priority: 1, conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])], targetGroups: [blue],
    });
    const service = awsvpcService(w, { ...WEB, deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN });
    blue.addTarget(service.loadBalancerTarget(PORT, {
      alternateTarget: new ecs.AlternateTarget('Turn', {
        alternateTargetGroup: green, productionListener: ecs.ListenerRuleConfiguration.applicationListenerRule(rule),
      }),
    }));
    expect(addressTypesIn(w.stack)).toEqual(expected);
  });

  test('with two services of ours in one', () => {
    const w = dualStackWorld();
    behindAlb(w, awsvpcService(w, WEB, 'First')).addTarget(awsvpcService(w, WEB, 'Second'));
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
  });
});

test('many services look at the app once to be wired and once to be checked', () => {
  const w = dualStackWorld();
  const listener = alb(w).addListener('Http', { port: 80, defaultAction: elbv2.ListenerAction.fixedResponse(404) });
  for (let index = 1; index <= 20; index++) {
    listener.addTargets(`Web${index}`, {
      port: 8080, protocol: HTTP, priority: index, conditions: [elbv2.ListenerCondition.pathPatterns([`/${index}`])], targets: [awsvpcService(w, WEB, `Web${index}`)],
    });
  }
  const walks = jest.spyOn(Object.getPrototypeOf(w.app.node), 'findAll');
  const others = () => walks.mock.contexts.filter((node) => node === w.app.node).length;
  synth(w.app);
  const one = others();
  walks.mockRestore();
  expect(addressTypesIn(w.stack)).toEqual(['dualstack', ...Array(20).fill('ipv6')]);
  // The framework walks the app as well, however many services there are.
  expect(one).toBeLessThan(10);
});
