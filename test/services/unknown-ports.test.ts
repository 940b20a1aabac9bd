import { CfnParameter, Fn, Lazy, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, HostPort, PortRange, TaskPort } from '../../src';
import { awsvpcService, bridgeService, ec2Capacity, hostModeService, templateOf, world } from '../fixtures';

/** A port known only at deployment. */
function parameter(stack: Stack, id: string): number {
  return new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
}

/** The first ports of the rules that let in, as the template has them. */
function letIn(template: Template): unknown[] {
  return Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties.FromPort)
    .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}

const CLIENT = ec2.Peer.ipv4('10.0.0.0/8');

test('two services on one capacity behind one load balancer have a rule each', () => {
  const here = world();
  const { stack, vpc, cluster } = here;
  const capacity = ec2Capacity(cluster);
  const listener = new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc }).addListener('Http', {
    port: 80, open: false, defaultAction: elbv2.ListenerAction.fixedResponse(404),
  });
  ['One', 'Two'].forEach((id, index) => {
    const service = bridgeService(here, {
      capacity, ports: [BridgePort.fixed({ hostPort: parameter(stack, `Port${id}`), containerPort: 80 })],
    }, id);
    listener.addTargets(id, {
      port: 80, priority: index + 1, conditions: [elbv2.ListenerCondition.pathPatterns([`/${id}`])], targets: [service],
    });
  });
  const template = templateOf(stack);
  expect(letIn(template)).toEqual([{ Ref: 'PortOne' }, { Ref: 'PortTwo' }]);
  const out = Object.values(template.findResources('AWS::EC2::SecurityGroup'))
    .flatMap(({ Properties }) => Properties.SecurityGroupEgress ?? []).concat(Object.values(template.findResources('AWS::EC2::SecurityGroupEgress')));
  expect(JSON.stringify(out)).toContain('PortOne');
  expect(JSON.stringify(out)).toContain('PortTwo');
});

test('each port let in from one client has a rule, and one that is let in twice has one', () => {
  const here = world();
  const { stack } = here;
  const [one, two, three] = ['One', 'Two', 'Three'].map((id) => parameter(stack, id));
  const service = awsvpcService(here, { ports: [TaskPort.tcp(one), TaskPort.tcp(two)] });
  service.connections.allowDefaultPortFrom(CLIENT);
  service.connections.allowDefaultPortFrom(CLIENT);
  for (const port of [two, three, one, three]) {
    service.connections.allowFrom(CLIENT, ec2.Port.tcp(port));
  }
  service.connections.allowFrom(CLIENT, ec2.Port.udp(two));
  service.connections.allowFrom(CLIENT, ec2.Port.tcpRange(one, two));
  service.connections.allowFrom(CLIENT, ec2.Port.tcpRange(one, three));
  expect(letIn(templateOf(stack))).toEqual(['One', 'One', 'One', 'Three', 'Two', 'Two'].map((id) => ({ Ref: id })));
});

test('a service lets itself in on each port', () => {
  const here = world();
  const service = awsvpcService(here, {});
  for (const id of ['One', 'Two']) {
    service.connections.allowInternally(ec2.Port.tcp(parameter(here.stack, id)));
  }
  expect(letIn(templateOf(here.stack))).toEqual([{ Ref: 'One' }, { Ref: 'Two' }]);
});

test('parameters of one name in two stacks are two ports', () => {
  const here = world();
  const service = hostModeService(here, {});
  for (const id of ['A', 'B']) {
    service.connections.allowFrom(CLIENT, ec2.Port.tcp(parameter(new Stack(here.app, id), 'Port')));
  }
  const ports = letIn(templateOf(here.stack));
  expect(ports).toHaveLength(2);
  expect(new Set(ports.map((port) => JSON.stringify(port))).size).toBe(2);
});

test('attributes, imports and lazy values are ports of their own, and one that cannot be told yet is no crash', () => {
  const here = world();
  const { stack, vpc, cluster } = here;
  const lb = new elbv2.CfnLoadBalancer(stack, 'Any');
  const service = awsvpcService(here, {});
  const unready = Lazy.number({ produce: () => stack.node.tryFindChild('Late') ? 7000 : fail() });
  const ports = [
    Token.asNumber(lb.getAtt('Port')), Token.asNumber(lb.getAtt('Other')), Token.asNumber(Fn.importValue('one')),
    Token.asNumber(Fn.importValue('two')), Lazy.number({ produce: () => 9000 }), unready,
  ];
  ports.forEach((port) => service.connections.allowFrom(CLIENT, ec2.Port.tcp(port)));
  new ec2.SecurityGroup(stack, 'Late', { vpc: cluster.vpc ?? vpc });
  expect(letIn(templateOf(stack))).toEqual([
    { 'Fn::GetAtt': ['Any', 'Other'] }, { 'Fn::GetAtt': ['Any', 'Port'] }, { 'Fn::ImportValue': 'one' }, { 'Fn::ImportValue': 'two' }, 7000, 9000,
  ]);

  function fail(): never {
    throw new Error('not known yet');
  }
});

