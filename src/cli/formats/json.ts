import type { JudgedFinding } from '../judging';
import type { Reported } from './report';

/** Raised when a member changes its meaning or goes away. */
const VERSION = 1;

/** Findings for programs. What is acknowledged is no finding any more. */
export function json({ findings, undecided }: Reported): string {
  return `${JSON.stringify({
    version: VERSION,
    findings: findings.filter(({ acknowledged }) => acknowledged === undefined).map(finding),
    undecided: undecided.map(({ rule, template, resource, why }) => ({ rule, template, resource, why })),
  }, undefined, 2)}\n`;
}

function finding({ rule, severity, template, stack, resource, path, message, fix, assumes, acknowledgement, source }: JudgedFinding) {
  return { rule, severity, template, stack: stack ?? null, resource, path: path ?? null, message, fix, assumes, acknowledgement, source };
}
