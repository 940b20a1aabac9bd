/** VPC endpoints. */
import type { VpcEndpoint } from '../facts';
import { Evaluated, Resource } from '../resources';
import { known, unknown, Value } from '../value';
import { nameOf, Reading } from './joins';
import { Network, reference } from './network';
import { shownText, truth, whyNot, word } from './properties';
import type { Groups } from './security-groups';

export function readEndpoints({ world }: Reading, network: Network, groups: Groups): VpcEndpoint[] {
  return world.resourcesOf('AWS::EC2::VPCEndpoint').map((resource) => {
    const vpc = reference(network.vpcs, resource, 'VpcId');
    // The defaults are those of https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html.
    const type = word(resource.property('VpcEndpointType'), ['Interface', 'Gateway', 'GatewayLoadBalancer'] as const) ?? known('Gateway');
    return {
      name: nameOf(resource),
      resource,
      vpc,
      type,
      service: ofItsRegion(resource),
      subnets: network.subnets.findMany(resource.property('SubnetIds'), resource),
      securityGroups: type.known && type.value !== 'Interface' ? known([]) : groups.orDefault(resource.property('SecurityGroupIds'), resource, vpc),
      routeTables: network.routeTables.findMany(resource.property('RouteTableIds'), resource),
      privateDns: truth(resource.property('PrivateDnsEnabled')) ?? known(false),
    };
  });
}

/** The service's name, the whole one for that of another Region: it answers to other names than those that are called here. */
function ofItsRegion(resource: Resource): Value<string> {
  const name = resource.property('ServiceName');
  const { region } = resource.template;
  if (region === undefined || name?.kind !== 'scalar') {
    return serviceName(name);
  }
  const written = String(name.value);
  const named = /^(?:cn\.)?com\.amazonaws\.([a-z]+(?:-[a-z]+)+-\d+)\./.exec(written)?.[1];
  if (named === undefined || named === region) {
    return serviceName(name);
  }
  // One that is asked for across Regions may be for what is called there, such as images in ECR.
  return resource.property('ServiceRegion') === undefined ? known(written, name.assumes) : unknown(`what is called of ${written} is not known`);
}

/** `ecr.dkr` of `com.amazonaws.us-east-1.ecr.dkr`, whether or not the Region is literal. */
function serviceName(evaluated: Evaluated | undefined): Value<string> {
  const written = shownText(evaluated);
  const own = /^(?:cn\.)?com\.amazonaws\.(?!vpce\.)[^.]+\.(.+)$/.exec(written)?.[1];
  const name = own ?? written;
  return evaluated === undefined || name.includes('…')
    ? unknown(evaluated === undefined ? 'the endpoint names no service' : whyNot(evaluated))
    : known(name, evaluated.kind === 'scalar' || evaluated.kind === 'text' ? evaluated.assumes : []);
}
