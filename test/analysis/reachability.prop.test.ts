import * as fc from 'fast-check';
import type { SecurityGroupRule } from '../../src/analysis/facts';
import { admission, Admission, admitsSomebody, both, matches } from '../../src/analysis/reachability';
import { known, unknown } from '../../src/analysis/value';
import { Ipv4Block, printBlock } from '../../src/limits/cidr';
import { cidr, fromList, groupOf, groups, peerOf, ruleOf, RulePeer, somebody, subnets, traffic } from './reachability-groups';

const EVERYBODY = cidr('0.0.0.0/0');
const NOBODY = cidr('192.0.2.0/24');
const SOMEBODY = somebody();
/** Ports 1 to 12, so few that rules often meet; the traffic is for some of them. */
const port = fc.integer({ min: 1, max: 12 });
const span = fc.tuple(port, port).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
const protocol = fc.constantFrom('tcp', 'udp', 'all', 'icmp');
/** Rules of which it is known whom they are about. */
const knownRule = fc.tuple(fc.constantFrom(EVERYBODY, NOBODY), span, protocol)
  .map(([peer, ports, its]) => ruleOf(peer, ports, { protocol: known(its) }));
/** Rules of which something may not be known. */
const anyRule = fc.tuple(fc.constantFrom(EVERYBODY, NOBODY, SOMEBODY), span, protocol, fc.constantFrom('', '', '', 'ports', 'protocol'))
  .map(([peer, ports, its, open]) => ruleOf(peer, ports, {
    protocol: known(its),
    ...open === '' ? {} : { [open]: unknown('open') },
  }));
const rules = fc.array(anyRule, { maxLength: 5 });
const wanted = fc.tuple(span, fc.constantFrom('tcp' as const, 'udp' as const)).map(([ports, its]) => traffic(ports, its));

type Wanted = ReturnType<typeof traffic>;

const through = (its: readonly SecurityGroupRule[], what: Wanted) => admission(groups(groupOf('A', its)), 'ingress', peerOf(), what);
const text = (one: Admission) => typeof one === 'string' ? one : 'unknown';

/** The same, port by port, of rules of which all is known. */
function counted(its: readonly SecurityGroupRule[], { protocol: of, ports: { first, last } }: Wanted): Admission {
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const open = all.filter((one) => its.some(({ peer, protocol: rule, ports }) => peer === EVERYBODY
    && rule.known && (rule.value === 'all' || rule.value === of)
    && ports.known && ports.value.first <= one && one <= ports.value.last));
  return open.length === all.length ? 'yes' : open.length > 0 ? 'partly' : 'no';
}

/** Everything that rules may turn out to be: what is open in them is tried at its least and at its most. */
function ends(its: readonly SecurityGroupRule[]): [SecurityGroupRule[], SecurityGroupRule[]] {
  const end = (peer: RulePeer) => (rule: SecurityGroupRule): SecurityGroupRule => {
    const open = rule.peer === SOMEBODY || !rule.protocol.known || !rule.ports.known;
    return !open ? rule : {
      ...rule,
      peer: rule.peer === NOBODY ? NOBODY : peer,
      protocol: rule.protocol.known ? rule.protocol : known('all'),
      // With all protocols the ports do not count.
      ports: rule.protocol.known && rule.ports.known ? rule.ports : known({ first: 1, last: 65_535 }),
    };
  };
  return [its.map(end(NOBODY)), its.map(end(EVERYBODY))];
}

