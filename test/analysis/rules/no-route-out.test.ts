import { check } from '../../../src/analysis/check';
import { noRouteOut as rule } from '../../../src/analysis/rules/no-route-out';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, OPEN_PARAMETER, said, serviceOf } from './ecs-fragments';
import { cidr, group, groupId, rule as allow, to } from './group-fragments';

itsExamplesHold(rule);

type Resources = Record<string, unknown>;
const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1';
const VPC = { VpcId: { Ref: 'Vpc' } };

/** A subnet with a table of its own. */
const subnet = (id: string, ...routes: ReadonlyArray<object>): Resources => ({
  [id]: resourceOf('AWS::EC2::Subnet', { ...VPC, CidrBlock: `10.0.${id.charCodeAt(0) - 65}.0/24` }),
  [`${id}Table`]: resourceOf('AWS::EC2::RouteTable', VPC),
  [`${id}Association`]: resourceOf('AWS::EC2::SubnetRouteTableAssociation', { SubnetId: { Ref: id }, RouteTableId: { Ref: `${id}Table` } }),
  ...Object.fromEntries(routes.map((route, index) => [`${id}Route${index}`, resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: `${id}Table` }, ...route })])),
});
const everywhere = (target: object) => ({ DestinationCidrBlock: '0.0.0.0/0', ...target });
const INTERNET = everywhere({ GatewayId: { Ref: 'Gateway' } });
const NAT = everywhere({ NatGatewayId: { Ref: 'Nat' } });
const BASE: Resources = {
  Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }), Gateway: resourceOf('AWS::EC2::InternetGateway'), Cluster: CLUSTER,
};
/** A NAT gateway in subnet P, which leads to the internet unless said otherwise. */
const nat = (more: object = {}, ...routes: readonly object[]): Resources => ({
  Nat: resourceOf('AWS::EC2::NatGateway', { SubnetId: { Ref: 'P' }, ...more }), ...subnet('P', ...routes.length > 0 ? routes : [INTERNET]),
});

interface Task {
  readonly image?: unknown;
  readonly container?: object;
  readonly subnets?: readonly string[];
  readonly awsvpc?: object;
  readonly service?: object;
}

function fargate({ image = ECR, container = {}, subnets = ['A'], awsvpc = {}, service = {} }: Task, ...more: readonly Resources[]): Resources {
  return Object.assign({
    ...BASE,
    TaskGroup: group(),
    Tasks: resourceOf('AWS::ECS::TaskDefinition', { NetworkMode: 'awsvpc', ContainerDefinitions: [{ Name: 'app', Image: image, ...container }] }),
    Api: serviceOf({
      LaunchType: 'FARGATE',
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: subnets.map((Ref) => ({ Ref })), SecurityGroups: [groupId('TaskGroup')], ...awsvpc } },
      ...service,
    }),
  }, ...more) as Resources;
}

const endpoint = (service: string, more: object = {}): Resources => ({
  [`Endpoint${service.replace(/\W/g, '')}`]: resourceOf('AWS::EC2::VPCEndpoint', service === 's3'
    ? { ...VPC, ServiceName: 'com.amazonaws.eu-west-1.s3', VpcEndpointType: 'Gateway', RouteTableIds: [{ Ref: 'ATable' }], ...more }
    : {
      ...VPC, ServiceName: `com.amazonaws.eu-west-1.${service}`, VpcEndpointType: 'Interface', PrivateDnsEnabled: true, SubnetIds: [{ Ref: 'A' }],
      SecurityGroupIds: [groupId('EndpointGroup')], ...more,
    }),
});
const ENDPOINT_GROUP = { EndpointGroup: group([allow(cidr('10.0.0.0/16'), 443)]) };
const ECR_ENDPOINTS = [endpoint('ecr.api'), endpoint('ecr.dkr'), endpoint('s3'), ENDPOINT_GROUP];
/** Routes for a half of all addresses, and for those of a prefix list. */
const half = (DestinationCidrBlock: string, target: object) => ({ DestinationCidrBlock, ...target });
const TO_NAT = { NatGatewayId: { Ref: 'Nat' } };
const TO_INTERNET = { GatewayId: { Ref: 'Gateway' } };
const TO_LIST = { DestinationPrefixListId: { Ref: 'List' }, TransitGatewayId: 'tgw-1' };
const list = (...entries: readonly string[]): Resources => ({
  List: resourceOf('AWS::EC2::PrefixList', { AddressFamily: 'IPv4', MaxEntries: 2, Entries: entries.map((Cidr) => ({ Cidr })) }),
});
const OUT_OVER_IPV6 = { DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: 'eigw-1' };
const DUAL_STACK = resourceOf('AWS::EC2::Subnet', { ...VPC, CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: '2001:db8::/64' });
const WITHOUT_TABLE = { A: resourceOf('AWS::EC2::Subnet', { ...VPC, CidrBlock: '10.0.0.0/24' }) };
const TO_ENDPOINTS = allow(to('EndpointGroup'), 443);
const CIDR_OF_VPC = { 'Fn::GetAtt': ['Vpc', 'CidrBlock'] };
/** The tasks' group, which lets nothing else out. */
const letOut = (...rules: readonly object[]): Resources => ({ TaskGroup: group([], rules) });
/** A route for the addresses that stand for those of IPv4, and a subnet where names lead to them unless said otherwise. */
const NAT64 = { DestinationIpv6CidrBlock: '64:ff9b::/96', ...TO_NAT };
const ipv6Only = (more: object = { EnableDns64: true }) => resourceOf('AWS::EC2::Subnet', { ...VPC, Ipv6Native: true, Ipv6CidrBlock: '2001:db8::/64', ...more });
const found = (resources: Resources, rest?: object) => said(rule, resources, rest).map((one) => one.replace(/ \[.*\]$/, ''));
const STUCK = 'error Api: service Api (Fargate, no public address) sits in subnet A, ';

test('the finding reads as it should', () => {
  expect(check([given({ Resources: rule.bad })], [rule]).findings).toEqual([expect.objectContaining({
    severity: 'error',
    resource: 'Api',
    message: 'service Api (Fargate, no public address) sits in subnet Subnet, whose only way out is an internet gateway: its image in ECR cannot be pulled',
    fix: 'AssignPublicIp ENABLED (assignPublicIp); or subnets with a route to a NAT gateway; or VPC endpoints for ecr.api, ecr.dkr, s3 (TaskEndpoints)',
  })]);
});

