/** Pseudo parameters, and what a Region and an account have one of. */
import type { Evaluator } from '../intrinsics';
import { Evaluated, identityOf, Undecided } from '../resources';
import type { TemplateModel } from '../templates';
import { scalar, shown, undecided } from './results';

/**
 * What `AWS::Partition` and `AWS::URLSuffix` are by Region. Regions of other partitions are left unknown.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
 */
const PARTITIONS = [
  { regions: /^cn-/, partition: 'aws-cn', urlSuffix: 'amazonaws.com.cn' },
  { regions: /^us-gov-/, partition: 'aws-us-gov', urlSuffix: 'amazonaws.com' },
  { regions: /^(?!us-iso)(us|eu|ap|ca|sa|me|af|il|mx)-[a-z]+-\d+$/, partition: 'aws', urlSuffix: 'amazonaws.com' },
];

interface PseudoParameter {
  /** Why it is not known. */
  readonly why: string;
  /** Whether all templates for one Region, or one account, have the same; else it is the stack's own. */
  readonly of?: 'region' | 'account';
  readonly isList?: boolean;
}

const PSEUDO: ReadonlyMap<string, PseudoParameter> = new Map(Object.entries({
  'AWS::Region': { why: 'the Region is not known', of: 'region' },
  'AWS::AccountId': { why: 'the account is not known', of: 'account' },
  'AWS::Partition': { why: 'the Region is not known', of: 'region' },
  'AWS::URLSuffix': { why: 'the Region is not known', of: 'region' },
  'AWS::StackName': { why: 'the name of the stack is not known' },
  'AWS::StackId': { why: 'the id of a stack is known when it is deployed' },
  'AWS::NotificationARNs': { why: 'notification topics are named when it is deployed', isList: true },
}));

/** The value of a pseudo parameter. */
export function pseudo(evaluator: Evaluator, model: TemplateModel, name: string): Evaluated {
  const { region, account } = model.template;
  const partition = PARTITIONS.find(({ regions }) => region !== undefined && regions.test(region));
  const values = new Map(Object.entries({
    'AWS::Region': region,
    'AWS::AccountId': account,
    'AWS::Partition': partition?.partition,
    'AWS::URLSuffix': partition?.urlSuffix,
    'AWS::StackName': model.input.stackName,
  }));
  const value = values.get(name);
  if (value !== undefined) {
    return scalar(value);
  }
  const { why, of, isList } = PSEUDO.get(name) ?? { why: `${shown(name)} is no pseudo parameter` };
  // Templates without a Region or account go to the same ones, as the CDK takes it for stacks without an environment.
  const whose = of ? JSON.stringify((of === 'region' ? region : account) ?? null) : model.key;
  const identity = evaluator.set.identity('"pseudo"', JSON.stringify(name), whose);
  return isList ? undecided(why, identity) : evaluator.texts.word(why, identity);
}

/** The value of an SSM parameter: the same wherever it is read in one Region and account. */
export function ssmParameter(evaluator: Evaluator, model: TemplateModel, name: string): Undecided {
  const identity = placed(evaluator, model, 'ssm', JSON.stringify(name));
  return { ...undecided(`it is the value of SSM parameter ${shown(name)}`, identity), ssmParameter: name };
}

/** An identity of something that a Region and an account have one of. */
export function placed(evaluator: Evaluator, model: TemplateModel, what: string, identity: string): string {
  const [region, account] = ['AWS::Region', 'AWS::AccountId'].map((name) => identityOf(pseudo(evaluator, model, name)));
  return evaluator.set.identity(JSON.stringify(what), region, account, identity);
}
