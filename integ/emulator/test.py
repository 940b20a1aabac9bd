"""Tests of what the emulator adds to moto, by way of its API. Run by `start.sh --test`; prints a line for each."""
import json
import re
import sys
import warnings
from pathlib import Path

import botocore.session
from botocore.exceptions import ClientError

import server
from api import call
from resource_types import RESOURCE_TYPES

VPC = {'Type': 'AWS::EC2::VPC', 'Properties': {'CidrBlock': '10.0.0.0/16'}}
# 16 addresses, of which EC2 keeps five.
SUBNET = {'Type': 'AWS::EC2::Subnet', 'Properties': {'VpcId': {'Ref': 'Vpc'}, 'CidrBlock': '10.0.0.0/28'}}
GROUP = {'Type': 'AWS::EC2::SecurityGroup', 'Properties': {'VpcId': {'Ref': 'Vpc'}, 'GroupDescription': 'Tasks'}}
CONTAINER = {'Name': 'app', 'Image': 'nginx', 'MemoryReservation': 64}
ADDRESSES = 11


def task_definition(mode, **more):
    return {'Type': 'AWS::ECS::TaskDefinition', 'Properties': {'Family': 'app', 'NetworkMode': mode, 'ContainerDefinitions': [CONTAINER], **more}}


def awsvpc(count):
    network = {'AwsvpcConfiguration': {'Subnets': [{'Ref': 'Subnet'}], 'SecurityGroups': [{'Ref': 'Group'}]}}
    return {
        'Vpc': VPC, 'Subnet': SUBNET, 'Group': GROUP, 'Cluster': {'Type': 'AWS::ECS::Cluster'}, 'Task': task_definition('awsvpc'),
        'Service': service(DesiredCount=count, NetworkConfiguration=network),
    }


def service(**more):
    return {'Type': 'AWS::ECS::Service', 'Properties': {'Cluster': {'Ref': 'Cluster'}, 'TaskDefinition': {'Ref': 'Task'}, **more}}


def on_provider(**more):
    """Cluster, provider and their association, and a service that waits for it."""
    provider = {'AutoScalingGroupProvider': {'AutoScalingGroupArn': 'arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:1:autoScalingGroupName/a'}}
    strategy = [{'CapacityProvider': {'Ref': 'Provider'}, 'Base': 1, 'Weight': 2}]
    return {
        'Cluster': {'Type': 'AWS::ECS::Cluster'},
        'Provider': {'Type': 'AWS::ECS::CapacityProvider', 'Properties': provider},
        'Association': {
            'Type': 'AWS::ECS::ClusterCapacityProviderAssociations',
            'Properties': {'Cluster': {'Ref': 'Cluster'}, 'CapacityProviders': [{'Ref': 'Provider'}], 'DefaultCapacityProviderStrategy': []},
        },
        'Task': task_definition('bridge'),
        'Service': {**service(CapacityProviderStrategy=strategy, **more), 'DependsOn': 'Association'},
    }


def deploy(stack, resources, kind='CREATE'):
    named = {'StackName': stack, 'ChangeSetName': f'change-{kind.lower()}'}
    call('cloudformation', 'DeleteChangeSet', named)
    call('cloudformation', 'CreateChangeSet', {**named, 'ChangeSetType': kind, 'TemplateBody': json.dumps({'Resources': resources})})
    call('cloudformation', 'ExecuteChangeSet', named)
    return ids(stack)


def ids(stack):
    return {entry['LogicalResourceId']: entry['PhysicalResourceId'] for entry in call('cloudformation', 'DescribeStackResources', {'StackName': stack})['StackResources']}


def delete(stack):
    call('cloudformation', 'DeleteStack', {'StackName': stack})


def described(made):
    return call('ecs', 'DescribeServices', {'cluster': made['Cluster'], 'services': [made['Service']]})['services'][0]


def refused(words, action):
    try:
        action()
    except (ClientError, ValueError) as error:
        assert words in str(error), f'refused with other words: {error}'
        return
    raise AssertionError(f'not refused: {words}')


def left(made):
    return call('ec2', 'DescribeSubnets', {'SubnetIds': [made['Subnet']]})['Subnets'][0]['AvailableIpAddressCount']


# --- The tests

def every_operation_that_is_called_is_one_of_botocores():
    session = botocore.session.get_session()
    for file in ('resource_types.py', 'stored.py', 'query.py'):
        text = (Path(__file__).parent / file).read_text()
        for named, operation in re.findall(r"""(?:call|deleted_by)\('([\w-]+)', '(\w+)'""", text):
            assert operation in session.get_service_model(named).operation_names, f'{file}: {named} has no {operation}'


def types_that_are_not_known_are_refused():
    refused('the emulator has no AWS::SQS::Queue', lambda: deploy('unknown-type', {'Queue': {'Type': 'AWS::SQS::Queue'}}))


