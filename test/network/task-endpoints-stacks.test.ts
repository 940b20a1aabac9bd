import { NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { BridgePort, BridgeService, EndpointFeature, HostModeService, HostPort, TaskEndpoints } from '../../src';
import { testApp } from '../app';
import { ec2Capacity, managedInstances, synth, templateOf, World } from '../fixtures';
import { pathsOf, rulesOf } from '../security-group-rules';
import { dependenciesOf, idOf, idsOf } from '../template-graph';
import { ECR, endpointIds, endpointsIn, fromEcr, INSTANCES, ISOLATED, isolatedService, isolatedVpc, S3, taskEndpoints } from './task-endpoints-world';

/** Network, cluster and service stacks; `stack` is the last, where services go. */
interface Stacks extends World {
  readonly net: Stack;
  readonly clu: Stack;
}

function inStacks(app: World['app'], net: Stack, clu: Stack, stack: Stack): Stacks {
  const vpc = isolatedVpc(net);
  return { app, net, clu, stack, vpc, cluster: new ecs.Cluster(clu, 'Cluster', { vpc }) };
}

function stacks(): Stacks {
  const app = testApp();
  return inStacks(app, new Stack(app, 'Net'), new Stack(app, 'Clu'), new Stack(app, 'Svc'));
}

function nestedStacks(): Stacks {
  const app = testApp();
  const parent = new Stack(app, 'Parent');
  return inStacks(app, new NestedStack(parent, 'Net'), new NestedStack(parent, 'Clu'), new NestedStack(parent, 'Svc'));
}

/** Endpoints beside the VPC. */
function inNet({ net, vpc }: Stacks): TaskEndpoints {
  return taskEndpoints({ stack: net, vpc });
}

/** `Endpoints < Api tcp 443: Svc` */
function rulesByStack(w: Stacks): string[] {
  return rulesOf(w.app).map(({ group, direction, peer, ports, stack }) =>
    `${group} ${direction === 'in' ? '<' : '>'} ${peer} ${ports}: ${stack.split('/').pop()}`).sort();
}

describe.each([['stacks', stacks], ['nested stacks', nestedStacks]])('in %s', (_, make) => {
  test('a service adds its endpoints to the stack of the network, and its rule to its own', () => {
    const w = make();
    inNet(w).serve(isolatedService(w).service);
    synth(w.app);
    expect(rulesByStack(w)).toEqual(['Endpoints < Api tcp 443: Svc']);
    expect(endpointsIn(Template.fromStack(w.net))).toEqual([...ECR, 'logs', S3]);
    expect(endpointsIn(Template.fromStack(w.stack))).toEqual([]);
  });

  test('the stack of the service is deployed after the endpoints, and the service after its rule', () => {
    const w = make();
    inNet(w).serve(isolatedService(w).service);
    const template = templateOf(w.stack);
    expect(dependenciesOf(template, idOf(template, 'AWS::ECS::Service'))).toContain(idOf(template, 'AWS::EC2::SecurityGroupIngress'));
    const parentStack = w.stack.nestedStackParent;
    if (parentStack) {
      const parent = Template.fromStack(parentStack);
      const idOfNested = ({ nestedStackResource }: Stack) => parentStack.resolve(nestedStackResource!.logicalId);
      expect(dependenciesOf(parent, idOfNested(w.stack))).toContain(idOfNested(w.net));
    } else {
      expect(w.stack.dependencies).toContain(w.net);
      expect(w.net.dependencies).toEqual([]);
    }
  });

  test('a secret of the service stack adds its endpoint to the network, without a way back', () => {
    const w = make();
    const endpoints = inNet(w);
    const api = isolatedService(w);
    endpoints.serve(api.service);
    api.containerDefinition.addSecret('KEY', ecs.Secret.fromSecretsManager(new secretsmanager.Secret(w.stack, 'Secret')));
    synth(w.app);
    expect(endpointsIn(Template.fromStack(w.net))).toContain('secretsmanager');
  });

  test('instances of the cluster stack wait there, and the services of another stack share their rule', () => {
    const w = make();
    const endpoints = inNet(w);
    const capacity = ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: ISOLATED });
    const container = { image: fromEcr(w.stack), memoryReservationMiB: 128 };
    const bridge = new BridgeService(w.stack, 'Bridge', { cluster: w.cluster, capacity, container, ports: [BridgePort.dynamic(80)] });
    const host = new HostModeService(w.stack, 'Host', { cluster: w.cluster, capacity, container: { ...container, user: '1' }, ports: [HostPort.tcp(9100)] });
    endpoints.serve(bridge.service);
    endpoints.serveInstances(capacity);
    endpoints.serve(host.service);
    synth(w.app);
    expect(rulesByStack(w)).toEqual(['Endpoints < Capacity tcp 443: Clu']);
    expect(endpointsIn(Template.fromStack(w.net))).toEqual([...ECR, ...INSTANCES, 'logs', S3]);
    const template = Template.fromStack(w.clu);
    expect(dependenciesOf(template, idOf(template, 'AWS::AutoScaling::AutoScalingGroup'))).toContain(idOf(template, 'AWS::EC2::SecurityGroupIngress'));
  });

  test('host-mode services on Managed Instances share the rule of the instances', () => {
    const w = make();
    const vpc = new ec2.Vpc(w.net, 'WithNat', { maxAzs: 1 });
    const cluster = new ecs.Cluster(w.clu, 'InWithNat', { vpc });
    const endpoints = taskEndpoints({ stack: w.net, vpc });
    const capacity = managedInstances(cluster);
    const container = { image: fromEcr(w.stack), user: '1' };
    endpoints.serve(new HostModeService(w.stack, 'Host', { cluster, capacity, container, ports: [HostPort.tcp(9100)] }).service);
    endpoints.serveInstances(capacity);
    expect(rulesByStack(w)).toEqual(['Endpoints < Managed tcp 443: Clu']);
  });

  test('a group of the network stack that a service uses gets its rule in the service stack', () => {
    const w = make();
    const shared = new ec2.SecurityGroup(w.net, 'Shared', { vpc: w.vpc, allowAllOutbound: false });
    inNet(w).serve(isolatedService(w, { securityGroups: [shared] }).service);
    expect(rulesByStack(w)).toEqual(['Endpoints < Shared tcp 443: Svc', 'Shared > Endpoints tcp 443: Svc']);
  });

  test('endpoints in a stack between network and services are fine too', () => {
    const w = make();
    const between = w.net instanceof NestedStack ? new NestedStack(w.net.nestedStackParent!, 'Between') : new Stack(w.app, 'Between');
    const shared = new ec2.SecurityGroup(w.net, 'Shared', { vpc: w.vpc });
    taskEndpoints({ stack: between, vpc: w.vpc }).serve(isolatedService(w, { securityGroups: [shared] }).service);
    expect(rulesByStack(w)).toEqual(['Endpoints < Shared tcp 443: Svc']);
  });
});

