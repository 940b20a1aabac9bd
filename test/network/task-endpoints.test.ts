import { Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import {
  AwsvpcService, EndpointFeature, TaskEndpoints, type TaskEndpointsProps, TaskSubnetRouting, TaskSubnets,
} from '../../src';
import { testApp } from '../app';
import { CONTAINER, ec2Capacity, managedInstances, plainCapacity, synth, templateOf, testVpc, warningsOf, world } from '../fixtures';
import { expectRefusal } from '../refusal';
import { pathsOf } from '../security-group-rules';
import { dependenciesOf, idOf, idsOf } from '../template-graph';
import { found, lookingUp, TWO_ZONES } from './looked-up-vpc';
import {
  ECR, endpointIds, endpointsIn, fromEcr, INSTANCES, ISOLATED, isolatedService, isolatedVpc, isolatedWorld, messagesOf, plainFargate, S3,
  taskEndpoints,
} from './task-endpoints-world';

/** The subnets of `TaskSubnets` with 100.64.0.0/16, as a look-up finds them after they are deployed. */
const TASKS = [{ zone: 'eu-west-1a', cidr: '100.64.0.0/18' }, { zone: 'eu-west-1b', cidr: '100.64.64.0/18' }];

describe('without it', () => {
  test('plain tasks in isolated subnets synthesise silently, with an image, logs and a secret they can never reach', () => {
    const w = isolatedWorld();
    plainFargate(w, {
      image: ecs.ContainerImage.fromRegistry('nginx'),
      logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'app' }),
      secrets: { KEY: ecs.Secret.fromSsmParameter(parameter(w.stack)) },
    });
    const template = templateOf(w.stack);
    expect(endpointsIn(template)).toEqual([]);
    expect(idsOf(template, 'AWS::EC2::NatGateway')).toEqual([]);
    expect([...messagesOf(w.stack, 'error'), ...messagesOf(w.stack, 'warning'), ...messagesOf(w.stack, 'info')]).toEqual([]);
  });
});

