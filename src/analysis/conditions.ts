/**
 * The comparisons of conditions that nothing decides, and the choices between their two outcomes.
 *
 * What CloudFormation calls a condition is made of `Fn::Equals` by and, or, not. So the free choices are the comparisons, not the
 * conditions: two conditions on one parameter, in one template or in several, then go together by themselves.
 */

/** A side of a comparison: a literal, or an expression that nothing decides. */
export interface Term {
  readonly literal?: string;
  /** The expression's identity; absent for a literal. */
  readonly identity?: string;
  /** What the expression can come to, where the template says so (`AllowedValues`). */
  readonly allowed?: readonly string[];
  /** Whether it cannot be an empty text, by its type or `MinLength`. */
  readonly filled?: boolean;
}

/** Whether two terms are equal. */
export interface Comparison {
  readonly left: Term;
  readonly right: Term;
}

/** The two outcomes of a comparison in words: `Prod is true`, `Prod is false`. */
export interface Words {
  readonly equal: string;
  readonly different: string;
}

/** A comparison and the outcome that was chosen for it. */
export interface Choice extends Comparison {
  readonly equal: boolean;
  readonly words: Words;
  /** Whether the other outcome has been explored. */
  readonly second: boolean;
}

/**
 * How many comparisons are chosen freely at most, which makes 64 worlds. Every rule is run in each of them; templates that leave more open
 * are judged where that does not matter, and reported as undecided where it does.
 */
export const MAX_CHOICES = 6;

/** The choices of one world. They are added as they are met, so that conditions that matter to nobody make no worlds. */
export class Choices {
  private readonly made: Choice[];
  private readonly beyond = new Set<string>();

  /**
   * @param given choices to start with, in the order in which they were made
   * @param most how many there can be
   */
  constructor(given: readonly Choice[] = [], private readonly most = MAX_CHOICES) {
    this.made = [...given];
  }

  public get all(): readonly Choice[] {
    return this.made;
  }

  /** What had to stay open because too many choices were made already. */
  public get open(): readonly string[] {
    return [...this.beyond];
  }

  /** Changes whenever a choice is made: what was open before may be settled by it. */
  public get version(): number {
    return this.made.length;
  }

  /** The outcome that follows from the choices made so far; `undefined` if both are possible. */
  public settled(comparison: Comparison): boolean | undefined {
    if (!isPossible([...this.made, { ...comparison, equal: true }])) {
      return false;
    }
    return isPossible([...this.made, { ...comparison, equal: false }]) ? undefined : true;
  }

  /** The outcome, chosen now if it does not follow from earlier choices; `undefined` if that would be one choice too many. */
  public choose(comparison: Comparison, words: Words): boolean | undefined {
    const settled = this.settled(comparison);
    if (settled !== undefined) {
      return settled;
    }
    if (this.made.length >= this.most) {
      this.beyond.add(words.equal);
      return undefined;
    }
    this.made.push({ ...comparison, equal: true, words, second: false });
    return true;
  }
}

/** The choices to start the next world with, depth first; `undefined` after the last. */
export function nextChoices(made: readonly Choice[]): Choice[] | undefined {
  const last = made.map((choice) => choice.second).lastIndexOf(false);
  if (last < 0) {
    return undefined;
  }
  return [...made.slice(0, last), { ...made[last], equal: !made[last].equal, second: true }];
}

/** Whether the outcomes can hold together: equality is transitive, two literals differ, and a term is one of its allowed values. */
function isPossible(outcomes: ReadonlyArray<Comparison & { readonly equal: boolean }>): boolean {
  const terms = outcomes.flatMap(({ left, right }) => [left, right]);
  const nameOf = (term: Term) => term.identity ?? JSON.stringify(['literal', term.literal]);
  const classOf = new Map(terms.map((term) => [nameOf(term), nameOf(term)]));
  for (const { left, right, equal } of outcomes) {
    if (equal) {
      const [to, from] = [classOf.get(nameOf(left))!, classOf.get(nameOf(right))!];
      classOf.forEach((current, name) => {
        if (current === from) {
          classOf.set(name, to);
        }
      });
    }
  }
  const inClass = (name: string) => terms.filter((term) => classOf.get(nameOf(term)) === name);
  const literalsOf = (name: string) => [...new Set(inClass(name).flatMap(({ literal }) => literal ?? []))];
  const different = outcomes.filter(({ equal }) => !equal)
    .map(({ left, right }) => [classOf.get(nameOf(left))!, classOf.get(nameOf(right))!]);
  return different.every(([a, b]) => a !== b) && [...new Set(classOf.values())].every((name) => {
    const literals = literalsOf(name);
    const allowed = inClass(name).flatMap((term) => term.allowed ? [term.allowed] : []);
    const excluded = different.flatMap(([a, b]) => (a === name ? literalsOf(b) : b === name ? literalsOf(a) : []));
    return literals.length < 2
      && !(literals[0] === '' && inClass(name).some(({ filled }) => filled))
      && (!allowed.length || (literals.length ? literals : allowed[0]).some(
        (value) => allowed.every((values) => values.includes(value)) && !excluded.includes(value)));
  });
}
