import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import { type AwsvpcServiceProps, DualStack, EniTrunking, type Ipv6OnlySubnets, TaskPort, TaskSubnets } from '../../src';
import { addressTypesIn, alb, behindAlb, behindNlb, clientsIn, dualStackWorld, nlb } from '../dual-stack-world';
import { awsvpcService, ec2Capacity, managedInstances, synth, templateOf, warningsOf, world, type World } from '../fixtures';
import { expectRefusal } from '../refusal';
import { ANYWHERE, pathsOf, waysOut } from '../security-group-rules';

const { A, AAAA, A_AAAA, SRV } = cloudmap.DnsRecordType;
const { IPV4 } = elbv2.IpAddressType;
const REGISTERED = 'AWS::ServiceDiscovery::Service';
const PORT = TaskPort.tcp(8080);

interface Ipv6OnlyWorld extends World {
  readonly tasks: Ipv6OnlySubnets;
  readonly only: Partial<AwsvpcServiceProps>;
}

function ipv6OnlyWorld(): Ipv6OnlyWorld {
  const w = dualStackWorld();
  w.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
  const tasks = DualStack.enable(w.vpc).addIpv6OnlySubnets('Tasks');
  return { ...w, tasks, only: { ports: [PORT], vpcSubnets: tasks.selection } };
}

