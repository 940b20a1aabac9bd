import { smallestPrefixFor, usableAddresses } from '../../limits/cidr';
import { APPLICATION_LOAD_BALANCER, tasksInFullestZone } from '../../limits/subnet-addresses';
import { addressesOf, AddressTaker, addressTakers, FixedAddresses, fixedAddresses, NONE } from '../address-demand';
import { spreadsOf } from '../address-shortage';
import type { LoadBalancer, Subnet } from '../facts';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { append } from '../templates';
import { union } from '../value';

const { smallestPrefix, freeAddresses, fewestAddresses } = APPLICATION_LOAD_BALANCER;

const fragment = (prefix: number) => ({
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  PublicA: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, AvailabilityZone: 'eu-west-1a', CidrBlock: `10.0.0.0/${prefix}` } },
  PublicB: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, AvailabilityZone: 'eu-west-1b', CidrBlock: `10.0.1.0/${prefix}` } },
  Web: {
    Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    Properties: { Type: 'application', Subnets: [{ Ref: 'PublicA' }, { Ref: 'PublicB' }] },
  },
});

/** Subnets in which an Application Load Balancer has not the room that it asks for. Totals are of subnet-ip-capacity. */
export const loadBalancerSubnetSize: Rule = {
  id: 'load-balancer-subnet-size',
  family: 'addresses',
  summary: 'Each subnet of an Application Load Balancer is a /27 or larger, with 8 addresses free.',
  why: 'A load balancer takes more addresses as it scales. In a subnet that has too few it is not made, or cannot grow under load.',
  fix: 'Larger subnets for the load balancer (`cidrMask` of the subnet configuration, `CidrBlock`), or fewer other interfaces in them.',
  acknowledge: 'Where the load balancer is there already and its traffic is small.',
  source: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html [L01], '
    + 'https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html [V01]',
  bad: fragment(28),
  good: fragment(27),
  *judge(facts) {
    const fixed = fixedAddresses(facts);
    const shares = sharesOf(addressTakers(facts));
    for (const balancer of facts.loadBalancers) {
      if (!balancer.type.known) {
        yield notDecidable(balancer, balancer.type.why);
      } else if (balancer.type.value === 'application') {
        yield* judged(balancer, fixed, shares);
      }
    }
  },
};

/** Steady tasks and instances of a subnet: at least, by those that have no other or are spread evenly over one in each zone. */
interface Share {
  readonly takes: number;
  readonly assumes: readonly string[];
}

const NO_SHARE: Share = { takes: 0, assumes: [] };

function sharesOf(takers: readonly AddressTaker[]): ReadonlyMap<Subnet, Share> {
  const there = new Map<Subnet, AddressTaker[]>();
  for (const taker of takers) {
    const { kind, subnets, zones } = taker;
    const isShared = kind !== 'databases' && (subnets.length === 1 || zones?.size === subnets.length);
    for (const subnet of isShared ? subnets : []) {
      append(there, subnet, taker);
    }
  }
  return new Map([...there].map(([subnet, those]) => [subnet, shareOf(those)]));
}

function shareOf(takers: readonly AddressTaker[]): Share {
  const takes = spreadsOf(takers).map((spread) =>
    tasksInFullestZone(spread.takers.reduce((sum, { steady }) => sum + steady.lo, 0), spread.zones));
  return { takes: takes.reduce((sum, one) => sum + one, 0), assumes: union(...takers.map(({ assumes }) => assumes)) };
}

interface SmallSubnet {
  readonly name: string;
  readonly prefix: number;
  readonly others: number;
  readonly left: number;
  readonly assumes: readonly string[];
}

function* judged(
  balancer: LoadBalancer, fixed: ReadonlyMap<Subnet, FixedAddresses>, shares: ReadonlyMap<Subnet, Share>,
): Iterable<Judgement> {
  const { subnets } = balancer;
  if (!subnets.known) {
    yield notDecidable(balancer, subnets.why);
    return;
  }
  const targets = subnets.value.map(({ target }) => target);
  const small = targets.flatMap((subnet) => subnet ? smallOf(subnet, fixed, shares) : []);
  const open = targets.map((subnet) => subnet?.block).find((block) => block?.known === false);
  const why = subnets.value.find(({ target }) => !target)?.why ?? (open?.known === false ? open.why : undefined);
  if (small.length > 0) {
    yield tooSmall(balancer, small);
  } else if (why !== undefined) {
    yield notDecidable(balancer, why);
  }
}

function smallOf(subnet: Subnet, fixed: ReadonlyMap<Subnet, FixedAddresses>, shares: ReadonlyMap<Subnet, Share>): SmallSubnet[] {
  const { name, block } = subnet;
  if (!block?.known) {
    return [];
  }
  const { prefix } = block.value;
  const share = shares.get(subnet) ?? NO_SHARE;
  // The load balancer itself is one of what stands there.
  const others = addressesOf(fixed.get(subnet) ?? NONE, 'proof') - fewestAddresses + share.takes;
  const left = Math.max(0, usableAddresses(prefix) - others);
  return prefix > smallestPrefix || left < freeAddresses
    ? [{ name, prefix, others, left, assumes: union(block.assumes, share.assumes) }]
    : [];
}

function tooSmall(balancer: LoadBalancer, small: readonly SmallSubnet[]): Judgement {
  const needs = [
    ...small.some(({ left }) => left < freeAddresses) ? [`${freeAddresses} free`] : [],
    ...small.some(({ prefix }) => prefix > smallestPrefix) ? [`a /${smallestPrefix}`] : [],
  ];
  return problem({
    subject: balancer,
    severity: 'warning',
    message: `${small.map(told).join(', ')}; load balancer ${balancer.name} needs ${needs.join(' and ')}`,
    fix: small.map(({ name, others }) => `a /${Math.min(smallestPrefix, smallestPrefixFor(freeAddresses + others))} for ${name}`).join(', '),
    assumes: union(...small.map(({ assumes }) => assumes)),
  });
}

function told({ name, prefix, left }: SmallSubnet): string {
  const parts = [
    ...prefix > smallestPrefix ? [`is a /${prefix}`] : [],
    ...left < freeAddresses ? [`leaves ${left} of ${usableAddresses(prefix)} addresses`] : [],
  ];
  return `subnet ${name} ${parts.join(' and ')}`;
}
