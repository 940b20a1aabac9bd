import * as cidr from '../../src/limits/cidr';

const block = (text: string): cidr.Ipv4Block => {
  const parsed = cidr.parseBlock(text);
  expect(parsed.problem).toBeUndefined();
  return parsed.block!;
};

describe('reading a block', () => {
  test('gives its first address as a number, and its prefix', () => {
    expect(block('100.64.0.0/16')).toEqual({ first: 100 * 2 ** 24 + 64 * 2 ** 16, prefix: 16 });
    expect(block('255.255.255.255/32')).toEqual({ first: 2 ** 32 - 1, prefix: 32 });
    expect(block('0.0.0.0/0')).toEqual({ first: 0, prefix: 0 });
  });

  test.each([
    ['100.64.1.0/16', '100.64.0.0/16'],
    ['10.0.0.1/31', '10.0.0.0/31'],
    ['172.31.17.0/20', '172.31.16.0/20'],
    ['200.0.0.0/1', '128.0.0.0/1'],
  ])('%s has bits beyond its prefix: the block is %s', (text, canonical) => {
    expect(cidr.parseBlock(text)).toEqual({ problem: `${text} has bits set beyond its prefix: the block is ${canonical}` });
    expect(cidr.printBlock(cidr.readBlock(text)!)).toBe(canonical);
  });

  test.each([
    '', '100.64.0.0', '100.64.0.0/', '100.64.0.0/33', '100.64.0.0/-1', '100.64.0.0/016', '100.64.0.0/08', '100.64.0/16', '100.64.0.0.0/16',
    '100.064.0.0/16', '256.0.0.0/8', ' 10.0.0.0/8', '10.0.0.0/8 ', '10.0.0.0/16/24', '10.0.0.0/1e1', '::/0', '::ffff:10.0.0.0/96', 'all',
  ])('%p is no block', (text) => {
    expect(cidr.readBlock(text)).toBeUndefined();
    expect(cidr.parseBlock(text)).toEqual({ problem: `${JSON.stringify(text)} is no IPv4 block such as 100.64.0.0/16` });
  });

  test.each([undefined, null, 16, {}, ['10.0.0.0/8']])('%p, which is no text, is no block', (value) => {
    expect(cidr.readBlock(value as unknown as string)).toBeUndefined();
  });
});

describe('how much of all addresses of a family a block is', () => {
  test.each<[string, ReturnType<typeof cidr.shareOfAll>]>([
    ['0.0.0.0/0', 'all'],
    ['10.0.0.0/0', 'all'],
    ['0.0.0.0/1', 'lower half'],
    ['127.0.0.0/1', 'lower half'],
    ['128.0.0.0/1', 'upper half'],
    ['::/0', 'all'],
    ['0:0:0:0:0:0:0:0/0', 'all'],
    ['2001:db8::/0', 'all'],
    ['::/1', 'lower half'],
    ['7fff::/1', 'lower half'],
    ['8000::/1', 'upper half'],
    ['8000:0:0:0:0:0:0:0/1', 'upper half'],
    ['0.0.0.0/2', undefined],
    ['10.0.0.0/10', undefined],
    ['::/2', undefined],
    ['::/01', undefined],
    ['::', undefined],
    ['everybody/0', undefined],
    ['8000/1', undefined],
  ])('%s: %s', (text, share) => {
    expect(cidr.shareOfAll(text)).toBe(share);
  });
});

