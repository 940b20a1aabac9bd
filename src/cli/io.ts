/** What the command line writes to and reads of its surroundings, so that tests can give it something else. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** What the user gave cannot be used. The command line ends with 2. */
export class BadInput extends Error {}
