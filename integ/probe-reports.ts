import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import type { App, Stack } from 'aws-cdk-lib';
import { Duration, RemovalPolicies } from 'aws-cdk-lib';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';

/**
 * A test that deploys the stack as it is now, and asserts then. Not the snapshot first: the assets of a snapshot are not committed, and
 * verdicts of the first deployment would be there at the second. Logs go with the stack.
 */
export function integTest(app: App, name: string, stack: Stack): IntegTest {
  RemovalPolicies.of(stack).destroy({ applyToResourceTypes: ['AWS::Logs::LogGroup'] });
  return new IntegTest(app, name, { testCases: [stack], stackUpdateWorkflow: false });
}

/**
 * CloudFormation takes 4 KB of an assertion's answer, which a service or a task alone can fill: so one value at a time. Not for 0, which
 * the function that compares takes for nothing.
 */
export function exactly(value: string | number): ExpectedResult {
  // Not ExpectedResult.exact, whose mark the function of @aws-cdk/integ-tests-alpha 2.245.0 does not know: it compares the mark itself.
  return { result: JSON.stringify(value) };
}

/** The last deployment is completed, and runs this many tasks. */
export function expectSteady(test: IntegTest, service: ecs.BaseService, runningCount: number): void {
  for (const [path, value] of [['deployments.0.rolloutState', 'COMPLETED'], ['runningCount', runningCount]] as const) {
    test.assertions.awsApiCall('ECS', 'describeServices', { cluster: service.cluster.clusterName, services: [service.serviceName] })
      .assertAtPath(`services.0.${path}`, exactly(value))
      .waitForAssertions({ totalTimeout: Duration.minutes(10), interval: Duration.seconds(15) });
  }
}

/** The target group has this many targets, and all are healthy. */
export function expectHealthy(test: IntegTest, targetGroup: elbv2.ITargetGroup, targets: number): void {
  // The service's name in this form, for the right to call it is made of the name.
  test.assertions.awsApiCall('elastic-load-balancing-v2', 'describeTargetHealth', { TargetGroupArn: targetGroup.targetGroupArn })
    .expect(ExpectedResult.objectLike({ TargetHealthDescriptions: Array(targets).fill({ TargetHealth: { State: 'healthy' } }) }))
    .waitForAssertions({ totalTimeout: Duration.minutes(10), interval: Duration.seconds(15) });
}

/** A request through the load balancer is answered. */
export function expectAnswer(test: IntegTest, loadBalancer: elbv2.ILoadBalancerV2): void {
  test.assertions.httpApiCall(`http://${loadBalancer.loadBalancerDnsName}`)
    .expect(ExpectedResult.objectLike({ status: 200 }))
    .waitForAssertions({ totalTimeout: Duration.minutes(5), interval: Duration.seconds(15) });
}

/** Something that ECS says of a task of the service: the first interface of its first container. */
export function expectTaskInterface(test: IntegTest, service: ecs.BaseService, property: string, pattern: string): void {
  describeTask(test, service)
    .assertAtPath(`tasks.0.containers.0.networkInterfaces.0.${property}`, ExpectedResult.stringLikeRegexp(pattern))
    .waitForAssertions({ totalTimeout: Duration.minutes(2), interval: Duration.seconds(15) });
}

/** The first of a service's tasks. */
export function describeTask(test: IntegTest, service: ecs.BaseService) {
  const cluster = service.cluster.clusterName;
  const tasks = test.assertions.awsApiCall('ECS', 'listTasks', { cluster, serviceName: service.serviceName });
  return test.assertions.awsApiCall('ECS', 'describeTasks', { cluster, tasks: [tasks.getAttString('taskArns.0')] });
}