describe('tasks on Fargate', () => {
  test.each<[string, Resources, string[]]>([
    ['without a route', fargate({}, subnet('A')), [`${STUCK}which has no default route: its image in ECR cannot be pulled`]],
    ['with a route to the internet only', fargate({}, subnet('A', INTERNET)), [`${STUCK}whose only way out is an internet gateway: its image in ECR cannot be pulled`]],
    ['with a route to a NAT gateway without a way out', fargate({}, subnet('A', NAT), nat({}, { DestinationCidrBlock: '10.9.0.0/16', GatewayId: { Ref: 'Gateway' } })),
      [`${STUCK}whose NAT gateway has no way out itself: its image in ECR cannot be pulled`]],
    ['with a route to a network only', fargate({}, subnet('A', { DestinationCidrBlock: '10.9.0.0/16', TransitGatewayId: 'tgw-1' })), [`${STUCK}which has no default route: its image in ECR cannot be pulled`]],
    ['with a public image', fargate({ image: 'nginx' }, subnet('A')), [`${STUCK}which has no default route: its image from Docker Hub cannot be pulled`]],
    ['with a public image, whatever endpoints there are', fargate({ image: 'public.ecr.aws/nginx/nginx:1' }, subnet('A'), ...ECR_ENDPOINTS),
      [`${STUCK}which has no default route: its image from Amazon ECR Public cannot be pulled`]],
    ['with all that can be missing', fargate({ container: {
      LogConfiguration: { LogDriver: 'awslogs' }, EnvironmentFiles: [{ Type: 's3', Value: 'arn:aws:s3:::b/x.env' }],
      Secrets: [{ Name: 'A', ValueFrom: 'arn:aws:secretsmanager:eu-west-1:1:secret:x' }, { Name: 'B', ValueFrom: 'arn:aws:ssm:eu-west-1:1:parameter/x' }],
    } }, subnet('A')), [
      `${STUCK}which has no default route: its image in ECR cannot be pulled, its logs cannot be sent, its secrets cannot be read, its parameters cannot be read, its environment files cannot be read`,
    ]],
    ['with endpoints for a part', fargate({ container: { LogConfiguration: { LogDriver: 'awslogs' } } }, subnet('A'), ...ECR_ENDPOINTS), [`${STUCK}which has no default route: its logs cannot be sent`]],
    ['with an S3 endpoint for other tables', fargate({}, subnet('A'), subnet('B'), ...ECR_ENDPOINTS, endpoint('s3', { RouteTableIds: [{ Ref: 'BTable' }] })), [expect.stringContaining(STUCK)]],
    ['with endpoints without private names', fargate({}, subnet('A'), ...ECR_ENDPOINTS, endpoint('ecr.api', { PrivateDnsEnabled: false })), [expect.stringContaining(STUCK)]],
    ['with endpoints that do not let them in', fargate({}, subnet('A'), ...ECR_ENDPOINTS, { EndpointGroup: group([allow(cidr('10.9.0.0/16'), 443)]) }), [expect.stringContaining(STUCK)]],
    ['that are not let out to endpoints', fargate({}, subnet('A'), ...ECR_ENDPOINTS, { TaskGroup: group([], [allow(cidr('10.9.0.0/16'), 443)]) }), [expect.stringContaining(STUCK)]],
    ['with endpoints of another VPC', fargate({}, subnet('A'), ...ECR_ENDPOINTS, endpoint('ecr.api', { VpcId: 'vpc-1' })), [expect.stringContaining(STUCK)]],
    ['stuck in one of two subnets', fargate({ subnets: ['A', 'B'] }, subnet('A'), subnet('B', NAT), nat()), [
      'warning Api: service Api (Fargate, no public address) sits in subnet A, which has no default route: its image in ECR cannot be pulled; tasks in it fail, those in the other subnets start',
    ]],
    ['stuck in two of three subnets', fargate({ subnets: ['A', 'B', 'C'] }, subnet('A'), subnet('B'), subnet('C', NAT), nat()), [
      expect.stringMatching(/^warning Api: .* sits in subnet A and 1 more, .*; tasks in these fail, those in the other subnets start$/)]],
    ['stuck in both of two subnets', fargate({ subnets: ['A', 'B'] }, subnet('A'), subnet('B')), [expect.stringMatching(/^error Api: .* sits in subnet A and 1 more, which has no default route: its image in ECR cannot be pulled$/)]],
    ['with an address and no route to the internet', fargate({ awsvpc: { AssignPublicIp: 'ENABLED' } }, subnet('A')), [expect.stringMatching(/^error Api: service Api \(Fargate, with a public address\)/)]],
    ['with an address', fargate({ awsvpc: { AssignPublicIp: 'ENABLED' } }, subnet('A', INTERNET)), []],
    ['with a NAT gateway', fargate({}, subnet('A', NAT), nat()), []],
    ['with a transit gateway', fargate({}, subnet('A', everywhere({ TransitGatewayId: 'tgw-1' }))), []],
    ['with a firewall endpoint', fargate({}, subnet('A', everywhere({ VpcEndpointId: 'vpce-1' }))), []],
    ['with routes for both halves to a NAT gateway', fargate({}, subnet('A', half('0.0.0.0/1', TO_NAT), half('128.0.0.0/1', TO_NAT)), nat()), []],
    ['with routes for both halves, each to something else', fargate({}, subnet('A', half('0.0.0.0/1', TO_NAT), half('128.0.0.0/1', { TransitGatewayId: 'tgw-1' })), nat()), []],
    ['with a NAT gateway that gets out by two halves', fargate({}, subnet('A', NAT), nat({}, half('0.0.0.0/1', TO_INTERNET), half('128.0.0.0/1', TO_INTERNET))), []],
    ['with a route for one half', fargate({}, subnet('A', half('128.0.0.0/1', TO_NAT)), nat()), [`${STUCK}which has no default route: its image in ECR cannot be pulled`]],
    ['with routes for both halves of which one leads to an internet gateway', fargate({}, subnet('A', half('0.0.0.0/1', TO_NAT), half('128.0.0.0/1', TO_INTERNET)), nat()),
      [`${STUCK}whose only way out is an internet gateway: its image in ECR cannot be pulled`]],
    ['with a route for all that a prefix list has', fargate({}, subnet('A', TO_LIST), list('10.9.0.0/16', '0.0.0.0/0')), []],
    ['with a route for both halves that a prefix list has', fargate({}, subnet('A', TO_LIST), list('128.0.0.0/1', '0.0.0.0/1')), []],
    ['with a route for the half that a prefix list has, and one for the other', fargate({}, subnet('A', TO_LIST, half('0.0.0.0/1', TO_NAT)), list('128.0.0.0/1'), nat()), []],
    ['with a route for what a prefix list has', fargate({}, subnet('A', TO_LIST), list('10.9.0.0/16')), [`${STUCK}which has no default route: its image in ECR cannot be pulled`]],
    ['with a route for all of IPv6 that a prefix list has', fargate({}, subnet('A', TO_LIST), list('::/0')), [`${STUCK}which has no default route: its image in ECR cannot be pulled`]],
    ['with all endpoints', fargate({ container: { LogConfiguration: { LogDriver: 'awslogs' } } }, subnet('A'), ...ECR_ENDPOINTS, endpoint('logs')), []],
    ['with endpoints in another subnet, which serve the whole VPC', fargate({}, subnet('A'), subnet('B'), ...ECR_ENDPOINTS, endpoint('ecr.api', { SubnetIds: [{ Ref: 'B' }] }), endpoint('ecr.dkr', { SubnetIds: [{ Ref: 'B' }] })), []],
    ['that are let out to endpoints and to S3', fargate({}, subnet('A'), ...ECR_ENDPOINTS, letOut(TO_ENDPOINTS, allow({ DestinationPrefixListId: 'pl-6da54004' }, 443))), []],
    ['that are let out to endpoints, one for S3 among them', fargate({}, subnet('A'), ...ECR_ENDPOINTS, endpoint('s3', {
      VpcEndpointType: 'Interface', PrivateDnsEnabled: true, SecurityGroupIds: [groupId('EndpointGroup')],
    }), letOut(TO_ENDPOINTS)), []],
    ['that are not let out to S3, but to endpoints', fargate({}, subnet('A'), ...ECR_ENDPOINTS, letOut(TO_ENDPOINTS)), [expect.stringContaining(STUCK)]],
    ['that are not let out to S3, but to the VPC', fargate({}, subnet('A'), ...ECR_ENDPOINTS, letOut(allow(cidr('10.0.0.0/16'), 443))), [expect.stringContaining(STUCK)]],
    ['that are not let out to S3, but to the VPC by reference', fargate({}, subnet('A'), ...ECR_ENDPOINTS, letOut(allow(cidr(CIDR_OF_VPC), 443)), {
      Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: OPEN }), EndpointGroup: group([allow(cidr(CIDR_OF_VPC), 443)]),
    }), [expect.stringContaining(STUCK)]],
    ['that are not let out to S3, but to a list of private blocks', fargate({}, subnet('A'), ...ECR_ENDPOINTS, list('10.0.0.0/16', '172.16.0.0/12'),
      letOut(allow({ DestinationPrefixListId: { Ref: 'List' } }, 443))), [expect.stringContaining(STUCK)]],
    ['that are not let out to S3, but to everything on another port', fargate({}, subnet('A'), ...ECR_ENDPOINTS, letOut(TO_ENDPOINTS, allow(cidr('0.0.0.0/0'), 80))), [expect.stringContaining(STUCK)]],
    ['that are not let out to S3 over IPv4, but over IPv6, which they do not have', fargate({}, subnet('A'), ...ECR_ENDPOINTS, letOut(TO_ENDPOINTS, allow({ CidrIpv6: '::/0' }, 443))), [
      expect.stringContaining(STUCK)]],
    ['that may be let out to S3 over IPv6', fargate({}, subnet('A'), { A: DUAL_STACK }, ...ECR_ENDPOINTS, letOut(TO_ENDPOINTS, allow({ CidrIpv6: '::/0' }, 443))), []],
    ['that are let out to public addresses', fargate({}, subnet('A'), ...ECR_ENDPOINTS, letOut(TO_ENDPOINTS, allow(cidr('52.218.0.0/17'), 443))), []],
    ['that are let out to all addresses by a list', fargate({}, subnet('A'), ...ECR_ENDPOINTS, list('10.9.0.0/16', '0.0.0.0/0'), letOut(TO_ENDPOINTS, allow({ DestinationPrefixListId: { Ref: 'List' } }, 443))), []],
    ['that are let out to what is not known', fargate({}, subnet('A'), ...ECR_ENDPOINTS, letOut(TO_ENDPOINTS, allow(cidr(OPEN), 443))), []],
    ['that have a group besides that is not known', fargate({ awsvpc: { SecurityGroups: [groupId('TaskGroup'), 'sg-1'] } }, subnet('A'), ...ECR_ENDPOINTS, letOut(TO_ENDPOINTS)), []],
    ['with nothing to fetch', fargate({ service: {}, container: { Image: ECR } }, subnet('A', NAT), nat()), []],
    ['in an IPv6-only subnet with a way out', fargate({}, subnet('A', { DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: 'eigw-1' }), {
      A: resourceOf('AWS::EC2::Subnet', { ...VPC, Ipv6Native: true, Ipv6CidrBlock: '2001:db8::/64' }),
    }), []],
    ['in an IPv6-only subnet without a way out', fargate({}, subnet('A', NAT), nat(), {
      A: resourceOf('AWS::EC2::Subnet', { ...VPC, Ipv6Native: true, Ipv6CidrBlock: '2001:db8::/64' }),
    }), [`${STUCK}which has no default route: its image in ECR cannot be pulled`]],
    ['in an IPv6-only subnet with NAT64 and without DNS64, where no name leads to it', fargate({}, subnet('A', NAT64), nat(), { A: ipv6Only({}) }), [expect.stringContaining(STUCK)]],
    ['in an IPv6-only subnet with DNS64 and without NAT64', fargate({}, subnet('A', NAT), nat(), { A: ipv6Only() }), [expect.stringContaining(STUCK)]],
    ['in an IPv6-only subnet with NAT64 by a NAT gateway without a way out', fargate({}, subnet('A', NAT64), nat({}, { DestinationCidrBlock: '10.9.0.0/16', GatewayId: { Ref: 'Gateway' } }), { A: ipv6Only() }), [
      expect.stringContaining(STUCK)]],
    ['in an IPv6-only subnet that routes the addresses of NAT64 to what does not translate', fargate({}, subnet('A', { ...NAT64, NatGatewayId: undefined, EgressOnlyInternetGatewayId: 'eigw-1' }), { A: ipv6Only() }), [
      expect.stringContaining(STUCK)]],
    ['in an IPv6-only subnet that routes other addresses to a NAT gateway', fargate({}, subnet('A', { ...NAT64, DestinationIpv6CidrBlock: '64:ff9b:1::/48' }), nat(), { A: ipv6Only() }), [expect.stringContaining(STUCK)]],
    ['in an IPv6-only subnet with NAT64 and a way out', fargate({}, subnet('A', NAT64, OUT_OVER_IPV6), nat(), { A: ipv6Only() }), []],
    ['in an IPv6-only subnet with NAT64 and all endpoints', fargate({}, subnet('A', NAT64), nat(), { A: ipv6Only() }, ...ECR_ENDPOINTS), []],
    ['in a dual-stack subnet without a way out', fargate({}, subnet('A'), { A: DUAL_STACK }), [`${STUCK}which has no default route: its image in ECR cannot be pulled`]],
    ['in a subnet without IPv6 whose table has a way out for it', fargate({}, subnet('A', OUT_OVER_IPV6)), [`${STUCK}which has no default route: its image in ECR cannot be pulled`]],
    ['in a dual-stack subnet with a way out over IPv6 and all endpoints', fargate({}, subnet('A', OUT_OVER_IPV6), { A: DUAL_STACK }, ...ECR_ENDPOINTS), []],
    ['whose images are of two registries', fargate({}, subnet('A'), { Tasks: resourceOf('AWS::ECS::TaskDefinition', {
      NetworkMode: 'awsvpc', ContainerDefinitions: [{ Name: 'a', Image: ECR }, { Name: 'b', Image: 'nginx' }, { Name: 'c', Image: 'redis' }],
    }) }), [`${STUCK}which has no default route: its image in ECR cannot be pulled, its image from Docker Hub cannot be pulled`]],
    ["with another account's ECR and all endpoints", fargate({ image: '999988887777.dkr.ecr.eu-west-1.amazonaws.com/app:1' }, subnet('A'), ...ECR_ENDPOINTS), []],
    ['whose mode is a fault that another rule reports', fargate({ service: { LaunchType: 'EXTERNAL' } }, subnet('A')), []],
    ['whose launch type is not known', fargate({ service: { LaunchType: OPEN } }, subnet('A')), []],
    ['in another mode', { ...fargate({}, subnet('A')), Tasks: resourceOf('AWS::ECS::TaskDefinition', { NetworkMode: 'bridge', ContainerDefinitions: [] }) }, []],
  ])('%s', (_, resources, expected) => {
    expect(found(resources)).toEqual(expected);
  });

  test('have fixes that help', () => {
    const fixOf = (Resources: Resources) => check([given({ Resources })], [rule]).findings.map(({ fix }) => fix);
    expect(fixOf(fargate({}, subnet('A')))).toEqual(['subnets with a route to a NAT gateway; or VPC endpoints for ecr.api, ecr.dkr, s3 (TaskEndpoints)']);
    expect(fixOf(fargate({ image: 'nginx' }, subnet('A')))).toEqual([
      'subnets with a route to a NAT gateway; or images in ECR and VPC endpoints for ecr.api, ecr.dkr, s3 (TaskEndpoints)']);
    expect(fixOf(fargate({ image: 'nginx', container: { LogConfiguration: { LogDriver: 'awslogs' } } }, subnet('A', INTERNET)))).toEqual([
      'AssignPublicIp ENABLED (assignPublicIp); or subnets with a route to a NAT gateway; '
        + 'or images in ECR and VPC endpoints for ecr.api, ecr.dkr, s3, logs (TaskEndpoints)']);
    expect(fixOf(fargate({}, subnet('A'), endpoint('ecr.api'), endpoint('ecr.dkr'), ENDPOINT_GROUP))).toEqual([
      'subnets with a route to a NAT gateway; or VPC endpoints for s3 (TaskEndpoints)']);
    expect(fixOf(fargate({ image: 'nginx' }, subnet('A'), endpoint('ecr.api'), endpoint('ecr.dkr'), ENDPOINT_GROUP))).toEqual([
      'subnets with a route to a NAT gateway; or images in ECR and VPC endpoints for s3 (TaskEndpoints)']);
    expect(fixOf(fargate({ image: 'nginx' }, subnet('A'), ...ECR_ENDPOINTS))).toEqual(['subnets with a route to a NAT gateway; or images in ECR']);
  });

  test.each<[string, Resources, string]>([
    ['lets them in, where its group does not', fargate({}, subnet('A'), ...ECR_ENDPOINTS, { EndpointGroup: group() }), 'an inbound rule of EndpointGroup: tcp 443 from TaskGroup'],
    ['has private names, where it has none', fargate({}, subnet('A'), ...ECR_ENDPOINTS, endpoint('ecr.dkr', { PrivateDnsEnabled: false })), 'PrivateDnsEnabled true of Endpointecrdkr'],
    ['is one that they are let out to, where their group does not', fargate({}, subnet('A'), ...ECR_ENDPOINTS, letOut(allow(cidr('52.218.0.0/17'), 443))),
      'an outbound rule of TaskGroup: tcp 443 to EndpointGroup'],
    ['of S3 is one that they are let out to, where their group does not', fargate({}, subnet('A'), ...ECR_ENDPOINTS, letOut(TO_ENDPOINTS)), 'an outbound rule of TaskGroup: tcp 443 to the prefix list of S3'],
    ['of S3 is in the table of their subnet, where it is in another', fargate({}, subnet('A'), subnet('B'), ...ECR_ENDPOINTS, endpoint('s3', { RouteTableIds: [{ Ref: 'BTable' }] })),
      'route table ATable among RouteTableIds of Endpoints3'],
    ['of S3 is in the table of their subnet, where that is the main one', fargate({}, ...ECR_ENDPOINTS, subnet('B'), WITHOUT_TABLE, endpoint('s3', { RouteTableIds: [{ Ref: 'BTable' }] })),
      'the route table of subnet A among RouteTableIds of Endpoints3'],
    ['answers in every way in which it does not, and others are made', fargate({}, subnet('A'), endpoint('ecr.api'), endpoint('ecr.dkr', { PrivateDnsEnabled: false }), { EndpointGroup: group() }),
      'VPC endpoints for s3 (TaskEndpoints) and an inbound rule of EndpointGroup: tcp 443 from TaskGroup and PrivateDnsEnabled true of Endpointecrdkr'],
    ['answers that lacks least', fargate({}, subnet('A'), ...ECR_ENDPOINTS, letOut(TO_ENDPOINTS), endpoint('s3', { RouteTableIds: [] }), {
      Files: endpoint('s3', { VpcEndpointType: 'Interface', SecurityGroupIds: [groupId('EndpointGroup')] }).Endpoints3,
    }), 'PrivateDnsEnabled true of Files'],
    ['is made, where that of another VPC is closed', fargate({}, subnet('A'), ...ECR_ENDPOINTS, endpoint('ecr.api', { VpcId: 'vpc-1', PrivateDnsEnabled: false })),
      'VPC endpoints for ecr.api (TaskEndpoints)'],
  ])('have as a fix that the endpoint %s', (_, Resources, fix) => {
    expect(check([given({ Resources })], [rule]).findings.map((one) => one.fix)).toEqual([`subnets with a route to a NAT gateway; or ${fix}`]);
  });

  test.each<[string, Resources, RegExp]>([
    ['the subnets', { ...fargate({}), ...fargate({ awsvpc: { Subnets: OPEN } }) }, /parameter Open/],
    ['a subnet', fargate({ awsvpc: { Subnets: ['subnet-1'] } }), /subnet-1/],
    ['the image', fargate({ image: OPEN }, subnet('A')), /where image … comes from is not known/],
    ['a secret', fargate({ image: ECR, container: { Secrets: [{ Name: 'A', ValueFrom: OPEN }] } }, subnet('A'), ...ECR_ENDPOINTS), /where a secret is kept/],
    ['the address', fargate({ awsvpc: { AssignPublicIp: OPEN } }, subnet('A', INTERNET)), /parameter Open/],
    ['what answers over IPv6', fargate({}, subnet('A', OUT_OVER_IPV6), { A: DUAL_STACK }), /subnet A has a way out over IPv6 only/],
    ['what is reached through NAT64', fargate({}, subnet('A', NAT64), nat(), { A: ipv6Only() }), /subnet A has a way out to IPv4 addresses only, by NAT64/],
    ['what is reached through NAT64 that is written at length', fargate({}, subnet('A', { ...NAT64, DestinationIpv6CidrBlock: '0064:FF9B:0:0:0:0:0:0/96' }), nat(), { A: ipv6Only() }), /by NAT64/],
    ['what is reached through NAT64 of another network', fargate({}, subnet('A', { ...NAT64, NatGatewayId: undefined, TransitGatewayId: 'tgw-1' }), { A: ipv6Only() }), /by NAT64/],
    ['what is reached through NAT64 by a prefix list', fargate({}, subnet('A', TO_LIST), list('64:ff9b::/96'), { A: ipv6Only() }), /by NAT64/],
    ['whether DNS64 is on', fargate({}, subnet('A', NAT64), nat(), { A: ipv6Only({ EnableDns64: OPEN }) }), /parameter Open/],
    ['where the addresses of NAT64 are routed to', fargate({}, subnet('A', { ...NAT64, NatGatewayId: undefined, GatewayId: OPEN }), { A: ipv6Only() }), /where route ARoute0 leads/],
    ['what is reached through NAT64 from a dual-stack subnet', fargate({}, subnet('A', NAT64), nat(), { A: { ...DUAL_STACK, Properties: { ...DUAL_STACK.Properties, EnableDns64: true } } }), /subnet A has a way out over IPv6 only/],
    ['whether a subnet is for IPv6 only', fargate({}, subnet('A'), { A: resourceOf('AWS::EC2::Subnet', { ...VPC, CidrBlock: '10.0.0.0/24', Ipv6Native: OPEN }) }), /parameter Open/],
    ['a log driver', fargate({ container: { LogConfiguration: { LogDriver: OPEN } } }, subnet('A'), ...ECR_ENDPOINTS), /parameter Open/],
    ['environment files', fargate({ container: { EnvironmentFiles: OPEN } }, subnet('A'), ...ECR_ENDPOINTS), /parameter Open/],
    ['where a route leads', fargate({}, subnet('A', everywhere({ GatewayId: OPEN }))), /where route ARoute0 leads/],
    ['a destination', fargate({}, subnet('A', { DestinationCidrBlock: OPEN, TransitGatewayId: 'tgw-1' })), /parameter Open/],
    ['a NAT gateway', fargate({}, subnet('A', everywhere({ NatGatewayId: 'nat-1' }))), /nat-1/],
    ['a private NAT gateway', fargate({}, subnet('A', NAT), nat({ ConnectivityType: 'private' })), /private NAT gateway Nat leads/],
    ['which service an endpoint is of', fargate({}, subnet('A'), ...ECR_ENDPOINTS, { Endpointecrapi: resourceOf('AWS::EC2::VPCEndpoint', {
      ...VPC, ServiceName: OPEN, VpcEndpointType: 'Interface', PrivateDnsEnabled: true, SubnetIds: [{ Ref: 'A' }],
    }) }), /parameter Open/],
    ['one of two subnets', fargate({ subnets: ['A', 'B'] }, subnet('A', NAT), nat(), subnet('B', everywhere({ GatewayId: OPEN }))), /where route BRoute0 leads/],
    ['where one of two halves leads', fargate({}, subnet('A', half('0.0.0.0/1', TO_NAT), half('128.0.0.0/1', { GatewayId: OPEN })), nat()), /where route ARoute1 leads/],
    ['what a prefix list has', fargate({}, subnet('A', { ...TO_LIST, DestinationPrefixListId: 'pl-1' })), /the entries of a prefix list are not known: pl-1 is not of what is given/],
    ['an entry of a prefix list', fargate({}, subnet('A', TO_LIST), { List: resourceOf('AWS::EC2::PrefixList', { Entries: [{ Cidr: OPEN }] }) }), /parameter Open/],
    ['where a route leads, and the image', fargate({ image: OPEN }, subnet('A', everywhere({ GatewayId: OPEN })), ...ECR_ENDPOINTS), /where route ARoute0 leads/],
    ['the task definition', fargate({ service: { TaskDefinition: 'arn:aws:ecs:eu-west-1:1:task-definition/x:1' } }, subnet('A')), /task definition/],
  ])('%s that is not known is undecided', (_, resources, why) => {
    const [one, ...others] = found(resources);
    expect(one).toMatch(/^undecided Api: /);
    expect(one).toMatch(why);
    expect(others).toEqual([]);
  });
});

