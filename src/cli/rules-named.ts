import type { Rule } from '../analysis/rule';
import { RULES } from '../analysis/rules';
import { BadInput } from './io';
import { didYouMean } from './near-matches';

export function ruleNamed(id: string): Rule {
  const rule = RULES.find((each) => each.id === id);
  if (!rule) {
    throw new BadInput(`there is no rule ${id}${didYouMean(id, RULES.map((each) => each.id)) || '; explain without a rule lists them all'}`);
  }
  return rule;
}
