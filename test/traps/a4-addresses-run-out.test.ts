import { type App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { AwsvpcService, TaskSubnets } from '../../src';
import { testApp } from '../app';
import { CONTAINER, templateOf, testVpc } from '../fixtures';
import { found } from '../found';

const TASKS = 300;
/** EC2 keeps 5 addresses of every subnet: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const usable = (cidr: string) => 2 ** (32 - Number(cidr.split('/')[1])) - 5;

/** A VPC whose private subnets are as small as EC2 allows. */
function smallVpc() {
  const stack = new Stack(testApp(), 'Test');
  const vpc = testVpc(stack, {
    ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/24'),
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 28 },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 28 },
    ],
  });
  return { stack, vpc, cluster: new ecs.Cluster(stack, 'Cluster', { vpc }) };
}

/** What the service of a stack wants at most, and the addresses its subnets have for it. */
function demandAndSupply(stack: Stack) {
  const template = templateOf(stack);
  const [{ Properties: service }] = Object.values(template.findResources('AWS::ECS::Service'));
  const subnets = template.findResources('AWS::EC2::Subnet');
  const addresses = service.NetworkConfiguration.AwsvpcConfiguration.Subnets
    .map(({ Ref }: { Ref: string }) => usable(subnets[Ref].Properties.CidrBlock));
  return {
    steady: service.DesiredCount,
    deploying: service.DesiredCount * service.DeploymentConfiguration.MaximumPercent / 100,
    addresses,
    total: addresses.reduce((sum: number, one: number) => sum + one, 0),
    said: stack.node.findAll().flatMap(({ node }) => node.metadata).filter(({ type }) => /^aws:cdk:(error|warning|info)$/.test(type))
      .map(({ data }) => String(data)).filter((text) => /address|subnet/i.test(text)),
  };
}

test('A4: 300 tasks in two /28 subnets synthesise without a word, where 22 fit; on a secondary block they fit twice, with a zone lost too', () => {
  const plain = smallVpc();
  const taskDefinition = new ecs.FargateTaskDefinition(plain.stack, 'Task');
  taskDefinition.addContainer('web', CONTAINER);
  new ecs.FargateService(plain.stack, 'Web', {
    cluster: plain.cluster, taskDefinition, desiredCount: TASKS, minHealthyPercent: 100, maxHealthyPercent: 200,
  });
  expect(demandAndSupply(plain.stack)).toEqual({ steady: 300, deploying: 600, addresses: [11, 11], total: 22, said: [] });
  expect(found(plain.stack.node.root as App, 'subnet-ip-capacity')).toEqual([expect.stringMatching(
    /^error \w+: subnets \w+ and \w+ hold 22 addresses together; service \w+ takes 300 of them; 300 of 11 while deploying; 300 of 11 with one zone lost$/)]);

  const { stack, vpc, cluster } = smallVpc();
  const tasks = new TaskSubnets(stack, 'Tasks', { vpc, cidr: '100.64.0.0/16', subnetMask: 20 });
  new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, desiredCount: TASKS, vpcSubnets: tasks.selection });
  const { steady, deploying, addresses, total } = demandAndSupply(stack);
  expect({ steady, deploying, addresses, total }).toEqual({ steady: 300, deploying: 600, addresses: [4091, 4091], total: 8182 });
  expect(tasks.addressBudget).toEqual({
    subnetCount: 2,
    usableAddressesPerSubnet: 4091,
    usableAddresses: total,
    usableAddressesWithOneZoneLost: 4091,
    summary: 'Each /20 has 4,096 addresses, of which EC2 keeps 5: 2 × 4,091 = 8,182 for tasks, 4,091 with one zone lost',
  });
  expect(deploying).toBeLessThan(tasks.addressBudget.usableAddressesWithOneZoneLost);
  expect(found(stack.node.root as App, 'subnet-ip-capacity')).toEqual([]);
});

test('A4: the way out of the small subnets serves the tasks beside them, which leaves all their addresses to others', () => {
  const { stack, vpc, cluster } = smallVpc();
  const tasks = new TaskSubnets(stack, 'Tasks', { vpc, cidr: '100.64.0.0/16', subnetMask: 20 });
  new AwsvpcService(stack, 'Web', { cluster, container: CONTAINER, desiredCount: TASKS, vpcSubnets: tasks.selection });
  const tables = (subnets: ec2.ISubnet[]) => subnets.map(({ routeTable }) => routeTable.routeTableId);
  expect(tables(tasks.subnets)).toEqual(tables(vpc.privateSubnets));
  const [{ Properties }] = Object.values(templateOf(stack).findResources('AWS::ECS::Service'));
  const chosen = Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets;
  expect(chosen).toEqual(tasks.subnets.map(({ subnetId }) => stack.resolve(subnetId)));
  vpc.privateSubnets.forEach(({ subnetId }) => expect(chosen).not.toContainEqual(stack.resolve(subnetId)));
});
