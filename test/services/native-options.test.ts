import { Duration, IPropertyInjector, PropertyInjectors, Size, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import {
  AwsvpcService, BridgePort, BridgeService, FargateCapacity, HostContainerOptions, HostModeService, HostPort, NetworkModeServiceProps,
  TaskPort,
} from '../../src';
import { ec2Capacity, HOST_CONTAINER, managedInstances, world } from '../fixtures';
import { expectRefusal } from '../refusal';
import { dependenciesOf, idOf } from '../template-graph';

/** Props of any service, also those that the types know to be wrong. */
type Props = Partial<NetworkModeServiceProps> & { readonly container?: HostContainerOptions };
type Service = HostModeService | BridgeService | AwsvpcService;
type Make = (stack: Stack, cluster: ecs.Cluster, props?: Props) => Service;

const SERVICES: [string, Make][] = [
  ['HostModeService', (stack, cluster, props) => new HostModeService(stack, 'Web', {
    cluster, capacity: ec2Capacity(cluster, 'Capacity', { maxInstances: 8 }), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)], ...props,
  })],
  ['HostModeService on Managed Instances', (stack, cluster, props) => new HostModeService(stack, 'Web', {
    cluster, capacity: managedInstances(cluster), container: HOST_CONTAINER, ports: [HostPort.tcp(9100)], ...props,
  })],
  ['BridgeService', (stack, cluster, props) => new BridgeService(stack, 'Web', {
    cluster, capacity: ec2Capacity(cluster), container: HOST_CONTAINER, ports: [BridgePort.dynamic(9100)], ...props,
  })],
  ['AwsvpcService', (stack, cluster, props) => new AwsvpcService(stack, 'Web', {
    cluster, capacity: FargateCapacity.onDemand(cluster), container: HOST_CONTAINER, ports: [TaskPort.tcp(9100)], ...props,
  })],
  ['AwsvpcService on instances', (stack, cluster, props) => new AwsvpcService(stack, 'Web', {
    cluster, capacity: ec2Capacity(cluster), container: HOST_CONTAINER, ports: [TaskPort.tcp(9100)], ...props,
  })],
];

const SERVICE = 'AWS::ECS::Service';
const TASK = 'AWS::ECS::TaskDefinition';

