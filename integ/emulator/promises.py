"""What each example promises in its header and in the docs, as assertions about what the emulator stored."""
import json

from stored import Stored, parameter, within

EVERYWHERE, EVERYWHERE_IPV6 = '0.0.0.0/0', '::/0'
ALL_OUT = (EVERYWHERE, '-1', -1, -1)
ALL_OUT_IPV6 = (EVERYWHERE_IPV6, '-1', -1, -1)

STARTS_NEW_TASKS_FIRST = (100, 200)
NGINX_USER = '101'


def check(assertions, example):
    stacks, promise = PROMISES[example]
    stored, about = Stored(*stacks), assertions.about(example)
    every_service(stored, about)
    promise(stored, about)


def every_service(s, it):
    """What README.md and docs/choosing-a-mode.md say of every service."""
    for start in service_names(s):
        it.equal(f'{start} gives up a deployment that fails, and goes back', s.breaker(start), (True, True))
        mode = s.mode(start)
        if mode == 'awsvpc':
            count = s.service(start)['desiredCount']
            it.equal(f'{start} has an interface for each of its {count} tasks', len(s.interfaces(start)), count)
            it.equal(f'{start} has a security group of its own', s.service_groups(start), [s.group(f'{start}SecurityGroup')])
        else:
            it.true(f'{start} has no interfaces of its own in {mode} mode', not s.service(start).get('networkConfiguration') and not s.interfaces(start))
        it.equal(f'{start} keeps logs for a month', s.log_retentions(start), {30})


def service_names(s):
    """The names of the services' constructs: their logical ids are that, Service and a hash."""
    return [entry['LogicalResourceId'][:-len('Service12345678')] for entry in s.resources if entry['ResourceType'] == 'AWS::ECS::Service']


def bridge_web(s, it):
    instances, balancer = s.group('CapacitySecurityGroup'), s.group('LoadBalancerSecurityGroup')
    dynamic = ('tcp', 40000, 40999)
    it.equal('tasks run in bridge mode', s.mode('Web'), 'bridge')
    it.equal('their host port is a dynamic one', s.ports('Web'), [(8080, 0)])
    it.true('the agent takes host ports from 40000 to 40999', 'ECS_DYNAMIC_HOST_PORT_RANGE=40000-40999' in s.user_data(), s.user_data())
    it.equal('the instances let in the load balancer on these ports, and nobody else', s.ingress(instances), {(balancer, *dynamic)})
    it.equal('the load balancer reaches these ports and nothing else', s.egress(balancer), {(instances, *dynamic)})
    it.equal('the load balancer lets in everyone on port 80', s.ingress(balancer), {(EVERYWHERE, 'tcp', 80, 80)})
    it.equal('targets are instances', s.target_group()['TargetType'], 'instance')
    it.equal('the port that is checked is the one that serves', s.target_group()['HealthCheckPort'], 'traffic-port')
    registers_behind(s, it, 'Web', 8080)
    drains_for(s, it, '30')
    it.equal('the image follows the instance type: Arm', s.launch_template()['ImageId'],
             parameter('/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id'))
    it.equal('two to six instances', s.instance_counts(), (2, 6))
    runs_on_own_instances(s, it, 'Web')
    it.equal('tasks scale from 2 to 12', s.task_counts(), (2, 12))
    it.equal('… by CPU and by requests', s.scaled_by(), {'ECSServiceAverageCPUUtilization': 60.0, 'ALBRequestCountPerTarget': 1000.0})
    it.equal('new tasks start before old ones stop', s.percents('Web'), STARTS_NEW_TASKS_FIRST)


