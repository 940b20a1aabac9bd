/**
 * Keys that an object of a template has twice. CloudFormation accepts them and takes the last
 * (https://github.com/aws-cloudformation/cfn-lint/issues/35), and so do the readers of templates; whoever wrote one hardly meant it.
 */

/** Is told of the first such key of a template, and where it is there again. */
export type RepeatedKey = (problem: string) => void;

export function repeatedText(line: number, column: number, key: string): string {
  return `line ${line}, column ${column}: key ${key} is there twice, of which CloudFormation takes the last`;
}

/** The first key that an object has twice, of which JSON.parse silently keeps the last. The text must be JSON. */
export function repeatedKey(text: string): { readonly key: string; readonly at: number } | undefined {
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
