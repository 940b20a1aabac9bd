/**
 * The text of a template, JSON or YAML, read into an object with the functions in their long form.
 *
 * YAML needs a library, which is bundled with the command line and no dependency of the package, so nothing that index.ts reaches may
 * import this.
 */
import { TemplateError } from '../analysis/templates';
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
 * @throws TemplateError for a text that is too long, and TemplateTextError for what is neither JSON nor YAML
 */
export function parseTemplate(text: string, name: string): unknown {
  if (text.length > MAX_CHARACTERS) {
    throw new TemplateError(name, `it has ${text.length.toLocaleString('en')} characters; CloudFormation takes a megabyte, and more than ${
      MAX_CHARACTERS.toLocaleString('en')} are not read`);
  }
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (/^\s*\{/.test(source)) {
    const parsed = parseJson(source, name);
    if (parsed) {
      return parsed.body;
    }
  }
  // Loaded when it is needed: most templates of a CDK app are JSON.
  const { parseYaml } = require('./yaml-text') as typeof import('./yaml-text');
  return parseYaml(source, name);
}

/** `undefined` where it is no JSON: then it may be YAML in braces. */
function parseJson(text: string, name: string): { readonly body: unknown } | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const repeated = repeatedKey(text);
  if (repeated) {
    const before = text.slice(0, repeated.at).split('\n');
    throw new TemplateTextError(name, before.length, before.at(-1)!.length + 1, `key ${repeated.key} is there twice`);
  }
  return { body };
}

/** The first key that an object has twice, of which JSON.parse would silently keep the last. The text must be JSON. */
function repeatedKey(text: string): { readonly key: string; readonly at: number } | undefined {
  // The keys of each object that is open, `undefined` for a list.
  const open: Array<Set<string> | undefined> = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{': open.push(new Set()); expectsKey = true; break;
      case '[': open.push(undefined); expectsKey = false; break;
      case '}': case ']': open.pop(); expectsKey = false; break;
      case ',': expectsKey = open.at(-1) !== undefined; break;
      case '"': {
        const start = at;
        for (at++; text[at] !== '"'; at++) {
          if (text[at] === '\\') {
            at++;
          }
        }
        if (expectsKey) {
          const key = JSON.parse(text.slice(start, at + 1)) as string;
          const keys = open.at(-1)!;
          if (keys.has(key)) {
            return { key, at: start };
          }
          keys.add(key);
          expectsKey = false;
        }
        break;
      }
    }
  }
  return undefined;
}