def bridge_fixed_nlb(s, it):
    instances, balancer = s.group('CapacitySecurityGroup'), s.group('LoadBalancerGroup')
    it.equal('tasks run in bridge mode', s.mode('Gateway'), 'bridge')
    it.equal('port 80 of the instance is in front of port 8080', s.ports('Gateway'), [(8080, 80)])
    it.equal('the container is not root', s.users('Gateway'), [NGINX_USER])
    it.equal('the instances let in the load balancer on port 80, and nobody else', s.ingress(instances), {(balancer, 'tcp', 80, 80)})
    it.equal('the load balancer reaches that port and nothing else', s.egress(balancer), {(instances, 'tcp', 80, 80)})
    it.equal('clients are those of the VPC', s.ingress(balancer), {(s.vpc()['CidrBlock'], 'tcp', 80, 80)})
    it.equal('the load balancer is a Network Load Balancer, internal', (s.load_balancer()['Type'], s.load_balancer()['Scheme']), ('network', 'internal'))
    it.equal('it has the group that says who may use it', s.load_balancer()['SecurityGroups'], [balancer])
    it.equal('both zones are served from either', s.load_balancer_attributes()['load_balancing.cross_zone.enabled'], 'true')
    it.equal('targets are instances', s.target_group()['TargetType'], 'instance')
    # Instance targets keep client addresses unless told not to.
    it.true('client addresses are kept', s.target_group_attributes().get('preserve_client_ip.enabled', 'true') == 'true')
    registers_behind(s, it, 'Gateway', 8080)
    it.equal('one of the two old tasks stops before a new one starts', s.percents('Gateway'), (50, 100))
    it.equal('… and so zones are not rebalanced', s.service('Gateway')['availabilityZoneRebalancing'], 'DISABLED')
    it.equal('two to three instances', s.instance_counts(), (2, 3))
    runs_on_own_instances(s, it, 'Gateway')


def awsvpc_fargate(s, it):
    web, api, balancer = (s.group(f'{name}SecurityGroup') for name in ('Web', 'Api', 'LoadBalancer'))
    for service in ('Web', 'Api'):
        it.equal(f'{service} runs in awsvpc mode', s.mode(service), 'awsvpc')
        it.equal(f'{service} is for Fargate', s.task_definition(service)['requiresCompatibilities'], ['FARGATE'])
        it.equal(f'{service} has no public address', s.public_addresses(service), 'DISABLED')
        it.equal(f'{service} starts new tasks before old ones stop', s.percents(service), STARTS_NEW_TASKS_FIRST)
        it.equal(f'{service} may reach everything', s.egress(s.group(f'{service}SecurityGroup')), {ALL_OUT})
    it.equal('Web runs on Fargate without saying so', s.service('Web').get('launchType'), 'FARGATE')
    it.equal('two tasks of Api stay, and Spot takes what comes on top', s.strategy('Api'), [('FARGATE', 2, 0), ('FARGATE_SPOT', 0, 1)])
    it.equal('load balancer → Web is a path, and no other leads there', s.ingress(web), {(balancer, 'tcp', 8080, 8080)})
    it.equal('Web → Api is a path, and no other leads there', s.ingress(api), {(web, 'tcp', 8080, 8080)})
    it.equal('the load balancer reaches Web and nothing else', s.egress(balancer), {(web, 'tcp', 8080, 8080)})
    it.equal('targets are addresses', s.target_group()['TargetType'], 'ip')
    registers_behind(s, it, 'Web', 8080)
    checks_own_health(s, it)
    it.equal('Api is found by address', s.registry('Api'), ('api.shop.internal', [('A', 10)], None))
    it.equal('Api scales from 2 to 6', s.task_counts(), (2, 6))


def awsvpc_ec2(s, it):
    orders, payments = s.group('OrdersSecurityGroup'), s.group('PaymentsSecurityGroup')
    for service in ('Orders', 'Payments'):
        it.equal(f'{service} runs in awsvpc mode', s.mode(service), 'awsvpc')
        it.equal(f'{service} is found by address', s.registry(service), (f'{service.lower()}.shop.internal', [('A', 10)], None))
        runs_on_own_instances(s, it, service)
    it.equal('orders may call payments, and nobody else may', s.ingress(payments), {(orders, 'tcp', 8080, 8080)})
    it.equal('nobody may call orders', s.ingress(orders), set())
    it.equal('the instances let nobody in', s.ingress(s.group('CapacitySecurityGroup')), set())
    it.equal('three to six instances', s.instance_counts(), (3, 6))
    keeps_tasks_from_metadata(s, it)


def three_stacks(s, it):
    instances, balancer = s.group('WebCapacitySecurityGroup'), s.group('LoadBalancerSecurityGroup')
    api, data = s.group('ApiSecurityGroup'), s.group('DataSecurityGroup')
    dynamic = ('tcp', 40000, 40999)
    it.equal('bridge and awsvpc run side by side', [s.mode(name) for name in ('Web', 'Api', 'Data')], ['bridge', 'awsvpc', 'awsvpc'])
    it.equal('load balancer → web: the rule names the instances', s.ingress(instances), {(balancer, *dynamic)})
    it.equal('web → api: the rule names the instances', s.ingress(api), {(instances, 'tcp', 8080, 8080)})
    it.equal('api → data: the rule names the tasks', s.ingress(data), {(api, 'tcp', 8080, 8080)})
    it.equal('the load balancer reaches web and nothing else', s.egress(balancer), {(instances, *dynamic)})
    rules = [entry['StackName'] for entry in s.resources if entry['ResourceType'] == 'AWS::EC2::SecurityGroupIngress']
    it.equal("every rule that lets in is in the services' stack", set(rules), {'ThreeStacksServices'})
    it.equal('targets are instances', s.target_group()['TargetType'], 'instance')
    registers_behind(s, it, 'Web', 8080)
    for service in ('Api', 'Data'):
        it.equal(f'{service} is found by address', s.registry(service), (f'{service.lower()}.shop.internal', [('A', 10)], None))


