/** How plugin and aspects word what was found. */
import { Finding, PLUGIN_NAME, Report } from '../analysis/check';

/** The message, what it rests on, and how to acknowledge it; the fix is told apart. */
export function description({ message, assumes, acknowledgement }: Finding): string {
  return [message, ...assumes.length > 0 ? [`it assumes that ${assumes.join(', ')}`] : [], `to acknowledge it: ${acknowledgement}`]
    .map((sentence) => `${sentence[0].toUpperCase()}${sentence.slice(1)}.`).join(' ');
}

/** What was judged and what could not be, in a line. */
export function summary({ services, undecided }: Report): string {
  return `${PLUGIN_NAME}: ${counted(services, 'service')} judged, ${counted(undecided.length, 'point')} not decidable`;
}

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** As toLocaleString('en') has it, which takes 10 ms the first time, of every synthesis. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** What is said of an acknowledgement of a rule that there is not. */
export function unknownRule(id: string): string {
  return `${id} is acknowledged here, and there is no such rule: it is misspelt, or of another version.`;
}

/** The environment variable with which everybody switches validation off: `CDK_VALIDATION=false`. */
export function switchedOff(): boolean {
  return process.env.CDK_VALIDATION === 'false';
}
