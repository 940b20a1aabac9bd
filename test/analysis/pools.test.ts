import type { HostGroup, Service } from '../../src/analysis/facts';
import { poolsOf } from '../../src/analysis/pools';

const groups = new Map([...'abcdef'].map((name) => [name, { name } as unknown as HostGroup]));
const placed = (name: string, on: string) => (
  { service: { name } as unknown as Service, hostGroups: [...on].map((one) => groups.get(one)!) });
const named = (...all: ReadonlyArray<[string, string]>) => poolsOf(all.map(([name, on]) => placed(name, on)))
  .map(({ members, hostGroups }) => `${members.map(({ service }) => service.name).join('')}: ${hostGroups.map(({ name }) => name).sort().join('')}`);

test('services hang together by what they share, also through others', () => {
  expect(named(['1', 'ab'], ['2', 'c'], ['3', 'bd'], ['4', 'e'], ['5', 'de'])).toEqual(['1345: abde', '2: c']);
});

test('services on nothing that is known are apart', () => {
  expect(named(['1', ''], ['2', 'a'], ['3', ''])).toEqual(['1: ', '2: a', '3: ']);
});

test('a list that services share is one pool', () => {
  const shared = placed('1', 'abcdef').hostGroups;
  const pools = poolsOf([1, 2, 3].map((name) => ({ service: { name: String(name) } as unknown as Service, hostGroups: shared })));
  expect(pools.map(({ members, hostGroups }) => [members.length, hostGroups.length])).toEqual([[3, 6]]);
});
