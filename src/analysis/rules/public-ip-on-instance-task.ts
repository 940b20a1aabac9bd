import type { Launch, Service } from '../facts';
import { listed } from '../listed';
import { type Judgement, notDecidable, problem, type Rule } from '../rule';
import { union } from '../value';
import { isModeSound } from './mode-faults';

const WHERE: Readonly<Partial<Record<Launch['kind'], string>>> = { 'ec2': 'instances', 'managed-instances': 'Managed Instances' };

const api = (LaunchType: string) => ({
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Tasks: { Type: 'AWS::ECS::TaskDefinition', Properties: { NetworkMode: 'awsvpc', ContainerDefinitions: [{ Name: 'app', Image: 'app' }] } },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      TaskDefinition: { Ref: 'Tasks' },
      LaunchType,
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'], AssignPublicIp: 'ENABLED' } },
    },
  },
});

export const publicIpOnInstanceTask: Rule = {
  id: 'public-ip-on-instance-task',
  family: 'coherence',
  summary: 'Only tasks on Fargate ask for a public address',
  why: 'ECS refuses the service: an awsvpc task on an instance has an interface without a public address, in a public subnet, too.',
  fix: 'Leave out assignPublicIp (AssignPublicIp DISABLED), and give the tasks subnets with a route to a NAT gateway, or VPC endpoints. Or run them on Fargate.',
  acknowledge: 'Never: what has this problem does not deploy.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html [M14], '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instances-awsvpc-mode.html [M07]',
  bad: api('EC2'),
  good: api('FARGATE'),
  *judge({ services }) {
    for (const service of services) {
      const judgement = isModeSound(service) ? judged(service) : undefined;
      if (judgement) {
        yield judgement;
      }
    }
  },
};

function judged(subject: Service): Judgement | undefined {
  const { launch, awsvpc, name } = subject;
  if (!awsvpc || (awsvpc.assignPublicIp.known && !awsvpc.assignPublicIp.value)) {
    return undefined;
  }
  const where = launch.known ? WHERE[launch.value.kind] : undefined;
  if (launch.known && where === undefined) {
    return undefined;
  }
  if (!awsvpc.assignPublicIp.known) {
    return notDecidable(subject, awsvpc.assignPublicIp.why);
  }
  return launch.known
    ? problem({
      subject,
      severity: 'error',
      message: `service ${name} runs on ${where} and asks for a public address; only Fargate tasks can have one`,
      fix: `AssignPublicIp DISABLED in ${listed(awsvpc.owners)}, and subnets with a route to a NAT gateway or VPC endpoints`,
      assumes: union(awsvpc.assignPublicIp.assumes, launch.assumes),
    })
    : notDecidable(subject, launch.why);
}
