/** docs/what-goes-wrong.md shows what the command line says of the example that is wrong on purpose. */
import { readFileSync } from 'node:fs';
import { RULES } from '../../src/analysis/rules';
import { PAGE, withFindings } from '../../tools/what-goes-wrong-docs';
import { recommendedFlagsOn } from '../app';

const page = readFileSync(PAGE, 'utf-8');

// Feature flags change what plain L2s make, and so which mistakes there are.
(recommendedFlagsOn ? test.skip : test)('the findings are those of the example: else run tools/what-goes-wrong-docs.ts', () => {
  expect(withFindings(page)).toBe(page);
});

test('every family has one finding', () => {
  const found = [...page.matchAll(/^ {2}(?:error|warning) (\S+) /gm)].map(([, id]) => RULES.find((rule) => rule.id === id)!.family);
  expect(found.sort()).toEqual([...new Set(RULES.map(({ family }) => family))].sort());
});
