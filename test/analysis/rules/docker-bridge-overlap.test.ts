import { check } from '../../../src/analysis/check';
import { dockerBridgeOverlap as rule } from '../../../src/analysis/rules/docker-bridge-overlap';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, OPEN_PARAMETER, said, serviceOf, tasksOf } from './ecs-fragments';

itsExamplesHold(rule);

const vpc = (CidrBlock: unknown) => resourceOf('AWS::EC2::VPC', { CidrBlock });
const more = (CidrBlock: unknown) => resourceOf('AWS::EC2::VPCCidrBlock', { VpcId: { Ref: 'Vpc' }, CidrBlock });
const subnet = (CidrBlock: unknown) => resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock });
const route = (properties: object) => ({
  Table: resourceOf('AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }),
  Route: resourceOf('AWS::EC2::Route', { RouteTableId: { Ref: 'Table' }, ...properties }),
});
const peer = (DestinationCidrBlock: unknown) => route({ DestinationCidrBlock, VpcPeeringConnectionId: 'pcx-1' });
const endpoint = (subnets: readonly unknown[], VpcEndpointType = 'Interface') => resourceOf('AWS::EC2::VPCEndpoint', {
  VpcId: { Ref: 'Vpc' }, VpcEndpointType, ServiceName: 'com.amazonaws.eu-west-1.ecr.dkr', SubnetIds: subnets,
});
const ENDPOINT = endpoint([{ Ref: 'Endpoints' }]);
const MOVED = { block: '172.17.0.0/16', own: '172.17.1.0/24' };
const WINDOWS = '{{resolve:ssm:/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-ECS_Optimized/image_id}}';

interface Given {
  readonly mode?: unknown;
  readonly userData?: string;
  readonly block?: unknown;
  readonly own?: unknown;
  readonly others?: Readonly<Record<string, unknown>>;
  readonly node?: object;
}

function fragment({ mode = 'bridge', userData = '', block = '10.0.0.0/16', own = '10.0.1.0/24', others = {}, node = {} }: Given): Record<string, unknown> {
  return {
    Vpc: vpc(block),
    Subnet: subnet(own),
    Cluster: CLUSTER,
    Nodes: resourceOf('AWS::EC2::Instance', {
      SubnetId: { Ref: 'Subnet' },
      UserData: { 'Fn::Base64': { 'Fn::Sub': `#!/bin/bash\necho ECS_CLUSTER=\${Cluster} >> /etc/ecs/ecs.config\n${userData}` } },
      ...node,
    }),
    Tasks: tasksOf(mode, {}, []),
    Web: serviceOf(),
    ...others,
  };
}

const daemon = (settings: object) => ({ userData: `echo '${JSON.stringify(settings)}' > /etc/docker/daemon.json` });

test('the finding reads as it should', () => {
  const { findings } = check([given({ Resources: rule.bad })], [rule]);
  expect(findings).toEqual([expect.objectContaining({
    severity: 'warning',
    resource: 'Node',
    message: "bridge tasks on Node cannot reach 172.17.0.0/16: it is Docker's own bridge on the instance",
    fix: '"bip": "192.168.0.1/24" in /etc/docker/daemon.json, written by the user data; or awsvpc mode',
  })]);
});

describe('a part of the network that is not reached', () => {
  test.each<[string, Given, string]>([
    ['a block of the VPC', { others: { More: more('172.17.0.0/16') } }, 'bridge tasks on Nodes cannot reach 172.17.0.0/16'],
    ['from host mode', { mode: 'host', others: { More: more('172.17.0.0/16') } }, 'host tasks on Nodes cannot reach 172.17.0.0/16'],
    ['a peer that is a part of it', { others: peer('172.17.8.0/24') }, 'bridge tasks on Nodes cannot reach 172.17.8.0/24'],
    ['a range that it is a part of', { others: peer('172.16.0.0/12') }, 'bridge tasks on Nodes cannot reach 172.17.0.0/16'],
    ['a range of a transit gateway', { others: route({ DestinationCidrBlock: '172.17.0.0/20', TransitGatewayId: 'tgw-1' }) }, 'cannot reach 172.17.0.0/20'],
    ['under a bridge that is given', { ...daemon({ bip: '10.8.0.1/24' }), others: peer('10.8.0.0/16') }, 'cannot reach 10.8.0.0/24'],
    ['under a bridge that is given beside pools', { ...daemon({ 'bip': '10.8.0.1/24', 'default-address-pools': [{ base: '10.9.0.0/16', size: 24 }] }), others: peer('10.8.0.0/16') },
      'cannot reach 10.8.0.0/24'],
    ['that is of two peers', { others: { ...peer('172.17.8.0/24'), More: more('172.17.16.0/24') } }, 'cannot reach 172.17.16.0/24 and 172.17.8.0/24: '],
    ["under a bridge in the instance's own subnet", daemon({ bip: '10.0.1.1/24' }), 'cannot reach 10.0.1.0/24'],
    ['beside a route that leads where it is not known', { others: { More: more('172.17.0.0/16'), ...peer(OPEN) } }, 'cannot reach 172.17.0.0/16: '],
    ['beside a block that is not known', { others: { More: more('172.17.0.0/16'), Other: more(OPEN) } }, 'cannot reach 172.17.0.0/16: '],
    ['under a bridge that is given, wherever the instances are', { ...daemon({ bip: '10.8.0.1/24' }), own: OPEN, others: peer('10.8.0.0/16') }, 'cannot reach 10.8.0.0/24'],
    ['where the bridge has moved', { block: '172.17.0.0/16', own: '172.17.1.0/24', others: { More: more('172.18.0.0/16') } }, 'cannot reach 172.18.0.0/16'],
  ])('%s', (_, its, message) => {
    const [one, ...others] = said(rule, fragment(its));
    expect(one).toMatch(/^warning Nodes: /);
    expect(one).toContain(message);
    expect(others).toEqual([]);
  });

  test("is told with a parameter's default as an assumption", () => {
    const [one] = said(rule, fragment({ others: peer({ Ref: 'Peer' }) }), { Parameters: { Peer: { Type: 'String', Default: '172.17.0.0/16' } } });
    expect(one).toMatch(/\[parameter Peer/);
  });

  test('both modes are named where both are there', () => {
    const others = { More: more('172.17.0.0/16'), HostTasks: tasksOf('host', {}, []), Agent: serviceOf({ TaskDefinition: { Ref: 'HostTasks' } }) };
    const bridge = { BridgeTasks: tasksOf('bridge', {}, []), Agent: serviceOf({ TaskDefinition: { Ref: 'BridgeTasks' } }) };
    for (const its of [{ others }, { mode: 'host', others: { ...others, ...bridge } }]) {
      expect(said(rule, fragment(its))).toEqual([expect.stringMatching(/^warning Nodes: bridge and host tasks on Nodes/)]);
    }
  });

  test('the fix says what may be in its way', () => {
    const { findings } = check([given({ ...OPEN_PARAMETER, Resources: fragment({ others: { More: more('172.17.0.0/16'), ...peer(OPEN) } }) })], [rule]);
    expect(findings.map(({ fix }) => fix)).toEqual([
      '"bip": "192.168.0.1/24" in /etc/docker/daemon.json, written by the user data, if nothing else is there (parameter Open has no default); or awsvpc mode',
    ]);
  });

  test('the fix is no file of Docker on Bottlerocket, whose user data writes none', () => {
    const node = { UserData: { 'Fn::Base64': { 'Fn::Sub': '[settings.ecs]\ncluster = "${Cluster}"' } } };
    const { findings } = check([given({ Resources: fragment({ others: peer('172.17.0.0/16'), node }) })], [rule]);
    expect(findings.map(({ fix }) => fix)).toEqual(['awsvpc mode']);
  });

  test('the fix is beside everything that is used', () => {
    const { findings } = check([given({ Resources: fragment({ others: { ...peer('172.17.0.0/16'), More: more('192.168.0.0/24') } }) })], [rule]);
    expect(findings.map(({ fix }) => fix)).toEqual([expect.stringContaining('"bip": "192.168.1.1/24"')]);
  });
});

describe('a bridge that moves by itself', () => {
  test('is an information', () => {
    expect(said(rule, fragment(MOVED))).toEqual([
      'info Nodes: instances of Nodes have addresses in 172.17.0.0/16, so that Docker takes 172.18.0.0/16 for its bridge under the bridge tasks, or a later one',
    ]);
  });

  test("does so for the instance's own subnet of a further block", () => {
    expect(said(rule, fragment({ own: '172.17.1.0/24', others: { More: more('172.17.0.0/16') } }))).toEqual([expect.stringMatching(/^info Nodes: .* takes 172\.18\.0\.0\/16/)]);
  });

  test("does so for the VPC's resolver as well", () => {
    expect(said(rule, fragment({ block: '172.17.0.0/20', own: '10.0.1.0/24' }))).toEqual([expect.stringMatching(/^info Nodes: .* takes 172\.18\.0\.0\/16/)]);
  });
});

describe('nothing is said', () => {
  test.each<[string, Given]>([
    ['of a network that has nothing there', {}],
    ['of a default route', { others: route({ DestinationCidrBlock: '0.0.0.0/0', TransitGatewayId: 'tgw-1' }) }],
    ['of a range beside it', { others: peer('172.18.0.0/16') }],
    ['of a NAT gateway', { others: route({ DestinationCidrBlock: '172.17.0.0/16', NatGatewayId: 'nat-1' }) }],
    ['of awsvpc mode', { mode: 'awsvpc', others: { More: more('172.17.0.0/16') } }],
    ['of Windows', { others: { More: more('172.17.0.0/16') }, node: { ImageId: WINDOWS } }],
    ['of Managed Instances', { mode: 'host', others: {
      More: more('172.17.0.0/16'),
      Managed: resourceOf('AWS::ECS::CapacityProvider', { ManagedInstancesProvider: { InstanceLaunchTemplate: { NetworkConfiguration: { Subnets: [{ Ref: 'Subnet' }] } } } }),
      Web: serviceOf({ LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Managed' } }] }),
    } }],
    ['of an IPv6 block, which is not known', { others: { More: resourceOf('AWS::EC2::VPCCidrBlock', { VpcId: { Ref: 'Vpc' }, AmazonProvidedIpv6CidrBlock: true }) } }],
    ['of an IPv6 route, of which it is not known where it leads', { others: route({ DestinationIpv6CidrBlock: OPEN, VpcPeeringConnectionId: 'pcx-1' }) }],
    ['of a bridge elsewhere', { ...daemon({ bip: '192.168.250.1/24' }), others: { More: more('172.17.0.0/16') } }],
    ['of a part of a pool, which no task shares', {
      mode: 'awsvpc', ...daemon({ 'default-address-pools': [{ base: '10.0.0.0/8', size: 24 }] }), others: peer('10.9.0.0/16'),
    }],
    ['of pools elsewhere', { ...daemon({ 'default-address-pools': [{ base: '192.168.0.0/16', size: 24 }] }), others: { More: more('172.17.0.0/16') } }],
  ])('%s', (_, its) => {
    expect(said(rule, fragment(its))).toEqual([]);
  });
});

describe('endpoints under the bridge', () => {
  const others = { More: more('172.17.0.0/16'), Endpoints: subnet('172.17.1.0/24'), Endpoint: ENDPOINT };

  test('are an information where no task shares it', () => {
    expect(said(rule, fragment({ mode: 'awsvpc', others })))
      .toEqual(["info Nodes: instances of Nodes cannot reach the VPC endpoints in 172.17.0.0/16: it is Docker's own bridge there"]);
  });

  test('are an information where some are there', () => {
    const both = { ...others, Elsewhere: subnet('10.0.9.0/24'), Endpoint: endpoint([{ Ref: 'Elsewhere' }, 'subnet-9', { Ref: 'Endpoints' }]) };
    expect(said(rule, fragment({ mode: 'awsvpc', others: both }))).toEqual([expect.stringMatching(/^info Nodes: .* VPC endpoints in 172\.17\.0\.0\/16/)]);
  });

  test('are not told of where Docker may be told of another range, or takes another', () => {
    expect(said(rule, fragment({ mode: 'awsvpc', userData: '${Open}', others }))).toEqual([]);
    expect(said(rule, fragment({ mode: 'awsvpc', ...MOVED, others: { Endpoints: subnet('172.17.2.0/24'), Endpoint: ENDPOINT } }))).toEqual([]);
  });

  test('are not told elsewhere, or of gateways', () => {
    expect(said(rule, fragment({ mode: 'awsvpc', others: { ...others, Endpoint: endpoint([{ Ref: 'Endpoints' }], 'GatewayLoadBalancer') } }))).toEqual([]);
    expect(said(rule, fragment({ mode: 'awsvpc', others: { ...others, Endpoints: subnet('10.0.9.0/24') } }))).toEqual([]);
    const gateway = resourceOf('AWS::EC2::VPCEndpoint', { VpcId: { Ref: 'Vpc' }, ServiceName: 'com.amazonaws.eu-west-1.s3', RouteTableIds: [] });
    expect(said(rule, fragment({ mode: 'awsvpc', others: { ...others, Endpoint: gateway } }))).toEqual([]);
  });
});

describe('what cannot be told', () => {
  test.each<[string, Given, RegExp]>([
    ['user data', { userData: '${Open}', others: { More: more('172.17.0.0/16') } }, /user data is not all literal/],
    ['a block of the VPC', { block: OPEN }, /parameter Open/],
    ['a destination', { others: peer(OPEN) }, /parameter Open/],
    ['a destination, with the bridge moved to where nothing is known to be', { ...MOVED, others: peer(OPEN) }, /parameter Open/],
    ['a destination, with a bridge that is given', { ...daemon({ bip: '10.8.0.1/24' }), others: peer(OPEN) }, /parameter Open/],
    ['the subnet of the instances', { own: OPEN }, /parameter Open/],
    ['the subnet of the instances, with a bridge that is given', { ...daemon({ bip: '192.168.250.1/24' }), own: OPEN }, /parameter Open/],
    ['the subnet of the instances, for which the bridge may have moved', { own: OPEN, others: { More: more('172.17.0.0/16') } }, /parameter Open/],
    ['the resolver, for which the bridge may have moved', { block: OPEN, others: { More: more('172.17.0.0/16') } }, /parameter Open/],
    ['the VPC of the instances', { node: { SubnetId: 'subnet-1' } }, /^undecided Nodes: the VPC of Nodes is not known$/],
    ['the mode of a task', { mode: OPEN, others: { More: more('172.17.0.0/16') } }, /parameter Open/],
    ['a part of a pool', { ...daemon({ 'default-address-pools': [{ base: '10.0.0.0/8', size: 24 }] }), others: peer('10.9.0.0/16') },
      /which part of 10\.0\.0\.0\/8 Docker takes/],
    ['a part of a pool, wherever the instances are', {
      ...daemon({ 'default-address-pools': [{ base: '10.0.0.0/8', size: 24 }] }), own: OPEN, others: peer('10.9.0.0/16'),
    }, /which part of 10\.0\.0\.0\/8 Docker takes/],
  ])('%s', (_, its, why) => {
    const [one, ...others] = said(rule, fragment(its));
    expect(one).toMatch(/^undecided Nodes: /);
    expect(one).toMatch(why);
    expect(others).toEqual([]);
  });
});
