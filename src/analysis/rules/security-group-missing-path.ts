import type { TransportProtocol } from '../../limits/ports';
import type { Facts, LoadBalancer, Service, TargetGroup } from '../facts';
import { admitting, allListening, Guard, guardsOf, hasSeveral, lower, lowered, mayGetRules, namesOf } from '../guards';
import { portsText } from '../host-ports';
import { Sender, transportsOf } from '../peers';
import { admitsSomebody, assumptionsOfClosed, both, Traffic } from '../reachability';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { unreachedOffers } from '../service-connect-paths';
import { assumesOf, union, Unknown } from '../value';
import { ANY_PORT, Behind, ContainerAt, isBlocked, ofTargetGroup, Path, sendingTo, waysOf } from './load-balancer-paths';
import { isModeSound } from './mode-faults';

const fragment = (ingress: object[]) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  TaskGroup: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'Tasks', VpcId: 'vpc-1', SecurityGroupIngress: ingress } },
  BalancerGroup: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupDescription: 'Load balancer', VpcId: 'vpc-1', SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' }],
    },
  },
  Web: {
    Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    Properties: { Subnets: ['subnet-1', 'subnet-2'], SecurityGroups: [{ 'Fn::GetAtt': ['BalancerGroup', 'GroupId'] }] },
  },
  Listener: {
    Type: 'AWS::ElasticLoadBalancingV2::Listener',
    Properties: { LoadBalancerArn: { Ref: 'Web' }, Port: 80, Protocol: 'HTTP', DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: 'Targets' } }] },
  },
  Targets: { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: { TargetType: 'ip', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' } },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode: 'awsvpc', Cpu: '256', Memory: '512', ContainerDefinitions: [{ Name: 'app', Image: 'nginx', PortMappings: [{ ContainerPort: 8080 }] }] },
  },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'FARGATE',
      TaskDefinition: { Ref: 'Tasks' },
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-3'], SecurityGroups: [{ 'Fn::GetAtt': ['TaskGroup', 'GroupId'] }] } },
      LoadBalancers: [{ TargetGroupArn: { Ref: 'Targets' }, ContainerName: 'app', ContainerPort: 8080 }],
    },
  },
});

export const securityGroupMissingPath: Rule = {
  id: 'security-group-missing-path',
  family: 'security-groups',
  summary: 'Security groups let load balancers and Service Connect clients through to their services.',
  why: 'Targets never get healthy where the load balancer is not let in on the port that the tasks really have, or out to it; the service never '
    + 'stabilises and the deployment fails after hours. Clients of Service Connect and of listeners wait for time-outs.',
  fix: 'Let the load balancer\'s group in on the port of the tasks (in bridge mode the host port, or the whole dynamic range), and the load balancer out to it. '
    + 'Listeners and target groups of our services make both rules, in every mode.',
  acknowledge: 'Where rules are added outside of what is checked, by hand or by another stack.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb.html [P01, P02], '
    + 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html, '
    + 'https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html for PrivateLink, '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html [P09]',
  bad: fragment([]),
  good: fragment([{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, SourceSecurityGroupId: { 'Fn::GetAtt': ['BalancerGroup', 'GroupId'] } }]),
  *judge(facts) {
    const services = facts.services.filter(isModeSound);
    for (const service of services) {
      yield* behindLoadBalancers(service);
      yield* registered(service);
    }
    yield* listeners(facts);
    yield* unreachedOffers({ services });
  },
};

function* behindLoadBalancers(service: Service): Iterable<Judgement> {
  const { loadBalancers } = service;
  if (!loadBalancers.known) {
    yield notDecidable(service, loadBalancers.why);
    return;
  }
  for (const entry of loadBalancers.value) {
    const { classic, targetGroup, alternateTargetGroup } = entry;
    for (const to of [classic, targetGroup, alternateTargetGroup]) {
      if (to && !to.target) {
        yield notDecidable(service, to.why!);
      }
    }
    for (const one of sendingTo(entry)) {
      yield* behind(service, one);
    }
    for (const group of [targetGroup?.target, alternateTargetGroup?.target]) {
      if (group?.unseen !== undefined) {
        yield behindUnseen(service, entry, group, group.unseen);
      }
    }
  }
}

function* behind(service: Service, one: Behind): Iterable<Judgement> {
  const ways = waysOf(service, one);
  if (!ways.known) {
    yield notDecidable(service, ways.why);
    return;
  }
  const { sender, paths, open } = ways.value;
  const admissions = paths.flatMap(({ inbound, outbound }) => [inbound, outbound]);
  const failing = paths.filter(({ inbound, outbound }) => both(inbound, outbound) === 'no' || both(inbound, outbound) === 'partly');
  if (failing.length > 0) {
    yield unreached(service, one.loadBalancer, sender, failing);
    return;
  }
  const unclear = admissions.find((its): its is Unknown => typeof its !== 'string')?.why ?? open[0];
  if (unclear !== undefined) {
    yield notDecidable(service, unclear);
  }
}

