/** The command line: what it takes, and where that leads. Commands are loaded when they run, so that starting is quick. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { BadInput, Io } from './io';
import { printable } from './terminal';

/** `0`: nothing found; `1`: a finding at or above `--fail-on`; `2`: something given cannot be used. */
export type ExitCode = 0 | 1 | 2;

export function run(argv: readonly string[], io: Io): ExitCode {
  let exitCode: ExitCode = 0;
  try {
    program(io, (code) => exitCode = code).parse(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has said why.
      return error.exitCode === 0 ? 0 : 2;
    }
    if (error instanceof BadInput) {
      io.stderr.write(`error: ${printable(error.message)}\n`);
      return 2;
    }
    throw error;
  }
}

function program(io: Io, end: (code: ExitCode) => void): Command {
  const all = new Command('ecs-network-modes')
    .description('Checks Amazon ECS services in CloudFormation templates and CDK apps before they are deployed.')
    .version(version(), '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(--help tells what it takes)')
    .addHelpText('after', '\nExit codes: 0 nothing found, 1 a finding at or above --fail-on, 2 something given cannot be used.');

  all.command('check')
    .description('judge templates, folders of templates, and cloud assemblies (cdk.out)')
    .argument('<path...>', 'template files, folders, cloud assemblies')
    .addOption(format('text', 'json', 'sarif'))
    .addOption(new Option('--fail-on <severity>', 'the least severity that ends with 1').choices(['error', 'warning']).default('error'))
    .option('--rule <id>', 'judge by this rule only (repeatable)', listed)
    .option('--assume <parameter=value>', 'the value of a template parameter (repeatable)', pairs)
    .option('--account-setting <name=value>', 'awsvpcTrunking or dualStackIPv6: enabled or disabled (repeatable)', pairs)
    .option('--region <region>', 'the Region of templates that do not tell theirs')
    .action((paths, options) => {
      const { checkCommand } = require('./check-command') as typeof import('./check-command');
      end(checkCommand(paths, options, io));
    });

  all.command('explain')
    .description('tell what a rule finds, why it matters and how to mend it; without a rule, list all of them')
    .argument('[rule]', 'the id of a rule, such as deployment-deadlock')
    .addOption(format('text', 'json'))
    .action((id, options) => {
      const { explainCommand } = require('./explain-command') as typeof import('./explain-command');
      explainCommand(id, options, io);
    });

  all.command('limits')
    .description('tell the network limits of instance types: interfaces, addresses, awsvpc tasks without and with trunking')
    .argument('<type...>', 'instance types, such as c5.large')
    .addOption(format('text', 'json'))
    .action((types, options) => {
      const { limitsCommand } = require('./limits-command') as typeof import('./limits-command');
      end(limitsCommand(types, options, io));
    });

  return all;
}

function format(...choices: readonly string[]): Option {
  return new Option('--format <format>', 'the form of the output').choices(choices).default('text');
}

function listed(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export type Pair = readonly [name: string, value: string];

function pairs(text: string, before: readonly Pair[] = []): Pair[] {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new InvalidArgumentError('It must be a name and a value, as in Name=value.');
  }
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  const other = before.find(([given]) => given === name);
  if (other && other[1] !== value) {
    throw new InvalidArgumentError(`${name} is given twice, as ${other[1]} and as ${value}.`);
  }
  return [...before, [name, value]];
}

/** The package's, which lies two folders above this file: from its sources, compiled and bundled. */
function version(): string {
  return (JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf-8')) as { version: string }).version;
}
