import { CfnOutput, CfnResource, Fn, Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { TREE_REFERENCE } from '../../src/analysis/templates';
import { readTree } from '../../src/checks/tree-source';
import { testApp } from '../app';

const ENV = { account: '111111111111', region: 'eu-west-1' };

function resource(scope: Stack, id: string, properties: Record<string, unknown> = {}): CfnResource {
  return new CfnResource(scope, id, { type: 'Test::Resource', properties });
}

test('a reference into another stack keeps its target, alone and in a text', () => {
  const app = testApp();
  const target = resource(new Stack(app, 'Net'), 'Target');
  const stack = new Stack(app, 'Svc');
  resource(stack, 'User', { ref: target.ref, att: target.getAtt('Arn'), text: `a-${target.ref}-b-${stack.region}` });
  const { templates } = readTree(app);
  expect(templates[1].body).toMatchObject({
    Resources: {
      User: {
        Properties: {
          ref: { [TREE_REFERENCE]: ['Net.template.json', 'Target', 'Ref'] },
          att: { [TREE_REFERENCE]: ['Net.template.json', 'Target', 'Arn'] },
          text: { 'Fn::Join': ['', ['a-', { [TREE_REFERENCE]: ['Net.template.json', 'Target', 'Ref'] }, '-b-', { Ref: 'AWS::Region' }]] },
        },
      },
    },
  });
});

test('texts are put together as in templates', () => {
  const app = testApp();
  const stack = new Stack(app, 'Stack');
  const other = resource(stack, 'Other');
  resource(stack, 'User', { joined: `a${Fn.join('', ['b', other.ref])}c`, one: Fn.select(0, Fn.split(',', other.ref)), twice: `${other.ref}${other.ref}` });
  const { Resources } = readTree(app).templates[0].body as { readonly Resources: object };
  expect(Resources).toEqual(app.synth().getStackByName('Stack').template.Resources);
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
