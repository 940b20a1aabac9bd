import { CfnParameter, CfnResource, DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Reference, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * What is known of a value when the app is synthesised, with `${…}` in place of what is known only at deployment.
 *
 * A reference keeps what it refers to, `${AWS::ECR::Repository.Arn of Stack/Repo/Resource}`, in which stack ever that is: as a template
 * has it, the stack is lost, and across stacks it is gone.
 */
export function knownText(scope: IConstruct, value: unknown): string {
  return flat(known(scope, value));
}

/** An object or list with everything in it that can be known; `flat` makes text of a part. */
export function known<T = unknown>(scope: IConstruct, value: T): T {
  return Tokenization.resolve(value, { scope, resolver: new KeepingReferences() });
}

/** The text of a part of what is `known`; what is no text is a placeholder. */
export function flat(part: unknown): string {
  if (part === undefined || part === null) {
    return '';
  }
  if (typeof part !== 'object') {
    return String(part);
  }
  const [[intrinsic, argument] = ['', undefined], ...others] = Object.entries(part);
  if (others.length === 0 && intrinsic === 'Fn::Join' && Array.isArray(argument) && Array.isArray(argument[1])) {
    return argument[1].map(flat).join(flat(argument[0]));
  }
  if (others.length === 0 && intrinsic === 'Fn::Sub') {
    return flat(Array.isArray(argument) ? argument[0] : argument);
  }
  // The same value must give the same text, and braces must not nest.
  return `\${${JSON.stringify(part).replaceAll('{', '(').replaceAll('}', ')')}}`;
}

/** A text with `…` for what is known only at deployment, to be read by people and taken apart. */
export function masked(text: string): string {
  // One that does not end is taken to the end, or it would be looked for again behind each beginning.
  return text.replace(/\$\{[^}]*(\}?)/g, (found, end: string) => end ? '…' : found);
}

/**
 * An id such that two of the same resource are equal, whichever attribute they were taken from (`Ref` and `GroupId` of a group are one).
 */
export function identity(scope: IConstruct, id: string): string {
  return knownText(scope, id).replace(/\$\{([\w:]+)\.[\w.]+ of /g, '${$1 of ');
}

/** The identities of a list of ids; none where the list itself is known only at deployment. */
export function identities(scope: IConstruct, ids: unknown): string[] {
  const list = known(scope, ids);
  return Array.isArray(list) ? list.map((id) => identity(scope, flat(id))) : [];
}

class KeepingReferences extends DefaultTokenResolver {
  constructor() {
    super({ join: (left, right) => flat(left) + flat(right) });
  }

  public resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (Reference.isReference(token) && (CfnResource.isCfnResource(token.target) || token.target instanceof CfnParameter)) {
      const type = token.target instanceof CfnParameter ? 'AWS::CloudFormation::Parameter' : token.target.cfnResourceType;
      return `\${${type}.${token.displayName} of ${token.target.node.path}}`;
    }
    return super.resolveToken(token, context, postProcessor);
  }
}
