import { HostGroup, Trunking } from '../../src/analysis/facts';
import { readFacts, ReadOptions } from '../../src/analysis/read-facts';
import type { TemplateInput } from '../../src/analysis/templates';
import { exactly } from '../../src/analysis/value';
import { worldsOf } from '../../src/analysis/worlds';
import { factsOf, nameOf, named, namesOf, resourceOf, valueOf } from './facts-of';
import { given, world } from './given';

const AMI = '{{resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id}}';
const REST = {
  Parameters: {
    Open: { Type: 'String' },
    SettingName: { Type: 'String', Default: 'awsvpcTrunking' },
    Image: { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: '/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id' },
    Type: { Type: 'String', Default: 'm5.xlarge' },
  },
};
const JOINS = { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config\n' } };
const NETWORK = {
  Vpc: resourceOf('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
  Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' }),
  Cluster: resourceOf('AWS::ECS::Cluster', { ClusterName: 'prod' }),
};
type Properties = Readonly<Record<string, unknown>>;
const launchTemplate = (data: Properties) => resourceOf('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { ImageId: AMI, InstanceType: 'c5.large', UserData: JOINS, ...data } });
const GROUP = { MinSize: '2', MaxSize: '4', VPCZoneIdentifier: [{ Ref: 'Subnet' }] };
const group = (properties: Properties) => resourceOf('AWS::AutoScaling::AutoScalingGroup', { ...GROUP, ...properties });
const byTemplate = (data: Properties = {}, properties: Properties = {}) => ({
  Template: launchTemplate(data),
  Group: group({ LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: { 'Fn::GetAtt': ['Template', 'LatestVersionNumber'] } }, ...properties }),
});
const facts = (resources: Properties, options: ReadOptions = {}) => factsOf({ ...NETWORK, ...resources }, REST, options);
const hostGroup = (resources: Properties, options: ReadOptions = {}): HostGroup => named(facts(resources, options).hostGroups, 'Group');

describe('what instances are launched with', () => {
  const LAUNCHED = { ImageId: AMI, InstanceType: 'c5.large', UserData: JOINS };
  const configuration = (properties: Properties = {}) => resourceOf('AWS::AutoScaling::LaunchConfiguration', { ...LAUNCHED, ...properties });
  const specification = (of: unknown) => ({ LaunchTemplate: { LaunchTemplateSpecification: of } });
  test.each<[string, Properties]>([
    ['a launch template by its id', byTemplate()],
    ['a launch template by its name', {
      Template: resourceOf('AWS::EC2::LaunchTemplate', { LaunchTemplateName: 'nodes', LaunchTemplateData: LAUNCHED }),
      Group: group({ LaunchTemplate: { LaunchTemplateName: 'nodes', Version: '1' } }),
    }],
    ['a launch template of a mixed instances policy', {
      Template: launchTemplate({}), Group: group({ MixedInstancesPolicy: specification({ LaunchTemplateId: { Ref: 'Template' }, Version: '1' }) }),
    }],
    ['a launch configuration', { Configuration: configuration(), Group: group({ LaunchConfigurationName: { Ref: 'Configuration' } }) }],
    ['a launch configuration by its name', {
      Configuration: configuration({ LaunchConfigurationName: 'nodes' }), Group: group({ LaunchConfigurationName: 'nodes' }),
    }],
    ['an instance', { Group: resourceOf('AWS::EC2::Instance', { ...LAUNCHED, SubnetId: { Ref: 'Subnet' } }) }],
    ['an instance by its launch template', {
      Template: launchTemplate({ InstanceType: 't3.nano' }),
      Group: resourceOf('AWS::EC2::Instance', {
        LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' }, InstanceType: 'c5.large', SubnetId: { Ref: 'Subnet' },
      }),
    }],
  ])('is said by %s', (_, resources) => {
    const { instanceTypes, operatingSystem, ecsOptimized, subnets, cluster, vpc, securityGroups } = hostGroup(resources);
    expect({
      types: valueOf(instanceTypes), system: valueOf(operatingSystem), ecsOptimized, subnets: namesOf(subnets),
      cluster: cluster.known && nameOf(cluster.value), vpc: nameOf(vpc), groups: namesOf(securityGroups),
    }).toEqual({
      types: ['c5.large'], system: 'linux', ecsOptimized: true, subnets: ['Subnet'], cluster: 'Cluster', vpc: 'Vpc', groups: ['default group of Vpc'],
    });
  });

  test.each<[string, Properties, string]>([
    ['is imported', { LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '1' } }, 'the launch template of Group is not known: lt-1 is not of what is given'],
    ['is a parameter', { LaunchConfigurationName: { Ref: 'Open' } }, 'the launch configuration of Group is not known: parameter Open has no default'],
    ['has no name', { LaunchTemplate: { Version: '1' } }, 'the launch template of Group is not known: Group names no launch template'],
    ['is not there', {}, 'Group names neither a launch template nor a launch configuration'],
  ])('is unknown where it %s', (_, properties, why) => {
    const provider = resourceOf('AWS::ECS::CapacityProvider', { AutoScalingGroupProvider: { AutoScalingGroupArn: { Ref: 'Group' } } });
    const its = hostGroup({ Group: group(properties), Provider: provider });
    expect([
      its.instanceTypes, its.operatingSystem, its.publicIp, its.ipv6Address, its.primaryIpv6, its.resourceNameARecord, its.securityGroups,
      its.userData.agentSetting('ECS_X'),
    ].map((one) => valueOf<unknown>(one))).toEqual(Array.from({ length: 8 }, () => `? ${why}`));
    expect(its.launchTemplate).toBeUndefined();
  });
});

describe('the instance types of a group', () => {
  const mixed = (overrides: unknown, data: Properties = {}) => ({
    Template: launchTemplate(data),
    Other: launchTemplate({ InstanceType: 'r5.large' }),
    Group: group({ MixedInstancesPolicy: { LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' }, Overrides: overrides } } }),
  });
  const allowed = (...AllowedInstanceTypes: string[]) => ({ VCpuCount: { Min: 0 }, MemoryMiB: { Min: 0 }, AllowedInstanceTypes });
  test.each<[string, Properties, readonly string[] | string]>([
    ['are those of the overrides, not of the launch template', mixed([{ InstanceType: 'm5.large' }, { InstanceType: 'm5a.large' }]), ['m5.large', 'm5a.large']],
    ['are that of the launch template without overrides', mixed(undefined), ['c5.large']],
    ['are that of another launch template for an override', mixed([{ LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Other' }, Version: '1' } }]), ['r5.large']],
    ['are a parameter', byTemplate({ InstanceType: { Ref: 'Type' } }), ['m5.xlarge']],
    ['are unknown for a parameter without a default', byTemplate({ InstanceType: { Ref: 'Open' } }), '? parameter Open has no default'],
    ['are unknown where one of several is', mixed([{ InstanceType: 'm5.large' }, { InstanceType: { Ref: 'Open' } }]), '? parameter Open has no default'],
    ['are unknown where the list is', mixed({ Ref: 'Open' }), '? parameter Open has no default'],
    ['are unknown where none is given', byTemplate({ InstanceType: undefined }), '? no instance type is given'],
    ['are those that requirements list', byTemplate({ InstanceType: undefined, InstanceRequirements: allowed('c5.large', 'c5.xlarge') }), ['c5.large', 'c5.xlarge']],
    ['are those that requirements of an override list', mixed([{ InstanceRequirements: allowed('c5.large') }]), ['c5.large']],
    ['are those that patterns match, within vCPUs and memory', byTemplate({
      InstanceType: undefined, InstanceRequirements: { AllowedInstanceTypes: ['c5.*'], VCpuCount: { Min: 4, Max: '8' }, MemoryMiB: { Min: 8192 } },
    }), ['c5.2xlarge', 'c5.xlarge']],
    ['are those that patterns match, without those that are excluded', byTemplate({
      InstanceType: undefined, InstanceRequirements: { ...allowed('t3.*'), ExcludedInstanceTypes: ['t3.*large', 't3.nano'] },
    }), ['t3.medium', 't3.micro', 't3.small']],
    ['are those that patterns with several parts match', byTemplate({
      InstanceType: undefined, InstanceRequirements: allowed('t3.*m*u*', '*3.n*o', 't3*3.nano', 't3.nanoo*', `t3.na${'*n'.repeat(2)}o`),
    }), ['t3.medium', 't3.nano']],
    ['are known at once, however many parts a pattern has', byTemplate({
      InstanceType: undefined, InstanceRequirements: allowed(`${'*'.repeat(40)}!`, 'c5.large'),
    }), ['c5.large']],
    ['are of the table or not', byTemplate({ InstanceType: undefined, InstanceRequirements: allowed('zz9.large') }), ['zz9.large']],
    ['are unknown where patterns match nothing', byTemplate({ InstanceType: undefined, InstanceRequirements: allowed('zz9.*') }), '? no type of the table matches zz9.*'],
    ['are unknown where requirements list none', byTemplate({ InstanceType: undefined, InstanceRequirements: { VCpuCount: { Min: 2 }, MemoryMiB: { Min: 1 } } }),
      '? instance requirements without AllowedInstanceTypes may choose any type'],
    ['are unknown where requirements list what is unknown',
      byTemplate({ InstanceType: undefined, InstanceRequirements: { AllowedInstanceTypes: { Ref: 'Open' } } }), '? parameter Open has no default'],
  ])('%s', (_, resources, expected) => {
    expect(valueOf(hostGroup(resources).instanceTypes)).toEqual(expected);
  });
});

describe('the launch templates of a group, where overrides name some of their own', () => {
  const uses = (id: string, InstanceType?: string) => (
    { LaunchTemplateSpecification: { LaunchTemplateId: id === 'lt-1' ? id : { Ref: id }, Version: '1' }, InstanceType });
  const mixed = (data: Properties, others: readonly Properties[] | Properties, overrides: readonly unknown[], more: Properties = {}) => ({
    Template: launchTemplate(data),
    ...Object.fromEntries([others].flat().map((other, index) => [`Other${index + 1}`, launchTemplate(other)])),
    Group: group({ MixedInstancesPolicy: { LaunchTemplate: {
      LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' }, Overrides: overrides,
    } } }),
    ...more,
  });
  const two = (data: Properties, other: Properties, more: Properties = {}) => mixed(data, other, [uses('Other1'), { InstanceType: 'c5.large' }], more);
  const differ = (what: string) => `? the launch templates of Group, Template and Other1, differ in ${what}`;
  const ARM = AMI.replace('2023/', '2023/arm64/');
  const WINDOWS = '{{resolve:ssm:/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-ECS_Optimized/image_id}}';
  const saying = (line: string) => ({ UserData: { 'Fn::Sub': `#!/bin/bash\necho ECS_CLUSTER=\${Cluster} >> /etc/ecs/ecs.config\n${line}` } });
  const interfaces = (primary: Properties, extra = 0) => ({
    NetworkInterfaces: [{ DeviceIndex: 0, ...primary }, ...Array.from({ length: extra }, (_, index) => ({ DeviceIndex: index + 1 }))],
  });

  const settings = (its: HostGroup) => ({
    system: valueOf(its.operatingSystem), ecsOptimized: its.ecsOptimized, cluster: its.cluster.known ? nameOf(its.cluster.value) : `? ${its.cluster.why}`,
    setting: valueOf(its.userData.agentSetting('ECS_X')), bip: valueOf(its.userData.dockerBip), pools: valueOf(its.userData.dockerAddressPools),
    drops: its.userData.dropsMetadataRequests, calls: its.userData.callsForTrunking,
    tokens: valueOf(its.metadata.httpTokens), hops: valueOf(its.metadata.hopLimit), endpoint: valueOf(its.metadata.httpEndpoint),
    role: its.instanceRole && nameOf(its.instanceRole),
    publicIp: valueOf(its.publicIp), ipv6: valueOf(its.ipv6Address), primaryIpv6: valueOf(its.primaryIpv6),
    aRecord: valueOf(its.resourceNameARecord), groups: namesOf(its.securityGroups), extra: its.extraInterfaces,
  });
  const SAME = {
    system: 'linux', ecsOptimized: true, cluster: 'Cluster', drops: 'no', calls: false, publicIp: false, ipv6: false, primaryIpv6: false, aRecord: false,
    groups: ['default group of Vpc'], extra: exactly(0),
  };
  const PROFILES = {
    Role: resourceOf('AWS::IAM::Role'), Second: resourceOf('AWS::IAM::Role'),
    Profile: resourceOf('AWS::IAM::InstanceProfile', { Roles: [{ Ref: 'Role' }] }),
    SameProfile: resourceOf('AWS::IAM::InstanceProfile', { Roles: [{ Ref: 'Role' }] }),
    SecondProfile: resourceOf('AWS::IAM::InstanceProfile', { Roles: [{ Ref: 'Second' }] }),
  };
  const profile = (id: string) => ({ IamInstanceProfile: { Arn: { 'Fn::GetAtt': [id, 'Arn'] } } });

  test.each<[string, Properties, object]>([
    ['the same in all, of another image', two({}, { ImageId: ARM, InstanceType: 'c6g.large' }), {}],
    ['the same in all, whatever one does that none takes', mixed({ ImageId: WINDOWS, UserData: undefined }, {}, [uses('Other1')]), {}],
    ['the same template', mixed(interfaces({}, 1), {}, [uses('Template', 'c5.xlarge'), { InstanceType: 'c5.large' }]), { extra: exactly(1) }],
    ['another operating system', two({}, { ImageId: WINDOWS }), { system: differ('operating system') }],
    ['an image that is not known for an ECS-optimized one', two({}, { ImageId: 'ami-1' }), { ecsOptimized: false }],
    ['another cluster', two({}, { UserData: '#!/bin/bash\necho ECS_CLUSTER=test >> /etc/ecs/ecs.config' }), { cluster: differ('what user data says of the cluster') }],
    ['no cluster', two({}, { UserData: undefined }), { cluster: differ('what user data says of the cluster') }],
    ['another setting of the agent', two(saying('echo ECS_X=1'), saying('echo ECS_X=2')), { setting: differ('ECS_X') }],
    ['the same setting of the agent, among others', two(saying('echo ECS_X=1'), saying('echo ECS_Y=2; echo ECS_X=1')), { setting: '1' }],
    ['no setting of the agent', two(saying('echo ECS_X=1'), saying('')), { setting: differ('ECS_X') }],
    ['a setting that is not known', two(saying('echo ECS_X=1'), saying('echo ECS_X=${Open}')), { setting: '? parameter Open has no default' }],
    ['another network of Docker', two(saying('dockerd --bip 10.1.0.1/16'), saying('')), { bip: differ("the address of Docker's bridge") }],
    ['other pools of Docker', two(saying('"default-address-pools": [{"base": "10.1.0.0/16"}]'), saying('')), { pools: differ("Docker's address pools") }],
    ['the same pools of Docker', two(saying('"default-address-pools": [{"base": "10.1.0.0/16"}]'), saying('"default-address-pools":[{"base":"10.1.0.0/16"}]')),
      { pools: ['10.1.0.0/16'] }],
    ['other rules against requests for metadata', two(saying('iptables -I DOCKER-USER -d 169.254.169.254 -j DROP'), saying('')),
      { drops: { known: false, why: differ('whether they drop requests for instance metadata').slice(2) } }],
    ['a call for trunking', two(saying('aws ecs put-account-setting --name awsvpcTrunking'), saying('')), { calls: true }],
    ['other options of instance metadata', two({ MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 } }, { MetadataOptions: { HttpEndpoint: 'disabled', HttpPutResponseHopLimit: '1' } }),
      { tokens: differ('HttpTokens'), hops: 1, endpoint: differ('HttpEndpoint') }],
    ['another role', two(profile('Profile'), profile('SecondProfile'), PROFILES), { role: differ('instance role') }],
    ['the same role by another profile', two(profile('Profile'), profile('SameProfile'), PROFILES), { role: 'Role' }],
    ['no role', two(profile('Profile'), {}, PROFILES), { role: differ('instance role') }],
    ['another primary interface', two(interfaces({ AssociatePublicIpAddress: true, Ipv6AddressCount: 1, PrimaryIpv6: true, Groups: ['sg-1'] }), interfaces({ Groups: ['sg-2'] })), {
      publicIp: differ('public IPv4 addresses'), ipv6: differ('IPv6 addresses'), primaryIpv6: differ('primary IPv6 addresses'), groups: differ('security groups'),
    }],
    ['the same groups in another order', two({ SecurityGroupIds: ['sg-1', 'sg-2'] }, { SecurityGroupIds: ['sg-2', 'sg-1'] }),
      { groups: ['? sg-1 is not of what is given', '? sg-2 is not of what is given'] }],
    ['other resource names', two({ PrivateDnsNameOptions: { EnableResourceNameDnsARecord: true } }, {}), { aRecord: differ('resource-name A records') }],
    ['more interfaces', two({}, interfaces({}, 2)), { extra: { lo: 0, hi: 2 } }],
  ])('may have %s', (_, resources, expected) => {
    const its = hostGroup(resources);
    expect(settings(its)).toEqual({ ...SAME, ...expected });
  });

  test('may not be of what is given', () => {
    const why = '? the launch template of Group is not known: lt-1 is not of what is given';
    const its = hostGroup(mixed(profile('Profile'), [], [uses('lt-1', 'c5.large'), { InstanceType: 'c5.xlarge' }], PROFILES));
    expect(settings(its)).toMatchObject({
      system: why, ecsOptimized: false, cluster: why, setting: why, bip: why, pools: why, drops: { known: false, why: why.slice(2) },
      role: why, publicIp: why, ipv6: why, primaryIpv6: why, aRecord: why, groups: why,
    });
    expect(valueOf(its.instanceTypes)).toEqual(['c5.large', 'c5.xlarge']);
  });

  test('are none of its own where every override names another', () => {
    const its = hostGroup(mixed({ ImageId: WINDOWS }, [{ ImageId: ARM }], [uses('Other1')]));
    expect([its.launchTemplate?.name, valueOf(its.operatingSystem)]).toEqual(['Other1', 'linux']);
  });

  test('are several, so that it is the group that is spoken of', () => {
    expect(hostGroup(two({}, {})).launchTemplate).toBeUndefined();
  });

  test('may be in different clusters, of which one may have other instances', () => {
    const { services } = facts({
      ...two({}, { UserData: '#!/bin/bash\necho ECS_CLUSTER=test >> /etc/ecs/ecs.config' }),
      Instance: resourceOf('AWS::EC2::Instance', { ImageId: AMI, InstanceType: 'c5.large', UserData: JOINS, SubnetId: { Ref: 'Subnet' } }),
      Service: resourceOf('AWS::ECS::Service', { Cluster: { Ref: 'Cluster' }, LaunchType: 'EC2' }),
    });
    expect(services[0].launch).toMatchObject({ known: true, value: {
      hostGroups: [{ name: 'Instance' }], complete: false, incompleteBecause: differ('what user data says of the cluster').slice(2),
    } });
  });
});

describe('the sizes of a group', () => {
  const sizes = (resources: Properties) => {
    const { minSize, steadySize, maxSize, scalesItself } = hostGroup(resources);
    return [valueOf(minSize), valueOf(steadySize), valueOf(maxSize), scalesItself];
  };
  test.each<[string, Properties, readonly unknown[]]>([
    ['are numbers or texts, and steady is the minimum', byTemplate({}, { MinSize: 2 }), [2, 2, 4, false]],
    ['are steady as desired', byTemplate({}, { DesiredCapacity: '3' }), [2, 3, 4, false]],
    ['are unknown for parameters without defaults', byTemplate({}, { MinSize: { Ref: 'Open' } }), ['? parameter Open has no default', '? parameter Open has no default', 4, false]],
    ['are unknown where they are left out', byTemplate({}, { MinSize: undefined, MaxSize: undefined }), ['? Group has no MinSize', '? Group has no MinSize', '? Group has no MaxSize', false]],
    ['are 1 for an instance', { Group: resourceOf('AWS::EC2::Instance', { UserData: JOINS }) }, [1, 1, 1, false]],
    ['grow by a policy', { ...byTemplate(), Policy: resourceOf('AWS::AutoScaling::ScalingPolicy', { AutoScalingGroupName: { Ref: 'Group' } }) }, [2, 2, 4, true]],
    ['do not grow by a policy of another group', { ...byTemplate(), Policy: resourceOf('AWS::AutoScaling::ScalingPolicy', { AutoScalingGroupName: 'x' }) }, [2, 2, 4, false]],
    ['grow by a schedule', { ...byTemplate(), Night: resourceOf('AWS::AutoScaling::ScheduledAction', { AutoScalingGroupName: { Ref: 'Group' }, MinSize: 0, MaxSize: 9 }) }, [0, 2, 9, true]],
    ['shrink by a schedule', { ...byTemplate(), Night: resourceOf('AWS::AutoScaling::ScheduledAction', { AutoScalingGroupName: { Ref: 'Group' }, MaxSize: 1 }) }, [2, 2, 4, true]],
    ['grow by a schedule that is unknown',
      { ...byTemplate(), Night: resourceOf('AWS::AutoScaling::ScheduledAction', { AutoScalingGroupName: { Ref: 'Group' }, MaxSize: { Ref: 'Open' } }) },
      [2, 2, '? parameter Open has no default', true]],
    ['do not count instances where they count vCPUs', byTemplate({}, { DesiredCapacityType: 'vcpu' }),
      ['? the capacity of Group does not count instances', '? the capacity of Group does not count instances', 4, false]],
    ['do not count instances where they are weighted', {
      Template: launchTemplate({}),
      Group: group({ MixedInstancesPolicy: { LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Template' } }, Overrides: [{ InstanceType: 'c5.xlarge', WeightedCapacity: '2' }],
      } } }),
    }, ['? the capacity of Group is weighted', '? the capacity of Group is weighted', 4, false]],
    ['count instances where all weights are 1', {
      Template: launchTemplate({}),
      Group: group({ DesiredCapacityType: 'units', MixedInstancesPolicy: { LaunchTemplate: {
        LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Template' } }, Overrides: [{ InstanceType: 'c5.xlarge', WeightedCapacity: '1' }],
      } } }),
    }, [2, 2, 4, false]],
  ])('%s', (_, resources, expected) => {
    expect(sizes(resources)).toEqual(expected);
  });
});

describe('the network of a group', () => {
  const PRIMARY = { DeviceIndex: 0 };
  test.each<[string, Properties, object]>([
    ['has the groups of the template', byTemplate({ SecurityGroupIds: ['sg-1'] }), { groups: ['? sg-1 is not of what is given'] }],
    ['has the groups of the primary interface', byTemplate({ NetworkInterfaces: [{ DeviceIndex: 1, Groups: ['sg-2'] }, { ...PRIMARY, Groups: ['sg-1'] }] }),
      { groups: ['? sg-1 is not of what is given'], extra: exactly(1) }],
    ['counts interfaces on other cards', byTemplate({ NetworkInterfaces: [{ DeviceIndex: '0', NetworkCardIndex: 0 }, { DeviceIndex: '1', NetworkCardIndex: 1, InterfaceType: 'efa' }] }),
      { extra: exactly(1) }],
    ['counts no interface where there is only the primary one, of EFA too', byTemplate({ NetworkInterfaces: [{ ...PRIMARY, InterfaceType: 'efa' }] }), { extra: exactly(0) }],
    ['is public as the interface says', byTemplate({ NetworkInterfaces: [{ ...PRIMARY, AssociatePublicIpAddress: 'true' }] }), { publicIp: true }],
    ['is public as a launch configuration says', {
      Configuration: resourceOf('AWS::AutoScaling::LaunchConfiguration', { AssociatePublicIpAddress: true, SecurityGroups: ['sg-1'], UserData: JOINS }),
      Group: group({ LaunchConfigurationName: { Ref: 'Configuration' } }),
    }, { publicIp: true, groups: ['? sg-1 is not of what is given'] }],
    ['is public as the subnet says', { ...byTemplate(), Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, MapPublicIpOnLaunch: true }) }, { publicIp: true }],
    ['is public by some subnets', {
      ...byTemplate({}, { VPCZoneIdentifier: [{ Ref: 'Subnet' }, { Ref: 'Public' }] }),
      Public: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, MapPublicIpOnLaunch: true }),
    }, { publicIp: '? whether it gives public addresses depends on the subnet' }],
    ['is not known for a subnet that is not given', byTemplate({}, { VPCZoneIdentifier: ['subnet-1'] }), {
      publicIp: '? whether it gives public addresses is not known: subnet-1 is not of what is given',
      ipv6: '? whether it gives IPv6 addresses is not known: subnet-1 is not of what is given',
      aRecord: '? whether it has resource-name A records is not known: subnet-1 is not of what is given',
      groups: '? Group names no security group, and its VPC is not known',
    }],
    ['is not known without subnets', byTemplate({}, { VPCZoneIdentifier: undefined, AvailabilityZones: ['eu-west-1a'] }), {
      publicIp: '? Group names no subnets', ipv6: '? Group names no subnets', aRecord: '? Group names no subnets', groups: '? Group names no security group, and its VPC is not known',
    }],
    ['has IPv6 by count', byTemplate({ NetworkInterfaces: [{ ...PRIMARY, Ipv6AddressCount: 1, PrimaryIpv6: true }] }), { ipv6: true, primaryIpv6: true }],
    ['has no IPv6 by count', byTemplate({ NetworkInterfaces: [{ ...PRIMARY, Ipv6AddressCount: 0 }] }), { ipv6: false }],
    ['has IPv6 by address', byTemplate({ NetworkInterfaces: [{ ...PRIMARY, Ipv6Addresses: [{ Ipv6Address: 'fd00::1' }] }] }), { ipv6: true }],
    ['has IPv6 by the subnet', { ...byTemplate(), Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, AssignIpv6AddressOnCreation: true }) }, { ipv6: true }],
    ['has A records by the template', byTemplate({ PrivateDnsNameOptions: { EnableResourceNameDnsARecord: true } }), { aRecord: true }],
    ['has A records by the subnet', {
      ...byTemplate(), Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, PrivateDnsNameOptionsOnLaunch: { EnableResourceNameDnsARecord: 'true' } }),
    }, { aRecord: true }],
    ['has no A records by the template, whatever the subnet says', {
      ...byTemplate({ PrivateDnsNameOptions: { EnableResourceNameDnsARecord: false } }),
      Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, PrivateDnsNameOptionsOnLaunch: { EnableResourceNameDnsARecord: true } }),
    }, { aRecord: false }],
  ])('%s', (_, resources, expected) => {
    const { securityGroups, extraInterfaces, publicIp, ipv6Address, primaryIpv6, resourceNameARecord } = hostGroup(resources);
    const usual = { groups: ['default group of Vpc'], extra: exactly(0), publicIp: false, ipv6: false, primaryIpv6: false, aRecord: false };
    expect({
      groups: namesOf(securityGroups),
      extra: extraInterfaces,
      publicIp: valueOf(publicIp),
      ipv6: valueOf(ipv6Address),
      primaryIpv6: valueOf(primaryIpv6),
      aRecord: valueOf(resourceNameARecord),
    }).toEqual({ ...usual, ...expected });
  });

  test('of an instance is that of an interface it is given', () => {
    const { subnets, securityGroups } = hostGroup({
      Interface: resourceOf('AWS::EC2::NetworkInterface', { SubnetId: { Ref: 'Subnet' }, GroupSet: ['sg-1'] }),
      Group: resourceOf('AWS::EC2::Instance', { NetworkInterfaces: [{ DeviceIndex: '0', NetworkInterfaceId: { Ref: 'Interface' } }], UserData: JOINS }),
    });
    expect([namesOf(subnets), namesOf(securityGroups)]).toEqual([['Subnet'], ['? sg-1 is not of what is given']]);
  });

  const DUAL = { Subnet: resourceOf('AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' }, AssignIpv6AddressOnCreation: true }) };
  const OPEN = '? parameter Open has no default';
  test.each<[string, object, unknown, Properties, readonly unknown[]]>([
    ['has none where it says nothing', {}, { Ref: 'Interface' }, {}, [false, false]],
    ['has one by count', { Ipv6AddressCount: 1, EnablePrimaryIpv6: true }, { Ref: 'Interface' }, {}, [true, true]],
    ['has one by address', { Ipv6Addresses: [{ Ipv6Address: 'fd00::1' }] }, { Ref: 'Interface' }, {}, [true, false]],
    ['has none by count, whatever the subnet says', { Ipv6AddressCount: 0, EnablePrimaryIpv6: 'false' }, { Ref: 'Interface' }, DUAL, [false, false]],
    ['has one by the subnet', { EnablePrimaryIpv6: 'true' }, { Ref: 'Interface' }, DUAL, [true, true]],
    ['may have one', { Ipv6AddressCount: { Ref: 'Open' }, EnablePrimaryIpv6: { Ref: 'Open' } }, { Ref: 'Interface' }, {}, [OPEN, OPEN]],
    ['is imported', {}, 'eni-1', {}, ['? eni-1 is not of what is given', '? eni-1 is not of what is given']],
    ['is a parameter', {}, { Ref: 'Open' }, DUAL, [OPEN, OPEN]],
  ])('of an instance has IPv6 as an interface that it is given, which %s', (_, properties, NetworkInterfaceId, more, expected) => {
    const Interface = resourceOf('AWS::EC2::NetworkInterface', { SubnetId: { Ref: 'Subnet' }, ...properties });
    const interfaces = { NetworkInterfaces: [{ DeviceIndex: '0', NetworkInterfaceId }] };
    const own = hostGroup({ ...more, Interface, Group: resourceOf('AWS::EC2::Instance', { ...interfaces, UserData: JOINS }) });
    const byItsTemplate = hostGroup({ ...more, Interface, Template: launchTemplate(interfaces), Group: resourceOf('AWS::EC2::Instance', {
      LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
    }) });
    const of = ({ ipv6Address, primaryIpv6 }: HostGroup) => [valueOf(ipv6Address), valueOf(primaryIpv6)];
    expect([of(own), of(byItsTemplate)]).toEqual([expected, expected]);
  });

  test('of an instance is that of its own interface', () => {
    const { subnets, securityGroups, publicIp } = hostGroup({
      Group: resourceOf('AWS::EC2::Instance', {
        NetworkInterfaces: [{ DeviceIndex: '0', SubnetId: { Ref: 'Subnet' }, GroupSet: ['sg-1'], AssociatePublicIpAddress: true }], UserData: JOINS,
      }),
    });
    expect([namesOf(subnets), namesOf(securityGroups), valueOf(publicIp)]).toEqual([['Subnet'], ['? sg-1 is not of what is given'], true]);
  });
});

