import { Annotations, CfnResource, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as cr from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { invalid } from '../invalid';
import { instanceLimits } from '../limits/instance-limits';
import { TrunkingVerdict, trunkingVerdict } from '../limits/task-density';

/**
 * The instances that are to have trunk interfaces.
 *
 * @internal
 */
export interface TrunkedInstances {
  readonly role: iam.Role;
  readonly autoScalingGroup: autoscaling.AutoScalingGroup;
  readonly launchTemplate: ec2.LaunchTemplate;
  readonly instanceTypes: readonly ec2.InstanceType[];
  readonly vpc: ec2.IVpc;
  /** The operating system, where the ECS guide does not say that it takes trunking. */
  readonly unlistedOperatingSystem?: string;
}

enum Setting {
  INSTANCE_ROLE = 'forInstanceRole',
  ACCOUNT_DEFAULT = 'setAccountDefault',
  ALREADY_ON = 'alreadyOn',
}

/**
 * ENI trunking for container instances: more awsvpc tasks per instance, through branch interfaces of a trunk. A c5.large goes from 2
 * tasks to 10. Given as `trunking` to `Ec2Capacity`.
 *
 * It is the ECS account setting `awsvpcTrunking` that turns it on, for the role of the instances or for the account, per Region, and it
 * counts for instances launched from then on. CloudFormation has no resource for it, so a Lambda function makes the call; the Auto
 * Scaling group waits for it. Deleting the stack leaves the setting as it is, so that running instances keep what they have.
 *
 * What it costs: a second address per instance, from the instance's subnet, for the trunk (which has the VPC's default security group, and
 * guards nothing: tasks have their own groups, and an address each, as before); instances that
 * register later, for they wait for the trunk; tasks that start later, for each waits for its branch. Where scaling must be quick, keep
 * spare instances (`targetCapacityPercent` below 100) or a `warmPool`, give new instances a longer `instanceWarmup`, and services behind
 * a load balancer a longer `healthCheckGracePeriod`.
 *
 * Not for Windows, instances in subnets shared from another account (they fail to register), or types that cannot trunk, such as t3:
 * refused where it is known. Fargate needs none of it. Do not stop and start an instance with a trunk in a public subnet: it loses its
 * public address and its agent the connection.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-eni.html
 */
export class EniTrunking {
  /**
   * Turns the setting on for the role of the capacity's instances, and for nobody else.
   *
   * The role must make the call itself (or the account's root user must): so it may call `ecs:PutAccountSetting` for `awsvpcTrunking`, and
   * trusts the function that does it on its behalf. A host-mode task, which has the role's credentials, can therefore change this setting.
   * A permissions boundary or a service control policy must allow `sts:AssumeRole` and `ecs:PutAccountSetting`, or the deployment fails.
   */
  public static forInstanceRole(): EniTrunking {
    return new EniTrunking(Setting.INSTANCE_ROLE);
  }

  /**
   * Turns the setting on as the default of the whole account in this Region: for every user and role that has no setting of its own, and
   * so for all clusters. Only for an account that is this app's own.
   */
  public static setAccountDefault(): EniTrunking {
    return new EniTrunking(Setting.ACCOUNT_DEFAULT);
  }

  /**
   * Says that the account's default or the role already has the setting, and changes nothing. Written into the template as metadata of
   * the Auto Scaling group, for those who check it.
   */
  public static alreadyOn(): EniTrunking {
    return new EniTrunking(Setting.ALREADY_ON);
  }

  private constructor(private readonly setting: Setting) {}

  /** @internal */
  public _turnOn(scope: Construct, instances: TrunkedInstances): void {
    this.judgeTypes(scope, instances);
    refuseSharedSubnets(scope, instances.vpc);
    if (instances.unlistedOperatingSystem) {
      // fact T05
      Annotations.of(scope).addWarningV2('cdk-ecs-network-modes:trunking-operating-system',
        `'trunking' on ${instances.unlistedOperatingSystem} is not decidable: the ECS guide has it for the Amazon Linux variants of its image. See after a deployment that the instances have the `
        + "attribute 'ecs.awsvpc-trunk-id'");
    }
    // An instance that answers to a resource name by an A record gets no trunk (fact T06).
    const template = instances.launchTemplate.node.defaultChild as ec2.CfnLaunchTemplate;
    template.addPropertyOverride('LaunchTemplateData.PrivateDnsNameOptions.EnableResourceNameDnsARecord', false);

    if (this.setting === Setting.ALREADY_ON) {
      (instances.autoScalingGroup.node.defaultChild as CfnResource).addMetadata('EcsNetworkModes', { awsvpcTrunking: this.setting });
      return;
    }
    const setting = this.setting === Setting.INSTANCE_ROLE ? settingFor(scope, instances.role) : accountDefault(scope);
    // Instances that are launched before never get a trunk (fact T04).
    instances.autoScalingGroup.node.addDependency(setting);
  }

  /** Refuses what cannot trunk at all, and warns of what in a mix cannot, or is not known to. */
  private judgeTypes(scope: Construct, { instanceTypes }: TrunkedInstances): void {
    const verdicts = [...new Set(instanceTypes.map(String))].map((name): TrunkingVerdict & { name: string } => Token.isUnresolved(name)
      ? { name: 'an instance type known only at deployment', kind: 'not-decidable', why: 'the table of instance limits is read when the app is synthesised' }
      : { name, ...trunkingVerdict(instanceLimits(name)) });
    const because = (those: typeof verdicts) => those.map(({ name, why }) => `${name}: ${why}`).join('; ');
    const warn = (id: string, those: typeof verdicts, message: string) =>
      those.length > 0 && Annotations.of(scope).addWarningV2(`cdk-ecs-network-modes:${id}`, message);

    const useless = verdicts.filter(({ kind }) => kind === 'cannot' || kind === 'does-not-help');
    if (useless.length === verdicts.length && this.setting !== Setting.ALREADY_ON) {
      throw invalid(scope, `'trunking' does nothing for ${because(useless)}. Choose instance types that can trunk, or leave it out`);
    }
    warn('trunking-ineffective', useless, `'trunking' does nothing for ${because(useless)}`);
    const doubtful = verdicts.filter(({ kind }) => kind === 'not-decidable');
    warn('trunking-not-decidable', doubtful, `Whether 'trunking' helps is not decidable for ${because(doubtful)}`);
    const disputed = verdicts.filter((verdict) => verdict.kind === 'helps' && verdict.sourcesDiffer);
    warn('trunking-sources-differ', disputed, 'How many tasks \'trunking\' makes room for is uncertain, for AWS\'s sources differ on '
      + because(disputed.map((verdict) => ({ ...verdict, why: verdict.sourcesDiffer! }))));
  }
}

/** Instances in a subnet that another account shares cannot register with a trunk (fact T07). */
function refuseSharedSubnets(scope: Construct, vpc: ec2.IVpc): void {
  const { account } = Stack.of(scope);
  const owner = vpc.env.account;
  if (!Token.isUnresolved(owner) && !Token.isUnresolved(account) && owner !== account) {
    throw invalid(scope, `'trunking' cannot be had in subnets shared from another account: the instances would fail to register; the VPC is of account ${owner}, the instances of ${account}`);
  }
}

const TRUNKING = { name: 'awsvpcTrunking', value: 'enabled' };

/** The call that only the role itself, or the root user, can make for a role (fact T03). */
function settingFor(scope: Construct, role: iam.Role): Construct {
  const mayAsk = new iam.Policy(scope, 'EniTrunkingPolicy', {
    roles: [role],
    // An own policy: the role's default one is added to by others, and the setting would wait for all of that.
    statements: [accountSettingStatement('ecs:PutAccountSetting')],
  });
  const setting = accountSetting(scope, {
    action: 'putAccountSetting',
    assumedRoleArn: role.roleArn,
    // A role that is replaced has no setting: another id is another call.
    of: role.roleArn,
    statement: new iam.PolicyStatement({ actions: ['sts:AssumeRole'], resources: [role.roleArn] }),
  });
  // By its name and not as a principal: a trust in a role that is deleted and made again would point to the deleted one.
  const { roleArn } = setting.grantPrincipal as iam.IRole;
  role.assumeRolePolicy!.addStatements(new iam.PolicyStatement({
    actions: ['sts:AssumeRole'],
    principals: [new iam.AccountRootPrincipal().withConditions({ ArnEquals: { 'aws:PrincipalArn': roleArn } })],
  }));
  setting.node.addDependency(mayAsk);
  return setting;
}

function accountDefault(scope: Construct): Construct {
  return accountSetting(scope, {
    action: 'putAccountSettingDefault',
    of: Stack.of(scope).account,
    statement: accountSettingStatement('ecs:PutAccountSettingDefault'),
  });
}

/** Takes no resource, but knows which setting is asked for. */
function accountSettingStatement(action: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [action],
    resources: ['*'],
    conditions: { StringEquals: { 'ecs:account-setting': TRUNKING.name } },
  });
}