describe('what groups let through', () => {
  test('is what comes of asking for each port, where all is known', () => {
    fc.assert(fc.property(fc.array(knownRule, { maxLength: 5 }), wanted, (its, what) => {
      expect(through(its, what)).toBe(counted(its, what));
    }));
  });

  test('is left open exactly where what is not known could make it all of the ports, or could not', () => {
    fc.assert(fc.property(rules, wanted, (its, what) => {
      const [least, most] = ends(its).map((end) => counted(end, what));
      const verdict = text(through(its, what));
      expect(verdict === 'yes').toBe(least === 'yes');
      expect(verdict === 'unknown').toBe(least !== 'yes' && most === 'yes');
      // That not all gets through is sure either way; `no` is said only where nothing can.
      expect(verdict === 'no').toBe(most === 'no');
    }));
  });

  test('is never less with one more rule', () => {
    const rank = { no: 0, partly: 1, unknown: 2, yes: 3 };
    fc.assert(fc.property(rules, anyRule, wanted, (its, more, what) => {
      expect(rank[text(through([...its, more], what))]).toBeGreaterThanOrEqual(rank[text(through(its, what))]);
    }));
  });

  test('does not depend on the order of rules, or on how they are spread over groups', () => {
    const spread = rules.chain((its) => fc.tuple(
      fc.constant(its), fc.shuffledSubarray(its, { minLength: its.length }), fc.nat(its.length),
    ));
    fc.assert(fc.property(spread, wanted, ([its, shuffled, at], what) => {
      const two = groups(groupOf('A', shuffled.slice(0, at)), groupOf('B', shuffled.slice(at)));
      expect(text(admission(two, 'egress', peerOf(), what))).toBe(text(through(its, what)));
    }));
  });

  test('of an imported group is known only where it is enough', () => {
    fc.assert(fc.property(rules, wanted, (its, what) => {
      const imported = admission(groups(groupOf('A', its, { imported: true })), 'ingress', peerOf(), what);
      expect(text(imported)).toBe(text(through(its, what)) === 'yes' ? 'yes' : 'unknown');
    }));
  });

  test('for fewer ports is no less', () => {
    const parts = fc.tuple(port, port, port, port).map((four) => four.sort((a, b) => a - b));
    fc.assert(fc.property(rules, parts, (its, [a, b, c, d]) => {
      if (through(its, traffic([a, d])) === 'yes') {
        expect(through(its, traffic([b, c]))).toBe('yes');
      }
      if (through(its, traffic([a, d])) === 'no') {
        expect(through(its, traffic([b, c]))).toBe('no');
      }
    }));
  });

  test('is at most what is let in from anybody at all', () => {
    fc.assert(fc.property(fc.array(knownRule, { maxLength: 5 }), wanted, (its, what) => {
      const anybody = admitsSomebody(groups(groupOf('A', its)), what);
      expect(both(through(its, what), anybody)).toBe(through(its, what));
    }));
  });
});

describe('two sides', () => {
  const verdict = fc.constantFrom<Admission>('yes', 'partly', 'no', unknown('one'));

  test('are the same whichever comes first, and the same as one where both are', () => {
    fc.assert(fc.property(verdict, verdict, (a, b) => {
      expect(both(a, b)).toEqual(both(b, a));
      expect(both(a, a)).toEqual(a);
      expect(both(a, 'yes')).toEqual(a);
      expect(both(a, 'no')).toBe('no');
    }));
  });

  test('and a third are the same in any order', () => {
    fc.assert(fc.property(verdict, verdict, verdict, (a, b, c) => expect(both(a, both(b, c))).toEqual(both(both(a, b), c))));
  });
});

describe('a block', () => {
  /** Blocks of at most 64 addresses within 10.0.0.0/26, so that they often meet and their addresses can be counted. */
  const block = fc.tuple(fc.integer({ min: 10 * 2 ** 24, max: 10 * 2 ** 24 + 63 }), fc.integer({ min: 26, max: 32 }))
    .map(([one, prefix]): Ipv4Block => ({ first: Math.floor(one / 2 ** (32 - prefix)) * 2 ** (32 - prefix), prefix }));
  const addressesOf = ({ first, prefix }: Ipv4Block) => Array.from({ length: 2 ** (32 - prefix) }, (_, index) => first + index);
  const holds = (outer: Ipv4Block, address: number) => outer.first <= address && address < outer.first + 2 ** (32 - outer.prefix);
  const peerIn = (blocks: readonly Ipv4Block[]) => peerOf({ addresses: { subnets: subnets(...blocks.map(printBlock)) } });

  test('is about a peer where it holds all of its addresses, and is not where it holds none', () => {
    fc.assert(fc.property(block, fc.array(block, { minLength: 1, maxLength: 3 }), (outer, blocks) => {
      const held = blocks.flatMap(addressesOf).map((address) => holds(outer, address));
      const verdict = matches(cidr(printBlock(outer)), peerIn(blocks));
      expect(verdict === 'yes').toBe(held.every((one) => one));
      expect(verdict === 'no').toBe(held.every((one) => !one));
    }));
  });

  test('of a prefix list is about a peer as a rule of its own is', () => {
    fc.assert(fc.property(fc.array(block, { maxLength: 4 }), block, (entries, its) => {
      const verdicts = entries.map((entry) => matches(cidr(printBlock(entry)), peerIn([its])));
      const list = matches(fromList(...entries.map(printBlock)), peerIn([its]));
      expect(list === 'yes').toBe(verdicts.includes('yes'));
      expect(list === 'no').toBe(verdicts.every((one) => one === 'no'));
    }));
  });
});
