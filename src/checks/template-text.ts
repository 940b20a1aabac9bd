/**
 * The text of a template, JSON or YAML, read into an object with the functions in their long form.
 *
 * YAML needs a library, which is bundled with the command line and no dependency of the package, so nothing that index.ts reaches may
 * import this.
 */
import { TemplateError } from '../analysis/templates';
import { RepeatedKey, repeatedKey, repeatedText } from './repeated-keys';
import { SecondDocumentError, TemplateTextError } from './template-text-error';

export { SecondDocumentError, TemplateTextError };

/**
 * The longest text that is read, in characters. CloudFormation takes templates of a megabyte at most
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html); the rest is room for comments and
 * indentation that tools remove on the way there.
 */
export const MAX_CHARACTERS = 2 * 1024 * 1024;

/**
 * Reads a template.
 *
 * @param name how errors call it
 * @param repeated is told of a key that is there twice
 * @throws TemplateError for a text that is too long, and TemplateTextError for what is neither JSON nor YAML
 */
export function parseTemplate(text: string, name: string, repeated?: RepeatedKey): unknown {
  if (text.length > MAX_CHARACTERS) {
    throw new TemplateError(name, `it has ${text.length.toLocaleString('en')} characters; CloudFormation takes a megabyte, and more than ${
      MAX_CHARACTERS.toLocaleString('en')} are not read`);
  }
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (/^\s*\{/.test(source)) {
    const parsed = parseJson(source, repeated);
    if (parsed) {
      return parsed.body;
    }
  }
  // Loaded when it is needed: most templates of a CDK app are JSON.
  const { parseYaml } = require('./yaml-text') as typeof import('./yaml-text');
  return parseYaml(source, name, repeated);
}

/** `undefined` where it is no JSON: then it may be YAML in braces. */
function parseJson(text: string, repeated?: RepeatedKey): { readonly body: unknown } | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const first = repeated && repeatedKey(text);
  if (first) {
    const before = text.slice(0, first.at).split('\n');
    repeated(repeatedText(before.length, before.at(-1)!.length + 1, first.key));
  }
  return { body };
}
