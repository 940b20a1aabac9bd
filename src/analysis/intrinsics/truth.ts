/** `Fn::If`, and the conditions of a template. */
import { Comparison, MAX_CHOICES, Term, Words } from '../conditions';
import type { Call, Evaluator } from '../intrinsics';
import { assumesOf, Evaluated, identityOf, Text } from '../resources';
import { isBody, own, TemplateModel } from '../templates';
import { union } from '../value';
import { assuming, isGround, isScalar, malformed, NOTHING_ASSUMED, rawIdentity, scalar, shown } from './results';

/** Where a condition stands: decided, with what that rests on, or open. */
export interface Decision {
  readonly value?: boolean;
  readonly assumes: readonly string[];
}

export const HOLDS: Decision = { value: true, assumes: NOTHING_ASSUMED };

const OPEN: Decision = { assumes: NOTHING_ASSUMED };

/** Why something is undecided that depends on more conditions than are explored. */
export const TOO_MANY_OPEN = `more than ${MAX_CHOICES} conditions are open`;

/** The condition whose outcome a comparison is, or the opposite of it. */
interface Naming {
  readonly name: string;
  readonly positive: boolean;
}

/** The conditions of templates in one world. */
export class Conditions {
  private readonly decisions = new Map<TemplateModel, Map<string, Decision & { readonly version: number; readonly choosing: boolean }>>();

  constructor(private readonly evaluator: Evaluator) {}

  /**
   * Whether a condition holds.
   *
   * @param choosing whether to choose what nothing decides; else it stays open
   */
  public decision(model: TemplateModel, name: string, choosing: boolean): Decision {
    let decisions = this.decisions.get(model);
    if (!decisions) {
      this.decisions.set(model, decisions = new Map());
    }
    const seen = decisions.get(name);
    // A choice made since may have settled it; and what was only looked at may still be chosen.
    if (seen && (seen.value !== undefined || (seen.version === this.evaluator.choices.version && (seen.choosing || !choosing)))) {
      return seen;
    }
    const raw = model.conditions.has(name) ? model.conditions.get(name) : { Condition: name };
    const decision = this.expression(model, raw, choosing, { name, positive: true });
    decisions.set(name, { ...decision, version: this.evaluator.choices.version, choosing });
    return decision;
  }

  private expression(model: TemplateModel, raw: unknown, choosing: boolean, naming?: Naming): Decision {
    return this.evaluator.deeper(() => this.operation(model, raw, choosing, naming)) ?? OPEN;
  }

  private operation(model: TemplateModel, raw: unknown, choosing: boolean, naming?: Naming): Decision {
    const [key, argument] = isBody(raw) && Object.keys(raw).length === 1 ? Object.entries(raw)[0] : [];
    if (key === 'Condition' && typeof argument === 'string' && model.conditions.has(argument)) {
      return this.decision(model, argument, choosing);
    }
    if (key === 'Fn::Not' && Array.isArray(argument) && argument.length === 1) {
      const { value, assumes } = this.expression(model, argument[0], choosing, naming && { ...naming, positive: !naming.positive });
      return { value: value === undefined ? undefined : !value, assumes };
    }
    if ((key === 'Fn::And' || key === 'Fn::Or') && Array.isArray(argument)) {
      return this.several(model, argument, key === 'Fn::Or', choosing);
    }
    if (key === 'Fn::Equals' && Array.isArray(argument) && argument.length === 2) {
      return this.equality(model, argument, choosing, naming);
    }
    // Whatever else it is, it holds or does not, and does so wherever it stands.
    const left: Term = { identity: rawIdentity(this.evaluator.set, model, raw) };
    return this.decide({ left, right: { literal: 'true' } }, choosing, this.inWords(model, naming, 'a condition that cannot be read'));
  }

  /** @param settling the value of one operand that settles it: true for or, false for and */
  private several(model: TemplateModel, operands: readonly unknown[], settling: boolean, choosing: boolean): Decision {
    const decisions = operands.map((operand) => this.expression(model, operand, false));
    for (let index = 0; !decisions.some(({ value }) => value === settling) && index < operands.length && choosing; index++) {
      if (decisions[index].value === undefined) {
        decisions[index] = this.expression(model, operands[index], true);
      }
    }
    const settled = decisions.find(({ value }) => value === settling);
    if (settled || decisions.some(({ value }) => value === undefined)) {
      return settled ?? OPEN;
    }
    return { value: !settling, assumes: union(...decisions.map(({ assumes }) => assumes)) };
  }

