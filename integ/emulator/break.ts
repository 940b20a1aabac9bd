/**
 * Breaks examples on purpose, by changing what was synthesised, and shows that a query notices: `npm run deploy:emulator:broken`. A
 * breakage that every assertion lets pass, or that the emulator refuses with other words, fails.
 */
import { join } from 'node:path';
import { changedAssembly, type Template } from './changed-assembly';
import { Emulator } from './emulator';

interface Breakage {
  readonly what: string;
  readonly example: string;
  readonly stack: string;
  readonly change: (template: Template) => void;
  /** The assertion that must fail, or what the emulator must say where it does not even deploy. */
  readonly noticedBy: string;
}

const BREAKAGES: readonly Breakage[] = [
  {
    what: 'targets by instance for tasks with addresses of their own',
    example: 'awsvpc-fargate',
    stack: 'AwsvpcFargate',
    change: (template) => properties(template, 'AWS::ElasticLoadBalancingV2::TargetGroup').forEach((group) => { group.TargetType = 'instance'; }),
    noticedBy: 'NOT  awsvpc-fargate: targets are addresses',
  },
  {
    what: 'no rule from the web to the API',
    example: 'awsvpc-fargate',
    stack: 'AwsvpcFargate',
    change: (template) => remove(template, 'AWS::EC2::SecurityGroupIngress', /^ApiSecurityGroupfrom/),
    noticedBy: 'NOT  awsvpc-fargate: Web → Api is a path, and no other leads there',
  },
  {
    what: 'a rule for one port where there is a range',
    example: 'bridge-web',
    stack: 'BridgeWeb',
    change: (template) => properties(template, 'AWS::EC2::SecurityGroupIngress').forEach((rule) => { rule.ToPort = rule.FromPort; }),
    noticedBy: 'NOT  bridge-web: the instances let in the load balancer on these ports, and nobody else',
  },
  {
    what: 'subnets for tasks of another size',
    example: 'secondary-cidr',
    stack: 'SecondaryCidr',
    change: (template) => properties(template, 'AWS::EC2::Subnet', /^Tasks/).forEach((subnet) => { subnet.CidrBlock = String(subnet.CidrBlock).replace('/19', '/20'); }),
    noticedBy: 'NOT  secondary-cidr: tasks are in a /19 of the second',
  },
  {
    what: 'subnets for tasks outside the blocks of the VPC',
    example: 'secondary-cidr',
    stack: 'SecondaryCidr',
    change: (template) => properties(template, 'AWS::EC2::Subnet', /^Tasks/).forEach((subnet) => { subnet.CidrBlock = String(subnet.CidrBlock).replace('100.64.', '100.65.'); }),
    noticedBy: 'InvalidSubnet.Range',
  },
  {
    what: 'no account setting for trunking',
    example: 'trunking',
    stack: 'Trunking',
    change: (template) => properties(template, 'Custom::AWS').forEach((call) => { call.Create = '{}'; }),
    noticedBy: 'NOT  trunking: trunking is on for the role of the instances',
  },
  {
    what: 'instances that do not wait for the account setting',
    example: 'trunking',
    stack: 'Trunking',
    change: (template) => {
      for (const resource of Object.values(template.Resources) as { Type: string; DependsOn?: string[] }[]) {
        if (resource.Type === 'AWS::AutoScaling::AutoScalingGroup') resource.DependsOn = resource.DependsOn!.filter((name) => !name.includes('EniTrunking'));
        if (resource.Type === 'Custom::AWS') resource.DependsOn = [...resource.DependsOn!, only(template, 'AWS::AutoScaling::AutoScalingGroup')];
      }
    },
    noticedBy: 'NOT  trunking: … before the first instance is launched',
  },
  {
    what: 'a way in for IPv6 where there must only be a way out',
    example: 'dual-stack',
    stack: 'DualStack',
    change: (template) => properties(template, 'AWS::EC2::Route', /^VpcPrivate/).filter((route) => route.EgressOnlyInternetGatewayId).forEach((route) => {
      delete route.EgressOnlyInternetGatewayId;
      route.GatewayId = { Ref: only(template, 'AWS::EC2::InternetGateway') };
    }),
    noticedBy: 'NOT  dual-stack: private subnets get out by IPv6 through the egress-only gateway',
  },
  {
    what: 'a service that does not wait for its capacity provider',
    example: 'bridge-web',
    stack: 'BridgeWeb',
    change: (template) => {
      const association = only(template, 'AWS::ECS::ClusterCapacityProviderAssociations');
      const waiting = Object.values(template.Resources) as { Type: string; DependsOn?: string[] }[];
      for (const resource of waiting) resource.DependsOn = resource.DependsOn?.filter((name) => name !== association);
      (template.Resources[association] as { DependsOn?: string[] }).DependsOn = [only(template, 'AWS::ECS::Service')];
    },
    noticedBy: 'not associated with the cluster',
  },
];

