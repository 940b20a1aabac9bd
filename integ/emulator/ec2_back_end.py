"""Subnets that run out of addresses, the interfaces of awsvpc tasks that take them, and DNS64, which moto does not store."""
import ipaddress

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.subnets import Subnet
from moto.ec2.responses import EC2Response

# EC2 keeps the first four and the last of every subnet.
KEPT_AT_THE_START = 4


def extend():
    EC2Backend.create_network_interface = _where_there_is_room(EC2Backend.create_network_interface)
    for operation, interfaces_of in OWNERS.items():
        setattr(EC2Backend, operation, _with_its_interfaces(getattr(EC2Backend, operation), interfaces_of))
    EC2Response.modify_subnet_attribute = _with_dns64(EC2Response.modify_subnet_attribute)


def _where_there_is_room(create):
    """Whatever makes an interface: instances too."""
    def create_network_interface(self, subnet, *arguments, **options):
        subnet = self.get_subnet(subnet) if isinstance(subnet, str) else subnet
        if not subnet.ipv6_native:
            refuse_without_room(subnet)
        return create(self, subnet, *arguments, **options)
    return create_network_interface


# Which interfaces go with what is deleted: moto leaves them where they are, and their addresses taken.
OWNERS = {
    'delete_nat_gateway': lambda back_end, gateway: [back_end.nat_gateways[gateway]._eni.id],
    'terminate_instances': lambda back_end, instances: [nic.id for instance in instances for nic in back_end.get_instance(instance).nics.values()],
}


def _with_its_interfaces(delete, interfaces_of):
    def delete_with_interfaces(self, *arguments, **options):
        interfaces = interfaces_of(self, *arguments, *options.values())
        answer = delete(self, *arguments, **options)
        for interface in interfaces:
            self.enis.pop(interface, None)
        return answer
    return delete_with_interfaces


def _with_dns64(modify):
    def modify_subnet_attribute(self):
        value = self._get_param('EnableDns64.Value')
        if value is not None:
            self.ec2_backend.get_subnet(self._get_param('SubnetId')).enable_dns64 = value
        return modify(self)
    return modify_subnet_attribute


def refuse_without_room(subnet: Subnet):
    if subnet.available_ip_address_count < 1:
        raise EC2ClientError('InsufficientFreeAddressesInSubnet', f'The specified subnet {subnet.id} does not have enough free addresses.')


def add(back_end: EC2Backend, subnet: Subnet, groups, description) -> NetworkInterface:
    taken = taken_addresses(back_end, subnet)
    ipv6 = [_free(_ipv6_block(subnet), taken)] if subnet.assign_ipv6_address_on_creation else []
    # Without an address moto takes any, even one that is in use.
    ipv4 = None if subnet.ipv6_native else next_free_ipv4(subnet, taken)
    interface = back_end.create_network_interface(subnet, ipv4, group_ids=groups, description=description, ipv6_addresses=ipv6)
    if subnet.ipv6_native:
        interface.private_ip_address, interface.private_ip_addresses = None, []
    return interface


def next_free_ipv4(subnet: Subnet, taken):
    refuse_without_room(subnet)
    return _free(ipaddress.ip_network(subnet.cidr_block), taken)


def remove(back_end: EC2Backend, description):
    for interface in [interface for interface in back_end.enis.values() if interface.description == description]:
        back_end.delete_network_interface(interface.id)


def taken_addresses(back_end: EC2Backend, subnet: Subnet):
    here = [interface for interface in back_end.enis.values() if interface.subnet.id == subnet.id]
    ipv4 = [entry['PrivateIpAddress'] for interface in here for entry in interface.private_ip_addresses]
    return {*ipv4, *(address for interface in here for address in interface.ipv6_addresses)}


def _ipv6_block(subnet):
    return ipaddress.ip_network(subnet.ipv6_cidr_block_association_set[0]['ipv6CidrBlock'])


def _free(block, taken):
    candidates = (str(block[index]) for index in range(KEPT_AT_THE_START, block.num_addresses - 1))
    return next(address for address in candidates if address not in taken)
