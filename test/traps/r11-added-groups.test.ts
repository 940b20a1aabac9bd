import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { BridgePort, HostPort, TaskPort } from '../../src';
import { awsvpcService, bridgeService, CONTAINER, hostModeService, templateOf, World, world } from '../fixtures';
import { pathsOf } from '../security-group-rules';

const group = ({ stack, vpc }: World, id: string) => new ec2.SecurityGroup(stack, id, { vpc });

test('R11: a plain service writes rules to a group added to its connections, which is not on its tasks', () => {
  const w = world();
  const { app, stack, cluster } = w;
  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('web', { ...CONTAINER, portMappings: [{ containerPort: 8080 }] });
  const service = new ecs.FargateService(stack, 'Plain', { cluster, taskDefinition });
  service.connections.addSecurityGroup(group(w, 'Added'));
  service.connections.allowFrom(group(w, 'Clients'), ec2.Port.tcp(8080));
  expect(pathsOf(app)).toEqual(['Added < Clients tcp 8080', 'Plain < Clients tcp 8080']);
  const [{ Properties }] = Object.values(templateOf(stack).findResources('AWS::ECS::Service'));
  expect(Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups).toEqual([
    { 'Fn::GetAtt': [stack.getLogicalId(service.connections.securityGroups[0].node.defaultChild as ec2.CfnSecurityGroup), 'GroupId'] },
  ]);
});

test.each([
  ['host-mode', (w: World) => hostModeService(w, { ports: [HostPort.tcp(8080)] })],
  ['bridge', (w: World) => bridgeService(w, { ports: [BridgePort.dynamic(8080)] })],
  ['awsvpc', (w: World) => awsvpcService(w, { ports: [TaskPort.tcp(8080)] })],
])('R11: adding a group to the connections of our %s service throws, and says where groups go', (_, make) => {
  const w = world();
  const service = make(w);
  expect(() => service.connections.addSecurityGroup(group(w, 'Added'))).toThrow(
    "'connections.addSecurityGroup' cannot put Test/Added on the tasks: name groups in 'securityGroups' (awsvpc), or on the capacity (host, bridge) [Test/Web]");
});