describe('the public address of an instance', () => {
  const instance = (properties: Properties = {}) => ({ Group: resourceOf('AWS::EC2::Instance', { SubnetId: { Ref: 'Subnet' }, UserData: JOINS, ...properties }) });
  const onInterface = {
    Interface: resourceOf('AWS::EC2::NetworkInterface', { SubnetId: { Ref: 'Subnet' } }),
    ...instance({ SubnetId: undefined, NetworkInterfaces: [{ DeviceIndex: '0', NetworkInterfaceId: { Ref: 'Interface' } }] }),
  };
  const address = (InstanceId: unknown) => ({ Address: resourceOf('AWS::EC2::EIP', { InstanceId }) });
  const association = (properties: Properties) => ({ Association: resourceOf('AWS::EC2::EIPAssociation', { AllocationId: 'eipalloc-1', ...properties }) });
  const ELSEWHERE = { Other: resourceOf('AWS::EC2::Instance', { SubnetId: { Ref: 'Subnet' } }) };

  test.each<[string, Properties, boolean | string]>([
    ['is an Elastic IP address', { ...instance(), ...address({ Ref: 'Group' }) }, true],
    ['is an Elastic IP address that is associated with it', { ...instance(), ...association({ InstanceId: { Ref: 'Group' } }) }, true],
    ['is an Elastic IP address whatever its launch template says', {
      ...instance({ LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '1' } }), ...address({ Ref: 'Group' }),
    }, true],
    ['is an Elastic IP address of the interface that it is given', { ...onInterface, ...association({ NetworkInterfaceId: { Ref: 'Interface' } }) }, true],
    ['is an Elastic IP address of that interface by its attribute', { ...onInterface, ...association({ NetworkInterfaceId: { 'Fn::GetAtt': ['Interface', 'Id'] } }) }, true],
    ['is none where another instance has it', { ...instance(), ...ELSEWHERE, ...address({ Ref: 'Other' }) }, false],
    ['is none where another interface has it', {
      ...onInterface, Second: resourceOf('AWS::EC2::NetworkInterface', { SubnetId: { Ref: 'Subnet' } }), ...association({ NetworkInterfaceId: { Ref: 'Second' } }),
    }, false],
    ['is none where nothing has it', { ...instance(), Address: resourceOf('AWS::EC2::EIP') }, false],
    ['is none where what has it is there before the stack', { ...instance(), ...address({ Ref: 'Open' }), ...association({ InstanceId: 'i-1' }) }, false],
    ['is not known where the address may be for another of its private ones', {
      ...instance(), ...association({ InstanceId: { Ref: 'Group' }, PrivateIpAddress: '10.0.0.9' }),
    }, '? Association is for one of several private addresses'],
  ])('%s', (_, resources, expected) => {
    expect(valueOf(hostGroup(resources).publicIp)).toBe(expected);
  });

  test('is not known where an association of another template is of an instance that is not known', () => {
    const publicIpWith = (resources: Properties, nodes: Properties) => {
      const { hostGroups } = readFacts(world(
        given({ ...REST, Resources: { ...NETWORK, ...nodes } }), given({ ...REST, Resources: resources }, { name: 'addresses.yaml' })));
      return valueOf(named(hostGroups, 'Group').publicIp);
    };
    expect(publicIpWith(association({ InstanceId: { Ref: 'Open' } }), instance())).toBe('? Association may be for it: parameter Open has no default');
    expect(publicIpWith(association({ NetworkInterfaceId: 'eni-1' }), instance())).toBe('? Association may be for it: eni-1 is not of what is given');
    expect(publicIpWith(association({ InstanceId: { Ref: 'Open' } }), { ...instance(), ...address({ Ref: 'Group' }) })).toBe(true);
    expect(publicIpWith(association({ InstanceId: { Ref: 'Open' } }), byTemplate())).toBe(false);
  });
});

