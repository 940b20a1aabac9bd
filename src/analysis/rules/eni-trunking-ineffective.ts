import { instanceLimits } from '../../limits/instance-limits';
import { smallestTrunkingType } from '../../limits/larger-types';
import { awsvpcTasksWithoutTrunking, Interval, TrunkingVerdict, trunkingVerdict, unionOf } from '../../limits/task-density';
import type { Facts, HostGroup, Named, To, TrunkingSetting } from '../facts';
import { same } from '../facts';
import { listed } from '../listed';
import { Judgement, notDecidable, problem, Rule, Severity } from '../rule';
import { some, union, unknown, Verdict } from '../value';

const fragment = (instanceType: string) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Nodes: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    DependsOn: 'Trunking',
    Properties: {
      MinSize: '1',
      MaxSize: '4',
      LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
      VPCZoneIdentifier: [{ Ref: 'Subnet' }],
    },
  },
  Template: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        ImageId: '{{resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id}}',
        InstanceType: instanceType,
        IamInstanceProfile: { Arn: { 'Fn::GetAtt': ['Profile', 'Arn'] } },
        PrivateDnsNameOptions: { EnableResourceNameDnsARecord: false },
        UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
      },
    },
  },
  Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24' } },
  Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [{ Ref: 'NodesRole' }] } },
  NodesRole: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
  Trunking: {
    Type: 'Custom::AWS',
    Properties: {
      ServiceToken: 'arn:aws:lambda:eu-west-1:111111111111:function:calls',
      Create: { 'Fn::Sub': '{"service":"ECS","action":"putAccountSetting","parameters":{"name":"awsvpcTrunking","value":"enabled","principalArn":"${NodesRole.Arn}"}}' },
    },
  },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode: 'awsvpc', ContainerDefinitions: [{ Name: 'api', Image: 'nginx', Memory: 128 }] },
  },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'EC2',
      TaskDefinition: { Ref: 'Tasks' },
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }] } },
    },
  },
});

/** Trunking that is asked for, and of which instances get nothing. */
export const eniTrunkingIneffective: Rule = {
  id: 'eni-trunking-ineffective',
  family: 'eni-density',
  summary: 'ENI trunking that is switched on takes effect on the instances that it is meant for.',
  why: 'The account setting counts for the role that it is made for, for instances launched after it, and on types and systems that can trunk. Else it does '
    + 'nothing, and says nothing: instances hold as few awsvpc tasks as before. In subnets that another account shares they do not even register.',
  fix: 'Make the setting for the role of the instances, before the first of them is launched (`EniTrunking.forInstanceRole()`, `DependsOn`), and take types that '
    + 'can trunk (`instanceType`, InstanceType).',
  acknowledge: 'Where a part of a mix cannot trunk and the tasks fit in any case; where instances that were launched before are replaced by hand.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-eni.html [T03, T04, T05, T06, T07], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/eni-trunking-supported-instance-types.html [T01, T02, T12, T13, T14]',
  bad: fragment('t3.medium'),
  good: fragment('m5.large'),
  *judge(facts) {
    const groups = facts.hostGroups.filter(({ kind }) => kind !== 'managed-instances');
    for (const setting of facts.trunkingSettings) {
      yield* forNobody(setting, groups);
    }
    for (const group of groups) {
      if (group.trunking.requested) {
        yield* judged(group, facts);
      } else if (group.trunking.settings.some(({ enabled }) => !enabled.known || enabled.value)) {
        yield notDecidable(group, `whether ${group.trunking.settings[0].name} turns it on for these instances is not known`);
      }
    }
  },
};

// A setting for a role that no instances have.

function* forNobody(setting: TrunkingSetting, groups: readonly HostGroup[]): Iterable<Judgement> {
  const { principal, enabled, name } = setting;
  const without = groups.filter(({ trunking }) => !trunking.requested);
  if (!principal.known || principal.value === 'account' || !enabled.known || !enabled.value || (groups.length > 0 && without.length === 0)) {
    return;
  }
  const role = principal.value;
  const verdict = groups.length === 0 ? unknown('no container instances are in what is given') : some(groups.map((group) => isRoleOf(group, role)));
  if (verdict === 'no') {
    const those = without.length > 3 ? `${without.length} groups` : without.map((group) => group.name).join(', ');
    yield problem({
      subject: setting,
      severity: 'warning',
      message: `setting ${name} turns trunking on for role ${roleName(role)}, which no instances have; those of ${those} go without`,
      fix: 'the call made by the role of the instances itself (EniTrunking.forInstanceRole(), PutAccountSetting); or for the account '
        + '(EniTrunking.setAccountDefault(), PutAccountSettingDefault)',
      assumes: union(principal.assumes, enabled.assumes, [`no instances besides those given have role ${roleName(role)}`]),
    });
  } else if (verdict !== 'yes') {
    yield notDecidable(setting, verdict.why);
  }
}

