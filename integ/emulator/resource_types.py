"""The CloudFormation types of our stacks and of `cdk bootstrap`: each is made, updated and deleted by calls to the emulator's own API.

The API takes the properties as they are, so a property that botocore's models do not know is refused. Where CloudFormation's names differ,
the type's function here says how. A type without `update` is replaced by every change.
"""
import json
import re
from dataclasses import dataclass, field
from typing import Callable

import api
from api import call

RESOURCE_TYPES: dict[str, 'ResourceType'] = {}


@dataclass
class Made:
    """What Ref and GetAtt give. An attribute that is only known later is a function."""

    id: str
    attributes: dict = field(default_factory=dict)


@dataclass
class ResourceType:
    create: Callable[[dict, str], Made]
    delete: Callable[[Made, dict], object]
    update: Callable[[Made, dict], Made] | None = None
    # Changing one of these replaces the resource although it has an update.
    immutable: tuple = ()

    def replaces(self, before, after):
        return any(before.get(name) != after.get(name) for name in self.immutable)


def resource_type(name, delete, update=None, immutable=()):
    def register(create):
        RESOURCE_TYPES[name] = ResourceType(create, delete, update, immutable)
        return create
    return register


def deleted_by(service, operation, parameter, **more):
    """Deleted by its id under that name."""
    return lambda made, properties: call(service, operation, {parameter: made.id, **more})


def nothing(made, properties):
    """Nothing to delete: it goes with what it belongs to."""


def without(properties, *names):
    return {name: value for name, value in properties.items() if name not in names}


def only(properties, *names):
    return {name: properties[name] for name in names if name in properties}


# --- EC2

def tagged(ec2_type, properties):
    """Tags as EC2's operations take them."""
    tags = properties.get('Tags', [])
    return {**without(properties, 'Tags'), **({'TagSpecifications': [{'ResourceType': ec2_type, 'Tags': tags}]} if tags else {})}


@resource_type('AWS::EC2::VPC', deleted_by('ec2', 'DeleteVpc', 'VpcId'))
def vpc(p, name):
    vpc_id = call('ec2', 'CreateVpc', tagged('vpc', without(p, 'EnableDnsHostnames', 'EnableDnsSupport')))['Vpc']['VpcId']
    for attribute in ('EnableDnsSupport', 'EnableDnsHostnames'):
        if attribute in p:
            call('ec2', 'ModifyVpcAttribute', {'VpcId': vpc_id, attribute: {'Value': p[attribute]}})
    return Made(vpc_id, {
        'VpcId': vpc_id,
        'CidrBlock': p['CidrBlock'],
        'Ipv6CidrBlocks': lambda: [entry['Ipv6CidrBlock'] for entry in describe_vpc(vpc_id)['Ipv6CidrBlockAssociationSet']],
        'DefaultSecurityGroup': lambda: default_group(vpc_id),
    })


def describe_vpc(vpc_id):
    return call('ec2', 'DescribeVpcs', {'VpcIds': [vpc_id]})['Vpcs'][0]


def default_group(vpc_id):
    filters = [{'Name': 'vpc-id', 'Values': [vpc_id]}, {'Name': 'group-name', 'Values': ['default']}]
    return call('ec2', 'DescribeSecurityGroups', {'Filters': filters})['SecurityGroups'][0]['GroupId']


@resource_type('AWS::EC2::VPCCidrBlock', deleted_by('ec2', 'DisassociateVpcCidrBlock', 'AssociationId'))
def vpc_cidr_block(p, name):
    answer = call('ec2', 'AssociateVpcCidrBlock', p)
    association = answer.get('CidrBlockAssociation') or answer['Ipv6CidrBlockAssociation']
    return Made(association['AssociationId'], {'Id': association['AssociationId']})


# CreateSubnet does not take them.
SUBNET_SWITCHES = ('MapPublicIpOnLaunch', 'AssignIpv6AddressOnCreation', 'EnableDns64')


