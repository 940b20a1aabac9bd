import { App, type AppProps } from 'aws-cdk-lib';
import { version } from 'aws-cdk-lib/package.json';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';

/** Whether this run switches on the feature flags that `cdk init` would: `CDK_FLAGS=recommended`. */
export const recommendedFlagsOn = process.env.CDK_FLAGS === 'recommended';

/** The version of the aws-cdk-lib under test: the peer floor, or a newer one in `npm run test:newest`. */
export const cdkVersion: string = version;

/** An app as the run asks for it: every test makes its app here, so that it can be run with and without feature flags. */
export function testApp(props: AppProps = {}): App {
  const flags = recommendedFlagsOn ? recommendedFlags : {};
  return new App({ ...props, context: { ...flags, ...props.context } });
}
