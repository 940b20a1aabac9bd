import * as fc from 'fast-check';
import { maximumTasks } from '../../src/limits/rolling-update';
import { APPLICATION_LOAD_BALANCER, largestMaximumPercent, tasksInFullestZone } from '../../src/limits/subnet-addresses';

test('an Application Load Balancer asks for a /27 with 8 free addresses', () => {
  expect(APPLICATION_LOAD_BALANCER).toEqual({ smallestPrefix: 27, freeAddresses: 8, fewestAddresses: 1 });
});

test.each([[60, 2, 30], [61, 2, 31], [120, 3, 40], [1, 3, 1], [0, 2, 0]])('of %i tasks over %i zones the fullest has %i', (tasks, zones, most) => {
  expect(tasksInFullestZone(tasks, zones)).toBe(most);
});

test('60 tasks stay within 102 at 171%', () => {
  expect(largestMaximumPercent(60, 102)).toBe(171);
});

test('the percent is the largest that keeps within the tasks', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 2000 }), (desired, tasks) => {
    const percent = largestMaximumPercent(desired, tasks);
    expect(maximumTasks(desired, percent)).toBeLessThanOrEqual(tasks);
    expect(maximumTasks(desired, percent + 1)).toBeGreaterThan(tasks);
  }));
});