def properties_that_are_not_known_are_refused():
    broken = {'Type': 'AWS::EC2::VPC', 'Properties': {'CidrBlock': '10.0.0.0/16', 'Colour': 'blue'}}
    refused('CreateVpc does not take Colour', lambda: deploy('unknown-property', {'Vpc': broken}))
    nested = task_definition('bridge', Volumes=[{'Name': 'data', 'Size': 1}])
    refused('does not take Size', lambda: deploy('unknown-nested', {'Task': nested}))


def what_a_service_is_told_is_stored():
    told = {
        'DeploymentConfiguration': {'MaximumPercent': '150', 'MinimumHealthyPercent': 50, 'DeploymentCircuitBreaker': {'Enable': 'true', 'Rollback': False}},
        'PlacementConstraints': [{'Type': 'distinctInstance'}],
        'PlacementStrategies': [{'Type': 'spread', 'Field': 'attribute:ecs.availability-zone'}],
        'HealthCheckGracePeriodSeconds': '30',
    }
    made = deploy('told', on_provider(**told))
    got = described(made)
    assert got['capacityProviderStrategy'] == [{'capacityProvider': made['Provider'], 'base': 1, 'weight': 2}], got
    assert got['deploymentConfiguration']['maximumPercent'] == 150, got
    assert got['deploymentConfiguration']['deploymentCircuitBreaker'] == {'enable': True, 'rollback': False}, got
    assert got['placementConstraints'] == [{'type': 'distinctInstance'}], got
    assert got['placementStrategy'] == [{'type': 'spread', 'field': 'attribute:ecs.availability-zone'}], got
    assert got['healthCheckGracePeriodSeconds'] == 30 and 'launchType' not in got, got
    delete('told')


def a_provider_in_use_is_not_deleted():
    made = deploy('in-use', on_provider())
    refused('is in use and cannot be removed', lambda: call('ecs', 'DeleteCapacityProvider', {'capacityProvider': made['Provider']}))
    taken = {'cluster': made['Cluster'], 'capacityProviders': [], 'defaultCapacityProviderStrategy': []}
    refused('is in use and cannot be removed', lambda: call('ecs', 'PutClusterCapacityProviders', taken))
    refused('cannot be deleted while Services are active', lambda: call('ecs', 'DeleteCluster', {'cluster': made['Cluster']}))
    delete('in-use')


def a_service_that_does_not_wait_for_its_provider_is_refused():
    early = on_provider()
    early['Association']['DependsOn'] = 'Service'
    del early['Service']['DependsOn']
    refused('not associated with the cluster', lambda: deploy('early', early))


def launch_type_and_strategy_together_are_refused():
    refused('Specifying both', lambda: deploy('both', on_provider(LaunchType='EC2')))


def network_modes_that_do_not_fit_are_refused():
    refused('Fargate only supports', lambda: deploy('fargate-bridge', {'Task': task_definition('bridge', RequiresCompatibilities=['FARGATE'])}))
    without = awsvpc(1)
    del without['Service']['Properties']['NetworkConfiguration']
    refused('Network Configuration must be provided', lambda: deploy('without-network', without))
    bridge = {**awsvpc(1), 'Task': task_definition('bridge')}
    refused('is not valid for the given networkMode', lambda: deploy('bridge-network', bridge))


def tasks_take_addresses_until_there_are_none():
    made = deploy('addresses', awsvpc(3))
    assert left(made) == ADDRESSES - 3, left(made)
    deploy('addresses', awsvpc(ADDRESSES), 'UPDATE')
    assert left(made) == 0, left(made)
    refused('does not have enough free addresses', lambda: deploy('addresses', awsvpc(ADDRESSES + 1), 'UPDATE'))
    delete('addresses')


def account_settings_are_the_callers():
    trust = json.dumps({'Version': '2012-10-17', 'Statement': []})
    role = call('iam', 'CreateRole', {'RoleName': 'instances', 'AssumeRolePolicyDocument': trust})['Role']['Arn']
    told = {'service': 'ECS', 'action': 'putAccountSetting', 'parameters': {'name': 'awsvpcTrunking', 'value': 'enabled'}, 'assumedRoleArn': role}
    deploy('setting', {'Setting': {'Type': 'Custom::AWS', 'Properties': {'ServiceToken': 'unused', 'Create': json.dumps(told)}}})
    assert [entry['value'] for entry in call('ecs', 'ListAccountSettings', {'principalArn': role})['settings']] == ['enabled']
    assert call('ecs', 'ListAccountSettings', {})['settings'] == []
    delete('setting')
    call('iam', 'DeleteRole', {'RoleName': 'instances'})