interface AccountSetting {
  readonly action: string;
  readonly assumedRoleArn?: string;
  /** Whose setting it is. */
  readonly of: string;
  readonly statement: iam.PolicyStatement;
}

function accountSetting(scope: Construct, { action, assumedRoleArn, of, statement }: AccountSetting): cr.AwsCustomResource {
  const { region } = Stack.of(scope);
  return new cr.AwsCustomResource(scope, 'EniTrunking', {
    // On creation, too. Nothing on deletion: instances that run keep their trunks, and others may rely on the setting.
    onUpdate: {
      service: 'ECS',
      action,
      parameters: TRUNKING,
      assumedRoleArn,
      physicalResourceId: cr.PhysicalResourceId.of(`${TRUNKING.name} ${region} ${of}`),
    },
    policy: cr.AwsCustomResourcePolicy.fromStatements([statement]),
    // The one that Lambda brings knows the call; another would be downloaded at deployment.
    installLatestAwsSdk: false,
    logGroup: ownLogGroup(scope),
  });
}

/** A log group for the stack's one function that makes such calls, unless the function is there already and has what its maker gave it. */
function ownLogGroup(scope: Construct): logs.ILogGroup | undefined {
  const stack = Stack.of(scope);
  const functionId = `AWS${cr.AwsCustomResource.PROVIDER_FUNCTION_UUID.replace(/-/g, '')}`;
  return stack.node.tryFindChild(functionId) ? undefined : new logs.LogGroup(stack, 'EniTrunkingLogs', {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
