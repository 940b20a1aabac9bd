import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { addressesIn, parseBlock, secondaryBlockRefusal, usableAddresses } from '../../src/limits/cidr';
import { instanceLimits, instanceTypesInTable, TrunkingSupport } from '../../src/limits/instance-limits';
import { awsvpcTasksWithoutTrunking, awsvpcTasksWithTrunking, Interval, trunkingVerdict } from '../../src/limits/task-density';
import { COLUMNS, OVERRIDE_COLUMNS } from '../../tools/instance-limits/table';

const file = join(__dirname, '../../docs/limits.md');
const docs = readFileSync(file, 'utf-8');

/** The cells of the table whose header line is given. */
function rowsUnder(header: string): string[][] {
  const lines = docs.slice(docs.indexOf(`${header}\n`)).split('\n').slice(2);
  expect(docs.split(`${header}\n`)).toHaveLength(2);
  return lines.slice(0, lines.indexOf('')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

const shown = (interval: Interval | undefined) =>
  interval === undefined ? '' : interval.fewest === interval.most ? `${interval.most}` : `${interval.fewest} to ${interval.most}`;

describe('docs/limits.md', () => {
  const examples = rowsUnder('| type | without trunking | with trunking | trunking |');

  test('has c5.large as its first example', () => {
    expect(examples[0]).toEqual(['c5.large', '2', '10', 'helps']);
  });

  test.each(examples)('says of %s what the library says', (type, without, withTrunking, verdict) => {
    const limits = instanceLimits(type)!;
    expect([shown(awsvpcTasksWithoutTrunking(limits)), shown(awsvpcTasksWithTrunking(limits)), trunkingVerdict(limits).kind])
      .toEqual([without, withTrunking, verdict]);
  });

  test.each<[string, TrunkingSupport]>([
    ['Not', 'no'], ['Excluded by the guide', 'excluded'], ['Not listed, though the VPC could', 'unlisted'],
  ])('lists types in "%s" that are so', (start, trunking) => {
    const line = docs.match(new RegExp(`^- ${start}: ([^;]*); (.*?)\\.(?: |$)`, 'm'))!;
    const [families, types] = line.slice(1).map((list) => list.match(/[a-z0-9-]+(\.[a-z0-9-]+)?/g)!);
    const named = instanceTypesInTable().filter((type) => families.includes(type.split('.')[0]) || types.includes(type)
      // "all of r5b and r5dn but their 16xlarge"
      || (trunking === 'excluded' && /^(r5b|r5dn)\.(?!16xlarge)/.test(type)));
    expect(families.filter((family) => !named.some((type) => type.startsWith(`${family}.`)))).toEqual([]);
    expect(types.filter((type) => type.includes('.') && !named.includes(type))).toEqual([]);
    const all = instanceTypesInTable().filter((type) => instanceLimits(type)!.trunking === trunking);
    // Of types that are new to the table it is often not known; the page refers to it for those.
    expect(named).toEqual(trunking === 'unlisted' ? all.filter((type) => named.includes(type)) : all);
  });

  test('explains every column of the table and of the overrides', () => {
    const explained = (header: string) => rowsUnder(header).flatMap(([names]) => names.match(/[a-z0-9_]+/g)!);
    expect(explained('| column | meaning |')).toEqual(expect.arrayContaining([...COLUMNS]));
    expect(explained('| column | |')).toEqual([...OVERRIDE_COLUMNS]);
  });

  test.each(rowsUnder('| prefix | usable addresses |'))('has %s with %s addresses', (prefix, addresses) => {
    expect(usableAddresses(Number(prefix.slice(1))).toLocaleString('en')).toBe(addresses);
  });

  test('has the sum of three subnets', () => {
    expect(docs).toContain(`Three subnets of /20, one per zone, have ${(3 * usableAddresses(20)).toLocaleString('en')}.`);
  });

  test.each(rowsUnder('| the VPC has a block of | refused | allowed |'))('has for a primary block of %s the ranges that are refused', (ranges, refused) => {
    // In the middle of each range: the ends of some have rules of their own.
    const middleOf = (range: string) => {
      const { first, prefix } = parseBlock(range).block!;
      return { first: first + addressesIn(prefix) / 2, prefix: 24 };
    };
    const primary = { block: middleOf(ranges.match(/[\d./]+$/)![0]), primary: true };
    const named = refused.split(';')[0].split(', ');
    for (const range of ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '198.19.0.0/16', '100.64.0.0/10', '8.0.0.0/8']) {
      const { first, prefix } = middleOf(range);
      const candidate = { first: first - addressesIn(prefix), prefix };
      expect([range, secondaryBlockRefusal(candidate, [primary])?.rule]).toEqual([range, named.includes(range) ? 'range' : undefined]);
    }
  });

  test('links to what there is', () => {
    const links = [...docs.matchAll(/\]\[([a-z0-9-]+)\]/g)].map(([, name]) => name);
    const defined = Object.fromEntries([...docs.matchAll(/^\[([a-z0-9-]+)\]: (.*)$/gm)].map(([, name, target]) => [name, target]));
    expect(Object.keys(defined).sort()).toEqual([...new Set(links)].sort());
    for (const target of Object.values(defined)) {
      expect(target.startsWith('https://docs.aws.amazon.com/') || existsSync(join(dirname(file), target))).toBe(true);
    }
    const headings = [...docs.matchAll(/^##+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-'));
    expect([...docs.matchAll(/\]\(#([a-z0-9-]+)\)/g)].map(([, anchor]) => anchor).filter((anchor) => !headings.includes(anchor))).toEqual([]);
  });
});
