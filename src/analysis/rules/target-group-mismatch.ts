import { Named, same, Service, ServiceLoadBalancer, TargetGroup, To } from '../facts';
import { type Judgement, notDecidable, problem, type Rule } from '../rule';
import { union, unknown, Value } from '../value';
import { mappingsAt, openFor } from './container-ports';
import { isModeSound } from './mode-faults';

/** Target groups of a service [L06]. */
const MOST_TARGET_GROUPS = 5;

/**
 * What a target group's protocol needs of the port's mapping; protocols that are not listed need nothing that is documented:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html.
 */
const NEEDED: Readonly<Record<string, 'tcp' | 'udp'>> = { UDP: 'udp', TCP_UDP: 'udp', TCP: 'tcp', TLS: 'tcp', HTTP: 'tcp', HTTPS: 'tcp' };

const fragment = (TargetType: string) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode: 'awsvpc', ContainerDefinitions: [{ Name: 'app', Image: 'app', PortMappings: [{ ContainerPort: 80 }] }] },
  },
  Web: { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: { TargetType, Protocol: 'HTTP', Port: 80 } },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      TaskDefinition: { Ref: 'Tasks' },
      LaunchType: 'FARGATE',
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'] } },
      LoadBalancers: [{ TargetGroupArn: { Ref: 'Web' }, ContainerName: 'app', ContainerPort: 80 }],
    },
  },
});

export const targetGroupMismatch: Rule = {
  id: 'target-group-mismatch',
  family: 'coherence',
  summary: 'A service registers with target groups what they take: addresses in awsvpc mode, instances and host ports else',
  why: 'ECS refuses the service, or registers what never answers; two services in one target group share their traffic and health.',
  fix: 'Set TargetType ip for awsvpc and instance for bridge and host mode, which replaces the target group; name a container and port that '
    + 'the task definition maps. Our services make target groups that fit when they are given to a listener.',
  acknowledge: 'Two services in one target group on purpose, as when one is moved to the other step by step.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb.html, '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/nlb.html, https://docs.aws.amazon.com/general/latest/gr/ecs-service.html [L03, L04, L06]',
  bad: fragment('instance'),
  good: fragment('ip'),
  *judge({ services, targetGroups }) {
    for (const service of services) {
      if (isModeSound(service)) {
        yield* judged(service);
      }
    }
    for (const subject of targetGroups) {
      const names = [...new Set(subject.services.map(({ name }) => name))];
      if (names.length > 1) {
        yield problem({
          subject,
          severity: 'warning',
          message: `target group ${subject.name} takes the tasks of ${names.length} services, ${names.join(' and ')}: each gets the other's requests`,
          fix: 'a target group for each service',
        });
      }
    }
  },
};

function* judged(service: Service): Iterable<Judgement> {
  const { loadBalancers, name } = service;
  if (!loadBalancers.known) {
    yield notDecidable(service, loadBalancers.why);
    return;
  }
  const count = new Set(loadBalancers.value.flatMap(({ targetGroup }) => targetGroup ? [targetGroup.identity] : [])).size;
  if (count > MOST_TARGET_GROUPS) {
    yield error(service, `service ${name} has ${count} target groups, and at most ${MOST_TARGET_GROUPS} are taken`, 'fewer target groups');
  }
  for (const loadBalancer of loadBalancers.value) {
    const { classic, targetGroup, alternateTargetGroup } = loadBalancer;
    if (classic && service.mode.known && service.mode.value === 'awsvpc') {
      yield error(service, `service ${name} is awsvpc, which no Classic Load Balancer reaches`,
        'a Network or Application Load Balancer and a target group with TargetType ip', service.mode.assumes);
    }
    if (targetGroup && alternateTargetGroup && targetGroup.identity === alternateTargetGroup.identity) {
      yield error(service, `service ${name} has target group ${nameOf(targetGroup)} for production and as the alternate one`,
        'another target group as AlternateTargetGroupArn');
    }
    for (const group of [targetGroup, alternateTargetGroup]) {
      if (group) {
        yield* judgedGroup(service, group);
      }
    }
    yield* judgedPort(service, loadBalancer);
  }
}

/** What the target group registers, and in which VPC. */
function* judgedGroup(service: Service, to: To<TargetGroup>): Iterable<Judgement> {
  const { mode, name } = service;
  const { target } = to;
  if (!target || !mode.known || !target.targetType.known) {
    yield notDecidable(service, whyOf(mode, target ? target.targetType : unknown(to.why ?? 'its target group is not known')));
    return;
  }
  const { targetType } = target;
  const needed = mode.value === 'awsvpc' ? 'ip' : 'instance';
  if (targetType.value !== needed) {
    yield error(service, `service ${name} is ${mode.value}; target group ${target.name} registers ${registered(targetType.value)}, it must register ${needed}`,
      `TargetType ${needed} in ${target.name}, which replaces it`, union(mode.assumes, targetType.assumes));
  }
  const together = service.vpc && target.vpc && same(service.vpc, target.vpc);
  if (together === 'no') {
    yield error(service, `service ${name} runs in VPC ${nameOf(service.vpc!)}, and target group ${target.name} is in VPC ${nameOf(target.vpc!)}`,
      `VpcId ${nameOf(service.vpc!)} in ${target.name}`);
  } else if (together && together !== 'yes') {
    yield notDecidable(service, together.why);
  }
}

/** The container and port that a load balancer sends to, and the protocol it speaks. */
function* judgedPort(service: Service, { containerName, containerPort, targetGroup }: ServiceLoadBalancer): Iterable<Judgement> {
  if (!containerName || !containerPort) {
    return;
  }
  const mapped = mappingsAt(service, containerName, containerPort);
  if (!mapped.known) {
    yield notDecidable(service, mapped.why);
    return;
  }
  if ('missing' in mapped.value) {
    yield error(service, `service ${service.name} has its load balancer send to ${mapped.value.missing}`,
      'ContainerName and ContainerPort of a port mapping', mapped.assumes);
    return;
  }
  const protocol = targetGroup?.target?.protocol;
  const needed = protocol?.known ? NEEDED[protocol.value] : undefined;
  const { mappings, possible } = mapped.value;
  if (!needed || !protocol?.known || mappings.some((mapping) => mapping.protocol.known && mapping.protocol.value === needed)) {
    return;
  }
  const open = mappings.map((mapping) => mapping.protocol).find((one) => !one.known) ?? openFor([needed], possible);
  if (open) {
    yield notDecidable(service, whyOf(open));
  } else {
    const port = containerPort.known ? containerPort.value : '…';
    yield error(service, `service ${service.name} maps port ${port} as ${needed === 'udp' ? 'tcp' : 'udp'}; `
      + `target group ${targetGroup!.target!.name} speaks ${protocol.value} to it`,
    `Protocol ${needed} in the port mapping, or another Protocol of the target group`, mapped.assumes);
  }
}

function error(subject: Service, message: string, fix: string, assumes: readonly string[] = []): Judgement {
  return problem({ subject, severity: 'error', message, fix, assumes });
}

/** Types of targets as what is registered. */
function registered(type: string): string {
  return ({ instance: 'instances', ip: 'addresses', lambda: 'functions', alb: 'load balancers' } as Record<string, string>)[type] ?? type;
}

function nameOf({ target, literal, identity }: To<Named>): string {
  return target?.name ?? literal ?? identity;
}

function whyOf(...values: ReadonlyArray<Value<unknown>>): string {
  return values.flatMap((value) => value.known ? [] : [value.why])[0];
}
