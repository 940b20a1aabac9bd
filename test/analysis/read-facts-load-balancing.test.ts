import { Listener, LoadBalancer, TargetGroup } from '../../src/analysis/facts';
import { factsOf, nameOf, named, namesOf, resourceOf, valueOf } from './facts-of';

const V2 = 'AWS::ElasticLoadBalancingV2';
const PLACES = { One: { Type: 'AWS::EC2::Subnet::Id' }, Two: { Type: 'AWS::EC2::Subnet::Id' }, List: { Type: 'List<AWS::EC2::Subnet::Id>' } };
const REST = { Parameters: { Open: { Type: 'String' }, Arn: { Type: 'String' }, ...PLACES } };
const NETWORK = {
  Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
  Net: resourceOf('AWS::CloudFormation::Stack', { TemplateURL: 'https://example.com/net.yaml' }),
  Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' }),
};
const balancer = (properties: object, type = `${V2}::LoadBalancer`): LoadBalancer => (
  factsOf({ ...NETWORK, Balancer: resourceOf(type, properties as Record<string, unknown>) }, REST).loadBalancers[0]);
const targetGroup = (properties: object): TargetGroup => (
  factsOf({ ...NETWORK, Targets: resourceOf(`${V2}::TargetGroup`, properties as Record<string, unknown>) }, REST).targetGroups[0]);

describe('a load balancer', () => {
  test.each<[string, object, object]>([
    ['is an application one on the internet over IPv4 by default', {}, { type: 'application', scheme: 'internet-facing', addressType: 'ipv4' }],
    ['is what it says', { Type: 'network', Scheme: 'internal', IpAddressType: 'dualstack' }, { type: 'network', scheme: 'internal', addressType: 'dualstack' }],
    ['is unknown where a parameter says it', { Type: { Ref: 'Open' }, Scheme: { Ref: 'Open' } },
      { type: '? parameter Open has no default', scheme: '? parameter Open has no default', addressType: 'ipv4' }],
    ['is unknown where it says what there is not', { Type: 'layer-7', Scheme: 'public' }, {
      type: '? "layer-7" is none of application, network, gateway', scheme: '? "public" is none of internet-facing, internal', addressType: 'ipv4',
    }],
  ])('%s', (_, properties, expected) => {
    const { type, scheme, addressType } = balancer(properties);
    expect({ type: valueOf(type), scheme: valueOf(scheme), addressType: valueOf(addressType) }).toEqual(expected);
  });

  test.each<[string, object, readonly string[] | string]>([
    ['its subnets', { Subnets: [{ Ref: 'Subnet' }, 'subnet-1'] }, ['Subnet', '? subnet-1 is not of what is given']],
    ['those of its mappings', { SubnetMappings: [{ SubnetId: { Ref: 'Subnet' }, AllocationId: 'eipalloc-1' }] }, ['Subnet']],
    ['a mapping without one', { SubnetMappings: [{}] }, ['? a subnet mapping names no subnet']],
    ['a list that is not known', { Subnets: { Ref: 'Open' } }, '? parameter Open has no default'],
    ['mappings that are not known', { SubnetMappings: { Ref: 'Open' } }, '? parameter Open has no default'],
    ['one with commas in it', { Subnets: [{ 'Fn::Join': [',', [{ Ref: 'Subnet' }, 'subnet-1']] }] }, ['Subnet', '? subnet-1 is not of what is given']],
    ['one with commas between ids of parameters', { Subnets: [{ 'Fn::Join': [',', [{ Ref: 'One' }, { Ref: 'Two' }]] }] }, ['? parameter One has no default', '? parameter Two has no default']],
    // What is not known may hold commas itself, so that nobody can tell how many there are.
    ['one with commas between texts that are not known', { Subnets: [{ 'Fn::Join': [',', [{ 'Fn::ImportValue': 'a' }, 'subnet-1']] }] }, '? export a is of none of the given templates'],
    ['one joined of a list that is not known', { Subnets: [{ 'Fn::Join': [',', { Ref: 'List' }] }] }, '? parameter List has no default'],
    ['the output of a nested stack that is not given', { Subnets: { 'Fn::GetAtt': ['Net', 'Outputs.Subnets'] } }, '? Net.Outputs.Subnets is known only at deployment'],
    ['that output, split', { Subnets: { 'Fn::Split': [',', { 'Fn::GetAtt': ['Net', 'Outputs.Subnets'] }] } }, '? Outputs.Subnets of Net is known when it is deployed'],
    ['outputs, each one of them', { Subnets: [{ 'Fn::GetAtt': ['Net', 'Outputs.A'] }, { 'Fn::GetAtt': ['Net', 'Outputs.B'] }] }, ['? Net.Outputs.A is known only at deployment', '? Net.Outputs.B is known only at deployment']],
    ['one text with commas', { Subnets: ['subnet-1, subnet-2'] }, ['? subnet-1 is not of what is given', '? subnet-2 is not of what is given']],
  ])('is in %s', (_, properties, expected) => {
    expect(namesOf(balancer(properties).subnets)).toEqual(expected);
  });

  test.each<[string, object, readonly string[] | undefined]>([
    ['those it names', { SecurityGroups: ['sg-1'] }, ['? sg-1 is not of what is given']],
    ['the default one of its VPC, for an application one that names none', {}, ['default group of Vpc']],
    ['none, for a network one that names none', { Type: 'network' }, undefined],
    ['those of a network one that names them', { Type: 'network', SecurityGroups: ['sg-1'] }, ['? sg-1 is not of what is given']],
  ])('has as groups %s', (_, properties, expected) => {
    const { securityGroups, vpc } = balancer({ Subnets: [{ Ref: 'Subnet' }], ...properties });
    expect(securityGroups && namesOf(securityGroups)).toEqual(expected);
    expect(nameOf(vpc)).toBe('Vpc');
  });
});