describe('a service', () => {
  test('on Fargate gets the endpoints of its image and its logs, and none of those for instances', () => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(isolatedService(w).service);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, 'logs', S3]);
  });

  test('that is a plain L2 is served as ours is', () => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(plainFargate(w));
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, S3]);
    expect(pathsOf(w.app)).toEqual(['Endpoints < Plain tcp 443']);
  });

  test('is let in alone, on tcp 443, by a rule of its own', () => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(isolatedService(w).service);
    isolatedService(w, {}, 'NotServed');
    expect(pathsOf(w.app)).toEqual(['Endpoints < Api tcp 443']);
    const groups = Object.values(templateOf(w.stack).findResources('AWS::EC2::SecurityGroup'));
    expect(groups.filter(({ Properties }) => Properties.SecurityGroupIngress)).toEqual([]);
  });

  test('waits for every endpoint and for the rule that lets it in, and is deleted before them', () => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(isolatedService(w).service);
    const template = templateOf(w.stack);
    const waits = dependenciesOf(template, idOf(template, 'AWS::ECS::Service'));
    expect(endpointIds(template)).toHaveLength(4);
    endpointIds(template).forEach((id) => expect(waits).toContain(id));
    expect(waits).toContain(idOf(template, 'AWS::EC2::SecurityGroupIngress'));
  });

  test('does not wait for the rules of others, which may wait for it', () => {
    const w = isolatedWorld();
    const endpoints = taskEndpoints(w);
    const [first, second] = ['First', 'Second'].map((id) => isolatedService(w, {}, id));
    endpoints.serve(first.service);
    endpoints.serve(second.service);
    second.securityGroup.node.addDependency(first.service);
    const template = templateOf(w.stack);
    const [one, other] = idsOf(template, 'AWS::EC2::SecurityGroupIngress');
    const [service] = idsOf(template, 'AWS::ECS::Service');
    expect(one).toMatch(/First/);
    expect(dependenciesOf(template, service)).toContain(one);
    expect(dependenciesOf(template, service)).not.toContain(other);
  });

  test('served twice is served once', () => {
    const w = isolatedWorld();
    const endpoints = taskEndpoints(w);
    const { service } = isolatedService(w);
    endpoints.serve(service);
    endpoints.serve(service);
    expect(pathsOf(w.app)).toEqual(['Endpoints < Api tcp 443']);
  });

  test('is let in by the groups on its tasks, not by one that was only added to its connections', () => {
    const w = isolatedWorld();
    const service = plainFargate(w);
    service.connections.addSecurityGroup(new ec2.SecurityGroup(w.stack, 'NotOnTasks', { vpc: w.vpc }));
    taskEndpoints(w).serve(service);
    expect(pathsOf(w.app)).toEqual(['Endpoints < Plain tcp 443']);
  });

  test('with a group that lets out only what it is told is let out to the endpoints, and warned about S3', () => {
    const w = isolatedWorld();
    const closed = new ec2.SecurityGroup(w.stack, 'Closed', { vpc: w.vpc, allowAllOutbound: false });
    taskEndpoints(w).serve(isolatedService(w, { securityGroups: [closed] }).service);
    expect(pathsOf(w.app)).toEqual(['Closed > Endpoints tcp 443', 'Endpoints < Closed tcp 443']);
    expect(warningsOf(w.stack)).toEqual(['closed-egress-to-s3']);
    const template = templateOf(w.stack);
    const out = Object.keys(template.findResources('AWS::EC2::SecurityGroupEgress', { Properties: { FromPort: 443 } }));
    expect(out).toHaveLength(1);
    expect(dependenciesOf(template, idOf(template, 'AWS::ECS::Service'))).toContain(out[0]);
  });

  test('with such a group and nothing from S3 is not warned', () => {
    const w = isolatedWorld();
    const closed = new ec2.SecurityGroup(w.stack, 'Closed', { vpc: w.vpc, allowAllOutbound: false });
    const image = ecs.ContainerImage.fromRegistry('registry.example.com/app');
    taskEndpoints(w).serve(isolatedService(w, { container: { image }, securityGroups: [closed] }).service);
    expect(warningsOf(w.stack)).toEqual([]);
  });

  test('with an imported group leaves that group as it is', () => {
    const w = isolatedWorld();
    const imported = ec2.SecurityGroup.fromSecurityGroupId(w.stack, 'Imported', 'sg-0123456789abcdef0', { allowAllOutbound: false });
    taskEndpoints(w).serve(plainFargate(w, {}, { securityGroups: [imported] }));
    expect(pathsOf(w.app)).toEqual(['Endpoints < sg-0123456789abcdef0 tcp 443']);
  });

  test('that shares an imported group with another keeps the rule when the other goes', () => {
    const rulesWith = (...ids: string[]) => {
      const w = isolatedWorld();
      const endpoints = taskEndpoints(w);
      for (const id of ids) {
        const group = ec2.SecurityGroup.fromSecurityGroupId(w.stack, `${id}Group`, 'sg-0123456789abcdef0');
        endpoints.serve(isolatedService(w, { securityGroups: [group] }, id).service);
      }
      return templateOf(w.stack).findResources('AWS::EC2::SecurityGroupIngress');
    };
    expect(Object.keys(rulesWith('First', 'Second'))).toHaveLength(1);
    expect(rulesWith('First')).toEqual(rulesWith('First', 'Second'));
    expect(rulesWith('Second')).toEqual(rulesWith('First', 'Second'));
  });
});