test('a group served from two stacks is refused, since EC2 takes its rule once', () => {
  const w = stacks();
  const shared = new ec2.SecurityGroup(w.net, 'Shared', { vpc: w.vpc });
  const endpoints = inNet(w);
  endpoints.serve(isolatedService(w, { securityGroups: [shared] }, 'One').service);
  endpoints.serve(isolatedService({ ...w, stack: new Stack(w.app, 'Other') }, { securityGroups: [shared] }, 'Two').service);
  expect(() => synth(w.app)).toThrow(/security group Net\/Shared is served from stacks 'Svc' and 'Other'.*'serveInstances'/);
});

test('bridge services of two stacks on instances are refused until the instances are served', () => {
  const app = (instancesToo: boolean) => {
    const w = stacks();
    const endpoints = inNet(w);
    const capacity = ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: ISOLATED });
    for (const [index, stack] of [w.stack, new Stack(w.app, 'Other')].entries()) {
      const container = { image: fromEcr(stack), memoryReservationMiB: 128 };
      endpoints.serve(new BridgeService(stack, 'Bridge', { cluster: w.cluster, capacity, container, ports: [BridgePort.dynamic(8080 + index)] }).service);
    }
    if (instancesToo) {
      endpoints.serveInstances(capacity);
    }
    return w.app;
  };
  expect(() => synth(app(false))).toThrow(/Clu\/Capacity\/SecurityGroup is served from stacks 'Svc' and 'Other'/);
  expect(pathsOf(app(true))).toEqual(['Endpoints < Capacity tcp 443']);
});

test('a service on instances of its own stack is let in with its own group, and the instances with theirs', () => {
  const w = stacks();
  const endpoints = inNet(w);
  const capacity = ec2Capacity(w.cluster, 'Capacity', { vpcSubnets: ISOLATED });
  endpoints.serveInstances(capacity);
  endpoints.serve(isolatedService(w, { capacity }).service);
  expect(rulesByStack(w)).toEqual(['Endpoints < Api tcp 443: Svc', 'Endpoints < Capacity tcp 443: Clu']);
});

test('with all features named, the network stack does not change with the services', () => {
  const templateWith = (services: number) => {
    const w = stacks();
    const features = [EndpointFeature.ECR_IMAGES, EndpointFeature.CLOUDWATCH_LOGS];
    const endpoints = taskEndpoints({ stack: w.net, vpc: w.vpc }, { features });
    for (let index = 0; index < services; index++) {
      endpoints.serve(isolatedService(w, {}, `Api${index}`).service);
    }
    return templateOf(w.net).toJSON().Resources;
  };
  expect(endpointIds(Template.fromJSON({ Resources: templateWith(0) }))).toHaveLength(4);
  expect(templateWith(3)).toEqual(templateWith(0));
});

test('removing a service leaves the endpoints and the rules of the others as they are', () => {
  const resourcesWith = (...ids: string[]) => {
    const w = stacks();
    const endpoints = inNet(w);
    ids.forEach((id) => endpoints.serve(isolatedService(w, {}, id).service));
    const template = templateOf(w.stack);
    return { endpoints: endpointIds(Template.fromStack(w.net)), rules: idsOf(template, 'AWS::EC2::SecurityGroupIngress') };
  };
  const [both, one] = [resourcesWith('One', 'Two'), resourcesWith('Two')];
  expect(one.endpoints).toEqual(both.endpoints);
  expect(both.rules).toHaveLength(2);
  expect(both.rules).toEqual(expect.arrayContaining(one.rules));
});
