import { type App, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AwsSolutionsChecks } from 'cdk-nag';
import { testApp } from '../app';
import { EXAMPLES } from '../examples/examples';
import { findingsOf } from './validation-report';

const PLUGIN = 'AwsSolutions';

/** A rule that some constructs of the examples do not meet, and why that is right there. Construct paths begin with the stack. */
interface Acknowledged {
  readonly rule: string;
  readonly constructs: string[];
  readonly reason: string;
}

const INSTANCE_ROLES = [
  'AwsvpcEc2/Capacity', 'BridgeFixedNlb/Capacity', 'BridgeWeb/Capacity', 'HostAgent/Capacity', 'NoInternet/Capacity', 'SecondaryCidr/Capacity',
  'ThreeStacksCluster/WebCapacity', 'Trunking/Capacity',
].map((capacity) => `${capacity}/InstanceRole/DefaultPolicy/Resource`);
const AUTO_SCALING_GROUPS = INSTANCE_ROLES.map((role) => role.replace('InstanceRole/DefaultPolicy/Resource', 'AutoScalingGroup/ASG'));
const MANAGED_INSTANCE_ROLE = 'ManagedInstances/Capacity/InstanceRole/DefaultPolicy/Resource';

/** Every finding on the examples. What an example could meet in a line is left out where the line would be about something else. */
const ACKNOWLEDGED: Acknowledged[] = [
  {
    rule: 'AwsSolutions-VPC7',
    constructs: [
      'AwsvpcEc2', 'AwsvpcFargate', 'BridgeFixedNlb', 'BridgeWeb', 'DualStack', 'HostAgent', 'ManagedInstances', 'NoInternet', 'SecondaryCidr',
      'ServiceConnect', 'ThreeStacksNetwork', 'Trunking',
    ].map((stack) => `${stack}/Vpc/Resource`),
    reason: 'Flow logs are billed by the GB and say nothing about network modes; vpc.addFlowLog() turns them on for a network that stays',
  },
  {
    rule: 'AwsSolutions-ECS4',
    constructs: [
      'AwsvpcEc2', 'AwsvpcFargate', 'BridgeFixedNlb', 'BridgeWeb', 'DualStack', 'HostAgent', 'ManagedInstances', 'NoInternet', 'SecondaryCidr',
      'ServiceConnect', 'ThreeStacksCluster', 'Trunking',
    ].map((stack) => `${stack}/Cluster/Resource`),
    reason: 'Container Insights are billed by the metric; containerInsightsV2 of the cluster turns them on',
  },
  {
    rule: 'AwsSolutions-ELB2',
    constructs: ['AwsvpcFargate', 'BridgeWeb', 'DualStack', 'ManagedInstances', 'SecondaryCidr', 'ServiceConnect', 'ThreeStacksServices', 'Trunking']
      .map((stack) => `${stack}/LoadBalancer/Resource`),
    reason: 'logAccessLogs() must know the Region when it is called, and the examples are for any Region',
  },
  {
    rule: 'AwsSolutions-ELB2',
    constructs: ['BridgeFixedNlb/LoadBalancer/Resource'],
    reason: 'A Network Load Balancer logs TLS connections only, and the one listener here is TCP',
  },
  {
    rule: 'AwsSolutions-EC23',
    constructs: ['AwsvpcFargate', 'BridgeWeb', 'DualStack', 'SecondaryCidr', 'ThreeStacksServices', 'Trunking']
      .map((stack) => `${stack}/LoadBalancer/SecurityGroup/Resource`),
    reason: 'The group of an internet-facing load balancer, open on port 80 because the page is for everyone; no task has such a rule',
  },
  {
    rule: 'AwsSolutions-EC23',
    constructs: [
      'BridgeFixedNlb/LoadBalancerGroup/Resource',
      'ManagedInstances/LoadBalancer/SecurityGroup/Resource',
      'ServiceConnect/LoadBalancer/SecurityGroup/Resource',
    ],
    reason: "The one peer is the VPC's own range, a reference that the rule cannot evaluate and takes for open",
  },
  {
    rule: 'AwsSolutions-AS3',
    constructs: AUTO_SCALING_GROUPS,
    reason: 'An example has nobody to notify; notifications of the capacity name a topic where there is',
  },
  {
    rule: 'AwsSolutions-EC26',
    constructs: AUTO_SCALING_GROUPS,
    reason: "No data is kept on the instances. Their volumes are the image's, encrypted where EBS encryption by default is on; blockDevices of the capacity turns it on for one",
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    constructs: [...INSTANCE_ROLES, MANAGED_INSTANCE_ROLE],
    reason: 'ecs:DiscoverPollEndpoint alone, which takes no resource (service authorization reference for Amazon ECS)',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    constructs: ['Trunking/Capacity/EniTrunkingPolicy/Resource'],
    reason: 'ecs:PutAccountSetting takes no resource; a condition leaves it the one setting awsvpcTrunking',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    constructs: ['Api', 'Web'].map((service) => `NoInternet/${service}/TaskDefinition/ExecutionRole/DefaultPolicy/Resource`),
    reason: 'ecr:GetAuthorizationToken alone, which takes no resource (service authorization reference for Amazon ECR)',
  },
  {
    rule: 'AwsSolutions-SMG4',
    constructs: ['NoInternet/ApiKey/Resource'],
    reason: 'Nobody uses this secret; how one is rotated is known to who does',
  },
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    constructs: ['Trunking/AWS679f53fac002430cb0da5b7982bd2287/ServiceRole/Resource'],
    reason: "The framework's own function for such calls: the policy is for its logs",
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:container-instance/<ClusterEB0386A7>/*]',
    constructs: [...INSTANCE_ROLES, MANAGED_INSTANCE_ROLE],
    reason: "An instance's own id is not known before it registers; the cluster is in the ARN",
  },
  {
    rule: 'AwsSolutions-ECS2',
    constructs: ['AwsvpcEc2/Orders', 'AwsvpcEc2/Payments', 'NoInternet/Web', 'SecondaryCidr/Web', 'Trunking/Web'].map((service) => `${service}/TaskDefinition/Resource`),
    reason: 'The one variable is AWS_REGION, which is no secret: tasks with an interface of their own cannot ask the instance for it',
  },
  {
    rule: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForManagedInstances]',
    constructs: ['ManagedInstances/Capacity/InfrastructureRole/Resource'],
    reason: 'The policy AWS keeps in step with what ECS does to start, tag and end instances; a copy would fall behind',
  },
];

/** An app checked by cdk-nag. */
function checked(build: (app: App) => unknown): App {
  const app = testApp();
  build(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

function errorsOf(app: App, refused: boolean): string[] {
  return findingsOf(app, PLUGIN, refused).filter(({ severity }) => severity === 'error')
    .map(({ rule, construct }) => `${construct} ${rule}`).sort();
}

/** The rows of the table for constructs of an app. */
function rowsFor(app: App) {
  return ACKNOWLEDGED.flatMap(({ rule, constructs, reason }) => constructs.flatMap((path) => {
    const construct = app.node.findAll().find(({ node }) => node.path === path);
    return construct ? [{ rule, reason, path, construct }] : [];
  }));
}

test('the checks run: they fail a group that is open to the world, and an acknowledgement elsewhere does not silence them', () => {
  const app = checked((root) => {
    const stack = new Stack(root, 'Bad');
    const vpc = new ec2.CfnVPC(stack, 'Vpc', { cidrBlock: '10.0.0.0/16' });
    const open = { cidrIp: '0.0.0.0/0', ipProtocol: 'tcp', fromPort: 8080, toPort: 8080 };
    for (const id of ['Acknowledged', 'Open']) {
      new ec2.CfnSecurityGroup(stack, id, { vpcId: vpc.ref, groupDescription: id, securityGroupIngress: [open] });
    }
    Validations.of(stack.node.findChild('Acknowledged')).acknowledge({ id: `${PLUGIN}::AwsSolutions-EC23`, reason: 'To see that it reaches no further' });
  });
  expect(errorsOf(app, true)).toEqual(['Bad/Open AwsSolutions-EC23', 'Bad/Vpc AwsSolutions-VPC7']);
});

test('every row of the table is about a construct of an example', () => {
  const paths = Object.values(EXAMPLES).flatMap((build) => {
    const app = testApp();
    build(app);
    return rowsFor(app).map(({ path }) => path);
  });
  expect(ACKNOWLEDGED.flatMap(({ constructs }) => constructs).filter((path) => !paths.includes(path))).toEqual([]);
});

describe.each(Object.keys(EXAMPLES))('examples/%s', (name) => {
  test('has the findings of the table and no others', () => {
    const app = checked(EXAMPLES[name]);
    const expected = rowsFor(app).map(({ rule, path }) => `${path} ${rule}`).sort();
    expect(errorsOf(app, true)).toEqual(expected);
  });

  test('has no error that is not acknowledged, with a reason', () => {
    const app = checked(EXAMPLES[name]);
    rowsFor(app).forEach(({ rule, reason, construct }) => Validations.of(construct).acknowledge({ id: `${PLUGIN}::${rule}`, reason }));
    expect(errorsOf(app, false)).toEqual([]);
  });
});