describe('endpoints of services of another Region', () => {
  const inRegion = (region: string | undefined, ...more: readonly Resources[]) => () => {
    const { findings, undecided } = check([given({ Resources: fargate({}, subnet('A'), ...ECR_ENDPOINTS, ...more) }, { region })], [rule]);
    return [...findings.map(({ severity, resource }) => `${severity} ${resource}`), ...undecided.map(({ resource, why }) => `undecided ${resource}: ${why}`)];
  };
  const ELSEWHERE = { ServiceName: 'com.amazonaws.us-east-1.ecr.dkr' };

  test.each<[string, () => readonly string[], readonly string[]]>([
    ['do not answer', inRegion('eu-west-1', endpoint('ecr.dkr', ELSEWHERE)), ['error Api']],
    ['are not known to be, where the Region is not known', inRegion(undefined, endpoint('ecr.dkr', ELSEWHERE)), []],
    ['may answer what is called there, where they are asked for', inRegion('eu-west-1', endpoint('ecr.dkr', { ...ELSEWHERE, ServiceRegion: 'us-east-1' })), [
      'undecided Api: what is called of com.amazonaws.us-east-1.ecr.dkr is not known']],
    ['are not those of the Region itself', inRegion('eu-west-1'), []],
  ])('%s', (_, said_, expected) => {
    expect(said_()).toEqual(expected);
  });
});

