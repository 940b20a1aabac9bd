"""What moto's ECS drops or lets pass, and a query asserts."""
import itertools

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.ec2.models import ec2_backends
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import AccountSetting, EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.sts.models import sts_backends

import ec2_back_end

def extend():
    _override(EC2ContainerServiceResponse, register_task_definition, create_service, update_service, delete_service,
              create_capacity_provider, update_capacity_provider, delete_capacity_provider, put_cluster_capacity_providers, delete_cluster,
              put_account_setting, list_account_settings)
    EC2ContainerServiceBackend.delete_service = _forget_service
    EC2ContainerServiceBackend._validate_container_defs = staticmethod(_refuse_without_memory)


_moto = {}


def _override(owner, *functions):
    for function in functions:
        _moto[function.__name__] = getattr(owner, function.__name__)
        setattr(owner, function.__name__, function)


def register_task_definition(self):
    told = self._get_params()
    mode = told.get('networkMode', 'bridge')
    if 'FARGATE' in told.get('requiresCompatibilities', []) and mode != 'awsvpc':
        raise InvalidParameterException('Fargate only supports network mode ‘awsvpc’.')
    for container in told['containerDefinitions']:
        for mapping in container.get('portMappings', []):
            host_port = mapping.get('hostPort')
            if mode != 'bridge' and host_port not in (None, mapping.get('containerPort')):
                raise InvalidParameterException(f"When networkMode={mode}, the host ports and container ports in port mappings must match.")
    answer = _moto['register_task_definition'](self)
    # moto writes awsvpc over whatever was said of tasks that do not run on EC2.
    answer.result['taskDefinition'].network_mode = mode
    return answer


def _refuse_without_memory(task_memory, containers, compatibilities):
    """moto refuses a soft limit alone, which ECS takes."""
    for container in containers:
        if not (task_memory or {'memory', 'memoryReservation'} & set(container)):
            raise InvalidParameterException(f"Invalid setting for container '{container['name']}'. At least one of 'memory' or "
                                            "'memoryReservation' must be specified.")


def create_service(self):
    told = self._get_params()
    back_end = self.ecs_backend
    if 'launchType' in told and told.get('capacityProviderStrategy'):
        raise InvalidParameterException('Specifying both a launch type and capacity provider strategy is not supported.')
    _refuse_unknown_providers(back_end, told)
    _refuse_network_that_does_not_fit(back_end.describe_task_definition(told['taskDefinition']), told)
    answer = _moto['create_service'](self)
    service = answer.result['service']
    if 'launchType' not in told:
        service.launch_type = None
    _keep(service, told)
    _give_interfaces(service)
    return answer


def update_service(self):
    told = self._get_params()
    _refuse_unknown_providers(self.ecs_backend, told)
    answer = _moto['update_service'](self)
    service = answer.result['service']
    _keep(service, told)
    _give_interfaces(service)
    return answer


def delete_service(self):
    service = self.ecs_backend._get_service(self._get_param('cluster', 'default'), self._get_param('service'))
    ec2_back_end.remove(ec2_backends[service._account_id][service.region_name], _owner(service))
    return _moto['delete_service'](self)


def create_capacity_provider(self):
    """moto knows Auto Scaling groups alone. A provider of Managed Instances belongs to one cluster, which has it from the start."""
    told = self._get_params()
    groups = told.get('autoScalingGroupProvider')
    provider = self.ecs_backend.create_capacity_provider(told['name'], dict(groups or {}), told.get('tags'))
    if groups is None:
        provider.auto_scaling_group_provider = None
    provider.managed_instances_provider = told.get('managedInstancesProvider')
    provider.cluster = told.get('cluster')
    return ActionResult({'capacityProvider': provider})


def update_capacity_provider(self):
    answer = _moto['update_capacity_provider'](self)
    answer.result['capacityProvider'].managed_instances_provider = self._get_param('managedInstancesProvider')
    return answer


def delete_capacity_provider(self):
    provider = self.ecs_backend._get_provider(self._get_param('capacityProvider'))
    others = [cluster for cluster in _active(self.ecs_backend.clusters) if cluster.name != provider.cluster]
    using = [cluster.name for cluster in others if provider.name in (cluster.capacity_providers or [])]
    using += [service.name for service in _active(self.ecs_backend.services) if provider.name in _providers(service)]
    if using:
        raise InvalidParameterException(f'The specified capacity provider is in use and cannot be removed: {", ".join(using)}')
    return _moto['delete_capacity_provider'](self)


