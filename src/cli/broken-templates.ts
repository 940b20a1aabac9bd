import { TemplateError, TemplateInput } from '../analysis/templates';
import { Failure, problemOf } from './template-files';

/** Templates to judge together. */
export type Group = readonly TemplateInput[];

/** Does something with templates; those it cannot be done with are reported, and it is done without them. */
export function withoutBroken<T>(group: Group, failures: Failure[], action: (group: Group) => T): T | undefined {
  for (let left = group; left.length > 0;) {
    try {
      return action(left);
    } catch (error) {
      if (!(error instanceof TemplateError)) {
        throw error;
      }
      failures.push({ path: error.template, problem: problemOf(error) });
      left = without(error.template, left);
    }
  }
  return undefined;
}

/** Templates without one of them and what is nested in it. */
function without(name: string, group: Group): Group {
  const gone = new Set([name]);
  // What is nested comes after what it is nested in.
  return group.filter((input) => {
    if (input.nestedIn && gone.has(input.nestedIn.template)) {
      gone.add(input.name);
    }
    return !gone.has(input.name);
  });
}