/** What the rule says of a service whose network is in one template and what is added to it in another, which is handed ids. */
function inTwoTemplates(resources: Resources, ...added: readonly Resources[]): string[] {
  const handed = { Parameters: Object.fromEntries(['Vpc', 'Subnets', 'ATable', 'Open', 'A', 'P'].map((id) => [id, { Type: 'String' }])) };
  const { findings, undecided } = check([
    given({ ...OPEN_PARAMETER, Resources: resources }),
    given({ ...handed, Resources: Object.assign({}, ...added) as Resources }, { name: 'added.yaml' }),
  ], [rule]);
  return [...findings.map(({ severity, resource }) => `${severity} ${resource}`), ...undecided.map(({ resource, why }) => `undecided ${resource}: ${why}`)];
}
const routeTo = (target: object, more: object = {}) => ({ Added: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'ATable' }, ...target, ...more }) });
const associated = (SubnetId: unknown, RouteTableId: unknown) => ({ Added: resourceOf('AWS::EC2::SubnetRouteTableAssociation', { SubnetId, RouteTableId }) });
const TGW = everywhere({ TransitGatewayId: 'tgw-1' });

describe('what is added in a template that is handed ids', () => {
  const OWN = { VpcId: { Ref: 'Other' } };
  const OTHER = { Other: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.1.0.0/16' }) };
  const OTHER_TABLE = { Table: resourceOf('AWS::EC2::RouteTable', OWN) };
  const ROUTE = 'undecided Api: which route table Added is for is not known: parameter ATable has no default';
  const ENDPOINT = 'undecided Api: which VPC Endpointecrapi is in is not known: parameter Vpc has no default';
  const ASSOCIATION = 'undecided Api: which subnet Added is for is not known: parameter A has no default';
  const STUCK_THERE = ['error Api'];

  test.each<[string, Resources, readonly Resources[], readonly string[]]>([
    ['endpoints may be in the VPC', fargate({}, subnet('A')), ECR_ENDPOINTS, [ENDPOINT]],
    ['endpoints may be in the VPC beside those that are', fargate({}, subnet('A'), endpoint('ecr.dkr'), endpoint('s3'), ENDPOINT_GROUP), [endpoint('ecr.api'), ENDPOINT_GROUP], [ENDPOINT]],
    ['a gateway endpoint may be in the table of the subnet', fargate({}, subnet('A'), endpoint('ecr.api'), endpoint('ecr.dkr'), ENDPOINT_GROUP), [endpoint('s3')],
      ['undecided Api: parameter ATable has no default']],
    ['a gateway endpoint may be in the main table', fargate({}, WITHOUT_TABLE, endpoint('ecr.api'), endpoint('ecr.dkr'), ENDPOINT_GROUP), [endpoint('s3')],
      ['undecided Api: parameter ATable has no default']],
    ['a gateway endpoint in a table that is given is not in the main one', fargate({}, WITHOUT_TABLE, subnet('B'), endpoint('ecr.api'), endpoint('ecr.dkr'), ENDPOINT_GROUP, endpoint('s3', { RouteTableIds: [{ Ref: 'BTable' }] })), [], STUCK_THERE],
    ['endpoints of other services answer nothing that is needed', fargate({}, subnet('A')), [endpoint('sqs')], STUCK_THERE],
    ['endpoints without private names answer nothing', fargate({}, subnet('A')), [...ECR_ENDPOINTS, endpoint('ecr.api', { PrivateDnsEnabled: false })], STUCK_THERE],
    ['endpoints that let in nobody answer nothing', fargate({}, subnet('A')), [...ECR_ENDPOINTS, { EndpointGroup: group() }], STUCK_THERE],
    ['endpoints of a VPC of its own answer nothing elsewhere', fargate({}, subnet('A')), [OTHER, ...ECR_ENDPOINTS, endpoint('ecr.api', OWN)], STUCK_THERE],
    ['endpoints of a part leave the rest', fargate({ container: { LogConfiguration: { LogDriver: 'awslogs' } } }, subnet('A')), ECR_ENDPOINTS, STUCK_THERE],
    ['a route may be of the table of the subnet', fargate({}, subnet('A')), [routeTo(TGW)], [ROUTE]],
    ['a route to a NAT gateway may be of the table of the subnet', fargate({}, subnet('A')), [routeTo(NAT), { Nat: resourceOf('AWS::EC2::NatGateway', { SubnetId: { Ref: 'P' } }) }], [ROUTE]],
    ['a route may be of the main table', fargate({}, WITHOUT_TABLE), [routeTo(TGW)], [ROUTE]],
    ['a route that a VPN propagates may be of the table', fargate({}, subnet('A')), [
      { Added: resourceOf('AWS::EC2::VPNGatewayRoutePropagation', { RouteTableIds: [{ Ref: 'ATable' }], VpnGatewayId: 'vgw-1' }) }], [ROUTE]],
    ['a route that a VPN propagates may be of tables of which none is known', fargate({}, subnet('A')), [
      { Added: resourceOf('AWS::EC2::VPNGatewayRoutePropagation', { RouteTableIds: { Ref: 'ATable' }, VpnGatewayId: 'vgw-1' }) }], [ROUTE]],
    ['a route to an internet gateway takes no packet without a public address', fargate({}, subnet('A')), [routeTo(everywhere({ GatewayId: 'igw-1' }))], STUCK_THERE],
    ['a route to an internet gateway may be what the NAT gateway lacks', fargate({}, subnet('A', NAT), nat({}, { DestinationCidrBlock: '10.9.0.0/16', GatewayId: 'igw-1' })),
      [routeTo(everywhere({ GatewayId: 'igw-1' }))], [ROUTE]],
    ['a narrower route leads to no registry', fargate({}, subnet('A')), [routeTo({ DestinationCidrBlock: '10.9.0.0/16', TransitGatewayId: 'tgw-1' })], STUCK_THERE],
    ['a route of IPv6 leads nowhere without IPv6', fargate({}, subnet('A')), [routeTo(OUT_OVER_IPV6)], STUCK_THERE],
    ['a route of IPv6 may be a way out of a dual-stack subnet', fargate({}, subnet('A'), { A: DUAL_STACK }), [routeTo(OUT_OVER_IPV6)], [ROUTE]],
    ['a route of a table that is given is none of another', fargate({}, subnet('A')), [OTHER, OTHER_TABLE, routeTo(TGW, { RouteTableId: { Ref: 'Table' } })], STUCK_THERE],
    ['a route changes nothing for those who get out', fargate({}, subnet('A', NAT), nat()), [routeTo(TGW)], []],
    ['a route changes nothing for those who have all endpoints', fargate({}, subnet('A'), ...ECR_ENDPOINTS), [routeTo(TGW)], []],
    ['a table with a way out may be that of the subnet', fargate({}, WITHOUT_TABLE, subnet('B', TGW)), [associated({ Ref: 'A' }, { Ref: 'ATable' })], [ASSOCIATION]],
    ['a table of a template of its own may be that of the subnet', fargate({}, WITHOUT_TABLE), [
      { Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }) }, routeTo(TGW, { RouteTableId: { Ref: 'Table' } }),
      { Mine: associated({ Ref: 'A' }, { Ref: 'Table' }).Added }], [ASSOCIATION.replace('Added', 'Mine')]],
    ['a table without a way out may well be that of the subnet', fargate({}, WITHOUT_TABLE), [
      { Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }) }, associated({ Ref: 'A' }, { Ref: 'Table' })], STUCK_THERE],
    ['a table of another VPC is not that of the subnet', fargate({}, WITHOUT_TABLE), [OTHER, OTHER_TABLE, routeTo(TGW, { RouteTableId: { Ref: 'Table' } }),
      { Mine: associated({ Ref: 'A' }, { Ref: 'Table' }).Added }], STUCK_THERE],
    ['a subnet with a table has no other', fargate({}, subnet('A')), [associated({ Ref: 'A' }, { Ref: 'ATable' })], STUCK_THERE],
  ])('%s', (_, resources, added, expected) => {
    expect(inTwoTemplates(resources, ...added)).toEqual(expected);
  });

  test('is for something else where the template that makes the VPC names it by its id', () => {
    expect(found(fargate({}, subnet('A'), routeTo(TGW, { RouteTableId: 'rtb-1' })))).toEqual([expect.stringContaining(STUCK)]);
    expect(found(fargate({}, WITHOUT_TABLE, routeTo(TGW, { RouteTableId: 'rtb-1' })))).toEqual([expect.stringContaining(STUCK)]);
    expect(found(fargate({}, WITHOUT_TABLE, subnet('B', TGW), associated('subnet-1', { Ref: 'BTable' })))).toEqual([expect.stringContaining(STUCK)]);
    expect(inTwoTemplates(fargate({}, subnet('A')), routeTo(TGW, { RouteTableId: 'rtb-1' }))).toEqual([
      'undecided Api: which route table Added is for is not known: rtb-1 is not of what is given']);
    expect(inTwoTemplates(fargate({}, subnet('A')), ...ECR_ENDPOINTS, endpoint('ecr.api', { VpcId: 'vpc-1' }))).toEqual([
      'undecided Api: which VPC Endpointecrapi is in is not known: vpc-1 is not of what is given']);
  });

  test('may be what awsvpc tasks on instances and instances get out by', () => {
    const instances = { LaunchType: 'EC2' };
    const nodes = { Nodes: resourceOf('AWS::EC2::Instance', {
      SubnetId: { Ref: 'A' }, SecurityGroupIds: [groupId('TaskGroup')],
      UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
    }) };
    expect(inTwoTemplates(fargate({ service: instances }, subnet('A')), routeTo(TGW))).toEqual([ROUTE]);
    expect(inTwoTemplates({ ...BASE, TaskGroup: group(), ...nodes, ...subnet('A') }, routeTo(TGW))).toEqual([ROUTE.replace('Api', 'Nodes')]);
    expect(inTwoTemplates(fargate({ service: instances }, subnet('A')), endpoint('ecs-agent'), ENDPOINT_GROUP)).toEqual([
      ENDPOINT.replace('Endpointecrapi', 'Endpointecsagent')]);
    expect(inTwoTemplates(fargate({ service: instances }, subnet('A')), ...ECR_ENDPOINTS)).toEqual(['warning Api']);
  });
});