/** Of a load balancer that is not of what is given only this is known: where nobody gets in, it does not. */
function behindUnseen(service: Service, at: ContainerAt, targetGroup: TargetGroup, why: string): Judgement {
  for (const guard of guardsOf(service).guards) {
    for (const needed of ofTargetGroup(service, at, targetGroup, guard, { keepsClients: false })) {
      if (needed.known && admitsSomebody(guard.groups, needed.value) === 'no') {
        const { protocol, ports } = needed.value;
        const port = `${protocol} ${portsText(ports)}`;
        return problem({
          subject: service,
          severity: lowered('error', [guard.groups]),
          message: `the load balancer of target group ${targetGroup.name} cannot reach service ${service.name}: `
            + `${hasSeveral(guard.groups) ? 'none of the groups' : 'group'} ${namesOf(guard.groups)} admits ${hasSeveral(guard.groups) ? 'anybody' : 'nobody'} on ${port}`,
          fix: `an inbound rule of ${namesOf(guard.groups)}: ${port} from the load balancer`,
          assumes: union(needed.assumes, assumptionsOfGuard(service, guard, needed.value.dynamic), assumptionsOfClosed(guard.groups, 'ingress')),
        });
      }
    }
  }
  return notDecidable(service, why);
}

function unreached(service: Service, loadBalancer: LoadBalancer, sender: Sender, failing: readonly Path[]): Judgement {
  const wholly = failing.filter(({ inbound, outbound }) => both(inbound, outbound) === 'no');
  const [severity, worst] = wholly.length > 0 ? ['error' as const, wholly] : ['warning' as const, failing];
  const first = worst.find((path) => !mayBeOpened(path, loadBalancer)) ?? worst[0];
  const others = failing.length - 1;
  const { guard, traffic, dynamic, inbound, outbound, health } = first;
  const whatever = traffic.ports === ANY_PORT;
  const needed = whatever ? `the tasks' ${traffic.protocol} port` : `${traffic.protocol} ${portsText(traffic.ports)}`;
  const notes = [...dynamic ? ['dynamic host ports'] : [], ...health ? ['health checks'] : []].join(', ');
  const what = whatever ? `${traffic.protocol}, whatever the port` : `${needed}${notes && ` (${notes})`}`;
  const own = namesOf(loadBalancer.securityGroups);
  const clauses = [
    ...isBlocked(inbound) ? [notAdmitted(guard, inbound === 'no' ? what : `all of ${what}`)] : [],
    ...isBlocked(outbound) ? [`the load balancer's own group ${own} ${outbound === 'no' ? 'lets nothing out there' : 'lets out a part of that only'}`] : [],
  ];
  return problem({
    subject: service,
    severity: mayBeOpened(first, loadBalancer) ? lower(severity) : severity,
    message: `load balancer ${loadBalancer.name} cannot reach ${severity === 'warning' ? 'all tasks of ' : ''}service ${service.name}: `
      + clauses.join(', and ')
      + (others > 0 ? `; ${others === 1 ? 'one more path is' : `${others} more paths are`} closed` : ''),
    fix: [
      ...isBlocked(inbound) ? [`an inbound rule of ${namesOf(guard.groups)}: ${needed} from ${sourceText(loadBalancer, sender, failing.filter(({ traffic: its }) => isSamePort(its, traffic)))}`] : [],
      ...isBlocked(outbound) ? [`an outbound rule of ${own}: ${needed} to ${namesOf(guard.groups)}`] : [],
    ].join('; and '),
    assumes: assumptionsOf(service, loadBalancer, failing),
  });
}

/** Whether something that is not seen may add the rules that a path lacks, on each side that closes it. */
function mayBeOpened({ guard, inbound, outbound }: Path, { securityGroups }: LoadBalancer): boolean {
  return (!isBlocked(inbound) || mayGetRules(guard.groups)) && (!isBlocked(outbound) || mayGetRules(securityGroups));
}

function isSamePort(a: Traffic, b: Traffic): boolean {
  return a.protocol === b.protocol && a.ports.first === b.ports.first && a.ports.last === b.ports.last;
}