describe('instances', () => {
  const EC2 = 'AWS::AutoScaling::AutoScalingGroup';
  const MANAGED = 'AWS::ECS::CapacityProvider';

  test.each([
    ['an Ec2Capacity', EC2, (w: ReturnType<typeof isolatedWorld>) => ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: ISOLATED }), 'Capacity'],
    ['an Auto Scaling group', EC2, (w: ReturnType<typeof isolatedWorld>) => plainCapacity(w.cluster).autoScalingGroup as unknown as ec2.IConnectable, 'AsgInstances'],
  ])('of %s get their three endpoints, are let in and wait', (_, type, make, group) => {
    const w = isolatedWorld();
    taskEndpoints(w).serveInstances(make(w));
    const template = templateOf(w.stack);
    expect(endpointsIn(template)).toEqual(INSTANCES);
    expect(pathsOf(w.app)).toEqual([`Endpoints < ${group} tcp 443`]);
    const waits = dependenciesOf(template, idOf(template, type));
    [...endpointIds(template), idOf(template, 'AWS::EC2::SecurityGroupIngress')].forEach((id) => expect(waits).toContain(id));
  });

  test('of Managed Instances get them as well, and their capacity provider waits', () => {
    const w = world();
    taskEndpoints(w).serveInstances(managedInstances(w.cluster));
    const template = templateOf(w.stack);
    expect(endpointsIn(template)).toEqual(INSTANCES);
    expect(pathsOf(w.app)).toEqual(['Endpoints < Managed tcp 443']);
    const waits = dependenciesOf(template, idOf(template, MANAGED));
    [...endpointIds(template), idOf(template, 'AWS::EC2::SecurityGroupIngress')].forEach((id) => expect(waits).toContain(id));
  });

  test('and a bridge service on them are let in once', () => {
    const w = isolatedWorld();
    const endpoints = taskEndpoints(w);
    const capacity = ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: ISOLATED });
    const taskDefinition = new ecs.Ec2TaskDefinition(w.stack, 'Task');
    taskDefinition.addContainer('app', { image: fromEcr(w.stack), memoryReservationMiB: 128 });
    w.cluster.connections.addSecurityGroup(...capacity.hostSecurityGroups);
    endpoints.serve(new ecs.Ec2Service(w.stack, 'Bridge', { cluster: w.cluster, taskDefinition }));
    endpoints.serveInstances(capacity);
    endpoints.serveInstances(capacity);
    expect(pathsOf(w.app)).toEqual(['Endpoints < Capacity tcp 443']);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, ...INSTANCES, S3]);
  });

  test('that nobody serves are missed by the services on them', () => {
    const w = isolatedWorld();
    const capacity = ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: ISOLATED });
    taskEndpoints(w).serve(isolatedService(w, { capacity }).service);
    expect(warningsOf(w.stack)).toEqual(['instances-without-endpoints']);
  });

  test.each([
    ['they are served', (endpoints: TaskEndpoints, capacity: ec2.IConnectable) => endpoints.serveInstances(capacity), {}],
    ['their endpoints are asked for', () => undefined, { features: [EndpointFeature.CONTAINER_INSTANCES] }],
  ])('are not missed where %s', (_, act, props) => {
    const w = isolatedWorld();
    const capacity = ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: ISOLATED });
    const endpoints = taskEndpoints(w, props);
    endpoints.serve(isolatedService(w, { capacity }).service);
    act(endpoints, capacity);
    expect(warningsOf(w.stack)).toEqual([]);
    expect(endpointsIn(templateOf(w.stack))).toEqual([...ECR, ...INSTANCES, 'logs', S3]);
  });

  test('without a security group, or in nothing that launches any, are refused', () => {
    const w = isolatedWorld();
    const endpoints = taskEndpoints(w);
    const path = 'Test/Endpoints';
    expectRefusal(() => endpoints.serveInstances(new ec2.SecurityGroup(w.stack, 'Group', { vpc: w.vpc })), path, "'instances'", 'Ec2Capacity', 'got SecurityGroup');
    expectRefusal(() => endpoints.serveInstances({ connections: new ec2.Connections() }), path, "'instances'", 'made in this app');
    const launcher = ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: ISOLATED });
    Object.defineProperty(launcher, 'connections', { value: new ec2.Connections() });
    expectRefusal(() => endpoints.serveInstances(launcher), path, "'instances' must have a security group");
  });
});

