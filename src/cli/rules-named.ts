import { PLUGIN_NAME } from '../analysis/check';
import type { Rule } from '../analysis/rule';
import { RULES } from '../analysis/rules';
import { BadInput } from './io';
import { didYouMean } from './near-matches';

/** The rule of an id, or of what findings are acknowledged by: `EcsNetworkModes::eni-density`. */
export function ruleNamed(given: string): Rule {
  const id = given.replace(`${PLUGIN_NAME}::`, '');
  const rule = RULES.find((each) => each.id === id);
  if (!rule) {
    throw new BadInput(`there is no rule ${id}${didYouMean(id, RULES.map((each) => each.id)) || '; explain without a rule lists them all'}`);
  }
  return rule;
}