def service_connect(s, it):
    greeter, web, balancer = (s.group(f'{name}SecurityGroup') for name in ('Greeter', 'Web', 'LoadBalancer'))
    told = s.service_connect('Greeter')
    port = s.task_definition('Greeter')['containerDefinitions'][0]['portMappings'][0]
    it.equal('the port has a name', (port['containerPort'], port['name'], port['appProtocol']), (8080, 'http', 'http'))
    it.equal('Greeter offers it as greeter:8080', [(entry['portName'], entry['clientAliases']) for entry in told['services']],
             [('http', [{'port': 8080, 'dnsName': 'greeter'}])])
    it.true('Web takes part and offers nothing', s.service_connect('Web')['enabled'] and not s.service_connect('Web').get('services'))
    it.equal('both are in one namespace', s.service_connect('Web')['namespace'], told['namespace'])
    it.equal('the port of the proxy is open to Web, and to nobody else', s.ingress(greeter), {(web, 'tcp', 8080, 8080)})
    it.true('Web waits for Greeter', s.made_before('GreeterService', 'WebService'))
    for service in ('Greeter', 'Web'):
        definition = s.task_definition(service)
        it.equal(f'{service} has room for the proxy', (definition['cpu'], definition['memory']), ('512', '1024'))
    it.equal('the load balancer reaches Web, and nobody else does', s.ingress(web), {(balancer, 'tcp', 8080, 8080)})
    it.equal('the load balancer is internal', s.load_balancer()['Scheme'], 'internal')
    it.equal('its clients are those of the VPC', s.ingress(balancer), {(s.vpc()['CidrBlock'], 'tcp', 80, 80)})
    it.equal('targets are addresses', s.target_group()['TargetType'], 'ip')
    checks_own_health(s, it)


def managed_instances(s, it):
    web, balancer = s.group('WebSecurityGroup'), s.group('LoadBalancerSecurityGroup')
    provider = s.provider()
    wanted = provider['managedInstancesProvider']['instanceLaunchTemplate']
    requirements = wanted['instanceRequirements']
    it.equal('instances are told by what they must have', (requirements['vCpuCount'], requirements['memoryMiB'], requirements['burstablePerformance']),
             ({'min': 2, 'max': 8}, {'min': 4096}, 'excluded'))
    it.equal('Web runs on them', s.strategy('Web'), [(provider['name'], 0, 1)])
    it.equal('… in awsvpc mode', s.mode('Web'), 'awsvpc')
    it.true('… with a group that is not theirs', s.service_groups('Web') != wanted['networkConfiguration']['securityGroups'])
    it.equal('they let nobody in', s.ingress(s.group('CapacitySecurityGroup')), set())
    it.equal('load balancer → Web is the only path', s.ingress(web), {(balancer, 'tcp', 8080, 8080)})
    it.true('the name of the instance profile is not fixed', s.id('IAM::InstanceProfile').startswith('ManagedInstances-Capacity'))
    it.equal('targets are addresses', s.target_group()['TargetType'], 'ip')
    registers_behind(s, it, 'Web', 8080)


