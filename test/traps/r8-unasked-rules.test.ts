import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as patterns from 'aws-cdk-lib/aws-ecs-patterns';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BridgePort, Ec2Capacity, HostPort, ManagedInstancesCapacity, TaskPort } from '../../src';
import { recommendedFlagsOn } from '../app';
import {
  awsvpcService, bridgeService, CONTAINER, ec2Capacity, hostModeService, INSTANCE_TYPE, managedInstances, plainCapacity, warningsOf, World,
  world,
} from '../fixtures';
import { found } from '../found';
import { pathsOf, rulesOf } from '../security-group-rules';

const IMPORTED = 'sg-0123456789abcdef0';
const imported = ({ stack }: World) => ec2.SecurityGroup.fromSecurityGroupId(stack, 'Imported', IMPORTED);

function behindAlb({ stack, vpc }: World, target: elbv2.IApplicationLoadBalancerTarget): void {
  new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc }).addListener('Http', { port: 80, open: false })
    .addTargets('Web', { port: 80, targets: [target] });
}

describe('plain aws-ecs', () => {
  test('R8: the plain pattern opens the load balancer to the world although it was given a group of its own, unless a feature flag is on', () => {
    const { app, stack, vpc, cluster } = world();
    const securityGroup = new ec2.SecurityGroup(stack, 'Mine', { vpc });
    new patterns.ApplicationLoadBalancedFargateService(stack, 'Pattern', {
      cluster,
      taskImageOptions: { image: CONTAINER.image },
      loadBalancer: new elbv2.ApplicationLoadBalancer(stack, 'Lb', { vpc, securityGroup }),
    });
    expect(pathsOf(app).filter((path) => path.startsWith('Mine <'))).toEqual(recommendedFlagsOn ? [] : ['Mine < 0.0.0.0/0 tcp 80']);
  });

  test('R8: a plain service edits an imported group', () => {
    const w = world();
    const taskDefinition = new ecs.FargateTaskDefinition(w.stack, 'Task');
    taskDefinition.addContainer('web', { ...CONTAINER, portMappings: [{ containerPort: 8080 }] });
    behindAlb(w, new ecs.FargateService(w.stack, 'Plain', { cluster: w.cluster, taskDefinition, securityGroups: [imported(w)] }));
    expect(pathsOf(w.app)).toEqual([`Lb > ${IMPORTED} tcp 8080`, `${IMPORTED} < Lb tcp 8080`]);
  });

  test('R8: a group of tasks that is opened to the world is found', () => {
    const w = world();
    const taskDefinition = new ecs.FargateTaskDefinition(w.stack, 'Task');
    taskDefinition.addContainer('web', { ...CONTAINER, portMappings: [{ containerPort: 8080 }] });
    const service = new ecs.FargateService(w.stack, 'Plain', { cluster: w.cluster, taskDefinition });
    service.connections.allowFromAnyIpv4(ec2.Port.tcp(8080));
    expect(found(w.app, 'security-group-open-to-world')).toEqual([
      expect.stringMatching(/^warning Plain\w+: group \w+ lets 0\.0\.0\.0\/0 reach tcp 8080 of service \w+, from every network that is routed to the VPC/),
    ]);
  });
});

describe('ours opens nothing by itself', () => {
  test('R8: services of every mode with ports and no clients let nothing in', () => {
    const w = world();
    hostModeService(w, { ports: [HostPort.tcp(9100)] }, 'Host');
    hostModeService(w, { capacity: managedInstances(w.cluster), ports: [HostPort.tcp(9100)] }, 'HostManaged');
    bridgeService(w, { capacity: ec2Capacity(w.cluster, 'Other'), ports: [BridgePort.dynamic(80)] }, 'Bridge');
    awsvpcService(w, { ports: [TaskPort.tcp(80)] }, 'Fargate');
    expect(pathsOf(w.app)).toEqual([]);
    expect(found(w.app, 'security-group-open-to-world')).toEqual([]);
  });

  test('R8: an internet-facing NLB without groups, which keeps client addresses, is not taken to mean everybody', () => {
    const w = world();
    new elbv2.NetworkLoadBalancer(w.stack, 'Network', { vpc: w.vpc, internetFacing: true, disableSecurityGroups: true })
      .addListener('Tcp', { port: 80 })
      .addTargets('Web', { port: 80, targets: [bridgeService(w, { ports: [BridgePort.dynamic(80)] })] });
    expect(pathsOf(w.app)).toEqual(['Capacity < 10.0.0.0/18 tcp 32768-60999', 'Capacity < 10.0.64.0/18 tcp 32768-60999']);
    expect(warningsOf(w.stack)).toEqual(['network-load-balancer-clients']);
  });
});

