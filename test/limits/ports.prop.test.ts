import * as fc from 'fast-check';
import { contains, firstClash, isPort, MAX_PORT, MIN_PORT, overlaps, Ports, RESERVED_TCP_PORTS, reservedTcpPort, size } from '../../src/limits/ports';

const ordered = ([a, b]: [number, number]): Ports => ({ first: Math.min(a, b), last: Math.max(a, b) });
/** Few ports, so that ranges often meet and small ones can be counted through. */
const nearby = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 })).map(ordered);
const anywhere = fc.tuple(fc.integer({ min: MIN_PORT, max: MAX_PORT }), fc.integer({ min: MIN_PORT, max: MAX_PORT })).map(ordered);
const range = fc.oneof(nearby, anywhere);
const use = (ports: fc.Arbitrary<Ports>) => fc.record({ ports, protocol: fc.constantFrom('tcp' as const, 'udp' as const) });
/** Lists of short ranges, half of which clash, and of long ones, most of which do. */
const short = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 3 }))
  .map(([first, more]) => ({ first, last: first + more }));
const uses = fc.oneof(fc.array(use(short), { maxLength: 15 }), fc.array(use(nearby), { maxLength: 6 }));

const portsOf = ({ first, last }: Ports) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe('overlaps', () => {
  test('is whether some port is in both', () => {
    fc.assert(fc.property(nearby, nearby, (a, b) => overlaps(a, b) === portsOf(a).some((port) => portsOf(b).includes(port))));
  });

  test('holds both ways round', () => {
    fc.assert(fc.property(range, range, (a, b) => overlaps(a, b) === overlaps(b, a)));
  });

  test('holds of a range and itself', () => {
    fc.assert(fc.property(range, (a) => overlaps(a, a)));
  });

  test('what overlaps the inner range overlaps the outer', () => {
    fc.assert(fc.property(nearby, nearby, nearby, (outer, inner, other) =>
      !(contains(outer, inner) && overlaps(inner, other)) || overlaps(outer, other)));
  });
});

describe('contains', () => {
  test('is whether every port of the one is in the other', () => {
    fc.assert(fc.property(nearby, nearby, (a, b) => contains(a, b) === portsOf(b).every((port) => portsOf(a).includes(port))));
  });

  test('holds of a range and itself', () => {
    fc.assert(fc.property(range, (a) => contains(a, a)));
  });

  test('passes on: what is in the inner range is in the outer', () => {
    fc.assert(fc.property(nearby, nearby, nearby, (a, b, c) => !(contains(a, b) && contains(b, c)) || contains(a, c)));
  });

  test('holds both ways round for equal ranges only', () => {
    fc.assert(fc.property(nearby, nearby, (a, b) => (contains(a, b) && contains(b, a)) === (a.first === b.first && a.last === b.last)));
  });

  test('implies that the two overlap and that the inner is no larger', () => {
    fc.assert(fc.property(nearby, nearby, (a, b) => !contains(a, b) || (overlaps(a, b) && size(b) <= size(a))));
  });
});

test('the size of a range is the number of its ports', () => {
  fc.assert(fc.property(nearby, (a) => size(a) === portsOf(a).length));
});

test('the integers from 1 to 65535 are ports, and no others', () => {
  const valid = { first: 1, last: 65535 };
  fc.assert(fc.property(fc.integer({ min: -10, max: 70000 }), (n) => isPort(n) === contains(valid, { first: n, last: n })));
});

test('no fraction is a port', () => {
  fc.assert(fc.property(fc.double({ noInteger: true, min: 0, max: 70000 }), (n) => !isPort(n)));
});

test('a range contains a reserved port just when one of its ports is reserved', () => {
  const aroundReserved = fc.tuple(fc.constantFrom(...RESERVED_TCP_PORTS), fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 3 }))
    .map(([{ port }, shift, more]) => ({ first: port + shift, last: port + shift + more }));
  fc.assert(fc.property(aroundReserved, (a) => {
    expect(reservedTcpPort(a)).toEqual(portsOf(a).map((port) => reservedTcpPort(port)).find((reserved) => reserved !== undefined));
  }));
});

describe('firstClash', () => {
  type Use = { ports: Ports; protocol: 'tcp' | 'udp' };
  const pairs = (list: readonly Use[]) => list.flatMap((a, i) => list.slice(i + 1).map((b): [Use, Use] => [a, b]));
  const clashing = ([a, b]: [Use, Use]) => a.protocol === b.protocol && overlaps(a.ports, b.ports);
  const lowestShared = ([a, b]: [Use, Use]) => Math.max(a.ports.first, b.ports.first);
  /** tcp before udp, then by port. */
  const rank = (pair: [Use, Use]) => (pair[0].protocol === 'tcp' ? 0 : MAX_PORT) + lowestShared(pair);

  test('finds a clash just when comparing every two uses finds one', () => {
    fc.assert(fc.property(uses, (list) => (firstClash(list) !== undefined) === pairs(list).some(clashing)), { numRuns: 500 });
  });

  test('is one of the pairs that clash, in the order given', () => {
    fc.assert(fc.property(uses, (list) => {
      const found = firstClash(list);
      return found === undefined || pairs(list).filter(clashing).some(([a, b]) => a === found[0] && b === found[1]);
    }), { numRuns: 500 });
  });

  test('has the lowest port that any clash has', () => {
    fc.assert(fc.property(uses, (list) => {
      const found = firstClash(list);
      return found === undefined || rank(found) === Math.min(...pairs(list).filter(clashing).map(rank));
    }), { numRuns: 500 });
  });

  test('among 20,000 uses is found without comparing every two', () => {
    const compared = { count: 0 };
    const counting = (port: number) => ({
      protocol: 'tcp' as const,
      ports: { get first() { compared.count++; return port; }, last: port },
    });
    const list = Array.from({ length: 20000 }, (_, i) => counting(1 + ((i * 7919) % 20011)));
    expect(firstClash(list)).toBeUndefined();
    expect(compared.count).toBeLessThan(20000 * 100);
  });
});
