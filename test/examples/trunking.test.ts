import { found } from '../found';
import { pathsOf } from '../security-group-rules';
import { built, find, theOnly, userDataOf, type Built } from './built';

/** Awsvpc tasks on a c5.large (ECS developer guide, supported instance types). */
const WITHOUT_TRUNKING = 2;
const WITH_TRUNKING = 10;

let example: Built;
beforeAll(() => {
  example = built('trunking');
});

test('the setting is asked for as the role of the instances, before any of them is launched', () => {
  const setting = theOnly(example, 'Custom::AWS');
  const call = JSON.stringify(setting.properties.Create);
  const { properties: { Roles: [{ Ref: role }] } } = theOnly(example, 'AWS::IAM::InstanceProfile');
  expect(call).toContain('putAccountSetting');
  expect(call).toContain('awsvpcTrunking');
  expect(call).toContain(`{"Fn::GetAtt":["${role}","Arn"]}`);
  expect(theOnly(example, 'AWS::AutoScaling::AutoScalingGroup').dependsOn).toContain(setting.logicalId);
});

test('two instances hold all tasks only with a trunk, and then an update as well', () => {
  const { MinSize, MaxSize } = theOnly(example, 'AWS::AutoScaling::AutoScalingGroup').properties;
  const { DesiredCount, DeploymentConfiguration } = theOnly(example, 'AWS::ECS::Service').properties;
  expect(theOnly(example, 'AWS::EC2::LaunchTemplate').properties.LaunchTemplateData.InstanceType).toBe('c5.large');
  expect([Number(MinSize), Number(MaxSize), DesiredCount]).toEqual([2, 4, 8]);
  expect(2 * WITHOUT_TRUNKING).toBeLessThan(DesiredCount);
  expect(2 * WITH_TRUNKING).toBeGreaterThanOrEqual(DesiredCount * DeploymentConfiguration.MaximumPercent / 100);
});

test('two instances have CPU and memory for an update too', () => {
  const tasks = 2 * theOnly(example, 'AWS::ECS::Service').properties.DesiredCount;
  const [{ Cpu, MemoryReservation }] = theOnly(example, 'AWS::ECS::TaskDefinition').properties.ContainerDefinitions;
  expect(tasks * Cpu).toBeLessThanOrEqual(2 * 2048);
  expect(tasks * MemoryReservation).toBeLessThanOrEqual(2 * 4096 * 0.9); // what the system keeps is less than a tenth
});

test('resource-name A records are off, and tasks cannot take the instance\'s credentials', () => {
  expect(theOnly(example, 'AWS::EC2::LaunchTemplate').properties.LaunchTemplateData.PrivateDnsNameOptions).toEqual({ EnableResourceNameDnsARecord: false });
  expect(userDataOf(example)).toContain('ECS_AWSVPC_BLOCK_IMDS=true');
});

test('new tasks find free room, and late ones are given time', () => {
  expect(theOnly(example, 'AWS::ECS::CapacityProvider').properties.AutoScalingGroupProvider.ManagedScaling)
    .toMatchObject({ TargetCapacity: 80, InstanceWarmupPeriod: 300 });
  expect(theOnly(example, 'AWS::ECS::Service').properties.HealthCheckGracePeriodSeconds).toBe(120);
});

test('the world reaches the load balancer, and the load balancer the tasks', () => {
  expect(pathsOf(example.app)).toEqual(expect.arrayContaining(['Web < LoadBalancer tcp 8080']));
});

test('no log group stays when the stack is deleted', () => {
  const logs = find(example, 'AWS::Logs::LogGroup', 'EniTrunkingLogs');
  expect(logs).toHaveLength(1);
});

test.each(['eni-density', 'eni-trunking-ineffective', 'host-port-fleet-clash', 'deployment-deadlock'])('%s has nothing to say', (rule) => {
  expect(found(example.app, rule)).toEqual([]);
});
