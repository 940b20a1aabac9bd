/**
 * Writes what the commands in docs/command-line.md print below them. With `--check` it writes nothing, and fails when the page is not up to
 * date.
 *
 *     npx tsx --conditions=source tools/command-line-docs.ts [--check]
 *
 * Commands stand in blocks of `console`, behind `$`; the files they read in blocks with a name behind the language.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../src/cli/run';

export const PAGE = join(__dirname, '../docs/command-line.md');

/** The page, with what its commands print now. */
export function withOutput(page: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'command-line-docs-'));
  const before = process.cwd();
  try {
    for (const [, name, content] of page.matchAll(/^```\w+ (\S+)\n([^]*?)^```$/gm)) {
      writeFileSync(join(folder, name), content);
    }
    process.chdir(folder);
    return page.replace(/^```console\n\$ ecs-network-modes (.*)\n[^]*?^```$/gm, (_, command: string) => (
      `\`\`\`console\n$ ecs-network-modes ${command}\n${outputOf(command.split(' '))}\`\`\``));
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  }
}

function outputOf(argv: readonly string[]): string {
  let output = '';
  const terminal = { write: (text: string) => output += text };
  run(argv, { stdout: terminal, stderr: terminal, env: {} });
  return output;
}

if (require.main === module) {
  const page = readFileSync(PAGE, 'utf-8');
  const current = withOutput(page);
  if (current === page) {
    console.log('docs/command-line.md is up to date');
  } else if (process.argv.includes('--check')) {
    console.error("docs/command-line.md is stale: run 'npx tsx --conditions=source tools/command-line-docs.ts'");
    process.exitCode = 1;
  } else {
    writeFileSync(PAGE, current);
    console.log('wrote docs/command-line.md');
  }
}
