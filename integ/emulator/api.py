"""Calls to the emulator's own AWS API, with CloudFormation properties for parameters."""
import functools
import os

import boto3
from botocore.config import Config

ACCOUNT = '123456789012'
REGION = 'us-east-1'


def endpoint():
    return os.environ['AWS_ENDPOINT_URL']


@functools.cache
def client(service, access_key='emulator', secret_key='emulator', session_token=None):
    """One client for each service and caller: making one reads botocore's model, which takes longer than a call."""
    # A failed call is the answer that is wanted; trying again would only hide it for a while.
    config = Config(retries={'total_max_attempts': 1}, read_timeout=300)
    return boto3.client(service, region_name=REGION, endpoint_url=endpoint(), config=config, aws_access_key_id=access_key,
                        aws_secret_access_key=secret_key, aws_session_token=session_token)


def call(service, operation, parameters):
    """Calls an operation by the name the service gives it, such as CreateSubnet."""
    return call_as(client(service), operation, parameters)


def call_as(service_client, operation, parameters):
    operations = {name: method for method, name in service_client.meta.method_to_api_mapping.items()}
    answer = getattr(service_client, operations[operation])(**fit(service_client, operation, parameters))
    answer.pop('ResponseMetadata', None)
    return answer


def fit(service_client, operation, parameters):
    """The parameters in the types the operation takes. CloudFormation takes numbers and booleans as text too, the API does not."""
    shape = service_client.meta.service_model.operation_model(operation).input_shape
    return _fitted(parameters, shape, operation)


def members(service, operation):
    """The names of what an operation takes."""
    return set(client(service).meta.service_model.operation_model(operation).input_shape.members)


def _fitted(value, shape, path):
    kind = shape.type_name
    if kind == 'structure':
        return _fitted_structure(value, shape, path)
    if kind == 'list':
        return [_fitted(entry, shape.member, f'{path}[{index}]') for index, entry in enumerate(value)]
    if kind == 'map':
        return {key: _fitted(entry, shape.value, f'{path}.{key}') for key, entry in value.items()}
    if kind in ('integer', 'long'):
        return int(value)
    if kind in ('float', 'double'):
        return float(value)
    if kind == 'boolean':
        return value if isinstance(value, bool) else {'true': True, 'false': False}[str(value).lower()]
    return str(value) if kind == 'string' else value


def _fitted_structure(value, shape, path):
    """Members by their names, whatever the case of the first letter: ECS and Cloud Map's CloudFormation types write them in capitals."""
    names = {name.lower(): name for name in shape.members}
    unknown = [name for name in value if name.lower() not in names]
    if unknown:
        raise ValueError(f'{path} does not take {", ".join(sorted(unknown))}')
    given = {names[name.lower()]: entry for name, entry in value.items() if entry is not None}
    return {name: _fitted(entry, shape.members[name], f'{path}.{name}') for name, entry in given.items()}
