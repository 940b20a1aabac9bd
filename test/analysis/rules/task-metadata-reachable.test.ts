import { check } from '../../../src/analysis/check';
import { taskMetadataReachable as rule } from '../../../src/analysis/rules/task-metadata-reachable';
import { resourceOf } from '../facts-of';
import { given } from '../given';
import { CLUSTER, itsExamplesHold, OPEN, said, serviceOf, tasksOf } from './ecs-fragments';

itsExamplesHold(rule);

type Resources = Record<string, unknown>;
const BLOCKED = 'echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config';
const SAFE = { HttpTokens: 'required', HttpPutResponseHopLimit: 1 };

/** Services by their modes, on instances with these metadata options and user data. */
function on(modes: Readonly<Record<string, unknown>>, MetadataOptions?: object, userData = ''): Resources {
  return {
    Cluster: CLUSTER,
    Nodes: resourceOf('AWS::AutoScaling::AutoScalingGroup', {
      MinSize: '1', MaxSize: '2', VPCZoneIdentifier: ['subnet-1'], LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
    }),
    Template: resourceOf('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        InstanceType: 'm5.large',
        UserData: { 'Fn::Base64': { 'Fn::Sub': `#!/bin/bash\necho ECS_CLUSTER=\${Cluster} >> /etc/ecs/ecs.config\n${userData}` } },
        ...MetadataOptions ? { MetadataOptions } : {},
      },
    }),
    ...Object.fromEntries(Object.entries(modes).flatMap(([name, mode]) => [
      [`${name}Tasks`, tasksOf(mode, {}, [])],
      [name, serviceOf({
        TaskDefinition: { Ref: `${name}Tasks` },
        ...mode === 'awsvpc' ? { NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'] } } } : {},
      })],
    ])),
  };
}

const found = (resources: Resources) => said(rule, resources).map((one) => one.replace(/ \[.*\]$/, ''));
const CAN = "can read the instance role's credentials";

test('the finding reads as it should', () => {
  expect(check([given({ Resources: rule.bad })], [rule]).findings).toEqual([expect.objectContaining({
    severity: 'warning',
    resource: 'Template',
    message: `tasks of Api (awsvpc) on Nodes ${CAN}: ECS_AWSVPC_BLOCK_IMDS is not set`,
    fix: 'ECS_AWSVPC_BLOCK_IMDS=true in the user data',
    assumes: ['no other instances join cluster Cluster'],
  })]);
});

test('on Bottlerocket the setting has the name that its user data takes', () => {
  const resources = (more: string): Resources => {
    const { Template, ...others } = on({ Api: 'awsvpc' }, SAFE);
    const UserData = { 'Fn::Base64': { 'Fn::Sub': `[settings.ecs]\ncluster = "\${Cluster}"\n${more}` } };
    return { ...others, Template: { ...Template as object, Properties: { LaunchTemplateData: { InstanceType: 'm5.large', UserData } } } };
  };
  expect(check([given({ Resources: resources('') })], [rule]).findings).toEqual([expect.objectContaining({
    message: `tasks of Api (awsvpc) on Nodes ${CAN}: awsvpc-block-imds is not set`,
    fix: 'awsvpc-block-imds = true in [settings.ecs] of the user data',
  })]);
  expect(found(resources('awsvpc-block-imds = false'))).toEqual([`warning Template: tasks of Api (awsvpc) on Nodes ${CAN}: awsvpc-block-imds is false`]);
  expect(found(resources('awsvpc-block-imds = true'))).toEqual([]);
});

