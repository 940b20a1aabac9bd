import {
  AwsvpcService, BridgePort, BridgeService, Ec2Capacity, FargateCapacity, HostModeService, HostPort, ICapacity, IEc2Capacity,
  IInstanceCapacity, ManagedInstancesCapacity, TaskPort,
} from '../../src';
import { CONTAINER, HOST_CONTAINER, world } from '../fixtures';

/**
 * What compiles and what does not. `npm test` checks the types, so that a pair that compiles again, though it must not, fails there:
 * as an unused `@ts-expect-error`. The functions are never called.
 */
const { stack, cluster } = world();

declare const capacities: {
  readonly ec2: Ec2Capacity; readonly given: IEc2Capacity; readonly managed: ManagedInstancesCapacity; readonly fargate: FargateCapacity;
  readonly instances: IInstanceCapacity; readonly any: ICapacity;
};

const shared = { cluster, container: CONTAINER };
const host = { cluster, container: HOST_CONTAINER };

const legal = () => [
  new HostModeService(stack, '1', { ...host, capacity: capacities.ec2, ports: [HostPort.tcp(1)] }),
  new HostModeService(stack, '2', { ...host, capacity: capacities.given }),
  new HostModeService(stack, '3', { ...host, capacity: capacities.managed }),
  new HostModeService(stack, '4', { ...host, capacity: capacities.instances }),
  new BridgeService(stack, '5', { ...shared, capacity: capacities.ec2, ports: [BridgePort.dynamic(1)] }),
  new BridgeService(stack, '6', { ...shared, capacity: capacities.given }),
  new AwsvpcService(stack, '7', { ...shared, ports: [TaskPort.tcp(1)] }),
  new AwsvpcService(stack, '8', { ...shared, capacity: capacities.fargate }),
  new AwsvpcService(stack, '9', { ...shared, capacity: capacities.ec2 }),
  new AwsvpcService(stack, '10', { ...shared, capacity: capacities.managed }),
  new AwsvpcService(stack, '11', { ...shared, capacity: capacities.any }),
];

const illegalCapacities = () => [
  // @ts-expect-error Fargate has no host mode
  new HostModeService(stack, '1', { ...host, capacity: capacities.fargate }),
  // @ts-expect-error not every capacity has host mode
  new HostModeService(stack, '2', { ...host, capacity: capacities.any }),
  // @ts-expect-error host mode needs to be told where
  new HostModeService(stack, '3', { ...host }),
  // @ts-expect-error Fargate has no bridge mode
  new BridgeService(stack, '4', { ...shared, capacity: capacities.fargate }),
  // @ts-expect-error Managed Instances have no bridge mode
  new BridgeService(stack, '5', { ...shared, capacity: capacities.managed }),
  // @ts-expect-error not all instances have bridge mode
  new BridgeService(stack, '6', { ...shared, capacity: capacities.instances }),
  // @ts-expect-error bridge mode needs to be told where
  new BridgeService(stack, '7', { ...shared }),
];

const illegalPorts = () => [
  // @ts-expect-error a bridge port, though both are numbers of an instance
  new HostModeService(stack, '1', { ...host, capacity: capacities.ec2, ports: [BridgePort.fixed({ hostPort: 1, containerPort: 1 })] }),
  // @ts-expect-error a task port
  new HostModeService(stack, '2', { ...host, capacity: capacities.ec2, ports: [TaskPort.tcp(1)] }),
  // @ts-expect-error a host port
  new BridgeService(stack, '3', { ...shared, capacity: capacities.ec2, ports: [HostPort.tcp(1)] }),
  // @ts-expect-error a task port
  new BridgeService(stack, '4', { ...shared, capacity: capacities.ec2, ports: [TaskPort.tcp(1)] }),
  // @ts-expect-error a host port
  new AwsvpcService(stack, '5', { ...shared, ports: [HostPort.tcp(1)] }),
  // @ts-expect-error a bridge port
  new AwsvpcService(stack, '6', { ...shared, ports: [BridgePort.dynamic(1)] }),
  // @ts-expect-error a plain number
  new AwsvpcService(stack, '7', { ...shared, ports: [80] }),
];

const illegalSidecars = (services: { readonly host: HostModeService; readonly bridge: BridgeService; readonly awsvpc: AwsvpcService }) => [
  // @ts-expect-error a bridge port
  services.host.addContainer('1', { ...HOST_CONTAINER, ports: [BridgePort.dynamic(1)] }),
  // @ts-expect-error a task port
  services.bridge.addContainer('2', { ...CONTAINER, ports: [TaskPort.tcp(1)] }),
  // @ts-expect-error a host port
  services.awsvpc.addContainer('3', { ...CONTAINER, ports: [HostPort.tcp(1)] }),
  // @ts-expect-error a bridge port
  services.host.loadBalancerTarget(BridgePort.dynamic(1)),
  // @ts-expect-error a task port
  services.bridge.loadBalancerTarget(TaskPort.tcp(1)),
  // @ts-expect-error a host port
  services.awsvpc.loadBalancerTarget(HostPort.tcp(1)),
];

const illegalObjects = () => {
  // @ts-expect-error something that only looks like a host port
  const port: HostPort = { _use: () => HostPort.tcp(1)._use() };
  return [port];
};

test('the pairs above are what they are said to be: the type checker of `npm test` tells', () => {
  expect([legal, illegalCapacities, illegalPorts, illegalSidecars, illegalObjects].map((pairs) => typeof pairs)).toEqual(Array(5).fill('function'));
});