describe('addresses', () => {
  test.each([[16, 65531], [18, 16379], [19, 8187], [20, 4091], [24, 251], [26, 59], [27, 27], [28, 11]])('a /%d subnet has %d usable ones', (prefix, usable) => {
    expect(cidr.usableAddresses(prefix)).toBe(usable);
  });

  test('three /20 subnets have 12,273', () => expect(3 * cidr.usableAddresses(20)).toBe(12273));

  test('a subnet smaller than what EC2 keeps for itself has none', () => {
    expect([29, 30, 31, 32].map(cidr.usableAddresses)).toEqual([3, 0, 0, 0]);
  });

  test('a /16 has 65,536, all of them 4,294,967,296', () => {
    expect(cidr.addressesIn(16)).toBe(65536);
    expect(cidr.addressesIn(0)).toBe(4294967296);
    expect(cidr.addressesIn(32)).toBe(1);
  });

  test.each([[0, 28], [1, 28], [11, 28], [12, 27], [27, 27], [28, 26], [68, 25], [300, 23], [4091, 20], [4092, 19], [65531, 16]])('%d need a /%d', (addresses, prefix) => {
    expect(cidr.smallestPrefixFor(addresses)).toBe(prefix);
  });

  test('more than a subnet can hold are answered with the largest subnet', () => expect(cidr.smallestPrefixFor(65532)).toBe(16));
});

describe('comparing', () => {
  test.each([
    ['10.0.0.0/8', '10.255.255.0/24', true, false],
    ['10.0.0.0/8', '10.0.0.0/24', true, false],
    ['10.0.0.0/16', '10.0.0.0/16', true, true],
    ['10.0.0.0/16', '10.1.0.0/16', false, false],
    ['0.0.0.0/0', '255.255.255.255/32', true, false],
    ['128.0.0.0/1', '127.255.255.255/32', false, false],
  ])('%s and %s', (a, b, contains, contained) => {
    expect(cidr.contains(block(a), block(b))).toBe(contains);
    expect(cidr.contains(block(b), block(a))).toBe(contained);
    expect(cidr.overlaps(block(a), block(b))).toBe(contains || contained);
    expect(cidr.equals(block(a), block(b))).toBe(contains && contained);
  });
});

describe('splitting', () => {
  test.each([
    ['100.64.0.0/16', 19, 0, '100.64.0.0/19'],
    ['100.64.0.0/16', 19, 1, '100.64.32.0/19'],
    ['100.64.0.0/16', 19, 7, '100.64.224.0/19'],
    ['100.64.0.0/16', 28, 4095, '100.64.255.240/28'],
    ['100.64.0.0/16', 16, 0, '100.64.0.0/16'],
    ['0.0.0.0/0', 1, 1, '128.0.0.0/1'],
  ])('%s into /%d: number %d is %s', (text, prefix, index, subnet) => {
    expect(cidr.printBlock(cidr.subnetAt(block(text), prefix, index)!)).toBe(subnet);
    expect(cidr.indexOfSubnet(block(text), block(subnet))).toBe(index);
  });

  test.each([[19, 8], [19, -1], [19, 0.5], [15, 0]])('of 100.64.0.0/16 there is no /%d number %d', (prefix, index) => {
    expect(cidr.subnetAt(block('100.64.0.0/16'), prefix, index)).toBeUndefined();
  });

  test('a block splits into none larger than itself, and into one of its own size', () => {
    expect([15, 16, 17, 19].map((prefix) => cidr.subnetCount(block('100.64.0.0/16'), prefix))).toEqual([0, 1, 2, 8]);
  });

  test('a block elsewhere, or larger, has no index', () => {
    expect(cidr.indexOfSubnet(block('100.64.0.0/16'), block('100.65.0.0/19'))).toBeUndefined();
    expect(cidr.indexOfSubnet(block('100.64.0.0/16'), block('100.64.0.0/15'))).toBeUndefined();
  });
});

