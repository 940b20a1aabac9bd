import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { invalid } from '../invalid';

/**
 * The subnets asked for, else those in which instances and tasks have a way out.
 *
 * A VPC's own default goes on to isolated and public subnets where there is nothing better, and there neither images nor the ECS API
 * can be reached (containers-roadmap #423, aws-cdk #13348).
 *
 * @param type what the default is: public subnets only help what has a public address
 * @throws if none are found
 */
export function subnetsWithEgress(
  scope: Construct, vpc: ec2.IVpc, asked: ec2.SubnetSelection | undefined, type: ec2.SubnetType = ec2.SubnetType.PRIVATE_WITH_EGRESS,
): ec2.SelectedSubnets {
  const [candidates, what] = type === ec2.SubnetType.PUBLIC
    ? [vpc.publicSubnets, 'public subnets']
    : [vpc.privateSubnets, 'private subnets with a route out'];
  if (!asked && candidates.length === 0) {
    throw invalid(scope, `'vpcSubnets' must be given: the VPC has no ${what}. Isolated subnets need VPC endpoints for the ECS API, images and logs`);
  }
  const selected = vpc.selectSubnets(asked ?? { subnetType: type });
  if (selected.subnets.length === 0 && !selected.isPendingLookup) {
    throw invalid(scope, "'vpcSubnets' must select at least one subnet, got none");
  }
  return selected;
}