@resource_type('AWS::EC2::Subnet', deleted_by('ec2', 'DeleteSubnet', 'SubnetId'))
def subnet(p, name):
    made = call('ec2', 'CreateSubnet', tagged('subnet', without(p, *SUBNET_SWITCHES)))['Subnet']
    for switch in SUBNET_SWITCHES:
        if switch in p:
            call('ec2', 'ModifySubnetAttribute', {'SubnetId': made['SubnetId'], switch: {'Value': p[switch]}})
    return Made(made['SubnetId'], {'SubnetId': made['SubnetId'], 'AvailabilityZone': made['AvailabilityZone'], 'VpcId': made['VpcId']})


@resource_type('AWS::EC2::InternetGateway', deleted_by('ec2', 'DeleteInternetGateway', 'InternetGatewayId'))
def internet_gateway(p, name):
    made = call('ec2', 'CreateInternetGateway', tagged('internet-gateway', p))['InternetGateway']
    return Made(made['InternetGatewayId'], {'InternetGatewayId': made['InternetGatewayId']})


@resource_type('AWS::EC2::VPCGatewayAttachment', lambda made, p: call('ec2', 'DetachInternetGateway', p))
def gateway_attachment(p, name):
    call('ec2', 'AttachInternetGateway', p)
    return Made(f'IGW|{p["VpcId"]}')


@resource_type('AWS::EC2::EgressOnlyInternetGateway', deleted_by('ec2', 'DeleteEgressOnlyInternetGateway', 'EgressOnlyInternetGatewayId'))
def egress_only_gateway(p, name):
    made = call('ec2', 'CreateEgressOnlyInternetGateway', tagged('egress-only-internet-gateway', p))['EgressOnlyInternetGateway']
    return Made(made['EgressOnlyInternetGatewayId'], {'Id': made['EgressOnlyInternetGatewayId']})


@resource_type('AWS::EC2::EIP', lambda made, p: call('ec2', 'ReleaseAddress', {'AllocationId': made.attributes['AllocationId']}))
def elastic_ip(p, name):
    made = call('ec2', 'AllocateAddress', tagged('elastic-ip', p))
    return Made(made['PublicIp'], only(made, 'AllocationId', 'PublicIp'))


@resource_type('AWS::EC2::NatGateway', deleted_by('ec2', 'DeleteNatGateway', 'NatGatewayId'))
def nat_gateway(p, name):
    made = call('ec2', 'CreateNatGateway', tagged('natgateway', p))['NatGateway']
    return Made(made['NatGatewayId'], {'NatGatewayId': made['NatGatewayId']})


@resource_type('AWS::EC2::RouteTable', deleted_by('ec2', 'DeleteRouteTable', 'RouteTableId'))
def route_table(p, name):
    made = call('ec2', 'CreateRouteTable', tagged('route-table', p))['RouteTable']
    return Made(made['RouteTableId'], {'RouteTableId': made['RouteTableId']})


@resource_type('AWS::EC2::SubnetRouteTableAssociation', deleted_by('ec2', 'DisassociateRouteTable', 'AssociationId'))
def route_table_association(p, name):
    association = call('ec2', 'AssociateRouteTable', p)['AssociationId']
    return Made(association, {'Id': association})


def delete_route(made, p):
    call('ec2', 'DeleteRoute', only(p, 'RouteTableId', 'DestinationCidrBlock', 'DestinationIpv6CidrBlock'))


@resource_type('AWS::EC2::Route', delete_route)
def route(p, name):
    call('ec2', 'CreateRoute', p)
    return Made(f'{p["RouteTableId"]}|{p.get("DestinationCidrBlock") or p["DestinationIpv6CidrBlock"]}')


# The rules to everywhere that EC2 gives a new group, by group. CloudFormation takes them away as soon as the template has one of its own.
default_egress_rules = {}