describe('the first free block', () => {
  const firstFree = (range: string, prefix: number, ...taken: string[]) => {
    const found = cidr.firstFreeBlock(block(range), prefix, taken.map(block));
    return found && cidr.printBlock(found);
  };

  test.each([
    ['nothing is taken', [], '100.64.0.0/16'],
    ['the first is taken', ['100.64.0.0/16'], '100.65.0.0/16'],
    ['a part of the first is taken', ['100.64.255.240/28'], '100.65.0.0/16'],
    ['its first address is taken', ['100.64.0.0/32'], '100.65.0.0/16'],
    ['a larger one is taken', ['100.64.0.0/14'], '100.68.0.0/16'],
    ['others are taken, in no order', ['100.66.0.0/16', '10.0.0.0/16', '100.64.0.0/15'], '100.67.0.0/16'],
  ])('%s', (_, taken, free) => expect(firstFree('100.64.0.0/10', 16, ...taken)).toBe(free));

  test('there is none in a range that is taken or too small', () => {
    expect(firstFree('100.64.0.0/10', 16, '100.64.0.0/11', '100.96.0.0/11')).toBeUndefined();
    expect(firstFree('100.64.0.0/16', 15)).toBeUndefined();
    expect(firstFree('255.255.0.0/16', 16, '255.255.255.255/32')).toBeUndefined();
  });
});