describe('the operating system', () => {
  const of = (data: Properties) => {
    const { operatingSystem, ecsOptimized } = hostGroup({
      ...byTemplate(data), Provider: resourceOf('AWS::ECS::CapacityProvider', { AutoScalingGroupProvider: { AutoScalingGroupArn: { Ref: 'Group' } } }),
    });
    return [valueOf(operatingSystem), ecsOptimized];
  };
  const ssm = (path: string) => `{{resolve:ssm:/aws/service/${path}}}`;
  test.each<[string, Properties, readonly unknown[]]>([
    ['a parameter of Systems Manager', { ImageId: { Ref: 'Image' } }, ['linux', true]],
    ['a dynamic reference with a version', { ImageId: ssm('ecs/optimized-ami/amazon-linux-2/recommended/image_id:3') }, ['linux', true]],
    ['a name that the launch template resolves', { ImageId: 'resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id' }, ['linux', true]],
    ['an image for Windows', { ImageId: ssm('ami-windows-latest/Windows_Server-2022-English-Full-ECS_Optimized/image_id') }, ['windows', true]],
    ['an image of Windows without ECS', { ImageId: ssm('ami-windows-latest/Windows_Server-2022-English-Full-Base') }, ['windows', false]],
    ['an image of Bottlerocket', { ImageId: ssm('bottlerocket/aws-ecs-1/x86_64/latest/image_id') }, ['bottlerocket', true]],
    ['an image of Linux without ECS', { ImageId: ssm('ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64') }, ['linux', false]],
    ['user data, where the image is just an id', { ImageId: 'ami-0123' }, ['linux', false]],
    ['user data of Windows', { ImageId: 'ami-0123', UserData: '<powershell>Initialize-ECSAgent</powershell>' }, ['windows', false]],
    ['nothing', { ImageId: 'ami-0123', UserData: undefined }, ['? the image is not one whose operating system is known', false]],
  ])('is told by %s', (_, data, expected) => {
    expect(of(data)).toEqual(expected);
  });
});

