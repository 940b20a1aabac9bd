import {
  AssociatedBlock, DEFAULT_MAX_IPV4_BLOCKS, DEFAULT_MAX_IPV6_BLOCKS, firstFreeBlock, Ipv4Block, isBlockedByRoute, MAX_IPV4_BLOCKS,
  MAX_IPV6_BLOCKS, printBlock, privateRangeOf, readBlock, secondaryBlockRefusal, SHARED_ADDRESS_SPACE,
} from '../../limits/cidr';
import { Facts, isGiven, Subject, VpcBlock } from '../facts';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { append } from '../templates';
import { known, union, unknown, Value } from '../value';

type Given<T> = T & Subject;

const fragment = (CidrBlock: string) => ({
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  More: { Type: 'AWS::EC2::VPCCidrBlock', Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock } },
});

export const secondaryCidrAssociation: Rule = {
  id: 'secondary-cidr-association',
  family: 'addresses',
  summary: 'A VPC takes the blocks that are added to it, and subnets wait for theirs',
  why: 'EC2 refuses a block of a range that may not stand beside those of the VPC, or that a route of the VPC leads into. A subnet in an added block that '
    + 'does not wait for it is made at the same time, and fails whenever it is first.',
  fix: 'Take a block of 100.64.0.0/10, or of the range of the VPC\'s own, and let every subnet of it depend on the AWS::EC2::VPCCidrBlock. TaskSubnets and '
    + 'DualStack.enable do both.',
  acknowledge: 'Where the quota of blocks per VPC was raised, or the order does not matter as the block is there already.',
  source: 'https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html [V03, V04, V07, V08, V09, V10, V11, V12, V13], '
    + 'https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html [V05, V06], '
    + 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpccidrblock.html for the order',
  bad: fragment('172.16.0.0/16'),
  good: fragment('100.64.0.0/16'),
  *judge(facts) {
    const ofVpc = new Map<string, VpcBlock[]>();
    for (const block of facts.vpcBlocks) {
      append(ofVpc, block.vpc.identity, block);
    }
    for (const blocks of ofVpc.values()) {
      yield* counted(blocks);
      // Every block is judged beside those before it, so that of two that clash one is told.
      for (const [index, block] of blocks.entries()) {
        yield* judged(facts, block, blocks.slice(0, index));
      }
    }
    yield* unordered(facts);
  },
};

/** [V05, V06] */
function* counted(blocks: readonly VpcBlock[]): Iterable<Judgement> {
  for (const [ipv6, standard, most] of [
    [false, DEFAULT_MAX_IPV4_BLOCKS, MAX_IPV4_BLOCKS], [true, DEFAULT_MAX_IPV6_BLOCKS, MAX_IPV6_BLOCKS],
  ] as const) {
    const those = blocks.filter((block) => block.ipv6 === ipv6);
    // The primary block is the VPC's own resource; of an imported VPC the last block is one too many.
    const subject = [...blocks.filter(({ primary }) => primary), ...[...those].reverse()].find(isGiven);
    if (those.length > standard && subject) {
      const family = ipv6 ? 'IPv6' : 'IPv4';
      yield problem({
        subject,
        severity: those.length > most ? 'error' : 'warning',
        message: `${vpcOf(blocks[0])} has ${those.length} ${family} blocks; ${standard} are taken, or as many as the quota was raised to, at most ${most}`,
        fix: those.length > most ? `at most ${most} blocks, fewer and larger ones` : `fewer and larger blocks, or the quota "${family} CIDR blocks per VPC" raised`,
      });
    }
  }
}

function* judged(facts: Facts, block: VpcBlock, before: readonly VpcBlock[]): Iterable<Judgement> {
  if (!isGiven(block) || block.ipv6) {
    return;
  }
  const own = read(block);
  if (!own.known) {
    // A VPC whose block is allocated gets one that it takes.
    if (!block.primary) {
      yield notDecidable(block, own.why);
    }
    return;
  }
  const text = printBlock(own.value);
  const others = before.filter(({ ipv6 }) => !ipv6);
  const associated = others.flatMap((other): AssociatedBlock[] => {
    const its = read(other);
    return its.known ? [{ block: its.value, primary: other.primary }] : [];
  });
  const refusal = secondaryBlockRefusal(own.value, associated);
  if (refusal) {
    yield problem({
      subject: block,
      severity: 'error',
      message: block.primary
        ? `block ${text} of VPC ${block.name} ${refusal.text}`
        : `block ${text} cannot be added to ${vpcOf(block)}: it ${refusal.text}`,
      fix: block.primary ? 'a block from /16 to /28 such as 10.0.0.0/16' : fixOf(associated),
      assumes: union(own.assumes, ...others.map(({ cidr }) => cidr.known ? cidr.assumes : [])),
    });
  } else if (!block.primary) {
    yield* routed(facts, block, own.value);
    const open = others.map(read).find((one) => !one.known);
    const why = open?.known === false ? open.why
      : others.some(({ primary }) => primary) ? undefined : block.vpc.why ?? `the block of ${vpcOf(block)} is not known`;
    if (why !== undefined) {
      yield notDecidable(block, why);
    }
  }
}

