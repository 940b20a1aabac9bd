import * as fc from 'fast-check';
import {
  addressesIn, contains, equals, firstFreeBlock, indexOfSubnet, type Ipv4Block, overlaps, parseBlock, printBlock, readBlock,
  secondaryBlockRefusal, smallestPrefixFor, subnetAt, subnetCount, usableAddresses,
} from '../../src/limits/cidr';

const aligned = (address: number, prefix: number): Ipv4Block => {
  const size = 2 ** (32 - prefix);
  return { first: Math.floor(address / size) * size, prefix };
};
const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anywhere = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([one, prefix]) => aligned(one, prefix));
/** Blocks of at most 64 addresses within 10.0.0.0/26, so that they often meet and their addresses can be counted. */
const nearby = fc.tuple(fc.integer({ min: 10 * 2 ** 24, max: 10 * 2 ** 24 + 63 }), fc.integer({ min: 26, max: 32 }))
  .map(([one, prefix]) => aligned(one, prefix));
const block = fc.oneof(nearby, anywhere);
const addressesOf = ({ first, prefix }: Ipv4Block) => Array.from({ length: 2 ** (32 - prefix) }, (_, i) => first + i);
/** A block, and a prefix not shorter than its own, by at most 8 bits. */
const split = fc.tuple(anywhere, fc.integer({ min: 0, max: 8 }))
  .map(([whole, more]) => ({ whole, prefix: Math.min(32, whole.prefix + more) }));

describe('text', () => {
  test('what is printed is read as the same block', () => {
    fc.assert(fc.property(block, (one) => expect(parseBlock(printBlock(one))).toEqual({ block: one })));
  });

  test('what is read is printed as the same text', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(fc.property(octet, octet, octet, octet, fc.integer({ min: 0, max: 32 }), (a, b, c, d, prefix) => {
      const text = `${a}.${b}.${c}.${d}/${prefix}`;
      const parsed = parseBlock(text);
      expect(parsed.block ? printBlock(parsed.block) : parsed.problem).toContain(text);
      // Whether strict or not, it is the block that holds the address.
      expect(readBlock(text)).toEqual(aligned(((a * 256 + b) * 256 + c) * 256 + d, prefix));
    }));
  });

  test('no text makes reading throw', () => {
    const pieces = fc.stringMatching(/^[0-9./: a-f-]{0,20}$/);
    fc.assert(fc.property(fc.oneof(fc.string(), pieces), (text) => {
      const { block: read, problem } = parseBlock(text);
      return read ? printBlock(read) === text : problem !== undefined;
    }));
  });
});

describe('comparing', () => {
  test('overlaps is whether some address is in both', () => {
    fc.assert(fc.property(nearby, nearby, (a, b) => overlaps(a, b) === addressesOf(a).some((one) => addressesOf(b).includes(one))));
  });

  test('contains is whether every address of the one is in the other', () => {
    fc.assert(fc.property(nearby, nearby, (a, b) => contains(a, b) === addressesOf(b).every((one) => addressesOf(a).includes(one))));
  });

  test('overlapping holds both ways round, and of a block and itself', () => {
    fc.assert(fc.property(block, block, (a, b) => overlaps(a, b) === overlaps(b, a) && overlaps(a, a)));
  });

  test('blocks that overlap contain each other one way round', () => {
    fc.assert(fc.property(nearby, nearby, (a, b) => overlaps(a, b) === (contains(a, b) || contains(b, a))));
  });

  test('containing passes on', () => {
    fc.assert(fc.property(nearby, nearby, nearby, (a, b, c) => !(contains(a, b) && contains(b, c)) || contains(a, c)));
  });

  test('containing both ways round is being equal', () => {
    fc.assert(fc.property(nearby, nearby, (a, b) => equals(a, b) === (contains(a, b) && contains(b, a))));
  });
});

describe('splitting', () => {
  test('covers the block exactly, one after the other', () => {
    fc.assert(fc.property(split, ({ whole, prefix }) => {
      const parts = Array.from({ length: subnetCount(whole, prefix) }, (_, i) => subnetAt(whole, prefix, i)!);
      let next = whole.first;
      parts.forEach((part) => {
        expect(part).toEqual({ first: next, prefix });
        next += addressesIn(prefix);
      });
      expect(next).toBe(whole.first + addressesIn(whole.prefix));
      expect(subnetAt(whole, prefix, parts.length)).toBeUndefined();
    }), { numRuns: 50 });
  });

  test('the parts are apart', () => {
    fc.assert(fc.property(split, fc.nat(), fc.nat(), ({ whole, prefix }, i, j) => {
      const count = subnetCount(whole, prefix);
      const [a, b] = [i % count, j % count].map((index) => subnetAt(whole, prefix, index)!);
      return contains(whole, a) && overlaps(a, b) === (i % count === j % count);
    }));
  });

  test('a part knows its index', () => {
    fc.assert(fc.property(split, fc.nat(), ({ whole, prefix }, n) => {
      const index = n % subnetCount(whole, prefix);
      return indexOfSubnet(whole, subnetAt(whole, prefix, index)!) === index;
    }));
  });

  test('any block within another is the part with its index', () => {
    fc.assert(fc.property(nearby, nearby, (whole, part) => {
      const index = indexOfSubnet(whole, part);
      expect(index !== undefined).toBe(contains(whole, part));
      return index === undefined || equals(subnetAt(whole, part.prefix, index)!, part);
    }));
  });
});

