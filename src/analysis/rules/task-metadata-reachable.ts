import { Facts, HostGroup, isBottlerocket, Service, Subject } from '../facts';
import { Judgement, notDecidable, problem, Rule, Severity } from '../rule';
import { mayGetTasks } from '../task-shares';
import { append } from '../templates';
import { isOnByAgent } from '../user-data';
import { union, Unknown } from '../value';
import { isModeSound } from './mode-faults';

const fragment = (setting: string) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Nodes: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: { MinSize: '1', MaxSize: '2', VPCZoneIdentifier: ['subnet-1'], LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' } },
  },
  Template: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        InstanceType: 'm5.large',
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        UserData: { 'Fn::Base64': { 'Fn::Sub': `#!/bin/bash\necho ECS_CLUSTER=\${Cluster} >> /etc/ecs/ecs.config${setting}` } },
      },
    },
  },
  Tasks: { Type: 'AWS::ECS::TaskDefinition', Properties: { NetworkMode: 'awsvpc', ContainerDefinitions: [{ Name: 'app', Image: 'nginx', Memory: 128 }] } },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'EC2',
      TaskDefinition: { Ref: 'Tasks' },
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'] } },
    },
  },
});

export const taskMetadataReachable: Rule = {
  id: 'task-metadata-reachable',
  family: 'isolation',
  summary: 'Tasks on instances cannot reach the instance metadata service, which hands out the credentials of the instance role.',
  why: 'Whoever gets into a container can ask 169.254.169.254 for the credentials of the instance role, and act as the ECS agent: register and stop tasks, read '
    + 'images, whatever that role may.',
  fix: 'For awsvpc tasks set ECS_AWSVPC_BLOCK_IMDS=true in the user data; for bridge tasks HttpTokens required and HttpPutResponseHopLimit 1 in the launch template. '
    + 'Ec2Capacity sets both. Host-mode tasks cannot be kept from it.',
  acknowledge: 'Where tasks are meant to use the instance role, or it may do nothing that they may not.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-iam-roles.html, '
    + 'https://github.com/aws/amazon-ecs-agent/blob/v1.105.0/README.md for ECS_AWSVPC_BLOCK_IMDS, '
    + 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html for the hop limit',
  bad: fragment(''),
  good: fragment('\necho ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config'),
  *judge(facts) {
    for (const [subject, hostGroups] of byTemplate(facts)) {
      yield* judged(subject, hostGroups);
    }
  },
};

/** Host groups by what says how their instances start: one template may be that of several. */
function byTemplate({ hostGroups }: Facts): Map<Subject, HostGroup[]> {
  const found = new Map<Subject, HostGroup[]>();
  for (const hostGroup of hostGroups) {
    if (hostGroup.kind !== 'managed-instances') {
      const subject = hostGroup.launchTemplate ?? hostGroup;
      append(found, subject, hostGroup);
    }
  }
  return found;
}

/** Why tasks of a mode reach it, and how bad that is. */
interface Way {
  readonly because: string;
  readonly severity: Severity;
  readonly fix: string;
  readonly assumes?: readonly string[];
}

/** `undefined` where they do not. */
type Reached = Way | Unknown | undefined;

const MODES: ReadonlyArray<readonly [string, (hostGroup: HostGroup) => Reached]> = [
  ['awsvpc', fromAwsvpc], ['bridge', fromBridge], ['host', fromHost],
];