describe('the order of calls', () => {
  /** The template of an app that does some steps in some order, after the same constructs were made. */
  function templateAfter(order: readonly number[]): object {
    const w = isolatedWorld();
    const endpoints = taskEndpoints(w);
    const capacity = ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: ISOLATED });
    const one = isolatedService(w, { capacity }, 'One');
    const two = isolatedService(w, {}, 'Two');
    const steps = [
      () => endpoints.serve(one.service),
      () => endpoints.serve(two.service),
      () => endpoints.serveInstances(capacity),
      () => two.taskDefinition.addContainer('sidecar', {
        image: fromEcr(w.stack),
        memoryReservationMiB: 64,
        environmentFiles: [],
        secrets: { KEY: ecs.Secret.fromSsmParameter(parameter(w.stack)) },
      }),
      () => w.vpc.addInterfaceEndpoint('Logs', { service: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS }),
    ];
    order.forEach((index) => steps[index]());
    return templateOf(w.stack).toJSON();
  }

  test('does not change the template, nor does what is added to a task or to the VPC after it was served', () => {
    const template = templateAfter([0, 1, 2, 3, 4]);
    expect(endpointsIn(Template.fromJSON(template))).toEqual([...ECR, ...INSTANCES, 'logs', S3, 'ssm']);
    for (const order of [[4, 3, 2, 1, 0], [3, 1, 4, 0, 2], [2, 0, 1, 4, 3], [1, 3, 2, 4, 0]]) {
      expect(templateAfter(order)).toEqual(template);
    }
  });

  test.each([true, false])('does not matter whether aspects are stabilised: %s', (stabilised) => {
    const app = testApp({ context: { '@aws-cdk/core:aspectStabilization': stabilised } });
    const services = new Stack(app, 'Services');
    const vpc = isolatedVpc(new Stack(app, 'Network'));
    const service = plainFargate({ stack: services, cluster: new ecs.Cluster(services, 'Cluster', { vpc }) });
    taskEndpoints({ stack: Stack.of(vpc), vpc }).serve(service);
    service.taskDefinition.findContainer('app')!.addSecret('KEY', ecs.Secret.fromSsmParameter(parameter(services)));
    expect(pathsOf(app)).toEqual(['Endpoints < Plain tcp 443']);
    expect(endpointsIn(templateOf(Stack.of(vpc)))).toEqual([...ECR, S3, 'ssm']);
  });

  test('does not matter when an app is synthesised twice', () => {
    const w = isolatedWorld();
    taskEndpoints(w).serve(isolatedService(w, { container: { image: ecs.ContainerImage.fromRegistry('registry.example.com/app') } }).service);
    const first = templateOf(w.stack).toJSON();
    w.app.synth({ force: true });
    expect(Template.fromStack(w.stack).toJSON()).toEqual(first);
    expect(messagesOf(w.stack, 'info')).toEqual([expect.stringMatching(/^Test\/Api\/Service: .*registry.example.com/)]);
  });
});

describe('placement', () => {
  test('has one subnet of each zone, private or isolated, by default', () => {
    const { stack, vpc } = world();
    const endpoints = taskEndpoints({ stack, vpc }, { features: [EndpointFeature.CLOUDWATCH_LOGS] });
    expect(subnetsOfEndpoint(endpoints)).toEqual(vpc.privateSubnets.map(({ subnetId }) => stack.resolve(subnetId)));
  });

  test('has isolated subnets where a zone has no private ones, and no second subnet in a zone', () => {
    const { stack } = world();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
      privateSubnetIds: ['subnet-0123456789abcdea1', 'subnet-0123456789abcdeb1', 'subnet-0123456789abcdec1'],
      isolatedSubnetIds: ['subnet-0123456789abcdea2', 'subnet-0123456789abcdeb2', 'subnet-0123456789abcdec2'],
    });
    const two = { vpcSubnets: { subnets: [vpc.isolatedSubnets[1], ...vpc.privateSubnets] } };
    const features = [EndpointFeature.CLOUDWATCH_LOGS];
    expect(subnetsOfEndpoint(new TaskEndpoints(stack, 'Endpoints', { vpc, features, ...two }))).toEqual(['subnet-0123456789abcdeb2', 'subnet-0123456789abcdea1', 'subnet-0123456789abcdec1']);
  });

  test('takes subnets whose zone is not known as they are', () => {
    const { stack, vpc } = world();
    const subnets = ['subnet-0123456789abcde01', 'subnet-0123456789abcde02'].map((id) => ec2.Subnet.fromSubnetId(stack, id, id));
    const endpoints = taskEndpoints({ stack, vpc }, { features: [EndpointFeature.ECS_EXEC], vpcSubnets: { subnets } });
    expect(subnetsOfEndpoint(endpoints)).toEqual(['subnet-0123456789abcde01', 'subnet-0123456789abcde02']);
  });

  test('leads the route tables of private and isolated subnets to S3, each once, and no public one', () => {
    const { stack } = world();
    const vpc = testVpc(new Stack(stack, 'Three'), {
      subnetConfiguration: [
        { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
        { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      ],
    });
    const endpoints = new TaskEndpoints(Stack.of(vpc), 'Endpoints', { vpc, features: [EndpointFeature.S3] });
    const subnets = [...vpc.privateSubnets, ...vpc.isolatedSubnets];
    expect(tablesOfS3(endpoints)).toEqual(subnets.map(({ routeTable }) => Stack.of(vpc).resolve(routeTable.routeTableId)));
  });

  test('leads further route tables to S3 where it is told to, and one that subnets share once', () => {
    const { stack, vpc } = world();
    const subnets = ['A', 'B'].map((id) => ec2.Subnet.fromSubnetAttributes(stack, id, { subnetId: `subnet-${id}`, routeTableId: 'rtb-0123456789abcdef1' }));
    const endpoints = taskEndpoints({ stack, vpc }, { features: [EndpointFeature.S3], gatewaySubnets: [{ subnets }] });
    expect(tablesOfS3(endpoints)).toEqual([...vpc.privateSubnets.map(({ routeTable }) => stack.resolve(routeTable.routeTableId)), 'rtb-0123456789abcdef1']);
  });

  function subnetsOfEndpoint(endpoints: TaskEndpoints) {
    const [endpoint] = Object.values(endpoints.endpoints);
    return Stack.of(endpoint).resolve((endpoint.node.defaultChild as ec2.CfnVPCEndpoint).subnetIds);
  }

  function tablesOfS3({ s3Endpoint }: TaskEndpoints) {
    return Stack.of(s3Endpoint!).resolve((s3Endpoint!.node.defaultChild as ec2.CfnVPCEndpoint).routeTableIds);
  }
});

