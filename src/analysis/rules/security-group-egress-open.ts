import { isGiven, SecurityGroup, Subject, ToMany } from '../facts';
import { groupTitle } from '../guards';
import { isEverywhere, whyHidden } from '../reachability';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { all, known, mapped, Value } from '../value';

const fragment = (egress: object) => ({
  Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'Tasks', VpcId: 'vpc-1', ...egress } },
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode: 'awsvpc', Cpu: '256', Memory: '512', ContainerDefinitions: [{ Name: 'app', Image: 'nginx' }] },
  },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'FARGATE',
      TaskDefinition: { Ref: 'Tasks' },
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'], SecurityGroups: [{ 'Fn::GetAtt': ['Group', 'GroupId'] }] } },
    },
  },
});

export const securityGroupEgressOpen: Rule = {
  id: 'security-group-egress-open',
  family: 'security-groups',
  summary: 'A group of tasks or instances lets everything out.',
  why: 'Whoever gets hold of a container can send data anywhere. Most services talk to a few endpoints, databases and other services.',
  fix: 'Declare the outbound rules that are needed: tcp 443 to VPC endpoints or prefix lists, the ports of databases and other services by their groups '
    + '(`SecurityGroupEgress`; `allowAllOutbound: false` of a security group).',
  acknowledge: 'Where tasks call what has no fixed addresses, which is common: this is worth knowing, and nothing fails for it.',
  source: 'https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html',
  bad: fragment({}),
  good: fragment({ SecurityGroupEgress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }] }),
  *judge({ securityGroups, services, hostGroups }) {
    for (const group of securityGroups.filter(({ carriers }) => carriers.services.length + carriers.hostGroups.length > 0)) {
      yield* judged(group);
    }
    for (const service of services) {
      yield* hiddenOf(service, service.mode.known && service.mode.value === 'awsvpc' ? service.awsvpc?.securityGroups : undefined);
    }
    for (const hostGroup of hostGroups) {
      yield* hiddenOf(hostGroup, hostGroup.securityGroups);
    }
  },
};

function* judged(group: SecurityGroup): Iterable<Judgement> {
  const verdicts = group.egress.map(({ protocol, peer }) => both(protocol, isEverywhere(peer)));
  const index = verdicts.findIndex((verdict) => verdict.known && verdict.value);
  const open = verdicts[index];
  const missing = verdicts.find((verdict) => !verdict.known);
  if (open?.known) {
    yield problem({
      // An imported group is none of what is given: its rule is.
      subject: isGiven(group) ? group : { ...group, resource: group.egress[index].resource },
      severity: 'info',
      message: `${groupTitle(group)} lets everything out${group.egressDeclared ? '' : ' (no egress rule declared)'}`,
      // No template takes a rule from a default group.
      fix: `${group.isDefault ? 'a security group of its own, with ' : ''}outbound rules for what is needed: tcp 443 to endpoints, and the ports of the groups of `
        + 'databases and other services',
      assumes: open.assumes,
    });
  } else if (missing?.known === false && isGiven(group)) {
    yield notDecidable(group, missing.why);
  }
}

/** Who carries groups of which not all rules are seen: these have no resource to speak of. One that is open all the same has been told. */
function* hiddenOf(carrier: Subject, groups: ToMany<SecurityGroup> | undefined): Iterable<Judgement> {
  const why = groups?.known
    ? groups.value.filter(({ target }) => !target?.egress.some(({ protocol, peer }) => isTrue(both(protocol, isEverywhere(peer)))))
      .map(whyHidden).find((one) => one !== undefined)
    : groups?.why;
  if (why !== undefined) {
    yield notDecidable(carrier, why);
  }
}

function isTrue(value: Value<boolean>): boolean {
  return value.known && value.value;
}

/** Whether a rule is for all protocols and everybody. */
function both(protocol: Value<string>, everywhere: Value<boolean>): Value<boolean> {
  if ((protocol.known && protocol.value !== 'all') || (everywhere.known && !everywhere.value)) {
    return known(false);
  }
  return mapped(all<unknown>([protocol, everywhere]), () => true);
}
