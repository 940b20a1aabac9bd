import { check } from '../../../src/analysis/check';
import { targetGroupMismatch as rule } from '../../../src/analysis/rules/target-group-mismatch';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { AWSVPC, CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';

itsExamplesHold(rule);

const ELB = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const groupOf = (properties: Readonly<Record<string, unknown>> = {}) => resourceOf(ELB, { Protocol: 'HTTP', Port: 80, ...properties });
const sendingTo = (group: unknown, more: object = {}) => ({ TargetGroupArn: group, ContainerName: 'app', ContainerPort: 80, ...more });
const WEB = sendingTo({ Ref: 'Web' });
const balanced = (...LoadBalancers: unknown[]) => ({ LoadBalancers });
const fragment = (mode: unknown, group: object, service: object = balanced(WEB), PortMappings?: unknown, more: object = {}) => ({
  Cluster: CLUSTER, Web: group, Api: serviceOf({ ...mode === 'awsvpc' ? AWSVPC : {}, ...service }), Tasks: tasksOf(mode, {}, PortMappings), ...more,
});

describe('what is registered', () => {
  test('the finding reads as it should', () => {
    expect(said(rule, fragment('awsvpc', groupOf()))).toEqual([
      'error Api: service Api is awsvpc; target group Web registers instances, it must register ip [TargetType is left out, which means instance]',
    ]);
  });

  test.each([
    ['awsvpc', 'instance', 'ip'], ['awsvpc', 'alb', 'ip'], ['bridge', 'ip', 'instance'], ['host', 'ip', 'instance'], ['host', 'lambda', 'instance'],
  ])('%s does not go with %s', (mode, TargetType, needed) => {
    expect(said(rule, fragment(mode, groupOf({ TargetType })))).toEqual([expect.stringMatching(new RegExp(`^error Api: .*must register ${needed}$`))]);
  });

  test.each<[string, string | undefined]>([
    ['awsvpc', 'ip'], ['bridge', 'instance'], ['bridge', undefined], ['host', 'instance'], ['default', 'instance'],
  ])('%s goes with %s', (mode, TargetType) => {
    expect(said(rule, fragment(mode, groupOf(TargetType ? { TargetType } : {})))).toEqual([]);
  });

  test('the other target group of a blue/green deployment, too', () => {
    const service = balanced(sendingTo({ Ref: 'Web' }, { AdvancedConfiguration: { AlternateTargetGroupArn: { Ref: 'Green' } } }));
    expect(said(rule, fragment('awsvpc', groupOf({ TargetType: 'ip' }), service, undefined, { Green: groupOf() })))
      .toEqual([expect.stringMatching(/^error Api: .*target group Green registers instances/)]);
  });

  test('a service whose mode is wrong where it runs is left to the rule about that', () => {
    expect(said(rule, fragment('bridge', groupOf({ TargetType: 'ip' }), { ...balanced(WEB), LaunchType: 'FARGATE' }))).toEqual([]);
  });
});

describe('Classic Load Balancers', () => {
  const classic = { ...balanced({ LoadBalancerName: 'old', ContainerName: 'app', ContainerPort: 80 }) };
  test('awsvpc is refused', () => {
    expect(said(rule, fragment('awsvpc', groupOf(), classic))).toEqual([expect.stringMatching(/^error Api: .*no Classic Load Balancer reaches/)]);
  });

  test('bridge is fine', () => {
    expect(said(rule, fragment('bridge', groupOf(), classic))).toEqual([]);
  });
});

describe('container and port', () => {
  const at = (ContainerName: unknown, ContainerPort: unknown) => balanced(sendingTo({ Ref: 'Web' }, { ContainerName, ContainerPort }));
  test.each<[string, object, unknown, RegExp]>([
    ['another container', at('web', 80), undefined, /send to container web, and task definition Tasks has app$/],
    ['another port', at('app', 8080), undefined, /send to port 8080 of container app, which maps 80$/],
    ['no port at all', at('app', 80), [], /send to port 80 of container app, which maps none$/],
    ['a port before a range', at('app', 80), [{ ContainerPortRange: '8000-8010' }], /which maps 8000-8010$/],
    ['a port after a range', at('app', 8011), [{ ContainerPortRange: '8000-8010' }], /which maps 8000-8010$/],
    ['a port beside others', at('app', 82), [{ ContainerPort: 80 }, { ContainerPort: 81 }], /which maps 80, 81$/],
  ])('%s is an error', (_, service, mappings, message) => {
    expect(said(rule, fragment('bridge', groupOf(), service, mappings))).toEqual([expect.stringMatching(message)]);
  });

  test.each<[string, object, unknown, RegExp]>([
    ['a port in a range', at('app', 8005), [{ ContainerPortRange: '8000-8010' }], /within the range 8000-8010/],
    ['the first port of a range', at('app', 8000), [{ ContainerPortRange: '8000-8010' }], /within the range 8000-8010/],
    ['the last port of a range', at('app', 8010), [{ ContainerPortRange: '8000-8010' }], /within the range 8000-8010/],
    ['a range that is not known', at('app', 80), [{ ContainerPortRange: OPEN }], /Open/],
    ['a mapping that is not known', at('app', 80), [{ ContainerPort: OPEN }], /Open/],
    ['mappings that are not known', at('app', 80), OPEN, /Open/],
    ['a port that is not known', at('app', OPEN), undefined, /Open/],
    ['a container that is not known', at(OPEN, 80), undefined, /Open/],
  ])('%s is undecided', (_, service, mappings, why) => {
    const [one, ...more] = said(rule, fragment('bridge', groupOf(), service, mappings));
    expect(one).toMatch(/^undecided Api/);
    expect(one).toMatch(why);
    expect(more).toEqual([]);
  });

  test.each<[string, object, object, unknown]>([
    ['another port of the target group', groupOf({ Port: 443 }), balanced(WEB), undefined],
    ['a target group for which the framework itself misses a container', groupOf(), balanced({ TargetGroupArn: { Ref: 'Web' } }), undefined],
    ['a protocol of the target group that is not known', groupOf({ Protocol: OPEN }), balanced(WEB), undefined],
    ['a container without a port, of which the framework itself tells', groupOf(), balanced(sendingTo({ Ref: 'Web' }, { ContainerPort: undefined })), undefined],
    ['a VPC where that of the service is not known', groupOf({ VpcId: 'vpc-1' }), balanced(WEB), undefined],
    ['a protocol that needs nothing of the mapping', groupOf({ Protocol: 'QUIC' }), balanced(WEB), undefined],
    ['another port of the host', groupOf(), balanced(WEB), [{ ContainerPort: 80, HostPort: 8080 }]],
    ['a mapping that is not known beside the right one', groupOf(), balanced(WEB), [{ ContainerPort: OPEN }, { ContainerPort: 80 }]],
  ])('%s is fine', (_, group, service, mappings) => {
    expect(said(rule, fragment('bridge', group, service, mappings))).toEqual([]);
  });

  test('containers that are not known may have the port', () => {
    const Tasks = tasksOf('bridge', { ContainerDefinitions: OPEN });
    expect(said(rule, { ...fragment('bridge', groupOf()), Tasks })).toEqual([expect.stringMatching(/^undecided Api: .*Open/)]);
  });

  test('the finding rests on the default of the port that it misses', () => {
    const [one] = said(rule, fragment('bridge', groupOf(), at('app', { Ref: 'Port' })), { Parameters: { Port: { Type: 'Number', Default: 81 } } });
    expect(one).toMatch(/^error Api: .*\[.*parameter Port keeps its default 81/);
  });

  test('a container whose name is not known may be the one', () => {
    const Tasks = tasksOf('bridge', { ContainerDefinitions: [{ Name: OPEN, Image: 'app', PortMappings: [{ ContainerPort: 80 }] }] });
    expect(said(rule, { ...fragment('bridge', groupOf()), Tasks })).toEqual([expect.stringMatching(/^undecided Api: .*Open/)]);
  });

  test.each<[string, unknown, unknown, RegExp[]]>([
    ['that is the name of the stack is the one of that name', { Ref: 'AWS::StackName' }, 80, []],
    ['that is put together is the one that is put together alike', { 'Fn::Sub': '${Open}-web' }, 80, []],
    ['that is a parameter has a port that is another', OPEN, OPEN, []],
    ['that is a parameter has no other port', OPEN, 81, [/^error Api: .* send to port 81 of container …, which maps 90-91, 80$/]],
    ['that is a parameter may have a port that is not known', OPEN, { Ref: 'AWS::StackId' }, [/^undecided Api/]],
  ])('a container with a name %s', (_, Name, ContainerPort, expected) => {
    const PortMappings = ContainerPort === 81 ? [{ ContainerPortRange: '90-91' }, { ContainerPort: 80 }] : [{ ContainerPort: 80 }, { ContainerPort: OPEN }];
    const Tasks = tasksOf('bridge', { ContainerDefinitions: [{ Name: 'sidecar', Image: 'app' }, { Name, Image: 'app', PortMappings }] });
    expect(said(rule, { ...fragment('bridge', groupOf(), at(Name, ContainerPort)), Tasks })).toEqual(expected.map((text) => expect.stringMatching(text)));
  });
});

describe('protocols', () => {
  const protocols = (Protocol: unknown, ...mapped: unknown[]) => fragment('bridge', groupOf({ Protocol }), undefined,
    mapped.map((one) => ({ ContainerPort: 80, ...one ? { Protocol: one } : {} })));
  test.each<[string, readonly unknown[], string]>([
    ['UDP', ['tcp'], 'tcp'], ['UDP', [undefined], 'tcp'], ['TCP_UDP', ['tcp'], 'tcp'], ['TCP', ['udp'], 'udp'], ['TLS', ['udp'], 'udp'], ['HTTP', ['udp'], 'udp'],
    ['HTTPS', ['udp'], 'udp'],
  ])('%s does not reach %s', (protocol, mapped, is) => {
    expect(said(rule, protocols(protocol, ...mapped)))
      .toEqual([expect.stringContaining(`service Api maps port 80 as ${is}; target group Web speaks ${protocol} to it`)]);
  });

  test.each<[string, readonly unknown[]]>([
    ['UDP', ['udp']], ['TCP_UDP', ['udp']], ['TCP_UDP', ['tcp', 'udp']], ['TLS', ['tcp']], ['HTTPS', [undefined]], ['UDP', ['tcp', 'udp']],
  ])('%s reaches %s', (protocol, mapped) => {
    expect(said(rule, protocols(protocol, ...mapped))).toEqual([]);
  });

  const beside = (Protocol: unknown, ...mappings: readonly object[]) => fragment('bridge', groupOf({ Protocol }), undefined, [{ ContainerPort: 80 }, ...mappings]);
  test.each<[string, object, string]>([
    ['UDP', { ContainerPort: OPEN, Protocol: 'udp' }, 'parameter Open has no default'],
    ['TCP_UDP', { ContainerPort: OPEN, Protocol: OPEN }, 'parameter Open has no default'],
    ['UDP', { ContainerPortRange: OPEN, Protocol: 'udp' }, 'parameter Open has no default'],
    ['UDP', { ContainerPortRange: '80-90', Protocol: 'udp' }, 'port 80 is within the range 80-90, which is no mapping of that number'],
  ])('%s may reach a mapping that may be of the port: %j', (protocol, mapping, why) => {
    expect(said(rule, beside(protocol, mapping))).toEqual([`undecided Api: ${why}`]);
  });

  test.each<[string, object]>([
    ['UDP', { ContainerPort: OPEN, Protocol: 'tcp' }], ['UDP', { ContainerPort: OPEN }], ['UDP', { ContainerPort: 81, Protocol: 'udp' }],
    ['UDP', { ContainerPortRange: '81-90', Protocol: 'udp' }],
  ])('%s does not reach one that is not: %j', (protocol, mapping) => {
    expect(said(rule, beside(protocol, mapping))).toEqual([expect.stringMatching(/^error Api: service Api maps port 80 as tcp/)]);
  });

  test('TCP reaches its mapping whatever else is mapped', () => {
    expect(said(rule, beside('TCP', { ContainerPort: OPEN, Protocol: 'udp' }))).toEqual([]);
  });

  test('a protocol that is not known is undecided', () => {
    expect(said(rule, protocols('UDP', OPEN))).toEqual([expect.stringMatching(/^undecided Api: .*Open/)]);
  });
});

describe('how many services and target groups go together', () => {
  const many = (count: number) => Object.fromEntries([...Array(count).keys()].map((index) => [`Group${index}`, groupOf()]));
  test.each([[5, 0], [6, 1]])('%i target groups make %i findings', (count, findings) => {
    const groups = many(count);
    const service = balanced(...Object.keys(groups).map((Ref) => sendingTo({ Ref })));
    const found = said(rule, fragment('bridge', groupOf(), service, undefined, groups));
    expect(found).toHaveLength(findings);
    expect(found.join()).toMatch(findings ? /^error Api: service Api has 6 target groups, and at most 5/ : /^$/);
  });

  test('two services in one target group are warned of, at the target group', () => {
    expect(said(rule, { ...fragment('bridge', groupOf()), Other: serviceOf(balanced(WEB)) }))
      .toEqual([expect.stringMatching(/^warning Web: target group Web takes the tasks of 2 services, Api and Other/)]);
  });

  test('one service that names a target group for two containers is one', () => {
    expect(said(rule, fragment('bridge', groupOf(), balanced(WEB, WEB)))).toEqual([]);
  });

  test('the same target group cannot be blue and green', () => {
    const service = balanced(sendingTo({ Ref: 'Web' }, { AdvancedConfiguration: { AlternateTargetGroupArn: { Ref: 'Web' } } }));
    expect(said(rule, fragment('bridge', groupOf(), service))).toEqual([expect.stringMatching(/^error Api: .*target group Web for production and as/)]);
  });

  test('two target groups can', () => {
    const service = balanced(sendingTo({ Ref: 'Web' }, { AdvancedConfiguration: { AlternateTargetGroupArn: { Ref: 'Green' } } }));
    expect(said(rule, fragment('bridge', groupOf(), service, undefined, { Green: groupOf() }))).toEqual([]);
  });
});

describe('VPCs', () => {
  const vpcs = (VpcId: unknown, subnetsVpc: unknown = { Ref: 'Vpc' }) => fragment('awsvpc', groupOf({ TargetType: 'ip', VpcId }), {
    ...balanced(WEB), NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }] } },
  }, undefined, {
    Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
    Other: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.1.0.0/16' }),
    Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: subnetsVpc, CidrBlock: '10.0.0.0/24' }),
  });
  test('another one is an error', () => {
    expect(said(rule, vpcs({ Ref: 'Other' }))).toEqual([expect.stringMatching(/^error Api: service Api runs in VPC Vpc, and target group Web is in VPC Other/)]);
  });

  test.each<[string, unknown, unknown?]>([['the same one', { Ref: 'Vpc' }, { Ref: 'Vpc' }], ['the same parameter', OPEN, OPEN]])('%s is fine', (_, group, subnet) => {
    expect(said(rule, vpcs(group, subnet))).toEqual([]);
  });

  test('one that is not known is undecided', () => {
    expect(said(rule, vpcs(OPEN))).toEqual([expect.stringMatching(/^undecided Api: .*Open/)]);
  });
});

