import { contains, isPort, MAX_RESERVED_PORTS_PER_INSTANCE, METRICS_PORT, overlaps, Ports, size } from '../../limits/ports';
import { dynamicPortsOn, reservedByDefault, reservedOn } from '../agent-ports';
import { Facts, HostGroup, isBottlerocket, Service } from '../facts';
import { hostPortProperty, hostPortUses, isInHostMode, PortUse, useText } from '../host-ports';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { all, known, otherwise, union, Value } from '../value';

const fragment = (hostPort: number) => ({
  Sftp: { Type: 'AWS::ECS::Service', Properties: { LaunchType: 'EC2', TaskDefinition: { Ref: 'SftpTask' } } },
  SftpTask: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      NetworkMode: 'bridge',
      ContainerDefinitions: [{ Name: 'sftp', Image: 'sftp', Memory: 128, PortMappings: [{ ContainerPort: 22, HostPort: hostPort }] }],
    },
  },
});

/** Fixed host ports that something else on the instance holds, or may hold. */
export const hostPortReserved: Rule = {
  id: 'host-port-reserved',
  family: 'ports-and-deployments',
  summary: 'A task wants a host port that is reserved on its instances, or one from the range of dynamic ports.',
  why: 'ECS never places a task on an instance whose reserved ports it wants, and counts at most 100 reserved ports per instance. '
    + 'A port of the dynamic range may be taken by another task or by an outgoing connection when the task starts.',
  fix: 'Take another host port, from 1024 to below the dynamic range (`HostPort`; `BridgePort.fixed`), or set `ECS_RESERVED_PORTS` where its holder is off.',
  acknowledge: 'Where the agent is configured in the image, so that the port is free there.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html [P01, P05, P07], '
    + 'https://github.com/aws/amazon-ecs-agent/blob/v1.105.0/README.md [P04, P06]',
  bad: fragment(22),
  good: fragment(2222),
  *judge(facts) {
    for (const service of facts.services) {
      const { launch, mode } = service;
      const onInstances = !launch.known || launch.value.kind === 'ec2' || launch.value.kind === 'external';
      if (!onInstances) {
        continue;
      }
      const { uses, why } = hostPortUses(service);
      if (launch.known && mode.known) {
        for (const use of uses) {
          yield* judgedUse(service, use, uses, launch.value.hostGroups);
        }
        yield* tooMany(service, uses, launch.value.hostGroups);
      }
      const missing = why ?? (uses.length > 0 && !launch.known ? launch.why : undefined);
      if (missing !== undefined) {
        yield notDecidable(service, missing);
      }
    }
    yield* tooManyTogether(facts);
  },
};

function* judgedUse(service: Service, use: PortUse, uses: readonly PortUse[], hostGroups: readonly HostGroup[]): Iterable<Judgement> {
  const { operatingSystem } = service;
  const where = hostGroups.map((group) => ({ group, reserved: reservedOn(group, operatingSystem) }));
  const lists = where.length > 0 ? where.map(({ reserved }) => reserved) : [known(reservedByDefault(operatingSystem))];
  const held = lists.map((list) => list.known
    ? list.value.find(({ port }) => use.protocol === 'tcp' && contains(use.ports, single(port)))
    : undefined);
  const [holder] = held.filter((one) => one !== undefined);
  const assumes = union(use.assumes, operatingSystem.known ? operatingSystem.assumes : []);
  const ranges = (where.length > 0 ? where.map(({ group }) => group) : [undefined]).map((group) => dynamicPortsOn(group, operatingSystem));
  const dynamic = ranges.find((range) => range.known && overlaps(range.value, use.ports));
  const reserved = lists.flatMap((list) => otherwise(list, [])).map(({ port }) => single(port));
  const free = firstFree([...uses.map(({ ports }) => ports), ...reserved], ranges);
  const isListed = !where.some(({ group }) => isBottlerocket(group));
  const fix = `${hostPortProperty([service])} ${free}${holder && isListed ? `, or ECS_RESERVED_PORTS without ${holder.port} in the user data where its holder is off` : ''}`;
  if (holder) {
    const some = held.includes(undefined) ? `the instances of ${where[held.findIndex((one) => one !== undefined)].group.name}` : 'its instances';
    const message = `service ${service.name} wants ${useText({ ...use, ports: single(holder.port) })} on ${some}; the agent reserves it for ${holder.holder}`;
    yield problem({ subject: service, severity: held.includes(undefined) ? 'warning' : 'error', message, fix, assumes });
  }
  if (dynamic?.known) {
    const message = `service ${service.name} wants ${useText(use)} on its instances, in the range of dynamic ports, ${dynamic.value.first}-${dynamic.value.last}: `
      + 'another task or an outgoing connection may hold it';
    yield problem({ subject: service, severity: 'warning', message, fix, assumes: union(assumes, dynamic.assumes) });
  }
  if (use.protocol === 'tcp' && contains(use.ports, single(METRICS_PORT))) {
    const message = `service ${service.name} wants tcp ${METRICS_PORT} on its instances; the agent reserves it where its Prometheus metrics are on`;
    yield problem({ subject: service, severity: 'info', message, fix, assumes });
  }
  const open = all<unknown>([...lists, ...ranges, operatingSystem]);
  if (!open.known) {
    yield notDecidable(service, open.why);
  }
}

