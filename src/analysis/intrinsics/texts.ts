/** `Fn::Join`, `Fn::Split`, `Fn::Base64`, and texts with dynamic references. */
import type { Call, Evaluator } from '../intrinsics';
import { assumesOf, Evaluated, identityOf, mayHold, Reference, SEPARATORS, Text, Undecided } from '../resources';
import type { TemplateModel } from '../templates';
import { union } from '../value';
import { placed, ssmParameter } from './pseudo';
import { EvaluatedList, malformed, misplaced, NOTHING_ASSUMED, scalar, undecided, whyOf } from './results';

type Part = string | Reference | Undecided;

/** The longest text that is put together, in characters, and in parts: as long as a template. Functions can double it a hundred times. */
const MAX_CHARACTERS = 1_000_000;
const MAX_PARTS = 100_000;
const TOO_LONG = 'the text is longer than a template can be';

/** What is known of texts in one world. */
export class Texts {
  /** Lists whose items were joined, by the identity of the result: splitting it gives them back. */
  private readonly joined = new Map<string, { readonly delimiter: string; readonly list: Evaluated }>();
  /** Texts that are not known and their delimiters, by the identities of the lists they were split into. */
  private readonly split = new Map<string, { readonly delimiter: string; readonly text: Evaluated }>();

  /** Something undecided that is one word, such as the name of a zone. */
  public word(why: string, identity: string): Undecided {
    return { ...undecided(why, identity), without: SEPARATORS };
  }

  /** An item of a list that is not known. */
  public itemOf(list: Reference | Undecided, index: number, identity: string): Undecided {
    const { delimiter, text } = this.split.get(list.identity) ?? {};
    const word = this.word(whyOf(list), identity);
    const item = list.kind === 'reference' ? { ...word, itemOf: list } : word;
    const pieceOf = text?.kind === 'reference' ? { whole: text, delimiter: delimiter!, index } : undefined;
    // The framework joins ids with `||` to export them. Of other texts the pieces may have separators of their own.
    return { ...item, ...delimiter === undefined || delimiter === '||' ? {} : { without: delimiter }, ...pieceOf && { pieceOf } };
  }

  /** The list into which a text that is not known is split. */
  public pieces(text: Evaluated, open: Evaluated, delimiter: string, identity: string): Undecided {
    this.split.set(identity, { delimiter, text });
    return undecided(whyOf(open), identity);
  }

  public join(identity: string, delimiter: string, list: Evaluated): void {
    this.joined.set(identity, { delimiter, list });
  }

  /** The list that was joined with a delimiter to what has this identity. */
  public listBehind(identity: string, delimiter: string): Evaluated | undefined {
    const joined = this.joined.get(identity);
    return joined?.delimiter === delimiter ? joined.list : undefined;
  }
}

