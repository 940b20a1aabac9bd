import { AwsvpcService, BridgePort, BridgeService, Ec2Capacity, HostModeService, HostPort, PortRange, TaskPort } from 'cdk-ecs-network-modes';
import {
  CONTAINER, CONTAINER_PORT, CPU_TARGET, DESIRED_COUNT, DYNAMIC_PORTS, FIRST_FIXED_PORT, INSTANCE_TYPE, MAX_INSTANCES, MIN_INSTANCES, Place,
  SCALING, SCRAPER, SERVICES, ServiceSpec, USER,
} from './services';

/** The services with the constructs of this library. */
export function buildWithOurs(place: Place): void {
  const capacity = new Ec2Capacity(place, 'Capacity', {
    cluster: place.cluster,
    instanceType: INSTANCE_TYPE,
    minInstances: MIN_INSTANCES,
    maxInstances: MAX_INSTANCES,
    dynamicPorts: PortRange.of(DYNAMIC_PORTS.first, DYNAMIC_PORTS.last),
  });
  for (const spec of SERVICES) {
    addService(place, capacity, spec);
  }
}

function addService(place: Place, capacity: Ec2Capacity, spec: ServiceSpec): void {
  const { cluster } = place;
  const { id, kind, number } = spec;
  const fixedPort = FIRST_FIXED_PORT + number;
  switch (kind) {
    case 'bridge':
      place.addWebTarget(spec, new BridgeService(place, id, {
        cluster, capacity, container: CONTAINER, ports: [BridgePort.dynamic(CONTAINER_PORT)], desiredCount: DESIRED_COUNT,
      }));
      break;
    case 'bridge-fixed':
      place.addNetworkTarget(spec, new BridgeService(place, id, {
        cluster,
        capacity,
        container: CONTAINER,
        ports: [BridgePort.fixed({ containerPort: CONTAINER_PORT, hostPort: fixedPort })],
        desiredCount: DESIRED_COUNT,
      }));
      break;
    case 'host':
    case 'daemon': {
      const service = new HostModeService(place, id, {
        cluster,
        capacity,
        container: { ...CONTAINER, user: USER },
        ports: [HostPort.tcp(fixedPort)],
        ...kind === 'daemon' ? { daemon: true } : { desiredCount: DESIRED_COUNT },
      });
      service.connections.allowDefaultPortFrom(SCRAPER.peer, SCRAPER.description);
      break;
    }
    case 'fargate': {
      const service = new AwsvpcService(place, id, { cluster, container: CONTAINER, ports: [TaskPort.tcp(CONTAINER_PORT)] });
      service.autoScaleTaskCount(SCALING).scaleOnCpuUtilization('Cpu', CPU_TARGET);
      place.addWebTarget(spec, service);
      break;
    }
    case 'awsvpc-ec2':
      place.addWebTarget(spec, new AwsvpcService(place, id, {
        cluster,
        capacity,
        container: CONTAINER,
        ports: [TaskPort.tcp(CONTAINER_PORT)],
        desiredCount: DESIRED_COUNT,
      }));
      break;
  }
}
