/** Runs the command line in this process, and writes files for it into folders of their own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../src/cli/run';

export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly env?: Record<string, string>;
  readonly outIsTTY?: boolean;
  readonly errIsTTY?: boolean;
}

export function commandLine(argv: readonly string[], { env = {}, outIsTTY, errIsTTY }: Surroundings = {}): Ran {
  let [out, err] = ['', ''];
  const exitCode = run(argv, {
    stdout: { write: (text) => out += text, isTTY: outIsTTY },
    stderr: { write: (text) => err += text, isTTY: errIsTTY },
    env,
  });
  return { exitCode, out, err };
}

export type Files = Readonly<Record<string, string | Uint8Array | object>>;

const folders: string[] = [];

/** A new folder with files: texts and bytes as they are, other things as JSON. */
export function folderOf(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'command-line-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
  }
  return folder;
}

/** Runs it in a folder, as paths are shown as they are given. */
export function inFolder<T>(folder: string, action: () => T): T {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return action();
  } finally {
    process.chdir(before);
  }
}

/** `check` in a new folder with these files. */
export function check(files: Files, argv: readonly string[], surroundings?: Surroundings): Ran {
  return inFolder(folderOf(files), () => commandLine(['check', ...argv], surroundings));
}

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A template in which port-mapping-invalid finds an error, unless the port is one. */
export function taskOn(containerPort: unknown, more: object = {}) {
  return { ...more, Resources: { Task: taskDefinition(containerPort) } };
}

export function taskDefinition(containerPort: unknown) {
  return {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { ContainerDefinitions: [{ Name: 'app', Image: 'nginx', Memory: 128, PortMappings: [{ ContainerPort: containerPort }] }] },
  };
}

/** What `--format json` says, in short: `template resource rule`. */
export function found({ out }: Ran): string[] {
  const { findings } = JSON.parse(out) as { findings: Array<{ template: string; resource: string; rule: string }> };
  return findings.map(({ template, resource, rule }) => `${template} ${resource} ${rule}`);
}