describe.each(SERVICES)('%s', (_name, make) => {
  test('passes every native option on', () => {
    const { stack, cluster } = world();
    const alarm = new cloudwatch.Alarm(stack, 'Alarm', {
      metric: new cloudwatch.Metric({ namespace: 'Test', metricName: 'Errors' }), threshold: 1, evaluationPeriods: 1,
    });
    const hook = lambda.Function.fromFunctionAttributes(stack, 'Hook', {
      functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:hook', skipPermissions: true,
    });
    const volume = new ecs.ServiceManagedVolume(stack, 'Volume', { name: 'data', managedEBSVolume: { size: Size.gibibytes(10) } });
    const service = make(stack, cluster, {
      bakeTime: Duration.minutes(7),
      circuitBreaker: { enable: true, rollback: false },
      deploymentAlarms: { alarmNames: [alarm.alarmName], behavior: ecs.AlarmBehavior.ROLLBACK_ON_ALARM },
      deploymentStrategy: ecs.DeploymentStrategy.LINEAR,
      desiredCount: 3,
      enableECSManagedTags: true,
      enableExecuteCommand: true,
      healthCheckGracePeriod: Duration.seconds(90),
      lifecycleHooks: [new ecs.DeploymentLifecycleLambdaTarget(
        hook, 'HookTarget',
        { lifecycleStages: [ecs.DeploymentLifecycleStage.PRE_SCALE_UP] })],
      linearConfiguration: { stepPercent: 20, stepBakeTime: Duration.minutes(2) },
      maxHealthyPercent: 180,
      minHealthyPercent: 90,
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      serviceName: 'web',
      taskDefinitionRevision: ecs.TaskDefinitionRevision.LATEST,
      task: { volumes: [{ name: 'data', configuredAtLaunch: true }] },
      volumeConfigurations: [volume],
    });
    volume.mountIn(service.containerDefinition, { containerPath: '/data', readOnly: false });

    const template = Template.fromStack(stack);
    expect(dependenciesOf(template, idOf(template, SERVICE))).toContain(idOf(template, TASK));
    template.hasResourceProperties(SERVICE, {
      DeploymentConfiguration: {
        Alarms: { Enable: true, Rollback: true },
        BakeTimeInMinutes: 7,
        DeploymentCircuitBreaker: { Enable: true, Rollback: false },
        LifecycleHooks: [Match.objectLike({ LifecycleStages: ['PRE_SCALE_UP'] })],
        LinearConfiguration: { StepPercent: 20, StepBakeTimeInMinutes: 2 },
        MaximumPercent: 180,
        MinimumHealthyPercent: 90,
        Strategy: 'LINEAR',
      },
      DesiredCount: 3,
      EnableECSManagedTags: true,
      EnableExecuteCommand: true,
      HealthCheckGracePeriodSeconds: 90,
      PropagateTags: 'SERVICE',
      ServiceName: 'web',
      TaskDefinition: Match.stringLikeRegexp('^TestWebTaskDefinition'), // the family, without a revision
      VolumeConfigurations: [{ Name: 'data', ManagedEBSVolume: Match.objectLike({ SizeInGiB: 10 }) }],
    });
  });

  test('passes on what later versions of the framework add', () => {
    const { stack, cluster } = world();
    const seen: object[] = [];
    for (const constructUniqueId of [ecs.Ec2Service.PROPERTY_INJECTION_ID, ecs.FargateService.PROPERTY_INJECTION_ID]) {
      const injector: IPropertyInjector = {
        constructUniqueId,
        inject: (props) => {
          seen.push(props);
          return props;
        },
      };
      PropertyInjectors.of(stack).add(injector);
    }
    make(stack, cluster, { optionOfTomorrow: { nested: true } } as Props);
    expect(seen).toEqual([expect.objectContaining({ optionOfTomorrow: { nested: true } })]);
  });

  test('has the same defaults where props are given as undefined', () => {
    const templates = [{}, Object.fromEntries([
      'availabilityZoneRebalancing', 'bakeTime', 'canaryConfiguration', 'capacityProviderStrategies', 'circuitBreaker', 'cloudMapOptions',
      'daemon', 'deploymentAlarms', 'deploymentController', 'deploymentStrategy', 'desiredCount', 'enableECSManagedTags',
      'enableExecuteCommand', 'healthCheckGracePeriod', 'lifecycleHooks', 'linearConfiguration', 'maxHealthyPercent', 'minHealthyPercent',
      'placementConstraints', 'placementStrategies', 'propagateTags', 'serviceConnectConfiguration', 'serviceName', 'task',
      'taskDefinitionRevision', 'volumeConfigurations',
    ].map((prop) => [prop, undefined]))].map((props) => {
      const { stack, cluster } = world();
      make(stack, cluster, props);
      return Template.fromStack(stack);
    });
    expect(templates[1].toJSON()).toEqual(templates[0].toJSON());
    templates[1].hasResourceProperties(SERVICE, {
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: Match.anyValue(),
        MaximumPercent: Match.anyValue(),
      },
    });
  });

  test("refuses a cluster that is not the capacity's", () => {
    const { stack, vpc, cluster } = world();
    expectRefusal(() => make(stack, cluster, { cluster: new ecs.Cluster(stack, 'Other', { vpc }) }), 'Test/Web',
      "'cluster' must be the capacity's own cluster (Test/Cluster), got Test/Other");
  });

  test.each([[[]], [[{ capacityProvider: 'FARGATE_SPOT', weight: 1 }]]])('refuses capacityProviderStrategies %j', (capacityProviderStrategies) => {
    const { stack, cluster } = world();
    expectRefusal(() => make(stack, cluster, { capacityProviderStrategies }), 'Test/Web', "'capacityProviderStrategies' must be left out: 'capacity' decides");
  });

  test('refuses portMappings, on the container and on a sidecar', () => {
    const portMappings = [{ containerPort: 80 }];
    const { stack, cluster } = world();
    expectRefusal(() => make(stack, cluster, { container: { ...HOST_CONTAINER, portMappings } }), 'Test/Web',
      "'portMappings' of container 'app' must be left out: 'ports' says them");
    const second = world();
    expectRefusal(() => make(second.stack, second.cluster).addContainer('sidecar', { ...HOST_CONTAINER, portMappings }), 'Test/Web',
      "'portMappings' of container 'sidecar' must be left out");
  });

  test('logs to a group that keeps a month, unless another driver is given', () => {
    const { stack, cluster } = world();
    make(stack, cluster).addContainer('sidecar', { ...HOST_CONTAINER, logging: new ecs.JsonFileLogDriver() });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    template.hasResourceProperties(TASK, {
      ContainerDefinitions: [
        { Name: 'app', LogConfiguration: { LogDriver: 'awslogs', Options: { 'awslogs-stream-prefix': 'Web' } } },
        { Name: 'sidecar', LogConfiguration: { LogDriver: 'json-file' } },
      ],
    });
  });

  test('has the task as it is asked for', () => {
    const { stack, cluster } = world();
    const [taskRole, executionRole] = ['Task', 'Execution'].map((id) =>
      new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }));
    make(stack, cluster, { task: { cpu: 512, memoryMiB: 1024, taskRole, executionRole, family: 'family', volumes: [] } });
    const template = Template.fromStack(stack);
    template.hasResourceProperties(TASK, {
      Cpu: '512',
      Memory: '1024',
      Family: 'family',
      TaskRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Task'), 'Arn'] },
      ExecutionRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Execution'), 'Arn'] },
    });
  });

  test.each([
    [{ cpu: 0 }, "'task.cpu' must be an integer of at least 1, got 0"],
    [{ cpu: 0.5 }, "'task.cpu' must be an integer of at least 1, got 0.5"],
    [{ memoryMiB: -1 }, "'task.memoryMiB' must be an integer of at least 1, got -1"],
  ])('refuses the task %p', (task, part) => {
    const { stack, cluster } = world();
    expectRefusal(() => make(stack, cluster, { task }), 'Test/Web', part);
  });

  test('gives its metrics', () => {
    const { stack, cluster } = world();
    const service = make(stack, cluster);
    const metrics = [service.metric('Any'), service.metricCpuUtilization(), service.metricMemoryUtilization({ period: Duration.minutes(1) })];
    expect(metrics.map(({ namespace, metricName, period }) => [namespace, metricName, period.toSeconds()])).toEqual([
      ['AWS/ECS', 'Any', 300], ['AWS/ECS', 'CPUUtilization', 300], ['AWS/ECS', 'MemoryUtilization', 60],
    ]);
    expect(stack.resolve(metrics[0].dimensions)).toEqual({
      ClusterName: { Ref: 'ClusterEB0386A7' }, ServiceName: { 'Fn::GetAtt': [expect.stringMatching('^WebService'), 'Name'] },
    });
  });

  test('scales, within what is asked for', () => {
    const { stack, cluster } = world();
    make(stack, cluster).autoScaleTaskCount({ minCapacity: 2, maxCapacity: 4 }).scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: 2, MaxCapacity: 4, ScalableDimension: 'ecs:service:DesiredCount' });
    template.resourceCountIs('AWS::ApplicationAutoScaling::ScalingPolicy', 1);
  });
});