test('a Network Load Balancer and Service Connect have each port', () => {
  const here = world();
  const { stack, vpc, cluster } = here;
  cluster.addDefaultCloudMapNamespace({ name: 'local' });
  const group = new ec2.SecurityGroup(stack, 'Balancer', { vpc });
  const listener = new elbv2.NetworkLoadBalancer(stack, 'Network', { vpc, securityGroups: [group] });
  const ports = ['One', 'Two'].map((id) => TaskPort.tcp(parameter(stack, id), { name: id.toLowerCase() }));
  const service = awsvpcService(here, {
    ports, serviceConnectConfiguration: { services: [{ portMappingName: 'one' }, { portMappingName: 'two' }] },
  });
  ports.forEach((port, index) => listener.addListener(`L${index}`, { port: 80 + index, protocol: elbv2.Protocol.TCP_UDP })
    .addTargets('T', { port: 80, protocol: elbv2.Protocol.TCP_UDP, targets: [service.loadBalancerTarget(port)] }));
  service.allowServiceConnectFrom(awsvpcService(here, {}, 'Client'));
  // tcp and udp of both from the load balancer, tcp of both from the client
  expect(letIn(templateOf(stack))).toEqual(['One', 'One', 'One', 'Two', 'Two', 'Two'].map((id) => ({ Ref: id })));
});

test('dynamic ranges known only at deployment are told apart', () => {
  const here = world();
  const capacity = ec2Capacity(here.cluster, 'Capacity', {
    dynamicPorts: PortRange.of(parameter(here.stack, 'First'), parameter(here.stack, 'Last')),
  });
  const service = bridgeService(here, { capacity, ports: [BridgePort.dynamic(80)] });
  service.connections.allowDefaultPortFrom(CLIENT);
  service.connections.allowFrom(CLIENT, ec2.Port.tcpRange(parameter(here.stack, 'Other'), 65000));
  expect(letIn(templateOf(here.stack))).toEqual([{ Ref: 'First' }, { Ref: 'Other' }]);
});

test('rules have the same ids and descriptions at every synthesis, which EC2 takes, and are called after their ports', () => {
  function rules(before: number) {
    const here = world();
    // Tokens are numbered as they are made, and so many more are made before.
    Array.from({ length: before }, (_, index) => Lazy.number({ produce: () => index }));
    const service = hostModeService(here, { ports: [HostPort.tcp(parameter(here.stack, 'One'))] });
    service.connections.allowDefaultPortFrom(CLIENT);
    const imported = Token.asNumber(Fn.importValue('<a>, a name far longer than what can be said in a description of a rule'));
    service.connections.allowFrom(CLIENT, ec2.Port.tcp(imported));
    return templateOf(here.stack).findResources('AWS::EC2::SecurityGroupIngress');
  }
  const made = rules(0);
  expect(rules(5)).toEqual(made);
  const descriptions = Object.values(made).map(({ Properties }) => Properties.Description as string);
  expect(descriptions[0]).toBe('from 10.0.0.0/8:{Test/One}');
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
  descriptions.forEach((text) => expect(text).toMatch(/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,100}$/));
});

test('rules for literal ports keep their ids', () => {
  const here = world();
  const capacity = ec2Capacity(here.cluster);
  const port = BridgePort.fixed({ hostPort: 8080, containerPort: 80, protocol: ecs.Protocol.UDP });
  const service = bridgeService(here, { capacity, ports: [port] });
  service.connections.allowDefaultPortFrom(CLIENT);
  service.connections.allowFrom(CLIENT, ec2.Port.tcp(8080));
  const children = capacity.securityGroup.node.children.map(({ node }) => node.id);
  expect(children).toEqual(expect.arrayContaining(['from 10.0.0.0_8:UDP 8080', 'from 10.0.0.0_8:8080']));
});
