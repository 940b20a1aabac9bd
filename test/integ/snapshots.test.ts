import { readdirSync, readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';

/** What judges in an account. */
const { handler } = jest.requireActual<{ handler(event: object, context: object): Promise<void> }>(
  '@aws-cdk/integ-tests-alpha/lib/assertions/providers/lambda-handler.bundle',
);

const FOLDER = join(__dirname, '../../integ');
const APPS = readdirSync(FOLDER).filter((file) => /^integ\..*\.ts$/.test(file));

interface AssertionStack {
  readonly Resources: { readonly [id: string]: { readonly Type: string; readonly Properties: { readonly expected?: string } } };
}

/** What the assertions in an app's snapshot expect. */
function expectationsOf(app: string): string[] {
  const read = (file: string) => JSON.parse(readFileSync(join(FOLDER, `${app}.snapshot`, file), 'utf8'));
  const cases: { assertionStackName: string }[] = Object.values(read('integ.json').testCases);
  return cases
    .flatMap(({ assertionStackName }) => Object.values((read(`${assertionStackName}.template.json`) as AssertionStack).Resources))
    .filter(({ Type }) => Type.startsWith('Custom::DeployAssert@'))
    .flatMap(({ Properties: { expected } }) => expected ?? []);
}

/** Whether this answer is good enough. */
async function holds(expected: string, actual?: unknown): Promise<boolean> {
  const replies: string[] = [];
  jest.spyOn(console, 'log').mockReturnValue();
  jest.spyOn(console, 'info').mockReturnValue();
  const request = (_: unknown, replied: () => void) => ({ on: () => undefined, write: (body: string) => replies.push(body), end: replied });
  jest.spyOn(https, 'request').mockImplementation(request as unknown as typeof https.request);
  await handler({
    RequestType: 'Create',
    ResponseURL: 'https://cloudformation.example',
    ResourceType: 'Custom::DeployAssert@AssertEquals',
    ResourceProperties: { actual, expected, failDeployment: 'true' },
  }, { getRemainingTimeInMillis: () => 10_000 });
  expect(replies).toHaveLength(1);
  return JSON.parse(replies[0]).Status === 'SUCCESS';
}

/** An answer as it is expected: `{ "$ObjectLike": x }` expects x, or something like it. Patterns are left as they are. */
function asExpected(expected: string): unknown {
  return JSON.parse(expected, (_, value) => {
    const [key] = Object.keys(value);
    return key?.startsWith('$') && typeof value === 'object' ? value[key] : value;
  });
}

test.each(APPS)('%s asserts more than that it deploys, and nothing that holds without an answer', async (app) => {
  const expectations = expectationsOf(app);
  expect(expectations).not.toEqual([]);
  for (const expected of expectations) {
    const nothing = [await holds(expected), await holds(expected, {}), await holds(expected, { events: [] })];
    expect([expected, ...nothing]).toEqual([expected, false, false, false]);
    if (!expected.includes('$StringLike')) {
      expect([expected, await holds(expected, asExpected(expected))]).toEqual([expected, true]);
    }
  }
});