describe('user data', () => {
  test('includes what cfn-init sets up', () => {
    const metadata = { 'AWS::CloudFormation::Init': { config: {
      files: { '/etc/ecs/ecs.config': { content: { 'Fn::Join': ['', ['ECS_CLUSTER=', { Ref: 'Cluster' }, '\nECS_AWSVPC_BLOCK_IMDS=true']] } } },
      commands: { '01': { command: { 'Fn::Sub': 'echo ECS_RESERVED_PORTS=[22] >> /etc/ecs/ecs.config' } } },
      services: { sysvinit: { cfn: { enabled: true, files: ['/etc/cfn/cfn-hup.conf'] } } },
    } } };
    const userData = { 'Fn::Base64': { 'Fn::Sub': '#!/bin/bash\n/opt/aws/bin/cfn-init -v --stack ${AWS::StackName} --resource Configuration\n' } };
    const configuration = (more: Properties) => ({
      Configuration: resourceOf('AWS::AutoScaling::LaunchConfiguration', { UserData: userData, ImageId: 'ami-1' }, more),
      Group: group({ LaunchConfigurationName: { Ref: 'Configuration' } }),
    });
    const { cluster, userData: read } = hostGroup(configuration({ Metadata: metadata }));
    expect(cluster.known && nameOf(cluster.value)).toBe('Cluster');
    expect(valueOf(read.agentSetting('ECS_AWSVPC_BLOCK_IMDS'))).toBe('true');
    expect(valueOf(read.agentSetting('ECS_RESERVED_PORTS'))).toBe('[22]');
    expect(read.agentSetting('ECS_OTHER')).toBeUndefined();
  });

  test('does not include metadata that it does not run', () => {
    const { userData } = hostGroup({
      Configuration: resourceOf('AWS::AutoScaling::LaunchConfiguration', { UserData: JOINS }, { Metadata: { 'AWS::CloudFormation::Init': { a: 'ECS_X=1' } } }),
      Group: group({ LaunchConfigurationName: { Ref: 'Configuration' } }),
    });
    expect(userData.agentSetting('ECS_X')).toBeUndefined();
  });
});