@resource_type('AWS::EC2::SecurityGroup', deleted_by('ec2', 'DeleteSecurityGroup', 'GroupId'))
def security_group(p, name):
    named = {'GroupName': p.get('GroupName', name), 'Description': p['GroupDescription'], **only(p, 'VpcId', 'Tags')}
    group = call('ec2', 'CreateSecurityGroup', tagged('security-group', named))['GroupId']
    default_egress_rules[group] = [rule['SecurityGroupRuleId'] for rule in egress_rules_of(group)]
    for rule in p.get('SecurityGroupIngress', []):
        call('ec2', 'AuthorizeSecurityGroupIngress', {'GroupId': group, 'IpPermissions': [permission(rule)]})
    if p.get('SecurityGroupEgress'):
        revoke_egress(group, default_egress_rules.pop(group))
    for rule in p.get('SecurityGroupEgress', []):
        call('ec2', 'AuthorizeSecurityGroupEgress', {'GroupId': group, 'IpPermissions': [permission(rule)]})
    return Made(group, {'GroupId': group, 'VpcId': p['VpcId']})


@resource_type('AWS::EC2::SecurityGroupIngress', lambda made, p: revoke_rule('RevokeSecurityGroupIngress', made, p))
def ingress_rule(p, name):
    answer = call('ec2', 'AuthorizeSecurityGroupIngress', {'GroupId': p['GroupId'], 'IpPermissions': [permission(p)]})
    return Made(answer['SecurityGroupRules'][0]['SecurityGroupRuleId'])


@resource_type('AWS::EC2::SecurityGroupEgress', lambda made, p: revoke_rule('RevokeSecurityGroupEgress', made, p))
def egress_rule(p, name):
    # A rule like the one for IPv4 goes as well, whoever wrote it (fact V28): https://github.com/aws/aws-cdk/issues/987
    alike = [rule['SecurityGroupRuleId'] for rule in egress_rules_of(p['GroupId']) if rule['IpProtocol'] == '-1' and rule.get('CidrIpv4') == '0.0.0.0/0']
    revoke_egress(p['GroupId'], {*default_egress_rules.pop(p['GroupId'], []), *alike})
    answer = call('ec2', 'AuthorizeSecurityGroupEgress', {'GroupId': p['GroupId'], 'IpPermissions': [permission(p)]})
    return Made(answer['SecurityGroupRules'][0]['SecurityGroupRuleId'])


def egress_rules_of(group):
    rules = call('ec2', 'DescribeSecurityGroupRules', {'Filters': [{'Name': 'group-id', 'Values': [group]}]})['SecurityGroupRules']
    return [rule for rule in rules if rule['IsEgress']]


def revoke_egress(group, rules):
    if rules:
        call('ec2', 'RevokeSecurityGroupEgress', {'GroupId': group, 'SecurityGroupRuleIds': list(rules)})


def revoke_rule(operation, made, p):
    call('ec2', operation, {'GroupId': p['GroupId'], 'SecurityGroupRuleIds': [made.id]})


def permission(p):
    """A rule in the form that EC2's operations take."""
    described = only(p, 'Description')
    peers = {
        'IpRanges': [{**only(p, 'CidrIp'), **described}] if 'CidrIp' in p else [],
        'Ipv6Ranges': [{**only(p, 'CidrIpv6'), **described}] if 'CidrIpv6' in p else [],
        'UserIdGroupPairs': [{'GroupId': p[key], **described} for key in ('SourceSecurityGroupId', 'DestinationSecurityGroupId') if key in p],
    }
    return {**only(p, 'IpProtocol', 'FromPort', 'ToPort'), **{key: value for key, value in peers.items() if value}}


@resource_type('AWS::EC2::LaunchTemplate', deleted_by('ec2', 'DeleteLaunchTemplate', 'LaunchTemplateId'))
def launch_template(p, name):
    made = call('ec2', 'CreateLaunchTemplate', {'LaunchTemplateName': name, **p})['LaunchTemplate']
    return Made(made['LaunchTemplateId'], {
        'LaunchTemplateId': made['LaunchTemplateId'],
        'LatestVersionNumber': str(made['LatestVersionNumber']),
        'DefaultVersionNumber': str(made['DefaultVersionNumber']),
    })