describe('a secondary block of a VPC', () => {
  const refusal = (text: string, primary: string | undefined, ...secondary: string[]) => cidr.secondaryBlockRefusal(block(text), [
    ...primary ? [{ block: block(primary), primary: true }] : [],
    ...secondary.map((one) => ({ block: block(one) })),
  ]);

  // Facts V07 to V11: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions
  const CANDIDATES = ['10.200.0.0/16', '172.20.0.0/16', '172.31.0.0/16', '192.168.128.0/17', '198.19.128.0/17', '100.100.0.0/16', '54.0.0.0/16'];
  test.each([
    ['10.8.0.0/16', ['10.200.0.0/16', '100.100.0.0/16', '54.0.0.0/16']],
    ['172.18.0.0/16', ['172.20.0.0/16', '100.100.0.0/16', '54.0.0.0/16']],
    ['172.31.0.0/17', ['172.20.0.0/16', '100.100.0.0/16', '54.0.0.0/16']],
    ['192.168.0.0/20', ['192.168.128.0/17', '100.100.0.0/16', '54.0.0.0/16']],
    ['198.19.0.0/20', ['198.19.128.0/17', '100.100.0.0/16', '54.0.0.0/16']],
    ['100.64.0.0/16', ['100.100.0.0/16', '54.0.0.0/16']],
    ['52.0.0.0/16', ['100.100.0.0/16', '54.0.0.0/16']],
    ['198.18.0.0/16', ['100.100.0.0/16', '54.0.0.0/16']],
  ])('beside a primary of %s: %j', (primary, allowed) => {
    const free = CANDIDATES.filter((one) => !cidr.overlaps(block(one), block(primary)));
    expect(free.filter((one) => refusal(one, primary) === undefined)).toEqual(allowed);
    free.filter((one) => !allowed.includes(one)).forEach((one) => {
      expect(refusal(one, primary)).toMatchObject({ rule: 'range', beside: block(primary) });
    });
  });

  test('says which range and beside what', () => {
    expect(refusal('172.16.0.0/16', '10.0.0.0/16')?.text).toBe('lies in 172.16.0.0/12, which EC2 refuses in a VPC that has 10.0.0.0/16');
  });

  test.each([
    ['10.0.128.0/17', '10.0.0.0/20', true],
    ['10.0.128.0/17', '10.1.0.0/16', true],
    ['10.0.128.0/17', '10.2.0.0/16', false],
    ['10.1.128.0/17', '10.0.0.0/16', false],
    ['10.1.128.0/17', '10.1.0.0/17', false],
  ])('%s of 10.0.0.0/16 is refused beside %s of 10.0.0.0/15: %p', (text, primary, refused) => {
    expect(refusal(text, primary)?.rule).toBe(refused ? 'range' : undefined);
  });

  test('of 10.0.0.0/16 is refused beside any block of 10.0.0.0/15, not only the primary', () => {
    expect(refusal('10.0.0.0/17', '10.8.0.0/16', '10.1.0.0/16')).toMatchObject({
      rule: 'range',
      beside: block('10.1.0.0/16'),
      text: 'lies in 10.0.0.0/16, which EC2 refuses in a VPC that has a block of 10.0.0.0/15, here 10.1.0.0/16',
    });
  });

  test('follows the range of the primary where there is a secondary of 100.64.0.0/10 or a public one as well', () => {
    expect(refusal('10.2.0.0/16', '10.8.0.0/16', '100.64.0.0/16', '54.0.0.0/16')).toBeUndefined();
    expect(refusal('192.168.0.0/16', '10.8.0.0/16', '100.64.0.0/16')).toMatchObject({ beside: block('10.8.0.0/16') });
  });

  test('is judged beside a private secondary where the primary is unknown, for that is of the same range', () => {
    expect(refusal('172.16.0.0/16', undefined, '10.8.0.0/16')?.rule).toBe('range');
    expect(refusal('10.9.0.0/16', undefined, '10.8.0.0/16')).toBeUndefined();
  });

  test('is not judged beside a shared or public secondary where the primary is unknown', () => {
    expect(refusal('10.0.0.0/16', undefined, '100.64.0.0/16', '54.0.0.0/16')).toBeUndefined();
    expect(refusal('10.0.0.0/16', undefined)).toBeUndefined();
  });

  test.each([
    ['10.0.0.0/15', 'is larger than a /16'],
    ['100.64.0.0/10', 'is larger than a /16'],
    ['100.64.0.0/29', 'is smaller than a /28'],
  ])('%s %s', (text, reason) => {
    expect(refusal(text, '10.8.0.0/16')).toMatchObject({ rule: 'size', text: expect.stringContaining(reason) });
  });

  test.each([['100.64.0.0/16'], ['100.64.0.0/28']])('%s has a size a VPC takes', (text) => expect(refusal(text, '10.8.0.0/16')).toBeUndefined());

  test.each(['0.1.0.0/16', '127.0.0.0/16', '169.254.0.0/16', '169.254.1.0/24', '224.0.0.0/16', '239.255.0.0/16'])('%s is in no VPC', (text) => {
    expect(refusal(text, undefined)).toMatchObject({ rule: 'never', text: expect.stringContaining('which no VPC takes') });
  });

  test('must not overlap a block that the VPC has', () => {
    expect(refusal('100.64.0.0/16', '10.0.0.0/16', '100.64.128.0/17')).toEqual({
      rule: 'overlap', beside: block('100.64.128.0/17'), text: 'overlaps 100.64.128.0/17, which the VPC has',
    });
    expect(refusal('10.0.0.0/24', '10.0.0.0/16')?.rule).toBe('overlap');
  });

  // Fact V13; the example is that page's own.
  test.each([['10.0.0.0/23', true], ['10.0.0.0/24', true], ['10.0.0.0/25', false], ['10.0.1.0/24', false]])('%s is kept out by a route to 10.0.0.0/24: %p', (text, blocked) => {
    expect(cidr.isBlockedByRoute(block(text), block('10.0.0.0/24'))).toBe(blocked);
  });
});

test('a VPC has 5 IPv4 blocks, and at most 50', () => expect([cidr.DEFAULT_MAX_IPV4_BLOCKS, cidr.MAX_IPV4_BLOCKS]).toEqual([5, 50]));

describe('IPv6', () => {
  test.each([[56, 64, 256], [60, 64, 16], [44, 64, 2 ** 20], [56, 56, 1], [56, 60, 16]])('a /%d holds /%d subnets: %d', (vpc, subnet, count) => {
    expect(cidr.ipv6SubnetCount(vpc, subnet)).toBe(count);
  });

  test("Amazon's block holds 256 of the usual subnets", () => expect(cidr.ipv6SubnetCount()).toBe(256));

  test.each([[40, 64], [64, 64], [57, 64], [56, 62], [56, 68], [56, 52], [60, 40]])('a /%d with /%d subnets is not taken', (vpc, subnet) => {
    expect(cidr.ipv6SubnetCount(vpc, subnet)).toBeUndefined();
  });
});