test.each<[string, object, string]>([
  ['a target type', fragment('awsvpc', groupOf()), 'TargetType ip in Web, which replaces it'],
  ['a Classic Load Balancer', fragment('awsvpc', groupOf(), balanced({ LoadBalancerName: 'old', ContainerName: 'app', ContainerPort: 80 })),
    'a Network or Application Load Balancer and a target group with TargetType ip'],
  ['a port', fragment('bridge', groupOf(), balanced(sendingTo({ Ref: 'Web' }, { ContainerPort: 81 }))), 'ContainerName and ContainerPort of a port mapping'],
  ['a protocol', fragment('bridge', groupOf({ Protocol: 'UDP' })), 'Protocol udp in the port mapping, or another Protocol of the target group'],
  ['too many target groups', fragment('bridge', groupOf(), balanced(...[1, 2, 3, 4, 5, 6].map((n) => sendingTo({ Ref: `Group${n}` }))), undefined,
    Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`Group${n}`, groupOf()]))), 'fewer target groups'],
  ['two services', { ...fragment('bridge', groupOf()), Other: serviceOf(balanced(WEB)) }, 'a target group for each service'],
  ['blue and green', fragment('bridge', groupOf(), balanced(sendingTo({ Ref: 'Web' }, { AdvancedConfiguration: { AlternateTargetGroupArn: { Ref: 'Web' } } }))),
    'another target group as AlternateTargetGroupArn'],
  ['another VPC', fragment('awsvpc', groupOf({ TargetType: 'ip', VpcId: { Ref: 'Other' } }), {
    ...balanced(WEB), NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }] } },
  }, undefined, {
    Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
    Other: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.1.0.0/16' }),
    Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' }),
  }), 'VpcId Vpc in Web'],
])('the way out of %s', (_, Resources, fix) => {
  expect(check([given({ Resources: Resources as Record<string, unknown> })], [rule]).findings.map((finding) => finding.fix)).toEqual([fix]);
});

describe('what cannot be told', () => {
  test.each<[string, object, RegExp]>([
    ['the type of targets', fragment('awsvpc', groupOf({ TargetType: OPEN })), /Open/],
    ['the mode', fragment(OPEN, groupOf()), /Open/],
    ['a target group that is imported', fragment('bridge', groupOf(), balanced(sendingTo('arn:aws:x'))), /arn:aws:x is not of what is given/],
    ['load balancers', fragment('bridge', groupOf(), { LoadBalancers: OPEN }), /Open/],
    ['the task definition', fragment('awsvpc', groupOf({ TargetType: 'ip' }), { ...balanced(WEB), TaskDefinition: OPEN }), /task definition/],
  ])('%s', (_, resources, why) => {
    const [one, ...more] = said(rule, resources as Record<string, unknown>);
    expect(one).toMatch(/^undecided Api/);
    expect(one).toMatch(why);
    expect(more).toEqual([]);
  });
});
