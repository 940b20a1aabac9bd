import { pathsOf } from '../security-group-rules';
import { built, find, theOnly, type Built } from './built';

let example: Built;
beforeAll(() => {
  example = built('service-connect');
});

test('the client reaches the port of the server, and nothing else does', () => {
  const { logicalId: vpc } = theOnly(example, 'AWS::EC2::VPC');
  expect(pathsOf(example.app)).toEqual([
    'Greeter < Web tcp 8080',
    `LoadBalancer < {Fn::GetAtt:[${vpc},CidrBlock]} tcp 80`,
    'LoadBalancer > Web tcp 8080',
    'Web < LoadBalancer tcp 8080',
  ]);
});

test('the client waits for the server, whose name it could not resolve otherwise', () => {
  const server = theOnly(example, 'AWS::ECS::Service', 'Greeter');
  expect(theOnly(example, 'AWS::ECS::Service', 'Web').dependsOn).toContain(server.logicalId);
});

test('nothing waits for itself', () => {
  const edges = new Map(example.resources
    .map(({ logicalId, properties, dependsOn }) => [logicalId, [...dependsOn, ...references(properties)]]));
  const done = new Set<string>();
  const visit = (id: string, trail: string[]): void => {
    expect(trail).not.toContain(id);
    if (!done.has(id)) {
      (edges.get(id) ?? []).forEach((next) => visit(next, [...trail, id]));
      done.add(id);
    }
  };
  [...edges.keys()].forEach((id) => visit(id, []));
});

test('the server offers its named port, the client nothing', () => {
  const { properties: { ContainerDefinitions: [greeter] } } = theOnly(example, 'AWS::ECS::TaskDefinition', 'Greeter');
  expect(greeter.PortMappings).toEqual([{ AppProtocol: 'http', ContainerPort: 8080, Name: 'http', Protocol: 'tcp' }]);
  expect(theOnly(example, 'AWS::ECS::Service', 'Greeter').properties.ServiceConnectConfiguration).toMatchObject({
    Enabled: true,
    Services: [{ PortName: 'http', ClientAliases: [{ DnsName: 'greeter', Port: 8080 }] }],
  });
  const { properties: { ServiceConnectConfiguration: client } } = theOnly(example, 'AWS::ECS::Service', 'Web');
  expect(client.Enabled).toBe(true);
  expect(client.Services ?? []).toEqual([]);
});

test('tasks have the memory limit that the proxies need, and room for them', () => {
  for (const { properties } of find(example, 'AWS::ECS::TaskDefinition')) {
    expect(Number(properties.Cpu)).toBeGreaterThanOrEqual(256 + 256);
    expect(Number(properties.Memory)).toBeGreaterThanOrEqual(512 + 64);
  }
});

test('the namespace has the name of the stack, which is unique where namespaces must be', () => {
  const { properties, stack } = theOnly(example, 'AWS::ServiceDiscovery::HttpNamespace');
  expect(properties.Name).toBe(stack.stackName);
});

/** The logical ids a value refers to. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const { Ref, 'Fn::GetAtt': attribute } = value as { 'Ref'?: string; 'Fn::GetAtt'?: [string, string] };
  return [...(Ref ? [Ref] : []), ...(attribute ? [attribute[0]] : []), ...Object.values(value).flatMap(references)];
}