function* tooMany(service: Service, uses: readonly PortUse[], hostGroups: readonly HostGroup[]): Iterable<Judgement> {
  const wanted = distinct(uses);
  const left = Math.max(...(hostGroups.length > 0 ? hostGroups : [undefined]).map((group) => roomFor(service, group)));
  if (wanted > left) {
    yield problem({
      subject: service,
      severity: 'error',
      message: `service ${service.name} wants ${wanted} host ports per task; an instance has ${left} left of the ${MAX_RESERVED_PORTS_PER_INSTANCE} that can be reserved`,
      fix: `${dynamicPort([service])} for ${wanted - left} of them`,
      assumes: union(...uses.map(({ assumes }) => assumes)),
    });
  }
}

function* tooManyTogether({ hostGroups }: Facts): Iterable<Judgement> {
  for (const group of hostGroups) {
    const fixed = group.services.filter(({ launch }) => launch.known && launch.value.kind === 'ec2').map((service) => ({ service, ...hostPortUses(service) }));
    const several = fixed.filter(({ uses }) => uses.length > 0);
    const uses = several.flatMap((one) => one.uses);
    const wanted = distinct(uses);
    if (several.length > 1 && wanted > roomFor(several[0].service, group)) {
      const left = roomFor(several[0].service, group);
      yield problem({
        subject: group,
        severity: 'warning',
        message: `the services on ${group.name} want ${wanted} host ports; an instance has ${left} left of the ${MAX_RESERVED_PORTS_PER_INSTANCE} that can be reserved`,
        fix: `${dynamicPort(several.map(({ service }) => service))} for ${wanted - left} of them, or instances of their own for some services`,
        assumes: union(...uses.map(({ assumes }) => assumes)),
      });
    }
  }
}

function dynamicPort(services: readonly Service[]): string {
  return `${services.every(isInHostMode) ? 'bridge mode and ' : ''}HostPort 0 (dynamic, which does not count)`;
}

/** Ports that are left of those that can be reserved [P07]; all of them where it is not known which are. */
function roomFor({ operatingSystem }: Service, group: HostGroup | undefined): number {
  const reserved: Value<readonly unknown[]> = group ? reservedOn(group, operatingSystem) : known(reservedByDefault(operatingSystem));
  return MAX_RESERVED_PORTS_PER_INSTANCE - otherwise(reserved, []).length;
}

/** How many ports that is, each counted once. */
function distinct(uses: readonly PortUse[]): number {
  const byProtocol = (['tcp', 'udp'] as const).map((protocol) => uses.filter((use) => use.protocol === protocol).map(({ ports }) => ports));
  return byProtocol.reduce((total, list) => {
    let last = 0;
    const count = [...list].sort((a, b) => a.first - b.first).reduce((sum, ports) => {
      const rest = { first: Math.max(ports.first, last + 1), last: ports.last };
      last = Math.max(last, ports.last);
      return sum + Math.max(0, size(rest));
    }, 0);
    return total + count;
  }, 0);
}

/** The first port from 1024 on that is none of some, nor of the dynamic ranges. */
function firstFree(taken: readonly Ports[], ranges: ReadonlyArray<Value<Ports>>): number {
  const blockers = [...taken, ...ranges.flatMap((range) => range.known ? [range.value] : [])];
  const blocking = (port: number) => blockers.find((ports) => contains(ports, single(port)));
  let port = 1024;
  for (let blocked = blocking(port); blocked && isPort(port); blocked = blocking(port)) {
    port = blocked.last + 1;
  }
  return port;
}

function single(port: number): Ports {
  return { first: port, last: port };
}