def host_agent(s, it):
    instances, prometheus = s.group('CapacitySecurityGroup'), s.group('PrometheusSecurityGroup')
    agent = s.task_definition('NodeExporter')['containerDefinitions'][0]
    it.equal('the exporter runs in host mode', s.mode('NodeExporter'), 'host')
    it.equal('… once on every instance', s.service('NodeExporter')['schedulingStrategy'], 'DAEMON')
    it.equal("… on the instance's own port", s.ports('NodeExporter'), [(9100, 9100)])
    it.equal('… as a user who is not root', agent['user'], '65534')
    it.equal("… and reads the instance's files, and writes none", (agent['mountPoints'], agent['readonlyRootFilesystem']),
             ([{'sourceVolume': 'host', 'containerPath': '/host', 'readOnly': True}], True))
    it.equal('… stopped before its successor starts', s.percents('NodeExporter'), (0, 100))
    it.equal('… and so zones are not rebalanced', s.service('NodeExporter')['availabilityZoneRebalancing'], 'DISABLED')
    it.equal('instances are found by SRV records with the port', s.registry('NodeExporter'), ('node-exporter.metrics.internal', [('SRV', 60)], 9100))
    scraped = json.loads(s.task_definition('Prometheus')['containerDefinitions'][0]['command'][-1])['scrape_configs']
    it.equal('… by Prometheus, which looks these up', [(dns['names'], dns['type']) for job in scraped for dns in job['dns_sd_configs']],
             [(['node-exporter.metrics.internal'], 'SRV')])
    it.equal('one rule, from Prometheus to port 9100 of the instances', s.ingress(instances), {(prometheus, 'tcp', 9100, 9100)})
    it.equal('nobody reaches Prometheus', s.ingress(prometheus), set())
    it.equal('two to four instances', s.instance_counts(), (2, 4))


def trunking(s, it):
    role = s.instance_role_arn()
    it.equal('trunking is on for the role of the instances', s.role_setting(role, 'awsvpcTrunking'), ['enabled'])
    it.equal('… and for nobody else', s.role_setting('arn:aws:iam::123456789012:root', 'awsvpcTrunking'), [])
    it.true('… before the first instance is launched', s.made_before('CapacityEniTrunking07014D79', 'CapacityAutoScalingGroup'))
    it.equal('eight tasks in awsvpc mode', (s.mode('Web'), s.service('Web')['desiredCount']), ('awsvpc', 8))
    it.equal('two to four c5.large', (s.launch_template()['InstanceType'], s.instance_counts()), ('c5.large', (2, 4)))
    it.equal('ten tasks fit on each', s.output('Trunking', 'TasksPerInstance'), '10')
    scaling = s.provider()['autoScalingGroupProvider']['managedScaling']
    it.equal('a fifth of the room is kept free', scaling['targetCapacity'], 80)
    it.equal('a new instance gets five minutes', scaling['instanceWarmupPeriod'], 300)
    it.equal('a task gets two minutes', s.service('Web')['healthCheckGracePeriodSeconds'], 120)
    it.equal('an update may run sixteen', s.percents('Web'), STARTS_NEW_TASKS_FIRST)
    it.equal('targets are addresses', s.target_group()['TargetType'], 'ip')
    it.equal('load balancer → Web is the only path', s.ingress(s.group('WebSecurityGroup')), {(s.group('LoadBalancerSecurityGroup'), 'tcp', 8080, 8080)})
    runs_on_own_instances(s, it, 'Web')
    keeps_tasks_from_metadata(s, it)


def secondary_cidr(s, it):
    hosts, tasks = s.subnets('VpcHosts'), s.subnets('Tasks')
    blocks = [entry['CidrBlock'] for entry in s.vpc()['CidrBlockAssociationSet']]
    it.equal('the VPC has a secondary block', blocks, ['172.31.0.0/16', '100.64.0.0/16'])
    it.equal('hosts are in a /20 of the first', [subnet['CidrBlock'] for subnet in hosts], ['172.31.16.0/20', '172.31.32.0/20'])
    it.equal('tasks are in a /19 of the second', [subnet['CidrBlock'] for subnet in tasks], ['100.64.0.0/19', '100.64.32.0/19'])
    it.equal('a subnet of the tasks in each zone of the hosts', zones(tasks), zones(hosts))
    it.equal('the service runs in the subnets of the tasks', s.service_subnets('Web'), {subnet['SubnetId'] for subnet in tasks})
    it.true('tasks have addresses of the secondary block', within(s.addresses('Web'), '100.64.0.0/16'), s.addresses('Web'))
    it.equal('instances are in the subnets of the hosts', set(s.scaling_group()['VPCZoneIdentifier'].split(',')), {subnet['SubnetId'] for subnet in hosts})
    it.equal('tasks leave by the NAT gateway of the hosts', [s.routes(subnet['SubnetId']) for subnet in tasks], [{(EVERYWHERE, 'nat')}] * 2)
    it.equal('… whose route tables they share', [s.route_tables(subnet) for subnet in tasks], [s.route_tables(subnet) for subnet in hosts])
    left = sum(subnet['AvailableIpAddressCount'] for subnet in tasks)
    it.equal('8,187 addresses in each zone, less one for each of three tasks', left, 2 * 8187 - 3)
    left = sum(subnet['AvailableIpAddressCount'] for subnet in hosts)
    it.true('tasks take none of the 4,091 of the hosts in each zone', 0 <= 2 * 4091 - left <= 3 + 1, left)
    it.true('the output says the same', '16,374' in s.output('SecondaryCidr', 'TaskAddresses'), s.output('SecondaryCidr', 'TaskAddresses'))
    it.equal('targets are addresses', s.target_group()['TargetType'], 'ip')
    it.equal('load balancer → Web is the only path', s.ingress(s.group('WebSecurityGroup')), {(s.group('LoadBalancerSecurityGroup'), 'tcp', 8080, 8080)})
    it.equal('three to six instances', s.instance_counts(), (3, 6))
    runs_on_own_instances(s, it, 'Web')