describe('sizes', () => {
  const prefix = fc.integer({ min: 16, max: 28 });

  test('a subnet has five usable addresses less than addresses', () => {
    fc.assert(fc.property(prefix, (one) => usableAddresses(one) === 2 ** (32 - one) - 5));
  });

  test('the smallest prefix holds what is asked for, and the next smaller one does not', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 65531 }), (addresses) => {
      const smallest = smallestPrefixFor(addresses);
      expect(usableAddresses(smallest)).toBeGreaterThanOrEqual(addresses);
      return smallest === 28 || usableAddresses(smallest + 1) < addresses;
    }));
  });

  test('the smallest prefix is 32 − ceil(log2(addresses + 5)) between 16 and 28', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 200_000 }), (addresses) =>
      smallestPrefixFor(addresses) === Math.min(28, Math.max(16, 32 - Math.ceil(Math.log2(addresses + 5))))));
  });
});

describe('the first free block', () => {
  const range: Ipv4Block = { first: 10 * 2 ** 24, prefix: 26 };
  const asked = fc.tuple(fc.integer({ min: 24, max: 32 }), fc.array(nearby.filter(({ prefix }) => prefix > 26), { maxLength: 8 }));

  test('is the first of those it splits into that overlaps nothing taken', () => {
    fc.assert(fc.property(asked, ([prefix, taken]) => {
      const parts = Array.from({ length: subnetCount(range, prefix) }, (_, i) => subnetAt(range, prefix, i)!);
      expect(firstFreeBlock(range, prefix, taken)).toEqual(parts.find((part) => !taken.some((one) => overlaps(part, one))));
    }), { numRuns: 500 });
  });
});

describe('secondary blocks', () => {
  const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((text) => readBlock(text)!);
  const SPECIAL = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '198.19.0.0/16', '224.0.0.0/4'].map((text) => readBlock(text)!);
  const within = (range: Ipv4Block) => fc.tuple(fc.nat(2 ** 28), fc.integer({ min: 16, max: 28 }))
    .map(([n, prefix]) => subnetAt(range, Math.max(prefix, range.prefix), n % subnetCount(range, Math.max(prefix, range.prefix)))!);
  const privateBlock = fc.constantFrom(...PRIVATE).chain(within);
  const shared = within(readBlock('100.64.0.0/10')!);
  const elsewhere = fc.oneof(shared, fc.tuple(address, fc.integer({ min: 16, max: 28 })).map(([one, prefix]) => aligned(one, prefix)))
    .filter((one) => ![...PRIVATE, ...SPECIAL].some((range) => overlaps(range, one)));
  const refusal = (one: Ipv4Block, primary: Ipv4Block) => secondaryBlockRefusal(one, [{ block: primary, primary: true }]);

  test('private blocks of different ranges refuse each other, both ways round', () => {
    fc.assert(fc.property(privateBlock, privateBlock, (a, b) => {
      fc.pre(!PRIVATE.some((range) => contains(range, a) && contains(range, b)));
      return refusal(a, b)?.rule === 'range' && refusal(b, a)?.rule === 'range';
    }));
  });

  test('private blocks of 192.168.0.0/16 take each other, both ways round, unless they overlap', () => {
    fc.assert(fc.property(within(PRIVATE[2]), within(PRIVATE[2]), (a, b) => {
      const expected = overlaps(a, b) ? 'overlap' : undefined;
      return refusal(a, b)?.rule === expected && refusal(b, a)?.rule === expected;
    }));
  });

  test('shared and public blocks take each other, both ways round, unless they overlap', () => {
    fc.assert(fc.property(elsewhere, elsewhere, (a, b) => {
      const expected = overlaps(a, b) ? 'overlap' : undefined;
      return refusal(a, b)?.rule === expected && refusal(b, a)?.rule === expected;
    }));
  });

  test('a shared or public block goes beside any private primary, and never the other way round', () => {
    fc.assert(fc.property(elsewhere, privateBlock, (a, b) => refusal(a, b) === undefined && refusal(b, a)?.rule === 'range'));
  });

  test('what is refused beside some blocks is refused beside more', () => {
    const associated = fc.array(fc.oneof(privateBlock, elsewhere).map((one) => ({ block: one })), { maxLength: 4 });
    fc.assert(fc.property(fc.oneof(privateBlock, elsewhere), associated, associated, (one, some, more) =>
      secondaryBlockRefusal(one, some) === undefined || secondaryBlockRefusal(one, [...some, ...more]) !== undefined));
  });
});
