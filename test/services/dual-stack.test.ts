import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import { AwsvpcService, type AwsvpcServiceProps, BridgePort, DualStack, EniTrunking, HostPort, TaskPort } from '../../src';
import { addressTypesIn, alb, behindAlb, behindNlb, clientsIn, dualStackWorld } from '../dual-stack-world';
import {
  awsvpcService, bridgeService, ec2Capacity, hostModeService, managedInstances, synth, templateOf, warningsOf, world, type World,
} from '../fixtures';
import { ANYWHERE, pathsOf, waysOut } from '../security-group-rules';

const REGISTERED = 'AWS::ServiceDiscovery::Service';
const { DUAL_STACK, DUAL_STACK_WITHOUT_PUBLIC_IPV4, IPV4 } = elbv2.IpAddressType;
const WEB: Partial<AwsvpcServiceProps> = { ports: [TaskPort.tcp(8080)] };

describe.each([['enabled before', 'before'], ['enabled after', 'after'], ['there from the start', 'start']])('with IPv6 %s, a service', (_, when) => {
  function built(build: (w: World) => unknown): World {
    const w = when === 'after' ? world() : dualStackWorld(when === 'start');
    build(w);
    if (when === 'after') {
      DualStack.enable(w.vpc);
    }
    return w;
  }

  test('gets out by IPv6, and so do instances', () => {
    const w = built((one) => awsvpcService(one, { capacity: ec2Capacity(one.cluster) }));
    expect(waysOut(templateOf(w.stack))).toEqual([ANYWHERE, ANYWHERE]);
  });

  test('has a dual-stack ALB open to all of IPv6 as to all of IPv4, and an IPv6 target group', () => {
    const w = built((one) => behindAlb(one, awsvpcService(one, WEB)));
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
    expect(pathsOf(w.app)).toEqual(['Lb < 0.0.0.0/0 tcp 80', 'Lb < ::/0 tcp 80', 'Lb > Web tcp 8080', 'Web < Lb tcp 8080']);
    expect(warningsOf(w.stack)).toEqual([]);
  });

  test.each([['with a group', true], ['without groups', false]])('has a dual-stack NLB %s, and an IPv6 target group', (__, withGroup) => {
    const w = built((one) => behindNlb(one, awsvpcService(one, WEB), withGroup));
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
    const subnets = w.vpc.privateSubnets.map(({ node }) => w.stack.getLogicalId(node.defaultChild as ec2.CfnSubnet));
    expect(pathsOf(w.app)).toEqual(withGroup ? ['LbGroup > Web tcp 8080', 'Web < LbGroup tcp 8080']
      : subnets.map((id) => `Web < {Fn::Select:[0,{Fn::GetAtt:[${id},Ipv6CidrBlocks]}]} tcp 8080`));
    expect(warningsOf(w.stack)).toEqual([]);
  });

  test('is found by both kinds of address', () => {
    const w = built((one) => {
      one.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
      awsvpcService(one, WEB).enableCloudMap();
    });
    templateOf(w.stack).hasResourceProperties(REGISTERED, {
      DnsConfig: { DnsRecords: [{ TTL: 60, Type: 'A' }, { TTL: 60, Type: 'AAAA' }], NamespaceId: Match.anyValue(), RoutingPolicy: 'MULTIVALUE' },
    });
  });

  test('is told what comes with it', () => {
    const w = built((one) => behindAlb(one, awsvpcService(one, WEB)));
    synth(w.app);
    const words = "Target group Test/Lb/Http/WebGroup takes IPv6 addresses.*listen on IPv6 \\('::'\\).*dualStackIPv6.*'ipAddressType' to IPV4";
    Annotations.fromStack(w.stack).hasInfo('/Test/Web', Match.stringLikeRegexp(words));
  });
});

test('without IPv6 nothing changes', () => {
  const w = world();
  w.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
  const service = awsvpcService(w, WEB);
  service.enableCloudMap();
  behindAlb(w, service);
  expect(addressTypesIn(w.stack)).toEqual([undefined, undefined]);
  expect(clientsIn(w)).toEqual(['Lb < 0.0.0.0/0 tcp 80']);
  templateOf(w.stack).hasResourceProperties(REGISTERED, { DnsConfig: { DnsRecords: [{ Type: 'A' }] } });
});

