import * as ports from '../../src/limits/ports';

const range = (first: number, last: number): ports.Ports => ({ first, last });
const tcp = (name: string, first: number, last = first) => ({ name, ports: range(first, last), protocol: 'tcp' as const });
const udp = (name: string, first: number, last = first) => ({ name, ports: range(first, last), protocol: 'udp' as const });
const clash = (...uses: Array<ReturnType<typeof tcp> | ReturnType<typeof udp>>) => ports.firstClash(uses)?.map(({ name }) => name);

describe('a port number', () => {
  test.each([1, 80, 65535])('%d is a port', (n) => expect(ports.isPort(n)).toBe(true));

  test.each([0, -1, 65536, 70000, 80.5, NaN, Infinity, -Infinity])('%d is no port', (n) => expect(ports.isPort(n)).toBe(false));
});

describe('ports reserved on every instance', () => {
  test.each([
    [22, 'ssh'],
    [2375, 'docker daemon'],
    [2376, 'docker daemon'],
    [51678, 'agent introspection'],
    [51679, 'task credentials endpoint'],
  ])('tcp %d is reserved, held by: %s', (port, holder) => {
    expect(ports.reservedTcpPort(port)).toEqual({ port, holder });
  });

  test.each([21, 23, 80, 2374, 2377, 51677])('%d, beside or far from a reserved port, is free', (port) => {
    expect(ports.reservedTcpPort(port)).toBeUndefined();
  });

  test('the metrics port 51680 is not among them, as only an agent with metrics on reserves it', () => {
    expect(ports.METRICS_PORT).toBe(51680);
    expect(ports.reservedTcpPort(ports.METRICS_PORT)).toBeUndefined();
  });

  test('a range is answered with the lowest reserved port in it', () => {
    expect(ports.reservedTcpPort(range(23, 3000))?.port).toBe(2375);
    expect(ports.reservedTcpPort(range(1, 65535))?.port).toBe(22);
  });

  test('a range that begins or ends at a reserved port contains it', () => {
    expect(ports.reservedTcpPort(range(51679, 51700))?.port).toBe(51679);
    expect(ports.reservedTcpPort(range(10, 22))?.port).toBe(22);
  });

  test('a range between reserved ports is free', () => {
    expect(ports.reservedTcpPort(range(2377, 51677))).toBeUndefined();
  });
});

describe('limits', () => {
  test('ports are 1 to 65535', () => expect([ports.MIN_PORT, ports.MAX_PORT]).toEqual([1, 65535]));

  test('dynamic ports are 32768 to 60999, which is 28232 ports', () => {
    expect(ports.DEFAULT_DYNAMIC_PORTS).toEqual({ first: 32768, last: 60999 });
    expect(ports.size(ports.DEFAULT_DYNAMIC_PORTS)).toBe(28232);
  });

  test('of 100 reserved ports per instance, the defaults leave 95 for tasks', () => {
    expect(ports.MAX_RESERVED_PORTS_PER_INSTANCE).toBe(100);
    expect(ports.MAX_FIXED_PORTS_PER_INSTANCE).toBe(95);
  });

  test('a container has at most 100 port ranges', () => expect(ports.MAX_PORT_RANGES_PER_CONTAINER).toBe(100));
});

describe('ranges', () => {
  test('ranges that share only an end overlap', () => expect(ports.overlaps(range(1, 10), range(10, 20))).toBe(true));

  test('ranges side by side do not overlap', () => expect(ports.overlaps(range(1, 9), range(10, 20))).toBe(false));

  test('a range inside another overlaps it', () => expect(ports.overlaps(range(1, 20), range(5, 6))).toBe(true));

  test('a range contains one with the same ends', () => expect(ports.contains(range(5, 9), range(5, 9))).toBe(true));

  test.each([[4, 9], [5, 10], [4, 10], [1, 2]])('5 to 9 does not contain %d to %d', (first, last) => {
    expect(ports.contains(range(5, 9), range(first, last))).toBe(false);
  });

  test('both ends count', () => expect(ports.size(range(5, 9))).toBe(5));

  test('a single port is a range of one', () => expect(ports.size(range(80, 80))).toBe(1));
});

describe('the first clash', () => {
  test('the same port twice clashes', () => expect(clash(tcp('web', 80), tcp('admin', 80))).toEqual(['web', 'admin']));

  test('the same port on tcp and udp does not clash', () => expect(clash(tcp('gossip', 8301), udp('gossip', 8301))).toBeUndefined());

  test('udp clashes with udp', () => expect(clash(udp('dns', 53), tcp('web', 53), udp('cache', 53))).toEqual(['dns', 'cache']));

  test('a port inside a range clashes with it', () => expect(clash(tcp('range', 9000, 9010), tcp('one', 9010))).toEqual(['range', 'one']));

  test('the pair comes in the order given, not by port', () => {
    expect(clash(tcp('new', 9005), tcp('old', 9000, 9010))).toEqual(['new', 'old']);
  });

  test('of several clashes it is the one at the lowest port', () => {
    expect(clash(tcp('a', 900), tcp('b', 900), tcp('c', 80), tcp('d', 80))).toEqual(['c', 'd']);
  });

  test('of three uses of a port it is the first two', () => expect(clash(tcp('a', 80), tcp('b', 80), tcp('c', 80))).toEqual(['a', 'b']));

  test('a tcp clash comes before a udp clash', () => {
    expect(clash(udp('a', 53), udp('b', 53), tcp('c', 80), tcp('d', 80))).toEqual(['c', 'd']);
  });

  test('a long range clashes with a use beyond its neighbours', () => {
    expect(clash(tcp('long', 1, 100), tcp('short', 200, 210), tcp('far', 90, 95))).toEqual(['long', 'far']);
  });

  test.each([0, 1])('%d uses do not clash', (n) => expect(clash(...[tcp('web', 80)].slice(0, n))).toBeUndefined());

  test('the list given is left in its order', () => {
    const uses = [tcp('b', 90), tcp('a', 80)];
    ports.firstClash(uses);
    expect(uses.map(({ name }) => name)).toEqual(['b', 'a']);
  });
});