describe('ours reads imported groups and edits them only where asked', () => {
  interface Guarded {
    readonly make: (w: World, edit?: boolean) => elbv2.IApplicationLoadBalancerTarget;
    readonly ports: string;
  }

  /** Services that `Imported` guards, where `edit` says whether it may be edited. */
  const guarded: Record<string, Guarded> = {
    'awsvpc': {
      make: (w, edit) => awsvpcService(w, { ports: [TaskPort.tcp(8080)], securityGroups: [imported(w)], editImportedSecurityGroups: edit }),
      ports: 'tcp 8080',
    },
    'bridge': {
      make: (w, edit) => bridgeService(w, {
        ports: [BridgePort.dynamic(80)],
        capacity: ec2Capacity(w.cluster, 'Capacity', { securityGroup: imported(w), editImportedSecurityGroups: edit }),
      }),
      ports: 'tcp 32768-60999',
    },
    'host-mode': {
      make: (w, edit) => hostModeService(w, {
        ports: [HostPort.tcp(8080)],
        capacity: ec2Capacity(w.cluster, 'Capacity', { securityGroup: imported(w), editImportedSecurityGroups: edit }),
      }),
      ports: 'tcp 8080',
    },
    'host-mode on Managed Instances': {
      make: (w, edit) => hostModeService(w, {
        ports: [HostPort.tcp(8080)],
        capacity: new ManagedInstancesCapacity(w.stack, 'Capacity', {
          cluster: w.cluster, securityGroup: imported(w), editImportedSecurityGroups: edit,
        }),
      }),
      ports: 'tcp 8080',
    },
    'bridge on a provider of the app': {
      make: (w, edit) => {
        const provider = plainCapacity(w.cluster);
        provider.autoScalingGroup.connections.addSecurityGroup(imported(w));
        const capacity = Ec2Capacity.fromAsgCapacityProvider(w.stack, 'Capacity', {
          cluster: w.cluster, provider, editImportedSecurityGroups: edit,
        });
        return bridgeService(w, { ports: [BridgePort.dynamic(80)], capacity });
      },
      ports: 'tcp 32768-60999',
    },
  };

  const ofImported = ({ app }: World) => rulesOf(app).filter(({ group }) => group === IMPORTED).map(({ peer, ports }) => `${peer} ${ports}`);

  test.each(Object.entries(guarded))('R8: an imported group of our %s service stays as it is, with a warning', (_, { make, ports }) => {
    const w = world();
    behindAlb(w, make(w));
    expect(ofImported(w)).toEqual([]);
    // The load balancer is the app's own, and may still send there.
    expect(pathsOf(w.app)).toContain(`Lb > ${IMPORTED} ${ports}`);
    expect(warningsOf(w.stack)).toEqual(['imported-security-group']);
  });

  test.each(Object.entries(guarded))('R8: an imported group of our %s service gets its rule where that is asked for', (_, { make, ports }) => {
    const w = world();
    behindAlb(w, make(w, true));
    expect(ofImported(w)).toEqual([`Lb ${ports}`]);
    expect(warningsOf(w.stack)).toEqual([]);
  });

  test('R8: it stays as it is in the eyes of a service in another stack, too', () => {
    const w = world();
    const capacity = ec2Capacity(w.cluster, 'Capacity', { securityGroup: imported(w) });
    const other = { ...w, stack: new Stack(w.app, 'Other') };
    behindAlb(other, bridgeService(other, { capacity, ports: [BridgePort.dynamic(80)] }));
    expect(ofImported(w)).toEqual([]);
  });

  test('R8: and may be edited by one where that was asked for', () => {
    const w = world();
    const capacity = ec2Capacity(w.cluster, 'Capacity', { securityGroup: imported(w), editImportedSecurityGroups: true });
    const other = { ...w, stack: new Stack(w.app, 'Other') };
    behindAlb(other, bridgeService(other, { capacity, ports: [BridgePort.dynamic(80)] }));
    expect(ofImported(w)).toEqual(['Lb tcp 32768-60999']);
  });

  test('R8: the warning says what to do', () => {
    const { stack, cluster } = world();
    const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Imported', IMPORTED);
    const capacity = new Ec2Capacity(stack, 'Capacity', { cluster, instanceType: INSTANCE_TYPE, maxInstances: 1, securityGroup });
    expect(capacity.node.metadata.map(({ data }) => String(data))).toEqual([expect.stringContaining(
      "Test/Imported is imported and stays as it is: rules for load balancers and clients must be added where it lives, or here with 'editImportedSecurityGroups: true'")]);
  });
});
