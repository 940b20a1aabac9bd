"""Stacks: moto reads templates and change sets, and this deploys, updates and deletes what is in them, in order.

Differences to CloudFormation: a deployment that fails stops where it is, without going back; nothing happens at the same time as
something else; and a change replaces a resource unless its type says how to update it (resource_types.py).
"""
import graphlib
import ipaddress
import itertools
import re
from dataclasses import dataclass

from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import CloudFormationError, UnformattedGetAttTemplateException, ValidationError
from moto.cloudformation.models import CloudFormationBackend, Event, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult

from resource_types import RESOURCE_TYPES, Made, ResourceType


def extend():
    parsing.clean_json = _resolve
    Stack._create_resource_map = _resources_of
    Stack.stack_parameters = property(_told_parameters)
    Stack.has_parameters = _has_parameters
    CloudFormationBackend.execute_change_set = _execute_change_set
    CloudFormationResponse.describe_change_set = _describe_change_set
    CloudFormationResponse.delete_change_set = _delete_change_set
    CloudFormationBackend.delete_stack = _delete_stack


@dataclass
class Resource:
    """A resource that was made, under the names by which moto's answers ask for it."""

    logical_resource_id: str
    cf_resource_type: str
    properties: dict
    made: Made
    retained: bool
    status: str = 'CREATE_COMPLETE'

    @property
    def type(self):
        return self.cf_resource_type

    @property
    def physical_resource_id(self):
        return self.made.id

    def is_created(self):
        return True

    def get_cfn_attribute(self, name):
        if name not in self.made.attributes:
            raise UnformattedGetAttTemplateException()
        value = self.made.attributes[name]
        # Some are only known when they are asked for: the IPv6 ranges of a VPC come after it.
        return value() if callable(value) else value


class StackResources(parsing.ResourceMap):
    """The resources of one stack, by logical id."""

    stack: Stack
    made_in_order: list[Resource]

    def validate_outputs(self):
        """moto asks its own types which attributes they have; here resolving an output tells."""

    def __getitem__(self, key):
        return self._parsed_resources[key]

    def values(self):
        return self.made_in_order

    def update(self, template, parameters=None):
        """The first deployment is an update from nothing."""
        self._use(template, parameters)
        before = {resource.logical_resource_id: resource for resource in self.made_in_order}
        after = []
        for logical_id in self._in_order():
            resource = self._deploy(logical_id, before.get(logical_id))
            self._parsed_resources[logical_id] = resource
            after.append(resource)
            if logical_id not in before:
                # So that a deployment that fails leaves a record of what it made.
                self.made_in_order = [*self.made_in_order, resource]
        kept = {id(resource) for resource in after}
        superfluous = [resource for resource in before.values() if id(resource) not in kept and resource.made.id not in _ids(after, resource)]
        self.made_in_order = after
        self._delete(superfluous)

    def delete(self):
        self._delete(self.made_in_order)
        self.made_in_order = []

    def _use(self, template, parameters):
        self._template = template
        self._resource_json_map = template['Resources']
        if parameters is not None:
            self.input_parameters = parameters
        self.load_mapping()
        self.load_parameters()
        self.load_conditions()

    def _in_order(self):
        """Each after everything it refers to or depends on."""
        wanted = {key: entry for key, entry in self._resource_json_map.items() if self._is_wanted(entry)}
        needs = {key: [name for name in _names_in(entry) if name in wanted] for key, entry in wanted.items()}
        return graphlib.TopologicalSorter(needs).static_order()

    def _is_wanted(self, entry):
        return 'Condition' not in entry or self.lazy_condition_map[entry['Condition']]

    def _deploy(self, logical_id, existing: Resource | None):
        entry = self._resource_json_map[logical_id]
        kind = _type_of(entry['Type'])
        properties = _without_none(parsing.clean_json(entry.get('Properties', {}), self))
        retained = entry.get('DeletionPolicy') in ('Retain', 'RetainExceptOnCreate')
        if existing and existing.cf_resource_type == entry['Type']:
            if existing.properties == properties:
                return existing
            if kind.update and not kind.replaces(existing.properties, properties):
                return self._updated(kind, existing, properties, retained)
        self._record('CREATE_IN_PROGRESS', logical_id, entry['Type'])
        name = parsing.generate_resource_name(entry['Type'], self.stack.name, logical_id)
        made = self._attempt(logical_id, entry['Type'], lambda: kind.create(properties, name))
        self._record('CREATE_COMPLETE', logical_id, entry['Type'], made.id)
        return Resource(logical_id, entry['Type'], properties, made, retained)

    def _updated(self, kind: ResourceType, existing: Resource, properties, retained):
        logical_id, named = existing.logical_resource_id, existing.cf_resource_type
        made = self._attempt(logical_id, named, lambda: kind.update(existing.made, properties))
        self._record('UPDATE_COMPLETE', logical_id, named, made.id)
        return Resource(logical_id, named, properties, made, retained, 'UPDATE_COMPLETE')

    def _delete(self, resources):
        """Last made first. A resource that cannot be deleted stops it: the order was wrong."""
        for resource in [resource for resource in reversed(resources) if not resource.retained]:
            logical_id, named = resource.logical_resource_id, resource.cf_resource_type
            self._attempt(logical_id, named, lambda: _type_of(named).delete(resource.made, resource.properties))
            self._record('DELETE_COMPLETE', logical_id, named, resource.made.id)

    def _attempt(self, logical_id, named, action):
        try:
            return action()
        except Exception as error:
            reason = f'{logical_id} ({named}): {type(error).__name__}: {error}'
            self._record('CREATE_FAILED', logical_id, named, reason=reason)
            raise ValidationError(message=reason) from error

    def _record(self, status, logical_id, named, physical_id='', reason=None):
        self.stack.events.append(Event(self.stack.stack_id, self.stack.name, logical_id, physical_id, named, status, reason, None))


