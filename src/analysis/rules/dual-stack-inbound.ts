import { AccountSettings, Service, Subnet, ToMany } from '../facts';
import { Guard, guardsOf } from '../guards';
import { portsText } from '../host-ports';
import { routesToInternetGateway } from '../internet';
import { EVERYBODY_ON_IPV6, overIpv6Alone } from '../ipv6-alone';
import { admitsSome } from '../reachability';
import { Judgement, notDecidable, problem, Rule } from '../rule';
import { known } from '../value';

const fragment = (target: object) => ({
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
  Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: '2001:db8::/64' } },
  Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: { Ref: 'Vpc' } } },
  Association: { Type: 'AWS::EC2::SubnetRouteTableAssociation', Properties: { SubnetId: { Ref: 'Subnet' }, RouteTableId: { Ref: 'Table' } } },
  Gateway: { Type: 'AWS::EC2::InternetGateway' },
  Route: { Type: 'AWS::EC2::Route', Properties: { RouteTableId: { Ref: 'Table' }, DestinationIpv6CidrBlock: '::/0', ...target } },
  Group: {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: { GroupDescription: 'Tasks', VpcId: { Ref: 'Vpc' }, SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, CidrIpv6: '::/0' }] },
  },
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Tasks: {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { NetworkMode: 'awsvpc', Cpu: '256', Memory: '512', ContainerDefinitions: [{ Name: 'app', Image: 'nginx', PortMappings: [{ ContainerPort: 8080 }] }] },
  },
  Api: {
    Type: 'AWS::ECS::Service',
    Properties: {
      Cluster: { Ref: 'Cluster' },
      LaunchType: 'FARGATE',
      TaskDefinition: { Ref: 'Tasks' },
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [{ Ref: 'Subnet' }], SecurityGroups: [{ 'Fn::GetAtt': ['Group', 'GroupId'] }] } },
    },
  },
});

export const dualStackInbound: Rule = {
  id: 'dual-stack-inbound',
  family: 'ipv6',
  summary: 'A task without a public IPv4 address is reached from the internet over IPv6.',
  why: 'IPv6 addresses are public. In a subnet that routes ::/0 to an internet gateway, a rule for ::/0 is all it takes: a task that was thought private is on the '
    + 'internet.',
  fix: 'Route ::/0 to an egress-only internet gateway, which lets nothing in (DualStack.enable does for private subnets), or take the load balancer\'s group as the '
    + 'source of the rule.',
  acknowledge: 'Where the tasks are meant to be reached over IPv6 directly.',
  source: 'https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html, '
    + 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html [I01, I02, M14]',
  bad: fragment({ GatewayId: { Ref: 'Gateway' } }),
  good: fragment({ EgressOnlyInternetGatewayId: 'eigw-1' }),
  *judge(facts) {
    for (const service of facts.services) {
      for (const guard of guardsOf(service).guards) {
        yield* judged(service, guard, facts.accountSettings);
      }
    }
  },
};

function* judged(service: Service, guard: Guard, settings: AccountSettings): Iterable<Judgement> {
  const { reached: [open], why } = overIpv6Alone(service, guard, settings);
  if (open) {
    const subnet = subnetOnInternet(guard.hostGroup?.subnets ?? service.awsvpc!.subnets);
    const groups = guard.groups.known ? guard.groups.value : [];
    const admitting = groups.filter((group) => admitsSome(known([group]), 'ingress', EVERYBODY_ON_IPV6, open) === 'yes');
    // Two halves of everybody may be of two groups.
    const names = (admitting.length > 0 ? admitting : groups).flatMap(({ target }) => target?.name ?? []).join(', ');
    yield problem({
      subject: service,
      severity: 'warning',
      message: `service ${service.name} has no public IPv4 but is reachable on ${open.protocol} ${portsText(open.ports)} from the internet over IPv6 `
        + `(subnet ${subnet} routes ::/0 to an internet gateway, group ${names} admits ::/0)`,
      fix: 'a route for ::/0 to an egress-only internet gateway; or the load balancer\'s group as the source in place of ::/0',
    });
  } else if (why !== undefined) {
    yield notDecidable(service, why);
  }
}

function subnetOnInternet(subnets: ToMany<Subnet>): string {
  const given = subnets.known ? subnets.value.flatMap(({ target }) => target ?? []) : [];
  return given.find((subnet) => routesToInternetGateway(subnet, 'ipv6') === 'yes')?.name ?? '';
}
