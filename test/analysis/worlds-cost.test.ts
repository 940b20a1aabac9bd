import { templateSet } from '../../src/analysis/templates';
import { worldsOf } from '../../src/analysis/worlds';
import { given } from './given';

/** A service with what belongs to it, `Count` resources of them in all. */
const service = (index: number) => ({
  [`Service${index}`]: {
    Type: 'AWS::ECS::Service',
    DependsOn: [`Rule${index}`],
    Properties: {
      Cluster: { Ref: 'Cluster' },
      DesiredCount: { Ref: 'Count' },
      TaskDefinition: { Ref: `Task${index}` },
      Name: { 'Fn::Sub': '${AWS::StackName}-${Count}-${Cluster}' },
      Subnets: [{ 'Fn::If': ['Wide', { Ref: 'SubnetA' }, { Ref: 'SubnetB' }] }],
    },
  },
  [`Task${index}`]: { Type: 'AWS::ECS::TaskDefinition', Properties: { NetworkMode: 'awsvpc', ContainerDefinitions: [{ Name: 'c', PortMappings: [{ ContainerPort: 80 }] }] } },
  [`Rule${index}`]: { Type: 'AWS::ElasticLoadBalancingV2::ListenerRule', Properties: { ListenerArn: { 'Fn::GetAtt': ['Listener', 'Arn'] } } },
});

const body = (services: number) => ({
  Parameters: { Count: { Type: 'Number', Default: 2 }, Env: { Type: 'String' } },
  Conditions: { Wide: { 'Fn::Equals': [{ Ref: 'Env' }, 'prod'] } },
  Resources: Object.assign({
    Cluster: { Type: 'AWS::ECS::Cluster' }, SubnetA: { Type: 'AWS::EC2::Subnet' }, SubnetB: { Type: 'AWS::EC2::Subnet' },
    Listener: { Type: 'AWS::ElasticLoadBalancingV2::Listener' },
  }, ...Array.from({ length: services }, (_, index) => service(index))),
});

/** The template again, counting what is read of it: every property of every object. */
function counting<T extends object>(of: T, count: { reads: number }): T {
  return new Proxy(of, {
    get: (target, key, receiver) => {
      count.reads++;
      const value: unknown = Reflect.get(target, key, receiver);
      return typeof value === 'object' && value !== null ? counting(value, count) : value;
    },
    ownKeys: (target) => {
      count.reads += Reflect.ownKeys(target).length;
      return Reflect.ownKeys(target);
    },
  });
}

/** Reads a template once, then asks everything of every service. */
function readsOf(services: number): { readonly reading: number; readonly asking: number } {
  const count = { reads: 0 };
  const inputs = [given(counting(body(services), count))];
  templateSet(inputs);
  const reading = count.reads;
  count.reads = 0;
  for (const world of worldsOf(inputs)) {
    const [listener] = world.resourcesOf('AWS::ElasticLoadBalancingV2::Listener');
    for (const one of world.resourcesOf('AWS::ECS::Service')) {
      for (let twice = 0; twice < 2; twice++) {
        ['Cluster', 'DesiredCount', 'TaskDefinition', 'Name', 'Subnets'].forEach((key) => one.property(key));
      }
      expect(world.dependsOn(one, listener)).toBe(true);
    }
    for (const task of world.resourcesOf('AWS::ECS::TaskDefinition')) {
      expect(task.property('ContainerDefinitions', 0, 'PortMappings', 0, 'ContainerPort')).toMatchObject({ value: 80 });
    }
  }
  return { reading, asking: count.reads - reading };
}

test('ten times the services are ten times the reads of the template, and no more', () => {
  const [few, many] = [readsOf(200), readsOf(2_000)];
  expect(many.reading / few.reading).toBeCloseTo(10, 1);
  expect(many.asking / few.asking).toBeCloseTo(10, 1);
});

test('dependencies are found as fast in a long chain as it is long', () => {
  const chain = (length: number) => Object.fromEntries(Array.from({ length }, (_, index) => [
    `R${index}`, { Type: 'T', Properties: index ? { P: { Ref: `R${index - 1}` } } : {} }]));
  const count = { reads: 0 };
  const cost = (length: number) => {
    count.reads = 0;
    for (const world of worldsOf([given({ Resources: counting(chain(length), count) })])) {
      const all = world.resourcesOf('T');
      expect(world.dependsOn(all.at(-1)!, all[0])).toBe(true);
      expect(world.dependsOn(all[0], all.at(-1)!)).toBe(false);
    }
    return count.reads;
  };
  expect(cost(20_000) / cost(2_000)).toBeCloseTo(10, 1);
});
