/** docs/command-line.md shows what the commands in it print. */
import { readFileSync } from 'node:fs';
import { PAGE, withOutput } from '../../tools/command-line-docs';
import { commandLine } from './command-line';

const page = readFileSync(PAGE, 'utf-8');

test('the output is what the commands print: else run tools/command-line-docs.ts', () => {
  expect(withOutput(page)).toBe(page);
});

test('every option of check is in it', () => {
  const options = commandLine(['check', '--help']).out.match(/--[a-z-]+/g)!.filter((option) => option !== '--help');
  expect(options.length).toBeGreaterThan(5);
  expect(options.filter((option) => !page.includes(`\`${option}`))).toEqual([]);
});