function sourceText(loadBalancer: LoadBalancer, { keepsClients }: Sender, paths: readonly Path[]): string {
  if (loadBalancer.securityGroups) {
    return namesOf(loadBalancer.securityGroups);
  }
  return [...new Set(paths.map(({ health }) => (keepsClients && !health ? 'its clients' : `the subnets of ${loadBalancer.name}`)))].join(' and from ');
}

/** What it rests on that tasks are behind a guard, on a port of a kind. */
function assumptionsOfGuard({ mode, launch, operatingSystem }: Service, { hostGroup }: Guard, dynamic: boolean): readonly string[] {
  return union(assumesOf(mode), hostGroup ? assumesOf(launch) : [], dynamic ? assumesOf(operatingSystem) : []);
}

function assumptionsOf(service: Service, { securityGroups }: LoadBalancer, paths: readonly Path[]): readonly string[] {
  return union(
    ...paths.map(({ guard, dynamic, assumes, inbound, outbound }) => union(
      assumptionsOfGuard(service, guard, dynamic),
      assumes,
      isBlocked(inbound) ? assumptionsOfClosed(guard.groups, 'ingress') : [],
      isBlocked(outbound) ? assumptionsOfClosed(securityGroups, 'egress') : [],
    )),
  );
}

function notAdmitted({ groups }: Guard, what: string): string {
  return hasSeveral(groups) ? `none of the groups ${namesOf(groups)} admits it on ${what}` : `group ${namesOf(groups)} does not admit it on ${what}`;
}

const ONLY_TCP: readonly TransportProtocol[] = ['tcp'];
const ANY_TRANSPORT: readonly TransportProtocol[] = ['tcp', 'udp'];

/** Listeners that nobody gets to, of load balancers that lead to a service: one may only send clients to another. */
function* listeners({ loadBalancers }: Facts): Iterable<Judgement> {
  for (const loadBalancer of loadBalancers) {
    const { securityGroups, type, rulesOnPrivateLink } = loadBalancer;
    const isUsed = loadBalancer.listeners
      .some(({ targetGroups, instancePort }) => instancePort || targetGroups.some(({ target }) => target && target.services.length > 0));
    // Rules that do not hold for PrivateLink leave open who comes by it, as a group for that alone admits nobody else.
    const isJudged = isUsed && !(rulesOnPrivateLink?.known && rulesOnPrivateLink.value === 'off');
    for (const { port, protocol } of securityGroups && isJudged ? loadBalancer.listeners : []) {
      const ports = port.known ? { first: port.value, last: port.value } : ANY_PORT;
      const transports = protocol.known ? transportsOf(protocol.value) : type.known && type.value !== 'network' ? ONLY_TCP : ANY_TRANSPORT;
      const admissions = transports.map((its) => admitsSomebody(securityGroups!, { protocol: its, ports }));
      if (!port.known || !protocol.known) {
        // Where all that it may be is open, it need not be known.
        yield* admissions.every((one) => one === 'yes') ? [] : [notDecidable(loadBalancer, (port.known ? protocol as Unknown : port).why)];
        continue;
      }
      const transport = transports[admissions.indexOf('no')];
      if (transport && rulesOnPrivateLink?.known === false) {
        yield notDecidable(loadBalancer, rulesOnPrivateLink.why);
      } else if (transport) {
        yield problem({
          subject: loadBalancer,
          severity: lowered('warning', [securityGroups]),
          message: `load balancer ${loadBalancer.name} listens on ${transport} ${port.value}, and its group ${namesOf(securityGroups)} admits nobody there`,
          fix: `an inbound rule of ${namesOf(securityGroups)}: ${transport} ${port.value} from the clients`,
          assumes: union(assumesOf(port, protocol), assumptionsOfClosed(securityGroups, 'ingress')),
        });
      }
    }
  }
}

/** Services found through Cloud Map that let nobody in. */
function* registered(service: Service): Iterable<Judgement> {
  const { registries } = service;
  if (!registries.known || registries.value.length === 0) {
    return;
  }
  for (const guard of guardsOf(service).guards) {
    const { listening, why } = allListening(service, guard);
    if (why === undefined && listening.length > 0 && listening.every((one) => admitsSomebody(guard.groups, one) === 'no')) {
      const [{ protocol, ports }] = listening;
      yield problem({
        subject: service,
        severity: 'info',
        message: `service ${service.name} is registered in Cloud Map, and ${admitting(guard.groups)} nobody on ${protocol} ${portsText(ports)}`,
        fix: `an inbound rule of ${namesOf(guard.groups)}: ${protocol} ${portsText(ports)} from who looks it up`,
        assumes: union(assumesOf(service.mode, registries), assumptionsOfClosed(guard.groups, 'ingress')),
      });
    }
  }
}