test('options of instance metadata are those of the template', () => {
  const { metadata, launchTemplate: its } = hostGroup(byTemplate({ MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: '1' } }));
  expect([valueOf(metadata.httpTokens), valueOf(metadata.hopLimit), metadata.httpEndpoint]).toEqual(['required', 1, undefined]);
  expect([its?.name, its?.metadata, its?.hostGroups.map(({ name }) => name)]).toEqual(['Template', metadata, ['Group']]);
});

test('a launch template that no host group uses is no fact', () => {
  expect(facts({ ...byTemplate(), Unused: launchTemplate({}) }).launchTemplates.map(({ name }) => name)).toEqual(['Template']);
});

describe('the role of instances', () => {
  const role = (profile: unknown, others: Properties = {}) => {
    const { instanceRole } = hostGroup({ ...byTemplate({ IamInstanceProfile: profile }), ...others });
    return instanceRole && nameOf(instanceRole);
  };
  const ROLE = { Role: resourceOf('AWS::IAM::Role', { RoleName: 'nodes' }), Profile: resourceOf('AWS::IAM::InstanceProfile', { InstanceProfileName: 'nodes-profile', Roles: [{ Ref: 'Role' }] }) };
  test.each<[string, unknown, string | undefined]>([
    ['by the ARN of its profile', { Arn: { 'Fn::GetAtt': ['Profile', 'Arn'] } }, 'Role'],
    ['by the name of its profile', { Name: { Ref: 'Profile' } }, 'Role'],
    ['by a literal name', { Name: 'nodes-profile' }, 'Role'],
    ['of a profile that is not given', { Name: 'other' }, '? the role of the instance profile is not known: other is not of what is given'],
    ['is not there', undefined, undefined],
  ])('%s', (_, profile, expected) => {
    expect(role(profile, ROLE)).toBe(expected);
  });

  test('by its name', () => {
    expect(role({ Name: { Ref: 'Profile' } }, { ...ROLE, Profile: resourceOf('AWS::IAM::InstanceProfile', { Roles: ['nodes'] }) })).toBe('Role');
  });
});

