import { createColors } from 'picocolors';
import type { Io, Output } from './io';

/** Colours where there is a terminal to show them and its user has nothing against them (https://no-color.org). */
export function coloursFor({ isTTY }: Output, env: Io['env']) {
  return createColors(isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb');
}

/**
 * Text of a template or a path, with what would move the cursor, colour or end the line as `\u001b`: a name in somebody's template is not
 * to look like what this program says, or to begin a line, in which CI systems see commands.
 */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Fewer templates are judged before anybody can read it. */
const MANY = 50;
const ERASE = '\r\x1b[K';

/** A line that tells how far a long run is, on a terminal only. It writes over itself, and is gone at the end. */
export class Progress {
  private toldAt = -Infinity;

  constructor(private readonly output: Output, private readonly now = () => performance.now()) {}

  public tell(done: number, total: number): void {
    if (this.output.isTTY === true && total >= MANY && this.now() - this.toldAt >= 100) {
      this.toldAt = this.now();
      this.output.write(`${ERASE}judged ${done} of ${total} templates`);
    }
  }

  public end(): void {
    if (this.toldAt > -Infinity) {
      this.output.write(ERASE);
    }
  }
}