@resource_type('AWS::EC2::VPCEndpoint', lambda made, p: call('ec2', 'DeleteVpcEndpoints', {'VpcEndpointIds': [made.id]}))
def vpc_endpoint(p, name):
    made = call('ec2', 'CreateVpcEndpoint', p)['VpcEndpoint']
    return Made(made['VpcEndpointId'], {'Id': made['VpcEndpointId']})


# --- Auto Scaling

@resource_type('AWS::AutoScaling::AutoScalingGroup', deleted_by('autoscaling', 'DeleteAutoScalingGroup', 'AutoScalingGroupName', ForceDelete=True))
def auto_scaling_group(p, name):
    # CloudFormation calls for as many instances as there must be at least.
    sizes = {'DesiredCapacity': p.get('DesiredCapacity', p['MinSize'])}
    subnets = ','.join(p['VPCZoneIdentifier'])
    call('autoscaling', 'CreateAutoScalingGroup', {'AutoScalingGroupName': name, **p, **sizes, 'VPCZoneIdentifier': subnets})
    return Made(name)


def delete_scalable_target(made, p):
    call('application-autoscaling', 'DeregisterScalableTarget', only(p, 'ResourceId', 'ScalableDimension', 'ServiceNamespace'))


@resource_type('AWS::ApplicationAutoScaling::ScalableTarget', delete_scalable_target)
def scalable_target(p, name):
    call('application-autoscaling', 'RegisterScalableTarget', p)
    return Made('|'.join(p[key] for key in ('ResourceId', 'ScalableDimension', 'ServiceNamespace')))


def scaling_target_of(p):
    resource, dimension, namespace = p['ScalingTargetId'].split('|')
    return {'ResourceId': resource, 'ScalableDimension': dimension, 'ServiceNamespace': namespace}


def delete_scaling_policy(made, p):
    call('application-autoscaling', 'DeleteScalingPolicy', {'PolicyName': p['PolicyName'], **scaling_target_of(p)})


@resource_type('AWS::ApplicationAutoScaling::ScalingPolicy', delete_scaling_policy)
def scaling_policy(p, name):
    answer = call('application-autoscaling', 'PutScalingPolicy', {**without(p, 'ScalingTargetId'), **scaling_target_of(p)})
    return Made(answer['PolicyARN'])


# --- ECS

def put_cluster(p, name):
    made = call('ecs', 'CreateCluster', {'ClusterName': name, **p})['cluster']
    return Made(made['clusterName'], {'Arn': made['clusterArn']})


resource_type('AWS::ECS::Cluster', deleted_by('ecs', 'DeleteCluster', 'cluster'))(put_cluster)


@resource_type('AWS::ECS::TaskDefinition', deleted_by('ecs', 'DeregisterTaskDefinition', 'taskDefinition'))
def task_definition(p, name):
    arn = call('ecs', 'RegisterTaskDefinition', {'Family': name, **p})['taskDefinition']['taskDefinitionArn']
    return Made(arn, {'TaskDefinitionArn': arn})


def placed(p):
    """CloudFormation speaks of strategies, the API of one strategy with several parts."""
    return {**without(p, 'PlacementStrategies'), **({'PlacementStrategy': p['PlacementStrategies']} if 'PlacementStrategies' in p else {})}


def update_service(made, p):
    taken = api.members('ecs', 'UpdateService')
    changeable = {key: value for key, value in placed(p).items() if key[0].lower() + key[1:] in taken}
    call('ecs', 'UpdateService', {**changeable, 'service': made.attributes['Name']})
    return made


def delete_service(made, p):
    call('ecs', 'DeleteService', {'cluster': p['Cluster'], 'service': made.attributes['Name'], 'force': True})


@resource_type('AWS::ECS::Service', delete_service, update_service, ('Cluster', 'LaunchType', 'SchedulingStrategy', 'ServiceName', 'Role'))
def service(p, name):
    # CloudFormation starts with one task where nothing is said; a later update leaves the count as it is.
    count = {} if p.get('SchedulingStrategy') == 'DAEMON' else {'DesiredCount': 1}
    made = call('ecs', 'CreateService', {'ServiceName': name, **count, **placed(p)})['service']
    return Made(made['serviceArn'], {'Name': made['serviceName'], 'ServiceArn': made['serviceArn']})


