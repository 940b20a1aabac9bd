#!/usr/bin/env node
import { run } from './run';

// A reader that has seen enough, as `head` has, closes the pipe: what is left is for nobody, and the verdict stays what it is.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
  });
}

// Never process.exit: it would cut off what a pipe has not taken yet.
try {
  process.exitCode = run(process.argv.slice(2), process);
} catch (error) {
  // A mistake of this program. Node's own 1 would pass for a finding.
  process.exitCode = 2;
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
}