describe('a Classic Load Balancer', () => {
  test('has listeners with ports on the instances, a health check and groups', () => {
    const { type, listeners, healthCheckPort, securityGroups } = balancer({
      Subnets: [{ Ref: 'Subnet' }],
      Listeners: [{ LoadBalancerPort: '80', InstancePort: '8080', Protocol: 'HTTP' }, { LoadBalancerPort: 443, Protocol: 'SSL' }],
      HealthCheck: { Target: 'HTTP:8081/health' },
    }, 'AWS::ElasticLoadBalancing::LoadBalancer');
    expect([valueOf(type), valueOf(healthCheckPort), namesOf(securityGroups!)]).toEqual(['classic', 8081, ['default group of Vpc']]);
    const shape = ({ port, protocol, instancePort }: Listener) => [port, protocol, instancePort].map((one) => valueOf<unknown>(one));
    expect(listeners.map(shape)).toEqual([
      [80, 'HTTP', 8080], [443, 'SSL', '? a listener names no InstancePort'],
    ]);
  });

  test.each<[unknown, unknown]>([
    ['TCP:22', 22], ['SSL:443', 443], ['HTTP', '? "HTTP" is no health check target'], [{ Ref: 'Open' }, '? parameter Open has no default'],
  ])('checks %j', (Target, expected) => {
    expect(valueOf(balancer({ HealthCheck: { Target } }, 'AWS::ElasticLoadBalancing::LoadBalancer').healthCheckPort)).toEqual(expected);
  });

  test('is found by services by reference and by its name', () => {
    const service = (LoadBalancerName: unknown) => resourceOf('AWS::ECS::Service', { LoadBalancers: [{ LoadBalancerName, ContainerName: 'web', ContainerPort: 80 }] });
    const { services } = factsOf({
      Balancer: resourceOf('AWS::ElasticLoadBalancing::LoadBalancer', { LoadBalancerName: 'front' }),
      One: service({ Ref: 'Balancer' }), Two: service('front'), Three: service('back'),
    });
    expect(services.map(({ loadBalancers }) => loadBalancers.known && nameOf(loadBalancers.value[0].classic)))
      .toEqual(['Balancer', 'Balancer', '? back is not of what is given']);
  });
});

describe('a target group', () => {
  test('has the documented defaults', () => {
    const { targetType, protocol, port, addressType, healthCheckPort, preserveClientIp, vpc } = targetGroup({});
    expect([targetType, protocol, port, addressType, healthCheckPort, preserveClientIp].map((one) => valueOf<unknown>(one)))
      .toEqual(['instance', '? Targets names no protocol', undefined, 'ipv4', 'traffic-port', undefined]);
    expect(targetType).toMatchObject({ assumes: ['TargetType is left out, which means instance'] });
    expect(vpc).toBeUndefined();
  });

  test('is what it says', () => {
    const { targetType, protocol, port, addressType, healthCheckPort, preserveClientIp, vpc } = targetGroup({
      TargetType: 'ip', Protocol: 'TCP', Port: '8080', IpAddressType: 'ipv6', HealthCheckPort: 8081, VpcId: { Ref: 'Vpc' },
      TargetGroupAttributes: [{ Key: 'stickiness.enabled', Value: 'true' }, { Key: 'preserve_client_ip.enabled', Value: 'false' }],
    });
    expect([targetType, protocol, port, addressType, healthCheckPort, preserveClientIp].map((one) => valueOf<unknown>(one)))
      .toEqual(['ip', 'TCP', 8080, 'ipv6', '8081', false]);
    expect(nameOf(vpc)).toBe('Vpc');
  });
});