@resource_type('AWS::ECS::CapacityProvider', deleted_by('ecs', 'DeleteCapacityProvider', 'capacityProvider'))
def capacity_provider(p, name):
    told = {'Name': name, **without(p, 'ClusterName'), **({'Cluster': p['ClusterName']} if 'ClusterName' in p else {})}
    made = call('ecs', 'CreateCapacityProvider', told)['capacityProvider']
    return Made(made['name'], {'Arn': made['capacityProviderArn']})


def delete_provider_associations(made, p):
    call('ecs', 'PutClusterCapacityProviders', {'Cluster': p['Cluster'], 'CapacityProviders': [], 'DefaultCapacityProviderStrategy': []})


@resource_type('AWS::ECS::ClusterCapacityProviderAssociations', delete_provider_associations)
def provider_associations(p, name):
    call('ecs', 'PutClusterCapacityProviders', p)
    return Made(p['Cluster'])


# --- Cloud Map

def namespace(operation):
    def create(p, name):
        operation_id = call('servicediscovery', operation, p)['OperationId']
        namespace_id = call('servicediscovery', 'GetOperation', {'OperationId': operation_id})['Operation']['Targets']['NAMESPACE']
        arn = call('servicediscovery', 'GetNamespace', {'Id': namespace_id})['Namespace']['Arn']
        return Made(namespace_id, {'Id': namespace_id, 'Arn': arn})
    return create


for _name, _operation in {'Private': 'CreatePrivateDnsNamespace', 'Http': 'CreateHttpNamespace'}.items():
    _type = 'AWS::ServiceDiscovery::PrivateDnsNamespace' if _name == 'Private' else 'AWS::ServiceDiscovery::HttpNamespace'
    resource_type(_type, deleted_by('servicediscovery', 'DeleteNamespace', 'Id'))(namespace(_operation))


@resource_type('AWS::ServiceDiscovery::Service', deleted_by('servicediscovery', 'DeleteService', 'Id'))
def discovery_service(p, name):
    made = call('servicediscovery', 'CreateService', {'Name': name, **p})['Service']
    return Made(made['Id'], only(made, 'Id', 'Arn', 'Name'))


# --- Load balancers

@resource_type('AWS::ElasticLoadBalancingV2::LoadBalancer', deleted_by('elbv2', 'DeleteLoadBalancer', 'LoadBalancerArn'))
def load_balancer(p, name):
    made = call('elbv2', 'CreateLoadBalancer', {'Name': name, **without(p, 'LoadBalancerAttributes')})['LoadBalancers'][0]
    arn = made['LoadBalancerArn']
    if 'LoadBalancerAttributes' in p:
        call('elbv2', 'ModifyLoadBalancerAttributes', {'LoadBalancerArn': arn, 'Attributes': p['LoadBalancerAttributes']})
    return Made(arn, {'LoadBalancerArn': arn, 'DNSName': made['DNSName'], 'LoadBalancerFullName': arn.split(':loadbalancer/')[1]})


@resource_type('AWS::ElasticLoadBalancingV2::TargetGroup', deleted_by('elbv2', 'DeleteTargetGroup', 'TargetGroupArn'))
def target_group(p, name):
    made = call('elbv2', 'CreateTargetGroup', {'Name': name, **without(p, 'TargetGroupAttributes')})['TargetGroups'][0]
    arn = made['TargetGroupArn']
    if 'TargetGroupAttributes' in p:
        call('elbv2', 'ModifyTargetGroupAttributes', {'TargetGroupArn': arn, 'Attributes': p['TargetGroupAttributes']})
    return Made(arn, {'TargetGroupArn': arn, 'TargetGroupName': made['TargetGroupName'], 'TargetGroupFullName': arn.split(':')[-1]})