test.each<[string, Resources, string[]]>([
  ['awsvpc, blocked', on({ Api: 'awsvpc' }, undefined, BLOCKED), []],
  ...['1', 't', 'T', 'TRUE', 'True'].map((yes): [string, Resources, string[]] => [`awsvpc, blocked by ${yes}`, on({ Api: 'awsvpc' }, SAFE, BLOCKED.replace('true', yes)), []]),
  ...['yes', 'on', 'tRUE', '2', '0'].map((no): [string, Resources, string[]] => [`awsvpc, not blocked by ${no}`, on({ Api: 'awsvpc' }, SAFE, BLOCKED.replace('true', no)),
    [`warning Template: tasks of Api (awsvpc) on Nodes ${CAN}: ECS_AWSVPC_BLOCK_IMDS is ${no}`]]),
  ['awsvpc, not blocked, whatever the hop limit', on({ Api: 'awsvpc' }, SAFE), [`warning Template: tasks of Api (awsvpc) on Nodes ${CAN}: ECS_AWSVPC_BLOCK_IMDS is not set`]],
  ['awsvpc, said not to be blocked', on({ Api: 'awsvpc' }, SAFE, BLOCKED.replace('true', 'false')),
    [`warning Template: tasks of Api (awsvpc) on Nodes ${CAN}: ECS_AWSVPC_BLOCK_IMDS is false`]],
  ['bridge, with tokens and one hop', on({ Web: 'bridge' }, SAFE), []],
  ['bridge, with packets dropped', on({ Web: 'bridge' }, undefined, 'iptables --insert DOCKER-USER 1 --destination 169.254.169.254/32 --jump DROP'), []],
  ['bridge, with two hops', on({ Web: 'bridge' }, { ...SAFE, HttpPutResponseHopLimit: 2 }), [`warning Template: tasks of Web (bridge) on Nodes ${CAN}: HttpPutResponseHopLimit is 2`]],
  ['bridge, without tokens', on({ Web: 'bridge' }, { ...SAFE, HttpTokens: 'optional' }), [`warning Template: tasks of Web (bridge) on Nodes ${CAN}: HttpTokens is optional`]],
  ['bridge, with both wrong', on({ Web: 'bridge' }, { HttpTokens: 'optional', HttpPutResponseHopLimit: 3 }),
    [`warning Template: tasks of Web (bridge) on Nodes ${CAN}: HttpTokens is optional and HttpPutResponseHopLimit is 3`]],
  ['bridge, without tokens, whatever the hops', on({ Web: 'bridge' }, { HttpTokens: 'optional', HttpPutResponseHopLimit: OPEN }),
    [`warning Template: tasks of Web (bridge) on Nodes ${CAN}: HttpTokens is optional`]],
  ['bridge, with two hops, whatever the tokens', on({ Web: 'bridge' }, { HttpTokens: OPEN, HttpPutResponseHopLimit: 2 }),
    [`warning Template: tasks of Web (bridge) on Nodes ${CAN}: HttpPutResponseHopLimit is 2`]],
  ['bridge, with nothing said', on({ Web: 'bridge' }),
    [`info Template: tasks of Web (bridge) on Nodes ${CAN}: the image and the account decide about HttpTokens and HttpPutResponseHopLimit`]],
  ['bridge, with nothing said of hops', on({ Web: 'bridge' }, { HttpTokens: 'required' }),
    [`info Template: tasks of Web (bridge) on Nodes ${CAN}: the image and the account decide about HttpPutResponseHopLimit`]],
  ['bridge, with nothing said of tokens', on({ Web: 'bridge' }, { HttpPutResponseHopLimit: 1 }),
    [`info Template: tasks of Web (bridge) on Nodes ${CAN}: the image and the account decide about HttpTokens`]],
  ['host, whatever is said', on({ Agent: 'host' }, SAFE, BLOCKED), [`info Template: tasks of Agent (host) on Nodes ${CAN}: nothing keeps host mode from it`]],
  ['no service at all', on({}), []],
  ['with the service turned on', on({ Api: 'awsvpc' }, { HttpEndpoint: 'enabled' }), [expect.stringMatching(/^warning Template: tasks of Api \(awsvpc\) on Nodes/)]],
  ['with the service turned off', on({ Api: 'awsvpc', Agent: 'host' }, { HttpEndpoint: 'disabled' }), []],
  ['of several modes the worst', on({ Api: 'awsvpc', Agent: 'host' }, SAFE), [`warning Template: tasks of Api (awsvpc) on Nodes ${CAN}: ECS_AWSVPC_BLOCK_IMDS is not set`]],
  ['of several modes that are as bad both', on({ Api: 'awsvpc', Web: 'bridge' }, { HttpTokens: 'optional' }),
    [`warning Template: tasks of Api (awsvpc) on Nodes ${CAN}: ECS_AWSVPC_BLOCK_IMDS is not set; tasks of Web (bridge) on Nodes can, too: HttpTokens is optional`]],
  ['three services', on({ A: 'host', B: 'host', C: 'host' }), [expect.stringContaining('tasks of A, B, C (host)')]],
  ['more services', on({ A: 'host', B: 'host', C: 'host', D: 'host' }), [expect.stringContaining('tasks of A, B and 2 more (host)')]],
])('%s', (_, resources, expected) => {
  expect(found(resources)).toEqual(expected);
});

test('the fixes are those of what is wrong', () => {
  const fixOf = (Resources: Resources) => check([given({ Resources })], [rule]).findings.map(({ fix }) => fix);
  expect(fixOf(on({ Api: 'awsvpc', Web: 'bridge' }, { HttpTokens: 'optional' })))
    .toEqual(['ECS_AWSVPC_BLOCK_IMDS=true in the user data; and MetadataOptions with HttpTokens required and HttpPutResponseHopLimit 1']);
  expect(fixOf(on({ Agent: 'host' }))).toEqual(['awsvpc or bridge mode, or an instance role that may do little']);
});

test('one template of two groups is told once', () => {
  const resources = on({ Api: 'awsvpc' });
  expect(found({ ...resources, More: resources.Nodes })).toEqual([
    `warning Template: tasks of Api (awsvpc) on Nodes ${CAN}: ECS_AWSVPC_BLOCK_IMDS is not set; tasks of Api (awsvpc) on More can, too: ECS_AWSVPC_BLOCK_IMDS is not set`,
  ]);
});