describe('a service in IPv6-only subnets', () => {
  test('has its interfaces there, without any other address', () => {
    const w = ipv6OnlyWorld();
    awsvpcService(w, w.only);
    const [{ Properties }] = Object.values(templateOf(w.stack).findResources('AWS::ECS::Service'));
    const { AssignPublicIp, Subnets } = Properties.NetworkConfiguration.AwsvpcConfiguration;
    expect(AssignPublicIp).toBe('DISABLED');
    expect(Subnets).toEqual(w.tasks.subnets.map(({ subnetId }) => w.stack.resolve(subnetId)));
    expect(waysOut(templateOf(w.stack))).toEqual([ANYWHERE]);
  });

  test('has a dual-stack load balancer and an IPv6 target group', () => {
    const w = ipv6OnlyWorld();
    behindAlb(w, awsvpcService(w, w.only));
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
    expect(clientsIn(w)).toEqual(['Lb < 0.0.0.0/0 tcp 80', 'Lb < ::/0 tcp 80']);
  });

  test('has an IPv6 target group where a dual-stack service would keep IPv4: with a name, and of another stack', () => {
    const w = ipv6OnlyWorld();
    alb(w).addListener('Http', { port: 80 }).addTargets('Web', {
      port: 8080, protocol: elbv2.ApplicationProtocol.HTTP, targetGroupName: 'web', targets: [awsvpcService({ ...w, stack: new Stack(w.app, 'Other') }, w.only)],
    });
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
  });

  test('is let in to by the IPv6 addresses of a Network Load Balancer without groups', () => {
    const w = ipv6OnlyWorld();
    behindNlb(w, awsvpcService(w, w.only), false);
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
    expect(pathsOf(w.app)).toEqual(w.vpc.privateSubnets.map(({ node }) =>
      `Web < {Fn::Select:[0,{Fn::GetAtt:[${w.stack.getLogicalId(node.defaultChild as ec2.CfnSubnet)},Ipv6CidrBlocks]}]} tcp 8080`));
  });

  test.each<[string, (w: Ipv6OnlyWorld) => Partial<AwsvpcServiceProps>, string[]]>([
    ['Fargate', () => ({}), []],
    ['Fargate 1.4.0', () => ({ platformVersion: ecs.FargatePlatformVersion.VERSION1_4 }), []],
    ['Managed Instances', ({ cluster }) => ({ capacity: managedInstances(cluster) }), []],
    ['EC2 capacity, whose agent must know them', ({ cluster }) => ({ capacity: ec2Capacity(cluster) }), ['ipv6-only-on-instances']],
  ])('runs on %s', (_, props, warnings) => {
    const w = ipv6OnlyWorld();
    behindAlb(w, awsvpcService(w, { ...w.only, ...props(w) }));
    expect(warningsOf(w.stack)).toEqual(warnings);
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
  });

  test('on EC2 with trunking has no other target group it could use', () => {
    const w = ipv6OnlyWorld();
    const capacity = ec2Capacity(w.cluster, 'Trunked', { instanceType: new ec2.InstanceType('c5.large'), trunking: EniTrunking.alreadyOn() });
    behindAlb(w, awsvpcService(w, { ...w.only, capacity }));
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
  });

  test.each<[Partial<AwsvpcServiceProps>, string]>([
    [{ enableExecuteCommand: true }, "'enableExecuteCommand' must be off in IPv6-only subnets: ECS Exec does not work there"],
    [{ assignPublicIp: true }, "'assignPublicIp' must be off in IPv6-only subnets"],
    [{ platformVersion: ecs.FargatePlatformVersion.VERSION1_3 }, "'vpcSubnets' must not be IPv6-only for Windows tasks, nor with a 'platformVersion' of Fargate before 1.4.0"],
    [{
      task: { cpu: 1024, memoryMiB: 2048, runtimePlatform: { operatingSystemFamily: ecs.OperatingSystemFamily.WINDOWS_SERVER_2022_CORE } },
    }, "'vpcSubnets' must not be IPv6-only for Windows tasks"],
  ])('is refused with %p', (props, words) => {
    const w = ipv6OnlyWorld();
    expectRefusal(() => awsvpcService(w, { ...w.only, ...props }), 'Test/Web', words);
  });

  test('is refused in other subnets as well', () => {
    const w = ipv6OnlyWorld();
    const subnets = [...w.tasks.subnets, ...w.vpc.privateSubnets];
    expectRefusal(() => awsvpcService(w, { vpcSubnets: { subnets } }), 'Test/Web', "'vpcSubnets' must be IPv6-only all or none");
  });

  test('is refused with an IPv4 target group', () => {
    const w = ipv6OnlyWorld();
    const group = behindAlb(w, awsvpcService(w, w.only));
    (group.node.defaultChild as elbv2.CfnTargetGroup).ipAddressType = 'ipv4';
    expectRefusal(() => synth(w.app), 'Test/Web',
      "target group Test/Lb/Http/WebGroup takes IPv4 addresses, but tasks in IPv6-only subnets have none: set its 'ipAddressType' to IPV6");
  });

  test('is refused behind a load balancer that is said to be IPv4', () => {
    const w = ipv6OnlyWorld();
    behindAlb(w, awsvpcService(w, w.only), true, { ipAddressType: IPV4 });
    expectRefusal(() => synth(w.app), 'Test/Web', 'target group Test/Lb/Http/WebGroup must take the IPv6 addresses of the tasks, '
      + "but load balancer Test/Lb has IPv4 only: set its 'ipAddressType' to DUAL_STACK");
  });

  test('is refused behind a load balancer that does not become dual stack, with the reason', () => {
    const w = ipv6OnlyWorld();
    const udp = TaskPort.udp(53);
    const service = awsvpcService(w, { ...w.only, ports: [udp, TaskPort.tcp(53)] });
    nlb(w, true).addListener('Dns', { port: 53, protocol: elbv2.Protocol.UDP })
      .addTargets('Dns', { port: 53, protocol: elbv2.Protocol.UDP, targets: [service.loadBalancerTarget(udp)] });
    expectRefusal(() => synth(w.app), 'Test/Web', "set its 'ipAddressType' to DUAL_STACK, which it does not become by itself because its listener Test/Lb/Dns/Resource is for UDP");
  });

  test('takes UDP behind a dual-stack load balancer with prefixes for source NAT', () => {
    const w = ipv6OnlyWorld();
    const udp = TaskPort.udp(53);
    const service = awsvpcService(w, { ...w.only, ports: [udp, TaskPort.tcp(53)] });
    nlb(w, true, { ipAddressType: elbv2.IpAddressType.DUAL_STACK, enablePrefixForIpv6SourceNat: true })
      .addListener('Dns', { port: 53, protocol: elbv2.Protocol.UDP })
      .addTargets('Dns', { port: 53, protocol: elbv2.Protocol.UDP, targets: [service.loadBalancerTarget(udp)] });
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
  });

  test.each<[cloudmap.DnsRecordType | undefined, string[]]>([
    [undefined, ['AAAA']], [AAAA, ['AAAA']], [SRV, ['SRV']],
  ])('is found by its one kind of address (asked for: %s)', (dnsRecordType, types) => {
    const w = ipv6OnlyWorld();
    awsvpcService(w, w.only).enableCloudMap({ dnsRecordType });
    templateOf(w.stack).hasResourceProperties(REGISTERED, { DnsConfig: { DnsRecords: types.map((Type) => ({ TTL: 60, Type })) } });
  });

  test.each([[A, 'A'], [A_AAAA, 'A_AAAA']])('is refused with records of the other: %s', (dnsRecordType, name) => {
    const w = ipv6OnlyWorld();
    const words = `must be AAAA or SRV in awsvpc mode, got ${name}: tasks in IPv6-only subnets have no other address`;
    expectRefusal(() => awsvpcService(w, w.only).enableCloudMap({ dnsRecordType }), 'Test/Web', `'dnsRecordType' ${words}`);
    const existing = new cloudmap.Service(w.stack, 'Existing', { namespace: w.cluster.defaultCloudMapNamespace!, dnsRecordType });
    expectRefusal(() => awsvpcService(w, w.only, 'Other').associateCloudMapService(existing), 'Test/Other', `the Cloud Map service's 'dnsRecordType' ${words}`);
  });
});

