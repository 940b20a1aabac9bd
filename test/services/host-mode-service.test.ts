import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { FargateCapacity, HostContainerOptions, HostModeService, HostModeServiceProps, HostPort } from '../../src';
import { CONTAINER, ec2Capacity, HOST_CONTAINER, managedInstances, world } from '../fixtures';
import { expectRefusal } from '../refusal';

const TASK = 'AWS::ECS::TaskDefinition';
const { NET_RAW, NET_ADMIN, SYS_PTRACE, ALL } = ecs.Capability;

function made(container: Partial<HostContainerOptions> = {}, props: Partial<HostModeServiceProps> = {}) {
  const { stack, cluster } = world();
  return new HostModeService(stack, 'Agent', {
    cluster, capacity: ec2Capacity(cluster), container: { ...HOST_CONTAINER, ...container }, ports: [HostPort.tcp(9100)], ...props,
  });
}

const containersOf = (service: HostModeService) =>
  Object.values(Template.fromStack(Stack.of(service)).findResources(TASK))[0].Properties.ContainerDefinitions;

const refused = (container: Partial<HostContainerOptions>, ...parts: string[]) => expectRefusal(() => made(container), 'Test/Agent', ...parts);

const notes = (service: HostModeService) => service.node.metadata.filter(({ type }) => type.startsWith('cdk-ecs-network-modes')).map(({ type, data }) => [type, data]);

test('runs in host mode, with its container as asked for and no network configuration', () => {
  const service = made({ command: ['--collect'], environment: { LEVEL: 'debug' } });
  const template = Template.fromStack(Stack.of(service));
  template.hasResourceProperties(TASK, {
    NetworkMode: 'host',
    RequiresCompatibilities: ['EC2'],
    Cpu: Match.absent(),
    ContainerDefinitions: [{
      Name: 'app',
      User: '1000',
      Command: ['--collect'],
      Environment: [{ Name: 'LEVEL', Value: 'debug' }],
      MemoryReservation: 128,
      PortMappings: [{ ContainerPort: 9100, HostPort: 9100, Protocol: 'tcp' }],
    }],
  });
  template.hasResourceProperties('AWS::ECS::Service', { NetworkConfiguration: Match.absent(), SchedulingStrategy: 'REPLICA', LaunchType: Match.absent() });
  expect(service.containerDefinition.containerName).toBe('app');
});

describe('user', () => {
  test.each([
    [undefined, 'got none'], ['root', "got 'root'"], ['0', "got '0'"], ['0:0', "got '0:0'"], ['root:root', "got 'root:root'"], ['0:1000', "got '0:1000'"], ['00', "got '00'"],
    ['', "got ''"],
  ])('%p is root, and refused without a reason', (user, given) => {
    refused({ user }, "'user' of container 'app' must be a user other than root, such as '65534'", given, "'runAsRoot'");
  });

  test.each(['1000', '1000:0', 'nobody', 'rooted', 'nobody:root', '10'])('%p is not', (user) => {
    expect(containersOf(made({ user }))[0].User).toBe(user);
  });

  test('known only at deployment is taken at its word', () => {
    const { stack, cluster } = world();
    const user = new CfnParameter(stack, 'User').valueAsString;
    const service = new HostModeService(stack, 'Agent', { cluster, capacity: ec2Capacity(cluster), container: { ...CONTAINER, user } });
    expect(containersOf(service)[0].User).toEqual({ Ref: 'User' });
  });

  test('may be root for a reason, which is kept', () => {
    const service = made({ user: undefined, runAsRoot: 'reads /proc of every process' });
    expect(notes(service)).toEqual([['cdk-ecs-network-modes:run-as-root', 'app: reads /proc of every process']]);
    expect(containersOf(service)[0]).not.toHaveProperty('RunAsRoot');
    made({ user: 'root', runAsRoot: 'reads /proc of every process' });
  });

  test.each(['', '  '])('%p is no reason', (runAsRoot) => refused({ user: undefined, runAsRoot }, "'runAsRoot' of container 'app' must say why, got an empty text"));

  test('and a reason to be root exclude each other', () => {
    refused({ user: '1000', runAsRoot: 'why not' }, "'runAsRoot' of container 'app' is given, but so is 'user' '1000'");
  });
});

describe('privileged', () => {
  test('is refused without a reason, which is kept', () => {
    refused({ privileged: true }, "'privileged' of container 'app' needs 'privilegedReason'");
    refused({ privileged: true, privilegedReason: ' ' }, "'privilegedReason' of container 'app' must say why");
    refused({ privilegedReason: 'loads a kernel module' }, "'privilegedReason' of container 'app' is given, but 'privileged' is not");
    const service = made({ privileged: true, privilegedReason: 'loads a kernel module' });
    expect(notes(service)).toEqual([['cdk-ecs-network-modes:privileged', 'app: loads a kernel module']]);
    expect(containersOf(service)[0].Privileged).toBe(true);
  });
});

