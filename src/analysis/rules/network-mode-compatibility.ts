import { notDecidable, problem, type Rule } from '../rule';
import { faultOfService, faultOfTaskDefinition, isFault } from './mode-faults';

const taskDefinition = (NetworkMode: string) => ({
  Type: 'AWS::ECS::TaskDefinition', Properties: { NetworkMode, ContainerDefinitions: [{ Name: 'app', Image: 'app' }] },
});
const API = {
  Type: 'AWS::ECS::Service', Properties: { Cluster: { Ref: 'Cluster' }, LaunchType: 'FARGATE', TaskDefinition: { Ref: 'Tasks' } },
};

export const networkModeCompatibility: Rule = {
  id: 'network-mode-compatibility',
  family: 'coherence',
  summary: 'The network mode is one that the launch type, the operating system and the rest of the service take',
  why: 'ECS refuses the task definition or the service, so the deployment fails and rolls back.',
  fix: 'Choose NetworkMode by where the tasks run: awsvpc for Fargate, awsvpc or host for Managed Instances, any but default for Linux instances, '
    + 'awsvpc or default for Windows, bridge, host or none for external instances. AwsvpcService, BridgeService and HostModeService set it by capacity.',
  acknowledge: 'Where the task definition in the template is replaced before the service uses it, for instance by a deployment tool.',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#network_mode [M04, M05, M06, S03]',
  bad: { Cluster: { Type: 'AWS::ECS::Cluster' }, Tasks: taskDefinition('bridge'), Api: API },
  good: { Cluster: { Type: 'AWS::ECS::Cluster' }, Tasks: taskDefinition('awsvpc'), Api: API },
  *judge({ services, taskDefinitions }) {
    for (const subject of services) {
      const fault = faultOfService(subject);
      if (isFault(fault)) {
        yield problem({ subject, ...fault });
      } else if (fault) {
        yield notDecidable(subject, fault.why);
      }
    }
    // A fault of a task definition is one of each service that runs it; where one of these speaks, it has been said.
    for (const subject of taskDefinitions) {
      const fault = faultOfTaskDefinition(subject);
      if (isFault(fault)) {
        if (!subject.services.some((service) => isFault(faultOfService(service)))) {
          yield problem({ subject, ...fault });
        }
      } else if (fault && subject.services.length === 0) {
        yield notDecidable(subject, fault.why);
      }
    }
  },
};
