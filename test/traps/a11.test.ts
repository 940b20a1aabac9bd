import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import { testApp } from '../app';
import { managedInstances, templateOf, testVpc } from '../fixtures';

const REGIONS = ['eu-west-1', 'us-east-1'];
const ROLE = 'AWS::IAM::Role';

/** The same stack in each of two Regions of one account: the names its roles are given. */
function namesIn(make: (stack: Stack, cluster: ecs.Cluster) => unknown, templateOf: (stack: Stack) => Template): string[] {
  const app = testApp();
  const stacks = REGIONS.map((region) => {
    const stack = new Stack(app, `Test-${region}`, { stackName: 'Test', env: { region, account: '123456789012' } });
    const vpc = testVpc(stack, { maxAzs: undefined, availabilityZones: [`${region}a`, `${region}b`] });
    make(stack, new ecs.Cluster(stack, 'Cluster', { vpc }));
    return stack;
  });
  return stacks.flatMap((stack) => Object.values(templateOf(stack).findResources(ROLE, { Properties: { RoleName: Match.anyValue() } }))
    .map(({ Properties }) => Properties.RoleName));
}

test('A11: the plain Managed Instances provider names a role alike in every Region, where one exists already; ours names none', () => {
  const plain = namesIn((stack, cluster) => cluster.addManagedInstancesCapacityProvider(new ecs.ManagedInstancesCapacityProvider(stack, 'Managed', {
    subnets: cluster.vpc.privateSubnets,
    securityGroups: [new ec2.SecurityGroup(stack, 'Instances', { vpc: cluster.vpc })],
    infrastructureRole: new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com') }),
  })), templateOf);
  expect(plain).toHaveLength(2);
  expect(plain[0]).toEqual(plain[1]);

  expect(namesIn((_stack, cluster) => managedInstances(cluster), templateOf)).toEqual([]);
});