/** Routes into the block that are there before it [V13]. Of those made after it EC2 takes some, such as one to an interface. */
function* routed(facts: Facts, subject: Given<VpcBlock>, block: Ipv4Block): Iterable<Judgement> {
  for (const { resource, destination } of subject.vpc.target?.routes ?? []) {
    const to = destination.known ? readBlock(destination.value) : undefined;
    if (!to || !isBlockedByRoute(block, to)) {
      continue;
    }
    if (facts.dependsOn({ name: resource.logicalId, resource }, subject)) {
      yield notDecidable(subject, `route ${resource.logicalId} is made after it and leads to ${printBlock(to)}, which lies in it: `
        + 'whether EC2 takes that depends on its target');
      continue;
    }
    yield problem({
      subject,
      severity: 'error',
      message: `block ${printBlock(block)} cannot be added to ${vpcOf(subject)}: route ${resource.logicalId} leads to ${printBlock(to)}, which lies in it`,
      fix: `a block that holds no destination of a route, such as ${freeBlock([block, to])}`,
      assumes: destination.known ? destination.assumes : [],
    });
  }
}

/** Subnets that do not wait for the block that theirs is of. */
function* unordered(facts: Facts): Iterable<Judgement> {
  for (const subnet of facts.subnets) {
    for (const { block, takenBy } of subnet.derivedFrom) {
      const taker = { name: takenBy.logicalId, resource: takenBy };
      if (!isGiven(subnet) || !isGiven(block) || facts.dependsOn(taker, block)) {
        continue;
      }
      if (takenBy.template !== block.resource.template) {
        yield notDecidable(subnet, `whether the stack of ${block.name} is deployed before that of ${subnet.name} is not known`);
        continue;
      }
      const what = block.ipv6 ? 'the IPv6 block' : block.cidr.known ? `block ${block.cidr.value}` : 'the block';
      yield problem({
        subject: subnet,
        severity: 'error',
        message: `subnet ${subnet.name} lies in ${what} that ${block.name} adds to the VPC, and does not wait for it: it fails where it is made first`,
        fix: `DependsOn: ${block.resource.logicalId} in ${takenBy.logicalId}`,
        assumes: block.cidr.known ? block.cidr.assumes : [],
      });
    }
  }
}

function read({ cidr }: VpcBlock): Value<Ipv4Block> {
  if (!cidr.known) {
    return cidr;
  }
  const block = readBlock(cidr.value);
  return block ? known(block, cidr.assumes) : unknown(`${JSON.stringify(cidr.value)} is no IPv4 block`);
}

function fixOf(associated: readonly AssociatedBlock[]): string {
  const taken = associated.map(({ block }) => block);
  const primary = associated.find((one) => one.primary)?.block;
  const range = primary && privateRangeOf(primary);
  const own = range && firstFreeBlock(range, 16, taken);
  return own && !secondaryBlockRefusal(own, associated)
    ? `${freeBlock(taken)}, which every VPC takes; or a block of the VPC's own range such as ${printBlock(own)}`
    : `${freeBlock(taken)}, which every VPC takes`;
}

/** The first free /16 of the range that may stand beside every other. */
function freeBlock(taken: readonly Ipv4Block[]): string {
  return printBlock(firstFreeBlock(SHARED_ADDRESS_SPACE, 16, taken) ?? SHARED_ADDRESS_SPACE);
}

/** The VPC of a block: one that only an expression tells has no other name than that. */
function vpcOf({ name, vpc: { target, literal } }: VpcBlock): string {
  const called = target?.name ?? literal;
  return called === undefined ? `the VPC of ${name}` : `VPC ${called}`;
}