describe('what can be used', () => {
  test('others can be let in by the connections, on tcp 443 unless they say otherwise', () => {
    const w = isolatedWorld();
    const endpoints = taskEndpoints(w, { features: [EndpointFeature.SECRETS_MANAGER] });
    endpoints.connections.allowDefaultPortFrom(new ec2.SecurityGroup(w.stack, 'Function', { vpc: w.vpc }));
    expect(pathsOf(w.app)).toEqual(['Endpoints < Function tcp 443']);
  });

  test('who is let in by hand and served as well has one rule', () => {
    const w = isolatedWorld();
    const endpoints = taskEndpoints(w);
    const api = isolatedService(w);
    endpoints.connections.allowDefaultPortFrom(api);
    endpoints.serve(api.service);
    expect(pathsOf(w.app)).toEqual(['Endpoints < Api tcp 443']);
  });

  test('the endpoints are there by name, each with private DNS and the one group', () => {
    const w = isolatedWorld();
    const endpoints = taskEndpoints(w);
    expect(endpoints.endpoints).toEqual({});
    expect(endpoints.s3Endpoint).toBeUndefined();
    endpoints.serve(isolatedService(w).service);
    expect(Object.keys(endpoints.endpoints).sort()).toEqual([...ECR, 'logs']);
    expect(endpoints.s3Endpoint).toBeInstanceOf(ec2.GatewayVpcEndpoint);
    expect(endpoints.vpc).toBe(w.vpc);
    const interfaces = Object.values(templateOf(w.stack).findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Interface' } }));
    expect(interfaces).toHaveLength(3);
    for (const { Properties } of interfaces) {
      expect(Properties.PrivateDnsEnabled).toBe(true);
      expect(Properties.SecurityGroupIds).toEqual([w.stack.resolve(endpoints.securityGroup.securityGroupId)]);
    }
  });

  test('nothing is made while nothing is needed, but the group', () => {
    const w = isolatedWorld();
    taskEndpoints(w);
    expect(endpointsIn(templateOf(w.stack))).toEqual([]);
    expect(pathsOf(w.app)).toEqual([]);
  });
});

describe('refused', () => {
  test.each([
    ['DNS support', { enableDnsSupport: false, enableDnsHostnames: false }, 'enableDnsSupport'],
    ['DNS host names', { enableDnsHostnames: false }, 'enableDnsHostnames'],
  ])('a VPC known to have no %s, without which tasks do not find the endpoints', (_, props, setting) => {
    const { stack } = world();
    const vpc = isolatedVpc(stack, 'NoDns', props);
    expectRefusal(() => taskEndpoints({ stack, vpc }), 'Test/Endpoints', "'vpc'", `'${setting}' on`, 'Test/NoDns');
  });

  test('a VPC without private subnets, unless subnets are named', () => {
    const PUBLIC = { subnetType: ec2.SubnetType.PUBLIC };
    const make = (props: Partial<TaskEndpointsProps>) => {
      const { stack } = world();
      const vpc = new ec2.Vpc(stack, 'Public', { maxAzs: 1, natGateways: 0, subnetConfiguration: [{ name: 'Public', ...PUBLIC }] });
      return taskEndpoints({ stack, vpc }, { features: [EndpointFeature.S3, EndpointFeature.KMS], ...props });
    };
    expectRefusal(() => make({}), 'Test/Endpoints', "'vpcSubnets' must be given");
    expectRefusal(() => make({ vpcSubnets: PUBLIC }), 'Test/Endpoints', "'gatewaySubnets' must be given");
    expect(endpointsIn(templateOf(Stack.of(make({ vpcSubnets: PUBLIC, gatewaySubnets: [PUBLIC] }))))).toEqual(['kms', S3]);
  });

  test('a selection without subnets', () => {
    const { stack, vpc } = world();
    expectRefusal(() => taskEndpoints({ stack, vpc }, { vpcSubnets: { subnets: [] } }), 'Test/Endpoints', "'vpcSubnets'", 'got none');
  });

  test('an imported VPC whose route tables are not said, once something comes from S3', () => {
    const make = (props: Partial<TaskEndpointsProps>) => {
      const { stack } = world();
      const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Imported', { vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-west-1a'], isolatedSubnetIds: ['subnet-0123456789abcde01'] });
      return new TaskEndpoints(stack, 'Endpoints', { vpc, ...props });
    };
    const parts = ['subnet-0123456789abcde01', "'isolatedSubnetRouteTableIds'", "'s3' in 'existingEndpoints'"];
    expectRefusal(() => make({ features: [EndpointFeature.S3] }), 'Test/Endpoints', ...parts);
    expect(Object.keys(make({ features: [EndpointFeature.CLOUDWATCH_LOGS] }).endpoints)).toEqual(['logs']);
    expect(make({ features: [EndpointFeature.S3], existingEndpoints: ['s3'] }).s3Endpoint).toBeUndefined();
  });

  test('features and names of endpoints that do not exist', () => {
    const { stack, vpc } = world();
    expectRefusal(() => taskEndpoints({ stack, vpc }, { features: ['XRAY' as EndpointFeature] }), 'Test/Endpoints', "'features'", 'ECS_EXEC', 'got "XRAY"');
    expectRefusal(() => new TaskEndpoints(stack, 'Names', { vpc, existingEndpoints: ['com.amazonaws.eu-west-1.logs'] }),
      'Test/Names', "'existingEndpoints'", 'ecr.dkr', 'got "com.amazonaws.eu-west-1.logs"');
  });

  test('a missing VPC', () => {
    const { stack } = world();
    expectRefusal(() => new TaskEndpoints(stack, 'Endpoints', {} as never), 'Test/Endpoints', "'vpc' must be given, got undefined");
  });

  test('what is no service of this app', () => {
    const w = isolatedWorld();
    const endpoints = taskEndpoints(w);
    for (const wrong of [isolatedService(w), w.cluster, undefined, {}]) {
      expectRefusal(() => endpoints.serve(wrong as unknown as ecs.BaseService), 'Test/Endpoints', "'service' must be an ECS service made in this app");
    }
  });

  test('a service outside AWS, or in another VPC', () => {
    const w = isolatedWorld();
    const endpoints = taskEndpoints(w);
    const taskDefinition = new ecs.ExternalTaskDefinition(w.stack, 'Task');
    taskDefinition.addContainer('app', { ...CONTAINER });
    expectRefusal(() => endpoints.serve(new ecs.ExternalService(w.stack, 'External', { cluster: w.cluster, taskDefinition })), 'Test/Endpoints', 'outside AWS');
    const cluster = new ecs.Cluster(w.stack, 'Other', { vpc: isolatedVpc(w.stack, 'OtherVpc') });
    expectRefusal(() => endpoints.serve(isolatedService({ ...w, cluster }).service), 'Test/Endpoints', "'service' (Test/Api/Service)", 'Test/OtherVpc');
  });

  test('a second set of endpoints in one VPC, however it is known', () => {
    const { app, stack } = world();
    const [vpc, again] = ['One', 'Two'].map((id) => ec2.Vpc.fromVpcAttributes(new Stack(app, id), 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-west-1a'], privateSubnetIds: ['subnet-0123456789abcde01'],
    }));
    new TaskEndpoints(stack, 'First', { vpc });
    expectRefusal(() => new TaskEndpoints(stack, 'Second', { vpc: again }), 'Test/Second', "'vpc'", 'Test/First');
    expect(() => new TaskEndpoints(stack, 'Third', { vpc: isolatedVpc(stack, 'Another') })).not.toThrow();
  });
});

