import { Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, Ec2Capacity, HostModeService, HostPort, TaskPort } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';

/**
 * An agent on every instance, in host mode: Prometheus' node exporter as a daemon, and a Prometheus that scrapes it.
 *
 * Shows: one task per instance with the instance's own network, as a user who is not root; SRV records, from which Prometheus learns
 * the instances; one rule, from Prometheus to port 9100 of the instances, and no other.
 *
 * Costs: two to four EC2 instances with their volumes, one Fargate task, a NAT gateway (by the hour and by the GB) with its public
 * address, a private hosted zone, CloudWatch logs.
 *
 * Not for an application that only wants a port: tasks in host mode can take any free port of the instance, reach its loopback address
 * and use its instance role. See bridge-web and awsvpc-ec2 for applications; they can share this capacity with the agent. Nor for
 * figures you want to keep: this Prometheus loses what it has collected when its task is replaced.
 */
export class HostAgentStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'metrics.internal' } });
    const capacity = new Ec2Capacity(this, 'Capacity', {
      cluster,
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.SMALL),
      minInstances: 2,
      maxInstances: 4,
    });

    const agent = new HostModeService(this, 'NodeExporter', {
      cluster,
      capacity,
      daemon: true,
      container: {
        image: ecs.ContainerImage.fromRegistry('quay.io/prometheus/node-exporter:v1.9.1'),
        user: '65534',
        memoryReservationMiB: 64,
        readonlyRootFilesystem: true,
        // The instance's own figures, not the container's.
        command: ['--path.rootfs=/host', '--path.procfs=/host/proc', '--path.sysfs=/host/sys'],
      },
      ports: [HostPort.tcp(9100)],
      task: { volumes: [{ name: 'host', host: { sourcePath: '/' } }] },
    });
    agent.containerDefinition.addMountPoints({ sourceVolume: 'host', containerPath: '/host', readOnly: true });
    agent.enableCloudMap({ name: 'node-exporter' });

    const prometheus = new AwsvpcService(this, 'Prometheus', {
      cluster,
      desiredCount: 1,
      container: {
        image: ecs.ContainerImage.fromRegistry('quay.io/prometheus/prometheus:v3.9.1'),
        user: '65534',
        // Written at the start, so that the example needs neither an image of its own nor a volume. $0 is the argument that follows.
        entryPoint: ['/bin/sh', '-c'],
        command: [
          'echo "$0" > /prometheus/prometheus.yml'
          + ' && exec /bin/prometheus --config.file=/prometheus/prometheus.yml --storage.tsdb.path=/prometheus',
          JSON.stringify({
            scrape_configs: [{
              job_name: 'node',
              dns_sd_configs: [{ names: ['node-exporter.metrics.internal'], type: 'SRV', refresh_interval: '30s' }],
            }],
          }),
        ],
      },
      ports: [TaskPort.tcp(9090)],
      task: { cpu: 256, memoryMiB: 1024 },
    });
    agent.connections.allowDefaultPortFrom(prometheus, 'Prometheus scrapes the node exporter');
  }
}
