import type { Service } from '../../src/analysis/facts';
import { allListening, groupTitle, guardsOf, guardsOfAll, Listening, listeningOn } from '../../src/analysis/guards';
import { Value } from '../../src/analysis/value';
import { factsOf, named, namesOf, valueOf } from './facts-of';
import { CLUSTER, OPEN, OPEN_PARAMETER, serviceOf, tasksOf } from './rules/ecs-fragments';
import { group, groupId, NETWORK, NODES, onFargate, onNodes, onProviders } from './rules/group-fragments';

type Resources = Readonly<Record<string, unknown>>;

const factsWith = (resources: Resources) => factsOf(resources, OPEN_PARAMETER);
const web = (resources: Resources): Service => named(factsWith(resources).services, 'Web');
/** What stands before service `Web`, in few words. */
function guarding(resources: Resources) {
  const { guards, why } = guardsOf(web(resources));
  return [...guards.map(({ hostGroup, groups }) => [hostGroup?.name ?? 'tasks', ...[namesOf(groups)].flat()].join(' ')), ...why === undefined ? [] : [`? ${why}`]];
}
const userData = (line: string) => ({ 'Fn::Base64': { 'Fn::Sub': `#!/bin/bash\necho ECS_CLUSTER=\${Cluster} >> /etc/ecs/ecs.config\n${line}` } });
const nodes = (more: object = {}) => ({ ...NODES.Nodes, Properties: { ...NODES.Nodes.Properties, ...more } });
const instances = (mapping: object = {}, mode: unknown = 'bridge', more: Resources = {}) => (
  { ...onNodes(mapping, {}, mode), NodesGroup: group(), ...more });
const AWSVPC_ON_NODES = { ...instances({}, 'awsvpc'), Web: serviceOf({
  NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }], SecurityGroups: [groupId('TaskGroup')] } },
}), TaskGroup: group() };

