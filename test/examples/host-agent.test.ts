import { pathsOf } from '../security-group-rules';
import { built, registeredNames, theOnly, type Built } from './built';

let example: Built;
beforeAll(() => {
  example = built('host-agent');
});

test('one agent runs on every instance, on the instance\'s network', () => {
  const { properties: service } = theOnly(example, 'AWS::ECS::Service', 'NodeExporter');
  expect(service.SchedulingStrategy).toBe('DAEMON');
  expect(service.DesiredCount).toBeUndefined();
  const { properties: task } = theOnly(example, 'AWS::ECS::TaskDefinition', 'NodeExporter');
  expect(task.NetworkMode).toBe('host');
  expect(task.ContainerDefinitions).toEqual([expect.objectContaining({
    User: '65534',
    ReadonlyRootFilesystem: true,
    LinuxParameters: { Capabilities: { Drop: ['NET_RAW'] } },
    MountPoints: [{ ContainerPath: '/host', ReadOnly: true, SourceVolume: 'host' }],
    PortMappings: [{ ContainerPort: 9100, HostPort: 9100, Protocol: 'tcp' }],
  })]);
});

test('the only path is from Prometheus to the agents', () => {
  expect(pathsOf(example.app)).toEqual(['Capacity < Prometheus tcp 9100']);
});

test('Prometheus looks for the agents under the name they are registered with', () => {
  expect(registeredNames(example)).toEqual(['node-exporter.metrics.internal SRV']);
  const { properties: { ContainerDefinitions: [prometheus] } } = theOnly(example, 'AWS::ECS::TaskDefinition', 'Prometheus');
  const config = JSON.parse(prometheus.Command[1]);
  expect(config.scrape_configs[0].dns_sd_configs[0]).toMatchObject({ names: ['node-exporter.metrics.internal'], type: 'SRV' });
});
