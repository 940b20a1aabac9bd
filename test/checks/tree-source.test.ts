import { CfnCondition, CfnOutput, CfnResource, Fn, Lazy, PhysicalName, Stack, Stage, Tags, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { check } from '../../src/analysis/check';
import { RULES } from '../../src/analysis/rules';
import { TemplateInput, TREE_REFERENCE } from '../../src/analysis/templates';
import { readTree } from '../../src/checks/tree-source';
import { testApp } from '../app';

const ENV = { account: '111111111111', region: 'eu-west-1' };

function resource(scope: Stack, id: string, properties: Record<string, unknown> = {}): CfnResource {
  return new CfnResource(scope, id, { type: 'Test::Resource', properties });
}

/** The resources of a template, with what is made out later. */
function wholeResources({ body, later }: TemplateInput): object {
  const { Resources } = body as { readonly Resources: object };
  return { ...Resources, ...Object.fromEntries([...later!].map(([logicalId, makeOut]) => [logicalId, makeOut()])) };
}

test('a reference into another stack keeps its target, alone and in a text', () => {
  const app = testApp();
  const target = resource(new Stack(app, 'Net'), 'Target');
  const stack = new Stack(app, 'Svc');
  resource(stack, 'User', { ref: target.ref, att: target.getAtt('Arn'), text: `a-${target.ref}-b-${stack.region}` });
  const { templates } = readTree(app);
  expect(wholeResources(templates[1])).toMatchObject({
    User: {
      Properties: {
        ref: { [TREE_REFERENCE]: ['Net.template.json', 'Target', 'Ref'] },
        att: { [TREE_REFERENCE]: ['Net.template.json', 'Target', 'Arn'] },
        text: { 'Fn::Join': ['', ['a-', { [TREE_REFERENCE]: ['Net.template.json', 'Target', 'Ref'] }, '-b-', { Ref: 'AWS::Region' }]] },
      },
    },
  });
});

test('what has a name in another account is called by it there, alone and in a text: nothing of that name there is this resource', () => {
  const app = testApp();
  const cluster = new ecs.Cluster(new Stack(app, 'Shared', { env: ENV }), 'Cluster', { clusterName: PhysicalName.GENERATE_IF_NEEDED });
  const stack = new Stack(app, 'Svc', { env: { ...ENV, account: '222222222222' } });
  resource(stack, 'User', { cluster: cluster.clusterName, text: `a-${cluster.clusterName}` });
  resource(new Stack(app, 'Beside', { env: ENV }), 'User', { cluster: cluster.clusterName });
  const { templates } = readTree(app);
  expect(wholeResources(templates[2])).toMatchObject({
    User: { Properties: { cluster: { [TREE_REFERENCE]: ['Shared.template.json', 'ClusterEB0386A7', 'Ref'] } } },
  });
  expect(wholeResources(templates[1])).toEqual(app.synth().getStackByName('Svc').template.Resources);
});

test('texts are put together as in templates', () => {
  const app = testApp();
  const stack = new Stack(app, 'Stack');
  const other = resource(stack, 'Other');
  resource(stack, 'User', { joined: `a${Fn.join('', ['b', other.ref])}c`, one: Fn.select(0, Fn.split(',', other.ref)), twice: `${other.ref}${other.ref}` });
  expect(wholeResources(readTree(app).templates[0])).toEqual(app.synth().getStackByName('Stack').template.Resources);
});

test('whatever a property holds is made of it what the framework makes', () => {
  class Point {
    public constructor(public readonly x: number, public readonly y?: unknown) {}
  }
  const app = testApp();
  const stack = new Stack(app, 'Stack');
  const other = resource(stack, 'Other');
  resource(stack, 'User', {
    plain: [1, 0, -5, 'text', '', true, false, undefined, { a: undefined, b: [] }],
    lists: [Token.asList(other.getAtt('Many')), Fn.split(',', 'a,b'), ['x', other.ref]],
    numbers: [Token.asNumber(other.getAtt('Port')), Lazy.number({ produce: () => 7 })],
    lazy: Lazy.any({ produce: () => ({ deep: Lazy.any({ produce: () => [other.ref, undefined] }), absent: undefined }) }),
    nothing: Lazy.any({ produce: () => undefined }),
    point: new Point(1, other.ref),
    named: { [Lazy.string({ produce: () => 'key' })]: `${other.ref}/x` },
    json: stack.toJsonString({ a: other.ref }),
  });
  expect(wholeResources(readTree(app).templates[0])).toEqual(app.synth().getStackByName('Stack').template.Resources);
});

test('a property that holds itself, or what is no data, ends in the words of the framework', () => {
  const held: Record<string, unknown> = {};
  held.held = held;
  for (const [properties, words] of [[held, /circular reference/], [{ a: () => 1 }, /non-data object/]] as const) {
    const app = testApp();
    resource(new Stack(app, 'Stack'), 'User', properties);
    expect(() => wholeResources(readTree(app).templates[0])).toThrow(words);
  }
});

describe('what is asked of every resource is there before the resource is made out', () => {
  function stackOf(fill: (stack: Stack) => void): TemplateInput {
    const app = testApp();
    const stack = new Stack(app, 'Stack');
    fill(stack);
    app.synth();
    return readTree(app).templates[0];
  }

  /** Its `Type`, `Condition` and `DependsOn`, as the body and as the whole of it have them. */
  function heads({ body, later }: TemplateInput, logicalId: string): readonly unknown[] {
    const head = ({ Type, Condition, DependsOn }: Record<string, unknown>) => ({ Type, Condition, DependsOn });
    const { Resources } = body as { readonly Resources: Record<string, object> };
    return [Resources[logicalId], later!.get(logicalId)?.()].map((one) => one && head({ ...one }));
  }

  test('its type, its condition, and what it waits for', () => {
    const template = stackOf((stack) => {
      const one = resource(stack, 'One');
      one.overrideLogicalId('First');
      one.cfnOptions.condition = new CfnCondition(stack, 'Prod', { expression: Fn.conditionEquals(Fn.ref('AWS::Region'), 'eu-west-1') });
      resource(stack, 'Two').addDependency(one);
    });
    expect(heads(template, 'First')).toEqual([{ Type: 'Test::Resource', Condition: 'Prod' }, { Type: 'Test::Resource', Condition: 'Prod' }]);
    expect(heads(template, 'Two')).toEqual([
      { Type: 'Test::Resource', DependsOn: ['First'] },
      { Type: 'Test::Resource', DependsOn: ['First'] },
    ]);
  });

  test.each([['Type', 'Test::Other'], ['Condition', 'Prod'], ['DependsOn', ['Two']]])('an override of %s makes it out at once', (key, value) => {
    const template = stackOf((stack) => {
      resource(stack, 'One').addOverride(key, value);
      resource(stack, 'Two');
      new CfnCondition(stack, 'Prod');
    });
    expect(heads(template, 'One')).toEqual([{ Type: 'Test::Resource', [key]: value }, undefined]);
  });

  test('policies are left out of it, which nothing asks for', () => {
    const { later } = stackOf((stack) => {
      const one = resource(stack, 'One', { a: 1 });
      one.cfnOptions.updatePolicy = { autoScalingRollingUpdate: { maxBatchSize: 2 } };
      one.cfnOptions.metadata = { b: 2 };
    });
    expect(later!.get('One')!()).toEqual({ Type: 'Test::Resource', Properties: { a: 1 }, Metadata: { b: 2 } });
  });

  test('tags and what a property is called in templates are in it', () => {
    const { later } = stackOf((stack) => {
      new ec2.CfnVPC(stack, 'Vpc', { cidrBlock: '10.0.0.0/16', enableDnsSupport: undefined });
      Tags.of(stack).add('team', 'net');
    });
    expect(later!.get('Vpc')!()).toEqual({
      Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16', Tags: [{ Key: 'team', Value: 'net' }] },
    });
  });

  test('properties that are wrong end in the words of the framework', () => {
    const app = testApp();
    const stack = new Stack(app, 'Stack');
    new ec2.CfnVPC(stack, 'Vpc', { cidrBlock: 1 as unknown as string });
    const { later } = readTree(app).templates[0];
    const said = (action: () => unknown) => {
      try {
        action();
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(said(() => later!.get('Vpc')!())).toMatch(/cidrBlock: 1 should be a string/);
    expect(said(() => later!.get('Vpc')!())).toBe(said(() => app.synth()));
  });

  test('an override of a property is in the whole of it', () => {
    const { later } = stackOf((stack) => resource(stack, 'One', { a: 1 }).addPropertyOverride('b', 2));
    expect(later!.get('One')!()).toMatchObject({ Properties: { a: 1, b: 2 } });
  });

  test('a resource that renders itself in its own way is made out at once', () => {
    class Own extends CfnResource {
      public _toCloudFormation(): object {
        return { Resources: { [this.logicalId]: { Type: 'Test::Own', Properties: { a: 1 } } } };
      }
    }
    const { body, later } = stackOf((stack) => new Own(stack, 'One', { type: 'Test::Resource' }));
    expect(body).toMatchObject({ Resources: { One: { Type: 'Test::Own', Properties: { a: 1 } } } });
    expect(later!.has('One')).toBe(false);
  });

  test('a resource that is not to be deployed is left out', () => {
    class Absent extends CfnResource {
      protected shouldSynthesize(): boolean {
        return false;
      }
    }
    const { body, later } = stackOf((stack) => {
      new Absent(stack, 'One', { type: 'Test::Resource' });
      resource(stack, 'Two');
    });
    expect(Object.keys((body as { Resources: object }).Resources)).toEqual(['Two']);
    expect([...later!.keys()]).toEqual(['Two']);
  });
});

test('a stack says what it is deployed as, where that is known', () => {
  const app = testApp();
  const first = new Stack(app, 'First');
  const second = new Stack(app, 'Second', { env: ENV, stackName: 'second' });
  second.addDependency(first);
  expect(readTree(app).templates).toMatchObject([
    { name: 'First.template.json', stack: 'First', stackName: 'First', region: undefined, account: undefined, deployedAfter: [] },
    { name: 'Second.template.json', stack: 'Second', stackName: 'second', ...ENV, deployedAfter: ['First.template.json'] },
  ]);
});

test('parameters, outputs and transforms are there, and constructs by their logical ids', () => {
  const app = testApp();
  const stack = new Stack(app, 'Stack');
  const one = resource(stack, 'One');
  new CfnOutput(stack, 'Output', { value: one.ref });
  stack.addTransform('AWS::LanguageExtensions');
  const tree = readTree(app);
  expect(tree.templates[0].body).toMatchObject({ Outputs: { Output: { Value: { Ref: 'One' } } }, Transform: ['AWS::LanguageExtensions'] });
  expect(tree.constructOf('Stack.template.json', 'One')).toBe(one);
  expect(tree.constructOf('Stack.template.json', 'Two')).toBeUndefined();
  expect(tree.constructOf('Other.template.json', 'One')).toBeUndefined();
});

test('of stacks that share a group and a VPC, nothing is made out that no rule asks for', () => {
  const app = testApp();
  const net = new Stack(app, 'Net', { env: ENV });
  const vpc = new ec2.Vpc(net, 'Vpc', { maxAzs: 2 });
  const group = new ec2.SecurityGroup(net, 'Group', { vpc });
  const stack = new Stack(app, 'Svc', { env: ENV });
  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Tasks');
  taskDefinition.addContainer('app', { image: ecs.ContainerImage.fromRegistry('app'), logging: ecs.LogDriver.awsLogs({ streamPrefix: 'app' }) });
  new ecs.FargateService(stack, 'Service', { cluster: new ecs.Cluster(stack, 'Cluster', { vpc }), taskDefinition, securityGroups: [group] });
  app.synth();
  const made = new Set<string>();
  const templates = readTree(app).templates.map((template) => {
    const { Resources } = template.body as { readonly Resources: Record<string, { readonly Type: string }> };
    const later = [...template.later!].map(([logicalId, makeOut]) => [logicalId, () => {
      made.add(Resources[logicalId].Type);
      return makeOut();
    }] as const);
    return { ...template, later: new Map(later) };
  });
  expect(check(templates, RULES).services).toBe(1);
  expect(made).toContain('AWS::EC2::SecurityGroup');
  expect([...made].filter((type) => /Role|Policy|LogGroup/.test(type))).toEqual([]);
});

test('stages are read with the app, or left out', () => {
  const app = testApp();
  resource(new Stack(new Stage(app, 'Prod'), 'Stack'), 'One');
  resource(new Stack(app, 'Stack'), 'One');
  expect(readTree(app).templates.map(({ stack }) => stack)).toEqual(['Prod/Stack', 'Stack']);
  expect(readTree(app, { stages: false }).templates.map(({ stack }) => stack)).toEqual(['Stack']);
});

describe('what is imported', () => {
  test('a looked-up VPC tells its block, and the blocks and zones of its subnets', () => {
    const key = `vpc-provider:account=${ENV.account}:filter.vpc-id=vpc-1:region=${ENV.region}:returnAsymmetricSubnets=true`;
    const subnet = { subnetId: 'subnet-1', availabilityZone: 'eu-west-1a', cidr: '10.0.1.0/24', routeTableId: 'rtb-1' };
    const app = testApp({
      context: {
        [key]: {
          vpcId: 'vpc-1', vpcCidrBlock: '10.0.0.0/16', availabilityZones: [], subnetGroups: [{ name: 'A', type: 'Private', subnets: [subnet] }],
        },
      },
    });
    ec2.Vpc.fromLookup(new Stack(app, 'Stack', { env: ENV }), 'Vpc', { vpcId: 'vpc-1' });
    const { importedVpcs, importedSubnets } = readTree(app).imported;
    expect({ importedVpcs, importedSubnets }).toEqual({
      importedVpcs: { 'vpc-1': { cidr: '10.0.0.0/16' } },
      importedSubnets: { 'subnet-1': { cidr: '10.0.1.0/24', zone: 'eu-west-1a', vpcId: 'vpc-1' } },
    });
  });

  test('a VPC that is not looked up yet tells nothing: its subnets are made up', () => {
    const app = testApp();
    ec2.Vpc.fromLookup(new Stack(app, 'Stack', { env: ENV }), 'Vpc', { vpcId: 'vpc-2' });
    const { importedVpcs, importedSubnets } = readTree(app).imported;
    expect({ importedVpcs, importedSubnets }).toEqual({ importedVpcs: {}, importedSubnets: {} });
  });

  test('what an import does not tell is not known, and what is no literal is left out', () => {
    const app = testApp();
    const stack = new Stack(app, 'Stack');
    ec2.Subnet.fromSubnetId(stack, 'Known', 'subnet-1');
    ec2.Subnet.fromSubnetId(stack, 'Open', Fn.importValue('subnet'));
    new ec2.Vpc(stack, 'Own');
    const { importedVpcs, importedSubnets } = readTree(app).imported;
    expect({ importedVpcs, importedSubnets }).toEqual({ importedVpcs: {}, importedSubnets: { 'subnet-1': {} } });
  });
});