def _type_of(name) -> ResourceType:
    """No type is passed over in silence: what is not made cannot be queried."""
    if name not in RESOURCE_TYPES:
        raise ValidationError(message=f'the emulator has no {name}: see integ/emulator/resource_types.py')
    return RESOURCE_TYPES[name]


def _ids(resources, like: Resource):
    """A replacement that got the id of what it replaces is the same thing, such as a cluster's one list of providers."""
    return {resource.made.id for resource in resources if resource.logical_resource_id == like.logical_resource_id}


def _names_in(entry):
    """Whatever a part of a template refers to, by logical id."""
    if isinstance(entry, list):
        return [name for part in entry for name in _names_in(part)]
    if not isinstance(entry, dict):
        return []
    names = []
    for key, value in entry.items():
        if key == 'Ref':
            names.append(value)
        elif key == 'Fn::GetAtt':
            names.append(value[0] if isinstance(value, list) else value.split('.')[0])
        elif key == 'DependsOn':
            names += [value] if isinstance(value, str) else value
        elif key == 'Fn::Sub':
            names += re.findall(r'\$\{([\w:]+)', value if isinstance(value, str) else value[0]) + _names_in(value)
        else:
            names += _names_in(value)
    return names


def _without_none(value):
    """Properties that are AWS::NoValue are not there."""
    if isinstance(value, list):
        return [_without_none(entry) for entry in value if entry is not None]
    if isinstance(value, dict):
        return {key: _without_none(entry) for key, entry in value.items() if entry is not None}
    return value


_moto_resolve = parsing.clean_json


def _resolve(value, resources):
    """moto's intrinsic functions, and the two it has not or not for change sets."""
    if isinstance(value, dict) and list(value) == ['Fn::Cidr']:
        block, count, bits = (_resolve(argument, resources) for argument in value['Fn::Cidr'])
        network = ipaddress.ip_network(block)
        subnets = network.subnets(new_prefix=network.max_prefixlen - int(bits))
        return [str(subnet) for subnet in itertools.islice(subnets, int(count))]
    if isinstance(value, dict) and list(value) == ['Fn::ImportValue']:
        name = _resolve(value['Fn::ImportValue'], resources)
        exports = _back_end(resources.stack).exports
        if name not in exports:
            raise ValidationError(message=f'No export named {name} found.')
        return exports[name].value
    return _moto_resolve(value, resources)