test('an instance without a template is told of itself', () => {
  const Nodes = resourceOf('AWS::EC2::Instance', { UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } } });
  expect(found({ ...on({ Api: 'awsvpc' }), Nodes, Template: resourceOf('AWS::SNS::Topic') })).toEqual([expect.stringMatching(/^warning Nodes: /)]);
});

test.each<[string, Resources]>([
  ['user data', on({ Api: 'awsvpc' }, SAFE, '${Open}')],
  ['what the setting is', on({ Api: 'awsvpc' }, SAFE, 'echo ECS_AWSVPC_BLOCK_IMDS=${Open} >> /etc/ecs/ecs.config')],
  ['tokens', on({ Web: 'bridge' }, { HttpTokens: OPEN, HttpPutResponseHopLimit: 1 })],
  ['the hop limit', on({ Web: 'bridge' }, { HttpTokens: 'required', HttpPutResponseHopLimit: OPEN })],
  ['whether the service is on', on({ Agent: 'host' }, { ...SAFE, HttpEndpoint: OPEN })],
  ['what is dropped', on({ Web: 'bridge' }, { HttpTokens: 'optional' }, '${Open}')],
  ['the mode', on({ Api: OPEN }, SAFE, BLOCKED)],
])('%s that is not known is undecided', (_, resources) => {
  expect(said(rule, resources)).toEqual([expect.stringMatching(/^undecided Template: .*Open/)]);
});

test('what a launch template that is not given may say is undecided, though the instance has user data of its own', () => {
  const Nodes = resourceOf('AWS::EC2::Instance', {
    LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '1' },
    UserData: { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config' } },
  });
  expect(said(rule, { ...on({ Web: 'bridge' }), Nodes, Template: resourceOf('AWS::SNS::Topic') })).toEqual([expect.stringMatching(/^undecided Nodes: .*lt-1/)]);
});

test('services whose mode is a fault that another rule reports are not counted', () => {
  const resources = on({ Web: 'bridge', Api: 'awsvpc' }, { HttpTokens: 'optional' });
  const faulty = tasksOf('bridge', { RequiresCompatibilities: ['FARGATE'] }, []);
  expect(found(resources)).toEqual([expect.stringMatching(/Web \(bridge\)/)]);
  expect(found({ ...resources, WebTasks: faulty })).toEqual([`warning Template: tasks of Api (awsvpc) on Nodes ${CAN}: ECS_AWSVPC_BLOCK_IMDS is not set`]);
});

test('nothing is said of a template on whose instances nothing is placed, as where a provider is drained', () => {
  const { Nodes, Template, ...rest } = on({ Api: 'bridge' }, { HttpTokens: 'optional' });
  const provider = (name: string) => resourceOf('AWS::ECS::CapacityProvider', { AutoScalingGroupProvider: { AutoScalingGroupArn: { Ref: name } } });
  const NewNodes = resourceOf('AWS::AutoScaling::AutoScalingGroup', {
    MinSize: '1', MaxSize: '2', VPCZoneIdentifier: ['subnet-1'], LaunchTemplate: { LaunchTemplateId: { Ref: 'NewTemplate' }, Version: '1' },
  });
  const weighing = (Weight: unknown, mode: unknown = 'bridge') => found({
    ...rest, Nodes, Template, NewNodes, NewTemplate: Template, Old: provider('Nodes'), New: provider('NewNodes'), ApiTasks: tasksOf(mode, {}, []),
    Api: serviceOf({
      LaunchType: undefined, TaskDefinition: { Ref: 'ApiTasks' },
      CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'New' }, Weight: 1 }, { CapacityProvider: { Ref: 'Old' }, Weight }],
    }),
  });
  expect(weighing(0)).toEqual([expect.stringMatching(/^warning NewTemplate: /)]);
  expect(weighing(0, OPEN)).toEqual([expect.stringMatching(/^undecided NewTemplate: /)]);
  expect(weighing(1)).toEqual([expect.stringMatching(/^warning Template: /), expect.stringMatching(/^warning NewTemplate: /)]);
});

test('nothing is said of Managed Instances', () => {
  expect(found({
    Cluster: CLUSTER,
    Managed: resourceOf('AWS::ECS::CapacityProvider', { ClusterName: { Ref: 'Cluster' }, ManagedInstancesProvider: { InstanceLaunchTemplate: {} } }),
    ApiTasks: tasksOf('host', {}, []),
    Api: serviceOf({ LaunchType: undefined, TaskDefinition: { Ref: 'ApiTasks' }, CapacityProviderStrategy: [{ CapacityProvider: { Ref: 'Managed' }, Weight: 1 }] }),
  })).toEqual([]);
});