describe('the groups that stand before tasks', () => {
  test.each<[string, Resources, string[]]>([
    ['on Fargate are those of their interfaces', { ...onFargate(), TaskGroup: group() }, ['tasks TaskGroup']],
    ['in awsvpc mode on instances, too', AWSVPC_ON_NODES, ['tasks TaskGroup']],
    ['in awsvpc mode without groups are the default one of the VPC', onFargate({
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'C' }] } },
    }), [expect.stringMatching(/^tasks .*default/)]],
    ['in bridge mode are those of the instances', instances(), ['Nodes NodesGroup']],
    ['in host mode, too', instances({}, 'host'), ['Nodes NodesGroup']],
    ['in bridge mode are those of each host group', instances({}, 'bridge', {
      More: nodes({ SecurityGroupIds: [groupId('MoreGroup'), groupId('NodesGroup')] }), MoreGroup: group(),
    }), ['Nodes NodesGroup', 'More MoreGroup NodesGroup']],
    ['without a network are none', instances({}, 'none'), []],
    ['are not known where the mode is not', instances({}, OPEN), ['? parameter Open has no default']],
    ['are not known where the launch type is not', instances({}, 'bridge', { Web: serviceOf({ LaunchType: OPEN }) }), ['? parameter Open has no default']],
    ['are not all known where the cluster is of elsewhere', instances({}, 'bridge', { Web: serviceOf({ Cluster: OPEN }) }), [expect.stringMatching(/^\? /)]],
    ['are not known where nothing of what is given joins the cluster', { ...NETWORK, Cluster: CLUSTER, Tasks: tasksOf('bridge'), Web: serviceOf() }, [
      expect.stringMatching(/^\? /),
    ]],
  ])('%s', (_, resources, expected) => {
    expect(guarding(resources)).toEqual(expected);
  });

  const [OLD, NEW] = ['OldNodes OldGroup', 'NewNodes NewGroup'];

  test.each<[string, Readonly<Record<string, object>>, readonly unknown[]]>([
    ['of providers with weights are of each', { New: { Weight: 1 }, Old: { Weight: 1 } }, [NEW, OLD]],
    ['of a provider of weight 0 are none, as nothing is placed there', { New: { Weight: 1 }, Old: { Weight: 0 } }, [NEW]],
    ['of a provider without a weight are none', { Old: {}, New: { Weight: 1 } }, [NEW]],
    ['of a provider of weight 0 with a base are some', { New: { Weight: 1 }, Old: { Weight: 0, Base: 1 } }, [NEW, OLD]],
    ['of a provider of weight 0 with a base that is not known may be some', { New: { Weight: 1 }, Old: { Weight: 0, Base: OPEN } }, [NEW, OLD]],
    ['of a provider with a weight that is not known may be some', { New: { Weight: 1 }, Old: { Weight: OPEN } }, [NEW, OLD]],
    ['of providers that all have weight 0 are of each', { New: { Weight: 0 }, Old: { Weight: 0 } }, [NEW, OLD]],
    ['of a provider of weight 0 beside one with a weight that is not known may be some', { New: { Weight: OPEN }, Old: { Weight: 0 } }, [NEW, OLD]],
    ['of a lone provider without a weight are its', { Old: {} }, [OLD]],
    ['are all known where only a provider of weight 0 is of elsewhere', { New: { Weight: 1 }, Elsewhere: { Weight: 0 } }, [NEW]],
    ['are not all known where another is, too', { New: { Weight: 0 }, Elsewhere: { Weight: 1 } }, [expect.stringMatching(/^\? the Auto Scaling group of Elsewhere /)]],
  ])('%s', (_, items, expected) => {
    expect(guarding(onProviders(items))).toEqual(expected);
  });

  test('are of providers of weight 0, too, for tasks that were placed before', () => {
    const { guards } = guardsOfAll(web(onProviders({ New: { Weight: 1 }, Old: { Weight: 0 } })));
    expect(guards.map(({ hostGroup }) => hostGroup?.name)).toEqual(['NewNodes', 'OldNodes']);
  });

  test('have a title, be it without a name', () => {
    expect(groupTitle({ name: 'Nodes' })).toBe('group Nodes');
    expect(groupTitle({ name: 'an imported security group' })).toBe('an imported security group');
    expect(groupTitle({ name: 'a security group' })).toBe('a security group');
    expect(groupTitle({ name: 'another' })).toBe('group another');
  });
});

