/** What is assumed of parameters on the command line, and which templates take it. */
import { isListType, isReadFromSsm } from '../analysis/intrinsics/parameters';
import { isScalar } from '../analysis/intrinsics/results';
import { listed } from '../analysis/listed';
import { Body, isBody, own, TemplateInput } from '../analysis/templates';

/** Values of parameters by their names. */
export type Assumed = ReadonlyMap<string, string>;

/** The parameters that a template declares. */
export function declaredIn(body: unknown): Body {
  const parameters = isBody(body) ? own(body, 'Parameters') : undefined;
  return isBody(parameters) ? parameters : {};
}

/**
 * What is assumed of the parameters of a template, without what it refuses. Of those that are read from Systems Manager it is what they
 * come to, unless it looks like the path of a parameter there: CloudFormation takes that for their value.
 */
export function assumedIn(body: unknown, assumed: Assumed): Pick<TemplateInput, 'parameters' | 'resolved'> {
  const declared = declaredIn(body);
  const taken = [...assumed].filter(([name, value]) => refusal(own(declared, name), value) === undefined);
  const isWhatItComesTo = ([name, value]: readonly [string, string]) => {
    const its = own(declared, name);
    return isBody(its) && isReadFromSsm(its) && !value.startsWith('/');
  };
  return {
    parameters: Object.fromEntries(taken.filter((one) => !isWhatItComesTo(one))),
    resolved: Object.fromEntries(taken.filter(isWhatItComesTo)),
  };
}

/** A value that a template does not take. */
export interface Refusal {
  readonly template: string;
  readonly problem: string;
  /** Whether no template takes it that has such a parameter. */
  readonly byAll: boolean;
}

export function refusalsOf(assumed: Assumed, templates: readonly TemplateInput[]): readonly Refusal[] {
  return [...assumed].flatMap(([parameter, value]) => {
    const musts = templates.flatMap(({ name, body }) => {
      const declared = own(declaredIn(body), parameter);
      return declared === undefined ? [] : [{ template: name, must: refusal(declared, value) }];
    });
    const byAll = musts.every(({ must }) => must !== undefined);
    return musts.flatMap(({ template, must }) => must === undefined ? [] : [
      { template, problem: `parameter ${parameter} must be ${must}, got ${value === '' ? '(empty)' : value}`, byAll },
    ]);
  });
}

/** What a value of a parameter must be, where it is not. */
function refusal(declared: unknown, value: string): string | undefined {
  if (!isBody(declared) || isReadFromSsm(declared)) {
    return undefined;
  }
  const type = own(declared, 'Type');
  const isList = isListType(type);
  const values = !isList ? [value] : value.trim() === '' ? [] : value.split(',').map((one) => one.trim());
  const areNumbers = type === 'Number' || type === 'List<Number>';
  if (areNumbers && !values.every(isNumber)) {
    return isList ? 'numbers with commas between them' : 'a number';
  }
  const allowed = own(declared, 'AllowedValues');
  const isAllowed = (one: string) => !Array.isArray(allowed) || !allowed.every(isScalar)
    || allowed.some((other) => String(other) === one || (areNumbers && Number(other) === Number(one)));
  return values.every(isAllowed) ? undefined : `${isList ? 'of' : 'one of'} ${listed((allowed as unknown[]).map(String))}`;
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}
