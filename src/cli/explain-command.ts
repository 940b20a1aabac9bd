/** `explain`: what a rule says of itself. */
import type { Rule } from '../analysis/rule';
import { RULES } from '../analysis/rules';
import type { Io } from './io';
import { ruleNamed } from './rules-named';
import { coloursFor } from './terminal';

export function explainCommand(id: string | undefined, options: { readonly format: string }, io: Io): void {
  const rules = id === undefined ? RULES : [ruleNamed(id)];
  if (options.format === 'json') {
    // A rule's function has no JSON, and is left out.
    io.stdout.write(`${JSON.stringify(id === undefined ? rules : rules[0], undefined, 2)}\n`);
  } else {
    io.stdout.write(id === undefined ? list(io) : explanation(rules[0], io));
  }
}

function list(io: Io): string {
  const colours = coloursFor(io.stdout, io.env);
  const width = Math.max(...RULES.map(({ id }) => id.length));
  return RULES.map(({ id, summary }) => `${colours.bold(id.padEnd(width))}  ${summary}\n`).join('');
}

function explanation(rule: Rule, io: Io): string {
  const colours = coloursFor(io.stdout, io.env);
  const part = (title: string, text: string) => `\n${colours.bold(title)}\n${indented(text)}\n`;
  return [
    `${colours.bold(rule.id)} (${rule.family})\n${indented(rule.summary)}\n`,
    part('Why', rule.why),
    part('Fix', rule.fix),
    part('Acknowledge', rule.acknowledge),
    part('Source', rule.source),
    part('A template with this problem', fragment(rule.bad)),
    part('The same put right', fragment(rule.good)),
  ].join('');
}

function fragment(resources: Readonly<Record<string, unknown>>): string {
  const { stringify } = require('yaml') as typeof import('yaml');
  // Aliases would show how the fragment is written in TypeScript; a template is read without them.
  return stringify({ Resources: resources }, { aliasDuplicateObjects: false, lineWidth: 0 }).trimEnd();
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
