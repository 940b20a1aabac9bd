import * as fc from 'fast-check';
import type { HostGroup, Service } from '../../src/analysis/facts';
import { hostPortUses } from '../../src/analysis/host-ports';
import { tasksOnPorts } from '../../src/analysis/tasks-on-ports';
import { known, unknown } from '../../src/analysis/value';

const GROUPS = [0, 1, 2].map((number) => ({ name: `group ${number}` } as unknown as HostGroup));

interface Written {
  readonly groups: readonly number[];
  readonly desired?: number;
  readonly scheduling?: Service['scheduling'];
  readonly complete?: boolean;
  /** The first port and the last of each; as ranges of containers in host mode. */
  readonly ports: ReadonlyArray<readonly [number, number]>;
  readonly protocol?: 'tcp' | 'udp';
}

/** Only what is asked of a service here. */
function service({ groups, desired, scheduling = 'REPLICA', complete = true, ports, protocol = 'tcp' }: Written): Service {
  const mappings = ports.map(([first, last]) => first === last
    ? { protocol: known(protocol), containerPort: known(first) }
    : { protocol: known(protocol), range: known(`${first}-${last}`) });
  return {
    scheduling,
    desired: desired === undefined ? unknown('it is not known') : known(desired),
    mode: known('host'),
    launch: known({ kind: 'ec2', by: 'launch-type', hostGroups: groups.map((group) => GROUPS[group]), complete, strategy: [] }),
    taskDefinition: { containers: known([{ name: known('app'), ports: known(mappings) }]) },
  } as unknown as Service;
}

/** What the first of them is told of its first port. */
function toldFirst(...all: readonly Written[]): number {
  const [first, ...others] = all.map(service);
  return tasksOnPorts([first, ...others])(first, hostPortUses(first).uses[0]);
}

const WEB: Written = { groups: [0], desired: 3, ports: [[80, 80]] };
const OTHER: Written = { ...WEB, desired: 2 };

test.each<[string, number, readonly Written[]]>([
  ['none of its own', 0, [WEB]],
  ['those of others', 7, [WEB, OTHER, { ...WEB, desired: 5 }]],
  ['those of others, where its own number is not known', 2, [{ ...WEB, desired: undefined }, OTHER]],
  ['those of others, where it is a daemon', 2, [{ ...WEB, scheduling: 'DAEMON' }, OTHER]],
  ['those of others, where it may be elsewhere', 2, [{ ...WEB, complete: false }, OTHER]],
  ['none of a daemon', 0, [WEB, { ...OTHER, scheduling: 'DAEMON' }]],
  ['none of an unknown number', 0, [WEB, { ...OTHER, desired: undefined }]],
  ['none of one that may be elsewhere', 0, [WEB, { ...OTHER, complete: false }]],
  ['none on other groups', 0, [WEB, { ...OTHER, groups: [1] }]],
  ['none of one that has other groups as well', 0, [WEB, { ...OTHER, groups: [0, 1] }]],
  ['those on some of its groups', 2, [{ ...WEB, groups: [1, 0] }, OTHER]],
  ['those on its groups in another order', 2, [{ ...WEB, groups: [1, 0] }, { ...OTHER, groups: [0, 1] }]],
  ['none on the ports beside its own', 0, [WEB, { ...OTHER, ports: [[79, 79], [81, 81]] }]],
  ['none of the other protocol', 0, [WEB, { ...OTHER, protocol: 'udp' }]],
  ['those of a range that ends at its port', 2, [WEB, { ...OTHER, ports: [[70, 80]] }]],
  ['those of a range that starts at its port', 2, [WEB, { ...OTHER, ports: [[80, 90]] }]],
  ['none of a range that ends before', 0, [WEB, { ...OTHER, ports: [[70, 79]] }]],
  ['those that want it twice, once', 2, [WEB, { ...OTHER, ports: [[80, 80], [80, 80], [75, 85]] }]],
  ['those on the last port of its range', 2, [{ ...WEB, ports: [[70, 80]] }, OTHER]],
  ['none after the last port of its range', 0, [{ ...WEB, ports: [[70, 79]] }, OTHER]],
  // These two may be on one instance.
  ['the larger of those on two ports of its range', 5, [{ ...WEB, ports: [[70, 90]] }, OTHER, { ...WEB, desired: 5, ports: [[85, 85]] }]],
])('told are %s', (_, expected, all) => {
  expect(toldFirst(...all)).toBe(expected);
});

const port = fc.integer({ min: 1, max: 12 });
const written: fc.Arbitrary<Written> = fc.record({
  groups: fc.subarray([0, 1, 2], { minLength: 1 }),
  desired: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
  scheduling: fc.constantFrom<Service['scheduling']>('REPLICA', 'REPLICA', 'DAEMON'),
  complete: fc.boolean(),
  ports: fc.array(fc.tuple(port, port).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]), { minLength: 1, maxLength: 3 }),
  protocol: fc.constantFrom('tcp', 'udp'),
});

test('told is what comes of asking each of the others on each port', () => {
  fc.assert(fc.property(fc.array(written, { minLength: 1, maxLength: 6 }), fc.nat({ max: 5 }), (all, chosen) => {
    const own = chosen % all.length;
    const [first, last] = all[own].ports[0];
    const on = (at: number) => all.filter((other, index) => index !== own
      && other.scheduling === 'REPLICA' && other.complete && other.protocol === all[own].protocol
      && other.groups.every((group) => all[own].groups.includes(group))
      && other.ports.some(([from, to]) => from <= at && at <= to)).reduce((total, { desired = 0 }) => total + desired, 0);
    const services = all.map(service);
    const expected = Math.max(...Array.from({ length: last - first + 1 }, (_, index) => on(first + index)));
    expect(tasksOnPorts(services)(services[own], hostPortUses(services[own]).uses[0])).toBe(expected);
  }), { numRuns: 1000 });
});

test('services that take a port of the same instances are read as often each, however many they are', () => {
  const readsEach = (count: number) => {
    let reads = 0;
    const hostGroups = [GROUPS[0]];
    const services = Array.from({ length: count }, (_, index) => {
      const plain = service({ ...WEB, ports: [[index % 2 === 0 ? 80 : 1000 + index, index % 2 === 0 ? 80 : 1000 + index]] });
      const its = { ...plain, launch: known({ ...(plain.launch as { readonly value: object }).value, hostGroups }) } as unknown as Service;
      return new Proxy(its, { get: (target, key) => (reads++, Reflect.get(target, key) as unknown) });
    });
    const told = tasksOnPorts(services);
    services.forEach((one) => told(one, hostPortUses(one).uses[0]));
    return reads / count;
  };
  expect(readsEach(10)).toBeGreaterThan(0);
  expect(readsEach(1000)).toBe(readsEach(10));
});
