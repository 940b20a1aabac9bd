import { App, type AppProps } from 'aws-cdk-lib';
import { DISABLE_CREATION_STACK_TRACES } from 'aws-cdk-lib/cx-api';
import { version } from 'aws-cdk-lib/package.json';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';

/** Whether this run switches on the feature flags that `cdk init` would: `CDK_FLAGS=recommended`. */
export const recommendedFlagsOn = process.env.CDK_FLAGS === 'recommended';

/** The version of the aws-cdk-lib under test: the peer floor, or a newer one in `npm run test:newest`. */
export const cdkVersion: string = version;

/**
 * An app as the run asks for it: every test makes its app here, so that it can be run with and without feature flags. It leaves out what no
 * test looks at and what takes a quarter of the time: where in the code each resource was made, and the tree as a file.
 */
export function testApp(props: AppProps = {}): App {
  const flags = recommendedFlagsOn ? recommendedFlags : {};
  const context = { ...flags, [DISABLE_CREATION_STACK_TRACES]: true, ...props.context };
  return new App({ stackTraces: false, treeMetadata: false, ...props, context });
}
