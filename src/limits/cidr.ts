/**
 * Blocks of addresses: reading, splitting and comparing them, and which of them a VPC takes.
 *
 * Results are data, never throws, so that constructs and checks of templates can word them in their own way. `[V01]` and the like are
 * rows of the project's fact table. Addresses are plain numbers: an IPv4 address has 32 bits, of which JavaScript is exact.
 */
import { Address4, Address6 } from 'ip-address';

/** The addresses that share their first `prefix` bits with `first`, whose other bits are all 0. */
export interface Ipv4Block {
  readonly first: number;
  readonly prefix: number;
}

/** A text read as a block, or why it is none. */
export type ParsedBlock =
  | { readonly block: Ipv4Block; readonly problem?: undefined }
  | { readonly block?: undefined; readonly problem: string };

const BITS = 32;

/** Of texts that were read; more than any app has blocks. */
const MAX_REMEMBERED = 10_000;

/**
 * The largest and the smallest IPv4 block of a VPC [V03] and of a subnet [V02]:
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html and
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html.
 */
export const LARGEST_BLOCK_PREFIX = 16;

/** See `LARGEST_BLOCK_PREFIX`. */
export const SMALLEST_BLOCK_PREFIX = 28;

/**
 * The addresses that EC2 keeps in every IPv4 subnet [V01]: the network, the router, DNS, one for the future, and the last one,
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html.
 */
export const RESERVED_ADDRESSES_PER_SUBNET = 5;

/**
 * How many IPv4 blocks a VPC has at most, the primary one included, unless the quota is raised [V05]:
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html.
 */
export const DEFAULT_MAX_IPV4_BLOCKS = 5;

/** What that quota can be raised to [V05], same page. */
export const MAX_IPV4_BLOCKS = 50;

/** The same two for IPv6 blocks [V06], same page. */
export const DEFAULT_MAX_IPV6_BLOCKS = 5;
export const MAX_IPV6_BLOCKS = 50;

/** Reads a block strictly: bits beyond the prefix must be 0, and nothing may be left out. */
export function parseBlock(text: string): ParsedBlock {
  const block = readBlock(text);
  if (!block) {
    return { problem: `${JSON.stringify(text)} is no IPv4 block such as 100.64.0.0/16` };
  }
  const canonical = printBlock(block);
  return canonical === text ? { block } : { problem: `${text} has bits set beyond its prefix: the block is ${canonical}` };
}

/**
 * Reads a block the way EC2 does, which takes 100.68.0.18/18 for 100.68.0.0/18 in VPCs, subnets and routes
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html); `undefined` if it is none.
 */
export const readBlock = remembered((text: string): Ipv4Block | undefined => {
  try {
    const address = new Address4(text);
    // A text without a prefix, or with one such as /08, would be read as well.
    return address.parsedSubnet === String(address.subnetMask)
      ? { first: Number(address.startAddress().bigInt()), prefix: address.subnetMask }
      : undefined;
  } catch {
    return undefined;
  }
});

/** Reading a text takes far longer than finding it again, and the same few blocks stand in hundreds of rules. */
function remembered<T>(read: (text: string) => T): (text: string) => T {
  const results = new Map<string, { readonly result: T }>();
  return (text) => {
    const before = results.get(text);
    if (before) {
      return before.result;
    }
    const result = read(text);
    if (results.size === MAX_REMEMBERED) {
      results.clear();
    }
    results.set(text, { result });
    return result;
  };
}

/**
 * Which part of all addresses of its family a block is, IPv4 or IPv6, where it is all of them or a half; however it is written. The two
 * halves are what people write where the whole is forbidden, and are as good.
 */
export function shareOfAll(text: string): 'all' | 'lower half' | 'upper half' | undefined {
  const prefix = /\/([01])$/.exec(text)?.[1];
  // Most blocks are smaller: those are not worth reading.
  const first = prefix === undefined ? undefined : firstAddressOf(text);
  if (first === undefined) {
    return undefined;
  }
  return prefix === '0' ? 'all' : first === 0n ? 'lower half' : 'upper half';
}

const firstAddressOf = remembered((text: string): bigint | undefined => {
  try {
    return (text.includes(':') ? new Address6(text) : new Address4(text)).startAddress().bigInt();
  } catch {
    return undefined;
  }
});

/** A block as it is written, such as 100.64.0.0/16. */
export function printBlock({ first, prefix }: Ipv4Block): string {
  return `${Address4.fromInteger(first).correctForm()}/${prefix}`;
}

/** How many addresses a block with this prefix has. */
export function addressesIn(prefix: number): number {
  return 2 ** (BITS - prefix);
}

/** How many addresses of a subnet with this prefix network interfaces can have [V01]: 4,091 in a /20, 11 in a /28. */
export function usableAddresses(prefix: number): number {
  return Math.max(0, addressesIn(prefix) - RESERVED_ADDRESSES_PER_SUBNET);
}