const EXEC = { EnableExecuteCommand: true };
const CONNECT = { ServiceConnectConfiguration: { Enabled: true, Namespace: 'shop' } };
const NO_SESSION = 'ECS Exec opens no sessions';
const NO_PROXY = 'its Service Connect proxy reaches no endpoint of ECS';
/** A cluster whose sessions are encrypted and logged. */
const clusterWith = (ExecuteCommandConfiguration: object) => (
  { Cluster: resourceOf('AWS::ECS::Cluster', { Configuration: { ExecuteCommandConfiguration } }) });

describe('what is called while tasks on Fargate run', () => {
  const of = (service: object, ...more: readonly Resources[]) => () => found(fargate({ service }, subnet('A'), ...ECR_ENDPOINTS, ...more));
  const LATER = 'warning Api: service Api (Fargate, no public address) sits in subnet A, which has no default route: ';

  test.each<[string, () => string[], unknown[]]>([
    ['ECS Exec', of(EXEC), [`${LATER}${NO_SESSION}`]],
    ['ECS Exec with its endpoint', of(EXEC, endpoint('ssmmessages')), []],
    ['ECS Exec that is off', of({ EnableExecuteCommand: false }), []],
    ['ECS Exec with a key of the cluster', of(EXEC, endpoint('ssmmessages'), clusterWith({ KmsKeyId: 'key-1' })), [`${LATER}${NO_SESSION}`]],
    ['ECS Exec with a key of the cluster and its endpoint', of(EXEC, endpoint('ssmmessages'), endpoint('kms'), clusterWith({ KmsKeyId: 'key-1' })), []],
    ['ECS Exec that logs', of(EXEC, endpoint('ssmmessages'), clusterWith({ LogConfiguration: { CloudWatchLogGroupName: 'exec' } })), [`${LATER}${NO_SESSION}`]],
    ['ECS Exec that logs, with the endpoints', of(EXEC, endpoint('ssmmessages'), endpoint('logs'), clusterWith({
      LogConfiguration: { CloudWatchLogGroupName: 'exec', S3BucketName: 'exec' },
    })), []],
    ['Service Connect', of(CONNECT), [`${LATER}${NO_PROXY}`]],
    ['Service Connect with its endpoint', of(CONNECT, endpoint('ecs-agent')), []],
    ['Service Connect that is off', of({ ServiceConnectConfiguration: { Enabled: false } }), []],
    ['both', of({ ...EXEC, ...CONNECT }), [`${LATER}${NO_SESSION}, ${NO_PROXY}`]],
    ['both, with a NAT gateway', () => found(fargate({ service: { ...EXEC, ...CONNECT } }, subnet('A', NAT), nat())), []],
    ['what they need to start as well', () => found(fargate({ service: EXEC }, subnet('A'))), [`${STUCK}which has no default route: its image in ECR cannot be pulled, ${NO_SESSION}`]],
    ['in one of two subnets', () => found(fargate({ service: EXEC, subnets: ['A', 'B'] }, subnet('A'), subnet('B', NAT), nat(), ...ECR_ENDPOINTS)), [`${LATER}${NO_SESSION}; that is so there alone`]],
    ['and in the other subnet what they need to start', () => found(fargate({ service: EXEC, subnets: ['A', 'B'] }, subnet('A'), subnet('B'), ...ECR_ENDPOINTS)), [
      `${LATER.replace('subnet A', 'subnet B')}its image in ECR cannot be pulled, ${NO_SESSION}; tasks in it fail, those in the other subnets start`]],
    ['whether ECS Exec is on', of({ EnableExecuteCommand: OPEN }), ['undecided Api: parameter Open has no default']],
    ['whether Service Connect is on', of({ ServiceConnectConfiguration: { Enabled: OPEN } }), ['undecided Api: parameter Open has no default']],
    ['what sessions of an imported cluster use', of({ ...EXEC, Cluster: 'imported' }, endpoint('ssmmessages')), [
      'undecided Api: whether sessions of ECS Exec are encrypted and logged is not known: imported is not of what is given']],
  ])('%s', (_, said_, expected) => {
    expect(said_()).toEqual(expected);
  });

  test('has a fix that names the endpoints', () => {
    const resources = fargate({ service: { ...EXEC, ...CONNECT } }, subnet('A'), ...ECR_ENDPOINTS, clusterWith({ KmsKeyId: 'key-1' }));
    expect(check([given({ Resources: resources })], [rule]).findings.map(({ fix }) => fix)).toEqual([
      'subnets with a route to a NAT gateway; or VPC endpoints for ssmmessages, kms, ecs-agent (TaskEndpoints)']);
  });
});

