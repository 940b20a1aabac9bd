import { SEVERITIES, Severity } from '../../analysis/rule';
import { grouped } from '../../checks/wording';
import type { JudgedFinding } from '../judging';
import { printable } from '../terminal';
import type { coloursFor } from '../terminal';
import type { Reported } from './report';

type Colours = ReturnType<typeof coloursFor>;

/** Findings for people, template by template. */
export function text(reported: Reported, colours: Colours): string {
  const open = reported.findings.filter(({ acknowledged }) => acknowledged === undefined);
  const templates = [...new Set(open.map(({ template }) => template))];
  return [
    ...templates.map((template) => {
      const lines = reported.linesOf(template);
      return `${colours.underline(printable(template))}\n${open.filter((one) => one.template === template)
        .map((one) => finding(one, lines.get(one.resource), colours)).join('\n')}\n`;
    }),
    ...reported.templates > 0 ? [summary(reported, open, colours)] : [],
  ].join('');
}

function finding(found: JudgedFinding, line: number | undefined, colours: Colours): string {
  const { severity, rule, acknowledgement } = found;
  const [resource, message, fix, assumes] = [found.resource, found.message, found.fix, found.assumes.join('; ')].map(printable);
  const path = found.path === undefined ? '' : ` (${printable(found.path)})`;
  const at = line === undefined ? '' : ` at line ${line}`;
  const paint = { error: colours.red, warning: colours.yellow, info: colours.cyan }[severity];
  return [
    `  ${paint(severity)} ${colours.bold(rule)} ${resource}${at}${path && colours.dim(path)}`,
    `    ${message}`,
    `    ${colours.dim('fix:')} ${fix}`,
    ...assumes ? [`    ${colours.dim('assumes:')} ${assumes}`] : [],
    `    ${colours.dim('acknowledge:')} ${acknowledgement}`,
    '',
  ].join('\n');
}

/** One line of what was judged, and what not. */
function summary(reported: Reported, open: readonly JudgedFinding[], colours: Colours): string {
  const { findings, undecided, failures, templates, services } = reported;
  const counts = SEVERITIES.flatMap((severity) => {
    const count = open.filter((one) => one.severity === severity).length;
    return count > 0 ? [counted(count, PLURALS[severity])] : [];
  });
  const more = [
    ...findings.length > open.length ? [`${findings.length - open.length} acknowledged`] : [],
    ...undecided.length > 0 ? [`${grouped(undecided.length)} undecided (--format json lists them)`] : [],
    ...failures.length > 0 ? [`${counted(failures.length, ['path', 'paths'])} not judged`] : [],
  ];
  const found = counts.length > 0 ? counts.join(', ') : 'no findings';
  const judged = `${found} in ${counted(templates, ['template', 'templates'])} with ${counted(services, ['service', 'services'])}`;
  return `${colours.bold([judged, ...more].join('; '))}\n`;
}

type Plural = readonly [one: string, many: string];

const PLURALS: Readonly<Record<Severity, Plural>> = { error: ['error', 'errors'], warning: ['warning', 'warnings'], info: ['info', 'infos'] };

function counted(count: number, [one, many]: Plural): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