describe('AAAA records', () => {
  const registered = (w: World, dnsRecordType: cloudmap.DnsRecordType) => {
    w.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
    awsvpcService(w, {}).enableCloudMap({ dnsRecordType });
    return w;
  };

  test.each([[AAAA, 'AAAA'], [A_AAAA, 'A_AAAA']])('%s are refused in a VPC without IPv6', (dnsRecordType, name) => {
    const w = registered(world(), dnsRecordType);
    expectRefusal(() => synth(w.app), 'Test/Web', `'dnsRecordType' ${name} needs tasks with IPv6 addresses, but the tasks' VPC has none`);
  });

  test('of an existing Cloud Map service are, too', () => {
    const w = world();
    const namespace = new cloudmap.PrivateDnsNamespace(w.stack, 'Namespace', { vpc: w.vpc, name: 'test.local' });
    awsvpcService(w, {}).associateCloudMapService(new cloudmap.Service(w.stack, 'Existing', { namespace, dnsRecordType: AAAA }));
    expectRefusal(() => synth(w.app), 'Test/Web', "the Cloud Map service's 'dnsRecordType' AAAA needs tasks with IPv6 addresses");
  });

  test('are refused in subnets without IPv6 of a VPC that has it', () => {
    const w = dualStackWorld();
    w.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
    const tasks = new TaskSubnets(w.stack, 'Tasks', { vpc: w.vpc, cidr: '100.64.0.0/16' });
    awsvpcService(w, { vpcSubnets: tasks.selection }).enableCloudMap({ dnsRecordType: AAAA });
    expectRefusal(() => synth(w.app), 'Test/Web', "but the tasks' subnets have none");
  });

  test('are taken where IPv6 comes later', () => {
    const w = registered(world(), AAAA);
    DualStack.enable(w.vpc);
    expect(() => synth(w.app)).not.toThrow();
  });

  test('are taken where a subnet has IPv6 by a resource of its own', () => {
    const w = registered(world(), AAAA);
    new ec2.CfnSubnetCidrBlock(w.stack, 'Ipv6', { subnetId: w.vpc.privateSubnets[0].subnetId, ipv6CidrBlock: '2001:db8::/64' });
    expect(() => synth(w.app)).not.toThrow();
  });

  test('are refused where the VPC has a block that is written elsewhere, and no subnet a part of it', () => {
    const w = registered(world(), AAAA);
    new ec2.CfnVPCCidrBlock(w.stack, 'Ipv6', { vpcId: w.vpc.vpcId, amazonProvidedIpv6CidrBlock: true });
    expectRefusal(() => synth(w.app), 'Test/Web', "but the tasks' subnets have none");
  });

  test('are taken in such a VPC for subnets of which nothing is known', () => {
    const w = world();
    w.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
    new ec2.CfnVPCCidrBlock(w.stack, 'Ipv6', { vpcId: w.vpc.vpcId, amazonProvidedIpv6CidrBlock: true });
    const subnets = [ec2.Subnet.fromSubnetId(w.stack, 'Theirs', 'subnet-1')];
    awsvpcService(w, { vpcSubnets: { subnets } }).enableCloudMap({ dnsRecordType: AAAA });
    expect(() => synth(w.app)).not.toThrow();
  });

  test('are taken in an imported VPC, of which it is not known', () => {
    const w = world();
    const vpc = ec2.Vpc.fromVpcAttributes(w.stack, 'Theirs', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'] });
    const cluster = new ecs.Cluster(w.stack, 'There', { vpc, defaultCloudMapNamespace: { name: 'there.local' } });
    awsvpcService({ ...w, cluster }, {}).enableCloudMap({ dnsRecordType: AAAA });
    expect(() => synth(w.app)).not.toThrow();
  });
});

describe('TaskSubnets with IPv6', () => {
  test.each([['before', true], ['after', false]])('are followed, given it %s the service', (_, first) => {
    const w = dualStackWorld();
    w.cluster.addDefaultCloudMapNamespace({ name: 'test.local' });
    const tasks = new TaskSubnets(w.stack, 'Tasks', { vpc: w.vpc, cidr: '100.64.0.0/16' });
    const give = () => DualStack.enable(w.vpc).addTaskSubnets(tasks);
    if (first) {
      give();
    }
    const service = awsvpcService(w, { ports: [PORT], vpcSubnets: tasks.selection });
    behindAlb(w, service);
    service.enableCloudMap();
    if (!first) {
      give();
    }
    expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
    templateOf(w.stack).hasResourceProperties(REGISTERED, { DnsConfig: { DnsRecords: [{ Type: 'A' }, { Type: 'AAAA' }] } });
  });

  test('without it are not', () => {
    const w = dualStackWorld();
    const tasks = new TaskSubnets(w.stack, 'Tasks', { vpc: w.vpc, cidr: '100.64.0.0/16' });
    behindAlb(w, awsvpcService(w, { ports: [PORT], vpcSubnets: tasks.selection }));
    expect(addressTypesIn(w.stack)).toEqual([undefined, undefined]);
  });
});

test('subnets of this app with IPv6 in an imported VPC are followed: the subnets tell', () => {
  const w = world();
  const vpc = ec2.Vpc.fromVpcAttributes(w.stack, 'Theirs', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'] });
  const cluster = new ecs.Cluster(w.stack, 'There', { vpc });
  const subnets = ['a', 'b'].map((availabilityZone, index) => new ec2.PrivateSubnet(w.stack, `Own${availabilityZone}`, {
    vpcId: vpc.vpcId,
    availabilityZone,
    cidrBlock: `10.0.${index}.0/24`,
    ipv6CidrBlock: `2001:db8:0:${index}::/64`,
    assignIpv6AddressOnCreation: true,
  }));
  const service = awsvpcService({ ...w, cluster }, { ports: [PORT], vpcSubnets: { subnets } });
  behindAlb({ ...w, vpc: vpc as ec2.Vpc }, service, true, { vpcSubnets: { subnets } });
  expect(addressTypesIn(w.stack)).toEqual(['dualstack', 'ipv6']);
  expect(waysOut(templateOf(w.stack), 'Web')).toEqual([ANYWHERE]);
});
