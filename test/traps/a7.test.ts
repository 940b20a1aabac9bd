import { Stack } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { HostOperatingSystem } from '../../src';
import { awsvpcService, ec2Capacity, INSTANCE_TYPE, plainCapacity, plainTask, templateOf, world } from '../fixtures';
import { found } from '../found';

/** The data of the one launch template, and its user data as text. */
function launchOf(stack: Stack): { data: Record<string, unknown>; userData: string } {
  const [{ Properties: { LaunchTemplateData: data } }] = Object.values(templateOf(stack).findResources('AWS::EC2::LaunchTemplate'));
  return { data, userData: JSON.stringify(data.UserData) };
}

test('A7: no prop of plain aws-ecs keeps tasks from instance metadata on a capacity provider; ours are kept from it in awsvpc and bridge mode', () => {
  const plain = world();
  const autoScalingGroup = new autoscaling.AutoScalingGroup(plain.stack, 'Asg', {
    vpc: plain.vpc,
    launchTemplate: new ec2.LaunchTemplate(plain.stack, 'Template', {
      instanceType: INSTANCE_TYPE,
      machineImage: ecs.EcsOptimizedImage.amazonLinux2023(),
      userData: ec2.UserData.forLinux(),
      role: new iam.Role(plain.stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }),
      securityGroup: new ec2.SecurityGroup(plain.stack, 'Instances', { vpc: plain.vpc }),
    }),
  });
  const asked = { autoScalingGroup, canContainersAccessInstanceRole: false }; // accepted, and does nothing
  plain.cluster.addAsgCapacityProvider(new ecs.AsgCapacityProvider(plain.stack, 'Provider', asked));
  const wrong = launchOf(plain.stack);
  expect(wrong.userData).toContain('ECS_CLUSTER');
  expect(wrong.userData).not.toMatch(/IMDS|iptables/);
  expect(wrong.data).not.toHaveProperty('MetadataOptions.HttpPutResponseHopLimit');

  const { stack, cluster } = world();
  ec2Capacity(cluster);
  const right = launchOf(stack);
  expect(right.userData).toContain("'ECS_AWSVPC_BLOCK_IMDS=true' >> /etc/ecs/ecs.config");
  expect(right.data).toMatchObject({ MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 } });
});

test('A7: the rule finds plain awsvpc tasks that can reach it, and none of ours', () => {
  const plain = world();
  new ecs.Ec2Service(plain.stack, 'Api', {
    cluster: plain.cluster,
    taskDefinition: plainTask(plain.stack, 'Task', ecs.NetworkMode.AWS_VPC),
    capacityProviderStrategies: [{ capacityProvider: plainCapacity(plain.cluster).capacityProviderName, weight: 1 }],
  });
  expect(found(plain.app, 'task-metadata-reachable')).toEqual([
    expect.stringMatching(/^warning AsgTemplate\w+: tasks of Api\w+ \(awsvpc\) on \w+ can read the instance role's credentials: ECS_AWSVPC_BLOCK_IMDS is not set/),
  ]);

  const ours = world();
  awsvpcService(ours, { capacity: ec2Capacity(ours.cluster) });
  expect(found(ours.app, 'task-metadata-reachable')).toEqual([]);
});

test.each([
  [HostOperatingSystem.AMAZON_LINUX_2023, 'ECS_AWSVPC_BLOCK_IMDS=true'],
  [HostOperatingSystem.AMAZON_LINUX_2, 'ECS_AWSVPC_BLOCK_IMDS=true'],
  [HostOperatingSystem.BOTTLEROCKET, 'awsvpc-block-imds = true'],
])('A7: on %s the agent is told %s', (operatingSystem, setting) => {
  const { stack, cluster } = world();
  ec2Capacity(cluster, 'Capacity', { operatingSystem });
  const { data, userData } = launchOf(stack);
  expect(userData).toContain(setting);
  expect(data).toMatchObject({ MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 } });
});
