/**
 * Writes into docs/what-goes-wrong.md what the command line says of examples/what-goes-wrong, stack by stack. With `--check` it writes
 * nothing, and fails when the page is not up to date.
 *
 *     npx tsx --conditions=source tools/what-goes-wrong-docs.ts [--check]
 *
 * A block of `text` with the name of a stack behind the language shows the errors and warnings of that stack.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { whatGoesWrong } from '../examples/what-goes-wrong/what-goes-wrong';
import { run } from '../src/cli/run';

export const PAGE = join(__dirname, '../docs/what-goes-wrong.md');

/** The page, with what the command line says now. */
export function withFindings(page: string): string {
  const outdir = mkdtempSync(join(tmpdir(), 'what-goes-wrong-'));
  const given = process.env.CDK_VALIDATION;
  // Newer versions of the framework validate templates at each synthesis: seconds a stack, for another page.
  process.env.CDK_VALIDATION = 'false';
  try {
    // As the CDK command line has it, so that findings name constructs.
    const app = new App({ outdir, context: { 'aws:cdk:enable-path-metadata': true } });
    whatGoesWrong(app);
    app.synth();
    return page.replace(/^```text (\w+)\n[^]*?^```$/gm, (_, stack: string) => `\`\`\`text ${stack}\n${findingsOf(outdir, stack)}\n\`\`\``);
  } finally {
    process.env.CDK_VALIDATION = given;
    if (given === undefined) {
      delete process.env.CDK_VALIDATION;
    }
    rmSync(outdir, { recursive: true });
  }
}

function findingsOf(outdir: string, stack: string): string {
  let output = '';
  const terminal = { write: (text: string) => output += text };
  run(['check', join(outdir, `${stack}.template.json`)], { stdout: terminal, stderr: terminal, env: {} });
  const findings = output.split('\n\n').map((paragraph) => paragraph.split('\n').filter((line) => line.startsWith('  ')).join('\n'));
  // Lines of the template change with the version of the framework.
  return findings.filter((finding) => /^ {2}(error|warning) /.test(finding)).map((finding) => finding.replace(/ at line \d+/, '')).join('\n\n');
}

if (require.main === module) {
  const page = readFileSync(PAGE, 'utf-8');
  const current = withFindings(page);
  if (current === page) {
    console.log('docs/what-goes-wrong.md is up to date');
  } else if (process.argv.includes('--check')) {
    console.error("docs/what-goes-wrong.md is stale: run 'npx tsx --conditions=source tools/what-goes-wrong-docs.ts'");
    process.exitCode = 1;
  } else {
    writeFileSync(PAGE, current);
    console.log('wrote docs/what-goes-wrong.md');
  }
}
