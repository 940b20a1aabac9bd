#!/usr/bin/env node
import { run } from './run';

// A reader that has seen enough, as `head` has, closes the pipe: what is left is for nobody, and the verdict stays what it is.
// Anything else, such as a disk that is full, keeps the verdict from whom it is for, and Node's own 1 would pass for a finding.
function endWith2WhereWritingFails(stream: NodeJS.WriteStream, tell: (problem: string) => void): void {
  let told = false;
  stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') {
      process.exitCode = 2;
      if (!told) {
        told = true;
        tell(message);
      }
    }
  });
}

endWith2WhereWritingFails(process.stdout, (problem) => process.stderr.write(`error: standard output cannot be written: ${problem}\n`));
// There is nowhere left to tell it.
endWith2WhereWritingFails(process.stderr, () => undefined);

// Never process.exit: it would cut off what a pipe has not taken yet.
try {
  process.exitCode = run(process.argv.slice(2), process);
} catch (error) {
  // A mistake of this program. Node's own 1 would pass for a finding.
  process.exitCode = 2;
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
}
