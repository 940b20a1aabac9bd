import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * The error for a prop that cannot be right. Every refusal of this library is one of these, so that it always names the construct.
 *
 * @param message which prop, what was given, what is allowed.
 */
export function invalid(scope: IConstruct, message: string): Error {
  const error = new Error(`${message} [${scope.node.path || 'App'}]`);
  error.name = 'InvalidProp';
  return error;
}

/** How a given value is shown in an error: tokens are not worth printing. */
export function shown(value: unknown): string {
  if (Token.isUnresolved(value)) {
    return 'a value known only at deployment';
  }
  return typeof value === 'object' && value !== null ? value.constructor.name : JSON.stringify(value) ?? String(value);
}

/**
 * Refuses a number that is not an integer within bounds. Left out and unresolved numbers pass.
 */
export function requireInteger(
  scope: IConstruct, prop: string, value: number | undefined, first: number, last = Number.MAX_SAFE_INTEGER,
): void {
  if (value === undefined || Token.isUnresolved(value)) {
    return;
  }
  if (!Number.isInteger(value) || value < first || value > last) {
    const allowed = last === Number.MAX_SAFE_INTEGER ? `an integer of at least ${first}` : `an integer from ${first} to ${last}`;
    throw invalid(scope, `'${prop}' must be ${allowed}, got ${shown(value)}`);
  }
}

/**
 * Refuses what is neither true nor false: the text 'false', as context has it, would count as true. What is left out passes.
 */
export function requireBoolean(scope: IConstruct, prop: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw invalid(scope, `'${prop}' must be true or false, got ${shown(value)}`);
  }
}
