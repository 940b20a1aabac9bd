// Services, one per network mode
export * from './services/awsvpc-service';
export * from './services/bridge-service';
export * from './services/host-mode-service';
export * from './services/host-container-options';
export * from './services/network-mode-service-props';
export * from './services/ports';
export * from './services/load-balancer-target';
export * from './services/service-discovery';

// Where tasks run
export * from './capacity/capacity';
export * from './capacity/ec2-capacity';
export * from './capacity/fargate-capacity';
export * from './capacity/managed-instances-capacity';
export * from './capacity/port-range';

// The network under the tasks
export * from './network/eni-trunking';
export * from './network/dual-stack';
export * from './network/task-subnet-routing';
export * from './network/task-subnets';
export * from './network/task-endpoints';

// The checks
export * from './checks/account-settings';
export * from './checks/network-mode-checks';
export * from './checks/network-mode-aspects';