function* judged(subject: Subject, hostGroups: readonly HostGroup[]): Iterable<Judgement> {
  const clauses: Array<Way & { readonly who: string }> = [];
  let why: string | undefined;
  for (const hostGroup of hostGroups) {
    const { httpEndpoint } = hostGroup.metadata;
    if (httpEndpoint?.known && httpEndpoint.value === 'disabled') {
      continue;
    }
    const placed = hostGroup.services.filter((service) => mayGetTasks(service, hostGroup));
    why ??= placed.flatMap(({ mode }) => mode.known ? [] : mode.why)[0];
    for (const [mode, reachedFrom] of MODES) {
      const services = placed.filter((service) => service.mode.known && service.mode.value === mode && isModeSound(service));
      const way = services.length > 0 ? reachedFrom(hostGroup) : undefined;
      const reached = way && httpEndpoint?.known === false ? httpEndpoint : way;
      if (reached && 'known' in reached) {
        why ??= reached.why;
      } else if (reached) {
        const assumes = services.flatMap((service) => service.launch.known ? service.launch.assumes : []);
        clauses.push({ ...reached, who: `tasks of ${named(services)} (${mode}) on ${hostGroup.name}`, assumes: union(assumes, reached.assumes ?? []) });
      }
    }
  }
  const severity = (['warning', 'info'] as const).find((one) => clauses.some((clause) => clause.severity === one));
  if (severity) {
    const worst = clauses.filter((clause) => clause.severity === severity);
    yield problem({
      subject,
      severity,
      message: worst.map(({ who, because }, index) => `${who} can${index === 0 ? " read the instance role's credentials" : ', too'}: ${because}`).join('; '),
      fix: union(worst.map(({ fix }) => fix)).join('; and '),
      assumes: union(...worst.map(({ assumes = [] }) => assumes)),
    });
  } else if (why !== undefined) {
    yield notDecidable(subject, why);
  }
}

/** They have an interface of their own, so that no hop limit helps. */
function fromAwsvpc(hostGroup: HostGroup): Reached {
  const setting = hostGroup.userData.agentSetting('ECS_AWSVPC_BLOCK_IMDS');
  if (setting && !setting.known) {
    return setting;
  }
  const [name, fix] = isBottlerocket(hostGroup)
    ? ['awsvpc-block-imds', 'awsvpc-block-imds = true in [settings.ecs] of the user data']
    : ['ECS_AWSVPC_BLOCK_IMDS', 'ECS_AWSVPC_BLOCK_IMDS=true in the user data'];
  return setting && isOnByAgent(setting.value) ? undefined : {
    because: `${name} is ${setting ? setting.value : 'not set'}`,
    severity: 'warning',
    fix,
    assumes: setting?.assumes,
  };
}

/** The answer to a token request does not get over Docker's bridge with a hop limit of 1; without tokens nobody needs one. */
function fromBridge({ metadata: { httpTokens, hopLimit }, userData: { dropsMetadataRequests: dropped } }: HostGroup): Reached {
  const missing = [httpTokens, hopLimit].find((value) => value?.known === false);
  if (dropped === 'yes' || (httpTokens?.known && httpTokens.value === 'required' && hopLimit?.known && hopLimit.value <= 1)) {
    return undefined;
  }
  const fix = 'MetadataOptions with HttpTokens required and HttpPutResponseHopLimit 1';
  if (dropped !== 'no') {
    return dropped;
  }
  const reasons = [
    ...httpTokens?.known && httpTokens.value !== 'required' ? ['HttpTokens is optional'] : [],
    ...hopLimit?.known && hopLimit.value > 1 ? [`HttpPutResponseHopLimit is ${hopLimit.value}`] : [],
  ];
  // Either is enough, whatever the other is.
  if (reasons.length === 0 && missing?.known === false) {
    return missing;
  }
  const absent = [...httpTokens ? [] : ['HttpTokens'], ...hopLimit ? [] : ['HttpPutResponseHopLimit']];
  return reasons.length > 0
    ? { because: reasons.join(' and '), severity: 'warning', fix }
    : { because: `the image and the account decide about ${absent.join(' and ')}`, severity: 'info', fix };
}

function fromHost(): Reached {
  return {
    because: 'nothing keeps host mode from it',
    severity: 'info',
    fix: 'awsvpc or bridge mode, or an instance role that may do little',
  };
}

function named(services: readonly Service[]): string {
  const names = services.map(({ name }) => name);
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}
