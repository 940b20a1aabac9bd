/** `explain` and `limits`: what is known, and names that are misspelt. */
import { parse } from 'yaml';
import { RULES } from '../../src/analysis/rules';
import { nearMatches } from '../../src/cli/near-matches';
import { commandLine } from './command-line';

describe('explain', () => {
  test.each(RULES.map((rule) => [rule.id, rule] as const))('%s tells all that the rule says, with fragments that can be copied', (id, rule) => {
    const { exitCode, out, err } = commandLine(['explain', id]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    for (const text of [rule.summary, rule.why, rule.fix, rule.acknowledge, rule.source]) {
      expect(out).toContain(`\n  ${text}\n`);
    }
    const [, bad, good] = /A template with this problem\n([^]*)\nThe same put right\n([^]*)$/.exec(out)!;
    expect(parse(bad)).toEqual({ Resources: rule.bad });
    expect(parse(good)).toEqual({ Resources: rule.good });
  });

  test('knows a rule by what its findings are acknowledged by, too', () => {
    expect(commandLine(['explain', 'EcsNetworkModes::eni-density'])).toEqual(commandLine(['explain', 'eni-density']));
  });

  test('has the same as JSON', () => {
    // What is a function has no JSON.
    expect(JSON.parse(commandLine(['explain', RULES[0].id, '--format', 'json']).out)).toEqual(JSON.parse(JSON.stringify(RULES[0])));
  });

  test('lists all rules where none is named', () => {
    expect(commandLine(['explain']).out.split('\n').map((line) => line.split(' ')[0])).toEqual([...RULES.map(({ id }) => id), '']);
    expect((JSON.parse(commandLine(['explain', '--format', 'json']).out) as object[]).length).toBe(RULES.length);
  });

  test('suggests what may be meant', () => {
    expect(commandLine(['explain', 'deployment-deadlok'])).toEqual({
      exitCode: 2, out: '', err: 'error: there is no rule deployment-deadlok; did you mean deployment-deadlock?\n',
    });
  });
});

describe('limits', () => {
  test('tells the limits of types, and where they come from', () => {
    expect(commandLine(['limits', 'c5.large', 't3.large'])).toEqual({
      exitCode: 0,
      err: '',
      out: `c5.large
  vCPUs                          2
  memory                         4,096 MiB
  network interfaces             3
  addresses per interface        10 IPv4, IPv6 as well
  awsvpc tasks without trunking  2
  awsvpc tasks with trunking     10
  trunking                       supported: it holds 10 awsvpc tasks with trunking and 2 awsvpc tasks without
  sources                        ec2-api(moto 5.2.5), karpenter 2026-08, vpc-cni 2026, eks-ami 2026, ecs-guide 2026

t3.large
  vCPUs                          2
  memory                         8,192 MiB
  network interfaces             3
  addresses per interface        12 IPv4, IPv6 as well
  awsvpc tasks without trunking  2
  awsvpc tasks with trunking     none
  trunking                       not supported: its network interfaces cannot be trunks
  sources                        ec2-api(moto 5.2.5), karpenter 2026-08, vpc-cni 2026, eks-ami 2026
`,
    });
  });

  test('tells where sources differ, what is excluded, and what is not known', () => {
    const { out } = commandLine(['limits', 'p5.48xlarge', 'c5.metal', 'c5a.metal']);
    expect(out).toMatch(/network interfaces +64, over 32 network cards \(2 on the first\)/);
    expect(out).toMatch(/awsvpc tasks without trunking +1 to 63/);
    expect(out).toMatch(/note +ECS docs: in awsvpc mode at most 1 task on p5\.48xlarge/);
    expect(out).toMatch(/trunking +excluded: the ECS guide excludes it from trunking/);
    expect(out).toMatch(/vCPUs +not known\n +memory +not known\n/);
  });

  test('has the same as JSON, for what is known', () => {
    const { exitCode, out, err } = commandLine(['limits', 'c5.large', 'c5.large', 'c5.larg', '--format', 'json']);
    expect(JSON.parse(out)).toEqual({
      version: 1,
      types: [expect.objectContaining({
        instanceType: 'c5.large',
        maxEnis: 3,
        branchEnis: 9,
        awsvpcTasks: { withoutTrunking: { fewest: 2, most: 2 }, withTrunking: { fewest: 10, most: 10 } },
        trunkingVerdict: { kind: 'helps', why: 'it holds 10 awsvpc tasks with trunking and 2 awsvpc tasks without' },
      })],
    });
    expect({ exitCode, err }).toEqual({ exitCode: 2, err: 'error: instance type c5.larg is not in the table; did you mean c5.large, c3.large or c4.large?\n' });
  });

  test('of a type like none suggests none', () => {
    expect(commandLine(['limits', 'x'.repeat(30)])).toEqual({ exitCode: 2, out: '', err: `error: instance type ${'x'.repeat(30)} is not in the table\n` });
  });
});

describe('near matches', () => {
  test.each<[string, string, boolean]>([
    ['a letter too few', 'abcde', true],
    ['a letter too many', 'abcdefg', true],
    ['another letter', 'abcdeX', true],
    ['two letters swapped', 'bacdef', true],
    ['capitals', 'ABCDEF', true],
    ['a part of it', 'bcd', true],
    ['two other letters', 'abcdXX', true],
    ['three other letters', 'abcXXX', false],
    ['nothing like it', 'xyz', false],
  ])('%s', (_, given, isNear) => {
    expect(nearMatches(given, ['abcdef'])).toEqual(isNear ? ['abcdef'] : []);
  });

  test('come nearest first, and not too many', () => {
    expect(nearMatches('abcdef', ['abcdXX', 'abcdeX', 'abcdeY', 'xabcdef'], 3)).toEqual(['xabcdef', 'abcdeX', 'abcdeY']);
  });
});