def no_internet(s, it):
    endpoints, api, web = s.group('EndpointsSecurityGroup'), s.group('ApiSecurityGroup'), s.group('WebSecurityGroup')
    instances = s.group('CapacitySecurityGroup')
    https = ('tcp', 443, 443)
    gateways = [s.ids(kind) for kind in ('EC2::InternetGateway', 'EC2::NatGateway', 'EC2::EIP')]
    it.equal('the VPC has no gateway', gateways, [[], [], []])
    it.equal('its subnets have no way out but the one to S3', [s.routes(subnet['SubnetId']) for subnet in s.subnets('Vpc')], [{(None, 'endpoint')}] * 2)
    it.equal('it has the endpoints that are needed, and no others', s.endpoints('Interface'),
             {'ecs-agent', 'ecs-telemetry', 'ecs', 'ecr.api', 'ecr.dkr', 'logs', 'secretsmanager'})
    it.equal('… and the way to S3', s.endpoints('Gateway'), {'s3'})
    it.equal('they let in the services and the instances on tcp 443, and nobody else', s.ingress(endpoints), {(peer, *https) for peer in (api, web, instances)})
    it.equal('every endpoint has that group', s.endpoint_groups(), [[endpoints]] * 7)
    for waits in ('ApiService', 'WebService', 'CapacityAutoScalingGroup'):
        it.true(f'{waits} waits for the endpoints', all(s.made_before(name, waits) for name in s.names('EC2::VPCEndpoint')))
    it.equal('Web → Api is the only path', (s.ingress(api), s.ingress(web)), ({(web, 'tcp', 8080, 8080)}, set()))
    it.equal('Api is found by address', s.registry('Api'), ('api.shop.internal', [('A', 10)], None))
    it.true('images come from a private repository', all('.dkr.ecr.' in image for name in ('Api', 'Web') for image in s.images(name)))
    it.equal('Api gets its secret', s.secrets('Api'), {'API_KEY': s.id('SecretsManager::Secret')})


def dual_stack(s, it):
    web, api, balancer = (s.group(f'{name}SecurityGroup') for name in ('Web', 'Api', 'LoadBalancer'))
    ipv6 = s.vpc()['Ipv6CidrBlockAssociationSet'][0]['Ipv6CidrBlock']
    only = s.subnets('VpcDualStackIpv6Only')
    both = [subnet for subnet in s.subnets('Vpc') if subnet not in only]
    it.true('the VPC has a /56', ipv6.endswith('/56'), ipv6)
    it.true('every subnet has a /64 of it', all(within([block.split('/')[0] for block in ipv6_blocks(subnet)], ipv6) for subnet in [*both, *only]))
    it.true('… and assigns it', all(subnet['AssignIpv6AddressOnCreation'] for subnet in [*both, *only]))
    it.equal('private subnets get out by IPv6 through the egress-only gateway', [s.routes(subnet['SubnetId']) for subnet in s.subnets('VpcPrivate')],
             [{(EVERYWHERE, 'nat'), (EVERYWHERE_IPV6, 'egress-only')}] * 2)
    it.equal('public ones through the internet gateway', [s.routes(subnet['SubnetId']) for subnet in s.subnets('VpcPublic')],
             [{(EVERYWHERE, 'internet'), (EVERYWHERE_IPV6, 'internet')}] * 2)
    it.equal('IPv6-only ones reach IPv4 destinations through the NAT gateway', [s.routes(subnet['SubnetId']) for subnet in only],
             [{('64:ff9b::/96', 'nat'), (EVERYWHERE_IPV6, 'egress-only')}] * 2)
    it.true('… whose names DNS64 gives', all(subnet['EnableDns64'] and subnet['Ipv6Native'] for subnet in only))
    it.equal('Api runs there', s.service_subnets('Api'), {subnet['SubnetId'] for subnet in only})
    it.equal('its tasks have no IPv4 address', s.addresses('Api'), [])
    it.true('… and an IPv6 one', within(s.addresses('Api', ipv6=True), ipv6), s.addresses('Api', ipv6=True))
    it.true('tasks of Web have both', within(s.addresses('Web', ipv6=True), ipv6) and len(s.addresses('Web')) == 2)
    it.equal('Api is registered by AAAA record', s.registry('Api'), ('api.shop.internal', [('AAAA', 10)], None))
    it.equal('the load balancer is dual stack', s.load_balancer()['IpAddressType'], 'dualstack')
    it.equal('it lets IPv6 clients in as it does others', s.ingress(balancer), {(EVERYWHERE, 'tcp', 80, 80), (EVERYWHERE_IPV6, 'tcp', 80, 80)})
    it.equal('targets are IPv6 addresses', (s.target_group()['TargetType'], s.target_group()['IpAddressType']), ('ip', 'ipv6'))
    it.equal('load balancer → Web is a path, and no other leads there', s.ingress(web), {(balancer, 'tcp', 8080, 8080)})
    it.equal('Web → Api is a path, and no other leads there', s.ingress(api), {(web, 'tcp', 8080, 8080)})
    it.equal('tasks may reach everything, by IPv6 too', [s.egress(web), s.egress(api)], [{ALL_OUT, ALL_OUT_IPV6}] * 2)
    registers_behind(s, it, 'Web', 8080)
    checks_own_health(s, it)