  private equality(model: TemplateModel, operands: readonly unknown[], choosing: boolean, naming?: Naming): Decision {
    const [left, right] = operands.map((operand) => this.evaluator.evaluate(model, operand)
      ?? malformed(this.evaluator.set, model, operands, 'it has no value'));
    const assumes = union(assumesOf(left), assumesOf(right));
    const same = identityOf(left) === identityOf(right);
    if (same || (isGround(left) && isGround(right))) {
      return { value: same, assumes };
    }
    const [open, literal] = left.kind === 'scalar' ? [right, left] : [left, right];
    const inner = open.kind === 'text' && literal.kind === 'scalar' ? openPart(open, String(literal.value)) : undefined;
    if (inner === 'different') {
      return { value: false, assumes };
    }
    const { parameters } = this.evaluator;
    const term = (side: Evaluated): Term => {
      const identity = identityOf(side);
      return isGround(side)
        ? { literal: side.kind === 'scalar' ? String(side.value) : identity }
        : { identity, allowed: parameters.allowed(identity), filled: parameters.isFilled(identity) };
    };
    const words = this.inWords(model, naming, `${describe(operands[0])} equals ${describe(operands[1])}`);
    const [one, other] = inner ? [inner.part, scalar(inner.literal)] : [left, right];
    return { ...this.decide({ left: term(one), right: term(other) }, choosing, words), assumes };
  }

  private decide(comparison: Comparison, choosing: boolean, words: Words): Decision {
    const { choices } = this.evaluator;
    return { value: choosing ? choices.choose(comparison, words) : choices.settled(comparison), assumes: NOTHING_ASSUMED };
  }

  private inWords(model: TemplateModel, naming: Naming | undefined, otherwise: string): Words {
    const where = this.evaluator.set.models.length > 1 ? ` in ${model.template.name}` : '';
    const text = (equal: boolean) => naming
      ? `${naming.name} is ${equal === naming.positive}${where}`
      : `${otherwise} is ${equal}${where}`;
    return { equal: text(true), different: text(false) };
  }
}

/**
 * Of a text and a literal that it is to equal: the one part of it that is open, and what that has to be. `different` where they are not
 * equal whatever is open; `undefined` where several parts are.
 */
function openPart({ parts }: Text, literal: string): 'different' | { readonly part: Evaluated; readonly literal: string } | undefined {
  const before = typeof parts[0] === 'string' ? parts[0] : '';
  const last = parts.at(-1);
  const after = typeof last === 'string' ? last : '';
  const length = parts.reduce((total, part) => total + (typeof part === 'string' ? part.length : 0), 0);
  if (!literal.startsWith(before) || !literal.endsWith(after) || literal.length < length) {
    return 'different';
  }
  const open = parts.filter((part) => typeof part !== 'string');
  return open.length === 1 ? { part: open[0], literal: literal.slice(before.length, literal.length - after.length) } : undefined;
}

/** `Fn::If`: a condition and two values. */
export function choice({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  if (!Array.isArray(argument) || argument.length !== 3 || typeof argument[0] !== 'string') {
    return malformed(evaluator.set, model, raw, 'Fn::If takes a condition and two values');
  }
  const { value, assumes } = evaluator.conditions.decision(model, argument[0], true);
  if (value === undefined) {
    return malformed(evaluator.set, model, raw, TOO_MANY_OPEN);
  }
  const chosen = evaluator.evaluate(model, argument[value ? 1 : 2]);
  return chosen && assuming(chosen, assumes);
}

/** A side of a comparison in words. */
function describe(raw: unknown): string {
  if (isScalar(raw)) {
    return raw === '' ? '(empty)' : shown(String(raw));
  }
  const ref = isBody(raw) ? own(raw, 'Ref') : undefined;
  return typeof ref === 'string' ? ref : shown(JSON.stringify(raw) ?? '');
}