describe('the cluster of instances', () => {
  const clusterOf = (resources: Properties, name = 'Group') => {
    const { cluster } = named(facts(resources).hostGroups, name);
    return cluster.known ? [nameOf(cluster.value), ...cluster.assumes] : `? ${cluster.why}`;
  };
  const joins = (name: unknown) => ({ UserData: { 'Fn::Join': ['', ['#!/bin/bash\necho ECS_CLUSTER=', name, ' >> /etc/ecs/ecs.config']] } });
  const SILENT = { UserData: '#!/bin/bash\nyum update -y' };
  const provider = (id = 'Group') => resourceOf('AWS::ECS::CapacityProvider', { Name: `provider-${id}`, AutoScalingGroupProvider: { AutoScalingGroupArn: { Ref: id } } });
  const association = (Cluster: unknown, ...CapacityProviders: unknown[]) => resourceOf('AWS::ECS::ClusterCapacityProviderAssociations', {
    Cluster, CapacityProviders, DefaultCapacityProviderStrategy: [],
  });
  const ASSUMED = ['Cluster', 'the instances of Group join cluster Cluster'];

  test.each<[string, Properties, readonly string[] | string]>([
    ['is the one that user data refers to', byTemplate(joins({ Ref: 'Cluster' })), ['Cluster']],
    ['is the one that user data names', byTemplate(joins('prod')), ['Cluster']],
    ['is another one that user data names', byTemplate(joins('test')), ['? test is not of what is given']],
    ['is the one whose name user data has as well', {
      ...byTemplate(joins({ 'Fn::Sub': '${AWS::StackName}-ecs' })), Cluster: resourceOf('AWS::ECS::Cluster', { ClusterName: { 'Fn::Sub': '${AWS::StackName}-ecs' } }),
    }, ['Cluster']],
    ['is not one with another name of the same parts', {
      ...byTemplate(joins({ 'Fn::Sub': '${AWS::StackName}-ecs' })), Cluster: resourceOf('AWS::ECS::Cluster', { ClusterName: { 'Fn::Sub': '${AWS::StackName}-app' } }),
    }, ['? the cluster that user data names is not of what is given']],
    ['is another one whose name user data puts together', byTemplate(joins({ 'Fn::Sub': '${AWS::StackName}-ecs' })), ['? the cluster that user data names is not of what is given']],
    ['is that of the association of its provider', { ...byTemplate(SILENT), Provider: provider(), Association: association({ Ref: 'Cluster' }, { Ref: 'Provider' }) }, ['Cluster']],
    ['is that of the association by name', { ...byTemplate(SILENT), Provider: provider(), Association: association('prod', 'provider-Group') }, ['Cluster']],
    ['is that which names its provider', { ...byTemplate(SILENT), Provider: provider(), Cluster: resourceOf('AWS::ECS::Cluster', { CapacityProviders: [{ Ref: 'Provider' }] }) }, ['Cluster']],
    ['is that of the association where user data names one that is not given',
      { ...byTemplate(joins({ Ref: 'Open' })), Provider: provider(), Association: association({ Ref: 'Cluster' }, { Ref: 'Provider' }) }, ['Cluster']],
    ['is assumed where there is only one of both, by the image', byTemplate(SILENT), ASSUMED],
    ['is assumed where there is only one of both, by the provider', { ...byTemplate({ ...SILENT, ImageId: 'ami-1' }), Provider: provider() }, ASSUMED],
    ['is assumed where there is only one of both, by the role', {
      ...byTemplate({ ...SILENT, ImageId: 'ami-1', IamInstanceProfile: { Name: { Ref: 'Profile' } } }),
      Role: resourceOf('AWS::IAM::Role', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role'] }),
      Profile: resourceOf('AWS::IAM::InstanceProfile', { Roles: [{ Ref: 'Role' }] }),
    }, ASSUMED],
    ['is assumed where there is only one of both, by a service that needs instances',
      { ...byTemplate({ ...SILENT, ImageId: 'ami-1' }), Service: resourceOf('AWS::ECS::Service', { LaunchType: 'EC2' }) }, ASSUMED],
    ['is not known where there are two clusters', { ...byTemplate(SILENT), Other: resourceOf('AWS::ECS::Cluster') }, '? which cluster the instances of Group join is not known'],
    ['is not known where there are two groups', { ...byTemplate(SILENT), Second: group({ LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' } } }) },
      '? which cluster the instances of Group join is not known'],
  ])('%s', (_, resources, expected) => {
    expect(clusterOf(resources)).toEqual(expected);
  });

  test.each<[string, Properties]>([
    ['a plain group', byTemplate({ ...SILENT, ImageId: 'ami-1' })],
    ['a plain instance', { Group: resourceOf('AWS::EC2::Instance', { ImageId: 'ami-1', SubnetId: { Ref: 'Subnet' } }) }],
    ['a plain group beside services that need no instances', { ...byTemplate({ ...SILENT, ImageId: 'ami-1' }), Service: resourceOf('AWS::ECS::Service', { LaunchType: 'FARGATE' }) }],
  ])('is none for %s', (_, resources) => {
    expect(facts(resources).hostGroups).toEqual([]);
  });

  test('is none for a bastion beside container instances', () => {
    const { hostGroups, addressUsers } = facts({ ...byTemplate(), Bastion: resourceOf('AWS::EC2::Instance', { SubnetId: { Ref: 'Subnet' }, ImageId: 'ami-1' }) });
    expect([hostGroups.map(({ name }) => name), addressUsers.map(({ name }) => name)]).toEqual([['Group'], ['Bastion']]);
  });

  test('is that of the first of two associations', () => {
    const resources = {
      ...byTemplate(SILENT), Provider: provider(), Other: resourceOf('AWS::ECS::Cluster'),
      First: association({ Ref: 'Other' }, { Ref: 'Provider' }), Second: association({ Ref: 'Cluster' }, { Ref: 'Provider' }),
    };
    expect(clusterOf(resources)).toEqual(['Other']);
  });

  test('by its name is one of the same template, or else of the same Region', () => {
    const cluster = (name: string, region?: string) => given({ Resources: { [name]: resourceOf('AWS::ECS::Cluster', { ClusterName: 'prod' }) } }, { name, region });
    const nodes = (region?: string, more: Properties = {}) => given({ Resources: { ...byTemplate(joins('prod')), ...more } }, { name: 'nodes', region });
    const found = (...inputs: TemplateInput[]) => {
      const { cluster: its } = named(readFacts(world(...inputs)).hostGroups, 'Group');
      return its.known && nameOf(its.value);
    };
    expect(found(nodes(), cluster('A'))).toBe('A');
    expect(found(nodes('eu-west-1'), cluster('A', 'eu-west-1'), cluster('B', 'us-east-1'))).toBe('A');
    expect(found(nodes('eu-west-1'), cluster('A', 'us-east-1'))).toBe('? prod is not of what is given');
    expect(found(nodes(), cluster('A'), cluster('B'))).toBe('? prod is not of what is given');
    expect(found(nodes(undefined, NETWORK), cluster('A'))).toBe('Cluster');
  });

  test('knows its host groups', () => {
    const { clusters: [cluster] } = facts({ ...byTemplate(), Other: group({ LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' } } }) });
    expect(cluster.hostGroups.map(({ name }) => name)).toEqual(['Group', 'Other']);
  });
});

describe('a capacity provider', () => {
  const provider = (its: Properties) => facts({ ...byTemplate({}, { AutoScalingGroupName: 'nodes' }), Provider: resourceOf('AWS::ECS::CapacityProvider', { AutoScalingGroupProvider: its }) }).capacityProviders[0];
  test.each<[string, Properties, readonly unknown[]]>([
    ['by Ref', { AutoScalingGroupArn: { Ref: 'Group' } }, ['Group', undefined]],
    ['by its ARN', { AutoScalingGroupArn: { 'Fn::GetAtt': ['Group', 'AutoScalingGroupARN'] } }, ['Group', undefined]],
    ['by an ARN that is put together', {
      AutoScalingGroupArn: { 'Fn::Sub': 'arn:aws:autoscaling:${AWS::Region}:${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/${Group}' },
    }, ['Group', undefined]],
    ['by its name', { AutoScalingGroupArn: 'nodes' }, ['Group', undefined]],
    ['that is not given', { AutoScalingGroupArn: 'others' }, [undefined, undefined]],
    ['that is scaled', { AutoScalingGroupArn: { Ref: 'Group' }, ManagedScaling: { Status: 'ENABLED' } }, ['Group', true]],
    ['that is not scaled', { AutoScalingGroupArn: { Ref: 'Group' }, ManagedScaling: { Status: 'DISABLED' } }, ['Group', false]],
    ['that is scaled as a parameter says', { AutoScalingGroupArn: { Ref: 'Group' }, ManagedScaling: { Status: { Ref: 'Open' } } }, ['Group', '? parameter Open has no default']],
    ['that may be scaled', { AutoScalingGroupArn: { Ref: 'Group' }, ManagedScaling: { TargetCapacity: 100 } }, ['Group', undefined]],
  ])('has a group %s', (_, its, expected) => {
    const { hostGroup: found, managedScaling, kind } = provider(its);
    expect([found?.name, valueOf(managedScaling), kind]).toEqual([...expected, 'auto-scaling-group']);
  });

  test('of Managed Instances is a host group itself', () => {
    const managed = (launch: Properties, more: Properties = {}) => facts({
      Provider: resourceOf('AWS::ECS::CapacityProvider', {
        ManagedInstancesProvider: {
          InfrastructureRoleArn: 'x',
          InstanceLaunchTemplate: { Ec2InstanceProfileArn: 'y', NetworkConfiguration: { Subnets: [{ Ref: 'Subnet' }], SecurityGroups: ['sg-1'] }, ...launch },
        },
        ...more,
      }),
    });
    const { hostGroups: [host], capacityProviders: [its] } = managed({ InstanceRequirements: { VCpuCount: { Min: 1 }, MemoryMiB: { Min: 1 }, AllowedInstanceTypes: ['c5.large'] } },
      { ClusterName: { Ref: 'Cluster' } });
    expect([host.kind, host.provider === its, its.hostGroup === host, its.kind]).toEqual(['managed-instances', true, true, 'managed-instances']);
    expect([valueOf(host.minSize), valueOf(host.steadySize), valueOf(host.maxSize)]).toEqual([1, 1, Infinity]);
    expect([valueOf(host.instanceTypes), namesOf(host.subnets), namesOf(host.securityGroups), valueOf(host.operatingSystem)])
      .toEqual([['c5.large'], ['Subnet'], ['? sg-1 is not of what is given'], 'linux']);
    expect(host.cluster.known && nameOf(host.cluster.value)).toBe('Cluster');
    const { hostGroups: [bare] } = managed({});
    expect([valueOf(bare.instanceTypes), valueOf(bare.cluster)]).toEqual(['? Managed Instances may be of any type', '? its cluster is not known']);
  });
});

describe('the trunking of a group', () => {
  const ROLES = {
    Role: resourceOf('AWS::IAM::Role', { RoleName: 'nodes' }),
    Other: resourceOf('AWS::IAM::Role'),
    Profile: resourceOf('AWS::IAM::InstanceProfile', { Roles: [{ Ref: 'Role' }] }),
  };
  const nodes = (data: Properties = {}, more: Properties = {}) => ({
    ...ROLES,
    Template: launchTemplate({ IamInstanceProfile: { Name: { Ref: 'Profile' } }, ...data }),
    Group: resourceOf('AWS::AutoScaling::AutoScalingGroup', { ...GROUP, LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' } } }, more),
  });
  const AFTER = { DependsOn: ['Setting'] };
  /** As the CDK writes an AwsCustomResource: JSON text, put together where an ARN stands in it. */
  const call = (action: string, parameters: object, role?: string) => {
    const [before, after] = JSON.stringify({ service: 'ECS', action, parameters, ...role ? { assumedRoleArn: '|' } : {}, physicalResourceId: { id: 'x' } }).split('|');
    return role ? { 'Fn::Join': ['', [before, { 'Fn::GetAtt': [role, 'Arn'] }, after]] } : before;
  };
  const TRUNKING = { name: 'awsvpcTrunking', value: 'enabled' };
  const setting = (Create: unknown, more: Properties = {}) => ({ Setting: resourceOf('Custom::AWS', { Create, ...more }) });
  const custom = (properties: Properties, type = 'Custom::Trunking') => ({ Setting: resourceOf(type, properties) });
  /** A custom resource, and the function of the template's own that makes the call. */
  const calling = (properties: Properties = {}, ZipFile = 'ecs.put_account_setting_default(name="awsvpcTrunking", value="enabled")') => ({
    Function: resourceOf('AWS::Lambda::Function', { Code: { ZipFile } }),
    ...custom({ ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] }, ...properties }),
  });
  const ownSetting = (parameters: object = TRUNKING, role = 'Role') => setting(call('putAccountSetting', parameters, role));
  const forAccount = (parameters: object = TRUNKING, action = 'putAccountSettingDefault') => setting(call(action, parameters));
  const trunking = (resources: Properties, options: ReadOptions = {}): Trunking => hostGroup(resources, options).trunking;

  test.each<[string, Properties, ReadOptions, string, string]>([
    ['is the account\'s where nobody says', nodes(), {}, 'account-default', 'nothing here turns it on, and whether the account has is not known'],
    ['is on for its role', { ...nodes({}, AFTER), ...ownSetting() }, {}, 'on', 'Setting turns it on'],
    ['is on for its role, on updates only', { ...nodes({}, AFTER), Setting: resourceOf('Custom::AWS', { Update: call('putAccountSetting', TRUNKING, 'Role') }) }, {}, 'on', 'Setting turns it on'],
    ['is on for its role as the principal', { ...nodes({}, AFTER), ...setting({ service: 'ECS', action: 'putAccountSetting', parameters: { ...TRUNKING, principalArn: { 'Fn::GetAtt': ['Role', 'Arn'] } } }) },
      {}, 'on', 'Setting turns it on'],
    ['is on for its role by a literal ARN', { ...nodes({}, AFTER), ...setting(JSON.stringify({ action: 'putAccountSetting', parameters: TRUNKING, assumedRoleArn: 'arn:aws:iam::111111111111:role/nodes' })) },
      {}, 'on', 'Setting turns it on'],
    ['is on for the account', { ...nodes({}, AFTER), ...forAccount() }, {}, 'on', 'Setting turns it on'],
    ['is on by the name of the command and the older value', { ...nodes({}, AFTER), ...forAccount({ Name: 'awsvpcTrunking', Value: 'on' }, 'PutAccountSettingDefaultCommand') }, {}, 'on', 'Setting turns it on'],
    ['is off for the account', { ...nodes({}, AFTER), ...forAccount({ ...TRUNKING, value: 'disabled' }) }, {}, 'off', 'Setting turns it off'],
    ['is unknown for a value that is', { ...nodes({}, AFTER), ...setting({ action: 'putAccountSettingDefault', parameters: { ...TRUNKING, value: { Ref: 'Open' } } }) }, {}, 'unknown', 'what Setting sets is not known'],
    ['is unknown where instances may be launched first', { ...nodes(), ...ownSetting() }, {}, 'unknown', 'instances may be launched before Setting has turned it on'],
    ['is on where the template waits, and the group for that', { ...nodes({}), ...ownSetting(), Template: { ...launchTemplate({ IamInstanceProfile: { Name: { Ref: 'Profile' } } }), DependsOn: 'Setting' } },
      {}, 'on', 'Setting turns it on'],
    ['is the account\'s where another role has it', { ...nodes({}, AFTER), ...ownSetting(TRUNKING, 'Other') }, {}, 'account-default', 'nothing here turns it on, and whether the account has is not known'],
    ['is the role\'s own before the account\'s', { ...nodes({}, { DependsOn: ['Setting', 'More'] }), ...ownSetting(), More: forAccount({ ...TRUNKING, value: 'disabled' }).Setting }, {}, 'on', 'Setting turns it on'],
    ['is unknown where whose it is cannot be told', { ...nodes({}, AFTER), ...setting({ 'Fn::Sub': '{"action":"putAccountSetting","parameters":{"name":"awsvpcTrunking","value":"enabled"},"assumedRoleArn":"${Open}"}' }) },
      {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where the call cannot be read', { ...nodes({}, AFTER), ...setting('put awsvpcTrunking') }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where a custom resource of another type has it in a text', { ...nodes({}, AFTER), ...custom({ Name: 'awsvpcTrunking', Value: 'enabled' }) }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where one says for whom', { ...nodes({}, AFTER), ...custom({ Name: 'awsvpcTrunking', Value: 'enabled', PrincipalArn: { 'Fn::GetAtt': ['Role', 'Arn'] } }) }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where one without a type has it', { ...nodes({}, AFTER), ...custom({ Name: 'awsvpcTrunking' }, 'AWS::CloudFormation::CustomResource') }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where one has it in a list', { ...nodes({}, AFTER), ...custom({ Settings: [{ Names: ['awsvpcTrunking'] }] }) }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where one has it as a key', { ...nodes({}, AFTER), ...custom({ Settings: { awsvpcTrunking: { Ref: 'Open' } } }) }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where one has it in text that is put together', { ...nodes({}, AFTER), ...custom({ Call: { 'Fn::Sub': 'awsvpcTrunking=${Open}' } }) }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where one has it of a parameter', { ...nodes({}, AFTER), ...custom({ Name: { Ref: 'SettingName' } }) }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where one makes another call first', { ...nodes({}, AFTER),
      ...setting(call('putAccountSettingDefault', { ...TRUNKING, name: 'containerInsights' }), { Update: call('putAccountSettingDefault', TRUNKING) }) }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is on by a call under another type', { ...nodes({}, AFTER), ...custom({ Create: call('putAccountSettingDefault', TRUNKING) }) }, {}, 'on', 'Setting turns it on'],
    ['is the account\'s where one has another setting', { ...nodes({}, AFTER), ...custom({ Name: 'containerInsights', Note: { Ref: 'Open' } }) }, {}, 'account-default',
      'nothing here turns it on, and whether the account has is not known'],
    ['is the account\'s where one makes the call when it is deleted', { ...nodes({}, AFTER), ...custom({ Delete: call('putAccountSettingDefault', TRUNKING) }) }, {}, 'account-default',
      'nothing here turns it on, and whether the account has is not known'],
    ['is unknown where another call names it', { ...nodes({}, AFTER), ...forAccount(TRUNKING, 'deleteAccountSetting') }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where the caller is', { ...nodes({}, AFTER), ...setting(call('putAccountSetting', TRUNKING)) }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is the account\'s where a function sets it for itself', {
      ...nodes({}, AFTER), ...setting(call('putAccountSetting', TRUNKING), { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] } }),
      Function: resourceOf('AWS::Lambda::Function', { Role: { 'Fn::GetAtt': ['Other', 'Arn'] } }),
    }, {}, 'account-default', 'nothing here turns it on, and whether the account has is not known'],
    ['is the account\'s where another setting is made', { ...nodes({}, AFTER), ...forAccount({ ...TRUNKING, name: 'containerInsights' }) }, {}, 'account-default',
      'nothing here turns it on, and whether the account has is not known'],
    ['is on by a function of the template\'s own, when a custom resource calls it', { ...nodes({}, AFTER), ...calling() }, {}, 'on', 'Setting turns it on'],
    ['is on by such a function under an alias', {
      ...nodes({}, AFTER), ...calling({ ServiceToken: { Ref: 'Alias' } }), Alias: resourceOf('AWS::Lambda::Alias', { FunctionName: { Ref: 'Function' } }),
    }, {}, 'on', 'Setting turns it on'],
    ['is on by such a function that another calls', {
      ...nodes({}, AFTER), ...calling({ ServiceToken: { 'Fn::GetAtt': ['Framework', 'Arn'] } }),
      Framework: resourceOf('AWS::Lambda::Function', { Environment: { Variables: { USER_ON_EVENT_FUNCTION_ARN: { 'Fn::GetAtt': ['Function', 'Arn'] } } } }),
    }, {}, 'on', 'Setting turns it on'],
    ['is on by such a function, whatever the custom resource gives it', { ...nodes({}, AFTER), ...calling({ Settings: ['awsvpcTrunking'] }) }, {}, 'on', 'Setting turns it on'],
    ['is unknown where instances wait for such a function only', { ...nodes({}, { DependsOn: 'Function' }), ...calling() }, {}, 'unknown',
      'instances may be launched before Setting has turned it on'],
    ['is unknown where several custom resources call such a function', {
      ...nodes({}, { DependsOn: ['Setting', 'More'] }), ...calling(), More: calling().Setting,
    }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where nothing is seen to call such a function', { ...nodes({}, { DependsOn: 'Function' }), Function: calling().Function }, {}, 'unknown',
      'whether Function sets it for these instances is not known'],
    ['is unknown by a function that sets it for somebody', {
      ...nodes({}, AFTER), ...calling({}, 'ecs.put_account_setting(name="awsvpcTrunking", value="enabled")'),
    }, {}, 'unknown', 'whether Setting sets it for these instances is not known'],
    ['is unknown where the instances set it', nodes({ UserData: 'ECS_CLUSTER=prod\naws ecs put-account-setting --name awsvpcTrunking --value enabled' }), {}, 'unknown',
      'the instances turn it on themselves, for those that are launched later'],
    ['is on by metadata', nodes({}, { Metadata: { EcsNetworkModes: { awsvpcTrunking: 'alreadyOn' } } }), {}, 'on', 'ENI trunking is already on for the instances of Group, as its metadata says'],
    ['is on as is stated', nodes(), { accountSettings: { awsvpcTrunking: 'enabled' } }, 'on', 'the account has awsvpcTrunking enabled, as is stated'],
    ['is off as is stated', nodes(), { accountSettings: { awsvpcTrunking: 'disabled' } }, 'off', 'the account has awsvpcTrunking disabled, as is stated'],
    ['is on by a setting, whatever is stated', { ...nodes({}, AFTER), ...ownSetting() }, { accountSettings: { awsvpcTrunking: 'disabled' } }, 'on', 'Setting turns it on'],
    ['is off for types that cannot', { ...nodes({ InstanceType: 't3.medium' }, AFTER), ...ownSetting() }, {}, 'off', 't3.medium cannot trunk'],
    ['is off for types that are excluded', nodes({ InstanceType: 'g4dn.xlarge' }), { accountSettings: { awsvpcTrunking: 'enabled' } }, 'off', 'g4dn.xlarge cannot trunk'],
    ['is off on Windows', { ...nodes({ ImageId: 'ami-1', UserData: '<powershell>Initialize-ECSAgent -Cluster prod</powershell>' }, AFTER), ...ownSetting() }, {}, 'off', 'Windows does not trunk'],
    ['is off with resource-name A records', { ...nodes({ PrivateDnsNameOptions: { EnableResourceNameDnsARecord: true } }, AFTER), ...ownSetting() }, {}, 'off',
      'its instances have resource-name A records, and so no trunks'],
    ['is unknown where those are', { ...nodes({ PrivateDnsNameOptions: { EnableResourceNameDnsARecord: { Ref: 'Open' } } }, AFTER), ...ownSetting() }, {}, 'unknown', 'parameter Open has no default'],
    ['is unknown where its role is and another has it', { ...nodes({ IamInstanceProfile: { Name: 'imported' } }, AFTER), ...ownSetting() }, {}, 'unknown',
      'whether Setting sets it for these instances is not known'],
    ['is the account\'s without a role, where a role has it', { ...nodes({ IamInstanceProfile: undefined }, AFTER), ...ownSetting() }, {}, 'account-default',
      'nothing here turns it on, and whether the account has is not known'],
  ])('%s', (_, resources, options, state, why) => {
    const its = trunking(resources, options);
    expect([its.state, its.why]).toEqual([state, why]);
  });

  test('makes no world of what custom resources without it have conditions for', () => {
    const { SettingName, ...Parameters } = REST.Parameters;
    expect(SettingName.Default).toBe('awsvpcTrunking');
    const worlds = [...worldsOf([given({
      Parameters,
      Conditions: { Some: { 'Fn::Equals': [{ Ref: 'Open' }, 'x'] } },
      Resources: { ...nodes(), Setting: resourceOf('Custom::Own', { Name: { 'Fn::If': ['Some', 'a', 'b'] } }, { Condition: 'Some' }) },
    })])].map((one) => readFacts(one).trunkingSettings);
    expect(worlds).toEqual([[]]);
  });

  test('says what it rests on', () => {
    expect(trunking(nodes(), { accountSettings: { awsvpcTrunking: 'enabled' } }).assumes).toEqual(['the account has awsvpcTrunking enabled, as is stated']);
    expect(trunking({ ...nodes({}, AFTER), ...ownSetting() }).assumes).toEqual([]);
  });

  test('says who asks for it, and whether the group waits', () => {
    const asked = trunking({ ...nodes(), ...ownSetting() });
    expect([asked.requested, asked.ordered, asked.settings.map(({ name }) => name)]).toEqual([true, false, ['Setting']]);
    expect(trunking({ ...nodes({}, AFTER), ...ownSetting() }).ordered).toBe(true);
    const off = trunking({ ...nodes({}, AFTER), ...forAccount({ ...TRUNKING, value: 'off' }) });
    expect([off.requested, off.settings.length]).toEqual([false, 1]);
    expect(trunking(nodes()).requested).toBe(false);
    expect(trunking(nodes({ InstanceType: 't3.medium' }), { accountSettings: { awsvpcTrunking: 'enabled' } }).requested).toBe(true);
  });

  test.each<[string, Properties, boolean]>([
    ['for types that all can', {}, true],
    ['not where one cannot', { InstanceType: undefined, InstanceRequirements: { AllowedInstanceTypes: ['c5.large', 't3.medium'] } }, false],
    ['not where types are unknown', { InstanceType: { Ref: 'Open' } }, false],
  ])('is certain %s', (_, data, expected) => {
    const its = trunking({ ...nodes(data, AFTER), ...ownSetting() });
    expect([its.state, its.certain]).toEqual(['on', expected]);
  });

  test.each(['{"service":"EC2","action":"describeVpcs"}', '{"action":"putAccountSetting","parameters":null}', '{"parameters":{"name":"x"}}', 'null'])(
    'is not set by %s', (Create) => {
      expect(facts({ ...nodes(), ...setting(Create) }).trunkingSettings).toEqual([]);
    });

  test('is told with its principal', () => {
    const { trunkingSettings } = facts({ ...nodes(), ...ownSetting(), More: forAccount({ ...TRUNKING, value: 'off' }).Setting, Third: setting('{"awsvpcTrunking"').Setting });
    expect(trunkingSettings.map(({ name, principal, enabled }) => [
      name, principal.known ? typeof principal.value === 'string' ? principal.value : nameOf(principal.value) : `? ${principal.why}`, valueOf(enabled),
    ])).toEqual([['Setting', 'Role', true], ['More', 'account', false], ['Third', '? the call of Third cannot be read', '? the call of Third cannot be read']]);
  });
});
