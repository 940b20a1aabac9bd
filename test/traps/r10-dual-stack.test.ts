import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, DualStack, TaskPort } from '../../src';
import { testApp } from '../app';
import { CONTAINER, ec2Capacity, plainCapacity, synth, templateOf, testVpc } from '../fixtures';
import { found } from '../found';
import { pathsOf } from '../security-group-rules';

/** A cluster in a VPC with IPv6, which is there from the start or comes by `DualStack.enable`. */
function world(enabled = false) {
  const app = testApp();
  const stack = new Stack(app, 'Test');
  const vpc = testVpc(stack, { ipProtocol: enabled ? undefined : ec2.IpProtocol.DUAL_STACK });
  if (enabled) {
    DualStack.enable(vpc);
  }
  return { app, stack, vpc, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }) };
}

type World = ReturnType<typeof world>;

/** The same load balancer for both, open to everyone. */
function behindLoadBalancer({ stack, vpc }: World, target: elbv2.IApplicationLoadBalancerTarget): void {
  new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc, internetFacing: true }).addListener('Http', { port: 80 })
    .addTargets('Web', { port: 8080, protocol: elbv2.ApplicationProtocol.HTTP, targets: [target] });
}

function plain(): World {
  const w = world();
  const provider = plainCapacity(w.cluster);
  const taskDefinition = new ecs.Ec2TaskDefinition(w.stack, 'Task', { networkMode: ecs.NetworkMode.AWS_VPC });
  taskDefinition.addContainer('web', { ...CONTAINER, portMappings: [{ containerPort: 8080 }] });
  behindLoadBalancer(w, new ecs.Ec2Service(w.stack, 'Web', {
    cluster: w.cluster, taskDefinition, capacityProviderStrategies: [{ capacityProvider: provider.capacityProviderName, weight: 1 }],
  }));
  return w;
}

function ours(enabled: boolean): World {
  const w = world(enabled);
  behindLoadBalancer(w, new AwsvpcService(w.stack, 'Web', {
    cluster: w.cluster, capacity: ec2Capacity(w.cluster), container: CONTAINER, ports: [TaskPort.tcp(8080)],
  }));
  return w;
}

/** The groups, by a part of their id, that let everything out by IPv6, whether inline or by a rule of its own. */
function letOutByIpv6({ stack }: World, part: string): boolean {
  const template = templateOf(stack);
  const everything = ({ CidrIpv6, IpProtocol }: Record<string, unknown>) => CidrIpv6 === '::/0' && IpProtocol === '-1';
  const groups = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).filter(([id]) => id.includes(part));
  expect(groups).toHaveLength(1);
  const [[id, { Properties: { SecurityGroupEgress = [] } }]] = groups;
  return SecurityGroupEgress.some(everything)
    || Object.values(template.findResources('AWS::EC2::SecurityGroupEgress'))
      .some(({ Properties }) => Properties.GroupId['Fn::GetAtt'][0] === id && everything(Properties));
}

const clients = ({ app }: World) => pathsOf(app).filter((path) => /^Lb < (\d|::)/.test(path));

const typeOf = ({ stack }: World, kind: 'LoadBalancer' | 'TargetGroup') => {
  const [{ Properties: { IpAddressType } }] = Object.values(templateOf(stack).findResources(`AWS::ElasticLoadBalancingV2::${kind}`));
  return IpAddressType;
};

describe.each([['from the start', false], ['by DualStack.enable', true]])('R10: in a VPC that is dual stack %s', (_, enabled) => {
  test('plain tasks cannot get out by IPv6, ours can', () => {
    expect(letOutByIpv6(plain(), 'WebSecurityGroup')).toBe(false);
    expect(found(plain().app, 'dual-stack-egress')).toEqual([
      expect.stringMatching(/^warning Web\w+: service \w+ has IPv6 addresses in subnet \w+, but its group lets out IPv4 only/),
    ]);
    expect(letOutByIpv6(ours(enabled), 'WebSecurityGroup')).toBe(true);
    expect(found(ours(enabled).app, 'dual-stack-egress')).toEqual([]);
  });

  test('plain instances cannot get out by IPv6, ours can', () => {
    expect(letOutByIpv6(plain(), 'AsgInstances')).toBe(false);
    expect(letOutByIpv6(ours(enabled), 'CapacitySecurityGroup')).toBe(true);
  });

  test('a plain load balancer stays IPv4, ours is dual stack and lets in IPv6 clients as it lets in others', () => {
    expect(typeOf(plain(), 'LoadBalancer')).toBeUndefined();
    expect(clients(plain())).toEqual(['Lb < 0.0.0.0/0 tcp 80']);
    expect(typeOf(ours(enabled), 'LoadBalancer')).toBe('dualstack');
    expect(clients(ours(enabled))).toEqual(['Lb < 0.0.0.0/0 tcp 80', 'Lb < ::/0 tcp 80']);
  });

  test('a plain target group stays IPv4, ours takes IPv6', () => {
    expect(typeOf(plain(), 'TargetGroup')).toBeUndefined();
    expect(typeOf(ours(enabled), 'TargetGroup')).toBe('ipv6');
  });
});

test('R10: a plain load balancer that is made dual stack after its listener lets nobody in by IPv6 (aws-cdk #9946)', () => {
  const w = plain();
  (w.stack.node.findChild('Lb').node.defaultChild as elbv2.CfnLoadBalancer).ipAddressType = 'dualstack';
  synth(w.app);
  expect(clients(w)).toEqual(['Lb < 0.0.0.0/0 tcp 80']);
  expect(found(w.app, 'dual-stack-load-balancer')).toEqual([
    expect.stringMatching(/^warning Lb\w+: load balancer \w+ is dualstack, and its group admits 0\.0\.0\.0\/0 but not ::\/0 on tcp 80/),
  ]);
});