test.each(['before', 'after'])('task subnets that a look-up finds again keep the one route table they have here, declared %s', (when) => {
  const lookUps: Record<string, typeof TASKS>[] = [{}, { Isolated: TASKS }];
  const tables = lookUps.map((deployed) => {
    const { stack, vpc } = lookingUp(found({ ...TWO_ZONES, ...deployed }));
    const tasks = () => new TaskSubnets(stack, 'Tasks', { vpc, cidr: '100.64.0.0/16', routing: TaskSubnetRouting.isolated() });
    const gatewaySubnets = when === 'before' ? [tasks().selection] : undefined;
    new TaskEndpoints(stack, 'Endpoints', { vpc, features: [EndpointFeature.ECR_IMAGES], gatewaySubnets });
    if (when === 'after') {
      tasks();
    }
    const [{ Properties }] = Object.values(templateOf(stack).findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: 'Gateway' } }));
    return Properties.RouteTableIds;
  });
  expect(tables[1]).toEqual(tables[0]);
});

test.each(['features', 'existingEndpoints'])('%s that are no list are refused', (prop) => {
  expectRefusal(() => taskEndpoints(isolatedWorld(), { [prop]: 'logs' }), 'Test/Endpoints', `'${prop}' must be a list, got "logs"`);
});

test('two VPCs that are still to be looked up are not taken for one', () => {
  const { app } = world();
  const stack = new Stack(app, 'LookedUp', { env: { account: '111111111111', region: 'eu-west-1' } });
  const [first, second] = ['First', 'Second'].map((id) => ec2.Vpc.fromLookup(stack, id, { tags: { Name: id } }));
  new TaskEndpoints(stack, 'A', { vpc: first, features: [EndpointFeature.ECR_IMAGES] });
  // Which groups of subnets there are is not known yet either.
  new TaskEndpoints(stack, 'B', { vpc: second, features: [EndpointFeature.ECR_IMAGES], vpcSubnets: { subnetGroupName: 'Tasks' } });
  expect(() => synth(app)).not.toThrow();
  expect(endpointsIn(Template.fromStack(stack)).filter((name) => name === 'ecr.api')).toHaveLength(2);
});

