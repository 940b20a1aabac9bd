/** Every rule, in the order in which the docs list them. A rule's file, its test and its anchor in docs/rules.md are named by its id. */
import type { Rule } from '../rule';
import { capacityProviderOrdering } from './capacity-provider-ordering';
import { deploymentDeadlock } from './deployment-deadlock';
import { dockerBridgeOverlap } from './docker-bridge-overlap';
import { dualStackEgress } from './dual-stack-egress';
import { dualStackInbound } from './dual-stack-inbound';
import { dualStackLoadBalancer } from './dual-stack-load-balancer';
import { eniDensity } from './eni-density';
import { eniTrunkingIneffective } from './eni-trunking-ineffective';
import { hostModeExposure } from './host-mode-exposure';
import { hostPortClash } from './host-port-clash';
import { hostPortFleetClash } from './host-port-fleet-clash';
import { hostPortReserved } from './host-port-reserved';
import { loadBalancerSubnetSize } from './load-balancer-subnet-size';
import { networkModeCompatibility } from './network-mode-compatibility';
import { noRouteOut } from './no-route-out';
import { portMappingInvalid } from './port-mapping-invalid';
import { publicIpOnInstanceTask } from './public-ip-on-instance-task';
import { secondaryCidrAssociation } from './secondary-cidr-association';
import { securityGroupBridgeExposure } from './security-group-bridge-exposure';
import { securityGroupEgressOpen } from './security-group-egress-open';
import { securityGroupLimits } from './security-group-limits';
import { securityGroupMissingPath } from './security-group-missing-path';
import { securityGroupOpenToWorld } from './security-group-open-to-world';
import { securityGroupPortRange } from './security-group-port-range';
import { securityGroupShared } from './security-group-shared';
import { serviceConnectMismatch } from './service-connect-mismatch';
import { serviceRegistryMismatch } from './service-registry-mismatch';
import { subnetIpCapacity } from './subnet-ip-capacity';
import { targetGroupMismatch } from './target-group-mismatch';
import { taskMetadataReachable } from './task-metadata-reachable';

export const RULES: readonly Rule[] = [
  // ENI density
  eniDensity,
  eniTrunkingIneffective,

  // Addresses
  subnetIpCapacity,
  secondaryCidrAssociation,
  dockerBridgeOverlap,
  loadBalancerSubnetSize,

  // Security groups
  securityGroupOpenToWorld,
  securityGroupPortRange,
  securityGroupShared,
  securityGroupMissingPath,
  securityGroupBridgeExposure,
  securityGroupLimits,
  securityGroupEgressOpen,

  // Ports and deployments
  portMappingInvalid,
  hostPortClash,
  hostPortReserved,
  hostPortFleetClash,
  deploymentDeadlock,

  // Coherence
  networkModeCompatibility,
  targetGroupMismatch,
  serviceRegistryMismatch,
  serviceConnectMismatch,
  publicIpOnInstanceTask,
  noRouteOut,
  capacityProviderOrdering,

  // Isolation
  hostModeExposure,
  taskMetadataReachable,

  // IPv6
  dualStackEgress,
  dualStackInbound,
  dualStackLoadBalancer,
];