/** `Fn::Base64`: user data is read in the clear, however it is encoded on the way. */
export function base64({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  return evaluator.evaluate(model, argument) ?? malformed(evaluator.set, model, raw, 'Fn::Base64 takes a text');
}

/** `Fn::Join`: a delimiter and a list. */
export function join({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const [delimiter, items] = Array.isArray(argument) && argument.length === 2 ? argument as unknown[] : [];
  const list = evaluator.evaluate(model, items);
  if (typeof delimiter === 'string' && list?.kind === 'list') {
    const parts = list.items.flatMap((item, index) => index && delimiter !== '' ? [scalar(delimiter), item] : [item]);
    return textOf(evaluator, model, parts, list.assumes);
  }
  if (typeof delimiter !== 'string' || (list?.kind !== 'reference' && list?.kind !== 'undecided')) {
    return malformed(evaluator.set, model, raw, 'Fn::Join takes a text and a list');
  }
  const identity = evaluator.set.identity('"join"', JSON.stringify(delimiter), list.identity);
  evaluator.texts.join(identity, delimiter, list);
  return { ...undecided(whyOf(list), identity), joinedWith: delimiter };
}

/** Texts one after the other: a literal where all of them are. */
export function textOf(
  evaluator: Evaluator, model: TemplateModel, texts: readonly Evaluated[], assumed: readonly string[] = NOTHING_ASSUMED,
): Evaluated {
  const assumes = union(assumed, ...texts.map(assumesOf));
  const parts: Part[] = [];
  let characters = 0;
  const add = (part: Part) => {
    const last = parts.at(-1);
    characters += typeof part === 'string' ? part.length : 0;
    if (typeof part === 'string' && typeof last === 'string') {
      parts[parts.length - 1] = last + part;
    } else if (part !== '') {
      parts.push(part);
    }
  };
  for (const text of texts) {
    switch (text.kind) {
      case 'scalar': add(String(text.value)); break;
      case 'text': text.parts.forEach(add); break;
      case 'reference': case 'undecided': add(text); break;
      case 'list': case 'entries': add(undecided(misplaced(text), text.identity)); break;
    }
    if (characters > MAX_CHARACTERS || parts.length > MAX_PARTS || (text.kind === 'undecided' && text.why === TOO_LONG)) {
      return undecided(TOO_LONG, evaluator.set.identity('"texts"', ...texts.map(identityOf)));
    }
  }
  return parts.length === 1 && typeof parts[0] === 'string' && parts[0].includes('{{resolve:')
    ? dynamicReferences(evaluator, model, parts[0], assumes)
    : textOfParts(evaluator, parts, assumes);
}

function textOfParts(evaluator: Evaluator, parts: readonly Part[], assumes: readonly string[]): Evaluated {
  if (parts.length > 1) {
    const identity = evaluator.set.identity('"text"', ...parts.map((part) => typeof part === 'string' ? JSON.stringify(part) : part.identity));
    return { kind: 'text', parts, assumes, identity } satisfies Text;
  }
  const [only = ''] = parts;
  return typeof only === 'string' ? scalar(only, assumes) : only.kind === 'reference' ? { ...only, assumes } : only;
}

/**
 * A literal text with dynamic references in it, which CloudFormation replaces when it deploys:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html.
 */
export function dynamicReferences(evaluator: Evaluator, model: TemplateModel, text: string, assumes: readonly string[]): Evaluated {
  const parts = text.split(/(\{\{resolve:[^{}]*\}\})/).filter((part) => part !== '').map((part): Part => {
    const [, service, name] = /^\{\{resolve:([a-z-]+):(.*)\}\}$/s.exec(part) ?? [];
    if (service === undefined) {
      return part;
    }
    if (service === 'ssm' && !name.includes(':')) {
      return ssmParameter(evaluator, model, name);
    }
    const found = undecided(`it is read from ${service === 'secretsmanager' ? 'Secrets Manager' : 'Systems Manager'} when it is deployed`,
      placed(evaluator, model, 'resolve', JSON.stringify(part)));
    return service === 'ssm' ? { ...found, ssmParameter: name.slice(0, name.lastIndexOf(':')) } : found;
  });
  return textOfParts(evaluator, parts, assumes);
}

/** `Fn::Split`: a delimiter and a text. */
export function split({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const [delimiter, source] = Array.isArray(argument) && argument.length === 2 ? argument as unknown[] : [];
  const text = evaluator.evaluate(model, source);
  return typeof delimiter !== 'string' || delimiter === '' || !text || text.kind === 'list' || text.kind === 'entries'
    ? malformed(evaluator.set, model, raw, 'Fn::Split takes a delimiter and a text')
    : splitAt(evaluator, text, delimiter, (piece) => piece);
}

/** A list as parameters take it: its items divided by commas, and trimmed. An empty text is an empty list. */
export function splitList(evaluator: Evaluator, text: Evaluated): Evaluated {
  if (text.kind === 'list' || (text.kind === 'scalar' && String(text.value).trim() === '')) {
    return text.kind === 'list' ? text : new EvaluatedList(evaluator.set, [], text.assumes);
  }
  return splitAt(evaluator, text, ',', (piece) => piece.trim());
}

function splitAt(evaluator: Evaluator, text: Evaluated, delimiter: string, trimmed: (piece: string) => string): Evaluated {
  const joined = evaluator.texts.listBehind(identityOf(text), delimiter);
  if (joined) {
    return joined;
  }
  const parts: ReadonlyArray<string | Evaluated> = text.kind === 'scalar' ? [String(text.value)] : text.kind === 'text' ? text.parts : [text];
  const items: Part[][] = [[]];
  for (const part of parts) {
    if (typeof part === 'string') {
      const [first, ...rest] = part.split(delimiter).map(trimmed);
      items.at(-1)!.push(first);
      items.push(...rest.map((piece) => [piece]));
    } else if ((part.kind === 'reference' || part.kind === 'undecided') && !mayHold(part, delimiter)) {
      items.at(-1)!.push(part);
    } else {
      return evaluator.texts.pieces(text, part, delimiter, evaluator.set.identity('"split"', JSON.stringify(delimiter), identityOf(text)));
    }
  }
  const pieces = items.map((item) => textOfParts(evaluator, item.filter((part) => part !== ''), NOTHING_ASSUMED));
  return new EvaluatedList(evaluator.set, pieces, assumesOf(text));
}