describe('what a mapping has tasks listen on', () => {
  const written = (value: Value<Listening>) => {
    const its = valueOf(value);
    return typeof its === 'object' ? `${its.protocol} ${its.ports.first}-${its.ports.last}${its.dynamic ? ' dynamic' : ''}` : its;
  };
  function listening(resources: Resources): unknown {
    const service = web(resources);
    const { containers } = service.taskDefinition!;
    const [mapping] = containers.known && containers.value[0].ports.known ? containers.value[0].ports.value : [];
    return written(listeningOn(service, mapping, guardsOf(service).guards[0]));
  }
  const fargate = (mapping: object) => ({ ...onFargate({}, mapping), TaskGroup: group() });
  const RANGE = { ContainerPort: undefined, ContainerPortRange: '8000-8010' };

  test.each<[string, Resources, unknown]>([
    ['in awsvpc mode is the container port', fargate({}), 'tcp 80-80'],
    ['in awsvpc mode is the container port, over UDP', fargate({ Protocol: 'udp' }), 'udp 80-80'],
    ['in awsvpc mode on instances is the container port', AWSVPC_ON_NODES, 'tcp 80-80'],
    ['in awsvpc mode is a range of container ports', fargate(RANGE), 'tcp 8000-8010'],
    ['in host mode is the container port', instances({}, 'host'), 'tcp 80-80'],
    ['in host mode is the host port', instances({ HostPort: 80 }, 'host'), 'tcp 80-80'],
    ['in host mode is the container port where the host port is 0', instances({ HostPort: 0 }, 'host'), 'tcp 80-80'],
    ['in host mode is a range', instances(RANGE, 'host'), 'tcp 8000-8010'],
    ['in bridge mode is a fixed host port', instances({ HostPort: 8080 }), 'tcp 8080-8080'],
    ['in bridge mode is any dynamic port', instances(), 'tcp 32768-60999 dynamic'],
    ['in bridge mode is any dynamic port where the host port is 0', instances({ HostPort: 0 }), 'tcp 32768-60999 dynamic'],
    ['in bridge mode is any dynamic port for a range', instances(RANGE), 'tcp 32768-60999 dynamic'],
    ['in bridge mode is any port of a range that is set', instances({}, 'bridge', {
      Nodes: nodes({ UserData: userData('echo ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999 >> /etc/ecs/ecs.config') }),
    }), 'tcp 40000-40999 dynamic'],
    ['in bridge mode is a fixed host port, whatever range is set', instances({ HostPort: 8080 }, 'bridge', {
      Nodes: nodes({ UserData: userData('echo ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999 >> /etc/ecs/ecs.config') }),
    }), 'tcp 8080-8080'],
    ['in the mode of Windows is any dynamic port there', {
      ...instances(), Tasks: tasksOf('default', { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }),
      Nodes: nodes({ UserData: { 'Fn::Sub': '<powershell>\nInitialize-ECSAgent -Cluster ${Cluster}\n</powershell>' } }),
    }, 'tcp 49152-65535 dynamic'],
    ['is not known of a range that is none', fargate({ ...RANGE, ContainerPortRange: '8010-8000' }), '? "8010-8000" is no range of ports'],
    ['is not known of a port that is not', fargate({ ContainerPort: OPEN }), '? parameter Open has no default'],
    ['is not known of a host port that is not', instances({ HostPort: OPEN }), '? parameter Open has no default'],
    ['is not known of a protocol that is not', fargate({ Protocol: OPEN }), '? parameter Open has no default'],
    ['is not known of a range of instances that is not', instances({}, 'bridge', {
      Nodes: nodes({ UserData: userData('echo ECS_DYNAMIC_HOST_PORT_RANGE=${Open} >> /etc/ecs/ecs.config') }),
    }), expect.stringMatching(/^\? /)],
  ])('%s', (_, resources, expected) => {
    expect(listening(resources)).toEqual(expected);
  });

  test('and all mappings, with the first thing that is not known', () => {
    const all = (PortMappings: unknown) => {
      const service = web({ ...onFargate(), TaskGroup: group(), Tasks: tasksOf('awsvpc', {}, PortMappings) });
      const { listening: its, why } = allListening(service, guardsOf(service).guards[0]);
      return [...its.map(({ protocol, ports: { first } }) => `${protocol} ${first}`), ...why === undefined ? [] : [why]];
    };
    expect(all([{ ContainerPort: 80 }, { ContainerPort: 53, Protocol: 'udp' }])).toEqual(['tcp 80', 'udp 53']);
    expect(all([])).toEqual([]);
    expect(all([{ ContainerPort: OPEN }, { ContainerPort: 81 }])).toEqual(['tcp 81', 'parameter Open has no default']);
    expect(all(OPEN)).toEqual(['parameter Open has no default']);
  });

  test('are not known of a task definition that is not given, or whose containers are not', () => {
    const all = (resources: Resources) => {
      const service = web(resources);
      return allListening(service, { groups: service.awsvpc!.securityGroups });
    };
    const elsewhere = { ...onFargate({ TaskDefinition: 'web:1' }), TaskGroup: group() };
    expect(all(elsewhere)).toEqual({ listening: [], why: 'its task definition is not of what is given' });
    const open = { ...onFargate(), TaskGroup: group(), Tasks: tasksOf('awsvpc', { ContainerDefinitions: OPEN }) };
    expect(all(open)).toEqual({ listening: [], why: 'parameter Open has no default' });
  });
});