describe('where tasks have no IPv6 address for sure, everything stays as it is', () => {
  test.each<[string, (w: World) => elbv2.IApplicationLoadBalancerTarget]>([
    ['bridge mode', (w) => bridgeService(w, { ports: [BridgePort.dynamic(8080)] })],
    ['host mode', (w) => hostModeService(w, { ports: [HostPort.tcp(8080)] })],
    ['Fargate before 1.4.0', (w) => awsvpcService(w, { ...WEB, platformVersion: ecs.FargatePlatformVersion.VERSION1_3 })],
    ['Windows', (w) => awsvpcService(w, {
      ...WEB,
      task: { cpu: 1024, memoryMiB: 2048, runtimePlatform: { operatingSystemFamily: ecs.OperatingSystemFamily.WINDOWS_SERVER_2022_CORE } },
    })],
    ['EC2 capacity with trunking, for which it is not stated', (w) => awsvpcService(w, {
      ...WEB, capacity: ec2Capacity(w.cluster, 'Trunked', { instanceType: new ec2.InstanceType('c5.large'), trunking: EniTrunking.alreadyOn() }),
    })],
    ['subnets that do not assign addresses', (w) => {
      (w.vpc.privateSubnets[0].node.defaultChild as ec2.CfnSubnet).assignIpv6AddressOnCreation = false;
      return awsvpcService(w, WEB);
    }],
    ['subnets of which one has no IPv6', (w) => {
      const other = new ec2.PrivateSubnet(w.stack, 'Other', { vpcId: w.vpc.vpcId, availabilityZone: 'a', cidrBlock: '10.0.255.0/24' });
      return awsvpcService(w, { ...WEB, vpcSubnets: { subnets: [...w.vpc.privateSubnets, other] } });
    }],
    ['subnets of which one is imported', (w) => awsvpcService(w, {
      ...WEB, vpcSubnets: { subnets: [...w.vpc.privateSubnets, ec2.Subnet.fromSubnetId(w.stack, 'Theirs', 'subnet-1')] },
    })],
  ])('%s', (_, make) => {
    const w = dualStackWorld();
    w.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
    const service = make(w);
    behindAlb(w, service);
    if (service instanceof AwsvpcService) {
      service.enableCloudMap();
    }
    expect(addressTypesIn(w.stack)).toEqual([undefined, undefined]);
    expect(clientsIn(w)).toEqual(['Lb < 0.0.0.0/0 tcp 80']);
    if (service instanceof AwsvpcService) {
      templateOf(w.stack).hasResourceProperties(REGISTERED, { DnsConfig: { DnsRecords: [{ Type: 'A' }] } });
    }
  });

  test.each<[string, (w: World) => Partial<AwsvpcServiceProps>]>([
    ['EC2 capacity without trunking', ({ cluster }) => ({ capacity: ec2Capacity(cluster) })],
    ['Managed Instances', ({ cluster }) => ({ capacity: managedInstances(cluster) })],
    ['Fargate 1.4.0', () => ({ platformVersion: ecs.FargatePlatformVersion.VERSION1_4 })],
    ['Fargate with public addresses', () => ({ assignPublicIp: true })],
  ])('but they have one on %s', (_, props) => {
    const w = dualStackWorld();
    behindAlb(w, awsvpcService(w, { ...WEB, ...props(w) }));
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
  });
});

describe('a type that is given stays', () => {
  test.each<[elbv2.IpAddressType | undefined, elbv2.TargetGroupIpAddressType | undefined, (string | undefined)[]]>([
    [IPV4, undefined, ['ipv4', undefined]],
    [undefined, elbv2.TargetGroupIpAddressType.IPV4, ['dualstack', 'ipv4']],
    [undefined, elbv2.TargetGroupIpAddressType.IPV6, ['dualstack', 'ipv6']],
    [DUAL_STACK, undefined, ['dualstack', 'ipv6']],
    [DUAL_STACK_WITHOUT_PUBLIC_IPV4, undefined, ['dualstack-without-public-ipv4', 'ipv6']],
  ])('of a load balancer %s, of a target group %s', (ipAddressType, ofGroup, expected) => {
    const w = dualStackWorld();
    const targetGroup = new elbv2.ApplicationTargetGroup(w.stack, 'Group', {
      vpc: w.vpc, port: 80, ipAddressType: ofGroup, targets: [awsvpcService(w, WEB)],
    });
    alb(w, { ipAddressType }).addListener('Http', { port: 80, open: false }).addTargetGroups('Web', { targetGroups: [targetGroup] });
    expect(addressTypesIn(w.stack)).toEqual(expected);
    expect(clientsIn(w)).toEqual([]);
  });

  test('also by an override', () => {
    const w = dualStackWorld();
    behindAlb(w, awsvpcService(w, WEB));
    const loadBalancer = w.stack.node.findChild('Lb').node.defaultChild as elbv2.CfnLoadBalancer;
    loadBalancer.addPropertyOverride('IpAddressType', 'ipv4');
    expect(addressTypesIn(w.stack)).toEqual(['ipv4', undefined]);
    expect(clientsIn(w)).toEqual(['Lb < 0.0.0.0/0 tcp 80']);

    const other = dualStackWorld();
    const kept = behindAlb(other, awsvpcService(other, WEB));
    (kept.node.defaultChild as elbv2.CfnTargetGroup).addPropertyOverride('IpAddressType', 'ipv4');
    expect(addressTypesIn(other.stack)).toEqual(['dualstack', 'ipv4']);
  });

  test('of records', () => {
    const w = dualStackWorld();
    w.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
    awsvpcService(w, { ...WEB, cloudMapOptions: { dnsRecordType: cloudmap.DnsRecordType.A } });
    templateOf(w.stack).hasResourceProperties(REGISTERED, { DnsConfig: { DnsRecords: [{ Type: 'A' }] } });
  });
});