/**
 * The prefix of the smallest subnet with `addresses` usable ones: 32 − ceil(log2(addresses + 5)), clipped to /28 and /16.
 * A /16 is the answer also for more than it holds, 65,531: then one subnet is not enough.
 */
export function smallestPrefixFor(addresses: number): number {
  let prefix = SMALLEST_BLOCK_PREFIX;
  while (prefix > LARGEST_BLOCK_PREFIX && usableAddresses(prefix) < addresses) {
    prefix--;
  }
  return prefix;
}

/** The last address of a block. */
function lastOf(block: Ipv4Block): number {
  return block.first + addressesIn(block.prefix) - 1;
}

/** Whether every address of `inner` is in `outer`. */
export function contains(outer: Ipv4Block, inner: Ipv4Block): boolean {
  return outer.first <= inner.first && lastOf(inner) <= lastOf(outer);
}

/** Whether some address is in both; for blocks that is: whether one contains the other. */
export function overlaps(a: Ipv4Block, b: Ipv4Block): boolean {
  return a.first <= lastOf(b) && b.first <= lastOf(a);
}

/** Whether both are the same addresses. */
export function equals(a: Ipv4Block, b: Ipv4Block): boolean {
  return a.first === b.first && a.prefix === b.prefix;
}

/** How many blocks with this prefix a block splits into; 0 if it is smaller than that. */
export function subnetCount(block: Ipv4Block, prefix: number): number {
  return prefix < block.prefix ? 0 : 2 ** (prefix - block.prefix);
}

/** The block numbered `index`, from 0, of those with this prefix that a block splits into; `undefined` beyond the last. */
export function subnetAt(block: Ipv4Block, prefix: number, index: number): Ipv4Block | undefined {
  return Number.isInteger(index) && index >= 0 && index < subnetCount(block, prefix)
    ? { first: block.first + index * addressesIn(prefix), prefix }
    : undefined;
}

/** The index with which `subnetAt` gives `subnet`; `undefined` if it lies elsewhere. */
export function indexOfSubnet(block: Ipv4Block, subnet: Ipv4Block): number | undefined {
  return contains(block, subnet) ? (subnet.first - block.first) / addressesIn(subnet.prefix) : undefined;
}

/** The first block with this prefix in `range` that overlaps none of the taken ones; `undefined` if there is none. */
export function firstFreeBlock(range: Ipv4Block, prefix: number, taken: readonly Ipv4Block[]): Ipv4Block | undefined {
  const size = addressesIn(prefix);
  let candidate: Ipv4Block = { first: range.first, prefix };
  while (contains(range, candidate)) {
    const obstacle = taken.find((one) => overlaps(one, candidate));
    if (!obstacle) {
      return candidate;
    }
    candidate = { first: Math.ceil((lastOf(obstacle) + 1) / size) * size, prefix };
  }
  return undefined;
}

/** A block that a VPC has. */
export interface AssociatedBlock {
  readonly block: Ipv4Block;
  /** Whether it is the one the VPC was created with. */
  readonly primary?: boolean;
}

/** Why a VPC does not take a block. */
export interface BlockRefusal {
  /**
   * Which rule refuses it: the size of blocks [V03], ranges no VPC takes [V04], an overlap [V13], or the ranges that may stand beside each
   * other [V07 to V12].
   */
  readonly rule: 'size' | 'never' | 'overlap' | 'range';
  /** The associated block that stands against it, if it is one. */
  readonly beside?: Ipv4Block;
  /** The reason, to follow the block in a sentence: `is larger than …`. */
  readonly text: string;
}

const [TEN, TEN_0, TEN_0_AND_1, ONE_SEVEN_TWO, ONE_SEVEN_TWO_31, ONE_NINE_TWO, ONE_NINE_EIGHT_19] = [
  '10.0.0.0/8', '10.0.0.0/16', '10.0.0.0/15', '172.16.0.0/12', '172.31.0.0/16', '192.168.0.0/16', '198.19.0.0/16',
].map((text) => readBlock(text)!);

/** The shared address space of RFC 6598, which may stand beside every other range and so is where to look for a free block. */
export const SHARED_ADDRESS_SPACE: Ipv4Block = readBlock('100.64.0.0/10')!;

/** What no VPC takes [V04, V12]: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html. */
const NEVER = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4'].map((text) => readBlock(text)!);

/**
 * Which ranges are refused beside a block of which range [V07 to V11]:
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions.
 */
const REFUSED_BESIDE: ReadonlyArray<{ readonly range: Ipv4Block; readonly refused: readonly Ipv4Block[] }> = [
  { range: TEN, refused: [ONE_SEVEN_TWO, ONE_NINE_TWO, ONE_NINE_EIGHT_19] },
  { range: ONE_SEVEN_TWO, refused: [TEN, ONE_NINE_TWO, ONE_SEVEN_TWO_31, ONE_NINE_EIGHT_19] },
  { range: ONE_NINE_TWO, refused: [TEN, ONE_SEVEN_TWO, ONE_NINE_EIGHT_19] },
  { range: ONE_NINE_EIGHT_19, refused: [TEN, ONE_SEVEN_TWO, ONE_NINE_TWO] },
];