test('a VPC that is still to be looked up may be that of the service, which is served', () => {
  const { app } = world();
  const stack = new Stack(app, 'LookedUp', { env: { account: '111111111111', region: 'eu-west-1' } });
  const known = ec2.Vpc.fromVpcAttributes(stack, 'Known', {
    vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-west-1a'], privateSubnetIds: ['subnet-0123456789abcde01'],
  });
  const endpoints = new TaskEndpoints(stack, 'Endpoints', { vpc: ec2.Vpc.fromLookup(stack, 'Pending', { isDefault: true }) });
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: known });
  endpoints.serve(new AwsvpcService(stack, 'Api', { cluster, container: { image: fromEcr(stack) } }).service);
  synth(app);
  expect(endpointsIn(Template.fromStack(stack))).toEqual([...ECR, 'logs', S3]);
});

test('a VPC whose id is known only at deployment may be that of the service, which is served', () => {
  const { stack, cluster } = world();
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Unknown', {
    vpcId: Fn.importValue('VpcId'), availabilityZones: ['eu-west-1a'], privateSubnetIds: ['subnet-0123456789abcde01'], privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
  });
  const endpoints = new TaskEndpoints(stack, 'Endpoints', { vpc });
  endpoints.serve(new AwsvpcService(stack, 'Api', { cluster, container: { image: fromEcr(stack) } }).service);
  expect(endpointsIn(templateOf(stack))).toEqual([...ECR, 'logs', S3]);
});

function parameter(scope: Stack) {
  return ssm.StringParameter.fromStringParameterName(scope, 'Parameter', 'key');
}
