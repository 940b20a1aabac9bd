import { check } from '../../../src/analysis/check';
import { portMappingInvalid as rule } from '../../../src/analysis/rules/port-mapping-invalid';
import { given } from '../given';

const task = (PortMappings: unknown) => ({
  Web: { Type: 'AWS::ECS::TaskDefinition', Properties: { ContainerDefinitions: [{ Name: 'app', Image: 'nginx', PortMappings }] } },
});
const judge = (Resources: Readonly<Record<string, unknown>>, rest: object = {}) => check([given({ ...rest, Resources })], [rule]);
const ranges = (count: number) => Array.from({ length: count }, (_, i) => ({ ContainerPortRange: `${2 * i + 1}-${2 * i + 2}` }));

test('the bad fragment has one problem, the good one none', () => {
  expect(judge(rule.bad).findings.map(({ message }) => message))
    .toEqual(['container app of task Web maps container port 70000; ports end at 65535']);
  expect(judge(rule.good)).toMatchObject({ findings: [], undecided: [] });
});

test.each<[string, unknown, string, string]>([
  ['a container port of 0', [{ ContainerPort: 0 }], 'maps container port 0; container ports start at 1', 'ContainerPort from 1 to 65535'],
  ['a container port above the last', [{ ContainerPort: 65536 }], 'maps container port 65536; ports end at 65535', 'ContainerPort from 1 to 65535'],
  ['half a port', [{ ContainerPort: 80.5 }], 'maps container port 80.5; ports are integers', 'ContainerPort from 1 to 65535'],
  ['a negative host port', [{ ContainerPort: 80, HostPort: -1 }], 'maps host port -1; host ports start at 0', 'HostPort from 0 to 65535, 0 for a dynamic one'],
  ['a host port above the last', [{ ContainerPort: 80, HostPort: 65536 }], 'maps host port 65536; ports end at 65535', 'HostPort from 0 to 65535'],
  ['the second mapping', [{ ContainerPort: 80 }, { ContainerPort: 99999 }], 'maps container port 99999', 'ContainerPort'],
  ['a range of one port', [{ ContainerPortRange: '80-80' }], 'maps port range "80-80"', 'such as 8000-8010'],
  ['a range backwards', [{ ContainerPortRange: '90-80' }], 'maps port range "90-80"', 'such as 8000-8010'],
  ['a range from 0', [{ ContainerPortRange: '0-80' }], 'maps port range "0-80"', 'such as 8000-8010'],
  ['a range past the end', [{ ContainerPortRange: '80-65536' }], 'maps port range "80-65536"', 'such as 8000-8010'],
  ['a port for a range', [{ ContainerPortRange: '80' }], 'maps port range "80"', 'for a single port ContainerPort 80'],
  ['too many ranges', ranges(101), 'has 101 port ranges; a container can have 100', 'at most 100'],
  ['one beside an unknown', [{ ContainerPort: { Ref: 'Port' } }, { ContainerPort: 0 }], 'maps container port 0', 'ContainerPort'],
])('refuses %s', (_, mappings, message, fix) => {
  const { findings, undecided } = judge(task(mappings), { Parameters: { Port: { Type: 'Number' } } });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({ severity: 'error', resource: 'Web' });
  expect(findings[0].message).toContain(`container app of task Web ${message}`);
  expect(findings[0].fix).toContain(fix);
  expect(undecided).toEqual([]);
});

test.each<[string, unknown]>([
  ['the ends of ports', [{ ContainerPort: 1, HostPort: 65535 }, { ContainerPort: 65535 }]],
  ['a dynamic host port', [{ ContainerPort: 80, HostPort: 0 }]],
  ['a container port of 0 beside a range', [{ ContainerPort: 0, ContainerPortRange: '8000-8010' }]],
  ['the longest range', [{ ContainerPortRange: '1-65535' }]],
  ['as many ranges as there can be', ranges(100)],
  ['as many ranges beside more ports', [...ranges(100), ...Array.from({ length: 9 }, (_, i) => ({ ContainerPort: 300 + i }))]],
  ['no mappings', []],
])('has nothing against %s', (_, mappings) => {
  expect(judge(task(mappings))).toMatchObject({ findings: [], undecided: [] });
});

test.each<[string, object, string]>([
  ['a container port', { ContainerPort: 0 }, 'ContainerPort from 1 to 65535'],
  ['a host port', { ContainerPort: 80, HostPort: -1 }, 'HostPort from 0 to 65535, 0 for a dynamic one'],
  ['a port for a range', { ContainerPortRange: '80' }, 'ContainerPortRange as first-last, such as 8000-8010; for a single port ContainerPort 80'],
  ['a range that begins with a port', { ContainerPortRange: '80 to 90' }, 'ContainerPortRange as first-last, such as 8000-8010'],
  ['a range that begins with a word', { ContainerPortRange: 'up to 90' }, 'ContainerPortRange as first-last, such as 8000-8010'],
])('the way out of %s', (_, mapping, fix) => {
  expect(judge(task([mapping])).findings.map((finding) => finding.fix)).toEqual([fix]);
});

test.each([['ContainerPort'], ['HostPort'], ['ContainerPortRange']])('an unknown %s is not decided', (property) => {
  const { findings, undecided } = judge(
    task([{ ...property === 'ContainerPortRange' ? {} : { ContainerPort: 80 }, [property]: { Ref: 'Port' } }]), { Parameters: { Port: { Type: 'String' } } },
  );
  expect(findings).toEqual([]);
  expect(undecided).toEqual([expect.objectContaining({ resource: 'Web', why: expect.stringContaining('Port') })]);
});

test('neither are unknown mappings nor unknown containers', () => {
  const Parameters = { Given: { Type: 'CommaDelimitedList' } };
  const unknownContainers = { Web: { Type: 'AWS::ECS::TaskDefinition', Properties: { ContainerDefinitions: { Ref: 'Given' } } } };
  for (const resources of [task({ Ref: 'Given' }), unknownContainers]) {
    expect(judge(resources, { Parameters })).toMatchObject({ findings: [], undecided: [{ resource: 'Web' }] });
  }
});

test("a parameter's default is named as an assumption", () => {
  const { findings } = judge(task([{ ContainerPort: { Ref: 'Port' } }]), { Parameters: { Port: { Type: 'Number', Default: 70000 } } });
  expect(findings.map(({ assumes }) => assumes.join())).toEqual([expect.stringContaining('Port')]);
});