@resource_type('AWS::ElasticLoadBalancingV2::Listener', deleted_by('elbv2', 'DeleteListener', 'ListenerArn'))
def listener(p, name):
    arn = call('elbv2', 'CreateListener', p)['Listeners'][0]['ListenerArn']
    return Made(arn, {'ListenerArn': arn})


# --- IAM

def document(p, name='PolicyDocument'):
    return json.dumps(p[name])


def delete_role(made, p):
    name = {'RoleName': made.id}
    for policy in call('iam', 'ListAttachedRolePolicies', name)['AttachedPolicies']:
        call('iam', 'DetachRolePolicy', {**name, 'PolicyArn': policy['PolicyArn']})
    for policy in p.get('Policies', []):
        call('iam', 'DeleteRolePolicy', {**name, 'PolicyName': policy['PolicyName']})
    call('iam', 'DeleteRole', name)


@resource_type('AWS::IAM::Role', delete_role)
def role(p, name):
    told = {'RoleName': p.get('RoleName', name[-64:]), **without(p, 'RoleName', 'ManagedPolicyArns', 'Policies')}
    made = call('iam', 'CreateRole', {**told, 'AssumeRolePolicyDocument': document(p, 'AssumeRolePolicyDocument')})['Role']
    named = {'RoleName': made['RoleName']}
    for arn in p.get('ManagedPolicyArns', []):
        call('iam', 'AttachRolePolicy', {**named, 'PolicyArn': arn})
    for policy in p.get('Policies', []):
        call('iam', 'PutRolePolicy', {**named, 'PolicyName': policy['PolicyName'], 'PolicyDocument': document(policy)})
    return Made(made['RoleName'], {'Arn': made['Arn'], 'RoleId': made['RoleId']})


def delete_policy(made, p):
    for role_name in p['Roles']:
        call('iam', 'DeleteRolePolicy', {'RoleName': role_name, 'PolicyName': p['PolicyName']})


@resource_type('AWS::IAM::Policy', delete_policy)
def policy(p, name):
    for role_name in p['Roles']:
        call('iam', 'PutRolePolicy', {'RoleName': role_name, 'PolicyName': p['PolicyName'], 'PolicyDocument': document(p)})
    return Made(name)


@resource_type('AWS::IAM::ManagedPolicy', deleted_by('iam', 'DeletePolicy', 'PolicyArn'))
def managed_policy(p, name):
    told = {'PolicyName': p.get('ManagedPolicyName', name), 'PolicyDocument': document(p), **only(p, 'Description', 'Path')}
    arn = call('iam', 'CreatePolicy', told)['Policy']['Arn']
    for role_name in p.get('Roles', []):
        call('iam', 'AttachRolePolicy', {'RoleName': role_name, 'PolicyArn': arn})
    return Made(arn, {'PolicyArn': arn})


def delete_instance_profile(made, p):
    for role_name in p['Roles']:
        call('iam', 'RemoveRoleFromInstanceProfile', {'InstanceProfileName': made.id, 'RoleName': role_name})
    call('iam', 'DeleteInstanceProfile', {'InstanceProfileName': made.id})


@resource_type('AWS::IAM::InstanceProfile', delete_instance_profile)
def instance_profile(p, name):
    profile = p.get('InstanceProfileName', name)
    arn = call('iam', 'CreateInstanceProfile', {'InstanceProfileName': profile})['InstanceProfile']['Arn']
    for role_name in p['Roles']:
        call('iam', 'AddRoleToInstanceProfile', {'InstanceProfileName': profile, 'RoleName': role_name})
    return Made(profile, {'Arn': arn})


# --- Logs, secrets, functions

@resource_type('AWS::Logs::LogGroup', deleted_by('logs', 'DeleteLogGroup', 'logGroupName'))
def log_group(p, name):
    group = p.get('LogGroupName', name)
    call('logs', 'CreateLogGroup', {'logGroupName': group})
    if 'RetentionInDays' in p:
        call('logs', 'PutRetentionPolicy', {'logGroupName': group, **only(p, 'RetentionInDays')})
    found = call('logs', 'DescribeLogGroups', {'logGroupNamePrefix': group})['logGroups'][0]
    return Made(group, {'Arn': found['arn']})