describe('awsvpc tasks on instances', () => {
  const nodes = (Subnet: string, more: object = {}): Resources => ({
    Nodes: resourceOf('AWS::EC2::Instance', {
      SubnetId: { Ref: Subnet }, SecurityGroupIds: [groupId('TaskGroup')],
      UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } }, ...more,
    }),
  });
  const ON_EC2 = { service: { LaunchType: 'EC2' } };
  const AGENT = [endpoint('ecs'), endpoint('ecs-agent'), endpoint('ecs-telemetry'), ENDPOINT_GROUP];
  /** Bridge tasks on instances in subnet A. */
  const bridge = (container: object, ...more: readonly Resources[]): Resources => Object.assign({
    ...BASE, TaskGroup: group(), ...nodes('A'),
    Tasks: resourceOf('AWS::ECS::TaskDefinition', { NetworkMode: 'bridge', ContainerDefinitions: [{ Name: 'app', Image: ECR, Memory: 128, ...container }] }),
    Api: serviceOf(),
  }, ...more) as Resources;
  /** A provider of Managed Instances in some subnets. */
  const managed = (...subnets: readonly string[]): Resources => ({
    ...BASE, TaskGroup: group(), Managed: resourceOf('AWS::ECS::CapacityProvider', {
      ClusterName: { Ref: 'Cluster' }, ManagedInstancesProvider: { InstanceLaunchTemplate: { NetworkConfiguration: {
        Subnets: (subnets.length > 0 ? subnets : ['A']).map((Ref) => ({ Ref })), SecurityGroups: [groupId('TaskGroup')],
      } } },
    }),
  });
  const LOGS = { LogConfiguration: { LogDriver: 'awslogs' } };
  const ISLAND = 'warning Api: service Api runs on instances of Nodes in subnet A, which has no default route: ';

  test.each<[string, Resources, string[]]>([
    ['in a public subnet', fargate(ON_EC2, subnet('A', INTERNET), nodes('B'), subnet('B', NAT), nat()), [
      'warning Api: service Api (awsvpc on instances, no public address) sits in subnet A, whose only way out is an internet gateway: nothing that the task itself calls outside the VPC answers',
    ]],
    ['without a route, in two subnets', fargate({ ...ON_EC2, subnets: ['A', 'C'] }, subnet('A'), subnet('C'), nodes('B'), subnet('B', NAT), nat()), [
      expect.stringMatching(/^warning Api: .* sits in subnet A and 1 more, which has no default route: nothing/)]],
    ['with a NAT gateway', fargate(ON_EC2, subnet('A', NAT), nat(), nodes('A')), []],
    ['in a VPC that has endpoints, but not those of instances', fargate(ON_EC2, subnet('A'), nodes('B'), subnet('B', NAT), nat(), ...ECR_ENDPOINTS), [
      expect.stringMatching(/^warning Api: service Api \(awsvpc on instances, no public address\) sits in subnet A, which has no default route/)]],
    ['in subnets of which all is not known', fargate({ ...ON_EC2, awsvpc: { Subnets: OPEN } }, nodes('B'), subnet('B', NAT), nat()), ['undecided Api: parameter Open has no default']],
    ['in subnets of which one is not known', fargate({ ...ON_EC2, awsvpc: { Subnets: [{ Ref: 'A' }, 'subnet-1'] } }, subnet('A', NAT), nat(), nodes('A')), [
      expect.stringMatching(/^undecided Api: .*subnet-1/)]],
    ['in subnets of which one has no way out and one is not known', fargate({ ...ON_EC2, awsvpc: { Subnets: ['subnet-1', { Ref: 'A' }] } }, subnet('A'), nodes('B'), subnet('B', NAT), nat()), [
      expect.stringMatching(/^warning Api: .* sits in subnet A, which has no default route/)]],
    ['of which one subnet leads it is not known where', fargate({ ...ON_EC2, subnets: ['A', 'B'] }, subnet('A', NAT), nat(), nodes('A'), subnet('B', everywhere({ GatewayId: OPEN }))), [
      expect.stringMatching(/^undecided Api: where route BRoute0 leads/)]],
    ['in a VPC that has endpoints for its instances', fargate(ON_EC2, subnet('A'), nodes('A'), ...ECR_ENDPOINTS, ...AGENT), []],
    ['in subnets that are not known', { ...fargate(ON_EC2, nodes('B'), subnet('B', NAT), nat()), ...{ A: resourceOf('AWS::EC2::Subnet', { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24' }) } },
      [expect.stringMatching(/^undecided Api: /)]],
  ])('%s', (_, resources, expected) => {
    expect(found(resources)).toEqual(expected);
  });

  test.each<[string, Resources, string[]]>([
    ['without a route', { ...BASE, TaskGroup: group(), ...nodes('A'), ...subnet('A') }, [
      'error Nodes: instances of Nodes sit in subnet A, which has no default route, and reach no ECS endpoints: they never register']],
    ['in a public subnet without an address', { ...BASE, TaskGroup: group(), ...nodes('A'), ...subnet('A', INTERNET) }, [expect.stringMatching(/^error Nodes: .* whose only way out is an internet gateway/)]],
    ['with an address', { ...BASE, TaskGroup: group(), ...nodes('A', { SubnetId: undefined, SecurityGroupIds: undefined, NetworkInterfaces: [
      { DeviceIndex: '0', SubnetId: { Ref: 'A' }, GroupSet: [groupId('TaskGroup')], AssociatePublicIpAddress: true },
    ] }), ...subnet('A', INTERNET) }, []],
    ['with an Elastic IP address', { ...BASE, TaskGroup: group(), ...nodes('A'), ...subnet('A', INTERNET), Address: resourceOf('AWS::EC2::EIP', { InstanceId: { Ref: 'Nodes' } }) }, []],
    ['with an Elastic IP address and no route to the internet', {
      ...BASE, TaskGroup: group(), ...nodes('A'), ...subnet('A'), Address: resourceOf('AWS::EC2::EIP', { InstanceId: { Ref: 'Nodes' } }),
    }, [expect.stringMatching(/^error Nodes: .* which has no default route/)]],
    ['with a NAT gateway', { ...BASE, TaskGroup: group(), ...nodes('A'), ...subnet('A', NAT), ...nat() }, []],
    ['with the endpoints of the agent', { ...BASE, TaskGroup: group(), ...nodes('A'), ...subnet('A'), ...ENDPOINT_GROUP, ...endpoint('ecs'), ...endpoint('ecs-agent'), ...endpoint('ecs-telemetry') }, []],
    ['with two of the three endpoints of the agent', { ...BASE, TaskGroup: group(), ...nodes('A'), ...subnet('A'), ...ENDPOINT_GROUP, ...endpoint('ecs'), ...endpoint('ecs-agent') }, [expect.stringMatching(/^error Nodes/)]],
    ['with one of them', { ...BASE, TaskGroup: group(), ...nodes('A'), ...subnet('A'), ...ENDPOINT_GROUP, ...endpoint('ecs') }, [
      expect.stringMatching(/and no endpoint for ecs-agent, ecs-telemetry answers them: they never register$/)]],
    ['that AWS manages', { ...managed(), ...subnet('A') }, [
      'error Managed: instances of Managed sit in subnet A, which has no default route, and reach no ECS endpoints: they never register']],
    ['that AWS manages, in one of two subnets', { ...managed('A', 'B'), ...subnet('A'), ...subnet('B', NAT), ...nat() }, [
      'warning Managed: instances of Managed sit in subnet A, which has no default route, and reach no ECS endpoints: those there never register']],
    ['that AWS manages, with a NAT gateway', { ...managed(), ...subnet('A', NAT), ...nat() }, []],
    ['that AWS manages, with the endpoints of the agent', { ...managed(), ...subnet('A'), ...Object.assign({}, ...AGENT) as Resources }, []],
    ['that AWS manages, in a public subnet', { ...managed(), ...subnet('A', INTERNET) }, ['undecided Managed: ECS decides on public addresses of Managed Instances']],
    ['that AWS manages, in a subnet with a way out over IPv6', { ...managed(), ...subnet('A', OUT_OVER_IPV6), A: DUAL_STACK }, [
      'undecided Managed: ECS decides on IPv6 addresses of Managed Instances']],
    ['that AWS manages, for no cluster', { ...managed(), ...subnet('A'), Managed: resourceOf('AWS::ECS::CapacityProvider', {
      ManagedInstancesProvider: { InstanceLaunchTemplate: { NetworkConfiguration: { Subnets: [{ Ref: 'A' }] } } },
    }) }, []],
    ['that join no cluster', { ...BASE, TaskGroup: group(), ...nodes('A', { UserData: undefined }), ...subnet('A') }, []],
    ['in a subnet that is not known', { ...BASE, TaskGroup: group(), ...nodes('A', { SubnetId: OPEN }) }, [expect.stringMatching(/^undecided Nodes: parameter Open/)]],
  ])('instances %s', (_, resources, expected) => {
    expect(found(resources)).toEqual(expected);
  });

  test.each<[string, Resources, string[]]>([
    ['their image, which no endpoint brings', bridge({ Image: 'nginx' }, subnet('A'), ...AGENT, ...ECR_ENDPOINTS), [`${ISLAND}its image from Docker Hub cannot be pulled`]],
    ['their image and logs', bridge(LOGS, subnet('A'), ...AGENT), [`${ISLAND}its image in ECR cannot be pulled, its logs cannot be sent`]],
    ['their logs', bridge(LOGS, subnet('A'), ...AGENT, ...ECR_ENDPOINTS), [`${ISLAND}its logs cannot be sent`]],
    ['nothing', bridge(LOGS, subnet('A'), ...AGENT, ...ECR_ENDPOINTS, endpoint('logs')), []],
    ['nothing, with a NAT gateway beside the endpoints', bridge({ Image: 'nginx' }, subnet('A', NAT), nat(), ...AGENT), []],
    ['an image that is not known', bridge({ Image: OPEN }, subnet('A'), ...AGENT, ...ECR_ENDPOINTS), [expect.stringMatching(/^undecided Api: where image … comes from/)]],
    ['what the awsvpc task has pulled for it', fargate({ ...ON_EC2, image: 'nginx' }, subnet('A'), nodes('A'), ...AGENT), [`${ISLAND}its image from Docker Hub cannot be pulled`]],
    ['what ECS Exec calls', { ...bridge({}, subnet('A'), ...AGENT, ...ECR_ENDPOINTS), Api: serviceOf(EXEC) }, [`${ISLAND}${NO_SESSION}`]],
    ['nothing that Service Connect calls', { ...bridge({}, subnet('A'), ...AGENT, ...ECR_ENDPOINTS), Api: serviceOf(CONNECT) }, []],
    ['what ECS Exec calls in the awsvpc task, from where that is', fargate({ service: { LaunchType: 'EC2', ...EXEC } }, subnet('A'), nodes('A'), ...AGENT, ...ECR_ENDPOINTS), [
      `warning Api: service Api (awsvpc on instances, no public address) sits in subnet A, which has no default route: ${NO_SESSION}`]],
    ['nothing of ECS Exec with its endpoint', fargate({ service: { LaunchType: 'EC2', ...EXEC } }, subnet('A'), nodes('A'), ...AGENT, ...ECR_ENDPOINTS, endpoint('ssmmessages')), []],
    ['perhaps what ECS Exec calls', fargate({ service: { LaunchType: 'EC2', EnableExecuteCommand: OPEN } }, subnet('A'), nodes('A'), ...AGENT, ...ECR_ENDPOINTS), [
      'undecided Api: parameter Open has no default']],
    ['nothing that is known, where a route leads it is not known where', bridge({ Image: 'nginx' }, subnet('A', everywhere({ GatewayId: OPEN })), ...AGENT), []],
    ['their image, where AWS manages them', fargate({
      image: 'nginx', service: { LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Managed' } }] },
    }, managed(), subnet('A'), ...AGENT), [`${ISLAND.replace('Nodes', 'Managed')}its image from Docker Hub cannot be pulled`]],
    ['only that they register, where they do not', bridge({ Image: 'nginx' }, subnet('A')), [expect.stringMatching(/^error Nodes: .* never register$/)]],
  ])('that reach ECS by endpoints lack %s', (_, resources, expected) => {
    expect(found(resources)).toEqual(expected);
  });

  test('have fixes that help', () => {
    const fixOf = (Resources: Resources) => check([given({ Resources })], [rule]).findings.map(({ fix }) => fix);
    expect(fixOf(bridge(LOGS, subnet('A'), ...AGENT))).toEqual(['subnets with a route to a NAT gateway; or VPC endpoints for ecr.api, ecr.dkr, s3, logs (TaskEndpoints)']);
    expect(fixOf(fargate({ service: { LaunchType: 'EC2', ...EXEC } }, subnet('A'), nodes('A'), ...AGENT, ...ECR_ENDPOINTS))).toEqual([
      'subnets with a route to a NAT gateway; or VPC endpoints for ssmmessages (TaskEndpoints)']);
    expect(fixOf(bridge({}, subnet('A')))).toEqual(['subnets with a route to a NAT gateway; or public addresses in a public subnet; '
      + 'or VPC endpoints for ecs-agent, ecs-telemetry, ecs and the images (TaskEndpoints)']);
    expect(fixOf({ ...managed(), ...subnet('A') })).toEqual(['subnets with a route to a NAT gateway; '
      + 'or VPC endpoints for ecs-agent, ecs-telemetry, ecs and the images (TaskEndpoints)']);
    expect(fixOf(fargate(ON_EC2, subnet('A', INTERNET), nodes('B'), subnet('B', NAT), nat()))).toEqual([
      'subnets with a route to a NAT gateway, or VPC endpoints for what the task calls']);
  });

  test('with a part of the endpoints of the agent are told which do not answer', () => {
    const { findings } = check([given({ Resources: bridge({}, subnet('A'), endpoint('ecs'), endpoint('ecs-telemetry'), ENDPOINT_GROUP) })], [rule]);
    expect(findings).toEqual([expect.objectContaining({
      message: 'instances of Nodes sit in subnet A, which has no default route, and no endpoint for ecs-agent answers them: they never register',
      fix: 'subnets with a route to a NAT gateway; or public addresses in a public subnet; or VPC endpoints for ecs-agent and the images (TaskEndpoints)',
    })]);
  });

  test('with endpoints of the agent that do not answer are told what makes them answer', () => {
    const fixOf = (...more: readonly Resources[]) => check([given({ Resources: bridge({}, subnet('A'), ...more) })], [rule]).findings.map(({ fix }) => fix);
    const ELSE = 'subnets with a route to a NAT gateway; or public addresses in a public subnet; or ';
    expect(fixOf(...AGENT, { EndpointGroup: group() })).toEqual([`${ELSE}an inbound rule of EndpointGroup: tcp 443 from TaskGroup`]);
    expect(fixOf(...AGENT, endpoint('ecs', { PrivateDnsEnabled: false }))).toEqual([`${ELSE}PrivateDnsEnabled true of Endpointecs`]);
    expect(fixOf(endpoint('ecs', { PrivateDnsEnabled: false }), endpoint('ecs-agent'), ENDPOINT_GROUP)).toEqual([
      `${ELSE}VPC endpoints for ecs-telemetry and the images (TaskEndpoints) and PrivateDnsEnabled true of Endpointecs`]);
  });

  test('without IPv6 addresses of their own do not get out over IPv6', () => {
    expect(found(bridge({}, subnet('A', OUT_OVER_IPV6), { A: DUAL_STACK }))).toEqual([expect.stringMatching(/^error Nodes: .* never register$/)]);
  });

  describe('of a group', () => {
    const inSubnets = (VPCZoneIdentifier: unknown, ...more: readonly Resources[]): Resources => Object.assign({
      ...BASE, TaskGroup: group(),
      Nodes: resourceOf('AWS::AutoScaling::AutoScalingGroup', {
        MinSize: '1', MaxSize: '2', VPCZoneIdentifier, LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
      }),
      Template: resourceOf('AWS::EC2::LaunchTemplate', { LaunchTemplateData: {
        SecurityGroupIds: [groupId('TaskGroup')], UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
      } }),
    }, ...more) as Resources;
    const both = [{ Ref: 'A' }, { Ref: 'B' }];
    const PUBLIC = (id: string) => ({ [id]: resourceOf('AWS::EC2::Subnet', { ...VPC, CidrBlock: `10.0.${id.charCodeAt(0) - 65}.0/24`, MapPublicIpOnLaunch: true }) });
    /** The same group with a second launch template. */
    const MIXED = (AssociatePublicIpAddress: boolean | undefined): Resources => ({
      Nodes: resourceOf('AWS::AutoScaling::AutoScalingGroup', { MinSize: '1', MaxSize: '2', VPCZoneIdentifier: both, MixedInstancesPolicy: { LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
        Overrides: [{ InstanceType: 'c5.large' }, { InstanceType: 'c6g.large', LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Second' }, Version: '1' } }],
      } } }),
      Second: resourceOf('AWS::EC2::LaunchTemplate', { LaunchTemplateData: {
        NetworkInterfaces: [{ DeviceIndex: 0, Groups: [groupId('TaskGroup')], AssociatePublicIpAddress }],
        UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
      } }),
    });

    test.each<[string, Resources, string[]]>([
      ['of which some get out are a warning', inSubnets(both, subnet('A'), subnet('B', NAT), nat()),
        ['warning Nodes: instances of Nodes sit in subnet A, which has no default route, and reach no ECS endpoints: those there never register']],
      ['of which it is not known whether some get out are undecided', inSubnets(both, subnet('A', NAT), nat(), subnet('B', everywhere({ GatewayId: OPEN }))),
        [expect.stringMatching(/^undecided Nodes: where route BRoute0 leads/)]],
      ['that get public addresses in one of two public subnets are a warning', inSubnets(both, subnet('A', INTERNET), subnet('B', INTERNET), PUBLIC('B')),
        ['warning Nodes: instances of Nodes sit in subnet A, whose only way out is an internet gateway, and reach no ECS endpoints: those there never register']],
      ['that get public addresses in one of two public subnets, by two launch templates of which neither says so, are a warning',
        inSubnets(both, subnet('A', INTERNET), subnet('B', INTERNET), PUBLIC('B'), MIXED(undefined)), [expect.stringMatching(/^warning Nodes: instances of Nodes sit in subnet A,/)]],
      ['that get public addresses in one of two public subnets, or by one of two launch templates, are undecided',
        inSubnets(both, subnet('A', INTERNET), subnet('B', INTERNET), PUBLIC('B'), MIXED(true)), [expect.stringMatching(/^undecided Nodes: /)]],
      ['that get public addresses in every public subnet are fine', inSubnets(both, subnet('A', INTERNET), subnet('B', INTERNET), PUBLIC('A'), PUBLIC('B')), []],
      ['that get a public address where there is no way out for it, and none where there is, are an error', inSubnets(both, subnet('A', INTERNET), subnet('B'), PUBLIC('B')),
        [expect.stringMatching(/^error Nodes: instances of Nodes sit in subnet A and 1 more,/)]],
      ['that are stuck in one subnet, whatever an imported one gives, are a warning', inSubnets([{ Ref: 'A' }, 'subnet-1'], subnet('A', INTERNET)),
        [expect.stringMatching(/^warning Nodes: instances of Nodes sit in subnet A,/)]],
      ['in subnets that are not known are undecided', inSubnets(OPEN), ['undecided Nodes: parameter Open has no default']],
    ])('%s', (_, resources, expected) => {
      expect(found(resources)).toEqual(expected);
    });
  });
});