# --- What several promise

def registers_behind(s, it, service, port):
    group = s.id('ElasticLoadBalancingV2::TargetGroup')
    it.equal(f'{service} registers its port {port}', s.load_balanced(service), [(group, port)])
    it.equal('the listener forwards there from port 80', s.forwards_to(), (80, group))


def drains_for(s, it, seconds):
    it.equal(f'a target that leaves has {seconds} seconds', s.target_group_attributes()['deregistration_delay.timeout_seconds'], seconds)


def checks_own_health(s, it):
    group = s.target_group()
    it.equal('health is asked where the answer does not depend on others', (group['HealthCheckPath'], group['Matcher']['HttpCode']), ('/health', '204'))
    drains_for(s, it, '30')


def runs_on_own_instances(s, it, service):
    provider = s.provider()
    it.equal(f'{service} runs on the instances of its capacity', s.strategy(service), [(provider['name'], 0, 1)])
    managed = provider['autoScalingGroupProvider']
    it.equal('the provider has the group of these instances', managed['autoScalingGroupArn'].split('/')[-1], s.scaling_group()['AutoScalingGroupName'])
    it.equal('instances follow tasks', managed['managedScaling']['status'], 'ENABLED')
    it.equal('scale-in may pick instances with tasks, which are drained', (managed['managedTerminationProtection'], managed.get('managedDraining')),
             ('DISABLED', 'ENABLED'))


def keeps_tasks_from_metadata(s, it):
    told = s.launch_template()['MetadataOptions']
    it.equal('instance metadata takes tokens only, one hop', (told['HttpTokens'], told['HttpPutResponseHopLimit']), ('required', 1))
    it.true('the agent keeps awsvpc tasks from it', 'ECS_AWSVPC_BLOCK_IMDS=true' in s.user_data(), s.user_data())


def zones(subnets):
    return [subnet['AvailabilityZone'] for subnet in subnets]


def ipv6_blocks(subnet):
    return [entry['Ipv6CidrBlock'] for entry in subnet['Ipv6CidrBlockAssociationSet']]


PROMISES = {
    'awsvpc-ec2': (['AwsvpcEc2'], awsvpc_ec2),
    'awsvpc-fargate': (['AwsvpcFargate'], awsvpc_fargate),
    'bridge-fixed-nlb': (['BridgeFixedNlb'], bridge_fixed_nlb),
    'bridge-web': (['BridgeWeb'], bridge_web),
    'dual-stack': (['DualStack'], dual_stack),
    'host-agent': (['HostAgent'], host_agent),
    'managed-instances': (['ManagedInstances'], managed_instances),
    'no-internet': (['NoInternet'], no_internet),
    'secondary-cidr': (['SecondaryCidr'], secondary_cidr),
    'service-connect': (['ServiceConnect'], service_connect),
    'three-stacks': (['ThreeStacksNetwork', 'ThreeStacksCluster', 'ThreeStacksServices'], three_stacks),
    'trunking': (['Trunking'], trunking),
}
