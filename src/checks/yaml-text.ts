/** YAML as CloudFormation takes it: the only place that knows the YAML library. */
import {
  Alias, Composer, Document, isAlias, isMap, isScalar, isSeq, LineCounter, ParsedNode, Parser, Scalar, ScalarTag, Tags, YAMLMap,
  YAMLParseError,
} from 'yaml';
import { isBody, MAX_DEPTH, TemplateError } from '../analysis/templates';
import { RepeatedKey, repeatedText } from './repeated-keys';
import { SecondDocumentError, TemplateTextError } from './template-text-error';

/** The library follows nesting on the stack, and its end is where this is found out at the latest. */
const TOO_DEEP = `it nests more than ${MAX_DEPTH} levels deep`;

/** How many keys `<<` may copy. Maps that are merged into each other over and over would fill the memory from a few lines. */
const MAX_MERGED_KEYS = 100_000;

/**
 * What unquoted `yes` and `no` are: CloudFormation takes them for truth values, as YAML 1.1 does
 * (https://github.com/aws/aws-cli/pull/5257, https://github.com/ASFHyP3/hyp3/pull/2061). `y` and `n`, which YAML 1.1 has as well, are left
 * as texts, as the widely used readers of YAML 1.1 do.
 */
const BOOLEAN: ScalarTag = {
  identify: (value) => typeof value === 'boolean',
  default: true,
  tag: 'tag:yaml.org,2002:bool',
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:yes|true|on)$/i.test(text),
};

/**
 * Numbers, strictly as YAML 1.1 has them: https://yaml.org/type/int.html, and https://yaml.org/type/float.html with one point and an exponent
 * only behind it. So the account 012345678901, the version 1.2.3 and the revision 1e3 are texts.
 */
const INTEGER: ScalarTag = {
  default: true,
  tag: 'tag:yaml.org,2002:int',
  test: /^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*(?::[0-5]?[0-9])*)$/,
  resolve: (text) => {
    const digits = text.replace(/_/g, '').replace(/^[-+]/, '');
    const value = /^0[bx]/.test(digits)
      ? Number(digits)
      : digits.startsWith('0') ? parseInt(digits, 8) : digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    return text.startsWith('-') ? -value : value;
  },
};

const FLOAT: ScalarTag = {
  default: true,
  tag: 'tag:yaml.org,2002:float',
  test: /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/,
  resolve: (text) => Number(text.replace(/_/g, '')),
};

/**
 * The tags that are read: those of YAML 1.1 except what CloudFormation documents that it does not take, binary, omap, pairs, set and
 * timestamp (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html). So 2010-09-09 is a text.
 */
const TAGS: Tags = ['null', BOOLEAN, INTEGER, FLOAT];

/**
 * YAML 1.1, the version CloudFormation documents (same page): 022 is octal and 22:22 counts in sixties, as surprising as that is for a
 * pair of ports. Anchors and `<<` are read although the page says that CloudFormation does not take them: tools that package templates
 * resolve them.
 */
const OPTIONS = {
  version: '1.1',
  schema: 'failsafe',
  customTags: TAGS,
  // Checked here, for the library compares each key with each other.
  uniqueKeys: false,
  logLevel: 'silent',
  keepSourceTokens: false,
} as const;

/** @throws TemplateTextError for what is no YAML of one document, and TemplateError for what nests too deep */
export function parseYaml(text: string, name: string, repeated?: RepeatedKey): unknown {
  const lines = new LineCounter();
  const fail = (at: number, problem: string, kind = TemplateTextError) => {
    const { line, col } = lines.linePos(at);
    return new kind(name, Math.max(line, 1), Math.max(col, 1), problem);
  };
  let document: Document.Parsed | undefined;
  // The library makes an error of each tag it does not know, and a stack trace with it is a third of its time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const composer = new Composer<ParsedNode>({ ...OPTIONS, lineCounter: lines });
    for (const next of composer.compose(new Parser(lines.addNewLine).parse(text), true, text.length)) {
      const [error] = next.errors;
      if (error) {
        throw fail(error.pos[0], wording(error));
      }
      if (document) {
        throw fail(next.range[0], 'a second document starts here; a template is one', SecondDocumentError);
      }
      document = next;
    }
  } catch (error) {
    throw error instanceof RangeError ? new TemplateError(name, TOO_DEEP) : error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  if (!document?.contents || (isScalar(document.contents) && document.contents.value === null)) {
    throw new TemplateTextError(name, 1, 1, 'there is nothing but white space and comments');
  }
  let first: string | undefined;
  const value = new Conversion(fail, (at, key) => {
    const { line, col } = lines.linePos(at);
    first ??= repeatedText(line, col, key);
  }).value(document.contents);
  if (first !== undefined) {
    repeated?.(first);
  }
  return value;
}

