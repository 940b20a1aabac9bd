"""Asks the emulator what it stored and prints a line for each assertion. deploy.ts runs it; exits with 1 when one does not hold.

    query.py promises EXAMPLE...        what the examples promise
    query.py record FILE                writes down what is there
    query.py unchanged FILE             it is all as it was
    query.py only-images-changed FILE   services are the same ones, with new task definitions; nothing else has changed
    query.py nothing-left               nothing is there but what must outlive its stack
"""
import json
import sys

import promises
from api import call
from assertions import Assertions
from stored import resources_of


def main(what, *arguments):
    assertions = Assertions()
    {
        'promises': check_promises, 'record': record, 'unchanged': unchanged, 'only-images-changed': only_images_changed, 'nothing-left': nothing_left,
    }[what](assertions, *arguments)
    return 1 if assertions.failed else 0


def check_promises(assertions, *examples):
    for example in examples:
        promises.check(assertions, example)


def record(assertions, path):
    with open(path, 'w') as file:
        json.dump(state(), file)


def unchanged(assertions, path):
    assertions.equal('a second deployment changes nothing', differences(recorded(path), state()), {})


def only_images_changed(assertions, path):
    before, after = recorded(path), state()
    changed = {name for stack in differences(before, after) for name in differences(before[stack], after[stack])}
    kinds = {name.split(' ')[0] for name in changed}
    assertions.equal('a change of images replaces the task definitions, and nothing else', kinds, {'AWS::ECS::TaskDefinition'})
    definitions = {physical for stack in after.values() for name, physical in stack.items() if name.startswith('AWS::ECS::TaskDefinition ')}
    services = [physical for stack in after.values() for name, physical in stack.items() if name.startswith('AWS::ECS::Service ')]
    assertions.equal('every service runs the new one', {task_definition_of(service) for service in services}, definitions)
    images = [container['image'] for arn in definitions for container in call('ecs', 'DescribeTaskDefinition', {'taskDefinition': arn})['taskDefinition']['containerDefinitions']]
    assertions.true('every container has the other image', all(image.endswith('-next') for image in images), images)


def nothing_left(assertions):
    """By service, what is there of the kinds that the stacks have. The default VPC of an account and the bootstrap stack stay."""
    assertions.equal('no stack is left', stacks(), [])
    left = {
        'VPCs': [vpc['VpcId'] for vpc in call('ec2', 'DescribeVpcs', {})['Vpcs'] if not vpc['IsDefault']],
        'interfaces': [entry['NetworkInterfaceId'] for entry in call('ec2', 'DescribeNetworkInterfaces', {})['NetworkInterfaces']],
        'addresses': call('ec2', 'DescribeAddresses', {})['Addresses'],
        'NAT gateways': [gateway for gateway in call('ec2', 'DescribeNatGateways', {})['NatGateways'] if gateway['State'] != 'deleted'],
        'endpoints': [endpoint for endpoint in call('ec2', 'DescribeVpcEndpoints', {})['VpcEndpoints'] if endpoint['State'] != 'deleted'],
        'launch templates': call('ec2', 'DescribeLaunchTemplates', {})['LaunchTemplates'],
        'Auto Scaling groups': call('autoscaling', 'DescribeAutoScalingGroups', {})['AutoScalingGroups'],
        'load balancers': call('elbv2', 'DescribeLoadBalancers', {})['LoadBalancers'],
        'target groups': call('elbv2', 'DescribeTargetGroups', {})['TargetGroups'],
        'clusters': active_clusters(),
        'task definitions': call('ecs', 'ListTaskDefinitions', {'status': 'ACTIVE'})['taskDefinitionArns'],
        'namespaces': call('servicediscovery', 'ListNamespaces', {})['Namespaces'],
        'instance profiles': call('iam', 'ListInstanceProfiles', {})['InstanceProfiles'],
        'roles': [role['RoleName'] for role in call('iam', 'ListRoles', {})['Roles'] if not role['RoleName'].startswith('cdk-')],
        'functions': call('lambda', 'ListFunctions', {})['Functions'],
        'secrets': call('secretsmanager', 'ListSecrets', {})['SecretList'],
    }
    assertions.equal('nothing is left but log groups, which are kept on purpose', {kind: entries for kind, entries in left.items() if entries}, {})


def active_clusters():
    arns = call('ecs', 'ListClusters', {})['clusterArns']
    return [cluster['clusterName'] for cluster in call('ecs', 'DescribeClusters', {'clusters': arns})['clusters'] if cluster['status'] == 'ACTIVE']


def task_definition_of(service):
    _, cluster, name = service.split('/')
    return call('ecs', 'DescribeServices', {'cluster': cluster, 'services': [name]})['services'][0]['taskDefinition']


def stacks():
    gone = ('CDKToolkit', 'DELETE_COMPLETE')
    return [stack['StackName'] for stack in call('cloudformation', 'DescribeStacks', {})['Stacks'] if not {stack['StackName'], stack['StackStatus']} & set(gone)]


def state():
    """Physical ids by type and logical id, of every stack."""
    return {stack: {f'{entry["ResourceType"]} {entry["LogicalResourceId"]}': entry['PhysicalResourceId'] for entry in resources_of(stack)} for stack in stacks()}


def recorded(path):
    with open(path) as file:
        return json.load(file)


def differences(before, after):
    return {name: (before.get(name), after.get(name)) for name in {*before, *after} if before.get(name) != after.get(name)}


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