def an_update_replaces_what_changed_and_no_more():
    before = deploy('update', on_provider())
    changed = on_provider()
    changed['Task'] = task_definition('bridge', Cpu='256')
    after = deploy('update', changed, 'UPDATE')
    assert {name for name in before if before[name] != after[name]} == {'Task'}, after
    assert described(after)['taskDefinition'] == after['Task']
    status = call('ecs', 'DescribeTaskDefinition', {'taskDefinition': before['Task']})['taskDefinition']['status']
    assert status == 'INACTIVE', status
    delete('update')


def a_stack_is_deleted_in_the_opposite_order():
    deploy('order', on_provider())
    stack = call('cloudformation', 'DescribeStacks', {'StackName': 'order'})['Stacks'][0]['StackId']
    delete('order')
    events = call('cloudformation', 'DescribeStackEvents', {'StackName': stack})['StackEvents']
    deleted = [event['LogicalResourceId'] for event in reversed(events) if event['ResourceStatus'] == 'DELETE_COMPLETE']
    assert deleted[0] == 'Service' and deleted.index('Association') < deleted.index('Provider') and deleted[-1] == 'order', deleted


def a_name_can_be_used_again():
    first = deploy('again', {'Cluster': {'Type': 'AWS::ECS::Cluster'}})
    delete('again')
    second = deploy('again', {'Cluster': {'Type': 'AWS::ECS::Cluster'}})
    assert first['Cluster'] != second['Cluster']
    delete('again')


def rules_of_a_template_replace_the_one_that_a_group_starts_with():
    egress = {'Type': 'AWS::EC2::SecurityGroupEgress', 'Properties': {
        'GroupId': {'Ref': 'Group'}, 'IpProtocol': 'tcp', 'FromPort': '443', 'ToPort': 443, 'CidrIp': '10.0.0.0/16',
    }}
    made = deploy('rules', {'Vpc': VPC, 'Group': GROUP, 'Rule': egress})
    rules = call('ec2', 'DescribeSecurityGroupRules', {'Filters': [{'Name': 'group-id', 'Values': [made['Group']]}]})['SecurityGroupRules']
    assert [(rule['CidrIpv4'], rule['FromPort']) for rule in rules] == [('10.0.0.0/16', 443)], rules
    delete('rules')


def an_outbound_rule_takes_what_lets_out_all_of_ipv4_from_its_group():
    both = [{'IpProtocol': '-1', 'CidrIp': '0.0.0.0/0'}, {'IpProtocol': '-1', 'CidrIpv6': '2001:db8::/32'}]
    group = {**GROUP, 'Properties': {**GROUP['Properties'], 'SecurityGroupEgress': both}}
    rule = {'Type': 'AWS::EC2::SecurityGroupEgress', 'Properties': {'GroupId': {'Ref': 'Group'}, 'IpProtocol': '-1', 'CidrIpv6': '::/0'}}
    for resources, expected in [
        ({'Group': group}, ['0.0.0.0/0', '2001:db8::/32']),
        ({'Group': group, 'Rule': rule}, ['2001:db8::/32', '::/0']),
    ]:
        made = deploy('taken', {'Vpc': VPC, **resources})
        rules = call('ec2', 'DescribeSecurityGroupRules', {'Filters': [{'Name': 'group-id', 'Values': [made['Group']]}]})['SecurityGroupRules']
        assert sorted(rule.get('CidrIpv4') or rule['CidrIpv6'] for rule in rules) == expected, rules
        delete('taken')


TESTS = [
    every_operation_that_is_called_is_one_of_botocores,
    types_that_are_not_known_are_refused,
    properties_that_are_not_known_are_refused,
    what_a_service_is_told_is_stored,
    a_provider_in_use_is_not_deleted,
    a_service_that_does_not_wait_for_its_provider_is_refused,
    launch_type_and_strategy_together_are_refused,
    network_modes_that_do_not_fit_are_refused,
    tasks_take_addresses_until_there_are_none,
    account_settings_are_the_callers,
    an_update_replaces_what_changed_and_no_more,
    a_stack_is_deleted_in_the_opposite_order,
    a_name_can_be_used_again,
    rules_of_a_template_replace_the_one_that_a_group_starts_with,
    an_outbound_rule_takes_what_lets_out_all_of_ipv4_from_its_group,
]

if __name__ == '__main__':
    # moto's: an error of EC2 that ECS passes on is not in the model of ECS.
    warnings.simplefilter('ignore', UserWarning)
    server.serve()
    failures = 0
    for test in TESTS:
        try:
            test()
            print(f'ok   {test.__name__.replace("_", " ")}')
        except Exception as error:
            failures += 1
            print(f'NOT  {test.__name__.replace("_", " ")}\n     {type(error).__name__}: {error}')
    print(f'{len(RESOURCE_TYPES)} resource types')
    sys.exit(1 if failures else 0)