function isRoleOf({ instanceRole, instanceTypes, launchTemplate, name }: HostGroup, role: To<Named>): Verdict {
  if (instanceRole) {
    return same(instanceRole, role);
  }
  return launchTemplate || instanceTypes.known ? 'no' : unknown(`the role of the instances of ${name} is not known`);
}

function roleName({ target, literal, identity }: To<Named>): string {
  return target?.name ?? literal ?? identity;
}

// Instances that trunking is asked for.

/** What keeps trunking from its effect, and the way out. */
interface Cause {
  readonly kind: 'types' | 'windows' | 'records' | 'order' | 'shared';
  readonly text: string;
  readonly fix: string;
}

function* judged(group: HostGroup, facts: Facts): Iterable<Judgement> {
  const asking = group.trunking.settings.filter((setting) => asksFor(group, setting));
  const open = asking.map(({ enabled }) => enabled).find((enabled) => !enabled.known);
  const found = open?.known === false ? { causes: [], why: open.why } : causesOf(group, asking, facts);
  if (found.causes.length > 0) {
    yield problem({
      subject: group,
      severity: severityOf(group, found.causes),
      message: `trunking is enabled for ${forWhom(group, asking, facts)}, but ${found.causes.map(({ text }) => text).join('; ')}`,
      fix: found.causes.map(({ fix }) => fix).join('; and '),
      assumes: assumptionsOf(group, asking, facts),
    });
  } else if (found.why !== undefined) {
    yield notDecidable(group, found.why);
  }
}

function asksFor(group: HostGroup, setting: TrunkingSetting): boolean {
  return isFor(group, setting) && (!setting.enabled.known || setting.enabled.value);
}

function isFor({ instanceRole }: HostGroup, { principal }: TrunkingSetting): boolean {
  return principal.known && (principal.value === 'account' || (instanceRole !== undefined && same(instanceRole, principal.value) === 'yes'));
}

function forWhom({ name }: HostGroup, [setting]: readonly TrunkingSetting[], { accountSettings }: Facts): string {
  if (!setting?.principal.known) {
    return accountSettings.awsvpcTrunking === 'enabled' ? 'the account, as is stated' : `the instances of ${name}, as its metadata says`;
  }
  return setting.principal.value === 'account' ? 'the account' : `role ${roleName(setting.principal.value)}`;
}

function assumptionsOf(group: HostGroup, asking: readonly TrunkingSetting[], { accountSettings }: Facts): readonly string[] {
  const { trunking, instanceTypes, name } = group;
  const stated = accountSettings.awsvpcTrunking === 'enabled'
    ? 'the account has awsvpcTrunking enabled, as is stated'
    : `ENI trunking is already on for the instances of ${name}, as its metadata says`;
  return union(asking.length === 0 ? [stated] : [], trunking.assumes, instanceTypes.known ? instanceTypes.assumes : []);
}

function severityOf({ services }: HostGroup, causes: readonly Cause[]): Severity {
  const isUsed = services.some(({ mode }) => !mode.known || mode.value === 'awsvpc');
  return causes.some(({ kind }) => kind === 'shared') ? 'error' : !isUsed && causes.every(({ kind }) => kind === 'types') ? 'info' : 'warning';
}

interface Found {
  readonly causes: readonly Cause[];
  /** The first thing that is not known. */
  readonly why?: string;
}

function causesOf(group: HostGroup, asking: readonly TrunkingSetting[], facts: Facts): Found {
  const windows = byWindows(group);
  const types = windows.causes.length > 0 ? [] : [byTypes(group)];
  const parts = [
    byShare(group), windows, ...types, byRecords(group), byOrder(group, asking, facts), byOpposite(group, asking, facts), byImage(group),
  ];
  return { causes: parts.flatMap(({ causes }) => causes), why: parts.find((part) => part.why !== undefined)?.why };
}

function byWindows({ operatingSystem, instanceTypes }: HostGroup): Found {
  if (!operatingSystem.known) {
    return { causes: [], why: operatingSystem.why };
  }
  return { causes: operatingSystem.value !== 'windows' ? [] : [{
    kind: 'windows',
    text: `its instances run Windows, which does not trunk, and stay at ${tasksText(instanceTypes.known ? instanceTypes.value : [])} per instance`,
    fix: 'instances that run Amazon Linux (ImageId, machineImage)',
  }] };
}

/** Types on which it does nothing, and which these are where others are among them. */
function byTypes({ instanceTypes }: HostGroup): Found {
  if (!instanceTypes.known) {
    return { causes: [], why: instanceTypes.why };
  }
  const verdicts = [...new Set(instanceTypes.value)].map((type) => ({ type, ...trunkingVerdict(instanceLimits(type)) }));
  const ineffective = verdicts.filter(({ kind }) => kind === 'cannot' || kind === 'does-not-help');
  const open = verdicts.find(({ kind }) => kind === 'not-decidable');
  return {
    causes: ineffective.length === 0 ? [] : [{ kind: 'types', text: typesText(ineffective), fix: typesFix(ineffective.map(({ type }) => type)) }],
    ...open ? { why: `${open.type}: ${open.why}` } : {},
  };
}

