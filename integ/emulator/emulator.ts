import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const FOLDER = __dirname;

/** A running emulator, and the programs that talk to it. */
export class Emulator {
  /** Starts one, unless AWS_ENDPOINT_URL says where one is: then that one is used, and left running. */
  public static async start(): Promise<Emulator> {
    const python = execFileSync(join(FOLDER, 'start.sh'), ['--python'], { encoding: 'utf-8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
    const given = process.env.AWS_ENDPOINT_URL;
    if (given) {
      if (!/^http:\/\/localhost:\d+$/.test(given)) throw new Error(`AWS_ENDPOINT_URL must be http://localhost:PORT, got ${given}`);
      return new Emulator(python, given, () => {});
    }
    // It ends with its standard input, and so with this process, however that ends.
    const server = spawn(python, ['server.py'], { cwd: FOLDER, stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = new Promise<never>((_, reject) => server.once('exit', (code) => reject(new Error(`the emulator ended with ${code}: try ${FOLDER}/start.sh`))));
    ended.catch(() => {});
    const endpoint = await Promise.race([new Promise<string>((resolve) => createInterface(server.stdout).once('line', resolve)), ended]);
    return new Emulator(python, endpoint, () => server.stdin.end());
  }

  /** Where `cdk` keeps what it knows of accounts, and where assemblies go. */
  public readonly folder = mkdtempSync(join(tmpdir(), 'deploy-emulator-'));

  private constructor(private readonly python: string, private readonly endpoint: string, private readonly end: () => void) {}

  /** Runs the pinned `cdk`. Its output is for when it fails; what happened is asked of the emulator. */
  public cdk(...args: string[]) {
    const cdk = require.resolve('aws-cdk/bin/cdk');
    try {
      return execFileSync(process.execPath, [cdk, ...args, '--no-notices', '--ci'], { encoding: 'utf-8', stdio: ['ignore', 'pipe', 'pipe'], env: this.environment() });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`cdk ${args[0]} failed\n${stdout}${stderr}`);
    }
  }

  /** Runs query.py, which prints a line for each assertion; whether all hold. */
  public query(...args: string[]): boolean {
    try {
      execFileSync(this.python, [join(FOLDER, 'query.py'), ...args], { stdio: ['ignore', 'inherit', 'inherit'], env: this.environment() });
      return true;
    } catch {
      return false;
    }
  }

  /** What query.py prints, whether or not all holds. */
  public answersOf(...args: string[]): string {
    const ran = spawnSync(this.python, [join(FOLDER, 'query.py'), ...args], { encoding: 'utf-8', env: this.environment() });
    return ran.stdout + ran.stderr;
  }

  public stop() {
    this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Nothing of the shell's account gets in: an example must never reach AWS from here. */
  private environment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name));
    return {
      ...Object.fromEntries(own),
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'emulator',
      AWS_SECRET_ACCESS_KEY: 'emulator',
      AWS_CONFIG_FILE: join(this.folder, 'no-config'),
      AWS_SHARED_CREDENTIALS_FILE: join(this.folder, 'no-credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_HOME: this.folder,
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    };
  }
}