function wording({ message }: YAMLParseError): string {
  return /call stack/.test(message) ? TOO_DEEP : message.split('\n')[0];
}

const UNFINISHED = Symbol('unfinished');

/** From the library's nodes to plain values. */
class Conversion {
  private readonly anchors = new Map<string, unknown>();
  private depth = 0;
  private merged = 0;

  constructor(
    private readonly fail: (at: number, problem: string) => TemplateTextError,
    private readonly repeated: (at: number, key: string) => void,
  ) {}

  public value(node: unknown): unknown {
    if (isAlias(node)) {
      return this.alias(node);
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) {
      return null;
    }
    if (++this.depth > MAX_DEPTH) {
      throw this.fail(node.range?.[0] ?? 0, TOO_DEEP);
    }
    if (node.anchor) {
      this.anchors.set(node.anchor, UNFINISHED);
    }
    const plain = isScalar(node) ? scalar(node) : isSeq(node) ? node.items.map((item) => this.value(item)) : this.entries(node);
    const value = longForm(node.tag, plain);
    if (node.anchor) {
      this.anchors.set(node.anchor, value);
    }
    this.depth--;
    return value;
  }

  private alias(node: Alias): unknown {
    const value = this.anchors.get(node.source);
    if (value === undefined || value === UNFINISHED) {
      const at = node.range?.[0] ?? 0;
      throw this.fail(at, value ? `*${node.source} stands inside of what it stands for` : `nothing before it has the anchor &${node.source}`);
    }
    return value;
  }

  private entries(map: YAMLMap): Record<string, unknown> {
    const entries: Record<string, unknown> = {};
    const merges: unknown[] = [];
    for (const { key, value } of map.items) {
      const at = (isScalar(key) || isAlias(key) ? key.range?.[0] : undefined) ?? map.range?.[0] ?? 0;
      if (isScalar(key) && key.type === Scalar.PLAIN && key.source === '<<') {
        merges.push(...this.mergedFrom(value, at));
        continue;
      }
      const name = this.key(key, at);
      if (Object.hasOwn(entries, name)) {
        this.repeated(at, name);
      }
      put(entries, name, this.value(value));
    }
    for (const from of merges) {
      for (const [name, value] of Object.entries(from as object)) {
        if (++this.merged > MAX_MERGED_KEYS) {
          throw this.fail(map.range?.[0] ?? 0, `<< copies more than ${MAX_MERGED_KEYS.toLocaleString('en')} keys`);
        }
        if (!Object.hasOwn(entries, name)) {
          put(entries, name, value);
        }
      }
    }
    return entries;
  }

  private mergedFrom(node: unknown, at: number): unknown[] {
    const value = this.value(node);
    const sources = Array.isArray(value) ? value as unknown[] : [value];
    if (!sources.every(isBody)) {
      throw this.fail(at, '<< takes an object or a list of objects');
    }
    return sources;
  }

  private key(node: unknown, at: number): string {
    const key = isAlias(node) ? this.alias(node) : isScalar(node) && node.value !== null ? node.source ?? node.value : undefined;
    if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'boolean') {
      throw this.fail(at, 'a key must be a text');
    }
    return String(key);
  }
}

/** Sets a key that may be `__proto__`, which an assignment would take for something else. */
function put(entries: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(entries, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    entries[key] = value;
  }
}

function scalar({ value, source }: Scalar): unknown {
  // What is no number in JSON, or has more digits than one holds, stays as it is written.
  const exact = typeof value !== 'number' || (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value));
  return exact && (value === null || ['string', 'number', 'boolean'].includes(typeof value)) ? value : source ?? String(value);
}

/** `!Ref X` is `{ Ref: X }`, and every other tag with one exclamation mark is a function. */
function longForm(tag: string | undefined, value: unknown): unknown {
  if (!tag?.startsWith('!') || tag === '!') {
    return value;
  }
  const name = tag.slice(1);
  return { [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: value };
}