type Judged = TrunkingVerdict & { readonly type: string };

function typesText(verdicts: readonly Judged[]): string {
  const cannot = verdicts.filter(({ kind }) => kind === 'cannot').map(({ type }) => type);
  const idle = verdicts.filter(({ kind }) => kind !== 'cannot');
  return [
    ...cannot.length === 0 ? [] : [`${listed(cannot)} cannot trunk and ${cannot.length === 1 ? 'stays' : 'stay'} at ${tasksText(cannot)} per instance`],
    ...idle.map(({ type, why }) => `${type} gains nothing: ${why}`),
  ].join('; ');
}

function typesFix([type, ...others]: readonly string[]): string {
  const has = awsvpcTasksWithoutTrunking(instanceLimits(type)!);
  const larger = has && smallestTrunkingType(type, has.most + 1);
  return larger && others.length === 0
    ? `${larger.instanceType} in place of ${type}, which holds ${larger.tasksWithTrunking} with trunking (InstanceType, instanceType)`
    : `types that can trunk in place of ${listed([type, ...others])} (InstanceType, instanceType)`;
}

/** The awsvpc tasks of instances without trunks. */
function tasksText(types: readonly string[]): string {
  const intervals = types.map((type): Interval | undefined => {
    const limits = instanceLimits(type);
    return limits && awsvpcTasksWithoutTrunking(limits);
  });
  const all = unionOf(intervals);
  return !all ? 'as few tasks as before' : `${all.fewest === all.most ? '' : `${all.fewest} to `}${all.most} task${all.most === 1 ? '' : 's'}`;
}

function byRecords({ resourceNameARecord }: HostGroup): Found {
  if (!resourceNameARecord.known) {
    return { causes: [], why: resourceNameARecord.why };
  }
  return { causes: !resourceNameARecord.value ? [] : [{
    kind: 'records',
    text: 'its instances have resource-name A records, with which they get no trunk',
    fix: 'PrivateDnsNameOptions.EnableResourceNameDnsARecord false in the launch template (EniTrunking does it)',
  }] };
}

/** Instances may be launched before the call, and never get a trunk. Stacks may be deployed in an order that no template tells. */
function byOrder(group: HostGroup, asking: readonly TrunkingSetting[], facts: Facts): Found {
  const early = asking.filter((setting) => !facts.dependsOn(group, setting));
  const [here] = early.filter(({ resource }) => resource.template === group.resource.template);
  const [elsewhere] = early;
  return {
    causes: !here ? [] : [{
      kind: 'order',
      text: `${group.name} does not wait for ${here.name}: instances launched before it stay at `
        + tasksText(group.instanceTypes.known ? group.instanceTypes.value : []),
      fix: `DependsOn: ${here.resource.logicalId} on ${group.name} (node.addDependency), then replace the instances that run`,
    }],
    ...elsewhere ? { why: `whether the stack of ${elsewhere.name} is deployed before that of ${group.name} is not known` } : {},
  };
}

/** Of two calls for the same instances the last one counts. */
function byOpposite(group: HostGroup, asking: readonly TrunkingSetting[], facts: Facts): Found {
  for (const off of group.trunking.settings.filter((setting) => isFor(group, setting) && !asksFor(group, setting))) {
    const others = asking.filter((on) => !facts.dependsOn(on, off));
    if (asking.length === 0 || others.length < asking.length) {
      continue;
    }
    const open = others.find((on) => !facts.dependsOn(off, on));
    if (!open) {
      return { causes: [{ kind: 'order', text: `${off.name} turns it off again`, fix: `no call that turns it off, as ${off.name} does` }] };
    }
    return {
      causes: [],
      why: `${open.name} turns trunking on for its instances and ${off.name} turns it off: which of the two is last is not known`,
    };
  }
  return { causes: [] };
}

function byShare({ name, subnets }: HostGroup): Found {
  const all = subnets.known ? subnets.value.flatMap(({ target }) => target ?? []) : [];
  const shared = all.find((subnet) => subnet.shared.known && subnet.shared.value);
  const open = subnets.known && all.length === subnets.value.length ? all.find((subnet) => !subnet.shared.known)?.name : 'one of its subnets';
  const why = open === undefined ? {} : { why: `whether ${open} is shared from another account is not known` };
  return { ...why, causes: !shared ? [] : [{
    kind: 'shared',
    text: `${name} is in subnet ${shared.name}, which another account shares: instances with trunks cannot register there`,
    fix: 'subnets of the own account (VPCZoneIdentifier, vpcSubnets)',
  }] };
}

function byImage({ ecsOptimized, name }: HostGroup): Found {
  return { causes: [], ...ecsOptimized ? {} : { why: `the image of ${name} is not known for an ECS-optimized one` } };
}
