/**
 * The lines on which resources stand in the text of a template, counted from 1. Found in the text of the few templates that have findings,
 * so that reading templates costs no more for it; a resource that is written unusually has none.
 */
export type ResourceLines = ReadonlyMap<string, number>;

export function resourceLines(text: string): ResourceLines {
  return /^\s*\{/.test(text) ? linesInJson(text) : linesInYaml(text.replace(/^\uFEFF/, ''));
}

function linesInJson(text: string): ResourceLines {
  const lines = new Map<string, number>();
  let [line, depth, section] = [1, 0, ''];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]\n]/g)) {
    switch (token[0]) {
      case '\n': line++; break;
      case '{': case '[': depth++; break;
      case '}': case ']': depth--; break;
      default:
        if (token.endsWith(':') && depth === 1) {
          section = nameIn(token);
        } else if (token.endsWith(':') && depth === 2 && section === 'Resources') {
          lines.set(nameIn(token), line);
        }
        line += token.split('\n').length - 1;
    }
  }
  return lines;
}

/** The text of a key with its quotes and what follows them. */
function nameIn(token: string): string {
  try {
    return JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string;
  } catch {
    return '';
  }
}

/** A key as far as the colon that ends it. What may stand in a key is told without a choice: each way to take blanks would be tried. */
const KEY = /^( *)(?:"([^"]*)"\s*|'([^']*)'\s*|([^\s"'#{[][^:\r]*(?::(?!\s|$)[^:\r]*)*)):(?:\s|$)/;

/** Keys in lines of their own, as far in as the first one: everything in a resource is further in. */
function linesInYaml(text: string): ResourceLines {
  const lines = new Map<string, number>();
  let [inResources, indentation] = [false, 0];
  text.split('\n').forEach((line, index) => {
    if (/^\s*(?:#|$)/.test(line)) {
      return;
    }
    const [, blanks, quoted, quotedOnce, plain] = KEY.exec(line) ?? [];
    const key = quoted ?? quotedOnce ?? plain?.trimEnd();
    if (!/^\s/.test(line)) {
      [inResources, indentation] = [key === 'Resources', 0];
    } else if (inResources && key !== undefined) {
      indentation ||= blanks.length;
      if (blanks.length === indentation) {
        lines.set(key, index + 1);
      }
    }
  });
  return lines;
}
