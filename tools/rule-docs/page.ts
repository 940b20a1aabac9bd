/** docs/rules.md from the rules themselves: whatever a rule says of itself, and the two fragments that its test runs. */
import { stringify } from 'yaml';
import type { Family, Rule } from '../../src/analysis/rule';
import { RULES } from '../../src/analysis/rules';

/** The families in the order of the page. */
const FAMILIES: Readonly<Record<Family, string>> = {
  'eni-density': 'ENI density',
  'addresses': 'Addresses',
  'security-groups': 'Security groups',
  'ports-and-deployments': 'Ports and deployments',
  'coherence': 'Coherence',
  'isolation': 'Isolation',
  'ipv6': 'IPv6',
};

const HEAD = `<!-- Made by tools/rule-docs/generate.ts from src/analysis/rules: edit the rule, not this page. -->

# Rules

What each check finds, why it matters, how to mend it and when to acknowledge it. How to run them: [checks.md](checks.md) in a CDK app,
[command-line.md](command-line.md) over any template.

A finding is an **error** where something cannot deploy, be placed or ever be updated; a **warning** where it fails under a load, a
deployment or a zone loss that will come, or is unsafe; an **info** where it is worth knowing. What a rule cannot decide is listed apart and is
never a finding.

A rule is acknowledged for a construct and what is in it, with a reason:

\`\`\`ts nofixture
import { Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';

declare const service: Construct;
Validations.of(service).acknowledge({ id: 'EcsNetworkModes::security-group-shared', reason: 'One team, one trust boundary' });
\`\`\`

Ids in brackets are rows of [facts.md](facts.md), what the rules rest on; every limit with its formula is in [limits.md](limits.md).
`;

export function page(): string {
  const families = Object.entries(FAMILIES).map(([family, title]) => ({ title, rules: RULES.filter((rule) => rule.family === family) }));
  return [
    HEAD,
    '| family | rule | |',
    '| --- | --- | --- |',
    ...families.flatMap(({ title, rules }) => rules.map(({ id, summary }, index) =>
      `| ${index === 0 ? title : ''} | [\`${id}\`](#${id}) | ${cell(sentence(summary))} |`)),
    '',
    ...families.filter(({ rules }) => rules.length > 0).flatMap(({ title, rules }) => [`## ${title}`, '', ...rules.flatMap(section)]),
  ].join('\n').trimEnd() + '\n';
}

function section(rule: Rule): string[] {
  return [
    `### ${rule.id}`,
    '',
    sentence(rule.summary),
    '',
    `**Why.** ${sentence(rule.why)}`,
    '',
    `**Fix.** ${sentence(rule.fix)}`,
    '',
    `**Acknowledge.** ${sentence(rule.acknowledge)}`,
    '',
    `**Source.** ${sentence(linked(rule.source))}`,
    '',
    '<details><summary>A template with this problem, and the same put right</summary>',
    '',
    ...fragment(rule.bad),
    ...fragment(rule.good),
    '</details>',
    '',
  ];
}

function fragment(resources: Readonly<Record<string, unknown>>): string[] {
  // Aliases would show how the fragment is written in TypeScript; a template is read without them.
  return ['```yaml', stringify({ Resources: resources }, { aliasDuplicateObjects: false, lineWidth: 0 }).trimEnd(), '```', ''];
}

/** With the full stop that summaries, being used in lists as well, may leave out. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** Bare addresses, and ids of facts in brackets, as links. */
function linked(text: string): string {
  return text
    .replace(/https?:\/\/[^\s,;)]+[^\s,;).]/g, '<$&>')
    .replace(/\[[A-Z]\d\d[^\]]*\]/g, (ids) => `(${ids.slice(1, -1).replace(/[A-Z]\d\d/g, (id) => `[${id}](facts.md#${id.toLowerCase()})`)})`);
}