describe('listeners', () => {
  const BASIS = {
    Balancer: resourceOf(`${V2}::LoadBalancer`),
    Other: resourceOf(`${V2}::LoadBalancer`),
    A: resourceOf(`${V2}::TargetGroup`),
    B: resourceOf(`${V2}::TargetGroup`),
  };
  const listener = (actions: unknown, properties: object = {}) => resourceOf(`${V2}::Listener`, {
    LoadBalancerArn: { Ref: 'Balancer' }, Port: 80, Protocol: 'HTTP', DefaultActions: actions, ...properties,
  });
  const rule = (actions: unknown) => resourceOf(`${V2}::ListenerRule`, { ListenerArn: { Ref: 'Listener' }, Priority: 1, Actions: actions });
  const forward = (id: string) => ({ Type: 'forward', TargetGroupArn: { Ref: id } });
  const weighted = (...ids: string[]) => ({
    Type: 'forward', ForwardConfig: { TargetGroups: ids.map((id) => ({ TargetGroupArn: { 'Fn::GetAtt': [id, 'TargetGroupArn'] }, Weight: 1 })) },
  });

  test.each<[string, object, readonly string[]]>([
    ['of its default action', { Listener: listener([forward('A')]) }, ['A']],
    ['with weights', { Listener: listener([weighted('A', 'B')]) }, ['A', 'B']],
    ['said twice, once', { Listener: listener([{ ...forward('A'), ...weighted('A') }]) }, ['A']],
    ['of its rules', { Listener: listener([{ Type: 'redirect' }]), Rule: rule([forward('A')]), Another: rule([weighted('B', 'A')]) }, ['A', 'B']],
    ['that are imported', { Listener: listener([{ Type: 'forward', TargetGroupArn: { Ref: 'Arn' } }]) }, ['? parameter Arn has no default']],
    ['of what is no action', { Listener: listener('none') }, ['? "TargetGroupArn" is looked for in what is no object']],
    ['of no action', { Listener: listener(undefined) }, []],
  ])('send to target groups %s', (_, resources, expected) => {
    const { loadBalancers } = factsOf({ ...BASIS, ...resources }, REST);
    expect(named(loadBalancers, 'Balancer').listeners.flatMap(({ targetGroups }) => targetGroups.map((one) => nameOf(one)))).toEqual(expected);
  });

  test('are known to the target groups, with their load balancers, each once', () => {
    const { targetGroups } = factsOf({
      ...BASIS,
      Listener: listener([forward('A')]),
      Second: listener([forward('A')], { Port: 81 }),
      Third: listener([forward('A')], { LoadBalancerArn: { Ref: 'Other' } }),
      Nowhere: listener([forward('A')], { LoadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/x/1' }),
    });
    const { listeners, loadBalancers } = named(targetGroups, 'A');
    expect([listeners.map(({ name }) => name), loadBalancers.map(({ name }) => name)]).toEqual([['Listener', 'Second', 'Third'], ['Balancer', 'Other']]);
    expect(named(targetGroups, 'B').listeners).toEqual([]);
  });

  test('have port and protocol', () => {
    const [one, other] = factsOf({ ...BASIS, Listener: listener([]), Second: listener([], { Port: { Ref: 'Open' }, Protocol: undefined }) }, REST)
      .loadBalancers[0].listeners;
    expect([valueOf(one.port), valueOf(one.protocol), valueOf(other.port), valueOf(other.protocol)])
      .toEqual([80, 'HTTP', '? parameter Open has no default', '? Second names no protocol']);
  });
});

test('services are known to the target groups that they register with, the other one of blue/green deployments too', () => {
  const { targetGroups, services: [service] } = factsOf({
    Blue: resourceOf(`${V2}::TargetGroup`),
    Green: resourceOf(`${V2}::TargetGroup`),
    Service: resourceOf('AWS::ECS::Service', {
      LoadBalancers: [
        { TargetGroupArn: { Ref: 'Blue' }, ContainerName: 'web', ContainerPort: '80', AdvancedConfiguration: { AlternateTargetGroupArn: { Ref: 'Green' } } },
        { TargetGroupArn: { Ref: 'Blue' } },
      ],
    }),
  });
  expect(targetGroups.map(({ name, services }) => [name, services.map((one) => one.name)])).toEqual([['Blue', ['Service']], ['Green', ['Service']]]);
  const [first, second] = service.loadBalancers.known ? service.loadBalancers.value : [];
  expect([valueOf(first.containerName), valueOf(first.containerPort), nameOf(first.alternateTargetGroup)]).toEqual(['web', 80, 'Green']);
  expect([second.containerName, second.containerPort, second.alternateTargetGroup]).toEqual([undefined, undefined, undefined]);
});
