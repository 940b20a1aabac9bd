import { type App, AspectPriority, Aspects, CfnResource, type IAspect, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { IConstruct } from 'constructs';
import * as check from '../../src/analysis/check';
import { RULES } from '../../src/analysis/rules';
import {
  AccountSetting, EniDensityAspect, NetworkModeAspect, NetworkModeChecks, SecurityGroupScopeAspect, SubnetIpCapacityAspect,
} from '../../src/index';
import { testApp } from '../app';
import { annotated, clusterIn, hostService, RESERVED_PORT, twoServices, wantUnknownPort } from './reserved-port';

/** Annotations of one rule, for others may well find something in these apps too. */
function reserved(app: App): string[] {
  return annotated(app).filter((each) => each.endsWith(` ${RESERVED_PORT}`));
}

const API = `error Stack/Api/Service ${RESERVED_PORT}`;
const WEB = `error Stack/Web/Service ${RESERVED_PORT}`;

test('it annotates the constructs of an app', () => {
  const app = testApp();
  twoServices(app, 'Stack');
  Aspects.of(app).add(new NetworkModeAspect());
  expect(reserved(app)).toEqual([API, WEB]);
});

test('the annotation gets into the assembly, with the fix, what it assumes and how to acknowledge it', () => {
  const app = testApp();
  const { stack } = twoServices(app, 'Stack');
  Aspects.of(app).add(new NetworkModeAspect());
  Annotations.fromStack(stack).hasError('/Stack/Api/Service', Match.stringLikeRegexp([
    '^Service Api wants tcp 51678 on its instances; .+\\. ',
    'To acknowledge it: Validations\\.of\\(construct\\)\\.acknowledge\\(\\{ id: \'EcsNetworkModes::host-port-reserved\', reason: \'…\' \\}\\)\\. ',
    'To mend it: .+ \\(EcsNetworkModes::host-port-reserved\\)$',
  ].join('')));
});

test('it says nothing of an app without problems', () => {
  const app = testApp();
  const stack = new Stack(app, 'Stack');
  hostService(stack, 'Api', clusterIn(stack), 8080);
  Aspects.of(app).add(new NetworkModeAspect());
  expect(reserved(app)).toEqual([]);
});

test('of a part of the tree it judges that part, with the facts of the whole', () => {
  const app = testApp();
  // The cluster, and whether its instances leave the port to tasks, is in another stack.
  const cluster = clusterIn(new Stack(app, 'Cluster'));
  const stack = new Stack(app, 'Stack');
  const api = hostService(stack, 'Api', cluster);
  hostService(stack, 'Web', cluster, 51679);
  Aspects.of(api).add(new NetworkModeAspect());
  expect(reserved(app)).toEqual([API]);
});

test('it sees what other aspects change, whatever the priorities and the order', () => {
  class OtherPort implements IAspect {
    public visit(node: IConstruct): void {
      if (node instanceof ecs.CfnTaskDefinition) {
        node.addPropertyOverride('ContainerDefinitions.0.PortMappings.0', { ContainerPort: 8080, HostPort: 8080 });
      }
    }
  }
  const app = testApp();
  const { api } = twoServices(app, 'Stack');
  Aspects.of(app).add(new NetworkModeAspect(), { priority: AspectPriority.READONLY });
  Aspects.of(api.taskDefinition).add(new OtherPort(), { priority: AspectPriority.DEFAULT });
  expect(reserved(app)).toEqual([WEB]);
});

test.each([
  ['the construct', ({ api }: ReturnType<typeof twoServices>) => api, [WEB]],
  ['its stack', ({ stack }: ReturnType<typeof twoServices>) => stack, []],
  ['the app', ({ stack }: ReturnType<typeof twoServices>) => stack.node.root, []],
  ['a construct beside it', ({ api }: ReturnType<typeof twoServices>) => api.taskDefinition, [API, WEB]],
])('an acknowledgement on %s counts for it and what is beneath, errors included', (_, of, expected) => {
  const app = testApp();
  const services = twoServices(app, 'Stack');
  Validations.of(of(services)).acknowledge({ id: `EcsNetworkModes::${RESERVED_PORT}`, reason: 'a test' });
  Aspects.of(app).add(new NetworkModeAspect());
  expect(reserved(app)).toEqual(expected);
});

test('an acknowledgement of a rule that there is not is reported where it is made', () => {
  const app = testApp();
  const { api } = twoServices(app, 'Stack');
  Validations.of(api).acknowledge({ id: 'EcsNetworkModes::host-port-reserve', reason: 'a slip' });
  Aspects.of(app).add(new NetworkModeAspect());
  expect(annotated(app)).toContain('warning Stack/Api unknown-acknowledgement');
  expect(reserved(app)).toEqual([API, WEB]);
});

test('a nested stack and a stack that takes of others are judged', () => {
  const app = testApp();
  const cluster = clusterIn(new Stack(app, 'Cluster'));
  const stack = new Stack(app, 'Stack');
  hostService(new NestedStack(stack, 'Nested'), 'Api', cluster);
  Aspects.of(stack).add(new NetworkModeAspect());
  expect(reserved(app)).toEqual([`error Stack/Nested/Api/Service ${RESERVED_PORT}`]);
});

test('a stage is judged by an aspect of its own, as aspects do not reach into stages', () => {
  const app = testApp();
  const stage = new Stage(app, 'Prod');
  const { stack } = twoServices(stage, 'Stack');
  Aspects.of(app).add(new NetworkModeAspect());
  Aspects.of(stage).add(new NetworkModeAspect());
  expect(reserved(app)).toEqual([`error Prod/Stack/Api/Service ${RESERVED_PORT}`, `error Prod/Stack/Web/Service ${RESERVED_PORT}`]);
  Annotations.fromStack(stack).hasError('/Prod/Stack/Api/Service', Match.stringLikeRegexp('51678'));
});

describe('nothing is found twice', () => {
  test('by two aspects of which one is above the other', () => {
    const app = testApp();
    const { stack, api } = twoServices(app, 'Stack');
    Aspects.of(app).add(new NetworkModeAspect());
    Aspects.of(stack).add(new NetworkModeAspect());
    Aspects.of(api).add(new NetworkModeAspect());
    expect(reserved(app)).toEqual([API, WEB]);
  });

  test('by aspects that are told different things of the account', () => {
    const app = testApp();
    twoServices(app, 'Stack');
    Aspects.of(app).add(new NetworkModeAspect({ accountSettings: { awsvpcTrunking: AccountSetting.ENABLED } }));
    Aspects.of(app).add(new NetworkModeAspect({ accountSettings: { awsvpcTrunking: AccountSetting.DISABLED } }));
    expect(reserved(app)).toEqual([API, WEB]);
  });

  test.each([false, true])('by aspects of which one knows of something severer: that is told, whichever was added first (%s)', (first) => {
    const app = testApp();
    const stack = new Stack(app, 'Stack');
    const cluster = clusterIn(stack);
    const taskDefinition = new ecs.Ec2TaskDefinition(stack, 'Tasks', { networkMode: ecs.NetworkMode.AWS_VPC });
    taskDefinition.addContainer('main', { image: ecs.ContainerImage.fromRegistry('nginx'), memoryReservationMiB: 64 });
    new ecs.Ec2Service(stack, 'Crowd', { cluster, taskDefinition, desiredCount: 10 });
    const knowing = new EniDensityAspect({ accountSettings: { awsvpcTrunking: AccountSetting.DISABLED } });
    [...first ? [knowing] : [], new NetworkModeAspect(), ...first ? [] : [knowing]].forEach((aspect) => Aspects.of(app).add(aspect));
    expect(annotated(app).filter((one) => one.includes('Crowd') && one.includes('eni-density'))).toEqual([expect.stringMatching(/^error /)]);
  });

  test('by another synthesis', () => {
    const app = testApp();
    twoServices(app, 'Stack');
    Aspects.of(app).add(new NetworkModeAspect());
    annotated(app);
    app.synth({ force: true });
    expect(reserved(app)).toEqual([API, WEB]);
  });

  test.each([
    ['the app', (app: App) => app],
    ['the stage that it is in', (app: App) => app.node.findChild('Prod') as Stage],
  ])('by the plugin of %s: the aspect is silent', (_, of) => {
    const app = testApp();
    const stage = new Stage(app, 'Prod');
    twoServices(stage, 'Stack');
    Aspects.of(stage).add(new NetworkModeAspect());
    Validations.of(of(app)).addPlugins(new NetworkModeChecks());
    stage.synth();
    expect(stage.node.findAll().flatMap(({ node }) => node.metadata).filter(({ data }) => /EcsNetworkModes/.test(String(data)))).toEqual([]);
  });
});

test('another synthesis judges what there is then', () => {
  const app = testApp();
  const { stack } = twoServices(app, 'Stack');
  Aspects.of(app).add(new NetworkModeAspect());
  expect(reserved(app)).toEqual([API, WEB]);
  hostService(stack, 'Job', stack.node.findChild('Cluster') as ecs.Cluster, 51680);
  app.synth({ force: true });
  expect(reserved(app)).toEqual([API, WEB, `warning Stack/Job/Service ${RESERVED_PORT}`]);
});

test('an app is analysed once, however many aspects and constructs there are', () => {
  const analysed = jest.spyOn(check, 'check');
  const app = testApp();
  const { stack, api } = twoServices(app, 'Stack');
  twoServices(app, 'Other');
  [app, stack, api].forEach((scope) => [new NetworkModeAspect(), new EniDensityAspect(), new SubnetIpCapacityAspect()]
    .forEach((aspect) => Aspects.of(scope).add(aspect)));
  annotated(app);
  expect(analysed).toHaveBeenCalledTimes(1);
});

test('what cannot be decided is no annotation', () => {
  const app = testApp();
  const { api } = twoServices(app, 'Stack');
  wantUnknownPort(api);
  Aspects.of(app).add(new NetworkModeAspect());
  expect(reserved(app)).toEqual([WEB]);
});

test.each([
  ['eni-density', () => new EniDensityAspect()],
  ['addresses', () => new SubnetIpCapacityAspect()],
  ['security-groups', () => new SecurityGroupScopeAspect()],
])('the aspect of family %s judges by its rules only', (family, aspect) => {
  const analysed = jest.spyOn(check, 'check');
  const app = testApp();
  twoServices(app, 'Stack');
  Aspects.of(app).add(aspect());
  expect(reserved(app)).toEqual([]);
  const [[, rules]] = analysed.mock.calls;
  expect(rules).toEqual(RULES.filter((rule) => rule.family === family));
});

test('the rules judge by what is said of the account', () => {
  const analysed = jest.spyOn(check, 'check');
  const app = testApp();
  twoServices(app, 'Stack');
  const accountSettings = { awsvpcTrunking: AccountSetting.ENABLED, dualStackIpv6: AccountSetting.DISABLED };
  Aspects.of(app).add(new NetworkModeAspect({ accountSettings }));
  annotated(app);
  expect(analysed.mock.calls[0][2]).toMatchObject({ accountSettings: { awsvpcTrunking: 'enabled', dualStackIPv6: 'disabled' } });
});

test('constructs that are in no app are left alone', () => {
  const stack = new Stack();
  const resource = new CfnResource(stack, 'Resource', { type: 'Test::Resource' });
  expect(() => new NetworkModeAspect().visit(resource)).not.toThrow();
  expect(() => new NetworkModeAspect().visit(stack)).not.toThrow();
});
