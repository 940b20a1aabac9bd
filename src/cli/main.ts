#!/usr/bin/env node
import { fstatSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Output } from './io';
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

// Of what is written to a file the disk may take a part only. Node says nothing of it, and the verdict would stand on half a report.
function toTheEnd(stream: NodeJS.WriteStream & { readonly fd: number }): Output {
  // By its type every stream is a socket; those of files are none.
  if ((stream as unknown) instanceof Socket || !fstatSync(stream.fd).isFile()) {
    return stream;
  }
  return {
    write: (text) => {
      try {
        for (let left = Buffer.from(text); left.length > 0;) {
          left = left.subarray(writeSync(stream.fd, left));
        }
      } catch (error) {
        // Later, as a stream tells it: not before the verdict is there.
        process.nextTick(() => stream.emit('error', error));
      }
    },
  };
}

// Never process.exit: it would cut off what a pipe has not taken yet.
try {
  process.exitCode = run(process.argv.slice(2), { stdout: toTheEnd(process.stdout), stderr: toTheEnd(process.stderr), env: process.env });
} catch (error) {
  // A mistake of this program. Node's own 1 would pass for a finding.
  process.exitCode = 2;
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
}
