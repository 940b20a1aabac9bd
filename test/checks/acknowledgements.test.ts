import { Acknowledgements, recordedIn } from '../../src/checks/acknowledgements';

const RULE = 'eni-density';

function acknowledged(...on: string[]): Acknowledgements {
  return new Acknowledgements(on.map((path) => ({ id: `EcsNetworkModes::${RULE}`, reason: `on ${path || 'the app'}`, path })));
}

test.each([
  ['the construct itself', 'Stack/Api', 'Stack/Api'],
  ['what is beneath it', 'Stack/Api', 'Stack/Api/Service/Resource'],
  ['all of a stack', 'Stack', 'Stack/Api/Service'],
  ['all of an app', '', 'Stack/Api/Service'],
])('it counts for %s', (_, on, path) => {
  expect(acknowledged(on).reasonFor({ rule: RULE, path })).toBe(`on ${on || 'the app'}`);
});

test.each([
  ['beside it', 'Stack/Web'],
  ['whose name begins alike', 'Stack/Api2'],
  ['above it', 'Stack'],
  ['of the same name elsewhere', 'Other/Stack/Api'],
])('it does not count for a construct %s', (_, path) => {
  expect(acknowledged('Stack/Api').reasonFor({ rule: RULE, path })).toBeUndefined();
});

test('it does not count for another rule', () => {
  expect(acknowledged('Stack').reasonFor({ rule: 'no-route-out', path: 'Stack/Api' })).toBeUndefined();
});

test('it does not count where no construct is known', () => {
  expect(acknowledged('').reasonFor({ rule: RULE })).toBeUndefined();
});

test('the nearest of several speaks', () => {
  expect(acknowledged('', 'Stack', 'Stack/Api').reasonFor({ rule: RULE, path: 'Stack/Api/Service' })).toBe('on Stack/Api');
});

test.each(['Other::eni-density', 'annotation::eni-density', 'eni-density', 'ecsnetworkmodes::eni-density'])('%s is of somebody else', (id) => {
  const others = new Acknowledgements([{ id, reason: '', path: '' }]);
  expect(others.reasonFor({ rule: RULE, path: 'Stack' })).toBeUndefined();
  expect(others.unknown([])).toEqual([]);
});

test('a rule that there is not is reported once, with where it was acknowledged', () => {
  const recorded = ['A', 'A', 'B'].map((path) => ({ id: 'EcsNetworkModes::eni-densty', reason: '', path }));
  const known = { id: `EcsNetworkModes::${RULE}`, reason: '', path: 'A' };
  expect(new Acknowledgements([...recorded, known]).unknown([{ id: RULE }])).toEqual([{ id: 'EcsNetworkModes::eni-densty', paths: ['A', 'B'] }]);
});

test('metadata of constructs is read, one entry with several ids or several entries', () => {
  expect(recordedIn('aws:cdk:acknowledged-rules', { 'A::a': 'x', 'B::b': 1 }, 'Stack')).toEqual([
    { id: 'A::a', reason: 'x', path: 'Stack' }, { id: 'B::b', reason: '', path: 'Stack' },
  ]);
  expect(recordedIn('aws:cdk:warning', { 'A::a': 'x' }, 'Stack')).toEqual([]);
  expect(recordedIn('aws:cdk:acknowledged-rules', null, 'Stack')).toEqual([]);
});
