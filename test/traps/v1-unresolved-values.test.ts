import { Aspects, CfnParameter, Fn, Lazy, Stack, Token, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { NetworkModeAspect, NetworkModeChecks } from '../../src';
import { annotated, clusterIn, hostService, validatedApp } from '../checks/reserved-port';
import { reportOn } from '../found';

afterEach(() => jest.restoreAllMocks());

/** A service of which nothing is known that the rules ask for. */
function unknowable(stack: Stack): ecs.FargateService {
  const parameter = (id: string, type = 'Number') => new CfnParameter(stack, id, { type });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: Fn.importValue('vpc'),
    availabilityZones: [Fn.importValue('zone')],
    privateSubnetIds: [Fn.importValue('subnet')],
    privateSubnetRouteTableIds: [Fn.importValue('table')],
  });
  const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: parameter('Name', 'String').valueAsString, vpc });
  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task', {
    cpu: parameter('Cpu').valueAsNumber, memoryLimitMiB: parameter('Memory').valueAsNumber,
  });
  taskDefinition.addContainer('main', { image: ecs.ContainerImage.fromRegistry('nginx') }).addPortMappings({ containerPort: 8080 });
  return new ecs.FargateService(stack, 'Service', {
    cluster,
    taskDefinition,
    desiredCount: parameter('Count').valueAsNumber,
    minHealthyPercent: Token.asNumber(Fn.importValue('percent')),
    maxHealthyPercent: Lazy.number({ produce: () => parameter('Most').valueAsNumber }),
    vpcSubnets: { subnets: vpc.privateSubnets },
    securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', Fn.importValue('group'))],
  });
}

test('V1: what is not known raises no finding and no crash: it is told apart as not decidable', () => {
  const app = validatedApp();
  unknowable(new Stack(app, 'Stack'));
  Aspects.of(app).add(new NetworkModeAspect());
  expect(annotated(app)).toEqual([]);
  const { findings, undecided } = reportOn(app);
  expect(findings).toEqual([]);
  expect(undecided.length).toBeGreaterThan(0);
  undecided.forEach(({ why }) => expect(why).not.toBe(''));
});

test('V1: what is known beside it is judged all the same', () => {
  const app = validatedApp();
  const stack = new Stack(app, 'Stack');
  hostService(stack, 'Api', clusterIn(stack));
  unknowable(new Stack(app, 'Other'));
  Aspects.of(app).add(new NetworkModeAspect());
  expect(annotated(app)).toContain('error Stack/Api/Service host-port-reserved');
});

test('V1: the plugin neither fails on what is not known nor is itself the failure', () => {
  const app = validatedApp();
  unknowable(new Stack(app, 'Stack'));
  Validations.of(app).addPlugins(new NetworkModeChecks());
  jest.spyOn(console, 'error').mockReturnValue();
  const before = process.exitCode;
  expect(() => app.synth()).not.toThrow();
  expect(process.exitCode).toBe(before);
});