describe('NET_RAW', () => {
  const parameters = (service: HostModeService) => containersOf(service)[0].LinuxParameters;
  const given = (change: (parameters: ecs.LinuxParameters) => void) => {
    const { stack, cluster } = world();
    const linuxParameters = new ecs.LinuxParameters(stack, 'Given', { initProcessEnabled: true });
    change(linuxParameters);
    return (options: Partial<HostContainerOptions> = {}) => new HostModeService(stack, 'Agent', {
      cluster, capacity: ec2Capacity(cluster), container: { ...HOST_CONTAINER, linuxParameters, ...options },
    });
  };

  test('is dropped', () => {
    expect(parameters(made())).toMatchObject({ Capabilities: { Drop: ['NET_RAW'] } });
  });

  test('is dropped from given parameters too, once, which are kept', () => {
    expect(parameters(given((p) => p.addCapabilities(SYS_PTRACE))())).toMatchObject({
      InitProcessEnabled: true, Capabilities: { Add: ['SYS_PTRACE'], Drop: ['NET_RAW'] },
    });
    expect(parameters(given((p) => p.dropCapabilities(NET_RAW, NET_ADMIN))()).Capabilities.Drop).toEqual(['NET_RAW', 'NET_ADMIN']);
  });

  test('is kept where it is asked for', () => {
    expect(parameters(made({ allowNetRaw: true }))).toBeUndefined();
    expect(parameters(given((p) => p.addCapabilities(NET_RAW))({ allowNetRaw: true })).Capabilities).toEqual({ Add: ['NET_RAW'] });
  });

  test.each([NET_RAW, ALL])('added as %s is refused unless it is asked for by its own prop', (capability) => {
    expectRefusal(() => given((p) => p.addCapabilities(capability))(), 'Test/Agent',
      `'linuxParameters' of container 'app' add ${capability}`, "set 'allowNetRaw' as well");
  });

  test('is dropped from each of two containers that share parameters', () => {
    const { stack, cluster } = world();
    const linuxParameters = new ecs.LinuxParameters(stack, 'Shared');
    const service = new HostModeService(stack, 'Agent', { cluster, capacity: ec2Capacity(cluster), container: { ...HOST_CONTAINER, linuxParameters } });
    service.addContainer('sidecar', { ...HOST_CONTAINER, linuxParameters });
    expect(containersOf(service).map((container: { LinuxParameters: object }) => container.LinuxParameters))
      .toEqual(Array(2).fill({ Capabilities: { Drop: ['NET_RAW'] } }));
  });
});

describe('a sidecar', () => {
  test('is held to the same', () => {
    const add = (options: Partial<HostContainerOptions>) => made().addContainer('sidecar', { ...HOST_CONTAINER, ...options });
    expectRefusal(() => add({ user: undefined }), 'Test/Agent', "'user' of container 'sidecar' must be a user other than root");
    expectRefusal(() => add({ privileged: true }), 'Test/Agent', "'privileged' of container 'sidecar' needs 'privilegedReason'");
    const service = made();
    service.addContainer('sidecar', { ...HOST_CONTAINER, user: 'root', runAsRoot: 'must', ports: [HostPort.udp(8125)] });
    expect(notes(service)).toEqual([['cdk-ecs-network-modes:run-as-root', 'sidecar: must']]);
    expect(containersOf(service)[1]).toMatchObject({
      Name: 'sidecar', PortMappings: [{ ContainerPort: 8125, HostPort: 8125, Protocol: 'udp' }], LinuxParameters: { Capabilities: { Drop: ['NET_RAW'] } },
    });
  });

  test('with the first port makes one task per instance of any number', () => {
    const service = made({}, { ports: [], desiredCount: 2 });
    service.addContainer('sidecar', { ...HOST_CONTAINER, ports: [HostPort.tcp(9100)] });
    Template.fromStack(Stack.of(service)).hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: { MinimumHealthyPercent: 50, MaximumPercent: 100 }, AvailabilityZoneRebalancing: 'DISABLED',
    });
  });
});

describe('refuses', () => {
  test.each<[string, (cluster: ecs.Cluster) => unknown, string]>([
    ['Fargate', (cluster) => FargateCapacity.onDemand(cluster), 'got FargateCapacity'],
    ['nothing', () => undefined, 'got undefined'],
    ['null', () => null, 'got null'],
    ['a text', () => 'EC2', 'got "EC2"'],
  ])('%s for its capacity, in plain words for languages without these types', (_what, capacityOf, part) => {
    const { stack, cluster } = world();
    expectRefusal(() => new HostModeService(stack, 'Agent', { cluster, capacity: capacityOf(cluster) as never, container: HOST_CONTAINER }), 'Test/Agent',
      "'capacity' must be made of instances (Ec2Capacity or ManagedInstancesCapacity)", part);
  });

  test('Service Connect, which has no host mode', () => {
    expectRefusal(() => made({}, { serviceConnectConfiguration: { namespace: 'test' } }), 'Test/Agent',
      "'serviceConnectConfiguration' must be left out", 'not in host mode');
  });

  test('a container without memory on EC2, where tasks are placed by it', () => {
    const { stack, cluster } = world();
    const container = { image: CONTAINER.image, user: '1000' };
    expectRefusal(() => new HostModeService(stack, 'Agent', { cluster, capacity: ec2Capacity(cluster), container }), 'Test/Agent',
      "container 'app' needs 'memoryReservationMiB' or 'memoryLimitMiB' on EC2, or the task 'task.memoryMiB'");
    new HostModeService(stack, 'OfTask', { cluster, capacity: ec2Capacity(cluster, 'Second'), container, task: { memoryMiB: 256 } });
    new HostModeService(stack, 'Managed', { cluster, capacity: managedInstances(cluster, 'Third'), container });
  });
});
