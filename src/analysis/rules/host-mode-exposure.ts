import type { Container, HostGroup, Service } from '../facts';
import { allListening, Guard, guardsOf } from '../guards';
import { isInHostMode, portsText } from '../host-ports';
import { admitsSomebody } from '../reachability';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { union, unknown, Verdict } from '../value';
import { isModeSound } from './mode-faults';

const service = (taskDefinition: string) => ({
  Type: 'AWS::ECS::Service', Properties: { Cluster: { Ref: 'Cluster' }, LaunchType: 'EC2', TaskDefinition: { Ref: taskDefinition } },
});
const fragment = (User: string | undefined, more: object) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Nodes: {
    Type: 'AWS::EC2::Instance',
    Properties: {
      SecurityGroupIds: [{ 'Fn::GetAtt': ['NodesGroup', 'GroupId'] }],
      UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
    },
  },
  NodesGroup: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupDescription: 'Instances', VpcId: 'vpc-1', SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, CidrIp: '10.0.0.0/16' }],
    },
  },
  ProxyTasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      NetworkMode: 'host',
      ContainerDefinitions: [{ Name: 'proxy', Image: 'envoy', Memory: 128, PortMappings: [{ ContainerPort: 8080 }], ...User === undefined ? {} : { User } }],
    },
  },
  Proxy: service('ProxyTasks'),
  ...more,
});

export const hostModeExposure: Rule = {
  id: 'host-mode-exposure',
  family: 'isolation',
  summary: 'A host-mode task can impersonate its instance and reach its loopback services.',
  why: 'A host-mode container has the interfaces of the instance: it can take any free port that the instances\' group opens, and answer in place of another '
    + 'service, and it reaches whatever listens on 127.0.0.1 there, of the host and of other host-mode tasks.',
  fix: 'Use awsvpc mode; or run it on instances of its own (a second Ec2Capacity), as a user other than root (`container.user`, `User`).',
  acknowledge: 'For agents that must see the host, such as one that collects its metrics.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-networkmode-host.html, '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html [M08]',
  bad: fragment(undefined, {
    JobTasks: { Type: 'AWS::ECS::TaskDefinition', Properties: { NetworkMode: 'bridge', ContainerDefinitions: [{ Name: 'job', Image: 'job', Memory: 128 }] } },
    Jobs: service('JobTasks'),
  }),
  good: fragment('1000', {}),
  *judge({ services, hostGroups }) {
    const tenants = tenantsOf(hostGroups);
    for (const one of services) {
      if (isInHostMode(one) && isModeSound(one)) {
        yield* judged(one, tenants);
      }
    }
  },
};

type Tenants = (groups: readonly HostGroup[]) => ReadonlySet<Service>;

/** The services on some host groups, put together once for all services that run on the same ones. */
function tenantsOf(hostGroups: readonly HostGroup[]): Tenants {
  const numbers = new Map(hostGroups.map((group, index) => [group, index]));
  const found = new Map<string, ReadonlySet<Service>>();
  return (groups) => {
    const key = groups.map((group) => numbers.get(group)).join();
    const tenants = found.get(key) ?? new Set(groups.flatMap(({ services }) => services));
    found.set(key, tenants);
    return tenants;
  };
}

/** Their number, and the first of them, which are all that is said by name. */
interface Others {
  readonly count: number;
  readonly first: readonly Service[];
}

function othersThan(subject: Service, tenants: ReadonlySet<Service>): Others {
  const first: Service[] = [];
  for (const one of tenants) {
    if (first.length === NAMED) {
      break;
    }
    if (one !== subject) {
      first.push(one);
    }
  }
  return { count: tenants.size - (tenants.has(subject) ? 1 : 0), first };
}

function* judged(subject: Service, tenants: Tenants): Iterable<Judgement> {
  const { launch, name, mode, taskDefinition } = subject;
  if (!launch.known) {
    yield notDecidable(subject, launch.why);
    return;
  }
  const hostGroups = launch.value.hostGroups;
  const others = othersThan(subject, tenants(hostGroups));
  const root = asRoot(subject);
  const opened = openedPorts(subject);
  if (others.count === 0 && root !== 'yes') {
    if (root !== 'no') {
      yield notDecidable(subject, root.why);
    }
    return;
  }
  const isWarning = others.count > 0 && root === 'yes' && opened.length > 0;
  const as = root === 'yes' ? ` as root${sayNoUser(taskDefinition?.containers.known ? taskDefinition.containers.value : [])}` : '';
  const beside = others.count > 0 ? ` beside ${named(others)}` : '';
  const on = hostGroups.length > 0 ? ` on ${hostGroups.map((group) => group.name).join(', ')}` : '';
  yield problem({
    subject,
    severity: isWarning ? 'warning' : 'info',
    message: `host-mode service ${name} runs${as}${beside}${on}: it can take any free port that ${groupsText(hostGroups)} opens`
      + `${opened.length > 0 ? ` (${opened.join(', ')})` : ''} and reach 127.0.0.1 of the instance`,
    fix: [
      'NetworkMode awsvpc',
      ...others.count > 0 ? [`instances of its own for ${name} (a capacity provider of its own)`] : [],
      ...root === 'yes' ? ['a User other than root (container.user)'] : [],
    ].join('; or '),
    assumes: union(mode.known ? mode.assumes : [], launch.assumes),
  });
}

/** Whether a container runs as root, as it does where neither it nor its image says otherwise, or may do everything anyway. */
function asRoot({ taskDefinition }: Service): Verdict {
  if (!taskDefinition?.containers.known) {
    return unknown(taskDefinition?.containers.known === false ? taskDefinition.containers.why : 'its task definition is not of what is given');
  }
  let open: Verdict = 'no';
  for (const { user, privileged } of taskDefinition.containers.value) {
    if (!user || (user.known && isRoot(user.value)) || (privileged.known && privileged.value)) {
      return 'yes';
    }
    const missing = [user, privileged].find((value) => !value.known);
    open = missing && !missing.known ? unknown(missing.why) : open;
  }
  return open;
}

/** `0`, `root`, with or without a group. */
function isRoot(user: string): boolean {
  return /^(0|root)(:|$)/.test(user.trim());
}

function sayNoUser(containers: readonly Container[]): string {
  return containers.some(({ user, privileged }) => (user && (!user.known || isRoot(user.value))) || (privileged.known && privileged.value))
    ? '' : ' (unless the image sets a user)';
}

/** Ports of the service on which its groups admit somebody. */
function openedPorts(service: Service): string[] {
  const isOpened = (guard: Guard) => allListening(service, guard).listening
    .filter((one) => ['yes', 'partly'].includes(String(admitsSomebody(guard.groups, one))))
    .map(({ protocol, ports }) => `${protocol} ${portsText(ports)}`);
  return [...new Set(guardsOf(service).guards.flatMap(isOpened))];
}

function groupsText(hostGroups: readonly HostGroup[]): string {
  const groups = hostGroups.flatMap(({ securityGroups }) => securityGroups.known ? securityGroups.value : []);
  const names = groups.flatMap(({ target }) => target?.name ?? []);
  return names.length > 0 ? `group ${[...new Set(names)].join(', ')}` : "the instances' group";
}

const NAMED = 3;

function named({ count, first }: Others): string {
  const names = first.map(({ name }) => name);
  return count <= NAMED ? names.join(' and ') : `${names.slice(0, NAMED - 1).join(', ')} and ${count - NAMED + 1} more`;
}
