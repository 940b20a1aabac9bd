import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/**
 * Expects an action to be refused by the construct at a path, in a message that holds all the given parts: the prop, what was given and
 * what is allowed.
 */
export function expectRefusal(action: () => unknown, path: string, ...parts: string[]): void {
  let message: string | undefined;
  try {
    action();
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).toBeDefined();
  expect(message!.trimEnd().endsWith(`[${path}]`) ? path : message).toBe(path);
  parts.forEach((part) => expect(message).toContain(part));
}

/**
 * The template of a stack that is wrong on purpose. Newer versions of the framework validate templates on synthesis and would refuse some
 * of them, so validation is off here.
 */
export function templateOfWrong(stack: Stack): Template {
  const { CDK_VALIDATION } = process.env;
  process.env.CDK_VALIDATION = 'false';
  try {
    return Template.fromStack(stack);
  } finally {
    if (CDK_VALIDATION === undefined) {
      delete process.env.CDK_VALIDATION;
    } else {
      process.env.CDK_VALIDATION = CDK_VALIDATION;
    }
  }
}