def _resources_of(stack):
    resources = StackResources(
        stack.stack_id, stack.name, stack.parameters, stack.tags, account_id=stack.account_id, region_name=stack.region_name,
        template=stack.template_dict, cross_stack_resources=None,
    )
    resources.stack = stack
    resources.made_in_order = []
    if stack.template_dict:
        resources.load()
    return resources


def _told_parameters(stack):
    """What `UsePreviousValue` means: the name of an SSM parameter, where moto has what it holds."""
    return _with_defaults(stack, stack.parameters)


def _has_parameters(stack, others):
    return _with_defaults(stack, stack.parameters) == _with_defaults(stack, others)


def _with_defaults(stack, parameters):
    slots = (stack.template_dict or {}).get('Parameters', {})
    return {name: parameters.get(name, slot.get('Default')) for name, slot in slots.items()}


def _back_end(stack):
    return models.cloudformation_backends[stack.account_id][stack.region_name]


class ChangeSetNotFound(CloudFormationError):
    code = 'ChangeSetNotFound'


def _change_set(back_end, change_set_name, stack_name):
    """By name within its stack, for `cdk deploy` gives one name to all. moto takes the first of that name, of whichever stack."""
    for change_set in back_end.change_sets.values():
        if change_set_name in (change_set.change_set_id, change_set.change_set_name) and \
                stack_name in (None, change_set.stack_id, change_set.stack_name):
            return change_set
    raise ChangeSetNotFound(f'ChangeSet [{change_set_name}] does not exist')


def _describe_change_set(self):
    return ActionResult(_change_set(self.cloudformation_backend, self._get_param('ChangeSetName'), self._get_param('StackName')))


def _delete_change_set(self):
    """One that is not there is deleted already."""
    try:
        change_set = _change_set(self.cloudformation_backend, self._get_param('ChangeSetName'), self._get_param('StackName'))
        del self.cloudformation_backend.change_sets[change_set.change_set_id]
    except ChangeSetNotFound:
        pass
    return EmptyResult()


def _execute_change_set(self, change_set_name, stack_name=None):
    """moto's, and the stack's exports and outputs are those of the new template. One that cannot be resolved fails the deployment."""
    change_set = _change_set(self, change_set_name, stack_name)
    stack = self.stacks[change_set.stack_id]
    kind = change_set.change_set_type
    stack._add_stack_event(f'{kind}_IN_PROGRESS', resource_status_reason='User Initiated')
    stack.status = f'{kind}_IN_PROGRESS'
    try:
        change_set.apply()
        stack.template, stack.template_dict, stack.parameters = change_set.template, change_set.template_dict, change_set.parameters
        stack.output_map = stack._create_output_map()
        self.exports.update({export.name: export for export in stack.exports})
        list(stack.output_map.values())
    except Exception as error:
        stack.status = f'{kind}_FAILED'
        stack._add_stack_event(stack.status, resource_status_reason=str(error))
        raise
    change_set.execution_status = 'EXECUTE_COMPLETE'
    stack.status = f'{kind}_COMPLETE'
    stack._add_stack_event(stack.status)


def _delete_stack(self, name_or_stack_id):
    """A stack that cannot be deleted stays, with what is left of it."""
    stack = next((stack for stack in self.stacks.values() if name_or_stack_id in (stack.name, stack.stack_id)), None)
    if stack is None:
        return
    exports = [export.name for export in stack.exports]
    stack.delete()
    for name in exports:
        del self.exports[name]
    self.deleted_stacks[stack.stack_id] = self.stacks.pop(stack.stack_id)
    # A stack of the same name may come, and change sets of the same name.
    self.change_sets = {key: change_set for key, change_set in self.change_sets.items() if change_set.stack_id != stack.stack_id}
