"""What an example's stacks stored, by the names that its constructs have."""
import base64
import functools
import ipaddress

from api import REGION, call


class Stored:
    def __init__(self, *stacks):
        self.resources = [resource for stack in stacks for resource in resources_of(stack)]
        self.events = [event for stack in stacks for event in reversed(call('cloudformation', 'DescribeStackEvents', {'StackName': stack})['StackEvents'])]

    def ids(self, kind, start=''):
        """Physical ids of a type, such as ECS::Service, whose logical ids start like that."""
        return [entry['PhysicalResourceId'] for entry in self.resources
                if entry['ResourceType'].removeprefix('AWS::') == kind and entry['LogicalResourceId'].startswith(start)]

    def id(self, kind, start=''):
        found = self.ids(kind, start)
        assert len(found) == 1, f'one {kind} {start}* is asked for, there are {len(found)}'
        return found[0]

    def names(self, kind):
        return [entry['LogicalResourceId'] for entry in self.resources if entry['ResourceType'] == f'AWS::{kind}']

    def output(self, stack, start):
        outputs = call('cloudformation', 'DescribeStacks', {'StackName': stack})['Stacks'][0]['Outputs']
        return next(entry['OutputValue'] for entry in outputs if entry['OutputKey'].startswith(start))

    def made_before(self, first, then):
        """Whether the one was complete before the other was begun, by the starts of their logical ids."""
        done = next(index for index, event in enumerate(self.events) if _is(event, first, 'CREATE_COMPLETE'))
        begun = next(index for index, event in enumerate(self.events) if _is(event, then, 'CREATE_IN_PROGRESS'))
        return done < begun

    # ECS

    def service(self, start):
        found = call('ecs', 'DescribeServices', {'cluster': self.id('ECS::Cluster'), 'services': [self.id('ECS::Service', start)]})
        return found['services'][0]

    def task_definition(self, start):
        return call('ecs', 'DescribeTaskDefinition', {'taskDefinition': self.service(start)['taskDefinition']})['taskDefinition']

    def mode(self, start):
        return self.task_definition(start)['networkMode']

    def ports(self, start):
        """Container and host port of each mapping. Without a host port awsvpc and host take the container's."""
        containers = self.task_definition(start)['containerDefinitions']
        return [(port['containerPort'], port.get('hostPort')) for container in containers for port in container['portMappings']]

    def provider(self, start=''):
        return call('ecs', 'DescribeCapacityProviders', {'capacityProviders': [self.id('ECS::CapacityProvider', start)]})['capacityProviders'][0]

    def strategy(self, start):
        return [(entry['capacityProvider'], entry.get('base', 0), entry.get('weight', 0)) for entry in self.service(start).get('capacityProviderStrategy', [])]

    def percents(self, start):
        told = self.service(start)['deploymentConfiguration']
        return told['minimumHealthyPercent'], told['maximumPercent']

    def breaker(self, start):
        told = self.service(start)['deploymentConfiguration']['deploymentCircuitBreaker']
        return told['enable'], told['rollback']

    def service_groups(self, start):
        return self.service(start)['networkConfiguration']['awsvpcConfiguration']['securityGroups']

    def service_subnets(self, start):
        return set(self.service(start)['networkConfiguration']['awsvpcConfiguration']['subnets'])

    def interfaces(self, start):
        owner = f'task of {self.id("ECS::Service", start)}'
        every = call('ec2', 'DescribeNetworkInterfaces', {})['NetworkInterfaces']
        return [interface for interface in every if interface['Description'] == owner]

    def addresses(self, start, ipv6=False):
        if ipv6:
            return [entry['Ipv6Address'] for interface in self.interfaces(start) for entry in interface['Ipv6Addresses']]
        return [entry['PrivateIpAddress'] for interface in self.interfaces(start) for entry in interface['PrivateIpAddresses']]

    def public_addresses(self, start):
        return self.service(start)['networkConfiguration']['awsvpcConfiguration']['assignPublicIp']

    def service_connect(self, start):
        return self.service(start)['deployments'][0]['serviceConnectConfiguration']

    def users(self, start):
        return [container.get('user') for container in self.task_definition(start)['containerDefinitions']]

    def images(self, start):
        return [container['image'] for container in self.task_definition(start)['containerDefinitions']]

    def secrets(self, start):
        return {entry['name']: entry['valueFrom'] for entry in self.task_definition(start)['containerDefinitions'][0].get('secrets', [])}

    def log_retentions(self, start):
        groups = [container['logConfiguration']['options']['awslogs-group'] for container in self.task_definition(start)['containerDefinitions']]
        return {call('logs', 'DescribeLogGroups', {'logGroupNamePrefix': group})['logGroups'][0].get('retentionInDays') for group in groups}

    def role_setting(self, role_arn, name):
        """What a principal has set of the account settings."""
        return [entry['value'] for entry in call('ecs', 'ListAccountSettings', {'principalArn': role_arn, 'name': name})['settings']]

    # Scaling of tasks

    def task_counts(self):
        resource = self.id('ApplicationAutoScaling::ScalableTarget').split('|')[0]
        found = call('application-autoscaling', 'DescribeScalableTargets', {'ServiceNamespace': 'ecs', 'ResourceIds': [resource]})['ScalableTargets'][0]
        return found['MinCapacity'], found['MaxCapacity']

    def scaled_by(self):
        resource = self.id('ApplicationAutoScaling::ScalableTarget').split('|')[0]
        found = call('application-autoscaling', 'DescribeScalingPolicies', {'ServiceNamespace': 'ecs', 'ResourceId': resource})['ScalingPolicies']
        told = [policy['TargetTrackingScalingPolicyConfiguration'] for policy in found]
        return {entry['PredefinedMetricSpecification']['PredefinedMetricType']: entry['TargetValue'] for entry in told}

    # Networks

    def group(self, start):
        return self.id('EC2::SecurityGroup', start)

    def ingress(self, group):
        return self._rules(group, False)

    def egress(self, group):
        return self._rules(group, True)

    def _rules(self, group, outwards):
        rules = call('ec2', 'DescribeSecurityGroupRules', {'Filters': [{'Name': 'group-id', 'Values': [group]}]})['SecurityGroupRules']
        return {_rule(rule) for rule in rules if rule['IsEgress'] == outwards}

    def subnets(self, start):
        found = call('ec2', 'DescribeSubnets', {'SubnetIds': self.ids('EC2::Subnet', start)})['Subnets']
        return sorted(found, key=lambda subnet: subnet['AvailabilityZone'])

    def vpc(self):
        return call('ec2', 'DescribeVpcs', {'VpcIds': [self.id('EC2::VPC')]})['Vpcs'][0]

    def routes(self, subnet):
        """Where a subnet's packets go, but for those that stay in the VPC: what kind of gateway for which destination."""
        tables = call('ec2', 'DescribeRouteTables', {'Filters': [{'Name': 'association.subnet-id', 'Values': [subnet]}]})['RouteTables']
        routes = [route for table in tables for route in table['Routes'] if route.get('GatewayId') != 'local']
        return {(route.get('DestinationCidrBlock') or route.get('DestinationIpv6CidrBlock'), _gateway(route)) for route in routes}

    def route_tables(self, subnet):
        filters = [{'Name': 'association.subnet-id', 'Values': [subnet['SubnetId']]}]
        return [table['RouteTableId'] for table in call('ec2', 'DescribeRouteTables', {'Filters': filters})['RouteTables']]

    def _endpoints(self):
        return call('ec2', 'DescribeVpcEndpoints', {'VpcEndpointIds': self.ids('EC2::VPCEndpoint')})['VpcEndpoints']

    def endpoints(self, kind):
        """The services of a VPC's endpoints, without what all names start with."""
        return {endpoint['ServiceName'].removeprefix(f'com.amazonaws.{REGION}.') for endpoint in self._endpoints() if endpoint['VpcEndpointType'] == kind}

    def endpoint_groups(self):
        return [[group['GroupId'] for group in endpoint['Groups']] for endpoint in self._endpoints() if endpoint['VpcEndpointType'] == 'Interface']

    # Instances

    def instance_role_arn(self):
        profile = self.launch_template()['IamInstanceProfile']['Arn'].split('/')[-1]
        return call('iam', 'GetInstanceProfile', {'InstanceProfileName': profile})['InstanceProfile']['Roles'][0]['Arn']

    def launch_template(self, start=''):
        found = call('ec2', 'DescribeLaunchTemplateVersions', {'LaunchTemplateId': self.id('EC2::LaunchTemplate', start), 'Versions': ['$Latest']})
        return found['LaunchTemplateVersions'][0]['LaunchTemplateData']

    def user_data(self, start=''):
        return base64.b64decode(self.launch_template(start)['UserData']).decode()

    def scaling_group(self, start=''):
        named = {'AutoScalingGroupNames': [self.id('AutoScaling::AutoScalingGroup', start)]}
        return call('autoscaling', 'DescribeAutoScalingGroups', named)['AutoScalingGroups'][0]

    def instance_counts(self, start=''):
        group = self.scaling_group(start)
        return group['MinSize'], group['MaxSize']

    # Load balancers and discovery

    def load_balancer(self):
        return call('elbv2', 'DescribeLoadBalancers', {'LoadBalancerArns': [self.id('ElasticLoadBalancingV2::LoadBalancer')]})['LoadBalancers'][0]

    def target_group(self):
        return call('elbv2', 'DescribeTargetGroups', {'TargetGroupArns': [self.id('ElasticLoadBalancingV2::TargetGroup')]})['TargetGroups'][0]

    def target_group_attributes(self):
        told = call('elbv2', 'DescribeTargetGroupAttributes', {'TargetGroupArn': self.id('ElasticLoadBalancingV2::TargetGroup')})
        return {entry['Key']: entry['Value'] for entry in told['Attributes']}

    def load_balancer_attributes(self):
        told = call('elbv2', 'DescribeLoadBalancerAttributes', {'LoadBalancerArn': self.id('ElasticLoadBalancingV2::LoadBalancer')})
        return {entry['Key']: entry['Value'] for entry in told['Attributes']}

    def load_balanced(self, start):
        """Which target groups the service registers in, with which port of its containers."""
        return [(entry['targetGroupArn'], entry['containerPort']) for entry in self.service(start)['loadBalancers']]

    def forwards_to(self):
        listener = call('elbv2', 'DescribeListeners', {'ListenerArns': [self.id('ElasticLoadBalancingV2::Listener')]})['Listeners'][0]
        return listener['Port'], listener['DefaultActions'][0]['TargetGroupArn']

    def registry(self, start):
        """Name and record types under which the service's tasks are found, with the port, if records tell one."""
        entry = self.service(start)['serviceRegistries'][0]
        found = call('servicediscovery', 'GetService', {'Id': entry['registryArn'].split('/')[-1]})['Service']
        namespace = call('servicediscovery', 'GetNamespace', {'Id': found['NamespaceId']})['Namespace']
        records = sorted((record['Type'], record['TTL']) for record in found['DnsConfig']['DnsRecords'])
        return f'{found["Name"]}.{namespace["Name"]}', records, entry.get('containerPort')


def resources_of(stack):
    return call('cloudformation', 'DescribeStackResources', {'StackName': stack})['StackResources']


@functools.cache
def parameter(name):
    return call('ssm', 'GetParameter', {'Name': name})['Parameter']['Value']


def within(addresses, block):
    """Whether there are some, all inside the block."""
    return bool(addresses) and all(ipaddress.ip_address(address) in ipaddress.ip_network(block) for address in addresses)


def _is(event, start, status):
    return event['LogicalResourceId'].startswith(start) and event['ResourceStatus'] == status


def _rule(rule):
    peer = rule.get('CidrIpv4') or rule.get('CidrIpv6') or rule['ReferencedGroupInfo']['GroupId']
    # EC2 stores all ports of all protocols as -1.
    return peer, rule['IpProtocol'], rule.get('FromPort', -1), rule.get('ToPort', -1)


def _gateway(route):
    if route.get('GatewayId', '').startswith('vpce-'):
        return 'endpoint'
    kinds = {'NatGatewayId': 'nat', 'EgressOnlyInternetGatewayId': 'egress-only', 'GatewayId': 'internet', 'VpcPeeringConnectionId': 'peering'}
    return next((kind for key, kind in kinds.items() if route.get(key)), 'other')