/** The private range that a block lies in, of which its VPC may have more; `undefined` for other blocks. [V07 to V10] */
export function privateRangeOf(block: Ipv4Block): Ipv4Block | undefined {
  return REFUSED_BESIDE.find(({ range }) => contains(range, block))?.range;
}

/** The same beside publicly routable blocks and those of 100.64.0.0/10 [V11]. */
const REFUSED_BESIDE_OTHERS: readonly Ipv4Block[] = [TEN, ONE_SEVEN_TWO, ONE_NINE_TWO, ONE_NINE_EIGHT_19];

/**
 * Why a block cannot be added to a VPC that has the associated ones, as far as they are known; `undefined` if nothing speaks against it.
 *
 * The ranges allowed "depend on the IPv4 address range in which your VPC resides" (the page above), and that is the range of its primary
 * block: a VPC of 10.0.0.0/16 and 100.64.0.0/16 may still get 10.2.0.0/16, by the row of 10.0.0.0/8 and against that of 100.64.0.0/10.
 * So a secondary block decides only where it gives the primary's range away: a private one stands beside a primary of its own range only.
 */
export function secondaryBlockRefusal(block: Ipv4Block, associated: readonly AssociatedBlock[]): BlockRefusal | undefined {
  const size = blockSizeRefusal(block);
  if (size) {
    return size;
  }
  const never = NEVER.find((range) => overlaps(range, block));
  if (never) {
    return { rule: 'never', text: `lies in ${printBlock(never)}, which no VPC takes` };
  }
  const overlapping = associated.find((one) => overlaps(one.block, block));
  if (overlapping) {
    return { rule: 'overlap', beside: overlapping.block, text: `overlaps ${printBlock(overlapping.block)}, which the VPC has` };
  }
  for (const { block: beside, primary = false } of associated) {
    const row = REFUSED_BESIDE.find(({ range }) => contains(range, beside));
    const refused = (row?.refused ?? (primary ? REFUSED_BESIDE_OTHERS : [])).find((range) => overlaps(range, block));
    if (refused) {
      return { rule: 'range', beside, text: `lies in ${printBlock(refused)}, which EC2 refuses in a VPC that has ${printBlock(beside)}` };
    }
  }
  // [V07], of any associated block: with one of 10.0.0.0/15, none of 10.0.0.0/16 can be added.
  const low = contains(TEN_0, block) ? associated.find((one) => contains(TEN_0_AND_1, one.block)) : undefined;
  return low && {
    rule: 'range',
    beside: low.block,
    text: `lies in ${printBlock(TEN_0)}, which EC2 refuses in a VPC that has a block of ${printBlock(TEN_0_AND_1)}, here ${printBlock(low.block)}`,
  };
}

/** Why a block cannot be that of a VPC or a subnet, whatever else there is: its size [V02, V03]. */
export function blockSizeRefusal({ prefix }: Ipv4Block): BlockRefusal | undefined {
  if (prefix < LARGEST_BLOCK_PREFIX) {
    return { rule: 'size', text: `is larger than a /${LARGEST_BLOCK_PREFIX}, the largest block a VPC takes` };
  }
  return prefix > SMALLEST_BLOCK_PREFIX
    ? { rule: 'size', text: `is smaller than a /${SMALLEST_BLOCK_PREFIX}, the smallest block a VPC takes` }
    : undefined;
}

/**
 * The route destinations that keep a block from being added to their VPC [V13]: a block must not equal or contain any.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions
 */
export function isBlockedByRoute(block: Ipv4Block, destination: Ipv4Block): boolean {
  return contains(block, destination);
}

/**
 * The prefixes an IPv6 block of a VPC may have [V15], and, with 64, a subnet's [V16]: steps of 4 bits.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html, https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
 */
const IPV6_PREFIXES = { largest: 44, smallestOfVpc: 60, smallestOfSubnet: 64, step: 4 };

/** The prefix of the block that Amazon provides to a VPC [V15]. */
export const AMAZON_IPV6_PREFIX = 56;

/** How many subnets with one prefix an IPv6 block with another has room for: 256 /64s in a /56. `undefined` if EC2 does not take them. */
export function ipv6SubnetCount(
  vpcPrefix: number = AMAZON_IPV6_PREFIX, subnetPrefix: number = IPV6_PREFIXES.smallestOfSubnet,
): number | undefined {
  const { largest, smallestOfVpc, smallestOfSubnet, step } = IPV6_PREFIXES;
  const allowed = (prefix: number, smallest: number) => prefix >= largest && prefix <= smallest && prefix % step === 0;
  return allowed(vpcPrefix, smallestOfVpc) && allowed(subnetPrefix, smallestOfSubnet) && subnetPrefix >= vpcPrefix
    ? 2 ** (subnetPrefix - vpcPrefix)
    : undefined;
}