const EXAMPLES = join(__dirname, '..', '..', 'examples');

async function main() {
  const emulator = await Emulator.start();
  try {
    emulator.cdk('bootstrap', 'aws://123456789012/us-east-1');
    const assembly = join(emulator.folder, 'assembly');
    emulator.cdk('synth', '--quiet', '--app', `${process.execPath} --import tsx --conditions=source ${join(EXAMPLES, 'all.ts')}`, '--output', assembly);
    const unnoticed = BREAKAGES.filter((breakage, index) => !isNoticed(emulator, breakage, assembly, join(emulator.folder, `broken-${index}`)));
    if (unnoticed.length) throw new Error(`${unnoticed.length} of ${BREAKAGES.length} breakages went unnoticed`);
  } finally {
    emulator.stop();
  }
}

function isNoticed(emulator: Emulator, breakage: Breakage, assembly: string, folder: string): boolean {
  changedAssembly(assembly, folder, (template, stack) => {
    const before = JSON.stringify(template);
    if (stack !== breakage.stack) return;
    breakage.change(template);
    if (JSON.stringify(template) === before) throw new Error(`'${breakage.what}' changes nothing`);
  });
  const said = deployAndQuery(emulator, breakage, folder);
  emulator.cdk('destroy', breakage.stack, '--force', '--app', folder);
  const noticed = said.includes(breakage.noticedBy);
  process.stdout.write(`${noticed ? 'ok   noticed:' : 'NOT  noticed:'} ${breakage.example} with ${breakage.what}\n`);
  if (!noticed) process.stdout.write(`     '${breakage.noticedBy}' is wanted of\n${said}\n`);
  return noticed;
}

function deployAndQuery(emulator: Emulator, breakage: Breakage, folder: string): string {
  try {
    emulator.cdk('deploy', breakage.stack, '--app', folder, '--require-approval', 'never');
  } catch (error) {
    return (error as Error).message;
  }
  return emulator.answersOf('promises', breakage.example);
}

function entries(template: Template, type: string, name: RegExp) {
  return Object.entries(template.Resources).filter(([id, resource]) => resource.Type === type && name.test(id));
}

function properties(template: Template, type: string, name = /^/): Record<string, unknown>[] {
  return entries(template, type, name).map(([, resource]) => resource.Properties!);
}

function remove(template: Template, type: string, name: RegExp) {
  const ids = entries(template, type, name).map(([id]) => id);
  for (const id of ids) delete template.Resources[id];
  for (const resource of Object.values(template.Resources) as { DependsOn?: string[] }[]) {
    resource.DependsOn = resource.DependsOn?.filter((id) => !ids.includes(id));
  }
}

/** The logical id of the one resource of a type. */
function only(template: Template, type: string): string {
  const found = entries(template, type, /^/);
  if (found.length !== 1) throw new Error(`one ${type} is asked for, there are ${found.length}`);
  return found[0][0];
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