def put_cluster_capacity_providers(self):
    cluster = self.ecs_backend._get_cluster(self._get_param('cluster'))
    removed = set(cluster.capacity_providers or []) - set(self._get_param('capacityProviders'))
    services = [service for service in _active(self.ecs_backend.services) if service.cluster_arn == cluster.arn]
    using = [service.name for service in services if removed & _providers(service)]
    if using:
        raise _error('ResourceInUseException', f'The specified capacity provider is in use and cannot be removed: {", ".join(using)}')
    return _moto['put_cluster_capacity_providers'](self)


def delete_cluster(self):
    cluster = self.ecs_backend._get_cluster(self._get_param('cluster'))
    if any(service.cluster_arn == cluster.arn for service in _active(self.ecs_backend.services)):
        raise _error('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.')
    return _moto['delete_cluster'](self)


def put_account_setting(self):
    """For the caller alone, as ECS does it: moto has one list for the account."""
    name, value = self._get_param('name'), self._get_param('value')
    setting = AccountSetting(name, value)
    setting.principal_arn = self._get_param('principalArn') or _caller(self)
    _settings(self.ecs_backend)[setting.principal_arn, name] = setting
    return ActionResult({'setting': setting})


def list_account_settings(self):
    """What was set for the principal; not what the account's default gives one that set nothing."""
    principal, name = self._get_param('principalArn') or _caller(self), self._get_param('name')
    found = [setting for (of, named), setting in _settings(self.ecs_backend).items() if of == principal and name in (None, named)]
    return ActionResult({'settings': found})


def _keep(service, told):
    """Stores what a service was told. moto's answers are read from attributes, so what it does not know is answered as well."""
    for name, value in told.items():
        if name not in ('cluster', 'service', 'serviceName', 'taskDefinition', 'forceNewDeployment', 'desiredCount'):
            setattr(service, camelcase_to_underscores(name), value)
    for deployment in service.deployments:
        deployment.update({name: told[name] for name in ('capacityProviderStrategy', 'serviceConnectConfiguration') if name in told})
        deployment.update(taskDefinition=service.task_definition, launchType=service.launch_type)


def _refuse_unknown_providers(back_end, told):
    cluster = back_end._get_cluster(told.get('cluster', 'default'))
    known = {*(cluster.capacity_providers or []), *(name for name, provider in back_end.capacity_providers.items() if provider.cluster == cluster.name)}
    unknown = [entry['capacityProvider'] for entry in told.get('capacityProviderStrategy', []) if entry['capacityProvider'] not in known]
    if unknown:
        raise InvalidParameterException('The specified capacity provider strategy cannot contain a capacity provider that is not '
                                        f'associated with the cluster: {", ".join(unknown)}')


def _refuse_network_that_does_not_fit(task_definition, told):
    if task_definition.network_mode == 'awsvpc' and 'networkConfiguration' not in told:
        raise InvalidParameterException("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if task_definition.network_mode != 'awsvpc' and 'networkConfiguration' in told:
        raise InvalidParameterException('Network Configuration is not valid for the given networkMode of this task definition.')


def _give_interfaces(service: Service):
    """One for each task that is wanted of an awsvpc service, in its subnets in turn. Old ones go first: a deployment is not modelled."""
    back_end = ec2_backends[service._account_id][service.region_name]
    ec2_back_end.remove(back_end, _owner(service))
    if not service.network_configuration:
        return
    wanted = service.network_configuration['awsvpcConfiguration']
    subnets = [back_end.get_subnet(subnet) for subnet in wanted['subnets']]
    for subnet in itertools.islice(itertools.cycle(subnets), service.desired_count):
        ec2_back_end.add(back_end, subnet, wanted['securityGroups'], _owner(service))


def _owner(service):
    """How an interface tells whose it is: its description."""
    return f'task of {service.arn}'


def _forget_service(self, cluster_name, service_name, force):
    """moto keeps deleted services, and refuses nothing for them; so that a query sees which are left, they are gone here."""
    service = self._get_service(cluster_name, service_name)
    del self.services[f'{service.cluster_name}:{service.name}']
    service.status = 'INACTIVE'
    return service


def _active(by_name):
    return [entry for entry in by_name.values() if entry.status == 'ACTIVE']


def _providers(service):
    return {entry['capacityProvider'] for entry in getattr(service, 'capacity_provider_strategy', None) or []}


def _settings(back_end):
    return back_end.__dict__.setdefault('settings_by_principal', {})


def _caller(response):
    for back_end in sts_backends[response.current_account].values():
        role = back_end.get_assumed_role_from_access_key(response.access_key)
        if role:
            return role.role_arn
    return f'arn:aws:iam::{response.current_account}:root'


def _error(code, message):
    error = InvalidParameterException(message)
    error.code = code
    return error