@resource_type('AWS::SecretsManager::Secret', deleted_by('secretsmanager', 'DeleteSecret', 'SecretId', ForceDeleteWithoutRecovery=True))
def secret(p, name):
    if p.get('GenerateSecretString') != {}:
        raise ValueError('only secrets that are generated without options are known here')
    arn = call('secretsmanager', 'CreateSecret', {'Name': name, 'SecretString': 'generated', **only(p, 'Description')})['ARN']
    return Made(arn, {'Id': arn})


@resource_type('AWS::Lambda::Function', deleted_by('lambda', 'DeleteFunction', 'FunctionName'))
def function(p, name):
    made = call('lambda', 'CreateFunction', {'FunctionName': name[-64:], **p})
    return Made(made['FunctionName'], {'Arn': made['FunctionArn']})


def delete_custom_call(made, p):
    if 'Delete' in p:
        make_custom_call(p['Delete'])


def update_custom_call(made, p):
    return custom_call({**p, 'Create': p.get('Update', '{}')}, made.id)


@resource_type('Custom::AWS', delete_custom_call, update_custom_call)
def custom_call(p, name):
    """The call that an AwsCustomResource describes, made here: its function is stored and does not run."""
    told = json.loads(p.get('Create', '{}'))
    answer = make_custom_call(p['Create']) if told else {}
    return Made(told.get('physicalResourceId', {}).get('id', name), dict(flat(answer)))


def make_custom_call(text):
    told = json.loads(text)
    named = told['service'].lower()
    service_client = api.client(named, *credentials_of(told['assumedRoleArn'])) if 'assumedRoleArn' in told else api.client(named)
    operation = re.sub(r'Command$', '', told['action'])
    return api.call_as(service_client, operation[0].upper() + operation[1:], told.get('parameters', {}))


def credentials_of(role_arn):
    answer = call('sts', 'AssumeRole', {'RoleArn': role_arn, 'RoleSessionName': 'AwsCustomResource'})['Credentials']
    return answer['AccessKeyId'], answer['SecretAccessKey'], answer['SessionToken']


def flat(value, path=''):
    """The attributes a custom resource has: every part of the answer by its path."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, entry in entries:
        if isinstance(entry, (dict, list)):
            yield from flat(entry, f'{path}{key}.')
        else:
            yield f'{path}{key}', str(entry)


# --- What the CDK itself needs

@resource_type('AWS::CDK::Metadata', nothing)
def cdk_metadata(p, name):
    return Made(name)


@resource_type('AWS::S3::Bucket', deleted_by('s3', 'DeleteBucket', 'Bucket'))
def bucket(p, name):
    bucket_name = p.get('BucketName', name.lower())
    call('s3', 'CreateBucket', {'Bucket': bucket_name})
    domains = {'DomainName': f'{bucket_name}.s3.amazonaws.com', 'RegionalDomainName': f'{bucket_name}.s3.{api.REGION}.amazonaws.com'}
    return Made(bucket_name, {'Arn': f'arn:aws:s3:::{bucket_name}', **domains})


@resource_type('AWS::S3::BucketPolicy', nothing)
def bucket_policy(p, name):
    """Not stored: the bootstrap bucket's refuses whoever comes without TLS, as everyone does here, and no stack of ours has one."""
    return Made(p['Bucket'])


@resource_type('AWS::ECR::Repository', deleted_by('ecr', 'DeleteRepository', 'repositoryName'))
def repository(p, name):
    made = call('ecr', 'CreateRepository', {'repositoryName': p.get('RepositoryName', name.lower())})['repository']
    return Made(made['repositoryName'], {'Arn': made['repositoryArn']})


@resource_type('AWS::SSM::Parameter', deleted_by('ssm', 'DeleteParameter', 'Name'))
def parameter(p, name):
    call('ssm', 'PutParameter', {'Name': name, **p})
    return Made(p.get('Name', name), {'Type': p['Type'], 'Value': p['Value']})
